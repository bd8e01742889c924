"""Life lines: which notices belong together, and what they say together, in whatever order they arrive."""

import datetime as dt
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.keeping import Tally, keep
from pipeline.lifeline import fold
from pipeline.notice import Form, Notice, Outcome
from pipeline.opportunity import Deadline, Kind, Lot, Money, Opportunity, Stage
from pipeline.store import Store
from spiders._eforms import read_notice
from tests.sources.ted import SAMPLES
from tests.world import FRIDAY

UTC = dt.UTC
JANUARY = dt.datetime(2027, 1, 15, 12, tzinfo=UTC)


def notice(ref: str, stage: Stage = Stage.OPEN, day: int = 1, form: Form = Form.ANNOUNCES, **more: Any) -> Notice:
    """A notice of November 2026 with sensible defaults; `more` goes to the opportunity or the notice."""
    said = {name: more.pop(name) for name in list(more) if name in Opportunity.model_fields}
    says = {
        "id": f"ted:{ref}",
        "source": "ted",
        "ref": ref,
        "kind": Kind.TENDER,
        "stage": stage,
        "title": "Portal",
        "published": dt.date(2026, 11, day),
        **said,
    }
    defaults = {"names": (ref,), "procedure_id": "p-1", "buyers": frozenset({"id:1"})}
    return Notice.model_validate({"says": Opportunity.model_validate(says), "form": form, **defaults, **more})


def lots(*ids: str) -> tuple[Lot, ...]:
    return tuple(Lot(id=id) for id in ids)


def keep_each(store: Store, notices: Iterable[Notice]) -> list[Tally]:
    return [keep(store, [(one, None)], FRIDAY) for one in notices]


def stored(store: Store) -> dict[str, Opportunity]:
    return {kept.opportunity.id: kept.opportunity for kept in store.all()}


PIN = notice(
    "1-2026", Stage.PLANNED, 1, procedure_id=None, opens=dt.date(2026, 12, 1), value=Money(amount=5, currency="RON")
)
CALL = notice("2-2026", Stage.OPEN, 5, continues=("1-2026",), deadlines=(Deadline(at=JANUARY),), lots=lots("A", "B"))
CHANGE = notice(
    "3-2026",
    Stage.OPEN,
    9,
    Form.CHANGES,
    changes=("2-2026",),
    deadlines=(Deadline(at=JANUARY + dt.timedelta(days=7)),),
    lots=lots("A", "B"),
)
RESULT = notice("4-2026", Stage.AWARDED, 20, Form.ENDS, results={"A": Outcome.AWARDED, "B": Outcome.CANCELLED})


@pytest.mark.parametrize("order", list(itertools.permutations([PIN, CALL, CHANGE, RESULT])))
def test_a_life_line_is_one_in_whatever_order_its_notices_come(order: tuple[Notice, ...], tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        keep_each(store, order)
        (line,) = stored(store).values()
    assert line.id == f"ted:{order[0].says.ref}"
    assert line.notices == ("1-2026", "2-2026", "3-2026", "4-2026")
    assert (line.stage, line.ref, line.deadlines) == (Stage.AWARDED, "4-2026", CHANGE.says.deadlines)
    assert line.value == PIN.says.value, "a known value is not overwritten by silence"
    assert line.previous == ()


def test_the_same_notices_in_one_batch_or_one_by_one_give_the_same_history(tmp_path: Path) -> None:
    histories = []
    for name, batches in (("one", [[PIN], [CALL], [CHANGE], [RESULT]]), ("all", [[CHANGE, RESULT, PIN, CALL]])):
        with Store(tmp_path / f"{name}.db") as store:
            for batch in batches:
                keep(store, [(one, None) for one in batch], FRIDAY)
            (id,) = stored(store)
            histories.append([(v.version, v.ref, sorted(v.changes)) for v in store.history(id)])
            assert store.as_of(id, 1) == fold(id, [PIN])
            assert store.as_of(id, 3) == fold(id, [PIN, CALL, CHANGE])
    assert histories[0] == histories[1]
    assert [ref for _, ref, _ in histories[0]] == ["1-2026", "2-2026", "3-2026", "4-2026"]


def test_what_is_read_twice_changes_nothing(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        keep_each(store, [PIN, CALL, CHANGE])
        again = keep(store, [(one, None) for one in (CHANGE, CALL, PIN)], FRIDAY)
        assert (again.new, again.changed, again.seen) == ([], [], ["ted:1-2026"])
        assert len(store.history("ted:1-2026")) == 3


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (notice("9-2026", day=6, buyers=frozenset({"id:2"})), "a procedure id that several buyers were given"),
        (notice("9-2026", day=6, procedure_id="p-2"), "another procedure of the same buyer"),
        (notice("9-2026", day=5, title="Another building"), "two calls of one day under one procedure id"),
        (notice("9-2026", day=6, procedure_id="p-2", continues=("2-2026",)), "a second procedure that cites the first"),
    ],
)
def test_a_wrong_merge_is_worse_than_a_missed_one(other: Notice, why: str, tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        keep_each(store, [CALL, other])
        assert set(stored(store)) == {"ted:2-2026", "ted:9-2026"}, why


def test_one_plan_for_two_procedures_joins_the_first_of_them(tmp_path: Path) -> None:
    second = notice("7-2026", day=6, procedure_id="p-2", continues=("1-2026",), previous=("1-2026",))
    with Store(tmp_path / "s.db") as store:
        keep_each(store, [PIN, CALL, second])
        assert stored(store)["ted:1-2026"].notices == ("1-2026", "2-2026")
        assert stored(store)["ted:7-2026"].previous == ("1-2026",)


def test_an_outside_notice_is_kept_only_with_what_it_belongs_to(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        keep_each(store, [CALL])
        stranger = notice("8-2026", procedure_id="p-8")
        tally = keep(store, [(RESULT, None), (stranger, None)], FRIDAY, strays={"4-2026", "8-2026"})
        assert (tally.changed, tally.outside) == (["ted:2-2026"], ["8-2026"])
        assert stored(store)["ted:2-2026"].stage is Stage.AWARDED


def call(*lot_ids: str, **more: Any) -> Notice:
    return notice("2-2026", day=5, deadlines=(Deadline(at=JANUARY),), lots=lots(*lot_ids), **more)


def result(day: int, **outcomes: Outcome) -> Notice:
    stage = Stage.AWARDED if Outcome.AWARDED in outcomes.values() else Stage.CANCELLED
    return notice(f"{day + 50}-2026", stage, day, Form.ENDS, results=outcomes)


A, C, U = Outcome.AWARDED, Outcome.CANCELLED, Outcome.UNDECIDED


@pytest.mark.parametrize(
    ("notices", "stage"),
    [
        ([call("L1", "L2"), result(20, L1=A, L2=A)], Stage.AWARDED),
        ([call("L1", "L2"), result(20, L1=A, L2=C)], Stage.AWARDED),
        ([call("L1", "L2"), result(20, L1=C, L2=C)], Stage.CANCELLED),
        ([call("L1", "L2"), result(20, L1=C)], Stage.OPEN),  # L2 can still be bid for
        ([call("L1", "L2"), result(20, L1=C), result(22, L2=C)], Stage.CANCELLED),
        ([call("L1"), result(20, L1=U)], Stage.OPEN),
        ([call("L1", rolling=True), result(20, L1=A)], Stage.OPEN),  # a dynamic system awards while it is open
        ([call("L1", rolling=True), result(20, L1=C)], Stage.CANCELLED),
        ([notice("1-2026", Stage.PLANNED, 1), result(20, L9=A)], Stage.AWARDED),  # the call itself was missed
        ([call("L1"), result(20, L1=C), notice("9-2026", day=25, lots=lots("L1"))], Stage.OPEN),  # announced anew
        ([call("L1"), notice("9-2026", Stage.CANCELLED, 8, Form.CHANGES, lots=lots("L1"))], Stage.CANCELLED),
        ([call("L1"), notice("9-2026", Stage.AWARDED, 25, Form.ENDS)], Stage.AWARDED),  # a modified contract
    ],
)
def test_what_a_result_ends(notices: list[Notice], stage: Stage) -> None:
    assert fold("ted:x", notices).stage is stage


def test_an_open_one_reads_closed_after_its_last_deadline() -> None:
    line = fold("ted:x", [call("L1")])
    assert line.at(JANUARY - dt.timedelta(seconds=1)).stage is Stage.OPEN
    assert line.at(JANUARY).stage is Stage.CLOSED


SAMPLE_NOTICES = [
    read_notice(file.read_bytes()) for file in sorted(SAMPLES.glob("0*.xml")) if "791899" not in file.name
]


@settings(max_examples=15, deadline=None)
@given(st.permutations(SAMPLE_NOTICES), st.integers(1, 9))
def test_the_sample_days_in_any_order_and_batches_make_the_same_store(order: list[Notice], size: int) -> None:
    expected = _lines([SAMPLE_NOTICES])
    assert _lines([order[n : n + size] for n in range(0, len(order), size)]) == expected


def _lines(batches: list[list[Notice]]) -> dict[tuple[str, ...], Opportunity]:
    with Store(Path(":memory:")) as store:
        for batch in batches:
            keep(store, [(one, None) for one in batch], FRIDAY)
        return {o.notices: o.model_copy(update={"id": "ted:x"}) for o in stored(store).values()}


def post(ref: str, day: int, end: dt.datetime | None, stage: Stage = Stage.OPEN) -> Notice:
    ends = (Deadline(at=end),) if end else ()
    url = f"https://example.org/{ref}"
    return notice(
        ref, stage, day, Form.MOVES, title="Prelungire", deadlines=ends, url=url, changes=("call",), living=True
    )


PAGE = notice("call", title="Hub", published=None, living=True, names=("call",), deadlines=(Deadline(at=JANUARY),))
LATER, LATEST = JANUARY + dt.timedelta(days=20), JANUARY + dt.timedelta(days=40)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_posts_about_a_call_move_its_deadline_only_later(order: tuple[int, ...]) -> None:
    posts = [PAGE, post("first", 2, JANUARY), post("second", 9, LATEST), post("third", 12, LATER)]
    call = fold("ted:call", [posts[at] for at in order])
    assert [deadline.at for deadline in call.deadlines] == [LATEST]
    assert (call.title, call.ref, call.url) == ("Hub", "call", "https://example.org/third")
    assert {link.url for link in call.links} == {"https://example.org/first", "https://example.org/second"}


def test_a_page_whose_dates_moved_is_newer_than_the_posts_of_before() -> None:
    moved = PAGE.model_copy(update={"sent": FRIDAY})
    assert fold("ted:call", [moved, post("1", 9, LATEST)]).last_deadline == Deadline(at=JANUARY)
    assert fold("ted:call", [moved, post("1", 25, LATEST)]).last_deadline == Deadline(at=LATEST)


def test_a_halt_that_was_posted_is_over_when_a_post_says_so_and_an_old_announcement_opens_nothing() -> None:
    halt, again = post("2", 9, None, Stage.SUSPENDED), post("3", 12, JANUARY)
    assert fold("ted:call", [PAGE, post("1", 2, JANUARY), halt]).stage is Stage.SUSPENDED
    assert fold("ted:call", [PAGE, halt, again]).stage is Stage.OPEN
    halted = notice(
        "call", Stage.SUSPENDED, published=None, living=True, names=("call",), deadlines=PAGE.says.deadlines
    )
    assert fold("ted:call", [halted, post("1", 2, JANUARY)]).stage is Stage.SUSPENDED
