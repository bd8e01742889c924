"""Deadlines as a calendar file (RFC 5545): what a mail carries, and what the archive publishes. Pure.

METHOD:PUBLISH: something to add, not an invitation to answer. An event keeps its UID for as long as its opportunity
lives; SEQUENCE is the opportunity's version, so a deadline that moved moves in the calendar, and one that was
withdrawn, alone or with its opportunity, is struck out there. Cut-offs are known by their day, because publishers drop
those that passed; every other deadline by its place among those of its role.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from digests.changed import deadlines_of
from digests.phrases import source_name
from digests.sections import Line
from digests.words import Words
from pipeline.changes import ENDED
from pipeline.opportunity import LIVE, Deadline, Role
from pipeline.text import clean

_EACH = 6
"""Deadlines of one opportunity: calls with cut-offs for years would fill the file."""
_LINE = 74
"""Octets: with the blank a continued line starts with, 75."""
_NEVER: Mapping[str, dt.datetime] = MappingProxyType({})
Noted = tuple[str, Deadline, bool]
"""What it is called within its opportunity, the deadline, and whether it still stands."""


def calendar(
    lines: Iterable[Line], now: dt.datetime, words: Words, domain: str, stamps: Mapping[str, dt.datetime] = _NEVER
) -> str:
    """The file, lines ending in CR LF; empty when no line has a deadline to note or to strike out.

    `stamps` (opportunity id -> instant) says since when an event is as it is, where that is not `now`.
    """
    events = [row for line in lines for row in _events(line, now, stamps.get(line.id, now), words, domain)]
    if not events:
        return ""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Vestitor//digest//EN", "METHOD:PUBLISH"]
    return "".join(f"{_fold(row)}\r\n" for row in [*head, *events, "END:VCALENDAR"])


def _events(line: Line, now: dt.datetime, stamp: dt.datetime, words: Words, domain: str) -> Iterator[str]:
    if line.opportunity.stage not in LIVE | ENDED:
        return
    ahead = [noted for noted in (*_standing(line), *_withdrawn(line)) if noted[1].ends > now]
    for name, deadline, stands in ahead[:_EACH]:
        yield from _event(line, deadline, f"{line.id}/{name}@{domain}", stamp, words, stands)


def _standing(line: Line) -> Iterator[Noted]:
    """Every deadline under its own name; lots that end together have one. All struck out where nothing can be done."""
    numbers, seen = Counter[Role](), set[tuple[Role, dt.datetime]]()
    for deadline in line.opportunity.closing:
        if (key := (deadline.role, deadline.ends)) not in seen:
            seen.add(key)
            numbers[deadline.role] += 1
            yield _name(deadline, numbers[deadline.role]), deadline, line.opportunity.stage in LIVE


def _withdrawn(line: Line) -> Iterator[Noted]:
    """The deadlines the member was told of that are there no more, and that no other one has taken the place of."""
    standing = {name for name, _, _ in _standing(line)}
    gone, came = ({(one.role, one.ends): one for one in side} for side in deadlines_of(line.changes))
    numbers = Counter(deadline.role for _, deadline, _ in _standing(line))
    numbers.subtract(role for role, _ in came)
    for deadline in gone.values():
        numbers[deadline.role] += 1
        if (name := _name(deadline, numbers[deadline.role])) not in standing:
            yield name, deadline, False


def _name(deadline: Deadline, number: int) -> str:
    day = deadline.date or deadline.ends.date()
    return f"{deadline.role.value}/{f'{day:%Y%m%d}' if deadline.role is Role.CUT_OFF else number}"


def _event(line: Line, deadline: Deadline, uid: str, stamp: dt.datetime, words: Words, stands: bool) -> Iterator[str]:
    one = line.opportunity
    yield "BEGIN:VEVENT"
    yield f"UID:{_escape(uid)}"
    yield f"DTSTAMP:{_instant(stamp)}"
    yield f"SEQUENCE:{line.version}"
    yield f"DTSTART;VALUE=DATE:{deadline.date:%Y%m%d}" if deadline.date else f"DTSTART:{_instant(deadline.ends)}"
    yield f"SUMMARY:{_escape(f'{words.roles[deadline.role]}: {clean(one.title, 160)}')}"
    yield f"DESCRIPTION:{_escape(' '.join(filter(None, (source_name(one.source), one.ref, one.url))))}"
    yield f"STATUS:{'CONFIRMED' if stands else 'CANCELLED'}"
    yield "TRANSP:TRANSPARENT"
    if stands:
        yield from (
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-P3D",
            f"DESCRIPTION:{_escape(clean(one.title, 80))}",
            "END:VALARM",
        )
    yield "END:VEVENT"


def _instant(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _escape(text: str) -> str:
    return clean(text, 2_500).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _fold(row: str) -> str:
    """At most 75 octets a line, never inside a character."""
    raw, lines = row.encode(), []
    while len(raw) > _LINE:
        head = raw[:_LINE].decode(errors="ignore")
        lines.append(head)
        raw = raw[len(head.encode()) :]
    return "\r\n ".join([*lines, raw.decode()])
