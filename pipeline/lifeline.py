"""The life line of an opportunity: all notices of one procedure and buyer, folded into what is true now. Pure.

Notices may arrive twice or in any order: the fold only looks at their order of publication, so the same set of
notices always gives the same opportunity. A wrong merge is worse than a missed one.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.notice import Form, Notice, Outcome
from pipeline.opportunity import Deadline, Opportunity, Stage, unique

_EARLY = frozenset({Stage.PLANNED, Stage.CONSULTATION})
_LONG_AGO = dt.date.min
_SENT_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)
_KEPT = (
    "summary", "url", "buyer", "co_buyers", "funder", "programme", "call", "action", "cpv", "nuts", "countries",
    "value", "maximum", "lots", "opens", "deadlines", "eu_funded", "procedure", "keywords", "errata",
    "status", "grant_min", "grant_max", "grants", "value_shared", "time_assumed", "trl", "eligible",
)  # fmt: skip
"""Fields in which a newer notice's silence does not erase what an older one said."""


@dataclass(slots=True)
class LifeLine:
    """What is known of a stored life line when deciding whether a notice belongs to it."""

    id: str
    procedures: set[str] = field(default_factory=set)
    buyers: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    continues: set[str] = field(default_factory=set)
    calls: set[tuple[dt.date | None, str]] = field(default_factory=set)
    """Day and title of each call for competition in it."""

    def add(self, notice: Notice) -> None:
        """Takes the notice's names and ties into account."""
        self.names.update(notice.names)
        self.changes.update(notice.changes)
        self.continues.update(notice.continues)
        self.buyers.update(notice.buyers)
        if notice.procedure_id:
            self.procedures.add(notice.procedure_id)
        if _is_call(notice):
            self.calls.add(_call(notice))


def belongs(notice: Notice, line: LifeLine) -> bool:
    """Whether the notice is one more of this life line: by name, by what either says it changes, else by procedure
    or continuation with a buyer in common (procedure ids alone are reused: Swiss SIMAP, 2023)."""
    names = set(notice.names)
    if names & (line.names | line.changes) or line.names & set(notice.changes):
        return True
    if not notice.buyers & line.buyers:
        return False
    if notice.procedure_id in line.procedures:
        return not _rivals(notice, line)
    one_procedure = len(line.procedures | ({notice.procedure_id} - {None})) < 2
    return one_procedure and bool(names & line.continues or line.names & set(notice.continues))


def _is_call(notice: Notice) -> bool:
    return notice.form is Form.ANNOUNCES and notice.says.stage is Stage.OPEN


def _call(notice: Notice) -> tuple[dt.date | None, str]:
    return notice.says.published, notice.says.title.casefold()


def _rivals(notice: Notice, line: LifeLine) -> bool:
    """Two calls of one day, one buyer and one procedure id with different titles are two calls (550475-2023 and
    550478-2023: two building lots under the id that the Swiss platform gave to everything)."""
    day, title = _call(notice)
    return _is_call(notice) and any(other == day and name != title for other, name in line.calls)


def fold(id: str, notices: Iterable[Notice]) -> Opportunity:
    """The opportunity its notices make, whatever order they came in; `id` is the life line's."""
    ordered = in_order(notices)
    speaking = [notice for notice in ordered if notice.form is not Form.ENDS] or ordered[-1:]
    content = _content(speaking)
    newest = ordered[-1].says
    refs = unique(ref for notice in ordered for ref in (*notice.says.notices, notice.says.ref))
    return content.model_copy(
        update={
            "id": id,
            "ref": newest.ref,
            "url": newest.url or content.url,
            "published": newest.published or content.published,
            "notices": refs,
            "stage": _stage(ordered, content),
            "previous": tuple(
                p for p in unique(p for n in ordered for p in n.says.previous) if p not in _all_names(ordered)
            ),
        }
    )


def in_order(notices: Iterable[Notice]) -> list[Notice]:
    """By day of publication, then by the instant they were sent, then by number; each ref once, the last reading."""
    by_ref = {notice.says.ref: notice for notice in notices}
    return sorted(
        by_ref.values(),
        key=lambda n: (n.says.published or _LONG_AGO, n.sent or _SENT_LONG_AGO, len(n.says.ref), n.says.ref),
    )


def _all_names(ordered: Sequence[Notice]) -> set[str]:
    return {name for notice in ordered for name in notice.names}


def _content(speaking: Sequence[Notice]) -> Opportunity:
    """The newest notice's words, with what only older ones said where it is silent."""
    content = speaking[-1].says
    for notice in reversed(speaking[:-1]):
        said = {name: getattr(notice.says, name) for name in _KEPT if not _said(getattr(content, name))}
        content = content.model_copy(update=said)
    return content


def reread(old: Notice, new: Notice) -> Notice:
    """A living page read again: what it no longer says stays known."""
    return new.model_copy(update={"says": _content([old, new])}) if new.living else new


def _said(value: object) -> bool:
    return value is not None and value != ()


def _stage(ordered: Sequence[Notice], content: Opportunity) -> Stage:
    """The stage after the last notice; what a result says holds for the lots it names."""
    stage = ordered[0].says.stage
    decided: dict[str, Outcome] = {}
    for notice in ordered:
        if notice.form is Form.ENDS:
            decided |= _final(notice, content, rolling=any(n.rolling for n in ordered))
            stage = _after(decided, notice, content, stage)
        else:
            decided = {} if notice.form is Form.ANNOUNCES else decided
            stage = notice.says.stage
    return stage


def _final(notice: Notice, content: Opportunity, rolling: bool) -> dict[str, Outcome]:
    """Outcomes that end a lot: an award while the lot's deadline is still ahead (a dynamic system) does not."""
    day = notice.says.published or _LONG_AGO
    return {
        lot: outcome
        for lot, outcome in notice.results.items()
        if outcome is not Outcome.UNDECIDED
        and not (rolling and outcome is Outcome.AWARDED and _ahead(_of_lot(content, lot), day))
    }


def _after(decided: dict[str, Outcome], notice: Notice, content: Opportunity, stage: Stage) -> Stage:
    if not notice.results or stage in (_EARLY | {Stage.AWARDED, Stage.CANCELLED, Stage.CLOSED}):
        return _undated(notice, stage)
    lots = {lot.id for lot in content.lots}
    rest = lots - decided.keys() if decided.keys() & lots else set()
    if not decided or (rest and any(_ahead(_of_lot(content, lot), notice.says.published or _LONG_AGO) for lot in rest)):
        return stage
    if Outcome.AWARDED in decided.values():
        return Stage.AWARDED
    return stage if rest else Stage.CANCELLED


def _undated(notice: Notice, stage: Stage) -> Stage:
    """Without lots to compare with, the result speaks for all; an award is not undone by a later empty result."""
    return stage if stage is Stage.AWARDED else notice.says.stage


def _of_lot(content: Opportunity, lot: str) -> list[Deadline]:
    return [d for d in content.closing if d.lot in (None, lot)]


def _ahead(deadlines: Iterable[Deadline], day: dt.date) -> bool:
    return any(deadline.ends.date() > day for deadline in deadlines)
