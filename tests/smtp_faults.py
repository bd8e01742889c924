"""A mail server that goes wrong where a test tells it to: a raw socket, a thread for each session, loopback only.

It remembers what it accepted. Every point of the dialogue can be answered otherwise, dropped or left hanging.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

DROP, HANG = "drop", "hang"
POINTS = ("connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body", "end", "dot", "accepted", "rset")
USUAL = {"connect": "220 ready", "mail": "250 ok", "rcpt": "250 ok", "data": "354 go on", "dot": "250 kept as 1"}


@dataclass
class Fault:
    """What is said instead (DROP, HANG): at connect, ehlo, starttls, auth, mail, rcpt, data, body, end, dot, accepted.

    `body` is after the first line of a message, `end` when only its final dot is missing, `dot` instead of accepting
    it, `accepted` when it has been kept and the answer is due. `to`: only for this recipient.
    """

    at: str
    reply: str = DROP
    to: str = ""
    times: int = 1

    def __post_init__(self) -> None:
        assert self.at in POINTS, f"{self.at} is no point of the dialogue: {POINTS}"


@dataclass
class Dropped(Exception):
    """The session ends here."""


@dataclass
class MailServer:
    """`with MailServer(Fault("rcpt", "550 unknown")) as server: server.port, server.accepted`."""

    faults: list[Fault] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    """TLS from the first byte; else STARTTLS is offered when there is a `tls`."""
    auth: bool = False
    on_accept: Callable[[str], None] = lambda recipient: None
    accepted: list[tuple[str, bytes]] = field(default_factory=list)
    """(recipient, message) in the order of acceptance."""
    said: list[str] = field(default_factory=list)
    """Every command, of all sessions."""
    sessions: int = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._stopped, self._threads, self._open = threading.Event(), list[threading.Thread](), set[socket.socket]()
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in list(self._open):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self.settle()

    def settle(self) -> None:
        """Waits until every session has ended."""
        while self._threads:
            self._threads.pop().join(10)

    def recipients(self) -> list[str]:
        """To whom mail was accepted, sorted; twice where it was accepted twice."""
        return sorted(recipient for recipient, _ in self.accepted)

    def count(self, verb: str) -> int:
        """How often a command was said."""
        return sum(line.upper().startswith(verb) for line in self.said)

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.sessions += 1
            self._threads.append(threading.Thread(target=self._serve, args=[line], daemon=True))
            self._threads[-1].start()

    def _serve(self, line: socket.socket) -> None:
        self._open.add(line)
        with suppress(Dropped, OSError), line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.implicit and self.tls:
                line = self.tls.wrap_socket(line, server_side=True)
            Dialogue(self, line).run()

    def fault(self, at: str, recipient: str = "") -> str:
        """What to say instead at this point; empty where nothing is wrong. HANG ends when the server does."""
        for fault in self.faults:
            if fault.at == at and fault.times and fault.to in ("", recipient):
                fault.times -= 1
                if fault.reply == HANG:
                    self._stopped.wait(60)
                if fault.reply in (HANG, DROP):
                    raise Dropped
                return fault.reply
        return ""


class Dialogue:
    """One session."""

    def __init__(self, server: MailServer, line: socket.socket) -> None:
        self.server, self.line, self.recipient, self.secret = server, line, "", server.implicit
        self.file: BinaryIO = line.makefile("rb")

    def run(self) -> None:
        try:
            self.say("connect")
            while command := self.file.readline().decode().strip():
                self.server.said.append(command)
                getattr(self, f"on_{command.split()[0].lower()}", self.on_other)(command)
        finally:
            self.file.close()
            self.line.close()

    def say(self, at: str, usual: str = "") -> bool:
        """Answers; whether as usual."""
        instead = self.server.fault(at, self.recipient)
        reply = instead or usual or USUAL[at]
        self.line.sendall(f"{reply}\r\n".encode())
        if reply.startswith(("421", "554 no service")):
            raise Dropped
        return not instead

    def on_ehlo(self, command: str) -> None:
        offers = ["250-mail.test", "250-SIZE 100000000"]
        offers += ["250-STARTTLS"] if self.server.tls and not self.secret else []
        offers += ["250-AUTH PLAIN"] if self.server.auth else []
        self.say("ehlo", "\r\n".join([*offers, "250 8BITMIME"]))

    def on_starttls(self, command: str) -> None:
        if self.say("starttls", "220 go on") and self.server.tls:
            self.line = self.server.tls.wrap_socket(self.line, server_side=True)
            self.file, self.secret = self.line.makefile("rb"), True

    def on_auth(self, command: str) -> None:
        self.say("auth", "235 welcome")

    def on_mail(self, command: str) -> None:
        self.say("mail")

    def on_rcpt(self, command: str) -> None:
        self.recipient = command.partition("<")[2].partition(">")[0]
        self.say("rcpt")

    def on_data(self, command: str) -> None:
        if not self.say("data"):
            return
        raw = b"".join(self.message())
        if not (answer := self.server.fault("dot", self.recipient)):
            self.server.accepted.append((self.recipient, raw))
            self.server.on_accept(self.recipient)
            answer = self.server.fault("accepted", self.recipient) or USUAL["dot"]
        self.line.sendall(f"{answer}\r\n".encode())
        if answer.startswith("421"):
            raise Dropped

    def message(self) -> Iterator[bytes]:
        """The lines up to the dot."""
        while (row := self.file.readline()) != b".\r\n":
            if not row:
                raise Dropped
            yield row[1:] if row.startswith(b"..") else row
            self.server.fault("body", self.recipient)
            if row.startswith(b"--") and row.endswith(b"_0--\r\n"):
                self.server.fault("end", self.recipient)

    def on_rset(self, command: str) -> None:
        self.say("rset", "250 forgotten")

    def on_quit(self, command: str) -> None:
        self.say("quit", "221 bye")
        raise Dropped

    def on_other(self, command: str) -> None:
        self.say("other", "500 what?")


def certificate(folder: Path, name: str = "127.0.0.1") -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for the address, as a file to trust, and a server's context that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]), critical=False)
        .sign(key, SHA256())
    )
    file = folder / "certificate.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return file, context
