"""Who wants this opportunity, and why. Pure: the clock is passed in, nothing is read or kept.

Members' rules are compiled once. An opportunity is scanned once for every entry of every rule, and only rules that
found something are looked at, so the cost does not grow with the number of members.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from filters.checks import checks_of
from filters.conditions import Check
from filters.facts import Facts
from filters.model import Interest, Member, Rule
from filters.reasons import Reason
from filters.rules import Compiled, Counted, points_of
from filters.scan import Scanner
from filters.subjects import Evidence, Found, Subjects
from pipeline.opportunity import Opportunity

Tier = Literal["top", "look"]
TOP = 6
"""Points from which a match is a top pick; below it is worth a look."""


class Match(NamedTuple):
    """A member's rule that wants an opportunity: its points (with the rule's priority), tier, and why."""

    member: str
    rule: str
    score: int
    tier: Tier
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values for the store."""
        reasons = [reason.as_json() for reason in self.reasons]
        return {
            "member": self.member,
            "rule": self.rule,
            "score": self.score,
            "tier": self.tier,
            "reasons": reasons,
        }

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
        self._subjects = Subjects(self._scanner)
        named = {interest for member in members for rule in member.rules for interest in rule.interests}
        self._interests = {
            name: self._subjects.add(interests[name], (interests[name].name.ro, interests[name].name.en))
            for name in sorted(named)
        }
        self._rules_of: dict[int, list[Compiled]] = {}
        self._checks: dict[Check, Check] = {}
        self._common: dict[tuple[Check, ...], int] = {}
        self.rules = [self._compile(member, rule) for member in members for rule in member.rules]

    def _compile(self, member: Member, rule: Rule) -> Compiled:
        own = self._subjects.add_rule(rule)
        subjects = (*(self._interests[name] for name in rule.interests), *([own] if own is not None else []))
        add = self._scanner.add
        common, special = checks_of(member, rule, self._scanner)
        common = tuple(self._checks.setdefault(check, check) for check in common)
        number = self._common.setdefault(common, -1 - len(self._common))
        without, ignored = frozenset(map(add, rule.without)), frozenset(map(add, rule.ignore))
        compiled = Compiled(member.member, rule, subjects, common, number, special, without, ignored)
        for subject in subjects:
            self._rules_of.setdefault(subject, []).append(compiled)
        return compiled

    def match(self, opportunity: Opportunity, now: dt.datetime) -> dict[str, Match]:
        """Member -> the best match any of its rules makes; members who do not want it are absent."""
        facts = Facts(opportunity, now, self._scanner)
        found = self._subjects.evidence(facts)
        best: dict[str, tuple[int, Compiled, Counted]] = {}
        for compiled in self._touched(found):
            if compiled.met(facts):
                counted = compiled.counted(found, facts)
                score = compiled.score(counted)
                known = best.get(compiled.member)
                if score and (known is None or score > known[0]):
                    best[compiled.member] = (score, compiled, counted)
        return {member: self._match(facts, *won) for member, won in best.items()}

    def weigh(self, rule: Compiled, opportunity: Opportunity, now: dt.datetime) -> tuple[Facts, list[Reason], int]:
        """What one rule finds in an opportunity, whatever its conditions say, and the points that makes."""
        facts = Facts(opportunity, now, self._scanner)
        counted = rule.counted(self._subjects.evidence(facts), facts)
        return facts, [self._reason(facts, *pair) for pair in counted], points_of(counted)

    def _touched(self, found: Found) -> Iterable[Compiled]:
        rules_of = self._rules_of
        return dict.fromkeys([rule for subject in found for rule in rules_of.get(subject, ())])

    def _match(self, facts: Facts, score: int, compiled: Compiled, counted: Counted) -> Match:
        reasons = tuple([self._reason(facts, subject, piece) for subject, piece in counted])
        return Match(compiled.member, compiled.rule.name, score, "top" if score >= TOP else "look", reasons)

    def _reason(self, facts: Facts, subject: int, piece: Evidence) -> Reason:
        term = self._scanner.labels[piece.key] if isinstance(piece.key, int) else ""
        found = facts.quote(piece.hit) if piece.hit else piece.found
        return Reason(piece.where, found, term, piece.points, *self._subjects.about[subject])
