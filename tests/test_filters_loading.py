"""Filter files: what is refused with file:line and what to write instead, and what stays in force meanwhile."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.profile import in_force, read_filters
from tests.filters_samples import SOFTWARE, filters

MEMBER = """member: alfa
name: Alfa SRL
language: ro
email: [oferte@alfa.example.org]
confirmed: true
rules:
  - name: Portaluri
    interests: [software]
    kinds: [tender]
"""
FILES = {"interests/software.yaml": SOFTWARE, "members/alfa.yaml": MEMBER}


def problem(text: str) -> str:
    """The problems of the member file `text`."""
    loaded = read_filters(FILES | {"members/alfa.yaml": text})
    assert loaded.members == ()
    return "\n".join(map(str, loaded.errors))


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("daily", "mon tue wed thu fri sat sun"),
        ("weekly", "mon"),
        ("friday", "fri"),
        ("[friday, tue]", "tue fri"),
    ],
)
def test_the_days_of_a_digest_by_their_names(written: str, days: str) -> None:
    loaded = read_filters(FILES | {"members/alfa.yaml": MEMBER + f"digest: {written}\n"})
    assert [" ".join(member.digest) for member in loaded.members] == [days]


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("interests:", "interest:", "alfa.yaml:8: unknown key `interest`; did you mean `interests`?"),
        (
            "interests: [software]",
            "interests: [sofware]",
            "alfa.yaml:8: unknown interest `sofware`; did you mean `software`?",
        ),
        ("kinds: [tender]", "kinds: [tenders]", "'tender', 'call' or 'news'"),
        ("language: ro", "language: hu", "'ro' or 'en'"),
        (
            "language: ro",
            "language: ro\ndigest: 1",
            "alfa.yaml:4: `digest`: `1` is no weekday; write daily, weekly (Mond",
        ),
        ("language: ro", "language: ro\ndigest: [weekly, tue]", "`weekly` stands alone; write daily, weekly (Mondays)"),
        ("language: ro", "language: ro\ndigest: [luni]", "`luni` is no weekday; write daily"),
        ("language: ro", "language: ro\ndigest: [mon, monday]", "`mon` stands twice; remove one"),
        ("language: ro", "language: ro\ndigest: []", "is an empty list"),
        ("language: ro", "language: ro\nremind: [0]", "write at least 1, not `0`"),
        ("language: ro", "language: ro\nremind: [7, 7]", "`7` stands twice"),
        ("language: ro", "language: ro\nremind: soon", "write a whole number, not `soon`"),
        ("language: ro", "language: ro\nvolume: 0", "write at least 1, not `0`"),
        ("language: ro", "language: ro\nurgent: yes please", "write true or false"),
        ("oferte@alfa.example.org", "oferte@alfa", "write one like `oferte@firma.ro`"),
        ("confirmed: true", "confirmed: true\nconfirmed: false", "`confirmed` stands twice, first in line 5"),
        ("kinds: [tender]", "places: [Clij]", "alfa.yaml:9: `rules.0.places.0`: unknown place; did you mean `Cluj`?"),
        ("kinds: [tender]", "places: [EU]", "write `EU countries` (the 27) or `EU institutions`"),
        ("kinds: [tender]", "places: [RO99]", "unknown place"),
        ("kinds: [tender]", "places: [XX]", "unknown place"),
        ("kinds: [tender]", "cpv: [7200000]", "a CPV code has 8 digits"),
        ("kinds: [tender]", "cpv: [7*]", "shortened with a star"),
        ("kinds: [tender]", "any: ['*']", "`*` stands at the start or end of at least three letters"),
        ("kinds: [tender]", "any: ['']", "holds no word to look for"),
        ("kinds: [tender]", "any: [portal;web]", "write each word or phrase as its own list entry"),
        ("kinds: [tender]", "any: []", "is an empty list"),
        ("kinds: [tender]", "any:", "is empty"),
        ("kinds: [tender]", "any: [web, web]", "`web` stands twice"),
        ("kinds: [tender]", "value: {min: 50 000}", "write an amount and a currency"),
        ("kinds: [tender]", "value: {min: 5 XYZ}", "unknown currency `XYZ`"),
        ("kinds: [tender]", "value: {min: 50k EUR, max: 10k EUR}", "`min` is more than `max`"),
        ("kinds: [tender]", "value: {min: 50k EUR, max: 100k RON}", "`min` is more than `max`"),
        ("kinds: [tender]", "known: [value]", "says nothing without a limit"),
        ("kinds: [tender]", "any: [web]\n    none: [web]", "`web` is both looked for and excluded"),
        ("interests: [software]\n    kinds: [tender]", "kinds: [tender]", "asks for nothing"),
        ("interests: [software]\n    kinds: [tender]", "cpv: [72*]\n    kinds: [call]", "only tenders carry CPV codes"),
        ("interests: [software]", "calls: [ERC]", "tenders have no call identifier"),
        ("kinds: [tender]", "only: {cpv: [72*]}\n    never: {cpv: [72*]}", "`72` is under `only` and `never`"),
        ("interests: [software]", "any: [web]\n    without: [web]", "there are none here"),
        ("kinds: [tender]", "calls: ['*']", "written by the start of its identifier"),
        ("Alfa SRL", "Alfa\x07 SRL", "alfa.yaml:2: holds the invisible character"),
        ("member: alfa", "member: Alfa", "string should match pattern"),
        ("name: Portaluri", "nume: Portaluri", "unknown key `nume`; did you mean `name`?"),
        ("kinds: [tender]", "kinds: [tender]\n  - name: Portaluri\n    any: [web]", "two rules are called `Portaluri`"),
    ],
)
def test_what_is_wrong_is_said_with_line_and_remedy(was: str, becomes: str, said: str) -> None:
    assert was in MEMBER
    assert said in problem(MEMBER.replace(was, becomes))


def test_every_problem_of_a_file_is_reported_at_once() -> None:
    text = MEMBER.replace("language: ro", "language: xx").replace("[tender]", "[tendre]")
    assert len(read_filters(FILES | {"members/alfa.yaml": text}).errors) == 2


def test_one_broken_file_does_not_keep_the_others_out() -> None:
    loaded = read_filters(FILES | {"members/beta.yaml": "member: beta\n  name: x"})
    assert [member.member for member in loaded.members] == ["alfa"]
    assert [problem.where for problem in loaded.errors] == ["members/beta.yaml:2"]


def test_two_files_cannot_describe_the_same_member() -> None:
    loaded = read_filters(FILES | {"members/alfa2.yaml": MEMBER})
    assert "is taken by members/alfa.yaml" in str(loaded.errors[0])
    assert len(loaded.members) == 1


def test_a_word_everything_holds_is_warned_about_and_still_loads() -> None:
    loaded = filters("any: [servicii]")
    assert [p.level for p in loaded.problems] == ["warning"]
    assert "put it under `title` or in a phrase" in loaded.problems[0].what
    assert len(loaded.members) == 1


def test_the_last_good_version_of_a_broken_file_stays_in_force() -> None:
    good = in_force(FILES).texts
    broken = FILES | {"members/alfa.yaml": MEMBER.replace("ro\n", "xx\n")}
    loaded = in_force(broken, good)
    assert loaded.members[0].language == "ro"
    assert loaded.texts == good
    assert "members/alfa.yaml:3" in str(loaded.errors[0])


def test_a_broken_vocabulary_keeps_its_members_served() -> None:
    good = in_force(FILES).texts
    loaded = in_force(FILES | {"interests/software.yaml": "interest: software\nany: [portal"}, good)
    assert [member.member for member in loaded.members] == ["alfa"]
    assert "software" in loaded.interests
    assert loaded.errors


def test_a_vanished_vocabulary_stays_while_a_member_names_it() -> None:
    good = in_force(FILES).texts
    without = {"members/alfa.yaml": MEMBER}
    loaded = in_force(without, good)
    assert [member.member for member in loaded.members] == ["alfa"]
    assert any("unknown interest `software`" in str(problem) for problem in loaded.errors)


def test_a_removed_member_is_gone() -> None:
    good = in_force(FILES).texts
    assert in_force({"interests/software.yaml": SOFTWARE}, good).members == ()


def test_an_edit_applies_at_once() -> None:
    good = in_force(FILES).texts
    edited = in_force(FILES | {"members/alfa.yaml": MEMBER.replace("Alfa SRL", "Alfa SA")}, good)
    assert edited.members[0].name == "Alfa SA"
    assert edited.problems == ()


def test_an_error_without_a_good_version_leaves_the_member_out() -> None:
    assert in_force(FILES | {"members/alfa.yaml": "member: alfa"}).members == ()


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=150)
def test_any_text_loads_or_is_a_problem(text: str) -> None:
    loaded = read_filters({"members/x.yaml": text})
    assert loaded.members or loaded.interests or loaded.errors


def test_a_broken_vocabulary_does_not_undo_a_members_edit() -> None:
    good = in_force(FILES).texts
    edit = {"interests/software.yaml": "interest: [", "members/alfa.yaml": MEMBER.replace("Alfa SRL", "Alfa SA")}
    assert in_force(edit, good).members[0].name == "Alfa SA"


def test_taking_out_a_word_that_is_not_there_is_a_warning() -> None:
    loaded = filters("interests: [software]\nwithout: [potral]")
    assert [str(problem) for problem in loaded.problems] == [
        "members/m.yaml:9: unknown entry of these interests `potral`; did you mean `portal`?"
    ]
    assert loaded.errors == ()
