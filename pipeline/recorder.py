"""Making a recording: the middleware that writes down what a source answers. What one holds: `pipeline.recording`."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request, Response

from pipeline.recording import INDEX, Exchange
from pipeline.redaction import without_persons
from pipeline.shape import kind_of

MOST = 60
"""Answers of one recording; the later ones are counted and left out."""
LARGEST = 3_000_000
"""Bytes of an answer that is recorded; a larger one is noted without its body."""
HEADERS = (
    "Content-Type", "ETag", "Last-Modified", "Location", "Retry-After", "X-WP-Total", "X-WP-TotalPages", "Server",
    "Content-Range", "Accept-Ranges",
)  # fmt: skip
"""What of the headers matters to a reader; no cookies."""


class Recorder:
    """Scrapy downloader middleware: writes every answer into the folder that the setting VESTITOR_RECORD names."""

    def __init__(self, folder: Path, trim: Callable[[bytes], bytes]) -> None:
        self.folder, self.trim, self.count = folder, trim, 0
        folder.mkdir(parents=True, exist_ok=True)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way in; without the setting nothing is recorded."""
        folder = crawler.settings.get("VESTITOR_RECORD")
        if not folder:
            raise NotConfigured
        return cls(Path(folder), without_persons)

    def process_response(self, request: Request, response: Response) -> Response:
        """Notes an answer and passes it on as it is."""
        self.count += 1
        if self.count <= MOST:
            self.note(request, response)
        return response

    def note(self, request: Request, response: Response) -> None:
        """Writes one answer and its line of the index."""
        body = self.trim(response.body) if len(response.body) <= LARGEST else b""
        file = f"{self.count:02}-{_name(request.url)}{_ending(body)}" if body else ""
        if file:
            (self.folder / file).write_bytes(body)
        sent = request.body.decode("utf-8", "replace")
        exchange = Exchange(
            request.method, request.url, sent, response.status, dict(_headers(response)), file, len(response.body)
        )
        with (self.folder / INDEX).open("a", encoding="utf-8") as index:
            index.write(json.dumps(asdict(exchange), ensure_ascii=False) + "\n")


def _headers(response: Response) -> Iterator[tuple[str, str]]:
    for name in HEADERS:
        if value := response.headers.get(name):
            yield name, value.decode("latin-1")


def _name(url: str) -> str:
    """A file name that says what was asked, and differs where the address does."""
    path = re.sub(r"[^A-Za-z0-9]+", "-", url.partition("://")[2].partition("/")[2].partition("?")[0]).strip("-")
    return f"{path[-40:].strip('-') or 'home'}-{hashlib.sha256(url.encode()).hexdigest()[:4]}"


def _ending(body: bytes) -> str:
    return {"JSON": ".json", "HTML": ".html", "XML": ".xml", "CSV": ".csv", "gzip": ".tar.gz"}.get(
        kind_of(body), ".txt"
    )
