"""The menu of the command line: help as a table of contents, and errors in one line."""

import datetime as dt
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from commands.door import DONE, WRONG
from pipeline.exceptions import VestitorError
from pipeline.lock import Doubled


class Moment(click.ParamType[dt.datetime]):
    """A date, or a date and time, with or without an offset from UTC."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        """The instant; without an offset it is the office's wall time."""
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError:
            raise VestitorError(f'--now "{value}" is no date and time; write "2026-11-20 07:30"') from None


class Commands(click.Group):
    """Commands in groups, as a table of contents, and errors in words."""

    def __init__(self, *args: Any, chapters: Mapping[str, Sequence[click.Command]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chapters = chapters
        for command in (command for commands in chapters.values() for command in commands):
            self.add_command(command)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the chapters."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line a command, below the heading of its chapter."""
        for title, commands in self.chapters.items():
            with formatter.section(title):
                formatter.write_dl([(str(one.name).ljust(7), one.get_short_help_str(200)) for one in commands])

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
