"""From the store to the members' mailboxes: has digests made and frozen in the outbox, and hands over what is due.

What a member was told is what the ledger holds of accepted mails; a line cut for room, a mail that failed or a run that
died tells nothing, and its lines come with the next digest. A digest that did not leave on its day is withdrawn for a
fresh one: its deadlines have moved nearer, and days without a mail server make one digest and not several.
"""

import datetime as dt
import signal
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from types import FrameType
from typing import Any

from digests.desk import Desk, channel, dry_run, editions, enqueue
from digests.transport import Session, StopSending, Unreachable
from filters.profile import Filters, Member
from pipeline.config import Config
from pipeline.exceptions import StoreError
from pipeline.ledger import TRIES, Delivery, Ledger, State
from pipeline.store import Store

__all__ = ["Report", "Sent", "channel", "dry_run", "editions", "send_all"]
Outcome = tuple[Delivery, State, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the deliveries of a run."""

    outcomes: Sequence[Outcome] = ()
    stopped: str | None = None
    """Why the mail server could not be used."""
    left: int = 0
    """How many were left for the next run because this one was asked to end."""

    def count(self, state: State) -> int:
        """How many ended in that state."""
        return sum(outcome is state for _, outcome, _ in self.outcomes)


@dataclass(frozen=True, slots=True)
class Report:
    """A run of digests in words."""

    made: int
    sent: Sent
    unconfirmed: tuple[str, ...]
    folder: Path | None
    problems: tuple[str, ...]

    @property
    def to_act_on(self) -> bool:
        """Whether a person should look."""
        states = (State.FAILED, State.UNKNOWN, State.RETRY)
        return bool(self.sent.stopped or self.problems or any(self.sent.count(state) for state in states))

    def words(self) -> Iterator[str]:
        """One line a fact, without addresses."""
        where = f"written to {self.folder} (no mail.host is configured)" if self.folder else "sent"
        yield f"{self.made} digests made, {self.sent.count(State.SENT)} mails {where}."
        for delivery, state, reply in self.sent.outcomes:
            if state is not State.SENT:
                yield f"{delivery.member}: {state.value}: {reply}"
        if self.unconfirmed:
            yield f"Not mailed, because not confirmed or paused: {', '.join(self.unconfirmed)}"
        yield from self.problems
        if self.sent.left:
            yield f"Asked to end: {self.sent.left} mails wait for the next run."
        if self.sent.stopped:
            yield f"Stopped: {self.sent.stopped}; everything unsent waits for the next run."


def send_all(config: Config, store: Store, filters: Filters, now: dt.datetime, members: Sequence[Member]) -> Report:
    """Every confirmed member gets what is new to it, and what is still on its way from earlier today."""
    ledger = Ledger(store)
    lost = [(delivery, State.UNKNOWN, "interrupted at the final dot") for delivery in ledger.recover(now)]
    _withdraw(config, ledger, filters.members, now)
    made, problems = _make(config, store, filters, now, members)
    sent = _deliver(config, store, now, {member.member for member in members})
    silent = tuple(member.member for member in members if not _mailed(member))
    folder = None if config.mail.host else config.path(config.mail.outbox)
    return Report(made, replace(sent, outcomes=(*lost, *sent.outcomes)), silent, folder, tuple(problems))


def _mailed(member: Member) -> bool:
    return member.confirmed and not member.paused


def _withdraw(config: Config, ledger: Ledger, members: Iterable[Member], now: dt.datetime) -> None:
    """Takes back what must not leave any more, and what is of another day and nobody got."""
    addresses = {member.member: member.email for member in members if _mailed(member)}
    today = now.astimezone(config.zone).date()
    for delivery in ledger.unsent(channel(config)):
        if delivery.recipient not in addresses.get(delivery.member, ()):
            ledger.move(delivery, State.WITHDRAWN, now, "no longer an address of a member that wants mail")
        elif delivery.created.astimezone(config.zone).date() != today and not ledger.shared(delivery):
            ledger.move(delivery, State.WITHDRAWN, now, "did not leave on its day; its lines go into a new digest")


def _make(
    config: Config, store: Store, filters: Filters, now: dt.datetime, members: Iterable[Member]
) -> tuple[int, list[str]]:
    """Composes and freezes the digest of each member that has none on its way; how many, and what went wrong."""
    desk, made, problems = Desk(config, store, filters, now), 0, list[str]()
    waiting = {one.member for one in desk.ledger.unsent(channel(config)) if not desk.ledger.shared(one)}
    for member in members:
        if not _mailed(member) or member.member in waiting:
            continue
        try:
            if ready := desk.edition(member):
                enqueue(config, desk.ledger, ready, now)
                made += 1
        except StoreError:
            raise
        except Exception as error:  # one member's digest must not keep the others from theirs
            problems.append(f"{member.member}: its digest could not be made: {type(error).__name__}: {error}")
    return made, problems


def _deliver(config: Config, store: Store, now: dt.datetime, members: Collection[str]) -> Sent:
    """Hands over what is due to these members, each delivery recorded before and after."""
    ledger = Ledger(store)
    due = [delivery for delivery in ledger.due(channel(config), now) if delivery.member in members]
    outcomes: list[Outcome] = []
    hand_over = _to_server if config.mail.host else _to_folder
    try:
        with _asked_to_end() as asked:
            for outcome in hand_over(config, ledger, takewhile(lambda _: not asked, due), now):
                outcomes.append(outcome)  # one by one: what was done before an error is reported
    except (StopSending, Unreachable) as error:
        ledger.recover(now)
        return Sent(outcomes, str(error))
    return Sent(outcomes, left=len(due) - len(outcomes))


@contextmanager
def _asked_to_end() -> Iterator[list[int]]:
    """SIGTERM and Ctrl-C let the mail on its way be finished and recorded; a second one ends at once."""
    asked: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        for number, handler in before.items():
            signal.signal(number, handler)

    before: dict[int, Any] = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _to_folder(config: Config, ledger: Ledger, due: Iterable[Delivery], now: dt.datetime) -> Iterator[Outcome]:
    for delivery in due:
        ledger.move(delivery, State.SENDING, now)
        made = delivery.created.astimezone(config.zone)
        file = config.path(config.mail.outbox) / f"{made:%Y-%m-%d}-{delivery.member}-{delivery.id}.eml"
        _write_whole(file, ledger.raw(delivery))
        ledger.move(delivery, State.SENT, now, f"written to {file.name}")
        yield delivery, State.SENT, str(file)


def _write_whole(file: Path, raw: bytes) -> None:
    """All of it or nothing; written again after a crash it is the same file."""
    part = file.with_suffix(".part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(raw)
        part.replace(file)
    except OSError as error:
        raise Unreachable(f"{file} cannot be written: {error.strerror}") from None


def _to_server(config: Config, ledger: Ledger, due: Iterable[Delivery], now: dt.datetime) -> Iterator[Outcome]:
    with Session(config.mail, config.password()) as session:
        for delivery in due:
            session.ready()
            ledger.move(delivery, State.SENDING, now)
            at_the_dot = partial(ledger.move, delivery, State.DOT, now)
            state, reply = session.send(delivery.recipient, ledger.raw(delivery), at_the_dot)
            if state is State.RETRY and delivery.attempts + 1 >= TRIES:
                state, reply = State.FAILED, f"{TRIES} tries: {reply}"
            ledger.move(delivery, state, now, reply)
            yield delivery, state, reply
