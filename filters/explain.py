"""Why a member was or was not sent something: each rule's conditions in order, met or not, with what was found."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from filters import tiers
from filters.facts import Facts
from filters.match import Matcher
from filters.model import Interest, Member
from filters.reasons import Reason
from filters.rules import Compiled, Counted, Scales, points_of
from pipeline.opportunity import Opportunity


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of one rule: its key in the file, what the rule wants, what the opportunity has."""

    rule: str
    key: str
    wanted: str
    found: str
    met: bool

    def __str__(self) -> str:
        return f"{'yes' if self.met else 'NO '} {self.rule}: {self.key} {self.wanted} -> {self.found}"


def explain(
    opportunity: Opportunity, member: Member, interests: Mapping[str, Interest], now: dt.datetime
) -> tuple[Condition, ...]:
    """The conditions of all the member's rules, in the file's order; a rule matches when all of its own are met."""
    return conditions(Matcher([member], interests), opportunity, now)


def conditions(matcher: Matcher, opportunity: Opportunity, now: dt.datetime) -> tuple[Condition, ...]:
    """As `explain`, for a matcher that is at hand."""
    scales = matcher.scales(opportunity, now)
    return tuple(condition for rule in matcher.rules for condition in _conditions(matcher, rule, scales))


def _conditions(matcher: Matcher, rule: Compiled, scales: Scales) -> list[Condition]:
    facts, counted, name = scales.facts, scales.counted(rule), rule.rule.name
    reasons = matcher.reasons(facts, counted)
    checks = [Condition(name, check.key, check.wanted, check.found(facts), check.met(facts)) for check in rule.checks]
    about = _subject(rule, reasons, points_of(counted))
    return [about, *checks, _points(rule, counted, facts)] if about.met else [about, *checks]


def _subject(rule: Compiled, reasons: Iterable[Reason], points: int) -> Condition:
    found = ", ".join(f"{reason.evidence('en')} ({reason.points})" for reason in reasons) or "nothing it looks for"
    wanted = f"{rule.rule.needs} points"
    return Condition(rule.rule.name, "about", wanted, f"{points} points: {found}", points >= rule.rule.needs)


def _points(rule: Compiled, counted: Counted, facts: Facts) -> Condition:
    """What the match is worth: no condition, so it always holds."""
    score, parts = tiers.score(rule, counted, facts), [f"{points_of(counted)} found"]
    parts += map(str, tiers.weights(rule, counted, facts))
    found = f"{', '.join(parts)} = {score}: {tiers.NAMES[tiers.tier(score)]}"
    return Condition(rule.rule.name, "points", f"{tiers.TOP} for a top pick", found, True)
