"""To change: what is wrong in the files, and documents read again."""

import sys

import click
from rich.progress import track

from commands.advice import advice
from commands.door import ACT, DONE, Door
from commands.named import in_words, spiders, unknown
from filters import measured
from filters.profile import Filters, files_of, read_filters
from pipeline.config import Config
from pipeline.exceptions import ConfigError, Problem
from pipeline.keeping import document_count
from pipeline.reading import Progress, reread
from pipeline.store import Store

UNJUDGED = "Whether a word stands in half of everything could not be judged: the store holds {} opportunities yet."


@click.command()
@click.pass_obj
def check(door: Door) -> None:
    """Check config.yaml and all filter files: every problem at once.

    Each is shown as file:line: what is wrong; what to write instead. Warnings are what is allowed and probably not
    meant: a source without hours, an example address, a member that has not confirmed, a word another one covers, a
    word that stands in half of what the store holds (the newest 2,000).

    \b
    Exit code 1: there is an error. Warnings alone: 0.
    """
    filters, found = _problems(door)
    measure, unjudged = _measured(door, filters) if filters else ([], "")
    problems = sorted([*found, *measure], key=lambda problem: problem.level)
    for problem in problems:
        click.echo(in_words(problem))
    errors = sum(problem.level == "error" for problem in problems)
    if problems:
        click.echo(f"{errors} errors, {len(problems) - errors} warnings.")
    else:
        door.say("Everything is in order.")
    if unjudged:
        door.say(unjudged)
    sys.exit(ACT if errors else DONE)


def _problems(door: Door) -> tuple[Filters | None, list[Problem]]:
    """The filters that load, and what is wrong in the files."""
    try:
        config = door.config
    except ConfigError as error:
        config, broken = Config.sketch(door.file), list(error.problems)
    else:
        broken = []
    try:
        filters = read_filters(files_of(config.path(config.filters.interests), config.path(config.filters.members)))
    except ConfigError as error:
        return None, [*broken, *error.problems]
    advised = [] if broken else advice(config, spiders(), filters.texts)
    return filters if not broken else None, [*broken, *filters.problems, *advised]


def _measured(door: Door, filters: Filters) -> tuple[list[Problem], str]:
    """Entries that add nothing or stand in half of everything; and why the latter could not be judged."""
    files = measured.read(filters.texts, [*filters.interests.values(), *filters.members])
    idle, path = list(measured.idle(files)), door.config.path(door.config.store)
    if not path.exists():
        return idle, UNJUDGED.format(0)
    with Store(path) as store:
        newest = store.newest(measured.SAMPLE)
    if len(newest) < measured.ENOUGH:
        return idle, UNJUDGED.format(len(newest))
    return [*idle, *measured.common(files, newest, door.now)], ""


@click.command()
@click.argument("source")
@click.pass_obj
def reparse(door: Door, source: str) -> None:
    """Read a source's stored documents again with a mended reader.

    Nothing is asked of the publisher. Ended half-way, it can simply be started again.

    \b
    Exit code 1: some document could not be read; what was known of it stays.
    """
    if source not in (known := {*door.config.sources, *spiders()}):
        raise unknown("source", source, known)
    config = door.config.sources.get(source)
    spider = (config.spider if config else None) or source
    with door.writing(f"reparse {source}", shared=False) as store:
        done = reread(store, source, door.now, spider, _progress(door, store, source))
    door.say(done.words())
    sys.exit(ACT if done.problems else DONE)


def _progress(door: Door, store: Store, source: str) -> Progress:
    if door.quiet or not sys.stderr.isatty():
        return lambda kept: kept
    total = document_count(store, source)
    return lambda kept: track(kept, f"Reading {source} again", total=total, console=door.console, transient=True)


COMMANDS = (check, reparse)
