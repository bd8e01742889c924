"""Windows of days: how a list is cut so that no answer hits its cap, whether an answer fits what was asked. Pure."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from spiders._seap_lists import CONTRACTS, PRIOR, TYPES, Listing, Span
from spiders._seap_values import absent, day, instant

PAGE = 100
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The days asked for, both included; `type` where one day is too much."""

    first: dt.date
    last: dt.date
    span: Span = "published"
    type: int | None = None

    def __str__(self) -> str:
        kind = f" {TYPES[self.type]}" if self.type else ""
        return f"{self.span} {self.first} to {self.last}{kind}"

    def parts(self, listing: Listing) -> tuple["Window", ...]:
        """Two halves; of a single day one window per type of notice; nothing where it cannot be cut any more."""
        if self.first < self.last:
            middle = self.first + (self.last - self.first) // 2
            return replace(self, last=middle), replace(self, first=middle + _DAY)
        if listing is CONTRACTS and self.type is None:
            return tuple(replace(self, type=type) for type in TYPES)
        return ()

    def question(self, listing: Listing, page: int) -> dict[str, Any]:
        """The body that asks for one page of it."""
        first, last, written = listing.spans[self.span]
        asks = dict(listing.asks) | {first: written(self.first, False), last: written(self.last, True)}
        if self.type is not None:
            asks["sysNoticeTypeIds"] = [self.type]
        return asks | {"pageSize": PAGE, "pageIndex": page}


def strays(listing: Listing, window: Window, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The rows that lie outside of the window, a day's tolerance aside: none, unless the server ignored a key.

    The day a contract notice shows is that of its last change, so it may lie after the window but never before it; its
    deadline may be the one before a correction, so only uncorrected ones count.
    """
    return [str(row.get(listing.number)) for row in rows if not _fits(listing, window, row)]


def _fits(listing: Listing, window: Window, row: Mapping[str, Any]) -> bool:
    if window.span == "deadline":
        days = list(_deadlines(row))
        return (
            bool(row.get("errataNo"))
            or not days
            or (min(days) <= window.last + _DAY and max(days) >= window.first - _DAY)
        )
    moment = instant(row.get(listing.published))
    if moment is None:
        return True  # an unreadable date is the reader's issue
    return window.first - _DAY <= day(moment) and (listing is CONTRACTS or day(moment) <= window.last + _DAY)


def _deadlines(row: Mapping[str, Any]) -> Iterator[dt.date]:
    for name in ("minTenderReceiptDeadline", "maxTenderReceiptDeadline"):
        if not absent(row.get(name)) and (moment := instant(row[name])):
            yield day(moment)


OVERLAP = dt.timedelta(days=2)
"""Read again behind the mark: rows come late, and an open day shifts while it is paged."""
LOOK_BACK = dt.timedelta(days=7)
"""How far a first run reads back where nothing else brings what is open."""
LOOK_AGAIN = dt.timedelta(days=21)
"""Advertising notices and consultations of so many days are looked at again once a day: most end within ten."""
HORIZON = dt.timedelta(days=180)
"""Contract notices with a deadline up to here are looked at again once a day, whatever day they were published."""


def windows(
    listing: Listing, today: dt.date, read_to: dt.date | None, since: dt.date | None, again: bool
) -> Iterator[Window]:
    """What to ask of a list today. `again`: it is the day's first complete look at what is still open."""
    if since is not None:
        yield Window(since, today)
        return
    fresh = read_to - OVERLAP if read_to else today - LOOK_BACK
    if again and listing not in (CONTRACTS, PRIOR):
        fresh = min(fresh, today - LOOK_AGAIN)
    yield Window(min(fresh, today), today)
    if again and listing is CONTRACTS:
        yield Window(today, today + HORIZON, "deadline")


def working_days(first: dt.date, before: dt.date) -> list[dt.date]:
    """Mondays to Fridays from `first` up to, but without, `before`; holidays are not known here."""
    days = (first + n * _DAY for n in range((before - first).days))
    return [day for day in days if day.weekday() < 5]


def published_on(listing: Listing, rows: Iterable[Mapping[str, Any]], days: Collection[dt.date]) -> int:
    """How many rows say they were published, or last changed, on one of the days."""
    moments = (instant(row.get(listing.published)) for row in rows)
    return sum(day(moment) in days for moment in moments if moment)
