"""How the house is: the facts behind `status`, plain values for a monitor. `commands.report` puts them into words."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from filters.profile import Member
from pipeline.bounces import suppressed
from pipeline.config import Config
from pipeline.exceptions import Problem
from pipeline.journal import HAD, STATED, Journal, Run, Verdict
from pipeline.ledger import Delivery, Ledger, State
from pipeline.store import Store

STALE = dt.timedelta(hours=26)
"""Age of the last good run, weekends left out, from which a source asks for a person."""
BAD = 9
"""Runs that are looked at to tell how many in a row were not good."""
OVERDUE = dt.timedelta(hours=2)
"""How long after its time a mail may wait: `vestitor send` comes every quarter of an hour."""
_UP_TO = re.compile(r"\d{4}-\d{2}-\d{2}|\d{9}")
"""Marks that say how far a source was read: a day, or an issue of TED; the others are its own notes."""
Facts = dict[str, Any]


def facts(
    config: Config, store: Store, members: Sequence[Member], problems: Sequence[Problem], channel: str, now: dt.datetime
) -> Facts:
    """Everything there is to know at `now`, as plain JSON values; `to_act_on` lists what asks for a person."""
    ledger = Ledger(store)
    sources = {name: _source(config, Journal(store), name, now) for name in config.sources}
    deliveries = ledger.deliveries()
    troubled, refusing = _troubled(deliveries), suppressed(store)
    return {
        "now": now.isoformat(),
        "timezone": config.timezone,
        "store": {"file": str(store.path), "opportunities": store.count()},
        "mail": config.mail.host or str(config.path(config.mail.outbox)),
        "sources": sources,
        "members": [_member(ledger, member, channel, now) for member in members],
        "deliveries": {state.value: sum(one.state is state for one in deliveries) for state in State},
        "troubled": [_delivery(one, config.zone) for one in troubled],
        "suppressed": [_suppressed(address, members) for address in refusing],
        "filter_problems": [str(problem) for problem in problems],
        "to_act_on": [
            *_sources_to_act_on(sources),
            *_mails_to_act_on(troubled),
            *_waiting_to_act_on(deliveries, now),
            *_suppressed_to_act_on(_suppressed(address, members) for address in refusing),
            *_filters_to_act_on(problems),
        ],
    }


def _source(config: Config, journal: Journal, name: str, now: dt.datetime) -> Facts:
    run, good = journal.last(name), journal.last(name, Verdict.GOOD)
    counts = dict(run.counts) if run else {}
    marks = journal.marks(name)
    return {
        "enabled": config.sources[name].enabled,
        "at": list(config.sources[name].at),
        "verdict": _verdict(run, now, config.sources[name].timeout),
        "reasons": list(run.reasons) if run else [],
        "bad_in_a_row": len(list(takewhile(lambda one: one.verdict is not Verdict.GOOD, journal.runs(name, BAD)))),
        "last_run": _iso(run.started, config.zone) if run else None,
        "last_good": _iso(good.started, config.zone) if good else None,
        "stale": good is not None and _working(good.started.astimezone(config.zone), now) > STALE,
        "read": read_count(counts),
        "stated": counts.get(STATED),
        "missing": max(0, counts.get(STATED, 0) - counts.get(HAD, 0)),
        "read_up_to": min((value for value in marks.values() if _UP_TO.fullmatch(value)), default=None),
        "requests": counts.get("requests", 0),
        "requests_today": journal.spent(name, now.astimezone(config.zone).date()),
        "requests_a_day": config.sources[name].requests,
        "marks": marks,
        "counts": counts,
        "issues": [{"code": i.code, "count": i.count, "examples": list(i.examples)} for i in run.issues] if run else [],
    }


def _verdict(run: Run | None, now: dt.datetime, timeout: int) -> str:
    if run is None:
        return "never run"
    if run.verdict:
        return run.verdict.value
    return "running" if now - run.started < dt.timedelta(seconds=timeout) else "did not end"


def _iso(at: dt.datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat()


def read_count(counts: Mapping[str, int]) -> int:
    """What came, to compare with what the source states there is."""
    if STATED in counts:
        return counts.get(HAD, 0)
    return counts.get("unpacked") or counts.get("read", 0) + counts.get("already read", 0)


def _working(since: dt.datetime, now: dt.datetime) -> dt.timedelta:
    """The time between, Saturdays and Sundays left out."""
    age, midnight = now - since, since.replace(hour=0, minute=0, second=0)
    while midnight < now:
        tomorrow = midnight + dt.timedelta(days=1)
        if midnight.weekday() >= 5:
            age -= min(now, tomorrow) - max(since, midnight)
        midnight = tomorrow
    return age


def _member(ledger: Ledger, member: Member, channel: str, now: dt.datetime) -> Facts:
    last = ledger.last_digest(member.member, channel, now)
    return {
        "member": member.member,
        "matches": ledger.match_count().get(member.member, 0),
        "confirmed": member.confirmed,
        "paused": member.paused,
        "mailed": member.confirmed and not member.paused,
        "last_mail": last.astimezone(now.tzinfo).isoformat() if last else None,
    }


def _troubled(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """What may not have arrived: unknown, waiting to be tried again, or failed with nothing sent to it since."""
    newest = {one.recipient: one.id for one in reversed(deliveries) if one.state is not State.WITHDRAWN}
    return [
        one
        for one in deliveries
        if one.state in (State.UNKNOWN, State.RETRY) or (one.state is State.FAILED and newest[one.recipient] == one.id)
    ]


def _delivery(one: Delivery, zone: ZoneInfo) -> Facts:
    state, made = one.state.value, _iso(one.created, zone)
    return {"id": one.id, "member": one.member, "state": state, "made": made, "reply": one.reply}


def _suppressed(address: str, members: Sequence[Member]) -> str:
    """Its member, rather than the address; the address where no member has it any more."""
    return next((one.member for one in members if address in map(str.lower, one.email)), address)


def _sources_to_act_on(sources: Mapping[str, Facts]) -> Iterator[str]:
    for name, source in sources.items():
        if not source["enabled"] or source["verdict"] == "running":
            continue
        if source["verdict"] == "never run":
            yield f"source {name}: never run; `vestitor collect {name}`"
        elif source["verdict"] != "good":
            yield f"source {name}: {source['verdict']}" + "".join(f"; {why}" for why in source["reasons"][:3])
        elif source["stale"]:
            yield f"source {name}: no good run for more than 26 hours of working days; is the scheduler running?"


_WHAT_TO_DO = {
    State.UNKNOWN: "nobody knows whether they arrived: ask, then `vestitor deliveries arrived NUMBER` (or lost, again)",
    State.FAILED: "the lines go into the next digest; check the address",
}


def _mails_to_act_on(troubled: Sequence[Delivery]) -> Iterator[str]:
    for state, advice in _WHAT_TO_DO.items():
        if mails := [one for one in troubled if one.state is state]:
            named = ", ".join(f"{one.id} to {one.member}" for one in mails[:5]) + ", ..." * (len(mails) > 5)
            yield f"{len(mails)} deliveries {state} (number {named}): {mails[0].reply or 'no answer'}; {advice}"


def _waiting_to_act_on(deliveries: Sequence[Delivery], now: dt.datetime) -> Iterator[str]:
    """What staff have to release, and what should have left long ago: nothing hands over."""
    if held := sum(one.state is State.HELD for one in deliveries):
        yield f"{held} digests wait for your release: `vestitor release --all`, or `vestitor withdraw --all`"
    waiting = [one for one in deliveries if one.state in (State.PENDING, State.RETRY)]
    if late := sum(now - (one.next_try or one.created) > OVERDUE for one in waiting):
        yield f"{late} mails should have left more than two hours ago; is the scheduler running? `vestitor send`"


def _suppressed_to_act_on(members: Iterable[str]) -> Iterator[str]:
    for member in members:
        yield f"{member}: an address of it gets no mail, because it refused twice; `vestitor deliveries` says which"


def _filters_to_act_on(problems: Sequence[Problem]) -> Iterator[str]:
    yield from (f"filter {problem}" for problem in problems if problem.level == "error")
