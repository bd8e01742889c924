"""What the tests of the Romanian sources share: a run through the real process, and what the store holds after it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from pipeline.config import Config
from pipeline.journal import Run
from pipeline.opportunity import Opportunity
from pipeline.store import Store
from tests.sources._site import Site
from tests.world import FRIDAY, RECORDED, installation, recorded, run


class Installed:
    """A source of an installation in a folder, read from a stand-in."""

    def __init__(self, folder: Path, site: Site, name: str, more: str = "") -> None:
        block = f"{name}:\n  url: {site.url}\n  delay: 0\n  backoff: 0.02\n  expect: {{newest: 60}}\n  {more}\n"
        self.config: Config = installation(folder, block)
        self.name, self.site = name, site

    def collect(self, now: dt.datetime = FRIDAY, **order: Any) -> Run:
        return run(self.config, self.name, now, **order)

    def all(self) -> dict[str, Opportunity]:
        """What is kept, by ref."""
        with Store(self.config.path(self.config.store)) as store:
            kept = [kept.opportunity for kept in store.all(sources=[self.name])]
        return {one.id.partition(":")[2]: one for one in kept}

    def versions(self) -> list[dict[str, Any]]:
        """What changed, oldest first."""
        with Store(self.config.path(self.config.store)) as store:
            rows = store.conn.execute("SELECT changes FROM versions WHERE version > 1 ORDER BY at, version").fetchall()
        return [json.loads(row[0]) for row in rows]


def ends(one: Opportunity) -> list[tuple[str, str]]:
    """Role and wall time of each deadline."""
    return [(d.role.value, str(d.at.isoformat() if d.at else d.date)[:16]) for d in one.deadlines]


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a recorded file; skips where it is absent."""
    return [json.loads(line) for line in recorded("romania", name).read_text(encoding="utf-8").splitlines()]


__all__ = ["FRIDAY", "RECORDED", "Installed", "ends", "rows"]
