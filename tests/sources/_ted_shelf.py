"""The notices on TED's shelf: which one lies where, read cheaply, and the daily packages they are published in.

Facts: TED data reuse help and eForms SDK 1.13 (OPP-010 to OPP-012), collected 2026-11-21.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path

from lxml import etree

_TEXT = r"<(?:[\w-]+:)?%s\b[^>]*>\s*([^<]*?)\s*<"
_FACTS = {
    "number": _TEXT % "NoticePublicationID",
    "issue": _TEXT % "GazetteID",
    "day": r"(?s)<(?:[\w-]+:)?Publication[\s>].*?" + _TEXT % "PublicationDate",  # withheld fields have one too
    "uuid": r"""<(?:[\w-]+:)?ID[^>]*schemeName=["']notice-id["'][^>]*>\s*([^<]*?)\s*<""",
    "version": _TEXT % "VersionID",
}
_LEGACY = {"number": r'DOC_ID="([^"]+)"', "issue": _TEXT % "NO_OJ", "day": _TEXT % "DATE_PUB"}
_CHANGED = re.compile(rf"(?s)Changes\b[^>]*>.*?{_TEXT % 'ChangedNoticeIdentifier'}")


@dataclass(frozen=True)
class Notice:
    """One XML file. `number` has no leading zeros, as the API, the links and everybody but the XML itself write it."""

    path: Path
    number: str
    issue: str
    day: date
    uuid: str = ""
    version: str = ""
    changes: str = ""

    @cached_property
    def xml(self) -> bytes:
        return self.path.read_bytes()

    @cached_property
    def root(self) -> etree._Element:
        return etree.fromstring(self.xml)

    @property
    def legacy(self) -> bool:
        """TED_EXPORT, the format before eForms: a publication number of six digits instead of eight."""
        return not self.uuid

    @property
    def order(self) -> tuple[int, int]:
        number, year = self.number.split("-")
        return int(year), int(number)

    @property
    def file(self) -> str:
        number, year = self.number.split("-")
        return f"{int(number):0{6 if self.legacy else 8}d}_{year}.xml"


def read_notice(path: Path) -> Notice:
    """What the shelf has to know of a notice, without parsing it."""
    text = path.read_text("utf-8")
    facts = _LEGACY if "<TED_EXPORT" in text[:2000] else _FACTS
    found = {name: match[1] if (match := re.search(pattern, text)) else "" for name, pattern in facts.items()}
    changes = match[1] if (match := _CHANGED.search(text)) else ""
    day = date.fromisoformat(found.pop("day")[:10])
    issue = found.pop("issue")
    issue = issue if "/" in issue else f"{int(issue)}/{day.year}"
    return Notice(path, number=plain(found.pop("number")), issue=issue, day=day, changes=plain(changes), **found)


def plain(number: str) -> str:
    """A publication number without leading zeros; a notice's UUID and version ("…-01") as it is."""
    return re.sub(r"^0+(?=\d+-\d{4}$)", "", number)


class Shelf:
    """All notices, and the daily packages: by their own OJ issue, or as `issues` groups them."""

    def __init__(self, folder: Path, issues: Mapping[str, Sequence[Path]] | None = None) -> None:
        paths = sorted(folder.rglob("*.xml"))
        self.notices = sorted(map(read_notice, paths), key=lambda notice: notice.order)
        self._regrouped = issues is not None
        by_path = {notice.path.resolve(): notice for notice in self.notices}
        self._packages = (
            _by_issue(self.notices)
            if issues is None
            else {
                key: [by_path.get(path.resolve()) or read_notice(path) for path in paths]
                for key, paths in issues.items()
            }
        )
        self._packed: dict[str, bytes] = {}

    def published(self, today: date) -> list[Notice]:
        return [notice for notice in self.notices if notice.day <= today]

    def package(self, key: str, today: date) -> bytes | None:
        """The tar.gz of one OJ issue ("202600225"), or None as long as it is not published.

        Packages a test put together itself are out whatever the dates of the notices in them.
        """
        notices = self._packages.get(key)
        if not notices or (notices[0].day > today and not self._regrouped):
            return None
        if key not in self._packed:
            self._packed[key] = _pack(key, notices)
        return self._packed[key]


def _by_issue(notices: Iterable[Notice]) -> dict[str, list[Notice]]:
    packages: dict[str, list[Notice]] = {}
    for notice in notices:
        issue, year = notice.issue.split("/")
        packages.setdefault(f"{year}{int(issue):05d}", []).append(notice)
    return packages


def _pack(key: str, notices: Sequence[Notice]) -> bytes:
    """One directory `YYYYMMDD_NNN` with one file a notice; the same bytes each time, so that ranges fit together."""
    day = max(notice.day for notice in notices)
    folder = f"{day:%Y%m%d}_{int(key[4:]):03d}"
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for notice in notices:
            member = tarfile.TarInfo(f"{folder}/{notice.file}")
            member.size = len(notice.xml)
            member.mtime = int(datetime.combine(day, time(8), UTC).timestamp())
            archive.addfile(member, io.BytesIO(notice.xml))
    return gzip.compress(tar.getvalue(), mtime=0)
