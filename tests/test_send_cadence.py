"""When each member is mailed and how much: the command line, day by day, to a real mail server."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.send_world import Installation, parsed, told
from tests.smtp_faults import Fault, MailServer

WEEKLY = "confirmed: true\ndigest: weekly"
WORKING_DAYS = "mon, tue, wed, thu, fri"


def nov(day: int) -> dt.date:
    """November 2026: the 2nd is a Monday; Monday the 30th and the day after are holidays."""
    return dt.date(2026, 11, 1) + dt.timedelta(days=day - 1)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def office(tmp_path: Path, server: MailServer) -> Installation:
    """An office that works from Monday to Friday; nobody in it yet, and three tenders."""
    office = Installation(tmp_path)
    office.mails_to(server.port, days=WORKING_DAYS)
    office.collect([1, 2, 3], nov(2))
    return office


def mails(server: MailServer) -> list[list[int]]:
    return [sorted(told(raw)) for _, raw in server.accepted]


def text(raw: bytes) -> str:
    body = parsed(raw).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def listed(raw: bytes) -> list[int]:
    """The tenders of the attached list, in its order."""
    for part in parsed(raw).iter_attachments():
        if part.get_content_type() == "text/html":
            return [int(ref) for ref in re.findall(r"Software no\. (\d+)\.", part.get_content())]
    return []


# On which days


def test_one_digest_a_day_however_often_it_is_asked_for(office: Installation, server: MailServer) -> None:
    office.member("ana")
    for day, refs in ((2, [4]), (3, [5])):
        office.digest(nov(day), "08:00")
        office.collect(refs, nov(day))
        for hour in ("08:05", "12:00", "23:59"):
            assert "Not due until" in office.digest(nov(day), hour).output
    office.digest(nov(4))
    assert mails(server) == [[1, 2, 3], [4], [5]]


def test_a_day_on_which_there_was_nothing_yet_can_still_bring_something(
    office: Installation, server: MailServer
) -> None:
    office.member("ana")
    office.digest(nov(2))
    office.digest(nov(3), "08:00")
    office.collect([4], nov(3))
    office.digest(nov(3), "12:00")
    assert mails(server) == [[1, 2, 3], [4]]


def test_weekly_on_its_day_even_where_that_day_brought_nothing(office: Installation, server: MailServer) -> None:
    office.member("ana", more=WEEKLY)
    days = {2: [4], 5: [5], 9: [], 10: [6], 13: [7], 16: [8], 23: []}
    for day, refs in days.items():
        office.digest(nov(day))
        office.collect(refs, nov(day))
    assert mails(server) == [[1, 2, 3], [4, 5], [6, 7], [8]]
    server.accepted.clear()
    office.digest(nov(37))  # Monday, 7 December
    office.digest(nov(38))
    office.collect([9], nov(39))
    office.digest(nov(39))  # Monday brought nothing: the week is over all the same
    assert mails(server) == []
    office.digest(nov(44))
    assert mails(server) == [[9]]


def test_named_days(office: Installation, server: MailServer) -> None:
    office.member("ana", more="confirmed: true\ndigest: [tuesday, fri]")
    for day in range(3, 14):
        office.collect([day + 10], nov(day))
        office.digest(nov(day))
    assert [parsed(raw)["Date"].datetime.day for _, raw in server.accepted] == [3, 6, 10, 13]


def test_what_falls_on_holidays_and_closed_days_comes_on_the_next_working_day(
    office: Installation, server: MailServer
) -> None:
    office.mails_to(server.port, days=WORKING_DAYS, digest=", closed: [2026-12-02 to 2026-12-03]")
    office.member("ana", more=WEEKLY)
    office.digest(nov(23))
    office.collect([4], nov(28))
    said = office.digest(nov(30))  # Saint Andrew
    assert "Not due until Friday, 4 December 2026: ana" in said.output
    for day in (31, 32, 33, 34, 35):
        office.digest(nov(day))
    assert mails(server) == [[1, 2, 3], [4]]
    assert parsed(server.accepted[-1][1])["Date"].datetime.date() == dt.date(2026, 12, 4)


def test_a_week_a_stopped_server_missed_comes_once_it_runs_and_the_next_on_its_day(
    office: Installation, server: MailServer
) -> None:
    office.member("ana", more=WEEKLY)
    office.digest(nov(2))
    for day, ref in ((5, 4), (12, 5), (16, 6)):
        office.collect([ref], nov(day))
        if day > 5:
            office.digest(nov(day))  # Thursday: the Monday was missed; then Monday
    assert mails(server) == [[1, 2, 3], [4, 5], [6]]


def test_who_is_asked_for_by_name_is_told_now_and_that_was_its_digest(office: Installation, server: MailServer) -> None:
    office.member("ana", more=WEEKLY)
    office.digest(nov(2))
    office.collect([4], nov(8))
    office.run("digest", "--member", "ana", day=nov(8))  # a Sunday
    office.collect([5], nov(11))
    office.run("digest", "--member", "ana", day=nov(11))
    assert mails(server) == [[1, 2, 3], [4], [5]]
    office.collect([6], nov(12))
    office.digest(nov(12))
    office.digest(nov(16))
    assert mails(server)[3:] == [[6]]


def test_cron_does_not_hear_who_is_not_due(office: Installation) -> None:
    office.member("ana", more=WEEKLY)
    office.digest(nov(2))
    assert office.run("--quiet", "digest", day=nov(3)).output == ""


def test_a_mail_that_failed_is_made_anew_in_its_period(office: Installation, server: MailServer) -> None:
    office.member("ana", more=WEEKLY)
    server.faults.append(Fault("rcpt", "550 no"))
    office.digest(nov(2))
    office.digest(nov(3))
    office.digest(nov(4))
    assert mails(server) == [[1, 2, 3]]


def test_a_clock_that_goes_back_repeats_nothing_and_stops_nothing(office: Installation, server: MailServer) -> None:
    office.member("ana")
    office.digest(dt.date(2027, 2, 1))
    office.digest(nov(3))
    office.collect([4], nov(4))
    office.digest(nov(4))
    office.digest(nov(4))
    assert mails(server) == [[1, 2, 3], [4]]


# What cannot wait


def test_what_closes_soon_does_not_wait_for_the_day_where_the_member_says_urgent(
    office: Installation, server: MailServer
) -> None:
    for name, more in (("ana", "\nurgent: true"), ("bob", "")):
        office.member(name, more=WEEKLY + more)
    office.collect([7], nov(2), deadlines=[{"at": "2026-11-12T12:00:00+02:00"}])
    office.digest(nov(2))
    office.collect([4], nov(3))
    office.collect([5], nov(3), deadlines=[{"at": "2026-11-08T12:00:00+02:00"}])
    for hour in ("08:00", "12:00"):
        office.digest(nov(3), hour)
    for day in (4, 5, 6, 7):
        office.digest(nov(day))
    office.digest(nov(9))
    got = {name: [told(raw) for who, raw in server.accepted if who.startswith(name)] for name in ("ana", "bob")}
    assert got["ana"] == [[1, 2, 3, 7], [5], [7], [4]]  # 7: seven days before its end, on Thursday the 5th
    assert got["bob"] == [[1, 2, 3, 7], [7, 4]]


def test_reminders_at_the_days_the_member_wants_and_anew_when_the_deadline_moves(
    office: Installation, server: MailServer
) -> None:
    office.member("ana", more="confirmed: true\nremind: [14, 3]")
    office.collect([1], nov(2), deadlines=[{"at": "2026-11-19T12:00:00+02:00"}])
    for day in (2, 3, 4, 5, 6, 13, 16):
        office.digest(nov(day))
    office.collect([1], nov(17), deadlines=[{"at": "2026-12-18T12:00:00+02:00"}])
    for day in (17, 18, 26, 33, 34, 37, 44, 45, 46, 48):  # from December on: 30 less
        office.digest(nov(day))
    about = [parsed(raw)["Date"].datetime.date() for _, raw in server.accepted if 1 in told(raw)]
    days = ["11-02", "11-05", "11-16", "11-17", "12-04", "12-15"]  # new, 14, 3 before; moved; 14, 3 before
    assert [f"{day:%m-%d}" for day in about] == days


def test_a_reminder_no_digest_day_falls_on_comes_with_the_last_digest_before(
    office: Installation, server: MailServer
) -> None:
    office.member("ana", more=f"{WEEKLY}\nremind: [1]")
    office.collect([1], nov(2), deadlines=[{"at": "2026-11-20T12:00:00+02:00"}])  # a Friday
    for day in (2, 9, 16, 23):
        office.digest(nov(day))
    assert mails(server) == [[1, 2, 3], [1]]
    assert "4 days left" in text(server.accepted[1][1])


# How much


def test_a_week_holds_so_many_new_ones_the_best_first_and_lists_the_rest(
    office: Installation, server: MailServer
) -> None:
    office.mails_to(server.port, days=WORKING_DAYS, volume=5)
    office.member("ana")
    file = office.folder / "members" / "ana.yaml"
    top = "rules: [{name: Cloud, title: [cloud], priority: high}, {name: Soft"
    file.write_text(file.read_text().replace("rules: [{name: Soft", top))
    office.collect(range(4, 10), nov(2))
    office.collect([10], nov(2), title="Software no. 10. Cloud")
    office.digest(nov(2))
    first = server.accepted[0][1]
    assert (len(told(first)), told(first)[0], len(listed(first))) == (5, 10, 5)
    assert "5 more found no room here" in text(first)
    assert {*told(first), *listed(first)} == set(range(1, 11))
    changed = told(first)[-1]
    office.collect([11], nov(3), deadlines=[{"at": "2026-11-06T12:00:00+02:00"}])
    office.collect([12], nov(3))
    office.collect([changed], nov(3), stage="cancelled")
    for day in (3, 9, 16):
        office.digest(nov(day))
    second, third, fourth = (raw for _, raw in server.accepted[1:])
    assert (told(second), 12 in listed(second)) == ([11, changed], True)  # what closes and what changed has room
    assert (len(told(third)), len(listed(third)), len(told(fourth)), listed(fourth)) == (5, 1, 1, [])
    new = [*told(first), 11, *told(third), *told(fourth)]
    assert sorted(new) == list(range(1, 13))


def test_a_member_can_want_more_or_less(office: Installation, server: MailServer) -> None:
    office.mails_to(server.port, days=WORKING_DAYS, volume=2)
    office.member("ana", more="confirmed: true\nvolume: 3")
    office.member("bob")
    office.digest(nov(2))
    assert [len(told(raw)) for _, raw in server.accepted] == [3, 2]


def test_who_joins_a_full_store_is_not_flooded(office: Installation, server: MailServer) -> None:
    office.mails_to(server.port, days=WORKING_DAYS, volume=10)
    office.collect(range(4, 61), nov(2))
    office.collect([70, 71], nov(2), deadlines=[{"at": "2026-10-30T12:00:00+02:00"}])
    office.member("ana", more=WEEKLY)
    office.digest(nov(4))
    raw = server.accepted[0][1]
    assert (len(told(raw)), len(listed(raw))) == (10, 50)
    assert not {70, 71} & {*told(raw), *listed(raw)}


def test_the_list_is_a_page_of_its_own_with_safe_links(office: Installation, server: MailServer) -> None:
    office.mails_to(server.port, days=WORKING_DAYS, volume=1)
    office.member("ana")
    office.collect(
        [2], nov(2), title="Software no. 2. <script>alert(1)</script>", url="https://ted.europa.eu/2?a=1&b=2"
    )
    office.digest(nov(2))
    (part,) = [
        part for part in parsed(server.accepted[0][1]).iter_attachments() if part.get_content_type() == "text/html"
    ]
    page = part.get_content()
    assert (part.get_filename(), part.get_content_disposition()) == ("more-opportunities.html", "attachment")
    assert "<script" not in page and 'href="https://ted.europa.eu/2?a=1&amp;b=2"' in page
    assert '<html lang="en"' in page and "Mon 1 Mar 2027" in page


# Away and back


def test_after_a_pause_what_is_still_open_comes_once_marked_and_within_the_volume(
    office: Installation, server: MailServer
) -> None:
    office.mails_to(server.port, days=WORKING_DAYS, volume=4)
    office.member("ana", more="confirmed: true\nvolume: 3")
    office.digest(nov(2))
    office.member("ana", more="confirmed: true\nvolume: 3\npaused: true")
    office.collect([1], nov(4), stage="cancelled")
    office.collect([2], nov(4), deadlines=[{"at": "2027-02-01T12:00:00+02:00"}])
    office.collect([4], nov(5), deadlines=[{"at": "2026-11-12T12:00:00+02:00"}])
    office.collect(range(5, 11), nov(6))
    for day in range(3, 20):
        office.digest(nov(day))
    office.member("ana", more="confirmed: true\nvolume: 3")
    office.digest(nov(20))
    office.collect([3], nov(23), stage="cancelled")
    office.digest(nov(23))
    back, after = (raw for _, raw in server.accepted[1:])
    assert (sorted(told(back))[0], len(told(back)), len(listed(back))) == (2, 4, 3)  # changed, three new; none ended
    assert "your pause, since 2 November" in text(back)
    assert 3 in told(after) and "your pause" not in text(after)


# A stretch of real days


def test_from_before_the_clock_change_until_after_easter_every_member_has_its_digests_and_no_other(
    office: Installation,
) -> None:
    """28 March 2027: the clocks go forward. 1 to 27 April: the server is off. 30 April to 3 May: Easter."""
    office.configure(days=WORKING_DAYS)
    rhythms = {"ana": "daily", "bob": "weekly", "cat": "[tuesday, friday]"}
    for name, rhythm in rhythms.items():
        office.member(name, more=f"confirmed: true\ndigest: {rhythm}")
    march = [dt.date(2027, 3, 25) + dt.timedelta(days=n) for n in range(7)]
    easter = [dt.date(2027, 4, 28) + dt.timedelta(days=n) for n in range(9)]
    for ref, day in enumerate([*march, *easter], start=4):
        office.collect([ref], day, deadlines=[{"at": "2027-12-01T12:00:00+02:00"}])
        for hour in ("02:30", "03:30", "11:30") if day == dt.date(2027, 3, 28) else ("00:10", "11:30"):
            office.digest(day, hour)
    sent, lines = dict[str, list[str]](), dict[str, list[int]]()
    for file in sorted((office.folder / "outbox").glob("*.eml"), key=lambda file: int(file.stem.split("-")[-1])):
        sent.setdefault(file.name[11:14], []).append(file.name[5:10])
        lines.setdefault(file.name[11:14], []).extend(told(file.read_bytes()))
    first = "03-25"  # a new member's first digest does not wait for its day
    assert sent == {
        "ana": [first, "03-26", "03-29", "03-30", "03-31", "04-28", "04-29", "05-04", "05-05", "05-06"],
        "bob": [first, "03-29", "04-28", "05-04"],  # Monday 26 April: late; Easter Monday: the day after
        "cat": [first, "03-26", "03-30", "04-28", "05-04"],  # Friday 30 April and Tuesday 4 May: one
    }
    last = {name: 4 + [*march, *easter].index(dt.date.fromisoformat(f"2027-{days[-1]}")) for name, days in sent.items()}
    assert {name: sorted(refs) for name, refs in lines.items()} == {n: list(range(4, to + 1)) for n, to in last.items()}
