"""TED's expert query language: `form-type IN (planning competition) AND publication-date>=20261120 SORT BY publication-number DESC`.

Facts, recorded 2026-08-16 to 2026-09-29: dates are YYYYMMDD or today(-7), an ISO date is refused; lists are separated by spaces;
there is no ASC; CPV codes match everything below them; `72*` is a prefix; an unknown field or code refuses the whole query.
Commas in lists are refused here although two public clients send them: nobody has recorded an answer to one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from ._ted_codes import CODES, COUNTRY
from ._ted_fields import FIELDS, values
from ._ted_refusals import Place, Refusal, in_query, syntax, unsupported
from ._ted_shelf import Notice

Test = Callable[[Notice], bool]
Key = tuple[int | str, ...]

_TOKEN = re.compile(r'\s*(?:("[^"]*")|(today\([^)]*\))|(<=|>=|!=|!~|[=<>~(),])|([^\s()=<>!~,"]+)|(\S))')
_DATE = r"[0-9]{8}|today([+-]?[0-9]*)"
_OPERATORS = {
    "date": {"=", "!=", "<", "<=", ">", ">=", "IN"},
    "number": {"=", "!=", "<", "<=", ">", ">=", "IN"},
    "cpv": {"=", "!=", "IN"},
    "code": {"=", "!=", "IN"},
    "id": {"=", "!=", "IN"},
    "text": {"=", "!=", "~", "!~", "IN"},
}
_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "<": lambda have, want: have < want,
    "<=": lambda have, want: have <= want,
    ">": lambda have, want: have > want,
    ">=": lambda have, want: have >= want,
}
_NUMBERS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda have, want: have < want,
    "<=": lambda have, want: have <= want,
    ">": lambda have, want: have > want,
    ">=": lambda have, want: have >= want,
}


@dataclass(frozen=True)
class Query:
    """A test for each notice, and the order of those that pass."""

    test: Test
    sort_by: str = "publication-number"
    descending: bool = False

    def run(self, notices: Iterable[Notice]) -> list[Notice]:
        found = [notice for notice in notices if self.test(notice)]
        return sorted(found, key=self._key, reverse=self.descending)

    def _key(self, notice: Notice) -> Key:
        if self.sort_by in ("publication-number", "ND"):
            return notice.order
        return (next(iter(values(notice, self.sort_by)), ""), *notice.order)


@dataclass(frozen=True)
class Token:
    text: str
    place: Place
    quoted: bool = False


def read_query(text: str, today: date) -> Query:
    """The query a text stands for; raises `Refusal` where TED answers 400."""
    return _Reader(_tokens(text), today).query()


def _tokens(text: str) -> list[Token]:
    tokens = []
    for match in _TOKEN.finditer(text):
        word = match[match.lastindex or 0]
        place = _place(text, match.start(match.lastindex or 0), len(word))
        if match.lastindex == 5:
            raise syntax(place, f"token recognition error at: '{word}'")
        tokens.append(Token(word.strip('"'), place, quoted=match.lastindex == 1))
    return [*tokens, Token("<EOF>", _place(text, len(text), 1))]


def _place(text: str, at: int, length: int) -> Place:
    line = text.count("\n", 0, at)
    begin = at - (text.rfind("\n", 0, at) + 1)
    return Place(line + 1, begin, begin + length)


class _Reader:
    """Recursive descent: OR binds weaker than AND, AND weaker than NOT."""

    def __init__(self, tokens: list[Token], today: date) -> None:
        self.tokens = tokens
        self.today = today
        self.at = 0

    def query(self) -> Query:
        test = self._any()
        if not self._skip("SORT"):
            self._end()
            return Query(test)
        self._expect("BY")
        field = self._field()
        descending = self._skip("DESC")
        self._end()
        return Query(test, field.text, descending)

    def _any(self) -> Test:
        tests = [self._all()]
        while self._skip("OR"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda notice: any(test(notice) for test in tests)

    def _all(self) -> Test:
        tests = [self._not()]
        while self._skip("AND"):
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else lambda notice: all(test(notice) for test in tests)

    def _not(self) -> Test:
        if self._skip("NOT"):
            return _negated(self._not())
        if self._skip("("):
            test = self._any()
            self._expect(")")
            return test
        return self._term()

    def _term(self) -> Test:
        field = self._field()
        negated = self._skip("NOT")
        operator = self._next()
        if operator.text not in _OPERATORS["text"] | _OPERATORS["date"] or (negated and operator.text != "IN"):
            raise _unexpected(operator)
        allowed = {"~", "!~"} if field.text == "FT" else _OPERATORS[FIELDS[field.text].kind]
        if operator.text not in allowed:
            what = f"Operation '{operator.text}' is not supported for field '{field.text}' in expert query"
            raise in_query("QUERY_UNSUPPORTED_FIELD_OPERATION", what, operator.place, fieldName=field.text)
        test = _test(field.text, operator.text, self._wanted(operator.text), self.today)
        return _negated(test) if negated else test

    def _field(self) -> Token:
        token = self._next()
        if token.quoted or not re.fullmatch(r"[A-Za-z][\w-]*", token.text):
            raise _unexpected(token)
        if token.text not in FIELDS and token.text != "FT":
            what = f"Unknown field '{token.text}' in expert query"
            raise in_query("QUERY_UNKNOWN_FIELD", what, token.place, fieldName=token.text)
        return token

    def _wanted(self, operator: str) -> list[Token]:
        if operator == "IN" or (operator in ("~", "!~") and self._peek() == "("):
            self._expect("(")
            wanted = [self._value()]
            while not self._skip(")"):
                wanted.append(self._value())
            return wanted
        return [self._value()]

    def _value(self) -> Token:
        token = self._next()
        if not token.quoted and re.fullmatch(r"[(),]|[=<>!~]+|<EOF>|AND|OR|NOT|IN|SORT", token.text):
            raise _unexpected(token)
        return token

    def _peek(self) -> str:
        token = self.tokens[self.at]
        return "" if token.quoted else token.text

    def _next(self) -> Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def _skip(self, text: str) -> bool:
        found = self._peek() == text
        self.at += found
        return found

    def _expect(self, text: str) -> None:
        if self._peek() != text:
            raise _unexpected(self._next())
        self.at += 1

    def _end(self) -> None:
        if self._peek() != "<EOF>":
            raise _unexpected(self._next())


def _unexpected(token: Token) -> Refusal:
    return syntax(token.place, f"extraneous input '{token.text}'")


def _negated(test: Test) -> Test:
    return lambda notice: not test(notice)


def _test(field: str, operator: str, wanted: list[Token], today: date) -> Test:
    if operator in ("!=", "!~"):
        return _negated(_test(field, operator[1:] if operator == "!~" else "=", wanted, today))
    if operator == "~":
        patterns = [_words(token.text) for token in wanted]
        return lambda notice: any(pattern.search(_prose(notice, field)) for pattern in patterns)
    matches = [_match(field, operator, token, today) for token in wanted]
    return lambda notice: any(match(have) for match in matches for have in values(notice, field))


def _match(field: str, operator: str, token: Token, today: date) -> Callable[[str], bool]:
    kind = FIELDS[field].kind
    if kind == "date":
        day = _day(field, token, today).isoformat()
        compare = _COMPARE.get(operator)
        return (lambda have: compare(have[:10], day)) if compare else (lambda have: have[:10] == day)
    if kind == "number" and operator in _NUMBERS:
        number, ordered = _number(field, token), _NUMBERS[operator]
        return lambda have: ordered(float(have), number)
    _check(field, kind, token.text)
    if token.text.endswith("*"):
        return lambda have: have.startswith(token.text[:-1])
    if kind == "cpv":
        return lambda have: have.startswith(_branch(token.text))
    return lambda have: have == token.text


def _day(field: str, token: Token, today: date) -> date:
    """Whole days only."""
    text = token.text
    try:
        if match := re.fullmatch(r"today\(([+-]?[0-9]*)\)", text):
            return today + timedelta(days=int(match[1] or 0))
        if re.fullmatch(r"[0-9]{8}", text):
            return date.fromisoformat(text)
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
    """Codes are checked against their lists: a country of two letters or a CPV with a check digit is refused."""
    wildcard = text.endswith("*")
    if kind == "cpv" and not re.fullmatch(r"[0-9]{8}|[0-9]{1,7}\*", text):
        raise unsupported(field, text)
    if field in ("buyer-country", "CY") and not re.fullmatch(COUNTRY, text):
        raise unsupported(field, text)
    if not wildcard and text not in CODES.get(field, {text}):
        raise unsupported(field, text)


def _branch(cpv: str) -> str:
    """The digits a CPV shares with everything below it, two at least: 72200000 -> 722."""
    return cpv[:2] + cpv[2:].rstrip("0")


def _words(text: str) -> re.Pattern[str]:
    """The words in this order, whole (`secur*`: beginning so), whatever their case."""
    words = r"\W+".join(re.escape(word).replace(r"\*", r"\w*") for word in text.split())
    return re.compile(rf"\b{words}\b" if not text.endswith("*") else rf"\b{words}", re.IGNORECASE)


def _prose(notice: Notice, field: str) -> str:
    if field == "FT":
        return " ".join(str(text).strip() for text in notice.root.itertext())
    return " ".join(values(notice, field))
