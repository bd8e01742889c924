"""`POST /v3/notices/search`: what a request may say, which notices it means, and a page of them.

Facts: OpenAPI `PublicExpertSearchRequestV1` and behaviour recorded live 2026-07-19 to 2026-09-29.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from ._ted_fields import FIELDS, all_deadlines, value
from ._ted_query import read_query
from ._ted_refusals import Refusal, invalid, token, too_much, unreadable
from ._ted_shelf import Notice, plain

MAX_LIMIT, MAX_WINDOW, MAX_FIELDS_PER_PAGE = 250, 15_000, 10_000
_TYPES: dict[str, type] = {"query": str, "fields": list, "page": int, "limit": int, "iterationNextToken": str}
_FLAGS = ("onlyLatestVersions", "checkQuerySyntax")
_CHOICES = {"scope": ("LATEST", "ACTIVE", "ALL"), "paginationMode": ("PAGE_NUMBER", "ITERATION")}
_OPEN_FORMS = {"competition", "consultation", "planning"}


@dataclass(frozen=True)
class Search:
    """The request body; names are the API's own, an unknown one is refused."""

    query: str = ""
    fields: Sequence[str] = ()
    page: int = 1
    limit: int = 10
    scope: str = "ALL"
    paginationMode: str = "PAGE_NUMBER"
    iterationNextToken: str | None = None
    onlyLatestVersions: bool = False
    checkQuerySyntax: bool = False

    @property
    def terms(self) -> str:
        """What a token is tied to: another byte in the query and it is worth nothing."""
        told = f"{self.query}\0{self.scope}\0{self.onlyLatestVersions}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def read_search(body: bytes) -> Search:
    """The search a request body asks for; raises `Refusal` where TED answers 400."""
    try:
        raw = json.loads(body)
    except ValueError:
        raise unreadable("Unexpected character") from None
    if not isinstance(raw, dict):
        raise unreadable("Cannot deserialize value of type `PublicExpertSearchRequestV1` from Array value")
    _check_shape(raw)
    search = Search(**{key: value for key, value in raw.items() if value is not None})
    _check_values(search)
    return search


def _check_shape(raw: Mapping[str, Any]) -> None:
    known = [field.name for field in fields(Search)]
    for key, given in raw.items():
        if key not in known:
            known_list = ", ".join(f'"{name}"' for name in known)
            raise unreadable(
                f'Unrecognized field "{key}" (class PublicExpertSearchRequestV1), not marked as ignorable '
                f"({len(known)} known properties: {known_list}])"
            )
        wanted = bool if key in _FLAGS else _TYPES.get(key, str)
        if given is not None and (not isinstance(given, wanted) or (wanted is int and isinstance(given, bool))):
            raise unreadable(f"Cannot deserialize value of type `{wanted.__name__}` for {key}")
        if key in _CHOICES and given not in (None, *_CHOICES[key]):
            raise unreadable(f'"{given}": not one of the values accepted for Enum class: {list(_CHOICES[key])}')


def _check_values(search: Search) -> None:
    if not search.query:
        raise invalid("query", "must not be empty")
    if not search.fields:
        raise invalid("fields", "must not be empty")
    for name, number in (("page", search.page), ("limit", search.limit)):
        if number < 1:
            raise invalid(name, "must be greater than or equal to 1")
    if not set(search.fields) <= set(FIELDS):
        names = ", ".join(sorted(FIELDS))
        message = f"Parameter 'fields' contains unsupported values. Supported values: {names}"
        raise Refusal(message, {"type": "UNSUPPORTED_VALUE", "parameterName": "fields"})
    _check_size(search)


def _check_size(search: Search) -> None:
    if search.limit > MAX_LIMIT:
        raise too_much("SEARCH_EXCEEDS_MAX_LIMIT", "limit", search.limit, MAX_LIMIT, maxLimit=MAX_LIMIT)
    window = search.page * search.limit
    if search.paginationMode == "PAGE_NUMBER" and window > MAX_WINDOW:
        raise too_much("SEARCH_WINDOW_TOO_WIDE", "page * limit", window, MAX_WINDOW)
    cost = len(search.fields) * search.limit
    if cost > MAX_FIELDS_PER_PAGE:
        kind, limit = "SEARCH_FIELDS_PER_PAGE_EXCEEDS_MAX_LIMIT", MAX_FIELDS_PER_PAGE
        raise too_much(kind, "Fields per page", cost, limit, fieldsPerPage=cost, maxFieldsPerPage=limit)


def run(search: Search, notices: Sequence[Notice], today: date) -> dict[str, Any]:
    """The answer's body. `notices` are all that are published at `today`."""
    query = read_query(search.query, today)
    if search.checkQuerySyntax:
        return {"notices": [], "totalNoticeCount": None, "iterationNextToken": None, "timedOut": False}
    start, snapshot = _start(search, notices, today)
    seen = _scoped(search.scope, [notice for notice in notices if notice.day <= snapshot], today)
    found = query.run(_latest(seen) if search.onlyLatestVersions else seen)
    page = found[start : start + search.limit]
    return {
        "notices": [_shown(notice, search.fields) for notice in page],
        "totalNoticeCount": len(found),
        "iterationNextToken": _next(search, start, page, snapshot),
        "timedOut": False,
    }


def _shown(notice: Notice, names: Sequence[str]) -> dict[str, object]:
    """Absent value, absent key; `links` unasked."""
    shown = {name: value(notice, name) for name in (*names, "links")}
    return {name: found for name, found in shown.items() if found not in (None, "", [], {})}


def _scoped(scope: str, notices: Sequence[Notice], today: date) -> list[Notice]:
    """ALL, the latest OJ issue, or what is still open: our reading is that a call without a deadline is."""
    if scope == "LATEST":
        latest = max((notice.day for notice in notices), default=today)
        return [notice for notice in notices if notice.day == latest]
    return [notice for notice in notices if scope == "ALL" or _active(notice, today)]


def _active(notice: Notice, today: date) -> bool:
    deadlines = all_deadlines(notice)
    if deadlines:
        return any(deadline[:10] >= today.isoformat() for deadline in deadlines)
    return value(notice, "form-type") in _OPEN_FORMS


def _latest(notices: Sequence[Notice]) -> list[Notice]:
    """Without those a later version (same UUID) or a change notice (BT-758, either form) has replaced."""
    newest: dict[str, str] = {}
    for notice in notices:
        newest[notice.uuid] = max(newest.get(notice.uuid, ""), notice.version)
    changed = {plain(notice.changes) for notice in notices if notice.changes}
    return [
        notice
        for notice in notices
        if notice.version == newest[notice.uuid] and not {notice.number, f"{notice.uuid}-{notice.version}"} & changed
    ]


def _start(search: Search, notices: Sequence[Notice], today: date) -> tuple[int, date]:
    """Where the page begins, and the day the iteration began: a token shows the index as it was then."""
    if search.paginationMode == "PAGE_NUMBER":
        return (search.page - 1) * search.limit, today
    if search.iterationNextToken is None:
        return 0, today
    try:
        terms, start, day = base64.urlsafe_b64decode(search.iterationNextToken.encode()).decode().split("|")
        snapshot = date.fromisoformat(day)
    except ValueError:
        raise token("INVALID_ITERATION_TOKEN") from None
    if terms != search.terms:
        raise token("INVALID_ITERATION_TOKEN")
    if len({notice.day for notice in notices if notice.day > snapshot}) > 1:  # "until the next OJ S release + 24 h"
        raise token("EXPIRED_ITERATION_TOKEN")
    return int(start), snapshot


def _next(search: Search, start: int, page: Sequence[Notice], snapshot: date) -> str | None:
    """Never null in an iteration: an empty page ends it, and whoever goes on starts again at the first page."""
    if search.paginationMode == "PAGE_NUMBER":
        return None
    onward = start + len(page) if page else 0
    return base64.urlsafe_b64encode(f"{search.terms}|{onward}|{snapshot.isoformat()}".encode()).decode()
