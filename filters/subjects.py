"""What interests and rules look for, compiled: which evidence in an opportunity counts for which of them. Pure.

Points: 4 for a word in title, lots, keywords or call, for a programme, a call, a buyer, a source and for the main CPV
code; 2 for a word in the description (three at most count) and for another CPV code. What a rule itself names weighs 2
more than what a shared vocabulary names, so that it always suffices.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from filters.conditions import NAMED, call_pattern
from filters.facts import ACTION, BUYER, STRONG, TEXT, WHERE, WORDS, Facts, Hit, branches
from filters.model import Interest, Rule, Subject
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


@dataclass(slots=True, eq=False)
class Sought:
    """What one vocabulary, or one rule by itself, looks for."""

    about: tuple[str, str]
    bonus: int
    words: dict[int, list[Weight]] = field(default_factory=dict)
    cpv: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    silencers: list[tuple[int, int]] = field(default_factory=list)
    ignored: frozenset[int] = frozenset()

    def evidence(self, facts: Facts) -> list[Evidence]:
        """What counts for it, in the order of the text; nothing where a guard silences it."""
        if self.silencers and any(facts.masks.get(term, 0) & fields for term, fields in self.silencers):
            return []
        pieces = self._from_words(facts)
        if self.cpv and not self.cpv.isdisjoint(facts.branches):
            pieces += self._from_cpv(facts)
        if self.calls or self.sources:
            pieces += [*self._from_calls(facts), *self._from_source(facts)]
        return pieces

    def _from_words(self, facts: Facts) -> list[Evidence]:
        wanted = facts.masks.keys() & self.words.keys()
        terms = [term for term in facts.masks if term in wanted] if len(wanted) > 1 else wanted
        pieces = [strongest(term, weight, self._free(term, facts)) for term in terms for weight in self.words[term]]
        return [piece for piece in pieces if piece]

    def _free(self, term: int, facts: Facts) -> Iterable[Hit]:
        """The hits that share no word with a phrase it ignores."""
        if not self.ignored:
            return facts.hits[term]
        masks = [hit for ignored in self.ignored for hit in facts.hits.get(ignored, ())]
        return [hit for hit in facts.hits[term] if not any(overlap(hit, mask) for mask in masks)]

    def _from_cpv(self, facts: Facts) -> Iterator[Evidence]:
        for place, code in enumerate(facts.opportunity.cpv):
            if not self.cpv.isdisjoint(branches(code)):
                points = LIKELY if place else SURE
                yield Evidence(points + self.bonus, Where.CPV, f"cpv{points}", None, code)

    def _from_calls(self, facts: Facts) -> Iterator[Evidence]:
        for ref in facts.refs:
            if any(call_pattern(call).match(ref) for call in self.calls):
                yield Evidence(SURE + self.bonus, Where.CALL, "call", None, ref)

    def _from_source(self, facts: Facts) -> Iterator[Evidence]:
        if (source := facts.opportunity.source) in self.sources:
            yield Evidence(SURE + OWN, Where.SOURCE, "source", None, source)


def shared(interest: Interest, scanner: Scanner) -> Sought:
    """What a vocabulary looks for; its own guards silence it (a rule's are conditions)."""
    sought = _sought(interest, (interest.name.ro, interest.name.en), 0, scanner)
    for words, fields in ((interest.none, WORDS), (interest.none_in_title, STRONG)):
        sought.silencers += [(scanner.add(word), fields) for word in words]
    return sought


def own(rule: Rule, scanner: Scanner) -> Sought | None:
    """What a rule's own lists look for; None where it only names interests."""
    if rule.interests and not any((*rule.looks_for, rule.buyers)):
        return None
    sought = _sought(rule, (rule.name, rule.name), OWN, scanner)
    _file(sought, rule.buyers, scanner, BUYER)
    if not any((*rule.looks_for, rule.interests, rule.buyers)):
        _from_conditions(sought, rule, scanner)
    return sought


def _sought(subject: Subject, about: tuple[str, str], bonus: int, scanner: Scanner) -> Sought:
    ignored = frozenset(map(scanner.add, subject.ignore))
    sought = Sought(about, bonus, cpv=set(subject.cpv), calls=set(subject.calls), ignored=ignored)
    _file(sought, subject.any, scanner, STRONG, TEXT)
    _file(sought, subject.title, scanner, STRONG)
    _file(sought, subject.programmes, scanner, NAMED)
    return sought


def _from_conditions(sought: Sought, rule: Rule, scanner: Scanner) -> None:
    """A rule that only restricts takes what it restricts to as its subject."""
    _file(sought, [part.strip() for entry in rule.all for part in entry.split("|")], scanner, STRONG, TEXT)
    _file(sought, rule.only.programmes, scanner, NAMED)
    _file(sought, rule.only.buyers, scanner, BUYER)
    _file(sought, rule.only.actions, scanner, ACTION)
    sought.cpv |= {*rule.only.cpv, *rule.only.main_cpv}
    sought.calls |= set(rule.only.calls)
    sought.sources |= set(rule.only.sources)


def _file(sought: Sought, words: Iterable[str], scanner: Scanner, strong: int, weak: int = 0) -> None:
    weight = Weight(strong, weak, SURE + sought.bonus, LIKELY + sought.bonus)
    for word in words:
        sought.words.setdefault(scanner.add(word), []).append(weight)


def strongest(term: int, weight: Weight, hits: Iterable[Hit]) -> Evidence | None:
    """The strongest hit as evidence; fields come strongest first."""
    second = None
    for hit in hits:
        if hit.field & weight.strong:
            return Evidence(weight.sure, WHERE[hit.field], term, hit)
        if second is None and hit.field & weight.weak:
            second = hit
    return Evidence(weight.likely, WHERE[second.field], term, second) if second else None


def overlap(hit: Hit, other: Hit) -> bool:
    """Whether two hits share a word."""
    return hit.field == other.field and hit.start < other.end and other.start < hit.end
