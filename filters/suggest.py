"""What staff could change: near misses, words that come with what a member got, silent and noisy rules. Pure."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping

from filters.explain import Condition, conditions
from filters.match import Matcher
from filters.model import Interest, Member
from filters.terms import is_broad
from filters.trial import Past, Trial, trial
from filters.words import SMALL, fold
from pipeline.opportunity import Opportunity

NOISY, FEWEST, SHOWN = 10, 3, 10


def suggest(member: Member, interests: Mapping[str, Interest], past: Past, days: int) -> list[str]:
    """In words, one finding a line."""
    tried = trial(member, interests, past)
    lines = [f"Rule “{name}” found nothing in {days} days." for name in tried.silent]
    weeks = max(1.0, days / 7)
    lines += [
        f"Rule “{name}” brought {count / weeks:.0f} a week; narrow it."
        for name, count in tried.by_rule.items()
        if count / weeks > NOISY
    ]
    lines += [f"Near miss: {said}" for said in near_misses(tried, interests, past)]
    if words := companions(tried, past):
        lines.append(f"Words in the titles of what it got and rarely elsewhere: {', '.join(words)}.")
    return lines or ["Nothing stands out."]


def near_misses(tried: Trial, interests: Mapping[str, Interest], past: Past) -> Iterator[str]:
    """What would match if one condition of one rule were met; the newest first."""
    matcher = Matcher([tried.member], interests)
    shown = 0
    for opportunity, then in sorted(past, key=lambda pair: pair[1], reverse=True):
        if opportunity.id in tried.ids or shown == SHOWN:
            continue
        failing = _one_failing(conditions(matcher, opportunity, then))
        if failing:
            shown += 1
            yield _said(opportunity, failing)


def _one_failing(found: tuple[Condition, ...]) -> Condition | None:
    """The only condition a rule fails; of what it is about only where something was found."""
    for rule in dict.fromkeys(condition.rule for condition in found):
        failing = [condition for condition in found if condition.rule == rule and not condition.met]
        if len(failing) == 1 and not (failing[0].key == "about" and failing[0].found.startswith("0 points")):
            return failing[0]
    return None


def _said(opportunity: Opportunity, failing: Condition) -> str:
    would = f"{failing.key} {failing.wanted}, but: {failing.found}"
    return f"{opportunity.title[:80]} ({opportunity.id}) would match “{failing.rule}” if {would}"


def companions(tried: Trial, past: Past) -> list[str]:
    """Words of the titles that came, much more frequent there than elsewhere, and not looked for yet."""
    got, elsewhere = Counter[str](), Counter[str]()
    for opportunity, _ in past:
        (got if opportunity.id in tried.ids else elsewhere).update(_words(opportunity.title))
    known = {word for match in tried.matches.values() for reason in match.reasons for word in _words(reason.found)}
    others = max(1, tried.seen - len(tried.ids))
    weights = {
        word: count * math.log((count / len(tried.ids)) / ((elsewhere[word] + 0.5) / others))
        for word, count in got.items()
        if count >= FEWEST and word not in known and not is_broad(word)
    }
    return [word for word in sorted(weights, key=lambda word: -weights[word]) if weights[word] > FEWEST][:SHOWN]


def _words(text: str) -> set[str]:
    tokens = set(fold(text).lower().split())
    return {token for token in tokens if len(token) > 3 and token.isalpha() and token not in SMALL}
