"""How TED's Search API says no: status 400 and one of two recorded shapes.

`error` is an object with a `type` (query and limit errors) or a list of fields (validation errors). The types, and the
wording of "Syntax error", "Validation error", "Fields per page" and "Unrecognized field", were recorded 2026-09-05 to
2026-09-29; other wordings are by analogy: a client should read `error.type` and never match on `message`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ._server import Answer

JSON = {"Content-Type": "application/json"}


class Refusal(Exception):
    """A request TED answers with 400."""

    def __init__(self, message: str, error: object) -> None:
        super().__init__(message)
        self.body = {"message": message, "error": error}

    def answer(self) -> Answer:
        return Answer(400, json.dumps(self.body).encode(), JSON)


@dataclass(frozen=True)
class Place:
    """Where in the query: columns count from 0, lines from 1."""

    line: int
    begin: int
    end: int

    def __str__(self) -> str:
        return f"line {self.line}, col {self.begin}"

    @property
    def location(self) -> dict[str, int]:
        return {"beginLine": self.line, "beginColumn": self.begin, "endLine": self.line, "endColumn": self.end}


def in_query(kind: str, message: str, place: Place, **more: Any) -> Refusal:
    """QUERY_SYNTAX_ERROR, QUERY_UNKNOWN_FIELD and the like: they say where."""
    return Refusal(f"{message} at {place}", {"type": kind, "location": place.location, **more})


def syntax(place: Place, what: str) -> Refusal:
    message = f"Syntax error in expert query at {place}: {what}"
    return Refusal(message, {"type": "QUERY_SYNTAX_ERROR", "location": place.location})


def unsupported(field: str, value: str) -> Refusal:
    message = f"Value '{value}' is not supported for field '{field}' in expert query"
    return Refusal(message, {"type": "QUERY_UNSUPPORTED_FIELD_VALUE", "fieldName": field, "fieldValue": value})


def too_much(kind: str, parameter: str, value: int, limit: int, **more: int) -> Refusal:
    message = f"Value ({value}) of parameter '{parameter}' exceeds maximum allowed value ({limit})"
    return Refusal(message, {"type": kind, **more})


def invalid(field: str, message: str) -> Refusal:
    shape = {"objectName": "publicExpertSearchRequestV1", "field": field, "message": message}
    return Refusal("Validation error", [shape])


def unreadable(what: str) -> Refusal:
    return Refusal(f"JSON parse error: {what}", None)


def token(kind: str) -> Refusal:
    return Refusal(f"The iteration token is {kind.partition('_')[0].lower()}", {"type": kind})
