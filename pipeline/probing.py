"""Looking at a source without collecting it: a live check of a few requests, or a recording of its answers.

Both run the source's own spider in a process of its own on a scratch store, so what is checked is the very reader that
collects, and nothing of the installation is touched but the count of the day's requests.
"""

import datetime as dt
import json
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.collecting import AT_ONCE, ROOT, Order, run_crawl
from pipeline.config import Config
from pipeline.journal import Journal, Run, Verdict
from pipeline.opportunity import Opportunity
from pipeline.recording import Exchange, exchanges
from pipeline.shape import Difference, Shape, compare, name_of, read_shapes, shape_for
from pipeline.store import Store
from pipeline.troubles import trouble

REQUESTS = 5
"""Requests of a live check, those for robots.txt included."""
PATIENCE = 150
"""Seconds a live check of one source may take."""
SHAPES = ROOT / "spiders" / "shapes"


@dataclass(frozen=True, slots=True)
class Looked:
    """One answer of a live check."""

    name: str
    url: str
    status: int
    kind: str
    size: int
    expected: str
    known: bool
    missing: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """What a live check found out about a source."""

    source: str
    well: bool
    reached: bool
    trouble: str | None
    """What kept us from reading, in words; None where nothing did."""
    robots: str
    seconds: float
    requests: int
    answers: tuple[Looked, ...]
    shape: str
    """`same`, `changed`, or `unknown` where no samples are kept."""
    read: int
    example: str | None
    newest: str | None
    reasons: tuple[str, ...]
    issues: tuple[str, ...]
    todo: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For a program."""
        return asdict(self)


def check_all(config: Config, sources: Iterable[str], now: dt.datetime) -> Iterator[Check]:
    """Checks the sources, some at the same time, and gives each as soon as it and those before it are done."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda source: check(config, source, now), sources)


def check(config: Config, source: str, now: dt.datetime) -> Check:
    """A few requests to one source, and what they show."""
    with tempfile.TemporaryDirectory(prefix="vestitor-check-") as name:
        folder, started = Path(name), time.monotonic()
        run, kept = look(config, Order(source), now, folder, REQUESTS)
        seconds = time.monotonic() - started
        answers = list(exchanges(folder))
    return judged(source, run, kept, answers, shapes_of(config, source), seconds)


def look(config: Config, order: Order, now: dt.datetime, folder: Path, probe: int = 0) -> tuple[Run, list[Opportunity]]:
    """Runs a spider on a scratch store, its answers recorded into `folder`: the run, and what it kept."""
    day = now.astimezone(config.zone).date()
    with (
        tempfile.TemporaryDirectory(prefix="vestitor-scratch-") as scratch,
        Store(Path(scratch) / "scratch.db") as store,
    ):
        journal = Journal(store)
        run = journal.begin(order.source, now)
        more = [f"--store={store.path}", f"--record={folder.resolve()}", *([f"--probe={probe}"] if probe else [])]
        complaint = run_crawl(config, order, now, run, more, PATIENCE if probe else None)
        ended = journal.last(order.source)
        if complaint and (ended is None or ended.verdict is None):
            journal.end(run, Verdict.FAILED, [complaint], {}, [], now)
        with Store(config.path(config.store)) as real:
            Journal(real).spend(order.source, day, journal.spent(order.source, day))
        ended = journal.last(order.source)
        assert ended is not None
        return ended, [kept.opportunity for kept in store.all()]


def shapes_of(config: Config, source: str) -> dict[str, Shape]:
    """The shapes of a source's samples; nothing where none are kept."""
    file = SHAPES / f"{config.sources[source].spider or source}.json"
    return read_shapes(file.read_text(encoding="utf-8")) if file.exists() else {}


# Judging, pure


def judged(
    source: str,
    run: Run,
    kept: list[Opportunity],
    answers: list[tuple[Exchange, bytes]],
    shapes: dict[str, Shape],
    seconds: float,
) -> Check:
    """What a look at a source comes to."""
    told = [exchange for exchange, _ in answers if not exchange.url.endswith("/robots.txt")]
    looked = tuple(_looked(exchange, body, shapes) for exchange, body in answers if exchange in told and body)
    reasons = tuple(re.sub(r"\?\S*(?=: )", "", why) for why in run.reasons if not why.startswith("nothing was read"))
    changed = [one for one in looked if one.known and (one.missing or one.kind != one.expected)]
    found = trouble(" ".join(reasons)) if run.verdict is not Verdict.GOOD else None
    read = run.counts.get("read", 0)
    well = bool(run.verdict is Verdict.GOOD and read and not changed)
    newest = max(kept, key=lambda one: one.published or dt.date.min, default=None)
    return Check(
        source=source,
        well=well,
        reached=any(exchange.status < 400 for exchange in told),
        trouble=None if well else found.what if found else None,
        robots=_robots([exchange for exchange, _ in answers if exchange.url.endswith("/robots.txt")], reasons),
        seconds=round(seconds, 1),
        requests=run.counts.get("requests", 0),
        answers=looked,
        shape="changed" if changed else "same" if any(one.known for one in looked) else "unknown",
        read=read,
        example=_example(newest) if newest else None,
        newest=newest.published.isoformat() if newest and newest.published else None,
        reasons=reasons,
        issues=tuple(f"{one.count} {one.code}: {one.examples[0] if one.examples else ''}" for one in run.issues),
        todo=() if well else tuple(_todo(source, found.do if found else None, changed, read, reasons)),
    )


def _looked(exchange: Exchange, body: bytes, shapes: dict[str, Shape]) -> Looked:
    name = name_of(exchange.method, exchange.url)
    shape = shape_for(name, shapes)
    found = compare(shape, body)
    if shape is not None and exchange.status not in shape.status:
        found = Difference(True, f"HTTP {exchange.status}", f"HTTP {shape.status[0]}, {shape.kind}")
    elif shape is not None and exchange.status == 206:  # a part of a file cannot be compared key by key
        found = Difference(True, found.kind, shape.kind)
    head = (name, exchange.url, exchange.status, found.kind, exchange.size, found.expected, found.known)
    return Looked(*head, found.missing, found.new)


def _robots(asked: list[Exchange], reasons: tuple[str, ...]) -> str:
    """What robots.txt says of us."""
    said = " ".join(reasons)
    if "robots.txt answers HTTP" in said:
        return "cannot be had"
    if "Forbidden by robots.txt" in said:
        return "forbids what we ask"
    if not asked:
        return "not asked"
    return "allows it" if any(one.status == 200 for one in asked) else "there is none"


def _example(says: Opportunity) -> str:
    who = says.buyer or says.funder
    parts = [says.title, who.name if who else "", _ends(says)]
    return f"{', '.join(part for part in parts if part)} ({says.id})"


def _ends(says: Opportunity) -> str:
    if says.last_deadline is None:
        return says.stage.value
    at = says.last_deadline.at
    return f"until {at:%Y-%m-%d %H:%M}" if at else f"until {says.last_deadline.date}"


def _todo(source: str, advice: str | None, changed: list[Looked], read: int, reasons: tuple[str, ...]) -> Iterator[str]:
    """What a person does next; the trouble on the way comes before the shape of what arrived."""
    if advice:
        yield advice
    elif changed:
        yield (
            f"The site has changed. `vestitor record {source}` saves its answers of today; mend the reader in "
            f"spiders/{source}.py with them, then `vestitor reparse {source}`."
        )
    elif not read:
        yield f"It answers, and nothing was read: `vestitor record {source}`, and look at what it answers."
    elif reasons:
        yield f"Look at the reasons above; the end of logs/{source}.log has their place in the code."


def dump(checks: Iterable[Check]) -> str:
    """All checks as JSON."""
    return json.dumps([one.as_json() for one in checks], ensure_ascii=False, indent=2)
