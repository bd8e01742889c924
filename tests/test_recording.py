"""`vestitor record`: the answers of a day as samples without persons, which are read as the true site was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.collecting import Order
from pipeline.journal import Journal
from pipeline.probing import look
from pipeline.recording import INDEX, exchanges
from pipeline.redaction import without_persons
from pipeline.store import Store
from tests.crawls import Crawls
from tests.sources._server import StandIn
from tests.sources.eu_portal import HOME, PortalServer
from tests.sources.mipe import MipeServer
from tests.sources.replay import Replay
from tests.sources.seap import SeapServer
from tests.sources.ted import TedServer
from tests.world import FRIDAY, installation, vestitor

SITES: dict[str, tuple[type[StandIn], str]] = {
    "mipe": (MipeServer, ""), "seap": (SeapServer, ""), "eu_portal": (PortalServer, HOME), "ted": (TedServer, ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawls]:
    with Crawls(tmp_path_factory.mktemp("crawls")) as crawls:
        yield crawls


def block(name: str, url: str) -> str:
    return f'{name}: {{url: "{url}", delay: 0.03, backoff: 0, expect: {{newest: 60}}}}\n'


def read(crawls: Crawls, folder: Path, name: str, url: str) -> dict[str, Any]:
    """What a collection reads, by id."""
    folder.mkdir()
    config = installation(folder, block(name, url))
    crawls.collect(config, [name])
    with Store(config.path(config.store)) as store:
        return {kept.opportunity.id: kept.opportunity.as_json() for kept in store.all()}


@pytest.mark.parametrize("name", SITES)
def test_a_recording_is_read_as_the_site_was(tmp_path: Path, crawls: Crawls, name: str) -> None:
    site_of, path = SITES[name]
    with site_of() as site:
        config = installation(tmp_path, block(name, site.url + path))
        look(config, Order(name), FRIDAY, tmp_path / "saved")
        truth = read(crawls, tmp_path / "true", name, site.url + path)
        here = site.url
    with Replay(tmp_path / "saved") as replay:
        again = read(crawls, tmp_path / "again", name, replay.url + path)
        text = json.dumps(again).replace(replay.url, here)
    assert again and json.loads(text) == truth
    with Store(config.path(config.store)) as store:
        assert store.count() == 0 and Journal(store).last(name) is None, "the installation itself is not touched"


def test_what_is_recorded_and_what_is_not(tmp_path: Path) -> None:
    with MipeServer() as site:
        site.posts[0]["content"]["rendered"] += "<p>Persoană de contact: tel. 0264 555 123, ion@exemplu.example.org</p>"
        config = installation(tmp_path, f'mipe: {{url: "{site.url}", delay: 0, backoff: 0, expect: {{newest: 60}}}}\n')
        assert vestitor(config, "record", "mipe").returncode == 0
        (folder,) = (tmp_path / "recordings").iterdir()
        again = vestitor(config, "record", "mipe", "--out", str(folder))
    assert again.returncode == 2 and "is not empty" in again.stderr
    found = list(exchanges(folder))
    assert {exchange.status for exchange, _ in found} == {200} and (folder / INDEX).exists()
    assert all("set-cookie" not in map(str.lower, exchange.headers) for exchange, _ in found)
    posts = next(body for exchange, body in found if "/posts" in exchange.url)
    assert b"0264" not in posts and b"ion@" not in posts and b"[e-mail]" in posts
    assert posts.startswith(b"\xef\xbb\xbf["), "the byte order mark is part of what the reader has to cope with"


PERSONS = [
    (b'{"email": "a@example.org", "phone": 722123456, "contactPerson": {"name": "Ion"}, "cnp": "1800101223344"}',
     {"email": "", "phone": 722123456, "contactPerson": {"name": ""}, "cnp": ""}),
    (b'{"text": "CNP 1800101223344, tel. 0722 123 456", "cui": "RO12345678", "id": 1098126}',
     {"text": "CNP 0000000000000, tel. [tel.]", "cui": "RO12345678", "id": 1098126}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "kept"), PERSONS)
def test_persons_leave_json_and_its_shape_stays(body: bytes, kept: dict[str, Any]) -> None:
    assert json.loads(without_persons(body)) == kept


def test_persons_leave_xml_and_binaries_are_not_kept() -> None:
    xml = (
        b"<?xml version='1.0'?><n xmlns:cac='a' xmlns:cbc='b'><cac:Contact><cbc:Name>Ion Pop</cbc:Name><cbc:Telephone>"
        b"+40 264 123 456</cbc:Telephone><cbc:ElectronicMail>i@example.org</cbc:ElectronicMail></cac:Contact>"
        b"<cac:PartyName><cbc:Name>Orasul Exemplu</cbc:Name></cac:PartyName></n>"
    )
    text = without_persons(xml).decode()
    assert "Ion" not in text and "264" not in text and "@" not in text
    assert "Orasul Exemplu" in text and "<cbc:Telephone></cbc:Telephone>" in text
    assert without_persons(b"\x1f\x8b broken") == b"" and without_persons(b"\xff\x00\x01") == b""
