"""What SEAP holds at an instant: the samples as they have been published and corrected by then."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Bucharest")


@dataclass(frozen=True)
class Entry:
    """A notice as it is now: its row in a list, its answers, and what the server knows beyond the row."""

    list: str
    row: Mapping[str, Any]
    answers: Mapping[str, Any]
    published: datetime

    @property
    def deadline(self) -> datetime | None:
        """The true one: rows of corrected notices may go on showing the old (recorded 2026-09-08)."""
        lots = (self.answers.get("lots") or {}).get("items") or [{}]
        raw = lots[0].get("offerDeadline") or self.row.get("maxTenderReceiptDeadline")
        return datetime.fromisoformat(raw) if raw else None


class Shelf:
    """Every JSON below a folder: `{list, published, row, answers, changes: [{at, row, answers}]}`."""

    def __init__(self, folder: Path) -> None:
        self._samples = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]

    def add(self, *samples: dict[str, Any]) -> None:
        self._samples += samples

    def remove(self, *samples: dict[str, Any]) -> None:
        self._samples = [sample for sample in self._samples if sample not in samples]

    def at(self, now: datetime) -> list[Entry]:
        """What is published, oldest first."""
        return sorted(self._entries(now), key=lambda entry: entry.published)

    def _entries(self, now: datetime) -> Iterator[Entry]:
        for sample in self._samples:
            published = datetime.fromisoformat(sample["published"])
            if published > now:
                continue
            row, answers = dict(sample["row"]), dict(sample["answers"])
            for change in sample["changes"]:
                if datetime.fromisoformat(change["at"]) <= now:
                    row |= change["row"]
                    answers |= {name: (answers.get(name) or {}) | body for name, body in change["answers"].items()}
            yield Entry(sample["list"], row, answers, published)


def moment(raw: Any, last: bool) -> datetime | None:
    """A day in Bucharest or an instant, as a filter takes them; None for what it cannot use."""
    if not isinstance(raw, str) or not raw:
        return None
    found = datetime.fromisoformat(raw)
    if len(raw) == 10:
        return found.replace(tzinfo=ZONE) + (timedelta(days=1) if last else timedelta())
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def within(at: datetime | None, first: datetime | None, last: datetime | None) -> bool:
    if first is None and last is None:
        return True
    return at is not None and (first is None or at >= first) and (last is None or at <= last)
