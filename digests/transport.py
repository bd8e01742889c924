"""One SMTP session for all mails of a run, through yagmail's connection, with the final dot under our own control.

yagmail opens and secures the connection; its `send()` is not used: it rewrites the message, opens a session per mail
and sends again after the server has accepted. TLS is verified, which yagmail does not do by itself.
"""

import smtplib
import socket
import ssl
from collections.abc import Callable
from email.utils import parseaddr
from typing import Self

import yagmail

from pipeline.config import Mail
from pipeline.exceptions import VestitorError
from pipeline.ledger import State

SECONDS = 30
DOT_SECONDS = 600
"""RFC 5321 4.5.3.2.6: giving up earlier than ten minutes after the final dot makes duplicates."""
Outcome = tuple[State, str]


class StopSending(VestitorError):
    """The mail server cannot be used as configured (login, certificate, no STARTTLS): no attempt is counted."""


class Unreachable(VestitorError):
    """The mail server is not there now; everything waits for the next run."""


class Session:
    """An SMTP session; a context manager. `send` reports what became of each message."""

    def __init__(self, mail: Mail, password: str | None) -> None:
        self.mail, self.password = mail, password
        self.sender = parseaddr(mail.sender)[1]

    def __enter__(self) -> Self:
        self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.yag.close()

    def _connect(self) -> None:
        context = ssl.create_default_context()
        tls = {"context": context} if self.mail.security == "tls" else {}
        self.yag = yagmail.SMTP(
            user=self.sender,
            host=self.mail.host or "",
            port=self.mail.port,
            smtp_ssl=self.mail.security == "tls",
            smtp_starttls={"context": context} if self.mail.security == "starttls" else False,
            smtp_skip_login=True,
            timeout=SECONDS,
            **tls,
        )
        where = f"{self.mail.host}:{self.mail.port}"
        try:
            self.yag.login()
            if self.mail.user:
                self.yag.smtp.login(self.mail.user, self.password or "")
        except smtplib.SMTPAuthenticationError as error:
            raise StopSending(f"{where} refuses the login of {self.mail.user}: {_said(error)}") from None
        except smtplib.SMTPNotSupportedError as error:
            raise StopSending(f"{where}: {error}; set mail.security to what the server offers") from None
        except ssl.SSLError as error:
            raise StopSending(f"{where}: its certificate or TLS is not acceptable: {error}") from None
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"{where} cannot be reached now: {error}") from None

    def send(self, recipient: str, raw: bytes, at_the_dot: Callable[[], None]) -> Outcome:
        """Hands over one message; `at_the_dot` is called when only the final dot is left to be sent.

        SENT accepted, RETRY refused for now or the line broke before the dot, FAILED refused for good, UNKNOWN the
        line broke after the dot.
        """
        try:
            return self._hand_over(recipient, raw, at_the_dot)
        except smtplib.SMTPServerDisconnected as error:
            self._again()
            return State.RETRY, f"disconnected before the end: {error}"
        except OSError as error:
            self._again()
            return State.RETRY, f"the line broke before the end: {error}"

    def _hand_over(self, recipient: str, raw: bytes, at_the_dot: Callable[[], None]) -> Outcome:
        smtp = self.yag.smtp
        smtp.ehlo_or_helo_if_needed()
        size = [f"size={len(raw)}"] if smtp.has_extn("size") else []
        for command in (lambda: smtp.mail(self.sender, size), lambda: smtp.rcpt(recipient), lambda: smtp.docmd("DATA")):
            code, reply = command()
            if code >= 400:
                return self._refused(code, reply)
        smtp.send(_dot_stuffed(raw))
        at_the_dot()
        return self._finish(smtp)

    def _finish(self, smtp: smtplib.SMTP) -> Outcome:
        assert isinstance(smtp.sock, socket.socket)
        smtp.sock.settimeout(DOT_SECONDS)
        try:
            smtp.send(b".\r\n")
            code, reply = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._again()
            return State.UNKNOWN, f"no answer to the final dot: {error}"
        if smtp.sock is not None:
            smtp.sock.settimeout(SECONDS)
        return (State.SENT, _words(code, reply)) if code < 300 else self._refused(code, reply)

    def _refused(self, code: int, reply: bytes) -> Outcome:
        if code == 421:
            self._again()
        else:
            self.yag.smtp.rset()
        return (State.FAILED if code >= 500 else State.RETRY), _words(code, reply)

    def _again(self) -> None:
        self.yag.smtp.close()
        self._connect()


def _dot_stuffed(raw: bytes) -> bytes:
    body = smtplib._quote_periods(raw)  # type: ignore[attr-defined]  # RFC 5321 4.5.2
    return bytes(body if body.endswith(b"\r\n") else body + b"\r\n")


def _words(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode(errors='replace')}"[:300]


def _said(error: smtplib.SMTPResponseException) -> str:
    return _words(error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b"")
