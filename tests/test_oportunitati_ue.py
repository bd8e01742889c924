"""oportunitati-ue.gov.ro: the interface and the pages of calls, through the real process."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from pipeline.journal import Verdict
from pipeline.opportunity import Stage
from spiders._html import after_label
from tests.romanian_sources import FRIDAY, Installed, ends, rows
from tests.sources._server import Fault
from tests.sources.oportunitati_ue import OportunitatiUeServer


def test_calls(tmp_path: Path) -> None:
    with OportunitatiUeServer() as site:
        installed = Installed(tmp_path, site, "oportunitati_ue")
        run = installed.collect()
        kept = installed.all()
    assert run.verdict is Verdict.GOOD and run.counts["stated by the site"] == 2
    cloud, laboratories = kept["5001"], kept["5002"]
    assert (cloud.stage, ends(cloud)) == (Stage.OPEN, [("submission", "2027-01-15T17:00")])
    assert cloud.title == "Vouchere pentru cloud – IMM" and cloud.eligible == "Întreprinderi mici și mijlocii"
    assert cloud.programme == "Programul Creștere Inteligentă, Digitalizare și Instrumente Financiare"
    assert laboratories.stage is Stage.PLANNED and laboratories.nuts == ("RO11",)
    assert laboratories.title == "Laboratoare de IA pentru universități"  # cedilla on the site


def test_only_changed_calls_are_asked_for_again(tmp_path: Path) -> None:
    with OportunitatiUeServer() as site:
        installed = Installed(tmp_path, site, "oportunitati_ue")
        installed.collect()
        site.posts[1]["modified"] = "2026-11-12T08:00:00"  # older than the overlap of two days
        before = len(site.asked("/apel/"))
        installed.collect(FRIDAY + dt.timedelta(days=1))  # not the day on which the other one is looked at again
        assert [request.path for request in site.asked("/apel/")[before:]] == ["/apel/vouchere-cloud-2026/"]


def test_a_page_of_a_call_that_cannot_be_had_is_asked_for_next_time(tmp_path: Path) -> None:
    with OportunitatiUeServer() as site:
        site.fail("/apel/laboratoare-ia/", Fault(500, times=4))
        installed = Installed(tmp_path, site, "oportunitati_ue")
        assert installed.collect().verdict is Verdict.PARTIAL
        assert set(installed.all()) == {"5001"}
        assert installed.collect().verdict is Verdict.GOOD
        assert set(installed.all()) == {"5001", "5002"}


def test_labels_that_are_gone_set_the_call_aside(tmp_path: Path) -> None:
    with OportunitatiUeServer() as site:
        for path in list(site.pages):
            site.put(path, re.sub("<p><strong>Data .*?</p>", "", site.pages[path][0].decode()))
        run = Installed(tmp_path, site, "oportunitati_ue").collect()
    assert run.verdict is Verdict.FAILED
    assert [issue.code for issue in run.issues] == ["unreadable"]


def test_recorded_cards_have_their_labels() -> None:
    for row in rows("pages_samples.jsonl"):
        if row["source"] == "oportunitati-ue.gov.ro":
            assert after_label(row["text"].replace("ţ", "ț"), "Data deschiderii") is not None
            assert after_label(row["text"], "Status") in ("Urmează", "Activ", "Inactiv")
