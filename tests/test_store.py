"""The store: what goes in comes out, history can be walked back, and what is wrong with a file is said in one line."""

import datetime as dt
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.exceptions import StoreError
from pipeline.keeping import documents, keep
from pipeline.lifeline import fold
from pipeline.notice import Notice
from pipeline.opportunity import Money, Stage
from pipeline.reading import reread
from pipeline.store import Store
from spiders import _eforms
from spiders._eforms import read_notice
from tests.sources.ted import SAMPLES
from tests.test_lifeline import CALL, CHANGE, PIN, keep_each, notice
from tests.world import FRIDAY, ROOT

XML = (SAMPLES / "00791812_2026.xml").read_bytes()


def test_history_tells_what_each_notice_changed(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        keep_each(store, [PIN, CALL, CHANGE])
        first, second, third = store.history("ted:1-2026")
    assert first.changes == {}
    assert second.changes["stage"] == ("planned", "open")
    assert set(third.changes) == {"ref", "notices", "published", "deadlines"}


def test_an_older_version_can_be_seen_again(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        keep_each(store, [PIN, CALL, CHANGE])
        assert store.as_of("ted:1-2026", 1) == fold("ted:1-2026", [PIN])
        assert store.as_of("ted:1-2026", 9) == fold("ted:1-2026", [PIN, CALL, CHANGE])
        assert store.as_of("ted:none", 1) is None


@pytest.mark.parametrize("name", ["ted:1-2026", "1-2026", "3-2026", "ted:3-2026"])
def test_an_opportunity_is_found_by_any_of_its_numbers(name: str, tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        keep_each(store, [PIN, CALL, CHANGE])
        kept = store.get(name)
        assert kept is not None
        assert (kept.opportunity.id, kept.version) == ("ted:1-2026", 3)
        assert store.get("seap:3-2026") is None


@pytest.mark.parametrize("words", ["licitatie", "LICITAȚIE", "licitaţie", "portal licitatie", '"portal" OR', "portal*"])
def test_search_needs_no_diacritics_and_no_syntax(words: str, tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        keep_each(store, [notice("1-2026", title="Portal de licitație OR")])
        found = [kept.opportunity.id for kept in store.search(words)]
    assert found == ["ted:1-2026"]


def test_search_follows_a_change_of_words(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        keep_each(store, [notice("1-2026", title="Servere"), notice("2-2026", day=2, title="Laptopuri")])
        assert [k.opportunity.title for k in store.search("laptopuri")] == ["Laptopuri"]
        assert list(store.search("servere")) == []
        store.conn.execute("INSERT INTO search (search) VALUES ('integrity-check')")


def test_a_living_page_keeps_what_it_no_longer_says(tmp_path: Path) -> None:
    value = Money(amount=5, currency="EUR")
    full = notice("1", living=True, value=value, summary="All of it")
    bare = notice("1", living=True, title="New title")
    with Store(tmp_path / "s.db") as store:
        keep_each(store, [full, bare])
        (kept,) = store.all()
    assert (kept.opportunity.title, kept.opportunity.value, kept.opportunity.summary) == (
        "New title",
        value,
        "All of it",
    )
    assert kept.version == 2


def test_documents_are_kept_without_persons_and_can_be_read_again(tmp_path: Path) -> None:
    root = _eforms.parse(XML)
    with Store(tmp_path / "s.db") as store:
        keep(store, [(_eforms.read_root(root), lambda: _eforms.redacted(root))], FRIDAY)
        ((ref, document),) = documents(store, "ted")
        assert ref == "791812-2026"
        assert len(document) > 0.5 * len(XML)
        for contact in (b"<cac:Contact>", b"ElectronicMail", b"Telephone", b"@"):
            assert contact not in document
        assert read_notice(document) == read_notice(XML)


def test_a_mended_reader_reads_all_documents_again(tmp_path: Path) -> None:
    root = _eforms.parse(XML)
    right = _eforms.read_root(root)
    wrong = right.model_copy(update={"says": right.says.model_copy(update={"title": "Misread"})})
    with Store(tmp_path / "s.db") as store:
        keep(store, [(wrong, lambda: _eforms.redacted(root))], FRIDAY)
        assert reread(store, "ted", FRIDAY).words() == "1 documents read again, 1 opportunities changed."
        (kept,) = store.all()
        assert kept.opportunity.title == right.says.title
        assert len(list(documents(store, "ted"))) == 1, "the document is still there"


def test_all_of_a_batch_or_nothing(tmp_path: Path) -> None:
    def broken() -> bytes:
        raise RuntimeError("the document cannot be made")

    with Store(tmp_path / "s.db") as store:
        with pytest.raises(RuntimeError):
            keep(store, [(PIN, None), (notice("5-2026", procedure_id="p-5"), broken)], FRIDAY)
        assert store.count() == 0


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store(path) as store:
        row = {"migration_set": "vestitor", "name": "from_the_future", "applied_at": "2030-01-01"}
        store.db.table("_sqlite_migrations").insert(row)
    with pytest.raises(StoreError, match=r"newer version .from_the_future.; upgrade first"):
        Store(path)


def test_what_is_no_store_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "s.db").write_text("hello " * 1000)
    with pytest.raises(StoreError, match="not a database; this is not a store; check `store:`"):
        Store(tmp_path / "s.db")


@pytest.mark.parametrize("pages", range(60, 130, 10))
def test_a_full_disk_loses_nothing_that_was_there(pages: int, tmp_path: Path) -> None:
    many: list[tuple[Notice, None]] = [
        (notice(f"{n}-2026", procedure_id=f"p-{n}", summary="x" * 3000), None) for n in range(90)
    ]
    with Store(tmp_path / "s.db") as store:
        keep(store, many[:10], FRIDAY)
        store.conn.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="the disk is full; make room"):
            for start in range(10, 90, 10):
                keep(store, many[start : start + 10], FRIDAY)
        count = store.count()
        assert count % 10 == 0 and count >= 10
        assert store.conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_backup_is_a_whole_store(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        keep_each(store, [PIN, CALL])
        store.backup(tmp_path / "copy.db")
        original = [kept.opportunity for kept in store.all()]
    with Store(tmp_path / "copy.db") as copy:
        assert [kept.opportunity for kept in copy.all()] == original
        assert original[0].stage is Stage.OPEN


def test_writes_survive_the_power_going_off(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        settings = {
            name: store.conn.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_reader_works_beside_a_writer(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as writer, Store(tmp_path / "s.db") as reader, writer.writing() as conn:
        conn.execute("INSERT INTO marks VALUES ('ted', 'issue', '1', '2026')")
        assert reader.count() == 0
        reader.conn.execute("PRAGMA busy_timeout = 50")
        with pytest.raises(StoreError, match="another run is writing"), reader.writing():
            pass


def test_times_are_kept_as_utc(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        keep_each(store, [PIN])
        (kept,) = store.all(since=FRIDAY)
        assert list(store.all(since=FRIDAY + dt.timedelta(seconds=1))) == []
    assert kept.first_seen == FRIDAY
    with sqlite3.connect(tmp_path / "s.db") as raw:
        assert raw.execute("SELECT first_seen FROM opportunities").fetchone() == ("2026-11-20T09:00:00+00:00",)
    raw.close()


def test_a_new_store_is_opened_by_several_at_once(tmp_path: Path) -> None:
    code = "import pathlib, sys; from pipeline.store import Store; Store(pathlib.Path(sys.argv[1]))"
    call = [sys.executable, "-c", code, str(tmp_path / "new.db")]
    said = [subprocess.Popen(call, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(6)]
    assert [process.communicate()[1] for process in said] == [""] * 6
