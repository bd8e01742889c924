"""oportunitati-ue.gov.ro: the official single list of calls for European money in Romania.

Publisher: Ministerul Investițiilor și Proiectelor Europene
Home: https://oportunitati-ue.gov.ro
Access: calls through `/wp-json/wp/v2/apel`, newest change first, 100 a page; the page of each call that changed for
    budget and dates, which the interface does not give
Covers: calls of the programmes 2021-2027, PNRR and some national ones; 5,233 calls (2026-08)
Caveats: connections from cloud addresses are dropped without an answer, and clients without Accept, Accept-Language
    and Referer are refused (2026-08). A first run reads the 200 calls that changed last, later ones what changed since;
    what is not over is looked at again every three days. Some calls have neither dates nor budget: they are set aside.
    Not verified live while building (2026-11): robots.txt, the HTML around the labels
Licence: free reuse of public sector information (Law 179/2022), with attribution to MIPE
"""

from collections.abc import AsyncIterator
from typing import Any

from pipeline.exceptions import SourceError, UnreadableError
from pipeline.opportunity import LIVE, Opportunity, Stage
from pipeline.romanian import fold
from spiders._html import after_label, json_of, line_of, soup_of, text_of
from spiders._sheet import Sheet
from spiders._wordpress import Post, WordPress, day_of, rendered

FIELDS = "id,slug,link,title,date,modified,beneficiar,domeniu,tip_apel,zona_geografica"
EVERY = 3
"""Days in which each call that is not over has its page looked at once, changed or not."""
TERMS = ("beneficiar", "domeniu", "tip_apel", "zona_geografica")
STAGES = {"urmeaza": Stage.PLANNED, "activ": Stage.OPEN, "inactiv": Stage.CLOSED}
"""The words of `Status` on the site's cards, folded (2026)."""


class OportunitatiUe(WordPress):
    """Walks the calls that changed and reads the page of each."""

    name = "oportunitati_ue"
    route, size, most = "apel", 100, 2
    required = ("id", "title", "link", "modified")
    query = {"_fields": FIELDS}  # noqa: RUF012

    @property
    def headers(self) -> dict[str, str]:
        """The site refuses who does not come from its list."""
        return {"Referer": f"{self.config.url}/apeluri/"}

    async def walk(self) -> AsyncIterator[Sheet]:
        """The calls that changed."""
        names = {term: {} if self.probing else await self.names(term) for term in TERMS}
        turn = self.turn()
        async for post in self.posts(self.config.url):
            turn.pop(str(post["id"]), None)
            self.run.count("details asked")
            if sheet := await self.call(post, {term: _named(post, term, names[term]) for term in TERMS}):
                yield sheet
        for says in turn.values():
            self.run.count("looked at again")
            post = {"id": says.ref, "title": says.title, "link": says.url, "date": str(says.published or "")}
            if sheet := await self.call(post, dict.fromkeys(TERMS, ()), conditional=True):
                yield sheet
        if lost := self.run.counts["details not had"]:
            self.gap(f"{lost} pages of calls could not be had")

    def turn(self) -> dict[str, Opportunity]:
        """The calls of ours that are not over and whose turn it is, by number: dates stand on the page alone, and may
        change without the interface saying so."""
        day = self.now.date().toordinal()
        ours = (kept.opportunity.at(self.now) for kept in self.run.store.all(sources=[self.name]))
        live = [says for says in ours if says.stage in LIVE and says.url and says.ref.isdigit()]
        return {says.ref: says for says in live if (int(says.ref) + day) % EVERY == 0} if self.limit is None else {}

    async def names(self, term: str) -> dict[int, str]:
        """The names of a list of terms by number; nothing where it cannot be had."""
        url = f"{self.config.url}/wp-json/wp/v2/{term}?per_page=100"
        try:
            response = await self.look(url, accept="application/json", conditional=False, **self.headers)
            answer = json_of(response.body) if response else []
            return {int(item["id"]): line_of(str(item["name"])) for item in answer}
        except (SourceError, UnreadableError, KeyError, TypeError, ValueError) as error:
            self.run.issue("terms", f"{term}: {error}")
            return {}

    async def call(self, post: Post, terms: dict[str, tuple[str, ...]], conditional: bool = False) -> Sheet | None:
        """The sheet of a call: what the interface says and what its page adds; without its page, an issue, and nothing
        where the page is the one we know."""
        url = str(post.get("link") or f"{self.config.url}/apel/{post.get('slug')}/")
        try:
            response = await self.look(url, conditional=conditional, **self.headers)
            if response is None:
                return None
            text = text_of(soup_of(response.body))
            self.remember(response)
        except (SourceError, UnreadableError) as error:
            self.run.issue("page-of-call", f"{post['id']}: {error}")
            self.run.count("details not had", "HTTP 404" not in str(error))
            return None
        labels = labels_of(text)
        if labels["status"] and labels["stage"] is None:
            self.run.issue("unknown-status", f"{post['id']}: {labels['status']}")
        return self.sheet(
            str(post["id"]),
            line_of(rendered(post, "title")),
            url=url,
            published=day_of(post),
            action=", ".join(terms["tip_apel"]) or None,
            eligible=", ".join(terms["beneficiar"])[:500] or None,
            keywords=terms["domeniu"],
            places=" ".join(terms["zona_geografica"]),
            **labels,
        )


def _named(post: Post, term: str, names: dict[int, str]) -> tuple[str, ...]:
    numbers = post.get(term) or ()
    return tuple(names[number] for number in numbers if number in names) if isinstance(numbers, list) else ()


def labels_of(text: str) -> dict[str, Any]:
    """What the page of a call says, by the labels of a sheet; the site mixes ş and ș, so text comes in with ș."""
    status = after_label(text, "Status")
    return {
        "text": text,
        "status": status,
        "stage": STAGES.get(fold(status)) if status else None,
        "opens": after_label(text, "Data deschiderii"),
        "closes": after_label(text, "Data închiderii"),
        "budget": after_label(text, "Buget UE", "Buget"),
        "programme": after_label(text, "Programe pentru care se aplică apelul", "Program de finanțare"),
        "eu_funded": True,
    }
