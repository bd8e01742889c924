"""Members' answers in the office's mailbox, over a real IMAP connection with TLS."""

import json
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from pipeline.config import Config
from pipeline.exceptions import ConfigError
from scheduler import jobs
from tests.filters_samples import SOFTWARE
from tests.imap_server import ImapServer
from tests.smtp_faults import certificate
from tests.test_staff_filters import MEMBER
from tests.world import vestitor

SUBJECTS = ["Re: not-relevant test:2 alfa", "Salut", "RE: not-relevant test:9 alfa", "Fwd: relevant test:4 alfa"]
TITLES = {1: "Portalul comunei", 2: "Portal de turism", 4: "Drum"}


def mail(subject: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ana <ana@alfa.example.org>", "v@example.org", subject
    message.set_content("Mulțumesc!\n" * 3)
    return message.as_bytes().replace(b"\n", b"\r\n")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImapServer]:
    file, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("VESTITOR_IMAP_PASSWORD", "secret word")
    with ImapServer(context, [mail(subject) for subject in SUBJECTS], "office", "secret word", "Answers") as server:
        yield server


def office(folder: Path, server: ImapServer, more: str = "") -> Config:
    for name, text in (("interests/software.yaml", SOFTWARE), ("members/alfa.yaml", MEMBER)):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    imap = f"{{host: 127.0.0.1, port: {server.port}, user: office, folder: Answers{more}}}"
    text = f"store: t.db\nfilters: {{interests: interests, members: members}}\nmail: {{imap: {imap}}}\n"
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    rows = [{"id": f"test:{n}", "source": "test", "ref": str(n), "kind": "tender", "stage": "open", "title": title}
            for n, title in TITLES.items()]  # fmt: skip
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    config = Config.read(folder / "config.yaml")
    assert vestitor(config, "import", str(folder / "items.jsonl")).returncode == 0
    assert vestitor(config, "tag").returncode == 0
    return config


def test_answers_are_read_honoured_at_once_and_marked_as_read(tmp_path: Path, server: ImapServer) -> None:
    config = office(tmp_path, server)
    done = vestitor(config, "feedback", "--imap")
    assert done.returncode == 1, done.stderr
    assert "2 of 3 answers taken." in done.stdout
    assert "Proposal: without `portal` in “Portaluri”: 1 other of 2 would not have come" in done.stdout
    assert "no opportunity `test:9`" in done.stderr
    assert server.seen == {7, 13, 16}, "the mail to people stays unread"
    assert (tmp_path / "members" / "alfa.yaml").read_text(encoding="utf-8") == MEMBER
    assert "1 match\n" in vestitor(config, "matches", "--member", "alfa").stdout
    again = vestitor(config, "feedback", "--imap")
    assert (again.returncode, again.stdout + again.stderr) == (0, "")
    vestitor(config, "tag")
    assert "2 matches\n" in vestitor(config, "matches", "--member", "alfa").stdout


@pytest.mark.parametrize(
    ("password", "folder", "trusted", "said"),
    [
        ("wrong", "Answers", True, "127.0.0.1: [AUTHENTICATIONFAILED] wrong; check mail.imap and its password"),
        ("secret word", "Nowhere", True, "there is no folder Answers"),
        ("secret word", "Answers", False, "127.0.0.1: no trusted connection (CERTIFICATE_VERIFY_FAILED)"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_said(
    password: str, folder: str, trusted: bool, said: str, tmp_path: Path, server: ImapServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    config = office(tmp_path, server)
    server.folder = folder
    monkeypatch.setenv("VESTITOR_IMAP_PASSWORD", password)
    if not trusted:
        monkeypatch.delenv("SSL_CERT_FILE")
    done = vestitor(config, "feedback", "--imap")
    assert done.returncode == 2
    assert said in done.stderr
    assert server.seen == set()
    assert trusted or server.heard == [], "nothing is said to a server nobody vouches for"


def test_the_password_stands_in_a_file_only_its_owner_reads(
    tmp_path: Path, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VESTITOR_IMAP_PASSWORD")
    config = office(tmp_path, server, more=", password_file: imap.txt")
    (tmp_path / "imap.txt").write_text("secret word\n")
    (tmp_path / "imap.txt").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        config.imap_password()
    (tmp_path / "imap.txt").chmod(0o600)
    assert vestitor(config, "feedback", "--imap").returncode == 1
    assert server.seen


def test_the_clock_reads_it_twice_an_hour_where_it_is_configured(tmp_path: Path, server: ImapServer) -> None:
    named = {job.name: job.command for job in jobs(office(tmp_path, server))}
    assert named["answers"] == ("feedback", "--imap")
    assert "answers" not in {job.name for job in jobs(Config())}


def test_without_a_mailbox_it_says_what_to_write(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("store: t.db\n", encoding="utf-8")
    done = vestitor(Config.read(tmp_path / "config.yaml"), "feedback", "--imap")
    assert done.returncode == 2
    assert "write mail.imap with host and user" in done.stderr
