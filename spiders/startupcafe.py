"""StartupCafe: news of grants for firms and start-ups in Romania, often the first to tell of a guide or an extension.

Publisher: StartupCafe.ro (HotNews)
Home: https://startupcafe.ro
Access: RSS feed `/feed`, conditional requests
Covers: articles of the feed that speak of funding, as news; the last days only, as the feed holds them
Caveats: a newspaper, not the funder: what it says of dates is kept as prose, its deadlines count only where exact. An
    article is edited in place: `UPDATE 6.12.2023:` stands above the old dates, and the newest statement is taken.
    Not verified live while building (2026-11): how many entries the feed holds, whether they carry the whole text
Licence: all rights reserved by the publisher; only title, a summary and the link are kept
"""

from collections.abc import AsyncIterator

from spiders._feeds import read_feed
from spiders._pages import FEED, PageSource
from spiders._sheet import Sheet
from spiders._words import wanted

WORDS = (
    "fonduri", "finantar*", "granturi*", "grant", "apel", "apeluri", "ajutor* de stat", "minimis", "PNRR", "PoCIDIF",
    "Start-Up Nation", "Horizon", "Orizont Europa", "EIC", "eligibil*", "nerambursabil*", "ghidul solicitantului",
)  # fmt: skip


class StartupCafe(PageSource):
    """Reads the feed and keeps what speaks of money to apply for."""

    name = "startupcafe"

    async def walk(self) -> AsyncIterator[Sheet]:
        """The articles about funding."""
        response = await self.look(f"{self.config.url}/feed", accept=FEED)
        if response is None:
            return
        feed = read_feed(response.body)
        self.met(len(feed.entries))
        for entry in feed.entries:
            if wanted(f"{entry.title} {' '.join(entry.words)} {entry.text[:1000]}", self.config.words or WORDS):
                yield self.sheet(
                    entry.ref, entry.title, kind="news", url=entry.url, published=entry.published, text=entry.text,
                    keywords=entry.words,
                )  # fmt: skip
            else:
                self.run.count("not about funding")
        if feed.fault:
            self.gap(f"the feed is broken: {feed.fault}")
        self.remember(response)
