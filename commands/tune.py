"""To tune filters: what an edit would change, what a member misses, how good the filters are, what members say."""

import sys
from collections.abc import Iterable, Sequence
from email.message import Message
from pathlib import Path

import click

from commands.door import ACT, DONE, Door
from commands.named import days, kept_of, member_of
from digests import reports
from filters import tag as tagging
from filters.answers import Answer, advised, messages, read_answer
from filters.labels import judge, read_labels
from filters.profile import Filters
from filters.suggest import suggest as suggestions
from filters.trial import as_new
from filters.trying import past, try_out
from pipeline import feedback as answers_of
from pipeline import inbox
from pipeline.exceptions import VestitorError
from pipeline.ledger import Ledger
from pipeline.store import Store

SINCE = click.option(
    "--since", callback=days, default="365d", show_default=True, metavar="DAYS", help="How far back to look: 90d."
)


@click.command(name="try")
@click.argument("member")
@SINCE
@click.option("--file", "edited", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
              help="An edited copy, not yet saved in its place.")  # fmt: skip
@click.pass_obj
def try_(door: Door, member: str, since: int, edited: Path | None) -> None:
    """What a member's rules would have brought, before and after an edit.

    How much a week, each rule's share, rules and words that found nothing, the best examples; and what is gained and
    lost against the version in force and the last committed one. Nothing is saved or sent.
    """
    with door.store() as store, door.progress(f"Trying {member}"):
        lines = try_out(door.config, store, member, edited, since, door.now)
    click.echo("\n".join(lines))


@click.command()
@click.argument("member")
@SINCE
@click.pass_obj
def suggest(door: Door, member: str, since: int) -> None:
    """Near misses, silent and noisy rules, and words a member might add."""
    with door.store() as store, door.progress(f"Reading the last {since} days"):
        filters = tagging.load(door.config, store, door.now, remember=False)
        chosen = member_of(filters, member)
        lines = suggestions(chosen, filters.interests, past(store, door.now, since), since)
    click.echo("\n".join(lines))


@click.command()
@click.argument("labels", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def evaluate(door: Door, labels: Path) -> None:
    """How good the filters are against LABELS, beside simpler ways.

    LABELS is JSON Lines over what the store holds: {"id": "ted:1-2026", "labels": {"member": "must"}}; the words are
    must, ok and may (not counted); what has no label is not relevant. Shown: recall of must, precision, F1 and T11SU.
    """
    with door.store() as store:
        filters = tagging.load(door.config, store, door.now, remember=False)
        click.echo("\n".join(judge(store, read_labels(labels), filters.members, filters.interests)))


@click.command()
@click.argument("member", required=False)
@click.argument("opportunity", required=False)
@click.argument("answer", type=click.Choice(["relevant", "not-relevant"]), required=False, metavar="[ANSWER]")
@click.option("--mailbox", type=click.Path(path_type=Path, exists=True), metavar="PATH", help="Read replies from here.")
@click.option("--imap", is_flag=True, help="Read replies from the mailbox `mail.imap` of config.yaml.")
@click.pass_obj
def feedback(
    door: Door, member: str | None, opportunity: str | None, answer: str | None, mailbox: Path | None, imap: bool
) -> None:
    """Take a member's word for one opportunity.

    OPPORTUNITY is an id, ANSWER is relevant or not-relevant: it holds at once for that opportunity and its updates and
    becomes a proposal, never a change of the filter. --mailbox reads the replies to the link "not relevant" of the
    mails from an mbox file or a Maildir folder, and the reports of mail servers that a mail came back; reading them
    twice does no harm. --imap reads the same from the unread mails of the office's mailbox, and marks those as read.

    \b
    Exit code 1: an answer names a member or an opportunity there is not.
    """
    if sum((mailbox is not None, imap, bool(member and opportunity and answer))) != 1:
        raise click.UsageError("give MEMBER OPPORTUNITY relevant|not-relevant, or --mailbox PATH, or --imap")
    if imap:
        with inbox.opened(door.config) as box:
            mails = dict(box.unread())
            answers, bounces = _read(mails.values())
            code = _take(door, answers, bounces)
            box.read(number for number, mail in mails.items() if read_answer(mail) or reports.read_report(mail))
    elif mailbox:
        code = _take(door, *_read(messages(mailbox)))
    else:
        code = _take(door, [Answer(str(member), str(opportunity), answer == "relevant")], [], strict=True)
    sys.exit(code)


def _read(mails: Iterable[Message]) -> tuple[list[Answer], list[reports.Bounce]]:
    """The answers and the reports among the mails."""
    read = [(read_answer(mail), reports.read_report(mail)) for mail in mails]
    return [answer for answer, _ in read if answer], [bounce for _, bounce in read if bounce]


def _take(door: Door, given: Sequence[Answer], bounces: Iterable[reports.Bounce], strict: bool = False) -> int:
    """Keeps them all, and says so; the exit code."""
    with door.writing("feedback", shared=False) as store:
        filters = tagging.load(door.config, store, door.now, remember=False)
        codes = [_answered(door, store, filters, one, strict) for one in given]
        for bounce in bounces:
            if said := reports.take(Ledger(store), bounce, door.now):
                door.alarm(said)
    (door.say if strict or given else door.mention)(f"{codes.count(DONE)} of {len(codes)} answers taken.")
    return max(codes, default=DONE)


def _answered(door: Door, store: Store, filters: Filters, one: Answer, strict: bool) -> int:
    try:
        chosen, kept = member_of(filters, one.member), kept_of(store, one.opportunity)
    except VestitorError as error:
        if strict:
            raise
        door.alarm(str(error))
        return ACT
    answers_of.keep(store, chosen.member, kept.opportunity.id, one.relevant, door.now)
    door.say(f"{chosen.member}: {kept.opportunity.id} is {'' if one.relevant else 'not '}relevant.")
    opportunity, then = as_new(kept.opportunity, kept.first_seen)
    for said in advised(opportunity, then, chosen, one.relevant, filters.interests, lambda: past(store, door.now, 365)):
        door.say(f"  Proposal: {said}.")
    return DONE


COMMANDS = (try_, suggest, evaluate, feedback)
