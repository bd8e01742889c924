"""The gate every request passes: the source's own hosts, its proxy, the requests of its day, and robots.txt."""

import os
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from pipeline.addresses import REFUSED, allowed, private
from pipeline.runs import RunRecorder

PROXY_LOGIN = "VESTITOR_PROXY_LOGIN"
"""Environment variable with `user:password` for the proxies of config.yaml: secrets never stand there."""


class Gate:
    """Downloader middleware: lets a request pass, or refuses it with the reason that `status` then shows."""

    def __init__(self, crawler: Crawler) -> None:
        self.run = RunRecorder.of(crawler)
        self.own = self.run.source.url
        self.hosts = (*getattr(crawler.spidercls, "hosts", ()), *self.run.source.hosts)
        self.proxy = _with_login(self.run.source.proxy)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way in."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raises IgnoreRequest for another host, a private address, or a request more than the day has."""
        host = urlsplit(request.url).hostname or ""
        if not allowed(request.url, self.own, self.hosts):
            raise IgnoreRequest(
                f"it leads to {_shown(request.url)}, no host of this source; if it is, write it in `hosts`"
            )
        if private(host) and not inside(self.own):
            raise IgnoreRequest(f"{host} is an address of a private network")
        self.run.afford()
        if self.proxy:
            request.meta["proxy"] = self.proxy

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Says of a name that leads into a private network what it is: it would be tried again in vain."""
        host = urlsplit(request.url).hostname or ""
        if host in REFUSED:
            raise IgnoreRequest(f"{host} leads to {REFUSED[host]}, an address of a private network")


def inside(url: str) -> bool:
    """Whether the configured address is itself one of a private network, as in tests: then it may be asked."""
    return private(urlsplit(url).hostname or "")


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _with_login(proxy: str | None) -> str | None:
    login = os.environ.get(PROXY_LOGIN)
    return proxy.replace("://", f"://{login}@", 1) if proxy and login else proxy


class Robots(RobotsTxtMiddleware):
    """Obeys robots.txt, and leaves a host alone whose robots.txt cannot be had: Scrapy would take that for consent."""

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status < 500 and response.status != 429:
            await super()._parse_robots(response, netloc, request)
            return
        waiting: Any = self._parsers[netloc]
        shut: Any = _Shut(response.status)
        self._parsers[netloc] = shut
        waiting.callback(shut)


class _Shut:
    """The rules of a host that does not give them (RFC 9309: unreachable is a complete disallow)."""

    def __init__(self, status: int) -> None:
        self.status = status

    def allowed(self, url: str, agent: str) -> bool:
        raise IgnoreRequest(f"robots.txt answers HTTP {self.status}: the host is left alone in this run")
