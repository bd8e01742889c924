"""How good filters are against labels people gave: recall, precision, F1 and T11SU. Pure.

Labels are `must` (it would be annoyed to have missed it), `ok` (defensible) and `may` (the judges differ: not counted
either way); absent means not relevant.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

Labels = Mapping[str, Mapping[str, str]]
"""Opportunity id -> member -> label."""
Sent = Mapping[str, AbstractSet[str]]
"""Member -> ids it was sent."""
MIN_NORMAL_UTILITY = -0.5


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts for one member, or their sum over members."""

    must: int
    relevant: int
    sent: int
    must_sent: int
    relevant_sent: int

    @property
    def recall(self) -> float:
        """Share of `must` that was sent; 1 where there is none."""
        return self.must_sent / self.must if self.must else 1.0

    @property
    def precision(self) -> float:
        """Share of what was sent (without `may`) that is `must` or `ok`; 1 where nothing was sent."""
        return self.relevant_sent / self.sent if self.sent else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of recall of `must` and precision."""
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0

    @property
    def t11su(self) -> float:
        """TREC's scaled linear utility, 0 to 1: 2 per relevant, -1 per other; sending nothing makes 1/3."""
        best = 2 * self.relevant
        utility = 2 * self.relevant_sent - (self.sent - self.relevant_sent)
        scaled = max(utility / best if best else min(0, -self.sent), MIN_NORMAL_UTILITY)
        return (scaled - MIN_NORMAL_UTILITY) / (1 - MIN_NORMAL_UTILITY)


def evaluate(labels: Labels, sent: Sent, members: Iterable[str]) -> dict[str, Figures]:
    """Figures per member over the labelled opportunities; ids without labels are not counted."""
    return {member: _member(labels, sent.get(member, frozenset()), member) for member in members}


def over_all(figures: Iterable[Figures]) -> Figures:
    """The sum of the counts."""
    rows = [(f.must, f.relevant, f.sent, f.must_sent, f.relevant_sent) for f in figures]
    return Figures(*(sum(column) for column in zip(*rows, strict=True))) if rows else Figures(0, 0, 0, 0, 0)


def _member(labels: Labels, sent: AbstractSet[str], member: str) -> Figures:
    given = {id_: by.get(member, "") for id_, by in labels.items() if by.get(member) != "may"}
    relevant = {id_ for id_, label in given.items() if label in ("must", "ok")}
    must = {id_ for id_, label in given.items() if label == "must"}
    counted = sent & given.keys()
    return Figures(len(must), len(relevant), len(counted), len(must & counted), len(relevant & counted))


def table(figures: Mapping[str, Figures]) -> str:
    """One line per member and one over all, for people."""
    head = f"{'':24} {'must':>5} {'sent':>5} {'recall':>7} {'precision':>9} {'F1':>5} {'T11SU':>6}"
    return "\n".join([head, *(_line(name, f, f.t11su) for name, f in figures.items()), total("over all", figures)])


def total(name: str, figures: Mapping[str, Figures]) -> str:
    """One line over all members: of the sum of the counts, and as TREC does it, the mean of the members' T11SU."""
    mean = sum(f.t11su for f in figures.values()) / len(figures) if figures else 1 / 3
    return _line(name, over_all(figures.values()), mean)


def _line(name: str, f: Figures, t11su: float) -> str:
    return f"{name:24} {f.must:5} {f.sent:5} {f.recall:7.2f} {f.precision:9.2f} {f.f1:5.2f} {t11su:6.2f}"
