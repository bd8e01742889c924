"""One pass over the store: every opportunity that is live at `now` against every member. Idempotent.

It runs after every collection and after every edit of a filter, so an edit applies to what is already stored.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from filters.answers import honoured
from filters.match import Matcher
from filters.profile import Filters, files_of, in_force, read_filters
from pipeline import feedback
from pipeline.config import Config
from pipeline.exceptions import ConfigError, Problem
from pipeline.ledger import Ledger
from pipeline.opportunity import LIVE
from pipeline.store import Kept, Store
from pipeline.twins import twins

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


def tag(
    filters: Filters,
    store: Store,
    now: dt.datetime,
    progress: Progress = lambda kept: kept,
    apart: Sequence[tuple[str, str]] = (),
) -> Tagged:
    """Matches everything live anew and puts the result in place of the old, in one transaction.

    Of twins (`pipeline.twins`) the one with the higher authority carries the match of both, and the others' pages.
    """
    matcher = Matcher(filters.members, filters.interests)
    said, names = feedback.said(store), frozenset(member.member for member in filters.members)
    live = {kept.opportunity.id: kept for kept in store.all() if kept.opportunity.at(now).stage in LIVE}
    ledger = Ledger(store)
    spoken = twins((kept.opportunity for kept in live.values()), apart, ledger.twins())
    best: dict[tuple[str, str], tuple[str, Kept, int, dict[str, Any]]] = {}
    for kept in progress(live.values()):
        main = live[spoken.get(kept.opportunity.id, kept.opportunity.id)]
        answers = said.get(kept.opportunity.id, {}) | said.get(main.opportunity.id, {})
        for member, match in honoured(matcher.match(kept.opportunity, now), answers, names).items():
            key = (member, main.opportunity.id)
            if key not in best or best[key][2] < match.score:
                best[key] = (member, main, match.score, match.as_json())
    others: dict[str, list[str | None]] = defaultdict(list)
    for other, main_id in spoken.items():
        others[main_id].append(live[other].opportunity.url)
    for (_, id), (_, _, _, body) in best.items():
        body["also"] = others.get(id, [])
    ledger.replace_twins(live, spoken)
    ledger.replace_matches(best.values(), now)
    counts = ledger.match_count()
    return Tagged(filters, len(live) - len(spoken), {m.member: counts.get(m.member, 0) for m in filters.members})
