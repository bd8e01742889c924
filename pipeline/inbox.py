"""The office's mailbox, over IMAP and TLS: what is unread there is looked at, and what was ours is marked as read.

Nothing is deleted or moved, and a mail that is none of ours stays unread, for people. Read twice does no harm.
"""

import email
import imaplib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from email.message import Message
from typing import Any

from pipeline.config import Config, Imap
from pipeline.exceptions import VestitorError

SECONDS, NEWEST, BYTES = 30, 500, 262_144
"""Patience with the server; unread mails looked at; bytes of each, enough for a report of a mail server."""


class Inbox:
    """One open folder of a mailbox."""

    def __init__(self, box: imaplib.IMAP4) -> None:
        self._box = box

    def unread(self) -> Iterator[tuple[str, Message]]:
        """The newest unread mails, oldest first, each with its number; reading them leaves them unread."""
        for number in self._asked("SEARCH", "UNSEEN")[0].split()[-NEWEST:]:
            found = self._asked("FETCH", number.decode(), f"(BODY.PEEK[]<0.{BYTES}>)")
            if raw := next((part[1] for part in found if isinstance(part, tuple)), b""):
                yield number.decode(), email.message_from_bytes(raw)

    def read(self, numbers: Iterable[str]) -> None:
        """Marks these mails as read."""
        if several := ",".join(numbers):
            self._asked("STORE", several, "+FLAGS.SILENT", r"(\Seen)")

    def _asked(self, command: str, *words: str) -> list[Any]:
        answer, found = self._box.uid(command, *words)
        if answer != "OK":
            raise imaplib.IMAP4.error(f"{command} is refused")
        return [part for part in found if part] or [b""]


@contextmanager
def opened(config: Config) -> Iterator[Inbox]:
    """The folder `mail.imap` names; VestitorError says what is wrong with it."""
    said = config.mail.imap
    if said is None:
        raise VestitorError(f"no mailbox in {config.file}; write mail.imap with host and user")
    box: imaplib.IMAP4 | None = None
    try:
        box = _connected(said, config.imap_password() or "")
        yield Inbox(box)
    except ssl.SSLError as error:
        raise VestitorError(f"{said.host}: no trusted connection ({error.reason or error})") from error
    except (imaplib.IMAP4.error, OSError) as error:
        raise VestitorError(f"{said.host}: {_words(error)}; check mail.imap and its password") from error
    finally:
        if box:
            with suppress(imaplib.IMAP4.error, OSError):
                box.logout()


def _connected(said: Imap, password: str) -> imaplib.IMAP4:
    box = imaplib.IMAP4_SSL(said.host, said.port, ssl_context=ssl.create_default_context(), timeout=SECONDS)
    try:
        box.login(said.user, password)
        answer, _ = box.select(f'"{said.folder}"')
        if answer != "OK":
            raise imaplib.IMAP4.error(f"there is no folder {said.folder}")
    except BaseException:
        box.shutdown()
        raise
    return box


def _words(error: Exception) -> str:
    text = error.args[0] if error.args else error
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
