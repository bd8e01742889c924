"""A rule made ready to be asked, and what the evidence for it is worth. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from filters.conditions import Check, Holds
from filters.facts import Facts
from filters.model import Rule
from filters.reasons import Where
from filters.subjects import TEXT_MAX, Evidence, Found, overlap

Counted = Sequence[tuple[int, Evidence]]
"""Evidence that counts, strongest first, each with the number of the subject it counts for."""
PRIORITY = {"high": 3, "normal": 0, "low": -3}


@dataclass(slots=True, eq=False)
class Compiled:
    """A rule ready to be asked; `common` conditions carry a number, as many rules share them word for word."""

    member: str
    rule: Rule
    subjects: tuple[int, ...]
    common: tuple[Check, ...]
    number: int
    special: tuple[Check, ...]
    without: frozenset[int]
    ignored: frozenset[int]
    needs: int = field(init=False)
    plain: bool = field(init=False)
    _guards: frozenset[int] = field(init=False)
    _others: tuple[Check, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.needs = self.rule.needs
        self.plain = len(self.subjects) == 1 and not self.without and not self.ignored
        guards = [check for check in self.special if isinstance(check, Holds) and check.never]
        self._guards = frozenset(term for check in guards for term in check.terms)
        self._others = tuple(check for check in self.special if check not in guards)

    @property
    def checks(self) -> tuple[Check, ...]:
        """All conditions in the order an officer reads them."""
        return self.common + self.special

    def met(self, facts: Facts) -> bool:
        """Whether every condition holds; common ones are asked once for all rules."""
        common = facts.answers.get(self.number)
        if common is None:
            common = facts.answers[self.number] = all(_asked(check, facts) for check in self.common)
        if not common:
            return False
        if facts.masks.keys().isdisjoint(self._guards):
            return not self._others or _all(self._others, facts)
        return _all(self.special, facts)

    def counted(self, found: Found, facts: Facts) -> Counted:
        """What counts of the evidence: each place in the text once, the description's words at most three times."""
        if self.plain:
            subject = self.subjects[0]
            pieces = found.get(subject, ())
            return [(subject, pieces[0])] if len(pieces) == 1 else _distinct([(subject, piece) for piece in pieces])
        return _distinct(
            [
                (subject, piece)
                for subject in self.subjects
                for piece in found.get(subject, ())
                if piece.key not in self.without and not self._masked(piece, facts)
            ]
        )

    def score(self, counted: Counted) -> int:
        """Points with the rule's priority, at least 1; 0 when they are fewer than the rule needs."""
        points = counted[0][1].points if len(counted) == 1 else points_of(counted)
        return max(1, points + PRIORITY[self.rule.priority]) if points >= self.needs else 0

    def _masked(self, piece: Evidence, facts: Facts) -> bool:
        """Whether every place the entry stands in shares a word with a phrase the rule ignores."""
        if piece.hit is None or not (masks := [hit for term in self.ignored for hit in facts.hits.get(term, ())]):
            return False
        assert isinstance(piece.key, int)
        return all(any(overlap(hit, mask) for mask in masks) for hit in facts.hits[piece.key])


def _all(checks: tuple[Check, ...], facts: Facts) -> bool:
    return all(check.met(facts) for check in checks)


def _asked(check: Check, facts: Facts) -> bool:
    """The answer of a condition that several combinations share: equal ones are one object."""
    answer = facts.answers.get(id(check))
    if answer is None:
        answer = facts.answers[id(check)] = check.met(facts)
    return answer


def points_of(counted: Counted) -> int:
    """What the evidence is worth before priority."""
    return sum([piece.points for _, piece in counted])


def _strength(pair: tuple[int, Evidence]) -> tuple[int, int]:
    """Sorts by points, then longer expressions first."""
    hit = pair[1].hit
    return -pair[1].points, hit.start - hit.end if hit else 0


def _distinct(pairs: list[tuple[int, Evidence]]) -> Counted:
    taken: list[tuple[int, Evidence]] = []
    texts = 0
    for subject, piece in sorted(pairs, key=_strength):
        if any(_same(piece, other) for _, other in taken):
            continue
        texts += piece.where is Where.TEXT
        if texts <= TEXT_MAX or piece.where is not Where.TEXT:
            taken.append((subject, piece))
    return taken


def _same(piece: Evidence, other: Evidence) -> bool:
    """The same entry or code, or two in the same place: `portal` in `portal web` adds nothing."""
    if piece.key == other.key:
        return True
    return piece.hit is not None and other.hit is not None and overlap(piece.hit, other.hit)
