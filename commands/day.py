"""A day: what cron and the daemon call, and a person who wants it now."""

import datetime as dt
import sys
from collections.abc import Iterable
from pathlib import Path

import click
from rich.progress import track

from commands import report
from commands.door import ACT, DONE, Door
from commands.named import in_words, member_of, refuse_unknown
from digests import approval, desk, send
from filters import tag as tagging
from filters.profile import Filters, Member
from pipeline import logs
from pipeline.collecting import Order
from pipeline.collecting import collect as collect_all
from pipeline.journal import Verdict
from pipeline.store import Store


@click.command()
@click.pass_obj
def run(door: Door) -> None:
    """Collect, tag and digest: a whole day at once.

    \b
    Exit code 1: a source is not good, a filter file is broken, or a mail did not leave.
    """
    with door.writing("run") as store:
        collected = _collect(door, aloud=True)
        filters, tagged = _tag(door, store, aloud=True)
        sys.exit(max(collected, tagged, _digest(door, store, filters, filters.members)))


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Read again from this day on.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Read at most so many, to try a source.")
@click.pass_obj
def collect(door: Door, sources: tuple[str, ...], since: dt.datetime | None, limit: int | None) -> None:
    """Read what the sources have published since the last good run.

    Without SOURCE, every enabled one. Says nothing when all is well and no terminal watches.

    \b
    Exit code 1: a run is not good (its reasons are shown; `status` keeps showing them).
    """
    given = [*sources, *([f"--since {since:%Y-%m-%d}"] if since else []), *([f"--limit {limit}"] if limit else [])]
    with door.writing(" ".join(["collect", *given])):
        sys.exit(_collect(door, sources, since, limit))


def _collect(
    door: Door,
    sources: Iterable[str] = (),
    since: dt.datetime | None = None,
    limit: int | None = None,
    aloud: bool = False,
) -> int:
    config = door.config
    names = list(dict.fromkeys(sources)) or [name for name, source in config.sources.items() if source.enabled]
    refuse_unknown(config, names)
    if not names:
        door.alarm(f"No source is enabled in {config.file}.")
        return ACT
    logs.cap(config.path(Path("logs")))
    with door.progress(f"Collecting {', '.join(names)}"):
        runs = collect_all(config, [Order(name, since.date() if since else None, limit) for name in names], door.now)
    for done in runs:
        good = done.verdict is Verdict.GOOD
        tell = door.alarm if not good else door.say if aloud else door.mention
        tell("\n".join(report.run_lines(done)))
    return DONE if all(done.verdict is Verdict.GOOD for done in runs) else ACT


@click.command()
@click.pass_obj
def tag(door: Door) -> None:
    """Match all that is open or coming with every member, anew.

    `digest` does this first, so it is only needed to see an edit at once in `matches`.

    \b
    Exit code 1: a filter file is broken; its last good version stays in force.
    """
    with door.writing("tag") as store:
        sys.exit(_tag(door, store)[1])


def _tag(door: Door, store: Store, aloud: bool = False) -> tuple[Filters, int]:
    filters = tagging.load(door.config, store, door.now)
    tagged = tagging.tag(filters, store, door.now, _progress(door, store), door.config.apart)
    for problem in filters.errors:
        door.alarm(f"{in_words(problem)} (the last good version stays in force)")
    matches = f"{sum(tagged.matches.values())} matches for {len(tagged.matches)} members"
    (door.say if aloud else door.mention)(f"Tagged {tagged.opportunities} live opportunities: {matches}.")
    return filters, ACT if filters.errors else DONE


def _progress(door: Door, store: Store) -> tagging.Progress:
    if door.quiet or not sys.stderr.isatty():
        return lambda kept: kept
    return lambda kept: track(kept, "Tagging", total=store.count(), console=door.console, transient=True)


@click.command()
@click.option("--member", metavar="NAME", help="Only this member.")
@click.option("--dry-run", is_flag=True, help="Write .eml, .html and .txt; send nothing, remember nothing.")
@click.option("--to-staff", is_flag=True, help="Hold them: staff get the batch, members wait for `vestitor release`.")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Where a dry run writes [default: dry-run in the outbox].",
)  # fmt: skip
@click.pass_obj
def digest(door: Door, member: str | None, dry_run: bool, to_staff: bool, folder: Path | None) -> None:
    """Mail each member what is new, changed or closing, once.

    Tags first, so an edit of a filter counts at once. A line counts as told when its mail was accepted. A mail the
    server wants later is tried again by `vestitor send`.

    \b
    Exit code 1: a mail failed or the server cannot be used, a member's addresses all refuse, digests were not released
    in time, or a filter file is broken.
    """
    if dry_run and to_staff:
        raise click.UsageError("--dry-run remembers nothing, so nothing could be released; leave out one of the two")
    given = [*([f"--member {member}"] if member else []), *(["--dry-run"] if dry_run else [])]
    given += ["--to-staff"] * to_staff
    with door.writing(" ".join(["digest", *given]), shared=not dry_run) as store:
        filters, code = _tag(door, store)
        members = [member_of(filters, member)] if member else filters.members
        if dry_run:
            sys.exit(max(code, _dry_run(door, store, filters, members, folder)))
        sys.exit(max(code, _digest(door, store, filters, members, to_staff)))


def _dry_run(door: Door, store: Store, filters: Filters, members: Iterable[Member], folder: Path | None) -> int:
    target = folder or door.config.path(door.config.mail.outbox) / "dry-run"
    for ready in desk.editions(door.config, store, filters, door.now, members):
        file = desk.dry_run(door.config, ready, door.now, target)
        door.say(f"{file}.eml  {len(ready.digest.lines)} lines  {ready.rendered.subject}")
    return DONE


def _digest(door: Door, store: Store, filters: Filters, members: Iterable[Member], to_staff: bool = False) -> int:
    if hold := to_staff or door.config.digest.approval:
        approval.required(door.config)
    sent = send.send_all(door.config, store, filters, door.now, list(members), hold)
    for line in sent.words():
        (door.alarm if sent.to_act_on else door.say)(line)
    return ACT if sent.to_act_on else DONE


COMMANDS = (run, collect, tag, digest)
