"""What `explain` says: each rule's verdict and conditions, when it was sent or why not, and its history."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import click

from commands.listing import found
from commands.sending import Sending
from filters.explain import Condition
from filters.whynot import why_not as said
from pipeline.store import Version
from pipeline.words import count, moment, paragraph, value


def page(conditions: Sequence[Condition], sending: Sending, versions: Sequence[Version]) -> Iterator[str]:
    """All of it, line by line."""
    yield from found(sending.kept, sending.now, sending.zone)
    yield f"    {sending.kept.opportunity.url or 'no address'}"
    yield ""
    yield verdict(sending.member.member, conditions)
    yield from rules(conditions)
    yield ""
    yield click.style("Sent", bold=True)
    yield from sending.words()
    yield ""
    yield click.style("History", bold=True)
    yield from history(versions, sending.zone)


def why_not(member: str, conditions: Sequence[Condition]) -> Iterator[str]:
    """What would have to change for it to come, and nothing else."""
    yield verdict(member, conditions)
    yield from (paragraph(line.strip(), line[: len(line) - len(line.lstrip())], "    ") for line in said(conditions))


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
