"""What every notice passes on its way into the store: Scrapy item pipelines, each of which does one thing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from pipeline.keeping import keep
from pipeline.notice import Notice
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

    def process_item(self, item: Read) -> Any:
        """Adds to the batch."""
        self.run.read(item.notice)
        self.batch.append(item)
        if len(self.batch) >= BATCH:
            self.flush()
        return item

    def close_spider(self) -> None:
        """Keeps what is left."""
        self.flush()

    def flush(self) -> None:
        """Keeps the batch in one transaction."""
        batch, self.batch = self.batch, []
        scope = self.run.scope
        strays = {item.notice.says.ref for item in batch if scope and not in_scope(item.notice.says, scope)}
        read = [(item.notice, item.document) for item in batch]
        self.run.kept(keep(self.run.store, read, self.run.now, strays))
