"""What members said of single opportunities: `relevant` or not. It holds for that opportunity and its updates."""

import datetime as dt
from dataclasses import dataclass

from pipeline.store import Store, utc


@dataclass(frozen=True, slots=True)
class Feedback:
    """One answer."""

    member: str
    opportunity: str
    relevant: bool


def keep(store: Store, member: str, opportunity: str, relevant: bool, now: dt.datetime) -> None:
    """Remembers it in place of what was said before; what is not relevant is no match any more, at once."""
    with store.writing() as conn:
        conn.execute(
            "INSERT OR REPLACE INTO feedback (member, opportunity, relevant, said) VALUES (?, ?, ?, ?)",
            [member, opportunity, int(relevant), utc(now)],
        )
        if not relevant:
            conn.execute("DELETE FROM matches WHERE member = ? AND opportunity = ?", [member, opportunity])


def said(store: Store) -> dict[str, dict[str, bool]]:
    """Opportunity -> member -> whether it is relevant."""
    found: dict[str, dict[str, bool]] = {}
    for member, opportunity, relevant in store.conn.execute("SELECT member, opportunity, relevant FROM feedback"):
        found.setdefault(opportunity, {})[member] = bool(relevant)
    return found


def since(store: Store, then: dt.datetime) -> list[Feedback]:
    """The answers from that instant on, oldest first."""
    sql = "SELECT member, opportunity, relevant FROM feedback WHERE said >= ? ORDER BY said, member, opportunity"
    rows = store.conn.execute(sql, [utc(then)])
    return [Feedback(member, opportunity, bool(relevant)) for member, opportunity, relevant in rows]
