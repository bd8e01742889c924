"""The same opportunity from two sources is one, and two that only look alike stay two."""

import datetime as dt
from pathlib import Path

import pytest

from filters.profile import files_of, read_filters
from filters.tag import tag
from pipeline.exchange import as_notice
from pipeline.keeping import keep
from pipeline.ledger import Ledger
from pipeline.opportunity import Deadline, Kind, Link, Opportunity, Organisation, Stage
from pipeline.store import Store
from pipeline.twins import folded, twins
from tests.world import FRIDAY, ROOT

WHEN = dt.datetime(2026, 12, 21, 13, tzinfo=dt.UTC)


def one(id: str, **more: object) -> Opportunity:
    source, _, ref = id.partition(":")
    said = {"kind": Kind.TENDER, "stage": Stage.OPEN, "title": "Portal de e-guvernare", "notices": (ref,), **more}
    return Opportunity.model_validate({"id": id, "source": source, "ref": ref, **said})


PAGE = "https://e-licitatie.ro/pub/notices/c-notice/v2/view/100990011"
BUYER = Organisation(name="Primăria", id="RO 123")
SAME = {"buyer": BUYER, "cpv": ("72000000",), "deadlines": (Deadline(at=WHEN),)}
CALL = {"kind": Kind.CALL, "title": "Digitalizarea IMM-urilor din Nord-Vest", "deadlines": (Deadline(at=WHEN),)}

TWINS = [
    ([one("ted:1-2026"), one("seap:CN1", previous=("1-2026",))], "a number"),
    (
        [one("ted:1-2026", links=(Link(url=PAGE, role="documents"),)), one("seap:CN1", url=PAGE.replace("v2/", ""))],
        "a page",
    ),
    (
        [one("ted:1-2026", **SAME), one("seap:CN1", **{**SAME, "buyer": Organisation(name="P.", id="123")})],
        "the same facts",
    ),
    (
        [one("mipe:7", **CALL), one("zare:9", **{**CALL, "title": "DIGITALIZAREA IMM–urilor din Nord-Vest!"})],
        "title and day",
    ),
]


@pytest.mark.parametrize(("both", "by"), TWINS)
def test_twins(both: list[Opportunity], by: str) -> None:
    assert twins(both) == {both[1].id: both[0].id}, by
    assert twins(both[::-1]) == {both[1].id: both[0].id}, "whatever came first, the higher authority speaks"
    assert twins(both, apart=[(both[1].id, both[0].id)]) == {}, "staff can undo it"


CODED = {"kind": Kind.CALL, "title": "Apel"}
LATER = {"deadlines": (Deadline(at=WHEN + dt.timedelta(days=40)),)}
TWINS.append(
    (
        [
            one("regio_nord_vest:1", call="PR NV/2026/990.B/1", **CODED),
            one("mipe:7", call="PRNV/2026/990B/1", **CODED, **LATER),
        ],
        "the code of a Romanian call, though one of them is extended",
    )
)

OTHERS = [
    [one("eu_portal:1", call="HORIZON-CL4-2027-04", **CODED), one("mipe:7", call="HORIZON-CL4-2027-04", **CODED)],
    [one("regio_nord_vest:1", call="PRNV/2026/990/1", **CODED), one("mipe:7", call="PRNV/2026/990/2", **CODED)],
    [one("ted:1-2026", **SAME), one("seap:CN1", **{**SAME, "cpv": ("48000000",)})],
    [one("ted:1-2026", **SAME), one("seap:CN1", **{**SAME, "deadlines": (Deadline(at=WHEN + dt.timedelta(hours=1)),)})],
    [one("ted:1-2026", **SAME), one("ted:2-2026", **SAME)],
    [one("ted:1-2026", **SAME), one("ted:2-2026", **SAME), one("seap:CN1", **SAME)],
    [one("mipe:7", **{**CALL, "title": "Apel nou"}), one("zare:9", **{**CALL, "title": "Apel nou"})],
    [one("ted:1-2026"), one("seap:CN1")],
]


@pytest.mark.parametrize("both", OTHERS)
def test_what_only_looks_alike(both: list[Opportunity]) -> None:
    assert twins(both) == {}


def test_three_of_a_kind_have_one_speaker() -> None:
    three = [one("zare:9", **CALL), one("mipe:7", **CALL), one("eu_portal:X-1", **CALL)]
    assert twins(three) == {"zare:9": "eu_portal:X-1", "mipe:7": "eu_portal:X-1"}


def test_known_twins_stay_together_when_one_moves_first() -> None:
    ted, seap = one("ted:1-2026", **SAME), one("seap:CN1", **SAME)
    moved = one("ted:1-2026", **{**SAME, "deadlines": (Deadline(at=WHEN + dt.timedelta(days=7)),)})
    known = twins([ted, seap])
    assert twins([moved, seap]) == {}
    assert twins([moved, seap], known=known) == known
    assert twins([moved, seap], apart=[("ted:1-2026", "seap:CN1")], known=known) == {}


def test_folded() -> None:
    assert folded("Licitaţie  «ȘCOALĂ»—2026") == folded("licitatie scoala 2026")


def test_what_was_told_of_one_is_told_of_its_twin(tmp_path: Path) -> None:
    """The member heard of it from SEAP; that TED publishes it the day after is no news."""
    seap, ted = one("seap:CN1", previous=("1-2026",)), one("ted:1-2026")
    with Store(tmp_path / "s.db") as store:
        ledger = Ledger(store)
        keep(store, [(as_notice(seap), None)], FRIDAY)
        ledger.enqueue("m", "smtp", [("a@example.org", "<1@x>", "s", b"")], [("seap:CN1", 1, "new")], FRIDAY)
        assert set(ledger.told("m", "smtp")) == {"seap:CN1"}
        keep(store, [(as_notice(ted), None)], FRIDAY)
        tagged = tag(read_filters({}), store, FRIDAY)
        assert tagged.opportunities == 1
        told = ledger.told("m", "smtp")
        assert set(told) == {"ted:1-2026"}
        assert told["ted:1-2026"].version == told["ted:1-2026"].newest, "no change is reported for the switch"


def test_one_of_two_twins_is_matched_and_shows_both_pages(tmp_path: Path) -> None:
    files = files_of(ROOT / "filters" / "interests", ROOT / "filters" / "members")
    seap = one("seap:CN1", previous=("1-2026",), countries=("RO",), url=PAGE)
    with Store(tmp_path / "s.db") as store:
        keep(store, [(as_notice(seap), None), (as_notice(one("ted:1-2026", countries=("RO",))), None)], FRIDAY)
        tag(read_filters(files), store, FRIDAY)
        (entry,) = Ledger(store).matches("nimbus-software")
        assert (entry.kept.opportunity.id, entry.body["also"]) == ("ted:1-2026", [PAGE])
        tag(read_filters(files), store, FRIDAY, apart=[("ted:1-2026", "seap:CN1")])
        assert len(list(Ledger(store).matches("nimbus-software"))) == 2
