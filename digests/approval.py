"""Approval: digests that staff see before the members do.

They are made and frozen as ever, but begin as `held`, a state no sender takes up. Staff get one mail with the whole
batch; `release` lets digests go, `withdraw` takes them back. What is still held at the next digest is withdrawn.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from digests import staff
from digests.desk import channel
from digests.outbox import write_whole
from pipeline.config import Config
from pipeline.exceptions import VestitorError
from pipeline.ledger import Delivery, Ledger, State

KIND = "hold"
"""What the Message-ID of such a mail to staff starts with."""
ATTACHED_MAX = 8_000_000
"""Bytes of mails attached to the one to staff; mail servers take 10 MB, and base64 is spared by message/rfc822."""


def required(config: Config) -> None:
    """Raises VestitorError where nobody could see the batch."""
    if not config.mail.staff:
        raise VestitorError("nobody can approve: no `mail.staff` in config.yaml; write staff: [you@your-cluster.ro]")


def show(config: Config, ledger: Ledger, now: dt.datetime, late: Sequence[Delivery] = ()) -> int:
    """Puts the mail to staff into the outbox: what is held that they have not seen, and what was `late`; how many."""
    seen = ledger.last_called(f"<{KIND}.")
    new = [one for one in ledger.held(channel(config)) if seen is None or one.created > seen]
    if new or late:
        mails = [(f"{one.member}-{one.id}.eml", ledger.raw(one)) for one in new]
        folder = _too_many_to_attach(config, mails, now)
        text = "\n".join(_text(config, ledger, new, late, folder))
        subject = f"{len(new)} digests wait for your release" if new else f"{len(late)} digests were not released"
        staff.tell(config, ledger, KIND, subject, text, now, () if folder else mails)
    return len(new)


def _too_many_to_attach(config: Config, mails: Iterable[staff.Attached], now: dt.datetime) -> Path | None:
    """The folder the mails were written to; None where they can be attached."""
    mails = list(mails)
    if sum(len(raw) for _, raw in mails) <= ATTACHED_MAX:
        return None
    folder = config.path(config.mail.outbox) / f"held-{now:%Y-%m-%d}"
    for name, raw in mails:
        write_whole(folder / name, raw)
    return folder


def _text(
    config: Config, ledger: Ledger, new: Sequence[Delivery], late: Sequence[Delivery], folder: Path | None
) -> Iterator[str]:
    if late:
        yield "These were not released before the next digest, and were withdrawn. Their lines come again below"
        yield "where they still matter:"
        yield from (f"  {one.id}  {one.member}: {one.subject}" for one in late)
        yield ""
    if new:
        yield "These digests are ready. No member gets one before you release it:"
        yield ""
        for one in new:
            yield f"  {one.id}  {one.member}: {one.subject} ({len(ledger.lines(one))} lines)"
        yield ""
        yield f"Each is a file in {folder}." if folder else "Each is attached: open it as the member will see it."
        yield ""
        yield "All of them:    vestitor release --all"
        yield f"One member's:   vestitor release --member {new[0].member}"
        yield f"Take one back:  vestitor withdraw --member {new[0].member}"
        yield ""
        yield "What is not released before the next digest is withdrawn; its lines go into the next one."


def withdraw_late(config: Config, ledger: Ledger, now: dt.datetime) -> list[Delivery]:
    """Takes back what is held since another day; which."""
    today = now.astimezone(config.zone).date()
    late = [one for one in ledger.held(channel(config)) if one.created.astimezone(config.zone).date() != today]
    for one in late:
        ledger.move(one, State.WITHDRAWN, now, "was not released on its day; its lines go into a new digest")
    return late
