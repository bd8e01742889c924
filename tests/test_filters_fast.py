"""The fast way to find who wants an opportunity gives what a slow, obvious one gives, on random rules and texts."""

import datetime as dt
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from filters import tiers
from filters.explain import explain
from filters.finder import numbers
from filters.match import Matcher
from filters.model import Interest, Member
from filters.scan import Scanner
from pipeline.opportunity import Opportunity
from tests.filters_samples import NOW, match, opportunity

ENTRIES = ("portal", "portal web", "web", "registru", "date", "portal web date", "regi*", "*ortal", "AI", "=web",
           "portal ~2 date", "e-health", "sistem de date")  # fmt: skip
TOKENS = ("portal", "portalul", "web", "registru", "date", "de", "AI", "ai", "sistem", "e-health", "ehealth", "x")
entries = st.lists(st.sampled_from(ENTRIES), min_size=1, max_size=4, unique=True)
codes = st.lists(st.sampled_from(("72*", "=72000000", "48*", "722*")), min_size=1, max_size=2, unique=True)
places = st.lists(st.sampled_from(("RO", "Cluj", "DE", "EU institutions")), min_size=1, max_size=2, unique=True)
sorts = st.fixed_dictionaries({}, optional={"cpv": codes, "buyers": entries, "sources": st.just(["test"])})
rules = st.fixed_dictionaries(
    {"name": st.just("R")},
    optional={
        "any": entries, "title": entries, "cpv": codes, "calls": st.just(["AB-1"]), "buyers": entries,
        "interests": st.lists(st.sampled_from(("one", "two")), min_size=1, unique=True), "ignore": entries,
        "all": entries, "none": entries, "none_in_title": entries, "only": sorts, "never": sorts, "places": places,
        "kinds": st.just(["tender"]), "value": st.sampled_from([{"min": "10 EUR"}, {"max": "30 EUR"}]),
        "min_days": st.sampled_from([3, 9]), "needs": st.integers(1, 9), "priority": st.sampled_from(["high", "low"]),
    },
)  # fmt: skip
vocabularies = st.fixed_dictionaries({"any": entries}, optional={"title": entries, "cpv": codes, "ignore": entries,
    "none": entries, "none_in_title": entries})  # fmt: skip
texts = st.lists(st.sampled_from(TOKENS), min_size=1, max_size=12).map(" ".join)
items = st.fixed_dictionaries(
    {"title": texts},
    optional={
        "summary": texts, "keywords": st.lists(texts, max_size=2), "kind": st.sampled_from(["tender", "call"]),
        "cpv": st.lists(st.sampled_from(("72000000", "72212000", "48000000", "45000000")), max_size=3),
        "call": st.sampled_from(["AB-1-2026", "AB-12"]), "countries": st.sampled_from([["RO"], ["DE"]]),
        "buyer": texts.map(lambda name: {"name": name}),
        "value": st.integers(5, 40).map(lambda amount: {"amount": amount, "currency": "EUR"}),
        "deadlines": st.integers(1, 12).map(lambda days: [{"at": NOW + dt.timedelta(days=days)}]),
    },
)  # fmt: skip


def slow(item: Opportunity, member: Member, interests: dict[str, Interest]) -> tuple[str, int] | None:
    """The best rule of a member and its points, every condition of every rule asked one by one."""
    best: tuple[str, int] | None = None
    for rule in member.rules:
        alone = member.model_copy(update={"rules": (rule,)})
        if all(condition.met for condition in explain(item, alone, interests, NOW)):
            scales = (one := Matcher([alone], interests)).scales(item, NOW)
            score = tiers.score(one.rules[0], scales.counted(one.rules[0]), scales.facts)
            best = (rule.name, score) if best is None or score > best[1] else best
    return best


def readable(model: type[Any], data: dict[str, Any]) -> Any:
    """The model, or None where the language refuses the combination."""
    try:
        return model.model_validate(data)
    except ValueError:
        return None


@given(st.lists(rules, min_size=1, max_size=6), st.tuples(vocabularies, vocabularies), st.lists(items, min_size=1))
@settings(deadline=None, max_examples=150)
def test_the_bitmaps_find_what_asking_every_condition_finds(
    drawn: list[dict[str, Any]], shared: tuple[dict[str, Any], ...], given_items: list[dict[str, Any]]
) -> None:
    named = {"name": {"ro": "V", "en": "V"}}
    interests = {
        slug: Interest.model_validate(v | named | {"interest": slug})
        for slug, v in zip(("one", "two"), shared, strict=True)
    }
    pairs = [drawn[n : n + 2] for n in range(0, len(drawn), 2)]
    written = [[rule | {"name": f"R{n}"} for n, rule in enumerate(pair)] for pair in pairs]
    base = {"name": "M", "language": "ro", "email": ["m@m.example.org"]}
    read = [readable(Member, base | {"member": f"m{n}", "rules": rules}) for n, rules in enumerate(written)]
    crowd = [member for member in read if member]
    matcher = Matcher(crowd, interests)
    for fields in given_items:
        item = opportunity(**fields)
        fast = {name: (match.rule, match.score) for name, match in matcher.match(item, NOW).items()}
        assert fast == {m.member: best for m in crowd if (best := slow(item, m, interests))}


def plainly(label: str, text: str) -> set[tuple[int, int]]:
    """Where an entry stands, when nothing else is looked for."""
    scanner = Scanner()
    scanner.add(label)
    return {(start, end) for start, end, term in scanner.scan(text) if term == 0}


@given(texts)
@settings(deadline=None, max_examples=100)
def test_entries_are_found_beside_others_as_alone(text: str) -> None:
    scanner = Scanner()
    numbered = {scanner.add(label): label for label in ENTRIES}
    found = scanner.scan(text)
    for number, label in numbered.items():
        assert {(start, end) for start, end, term in found if term == number} == plainly(label, text)


def test_a_rules_own_phrase_stands_for_the_vocabularys_words_in_it() -> None:
    rule = "interests: [software]\nany: [portal software]\nneeds: "
    assert match(rule + "6", opportunity("Portal software"))
    assert match(rule + "7", opportunity("Portal software")) is None  # 6 for the phrase, not 4 + 4 for its words
    assert match("interests: [software]\nneeds: 7", opportunity("Portal software"))


@given(st.sets(st.integers(0, 300)))
def test_a_bitmap_names_its_places(places: set[int]) -> None:
    assert numbers(sum(1 << place for place in places)) == sorted(places)
