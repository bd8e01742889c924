"""What must hold besides the subject: kinds, stages, places, value, days, and the lists `only`, `never`, `all`, `none`.

Each condition answers two questions: does it hold, and what was found. What is not stated never fails a condition,
unless the rule lists it under `known`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property

from typing_extensions import override

from filters.facts import ACTION, BUYER, CALL, PROGRAMME, STRONG, TITLE, WHERE, WORDS, Facts
from filters.model import Member, Rule, Sort
from filters.money import in_euro, read_amount
from filters.places import lies_in
from filters.scan import Scanner

NAMED = PROGRAMME | TITLE | CALL
"""Where the name of a programme counts."""
NOT_STATED = "not stated"
Probes = tuple[tuple[int, int], ...]
"""Entries and the fields in which each counts."""


class Check:
    """One condition of a rule; `key` is its name in the file."""

    key: str
    wanted: str

    def met(self, facts: Facts) -> bool:
        """Whether it holds."""
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
        low, high = self._limits
        return (low is None or euro >= low) and (high is None or euro <= high)

    @cached_property
    def _limits(self) -> tuple[Decimal | None, Decimal | None]:
        low, high = (in_euro(read_amount(text)) if text else None for text in (self.low, self.high))
        return low, high

    @override
    def found(self, facts: Facts) -> str:
        money = facts.opportunity.value or facts.opportunity.maximum
        if money is None:
            return NOT_STATED
        about = f" (about {facts.euro:,.0f} EUR)" if facts.euro is not None and money.currency != "EUR" else ""
        return f"{money.amount:,} {money.currency}{about}"


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
    def found(self, facts: Facts) -> str:
        return NOT_STATED if facts.days_left is None else f"{facts.days_left} days left"


@dataclass(frozen=True)
class Holds(Check):
    """One of the entries stands in one of its fields; `never` turns it round."""

    key: str
    wanted: str
    probes: Probes
    never: bool = False

    @cached_property
    def terms(self) -> frozenset[int]:
        """The entries, to see at once that none is there."""
        return frozenset(term for term, _ in self.probes)

    @override
    def met(self, facts: Facts) -> bool:
        if facts.masks.keys().isdisjoint(self.terms):
            return self.never
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
        return ", ".join(self._own(facts)) or "none of these"

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


def checks_of(member: Member, rule: Rule, scanner: Scanner) -> tuple[tuple[Check, ...], tuple[Check, ...]]:
    """The conditions many rules share word for word, and those of its own, the member's exclusions included."""
    return tuple(_plain(rule)), (*_words(member, rule, scanner), *_sorts(member, rule, scanner))


def _plain(rule: Rule) -> Iterator[Check]:
    if rule.kinds:
        yield OneOf("kinds", ", ".join(rule.kinds), frozenset(rule.kinds))
    yield OneOf("stages", ", ".join(rule.stages), frozenset(rule.stages))
    if rule.places:
        yield InPlace("places", ", ".join(rule.places), rule.places, "place" in rule.known)
    if rule.value:
        low, high = rule.value.min, rule.value.max
        wanted = " ".join(f"{word} {text}" for word, text in (("from", low), ("to", high)) if text)
        yield Worth("value", wanted, low, high, "value" in rule.known)
    if rule.min_days:
        yield DaysLeft("min_days", f"{rule.min_days} days", rule.min_days, "deadline" in rule.known)


def _words(member: Member, rule: Rule, scanner: Scanner) -> Iterator[Check]:
    for entry in rule.all:
        probes = tuple((scanner.add(part.strip()), WORDS) for part in entry.split("|"))
        yield Holds("all", entry, probes)
    if none := (*member.none, *rule.none):
        yield Holds("none", ", ".join(none), _probes(none, WORDS, scanner), never=True)
    if none := (*member.none_in_title, *rule.none_in_title):
        yield Holds("none_in_title", ", ".join(none), _probes(none, STRONG, scanner), never=True)


def _sorts(member: Member, rule: Rule, scanner: Scanner) -> Iterator[Check]:
    for key, sort in (("only", rule.only), ("never", member.never), ("never", rule.never)):
        yield from _sort(key, sort, scanner)


def _sort(key: str, sort: Sort, scanner: Scanner) -> Iterator[Check]:
    never = key == "never"
    for name, codes in (
        ("cpv", sort.cpv),
        ("main_cpv", sort.main_cpv),
        ("calls", sort.calls),
        ("sources", sort.sources),
    ):
        if codes:
            yield Coded(f"{key}: {name}", ", ".join(codes), codes, never)
    for name, words, fields in (
        ("programmes", sort.programmes, NAMED),
        ("actions", sort.actions, ACTION),
        ("buyers", sort.buyers, BUYER),
    ):
        if words:
            yield Holds(f"{key}: {name}", ", ".join(words), _probes(words, fields, scanner), never)


def _probes(words: tuple[str, ...], fields: int, scanner: Scanner) -> Probes:
    return tuple((scanner.add(word), fields) for word in words)
