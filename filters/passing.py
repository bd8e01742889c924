"""Which rules' conditions hold, as a bitmap: bit n stands for the n-th rule. Pure.

A plain condition (`kinds`, `stages`, `places`, `value`, `min_days`) depends on one fact, and the answers for a fact
seen before are remembered; what is excluded is filed under its words; the few others are asked one by one.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable
from decimal import Decimal

from filters.conditions import Check, Holds
from filters.facts import Facts
from filters.finder import numbers

MEMO_MAX = 5_000


class Family:
    """The conditions of one key, and the rules that share each word for word."""

    def __init__(self) -> None:
        self._rules: dict[Check, int] = {}
        self._limits: list[Decimal] = []
        self._known: dict[Hashable, int] = {}

    def add(self, check: Check, bit: int) -> None:
        """Rule `bit` has this condition."""
        self._rules[check] = self._rules.get(check, 0) | bit
        self._limits = sorted({*self._limits, *check.limits}) if check.limits else self._limits

    def failing(self, facts: Facts) -> int:
        """The rules whose condition does not hold."""
        fact = self._fact(facts)
        if (rules := self._known.get(fact)) is None:
            if len(self._known) >= MEMO_MAX:
                self._known.clear()
            rules = 0
            for check, bits in self._rules.items():
                if not check.met(facts):
                    rules |= bits
            self._known[fact] = rules
        return rules

    def _fact(self, facts: Facts) -> Hashable:
        """What the answer depends on; of an amount only between which limits it lies."""
        fact = next(iter(self._rules)).asks(facts)
        if isinstance(fact, Decimal):
            return bisect_left(self._limits, fact), bisect_right(self._limits, fact)
        return fact


class Conditions:
    """The conditions of all rules."""

    def __init__(self) -> None:
        self._families: defaultdict[str, Family] = defaultdict(Family)
        self._guards: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self._others: dict[int, tuple[Check, ...]] = {}
        self._asked = 0

    def add(self, number: int, common: Iterable[Check], special: Iterable[Check]) -> None:
        """The conditions of rule `number`; equal ones must be one object."""
        for check in common:
            self._families[check.key].add(check, 1 << number)
        guards = [check for check in special if isinstance(check, Holds) and check.never]
        for term, fields in (probe for guard in guards for probe in guard.probes):
            self._guards[term][fields] = self._guards[term].get(fields, 0) | 1 << number
        if others := tuple(check for check in special if check not in guards):
            self._others[number] = others
            self._asked |= 1 << number

    def passing(self, facts: Facts, rules: int) -> int:
        """Those of `rules` whose plain conditions hold and that exclude nothing that is there."""
        for family in self._families.values():
            rules &= ~family.failing(facts)
        for term in facts.masks.keys() & self._guards.keys():
            for fields, guarded in self._guards[term].items():
                if facts.masks[term] & fields:
                    rules &= ~guarded
        return rules

    def agreeing(self, facts: Facts, rules: int) -> int:
        """Those of `rules` whose other conditions hold."""
        for number in numbers(rules & self._asked):
            if not all(facts.asked(check) for check in self._others[number]):
                rules &= ~(1 << number)
        return rules
