"""`vestitor doctor`: looks at everything around Vestitor that must be right, and says what to mend."""

import json
import sys
from collections.abc import Iterator

import click

from commands import machine
from commands.door import ACT, AS_JSON, DONE, Door
from digests import checkup, staff
from digests.checkup import Finding
from pipeline.exceptions import VestitorError
from pipeline.words import paragraph

_COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}


@click.command()
@click.option("--send-test", "address", metavar="ADDRESS", help="Send one mail to this address of mail.staff.")
@click.option("--nameserver", metavar="HOST[:PORT]", help="Ask this name server [default: the machine's].")
@AS_JSON
@click.pass_obj
def doctor(door: Door, address: str | None, nameserver: str | None, as_json: bool) -> None:
    """Look at mail, DNS, clock, disk, rights and hours; say what to mend.

    Connects to the mail server and logs in, but sends nothing without --send-test. Asks the DNS for SPF and DMARC of
    the sender's domain, and one source for the time.

    \b
    --json: a list of objects: about, level ("ok", "warning" or "error"), said, mend.
    Exit code 1: there is an error. Warnings alone: 0.
    """
    if address and address not in staff.addresses(door.config):
        raise VestitorError(f"{address} is not in mail.staff; only staff get test mails")
    found = []
    for one in _findings(door, address, nameserver):
        found.append(one)
        if not as_json and (one.level != "ok" or not door.quiet):
            click.echo("\n".join(_lines(one)))
    if as_json:
        click.echo(json.dumps([one._asdict() for one in found], ensure_ascii=False, indent=2))
    sys.exit(ACT if any(one.level == "error" for one in found) else DONE)


def _findings(door: Door, address: str | None, nameserver: str | None) -> Iterator[Finding]:
    """One after the other, so that each is shown when it is known."""
    config = door.config
    yield from checkup.mail_server(config, door.now)
    yield from checkup.secrets(config)
    if config.mail.host:
        yield from checkup.sender_dns(config, nameserver)
    yield from machine.clock(config, door.now)
    yield from machine.timezone(config)
    yield from machine.schedule(config)
    yield from machine.disk(config)
    yield from machine.permissions(config)
    yield from machine.whole(config)
    if address:
        yield checkup.send_test(config, address, door.now)


def _lines(one: Finding) -> Iterator[str]:
    level = click.style(f"{one.level:9}", fg=_COLOURS[one.level], bold=one.level != "ok")
    yield level + paragraph(f"{one.about}: {one.said}", "", " " * 11)
    if one.mend:
        yield paragraph(one.mend, " " * 9 + "-> ", " " * 12)
