"""What every notice passes on its way into the store: Scrapy item pipelines, each of which does one thing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from pipeline.journal import Verdict
from pipeline.keeping import keep
from pipeline.notice import Notice
from pipeline.opportunity import LIVE
from pipeline.runs import RunRecorder
from pipeline.scope import in_scope

BATCH = 250
"""Notices per transaction: what a crash can cost is read again from the mark."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a spider yields: a notice and how to get the document to keep beside it."""

    notice: Notice
    document: Callable[[], bytes] | None = None


class _Step:
    """A step knows the run it works for."""

    def __init__(self, run: RunRecorder) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way in."""
        return cls(RunRecorder.of(crawler))


class OncePerRun(_Step):
    """A notice that a source shows twice in one run is read once."""

    def __init__(self, run: RunRecorder) -> None:
        super().__init__(run)
        self.seen: set[str] = set()

    def process_item(self, item: Read) -> Read:
        """Drops and counts repetitions."""
        ref = item.notice.says.ref
        if ref in self.seen:
            self.run.count("repeated")
            raise DropItem(f"{ref} was already read in this run")
        self.seen.add(ref)
        return item


class Keep(_Step):
    """Notices go to the store in batches; those outside the scope only if they belong to a life line we have."""

    def __init__(self, run: RunRecorder) -> None:
        super().__init__(run)
        self.batch: list[Read] = []
        self.ends: list[Read] = []
        """What would end an opportunity that is alive: kept when the run is found to be good."""

    def process_item(self, item: Read) -> Any:
        """Adds to the batch, or to what waits for the verdict."""
        self.run.read(item.notice)
        if self.would_end(item.notice):
            self.ends.append(item)
            self.run.held += 1
            return item
        self.batch.append(item)
        if len(self.batch) >= BATCH:
            self.flush()
        return item

    def would_end(self, notice: Notice) -> bool:
        """Whether a page or record that is edited in place now says that something alive is over. A run that turns out
        not to be good may have misread that; the next one reads it again. Documents that never change are believed."""
        if not notice.living or notice.says.stage in LIVE:
            return False
        ours = map(self.run.store.get, (notice.says.id, *notice.changes))
        return any(kept and kept.opportunity.at(self.run.now).stage in LIVE for kept in ours)

    def close_spider(self) -> None:
        """Keeps what is left: what ends something only where the run is good."""
        if self.run.judge() is Verdict.GOOD:
            self.batch += self.ends
        elif self.ends:
            self.run.count("ends not believed", len(self.ends))
        try:
            self.flush()
        except Exception as error:  # Scrapy would log it, and the run would read good with its last notices lost
            self.run.not_kept(error)
            raise

    def flush(self) -> None:
        """Keeps the batch in one transaction."""
        batch, self.batch = self.batch, []
        scope = self.run.scope
        strays = {item.notice.says.ref for item in batch if scope and not in_scope(item.notice.says, scope)}
        read = [(item.notice, item.document) for item in batch]
        self.run.kept(keep(self.run.store, read, self.run.now, strays))
