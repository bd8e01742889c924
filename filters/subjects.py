"""What interests and rules look for, compiled: which evidence in an opportunity counts for which of them. Pure.

Points: 4 for a word in title, lots, keywords or call, for a programme, a call, a buyer, a source and for the main CPV
code; 2 for a word in the description (three at most count) and for another CPV code. What a rule itself names weighs 2
more than what a shared vocabulary names, so that it always suffices.
"""

from collections.abc import Iterable
from typing import NamedTuple

from filters.conditions import NAMED, call_pattern
from filters.facts import ACTION, BUYER, STRONG, TEXT, WHERE, WORDS, Facts, Hit
from filters.model import Rule, Subject
from filters.reasons import Where
from filters.scan import Scanner

SURE, LIKELY, OWN, TEXT_MAX = 4, 2, 2, 3


class Weight(NamedTuple):
    """What an entry counts: `sure` points in the fields `strong`, `likely` in the fields `weak`."""

    strong: int
    weak: int
    sure: int
    likely: int


class Evidence(NamedTuple):
    """Something that counts for a subject; `key` tells the same evidence from another."""

    points: int
    where: Where
    key: int | str
    hit: Hit | None
    found: str = ""


Found = dict[int, list[Evidence]]
"""Evidence by the number of the subject it counts for."""


class Subjects:
    """All that is looked for, filed under what finds it."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.about: list[tuple[str, str]] = []
        self.bonus: list[int] = []
        self.words: dict[int, list[tuple[int, Weight]]] = {}
        self._weights: dict[Weight, Weight] = {}
        self.cpv: dict[str, list[int]] = {}
        self.calls: dict[str, list[int]] = {}
        self.sources: dict[str, list[int]] = {}
        self.silencers: dict[int, list[tuple[int, int]]] = {}
        self.ignored: dict[int, frozenset[int]] = {}
        self._called: dict[str, tuple[str, ...]] = {}

    def add(self, subject: Subject, about: tuple[str, str], shared: bool = True) -> int:
        """The number of a new subject; a shared one is silenced by its own guards (a rule's are conditions)."""
        number = len(self.about)
        self.about.append(about)
        self.bonus.append(0 if shared else OWN)
        self._file(subject.any, number, STRONG, TEXT)
        self._file(subject.title, number, STRONG)
        self._file(subject.programmes, number, NAMED)
        self._codes(number, subject.cpv, subject.calls)
        if subject.ignore:
            self.ignored[number] = frozenset(map(self.scanner.add, subject.ignore))
        if shared:
            self._guard(number, subject)
        return number

    def add_rule(self, rule: Rule) -> int | None:
        """The number of the subject a rule's own lists make; None where it only names interests."""
        if rule.interests and not any((*rule.looks_for, rule.buyers)):
            return None
        number = self.add(rule, (rule.name, rule.name), shared=False)
        self._file(rule.buyers, number, BUYER)
        if not any((*rule.looks_for, rule.interests, rule.buyers)):
            self._from_conditions(number, rule)
        return number

    def _from_conditions(self, number: int, rule: Rule) -> None:
        """A rule that only restricts takes what it restricts to as its subject."""
        self._file([part.strip() for entry in rule.all for part in entry.split("|")], number, STRONG, TEXT)
        self._file(rule.only.programmes, number, NAMED)
        self._file(rule.only.buyers, number, BUYER)
        self._file(rule.only.actions, number, ACTION)
        self._codes(number, (*rule.only.cpv, *rule.only.main_cpv), rule.only.calls)
        for source in rule.only.sources:
            self.sources.setdefault(source, []).append(number)

    def _file(self, words: Iterable[str], number: int, strong: int, weak: int = 0) -> None:
        bonus = self.bonus[number]
        weight = Weight(strong, weak, SURE + bonus, LIKELY + bonus)
        weight = self._weights.setdefault(weight, weight)
        for word in words:
            self.words.setdefault(self.scanner.add(word), []).append((number, weight))

    def _codes(self, number: int, cpv: Iterable[str], calls: Iterable[str]) -> None:
        for code in cpv:
            self.cpv.setdefault(code, []).append(number)
        for call in calls:
            self.calls.setdefault(call, []).append(number)

    def _guard(self, number: int, subject: Subject) -> None:
        for words, fields in ((subject.none, WORDS), (subject.none_in_title, STRONG)):
            for word in words:
                self.silencers.setdefault(self.scanner.add(word), []).append((number, fields))

    def evidence(self, facts: Facts) -> Found:
        """What counts for which subject; subjects that found nothing or were silenced are absent."""
        found: Found = {}
        self._from_words(facts, found)
        self._from_cpv(facts, found)
        self._from_calls(facts, found)
        for number in self.sources.get(facts.opportunity.source, ()):
            piece = Evidence(SURE + OWN, Where.SOURCE, "source", None, facts.opportunity.source)
            found.setdefault(number, []).append(piece)
        self._silence(facts, found)
        return found

    def _silence(self, facts: Facts, found: Found) -> None:
        for term in facts.masks.keys() & self.silencers.keys():
            for number, fields in self.silencers[term]:
                if facts.masks[term] & fields:
                    found.pop(number, None)

    def _from_words(self, facts: Facts, found: Found) -> None:
        for term, hits in facts.hits.items():
            shared, piece = None, None
            for number, weight in self.words.get(term, ()):
                if number in self.ignored:
                    shared, piece = None, self._piece(term, self._free(number, hits, facts), weight)
                elif weight is not shared:
                    shared, piece = weight, self._piece(term, hits, weight)
                if piece is not None:
                    found.setdefault(number, []).append(piece)

    def _piece(self, term: int, hits: Iterable[Hit], weight: Weight) -> Evidence | None:
        """The strongest hit as evidence; fields come strongest first."""
        second = None
        for hit in hits:
            if hit.field & weight.strong:
                return Evidence(weight.sure, WHERE[hit.field], term, hit)
            if second is None and hit.field & weight.weak:
                second = hit
        return Evidence(weight.likely, WHERE[second.field], term, second) if second else None

    def _free(self, number: int, hits: list[Hit], facts: Facts) -> list[Hit]:
        """The hits that share no word with a phrase the subject ignores."""
        ignored = [hit for term in self.ignored[number] for hit in facts.hits.get(term, ())]
        return [hit for hit in hits if not any(overlap(hit, other) for other in ignored)]

    def _from_cpv(self, facts: Facts, found: Found) -> None:
        for place, code in enumerate(facts.opportunity.cpv):
            points = LIKELY if place else SURE
            for prefix in ("=" + code, *(code[:length] for length in range(2, 9))):
                for number in self.cpv.get(prefix, ()):
                    piece = Evidence(points + self.bonus[number], Where.CPV, f"cpv{points}", None, code)
                    found.setdefault(number, []).append(piece)

    def _from_calls(self, facts: Facts, found: Found) -> None:
        if not self.calls:
            return
        for ref in facts.refs:
            for call in self._calls_of(ref):
                for number in self.calls[call]:
                    piece = Evidence(SURE + self.bonus[number], Where.CALL, "call", None, ref)
                    found.setdefault(number, []).append(piece)

    def _calls_of(self, ref: str) -> tuple[str, ...]:
        if ref not in self._called:
            if len(self._called) > 50_000:
                self._called.clear()
            self._called[ref] = tuple(call for call in self.calls if call_pattern(call).match(ref))
        return self._called[ref]


def overlap(hit: Hit, other: Hit) -> bool:
    """Whether two hits share a word."""
    return hit.field == other.field and hit.start < other.end and other.start < hit.end
