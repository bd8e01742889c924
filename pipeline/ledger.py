"""The ledger: whom each opportunity concerns, what each member was told, and the outbox with its frozen bytes.

A digest passes pending -> sending -> dot -> sent; `dot` is written just before the final dot of the SMTP dialogue, so a
row that is still there after a crash is the only one whose fate is unknown, and it is never sent again by itself.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pipeline.opportunity import Opportunity
from pipeline.store import Kept, Store, utc


class State(StrEnum):
    """Where a digest is on its way. FAILED lines return to the next digest; UNKNOWN ones wait for a person."""

    PENDING = "pending"
    SENDING = "sending"
    DOT = "dot"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNKNOWN = "unknown"


DUE = (State.PENDING, State.RETRY)
BACKOFF = dt.timedelta(minutes=5)
LONGEST = dt.timedelta(hours=24)
TRIES = 8


@dataclass(frozen=True, slots=True)
class Matching:
    """A match as stored: the opportunity it is about and the filter's own account of why."""

    kept: Kept
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToldOf:
    """What a member was last told of an opportunity."""

    opportunity: Opportunity
    version: int
    sections: frozenset[str]
    last: dt.datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of the outbox to one recipient."""

    id: int
    member: str
    recipient: str
    created: dt.datetime
    message_id: str
    subject: str
    state: State
    attempts: int
    reply: str | None
    raw: bytes


class Ledger:
    """Matches, deliveries and told lines of a store."""

    def __init__(self, store: Store) -> None:
        self.store, self.conn = store, store.conn

    # Filters and matches

    def good_filters(self) -> dict[str, str]:
        """File name -> text of the filter files that last loaded."""
        return dict(self.conn.execute("SELECT name, text FROM filters"))

    def keep_filters(self, texts: Mapping[str, str], now: dt.datetime) -> None:
        """Remembers these texts as the ones in force."""
        with self.store.writing() as conn:
            conn.execute("DELETE FROM filters")
            rows = [(name, text, utc(now)) for name, text in texts.items()]
            conn.executemany("INSERT INTO filters (name, text, loaded) VALUES (?, ?, ?)", rows)

    def replace_matches(self, matches: Iterable[tuple[str, Kept, int, Mapping[str, Any]]], now: dt.datetime) -> int:
        """Puts these (member, opportunity, score, body) in place of all matches; how many there are."""
        rows = [
            (member, kept.opportunity.id, kept.version, score, json.dumps(body, ensure_ascii=False), utc(now))
            for member, kept, score, body in matches
        ]
        with self.store.writing() as conn:
            conn.execute("DELETE FROM matches")
            conn.executemany(
                "INSERT INTO matches (member, opportunity, version, score, body, tagged) VALUES (?, ?, ?, ?, ?, ?)", rows
            )
        return len(rows)

    def matches(self, member: str) -> Iterator[Matching]:
        """The member's matches, best first."""
        sql = """SELECT o.*, m.body FROM matches m JOIN opportunities o ON o.id = m.opportunity
                 WHERE m.member = ? ORDER BY m.score DESC, o.closes IS NULL, o.closes, o.id"""
        for row in self.conn.execute(sql, [member]):
            yield Matching(self.store.kept(row[:-1]), json.loads(row[-1]))

    def match_count(self) -> dict[str, int]:
        """Matches per member."""
        return dict(self.conn.execute("SELECT member, count(*) FROM matches GROUP BY member ORDER BY member"))

    # What was told

    def told(self, member: str, channel: str) -> dict[str, ToldOf]:
        """What the member was told through the channel, by opportunity; what is on its way counts, what failed does not."""
        sql = """SELECT l.opportunity, l.version, l.section, d.created FROM lines l JOIN digests d ON d.id = l.digest
                 WHERE l.member = ? AND d.channel = ? AND d.state != 'failed' ORDER BY d.created, d.id"""
        told: dict[str, list[tuple[int, str, str]]] = {}
        for id, version, section, created in self.conn.execute(sql, [member, channel]):
            told.setdefault(id, []).append((version, section, created))
        return {id: entry for id, lines in told.items() if (entry := self._told(id, lines)) is not None}

    def _told(self, id: str, lines: Sequence[tuple[int, str, str]]) -> ToldOf | None:
        version, _, last = lines[-1]
        opportunity = self.store.as_of(id, version)
        if opportunity is None:
            return None
        return ToldOf(opportunity, version, frozenset(s for _, s, _ in lines), dt.datetime.fromisoformat(last))

    def last_digest(self, member: str, channel: str) -> dt.datetime | None:
        """When the member's last digest was made."""
        sql = "SELECT max(created) FROM digests WHERE member = ? AND channel = ? AND state != 'failed'"
        last = self.conn.execute(sql, [member, channel]).fetchone()[0]
        return dt.datetime.fromisoformat(last) if last else None

    # The outbox

    def enqueue(
        self,
        member: str,
        channel: str,
        messages: Iterable[tuple[str, str, str, bytes]],
        lines: Sequence[tuple[str, int, str]],
        now: dt.datetime,
    ) -> None:
        """Puts a digest into the outbox: (recipient, message id, subject, bytes) per address, with what it tells."""
        with self.store.writing() as conn:
            for recipient, message_id, subject, raw in messages:
                cursor = conn.execute(
                    """INSERT INTO digests (member, recipient, created, message_id, subject, raw, channel, state, updated)
                       VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?)""",
                    [member, recipient, utc(now), message_id, subject, raw, channel, utc(now)],
                )
                rows = [(cursor.lastrowid, member, id, version, section) for id, version, section in lines]
                conn.executemany(
                    "INSERT INTO lines (digest, member, opportunity, version, section) VALUES (?, ?, ?, ?, ?)", rows
                )

    def recover(self, now: dt.datetime) -> int:
        """After a crash: what was being sent is sent again, what stood at its final dot is unknown; how many of those."""
        with self.store.writing() as conn:
            conn.execute("UPDATE digests SET state = 'pending', updated = ? WHERE state = 'sending'", [utc(now)])
            lost = "UPDATE digests SET state = 'unknown', reply = ?, updated = ? WHERE state = 'dot'"
            return conn.execute(lost, ["interrupted at the final dot", utc(now)]).rowcount

    def due(self, channel: str, now: dt.datetime) -> list[Delivery]:
        """What can be sent now, oldest first."""
        where = "channel = ? AND state IN ('pending', 'retry') AND (next_try IS NULL OR next_try <= ?)"
        return list(self._deliveries(where, [channel, utc(now)]))

    def waiting(self, member: str, channel: str) -> bool:
        """Whether a digest of the member is still on its way, so that no second one is made."""
        return any(self._deliveries("member = ? AND channel = ? AND state IN ('pending', 'retry', 'sending', 'dot')", [member, channel]))

    def deliveries(self, *states: State) -> list[Delivery]:
        """Deliveries in these states, newest first; all without any."""
        marks = ",".join("?" * len(states))
        return list(self._deliveries(f"state IN ({marks})" if states else "1", list(states)))[::-1]

    def _deliveries(self, where: str, values: Sequence[str]) -> Iterator[Delivery]:
        sql = f"""SELECT id, member, recipient, created, message_id, subject, state, attempts, reply, raw
                  FROM digests WHERE {where} ORDER BY created, id"""
        for id, member, recipient, created, message_id, subject, state, attempts, reply, raw in self.conn.execute(sql, values):
            at = dt.datetime.fromisoformat(created)
            yield Delivery(id, member, recipient, at, message_id, subject, State(state), attempts, reply, raw or b"")

    def move(self, delivery: Delivery, state: State, now: dt.datetime, reply: str | None = None) -> None:
        """Records where a delivery is; committed to the disk before this returns."""
        with self.store.writing() as conn:
            tries = delivery.attempts + (state in (State.SENT, State.RETRY, State.FAILED, State.UNKNOWN))
            next_try = utc(now + min(BACKOFF * 2**delivery.attempts, LONGEST)) if state is State.RETRY else None
            conn.execute(
                """UPDATE digests SET state = ?, reply = coalesce(?, reply), attempts = ?, next_try = ?, updated = ?
                   WHERE id = ?""",
                [state.value, reply, tries, next_try, utc(now), delivery.id],
            )
