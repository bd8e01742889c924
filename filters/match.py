"""Who wants this opportunity, and why. Pure: the clock is passed in, nothing is read or kept.

Members' rules are compiled once. An opportunity is scanned once for every entry of every rule; who wants it is found
with bitmaps over all rules, and points and reasons are worked out for those members only that are asked for. So the
cost hardly grows with the number of members.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from typing_extensions import override

from filters import tiers
from filters.checks import checks_of, preferences
from filters.conditions import Check
from filters.facts import Facts
from filters.finder import Finder, numbers
from filters.model import Interest, Member, Rule
from filters.passing import Conditions
from filters.reasons import Reason
from filters.rules import Compiled, Counted, Scales, Shared, points_of
from filters.scan import Scanner
from filters.subjects import own, shared
from pipeline.opportunity import Opportunity


class Match(NamedTuple):
    """A member's rule that wants an opportunity: its points (with the rule's priority), tier, and why."""

    member: str
    rule: str
    score: int
    tier: tiers.Tier
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values for the store."""
        return self._asdict() | {"reasons": [reason.as_json() for reason in self.reasons]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Match":
        """The match `as_json` wrote."""
        reasons = tuple(map(Reason.from_json, data["reasons"]))
        return cls(data["member"], data["rule"], data["score"], data["tier"], reasons)


class Matcher:
    """Compile once, ask for every opportunity."""

    def __init__(self, members: Sequence[Member], interests: Mapping[str, Interest]) -> None:
        """`interests` holds every vocabulary the members name; KeyError where one is missing."""
        self._scanner = Scanner()
        self._checks: dict[Check, Check] = {}
        self._conditions = Conditions()
        self._enough, self._some, self._vocabularies = Finder(), Finder(), Finder()
        self._groups: dict[Shared, defaultdict[int, int]] = {}
        named = sorted({interest for member in members for rule in member.rules for interest in rule.interests})
        self._interests = {name: shared(interests[name], self._scanner) for name in named}
        for place, sought in enumerate(self._interests.values()):
            self._vocabularies.add(sought, 1 << place, bool)
        pairs = [(member, rule) for member in members for rule in member.rules]
        self.rules = [self._compile(number, *pair) for number, pair in enumerate(pairs)]
        self._groups_of = self._by_vocabulary()
        self._rules_of: defaultdict[str, list[int]] = defaultdict(list)
        for number, rule in enumerate(self.rules):
            self._rules_of[rule.member].append(number)
        self._member_of = [rule.member for rule in self.rules]

    def _compile(self, number: int, member: Member, rule: Rule) -> Compiled:
        add = self._scanner.add
        common, special = (
            tuple(self._checks.setdefault(check, check) for check in checks)
            for checks in checks_of(member, rule, self._scanner)
        )
        self._conditions.add(number, common, special)
        without, ignored = frozenset(map(add, rule.without)), frozenset(map(add, rule.ignore))
        named = Shared(tuple(self._interests[name] for name in rule.interests), without, ignored)
        prefer = preferences(member, rule, self._scanner)
        compiled = Compiled(member.member, rule, named, own(rule, self._scanner), (*common, *special), prefer)
        self._file(number, compiled)
        return compiled

    def _file(self, number: int, compiled: Compiled) -> None:
        """Under what finds it: where one piece of evidence suffices, where it does not, and by its vocabularies."""
        needs, plain = compiled.rule.needs, compiled.plain and not (compiled.own and compiled.own.ignored)
        if compiled.own:
            self._enough.add(compiled.own, 1 << number, lambda points: plain and points >= needs)
            self._some.add(compiled.own, 1 << number, lambda points: points > 0 and not (plain and points >= needs))
        if compiled.shared.subjects:
            self._groups.setdefault(compiled.shared, defaultdict(int))[needs] |= 1 << number

    def _by_vocabulary(self) -> list[list[Shared]]:
        return [[group for group in self._groups if sought in group.subjects] for sought in self._interests.values()]

    def match(self, opportunity: Opportunity, now: dt.datetime) -> "Matches":
        """Member -> the best match any of its rules makes; members who do not want it are absent."""
        facts = Facts(opportunity, now, self._scanner)
        scales = Scales(facts)
        passing = self._conditions.passing(facts, (1 << len(self.rules)) - 1)
        wanting = self._wanting(scales, passing) if passing else 0
        return Matches(self, scales, self._conditions.agreeing(facts, wanting))

    def _wanting(self, scales: Scales, passing: int) -> int:
        """Those of the passing rules that find enough."""
        enough = self._enough.touched(scales.facts) & passing
        unsure = self._some.touched(scales.facts) & passing & ~enough
        by_vocabularies = self._by_vocabularies(scales, passing) & ~unsure
        weighed = [n for n in numbers(unsure) if self.rules[n].enough(scales.counted(self.rules[n]))]
        return enough | by_vocabularies | sum(1 << n for n in weighed)

    def _by_vocabularies(self, scales: Scales, passing: int) -> int:
        """Those for whom the vocabularies alone are enough; each combination of vocabularies is weighed once."""
        wanting = 0
        touched = numbers(self._vocabularies.touched(scales.facts))
        for group in dict.fromkeys([group for place in touched for group in self._groups_of[place]]):
            points = points_of(scales.shared(group))
            for needs, rules in self._groups[group].items():
                if points >= needs:
                    wanting |= rules & passing
        return wanting

    def scales(self, opportunity: Opportunity, now: dt.datetime) -> Scales:
        """What an opportunity weighs for any of the rules, whatever their conditions say."""
        return Scales(Facts(opportunity, now, self._scanner))

    def reasons(self, facts: Facts, counted: Counted) -> Iterable[Reason]:
        """The evidence in words."""
        for subject, piece in counted:
            term = self._scanner.labels[piece.key] if isinstance(piece.key, int) else ""
            found = facts.quote(piece.hit) if piece.hit else piece.found
            yield Reason(piece.where, found, term, piece.points, *subject.about)

    def entries(self, facts: Facts) -> set[str]:
        """The entries found, as staff wrote them."""
        return {self._scanner.labels[term] for term in facts.masks}

    def members_of(self, rules: int) -> dict[str, None]:
        """The members the rules of a bitmap belong to, in order."""
        return dict.fromkeys(map(self._member_of.__getitem__, numbers(rules)))

    def rules_of(self, member: str, rules: int) -> list[Compiled]:
        """The member's rules in a bitmap, in the file's order."""
        return [self.rules[number] for number in self._rules_of.get(member, ()) if rules >> number & 1]


class Matches(Mapping[str, Match]):
    """Who wants an opportunity; points and reasons are worked out when a member is asked for."""

    def __init__(self, matcher: Matcher, scales: Scales, rules: int) -> None:
        self._matcher, self._scales, self._rules = matcher, scales, rules

    @cached_property
    def _members(self) -> dict[str, None]:
        return self._matcher.members_of(self._rules)

    @override
    def __getitem__(self, member: str) -> Match:
        rules = self._matcher.rules_of(member, self._rules)
        if not rules:
            raise KeyError(member)
        facts = self._scales.facts
        weighed = [(tiers.score(rule, counted := self._scales.counted(rule), facts), rule, counted) for rule in rules]
        score, rule, counted = max(weighed, key=itemgetter(0)) if len(weighed) > 1 else weighed[0]
        reasons = tuple(self._matcher.reasons(facts, counted))
        return Match(member, rule.rule.name, score, tiers.tier(score), reasons)

    def rules(self, member: str) -> list[str]:
        """The names of all the member's rules that want it, in the file's order."""
        return [compiled.rule.name for compiled in self._matcher.rules_of(member, self._rules)]

    @property
    def entries(self) -> set[str]:
        """Every entry of any filter that stands in it, as staff wrote it."""
        return self._matcher.entries(self._scales.facts)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    @override
    def __len__(self) -> int:
        return len(self._members)
