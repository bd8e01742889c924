"""What interests and rules look for, compiled: which evidence in an opportunity counts for which of them. Pure.

Points: 4 for a word in title, lots, keywords or call, for a programme, a call, a buyer, a source and for the main CPV
code; 2 for a word in the description (three at most count) and for another CPV code. What a rule itself names weighs 2
more than what a shared vocabulary names, so that it always suffices.
"""

from collections.abc import Iterable
from typing import NamedTuple

from filters.conditions import NAMED, call_pattern
from filters.facts import ACTION, BIT, BUYER, STRONG, TEXT, WORDS, Facts, Hit
from filters.model import Rule, Subject
from filters.reasons import Where
from filters.scan import Scanner

SURE, LIKELY, OWN, TEXT_MAX = 4, 2, 2, 3


class Post(NamedTuple):
    """A subject that counts an entry: in full in the fields `strong`, half in the fields `weak`."""

    subject: int
    strong: int
    weak: int


class Evidence(NamedTuple):
    """Something that counts for a subject; `key` tells the same evidence from another."""

    points: int
    where: Where
    key: int | str
    hit: Hit | None
    found: str = ""


class Subjects:
    """All that is looked for, filed under what finds it."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.about: list[tuple[str, str]] = []
        self.bonus: list[int] = []
        self.words: dict[int, list[Post]] = {}
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
        self._file(subject.any, Post(number, STRONG, TEXT))
        self._file(subject.title, Post(number, STRONG, 0))
        self._file(subject.programmes, Post(number, NAMED, 0))
        self._codes(number, subject.cpv, subject.calls)
        if subject.ignore:
            self.ignored[number] = frozenset(map(self.scanner.add, subject.ignore))
        if shared:
            self._guard(number, subject)
        return number

    def add_rule(self, rule: Rule) -> int:
        """The number of the subject a rule's own lists make."""
        number = self.add(rule, (rule.name, rule.name), shared=False)
        self._file(rule.buyers, Post(number, BUYER, 0))
        if not any((*rule.looks_for, rule.interests, rule.buyers)):
            self._from_conditions(number, rule)
        return number

    def _from_conditions(self, number: int, rule: Rule) -> None:
        """A rule that only restricts takes what it restricts to as its subject."""
        self._file([part.strip() for entry in rule.all for part in entry.split("|")], Post(number, STRONG, TEXT))
        self._file(rule.only.programmes, Post(number, NAMED, 0))
        self._file(rule.only.buyers, Post(number, BUYER, 0))
        self._file(rule.only.actions, Post(number, ACTION, 0))
        self._codes(number, (*rule.only.cpv, *rule.only.main_cpv), rule.only.calls)
        for source in rule.only.sources:
            self.sources.setdefault(source, []).append(number)

    def _file(self, words: Iterable[str], post: Post) -> None:
        for word in words:
            self.words.setdefault(self.scanner.add(word), []).append(post)

    def _codes(self, number: int, cpv: Iterable[str], calls: Iterable[str]) -> None:
        for code in cpv:
            self.cpv.setdefault(code, []).append(number)
        for call in calls:
            self.calls.setdefault(call, []).append(number)

    def _guard(self, number: int, subject: Subject) -> None:
        for words, fields in ((subject.none, WORDS), (subject.none_in_title, STRONG)):
            for word in words:
                self.silencers.setdefault(self.scanner.add(word), []).append((number, fields))

    def evidence(self, facts: Facts) -> dict[int, list[Evidence]]:
        """What counts for which subject; subjects that found nothing or were silenced are absent."""
        found: dict[int, list[Evidence]] = {}
        self._from_words(facts, found)
        self._from_cpv(facts, found)
        self._from_calls(facts, found)
        for number in self.sources.get(facts.opportunity.source, ()):
            piece = Evidence(SURE + OWN, Where.SOURCE, "source", None, facts.opportunity.source)
            found.setdefault(number, []).append(piece)
        for term in facts.masks.keys() & self.silencers.keys():
            for number, fields in self.silencers[term]:
                if facts.masks[term] & fields:
                    found.pop(number, None)
        return found

    def _from_words(self, facts: Facts, found: dict[int, list[Evidence]]) -> None:
        for term, hits in facts.hits.items():
            mask = facts.masks[term]
            for number, strong, weak in self.words.get(term, ()):
                if mask & (strong | weak) and (hit := self._best(number, hits, strong, weak, facts)):
                    points = (SURE if BIT[hit.where] & strong else LIKELY) + self.bonus[number]
                    found.setdefault(number, []).append(Evidence(points, hit.where, term, hit))

    def _best(self, number: int, hits: list[Hit], strong: int, weak: int, facts: Facts) -> Hit | None:
        """The strongest hit that lies in no phrase the subject ignores; fields come strongest first."""
        ignored = [h for term in self.ignored.get(number, ()) for h in facts.hits.get(term, ())]
        free = [h for h in hits if not any(overlap(h, other) for other in ignored)] if ignored else hits
        first = next((hit for hit in free if BIT[hit.where] & strong), None)
        return first or next((hit for hit in free if BIT[hit.where] & weak), None)

    def _from_cpv(self, facts: Facts, found: dict[int, list[Evidence]]) -> None:
        for place, code in enumerate(facts.opportunity.cpv):
            points = LIKELY if place else SURE
            for prefix in ("=" + code, *(code[:length] for length in range(2, 9))):
                for number in self.cpv.get(prefix, ()):
                    piece = Evidence(points + self.bonus[number], Where.CPV, f"cpv{points}", None, code)
                    found.setdefault(number, []).append(piece)

    def _from_calls(self, facts: Facts, found: dict[int, list[Evidence]]) -> None:
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
    return hit.where is other.where and hit.start < other.end and other.start < hit.end
