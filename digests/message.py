"""The message itself: a stdlib EmailMessage whose bytes depend on nothing but what is passed in.

Built here and not by yagmail, whose `send()` rewrites what it is given (HTML in the text part, line breaks doubled,
one Message-ID for equal subjects); only its connection is used, by the sender.
"""

import datetime as dt
import hashlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from digests.render import Office, Rendered

_PLAIN = frozenset({"list-unsubscribe", "list-unsubscribe-post", "list-id", "message-id"})


class MailPolicy(EmailPolicy):
    """policy.SMTP, but header fields made for machines stay one line of plain ASCII.

    The library folds a List-Unsubscribe longer than 77 characters into `=?utf-8?q?`, which no mail program follows
    (cpython#85725, still so in 3.11).
    """

    def fold(self, name: str, value: str) -> str:
        """One header field as text, with its line ends."""
        return self._one_line(name, value) if name.lower() in _PLAIN else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        """One header field as bytes, with its line ends."""
        return (
            self._one_line(name, value).encode("ascii") if name.lower() in _PLAIN else super().fold_binary(name, value)
        )

    def _one_line(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}"


CALENDAR = "termene.ics"
"""Name of the attached file."""
POLICY = MailPolicy(linesep="\r\n")


def message(
    rendered: Rendered,
    address: str,
    office: Office,
    *,
    message_id: str,
    date: dt.datetime,
    one_click: str | None = None,
) -> EmailMessage:
    """The mail to one address. The same arguments give the same bytes, so a resend is the same mail.

    `message_id` is `<local@domain>`, with or without the brackets; `date` is aware; `one_click` the https address that
    takes a POST to unsubscribe: only then is one-click promised (RFC 8058).
    Raises ValueError for an address or id that would break out of its header field.
    """
    mail = EmailMessage(policy=POLICY)
    for name, value in _headers(rendered, address, office, f"<{message_id.strip('<>')}>", date, one_click).items():
        mail[name] = value
    mail.set_content(rendered.text, cte="quoted-printable")
    mail.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    if rendered.calendar:
        mail.add_attachment(
            rendered.calendar, subtype="calendar", cte="base64", params={"method": "PUBLISH"}, filename=CALENDAR
        )
    if rendered.rest:
        mail.add_attachment(rendered.rest.page, subtype="html", cte="quoted-printable", filename=rendered.rest.file)
    mail["Content-Language"] = rendered.language  # last: the parts above take the Content-* fields they find
    _set_boundaries(mail, hashlib.sha256(message_id.encode()).hexdigest()[:24])
    return mail


def _set_boundaries(mail: EmailMessage, seed: str) -> None:
    """Boundaries that are the same each time, and that quoted-printable and base64 never contain."""
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{seed}_{number}")


def _headers(
    rendered: Rendered, address: str, office: Office, message_id: str, date: dt.datetime, one_click: str | None
) -> dict[str, str | Address]:
    click = [f"<{one_click}>"] if one_click else []
    headers: dict[str, str | Address] = {
        "From": Address(display_name=office.name, addr_spec=office.address),
        "To": Address(addr_spec=address),
        "Reply-To": Address(addr_spec=office.reply_to),
        "Subject": " ".join(rendered.subject.split()),
        "Date": format_datetime(date),
        "Message-ID": message_id,
        "List-Id": f"<digest.{office.list_domain}>",
        "List-Unsubscribe": ", ".join([*click, f"<{rendered.unsubscribe}>"]),
        **({"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if click else {}),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Precedence": "bulk",
    }
    if any(
        not str(headers[name]).isascii() or "\n" in str(headers[name]) for name in ("Message-ID", "List-Unsubscribe")
    ):
        raise ValueError(f"not plain ASCII: {message_id}, {rendered.unsubscribe}")
    return headers
