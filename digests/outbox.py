"""The outbox at work: hands over frozen mails one by one, each step recorded before and after."""

import datetime as dt
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from pathlib import Path
from types import FrameType
from typing import Any

from digests.transport import Session, StopSending, Unreachable
from pipeline.config import Config
from pipeline.ledger import TRIES, Delivery, Ledger, State
from pipeline.opportunity import LIVE
from pipeline.store import Store

Outcome = tuple[Delivery, State, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the deliveries of a run."""

    outcomes: Sequence[Outcome] = ()
    stopped: str | None = None
    """Why the mail server could not be used."""
    misconfigured: bool = False
    """It will not do so later either, without a person."""
    left: int = 0
    """How many were left for the next run because this one was asked to end."""

    def count(self, state: State) -> int:
        """How many ended in that state."""
        return sum(outcome is state for _, outcome, _ in self.outcomes)

    @property
    def to_act_on(self) -> bool:
        """Whether a person should look; what waits is tried again by itself."""
        return self.misconfigured or bool(self.count(State.FAILED) or self.count(State.UNKNOWN))

    def words(self) -> Iterator[str]:
        """What did not leave and why, one line a fact, without addresses."""
        for delivery, state, reply in self.outcomes:
            if state is not State.SENT:
                yield f"{delivery.member}: {state.value}: {reply}"
        if self.left:
            yield f"Asked to end: {self.left} mails wait for the next run."
        if self.stopped:
            yield f"Stopped: {self.stopped}; everything unsent waits for the next run."


def hand_over(config: Config, ledger: Ledger, due: Sequence[Delivery], now: dt.datetime) -> Sent:
    """Sends these (to the folder where there is no mail server), or says why the server cannot be used."""
    outcomes: list[Outcome] = []
    leave = _to_server if config.mail.host else _to_folder
    try:
        with _asked_to_end() as asked:
            for outcome in leave(config, ledger, takewhile(lambda _: not asked, due), now):
                outcomes.append(outcome)  # one by one: what was done before an error is reported
    except (StopSending, Unreachable) as error:
        ledger.recover(now)
        return Sent(outcomes, str(error), isinstance(error, StopSending))
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
        write_whole(file, ledger.raw(delivery))
        ledger.move(delivery, State.SENT, now, f"written to {file.name}")
        yield delivery, State.SENT, str(file)


def write_whole(file: Path, raw: bytes) -> None:
    """All of it or nothing; written again after a crash it is the same file. Raises Unreachable."""
    part = file.with_suffix(".part")
    try:
        file.parent.mkdir(0o700, parents=True, exist_ok=True)
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
            state, reply, hard = session.send(delivery.recipient, ledger.raw(delivery), at_the_dot)
            if state is State.RETRY and delivery.attempts + 1 >= TRIES:
                state, reply = State.FAILED, f"{TRIES} tries: {reply}"
            ledger.move(delivery, state, now, reply, hard)
            yield delivery, state, reply


def closed_since(store: Store, delivery: Delivery, now: dt.datetime) -> list[str]:
    """The opportunities it tells of that could be acted on when it was made, and cannot any more."""
    return [id for id, version in Ledger(store).lines(delivery) if _closed(store, id, version, delivery.created, now)]


def _closed(store: Store, id: str, version: int, then: dt.datetime, now: dt.datetime) -> bool:
    kept = store.get(id)
    if kept is None or kept.opportunity.at(now).stage in LIVE:
        return False
    told = store.as_of(id, version)
    return told is not None and told.at(then).stage in LIVE
