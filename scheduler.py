"""The clock: a daemon that starts, at the hours of config.yaml, the very commands a person could type.

It knows nothing of sources or mail: each job is `vestitor ...` in a process of its own with a time limit, so whatever
happens in one never stops the others, and cron can do the same (`make cron`). State is in the store: after any pause
the next command catches up by itself. SIGTERM lets running commands end, asks them to after a while, and then ends.
"""

import contextlib
import datetime as dt
import logging
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import click
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from pipeline.config import DAYS, Config
from pipeline.exceptions import VestitorError
from pipeline.lock import Busy, only_one

ROOT = Path(__file__).parent
log = logging.getLogger("scheduler")
COLLECT_LIMIT, DIGEST_LIMIT = 3 * 3600, 2 * 3600
"""Seconds after which a command is ended, an hour of waiting for another one included; a source has its own limit."""
LEAVE = 600
"""Seconds a running command is given after SIGTERM; systemd's TimeoutStopSec is longer."""
LAST_WORDS = 60
"""Seconds between asking a command to end and ending it."""


@dataclass(frozen=True, slots=True)
class Job:
    """A command with its hour (HH:MM, local; `*:*/15` every quarter of an hour) and days."""

    name: str
    command: tuple[str, ...]
    at: str
    days: tuple[str, ...]
    limit: int
    aloud: bool = True
    """Whether the journal says when it begins and ends well; 96 times a day would hide the rest."""

    def trigger(self, config: Config) -> CronTrigger:
        """When it is due, in the office's time zone."""
        hour, minute = self.at.split(":")
        return CronTrigger(hour=hour, minute=minute, day_of_week=",".join(self.days), timezone=config.zone)


def jobs(config: Config) -> Iterator[Job]:
    """What config.yaml asks for: sources, digests and the archive at their hours, waiting mails, a backup at night."""
    for name, source in config.sources.items():
        for at in source.at if source.enabled else ():
            yield Job(f"collect {name}", ("collect", name), at, DAYS, COLLECT_LIMIT)
    for at in config.digest.at:
        yield Job("digest", ("digest",), at, tuple(config.digest.days), DIGEST_LIMIT)
    for at in config.publish.at:
        yield Job("publish", ("publish",), at, DAYS, DIGEST_LIMIT)
    if config.mail.staff:  # every day: one that could not leave on its day comes on the next
        yield Job("report", ("report", "--mail"), config.report.at, DAYS, DIGEST_LIMIT)
        yield Job("alarm", ("alarm",), "*:*/15", DAYS, DIGEST_LIMIT, aloud=False)
    yield Job("send", ("send",), "*:*/15", DAYS, DIGEST_LIMIT, aloud=False)
    if config.mail.imap:
        yield Job("answers", ("feedback", "--imap"), "*:7,37", DAYS, DIGEST_LIMIT, aloud=False)
    yield Job("backup", ("backup",), "04:40", DAYS, DIGEST_LIMIT)


def overdue(config: Config, now: dt.datetime) -> Job | None:
    """Today's digest, where its hour has passed: a machine that was off makes up for it. Who has it gets no other."""
    today, hour = DAYS[now.weekday()], f"{now:%H:%M}"
    digests = (job for job in jobs(config) if job.command == ("digest",))
    return next((job for job in digests if today in job.days and job.at <= hour), None)


def command(config: Config, job: Job, *options: str) -> list[str]:
    """The command line of a job."""
    return [sys.executable, str(ROOT / "vestitor.py"), "--config", str(config.file), *options, *job.command]


@dataclass
class Daemon:
    """The clock at work, until it is asked to end."""

    config: Config
    leave: float = LEAVE
    asked: threading.Event = field(default_factory=threading.Event)
    deadline: float = float("inf")
    """When running commands are asked to end too, on the monotonic clock."""

    def run(self) -> None:
        """Waits for the hours until SIGTERM or Ctrl-C; a second one ends running commands at once."""
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler = BackgroundScheduler(timezone=self.config.zone, job_defaults=defaults)
        for job in jobs(self.config):
            scheduler.add_job(self.start, job.trigger(self.config), [job], name=job.name)
            log.info("%s at %s on %s", job.name, job.at, ", ".join(job.days))
        if late := overdue(self.config, dt.datetime.now(self.config.zone)):
            scheduler.add_job(self.start, args=[late], name=f"{late.name}, late")
        scheduler.add_listener(_overrun, EVENT_JOB_MAX_INSTANCES)
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._ask)
        scheduler.start()
        self.asked.wait()
        log.info("asked to end: running commands have %d s", self.leave)
        scheduler.shutdown(wait=True)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.deadline = time.monotonic() + (0 if self.asked.is_set() else self.leave)
        self.asked.set()

    def start(self, job: Job) -> None:
        """Runs a job to its end or its limit; what it says goes to the journal, what goes wrong too."""
        log.log(logging.INFO if job.aloud else logging.DEBUG, "%s: started", job.name)
        limit = time.monotonic() + job.limit
        call = command(self.config, job, *([] if job.aloud else ["--quiet"]))
        process = subprocess.Popen(call, cwd=ROOT, start_new_session=True)  # noqa: S603
        while process.poll() is None and time.monotonic() < min(limit, self.deadline):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
        if process.poll() is None:
            log.error("%s: ended before it was done, %s", job.name, "asked to" if self.asked.is_set() else "over time")
            _end(process)
        else:
            level = logging.WARNING if process.returncode else logging.INFO if job.aloud else logging.DEBUG
            log.log(level, "%s: exit code %d", job.name, process.returncode)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks a command and all it started to end, and after a while does not ask."""
    os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(LAST_WORDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _overrun(event: JobEvent) -> None:
    log.warning("%s: still running at its next hour; left out once", event.job_id)


def crontab(config: Config) -> str:
    """A crontab that does what the daemon does. Debian's cron takes the machine's time zone."""
    lines = [
        f"# Vestitor; hours are of {config.timezone}: set the machine to it (timedatectl set-timezone)",
        "# Commands say nothing when all is well; cron mails what they say. Where Vestitor mails to staff by itself,",
        "# once for each problem, cron's mails are for this machine's root: the mail server may be the problem.",
        f"MAILTO={'root' if config.mail.host else ','.join(config.mail.staff) or 'root'}",
    ]
    for job in jobs(config):
        hour, minute = job.at.split(":")
        days = "*" if job.days == DAYS else ",".join(job.days)
        line = shlex.join(command(config, job, "--quiet")).replace("%", "\\%")  # cron takes % for a line end
        when = " ".join(part.removeprefix("0") or "0" for part in (minute, hour))
        lines.append(f"{when} * * {days} {line}")
    return "\n".join(lines)


UNIT = """\
[Unit]
Description=Vestitor, herald of tenders and funding calls
After=network-online.target
Wants=network-online.target

[Service]
ExecStart={command}
WorkingDirectory={root}
User=vestitor
Restart=on-failure
RestartSec=60
KillMode=mixed
TimeoutStopSec=900
# The SMTP password, mode 0600: VESTITOR_SMTP_PASSWORD=...
EnvironmentFile=-/etc/vestitor.env
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={folders}

[Install]
WantedBy=multi-user.target
"""


def unit(config: Config) -> str:
    """A systemd unit for the daemon."""
    call = (sys.executable, str(ROOT / "scheduler.py"), "--config", str(config.file))
    inside = (config.store.parent, config.backups.parent, config.mail.outbox.parent, Path())
    folders = dict.fromkeys(str(config.path(folder).resolve()) for folder in inside)
    return UNIT.format(
        command=" ".join(map(_quoted, call)), root=str(ROOT).replace("%", "%%"), folders=" ".join(map(_quoted, folders))
    )


def _quoted(text: str) -> str:
    """As systemd reads it."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{plain}"' if " " in text or plain != text else text


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", "file", type=click.Path(path_type=Path), default="config.yaml", show_default=True, metavar="FILE"
)
@click.option("--print", "what", type=click.Choice(["cron", "systemd"]), help="Print a crontab or a unit, and end.")
def main(file: Path, what: str | None) -> None:
    """Start Vestitor's commands at the hours of config.yaml, until SIGTERM.

    Exit codes: 0 ended as asked; 1 another scheduler has this store; 2 the configuration is refused.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    try:
        config = Config.read(file)
        if what:
            click.echo(crontab(config) if what == "cron" else unit(config))
            return
        with only_one(config.path(config.store).with_suffix(".daemon"), "scheduler"):
            Daemon(config).run()
    except Busy as error:
        click.echo(f"another scheduler is already running for this store: {error}", err=True)
        sys.exit(1)
    except VestitorError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
