"""TED, Tenders Electronic Daily: every public tender of the European Union above the thresholds, and some below.

Publisher: Publications Office of the European Union
Home: https://ted.europa.eu
Access: daily package `/packages/daily/{yyyy}{issue}` (tar.gz, complete by 09:30 CET on working days); Search API v3
    (`api.` host, POST /v3/notices/search, no key) for issue numbers, the count of a day, and reading without packages
Covers: all eForms notices: planning, consultation, competition, results, changes
Caveats: legacy TED_EXPORT notices (before 2024) are counted and skipped; the Search API answers 429 without
    Retry-After when asked too fast. Not verified live while building (2026-11): the threshold of 429, robots.txt
Licence: free reuse (Decision 2011/833/EU), with attribution to TED / Publications Office
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

from pipeline.config import Scope
from pipeline.exceptions import RefusedError, SourceError, UnreadableError
from pipeline.journal import Verdict
from pipeline.notice import Notice
from pipeline.opportunity import unique
from pipeline.places import COUNTRIES
from pipeline.steps import Read
from spiders._eforms import parse, read_notice, read_root, redacted
from spiders._package import unpack
from spiders._source import Source
from spiders._ted_issue import HOLIDAYS, LOOK_AHEAD, Issue, api_base, earliest, following

LOOK_BACK = dt.timedelta(days=7)
"""How far a first run reads back when no `--since` is given."""
GZIP = b"\x1f\x8b"
PAGE = 250
"""Notices per page of the Search API, its maximum."""


class Ted(Source):
    """Walks the daily packages from the last complete issue to the first that is not yet published."""

    name = "ted"
    hosts = ("api.ted.europa.eu",)
    default_scope = Scope()

    @staticmethod
    def read_document(xml: bytes) -> Notice:
        """A stored document read again; raises UnreadableError."""
        return read_notice(xml)

    async def start(self) -> AsyncIterator[Any]:
        """Every notice since the last complete issue."""
        walk = self.search() if self.config.mode == "search" else self.packages()
        async for count, read in aenumerate(walk):
            if count == self.limit:
                self.run.count("stopped at --limit")
                return
            yield read

    async def probe(self) -> AsyncIterator[Read]:
        """The newest tender, by the API and as a document: a package is 20 MB."""
        today = self.now.astimezone(self.run.zone).date()
        fields = ["publication-number", "ojs-number", "publication-date"]
        tenders = f"publication-date<={today:%Y%m%d} AND form-type IN (competition)"
        answer = await self.query(f"{tenders} SORT BY publication-date DESC", fields, limit=1)
        for notice in answer.get("notices") or ():
            ref = str(notice["publication-number"]).lstrip("0")
            response = await self.fetch(f"{self.config.url}/en/notice/{ref}/xml")
            if response.status != 200:
                raise SourceError(f"{response.url}: HTTP {response.status}")
            for read in self.read(ref, response.body):
                yield read

    async def packages(self) -> AsyncIterator[Read]:
        """The notices of each package; the mark moves over complete issues without a gap before them."""
        self.gapless = True
        async for issue, body in self.issues():
            before, days = self.run.counts["unpacked"], set[dt.date | None]()
            try:
                for name, xml in unpack(body):
                    self.run.count("unpacked")
                    for read in self.read(name, xml):
                        days.add(read.notice.says.published)
                        yield read
            except SourceError as error:
                self.gap(f"issue {issue}: {error}")
            await self.prove(issue, self.run.counts["unpacked"] - before, days)

    async def issues(self) -> AsyncIterator[tuple[Issue, bytes]]:
        """The packages there are, in order; a number without one is a gap as soon as a later one is there."""
        missing: list[Issue] = []
        barren = 0
        issue, newest, guess = await self.window()
        while issue is not None:
            body = await self.package(issue)
            if body:
                for lost in missing if not guess else ():
                    self.gap(f"issue {lost} is missing though {issue} is there")
                missing, barren, guess = [], 0, False
                yield issue, body
            else:  # what could not be had counts too: a server that is down would be walked for ever
                barren += 1
                missing += [issue] if body is None else []
            after = following(issue, barren, newest, self.now.year, HOLIDAYS if guess else LOOK_AHEAD)
            if after is not None and after.year != issue.year:
                missing, barren = [], 0
            issue = after
        if not self.run.counts["unpacked"] and self.gapless:
            self.run.count("nothing new")

    async def package(self, issue: Issue) -> bytes | None:
        """Its bytes; None where it is not published, empty where it could not be had (a gap)."""
        try:
            response = await self.fetch(f"{self.config.url}/packages/daily/{issue.code}")
        except SourceError as error:
            self.gap(f"issue {issue}: {error}")
            return b""
        if response.status not in (200, 404):
            self.gap(f"issue {issue}: HTTP {response.status}")
        elif response.status == 200 and not response.body.startswith(GZIP):
            self.gap(f"issue {issue}: no package came, but {response.body[:60]!r}")
            return b""
        return {200: response.body, 404: None}.get(response.status, b"")

    def read(self, name: str, xml: bytes) -> Iterator[Read]:
        """The notice in a document; one that is no procurement is counted, one that cannot be read is set aside."""
        try:
            root = parse(xml)
            yield Read(read_root(root), partial(redacted, root))
        except RefusedError as error:
            self.run.count(f"skipped: {error.detail}")
        except UnreadableError as error:
            self.run.set_aside(name, str(error), xml)

    def gap(self, why: str) -> None:
        """Something is missing: the run is partial and the mark stays before it."""
        self.gapless = False
        self.run.complain(Verdict.PARTIAL, why)

    # The Search API: issue numbers and the count of a day

    async def window(self) -> tuple[Issue | None, Issue | None, bool]:
        """The first issue to ask for, the newest there is (None where the API cannot say), whether the first is a
        guess on the early side."""
        today = self.now.astimezone(self.run.zone).date()
        newest, published = await self.first_hit(f"publication-date<={today:%Y%m%d} SORT BY publication-date DESC")
        if published is not None and (today - published).days > self.config.expect.newest:
            self.run.complain(Verdict.DEGRADED, f"the newest issue, {newest}, is of {published}")
        mark = Issue.read(self.run.known.get("issue", ""))
        if mark is not None and self.since is None:
            return mark.next, newest, False
        since = self.since or today - LOOK_BACK
        first, _ = await self.first_hit(f"publication-date>={since:%Y%m%d} SORT BY publication-date")
        self.gapless = mark is None or (first is not None and first <= mark.next)
        return first or earliest(since), newest, first is None

    async def first_hit(self, query: str) -> tuple[Issue | None, dt.date | None]:
        """Issue and day of the first notice a query finds; nothing where the API fails or finds none."""
        try:
            answer = await self.query(query, ["ojs-number", "publication-date"], limit=1)
        except SourceError as error:
            self.run.issue("search-api", str(error))
            return None, None
        for notice in answer.get("notices") or ():
            day = str(notice.get("publication-date", ""))[:10]
            return Issue.read(str(notice.get("ojs-number", ""))), dt.date.fromisoformat(day) if day else None
        return None, None

    async def prove(self, issue: Issue, count: int, days: set[dt.date | None]) -> None:
        """Compares what was unpacked with the API's count of that day, and moves the mark where all is there."""
        self.run.count("issues read")
        self.run.count("met", count)
        stated = await self.stated(days.pop()) if len(days) == 1 else None
        if stated is None:
            self.run.count("issues not proven")
        else:
            self.run.stated(stated, count)
            if count < stated:
                self.gap(f"issue {issue}: {count} notices in the package, {stated} in the search API")
        if self.gapless and self.limit is None:
            self.run.mark("issue", issue.code)

    async def stated(self, day: dt.date | None) -> int | None:
        """How many notices of a day the API knows; None where it cannot say."""
        if day is None:
            return None
        try:
            answer = await self.query(f"publication-date={day:%Y%m%d}", ["publication-number"], limit=1)
        except SourceError as error:
            self.run.issue("search-api", str(error))
            return None
        total = answer.get("totalNoticeCount")
        return total if isinstance(total, int) else None

    async def query(self, query: str, fields: list[str], limit: int, **more: Any) -> dict[str, Any]:
        """One page of the Search API; raises SourceError, also for a page that it says timed out."""
        question = {"query": query, "fields": fields, "limit": limit, "scope": "ALL", **more}
        answer = await self.ask(f"{api_base(self.config.url)}/v3/notices/search", question)
        if answer.get("timedOut"):
            raise SourceError("the search API timed out and gave only a part")
        return answer

    # Reading through the API, for a host that cannot have packages

    async def search(self) -> AsyncIterator[Read]:
        """The notices in scope, one document at a time."""
        today = self.now.astimezone(self.run.zone).date()
        since = self.since or dt.date.fromisoformat(self.run.known.get("day", str(today - LOOK_BACK)))
        refs, stated = await self.listing(since)
        fresh = [ref for ref in refs if not self.run.has(ref)]
        self.run.stated(stated, len(refs))
        self.run.count("already read", len(refs) - len(fresh))
        if not fresh:
            self.run.count("nothing new")
        lost = 0
        for ref in fresh:
            response = await self.fetch(f"{self.config.url}/en/notice/{ref}/xml")
            lost += response.status != 200
            for read in self.read(ref, response.body) if response.status == 200 else ():
                yield read
        if lost or len(refs) < stated:
            self.run.complain(Verdict.PARTIAL, f"{stated} notices found, {len(refs)} listed, {lost} not to be had")
        elif self.limit is None:
            self.run.mark("day", today.isoformat())

    async def listing(self, since: dt.date) -> tuple[tuple[str, ...], int]:
        """Numbers of the notices in scope since a day, oldest first, and how many the API says there are."""
        query = f"publication-date>={since:%Y%m%d} AND ({self.scope_query()}) SORT BY publication-date"
        refs: list[str] = []
        more: dict[str, Any] = {"paginationMode": "ITERATION"}
        while True:
            answer = await self.query(query, ["publication-number"], PAGE, **more)
            page = [str(notice["publication-number"]).lstrip("0") for notice in answer.get("notices") or ()]
            stated = int(answer.get("totalNoticeCount") or 0)
            if not set(page) - set(refs):  # an empty page ends it; past the end the API may begin again
                return unique(refs), stated
            refs += page
            if not (token := answer.get("iterationNextToken")):
                return unique(refs), stated
            more = {"paginationMode": "ITERATION", "iterationNextToken": token}

    def scope_query(self) -> str:
        """The scope in the API's expert language (lists are separated by spaces, countries have three letters)."""
        scope = self.run.scope or Scope()
        codes = [alpha_3 for alpha_3, alpha_2 in COUNTRIES.items() if alpha_2 in scope.countries]
        branches = [branch.ljust(8, "0") for branch in scope.cpv]
        parts = [f"buyer-country IN ({' '.join(codes)})"] * bool(codes)
        parts += [f"classification-cpv IN ({' '.join(branches)})"] * bool(branches)
        return " OR ".join(parts) or "form-type IN (planning competition consultation result)"


async def aenumerate(walk: AsyncIterator[Read]) -> AsyncIterator[tuple[int, Read]]:
    """`enumerate` for an asynchronous walk."""
    count = 0
    async for read in walk:
        yield count, read
        count += 1
