"""Why a member was or was not sent something: each rule's conditions in order, met or not, with what was found."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from filters.match import Matcher
from filters.model import Interest, Member
from filters.reasons import Reason
from filters.rules import Compiled
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
    return tuple(condition for rule in matcher.rules for condition in _conditions(matcher, rule, opportunity, now))


def why_not(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """The first condition that fails, of each rule that does not match."""
    first: dict[str, Condition] = {}
    for condition in conditions:
        if not condition.met:
            first.setdefault(condition.rule, condition)
    return tuple(first.values())


def _conditions(matcher: Matcher, rule: Compiled, opportunity: Opportunity, now: dt.datetime) -> list[Condition]:
    facts, reasons, points = matcher.weigh(rule, opportunity, now)
    name = rule.rule.name
    checks = [Condition(name, check.key, check.wanted, check.found(facts), check.met(facts)) for check in rule.checks]
    return [_subject(rule, reasons, points), *checks]


def _subject(rule: Compiled, reasons: list[Reason], points: int) -> Condition:
    found = ", ".join(f"{reason.evidence('en')} ({reason.points})" for reason in reasons) or "nothing it looks for"
    wanted = f"{rule.rule.needs} points"
    return Condition(rule.rule.name, "about", wanted, f"{points} points: {found}", points >= rule.rule.needs)
