"""Whether what a run read of the portal can be believed. Pure."""

import datetime as dt
from collections.abc import Sequence

from pipeline.opportunity import Kind, Opportunity

SOME = 5
"""Calls without a deadline that mean nothing: 4 of 706 have none (2026)."""


def without_deadlines(read: Sequence[Opportunity]) -> str | None:
    """Why deadlines are missing altogether: more than a tenth of the calls have none."""
    calls = [says for says in read if says.kind is Kind.CALL]
    bare = sum(not says.deadlines for says in calls)
    return f"{bare} of {len(calls)} calls are without a deadline" if bare > max(SOME, len(calls) // 10) else None


def too_old(read: Sequence[Opportunity], today: dt.date, patience: int) -> str | None:
    """Why the news is too old: nothing was published or opened for more than `patience` days."""
    days = [_day(says.published or says.opens) for says in read]
    newest = max((day for day in days if day and day <= today), default=None)
    return f"the newest opportunity is of {newest}" if newest and (today - newest).days > patience else None


def _day(moment: dt.date | None) -> dt.date | None:
    return moment.date() if isinstance(moment, dt.datetime) else moment
