"""The life line of an opportunity: all notices of one procedure and buyer, folded into what is true now. Pure.

Notices may arrive twice or in any order: the fold only looks at their order of publication, so the same set of
notices always gives the same opportunity. A wrong merge is worse than a missed one.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.notice import Form, Notice, Outcome
from pipeline.opportunity import Deadline, Link, Opportunity, Stage, unique

_HALTS = frozenset({Stage.SUSPENDED, Stage.CANCELLED, Stage.CLOSED})
_EARLY = frozenset({Stage.PLANNED, Stage.CONSULTATION})
_LONG_AGO = dt.date.min
_SENT_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)
_KEPT = (
    "summary", "url", "buyer", "co_buyers", "funder", "programme", "call", "parent", "action", "cpv", "nuts",
    "countries", "value", "maximum", "lots", "opens", "deadlines", "eu_funded", "procedure", "keywords", "errata",
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
    newest = next((notice.says for notice in reversed(ordered) if notice.form is not Form.MOVES), ordered[-1].says)
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
    return sorted(by_ref.values(), key=lambda n: (_day(n), n.sent or _SENT_LONG_AGO, len(n.says.ref), n.says.ref))


def _day(notice: Notice) -> dt.date:
    """The day it was published, or, of a living page, on which its dates were last seen to move."""
    moved = notice.sent.date() if notice.living and notice.sent else _LONG_AGO
    return max(notice.says.published or _LONG_AGO, moved)


def _all_names(ordered: Sequence[Notice]) -> set[str]:
    return {name for notice in ordered for name in notice.names}


def _content(speaking: Sequence[Notice]) -> Opportunity:
    """The newest notice's words, with what only older ones said where it is silent, and later deadlines that posts
    tell of."""
    newest = _described(speaking)
    content = newest.says
    for notice in reversed([notice for notice in speaking if notice is not newest]):
        said = {name: getattr(notice.says, name) for name in _KEPT if not _said(getattr(content, name))}
        content = content.model_copy(update=said)
    for post in _moving(speaking):
        content = content.model_copy(update={"deadlines": _replaced(content.deadlines, post.says.deadlines)})
    posts = [n.says.url for n in speaking if n.form is Form.MOVES and n.says.url not in (None, content.url)]
    links = unique((*content.links, *(Link(url=url, role="notice") for url in reversed(posts) if url)))
    return content.model_copy(update={"links": links}) if posts else content


def _described(speaking: Sequence[Notice]) -> Notice:
    """The newest notice that describes the thing itself; the newest post where there is none."""
    return next((notice for notice in reversed(speaking) if notice.form is not Form.MOVES), speaking[-1])


def _moving(speaking: Sequence[Notice]) -> list[Notice]:
    """The posts that move the deadline: newer than the description, and later than all deadlines stated before. An
    older announcement with the first deadline moves nothing, in whatever order the posts are read."""
    newest = _described(speaking)
    if newest.form is Form.MOVES:
        return []
    found, end = [], newest.says.last_deadline
    for post in speaking[[id(notice) for notice in speaking].index(id(newest)) + 1 :]:
        last = post.says.last_deadline
        if last and (end is None or last.ends > end.ends):
            found.append(post)
            end = last
    return found


def _replaced(old: Sequence[Deadline], new: Sequence[Deadline]) -> tuple[Deadline, ...]:
    """The deadlines with those of the same role exchanged."""
    roles = {deadline.role for deadline in new}
    return tuple(sorted([*(d for d in old if d.role not in roles), *new], key=lambda deadline: deadline.ends))


def moved(old: Notice, new: Notice, now: dt.datetime) -> bool:
    """Whether a living page read again says anything of its own about when: other dates, a halt, an end before its
    day, or that a halt is over. A stage that only follows from its dates is nothing new."""
    if old.says.opens != new.says.opens or _shifted(old.says.deadlines, new.says.deadlines):
        return True
    was, is_, last = old.says.stage, new.says.stage, new.says.last_deadline
    early = is_ is Stage.CLOSED and last is not None and last.ends > now
    return was is not is_ and (early or bool({was, is_} & {Stage.SUSPENDED, Stage.CANCELLED}))


def _shifted(old: Sequence[Deadline], new: Sequence[Deadline]) -> bool:
    """Whether any deadline went or came; a day's difference may come of counting "12 days left" at another hour."""
    pairs = zip(old, new, strict=False)
    return len(old) != len(new) or any(abs(a.ends - b.ends) > dt.timedelta(days=1) for a, b in pairs)


def reread(old: Notice, new: Notice) -> Notice:
    """A living page read again: what it no longer says stays known."""
    return new.model_copy(update={"says": _content([old, new])}) if new.living else new


def _said(value: object) -> bool:
    return value is not None and value != ()


def _stage(ordered: Sequence[Notice], content: Opportunity) -> Stage:
    """The stage after the last notice; what a result says holds for the lots it names."""
    stage = ordered[0].says.stage
    decided: dict[str, Outcome] = {}
    moving = _moving(ordered)
    halted = False
    for notice in ordered:
        if notice.form is Form.MOVES:
            if halted or notice in moving or notice.says.stage in _HALTS:
                stage = notice.says.stage
            halted = stage in _HALTS
        elif notice.form is Form.ENDS:
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
