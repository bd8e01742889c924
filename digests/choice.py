"""Which opportunities a special digest is about: by kind, source and the days they were found.

What is left out is not told, and so comes with an ordinary digest.
"""

import datetime as dt
from collections.abc import Callable, Container
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pipeline.opportunity import Kind
from pipeline.store import Kept

Chosen = Callable[[Kept], bool]


def everything(kept: Kept) -> bool:
    """An ordinary digest."""
    return True


def among(ids: Container[str]) -> Chosen:
    """About these and no other."""
    return lambda kept: kept.opportunity.id in ids


@dataclass(frozen=True, slots=True)
class Choice:
    """A part of what matches; what is empty asks for nothing."""

    zone: ZoneInfo
    only: frozenset[str] = frozenset()
    """Kinds (tender, call, news) and names of sources."""
    first: dt.date | None = None
    last: dt.date | None = None
    """Days, in the office's time zone and both included, on which Vestitor first saw an opportunity: the day of
    publication is often missing, and what a source publishes late would belong to a digest that is gone."""

    def __call__(self, kept: Kept) -> bool:
        """Whether it is about this one."""
        found = kept.first_seen.astimezone(self.zone).date()
        in_range = (self.first is None or self.first <= found) and (self.last is None or found <= self.last)
        return in_range and self._named(kept)

    def _named(self, kept: Kept) -> bool:
        kinds = self.only & set(Kind)
        sources = self.only - set(Kind)
        return (not kinds or kept.opportunity.kind in kinds) and (not sources or kept.opportunity.source in sources)
