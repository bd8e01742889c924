"""What staff get: the overview of a week, once a week; what broke, once, and that it is mended."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from digests.alarms import BROKEN, MENDED, Wrong, news
from digests.desk import To
from digests.office import report_day
from digests.paper import Block, Paper, Row, Said, Table, html_of, text_of
from pipeline.config import DAYS
from pipeline.journal import Journal, Verdict
from pipeline.store import Store
from tests.send_world import DAY, Installation, parsed
from tests.smtp_faults import Fault, MailServer

OFFICER, SECOND = "office@monitor.test", "second@monitor.test"
TAGS = "html head meta title style body div table tr td th h1 h2 p a b br span"
SOURCES = "sources:\n  ted: {url: 'https://ted.example.org'}\n  seap: {url: 'https://seap.example.org'}\n"
FRIDAY = dt.datetime.fromisoformat("2026-11-20T09:00+02:00")


class Office(Installation):
    """Its runs, and the mails its staff got."""

    def open(self, server: MailServer, staff: str = OFFICER) -> None:
        self.mails_to(server.port, more=f"  staff: [{staff}]\n")
        with (self.folder / "config.yaml").open("a") as file:
            file.write(SOURCES)

    def ran(self, source: str, verdict: Verdict, at: dt.datetime = FRIDAY, why: str = "", **counts: int) -> None:
        with Store(self.folder / "test.db") as store:
            journal = Journal(store)
            journal.end(journal.begin(source, at), verdict, [why] if why else [], counts, [], at)

    def well(self, *sources: str, days: int = 0) -> None:
        for source in sources:
            self.ran(source, Verdict.GOOD, FRIDAY + dt.timedelta(days=days), read=40, new=3)


def to(server: MailServer, staff: str = OFFICER) -> list[EmailMessage]:
    return [parsed(raw) for recipient, raw in server.accepted if recipient == staff]


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def office(tmp_path: Path, server: MailServer) -> Office:
    """Two sources that are well, members of three sorts, and five tenders of which one has a deadline soon."""
    office = Office(tmp_path)
    office.open(server)
    office.member("alpha", more="confirmed: true\norganisation: sme")
    office.member("beta", more="confirmed: true\norganisation: university")
    office.member("gamma", more="confirmed: true\norganisation: public_authority")
    (tmp_path / "members" / "idle.yaml").write_text(
        "member: idle\nname: Idle SRL\nlanguage: en\nemail: [idle@members.test]\nconfirmed: true\n"
        "rules: [{name: Boats, title: [submarines]},\n"
        "  {name: Big, title: [software], value: {min: 9 000 000 EUR}, known: [value]}]\n"
    )
    office.collect(range(1, 6), kind="tender")
    office.collect([6], id="ted:call-6", kind="call", title="Software no. 6, a call.")
    office.well("ted", "seap")
    return office


# The overview


def test_the_overview_says_what_stands_out(office: Office, server: MailServer) -> None:
    office.digest()
    for n in range(9):
        office.ran("seap", Verdict.GOOD, FRIDAY - dt.timedelta(days=9 - n), read=40)
    office.ran("seap", Verdict.GOOD, FRIDAY + dt.timedelta(hours=1), read=6, new=6)
    office.ran(
        "ted", Verdict.DEGRADED, FRIDAY + dt.timedelta(hours=1), why="3 of 9 documents could not be read", read=9
    )
    office.run("feedback", "alpha", "ted:2", "not-relevant")
    (office.folder / "members" / "beta.yaml").write_text("member: beta\nlanguage: english\n")
    shown = json.loads(office.run("report", "--json").output)
    seap, ted = (next(one for one in shown["sources"] if one["name"] == name) for name in ("seap", "ted"))
    assert (seap["verdict"], seap["read"], seap["usual"], seap["runs"], seap["new"]) == ("good", 6, 40.0, 8, 9)
    assert (ted["verdict"], ted["reasons"]) == ("degraded", ["3 of 9 documents could not be read"])
    assert (shown["mails"], shown["lines"]) == (3, 18)
    first = shown["candidates"][0]
    assert (first["id"], first["kind"]) == ("ted:call-6", "call")  # calls first
    assert [one["organisation"] for one in first["partners"]] == ["public_authority", "sme", "university"]
    assert {one["member"]: one["found"] for one in shown["volumes"]} == {"alpha": 6, "beta": 6, "gamma": 6, "idle": 0}
    assert [one["opportunity"] for one in shown["proposals"]] == ["ted:2"]
    assert "members/beta.yaml:2: `language`: write 'ro' or 'en', not `english`" in shown["filter_problems"]
    said = office.run("report").output
    assert "seap: the last run read 6, usually 40." in said.lower()
    assert "idle: nothing in 28 days. `vestitor suggest idle` shows why." in said
    assert re.search(r"- idle: Software no\. \d.*would match “Big” if value from 9 000 000 EUR", said)
    assert "alpha called ted:2 not relevant. Proposal: without `software` in “Software”" in said
    assert "Gamma (public authority), Alpha (SME), Beta (university) [ted:call-6]" in said
    assert "TED: 3 of 9 documents could not be read. Last good run: 20 Nov 09:00." in said
    assert said.count("members/beta.yaml:2:") == 1


def test_what_only_two_match_is_no_candidate(office: Office) -> None:
    (office.folder / "members" / "gamma.yaml").unlink()
    office.run("tag")
    assert json.loads(office.run("report", "--json").output)["candidates"] == []


def test_a_quiet_week_is_said_in_a_few_words(tmp_path: Path) -> None:
    office = Installation(tmp_path)
    office.configure()
    office.member("alpha")
    said = office.run("report", "--since", "14d").output
    assert "6 Nov to 20 Nov. Members were told 0 lines in 0 mails." in said
    assert office.run("report", "--since", "soon").exit_code == 2


def test_the_report_is_mailed_once_a_week_whatever_is_tried(office: Office, server: MailServer) -> None:
    monday = dt.date(2026, 11, 23)
    for day in range(14):
        for hour in ("08:15", "08:16", "14:00"):
            office.run("report", "--mail", day=monday + dt.timedelta(days=day), hour=hour)
    assert len(to(server)) == 2
    mail = to(server)[0]
    assert "to act on" in mail["Subject"] or "All is well" in mail["Subject"]
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert "MATCHED BY 3 MEMBERS OR MORE" in text(mail)


def test_a_report_that_cannot_leave_waits_and_is_not_made_twice(office: Office, server: MailServer) -> None:
    server.faults += [Fault("rcpt", "450 later")]
    monday = dt.date(2026, 11, 23)
    assert office.run("report", "--mail", day=monday, hour="08:15").exit_code == 0
    assert to(server) == [] and office.states()[-1][1] == "retry"
    office.run("send", day=monday, hour="09:00")
    assert len(to(server)) == 1
    office.run("report", "--mail", day=monday, hour="09:05")
    assert len(to(server)) == 1


def test_every_officer_gets_one_and_a_refused_address_does_not_repeat_it(office: Office, server: MailServer) -> None:
    office.open(server, f"{OFFICER}, {SECOND}")
    server.faults += [Fault("rcpt", "550 5.2.2 full")]
    office.run("report", "--mail", hour="08:15")
    office.run("report", "--mail", day=DAY + dt.timedelta(days=1))
    assert len(to(server)) + len(to(server, SECOND)) == 1


def test_without_a_server_the_report_is_a_file(tmp_path: Path) -> None:
    office = Installation(tmp_path)
    office.configure(f"  staff: [{OFFICER}]\n")
    assert office.run("report", "--mail").exit_code == 0
    assert [file.name for file in (tmp_path / "outbox").iterdir()] == ["2026-11-20-_staff-1.eml"]


def test_without_staff_there_is_nobody_to_mail_to(tmp_path: Path) -> None:
    office = Installation(tmp_path)
    office.configure()
    for command in (("report", "--mail"), ("alarm",)):
        refused = office.run(*command)
        assert refused.exit_code == 2 and "no `mail.staff` in config.yaml" in refused.output


@pytest.mark.parametrize("days", [("mon",), ("mon", "thu"), ("sun",), DAYS])
def test_each_report_belongs_to_the_last_of_its_days(days: tuple[str, ...]) -> None:
    for n in range(800):
        today = dt.date(2026, 1, 1) + dt.timedelta(days=n)
        day = report_day(today, days)
        assert DAYS[day.weekday()] in days and 0 <= (today - day).days < 7
        assert not any(DAYS[(day + dt.timedelta(days=k)).weekday()] in days for k in range(1, (today - day).days + 1))


# Alarms


def alarm(office: Office, hours: int = 0) -> int:
    at = dt.datetime(2026, 11, 20, 11, 30) + dt.timedelta(hours=hours)
    return office.run("alarm", day=at.date(), hour=f"{at:%H:%M}").exit_code


def test_a_problem_is_mailed_once_and_once_more_when_it_is_over(office: Office, server: MailServer) -> None:
    assert (alarm(office), to(server)) == (0, [])
    office.ran("seap", Verdict.FAILED, why="nothing was read; zero is never success")
    for hour in range(5):
        alarm(office, hour)
        office.ran("seap", Verdict.FAILED, why=f"another reason {hour}")
    (mail,) = to(server)
    assert mail["Subject"] == "1 new problem: source seap"
    assert "- source seap: The last run: failed; nothing was read; zero is never success" in text(mail)
    assert "`vestitor collect seap` tries again" in text(mail)
    with Store(office.folder / "test.db") as store:
        Journal(store).begin("seap", FRIDAY + dt.timedelta(hours=2, minutes=20))
    alarm(office, 5)  # it did not end: still a problem
    assert len(to(server)) == 1
    office.well("seap")
    alarm(office, 6)
    alarm(office, 7)
    assert [one["Subject"] for one in to(server)[1:]] == ["1 mended: source seap"]
    office.ran("seap", Verdict.DEGRADED, why="3 notices read")
    alarm(office, 8)
    assert [one["Subject"] for one in to(server)[2:]] == ["1 new problem: source seap"]


def test_a_bad_hour_of_a_publisher_is_no_alarm_and_two_are(office: Office, server: MailServer) -> None:
    office.ran("ted", Verdict.PARTIAL, why="HTTP 503")
    alarm(office)
    assert to(server) == []
    office.ran("ted", Verdict.PARTIAL, why="HTTP 503")
    alarm(office, 1)
    assert [one["Subject"] for one in to(server)] == ["1 new problem: source ted"]


def test_while_a_source_is_read_nobody_says_that_it_is_mended(office: Office, server: MailServer) -> None:
    office.ran("ted", Verdict.FAILED, why="HTTP 500")
    alarm(office)
    with Store(office.folder / "test.db") as store:
        Journal(store).begin("ted", FRIDAY + dt.timedelta(hours=3))
    alarm(office, 1)
    assert len(to(server)) == 1


def test_a_broken_filter_and_a_mail_that_failed_are_told_with_what_to_do(office: Office, server: MailServer) -> None:
    good = (office.folder / "members" / "beta.yaml").read_text()
    office.run("tag")
    (office.folder / "members" / "beta.yaml").write_text(good.replace("title:", "titel:"))
    server.faults += [Fault("rcpt", "554 5.7.1 not wanted")]
    office.digest()
    alarm(office, 1)
    (mail,) = to(server)
    assert mail["Subject"].startswith("2 new problems: mail ")
    assert re.search(r"- mail \d+ to alpha: failed: 554 5\.7\.1 not wanted", text(mail))
    assert "members/beta.yaml" in text(mail) and "Its last good version stays in force." in text(mail)
    (office.folder / "members" / "beta.yaml").write_text(good)
    alarm(office, 2)
    assert "MENDED" in text(to(server)[1]) and "beta.yaml" in to(server)[1]["Subject"]


def test_an_alarm_that_cannot_leave_waits_and_one_that_is_refused_is_told_again(
    office: Office, server: MailServer
) -> None:
    office.ran("ted", Verdict.FAILED, why="HTTP 500")
    server.faults += [Fault("rcpt", "450 later"), Fault("rcpt", "554 5.7.1 no")]
    alarm(office)
    office.run("send", hour="13:00")  # refused for good: it told nobody
    assert to(server) == []
    alarm(office, 2)
    alarm(office, 3)
    assert len(to(server)) == 1  # and that a mail to staff failed is no alarm of its own
    assert "mail " not in text(to(server)[0]).partition("NEW")[2].partition("Each problem")[0]


def test_a_digest_that_cannot_be_made_is_told_once_a_day(
    office: Office, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digests.desk.To", lambda id, *rest: 1 / 0 if id == "alpha" else To(id, *rest))
    for hour in ("11:30", "12:30"):
        office.digest(hour=hour)
        office.run("alarm", hour=hour)
    (mail,) = to(server)
    assert mail["Subject"] == "1 new problem: digest of alpha, 2026-11-20"
    assert "its digest could not be made: ZeroDivisionError" in text(mail)
    office.digest(day=DAY + dt.timedelta(days=3))
    assert [one["Subject"] for one in to(server)[1:]] == ["1 new problem: digest of alpha, 2026-11-23"]


def test_news_is_what_differs_from_what_was_told() -> None:
    one, two = Wrong("one", "a", "b"), Wrong("two", "a", "b")
    told = {"two": BROKEN, "three": BROKEN, "four": MENDED, "five": BROKEN}
    found = news([one, two], told, {"five"})
    assert (found.broken, found.mended) == ((one,), ("three",))
    assert not news([two], {"two": BROKEN})
    assert found.lines == [("one", 1, BROKEN), ("three", 1, MENDED)]


# What staff mails look like


def test_a_paper_says_the_same_twice_and_escapes_everything() -> None:
    hostile = '<script>alert(1)</script>\r\nBcc: x\u202e "&'
    table = Table((hostile, "Read"), (Row((hostile, "1"), alarming=True), Row(("plain", "20"))), numbers=(1,))
    lines = [Said(hostile, "javascript:alert(1)", hostile), Said("good", "https://example.org/?a=1&b=2")]
    paper = Paper(
        hostile, hostile, hostile, (Block(hostile, hostile, lines, table), Block("empty", fine="None.")), hostile
    )
    page: Any = lxml_html.document_fromstring(html_of(paper))
    tags = {element.tag for element in page.iter() if isinstance(element.tag, str)}
    assert tags <= set(TAGS.split())
    assert [link.get("href") for link in page.iter("a")] == ["https://example.org/?a=1&b=2"]
    assert len(page.findall(".//h1")) == 1 and page.get("lang") == "en"
    assert {th.get("scope") for th in page.iter("th")} == {"col", "row"}
    plain = text_of(paper)
    for said in ("alert(1)", "https://example.org/?a=1&b=2", "None.", "plain"):
        assert said in plain and said in page.text_content() + "".join(a.get("href") for a in page.iter("a"))
    assert "\u202e" not in plain and "\nBcc" not in plain
