"""What changed between two readings of one opportunity. Pure.

`compare` answers "is it worth telling a member?", `differences` and `undo` keep the store's field-level history.
Not worth telling: a value the source merely stopped publishing, white space, case or cedillas, the order of lists,
a deadline that moved by less than a minute or that only passed, deadlines for questions, a title in another
language, and, once the opportunity has ended, anything but its end.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.opportunity import BRUSSELS, Deadline, Money, Opportunity, Organisation, Stage
from pipeline.text import comma_below

Changes = dict[str, tuple[Any, Any]]
"""Field name -> (old, new), both as the JSON values of `Opportunity.as_json`."""

JITTER = dt.timedelta(minutes=1)
ENDED = frozenset({Stage.CLOSED, Stage.AWARDED, Stage.CANCELLED})
AHEAD = frozenset({Stage.PLANNED, Stage.CONSULTATION})
_DECIDED = frozenset({Stage.AWARDED, Stage.CANCELLED})


def compare(old: Opportunity, new: Opportunity) -> Changes:
    """What a member who was told of `old` wants to know about `new`; empty when nothing is worth telling.

    Fields: stage, title, deadlines (only those that went and those that came), value, maximum, opens, buyer.
    """
    fields = set(_telling(old, new))
    if not fields:
        return {}
    found = {field: pair for field, pair in differences(old, new).items() if field in fields}
    if "deadlines" in found:
        gone, came = _moved(old.closing, new.closing)
        found["deadlines"] = (_plain(gone), _plain(came))
    return found


def differences(old: Opportunity, new: Opportunity) -> Changes:
    """Every field whose exported value differs, worth telling or not."""
    before, after = old.as_json(), new.as_json()
    return {field: (before[field], after[field]) for field in after if before[field] != after[field]}


def undo(body: Mapping[str, Any], changes: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """The older exported body, given the newer one and `differences(older, newer)` (also after a trip through JSON)."""
    return {**body, **{field: pair[0] for field, pair in changes.items()}}


def _telling(old: Opportunity, new: Opportunity) -> Iterator[str]:
    if old.stage != new.stage and not (old.stage in _DECIDED and new.stage is Stage.CLOSED):
        yield "stage"
    if new.stage in ENDED:
        return
    if old.language == new.language and _fold(old.title) != _fold(new.title):
        yield "title"
    if any(_moved(old.closing, new.closing)):
        yield "deadlines"
    yield from (field for field in ("value", "maximum") if _worth(getattr(old, field), getattr(new, field)))
    if new.stage in AHEAD and _shifted(old.opens, new.opens):
        yield "opens"
    if _another(old.buyer, new.buyer):
        yield "buyer"


def _moved(old: Sequence[Deadline], new: Sequence[Deadline]) -> tuple[list[Deadline], list[Deadline]]:
    """The deadlines that went and those that came, matched by instant, and by lot where both name the same lots."""
    if not new or old == new:
        return [], []
    by_lot = {deadline.lot for deadline in old} == {deadline.lot for deadline in new}
    gone = [one for one in _unknown(old, new, by_lot) if not any(_alike(one, two, by_lot) for two in new)]
    came = [two for two in _unknown(new, old, by_lot) if not any(_alike(one, two, by_lot) for one in old)]
    if not came:  # a cut-off that passed leaves the list without a word; the last one going earlier is news
        gone = [deadline for deadline in gone if deadline.ends > new[-1].ends]
    return gone, came


def _unknown(these: Sequence[Deadline], those: Sequence[Deadline], by_lot: bool) -> list[Deadline]:
    """The quick sieve: what is not word for word among the others (hundreds of lots are common)."""
    known = {(deadline.lot if by_lot else None, deadline.ends) for deadline in those}
    return [deadline for deadline in these if (deadline.lot if by_lot else None, deadline.ends) not in known]


def _alike(old: Deadline, new: Deadline, by_lot: bool) -> bool:
    """Within a minute, or the same day whose hour is no longer published; an hour that became known is news."""
    if by_lot and old.lot != new.lot:
        return False
    lost_its_hour = old.at is not None and old.at.date() == new.date
    return lost_its_hour or abs(old.ends - new.ends) < JITTER


def _plain(deadlines: Sequence[Deadline]) -> list[dict[str, Any]]:
    return [deadline.model_dump(mode="json") for deadline in deadlines]


def _worth(old: Money | None, new: Money | None) -> bool:
    if new is None or old is None:
        return new is not old and new is not None
    return old.currency != new.currency or abs(old.amount - new.amount) >= 1


def _shifted(old: dt.date | None, new: dt.date | None) -> bool:
    if new is None or old is None:
        return new is not old and new is not None
    if isinstance(old, dt.datetime) and isinstance(new, dt.datetime):
        return abs(old - new) >= JITTER
    return _day(old) != _day(new)


def _day(moment: dt.date) -> dt.date:
    return moment.astimezone(BRUSSELS).date() if isinstance(moment, dt.datetime) else moment


def _another(old: Organisation | None, new: Organisation | None) -> bool:
    if old is None or new is None:
        return False
    if old.id and new.id:
        return old.id != new.id and _fold(old.name) != _fold(new.name)
    return _fold(old.name) != _fold(new.name)


def _fold(text: str) -> str:
    return " ".join(comma_below(text).casefold().split())
