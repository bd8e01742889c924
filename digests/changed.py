"""What changed, in words: field, old, new. Pure."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from digests.phrases import moment, money
from digests.words import Words
from pipeline.changes import Changes
from pipeline.opportunity import Deadline, Money, Opportunity, Stage, unique
from pipeline.text import clean

_SHOWN = 2
_MONEY, _DEADLINES = TypeAdapter(Money), TypeAdapter(tuple[Deadline, ...])


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed, in words."""

    label: str
    old: str
    new: str


def in_words(words: Words, changes: Changes, now_is: Opportunity, limit: int) -> tuple[Change, ...]:
    """The changes of `pipeline.changes.compare` in the order a reader asks for them, texts cut at `limit`."""
    shown = [field for field in words.fields if field in changes]
    return tuple(_change(words, field, changes[field], _label(words, field, changes, now_is), limit) for field in shown)


def deadlines_of(changes: Changes) -> tuple[tuple[Deadline, ...], tuple[Deadline, ...]]:
    """The deadlines that went and those that came."""
    gone, came = changes.get("deadlines", ((), ()))
    return _DEADLINES.validate_python(gone), _DEADLINES.validate_python(came)


def _change(words: Words, field: str, pair: tuple[Any, Any], label: str, limit: int) -> Change:
    old, new = (clean(_SAY[field](words, side), limit) if side else "" for side in pair)
    missing = words.withdrawn if field == "deadlines" else words.unpublished
    return Change(label, old or words.unpublished, new or missing)


def _label(words: Words, field: str, changes: Changes, now_is: Opportunity) -> str:
    if field != "deadlines":
        return words.fields[field]
    moved = {deadline["lot"] for side in changes[field] for deadline in side}
    all_of_them = None in moved or moved >= {deadline.lot for deadline in now_is.closing}
    return words.fields[field] if all_of_them else f"{words.fields[field]} ({words.some_lots})"


def _stage(words: Words, stage: str) -> str:
    return words.stages[Stage(stage)]


def _money(words: Words, amount: Mapping[str, Any]) -> str:
    return money(words, _MONEY.validate_python(amount))


def _opens(words: Words, opens: str) -> str:
    return moment(words, dt.datetime.fromisoformat(opens) if "T" in opens else dt.date.fromisoformat(opens))


def _deadlines(words: Words, deadlines: Sequence[Any]) -> str:
    days = unique(moment(words, one.date or one.ends) for one in _DEADLINES.validate_python(deadlines))
    return "; ".join(days[:_SHOWN]) + (f" +{len(days) - _SHOWN}" if len(days) > _SHOWN else "")


_SAY: Mapping[str, Callable[[Words, Any], str]] = {
    "stage": _stage,
    "title": lambda _, title: str(title),
    "deadlines": _deadlines,
    "value": _money,
    "maximum": _money,
    "opens": _opens,
    "buyer": lambda _, buyer: str(buyer["name"]),
}
