"""From the store to the members' mailboxes: composes what is due, freezes it in the outbox, hands it over.

What a member was told is what the ledger holds of accepted mails; a line cut for room, a mail that failed or a run that
died tells nothing, and its lines come with the next digest.
"""

import datetime as dt
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

from digests.compose import Digest, Matched, Told, compose
from digests.message import message
from digests.render import Office, Rendered, render
from digests.transport import Session, StopSending, Unreachable
from filters.match import Match
from filters.profile import Filters, Member
from pipeline.config import Config
from pipeline.journal import Journal, Verdict
from pipeline.ledger import TRIES, Delivery, Ledger, State
from pipeline.store import Store


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
    """What became of the deliveries of a run; `stopped` says why the mail server could not be used."""

    outcomes: Sequence[tuple[Delivery, State, str]] = ()
    stopped: str | None = None

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
        if self.sent.stopped:
            yield f"Stopped: {self.sent.stopped}; everything unsent waits for the next run."


def send_all(config: Config, store: Store, filters: Filters, now: dt.datetime, members: Iterable[Member]) -> Report:
    """What failed to leave before leaves first; then every confirmed member gets what is new to it."""
    ledger, how = Ledger(store), channel(config)
    ledger.recover(now)
    silent = tuple(member.member for member in members if not member.confirmed or member.paused)
    wanted = [m for m in members if m.member not in silent and not ledger.waiting(m.member, how)]
    made, problems = 0, []
    for member in wanted:
        try:
            for ready in editions(config, store, filters, now, [member]):
                enqueue(config, store, ready, now)
                made += 1
        except Exception as error:  # one member's digest must not keep the others from theirs
            problems.append(f"{member.member}: its digest could not be made: {type(error).__name__}: {error}")
    folder = None if config.mail.host else config.path(config.mail.outbox)
    return Report(made, deliver(config, store, now), silent, folder, tuple(problems))


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
    told = {
        id: Told(of.version, of.opportunity, of.sections, of.last) for id, of in ledger.told(member.member, how).items()
    }
    matched = [_matched(entry.kept, entry.body, member) for entry in ledger.matches(member.member)]
    known = {one.opportunity.id for one in matched}
    followed = [Matched(kept.opportunity, kept.version) for id in told if id not in known and (kept := store.get(id))]
    return compose(
        To(member.member, member.name, member.language),
        matched,
        told,
        now,
        followed=followed,
        limit=config.digest.limit,
        failed_sources=failed,
        since=ledger.last_digest(member.member, how),
        interests=_interests(filters, member),
    )


def _matched(kept, body, member: Member) -> Matched:  # type: ignore[no-untyped-def]
    match = Match.from_json(body)
    reasons = tuple(reason.words(member.language) for reason in match.reasons)
    return Matched(kept.opportunity, kept.version, match.score, match.tier, reasons)


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
    lines = [(line.id, line.version, str(line.section)) for line in ready.digest.lines]
    messages = [(address, *_frozen(config, ready, address, now)) for address in ready.member.email]
    Ledger(store).enqueue(ready.member.member, channel(config), messages, lines, now)


def _frozen(config: Config, ready: Edition, address: str, now: dt.datetime) -> tuple[str, str, bytes]:
    office = office_of(config)
    key = hashlib.sha256(
        f"{ready.member.member} {address} {now.isoformat()} {ready.rendered.text}".encode()
    ).hexdigest()
    message_id = f"<d.{now:%Y-%m-%d}.{ready.member.member}.{key[:12]}@{office.list_domain}>"
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


def deliver(config: Config, store: Store, now: dt.datetime) -> Sent:
    """Hands over everything due, each delivery recorded before and after; what a crash left is sorted out first."""
    ledger = Ledger(store)
    ledger.recover(now)
    due = ledger.due(channel(config), now)
    if not due:
        return Sent()
    if not config.mail.host:
        return Sent([_to_folder(config, ledger, delivery, now) for delivery in due])
    return _to_server(config, ledger, due, now)


def _to_folder(config: Config, ledger: Ledger, delivery: Delivery, now: dt.datetime) -> tuple[Delivery, State, str]:
    folder = config.path(config.mail.outbox)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{delivery.created:%Y-%m-%d}-{delivery.member}-{delivery.id}.eml"
    part = file.with_suffix(".part")
    part.write_bytes(delivery.raw)
    os.replace(part, file)
    ledger.move(delivery, State.SENT, now, f"written to {file.name}")
    return delivery, State.SENT, str(file)


def _to_server(config: Config, ledger: Ledger, due: Sequence[Delivery], now: dt.datetime) -> Sent:
    outcomes: list[tuple[Delivery, State, str]] = []
    try:
        with Session(config.mail, config.password()) as session:
            for delivery in due:
                ledger.move(delivery, State.SENDING, now)
                at_the_dot = lambda d=delivery: ledger.move(d, State.DOT, now)  # noqa: E731
                state, reply = session.send(delivery.recipient, delivery.raw, at_the_dot)
                if state is State.RETRY and delivery.attempts + 1 >= TRIES:
                    state, reply = State.FAILED, f"{TRIES} tries: {reply}"
                ledger.move(delivery, state, now, reply)
                outcomes.append((delivery, state, reply))
    except (StopSending, Unreachable) as error:
        ledger.recover(now)
        return Sent(outcomes, str(error))
    return Sent(outcomes)
