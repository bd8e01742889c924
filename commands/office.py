"""For the office: its own overview, what broke, and the archive anybody can read."""

import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from pydantic import TypeAdapter

from commands import status as facts_of
from commands.door import ACT, AS_JSON, DONE, Door
from commands.named import days
from digests import alarms, desk, office_desk, office_page, outbox, staff
from digests import publish as archive
from digests.office import Overview, Trouble, report_day
from digests.paper import text_of
from filters import tag as tagging
from filters.profile import Filters
from pipeline.ledger import Ledger, State
from pipeline.lock import only_one
from pipeline.store import Store
from pipeline.tellings import last_said
from pipeline.words import count


@click.command()
@click.option("--since", callback=days, default="7d", show_default=True, metavar="DAYS", help="How far back: 28d.")
@AS_JSON
@click.option("--mail", is_flag=True, help="Send it to `mail.staff`, once a week (see `report.days` of config.yaml).")
@click.pass_obj
def report(door: Door, since: int, as_json: bool, mail: bool) -> None:
    """The week of the office: sources, members, consortia, mails.

    How each source is and what it brought against what is usual; what three members or more match; members that get
    nothing or too much; near misses; answers with proposals; mails that did not arrive; filter files that do not load.

    \\b
    --json: one object with now, since, to_act_on, sources, mails, lines, troubles, candidates, volumes, near_misses,
    proposals and filter_problems; nothing is left out there.
    Exit code 1, with --mail: it did not leave; it waits, and `vestitor send` tries again.
    """
    if mail:
        sys.exit(_mail(door, since))
    with door.store() as store, door.progress("Looking at everything"):
        filters = tagging.load(door.config, store, door.now, remember=False)
        found = _overview(door, store, filters, since)
    if as_json:
        plain = TypeAdapter(Overview).dump_python(found, mode="json")
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    click.echo(text_of(office_page.paper(found, door.config.name)))


def _mail(door: Door, since: int) -> int:
    staff.required(door.config)
    name = f"report {report_day(door.now.date(), door.config.report.days)}"
    with door.writing("report --mail") as store:
        ledger = Ledger(store)
        if name in last_said(store, staff.STAFF, desk.channel(door.config)):
            door.say(f"The {name} was made before; without --mail it is shown again.")
        else:
            filters = tagging.load(door.config, store, door.now, remember=False)
            paper = office_page.paper(_overview(door, store, filters, since), door.config.name)
            staff.tell_paper(door.config, ledger, "report", paper, door.now, [(name, 1, "report")])
        return _hand_over(door, ledger)


def _hand_over(door: Door, ledger: Ledger) -> int:
    """Sends what waits for staff."""
    due = [one for one in ledger.due(desk.channel(door.config), door.now) if one.member == staff.STAFF]
    sent = outbox.hand_over(door.config, ledger, due, door.now)
    for line in sent.words():
        door.alarm(line)
    door.say(f"{count(sent.count(State.SENT), 'mail')} to staff.")
    return ACT if sent.to_act_on or sent.stopped else DONE


@click.command()
@click.pass_obj
def alarm(door: Door) -> None:
    """Mail staff what broke, once, and again when it is mended.

    A source that is not good (one that only misses something, after the second time), a mail that failed or whose
    fate is unknown, an address that refuses, a filter file that is broken. The scheduler and cron start it every
    quarter of an hour; it says and sends nothing where there is no news.

    \b
    Exit code 1: the mail did not leave; it waits, and `vestitor send` tries again.
    """
    staff.required(door.config)
    with door.store() as store:  # without the lock: most of the time there is nothing to tell
        if not _news(door, store):
            return
    with door.writing("alarm") as store:
        if told := _news(door, store):
            sys.exit(_tell(door, store, told))


def tell_not_made(door: Door, store: Store, problems: Sequence[str]) -> None:
    """Mails staff whose digest could not be made."""
    if not problems or not door.config.mail.staff:
        return
    told = last_said(store, staff.STAFF, desk.channel(door.config))
    found = alarms.News(alarms.news(alarms.not_made(problems, door.now.date()), told).broken, ())
    if found:
        _tell(door, store, found)


def _tell(door: Door, store: Store, told: alarms.News) -> int:
    ledger = Ledger(store)
    staff.tell_paper(door.config, ledger, "alarm", alarms.paper(told, door.config.name), door.now, told.lines)
    return _hand_over(door, ledger)


def _news(door: Door, store: Store) -> alarms.News:
    filters = tagging.load(door.config, store, door.now, remember=False)
    facts = _facts(door, store, filters)
    told = last_said(store, staff.STAFF, desk.channel(door.config))
    return alarms.news(alarms.wrong(facts, filters.errors, staff.STAFF), told, alarms.undecided(facts))


def _facts(door: Door, store: Store, filters: Filters) -> facts_of.Facts:
    channel = desk.channel(door.config)
    return facts_of.facts(door.config, store, filters.members, filters.problems, channel, door.now)


def _overview(door: Door, store: Store, filters: Filters, since: int) -> Overview:
    facts = _facts(door, store, filters)
    troubles = [
        Trouble(one["id"], one["member"], one["state"], dt.datetime.fromisoformat(one["made"]), one["reply"] or "")
        for one in facts["troubled"]
    ]
    return office_desk.overview(door.config, store, filters, door.now, since, facts["to_act_on"], troubles)


@click.command()
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="The folder to write [default: `publish.folder` of config.yaml].",
)  # fmt: skip
@click.pass_obj
def publish(door: Door, folder: Path | None) -> None:
    """Write what is open as web pages, feeds and calendars.

    Any web server can show the folder, and a browser can open index.html in it as it is. Only files that differ are
    written. Each member has an Atom feed and a calendar of its own there, whose addresses are shown; with a secret
    (docs/operations.md) nobody can guess them.

    \\b
    Exit code 2: the folder holds other files, or cannot be written.
    """
    config = door.config
    target = folder or config.path(config.publish.folder)
    with only_one(config.path(config.store).with_suffix(".publish"), "publish", leave=True), door.store() as store:
        filters = tagging.load(config, store, door.now, remember=False)
        with door.progress(f"Writing {target}"):
            done = archive.publish(config, store, filters, door.now, target)
    site = archive.site_of(config)
    files = f"{count(done.written, 'file')} written, {done.same} as they were, {done.removed} removed"
    door.say(f"{target}: {count(done.open, 'opportunity', 'opportunities')} open; {files}.")
    for member, path in done.feeds.items():
        door.mention(f"  {member}: {site.address(path)} (calendar: .ics)")


COMMANDS = (report, alarm, publish)
