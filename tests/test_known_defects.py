"""What other systems are known to get wrong: one test for each, through the command line and a real mail server."""

import datetime as dt
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.send_world import DAY, Installation, parsed, tally, told
from tests.smtp_faults import Fault, MailServer


def day(number: int) -> dt.date:
    return DAY + dt.timedelta(days=number)


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


def mails(server: MailServer) -> list[list[int]]:
    return [sorted(told(raw)) for _, raw in server.accepted]


def test_newest_25_shown_all_marked(office: Installation, server: MailServer) -> None:
    """Only the newest 25 hits are mailed, and all of them are marked as sent: the others are never seen."""
    office.mails_to(server.port, limit=25)
    office.collect(range(1, 71))
    for number in range(4):
        office.digest(day(number))
    assert [len(lines) for lines in mails(server)] == [25, 25, 20]
    assert sorted(line for lines in mails(server) for line in lines) == list(range(1, 71))


def test_seen_before_sent(office: Installation, server: MailServer) -> None:
    """Hits are marked as seen, then the mail fails: they are lost."""
    office.collect([1, 2])
    server.faults += [Fault("dot", "554 no"), Fault("connect", "421 down"), Fault("end")]
    for number in range(4):
        office.digest(day(number))
    office.digest(day(4))
    assert mails(server) == [[1, 2]]


def test_one_transaction_run(office: Installation, server: MailServer) -> None:
    """The run is one transaction: it dies at the fourth mail, and the first three are mailed once more."""
    for name in ("bob", "cat", "dan", "eva"):
        office.member(name)
    office.collect([1, 2])
    process = None

    def die(recipient: str) -> None:
        if process and len(server.accepted) == 3:
            process.send_signal(signal.SIGKILL)
            process.wait()

    server.on_accept = die
    process = office.start("digest")
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    office.digest(hour="12:00")
    office.digest(day(1))
    counts = tally(server)
    assert set(counts.values()) == {1}
    unknown = [member for member, state, _ in office.states() if state == "unknown"]
    assert len(unknown) <= 1 and len(counts) >= 2 * (5 - len(unknown))


def test_yesterday_window(office: Installation, server: MailServer) -> None:
    """The digest asks for what was published yesterday: a late source, a weekend or a stopped server lose the rest."""
    office.digest(day(0))
    office.collect([1], day(0), published="2026-11-19")
    office.collect([2], day(3), published="2026-10-02")  # published long ago, found only now
    office.collect([3], day(6), published=None)
    office.digest(day(9))  # nothing ran for days
    office.collect([4], day(9))  # found on the day of a digest, after it
    office.digest(day(12))
    assert mails(server) == [[1, 2, 3], [4]]


def test_single_mutable_reminder(office: Installation, server: MailServer) -> None:
    """One reminder date is stored and overwritten: after a reminder, or a moved deadline, no other one comes."""
    office.member("ana", more="confirmed: true\nremind: [7, 3, 1]")
    office.collect([1], deadlines=[{"at": "2026-12-04T12:00:00+02:00"}])
    for number in (0, 5, 6, 7, 8, 10, 11):  # 7 days before it is day 7
        office.digest(day(number), "07:30")
    office.collect([1], day(12), deadlines=[{"at": "2026-12-21T12:00:00+02:00"}])
    for number in (12, 13, 20, *range(23, 34)):
        office.digest(day(number), "07:30")
    about = [parsed(raw)["Date"].datetime.date() for _, raw in server.accepted]
    new, before, moved, again = ["11-20"], ["11-27"], ["12-02"], ["12-14", "12-18", "12-20"]
    # 1 December, three days before the first deadline, is a holiday: that reminder falls on the day the deadline moves
    assert [f"{one:%m-%d}" for one in about] == [*new, *before, *moved, *again]


def test_alert_when_planned_but_not_when_opened(office: Installation, server: MailServer) -> None:
    """The alert fires when a call is announced, its id is noted, and nobody hears when it opens."""
    life: list[tuple[int, dict[str, object]]] = [
        (0, {"stage": "planned", "deadlines": [], "opens": "2026-12-07"}),
        (3, {}),  # it opens, with a deadline
        (5, {"deadlines": [{"at": "2026-12-09T12:00:00+02:00"}]}),  # its deadline moves
        (20, {"deadlines": [{"at": "2026-12-09T12:00:00+02:00"}], "stage": "closed"}),
        (27, {"stage": "awarded"}),
    ]
    for number in (0, 1, 3, 4, 5, 6, 11, 12, 13, 20, 26, 27, 28):
        for fields in [fields for at, fields in life if at == number]:
            office.collect([1], day(number), **fields)
        office.digest(day(number))
        if number == 26:
            office.member("bob")  # who never heard of it does not hear of its end
    about = [f"{parsed(raw)['Date'].datetime:%m-%d}" for _, raw in server.accepted]
    # planned, opened, moved, seven days before the end (2 December), awarded
    assert about == ["11-20", "11-23", "11-25", "12-02", "12-17"]
    assert {who for who, _ in server.accepted} == {"ana@members.test"}
