"""What a member is told: the rules of the digest. Pure; the clock is the `now` passed in.

Every opportunity is told in the first section that fits, once per digest:

  closing  its next deadline is at most 7 days away and the member was not reminded of it, or never told at all
  changed  the member was told, and `pipeline.changes.compare` finds news since (also when it was cancelled)
  new      never told, and a member can still act
  early    never told, and planned or in consultation

Reminders need no ledger of their own: one is due when a mark (7 days) was crossed since the member was last told
of the opportunity. So they start anew when a deadline moves away, and never repeat what a change just told.
What finds no room is counted, not told: it comes with the next digest.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digests.days import SOON, ahead, days_left
from digests.sections import Digest, Group, Line, Part, Recipient, Section, reading_order
from pipeline.changes import AHEAD, Changes, compare
from pipeline.opportunity import LIVE, Deadline, Opportunity, Stage

__all__ = ["Digest", "Group", "Line", "Matched", "Part", "Recipient", "Section", "Told", "compose"]


@dataclass(frozen=True, slots=True)
class Matched:
    """An opportunity the member's filters match, and why, in the member's language."""

    opportunity: Opportunity
    version: int
    score: int = 0
    tier: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What the member was told of an opportunity: as it was the last time, every section it was in, and when last."""

    version: int
    opportunity: Opportunity
    sections: frozenset[str]
    last: dt.datetime


def compose(
    recipient: Recipient,
    matched: Sequence[Matched],
    told: Mapping[str, Told],
    now: dt.datetime,
    *,
    followed: Sequence[Matched] = (),
    limit: int = 40,
    reminders: Sequence[int] = (SOON,),
    failed_sources: Sequence[str] = (),
    since: dt.datetime | None = None,
    interests: Sequence[str] = (),
) -> Digest:
    """The digest of one member at `now` (aware).

    `matched` is everything that matches at `now`, told or not; `followed` what was told and matches no more: it is
    told only when it changed. `told` is keyed by opportunity id. `reminders` are days before a deadline at which the
    member wants to hear again. `since` (the last digest), `failed_sources` and `interests` are only shown.
    """
    found = {one.opportunity.id: _line(one, told.get(one.opportunity.id), now, reminders) for one in matched}
    for one in followed:
        if one.opportunity.id in told:
            found.setdefault(one.opportunity.id, _followed(one, told[one.opportunity.id], now))
    parts = _fit([line for line in found.values() if line], limit, now)
    return Digest(recipient, now, parts, tuple(failed_sources), since, tuple(interests))


def _line(one: Matched, told: Told | None, now: dt.datetime, reminders: Sequence[int]) -> Line | None:
    current = one.opportunity.at(now)
    if told is None:
        return _make(one, current, _first_section(current, now)) if current.stage in LIVE else None
    changes = _news(told, one.opportunity, now)
    if _reminds(told, current, now, reminders):
        return _make(one, current, Section.CLOSING, changes, new=False)
    return _make(one, current, Section.CHANGED, changes, new=False) if changes else None


def _followed(one: Matched, told: Told, now: dt.datetime) -> Line | None:
    changes = _news(told, one.opportunity, now)
    return _make(one, one.opportunity.at(now), Section.CHANGED, changes, new=False) if changes else None


def _make(
    one: Matched, current: Opportunity, section: Section, changes: Changes | None = None, *, new: bool = True
) -> Line:
    return Line(current, one.version, section, new, one.score, one.tier, one.reasons, changes or {})


def _first_section(current: Opportunity, now: dt.datetime) -> Section:
    deadline = _due(current, now)
    if deadline is not None and days_left(deadline, now) <= SOON:
        return Section.CLOSING
    return Section.EARLY if current.stage in AHEAD else Section.NEW


def _due(current: Opportunity, now: dt.datetime) -> Deadline | None:
    """Its headline deadline; None when there is none ahead or the clock is stopped."""
    return ahead(current, now) if current.stage is not Stage.SUSPENDED else None


def _reminds(told: Told, current: Opportunity, now: dt.datetime, reminders: Sequence[int]) -> bool:
    deadline = _due(current, now)
    if deadline is None or not reminders:
        return False
    left, then = days_left(deadline, now), days_left(deadline, told.last)
    return any(left <= mark < then for mark in reminders) or (left <= SOON and Section.CLOSING not in told.sections)


def _news(told: Told, newest: Opportunity, now: dt.datetime) -> Changes:
    """What changed since the member was told; that a deadline passed in between is none."""
    if told.opportunity == newest:
        return {}
    changes = compare(told.opportunity.at(now), newest.at(now))
    if told.opportunity.stage == newest.stage and newest.at(now).stage in LIVE:
        changes.pop("stage", None)
    return changes


def _fit(lines: Sequence[Line], limit: int, now: dt.datetime) -> tuple[Part, ...]:
    """At most `limit` lines: a fair share for every section, what is left over in reading order."""
    by_section = {section: [line for line in lines if line.section is section] for section in Section}
    room = _allot([len(found) for found in by_section.values()], limit)
    parts = (_part(section, by_section[section], size, now) for section, size in zip(by_section, room, strict=True))
    return tuple(part for part in parts if part.lines or part.overflow)


def _allot(sizes: Sequence[int], limit: int) -> list[int]:
    taken = [min(size, limit // len(sizes)) for size in sizes]
    for place, size in enumerate(sizes):
        taken[place] += min(size - taken[place], limit - sum(taken))
    return taken


def _part(section: Section, lines: list[Line], size: int, now: dt.datetime) -> Part:
    """The soonest of what closes or changed, the best of what is new; top picks first among the new."""
    kept = reading_order(lines, now)
    if section in (Section.NEW, Section.EARLY):
        best = sorted(kept, key=lambda line: (not line.top, -line.score))[:size]
        kept = sorted(reading_order(best, now), key=lambda line: not line.top)
    return Part(section, tuple(kept[:size]), len(lines) - size)
