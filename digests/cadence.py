"""When a member's digest is due. Pure: its days, its last digest, today, and the days on which the office works.

A member's period begins on each of its weekdays (as `pipeline.config.DAYS`; `daily` is all seven) and lasts until
the next one begins. In each period one digest is due, from its first working day on. So what a holiday or a stopped
server made impossible comes on the next working day, unless a new period began meanwhile: then one digest holds both.
No period is longer than 7 days, and what a digest holds is counted from the last one, however long ago that was.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from digests.holidays import holidays
from pipeline.config import DAYS

DAY = dt.timedelta(days=1)
FARTHEST = 370
"""Days within which a digest comes, however long the office is closed."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which the office writes: its weekdays, but for legal holidays and days it is closed."""

    weekdays: frozenset[str] = frozenset(DAYS[:5])
    closed: frozenset[dt.date] = frozenset()

    def works(self, day: dt.date) -> bool:
        """Whether digests leave on that day."""
        return DAYS[day.weekday()] in self.weekdays and day not in self.closed and day not in holidays(day.year)


def begins(days: Collection[str], today: dt.date) -> dt.date:
    """The first day of the period that holds today: the latest of the member's weekdays, today or in the last week."""
    return next(day for back in range(7) if DAYS[(day := today - back * DAY).weekday()] in days)


def due(days: Collection[str], last: dt.date | None, today: dt.date, calendar: Calendar) -> bool:
    """Whether a digest is due today to a member with these weekdays whose last one was of that day; None for none."""
    return calendar.works(today) and (last is None or last < begins(days, today))


def next_due(days: Collection[str], last: dt.date | None, today: dt.date, calendar: Calendar) -> dt.date:
    """The first day, today or later, on which a digest is due."""
    coming = (today + ahead * DAY for ahead in range(FARTHEST))
    return next((day for day in coming if due(days, last, day, calendar)), today + FARTHEST * DAY)


def week_begins(days: Collection[str], today: dt.date) -> dt.date:
    """The first day of the member's week, which begins with the first of its weekdays."""
    return begins([min(days, key=DAYS.index)], today)
