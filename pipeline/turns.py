"""Whose turn it was: when each member was last mailed, paused, or had nothing to be told.

A mail is its own record (the outbox); only turns without one are written here. What a rehearsed clock wrote into the
future does not count before that hour comes.
"""

import datetime as dt
from enum import StrEnum

from pipeline.store import Store, utc


class Outcome(StrEnum):
    """What a member's turn without a mail was."""

    NOTHING = "nothing"
    PAUSED = "paused"


class Turns:
    """The turns of one channel."""

    def __init__(self, store: Store, channel: str) -> None:
        self.store, self.conn, self.channel = store, store.conn, channel

    def note(self, member: str, outcome: Outcome, now: dt.datetime) -> None:
        """The member's turn came at `now` and brought no mail."""
        with self.store.writing() as conn:
            conn.execute(
                "INSERT OR REPLACE INTO turns (member, channel, outcome, at) VALUES (?, ?, ?, ?)",
                [member, self.channel, outcome.value, utc(now)],
            )

    def last(self, member: str, outcome: Outcome, now: dt.datetime) -> dt.datetime | None:
        """When its turn last ended so."""
        sql = "SELECT at FROM turns WHERE member = ? AND channel = ? AND outcome = ? AND at <= ?"
        row = self.conn.execute(sql, [member, self.channel, outcome.value, utc(now)]).fetchone()
        return dt.datetime.fromisoformat(row[0]) if row else None

    def new_since(self, member: str, start: dt.datetime, now: dt.datetime) -> int:
        """How many opportunities it was told of as new, not counting those that were closing, since `start`."""
        sql = """SELECT count(DISTINCT l.opportunity) FROM digests d JOIN lines l ON l.digest = d.id
                 WHERE d.member = ? AND d.channel = ? AND d.created BETWEEN ? AND ?
                 AND d.state NOT IN ('failed', 'withdrawn') AND l.section IN ('new', 'early')"""
        return int(self.conn.execute(sql, [member, self.channel, utc(start), utc(now)]).fetchone()[0])
