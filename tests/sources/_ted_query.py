"""TED's expert query language: `form-type=planning AND publication-date>=20261120 SORT BY publication-number DESC`.

Facts, recorded 2026-07-08 to 2026-09-29: lists are separated by spaces, there is no ASC, an unknown field refuses the
whole query. Commas in lists are refused here although two public clients send them: no answer to one is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ._ted_fields import FIELDS, values
from ._ted_refusals import Place, Refusal, in_query, syntax
from ._ted_shelf import Notice
from ._ted_terms import OPERATORS, Test, Token, condition, negated

_TOKEN = re.compile(r'\s*(?:("[^"]*")|(today\([^)]*\))|(<=|>=|!=|!~|[=<>~(),])|([^\s()=<>!~,"]+)|(\S))')
_RESERVED = re.compile(r"[(),]|[=<>!~]+|<EOF>|AND|OR|NOT|IN|SORT")
_ALL_OPERATORS = set[str]().union(*OPERATORS.values())


@dataclass(frozen=True)
class Query:
    """A test for each notice, and the order of those that pass."""

    test: Test
    sort_by: str = "publication-number"
    descending: bool = False

    def run(self, notices: Iterable[Notice]) -> list[Notice]:
        return sorted(filter(self.test, notices), key=self._key, reverse=self.descending)

    def _key(self, notice: Notice) -> tuple[int | str, ...]:
        if self.sort_by in ("publication-number", "ND"):
            return notice.order
        return (next(iter(values(notice, self.sort_by)), ""), *notice.order)


def read_query(text: str, today: date) -> Query:
    """The query a text stands for; raises `Refusal` where TED answers 400."""
    return _Reader(_tokens(text), today).query()


def _tokens(text: str) -> list[Token]:
    tokens = []
    for match in _TOKEN.finditer(text):
        kind = match.lastindex or 0
        word = match[kind]
        place = _place(text, match.start(kind), len(word))
        if kind == 5:
            raise syntax(place, f"token recognition error at: '{word}'")
        tokens.append(Token(word.strip('"'), place, quoted=kind == 1))
    return [*tokens, Token("<EOF>", _place(text, len(text), 1))]


def _place(text: str, at: int, length: int) -> Place:
    begin = at - (text.rfind("\n", 0, at) + 1)
    return Place(text.count("\n", 0, at) + 1, begin, begin + length)


class _Reader:
    """Recursive descent: OR binds weaker than AND, AND weaker than NOT."""

    def __init__(self, tokens: list[Token], today: date) -> None:
        self.tokens = tokens
        self.today = today
        self.at = 0

    def query(self) -> Query:
        test = self._any()
        sorting = self._skip("SORT")
        if sorting:
            self._expect("BY")
        field = self._field().text if sorting else "publication-number"
        descending = sorting and self._skip("DESC")
        self._expect("<EOF>")
        return Query(test, field, descending)

    def _any(self) -> Test:
        tests = [self._all()]
        while self._skip("OR"):
            tests.append(self._all())
        return lambda notice: any(test(notice) for test in tests)

    def _all(self) -> Test:
        tests = [self._not()]
        while self._skip("AND"):
            tests.append(self._not())
        return lambda notice: all(test(notice) for test in tests)

    def _not(self) -> Test:
        if self._skip("NOT"):
            return negated(self._not())
        if self._skip("("):
            test = self._any()
            self._expect(")")
            return test
        return self._term()

    def _term(self) -> Test:
        field = self._field()
        without = self._skip("NOT")
        operator = self._next()
        if operator.text not in ({"IN"} if without else _ALL_OPERATORS):
            raise _unexpected(operator)
        test = condition(field.text, operator, self._wanted(operator), self.today)
        return negated(test) if without else test

    def _field(self) -> Token:
        token = self._next()
        if token.quoted or not re.fullmatch(r"[A-Za-z][\w-]*", token.text):
            raise _unexpected(token)
        if token.text not in FIELDS and token.text != "FT":
            what = f"Unknown field '{token.text}' in expert query"
            raise in_query("QUERY_UNKNOWN_FIELD", what, token.place, fieldName=token.text)
        return token

    def _wanted(self, operator: Token) -> list[Token]:
        """One value, or several in brackets: after IN always, after ~ if there are brackets."""
        if operator.text != "IN" and not ("~" in operator.text and self._peek() == "("):
            return [self._value()]
        self._expect("(")
        wanted = [self._value()]
        while not self._skip(")"):
            wanted.append(self._value())
        return wanted

    def _value(self) -> Token:
        token = self._next()
        if not token.quoted and _RESERVED.fullmatch(token.text):
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
        self._next()


def _unexpected(token: Token) -> Refusal:
    return syntax(token.place, f"extraneous input '{token.text}'")
