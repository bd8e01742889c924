"""interreg.eu on the loopback interface: the page of calls, its script with the key, and the index behind it.

Facts: index, filter and fields as a public client asked for them (2026); where the key stands is invented, and so are
the calls. Both hosts are one address here; the index refuses a wrong key with 403, as the real one does.
"""

from __future__ import annotations

import json
from typing import Any

from ._server import Answer, Request
from ._site import TYPES, Site

KEY = "0123456789abcdef0123456789abcdef"


class InterregServer(Site):
    """Page, script and index."""

    name = "interreg"
    paths = {"/calls-for-projects/": "calls.html", "/assets/search.js": "search.js"}

    def __init__(self) -> None:
        super().__init__()
        self.hits: list[dict[str, Any]] = json.loads(self.sample("hits.json")[0])
        self.key = KEY

    def reply(self, request: Request) -> Answer:
        if request.method != "POST":
            return super().reply(request)
        asked = json.loads(request.body)["requests"][0]
        headers = {"Content-Type": TYPES[".json"]}
        if request.headers.get("x-algolia-api-key") != self.key:
            return Answer(403, b'{"message":"Invalid Application-ID or API key","status":403}', headers)
        hits = [hit for hit in self.hits if hit["callStatus"] in asked["filters"]]
        result = {"hits": hits[: asked["hitsPerPage"]], "nbHits": len(hits), "index": asked["indexName"]}
        return Answer(200, json.dumps({"results": [result]}).encode(), headers)
