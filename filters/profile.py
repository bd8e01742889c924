"""The filter files, read: every problem with file:line, and the last good version of a broken file kept in force.

Works on texts (`file name -> YAML text`), so a proposed edit is judged exactly like a saved one. One broken file is a
problem; the others still load.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from filters.model import Interest, Member, Rule, Sort
from filters.strict import never_matches
from filters.terms import is_broad
from pipeline.exceptions import ConfigError, Problem
from pipeline.opportunity import LIVE
from pipeline.yaml_file import Lines, parse, read_text, tree

__all__ = ["Filters", "Interest", "Member", "Rule", "files_of", "in_force", "read_filters"]
_ODD = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Filters:
    """What loaded, and what did not."""

    members: tuple[Member, ...] = ()
    interests: Mapping[str, Interest] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    """The texts in force, by file name: what to keep as the last good version."""

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep a file out of force; the others are warnings."""
        return tuple(problem for problem in self.problems if problem.level == "error")


class Unreadable(str):
    """Stands for the text of a file that cannot be read, and says why."""

    problems: tuple[Problem, ...]

    def __new__(cls, problems: tuple[Problem, ...]) -> "Unreadable":
        made = super().__new__(cls, "")
        made.problems = problems
        return made


@dataclass(slots=True)
class _Loaded:
    models: dict[str, Interest | Member] = field(default_factory=dict)
    lines: dict[str, Lines] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def files_of(interests: Path, members: Path) -> dict[str, str]:
    """File name -> text of every *.yaml in the two directories; one that cannot be read is a problem of its own."""
    paths = [path for directory in (interests, members) for path in sorted(directory.glob("*.yaml"))]
    return {str(path): _text(path) for path in paths}


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except ConfigError as error:
        return Unreadable(error.problems)


def read_filters(files: Mapping[str, str]) -> Filters:
    """Members and vocabularies of the files; a file with an error is left out, with a problem for each finding."""
    loaded = _parsed(files)
    _refuse_twins(loaded)
    interests = {m.interest: m for m in loaded.models.values() if isinstance(m, Interest)}
    for name, member in [(n, m) for n, m in loaded.models.items() if isinstance(m, Member)]:
        found = list(_findings(name, member, interests, loaded.lines[name]))
        loaded.problems += found
        if any(problem.level == "error" for problem in found):
            del loaded.models[name]
    loaded.problems += [p for n, m in loaded.models.items() for p in _too_broad(n, m, loaded.lines[n])]
    members = tuple(m for m in loaded.models.values() if isinstance(m, Member))
    return Filters(members, interests, tuple(loaded.problems), {name: files[name] for name in loaded.models})


def in_force(files: Mapping[str, str], good: Mapping[str, str] = _NOTHING) -> Filters:
    """As `read_filters`, with the last good text (`good`: file name -> text) in place of each broken file.

    The problems of the broken files stay, for staff. A member whose file is gone is gone; a vocabulary whose file is
    gone stays in force as long as a member names it.
    """
    texts = {name: good.get(name, text) if _fails_alone(name, text) else text for name, text in files.items()}
    texts |= _vanished(texts, good)
    first = read_filters(texts)
    texts |= {name: good[name] for name in texts if name not in first.texts and name in good}
    second = read_filters(texts)
    problems = (*read_filters(files).problems, *first.problems, *second.problems)
    return Filters(second.members, second.interests, tuple(dict.fromkeys(problems)), second.texts)


def _parsed(files: Mapping[str, str]) -> _Loaded:
    loaded = _Loaded()
    for name, text in files.items():
        try:
            loaded.models[name], loaded.lines[name] = parse(name, text, _model_of(name, text))
        except ConfigError as error:
            loaded.problems.extend(error.problems)
    return loaded


def _refuse_controls(name: str, text: str) -> None:
    """YAML refuses them too, but its reader cannot say so (ruamel 0.19.1 fails on its own message)."""
    if odd := _ODD.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise ConfigError([Problem(f"{name}:{line}", f"holds the invisible character {odd[0]!r}; remove it")])


def _model_of(name: str, text: str) -> type[Interest] | type[Member]:
    if isinstance(text, Unreadable):
        raise ConfigError(text.problems)
    _refuse_controls(name, text)
    data, _ = tree(name, text)
    if not isinstance(data, dict) or not data:
        raise ConfigError([Problem(f"{name}:1", "is empty; start with `member: short-name` or `interest: short-name`")])
    if "interest" in data or "member" in data:
        return Member if "member" in data else Interest
    return Interest if Path(name).parent.name == "interests" else Member


def _fails_alone(name: str, text: str) -> bool:
    return bool(_parsed({name: text}).problems)


def _vanished(texts: Mapping[str, str], good: Mapping[str, str]) -> dict[str, str]:
    now, before = _parsed(texts).models.values(), _parsed({n: t for n, t in good.items() if n not in texts}).models
    named = {interest for m in now if isinstance(m, Member) for rule in m.rules for interest in rule.interests}
    missing = named - {m.interest for m in now if isinstance(m, Interest)}
    return {n: good[n] for n, m in before.items() if isinstance(m, Interest) and m.interest in missing}


def _refuse_twins(loaded: _Loaded) -> None:
    first: dict[tuple[type, str], str] = {}
    for name, model in list(loaded.models.items()):
        key = "interest" if isinstance(model, Interest) else "member"
        slug = getattr(model, key)
        if (known := first.setdefault((type(model), slug), name)) != name:
            where = f"{name}:{loaded.lines[name].get((key,), 1)}"
            loaded.problems.append(Problem(where, f"`{key}: {slug}` is taken by {known}; choose another name"))
            del loaded.models[name]


def _findings(name: str, member: Member, interests: Mapping[str, Interest], lines: Lines) -> Iterator[Problem]:
    for i, rule in enumerate(member.rules):
        for j, interest in enumerate(rule.interests):
            if interest not in interests:
                yield Problem(_at(name, lines, i, "interests", j), _unknown("interest", interest, sorted(interests)))
        yield from _without(name, i, rule, interests, lines)
        for j, stage in enumerate(rule.stages):
            if stage not in LIVE:
                said = f"nothing {stage} is sent as new (who was told of it hears of it anyway); remove it"
                yield Problem(_at(name, lines, i, "stages", j), said, "warning")
        contradictions = list(_contradictions(name, i, rule, lines))
        yield from contradictions
        if not contradictions:
            for key, said in never_matches(member, rule, interests):
                yield Problem(_at(name, lines, i, key), said)


def _without(name: str, i: int, rule: Rule, interests: Mapping[str, Interest], lines: Lines) -> Iterator[Problem]:
    used = [interests[n] for n in rule.interests if n in interests]
    known = [word for interest in used for words in interest.looks_for for word in words]
    for j, word in enumerate(rule.without):
        if word not in known and used:
            said = _unknown("entry of these interests", word, known)
            yield Problem(_at(name, lines, i, "without", j), said, "warning")


def _contradictions(name: str, i: int, rule: Rule, lines: Lines) -> Iterator[Problem]:
    for word in sorted((set(rule.any) | set(rule.title)) & (set(rule.none) | set(rule.none_in_title))):
        yield Problem(_at(name, lines, i), f"`{word}` is both looked for and excluded; keep one")
    for key in Sort.model_fields:
        for word in sorted(set(getattr(rule.only, key)) & set(getattr(rule.never, key))):
            yield Problem(_at(name, lines, i, "never"), f"`{word}` is under `only` and `never`; keep one")
    words = any((rule.interests, rule.any, rule.title, rule.programmes, rule.buyers))
    tenders, calls = not rule.kinds or "tender" in rule.kinds, rule.kinds != ("tender",)
    if not tenders and (rule.only.cpv or rule.only.main_cpv or (rule.cpv and not words and not rule.calls)):
        yield Problem(_at(name, lines, i, "kinds"), "only tenders carry CPV codes; add `tender` or look for words")
    if not calls and (rule.only.calls or (rule.calls and not words and not rule.cpv)):
        yield Problem(_at(name, lines, i, "kinds"), "tenders have no call identifier; add `call` or look for words")


def _too_broad(name: str, model: Interest | Member, lines: Lines) -> Iterator[Problem]:
    rules = () if isinstance(model, Interest) else enumerate(model.rules)
    lists = [((), model.any)] if isinstance(model, Interest) else [(("rules", i), rule.any) for i, rule in rules]
    for place, words in lists:
        for j, word in enumerate(words):
            if is_broad(word):
                line = lines.get((*place, "any", j)) or lines.get((*place, "any"), 1)
                said = f"`{word}` stands in half of everything; put it under `title` or in a phrase"
                yield Problem(f"{name}:{line}", said, "warning")


def _at(name: str, lines: Lines, i: int, *rest: str | int) -> str:
    places: Iterator[tuple[str | int, ...]] = (("rules", i, *rest[:n]) for n in range(len(rest), -1, -1))
    return f"{name}:{next((lines[place] for place in places if place in lines), 1)}"


def _unknown(what: str, word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    hint = f"; did you mean `{near[0]}`?" if near else f"; there are: {', '.join(known[:12])}"
    return f"unknown {what} `{word}`{hint}"
