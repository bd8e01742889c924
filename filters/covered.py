"""Whether one entry finds everything another one finds, so that the other adds nothing. Pure."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from filters import forms as inflection
from filters.terms import Term, Word, read_term

forms = lru_cache(100_000)(inflection.forms)
Covered = tuple[int, str]
"""The place of the idle entry in its list, and the entry that covers it."""


def covered(entries: Sequence[str], others: Sequence[str] = ()) -> Iterator[Covered]:
    """Each entry that one of the list, or of the `others`, covers; of two that say the same, the later."""
    read = [read_term(entry) for entry in entries]
    wide = [read_term(entry) for entry in others]
    for place, narrow in enumerate(read):
        over = [n for n, term in enumerate(read) if n != place and covers(term, narrow)]
        first = [read[n].label for n in over if n < place or not covers(narrow, read[n])]
        elsewhere = [term.label for term in wide if covers(term, narrow)]
        if by := [*first, *elsewhere]:
            yield place, by[0]


def covers(wide: Term, narrow: Term) -> bool:
    """Whether every text that holds `narrow` holds `wide`."""
    if wide.near or (wide.language and wide.language != narrow.language):
        return False
    sides = [narrow.variants, narrow.others] if narrow.near else [narrow.variants]
    return any(all(any(_within(w, n) for w in wide.variants) for n in variants) for variants in sides)


def _within(wide: Sequence[Word], narrow: Sequence[Word]) -> bool:
    """Whether a run of the narrow phrase is the wide one."""
    starts = range(len(narrow) - len(wide) + 1)
    return any(all(map(_is, wide, narrow[start : start + len(wide)])) for start in starts)


def _is(wide: Word, narrow: Word) -> bool:
    letters = narrow.letters.lower()
    if wide == narrow:
        return True
    if wide.how == "inside":
        return wide.letters in letters
    if wide.how in ("same", "exact") or narrow.how in ("start", "end", "inside"):
        return wide.how == narrow.how == "start" and letters.startswith(wide.letters)
    found = forms(letters) if narrow.how == "form" else {letters}
    if wide.how == "form":
        return found <= forms(wide.letters)
    return all(form.startswith(wide.letters) if wide.how == "start" else form.endswith(wide.letters) for form in found)
