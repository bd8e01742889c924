"""A dossier of the EU Funding & Tenders Portal read into a Notice. Pure.

Identity: a topic's identifier, a cascade call's own number, a EuropeAid number, a tender's uuid (which its prior
information and its contract notice share). Of two channels the one whose dates moved last speaks first.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from pipeline.exceptions import UnreadableError
from pipeline.notice import Issue, Notice
from pipeline.opportunity import Deadline, Kind, Link, Money, Opportunity, Organisation, Role, Stage, unique
from pipeline.places import COUNTRIES
from pipeline.text import clean, safe_url
from spiders import _eu_portal_text as prose
from spiders import _eu_portal_time as time
from spiders._eu_portal_codes import (
    ANNOUNCEMENTS,
    CASCADE,
    EUROPEAID,
    MODELS,
    PROCEDURES,
    STATUSES,
    TENDER,
    TOPIC,
)
from spiders._eu_portal_dossier import Dossier
from spiders._eu_portal_money import EURO_MIN, Budget, budget, number
from spiders._eu_portal_said import Said, said_by_bulk, said_by_details, said_by_index

PORTAL = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities"
"""Where members read; `metadata.url` may be a JSON file or an address that no longer works, so it is built anew."""
TED = "https://ted.europa.eu/en/notice/-/detail/{}"
_COUNTRY = re.compile(r"EuropeAid/\d+/\w+/\w+/([A-Z]{2})")
_ALPHA_2 = frozenset(COUNTRIES.values())
_KINDS = {TENDER: Kind.TENDER, TOPIC: Kind.CALL, EUROPEAID: Kind.CALL, CASCADE: Kind.CALL}
_ACTIONS = {CASCADE: "Cascade funding call", EUROPEAID: "EuropeAid call for proposals"}
T = TypeVar("T")


def read_dossier(dossier: Dossier, now: dt.datetime) -> Notice:
    """The notice a dossier makes at `now`; raises UnreadableError where even identity, title or stage is missing."""
    return Reading(dossier, now).notice()


def voices(dossier: Dossier) -> list[Said]:
    """The channels' words, the one to be believed first in front."""
    readers = {"index": said_by_index, "bulk": said_by_bulk, "announcement": said_by_index, "details": said_by_details}
    order = sorted(readers, key=lambda channel: channel != dossier.get("lead"))
    return [readers[channel](dossier[channel]) for channel in order if dossier.get(channel)]


def deadlines(kind: str, said: Said) -> tuple[Deadline, ...]:
    """A channel's deadlines, soonest first; raises ValueError.

    The hours of cascade and EuropeAid calls are not to be trusted (the Commission moved 21:00 and 02:00 to 17:00 in
    May 2026), so only their day is kept: a cascade call's as written, a EuropeAid call's in Brussels.
    """
    if kind == TENDER:
        ends = sorted({_tender_end(raw, said) for raw in said.deadlines}, key=lambda deadline: deadline.ends)
        return tuple(ends)
    day = time.written_day if kind == CASCADE else time.brussels_day
    days = sorted({day(raw) for raw in said.deadlines})
    roles = time.roles(said.model or None, said.identifier, len(days))
    if kind == TOPIC:
        return tuple(Deadline(at=time.end_of(day), role=role) for day, role in zip(days, roles, strict=False))
    return tuple(Deadline(date=day, role=role) for day, role in zip(days, roles, strict=False))


def _tender_end(raw: str, said: Said) -> Deadline:
    """The index writes wall clocks, the bulk file (milliseconds) true instants; without its zone only the day holds."""
    role = Role.INTEREST if said.identifier.endswith("-EXA") else Role.SUBMISSION
    if raw.isdigit():
        return Deadline(at=time.in_brussels(raw), role=role)
    return Deadline(at=time.wall(raw, said.zone), role=role) if said.zone else Deadline(date=time.written_day(raw), role=role)


class Reading:
    """One dossier while it is read, with the oddities found."""

    def __init__(self, dossier: Dossier, now: dt.datetime) -> None:
        self.ref, self.kind, self.now = str(dossier["ref"]), str(dossier["kind"]), now
        self.voices = voices(dossier)
        self.announced = "announcement" in dossier and "index" not in dossier
        self.issues = [Issue(code=code, detail=detail) for said in self.voices for code, detail in said.issues]

    def notice(self) -> Notice:
        """The notice; it is living: the portal edits its records in place and leaves fields out at times."""
        says = self.opportunity()
        return Notice(says=says, names=(says.id,), living=True, issues=unique(self.issues))

    def opportunity(self) -> Opportunity:
        """The model, field by field."""
        ends = self.deadlines
        money = self.budget
        words = self.words
        return Opportunity(
            id=f"eu_portal:{self.ref}",
            source="eu_portal",
            ref=self.ref,
            notices=(self.ref,),
            kind=_KINDS[self.kind],
            stage=self.stage(ends),
            title=self.title,
            language="en" if self.kind in (TOPIC, CASCADE) else None,
            summary=self.summary,
            url=self.url,
            links=unique(self.links()),
            buyer=self.buyer,
            funder=self.funder,
            programme=", ".join(unique(self.first("programmes"))) or None,
            call=self.call,
            action=", ".join(unique(clean(each) for each in self.first("actions"))) or _ACTIONS.get(self.kind),
            cpv=self.cpv,
            nuts=tuple(place for place in self.first("places") if re.fullmatch(r"[A-Z]{2}[A-Z0-9]{1,3}", place)),
            countries=self.countries,
            value=self.euro(money.total) or self.amount,
            published=self.date("published", time.brussels_day),
            opens=self.date("opens", time.brussels_day) if self.kind != TENDER else None,
            deadlines=ends,
            procedure=self.procedure,
            keywords=unique(filter(None, (clean(word, 120) for word in self.first("keywords")))),
            status=self.status_word,
            grant_min=self.euro(money.least),
            grant_max=self.euro(money.most),
            grants=money.grants,
            value_shared=money.shared,
            time_assumed=True if ends and self.kind == TOPIC else False if ends and ends[0].at else None,
            trl=prose.readiness(words),
            eligible=prose.limitation(words),
        )

    def first(self, name: str) -> Any:
        """The first voice that says something; what the last says (nothing) where none does."""
        return next((value for said in self.voices if (value := getattr(said, name))), getattr(Said(), name))

    def issue(self, code: str, detail: object) -> None:
        """Notes an oddity."""
        self.issues.append(Issue(code=code, detail=str(detail)[:200]))

    def attempt(self, code: str, read: Callable[[], T]) -> T | None:
        """What `read` gives; a value that cannot be read is an issue and stays unknown."""
        try:
            return read()
        except (ValueError, OverflowError) as error:
            self.issue(code, error)
            return None

    @property
    def title(self) -> str:
        """A cascade call's own name stands in `callTitle`, its parent topic's in `title`."""
        names = ("call_title", "title") if self.kind == CASCADE else ("title",)
        title = next((line for name in names if (line := clean(self.first(name)))), "")
        if not title:
            raise UnreadableError("no-title", self.ref)
        return title

    @property
    def deadlines(self) -> tuple[Deadline, ...]:
        """Those of the first voice whose deadlines can be read."""
        for said in self.voices:
            if said.model and said.model not in MODELS:
                self.issue("unknown-deadline-model", said.model)
            if said.kind == TENDER and said.deadlines and not said.zone and not said.deadlines[0].isdigit():
                self.issue("no-time-zone", said.deadlines[0])
            found = self.attempt("unreadable-deadline", lambda said=said: deadlines(self.kind, said))  # type: ignore[misc]
            if found:
                return found
        return ()

    def stage(self, ends: tuple[Deadline, ...]) -> Stage:
        """From the dates first; see `spiders._eu_portal_time.stage`."""
        status = self.first("status")
        if "cancel" in status.lower():
            return Stage.CANCELLED
        if status not in STATUSES:
            self.issue("unknown-status", status or "none")
        announced = self.announced or self.first("procedure") in ANNOUNCEMENTS
        opens = self.attempt("unreadable-opening", lambda: self.opening)
        found = time.stage(status, opens, ends, self.now, announced)
        if found is None:
            raise UnreadableError("no-stage", f"{self.ref}: neither a known status ({status or 'none'}) nor dates")
        return found

    @property
    def opening(self) -> dt.date | None:
        """The day it opens; a tender is open once it is published."""
        raw = self.first("opens") if self.kind != TENDER else ""
        return time.brussels_day(raw) if raw else None

    @property
    def status_word(self) -> str | None:
        """The portal's own word."""
        status = self.first("status")
        return STATUSES.get(status, clean(status, 60)) or None

    def date(self, name: str, read: Callable[[str], dt.date]) -> dt.date | None:
        """A day, where one is stated."""
        raw = self.first(name)
        bare = raw if re.search(r"\d{9}|[Z+]", raw) else raw[:10]  # cftPublicationDateEForm has no offset
        return self.attempt(f"unreadable-{name}", lambda: read(bare)) if raw else None

    @property
    def words(self) -> str:
        """Description and conditions, as far as they are searched for facts."""
        return prose.plain(self.first("description") + " " + self.first("conditions"), 60_000)

    @property
    def summary(self) -> str | None:
        """The description; before a cascade call's, whose project it is, because many share one parent topic."""
        parts = [prose.plain(self.first("description"))]
        if self.kind == CASCADE and self.first("project"):
            parts.insert(0, f"Project: {clean(self.first('project'))}.")
        if self.kind == CASCADE and self.first("amount") and self.amount is None:
            parts.append(f"Budget as published: {clean(self.first('amount'), 60)}.")
        return prose.plain(" ".join(filter(None, parts))) or None

    @property
    def url(self) -> str | None:
        """The page a member opens."""
        if self.kind == TOPIC:
            return f"{PORTAL}/topic-details/{self.ref}"
        if self.kind == EUROPEAID:
            return f"{PORTAL}/prospect-details/{self.ref}EN"
        stated = safe_url(self.first("url"))
        if stated and not stated.endswith(".json") and "webgate" not in stated:
            return stated
        number = re.match(r"\d+", self.ref)
        return f"{PORTAL}/competitive-calls-cs/{number[0]}" if self.kind == CASCADE and number else None

    def links(self) -> Iterator[Link]:
        """Call documents, the cascade call's own page, the notice in TED."""
        yield from prose.documents(self.first("conditions"))
        if self.kind == CASCADE and (own := prose.first_link(self.first("further"), PORTAL)):
            yield Link(url=own, role="project")
        if re.fullmatch(r"\d{1,8}-\d{4}", self.first("ted")):
            yield Link(url=TED.format(self.first("ted").lstrip("0")), role="notice")

    @property
    def buyer(self) -> Organisation | None:
        """The lead contracting authority of a tender."""
        name = clean(self.first("authority"))
        return Organisation(name=name) if name and self.kind == TENDER else None

    @property
    def funder(self) -> Organisation | None:
        """The project that gives a cascade call's money."""
        name = clean(self.first("project"))
        return Organisation(name=name) if name and self.kind == CASCADE else None

    @property
    def call(self) -> str | None:
        """The call a topic belongs to; a cascade call's parent topic; EuropeAid's and a tender's own number."""
        name = "call" if self.kind in (TOPIC, TENDER) else "identifier"
        stated = clean(self.first(name), 120)
        return stated or (clean(self.first("identifier"), 120) if self.kind == TENDER else None) or None

    @property
    def cpv(self) -> tuple[str, ...]:
        """Main code first."""
        return unique(code for code in self.first("cpv") if re.fullmatch(r"\d{8}", code))

    @property
    def countries(self) -> tuple[str, ...]:
        """A EuropeAid call ends with its country ("EuropeAid/186165/DD/ACT/RS"), a tender in the bulk file lists it."""
        match = _COUNTRY.fullmatch(self.first("identifier")) if self.kind == EUROPEAID else None
        found = [match[1]] if match else [place for place in self.first("places") if len(place) == 2]
        return unique(code for code in found if code in _ALPHA_2)

    @property
    def procedure(self) -> str | None:
        """As eForms names it."""
        code = self.first("procedure")
        if code and code not in PROCEDURES and code not in ANNOUNCEMENTS:
            self.issue("unknown-procedure-type", code)
        return PROCEDURES.get(code)

    @property
    def budget(self) -> Budget:
        """A topic's own budget."""
        read = self.attempt("unreadable-budget", lambda: budget(self.first("overview"), self.ref))
        return read or Budget()

    @property
    def amount(self) -> Money | None:
        """What a tender, a EuropeAid or a cascade call states; a cascade amount in another scale stays in the text."""
        raw = self.first("amount")
        found = self.attempt("unreadable-amount", lambda: number(raw)) if raw else None
        if not found or (self.kind == CASCADE and found < EURO_MIN):
            return None
        currency = self.first("currency") or ("EUR" if self.kind == CASCADE else "")
        if not re.fullmatch(r"[A-Z]{3}", currency):
            self.issue("no-currency", f"{raw} {currency}")
            return None
        return Money(amount=found, currency=currency)

    @staticmethod
    def euro(amount: Any) -> Money | None:
        """Budgets of topics are in euro."""
        return Money(amount=amount, currency="EUR") if amount else None
