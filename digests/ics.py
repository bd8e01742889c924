"""The deadlines of a digest as a calendar file (RFC 5545). Pure.

METHOD:PUBLISH: something to add, not an invitation to answer. An event keeps its UID for as long as its opportunity
lives; SEQUENCE is the opportunity's version, so a deadline that moved moves in the calendar, and one that was
withdrawn is struck out there.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from digests.phrases import source_name
from digests.sections import Digest, Line
from digests.words import Words
from pipeline.opportunity import LIVE, Deadline, Role, Stage, unique
from pipeline.text import clean

_EACH = 6
"""Deadlines of one opportunity: calls with cut-offs for years would fill the file."""
_LINE = 74
"""Octets: with the blank a continued line starts with, 75."""
_GONE = frozenset({Stage.CANCELLED})


def calendar(digest: Digest, words: Words, domain: str) -> str:
    """The file, lines ending in CR LF; empty when no line has a deadline to note or to strike out."""
    events = [row for line in digest.lines for row in _events(line, digest.now, words, domain)]
    if not events:
        return ""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Vestitor//digest//EN", "METHOD:PUBLISH"]
    return "".join(f"{_fold(row)}\r\n" for row in [*head, *events, "END:VCALENDAR"])


def _events(line: Line, now: dt.datetime, words: Words, domain: str) -> Iterator[str]:
    one = line.opportunity
    if one.stage not in LIVE | _GONE:
        return
    numbers = Counter[Role]()
    for deadline in unique(one.closing)[: 10 * _EACH]:
        numbers[deadline.role] += 1
        if deadline.ends > now and numbers.total() <= _EACH:
            yield from _event(
                line, deadline, f"{one.id}/{deadline.role.value}/{numbers[deadline.role]}@{domain}", now, words
            )


def _event(line: Line, deadline: Deadline, uid: str, now: dt.datetime, words: Words) -> Iterator[str]:
    one = line.opportunity
    yield "BEGIN:VEVENT"
    yield f"UID:{_escape(uid)}"
    yield f"DTSTAMP:{_instant(now)}"
    yield f"SEQUENCE:{line.version}"
    yield f"DTSTART;VALUE=DATE:{deadline.date:%Y%m%d}" if deadline.date else f"DTSTART:{_instant(deadline.ends)}"
    yield f"SUMMARY:{_escape(f'{words.roles[deadline.role]}: {clean(one.title, 160)}')}"
    yield f"DESCRIPTION:{_escape(' '.join(filter(None, (source_name(one.source), one.ref, one.url))))}"
    yield f"STATUS:{'CANCELLED' if one.stage in _GONE else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    if one.stage in LIVE:
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
