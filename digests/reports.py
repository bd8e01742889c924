"""Reports of mail servers that a mail did not arrive after all (RFC 3464), read from a mailbox. Nothing else is read.

Of a report only its Message-ID of ours and its status are taken: the rest is other people's words.
"""

import datetime as dt
import email.policy
import re
from dataclasses import dataclass
from email.message import Message

from pipeline.bounces import is_hard
from pipeline.ledger import Ledger, Overtaken, State

_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_OURS = re.compile(r"^message-id:\s*(<[^<>\s]{3,250}>)", re.IGNORECASE | re.MULTILINE)
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that did not arrive, and the status its last server gave, such as 5.1.1."""

    message_id: str
    status: str


def read_report(message: Message) -> Bounce | None:
    """The bounce a mail reports; None for any other mail, and where a mail is only late."""
    if message.get_content_type() != "multipart/report":
        return None
    status = next((found for part in message.walk() if (found := _failed(part))), None)
    ours = next((found for part in message.walk() if (found := _returned(part))), None)
    return Bounce(ours, status) if status and ours else None


def _failed(part: Message) -> str | None:
    """The status of a recipient the mail could not be delivered to for good."""
    if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
        return None
    for block in part.get_payload():
        found = _STATUS.match(str(block.get("Status", "")))  # type: ignore[union-attr]
        if found and found[1][0] == "5" and str(block.get("Action", "")).strip().lower() == "failed":  # type: ignore[union-attr]
            return found[1]
    return None


def _returned(part: Message) -> str | None:
    """The Message-ID of the mail that comes back, whole or only its header."""
    if part.get_content_type() not in _RETURNED:
        return None
    found = _OURS.search(part.as_bytes(policy=email.policy.compat32).decode("ascii", "replace"))
    return found[1] if found else None


def take(ledger: Ledger, bounce: Bounce, now: dt.datetime) -> str:
    """Records it, and says so without an address; empty where it is of no mail of ours, or was known."""
    one = ledger.called(bounce.message_id)
    if one is None or one.state not in (State.SENT, State.UNKNOWN):
        return ""
    hard = is_hard(550, bounce.status)
    try:
        ledger.move(one, State.FAILED, now, f"came back: {bounce.status}", hard)
    except Overtaken:
        return ""
    return f"{one.member}: mail {one.id} came back ({bounce.status}); its lines go into the next digest."
