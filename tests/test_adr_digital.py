"""The Authority for Digitalisation: listing and articles, through the real process."""

from __future__ import annotations

from pathlib import Path

from pipeline.journal import Verdict
from pipeline.opportunity import Kind
from tests.romanian_sources import Installed, ends
from tests.sources._server import Fault
from tests.sources.adr_digital import AdrDigitalServer

CALL = "articole/lansarea-apelului-de-proiecte-pentru-gemeni-digitali-urbani"


def test_an_article_about_a_call_is_a_call(tmp_path: Path) -> None:
    with AdrDigitalServer() as site:
        installed = Installed(tmp_path, site, "adr_digital")
        run = installed.collect()
        (call,) = installed.all().values()
    assert run.verdict is Verdict.GOOD and run.counts["not about funding"] == 1
    assert call.kind is Kind.CALL and ends(call) == [("submission", "2027-02-03T17:00")]
    assert call.deadlines[0].at is not None and str(call.deadlines[0].at.utcoffset()) == "1:00:00"  # Brussels


def test_what_is_alive_is_looked_at_again_and_the_rest_is_not(tmp_path: Path) -> None:
    with AdrDigitalServer() as site:
        installed = Installed(tmp_path, site, "adr_digital")
        installed.collect()
        site.change(f"/{CALL}", "3 februarie 2027", "17 februarie 2027")
        run = installed.collect()
        assert ends(installed.all()[CALL]) == [("submission", "2027-02-17T17:00")]
    assert run.counts["already read"] == 1 and run.counts["changed"] == 1


def test_a_listing_without_articles_fails(tmp_path: Path) -> None:
    with AdrDigitalServer() as site:
        site.put("/articole", "<html><body><h1>Articole</h1></body></html>")
        run = Installed(tmp_path, site, "adr_digital").collect()
    assert run.verdict is Verdict.FAILED and "no link looks like an article" in run.reasons[0]


def test_an_article_that_cannot_be_had_is_read_next_time(tmp_path: Path) -> None:
    with AdrDigitalServer() as site:
        site.fail(f"/{CALL}", Fault(503, times=4))
        installed = Installed(tmp_path, site, "adr_digital")
        assert installed.collect().verdict is not Verdict.GOOD
        assert installed.collect().counts["new"] == 1
