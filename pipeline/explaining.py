"""What `explain` says: each rule's verdict and conditions, when it was sent or why not, and its history."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import click

from pipeline.ledger import State, ToldOf
from pipeline.opportunity import LIVE
from pipeline.status import Named
from pipeline.store import Kept, Version
from pipeline.tellings import Telling
from pipeline.words import count, moment, paragraph, value


class Condition(Protocol):
    """A condition of a rule, as far as this page needs to know one."""

    @property
    def rule(self) -> str:
        """The rule's name."""

    @property
    def key(self) -> str:
        """Its key in the filter file."""

    @property
    def wanted(self) -> str:
        """What the rule wants."""

    @property
    def found(self) -> str:
        """What the opportunity has."""

    @property
    def met(self) -> bool:
        """Whether it holds."""


def matching(conditions: Sequence[Condition]) -> list[str]:
    """The rules all of whose conditions are met."""
    names = dict.fromkeys(condition.rule for condition in conditions)
    return [name for name in names if all(c.met for c in conditions if c.rule == name)]


def verdict(member: str, conditions: Sequence[Condition]) -> str:
    """The answer in a line."""
    good, rules = len(matching(conditions)), len({condition.rule for condition in conditions})
    if good:
        return click.style(f"{member}: matches by {good} of its {count(rules, 'rule')}", fg="green", bold=True)
    return click.style(f"{member}: does not match, by none of its {count(rules, 'rule')}", fg="red", bold=True)


def rules(conditions: Sequence[Condition]) -> Iterator[str]:
    """Rule by rule, those that match first; below each its conditions, those that fail first."""
    grouped = [(name, list(group)) for name, group in groupby(conditions, key=lambda condition: condition.rule)]
    for name, group in sorted(grouped, key=lambda pair: not all(condition.met for condition in pair[1])):
        failing = [condition.key.replace(": ", " ") for condition in group if not condition.met]
        yield ""
        yield paragraph(f"{name}: {'does not match: ' + ', '.join(failing) if failing else 'matches'}", rest="  ")
        yield from map(_condition, sorted(group, key=lambda condition: condition.met))


def _condition(condition: Condition) -> str:
    mark = "  yes  " if condition.met else "  NO   "
    text = f"{condition.key.replace(': ', ' ')}: {condition.wanted} -> {condition.found}"
    line = paragraph(text, mark, " " * 11)
    return line if condition.met else click.style(line, fg="red")


@dataclass(frozen=True, slots=True)
class Sending:
    """Everything that decides whether a member was or will be told of an opportunity."""

    kept: Kept
    member: Named
    matches: bool
    tagged: bool
    """Whether the match stands in the store, from where digests take it."""
    tellings: Sequence[Telling]
    told: ToldOf | None
    last_digest: dt.datetime | None
    limit: int
    now: dt.datetime
    zone: ZoneInfo

    def words(self) -> Iterator[str]:
        """Each mail with it; and where it is still to be told, or will not be, why."""
        for telling in self.tellings:
            yield paragraph(f"{moment(telling.made, self.zone)}: {self._fate(telling)}", "  ")
        if self.told is None:
            yield paragraph(f"Not sent: {self._why_not()}", "  ")
        elif self.told.version < self.told.newest:
            yield paragraph(f"It has changed since (history below). {self._next()}", "  ")

    def _fate(self, telling: Telling) -> str:
        under = f"under “{telling.section}” (version {telling.version})"
        words = {
            State.SENT: f"sent, {under}",
            State.UNKNOWN: f"{under}, in a mail of which nobody knows whether it arrived; `vestitor settle` says so",
            State.FAILED: f"{under}, in a mail that failed: {telling.reply}",
            State.WITHDRAWN: f"{under}, in a mail that was taken back: {telling.reply}",
        }
        return words.get(telling.state, f"{under}, in a mail that is waiting ({telling.state}) {telling.reply or ''}")

    def _why_not(self) -> str:
        stage = self.kept.opportunity.at(self.now).stage
        name, last = self.member.member, self.last_digest
        if stage not in LIVE:
            return f"it is {stage}, and only what is open or coming is told to whom it was never told."
        if not self.matches:
            return f"no rule of {name} wants it."
        if not self.member.confirmed:
            return f"{name} has not confirmed; `confirmed: true` in its file once it has agreed."
        if self.member.paused:
            return f"{name} is paused (`paused: true` in its file); what is still open comes when it no longer is."
        if not self.tagged:
            return "it matches today's filters, but was not tagged with them yet; the next digest does that first."
        if last is None or last < self.kept.first_seen:
            when = "never" if last is None else moment(last, self.zone)
            return f"there was no mail to {name} since it was found (the last: {when}); it comes with the next digest."
        return (
            f"a mail left at {moment(last, self.zone)} without it: either it had no room there ({self.limit} lines a "
            "mail, the soonest and best first), or only a later edit of the filters brought it. The next digest has it."
        )

    def _next(self) -> str:
        if not self.member.confirmed or self.member.paused:
            return "The member is not mailed now."
        return "The next digest tells what of it matters: stage, title, deadlines, value, opening, buyer."


def history(versions: Sequence[Version], zone: ZoneInfo) -> Iterator[str]:
    """Every version with its hour, notice and changes, old -> new."""
    for version in versions:
        first = "first seen, " if version.version == 1 else ""
        yield paragraph(f"{moment(version.at, zone)}: {first}notice {version.ref}", f"  {version.version}. ")
        for field in (name for name in version.changes if name not in _QUIET):
            yield paragraph(f"{field.replace('_', ' ')}: {_change(*version.changes[field], zone)}", "     ", "       ")


def _change(old: Any, new: Any, zone: ZoneInfo) -> str:
    """Old -> new; of lists only what went and what came."""
    if isinstance(old, list) and isinstance(new, list) and old and new:
        old, new = [one for one in old if one not in new], [one for one in new if one not in old]
        if not old or not new:
            return f"{value(new, zone)} added" if new else f"{value(old, zone)} removed" if old else "in another order"
    before, after = value(old, zone), value(new, zone)
    return f"{before} -> {after}" if before != after else f"{after}, in its details"


_QUIET = frozenset({"ref", "notices", "url", "links", "previous", "errata", "language"})
"""Fields that change with every notice and tell a reader nothing."""
