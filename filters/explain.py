"""Why a member was or was not sent something: each rule's conditions in order, met or not, with what was found."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from filters.match import Compiled, Matcher
from filters.model import Interest, Member
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
        return f"{'yes' if self.met else 'NO '} {self.key}: wants {self.wanted}; found {self.found}"


def explain(
    opportunity: Opportunity, member: Member, interests: Mapping[str, Interest], now: dt.datetime
) -> tuple[Condition, ...]:
    """The conditions of all the member's rules; a rule matches when all of its own are met."""
    matcher = Matcher([member], interests)
    return tuple(condition for rule in matcher.rules for condition in _conditions(matcher, rule, opportunity, now))


def _conditions(matcher: Matcher, rule: Compiled, opportunity: Opportunity, now: dt.datetime) -> list[Condition]:
    facts, reasons, points = matcher.weigh(rule, opportunity, now)
    found = ", ".join(f"{reason.evidence('en')} ({reason.points})" for reason in reasons) or "nothing it looks for"
    subject = Condition(
        rule.rule.name, "about", f"{rule.rule.needs} points", f"{points} points: {found}", points >= rule.rule.needs
    )
    name = rule.rule.name
    return [subject, *(Condition(name, c.key, c.wanted, c.found(facts), c.met(facts)) for c in rule.checks)]
