"""Who wants this opportunity, and why. Pure: the clock is passed in, nothing is read or kept.

Members' rules are compiled once. An opportunity is scanned once for every entry of every rule, and only rules that
found something are looked at, so the cost does not grow with the number of members.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from filters.conditions import Check, checks_of
from filters.facts import Facts
from filters.model import Interest, Member, Rule
from filters.reasons import Reason, Where
from filters.scan import Scanner
from filters.subjects import TEXT_MAX, Evidence, Subjects, overlap
from pipeline.opportunity import Opportunity

Tier = Literal["top", "look"]
Counted = list[tuple[int, Evidence]]
TOP = 6
"""Points from which a match is a top pick; below it is worth a look."""
PRIORITY = {"high": 3, "normal": 0, "low": -3}


@dataclass(frozen=True, slots=True)
class Match:
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


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule ready to be asked."""

    member: str
    rule: Rule
    subjects: tuple[int, ...]
    checks: tuple[Check, ...]
    without: frozenset[int]
    ignored: frozenset[int]


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
        self.rules = [self._compile(member, rule) for member in members for rule in member.rules]

    def _compile(self, member: Member, rule: Rule) -> Compiled:
        subjects = (*(self._interests[name] for name in rule.interests), self._subjects.add_rule(rule))
        add = self._scanner.add
        without, ignored = frozenset(map(add, rule.without)), frozenset(map(add, rule.ignore))
        checks = checks_of(member, rule, self._scanner)
        compiled = Compiled(member.member, rule, subjects, checks, without, ignored)
        for subject in subjects:
            self._rules_of.setdefault(subject, []).append(compiled)
        return compiled

    def match(self, opportunity: Opportunity, now: dt.datetime) -> dict[str, Match]:
        """Member -> the best match any of its rules makes; members who do not want it are absent."""
        facts = self._facts(opportunity, now)
        evidence = self._subjects.evidence(facts)
        best: dict[str, tuple[int, Compiled, Counted]] = {}
        for compiled in self._touched(evidence):
            counted = self._counted(compiled, evidence, facts)
            score = self._score(compiled, counted)
            known = best.get(compiled.member)
            if score and (known is None or score > known[0]) and all(check.met(facts) for check in compiled.checks):
                best[compiled.member] = (score, compiled, counted)
        return {member: self._match(facts, *found) for member, found in best.items()}

    def weigh(self, rule: Compiled, opportunity: Opportunity, now: dt.datetime) -> tuple[Facts, list[Reason], int]:
        """What one rule finds in an opportunity, whatever its conditions say, and the points that makes."""
        facts = self._facts(opportunity, now)
        counted = self._counted(rule, self._subjects.evidence(facts), facts)
        return facts, [self._reason(facts, *pair) for pair in counted], sum(piece.points for _, piece in counted)

    def _facts(self, opportunity: Opportunity, now: dt.datetime) -> Facts:
        return Facts(opportunity, now, self._scanner)

    def _touched(self, evidence: Iterable[int]) -> Iterable[Compiled]:
        return {id(rule): rule for subject in evidence for rule in self._rules_of.get(subject, ())}.values()

    def _counted(self, compiled: Compiled, evidence: Mapping[int, list[Evidence]], facts: Facts) -> Counted:
        """The rule's evidence with its subject, strongest first."""
        found: dict[int | str, tuple[int, Evidence]] = {}
        for subject in compiled.subjects:
            for piece in evidence.get(subject, ()):
                known = found.get(piece.key)
                stronger = known is None or known[1].points < piece.points
                if stronger and piece.key not in compiled.without and not _masked(piece, compiled.ignored, facts):
                    found[piece.key] = (subject, piece)
        return _distinct(sorted(found.values(), key=_strength))

    def _score(self, compiled: Compiled, counted: Counted) -> int:
        points = sum(piece.points for _, piece in counted)
        return max(1, points + PRIORITY[compiled.rule.priority]) if points >= compiled.rule.needs else 0

    def _match(self, facts: Facts, score: int, compiled: Compiled, counted: Counted) -> Match:
        reasons = tuple(self._reason(facts, subject, piece) for subject, piece in counted)
        return Match(compiled.member, compiled.rule.name, score, "top" if score >= TOP else "look", reasons)

    def _reason(self, facts: Facts, subject: int, piece: Evidence) -> Reason:
        term = self._scanner.labels[piece.key] if isinstance(piece.key, int) else ""
        found = facts.quote(piece.hit) if piece.hit else piece.found
        return Reason(piece.where, found, term, piece.points, *self._subjects.about[subject])


def _strength(pair: tuple[int, Evidence]) -> tuple[int, int]:
    """Sorts by points, then longer expressions first."""
    hit = pair[1].hit
    return -pair[1].points, hit.start - hit.end if hit else 0


def _distinct(ordered: Counted) -> Counted:
    """Each place in the text counted once (`portal` in `portal web` adds nothing), the description's at most three."""
    taken: Counted = []
    texts = 0
    for subject, piece in ordered:
        if piece.hit and any(other.hit and overlap(piece.hit, other.hit) for _, other in taken):
            continue
        texts += piece.where is Where.TEXT
        if texts <= TEXT_MAX or piece.where is not Where.TEXT:
            taken.append((subject, piece))
    return taken


def _masked(piece: Evidence, ignored: frozenset[int], facts: Facts) -> bool:
    """Whether every place the entry stands in lies within a phrase the rule ignores."""
    if piece.hit is None or not (masks := [hit for term in ignored for hit in facts.hits.get(term, ())]):
        return False
    assert isinstance(piece.key, int)
    return all(any(overlap(hit, mask) for mask in masks) for hit in facts.hits[piece.key])
