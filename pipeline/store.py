"""The store: one SQLite file, the only SQL of the house together with its neighbours `keeping`, `journal`, `ledger`.

Write-ahead log, foreign keys on, writes in IMMEDIATE transactions with full synchronisation: what a mail says was
recorded is on the disk. Every instant is stored as UTC in ISO 8601, so text order is time order.
"""

import datetime as dt
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database

from pipeline.changes import undo
from pipeline.exceptions import StoreError
from pipeline.migrations import migrations
from pipeline.opportunity import Opportunity

BUSY_SECONDS = 60


def utc(moment: dt.datetime) -> str:
    """An aware instant as the store writes it: UTC, to the second."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Kept:
    """An opportunity as stored, with what we know about it."""

    opportunity: Opportunity
    version: int
    first_seen: dt.datetime
    changed: dt.datetime
    seen: dt.datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One entry of an opportunity's history: what the notice `ref` changed, field by field (old, new)."""

    version: int
    at: dt.datetime
    ref: str
    changes: dict[str, tuple[Any, Any]]


class Store:
    """An open store. Use as a context manager; raises StoreError in words an operator can act on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.touch(0o600)  # members' addresses stand in it; SQLite gives its companions the same mode
            self.conn = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            self._write_ahead()
            self.conn.execute("PRAGMA synchronous = FULL")
            self.db = Database(self.conn, execute_plugins=False)
            self._migrate()
            self.conn.execute("PRAGMA foreign_keys = ON")

    def _write_ahead(self) -> None:
        """Switching to the write-ahead log never waits for another process by itself, so a new store is retried."""
        for _ in range(BUSY_SECONDS * 20):
            if self.conn.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                return
            with suppress(sqlite3.OperationalError):
                self.conn.execute("PRAGMA journal_mode = WAL")
                return
            time.sleep(0.05)
        self.conn.execute("PRAGMA journal_mode = WAL")

    def _migrate(self) -> None:
        known = {migration.name for migration in migrations.applied(self.db)}
        ours = {migration.name for migration in migrations._migrations}
        if known - ours:
            raise StoreError(
                f"{self.path} was made by a newer version ({', '.join(sorted(known - ours))}); upgrade first"
            )
        if ours - known:
            with self.writing():  # one process at a time; the next one finds them applied
                migrations.apply(self.db)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.conn.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that has the write lock from its start; all of it is kept, or nothing."""
        with self._explained():
            self.conn.execute("BEGIN IMMEDIATE")
            try:
                yield self.conn
            except BaseException:
                if self.conn.in_transaction:
                    self.conn.rollback()
                raise
            self.conn.commit()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path}: {error}; {_advice(str(error))}") from error
        except OSError as error:
            raise StoreError(f"{self.path}: {error.strerror}; check the path and who may write there") from error

    # Opportunities

    def get(self, name: str) -> Kept | None:
        """The opportunity called so: its id, or the number of any of its notices, with or without `source:`."""
        row = self.conn.execute("SELECT * FROM opportunities WHERE id = ?", [name]).fetchone()
        if row is None:
            source, _, ref = name.rpartition(":")
            sql = "SELECT o.* FROM notices n JOIN opportunities o ON o.id = n.opportunity WHERE n.ref = ?"
            row = self.conn.execute(
                sql + " AND n.source = ?" * bool(source), [ref, source][: 1 + bool(source)]
            ).fetchone()
        return self.kept(row) if row else None

    def all(self, since: dt.datetime | None = None, sources: Iterable[str] = ()) -> Iterator[Kept]:
        """Every opportunity in the order they were first seen; `since`: changed at or after that instant."""
        names = list(sources)
        where = ["changed >= ?"] * (since is not None) + [f"source IN ({','.join('?' * len(names))})"] * bool(names)
        sql = (
            "SELECT * FROM opportunities"
            + (" WHERE " + " AND ".join(where) if where else "")
            + " ORDER BY first_seen, id"
        )
        for row in self.conn.execute(sql, ([utc(since)] if since else []) + names):
            yield self.kept(row)

    def newest(self, limit: int) -> list[Opportunity]:
        """Those seen first most recently, newest first."""
        sql = "SELECT * FROM opportunities ORDER BY first_seen DESC, id LIMIT ?"
        return [self.kept(row).opportunity for row in self.conn.execute(sql, [limit])]

    def has_notice(self, source: str, ref: str) -> bool:
        """Whether a notice of that number has been kept."""
        sql = "SELECT 1 FROM notices WHERE source = ? AND ref = ?"
        return self.conn.execute(sql, [source, ref]).fetchone() is not None

    def count(self) -> int:
        """How many opportunities there are."""
        return int(self.conn.execute("SELECT count(*) FROM opportunities").fetchone()[0])

    def search(self, words: str, limit: int = 20) -> Iterator[Kept]:
        """Full-text search, best first; diacritics do not matter, words are quoted so that no syntax is needed."""
        query = " ".join('"' + word.replace('"', '""') + '"' for word in words.split())
        sql = """SELECT o.* FROM search s JOIN opportunities o ON o.rowid = s.rowid
                 WHERE search MATCH ? ORDER BY bm25(search, 5.0, 1.0) LIMIT ?"""
        for row in self.conn.execute(sql, [query, limit]) if query else ():
            yield self.kept(row)

    def history(self, id: str) -> list[Version]:
        """The versions of an opportunity, oldest first; version 1 changes nothing."""
        sql = "SELECT version, at, ref, changes FROM versions WHERE opportunity = ? ORDER BY version"
        return [
            Version(version, dt.datetime.fromisoformat(at), ref, {k: tuple(v) for k, v in json.loads(changes).items()})
            for version, at, ref, changes in self.conn.execute(sql, [id])
        ]

    def as_of(self, id: str, version: int) -> Opportunity | None:
        """The opportunity as it was in that version."""
        kept = self.get(id)
        if kept is None:
            return None
        body = kept.opportunity.as_json()
        for later in reversed([v for v in self.history(id) if v.version > version]):
            body = undo(body, later.changes)
        return Opportunity.model_validate(body)

    def backup(self, target: Path) -> None:
        """A consistent copy at `target`, checked; raises StoreError when the copy is not whole."""
        with self._explained(), closing(sqlite3.connect(target, isolation_level=None)) as copy:
            self.conn.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without -wal and -shm beside it
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise StoreError(f"{target}: the copy is damaged ({verdict}); check the disk and try again")

    def kept(self, row: tuple[Any, ...]) -> Kept:
        """A row of the table of opportunities."""
        version, first_seen, changed, seen, body = row[7:12]
        return Kept(
            Opportunity.model_validate_json(body),
            version,
            *(dt.datetime.fromisoformat(moment) for moment in (first_seen, changed, seen)),
        )


def _advice(error: str) -> str:
    for sign, advice in _ADVICE.items():
        if sign in error:
            return advice
    return 'nothing was half written; see docs/operations.md, "The store"'


_ADVICE = {
    "locked": "another run is writing; try again when it has ended",
    "full": "the disk is full; make room and run again, nothing was half written",
    "readonly": "the file or its folder cannot be written; check who owns it",
    "unable to open": "check that the folder exists and may be written",
    "malformed": "the file is damaged; stop, and restore the newest backup (`vestitor backup` keeps them)",
    "not a database": "this is not a store; check `store:` in the configuration or restore a backup",
}
