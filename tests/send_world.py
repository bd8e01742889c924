"""An installation that mails to a test's own server: its members, what it has collected, and its command line."""

import datetime as dt
import email
import email.policy
import json
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

import vestitor
from tests.smtp_faults import MailServer

DAY = dt.date(2026, 11, 20)
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Installation:
    """A folder with config.yaml, members and a store."""

    folder: Path

    def configure(
        self,
        mail: str = "",
        limit: int = 40,
        volume: int = 1000,
        days: str = "mon, tue, wed, thu, fri, sat, sun",
        digest: str = "",
    ) -> None:
        (self.folder / "interests").mkdir(exist_ok=True)
        (self.folder / "members").mkdir(exist_ok=True)
        (self.folder / "config.yaml").write_text(
            f"store: test.db\nfilters: {{interests: interests, members: members}}\n"
            f"digest: {{limit: {limit}, volume: {volume}, days: [{days}]{digest}}}\n"
            f'mail:\n  from: "Vestitor <vestitor@monitor.test>"\n  outbox: outbox\n{mail}'
        )

    def mails_to(
        self, port: int, security: str = "none", more: str = "", host: str = "127.0.0.1", **digest: Any
    ) -> None:
        """With this server; `digest` as for `configure`."""
        self.configure(f"  host: {host}\n  port: {port}\n  security: {security}\n{more}", **digest)

    def member(self, name: str, *addresses: str, more: str = "confirmed: true") -> None:
        wants = "rules: [{name: Software, title: [software]}]"
        to = ", ".join(addresses or [f"{name}@members.test"])
        text = f"member: {name}\nname: {name.title()}\nlanguage: en\nemail: [{to}]\n{more}\n{wants}\n"
        (self.folder / "members" / f"{name}.yaml").write_text(text)

    def collect(self, refs: Iterable[int], day: dt.date = DAY, **fields: object) -> None:
        """Tenders `Software no. <ref>.`, far from their deadlines unless `fields` say otherwise."""
        file = self.folder / "found.jsonl"
        file.write_text("".join(json.dumps(tender(ref) | fields) + "\n" for ref in refs))
        result = self.run("import", str(file), day=day)
        assert result.exit_code == 0, result.output

    def run(self, *command: str, day: dt.date = DAY, hour: str = "11:30") -> Result:
        """The command line in this process."""
        return CliRunner().invoke(vestitor.main, self._arguments(command, day, hour), catch_exceptions=False)

    def digest(self, day: dt.date = DAY, hour: str = "11:30") -> Result:
        return self.run("digest", day=day, hour=hour)

    def start(self, *command: str, day: dt.date = DAY, **environment: str) -> subprocess.Popen[str]:
        """The command line as a process of its own."""
        call = [sys.executable, "vestitor.py", *self._arguments(command, day, "11:30")]
        return subprocess.Popen(
            call, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment or None
        )

    def _arguments(self, command: Iterable[str], day: dt.date, hour: str) -> list[str]:
        return [f"--config={self.folder / 'config.yaml'}", f"--now={day} {hour}", *command]

    def states(self) -> list[tuple[str, str, int]]:
        """(member, state, attempts) of every delivery, oldest first."""
        with closing(sqlite3.connect(self.folder / "test.db")) as conn:
            return conn.execute("SELECT member, state, attempts FROM digests ORDER BY id").fetchall()

    def sql(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.folder / "test.db", isolation_level=None)) as conn:
            for statement in statements:
                conn.execute(statement)


def tender(ref: int) -> dict[str, object]:
    return {
        "id": f"ted:{ref}", "source": "ted", "ref": str(ref), "kind": "tender", "stage": "open", "language": "en",
        "title": f"Software no. {ref}.", "url": f"https://ted.europa.eu/{ref}", "published": "2026-11-19",
        "deadlines": [{"at": "2027-03-01T12:00:00+02:00", "role": "submission"}],
    }  # fmt: skip


def parsed(raw: bytes) -> EmailMessage:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def told(raw: bytes) -> list[int]:
    """The tenders a mail tells of, in its order."""
    body = parsed(raw).get_body(("plain",))
    assert body is not None
    return [int(ref) for ref in re.findall(r"^\d+\. Software no\. (\d+)\.", body.get_content(), re.MULTILINE)]


def tally(server: MailServer) -> Counter[tuple[str, int]]:
    """How often each recipient was told of each tender."""
    return Counter((recipient, ref) for recipient, raw in server.accepted for ref in told(raw))
