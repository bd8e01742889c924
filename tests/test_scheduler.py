"""The clock: hours that exist every day of the year, one daemon, an orderly end, and a crontab that does the same."""

import datetime as dt
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.config import DAYS, Config
from pipeline.exceptions import ConfigError
from pipeline.journal import Journal, Run
from pipeline.store import Store
from scheduler import Daemon, Job, crontab, jobs, overdue, unit
from tests.sources._server import Fault
from tests.sources.ted import TedServer
from tests.world import FRIDAY, ROOT, installation, ted_block, vestitor

HOURS = [f"{hour:02}:{minute:02}" for hour in (1, 2, *range(4, 24)) for minute in (0, 59)]
FIRED_AT_ONCE = """
import datetime, logging, sys
from pathlib import Path
from apscheduler.triggers.date import DateTrigger
import scheduler
from pipeline.config import Config

class Now(scheduler.Job):
    def trigger(self, config):
        return DateTrigger(timezone=config.zone)

logging.basicConfig(level=logging.INFO, format="%(message)s")
scheduler.LAST_WORDS = 5
job = Now("collect ted", ("--now=2026-11-20 11:00", "collect", "ted"), "10:00", scheduler.DAYS, {limit})
scheduler.jobs = lambda config: [job]
scheduler.Daemon(Config.read(Path(sys.argv[1])), leave={leave}).run()
"""


@pytest.fixture
def ted() -> Iterator[TedServer]:
    with TedServer(today=FRIDAY.date()) as server:
        yield server


@pytest.fixture
def config(ted: TedServer, tmp_path: Path) -> Config:
    return installation(tmp_path, ted_block(ted.url, 'at: ["10:45", "17:10"]'))


def fired(job: Job, config: Config, year: int) -> list[dt.datetime]:
    """Every time a job fires in a year, by APScheduler's own reckoning."""
    trigger, times = job.trigger(config), list[dt.datetime]()
    now = dt.datetime(year, 1, 1, tzinfo=config.zone)
    while (due := trigger.get_next_fire_time(times[-1] if times else None, now)).year == year and len(times) < 400:
        times.append(due)
        now = due + dt.timedelta(seconds=1)
    return times


@pytest.mark.parametrize("hour", HOURS)
def test_a_job_comes_once_a_day_all_through_both_clock_changes(hour: str, config: Config) -> None:
    times = fired(Job("digest", ("digest",), hour, DAYS, 60), config, 2027)
    assert [time.date() for time in times] == [dt.date(2027, 1, 1) + dt.timedelta(days=n) for n in range(365)]
    assert {f"{time:%H:%M}" for time in times} == {hour}


@pytest.mark.parametrize("hour", ["00:00", "00:59", "03:00", "03:30"])
def test_hours_that_the_clock_change_touches_are_refused_with_the_reason(hour: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="missed or come twice when the clocks change; write another, such as 04:"):
        installation(tmp_path, "", f"digest: {{at: ['{hour}']}}")


def test_the_refused_hours_would_have_missed_or_doubled_a_day(config: Config) -> None:
    days = [time.date() for time in fired(Job("digest", ("digest",), "03:30", DAYS, 60), config, 2027)]
    assert len(days) != 365 or len(set(days)) != 365


def test_digests_stay_at_home_at_the_weekend(config: Config) -> None:
    (digest,) = [job for job in jobs(config) if job.name == "digest"]
    assert {time.weekday() for time in fired(digest, config, 2027)} == {0, 1, 2, 3, 4}


def test_waiting_mails_are_handed_over_every_quarter_of_an_hour(config: Config) -> None:
    (send,) = [job for job in jobs(config) if job.name == "send"]
    assert len(fired(send, config, 2027)) == 400
    times = [send.trigger(config).get_next_fire_time(None, FRIDAY)]
    while len(times) < 3:
        times.append(send.trigger(config).get_next_fire_time(times[-1], times[-1] + dt.timedelta(seconds=1)))
    assert [f"{time:%H:%M}" for time in times] == ["11:00", "11:15", "11:30"]


def test_jobs_are_commands_a_person_can_type(config: Config) -> None:
    found = [(job.name, job.at) for job in jobs(config)]
    assert found == [
        ("collect ted", "10:45"), ("collect ted", "17:10"), ("digest", "07:30"), ("send", "*:*/15"),
        ("backup", "04:40"),
    ]  # fmt: skip
    for job in jobs(config):
        assert vestitor(config, *job.command, "--help").returncode == 0


@pytest.mark.parametrize(
    ("now", "late"),
    [
        ("2026-11-20 07:29", False),
        ("2026-11-20 07:30", True),
        ("2026-11-20 23:59", True),
        ("2026-11-21 12:00", False),
    ],
)
def test_a_machine_that_was_off_at_the_hour_of_digests_makes_up_for_it(now: str, late: bool, config: Config) -> None:
    job = overdue(config, dt.datetime.fromisoformat(now).replace(tzinfo=config.zone))
    assert (job and job.command) == (("digest",) if late else None)


# The daemon


@pytest.fixture
def daemon(config: Config) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A real one, one of whose jobs is due at once; it does not outlive its test."""
    started: list[subprocess.Popen[str]] = []

    def start(leave: float = 60, limit: float = 60) -> subprocess.Popen[str]:
        call = [sys.executable, "-c", FIRED_AT_ONCE.format(leave=leave, limit=limit), str(config.file)]
        started.append(subprocess.Popen(call, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_for(ted: TedServer) -> None:
    end = time.monotonic() + 30
    while not ted.requests:
        assert time.monotonic() < end
        time.sleep(0.05)


def last_run(config: Config) -> Run | None:
    with Store(config.path(config.store)) as store:
        return Journal(store).last("ted")


def spiders_of(config: Config) -> str:
    return subprocess.run(["pgrep", "-f", f"pipeline.crawl.*{config.file}"], capture_output=True, text=True).stdout


def test_asked_to_end_the_daemon_lets_a_running_command_finish(
    daemon: Callable[..., subprocess.Popen[str]], config: Config, ted: TedServer
) -> None:
    ted.fail("/packages/", Fault(status=None, delay=1))
    process = daemon()
    wait_for(ted)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "collect ted: exit code 0" in said
    assert (run := last_run(config)) and run.verdict == "good"


@pytest.mark.parametrize(
    ("leave", "limit", "asked"), [(0.1, 60, True), (60, 12, False)], ids=["asked to end", "its limit"]
)
def test_a_command_that_does_not_end_is_ended_with_all_it_started(
    leave: float,
    limit: float,
    asked: bool,
    daemon: Callable[..., subprocess.Popen[str]],
    config: Config,
    ted: TedServer,
) -> None:
    ted.fail("/packages/", Fault(status=None, delay=40))
    process = daemon(leave, limit)
    wait_for(ted)
    if not asked:
        time.sleep(13)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=15)
    assert process.returncode == 0
    assert f"collect ted: ended before it was done, {'asked to' if asked else 'over time'}" in said
    assert spiders_of(config) == ""


@pytest.mark.skipif(dt.datetime.now().hour < 2, reason="there is no hour before this one at which digests may leave")
def test_a_daemon_that_starts_late_makes_todays_digests_first(ted: TedServer, tmp_path: Path) -> None:
    late = installation(tmp_path, ted_block(ted.url), f"digest: {{at: ['01:00'], days: [{', '.join(DAYS)}]}}")
    call = [sys.executable, "scheduler.py", f"--config={late.file}"]
    process = subprocess.Popen(call, cwd=ROOT, text=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    log = process.stderr
    assert log is not None
    said = list(iter(log.readline, "INFO digest: started\n"))
    process.send_signal(signal.SIGTERM)
    said.append(process.communicate(timeout=60)[1])
    assert process.returncode == 0 and "digest: exit code 0" in said[-1]


def test_a_second_daemon_is_refused(config: Config) -> None:
    call = [sys.executable, "scheduler.py", f"--config={config.file}"]
    first = subprocess.Popen(call, cwd=ROOT, text=True, stderr=subprocess.PIPE)
    assert first.stderr is not None
    while "digest at 07:30" not in first.stderr.readline():
        assert first.poll() is None
    second = subprocess.run(call, cwd=ROOT, text=True, capture_output=True, timeout=30)
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=30)
    assert (first.returncode, second.returncode) == (0, 1)
    assert "another scheduler is already running" in second.stderr


# cron and systemd


@pytest.fixture
def awkward(tmp_path: Path) -> Config:
    """An installation in a folder whose name cron, the shell and systemd all want to read something into."""
    folder = tmp_path / "it's 100% $HOME"
    folder.mkdir()
    return installation(folder, ted_block("https://ted.europa.eu", 'at: ["10:45"]'), "mail: {staff: [a@b.ro, c@d.ro]}")


def test_a_crontab_does_what_the_daemon_does(awkward: Config) -> None:
    lines = [line for line in crontab(awkward).splitlines() if not line.startswith("#")]
    assert lines[0] == "MAILTO=a@b.ro,c@d.ro"
    assert [line.split(" ", 5)[:5] for line in lines[1:]] == [
        ["45", "10", "*", "*", "*"], ["30", "7", "*", "*", "mon,tue,wed,thu,fri"], ["15", "8", "*", "*", "*"],
        ["*/15", "*", "*", "*", "*"], ["*/15", "*", "*", "*", "*"], ["40", "4", "*", "*", "*"],
    ]  # fmt: skip


def test_where_staff_get_our_own_mails_cron_writes_to_root(tmp_path: Path) -> None:
    mail = "mail: {staff: [a@b.ro], host: mail.b.ro, from: v@b.ro}\npublish: {at: ['12:15']}\nreport: {at: '09:00'}"
    lines = crontab(installation(tmp_path, ted_block("https://ted.europa.eu"), mail)).splitlines()
    assert "MAILTO=root" in lines
    hours = {line.split(" -- ")[-1].split("--quiet ")[-1]: line[:14] for line in lines if "--quiet" in line}
    assert hours["publish"].startswith("15 12 * * *") and hours["report --mail"].startswith("0 9 * * *")
    assert hours["alarm"].startswith("*/15 * * * *")


def test_a_line_of_the_crontab_runs_as_cron_runs_it_and_is_silent_when_all_is_well(awkward: Config) -> None:
    line = crontab(awkward).splitlines()[-1].split(" ", 5)[5]
    call = line.replace("\\%", "%")  # what cron hands to the shell; an unescaped % would end the line there
    assert "%" not in line.replace("\\%", "")
    assert shlex.split(call)[-2:] == ["--quiet", "backup"]
    done = subprocess.run(
        ["/bin/sh", "-c", call], cwd="/", env={"HOME": "/", "PATH": "/usr/bin:/bin"}, capture_output=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len(list(awkward.path(Path("backups")).glob("vestitor-*.db"))) == 1


def test_the_unit_is_one_that_systemd_accepts(awkward: Config, tmp_path: Path) -> None:
    if not (verify := shutil.which("systemd-analyze")):
        pytest.skip("needs systemd-analyze, which is not on this machine")
    text = unit(awkward)
    assert "TimeoutStopSec=900" in text and Daemon.leave < 900
    file = tmp_path / "vestitor-test.service"
    file.write_text(text.replace("User=vestitor", "User=root"), encoding="utf-8")
    done = subprocess.run([verify, "verify", str(file)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
