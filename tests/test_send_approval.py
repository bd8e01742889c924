"""Approval: staff see every digest first, and none leaves before a person releases it."""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from digests import approval
from tests import test_send_kills as kills
from tests.send_world import DAY, Installation, parsed, tally, told
from tests.smtp_faults import Fault, MailServer

ANA, BOB, STAFF = "ana@members.test", "bob@members.test", "office@monitor.test"
MAIL = f'  staff: ["Office <{STAFF}>"]\n'
NEXT = DAY + dt.timedelta(days=1)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def office(tmp_path: Path, server: MailServer) -> Installation:
    """Two members who are to be told of two tenders, and an officer who approves."""
    office = Installation(tmp_path)
    office.mails_to(server.port, more=MAIL, digest=", approval: true")
    office.member("ana")
    office.member("bob")
    office.collect([1, 2])
    return office


def states(office: Installation) -> list[str]:
    return [state for member, state, _ in office.states() if member != "_staff"]


def test_staff_see_each_digest_as_the_member_will(office: Installation, server: MailServer) -> None:
    result = office.digest()
    assert (result.exit_code, server.recipients(), states(office)) == (0, [STAFF], ["held", "held"])
    assert "They are held until staff have seen them: `vestitor release --all`" in result.output
    mail = parsed(server.accepted[0][1])
    assert mail["Subject"] == "2 digests wait for your release"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "1  ana: 2 new opportunities" in text and "(2 lines)" in text and "vestitor release --member ana" in text
    shown = {part.get_filename(): part.get_content().as_bytes() for part in mail.iter_attachments()}
    office.run("release", "--all")
    gone = {who: raw.replace(b"\r\n", b"\n") for who, raw in server.accepted if who != STAFF}
    assert shown == {"ana-1.eml": gone[ANA], "bob-2.eml": gone[BOB]}


def test_nothing_but_a_person_lets_a_held_digest_go(office: Installation, server: MailServer) -> None:
    office.digest()
    for hour in ("11:45", "12:00", "23:00"):
        office.run("send", hour=hour)
        office.digest(hour=hour)
    assert (server.recipients(), states(office)) == ([STAFF], ["held", "held"])
    assert "2 digests wait for your release" in office.run("status").output
    why = " ".join(office.run("explain", "ana", "ted:1").output.split())
    assert "in a mail that staff have not released" in why


def test_release_of_one_member_and_withdrawal_of_another(office: Installation, server: MailServer) -> None:
    office.digest()
    assert office.run("release").exit_code == 2
    assert "no held mail to `anna`; did you mean `ana`?" in office.run("release", "--member", "anna").output
    assert office.run("release", "--member", "ana").output == "1 of 1 held mail sent.\n"
    assert office.run("withdraw", "2").output == "1 mail withdrawn; their lines go into the next digest.\n"
    assert (states(office), "no mail is held" in office.run("withdraw", "--all").output) == (
        ["sent", "withdrawn"],
        True,
    )
    office.collect([3], NEXT)
    office.digest(NEXT)
    office.run("release", "--all", day=NEXT)
    assert tally(server) == {(who, ref): 1 for who in (ANA, BOB) for ref in (1, 2, 3)}


def test_what_nobody_releases_is_withdrawn_on_the_next_day_and_staff_are_told(
    office: Installation, server: MailServer
) -> None:
    office.digest()
    office.collect([3], NEXT)
    result = office.digest(NEXT)
    assert (result.exit_code, states(office)) == (1, ["withdrawn"] * 2 + ["held"] * 2)
    assert "2 digests were not released on their day, and are withdrawn; their lines come again." in result.output
    text = parsed(server.accepted[1][1]).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "not released before the next digest" in text and "1  ana" in text and "(3 lines)" in text
    office.run("release", "--all", day=NEXT)
    assert [sorted(told(raw)) for who, raw in server.accepted if who == ANA] == [[1, 2, 3]]


def test_what_closed_before_its_release_is_not_sent_but_what_was_approved_is(
    office: Installation, server: MailServer
) -> None:
    office.collect([3], deadlines=[{"at": f"{DAY}T14:00:00+02:00"}])
    office.digest()
    office.collect([4])
    office.run("tag")
    office.run("send", hour="15:00")
    assert states(office) == ["held", "held"]
    result = office.run("release", "--all", hour="15:00")
    assert (result.exit_code, states(office)) == (0, ["withdrawn", "withdrawn", "sent", "sent"])
    assert "ana: withdrawn: closed since: ted:3" in result.output and "2 of 2 held mails sent" in result.output
    assert tally(server) == {(who, ref): 1 for who in (ANA, BOB) for ref in (1, 2)}


def test_killed_at_any_point_of_a_batch_staff_see_it_once_and_members_get_it_once(tmp_path: Path) -> None:
    with MailServer() as server:
        office = kills.installed(tmp_path, server.port, 2)
        office.mails_to(server.port, more=MAIL)
        run = kills.Run(office, hold=True)
        points = 0
        while kills.child(partial(run, kills.die_at(points))) == -9:
            server.settle()
            run()
            office.run("release", "--all", hour="12:00")
            batches = [who for who, raw in server.accepted if who == STAFF]
            unknown = [member for member, state, _ in office.states() if state == "unknown"]
            assert len(batches) + len(unknown) >= 1 and len(batches) <= 1
            assert tally(server) == {(f"member-0{who}@members.test", ref): 1 for who in (0, 1) for ref in (1, 2)}
            kills.start_over(office, server)
            points += 2
        assert points >= 20


def test_a_released_mail_is_a_mail_like_any_other(office: Installation, server: MailServer) -> None:
    office.digest()
    server.faults.append(Fault("rcpt", "450 later", ANA))
    result = office.run("release", "--all", hour="12:00")
    assert (result.exit_code, "ana: retry: 450 later" in result.output) == (1, True)
    office.run("send", hour="12:15")
    assert tally(server) == {(who, ref): 1 for who in (ANA, BOB) for ref in (1, 2)}


def test_a_batch_too_big_to_attach_lies_in_a_folder(
    office: Installation, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approval, "ATTACHED_MAX", 10_000)
    office.digest()
    mail = parsed(server.accepted[0][1])
    folder = office.folder / "outbox" / "held-2026-11-20"
    assert (list(mail.iter_attachments()), f"a file in {folder}" in mail.get_content()) == ([], True)
    assert {file.name: told(file.read_bytes()) for file in folder.iterdir()} == {
        "ana-1.eml": [1, 2], "bob-2.eml": [1, 2],
    }  # fmt: skip


def test_a_crash_before_staff_were_told_is_made_good(office: Installation, server: MailServer) -> None:
    office.sql(
        "CREATE TRIGGER broken BEFORE INSERT ON digests WHEN new.member = '_staff' BEGIN SELECT RAISE(ABORT, 'x'); END"
    )
    assert office.digest().exit_code == 2
    office.sql("DROP TRIGGER broken")
    office.digest(hour="11:40")
    assert [parsed(raw)["Subject"] for _, raw in server.accepted] == ["2 digests wait for your release"]


def test_once_on_demand(office: Installation, server: MailServer) -> None:
    office.mails_to(server.port, more=MAIL)
    office.run("digest", "--to-staff", "--member", "ana")
    assert (server.recipients(), states(office)) == ([STAFF], ["held"])
    office.digest(hour="11:40")
    assert server.recipients() == [BOB, STAFF]
    office.run("release", "1", hour="11:50")
    assert server.recipients() == [ANA, BOB, STAFF]


def test_without_staff_nobody_could_approve(office: Installation, server: MailServer) -> None:
    office.mails_to(server.port, digest=", approval: true")
    assert "digest.approval needs somebody who approves" in office.run("check").output
    office.mails_to(server.port)
    assert "nobody can approve" in office.run("digest", "--to-staff").output
    assert office.run("digest", "--to-staff", "--dry-run").exit_code == 2
