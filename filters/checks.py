"""The conditions of a rule, put together from its file in the order an officer reads them. Pure."""

from collections.abc import Iterator

from filters.conditions import NAMED, Check, Coded, DaysLeft, Granted, Holds, InPlace, MayApply, OneOf, Probes, Worth
from filters.facts import ACTION, BUYER, STRONG, WORDS
from filters.model import Member, Range, Rule, Sort, who_of
from filters.scan import Scanner


def checks_of(member: Member, rule: Rule, scanner: Scanner) -> tuple[tuple[Check, ...], tuple[Check, ...]]:
    """The conditions many rules share word for word, and those of its own, the member's exclusions included."""
    return tuple(_plain(member, rule)), (*_words(member, rule, scanner), *_sorts(member, rule, scanner))


def preferences(member: Member, rule: Rule, scanner: Scanner) -> tuple[Check, ...]:
    """What counts more where it holds, and hides nothing where it does not."""
    return tuple(check for sort in (member.prefer, rule.prefer) for check in _sort("prefer", sort, scanner))


def _plain(member: Member, rule: Rule) -> Iterator[Check]:
    if rule.kinds:
        yield OneOf("kinds", ", ".join(rule.kinds), frozenset(rule.kinds))
    yield OneOf("stages", ", ".join(rule.stages), frozenset(rule.stages))
    if rule.places:
        yield InPlace("places", ", ".join(rule.places), rule.places, "place" in rule.known)
    if who := who_of(member, rule):
        yield MayApply("who", ", ".join(who), who, "who" in rule.known)
    if rule.value:
        yield Worth("value", _ends(rule.value), rule.value.min, rule.value.max, "value" in rule.known)
    if rule.grant:
        yield Granted("grant", _ends(rule.grant), rule.grant.min, rule.grant.max, "grant" in rule.known)
    if rule.min_days:
        yield DaysLeft("min_days", f"{rule.min_days} days", rule.min_days, "deadline" in rule.known)


def _ends(limits: Range) -> str:
    return " ".join(f"{word} {text}" for word, text in (("from", limits.min), ("to", limits.max)) if text)


def _words(member: Member, rule: Rule, scanner: Scanner) -> Iterator[Check]:
    for entry in rule.all:
        probes = tuple((scanner.add(part.strip()), WORDS) for part in entry.split("|"))
        yield Holds("all", entry, probes)
    if none := (*member.none, *rule.none):
        yield Holds("none", ", ".join(none), _probes(none, WORDS, scanner), never=True)
    if none := (*member.none_in_title, *rule.none_in_title):
        yield Holds("none_in_title", ", ".join(none), _probes(none, STRONG, scanner), never=True)


def _sorts(member: Member, rule: Rule, scanner: Scanner) -> Iterator[Check]:
    for key, sort in (("only", rule.only), ("never", member.never), ("never", rule.never)):
        yield from _sort(key, sort, scanner)


def _sort(key: str, sort: Sort, scanner: Scanner) -> Iterator[Check]:
    never = key == "never"
    for name, codes in (
        ("cpv", sort.cpv),
        ("main_cpv", sort.main_cpv),
        ("calls", sort.calls),
        ("sources", sort.sources),
    ):
        if codes:
            yield Coded(f"{key}: {name}", ", ".join(codes), codes, never)
    for name, words, fields in (
        ("programmes", sort.programmes, NAMED),
        ("actions", sort.actions, ACTION),
        ("buyers", sort.buyers, BUYER),
    ):
        if words:
            yield Holds(f"{key}: {name}", ", ".join(words), _probes(words, fields, scanner), never)


def _probes(words: tuple[str, ...], fields: int, scanner: Scanner) -> Probes:
    return tuple((scanner.add(word), fields) for word in words)
