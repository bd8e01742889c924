"""Asking SEAP: one request after the other, each from a page of the portal; a list window by window, page by page."""

import datetime as dt
import json
from collections import Counter
from typing import Any

from pipeline.exceptions import SourceError
from pipeline.journal import Verdict
from spiders._seap_answers import StoppedError, answer_of, items_of
from spiders._seap_lists import ADVERTS, CONTRACTS, PRIOR, Listing
from spiders._seap_windows import Window, strays
from spiders._source import Source

PATIENCE = 60
"""Seconds until an answer is given up; a hurried client is left waiting for 20-45 s (2026-09)."""
IN_A_ROW = 3
"""Requests that fail one after the other, each tried several times, before the run is ended."""

Row = dict[str, Any]


class Portal(Source):
    """What the walk over SEAP's lists is built on."""

    gapless = True
    """Whether the list that is being walked has been had whole so far."""
    failures = 0

    @property
    def meta(self) -> Row:
        """How a request is sent: a redirect would drop Referer and question."""
        return {"download_timeout": min(PATIENCE, self.config.patience), "dont_redirect": True}

    async def api(self, path: str, page: str, question: Row | None = None) -> Row:
        """One answer of the API, asked from a page of the portal; raises SourceError and its kinds."""
        url = f"{self.config.url}/api-pub/{path}"
        headers = {"Referer": self.config.url + page, "Accept": "application/json, text/plain, */*"}
        post: dict[str, Any] = {"method": "POST", "body": json.dumps(question)} if question is not None else {}
        headers |= {"Content-Type": "application/json;charset=UTF-8"} if post else {}
        try:
            response = await self.fetch(url, headers=headers, meta=self.meta, **post)
        except SourceError as error:
            self.failures += 1
            if self.failures >= IN_A_ROW:
                raise StoppedError(f"{self.failures} requests in a row failed, the last: {error}") from error
            raise
        self.failures = 0
        return answer_of(url, response.status, response.body)

    async def window(self, listing: Listing, window: Window) -> list[Row]:
        """All rows of a window, cut into parts as long as an answer hits the cap; a gap where rows are missing."""
        parts = window.parts(listing)
        try:
            rows, capped = await self.pages(listing, window, whole=not parts)
        except StoppedError:
            raise
        except SourceError as error:
            self.gap(f"{listing.name}, {window}: {error}")
            return []
        if capped and not parts:
            self.gap(f"{listing.name}, {window}: more than the {listing.cap} rows SEAP gives")
        if not capped or not parts:
            return rows
        self.run.count("windows cut")
        return [row for part in parts for row in await self.window(listing, part)]

    async def pages(self, listing: Listing, window: Window, whole: bool) -> tuple[list[Row], bool]:
        """Every row of a window, and whether there are more than it gives; raises SourceError where rows are missing.

        Rows move while an open day is paged: where one came twice, another may be missing, and a second walk finds it.
        """
        rows, total, capped = await self.once(listing, window, whole)
        numbers = Counter(str(row.get(listing.number)) for row in rows)
        if not capped and len(numbers) < len(rows):
            self.run.count("rows listed twice", len(rows) - len(numbers))
            again, total, capped = await self.once(listing, window, whole)
            rows += [row for row in again if str(row.get(listing.number)) not in numbers]
        if not capped and listing is not PRIOR:
            self.run.stated(total, len({str(row.get(listing.number)) for row in rows}))
            if len(rows) < total:
                raise SourceError(f"{len(rows)} rows of the {total} SEAP says there are")
        return rows, capped

    async def once(self, listing: Listing, window: Window, whole: bool) -> tuple[list[Row], int, bool]:
        """The rows page by page, the newest total, whether it hit the cap: then, without `whole`, of page 1 only."""
        rows: list[Row] = []
        total, capped, page = 0, False, 0
        received = 0  # what came, not what was asked: the server may give shorter pages than asked for
        while page == 0 or received < min(total, listing.cap):
            answer = await self.api(listing.path, listing.page, window.question(listing, page))
            items, total, too_long = items_of(listing.path, answer)
            capped = capped or too_long or total >= listing.cap
            self.complete(listing, [item for item in items if isinstance(item, dict)])
            fitting = self.fitting(listing, window, [item for item in items if isinstance(item, dict)])
            rows += fitting
            received, page = received + len(items), page + 1
            if not items or (capped and not whole) or (listing is PRIOR and len(fitting) < len(items)):
                break
        return rows, total, capped

    def complete(self, listing: Listing, items: list[Row]) -> None:
        """Complains of a key that no row of a page has: what it told would be missing without a word."""
        for key in listing.keys if items else ():
            if not any(key in item for item in items):
                self.gap(f"{listing.name}: no row has {key} any more: was it renamed?", Verdict.DEGRADED)

    def fitting(self, listing: Listing, window: Window, items: list[Row]) -> list[Row]:
        """The rows, all within the window asked for; raises SourceError where the server did not heed it.

        Whether the list of prior information heeds a window nobody recorded: there, what lies outside is left aside.
        """
        outside = strays(listing, window, items)
        if not outside:
            return items
        what = f"{len(outside)} of {len(items)} rows lie outside of what was asked: {', '.join(outside[:3])}"
        if listing is not PRIOR:
            raise SourceError(what)
        self.run.issue("window-ignored", f"{listing.name}: {what}")
        return [item for item in items if str(item.get(listing.number)) not in outside]

    async def alive(self, listing: Listing, since: dt.date, today: dt.date) -> None:
        """An empty window is believed only where the days before it were not empty: a block may look like that."""
        if listing in (CONTRACTS, ADVERTS) and not await self.window(listing, Window(since, today)) and self.gapless:
            self.gap(f"{listing.name}: nothing at all since {since}", Verdict.DEGRADED)

    def gap(self, why: str, verdict: Verdict = Verdict.PARTIAL) -> None:
        """Something is missing: the list's mark stays where it is."""
        self.gapless = False
        self.run.complain(verdict, why)
