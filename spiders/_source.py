"""What every source has in common: how it fetches, and how it reports what it met."""

import asyncio
import datetime as dt
import json
from collections import Counter
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from pipeline.config import Scope, SourceConfig
from pipeline.exceptions import SourceError
from pipeline.runs import RunRecorder
from pipeline.troubles import in_words

TRIES = 4
PATIENCE = 900
"""Longest wait in seconds before a request is tried again, whatever Retry-After says."""
DEAD = 2
"""Addresses of a host without any answer after which it is not asked again in this run: each costs minutes."""
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})


class Source(scrapy.Spider):
    """A spider with its configuration, the hour it believes it is, and the record of its run."""

    default_scope: ClassVar[Scope | None] = None
    """What is kept where the configuration has no `scope`; None keeps everything."""
    hosts: ClassVar[tuple[str, ...]] = ()
    """Further hosts of the publisher that are asked, such as that of its API; any other is refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._silent: Counter[str] = Counter()
        """Host -> addresses in a row that got no answer at all."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's way in."""
        crawler.signals.connect(cls._opened, signals.spider_opened)
        return super().from_crawler(crawler, *args, **kwargs)

    @staticmethod
    def _opened(spider: "Source") -> None:
        spider.run.scope = spider.run.scope or spider.default_scope

    @property
    def run(self) -> RunRecorder:
        """The record of this run."""
        return RunRecorder.of(self.crawler)

    @property
    def config(self) -> SourceConfig:
        """The source's block in config.yaml."""
        return self.run.source

    @property
    def now(self) -> dt.datetime:
        """The hour it is; spiders have no other clock."""
        return self.run.now

    @property
    def since(self) -> dt.date | None:
        """The day asked for with `--since`."""
        day = self.settings.get("VESTITOR_SINCE")
        return dt.date.fromisoformat(day) if day else None

    @property
    def probing(self) -> bool:
        """Whether this is a probe of `collect --live-check`: a few requests, which should show something of each part
        of the source. A source whose walk begins with much may offer `probe`, a shorter `start`."""
        return self.run.probe > 0

    @property
    def limit(self) -> int | None:
        """How many notices at most, asked for with `--limit`."""
        count = self.settings.get("VESTITOR_LIMIT")
        return int(count) if count else None

    async def fetch(self, url: str, **request: Any) -> Response:
        """The answer to a request; a refusal for now (429, 5xx, a broken line) is tried again, later each time.

        Raises SourceError when it stays refused, or at once where robots.txt or the status forbids it, or where the
        host has given no answer at all to the addresses before.
        """
        host, why, quiet = urlsplit(url).netloc, "", 0
        if self._silent[host] >= DEAD:
            raise SourceError(f"{url}: not asked, because {host} gave no answer before")
        tries = 1 if self.probing else TRIES
        for attempt in range(tries):
            wait = self.config.backoff * 2**attempt
            try:
                response = await self._download(Request(url, dont_filter=True, **request))
            except IgnoreRequest as error:
                raise SourceError(f"{url}: not fetched: {error}") from error
            except Exception as error:  # whatever a broken line raises: refused, reset, timed out, cut short
                why, quiet = in_words(error), 1
                self.logger.info("%s: %s %s", url, type(error).__name__, error)
            else:
                self._silent[host] = quiet = 0
                if response.status not in _AGAIN:
                    return response
                why, wait = f"HTTP {response.status}", max(wait, _retry_after(response))
            if attempt + 1 < tries:
                self.logger.warning("%s: %s, trying again in %.0f s", url, why, min(wait, PATIENCE))
                await asyncio.sleep(min(wait, PATIENCE))
        self._silent[host] += quiet
        raise SourceError(f"{url}: {why}" + f", {tries} times" * (tries > 1))

    async def _download(self, request: Request) -> Response:
        assert self.crawler.engine is not None
        return await self.crawler.engine.download_async(request)

    async def ask(self, url: str, question: dict[str, Any], **more: str) -> dict[str, Any]:
        """The answer of a JSON API (`more`: further headers); raises SourceError for anything but a JSON object with
        status 200."""
        headers = {"Content-Type": "application/json", "Accept": "application/json", **more}
        response = await self.fetch(url, method="POST", body=json.dumps(question), headers=headers)
        if response.status != 200:
            raise SourceError(f"{url}: HTTP {response.status}: {response.body[:300].decode(errors='replace')}")
        try:
            answer = json.loads(response.body)
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{url}: the answer is not JSON: {str(error)[:100]}") from None
        if not isinstance(answer, dict):
            raise SourceError(f"{url}: the answer is no JSON object")
        return answer


def retry_after(said: str, clock: str) -> float:
    """Seconds a Retry-After asks to wait, at most `PATIENCE`: a number, or the hour on the answer's own clock; 0 where
    it does not say (TED's nginx never does)."""
    if said.isdigit():
        return min(float(said[:9]), PATIENCE)
    try:
        seconds = (parsedate_to_datetime(said) - parsedate_to_datetime(clock)).total_seconds()
    except (ValueError, TypeError):  # no date, or one with and one without a time zone
        return 0.0
    return min(max(0.0, seconds), PATIENCE)


def _retry_after(response: Response) -> float:
    return retry_after(*(str(response.headers.get(name) or b"", "latin-1") for name in ("Retry-After", "Date")))
