"""`vestitor collect --live-check`: what the operator sees on the first day, and on the day a site has changed."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from pipeline.probing import SHAPES
from pipeline.shape import compare, name_of, read_shapes, shape_of
from pipeline.store import Store
from pipeline.troubles import TROUBLES, trouble
from tests import write_shapes
from tests.sources._server import Fault
from tests.sources.adi_euronest import AdiEuronestServer
from tests.sources.eu_portal import HOME, PortalServer
from tests.sources.mipe import MipeServer
from tests.sources.seap import SeapServer
from tests.sources.startupcafe import StartupCafeServer
from tests.sources.ted import TedServer
from tests.world import installation, vestitor


def test_a_live_check_says_how_each_source_is_and_what_to_do(tmp_path: Path) -> None:
    with ExitStack() as stack:
        ted, portal = stack.enter_context(TedServer()), stack.enter_context(PortalServer())
        seap, cafe = stack.enter_context(SeapServer()), stack.enter_context(StartupCafeServer())
        mipe, adi = stack.enter_context(MipeServer()), stack.enter_context(AdiEuronestServer())
        mipe.fail("/", Fault(403, times=None))
        adi.put("/finantari.csv", adi.pages["/finantari.csv"][0].replace(b",termen,", b",data_limita,"))
        urls = {"ted": ted.url, "eu_portal": portal.url + HOME, "seap": seap.url, "startupcafe": cafe.url,
                "mipe": mipe.url, "adi_euronest": adi.url}  # fmt: skip
        blocks = [f'{name}: {{url: "{url}", delay: 0.03, expect: {{newest: 60}}}}' for name, url in urls.items()]
        blocks.append('my_feed: {spider: feed, url: "http://nobody.invalid/feed"}')
        config = installation(tmp_path, "\n".join(blocks))
        done = vestitor(config, "collect", "--live-check", "--json")
        asked = {site: len(site.requests) for site in (ted, portal, seap, cafe, mipe, adi)}
        text = vestitor(config, "collect", "--live-check", "startupcafe", "adi_euronest", "my_feed")
    checks = {check["source"]: check for check in json.loads(done.stdout)}
    assert done.returncode == 1 and max(asked.values()) <= 5, "a few requests, robots.txt included"
    well = {name: (check["well"], check["shape"], check["robots"]) for name, check in checks.items()}
    assert well == {
        "ted": (True, "same", "there is none"),
        "eu_portal": (True, "same", "there is none"),
        "seap": (True, "same", "there is none"),
        "startupcafe": (True, "same", "allows it"),
        "mipe": (False, "changed", "there is none"),
        "adi_euronest": (False, "changed", "allows it"),
        "my_feed": (False, "unknown", "not asked"),
    }
    assert checks["seap"]["newest"] == "2026-11-19" and checks["seap"]["example"].endswith(")")
    assert checks["mipe"]["trouble"] == "it refuses this machine" and "proxy" in checks["mipe"]["todo"][0]
    assert checks["my_feed"]["trouble"] == "its name cannot be resolved" and not checks["my_feed"]["reached"]
    (table,) = checks["adi_euronest"]["answers"]
    assert (table["missing"], table["new"]) == (["termen"], ["data_limita"])
    with Store(tmp_path / "test.db") as store:
        assert store.count() == 0 and not store.conn.execute("SELECT * FROM runs").fetchall()
        assert store.conn.execute("SELECT count FROM requests WHERE source = 'startupcafe'").fetchone() == (4,)

    assert text.returncode == 1
    assert re.search(r"^ WELL  startupcafe  2 requests, [\d.]+ s$", text.stdout, re.MULTILINE)
    assert "GET /feed: HTTP 200, XML, 2 kB; shaped as the samples" in text.stdout
    assert "missing    termen: the reader needs that" in text.stdout
    assert "`vestitor record adi_euronest`" in " ".join(text.stdout.split())
    assert "1 of 3 are well. To look at: adi_euronest, my_feed." in text.stdout
    assert max(map(len, text.stdout.splitlines())) <= 100


def test_shapes_are_those_of_the_samples() -> None:
    for name in ("startupcafe", "adi_euronest"):
        written = (SHAPES / f"{name}.json").read_text(encoding="utf-8")
        assert write_shapes.text_of(name) == written, f"run: python -m tests.write_shapes {name}"


@pytest.mark.parametrize("name", sorted(file.stem for file in SHAPES.glob("*.json")))
def test_shapes_can_be_compared_with(name: str) -> None:
    assert name in write_shapes.sites()
    shapes = read_shapes((SHAPES / f"{name}.json").read_text(encoding="utf-8"))
    assert shapes and all(shape.kind != "nothing" for shape in shapes.values())


SAMPLE = b'[{"id": 1, "title": {"rendered": "A"}, "tags": []}, {"id": 2, "title": {"rendered": "B"}, "meta": 1}]'
USED = frozenset({"id", "title", "rendered", "meta"})


def test_a_shape_is_what_every_sample_has_and_the_reader_uses() -> None:
    shape = shape_of([(200, SAMPLE), (200, b'[{"id": 3, "title": {"rendered": "C"}}]'), (200, b"[]")], USED)
    assert (shape.kind, shape.needs) == ("JSON", ("[].id", "[].title", "[].title.rendered"))
    assert shape.also == ("[]", "[].meta", "[].tags")
    assert compare(shape, SAMPLE).well and compare(shape, b"[]").well
    renamed = compare(shape, SAMPLE.replace(b'"title"', b'"titlu"'))
    assert (renamed.missing, renamed.new, renamed.well) == (("[].title",), ("[].titlu",), False)
    blocked = compare(shape, b"<html><body><h1>Just a moment</h1></body></html>")
    assert (blocked.kind, blocked.expected, blocked.well) == ("HTML", "JSON", False)


def test_pages_are_held_by_their_elements_and_labels() -> None:
    page = b"<html><body><h1 class='t'>Apel</h1><p>Data deschiderii: 5 mai</p></body></html>"
    shape = shape_of([(200, page)], frozenset({"h1", '"Data deschiderii"'}))
    assert shape.needs == ('"Data deschiderii"', "<h1>")
    assert compare(shape, page.replace(b"Data deschiderii", b"Deschidere")).missing == ('"Data deschiderii"',)


@pytest.mark.parametrize(
    "body", [b"{" * 5000, b"<a><b", b"\x1f\x8b\x00", b"\xff\xfe<html>", b"a,b,c,d\n\x00", b"{\xff}"]
)
def test_no_answer_is_too_broken_to_be_compared(body: bytes) -> None:
    assert compare(shape_of([(200, SAMPLE)], USED), body).well is False


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.example/en/notice/123456-2026/xml?x=1", "GET /en/notice/*/xml"),
        ("https://a.example/wp-json/wp/v2/posts?page=2", "GET /wp-json/wp/v2/posts"),
        ("https://a.example/apel/laboratoare-ia/", "GET /apel/*"),
        ("https://a.example", "GET "),
    ],
)
def test_what_an_address_is_called(url: str, name: str) -> None:
    assert name_of("GET", url) == name


def test_every_trouble_says_what_to_do() -> None:
    for each in TROUBLES:
        assert each.do[0].isupper() and each.do.endswith((".", "?")), each
    found = trouble("DownloadTimeoutError Getting http://x took longer than 0.4 seconds.")
    assert found is not None and "proxy" in found.do
    assert trouble("something nobody has seen") is None
