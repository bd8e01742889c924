"""A recording (`vestitor record`) played back: a site that gives the answers it once gave to the same questions."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.recording import INDEX, exchanges

from ._server import Answer, Request, StandIn, not_found


class Replay(StandIn):
    """Serves the answers of a folder; the address of the recorded site becomes its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.answers: dict[tuple[str, str, str], Answer] = {}
        first = json.loads((folder / INDEX).read_text(encoding="utf-8").splitlines()[0])["url"]
        recorded = "{0.scheme}://{0.netloc}".format(urlsplit(first))
        for exchange, body in exchanges(folder):
            parts = urlsplit(exchange.url)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            here = body if body.startswith(b"\x1f\x8b") else body.replace(recorded.encode(), self.url.encode())
            self.answers[exchange.method, path, exchange.sent] = Answer(exchange.status, here, dict(exchange.headers))

    def _true(self, request: Request) -> Answer:
        asked = request.body.decode("utf-8", "replace")
        return self.answers.get((request.method, request.path, asked)) or not_found()

    def reply(self, request: Request) -> Answer:
        raise NotImplementedError
