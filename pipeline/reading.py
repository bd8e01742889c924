"""Reading stored documents again: what a mended reader now sees in what a source once published."""

import datetime as dt
from dataclasses import dataclass, field

from pipeline import settings as house
from pipeline.exceptions import UnreadableError, VestitorError
from pipeline.keeping import documents, keep
from pipeline.store import Store

BATCH = 250


@dataclass(slots=True)
class Reread:
    """What reading again found."""

    read: int = 0
    changed: int = 0
    problems: list[str] = field(default_factory=list)

    def words(self) -> str:
        """In a sentence, with the first problems."""
        lines = [f"{self.read} documents read again, {self.changed} opportunities changed."]
        return "\n".join(lines + self.problems[:10])


def reread(store: Store, source: str, now: dt.datetime) -> Reread:
    """Reads every document kept from a source with today's reader and keeps the notices anew."""
    from scrapy.settings import Settings  # here: every other command starts in half the time without Scrapy
    from scrapy.spiderloader import SpiderLoader

    settings = Settings()
    settings.setmodule(house)
    loader = SpiderLoader.from_settings(settings)
    if source not in loader.list():
        raise VestitorError(f"no source `{source}`; there are: {', '.join(loader.list())}")
    read_document = getattr(loader.load(source), "read_document", None)
    if read_document is None:
        raise VestitorError(f"{source} keeps no documents to read again")
    found, batch = Reread(), []
    for ref, document in list(documents(store, source)):
        try:
            batch.append((read_document(document), None))
        except UnreadableError as error:
            found.problems.append(f"{ref}: {error}")
    for start in range(0, len(batch), BATCH):
        found.changed += len(keep(store, batch[start : start + BATCH], now).changed)
    found.read = len(batch)
    return found
