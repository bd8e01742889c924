"""Amounts of money out of Romanian prose, with what each is of. Pure.

Written as Romanians do (1.234.567,89), as Excel does (1,234,567.89), with blanks, with "milioane", "mil.", "mld." or
"mii"; broken by PDF kerning ("5 00.000"). Percentages and points are no money.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from pydantic import ValidationError

from pipeline._romanian_numbers import COIN, CURRENCIES, FIGURES, NUMBER, TIMES, number_in, value_of
from pipeline._romanian_words import LONGEST, fold, words
from pipeline.opportunity import Money


class Of(StrEnum):
    """What an amount is of."""

    BUDGET = "budget"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    """Minimum and maximum of one grant or project."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount, what it is of, and where in the text it stands."""

    money: Money
    of: Of
    start: int
    end: int


_AMOUNT = re.compile(
    rf"(?<![\w.,])(?P<number>{NUMBER})\s?(?:\([a-z -]{{2,80}}\)\s?)?(?:(?:de\s)?(?P<times>{TIMES})\b\.?)?\s?"
    rf"(?:de\s)?(?P<coin>{COIN})(?!\w)"
    rf"|(?<!\w)(?P<coin2>€|eur|euro|ron|usd|\$|gbp|£)\s?(?P<number2>{FIGURES})\s?(?:(?P<times2>{TIMES})\b\.?)?"
)
_LOWER_END = re.compile(
    rf"(?<![\w.,])(?P<number>{NUMBER})\s?(?:(?:de\s)?(?P<times>{TIMES})\b\.?)?\s?(?:de\s)?"
    r"(?:-\s?|(?:si|la|pana la|and|to)\s)(?:la\s|maximum\s|maxim\s)?$"
)


def read_amounts(text: str) -> tuple[Amount, ...]:
    """The amounts of an NFC text in the order they stand; both ends of a range are amounts."""
    folded = fold(text[:LONGEST])
    return tuple(_ranges(folded, list(_amounts(folded))))


def _amounts(text: str) -> Iterator[Amount]:
    free = 0
    for match in _AMOUNT.finditer(text):
        coin, times = match["coin"] or match["coin2"], match["times"] or match["times2"]
        figures = match["number"] or match["number2"]
        start = match.start() + len(figures) - len(number_in(figures))
        value = value_of(figures, times)
        lower = _LOWER_END.search(text, max(free, start - 40), start) if match["number"] else None
        low = _lower(lower, value, times) if lower else None
        if lower and low:
            yield from _amount(low, coin, lower.start(), start, Of.MINIMUM)
        yield from _amount(value, coin, start, match.end(), Of.MAXIMUM if low else _of(text, start, match.end(), free))
        free = match.end()


def _lower(match: re.Match[str], upper: Decimal | None, times: str | None) -> Decimal | None:
    """The lower end takes the unit of the upper one unless it would then be the larger: "500.000-3 milioane"."""
    for unit in (match["times"] or times, match["times"]):
        low = value_of(match["number"], unit)
        if low is not None and upper is not None and low <= upper:
            return low
    return None


def _amount(value: Decimal | None, coin: str, start: int, end: int, of: Of) -> Iterator[Amount]:
    if not value:
        return
    try:
        yield Amount(Money(amount=value, currency=CURRENCIES[coin]), of, start, end)
    except ValidationError:  # above what any fund has: no amount
        return


_BETWEEN = re.compile(r"\s?-\s?(?:maxim\w*\s)?|\s(?:si|la|pana la|and|to)\s(?:maxim\w*\s|la\s)?")


def _ranges(text: str, amounts: list[Amount]) -> Iterator[Amount]:
    """The ends of what one grant may be: "500.000 EUR - 3 milioane EUR", "între 5.000 euro și 10.000 euro"."""
    for at, amount in enumerate(amounts):
        before, after = amounts[at - 1] if at else None, amounts[at + 1] if at + 1 < len(amounts) else None
        if after and _makes_range(text, amount, after):
            yield replace(amount, of=Of.MINIMUM)
        elif before and _makes_range(text, before, amount):
            yield replace(amount, of=Of.MAXIMUM)
        else:
            yield amount


def _makes_range(text: str, low: Amount, high: Amount) -> bool:
    between = text[low.end : high.start]
    named = "-" in between or re.search(r"\b(?:intre|de la|between|from)\s$", text[max(0, low.start - 10) : low.start])
    same = low.money.currency == high.money.currency and low.money.amount < high.money.amount
    return bool(same and named and _BETWEEN.fullmatch(between))


_ONE = (
    r"(?:proiect|intreprinder|firm|beneficiar|solicitant|imm|startup|aplicant|cerere|project|grant|consorti|coordona)"
)
_EACH = re.compile(rf"[\s,)]{{0,2}}(?:/|(?:pe|per|pentru (?:un|o|fiecare)|de|din partea)\s?)\s?{_ONE}")
_PER = re.compile(
    rf"\b(?:pe|per|fiecare|unui|unei|un)\s{_ONE}\w*[^.\n]{{0,60}}$"
    r"|\b(?:granturi|grant|finantar\w* nerambursabil\w*|ajutor\w*)\b[^.\n]{0,60}$"
)
_MOST = words("""
    maxim*, max, pana la, cel mult, nu mai mult, plafon*, nu (?:poate|va) depasi, limita superioara, up to, no more than
""")
_LEAST = words(r"minim(?!is)*, min, nu (?:poate|pot) fi (?:sub|mai mic*), cel putin, incepand (?:de la|cu), at least")
"""Neither "ajutor de minimis" nor "peste 20 de milioane" of a budget is a minimum."""
_BUDGET = words("""
    aloc*, buget*, valoarea (?:totala )?a?\\s?(?:apelului|schemei|competitiei|sesiunii|programului), fonduri*
    suma (?:totala|disponibila), finantare totala, valoare totala, total amount, funding available, budget, envelope
    allocat*, apel* de
""")
_AT_MOST = re.compile(rf"\b(?:{_MOST})\b[^\d%]{{0,60}}$")
_OVER = re.compile(r"\bpeste\b[^\d%]{0,20}$")
_AT_LEAST = re.compile(rf"\b(?:{_LEAST})\b[^\d%]{{0,60}}$")
_OF_BUDGET = re.compile(rf"\b(?:{_BUDGET})\b[^\n]{{0,120}}$")


def _of(text: str, start: int, end: int, free: int) -> Of:
    before = text[max(free, start - 160) : start]
    if _AT_LEAST.search(before):
        return Of.MINIMUM
    budget = bool(_OF_BUDGET.search(before))
    if _EACH.match(text, end) or (_AT_MOST.search(before) and (_PER.search(before) or not budget)):
        return Of.MAXIMUM
    return Of.BUDGET if budget else Of.MINIMUM if _OVER.search(before) else Of.OTHER
