"""To keep and exchange: the store in open forms, and copies of it."""

import json
from pathlib import Path
from typing import Any

import click

from commands.door import Door
from pipeline import exchange
from pipeline.exceptions import ConfigError, VestitorError
from pipeline.keeping import keep

FORM = click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), help="[default: by the name, else jsonl]")


@click.command(name="export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-")
@FORM
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only this source; may be repeated.")
@click.pass_obj
def export_(door: Door, file: Path, form: Any, sources: tuple[str, ...]) -> None:
    """Write every opportunity as JSON Lines or CSV.

    As it is at this hour (`stage`). FILE may be left out, or -, for standard output. `import` of it gives the same
    store.
    """
    with door.store() as store, exchange.opened(file, "w") as out:
        found = (kept.opportunity.at(door.now) for kept in store.all(sources=sources))
        count = exchange.export(found, out, form or exchange.format_of(file))
    if not door.quiet:
        door.alarm(f"{count} opportunities")


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@FORM
@click.pass_obj
def import_(door: Door, file: Path, form: Any) -> None:
    """Read opportunities from JSON Lines or CSV.

    All of the file, or nothing of it. A line needs only id, source, ref, kind (tender, call, news), stage (such as
    open) and title; see `vestitor schema` for the rest. FILE may be - for standard input.

    \b
    Exit code 2: some line is refused; each is listed with file:line, and nothing is imported.
    """
    try:
        with exchange.opened(file, "r") as lines:
            found = exchange.read_all(lines, form or exchange.format_of(file), str(file))
    except ConfigError as error:
        raise VestitorError(f"nothing is imported:\n{error}") from None
    with door.writing(f"import {file}", shared=False) as store:
        tally = keep(store, [(exchange.as_notice(opportunity), None) for opportunity in found], door.now)
    door.say(f"{len(tally.new)} new, {len(tally.changed)} changed, {len(tally.seen)} known before")


@click.command()
def schema() -> None:
    """The JSON Schema of an exported opportunity."""
    click.echo(json.dumps(exchange.schema(), ensure_ascii=False, indent=2))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--keep", "count", type=click.IntRange(min=1), default=14, show_default=True, metavar="N",
    help="Copies to keep in the folder of backups.",
)  # fmt: skip
@click.pass_obj
def backup(door: Door, file: Path | None, count: int) -> None:
    """Make a checked copy of the store while it is in use.

    Without FILE it goes to the folder `backups` of config.yaml, and the oldest copies there make room.
    How to restore one: docs/operations.md.
    """
    config = door.config
    folder = config.path(config.backups)
    target = file or folder / f"vestitor-{door.now:%Y%m%d-%H%M%S}.db"
    if file is None:
        folder.mkdir(0o700, parents=True, exist_ok=True)
    _copy(door, target)
    for old in sorted(folder.glob("vestitor-*.db"))[:-count] if file is None else ():
        old.unlink()
    door.mention(f"{target}: {target.stat().st_size:,} bytes, checked")


def _copy(door: Door, target: Path) -> None:
    if target.resolve() == door.config.path(door.config.store).resolve():
        raise VestitorError(f"{target} is the store itself; write another name")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    part.touch(0o600)  # says what cannot be written before SQLite does, who would name the store
    with door.store() as store:
        store.backup(part)
    part.replace(target)


COMMANDS = (export_, import_, schema, backup)
