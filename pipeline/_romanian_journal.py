"""Pages that are journals: dated entries, mostly newest first, in which the newest statement holds. Pure.

`17 decembrie 2025: ... se prelungește până la data de 19.01.2026` stands above the entry whose deadline it replaces
(mfe.gov.ro, 2025-2026); `Informare 04 decembrie 2024` heads an entry of uefiscdi.gov.ro; `UPDATE 6.12.2023:` one of
startupcafe.ro. What stands above the first dated entry has no day and is the page's own.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline._romanian_cues import Purpose
from pipeline._romanian_periods import Period, as_day, read_periods
from pipeline._romanian_status import Status, read_status
from pipeline._romanian_tokens import tokens
from pipeline._romanian_words import LONGEST, fold

_HEAD = re.compile(
    r"(?:(?P<start>^|\n|_|paragraf|[.!;”\"])\s{0,5}(?:(?:update|actualizare|informare|anunt|nou!?)\s{0,3}:?\s{0,3})?|(?P<inline>\s))"
    r"(?=(?P<day>\d{1,2}(?:[./]\d{1,2}[./]|\s[a-z]{3,11}\s)20\d\d)(?P<mark>\s?:|\.|\s?-|,\s\d\d:\d\d|\s{0,3}\n|$)\s{0,5})"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A dated part of a page; the part before the first date has none."""

    day: dt.date | None
    text: str


def read_entries(text: str) -> tuple[Entry, ...]:
    """The entries of an NFC text, newest first; a page without dated heads is one entry without a day."""
    text = text[:LONGEST]
    folded = fold(text)
    heads = [(match.end(), match.end("mark"), day) for match in _HEAD.finditer(folded) if (day := _headed(text, match))]
    ends = [head for head, _, _ in heads[1:]] + [len(text)]
    entries = [Entry(day, text[body:end].strip(" _\n")) for (_, body, day), end in zip(heads, ends, strict=False)]
    first = text[: heads[0][0] if heads else len(text)].strip(" _\n")
    entries.sort(key=lambda entry: entry.day or dt.date.min, reverse=True)
    return tuple([Entry(None, first)] * bool(first) + entries)


def _headed(text: str, match: re.Match[str]) -> dt.date | None:
    """The day of a head: a date that starts a line or sentence, or one before ": Capital" in a run of text."""
    begins = match["start"] is not None
    after = text[match.end("mark") : match.end("mark") + 2].lstrip()
    capital = after[:1].isupper() or after[:1] in '„"”•'
    if not (capital if match["mark"].strip() in (":", ".", "-") else begins and not match["mark"].startswith(".")):
        return None
    if not begins and match["mark"].strip() != ":":
        return None
    named = tokens(match["day"])
    when = named[0].when() if named else None
    return when.date() if isinstance(when, dt.datetime) else when


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says now."""

    status: Status | None
    """What its newest telling entry says of the call, questions and payments aside."""
    submission: Period | None
    consultation: Period | None
    said: dt.date | None
    """The day of the newest entry."""


def read_page(title: str, text: str, today: dt.date | None = None) -> Page:
    """What a page says now: of several statements about one thing the newest; dates without a year are read from the
    day of their entry, else from `today`."""
    entries = read_entries(text)
    days = [entry.day for entry in entries if entry.day]
    told = [(entry, read_periods(entry.text, entry.day or today)) for entry in entries]
    status = _status(title, entries)
    consultation = _newest(told, Purpose.CONSULTATION)
    return Page(status, _newest(told, Purpose.SUBMISSION, consultation), consultation, max(days, default=None))


def _status(title: str, entries: Sequence[Entry]) -> Status | None:
    """The newest entry's; a title that is all noise makes a page of noise."""
    named = read_status(title)
    if named is Status.NOISE:
        return named
    said = [status for entry in entries if (status := _told(entry.text)) is not None]
    telling = next((status for status in said if status is not Status.NOISE), None)
    return telling or named or (said[0] if said else None)


def _told(text: str) -> Status | None:
    """The status an entry's first sentences tell: an announcement begins with what it announces."""
    sentences = [
        sentence for sentence in re.split(r"(?<=[.!])\s+(?=[A-ZȘȚĂÎÂ„])|\n+", text[:1_500]) if len(sentence) > 3
    ]
    return next((status for sentence in sentences[:6] if (status := read_status(sentence)) is not None), None)


def _newest(
    told: Sequence[tuple[Entry, Sequence[Period]]], purpose: Purpose, other: Period | None = None
) -> Period | None:
    """The newest period that holds; an extension keeps the opening day that an older entry stated. One that ends on
    the day of the `other` is that one again, from a table without words (mfe.gov.ro/ghiduri-ms, 2025)."""
    held = [period for _, periods in told for period in _best(periods, purpose) if not _same_end(period, other)]
    if not held:
        return None
    opened = next((period.opens for period in held if period.opens), None)
    closing = next((period for period in held if period.closes), held[0])
    if closing.opens is None and opened and (closing.closes is None or as_day(opened) <= as_day(closing.closes)):
        return Period(opened, closing.closes, purpose, closing.extended, vague=closing.vague)
    return closing


def _same_end(period: Period, other: Period | None) -> bool:
    return other is not None and period.closes is not None and not period.extended and period.closes == other.closes


def _best(periods: Sequence[Period], purpose: Purpose) -> Iterator[Period]:
    """The periods of one entry that hold, the moved ones and the exact ones first."""
    fitting = [period for period in periods if period.purpose is purpose and not period.superseded]
    yield from sorted(fitting, key=lambda period: (period.vague, not period.extended, period.closes is None))
