"""The gate: a source's own hosts, public addresses, its proxy, the requests of its day, and robots.txt."""

from __future__ import annotations

import datetime as dt
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.addresses import REFUSED, Resolver, allowed, private
from pipeline.config import Config
from pipeline.exceptions import ConfigError
from pipeline.journal import Verdict
from tests.crawls import Crawls
from tests.sources._server import Answer, Fault, Request
from tests.sources._site import Site
from tests.sources.mipe import MipeServer
from tests.sources.startupcafe import StartupCafeServer
from tests.world import FRIDAY, installation, run, vestitor


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawls]:
    with Crawls(tmp_path_factory.mktemp("crawls")) as crawls:
        yield crawls


def block(site: Site, more: str = "", url: str = "") -> str:
    address = f'url: "{url or site.url}", delay: 0, backoff: 0.02'
    return f"{site.name}: {{{address}, expect: {{newest: 60}}{more}}}\n"


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.ro/feed", True),
        ("https://www.example.ro/", True),
        ("http://example.ro/", False),  # in clear, where the configuration says https
        ("https://example.ro:8443/", False),
        ("https://example.ro.evil.example/", False),
        ("https://evil.example/example.ro", False),
        ("https://api.example.eu/", True),
        ("https://other.example.eu/", False),
        ("https://files.example.eu:8000/", True),
        ("https://abc-dsn.index.example/", True),
        ("https://index.example.evil.example/", False),
    ],
)
def test_which_addresses_are_a_source_s_own(url: str, good: bool) -> None:
    assert allowed(url, "https://www.example.ro", ["api.example.eu", "files.example.eu:8000", ".index.example"]) is good


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "169.254.169.254", "[::1]", "fd00::1",
                                  "::ffff:10.0.0.1", "100.64.0.1", "0.0.0.0", "localhost", "224.0.0.1"])  # fmt: skip
def test_private_addresses(host: str) -> None:
    assert private(host)
    assert not private("93.184.216.34") and not private("2606:2800:220:1::1") and not private("example.ro")


class _Reactor:
    def getThreadPool(self) -> None: ...  # noqa: N802


class _Settings(dict[str, object]):
    def getbool(self, name: str) -> bool:
        return bool(self.get(name))


def test_names_lead_to_public_addresses_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    asked: list[int] = []

    def lookup(host: str, port: int, family: int, kind: int) -> list[tuple[object, ...]]:
        asked.append(family)
        found = {"inner.example": ["10.0.0.8"], "mixed.example": ["10.0.0.8", "93.184.216.34"]}
        return [(family, kind, 0, "", (address, port)) for address in found.get(host, ["192.168.1.1"])]

    resolver = Resolver(_Reactor(), _Settings(VESTITOR_IPV4=True, VESTITOR_PROXY="http://ours.example:8080"), lookup)
    with pytest.raises(socket.gaierror, match=r"inner.example is 10.0.0.8, inside a private network"):
        resolver.find("inner.example", 443)
    assert REFUSED.pop("inner.example") == "10.0.0.8"
    assert [each[4][0] for each in resolver.find("mixed.example", 443)] == ["93.184.216.34"]
    assert resolver.find("proxy.example", 3128) and resolver.find("ours.example", 8080)  # the operator's own
    assert set(asked) == {socket.AF_INET}
    assert Resolver(_Reactor(), _Settings(VESTITOR_INSIDE=True), lookup).find("inner.example", 443)


def test_a_redirect_to_another_host_is_refused_and_named(tmp_path: Path, crawls: Crawls) -> None:
    with StartupCafeServer() as site, MipeServer() as other:
        for target, said in ((f"{other.url}/feed", other.url), ("http://10.0.0.1/feed", "http://10.0.0.1")):
            site.fail("/feed", Fault(302, headers={"Location": target}))
            done = crawls.collect(installation(tmp_path, block(site)), ["startupcafe"])["startupcafe"]
            assert done.verdict is Verdict.FAILED
            assert f"it leads to {said}, no host of this source; if it is, write it in `hosts`" in done.reasons[0]
        assert other.requests == []
        site.fail("/feed", Fault(302, headers={"Location": f"{other.url}/feed"}))
        hosts = f', hosts: ["{urlsplit(other.url).netloc}"]'
        config = installation(tmp_path, block(site, hosts))
        done = crawls.collect(config, ["startupcafe"])["startupcafe"]
        assert other.asked("/feed") and "HTTP 404" in done.reasons[0]


def test_a_name_that_leads_inside_is_refused_in_words(tmp_path: Path) -> None:
    """Through the real process, whose resolver is that of the house."""
    name = socket.gethostname()
    try:
        addresses = {str(each[4][0]) for each in socket.getaddrinfo(name, 80)}
    except OSError:
        addresses = set()
    if not addresses or not all(map(private, addresses)):
        pytest.skip("needs a machine whose own name leads to a private address")
    done = run(installation(tmp_path, f"startupcafe: {{url: 'http://{name}', backoff: 0, delay: 0}}\n"), "startupcafe")
    assert done.verdict is Verdict.FAILED
    assert f"{name} leads to" in done.reasons[0] and "private network" in done.reasons[0]


def test_a_host_without_its_robots_txt_is_left_alone(tmp_path: Path, crawls: Crawls) -> None:
    with MipeServer() as site:
        site.fail("/robots.txt", Fault(503))
        config = installation(tmp_path, block(site))
        done = crawls.collect(config, ["mipe"])["mipe"]
        assert {request.path for request in site.requests} == {"/robots.txt"}
        assert done.verdict is Verdict.FAILED
        assert "robots.txt answers HTTP 503: the host is left alone in this run" in done.reasons[0]
        assert crawls.collect(config, ["mipe"])["mipe"].verdict is Verdict.GOOD


def test_what_robots_txt_forbids_is_not_asked(tmp_path: Path, crawls: Crawls) -> None:
    with MipeServer() as site:
        site.robots = "User-agent: *\nDisallow: /wp-json/\n"
        done = crawls.collect(installation(tmp_path, block(site)), ["mipe"])["mipe"]
        assert not site.asked("/wp-json/") and site.asked("/calendar")
        assert done.verdict is not Verdict.GOOD and "Forbidden by robots.txt" in done.reasons[0]


def test_the_day_s_requests_end_a_run_partial_and_the_next_day_goes_on(tmp_path: Path, crawls: Crawls) -> None:
    with MipeServer() as site:
        config = installation(tmp_path, block(site, ", requests: 2"))
        done = crawls.collect(config, ["mipe"])["mipe"]  # robots.txt and the posts; no calendar any more
        assert done.verdict is Verdict.PARTIAL and done.counts["read"]
        assert done.reasons[0] == "the 2 requests of this day are used up; the next run goes on"
        later = crawls.collect(config, ["mipe"], FRIDAY + dt.timedelta(hours=3))["mipe"]
        assert (later.verdict, later.counts.get("requests", 0), len(site.requests)) == (Verdict.PARTIAL, 0, 2)
        source = json.loads(vestitor(config, "status", "--json").stdout)["sources"]["mipe"]
        assert (source["requests_today"], source["requests_a_day"]) == (2, 2)
        assert "2 of 2" in vestitor(config, "status").stdout
        config.file.write_text(config.file.read_text().replace("requests: 2", "requests: 9"))
        tomorrow = crawls.collect(Config.read(config.file), ["mipe"], FRIDAY + dt.timedelta(days=1))["mipe"]
        assert tomorrow.verdict is Verdict.GOOD


class Proxy(StartupCafeServer):
    """A proxy for http: it is asked for whole addresses, and here it answers them itself."""

    def reply(self, request: Request) -> Answer:
        parts = urlsplit(request.path)
        return super().reply(Request(request.method, parts.path, request.headers, request.body))


def test_a_source_is_asked_through_its_proxy_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VESTITOR_PROXY_LOGIN", "vestitor:secret")
    with Proxy() as proxy:
        config = installation(tmp_path, block(proxy, f', proxy: "{proxy.url}"', url="http://startupcafe.example"))
        done = run(config, "startupcafe")
        assert done.verdict is Verdict.GOOD
        assert [request.path for request in proxy.requests] == [
            "http://startupcafe.example/robots.txt", "http://startupcafe.example/feed",
        ]  # fmt: skip
        assert all(request.headers["proxy-authorization"].startswith("Basic ") for request in proxy.requests)
        assert "secret" not in (tmp_path / "logs" / "startupcafe.log").read_text()


@pytest.mark.parametrize("wrong", ["proxy: 10.0.0.1", "proxy: 'http://me:you@proxy.example'", "ipv4: maybe",
                                   "requests: 0", "hosts: ['https://a.example']", "patience: 0"])  # fmt: skip
def test_nonsense_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ConfigError, match=wrong.partition(":")[0]):
        installation(tmp_path, f"mipe: {{url: 'https://mfe.example', {wrong}}}\n")
