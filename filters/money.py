"""Amounts staff write (`50 000 EUR`, `2 mil RON`) and their worth in euro by a small dated table. Pure but for it."""

import re
from decimal import Decimal
from functools import cache
from pathlib import Path

from pipeline.opportunity import Model, Money
from pipeline.yaml_file import load

_AMOUNT = re.compile(r"(\d{1,3}(?:[ .,]\d{3})+|\d+(?:[.,]\d{1,2})?) ?(mil|mln|k)?\.? ?([A-Z]{3})")
_TIMES = {None: 1, "k": 1_000, "mil": 1_000_000, "mln": 1_000_000}


class Rates(Model):
    """Units of each currency for one euro on `date`."""

    date: str
    per_euro: dict[str, Decimal]


@cache
def rates() -> Rates:
    """The table in rates.yaml; raises ConfigError."""
    return load(Path(__file__).with_name("rates.yaml"), Rates)


def read_amount(text: str) -> Money:
    """`50000 EUR`, `50 000 EUR`, `1.5 mil RON`, `80k EUR`; raises ValueError that says what to write instead."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        raise ValueError("write an amount and a currency: `50 000 EUR`, `2 mil RON`")
    number, times, currency = found.groups()
    if currency not in rates().per_euro:
        raise ValueError(f"unknown currency `{currency}`; known: {', '.join(rates().per_euro)}")
    grouped = re.fullmatch(r"\d{1,3}(?:[ .,]\d{3})+", number)
    plain = re.sub("[ .,]", "", number) if grouped else number.replace(",", ".")
    return Money(amount=Decimal(plain) * _TIMES[times], currency=currency)


def in_euro(money: Money) -> Decimal | None:
    """What the amount is worth in euro, before rounding; None for a currency the table does not hold."""
    rate = rates().per_euro.get(money.currency)
    return money.amount / rate if rate else None
