"""Sending as processes on one machine: a real server, two commands at once, signals, a disk that fills up."""

import datetime as dt
import signal
import socket
import threading
import time
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from pipeline.ledger import Ledger, Overtaken, State
from pipeline.store import Store
from tests.send_world import Installation, tally, told
from tests.smtp_faults import MailServer

MEMBERS = ("ana", "bob", "cat", "dan", "eva")
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def office(tmp_path: Path) -> Installation:
    """Five members who are to be told of two tenders."""
    office = Installation(tmp_path)
    office.configure()
    for name in MEMBERS:
        office.member(name)
    office.collect([1, 2])
    return office


class Postbox:
    """An aiosmtpd handler that counts sessions, goodbyes and mails."""

    def __init__(self) -> None:
        self.sessions, self.goodbyes, self.mails = set[object](), 0, list[bytes]()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.sessions.add(session.peer)
        assert len(envelope.rcpt_tos) == 1
        self.mails.append(bytes(envelope.content or b""))  # type: ignore[arg-type]
        return "250 kept"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.goodbyes += 1
        return "221 bye"


def test_all_mails_of_a_run_in_one_session_on_a_server_not_our_own(office: Installation) -> None:
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        office.mails_to(port)
        out, err = office.start("digest").communicate(timeout=30)
    finally:
        controller.stop()
    assert ("5 digests made, 5 mails sent." in out, err) == (True, "")
    assert (len(box.sessions), box.goodbyes, [told(raw) for raw in box.mails]) == (1, 1, [[1, 2]] * 5)


def test_two_commands_at_once_send_each_mail_once(office: Installation) -> None:
    """Fault 16."""
    with MailServer(on_accept=lambda _: time.sleep(0.1)) as server:
        office.mails_to(server.port)
        both = [office.start("digest") for _ in range(2)]
        assert [process.wait(30) for process in both] == [0, 0]
        for process in both:
            process.communicate()
    assert len(tally(server)) == 10 and set(tally(server).values()) == {1}
    assert server.sessions == 1


def test_two_senders_without_a_lock_cannot_both_reach_the_dot(office: Installation) -> None:
    """Fault 16."""
    office.mails_to(1)
    office.digest()
    with Store(office.folder / "test.db") as one, Store(office.folder / "test.db") as two:
        first, second = Ledger(one), Ledger(two)
        mail = first.due("smtp", NOW)[0]
        first.move(mail, State.SENDING, NOW)
        second.recover(NOW)
        second.move(second.due("smtp", NOW)[0], State.SENDING, NOW)
        first.move(mail, State.DOT, NOW)
        with pytest.raises(Overtaken):
            second.move(mail, State.DOT, NOW)
        second.recover(NOW)
        first.move(mail, State.SENT, NOW, "250 kept")
        assert [d.state for d in first.deliveries()].count(State.SENT) == 1


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_it_finishes_the_mail_on_its_way(asked: int, office: Installation) -> None:
    reached = threading.Event()

    def second(recipient: str) -> None:
        if recipient.startswith("bob"):
            reached.set()
            time.sleep(0.3)

    with MailServer(on_accept=second) as server:
        office.mails_to(server.port)
        process = office.start("digest")
        assert reached.wait(30)
        process.send_signal(asked)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, "")
        assert "Asked to end: 3 mails wait for the next run." in out
        assert [state for _, state, _ in office.states()] == ["sent"] * 2 + ["pending"] * 3
        assert server.count("QUIT") == 1
        office.digest(hour="11:40")
        assert set(tally(server).values()) == {1} and len(tally(server)) == 10


def test_accepted_but_not_recorded_is_unknown_and_not_sent_again(office: Installation) -> None:
    full = "CREATE TRIGGER full BEFORE UPDATE ON digests WHEN new.state = 'sent' AND new.member = 'bob'"
    office.sql(f"{full} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END")
    with MailServer() as server:
        office.mails_to(server.port)
        result = office.digest()
        assert (result.exit_code, len(server.accepted)) == (2, 2)
        assert "the disk is full; make room and run again" in result.output
        office.sql("DROP TRIGGER full")
        again = office.digest(hour="11:40")
        assert "bob: unknown: interrupted at the final dot" in again.output
        assert again.exit_code == 1
        assert set(tally(server).values()) == {1} and len(tally(server)) == 10


def test_what_cannot_be_recorded_before_the_dot_is_not_sent(office: Installation) -> None:
    full = "CREATE TRIGGER full BEFORE UPDATE ON digests WHEN new.state = 'dot'"
    office.sql(f"{full} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END")
    with MailServer() as server:
        office.mails_to(server.port)
        started = time.monotonic()
        assert office.digest().exit_code == 2
        assert (server.accepted, server.count("QUIT"), time.monotonic() - started < 5) == ([], 0, True)
        office.sql("DROP TRIGGER full")
        office.digest(hour="11:40")
        assert set(tally(server).values()) == {1} and len(tally(server)) == 10


def test_what_cannot_be_frozen_is_said_once_and_nothing_is_sent(office: Installation) -> None:
    full = "CREATE TRIGGER full BEFORE INSERT ON digests"
    office.sql(f"{full} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END")
    with MailServer() as server:
        office.mails_to(server.port)
        result = office.digest()
    assert (result.exit_code, server.sessions, result.output.count("disk is full")) == (2, 0, 2)


def test_a_folder_that_cannot_be_written_is_said_in_words(office: Installation) -> None:
    (office.folder / "outbox").write_text("not a folder")
    result = office.digest()
    assert result.exit_code == 1
    assert "outbox" in result.output and "everything unsent waits" in result.output
    (office.folder / "outbox").unlink()
    office.digest(hour="11:40")
    assert len(list((office.folder / "outbox").iterdir())) == 5
