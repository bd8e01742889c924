"""A topic's own budget out of the table of its whole call. Pure.

`budgetOverview` lists every action of the call: adding it up once made 4.6 billion of a topic of 17 million. Only rows
whose `action` names exactly this topic count (EU4H-2024-PJ-03-2 is not EU4H-2024-PJ-03-2-a).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from spiders._eu_portal_said import inside, objects

ALIKE = 3
"""Topics of one call with the same amount from which on it may be the call's: 190 of 963 topics in 2026."""
EURO_MIN = 10_000
"""Below it, a cascade call's budget is written in another scale ("1.2" for millions)."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a topic may cost and a project may get, in euro; None where not stated."""

    total: Decimal | None = None
    shared: bool | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    grants: int | None = None


def budget(overview: Mapping[str, Any] | None, identifier: str) -> Budget:
    """The topic's share of its call's table; raises ValueError for an amount that cannot be read."""
    rows = list(_rows(overview or {}))
    mine = [row for row in rows if _topic(row) == identifier.upper()]
    amounts = [amount for row in mine if (amount := _amount(row)) is not None]
    total = sum(dict.fromkeys(amounts), Decimal(0)) or None
    return Budget(
        total=total,
        shared=_shared(rows, amounts, total) if total else None,
        least=min(_stated(mine, "minContribution"), default=None),
        most=max(_stated(mine, "maxContribution"), default=None),
        grants=int(sum(_stated(mine, "expectedGrants"))) or None,
    )


def number(raw: object) -> Decimal:
    """An amount from a number or from text with blanks or commas between its digits; raises ValueError."""
    text = re.sub(r"(?<=\d)[\s\u00a0,](?=\d{3}\b)", "", str(raw).strip())
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{str(raw)[:40]!r} is no amount") from None
    if not amount.is_finite() or not 0 <= amount < 10**15:
        raise ValueError(f"{str(raw)[:40]!r} is out of range")
    return amount


def _rows(overview: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for topic in inside(overview, "budgetTopicActionMap").values():
        yield from objects({"rows": topic}, "rows")


def _topic(row: Mapping[str, Any]) -> str:
    return str(row.get("action") or "").split(" - ", 1)[0].strip().upper()


def _amount(row: Mapping[str, Any]) -> Decimal | None:
    years = inside(row, "budgetYearMap")
    return sum((number(value) for value in years.values() if value not in (None, "")), Decimal(0)) or None


def _stated(rows: Iterable[Mapping[str, Any]], field: str) -> list[Decimal]:
    """Zero and absence both mean that it is not stated."""
    found = [number(row[field]) for row in rows if row.get(field) not in (None, "")]
    return [value for value in found if value > 0]


def _shared(rows: list[Mapping[str, Any]], amounts: list[Decimal], total: Decimal) -> bool:
    """One amount on several rows of the topic, or on three and more topics of the call."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[_topic(row)] = sums.get(_topic(row), Decimal(0)) + (_amount(row) or 0)
    return len(set(amounts)) < len(amounts) or sum(value == total for value in sums.values()) >= ALIKE
