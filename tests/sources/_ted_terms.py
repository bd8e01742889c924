"""One condition of an expert query: `publication-date>=today(-3)`, `CY IN (ROU HUN)`, `FT ~ "portal"`.

Facts, recorded 2026-08-16 to 2026-09-29: dates are YYYYMMDD or today(-7) and an ISO date is refused; a CPV code matches
everything below it; `72*` is a prefix; codes are checked against their lists.
"""

from __future__ import annotations

import operator as op
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ._ted_codes import CODES, COUNTRY
from ._ted_fields import FIELDS, values
from ._ted_refusals import Place, Refusal, in_query, unsupported
from ._ted_shelf import Notice

Test = Callable[[Notice], bool]
Compare = Callable[[float, float], bool]

_DATE = r"[0-9]{8}|today([+-]?[0-9]*)"
_ORDER: dict[str, Compare] = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}
_EQUAL = {"=", "!=", "IN"}
OPERATORS = {
    "date": {*_EQUAL, *_ORDER},
    "number": {*_EQUAL, *_ORDER},
    "text": {*_EQUAL, "~", "!~"},
    "cpv": _EQUAL,
    "code": _EQUAL,
    "id": _EQUAL,
}


@dataclass(frozen=True)
class Token:
    """A word of the query and where it stands."""

    text: str
    place: Place
    quoted: bool = False


def negated(test: Test) -> Test:
    return lambda notice: not test(notice)


def condition(field: str, operator: Token, wanted: Sequence[Token], today: date) -> Test:
    """The test one condition stands for; any of the wanted values will do."""
    allowed = {"~", "!~"} if field == "FT" else OPERATORS[FIELDS[field].kind]
    if operator.text not in allowed:
        what = f"Operation '{operator.text}' is not supported for field '{field}' in expert query"
        raise in_query("QUERY_UNSUPPORTED_FIELD_OPERATION", what, operator.place, fieldName=field)
    read = _contains if "~" in operator.text else _equals
    test = read(field, operator.text, wanted, today)
    return negated(test) if operator.text.startswith("!") else test


def _contains(field: str, _operator: str, wanted: Sequence[Token], _today: date) -> Test:
    patterns = [_words(token.text) for token in wanted]
    return lambda notice: any(pattern.search(_prose(notice, field)) for pattern in patterns)


def _equals(field: str, operator: str, wanted: Sequence[Token], today: date) -> Test:
    matches = [_match(field, operator, token, today) for token in wanted]
    return lambda notice: any(match(have) for match in matches for have in values(notice, field))


def _match(field: str, operator: str, token: Token, today: date) -> Callable[[str], bool]:
    kind, text = FIELDS[field].kind, token.text
    compare: Compare = _ORDER.get(operator, op.eq)
    if kind == "date":
        day = _day(field, token, today).toordinal()
        return lambda have: compare(date.fromisoformat(have[:10]).toordinal(), day)
    if kind == "number":
        number = _number(field, token)
        return lambda have: compare(float(have), number)
    _check(field, kind, text)
    if text.endswith("*"):
        return lambda have: have.startswith(text[:-1])
    if kind == "cpv":
        return lambda have: have.startswith(_branch(text))
    return lambda have: have == text


def _day(field: str, token: Token, today: date) -> date:
    """Whole days only."""
    try:
        if match := re.fullmatch(r"today\(([+-]?[0-9]*)\)", token.text):
            return today + timedelta(days=int(match[1] or 0))
        if re.fullmatch(r"[0-9]{8}", token.text):
            return date.fromisoformat(token.text)
    except ValueError:
        pass
    raise _malformed(field, token, _DATE)


def _number(field: str, token: Token) -> float:
    try:
        return float(token.text)
    except ValueError:
        raise _malformed(field, token, "[0-9]+") from None


def _malformed(field: str, token: Token, pattern: str) -> Refusal:
    what = f"Invalid value '{token.text}' for field '{field}' in expert query"
    return in_query("QUERY_INVALID_FIELD_FORMAT", what, token.place, fieldName=field, allowedPattern=pattern)


def _check(field: str, kind: str, text: str) -> None:
    """A country of two letters, a CPV with its check digit and a code nobody knows are refused."""
    known = text.endswith("*") or text in CODES.get(field, {text})
    if kind == "cpv":
        known = bool(re.fullmatch(r"[0-9]{8}|[0-9]{1,7}\*", text))
    if field in ("buyer-country", "CY"):
        known = bool(re.fullmatch(COUNTRY, text))
    if not known:
        raise unsupported(field, text)


def _branch(cpv: str) -> str:
    """The digits a CPV shares with everything below it, two at least: 72200000 -> 722."""
    return cpv[:2] + cpv[2:].rstrip("0")


def _words(text: str) -> re.Pattern[str]:
    """These words in this order, whole (`secur*`: beginning so), whatever their case."""
    words = r"\W+".join(re.escape(word).replace(r"\*", r"\w*") for word in text.split())
    return re.compile(rf"\b{words}\b", re.IGNORECASE)


def _prose(notice: Notice, field: str) -> str:
    if field == "FT":
        return " ".join(str(text) for text in notice.root.itertext())
    return " ".join(values(notice, field))
