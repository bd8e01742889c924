"""Runs against the source's own last good ones: renamed fields, shrunk sources, what waits for the verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.config import Expect
from pipeline.journal import Journal, Verdict
from pipeline.judging import judge
from pipeline.opportunity import Stage
from pipeline.store import Store
from spiders._source import retry_after
from tests.crawls import Crawls
from tests.sources._server import Answer, Fault, Request
from tests.sources.adi_euronest import AdiEuronestServer
from tests.sources.mipe import MipeServer
from tests.test_gate import block
from tests.world import FRIDAY, installation


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawls]:
    with Crawls(tmp_path_factory.mktemp("crawls")) as crawls:
        yield crawls


def counts(read: int, linked: int, met: int = 100, **more: int) -> dict[str, int]:
    return {"read": read, "asked for a link": read, "with a link": linked, "met": met, **more}


GOOD = [counts(30, 30), counts(10, 9), counts(20, 20)]
JUDGED = [
    (counts(12, 11), []),
    (counts(12, 0), ["0 of 12 have a link, usually 98%: was a field renamed?"]),
    (counts(200, 20), ["20 of 200 have a link, usually 98%: was a field renamed?"]),
    (counts(200, 60), []),  # less than usual, and more than a fifth of it
    (counts(1, 0), []),  # one without a link is chance
    (counts(12, 12, met=19), ["the source showed 19 things, usually 100"]),
    (counts(12, 12, met=21), []),
    (counts(12, 12, met=0, **{"pages unchanged": 3}), []),
    (counts(12, 12, met=3, **{"stopped at --limit": 1}), []),
    (counts(0, 0, met=3, **{"nothing new": 1}), ["the source showed 3 things, usually 100"]),
    (counts(0, 0), ["nothing was read; zero is never success"]),
    (counts(12, 12, met=200, **{"issues read": 10}), []),  # of TED per issue: 20 of usually 100
]


@pytest.mark.parametrize(("now", "said"), JUDGED)
def test_a_run_against_the_last_good_ones(now: dict[str, int], said: list[str]) -> None:
    assert [why for _, why in judge(now, Expect(), GOOD)] == said
    shrunk = [why for why in said if "usually" in why]
    assert len(judge(now, Expect(compare=False), GOOD)) == len(said) - len(shrunk)
    assert not [why for _, why in judge(now, Expect(), []) if "usually" in why]


def test_an_end_read_in_a_run_that_is_not_good_is_believed_by_the_next_good_one(tmp_path: Path, crawls: Crawls) -> None:
    with MipeServer() as site:
        config = installation(tmp_path, block(site))
        crawls.collect(config, ["mipe"])
        post = next(post for post in site.posts if post["id"] == 90101)
        post["content"]["rendered"] = post["content"]["rendered"].replace("Deschis", "Închis")
        post["modified"] = "2026-11-20T12:00:00"
        site.fail("/calendar", Fault(500, times=None))
        later = FRIDAY + dt.timedelta(hours=5)
        done = crawls.collect(config, ["mipe"], later)["mipe"]
        assert (done.verdict, done.counts["ends not believed"]) == (Verdict.PARTIAL, 1)
        assert _stage(tmp_path, "mipe:90101") is Stage.OPEN
        site._faults.clear()
        assert crawls.collect(config, ["mipe"], later)["mipe"].verdict is Verdict.GOOD
        assert _stage(tmp_path, "mipe:90101") is Stage.CLOSED


def _stage(folder: Path, id: str) -> Stage:
    with Store(folder / "test.db") as store:
        kept = store.get(id)
    assert kept is not None
    return kept.opportunity.stage


def test_validators_are_kept_after_what_the_page_said(tmp_path: Path, crawls: Crawls) -> None:
    """Where the store refuses the notices, the page is asked for whole again: a 304 would lose them."""
    with AdiEuronestServer() as site:
        config = installation(tmp_path, block(site))
        with Store(tmp_path / "test.db") as store:
            store.conn.execute("CREATE TRIGGER full BEFORE INSERT ON notices BEGIN SELECT RAISE(ABORT, 'full'); END")
        assert crawls.collect(config, ["adi_euronest"])["adi_euronest"].verdict is Verdict.FAILED
        with Store(tmp_path / "test.db") as store:
            assert (store.count(), Journal(store).marks("adi_euronest")) == (0, {})
            store.conn.execute("DROP TRIGGER full")
        assert crawls.collect(config, ["adi_euronest"])["adi_euronest"].counts["new"] == 3
        again = crawls.collect(config, ["adi_euronest"])["adi_euronest"]
        assert (again.verdict, again.counts["pages unchanged"]) == (Verdict.GOOD, 1)
        assert "if-none-match" not in site.asked("/finantari")[1].headers


class Clocked(AdiEuronestServer):
    """Notes when it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.hours: list[float] = []

    def answer(self, request: Request) -> tuple[Answer, Fault | None]:
        import time

        self.hours += [time.monotonic()] if request.path != "/robots.txt" else []
        return super().answer(request)


def test_retry_after_is_waited_for(tmp_path: Path, crawls: Crawls) -> None:
    with Clocked() as site:
        site.fail("/finantari", Fault(429, headers={"Retry-After": "1"}))
        clock = {"Date": "Fri, 20 Nov 2026 09:00:00 GMT", "Retry-After": "Fri, 20 Nov 2026 09:00:01 GMT"}
        site.fail("/finantari", Fault(503, headers=clock))
        done = crawls.collect(installation(tmp_path, block(site)), ["adi_euronest"])["adi_euronest"]
    assert done.verdict is Verdict.GOOD and len(site.hours) == 3
    assert all(later - before >= 1 for before, later in zip(site.hours, site.hours[1:], strict=False))


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120), ("86400", 900), ("Fri, 20 Nov 2026 09:02:00 GMT", 120), ("Fri, 20 Nov 2026 08:00:00 GMT", 0),
        ("Sat, 21 Nov 2026 09:00:00 GMT", 900), ("soon", 0), ("", 0), ("-5", 0),
    ],
)  # fmt: skip
def test_how_long_an_answer_asks_to_wait(said: str, seconds: float) -> None:
    assert retry_after(said, "Fri, 20 Nov 2026 09:00:00 GMT") == seconds
