"""The mail server fails in every way we know of: what becomes of each mail, and never a second copy.

Numbers are those of our list of faults: 1 refused, 2 no such name, 3 no service, 4 login, 5 certificate, 6 no STARTTLS,
7 greylisted, 8 unknown user, 9 closing, 10 later and 11 no at the dot, 12 dropped before and 13 after it, 14 silent
there; here. 15 kill -9 is in test_send_kills, 16 two senders in test_send_processes, 17 addresses and 18, 19 titles in
test_send_headers, 20 a member whose digest cannot be made in test_send_told.
"""

import datetime as dt
import socket
import time
from functools import partial
from pathlib import Path

import pytest

from digests import outbox
from digests.transport import Session
from pipeline.config import Mail
from pipeline.ledger import State
from tests.send_world import DAY, Installation, tally
from tests.smtp_faults import DROP, HANG, Fault, MailServer, certificate

BOB = "bob@members.test"
SENT, WAITS = ("sent", 1), ("pending", 0)
OPEN = {"security": "none", "from": "vestitor@monitor.test"}
RETRY, FAILED, UNKNOWN = ("retry", 1), ("failed", 1), ("unknown", 1)


@pytest.fixture
def office(tmp_path: Path) -> Installation:
    """Three members who are to be told of two tenders."""
    office = Installation(tmp_path)
    office.configure()
    for name in ("ana", "bob", "cat"):
        office.member(name)
    office.collect([1, 2])
    return office


def outcomes(office: Installation) -> list[tuple[str, int]]:
    return [(state, tries) for _, state, tries in office.states()]


ONE_MEMBER = {
    "7 greylisted": (Fault("rcpt", "450 4.2.0 come back later", BOB), RETRY, 1),
    "mailbox busy, at the message": (Fault("data", "451 4.3.0 not now", BOB), RETRY, 1),
    "8 unknown user": (Fault("rcpt", "550 5.1.1 unknown user", BOB), FAILED, 1),
    "mailbox full": (Fault("rcpt", "552 5.2.2 full", BOB), FAILED, 1),
    "refused with a reset that breaks": (Fault("rcpt", "550 5.1.1 unknown user", BOB), FAILED, 2),
    "9 closing in the session": (Fault("rcpt", "421 4.3.2 closing", BOB), RETRY, 2),
    "10 storage at the dot": (Fault("dot", "452 4.3.1 no storage", BOB), RETRY, 1),
    "closing at the dot": (Fault("dot", "421 4.3.2 closing", BOB), RETRY, 2),
    "11 too big, at the dot": (Fault("dot", "552 5.3.4 too big", BOB), FAILED, 1),
    "11 content refused at the dot": (Fault("dot", "554 5.7.1 spam", BOB), FAILED, 1),
    "refused at the dot, then dropped": (Fault("dot", "554 5.7.1 spam", BOB), FAILED, 2),
    "dropped before the message": (Fault("data", DROP, BOB), RETRY, 2),
    "dropped in the message": (Fault("body", DROP, BOB), RETRY, 2),
    "12 dropped before the dot": (Fault("end", DROP, BOB), RETRY, 2),
    "silent before the message": (Fault("data", HANG, BOB), RETRY, 2),
    "nonsense before the dot": (Fault("rcpt", "what?", BOB), RETRY, 2),
    "dropped at the dot": (Fault("dot", DROP, BOB), UNKNOWN, 2),
    "13 kept, then dropped": (Fault("accepted", DROP, BOB), UNKNOWN, 2),
    "14 kept, then silent": (Fault("accepted", HANG, BOB), UNKNOWN, 2),
    "kept, then nonsense": (Fault("accepted", "what?", BOB), UNKNOWN, 2),
}


@pytest.mark.parametrize("name", ONE_MEMBER)
def test_what_goes_wrong_with_one_mail_is_that_mails_alone(
    name: str, office: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault, outcome, sessions = ONE_MEMBER[name]
    monkeypatch.setattr(outbox, "Session", partial(Session, seconds=0.5, dot_seconds=0.5))
    resets = [Fault("rset", DROP)] if "reset" in name or "then dropped" in name else []
    with MailServer([fault, *resets]) as server:
        office.mails_to(server.port)
        result = office.digest()
        assert outcomes(office) == [SENT, outcome, SENT]
        assert result.exit_code == (0 if outcome is RETRY else 1)  # what is tried again by itself asks for nobody
        assert f"bob: {outcome[0]}: " in result.output
        assert server.sessions == sessions
        assert BOB not in server.recipients() or outcome is UNKNOWN
        once_and_no_more(office, server, lost=outcome is UNKNOWN)


def once_and_no_more(office: Installation, server: MailServer, lost: bool) -> None:
    """The next run, on a sound server, brings what is missing; what may have arrived is listed and not repeated."""
    server.faults.clear()
    again = office.digest(hour="11:40")
    counts = tally(server)
    assert set(counts.values()) == {1}
    assert len(counts) == 6 or lost
    assert again.exit_code == 0
    assert ("1 deliveries unknown" in office.run("status").output) is lost


NOBODY = {
    "3 not now": (Fault("connect", "421 4.3.2 too busy", times=9), "421"),
    "3 no service": (Fault("connect", "554 no service here", times=9), "554"),
    "no banner": (Fault("connect", DROP, times=9), "cannot be reached"),
    "silence": (Fault("connect", HANG, times=9), "timed out"),
    "4 login refused": (Fault("auth", "535 5.7.8 wrong password", times=9), "refuses the login"),
    "login not now": (Fault("auth", "454 4.7.0 try later", times=9), "454"),
    "to be authenticated": (Fault("mail", "530 5.7.0 authentication required", times=9), "530"),
}


@pytest.mark.parametrize("name", NOBODY)
def test_a_server_that_cannot_be_used_costs_nobody_a_try(
    name: str, office: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault, words = NOBODY[name]
    monkeypatch.setenv("VESTITOR_SMTP_PASSWORD", "secret")
    monkeypatch.setattr(outbox, "Session", partial(Session, seconds=0.5))
    with MailServer([fault], auth=True) as server:
        office.mails_to(server.port, more="" if fault.at == "mail" else "  user: vestitor\n")
        result = office.digest()
        nobody_was_tried(office, result.exit_code, result.output, words)
        assert "secret" not in result.output
        once_and_no_more(office, server, lost=False)


def nobody_was_tried(office: Installation, code: int, output: str, words: str) -> None:
    assert outcomes(office) == [WAITS, WAITS, WAITS]
    assert code == 1
    assert words in output and "everything unsent waits for the next run" in output


def test_a_login_without_a_password_says_where_to_put_it(office: Installation) -> None:
    with MailServer(auth=True) as server:
        office.mails_to(server.port, more="  user: vestitor\n")
        result = office.digest()
    nobody_was_tried(office, result.exit_code, result.output, "VESTITOR_SMTP_PASSWORD")
    assert not server.count("AUTH")


def test_nobody_listens(office: Installation) -> None:
    """Fault 1."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    office.mails_to(port)
    result = office.digest()
    nobody_was_tried(office, result.exit_code, result.output, "cannot be reached now: [Errno 111]")


def test_a_name_nobody_knows(office: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 2."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    office.mails_to(25, host="mail.nowhere.invalid")
    result = office.digest()
    nobody_was_tried(office, result.exit_code, result.output, "Name or service not known")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_nobody_vouches_for(security: str, office: Installation) -> None:
    """Fault 5."""
    _, context = certificate(office.folder)
    with MailServer(tls=context, implicit=security == "tls", auth=True) as server:
        office.mails_to(server.port, security)
        result = office.digest()
    nobody_was_tried(office, result.exit_code, result.output, "certificate")
    assert not server.count("AUTH") and not server.count("MAIL")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_is_vouched_for(
    security: str, office: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, context = certificate(office.folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("VESTITOR_SMTP_PASSWORD", "secret")
    drop = Fault("end", DROP, BOB)
    with MailServer([drop], tls=context, implicit=security == "tls", auth=True) as server:
        office.mails_to(server.port, security, more="  user: vestitor\n")
        office.digest()
        assert outcomes(office) == [SENT, RETRY, SENT]
        assert server.count("AUTH PLAIN") == 2
        once_and_no_more(office, server, lost=False)


def test_no_encryption_offered(office: Installation) -> None:
    """Fault 6."""
    with MailServer() as server:
        office.mails_to(server.port, "starttls")
        result = office.digest()
    nobody_was_tried(office, result.exit_code, result.output, "mail.security")
    assert not server.count("MAIL")


def test_a_line_cut_while_it_is_secured_is_no_fault_of_the_configuration(office: Installation) -> None:
    _, context = certificate(office.folder)
    with MailServer([Fault("starttls", DROP)], tls=context) as server:
        office.mails_to(server.port, "starttls")
        result = office.digest()
    nobody_was_tried(office, result.exit_code, result.output, "cannot be reached now")


def test_a_server_that_swallows_every_mail_is_left_alone(office: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "Session", partial(Session, dot_seconds=0.2))
    for name in ("dan", "eva"):
        office.member(name)
    started = time.monotonic()
    with MailServer([Fault("dot", HANG, times=9)]) as server:
        office.mails_to(server.port)
        result = office.digest()
    assert outcomes(office) == [UNKNOWN, UNKNOWN, UNKNOWN, WAITS, WAITS]
    assert "three times in a row" in result.output
    assert time.monotonic() - started < 5


def test_a_server_that_dies_in_the_middle_leaves_the_rest_for_later(office: Installation) -> None:
    with MailServer([Fault("rcpt", DROP, BOB)]) as server:
        server.on_accept = lambda _: server.faults.append(Fault("connect", "421 restarting", times=9))
        office.mails_to(server.port)
        result = office.digest()
        assert outcomes(office) == [SENT, RETRY, WAITS]
        assert "421 restarting" in result.output
        server.on_accept = lambda _: None
        once_and_no_more(office, server, lost=False)


def test_an_address_no_dialogue_can_carry_keeps_nobody_else_from_theirs() -> None:
    """Fault 17: the filters refuse such an address; should one ever stand in the outbox, it fails alone."""
    raw = b"Subject: hello\r\n\r\nhello\r\n"
    with (
        MailServer() as server,
        Session(Mail.model_validate({"host": "127.0.0.1", "port": server.port, **OPEN}), None) as line,
    ):
        line.ready()
        state, reply, hard = line.send("b\u00f3b@members.test", raw, lambda: None)
        assert (state, hard, "cannot be written in a mail dialogue" in reply) == (State.FAILED, True, True)
        line.ready()
        assert line.send("ana@members.test", raw, lambda: None).state is State.SENT
        assert (server.sessions, server.count("RSET"), server.recipients()) == (1, 1, ["ana@members.test"])


def test_the_ten_minutes_after_the_dot_are_granted() -> None:
    """RFC 5321, 4.5.3.2.6: giving up earlier makes duplicates."""
    session = Session(Mail(), None)
    assert (session.seconds, session.dot_seconds) == (30, 600)


def test_eight_tries_at_growing_intervals_and_no_more(office: Installation) -> None:
    moment = dt.datetime.combine(DAY, dt.time(8))
    with MailServer([Fault("rcpt", "450 4.2.0 later", BOB, times=8)]) as server:
        office.mails_to(server.port)
        for tries in range(1, 9):
            office.digest(hour=f"{moment:%H:%M}")
            state = "retry" if tries < 8 else "failed"
            assert office.states()[1] == ("bob", state, tries)
            moment += dt.timedelta(minutes=5 * 2 ** (tries - 1) - 1)
            office.digest(hour=f"{moment:%H:%M}")
            moment += dt.timedelta(minutes=1)
        assert server.recipients() == ["ana@members.test", BOB, "cat@members.test"]  # failed: told in a new digest
