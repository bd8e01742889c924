"""European hubs: Interreg, Eureka, any listing, the agencies' feeds; one world, two days, through the real process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pipeline.collecting import Order, collect
from pipeline.config import Config
from pipeline.journal import Run, Verdict
from pipeline.opportunity import Kind, Opportunity, Stage
from pipeline.store import Store
from tests.romanian_sources import ends
from tests.sources.eureka import EurekaServer
from tests.sources.feed import FeedServer
from tests.sources.interreg import InterregServer
from tests.sources.listing import ListingServer
from tests.world import FRIDAY, installation

LATER = FRIDAY + dt.timedelta(days=24)
BLOCKS = """interreg: {{url: "{interreg}", delay: 0, backoff: 0.02, expect: {{newest: 90}}}}
eureka: {{url: "{eureka}", delay: 0, backoff: 0.02, expect: {{newest: 90}}}}
danube: {{spider: listing, url: "{listing}/calls-for-proposals", kind: call, language: en, words: [call, proposals],
  delay: 0, backoff: 0.02, expect: {{newest: 90}}}}
agency: {{spider: feed, url: "{feed}/node/2/rss_en", language: en, words: [call*, fund*], delay: 0, backoff: 0.02}}"""


class World:
    """The sites, an installation that reads them, and its two runs: a Friday, and three weeks later."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.interreg, self.eureka = stack.enter_context(InterregServer()), stack.enter_context(EurekaServer())
        self.listing, self.feed = stack.enter_context(ListingServer()), stack.enter_context(FeedServer())
        urls = {name: getattr(self, name).url for name in ("interreg", "eureka", "listing", "feed")}
        self.config: Config = installation(folder, BLOCKS.format(**urls))
        self.kept()  # makes the store, as the command line does
        self.first, self.before = self.collect(FRIDAY), self.kept()
        self.change()
        self.second, self.after = self.collect(LATER), self.kept()

    def change(self) -> None:
        """Three weeks pass: deadlines are extended, one in each place; nothing else is new."""
        self.interreg.hits[0]["callDeadlineDate"] = "2027-03-01T13:00:00Z"
        self.eureka.change("/eurostars/sample-call-12/", "18 March 2027", "1 April 2027")
        self.listing.change("/calls-for-proposals/fourth-call", "15 February 2027", "1 March 2027")

    def collect(self, now: dt.datetime) -> dict[str, Run]:
        orders = [Order(name) for name in self.config.sources]
        return {run.source: run for run in collect(self.config, orders, now)}

    def kept(self) -> dict[str, Opportunity]:
        with Store(self.config.path(self.config.store)) as store:
            return {kept.opportunity.id: kept.opportunity for kept in store.all()}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(tmp_path_factory.mktemp("hubs"), stack)


def test_every_run_is_good(world: World) -> None:
    for runs in (world.first, world.second):
        assert {name: (run.verdict, run.reasons) for name, run in runs.items()} == dict.fromkeys(
            world.config.sources, (Verdict.GOOD, [])
        )


def test_interreg_has_what_romania_may_take_part_in(world: World) -> None:
    danube, border = world.before["interreg:call-101"], world.before["interreg:call-102"]
    assert (danube.title, danube.stage, danube.programme) == (
        "Sample Danube Programme – fourth call",
        Stage.OPEN,
        "Sample Danube Programme",
    )
    assert ends(danube) == [("submission", "2027-02-15T15:00")]  # 13:00 UTC is 15:00 in Bucharest
    assert (border.stage, ends(border)) == (Stage.PLANNED, [("submission", "2027-04-12")])
    assert "interreg:call-103" not in world.before and world.first["interreg"].counts["not for Romania"] == 1
    assert danube.url == "https://danube.example.org/calls/fourth"


def test_eureka_reads_the_page_of_a_record(world: World) -> None:
    call, news = world.before["eureka:2801"], world.before["eureka:2802"]
    assert (call.kind, call.stage, call.programme) == (Kind.CALL, Stage.PLANNED, "Eurostars")
    assert ends(call) == [("submission", "2027-03-18T14:00")] and call.opens == dt.date(2026, 12, 14)
    assert news.kind is Kind.NEWS and "eureka:2803" not in world.before
    assert call.funder is not None and call.funder.country is None


def test_a_listing_needs_no_code(world: World) -> None:
    run, call = world.first["danube"], world.before["danube:calls-for-proposals/fourth-call"]
    assert (call.kind, call.stage, call.language) == (Kind.CALL, Stage.OPEN, "en")
    assert ends(call) == [("submission", "2027-02-15T14:00")] and call.published == dt.date(2026, 11, 16)
    assert (run.counts["over before we knew it"], run.counts["without the words"]) == (1, 1)
    assert not [request for request in world.listing.requests if request.path.endswith((".pdf", "about-us"))]


def test_a_feed_of_an_agency_is_news(world: World) -> None:
    (news,) = (one for id, one in world.before.items() if id.startswith("agency:"))
    assert (news.kind, news.published) == (Kind.NEWS, dt.date(2026, 11, 18))
    assert world.first["agency"].counts["without the words"] == 1


def test_what_is_open_is_looked_at_again_and_an_extension_is_a_change(world: World) -> None:
    moved = {
        "interreg:call-101": "2027-03-01T15:00",
        "eureka:2801": "2027-04-01T14:00",
        "danube:calls-for-proposals/fourth-call": "2027-03-01T14:00",
    }
    assert {id: ends(world.after[id])[0][1] for id in moved} == moved
    assert world.second["eureka"].counts["changed"] == world.second["danube"].counts["changed"] == 1


def test_a_key_that_is_gone_or_wrong_fails_and_closes_nothing(world: World) -> None:
    world.interreg.key = "f" * 32
    run = collect(world.config, [Order("interreg")], LATER)[0]
    assert run.verdict is Verdict.FAILED and "HTTP 403" in run.reasons[0]
    world.interreg.change("/assets/search.js", "searchApiKey", "k")
    run = collect(world.config, [Order("interreg")], LATER)[0]
    assert run.verdict is Verdict.FAILED and "the key of the search" in run.reasons[0]
    assert world.kept() == world.after
