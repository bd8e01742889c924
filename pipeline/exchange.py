"""Out and in again: JSON Lines and CSV. What is exported and imported gives the same store.

In CSV, lists and objects stand in their cells as JSON, an unknown value is an empty cell, and a text that is empty or
that a spreadsheet would take for a formula gets a leading apostrophe, which import takes away again.
"""

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, TextIO

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pipeline.exceptions import ConfigError, Problem
from pipeline.notice import Form, Notice
from pipeline.opportunity import Opportunity

Format = Literal["jsonl", "csv"]
FIELDS = tuple(Opportunity.model_fields)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
LONGEST = 10_000_000
"""Characters in a CSV cell; a notice with hundreds of lots needs far more than Python's 131,072."""


def _is_text(schema: Any, definitions: Any) -> bool:
    """Whether a field of the schema is written as it is and not as JSON."""
    if "$ref" in schema:
        return _is_text(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    return all(kind.get("type") == "string" or ("$ref" in kind and _is_text(kind, definitions)) for kind in kinds)


def schema() -> dict[str, Any]:
    """The JSON Schema of an exported opportunity."""
    found = Opportunity.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


@cache
def _texts() -> frozenset[str]:
    """The fields that are written as they are."""
    whole = schema()
    return frozenset(name for name, field in whole["properties"].items() if _is_text(field, whole["$defs"]))


@contextmanager
def opened(file: Path, mode: Literal["r", "w"]) -> Iterator[TextIO]:
    """The file as UTF-8, line ends untouched; `-` is standard input or output. Excel knows UTF-8 only by its mark."""
    if str(file) == "-":
        yield sys.stdin if mode == "r" else sys.stdout
        return
    encoding = "utf-8-sig" if mode == "r" or format_of(file) == "csv" else "utf-8"
    errors = "surrogateescape" if mode == "r" else "strict"
    with file.open(mode, encoding=encoding, errors=errors, newline="") as stream:
        yield stream


def format_of(file: Path) -> Format:
    """By the file's name; JSON Lines unless it ends in .csv."""
    return "csv" if file.suffix.lower() == ".csv" else "jsonl"


def export(opportunities: Iterable[Opportunity], out: TextIO, form: Format) -> int:
    """Writes them, one line each; how many."""
    count = 0
    table = csv.writer(out)  # lines end in CR LF: with LF alone a lone CR in a text would not be quoted
    if form == "csv":
        table.writerow(FIELDS)
    for opportunity in opportunities:
        count += 1
        if form == "csv":
            table.writerow([_cell(name, value) for name, value in opportunity.as_json().items()])
        else:
            out.write(opportunity.model_dump_json() + "\n")
    return count


def _cell(name: str, value: Any) -> str:
    if value is None or value == []:
        return ""
    text = str(value) if name in _texts() else json.dumps(value, ensure_ascii=False)
    return "'" + text if not text or text.startswith(_FORMULA) else text


def read_all(lines: TextIO, form: Format, name: str) -> list[Opportunity]:
    """The opportunities in a file; raises ConfigError with file:line for every line that is none.

    A line needs only id, source, ref, kind, stage and title.
    """
    found: list[Opportunity] = []
    problems: list[Problem] = []
    for row in _csv_rows(lines) if form == "csv" else _json_rows(lines):
        try:
            row.text.encode()
            found += [Opportunity.model_validate_json(row.text)] if not row.why else []
            said = [row.why] if row.why else []
        except UnicodeEncodeError:
            said = ["is not UTF-8; save the file as UTF-8"]
        except ValidationError as error:
            said = list(map(_said, error.errors(include_url=False)))
        problems += [Problem(f"{name}:{row.line}", why) for why in said]
    if problems:
        raise ConfigError(problems)
    return found


class _Row(NamedTuple):
    """A line of a file as JSON, or why there is none."""

    line: int
    text: str
    why: str = ""


def _said(details: ErrorDetails) -> str:
    place, message = ".".join(map(str, details["loc"])) or "line", details["msg"].removeprefix("Value error, ")
    return f"`{place}`: {message[:1].lower()}{message[1:]}; see `vestitor schema`"


def _json_rows(lines: TextIO) -> Iterator[_Row]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _Row(number, line)


def _csv_rows(lines: TextIO) -> Iterator[_Row]:
    csv.field_size_limit(LONGEST)
    table, end = csv.reader(lines, strict=True), 0
    try:
        heads = next(table, [])
        strange = [head for head in heads if head not in FIELDS]
        if strange or not heads:
            yield _Row(1, "", f"unknown columns {strange}; the first line names fields of `vestitor schema`")
            return
        end = table.line_num
        for cells in table:
            start, end = end + 1, table.line_num
            if cells:
                yield _object(start, heads, cells)
    except csv.Error as error:
        yield _Row(end + 1, "", f"is not CSV: {error}")


def _object(line: int, heads: list[str], cells: list[str]) -> _Row:
    if len(cells) > len(heads):
        return _Row(line, "", f"has {len(cells)} cells below {len(heads)} heads; put a text with commas in quotes")
    values = {head: _value(head, cell) for head, cell in zip(heads, cells, strict=False) if cell}
    return _Row(line, json.dumps(values, ensure_ascii=False))


def _value(name: str, cell: str) -> Any:
    text = cell[1:] if cell.startswith("'") else cell
    if name in _texts():
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def as_notice(opportunity: Opportunity) -> Notice:
    """An imported opportunity as a notice that says it all, so that it is kept like any other."""
    names = (opportunity.ref, *(ref for ref in opportunity.notices if ref != opportunity.ref))
    return Notice(says=opportunity, form=Form.ANNOUNCES, names=names)
