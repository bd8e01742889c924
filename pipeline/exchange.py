"""Out and in again: JSON Lines and CSV. What is exported and imported gives the same store.

A CSV cell that a spreadsheet would take for a formula gets a leading apostrophe, which import takes away again; lists
and objects stand in their cells as JSON.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TextIO

from pydantic import ValidationError

from pipeline.exceptions import Problem
from pipeline.notice import Form, Notice
from pipeline.opportunity import Opportunity

Format = Literal["jsonl", "csv"]
FIELDS = tuple(Opportunity.model_fields)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_TEXT = frozenset({
    "id", "source", "ref", "kind", "stage", "title", "language", "summary", "url", "programme", "call", "action",
    "published", "opens", "procedure",
})  # fmt: skip


def export(opportunities: Iterable[Opportunity], out: TextIO, form: Format) -> int:
    """Writes them, one line each; how many."""
    count = 0
    table = csv.writer(out, lineterminator="\n") if form == "csv" else None
    if table:
        table.writerow(FIELDS)
    for count, opportunity in enumerate(opportunities, start=1):
        if table:
            table.writerow([_cell(name, value) for name, value in opportunity.as_json().items()])
        else:
            out.write(opportunity.model_dump_json() + "\n")
    return count


def _cell(name: str, value: Any) -> str:
    if value is None or value == []:
        return ""
    text = str(value) if name in _TEXT else json.dumps(value, ensure_ascii=False)
    return "'" + text if text.startswith(_FORMULA) else text


def read(lines: TextIO, form: Format, name: str) -> Iterator[Opportunity | Problem]:
    """The opportunities in a file, and a problem with file:line for each line that is none.

    A line needs only id, source, ref, kind, stage and title.
    """
    rows = _csv_rows(lines) if form == "csv" else _json_rows(lines)
    for number, row in rows:
        try:
            yield Opportunity.model_validate_json(row)
        except ValidationError as error:
            for found in error.errors(include_url=False):
                place = ".".join(map(str, found["loc"])) or "line"
                yield Problem(f"{name}:{number}", f"`{place}`: {found['msg']}; see `vestitor schema`")


def _json_rows(lines: TextIO) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, line


def _csv_rows(lines: TextIO) -> Iterator[tuple[int, str]]:
    table = csv.DictReader(lines)
    for row in table:
        yield table.line_num, json.dumps({name: _value(name, cell) for name, cell in row.items() if name and cell})


def _value(name: str, cell: str) -> Any:
    text = cell[1:] if cell.startswith("'") else cell
    if name in _TEXT:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def as_notice(opportunity: Opportunity) -> Notice:
    """An imported opportunity as a notice that says it all, so that it is kept like any other."""
    names = (opportunity.ref, *(ref for ref in opportunity.notices if ref != opportunity.ref))
    return Notice(says=opportunity, form=Form.ANNOUNCES, names=names)
