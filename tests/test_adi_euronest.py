"""ADI EURONEST: the table of calls, through the real process; torn, renamed and shrunk tables; the real rows."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.exceptions import SourceError
from pipeline.journal import Verdict
from pipeline.opportunity import Stage
from spiders.adi_euronest import labels_of, read_rows
from tests.romanian_sources import Installed, ends
from tests.sources._site import SAMPLES
from tests.sources.adi_euronest import AdiEuronestServer
from tests.world import recorded

TABLE = "/finantari.csv"


def test_calls_are_kept_with_their_dates_money_and_places(tmp_path: Path) -> None:
    with AdiEuronestServer() as site:
        installed = Installed(tmp_path, site, "adi_euronest")
        run = installed.collect()
        kept = installed.all()
    assert run.verdict is Verdict.GOOD
    assert set(kept) == {"vouchere-cloud-imm-2026", "laboratoare-ia-granita", "scoli-digitale-judet"}
    cloud = kept["vouchere-cloud-imm-2026"]
    assert cloud.stage is Stage.OPEN and ends(cloud) == [("submission", "2027-01-15")]
    assert cloud.value is not None and (cloud.value.amount, cloud.value.currency) == (Decimal(12_000_000), "EUR")
    assert cloud.grant_min is not None and cloud.grant_max is not None and cloud.grant_max.amount == 30_000
    assert cloud.url == "https://mfe.gov.ro/vouchere-cloud-exemplu/" and cloud.eligible is not None
    border = kept["laboratoare-ia-granita"]
    assert border.stage is Stage.PLANNED and border.countries == ("RO", "MD") and border.deadlines == ()
    assert border.url == "https://adieuronest.ro/finantare/laboratoare-ia-granita/"  # the other address is of many rows
    assert kept["scoli-digitale-judet"].value is None  # `alocare` held dates


def test_odd_values_are_issues_of_the_run(tmp_path: Path) -> None:
    with AdiEuronestServer() as site:
        run = Installed(tmp_path, site, "adi_euronest").collect()
    assert {issue.code: issue.count for issue in run.issues} == {"unknown-status": 1, "two-deadlines": 1}
    assert run.counts["closed before we knew it"] == 1


def test_unchanged_is_nothing_new_and_a_moved_deadline_is_a_change(tmp_path: Path) -> None:
    with AdiEuronestServer() as site:
        installed = Installed(tmp_path, site, "adi_euronest")
        installed.collect()
        again = installed.collect()
        site.change(TABLE, "15.01.2027,2027-01-15", "29.01.2027,2027-01-29")
        moved = installed.collect()
        changes = installed.versions()
    assert (again.verdict, again.counts["pages unchanged"]) == (Verdict.GOOD, 1)
    assert moved.counts["changed"] == 1 and "deadlines" in changes[0]


def test_a_call_of_ours_that_closes_is_closed_and_one_that_vanishes_is_not(tmp_path: Path) -> None:
    with AdiEuronestServer() as site:
        installed = Installed(tmp_path, site, "adi_euronest")
        installed.collect()
        text = site.pages[TABLE][0].decode()
        site.put(TABLE, "\n".join(line for line in text.splitlines() if not line.startswith("laboratoare")))
        site.change(TABLE, "PCIDIF/990/VOUCHER,apel,activ", "PCIDIF/990/VOUCHER,apel,inchis")
        installed.collect()
        kept = installed.all()
    assert kept["vouchere-cloud-imm-2026"].stage is Stage.CLOSED
    assert kept["laboratoare-ia-granita"].stage is Stage.PLANNED


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda body: body.replace(b"termen_iso", b"termen_nou"), "no column termen_iso"),
        (lambda body: body[: len(body) - 200], "cut short"),
        (lambda body: b"<html><title>Mentenanta</title></html>", "no column"),
        (lambda body: b"\xff\xfe" + body, "cannot be read"),
    ],
)
def test_a_table_that_is_none_is_refused(spoil: object, why: str) -> None:
    body = (SAMPLES / "adi_euronest" / "finantari.csv").read_bytes()
    with pytest.raises(SourceError, match=why):
        list(read_rows(spoil(body)))  # type: ignore[operator]


def test_a_tenth_of_the_rows_is_degraded_and_moves_nothing(tmp_path: Path) -> None:
    with AdiEuronestServer() as site:
        text = site.pages[TABLE][0].decode("utf-8-sig")
        header, row, *_ = list(csv.reader(io.StringIO(text)))
        many = [[f"{row[0]}-{at}", *row[1:]] for at in range(40)]
        site.put(TABLE, _csv([header, *many]))
        installed = Installed(tmp_path, site, "adi_euronest")
        installed.collect()
        site.put(TABLE, _csv([header, *many[:4]]))
        run = installed.collect()
        assert len(installed.all()) == 40
    assert run.verdict is Verdict.DEGRADED and "4 things, usually 40" in run.reasons[0]


def _csv(table: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return out.getvalue()


def test_recorded_rows() -> None:
    read = list(read_rows(recorded("romania", "adieuronest_sample.csv").read_bytes()))
    assert len(read) >= 4
    for row in read:
        labels = labels_of(row, set())
        assert labels["stage"] in Stage and labels["url"] and labels["countries"]
        assert labels["issues"] == ()
