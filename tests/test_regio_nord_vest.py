"""Regional Programme North-West: the priority page and the posts, through the real process."""

from __future__ import annotations

from pathlib import Path

from pipeline.journal import Verdict
from pipeline.opportunity import Kind, Stage
from pipeline.romanian import read_page
from spiders.regio_nord_vest import read_calls
from tests.romanian_sources import Installed, ends, rows
from tests.sources._server import Fault
from tests.sources.regio_nord_vest import RegioNordVestServer


def test_calls_and_posts(tmp_path: Path) -> None:
    with RegioNordVestServer() as site:
        installed = Installed(tmp_path, site, "regio_nord_vest")
        run = installed.collect()
        kept = installed.all()
    assert run.verdict is Verdict.GOOD and run.counts["translations left out"] == 1
    step = kept["PRNV/2026/990/1"]
    assert (step.stage, ends(step), step.nuts) == (Stage.OPEN, [("submission", "2026-12-22T10:00")], ("RO11",))
    assert step.value is not None and step.value.amount == 20_950_000
    assert step.title == "Sprijin pentru tehnologii strategice în Nord-Vest"
    assert (kept["PRNV/2026/991B/1"].stage, kept["PRNV/2026/991B/1"].call) == (Stage.PLANNED, "PR NV/2026/991.B/1")
    assert ends(kept["post-7001"]) == [("submission", "2027-01-15T10:00")]
    assert ends(kept["post-7003"]) == [("consultation", "2026-12-11T16:00")]
    assert kept["post-7004"].kind is Kind.NEWS and "7005" not in str(kept)


def test_a_shorter_period_on_the_page_is_a_change(tmp_path: Path) -> None:
    with RegioNordVestServer() as site:
        installed = Installed(tmp_path, site, "regio_nord_vest")
        installed.collect()
        site.change("/prioritati-de-finantare/prioritatea-de-finantare-9/", "22.12.2026", "15.12.2026")
        run = installed.collect()
        assert run.counts["changed"] == 1 and ends(installed.all()["PRNV/2026/990/1"])[0][1] == "2026-12-15T10:00"


def test_without_posts_the_calls_are_kept(tmp_path: Path) -> None:
    with RegioNordVestServer() as site:
        site.fail("/wp-json/", Fault(403, times=None))
        installed = Installed(tmp_path, site, "regio_nord_vest")
        assert installed.collect().verdict is Verdict.PARTIAL and len(installed.all()) == 2


def test_recorded_pages() -> None:
    pages = {row["title"]: row for row in rows("pages_samples.jsonl") if "nord" in row["source"]}
    text = pages["Prioritatea 9 (markers only)"]["text"]
    (call,) = read_calls("\n".join(line for line in text.splitlines() if line))
    page = read_page(call["title"], call["text"])
    assert page.submission is not None and str(page.submission.closes)[:16] == "2026-10-12 10:00"
    closed = pages["Închiderea apelului 371.A/2"]
    assert read_page(closed["title"], closed["text"]).status == "closed"
    extended = next(row for title, row in pages.items() if title.startswith("Extension"))
    told = read_page(extended["title"], extended["text"]).submission
    assert told is not None and str(told.closes)[:16] == "2024-07-31 16:00"
