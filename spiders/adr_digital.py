"""The Romanian Authority for Digitalisation: calls of Digital Europe, PNRR and PoCIDIF, and news of them.

Publisher: Autoritatea pentru Digitalizarea României
Home: https://www.adr.gov.ro
Access: listing `/articole` and the page of each article, HTML, conditional requests
Covers: articles that speak of calls and funding; an article with a period of submission is a call, else news
Caveats: not every call of Digital Europe is told here, the EU portal has them all. Not verified live while building
    (2026-11): robots.txt, the HTML of listing and articles, whether the listing has pages
Licence: free reuse of public sector information (Law 179/2022), with attribution to ADR
"""

import re
from typing import ClassVar

from bs4 import BeautifulSoup

from pipeline.romanian import as_day, read_when
from spiders._articles import Articles, ref_of
from spiders._html import line_of, text_of
from spiders._sheet import Sheet
from spiders._words import wanted

WORDS = (
    "apel",
    "apelul*",
    "apeluri*",
    "finantar*",
    "granturi*",
    "fonduri",
    "ghid*",
    "PNRR",
    "PoCIDIF",
    "Europa Digitala",
)
FUNDER = "Autoritatea pentru Digitalizarea României"


class AdrDigital(Articles):
    """Reads the articles of the authority."""

    name = "adr_digital"
    listings = ("/articole",)
    article: ClassVar = re.compile(r"/(?:articole/)?[a-z0-9]+(?:-[a-z0-9]+){3,}/?")

    def read_article(self, url: str, soup: BeautifulSoup) -> Sheet | None:
        """The sheet of an article about funding."""
        heading = soup.find("h1")
        title = line_of(heading.get_text(" ")) if heading else ""
        text = text_of(soup.find("article") or soup.find("main") or soup.body)
        if not title or not wanted(f"{title}\n{text}", WORDS):
            self.run.count("not about funding")
            return None
        day = read_when(text[:400])
        published = as_day(day) if day else None
        return self.sheet(
            ref_of(url), title, kind="post", url=url, published=published, text=text, funder=FUNDER, eu_funded=True
        )
