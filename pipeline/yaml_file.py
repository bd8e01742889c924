"""YAML files people write: read without guessing, checked against a model, every problem with its line.

Every scalar is taken as the text that stands there: `NO`, `030`, `12:30` and `03000000` keep their spelling, and only
the model decides what a value means. Duplicate keys, anchors and tags are refused: each has hidden a filter before.
"""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from pipeline.exceptions import ConfigError, Problem
from pipeline.yaml_words import hint, remedy

MAX_BYTES = 250_000
"""Reading that much takes three seconds; all sample filters together are a seventh of it."""
MAX_DEPTH = 20
_DEEP = re.compile(r"(?:[\[{]\s*){20}")
M = TypeVar("M", bound=BaseModel)
Loc = tuple[str | int, ...]
Lines = dict[Loc, int]


def load(path: Path, model: type[M]) -> M:
    """The file as `model`; raises ConfigError with every problem found, each with file:line and what to write."""
    return parse(str(path), read_text(path), model)[0]


def parse(name: str, text: str, model: type[M]) -> tuple[M, Lines]:
    """The text of the file called `name` as `model`, and the line of each place in it; raises ConfigError."""
    data, lines = tree(name, text)
    try:
        return model.model_validate(data), lines
    except ValidationError as error:
        problems = {_problem(name, details, lines, model) for details in error.errors(include_url=False)}
        raise ConfigError(sorted(problems, key=_place)) from None


def tree(name: str, text: str) -> tuple[Any, Lines]:
    """Nested dicts, lists and strings, and the line (from 1) of each place in them; raises ConfigError."""
    lines: Lines = {(): 1}
    problems: list[Problem] = []
    node = _compose(name, text)
    data = _plain(node, (), lines, problems, name) if node is not None else None
    if problems:
        raise ConfigError(problems)
    return {} if data is None else data, lines


def read_text(path: Path) -> str:
    """The file's text (UTF-8, at most 250 kB); raises ConfigError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError([Problem(f"{path}:1", f"is larger than {MAX_BYTES:,} bytes; split it")])
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigError([Problem(f"{path}:{line}", "is not UTF-8; save the file as UTF-8")]) from None
    except OSError as error:
        raise ConfigError([Problem(f"{path}:1", f"cannot be read: {error.strerror}")]) from None


def _compose(path: str, text: str) -> Node | None:
    if found := _DEEP.search(text):  # takes ruamel many seconds before it gives up
        line = text.count("\n", 0, found.start()) + 1
        raise ConfigError([Problem(f"{path}:{line}", "is nested too deeply; a few levels are all that is used here")])
    yaml = YAML(typ="rt", pure=True)
    yaml.max_depth = MAX_DEPTH
    yaml.composer.warn_double_anchors = False  # every anchor is refused below
    try:
        node: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        raise ConfigError([_marked(path, error)]) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError([Problem(f"{path}:{line}", "holds a control character; remove it")]) from None
    except (
        YAMLError,
        ValueError,
        LookupError,
        RecursionError,
    ) as error:  # ruamel itself trips over some escapes and directives
        raise ConfigError([Problem(f"{path}:1", f"is not YAML: {' '.join(str(error).split())}")]) from None
    return node


def _marked(path: str, error: MarkedYAMLError) -> Problem:
    """What ends too late is shown where it began."""
    said = str(error.problem if error.problem and not error.problem.startswith("but") else error.context)
    endless = "end of stream" in said or "stream end" in said
    mark = (endless and error.context_mark) or error.problem_mark or error.context_mark
    return Problem(f"{path}:{mark.line + 1 if mark else 1}", f"is not YAML: {said}; {hint(said)}")


def _plain(node: Node, loc: Loc, lines: Lines, problems: list[Problem], path: str) -> Any:
    lines[loc] = node.start_mark.line + 1
    if node.anchor is not None:
        problems.append(Problem(f"{path}:{lines[loc]}", "anchors and aliases (& and *) are not used here; repeat it"))
        return None
    if node.ctag.handle is not None:
        problems.append(
            Problem(f"{path}:{lines[loc]}", "tags (!) are not used here; remove it, or quote a text with !")
        )
        return None
    if isinstance(node, ScalarNode):
        return None if node.style is None and node.value in ("", "~", "null") else str(node.value)
    if isinstance(node, SequenceNode):
        return [_plain(child, (*loc, i), lines, problems, path) for i, child in enumerate(node.value)]
    assert isinstance(node, MappingNode)
    return {key: _plain(child, (*loc, key), lines, problems, path) for key, child in _pairs(node, problems, path)}


def _pairs(node: MappingNode, problems: list[Problem], path: str) -> Iterator[tuple[str, Node]]:
    seen: dict[str, int] = {}
    for key, child in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            problems.append(Problem(f"{path}:{line}", "a key must be one word; is a colon or a quote out of place?"))
        elif key.value in seen:
            problems.append(Problem(f"{path}:{line}", f"`{key.value}` stands twice, first in line {seen[key.value]}"))
        else:
            seen[key.value] = line
            child.start_mark = key.start_mark  # a block begins lines below its key, and an empty value even further
            yield str(key.value), child


def _problem(path: str, details: ErrorDetails, lines: Lines, model: type[BaseModel]) -> Problem:
    loc = tuple(details["loc"])
    where = f"{path}:{_line(loc, lines)}"
    name = ".".join(str(part) for part in loc if part in _spoken(loc, lines))
    if details["type"] == "extra_forbidden":
        return Problem(where, f"unknown key `{loc[-1]}`{_suggest(str(loc[-1]), loc[:-1], model)}")
    if details["type"] == "missing":
        return Problem(where, f"`{loc[-1]}` is missing{f' in `{name}`' if name else ''}; add it")
    return Problem(where, f"`{name}`: {remedy(details)}" if name else remedy(details))


def _place(problem: Problem) -> tuple[int, str]:
    return int(problem.where.rpartition(":")[2]), problem.what


def _spoken(loc: Loc, lines: Lines) -> Loc:
    return max((place for place in lines if place == loc[: len(place)]), key=len, default=())


def _line(loc: Loc, lines: Lines) -> int:
    return lines[_spoken(loc, lines)]


def _suggest(key: str, loc: Loc, model: type[BaseModel]) -> str:
    known = sorted(_keys(loc, model))
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known here: {', '.join(known)}" if known else ""


def _keys(loc: Loc, annotation: Any) -> set[str]:
    models = list(_models(annotation))
    if not loc:
        return {field.alias or name for model in models for name, field in model.model_fields.items()}
    step = str(loc[0])
    for model in models:
        if step in model.model_fields:
            return _keys(loc[1:], model.model_fields[step].annotation)
    inner = [arg for arg in get_args(annotation) if arg is not type(None)]
    return set().union(*(_keys(loc[1:], arg) for arg in inner)) if inner else set()


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, UnionType):
        for arg in get_args(annotation):
            yield from _models(arg)
