"""Any feed and any WordPress site without code: blocks of config.yaml, through the real process."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pipeline.journal import Verdict
from pipeline.opportunity import Kind
from spiders._words import wanted
from tests.romanian_sources import Installed, ends
from tests.sources._server import Fault
from tests.sources.mipe import MipeServer
from tests.sources.startupcafe import StartupCafeServer


def test_a_feed_is_added_by_a_block_alone(tmp_path: Path) -> None:
    with StartupCafeServer() as site:
        installed = Installed(
            tmp_path, site, "my_feed", "spider: feed\n  kind: news\n  words: [inteligenta artificiala, hub-uri]"
        )
        file = tmp_path / "config.yaml"
        file.write_text(file.read_text(encoding="utf-8").replace(site.url, f"{site.url}/feed"), encoding="utf-8")
        run = installed.collect()
        kept = installed.all()
        assert installed.collect().counts["pages unchanged"] == 1
    assert run.verdict is Verdict.GOOD and run.counts["without the words"] == 2
    assert [(one.source, one.kind, one.id) for one in kept.values()] == [("my_feed", Kind.NEWS, "my_feed:90002")]


def test_a_wordpress_site_of_calls(tmp_path: Path) -> None:
    with MipeServer() as site:
        installed = Installed(tmp_path, site, "my_site", "spider: wordpress\n  kind: call\n  words: [spitale]")
        run = installed.collect()
        (call,) = installed.all().values()
    assert run.verdict is Verdict.GOOD
    assert (call.source, call.kind, ends(call)) == ("my_site", Kind.CALL, [("submission", "2027-02-26")])


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Digitalizarea IMM-urilor", ["digital*"], True),
        ("finanţare", ["finanțare"], True),
        ("FINANTARE", ["finanțare"], True),
        ("animală", ["animal"], False),
        ("orice", [], True),
        ("a.b", ["a*b"], False),
    ],
)
def test_words(text: str, words: list[str], found: bool) -> None:
    assert wanted(text, words) is found


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with StartupCafeServer() as site, pytest.raises(Exception, match="kind"):
        Installed(tmp_path, site, "my_feed", "spider: feed\n  kind: tender")


FAULTS = {
    "forbidden": Fault(403, times=None),
    "blocked": Fault(200, "<html><head><title>Just a moment...</title></head></html>", times=None),
    "too many": Fault(429, headers={"Retry-After": "0"}, times=None),
    "broken": Fault(500, times=None),
    "empty": Fault(200, "", times=None),
    "maintenance": Fault(200, "<html><head><title>Site în mentenanță</title></head></html>", times=None),
    "truncated": Fault(None, truncate=200, times=None),
    "renamed": Fault(200, '{"items": []}', times=None),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ["startupcafe", "mipe"])
def test_a_source_that_fails_says_so_closes_nothing_and_catches_up(tmp_path: Path, name: str, fault: str) -> None:
    server = StartupCafeServer if name == "startupcafe" else MipeServer
    with server() as site:
        installed = Installed(tmp_path, site, name)
        installed.collect()
        before = installed.all()
        if name == "startupcafe":
            site.change("/feed", "Lifestyle", "Oras")  # else a page unchanged would be no answer to spoil
        site.fail("/feed", FAULTS[fault])
        site.fail("/wp-json/", FAULTS[fault])
        site.fail("/calendar", FAULTS[fault])
        later = dt.datetime.fromisoformat("2026-11-21T11:00+02:00")
        run = installed.collect(later)
        assert run.verdict is Verdict.FAILED and run.reasons
        assert installed.all() == before
        site._faults.clear()
        again = installed.collect(later)
        assert again.verdict is Verdict.GOOD and installed.all().keys() == before.keys()
