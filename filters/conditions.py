"""What must hold besides the subject: kinds, stages, places, value, days, and the lists `only`, `never`, `all`, `none`.

Each condition answers two questions: does it hold, and what was found. What is not stated never fails a condition,
unless the rule lists it under `known`.
"""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property

from typing_extensions import override

from filters.applicants import Who
from filters.facts import CALL, PROGRAMME, TITLE, WHERE, Facts
from filters.money import in_euro, rates, read_amount
from filters.places import lies_in

NAMED = PROGRAMME | TITLE | CALL
"""Where the name of a programme counts."""
NOT_STATED = "not stated"
Probes = tuple[tuple[int, int], ...]
"""Entries and the fields in which each counts."""


class Check:
    """One condition of a rule; `key` is its name in the file."""

    key: str
    wanted: str
    limits: Iterable[Decimal] = ()
    """Of an amount: where the answer changes."""

    def met(self, facts: Facts) -> bool:
        """Whether it holds."""
        raise NotImplementedError

    def asks(self, facts: Facts) -> Hashable:
        """The one fact a plain condition depends on."""
        raise NotImplementedError

    def found(self, facts: Facts) -> str:
        """What the opportunity says about it."""
        raise NotImplementedError


@dataclass(frozen=True)
class OneOf(Check):
    """The kind or stage is one of those listed."""

    key: str
    wanted: str
    values: frozenset[str]

    @override
    def met(self, facts: Facts) -> bool:
        return self.found(facts) in self.values

    @override
    def asks(self, facts: Facts) -> Hashable:
        return self.found(facts)

    @override
    def found(self, facts: Facts) -> str:
        return str(facts.opportunity.kind if self.key == "kinds" else facts.opportunity.stage)


@dataclass(frozen=True)
class InPlace(Check):
    """The work is in one of the places; not stated passes unless `known`."""

    key: str
    wanted: str
    places: tuple[str, ...]
    known: bool

    @override
    def met(self, facts: Facts) -> bool:
        answers = {lies_in(facts.places, place) for place in self.places}
        return True in answers or (None in answers and not self.known)

    @override
    def asks(self, facts: Facts) -> Hashable:
        return facts.places

    @override
    def found(self, facts: Facts) -> str:
        return ", ".join(sorted(facts.places)) or NOT_STATED


@dataclass(frozen=True)
class Worth(Check):
    """The value lies between two amounts; not stated passes unless `known`."""

    key: str
    wanted: str
    low: str | None
    high: str | None
    known: bool

    @override
    def met(self, facts: Facts) -> bool:
        euro = facts.euro
        if euro is None:
            return not self.known
        low, high = self._ends
        return (low is None or euro >= low) and (high is None or euro <= high)

    @override
    def asks(self, facts: Facts) -> Hashable:
        return facts.euro

    @cached_property
    def _ends(self) -> tuple[Decimal | None, Decimal | None]:
        low, high = (in_euro(read_amount(text)) if text else None for text in (self.low, self.high))
        return low, high

    @property
    @override
    def limits(self) -> Iterable[Decimal]:  # type: ignore[override]
        return [end for end in self._ends if end is not None]

    @override
    def found(self, facts: Facts) -> str:
        money = facts.opportunity.value or facts.opportunity.maximum
        if money is None:
            return NOT_STATED
        said = f"{money.amount:,} {money.currency}"
        if facts.euro is None or money.currency == "EUR":
            return said
        return f"{said} (about {facts.euro:,.0f} EUR at the rates of {rates().date})"


@dataclass(frozen=True)
class Granted(Check):
    """What one project gets can lie between two amounts; not stated passes unless `known`."""

    key: str
    wanted: str
    low: str | None
    high: str | None
    known: bool

    @override
    def met(self, facts: Facts) -> bool:
        least, most = facts.grant
        if least is None and most is None:
            return not self.known
        low, high = (in_euro(read_amount(text)) if text else None for text in (self.low, self.high))
        return not ((low is not None and most is not None and most < low)
                    or (high is not None and least is not None and least > high))  # fmt: skip

    @override
    def asks(self, facts: Facts) -> Hashable:
        return facts.grant

    @override
    def found(self, facts: Facts) -> str:
        amounts = (facts.opportunity.grant_min, facts.opportunity.grant_max)
        said = [f"{word} {m.amount:,} {m.currency}" for word, m in zip(("from", "to"), amounts, strict=True) if m]
        return f"{' '.join(said)} a project" if said else NOT_STATED


@dataclass(frozen=True)
class MayApply(Check):
    """One of these sorts of organisation may apply; not stated passes unless `known`."""

    key: str
    wanted: str
    who: tuple[Who, ...]
    known: bool

    def answers(self, facts: Facts) -> list[bool | None]:
        """For each: yes, no, or None where it is not stated."""
        return [facts.who[who].may if who in facts.who else None for who in self.who]

    @override
    def met(self, facts: Facts) -> bool:
        answers = self.answers(facts)
        return True in answers or (None in answers and not self.known)

    @override
    def asks(self, facts: Facts) -> Hashable:
        return frozenset((who, said.may) for who, said in facts.who.items())

    @override
    def found(self, facts: Facts) -> str:
        said = {who: facts.who.get(who) for who in self.who}
        quotes = dict.fromkeys(f"“{answer.quote}”" for answer in said.values() if answer)
        answers = [f"{who} {('yes' if answer.may else 'no') if answer else NOT_STATED}" for who, answer in said.items()]
        return f"{', '.join(answers)}{': ' if quotes else ''}{', '.join(quotes)}"


@dataclass(frozen=True)
class DaysLeft(Check):
    """At least so many days are left to the last deadline; not stated passes unless `known`."""

    key: str
    wanted: str
    days: int
    known: bool

    @override
    def met(self, facts: Facts) -> bool:
        return not self.known if facts.days_left is None else facts.days_left >= self.days

    @override
    def asks(self, facts: Facts) -> Hashable:
        return facts.days_left

    @override
    def found(self, facts: Facts) -> str:
        return NOT_STATED if facts.days_left is None else f"{facts.days_left} days left"


@dataclass(frozen=True)
class Holds(Check):
    """One of the entries stands in one of its fields; `never` turns it round."""

    key: str
    wanted: str
    probes: Probes
    never: bool = False

    @override
    def met(self, facts: Facts) -> bool:
        return any(facts.masks.get(term, 0) & fields for term, fields in self.probes) is not self.never

    @override
    def found(self, facts: Facts) -> str:
        hits = (hit for term, fields in self.probes for hit in facts.hits.get(term, ()) if hit.field & fields)
        quotes = dict.fromkeys(f"“{facts.quote(hit)}” ({WHERE[hit.field]})" for hit in hits)
        return ", ".join(list(quotes)[:5]) or "none of these"


@dataclass(frozen=True)
class Coded(Check):
    """One of the CPV branches, call identifiers or sources is the opportunity's; `never` turns it round."""

    key: str
    wanted: str
    codes: tuple[str, ...]
    never: bool = False

    @override
    def met(self, facts: Facts) -> bool:
        return any(self._own(facts)) is not self.never

    @override
    def found(self, facts: Facts) -> str:
        return ", ".join(self._own(facts)) or f"none of these{self._instead(facts)}"

    def _instead(self, facts: Facts) -> str:
        """What it has, where one of these is asked for."""
        has = facts.opportunity.cpv if self.key.endswith("cpv") else facts.refs
        names = [facts.opportunity.source] if self.key.endswith("sources") else list(has)
        return "" if self.never else f", but {', '.join(names[:5]) or 'nothing'}"

    def _own(self, facts: Facts) -> list[str]:
        if self.key.endswith("cpv"):
            codes = facts.opportunity.cpv[:1] if self.key.endswith("main_cpv") else facts.opportunity.cpv
            return [cpv for cpv in codes if cpv.startswith(self.codes) or "=" + cpv in self.codes]
        if self.key.endswith("sources"):
            return [facts.opportunity.source] if facts.opportunity.source in self.codes else []
        return [ref for ref in facts.refs if any(call_pattern(code).match(ref) for code in self.codes)]


@cache
def call_pattern(call: str) -> re.Pattern[str]:
    """The identifiers a call stands for: those that start with it, at a boundary; `*` is any characters."""
    parts = call.strip("*").split("*")
    body = ".*?".join(map(re.escape, parts))
    return re.compile(body + (r"(?![A-Z0-9])" if call[-1].isalnum() else ""))
