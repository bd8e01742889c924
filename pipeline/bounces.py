"""Addresses that do not exist any more: which refusals say so, and who gets no mail because of them.

An address is suppressed when the last two mails to it whose fate is known were refused because there is no such
address, at once or in a report that came later. Only a person lifts that. Nothing is kept but the address, the hour
and the status.
"""

import datetime as dt
import re
import sqlite3
from dataclasses import dataclass

from pipeline.store import Store, utc

TWICE = 2
_STATUS = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
_NO_SUCH_ADDRESS = re.compile(r"5\.1\.\d+|5\.2\.1")
"""RFC 3463: X.1.* is about the address, X.2.1 a mailbox that is disabled; X.2.2 (full) and X.7.* (policy) are not."""
_OURS = re.compile(r"relay|denied|polic|spam|block|blacklist|authenticat", re.IGNORECASE)
"""What a server says that does not want us, whoever is written to."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """An address that gets no mail, since when and what its server said last."""

    address: str
    since: dt.datetime
    reply: str


def is_hard(code: int, text: str) -> bool:
    """Whether an answer to RCPT says that there is no such address, as opposed to "not now" or "not from you"."""
    if status := _STATUS.search(text):
        return bool(_NO_SUCH_ADDRESS.fullmatch(status[0]))
    return code in (550, 551, 553) and not _OURS.search(text)


def note(conn: sqlite3.Connection, address: str, reply: str, now: dt.datetime) -> None:
    """Suppresses the address if its last two mails bounced; within the transaction that records the second."""
    sql = """SELECT hard FROM digests WHERE lower(recipient) = lower(?) AND (state = 'sent' OR hard)
             ORDER BY created DESC, id DESC LIMIT ?"""
    last = [hard for (hard,) in conn.execute(sql, [address, TWICE])]
    if last == [1] * TWICE:
        row = [address.lower(), utc(now), reply]
        conn.execute("INSERT OR IGNORE INTO suppressed (address, since, reply) VALUES (?, ?, ?)", row)


def suppressed(store: Store) -> dict[str, Suppressed]:
    """By address, in small letters."""
    rows = store.conn.execute("SELECT address, since, reply FROM suppressed ORDER BY address")
    return {address: Suppressed(address, dt.datetime.fromisoformat(at), reply) for address, at, reply in rows}


def allow(store: Store, address: str) -> None:
    """Mail to the address again; what it refused before does not count any more."""
    with store.writing() as conn:
        conn.execute("DELETE FROM suppressed WHERE address = lower(?)", [address])
        conn.execute("UPDATE digests SET hard = 0 WHERE lower(recipient) = lower(?)", [address])
