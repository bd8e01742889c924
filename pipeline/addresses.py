"""Where a source may be asked: its own hosts, at public addresses. A redirect or a DNS answer cannot lead elsewhere."""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any, Self, cast
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.crawler import Crawler
from twisted.internet._resolver import GAIResolver

Address = tuple[Any, ...]
"""As `socket.getaddrinfo` gives them: the address itself stands first in the last part."""
Lookup = Callable[..., list[Address]]
_PORTS = {"http": 80, "https": 443}


def place(url: str) -> tuple[str, int]:
    """Host and port of an address, `www.` left out: publishers send from one to the other."""
    parts = urlsplit(url if "//" in url else f"https://{url}")
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    return host, parts.port or _PORTS.get(parts.scheme, 443)


def allowed(url: str, own: str, hosts: Iterable[str]) -> bool:
    """Whether `url` is on the host of `own` or one of `hosts` (`.example.org`: any host below it), and not sent in
    clear where `own` is not."""
    if urlsplit(own).scheme == "https" and urlsplit(url).scheme != "https":
        return False
    host, port = place(url)
    return any(_is(host, name) and port in (given, 443) for name, given in map(place, (own, *hosts)))


def _is(host: str, name: str) -> bool:
    return host == name or (name.startswith(".") and host.endswith(name))


def private(host: str) -> bool:
    """Whether a host is written as an address that is no public one: loopback, private, link-local, reserved."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global or address.is_multicast


class Resolver(GAIResolver):
    """Resolves names to public addresses only; those of proxies may be private, they are the operator's own."""

    def __init__(self, reactor: Any, settings: Any, lookup: Lookup = socket.getaddrinfo) -> None:
        super().__init__(reactor, getaddrinfo=cast(Any, self.find))
        self.lookup, self.ipv4 = lookup, settings.getbool("VESTITOR_IPV4")
        self.trusted = {
            urlsplit(url).hostname for url in (*getproxies().values(), settings.get("VESTITOR_PROXY") or "")
        }
        self.inside = settings.getbool("VESTITOR_INSIDE")

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """Scrapy's way in."""
        return cls(reactor, crawler.settings)

    def install_on_reactor(self) -> None:
        """Scrapy's way to have it used."""
        self._reactor.installNameResolver(self)

    def find(self, host: str, port: int, family: int = 0, kind: int = 0) -> list[Address]:
        """The addresses of a host that may be asked; raises `socket.gaierror` where there is none."""
        found = self.lookup(host, port, socket.AF_INET if self.ipv4 else family, kind)
        public = found if self.inside or host in self.trusted else [each for each in found if not private(each[4][0])]
        if found and not public:
            REFUSED[host] = str(found[0][4][0])
            raise socket.gaierror(socket.EAI_NONAME, f"{host} is {REFUSED[host]}, inside a private network")
        return public


REFUSED: dict[str, str] = {}
"""Hosts of this process whose name leads into a private network, with the address: Twisted only says "no results"."""
