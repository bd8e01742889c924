"""SEAP / SICAP, the Romanian electronic system for public procurement: tenders, small purchases, consultations.

Publisher: Autoritatea pentru Digitalizarea României (ADR)
Home: https://e-licitatie.ro
Access: the portal's own JSON API below `/api-pub/` (POST for lists, GET for details); no key, no cookie, but a Referer
    on the portal with every request. Asked by window of publication; contract notices once a day also by window of
    deadline, so that what is still open is looked at again
Covers: contract notices (CN), simplified ones (SCN), design contests (DC), concessions (PC), requests for offers (RFQ),
    invitations in dynamic systems (RFD), advertising notices (ADV), market consultations (MC), prior information (PI)
Caveats: undocumented, facts from public clients 2019-2026, not verified live while building (2026-11). Limits per
    address since 2025-03, unpublished: a blocked address gets a 403 page, and this source then rests for the day.
    Lists end at 3,000 rows and ignore unknown keys without a word. Prior information: nobody recorded an answer, its
    rows are read by analogy. Lists carry the main CPV code only: what is out of scope by it is not looked into.
    Direct purchases (DA) are decided when they show and are not read; awards are taken from TED
Licence: Open Government Licence Romania (OGL-ROU-1.0)
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Any

from pipeline.config import Scope
from pipeline.exceptions import SourceError, UnreadableError
from pipeline.journal import Verdict
from pipeline.notice import Notice
from pipeline.opportunity import LIVE, Opportunity
from pipeline.scope import in_scope
from pipeline.steps import Read
from spiders._seap_answers import BLOCKED, NothingThereError, StoppedError, answer_of, items_of
from spiders._seap_details import questions
from spiders._seap_lists import LISTINGS, PRIOR, Listing
from spiders._seap_notice import Record, document, read_document, read_record
from spiders._seap_values import BUCHAREST
from spiders._seap_windows import PAGE, Window, strays, windows
from spiders._source import Source

PATIENCE = 60
"""Seconds until an answer is given up; a hurried client is left waiting for 20-45 s (2026-09)."""
IN_A_ROW = 3
"""Requests that fail one after the other, each tried several times, before the run is ended."""
DETAILS_MAX = 250
"""Notices looked into per run, at two to four requests each; the next run goes on with the rest."""
_AGAIN = "looked again"
"""Mark: the day on which all that is still open was last looked at."""


class Seap(Source):
    """Walks each list over its windows, then looks into the notices in scope that are new or have changed."""

    name = "seap"
    default_scope = Scope(countries=())  # every buyer here is Romanian: the CPV codes decide

    @staticmethod
    def read_document(document: bytes) -> Notice:
        """A stored record read again; raises UnreadableError."""
        return read_document(document)

    async def start(self) -> AsyncIterator[Any]:
        """Everything new or changed; a page that says we are blocked ends the run, and those of the day after it."""
        # Notices without CPV (consultations) are kept as well, so what is kept is decided here and not by the pipeline.
        self.scope, self.run.scope = self.run.scope or Scope(countries=()), None
        self.failures = self.looked_into = self.given = 0
        if self.resting():
            self.run.complain(Verdict.FAILED, f"{BLOCKED} earlier today: no request until tomorrow, or with --since")
            return
        try:
            for listing in LISTINGS.values():
                async for read in self.walk(listing):
                    yield read
                    self.given += 1
                    if self.given == self.limit:
                        self.run.count("stopped at --limit")
                        return
        except StoppedError as error:
            self.run.complain(Verdict.FAILED, str(error))
        else:
            self.judge()

    def resting(self) -> bool:
        """Whether a run of today met the block page; a run with `--since` asks nevertheless."""
        runs = self.run.journal.runs(self.name, 12) if self.since is None else []
        return any(
            reason.startswith(BLOCKED) for run in runs if self.day(run.started) == self.today for reason in run.reasons
        )

    @staticmethod
    def day(moment: dt.datetime) -> dt.date:
        """A day as the portal counts it."""
        return moment.astimezone(BUCHAREST).date()

    @property
    def today(self) -> dt.date:
        """The day of this run."""
        return self.day(self.now)

    # One list

    async def walk(self, listing: Listing) -> AsyncIterator[Read]:
        """The notices of a list that are new or changed; its mark moves when no window has a gap."""
        mark = self.run.known.get(listing.name)
        read_to = dt.date.fromisoformat(mark) if mark else None
        again = self.run.known.get(_AGAIN) != self.today.isoformat()
        self.gapless = self.since is None or (read_to is not None and self.since <= read_to)
        rows: dict[str, Record] = {}
        for window in windows(listing, self.today, read_to, self.since, again):
            for row in await self.window(listing, window):
                self.add(rows, listing, row, window)
        self.run.count(f"listed: {listing.name}", len(rows))
        if not rows and self.gapless:
            await self.alive(listing)
        async for read in self.reads(rows.values()):
            yield read
        if self.gapless and self.limit is None:
            self.run.mark(listing.name, self.today.isoformat())

    def add(self, rows: dict[str, Record], listing: Listing, row: dict[str, Any], window: Window) -> None:
        """Takes a row once. The window of publication bounds its day, which a correction moves forward in the row."""
        number = str(row.get(listing.number) or row.get(listing.id))
        if number not in rows:
            latest = window.last.isoformat() if window.span == "published" else None
            rows[number] = Record(list=listing.name, row=row, published=latest, answers=None)

    async def window(self, listing: Listing, window: Window) -> list[dict[str, Any]]:
        """All rows of a window, cut into parts as long as an answer is capped; a gap where that fails."""
        try:
            rows, capped = await self.pages(listing, window)
        except StoppedError:
            raise
        except SourceError as error:
            self.gap(f"{listing.name}, {window}: {error}")
            return []
        if not capped:
            return rows
        parts = window.parts(listing)
        if not parts:
            self.gap(f"{listing.name}, {window}: more than the {listing.cap} rows SEAP gives")
            return rows
        return [row for part in parts for row in await self.window(listing, part)]

    async def pages(self, listing: Listing, window: Window) -> tuple[list[dict[str, Any]], bool]:
        """Every row of a window, and whether there are more than the list gives; raises SourceError.

        Rows move while an open day is paged: where one came twice, another may be missing, and a second walk finds it.
        """
        rows, total, capped = await self.pass_over(listing, window)
        if capped:
            return rows, True
        numbers = Counter(str(row.get(listing.number)) for row in rows)
        if len(numbers) < len(rows):
            self.run.count("rows listed twice", len(rows) - len(numbers))
            again, total, capped = await self.pass_over(listing, window)
            rows += [row for row in again if str(row.get(listing.number)) not in numbers]
        if len(rows) < total and listing is not PRIOR:
            raise SourceError(f"{len(rows)} rows of the {total} SEAP says there are")
        return rows, capped

    async def pass_over(self, listing: Listing, window: Window) -> tuple[list[dict[str, Any]], int, bool]:
        """Rows of all pages, the newest total, and whether the list hit its cap."""
        rows: list[dict[str, Any]] = []
        for page in range(listing.cap // PAGE + 1):
            url = f"{self.config.url}/api-pub/{listing.path}"
            answer = await self.api(url, listing.page, window.question(listing, page))
            items, total, too_long = items_of(url, answer)
            if too_long or total >= listing.cap:
                return rows, total, True
            rows += self.fitting(listing, window, [item for item in items if isinstance(item, dict)])
            if not items or (page + 1) * PAGE >= total:
                break
            if listing is PRIOR and not rows:
                break
        return rows, total, False

    def fitting(self, listing: Listing, window: Window, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows, all within the window asked for; raises SourceError where the server did not heed it.

        Whether the list of prior information heeds a window nobody recorded: there, what lies outside is left aside.
        """
        outside = strays(listing, window, items)
        if outside and listing is not PRIOR:
            raise SourceError(f"{len(outside)} of {len(items)} rows lie outside: {', '.join(outside[:3])}")
        if outside:
            self.run.issue("window-ignored", f"{listing.name}: {', '.join(outside[:3])}")
        return [item for item in items if str(item.get(listing.number)) not in outside]

    async def alive(self, listing: Listing) -> None:
        """An empty window is believed only if the list still shows something of the last days: a block may look empty."""
        first = self.today - dt.timedelta(days=self.config.expect.newest)
        wide = Window(first, self.today)
        try:
            rows, _, capped = await self.pass_over(listing, wide)
        except StoppedError:
            raise
        except SourceError as error:
            self.gap(f"{listing.name}, {wide}: {error}")
            return
        if not rows and not capped and listing is not PRIOR:
            self.gap(f"{listing.name}: nothing at all since {first}", Verdict.DEGRADED)

    def gap(self, why: str, verdict: Verdict = Verdict.PARTIAL) -> None:
        """Something is missing: the list's mark stays where it is."""
        self.gapless = False
        self.run.complain(verdict, why)

    # One notice

    async def reads(self, records: Iterable[Record]) -> AsyncIterator[Read]:
        """Those in scope, or known from before, that are new or say something new."""
        for record in records:
            known = self.store_has(record)
            if (notice := self.read(self.dated(record, known))) is None or not self.wanted(notice, known):
                continue
            self.run.count("in scope")
            if known and not news(known, notice.says):
                self.run.count("unchanged")
                continue
            record["answers"] = await self.details(notice, record)
            if (full := self.read(record)) is not None:
                yield Read(full, partial(document, record))

    def store_has(self, record: Record) -> Opportunity | None:
        """The opportunity this record belongs to, if it was kept before."""
        number = record["row"].get(LISTINGS[record["list"]].number)
        kept = self.run.store.get(f"{self.name}:{number}") if number else None
        return kept.opportunity if kept else None

    def dated(self, record: Record, known: Opportunity | None) -> Record:
        """With the earliest day of publication that is known: a row shows the day of its last change."""
        shown = self.read(Record(**{**record, "published": None}), quiet=True)  # type: ignore[typeddict-item]
        days = [shown.says.published if shown else None, known.published if known else None]
        bound = dt.date.fromisoformat(record["published"]) if record["published"] else None
        day = min((day for day in (*days, bound) if day), default=None) if any(days) else None
        record["published"] = day.isoformat() if day else None
        return record

    def read(self, record: Record, quiet: bool = False) -> Notice | None:
        """The notice in a record; one that cannot be read is set aside and counted."""
        try:
            return read_record(record)
        except UnreadableError as error:
            if not quiet:
                self.run.set_aside(str(record["row"].get("noticeNo") or record["list"]), str(error), document(record))
            return None

    def wanted(self, notice: Notice, known: Opportunity | None) -> bool:
        """Whether it is kept: what was kept before; what is live and in scope, or has no CPV code to judge it by."""
        says = notice.says
        if known is not None:
            return True
        if says.cpv and not in_scope(says, self.scope):
            self.run.count("outside")
            return False
        last = says.last_deadline
        ended = says.stage not in LIVE or (last is not None and last.ends <= self.now)
        self.run.count("ended before it was seen", ended)
        return not ended

    async def details(self, notice: Notice, record: Record) -> dict[str, Any] | None:
        """The notice's own answers by name; None where they could not be had or have to wait for the next run."""
        if self.looked_into >= DETAILS_MAX:
            self.run.count("left for the next run")
            return None
        self.looked_into += 1
        answers: dict[str, Any] = {}
        page = (notice.says.url or "").partition("/pub/")[2]
        for question in questions(prefix_of(notice), record["row"], answers):
            try:
                answers[question.name] = await self.api(f"{self.config.url}/api-pub/{question.path}", f"/pub/{page}", question.body)
            except NothingThereError as error:
                self.run.count("answers with nothing in them")
                self.run.issue("no-details", f"{notice.says.ref}: {error}")
            except StoppedError:
                raise
            except SourceError as error:
                self.run.count("not looked into")
                self.run.issue("details", f"{notice.says.ref}: {error}")
                return None
            self.run.count("answers")
        return answers

    async def api(self, url: str, page: str, question: dict[str, Any] | None) -> dict[str, Any]:
        """One answer of the API, asked from a page of the portal; raises SourceError and its kinds."""
        headers = {"Referer": self.config.url + page, "Accept": "application/json, text/plain, */*"}
        post = {"method": "POST", "body": json.dumps(question)} if question is not None else {}
        headers |= {"Content-Type": "application/json;charset=UTF-8"} if post else {}
        try:
            response = await self.fetch(url, headers=headers, meta={"download_timeout": PATIENCE}, **post)
        except SourceError as error:
            self.failures += 1
            if self.failures >= IN_A_ROW:
                raise StoppedError(f"{self.failures} requests in a row failed, the last: {error}") from error
            raise
        self.failures = 0
        server = (response.headers.get("Server") or b"").decode(errors="replace")
        return answer_of(url, response.status, server, response.body)

    def judge(self) -> None:
        """The run as a whole: what was not to be had, and whether all that is open has been looked at."""
        counts = self.run.counts
        if counts["not looked into"]:
            self.run.complain(Verdict.PARTIAL, f"{counts['not looked into']} notices could not be looked into")
        if counts["answers with nothing in them"] > counts["answers"] // 2:
            self.run.complain(Verdict.DEGRADED, f"{counts['answers with nothing in them']} answers had nothing in them")
        if not self.given and any(name.startswith("listed: ") and count for name, count in counts.items()):
            self.run.count("nothing new")
        if not self.run.complaints and self.since is None and self.limit is None:
            self.run.mark(_AGAIN, self.today.isoformat())


def prefix_of(notice: Notice) -> str:
    """What sort of notice it is, by the page that shows it."""
    return notice.names[1].partition(":")[0]


def news(known: Opportunity, says: Opportunity) -> bool:
    """Whether a row says anything that the opportunity as it is known does not; pure.

    Of a corrected notice only a later deadline counts: the list may go on showing the one before the correction.
    """
    if known.errata is None or (says.errata or 0) > known.errata:
        return True
    if says.stage is not known.stage or says.title != known.title or says.value not in (None, known.value):
        return True
    shown, before = {d.ends for d in says.closing}, {d.ends for d in known.closing}
    if known.errata:
        return bool(shown) and max(shown) > max(before, default=max(shown) - dt.timedelta(1))
    return bool(shown) and shown != before
