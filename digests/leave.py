"""Leaving with one click (RFC 8058): an address per member that only our secret yields, and the office can check.

The office's endpoint takes a POST with the body `List-Unsubscribe=One-Click`, asks `who` whose token it is, and pauses
that member. Without an endpoint (`mail.unsubscribe`) members leave by a mail, which every mail program can send too.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable

from pipeline.config import UNSUBSCRIBE_VARIABLE, Config
from pipeline.exceptions import ConfigError, Problem

SHORTEST = 16
"""Characters of a secret."""


def token(secret: str, member: str) -> str:
    """24 letters and digits that stand for the member: 120 bits, the same for ever, nothing of its name in them."""
    signed = hmac.new(secret.encode(), f"unsubscribe {member}".encode(), hashlib.sha256).digest()
    return base64.b32encode(signed[:15]).decode().lower()


def who(given: str, secret: str, members: Iterable[str]) -> str | None:
    """Whose token it is; None for nobody's. Takes as long for a wrong token as for a right one."""
    found = None
    for member in members:
        if hmac.compare_digest(given.strip().lower().encode(), token(secret, member).encode()):
            found = member
    return found


def link(config: Config, member: str) -> str | None:
    """The https address by which the member leaves with one click; None where no endpoint is configured.

    Raises ConfigError where the secret is missing or short.
    """
    if config.mail.unsubscribe is None:
        return None
    secret = config.unsubscribe_secret() or ""
    if len(secret) < SHORTEST:
        what = f"set {UNSUBSCRIBE_VARIABLE} or mail.unsubscribe_secret_file to at least {SHORTEST} random characters"
        raise ConfigError([Problem(f"{config.file}:1", f"mail.unsubscribe needs a secret; {what}")])
    return config.mail.unsubscribe.replace("{token}", token(secret, member))
