"""Reading stored documents again: what a mended reader now sees in what a source once published."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pipeline import settings as house
from pipeline.exceptions import UnreadableError, VestitorError
from pipeline.keeping import documents, keep
from pipeline.notice import Notice
from pipeline.store import Store

BATCH = 250
"""Notices read again per transaction: so many are in memory, however many documents there are."""
_EXAMPLES = 10
Documents = Iterable[tuple[str, bytes]]
Progress = Callable[[Documents], Documents]


@dataclass(slots=True)
class Reread:
    """What reading again found."""

    read: int = 0
    changed: int = 0
    unreadable: int = 0
    problems: list[str] = field(default_factory=list)
    """The first of those that could not be read."""

    def words(self) -> str:
        """In a sentence, with the first problems."""
        lines = [f"{self.read} documents read again, {self.changed} opportunities changed."]
        lines += [f"{self.unreadable} could not be read; what was known of them stays:"] * bool(self.problems)
        return "\n".join(lines + self.problems)


def reread(
    store: Store, source: str, now: dt.datetime, spider: str = "", progress: Progress = lambda kept: kept
) -> Reread:
    """Reads every document kept from a source with today's reader (that of `spider`, where it is not the source's own)
    and keeps the notices anew, batch by batch.

    Ended half-way, what was read stays, and reading again begins anew: a reading replaces the one before.
    """
    read_document, found = _reader(spider or source), Reread()
    batch: list[tuple[Notice, None]] = []
    for ref, document in progress(documents(store, source)):
        try:
            batch.append((read_document(document), None))
        except UnreadableError as error:
            found.unreadable += 1
            found.problems += [f"{ref}: {error}"] * (len(found.problems) < _EXAMPLES)
        if len(batch) == BATCH:
            _keep(store, batch, found, now)
    _keep(store, batch, found, now)
    return found


def _keep(store: Store, batch: list[tuple[Notice, None]], found: Reread, now: dt.datetime) -> None:
    found.changed += len(keep(store, batch, now).changed)
    found.read += len(batch)
    batch.clear()


def _reader(spider: str) -> Callable[[bytes], Notice]:
    """How a spider reads its stored documents."""
    from scrapy.settings import Settings  # here: every other command starts in half the time without Scrapy
    from scrapy.spiderloader import SpiderLoader

    settings = Settings()
    settings.setmodule(house)
    loader = SpiderLoader.from_settings(settings)
    if spider not in loader.list():
        raise VestitorError(f"no source `{spider}`; there are: {', '.join(loader.list())}")
    read_document: Callable[[bytes], Notice] | None = getattr(loader.load(spider), "read_document", None)
    if read_document is None:
        raise VestitorError(f"{spider} keeps no documents to read again")
    return read_document
