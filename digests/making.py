"""Whose digest is due, and having it made: composed and frozen in the outbox, one member after the other."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from digests.desk import Desk, enqueue
from digests.rota import Turn
from filters.profile import Member
from pipeline.exceptions import ConfigError, StoreError
from pipeline.ledger import State


@dataclass(slots=True)
class Made:
    """What came of it."""

    digests: int = 0
    problems: list[str] = field(default_factory=list)
    not_due: dict[dt.date, list[str]] = field(default_factory=dict)
    """The members whose digest is not due today, by the day it will be."""


def make(desk: Desk, members: Iterable[Member], hold: bool, at_once: bool) -> Made:
    """Makes the digest of each member that can be mailed, is due (`at_once`: all are) and has none on its way.

    With `hold`, they wait until staff release them.
    """
    made, waiting = Made(), _on_its_way(desk)
    for member in members:
        if member.paused:
            desk.rota.paused(member)
        elif member.confirmed and member.email and member.member not in waiting:
            try:
                _serve(desk, member, hold, at_once, made)
            except (StoreError, ConfigError):
                raise
            except Exception as error:  # one member's digest must not keep the others from theirs
                made.problems.append(f"{member.member}: its digest could not be made: {type(error).__name__}: {error}")
    return made


def _on_its_way(desk: Desk) -> set[str]:
    """The members whose digest waits to be sent or released, nobody having got it."""
    waiting = [*desk.ledger.unsent(desk.channel), *desk.ledger.held(desk.channel)]
    return {one.member for one in waiting if not desk.ledger.shared(one)}


def _serve(desk: Desk, member: Member, hold: bool, at_once: bool, made: Made) -> None:
    turn = Turn.ALL if at_once else desk.rota.turn(member)
    if turn is Turn.NOTHING:
        made.not_due.setdefault(desk.rota.next_day(member), []).append(member.member)
    elif ready := desk.edition(member, turn):
        enqueue(desk.config, desk.ledger, ready, desk.now, State.HELD if hold else State.PENDING)
        made.digests += 1
    elif turn is Turn.ALL and not at_once:
        desk.rota.passed(member)
