"""What the rules ask about one opportunity, worked out once for all of them. Pure."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple, Protocol

from filters.applicants import Who
from filters.eligibility import Said, who_may_apply
from filters.money import in_euro
from filters.places import places_of
from filters.quoter import Quoter
from filters.reasons import Where
from filters.scan import Scanner
from pipeline.opportunity import Opportunity

TITLE, LOTS, KEYWORDS, CALL, TEXT, PROGRAMME, BUYER, ACTION = (1 << n for n in range(8))
STRONG = TITLE | LOTS | KEYWORDS | CALL
WORDS = STRONG | TEXT
WHERE = {1 << n: where for n, where in enumerate((*Where,)[:8])}
_BREAK = " zqzq "
"""A word no entry holds, so that no phrase runs from one lot or keyword into the next."""


class Hit(NamedTuple):
    """An entry found in a field, from its first word to the one after its last."""

    field: int
    start: int
    end: int


class Asked(Protocol):
    """A condition."""

    def met(self, facts: "Facts", /) -> bool:
        """Whether it holds."""
        ...


class Facts:
    """An opportunity as the rules see it at `now`; every answer is worked out when first asked."""

    def __init__(self, opportunity: Opportunity, now: dt.datetime, scanner: Scanner) -> None:
        self.opportunity = opportunity.at(now)
        self.now = now
        self.fields = dict(_fields(opportunity))
        self.found = {field: found for field, text in self.fields.items() if (found := scanner.scan(text))}
        if self.found and (foreign := scanner.foreign(opportunity.language)):
            self.found = {f: [hit for hit in found if hit[2] not in foreign] for f, found in self.found.items()}
        self.masks: dict[int, int] = {}
        """Every entry found, and the fields it stands in."""
        for field, found in self.found.items():
            for _, _, term in found:
                self.masks[term] = self.masks.get(term, 0) | field
        self._answers: dict[int, bool] = {}
        self._quotes: dict[Hit, str] = {}
        self._quoters: dict[int, Quoter] = {}

    @cached_property
    def hits(self) -> dict[int, list[Hit]]:
        """Every place of every entry found, strongest field first."""
        hits: dict[int, list[Hit]] = {term: [] for term in self.masks}
        for field, found in self.found.items():
            for start, end, term in found:
                hits[term].append(Hit(field, start, end))
        return hits

    def asked(self, check: "Asked") -> bool:
        """The answer of a condition; asked once, as rules that share it share the object."""
        if (answer := self._answers.get(id(check))) is None:
            answer = self._answers[id(check)] = check.met(self)
        return answer

    def quote(self, hit: Hit) -> str:
        """The words of the hit as they stand in the opportunity."""
        if hit not in self._quotes:
            self._quotes[hit] = self._quoter(hit.field).quote(hit.start, hit.end)
        return self._quotes[hit]

    def _quoter(self, field: int) -> Quoter:
        if field not in self._quoters:
            self._quoters[field] = Quoter(self.fields[field])
        return self._quoters[field]

    @cached_property
    def places(self) -> frozenset[str]:
        """Countries and NUTS codes it lies in; empty when not stated."""
        return places_of(self.opportunity)

    @cached_property
    def branches(self) -> dict[str, bool]:
        """Every way a file may name its CPV codes, and whether that names the main code."""
        named: dict[str, bool] = {}
        for place, code in enumerate(self.opportunity.cpv):
            for branch in branches(code):
                named.setdefault(branch, place == 0)
        return named

    @cached_property
    def euro(self) -> Decimal | None:
        """Its value, else its framework maximum, in euro; None when not stated or in an unknown currency."""
        money = self.opportunity.value or self.opportunity.maximum
        return in_euro(money) if money else None

    @cached_property
    def grant(self) -> tuple[Decimal | None, Decimal | None]:
        """The least and the most one project gets, in euro; None where not stated."""
        least, most = self.opportunity.grant_min, self.opportunity.grant_max
        return in_euro(least) if least else None, in_euro(most) if most else None

    @cached_property
    def who(self) -> dict[Who, Said]:
        """Who may apply and who may not; who is missing is not stated."""
        return who_may_apply(self.opportunity)

    @cached_property
    def days_left(self) -> int | None:
        """Whole days to the last deadline; None when none is stated."""
        last = self.opportunity.last_deadline
        return (last.ends - self.now).days if last else None

    @cached_property
    def refs(self) -> tuple[str, ...]:
        """What `calls` is compared with, in capitals: call, parent topic, numbers, and identifiers in the title."""
        opportunity = self.opportunity
        named = (word for word in opportunity.title.split() if "-" in word or "/" in word)
        texts = (opportunity.call or "", opportunity.parent or "", opportunity.ref, *opportunity.notices, *named)
        return tuple(text.strip("()[],.:;").upper() for text in texts if text)


def branches(code: str) -> tuple[str, ...]:
    """Every way a file may name a CPV code: itself alone, or a branch it lies in."""
    return "=" + code, *[code[:length] for length in range(2, 9)]


def _fields(opportunity: Opportunity) -> Iterator[tuple[int, str]]:
    yield TITLE, opportunity.title
    if titles := [lot.title for lot in opportunity.lots if lot.title and lot.title != opportunity.title]:
        yield LOTS, _BREAK.join(titles)
    if opportunity.keywords:
        yield KEYWORDS, _BREAK.join(opportunity.keywords)
    if opportunity.call and " " in opportunity.call.strip():  # the words of an identifier mean nothing: CLOUD, SAP, IA
        yield CALL, opportunity.call
    if opportunity.summary:
        yield TEXT, opportunity.summary
    if opportunity.programme:
        yield PROGRAMME, opportunity.programme
    if names := [buyer.name for buyer in (opportunity.buyer, *opportunity.co_buyers, opportunity.funder) if buyer]:
        yield BUYER, _BREAK.join(names)
    if opportunity.action:
        yield ACTION, opportunity.action
