"""Numbers as Romanian texts write them: figures with points, commas or blanks, units, and small number words. Pure."""

import re
from collections.abc import Iterable
from decimal import Decimal

_CURRENCIES = {
    "EUR": "euro euros eur eoro €", "RON": "lei leu ron", "USD": "usd dolari $", "GBP": "gbp lire £",
    "CHF": "chf", "NOK": "nok", "HUF": "huf", "MDL": "mdl",
}  # fmt: skip
CURRENCIES = {name: code for code, names in _CURRENCIES.items() for name in names.split()}
"""ISO 4217 codes by the folded words and signs for them."""
_UNITS = {
    10**3: "mii mie k thousand",
    10**6: "milion milioane milioanelor million millions mill mil mln mn m",
    10**9: "miliard miliarde billion mld mrd md bn",
}
_FACTORS = {name: factor for factor, names in _UNITS.items() for name in names.split()}
_WORDS = {
    "un": 1, "o": 1, "one": 1, "doi": 2, "doua": 2, "two": 2, "trei": 3, "patru": 4, "cinci": 5, "sase": 6, "sapte": 7,
    "opt": 8, "noua": 9, "zece": 10, "douazeci": 20, "treizeci": 30, "patruzeci": 40, "cincizeci": 50,
    "jumatate de": 0.5,
}  # fmt: skip


def _longest_first(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


TIMES = _longest_first(_FACTORS)
COIN = _longest_first(CURRENCIES)
FIGURES = r"\d{1,15}(?:(?:\s?[.,]\s?|[\s'])\d{1,3}(?!\d)|[.,]\d{1,4}(?!\d)){0,8}"
NUMBER = rf"(?:{FIGURES}|\b(?:{_longest_first(_WORDS)})(?=\s(?:{TIMES})\b))"
"""Regular expressions for a unit, a currency, figures, and figures or a number word before a unit."""
_SPACE = re.compile(r"\s+|'")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*(?:[.,]\d{1,2})?")
_BLANKS = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d{1,2})?")


def number_in(figures: str) -> str:
    """Figures without what only stood before them: the year in "2024 100.000", the point in "2 50.000"; those that a
    PDF tore apart ("5 00.000", "12, 6") stay whole."""
    parts = figures.split(" ")
    last = parts[-1]
    for at in range(len(parts) - 1):
        tail = " ".join(parts[at:])
        if _BLANKS.fullmatch(tail) or (_GROUPED.fullmatch(_SPACE.sub("", tail)) and not _GROUPED.fullmatch(last)):
            return tail
    return figures if figures in _WORDS or re.search(r"[.,]\s", figures) else last


def value_of(figures: str, unit: str | None) -> Decimal | None:
    """The value of figures or a number word, times its unit; None for what is no number."""
    factor = _FACTORS[unit] if unit else 1
    if figures in _WORDS:
        return Decimal(str(_WORDS[figures])) * factor
    digits = _SPACE.sub("", number_in(figures))
    head, mark, tail = _parted(digits)
    whole = re.sub(r"[.,]", "", head)
    if not whole.isdigit():
        return None
    return Decimal(f"{whole}{tail}" if _thousands(head, mark, tail, factor) else f"{whole}.{tail or 0}") * factor


def _parted(digits: str) -> tuple[str, str, str]:
    at = max(digits.rfind("."), digits.rfind(","))
    return (digits, "", "") if at < 0 else (digits[:at], digits[at], digits[at + 1 :])


def _thousands(head: str, mark: str, tail: str, factor: int) -> bool:
    """Whether the last mark parts thousands: three digits follow and no other mark came before; "2,125 miliarde" is a
    fraction, "1.250 milioane" is not."""
    if len(tail) != 3:
        return False
    if re.search(r"[.,]", head):
        return mark in head
    return factor == 1 or (mark == "." and factor < 10**9)
