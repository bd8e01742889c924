"""What goes wrong between us and a publisher, in words: what it is, and what a person can do about it. Pure."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """A kind of trouble: how it is recognised, what it is, what to do."""

    sign: str
    what: str
    do: str


TROUBLES = (
    Trouble(
        r"no host of this source",
        "it sends us to a host that is not its own",
        "If that host is the publisher's, write it in `hosts:` of the source, or the new address in `url:`.",
    ),
    Trouble(
        r"private network",
        "its name leads into a private network",
        "Look at `url:` and at the DNS of this machine; a publisher is never inside your own network.",
    ),
    Trouble(
        r"requests of this day are used up",
        "the requests of this day are used up",
        "Tomorrow it goes on by itself; if this comes often, raise `requests:` of the source.",
    ),
    Trouble(
        r"robots\.txt answers HTTP",
        "its robots.txt cannot be had, so the host is left alone",
        "Try again in an hour; if it stays so, write to the publisher.",
    ),
    Trouble(
        r"Forbidden by robots\.txt",
        "its robots.txt forbids what we ask",
        "Do not go around it: write to the publisher and ask for another way, or set `enabled: false`.",
    ),
    Trouble(
        r"CannotResolve|DNSLookup|name cannot be resolved",
        "its name cannot be resolved",
        "Is this machine on the network? Does the address in `url:` open in a browser?",
    ),
    Trouble(
        r"ConnectionRefused|connection is refused",
        "the connection is refused",
        "The publisher may be down for a while, or `url:` names a wrong host or port: open it in a browser.",
    ),
    Trouble(
        r"certificate|SSL|TLS",
        "its certificate is not accepted",
        "Open the site in a browser: if that warns as well, the publisher must renew it; else update ca-certificates.",
    ),
    Trouble(
        r"Timeout|timed out|took longer|no answer in time",
        "no answer came in time",
        "Some publishers drop cloud addresses without a word: try `ipv4: true`, then a `proxy:` in Romania.",
    ),
    Trouble(
        r"HTTP 403|has blocked this address|takes us for an attacker|just a moment",
        "it refuses this machine",
        "Raise `delay:`, set `contact:` so that they can write to you, or ask through a `proxy:`; do not hurry it.",
    ),
    Trouble(
        r"HTTP 429",
        "it says we ask too fast",
        "Raise `delay:` of the source, and wait an hour.",
    ),
    Trouble(
        r"the site is shut|maintenance|mentenan",
        "it is being mended",
        "Nothing: the next run catches up. If it stays so for days, look at the publisher's page.",
    ),
    Trouble(
        r"HTTP 404|HTTP 410",
        "the page is not there any more",
        "The publisher has moved: find the new address and write it in `url:`; else the reader needs mending.",
    ),
    Trouble(
        r"HTTP 5\d\d",
        "the publisher's server is broken",
        "Nothing: the next run catches up. If it stays so for days, look at the publisher's page.",
    ),
    Trouble(
        r"DataLoss|ResponseFailed|DownloadFailed|cut short|PotentialDataLoss|line broke",
        "the line broke in the middle of an answer",
        "Try again; if it stays so, look at the network of this machine.",
    ),
)


def trouble(text: str) -> Trouble | None:
    """The first kind of trouble a text tells of."""
    return next((each for each in TROUBLES if re.search(each.sign, text, re.I)), None)


def in_words(error: BaseException) -> str:
    """What a broken line raises, said so that staff understands it."""
    raw = f"{type(error).__name__} {error}".strip()
    found = trouble(raw)
    return found.what if found else raw[:200]
