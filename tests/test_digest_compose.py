"""What a member is told and when: every rule of the digest, through `compose` alone."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.compose import Digest, Line, Matched, Section, Told, compose
from pipeline.opportunity import Deadline, Kind, Opportunity, Organisation, Role, Stage
from tests.digest_samples import AI, BUCHAREST, NORD, NOW, PLANNED, PORTAL, at, generated, lei, tender

DAY = dt.timedelta(days=1)


def ends_in(days: float, **fields: Any) -> Opportunity:
    """A tender whose deadline ends so many days after NOW."""
    known: dict[str, Any] = {"deadlines": (Deadline(at=NOW + days * DAY),)}
    return tender("1-2026", "Sistem informatic", "Municipiul Dej", "Dej", **(known | fields))


def told(one: Opportunity, *sections: str, days_ago: float = 14) -> dict[str, Told]:
    return {one.id: Told(1, one, frozenset(sections or ("new",)), NOW - days_ago * DAY)}


def digest(*ones: Opportunity, told: Mapping[str, Told] | None = None, now: dt.datetime = NOW, **more: Any) -> Digest:
    return compose(NORD, [Matched(one, 2, 50, "look", ("«portal»",)) for one in ones], told or {}, now, **more)


def section(*ones: Opportunity, **more: Any) -> str | None:
    lines = digest(*ones, **more).lines
    return lines[0].section.value if lines else None


@pytest.mark.parametrize(
    ("one", "where"),
    [
        (ends_in(30), "new"),
        (ends_in(8), "new"),
        (ends_in(7), "closing"),
        (ends_in(0.1), "closing"),
        (ends_in(-0.1), None),
        (ends_in(30, deadlines=()), "new"),
        (ends_in(3, stage=Stage.SUSPENDED), "new"),
        (ends_in(3, stage=Stage.CANCELLED), None),
        (ends_in(3, stage=Stage.AWARDED), None),
        (ends_in(3, stage=Stage.CLOSED), None),
        (PLANNED, "early"),
        (ends_in(3, stage=Stage.CONSULTATION), "closing"),
        (ends_in(3, kind=Kind.NEWS, deadlines=()), "new"),
    ],
)
def test_what_was_never_told(one: Opportunity, where: str | None) -> None:
    assert section(one) == where


def test_a_new_one_that_closes_soon_is_marked_new() -> None:
    (line,) = digest(ends_in(3)).lines
    assert (line.section, line.new, line.changes) == (Section.CLOSING, True, {})


def test_nothing_is_told_twice() -> None:
    far, near = ends_in(30), ends_in(3)
    assert section(far, told=told(far)) is None
    assert section(near, told=told(near, "new", "closing", days_ago=1)) is None


def test_a_reminder_comes_once() -> None:
    one = ends_in(6)
    assert section(one, told=told(one)) == "closing"
    assert section(one, told=told(one, "new", "closing", days_ago=1)) is None


def test_a_deadline_that_moved_away_is_reminded_of_anew() -> None:
    one = ends_in(6)
    assert section(one, told=told(one, "new", "closing", "changed", days_ago=3)) == "closing"
    assert section(one, told=told(one, "new", "closing", "changed", days_ago=0.5)) is None


def test_every_cut_off_is_reminded_of() -> None:
    cut_offs = tuple(Deadline(at=NOW + days * DAY, role=Role.CUT_OFF) for days in (-30, 6, 90))
    one = ends_in(0, deadlines=cut_offs)
    assert section(one, told=told(one, "new", "closing", days_ago=33)) == "closing"
    assert section(one, told=told(one, "new", "closing", days_ago=0.5)) is None


def test_reminders_at_the_days_a_member_wants() -> None:
    one = ends_in(29)
    assert section(one, told=told(one), reminders=(30, 14, 7)) == "closing"
    assert section(one, told=told(one, days_ago=0.5), reminders=(30, 14, 7)) is None
    assert section(ends_in(2), told=told(ends_in(2)), reminders=()) is None


def test_a_change_is_told_with_what_the_member_knew() -> None:
    new, old = ends_in(30), ends_in(20, value=lei(5))
    (line,) = digest(new, told=told(old)).lines
    assert (line.section, line.new, set(line.changes)) == (Section.CHANGED, False, {"deadlines"})
    assert section(new, told=told(new, "new", "changed")) is None


def test_a_change_that_brings_the_end_near_is_closing_and_says_what_changed() -> None:
    for days_ago in (14, 0.5):
        (line,) = digest(ends_in(3), told=told(ends_in(20), days_ago=days_ago)).lines
        assert line.section is Section.CLOSING
        assert set(line.changes) == {"deadlines"}


@pytest.mark.parametrize("stage", [Stage.CANCELLED, Stage.AWARDED, Stage.SUSPENDED, Stage.CLOSED])
def test_the_end_is_told_to_those_who_were_told_even_when_it_matches_no_more(stage: Stage) -> None:
    old, new = ends_in(20), ends_in(20, stage=stage)
    gone = compose(NORD, [], told(old), NOW, followed=[Matched(new, 2)])
    assert [(line.section.value, line.changes) for line in gone.lines] == [
        ("changed", {"stage": ("open", stage.value)})
    ]
    assert not compose(NORD, [], {}, NOW, followed=[Matched(new, 2)])


def test_what_matches_no_more_is_not_reminded_of() -> None:
    assert not compose(NORD, [], told(ends_in(3)), NOW, followed=[Matched(ends_in(3), 2)])


def test_what_matches_again_counts_as_matched() -> None:
    one = Matched(ends_in(3), 2)
    (line,) = compose(NORD, [one], told(ends_in(3)), NOW, followed=[one]).lines
    assert line.section is Section.CLOSING


def test_a_deadline_that_passes_is_no_news() -> None:
    old = ends_in(-1)
    assert section(old, told=told(old)) is None
    assert section(ends_in(-1, stage=Stage.CLOSED), told=told(old)) is None
    assert section(ends_in(-1, title="Altceva cu totul"), told=told(old)) is None


def test_an_extension_after_the_deadline_passed_is_a_moved_deadline() -> None:
    (line,) = digest(ends_in(20), told=told(ends_in(-1))).lines
    assert set(line.changes) == {"deadlines"}


def test_a_result_after_the_deadline_is_told() -> None:
    (line,) = digest(ends_in(-9, stage=Stage.AWARDED), told=told(ends_in(-9))).lines
    assert line.changes == {"stage": ("closed", "awarded")}


def test_told_early_and_told_again_when_it_opens() -> None:
    planned = ends_in(0, stage=Stage.PLANNED, deadlines=())
    (line,) = digest(ends_in(40), told=told(planned, "early")).lines
    assert (line.section, set(line.changes)) == (Section.CHANGED, {"stage", "deadlines"})


def test_days_are_counted_by_midnights_in_bucharest() -> None:
    late = dt.datetime(2026, 11, 20, 23, 59, tzinfo=BUCHAREST)
    one = ends_in(0, deadlines=(at(28, 0, 1),))
    assert section(one, now=late) == "new"
    assert section(one, now=late + dt.timedelta(minutes=1)) == "closing"
    assert section(one, now=late.astimezone(dt.UTC) + dt.timedelta(minutes=1)) == "closing"


def test_a_date_without_an_hour_lasts_its_whole_day() -> None:
    one = ends_in(0, deadlines=(Deadline(date=NOW.date()),))
    assert section(one) == "closing"
    assert section(one, now=NOW + DAY) is None


def test_the_order_is_nearest_first_none_last_then_score_then_id() -> None:
    days: dict[str, float | None] = {"a": 9, "b": None, "c": 8, "d": 9, "e": 9}
    ones = {
        name: ends_in(0, id=f"ted:{name}", deadlines=() if d is None else ends_in(d).deadlines)
        for name, d in days.items()
    }
    scores = {"a": 10, "b": 99, "c": 1, "d": 20, "e": 10}
    made = compose(NORD, [Matched(ones[name], 1, scores[name]) for name in "ebdca"], {}, NOW)
    assert [line.id for line in made.lines] == ["ted:c", "ted:d", "ted:a", "ted:e", "ted:b"]


def test_top_picks_come_first_among_the_new() -> None:
    soon, top = ends_in(9, id="ted:soon"), ends_in(90, id="ted:top")
    made = compose(NORD, [Matched(soon, 1, 99, "look"), Matched(top, 1, 50, "top")], {}, NOW)
    assert [line.id for line in made.lines] == ["ted:top", "ted:soon"]


def test_the_new_are_grouped_by_kind() -> None:
    abroad = tender("2-2026", "Portal", "Stadt", "Ort", countries=("DE",), deadlines=(at(30, 12),))
    from_buyer = tender("3-2026", "Portal", "Oraș", "Ort", countries=(), deadlines=(at(30, 12),))
    (part,) = digest(AI, abroad, ends_in(30), from_buyer).parts
    assert [(group.value, len(lines)) for group, lines in part.groups] == [
        ("tenders in Romania", 2),
        ("tenders elsewhere", 1),
        ("calls", 1),
    ]


@pytest.mark.parametrize("n", [0, 1, 2, 20, 21, 40, 41, 500])
def test_the_cap_counts_what_it_cuts_and_never_marks_it_told(n: int) -> None:
    made = generated(n, NORD)
    assert len(made.lines) == min(n, 40)
    assert len(made.lines) + made.overflow == n
    assert bool(made) == (n > 0)


def test_what_was_cut_comes_with_the_next_digests() -> None:
    known: dict[str, Told] = {}
    ones = [Matched(ends_in(20 + n % 9, id=f"ted:{n}"), 1, n) for n in range(100)]
    for _ in range(3):
        for line in compose(NORD, ones, known, NOW).lines:
            assert line.id not in known
            known[line.id] = Told(line.version, line.opportunity, frozenset({line.section.value}), NOW)
    assert len(known) == 100


def test_no_section_is_starved_by_another() -> None:
    near = [Matched(ends_in(3, id=f"ted:n{n}"), 1) for n in range(90)]
    changed = [Matched(ends_in(30, id=f"ted:c{n}"), 1) for n in range(90)]
    known = {one.opportunity.id: told(ends_in(20))["ted:1-2026"] for one in changed}
    made = compose(NORD, near + changed, known, NOW)
    assert [(part.section.value, len(part.lines), part.overflow) for part in made.parts] == [
        ("closing", 30, 60),
        ("changed", 10, 80),
    ]


def test_the_best_survive_the_cap() -> None:
    ones = [Matched(ends_in(20 + n, id=f"ted:{n}"), 1, n) for n in range(9)]
    assert {line.score for line in compose(NORD, ones, {}, NOW, limit=3).lines} == {6, 7, 8}


def test_the_volume_holds_what_can_wait_and_nothing_else() -> None:
    """Closing, changed and what closes soon after the next digest have room beyond it; the rest is counted."""
    days = {"near": 3, "next": 9, "moved": 40, **{f"far{n}": 50 + n for n in range(8)}}
    ones = [ends_in(left, id=f"ted:{name}") for name, left in days.items()]
    matched = [Matched(one, 1, 99 if "far" in one.id else 1, "top" if "7" in one.id else "look") for one in ones]
    known = {"ted:moved": told(ends_in(20, id="ted:moved"))["ted:moved"]}

    def names(volume: int, next_in: int) -> set[str]:
        made = compose(NORD, matched, known, NOW, volume=volume, next_in=next_in)
        assert len(made.lines) + made.overflow == len(ones) and len(
            {line.id for line in (*made.lines, *made.rest)}
        ) == len(ones)
        return {line.id.removeprefix("ted:") for line in made.lines}

    assert names(0, 1) == {"near", "moved"}
    assert names(0, 3) == names(0, 7) == names(1, 7) == {"near", "moved", "next"}
    assert names(2, 7) == {"near", "moved", "next", "far7"}
    assert names(1, 1) == {"near", "moved", "far7"}
    assert len(names(5, 1)) == 7


def test_an_id_is_told_once_per_digest() -> None:
    twice = [Matched(PORTAL, 1), Matched(PORTAL, 1)]
    assert len(compose(NORD, twice, {}, NOW, followed=twice).lines) == 1


STAGES = st.sampled_from(Stage)
WHEN = st.none() | st.floats(-20, 60, allow_nan=False)
OPPORTUNITY = st.builds(
    lambda stage, days, name: ends_in(
        0,
        stage=stage,
        deadlines=() if days is None else (Deadline(at=NOW + days * DAY),),
        buyer=Organisation(name=name),
    ),
    STAGES,
    WHEN,
    st.sampled_from(["Dej", "Gherla"]),
)


def remember(line: Line, known: Told | None, now: dt.datetime) -> Told:
    sections = known.sections if known else frozenset()
    return Told(line.version, line.opportunity, sections | {line.section.value}, now)


@settings(max_examples=150, deadline=None)
@given(st.lists(OPPORTUNITY, min_size=1, max_size=6), st.data())
def test_whatever_happens_nothing_is_repeated_and_no_live_one_is_missed(life: list[Opportunity], data: Any) -> None:
    known: dict[str, Told] = {}
    now = NOW - 10 * DAY
    for version, one in enumerate(life, start=1):
        now += data.draw(st.integers(1, 96)) * dt.timedelta(hours=1)
        lines = compose(NORD, [Matched(one, version)], known, now).lines
        assert len(lines) <= 1
        for line in lines:
            known[line.id] = remember(line, known.get(line.id), now)
        assert not compose(NORD, [Matched(one, version)], known, now)
        live = one.at(now).stage in {Stage.OPEN, Stage.PLANNED, Stage.CONSULTATION, Stage.SUSPENDED}
        assert one.id in known or not live
