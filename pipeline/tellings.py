"""What a member was told of one opportunity, mail by mail, and its twins: the ledger read for `explain`."""

import datetime as dt
from dataclasses import dataclass

from pipeline.ledger import State
from pipeline.store import Store, utc


@dataclass(frozen=True, slots=True)
class Telling:
    """A digest that held the opportunity: when it was made, what became of it, under which heading it stood."""

    made: dt.datetime
    state: State
    section: str
    version: int
    reply: str | None


def tellings(store: Store, member: str, opportunity: str, channel: str) -> list[Telling]:
    """Every digest with it for the member, oldest first; one for all the member's addresses that fared alike."""
    sql = """SELECT d.created, d.state, l.section, l.version, d.reply
             FROM lines l JOIN digests d ON d.id = l.digest
             WHERE l.member = ? AND l.opportunity = ? AND d.channel = ?
             GROUP BY d.created, d.state ORDER BY d.created"""
    return [
        Telling(dt.datetime.fromisoformat(made), State(state), section, version, reply)
        for made, state, section, version, reply in store.conn.execute(sql, [member, opportunity, channel])
    ]


def speaker(store: Store, opportunity: str) -> str:
    """The id under which it is told: its own, or that of the twin that speaks for both."""
    row = store.conn.execute("SELECT main FROM twins WHERE opportunity = ?", [opportunity]).fetchone()
    return str(row[0]) if row else opportunity


def spoken_for(store: Store, opportunity: str) -> list[str]:
    """The twins it speaks for."""
    rows = store.conn.execute("SELECT opportunity FROM twins WHERE main = ? ORDER BY opportunity", [opportunity])
    return [str(row[0]) for row in rows]


def told_since(store: Store, then: dt.datetime, channel: str) -> tuple[int, int]:
    """How many digests members accepted from that instant on, and how many lines were in them."""
    sql = """SELECT count(DISTINCT d.member || d.created), count(DISTINCT d.member || d.created || l.opportunity)
             FROM digests d JOIN lines l ON l.digest = d.id
             WHERE d.state = 'sent' AND d.channel = ? AND d.created >= ? AND substr(d.member, 1, 1) <> '_'"""
    digests, lines = store.conn.execute(sql, [channel, utc(then)]).fetchone()
    return int(digests), int(lines)


def last_said(store: Store, member: str, channel: str) -> dict[str, str]:
    """What each line last told a reader that is no member (the office): line -> section.

    Of mails that failed or were withdrawn, nothing was told; what is on its way counts.
    """
    sql = """SELECT l.opportunity, l.section FROM lines l JOIN digests d ON d.id = l.digest
             WHERE l.member = ? AND d.channel = ? AND d.state NOT IN ('failed', 'withdrawn') ORDER BY d.created, d.id"""
    return dict(store.conn.execute(sql, [member, channel]).fetchall())
