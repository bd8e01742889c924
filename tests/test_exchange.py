"""Out and in again: an import of an export gives the same store; what cannot be read is listed, nothing is kept."""

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import vestitor
from pipeline import exchange
from pipeline.exchange import Format
from pipeline.keeping import keep
from pipeline.opportunity import Kind, Opportunity, Role, Stage
from pipeline.store import Store
from tests.send_world import Installation

NOW = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
MINIMAL = {
    "id": "ours:1",
    "source": "ours",
    "ref": "1",
    "kind": "tender",
    "stage": "open",
    "title": "Software de gestiune",
}

QUICKLY = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
TRAPS = [
    "=1+1",
    "+40",
    "-1",
    "@x",
    "'a",
    "''",
    "\ttab",
    "a\nb",
    "a\r\nb",
    "\r",
    'say "yes"',
    "a,b;c",
    "[x]",
    "7",
    "null",
]
TEXT = st.one_of(st.sampled_from(TRAPS), st.text(min_size=1, max_size=20))
CPV = st.from_regex(r"\A[0-9]{8}\Z")
DAY = st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1)).map(str)
MOMENT = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2028, 1, 1)).map(lambda at: f"{at.isoformat()}+03:00")
ROLE = st.sampled_from(list(Role))


def thing(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


MONEY = thing(amount=st.integers(0, 10**14).map(lambda cents: cents / 100), currency=st.sampled_from(["RON", "EUR"]))
DEADLINE = thing(at=MOMENT, role=ROLE, lot=st.none() | TEXT) | thing(date=DAY, role=ROLE)
FIELDS = {
    "kind": st.sampled_from(list(Kind)), "stage": st.sampled_from(list(Stage)), "title": TEXT,
    "language": st.none() | st.just("ron"), "summary": st.none() | st.text(max_size=30), "programme": st.none() | TEXT,
    "url": st.none() | st.just("https://x.eu/?a=b,c"), "links": st.lists(thing(url=st.just("https://x.eu"), role=TEXT)),
    "buyer": st.none() | thing(name=TEXT, city=st.none() | TEXT), "cpv": st.lists(CPV, max_size=3),
    "countries": st.lists(st.sampled_from(["RO", "DE"]), max_size=2, unique=True), "value": st.none() | MONEY,
    "maximum": st.none() | MONEY, "eu_funded": st.none() | st.booleans(), "published": st.none() | DAY,
    "lots": st.lists(thing(id=TEXT, title=st.none() | TEXT), max_size=2), "deadlines": st.lists(DEADLINE, max_size=3),
    "keywords": st.lists(TEXT, max_size=2), "status": st.none() | TEXT, "trl": st.none() | st.just("4-7"),
    "grants": st.none() | st.integers(1, 99),
}  # fmt: skip


def numbered(found: list[dict[str, Any]]) -> list[Opportunity]:
    names = ({"id": f"s{n}:r{n}", "source": f"s{n}", "ref": f"r{n}", "notices": [f"r{n}", f"o{n}"]} for n in range(9))
    whole = (fields | name for fields, name in zip(found, names, strict=False))
    return [Opportunity.model_validate_json(json.dumps(one)) for one in whole]


OPPORTUNITIES = st.lists(thing(**FIELDS), max_size=3).map(numbered)


def kept(folder: Path, opportunities: Sequence[Opportunity]) -> list[Opportunity]:
    """What a new store holds after an import."""
    file = folder / "any.db"
    for old in folder.glob("any.db*"):
        old.unlink()
    with Store(file) as store:
        keep(store, [(exchange.as_notice(one), None) for one in opportunities], NOW)
        return [entry.opportunity for entry in store.all()]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@given(found=OPPORTUNITIES)
@QUICKLY
def test_an_import_of_an_export_gives_the_same_store(form: Format, found: list[Opportunity], tmp_path: Path) -> None:
    before = kept(tmp_path, found)
    file = tmp_path / f"all.{form}"
    with exchange.opened(file, "w") as out:
        assert exchange.export(before, out, form) == len(found)
    with exchange.opened(file, "r") as lines:
        assert kept(tmp_path, exchange.read_all(lines, form, "all")) == before


@given(found=OPPORTUNITIES)
@QUICKLY
def test_no_cell_is_a_formula(found: list[Opportunity]) -> None:
    out = io.StringIO(newline="")
    exchange.export(found, out, "csv")
    for row in csv.reader(io.StringIO(out.getvalue(), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_a_notice_of_hundreds_of_lots_fits_into_a_cell(tmp_path: Path) -> None:
    lots = [{"id": str(n), "title": "Echipamente medicale " * 10} for n in range(800)]
    big = Opportunity.model_validate({**MINIMAL, "lots": lots})
    with exchange.opened(tmp_path / "big.csv", "w") as out:
        exchange.export([big], out, "csv")
    with exchange.opened(tmp_path / "big.csv", "r") as lines:
        assert exchange.read_all(lines, "csv", "big") == [big]


# The schema


WHOLE = exchange.schema()
SAYS_NOTHING = {"title", "description", "default", "format", "$defs", "$schema", "type"}
TYPES: dict[str, Any] = {
    "number": (int, float),
    "string": str,
    "array": list,
    "object": dict,
    "null": type(None),
    "boolean": bool,
    "integer": int,
}
KEYWORDS: dict[str, Any] = {
    "$ref": lambda told, value, schema: accepts(WHOLE["$defs"][told.removeprefix("#/$defs/")], value),
    "anyOf": lambda told, value, schema: any(accepts(one, value) for one in told),
    "properties": lambda told, value, schema: all(accepts(told[name], value[name]) for name in told if name in value),
    "required": lambda told, value, schema: set(told) <= set(value),
    "additionalProperties": lambda told, value, schema: told or set(value) <= set(schema["properties"]),
    "items": lambda told, value, schema: all(accepts(told, one) for one in value),
    "enum": lambda told, value, schema: value in told,
    "const": lambda told, value, schema: value == told,
    "pattern": lambda told, value, schema: re.search(told, value),
    "minLength": lambda told, value, schema: len(value) >= told,
    "maxLength": lambda told, value, schema: len(value) <= told,
    "minimum": lambda told, value, schema: value >= told,
    "exclusiveMaximum": lambda told, value, schema: value < told,
}


def accepts(schema: Any, value: Any) -> bool:
    """JSON Schema, as far as ours goes: a keyword it does not know is a KeyError."""
    kind = schema.get("type", "any")
    good = kind == "any" or isinstance(value, TYPES[kind])
    if not good or (isinstance(value, bool) and kind in ("number", "integer")):
        return False
    return all(KEYWORDS[key](told, value, schema) for key, told in schema.items() if key not in SAYS_NOTHING)


@given(found=OPPORTUNITIES)
@QUICKLY
def test_the_schema_accepts_every_exported_line(found: list[Opportunity]) -> None:
    out = io.StringIO()
    exchange.export(found, out, "jsonl")
    for line in out.getvalue().removesuffix("\n").split("\n") if found else ():
        assert accepts(WHOLE, json.loads(line))


@pytest.mark.parametrize(
    "change", [{"stage": "opened"}, {"id": "no source"}, {"more": 1}, {"value": {"amount": "1", "currency": "RON"}}]
)
def test_the_schema_refuses_what_is_none_of_ours(change: dict[str, Any]) -> None:
    line = Opportunity.model_validate(MINIMAL).as_json()
    assert accepts(WHOLE, line)
    assert not accepts(WHOLE, line | change)


def test_the_schema_says_which_one_it_is() -> None:
    printed = json.loads(CliRunner().invoke(vestitor.main, ["schema"]).output)
    assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"id", "source", "ref", "kind", "stage", "title"} <= set(printed["required"])


# The commands


@pytest.fixture
def office(tmp_path: Path) -> Installation:
    """An installation whose member bob looks for software."""
    office = Installation(tmp_path)
    office.configure()
    office.member("bob")
    return office


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_minimal_lines_are_imported_matched_and_explained(form: Format, office: Installation) -> None:
    file = office.folder / f"few.{form}"
    head, cells = ",".join(MINIMAL), ",".join(MINIMAL.values())
    file.write_text(json.dumps(MINIMAL) + "\n" if form == "jsonl" else f"\ufeff{head}\r\n{cells}\r\n", encoding="utf-8")
    assert office.run("import", str(file)).output == "1 new, 0 changed, 0 known before\n"
    assert office.run("import", str(file)).output == "0 new, 0 changed, 1 known before\n"
    assert office.run("tag").exit_code == 0
    match = json.loads(office.run("matches", "--member=bob", "--json").output)
    assert (match["opportunity"]["id"], match["why"]) == ("ours:1", ["“Software” in the title"])
    said = office.run("explain", "bob", "1").output
    assert "bob: matches by 1 of its 1 rule" in said
    assert "Not sent: there was no mail to bob since it was found" in said


def test_every_bad_line_is_listed_and_nothing_is_imported(office: Installation) -> None:
    file = office.folder / "bad.jsonl"
    bad = [
        json.dumps(MINIMAL),
        "{",
        json.dumps(MINIMAL | {"stage": "opened", "cpv": ["7"]}),
        "",
        '["x"]',
        json.dumps({"id": "ours:2"}),
    ]
    file.write_bytes("\n".join(bad).encode() + b'\n{"id": "\xff"}\n')
    result = office.run("import", str(file))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("vestitor: nothing is imported:\n")
    told = sorted({int(line.removeprefix(f"{file}:").split(":")[0]) for line in result.stderr.splitlines()[1:]})
    assert told == [2, 3, 5, 6, 7]
    assert f"{file}:3: `stage`: input should be 'planned', 'consultation'" in result.stderr
    assert f"{file}:3: `cpv.0`: " in result.stderr
    assert f"{file}:6: `title`: field required; see `vestitor schema`" in result.stderr
    assert f"{file}:7: is not UTF-8; save the file as UTF-8" in result.stderr
    assert office.run("export").stdout == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,colour\n", "bad.csv:1: unknown columns ['colour']; the first line names fields of `vestitor schema`"),
        ("", "bad.csv:1: unknown columns []"),
        ('id,title\n"a\nb",x,y\n', "bad.csv:2: has 3 cells below 2 heads; put a text with commas in quotes"),
        ('id,title\nours:1,"x', "bad.csv:2: is not CSV: unexpected end of data"),
        ("id,title\n\nours:1,x\n", "bad.csv:3: `source`: field required"),
    ],
)
def test_a_csv_that_is_none_is_refused_where_it_goes_wrong(text: str, said: str, office: Installation) -> None:
    (office.folder / "bad.csv").write_text(text)
    result = office.run("import", str(office.folder / "bad.csv"))
    assert result.exit_code == 2
    assert said in result.stderr
