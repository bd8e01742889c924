"""The one command line: a thin door. Every command parses, calls, prints, and sets the exit code.

Exit codes: 0 done; 1 done, but something asks for a person; 2 wrong use (a file or an option is refused).
"""

import datetime as dt
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from digests import send
from filters import tag as tagging
from filters.explain import explain as explain_match
from filters.profile import Filters, Member
from pipeline import crawl, exchange
from pipeline import status as status_of
from pipeline.config import Config
from pipeline.exceptions import ConfigError, Problem, VestitorError
from pipeline.journal import Verdict
from pipeline.keeping import keep
from pipeline.ledger import Ledger
from pipeline.lock import Busy, only_one
from pipeline.opportunity import Opportunity
from pipeline.reading import reread
from pipeline.store import Kept, Store

PATIENCE = 3600
"""Seconds that tagging and digests wait for a collection to end; a second collection leaves it to the first."""
out, err = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)
DONE, ACT, WRONG = 0, 1, 2


@dataclass
class Door:
    """What every command gets: the configuration, and the hour it is or is meant to be."""

    file: Path
    rehearsal: str | None
    _config: Config | None = None

    @property
    def config(self) -> Config:
        """The configuration, read once."""
        self._config = self._config or Config.read(self.file)
        return self._config

    @property
    def now(self) -> dt.datetime:
        """The hour, in the office's time zone: the one place where the product reads the clock."""
        if self.rehearsal is None:
            return dt.datetime.now(self.config.zone)
        return _moment(self.rehearsal, self.config)

    @contextmanager
    def store(self, writing: bool = False, patience: float = 0) -> Iterator[Store]:
        """The open store; with `writing`, under its lock, waited for so many seconds."""
        path = self.config.path(self.config.store)
        if not writing:
            with Store(path) as store:
                yield store
        else:
            with only_one(path, patience), Store(path) as store:
                yield store


def _moment(text: str, config: Config) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f'--now "{text}" is no date and time; write "2026-11-20 07:30"') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=config.zone)


class Commands(click.Group):
    """Commands in the order a day takes them, and errors in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """As they are defined, not by the alphabet."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; what the product refuses is said in words and gives exit code 2."""
        try:
            return super().invoke(ctx)
        except Busy as error:
            err.print(str(error))
            sys.exit(DONE)
        except VestitorError as error:
            err.print(f"[bold red]vestitor:[/] {_plain(error)}")
            sys.exit(WRONG)


def _plain(text: object) -> str:
    return str(text).replace("[", "\\[")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    default="config.yaml",
    show_default=True,
    help="The installation.",
)
@click.option("--now", metavar='"YYYY-MM-DD HH:MM"', help="Rehearse another day or hour.")
@click.version_option(crawl.VERSION)
@click.pass_context
def main(ctx: click.Context, file: Path, now: str | None) -> None:
    """Vestitor tells each member of the cluster, early and once, of the tenders and calls that concern it.

    \b
    A day:      collect -> tag -> digest   (all three: run)
    To see:     status, matches, search, explain
    To change:  edit filters/ or config.yaml, then check
    """
    ctx.obj = Door(file, now)


@main.command()
@click.pass_obj
def check(door: Door) -> int:
    """Check the configuration and every filter file; says file:line and what to write instead."""
    problems: list[Problem] = []
    try:
        config = door.config
        problems += tagging.check(config)
    except ConfigError as error:
        problems += error.problems
    for problem in problems:
        out.print(f"[bold {'red' if problem.level == 'error' else 'yellow'}]{problem.level}[/] {_plain(problem)}")
    if not problems:
        out.print("Everything is in order.")
    sys.exit(ACT if any(problem.level == "error" for problem in problems) else DONE)


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Read again from this day on.")
@click.option("--limit", type=click.IntRange(min=1), help="Read at most so many, to try a source.")
@click.pass_obj
def collect(door: Door, sources: tuple[str, ...], since: dt.datetime | None, limit: int | None) -> None:
    """Read what the sources have published since the last complete run."""
    with door.store(writing=True):
        sys.exit(_collect(door, sources, since, limit))


def _collect(
    door: Door, sources: Iterable[str] = (), since: dt.datetime | None = None, limit: int | None = None
) -> int:
    config = door.config
    names = list(sources) or [name for name, source in config.sources.items() if source.enabled]
    for name in names:
        if name not in config.sources:
            raise click.UsageError(f"no source `{name}` in {config.file}; there are: {', '.join(config.sources)}")
    orders = [crawl.Order(name, since.date() if since else None, limit) for name in names]
    runs = crawl.collect(config, orders, door.now)
    for run in runs:
        (out if sys.stdout.isatty() or run.verdict is not Verdict.GOOD else err).print(_plain(status_of.run_line(run)))
    return ACT if any(run.verdict is not Verdict.GOOD for run in runs) else DONE


@main.command()
@click.pass_obj
def tag(door: Door) -> None:
    """Match everything that is open or coming with every member, anew."""
    with door.store(writing=True, patience=PATIENCE) as store:
        sys.exit(_tag(door, store)[1])


def _tag(door: Door, store: Store) -> tuple[Filters, int]:
    filters = tagging.load(door.config, store, door.now)
    tagged = tagging.tag(filters, store, door.now, _progress("Tagging", store))
    _say_problems(filters)
    out.print(
        f"Tagged {tagged.opportunities} live opportunities: {sum(tagged.matches.values())} matches for {len(tagged.matches)} members."
    )
    return filters, ACT if filters.errors else DONE


def _say_problems(filters: Filters) -> None:
    for problem in filters.errors:
        err.print(f"[bold red]error[/] {_plain(problem)} (the last good version stays in force)")


def _progress(what: str, store: Store) -> tagging.Progress:
    if not sys.stderr.isatty():
        return lambda kept: kept
    return lambda kept: track(kept, what, total=store.count(), console=err, transient=True)


@main.command()
@click.argument("member")
@click.argument("opportunity")
@click.pass_obj
def explain(door: Door, member: str, opportunity: str) -> None:
    """Why OPPORTUNITY (an id or any of its numbers) matches MEMBER, or what keeps it away; and whether it was sent."""
    with door.store() as store:
        filters = tagging.load(door.config, store, door.now, remember=False)
        chosen, kept = _member(filters, member), _kept(store, opportunity)
        said = status_of.Explanation(kept, Ledger(store), chosen.member, send.channel(door.config))
        conditions = explain_match(kept.opportunity.at(door.now), chosen, filters.interests, door.now)
        for line in (*said.heading(door.now), *map(str, conditions), *said.deliveries()):
            out.print(_plain(line))


def _member(filters: Filters, name: str) -> Member:
    for member in filters.members:
        if member.member == name:
            return member
    raise click.UsageError(f"no member `{name}`; there are: {', '.join(m.member for m in filters.members)}")


def _kept(store: Store, name: str) -> Kept:
    kept = store.get(name)
    if kept is None:
        raise click.UsageError(f"no opportunity `{name}` in the store; `vestitor search WORDS` finds one")
    return kept


@main.command()
@click.option("--member", help="Only this member.")
@click.option("--dry-run", is_flag=True, help="Write .eml, .html and .txt; send nothing, remember nothing.")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path), help="Where a dry run writes [default: outbox/dry-run]."
)
@click.pass_obj
def digest(door: Door, member: str | None, dry_run: bool, folder: Path | None) -> None:
    """Mail each member what is new, changed or closing, once; tags first, so an edit of a filter counts at once."""
    with door.store(writing=True, patience=PATIENCE) as store:
        filters, code = _tag(door, store)
        sys.exit(max(code, _digest(door, store, filters, member, folder, dry_run)))


def _digest(
    door: Door,
    store: Store,
    filters: Filters,
    only: str | None = None,
    folder: Path | None = None,
    dry_run: bool = False,
) -> int:
    config, now = door.config, door.now
    members = [_member(filters, only)] if only else list(filters.members)
    if dry_run:
        target = folder or config.path(config.mail.outbox) / "dry-run"
        for ready in send.editions(config, store, filters, now, members):
            out.print(
                f"{send.dry_run(config, ready, now, target)}.eml  {len(ready.digest.lines)} lines  {_plain(ready.rendered.subject)}"
            )
        return DONE
    report = send.send_all(config, store, filters, now, members)
    for line in report.words():
        (err if report.to_act_on else out).print(_plain(line))
    return ACT if report.to_act_on else DONE


@main.command()
@click.pass_obj
def run(door: Door) -> None:
    """Collect, tag and digest: a whole day."""
    with door.store(writing=True) as store:
        collected = _collect(door)
        filters, tagged = _tag(door, store)
        sys.exit(max(collected, tagged, _digest(door, store, filters)))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For a monitor: the same as JSON.")
@click.pass_obj
def status(door: Door, as_json: bool) -> None:
    """How each source is, who gets how much, what was sent, what asks for a person."""
    with door.store() as store:
        filters = tagging.load(door.config, store, door.now, remember=False)
        facts = status_of.facts(door.config, store, filters.members, filters.problems, door.now)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        for table in status_of.tables(facts):
            out.print(table)
    sys.exit(ACT if facts["to_act_on"] else DONE)


@main.command()
@click.option("--member", help="Only this member.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def matches(door: Door, member: str | None, as_json: bool) -> None:
    """What matches whom, and why."""
    with door.store() as store:
        filters = tagging.load(door.config, store, door.now, remember=False)
        for one in [_member(filters, member)] if member else filters.members:
            found = list(Ledger(store).matches(one.member))
            if as_json:
                for entry in found:
                    click.echo(json.dumps(status_of.match_json(one, entry, door.now), ensure_ascii=False))
            else:
                out.print(status_of.match_table(one, found, door.now))


@main.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
@click.pass_obj
def search(door: Door, words: tuple[str, ...], limit: int) -> None:
    """Full-text search in everything that was ever collected; diacritics do not matter."""
    with door.store() as store:
        table = Table("id", "stage", "closes", "title", box=None)
        for kept in store.search(" ".join(words), limit):
            table.add_row(*map(_plain, status_of.row(kept, door.now)))
        out.print(table if table.row_count else "Nothing found.")


@main.command(name="export")
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), help="[default: by the file's name, else jsonl]")
@click.option("--source", "sources", multiple=True, help="Only this source; may be repeated.")
@click.pass_obj
def export_(door: Door, file: Any, form: Any, sources: tuple[str, ...]) -> None:
    """Write every opportunity as JSON Lines or CSV, as it is at this hour."""
    with door.store() as store:
        now = door.now
        count = exchange.export(
            (kept.opportunity.at(now) for kept in store.all(sources=sources)), file, form or _format(file.name)
        )
    err.print(f"{count} opportunities")


def _format(name: str) -> exchange.Format:
    return "csv" if name.endswith(".csv") else "jsonl"


@main.command(name="import")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), help="[default: by the file's name, else jsonl]")
@click.pass_obj
def import_(door: Door, file: Any, form: Any) -> None:
    """Read opportunities from JSON Lines or CSV; all of the file, or nothing of it."""
    found = list(exchange.read(file, form or _format(file.name), file.name))
    problems = [entry for entry in found if isinstance(entry, Problem)]
    if problems:
        raise ConfigError(problems)
    with door.store(writing=True) as store:
        read = [(exchange.as_notice(entry), None) for entry in found if isinstance(entry, Opportunity)]
        tally = keep(store, read, door.now)
    out.print(f"{len(tally.new)} new, {len(tally.changed)} changed, {len(tally.seen)} known before")


@main.command()
def schema() -> None:
    """The JSON Schema of an exported opportunity."""
    click.echo(json.dumps(Opportunity.model_json_schema(mode="serialization"), ensure_ascii=False, indent=2))


@main.command()
@click.argument("source")
@click.pass_obj
def reparse(door: Door, source: str) -> None:
    """Read every stored document of SOURCE again with today's reader."""
    with door.store(writing=True) as store:
        out.print(reread(store, source, door.now).words())


@main.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--keep", "count", type=click.IntRange(min=1), default=14, show_default=True, help="Backups to keep.")
@click.pass_obj
def backup(door: Door, file: Path | None, count: int) -> None:
    """A checked copy of the store; the oldest copies make room."""
    config = door.config
    folder = config.path(config.backups)
    folder.mkdir(parents=True, exist_ok=True)
    target = file or folder / f"vestitor-{door.now:%Y%m%d-%H%M%S}.db"
    with door.store() as store:
        store.backup(target)
    for old in sorted(folder.glob("vestitor-*.db"))[:-count] if file is None else ():
        old.unlink()
    out.print(f"{target}: {target.stat().st_size:,} bytes, checked")


if __name__ == "__main__":
    main()
