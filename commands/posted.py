"""The outbox in words: what `vestitor deliveries` prints."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import click

from digests.staff import STAFF
from pipeline.bounces import Suppressed
from pipeline.ledger import Delivery, State
from pipeline.words import columns, count, moment, paragraph

CUT = 44
"""Characters of a subject in the list."""


def facts(one: Delivery, zone: ZoneInfo) -> dict[str, object]:
    """A mail for a program."""
    return {
        "id": one.id,
        "member": one.member,
        "made": one.created.astimezone(zone).isoformat(),
        "state": one.state.value,
        "subject": one.subject,
        "attempts": one.attempts,
        "next_try": one.next_try.astimezone(zone).isoformat() if one.next_try else None,
        "reply": one.reply,
        "message_id": one.message_id,
    }


def page(found: Sequence[Delivery], last: int, refusing: Sequence[Suppressed], zone: ZoneInfo) -> Iterator[str]:
    """The last mails, newest first, and the addresses that get none."""
    rows: list[tuple[str, ...]] = [("No.", "Made", "Member", "State", "Subject")]
    rows += [_row(one, zone) for one in found[:last]]
    table = columns(rows, numbers=(0,))
    yield table[0] if found else "No mails."
    for line, one in zip(table[1:], found, strict=False):
        yield click.style(line, fg=_COLOURS.get(one.state))
        yield from (paragraph(said, "       ") for said in _said(one, zone))
    if len(found) > last:
        yield f"... and {count(len(found) - last, 'older one')}: --last {len(found)}"
    for bad in refusing:
        yield paragraph(
            f"{bad.address}: no mail since {moment(bad.since, zone)}, because it refused twice: {bad.reply}"
        )
        yield paragraph(f"`vestitor deliveries allow {bad.address}` once it is mended.", "  ")


_COLOURS = {State.UNKNOWN: "red", State.FAILED: "red", State.RETRY: "yellow", State.HELD: "cyan"}


def _row(one: Delivery, zone: ZoneInfo) -> tuple[str, ...]:
    subject = one.subject if len(one.subject) <= CUT else one.subject[: CUT - 3].rstrip() + "..."
    member = "staff" if one.member == STAFF else one.member
    return str(one.id), moment(one.created, zone), member, one.state.value, subject


def _said(one: Delivery, zone: ZoneInfo) -> Iterator[str]:
    if one.state is not State.SENT and one.reply:
        tries = f" ({count(one.attempts, 'try', 'tries')})" if one.attempts > 1 else ""
        yield f"{one.reply}{tries}"
    if one.state is State.RETRY and one.next_try:
        yield f"tried again from {moment(one.next_try, zone)} on"
