"""Words of a text, folded: diacritics, punctuation and typography gone, capitals kept. Pure and fast.

Folding keeps the length of the text (one character in, one out), so a place in the folded text is the same place in
the original and a member can be shown the words as they were found. Only combining marks and invisible characters
vanish. Latin letters lose their marks; Greek and Cyrillic ones become one Latin letter each, alike in terms and texts.
"""

import codecs
import re
import unicodedata
from functools import lru_cache
from typing import Any

_MARKED = (
    "ăâîșțşţĂÂÎȘȚŞŢ"
    + "áàäãåéèêëíìïóòôöõøúùûüýÿçñßæœ"
    + "ÁÀÄÃÅÉÈÊËÍÌÏÓÒÔÖÕØÚÙÛÜÝÇÑÆŒ"
    + "ąćęłńśźżĄĆĘŁŃŚŹŻ"
    + "őűŐŰčďěňřšťůžČĎĚŇŘŠŤŮŽ"
)
_SIGNS = "„”“’‘–—«»…•·€°№\xa0"
_MAP: Any = codecs.charmap_build("".join(map(chr, range(128))) + (_MARKED + _SIGNS).ljust(128, "\ufffe"))
_OTHER = re.compile("[^\x00-\x7f" + re.escape(_MARKED + _SIGNS) + "]+")
_GREEK = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", "avgdeziuiklmnxoprsstyfhpo", strict=True))
_CYRILLIC = dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ", "abvgdejziiklmnoprstufhccssaiieuaiieg", strict=True))
_LETTERS = {**_GREEK, **_CYRILLIC, "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ß": "s", "æ": "a", "œ": "o", "ı": "i"}

_SMALL = (
    "a al ale ai cu la in si pe pt pentru din prin spre cel cea cei cele un o unei unui unor of the and for to on by "
    "an with de des du d l le les et der die das und fur di del della dei delle ed il lo el los las y para do da i w "
    "na az es"
)
SMALL = frozenset(_SMALL.split())
"""Small words, skipped in texts and terms alike: `management documente` also finds "managementul de documente"."""


def _letter(char: str) -> str:
    base = unicodedata.normalize("NFKD", char)
    if base[:1].isascii() and base[:1].isalnum():
        return base if base.isalnum() and base.isascii() else base[0]
    plain = _LETTERS.get(unicodedata.normalize("NFD", char)[:1].lower(), " ")
    return plain.upper() if char.isupper() else plain


@lru_cache(maxsize=10_000)
def _plain(char: str) -> str:
    return "" if unicodedata.category(char) in ("Mn", "Me", "Cf") else _letter(char)


def _run(found: re.Match[str]) -> str:
    return "".join(map(_plain, found[0]))


def _byte(number: int) -> int:
    char = chr(number) if number < 128 else (_MARKED + _SIGNS).ljust(128)[number - 128]
    return ord(char if char.isascii() and char.isalnum() else _letter(char)[0])


_TABLE = bytes(map(_byte, range(256)))


def fold(text: str) -> str:
    """ASCII letters, digits and blanks; as long as `composed(text)` unless marks remained in that."""
    try:
        known: bytes = codecs.charmap_encode(text, "strict", _MAP)[0]  # all letters it knows are composed
    except UnicodeEncodeError:  # an error handler would do, but takes a minute for a megabyte of Cyrillic
        known = codecs.charmap_encode(_OTHER.sub(_run, composed(text)), "strict", _MAP)[0]
    return known.translate(_TABLE).decode("ascii")


def composed(text: str) -> str:
    """The text with marks joined to their letters (NFC), which is what `fold` counts characters of."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def words(text: str) -> list[str]:
    """The folded words in order, capitals kept."""
    return fold(text).split()
