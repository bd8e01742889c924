"""The one command line: a thin door. Every command parses, calls, prints, and sets the exit code."""

import datetime as dt
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.progress import track

from digests import desk, send
from filters import tag as tagging
from filters.answers import Answer, proposals, read_mailbox
from filters.explain import explain as explain_match
from filters.labels import judge, read_labels
from filters.match import Match, Matcher
from filters.profile import Filters, Member, files_of, read_filters
from filters.suggest import suggest as suggestions
from filters.trial import as_new
from filters.trying import past, try_out
from pipeline import crawl, exchange, explaining, listing, logs, report
from pipeline import feedback as answers_of
from pipeline import status as status_of
from pipeline.advice import advice
from pipeline.config import Config
from pipeline.door import ACT, DONE, Commands, Door, Moment, unknown
from pipeline.exceptions import ConfigError, Problem, VestitorError
from pipeline.journal import Verdict
from pipeline.keeping import keep
from pipeline.ledger import Ledger, Matching, State
from pipeline.reading import reread
from pipeline.sending import Sending
from pipeline.store import Kept, Store

SECTIONS = {
    "A day": ("run", "collect", "tag", "digest"),
    "To see": ("status", "matches", "explain", "search"),
    "To tune filters": ("try", "suggest", "evaluate", "feedback"),
    "To change": ("check", "reparse", "settle"),
    "To keep and exchange": ("export", "import", "schema", "backup"),
}
AS_JSON = click.option("--json", "as_json", is_flag=True, help="For a program: see above.")


def _days(_: click.Context, __: click.Parameter, value: str) -> int:
    if not (found := re.fullmatch(r"([1-9]\d{0,3}) ?d?", value)):
        raise click.BadParameter("write a number of days: 90d")
    return int(found[1])


SINCE = click.option(
    "--since", callback=_days, default="365d", show_default=True, metavar="DAYS", help="How far back to look: 90d."
)
FORM = click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), help="[default: by the name, else jsonl]")


@click.group(
    cls=Commands, sections=SECTIONS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--config", "file", type=click.Path(path_type=Path), default="config.yaml", show_default=True, metavar="FILE",
    help="The installation; paths inside are relative to it.",
)  # fmt: skip
@click.option("--now", type=Moment(), metavar='"YYYY-MM-DD HH:MM"', help="Rehearse another day or hour.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing when all is well: for cron.")
@click.version_option(crawl.VERSION, message="vestitor %(version)s")
@click.pass_context
def main(ctx: click.Context, file: Path, now: dt.datetime | None, quiet: bool) -> None:
    """Vestitor tells each member of the cluster, early and once, of the tenders and calls that concern it.

    \b
    To begin:   edit config.yaml and filters/, then `vestitor check`, then `vestitor run`.
    Exit codes: 0 done; 1 something to act on; 2 wrong use, or a file or the store is refused.
    """
    ctx.color = False if os.environ.get("NO_COLOR") else None
    ctx.obj = Door(file, lambda: now or dt.datetime.now(dt.UTC), quiet)


# A day


@main.command()
@click.pass_obj
def run(door: Door) -> None:
    """Collect, tag and digest: a whole day at once.

    \b
    Exit code 1: a source is not good, a filter file is broken, or a mail did not leave.
    """
    with door.writing("run") as store:
        collected = _collect(door, aloud=True)
        filters, tagged = _tag(door, store, aloud=True)
        sys.exit(max(collected, tagged, _digest(door, store, filters, filters.members)))


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Read again from this day on.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Read at most so many, to try a source.")
@click.pass_obj
def collect(door: Door, sources: tuple[str, ...], since: dt.datetime | None, limit: int | None) -> None:
    """Read what the sources have published since the last good run.

    Without SOURCE, every enabled one. Says nothing when all is well and no terminal watches.

    \b
    Exit code 1: a run is not good (its reasons are shown; `status` keeps showing them).
    """
    given = [*sources, *([f"--since {since:%Y-%m-%d}"] if since else []), *([f"--limit {limit}"] if limit else [])]
    with door.writing(" ".join(["collect", *given])):
        sys.exit(_collect(door, sources, since, limit))


def _collect(
    door: Door,
    sources: Iterable[str] = (),
    since: dt.datetime | None = None,
    limit: int | None = None,
    aloud: bool = False,
) -> int:
    config = door.config
    names = list(dict.fromkeys(sources)) or [name for name, source in config.sources.items() if source.enabled]
    _refuse_unknown(config, names)
    if not names:
        door.alarm(f"No source is enabled in {config.file}.")
        return ACT
    logs.cap(config.path(Path("logs")))
    with door.progress(f"Collecting {', '.join(names)}"):
        runs = crawl.collect(
            config, [crawl.Order(name, since.date() if since else None, limit) for name in names], door.now
        )
    for done in runs:
        good = done.verdict is Verdict.GOOD
        tell = door.alarm if not good else door.say if aloud else door.mention
        tell("\n".join(report.run_lines(done)))
    return DONE if all(done.verdict is Verdict.GOOD for done in runs) else ACT


def _refuse_unknown(config: Config, names: Iterable[str]) -> None:
    for name in names:
        if name not in config.sources:
            raise unknown("source", name, config.sources)
        if (spider := config.sources[name].spider or name) not in _spiders():
            raise unknown(f"spider for `{name}` called", spider, _spiders())


def _spiders() -> list[str]:
    return [file.stem for file in (crawl.ROOT / "spiders").glob("[a-z]*.py")]


@main.command()
@click.pass_obj
def tag(door: Door) -> None:
    """Match all that is open or coming with every member, anew.

    `digest` does this first, so it is only needed to see an edit at once in `matches`.

    \b
    Exit code 1: a filter file is broken; its last good version stays in force.
    """
    with door.writing("tag") as store:
        sys.exit(_tag(door, store)[1])


def _tag(door: Door, store: Store, aloud: bool = False) -> tuple[Filters, int]:
    filters = tagging.load(door.config, store, door.now)
    tagged = tagging.tag(filters, store, door.now, _progress(door, store), door.config.apart)
    for problem in filters.errors:
        door.alarm(f"{_problem(problem)} (the last good version stays in force)")
    matches = f"{sum(tagged.matches.values())} matches for {len(tagged.matches)} members"
    (door.say if aloud else door.mention)(f"Tagged {tagged.opportunities} live opportunities: {matches}.")
    return filters, ACT if filters.errors else DONE


def _progress(door: Door, store: Store) -> tagging.Progress:
    if door.quiet or not sys.stderr.isatty():
        return lambda kept: kept
    return lambda kept: track(kept, "Tagging", total=store.count(), console=door.console, transient=True)


@main.command()
@click.option("--member", metavar="NAME", help="Only this member.")
@click.option("--dry-run", is_flag=True, help="Write .eml, .html and .txt; send nothing, remember nothing.")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Where a dry run writes [default: dry-run in the outbox].",
)  # fmt: skip
@click.pass_obj
def digest(door: Door, member: str | None, dry_run: bool, folder: Path | None) -> None:
    """Mail each member what is new, changed or closing, once.

    Tags first, so an edit of a filter counts at once. A line counts as told when its mail was accepted.

    \b
    Exit code 1: a mail did not leave (it waits for the next digest), or a filter file is broken.
    """
    given = [*([f"--member {member}"] if member else []), *(["--dry-run"] if dry_run else [])]
    with door.writing(" ".join(["digest", *given]), shared=not dry_run) as store:
        filters, code = _tag(door, store)
        members = [_member(filters, member)] if member else filters.members
        sent = _dry_run(door, store, filters, members, folder) if dry_run else _digest(door, store, filters, members)
        sys.exit(max(code, sent))


def _dry_run(door: Door, store: Store, filters: Filters, members: Iterable[Member], folder: Path | None) -> int:
    target = folder or door.config.path(door.config.mail.outbox) / "dry-run"
    for ready in desk.editions(door.config, store, filters, door.now, members):
        file = desk.dry_run(door.config, ready, door.now, target)
        door.say(f"{file}.eml  {len(ready.digest.lines)} lines  {ready.rendered.subject}")
    return DONE


def _digest(door: Door, store: Store, filters: Filters, members: Iterable[Member]) -> int:
    sent = send.send_all(door.config, store, filters, door.now, list(members))
    for line in sent.words():
        (door.alarm if sent.to_act_on else door.say)(line)
    return ACT if sent.to_act_on else DONE


# To see


@main.command()
@AS_JSON
@click.pass_obj
def status(door: Door, as_json: bool) -> None:
    """How sources, members and mails are, and what asks for a person.

    A source asks for a person when its last run is not good, or when it is enabled and has had no good run for 26
    hours, weekends left out.

    \b
    --json: one object with now, timezone, store, mail, sources {name: enabled, at, verdict, reasons, last_run,
    last_good, stale, read, stated, read_up_to, requests, marks, counts, issues}, members, deliveries {state: number},
    troubled (mails that may not have arrived), filter_problems and to_act_on (a list of sentences; empty: all is well).
    Exit code 1: to_act_on is not empty.
    """
    with door.store() as store:
        filters = tagging.load(door.config, store, door.now, remember=False)
        channel = desk.channel(door.config)
        facts = status_of.facts(door.config, store, filters.members, filters.problems, channel, door.now)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    elif facts["to_act_on"] or not door.quiet:
        click.echo("\n".join(report.lines(facts)))
    sys.exit(ACT if facts["to_act_on"] else DONE)


@main.command()
@click.option("--member", metavar="NAME", help="Only this member.")
@AS_JSON
@click.pass_obj
def matches(door: Door, member: str | None, as_json: bool) -> None:
    """What matches whom and why, best first.

    Shown: score, tier, title, who asks, id and stage, until when, why.

    \b
    Score: points of what was found; from 6 on it is a top pick, below it is worth a look.
    --json: one object a line: member, rule, score, tier ("top" or "look"), reasons [{where, found, term, points,
    about_ro, about_en}], why (the reasons in words) and opportunity (see `vestitor schema`).
    """
    with door.store() as store:
        filters = tagging.load(door.config, store, door.now, remember=False)
        for one in [_member(filters, member)] if member else filters.members:
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


@main.command()
@click.argument("member")
@click.argument("opportunity")
@click.pass_obj
def explain(door: Door, member: str, opportunity: str) -> None:
    """Why something matches a member or not, and whether it was sent.

    OPPORTUNITY is an id (ted:781905-2026), the number of any of its notices, or its address on TED. Each condition
    is shown as: key in the filter file: what the rule wants -> what was found. A rule matches when all are met.
    """
    with door.store() as store:
        config, now = door.config, door.now
        filters = tagging.load(config, store, now, remember=False)
        chosen, kept = _member(filters, member), _kept(store, opportunity)
        conditions = explain_match(kept.opportunity.at(now), chosen, filters.interests, now)
        matches, limit = bool(explaining.matching(conditions)), config.digest.limit
        sending = Sending.of(store, kept, chosen, matches, desk.channel(config), limit, now, config.zone)
        click.echo("\n".join(explaining.page(conditions, sending, store.history(kept.opportunity.id))))


def _member(filters: Filters, name: str) -> Member:
    known = {member.member: member for member in filters.members}
    if name not in known:
        raise unknown("member", name, known)
    return known[name]


def _kept(store: Store, name: str) -> Kept:
    kept = store.get(name.rstrip("/").rpartition("/")[2] if name.startswith("http") else name)
    if kept is None:
        raise VestitorError(f"no opportunity `{name}` in the store; `vestitor search WORDS` finds one")
    return kept


@main.command()
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


# To tune filters


@main.command(name="try")
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


@main.command()
@click.argument("member")
@SINCE
@click.pass_obj
def suggest(door: Door, member: str, since: int) -> None:
    """Near misses, silent and noisy rules, and words a member might add."""
    with door.store() as store, door.progress(f"Reading the last {since} days"):
        filters = tagging.load(door.config, store, door.now, remember=False)
        chosen = _member(filters, member)
        lines = suggestions(chosen, filters.interests, past(store, door.now, since), since)
    click.echo("\n".join(lines))


@main.command()
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


@main.command()
@click.argument("member", required=False)
@click.argument("opportunity", required=False)
@click.argument("answer", type=click.Choice(["relevant", "not-relevant"]), required=False)
@click.option("--mailbox", type=click.Path(path_type=Path, exists=True), metavar="PATH", help="Read replies from here.")
@click.pass_obj
def feedback(door: Door, member: str | None, opportunity: str | None, answer: str | None, mailbox: Path | None) -> None:
    """Take a member's word for one opportunity.

    It holds at once for that opportunity and its updates. --mailbox reads the replies to the link "not relevant" of the
    mails from an mbox file or a Maildir folder; reading them twice does no harm.
    """
    if mailbox is None and not (member and opportunity and answer):
        raise click.UsageError("give MEMBER OPPORTUNITY relevant|not-relevant, or --mailbox PATH")
    given = list(read_mailbox(mailbox)) if mailbox else [Answer(str(member), str(opportunity), answer == "relevant")]
    with door.writing("feedback", shared=False) as store:
        filters = tagging.load(door.config, store, door.now, remember=False)
        codes = [_answered(door, store, filters, one, strict=mailbox is None) for one in given]
    door.say(f"{codes.count(DONE)} of {len(codes)} answers taken.")
    sys.exit(max(codes, default=DONE))


def _answered(door: Door, store: Store, filters: Filters, one: Answer, strict: bool) -> int:
    try:
        chosen, kept = _member(filters, one.member), _kept(store, one.opportunity)
    except VestitorError as error:
        if strict:
            raise
        door.alarm(str(error))
        return ACT
    answers_of.keep(store, chosen.member, kept.opportunity.id, one.relevant, door.now)
    door.say(f"{chosen.member}: {kept.opportunity.id} is {'' if one.relevant else 'not '}relevant.")
    opportunity, then = as_new(kept.opportunity, kept.first_seen)
    match = Matcher([chosen], filters.interests).match(opportunity, then).get(chosen.member)
    if match and not one.relevant:
        id, year = kept.opportunity.id, past(store, door.now, 365)
        said = list(proposals(id, match, chosen, filters.interests, year))
        for one_said in said or [
            f"a word of its title under `none_in_title`, or its buyer under `never`, in {match.rule}"
        ]:
            door.say(f"  Proposal: {one_said}.")
    elif one.relevant and not match:
        door.say(f"  Proposal: see what it misses with `vestitor explain {chosen.member} {kept.opportunity.id}`.")
    return DONE


# To change


@main.command()
@click.pass_obj
def check(door: Door) -> None:
    """Check config.yaml and all filter files: every problem at once.

    Each is shown as file:line: what is wrong; what to write instead. Warnings are what is allowed and probably not
    meant: a source without hours, an example address, a member that has not confirmed.

    \b
    Exit code 1: there is an error. Warnings alone: 0.
    """
    problems = sorted(_problems(door), key=lambda problem: problem.level)
    for problem in problems:
        click.echo(_problem(problem))
    errors = sum(problem.level == "error" for problem in problems)
    if problems:
        click.echo(f"{errors} errors, {len(problems) - errors} warnings.")
    else:
        door.say("Everything is in order.")
    sys.exit(ACT if errors else DONE)


def _problems(door: Door) -> list[Problem]:
    try:
        config = door.config
    except ConfigError as error:
        config, broken = Config.sketch(door.file), list(error.problems)
    else:
        broken = []
    try:
        filters = read_filters(files_of(config.path(config.filters.interests), config.path(config.filters.members)))
    except ConfigError as error:
        return [*broken, *error.problems]
    advised = [] if broken else advice(config, _spiders(), filters.texts)
    return [*broken, *filters.problems, *advised]


def _problem(problem: Problem) -> str:
    level = click.style(problem.level, fg="red" if problem.level == "error" else "yellow", bold=True)
    return f"{level} {str(problem).removeprefix(f'{Path.cwd()}/')}"


@main.command()
@click.argument("source")
@click.pass_obj
def reparse(door: Door, source: str) -> None:
    """Read a source's stored documents again with a mended reader."""
    if source not in (known := {*door.config.sources, *_spiders()}):
        raise unknown("source", source, known)
    with door.writing(f"reparse {source}", shared=False) as store, door.progress(f"Reading {source} again"):
        done = reread(store, source, door.now)
    door.say(done.words())
    sys.exit(ACT if done.problems else DONE)


@main.command()
@click.argument("number", type=int)
@click.argument("fate", type=click.Choice(["arrived", "lost"]))
@click.pass_obj
def settle(door: Door, number: int, fate: str) -> None:
    """Say whether a mail of unknown fate arrived or was lost.

    NUMBER stands in `status`. The lines of a lost one go into the member's next digest.
    """
    with door.writing("settle", shared=False) as store:
        ledger = Ledger(store)
        mails = {delivery.id: delivery for delivery in ledger.deliveries(State.UNKNOWN)}
        if number not in mails:
            raise unknown("mail of unknown fate with the number", str(number), map(str, mails))
        ledger.move(
            mails[number], State.SENT if fate == "arrived" else State.FAILED, door.now, f"{fate}, says a person"
        )
    door.say(f"Mail {number} to {mails[number].member}: {fate}.")


# To keep and exchange


@main.command(name="export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-")
@FORM
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only this source; may be repeated.")
@click.pass_obj
def export_(door: Door, file: Path, form: Any, sources: tuple[str, ...]) -> None:
    """Write every opportunity as JSON Lines or CSV.

    As it is at this hour (`stage`). FILE may be left out, or -, for standard output. `import` of it gives the same
    store.
    """
    with door.store() as store, exchange.opened(file, "w") as out:
        found = (kept.opportunity.at(door.now) for kept in store.all(sources=sources))
        count = exchange.export(found, out, form or exchange.format_of(file))
    if not door.quiet:
        door.alarm(f"{count} opportunities")


@main.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@FORM
@click.pass_obj
def import_(door: Door, file: Path, form: Any) -> None:
    """Read opportunities from JSON Lines or CSV.

    All of the file, or nothing of it. A line needs only id, source, ref, kind (tender, call, news), stage (such as
    open) and title; see `vestitor schema` for the rest. FILE may be - for standard input.

    \b
    Exit code 2: some line is refused; each is listed with file:line, and nothing is imported.
    """
    try:
        with exchange.opened(file, "r") as lines:
            found = exchange.read_all(lines, form or exchange.format_of(file), str(file))
    except ConfigError as error:
        raise VestitorError(f"nothing is imported:\n{error}") from None
    with door.writing(f"import {file}", shared=False) as store:
        tally = keep(store, [(exchange.as_notice(opportunity), None) for opportunity in found], door.now)
    door.say(f"{len(tally.new)} new, {len(tally.changed)} changed, {len(tally.seen)} known before")


@main.command()
def schema() -> None:
    """The JSON Schema of an exported opportunity."""
    click.echo(json.dumps(exchange.schema(), ensure_ascii=False, indent=2))


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--keep", "count", type=click.IntRange(min=1), default=14, show_default=True, metavar="N",
    help="Copies to keep in the folder of backups.",
)  # fmt: skip
@click.pass_obj
def backup(door: Door, file: Path | None, count: int) -> None:
    """Make a checked copy of the store while it is in use.

    Without FILE it goes to the folder `backups` of config.yaml, and the oldest copies there make room.
    How to restore one: docs/operations.md.
    """
    config = door.config
    folder = config.path(config.backups)
    target = file or folder / f"vestitor-{door.now:%Y%m%d-%H%M%S}.db"
    if file is None:
        folder.mkdir(parents=True, exist_ok=True)
    _copy(door, target)
    for old in sorted(folder.glob("vestitor-*.db"))[:-count] if file is None else ():
        old.unlink()
    door.mention(f"{target}: {target.stat().st_size:,} bytes, checked")


def _copy(door: Door, target: Path) -> None:
    if target.resolve() == door.config.path(door.config.store).resolve():
        raise VestitorError(f"{target} is the store itself; write another name")
    part = target.with_name(target.name + ".part")
    part.open("wb").close()  # says what cannot be written before SQLite does, who would name the store
    with door.store() as store:
        store.backup(part)
    part.replace(target)


if __name__ == "__main__":
    main()
