"""The clock: a daemon that starts, at the hours of config.yaml, the very commands a person could type.

It knows nothing of sources or mail: each job is `vestitor ...` in a process of its own with a time limit, so whatever
happens in one never stops the others, and cron can do the same (`make cron`). State is in the store: after any pause
the next command catches up by itself. SIGTERM lets a running command end and then ends the daemon.
"""

import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobEvent
from apscheduler.schedulers.blocking import BlockingScheduler

from pipeline.config import Config
from pipeline.exceptions import VestitorError
from pipeline.lock import Busy, only_one

ROOT = Path(__file__).parent
log = logging.getLogger("scheduler")
COLLECT_LIMIT, DIGEST_LIMIT = 2 * 3600, 3600
"""Seconds after which a command is ended; a source has its own, shorter limit."""
ALL_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Job:
    """A command with its hour (HH:MM, local) and days."""

    name: str
    command: tuple[str, ...]
    at: str
    days: tuple[str, ...]
    limit: int


def jobs(config: Config) -> Iterator[Job]:
    """What config.yaml asks for: each source at its hours, digests at theirs, a backup at night."""
    for name, source in config.sources.items():
        for at in source.at if source.enabled else ():
            yield Job(f"collect {name}", ("collect", name), at, ALL_DAYS, COLLECT_LIMIT)
    for at in config.digest.at:
        yield Job("digest", ("digest",), at, tuple(config.digest.days), DIGEST_LIMIT)
    yield Job("backup", ("backup",), "04:40", ALL_DAYS, DIGEST_LIMIT)


def command(config: Config, job: Job) -> list[str]:
    """The command line of a job."""
    return [sys.executable, str(ROOT / "vestitor.py"), "--config", str(config.file), *job.command]


def start(config: Config, job: Job) -> None:
    """Runs a job to its end; what it says goes to the journal, what goes wrong too."""
    log.info("%s: started", job.name)
    try:
        code = subprocess.run(command(config, job), cwd=ROOT, timeout=job.limit, check=False).returncode  # noqa: S603
    except subprocess.TimeoutExpired:
        log.error("%s: ended after %d s, its time limit", job.name, job.limit)
        return
    (log.info if code == 0 else log.warning)("%s: exit code %d", job.name, code)


def daemon(config: Config) -> None:
    """Waits for the hours until SIGTERM; a second daemon on the same store is refused."""
    zone = config.zone
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BlockingScheduler(timezone=zone, job_defaults=defaults)
    for job in jobs(config):
        hour, minute = job.at.split(":")
        scheduler.add_job(
            start, "cron", [config, job], hour=hour, minute=minute, day_of_week=",".join(job.days), name=job.name
        )
    scheduler.add_listener(_overrun, EVENT_JOB_MAX_INSTANCES)
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: _stop(scheduler, *_))
    for planned in scheduler.get_jobs():
        log.info("%s at %s", planned.name, planned.trigger)
    scheduler.start()


def _stop(scheduler: BlockingScheduler, number: int, frame: FrameType | None) -> None:
    log.info("%s: waiting for running commands, then ending", signal.Signals(number).name)
    scheduler.shutdown(wait=True)


def _overrun(event: JobEvent) -> None:
    log.warning("%s: still running at its next hour; left out once", event.job_id)


def crontab(config: Config) -> str:
    """A crontab that does what the daemon does. Debian's cron takes the machine's time zone."""
    lines = [
        f"# Vestitor; hours are of {config.timezone}: set the machine to it (timedatectl set-timezone)",
        "MAILTO=root",
    ]
    for job in jobs(config):
        hour, minute = job.at.split(":")
        days = "*" if job.days == ALL_DAYS else ",".join(job.days)
        lines.append(f"{int(minute)} {int(hour)} * * {days} cd {ROOT} && {' '.join(command(config, job))}")
    return "\n".join(lines)


UNIT = """\
[Unit]
Description=Vestitor, herald of tenders and funding calls
After=network-online.target
Wants=network-online.target

[Service]
ExecStart={python} {root}/scheduler.py --config {config}
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
ReadWritePaths={folder}

[Install]
WantedBy=multi-user.target
"""


def unit(config: Config) -> str:
    """A systemd unit for the daemon."""
    return UNIT.format(python=sys.executable, root=ROOT, config=config.file, folder=config.file.parent)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", "file", type=click.Path(path_type=Path), default="config.yaml", show_default=True)
@click.option("--print", "what", type=click.Choice(["cron", "systemd"]), help="Print a crontab or a unit, and end.")
def main(file: Path, what: str | None) -> None:
    """Start Vestitor's commands at the hours of config.yaml, until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    try:
        config = Config.read(file)
        if what:
            click.echo(crontab(config) if what == "cron" else unit(config))
            return
        with only_one(config.path(config.store).with_suffix(".daemon")):
            daemon(config)
    except Busy:
        sys.exit("another scheduler is already running for this store")
    except VestitorError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
