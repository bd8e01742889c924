"""The journal of runs: what each source should have given, what it gave, what was odd, how far it has been read."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.store import Store, utc

EXAMPLES = 5
"""Examples kept per kind of issue."""
BODY_MAX = 1_000_000
STATED, HAD = "stated by the source", "had of those"
"""Counts: what the source said there is in what was asked, and how much of it came."""


class Verdict(StrEnum):
    """How much a run can be believed.

    GOOD: all of it. PARTIAL: what came is right, something is missing, and no mark moves past the gap. DEGRADED: what
    came does not look as it should. FAILED: next to nothing came. One that is not GOOD closes nothing.
    """

    GOOD = "good"
    PARTIAL = "partial"
    DEGRADED = "degraded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class IssueCount:
    """A kind of issue in a run: how often, with a few examples."""

    code: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a source."""

    id: int
    source: str
    started: dt.datetime
    finished: dt.datetime | None
    verdict: Verdict | None
    counts: Mapping[str, int]
    reasons: Sequence[str]
    issues: Sequence[IssueCount] = field(default=())


class Journal:
    """The runs, issues and marks of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def begin(self, source: str, now: dt.datetime) -> int:
        """The id of a new run; a run that never ends stays without verdict and reads as failed."""
        with self.store.writing() as conn:
            return int(
                conn.execute("INSERT INTO runs (source, started) VALUES (?, ?)", [source, utc(now)]).lastrowid or 0
            )

    def end(
        self,
        run: int,
        verdict: Verdict,
        reasons: Sequence[str],
        counts: Mapping[str, int],
        issues: Iterable[IssueCount],
        now: dt.datetime,
    ) -> None:
        """Closes a run with its verdict, counts and issues."""
        rows = [(run, issue.code, issue.count, json.dumps(issue.examples[:EXAMPLES])) for issue in issues]
        with self.store.writing() as conn:
            conn.execute(
                "UPDATE runs SET finished = ?, verdict = ?, reasons = ?, counts = ? WHERE id = ?",
                [utc(now), verdict.value, json.dumps(list(reasons)), json.dumps(dict(counts)), run],
            )
            conn.executemany("INSERT OR REPLACE INTO issues (run, code, count, examples) VALUES (?, ?, ?, ?)", rows)

    def set_aside(self, run: int, name: str, reason: str, body: bytes) -> None:
        """Keeps a body that could not be read, for whoever mends the reader."""
        with self.store.writing() as conn:
            conn.execute(
                "INSERT INTO bodies (run, name, reason, body) VALUES (?, ?, ?, ?)", [run, name, reason, body[:BODY_MAX]]
            )

    def mark(self, source: str, name: str, value: str, now: dt.datetime) -> None:
        """Remembers how far a source has been read."""
        with self.store.writing() as conn:
            conn.execute(
                "INSERT OR REPLACE INTO marks (source, name, value, at) VALUES (?, ?, ?, ?)",
                [source, name, value, utc(now)],
            )

    def marks(self, source: str) -> dict[str, str]:
        """How far a source has been read, by name."""
        return dict(self.store.conn.execute("SELECT name, value FROM marks WHERE source = ?", [source]))

    def spend(self, source: str, day: dt.date, requests: int) -> None:
        """Counts requests that went to a source on a day of the office."""
        sql = """INSERT INTO requests (source, day, count) VALUES (?, ?, ?)
                 ON CONFLICT (source, day) DO UPDATE SET count = count + excluded.count"""
        with self.store.writing() as conn:
            conn.execute(sql, [source, day.isoformat(), requests])

    def spent(self, source: str, day: dt.date) -> int:
        """How many requests went to a source on a day of the office."""
        sql = "SELECT count FROM requests WHERE source = ? AND day = ?"
        row = self.store.conn.execute(sql, [source, day.isoformat()]).fetchone()
        return int(row[0]) if row else 0

    def last(self, source: str, verdict: Verdict | None = None) -> Run | None:
        """The newest run of a source, of that verdict if one is given."""
        runs = self.runs(source, 1, verdict)
        return runs[0] if runs else None

    def runs(self, source: str, limit: int, verdict: Verdict | None = None) -> list[Run]:
        """The newest runs of a source, newest first."""
        sql = "SELECT id, source, started, finished, verdict, counts, reasons FROM runs WHERE source = ?"
        where, values = (" AND verdict = ?", [verdict.value]) if verdict else ("", [])
        rows = self.store.conn.execute(sql + where + " ORDER BY id DESC LIMIT ?", [source, *values, limit]).fetchall()
        return [self._run(row) for row in rows]

    def _run(self, row: tuple[int, str, str, str | None, str | None, str, str]) -> Run:
        id, source, started, finished, verdict, counts, reasons = row
        issues = self.store.conn.execute("SELECT code, count, examples FROM issues WHERE run = ? ORDER BY code", [id])
        return Run(
            id,
            source,
            dt.datetime.fromisoformat(started),
            dt.datetime.fromisoformat(finished) if finished else None,
            Verdict(verdict) if verdict else None,
            json.loads(counts),
            json.loads(reasons),
            [IssueCount(code, count, tuple(json.loads(examples))) for code, count, examples in issues],
        )
