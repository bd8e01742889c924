"""Romanian words as they are really written: with comma, cedilla, no diacritics, or broken by an old font. Pure."""

import unicodedata
from functools import cache

_MONTHS: tuple[tuple[str, str], ...] = (
    ("ianuarie january", "ian jan"),
    ("februarie february", "feb febr"),
    ("martie march", "mar mart"),
    ("aprilie april", "apr"),
    ("mai may", ""),
    ("iunie june", "iun jun"),
    ("iulie july", "iul jul"),
    ("august", "aug"),
    ("septembrie september", "sep sept"),
    ("octombrie october", "oct"),
    ("noiembrie november", "nov noi noiem"),
    ("decembrie december", "dec"),
)
FULL = {name: month for month, (names, _) in enumerate(_MONTHS, 1) for name in names.split()}
SHORT = {name: month for month, (_, names) in enumerate(_MONTHS, 1) for name in names.split()}
ENGLISH = frozenset(names.split()[-1] for names, _ in _MONTHS)
_DAYS_OF_WEEK = frozenset(["luni", "marti", "miercuri", "joi", "vineri", "sambata", "duminica"])
_BROKEN = {
    "\u070a": "t", "\u0708": "s",  # "finan܊area ܈i": PDF text layers
    "Ń": "t", "ń": "t", "þ": "t", "Þ": "t", "º": "s", "ª": "s",  # fonts of the 1990s and Windows-1252
    "–": "-", "—": "-", "−": "-", "‑": "-", "‒": "-", "\xa0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ",
}  # fmt: skip


@cache
def _letter(char: str) -> str:
    if char in _BROKEN:
        return _BROKEN[char]
    base = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)).lower()
    return base if len(base) == 1 else char


def words(listed: str) -> str:
    """The alternatives of a regular expression for folded phrases parted by commas; a star is any ending, a semicolon
    the comma of a repetition."""
    phrases = (phrase.strip() for phrase in listed.replace("\n", ",").split(","))
    return "|".join(phrase.replace("*", r"\w*").replace(";", ",") for phrase in phrases if phrase)


LONGEST = 200_000
"""Characters of a text that are read; the longest real pages have 120,000."""


def fold(text: str) -> str:
    """Lower case without diacritics, dashes and blanks made plain; character by character, so that positions in the
    NFC text stay positions in the folded one."""
    if text.isascii():
        return text.lower()
    return "".join(char.lower() if char.isascii() else _letter(char) for char in text)


@cache
def month_of(word: str) -> int | None:
    """The month a folded word names, Romanian or English, full or short or with one slip of the hand; else None."""
    if word in FULL or word in SHORT:
        return FULL.get(word) or SHORT[word]
    if len(word) < 5 or word in _DAYS_OF_WEEK:
        return None
    near = {month for name, month in FULL.items() if len(name) > 4 and _one_slip(word, name)}
    return near.pop() if len(near) == 1 else None


def _one_slip(word: str, name: str) -> bool:
    """One letter left out, put in, exchanged, or two swapped ("octobrie", "septembire")."""
    if abs(len(word) - len(name)) > 1 or word[0] != name[0]:
        return False
    same = next((i for i, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), min(len(word), len(name)))
    rest, other = word[same:], name[same:]
    return rest[1:] == other[1:] or rest == other[1:] or rest[1:] == other or rest[:2][::-1] + rest[2:] == other
