"""Keeping notices: each joins its life line, the life line is folded anew, and what changed becomes a version."""

import datetime as dt
import json
import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.changes import Changes, differences
from pipeline.lifeline import LifeLine, belongs, fold, in_order, reread
from pipeline.notice import Notice
from pipeline.opportunity import Opportunity
from pipeline.store import Store, utc

_AT_ONCE = 500
"""Variables in one statement; SQLite before 3.32 takes 999."""


@dataclass(slots=True)
class Tally:
    """What became of the notices that were kept; ids of opportunities."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    """Refs of notices outside the scope that belong to nothing we have."""


Document = Callable[[], bytes] | None
"""How to get the document a notice was read from: made only for notices that are kept."""


@dataclass(slots=True)
class _Line:
    """A life line in memory while a batch is kept."""

    known: LifeLine
    old: dict[str, Notice] = field(default_factory=dict)
    """Notices stored before this batch, by ref."""
    added: dict[str, Notice] = field(default_factory=dict)
    """Notices this batch brings, or reads again."""
    stored: tuple[int, Opportunity] | None = None
    """Version and opportunity before this batch; None for a new one."""
    row: int = 0
    """Its row in the store: older life lines have smaller ones."""

    def add(self, notice: Notice) -> None:
        before = self.added.get(notice.says.ref) or self.old.get(notice.says.ref)
        self.added[notice.says.ref] = reread(before, notice) if before else notice
        self.known.add(notice)

    def remember(self, notice: Notice) -> None:
        self.old[notice.says.ref] = notice
        self.known.add(notice)


def keep(
    store: Store, read: Sequence[tuple[Notice, Document]], now: dt.datetime, strays: Collection[str] = ()
) -> Tally:
    """Keeps the notices (with the documents they were read from) in one transaction: all of them or none.

    A notice that was read before is replaced by this reading, so a mended reader can read all documents again.
    `strays` are refs of notices that are kept only if they belong to a life line we have.
    """
    with store.writing() as conn:
        batch = _Batch(conn, [notice for notice, _ in read])
        placed = [(notice, document, batch.place(notice, notice.says.ref in strays)) for notice, document in read]
        for old, new in batch.merged.items():
            _merge(conn, old, new)
        homed = [(n, document, batch.merged.get(home, home)) for n, document, home in placed if home]
        tally = _write_opportunities(conn, [line for line in batch.lines.values() if line.added], utc(now))
        _write_notices(
            conn, [(batch.lines[home].added[n.says.ref], document, home) for n, document, home in homed], utc(now)
        )
    tally.outside = [notice.says.ref for notice, _, home in placed if not home]
    return tally


class _Batch:
    """The life lines a batch of notices may belong to, and those it starts."""

    def __init__(self, conn: sqlite3.Connection, notices: Sequence[Notice]) -> None:
        self.lines: dict[str, _Line] = {}
        self.ties: dict[str, list[str]] = {}
        self.merged: dict[str, str] = {}
        for name, id in _select(
            conn, "SELECT name, opportunity FROM ties WHERE name IN", {t for n in notices for t in _ties(n)}
        ):
            self.ties.setdefault(name, []).append(id)
            self.lines.setdefault(id, _Line(LifeLine(id)))
        stored = "SELECT rowid, id, version, body FROM opportunities WHERE id IN"
        for row, id, version, body in _select(conn, stored, self.lines):
            self.lines[id].stored = (version, Opportunity.model_validate_json(body))
            self.lines[id].row = row
        for id, reading in _select(conn, "SELECT opportunity, reading FROM notices WHERE opportunity IN", self.lines):
            self.lines[id].remember(Notice.model_validate_json(reading))

    def place(self, notice: Notice, stray: bool) -> str:
        """The id of the life line the notice belongs to; a new one is begun, several become one; "" for a stray."""
        near = dict.fromkeys(self.merged.get(id, id) for tie in _ties(notice) for id in self.ties.get(tie, ()))
        homes = [id for id in near if belongs(notice, self.lines[id].known)]
        if stray and not homes:
            return ""
        home = min(homes, key=self._age, default=notice.says.id)
        line = self.lines.setdefault(home, _Line(LifeLine(home)))
        for other in homes:
            if other != home:
                self._join(line, other)
        line.add(notice)
        for tie in _ties(notice):
            self.ties.setdefault(tie, []).append(home)
        return home

    def _age(self, id: str) -> tuple[bool, int]:
        """Stored ones first, by their row: their id has been told; then in the order they were begun."""
        line = self.lines[id]
        return line.stored is None, line.row if line.stored else list(self.lines).index(id)

    def _join(self, line: _Line, other: str) -> None:
        gone = self.lines.pop(other)
        for notice in (gone.old | gone.added).values():
            line.add(notice)
        self.merged = {old: line.known.id if new == other else new for old, new in self.merged.items()}
        self.merged[other] = line.known.id


def _ties(notice: Notice) -> Iterator[str]:
    """Everything by which notices of one life line may find each other."""
    yield from notice.names
    yield from notice.changes
    yield from notice.continues
    if notice.procedure_id:
        yield f"procedure:{notice.procedure_id}"


def _select(conn: sqlite3.Connection, sql: str, keys: Iterable[str]) -> Iterator[tuple]:  # type: ignore[type-arg]
    wanted = list(keys)
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        yield from conn.execute(f"{sql} ({','.join('?' * len(part))})", part).fetchall()


def _merge(conn: sqlite3.Connection, old: str, new: str) -> None:
    """Everything known under `old` is known under `new` from now on; what members were told moves along."""
    for table in ("notices", "lines"):
        conn.execute(f"UPDATE OR REPLACE {table} SET opportunity = ? WHERE opportunity = ?", [new, old])
    conn.execute("UPDATE OR IGNORE ties SET opportunity = ? WHERE opportunity = ?", [new, old])
    _unindex(conn, [old])
    conn.execute("DELETE FROM opportunities WHERE id = ?", [old])


def _write_opportunities(conn: sqlite3.Connection, lines: Sequence[_Line], now: str) -> Tally:
    tally, rows, versions = Tally(), [], []
    for line in lines:
        history = list(_history(line))
        if line.stored is None or history:
            rows.append(_row(*history[-1][:2], now))
        for opportunity, version, changes in history:
            versions.append((opportunity.id, version, now, opportunity.ref, json.dumps(changes, ensure_ascii=False)))
        (tally.new if line.stored is None else tally.changed if history else tally.seen).append(line.known.id)
    _unindex(conn, tally.changed)
    conn.executemany(_UPSERT, rows)
    conn.executemany("INSERT INTO versions (opportunity, version, at, ref, changes) VALUES (?, ?, ?, ?, ?)", versions)
    conn.executemany("UPDATE opportunities SET seen = ? WHERE id = ?", [(now, id) for id in tally.seen])
    _index(conn, tally.new + tally.changed)
    return tally


def _history(line: _Line) -> Iterator[tuple[Opportunity, int, Changes]]:
    """The versions this batch adds, one per new notice that changed something, in the order of publication."""
    version, before = line.stored or (0, None)
    known = dict(line.old)
    for notice in in_order(line.added.values()):
        known[notice.says.ref] = notice
        after = fold(line.known.id, known.values())
        if before is None:
            version, before = 1, after
            yield after, 1, {}
        elif changes := differences(before, after):
            version, before = version + 1, after
            yield after, version, changes


_UPSERT = """
    INSERT INTO opportunities
        (id, source, kind, stage, ref, published, closes, version, first_seen, changed, seen, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, stage = excluded.stage, ref = excluded.ref,
        published = excluded.published, closes = excluded.closes, version = excluded.version,
        changed = excluded.changed, seen = excluded.seen, body = excluded.body
"""


def _row(o: Opportunity, version: int, now: str) -> tuple[object, ...]:
    published = o.published.isoformat() if o.published else None
    closes = utc(o.last_deadline.ends) if o.last_deadline else None
    head = (o.id, o.source, o.kind.value, o.stage.value, o.ref, published, closes)
    return (*head, version, now, now, now, o.model_dump_json())


def _write_notices(conn: sqlite3.Connection, homed: Sequence[tuple[Notice, Document, str]], now: str) -> None:
    rows = (
        (n.says.source, n.says.ref, home, now, n.model_dump_json(), zlib.compress(document(), 1) if document else None)
        for n, document, home in homed
    )
    conn.executemany(_UPSERT_NOTICE, rows)
    ties = {(tie, home) for notice, _, home in homed for tie in _ties(notice)}
    conn.executemany("INSERT OR IGNORE INTO ties (name, opportunity) VALUES (?, ?)", sorted(ties))


_UPSERT_NOTICE = """
    INSERT INTO notices (source, ref, opportunity, read_at, reading, document) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (source, ref) DO UPDATE SET opportunity = excluded.opportunity, read_at = excluded.read_at,
        reading = excluded.reading, document = coalesce(excluded.document, document)
"""


# The full-text index has no text of its own: it must be told the old words before a row changes, the new ones after.
# Filling it per batch is three times faster than triggers per row.


def _unindex(conn: sqlite3.Connection, ids: Sequence[str]) -> None:
    sql = """INSERT INTO search (search, rowid, title, text) SELECT 'delete', s.rowid, s.title, s.text
             FROM searchable s JOIN opportunities o ON o.rowid = s.rowid WHERE o.id = ?"""
    conn.executemany(sql, [(id,) for id in ids])


def _index(conn: sqlite3.Connection, ids: Sequence[str]) -> None:
    sql = """INSERT INTO search (rowid, title, text) SELECT s.rowid, s.title, s.text
             FROM searchable s JOIN opportunities o ON o.rowid = s.rowid WHERE o.id = ?"""
    conn.executemany(sql, [(id,) for id in ids])


def last_reading(store: Store, source: str, ref: str) -> Notice | None:
    """A notice as it was last read; None where it was never kept."""
    sql = "SELECT reading FROM notices WHERE source = ? AND ref = ?"
    row = store.conn.execute(sql, [source, ref]).fetchone()
    return Notice.model_validate_json(row[0]) if row else None


def documents(store: Store, source: str, at_once: int = 100) -> Iterator[tuple[str, bytes]]:
    """Every document kept from a source, by the number of its notice, so many in memory at a time.

    Pages by row, so the caller may write between two documents: what is kept anew keeps its row.
    """
    sql = """SELECT rowid, ref, document FROM notices
             WHERE source = ? AND rowid > ? AND document IS NOT NULL ORDER BY rowid LIMIT ?"""
    after = 0
    while rows := store.conn.execute(sql, [source, after, at_once]).fetchall():
        for _, ref, document in rows:
            yield ref, zlib.decompress(document)
        after = rows[-1][0]


def document_count(store: Store, source: str) -> int:
    """How many documents are kept from a source."""
    sql = "SELECT count(*) FROM notices WHERE source = ? AND document IS NOT NULL"
    return int(store.conn.execute(sql, [source]).fetchone()[0])
