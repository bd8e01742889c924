"""One pass over the store: every opportunity that is live at `now` against every member. Idempotent.

It runs after every collection and after every edit of a filter, so an edit applies to what is already stored.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from filters.match import Matcher
from filters.profile import Filters, files_of, in_force, read_filters
from pipeline.config import Config
from pipeline.exceptions import ConfigError, Problem
from pipeline.ledger import Ledger
from pipeline.opportunity import LIVE
from pipeline.store import Kept, Store

Progress = Callable[[Iterable[Kept]], Iterable[Kept]]


@dataclass(frozen=True, slots=True)
class Tagged:
    """What a pass found."""

    filters: Filters
    opportunities: int
    matches: dict[str, int]
    """Member id -> number of matches; members without any are there with 0."""


def check(config: Config) -> tuple[Problem, ...]:
    """Every problem in the filter files, nothing read from the store and nothing remembered."""
    folders = config.filters
    try:
        return read_filters(files_of(config.path(folders.interests), config.path(folders.members))).problems
    except ConfigError as error:
        return error.problems


def load(config: Config, store: Store, now: dt.datetime, remember: bool = True) -> Filters:
    """The filters in force; those that load become the last good ones. A broken file never stops the others."""
    folders = config.filters
    good = Ledger(store).good_filters()
    try:
        files = files_of(config.path(folders.interests), config.path(folders.members))
    except ConfigError as error:
        filters = in_force(good)
        return replace(filters, problems=(*filters.problems, *error.problems))
    filters = in_force(files, good)
    if remember and dict(filters.texts) != good:
        Ledger(store).keep_filters(filters.texts, now)
    return filters


def tag(filters: Filters, store: Store, now: dt.datetime, progress: Progress = lambda kept: kept) -> Tagged:
    """Matches everything live anew and puts the result in place of the old, in one transaction."""
    matcher = Matcher(filters.members, filters.interests)
    seen = 0

    def matches() -> Iterator[tuple[str, Kept, int, dict[str, Any]]]:
        nonlocal seen
        for kept in progress(store.all()):
            opportunity = kept.opportunity.at(now)
            if opportunity.stage in LIVE:
                seen += 1
                for member, match in matcher.match(opportunity, now).items():
                    yield member, kept, match.score, match.as_json()

    Ledger(store).replace_matches(matches(), now)
    counts = Ledger(store).match_count()
    return Tagged(filters, seen, {member.member: counts.get(member.member, 0) for member in filters.members})
