"""Periods out of Romanian prose: which dates open and close something, and what that is. Pure.

A statement is a sentence, a line or a labelled part of one. The words nearest before a date, in its own statement, say
what it is for: "observațiile pot fi transmise până la ..." is a consultation though it sounds like a deadline.
"""

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline._romanian_cues import CLOSES, CLOSES_AFTER, OPENS, OPENS_AFTER, PROLONGED, SUPERSEDED, Purpose, purpose_of
from pipeline._romanian_ranges import FROM, connected, with_years
from pipeline._romanian_tokens import BUCHAREST, Token, When, clock, instant, tokens
from pipeline._romanian_words import LONGEST, fold

REACH = 300
"""Characters within which an opening and a closing date, or a date and its words, belong together."""


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when, for what."""

    opens: When | None
    closes: When | None
    purpose: Purpose
    extended: bool = False
    """The text says that it was prolonged or put off to this."""
    superseded: bool = False
    """The text says that this is what was true before."""
    vague: bool = False
    """Only months or quarters were stated; `opens` and `closes` are their first and last days, no deadline."""
    start: int = field(default=0, compare=False)
    """Where in the text it stands."""
    end: int = field(default=0, compare=False)


def read_periods(text: str, today: dt.date | None = None) -> tuple[Period, ...]:
    """The periods of an NFC text in the order they stand; `today` (the day it was written) gives years to dates that
    have none and the day to "12 zile rămase"; without it such dates are left out."""
    text = text[:LONGEST]
    folded = fold(text)
    breaks = [match.end() for match in _BREAK.finditer(text)]
    parts = list(_units(folded, breaks, with_years(folded, tokens(folded), today)))
    periods = _outdated(list(_joined([period for part in parts if (period := _period(*part))])))
    return tuple(_counted_down(folded, period, today) if today else period for period in periods)


_BREAK = re.compile(r"\n+|;|[!?]\s|(?<![\s.]\w)(?<!nr)(?<!art)\.\s+(?=[A-ZȘȚĂÎÂŞŢ„–•\-])|\s[–•-]\s(?=[A-ZȘȚĂÎÂŞŢ])")
_DATELINE = re.compile(
    r"(?:^|[\n•*|_-])\s*$"
    r"|\b(?:update|actualiz\w*|updatat|publicat\w*|postat\w*|data publicarii)\s?:?\s?(?:in|la|pe)?\s?(?:data de\s)?$"
)
_CALENDAR = re.compile(
    r"\s?:\s?(?:termen|deschider|inchider|data limita|lansar|depuner|sesiun|deadline|opening|closing)"
)
_LATE_HOUR = re.compile(
    r"[^.;\d]{0,50}\b(?:pana|limita|tarziu)[^.;\d]{0,12}\bor(?:a|ele)\s?(\d{1,2})(?:[:.](\d\d))?(?![\d.]\d)"
)
_DAYS_LEFT = re.compile(r"[\s(,]{0,3}(\d{1,4}) (?:de )?zile ramase")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A date or range with the words around it."""

    first: Token
    second: Token | None
    before: str
    """From the date before it, or from where its statement begins."""
    statement: str
    after: str


def _units(text: str, breaks: Sequence[int], dated: Sequence[Token]) -> Iterator[tuple[_Unit, bool]]:
    """The dates and ranges, and whether each is the dateline of an entry."""
    at, said = 0, 0
    while at < len(dated):
        first = dated[at]
        second = dated[at + 1] if at + 1 < len(dated) and connected(text, first, dated[at + 1]) else None
        at += 2 if second else 1
        end = (second or first).end
        begin = max(_statement(breaks, first.start), first.start - REACH)
        stop = min(dated[at].start if at < len(dated) else len(text), _next(breaks, end, len(text)), end + 120)
        before = text[max(begin, said) : first.start]
        unit = _Unit(first, second, before, text[begin : first.start], text[end:stop])
        yield unit, _is_dateline(text, unit)
        said = end


def _statement(breaks: Sequence[int], position: int) -> int:
    """Where the statement begins that a position lies in; a label alone on the line before belongs to it."""
    index = bisect_right(breaks, position)
    begin = breaks[index - 1] if index else 0
    return begin if position - begin > 12 or index < 1 else (breaks[index - 2] if index > 1 else 0)


def _next(breaks: Sequence[int], position: int, end: int) -> int:
    index = bisect_right(breaks, position)
    return breaks[index] if index < len(breaks) else end


def _is_dateline(text: str, unit: _Unit) -> bool:
    """`17 decembrie 2025:` at the head of an entry says when it was written; "15 mai 2026: termen limită" does not."""
    if unit.second or not unit.after.startswith((":", " :")) or _CALENDAR.match(unit.after):
        return False
    return bool(_DATELINE.search(text, max(0, unit.first.start - 40), unit.first.start))


def _period(unit: _Unit, dateline: bool) -> Period | None:
    if dateline:
        return None
    opens, closes, stated = _sides(unit)
    moved = bool(
        PROLONGED.search(unit.before) or (PROLONGED.search(unit.after) and not opens and "pana" in unit.before)
    )
    if moved and unit.second and FROM.search(unit.before):
        opens = None  # "se prelungește de la 15 mai la 30 iunie": the first is the old deadline
    purpose = purpose_of(unit.before, unit.statement, unit.after)
    return _checked(
        Period(
            opens=opens,
            closes=closes,
            purpose=purpose or (Purpose.SUBMISSION if stated else Purpose.EVENT),
            extended=moved,
            superseded=bool(SUPERSEDED.search(unit.before[-80:])),
            vague=unit.first.day is None,
            start=unit.first.start,
            end=(unit.second or unit.first).end,
        )
    )


def _sides(unit: _Unit) -> tuple[When | None, When | None, bool]:
    """What opens, what closes, and whether the text says so; a date alone is put as closing."""
    if unit.second:
        return unit.first.when(), _with_hour(unit.second.when(last=True), unit.after), True
    opening = max((match.start() for match in OPENS.finditer(unit.before)), default=-1)
    closing = max((match.start() for match in CLOSES.finditer(unit.before)), default=-1)
    stated = max(opening, closing) >= 0 or bool(CLOSES_AFTER.match(unit.after))
    if opening > closing or (not stated and OPENS_AFTER.match(unit.after)):
        return unit.first.when(), None, True
    return None, _with_hour(unit.first.when(last=True), unit.after), stated


def _with_hour(closes: When | None, after: str) -> When | None:
    """The hour stated some words later: "în perioada 3-24 octombrie, la registratură, până la ora 12:00"."""
    match = _LATE_HOUR.match(after)
    if match is None or closes is None or isinstance(closes, dt.datetime):
        return closes
    time = clock(match[1], match[2])
    return instant(closes, time, BUCHAREST) if time else closes


def _checked(period: Period) -> Period | None:
    """A date that no calendar has is left out; an end before its beginning is no range."""
    if period.opens is None and period.closes is None:
        return None
    return period if _in_order(period.opens, period.closes) else None


def _in_order(opens: When | None, closes: When | None) -> bool:
    return not (opens and closes) or as_day(opens) <= as_day(closes)


def as_day(when: When) -> dt.date:
    """The day of an instant or day, in the zone it is written in."""
    return when.date() if isinstance(when, dt.datetime) else when


def _joined(periods: Sequence[Period]) -> Iterator[Period]:
    """An opening and the closing that follows it are one period: "Data lansării ... Data închiderii ..."."""
    waiting: Period | None = None
    for period in periods:
        if waiting and _fits(waiting, period):
            yield replace(period, opens=waiting.opens, start=waiting.start)
            waiting = None
            continue
        if waiting:
            yield waiting
        waiting = period if period.closes is None else None
        if waiting is None:
            yield period
    if waiting:
        yield waiting


def _fits(opening: Period, closing: Period) -> bool:
    if opening.closes or closing.opens or opening.superseded or opening.vague != closing.vague:
        return False
    near = closing.start - opening.end < REACH
    return near and opening.purpose is closing.purpose and _in_order(opening.opens, closing.closes)


def _outdated(periods: Sequence[Period]) -> list[Period]:
    """What stood shortly before an extension is past: "termenul de 15 mai a fost prelungit până la 30 mai"."""
    result = list(periods)
    for at, period in enumerate(periods[1:], 1):
        before = periods[at - 1]
        near = period.start - before.end < 120
        if near and period.extended and before.closes and before.purpose is period.purpose:
            result[at - 1] = replace(before, superseded=True)
    return result


def _counted_down(text: str, period: Period, today: dt.date) -> Period:
    """A month with days left is a day: "SEPTEMBRIE-2026 (40 zile rămase)" (MIPE calendar, 2026)."""
    match = _DAYS_LEFT.match(text, period.end)
    if match is None or period.closes is None:
        return period
    day = today + dt.timedelta(days=int(match[1]))
    fits = period.vague and (day.year, day.month) == (period.closes.year, period.closes.month)
    return replace(period, opens=None, closes=day, vague=False) if fits else period
