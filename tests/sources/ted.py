"""Tenders Electronic Daily on the loopback interface: daily packages, notice XML, Search API v3, as strict as it is.

Facts: recorded 2026-07-19 to 2026-09-29, collected 2026-11-21. `ted.europa.eu` and `api.ted.europa.eu` are one address
here; links in answers are the real ones.
"""

from __future__ import annotations

import json
import re
import time
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

from ._server import HTML, Answer, Request, StandIn, not_found, ranged
from ._ted_refusals import JSON, Refusal
from ._ted_search import read_search, run
from ._ted_shelf import Shelf

SAMPLES = Path(__file__).parent / "samples" / "ted"
SEARCH = "/v3/notices/search"
_BURST, _SECONDS = 12, 1.0


class TedServer(StandIn):
    """TED as it is on the day `today`, which a test may move: what is published later is not there yet.

    Every XML below `notices` is served, in daily packages by its own OJ issue; `issues={"202600001": [paths]}` groups
    them otherwise, whatever day they say.
    """

    def __init__(
        self,
        notices: Path = SAMPLES,
        today: date = date(2026, 11, 20),
        issues: Mapping[str, Sequence[Path]] | None = None,
    ) -> None:
        super().__init__()
        self.today = today
        self._shelf = Shelf(notices, issues)
        self._late = 0
        self._recent: deque[float] = deque(maxlen=_BURST)
        self._pace = Lock()

    def time_out(self, times: int = 1) -> None:
        """The next searches answer 200 with half a page and `timedOut: true`."""
        self._late = times

    def reply(self, request: Request) -> Answer:
        if _anonymous(request):
            return Answer(403, b"<html><head><title>403 Forbidden</title></head></html>", HTML)
        if request.path.startswith("/v3/"):
            return self._search(request)
        if request.method == "GET" and (match := re.fullmatch(r"/packages/daily/(\d{9})", request.path)):
            return self._package(request, match[1])
        if request.method == "GET" and (match := re.fullmatch(r"/en/notice/([1-9]\d*-\d{4})/xml", request.path)):
            return self._notice(match[1])
        return not_found()

    def _package(self, request: Request, issue: str) -> Answer:
        """No ETag and no checksum; ranges are answered."""
        body = self._shelf.package(issue, self.today)
        headers = {"Content-Type": "application/gzip", "Cache-Control": "no-store"}
        return ranged(request, Answer(200, body, headers)) if body else not_found()

    def _notice(self, number: str) -> Answer:
        for notice in self._shelf.published(self.today):
            if notice.number == number:
                return Answer(200, notice.xml, {"Content-Type": "application/xml"})
        return not_found()

    def _search(self, request: Request) -> Answer:
        if self._hurried():
            return Answer(429, _TOO_MANY, HTML)
        if request.path != SEARCH:
            return not_found()
        if request.method != "POST":
            return Answer(405, b"", {"Allow": "POST"})
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return Answer(415, b'{"message":"Content-Type is not supported"}', JSON)
        try:
            found = run(read_search(request.body), self._shelf.published(self.today), self.today)
        except Refusal as refusal:
            return refusal.answer()
        return Answer(200, json.dumps(self._in_time(found), ensure_ascii=False).encode(), JSON)

    def _in_time(self, found: dict[str, Any]) -> dict[str, Any]:
        if not self._late:
            return found
        self._late -= 1
        half = len(found["notices"]) // 2
        return {**found, "notices": found["notices"][:half], "timedOut": True}

    def _hurried(self) -> bool:
        """nginx's answer to a thirteenth API request within one second: HTML, and no Retry-After."""
        with self._pace:
            now = time.monotonic()
            full = len(self._recent) == _BURST and now - self._recent[0] < _SECONDS
            self._recent.append(now)
            return full


_TOO_MANY = (
    b"<html><head><title>429 Too Many Requests</title></head>"
    b"<body><center><h1>429 Too Many Requests</h1></center><hr><center>nginx</center></body></html>"
)


def _anonymous(request: Request) -> bool:
    """SIMAP asks every reuser for an accurate User-Agent (developers' corner, 2026)."""
    agent = request.headers.get("user-agent", "").strip().lower()
    return not agent or agent.startswith(("scrapy/", "python"))
