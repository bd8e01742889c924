"""Interreg: calls of all cross-border, transnational and interregional programmes in which Romania takes part.

Publisher: Interact (interreg.eu, fed by keep.eu)
Home: https://interreg.eu/calls-for-projects/
Access: the search of that page: POST to its Algolia index (`-dsn.algolia.net/1/indexes/*/queries`), with the public
    key that the page, or a script of it, carries
Covers: open and forthcoming calls whose eligible countries include Romania: Danube, Romania-Hungary, Romania-Bulgaria,
    Romania-Ukraine, Interreg Europe and others; those that state no countries are kept and counted
Caveats: the key changes without notice; where page and scripts have none the run fails and says so. A call that is no
    longer listed ends with its deadline, not before. The programme's own page (the link) is the authority. Fields and
    index name are those of a public client (2026); not verified live while building (2026-11): where the key stands,
    robots.txt, whether hours are UTC
Licence: not stated; only title, a summary and the link are kept
"""

import datetime as dt
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from pipeline.exceptions import SourceError
from pipeline.opportunity import Stage
from pipeline.romanian import BUCHAREST
from pipeline.text import safe_url
from spiders._html import html_to_text, line_of
from spiders._pages import PageSource
from spiders._sheet import Sheet

PAGE = "/calls-for-projects/"
QUESTION = {
    "indexName": "prod_en-us_content",
    "filters": "contentType:callForProjectsPage AND (callStatus:Open OR callStatus:Forthcoming)",
    "hitsPerPage": 500,
    "query": "",
}
STAGES = {"Open": Stage.OPEN, "Forthcoming": Stage.PLANNED, "Closed": Stage.CLOSED}
SCRIPTS = 8
"""Scripts of the page that are searched for the key at most."""
_APPLICATION = re.compile(r"(?i)app(?:lication)?_?-?id\W{1,9}([A-Z0-9]{10})\b")
_KEY = re.compile(r"(?i)(?:api|search)(?:only)?(?:api)?_?-?key\W{1,9}([0-9a-f]{32})\b")
Hit = dict[str, Any]


class Interreg(PageSource):
    """Asks the index behind the page of calls."""

    name = "interreg"
    hosts = (".algolia.net",)  # the index: its host begins with the application the page names

    async def walk(self) -> AsyncIterator[Sheet]:
        """The calls Romania may take part in."""
        hits, stated = await self.hits(*await self.key())
        self.met(len(hits))
        if stated > len(hits):
            self.gap(f"{len(hits)} of {stated} calls were given")
        for hit in hits:
            if (hit.get("callStatus") or "") not in STAGES:
                self.run.issue("unknown-status", f"{hit.get('objectID')}: {hit.get('callStatus')}")
            elif in_romania(hit):
                yield self.sheet(str(hit["objectID"]), line_of(str(hit["title"])), **labels_of(hit))
            else:
                self.run.count("not for Romania")

    async def key(self) -> tuple[str, str]:
        """Application and key of the search, from the page or the scripts it loads. Raises SourceError."""
        response = await self.look(f"{self.config.url}{PAGE}", conditional=False)
        assert response is not None  # it was not asked conditionally
        places = re.findall(r'<script[^>]{0,300}?src="([^"]{1,500})"', response.text)
        own = [url for url in (urljoin(response.url, place) for place in places) if _same_site(url, response.url)]
        texts = [response.text]
        for url in ["", *own[:SCRIPTS]]:
            if url and (script := await self.look(url, accept="*/*", conditional=False)):
                texts.append(script.text)
            said = "\n".join(texts)
            if (application := _APPLICATION.search(said)) and (key := _KEY.search(said)):
                return application[1], key[1]
        raise SourceError(f"{response.url}: neither the page nor its scripts have the key of the search")

    async def hits(self, application: str, key: str) -> tuple[list[Hit], int]:
        """The calls the index gives, and how many it says there are. Raises SourceError."""
        host = f"{application.lower()}-dsn.algolia.net" if "interreg.eu" in self.config.url else None
        url = f"https://{host}" if host else self.config.url
        headers = {"x-algolia-application-id": application, "x-algolia-api-key": key}
        answer = await self.ask(f"{url}/1/indexes/*/queries", {"requests": [QUESTION]}, **headers)
        try:
            result = answer["results"][0]
            hits, stated = result["hits"], int(result["nbHits"])
            if all(hit["objectID"] and hit["title"] for hit in hits):
                return hits, stated
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise SourceError(f"{url}: the answer of the index was rebuilt: {type(error).__name__} {error}") from None
        raise SourceError(f"{url}: calls without a name or title")


def _same_site(url: str, page: str) -> bool:
    return urlsplit(url).netloc == urlsplit(page).netloc


def in_romania(hit: Hit) -> bool:
    """Whether Romania is among the eligible countries, or none is stated."""
    codes, names = hit.get("callEligibleCountryNuts") or [], hit.get("callEligibleCountryNames") or []
    return not (codes or names) or any(str(code).startswith("RO") for code in codes) or "Romania" in names


def labels_of(hit: Hit) -> dict[str, Any]:
    """What a call says, by the labels of a sheet."""
    programmes = [line_of(str(name)) for name in hit.get("associatedProgrammes") or []]
    return {
        "url": safe_url(str(hit.get("callExternalUrl") or hit.get("contentUrl") or "")),
        "language": "en",
        "text": html_to_text(str(hit.get("description") or hit.get("teaser") or "")),
        "status": hit["callStatus"],
        "stage": STAGES[hit["callStatus"]],
        "opens": wall(hit.get("callOpenDate")),
        "closes": wall(hit.get("callDeadlineDate")),
        "programme": ", ".join(programmes) or "Interreg",
        "eligible": ", ".join(map(str, hit.get("targetAudience") or []))[:500] or None,
        "keywords": tuple(line_of(str(theme)) for theme in hit.get("callThemes") or hit.get("themes") or []),
        "countries": (),
        "eu_funded": True,
    }


def wall(stated: object) -> str | None:
    """An ISO instant as wall time in Bucharest; midnight is a bare day; anything else as it stands, to be an issue."""
    text = str(stated or "")
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text or None
    if moment.tzinfo is None or moment.time() == dt.time(0):
        return f"{moment:%d.%m.%Y}" if moment.time() == dt.time(0) else f"{moment:%d.%m.%Y, ora %H:%M}"
    return f"{moment.astimezone(BUCHAREST):%d.%m.%Y, ora %H:%M}"
