"""The shape of a digest: sections of lines, and what was cut. Plain facts; `digests.items` puts them into words."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Protocol

from digests.days import next_ends
from pipeline.changes import Changes
from pipeline.opportunity import Kind, Opportunity

TOP = "top"
"""The tier of a top pick, as `filters.match` names it."""


class Recipient(Protocol):
    """Whom a digest is for."""

    @property
    def id(self) -> str:
        """The member's own short name: letters, digits, dashes."""

    @property
    def name(self) -> str:
        """The organisation, as people write it."""

    @property
    def language(self) -> str:
        """The language its digest is written in: ro or en."""


class Section(StrEnum):
    """Parts of a digest, in the order they are read."""

    CLOSING = "closing"
    CHANGED = "changed"
    NEW = "new"
    EARLY = "early"


class Group(StrEnum):
    """What the new ones are grouped by, in the order they are read."""

    ROMANIA = "tenders in Romania"
    ABROAD = "tenders elsewhere"
    CALLS = "calls"
    NEWS = "news"


@dataclass(frozen=True, slots=True)
class Line:
    """One opportunity in one section, as it is at the digest's `now`."""

    opportunity: Opportunity
    version: int
    section: Section
    new: bool
    """Whether the member was never told of it."""
    score: int = 0
    tier: str = ""
    reasons: tuple[str, ...] = ()
    changes: Changes = field(default_factory=dict)
    """What is different from what the member was told last, as `pipeline.changes.compare` gives it."""

    @property
    def id(self) -> str:
        """The opportunity's id: with version and section, what the ledger keeps once the mail was accepted."""
        return self.opportunity.id

    @property
    def title(self) -> str:
        """The title as published."""
        return self.opportunity.title

    @property
    def url(self) -> str | None:
        """The official page."""
        return self.opportunity.url

    @property
    def top(self) -> bool:
        """Whether it is a top pick."""
        return self.tier == TOP

    @property
    def group(self) -> Group:
        """Which of the groups of new ones it belongs to."""
        if self.opportunity.kind is Kind.TENDER:
            return Group.ROMANIA if "RO" in self._countries else Group.ABROAD
        return Group.CALLS if self.opportunity.kind is Kind.CALL else Group.NEWS

    @property
    def _countries(self) -> tuple[str | None, ...]:
        buyer = self.opportunity.buyer
        return self.opportunity.countries or ((buyer.country,) if buyer else ())


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its lines, and those of its kind that found no room and are not told, in reading order."""

    section: Section
    lines: tuple[Line, ...]
    rest: tuple[Line, ...] = ()

    @property
    def overflow(self) -> int:
        """How many found no room."""
        return len(self.rest)

    @property
    def groups(self) -> tuple[tuple[Group, tuple[Line, ...]], ...]:
        """The lines by group, groups in reading order, lines in theirs."""
        order = list(Group)
        ranked = sorted(self.lines, key=lambda line: order.index(line.group))
        return tuple((group, tuple(lines)) for group, lines in groupby(ranked, key=lambda line: line.group))


@dataclass(frozen=True, slots=True)
class Digest:
    """What one member is told at `now`. Only `lines` count as told, and only once the mail was accepted."""

    recipient: Recipient
    now: dt.datetime
    parts: tuple[Part, ...] = ()
    failed_sources: tuple[str, ...] = ()
    since: dt.datetime | None = None
    interests: tuple[str, ...] = ()
    back: bool = False
    """Whether the member was paused until now."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line in reading order; an opportunity is in it at most once."""
        return tuple(line for part in self.parts for line in part.lines)

    @property
    def rest(self) -> tuple[Line, ...]:
        """What found no room: listed, but not told."""
        return tuple(line for part in self.parts for line in part.rest)

    @property
    def overflow(self) -> int:
        """How many found no room."""
        return len(self.rest)

    @property
    def soonest(self) -> Line | None:
        """The line with the nearest deadline; None when no line has one ahead."""
        ahead = [(ends, line.id, line) for line in self.lines if (ends := next_ends(line.opportunity, self.now))]
        return min(ahead)[2] if ahead else None

    @property
    def new(self) -> int:
        """Lines the member was never told of before."""
        return sum(line.new for line in self.lines)

    @property
    def changed(self) -> int:
        """Lines with something different from what the member was told."""
        return sum(bool(line.changes) for line in self.lines)

    @property
    def closing(self) -> int:
        """Lines whose deadline is near, new ones among them."""
        return sum(line.section is Section.CLOSING for line in self.lines)

    def __bool__(self) -> bool:
        """Whether there is anything to tell; an empty digest is not mailed."""
        return bool(self.lines)


def reading_order(lines: Iterable[Line], now: dt.datetime) -> list[Line]:
    """Nearest deadline first, those without one last, then the higher score, then the id."""
    far = dt.datetime.max.replace(tzinfo=dt.UTC)
    return sorted(lines, key=lambda line: (next_ends(line.opportunity, now) or far, -line.score, line.id))
