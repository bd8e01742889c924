"""Eureka: Eurostars, Clusters, Network and Globalstars calls for firms and researchers of several countries.

Publisher: Eureka Association
Home: https://www.eurekanetwork.org
Access: records through `/wp-json/wp/v2/programmes`, newest change first, 100 a page; the page of each record that
    changed or is still open, for its dates, which the interface does not give
Covers: records of the four families in `FAMILIES` (92 in all, 2026-10): a record with a period of submission is a call,
    one without is news
Caveats: records are also introductions, events and past calls; headers say CEST where the text says CET (2026-10), so
    an hour may be off by one. National rules and money stand on pages of national agencies. Not verified live while
    building (2026-11): robots.txt, the HTML of the pages
Licence: not stated; only title, a summary and the link are kept
"""

from collections.abc import AsyncIterator

from pipeline.exceptions import SourceError, UnreadableError
from pipeline.opportunity import LIVE
from spiders._html import soup_of, text_of
from spiders._sheet import Sheet
from spiders._wordpress import WordPress

FAMILIES = {5: "Eurostars", 7: "Eureka Clusters", 8: "Eureka Network Projects", 9: "Globalstars"}
"""Numbers of `programmes-type` (2026-10)."""


class Eureka(WordPress):
    """Reads the records that changed, then the pages of what is still open."""

    name = "eureka"
    route, size, most = "programmes", 100, 2

    async def walk(self) -> AsyncIterator[Sheet]:
        """Calls and news of the four families."""
        ours = (kept.opportunity.at(self.now) for kept in self.run.store.all(sources=[self.name]))
        again = {says.ref: says for says in ours if says.stage in LIVE and says.deadlines}
        async for post in self.posts(self.config.url):
            again.pop(str(post["id"]), None)
            families = [FAMILIES[number] for number in post.get("programmes-type") or () if number in FAMILIES]
            sheet = self.post(post, kind="post", language="en", countries=(), funder="Eureka", keywords=tuple(families))
            if not families:
                self.run.count("of no family")
            elif whole := await self.whole(sheet, conditional=False):
                yield whole.model_copy(update={"programme": families[0]})
        for says in again.values():
            known = self.sheet(says.ref, says.title, kind="post", url=says.url, language="en", countries=())
            if whole := await self.whole(known.model_copy(update={"published": says.published})):
                yield whole
        if lost := self.run.counts["pages not had"]:
            self.gap(f"{lost} pages of calls could not be had")

    async def whole(self, sheet: Sheet, conditional: bool = True) -> Sheet | None:
        """The sheet with the text of its page; None where it cannot be had or is the one we know."""
        try:
            response = await self.look(sheet.url or self.config.url, conditional=conditional)
            text = text_of(soup_of(response.body).find("main") or soup_of(response.body).body) if response else ""
        except (SourceError, UnreadableError) as error:
            self.run.issue("page-of-call", f"{sheet.ref}: {error}")
            self.run.count("pages not had")
            return None
        if response is None:
            return None
        self.remember(response)
        return sheet.model_copy(update={"text": text})
