"""The parts of an eForms notice, each read from the elements one walk collected (see `_eforms`). Pure."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from lxml import etree

from pipeline.exceptions import UnreadableError
from pipeline.notice import Issue
from pipeline.opportunity import Deadline, Link, Lot, Money, Organisation, Role, unique
from pipeline.places import COUNTRIES, country_of_nuts
from pipeline.text import SUMMARY_MAX, TITLE_MAX, clean, comma_below, safe_url, without_contacts
from spiders._eforms_paths import PARTY, PARTY_ID
from spiders._trie import Found, collect

_LANGUAGES = {
    "BUL": "bg", "CES": "cs", "DAN": "da", "DEU": "de", "ELL": "el", "ENG": "en", "EST": "et", "FIN": "fi",
    "FRA": "fr", "GLE": "ga", "HRV": "hr", "HUN": "hu", "ISL": "is", "ITA": "it", "LAV": "lv", "LIT": "lt",
    "MKD": "mk", "MLT": "mt", "NLD": "nl", "NOR": "no", "POL": "pl", "POR": "pt", "RON": "ro", "SLK": "sk",
    "SLV": "sl", "SPA": "es", "SRP": "sr", "SQI": "sq", "SWE": "sv", "TUR": "tr", "UKR": "uk", "RUS": "ru",
}  # fmt: skip
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(Z|[+-]\d\d:\d\d)?$")
_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?$")
_REF = re.compile(r"0*(\d+)-(\d{4})$")
_UUID = re.compile(r"([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?:-\d+)?$", re.IGNORECASE)
_NUTS = re.compile(r"[A-Z]{2}[A-Z0-9]{0,3}$")
_CPV = re.compile(r"[0-9]{8}$")
_ROLES = ("submission", "participation", "interest", "consultation", "questions")
WITHHELD = "unpublished"
"""What eForms writes where a value is withheld (BT-195)."""


def text(found: Found, name: str) -> str:
    """The first text of a field, "" where there is none."""
    values = found.get(name)
    return values[0] if values else ""


def texts(found: Found, name: str) -> list[str]:
    """The texts of a field."""
    return found.get(name, _NONE)


_NONE: list[str] = []
_NO_PAIRS: list[tuple[str, str]] = []


class Reading:
    """One notice while it is being read: what was found, and what was odd about it."""

    def __init__(self, found: Found, subtype: str) -> None:
        self.found, self.subtype = found, subtype
        self.issues: list[Issue] = []
        self.ref = reference(text(found, "ref"))
        if not self.ref:
            raise UnreadableError("missing-ref", "no publication number (OPP-010)")
        self.own_language = text(found, "language")
        self.project = _project(found)
        parts = found.get("lot", ())
        by_kind = {kind: [p for p in parts if _scheme(p) == kind] for kind in ("Lot", "Part")}
        self.parts: list[Found] = by_kind["Lot"] or by_kind["Part"]
        self.projects: tuple[Found, ...] = (self.project, *(p for part in self.parts for p in part.get("project", ())))
        self.buyers = self._buyers()
        self.lots = tuple(self._lot(part) for part in self.parts)
        """The lots (in planning notices the parts), without groups of lots."""

    def issue(self, code: str, detail: str) -> None:
        """Counts something that could not be taken as it should be."""
        self.issues.append(Issue(code=code, detail=detail[:200]))

    # Texts

    def chosen(self, found: Found, name: str) -> tuple[str, str]:
        """The text of a repeated field in the preferred language, and that language's code as written."""
        versions = found.get(name, _NO_PAIRS)
        if not versions:
            return "", ""
        code, chosen = versions[0] if len(versions) == 1 else min(versions, key=self._rank)
        return chosen, code

    def _rank(self, version: tuple[str, str]) -> int:
        language, _ = version
        if language == "RON":
            return 0
        return 1 if language == "ENG" else 2 if language == self.own_language else 3

    def line(self, raw: str, language: str, limit: int) -> str:
        """One clean line of it, with ș and ț where it is Romanian."""
        line = clean(raw, limit)
        return comma_below(line) if language == "RON" else line

    @property
    def title(self) -> tuple[str, str | None]:
        """The procedure's title, else its first lot's, and its language (ISO 639-1)."""
        for project in self.projects:
            raw, code = self.chosen(project, "title")
            if title := self.line(raw, code, TITLE_MAX):
                return title, _LANGUAGES.get(code or self.own_language)
        raise UnreadableError("missing-title", "neither the procedure nor a lot has a title")

    @property
    def summary(self) -> str | None:
        """The procedure's description and those of its lots, each once, up to 5,000 characters, without contacts."""
        parts: dict[str, None] = {}
        room, language = SUMMARY_MAX, ""
        for project in self.projects:
            raw, code = self.chosen(project, "description")
            if raw not in parts:
                parts[raw] = None
                room, language = room - len(raw), language or code
            if room < 0:
                break
        return without_contacts(self.line(" ".join(parts), language, SUMMARY_MAX)) or None

    # Organisations

    def _buyers(self) -> tuple[Organisation, ...]:
        """The buyers in the order of the notice, each once."""
        wanted = unique(texts(self.found, "buyer"))
        parties = {_party_id(party): party for party in self.found.get("party", ())}
        buyers = []
        for key in wanted:
            if key not in parties:
                self.issue("unknown-buyer", key)
            elif (organisation := self._organisation(collect(parties[key], PARTY.below, {}))) is not None:
                buyers.append(organisation)
        if not buyers:
            self.issue("missing-buyer", self.ref)
        return unique(buyers)

    def _organisation(self, party: Found) -> Organisation | None:
        raw, code = self.chosen(party, "name")
        name = self.line(raw, code, TITLE_MAX)
        if not name:
            return None
        return Organisation(
            name=name,
            id=clean(text(party, "company_id"), 100) or None,
            country=next(self._countries(texts(party, "country")), None),
            nuts=next(self._good("nuts", _NUTS, texts(party, "nuts")), None),
            city=clean(text(party, "city"), 200) or None,
        )

    @property
    def buyer_keys(self) -> frozenset[str]:
        """Normal forms of the buyers' numbers and names: what two notices of one procedure share."""
        return frozenset(key for buyer in self.buyers for key in _buyer_keys(buyer))

    # Codes and places

    @property
    def cpv(self) -> tuple[str, ...]:
        """Main code of the procedure, then its others, then those of its lots."""
        return unique((*self._cpv(self.project), *(code for lot in self.lots for code in lot.cpv)))

    def _cpv(self, project: Found) -> tuple[str, ...]:
        codes = unique((*texts(project, "cpv_main"), *texts(project, "cpv_more")))
        return codes if all(map(_CPV.match, codes)) else tuple(self._good("cpv", _CPV, codes))

    def _good(self, what: str, pattern: re.Pattern[str], codes: Iterable[str]) -> Iterator[str]:
        for code in codes:
            if pattern.match(code):
                yield code
            else:
                self.issue(f"bad-{what}", code)

    @property
    def nuts(self) -> tuple[str, ...]:
        """Where the work is done: procedure, then lots."""
        return unique(self._good("nuts", _NUTS, unique(code for p in self.projects for code in texts(p, "nuts"))))

    @property
    def countries(self) -> tuple[str, ...]:
        """Where the work is done, by country and NUTS codes; else the buyers' countries."""
        places = unique(self._countries(unique(code for p in self.projects for code in texts(p, "country"))))
        places = places or unique(map(country_of_nuts, self.nuts))
        return places or unique(buyer.country for buyer in self.buyers if buyer.country)

    def _countries(self, codes: Iterable[str]) -> Iterator[str]:
        for code in codes:
            if code in COUNTRIES:
                yield COUNTRIES[code]
            else:
                self.issue("unknown-country", code)

    # Money

    @property
    def value(self) -> Money | None:
        """BT-27 of the procedure, else the sum of its lots where every one states it in the same currency."""
        return self._money(self.project, "value") or _sum([lot.value for lot in self.lots])

    @property
    def maximum(self) -> Money | None:
        """BT-271, framework maximum: of the procedure, else the sum of its lots."""
        lots = (self._money(_project(part), "maximum") for part in self.parts)
        return self._money(self.project, "maximum") or _sum(list(lots))

    def _money(self, found: Found, name: str) -> Money | None:
        for currency, raw in found.get(name, _NO_PAIRS):
            try:
                amount = Decimal(raw)
                # A withheld amount (BT-195) is published as -1: not stated.
                return Money(amount=amount, currency=currency) if amount >= 0 else None
            except (InvalidOperation, ValueError):
                if raw != WITHHELD:
                    self.issue("bad-amount", f"{raw} {currency}")
        return None

    # Lots, deadlines, links

    def _lot(self, part: Found) -> Lot:
        project = _project(part)
        raw, code = self.chosen(project, "title")
        return Lot(
            id=_lot_id(part),
            title=self.line(raw, code, TITLE_MAX) or None,
            cpv=self._cpv(project),
            value=self._money(project, "value"),
        )

    @property
    def deadlines(self) -> tuple[Deadline, ...]:
        """By role; one without lot where all lots share it, else one per lot."""
        roles = [role for role in _ROLES if any(role in part for part in self.parts)]
        return tuple(deadline for role in roles for deadline in self._deadlines(role))

    def _deadlines(self, role: str) -> Iterator[Deadline]:
        by_lot = {
            _lot_id(part): when
            for part in self.parts
            for period in part.get(role, ())
            if (when := self._when(text(period, "date"), text(period, "time")))
        }
        shown = Role.CONSULTATION if self.subtype == "E1" and role != "questions" else Role(role)
        shared = len(by_lot) == len(self.parts) and len(set(by_lot.values())) == 1
        for lot, when in list(by_lot.items())[: 1 if shared else None]:
            instant = isinstance(when, dt.datetime)
            yield Deadline(
                at=when if instant else None, date=None if instant else when, role=shown, lot=None if shared else lot
            )

    def _when(self, date: str, time: str) -> dt.datetime | dt.date | None:
        if not date:
            return None
        return (self.instant(date, time, "deadline") if time else None) or self.day(date, "deadline")

    def instant(self, date: str, time: str, what: str) -> dt.datetime | None:
        """Date digits joined with the time in the time's own offset, else the date's; None where unreadable."""
        if not date or not time:
            return None
        when = _instant(date, time)
        if when is None:
            self.issue(f"bad-{what}", f"{date} {time}")
        return when

    def day(self, raw: str, what: str) -> dt.date | None:
        """The digits of an xs:date, whatever its offset; None where there is none or it cannot be read."""
        day = _day(raw) if raw else None
        if raw and day is None:
            self.issue(f"bad-{what}", raw)
        return day

    @property
    def published(self) -> dt.date | None:
        """TED's own calendar date of publication."""
        return self.day(text(self.found, "published"), "published")

    @property
    def links(self) -> tuple[Link, ...]:
        """Documents and submission addresses, missing schemes mended, unsafe ones dropped and counted."""
        raw = [
            (role, url)
            for part in self.parts
            for role, name in (("documents", "documents"), ("submission", "submit"))
            for url in texts(part, name)
        ]
        return tuple(link for role, url in unique(raw) if (link := self._link(role, url)) is not None)

    def _link(self, role: str, raw: str) -> Link | None:
        url = safe_url(raw)
        if url is None:
            self.issue("unsafe-link", raw)
            return None
        return Link(url=url, role=role)

    # Ties to other notices

    @property
    def changes(self) -> tuple[str, ...]:
        """The notices it says it changes (BT-758): publication numbers and notice ids."""
        return self._references(ref for change in self.found.get("change", ()) for ref in texts(change, "changed"))

    @property
    def continues(self) -> tuple[str, ...]:
        """The earlier notices it says it continues (BT-125, OPP-090)."""
        named = (ref for part in self.parts for ref in texts(part, "previous"))
        return self._references((*texts(self.found, "previous"), *named))

    def _references(self, raw: Iterable[str]) -> tuple[str, ...]:
        return unique(ref for ref in map(reference, raw) if ref and ref != self.ref)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reason codes of a change notice (BT-140)."""
        return unique(code for change in self.found.get("change", ()) for code in texts(change, "reason"))

    @property
    def rolling(self) -> bool:
        """Any lot is a dynamic purchasing system."""
        systems = (system for part in self.parts for system in part.get("system", _NO_PAIRS))
        return any(kind == "dps-usage" and code != "none" for kind, code in systems)

    @property
    def eu_funded(self) -> bool | None:
        """True when any lot has EU funds, False when a lot says it has none, None when nothing is said."""
        codes = {code for part in self.parts for kind, code in part.get("funded", _NO_PAIRS) if kind == "eu-funded"}
        return True if "eu-funds" in codes else False if "no-eu-funds" in codes else None


def reference(raw: str) -> str:
    """A publication number without leading zeros, or a notice id without its version; "" for neither."""
    raw = raw.strip()
    if match := _REF.match(raw):
        return f"{match[1]}-{match[2]}"
    if match := _UUID.match(raw):
        return match[1].lower()
    return ""


def _project(part: Found) -> Found:
    projects = part.get("project")
    return projects[0] if projects else {}


def _sum(amounts: list[Money | None]) -> Money | None:
    """The sum where every lot states an amount, in one currency."""
    stated = [money for money in amounts if money is not None]
    if not stated or len(stated) < len(amounts) or len({money.currency for money in stated}) > 1:
        return None
    return Money(amount=sum((money.amount for money in stated), Decimal(0)), currency=stated[0].currency)


def _party_id(party: etree._Element) -> str:
    for child in party:
        if child.tag == PARTY_ID and len(child):
            return (child[0].text or "").strip()
    return ""


def _scheme(part: Found) -> str:
    return str(part["id"][0][0]) if "id" in part else ""


def _lot_id(part: Found) -> str:
    return str(part["id"][0][1])


def _buyer_keys(buyer: Organisation) -> Iterator[str]:
    if number := re.sub(r"\W", "", buyer.id or "").upper().removeprefix("RO"):
        yield f"id:{number}"
    yield "name:" + " ".join(re.findall(r"\w+", buyer.name.casefold()))


@lru_cache(maxsize=4096)
def _day(raw: str) -> dt.date | None:
    match = _DATE.match(raw)
    try:
        day = dt.date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
    return day if day and 1990 <= day.year <= 2100 else None


@lru_cache(maxsize=4096)
def _instant(date: str, time: str) -> dt.datetime | None:
    day, match = _day(date), _TIME.match(time)
    zone = match and (match[4] or _offset(date))
    if day is None or match is None or not zone:
        return None
    hour, midnight = int(match[1]) % 24, int(match[1]) == 24
    try:
        clock = dt.time(hour, int(match[2]), int(match[3] or 0), tzinfo=_zone(zone))
    except ValueError:
        return None
    return dt.datetime.combine(day + dt.timedelta(days=midnight), clock)


def _offset(date: str) -> str | None:
    match = _DATE.match(date)
    return match[4] if match else None


@lru_cache(maxsize=64)
def _zone(offset: str) -> dt.timezone:
    if offset == "Z":
        return dt.UTC
    sign = -1 if offset[0] == "-" else 1
    return dt.timezone(sign * dt.timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6])))
