"""Questions to the portal's search index and the proof that an answer belongs to its question. Pure.

The encoding is the trap: `query`, `languages`, `sort` and `displayFields` must be file parts of type JSON in a
multipart body. Sent in any other way the question is not refused but ignored, and the whole index of four million rows
comes back with status 200 (measured 2026-09-12). So every row is checked against what was asked.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from pipeline.exceptions import SourceError
from spiders._eu_portal_codes import FORTHCOMING, OPEN
from spiders._eu_portal_dossier import CHECKED_FIELDS, INDEX_FIELDS, metadata
from spiders._eu_portal_said import every, one

PAGE = 100
"""Rows per page; more are silently not given."""
CEILING = 20_000
"""More rows than any true question of ours has (about 1,000 are open or forthcoming): it was ignored."""
CURSOR = "es_SortDate"
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the index."""

    types: tuple[str, ...]
    languages: tuple[str, ...] = ("en",)
    statuses: tuple[str, ...] = (FORTHCOMING, OPEN)
    text: str = "***"
    after: str = ""
    """Only rows whose sort date is later."""
    at: str = ""
    """Only rows of exactly this sort date."""
    sort: tuple[str, str] = (CURSOR, "ASC")

    @property
    def parts(self) -> dict[str, Any]:
        """The parts of the body."""
        must: list[Json] = [{"terms": {"type": list(self.types)}}, {"terms": {"DATASOURCE": ["SEDIA"]}}]
        must += [{"terms": {"status": list(self.statuses)}}] * bool(self.statuses)
        must += [{"terms": {"language": list(self.languages)}}] * bool(self.languages)
        must += [{"range": {CURSOR: {"gt": self.after}}}] * bool(self.after)
        must += [{"range": {CURSOR: {"gte": self.at, "lte": self.at}}}] * bool(self.at)
        return {
            "query": {"bool": {"must": must}},
            "languages": list(self.languages or ("en",)),
            "sort": {"field": self.sort[0], "order": self.sort[1]},
            "displayFields": [*INDEX_FIELDS, *CHECKED_FIELDS],
        }

    def refuses(self, row: Json) -> str | None:
        """Why a row is no answer to this question; None where it is one."""
        meta = metadata(row)
        wanted = {"type": self.types, "status": self.statuses, "DATASOURCE": ("SEDIA",), "language": self.languages}
        for name, values in wanted.items():
            if values and one(meta, name) not in values:
                return f"{name} {one(meta, name) or 'missing'}"
        return None


def api_base(url: str) -> str:
    """Where the search answers: the Commission's API host for the real portal; a stand-in answers itself."""
    parts = urlsplit(url)
    host = "api.tech.ec.europa.eu" if parts.hostname == "ec.europa.eu" else parts.netloc
    return f"{parts.scheme}://{host}/search-api/prod/rest"


def address(base: str, question: Question, page: int) -> str:
    """The address of a page: paging in the body is ignored."""
    return f"{base}/search?apiKey=SEDIA&text={quote(question.text, safe='*')}&pageSize={PAGE}&pageNumber={page}"


def body(question: Question) -> tuple[bytes, str]:
    """The multipart body and its content type; equal questions have equal bodies."""
    parts = {name: json.dumps(value).encode() for name, value in question.parts.items()}
    boundary = hashlib.sha256(b"".join(parts.values())).hexdigest()[:32]
    lines = [
        line
        for name, part in parts.items()
        for line in (
            f"--{boundary}".encode(),
            f'Content-Disposition: form-data; name="{name}"; filename="blob"'.encode(),
            b"Content-Type: application/json",
            b"",
            part,
        )
    ]
    return b"\r\n".join([*lines, f"--{boundary}--".encode(), b""]), f"multipart/form-data; boundary={boundary}"


@dataclass(slots=True)
class Page:
    """One answer, checked."""

    rows: list[Json] = field(default_factory=list)
    total: int = 0
    strays: list[str] = field(default_factory=list)
    """Why rows were left out."""

    @classmethod
    def read(cls, answer: Json, question: Question, number: int) -> "Page":
        """Raises SourceError for an answer of another shape, or to another question."""
        total, rows = answer.get("totalResults"), answer.get("results")
        if not isinstance(total, int) or not isinstance(rows, list):
            raise SourceError(f"the index answered without totalResults and results: {str(answer)[:120]}")
        if total > CEILING or answer.get("pageNumber", number) != number:
            raise SourceError(f"the index ignored the question: {total} rows, page {answer.get('pageNumber')}")
        page = cls(total=total)
        for row in rows:
            why = question.refuses(row) if isinstance(row, dict) else "no object"
            page.strays.append(why) if why else page.rows.append(row)
        if rows and len(page.strays) > len(rows) // 2:
            raise SourceError(f"the index ignored the question: {page.strays[0]}")
        return page

    @property
    def full(self) -> bool:
        """Whether there are more rows than this page holds."""
        return self.total > len(self.rows) + len(self.strays)


class UnorderedError(SourceError):
    """The index does not sort as it was asked: its cursor cannot be used."""


def moments(rows: Sequence[Json]) -> list[dt.datetime]:
    """The sort dates of rows; raises UnorderedError where one is missing or they do not rise."""
    try:
        found = [dt.datetime.fromisoformat(one(metadata(row), CURSOR)) for row in rows]
    except ValueError:
        raise UnorderedError("a row of the index has no es_SortDate") from None
    if found != sorted(found):
        raise UnorderedError("the rows of the index do not rise by es_SortDate")
    return found


def until(rows: Sequence[Json]) -> tuple[list[Json], str]:
    """The rows before the last moment of a page that is not the last, and the sort date to go on from: rows of one
    moment may go on on the next page. No rows where one moment fills the page."""
    times = moments(rows)
    whole = [row for row, time in zip(rows, times, strict=True) if time < times[-1]]
    return whole, one(metadata(whole[-1] if whole else rows[-1]), CURSOR)


def best(rows: Sequence[Json]) -> Iterator[Json]:
    """The rows in the order in which the first of several copies is kept: English, Romanian, any."""
    yield from sorted(rows, key=lambda row: _rank(every(metadata(row), "language")))


def _rank(languages: Sequence[str]) -> int:
    return {"en": 0, "ro": 1}.get(languages[0] if languages else "", 2)
