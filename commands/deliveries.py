"""`vestitor deliveries`: every mail with what became of it, and what a person may say of one."""

import json
import sys

import click

from commands import posted
from commands.door import ACT, AS_JSON, DONE, Door
from commands.named import member_of, unknown
from digests import send
from digests.staff import STAFF
from filters import tag as tagging
from pipeline import bounces
from pipeline.exceptions import VestitorError
from pipeline.ledger import Delivery, Ledger, State
from pipeline.store import Store


@click.group(invoke_without_command=True)
@click.option(
    "--state", type=click.Choice([one.value for one in State]), metavar="STATE", help=f"Only these: {', '.join(State)}."
)
@click.option("--member", metavar="NAME", help="Only this member's (`staff`: the mails to mail.staff).")
@click.option(
    "-n", "--last", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="The last N."
)
@AS_JSON
@click.pass_context
def deliveries(ctx: click.Context, state: str | None, member: str | None, last: int, as_json: bool) -> None:
    """Every mail and what became of it; and what a person says of one.

    Newest first. Below a mail that is not simply sent: what the server said, when it is tried again. Below the list:
    the addresses that get no mail because they refused it for good twice in a row.

    \b
    --json: one object a line: id, member, made, state, subject, attempts, next_try, reply, message_id.
    """
    door: Door = ctx.obj
    if ctx.invoked_subcommand:
        return
    name = STAFF if member == "staff" else member
    with door.store() as store:
        states = [State(state)] if state else []
        found = [one for one in Ledger(store).deliveries(*states) if name in (None, one.member)]
        refusing = list(bounces.suppressed(store).values())
    if as_json:
        for one in found[:last]:
            click.echo(json.dumps(posted.facts(one, door.config.zone), ensure_ascii=False))
        return
    click.echo("\n".join(posted.page(found, last, refusing, door.config.zone)))


@deliveries.command()
@click.argument("number", type=int)
@click.pass_obj
def arrived(door: Door, number: int) -> None:
    """A mail of unknown fate has arrived."""
    with door.writing("deliveries", shared=False) as store:
        one = _numbered(Ledger(store), number, State.UNKNOWN)
        Ledger(store).move(one, State.SENT, door.now, "arrived, says a person")
    door.say(f"Mail {number} to {one.member}: arrived.")


@deliveries.command()
@click.argument("number", type=int)
@click.pass_obj
def lost(door: Door, number: int) -> None:
    """A mail never arrived: its lines go into the next digest."""
    with door.writing("deliveries", shared=False) as store:
        one = _numbered(Ledger(store), number, State.UNKNOWN, State.SENT)
        Ledger(store).move(one, State.FAILED, door.now, "lost, says a person")
    door.say(f"Mail {number} to {one.member}: lost; its lines go into the next digest.")


@deliveries.command()
@click.argument("number", type=int)
@click.pass_obj
def again(door: Door, number: int) -> None:
    """Send a mail of unknown fate, or a failed one, once more.

    The very same mail: where it did arrive after all, most mail servers drop the second copy.

    \b
    Exit code 1: it did not leave.
    """
    with door.writing("deliveries", shared=False) as store:
        ledger = Ledger(store)
        one = _numbered(ledger, number, State.UNKNOWN, State.FAILED)
        _refuse_again(ledger, one)
        ledger.move(one, State.PENDING, door.now, "once more, says a person")
        filters = tagging.load(door.config, store, door.now, remember=False)
        sent = send.send_due(door.config, store, filters, door.now, {number})
    gone = sent.count(State.SENT) == 1
    (door.say if gone else door.alarm)("\n".join([*sent.words()] or [f"Mail {number} to {one.member}: sent again."]))
    sys.exit(DONE if gone else ACT)


def _refuse_again(ledger: Ledger, one: Delivery) -> None:
    if one.state is State.FAILED and (later := ledger.told_since(one)):
        numbers = ", ".join(map(str, later))
        raise VestitorError(f"the lines of mail {one.id} are in mail {numbers} by now; they would be told twice")
    if one.recipient.lower() in bounces.suppressed(ledger.store):
        raise VestitorError(
            f"the address of mail {one.id} refuses mail; first `vestitor deliveries allow {one.member}`"
        )


def _numbered(ledger: Ledger, number: int, *states: State) -> Delivery:
    mails = {one.id: one for one in ledger.deliveries(*states)}
    if number not in mails:
        raise unknown(f"mail that is {' or '.join(states)} with the number", str(number), map(str, mails))
    return mails[number]


@deliveries.command()
@click.argument("who", metavar="ADDRESS|MEMBER")
@click.pass_obj
def allow(door: Door, who: str) -> None:
    """Mail to an address again that refused twice."""
    with door.writing("deliveries", shared=False) as store:
        refusing = bounces.suppressed(store)
        chosen = [who.lower()] if "@" in who else _addresses(door, store, who)
        if not (found := [address for address in chosen if address in refusing]):
            raise unknown("suppressed address", who, refusing)
        for address in found:
            bounces.allow(store, address)
    door.say(f"{', '.join(found)}: gets mail again, from the next digest on.")


def _addresses(door: Door, store: Store, name: str) -> list[str]:
    filters = tagging.load(door.config, store, door.now, remember=False)
    return [address.lower() for address in member_of(filters, name).email]
