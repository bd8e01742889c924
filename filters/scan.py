"""Finding many entries in a text at once: one look at each word, whatever the number of entries. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import compress, count, pairwise
from typing import NamedTuple

from filters.lexicon import SKIPPED, Lexicon
from filters.terms import Sequence, Term, read_term
from filters.words import fold

_AMBIGUOUS = frozenset({"AI", "IT", "OR", "ITS", "CARE", "DIN", "ERA", "COST", "LIFE", "SOI", "ALE", "SAU", "ART"})
"""In a text all in capitals these are no acronyms: Romanian "ai", "era" and English "it", "cost" are words."""


Found = tuple[int, int, int]
"""An entry found: its first word and the one after its last, counted as the text has them, and its number."""


@dataclass(slots=True)
class _Node:
    terms: list[int] = field(default_factory=list)
    next: dict[int, "_Node"] = field(default_factory=dict)


class _Near(NamedTuple):
    left: int
    right: int
    distance: int
    term: int


class Scanner:
    """Add all entries, then scan texts; an entry added twice keeps its number."""

    def __init__(self) -> None:
        self.labels: list[str] = []
        self._numbers: dict[str, int] = {}
        self._bound: defaultdict[str, set[int]] = defaultdict(set)
        self._lexicon = Lexicon()
        self._root = _Node()
        self._near: list[_Near] = []
        self._before: defaultdict[int, set[int]] = defaultdict(set)
        self._opened = 0
        self._holding: defaultdict[int, list[int]] = defaultdict(list)
        self._singles: dict[int, tuple[int, ...]] = {}
        self._pairs: dict[tuple[int, int], tuple[_Node, ...]] = {}

    def add(self, label: str) -> int:
        """The number of the entry `label`; raises ValueError for an entry that cannot be read."""
        if (known := self._numbers.get(label)) is not None:
            return known
        if self._lexicon:
            raise RuntimeError("entries are added before the first scan")
        term = read_term(label)
        self._numbers[label] = number = self._new(label)
        if term.language:
            self._bound[term.language].add(number)
        if term.near:
            self._add_near(term, number)
        else:
            self._add_variants(term.variants, number)
        return number

    def foreign(self, language: str | None) -> set[int]:
        """The entries that do not count in a text of this language; none where it is not known."""
        if not self._bound or language is None:
            return set()
        return {number for other, numbers in self._bound.items() if other != language for number in numbers}

    def _new(self, label: str) -> int:
        self.labels.append(label)
        return len(self.labels) - 1

    def _add_near(self, term: Term, number: int) -> None:
        near = _Near(self._new(""), self._new(""), term.near, number)
        self._add_variants(term.variants, near.left)
        self._add_variants(term.others, near.right)
        self._near.append(near)

    def _add_variants(self, variants: tuple[Sequence, ...], number: int) -> None:
        for variant in variants:
            node = self._root
            for word in variant:
                node = node.next.setdefault(self._lexicon.add(word), _Node())
            node.terms.append(number)
            if len(variant) > 1:
                first, second = (self._lexicon.add(word) for word in variant[:2])
                self._before[second].add(first)

    def scan(self, text: str) -> list[Found]:
        """Every entry in the text, overlapping and nested ones too, in the order of the text."""
        tokens = fold(text).split()
        if text.isupper():
            tokens = [token.lower() if token in _AMBIGUOUS else token for token in tokens]
        classes = list(map(self._lexicon.__getitem__, tokens))
        if SKIPPED not in classes:
            return self._walk(classes)
        places = [place for place, number in enumerate(classes) if number != SKIPPED]
        found = self._walk([classes[place] for place in places])
        return [(places[start], places[end - 1] + 1, term) for start, end, term in found]

    def _walk(self, row: list[int]) -> list[Found]:
        if not any(row):
            return []
        self._open_classes()
        singles, pairs = self._singles, self._pairs
        known = compress(enumerate(row), map(singles.__contains__, row))
        found = [(place, place + 1, term) for place, number in known for term in singles[number]]
        for start in compress(count(), map(pairs.__contains__, pairwise(row))):
            self._follow(row, start, found)
        found.sort()
        return found + list(self._neighbours(found)) if self._near else found

    def _open_classes(self) -> None:
        """Files each new class under the entries its words are, and the pairs of words that begin a phrase."""
        for number in range(self._opened, len(self._lexicon.classes)):
            words = self._lexicon.classes[number]
            nodes = [self._root.next[word] for word in words if word in self._root.next]
            if terms := tuple({term for node in nodes for term in node.terms}):
                self._singles[number] = terms
            for word in words:
                self._holding[word].append(number)
            self._open_pairs(number, words, nodes)
        self._opened = len(self._lexicon.classes)

    def _open_pairs(self, number: int, words: Iterable[int], nodes: list[_Node]) -> None:
        after = {other for node in nodes for word in node.next for other in self._holding.get(word, ())}
        before = {other for word in words for first in self._before.get(word, ()) for other in self._holding[first]}
        for pair in [*((number, other) for other in after), *((other, number) for other in before)]:
            openers = [self._root.next[word] for word in self._lexicon.classes[pair[0]] if word in self._root.next]
            self._pairs[pair] = self._step(openers, pair[1])

    def _step(self, nodes: Iterable[_Node], number: int) -> tuple[_Node, ...]:
        words = self._lexicon.classes[number]
        return tuple([step for node in nodes for word in words if (step := node.next.get(word))]) if words else ()

    def _follow(self, row: list[int], start: int, found: list[Found]) -> None:
        """All phrases that begin at `start`, where two words are known to lead on."""
        nodes = self._pairs[row[start], row[start + 1]]
        for end in range(start + 2, len(row) + 1):
            found.extend([(start, end, term) for node in nodes for term in node.terms])
            nodes = self._step(nodes, row[end]) if end < len(row) else ()
            if not nodes:
                return

    def _neighbours(self, found: list[Found]) -> Iterator[Found]:
        places: defaultdict[int, list[Found]] = defaultdict(list)
        for hit in found:
            places[hit[2]].append(hit)
        for left, right, distance, term in self._near:
            if left in places and right in places:
                yield from _closest(places[left], places[right], distance, term)


def _closest(left: list[Found], right: list[Found], distance: int, term: int) -> Iterator[Found]:
    """Each hit of `left` with the first of `right` that lies near it; both lists are in the order of the text."""
    begin = 0
    for start, end, _ in left:
        while begin < len(right) and right[begin][1] + distance < start:
            begin += 1
        for place in range(begin, len(right)):
            first, last, _ = right[place]
            if first - end > distance:
                break
            if max(start - last, first - end) >= 0:
                yield min(start, first), max(end, last), term
                break
