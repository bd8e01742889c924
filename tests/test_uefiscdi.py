"""UEFISCDI: the journal page of each instrument, through the real process."""

from __future__ import annotations

from pathlib import Path

from pipeline.journal import Verdict
from pipeline.opportunity import Kind, Stage
from pipeline.romanian import read_page
from tests.romanian_sources import Installed, ends, rows
from tests.sources._server import Fault
from tests.sources.uefiscdi import UefiscdiServer

PED = "/proiect-experimental-demonstrativ"


def test_a_competition_is_a_call_and_rankings_are_none(tmp_path: Path) -> None:
    with UefiscdiServer() as site:
        installed = Installed(tmp_path, site, "uefiscdi")
        run = installed.collect()
        kept = installed.all()
    assert run.verdict is Verdict.GOOD and run.counts["skipped: results"] == 1
    ped = kept["proiect-experimental-demonstrativ"]
    assert (ped.kind, ped.stage, ends(ped)) == (Kind.CALL, Stage.OPEN, [("submission", "2027-01-25T16:00")])
    assert ped.value is not None and ped.value.amount == 60_000_000
    assert ped.grant_max is not None and ped.grant_max.amount == 750_000
    assert kept["eea-grants-2021-2028"].deadlines == ()  # a quarter is no deadline


def test_a_new_entry_moves_the_deadline(tmp_path: Path) -> None:
    with UefiscdiServer() as site:
        installed = Installed(tmp_path, site, "uefiscdi")
        installed.collect()
        entry = "<h4>Informare 10 ianuarie 2027</h4>"
        entry += "<p>Termenul limită se prelungește până la 8 februarie 2027, ora 16:00.</p>"
        site.change(PED, "<h4>Informare 16", entry + "<h4>Informare 16")
        run = installed.collect()
        assert run.counts["changed"] == 1 and run.counts["pages unchanged"] == 2
        assert ends(installed.all()["proiect-experimental-demonstrativ"]) == [("submission", "2027-02-08T16:00")]


def test_a_maintenance_page_is_no_page(tmp_path: Path) -> None:
    with UefiscdiServer() as site:
        site.fail(PED, Fault(200, "<html><head><title>Site în mentenanță</title></head></html>", times=None))
        assert Installed(tmp_path, site, "uefiscdi").collect().verdict is not Verdict.GOOD


def test_recorded_pages_have_no_deadline() -> None:
    for row in rows("pages_samples.jsonl"):
        if row["source"] == "uefiscdi.gov.ro":
            page = read_page(row["title"], row["text"])
            assert page.submission is None and page.consultation is None
