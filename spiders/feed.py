"""Any RSS or Atom feed, without code: staff add a block to config.yaml and say what its items are.

Publisher: whoever publishes the feed that `url` names
Home: see `url` of the block
Access: the feed itself, with conditional requests (ETag, Last-Modified); the 5,000 newest entries at most
Covers: the entries that have one of `words` (all of them without words), as `kind: call` or `kind: news`
Caveats: dates and money are read out of Romanian or English prose; a call of which neither words nor dates say whether
    it is open is set aside and counted. Written 2026-11
Licence: that of the feed; only title, a summary and the link are kept
"""

from collections.abc import AsyncIterator

from spiders._feeds import Entry, read_feed
from spiders._pages import FEED, PageSource
from spiders._sheet import Sheet
from spiders._words import wanted


class AnyFeed(PageSource):
    """Reads the feed of its block; the opportunity's source is the block's name."""

    name = "feed"

    async def walk(self) -> AsyncIterator[Sheet]:
        """The entries worth keeping."""
        response = await self.look(self.config.url, accept=FEED)
        if response is None:
            return
        feed = read_feed(response.body)
        self.met(len(feed.entries))
        for entry in feed.entries:
            if wanted(f"{entry.title}\n{entry.text}\n{' '.join(entry.words)}", self.config.words):
                yield self.entry(entry)
            else:
                self.run.count("without the words")
        if feed.fault:
            self.gap(f"the feed is broken: {feed.fault}")
        self.remember(response)

    def entry(self, entry: Entry) -> Sheet:
        """The sheet of an entry."""
        return self.sheet(
            entry.ref,
            entry.title,
            kind=self.config.kind,
            url=entry.url,
            published=entry.published,
            text=entry.text,
            language=self.config.language,
            keywords=entry.words,
            countries=(),
        )
