"""EU Funding & Tenders Portal: grant topics, EuropeAid and cascade funding calls, the Commission's own tenders.

Publisher: European Commission
Home: https://ec.europa.eu/info/funding-tenders/opportunities/portal
Access: search index (`api.tech.` host, POST /search-api/prod/rest/search, no key); bulk file
    `/data/referenceData/grantsTenders.json` (ETag, byte ranges); `/data/topicDetails/{identifier}.json` for what has no
    text, and for conditions and budget of what is about information technology
Covers: everything open or forthcoming of type 1 (grant topics), 2 (EuropeAid), 8 (cascade calls) and 0 (tenders); what
    we have is followed until it ends. `--since` has no meaning here: each run reads all that is open
Caveats: the index ignores questions in another encoding (2026-09-12) and loses rows while paging (1 % a walk,
    2026-03 to 08), the bulk file has no types 2 and 8, no budget and no text: neither alone is enough, and absence from
    either ends nothing. A call in two stages counts as over when its first stage is. The hour of a grant deadline is
    assumed (17:00 Brussels), that of cascade and EuropeAid calls is not trusted (2026-05). Amounts of cascade calls
    below 10,000 are in an unknown scale and stay in the text. Not verified live while building (2026-11): robots.txt of
    both hosts, how fast may be asked, the cursor over es_SortDate
Licence: free reuse (Decision 2011/833/EU), with attribution to the European Commission
"""

import datetime as dt
import json
import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from pydantic import ValidationError

from pipeline.exceptions import SourceError, UnreadableError
from pipeline.journal import Verdict
from pipeline.keeping import documents
from pipeline.notice import Notice
from pipeline.opportunity import BRUSSELS, LIVE, Kind
from pipeline.steps import Read
from spiders._eu_portal_bulk import START
from spiders._eu_portal_choice import incomplete
from spiders._eu_portal_codes import CASCADE, CLOSED, EUROPEAID, FORTHCOMING, OPEN, TENDER, TOPIC
from spiders._eu_portal_dossier import (
    BULK_FIELDS,
    DETAILS_FIELDS,
    INDEX_FIELDS,
    Dossier,
    bulk_ref,
    index_channel,
    index_ref,
    metadata,
    packed,
    trimmed,
)
from spiders._eu_portal_index import Question, best
from spiders._eu_portal_proof import too_old, without_deadlines
from spiders._eu_portal_read import read_dossier
from spiders._eu_portal_said import inside, items, one, text
from spiders._eu_portal_voices import merged
from spiders._eu_portal_walk import BulkWalk, IndexWalk, answer_of
from spiders._source import Source

QUESTIONS = {
    "topics": Question((TOPIC,)),
    "calls": Question((EUROPEAID, CASCADE), languages=("en", "ro")),
    "tenders": Question((TENDER,)),
}
"""What the index is asked for: calls also in Romanian, because no other channel has one whose English copy is lost."""
LOOKUPS, DETAILS = 40, 60
"""Topics asked for one by one in a run: those that the index lost, those of which something is missing."""
BULK_HEAD = 60_000
"""Bytes of the bulk file that a probe asks for."""
ASK_AGAIN = dt.timedelta(days=7)
"""When a topic of which something was not to be had is asked for again."""
STALE = dt.timedelta(days=400)
"""Age after which a tender of the bulk file without a deadline is over, whatever it says ("open" since 2023)."""


class EuPortal(Source):
    """Gathers what the channels say, adds it to what they said before, and reads each opportunity once."""

    name = "eu_portal"
    hosts = ("api.tech.ec.europa.eu",)

    @staticmethod
    def read_document(document: bytes) -> Notice:
        """A stored dossier read again, as of when it was kept; raises UnreadableError."""
        dossier = json.loads(document)
        return read_dossier(dossier, dt.datetime.fromisoformat(dossier["seen"]))

    async def start(self) -> AsyncIterator[Any]:
        """Every opportunity that is alive, and those we have that no longer are."""
        self.fresh: dict[str, Dossier] = {}
        ours = (kept.opportunity.at(self.now) for kept in self.run.store.all(sources=[self.name]))
        self.alive = {says.id.partition(":")[2] for says in ours if says.stage in LIVE}
        await self.bulk()
        await self.index()
        self.known = {ref: json.loads(kept) for ref, kept in documents(self.run.store, self.name) if ref in self.fresh}
        reads = [read for ref in list(self.fresh)[: self.limit] if (read := await self.read(ref))]
        for read in self.proven(reads):
            yield read

    async def probe(self) -> AsyncIterator[Any]:
        """One page of topics, one of cascade calls, and the first bytes of the bulk file."""
        self.fresh, self.alive, self.known = {}, set(), {}
        walk = IndexWalk(self)
        for name in ("topics", "calls"):
            self.take((await walk.page(QUESTIONS[name])).rows)
        for ref in list(self.fresh):
            if read := await self.read(ref):
                yield read
        head = await BulkWalk(self, "").piece(0, {"Range": f"bytes=0-{BULK_HEAD}"})
        if not START.match(head.body.decode("utf-8", "replace")):
            raise SourceError(f"{head.url}: the bulk file begins otherwise than it should: {head.body[:80]!r}")

    # The bulk file

    async def bulk(self) -> None:
        """Everything alive in the bulk file, and what we have that is in it; remembers its ETag where it was whole."""
        walk = BulkWalk(self, self.run.known.get("bulk etag", "") if self.limit is None else "")
        found: dict[str, Dossier] = {}
        try:
            async for record in walk.records():
                if (ref := bulk_ref(record)) and self.wanted(ref, record):
                    found[ref] = trimmed(BULK_FIELDS, record)
        except SourceError as error:
            self.run.complain(Verdict.PARTIAL, f"the bulk file: {error}")
        self.run.count("bulk records", walk.splitter.records)
        self.run.count("bulk file unchanged", int(walk.unchanged))
        if walk.splitter.ended and self.full("bulk records", walk.splitter.records):
            self.remember("bulk etag", walk.etag)
        self.believed(found)
        for ref, record in found.items():
            self.fresh.setdefault(ref, {})["bulk"] = record

    def wanted(self, ref: str, record: dict[str, Any]) -> bool:
        """Whether a record may be alive, by its status or a deadline ahead, or is something we have that is."""
        return _status(record) in (OPEN, FORTHCOMING) or _ends_after(record, self.now) or ref in self.alive

    def believed(self, found: dict[str, Dossier]) -> None:
        """Where the file calls too much closed that has a deadline ahead, its statuses are not believed."""
        closed = [record for record in found.values() if _status(record) == CLOSED]
        if len(closed) > max(20, len(found) // 5):
            self.run.complain(Verdict.DEGRADED, f"the bulk file closes {len(closed)} of {len(found)}: not believed")
            for record in closed:
                del record["status"]

    # The search index

    async def index(self) -> None:
        """Everything open or forthcoming in the index, and one by one the topics it lost."""
        walk = IndexWalk(self)
        for name, question in QUESTIONS.items():
            try:
                rows = await walk.rows(question)
            except SourceError as error:
                self.run.complain(Verdict.DEGRADED, f"the search index, {name}: {error}")
                continue
            self.take(rows)
            self.run.stated(walk.stated, walk.received)
            if walk.lost:
                self.run.complain(Verdict.PARTIAL, f"{walk.lost} of {walk.stated} {name} were not given by the index")
            if name == "topics":
                await self.lookups(walk)
            self.full(f"rows {name}", len(rows))

    def take(self, rows: list[Any]) -> None:
        """Rows into dossiers: index duplicates and language copies fold into one."""
        for row in best(rows):
            if not (ref := "".join(index_ref(row).split())):
                self.run.issue("no-identity", str(row.get("reference")))
                continue
            dossier = self.fresh.setdefault(ref, {})
            if index_channel(row) in dossier:
                self.run.count("copies folded")
            dossier.setdefault(index_channel(row), trimmed(INDEX_FIELDS, metadata(row)))

    async def lookups(self, walk: IndexWalk) -> None:
        """Topics of the bulk file that the index did not list: lost while paging, or without an English copy."""
        unlisted = ((ref, each.get("bulk", {})) for ref, each in self.fresh.items() if "index" not in each)
        lost = [ref for ref, record in unlisted if _open_topic(record, self.now)]
        self.run.count("topics not listed by the index", len(lost))
        for ref in lost[:LOOKUPS]:
            question = Question((TOPIC,), languages=(), statuses=(), text=f'"{ref}"')
            try:
                page = await walk.page(question)
            except SourceError as error:
                self.run.issue("lookup", f"{ref}: {error}")
                return
            self.take([row for row in page.rows if index_ref(row) == ref])

    # What comes of it

    async def read(self, ref: str) -> Read | None:
        """What a dossier says, with its own page where that adds something; None for what is over or unreadable."""
        new = self.fresh[ref]
        dossier = merged(self.known.get(ref), ref, _kind(new), new) | {"seen": self.now.isoformat()}
        try:
            notice = read_dossier(dossier, self.now)
            if self.over(notice, dossier):
                self.run.count("over before we knew it")
                return None
            if self.asks(notice, dossier):
                dossier |= await self.details(ref)
                notice = read_dossier(dossier, self.now)
        except (UnreadableError, ValidationError) as error:
            self.run.set_aside(ref, str(error), packed(dossier))
            return None
        return Read(notice, partial(packed, dossier))

    def asks(self, notice: Notice, dossier: Dossier) -> bool:
        """Whether it is a topic whose own page could add something and that was not asked for lately."""
        asked = dt.date.fromisoformat(dossier.get("asked", "2000-01-01"))
        due = self.now.date() - asked >= ASK_AGAIN and self.run.counts["details asked"] < (
            0 if self.probing else DETAILS
        )
        return due and dossier["kind"] == TOPIC and incomplete(notice.says, dossier)

    async def details(self, ref: str) -> Dossier:
        """The details of a topic (its file is named in small letters), and that they were asked for."""
        asked = {"asked": self.now.date().isoformat()}
        self.run.count("details asked")
        try:
            response = await self.fetch(f"{self.config.url}/data/topicDetails/{ref.lower()}.json")
            details = answer_of(response).get("TopicDetails") if response.status != 404 else None
        except SourceError as error:
            self.run.issue("details", f"{ref}: {error}")
            return {}
        return asked | ({"details": trimmed(DETAILS_FIELDS, details)} if isinstance(details, dict) else {})

    def over(self, notice: Notice, dossier: Dossier) -> bool:
        """Whether it ended before we had it, or is one of the tenders of years ago that the bulk file calls open."""
        says = notice.says
        old = says.published is not None and self.now.date() - says.published > STALE
        stale = says.kind is Kind.TENDER and old and not says.deadlines and "index" not in dossier
        return (stale or says.stage not in LIVE) and says.ref not in self.alive

    # Whether it can be believed

    def full(self, name: str, count: int) -> bool:
        """Whether there is at least half of what the last good run had; remembers the number if so."""
        before = int(self.run.known.get(name, 0))
        if count * 2 < before:
            self.run.complain(Verdict.DEGRADED, f"{name}: {count}, and {before} in the last run")
            return False
        self.remember(name, str(count))
        return True

    def remember(self, name: str, value: str) -> None:
        """A mark, unless the run stops early."""
        if self.limit is None and value:
            self.run.mark(name, value)

    def proven(self, reads: list[Read]) -> list[Read]:
        """What can be kept. Where deadlines are missing altogether, new calls without one are held back: two of three
        topics that the index calls open are over, and only their deadline tells."""
        says = [read.notice.says for read in reads]
        bare = without_deadlines(says)
        for doubt in (bare, too_old(says, self.now.astimezone(BRUSSELS).date(), self.config.expect.newest)):
            if doubt:
                self.run.complain(Verdict.DEGRADED, doubt)
        kept = [read for read in reads if not bare or read.notice.says.deadlines or read.notice.says.ref in self.alive]
        if len(kept) < len(reads):
            self.run.count("held back", len(reads) - len(kept))
        return kept


def _kind(dossier: Dossier) -> str:
    """The type of record; all channels agree."""
    row = dossier.get("index") or dossier.get("announcement")
    return one(row, "type") if row else str(dossier.get("bulk", {}).get("type", ""))


def _status(record: dict[str, Any]) -> str:
    return text(inside(record, "status"), "id")


def _ends_after(record: dict[str, Any], now: dt.datetime) -> bool:
    """Whether a deadline is ahead; its day was midnight in some years and counts until it is over."""
    ends = map(str, items(record, "deadlineDatesLong"))
    return any(int(end) / 1000 + 86_400 > now.timestamp() for end in ends if re.fullmatch(r"\d{9,14}", end))


def _open_topic(record: dict[str, Any], now: dt.datetime) -> bool:
    """Whether the bulk file has it as a topic that is open or to come (two of three that are called open are over)."""
    ahead = _ends_after(record, now) or not items(record, "deadlineDatesLong")
    return str(record.get("type")) == TOPIC and _status(record) in (OPEN, FORTHCOMING) and ahead
