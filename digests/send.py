"""From the store to the members' mailboxes: composes what is due, freezes it in the outbox, hands it over.

What a member was told is what the ledger holds of accepted mails; a line cut for room, a mail that failed or a run that
died tells nothing, and its lines come with the next digest. A digest that did not leave on its day is withdrawn for a
fresh one: its deadlines have moved nearer, and days without a mail server make one digest and not several.
"""

import datetime as dt
import hashlib
import os
import signal
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.utils import parseaddr
from functools import partial
from itertools import takewhile
from pathlib import Path
from types import FrameType
from typing import Any

from digests.compose import Digest, Matched, Told, compose
from digests.message import message
from digests.render import Office, Rendered, render
from digests.transport import Session, StopSending, Unreachable
from filters.match import Match
from filters.profile import Filters, Member
from pipeline.config import Config
from pipeline.exceptions import StoreError
from pipeline.journal import Journal, Verdict
from pipeline.ledger import TRIES, Delivery, Ledger, Matching, State, ToldOf
from pipeline.store import Kept, Store

Outcome = tuple[Delivery, State, str]


@dataclass(frozen=True, slots=True)
class To:
    """A member as the digest addresses it."""

    id: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Edition:
    """A member's digest, ready; empty ones are not mailed."""

    member: Member
    digest: Digest
    rendered: Rendered


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
    sent = deliver(config, store, now, {member.member for member in members})
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
    ledger, made, problems = Ledger(store), 0, []
    waiting = {delivery.member for delivery in ledger.unsent(channel(config)) if not ledger.shared(delivery)}
    for member in members:
        if not _mailed(member) or member.member in waiting:
            continue
        try:
            for ready in editions(config, store, filters, now, [member]):
                enqueue(config, store, ready, now)
                made += 1
        except StoreError:
            raise
        except Exception as error:  # one member's digest must not keep the others from theirs
            problems.append(f"{member.member}: its digest could not be made: {type(error).__name__}: {error}")
    return made, problems


def channel(config: Config) -> str:
    """How digests leave: "smtp", or "outbox" (a folder) while no mail server is configured.

    What was only written to the folder was told to nobody who reads mail: it comes again once there is a server.
    """
    return "smtp" if config.mail.host else "outbox"


def editions(
    config: Config, store: Store, filters: Filters, now: dt.datetime, members: Iterable[Member]
) -> Iterator[Edition]:
    """The digest of each member that has something to be told; confirmed or not, paused or not."""
    office, failed = office_of(config), failed_sources(config, store)
    for member in members:
        digest = _digest(config, store, filters, now, member, failed)
        if digest.lines:
            yield Edition(member, digest, render(digest, office))


def _digest(
    config: Config, store: Store, filters: Filters, now: dt.datetime, member: Member, failed: Sequence[str]
) -> Digest:
    ledger, how = Ledger(store), channel(config)
    matches = {entry.kept.opportunity.id: entry for entry in ledger.matches(member.member)}
    told = ledger.told(member.member, how)
    news = {id: kept for id, of in told.items() if id not in matches and of.version < of.newest and (kept := store.get(id))}
    current = {id: entry.kept for id, entry in matches.items()} | news
    return compose(
        To(member.member, member.name, member.language),
        [_matched(entry, member) for entry in matches.values()],
        {id: _told(store, of, current[id]) for id, of in told.items() if id in current},
        now,
        followed=[Matched(kept.opportunity, kept.version) for kept in news.values()],
        limit=config.digest.limit,
        failed_sources=failed,
        since=ledger.last_digest(member.member, how),
        interests=_interests(filters, member),
    )


def _matched(entry: Matching, member: Member) -> Matched:
    match = Match.from_json(entry.body)
    reasons = tuple(reason.words(member.language) for reason in match.reasons)
    return Matched(entry.kept.opportunity, entry.kept.version, match.score, match.tier, reasons)


def _told(store: Store, of: ToldOf, current: Kept) -> Told:
    """What was told, as it was then; most of what was told has not changed since, and costs nothing to look up."""
    then = store.as_of(current.opportunity.id, of.version) if of.version < of.newest else None
    return Told(of.version, then or current.opportunity, of.sections, of.last)


def _interests(filters: Filters, member: Member) -> tuple[str, ...]:
    names = dict.fromkeys(interest for rule in member.rules for interest in rule.interests)
    return tuple(getattr(filters.interests[name].name, member.language) for name in names if name in filters.interests)


def failed_sources(config: Config, store: Store) -> tuple[str, ...]:
    """Enabled sources whose last run is not good: the list may be incomplete."""
    journal = Journal(store)
    enabled = [name for name, source in config.sources.items() if source.enabled]
    return tuple(
        name for name in enabled if (run := journal.last(name)) is not None and run.verdict is not Verdict.GOOD
    )


def office_of(config: Config) -> Office:
    """Who writes to the members, from the configuration."""
    name, address = parseaddr(config.mail.sender)
    reply_to = parseaddr(config.mail.reply_to or config.mail.sender)[1]
    domain = address.rpartition("@")[2]
    return Office(name or config.name, address, reply_to, domain, reply_to, reply_to, config.mail.postal)


def enqueue(config: Config, store: Store, ready: Edition, now: dt.datetime) -> None:
    """Freezes an edition in the outbox: one message per address of the member, with its lines."""
    ledger, member = Ledger(store), ready.member
    lines = [(line.id, line.version, str(line.section)) for line in ready.digest.lines]
    before = ledger.mails_to(member.member)
    messages = [(address, *_frozen(config, ready, address, now, before)) for address in _mailboxes(member)]
    ledger.enqueue(member.member, channel(config), messages, lines, now)


def _mailboxes(member: Member) -> Iterable[str]:
    """Its addresses; one that is written twice, with other capitals, once."""
    found: dict[str, str] = {}
    for address in member.email:
        found.setdefault(address.casefold(), address)
    return found.values()


def _frozen(config: Config, ready: Edition, address: str, now: dt.datetime, before: int = 0) -> tuple[str, str, bytes]:
    """Message id, subject and bytes. `before` tells a digest from one of the same second that failed."""
    office, member = office_of(config), ready.member.member
    key = hashlib.sha256(f"{member} {address} {now.isoformat()} {before} {ready.rendered.text}".encode()).hexdigest()
    message_id = f"<d.{now:%Y-%m-%d}.{member}.{key[:12]}@{office.list_domain}>"
    mail = message(ready.rendered, address, office, message_id=message_id, date=now)
    return message_id, ready.rendered.subject, mail.as_bytes()


def write(folder: Path, name: str, ready: Edition, raw: bytes) -> None:
    """The edition as files one can open: .eml, .html and .txt."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.eml").write_bytes(raw)
    (folder / f"{name}.html").write_text(ready.rendered.html, encoding="utf-8")
    (folder / f"{name}.txt").write_text(ready.rendered.text, encoding="utf-8")


def dry_run(config: Config, ready: Edition, now: dt.datetime, folder: Path) -> Path:
    """Writes what would be mailed and tells the ledger nothing; the path without its endings."""
    _, _, raw = _frozen(config, ready, ready.member.email[0], now)
    write(folder, ready.member.member, ready, raw)
    return folder / ready.member.member


def deliver(config: Config, store: Store, now: dt.datetime, members: Collection[str]) -> Sent:
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
        os.replace(part, file)
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
