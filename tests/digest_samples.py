"""Invented members and opportunities that read like real ones, and generated ones by the hundred."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from digests.compose import Digest, Matched, Told, compose
from digests.render import Office
from pipeline.opportunity import Deadline, Kind, Link, Lot, Money, Opportunity, Organisation, Role, Stage

BUCHAREST, BRUSSELS = ZoneInfo("Europe/Bucharest"), ZoneInfo("Europe/Brussels")
NOW = dt.datetime(2026, 11, 20, 7, 30, tzinfo=BUCHAREST)
OFFICE = Office(
    name="Vestitor · Clusterul IT Someș",
    address="vestitor@monitor.example.ro",
    reply_to="birou@monitor.example.ro",
    list_domain="monitor.example.ro",
    unsubscribe="abonare@monitor.example.ro",
    contact="Ioana Mureșan, birou@monitor.example.ro",
    postal="Str. Exemplului 12, Cluj-Napoca",
)


@dataclass(frozen=True)
class Member:
    id: str
    name: str
    language: str


NORD = Member("nord-software", "Nord Software", "ro")
TECH = Member("tech-uni", "Someș Technical University", "en")


def at(
    day: int, hour: int, minute: int = 0, *, month: int = 11, year: int = 2026, zone: ZoneInfo = BUCHAREST
) -> Deadline:
    return Deadline(at=dt.datetime(year, month, day, hour, minute, tzinfo=zone))


def lei(amount: int) -> Money:
    return Money(amount=Decimal(amount), currency="RON")


def euro(amount: int) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def tender(ref: str, title: str, buyer: str, city: str, /, **fields: Any) -> Opportunity:
    known: dict[str, Any] = {
        "id": f"ted:{ref}",
        "source": "ted",
        "ref": ref,
        "kind": Kind.TENDER,
        "stage": Stage.OPEN,
        "title": title,
        "language": "ro",
        "url": f"https://ted.europa.eu/ro/notice/-/detail/{ref}",
        "buyer": Organisation(name=buyer, city=city, country="RO"),
        "countries": ("RO",),
    }
    return Opportunity(**(known | fields))


def call(ref: str, title: str, programme: str, /, **fields: Any) -> Opportunity:
    known: dict[str, Any] = {
        "id": f"eu_portal:{ref.lower()}",
        "source": "eu_portal",
        "ref": ref,
        "kind": Kind.CALL,
        "stage": Stage.OPEN,
        "title": title,
        "language": "en",
        "url": f"https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/topic-details/{ref}",
        "programme": programme,
        "call": ref,
    }
    return Opportunity(**(known | fields))


PORTAL = tender(
    "771204-2026",
    "Servicii de dezvoltare, implementare și mentenanță a portalului de servicii electronice pentru cetățeni",
    "Municipiul Gherla",
    "Gherla",
    nuts=("RO113",),
    value=lei(2_450_000),
    cpv=("72212000",),
    deadlines=(at(24, 12),),
    summary="Portal cu plată online, programări, arhivă electronică și integrare cu platformele naționale; "
    "include migrarea datelor din sistemul actual, instruirea a 60 de funcționari și mentenanță 36 de luni.",
    links=(
        Link(url="https://www.e-licitatie.ro/pub/notices/c-notice/v2/view/100190001", role="documents"),
        Link(url="https://www.e-licitatie.ro/pub", role="submission"),
    ),
)
HOSPITAL = tender(
    "764310-2026",
    "Sistem informatic integrat pentru Spitalul Clinic Județean de Urgență, cu dosar electronic al pacientului",
    "Spitalul Clinic Județean de Urgență Exemplu",
    "Cluj-Napoca",
    nuts=("RO113",),
    value=lei(11_900_000),
    deadlines=(at(27, 15),),
)
LOTS = tender(
    "775881-2026",
    "Furnizare echipamente IT, licențe și servicii conexe pentru 46 de unități de învățământ preuniversitar din județ, "
    "în cadrul proiectului „Școli conectate, comunități pregătite pentru viitor”, etapa a II-a",
    "Consiliul Județean Exemplu",
    "Oradea",
    nuts=("RO111", "RO112", "RO113", "RO114"),
    value=lei(8_730_500),
    maximum=lei(13_000_000),
    lots=tuple(Lot(id=f"LOT-{n:04}", title=f"Lotul {n}") for n in range(1, 12)),
    deadlines=(at(14, 10, month=12), at(21, 10, month=12), at(4, 10, month=1, year=2027)),
    co_buyers=(Organisation(name="Inspectoratul Școlar"), Organisation(name="Primăria")),
    eu_funded=True,
)
CLOUD = tender(
    "770015-2026",
    "Cloud-Migration und Betrieb der Fachverfahren",
    "Stadt Beispielhausen",
    "Beispielhausen",
    language="de",
    buyer=Organisation(name="Stadt Beispielhausen", city="Beispielhausen", country="DE"),
    countries=("DE",),
    value=euro(1_800_000),
    deadlines=(at(11, 10, month=12, zone=BRUSSELS),),
)
AI = call(
    "DIGITAL-2026-AI-09-DATA-SPACES",
    "Deploying trustworthy AI and common European data spaces in small and medium-sized enterprises",
    "Digital Europe",
    value=euro(24_000_000),
    deadlines=(at(15, 17, month=12, zone=BRUSSELS),),
    opens=dt.date(2026, 10, 1),
    summary="Supports the uptake of trustworthy AI by SMEs through testing, shared data and training. Consortia of at "
    "least three partners from three Member States; projects of 24 to 36 months.",
)
GRANT = call(
    "PR-NV-2026-DIGI-2",
    "Digitalizarea IMM-urilor din Regiunea Nord-Vest – apelul 2",
    "Programul Regional Nord-Vest 2021–2027",
    id="regio_nord_vest:digi-2",
    source="regio_nord_vest",
    language="ro",
    url="https://regionordvest.example.ro/apeluri/digi-2",
    value=euro(30_000_000),
    nuts=("RO11",),
    countries=("RO",),
    deadlines=(Deadline(date=dt.date(2027, 1, 29)),),
)
EIC = call(
    "HORIZON-EIC-2027-ACCELERATOR",
    "EIC Accelerator 2027 – short proposals and cut-offs for full applications",
    "Horizon Europe",
    value=euro(634_000_000),
    deadlines=(
        Deadline(at=dt.datetime(2027, 3, 10, 17, tzinfo=BRUSSELS), role=Role.CUT_OFF),
        Deadline(at=dt.datetime(2027, 10, 6, 17, tzinfo=BRUSSELS), role=Role.CUT_OFF),
    ),
)
PLANNED = tender(
    "768777-2026",
    "Modernizarea sistemului de management al traficului și tarifare integrată în zona metropolitană",
    "Municipiul Exemplu",
    "Cluj-Napoca",
    stage=Stage.PLANNED,
    nuts=("RO113",),
    value=euro(14_500_000),
    opens=dt.date(2027, 2, 15),
)
CONSULTATION = tender(
    "ADV1549001",
    "Consultare de piață: platformă GIS și registru electronic al spațiilor verzi",
    "Municipiul Dej",
    "Dej",
    id="seap:adv1549001",
    source="seap",
    stage=Stage.CONSULTATION,
    nuts=("RO113",),
    url="https://www.e-licitatie.ro/pub/notices/adv-notices/view/1549001",
    deadlines=(Deadline(at=dt.datetime(2026, 12, 4, 16, tzinfo=BUCHAREST), role=Role.CONSULTATION),),
)
NEWS = call(
    "2026-11-19",
    "Calendarul apelurilor de proiecte pe 2027 a fost publicat: 14 apeluri pentru IMM-uri și universități",
    "",
    id="mipe:calendar-2027",
    source="mipe",
    ref="calendar 2027",
    kind=Kind.NEWS,
    language="ro",
    programme=None,
    call=None,
    funder=Organisation(name="Ministerul Investițiilor și Proiectelor Europene"),
    url="https://mfe.example.ro/calendar-2027",
)
MOVED = tender(
    "760042-2026",
    "Servicii de securitate cibernetică gestionate (SOC) pentru infrastructura regională",
    "Agenția Exemplu pentru Digitalizare",
    "București",
    nuts=("RO321",),
    value=lei(6_200_000),
    deadlines=(at(15, 15, month=12),),
)
CANCELLED = tender(
    "751900-2026",
    "Achiziția unui sistem de gestiune electronică a documentelor",
    "Comuna Florești Exemplu",
    "Florești",
    nuts=("RO113",),
    stage=Stage.CANCELLED,
    value=lei(740_000),
    deadlines=(at(8, 12, month=12),),
)


def was(new: Opportunity, sections: Sequence[str] = ("new",), **old: Any) -> Told:
    """The member was told of it two weeks ago, as it was then."""
    return Told(1, new.model_copy(update=old), frozenset(sections), NOW - dt.timedelta(days=14))


REASONS = {
    "ro": ("CPV 72212000 – servicii de programare de aplicații software", "«portal» în titlu"),
    "en": ("CPV 72212000 – programming services of application software", "“portal” in the title"),
}


def realistic(member: Member) -> Digest:
    ones = (PORTAL, HOSPITAL, LOTS, CLOUD, AI, GRANT, EIC, PLANNED, CONSULTATION, NEWS, MOVED)
    told: Mapping[str, Told] = {
        HOSPITAL.id: was(HOSPITAL),
        MOVED.id: was(MOVED, deadlines=(at(1, 15, month=12),), value=lei(5_800_000)),
        CANCELLED.id: was(CANCELLED, stage=Stage.OPEN),
    }
    why = REASONS[member.language]
    matched = [
        Matched(one, 2, 90 - n, "top" if one in (PORTAL, AI) else "look", why[: 1 + n % 2])
        for n, one in enumerate(ones)
    ]
    return compose(
        member,
        matched,
        told,
        NOW,
        followed=[Matched(CANCELLED, 2, 0, "", why[:1])],
        failed_sources=("seap",),
        since=NOW - dt.timedelta(days=7),
        interests=("software și portaluri", "inteligență artificială", "orașe inteligente")
        if member.language == "ro"
        else ("AI and data", "research and mobility"),
    )


def generated(n: int, member: Member, *, told: bool = False, limit: int = 40) -> Digest:
    """A digest over n opportunities of every kind, stage and distance."""
    base = (PORTAL, HOSPITAL, LOTS, CLOUD, AI, GRANT, EIC, PLANNED, CONSULTATION, NEWS)
    ones = [
        base[k % len(base)].model_copy(
            update={"id": f"ted:{k}-2026", "ref": f"{k}-2026", "url": f"https://ted.example.eu/{k}"}
        )
        for k in range(n)
    ]
    matched = [
        Matched(one, 1, k % 97, "top" if k % 5 == 0 else "look", REASONS[member.language]) for k, one in enumerate(ones)
    ]
    known = {one.id: was(one, title="Alt titlu, mai vechi") for one in ones[::3]} if told else {}
    return compose(member, matched, known, NOW, limit=limit, since=NOW - dt.timedelta(days=7))
