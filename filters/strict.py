"""Rules that can never match: what they ask for excludes itself, or more points than there are to get. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from filters.model import Interest, Member, Rule, Sort, Subject
from filters.subjects import LIKELY, OWN, SURE


def never_matches(member: Member, rule: Rule, interests: Mapping[str, Interest]) -> Iterator[tuple[str, str]]:
    """The key and what to mend, for each reason why the rule can never match."""
    if rule.needs > (most := most_points(rule, interests)):
        yield "needs", f"can never match: what it looks for brings {most} points at most; lower `needs` or add words"
    excluded = {*member.none, *rule.none}
    for word in sorted(excluded & set(rule.all)):
        yield "all", f"can never match: `{word}` is required and excluded; keep one"
    for word in sorted({*member.none, *member.none_in_title} & {*rule.any, *rule.title}):
        yield "any", f"`{word}` is looked for here and excluded for all rules of the member; keep one"
    for never in (member.never, rule.never):
        yield from _excluded(rule.only, never)


def most_points(rule: Rule, interests: Mapping[str, Interest]) -> int:
    """More points than the rule can ever get do not exist: every entry in a title, and every sort of code."""
    if not any((*rule.looks_for, rule.interests, rule.buyers)):
        only = rule.only
        own = [*rule.all, *only.programmes, *only.buyers, *only.actions, *only.sources]
        return _points(len(own), (*only.cpv, *only.main_cpv), only.calls, OWN)
    shared = [interests[name] for name in rule.interests if name in interests]
    return _subject(rule, len(rule.buyers), OWN) + sum(_subject(interest, 0, 0) for interest in shared)


def _subject(subject: Subject, more: int, bonus: int) -> int:
    entries = {*subject.any, *subject.title, *subject.programmes}
    return _points(len(entries) + more, subject.cpv, subject.calls, bonus)


def _points(entries: int, cpv: Iterable[str], calls: Iterable[str], bonus: int) -> int:
    codes = (SURE + LIKELY + 2 * bonus) * bool(tuple(cpv)) + (SURE + bonus) * bool(tuple(calls))
    return entries * (SURE + bonus) + codes


def _excluded(only: Sort, never: Sort) -> Iterator[tuple[str, str]]:
    for key in ("cpv", "main_cpv"):
        wanted, refused = getattr(only, key), never.cpv + (never.main_cpv if key == "main_cpv" else ())
        if wanted and refused and all(code.removeprefix("=").startswith(refused) for code in wanted):
            yield "only", f"can never match: every `{key}` it asks for is under `never` too; remove one"
    for key in ("sources", "calls"):
        wanted = getattr(only, key)
        if wanted and set(wanted) <= set(getattr(never, key)):
            yield "only", f"can never match: all `{key}` it asks for are under `never` too; remove one"
