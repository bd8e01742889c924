"""What is worth telling a member, and the field-level history that gives every older body back."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.changes import compare, differences, undo
from pipeline.opportunity import Deadline, Kind, Money, Opportunity, Organisation, Role, Stage

BUCHAREST, BRUSSELS = ZoneInfo("Europe/Bucharest"), ZoneInfo("Europe/Brussels")
NOON = dt.datetime(2026, 12, 15, 12, tzinfo=BUCHAREST)
DAY = dt.timedelta(days=1)


def tender(**fields: Any) -> Opportunity:
    known: dict[str, Any] = {
        "id": "ted:1-2026",
        "source": "ted",
        "ref": "1-2026",
        "kind": Kind.TENDER,
        "stage": Stage.OPEN,
        "title": "Sistem informatic pentru registratură",
        "language": "ro",
        "buyer": Organisation(name="Municipiul Dej"),
        "value": Money(amount=Decimal(1_000_000), currency="RON"),
        "deadlines": (Deadline(at=NOON),),
    }
    return Opportunity(**(known | fields))


OLD = tender()


def test_the_same_is_no_change() -> None:
    assert compare(OLD, OLD) == {} == differences(OLD, OLD)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stage", Stage.SUSPENDED),
        ("stage", Stage.CANCELLED),
        ("stage", Stage.AWARDED),
        ("title", "Sistem informatic pentru arhivă"),
        ("deadlines", (Deadline(at=NOON + DAY),)),
        ("deadlines", (Deadline(at=NOON - dt.timedelta(minutes=1)),)),
        ("value", Money(amount=Decimal(1_000_000), currency="EUR")),
        ("value", Money(amount=Decimal(900_000), currency="RON")),
        ("maximum", Money(amount=Decimal(2_000_000), currency="RON")),
        ("buyer", Organisation(name="Municipiul Gherla")),
    ],
)
def test_worth_telling(field: str, value: Any) -> None:
    changes = compare(OLD, tender(**{field: value}))
    assert set(changes) == {field}
    assert json.loads(json.dumps(changes)) == {field: list(changes[field])}


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "  Sistem  informatic\npentru REGISTRATURĂ "},
        {"title": "Information system for the registry", "language": "en"},
        {"deadlines": (Deadline(at=NOON + dt.timedelta(seconds=59)),)},
        {"deadlines": (Deadline(at=NOON.astimezone(BRUSSELS)),)},
        {"deadlines": (Deadline(at=NOON, role=Role.PARTICIPATION),)},
        {"deadlines": (Deadline(at=NOON), Deadline(at=NOON - DAY, role=Role.QUESTIONS))},
        {"deadlines": (Deadline(at=NOON, lot="LOT-0002"), Deadline(at=NOON, lot="LOT-0001"))},
        {"deadlines": (Deadline(date=NOON.date()),)},
        {"deadlines": ()},
        {"value": None},
        {"value": Money(amount=Decimal("1000000.40"), currency="RON")},
        {"buyer": None},
        {"buyer": Organisation(name="MUNICIPIUL  DEJ", id="4349179", city="Dej")},
        {"summary": "Alt text", "cpv": ("72000000",), "notices": ("1-2026", "2-2026"), "ref": "2-2026"},
        {"opens": NOON},
    ],
)
def test_jitter_is_no_change(fields: dict[str, Any]) -> None:
    assert compare(OLD, tender(**fields)) == {}


def test_cedilla_letters_are_no_change() -> None:
    assert compare(tender(title="Achiziţie staţii"), tender(title="Achiziție stații")) == {}


def test_a_cut_off_that_passed_is_no_change_but_a_withdrawn_last_one_is() -> None:
    three = tender(deadlines=tuple(Deadline(at=NOON + n * 30 * DAY, role=Role.CUT_OFF) for n in range(3)))
    assert compare(three, tender(deadlines=three.deadlines[1:])) == {}
    gone, came = compare(three, tender(deadlines=three.deadlines[:2]))["deadlines"]
    assert (len(gone), came) == (1, [])


def test_only_the_deadlines_that_moved_are_told() -> None:
    old = tender(deadlines=(Deadline(at=NOON, lot="1"), Deadline(at=NOON + DAY, lot="2")))
    new = tender(deadlines=(Deadline(at=NOON + DAY, lot="1"), Deadline(at=NOON + DAY, lot="2")))
    gone, came = compare(old, new)["deadlines"]
    assert [line["lot"] for line in gone + came] == ["1", "1"]
    assert came[0]["at"] == "2026-12-16T12:00:00+02:00"


def test_an_hour_that_became_known_is_told() -> None:
    assert set(compare(tender(deadlines=(Deadline(date=NOON.date()),)), OLD)) == {"deadlines"}


def test_hundreds_of_lots_that_moved_together() -> None:
    old = tender(deadlines=tuple(Deadline(at=NOON, lot=str(n)) for n in range(300)))
    new = tender(deadlines=tuple(Deadline(at=NOON + DAY, lot=str(n)) for n in range(300)))
    assert [len(side) for side in compare(old, new)["deadlines"]] == [300, 300]


def test_opening_day_matters_until_it_opens() -> None:
    planned = tender(stage=Stage.PLANNED, deadlines=(), opens=dt.date(2027, 1, 10))
    later = tender(stage=Stage.PLANNED, deadlines=(), opens=dt.date(2027, 2, 10))
    assert compare(planned, later) == {"opens": ("2027-01-10", "2027-02-10")}
    assert set(compare(planned, OLD)) == {"stage", "deadlines"}


def test_once_ended_only_the_end_is_told() -> None:
    awarded = tender(stage=Stage.AWARDED, title="Altul", value=Money(amount=Decimal(5), currency="RON"))
    assert compare(OLD, awarded) == {"stage": ("open", "awarded")}
    assert compare(awarded, tender(stage=Stage.CLOSED)) == {}
    assert compare(tender(stage=Stage.CLOSED), awarded) == {"stage": ("closed", "awarded")}


QUICK = settings(max_examples=40, deadline=None)
MONEY = st.builds(
    lambda cents, currency: Money(amount=Decimal(cents) / 100, currency=currency),
    st.integers(0, 10**12),
    st.sampled_from(["RON", "EUR"]),
)
DEADLINE = st.builds(
    lambda minutes, lot: Deadline(at=NOON + dt.timedelta(minutes=minutes), lot=lot),
    st.integers(-9000, 9000),
    st.sampled_from([None, "1", "2"]),
)
OPPORTUNITY = st.builds(
    tender,
    stage=st.sampled_from(Stage),
    title=st.text(min_size=1, max_size=40),
    value=st.none() | MONEY,
    deadlines=st.lists(DEADLINE, max_size=4).map(tuple),
    opens=st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1)),
)


@QUICK
@given(OPPORTUNITY, OPPORTUNITY)
def test_undo_gives_the_older_body_back(old: Opportunity, new: Opportunity) -> None:
    changes = json.loads(json.dumps(differences(old, new)))
    assert undo(new.as_json(), changes) == json.loads(json.dumps(old.as_json()))


@QUICK
@given(OPPORTUNITY, OPPORTUNITY)
def test_what_is_told_did_change_and_order_does_not_count(old: Opportunity, new: Opportunity) -> None:
    assert set(compare(old, new)) <= set(differences(old, new))
    assert set(compare(old, new)) == set(compare(old, tender(**dict(new) | {"deadlines": new.deadlines[::-1]})))
