"""The office's overview in words: every sentence of it stands here. Pure.

English, as all that staff read; a Romanian one would be this file once more.
"""

import datetime as dt
from collections.abc import Iterable, Iterator

from babel.dates import format_date

from digests.office import FLOOD, SILENT_DAYS, TOGETHER, Candidate, Overview, Partner, Proposal, SourceWeek, Trouble
from digests.paper import Block, Paper, Row, Said, Table
from digests.phrases import source_name
from pipeline.text import cut
from pipeline.words import count

SHOWN = 12
"""Of each kind; the rest is counted."""
_TOGETHER = "Found or changed in this period. Different sorts of organisation first: they might go for it together."
_UNSAID = (
    "No member's file says what it is yet: `organisation: sme`, university, public_authority, ngo or large_company."
)
ROLES = {
    "sme": "SME",
    "university": "university",
    "public_authority": "public authority",
    "ngo": "NGO",
    "large_company": "large company",
}
"""What the sorts of organisation are called."""


def paper(overview: Overview, name: str) -> Paper:
    """The whole overview; `name` is the service's."""
    asks, together = len(overview.to_act_on), len(overview.candidates)
    parts = [f"{asks} to act on" if asks else "all is well"]
    parts += [f"{count(together, 'opportunity', 'opportunities')} for a consortium"] if together else []
    span = f"{_day(overview.since)} to {_day(overview.now)}"
    lines = f"{count(overview.lines, 'line')} in {count(overview.mails, 'mail')}"
    return Paper(
        subject=f"{'; '.join(parts)[:1].upper()}{'; '.join(parts)[1:]} – {_day(overview.now)}",
        heading=f"{name}: the week of the office",
        lead=f"{span}. Members were told {lines}.",
        blocks=tuple(_blocks(overview)),
        foot="`vestitor report` shows this for any other period: vestitor report --since 28d",
    )


def _blocks(overview: Overview) -> Iterator[Block]:
    more = [said for said in overview.filter_problems if f"filter {said}" not in overview.to_act_on]
    yield _block("To act on", "", _said(overview.to_act_on), "Nothing asks for you.", "vestitor status", 2 * SHOWN)
    yield Block("Sources", table=_sources(overview), lines=tuple(_reasons(overview.sources)))
    together = _TOGETHER if any(one.roles for one in overview.candidates) else f"{_TOGETHER} {_UNSAID}"
    yield _block(f"Matched by {TOGETHER} members or more", together, map(_candidate, overview.candidates))
    said = f"None in {SILENT_DAYS} days, or more than {FLOOD} a week: their rules are too narrow or too wide."
    yield _block("Members to look at", said, _volumes(overview), "Every member gets something, and none too much.")
    misses = [Said(f"{one.member}: {one.said}") for one in overview.near_misses]
    yield _block("Near misses", "What one condition of one rule kept away.", misses, shown=2 * SHOWN)
    yield _block("Answers of members", "Their rules do not heed these yet.", map(_proposal, overview.proposals))
    yield _block("Mails that did not or may not have arrived", "", map(_trouble, overview.troubles))
    yield _block("Filter files", "Allowed, and probably not meant:", _said(more), "No warnings.", "vestitor check")


def _block(
    title: str,
    note: str,
    said: Iterable[Said],
    fine: str = "None in this period.",
    where: str = "vestitor report --json",
    shown: int = SHOWN,
) -> Block:
    """As many lines as are read, and where the others are."""
    lines = tuple(said)
    return Block(title, note, lines[:shown], fine=fine, hidden=max(0, len(lines) - shown), more=f"`{where}`")


def _said(texts: Iterable[str]) -> tuple[Said, ...]:
    return tuple(Said(text) for text in texts)


def _day(at: dt.date) -> str:
    return format_date(at, "d MMM", locale="en_GB")


def _moment(at: dt.datetime | None) -> str:
    return f"{_day(at)} {at:%H:%M}" if at else "never"


def _sources(overview: Overview) -> Table:
    heads = ("Source", "State", "Good runs", "Read (usual)", "New")
    return Table(heads, tuple(_source(one) for one in overview.sources), numbers=(3, 4))


def _source(one: SourceWeek) -> Row:
    read = "-" if one.read is None else f"{one.read:,}" + (f" ({one.usual:,.0f})" if one.usual is not None else "")
    runs = f"{one.good_runs} of {one.runs}"
    return Row((source_name(one.name), one.verdict, runs, read, f"{one.new:,}"), one.verdict != "good" or one.odd)


def _reasons(sources: Iterable[SourceWeek]) -> Iterator[Said]:
    for one in sources:
        if one.odd:
            yield Said(f"{source_name(one.name)}: the last run read {one.read:,}, usually {one.usual:,.0f}.")
        if one.verdict not in ("good", "running"):
            why = "; ".join(one.reasons) or "no run yet"
            yield Said(f"{source_name(one.name)}: {why}. Last good run: {_moment(one.last_good)}.")


def _candidate(one: Candidate) -> Said:
    closes = f"until {format_date(one.closes, 'd MMM yyyy', locale='en_GB')}" if one.closes else "no deadline"
    partners = ", ".join(map(_partner, one.partners))
    return Said(cut(one.title, 160), one.url, f"{one.kind}, {closes}: {partners} [{one.id}]")


def _partner(one: Partner) -> str:
    return f"{one.name} ({ROLES.get(one.organisation, one.organisation)})" if one.organisation else one.name


def _volumes(overview: Overview) -> Iterator[Said]:
    for one in overview.volumes:
        if one.silent:
            yield Said(f"{one.member}: nothing in {SILENT_DAYS} days. `vestitor suggest {one.member}` shows why.")
        elif one.flood:
            yield Said(f"{one.member}: {one.weekly:.0f} a week. `vestitor suggest {one.member}` names the noisy rules.")


def _proposal(one: Proposal) -> Said:
    answer = "relevant" if one.relevant else "not relevant"
    return Said(f"{one.member} called {one.opportunity} {answer}. Proposal: {one.said}")


def _trouble(one: Trouble) -> Said:
    return Said(f"{one.number} to {one.member}, {_moment(one.made)}: {one.state}: {one.reply or 'no answer'}")
