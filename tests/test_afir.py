"""AFIR: announcements between their menus, through the real process; the real pages."""

from __future__ import annotations

from pathlib import Path

from pipeline.journal import Verdict
from pipeline.opportunity import Stage
from pipeline.romanian import read_page, read_when
from spiders.afir import read_announcement
from tests.romanian_sources import Installed, ends, rows
from tests.sources.afir import AfirServer


def test_sessions_are_calls_and_office_hours_are_not(tmp_path: Path) -> None:
    with AfirServer() as site:
        installed = Installed(tmp_path, site, "afir")
        run = installed.collect()
        (session,) = installed.all().values()
        assert not site.asked("/umbraco/")
    assert run.verdict is Verdict.GOOD
    assert (session.stage, ends(session)) == (Stage.PLANNED, [("submission", "2027-01-31")])
    assert session.title == "Sesiune depunere proiecte DR-99 Sate inteligente"
    assert session.summary is not None and "Finanțare în agricultură" not in session.summary


def test_recorded_pages_lose_their_menus_and_keep_their_dates() -> None:
    pages = [row for row in rows("afir_pages.jsonl") if row["content_type"].startswith("text/html")]
    assert len(pages) == 15
    for row in pages:
        title, day, text = read_announcement(row["title"], row["text"])
        page = read_page(title, text)
        assert "Portalul AFIR" not in title and "Distribuie" not in text
        if "DR-14" in title:
            assert page.submission is not None and read_when(day) is not None
            assert (str(page.submission.opens), str(page.submission.closes)) == ("2026-09-01", "2026-10-31")
        else:
            assert page.submission is None or page.submission.closes is None or page.submission.vague, title
