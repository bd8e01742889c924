"""The store as it was: a copy, in a temporary folder, that knows what was known at an instant and nothing later.

For rehearsals: whatever is done with the copy is gone with it. Left out are the notices with their documents and the
bytes of mails, which no digest is made from. What is not dated stays as it is now: twins, and the filters.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.store import Store, utc

_LEFT_OUT = ("notices", "ties", "bodies", "matches", "search", "_sqlite_migrations", "sqlite_")
"""Tables (by the start of their name) that are not copied."""
_LATER = (
    "DELETE FROM opportunities WHERE first_seen > :now",
    "DELETE FROM versions WHERE at > :now",
    "DELETE FROM digests WHERE created >= :now",
    # What failed or was withdrawn later was still on its way.
    "UPDATE digests SET state = 'pending' WHERE updated > :now AND state IN ('failed', 'withdrawn')",
    "DELETE FROM feedback WHERE said > :now",
    "DELETE FROM suppressed WHERE since > :now",
    "DELETE FROM runs WHERE started > :now",
    "UPDATE runs SET finished = NULL, verdict = NULL WHERE finished > :now",
)


@contextmanager
def as_it_was(store: Store, now: dt.datetime) -> Iterator[Store]:
    """A store of its own that knows what `store` knew at `now`."""
    with TemporaryDirectory(prefix="vestitor-") as folder, Store(Path(folder) / "then.db") as then:
        then.conn.execute("PRAGMA synchronous = OFF")
        then.conn.execute("ATTACH DATABASE ? AS today", [str(store.path)])
        then.conn.execute("BEGIN")  # not IMMEDIATE, which would ask for the write lock of today's store too
        for table in _tables(then):
            _copy(then, table)
        then.conn.execute("COMMIT")
        then.conn.execute("DETACH DATABASE today")
        with then.writing():
            _go_back(then, utc(now))
            for statement in _LATER:
                then.conn.execute(statement, {"now": utc(now)})
        yield then


def _tables(then: Store) -> list[str]:
    """What is copied, opportunities first: other tables refer to them."""
    names = [name for (name,) in then.conn.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
    return sorted((name for name in names if not name.startswith(_LEFT_OUT)), key=lambda name: name != "opportunities")


def _copy(then: Store, table: str) -> None:
    columns = [row[1] for row in then.conn.execute(f"PRAGMA main.table_info({table})")]
    found = ["NULL" if (table, column) == ("digests", "raw") else column for column in columns]
    ours = f"INSERT INTO main.{table} ({', '.join(columns)})"
    then.conn.execute(f"{ours} SELECT {', '.join(found)} FROM today.{table}")  # noqa: S608  (names of our own tables)


def _go_back(then: Store, now: str) -> None:
    """Puts each opportunity that has changed since into the version it had."""
    sql = """SELECT opportunity, max(version) FILTER (WHERE at <= :now), max(at) FILTER (WHERE at <= :now) FROM versions
             GROUP BY opportunity HAVING max(at) > :now AND min(at) <= :now"""
    for id, version, changed in then.conn.execute(sql, {"now": now}).fetchall():
        if one := then.as_of(id, version):
            closes = utc(one.last_deadline.ends) if one.last_deadline else None
            then.conn.execute(
                "UPDATE opportunities SET stage = ?, closes = ?, version = ?, changed = ?, body = ? WHERE id = ?",
                [one.stage.value, closes, version, changed, one.model_dump_json(), id],
            )
