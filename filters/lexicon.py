"""The words of all entries, and which of them a text's word can be. Pure.

Every word is expanded into its forms when filters load. A text's word, as it stands there, is looked up once ever and
remembered with a small number, its class: -1 a small word, 0 in no entry, else a set of words of entries.
"""

from filters.forms import forms
from filters.terms import Word
from filters.words import SMALL

MEMO_MAX, WORD_MAX = 300_000, 100
SKIPPED = -1
"""The class of a small word."""
_WORDS = frozenset({"AI"})
"""No small words where they stand in capitals, whoever looks for them."""


class Lexicon(dict[str, int]):
    """Maps a folded word, capitals kept, to its class; bounded, so a hostile text cannot fill the memory."""

    def __init__(self) -> None:
        super().__init__()
        self.classes: list[frozenset[int]] = [frozenset()]
        """The numbers of the words a class stands for."""
        self._numbers: dict[Word, int] = {}
        self._forms: dict[str, set[int]] = {}
        self._patterns: dict[str, dict[str, int]] = {"exact": {}, "start": {}, "end": {}, "inside": {}}
        self._known: dict[frozenset[int], int] = {frozenset(): 0}

    def add(self, word: Word) -> int:
        """The number of the word, the same every time."""
        if word not in self._numbers:
            self._numbers[word] = number = len(self._numbers) + 1
            self._file(word, number)
        return self._numbers[word]

    def _file(self, word: Word, number: int) -> None:
        if word.how in self._patterns:
            self._patterns[word.how][word.letters] = number
            return
        for form in forms(word.letters) if word.how == "form" else (word.letters,):
            self._forms.setdefault(form, set()).add(number)

    def __missing__(self, token: str) -> int:
        if len(self) >= MEMO_MAX:
            self.clear()
        self[token] = number = self._class_of(token)
        return number

    def _class_of(self, token: str) -> int:
        lower = token.lower()
        words = frozenset(self._forms.get(lower, ())) | self._exact(token) | self._partly(lower[:WORD_MAX])
        if not words:
            return SKIPPED if lower in SMALL and token not in _WORDS else 0
        if words not in self._known:
            self._known[words] = len(self.classes)
            self.classes.append(words)
        return self._known[words]

    def _exact(self, token: str) -> set[int]:
        """Capitals as they stand there, in an English plural too: `API` is in "APIs"."""
        exact, bare = self._patterns["exact"], token[:-1] if token[-1] == "s" and len(token) > 2 else token
        return {exact[form] for form in (token, bare) if form in exact}

    def _partly(self, lower: str) -> set[int]:
        starts, ends, inside = (self._patterns[how] for how in ("start", "end", "inside"))
        found = {starts[lower[:n]] for n in range(3, len(lower) + 1) if lower[:n] in starts}
        found |= {ends[lower[n:]] for n in range(len(lower) - 2) if lower[n:] in ends}
        return found | {number for part, number in inside.items() if part in lower}
