"""The EU Funding & Tenders Portal on the loopback interface: search index, bulk file, topic details, all as strict.

Facts: collected 2026-11-21 from recorded answers and public clients' measurements (2026-03 to 2026-10).
`ec.europa.eu` and `api.tech.ec.europa.eu` are one address here; links in answers are the real ones.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import date
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import _portal_index as index
from ._server import HTML, Answer, Request, StandIn, not_found, ranged

SAMPLES = Path(__file__).parent / "samples" / "eu_portal"
HOME = "/info/funding-tenders/opportunities"
SEARCH = "/search-api/prod/rest/search"
BULK = f"{HOME}/data/referenceData/grantsTenders.json"
DETAILS = f"{HOME}/data/topicDetails/"
_SHELL = b"<!DOCTYPE html><html><head><title>EU Funding &amp; Tenders Portal</title></head><app-root/></html>"


class PortalServer(StandIn):
    """The portal as it is on the day `today`, which a test may move.

    Samples lie in folders by day; what a later day has replaces what an earlier one has of the same name. `page` is the
    most rows of an answer, `copies` how often the index holds each document, `history` how many closed topics of other
    years fill the bulk file. `rows` and `records` stand in for the samples.
    """

    def __init__(
        self,
        samples: Path = SAMPLES,
        today: date = date(2026, 11, 20),
        *,
        page: int = 100,
        copies: int = 1,
        history: int = 0,
        rows: Sequence[dict[str, Any]] | None = None,
        records: Sequence[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__()
        self.samples, self.today = samples, today
        self.page, self.copies, self.history = page, copies, history
        self.rows, self.records = rows, records
        self.hidden: set[str] = set()
        """References that the index forgets."""
        self._asked = 0
        self._files: dict[date, bytes] = {}

    @property
    def home(self) -> str:
        """What stands in the configuration as `url`."""
        return self.url + HOME

    def reply(self, request: Request) -> Answer:
        path = urlsplit(request.path).path
        if path == SEARCH:
            return self._search(request)
        if request.method != "GET":
            return Answer(405, b"", {"Allow": "GET"})
        if path == BULK:
            return self._bulk(request)
        if match := re.fullmatch(re.escape(DETAILS) + r"([^/]+)\.json", path):
            return self._details(match[1])
        return Answer(200, _SHELL, HTML) if path.startswith(f"{HOME}/portal/") else not_found()

    def _search(self, request: Request) -> Answer:
        self._asked += 1
        try:
            asked = index.read(request, self.page)
            found = index.answer(asked, self._rows(), replica=self._asked % 2)
        except index.Refused as refused:
            return refused.answer()
        return Answer(200, json.dumps(found, ensure_ascii=False).encode(), index.JSON)

    def _rows(self) -> list[dict[str, Any]]:
        rows = self.rows if self.rows is not None else [row for each in self._world() for row in each["search"]]
        return index.copies((row for row in rows if row["reference"] not in self.hidden), self.copies)

    def _world(self) -> list[dict[str, Any]]:
        return world(self.samples, self.today)

    def _bulk(self, request: Request) -> Answer:
        """No compression; an ETag, 304, byte ranges; a range of a file that has changed is the whole new file."""
        body = self._files.setdefault(self.today, self._files.get(self.today) or self.bulk())
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        headers = {"Content-Type": "application/json", "ETag": etag, "Last-Modified": formatdate(0, usegmt=True)}
        if request.headers.get("if-none-match") == etag:
            return Answer(304, b"", {"ETag": etag})
        whole = Answer(200, body, headers)
        return whole if request.headers.get("if-range", etag) != etag else ranged(request, whole)

    def bulk(self) -> bytes:
        """The file of the day: what is alive among what has been over for years."""
        records = self.records
        if records is None:
            records = [each["bulk"] for each in self._world() if each.get("bulk")]
        past = (_past(number) for number in range(self.history))
        text = ",".join(json.dumps(record, ensure_ascii=False) for record in (*past, *records))
        return f'{{"fundingData":{{"GrantTenderObj":[{text}]}}}}'.encode()

    def _details(self, name: str) -> Answer:
        """Only in small letters; capitals are not found any more."""
        for each in self._world():
            identifier = (each.get("bulk") or {}).get("identifier", "")
            if each.get("details") and name == identifier.lower():
                body = json.dumps({"TopicDetails": each["details"]}, ensure_ascii=False).encode()
                return Answer(200, body, {"Content-Type": "application/json"})
        return not_found()


@cache
def world(samples: Path, today: date) -> list[dict[str, Any]]:
    """The sample opportunities as they stand on a day."""
    days = sorted(folder for folder in samples.iterdir() if folder.is_dir() and folder.name <= today.isoformat())
    files = {file.name: file for day in days for file in sorted(day.glob("*.json"))}
    return [json.loads(file.read_text(encoding="utf-8")) for file in files.values()]


def _past(number: int) -> dict[str, Any]:
    """A closed topic of 2023."""
    return {
        "type": 1,
        "ccm2Id": 44_000_000 + number,
        "identifier": f"HORIZON-CL5-2023-D{number // 100}-01-{number % 100:02}",
        "title": f"A topic that closed long ago, number {number}",
        "publicationDateLong": 1670198400000,
        "plannedOpeningDateLong": 1671404400000,
        "callIdentifier": f"HORIZON-CL5-2023-D{number // 100}-01",
        "deadlineDatesLong": [1681837200000],
        "status": {"id": 31094503, "abbreviation": "Closed", "description": "Closed"},
        "frameworkProgramme": {"id": 43108390, "abbreviation": "HORIZON", "description": "Horizon Europe (HORIZON)"},
        "deadlineModel": {},
        "latestInfos": [{"lastChangeDate": "2023-04-21T12:00:00.000", "content": "<p>Flash info.</p>" * 60}],
        "links": [],
        "keywords": [],
    }
