"""From the store to the members' mailboxes: has digests made and frozen in the outbox, and hands over what is due.

What a member was told is what the ledger holds of accepted mails; a line cut for room, a mail that failed or a run that
died tells nothing, and its lines come with the next digest. A digest that did not leave on its day is withdrawn for a
fresh one: its deadlines have moved nearer, and days without a mail server make one digest and not several.
"""

import datetime as dt
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from digests import approval, staff
from digests.choice import Chosen, among, everything
from digests.desk import Desk, channel, dry_run, editions
from digests.making import make
from digests.outbox import Outcome, Sent, closed_since, hand_over
from filters.profile import Filters, Member
from pipeline.bounces import suppressed
from pipeline.config import Config
from pipeline.ledger import Delivery, Ledger, State
from pipeline.store import Store

__all__ = ["Report", "Sent", "channel", "dry_run", "editions", "send_all", "send_due"]


@dataclass(frozen=True, slots=True)
class Report:
    """A run of digests in words."""

    made: int
    sent: Sent
    unconfirmed: tuple[str, ...]
    refusing: tuple[str, ...]
    """Members all of whose addresses are suppressed."""
    late: int
    """Digests that staff did not release in time."""
    held: bool
    folder: Path | None
    problems: tuple[str, ...]
    not_due: Mapping[dt.date, Sequence[str]] = field(default_factory=dict)
    """The members whose digest is not due today, by the day it will be."""

    @property
    def to_act_on(self) -> bool:
        """Whether a person should look."""
        return bool(self.sent.to_act_on or self.sent.stopped or self.problems or self.refusing or self.late)

    def words(self) -> Iterator[str]:
        """One line a fact, without addresses."""
        where = f"written to {self.folder} (no mail.host is configured)" if self.folder else "sent"
        yield f"{self.made} digests made, {self.sent.count(State.SENT)} mails {where}."
        if self.held and self.made:
            yield "They are held until staff have seen them: `vestitor release --all` lets them go."
        if self.late:
            yield f"{self.late} digests were not released on their day, and are withdrawn; their lines come again."
        if self.unconfirmed:
            yield f"Not mailed, because not confirmed or paused: {', '.join(self.unconfirmed)}"
        if self.refusing:
            yield f"Not mailed, because its address refuses mail: {', '.join(self.refusing)}; `vestitor deliveries`"
        yield from self.problems
        yield from self.sent.words()

    def not_due_words(self) -> Iterator[str]:
        """For a person who wonders why so few mails left; cron need not hear it."""
        for day, names in sorted(self.not_due.items()):
            yield f"Not due until {day:%A}, {day.day} {day:%B %Y}: {', '.join(names)}"


def send_all(
    config: Config,
    store: Store,
    filters: Filters,
    now: dt.datetime,
    members: Sequence[Member],
    hold: bool = False,
    chosen: Chosen = everything,
    at_once: bool = False,
) -> Report:
    """Every confirmed member whose digest is due gets it, and what is still on its way from earlier today.

    With `hold`, what is made now waits until staff release it; it is about what is `chosen`. `at_once`: who named
    these members or opportunities wants them served whether or not their digests are due.
    """
    ledger = Ledger(store)
    before = [*_recovered(ledger, now), *_unwanted(config, store, filters.members, now), *_closed(config, store, now)]
    _withdraw_yesterdays(config, ledger, now)
    late = approval.withdraw_late(config, ledger, now)
    reachable = {member.member: member for member in _reachable(store, members)}
    made = make(Desk(config, store, filters, now, chosen), list(reachable.values()), hold, at_once)
    if hold or late:
        approval.show(config, ledger, now, late)
    sent = _deliver(config, ledger, now, {*reachable, staff.STAFF})
    silent = tuple(member.member for member in members if not _mailed(member))
    refusing = tuple(name for name, one in reachable.items() if _mailed(one) and not one.email)
    folder = None if config.mail.host else config.path(config.mail.outbox)
    sent = replace(sent, outcomes=(*before, *sent.outcomes))
    return Report(made.digests, sent, silent, refusing, len(late), hold, folder, tuple(made.problems), made.not_due)


def send_due(
    config: Config, store: Store, filters: Filters, now: dt.datetime, only: Container[int] | None = None
) -> Sent:
    """Hands over what waits and is due (of these numbers, where `only` is given), and makes nothing new.

    Where a line has closed while its mail waited, the others leave in a mail made anew.
    """
    ledger = Ledger(store)
    before = [*_recovered(ledger, now), *_unwanted(config, store, filters.members, now)]
    closed = list(_closed(config, store, now))
    anew = _made_anew(config, store, filters, now, [delivery for delivery, _, _ in closed])
    due = [one for one in ledger.due(channel(config), now) if only is None or one.id in only or one.id in anew]
    sent = hand_over(config, ledger, due, now)
    return replace(sent, outcomes=(*before, *closed, *sent.outcomes))


def _made_anew(
    config: Config, store: Store, filters: Filters, now: dt.datetime, closed: Iterable[Delivery]
) -> set[int]:
    """Makes mails with what is left of these, and with nothing else: staff may have approved them; their numbers."""
    ledger, left = Ledger(store), dict[str, set[str]]()
    for one in closed:
        left.setdefault(one.member, set()).update(id for id, _ in ledger.lines(one))
    before = {one.id for one in ledger.unsent(channel(config))}
    for member in _reachable(store, [member for member in filters.members if member.member in left]):
        make(Desk(config, store, filters, now, among(left[member.member])), [member], hold=False, at_once=True)
    return {one.id for one in ledger.unsent(channel(config))} - before


def _recovered(ledger: Ledger, now: dt.datetime) -> list[Outcome]:
    return [(delivery, State.UNKNOWN, "interrupted at the final dot") for delivery in ledger.recover(now)]


def _mailed(member: Member) -> bool:
    return member.confirmed and not member.paused


def _reachable(store: Store, members: Sequence[Member]) -> list[Member]:
    """The members with those of their addresses that take mail."""
    refusing = suppressed(store)
    good = [tuple(address for address in one.email if address.lower() not in refusing) for one in members]
    return [one.model_copy(update={"email": email}) for one, email in zip(members, good, strict=True)]


def _unwanted(config: Config, store: Store, members: Sequence[Member], now: dt.datetime) -> Iterator[Outcome]:
    """Takes back what nobody wants there any more."""
    ledger, refusing = Ledger(store), suppressed(store)
    addresses = {member.member: member.email for member in members if _mailed(member)}
    addresses[staff.STAFF] = staff.addresses(config)
    for delivery in [*ledger.unsent(channel(config)), *ledger.held(channel(config))]:
        if delivery.recipient not in addresses.get(delivery.member, ()):
            yield _taken_back(ledger, delivery, now, "no longer an address of a member that wants mail")
        elif delivery.recipient.lower() in refusing:
            yield _taken_back(ledger, delivery, now, "its address refuses mail")


def _closed(config: Config, store: Store, now: dt.datetime) -> Iterator[Outcome]:
    """Takes back what tells of something that has closed while it waited, unless another address has got the same."""
    ledger = Ledger(store)
    for delivery in ledger.unsent(channel(config)):
        if not ledger.shared(delivery) and (closed := closed_since(store, delivery, now)):
            yield _taken_back(ledger, delivery, now, f"closed since: {', '.join(closed)}; its other lines come anew")


def _taken_back(ledger: Ledger, delivery: Delivery, now: dt.datetime, why: str) -> Outcome:
    ledger.move(delivery, State.WITHDRAWN, now, why)
    return delivery, State.WITHDRAWN, why


def _withdraw_yesterdays(config: Config, ledger: Ledger, now: dt.datetime) -> None:
    """Takes back what is of another day and nobody got: a fresh digest follows."""
    today = now.astimezone(config.zone).date()
    for delivery in ledger.unsent(channel(config)):
        another_day = delivery.created.astimezone(config.zone).date() != today
        if another_day and delivery.member != staff.STAFF and not ledger.shared(delivery):
            ledger.move(delivery, State.WITHDRAWN, now, "did not leave on its day; its lines go into a new digest")


def _deliver(config: Config, ledger: Ledger, now: dt.datetime, members: set[str]) -> Sent:
    """Hands over what is due to these."""
    due = [delivery for delivery in ledger.due(channel(config), now) if delivery.member in members]
    return hand_over(config, ledger, due, now)
