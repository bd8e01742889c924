"""To see: how the house is, what matches whom and why, and what was ever collected."""

import json
import sys

import click

from commands import explaining, listing, report
from commands import status as facts_of
from commands.door import ACT, AS_JSON, DONE, Door
from commands.named import kept_of, member_of
from commands.sending import Sending
from digests import desk
from filters import tag as tagging
from filters.explain import explain as explain_match
from filters.match import Match
from pipeline.ledger import Ledger, Matching


@click.command()
@AS_JSON
@click.pass_obj
def status(door: Door, as_json: bool) -> None:
    """How sources, members and mails are, and what asks for a person.

    A source asks for a person when its last run is not good, or when it is enabled and has had no good run for 26
    hours, weekends left out.

    \b
    --json: one object with now, timezone, store, mail, sources {name: enabled, at, verdict, reasons, last_run,
    last_good, bad_in_a_row, stale, read, stated, missing, read_up_to, requests, requests_today, requests_a_day,
    marks, counts, issues}, members, deliveries {state: number}, troubled (mails that may not have arrived),
    suppressed (members with an address that refuses), filter_problems and to_act_on (a list of sentences; empty: all
    is well).
    Exit code 1: to_act_on is not empty.
    """
    with door.store() as store:
        filters = tagging.load(door.config, store, door.now, remember=False)
        channel = desk.channel(door.config)
        facts = facts_of.facts(door.config, store, filters.members, filters.problems, channel, door.now)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    elif facts["to_act_on"] or not door.quiet:
        click.echo("\n".join(report.lines(facts)))
    sys.exit(ACT if facts["to_act_on"] else DONE)


@click.command()
@click.option("--member", metavar="NAME", help="Only this member.")
@AS_JSON
@click.pass_obj
def matches(door: Door, member: str | None, as_json: bool) -> None:
    """What matches whom and why, best first.

    Shown: score, tier, title, who asks, id and stage, until when, why.

    \b
    Score: points of what was found; from 7 on it is a top pick, below it is worth a look (docs/filters.md, Points).
    --json: one object a line: member, rule, score, tier ("top" or "look"), reasons [{where, found, term, points,
    about_ro, about_en}], why (the reasons in words) and opportunity (see `vestitor schema`).
    """
    with door.store() as store:
        filters = tagging.load(door.config, store, door.now, remember=False)
        for one in [member_of(filters, member)] if member else filters.members:
            found = list(Ledger(store).matches(one.member))
            if as_json:
                for entry in found:
                    click.echo(
                        json.dumps(listing.match_json(one.member, entry, _why(entry), door.now), ensure_ascii=False)
                    )
                continue
            click.echo(click.style(listing.heading(one.member, len(found)), bold=True))
            for entry in found:
                click.echo("\n".join(listing.matched(entry, _why(entry), door.now, door.config.zone)) + "\n")


def _why(entry: Matching) -> list[str]:
    return [reason.evidence("en") for reason in Match.from_json(entry.body).reasons]


@click.command()
@click.argument("member")
@click.argument("opportunity")
@click.option("--why-not", is_flag=True, help="Only the fewest conditions that would have to change.")
@click.pass_obj
def explain(door: Door, member: str, opportunity: str, why_not: bool) -> None:
    """Why something matches a member or not, and whether it was sent.

    OPPORTUNITY is an id (ted:781905-2026), the number of any of its notices, or its address on TED. Each condition
    is shown as: key in the filter file: what the rule wants -> what was found. A rule matches when all are met.
    """
    with door.store() as store:
        config, now = door.config, door.now
        filters = tagging.load(config, store, now, remember=False)
        chosen, kept = member_of(filters, member), kept_of(store, opportunity)
        conditions = explain_match(kept.opportunity.at(now), chosen, filters.interests, now)
        if why_not:
            shown = listing.found(kept, now, config.zone)
            click.echo("\n".join([*shown, "", *explaining.why_not(chosen.member, conditions)]))
            return
        sending = Sending.of(config, store, kept, chosen, bool(explaining.matching(conditions)), now)
        click.echo("\n".join(explaining.page(conditions, sending, store.history(kept.opportunity.id))))


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(1, 500), default=20, show_default=True, metavar="N", help="At most so many."
)
@click.pass_obj
def search(door: Door, words: tuple[str, ...], limit: int) -> None:
    """Search the words of everything that was ever collected.

    All WORDS must be in the title, summary, buyer or lots; diacritics do not matter. Best first.
    """
    with door.store() as store:
        found = list(store.search(" ".join(words), limit))
        for kept in found:
            click.echo("\n".join(listing.found(kept, door.now, door.config.zone)) + "\n")
        if not found:
            click.echo(f"Nothing among {store.count()} opportunities; try fewer words, or another form of them.")


COMMANDS = (status, matches, explain, search)
