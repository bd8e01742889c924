"""Trying a member's file, saved or only proposed, on what the store holds, beside the versions before it."""

import datetime as dt
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from filters.model import Interest, Member
from filters.profile import files_of, read_filters
from filters.trial import Past, Trial, as_new, report, trial
from pipeline.config import Config
from pipeline.exceptions import ConfigError, VestitorError
from pipeline.ledger import Ledger
from pipeline.store import Store
from pipeline.yaml_file import read_text


def past(store: Store, now: dt.datetime, days: int) -> Past:
    """What was published, or else first seen, in the last days."""
    since = now - dt.timedelta(days=days)
    judged = (as_new(kept.opportunity, kept.first_seen) for kept in store.all())
    return [(opportunity, then) for opportunity, then in judged if since <= then <= now]


def texts_of(config: Config) -> dict[str, str]:
    """The filter files as they are saved."""
    return files_of(config.path(config.filters.interests), config.path(config.filters.members))


def member_in(texts: Mapping[str, str], name: str) -> tuple[Member, Mapping[str, Interest]]:
    """The member and the vocabularies; raises ConfigError with what is wrong in its file."""
    filters = read_filters(texts)
    for member in filters.members:
        if member.member == name:
            return member, filters.interests
    file = file_of(texts, name)
    found = [problem for problem in filters.errors if file and problem.where.startswith(file + ":")]
    if found:
        raise ConfigError(found)
    raise VestitorError(f"no file of {name} loads; `vestitor check` says why")


def file_of(texts: Mapping[str, str], name: str) -> str | None:
    """The file that describes the member."""
    said = re.compile(rf"^member:\s*['\"]?{re.escape(name)}['\"]?\s*(?:#.*)?$", re.MULTILINE)
    return next((file for file, text in texts.items() if said.search(text)), None)


def try_out(config: Config, store: Store, name: str, edited: Path | None, days: int, now: dt.datetime) -> list[str]:
    """What the member's rules would have brought, in words, and what differs from the versions before."""
    saved = texts_of(config)
    file = file_of(saved, name) or str(edited)
    texts = saved | ({file: read_text(edited)} if edited else {})
    when = past(store, now, days)
    tried = trial(*member_in(texts, name), when)
    return report(tried, days, _before(texts, file, name, dict(_versions(store, saved, file, edited)), when))


def _before(
    texts: Mapping[str, str], file: str, name: str, versions: Mapping[str, str], when: Past
) -> Iterator[tuple[str, Trial]]:
    for said, text in versions.items():
        if text == texts.get(file):
            continue
        try:
            yield said, trial(*member_in({**texts, file: text}, name), when)
        except VestitorError:  # a version that does not load today has nothing to be compared with
            continue


def _versions(store: Store, saved: Mapping[str, str], file: str, edited: Path | None) -> Iterator[tuple[str, str]]:
    if edited and file in saved:
        yield "the saved file", saved[file]
    if good := Ledger(store).good_filters().get(file):
        yield "its last good version in force", good
    if committed := _committed(Path(file)):
        yield "its last committed version", committed


def _committed(file: Path) -> str | None:
    """The file as git last had it; None where there is no git, no checkout, or no such file in it."""
    git = shutil.which("git")
    if not git or not file.parent.is_dir():
        return None
    call = [git, "-C", str(file.parent), "show", f"HEAD:./{file.name}"]
    shown = subprocess.run(call, capture_output=True, check=False)  # noqa: S603  # our own arguments, no shell
    return shown.stdout.decode("utf-8", errors="replace") if shown.returncode == 0 else None
