"""Days as a reader in Bucharest counts them. Pure."""

import datetime as dt
from zoneinfo import ZoneInfo

from pipeline.opportunity import LIVE, Deadline, Opportunity

BUCHAREST = ZoneInfo("Europe/Bucharest")
SOON = 7
"""Days before a deadline from which it counts as closing soon."""


def day_of(deadline: Deadline) -> dt.date:
    """The calendar day it falls on in Bucharest; a date published without a time is that date."""
    return deadline.date or deadline.ends.astimezone(BUCHAREST).date()


def days_left(deadline: Deadline, now: dt.datetime) -> int:
    """Midnights in Bucharest between `now` and the day it falls on: 0 is today, 1 tomorrow."""
    return (day_of(deadline) - now.astimezone(BUCHAREST).date()).days


def ahead(opportunity: Opportunity, now: dt.datetime) -> Deadline | None:
    """Its headline deadline at `now`; None when none is ahead or nothing can be handed in any more."""
    return opportunity.next_deadline(now) if opportunity.at(now).stage in LIVE else None


def next_ends(opportunity: Opportunity, now: dt.datetime) -> dt.datetime | None:
    """The instant `ahead` ends."""
    deadline = ahead(opportunity, now)
    return deadline.ends if deadline else None
