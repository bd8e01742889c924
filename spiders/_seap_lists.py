"""SEAP's lists: where each is asked, by which keys, and which page of the portal shows one of its notices. Pure tables.

A key the server does not know is ignored without a word, and what it answers then are the oldest rows it has (2019):
that is why every window is checked against the rows that come back (`_seap_windows`).
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pipeline.exceptions import UnreadableError
from spiders._seap_values import BUCHAREST

HOME = "https://e-licitatie.ro"
"""Where people read the notices, whatever host the API is asked on."""

Span = Literal["published", "deadline"]
Keys = tuple[str, str, Callable[[dt.date, bool], str]]
"""Key of the first day, key of the last day, and how a day is written (True: its last instant)."""


def _plain_day(day: dt.date, _: bool) -> str:
    return day.isoformat()


def _moment(day: dt.date, last: bool) -> str:
    """Bucharest's midnight, or the last second before the next, in UTC as the portal's own pages send it."""
    local = dt.datetime.combine(day, dt.time(23, 59, 59) if last else dt.time(0), BUCHAREST)
    return local.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """One list: its address, the page it is asked from, its keys, and how many rows it gives at most."""

    name: str
    path: str
    page: str
    number: str
    id: str
    published: str
    """Field of a row with its day of publication (contract notices only tell the last change of state)."""
    spans: Mapping[Span, Keys]
    asks: Mapping[str, Any] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    """Keys that every row has (its values may be null): one that no row of a page has any more was renamed."""
    cap: int = 2000
    """Rows above which `total` is no count any more."""


_PUBLISHED: Keys = ("publicationDateStart", "publicationDateEnd", _moment)

CONTRACTS = Listing(
    "contract notices", "NoticeCommon/GetCNoticeList/", "/pub/notices/contract-notices/list/0/0",
    "noticeNo", "cNoticeId", "noticeStateDate",
    {
        "published": ("startPublicationDate", "endPublicationDate", _plain_day),
        "deadline": ("startTenderReceiptDeadline", "endTenderReceiptDeadline", _moment),
    },
    {"sysNoticeTypeIds": [], "sortProperties": [], "hasUnansweredQuestions": False},
    ("contractTitle", "cpvCodeAndName", "estimatedValueRon", "minTenderReceiptDeadline", "sysProcedureState"),
    cap=3000,
)  # fmt: skip
ADVERTS = Listing(
    "advertising notices", "AdvNoticeCommon/GetAdvNoticeList/", "/pub/adv-notices/list/1",
    "noticeNo", "advNoticeId", "publicationDate", {"published": _PUBLISHED},
    keys=("contractObject", "cpvCode", "estimatedValue", "tenderReceiptDeadline", "sysNoticeState"),
)  # fmt: skip
CONSULTATIONS = Listing(
    "market consultations", "McNoticeCommon/GetMcNoticeList/", "/pub/mc-notices/list/1",
    "noticeNo", "mcNoticeId", "publicationDate", {"published": _PUBLISHED},
    keys=("consultingDeadline", "consultingObject"),
)  # fmt: skip
PRIOR = Listing(
    "prior information", "PUBLICPINotice/GetAll/", "/pub/notices/pi-notices/list",
    "noticeNo", "piNoticeId", "publicationDate", {"published": _PUBLISHED},
    {"sortProperties": [], "cpv": None},
)  # fmt: skip
LISTINGS = {listing.name: listing for listing in (CONTRACTS, ADVERTS, CONSULTATIONS, PRIOR)}

TYPES = {2: "CN", 17: "SCN", 6: "DC", 7: "PC", 12: "RFQ", 19: "RFD"}
"""sysNoticeTypeId of the notices that invite offers -> what their numbers begin with."""
_OTHERS = {ADVERTS.name: "ADV", CONSULTATIONS.name: "MC", PRIOR.name: "PI"}
_ROUTES = {
    "CN": "c-notice/v{v}/view/{id}", "SCN": "simplified-notice/v{v}/view/{id}", "DC": "dc-notice/v{v}/view/{id}",
    "PC": "pc-notice/v{v}/view/{id}", "RFQ": "rfq-invitation/v{v}/view/{id}", "ADV": "adv-notices/view/{id}",
    "MC": "mc-notice/view/{id}", "PI": "pi-notice/view/v2/{id}",
}  # fmt: skip
"""A route of another type shows an empty page, not an error. `v1` shows the forms of before 2016."""


def prefix_of(listing: str, row: Mapping[str, Any]) -> str:
    """What sort of notice a row of a list is, as its number begins: CN, SCN, ADV ...; raises UnreadableError."""
    if listing in _OTHERS:
        return _OTHERS[listing]
    type = row.get("sysNoticeTypeId")
    if not isinstance(type, int) or type not in TYPES:
        raise UnreadableError("unknown-type", f"{row.get('noticeNo')}: sysNoticeTypeId {type}")
    return TYPES[type]


def page_of(prefix: str, id: int, version: int = 2) -> str:
    """The page that shows a notice; `id` is the public one (cNoticeId, never noticeId)."""
    if prefix == "RFD":
        return f"{HOME}/pub/rfqInvitationSad/view/{id}"
    return f"{HOME}/pub/notices/" + _ROUTES[prefix].format(id=id, v=version)


def route_name(prefix: str, id: int) -> str:
    """What the page is called in a TED notice's BT-15 link, without host and version: `c-notice/100990011`.

    Numeric ids are unique only within one route.
    """
    route = "rfqInvitationSad" if prefix == "RFD" else _ROUTES[prefix].partition("/")[0]
    return f"{route}/{id}"
