"""What sources of pages, feeds and posts have in common: asking only for what changed, keeping, judging the run."""

import datetime as dt
import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, ClassVar

from pydantic import ValidationError
from scrapy.http import Response

from pipeline.exceptions import RefusedError, SourceError, UnreadableError
from pipeline.journal import Verdict
from pipeline.keeping import last_reading
from pipeline.lifeline import moved
from pipeline.notice import Notice
from pipeline.opportunity import LIVE, Kind, Stage
from pipeline.romanian import as_day
from pipeline.steps import Read
from spiders._sheet import Sheet, read_sheet
from spiders._source import Source

HTML = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"
JSON = "application/json"
FEED = "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"
OLD_NEWS = dt.timedelta(days=60)
"""Age from which news that we did not have is no news any more."""
ENOUGH = 10
"""Calls from which on their coverage is judged."""


class PageSource(Source):
    """Walks pages and gives sheets; each becomes a notice or an issue. Subclasses write `walk`."""

    covered: ClassVar[dict[str, float]] = {}
    """The share of open calls that must have a field, such as `deadlines`; below it the run is degraded."""

    @staticmethod
    def read_document(document: bytes) -> Notice:
        """A stored sheet read again, as of when it was kept; raises UnreadableError."""
        return read_sheet(Sheet.model_validate_json(document))

    def walk(self) -> AsyncIterator[Sheet]:
        """Everything the source has to say."""
        raise NotImplementedError

    async def start(self) -> AsyncIterator[Any]:
        """The notices of the walk; what cannot be had makes the run partial, or failed where there was nothing."""
        self.newest: dt.date | None = None
        self.pending: dict[str, str] = {}
        self.refs: set[str] = set()
        self.gaps: list[str] = []
        self.kept = 0
        self.open: list[Notice] = []
        self.due = self.opened()
        try:
            async for sheet in self.walk():
                if self.limit is not None and self.run.counts["listed"] >= self.limit:
                    self.run.count("stopped at --limit")
                    self.pending.clear()
                    break
                for read in self.reading(sheet):
                    yield read
        except SourceError as error:
            self.gap(str(error))
        self.judge()

    def reading(self, sheet: Sheet) -> list[Read]:
        """The notice of a sheet; noise is counted, what cannot be read is set aside."""
        self.run.count("listed")
        self.newest = max(filter(None, (self.newest, sheet.published)), default=None)
        try:
            notice = read_sheet(sheet)
        except RefusedError as error:
            self.run.count(f"skipped: {error.code}")
            return []
        except (UnreadableError, ValidationError) as error:
            self.run.set_aside(sheet.ref, str(error), sheet.packed)
            return []
        if self.over(notice):
            self.run.count("over before we knew it")
            return []
        sheet, notice = self.dated(sheet, notice)
        self.refs.add(notice.says.ref)
        self.kept += 1
        if notice.says.kind is Kind.CALL and notice.says.stage is Stage.OPEN:
            self.open.append(notice)
        return [Read(notice, partial(bytes, sheet.packed))]

    def over(self, notice: Notice) -> bool:
        """Whether it is history that we never had: a call that is closed, a post about such a one, old news."""
        says = notice.says.at(self.now)
        old = says.published is not None and self.now.date() - says.published > OLD_NEWS
        if says.stage in LIVE and not (says.kind is Kind.NEWS and old):
            return False
        about = (name.partition(":")[2] for name in notice.changes)
        return not any(ref in self.refs or self.run.has(ref) for ref in (says.ref, *about))

    def dated(self, sheet: Sheet, notice: Notice) -> tuple[Sheet, Notice]:
        """With the day on which the dates of a page that we know were last seen to move: what it says then is newer
        than any post of before."""
        old = last_reading(self.run.store, self.run.name, sheet.ref)
        when = self.now if old and moved(old, notice, self.now) else old.sent if old else None
        return sheet.model_copy(update={"moved": when}), notice.model_copy(update={"sent": when})

    def sheet(self, ref: str, title: str, **more: Any) -> Sheet:
        """A sheet of this source, seen now."""
        return Sheet(source=self.run.name, ref=ref, seen=self.now, title=title, **more)

    # Asking

    async def look(self, url: str, accept: str = HTML, conditional: bool = True, **headers: str) -> Response | None:
        """The answer, or None where it is the one that was read last time (ETag, Last-Modified). Raises SourceError
        for any other status than 200 and 304."""
        asked = {"Accept": accept, "Accept-Language": "ro-RO,ro;q=0.9,en;q=0.5", **headers}
        whole = conditional and not self.due and self.limit is None and self.since is None
        known = self.run.known if whole else {}
        for name, header in _VALIDATORS.items():
            if value := known.get(f"{name} {url}"):
                asked[header] = value
        response = await self.fetch(url, headers=asked)
        if response.status == 304:
            self.run.count("pages unchanged")
            return None
        if response.status != 200:
            raise SourceError(f"{url}: HTTP {response.status}")
        if _SHUT.search(response.body[:4_000]):
            raise SourceError(f"{url}: HTTP 200, but the site is shut or takes us for an attacker")
        if not response.body.strip():
            raise SourceError(f"{url}: an empty answer")
        self.run.count("pages read")
        return response

    def opened(self) -> bool:
        """Whether something that was planned is to be open by now: then unchanged pages are read again too."""
        ours = (kept.opportunity for kept in self.run.store.all(sources=[self.run.name]))
        today = self.now.astimezone(self.run.zone).date()
        return any(says.stage is Stage.PLANNED and says.opens and as_day(says.opens) <= today for says in ours)

    def remember(self, response: Response) -> None:
        """Its validators, to be kept when what it said is kept: call it after the last sheet of the page."""
        for name in _VALIDATORS:
            if value := response.headers.get(name):
                self.pending[f"{name} {response.url}"] = value.decode("latin-1")

    def gap(self, why: str) -> None:
        """Something is missing: the run is partial, or failed where nothing at all was had."""
        self.gaps.append(why)

    def met(self, things: int) -> None:
        """The source has shown things, new to us or not: it works, and the next runs are compared with it."""
        self.run.count("met", things)

    # Judging

    def judge(self) -> None:
        """Compares the run with what was expected, and remembers how far it came where it was whole."""
        if not self.run.counts["met"]:
            self.met(self.run.counts["listed"])
        met = self.run.counts["met"] or self.run.counts["pages unchanged"]
        for why in self.gaps:
            self.run.complain(Verdict.PARTIAL if met else Verdict.FAILED, why)
        if met and not self.kept and not self.run.issue_counts["unreadable"]:
            self.run.count("nothing new")
        self.age()
        self.coverage()
        for name, value in self.pending.items() if not self.run.complaints else ():
            self.run.mark(name, value)

    def age(self) -> None:
        """The newest thing must not be too old to believe that the source works."""
        today = self.now.astimezone(self.run.zone).date()
        if self.newest and (today - self.newest).days > self.config.expect.newest:
            self.run.complain(Verdict.DEGRADED, f"the newest thing it has is of {self.newest}")

    def coverage(self) -> None:
        """A field that open calls have no more was renamed."""
        if len(self.open) < ENOUGH:
            return
        for field, least in self.covered.items():
            share = sum(bool(getattr(notice.says, field)) for notice in self.open) / len(self.open)
            if share < least:
                self.run.complain(Verdict.DEGRADED, f"{share:.0%} of the open calls have {field}, {least:.0%} expected")


_SHUT = re.compile(
    rb"(?i)<(?:title|h1)[^>]{0,80}>[^<]{0,60}(?:mentenan|maintenance|indisponibil|unavailable|just a moment"
    rb"|access denied|attention required|403 forbidden|captcha)"
)
"""Sites answer 200 while they are being mended, and when they take us for an attacker."""
_VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
