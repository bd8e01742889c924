"""The archive: whole without a script or a server, only what differs rewritten, nothing from outside but text."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import feedparser
import pytest
from icalendar import Calendar
from lxml import html as lxml_html

from digests.archive import page_name
from tests.archive_world import Archive
from tests.send_world import tender

_ELEMENTS = """html head meta title link style script body header main footer nav section div p h1 h2 h3
    ul ol li dl dt dd a b br span label input select option table thead tbody tr th td"""
_ATTRIBUTES = """lang dir charset http-equiv content name class id href rel type title role aria-label tabindex hidden
    placeholder value scope data-kind"""
ELEMENTS, ATTRIBUTES = set(_ELEMENTS.split()), set(_ATTRIBUTES.split())


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Forty of every kind and stage."""
    archive = Archive(tmp_path_factory.mktemp("archive"))
    archive.collected()
    return archive


def pages(archive: Archive) -> Iterator[tuple[str, Any]]:
    utf8 = lxml_html.HTMLParser(encoding="utf-8")
    for name, (raw, _) in archive.files().items():
        if name.endswith(".html"):
            yield name, lxml_html.document_fromstring(raw, parser=utf8)


def test_every_page_has_only_our_elements_and_leads_somewhere(known: Archive) -> None:
    there = set(known.files())
    for name, page in pages(known):
        tags = {element.tag for element in page.iter() if isinstance(element.tag, str)}
        attributes = {attribute for element in page.iter() for attribute in element.attrib}
        assert tags <= ELEMENTS and attributes <= ATTRIBUTES, name
        for href in (str(link.get("href")) for link in page.iter("a", "link")):
            if not href.startswith(("https://", "http://")):
                assert str((Path(name).parent / href).as_posix()).replace("o/../", "") in there, (name, href)
        assert page.get("lang") == "ro" and len(page.findall(".//h1")) == 1


def test_the_policy_lets_through_our_style_and_script_and_nothing_else(known: Archive) -> None:
    for _, page in pages(known):
        (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        inline = {element.tag: element.text for element in page.iter("style", "script")}
        hashes = {
            tag: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for tag, text in inline.items()
        }
        assert f"style-src 'sha256-{hashes['style']}'" in policy
        assert "script" not in hashes or f"script-src 'sha256-{hashes['script']}'" in policy
        assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy


def test_the_list_is_whole_without_a_script(known: Archive) -> None:
    page = dict(pages(known))["index.html"]
    listed = {str(link.get("href")) for link in page.xpath("//section//h3/a")}
    assert listed == {f"o/ted-{ref}.html" for ref in [*range(1, 32), 33, 34]} | {page_name("ted:a/bș?#")}
    assert page.xpath("//*[@id='find']/@hidden") and not page.xpath("//li/@hidden")
    titles = [heading.text.strip() for heading in page.iter("h2")]
    assert titles == ["Martie 2027", "Aprilie 2027", "În pregătire"]


def test_a_page_says_what_changed_and_by_which_notice(known: Archive) -> None:
    text = " ".join(dict(pages(known))["o/ted-5.html"].text_content().split())
    assert "Termen: lun., 1 mar. 2027, 12:00 → lun., 12 apr. 2027, 15:00" in text
    assert "Valoare: nepublicat → 250.000\xa0RON".replace("\xa0", " ") in text.replace("\xa0", " ")
    assert "găsită aici prima dată" in text


def test_hostile_words_stay_words(known: Archive) -> None:
    page = dict(pages(known))["o/ted-33.html"]
    assert "{{ 7*7 }}" in page.findtext(".//h1")
    assert "alert(2)" in page.text_content() and "alert(4)" in page.text_content()
    assert {str(a.get("href")) for a in page.iter("a")} >= {"https://docs.example.org/?a=1&b=<2>\"'"}


def test_what_has_ended_keeps_its_page_and_leaves_the_list(known: Archive) -> None:
    assert "Această oportunitate s-a încheiat: închisă" in known.text("o/ted-32.html")
    assert "ted-32.html" not in known.text("index.html")
    assert "ted-35.html" not in known.text("index.html")  # old news
    assert (known.folder / "o/ted-35.html").exists()


def test_how_the_sources_are_is_shown_and_why_is_not(known: Archive) -> None:
    rows = dict(pages(known))["sources.html"].xpath("//tbody/tr")
    assert [[" ".join(cell.text_content().split()) for cell in row] for row in rows] == [
        ["TED", "în ordine", "vin., 20 nov. 2026, 12:00"], ["SEAP", "nu este în ordine", "niciodată"],
    ]  # fmt: skip
    assert "secret" not in known.text("sources.html")


def test_feeds_and_calendars_can_be_read(known: Archive) -> None:
    for name in ("feed.atom", "members/alpha.atom", "members/beta-soft.atom"):
        feed = feedparser.parse(known.folder.joinpath(name).read_bytes())
        assert not feed.bozo and feed.version == "atom10" and len(feed.entries) >= 30, name
        assert len({entry.id for entry in feed.entries}) == len(feed.entries)
    newest = feedparser.parse(known.text("feed.atom").encode()).entries[0]
    assert (newest.id, newest.title) == ("tag:monitor.test,2026:ted%3A5", "Software no. 5.")
    events: dict[str, Any] = {
        str(event["UID"]): event for event in Calendar.from_ical(known.text("calendar.ics")).walk("VEVENT")
    }
    assert events["ted:34/cut-off/20270610@monitor.test"]["DTSTART"].dt == date(2027, 6, 10)
    assert events["ted:5/submission/1@monitor.test"]["SEQUENCE"] == 2
    mine = {str(event["UID"]) for event in Calendar.from_ical(known.text("members/alpha.ics")).walk("VEVENT")}
    assert "ted:5/submission/1@monitor.test" in mine and not any("ted:33/" in uid for uid in mine)


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.office.collect(range(1, 11))
    assert "18 files written, 0 as they were" in archive.publish().output
    before = archive.files()
    assert "0 files written, 18 as they were" in archive.publish().output
    assert archive.files() == before
    archive.office.collect([3], day=date(2026, 11, 21), title="Software no. 3, once more.")
    archive.publish(date(2026, 11, 21))
    after = archive.files()
    assert {name for name in after if name.startswith("o/") and after[name] != before[name]} == {"o/ted-3.html"}
    assert not [name for name in after if name.endswith(".part")]
    archive.publish(date(2027, 3, 2))  # all have ended
    ended = archive.files()
    assert all(b"s-a \xc3\xaencheiat" in ended[f"o/ted-{ref}.html"][0] for ref in range(1, 11))
    archive.publish(date(2027, 3, 9))
    again = archive.files()
    assert {name for name in again if again[name] != ended[name]} == {"index.html", "sources.html"}


def test_a_secret_makes_the_feeds_of_members_unguessable(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.office.collect([1])
    archive.publish()
    assert {"members/alpha.atom", "members/alpha.ics"} <= set(archive.files())
    (tmp_path / "secret").write_text("one long secret\n")
    archive.set("publish: {secret_file: secret, url: 'https://archive.example.org/open/', language: en}\n")
    assert "can guess where its feed is" not in archive.office.run("check").output
    refused = archive.office.run("publish")
    assert refused.exit_code == 2 and "others can read this secret; run: chmod 600" in refused.output
    (tmp_path / "secret").chmod(0o600)
    archive.publish()
    mine = [name for name in archive.files() if name.startswith("members/")]
    assert len(mine) == 4 and all(re.fullmatch(r"members/[0-9a-f]{32}\.(atom|ics)", name) for name in mine)
    assert "alpha" not in archive.text("index.html") + archive.text("sources.html")
    assert 'href="https://archive.example.org/open/o/ted-1.html"' in archive.text("feed.atom")
    assert '<html lang="en"' in archive.text("index.html")
    (archive.office.folder / "members" / "beta-soft.yaml").unlink()
    archive.publish()
    assert len([name for name in archive.files() if name.startswith("members/")]) == 2


def test_check_says_that_feeds_in_the_open_can_be_guessed(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.set("publish: {url: 'https://archive.example.org'}\n")
    said = archive.office.run("check").output
    assert re.search(r"warning \S*config.yaml:\d+: no `secret_file`: who knows a member's short name can guess", said)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("mine")
    result = archive.office.run("publish", "--out", str(tmp_path / "home"))
    assert result.exit_code == 2 and "holds other files; name an empty or new folder" in result.output
    assert [file.name for file in (tmp_path / "home").iterdir()] == ["thesis.txt"]


def test_a_run_that_was_cut_off_is_made_good_by_the_next(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.office.collect(range(1, 4))
    archive.publish()
    whole = {name: said for name, (said, _) in archive.files().items()}
    for name in ("index.html", "o/ted-2.html"):
        (archive.folder / name).unlink()
    (archive.folder / ".vestitor-archive").write_text(
        json.dumps({"at": "2026-11-20T09:00:00+00:00", "form": "unfinished"})
    )
    archive.publish()
    assert {name: said for name, (said, _) in archive.files().items()} == whole


def test_a_twin_is_listed_once_and_both_pages_know_each_other(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.office.collect([1, 2])
    archive.office.run("tag")
    archive.office.sql("INSERT INTO twins (opportunity, main) VALUES ('ted:2', 'ted:1')")
    assert archive.office.run("publish").exit_code == 0
    assert "o/ted-2.html" not in archive.text("index.html") and "o/ted-1.html" in archive.text("index.html")
    assert 'href="ted-1.html"' in archive.text("o/ted-2.html")
    assert f'href="{tender(2)["url"]}"' in unescape(archive.text("o/ted-1.html"))


def test_page_names_are_safe_and_never_shared() -> None:
    ids = [
        "ted:1-2026",
        "ted:a/b",
        "ted:a-b",
        "ted:../../etc/passwd",
        "ted:.hidden",
        "ted:" + "x" * 300,
        "ted:ș",
        "ted:ț",
    ]
    names = [page_name(id) for id in ids]
    assert len(set(names)) == len(ids)
    assert all(re.fullmatch(r"o/ted-[A-Za-z0-9._~-]{0,100}\.html", name) for name in names)
