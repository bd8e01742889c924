"""How TED is walked: real HTTP to a stand-in as strict as TED, the real spider process, a real store."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.config import Config
from pipeline.journal import Journal, Run, Verdict
from pipeline.store import Store
from spiders._ted_issue import Issue, api_base, earliest, following
from tests.sources._server import Fault
from tests.sources.ted import SAMPLES, TedServer
from tests.world import EVERYTHING, FRIDAY, installation, run, ted_block

FILES = {file.name: file for file in SAMPLES.glob("*.xml")}
ONE = [FILES["00791812_2026.xml"]]
BY_ISSUE = {
    f"202600{issue}": [file for name, file in FILES.items() if name.startswith(numbers)]
    for issue, numbers in (
        (221, ("007786", "7786")),
        (222, "007819"),
        (223, "007852"),
        (224, "007885"),
        (225, "007918"),
    )
}


@pytest.fixture
def ted() -> Iterator[TedServer]:
    with TedServer(today=dt.date(2026, 11, 20)) as server:
        yield server


@pytest.fixture
def config(ted: TedServer, tmp_path: Path) -> Config:
    return installation(tmp_path, ted_block(ted.url))


def mark(config: Config) -> str | None:
    with Store(config.path(config.store)) as store:
        return Journal(store).marks("ted").get("issue")


def refs(config: Config) -> set[str]:
    with Store(config.path(config.store)) as store:
        return {ref for (ref,) in store.conn.execute("SELECT ref FROM notices")}


def packages(ted: TedServer) -> list[str]:
    return [request.path.rsplit("/", 1)[-1] for request in ted.requests if "/packages/" in request.path]


def test_a_first_run_reads_the_last_week_and_proves_that_it_is_complete(ted: TedServer, config: Config) -> None:
    done = run(config)
    assert done.verdict is Verdict.GOOD
    assert packages(ted) == ["202600221", "202600222", "202600223", "202600224", "202600225", "202600226"]
    assert done.counts["unpacked"] == done.counts["stated by the source"] == 28
    assert done.counts["issues read"] == 5
    assert done.counts["skipped: legacy TED_EXPORT notice (before eForms)"] == 1
    assert done.counts["skipped: business registration notice (X01, X02): no procurement"] == 1
    assert done.counts["outside"] == 2, "Italian food and Polish cleaning are counted, not stored"
    assert mark(config) == "202600225"


def test_the_next_run_reads_only_what_is_new(ted: TedServer, config: Config) -> None:
    run(config)
    before = len(packages(ted))
    again = run(config)
    assert (again.verdict, again.counts["nothing new"]) == (Verdict.GOOD, 1)
    assert packages(ted)[before:] == ["202600226"]
    ted.today = dt.date(2026, 11, 23)
    before = len(packages(ted))
    monday = run(config, now=FRIDAY + dt.timedelta(days=3))
    assert (monday.verdict, monday.counts["changed"]) == (Verdict.GOOD, 1)
    assert packages(ted)[before:] == ["202600226", "202600227"]


def test_since_and_limit(ted: TedServer, config: Config) -> None:
    few = run(config, since=dt.date(2026, 11, 20), limit=3)
    assert few.counts["read"] == 3
    assert mark(config) is None, "a look does not count as having read it all"
    run(config, since=dt.date(2026, 11, 20))
    assert packages(ted)[-2:] == ["202600225", "202600226"]


def test_an_issue_that_is_missing_stops_the_mark_but_not_the_reading(tmp_path: Path) -> None:
    issues = {issue: files for issue, files in BY_ISSUE.items() if issue != "202600223"}
    with TedServer(issues=issues) as ted:
        config = installation(tmp_path, ted_block(ted.url))
        first = run(config, since=dt.date(2026, 11, 16))
        assert first.verdict is Verdict.PARTIAL
        assert first.reasons == ["issue 223/2026 is missing though 224/2026 is there"]
        assert {"781905-2026", "791812-2026"} <= refs(config), "before the gap and after it"
        assert mark(config) == "202600222", "the next run asks for 223 again"


def test_a_server_error_is_a_gap_that_the_next_run_fills(ted: TedServer, config: Config) -> None:
    ted.fail("/packages/daily/202600223", with_=Fault(status=503, times=4))
    first = run(config)
    assert first.verdict is Verdict.PARTIAL
    assert any("issue 223/2026" in why for why in first.reasons)
    assert mark(config) == "202600222"
    assert "791812-2026" in refs(config), "later issues are read all the same"
    second = run(config)
    assert (second.verdict, mark(config)) == (Verdict.GOOD, "202600225")
    assert second.counts["new"] == 3, "what the gap hid; nothing is lost, nothing twice"


def test_a_server_that_is_down_is_not_walked_for_ever_and_is_caught_up_with(ted: TedServer, tmp_path: Path) -> None:
    config = installation(tmp_path, ted_block("http://127.0.0.1:9", "timeout: 30"))
    down = run(config)
    assert down.verdict is Verdict.FAILED
    assert down.counts["requests"] <= 10, "a host that gives no answer is let alone"
    assert run(installation(tmp_path, ted_block(ted.url))).verdict is Verdict.GOOD


def test_a_server_that_only_errs_is_not_walked_for_ever(ted: TedServer, config: Config) -> None:
    ted.fail("", with_=Fault(status=500, times=None))
    assert run(config).verdict is Verdict.FAILED
    assert len(ted.requests) <= 4 * (12 + 4)


def test_a_hiccup_is_tried_again(ted: TedServer, config: Config) -> None:
    ted.fail("/packages/daily/202600223", with_=Fault(status=502, times=2))
    assert run(config).verdict is Verdict.GOOD


@pytest.mark.parametrize("size", [200, 5_000])
def test_a_package_cut_short_keeps_what_was_read(size: int, ted: TedServer, config: Config) -> None:
    ted.fail("/packages/daily/202600225", with_=Fault(status=None, truncate=size, times=9))
    done = run(config)
    assert done.verdict is Verdict.PARTIAL
    assert mark(config) == "202600224"


def test_a_maintenance_page_instead_of_a_package_is_no_success(ted: TedServer, config: Config) -> None:
    ted.fail("/packages/", with_=Fault(status=200, body=b"<html>Maintenance</html>", times=99))
    done = run(config)
    assert done.verdict is Verdict.FAILED
    assert "nothing was read; zero is never success" in done.reasons
    assert mark(config) is None


def test_without_the_api_packages_are_read_and_said_to_be_unproven(ted: TedServer, config: Config) -> None:
    ted.fail("/v3/", with_=Fault(status=403, body=b"<html>blocked</html>", times=99))
    done = run(config)
    assert done.verdict is Verdict.GOOD
    assert done.counts["issues not proven"] == 5
    assert {issue.code for issue in done.issues} >= {"search-api"}
    assert mark(config) == "202600225"


def test_fewer_notices_than_the_api_states_is_not_complete(ted: TedServer, config: Config) -> None:
    with TedServer(issues={"202600225": ONE}) as short:
        short.fail("/v3/", with_=Fault(status=200, body=b'{"notices": [], "totalNoticeCount": 2}', times=99))
        config = installation(config.file.parent, ted_block(short.url))
        done = run(config, since=dt.date(2026, 11, 20))
        assert done.verdict is Verdict.PARTIAL
        assert "issue 225/2026: 1 notices in the package, 2 in the search API" in done.reasons


def test_no_new_issue_for_a_week_is_said(ted: TedServer, config: Config) -> None:
    run(config)
    late = run(config, now=FRIDAY + dt.timedelta(days=10))
    assert late.verdict is Verdict.DEGRADED
    assert late.reasons == ["the newest issue, 225/2026, is of 2026-11-20"]


def test_an_unreadable_notice_is_set_aside_and_named(tmp_path: Path) -> None:
    broken = tmp_path / "00791999_2026.xml"
    broken.write_bytes(ONE[0].read_bytes()[:-400])
    with TedServer(issues={"202600225": [*ONE, broken]}) as ted:
        config = installation(tmp_path, ted_block(ted.url))
        done = run(config, since=dt.date(2026, 11, 20))
    (issue,) = [issue for issue in done.issues if issue.code == "unreadable"]
    assert ".xml: not-xml: " in issue.examples[0]
    with Store(config.path(config.store)) as store:
        assert store.conn.execute("SELECT length(body) FROM bodies").fetchall() == [(broken.stat().st_size,)]


def test_search_mode_reads_the_same_notices_one_by_one(ted: TedServer, tmp_path: Path) -> None:
    by_package = installation(tmp_path, ted_block(ted.url))
    run(by_package)
    (tmp_path / "search").mkdir()
    by_search = installation(tmp_path / "search", ted_block(ted.url, "mode: search"))
    done = run(by_search)
    assert done.verdict is Verdict.GOOD
    in_scope = refs(by_package)
    assert refs(by_search) <= in_scope
    assert len(in_scope - refs(by_search)) <= 1, in_scope - refs(by_search)
    again = run(by_search)
    assert (again.verdict, again.counts["nothing new"]) == (Verdict.GOOD, 1)
    assert packages(ted).count("202600225") == 1, "no package is fetched in this mode"


def test_a_search_that_times_out_does_not_move_the_mark(ted: TedServer, tmp_path: Path) -> None:
    config = installation(tmp_path, ted_block(ted.url, "mode: search"))
    ted.time_out(times=9)
    done = run(config)
    assert done.verdict is Verdict.FAILED
    assert any("timed out" in why for why in done.reasons)


def test_everything_is_kept_when_the_scope_says_so(ted: TedServer, tmp_path: Path) -> None:
    done = run(installation(tmp_path, ted_block(ted.url, EVERYTHING)))
    assert (done.counts["outside"], done.counts["read"]) == (0, 26)


def test_the_spider_says_who_it_is(ted: TedServer, config: Config) -> None:
    run(config)
    agents = {request.headers.get("user-agent") for request in ted.requests}
    assert len(agents) == 1
    assert agents.pop().startswith("Vestitor/")  # type: ignore[union-attr]


WALKS = [
    # issue asked for, misses in a row, newest the API knows, this year, what to ask for next
    (Issue(2026, 5), 0, Issue(2026, 9), 2026, Issue(2026, 6)),
    (Issue(2026, 10), 1, Issue(2026, 9), 2026, None),
    (Issue(2026, 5), 9, Issue(2026, 9), 2026, Issue(2026, 6)),
    (Issue(2026, 254), 1, Issue(2027, 2), 2027, Issue(2026, 255)),
    (Issue(2026, 257), 3, Issue(2027, 2), 2027, Issue(2027, 1)),
    (Issue(2026, 5), 2, None, 2026, Issue(2026, 6)),
    (Issue(2026, 5), 3, None, 2026, None),
    (Issue(2026, 257), 3, None, 2027, Issue(2027, 1)),
]


@pytest.mark.parametrize(("issue", "misses", "newest", "year", "expected"), WALKS)
def test_which_issue_comes_next(issue: Issue, misses: int, newest: Issue | None, year: int, expected: Issue) -> None:
    assert following(issue, misses, newest, year) == expected


def test_the_turn_of_the_year_is_no_gap(tmp_path: Path) -> None:
    issues = {"202600254": ONE, "202700001": [FILES["00788514_2026.xml"]], "202700002": [FILES["00791825_2026.xml"]]}
    with TedServer(issues=issues) as ted:
        ted.fail("/v3/", with_=Fault(status=403, times=99))
        config = installation(tmp_path, ted_block(ted.url))
        with Store(config.path(config.store)) as store:
            Journal(store).mark("ted", "issue", "202600253", FRIDAY)
        done: Run = run(config, now=dt.datetime(2027, 1, 6, 11, tzinfo=config.zone))
    assert done.verdict is Verdict.GOOD
    assert done.counts["read"] == 3
    assert mark(config) == "202700002"


def test_issue_numbers() -> None:
    assert Issue.read("225/2026") == Issue.read("202600225") == Issue(2026, 225)
    assert Issue.read("tomorrow") is None
    assert earliest(dt.date(2026, 11, 20)) <= Issue(2026, 225)
    assert api_base("https://ted.europa.eu") == "https://api.ted.europa.eu"
    assert api_base("http://127.0.0.1:8080") == "http://127.0.0.1:8080"
