"""The portal's search index as it answers: what it filters, sorts, cuts, ignores and loses.

Facts: measured by public clients 2026-03 to 2026-10. A question outside multipart JSON parts is ignored and the whole
index comes back; replicas order equal rows differently, so that pages lose some.
"""

from __future__ import annotations

import email
import hashlib
import json
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ._server import Answer, Request

JSON = {"Content-Type": "application/json;charset=UTF-8"}
WHOLE_INDEX = 4_184_545
WINDOW = 10_000
Row = dict[str, Any]


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message

    def answer(self) -> Answer:
        return Answer(self.status, json.dumps({"status": self.status, "message": self.message}).encode(), JSON)


@dataclass(frozen=True)
class Asked:
    """A question as the index understood it; `query` is None where it was ignored."""

    query: dict[str, Any] | None
    sort: dict[str, str]
    fields: list[str]
    text: str
    page: int
    size: int


def read(request: Request, largest: int) -> Asked:
    """What was asked; raises Refused."""
    if request.method != "POST":
        raise Refused(405, "Request method 'GET' is not supported")
    given = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
    for name in ("apiKey", "text"):
        if name not in given:
            raise Refused(400, f"Required request parameter '{name}' is not present")
    if given["apiKey"] != "SEDIA":
        raise Refused(500, "An error occurred")
    parts = _parts(request)
    page, size = int(given.get("pageNumber", 1)), min(int(given.get("pageSize", 10)), largest)
    if page * size > WINDOW + size:
        raise Refused(400, "Result window is too large")
    sort, fields = parts.get("sort") or {}, parts.get("displayFields") or []
    return Asked(parts.get("query"), sort, fields, given["text"], page, size)


def _parts(request: Request) -> dict[str, Any]:
    """The JSON parts of a multipart body; nothing of any other body."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return {}
    message = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.body)
    found = {}
    parts: Any = message.get_payload() if message.is_multipart() else ()
    for part in parts:
        if part.get_content_type() != "application/json":
            stated = part["Content-Type"] or "application/octet-stream"
            raise Refused(500, f"Content-Type '{stated}' is not supported")
        try:
            found[str(part.get_param("name", header="content-disposition"))] = json.loads(part.get_payload(decode=True))
        except ValueError:
            raise Refused(400, "JSON parse error") from None
    return found


def answer(asked: Asked, rows: Sequence[Row], replica: int) -> dict[str, Any]:
    """One page of what is found; `replica` decides the order of equal rows."""
    found = list(rows) if asked.query is None else [row for row in rows if _holds(asked.query, row)]
    if asked.text != "***":
        found = [row for row in found if asked.text.strip('"').lower() in json.dumps(row, ensure_ascii=False).lower()]
    if field := asked.sort.get("field"):
        found = [row for row in found if _values(row, field)]
    total = WHOLE_INDEX if asked.query is None else len(found)
    found = _ordered(found, asked.sort, replica)
    page = found[(asked.page - 1) * asked.size : asked.page * asked.size]
    head = {"apiVersion": "2.154", "terms": asked.text, "responseTime": 80, "totalResults": total}
    shown = [_shown(row, asked.fields) for row in page]
    return {**head, "pageNumber": asked.page, "pageSize": asked.size, "results": shown}


def _ordered(rows: list[Row], sort: dict[str, str], replica: int) -> list[Row]:
    rows.sort(key=lambda row: hashlib.md5(f"{replica} {row.get('reference')}".encode()).digest())
    field = sort.get("field")
    if field:
        rows.sort(key=lambda row: _comparable(_values(row, field)[0]), reverse=sort.get("order") == "DESC")
    return rows


def _shown(row: Row, fields: list[str]) -> Row:
    if not fields or "metadata" not in row:
        return row
    return {**row, "metadata": {name: value for name, value in row["metadata"].items() if name in fields}}


def _values(row: Row, field: str) -> list[str]:
    value = row.get("metadata", row).get(field)
    return [str(each) for each in (value if isinstance(value, list) else [value] if value is not None else [])]


@cache
def _comparable(value: str) -> tuple[float, str]:
    """Dates and numbers by size, words by letter."""
    try:
        return datetime.fromisoformat(value).timestamp(), ""
    except ValueError:
        return (float(value), "") if value.isdigit() else (0.0, value)


def _holds(query: dict[str, Any], row: Row) -> bool:
    if set(query) != {"bool"} or set(query["bool"]) - {"must"}:
        raise Refused(400, f"unknown query {sorted(query)}")
    return all(_clause(clause, row) for clause in query["bool"]["must"])


def _clause(clause: dict[str, Any], row: Row) -> bool:
    ((kind, body),) = clause.items()
    ((field, wanted),) = body.items()
    values = _values(row, field)
    if kind == "terms":
        return bool(set(values) & set(wanted))
    if kind == "term":
        return (wanted["value"] if isinstance(wanted, dict) else wanted) in values
    if kind == "range":
        return any(_in_range(_comparable(value), wanted) for value in values)
    raise Refused(400, f"[{kind}] query is not supported")


def _in_range(value: tuple[float, str], wanted: dict[str, Any]) -> bool:
    return all(_TESTS[name](value, _comparable(str(limit))) for name, limit in wanted.items())


_TESTS = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}


def copies(rows: Iterable[Row], times: int) -> list[Row]:
    """The index on a bad day: every document several times (2,071 rows for 743 on 2026-06-27)."""
    return [row for row in rows for _ in range(times)]
