"""A web site on the loopback interface: pages with validators, WordPress posts with pages, and the site's own manners.

Addresses inside the samples are written as `https://site.invalid` and answered as the stand-in's own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ._server import HTML, Answer, Request, StandIn, not_found

SAMPLES = Path(__file__).parent / "samples"
PLACE = b"https://site.invalid"
TYPES = {".html": "text/html; charset=UTF-8", ".xml": "application/rss+xml; charset=UTF-8", ".csv": "text/csv",
         ".json": "application/json; charset=UTF-8", ".js": "text/javascript"}  # fmt: skip


class Site(StandIn):
    """Serves `pages` (path -> sample file or bytes) with ETags; tests change `pages` and `posts` as publishers do."""

    robots = "User-agent: *\nDisallow: /wp-admin/\nDisallow: /umbraco/\n"
    name: str
    paths: Mapping[str, str] = {}
    """Path -> name of the sample file."""
    required: tuple[str, ...] = ()
    """Headers (lower case) without which the site answers 403."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, tuple[bytes, str]] = {path: self.sample(file) for path, file in self.paths.items()}

    def sample(self, file: str) -> tuple[bytes, str]:
        """A sample file and its type."""
        path = SAMPLES / self.name / file
        return path.read_bytes(), TYPES[path.suffix]

    def put(self, path: str, body: str | bytes) -> None:
        """The publisher edits a page."""
        self.pages[path] = (body.encode() if isinstance(body, str) else body, self.pages[path][1])

    def change(self, path: str, old: str, new: str) -> None:
        """The publisher exchanges some words of a page."""
        before = self.pages[path][0].decode()
        assert old in before
        self.put(path, before.replace(old, new))

    def reply(self, request: Request) -> Answer:
        if self.refused(request):
            return Answer(403, b"<html><head><title>403 Forbidden</title></head></html>", HTML)
        parts = urlsplit(request.path)
        if page := self.pages.get(request.path) or self.pages.get(parts.path):
            return self.validated(request, *page)
        return self.more(parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()})

    def refused(self, request: Request) -> bool:
        agent = request.headers.get("user-agent", "").lower()
        return (
            not agent or agent.startswith(("scrapy/", "python")) or any(h not in request.headers for h in self.required)
        )

    def validated(self, request: Request, body: bytes, type: str) -> Answer:
        body = body.replace(PLACE, self.url.encode())
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == etag:
            return Answer(304, b"", {"ETag": etag})
        return Answer(200, body, {"Content-Type": type, "ETag": etag})

    def more(self, path: str, query: Mapping[str, str]) -> Answer:
        return not_found()


class WordPressSite(Site):
    """WordPress: `/wp-json/wp/v2/<route>` with per_page (100 at most), page, orderby, order, categories, _fields."""

    route = "posts"
    bom = b""

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[dict[str, Any]] = json.loads(self.sample("posts.json")[0])

    def more(self, path: str, query: Mapping[str, str]) -> Answer:
        if path != f"/wp-json/wp/v2/{self.route}":
            return not_found()
        size, page = int(query.get("per_page", 10)), int(query.get("page", 1))
        if size > 100:
            return _json({"code": "rest_invalid_param", "data": {"status": 400}}, 400)
        posts = self.found(query)
        pages = max(1, -(-len(posts) // size))
        if page > pages:
            return _json({"code": "rest_post_invalid_page_number", "data": {"status": 400}}, 400)
        shown = [self.shown(post, query) for post in posts[(page - 1) * size : page * size]]
        body = self.bom + json.dumps(shown, ensure_ascii=False).encode().replace(PLACE, self.url.encode())
        headers = {"Content-Type": TYPES[".json"], "X-WP-Total": str(len(posts)), "X-WP-TotalPages": str(pages)}
        return Answer(200, body, headers)

    def found(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        wanted = {int(number) for number in query.get("categories", "").split(",") if number}
        posts = [post for post in self.posts if not wanted or wanted & set(post.get("categories", ()))]
        order: Callable[[dict[str, Any]], str] = lambda post: post[query.get("orderby", "date")]  # noqa: E731
        return sorted(posts, key=order, reverse=query.get("order", "desc") == "desc")

    def shown(self, post: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
        fields = query.get("_fields", "").split(",")
        return {name: value for name, value in post.items() if fields == [""] or name in fields}


def _json(value: object, status: int) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": TYPES[".json"]})
