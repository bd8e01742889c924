"""Regional Programme North-West: the priority page and the posts, through the real process."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pipeline.journal import Verdict
from pipeline.opportunity import Kind, Stage
from pipeline.romanian import read_page
from spiders.regio_nord_vest import read_calls
from tests.romanian_sources import FRIDAY, Installed, ends, rows
from tests.sources._server import Fault
from tests.sources.regio_nord_vest import RegioNordVestServer


def test_calls_and_posts(tmp_path: Path) -> None:
    with RegioNordVestServer() as site:
        installed = Installed(tmp_path, site, "regio_nord_vest")
        run = installed.collect()
        kept = installed.all()
    assert run.verdict is Verdict.GOOD and run.counts["translations left out"] == 1
    step = kept["PRNV/2026/990/1"]
    assert (step.stage, ends(step), step.nuts) == (Stage.OPEN, [("submission", "2027-01-15T10:00")], ("RO11",))
    assert [link.role for link in step.links] == ["notice"] and "post-7001" not in kept  # the post that extends it
    assert step.value is not None and step.value.amount == 20_950_000
    assert step.title == "Sprijin pentru tehnologii strategice în Nord-Vest"
    assert (kept["PRNV/2026/991B/1"].stage, kept["PRNV/2026/991B/1"].call) == (Stage.PLANNED, "PR NV/2026/991.B/1")
    assert ends(kept["post-7003"]) == [("consultation", "2026-12-11T16:00")]
    assert kept["post-7004"].kind is Kind.NEWS and "7005" not in str(kept)


def test_a_shorter_period_on_the_page_is_a_change(tmp_path: Path) -> None:
    with RegioNordVestServer() as site:
        installed = Installed(tmp_path, site, "regio_nord_vest")
        installed.collect()
        site.change("/prioritati-de-finantare/prioritatea-de-finantare-9/", "22.12.2026", "15.12.2026")
        run = installed.collect()
        assert run.counts["changed"] == 1 and ends(installed.all()["PRNV/2026/990/1"])[0][1] == "2026-12-15T10:00"


def post(number: int, day: str, title: str, text: str) -> dict[str, object]:
    link = f"https://site.invalid/{number}/"
    said = {"title": {"rendered": title}, "content": {"rendered": f"<p>{text}</p>"}}
    return {
        "id": number,
        "date": f"{day}T10:00:00",
        "modified": f"{day}T10:00:00",
        "link": link,
        "categories": [3],
        **said,
    }


def test_an_extension_weeks_later_is_told_of_the_call_and_nothing_undoes_it(tmp_path: Path) -> None:
    page, later = "/prioritati-de-finantare/prioritatea-de-finantare-9/", FRIDAY + dt.timedelta(days=20)
    with RegioNordVestServer() as site:
        installed = Installed(tmp_path, site, "regio_nord_vest")
        installed.collect()
        words = "Termenul de depunere se prelungește de la 15 ianuarie 2027 la 26 februarie 2027, ora 10:00."
        site.posts.append(post(7101, "2026-12-09", "Prelungire termen PRNV/2026/990/1", words))
        run = installed.collect(later)
        call = installed.all()["PRNV/2026/990/1"]
        assert run.verdict is Verdict.GOOD and run.counts["changed"] == 1
        assert ends(call) == [("submission", "2027-02-26T10:00")] and call.title.startswith("Sprijin pentru")
        assert list(installed.versions()[-1]) == ["notices", "links", "deadlines"]
        site.change(page, "7.500.000,00", "8.500.000,00")  # another call of the page: what it said of this is no news
        installed.collect(later + dt.timedelta(days=1))
        assert ends(installed.all()["PRNV/2026/990/1"]) == [("submission", "2027-02-26T10:00")]
        site.change(page, "22.12.2026", "28.02.2027")  # the page speaks again: it is the newest now
        installed.collect(later + dt.timedelta(days=2))
        assert ends(installed.all()["PRNV/2026/990/1"]) == [("submission", "2027-02-28T10:00")]


def test_posts_that_halt_a_call_and_posts_about_several(tmp_path: Path) -> None:
    with RegioNordVestServer() as site:
        words = "Depunerea se prelungește până la 30 martie 2027, ora 10:00."
        site.posts += [
            post(7201, "2026-11-19", "Suspendarea apelului PRNV/2026/990/1", "Apelul de proiecte se suspendă."),
            post(7202, "2026-11-19", "Prelungire PR NV/2026/990/1 și PR NV/2026/991.B/1", words),
        ]
        installed = Installed(tmp_path, site, "regio_nord_vest")
        installed.collect()
        kept = installed.all()
        assert kept["PRNV/2026/990/1"].stage is Stage.SUSPENDED
        assert ends(kept["PRNV/2026/991B/1"]) == [("submission", "2027-03-15T10:00")]  # of which of the two, who knows
        assert ends(kept["post-7202"]) == [("submission", "2027-03-30T10:00")]
        site.posts.append(post(7203, "2026-12-01", "PRNV/2026/990/1: reluarea apelului", words))
        installed.collect(FRIDAY + dt.timedelta(days=12))
        again = installed.all()["PRNV/2026/990/1"]
        assert (again.stage, ends(again)) == (Stage.OPEN, [("submission", "2027-03-30T10:00")])


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
