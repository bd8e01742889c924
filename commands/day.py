"""A day: what cron and the daemon call, and a person who wants it now."""

import datetime as dt
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from commands import report
from commands.digesting import mail_all, members_of, rehearse, tag_all
from commands.door import ACT, DONE, Door
from commands.named import refuse_unknown
from commands.sources import live_check
from digests.choice import Choice
from pipeline import logs
from pipeline.collecting import Order
from pipeline.collecting import collect as collect_all
from pipeline.journal import Verdict
from pipeline.opportunity import Kind

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.pass_obj
def run(door: Door) -> None:
    """Collect, tag and digest: a whole day at once.

    \b
    Exit code 1: a source is not good, a filter file is broken, or a mail did not leave.
    """
    with door.writing("run") as store:
        collected = _collect(door, aloud=True)
        filters, tagged = tag_all(door, store, aloud=True)
        sys.exit(max(collected, tagged, mail_all(door, store, filters, filters.members)))


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--since", type=DAY, metavar="YYYY-MM-DD", help="Read again from this day on.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Read at most so many, to try a source.")
@click.option("--live-check", "checking", is_flag=True, help="Only look: a few requests a source, nothing is kept.")
@click.option("--json", "as_json", is_flag=True, help="With --live-check: for a program.")
@click.pass_obj
def collect(
    door: Door,
    sources: tuple[str, ...],
    since: dt.datetime | None,
    limit: int | None,
    checking: bool,
    as_json: bool,
) -> None:
    """Read what the sources have published since the last good run.

    Without SOURCE, every enabled one. Says nothing when all is well and no terminal watches.

    --live-check is the first command on a new machine: it asks each source a little, compares the answers with the
    samples its reader was written for, and says what to do where something is not as it should be.

    \b
    --live-check --json: a list of {source, well, reached, trouble, robots, seconds, requests, answers [{name, url,
    status, kind, size, expected, known, missing, new}], shape (same, changed, unknown), read, example, newest,
    reasons, issues, todo}.
    Exit code 1: a run is not good (its reasons are shown; `status` keeps showing them), or a source is not well.
    """
    if checking:
        sys.exit(live_check(door, _named(door, sources), as_json))
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
    config, names = door.config, _named(door, sources)
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


def _named(door: Door, sources: Iterable[str]) -> list[str]:
    """The sources a person named, or every enabled one."""
    config = door.config
    names = list(dict.fromkeys(sources)) or [name for name, source in config.sources.items() if source.enabled]
    refuse_unknown(config, names)
    return names


@click.command()
@click.pass_obj
def tag(door: Door) -> None:
    """Match all that is open or coming with every member, anew.

    `digest` does this first, so it is only needed to see an edit at once in `matches`.

    \b
    Exit code 1: a filter file is broken; its last good version stays in force.
    """
    with door.writing("tag") as store:
        sys.exit(tag_all(door, store)[1])


@click.command()
@click.option("--member", "names", multiple=True, metavar="NAME", help="Only this member, due or not; repeat.")
@click.option(
    "--only", multiple=True, metavar="KIND|SOURCE", help="Only tender, call or news, or this source's; repeat."
)
@click.option("--from", "first", type=DAY, metavar="DAY", help="Only what was found on this day (YYYY-MM-DD) or later.")
@click.option("--to", "last", type=DAY, metavar="DAY", help="Only what was found on this day or before.")
@click.option("--dry-run", is_flag=True, help="Write .eml, .html and .txt; send nothing, remember nothing.")
@click.option("--to-staff", is_flag=True, help="Hold them: staff get the batch, members wait for `vestitor release`.")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Where a dry run writes [default: dry-run in the outbox].",
)  # fmt: skip
@click.pass_obj
def digest(
    door: Door,
    names: Sequence[str],
    only: Sequence[str],
    first: dt.datetime | None,
    last: dt.datetime | None,
    dry_run: bool,
    to_staff: bool,
    folder: Path | None,
) -> None:
    """Mail who is due what is new, changed or closing, once.

    Each member's file says on which days it is due (`digest:`); on holidays and closed days nobody is. However often
    this is called, a member gets one digest a period; what a stopped machine missed is in the next one. --member,
    --only, --from, --to and --dry-run ask no calendar.

    Tags first, so an edit of a filter counts at once. A line counts as told when its mail was accepted. A mail the
    server wants later is tried again by `vestitor send`. What --only, --from and --to leave out comes with an ordinary
    digest.

    What would a member have got on some day? `vestitor --now "2026-11-20 11:30" digest --dry-run --member NAME`: from
    what the store knew and the member had been told by then, with the filters of today.

    \b
    Exit code 1: a mail failed or the server cannot be used, a member's addresses all refuse, digests were not released
    in time, or a filter file is broken.
    """
    if dry_run and to_staff:
        raise click.UsageError("--dry-run remembers nothing, so nothing could be released; leave out one of the two")
    refuse_unknown(door.config, [name for name in only if name not in set(Kind)])
    wanted = Choice(door.config.zone, frozenset(only), first.date() if first else None, last.date() if last else None)
    if dry_run:
        sys.exit(rehearse(door, names, wanted, folder))
    if first and last and first > last:
        raise click.UsageError("--from is after --to; swap them")
    given = [f"--member {name}" for name in names] + [f"--only {name}" for name in only]
    given += [f"--{word} {day:%Y-%m-%d}" for word, day in (("from", first), ("to", last)) if day]
    with door.writing(" ".join(["digest", *given, *["--to-staff"] * to_staff])) as store:
        filters, code = tag_all(door, store)
        sys.exit(max(code, mail_all(door, store, filters, members_of(filters, names), to_staff, wanted, bool(given))))


COMMANDS = (run, collect, tag, digest)
