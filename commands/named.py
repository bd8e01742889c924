"""What a person names on the command line, found, or refused with the nearest name there is."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path

import click

from filters.profile import Filters, Member
from pipeline.collecting import ROOT
from pipeline.config import Config
from pipeline.exceptions import Problem, VestitorError
from pipeline.store import Kept, Store


def unknown(what: str, name: str, known: Iterable[str]) -> VestitorError:
    """The refusal of a name that is not there, with the nearest one there is."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    near = near or [other for other in names if len(name) > 2 and name in other][:1]
    hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(names) or 'none'}"
    return VestitorError(f"no {what} `{name}`; {hint}")


def member_of(filters: Filters, name: str) -> Member:
    """The member of this short name; VestitorError where there is none."""
    known = {member.member: member for member in filters.members}
    if name not in known:
        raise unknown("member", name, known)
    return known[name]


def kept_of(store: Store, name: str) -> Kept:
    """The opportunity of this id, number or address; VestitorError where there is none."""
    kept = store.get(name.rstrip("/").rpartition("/")[2] if name.startswith("http") else name)
    if kept is None:
        raise VestitorError(f"no opportunity `{name}` in the store; `vestitor search WORDS` finds one")
    return kept


def spiders() -> list[str]:
    """The names of all spiders."""
    return [file.stem for file in (ROOT / "spiders").glob("[a-z]*.py")]


def refuse_unknown(config: Config, names: Iterable[str]) -> None:
    """VestitorError for a source that is not configured, or whose spider is not there."""
    for name in names:
        if name not in config.sources:
            raise unknown("source", name, config.sources)
        if (spider := config.sources[name].spider or name) not in spiders():
            raise unknown(f"spider for `{name}` called", spider, spiders())


def days(_: click.Context, __: click.Parameter, value: str) -> int:
    """The number of days in an option like `90d`."""
    if not (found := re.fullmatch(r"([1-9]\d{0,3}) ?d?", value)):
        raise click.BadParameter("write a number of days: 90d")
    return int(found[1])


def in_words(problem: Problem) -> str:
    """A problem as one line, its place seen from here."""
    level = click.style(problem.level, fg="red" if problem.level == "error" else "yellow", bold=True)
    return f"{level} {str(problem).removeprefix(f'{Path.cwd()}/')}"
