"""Who may apply, as three states with their evidence, and what it does to a rule; what makes a top pick."""

import datetime as dt
from typing import Any

import pytest

from filters.eligibility import who_may_apply
from filters.explain import explain
from filters.whynot import nearest, why_not
from tests.filters_samples import NOW, filters, match, opportunity

ALL = {"sme", "university", "public_authority", "ngo", "large_company"}


def said(**fields: Any) -> dict[str, bool]:
    found = who_may_apply(opportunity("Un apel", kind="call", **fields))
    return {str(who): answer.may for who, answer in found.items()}


def closed(*who: str) -> dict[str, bool]:
    """These may, nobody else may."""
    return {one: one in who for one in ALL}


@pytest.mark.parametrize(
    ("fields", "answers"),
    [
        ({"eligible": "Microîntreprinderi și IMM-uri"}, closed("sme")),
        ({"eligible": "Universităţi publice și private, acreditate"}, closed("university")),
        ({"eligible": "UAT-uri; ONG-uri; universități. IMM-urile nu sunt eligibile."},
         closed("public_authority", "ngo", "university")),
        ({"eligible": "IMM-uri, universități și alte persoane juridice"}, {"sme": True, "university": True}),
        ({"eligible": "Furnizori de formare, publici și privați; ONG-uri"}, {"ngo": True}),
        ({"eligible": "Ministerul Sănătății"}, {**closed(), "public_authority": None}),
        ({"eligible": "Fondul Național de Garantare pentru IMM"}, {}),
        ({"eligible": "Participation is limited to legal entities established in Member States."}, {}),
        ({"summary": "Scop. Solicitanți eligibili: IMM-uri, cu excepția microîntreprinderilor."}, closed("sme")),
        ({"summary": "Only start-ups may apply. The rest is text."}, closed("sme")),
        ({"summary": "Applications are restricted to public bodies."}, closed("public_authority")),
        ({"summary": "Users (including but not limited to SMEs) benefit from access."}, {}),
        ({"summary": "The call is open to SMEs and universities."}, {"sme": True, "university": True}),
        ({"summary": "Large companies are not eligible. SMEs can apply."}, {"large_company": False, "sme": True}),
        ({"summary": "Proiectul sprijină IMM-urile din regiune."}, {}),
        ({"action": "HORIZON  Research and Innovation Actions"}, closed(*ALL)),
        ({"action": "HORIZON EIC Accelerator Blended Finance"}, closed("sme")),
        ({"action": "HORIZON Pre-commercial Procurement"}, {"public_authority": True}),
        ({"action": "HORIZON Innovation Actions", "summary": "SMEs are not eligible."},
         closed("university", "public_authority", "ngo", "large_company")),
        ({}, {}),
    ],
)  # fmt: skip
def test_who_may_apply_is_yes_no_or_not_stated(fields: dict[str, Any], answers: dict[str, bool | None]) -> None:
    assert said(**fields) == {who: may for who, may in answers.items() if may is not None}


def test_a_tender_does_not_say() -> None:
    assert who_may_apply(opportunity("Registru", eligible="IMM-uri")) == {}


@pytest.mark.parametrize(
    ("rule", "member", "eligible", "matches"),
    [
        ("who: [sme]", "", "IMM-uri", True),
        ("who: [sme]", "", "Universități", False),
        ("who: [sme]", "", None, True),
        ("who: [sme]\nknown: [who]", "", None, False),
        ("who: [sme, university]", "", "Universități", True),
        ("", "organisation: sme", "Universități", False),
        ("", "organisation: sme", None, True),
        ("who: [university]", "organisation: sme", "Universități", True),
        ("who: anyone", "organisation: sme", "Universități", True),
    ],
)
def test_who_may_not_apply_is_not_sent_it_and_not_stated_hides_nothing(
    rule: str, member: str, eligible: str | None, matches: bool
) -> None:
    call = opportunity("Registru", kind="call", eligible=eligible)
    assert bool(match(f"any: [registru]\n{rule}", call, member)) is matches


def test_explain_quotes_who_may_apply() -> None:
    loaded = filters("any: [registru]", "organisation: sme")
    call = opportunity("Registru", kind="call", eligible="Universități publice")
    conditions = explain(call, loaded.members[0], loaded.interests, NOW)
    ((failing,),) = nearest(conditions)
    quoted = "sme no: “Universități publice”"
    advice = f"  - `who` named somebody who may apply (now: sme), or were left out; it says: {quoted}."
    assert list(why_not(conditions)) == ["“R” would match if:", advice]
    assert (failing.key, failing.wanted, failing.found) == ("who", "sme", quoted)


def in_days(days: int) -> list[dict[str, dt.datetime]]:
    return [{"at": NOW + dt.timedelta(days=days, hours=1)}]


@pytest.mark.parametrize(
    ("rule", "fields", "points"),
    [
        ("", {}, 6),
        ("", {"title": "Ceva", "summary": "un registru"}, 4),
        ("places: [Cluj]", {"nuts": ["RO113"]}, 7),
        ("places: [Cluj]", {}, 6),
        ("who: [sme]", {"kind": "call", "eligible": "IMM-uri"}, 7),
        ("", {"deadlines": in_days(3)}, 4),
        ("", {"deadlines": in_days(10)}, 6),
        ("", {"deadlines": in_days(30)}, 7),
        ("", {"kind": "call", "deadlines": in_days(10)}, 4),
        ("", {"kind": "news"}, 5),
        ("prefer: {buyers: [Cluj]}", {"buyer": {"name": "Municipiul Cluj-Napoca"}}, 8),
        ("prefer: {sources: [seap]}", {}, 6),
        ("priority: low", {}, 3),
    ],
)
def test_points_weigh_where_it_was_found_and_how_well_it_fits(rule: str, fields: dict[str, Any], points: int) -> None:
    found = match(f"any: [registru]\n{rule}", opportunity(**{"title": "Registru"} | fields))
    assert found
    assert found.score == points
    assert found.tier == ("top" if points >= 7 else "look")


def test_each_interest_may_have_its_own_priority() -> None:
    rule = "interests: [software]\nany: [drum]\npriority: {software: high}"
    assert (match(rule, opportunity("Portal web")) or pytest.fail()).score == 4 + 3
    assert (match(rule, opportunity("Drum")) or pytest.fail()).score == 6
    assert "names `learning`, which is not among" in str(
        filters("interests: [software]\npriority: {learning: low}").errors
    )


def test_explain_adds_up_the_points() -> None:
    loaded = filters("any: [registru]\nplaces: [Cluj]\npriority: high")
    given = opportunity("Registru", nuts=["RO113"], deadlines=in_days(2))
    last = explain(given, loaded.members[0], loaded.interests, NOW)[-1]
    assert (last.key, last.wanted) == ("points", "7 for a top pick")
    assert last.found == "6 found, +3 priority high, +1 place RO, RO113, -2 only 2 days left = 8: a top pick"


@pytest.mark.parametrize(
    ("words", "language", "title", "matches"),
    [
        ("any: {ro: [care], en: [tender]}", "ro", "cei care", True),
        ("any: {ro: [care], en: [tender]}", "en", "health care", False),
        ("any: {ro: [care], en: [tender]}", "en", "a tender", True),
        ("any: {ro: [care], en: [tender]}", None, "health care", True),
        ("any: [ro:cost* ~3 mic*]", "en", "costs microscopic", False),
        ("any: [registru]\nnone: [en:portal]", "ro", "registru portal", True),
        ("any: [registru]\nnone: [en:portal]", "en", "registru portal", False),
    ],
)
def test_a_word_may_count_in_one_language_only(words: str, language: str | None, title: str, matches: bool) -> None:
    assert bool(match(words, opportunity(title, language=language))) is matches


@pytest.mark.parametrize(
    ("grant", "stated", "matches"),
    [
        ("{min: 50k EUR, max: 200k EUR}", (None, 100_000), True),
        ("{min: 50k EUR}", (None, 10_000), False),
        ("{max: 200k EUR}", (1_000_000, 2_000_000), False),
        ("{max: 1 mil RON}", (150_000, None), True),
        ("{max: 200k EUR}", (None, None), True),
        ("{max: 200k EUR}\nknown: [grant]", (None, None), False),
    ],
)
def test_a_range_may_be_asked_of_what_one_project_gets(
    grant: str, stated: tuple[int | None, ...], matches: bool
) -> None:
    amounts = [{"amount": one, "currency": "EUR"} if one else None for one in stated]
    call = opportunity("Registru", kind="call", grant_min=amounts[0], grant_max=amounts[1])
    assert bool(match(f"any: [registru]\ngrant: {grant}", call)) is matches
