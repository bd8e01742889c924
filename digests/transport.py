"""One SMTP session for all mails of a run, through yagmail's connection, with the final dot under our own control.

yagmail opens and secures the connection; its `send()` is not used: it rewrites the message, opens a session per mail
and sends again after the server has accepted. TLS is verified, which yagmail does not do by itself.
"""

import datetime as dt
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.utils import parseaddr
from functools import partial
from typing import Any, NamedTuple, Self

import yagmail

from pipeline.bounces import is_hard
from pipeline.config import PASSWORD_VARIABLE, Mail
from pipeline.exceptions import VestitorError
from pipeline.ledger import State

SECONDS = 30
DOT_SECONDS = 600
"""RFC 5321 4.5.3.2.6: giving up earlier than ten minutes after the final dot makes duplicates."""
BREAKS = 3
"""Lines that may break one after the other: a server that swallows mails must not swallow a whole run."""


class Handed(NamedTuple):
    """What became of a message, and what the server said."""

    state: State
    reply: str
    hard: bool = False
    """There is no such address."""


class Server(NamedTuple):
    """What a mail server says of itself."""

    size_max: int | None
    """Bytes of the largest mail it takes; None where it does not say."""
    certificate_until: dt.datetime | None
    """None without TLS."""
    refuses_us: str | None
    """What it answers to our sender's address, where that is no yes."""


class Refusal(NamedTuple):
    """An answer that was not what it takes to go on."""

    code: int
    reply: bytes
    to_recipient: bool = False
    """It was the answer to RCPT: what is wrong is the address, or how we are with it."""


class StopSending(VestitorError):
    """The mail server cannot be used as configured (login, certificate, no STARTTLS): no attempt is counted."""


class Unreachable(VestitorError):
    """The mail server is not there now; everything waits for the next run."""


class Session:
    """An SMTP session; a context manager. `ready` before each message, then `send`, which says what became of it."""

    def __init__(
        self, mail: Mail, password: str | None, seconds: float = SECONDS, dot_seconds: float = DOT_SECONDS
    ) -> None:
        self.mail, self.password, self.sender = mail, password, parseaddr(mail.sender)[1]
        self.seconds, self.dot_seconds = seconds, dot_seconds
        self._where = f"{mail.host}:{mail.port}"
        self._line: smtplib.SMTP | None = None
        self._breaks = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Says goodbye; but not from the middle of a message, where QUIT would be one more line of it."""
        if self._line is not None and kind is None:
            with suppress(OSError):
                self._line.quit()
        self._drop()

    def ready(self) -> None:
        """Connects where there is no line; raises StopSending or Unreachable."""
        if self._breaks >= BREAKS:
            raise Unreachable(f"{self._where} broke the line three times in a row")
        if self._line is None:
            self._connect()

    def _connect(self) -> None:
        yag = self._yag()
        try:
            self._open(yag)
        except OSError as error:  # smtplib's errors are OSErrors
            if yag.smtp is not None:
                yag.smtp.close()
            raise self._why_not(error) from None
        finally:
            yag.is_closed = True  # or it says QUIT once more when it is forgotten

    def _yag(self) -> yagmail.SMTP:
        return yagmail.SMTP(
            user=self.sender,
            host=self.mail.host or "",
            port=self.mail.port,
            smtp_skip_login=True,
            soft_email_validation=False,
            timeout=self.seconds,
            **_security(self.mail.security),
        )

    def _open(self, yag: yagmail.SMTP) -> None:
        if self.mail.user and not self.password:
            raise StopSending(f"no password for {self.mail.user}: set {PASSWORD_VARIABLE} or mail.password_file")
        yag.login()
        yag.smtp.ehlo_or_helo_if_needed()
        if self.mail.user:
            yag.smtp.login(self.mail.user, self.password)
        yag.smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the dot would wait 40 ms for company
        self._line = yag.smtp

    def _why_not(self, error: Exception) -> VestitorError:
        match error:
            case smtplib.SMTPAuthenticationError(smtp_code=code) if code >= 500:
                return StopSending(f"{self._where} refuses the login of {self.mail.user}: {_said(error)}")
            case smtplib.SMTPNotSupportedError():
                return StopSending(f"{self._where}: {error}; set mail.security to what the server offers")
            case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
                return Unreachable(f"{self._where} cannot be reached now: {error}")
            case ssl.SSLError():
                return StopSending(f"{self._where}: its certificate or TLS is not acceptable: {error}")
        if type(error) is smtplib.SMTPException:
            return StopSending(f"{self._where}: {error}")  # no way to log in that both sides know
        return Unreachable(f"{self._where} cannot be reached now: {_said(error)}")

    def about(self) -> Server:
        """What the server says of itself, and whether it would take a mail from us; nothing is sent."""
        assert self._line is not None, "ready() comes first"
        size = self._line.esmtp_features.get("size", "")
        shown = self._line.sock.getpeercert() if isinstance(self._line.sock, ssl.SSLSocket) else None
        ends = str(shown["notAfter"]) if shown else None
        code, reply = self._line.mail(self.sender)
        self._reset()
        return Server(
            size_max=int(size) if size.isdigit() and int(size) else None,
            certificate_until=dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), dt.UTC) if ends else None,
            refuses_us=None if code == 250 else _words(code, reply),
        )

    def send(self, recipient: str, raw: bytes, at_the_dot: Callable[[], None]) -> Handed:
        """Hands over one message; `at_the_dot` is called when only the final dot is left to be sent.

        SENT accepted, RETRY refused for now or the line broke before the dot, FAILED refused for good, UNKNOWN the
        line broke after the dot.
        """
        assert self._line is not None, "ready() comes first"
        try:
            if refusal := self._hand_over(self._line, recipient, _dot_stuffed(raw)):
                return self._refused(refusal)
            at_the_dot()
            _still_there(self._line)
        except OSError as error:
            return self._broke(State.RETRY, f"the line broke before the end: {error}")
        except ValueError as error:
            said = f"this address cannot be written in a mail dialogue: {error}"
            return self._refused(Refusal(553, said.encode(), to_recipient=True))
        return self._finish(self._line)

    def _hand_over(self, line: smtplib.SMTP, recipient: str, body: bytes) -> Refusal | None:
        """Everything but the final dot; what the server said where that was not what it takes to go on."""
        size = [f"size={len(body)}"] if line.has_extn("size") else []
        mail, rcpt, data = (
            partial(line.mail, self.sender, size),
            partial(line.rcpt, recipient),
            partial(line.docmd, "DATA"),
        )
        for wanted, say in ((2, mail), (2, rcpt), (3, data)):
            code, reply = say()
            if say is mail and code in (530, 535, 538):
                raise StopSending(f"{self._where} wants a login or encryption first: {_words(code, reply)}")
            if code // 100 != wanted:
                return Refusal(code, reply, say is rcpt)
        line.send(body)
        return None

    def _finish(self, line: smtplib.SMTP) -> Handed:
        line.sock.settimeout(self.dot_seconds)  # type: ignore[union-attr]
        try:
            line.send(b".\r\n")
            code, reply = line.getreply()
            line.sock.settimeout(self.seconds)  # type: ignore[union-attr]
        except OSError as error:
            return self._broke(State.UNKNOWN, f"no answer to the final dot: {error}")
        if code // 100 == 2:
            self._breaks = 0
            return Handed(State.SENT, _words(code, reply))
        if code // 100 in (4, 5):
            return self._refused(Refusal(code, reply))
        return self._broke(State.UNKNOWN, f"no answer to the final dot, but {_words(code, reply)}")

    def _refused(self, refusal: Refusal) -> Handed:
        code, said = refusal.code, _words(refusal.code, refusal.reply)
        if code // 100 not in (4, 5):
            return self._broke(State.RETRY, f"out of step: {said}")
        self._breaks = 0
        if code == 421 or not self._reset():
            self._drop()
        hard = refusal.to_recipient and is_hard(code, said)
        return Handed(State.FAILED, said, hard) if code >= 500 else Handed(State.RETRY, said)

    def _reset(self) -> bool:
        try:
            return self._line is not None and self._line.rset()[0] == 250
        except OSError:
            return False

    def _broke(self, state: State, why: str) -> Handed:
        self._breaks += 1
        self._drop()
        return Handed(state, why)

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None


def _security(kind: str) -> dict[str, Any]:
    """How yagmail is told to encrypt: with a context of ours, because without one it verifies nothing."""
    if kind == "none":
        return {"smtp_ssl": False, "smtp_starttls": False}
    context = ssl.create_default_context()
    return {"context": context} if kind == "tls" else {"smtp_ssl": False, "smtp_starttls": {"context": context}}


def _still_there(line: smtplib.SMTP) -> None:
    """Raises OSError when the server has hung up or spoken out of turn: without the dot, nothing is in doubt."""
    assert line.sock is not None
    timeout = line.sock.gettimeout()
    line.sock.settimeout(0)
    try:
        said = line.sock.recv(300)
    except (BlockingIOError, ssl.SSLWantReadError):
        line.sock.settimeout(timeout)
        return
    raise ConnectionError(said.decode(errors="replace").strip() or "connection closed")


def _dot_stuffed(raw: bytes) -> bytes:
    body = smtplib._quote_periods(raw)  # type: ignore[attr-defined]  # RFC 5321 4.5.2
    return bytes(body if body.endswith(b"\r\n") else body + b"\r\n")


def _words(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode(errors='replace')}"[:300]


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _words(error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b"")
    return str(error)
