"""AFIR, the Romanian agency for rural investments: sessions for projects of the Common Agricultural Policy.

Publisher: Agenția pentru Finanțarea Investițiilor Rurale
Home: https://www.afir.ro
Access: listing `/info-la-zi/` and the page of each announcement, HTML, conditional requests
Covers: announcements of sessions, guides and their changes
Caveats: rural; little is for IT firms (broadband, smart villages, digital farming). A session may end before its day
    when its money is used up, and the counter of that is drawn by script (2026-08): not read. Menus are 60 % of a page
    (2026-08): the text between the second title and `Distribuie` is taken. Not verified live while building (2026-11):
    robots.txt, ETag
Licence: free reuse of public sector information (Law 179/2022), with attribution to AFIR
"""

import re
from typing import ClassVar

from bs4 import BeautifulSoup

from pipeline.romanian import as_day, read_when
from spiders._articles import Articles, ref_of
from spiders._html import line_of, lines_of, text_of
from spiders._sheet import Sheet
from spiders._words import wanted

WORDS = ("sesiun*", "depuner*", "ghid*", "cerer* de finantare", "apel*", "consultare", "dezbatere publica")
FUNDER = "Agenția pentru Finanțarea Investițiilor Rurale"
_TAIL = re.compile(r"\s+-\s+Portalul AFIR\b.*$", re.S)
_DATELINE = re.compile(r"(?P<day>\d{1,2} [a-zăâîșț]{3,11} 20\d\d),? \d\d:\d\d\s*")


class Afir(Articles):
    """Reads the announcements of the agency."""

    name = "afir"
    listings = ("/info-la-zi/",)
    heading = "title"
    article: ClassVar = re.compile(r"/info-la-zi/[a-z0-9-]{8,}/?")

    def read_article(self, url: str, soup: BeautifulSoup) -> Sheet | None:
        """The sheet of an announcement of sessions or guides."""
        page_title = line_of(soup.title.get_text(" ")) if soup.title else ""
        title, day, text = read_announcement(page_title, text_of(soup.body))
        if not title or not wanted(f"{title}\n{text}", WORDS):
            self.run.count("not about funding")
            return None
        when = read_when(day)
        published = as_day(when) if when else None
        return self.sheet(ref_of(url), title, kind="post", url=url, published=published, text=text, funder=FUNDER)


def read_announcement(page_title: str, text: str) -> tuple[str, str, str]:
    """Title, day and body of an announcement: what stands between its title and `Distribuie`, without the menus."""
    title = _TAIL.sub("", page_title)
    body = text.partition("\nDistribuie")[0] if "\nDistribuie" in text else text.partition(" Distribuie ")[0]
    body = body.rpartition(title)[2] if title else body
    dateline = _DATELINE.match(body.strip())
    return title, dateline["day"] if dateline else "", lines_of(body.strip()[dateline.end() if dateline else 0 :])
