"""What counts as told: each line to each member once, when its mail was accepted, whatever happens in between."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from digests.desk import To
from pipeline.store import Store
from tests.send_world import DAY, Installation, parsed, tally, told
from tests.smtp_faults import Fault, MailServer

ANA, BOB = "ana@members.test", "bob@members.test"


def day(number: int) -> dt.date:
    return DAY + dt.timedelta(days=number)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def office(tmp_path: Path, server: MailServer) -> Installation:
    """One member, a server that accepts, and three tenders."""
    office = Installation(tmp_path)
    office.mails_to(server.port)
    office.member("ana")
    office.collect([1, 2, 3])
    return office


def test_nothing_is_told_twice(office: Installation, server: MailServer) -> None:
    office.digest()
    office.digest()
    office.digest(day(1))
    assert [told(raw) for _, raw in server.accepted] == [[1, 2, 3]]


def test_what_is_new_since_the_last_digest_comes_however_long_ago_that_was(
    office: Installation, server: MailServer
) -> None:
    office.digest()
    office.collect([4], day(1))
    office.collect([5], day(9))
    office.digest(day(20))
    assert [told(raw) for _, raw in server.accepted] == [[1, 2, 3], [4, 5]]


def test_what_finds_no_room_comes_next_time(office: Installation, server: MailServer) -> None:
    office.mails_to(server.port, limit=40)
    office.collect(range(4, 42))
    mails = []
    for number in range(3):
        office.digest(day(number))
        mails = [told(raw) for _, raw in server.accepted]
    assert [len(lines) for lines in mails] == [40, 1]
    assert sorted(mails[0] + mails[1]) == list(range(1, 42))


def test_a_digest_refused_for_good_tells_nothing(office: Installation, server: MailServer) -> None:
    server.faults.append(Fault("dot", "554 no"))
    office.digest()
    office.collect([4], day(1))
    office.digest(day(1))
    assert [told(raw) for _, raw in server.accepted] == [[1, 2, 3, 4]]


def test_a_member_that_was_refused_can_be_written_to_in_the_same_second(
    office: Installation, server: MailServer
) -> None:
    server.faults.append(Fault("rcpt", "550 no"))
    office.digest()
    assert office.digest().exit_code == 0
    assert [told(raw) for _, raw in server.accepted] == [[1, 2, 3]]


def test_days_without_a_mail_server_make_one_digest(office: Installation, server: MailServer) -> None:
    server.faults.append(Fault("connect", "421 down", times=3))
    for number in range(4):
        office.collect([10 + number], day(number))
        office.digest(day(number))
    assert [sorted(told(raw)) for _, raw in server.accepted] == [[1, 2, 3, 10, 11, 12, 13]]
    assert parsed(server.accepted[0][1])["Date"].datetime.date() == day(3)
    assert [state for _, state, _ in office.states()] == ["withdrawn"] * 3 + ["sent"]


def test_what_closed_before_its_mail_could_leave_is_not_sent(office: Installation, server: MailServer) -> None:
    office.collect([4], deadlines=[{"at": f"{day(0)}T18:00:00+02:00"}])
    server.faults.append(Fault("rcpt", "450 later"))
    office.digest()
    office.digest(day(1))
    assert [told(raw) for _, raw in server.accepted] == [[1, 2, 3]]


def test_a_retry_of_the_same_day_is_the_same_mail(office: Installation, server: MailServer) -> None:
    server.faults.append(Fault("rcpt", "450 later"))
    office.digest()
    office.collect([4])
    office.digest(hour="12:00")
    office.run("digest", "--member", "ana", hour="12:10")
    first, second = (parsed(raw) for _, raw in server.accepted)
    assert (told(server.accepted[0][1]), told(server.accepted[1][1])) == ([1, 2, 3], [4])
    assert first["Date"].datetime.hour == 11
    assert first["Message-ID"] != second["Message-ID"]


@pytest.mark.parametrize("real", ["2026-11-20 12:00", "2025-06-01 12:00"])
def test_a_retry_set_by_a_rehearsed_clock_becomes_due_by_the_real_one(
    real: str, office: Installation, server: MailServer
) -> None:
    office.member("ana", ANA, "second@members.test")
    server.faults.append(Fault("rcpt", "450 later", "second@members.test"))
    office.digest(dt.date(2026, 12, 24))
    office.digest(dt.date.fromisoformat(real[:10]), real[11:])
    assert server.recipients() == [ANA, "second@members.test"]


def test_what_changed_is_told_again_once(office: Installation, server: MailServer) -> None:
    office.digest()
    for number in (1, 2):
        office.collect([2], day(1), deadlines=[{"at": "2027-04-01T12:00:00+03:00"}])
        office.digest(day(number))
    assert [told(raw) for _, raw in server.accepted] == [[1, 2, 3], [2]]
    assert "1 Apr" in server.accepted[1][1].decode()


def test_only_what_changed_is_looked_up_as_it_was(
    office: Installation, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of told lines must cost nothing while they stay as they were."""
    office.digest()
    office.collect([2], day(1), stage="cancelled")
    looked_up = Mock(side_effect=Store.as_of)
    monkeypatch.setattr(Store, "as_of", lambda store, id, version: looked_up(store, id, version))
    office.digest(day(1))
    assert [call.args[1:] for call in looked_up.call_args_list] == [("ted:2", 1)]
    assert [told(raw) for _, raw in server.accepted] == [[1, 2, 3], [2]]


def test_what_was_told_of_a_twin_is_not_told_again_but_what_changes_is(
    office: Installation, server: MailServer
) -> None:
    page = "https://www.e-licitatie.ro/pub/notices/c-notice/v2/view/100"
    office.collect([7], id="seap:7", source="seap", url=page)
    office.digest()
    links = [{"url": page, "role": "documents"}]
    office.collect([8], day(1), links=links)
    office.digest(day(1))
    office.collect([8], day(2), links=links, deadlines=[{"at": "2027-04-01T12:00:00+03:00"}])
    for number in (2, 3):
        office.digest(day(number))
    assert [sorted(told(raw)) for _, raw in server.accepted] == [[1, 2, 3, 7], [8]]
    assert "1 Apr" in server.accepted[1][1].decode()


def test_what_was_told_when_planned_is_told_when_it_opens(office: Installation, server: MailServer) -> None:
    office.collect([7], stage="planned", deadlines=[])
    office.digest()
    office.collect([7], day(30))
    office.digest(day(30))
    office.digest(day(31))
    assert [sorted(told(raw)) for _, raw in server.accepted] == [[1, 2, 3, 7], [7]]


def test_what_matches_no_more_is_still_followed(office: Installation, server: MailServer) -> None:
    office.digest()
    office.collect([3], day(1), stage="cancelled")
    office.digest(day(1))
    office.digest(day(2))
    assert [told(raw) for _, raw in server.accepted] == [[1, 2, 3], [3]]


@pytest.mark.parametrize("silent", ["confirmed: false", "", "confirmed: true\npaused: true"])
def test_who_did_not_agree_or_pauses_gets_nothing(silent: str, office: Installation, server: MailServer) -> None:
    office.member("bob", more=silent)
    result = office.digest()
    assert server.recipients() == [ANA]
    assert "Not mailed, because not confirmed or paused: bob" in result.output
    office.member("bob")
    office.digest(day(1))
    assert [told(raw) for who, raw in server.accepted if who == BOB] == [[1, 2, 3]]


@pytest.mark.parametrize("change", ["paused", "left", "another address", "address removed"])
def test_a_mail_on_its_way_is_stopped_when_its_reader_no_longer_wants_it(
    change: str, office: Installation, server: MailServer
) -> None:
    office.member("bob", BOB, "second@members.test")
    server.faults += [Fault("rcpt", "450 later", BOB), Fault("rcpt", "450 later", "second@members.test")]
    office.digest()
    if change == "left":
        (office.folder / "members" / "bob.yaml").unlink()
    else:
        address = {"paused": BOB, "another address": "new@members.test", "address removed": "second@members.test"}
        office.member("bob", address[change], more=f"confirmed: true\npaused: {str(change == 'paused').lower()}")
    office.digest(hour="12:00")
    expected = {"another address": ["new@members.test"], "address removed": ["second@members.test"]}
    assert server.recipients() == sorted([ANA, *expected.get(change, [])])


def test_each_address_of_a_member_gets_its_own_copy(office: Installation, server: MailServer) -> None:
    office.member("ana", ANA, "second@members.test", "ANA@members.test")
    office.digest()
    office.digest(day(1))
    assert server.recipients() == [ANA, "second@members.test"]
    assert [parsed(raw)["To"] for _, raw in server.accepted] == [ANA, "second@members.test"]
    assert set(tally(server).values()) == {1}


def test_a_dead_second_address_repeats_nothing_to_the_first(office: Installation, server: MailServer) -> None:
    office.member("ana", ANA, "second@members.test")
    server.faults.append(Fault("rcpt", "550 unknown", "second@members.test", times=9))
    office.digest()
    office.digest(day(1))
    assert server.recipients() == [ANA]


def test_a_slow_second_address_gets_the_same_mail_and_holds_up_nobody(office: Installation, server: MailServer) -> None:
    office.member("ana", ANA, "second@members.test")
    server.faults.append(Fault("rcpt", "450 later", "second@members.test", times=1))
    office.digest()
    office.collect([4], day(1))
    office.digest(day(1))
    assert set(tally(server).values()) == {1}
    assert [(who, told(raw)) for who, raw in server.accepted] == [
        (ANA, [1, 2, 3]),
        ("second@members.test", [1, 2, 3]),
        (ANA, [4]),
        ("second@members.test", [4]),
    ]


def test_when_every_address_is_refused_the_lines_come_again(office: Installation, server: MailServer) -> None:
    office.member("ana", ANA, "second@members.test")
    server.faults += [Fault("rcpt", "550 unknown", ANA), Fault("rcpt", "450 later", "second@members.test")]
    office.digest()
    office.digest(day(1))
    assert server.recipients() == [ANA, "second@members.test"]
    assert set(tally(server).values()) == {1}


def test_only_this_member(office: Installation, server: MailServer) -> None:
    office.member("bob")
    server.faults.append(Fault("rcpt", "450 later", BOB))
    office.digest()
    office.collect([4])
    office.run("digest", "--member", "ana", hour="12:00")
    assert [(who, told(raw)) for who, raw in server.accepted] == [(ANA, [1, 2, 3]), (ANA, [4])]


def test_without_a_server_digests_go_to_a_folder_and_come_again_once_there_is_one(
    office: Installation, server: MailServer
) -> None:
    office.configure()
    for number in (0, 1):
        office.digest(day(number))
    files = list((office.folder / "outbox").iterdir())
    assert [file.name for file in files] == ["2026-11-20-ana-1.eml"]
    office.mails_to(server.port)
    office.digest()
    office.digest(day(1))
    assert [told(raw) for _, raw in server.accepted] == [told(files[0].read_bytes())] == [[1, 2, 3]]


def test_a_dry_run_writes_files_and_remembers_nothing(office: Installation, server: MailServer) -> None:
    before = (office.folder / "test.db").read_bytes()
    office.member("bob", more="confirmed: false")
    result = office.run("digest", "--dry-run")
    folder = office.folder / "outbox" / "dry-run"
    names = {f"{member}.{kind}" for member in ("ana", "bob") for kind in ("eml", "html", "txt")}
    assert {file.name for file in folder.iterdir()} == names
    assert (told((folder / "ana.eml").read_bytes()), "3 lines" in result.output) == ([1, 2, 3], True)
    assert "<html" in (folder / "ana.html").read_text()
    assert (office.states(), server.sessions, len(before) > 0) == ([], 0, True)
    office.digest()
    assert [told(raw) for _, raw in server.accepted] == [[1, 2, 3]]


def test_a_member_whose_digest_cannot_be_made_keeps_nobody_else_from_theirs(
    office: Installation, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 20."""
    office.member("bob")
    monkeypatch.setattr("digests.desk.To", lambda id, *rest: 1 / 0 if id == "ana" else To(id, *rest))
    result = office.digest()
    assert server.recipients() == [BOB]
    assert result.exit_code == 1
    assert "ana: its digest could not be made: ZeroDivisionError" in result.output
    monkeypatch.undo()
    office.digest()
    assert server.recipients() == [ANA, BOB]


def test_the_mail_itself(office: Installation, server: MailServer) -> None:
    office.collect([9], title="Software no. 9.\r\nBcc: all@members.test\r\n\r\n" + "long " * 1000)
    office.digest()
    mail = parsed(server.accepted[0][1])
    assert [name.lower() for name in mail] == [
        "from", "to", "reply-to", "subject", "date", "message-id", "list-id", "list-unsubscribe", "auto-submitted",
        "x-auto-response-suppress", "precedence", "mime-version", "content-type", "content-language",
    ]  # fmt: skip
    assert (mail["To"], mail["Auto-Submitted"], mail["Precedence"]) == (ANA, "auto-generated", "bulk")
    assert mail["List-Unsubscribe"] == "<mailto:vestitor@monitor.test?subject=unsubscribe%20ana>"
    assert mail["List-Id"] == "<digest.monitor.test>"
    assert mail["Message-ID"].startswith("<d.2026-11-20.ana.") and mail["Message-ID"].endswith("@monitor.test>")
    assert max(map(len, server.accepted[0][1].splitlines())) <= 998
    assert [part.defects for part in mail.walk() if part.defects] == []
