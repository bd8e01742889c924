"""What the office should know of a week: facts, and which of them stand out. Pure; `digests.office_page` says it."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from digests.days import ahead, day_of
from pipeline.config import DAYS
from pipeline.journal import Run, Verdict
from pipeline.opportunity import LIVE, Kind, Opportunity

TOGETHER = 3
"""Members that match one opportunity, from which on it may be one for a consortium."""
USUAL, ENOUGH = 8, 10
"""Good runs that say what is usual, and how much that must be before half or twice of it stands out."""
SILENT_DAYS, FLOOD = 28, 25
"""Days without anything, and opportunities a week, from which a member's rules ask for a look."""


@dataclass(frozen=True, slots=True)
class SourceWeek:
    """A source: its last verdict ("never", "running" without one), its runs in the period, and how much came."""

    name: str
    verdict: str
    last_run: dt.datetime | None
    last_good: dt.datetime | None
    runs: int
    good_runs: int
    new: int
    """Opportunities found in the period."""
    read: int | None
    """By the last run that ended."""
    usual: float | None
    """The median of the good runs before it; None where there are none."""
    reasons: tuple[str, ...]

    @property
    def odd(self) -> bool:
        """Whether the last run read less than half or more than twice of what is usual."""
        if self.read is None or self.usual is None or max(self.read, self.usual) < ENOUGH:
            return False
        return self.read * 2 < self.usual or self.read > self.usual * 2


@dataclass(frozen=True, slots=True)
class Partner:
    """A member that could take part, and what it is (as in its file; None where that says nothing)."""

    name: str
    organisation: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An opportunity several members match: they might go for it together."""

    id: str
    title: str
    url: str | None
    kind: Kind
    closes: dt.date | None
    partners: tuple[Partner, ...]

    @property
    def roles(self) -> Mapping[str, int]:
        """How many there are of each sort of organisation, the known ones."""
        return Counter(one.organisation for one in self.partners if one.organisation)

    @property
    def complementary(self) -> bool:
        """Whether they are of different sorts, as consortia want."""
        return len(self.roles) > 1


@dataclass(frozen=True, slots=True)
class Volume:
    """How many opportunities of the last four weeks a member's rules want."""

    member: str
    found: int

    @property
    def weekly(self) -> float:
        """On average."""
        return self.found / (SILENT_DAYS / 7)

    @property
    def silent(self) -> bool:
        """Nothing at all: the rules are too narrow, or something is broken."""
        return self.found == 0

    @property
    def flood(self) -> bool:
        """More than anybody reads."""
        return self.weekly > FLOOD


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Something a member did not get because of one condition, in words."""

    member: str
    said: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer of a member that its rules do not heed yet, and what could be changed."""

    member: str
    opportunity: str
    relevant: bool
    said: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A mail that did not or may not have arrived."""

    number: int
    member: str
    state: str
    made: dt.datetime
    reply: str


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it, from `since` to `now`."""

    now: dt.datetime
    since: dt.datetime
    to_act_on: tuple[str, ...]
    """What asks for a person now, as `vestitor status` says it."""
    sources: tuple[SourceWeek, ...]
    mails: int
    """Digests that were accepted in the period."""
    lines: int
    """Lines in them."""
    troubles: tuple[Trouble, ...]
    candidates: tuple[Candidate, ...]
    volumes: tuple[Volume, ...]
    near_misses: tuple[NearMiss, ...]
    proposals: tuple[Proposal, ...]
    filter_problems: tuple[str, ...]


def report_day(today: dt.date, days: Collection[str]) -> dt.date:
    """The day the report that is due belongs to: the last of these weekdays ("mon" ...) up to today.

    So a machine that was off on a Monday reports on Tuesday.
    """
    back = next(n for n in range(7) if DAYS[(today.weekday() - n) % 7] in days)
    return today - dt.timedelta(days=back)


def source_week(name: str, runs: Sequence[Run], since: dt.datetime) -> SourceWeek:
    """From the newest runs of a source, newest first."""
    ended = [run for run in runs if run.verdict]
    period = [run for run in runs if run.started >= since]
    good = [run for run in ended if run.verdict is Verdict.GOOD]
    before = [_read(run) for run in good if run is not ended[0]][:USUAL]
    return SourceWeek(
        name,
        (runs[0].verdict.value if runs[0].verdict else "running") if runs else "never",
        runs[0].started if runs else None,
        good[0].started if good else None,
        len(period),
        sum(run.verdict is Verdict.GOOD for run in period),
        sum(run.counts.get("new", 0) for run in period),
        _read(ended[0]) if ended else None,
        median(before) if before else None,
        tuple(runs[0].reasons[:2]) if runs else (),
    )


def _read(run: Run) -> int:
    return run.counts.get("read", 0) + run.counts.get("already read", 0)


def candidates(matched: Iterable[tuple[Opportunity, Sequence[Partner]]], now: dt.datetime) -> tuple[Candidate, ...]:
    """What three or more match and can still be gone for: different roles first, calls, more members, sooner ones."""
    found = [
        _candidate(one, partners, now)
        for one, partners in matched
        if len(partners) >= TOGETHER and one.at(now).stage in LIVE and one.kind is not Kind.NEWS
    ]
    return tuple(sorted(found, key=_rank))


def _candidate(one: Opportunity, partners: Sequence[Partner], now: dt.datetime) -> Candidate:
    deadline = ahead(one, now)
    ordered = tuple(sorted(partners, key=lambda partner: (partner.organisation or "~", partner.name)))
    return Candidate(one.id, one.title, one.url, one.kind, day_of(deadline) if deadline else None, ordered)


def _rank(one: Candidate) -> tuple[bool, bool, int, dt.date, str]:
    closes = one.closes or dt.date.max
    return not one.complementary, one.kind is not Kind.CALL, -len(one.partners), closes, one.id
