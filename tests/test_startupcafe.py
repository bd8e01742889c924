"""StartupCafe: articles about funding through the real process; broken, empty and hostile feeds."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.exceptions import SourceError
from pipeline.journal import Verdict
from pipeline.opportunity import Kind, Stage
from pipeline.romanian import Purpose, read_page
from spiders._feeds import read_feed
from tests.romanian_sources import Installed, ends, rows
from tests.sources._site import SAMPLES
from tests.sources.startupcafe import StartupCafeServer


def test_articles_about_funding_are_news_with_their_newest_dates(tmp_path: Path) -> None:
    with StartupCafeServer() as site:
        installed = Installed(tmp_path, site, "startupcafe")
        run = installed.collect()
        kept = installed.all()
    assert run.verdict is Verdict.GOOD and run.counts["not about funding"] == 1
    moved = kept["90001"]
    assert moved.kind is Kind.NEWS and ends(moved) == [("submission", "2027-01-29T16:00")]  # not the old 18.12.2026
    assert kept["90002"].stage is Stage.CONSULTATION and ends(kept["90002"]) == [("consultation", "2026-12-04")]


def test_an_edited_article_is_a_change(tmp_path: Path) -> None:
    with StartupCafeServer() as site:
        installed = Installed(tmp_path, site, "startupcafe")
        installed.collect()
        assert installed.collect().counts["pages unchanged"] == 1
        site.change("/feed", "29 ianuarie 2027", "26 februarie 2027")
        assert installed.collect().counts["changed"] == 1
        assert ends(installed.all()["90001"]) == [("submission", "2027-02-26T16:00")]


def test_a_feed_cut_short_keeps_its_entries_and_is_partial(tmp_path: Path) -> None:
    with StartupCafeServer() as site:
        site.put("/feed", site.pages["/feed"][0][:-250])
        installed = Installed(tmp_path, site, "startupcafe")
        run = installed.collect()
        assert "90001" in installed.all()
        assert run.verdict is Verdict.PARTIAL
        assert "pages unchanged" not in installed.collect().counts  # no validator of a broken feed is kept


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><head><title>Site in mentenanta</title></head></html>",
        b"{}",
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><rss version="2.0"><channel/></rss>',
        b"/etc/passwd",
        b"https://startupcafe.ro/feed",
    ],
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError):
        read_feed(body)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_feeds_never_crash(data: st.DataObject) -> None:
    body = bytearray((SAMPLES / "startupcafe" / "feed.xml").read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with suppress(SourceError):
        read_feed(bytes(body))


def test_links_and_titles_of_a_hostile_feed_are_safe() -> None:
    item = (
        "<item><title>&lt;script&gt;x&lt;/script&gt;Apel</title><link>javascript:alert(1)</link><guid>a b</guid></item>"
    )
    feed = read_feed(f'<rss version="2.0"><channel>{item}</channel></rss>'.encode())
    assert [(entry.ref, entry.url) for entry in feed.entries] == [("a%20b", None)]
    assert "<" not in feed.entries[0].title


def test_recorded_articles() -> None:
    for row in rows("pages_samples.jsonl"):
        if row["source"] == "startupcafe.ro":
            page = read_page(row["title"], row["text"])
            assert page.submission is None and (
                page.consultation is None or page.consultation.purpose is Purpose.CONSULTATION
            )
