"""Mails to the office: they leave through the same outbox as digests, so they are tried again, and listed, alike."""

import datetime as dt
import email
import hashlib
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from digests.desk import channel, office_of
from digests.message import POLICY
from digests.paper import Paper, html_of, text_of
from pipeline.config import Config
from pipeline.exceptions import VestitorError
from pipeline.ledger import Ledger

STAFF = "_staff"
"""Stands for a member in the ledger; no member can be called so."""
Attached = tuple[str, bytes]
"""File name and a whole mail."""


def addresses(config: Config) -> tuple[str, ...]:
    """Of `mail.staff`, without names."""
    return tuple(parseaddr(one)[1] for one in config.mail.staff)


def required(config: Config) -> None:
    """Raises VestitorError where there is nobody to tell."""
    if not config.mail.staff:
        raise VestitorError("nobody to mail to: no `mail.staff` in config.yaml; write staff: [you@your-cluster.ro]")


def tell(
    config: Config,
    ledger: Ledger,
    kind: str,
    subject: str,
    text: str,
    now: dt.datetime,
    mails: Sequence[Attached] = (),
    html: str = "",
    lines: Sequence[tuple[str, int, str]] = (),
) -> None:
    """Puts a mail to each address of `mail.staff` into the outbox. `kind` is a short word its Message-ID starts with.

    `mails` are attached so that a click opens them. `lines` (name, version, section) is what the ledger keeps as told.
    """
    messages = []
    for address in addresses(config):
        message_id, raw = compose(config, address, kind, subject, text, now, mails, html)
        messages.append((address, message_id, subject, raw))
    ledger.enqueue(STAFF, channel(config), messages, lines, now)


def tell_paper(
    config: Config, ledger: Ledger, kind: str, paper: Paper, now: dt.datetime, lines: Sequence[tuple[str, int, str]]
) -> None:
    """Puts a laid-out mail to staff into the outbox."""
    tell(config, ledger, kind, paper.subject, text_of(paper), now, html=html_of(paper), lines=lines)


def compose(
    config: Config,
    address: str,
    kind: str,
    subject: str,
    text: str,
    now: dt.datetime,
    mails: Sequence[Attached] = (),
    html: str = "",
) -> tuple[str, bytes]:
    """Message-ID and bytes of such a mail."""
    office = office_of(config)
    key = hashlib.sha256(f"{address} {now.isoformat()} {subject} {text}".encode()).hexdigest()[:12]
    message_id = f"<{kind}.{now:%Y-%m-%d}.{key}@{office.list_domain}>"
    mail = EmailMessage(policy=POLICY)
    mail["From"] = Address(display_name=office.name, addr_spec=office.address)
    mail["To"] = Address(addr_spec=address)
    mail["Subject"] = " ".join(subject.split())
    mail["Date"], mail["Message-ID"] = format_datetime(now), message_id
    mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"] = "auto-generated", "All"
    mail.set_content(text, cte="quoted-printable")
    if html:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
    for name, raw in mails:
        mail.add_attachment(email.message_from_bytes(raw, policy=POLICY), filename=name)
    return message_id, mail.as_bytes()
