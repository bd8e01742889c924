"""What a member's rules would have brought over a past stretch of time. Pure.

Every opportunity is judged as it was when it was new: open, on the day it was published (else first seen).
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from filters.match import Match, Matcher
from filters.model import Interest, Member
from pipeline.opportunity import LIVE, Opportunity, Stage

Past = Sequence[tuple[Opportunity, dt.datetime]]
"""Opportunities as they were when new, each with that day."""
MANY, ENOUGH = 0.5, 20


def as_new(opportunity: Opportunity, first_seen: dt.datetime) -> tuple[Opportunity, dt.datetime]:
    """The opportunity as it was when new, and when that was."""
    day = opportunity.published
    then = dt.datetime.combine(day, dt.time(12), first_seen.tzinfo) if day else first_seen
    stage = opportunity.stage if opportunity.stage in LIVE else Stage.OPEN
    return opportunity.model_copy(update={"stage": stage}), min(then, first_seen)


@dataclass(slots=True)
class Trial:
    """What came, which rules brought it, and what was found where."""

    member: Member
    ids: dict[str, Opportunity] = field(default_factory=dict)
    matches: dict[str, Match] = field(default_factory=dict)
    by_rule: Counter[str] = field(default_factory=Counter)
    entries: Counter[str] = field(default_factory=Counter)
    seen: int = 0

    @property
    def silent(self) -> list[str]:
        """Rules that brought nothing."""
        return [rule.name for rule in self.member.rules if not self.by_rule[rule.name]]

    @property
    def broad(self) -> list[str]:
        """The member's own words that stand in half of everything."""
        own = {word for rule in self.member.rules for word in (*rule.any, *rule.title)}
        return sorted(word for word in own if self.seen >= ENOUGH and self.entries[word] >= MANY * self.seen)

    @property
    def unused(self) -> list[str]:
        """The member's own words that stand nowhere."""
        own = dict.fromkeys(word for rule in self.member.rules for word in (*rule.any, *rule.title))
        return [word for word in own if self.seen >= ENOUGH and not self.entries[word]]


def trial(member: Member, interests: Mapping[str, Interest], past: Past) -> Trial:
    """Runs the member's rules over the past."""
    matcher, tried = Matcher([member], interests), Trial(member)
    for opportunity, then in past:
        matches = matcher.match(opportunity, then)
        tried.seen += 1
        tried.entries.update(matches.entries)
        if member.member in matches:
            tried.ids[opportunity.id] = opportunity
            tried.matches[opportunity.id] = matches[member.member]
            tried.by_rule.update(matches.rules(member.member))
    return tried


def report(tried: Trial, days: int, before: Iterable[tuple[str, Trial]]) -> list[str]:
    """For staff: how much a week, examples, each rule's share, and what the edit gained and lost."""
    weeks = max(1.0, days / 7)
    top = sum(match.tier == "top" for match in tried.matches.values())
    lines = [f"{len(tried.ids)} of {tried.seen} in {days} days: {len(tried.ids) / weeks:.1f} a week ({top} top picks)."]
    lines += [f"  {tried.by_rule[rule.name]:5} by “{rule.name}”" for rule in tried.member.rules]
    lines += [f"Rule “{name}” found nothing." for name in tried.silent]
    lines += [f"`{word}` stands in half of everything; put it under `title` or in a phrase." for word in tried.broad]
    lines += [f"Found nowhere: {', '.join(tried.unused[:20])}."] if tried.unused else []
    best = sorted(tried.matches, key=lambda id: -tried.matches[id].score)[:8]
    lines += ["Examples, best first:", *[_example(tried, id) for id in best]] if best else []
    for name, old in before:
        lines += _difference(name, old, tried)
    return lines


def _example(tried: Trial, id: str) -> str:
    why = tried.matches[id].reasons[0].evidence("en")
    return f"  {tried.matches[id].score:3}  {tried.ids[id].title[:90]}  ({id}; {why})"


def _difference(name: str, old: Trial, new: Trial) -> list[str]:
    gained, lost = new.ids.keys() - old.ids.keys(), old.ids.keys() - new.ids.keys()
    lines = [f"Against {name}: {len(gained)} gained, {len(lost)} lost."]
    lines += [f"  + {new.ids[id].title[:90]}  ({id})" for id in sorted(gained)[:10]]
    return lines + [f"  - {old.ids[id].title[:90]}  ({id})" for id in sorted(lost)[:10]]
