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

from pipeline._romanian_words import LONGEST, fold
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


_CURRENCY = {"eur": "EUR", "euro": "EUR", "eoro": "EUR", "euros": "EUR", "€": "EUR", "lei": "RON", "leu": "RON", "ron": "RON", "usd": "USD",
             "$": "USD", "dolari": "USD", "gbp": "GBP", "£": "GBP", "lire": "GBP", "chf": "CHF", "nok": "NOK", "huf": "HUF", "mdl": "MDL"}  # fmt: skip
_TIMES = {"mii": 10**3, "mie": 10**3, "k": 10**3, "thousand": 10**3, "mil": 10**6, "mill": 10**6, "mln": 10**6, "mn": 10**6, "m": 10**6,
          "milion": 10**6, "milioane": 10**6, "milioanelor": 10**6, "million": 10**6, "millions": 10**6,
          "mld": 10**9, "md": 10**9, "mrd": 10**9, "bn": 10**9, "miliard": 10**9, "miliarde": 10**9, "billion": 10**9}  # fmt: skip
_WORDS = {"un": 1, "o": 1, "one": 1, "doi": 2, "doua": 2, "two": 2, "trei": 3, "patru": 4, "cinci": 5, "sase": 6, "sapte": 7, "opt": 8, "noua": 9,
          "zece": 10, "douazeci": 20, "treizeci": 30, "patruzeci": 40, "cincizeci": 50, "o suta": 100, "jumatate de": Decimal("0.5")}  # fmt: skip
_UNIT = "|".join(sorted(_TIMES, key=len, reverse=True))
_COIN = "|".join(re.escape(coin) for coin in sorted(_CURRENCY, key=len, reverse=True))
_FIGURES = r"\d{1,15}(?:(?:\s?[.,]\s?|[\s'])\d{1,3}(?!\d)|[.,]\d{1,4}(?!\d)){0,8}"
_NUMBER = rf"(?:{_FIGURES}|\b(?:{'|'.join(_WORDS)})(?=\s(?:{_UNIT})\b))"
_AFTER = rf"(?P<number>{_NUMBER})\s?(?:\([a-z -]{{2,80}}\)\s?)?(?:(?:de\s)?(?P<times>{_UNIT})\b\.?)?\s?(?:de\s)?(?P<coin>{_COIN})(?!\w)"
_BEFORE = rf"(?<![\w])(?P<coin2>€|eur|euro|ron|usd|\$|gbp|£)\s?(?P<number2>{_FIGURES})\s?(?:(?P<times2>{_UNIT})\b\.?)?"
_AMOUNT = re.compile(rf"(?<![\w.,])(?:{_AFTER})|{_BEFORE}")
_RANGE_START = re.compile(
    rf"(?<![\w.,])(?P<number>{_NUMBER})\s?(?:(?:de\s)?(?P<times>{_UNIT})\b\.?)?\s?(?:de\s)?(?:-|si|la|pana la|and|to)\s(?:la\s|maximum\s|maxim\s)?$"
    rf"|(?<![\w.,])(?P<number2>{_NUMBER})\s?(?:(?P<times2>{_UNIT})\b\.?)?-$"
)
_ODD_FIGURES = re.compile(r"\s+|'")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*(?:[.,]\d{1,2})?")
_BLANKS = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d{1,2})?")


def read_amounts(text: str) -> tuple[Amount, ...]:
    """The amounts of an NFC text in the order they stand; both ends of a range are amounts."""
    text = text[:LONGEST]
    folded = fold(text)
    return tuple(_ranges(folded, list(_amounts(folded))))


_BETWEEN = re.compile(r"\s?-\s?(?:maxim\w*\s)?|\s(?:si|la|pana la|and|to)\s(?:maxim\w*\s|la\s)?")


def _ranges(text: str, amounts: list[Amount]) -> Iterator[Amount]:
    """"500.000 EUR - 3 milioane EUR", "între 5.000 euro și 10.000 euro": the ends of what one grant may be."""
    for at, amount in enumerate(amounts):
        before, after = amounts[at - 1] if at else None, amounts[at + 1] if at + 1 < len(amounts) else None
        if after and _makes_range(text, amount, after):
            amount = replace(amount, of=Of.MINIMUM)
        elif before and _makes_range(text, before, amount):
            amount = replace(amount, of=Of.MAXIMUM)
        yield amount


def _makes_range(text: str, low: Amount, high: Amount) -> bool:
    between = text[low.end : high.start]
    named = "-" in between or re.search(r"\b(?:intre|de la|between|from)\s$", text[max(0, low.start - 10) : low.start])
    same = low.money.currency == high.money.currency and low.money.amount < high.money.amount
    return bool(same and named and _BETWEEN.fullmatch(between))


def _amounts(text: str) -> Iterator[Amount]:
    free = 0
    for match in _AMOUNT.finditer(text):
        coin = match["coin"] or match["coin2"]
        figures, times = match["number"] or match["number2"], match["times"] or match["times2"]
        lead = len(figures) - len(_number_part(figures))
        start = match.start() + lead
        lower = _RANGE_START.search(text, max(free, start - 40), start) if match["number"] else None
        value = _value(_number_part(figures), times)
        if lower and (low := _lower(lower, value, times)) is not None:
            yield from _amount(text, low, coin, (lower.start(), start, free), Of.MINIMUM)
            yield from _amount(text, value, coin, (start, match.end(), start), Of.MAXIMUM)
        else:
            yield from _amount(text, value, coin, (start, match.end(), free), None)
        free = match.end()


def _lower(match: re.Match[str], upper: Decimal | None, times: str | None) -> Decimal | None:
    """The lower end takes the unit of the upper one unless it would then be the larger: "500.000-3 milioane"."""
    figures, own = match["number"] or match["number2"], match["times"] or match["times2"]
    plain, scaled = _value(_number_part(figures), own), _value(_number_part(figures), own or times)
    fits = [low for low in (scaled, plain) if low is not None and upper is not None and low <= upper]
    return fits[0] if fits else None


def _number_part(figures: str) -> str:
    """Without what only stood before it: the year in "2024 100.000", the point in "2 50.000"."""
    parts = figures.split(" ")
    for at in range(len(parts)):
        tail = " ".join(parts[at:])
        if _BLANKS.fullmatch(tail) or (_GROUPED.fullmatch(_ODD_FIGURES.sub("", tail)) and (at == len(parts) - 1 or not _stands(parts[-1]))):
            return tail
    joined = _ODD_FIGURES.sub("", figures)
    return figures if re.search(r"[.,]\s", figures) or _GROUPED.fullmatch(joined) else parts[-1]


def _stands(part: str) -> bool:
    """Whether the last piece is an amount by itself."""
    return bool(_GROUPED.fullmatch(part))


def _value(figures: str, times: str | None) -> Decimal | None:
    if figures in _WORDS:
        return Decimal(_WORDS[figures]) * _TIMES[times or "milion"]
    return _decimal(_ODD_FIGURES.sub("", figures), times)


def _decimal(digits: str, times: str | None) -> Decimal | None:
    """The last mark is the decimal one unless it parts three digits; before "milioane" a comma always is."""
    factor = _TIMES[times] if times else 1
    head, mark, tail = re.fullmatch(r"(.*?)(?:([.,])(\d*))?", digits).groups("") if "," not in digits and "." not in digits else _last_mark(digits)  # type: ignore[union-attr]
    whole = re.sub(r"[.,]", "", head)
    alone = not re.search(r"[.,]", head)
    thousands = len(tail) == 3 and not (mark not in head and re.search(r"[.,]", head))
    if thousands and alone and times and (mark == "," or factor >= 10**9):
        thousands = False  # "2,125 miliarde"
    number = f"{whole}{tail}" if thousands or not tail else f"{whole}.{tail}"
    return Decimal(number) * factor if whole.isdigit() else None


def _last_mark(digits: str) -> tuple[str, str, str]:
    at = max(digits.rfind("."), digits.rfind(","))
    return digits[:at], digits[at], digits[at + 1 :]


_EACH = re.compile(
    r"^[\s,)]{0,2}(?:/|(?:pe|per|pentru (?:un|o|fiecare)|de|din partea)\s?)\s?(?:proiect|intreprinder|firm|beneficiar|solicitant|imm|startup|aplicant|cerere|project|grant|consortiu)"
)
_MOST = re.compile(r"\b(?:maxim\w*|max\.?|pana la|cel mult|nu mai mult|plafon\w*|nu (?:poate|va) depasi|limita superioara|up to|no more than)\b[^\d%]{0,60}$")
_LEAST = re.compile(r"\b(?:minim\w*|min\.?|nu (?:poate|pot) fi (?:sub|mai mic\w*)|cel putin|peste|incepand (?:de la|cu)|at least)\b[^\d%]{0,60}$")
_BUDGET = re.compile(
    r"\b(?:aloc\w*|buget\w*|valoarea (?:totala )?a?\s?(?:apelului|schemei|competitiei|sesiunii|programului)|suma (?:totala|disponibila)|"
    r"fonduri\w*|total amount|funding available|finantare totala|valoare totala|budget|envelope|allocat\w*|apel\w* de)\b[^\n]{0,120}$"
)
_PER = re.compile(r"\b(?:pe|per|fiecare|unui|unei|un)\s(?:proiect|beneficiar|solicitant|intreprinder|coordonator|grant|firm)\w*[^.\n]{0,60}$|\b(?:granturi|grant|finantar\w* nerambursabil\w*|ajutor\w*)\b[^.\n]{0,60}$")


def _amount(text: str, value: Decimal | None, coin: str, where: tuple[int, int, int], of: Of | None) -> Iterator[Amount]:
    start, end, free = where
    if not value:
        return
    try:
        yield Amount(Money(amount=value, currency=_CURRENCY[coin]), of or _of(text, start, free), start, end)
    except ValidationError:  # above what any fund has: no amount
        return


def _of(text: str, start: int, free: int) -> Of:
    before = text[max(free, start - 160) : start]
    amount = _AMOUNT.match(text, start)
    after = text[amount.end() : amount.end() + 40] if amount else ""
    if _LEAST.search(before):
        return Of.MINIMUM
    if _EACH.match(after) or (_MOST.search(before) and (_PER.search(before) or not _BUDGET.search(before))):
        return Of.MAXIMUM
    return Of.BUDGET if _BUDGET.search(before) else Of.OTHER
