"""Which two dates are the ends of one range, and the years that they lend each other. Pure."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline._romanian_tokens import Token

_FILL = (
    r"[\s,();:]*(?:(?:data|ziua|zilei|de|the|on|luna|luni|marti|miercuri|joi|vineri|sambata|duminica|inclusiv"
    r"|cel tarziu)"
    r"[\s,:]+)*"
)
_HOUR = r"(?:(?:or(?:a|ele)\s)?\d{1,2}[:.]\d\d\s(?:a|din|of|in|,)\s)?(?:(?:data|ziua|zilei)\s)?"
_RANGE = re.compile(
    rf"[\s,()]*(?:inclusiv[\s,]*)?(?:-+|(?:si )?(?:pana|until|till|to)|la|pe|respectiv pana)[\s,-]*"
    rf"(?:(?:pana|la|in|pe|cel tarziu|respectiv)[\s,]+)*{_HOUR}{_FILL}"
)
_AND_RANGE = re.compile(rf"[\s,()]{{1,4}}(?:si|and)\s(?:(?:data|ziua) de )?{_FILL}")
_BETWEEN = re.compile(rf"\b(?:intre|between)\s(?:datele\s(?:de\s)?)?{_FILL}$")
FROM = re.compile(rf"\b(?:de la|din|de pe|from)\s{_FILL}$")


def connected(text: str, first: Token, second: Token) -> bool:
    """Whether two dates of a folded text are the ends of one range."""
    between = text[first.end : second.start] if second.start - first.end < 60 else "x"
    if _RANGE.fullmatch(between):
        return True
    if not between.strip():  # columns of a table: "29/05/2026 10:00 am 31/08/2026 05:00 pm"
        return bool(first.day and first.year and second.day and second.year)
    return bool(_AND_RANGE.fullmatch(between) and _BETWEEN.search(text, max(0, first.start - 50), first.start))


def with_years(text: str, dated: Sequence[Token], today: dt.date | None) -> list[Token]:
    """The dates whose year is known: ranges share a year and a month, "a.c." is the year of `today` or of the date
    before; the others are left out."""
    result: list[Token] = []
    for at, token in enumerate(dated):
        before = result[-1] if result and token.start - result[-1].end < 300 else None
        result.append(_with_year(token, before, _other_end(text, dated, at), today))
    return [token for token in result if token.year and token.month]


def _other_end(text: str, dated: Sequence[Token], at: int) -> Token | None:
    """The date at the other end of the range that begins here."""
    after = dated[at + 1] if at + 1 < len(dated) else None
    return after if after and connected(text, dated[at], after) else None


def _with_year(token: Token, before: Token | None, after: Token | None, today: dt.date | None) -> Token:
    if token.year is not None:
        return token
    if after and after.year and after.month:
        month = token.month or after.month
        return replace(token, month=month, year=after.year - (month > after.month))
    if before and before.year and (token.this_year or (token.day and token.start - before.end < 80)):
        return replace(token, year=before.year + (token.month < before.month and not token.this_year))
    if token.day and today:
        return replace(token, year=today.year if token.this_year else _coming(token, today))
    return token


def _coming(token: Token, today: dt.date) -> int:
    """The year in which a date without one lies from two months back to ten months ahead."""
    months = token.month - today.month
    return today.year + (1 if months < -2 else -1 if months > 9 else 0)
