"""MIPE: posts with their box and journal, the calendar, through the real process; the real boxes, cards and pages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

from pipeline.journal import Verdict
from pipeline.opportunity import Kind, Role, Stage
from pipeline.romanian import read_amounts, read_period, read_when
from spiders._html import html_to_text
from spiders.mipe import read_box, read_cards
from tests.romanian_sources import FRIDAY, Installed, ends, rows
from tests.sources._server import Fault
from tests.sources.mipe import MipeServer

POSTS, CALENDAR = "/wp-json/", "/calendar-apeluri-de-finantare/"


def test_posts_and_calendar(tmp_path: Path) -> None:
    with MipeServer() as site:
        installed = Installed(tmp_path, site, "mipe")
        run = installed.collect()
        kept = installed.all()
        assert all(request.path.startswith((POSTS, CALENDAR, "/robots.txt")) for request in site.requests)
    assert run.verdict is Verdict.GOOD
    assert (run.counts["skipped: noise"], run.counts["skipped: results"]) == (1, 1)
    hubs = kept["90101"]
    assert (hubs.kind, hubs.stage) == (Kind.CALL, Stage.OPEN)
    assert ends(hubs) == [("submission", "2026-12-15T17:00")]  # the box has the day, the newest entry its hour
    assert hubs.value is not None and (hubs.value.amount, hubs.value.currency) == (Decimal(24_500_000), "RON")
    assert "@" not in (hubs.summary or "") and hubs.status == "Deschis"
    assert (kept["90102"].stage, ends(kept["90102"])) == (Stage.CONSULTATION, [("consultation", "2026-12-03")])
    assert (kept["90105"].stage, kept["90105"].opens) == (Stage.PLANNED, dt.date(2026, 12, 1))
    regional = kept["PRNV/2026/990/1"]
    assert ends(regional) == [("submission", "2026-12-22")] and regional.nuts == ("RO11",)  # 20 November + 32 days
    assert "pnrr" not in str(kept)  # another category


def test_an_unknown_badge_is_an_issue_and_the_journal_is_read_instead(tmp_path: Path) -> None:
    with MipeServer() as site:
        installed = Installed(tmp_path, site, "mipe")
        run = installed.collect()
        assert {issue.code for issue in run.issues} == {"unknown-status"}
        assert ends(installed.all()["90106"]) == [("submission", "2027-02-02")]


def test_an_extension_weeks_later_is_a_change_of_the_call(tmp_path: Path) -> None:
    with MipeServer() as site:
        installed = Installed(tmp_path, site, "mipe")
        installed.collect()
        post = next(post for post in site.posts if post["id"] == 90105)
        entry = "<p>14 decembrie 2026: Se prelungește perioada de depunere până la data de 31.03.2027, ora 16.00.</p>"
        post["content"]["rendered"] = entry + "<p>____</p>" + post["content"]["rendered"]
        post["modified"] = "2026-12-14T09:00:00"
        run = installed.collect(FRIDAY + dt.timedelta(days=26))
        extended = installed.all()["90105"]
    assert run.counts["changed"] >= 1
    assert ends(extended) == [("submission", "2027-03-31T16:00")] and extended.opens == dt.date(2026, 12, 1)


def extension(number: int, title: str, text: str) -> dict[str, object]:
    day = "2026-12-14T09:00:00"
    said = {"title": {"rendered": title}, "content": {"rendered": f"<p>{text}</p>"}}
    return {
        "id": number,
        "date": day,
        "modified": day,
        "link": f"https://site.invalid/{number}/",
        "categories": [2800],
        **said,
    }


def test_a_post_that_extends_a_call_of_the_calendar_is_a_change_of_it(tmp_path: Path) -> None:
    moved = "Perioada de depunere a proiectelor se prelungește până la data de {}, ora 16.00."
    with MipeServer() as site:
        installed = Installed(tmp_path, site, "mipe")
        installed.collect()
        by_title = next(ref for ref, one in installed.all().items() if ref.startswith("calendar-") and one.deadlines)
        title = installed.all()[by_title].title
        site.change(CALENDAR, "(32 zile rămase)", "(6 zile rămase)")
        site.change(CALENDAR, "(60 zile rămase)", "(34 zile rămase)")
        site.posts += [
            extension(90201, "Prelungire apel", f"Apelul PRNV/2026/990/1: {moved.format('29.01.2027')}"),
            extension(90202, f"MIPE prelungește apelul &#8222;{title.upper()}&#8221;", moved.format("30.01.2027")),
            extension(90203, "Prelungire apel PRNV/2026/990/1 și PRNV/2026/991/1", moved.format("31.03.2027")),
        ]
        run = installed.collect(FRIDAY + dt.timedelta(days=26))
        kept = installed.all()
    assert run.verdict is Verdict.GOOD and run.counts["changed"] >= 2
    assert ends(kept["PRNV/2026/990/1"]) == [("submission", "2027-01-29T16:00")]
    assert ends(kept[by_title]) == [("submission", "2027-01-30T16:00")] and kept[by_title].title == title
    assert "90201" not in kept and "90202" not in kept and "90203" in kept  # of which of the two, nobody can know


def test_a_planned_call_opens_though_its_post_did_not_change(tmp_path: Path) -> None:
    with MipeServer() as site:
        installed = Installed(tmp_path, site, "mipe")
        installed.collect()
        installed.collect(FRIDAY + dt.timedelta(days=12))
        assert installed.all()["90105"].stage is Stage.OPEN


def test_one_half_missing_is_partial_and_the_other_is_kept(tmp_path: Path) -> None:
    with MipeServer() as site:
        site.fail(CALENDAR, Fault(200, "<html><head><title>Site în mentenanță</title></head></html>", times=None))
        installed = Installed(tmp_path, site, "mipe")
        run = installed.collect()
        assert run.verdict is Verdict.PARTIAL and "90101" in installed.all()


def test_cards_that_cannot_be_read_are_no_silence(tmp_path: Path) -> None:
    with MipeServer() as site:
        site.change(CALENDAR, "Data închidere apel", "Termen")
        run = Installed(tmp_path, site, "mipe").collect()
    assert run.verdict is Verdict.PARTIAL and "cards could be read" in run.reasons[0]


def test_recorded_boxes_have_their_dates_status_and_money() -> None:
    found = rows("mipe_call_boxes.jsonl")
    assert len(found) == 58
    for row in found:
        box = read_box(row["raw"])
        assert box is not None and box["stage"] is not None and box["status"] == row["status"]
        assert (box["opens"], box["closes"]) == (row["Data lansării"], row["Data închiderii"])
        assert read_when(box["closes"]) is not None
        assert (box["role"] is Role.CONSULTATION) == ("consultare" in row["status"])
        if "lei" in (box["budget"] or "") and (amounts := read_amounts(box["budget"])):
            assert amounts[0].money.currency == "RON"


def test_recorded_calendars_are_read_to_the_last_card() -> None:
    today, cards = dt.date(2026, 8, 21), {(r["programme"], r["title"]): r for r in rows("mipe_calendar_cards.jsonl")}
    pages = [row for row in rows("mipe_pages.jsonl") if "calendar-apeluri-de-finantare" in row["url"]]
    for page in pages:
        read = list(read_cards(page["text"]))
        assert len(read) == page["text"].count("Vezi detalii")
        for card in read:
            period = read_period(f"Data închidere apel: {card['when']}", today)
            assert period is not None and period.vague == ("zile" not in card["when"]), card
        known = [card for card in read if (card["programme"], card["title"]) in cards]
        assert all(cards[card["programme"], card["title"]]["call_type"] == card["type"] for card in known)


def test_styles_are_no_text() -> None:
    assert html_to_text("<style>.ia-box { color: red }</style><p>Apel</p><p>deschis</p>") == "Apel\ndeschis"
