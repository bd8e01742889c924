"""When a digest is due: holidays, weekdays, and two years of a clock that ticks every hour, restarts anywhere."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digests.cadence import Calendar, due, next_due, week_begins
from digests.holidays import holidays, orthodox_easter
from pipeline.config import DAYS

BUCHAREST = ZoneInfo("Europe/Bucharest")
OFFICE = Calendar(closed=frozenset({dt.date(2027, 8, 16)}))
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
START, YEARS = dt.datetime(2027, 1, 1, tzinfo=dt.UTC), 2
HOURS = YEARS * 365 * 24 + 24
"""2028 has one day more."""

# As the Labour Code lists them, from the calendars of the two years
FREE = {
    2027: "01-01 01-02 01-06 01-07 01-24 04-30 05-01 05-02 05-03 06-01 06-20 06-21 08-15 11-30 12-01 12-25 12-26",
    2028: "01-01 01-02 01-06 01-07 01-24 04-14 04-16 04-17 05-01 06-01 06-04 06-05 08-15 11-30 12-01 12-25 12-26",
}


@pytest.mark.parametrize("year", FREE)
def test_the_legal_holidays_of_romania(year: int) -> None:
    assert holidays(year) == {dt.date.fromisoformat(f"{year}-{day}") for day in FREE[year].split()}


@pytest.mark.parametrize(
    "easter", ["2024-05-05", "2025-04-20", "2026-04-12", "2029-04-08", "2030-04-28", "2038-04-25", "2049-04-25"]
)
def test_easter_is_the_orthodox_one(easter: str) -> None:
    sunday = dt.date.fromisoformat(easter)
    assert (orthodox_easter(sunday.year), sunday.weekday()) == (sunday, 6)


@pytest.mark.parametrize(
    ("days", "last", "comes"),
    [
        (DAYS, "2027-02-05", "2027-02-08 Mon"),  # over the weekend
        (DAYS, "2027-04-29", "2027-05-04 Tue"),  # over Easter
        (("mon",), "2027-02-01", "2027-02-08 Mon"),
        (("mon",), "2027-04-26", "2027-05-04 Tue"),  # Easter Monday: the day after
        (("mon",), "2027-05-04", "2027-05-10 Mon"),  # and on its own day again
        (("mon",), "2027-02-04", "2027-02-08 Mon"),  # late, as the server was down: and on its own day again
        (("mon",), "2027-01-25", "2027-02-01 Mon"),
        (("fri",), "2026-12-25", "2027-01-04 Mon"),  # New Year is a Friday
        (("tue", "fri"), "2027-02-02", "2027-02-05 Fri"),
        (("tue", "fri"), "2027-02-05", "2027-02-09 Tue"),
        (("sun",), "2027-01-25", "2027-02-01 Mon"),  # nobody works on a Sunday
        (DAYS, "2027-08-13", "2027-08-17 Tue"),  # closed on the 16th
        (("mon",), None, "2027-01-04 Mon"),  # a new member does not wait for its day
        (("fri",), None, "2027-01-04 Mon"),
    ],
)
def test_the_next_digest(days: Sequence[str], last: str | None, comes: str) -> None:
    told = dt.date.fromisoformat(last) if last else None
    assert f"{next_due(days, told, told or dt.date(2027, 1, 1), OFFICE):%Y-%m-%d %a}" == comes


def test_an_office_that_never_works_is_no_endless_loop() -> None:
    never = Calendar(frozenset())
    assert next_due(DAYS, None, dt.date(2027, 1, 1), never) > dt.date(2027, 12, 31)


def test_the_week_of_the_volume_begins_on_the_first_of_the_members_days() -> None:
    wednesday = dt.date(2027, 2, 10)
    begun = {days: week_begins(days, wednesday) for days in [DAYS, ("mon",), ("tue", "fri"), ("fri",), ("wed",)]}
    assert [day.isoformat()[5:] for day in begun.values()] == ["02-08", "02-08", "02-09", "02-05", "02-10"]


@st.composite
def outages(draw: st.DrawFn) -> list[tuple[int, int]]:
    """(hours up, hours down), again and again: some hours, a weekend, three weeks."""
    short, long = (
        st.tuples(st.integers(1, 90), st.integers(1, 40)),
        st.tuples(st.integers(90, 900), st.integers(1, 500)),
    )
    return draw(st.lists(short | long, min_size=1, max_size=12))


WEEKDAYS = st.sets(st.sampled_from(DAYS), min_size=1).map(tuple)


@settings(max_examples=25, deadline=None)
@given(WEEKDAYS, outages())
@example(DAYS, [(HOURS, 0)])
@example(("mon",), [(HOURS, 0)])
@example(("sun",), [(23, 1)])
def test_two_years_of_hours_bring_one_digest_a_period_wherever_the_server_restarts(
    days: tuple[str, ...], pattern: list[tuple[int, int]]
) -> None:
    sent, could = list[dt.date](), dict[int, dt.date]()
    up = [hour for length, down in pattern for hour in [True] * length + [False] * down]
    for number in range(HOURS):
        if not up[number % len(up)]:
            continue
        today = (START + number * HOUR).astimezone(BUCHAREST).date()
        if due(days, sent[-1] if sent else None, today, OFFICE):
            sent.append(today)
        if works(today):
            could.setdefault(period(days, today), today)
    assert sent == list(could.values())


def works(day: dt.date) -> bool:
    """Said anew: a working day of these two years."""
    year = day.year if day.year in FREE else 2027  # the last hours are of a first of January
    return day.weekday() < 5 and f"{day:%m-%d}" not in FREE[year].split() and day != dt.date(2027, 8, 16)


def period(days: Sequence[str], day: dt.date) -> int:
    """Said anew: how many of the member's weekdays there were until that day."""
    weeks, rest = divmod(day.toordinal() - 1, 7)  # the first of January of the year 1 was a Monday
    return weeks * len(days) + sum(name in days for name in DAYS[: rest + 1])


@pytest.mark.parametrize("change", ["2027-03-28", "2027-10-31", "2028-03-26", "2028-10-29"])
def test_the_days_of_the_clock_changes_are_days_like_others(change: str) -> None:
    """Called every hour, from any hour of that Sunday on: Monday's digest leaves on Monday, once."""
    sunday = dt.datetime.fromisoformat(f"{change}T00:00").replace(tzinfo=BUCHAREST).astimezone(dt.UTC)
    for first in range(24):
        last, sent = sunday.astimezone(BUCHAREST).date(), list[str]()
        for number in range(first, 47):  # until midnight after Monday, where Sunday has 23 hours
            today = (sunday + number * HOUR).astimezone(BUCHAREST).date()
            if due(DAYS, last, today, OFFICE):
                sent, last = [*sent, f"{today:%a}"], today
        assert sent == ["Mon"]
