"""SEAP walked: the real spider in its own process, the portal on the loopback address, well, badly, or not there."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Config
from pipeline.journal import Journal, Run, Verdict
from pipeline.keeping import documents
from pipeline.opportunity import Opportunity, Stage
from pipeline.reading import reread
from pipeline.store import Store
from spiders._seap_lists import ADVERTS, CONTRACTS
from tests.sources._seap_shelf import Entry
from tests.sources._server import Answer, Fault, Request
from tests.sources.seap import SAMPLES, SeapServer
from tests.world import installation, run

THURSDAY, FRIDAY = (dt.datetime.fromisoformat(f"2026-11-{day}T10:00+02:00") for day in (19, 20))
LISTS = "/api-pub/NoticeCommon/GetCNoticeList/"
ADV_LIST = "/api-pub/AdvNoticeCommon/GetAdvNoticeList/"


def sample(ref: str) -> dict[str, Any]:
    return json.loads((SAMPLES / f"{ref}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@pytest.fixture
def seap() -> Iterator[SeapServer]:
    with SeapServer(today=THURSDAY.date(), burst=10_000) as server:
        yield server


def block(server: SeapServer, more: str = "") -> str:
    return f"seap:\n  url: {server.url}\n  delay: 0\n  backoff: 0.02\n  {more}\n"


def walk(config: Config, server: SeapServer, now: dt.datetime = FRIDAY, **order: object) -> Run:
    server.today = now.date()
    return run(config, "seap", now, **order)


def kept(config: Config) -> dict[str, Opportunity]:
    with Store(config.path(config.store)) as store:
        return {one.opportunity.ref: one.opportunity for one in store.all()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Opportunity]:
    """What an undisturbed run of Friday keeps."""
    with SeapServer(burst=10_000) as server:
        config = installation(tmp_path_factory.mktemp("whole"), block(server))
        assert walk(config, server).verdict is Verdict.GOOD
        return kept(config)


def test_two_days(tmp_path: Path, seap: SeapServer, whole: dict[str, Opportunity]) -> None:
    config = installation(tmp_path, block(seap))
    first = walk(config, seap, THURSDAY)
    assert first.verdict is Verdict.GOOD and first.issues == [] and first.counts["new"] >= 18
    before = kept(config)
    assert [d.ends.day for d in before["SCN1180201"].deadlines] == [4] and before["CN1098126"].previous == ()

    second = walk(config, seap, FRIDAY)
    assert second.verdict is Verdict.GOOD and second.issues == [] and second.counts["changed"] >= 4
    after = kept(config)
    assert [d.ends.day for d in after["SCN1180201"].deadlines] == [11], "a correction moved it"
    assert [d.ends.isoformat() for d in after["CN1098101"].deadlines] == ["2027-01-11T15:00:00+02:00"], (
        "the list does not say so"
    )
    assert after["CN1098101"].published == dt.date(2026, 11, 17)
    assert after["SCN1180188"].stage is Stage.CANCELLED and after["SCN1179990"].stage is Stage.SUSPENDED
    assert after["CN1098126"].previous == ("791825-2026",), "TED gave it a number since"
    assert after.keys() - {"SCN1180188"} == whole.keys(), "a first run leaves out what is over"

    asked = len(seap.requests)
    third = walk(config, seap, FRIDAY + dt.timedelta(hours=3))
    assert third.verdict is Verdict.GOOD and third.counts["nothing new"] and third.counts["new"] == 0
    assert len(seap.requests) - asked <= 6, "the rest of the day only asks for what came since"
    api = seap.asked("/api-pub/")
    assert all(request.headers["referer"].startswith(f"{seap.url}/pub/") for request in api)
    assert all("Vestitor/" in request.headers["user-agent"] for request in api) and not seap.blocked


def test_nothing_personal_is_kept_and_everything_can_be_read_again(tmp_path: Path, seap: SeapServer) -> None:
    config = installation(tmp_path, block(seap))
    walk(config, seap)
    with Store(config.path(config.store)) as store:
        texts = [text.decode() for _, text in documents(store, "seap")]
        said = "".join(one.opportunity.model_dump_json() for one in store.all())
        again = reread(store, "seap", FRIDAY)
    assert len(texts) >= 20 and again.read == len(texts) and again.changed == 0 and not again.problems
    for text in (*texts, said):
        assert "@" not in text and "Persoana" not in text and "+40" not in text


def test_every_page_people_are_sent_to_opens(seap: SeapServer, whole: dict[str, Opportunity]) -> None:
    for opportunity in whole.values():
        assert opportunity.url is not None and opportunity.url.startswith("https://e-licitatie.ro/pub/")
        path = opportunity.url.removeprefix("https://e-licitatie.ro")
        assert seap.reply(Request("GET", path, {})).status == 200


def test_short_pages_and_capped_lists_lose_nothing(tmp_path: Path, whole: dict[str, Opportunity]) -> None:
    with SeapServer(burst=10_000, page=3) as server:
        config = installation(tmp_path, block(server))
        paged = walk(config, server)
        assert paged.verdict is Verdict.GOOD and kept(config) == whole
    (tmp_path / "capped").mkdir()
    with SeapServer(burst=10_000, cap=5) as server:
        config = installation(tmp_path / "capped", block(server))
        capped = walk(config, server)
        assert capped.counts["windows cut"] > 3 and kept(config).keys() == whole.keys()


def test_a_day_with_more_than_the_list_gives_is_said_to_be_incomplete(tmp_path: Path, seap: SeapServer) -> None:
    seap.cap = 2
    config = installation(tmp_path, block(seap))
    done = walk(config, seap)
    assert done.verdict is Verdict.PARTIAL and any("more than the" in reason for reason in done.reasons)
    with Store(config.path(config.store)) as store:
        assert ADVERTS.name not in Journal(store).marks("seap")


def test_a_hurried_walk_is_blocked_and_rests_for_the_day(tmp_path: Path, whole: dict[str, Opportunity]) -> None:
    with SeapServer(burst=6) as server:
        config = installation(tmp_path, block(server))
        blocked = walk(config, server)
        asked = len(server.requests)
        assert blocked.verdict is Verdict.FAILED and "has blocked this address" in blocked.reasons[0]
        assert len([r for r in server.requests if r.path.startswith("/api-pub/")]) == 7, "not one more after the page"
        again = walk(config, server, FRIDAY + dt.timedelta(hours=4))
        assert again.verdict is Verdict.FAILED and len(server.requests) == asked
        server.unblock(burst=10_000)
        assert walk(config, server, FRIDAY + dt.timedelta(days=3)).verdict is Verdict.GOOD
        assert whole.keys() - kept(config).keys() <= {"ADV1560140"}, "what ended in between is not news"


def test_a_window_that_is_not_heeded_is_refused_and_caught_up(
    tmp_path: Path, seap: SeapServer, whole: dict[str, Opportunity]
) -> None:
    config = installation(tmp_path, block(seap))
    seap.ignored = {
        "startPublicationDate",
        "endPublicationDate",
        "startTenderReceiptDeadline",
        "endTenderReceiptDeadline",
    }
    refused = walk(config, seap)
    assert refused.verdict is Verdict.PARTIAL and "outside of what was asked: SCN1040001" in refused.reasons[0]
    assert {ref[:3] for ref in kept(config)} == {"ADV", "MC1", "PI1"}
    seap.ignored = set()
    assert walk(config, seap, FRIDAY).verdict is Verdict.GOOD and kept(config) == whole


class Shifting(SeapServer):
    """Between the first two pages of a walk a new notice comes in: the last row slides to the next page once more."""

    shifted = False

    @property
    def entries(self) -> list[Entry]:
        rows = super().entries
        if not self.shifted and any(b'"pageIndex": 1' in request.body for request in self.requests):
            self.shifted = True
            contracts = [entry for entry in rows if entry.list == CONTRACTS.name]
            return [contracts[0], *contracts, *(entry for entry in rows if entry.list != CONTRACTS.name)]
        return rows


def test_rows_that_move_while_paging_are_not_lost(tmp_path: Path, whole: dict[str, Opportunity]) -> None:
    with Shifting(burst=10_000, page=4) as server:
        config = installation(tmp_path, block(server))
        done = walk(config, server)
        assert done.verdict is Verdict.GOOD and kept(config) == whole


def _renamed(true: Answer, old: bytes, new: bytes) -> Answer:
    return Answer(true.status, true.body.replace(old, new), true.headers)


class Renamed(SeapServer):
    """A field of the list has another name since this morning."""

    old, new = b'"noticeStateDate"', b'"stateDate"'

    def reply(self, request: Request) -> Answer:
        return _renamed(super().reply(request), self.old, self.new) if request.path == LISTS else super().reply(request)


@pytest.mark.parametrize(
    ("old", "issue"),
    [
        (b'"noticeStateDate"', "missing-published"),
        (b'"contractTitle"', "unreadable"),
        (b'"sysProcedureState"', "unreadable"),
    ],
)
def test_a_renamed_field_is_counted(tmp_path: Path, old: bytes, issue: str) -> None:
    with Renamed(burst=10_000) as server:
        server.old, server.new = old, b'"renamed"'
        done = walk(installation(tmp_path, block(server)), server)
    assert issue in {found.code for found in done.issues}


FAULTS: dict[str, tuple[Fault, Verdict]] = {
    "500 once": (Fault(500), Verdict.GOOD),
    "500 throughout": (Fault(500, times=None), Verdict.PARTIAL),
    "429 with Retry-After": (Fault(429, headers={"Retry-After": "1"}), Verdict.GOOD),
    "empty 200": (Fault(200, "", times=None), Verdict.PARTIAL),
    "maintenance page": (Fault(200, "<html><title>Mentenanță</title></html>", times=None), Verdict.PARTIAL),
    "cut short": (Fault(None, truncate=200, times=None), Verdict.PARTIAL),
    "an empty list": (Fault(200, '{"total": 0, "items": [], "searchTooLong": false}', times=None), Verdict.DEGRADED),
    "moved": (Fault(301, "", {"Location": "https://www.e-licitatie.ro/"}, times=None), Verdict.PARTIAL),
    "no Referer": (
        Fault(403, '{"message": "Access Denied"}', {"Content-Type": "application/json"}, times=None),
        Verdict.FAILED,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_list_that_fails_costs_only_itself_and_is_caught_up(
    name: str, tmp_path: Path, seap: SeapServer, whole: dict[str, Opportunity]
) -> None:
    fault, verdict = FAULTS[name]
    seap.fail(ADV_LIST, fault)
    config = installation(tmp_path, block(seap))
    done = walk(config, seap)
    assert done.verdict is verdict, done.reasons
    found = kept(config).keys()
    assert {ref for ref in whole if ref.startswith("CN")} <= found
    assert any(ref.startswith("ADV") for ref in found) is (verdict is Verdict.GOOD)
    with Store(config.path(config.store)) as store:
        assert (ADVERTS.name in Journal(store).marks("seap")) is (verdict is Verdict.GOOD)
    seap._faults.clear()
    if name in ("500 throughout", "an empty list"):
        assert walk(config, seap).verdict is Verdict.GOOD and kept(config) == whole


def test_details_that_fail_leave_the_rows_and_come_with_the_next_run(
    tmp_path: Path, seap: SeapServer, whole: dict[str, Opportunity]
) -> None:
    config = installation(tmp_path, block(seap))
    seap.fail("/api-pub/PUBLICAdvNotice/", Fault(500, times=8))
    done = walk(config, seap)
    assert done.verdict is Verdict.PARTIAL and done.counts["not looked into"] == 2
    assert kept(config).keys() == whole.keys(), "the rows are there"
    assert walk(config, seap).verdict is Verdict.GOOD and kept(config) == whole


def test_three_failures_in_a_row_end_the_run(tmp_path: Path, seap: SeapServer) -> None:
    seap.fail("/api-pub/", Fault(503, times=None))
    done = walk(installation(tmp_path, block(seap)), seap)
    assert done.verdict is Verdict.FAILED and "3 requests in a row failed" in " ".join(done.reasons)
    assert len(seap.asked("/api-pub/")) == 12, "three requests, four tries each"


def test_a_portal_that_is_not_there_fails_and_closes_nothing(tmp_path: Path, whole: dict[str, Opportunity]) -> None:
    with SeapServer(burst=10_000) as server:
        config = installation(tmp_path, block(server))
        walk(config, server)
        unsafe = installation(tmp_path, block(server).replace("http://", "https://"))
        assert walk(unsafe, server, FRIDAY + dt.timedelta(hours=2)).verdict is Verdict.FAILED, "no TLS"
    refused = walk(config, server, FRIDAY + dt.timedelta(hours=3))
    assert refused.verdict is Verdict.FAILED and kept(config) == whole


def test_a_list_that_shows_a_tenth_of_the_usual_is_not_believed(tmp_path: Path, seap: SeapServer) -> None:
    milk = {"cpvCode": "15500000-3 - Produse lactate", "contractObject": "Lapte"}
    samples = []
    for number in range(160):
        day = f"2026-11-{(16, 17, 18, 19)[number % 4]}T09:00:00+02:00"
        row = sample("ADV1560101")["row"] | milk | {"noticeNo": f"ADV77{number:04}", "publicationDate": day}
        samples.append({"list": ADVERTS.name, "published": day, "row": row, "answers": {}, "changes": []})
    seap.shelf.add(*samples)
    config = installation(tmp_path, block(seap))
    for now in (THURSDAY, FRIDAY, FRIDAY + dt.timedelta(hours=3)):
        assert walk(config, seap, now).verdict is Verdict.GOOD
    seap.shelf.remove(*samples[16:])
    done = walk(config, seap, FRIDAY + dt.timedelta(hours=6))
    assert done.verdict is Verdict.DEGRADED and "usually" in done.reasons[0]


def test_limit_and_since_move_no_mark_over_a_gap(tmp_path: Path, seap: SeapServer) -> None:
    config = installation(tmp_path, block(seap))
    assert walk(config, seap, limit=3).counts["read"] == 3
    walk(config, seap, since=dt.date(2026, 11, 20))
    with Store(config.path(config.store)) as store:
        assert Journal(store).marks("seap") == {}


# The stand-in refuses what the portal refuses


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"referer": "https://example.org/"}, 403),
        ({"referer": "http://here/pub", "origin": "http://www.here"}, 403),
        ({"referer": "http://here/pub", "content-type": "application/x-www-form-urlencoded"}, 415),
        ({"referer": "http://here/pub", "content-type": "application/json;charset=UTF-8"}, 200),
    ],
)
def test_the_portal_wants_its_headers(headers: dict[str, str], status: int, seap: SeapServer) -> None:
    assert seap.reply(Request("POST", LISTS, {"host": "here", **headers}, b"{}")).status == status


def test_the_portal_ignores_what_it_does_not_know(seap: SeapServer) -> None:
    def ask(question: dict[str, Any]) -> Any:
        headers = {"host": "h", "referer": "http://h/pub", "content-type": "application/json"}
        return json.loads(seap.reply(Request("POST", LISTS, headers, json.dumps(question).encode())).body)

    frozen = ask({"publicationDateStart": "2026-11-18T00:00:00.000Z"})
    assert frozen["items"][0]["noticeNo"] == "SCN1040001"
    assert ask({"startPublicationDate": "2026-11-18", "endPublicationDate": "2026-11-18"})["total"] < frozen["total"]
    seap.cap = 4
    over = ask({"pageIndex": 1})
    assert over == {"total": 4, "items": [], "searchTooLong": True}
