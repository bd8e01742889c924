"""The EU portal walked over HTTP by the real spider process: two days, its ways to fail, and its real days."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from pipeline.changes import compare
from pipeline.collecting import Order, collect
from pipeline.config import Config
from pipeline.journal import Run, Verdict
from pipeline.opportunity import Opportunity, Stage
from pipeline.store import Store
from spiders._eu_portal_dossier import index_ref
from tests.sources._server import Fault
from tests.sources.eu_portal import BULK, DETAILS, SAMPLES, SEARCH, PortalServer, world
from tests.test_eu_portal import BUCHAREST, FRIDAY, RECORDED, THURSDAY, action, needs_recorded, overview, recorded


@pytest.fixture
def portal() -> Iterator[PortalServer]:
    with PortalServer(today=FRIDAY) as server:
        yield server


# Runs of the spider


def install(folder: Path, url: str) -> Config:
    text = f"store: portal.db\nsources:\n  eu_portal: {{url: '{url}', delay: 0, backoff: 0.02}}\n"
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return Config.read(folder / "config.yaml")


def run(config: Config, day: dt.date, hour: int = 10) -> Run:
    return collect(config, [Order("eu_portal")], dt.datetime.combine(day, dt.time(hour), BUCHAREST))[0]


def kept(config: Config) -> dict[str, Opportunity]:
    with Store(config.path(config.store)) as store:
        return {each.opportunity.ref: each.opportunity for each in store.all()}


def told(config: Config) -> dict[str, list[str]]:
    """What members would be told of each opportunity that changed: the fields that `compare` finds."""
    with Store(config.path(config.store)) as store:
        found: dict[str, list[str]] = {}
        for each in store.all():
            states = [store.as_of(each.opportunity.id, version) for version in range(1, each.version + 1)]
            for old, new in pairwise(states):
                assert old and new
                found.setdefault(each.opportunity.ref, []).extend(compare(old, new))
        return {ref: fields for ref, fields in found.items() if fields}


ON_FRIDAY = {
    "9e0d2c44-51a8-4f6e-8a10-7c61b2f4d902": {"stage", "deadlines", "value"},
    "DIGITAL-2026-ECCC-DEPLOY-CYBER-11-HEALTH": {"deadlines"},
    "HORIZON-MISS-2027-04-CIT-03": {"stage"},
}
"""What changed from Thursday to Friday in the samples: a tender came out, a deadline was extended, a topic opened."""


@pytest.fixture(scope="module")
def thursday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store after a good run on Thursday."""
    folder = tmp_path_factory.mktemp("thursday")
    with PortalServer(today=THURSDAY) as portal:
        config = install(folder, portal.home)
        assert run(config, THURSDAY).verdict is Verdict.GOOD
    return config.path(config.store)


@pytest.fixture
def after(tmp_path: Path, thursday: Path) -> Callable[[str], Config]:
    """An installation that has read Thursday."""

    def make(url: str) -> Config:
        shutil.copy(thursday, tmp_path / "portal.db")
        return install(tmp_path, url)

    return make


def test_two_days(portal: PortalServer, after: Callable[[str], Config]) -> None:
    config = after(portal.home)
    before = kept(config)
    assert len(before) == 29
    assert not {"HORIZON-CL4-2026-02-HUMAN-08", "14700COMPETITIVE_CALL", "ce14c960-0000-4000-8000-99f43525fba3"} & set(
        before
    )
    friday = run(config, FRIDAY)
    assert (friday.verdict, friday.reasons, friday.issues) == (Verdict.GOOD, [], [])
    assert set(kept(config)) - set(before) == {"14910COMPETITIVE_CALL", "DIGITAL-2027-AI-01-APPLY"}
    assert {ref: set(fields) for ref, fields in told(config).items()} == ON_FRIDAY
    assert friday.counts["requests"] <= 12


def test_the_same_file_is_not_fetched_twice(portal: PortalServer, after: Callable[[str], Config]) -> None:
    config = after(portal.home)
    run(config, FRIDAY)
    asked = len(portal.requests)
    again = run(config, FRIDAY, hour=18)
    assert (again.counts["bulk file unchanged"], again.counts["bulk records"]) == (1, 0)
    assert (again.counts["new"], again.counts["changed"], again.verdict) == (0, 0, Verdict.GOOD)
    assert not [request for request in portal.requests[asked:] if "topicDetails" in request.path]


def test_what_is_missing_is_asked_for_where_it_matters(tmp_path: Path) -> None:
    rows = [row for each in world(SAMPLES, FRIDAY) for row in each["search"]]
    for row in rows:
        row.get("metadata", row).pop("topicConditions", None)
    with PortalServer(today=FRIDAY, rows=rows) as portal:
        config = install(tmp_path, portal.home)
        first = run(config, FRIDAY)
        asked = {request.path.rpartition("/")[2] for request in portal.asked(DETAILS)}
        assert {"horizon-cl4-2027-04-data-11.json", "digital-2026-eccc-deploy-cyber-11-health.json"} <= asked
        assert not [name for name in asked if name.startswith(("cerv", "erasmus", "life"))]  # it has a text
        run(config, FRIDAY, hour=18)
        assert len(portal.asked(DETAILS)) == first.counts["details asked"] == len(asked)  # and is not asked for again


def test_no_row_is_lost_and_copies_fold(after: Callable[[str], Config]) -> None:
    with PortalServer(today=FRIDAY, page=3, copies=2) as portal:
        config = after(portal.home)
        friday = run(config, FRIDAY)
        assert (friday.verdict, friday.counts["new"]) == (Verdict.GOOD, 2)
        assert friday.counts["copies folded"] > 20
        assert {ref: set(fields) for ref, fields in told(config).items()} == ON_FRIDAY


def test_a_file_in_many_pieces_stays_out_of_memory(after: Callable[[str], Config]) -> None:
    with PortalServer(today=FRIDAY, history=12_000) as portal:
        friday = run(after(portal.home), FRIDAY)
        pieces = [request.headers.get("range") for request in portal.asked(BULK)]
        assert (friday.verdict, friday.counts["bulk records"]) == (Verdict.GOOD, 12_029)
        assert len(pieces) == 3 and pieces[1] == "bytes=8388608-16777215"


def test_what_vanishes_from_both_channels_stays(portal: PortalServer, after: Callable[[str], Config]) -> None:
    config = after(portal.home)
    before = kept(config)
    rows = [row for each in world(SAMPLES, THURSDAY) for row in each["search"]]
    portal.rows, portal.records = (
        rows[: len(rows) * 2 // 3],
        [each["bulk"] for each in world(SAMPLES, THURSDAY) if each["bulk"]][:18],
    )
    run(config, FRIDAY)
    portal.rows = portal.records = None
    portal.today = THURSDAY
    run(config, FRIDAY, hour=18)
    assert set(kept(config)) == set(before)
    assert set(told(config)) == {"HORIZON-MISS-2027-04-CIT-03"}, "only the topic whose day to open has come"


# Ways to fail: the right verdict, nothing closed or lost, and the next good run catches up


def search_down(portal: PortalServer) -> None:
    portal.fail(SEARCH, Fault(500, times=None))


def one_page_fails_twice(portal: PortalServer) -> None:
    portal.fail(SEARCH, Fault(500, times=2))


def too_many_requests(portal: PortalServer) -> None:
    portal.fail(SEARCH, Fault(429, headers={"Retry-After": "0"}, times=2))


def blocked(portal: PortalServer) -> None:
    portal.fail("/", Fault(403, "<html>Access denied</html>", times=None))


def maintenance(portal: PortalServer) -> None:
    portal.fail(SEARCH, Fault(200, "<html><title>Maintenance</title></html>", times=None))


def empty(portal: PortalServer) -> None:
    portal.fail(SEARCH, Fault(200, "", headers={}, times=None))


def bulk_gone(portal: PortalServer) -> None:
    portal.fail(BULK, Fault(404, times=None))


def bulk_cut_short(portal: PortalServer) -> None:
    portal.fail(BULK, Fault(None, truncate=20_000, times=None))


def bulk_is_html(portal: PortalServer) -> None:
    portal.fail(BULK, Fault(200, "<html>Maintenance</html>" * 1000, times=None))


def field_renamed(portal: PortalServer) -> None:
    rows = [row for each in world(SAMPLES, FRIDAY) for row in each["search"] if "metadata" in row]
    named = json.dumps(rows).replace('"deadlineDate"', '"submissionDeadline"')
    portal.rows = json.loads(named)
    portal.fail(BULK, Fault(404, times=None))


def nine_tenths_gone(portal: PortalServer) -> None:
    portal.rows = [row for each in world(SAMPLES, FRIDAY) for row in each["search"]][:4]


def question_ignored(portal: PortalServer) -> None:
    rows = [row for each in world(SAMPLES, FRIDAY) for row in each["search"]]
    answer = {"totalResults": 4_184_545, "pageNumber": 1, "pageSize": 100, "results": rows[:100]}
    portal.fail(SEARCH, Fault(200, json.dumps(answer), headers={"Content-Type": "application/json"}, times=None))


@pytest.mark.parametrize(
    ("break_it", "verdict"),
    [
        (search_down, Verdict.DEGRADED),
        (one_page_fails_twice, Verdict.GOOD),
        (too_many_requests, Verdict.GOOD),
        (blocked, Verdict.FAILED),
        (maintenance, Verdict.DEGRADED),
        (empty, Verdict.DEGRADED),
        (bulk_gone, Verdict.PARTIAL),
        (bulk_cut_short, Verdict.PARTIAL),
        (bulk_is_html, Verdict.PARTIAL),
        (field_renamed, Verdict.DEGRADED),
        (nine_tenths_gone, Verdict.DEGRADED),
        (question_ignored, Verdict.DEGRADED),
    ],
)
def test_ways_to_fail(
    break_it: Callable[[PortalServer], None], verdict: Verdict, portal: PortalServer, after: Callable[[str], Config]
) -> None:
    config = after(portal.home)
    before = kept(config)
    break_it(portal)
    bad = run(config, FRIDAY)
    assert bad.verdict is verdict, bad.reasons
    meanwhile = kept(config)
    assert set(before) <= set(meanwhile)
    assert not [ref for ref, says in meanwhile.items() if says.stage in (Stage.CLOSED, Stage.CANCELLED)]
    assert not [ref for ref, says in before.items() if says.deadlines and not meanwhile[ref].deadlines]
    portal._faults.clear()
    portal.rows = None
    good = run(config, FRIDAY, hour=18)
    assert good.verdict is Verdict.GOOD, good.reasons
    assert len(kept(config)) == 31
    assert {ref: set(fields) for ref, fields in told(config).items() if ref in before} == ON_FRIDAY


@pytest.mark.parametrize("url", ["http://portal.invalid/x", "http://127.0.0.1:9/x", "https://127.0.0.1:{port}/x"])
def test_hosts_that_do_not_answer(url: str, portal: PortalServer, after: Callable[[str], Config]) -> None:
    config = after(url.format(port=urlsplit(portal.url).port))
    before = kept(config)
    assert run(config, FRIDAY).verdict is Verdict.FAILED
    assert kept(config) == before


# Real days: 706 opportunities and three daily snapshots as a public feed kept them


def raw_row(one: dict[str, Any]) -> dict[str, Any]:
    """A record of the feed in the shape of the index, from which it was made."""
    language = one["id"][-2:].lower()
    meta = {
        "type": [one["kind"]["id"]],
        "status": [one["status"]["id"]],
        "language": [language],
        "DATASOURCE": ["SEDIA"],
        "frameworkProgramme": [each["id"] for each in one["frameworkProgrammes"]],
        "typesOfAction": [one["actionType"]] if one.get("actionType") else [],
        "descriptionByte": [one["abstract"]] if one.get("abstract") else [],
        "budgetOverview": [json.dumps(_table(one))] if one.get("budget") else [],
        "es_SortDate": [_zoned(one["startDate"])],
    }
    meta |= {
        name: [one[name]] for name in ("identifier", "title", "callIdentifier", "callTitle", "url") if one.get(name)
    }
    meta |= {name: [_zoned(one[name])] for name in ("startDate", "deadlineDate") if one.get(name)}
    return {"reference": one["id"], "language": language, "summary": one["summary"], "metadata": meta}


def _zoned(moment: str) -> str:
    return moment.replace("Z", "+0000")


def _table(one: dict[str, Any]) -> dict[str, Any]:
    money = one["budget"]
    years = {"2026": money["totalBudgetEur"]} if money["totalBudgetEur"] else {}
    limits = {name: money[f"{name}Eur"] for name in ("minContribution", "maxContribution")}
    return overview(
        action(one["identifier"], 0, expectedGrants=money["expectedGrants"], **limits) | {"budgetYearMap": years}
    )


def raw_record(one: dict[str, Any]) -> dict[str, Any]:
    """The same as the bulk file has it."""
    code, label = one["frameworkProgrammes"][0].values() if one["frameworkProgrammes"] else (0, "")
    return {
        "type": 1,
        "identifier": one["identifier"],
        "title": one["title"],
        "callIdentifier": one["callIdentifier"],
        "status": {"id": int(one["status"]["id"])},
        "publicationDateLong": _ms(one["startDate"]),
        "plannedOpeningDateLong": _ms(one["startDate"]),
        "deadlineDatesLong": [_ms(one["deadlineDate"])] if one.get("deadlineDate") else [],
        "frameworkProgramme": {"id": int(code), "description": label},
        "deadlineModel": {},
    }


def _ms(moment: str) -> int:
    return int(dt.datetime.fromisoformat(moment).timestamp() * 1000)


def real_changes(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Whether the day of the deadline or the budget moved, read without our code."""
    amounts = [(one["budget"] or {}).get("totalBudgetEur") for one in (before, after)]
    return {
        name
        for name, moved in (("deadlines", _day(before) != _day(after)), ("value", amounts[0] != amounts[1]))
        if moved
    }


def _day(one: dict[str, Any]) -> str:
    """In Brussels for EuropeAid, else as written."""
    raw = one.get("deadlineDate")
    if not raw or one["kind"]["id"] != "2":
        return (raw or "")[:10]
    return str(dt.datetime.fromisoformat(raw).astimezone(ZoneInfo("Europe/Brussels")).date())


def snapshot(day: str) -> dict[str, dict[str, Any]]:
    [file] = (RECORDED / "daily-snapshots").glob(f"grants_{day}_*.json.gz")
    return {one["id"]: one for one in json.loads(gzip.decompress(file.read_bytes()))["grants"]}


@needs_recorded
def test_three_real_days_with_their_accident(tmp_path: Path) -> None:
    """2026-06-26, 06-27 (the index held each document three times) and 07-02 (twice), over HTTP, losing rows."""
    days = {day: snapshot(day) for day in ("2026-06-26", "2026-06-27", "2026-07-02")}
    with PortalServer(rows=[], records=[]) as portal:
        config = install(tmp_path, portal.home)
        for (day, found), copies in zip(days.items(), (1, 3, 2), strict=True):
            portal.rows, portal.copies = [raw_row(one) for one in found.values()], copies
            portal.records = [raw_record(one) for one in found.values() if one["kind"]["id"] == "1"]
            portal._files.clear()
            got = run(config, dt.date.fromisoformat(day))
            assert got.verdict is Verdict.GOOD, got.reasons
        stored, changed = kept(config), told(config)
    first, second, third = days.values()
    assert {ref: set(fields) - {"stage"} for ref, fields in changed.items() if set(fields) - {"stage"}} == {
        ref_of(id, old): fields
        for old, new in ((first, second), (second, third))
        for id in old.keys() & new.keys()
        if (fields := real_changes(old[id], new[id]))
    }
    assert not [ref for ref, says in stored.items() if says.stage in (Stage.CLOSED, Stage.CANCELLED)]
    alive = {
        ref_of(id, third) for id, one in third.items() if not one["deadlineDate"] or one["deadlineDate"] > "2026-07-03"
    }
    assert alive <= set(stored)


def ref_of(id: str, found: dict[str, dict[str, Any]]) -> str:
    return index_ref(raw_row(found[id]))


@needs_recorded
def test_706_real_opportunities_vanish_and_return(tmp_path: Path) -> None:
    """A tenth vanishes from both channels for a day and comes back; EuropeAid's seconds change: nothing is told."""
    all_of_them = recorded("opportunities.json")
    with PortalServer(rows=[], records=[]) as portal:
        config = install(tmp_path, portal.home)
        for number, day in enumerate((13, 14, 15)):
            there = [one for at, one in enumerate(all_of_them) if number != 1 or at % 10]
            portal.rows = [raw_row(_jittered(one, number)) for one in there]
            portal.records = [raw_record(one) for one in there if one["kind"]["id"] == "1"]
            portal._files.clear()
            got = run(config, dt.date(2026, 3, day))
            assert (got.verdict, got.counts.get("unreadable", 0)) == (Verdict.GOOD, 0), got.reasons
            assert not got.issues, got.issues
        stored, changed = kept(config), told(config)
    over = [one for one in all_of_them if (one.get("deadlineDate") or "9") < "2026-03-13T16"]
    assert len(stored) >= 706 - len(over)
    assert not [ref for ref, says in stored.items() if says.stage in (Stage.CLOSED, Stage.CANCELLED)]
    opened = {ref for ref, fields in changed.items() if fields == ["stage"]}
    assert set(changed) == opened, "only stages may change, because days to open came"
    assert all(stored[ref].opens in (dt.date(2026, 3, 14), dt.date(2026, 3, 15)) for ref in opened)


def _jittered(one: dict[str, Any], seconds: int) -> dict[str, Any]:
    """Other seconds on a EuropeAid record, as the index gives them from day to day."""
    if one["kind"]["id"] != "2":
        return one
    times = {name: f"{one[name][:17]}{seconds:02}.000Z" for name in ("startDate", "deadlineDate") if one.get(name)}
    return one | times
