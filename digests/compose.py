"""What a member is told: the rules of the digest. Pure; the clock is the `now` passed in.

Every opportunity is told in the first section that fits, once per digest:

  closing  its next deadline is at most 7 days away and the member was not reminded of it, or never told at all
  changed  the member was told, and `pipeline.changes.compare` finds news since (also when it was cancelled)
  new      never told, and a member can still act
  early    never told, and planned or in consultation

Reminders need no ledger of their own: one is due when a mark (7 days) was crossed since the member was last told
of the opportunity, or will only be crossed after the last digest before the deadline. So they start anew when a
deadline moves away, and never repeat what a change just told.

Two measures hold a digest small: `volume`, for what is new and can wait for the next digest without being told later
than a week before its deadline, and `limit`, for all of it. What finds no room is listed, but not told: it comes with a
later digest.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digests.days import SOON, ahead, days_left
from digests.room import fit
from digests.sections import Digest, Group, Line, Part, Recipient, Section
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
    changed: dt.datetime | None = None
    """When its last change was found."""


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
    volume: int | None = None,
    reminders: Sequence[int] = (SOON,),
    next_in: int = 1,
    urgent: bool = False,
    paused: dt.datetime | None = None,
    failed_sources: Sequence[str] = (),
    since: dt.datetime | None = None,
    interests: Sequence[str] = (),
) -> Digest:
    """The digest of one member at `now` (aware).

    `matched` is everything that matches at `now`, told or not; `followed` what was told and matches no more: it is
    told only when it changed. `told` is keyed by opportunity id. `volume` is how many may be told as new or early,
    None for any number. `reminders` are days before a deadline at which the member wants to hear again, `next_in` the
    days until its next digest. `urgent` leaves out what does not close within 7 days. `paused` is when the member was
    last known to be paused: what ended until then is not told. `since` is its last digest; `failed_sources` and
    `interests` are only shown.
    """
    teller = _Teller(now, tuple(reminders), next_in, paused)
    found = {one.opportunity.id: teller.line(one, told.get(one.opportunity.id)) for one in matched}
    for one in followed:
        if one.opportunity.id in told:
            found.setdefault(one.opportunity.id, teller.followed(one, told[one.opportunity.id]))
    lines = [line for line in found.values() if line and (not urgent or _is_urgent(line, now))]
    back = paused is not None and since is not None and since < paused
    pressing = {line.id for line in lines if _left(line, now) < SOON + next_in}
    parts = fit(lines, limit, volume, pressing, now)
    return Digest(recipient, now, parts, tuple(failed_sources), since, tuple(interests), back)


@dataclass(frozen=True, slots=True)
class _Teller:
    """Finds the section of each opportunity."""

    now: dt.datetime
    reminders: tuple[int, ...]
    next_in: int
    paused: dt.datetime | None

    def line(self, one: Matched, told: Told | None) -> Line | None:
        current = one.opportunity.at(self.now)
        if told is None:
            return _make(one, current, _first_section(current, self.now)) if current.stage in LIVE else None
        changes = self._news(told, one)
        if self._reminds(told, current):
            return _make(one, current, Section.CLOSING, changes, new=False)
        return _make(one, current, Section.CHANGED, changes, new=False) if changes else None

    def followed(self, one: Matched, told: Told) -> Line | None:
        changes = self._news(told, one)
        return _make(one, one.opportunity.at(self.now), Section.CHANGED, changes, new=False) if changes else None

    def _news(self, told: Told, one: Matched) -> Changes:
        """What changed since the member was told; that a deadline passed in between is none, nor an end in a pause."""
        if told.opportunity == one.opportunity:
            return {}
        newest = one.opportunity.at(self.now)
        if newest.stage not in LIVE and self.paused and one.changed and told.last < one.changed <= self.paused:
            return {}
        changes = compare(told.opportunity.at(self.now), newest)
        if told.opportunity.stage == one.opportunity.stage and newest.stage in LIVE:
            changes.pop("stage", None)
        return changes

    def _reminds(self, told: Told, current: Opportunity) -> bool:
        deadline = _due(current, self.now)
        if deadline is None or not self.reminders:
            return False
        left, then = days_left(deadline, self.now), days_left(deadline, told.last)
        crossed = any(left <= mark < then for mark in self.reminders)
        last_chance = left <= self.next_in and left < then and any(mark < left for mark in self.reminders)
        never = left <= min(SOON, max(self.reminders)) and Section.CLOSING not in told.sections
        return crossed or last_chance or never


def _is_urgent(line: Line, now: dt.datetime) -> bool:
    return line.section is Section.CLOSING and _left(line, now) <= SOON


def _left(line: Line, now: dt.datetime) -> float:
    """Days until its deadline; without end where it has none."""
    deadline = ahead(line.opportunity, now)
    return float("inf") if deadline is None else days_left(deadline, now)


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
