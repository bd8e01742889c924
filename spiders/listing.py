"""Any page that lists calls or news by links, without code: for sites that have neither a feed nor WordPress.

Publisher: whoever publishes the page that `url` names
Home: see `url` of the block
Access: the page itself, and each page it links to on the same host that lies below its own address, or whose link has
    one of `words`; conditional requests; 60 pages at most in one run
Covers: the linked pages that have one of `words` (all of them without words). With `kind: call` a page that names a
    period of submission is a call, else news; what is open is looked at again in each run until it closes
Caveats: dates and money are read out of Romanian or English prose; a listing that shows its calls without links of
    their own, or draws them by script, fails with "no link looks like an article". Written 2026-11
Licence: that of the site; only title, a summary and the link are kept
"""

import datetime as dt
import re
from contextlib import suppress
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

from spiders._articles import Articles, ref_of
from spiders._html import line_of, text_of
from spiders._sheet import Sheet
from spiders._words import wanted

_FILES = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|7z|rar|jpe?g|png|gif|svg|mp4|ics)$", re.I)


class AnyListing(Articles):
    """Reads the pages that the listing of its block links to; the opportunity's source is the block's name."""

    name = "listing"
    listings = ("",)

    def takes(self, url: str, words: str) -> bool:
        """Whether a link leads to a page of its own below the listing, or speaks of what is wanted."""
        here, there = urlsplit(self.config.url), urlsplit(url)
        home, path = here.path.rstrip("/"), there.path.rstrip("/")
        if there.netloc != here.netloc or path in ("", home) or _FILES.search(path):
            return False
        return path.startswith(f"{home}/") if home else wanted(words, self.config.words)

    def read_article(self, url: str, soup: BeautifulSoup) -> Sheet | None:
        """The sheet of a page that has one of the words."""
        heading = soup.find("h1") or soup.title
        title = line_of(heading.get_text(" ")) if heading else ""
        text = text_of(soup.find("main") or soup.find("article") or soup.body)
        if not title or not wanted(f"{title}\n{text}", self.config.words):
            self.run.count("without the words")
            return None
        return self.sheet(
            ref_of(url),
            title,
            kind="post" if self.config.kind == "call" else "news",
            url=url,
            published=_published(soup),
            text=text,
            language=self.config.language,
            countries=(),
        )


def _published(soup: BeautifulSoup) -> dt.date | None:
    """The day a page states for machines (`article:published_time`, `<time datetime>`)."""
    meta, time = soup.find("meta", property="article:published_time"), soup.find("time", datetime=True)
    stated = str(meta.get("content", "") if meta else time.get("datetime", "") if time else "")
    with suppress(ValueError):
        return dt.date.fromisoformat(stated[:10])
    return None
