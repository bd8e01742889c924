"""A rule made ready to be asked, and what the evidence for it is worth. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from filters.conditions import Check
from filters.facts import Facts
from filters.model import Rule
from filters.reasons import Where
from filters.subjects import TEXT_MAX, Evidence, Sought, overlap

Counted = Sequence[tuple[Sought, Evidence]]
"""Evidence that counts, strongest first, each with the subject it counts for."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The vocabularies a rule names and what of them does not count: many rules have this in common."""

    subjects: tuple[Sought, ...]
    without: frozenset[int]
    ignored: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A rule ready to be asked."""

    member: str
    rule: Rule
    shared: Shared
    own: Sought | None
    checks: tuple[Check, ...]
    """All conditions in the order an officer reads them."""
    prefer: tuple[Check, ...] = ()
    """What counts more where it holds."""

    @property
    def plain(self) -> bool:
        """Whether every piece of evidence for its own words counts as it is."""
        return not self.shared.without and not self.shared.ignored

    def enough(self, counted: Counted) -> bool:
        """Whether the evidence brings the points the rule needs."""
        return points_of(counted) >= self.rule.needs


class Scales:
    """What one opportunity weighs: evidence and sums are worked out once, whoever asks for them."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._evidence: dict[Sought, list[Evidence]] = {}
        self._shared: dict[Shared, Counted] = {}

    def counted(self, rule: Compiled) -> Counted:
        """What counts for a rule: each place in the text once, the description's words at most three times."""
        if rule.own is None or not (pieces := rule.own.evidence(self.facts)):
            return self.shared(rule.shared)
        if len(pieces) == 1 and rule.plain and not rule.shared.subjects:
            return [(rule.own, pieces[0])]
        return _distinct([*self._pieces(rule.shared), *_kept(rule.own, pieces, rule.shared, self.facts)])

    def shared(self, shared: Shared) -> Counted:
        """What counts of the vocabularies alone."""
        if shared not in self._shared:
            self._shared[shared] = _distinct(list(self._pieces(shared)))
        return self._shared[shared]

    def _pieces(self, shared: Shared) -> Iterable[tuple[Sought, Evidence]]:
        for subject in shared.subjects:
            if subject not in self._evidence:
                self._evidence[subject] = subject.evidence(self.facts)
            yield from _kept(subject, self._evidence[subject], shared, self.facts)


def _kept(
    subject: Sought, pieces: Iterable[Evidence], shared: Shared, facts: Facts
) -> Iterable[tuple[Sought, Evidence]]:
    for piece in pieces:
        if piece.key not in shared.without and not _masked(piece, shared.ignored, facts):
            yield subject, piece


def _masked(piece: Evidence, ignored: frozenset[int], facts: Facts) -> bool:
    """Whether every place the entry stands in shares a word with a phrase the rule ignores."""
    if piece.hit is None or not (masks := [hit for term in ignored for hit in facts.hits.get(term, ())]):
        return False
    assert isinstance(piece.key, int)
    return all(any(overlap(hit, mask) for mask in masks) for hit in facts.hits[piece.key])


def points_of(counted: Counted) -> int:
    """What the evidence is worth before priority."""
    return sum([piece.points for _, piece in counted])


def _strength(pair: tuple[Sought, Evidence]) -> tuple[int, int]:
    """Sorts by points, then longer expressions first."""
    hit = pair[1].hit
    return -pair[1].points, hit.start - hit.end if hit else 0


def _distinct(pairs: list[tuple[Sought, Evidence]]) -> Counted:
    taken: list[tuple[Sought, Evidence]] = []
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
