"""One entry of a word list, read: words, phrases, `digital*`, `AI`, `oraș* ~5 senzor*`. Pure."""

import re
from dataclasses import dataclass
from itertools import product

from filters.words import SMALL, fold

_NEAR = re.compile(r"\s~\s*(\d+)\s")
_SPOKEN = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"
LANGUAGES = tuple(_SPOKEN.split())
"""Languages a word may be bound to: `ro:care` counts in Romanian texts only."""
_BOUND = re.compile(rf"({'|'.join(LANGUAGES)}): ?(?=\S)")
_STRANGE = re.compile(r"[,;|\"<>{}\[\]()^$]")

_BROAD = (
    "activitate acord aplicatie achizitie contract date digital echipament furnizare implementare informatic integrare "
    "investitie lucrare management platforma portal program proiect public realizare retea serviciu servicii sistem "
    "solutie sprijin suport tehnic tehnologie action application contract data development equipment europe framework "
    "infrastructure innovation integration management network platform project public research service services "
    "solution supply support system technology tool training work"
)
BROAD = frozenset(_BROAD.split())
"""Words half of all opportunities hold: as an entry of `any` each earns a warning."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of an entry: `how` it is compared and the folded letters."""

    how: str  # "form" inflected, "same" this form only, "exact" capitals as written, "start" x*, "end" *x, "inside" *x*
    letters: str


Sequence = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """An entry: any of `variants` in a row; where `near` is set, one of `others` within that many words of it."""

    label: str
    variants: tuple[Sequence, ...]
    near: int = 0
    others: tuple[Sequence, ...] = ()
    language: str = ""
    """The only language in which it counts; empty for any."""


def read_term(label: str) -> Term:
    """The entry as staff wrote it; raises ValueError that says what to write instead."""
    bound = _BOUND.match(label)
    language, said = (bound[1], label[bound.end() :]) if bound else ("", label)
    parts = _NEAR.split(said)
    if len(parts) == 1:
        return Term(label, _variants(said), language=language)
    if len(parts) > 3 or not 1 <= int(parts[1]) <= 50:
        raise ValueError("one `~` between two expressions, with 1 to 50 words: `oraș* ~5 senzor*`")
    return Term(label, _variants(parts[0]), int(parts[1]), _variants(parts[2]), language)


def bare(label: str) -> str:
    """The entry without the language it is bound to."""
    return _BOUND.sub("", label, count=1) if _BOUND.match(label) else label


def alternatives(label: str) -> tuple[Term, ...]:
    """The entry of an `all` list: `spital* | clinic*` is met by either; raises ValueError."""
    return tuple(read_term(part.strip()) for part in label.split("|"))


def is_broad(label: str) -> bool:
    """Whether half of all opportunities would hold this entry."""
    return fold(bare(label)).lower().strip() in BROAD


def _variants(label: str) -> tuple[Sequence, ...]:
    if found := _STRANGE.search(label):
        raise ValueError(f"`{found[0]}` has no meaning in a word; write each word or phrase as its own list entry")
    choices = [choice for piece in label.split() if (choice := _piece(piece))]
    variants = tuple(sum(pick, ()) for pick in product(*choices)) if choices else ()
    if not variants or not all(any(_carries(word) for word in variant) for variant in variants):
        raise ValueError("holds no word to look for; write at least one word of two letters")
    return variants


def _piece(piece: str) -> list[Sequence]:
    """The readings of one blank-free piece: `e-health` is also "ehealth"; none for a small word."""
    if piece.startswith("="):
        return [tuple(Word("same", token.lower()) for token in fold(piece).split())]
    tokens = fold(piece).split() if "*" not in piece else _starred(piece)
    words = tuple(_word(token) for token in tokens if len(tokens) > 1 or token.isupper() or token not in SMALL)
    readings = [words] if words else []
    if "-" in piece.strip("-") and "*" not in piece and not any(w.how == "exact" for w in words):
        readings.append((_word("".join(tokens)),))
    return [tuple(w for w in reading if w.how != "form" or w.letters not in SMALL) for reading in readings]


def _starred(piece: str) -> list[str]:
    raw = re.split(r"(\*)", piece)
    tokens = [fold(part).replace(" ", "") for part in raw]
    joined = "".join("*" if was == "*" else part for part, was in zip(tokens, raw, strict=True))
    if len(joined.strip("*")) < 3 or "*" in joined.strip("*"):
        raise ValueError("`*` stands at the start or end of at least three letters: `digital*`, `*software`")
    return [joined]


def _word(token: str) -> Word:
    stem = token.strip("*").lower()
    if token.startswith("*"):
        return Word("inside" if token.endswith("*") else "end", stem)
    if token.endswith("*"):
        return Word("start", stem)
    return Word("exact", token) if len(token) > 1 and token.isupper() else Word("form", stem)


def _carries(word: Word) -> bool:
    return len(word.letters) > 1
