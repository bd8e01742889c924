"""Finding many entries in a text at once: one look at each word, whatever the number of entries. Pure.

Every word of every entry is expanded into its forms when filters load. A text's word is looked up once ever: the memo
maps it, as it stands there, to a small number that says which words of entries it can be (0: none).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from filters.forms import forms
from filters.terms import Sequence, Term, Word, read_term
from filters.words import SMALL, composed, fold

_WORD = re.compile(r"\S+")
MEMO_MAX, WORD_MAX, FEW = 300_000, 100, 6
_AMBIGUOUS = frozenset({"AI", "IT", "OR", "ITS", "CARE", "DIN", "ERA", "COST", "LIFE", "SOI", "ALE", "SAU", "ART"})
"""In a text all in capitals these are no acronyms: Romanian "ai", "era" and English "it", "cost" are words."""


class Found(NamedTuple):
    """An entry found: its number, and its first word and the one after its last, counted as the text has them."""

    term: int
    start: int
    end: int


@dataclass(slots=True)
class _Node:
    terms: list[int] = field(default_factory=list)
    next: dict[int, "_Node"] = field(default_factory=dict)


class _Memo(dict[str, int]):
    """Word as it stands in a text -> class of words of entries; bounded, so a hostile text cannot fill the memory."""

    def __init__(self, classify: "Scanner") -> None:
        super().__init__()
        self._scanner = classify

    def __missing__(self, token: str) -> int:
        if len(self) >= MEMO_MAX:
            self.clear()
        self[token] = number = self._scanner.classify(token)
        return number


class Scanner:
    """Add entries, then scan texts; an entry added twice keeps its number."""

    def __init__(self) -> None:
        self.labels: list[str] = []
        self._numbers: dict[str, int] = {}
        self._words: dict[Word, int] = {}
        self._forms: dict[str, set[int]] = {}
        self._exact: dict[str, int] = {}
        self._starts: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        self._inside: dict[str, int] = {}
        self._root = _Node()
        self._near: dict[int, list[tuple[int, int, int]]] = {}
        self._classes: dict[frozenset[int], int] = {frozenset(): 0}
        self._members: list[tuple[int, ...]] = [()]
        self._singles: list[tuple[int, ...]] = [()]
        self._deeper: list[tuple[_Node, ...]] = [()]
        self._pairs: dict[tuple[int, int], tuple[_Node, ...]] = {}
        self._memo = _Memo(self)

    def add(self, label: str) -> int:
        """The number of the entry `label`; raises ValueError for an entry that cannot be read."""
        if (known := self._numbers.get(label)) is not None:
            return known
        term = read_term(label)
        self._numbers[label] = number = self._new(label)
        if term.near:
            self._add_near(term, number)
        else:
            self._add_variants(term.variants, number)
        return number

    def _new(self, label: str) -> int:
        self.labels.append(label)
        return len(self.labels) - 1

    def _add_near(self, term: Term, number: int) -> None:
        left, right = self._new(""), self._new("")
        self._add_variants(term.variants, left)
        self._add_variants(term.others, right)
        self._near.setdefault(left, []).append((right, term.near, number))

    def _add_variants(self, variants: tuple[Sequence, ...], number: int) -> None:
        for variant in variants:
            node = self._root
            for word in variant:
                node = node.next.setdefault(self._word(word), _Node())
            node.terms.append(number)

    def _word(self, word: Word) -> int:
        if word in self._words:
            return self._words[word]
        number = self._words[word] = len(self._words) + 1
        if word.how in ("form", "same"):
            for form in forms(word.letters) if word.how == "form" else (word.letters,):
                self._forms.setdefault(form, set()).add(number)
        else:
            patterns = {"exact": self._exact, "start": self._starts, "end": self._ends, "inside": self._inside}
            patterns[word.how][word.letters] = number
        return number

    def classify(self, token: str) -> int:
        """The class of a folded word: -1 a small word, 0 in no entry, else which words of entries it can be."""
        lower = token.lower()
        ids = set(self._forms.get(lower, ())) | self._acronym(token) | self._patterns(lower)
        if not ids:
            return -1 if lower in SMALL else 0
        return self._class(frozenset(ids))

    def _acronym(self, token: str) -> set[int]:
        bare = token[:-1] if len(token) > 2 and token[-1] == "s" else token
        return {self._exact[form] for form in (token, bare) if form in self._exact}

    def _patterns(self, lower: str) -> set[int]:
        lower = lower[:WORD_MAX]
        found = {self._starts[lower[:n]] for n in range(3, len(lower) + 1) if lower[:n] in self._starts}
        found |= {self._ends[lower[n:]] for n in range(len(lower) - 2) if lower[n:] in self._ends}
        return found | {number for part, number in self._inside.items() if part in lower}

    def _class(self, ids: frozenset[int]) -> int:
        if ids not in self._classes:
            nodes = [self._root.next[i] for i in sorted(ids) if i in self._root.next]
            self._classes[ids] = len(self._members)
            self._members.append(tuple(sorted(ids)))
            self._singles.append(tuple(dict.fromkeys(term for node in nodes for term in node.terms)))
            self._deeper.append(tuple(node for node in nodes if node.next))
        return self._classes[ids]

    def scan(self, text: str) -> list[Found]:
        """Every entry in the text, overlapping and nested ones too."""
        tokens = fold(text).split()
        if text.isupper():
            tokens = [token.lower() if token in _AMBIGUOUS else token for token in tokens]
        memo = self._memo
        classes = [memo[token] for token in tokens]
        row = [number for number in classes if number >= 0]
        if not any(row):
            return []
        found = self._walk(row)
        if not found or len(row) == len(classes):
            return found
        places = [place for place, number in enumerate(classes) if number >= 0]
        return [Found(term, places[start], places[end - 1] + 1) for term, start, end in found]

    def _walk(self, row: list[int]) -> list[Found]:
        singles, deeper = self._singles, self._deeper
        found: list[Found] = []
        last = len(row) - 1
        for start, number in enumerate(row):
            if number:
                for term in singles[number]:
                    found.append(Found(term, start, start + 1))
                if deeper[number] and start < last and row[start + 1]:
                    self._follow(row, start, found)
        return self._with_near(found) if self._near else found

    def _follow(self, row: list[int], start: int, found: list[Found]) -> None:
        nodes = self._pair(row[start], row[start + 1])
        place = start + 2
        while nodes:
            for node in nodes:
                for term in node.terms:
                    found.append(Found(term, start, place))
            if place == len(row):
                return
            nodes = self._step(nodes, row[place])
            place += 1

    def _step(self, nodes: Iterable[_Node], number: int) -> tuple[_Node, ...]:
        ids = self._members[number]
        return tuple([step for node in nodes for i in ids if (step := node.next.get(i))]) if ids else ()

    def _pair(self, first: int, second: int) -> tuple[_Node, ...]:
        """Where two neighbours lead: remembered, since the same pairs of words come again and again."""
        pair = (first, second)
        if (nodes := self._pairs.get(pair)) is None:
            if len(self._pairs) >= MEMO_MAX:
                self._pairs.clear()
            nodes = self._pairs[pair] = self._step(self._deeper[first], second)
        return nodes

    def _with_near(self, found: list[Found]) -> list[Found]:
        more = [
            Found(number, min(left.start, right.start), max(left.end, right.end))
            for left in found
            if left.term in self._near
            for other, distance, number in self._near[left.term]
            for right in found
            if right.term == other and -1 < max(left.start - right.end, right.start - left.end) <= distance
        ]
        return found + more


class Quoter:
    """A text's words as they stand there, by the places `Scanner.scan` gives."""

    def __init__(self, text: str) -> None:
        self._text, self._folded = composed(text), fold(text)
        self._spans: list[tuple[int, int]] = []
        self._asked = 0

    def quote(self, start: int, end: int) -> str:
        """The words `start` to before `end`; without their marks where folding changed the text's length."""
        text = self._text if len(self._text) == len(self._folded) else self._folded
        self._asked += 1
        if self._asked < FEW:
            return self._once(text, start, end)
        if not self._spans:
            self._spans = [found.span() for found in _WORD.finditer(self._folded)]
        return text[self._spans[start][0] : self._spans[end - 1][1]]

    def _once(self, text: str, start: int, end: int) -> str:
        """Without finding where every word of the text begins: cheaper for the first few quotes."""
        rest = self._folded.split(None, start)[start] if start else self._folded.lstrip()
        begin, tail = len(self._folded) - len(rest), rest.split(None, end - start)
        stop = len(self._folded) - (len(tail[-1]) if len(tail) > end - start else 0)
        return text[begin : begin + len(self._folded[begin:stop].rstrip())]
