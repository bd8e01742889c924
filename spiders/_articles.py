"""Sites without a feed: a listing of links and a page behind each; read once, and again while it is alive."""

import re
from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import ClassVar
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

from pipeline.exceptions import SourceError, UnreadableError
from pipeline.opportunity import LIVE, Kind, unique
from spiders._html import links_of, soup_of
from spiders._pages import PageSource
from spiders._sheet import Sheet


class Articles(PageSource):
    """Walks the listings for links that look like articles, then the articles we do not have and those still alive."""

    listings: ClassVar[tuple[str, ...]]
    """Paths of the listings below the address of the source."""
    article: ClassVar[re.Pattern[str]]
    """What the path of an article looks like."""
    heading: ClassVar[str] = "h1"
    """The element with the title; a page without it is no article we know how to read."""
    most: ClassVar[int] = 60
    """Articles read at most in one run."""

    @abstractmethod
    def read_article(self, url: str, soup: BeautifulSoup) -> Sheet | None:
        """The sheet of an article; None for a page that is none."""

    async def walk(self) -> AsyncIterator[Sheet]:
        """The articles of ours that may have changed, then those that are new."""
        ours = self.alive()
        listed = [url for url in unique(await self.links()) if url not in ours]
        new = [url for url in listed if not self.known(url)]
        self.run.count("already read", len(listed) - len(new))
        if (left := len(ours) + len(new) - self.most) > 0:
            self.run.count("left for the next run", left)
        for url in [*ours, *new][: self.most]:
            if sheet := await self.page(url):
                yield sheet
        if lost := self.run.counts["articles not had"]:
            self.gap(f"{lost} articles could not be had")

    def known(self, url: str) -> bool:
        """Whether an article has been read, or left out, before."""
        return self.run.has(ref_of(url)) or f"left out {ref_of(url)}" in self.run.known

    async def links(self) -> list[str]:
        """The addresses of the articles listed, in order. Raises SourceError where a listing has none."""
        found: list[str] = []
        for listing in self.listings:
            response = await self.look(f"{self.config.url}{listing}", conditional=False)
            assert response is not None  # it was not asked conditionally
            here = [url for url, words in links_of(soup_of(response.body), response.url) if self.takes(url, words)]
            if not here:
                raise SourceError(f"{response.url}: no link looks like an article")
            self.met(len(here))
            self.run.count("listings read")
            found += here
        return found

    def takes(self, url: str, words: str) -> bool:
        """Whether a link of a listing, with its words, leads to an article."""
        parts = urlsplit(url)
        return parts.netloc == urlsplit(self.config.url).netloc and bool(self.article.fullmatch(parts.path))

    def alive(self) -> list[str]:
        """The addresses of what we have of it that is not over yet: calls, and news that names a deadline."""
        ours = (kept.opportunity.at(self.now) for kept in self.run.store.all(sources=[self.run.name]))
        live = (says for says in ours if says.stage in LIVE and (says.deadlines or says.kind is Kind.CALL))
        return list(unique(says.url for says in live if says.url))

    async def page(self, url: str) -> Sheet | None:
        """The sheet of one page; a page that cannot be had or read is an issue, the others go on."""
        try:
            response = await self.look(url)
            soup = soup_of(response.body) if response else None
            sheet = self.read_article(url, soup) if soup else None
            if soup and not sheet and not soup.find(self.heading):
                raise UnreadableError("no-heading", f"an article without <{self.heading}>")
        except (SourceError, UnreadableError) as error:
            self.run.issue("article", f"{url}: {error}")
            self.run.count("articles not had", "HTTP 404" not in str(error))
            return None
        if response is not None and sheet is None:
            self.pending[f"left out {ref_of(url)}"] = self.now.date().isoformat()
        elif response is not None:
            self.remember(response)
        return sheet


def ref_of(url: str) -> str:
    """What an article is called: its path."""
    return urlsplit(url).path.strip("/")[-200:] or "home"
