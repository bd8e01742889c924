"""SEAP on the loopback interface: the portal's lists, details and pages, refusing what the portal refuses.

Facts: public clients and their recorded answers, 2019 to 2026-10, collected 2026-11-21. Where nobody recorded a form
(prior information, sections) the answer is written by analogy.
"""

from __future__ import annotations

import json
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ._seap_shelf import ZONE, Entry, Shelf, moment, within
from ._server import HTML, Answer, Request, StandIn, not_found

SAMPLES = Path(__file__).parent / "samples" / "seap"
API = "/api-pub/"
LISTS = {
    API + "NoticeCommon/GetCNoticeList/": "contract notices",
    API + "AdvNoticeCommon/GetAdvNoticeList/": "advertising notices",
    API + "McNoticeCommon/GetMcNoticeList/": "market consultations",
    API + "PUBLICPINotice/GetAll/": "prior information",
}
_JSON = {"Content-Type": "application/json; charset=utf-8", "Server": "SICAP"}
_LIMIT = 100
"""Rows of a page, whatever `pageSize` asks."""


class SeapServer(StandIn):
    """SEAP as it is at 10:00 of the day `today`, or at `now`; a test may move both.

    `cap` rows per list at most; a client that asks more than `burst` times in a second, or while an earlier answer is
    still on its way, has its address blocked until `unblock`.
    """

    def __init__(
        self,
        folder: Path = SAMPLES,
        today: date = date(2026, 11, 20),
        cap: int = 3000,
        burst: int = 40,
        page: int = _LIMIT,
    ) -> None:
        super().__init__()
        self.today, self.now, self.cap, self.page = today, None, cap, page
        self.shelf = Shelf(folder)
        self.blocked = False
        self.ignored: set[str] = set()
        """Keys of a question the server has stopped to heed, as it does with those it never knew."""
        self._recent: deque[float] = deque(maxlen=burst)
        self._busy = Lock()

    now: datetime | None

    def unblock(self, burst: int) -> None:
        """As after a letter to support: the address may ask again, `burst` times in a second."""
        self.blocked, self._recent = False, deque(maxlen=burst)

    @property
    def entries(self) -> list[Entry]:
        return self.shelf.at(self.now or datetime.combine(self.today, clock(10), ZONE))

    def reply(self, request: Request) -> Answer:
        if not request.path.startswith(API):
            return self._page(request)
        if self.blocked or self._hurried():
            self.blocked = True
            return Answer(403, _BLOCK_PAGE.encode(), {**HTML, "Server": "SICAP"})
        if refusal := _refusal(request):
            return refusal
        path, _, query = request.path.partition("?")
        if path in LISTS:
            return self._list(LISTS[path], request) if request.method == "POST" else not_found()
        return self._detail(path, {key: values[0] for key, values in parse_qs(query).items()}, request.method)

    def _hurried(self) -> bool:
        """More than `burst` requests within a second."""
        now = time.monotonic()
        full = len(self._recent) == self._recent.maxlen and now - self._recent[0] < 1
        self._recent.append(now)
        return full

    def answer(self, request: Request) -> tuple[Answer, Any]:
        """One connection: a second request while one is being answered is taken for a crowd of them."""
        if not self._busy.acquire(blocking=False):
            self.blocked = True
            return super().answer(request)
        try:
            return super().answer(request)
        finally:
            self._busy.release()

    # Lists

    def _list(self, name: str, request: Request) -> Answer:
        question = json.loads(request.body)
        if isinstance(question.get("cPVId"), list):
            return _json({"message": "An error has occurred."}, 500)
        asked = {key: value for key, value in question.items() if key not in self.ignored}
        rows = [entry.row for entry in self.entries if entry.list == name and _KEPT[name](entry, asked)]
        first = int(asked.get("pageIndex") or 0) * self.page
        found = {"total": min(len(rows), self.cap), "items": rows[: self.cap][first : first + self.page]}
        return _json({**found, "searchTooLong": len(rows) >= self.cap})

    # Details

    def _detail(self, path: str, query: Mapping[str, str], method: str) -> Answer:
        for route, (verb, finds) in _DETAILS.items():
            if method == verb and (match := re.fullmatch(API + route, path)):
                return finds(self.entries, {**query, **match.groupdict()})
        return not_found()

    def _page(self, request: Request) -> Answer:
        """A page for people: the shell of an application, the same for every notice and for none."""
        if request.path.startswith("/pub/"):
            return Answer(200, b"<html><head><title>SEAP</title></head><body><app-root></app-root></body></html>", HTML)
        return not_found()


def _refusal(request: Request) -> Answer | None:
    """What the firewall says before the application is asked."""
    referer, origin = request.headers.get("referer", ""), request.headers.get("origin")
    if not referer:
        return _json({"message": "Access Denied: Referrer cannot be null."}, 403)
    here = request.headers.get("host", "")
    if urlsplit(referer).netloc != here or (origin is not None and urlsplit(origin).netloc != here):
        return _json({"message": "Access Denied: Referer and Origin headers mismatch"}, 403)
    if request.method == "POST" and not request.headers.get("content-type", "").startswith("application/json"):
        return _json({"message": "The request entity's media type is not supported for this resource."}, 415)
    return None


def _contract(entry: Entry, asked: Mapping[str, Any]) -> bool:
    types, states = asked.get("sysNoticeTypeIds") or [], asked.get("sysProcedureStateId")
    return (
        (not types or entry.row["sysNoticeTypeId"] in types)
        and (states is None or entry.row["sysProcedureState"]["id"] == states)
        and _between(entry.published, asked, "startPublicationDate", "endPublicationDate")
        and _between(entry.deadline, asked, "startTenderReceiptDeadline", "endTenderReceiptDeadline")
    )


def _other(entry: Entry, asked: Mapping[str, Any]) -> bool:
    return _between(entry.published, asked, "publicationDateStart", "publicationDateEnd")


def _between(at: datetime | None, asked: Mapping[str, Any], first: str, last: str) -> bool:
    return within(at, moment(asked.get(first), False), moment(asked.get(last), True))


_KEPT: dict[str, Callable[[Entry, Mapping[str, Any]], bool]] = dict.fromkeys(LISTS.values(), _other)
_KEPT["contract notices"] = _contract


def _by_public_id(name: str, key: str) -> Callable[[list[Entry], Mapping[str, str]], Answer]:
    """An answer by public id and type; polite words where there is none."""

    def find(entries: list[Entry], query: Mapping[str, str]) -> Answer:
        for entry in entries:
            row = entry.row
            if str(row.get("cNoticeId")) == query.get(key) and str(row["sysNoticeTypeId"]) == query.get(
                "sysNoticeTypeId"
            ):
                file = entry.answers.get("general", {}).get("dfNoticeId")
                if name == "section21" and query.get("dfNoticeId") != str(file):
                    return not_found()
                if name in entry.answers:
                    return _json(entry.answers[name])
        return _json({"hasError": True, "responseMessage": "Anuntul cautat nu a fost gasit in sistem"})

    return find


def _by(name: str, key: str, field: str) -> Callable[[list[Entry], Mapping[str, str]], Answer]:
    """An answer by one id of the row; null where there is none."""

    def find(entries: list[Entry], query: Mapping[str, str]) -> Answer:
        found = (e.answers[name] for e in entries if str(e.row.get(field)) == query.get(key) and name in e.answers)
        return _json(next(found, None))

    return find


_DETAILS = {
    "comboPub/getNoticeGeneralInfo/": ("GET", _by_public_id("general", "noticeId")),
    "NoticeCommon/GetSection1View/": ("GET", _by_public_id("section1", "initNoticeId")),
    "NoticeCommon/GetSection21View/": ("GET", _by_public_id("section21", "initNoticeId")),
    "NoticeCommon/GetRfqInvitationSadView/": ("GET", _by("view", "noticeId", "noticeId")),
    r"PUBLICProcedure/GetProcedureLots/(?P<id>\d+)": ("POST", _by("lots", "id", "procedureId")),
    r"PUBLICAdvNotice/getForView/(?P<id>\d+)": ("GET", _by("view", "id", "advNoticeId")),
    "PUBLICMCNotice/getView/": ("GET", _by("view", "id", "mcNoticeId")),
}


def _json(body: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body, ensure_ascii=False).encode(), _JSON)


_BLOCK_PAGE = (
    "<html><head><title>Acces restricționat</title></head><body><p>Accesul de la adresa dumneavoastră IP a fost "
    "restricționat. Sistemul a detectat, de la adresa IP de pe care accesați platforma, un volum de trafic automat "
    "care depășește limitele de utilizare normală.</p></body></html>"
)
