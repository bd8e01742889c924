"""To send: what waits, what staff approve, and what became of every mail."""

import sys
from collections.abc import Sequence

import click

from commands.deliveries import deliveries
from commands.door import ACT, DONE, Door
from commands.named import unknown
from digests import send as sending
from filters import tag as tagging
from pipeline.exceptions import VestitorError
from pipeline.ledger import Delivery, Ledger, State
from pipeline.store import Store
from pipeline.words import count


@click.command()
@click.pass_obj
def send(door: Door) -> None:
    """Hand over the mails that wait and are due; make nothing new.

    The scheduler and cron start it every quarter of an hour, so a mail the server wanted later leaves the same day.
    Says nothing where nothing waits. A mail is tried eight times, after 5 minutes, 10, 20 ... 5 hours.

    \b
    Exit code 1: a mail failed, or its fate is unknown, or the mail server cannot be used.
    """
    if not _waits(door):
        return
    with door.writing("send") as store:
        filters = tagging.load(door.config, store, door.now, remember=False)
        sent = sending.send_due(door.config, store, filters, door.now)
    tell = door.alarm if sent.to_act_on else door.say
    for line in (f"{count(sent.count(State.SENT), 'waiting mail')} sent.", *sent.words()):
        tell(line)
    sys.exit(ACT if sent.to_act_on or sent.stopped else DONE)


def _waits(door: Door) -> bool:
    """Looked up without the lock: most of the time there is nothing to do."""
    with door.store() as store:
        ledger = Ledger(store)
        return bool(ledger.due(sending.channel(door.config), door.now) or ledger.deliveries(State.SENDING, State.DOT))


NUMBERS = click.argument("numbers", nargs=-1, type=int, metavar="[NUMBER]...")
MEMBER = click.option("--member", "members", multiple=True, metavar="NAME", help="This member's; may be repeated.")
ALL = click.option("--all", "everything", is_flag=True, help="All that are held.")


@click.command()
@NUMBERS
@MEMBER
@ALL
@click.pass_obj
def release(door: Door, numbers: Sequence[int], members: Sequence[str], everything: bool) -> None:
    """Send digests that wait for approval.

    They are held when `digest.approval` is true in config.yaml, or after `vestitor digest --to-staff`. NUMBER stands in
    the mail to staff and in `vestitor deliveries --state held`. Where a line has closed since, the others leave in a
    mail made anew.

    \b
    Exit code 1: a mail did not leave.
    """
    with door.writing("release", shared=False) as store:
        chosen = _held(door, store, numbers, members, everything)
        for one in chosen:
            Ledger(store).move(one, State.PENDING, door.now, "released")
        filters = tagging.load(door.config, store, door.now, remember=False)
        sent = sending.send_due(door.config, store, filters, door.now, {one.id for one in chosen})
    gone = sent.count(State.SENT)
    door.say(f"{gone} of {count(len(chosen), 'held mail')} sent.")
    for line in sent.words():
        door.alarm(line)
    sys.exit(DONE if gone == len(chosen) else ACT)


@click.command()
@NUMBERS
@MEMBER
@ALL
@click.pass_obj
def withdraw(door: Door, numbers: Sequence[int], members: Sequence[str], everything: bool) -> None:
    """Take back digests that wait for approval.

    Their lines go into the next ones. NUMBER stands in the mail to staff and in `vestitor deliveries --state held`.
    """
    with door.writing("withdraw", shared=False) as store:
        chosen = _held(door, store, numbers, members, everything)
        for one in chosen:
            Ledger(store).move(one, State.WITHDRAWN, door.now, "withdrawn, says a person")
    door.say(f"{count(len(chosen), 'mail')} withdrawn; their lines go into the next digest.")


def _held(door: Door, store: Store, numbers: Sequence[int], members: Sequence[str], everything: bool) -> list[Delivery]:
    if not (numbers or members or everything):
        raise click.UsageError("say which: NUMBER, --member NAME or --all")
    held = {one.id: one for one in Ledger(store).held(sending.channel(door.config))}
    if not held:
        raise VestitorError("no mail is held; `vestitor digest --to-staff` makes some")
    for number in numbers:
        if number not in held:
            raise unknown("held mail with the number", str(number), map(str, held))
    for name in members:
        if name not in (names := {one.member for one in held.values()}):
            raise unknown("held mail to", name, names)
    return [one for one in held.values() if everything or one.id in numbers or one.member in members]


COMMANDS = (send, deliveries, release, withdraw)
