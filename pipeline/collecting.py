"""Sources collected, each in a process of its own: a crash, a leak or a hang of one never reaches another."""

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pipeline.config import Config
from pipeline.journal import Journal, Run, Verdict
from pipeline.store import Store

ROOT = Path(__file__).parent.parent
AT_ONCE = 4
"""Sources collected at the same time; each waits for its publisher most of the time."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to collect: a source, since when, how much at most."""

    source: str
    since: date | None = None
    limit: int | None = None


def collect(config: Config, orders: Sequence[Order], now: datetime) -> list[Run]:
    """Runs every source in its own process, some at the same time, and returns the record of each run."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda order: _supervise(config, order, now), orders))


def _supervise(config: Config, order: Order, now: datetime) -> Run:
    with Store(config.path(config.store)) as store:
        journal = Journal(store)
        run = journal.begin(order.source, now)
        complaint = run_crawl(config, order, now, run)
        ended = journal.last(order.source)
        assert ended is not None
        if complaint and ended.verdict is None:
            journal.end(run, Verdict.FAILED, [complaint], {}, [], now)
        return journal.last(order.source) or ended


def run_crawl(
    config: Config, order: Order, now: datetime, run: int, more: Sequence[str] = (), limit: float | None = None
) -> str | None:
    """Crawls a source in a process of its own, `limit` seconds at most: what went wrong with the process itself, if
    anything did. `more` are further options of `pipeline.crawl`."""
    command = [
        sys.executable,
        "-m",
        "pipeline.crawl",
        order.source,
        f"--config={config.file}",
        f"--now={now.isoformat()}",
    ]
    command += [f"--run={run}"] + [f"--since={order.since}"] * bool(order.since)
    command += [f"--limit={order.limit}"] * (order.limit is not None) + list(more)
    log = config.path(Path("logs")) / f"{order.source}.log"
    log.parent.mkdir(exist_ok=True)
    try:
        with log.open("ab") as out:
            code = subprocess.run(
                command, cwd=ROOT, stderr=out, timeout=limit or config.sources[order.source].timeout
            ).returncode
    except subprocess.TimeoutExpired as error:
        return f"ended after {error.timeout:.0f} s, its time limit; see {log}"
    return f"the process ended with exit code {code}; see {log}"
