"""The stand-ins of all sources, grown to a size at which a fall shows, and twelve ways in which each goes wrong.

A fault is put between a stand-in and whoever asks it (`spoil`): the sockets are real, the true answer is there and
comes out wrong. On day one each source lacks one thing that it has on day two.
"""

from __future__ import annotations

import copy
import csv
import gzip
import io
import json
import re
import ssl
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ._server import Answer, Fault, Request, StandIn
from ._site import Site, WordPressSite
from .adi_euronest import AdiEuronestServer
from .adr_digital import AdrDigitalServer
from .afir import AfirServer
from .eu_portal import BULK, HOME, PortalServer
from .mipe import MipeServer
from .oportunitati_ue import OportunitatiUeServer
from .regio_nord_vest import RegioNordVestServer
from .seap import SeapServer
from .startupcafe import StartupCafeServer
from .ted import TedServer
from .uefiscdi import UefiscdiServer

DAYS = (date(2026, 11, 19), date(2026, 11, 20))
MANY = 12
SOURCES = (
    "ted", "eu_portal", "seap", "mipe", "oportunitati_ue", "regio_nord_vest", "adi_euronest", "uefiscdi", "adr_digital",
    "afir", "startupcafe",
)  # fmt: skip
PAGES: dict[str, type[Site]] = {
    "mipe": MipeServer, "oportunitati_ue": OportunitatiUeServer, "regio_nord_vest": RegioNordVestServer,
    "adi_euronest": AdiEuronestServer, "uefiscdi": UefiscdiServer, "adr_digital": AdrDigitalServer, "afir": AfirServer,
    "startupcafe": StartupCafeServer,
}  # fmt: skip
MODES = (
    "DNS", "refused", "TLS", "timeout", "403 page", "429", "500 on one page", "empty 200", "maintenance", "truncated",
    "renamed field", "-90 %",
)  # fmt: skip


class World:
    """Every stand-in by its source's name."""

    def __init__(self, stack: ExitStack) -> None:
        self.sites: dict[str, StandIn] = {
            "ted": stack.enter_context(TedServer()),
            "eu_portal": stack.enter_context(PortalServer()),
            "seap": stack.enter_context(SeapServer(burst=100_000)),
            **{name: stack.enter_context(site()) for name, site in PAGES.items()},
        }
        self.whole = {name: _grown(site) for name, site in self.sites.items()}
        self.move_to(0)

    def url(self, name: str) -> str:
        return self.sites[name].url + (HOME if name == "eu_portal" else "")

    def move_to(self, day: int) -> None:
        """It is that day everywhere, and all is well."""
        for name, site in self.sites.items():
            if "answer" in vars(site):
                del site.answer
            if isinstance(site, TedServer | PortalServer | SeapServer):
                site.today = DAYS[day]
            if isinstance(site, SeapServer):
                site.unblock(100_000)
            show(site, self.whole[name], 0 if day else 1)

    def spoil(self, name: str, mode: str) -> None:
        """From now on the source goes wrong in that way."""
        site = self.sites[name]
        if mode == "-90 %":
            shrink(site, self.whole[name])
        elif mode == "timeout":
            _between(site, _true, Fault(None, delay=0.8))
        elif mode == "truncated":
            _between(site, _true, Fault(None, truncate=60))
        elif mode in SPOILT:
            _between(site, SPOILT[mode](name))


# How a source is grown, shown without its last things, and shrunk to a tenth


def _grown(site: StandIn) -> Any:
    """All that a site has to show, so much that a tenth of it is conspicuous."""
    if isinstance(site, WordPressSite):
        pattern = next(post for post in site.posts if post["id"] in (90105, 5001, 7003))
        more = [_post(pattern, number) for number in range(MANY)]
        for post in more if isinstance(site, OportunitatiUeServer) else ():
            site.pages[f"/apel/{post['slug']}/"] = site.pages["/apel/vouchere-cloud-2026/"]
        more[-1] |= {"date": "2026-11-20T08:00:00", "modified": "2026-11-20T08:00:00"}
        return site.posts + more
    if isinstance(site, AdiEuronestServer):
        header, *rows = csv.reader(io.StringIO(site.pages["/finantari.csv"][0].decode("utf-8-sig")))
        return [header, *rows, *([f"{rows[0][0]}-{n}", f"{rows[0][1]} {n}", *rows[0][2:]] for n in range(MANY))]
    if isinstance(site, StartupCafeServer):
        head, *items = re.split(r"(?=<item>)", site.pages["/feed"][0].decode().partition("</channel>")[0])
        first = items[0]
        items += [first.replace("90001", f"9100{n:02}").replace("Granturi", f"{n} granturi", 1) for n in range(MANY)]
        return [head, *items]
    if isinstance(site, AdrDigitalServer | AfirServer):
        listing, article = list(site.pages)[:2]
        for number in range(MANY):
            body, type = site.pages[article]
            title = re.search(rb"<title>([^<]*?)(?: - |<)", body)
            name = title[1] if title else b""
            path = f"{article.rstrip('/')}-{number}" + "/" * article.endswith("/")
            site.pages[path] = (body.replace(name, name + f" {number}".encode()), type)
        return listing, [path for path in site.pages if path != listing]
    return None


def _post(first: dict[str, Any], number: int) -> dict[str, Any]:
    post = copy.deepcopy(first) | {"id": 91000 + number, "slug": f"exemplu-{number}"}
    post["title"]["rendered"] += f" {number}"
    kind = "apel/" if first["id"] == 5001 else ""
    return post | {"link": f"https://site.invalid/{kind}exemplu-{number}/"}


def show(site: StandIn, whole: Any, without: int) -> None:
    """The site shows all it has, but for the last things."""
    if isinstance(site, WordPressSite):
        site.posts = whole[: len(whole) - without]
    elif isinstance(site, AdiEuronestServer):
        text = io.StringIO()
        csv.writer(text).writerows(whole[: len(whole) - without])
        site.put("/finantari.csv", "\ufeff" + text.getvalue())
    elif isinstance(site, StartupCafeServer):
        site.put("/feed", "".join(whole[: len(whole) - without]) + "</channel></rss>")
    elif isinstance(site, AdrDigitalServer | AfirServer):
        listing, paths = whole
        links = "".join(f'<a href="{path}">{path}</a>' for path in paths[: len(paths) - without])
        site.put(listing, f"<!doctype html><html><head><title>Articole</title></head><body>{links}</body></html>")
    elif isinstance(site, UefiscdiServer):
        page = site.pages["/proiect-experimental-demonstrativ"][0].decode()
        day = "25 ianuarie 2027" if without else "29 ianuarie 2027"
        site.put("/proiect-experimental-demonstrativ", re.sub(r"\d\d ianuarie 2027", day, page))
    elif isinstance(site, PortalServer):
        site.rows = site.records = None
    elif isinstance(site, SeapServer):
        site.cap = 3000


def shrink(site: StandIn, whole: Any) -> None:
    """The publisher shows a tenth of what it has, and says nothing of it."""
    if isinstance(site, PortalServer):
        rows = [row for each in site._world() for row in each["search"]]
        site.rows, site.records = rows[:3], [each["bulk"] for each in site._world() if each.get("bulk")][:2]
    elif isinstance(site, TedServer):
        _between(site, lambda request, true: _fewer(true) if "/packages/" in request.path else true)
    elif isinstance(site, SeapServer):
        _between(site, _tenth)
    elif isinstance(site, UefiscdiServer):
        _between(site, lambda request, true: replace(true, status=404) if "eea" not in request.path else true)
    elif isinstance(site, AdrDigitalServer | AfirServer):
        show(site, (whole[0], whole[1][-1:]), 0)
    else:
        head = 1 if isinstance(site, AdiEuronestServer | StartupCafeServer) else 0
        show(site, [*whole[:head], whole[-1]], 0)
        if isinstance(site, MipeServer):
            _between(site, lambda request, true: _card(true) if "/calendar" in request.path else true)


def _fewer(package: Answer) -> Answer:
    """A daily package of one notice."""
    if package.status != 200:
        return package
    out = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(gzip.decompress(package.body))) as old,
        tarfile.open(fileobj=out, mode="w") as new,
    ):
        member = old.getmembers()[0]
        new.addfile(member, old.extractfile(member))
    return replace(package, body=gzip.compress(out.getvalue()))


def _tenth(request: Request, true: Answer) -> Answer:
    """A list of SEAP with a tenth of its rows, and a total that says so."""
    if request.method != "POST" or true.status != 200 or b'"items"' not in true.body:
        return true
    answer = json.loads(true.body)
    answer["items"] = answer["items"][: len(answer["items"]) // 10]
    return replace(true, body=json.dumps(answer | {"total": len(answer["items"])}).encode())


def _card(page: Answer) -> Answer:
    """The calendar with its first card alone."""
    head, *cards = re.split(rb"(?=<article)", page.body)
    return replace(page, body=head + cards[0] + b"</main><script>var RAW = []</script></body></html>")


# The faults between a site and whoever asks


How = Callable[[Request, Answer], Answer]


def _between(site: StandIn, how: How, fault: Fault | None = None) -> None:
    """`robots.txt` is never spoilt: without it nothing else would be asked."""

    def answer(request: Request) -> tuple[Answer, Fault | None]:
        if fault and fault.delay and request.path != "/robots.txt":
            time.sleep(fault.delay)
        true, given = type(site).answer(site, request)
        return (true, given) if request.path == "/robots.txt" else (how(request, true), fault)

    site.answer = answer  # type: ignore[method-assign]


def _true(request: Request, true: Answer) -> Answer:
    return true


def _all(answer: Answer) -> Callable[[str], How]:
    return lambda name: lambda request, true: answer


def _html(title: str, status: int = 200, **headers: str) -> Callable[[str], How]:
    body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>".encode()
    return _all(Answer(status, body, {"Content-Type": "text/html", **headers}))


ONE_PAGE = {
    "ted": "/packages/daily/", "eu_portal": BULK, "seap": "/api-pub/AdvNoticeCommon/", "mipe": "/calendar-",
    "oportunitati_ue": "/apel/laboratoare-ia/",
    "regio_nord_vest": "/prioritati-de-finantare/prioritatea-de-finantare-9",
    "adi_euronest": "/finantari.csv", "uefiscdi": "/eea-grants", "startupcafe": "/feed",
    "adr_digital": f"/articole/lansarea-apelului-de-proiecte-pentru-gemeni-digitali-urbani-{MANY - 1}",
    "afir": f"/info-la-zi/sesiune-depunere-proiecte-dr-99-sate-inteligente-{MANY - 1}/",
}  # fmt: skip
RENAMED: dict[str, tuple[tuple[str, str], ...]] = {
    "ted": (("EndDate>", "EndDays>"),),
    "eu_portal": (('"deadlineDate"', '"deadline_date"'), ('"deadlineDatesLong"', '"deadlineDates"')),
    "seap": (('TenderReceiptDeadline"', 'TenderDeadline"'),),
    "mipe": (('"content"', '"body"'), ("Data închidere apel", "Termen")),
    "oportunitati_ue": (("Data închiderii", "Termen final"),),
    "regio_nord_vest": (('"content"', '"body"'),),
    "adi_euronest": ((",termen,", ",termen_limita,"),),
    "uefiscdi": (("<h1", "<h2"), ("</h1", "</h2")),
    "adr_digital": (("<h1", "<h2"), ("</h1", "</h2")),
    "afir": (("<title", "<name"), ("</title", "</name")),
    "startupcafe": (("pubDate", "pubDay"),),
}


def _one_page(name: str) -> How:
    return lambda request, true: Answer(500, b"broken") if request.path.startswith(ONE_PAGE[name]) else true


def _renamed(name: str) -> How:
    def how(request: Request, true: Answer) -> Answer:
        packed = true.body.startswith(b"\x1f\x8b")
        body = gzip.decompress(true.body) if packed else true.body
        for old, new in RENAMED[name]:
            body = body.replace(old.encode(), new.encode())
        return replace(true, body=gzip.compress(body) if packed else body)

    return how


SPOILT: dict[str, Callable[[str], How]] = {
    "403 page": _html("403 Forbidden", 403, Server="SICAP"),
    "429": _html("429 Too Many Requests", 429, **{"Retry-After": "0"}),
    "500 on one page": _one_page,
    "empty 200": _all(Answer(200, b"", {"Content-Type": "application/json"})),
    "maintenance": _html("Site în mentenanță"),
    "renamed field": _renamed,
}


@dataclass(frozen=True)
class Lines:
    """Where nobody answers as he should: a name that is none, a closed port, a certificate nobody signed."""

    tls: str

    def url(self, mode: str, true: str) -> str:
        path = true[true.index("/", 8) :] if "/" in true[8:] else ""
        return {"DNS": "http://nobody.invalid", "refused": "http://127.0.0.1:1", "TLS": self.tls}[mode] + path


@contextmanager
def unsigned(context: ssl.SSLContext) -> Iterator[str]:
    """The address of a server whose certificate signs itself."""
    with MipeServer() as site:
        site._http.socket = context.wrap_socket(site._http.socket, server_side=True)
        yield site.url.replace("http:", "https:")
