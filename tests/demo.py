"""`make demo`: two sample days through the whole product: real HTTP, the real spiders, real SMTP, files one can open.

Every source is played by its stand-in on the loopback address, every mailbox by a local SMTP server that writes what
it receives into `demo/mail/`. Nothing leaves this machine.
"""

import datetime as dt
import email
import email.policy
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from rich.console import Console
from rich.table import Table

from tests.sources._site import Site
from tests.sources.adi_euronest import AdiEuronestServer
from tests.sources.adr_digital import AdrDigitalServer
from tests.sources.afir import AfirServer
from tests.sources.eu_portal import PortalServer
from tests.sources.mipe import MipeServer
from tests.sources.oportunitati_ue import OportunitatiUeServer
from tests.sources.regio_nord_vest import RegioNordVestServer
from tests.sources.seap import SeapServer
from tests.sources.startupcafe import StartupCafeServer
from tests.sources.ted import TedServer
from tests.sources.uefiscdi import UefiscdiServer

ROOT = Path(__file__).parent.parent
DAYS = (dt.date(2026, 11, 19), dt.date(2026, 11, 20))
HOUR = "10:00"
CONFIG = """\
# Written by `make demo`; see ../config.yaml for a real one with every key explained.
name: Demo cluster
contact: office@example.net
store: demo.db
filters: {{interests: ../filters/interests, members: ../filters/members}}
mail:
  from: "Vestitor demo <vestitor@demo.example.net>"
  host: 127.0.0.1
  port: {smtp}
  security: none
digest: {{volume: 40}}
sources:
  ted:
    url: {ted}
    delay: 0
    backoff: 0.1
    expect: {{min: 1}}
  eu_portal: {{url: "{portal}", delay: 0, backoff: 0.1}}
  seap: {{url: "{seap}", delay: 0.05, backoff: 0.1}}
"""
PAGES = (
    MipeServer,
    OportunitatiUeServer,
    RegioNordVestServer,
    AdiEuronestServer,
    UefiscdiServer,
    AdrDigitalServer,
    AfirServer,
    StartupCafeServer,
)
"""Romanian pages: their stand-ins show the same on both days."""


class Mailbox:
    """An SMTP handler that keeps every message as .eml, .html and .txt, named by day, recipient and number."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.messages = folder, 0
        folder.mkdir(parents=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Writes one message."""
        self.messages += 1
        raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        # <d.2026-11-20.nimbus-software.0a1b2c@...>: day and member
        self.write("-".join(mail["Message-ID"].split(".")[1:3]), raw, mail)
        return "250 kept"

    def write(self, name: str, raw: bytes, mail: Any) -> None:
        """The message and its two parts as files."""
        (self.folder / f"{name}.eml").write_bytes(raw)
        for kind, ending in (("html", ".html"), ("plain", ".txt")):
            part = mail.get_body((kind,))
            (self.folder / f"{name}{ending}").write_text(part.get_content(), encoding="utf-8")


class World:
    """The stand-ins of every source, on one day."""

    def __init__(self, stack: ExitStack) -> None:
        self.ted = stack.enter_context(TedServer(today=DAYS[0]))
        self.portal = stack.enter_context(PortalServer(today=DAYS[0]))
        self.seap = stack.enter_context(SeapServer(today=DAYS[0]))
        self.pages: list[Site] = [stack.enter_context(site()) for site in PAGES]

    def move_to(self, day: dt.date) -> None:
        """It is that day for every source."""
        self.ted.today = self.portal.today = self.seap.today = day

    def config(self, smtp: int) -> str:
        """A config.yaml that points to them."""
        head = CONFIG.format(smtp=smtp, ted=self.ted.url, portal=self.portal.home, seap=self.seap.url)
        blocks = (f'  {page.name}: {{url: "{page.url}", delay: 0, expect: {{newest: 60}}}}\n' for page in self.pages)
        return head + "".join(blocks)


@contextmanager
def world(folder: Path) -> Iterator[tuple[World, Mailbox]]:
    """The stand-ins and the mailbox, with a config.yaml in `folder` that points to them."""
    mailbox, port = Mailbox(folder / "mail"), _free_port()
    smtp = Controller(mailbox, hostname="127.0.0.1", port=port)
    smtp.start()
    try:
        with ExitStack() as stack:
            sources = World(stack)
            (folder / "config.yaml").write_text(sources.config(port), encoding="utf-8")
            yield sources, mailbox
    finally:
        smtp.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def vestitor(folder: Path, *command: str, day: dt.date = DAYS[-1]) -> subprocess.CompletedProcess[str]:
    """The command line, as a person would type it, on the demo's installation."""
    call = [sys.executable, "vestitor.py", f"--config={folder / 'config.yaml'}", f"--now={day} {HOUR}", *command]
    return subprocess.run(call, cwd=ROOT, text=True, capture_output=True, check=False)


def main() -> None:
    """Runs the days and says what happened and where to look."""
    folder, console, started = ROOT / "demo", Console(highlight=False), time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    with world(folder) as (sources, mailbox):
        for day in DAYS:
            sources.move_to(day)
            console.print(f"[bold]{day:%A %d %B %Y}[/]  vestitor run")
            done = vestitor(folder, "run", day=day)
            console.print(done.stdout + done.stderr, end="", markup=False)
            if done.returncode:
                sys.exit(f"vestitor run ended with {done.returncode}")
        facts = json.loads(vestitor(folder, "status", "--json").stdout)
        console.print(_table(facts, folder))
    console.print(
        f"\n{mailbox.messages} mails in {time.monotonic() - started:.1f} s. Open demo/mail/*.html (or .eml, .txt)."
    )
    console.print(
        "Ask why: .venv/bin/vestitor --config demo/config.yaml "
        "--now '2026-11-20 10:00' explain nimbus-software 781905-2026"
    )


def _table(facts: dict[str, Any], folder: Path) -> Table:
    table = Table("member", "matches", "mails", title="\nWhat the two days brought", title_justify="left", box=None)
    for member in facts["members"]:
        mails = sorted(path.name for path in (folder / "mail").glob(f"*-{member['member']}*.eml"))
        table.add_row(member["member"], str(member["matches"]), str(len(mails)))
    return table


if __name__ == "__main__":
    main()
