"""Whether the machine can do the work: clock, disk, permissions, schedule, time zone. Looks, and changes nothing."""

import datetime as dt
import os
import shutil
import stat
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path

from digests.checkup import Finding, Level
from pipeline.config import Config
from pipeline.lock import holder
from pipeline.store import Store

SKEW, WRONG = dt.timedelta(minutes=2), dt.timedelta(hours=1)
ROOM, LITTLE = 1_000_000_000, 200_000_000
"""Bytes free below which there is a warning, and an error."""
ASKED = 3
"""Sources asked for the time before giving up."""
CLOSE = dt.timedelta(minutes=15)
"""A collection that begins so shortly before a digest may come too late for it."""


def clock(config: Config, now: dt.datetime) -> Iterator[Finding]:
    """Compares the clock with that of the first source that answers."""
    for url in [source.url for source in config.sources.values() if source.enabled][:ASKED]:
        if theirs := _date(url, config.contact):
            off = abs(now - theirs)
            said = f"{off.total_seconds():.0f} s away from {url}"
            level: Level = "error" if off > WRONG else "warning" if off > SKEW else "ok"
            yield Finding("clock", level, said, "timedatectl set-ntp true" if level != "ok" else "")
            return
    yield Finding(
        "clock", "warning", "no source answered, so nobody could be asked for the time", "is there a network?"
    )


def _date(url: str, contact: str | None) -> dt.datetime | None:
    """The Date of an answer, whatever the answer is."""
    request = urllib.request.Request(  # noqa: S310  (an address of config.yaml, http or https)
        url, method="HEAD", headers={"User-Agent": f"vestitor doctor ({contact or 'no contact'})"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            said = answer.headers["Date"]
    except urllib.error.HTTPError as error:
        said = error.headers["Date"]
        error.close()
    except (OSError, ValueError):
        return None
    try:
        return parsedate_to_datetime(said) if said else None
    except ValueError:
        return None


def disk(config: Config) -> Iterator[Finding]:
    """Room for the store, its backups and the outbox."""
    size = _size(config.path(config.store))
    seen = set[int]()
    for folder in (config.path(config.store).parent, config.path(config.backups), config.path(config.mail.outbox)):
        there = _existing(folder)
        if there.stat().st_dev in seen:
            continue
        seen.add(there.stat().st_dev)
        yield _room(there, shutil.disk_usage(there).free, size)


def _room(folder: Path, free: int, store: int) -> Finding:
    said = f"{free / 1e9:.1f} GB free for {folder}; the store has {store / 1e9:.3f} GB"
    if free < max(LITTLE, store):
        return Finding("disk", "error", said, "make room: a full disk stops collecting and mailing")
    if free < max(ROOM, 3 * store):
        return Finding("disk", "warning", said, "make room soon")
    return Finding("disk", "ok", said)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)


def permissions(config: Config) -> Iterator[Finding]:
    """Whether we can write where we must, and nobody else can read addresses or secrets."""
    places = [config.path(config.store).parent, config.path(config.backups), config.path(config.mail.outbox)]
    barred = [folder for folder in map(_existing, places) if not os.access(folder, os.W_OK)]
    for folder in dict.fromkeys(barred):
        yield Finding("permissions", "error", f"{folder} cannot be written", "who owns it? Run everything as one user")
    private = [config.path(config.store), config.path(config.backups), config.path(config.mail.outbox)]
    open_ones = [path for path in private if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o007]
    for path in open_ones:
        mend = f"chmod {'700' if path.is_dir() else '600'} {path}"
        yield Finding("permissions", "warning", f"others on this machine can read {path}: addresses stand in it", mend)
    foreign = [path for path in private if path.exists() and path.stat().st_uid != os.geteuid()]
    for path in foreign:
        mend = f"chown {os.geteuid()} {path}, or run everything as its owner"
        yield Finding("permissions", "warning", f"{path} belongs to another user", mend)
    if not (barred or open_ones or foreign):
        yield Finding("permissions", "ok", "store, backups and outbox are ours alone")


def whole(config: Config) -> Iterator[Finding]:
    """Whether the store can be read, and is not damaged."""
    if not config.path(config.store).exists():
        yield Finding("store", "ok", f"{config.path(config.store)} is not there yet; the first command makes it")
        return
    with Store(config.path(config.store)) as store:
        said = store.conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said == "ok":
        yield Finding("store", "ok", f"{config.path(config.store)} is whole")
    else:
        yield Finding(
            "store", "error", f"{config.path(config.store)}: {said}", "restore: docs/operations.md, The store"
        )


# The schedule


def schedule(config: Config) -> Iterator[Finding]:
    """Whether digests follow collections, and something starts both."""
    late = [name for name, source in config.sources.items() if source.enabled and _too_late(config, source.at)]
    close = [name for name, source in config.sources.items() if source.enabled and _too_close(config, source.at)]
    digests = ", ".join(config.digest.at)
    if late:
        said = f"collected only after the last digest of a day ({digests}): {', '.join(late)}"
        yield Finding("schedule", "warning", said, "their news come a day late; give them an earlier hour in `at`")
    if close:
        said = f"collected less than {CLOSE.seconds // 60} minutes before a digest ({digests}): {', '.join(close)}"
        yield Finding("schedule", "warning", said, "the digest waits for them; move one of the two")
    if not late and not close:
        yield Finding("schedule", "ok", f"digests at {digests}, after the day's first collections")
    yield _started(config)


def _too_late(config: Config, hours: Sequence[str]) -> bool:
    return bool(hours) and min(hours) > max(config.digest.at)


def _too_close(config: Config, hours: Sequence[str]) -> bool:
    return any(0 <= _minutes(due) - _minutes(at) < CLOSE.seconds // 60 for due in config.digest.at for at in hours)


def _minutes(hour: str) -> int:
    return int(hour[:2]) * 60 + int(hour[3:])


def _started(config: Config) -> Finding:
    """By the daemon, or by cron with what `make cron` prints today."""
    if process := holder(config.path(config.store).with_suffix(".daemon")):
        return Finding("schedule", "ok", f"the daemon is running (process {process})")
    ours = _crontab(config)
    if not ours:
        return Finding(
            "schedule", "warning", "neither daemon nor crontab starts anything here", "make systemd, or make cron"
        )
    from scheduler import crontab  # loads APScheduler, which no other command needs

    missing = [line for line in crontab(config).splitlines() if line[:1] not in "#M" and line not in ours]
    if missing:
        said = f"the crontab is not what config.yaml asks for: {len(missing)} lines differ, such as `{missing[0]}`"
        return Finding("schedule", "error", said, "make cron, and paste it into crontab -e")
    return Finding("schedule", "ok", f"cron starts everything ({len(ours)} lines)")


def _crontab(config: Config) -> list[str]:
    """The lines of our user's crontab that are about this installation."""
    if not (program := shutil.which("crontab")):
        return []
    done = subprocess.run([program, "-l"], capture_output=True, text=True, check=False)  # noqa: S603
    name = str(config.file).replace("%", "\\%")
    return [line for line in done.stdout.splitlines() if name in line and not line.startswith("#")]


def timezone(config: Config) -> Iterator[Finding]:
    """Whether the machine's clock shows the office's hours, in winter and in summer: cron goes by the machine's."""
    days = [dt.datetime(2027, month, 15, 12) for month in (1, 7)]  # noqa: DTZ001  (the same wall time in both zones)
    if all(day.astimezone().utcoffset() == day.replace(tzinfo=config.zone).utcoffset() for day in days):
        yield Finding("time zone", "ok", f"the machine keeps the office's hours ({config.timezone})")
        return
    level: Level = "error" if _crontab(config) else "warning"
    said = (
        f"the machine does not keep the office's hours ({config.timezone}): cron would start everything at other hours"
    )
    yield Finding("time zone", level, said, f"timedatectl set-timezone {config.timezone}; the daemon does not mind")
