"""After the digest: waiting mails leave by themselves, a person settles the unknown, dead addresses are left alone."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.send_world import DAY, Installation, parsed, tally, told
from tests.smtp_faults import DROP, Fault, MailServer

ANA, BOB = "ana@members.test", "bob@members.test"
LATER, NOBODY = "450 4.2.0 come back later", "550 5.1.1 no such user"


def day(number: int) -> dt.date:
    return DAY + dt.timedelta(days=number)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def office(tmp_path: Path, server: MailServer) -> Installation:
    """Two members who are to be told of two tenders."""
    office = Installation(tmp_path)
    office.mails_to(server.port)
    office.member("ana")
    office.member("bob")
    office.collect([1, 2])
    return office


# vestitor send


def test_a_greylisted_mail_leaves_by_itself_and_nothing_new_is_made(office: Installation, server: MailServer) -> None:
    server.faults.append(Fault("rcpt", LATER, BOB))
    assert office.digest().exit_code == 0
    office.collect([3])
    early = office.run("send", hour="11:34")
    assert (early.output, early.exit_code, server.sessions) == ("", 0, 1)
    late = office.run("send", hour="11:45")
    assert (late.output, late.exit_code) == ("1 waiting mail sent.\n", 0)
    assert office.states() == [("ana", "sent", 1), ("bob", "sent", 2)]
    assert {ref for _, ref in tally(server)} == {1, 2} and set(tally(server).values()) == {1}
    assert office.run("send", hour="12:00").output == ""


def test_while_a_server_is_away_cron_is_told_once_and_status_when_it_lasts(
    office: Installation, server: MailServer
) -> None:
    server.faults.append(Fault("connect", "421 down", times=3))
    assert office.digest().exit_code == 1
    quiet = office.run("--quiet", "send", hour="11:45")
    assert (quiet.output, quiet.exit_code) == ("", 1)
    assert "421 down" in office.run("send", hour="12:00").output
    assert "more than two hours ago" not in office.run("status", hour="13:00").output
    assert "2 mails should have left more than two hours ago" in office.run("status", hour="13:45").output
    assert office.run("send", hour="14:00").exit_code == 0
    assert server.recipients() == [ANA, BOB]


def test_after_eight_tries_a_person_is_told(office: Installation, server: MailServer) -> None:
    office.member("ana", more="confirmed: false")
    server.faults.append(Fault("rcpt", LATER, BOB, times=8))
    office.digest(hour="05:00")
    moment, said = dt.datetime.combine(DAY, dt.time(5)), []
    for _ in range(4 * 12):
        moment += dt.timedelta(minutes=15)
        said.append(office.run("--quiet", "send", hour=f"{moment:%H:%M}"))
    (aloud,) = [one for one in said if one.output]
    assert (aloud.exit_code, office.states()) == (1, [("bob", "failed", 8)])
    assert "bob: failed: 8 tries: 450 4.2.0 come back later" in aloud.output


def test_what_was_being_sent_when_the_machine_died_is_taken_up(office: Installation, server: MailServer) -> None:
    office.digest()
    office.sql("UPDATE digests SET state = 'sending' WHERE member = 'ana'", "UPDATE digests SET state = 'dot'")
    office.sql("UPDATE digests SET state = 'sending' WHERE member = 'ana'")
    server.accepted.clear()
    result = office.run("send", hour="11:45")
    assert (result.exit_code, server.recipients()) == (1, [ANA])
    assert "bob: unknown: interrupted at the final dot" in result.output


def test_what_closed_while_it_waited_is_not_sent_but_the_rest_is(office: Installation, server: MailServer) -> None:
    office.member("bob", BOB, "second@members.test")
    office.collect([3], deadlines=[{"at": f"{DAY}T11:40:00+02:00"}])
    server.faults += [Fault("rcpt", LATER, BOB), Fault("rcpt", LATER, "second@members.test")]
    office.digest()
    office.collect([4])
    assert "bob: withdrawn: closed since: ted:3" in office.run("send", hour="11:45").output
    assert [(who, sorted(told(raw))) for who, raw in server.accepted[1:]] == [
        (BOB, [1, 2]), ("second@members.test", [1, 2]),
    ]  # fmt: skip
    office.run("digest", "--member", "bob", hour="12:00")
    assert tally(server)[BOB, 4] == 1 and max(tally(server).values()) == 1


# vestitor deliveries


@pytest.fixture
def unknown(office: Installation, server: MailServer) -> Installation:
    """Nobody knows whether Bob's mail, number 2, arrived."""
    server.faults.append(Fault("accepted", DROP, BOB))
    assert office.digest().exit_code == 1
    return office


def test_the_list_says_what_became_of_every_mail(unknown: Installation, server: MailServer) -> None:
    page = unknown.run("deliveries").output
    assert ("2026-11-20 11:30" in page, "no answer to the final dot" in page) == (True, True)
    assert [line.split()[:5:4] for line in page.splitlines()[1:4] if "  bob  " in line] == [["2", "unknown"]]
    assert "ana" not in unknown.run("deliveries", "--member", "bob").output
    assert "... and 1 older one: --last 2" in unknown.run("deliveries", "--last", "1").output
    (one,) = map(json.loads, unknown.run("deliveries", "--state", "unknown", "--json").output.splitlines())
    assert {key: one[key] for key in ("id", "member", "state", "attempts", "next_try", "made")} == {
        "id": 2, "member": "bob", "state": "unknown", "attempts": 1, "next_try": None,
        "made": "2026-11-20T11:30:00+02:00",
    }  # fmt: skip
    assert parsed(server.accepted[1][1])["Message-ID"] == one["message_id"]
    assert "vestitor deliveries arrived NUMBER" in unknown.run("status").output


def test_arrived(unknown: Installation, server: MailServer) -> None:
    assert unknown.run("deliveries", "arrived", "2").output == "Mail 2 to bob: arrived.\n"
    unknown.digest(day(1))
    assert len(server.accepted) == 2


def test_lost_comes_with_the_next_digest(unknown: Installation, server: MailServer) -> None:
    unknown.run("deliveries", "lost", "2")
    unknown.digest(day(1))
    assert [told(raw) for who, raw in server.accepted if who == BOB] == [[1, 2], [1, 2]]
    assert len({parsed(raw)["Message-ID"] for _, raw in server.accepted}) == 3


def test_again_is_the_very_same_mail(unknown: Installation, server: MailServer) -> None:
    result = unknown.run("deliveries", "again", "2", day=day(1))
    assert (result.output, result.exit_code) == ("Mail 2 to bob: sent again.\n", 0)
    first, second = (raw for who, raw in server.accepted if who == BOB)
    assert first == second
    assert "no mail that is unknown or failed with the number `2`" in unknown.run("deliveries", "again", "2").output


def test_again_does_not_tell_twice_what_a_later_mail_told(office: Installation, server: MailServer) -> None:
    server.faults.append(Fault("dot", "554 no", BOB))
    office.digest()
    office.digest(hour="11:40")
    assert "are in mail 3 by now" in office.run("deliveries", "again", "2").output
    assert set(tally(server).values()) == {1}


def test_again_waits_where_the_server_is_away(unknown: Installation, server: MailServer) -> None:
    server.faults.append(Fault("connect", "421 down"))
    result = unknown.run("deliveries", "again", "2", hour="11:50")
    assert (result.exit_code, "421 down" in result.output) == (1, True)
    assert unknown.run("send", hour="12:00").output == "1 waiting mail sent.\n"


# Bounces


@pytest.fixture
def suppressed(office: Installation, server: MailServer) -> Installation:
    """Bob's address refused twice."""
    server.faults.append(Fault("rcpt", NOBODY, BOB, times=2))
    first = office.digest()
    assert "bob: failed: 550 5.1.1 no such user" in first.output
    office.digest(day(1))
    return office


def test_an_address_that_refuses_twice_gets_no_mail_and_everybody_hears_of_it(
    suppressed: Installation, server: MailServer
) -> None:
    server.said.clear()
    result = suppressed.digest(day(2))
    assert (result.exit_code, server.count("RCPT")) == (1, 0)
    assert "Not mailed, because its address refuses mail: bob; `vestitor deliveries`" in result.output
    status = suppressed.run("status", day=day(2))
    assert (status.exit_code, "bob: an address of it gets no mail" in status.output) == (1, True)
    assert json.loads(suppressed.run("status", "--json").output)["suppressed"] == ["bob"]
    page = " ".join(suppressed.run("deliveries").output.split())
    assert "bob@members.test: no mail since 2026-11-21 11:30, because it refused twice: 550 5.1.1 no such user" in page
    why = " ".join(suppressed.run("explain", "bob", "ted:1", day=day(2)).output.split())
    assert "every address of bob refuses mail; `vestitor deliveries allow bob`" in why


@pytest.mark.parametrize("who", ["bob", "Bob@members.test"])
def test_a_person_allows_it_again_and_nothing_was_lost(who: str, suppressed: Installation, server: MailServer) -> None:
    assert "no suppressed address `ana`" in suppressed.run("deliveries", "allow", "ana").output
    assert suppressed.run("deliveries", "allow", who).exit_code == 0
    server.faults.append(Fault("rcpt", NOBODY, BOB))
    suppressed.digest(day(2))
    assert "refused twice" not in suppressed.run("deliveries").output
    suppressed.digest(day(3))
    assert [told(raw) for who, raw in server.accepted if who == BOB] == [[1, 2]]


def test_the_other_address_of_a_member_gets_the_mail(office: Installation, server: MailServer) -> None:
    office.member("bob", BOB, "second@members.test")
    server.faults.append(Fault("rcpt", NOBODY, BOB, times=9))
    for number in range(3):
        office.collect([10 + number], day(number))
        office.digest(day(number))
    assert server.recipients() == [ANA] * 3 + ["second@members.test"] * 3
    assert [member for member, state, _ in office.states() if state == "failed"] == ["bob", "bob"]
    assert office.digest(day(3)).exit_code == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (NOBODY, "552 5.2.2 mailbox full"),
        ("550 5.7.1 we do not relay for you", "550 5.7.1 we do not relay for you"),
        ("550 relaying denied", "550 relaying denied"),
        (NOBODY, LATER),
    ],
)
def test_other_refusals_suppress_nobody(first: str, second: str, office: Installation, server: MailServer) -> None:
    for number, reply in enumerate((first, second)):
        server.faults.append(Fault("rcpt", reply, BOB))
        office.digest(day(number))
    assert json.loads(office.run("status", "--json").output)["suppressed"] == []


def test_a_mail_that_arrived_in_between_begins_the_count_anew(office: Installation, server: MailServer) -> None:
    for number in range(3):
        office.collect([10 + number], day(number))
        if number != 1:
            server.faults.append(Fault("rcpt", NOBODY, BOB))
        office.digest(day(number))
    assert json.loads(office.run("status", "--json").output)["suppressed"] == []


def test_a_soft_refusal_in_between_is_no_proof_that_an_address_lives(office: Installation, server: MailServer) -> None:
    for number, reply in enumerate((NOBODY, LATER, NOBODY)):
        server.faults.append(Fault("rcpt", reply, BOB))
        office.digest(day(number))
    assert json.loads(office.run("status", "--json").output)["suppressed"] == ["bob"]


# Reports that come later


def report(to: Installation, of: bytes, status: str = "5.1.1", action: str = "failed", whole: bool = True) -> None:
    """A mail server's report (RFC 3464) about a mail of ours, put into the office's mailbox."""
    head = of.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n")
    returned = ("message/rfc822", f"{head}\n\nthe text") if whole else ("text/rfc822-headers", head)
    parts = [
        ("text/plain", f"Dear sender, Ion Popescu of {BOB} is not here any more."),
        ("message/delivery-status", f"Reporting-MTA: dns; mx.members.test\n\nFinal-Recipient: rfc822; {BOB}\n"
         f"Action: {action}\nStatus: {status}\nDiagnostic-Code: smtp; 550 {status} Ion Popescu has left"),
        returned,
    ]  # fmt: skip
    body = "".join(f"--=_r\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts)
    with (to.folder / "office.mbox").open("a") as box:
        box.write(
            "From MAILER-DAEMON Fri Nov 20 12:00:00 2026\nFrom: MAILER-DAEMON@mx.members.test\n"
            "To: vestitor@monitor.test\nSubject: Undelivered Mail\nMIME-Version: 1.0\nMessage-ID: <r@mx.members.test>\n"
            f'Content-Type: multipart/report; report-type=delivery-status; boundary="=_r"\n\n{body}--=_r--\n\n'
        )


def mails_to_bob(server: MailServer) -> list[bytes]:
    return [raw for who, raw in server.accepted if who == BOB]


def test_a_mail_that_comes_back_later_failed_and_the_second_suppresses(
    office: Installation, server: MailServer
) -> None:
    office.digest()
    report(office, mails_to_bob(server)[0])
    mailbox = str(office.folder / "office.mbox")
    result = office.run("feedback", "--mailbox", mailbox, hour="13:00")
    assert "bob: mail 2 came back (5.1.1); its lines go into the next digest." in result.output
    assert "came back" not in office.run("feedback", "--mailbox", mailbox, hour="14:00").output
    office.digest(day(1))
    assert [told(raw) for raw in mails_to_bob(server)] == [[1, 2], [1, 2]]
    report(office, mails_to_bob(server)[1], whole=False)
    office.run("feedback", "--mailbox", mailbox, day=day(1), hour="13:00")
    assert json.loads(office.run("status", "--json").output)["suppressed"] == ["bob"]
    assert b"Popescu" not in (office.folder / "test.db").read_bytes()


@pytest.mark.parametrize(("status", "action"), [("4.4.1", "delayed"), ("5.1.1", "delivered"), ("2.0.0", "relayed")])
def test_a_report_that_a_mail_is_late_or_there_changes_nothing(
    status: str, action: str, office: Installation, server: MailServer
) -> None:
    office.digest()
    report(office, mails_to_bob(server)[0], status, action)
    office.run("feedback", "--mailbox", str(office.folder / "office.mbox"))
    assert office.states() == [("ana", "sent", 1), ("bob", "sent", 1)]


def test_a_report_about_a_full_mailbox_or_a_mail_of_others_suppresses_nobody(
    office: Installation, server: MailServer
) -> None:
    for number in range(2):
        office.collect([10 + number], day(number))
        office.digest(day(number))
        report(office, mails_to_bob(server)[number], "5.2.2")
        report(office, mails_to_bob(server)[number].replace(b"@monitor.test>", b"@others.test>"))
        office.run("feedback", "--mailbox", str(office.folder / "office.mbox"), day=day(number), hour="13:00")
    assert [state for member, state, _ in office.states() if member == "bob"] == ["failed", "failed"]
    assert json.loads(office.run("status", "--json").output)["suppressed"] == []
