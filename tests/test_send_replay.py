"""What would a member have got on some day: from what was known and told by then; and digests about a part of it."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.replay import as_it_was
from pipeline.store import Store
from tests.send_world import DAY, Installation, parsed, tally, told
from tests.smtp_faults import MailServer

ANA = "ana@members.test"
MOVED = [{"at": "2027-04-01T12:00:00+03:00"}]


def day(number: int) -> dt.date:
    return DAY + dt.timedelta(days=number)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def office(tmp_path: Path, server: MailServer) -> Installation:
    return installed(tmp_path, server.port)


def installed(folder: Path, port: int) -> Installation:
    office = Installation(folder)
    office.mails_to(port, more="sources: {ted: {url: 'https://ted.europa.eu'}}\n")
    office.member("ana")
    return office


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[bytes]]:
    """Five days: on each a tender is found, on the third the first one's deadline moves; Ana is told every day."""
    with MailServer() as server:
        office = installed(tmp_path_factory.mktemp("lived"), server.port)
        for number in range(5):
            office.collect([10 + number], day(number))
            if number == 2:
                office.collect([10], day(number), deadlines=MOVED)
            office.digest(day(number))
        office.collect([10], day(5), stage="cancelled")
        office.run("feedback", "ana", "ted:13", "not-relevant", day=day(5))
    return office.folder, [raw for _, raw in server.accepted]


@pytest.fixture
def history(lived: tuple[Path, list[bytes]], tmp_path: Path) -> Installation:
    """Those five days, to be changed at will."""
    shutil.copytree(lived[0], tmp_path, dirs_exist_ok=True)
    return Installation(tmp_path)


def rehearsed(office: Installation, on: dt.date, *more: str, hour: str = "11:30") -> bytes | None:
    out = office.folder / "rehearsal"
    result = office.run("digest", "--dry-run", "--out", str(out), *more, day=on, hour=hour)
    assert result.exit_code == 0, result.output
    file = out / "ana.eml"
    raw = file.read_bytes() if file.exists() else None
    file.unlink(missing_ok=True)
    return raw


def test_every_past_digest_comes_out_as_it_was_sent(history: Installation, lived: tuple[Path, list[bytes]]) -> None:
    sent = [parsed(raw) for raw in lived[1]]
    assert [told(raw) for raw in lived[1]] == [[10], [11], [10, 12], [13], [14]]
    for number, mail in enumerate(sent):
        raw = rehearsed(history, day(number), "--member", "ana")
        assert raw is not None
        again = parsed(raw)
        assert again["Subject"] == mail["Subject"]
        for kind in ("plain", "html"):
            assert again.get_body((kind,)).get_content() == mail.get_body((kind,)).get_content()  # type: ignore[union-attr]


def test_between_two_digests_only_what_was_found_since(history: Installation) -> None:
    assert rehearsed(history, day(2), hour="11:31") is None
    history.collect([20], day(7))
    assert told(rehearsed(history, day(6)) or b"") == [10]  # cancelled on day 5
    assert told(rehearsed(history, day(7)) or b"") == [10, 20]


def test_a_rehearsal_leaves_no_trace_and_needs_no_turn(history: Installation) -> None:
    before = history.folder.joinpath("test.db").read_bytes(), history.states()
    with Store(history.folder / "test.db") as store, store.writing():
        assert rehearsed(history, day(2)) is not None  # while another command writes
    assert (history.folder.joinpath("test.db").read_bytes(), history.states()) == before


def test_what_failed_later_was_on_its_way_then(history: Installation) -> None:
    history.run("deliveries", "lost", "5", day=day(6))
    assert told(rehearsed(history, day(6), hour="12:00") or b"") == [10, 14]
    assert told(rehearsed(history, day(5), hour="12:00") or b"") == [10]


def test_the_store_as_it_was(history: Installation) -> None:
    now = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    with Store(history.folder / "test.db") as store, as_it_was(store, now) as then:
        known = {kept.opportunity.id: (kept.version, kept.opportunity.stage.value) for kept in then.all()}
        assert known == {"ted:10": (2, "open"), "ted:11": (1, "open"), "ted:12": (1, "open")}
        assert [version.version for version in then.history("ted:10")] == [1, 2]
        assert (then.path.exists(), store.count()) == (True, 5)
    assert not then.path.exists()


# A part of what matches


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (["--from", f"{day(1)}"], [11, 12]),
        (["--to", f"{day(1)}"], [10, 11]),
        (["--from", f"{day(1)}", "--to", f"{day(1)}"], [11]),
        (["--only", "tender"], [10, 11]),
        (["--only", "call", "--only", "news"], [12]),
        (["--only", "ted", "--from", f"{day(2)}"], [12]),
    ],
)
def test_a_special_digest_holds_a_part_and_the_rest_comes_later(
    chosen: list[str], expected: list[int], office: Installation, server: MailServer
) -> None:
    for number in range(3):
        office.collect([10 + number], day(number), **({"kind": "call"} if number == 2 else {}))
    assert sorted(told(rehearsed(office, day(2), *chosen) or b"")) == expected
    office.run("digest", *chosen, day=day(2))
    assert sorted(told(server.accepted[0][1])) == expected
    office.digest(day(3))
    assert tally(server) == {(ANA, ref): 1 for ref in (10, 11, 12)}


def test_a_part_that_cannot_be_is_refused(office: Installation) -> None:
    office.configure()
    assert "no source `teds`" in office.run("digest", "--only", "teds").output
    backwards = office.run("digest", "--from", "2026-11-20", "--to", "2026-11-19")
    assert (backwards.exit_code, "--from is after --to; swap them" in backwards.output) == (2, True)
