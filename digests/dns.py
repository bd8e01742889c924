"""TXT records of names, asked by Twisted's resolver (it comes with Scrapy), in a process of its own.

In a process of its own because a reactor runs only once; so a doctor can ask as often as it likes.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMEOUTS = (2, 3)
"""Seconds each try waits for an answer."""
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """The texts of a name; none where there are none. `unknown` says why nobody could tell."""

    texts: tuple[str, ...] = ()
    unknown: str = ""


def texts(names: Sequence[str], nameserver: str | None = None) -> dict[str, Answer]:
    """The TXT records of each name, from `nameserver` (host or host:port) or the machine's own."""
    call = [sys.executable, "-m", "digests.dns", nameserver or "", *names]
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter, our own module)
            call, cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=LONGEST, check=True
        )
        found = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        return {name: Answer(unknown=f"the question could not be asked: {error}") for name in names}
    return {name: Answer(tuple(found[name]["texts"]), found[name]["unknown"]) for name in names}


def _ask(reactor: Any, server: str, names: Sequence[str]) -> Any:
    from twisted.internet.defer import gatherResults
    from twisted.names.client import Resolver

    host, _, port = server.partition(":")
    at = {"servers": [(host, int(port or 53))]} if host else {"resolv": "/etc/resolv.conf"}
    resolver: Any = Resolver(reactor=reactor, **at)  # type: ignore[no-untyped-call]
    asked = [resolver.lookupText(name, TIMEOUTS).addCallbacks(_found, _why_not) for name in names]
    return gatherResults(asked).addCallback(lambda found: print(json.dumps(dict(zip(names, found, strict=True)))))  # noqa: T201


def _found(answer: Any) -> dict[str, Any]:
    return {"texts": list(_texts(answer[0])), "unknown": ""}


def _texts(records: Sequence[Any]) -> Iterator[str]:
    """A record comes in pieces of up to 255 bytes."""
    for record in records:
        if hasattr(record.payload, "data") and isinstance(record.payload.data, list):
            yield b"".join(record.payload.data).decode("ascii", "replace")


def _why_not(failure: Any) -> dict[str, Any]:
    from twisted.names.error import DNSNameError

    if failure.check(DNSNameError):  # there is no such name, and so no text
        return {"texts": [], "unknown": ""}
    return {"texts": [], "unknown": f"no name server answered ({failure.type.__name__})"}


if __name__ == "__main__":
    from twisted.internet.task import react

    react(_ask, [sys.argv[1], sys.argv[2:]])
