"""Opportunities as a readable list: what `matches` and `search` print."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.ledger import Matching
from pipeline.opportunity import LIVE, Deadline, Opportunity, Stage
from pipeline.store import Kept
from pipeline.words import count, day, moment, paragraph


def headline(kept: Kept, now: dt.datetime, zone: ZoneInfo) -> str:
    """Id, stage and what is ahead, such as `ted:1-2026, open, closes 2027-01-11 15:00, in 52 days`."""
    opportunity = kept.opportunity.at(now)
    return ", ".join([opportunity.id, opportunity.stage.value, *_ahead(opportunity, now, zone)])


def _ahead(opportunity: Opportunity, now: dt.datetime, zone: ZoneInfo) -> Iterator[str]:
    if opportunity.stage not in LIVE:
        return
    deadline = opportunity.next_deadline(now)
    if deadline is None:
        yield "no deadline stated" if opportunity.stage in (Stage.OPEN, Stage.SUSPENDED) else "no date yet"
        return
    yield f"closes {moment(deadline.at, zone) if deadline.at else day(deadline.ends.date() - dt.timedelta(days=1))}"
    yield _left(deadline, now, zone)


def _left(deadline: Deadline, now: dt.datetime, zone: ZoneInfo) -> str:
    last = deadline.date or deadline.ends.astimezone(zone).date()
    days = (last - now.astimezone(zone).date()).days
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def found(kept: Kept, now: dt.datetime, zone: ZoneInfo) -> Iterator[str]:
    """An opportunity in a few lines: title, who asks, id with what is ahead."""
    yield paragraph(kept.opportunity.title)
    yield from _who(kept.opportunity, "    ")
    yield paragraph(headline(kept, now, zone), "    ")


def _who(opportunity: Opportunity, indent: str) -> Iterator[str]:
    names = [organisation.name for organisation in (opportunity.buyer, opportunity.funder) if organisation]
    if named := [*names, *([opportunity.programme] if opportunity.programme else [])]:
        yield paragraph(", ".join(named), indent)


def matched(entry: Matching, why: Sequence[str], now: dt.datetime, zone: ZoneInfo) -> Iterator[str]:
    """A match: score and tier before the title, then who asks, id with what is ahead, and why."""
    indent = " " * 11
    yield paragraph(entry.kept.opportunity.title, f"{entry.body['score']:4}  {entry.body['tier']:5}", indent)
    yield from _who(entry.kept.opportunity, indent)
    yield paragraph(headline(entry.kept, now, zone), indent)
    more = [f"and {len(why) - 4} more"] if len(why) > 4 else []
    yield paragraph("; ".join([*why[:4], *more]), indent + "why: ", indent + "     ")


def heading(member: str, found: int) -> str:
    """Above the matches of a member."""
    return f"{member}: {count(found, 'match', 'matches') if found else 'no match'}"


def match_json(member: str, entry: Matching, why: Sequence[str], now: dt.datetime) -> dict[str, Any]:
    """A match for a program."""
    opportunity = entry.kept.opportunity.at(now).as_json()
    return {**entry.body, "member": member, "why": list(why), "opportunity": opportunity}
