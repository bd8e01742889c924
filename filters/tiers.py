"""How good a match is: points of the evidence, and what priority, preference, place, applicants and time add. Pure.

What weighs never decides whether something matches, only how early it stands and whether it is a top pick.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from filters.conditions import InPlace, MayApply
from filters.facts import Facts
from filters.places import lies_in
from filters.rules import Compiled, Counted, points_of
from pipeline.opportunity import Kind

Tier = Literal["top", "look"]
NAMES: Mapping[Tier, str] = {"top": "a top pick", "look": "worth a look"}
TOP = 7
"""Points from which a match is a top pick; below it is worth a look."""
PRIORITY = {"high": 3, "normal": 0, "low": -3}
PREFERRED, FITS, LATE, NEWS = 2, 1, -2, -1
PREPARE = {Kind.TENDER: (7, 21), Kind.CALL: (14, 45), Kind.NEWS: (14, 45)}
"""Days left below which it is late to prepare an offer or a project, and from which there is time."""


class Weight(NamedTuple):
    """Points added or taken, and why."""

    points: int
    why: str

    def __str__(self) -> str:
        return f"{self.points:+d} {self.why}"


def score(rule: Compiled, counted: Counted, facts: Facts) -> int:
    """The points a match has in the end, at least 1."""
    return max(1, points_of(counted) + sum(weight.points for weight in weights(rule, counted, facts)))


def tier(score: int) -> Tier:
    """The tier of so many points."""
    return "top" if score >= TOP else "look"


def weights(rule: Compiled, counted: Counted, facts: Facts) -> Iterator[Weight]:
    """What is added to the evidence's points or taken from them, each with its reason."""
    if points := PRIORITY[_priority(rule, counted)]:
        yield Weight(points, f"priority {_priority(rule, counted)}")
    for check in rule.prefer:
        if check.met(facts):
            yield Weight(PREFERRED, f"{check.key.replace(': ', ' ')}: {check.found(facts)}")
    for check in rule.checks:
        if isinstance(check, InPlace) and any(lies_in(facts.places, place) for place in check.places):
            yield Weight(FITS, f"place {check.found(facts)}")
        if isinstance(check, MayApply) and True in check.answers(facts):
            yield Weight(FITS, "says it may apply")
    yield from _of_time(facts)


def _of_time(facts: Facts) -> Iterator[Weight]:
    kind, left = facts.opportunity.kind, facts.days_left
    if kind is Kind.NEWS:
        yield Weight(NEWS, "news, not the call itself")
    late, early = PREPARE[kind]
    if left is not None and left < late:
        yield Weight(LATE, f"only {left} days left")
    elif left is not None and left >= early:
        yield Weight(FITS, f"{left} days left")


def _priority(rule: Compiled, counted: Counted) -> str:
    """The rule's, or of the interests that found something the highest; the rule's own words count as normal."""
    said = rule.rule.priority
    if isinstance(said, str):
        return said
    named = dict(zip(rule.shared.subjects, rule.rule.interests, strict=True))
    given = {said.get(named[subject], "normal") if subject in named else "normal" for subject, _ in counted}
    return max(given or {"normal"}, key=PRIORITY.__getitem__)
