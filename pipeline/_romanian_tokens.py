"""The dates a Romanian text names, as written: day, month, year, hour, each where it was said. Pure.

Hours are wall time in Bucharest unless the text says another zone. What has no year keeps none: who asks must know.
"""

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from pipeline._romanian_words import ENGLISH, FULL, month_of
from pipeline.opportunity import BRUSSELS

BUCHAREST = ZoneInfo("Europe/Bucharest")
YEARS = range(1990, 2101)
When = dt.datetime | dt.date
"""An aware instant where an hour was stated, else a day."""


@dataclass(frozen=True, slots=True)
class Token:
    """A date in a folded text, from `start` to `end` (its hour included)."""

    start: int
    end: int
    month: int
    day: int | None = None
    year: int | None = None
    time: dt.time | None = None
    zone: dt.tzinfo = BUCHAREST
    months: int = 1
    """How many months it spans where it names no day: a quarter has three."""
    this_year: bool = False
    """It says "a.c.", of the current year."""

    def when(self, last: bool = False) -> When | None:
        """The instant or day; without a day the first (or `last`) of its months; None for what no calendar has."""
        if self.year is None or self.year not in YEARS or not 1 <= self.month <= 12:
            return None
        month = self.month + (self.months - 1 if last else 0)
        length = calendar.monthrange(self.year, month)[1]
        day = self.day if self.day is not None else length if last else 1
        if not 1 <= day <= length:
            return None
        return instant(dt.date(self.year, month, day), self.time, self.zone)


def instant(day: dt.date, time: dt.time | None, zone: dt.tzinfo) -> When:
    """A fixed offset compares well in the hours that the clock change repeats or leaves out (PEP 495)."""
    if time is None:
        return day
    at = dt.datetime.combine(day, time, zone)
    return at.replace(tzinfo=dt.timezone(at.utcoffset() or dt.timedelta()))


_ROMAN = {
    name: at for at, name in enumerate(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"], 1)
}
_AND = r"\s?(?:-|si|la|pe|pana|to|and)\s?(?:la\s|in\s|pe\s|data de\s|ziua de\s)*"
_FULL_NUMERIC = r"\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:19|20)\d\d"
_DMY = re.compile(
    r"(?<![\d.,/])(\d{1,2})\s?([./-])\s?(\d{1,2}|[ivx]{1,4})\s?\2\s?((?:19|20)\d\d|\d\d(?=\D|$))(?!\d|[./]\d)"
)
_DM = re.compile(rf"(?<![\d.,/-])(\d{{1,2}})\s?[./]\s?(\d{{1,2}})\s?\.?(?={_AND}{_FULL_NUMERIC})")
_DAY = re.compile(rf"(?<![\d.,/-])(\d{{1,2}})\.?(?={_AND}(?:{_FULL_NUMERIC}|\d{{1,2}}\s{{1,2}}[a-z]{{3,11}}\b))")
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)[-.](\d\d)[-.](\d\d)(?!\d)(?:t(?=\d\d:))?")
_NAMED = re.compile(
    r"(?<![\d.,])(\d{1,2})(?:st|nd|rd|th)?(?:\s{1,3}|-|\.\s?)(?:of\s)?([a-z]{3,11})\b\.?(?:[\s,-]{0,3}((?:19|20)\d\d)\b)?"
)
_MONTH_FIRST = re.compile(r"\b([a-z]{3,9})\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s((?:19|20)\d\d)\b")
_MONTH = re.compile(
    r"\b([a-z]{3,11})\b"
    r"(?:\.?[\s-]{1,3}(?:anul\s)?((?:19|20)\d\d)\b|(?=\s?(?:-|pana in)\s?[a-z]{3,11}[\s-]{1,3}20\d\d))"
)
_QUARTER = re.compile(
    r"\b(?:(trimestrul|trim\.?|t|q|quarter)|(?:semestrul|sem\.?|s|h))\s?(i{1,3}|iv|[1-4])\b[\s,/-]{0,3}"
    r"(?:(?:al?|din|of|anul|anului)\s){0,3}((?:19|20)\d\d)\b"
)
_HALF = re.compile(r"\b(prima|a doua) (?:jumatate|parte) a (?:lui |anului )((?:19|20)\d\d)\b")
_THIS_YEAR = re.compile(r"\s?(?:,\s?)?(?:a\.\s?c\b\.?|anul (?:curent|acesta)|an curent)")
_NUMBERED = re.compile(
    r"\b(?:priorit\w*|ax[ae]i?|nr|numarul|actiun\w*|etap\w*|faz[ae]i?|apel\w*|anex\w*|art|lot\w*|masur\w*|rund\w*"
    r"|ora|orele)\.?\s$"
)
"""What stands before a number or hour that only looks like a day: "Prioritatea 3 - 15 mai", "ora 16 - 12.10.2026"."""
_NOT_MAI = re.compile(
    r"\s(?:mult|mic|mar[ei]|bin|put|ales|jos|sus|sunt|este|exist|recent|nou|bun|greu|usor|devrem|tarziu)"
)


def tokens(text: str) -> list[Token]:
    """The dates of a folded text in order, none twice; numbers that no calendar has are no dates."""
    found = sorted(_found(text), key=lambda t: (t.start, t.start - t.end))
    result: list[Token] = []
    for token in found:
        if not result or token.start >= result[-1].end:
            result.append(token)
    return list(_with_hours(text, result))


def _found(text: str) -> Iterator[Token]:
    for match in _DMY.finditer(text):
        year = int(match[4]) + (2000 if len(match[4]) == 2 else 0)
        if len(match[4]) == 4 or len(match[1]) == len(match[3]) == 2:
            yield from _valid(match, int(match[1]), _ROMAN.get(match[3]) or _number(match[3]), year)
    for match in _ISO.finditer(text):
        yield from _valid(match, int(match[3]), int(match[2]), int(match[1]))
    for match in (*_DM.finditer(text), *_DAY.finditer(text)):
        month = int(match[2]) if match.re is _DM else 0
        numbered = _NUMBERED.search(text, max(0, match.start() - 16), match.start())
        if not numbered and (month or match.re is _DAY):
            yield from _valid(match, int(match[1]), month, None)
    yield from _named(text)
    yield from _vague(text)


def _number(digits: str) -> int:
    return int(digits) if digits.isdigit() else 0


def _valid(match: re.Match[str], day: int, month: int, year: int | None) -> Iterator[Token]:
    """Month 0 is that of the date at the other end of the range."""
    if 1 <= day <= 31 and (1 <= month <= 12 or (month == 0 and year is None)):
        yield Token(match.start(), match.end(), month, day, year)


def _named(text: str) -> Iterator[Token]:
    for match in _NAMED.finditer(text):
        month, year = month_of(match[2]), _number(match[3] or "") or None
        if month and (year or _is_month(text, match)):
            token = Token(match.start(), match.end(), month, int(match[1]), year)
            this = _THIS_YEAR.match(text, match.end())
            yield replace(token, end=this.end(), this_year=True) if this and not year else token
    for match in _MONTH_FIRST.finditer(text):
        if month := month_of(match[1]) if match[1] in ENGLISH or match[1][:3] in {e[:3] for e in ENGLISH} else None:
            yield from _valid(match, int(match[2]), month, int(match[3]))


def _is_month(text: str, match: re.Match[str]) -> bool:
    """Without a year only a full name is a month: "10 noi granturi", "5 mai mari" are none."""
    if match[2] == "mai" and _NOT_MAI.match(text, match.end()):
        return False
    return match[2] in FULL


def _vague(text: str) -> Iterator[Token]:
    for match in _MONTH.finditer(text):
        if month := month_of(match[1]):
            yield Token(match.start(), match.end(), month, None, _number(match[2] or "") or None)
    for match in _QUARTER.finditer(text):
        part, length = _ROMAN.get(match[2]) or int(match[2]), 3 if match[1] else 6
        if part <= 12 // length:
            yield Token(match.start(), match.end(), (part - 1) * length + 1, None, int(match[3]), months=length)
    for match in _HALF.finditer(text):
        yield Token(match.start(), match.end(), 1 if match[1] == "prima" else 7, None, int(match[2]), months=6)


_HOUR = r"(\d{1,2})(?:\s?[:.,]\s?(\d\d)(?:[:.]\d\d)?|\s?(\d\d))?(?!\d|[.,:]\d)\s?(a\.?m\b\.?|p\.?m\b\.?)?"
_NOT_THAT_DAY = r"(?!\s?,?\s?(?:a|al|din|in|of)\s(?:zilei|data|ziua|\d))"
_AFTER = re.compile(
    r"[\s,;()-]{0,4}(?:(?:de|de la|la|at|incepand cu|incepand de la|pana la|dupa|intre|in jurul)\s)?"
    rf"(?:ore(?:i|le)|ora|h|hour)[\s:.]{{0,2}}{_HOUR}{_NOT_THAT_DAY}"
    rf"|[\s,;(]{{1,3}}(?:at\s|la\s)?(\d{{1,2}}):(\d\d)(?::\d\d)?()(?!\d)\s?(a\.?m\b\.?|p\.?m\b\.?)?{_NOT_THAT_DAY}"
    r"|\s?,\s?(\d\d)\.(\d\d)()(?!\.?\d)\s?()(?!\s?(?:euro|eur|lei|ron|mil|%))"
)
_BEFORE = re.compile(
    r"(?:(?:orele|ora)\s?|(?=\d{1,2}[:.]\d\d\s(?:a|din|of|in)\s)(?<![\d.,:/]))"
    rf"(?<!\d){_HOUR}[\s,)]{{1,2}}(?:(?:a|al|in|din|pe|la|on|of|the)\s){{0,2}}(?:(?:data|zilei|ziua)(?:\sde)?\s)?$"
)
_ZONE = re.compile(r"[\s(,]{0,3}(?:ora (?:de la )?)?(c\.?e\.?s?\.?t\b|bruxelles|brussels|utc|gmt)")


def _with_hours(text: str, dates: Iterable[Token]) -> Iterator[Token]:
    free = 0
    for token in dates:
        timed = _hour_after(text, token) or _hour_before(text, token, free) or token
        free = timed.end
        yield timed


def _hour_after(text: str, token: Token) -> Token | None:
    match = _AFTER.match(text, token.end) if token.day else None
    if match is None:
        return None
    hour, minute, more, half = next(match.group(i, i + 1, i + 2, i + 3) for i in (1, 5, 9) if match[i])
    time = clock(hour, minute or more, half)
    zone = _ZONE.match(text, match.end())
    return replace(token, end=match.end(), time=time, zone=_zone(zone)) if time else None


def _hour_before(text: str, token: Token, free: int) -> Token | None:
    match = _BEFORE.search(text, max(free, token.start - 40), token.start) if token.day else None
    time = clock(match[1], match[2] or match[3], match[4]) if match else None
    return replace(token, time=time) if time else None


def clock(hour: str, minute: str | None, half: str | None = None) -> dt.time | None:
    """24:00 is the last minute of its day: a deadline must never be shown on the day after."""
    hours, minutes = int(hour), int(minute or 0)
    if half:
        hours = hours % 12 + (12 if half[0] == "p" else 0)
    if (hours, minutes) == (24, 0):
        return dt.time(23, 59)
    return dt.time(hours, minutes) if hours < 24 and minutes < 60 else None


def _zone(match: re.Match[str] | None) -> dt.tzinfo:
    if match is None:
        return BUCHAREST
    return dt.UTC if match[1] in ("utc", "gmt") else BRUSSELS
