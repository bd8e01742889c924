"""What of the filters is allowed and probably not meant: entries that add nothing, and entries that stand in half of
everything the store holds. Pure; only `check` asks, because comparing every entry with every other takes its time.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from filters.covered import covered
from filters.facts import STRONG, WORDS, Facts
from filters.model import Interest, Member, Subject
from filters.scan import Scanner
from filters.terms import is_broad
from pipeline.exceptions import Problem
from pipeline.opportunity import Opportunity
from pipeline.yaml_file import Lines, Loc, tree

ENOUGH, MANY, SAMPLE = 20, 0.5, 2_000
"""Opportunities needed to judge, the share that is too much, and how many of the newest are looked at."""
FIELDS = {"any": WORDS, "title": STRONG}
Files = Sequence[tuple[str, Interest | Member, Lines]]


def read(texts: Mapping[str, str], models: Iterable[Interest | Member]) -> Files:
    """The files of these models, each with its lines."""
    by_name = {("interest", m.interest) if isinstance(m, Interest) else ("member", m.member): m for m in models}
    found: list[tuple[str, Interest | Member, Lines]] = []
    for name, text in texts.items():
        data, lines = tree(name, text)
        keys = [(key, str(data[key])) for key in ("member", "interest") if key in data]
        found += [(name, by_name[key], lines) for key in keys[:1] if key in by_name]
    return found


def idle(files: Files) -> Iterator[Problem]:
    """Entries another one of the same list, or a rule's `any`, covers."""
    for name, model, lines in files:
        for place, subject in _subjects(model):
            for key, others in (("any", ()), ("title", subject.any)):
                for number, by in covered(getattr(subject, key), others):
                    word = getattr(subject, key)[number]
                    said = f"`{word}` adds nothing: `{by}` finds all of it; remove it"
                    yield Problem(_at(name, lines, (*place, key, number)), said, "warning")
            for key in ("cpv", "calls", "places"):
                yield from _branches(name, lines, (*place, key), getattr(subject, key, ()))


def common(files: Files, newest: Sequence[Opportunity], now: dt.datetime) -> Iterator[Problem]:
    """Entries that stand in half of the newest opportunities, with the count."""
    scanner = Scanner()
    asked = [
        (name, lines, (*place, key, number), word, scanner.add(word), fields)
        for name, model, lines in files
        for place, subject in _subjects(model)
        for key, fields in FIELDS.items()
        for number, word in enumerate(getattr(subject, key))
        if not is_broad(word)
    ]
    found: dict[int, Counter[int]] = {fields: Counter() for fields in FIELDS.values()}
    for opportunity in newest if len(newest) >= ENOUGH else ():
        for term, there in Facts(opportunity, now, scanner).masks.items():
            for fields in found:
                found[fields][term] += bool(there & fields)
    for name, lines, place, word, term, fields in asked:
        if (held := found[fields][term]) >= MANY * max(ENOUGH, len(newest)):
            said = f"`{word}` stands in {held} of the newest {len(newest)} opportunities; {_instead(fields)}"
            yield Problem(_at(name, lines, place), said, "warning")


def _instead(fields: int) -> str:
    return "make it part of a phrase" if fields == STRONG else "put it under `title` or make it part of a phrase"


def _subjects(model: Interest | Member) -> list[tuple[Loc, Subject]]:
    if isinstance(model, Interest):
        return [((), model)]
    return [(("rules", number), rule) for number, rule in enumerate(model.rules)]


def _branches(name: str, lines: Lines, place: Loc, codes: tuple[str, ...]) -> Iterator[Problem]:
    """Codes that lie in another one's branch."""
    for number, code in enumerate(codes):
        for other in codes:
            if other != code and not other.startswith("=") and code.removeprefix("=").startswith(other.rstrip("*")):
                said = f"`{code}` adds nothing: `{other}` holds all of it; remove it"
                yield Problem(_at(name, lines, (*place, number)), said, "warning")


def _at(name: str, lines: Mapping[Any, int], place: Loc) -> str:
    return f"{name}:{next((lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines), 1)}"
