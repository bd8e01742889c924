"""When a member wants to hear, as staff write it: weekdays by name, days before a deadline."""

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from filters.entries import Filled
from pipeline.config import DAYS

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RHYTHMS = {"daily": DAYS, "weekly": DAYS[:1]}


def _weekdays(written: tuple[str, ...]) -> tuple[str, ...]:
    """`daily`, `weekly` (on Mondays) or weekdays by name, as DAYS in the order of the week."""
    if len(written) == 1 and written[0] in _RHYTHMS:
        return _RHYTHMS[written[0]]
    if odd := next((word for word in written if word not in (*DAYS, *WEEKDAYS)), None):
        what = "stands alone" if odd in _RHYTHMS else "is no weekday"
        raise ValueError(f"`{odd}` {what}; write daily, weekly (Mondays), or weekdays by name: [tuesday, friday]")
    days = [day for day in DAYS for word in written if word.startswith(day)]
    if twice := next((day for day, other in pairwise(days) if day == other), None):
        raise ValueError(f"`{twice}` stands twice; remove one")
    return tuple(days)


Weekdays = Annotated[tuple[str, ...], *Filled, AfterValidator(_weekdays)]
Marks = Annotated[tuple[Annotated[int, Field(ge=1, le=365)], ...], *Filled]
"""Days before a deadline."""
