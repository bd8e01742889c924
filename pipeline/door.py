"""The door of the command line: what every command gets, how help is grouped, and how errors are said in one line."""

import datetime as dt
import difflib
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipeline.config import Config
from pipeline.exceptions import VestitorError
from pipeline.lock import Doubled, only_one
from pipeline.store import Store

DONE, ACT, WRONG = 0, 1, 2
"""Exit codes: done; something asks for a person; wrong use, or something needed cannot be had."""
PATIENCE = 3600
"""Seconds a command that writes waits for another one to end."""


class Moment(click.ParamType[dt.datetime]):
    """A date, or a date and time, with or without an offset from UTC."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        """The instant; without an offset it is the office's wall time."""
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError:
            raise VestitorError(f'--now "{value}" is no date and time; write "2026-11-20 07:30"') from None


@dataclass
class Door:
    """The installation, the clock (or the hour of a rehearsal), and how much is said."""

    file: Path
    clock: Callable[[], dt.datetime]
    quiet: bool = False
    console: Console = field(default_factory=lambda: Console(stderr=True))
    """Where live lines are shown."""
    _config: Config | None = None

    @property
    def config(self) -> Config:
        """The configuration, read once."""
        self._config = self._config or Config.read(self.file)
        return self._config

    @property
    def now(self) -> dt.datetime:
        """The hour it is or is meant to be, in the office's time zone."""
        hour, zone = self.clock(), self.config.zone
        return hour.astimezone(zone) if hour.tzinfo else hour.replace(tzinfo=zone)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The open store, for reading."""
        with Store(self.config.path(self.config.store)) as store:
            yield store

    @contextmanager
    def writing(self, doing: str, shared: bool = True) -> Iterator[Store]:
        """The open store under its lock, waited for; `shared` work another process is doing is left to that one."""
        path = self.config.path(self.config.store)
        with only_one(path, doing, PATIENCE, leave=shared, waiting=self._waiting), Store(path) as store:
            yield store

    def _waiting(self, other: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"Waiting for {other} to end ...", err=True)

    def say(self, text: object) -> None:
        """What was done, unless --quiet."""
        if not self.quiet:
            click.echo(str(text))

    def mention(self, text: object) -> None:
        """As `say`, but only where somebody watches: without a terminal, silence is success."""
        if sys.stdout.isatty():
            self.say(text)

    def alarm(self, text: object) -> None:
        """What asks for a person; always said."""
        click.echo(str(text), err=True)

    def progress(self, doing: str) -> AbstractContextManager[object]:
        """A live line on a terminal while something takes its time."""
        if self.quiet or not sys.stderr.isatty():
            return nullcontext()
        parts = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
        line = Progress(*parts, console=self.console, transient=True)
        line.add_task(doing, total=None)
        return line


def unknown(what: str, name: str, known: Iterable[str]) -> VestitorError:
    """The refusal of a name that is not there, with the nearest one there is."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    near = near or [other for other in names if len(name) > 2 and name in other][:1]
    hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(names) or 'none'}"
    return VestitorError(f"no {what} `{name}`; {hint}")


class Commands(click.Group):
    """Commands in groups, as a table of contents, and errors in words."""

    def __init__(self, *args: Any, sections: Mapping[str, tuple[str, ...]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the sections."""
        return [name for names in self.sections.values() for name in names]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line a command, below the heading of its section."""
        for title, names in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(7), self.commands[name].get_short_help_str(200)) for name in names])

    def main(self, *args: Any, **extra: Any) -> Any:
        """Runs a command; what goes wrong is said in words, with exit code 2 (or 0, where another does the work)."""
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without ș shows ?
        try:
            return super().main(*args, **extra)
        except Doubled as error:
            click.echo(str(error), err=True)
            sys.exit(DONE)
        except (VestitorError, OSError, sqlite3.Error) as error:
            click.echo(click.style("vestitor: ", fg="red") + _words(error), err=True)
            sys.exit(WRONG)


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}; check the path, and who may read and write there"
    if isinstance(error, sqlite3.Error):
        return f'the store: {error}; see docs/operations.md, "The store"'
    return str(error)
