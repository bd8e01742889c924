"""What Romanian pages about money say: dates with their role, amounts, and what a call is doing. Pure.

The one door to the reading of Romanian prose (and of the English in between): spiders import from here. Nothing is
guessed: a date without a year needs the day it was written on, "în 30 de zile" is no date, a month is no deadline.
Times are wall time in Bucharest unless the text names another zone; every instant is aware.
"""

import datetime as dt
from collections.abc import Iterable

from pipeline._romanian_cues import Purpose
from pipeline._romanian_journal import Entry, Page, read_entries, read_page
from pipeline._romanian_money import Amount, Of, read_amounts
from pipeline._romanian_periods import Period, as_day, read_periods
from pipeline._romanian_status import Status, read_status
from pipeline._romanian_tokens import BUCHAREST, When, tokens
from pipeline._romanian_words import fold
from pipeline.opportunity import Deadline, Money, Role, Stage

__all__ = [
    "BUCHAREST", "Amount", "Entry", "Of", "Page", "Period", "Purpose", "Status", "When", "as_day", "deadlines_of",
    "fold", "read_amounts", "read_budget", "read_entries", "read_page", "read_period", "read_periods", "read_status",
    "read_when", "stage_of",
]  # fmt: skip

_FIRST = (Purpose.SUBMISSION, Purpose.CONSULTATION, Purpose.QUESTIONS, Purpose.EVENT)
_ROLES = {
    Purpose.SUBMISSION: Role.SUBMISSION,
    Purpose.CONSULTATION: Role.CONSULTATION,
    Purpose.QUESTIONS: Role.QUESTIONS,
}
_STAGES = {
    Status.SUSPENDED: Stage.SUSPENDED,
    Status.CANCELLED: Stage.CANCELLED,
    Status.CLOSED: Stage.CLOSED,
    Status.RESULTS: Stage.CLOSED,
    Status.FORTHCOMING: Stage.PLANNED,
    Status.POSTPONED: Stage.PLANNED,
    Status.CONSULTATION: Stage.CONSULTATION,
    Status.CONSULTATION_CLOSED: Stage.PLANNED,
    Status.OPEN: Stage.OPEN,
    Status.EXTENDED: Stage.OPEN,
}
"""AMENDED says nothing of the stage, NOISE that there is no call at all."""
_FINAL = frozenset({Stage.SUSPENDED, Stage.CANCELLED, Stage.CLOSED})


def read_when(text: str) -> When | None:
    """The first exact date of a short text such as a table cell ("29/05/2026 10:00 am"); None for a mere month."""
    exact = (token.when() for token in tokens(fold(text)) if token.day and token.month)
    return next((when for when in exact if when is not None), None)


def read_period(text: str, today: dt.date | None = None) -> Period | None:
    """The period a statement is about: what holds before what is past, submission before consultation before events,
    an extension before what it extends. `today` is the day it was written on."""
    periods = read_periods(text, today)
    best = sorted(periods, key=lambda p: (p.superseded, _FIRST.index(p.purpose), not p.extended, p.vague))
    return best[0] if best else None


def read_budget(text: str) -> Money | None:
    """The first amount that is the budget of the whole; None where every amount is of something else."""
    return next((amount.money for amount in read_amounts(text) if amount.of is Of.BUDGET), None)


def deadlines_of(periods: Iterable[Period | None]) -> tuple[Deadline, ...]:
    """The ends of periods as deadlines, soonest first: neither vague nor superseded ones, nor mere events."""
    found = dict.fromkeys(
        (period.closes, _ROLES[period.purpose])
        for period in periods
        if period and period.closes and period.purpose in _ROLES and not (period.vague or period.superseded)
    )
    made = [
        Deadline(at=end, role=role) if isinstance(end, dt.datetime) else Deadline(date=end, role=role)
        for end, role in found
    ]
    return tuple(sorted(made, key=lambda deadline: deadline.ends))


def stage_of(status: Status | None, submission: Period | None, now: dt.datetime) -> Stage | None:
    """The stage that a stated status and a submission period make together; None where neither tells.

    What ends or stops a call holds whatever the dates say; else the dates hold. Open is said or dated, never inferred.
    """
    stage = _STAGES.get(status) if status else None
    if stage in _FINAL or submission is None or submission.vague:
        return stage
    ahead = submission.opens is not None and as_day(submission.opens) > now.astimezone(BUCHAREST).date()
    if stage is Stage.CONSULTATION and (ahead or submission.opens is None):
        return stage
    if ahead:
        return Stage.PLANNED
    ends = deadlines_of([submission])
    if ends:
        return Stage.OPEN if ends[0].ends > now else Stage.CLOSED
    return Stage.OPEN if stage is Stage.PLANNED else stage
