"""The header of every digest: always the same fields, never one that data put there; one click only where promised."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from digests.leave import link, token, who
from pipeline.config import Config
from pipeline.exceptions import ConfigError
from tests.send_world import Installation, parsed
from tests.smtp_faults import MailServer

HEADER = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "Auto-Submitted",
    "X-Auto-Response-Suppress", "Precedence", "MIME-Version", "Content-Type", "Content-Language",
]  # fmt: skip
HOSTILE = [
    "Software no. 9.\nBcc: all@members.test",
    "Software no. 9.\r\n\r\n<script>alert(1)</script>",
    "Software\x0bno.\x0c9.\x85Cc: x\u2028To: y\x00\x07",
    "Software =?utf-8?q?Bcc=3A_x?= no. 9.",
    "Software no. 9. " + "Ș" * 5000,
    "Software " + "fără_spații" * 450,
]
SECRET = "0123456789abcdef0123"
ENDPOINT = "  unsubscribe: https://leave.monitor.test/u/{token}\n"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def office(tmp_path: Path, server: MailServer) -> Installation:
    office = Installation(tmp_path)
    office.mails_to(server.port)
    office.member("ana")
    return office


@pytest.mark.parametrize("title", HOSTILE)
def test_no_data_adds_a_header_or_breaks_one(title: str, office: Installation, server: MailServer) -> None:
    """Faults 18 and 19: a line end in a title, a title of 5,000 letters."""
    office.collect([9], title=title, buyer={"name": title})
    assert office.digest().exit_code == 0
    raw = server.accepted[0][1]
    mail = parsed(raw)
    assert list(mail) == HEADER
    assert [part.defects for part in mail.walk() if part.defects] == []
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert all(len(word) <= 75 for word in re.findall(rb"=\?\S+\?=", raw.partition(b"\r\n\r\n")[0]))
    assert len(mail["Subject"]) < 200 and "<script>alert" not in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]


def unsubscribes(raw: bytes) -> list[bytes]:
    """The fields of the header as they travel."""
    return [line for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n") if line.startswith(b"List-Unsubscribe")]


def test_without_an_endpoint_members_leave_by_mail_and_no_click_is_promised(
    office: Installation, server: MailServer
) -> None:
    office.collect([1])
    office.digest()
    leave = b"List-Unsubscribe: <mailto:vestitor@monitor.test?subject=unsubscribe%20ana>"
    assert unsubscribes(server.accepted[0][1]) == [leave]


def test_with_an_endpoint_one_click_leaves(
    office: Installation, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VESTITOR_UNSUBSCRIBE_SECRET", SECRET)
    office.mails_to(server.port, more=ENDPOINT)
    office.member("bob")
    office.collect([1])
    office.digest()
    tokens = {}
    for recipient, raw in server.accepted:
        leave, post = unsubscribes(raw)
        assert post == b"List-Unsubscribe-Post: List-Unsubscribe=One-Click"
        found = re.fullmatch(
            rb"List-Unsubscribe: <(https://leave\.monitor\.test/u/([a-z2-7]{24}))>, <(mailto:\S+)>", leave
        )
        assert found and max(len(found[1]), len(found[3])) <= 70
        assert list(parsed(raw)) == [*HEADER[:8], "List-Unsubscribe-Post", *HEADER[8:]]
        tokens[recipient.partition("@")[0]] = found[2].decode()
    members = ("ana", "bob", "cat")
    assert {name: who(given, SECRET, members) for name, given in tokens.items()} == {"ana": "ana", "bob": "bob"}
    assert who(tokens["ana"].upper() + "\n", SECRET, members) == "ana"
    for wrong in ("", "ț", tokens["ana"][:-1], token("another secret", "ana"), token(SECRET, "dan")):
        assert who(wrong, SECRET, members) is None


def test_a_secret_that_is_missing_or_short_is_refused_before_anything_is_made(
    office: Installation, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.mails_to(server.port, more=ENDPOINT)
    office.collect([1])
    for secret in ("", "short"):
        monkeypatch.setenv("VESTITOR_UNSUBSCRIBE_SECRET", secret)
        result = office.digest()
        assert (result.exit_code, office.states(), server.sessions) == (2, [], 0)
        assert "set VESTITOR_UNSUBSCRIBE_SECRET or mail.unsubscribe_secret_file" in result.output
    check = office.run("check")
    assert check.exit_code == 1
    assert re.search(r"config\.yaml:\d+: mail\.unsubscribe needs a secret", check.output)


def test_mails_in_clear_over_a_network_are_warned_of(office: Installation) -> None:
    for host, warned in (("mail.cluster.test", True), ("127.0.0.1", False), ("localhost", False), ("::1", False)):
        office.mails_to(25, host=f"'{host}'")
        assert ("mails travel in clear to mail.cluster.test" in office.run("check").output) is warned


def test_the_secret_may_stand_in_a_file_only_its_owner_reads(office: Installation) -> None:
    office.mails_to(1, more=f"{ENDPOINT}  unsubscribe_secret_file: secret\n")
    file = office.folder / "secret"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o644)
    config = Config.read(office.folder / "config.yaml")
    with pytest.raises(ConfigError, match="others can read this secret; run: chmod 600"):
        link(config, "ana")
    file.chmod(0o600)
    assert link(config, "ana") == f"https://leave.monitor.test/u/{token(SECRET, 'ana')}"


def test_an_address_most_servers_refuse_is_refused_with_its_line(office: Installation, server: MailServer) -> None:
    """Fault 17."""
    office.member("bob", "bób@members.test")
    office.collect([1])
    result = office.digest()
    assert (result.exit_code, server.recipients()) == (1, ["ana@members.test"])
    assert "bob.yaml:4: `email.0`: is no e-mail address; write one like `oferte@firma.ro` without ó" in result.output
