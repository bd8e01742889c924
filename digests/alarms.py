"""What broke and what is mended again, told to staff once each. Pure.

What is wrong now is compared with what the ledger says staff were told last of each problem; so a problem that stays is
not told again, and one that comes back is.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from digests.paper import Block, Paper, Said
from pipeline.exceptions import Problem
from pipeline.text import cut

BROKEN, MENDED = "broken", "mended"
"""What a line of an alarm says; the section it stands in."""
_DIGEST = "digest of "
PATIENCE = 2
"""Runs in a row that may miss something before anybody is told: publishers have bad hours."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A problem: what it is called (the same for as long as it lasts), what happened, and what to do."""

    name: str
    what: str
    do: str


@dataclass(frozen=True, slots=True)
class News:
    """What staff have not been told yet."""

    broken: tuple[Wrong, ...]
    mended: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.broken or self.mended)

    @property
    def lines(self) -> list[tuple[str, int, str]]:
        """What the ledger keeps of the mail: name, version, section."""
        return [(one.name, 1, BROKEN) for one in self.broken] + [(name, 1, MENDED) for name in self.mended]


def wrong(facts: Mapping[str, Any], errors: Iterable[Problem], staff: str) -> list[Wrong]:
    """Everything that is wrong, from the facts of `vestitor status` and the errors of the filter files.

    `staff` is whom the ledger mails these to: a mail to staff that did not arrive is no alarm of its own.
    """
    return [
        *_sources(facts["sources"]),
        *_mails(one for one in facts["troubled"] if one["member"] != staff),
        *(
            Wrong(
                f"address of {member}",
                "It refused twice because there is no such address, and gets no mail.",
                "`vestitor deliveries` says which; correct it in the member's file.",
            )
            for member in facts["suppressed"]
        ),
        *_filters(errors),
    ]


def not_made(problems: Iterable[str], day: dt.date) -> list[Wrong]:
    """The digests that could not be made, from what the run says (`MEMBER: why`); each day is a new problem."""
    parts = [problem.partition(": ") for problem in problems]
    do = "A defect of ours; the others got theirs. Report it with `vestitor digest --member {} --dry-run`."
    return [Wrong(f"{_DIGEST}{member}, {day:%Y-%m-%d}", what, do.format(member)) for member, _, what in parts]


def undecided(facts: Mapping[str, Any]) -> set[str]:
    """Problems of which nobody can say now whether they are over: the source is being read."""
    return {f"source {name}" for name, source in facts["sources"].items() if source["verdict"] == "running"}


def news(found: Sequence[Wrong], told: Mapping[str, str], unsure: Collection[str] = ()) -> News:
    """What is new against what staff were `told` last: name -> BROKEN or MENDED."""
    names = {one.name for one in found}
    gone = [name for name, said in told.items() if said == BROKEN and name not in names and name not in unsure]
    over = [name for name in gone if not name.startswith(_DIGEST)]  # of one day: nobody can mend it
    return News(tuple(one for one in found if told.get(one.name) != BROKEN), tuple(over))


def _sources(sources: Mapping[str, Mapping[str, Any]]) -> Iterator[Wrong]:
    for name, source in sources.items():
        if not source["enabled"] or source["verdict"] in ("running", "never run"):
            continue
        if source["verdict"] == "partial" and source["bad_in_a_row"] < PATIENCE:
            continue
        if source["verdict"] != "good":
            what = "; ".join([f"The last run: {source['verdict']}", *source["reasons"][:3]])
            do = f"The end of logs/{name}.log says more; `vestitor collect {name}` tries again."
            yield Wrong(f"source {name}", what, do)
        elif source["stale"]:
            what = "No good run for more than 26 hours of working days."
            yield Wrong(f"source {name}", what, "Is the scheduler running? `systemctl status vestitor`, `crontab -l`")


_MAILS = {
    "unknown": "Ask the member, then `vestitor deliveries arrived NUMBER` or `lost NUMBER`.",
    "failed": "Check the address in the member's file; the lines go into the next digest.",
}


def _mails(troubled: Iterable[Mapping[str, Any]]) -> Iterator[Wrong]:
    for one in troubled:
        if one["state"] in _MAILS:
            what = f"{one['state']}: {one['reply'] or 'no answer'}"
            yield Wrong(
                f"mail {one['id']} to {one['member']}", what, _MAILS[one["state"]].replace("NUMBER", str(one["id"]))
            )


def _filters(errors: Iterable[Problem]) -> Iterator[Wrong]:
    """One for each file, with its first error."""
    seen = set[str]()
    for problem in errors:
        file = "/".join((problem.where.rpartition(":")[0] or problem.where).split("/")[-2:])
        if file not in seen:
            seen.add(file)
            do = "Edit that line, then `vestitor check`. Its last good version stays in force."
            yield Wrong(f"filter file {file}", str(problem), do)


def paper(told: News, name: str) -> Paper:
    """The mail; `name` is the service's."""
    names = [one.name for one in told.broken] or list(told.mended)
    what = "new problem" if told.broken else "mended"
    subject = f"{len(names)} {what}{'s' if told.broken and len(names) > 1 else ''}: {', '.join(names)}"
    return Paper(
        subject=cut(subject, 90),
        heading=f"{name}: something asks for you" if told.broken else f"{name}: mended",
        lead=f"{len(told.broken)} new, {len(told.mended)} mended.",
        blocks=tuple(_blocks(told)),
        foot="Each problem is mailed once, and once more when it is over. `vestitor status` shows how everything is; "
        "docs/operations.md, “Runbook”, says what each sentence means.",
    )


def _blocks(told: News) -> Iterator[Block]:
    if told.broken:
        yield Block("New", lines=[Said(f"{one.name}: {one.what}", detail=one.do) for one in told.broken])
    if told.mended:
        yield Block("Mended", "Or not there any more.", lines=[Said(one) for one in told.mended])
