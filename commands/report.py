"""The house in words: what `status` and `collect` tell a person."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

import click

from commands.status import Facts, read_count
from pipeline.journal import STATED, Run
from pipeline.words import columns, count, paragraph, recent, width

_COLOURS = {"good": "green", "running": "cyan", "partial": "yellow", "degraded": "yellow", "off": "bright_black"}


def lines(facts: Facts) -> Iterator[str]:
    """The facts in words, for a terminal or a file of any width."""
    now, zone = dt.datetime.fromisoformat(facts["now"]), ZoneInfo(facts["timezone"])
    yield f"{now:%A} {now.day} {now:%B %Y, %H:%M} ({zone})"
    yield paragraph(
        f"{count(facts['store']['opportunities'], 'opportunity', 'opportunities')} in {facts['store']['file']}"
    )
    yield ""
    yield from _source_table(facts["sources"], now, zone)
    yield ""
    yield from _member_table(facts["members"], now, zone)
    yield ""
    yield from _mails(facts)
    yield ""
    if not facts["to_act_on"]:
        yield click.style("Nothing asks for you.", fg="green")
        return
    yield click.style("To act on:", fg="red", bold=True)
    yield from (paragraph(line, "  - ") for line in facts["to_act_on"])


_HEADS = ("Source", "Last run", "Verdict", "Read", "New", "Changed", "Issues", "Asked today", "Read up to")


def _source_table(sources: Mapping[str, Facts], now: dt.datetime, zone: ZoneInfo) -> Iterator[str]:
    if not sources:
        yield "No sources in the configuration."
        return
    rows = [_HEADS, *(_source_row(name, source, now, zone) for name, source in sources.items())]
    table = columns(rows, numbers=(4, 5, 6, 7))
    if too_wide := max(map(len, table)) > width():
        table = columns([row[:-1] for row in rows], numbers=(4, 5, 6, 7))
    yield table[0]
    for line, row, source in zip(table[1:], rows[1:], sources.values(), strict=True):
        yield click.style(line, fg=_COLOURS.get(row[2], "red"))
        notes = [f"read up to {row[-1]}"] * (too_wide and row[-1] != "-") + list(_notes(source))
        yield from (paragraph(note, "    ") for note in notes)


def _source_row(name: str, source: Facts, now: dt.datetime, zone: ZoneInfo) -> tuple[str, ...]:
    counts, last = source["counts"], source["last_run"]
    numbers = (counts.get("new", 0), counts.get("changed", 0), sum(i["count"] for i in source["issues"]))
    return (
        name,
        recent(dt.datetime.fromisoformat(last), now, zone) if last else "never",
        source["verdict"] if source["enabled"] else "off",
        read_of(source["read"], source["stated"]),
        *map(str, numbers),
        f"{source['requests_today']} of {source['requests_a_day']}",
        source["read_up_to"] or "-",
    )


def read_of(read: int, stated: int | None) -> str:
    """How much came, and of how much where the source says so."""
    return str(read) if stated is None else f"{read} of {stated}"


def _notes(source: Facts) -> Iterator[str]:
    yield from source["reasons"]
    for issue in source["issues"]:
        yield f"{issue['count']} {issue['code']}: {issue['examples'][0] if issue['examples'] else ''}"


def _member_table(members: Sequence[Facts], now: dt.datetime, zone: ZoneInfo) -> Iterator[str]:
    rows = [("Member", "Matches", "Last mail", "")]
    for one in members:
        last = recent(dt.datetime.fromisoformat(one["last_mail"]), now, zone) if one["last_mail"] else "never"
        silent = "not confirmed: gets no mail" if not one["confirmed"] else "paused" if one["paused"] else ""
        rows.append((one["member"], str(one["matches"]), last, silent))
    yield from columns(rows, numbers=(1,))


def _mails(facts: Facts) -> Iterator[str]:
    states = ", ".join(f"{number} {state}" for state, number in facts["deliveries"].items() if number) or "none yet"
    yield f"Mails: {states}."
    if facts["mail"].startswith("/"):
        yield paragraph(f"They are written to {facts['mail']}: no mail.host is configured.")


# A run


def run_lines(run: Run) -> Iterator[str]:
    """What one run brought, in a line, and below it what a person may want to know."""
    counts, verdict = run.counts, run.verdict.value if run.verdict else "did not end"
    kept = [f"{counts[name]} {word}" for name, word in _KEPT if counts.get(name)]
    read = read_of(read_count(counts), counts.get(STATED))
    brought = ", ".join([f"{read} read", *(kept or ["nothing new"])])
    yield paragraph(f"{brought} ({count(counts.get('requests', 0), 'request')})", f"{run.source}: {verdict}: ", "    ")
    yield from (paragraph(reason, "    ") for reason in run.reasons)
    told = [f"{number} {name}" for name, number in counts.items() if name.startswith("skipped") or name in _TOLD]
    found = [f"{i.count} {i.code} ({i.examples[0]})" if i.examples else f"{i.count} {i.code}" for i in run.issues]
    yield from (paragraph(line, "    ") for line in told + found)


_KEPT = (("new", "new"), ("changed", "changed"), ("seen", "known before"), ("outside", "outside the scope"))
_TOLD = ("stopped at --limit", "left for the next run", "issues not proven")
