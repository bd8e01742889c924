"""UEFISCDI: competitions for research and innovation money of the national plan (PNCDI IV) and the EEA Grants.

Publisher: Unitatea Executivă pentru Finanțarea Învățământului Superior, a Cercetării, Dezvoltării și Inovării
Home: https://uefiscdi.gov.ro
Access: one page per instrument, HTML, conditional requests; there is no feed
Covers: the instruments in `INSTRUMENTS`; each page is a journal (`Informare 04 decembrie 2024`), newest entry first
Caveats: only those three addresses were seen (2024-2026): others have to be added. What a page says of panels,
    contestations and results is no deadline. A page between two competitions is no call and is skipped. Not verified
    live while building (2026-11): robots.txt, ETag
Licence: free reuse of public sector information (Law 179/2022), with attribution to UEFISCDI
"""

from collections.abc import AsyncIterator

from pipeline.exceptions import SourceError, UnreadableError
from spiders._html import line_of, soup_of, text_of
from spiders._pages import PageSource
from spiders._sheet import Sheet

INSTRUMENTS = (
    "proiect-experimental-demonstrativ",
    "proiecte-complexe-realizate-in-consortii-cdi-pccdi",
    "eea-grants-2021-2028",
)
FUNDER = "UEFISCDI"


class Uefiscdi(PageSource):
    """Reads the page of each instrument."""

    name = "uefiscdi"

    async def walk(self) -> AsyncIterator[Sheet]:
        """The instruments whose page changed."""
        for slug in INSTRUMENTS:
            url = f"{self.config.url}/{slug}"
            try:
                response = await self.look(url)
                soup = soup_of(response.body) if response else None
            except (SourceError, UnreadableError) as error:
                self.gap(f"{slug}: {error}")
                continue
            if response is None or soup is None:
                continue
            heading = soup.find("h1")
            if heading is None:
                self.gap(f"{slug}: a page without a heading")
                continue
            name = line_of(heading.get_text(" "))
            main = soup.find("main") or soup.body
            yield self.sheet(slug, name, kind="post", url=url, funder=FUNDER, text=text_of(main))
            self.remember(response)
