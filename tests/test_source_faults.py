"""Every source, each of twelve ways to go wrong: the verdict of docs/faults.md, nothing closed, nothing lost, no other
source touched, and the next good run as if nothing had happened."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Config
from pipeline.journal import Journal, Run, Verdict
from pipeline.opportunity import LIVE
from pipeline.store import Store
from tests.crawls import Crawls
from tests.smtp_faults import certificate
from tests.sources.faults import MODES, SOURCES, Lines, World, unsigned
from tests.world import ROOT, installation

MORNING = [dt.datetime.fromisoformat(f"{day}T10:00+02:00") for day in ("2026-11-19", "2026-11-20", "2026-11-21")]
HALVES = (SOURCES[::2], SOURCES[1::2])
TABLE = ROOT / "docs" / "faults.md"


def expected() -> dict[tuple[str, str], str]:
    """The table of docs/faults.md."""
    rows = [re.split(r" *\| *", line.strip("| \n")) for line in TABLE.read_text(encoding="utf-8").splitlines()]
    head, *rest = [row for row in rows if len(row) == len(SOURCES) + 1]
    return {
        (row[0], name.strip("`")): verdict
        for row in rest
        for name, verdict in zip(head[1:], row[1:], strict=True)
        if row[0] in MODES
    }


@dataclass
class Bench:
    """The world, the process that crawls, and the store as it is after a good first day."""

    folder: Path
    world: World
    lines: Lines
    crawls: Crawls
    store: Path
    truth: dict[str, Any]

    def installation(self, name: str, mode: str = "", broken: tuple[str, ...] = ()) -> Config:
        """An installation whose store is that of the first day; `broken` sources have nobody at their address."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        if self.store.exists() and not (folder / "test.db").exists():
            shutil.copy(self.store, folder / "test.db")
        blocks = ""
        for source in SOURCES:
            url = self.world.url(source)
            if source in broken and mode in ("DNS", "refused", "TLS"):
                url = self.lines.url(mode, url)
            patience = 0.2 if mode == "timeout" and source in broken else 20
            blocks += (
                f'{source}: {{url: "{url}", delay: 0, backoff: 0.01, patience: {patience}, expect: {{newest: 60}}}}\n'
            )
        return installation(folder, blocks)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("faults")
    with ExitStack() as stack:
        crawls = stack.enter_context(Crawls(folder))
        tls = stack.enter_context(unsigned(certificate(folder)[1]))
        bench = Bench(folder, World(stack), Lines(tls), crawls, folder / "day-one.db", {})
        first = bench.installation("first")
        crawls.collect(first, SOURCES, MORNING[0])
        with Store(first.path(first.store)) as store:
            store.backup(bench.store)
        bench.world.move_to(1)
        runs = crawls.collect(bench.installation("truth"), SOURCES, MORNING[1])
        assert {name: run.reasons for name, run in runs.items() if run.verdict is not Verdict.GOOD} == {}
        bench.truth.update(told(bench.installation("truth")))
        yield bench


def told(config: Config) -> dict[str, Any]:
    """All that members could have been told, by source: each opportunity with its versions."""
    with Store(config.path(config.store)) as store:
        found: dict[str, Any] = {name: {} for name in SOURCES}
        for kept in store.all():
            changes = [version.changes for version in store.history(kept.opportunity.id)]
            found[kept.opportunity.source][kept.opportunity.id] = (kept.opportunity.as_json(), changes)
    return found


def alive(config: Config, now: dt.datetime) -> set[str]:
    with Store(config.path(config.store)) as store:
        return {kept.opportunity.id for kept in store.all() if kept.opportunity.at(now).stage in LIVE}


def marks(config: Config, name: str) -> dict[str, str]:
    with Store(config.path(config.store)) as store:
        return Journal(store).marks(name)


@pytest.mark.parametrize("half", [0, 1], ids=["even", "odd"])
@pytest.mark.parametrize("mode", MODES)
def test_a_fault(bench: Bench, mode: str, half: int) -> None:
    broken, sound = HALVES[half], HALVES[1 - half]
    config = bench.installation(f"{mode}-{half}", mode, broken)
    before, open_before = told(config), alive(config, MORNING[1])
    known = {name: marks(config, name) for name in SOURCES}
    bench.world.move_to(1)
    for name in broken:
        bench.world.spoil(name, mode)
    runs = bench.crawls.collect(config, SOURCES, MORNING[1])

    assert {name: verdict(runs[name]) for name in broken} == {name: expected()[mode, name] for name in broken}
    assert all(runs[name].reasons for name in broken if runs[name].verdict is not Verdict.GOOD)
    after = told(config)
    for name in sound:
        assert runs[name].verdict is Verdict.GOOD and after[name] == bench.truth[name], "others are not touched"
    for name in broken:
        assert before[name].keys() <= after[name].keys(), "nothing is lost"
        if runs[name].verdict not in (Verdict.GOOD, Verdict.PARTIAL):
            assert marks(config, name) == known[name], "the window is not advanced"
    closed = open_before - alive(config, MORNING[1])
    ours = {id for id in closed if id.partition(":")[0] in broken}
    assert {id for id in ours if not id.startswith("ted:")} == set(), "nothing is closed"
    truly = open_before - alive(bench.installation("truth"), MORNING[1])
    assert ours <= truly, "an award of TED is a document that never changes: it is believed whatever the run"

    bench.world.move_to(1)
    healed = bench.installation(f"{mode}-{half}")
    now = MORNING[2] if mode == "403 page" and "seap" in broken else MORNING[1] + dt.timedelta(hours=4)
    again = bench.crawls.collect(healed, broken, now)
    assert {name: run.reasons for name, run in again.items() if run.verdict is not Verdict.GOOD} == {}
    caught = told(healed)
    for name in broken:
        assert states(caught[name]) == states(bench.truth[name]), "caught up: nothing lost, nothing there twice"
        if runs[name].verdict is Verdict.FAILED:
            assert caught[name] == bench.truth[name], "nothing told twice"


def states(found: dict[str, Any]) -> dict[str, Any]:
    """What is known of each opportunity in the end; a run that had a part of it may have told that part before."""
    return {id: state for id, (state, _) in found.items()}


def verdict(run: Run) -> str:
    return run.verdict.value if run.verdict else "none"
