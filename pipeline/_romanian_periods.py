"""Periods out of Romanian prose: which dates open and close something, and what that is. Pure.

A statement is a sentence, a line or a labelled part of one. The words nearest before a date, in its own statement, say
what it is for: "observațiile pot fi transmise până la ..." is a consultation though it sounds like a deadline.
"""

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pipeline._romanian_tokens import BUCHAREST, Token, When, clock, instant, tokens
from pipeline._romanian_words import fold


class Purpose(StrEnum):
    """What a period is for; an EVENT is a day on which something happens that nobody hands anything in for."""

    SUBMISSION = "submission"
    CONSULTATION = "consultation"
    QUESTIONS = "questions"
    EVENT = "event"


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


_CONSULTATION = r"consult(?:ar|at)\w*|dezbater\w*|observati\w*|sugesti\w*|comentari\w*|feedback|propuneri(?:le)? (?:de|si) (?:modific|imbunat|observ)\w*|consultation"
_QUESTIONS = r"intrebar\w*|clarific\w*|questions?|helpdesk"
_EVENT = (
    r"eveniment\w*|webinar\w*|info ?-?days?|conferint\w*|intalnir\w*|workshop\w*|caravan\w*|seminar\w*|atelier\w*|"
    r"sesiun\w* de (?:inform|formar|instru)\w*|va avea loc|vor avea loc|a avut loc|evalu\w*|contestati\w*|rezultat\w*|"
    r"contractar\w*|semna\w*|implement\w*|monitorul oficial|ordin(?:ul)?(?: nr| mipe| ministr)\w*|hotarar\w*|infiint\w*|"
    r"programar\w*|valab\w*(?! a (?:apel|sesiun))|afis\w*|publica[tr]\w*|postat\w*|aprobat\w*|adoptat\w*|actualizat\w*|modificat\w*|"
    r"semnat\w*|eligibilitat\w* cheltuiel\w*|cheltuiel\w*|lista\b|listele\b|selecti\w*|interviu\w*|"
    r"plati|platil\w*|platit\w*|demarat\w*|conform\w*|decizi\w*|editi\w*|schem\w* (?:de ajutor )?\w* ?valab\w*|"
    r"perioada de durabilitate|finaliza\w* (?:a |al )?(?:proiect|investi|implement)\w*|results|signed|published|event"
)
_SUBMISSION = (
    r"depun(?:er|atori)\w*|inscrier\w*|aplica(?:ti\w*|re\w*|ntii|nti)?\b|transmiter\w*|primir\w*|cererilor|cereri|propunerilor|incarca\w*|"
    r"termen(?:ul|ului)?[ -]{0,3}limit\w*|data limita|submi\w*|applications?|apply|deadlines?|proposals|candidatur\w*|dosar\w*"
)
_VERB = r"depus\w*|depun|depune|transmis\w*|transmite|trimi\w*|primit\w*|inregistra\w*|inscri\w*|submitted|sent"
_WEAK = r"apel\w*|sesiun\w*|deschi\w*|inchi\w*|lans\w*|competiti\w*|calls?|opens?|closes?|programului de finantare|schem\w*"
_CUE = re.compile(
    rf"\b(?:(?P<consultation>{_CONSULTATION})|(?P<questions>{_QUESTIONS})|(?P<event>{_EVENT})|(?P<submission>{_SUBMISSION})"
    rf"|(?P<verb>{_VERB})|(?P<weak>{_WEAK}))(?!\w)"
)
_OPENS = re.compile(
    r"\b(?:incepand (?:cu|din|de la)|incep\w*|de la|de pe|deschi\w*|lans\w*|relans\w*|start\w*|opens?|opening|from|since|disponibil\w*|porn\w*|din|dupa)\b"
)
_CLOSES = re.compile(
    r"\b(?:pana|cel tarziu|limit\w*|inchi\w*|expir\w*|incheie\w*|final\w*|prelung\w*|extinde\w*|extins\w*|amana\w*|decal\w*|"
    r"deadline|until|till|by|closes?|closing|no later than|ultima zi|termen\w*|scadent\w*|not later than|extend\w*)\b"
)
_PROLONGED = re.compile(r"\b(?:prelung\w*|aman(?:at|are|a)\w*|decal\w*|extind\w*|extins\w*|extend\w*|extension|postpon\w*|devans\w*)")
_BEFORE = re.compile(r"\b(?:initial\w*|vechi\w*|in loc de|fata de|era\b|anterior(?!\s(?:depun|public))\w*|anuntat\w* anterior|previously|instead of)")
_CLOSES_AFTER = re.compile(r"\s?[:,(-]?\s?(?:inclusiv|(?:este |e |- )?(?:termen|data limita|ultima zi|deadline))")
_OPENS_AFTER = re.compile(r"[\s,-]{0,3}(?:apelul |sesiunea )?(?:se (?:va |vor )?(?:deschi|lans)\w*|va (?:fi |incepe)\w*|(?:este |- )?(?:deschider|lansar)\w*)")
_LATE_HOUR = re.compile(r"[^.;\d]{0,50}\b(?:pana|limita|tarziu)[^.;\d]{0,12}\bor(?:a|ele)\s?(\d{1,2})(?:[:.](\d\d))?(?![\d.]\d)")
_FILL = r"[\s,();:]*(?:(?:data|ziua|zilei|de|the|on|luna|luni|marti|miercuri|joi|vineri|sambata|duminica|inclusiv|cel tarziu)[\s,:]+)*"
_RANGE = re.compile(
    rf"[\s,()]*(?:inclusiv[\s,]*)?(?:-+|(?:si )?(?:pana|until|till|to)|la|pe|respectiv pana)[\s,-]*(?:(?:pana|la|in|pe|cel tarziu|respectiv)[\s,]+)*(?:(?:or(?:a|ele)\s)?\d{{1,2}}[:.]\d\d\s(?:a|din|of|in|,)\s)?(?:(?:data|ziua|zilei)\s)?{_FILL}"
)
_AND_RANGE = re.compile(rf"\s(?:si|and)\s(?:(?:data|ziua) de )?{_FILL}")
_BETWEEN = re.compile(rf"\b(?:intre|between)\s(?:datele\s(?:de\s)?)?{_FILL}$")
_FROM = re.compile(rf"\b(?:de la|din|de pe|from)\s{_FILL}$")
_DATELINE = re.compile(r"(?:^|[\n•*|_-])\s*$|\b(?:update|actualiz\w*|updatat|publicat\w*|postat\w*|data publicarii)\s?:?\s?(?:in|la|pe)?\s?(?:data de\s)?$")
_CALENDAR = re.compile(r"\s?[:-]\s?(?:termen|deschider|inchider|data limita|lansar|depuner|sesiun|deadline|opening|closing)")
_BREAK = re.compile(r"\n+|;|(?<![\s.]\w)(?<!nr)(?<!art)\.\s+(?=[A-ZȘȚĂÎÂŞŢ„–•\-])|\s[–•-]\s(?=[A-ZȘȚĂÎÂŞŢ])|[!?]\s")
REACH = 300
"""Characters within which an opening and a closing date, or a date and its words, belong together."""


def read_periods(text: str, today: dt.date | None = None) -> tuple[Period, ...]:
    """The periods of an NFC text in the order they stand; `today` (the day it was written) gives years to dates that
    have none and the day to "12 zile rămase"; without it such dates are left out."""
    folded = fold(text)
    dated = _with_years(folded, tokens(folded), today)
    breaks = [match.end() for match in _BREAK.finditer(text)] if len(text) == len(folded) else []
    periods = _outdated(list(_joined(list(_periods(folded, breaks, dated)))))
    return tuple(_counted_down(folded, period, today) if today else period for period in periods)


_DAYS_LEFT = re.compile(r"[\s(,]{0,3}(\d{1,4}) (?:de )?zile ramase")


def _counted_down(text: str, period: Period, today: dt.date) -> Period:
    """"OCTOMBRIE-2026 (52 zile rămase)" is a day to who knows when it was written (MIPE calendar, 2026)."""
    match = _DAYS_LEFT.match(text, period.end)
    if match is None or period.closes is None:
        return period
    day = today + dt.timedelta(days=int(match[1]))
    fits = period.vague and (day.year, day.month) == (period.closes.year, period.closes.month)
    return replace(period, opens=None, closes=day, vague=False) if fits else period


def _outdated(periods: Sequence[Period]) -> list[Period]:
    """"Termenul de 15 mai a fost prelungit până la 30 mai": what stood shortly before an extension is past."""
    result = list(periods)
    for at, period in enumerate(periods[1:], 1):
        before = periods[at - 1]
        if period.extended and before.purpose is period.purpose and before.closes and period.start - before.end < 120:
            result[at - 1] = replace(before, superseded=True)
    return result


def _with_years(text: str, dated: Sequence[Token], today: dt.date | None) -> list[Token]:
    """Ranges share a year and a month; "a.c." is the year of today or of the date before."""
    result: list[Token] = []
    for at, token in enumerate(dated):
        after = next((t for t in dated[at + 1 : at + 2] if _connected(text, token, t)), None)
        if after and after.year is None:
            after = next((t for t in dated[at + 2 : at + 3] if _connected(text, after, t)), after)
        before = result[-1] if result and token.start - result[-1].end < REACH else None
        result.append(_with_year(token, before, after, today))
    return [token for token in result if token.year and token.month]


def _with_year(token: Token, before: Token | None, after: Token | None, today: dt.date | None) -> Token:
    if token.year is None and after and after.year and after.month:
        month = token.month or after.month
        return replace(token, month=month, year=after.year - (month > after.month))
    if token.year is None and before and before.year and (token.this_year or _near(token, before)):
        return replace(token, year=before.year + (token.month < before.month and not token.this_year))
    if token.year is None and token.day and today:
        return replace(token, year=today.year if token.this_year else _coming(token, today))
    return token


def _near(token: Token, before: Token) -> bool:
    return token.start - before.end < 80 and token.day is not None


def _coming(token: Token, today: dt.date) -> int:
    """The year in which a date without one lies from two months back to ten months ahead."""
    months = (token.month or 1) - today.month
    return today.year + (1 if months < -2 else -1 if months > 9 else 0)


def _connected(text: str, first: Token, second: Token) -> bool:
    """Whether two dates are the ends of one range."""
    between = text[first.end : second.start] if second.start - first.end < 60 else "x"
    if _RANGE.fullmatch(between):
        return True
    if not between.strip():  # columns of a table: "29/05/2026 10:00 am 31/08/2026 05:00 pm"
        return bool(first.day and first.year and second.day and second.year)
    return bool(_AND_RANGE.fullmatch(between) and _BETWEEN.search(text, max(0, first.start - 50), first.start))


def _periods(text: str, breaks: Sequence[int], dated: Sequence[Token]) -> Iterator[Period]:
    at, said = 0, 0
    while at < len(dated):
        first = dated[at]
        second = dated[at + 1] if at + 1 < len(dated) and _connected(text, first, dated[at + 1]) else None
        last = second or first
        begin = _statement(breaks, first.start)
        stop = min(dated[at + 1 + bool(second)].start if at + 1 + bool(second) < len(dated) else len(text), _next(breaks, last.end, len(text)))
        if period := _period(text, (begin, max(begin, said), stop), first, second):
            yield period
        at, said = at + 1 + bool(second), last.end


def _statement(breaks: Sequence[int], position: int) -> int:
    """Where the statement begins that a position lies in; a label alone on the line before belongs to it."""
    index = bisect_right(breaks, position)
    begin = breaks[index - 1] if index else 0
    return begin if position - begin > 12 or index < 1 else (breaks[index - 2] if index > 1 else 0)


def _next(breaks: Sequence[int], position: int, end: int) -> int:
    index = bisect_right(breaks, position)
    return breaks[index] if index < len(breaks) else end


def _period(text: str, bounds: tuple[int, int, int], first: Token, second: Token | None) -> Period | None:
    """The period of one date or range; `bounds` are those of its statement, of its own words, and its end."""
    statement, words, stop = bounds
    before, after = text[max(words, first.start - REACH) : first.start], text[(second or first).end : min(stop, (second or first).end + 120)]
    if _is_dateline(text, first, second, after):
        return None
    opens, closes, stated = _sides(before, after, first, second)
    closes = _closing_hour(closes, after)
    moved = bool(_PROLONGED.search(before) or (_PROLONGED.search(after) and not opens and "pana" in before))
    if moved and second and _FROM.search(before):
        opens = None  # "se prelungește de la 15 mai la 30 iunie": the first is the old deadline
    named = _purpose(before, text[max(statement, first.start - REACH) : first.start], after)
    purpose = named or (Purpose.SUBMISSION if stated else Purpose.EVENT)
    return _checked(
        Period(
            opens, closes, purpose, moved, bool(_BEFORE.search(before[-80:])), first.day is None,
            first.start, (second or first).end,
        )  # fmt: skip
    )


def _closing_hour(closes: When | None, after: str) -> When | None:
    """The hour stated some words later: "în perioada 3-24 octombrie, la registratură, până la ora 12:00"."""
    match = _LATE_HOUR.match(after)
    if match is None or closes is None or isinstance(closes, dt.datetime):
        return closes
    time = clock(match[1], match[2])
    return instant(closes, time, BUCHAREST) if time else closes


def _is_dateline(text: str, first: Token, second: Token | None, after: str) -> bool:
    """"17 decembrie 2025:" at the head of an entry says when it was written."""
    if second or not re.match(r"\s?:|\s*\n|\s?-\s", after or "\n"):
        return False
    return bool(_DATELINE.search(text, max(0, first.start - 40), first.start)) and after.startswith((":", " :")) and not _CALENDAR.match(after)


def _sides(before: str, after: str, first: Token, second: Token | None) -> tuple[When | None, When | None, bool]:
    """What opens, what closes, and whether the text says so; a date alone is put as closing."""
    if second:
        return first.when(), second.when(last=True), True
    opening = max((m.start() for m in _OPENS.finditer(before)), default=-1)
    closing = max((m.start() for m in _CLOSES.finditer(before)), default=-1)
    stated = max(opening, closing) >= 0 or bool(_CLOSES_AFTER.match(after))
    if opening > closing or (not stated and _OPENS_AFTER.match(after)):
        return first.when(), None, True
    return None, first.when(last=True), stated


def _purpose(words: str, statement: str, after: str) -> Purpose | None:
    """What the nearest telling word before says; then "apel", "deschis" and the like; then the words after; then the
    rest of the statement before."""
    return _nearest(words, weak=False) or _nearest(words) or _first(after) or _nearest(statement, weak=False) or _nearest(statement)


def _nearest(words: str, weak: bool = True) -> Purpose | None:
    """The last cue; a verb of handing in ("pot fi depuse") is about the nearest noun before it ("contestațiile")."""
    kinds = [kind for match in _CUE.finditer(words) if (kind := match.lastgroup) and (weak or kind != "weak")]
    if kinds and kinds[-1] == "verb":
        kinds = [kind for kind in kinds if kind != "verb"] or kinds
    return _as_purpose(kinds[-1]) if kinds else None


def _first(words: str) -> Purpose | None:
    match = _CUE.search(words)
    return _as_purpose(match.lastgroup) if match and match.lastgroup else None


def _as_purpose(kind: str) -> Purpose:
    return Purpose.SUBMISSION if kind in ("weak", "verb") else Purpose(kind)


def _checked(period: Period) -> Period | None:
    """A date that no calendar has is left out; an end before its beginning is no range."""
    if period.opens is None and period.closes is None:
        return None
    if period.opens and period.closes and _day(period.closes) < _day(period.opens):
        return None
    return period


def _day(when: When) -> dt.date:
    return when.date() if isinstance(when, dt.datetime) else when


def _joined(periods: Sequence[Period]) -> Iterator[Period]:
    """"Data lansării ... Data închiderii ...": an opening and the closing that follows it are one period."""
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
    if opening.closes or closing.opens or not opening.opens or not closing.closes:
        return False
    same = opening.purpose is closing.purpose
    near = closing.start - opening.end < REACH and opening.vague == closing.vague and not opening.superseded
    return near and same and _day(opening.opens) <= _day(closing.closes)
