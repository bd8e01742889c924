"""The ledger: whom each opportunity concerns, what each member was told, and the outbox with its frozen bytes.

A digest passes pending -> sending -> dot -> sent; `dot` is written just before the final dot of the SMTP dialogue, so a
row that is still there after a crash is the only one whose fate is unknown, and it is never sent again by itself.
Where staff approve digests first, they begin as held, and only a person moves them on.
Every step is taken only from the states before it: two senders, should they ever meet, cannot both reach the dot.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pipeline import bounces
from pipeline.exceptions import VestitorError
from pipeline.store import Kept, Store, utc


class State(StrEnum):
    """Where a digest is on its way.

    The lines of FAILED and WITHDRAWN ones return to the next digest; HELD and UNKNOWN ones wait for a person.
    """

    HELD = "held"
    PENDING = "pending"
    SENDING = "sending"
    DOT = "dot"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


BEFORE = {
    State.HELD: (),
    State.PENDING: (State.SENDING, State.UNKNOWN, State.FAILED, State.HELD),
    State.SENDING: (State.PENDING, State.RETRY),
    State.DOT: (State.SENDING,),
    State.SENT: (State.SENDING, State.DOT, State.UNKNOWN),
    State.RETRY: (State.SENDING, State.DOT, State.UNKNOWN),
    State.FAILED: (State.SENDING, State.DOT, State.UNKNOWN, State.SENT),
    State.UNKNOWN: (State.DOT, State.UNKNOWN),
    State.WITHDRAWN: (State.PENDING, State.RETRY, State.HELD),
}
"""The states from which each state is reached."""
TRIED = frozenset({State.SENT, State.RETRY, State.FAILED, State.UNKNOWN})
BACKOFF = dt.timedelta(minutes=5)
LONGEST = dt.timedelta(hours=24)
TRIES = 8
READ_MAX = 10_000
"""Opportunities held in memory while digests are made: about 100 MB."""


@dataclass(frozen=True, slots=True)
class Matching:
    """A match as stored: the opportunity it is about and the filter's own account of why."""

    kept: Kept
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToldOf:
    """What a member was last told of an opportunity: its version then, and its version now."""

    version: int
    newest: int
    sections: frozenset[str]
    last: dt.datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of the outbox to one recipient; `Ledger.raw` has its bytes."""

    id: int
    member: str
    recipient: str
    created: dt.datetime
    message_id: str
    subject: str
    state: State
    attempts: int
    reply: str | None
    next_try: dt.datetime | None = None
    """When a RETRY is due."""


class Overtaken(VestitorError):
    """Another sender has taken this delivery: this one lets go of it."""


class Ledger:
    """Matches, deliveries and told lines of a store."""

    def __init__(self, store: Store) -> None:
        self.store, self.conn = store, store.conn
        self._read: dict[tuple[str, int], Kept] = {}

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
                "INSERT INTO matches (member, opportunity, version, score, body, tagged) VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
        return len(rows)

    def twins(self) -> dict[str, str]:
        """Id -> id of the opportunity that speaks for it."""
        return dict(self.conn.execute("SELECT opportunity, main FROM twins"))

    def replace_twins(self, live: Iterable[str], spoken: Mapping[str, str]) -> None:
        """Remembers which of the live opportunities another one speaks for; of others, what was known stays."""
        with self.store.writing() as conn:
            conn.executemany("DELETE FROM twins WHERE opportunity = ?", [(id,) for id in live])
            conn.executemany("INSERT INTO twins (opportunity, main) VALUES (?, ?)", spoken.items())

    def matches(self, member: str) -> Iterator[Matching]:
        """The member's matches, best first."""
        sql = """SELECT o.id, o.version, m.body FROM matches m JOIN opportunities o ON o.id = m.opportunity
                 WHERE m.member = ? ORDER BY m.score DESC, o.closes IS NULL, o.closes, o.id"""
        for id, version, body in self.conn.execute(sql, [member]):
            if kept := self._kept(id, version):
                yield Matching(kept, json.loads(body))

    def _kept(self, id: str, version: int) -> Kept | None:
        """Read once for all members it matches: a version never changes."""
        if (id, version) not in self._read and (kept := self.store.get(id)):
            if len(self._read) >= READ_MAX:
                self._read.clear()
            self._read[id, version] = kept
        return self._read.get((id, version))

    def match_count(self) -> dict[str, int]:
        """Matches per member."""
        return dict(self.conn.execute("SELECT member, count(*) FROM matches GROUP BY member ORDER BY member"))

    # What was told

    def told(self, member: str, channel: str) -> dict[str, ToldOf]:
        """What the member was told through the channel, by opportunity; what is on its way or unknown counts too.

        What was told of a twin counts as told of the one that speaks for it, as that was then or came to be known.
        """
        then = """SELECT max(v.version) FROM versions v
                  WHERE v.opportunity = o.id AND v.at <= max(d.created, o.first_seen)"""
        sql = f"""SELECT o.id, iif(t.main IS NULL, l.version, ({then})), o.version, l.section, d.created
                 FROM lines l JOIN digests d ON d.id = l.digest LEFT JOIN twins t ON t.opportunity = l.opportunity
                 JOIN opportunities o ON o.id = coalesce(t.main, l.opportunity)
                 WHERE l.member = ? AND d.channel = ? AND d.state NOT IN ('failed', 'withdrawn')
                 ORDER BY d.created, d.id"""
        told: dict[str, tuple[int, int, str]] = {}
        sections: dict[str, set[str]] = {}
        for id, version, newest, section, created in self.conn.execute(sql, [member, channel]):
            told[id] = (version, newest, created)
            sections.setdefault(id, set()).add(section)
        return {
            id: ToldOf(version, newest, frozenset(sections[id]), dt.datetime.fromisoformat(last))
            for id, (version, newest, last) in told.items()
        }

    def last_digest(self, member: str, channel: str, now: dt.datetime) -> dt.datetime | None:
        """When the member's last digest until `now` was made; what a rehearsed clock made in the future is none."""
        sql = """SELECT max(created) FROM digests
                 WHERE member = ? AND channel = ? AND created <= ? AND state NOT IN ('failed', 'withdrawn')"""
        last = self.conn.execute(sql, [member, channel, utc(now)]).fetchone()[0]
        return dt.datetime.fromisoformat(last) if last else None

    # The outbox

    def enqueue(
        self,
        member: str,
        channel: str,
        messages: Iterable[tuple[str, str, str, bytes]],
        lines: Sequence[tuple[str, int, str]],
        now: dt.datetime,
        state: State = State.PENDING,
    ) -> None:
        """Puts a digest into the outbox: (recipient, message id, subject, bytes) per address, with what it tells."""
        with self.store.writing() as conn:
            for recipient, message_id, subject, raw in messages:
                cursor = conn.execute(
                    """INSERT INTO digests
                       (member, recipient, created, message_id, subject, raw, channel, state, updated)
                       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                    [member, recipient, utc(now), message_id, subject, raw, channel, state.value, utc(now)],
                )
                rows = [(cursor.lastrowid, member, id, version, section) for id, version, section in lines]
                conn.executemany(
                    "INSERT INTO lines (digest, member, opportunity, version, section) VALUES (?, ?, ?, ?, ?)", rows
                )

    def recover(self, now: dt.datetime) -> list[Delivery]:
        """After a crash: what was being sent is sent again; what stood at its final dot is unknown, and returned."""
        lost = self.deliveries(State.DOT)
        with self.store.writing() as conn:
            conn.execute("UPDATE digests SET state = 'pending', updated = ? WHERE state = 'sending'", [utc(now)])
        for delivery in lost:
            self.move(delivery, State.UNKNOWN, now, "interrupted at the final dot")
        return lost

    def unsent(self, channel: str) -> list[Delivery]:
        """What is on its way, due or not, oldest first."""
        return list(self._deliveries("channel = ? AND state IN ('pending', 'retry')", [channel]))

    def held(self, channel: str) -> list[Delivery]:
        """What waits for a person to release it, oldest first."""
        return list(self._deliveries("channel = ? AND state = 'held'", [channel]))

    def due(self, channel: str, now: dt.datetime) -> list[Delivery]:
        """What can be sent now, oldest first. A wait longer than the longest there is was set by another clock."""
        where = """channel = ? AND state IN ('pending', 'retry')
                   AND (next_try IS NULL OR next_try <= ? OR next_try > ?)"""
        return list(self._deliveries(where, [channel, utc(now), utc(now + LONGEST)]))

    def shared(self, delivery: Delivery) -> bool:
        """Whether another address of the member has, or may have, got the same digest."""
        sql = """SELECT count(*) FROM digests o JOIN digests d USING (member, channel, created)
                 WHERE d.id = ? AND o.state IN ('dot', 'sent', 'unknown')"""
        return bool(self.conn.execute(sql, [delivery.id]).fetchone()[0])

    def lines(self, delivery: Delivery) -> list[tuple[str, int]]:
        """What it tells: id and version of each opportunity."""
        sql = "SELECT opportunity, version FROM lines WHERE digest = ? ORDER BY opportunity"
        return [(id, version) for id, version in self.conn.execute(sql, [delivery.id])]

    def told_since(self, delivery: Delivery) -> list[int]:
        """The numbers of later deliveries that tell the member something of what this one tells."""
        sql = """SELECT DISTINCT d.id FROM digests o JOIN lines l ON l.digest = o.id
                 JOIN lines m USING (member, opportunity) JOIN digests d ON d.id = m.digest
                 WHERE o.id = ? AND d.channel = o.channel AND d.created > o.created
                 AND d.state NOT IN ('failed', 'withdrawn') ORDER BY d.id"""
        return [number for (number,) in self.conn.execute(sql, [delivery.id])]

    def called(self, message_id: str) -> Delivery | None:
        """The delivery of that Message-ID."""
        return next(self._deliveries("message_id = ?", [message_id]), None)

    def last_called(self, start: str) -> dt.datetime | None:
        """When the last mail was made whose Message-ID starts so."""
        sql = "SELECT max(created) FROM digests WHERE substr(message_id, 1, ?) = ?"
        last = self.conn.execute(sql, [len(start), start]).fetchone()[0]
        return dt.datetime.fromisoformat(last) if last else None

    def deliveries(self, *states: State) -> list[Delivery]:
        """Deliveries in these states, newest first; all without any."""
        marks = ",".join("?" * len(states))
        return list(self._deliveries(f"state IN ({marks})" if states else "1", list(states)))[::-1]

    def _deliveries(self, where: str, values: Sequence[str]) -> Iterator[Delivery]:
        sql = f"""SELECT id, member, recipient, message_id, subject, attempts, reply, created, state, next_try
                  FROM digests WHERE {where} ORDER BY created, id"""
        for id, member, recipient, message_id, subject, tries, reply, created, state, next_try in self.conn.execute(
            sql, values
        ):
            at, due = dt.datetime.fromisoformat(created), dt.datetime.fromisoformat(next_try) if next_try else None
            yield Delivery(id, member, recipient, at, message_id, subject, State(state), tries, reply, due)

    def raw(self, delivery: Delivery) -> bytes:
        """The bytes as they were frozen."""
        return bytes(self.conn.execute("SELECT raw FROM digests WHERE id = ?", [delivery.id]).fetchone()[0])

    def mails_to(self, member: str) -> int:
        """How many mails were ever made for the member."""
        return int(self.conn.execute("SELECT count(*) FROM digests WHERE member = ?", [member]).fetchone()[0])

    def move(
        self, delivery: Delivery, state: State, now: dt.datetime, reply: str | None = None, hard: bool = False
    ) -> None:
        """Records where a delivery is; on the disk before this returns. Raises Overtaken where it cannot get there.

        `hard`: it was refused because there is no such address; the second time in a row suppresses the address.
        """
        next_try = utc(now + min(BACKOFF * 2**delivery.attempts, LONGEST)) if state is State.RETRY else None
        change = [state.value, reply, int(state in TRIED), next_try, int(hard), utc(now), delivery.id, *BEFORE[state]]
        with self.store.writing() as conn:
            moved = conn.execute(
                f"""UPDATE digests SET state = ?, reply = coalesce(?, reply), attempts = attempts + ?, next_try = ?,
                    hard = ?, updated = ? WHERE id = ? AND state IN ({",".join("?" * len(BEFORE[state]))})""",
                change,
            ).rowcount
            if moved and hard:
                bounces.note(conn, delivery.recipient, reply or "", now)
        if not moved:
            raise Overtaken(f"delivery {delivery.id} to {delivery.member} was taken by another vestitor command")
