"""What `status`, `matches` and `explain` say: facts first (for a monitor, as JSON), then words and tables."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rich.table import Table

from pipeline.config import Config
from pipeline.exceptions import Problem
from pipeline.journal import Journal, Run, Verdict
from pipeline.ledger import Ledger, Matching, State
from pipeline.store import Kept, Store, Version

_SIGNS = {
    Verdict.GOOD: "[green]good[/]",
    Verdict.PARTIAL: "[yellow]partial[/]",
    Verdict.DEGRADED: "[yellow]degraded[/]",
}
_MONITORED = (State.UNKNOWN, State.FAILED, State.RETRY, State.PENDING)


class Named(Protocol):
    """A member, as far as this page needs to know one."""

    @property
    def member(self) -> str:
        """The short name."""

    @property
    def confirmed(self) -> bool:
        """Whether it agreed to be mailed."""

    @property
    def paused(self) -> bool:
        """Whether it wants no mail for now."""


def facts(
    config: Config, store: Store, members: Sequence[Named], problems: Sequence[Problem], now: dt.datetime
) -> dict[str, Any]:
    """Everything there is to know at `now`, as plain JSON values; `to_act_on` lists what asks for a person."""
    journal, ledger = Journal(store), Ledger(store)
    sources = {name: _source(journal, name, source.enabled) for name, source in config.sources.items()}
    counts = ledger.match_count()
    people = [
        {"member": m.member, "matches": counts.get(m.member, 0), "mailed": m.confirmed and not m.paused}
        for m in members
    ]
    deliveries = {state.value: len(ledger.deliveries(state)) for state in State}
    return {
        "now": now.isoformat(),
        "store": {"file": str(store.path), "opportunities": store.count()},
        "sources": sources,
        "members": people,
        "deliveries": deliveries,
        "filter_problems": [str(problem) for problem in problems],
        "to_act_on": list(_to_act_on(sources, deliveries, problems)),
    }


def _source(journal: Journal, name: str, enabled: bool) -> dict[str, Any]:
    run, good = journal.last(name), journal.last(name, Verdict.GOOD)
    return {
        "enabled": enabled,
        "verdict": run.verdict.value if run and run.verdict else ("never run" if run is None else "did not end"),
        "reasons": list(run.reasons) if run else [],
        "last_run": run.started.isoformat() if run else None,
        "last_good": good.started.isoformat() if good else None,
        "marks": journal.marks(name),
        "counts": dict(run.counts) if run else {},
        "issues": [{"code": i.code, "count": i.count, "examples": list(i.examples)} for i in run.issues] if run else [],
    }


def _to_act_on(sources: dict[str, Any], deliveries: dict[str, int], problems: Sequence[Problem]) -> Iterator[str]:
    for name, source in sources.items():
        if source["enabled"] and source["verdict"] != "good":
            yield f"source {name}: {source['verdict']}" + "".join(f"; {why}" for why in source["reasons"][:3])
    for state in ("unknown", "failed", "retry"):
        if deliveries[state]:
            yield f"{deliveries[state]} deliveries {state}"
    yield from (f"filter {problem}" for problem in problems if problem.level == "error")


def tables(facts: dict[str, Any]) -> Iterator[Table | str]:
    """The facts for a person."""
    sources = Table("source", "last run", "verdict", "read", "of", "new", "changed", "issues", "read up to", box=None)
    for name, source in facts["sources"].items():
        sources.add_row(name, *_source_cells(source))
    yield sources
    members = Table("member", "matches", "mailed", box=None)
    for member in facts["members"]:
        members.add_row(member["member"], str(member["matches"]), "yes" if member["mailed"] else "no")
    yield ""
    yield members
    sent = ", ".join(f"{count} {state}" for state, count in facts["deliveries"].items() if count) or "none yet"
    yield f"\n{facts['store']['opportunities']} opportunities stored. Deliveries: {sent}."
    yield from (f"[bold red]to act on[/]  {_escaped(line)}" for line in facts["to_act_on"])
    if not facts["to_act_on"]:
        yield "[green]Nothing asks for you.[/]"


def _source_cells(source: dict[str, Any]) -> list[str]:
    counts = source["counts"]
    stated = counts.get("stated by the search API")
    read = counts.get("unpacked", counts.get("read", 0))
    issues = ", ".join(f"{issue['count']} {issue['code']}" for issue in source["issues"])
    verdict = _SIGNS.get(source["verdict"], f"[red]{source['verdict']}[/]") if source["enabled"] else "off"
    when = (source["last_run"] or "never")[:16].replace("T", " ")
    marks = ", ".join(f"{name} {value}" for name, value in source["marks"].items())
    return [
        when,
        verdict,
        str(read),
        "?" if stated is None else str(stated),
        *(str(counts.get(k, 0)) for k in ("new", "changed")),
        issues,
        marks,
    ]


def run_line(run: Run) -> str:
    """One run in one line."""
    counts = {name: count for name, count in run.counts.items() if count}
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    why = "".join(f"\n  {reason}" for reason in run.reasons)
    return f"{run.source}: {run.verdict.value if run.verdict else 'did not end'}. {told}{why}"


def row(kept: Kept, now: dt.datetime) -> tuple[str, str, str, str]:
    """id, stage, next deadline and title, for a table."""
    opportunity = kept.opportunity.at(now)
    deadline = opportunity.next_deadline(now)
    closes = "" if deadline is None else f"{deadline.at or deadline.date:%Y-%m-%d}"
    return opportunity.id, opportunity.stage.value, closes, opportunity.title


def match_table(member: Named, found: Iterable[Matching], now: dt.datetime) -> Table:
    """A member's matches for a person."""
    table = Table("score", "id", "stage", "closes", "title", "why", title=member.member, title_justify="left", box=None)
    for entry in found:
        why = "; ".join(reason.get("text", reason.get("found", "")) for reason in entry.body["reasons"][:3])
        table.add_row(str(entry.body["score"]), *map(_escaped, row(entry.kept, now)), _escaped(why))
    return table


def match_json(member: Named, entry: Matching, now: dt.datetime) -> dict[str, Any]:
    """A match for a program."""
    return {**entry.body, "member": member.member, "opportunity": entry.kept.opportunity.at(now).as_json()}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `explain` says around the filter's own conditions: what it is, and what the member was told of it."""

    kept: Kept
    ledger: Ledger
    member: str
    channel: str

    def heading(self, now: dt.datetime) -> list[str]:
        """What it is."""
        id, stage, closes, title = row(self.kept, now)
        return [f"{id}  {stage}{', closes ' + closes if closes else ''}", title, self.kept.opportunity.url or "", ""]

    def deliveries(self) -> list[str]:
        """What the member was told of it, and its history."""
        told = self.ledger.told(self.member, self.channel).get(self.kept.opportunity.id)
        said = f"Told last on {told.last:%Y-%m-%d} ({', '.join(sorted(told.sections))})." if told else "Not told yet."
        return ["", said, *map(_version_line, self.ledger.store.history(self.kept.opportunity.id))]


def _version_line(version: Version) -> str:
    changed = ", ".join(version.changes) or "first seen"
    return f"version {version.version}, {version.at:%Y-%m-%d %H:%M} UTC, notice {version.ref}: {changed}"


def _escaped(text: object) -> str:
    return str(text).replace("[", "\\[")
