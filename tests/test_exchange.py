"""Out and in again: an import of an export gives the same store; what cannot be read is all listed and nothing is kept."""

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
MINIMAL = {"id": "ours:1", "source": "ours", "ref": "1", "kind": "tender", "stage": "open", "title": "Software de gestiune"}

QUICKLY = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
TEXT = st.one_of(
    st.sampled_from(["=1+1", "+40", "-1", "@x", "'a", "''", "\ttab", "a\nb", "a\r\nb", "\r", 'say "yes"', "a,b;c", "[x]", "7", "null"]),
    st.text(min_size=1, max_size=20),
)
MONEY = st.builds(
    lambda cents, currency: {"amount": cents / 100, "currency": currency},
    st.integers(0, 10**14), st.sampled_from(["RON", "EUR"]),
)  # fmt: skip
DEADLINE = st.one_of(
    st.builds(
        lambda at, role, lot: {"at": at.isoformat(), "role": role, "lot": lot},
        st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2028, 1, 1), timezones=st.just(dt.timezone(dt.timedelta(hours=3)))),
        st.sampled_from(list(Role)), st.none() | TEXT,
    ),
    st.builds(lambda date: {"date": date.isoformat()}, st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1))),
)  # fmt: skip
CPV = st.from_regex(r"\A[0-9]{8}\Z")
FIELDS = {
    "kind": st.sampled_from(list(Kind)), "stage": st.sampled_from(list(Stage)), "title": TEXT,
    "language": st.none() | st.just("ron"), "summary": st.none() | st.text(max_size=30), "programme": st.none() | TEXT,
    "url": st.none() | st.just("https://x.eu/?a=b,c"), "links": st.lists(st.builds(lambda role: {"url": "https://x.eu", "role": role}, TEXT), max_size=2),
    "buyer": st.none() | st.builds(lambda name, city: {"name": name, "city": city}, TEXT, st.none() | TEXT),
    "cpv": st.lists(CPV, max_size=3), "countries": st.lists(st.sampled_from(["RO", "DE"]), max_size=2, unique=True),
    "value": st.none() | MONEY, "maximum": st.none() | MONEY, "eu_funded": st.none() | st.booleans(),
    "lots": st.lists(st.builds(lambda id, title: {"id": id, "title": title}, TEXT, st.none() | TEXT), max_size=2),
    "published": st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 1)).map(str), "deadlines": st.lists(DEADLINE, max_size=3),
    "keywords": st.lists(TEXT, max_size=2), "status": st.none() | TEXT, "trl": st.none() | st.just("4-7"), "grants": st.none() | st.integers(1, 99),
}  # fmt: skip
OPPORTUNITIES = st.lists(st.fixed_dictionaries(FIELDS), max_size=3).map(
    lambda found: [{**fields, "id": f"s{n}:r{n}", "source": f"s{n}", "ref": f"r{n}", "notices": [f"r{n}", f"old{n}"]} for n, fields in enumerate(found)]
)


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
def test_an_import_of_an_export_gives_the_same_store(form: Format, found: list[dict[str, Any]], tmp_path: Path) -> None:
    before = kept(tmp_path, [Opportunity.model_validate_json(json.dumps(one)) for one in found])
    file = tmp_path / f"all.{form}"
    with exchange.opened(file, "w") as out:
        assert exchange.export(before, out, form) == len(found)
    with exchange.opened(file, "r") as lines:
        assert kept(tmp_path, exchange.read_all(lines, form, "all")) == before


@given(found=OPPORTUNITIES)
@QUICKLY
def test_no_cell_is_a_formula(found: list[dict[str, Any]]) -> None:
    out = io.StringIO(newline="")
    exchange.export([Opportunity.model_validate_json(json.dumps(one)) for one in found], out, "csv")
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


def accepts(schema: Any, value: Any, whole: Any) -> bool:
    """JSON Schema, as far as ours goes; a keyword it does not know is an error."""
    told = {key: found for key, found in schema.items() if key not in ("title", "description", "default", "$defs", "$schema", "format")}
    told = {"type": told["type"], **told} if "type" in told else told  # the other keywords speak of values of that type
    return all(_keyword(key, found, schema, value, whole) for key, found in told.items())


def _keyword(key: str, found: Any, schema: Any, value: Any, whole: Any) -> bool:
    types = {"string": str, "array": list, "object": dict, "null": type(None), "boolean": bool, "integer": int, "number": (int, float)}
    match key:
        case "$ref":
            return accepts(whole["$defs"][found.removeprefix("#/$defs/")], value, whole)
        case "anyOf":
            return any(accepts(one, value, whole) for one in found)
        case "type":
            return isinstance(value, types[found]) and (found == "boolean" or not isinstance(value, bool))
        case "properties":
            return all(accepts(found[name], value[name], whole) for name in found if name in value)
        case "required":
            return set(found) <= set(value)
        case "additionalProperties":
            return found is not False or set(value) <= set(schema["properties"])
        case "items":
            return all(accepts(found, one, whole) for one in value)
        case "enum" | "const":
            return value in found if key == "enum" else bool(value == found)
        case "pattern":
            return re.search(found, value) is not None
        case "minLength" | "maxLength":
            return len(value) >= found if key == "minLength" else len(value) <= found
        case "minimum" | "exclusiveMaximum":
            return bool(value >= found if key == "minimum" else value < found)
    raise AssertionError(f"unknown keyword {key}")


@given(found=OPPORTUNITIES)
@QUICKLY
def test_the_schema_accepts_every_exported_line(found: list[dict[str, Any]]) -> None:
    out = io.StringIO()
    exchange.export([Opportunity.model_validate_json(json.dumps(one)) for one in found], out, "jsonl")
    whole = exchange.schema()
    for line in out.getvalue().removesuffix("\n").split("\n") if found else ():
        assert accepts(whole, json.loads(line), whole)


@pytest.mark.parametrize("change", [{"stage": "opened"}, {"id": "no source"}, {"more": 1}, {"value": {"amount": "1", "currency": "RON"}}])
def test_the_schema_refuses_what_is_none_of_ours(change: dict[str, Any]) -> None:
    whole, line = exchange.schema(), Opportunity.model_validate(MINIMAL).as_json()
    assert accepts(whole, line, whole)
    assert not accepts(whole, line | change, whole)


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
    bad = [json.dumps(MINIMAL), "{", json.dumps(MINIMAL | {"stage": "opened", "cpv": ["7"]}), "", '["x"]', json.dumps({"id": "ours:2"})]
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
