"""The command line as three people meet it: an officer, the operator in the morning, and a monitor."""

import datetime as dt
import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import vestitor
from commands.door import DONE
from pipeline.config import Config
from pipeline.journal import HAD, STATED, IssueCount, Journal, Verdict
from pipeline.store import Store
from tests.send_world import Installation
from tests.smtp_faults import DROP, Fault, MailServer
from tests.sources import _server as http
from tests.sources.ted import TedServer
from tests.world import FRIDAY, ROOT, installation, ted_block
from tests.world import vestitor as typed

COMMANDS = list(vestitor.main.commands)
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.fixture
def office(tmp_path: Path) -> Installation:
    """Member ana looks for software; tenders 1 and 2 are there, and a source that never ran."""
    office = Installation(tmp_path)
    office.configure()
    with (tmp_path / "config.yaml").open("a") as config:
        config.write("sources:\n  ted: {url: http://127.0.0.1:9, at: ['10:45'], backoff: 0, delay: 0}\n")
    office.member("ana")
    office.collect([1, 2])
    return office


@pytest.fixture
def ted() -> Iterator[TedServer]:
    with TedServer(today=FRIDAY.date()) as server:
        yield server


@pytest.fixture
def collecting(ted: TedServer, tmp_path: Path) -> Config:
    """An installation that collects from a stand-in of TED."""
    return installation(tmp_path, ted_block(ted.url))


def ran(office: Installation, verdict: Verdict, when: str, *reasons: str) -> None:
    """A run of TED at a local time of November 2026."""
    at = dt.datetime.fromisoformat(f"2026-11-{when}+02:00")
    counts = {"requests": 5, "unpacked": 12, "read": 11, "new": 7, "changed": 4, STATED: 12, HAD: 12}
    with Store(office.folder / "test.db") as store:
        journal = Journal(store)
        journal.mark("ted", "issue", "202600225", at)
        issue = IssueCount("unsafe-link", 1, ("791890-2026: javascript:alert",))
        journal.end(journal.begin("ted", at), verdict, reasons, counts, [issue], at)


# Help


def test_help_is_a_table_of_contents_with_one_whole_line_a_command() -> None:
    text = CliRunner().invoke(vestitor.main, ["--help"], terminal_width=80).output
    assert sorted(COMMANDS) == sorted(vestitor.main.commands)
    for name in COMMANDS:
        (line,) = re.findall(rf"^  {name} +(\S.*)$", text, re.MULTILINE)
        assert line.endswith(".")
    assert "..." not in text.partition("A day:")[2]
    assert "Exit codes: 0 done; 1 something to act on; 2 wrong use" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_its_parts_mean(name: str) -> None:
    command = vestitor.main.commands[name]
    assert command.help
    for part in command.params:
        if isinstance(part, click.Option):
            assert part.help or part.name == "form"
        else:
            assert (part.name or "").rstrip("s").upper() in command.help.upper()


# Wrong use


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["--config=missing.yaml", "status"], "missing.yaml:1: cannot be read: No such file or directory"),
        (["--now=tomorrow", "status"], '--now "tomorrow" is no date and time; write "2026-11-20 07:30"'),
        (["explain", "anna", "1"], "no member `anna`; did you mean `ana`?"),
        (["matches", "--member=zzz"], "no member `zzz`; there are: ana"),
        (["digest", "--member=anna"], "no member `anna`; did you mean `ana`?"),
        (["explain", "ana", "77-2026"], "no opportunity `77-2026` in the store; `vestitor search WORDS` finds one"),
        (["collect", "tedd"], "no source `tedd`; did you mean `ted`?"),
        (["reparse", "sep"], "no source `sep`; did you mean `seap`?"),
        (["import", "no.jsonl"], "no.jsonl: No such file or directory"),
        (["export", "no/where.csv"], "no/where.csv: No such file or directory"),
        (["backup", "no/where.db"], "no/where.db.part: No such file or directory"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(command: list[str], said: str, office: Installation) -> None:
    result = office.run(*command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"vestitor: {said}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["status", "collect", "tag", "digest", "matches", "export", "backup", "run"])
@pytest.mark.parametrize("trouble", ["no store", "torn store", "no folder", "a folder"])
def test_a_store_that_cannot_be_used_is_one_line_too(trouble: str, command: str, office: Installation) -> None:
    store = office.folder / "test.db"
    if trouble == "no store":
        store.write_bytes(b"not a store at all, but long enough to be one" * 100)
    elif trouble == "torn store":
        raw = bytearray(store.read_bytes())
        raw[4096:] = os.urandom(len(raw) - 4096)
        store.write_bytes(raw)
    else:
        config = office.folder / "config.yaml"
        path = "/proc/nowhere/x.db" if trouble == "no folder" else "interests"
        config.write_text(config.read_text().replace("test.db", path))
    result = office.run(command)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert re.match(r"vestitor: .*(check|restore|see docs)", result.stderr)


def test_a_backup_never_takes_the_place_of_the_store(office: Installation) -> None:
    result = office.run("backup", str(office.folder / "." / "test.db"))
    assert (result.exit_code, "is the store itself" in result.stderr) == (2, True)


def test_a_terminal_that_knows_no_diacritics_is_no_reason_to_fail(office: Installation) -> None:
    office.collect([3], title="Software pentru școli")
    call = [sys.executable, "vestitor.py", f"--config={office.folder}/config.yaml", "search", "scoli"]
    environment = {**os.environ, "PYTHONIOENCODING": "iso-8859-1"}
    done = subprocess.run(call, cwd=ROOT, capture_output=True, env=environment)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, b"Software pentru ?coli")


# collect: who watches


def test_without_a_terminal_a_good_collection_says_nothing(collecting: Config) -> None:
    done = typed(collecting, "collect")
    assert (done.returncode, done.stdout, done.stderr) == (DONE, "", "")


def test_what_is_not_good_is_said_where_cron_sees_it(collecting: Config, ted: TedServer) -> None:
    ted.fail("/packages/daily/202600224", http.Fault(status=500, times=None))
    done = typed(collecting, "--quiet", "collect")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ted: partial: ")
    assert "issue 224/2026: " in done.stderr


def test_a_terminal_sees_that_something_is_going_on_and_what_came_of_it(collecting: Config) -> None:
    call = [sys.executable, "vestitor.py", f"--config={collecting.file}", "--now=2026-11-20 11:00", "collect"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(call, cwd=ROOT, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(ours, 4096):
            seen += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait(30) == 0
    assert b"Collecting ted" in seen
    assert b"ted: good: 28 of 28 read, " in seen


def test_of_two_collections_at_once_one_works_and_the_other_leaves_it_to_that(
    collecting: Config, ted: TedServer
) -> None:
    ted.fail("/packages/daily/202600222", http.Fault(status=None, delay=2))
    call = [sys.executable, "vestitor.py", f"--config={collecting.file}", "--now=2026-11-20 11:00", "collect"]
    both = [subprocess.Popen(call, cwd=ROOT, text=True, stderr=subprocess.PIPE) for _ in range(2)]
    said = sorted(process.communicate(timeout=60)[1] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert said[0] == ""
    assert re.fullmatch(r"`vestitor collect` is already running \(process \d+\); this one leaves it to that\n", said[1])
    assert [request.path for request in ted.requests].count("/packages/daily/202600222") == 1


def test_other_work_waits_for_its_turn(collecting: Config, ted: TedServer) -> None:
    ted.fail("/packages/daily/202600222", http.Fault(status=None, delay=1))
    call = [sys.executable, "vestitor.py", f"--config={collecting.file}", "--now=2026-11-20 11:00", "collect"]
    first = subprocess.Popen(call, cwd=ROOT)
    while not ted.requests:
        assert first.poll() is None
    assert typed(collecting, "tag").returncode == 0
    assert first.wait(30) == 0
    assert "nimbus-software: 0 matches" not in typed(collecting, "matches", "--member", "nimbus-software").stdout


def test_a_grown_log_is_put_aside(office: Installation) -> None:
    logs = office.folder / "logs"
    logs.mkdir()
    (logs / "ted.log").write_bytes(b"x" * 2_000_001)
    office.run("collect", "ted")
    assert (logs / "ted.log.1").stat().st_size == 2_000_001
    assert (logs / "ted.log").stat().st_size < 100_000


# status


def test_status_fits_eighty_columns_and_breaks_no_word(office: Installation) -> None:
    ran(
        office,
        Verdict.PARTIAL,
        "20 10:45",
        "issue 202600224 is missing though 202600225 is there: it was asked for 4 times",
    )
    text = office.run("status").output
    assert max(map(len, text.splitlines())) <= 80
    assert "ted 20 Nov 10:45 partial 12 of 12 7 4 1 0 of 1000" in " ".join(text.split())
    assert "    read up to 202600225\n" in text
    assert "    1 unsafe-link: 791890-2026: javascript:alert\n" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("verdict", "when", "said"),
    [
        (Verdict.GOOD, "20 10:45", ""),
        (Verdict.GOOD, "19 10:45", ""),
        (Verdict.GOOD, "19 08:00", "source ted: no good run for more than 26 hours of working days"),
        (Verdict.FAILED, "20 10:45", "source ted: failed; nothing was read"),
        (None, "", "source ted: never run; `vestitor collect ted`"),
    ],
)
def test_status_knows_what_asks_for_a_person(
    verdict: Verdict | None, when: str, said: str, office: Installation
) -> None:
    if verdict:
        ran(office, verdict, when, *(["nothing was read"] if verdict is Verdict.FAILED else []))
    result = office.run("status", "--json")
    facts = json.loads(result.output)
    assert (result.exit_code, bool(facts["to_act_on"])) == (int(bool(said)), bool(said))
    assert "".join(facts["to_act_on"]).startswith(said)


def test_a_weekend_without_a_run_is_no_alarm(office: Installation) -> None:
    ran(office, Verdict.GOOD, "20 17:10")  # a Friday
    monday = dt.date(2026, 11, 23)
    assert office.run("status", day=monday, hour="09:00").exit_code == 0
    assert office.run("status", day=monday, hour="20:00").exit_code == 1


def test_the_json_of_status_is_complete(office: Installation) -> None:
    ran(office, Verdict.GOOD, "20 10:45")
    office.digest()
    facts = json.loads(office.run("status", "--json").output)
    told = vestitor.main.commands["status"].help or ""
    assert [key for key in (*facts, *facts["sources"]["ted"]) if not re.search(rf"\b{key}\b", told)] == []
    ted = facts["sources"]["ted"]
    assert (ted["last_run"], ted["read"], ted["stated"], ted["requests"]) == ("2026-11-20T10:45:00+02:00", 12, 12, 5)
    assert ted["read_up_to"] == "202600225"
    (ana,) = facts["members"]
    assert (ana["matches"], ana["last_mail"]) == (2, "2026-11-20T11:30:00+02:00")


def test_a_mail_of_unknown_fate_is_settled_by_a_person(office: Installation) -> None:
    ran(office, Verdict.GOOD, "20 10:45")
    with MailServer([Fault("accepted", DROP)]) as server:
        office.mails_to(server.port)
        office.digest()
        said = office.run("status").output.replace("\n    ", " ")
        assert "1 deliveries unknown (number 1 to ana)" in said and "`vestitor deliveries arrived NUMBER`" in said
        assert "ana" in office.run("deliveries", "lost", "1").output
        office.digest(hour="12:00")
        assert [state for _, state, _ in office.states()] == ["failed", "sent"]
        assert office.run("status").output.count("deliveries") == 0


# matches, explain, search


def test_matches_are_a_list_one_can_read(office: Installation) -> None:
    office.run("tag")
    text = office.run("matches").output
    assert text.startswith("ana: 2 matches\n   7  top  Software no. 1.\n")
    assert "           ted:1, open, closes 2027-03-01 12:00, in 101 days\n" in text
    assert "           why: “Software” in the title\n" in text


def test_explain_gives_the_verdict_of_each_rule_first_and_what_fails_before_what_holds(office: Installation) -> None:
    rules = "[{name: Software, title: [software]}, {name: Din Cluj, title: [software], places: [Cluj], known: [place]}]"
    file = office.folder / "members" / "ana.yaml"
    file.write_text(file.read_text().partition("rules:")[0] + f"rules: {rules}\n")
    text = office.run("explain", "ana", "1").output
    assert "ana: matches by 1 of its 2 rules\n" in text
    matching, failing = text.index("\nSoftware: matches\n"), text.index("\nDin Cluj: does not match: places\n")
    assert matching < failing
    assert text[failing:].splitlines()[2].startswith("  NO   places: ")
    assert "  yes  about: 4 points -> 6 points: “Software” in the title (6)\n" in text[:failing]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "nothing",
            "there was no mail to ana since it was found (the last: never); it comes with the next digest, due on "
            "Friday, 20 November.",
        ),
        ("closed", "it is cancelled, and only what is open or coming is told to whom it was never told."),
        ("no rule", "no rule of ana wants it."),
        ("silent", "ana has not confirmed; `confirmed: true` in its file once it has agreed."),
        ("paused", "ana is paused (`paused: true` in its file); what is still open comes when it no longer is."),
        ("edited", "it matches today's filters, but was not tagged with them yet; the next digest does that first."),
        ("no room", "a mail left at 2026-11-20 11:30 without it: either it had no room there (1 lines a mail,"),
    ],
)
def test_explain_says_why_something_was_not_sent(change: str, said: str, office: Installation) -> None:
    office.run("tag")
    match change:
        case "closed":
            office.collect([2], stage="cancelled")
        case "no rule" | "edited":
            office.collect([2], title="Mobilier" if change == "no rule" else "Software")
            office.sql("DELETE FROM matches")
        case "silent" | "paused":
            office.member("ana", more="confirmed: false" if change == "silent" else "confirmed: true\npaused: true")
        case "no room":
            office.configure(limit=1)
            office.digest()
    text = " ".join(office.run("explain", "ana", "2").output.split())
    assert f"Sent Not sent: {said}" in text


def test_explain_says_when_something_was_sent_and_tells_its_history_from_old_to_new(office: Installation) -> None:
    office.digest()
    office.collect([1], dt.date(2026, 11, 21), deadlines=[{"at": "2027-03-15T12:00:00+02:00"}], title="Software nou")
    office.digest(dt.date(2026, 11, 21))
    with Store(office.folder / "test.db") as store:
        channel = store.conn.execute("SELECT channel FROM digests").fetchone()[0]
    assert channel == "outbox"
    text = office.run("explain", "ana", "https://ted.europa.eu/en/notice/-/detail/1").output
    assert "  2026-11-20 11:30: sent, under “new” (version 1)\n" in text
    assert "  2026-11-21 11:30: sent, under “changed” (version 2)\n" in text
    assert "  1. 2026-11-20 11:30: first seen, notice 1\n" in text
    assert "  2. 2026-11-21 11:30: notice 1\n" in text
    assert "     title: Software no. 1. -> Software nou\n" in text
    assert "     deadlines: 2027-03-01 12:00 -> 2027-03-15 12:00\n" in text


def test_explain_says_that_a_mail_is_waiting_or_failed(office: Installation) -> None:
    with MailServer([Fault("rcpt", "450 later")]) as server:
        office.mails_to(server.port)
        office.digest()
    text = " ".join(office.run("explain", "ana", "1").output.split())
    assert "2026-11-20 11:30: under “new” (version 1), in a mail that is waiting (retry) 450 later" in text
    office.sql("UPDATE digests SET state = 'failed', reply = '550 no such user'")
    text = " ".join(office.run("explain", "ana", "1").output.split())
    assert "under “new” (version 1), in a mail that failed: 550 no such user" in text
    assert "Not sent: there was no mail to ana" in text


def test_search_finds_without_diacritics_and_says_so_when_nothing_is_there(office: Installation) -> None:
    office.collect([3], title="Platformă de învățare")
    assert office.run("search", "INVATARE").output.startswith("Platformă de învățare\n    ted:3, open, closes ")
    assert office.run("search", "invatare", "zero").output.startswith("Nothing among 3 opportunities")


# check


def test_check_warns_of_what_is_allowed_and_probably_not_meant(office: Installation) -> None:
    office.member("bob", more="")
    (office.folder / "config.yaml").write_text(
        "store: test.db\nfilters: {interests: interests, members: members}\nsources:\n  ted: {url: https://x.eu}\n"
        "  tedd: {url: https://x.eu, at: ['10:45']}\n"
    )
    result = office.run("check")
    said = result.output.replace(f"{office.folder}/", "")
    assert result.exit_code == 1
    assert said.splitlines()[0].startswith("error config.yaml:5: no spider is called `tedd`; write ted")
    assert "warning config.yaml:4: `ted` has no hours" in said
    assert "warning config.yaml:1: `from` is an example address" in said
    assert "warning config.yaml:1: no `staff`" in said
    assert "warning members/bob.yaml:1: `bob` has not confirmed and gets no mail" in said
    assert "`ana`" not in said
    assert "1 errors, 5 warnings." in said.splitlines()


def test_check_finds_the_problems_of_configuration_and_filters_in_one_run(office: Installation) -> None:
    with (office.folder / "config.yaml").open("a") as config:
        config.write("nmae: x\n")
    (office.folder / "members" / "bob.yaml").write_text("member: bob\nlanguage: xx\n")
    result = office.run("check")
    assert result.exit_code == 1
    assert "unknown key `nmae`; did you mean `name`?" in result.output
    assert "bob.yaml:2: `language`: write 'ro' or 'en', not `xx`" in result.output


def test_the_sample_configuration_is_in_order() -> None:
    result = CliRunner().invoke(vestitor.main, [f"--config={ROOT}/config.yaml", "check"])
    assert result.exit_code == 0
    assert "error " not in result.output


# backup and restore, as the operator's page says


def test_the_steps_of_the_operators_page_restore_a_backup(office: Installation) -> None:
    (steps,) = re.findall(r"\*\*Restore\*\*.*?```sh\n(.*?)```", OPERATIONS, re.DOTALL)
    office.digest()
    assert office.run("backup").exit_code == 0
    (office.folder / "test.db").write_bytes(b"the disk failed" * 1000)
    (office.folder / "test.db-wal").write_bytes(b"and left this behind")
    assert office.run("status").exit_code == 2
    call = (
        f"vestitor() {{ {sys.executable} {ROOT}/vestitor.py --config config.yaml --now '2026-11-20 12:00' \"$@\"; }}\n"
    )
    script = (
        "set -e\n"
        + call
        + steps.replace("vestitor.db", "test.db").replace("vestitor status", "vestitor status || true")
    )
    done = subprocess.run(["/bin/sh", "-c", script], cwd=office.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "2 opportunities in" in done.stdout and "Mails: 1 sent." in done.stdout
    assert "0 mails written" in office.digest(hour="12:30").output, "what was told is remembered"


def test_backups_are_whole_and_the_oldest_make_room(office: Installation) -> None:
    for hour in ("08", "09", "10"):
        office.run("backup", "--keep=2", hour=f"{hour}:00")
    copies = sorted((office.folder / "backups").iterdir())
    assert [copy.name for copy in copies] == ["vestitor-20261120-090000.db", "vestitor-20261120-100000.db"]
    with sqlite3.connect(copies[0]) as copy:
        assert copy.execute("SELECT count(*) FROM opportunities").fetchone() == (2,)
    copy.close()
