"""Posts of WordPress sites through their JSON interface (`/wp-json/wp/v2/`), page by page until what is known."""

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from scrapy.http import Response

from pipeline.exceptions import SourceError, UnreadableError
from pipeline.text import safe_url
from spiders._html import html_to_text, json_of, line_of
from spiders._pages import JSON, PageSource
from spiders._sheet import Sheet

Post = dict[str, Any]
OVERLAP = dt.timedelta(days=2)
"""Posts changed up to this long before the newest one we read are read again: a draft may be published with its day."""


class WordPress(PageSource):
    """Walks posts from the one changed last to those of the last good run."""

    route: ClassVar[str] = "posts"
    query: ClassVar[Mapping[str, str]] = {}
    size: ClassVar[int] = 50
    most: ClassVar[int] = 10
    """Pages of posts a first run reads; later ones read up to where the last one came."""
    required: ClassVar[tuple[str, ...]] = ("id", "title", "content", "modified")
    """Fields a post cannot be without: one that is missing was renamed."""

    @property
    def headers(self) -> dict[str, str]:
        """Further headers the site asks for."""
        return {}

    async def posts(self, base: str) -> AsyncIterator[Post]:
        """The posts changed since the last run that came to its end, the newest change first."""
        since, newest = self.mark(), ""
        for page in range(1, (_MANY if since else self.most) + 1):
            response = await self.listing(base, page)
            posts = _posts(response, self.required)
            self.met(len(posts))
            for post in posts:
                changed = str(post.get("modified") or post.get("date") or "")
                newest = max(newest, changed)
                if since and changed and changed < since:
                    self.come_to(newest)
                    return
                yield post
            if page >= _stated(response, "X-WP-TotalPages", page):
                self.come_to(newest)
                return
        self.run.count("older posts not read")
        if since:
            raise SourceError(f"{base}: more than {_MANY} pages of posts changed since {since}")
        self.come_to(newest)

    async def listing(self, base: str, page: int) -> Response:
        """One page of posts; raises SourceError."""
        asked = {**self.query, "per_page": str(self.size), "page": str(page), "orderby": "modified", "order": "desc"}
        url = f"{base}/wp-json/wp/v2/{self.route}?{urlencode(asked)}"
        response = await self.look(url, accept=JSON, conditional=False, **self.headers)
        assert response is not None  # it was not asked conditionally
        if page == 1:
            self.run.count("listings read")
            self.run.count("stated by the site", _stated(response, "X-WP-Total", 0))
        return response

    def mark(self) -> str:
        """The change up to which posts were read, with an overlap; nothing for a first run."""
        if self.since:
            return self.since.isoformat()
        known = self.run.known.get("modified", "")
        return (dt.datetime.fromisoformat(known) - OVERLAP).isoformat() if known and not self.due else ""

    def come_to(self, newest: str) -> None:
        """Remembers the newest change, to be kept with the posts."""
        if newest and self.limit is None:
            self.pending["modified"] = newest[:19]

    def post(self, post: Post, **more: Any) -> Sheet:
        """The sheet of a post."""
        return self.sheet(
            str(post["id"]),
            line_of(rendered(post, "title")),
            url=safe_url(str(post.get("external_url") or post.get("link") or "")),
            published=day_of(post),
            text=html_to_text(rendered(post, "content") or rendered(post, "excerpt")),
            **more,
        )


_MANY = 100


def _posts(response: Response, required: tuple[str, ...]) -> list[Post]:
    try:
        answer = json_of(response.body)
    except UnreadableError as error:
        raise SourceError(f"{response.url}: {error}") from None
    if not isinstance(answer, list) or not all(isinstance(post, dict) for post in answer):
        raise SourceError(f"{response.url}: no list of posts")
    missing = {name for post in answer for name in required if name not in post}
    if missing:
        raise SourceError(f"{response.url}: posts have no {', '.join(sorted(missing))} any more")
    return answer


def _stated(response: Response, header: str, otherwise: int) -> int:
    value = (response.headers.get(header) or b"").decode("latin-1")
    return int(value) if value.isdigit() else otherwise


def rendered(post: Post, name: str) -> str:
    """The HTML of a field: `{"rendered": ...}` or plain."""
    value = post.get(name)
    return str(value.get("rendered", "") if isinstance(value, dict) else value or "")


def day_of(post: Post) -> dt.date | None:
    """The day a post came out (`date` is wall time of the site)."""
    text = str(post.get("date", ""))[:10]
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
