"""Walks over the portal's channels: every row of the index, every record of the bulk file."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

from scrapy.http import Response

from pipeline.exceptions import SourceError
from spiders._eu_portal_bulk import Splitter
from spiders._eu_portal_index import (
    Json,
    Page,
    Question,
    UnorderedError,
    address,
    api_base,
    body,
    until,
)
from spiders._source import Source

OTHER_ORDERS = (("identifier", "ASC"), ("deadlineDate", "DESC"), ("startDate", "ASC"))
"""Orders in which pages are walked when the cursor did not give every row: rows equal in one differ in another."""
PIECE = 8 * 2**20
"""Bytes of the bulk file per request."""
BULK_MAX = 400 * 2**20
"""The file has 124 to 130 MB (2026); three times that is no such file."""


class IndexWalk:
    """Asks the index until every row it says it has was seen.

    Paging loses rows: its replicas disagree about the order of equal rows (1 % a walk, at most 5.8 %, 2026). A cursor
    over `es_SortDate` that only moves past complete moments does not; what it still lacks is looked for in pages of
    two other orders.
    """

    def __init__(self, source: Source) -> None:
        self.source, self.run = source, source.run
        self.base = api_base(source.config.url)
        self.stated = self.received = 0

    async def rows(self, question: Question) -> list[Json]:
        """Every row there is, copies included; raises SourceError."""
        self.stated = self.received = 0
        rows: list[Json] = []
        try:
            async for page in self.by_cursor(question):
                rows += page
        except UnorderedError as error:
            self.run.issue("unordered", str(error))
        for order in OTHER_ORDERS:
            if self.lost:
                rows += await self.by_page(replace(question, sort=order), rows)
        return rows

    @property
    def lost(self) -> int:
        """Rows the index says it has and did not give."""
        return max(0, self.stated - self.received)

    async def by_cursor(self, question: Question) -> AsyncIterator[list[Json]]:
        """The rows, moment by moment."""
        after = ""
        while True:
            page = await self.page(replace(question, after=after))
            self.stated = self.stated or page.total
            rows, full = page.rows, page.full and bool(page.rows)
            if full:
                rows, after = until(page.rows)
                rows = rows or await self.moment(replace(question, at=after))
            self.received += len(rows) + (0 if full else len(page.strays))
            yield rows
            if not full:
                return

    async def moment(self, question: Question) -> list[Json]:
        """The rows of one moment that fills a whole page, page by page in other orders until one brings none: what
        then lacks to the stated number are copies."""
        rows: list[Json] = []
        for order in OTHER_ORDERS:
            walked = await self.pages(replace(question, sort=order))
            if not (new := _unseen(walked, rows)):
                self.received += max(0, len(walked) - len(rows))
                break
            rows += new
        return rows

    async def by_page(self, question: Question, known: list[Json]) -> list[Json]:
        """Rows of another order that are not known yet."""
        self.run.count("walks in another order")
        new = _unseen(await self.pages(question), known)
        self.received += len(new)
        return new

    async def pages(self, question: Question) -> list[Json]:
        """The rows of a question, page after page."""
        rows: list[Json] = []
        number, given = 1, 0
        while True:
            page = await self.page(question, number)
            self.stated = self.stated or page.total
            rows, given, number = rows + page.rows, given + len(page.rows) + len(page.strays), number + 1
            if given >= page.total or not page.rows:
                return rows

    async def page(self, question: Question, number: int = 1) -> Page:
        """One page, checked against the question."""
        content, kind = body(question)
        url = address(self.base, question, number)
        headers = {"Content-Type": kind, "Accept": "application/json"}
        response = await self.source.fetch(url, method="POST", body=content, headers=headers)
        page = Page.read(answer_of(response), question, number)
        for why in page.strays:
            self.run.issue("not-what-was-asked", why)
        return page


def _unseen(rows: list[Json], known: list[Json]) -> list[Json]:
    seen = {str(row.get("reference")) for row in known}
    return list({str(row.get("reference")): row for row in rows if str(row.get("reference")) not in seen}.values())


def answer_of(response: Response) -> dict[str, Any]:
    """The JSON object of a response; raises SourceError for anything else."""
    if response.status != 200:
        raise SourceError(f"{response.url}: HTTP {response.status}: {response.body[:200].decode(errors='replace')}")
    try:
        answer = json.loads(response.body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{response.url}: the answer is not JSON: {str(error)[:100]}") from None
    if not isinstance(answer, dict):
        raise SourceError(f"{response.url}: the answer is no JSON object")
    return answer


class BulkWalk:
    """Fetches the bulk file in byte ranges and splits it while it comes, so that it is never in memory as a whole."""

    def __init__(self, source: Source, etag: str) -> None:
        self.source, self.etag = source, etag
        self.url = f"{source.config.url}/data/referenceData/grantsTenders.json"
        self.unchanged = False
        self.splitter = Splitter()

    async def records(self) -> AsyncIterator[dict[str, Any]]:
        """Its records; none where the file is unchanged. Raises SourceError where it is not whole."""
        response = await self.piece(0, {"If-None-Match": self.etag} if self.etag else {})
        self.unchanged = response.status == 304
        self.etag = _header(response, "ETag") or self.etag
        at = 0
        while not self.unchanged:
            total = _total(response)
            at += len(response.body)
            for record in self.split(response.body):
                yield record
            if at >= total:
                self.splitter.close()
                return
            response = await self.piece(at, {"If-Range": self.etag} if self.etag else {})
            if response.status != 206 or _start(response) != at:
                raise SourceError(f"{self.url}: the file changed while it was read, or its ranges are not served")

    def split(self, piece: bytes) -> Iterator[dict[str, Any]]:
        """The records that end in this piece, megabyte by megabyte."""
        for start in range(0, len(piece), 2**20):
            yield from self.splitter.feed(piece[start : start + 2**20])

    async def piece(self, at: int, headers: dict[str, str]) -> Response:
        """The piece that begins at a byte; the whole file from a server without ranges."""
        headers = {"Range": f"bytes={at}-{at + PIECE - 1}", "Accept-Encoding": "identity", **headers}
        response = await self.source.fetch(self.url, headers=headers)
        if response.status not in (200, 206, 304):
            raise SourceError(f"{self.url}: HTTP {response.status}")
        return response


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")


def _total(response: Response) -> int:
    """Bytes of the whole file; raises SourceError where it is too large to be true."""
    stated = _header(response, "Content-Range").rpartition("/")[2]
    total = int(stated) if stated.isdigit() else len(response.body)
    if total > BULK_MAX:
        raise SourceError(f"the bulk file has {total} bytes, more than any true one")
    return total


def _start(response: Response) -> int:
    first = _header(response, "Content-Range").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isdigit() else -1
