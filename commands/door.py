"""The door of the command line: what every command gets, and how it speaks."""

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipeline.config import Config
from pipeline.lock import only_one
from pipeline.store import Store

DONE, ACT, WRONG = 0, 1, 2
"""Exit codes: done; something asks for a person; wrong use, or something needed cannot be had."""
AS_JSON = click.option("--json", "as_json", is_flag=True, help="For a program: see above.")
PATIENCE = 3600
"""Seconds a command that writes waits for another one to end."""


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
