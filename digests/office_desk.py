"""Where the office's overview is made: from the store and the filters to facts."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice

from digests.desk import channel
from digests.office import (
    SILENT_DAYS,
    NearMiss,
    Overview,
    Partner,
    Proposal,
    SourceWeek,
    Trouble,
    Volume,
    candidates,
    source_week,
)
from filters.answers import advised
from filters.match import Matcher
from filters.profile import Filters, Member
from filters.suggest import near_misses
from filters.trial import Past, Trial, as_new
from filters.trying import past
from pipeline import feedback
from pipeline.config import Config
from pipeline.journal import Journal
from pipeline.ledger import Ledger
from pipeline.opportunity import Opportunity
from pipeline.store import Store
from pipeline.tellings import told_since

RUNS = 100
"""Newest runs of a source that are looked at: a fortnight of seven a day."""
MISSES, LOOKED_AT = 2, 300
"""Near misses told of a member, and how many of the newest opportunities are looked at for them."""


def overview(
    config: Config,
    store: Store,
    filters: Filters,
    now: dt.datetime,
    days: int,
    to_act_on: Sequence[str],
    troubles: Sequence[Trouble],
) -> Overview:
    """The overview of the last `days`; what asks for a person, and which mails did not arrive, is passed in."""
    since = now - dt.timedelta(days=days)
    mails, lines = told_since(store, since, channel(config))
    lately = past(store, now, max(days, SILENT_DAYS))
    trials = _trials(filters, lately)
    weeks = [(one, then) for one, then in lately if then >= now - dt.timedelta(days=SILENT_DAYS)]
    return Overview(
        now,
        since,
        tuple(_near(config, said) for said in to_act_on),
        tuple(_sources(config, Journal(store), since)),
        mails,
        lines,
        tuple(troubles),
        candidates(_matched(store, filters, since), now),
        tuple(Volume(trial.member.member, sum(one.id in trial.ids for one, _ in weeks)) for trial in trials),
        tuple(_near_misses(trials, filters, [(one, then) for one, then in lately if then >= since])),
        tuple(_proposals(store, filters, now, since)),
        tuple(_near(config, str(problem)) for problem in filters.problems),
    )


def _near(config: Config, said: str) -> str:
    """The sentence with its paths as they are seen from config.yaml."""
    return said.replace(f"{config.file.parent}/", "")


def _sources(config: Config, journal: Journal, since: dt.datetime) -> Iterator[SourceWeek]:
    for name, source in config.sources.items():
        if source.enabled:
            runs = [replace(run, started=run.started.astimezone(config.zone)) for run in journal.runs(name, RUNS)]
            yield source_week(name, runs, since)


def _matched(store: Store, filters: Filters, since: dt.datetime) -> list[tuple[Opportunity, list[Partner]]]:
    """What was found or changed in the period, and whose rules want it."""
    found: dict[str, tuple[Opportunity, list[Partner]]] = {}
    ledger = Ledger(store)
    for member in filters.members:
        for entry in ledger.matches(member.member):
            if entry.kept.changed >= since:
                one = found.setdefault(entry.kept.opportunity.id, (entry.kept.opportunity, []))
                one[1].append(Partner(member.name, member.organisation))
    return list(found.values())


def _trials(filters: Filters, lately: Past) -> list[Trial]:
    """What every member's rules would have brought, in one pass."""
    matcher = Matcher(filters.members, filters.interests)
    trials = {member.member: Trial(member) for member in filters.members}
    for opportunity, then in lately:
        for member in matcher.match(opportunity, then):
            trials[member].ids[opportunity.id] = opportunity
    return list(trials.values())


def _near_misses(trials: Sequence[Trial], filters: Filters, period: Past) -> Iterator[NearMiss]:
    newest = sorted(period, key=lambda pair: pair[1], reverse=True)[:LOOKED_AT]
    for trial in trials:
        for said in islice(near_misses(trial, filters.interests, newest), MISSES):
            yield NearMiss(trial.member.member, said)


def _proposals(store: Store, filters: Filters, now: dt.datetime, since: dt.datetime) -> Iterator[Proposal]:
    """What could be changed about each answer of the period that the rules do not heed yet."""
    members: dict[str, Member] = {member.member: member for member in filters.members}
    year = cache(lambda: past(store, now, 365))
    for answer in feedback.since(store, since):
        kept, member = store.get(answer.opportunity), members.get(answer.member)
        if kept is None or member is None:
            continue
        one, then = as_new(kept.opportunity, kept.first_seen)
        for said in advised(one, then, member, answer.relevant, filters.interests, year):
            yield Proposal(answer.member, answer.opportunity, answer.relevant, said)
