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
    rows are read by analogy. Lists carry the main CPV code only: what lies out of scope by it
    and by its title is not looked into.
    Direct purchases (DA) are decided when they show and are not read; awards are taken from TED
Licence: Open Government Licence Romania (OGL-ROU-1.0)
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterable
from functools import partial
from statistics import median
from typing import Any

from pipeline.config import Scope
from pipeline.exceptions import SourceError, UnreadableError
from pipeline.journal import Verdict
from pipeline.notice import Notice
from pipeline.opportunity import Opportunity
from pipeline.steps import Read
from pipeline.text import clean
from spiders._seap_answers import BLOCKED, NothingThereError, StoppedError, items_of
from spiders._seap_api import Portal, Row
from spiders._seap_choice import ended, matters, news
from spiders._seap_details import questions
from spiders._seap_lists import CONTRACTS, LISTINGS, Listing, prefix_of
from spiders._seap_notice import Record, corrections, document, read_document, read_record
from spiders._seap_values import BUCHAREST, ted_number
from spiders._seap_windows import Window, published_on, windows, working_days

DETAILS_MAX = 250
"""Notices looked into per run, at one to four requests each; the next run goes on with the rest."""
_AGAIN = "looked again"
"""Mark: the day on which all that is still open was last looked at."""
_USUAL = 8
"""Good runs a run is compared with."""
_TED_LAG = dt.timedelta(days=14)
"""So long after its publication a contract notice is asked for the number TED gives it."""


class Seap(Portal):
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
        self.again = self.run.known.get(_AGAIN) != self.today.isoformat()
        self.looked_into = self.given = 0
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

    async def probe(self) -> AsyncIterator[Any]:
        """One page of the newest contract notices, and the answers of the first that concerns IT."""
        self.scope, self.run.scope = self.run.scope or Scope(countries=()), None
        self.looked_into = 0
        window = Window(self.today - dt.timedelta(days=1), self.today)
        answer = await self.api(CONTRACTS.path, CONTRACTS.page, window.question(CONTRACTS, 0))
        items, _, _ = items_of(CONTRACTS.path, answer)
        for row in self.fitting(CONTRACTS, window, [item for item in items if isinstance(item, dict)]):
            record = Record(list=CONTRACTS.name, row=row, published_by=None, answers=None)
            notice = self.read(record)
            if notice and not self.looked_into and matters(notice.says, self.scope):
                record["answers"] = await self.details(notice, record)
                notice = self.read(record)
            if notice:
                yield Read(notice, partial(document, record))

    def resting(self) -> bool:
        """Whether a run of today met the block page; a run with `--since` asks nevertheless."""
        runs = self.run.journal.runs(self.name, 12) if self.since is None else []
        today = [run for run in runs if run.started.astimezone(BUCHAREST).date() == self.today]
        return any(reason.startswith(BLOCKED) for run in today for reason in run.reasons)

    @property
    def today(self) -> dt.date:
        """The day of this run, as the portal counts days."""
        return self.now.astimezone(BUCHAREST).date()

    # One list

    async def walk(self, listing: Listing) -> AsyncIterator[Read]:
        """The notices of a list that are new or changed; its mark moves when no window has a gap."""
        mark = self.run.known.get(listing.name)
        read_to = dt.date.fromisoformat(mark) if mark else None
        self.gapless = self.since is None or (read_to is not None and self.since <= read_to)
        rows: dict[str, Record] = {}
        for window in windows(listing, self.today, read_to, self.since, self.again):
            found = await self.window(listing, window)
            self.compare(listing, window, found)
            self.take(rows, listing, window, found)
        self.run.count(f"listed: {listing.name}", len(rows))
        if self.again and self.since is None:  # all that is open, which differs little from day to day
            self.run.count("met", len(rows))
        if not rows and self.gapless:
            await self.alive(listing, self.today - dt.timedelta(days=self.config.expect.newest), self.today)
        async for read in self.reads(rows.values()):
            yield read
        if self.gapless and self.limit is None:
            self.run.mark(listing.name, self.today.isoformat())

    def take(self, rows: dict[str, Record], listing: Listing, window: Window, found: Iterable[Row]) -> None:
        """Each row once, the first; what a window of publication gave was published by its last day."""
        by = window.last.isoformat() if window.span == "published" else None
        for row in found:
            number = str(row.get(listing.number) or row.get(listing.id))
            rows.setdefault(number, Record(list=listing.name, row=row, published_by=by, answers=None))

    def compare(self, listing: Listing, window: Window, found: list[Row]) -> None:
        """Complains when a list shows less than a quarter, per working day, of what it showed in good runs."""
        days = working_days(window.first, self.today)[-3:]
        if window.span != "published" or not days or not self.gapless:
            return
        name, rate = f"{listing.name} per working day", published_on(listing, found, days) // len(days)
        self.run.count(name, rate)
        good = self.run.journal.runs(self.name, _USUAL, Verdict.GOOD)
        usual = median([run.counts[name] for run in good if name in run.counts] or [0])
        if len(good) > 2 and usual >= 8 and rate < usual / 4:
            self.gap(f"{rate} {name}, usually {usual:.0f}: a holiday, or not all is shown", Verdict.DEGRADED)

    # One notice

    async def reads(self, records: Iterable[Record]) -> AsyncIterator[Read]:
        """Those in scope, or known from before, that say something new, read in full."""
        for record in records:
            known = self.known(record)
            notice = self.read(record)
            if notice is None or not self.wanted(notice, known):
                continue
            self.run.count("in scope")
            if known and not news(known, notice.says, corrections(record["row"])) and not self.awaits_ted(known):
                self.run.count("unchanged")
                continue
            record["answers"] = await self.details(notice, record)
            if record["answers"] is None and known and notice.says.stage is known.stage:
                continue  # without its answers a row may tell the deadline of before its correction
            if full := self.read(record):
                yield Read(full, partial(document, record))

    def known(self, record: Record) -> Opportunity | None:
        """The opportunity a record belongs to, if it was kept before; its first day of publication stays."""
        number = record["row"].get(LISTINGS[record["list"]].number)
        kept = self.run.store.get(f"{self.name}:{number}") if number else None
        if kept is None:
            return None
        if first := kept.opportunity.published:
            record["published_by"] = min(record["published_by"] or first.isoformat(), first.isoformat())
        return kept.opportunity

    def read(self, record: Record) -> Notice | None:
        """The notice in a record; one that cannot be read is set aside and counted."""
        try:
            return read_record(record)
        except UnreadableError as error:
            name = clean(str(record["row"].get("noticeNo") or record["list"]), 60)
            self.run.set_aside(name, clean(str(error), 200), document(record))
            return None

    def wanted(self, notice: Notice, known: Opportunity | None) -> bool:
        """Whether it is kept: what was kept before; what is live and in scope, or has no CPV code to judge it by."""
        if known is not None:
            return True
        if not matters(notice.says, self.scope):
            self.run.count("outside")
            return False
        if ended(notice.says, self.now):
            self.run.count("ended before it was seen")
            return False
        return True

    def awaits_ted(self, known: Opportunity) -> bool:
        """Whether a contract notice may have got its number in TED since: days pass between the two publications."""
        young = known.published is not None and self.today - known.published <= _TED_LAG
        return self.again and young and known.ref.startswith("CN") and not any(map(ted_number, known.previous))

    async def details(self, notice: Notice, record: Record) -> Row | None:
        """The notice's own answers by name; None where they could not be had or have to wait for the next run."""
        if self.looked_into >= DETAILS_MAX:
            self.run.count("left for the next run")
            return None
        self.looked_into += 1
        answers: Row = {}
        page = "/pub/" + (notice.says.url or "").partition("/pub/")[2]
        for question in questions(prefix_of(record["list"], record["row"]), record["row"], answers):
            try:
                answers[question.name] = await self.api(question.path, page, question.body)
                self.run.count("answers")
            except NothingThereError as error:
                self.run.count("answers with nothing in them")
                self.run.issue("no-details", f"{notice.says.ref}: {error}")
            except StoppedError:
                raise
            except SourceError as error:
                self.run.count("not looked into")
                self.run.issue("details", f"{notice.says.ref}: {error}")
                return None
        return answers

    def judge(self) -> None:
        """The run as a whole: what was not to be had, and whether all that is open has been looked at."""
        counts = self.run.counts
        if counts["not looked into"]:
            self.run.complain(Verdict.PARTIAL, f"{counts['not looked into']} notices could not be looked into")
        if counts["answers with nothing in them"] > counts["answers"] // 2:
            self.run.complain(Verdict.DEGRADED, f"{counts['answers with nothing in them']} answers had nothing in them")
        if not self.given and any(counts[f"listed: {name}"] for name in LISTINGS):
            self.run.count("nothing new")
        if not self.run.complaints and self.since is None and self.limit is None:
            self.run.mark(_AGAIN, self.today.isoformat())
