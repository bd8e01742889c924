"""A dossier of the EU Funding & Tenders Portal read into a Notice. Pure.

Identity: a topic's identifier, a cascade call's own number, a EuropeAid number, a tender's uuid (which its prior
information and its contract notice share).
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from pipeline.exceptions import UnreadableError
from pipeline.notice import Notice
from pipeline.opportunity import Deadline, Kind, Link, Money, Opportunity, Organisation, Stage, unique
from pipeline.places import COUNTRIES
from pipeline.text import clean, safe_url
from spiders import _eu_portal_text as prose
from spiders import _eu_portal_time as time
from spiders._eu_portal_codes import (
    ANNOUNCEMENTS,
    CASCADE,
    EUROPEAID,
    PROCEDURES,
    STATUSES,
    TENDER,
    TOPIC,
)
from spiders._eu_portal_dossier import Dossier
from spiders._eu_portal_money import EURO_MIN, Budget, budget, number
from spiders._eu_portal_voices import Voices

PORTAL = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities"
"""Where members read; `metadata.url` may be a JSON file or an address that no longer works, so it is built anew."""
TED = "https://ted.europa.eu/en/notice/-/detail/{}"
_COUNTRY = re.compile(r"EuropeAid/\d+/\w+/\w+/([A-Z]{2})")
_ALPHA_2 = frozenset(COUNTRIES.values())
_KINDS = {TENDER: Kind.TENDER, TOPIC: Kind.CALL, EUROPEAID: Kind.CALL, CASCADE: Kind.CALL}
_ACTIONS = {CASCADE: "Cascade funding call", EUROPEAID: "EuropeAid call for proposals"}


def read_dossier(dossier: Dossier, now: dt.datetime) -> Notice:
    """The notice a dossier makes at `now`; raises UnreadableError where even identity, title or stage is missing."""
    return Reading(dossier, now).notice()


class Reading(Voices):
    """One dossier while it is read."""

    def __init__(self, dossier: Dossier, now: dt.datetime) -> None:
        super().__init__(dossier)
        self.ref, self.now = str(dossier["ref"]), now
        self.announced = "announcement" in dossier and "index" not in dossier

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
            parent=clean(self.first("identifier"), 120) or None if self.kind == CASCADE else None,
            action=", ".join(unique(clean(each) for each in self.first("actions"))) or _ACTIONS.get(self.kind),
            cpv=self.cpv,
            nuts=tuple(place for place in self.first("places") if re.fullmatch(r"[A-Z]{2}[A-Z0-9]{1,3}", place)),
            countries=self.countries,
            value=self.euro(money.total) or self.amount,
            published=self.published,
            opens=self.opening,
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

    @property
    def title(self) -> str:
        """A cascade call's own name stands in `callTitle`, its parent topic's in `title`."""
        names = ("call_title", "title") if self.kind == CASCADE else ("title",)
        title = next((line for name in names if (line := clean(self.first(name)))), "")
        if not title:
            raise UnreadableError("no-title", self.ref)
        return title

    def stage(self, ends: tuple[Deadline, ...]) -> Stage:
        """From the dates first; see `spiders._eu_portal_time.stage`."""
        status = self.newest("status")
        if "cancel" in status.lower():
            return Stage.CANCELLED
        if status not in STATUSES:
            self.issue("unknown-status", status or "none")
        announced = self.announced or self.first("procedure") in ANNOUNCEMENTS
        found = time.stage(status, self.opening, ends, self.now, announced)
        if found is None:
            raise UnreadableError("no-stage", f"{self.ref}: neither a known status ({status or 'none'}) nor dates")
        return found

    @property
    def status_word(self) -> str | None:
        """The portal's own word."""
        status = self.newest("status")
        return STATUSES.get(status, clean(status, 60)) or None

    @property
    def published(self) -> dt.date | None:
        """The day of publication: of a topic only the bulk file knows it."""
        raw = self.first("published")
        bare = raw if re.search(r"\d{9}|[Z+]", raw) else raw[:10]  # cftPublicationDateEForm has no offset
        return self.attempt("unreadable-publication", lambda: time.brussels_day(bare)) if raw else None

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
            return f"{PORTAL}/topic-details/{self.first('identifier')}"
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
        """The call a topic belongs to; EuropeAid's and a tender's own number. What a cascade row states is its parent
        topic's, so such a call has none."""
        if self.kind == CASCADE:
            return None
        stated = self.first("call") if self.kind in (TOPIC, TENDER) else ""
        number = clean(stated or self.first("identifier"), 120)
        return re.sub(r"-(PIN|CN|EXA)$", "", number) if self.kind == TENDER else number or None

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
