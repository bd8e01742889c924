"""Whom an opportunity goes to, why, and how strongly: rules on opportunities, through the matcher's one door."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.explain import explain
from filters.match import Match, Matcher
from filters.profile import read_filters
from tests.filters_samples import NOW, SOFTWARE, filters, match, opportunity

SOON, LATER = NOW + dt.timedelta(days=3), NOW + dt.timedelta(days=40)


@pytest.mark.parametrize("field", ["title", "summary", "lots", "keywords", "call"])
def test_a_word_of_the_member_counts_in_every_field(field: str) -> None:
    text = "Un registru al comunei"
    values: dict[str, Any] = {"lots": [{"id": "1", "title": text}], "keywords": [text]}
    fields: dict[str, Any] = {"title": "T"} | {field: values.get(field, text)}
    assert match("any: [registru]", opportunity(**fields))


@pytest.mark.parametrize("field", ["buyer", "programme", "action"])
def test_a_word_does_not_count_in_names(field: str) -> None:
    fields: dict[str, Any] = {field: {"name": "Registru"} if field == "buyer" else "Registru"}
    assert match("any: [registru]", opportunity("T", **fields)) is None


def test_a_broad_word_counts_only_in_titles() -> None:
    assert match("title: [portal]", opportunity("Portalul comunei"))
    assert match("title: [portal]", opportunity(lots=[{"id": "1", "title": "portal"}]))
    assert match("title: [portal]", opportunity(summary="portal, portal și portal")) is None


def test_a_phrase_does_not_run_from_one_lot_into_the_next() -> None:
    lots = [{"id": "1", "title": "Mobilier pentru portal"}, {"id": "2", "title": "web"}]
    assert match("any: [portal web]", opportunity(lots=lots)) is None


def test_a_shared_vocabulary_needs_a_title_or_two_words_of_the_description() -> None:
    rule = "interests: [software]"
    assert match(rule, opportunity("Sistem informatic"))
    assert match(rule, opportunity(summary="un sistem informatic")) is None
    assert match(rule, opportunity(summary="un sistem informatic cu portal web"))
    assert match(rule + "\nneeds: 2", opportunity(summary="un sistem informatic"))
    assert match(rule + "\nneeds: 6", opportunity("Sistem informatic")) is None


def test_one_place_in_the_text_counts_once() -> None:
    found = match("any: [portal, portal web, web]", opportunity("Portal web"))
    assert found
    assert [reason.found for reason in found.reasons] == ["Portal web"]


def test_strength_makes_tiers() -> None:
    weak = match("interests: [software]", opportunity("Sistem informatic"))
    strong = match("interests: [software]", opportunity("Sistem informatic", cpv=["72212000"]))
    high = match("interests: [software]\npriority: high", opportunity("Sistem informatic"))
    assert weak and strong and high
    assert (weak.tier, strong.tier, high.tier) == ("look", "top", "top")
    assert weak.score < strong.score


@pytest.mark.parametrize(
    ("wanted", "cpv", "matches"),
    [
        ("72*", ["72212000"], True),
        ("'72000000'", ["72212000"], True),
        ("'72212000'", ["72212300"], True),
        ("'72212000'", ["72213000"], False),
        ("722*", ["72212000"], True),
        ("'=72000000'", ["72212000"], False),
        ("'=72000000'", ["72000000"], True),
        ("'30200000'", ["30000000"], False),
        ("72*", ["45000000", "72000000"], True),
        ("72*", [], False),
    ],
)
def test_cpv_is_a_tree(wanted: str, cpv: list[str], matches: bool) -> None:
    assert bool(match(f"cpv: [{wanted}]", opportunity(cpv=cpv))) is matches


@pytest.mark.parametrize(
    ("call", "matches"),
    [
        ("HORIZON-CL4-2027-DATA-03", True),
        ("HORIZON-CL40-2027", False),
        ("horizon-cl4-2026-space-01", True),
        ("DIGITAL-2026-HORIZON-CL4", False),
    ],
)
def test_calls_are_written_by_their_start(call: str, matches: bool) -> None:
    assert bool(match("calls: [HORIZON-CL4]", opportunity(kind="call", call=call))) is matches
    assert bool(match("calls: [HORIZON-CL4]", opportunity(kind="call", ref=call))) is matches


def test_a_star_bridges_a_call() -> None:
    assert match("calls: [HORIZON-CL4-*-SPACE]", opportunity(kind="call", call="HORIZON-CL4-2026-SPACE-03-31"))
    assert match("calls: [HORIZON-CL4-*-SPACE]", opportunity(kind="call", call="HORIZON-CL4-2026-DATA-03")) is None


def test_programmes_and_buyers() -> None:
    regional = opportunity(kind="call", programme="Programului Regional Nord-Vest 2021-2027")
    assert match("programmes: [Programul Regional Nord-Vest]", regional)
    assert match("programmes: [PNRR]", opportunity("Dotări finanțate prin PNRR"))
    assert match("programmes: [PNRR]", opportunity(summary="PNRR")) is None
    assert match("buyers: [spital*]", opportunity(buyer={"name": "SPITALUL JUDEȚEAN CLUJ"}))


@pytest.mark.parametrize(
    ("condition", "fields", "matches"),
    [
        ("kinds: [call]", {}, False),
        ("stages: [planned]", {}, False),
        ("stages: [planned]", {"stage": "planned"}, True),
        ("kinds: [tender]", {"stage": "cancelled"}, False),
        ("kinds: [tender]", {"stage": "planned"}, True),
        ("places: [RO]", {"countries": ["RO"]}, True),
        ("places: [RO]", {"countries": ["DE"]}, False),
        ("places: [RO]", {}, True),
        ("places: [RO]\nknown: [place]", {}, False),
        ("places: [Cluj]", {"countries": ["RO"], "nuts": ["RO113"]}, True),
        ("places: [Cluj]", {"countries": ["RO"], "nuts": ["RO112"]}, False),
        ("places: [Cluj]", {"countries": ["RO"]}, True),
        ("places: [Cluj]\nknown: [place]", {"countries": ["RO"]}, False),
        ("places: [Cluj]", {"nuts": ["RO11"]}, True),
        ("places: [Nord-Vest]", {"nuts": ["RO113"]}, True),
        ("places: [Cluj]", {"buyer": {"name": "B", "country": "RO", "nuts": "RO321"}}, False),
        ("places: [GR]", {"nuts": ["EL30"]}, True),
        ("places: [EU countries]", {"countries": ["FR"]}, True),
        ("places: [EU countries]", {"countries": ["CH"]}, False),
        ("places: [EU institutions]", {"countries": ["BE"], "buyer": {"name": "European Commission, DG DIGIT"}}, True),
        ("places: [EU institutions]", {"countries": ["BE"], "buyer": {"name": "Ville de Bruxelles"}}, False),
        ("value: {min: 50 000 EUR}", {"value": {"amount": 60_000, "currency": "EUR"}}, True),
        ("value: {min: 50 000 EUR}", {"value": {"amount": 60_000, "currency": "RON"}}, False),
        ("value: {max: 1 mil RON}", {"value": {"amount": 60_000, "currency": "EUR"}}, True),
        ("value: {min: 50 000 EUR}", {}, True),
        ("value: {min: 50 000 EUR}\nknown: [value]", {}, False),
        ("value: {min: 50 000 EUR}", {"value": {"amount": 1, "currency": "XAU"}}, True),
        ("min_days: 10", {"deadlines": [{"at": SOON}]}, False),
        ("min_days: 10", {"deadlines": [{"at": SOON}, {"at": LATER, "role": "cut-off"}]}, True),
        ("min_days: 10", {}, True),
        ("min_days: 10\nknown: [deadline]", {}, False),
        ("none: [mobilier]", {"summary": "cu mobilier"}, False),
        ("none_in_title: [mobilier]", {"summary": "cu mobilier"}, True),
        ("all: [spital* | clinic*]", {"summary": "pentru clinici"}, True),
        ("all: [spital* | clinic*, cloud]", {"summary": "pentru clinici"}, False),
        ("never: {buyers: [Romsilva]}", {"buyer": {"name": "RNP ROMSILVA RA"}}, False),
        ("never: {cpv: [45*]}", {"cpv": ["72000000", "45000000"]}, False),
        ("never: {main_cpv: [45*]}", {"cpv": ["72000000", "45000000"]}, True),
        ("only: {sources: [seap]}", {}, False),
        ("only: {actions: [Research and Innovation]}", {"action": "HORIZON Research and Innovation Actions"}, True),
        ("only: {actions: [Research and Innovation]}", {"action": "HORIZON Coordination and Support Actions"}, False),
        ("only: {programmes: [PNRR]}", {}, False),
    ],
)
def test_conditions(condition: str, fields: dict[str, object], matches: bool) -> None:
    assert bool(match(f"any: [registru]\n{condition}", opportunity("Registru", **fields))) is matches


def test_the_clock_closes_what_is_past() -> None:
    past = opportunity("Registru", deadlines=[{"at": NOW - dt.timedelta(hours=1)}])
    assert match("any: [registru]", past) is None
    assert match("any: [registru]\nstages: [open, closed]", past)


@pytest.mark.parametrize(
    ("title", "place"),
    [
        ("Programul Regional Centru: mobilitate", False),
        ("PRNV/2026/313/1 mobilitate", True),
        ("PR/NE/2026/2 mobilitate", False),
        ("Mobilitate în județul Dolj", False),
        ("Mobilitate în România", True),
    ],
)
def test_a_call_lies_in_the_region_it_names(title: str, place: bool) -> None:
    call = opportunity(title, kind="call", countries=["RO"])
    assert bool(match("any: [mobilitate]\nplaces: [Nord-Vest]", call)) is place


def test_a_rule_that_only_restricts_takes_all_that_passes() -> None:
    assert match("only: {sources: [test]}", opportunity("Orice"))
    assert match("only: {programmes: [PNRR]}", opportunity("Orice", programme="PNRR"))
    assert match("only: {programmes: [PNRR]}", opportunity("Orice")) is None


def test_a_members_exclusions_hold_for_all_its_rules() -> None:
    assert match("any: [registru]", opportunity("Registru de mobilier"), member="none: [mobilier]") is None


def test_a_vocabularys_guard_silences_only_the_vocabulary() -> None:
    item = opportunity("Portal web și mobilier")
    assert match("interests: [software]", item) is None
    assert match("interests: [software]\nany: [web]", item)


def test_an_ignored_phrase_does_not_count_but_the_rest_does() -> None:
    assert match("interests: [software]", opportunity("Macara portal")) is None
    assert match("interests: [software]", opportunity("Macara portal și portal web"))
    assert match("any: [portal]\nignore: [macara portal]", opportunity("Macara portal")) is None


def test_a_member_can_drop_a_word_of_a_vocabulary() -> None:
    assert match("interests: [software]\nwithout: [portal]", opportunity("Portalul comunei")) is None
    assert match("interests: [software]\nwithout: [portal]", opportunity("Software"))


def test_the_best_rule_of_a_member_counts() -> None:
    text = """member: alfa
name: A
language: en
email: [a@a.example.org]
rules:
  - {name: low, any: [registru], priority: low}
  - {name: high, title: [registru], priority: high}
"""
    loaded = read_filters({"members/a.yaml": text})
    found = Matcher(loaded.members, {}).match(opportunity("Registru"), NOW)["alfa"]
    assert found.rule == "high"


def test_reasons_quote_the_opportunity_in_the_members_language() -> None:
    item = opportunity("Achiziția PORTALULUI web", cpv=["72212000"], summary="un sistemului informatic")
    found = match("interests: [software]", item)
    assert found
    assert [reason.words("ro") for reason in found.reasons] == [
        "„PORTALULUI web” în titlu — Software și portaluri",
        "CPV 72212000 — Software și portaluri",
        "„sistemului informatic” în descriere — Software și portaluri",
    ]
    assert found.reasons[0].words("en") == "“PORTALULUI web” in the title — Software and portals"


def test_a_call_is_a_reason_too() -> None:
    found = match("calls: [HORIZON-CL4]", opportunity(kind="call", call="HORIZON-CL4-2026-DATA-03"))
    assert found
    assert found.reasons[0].words("ro") == "apelul HORIZON-CL4-2026-DATA-03 — R"


def test_a_match_survives_the_store() -> None:
    found = match("interests: [software]\ncalls: [AB-1]", opportunity("Portal", cpv=["72000000"], call="AB-1"))
    assert found
    assert Match.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_explain_says_what_is_met_and_what_is_not() -> None:
    loaded = filters("interests: [software]\nplaces: [Cluj]\nmin_days: 10\nnone: [mobilier]")
    item = opportunity("Portal și mobilier", countries=["DE"], deadlines=[{"at": SOON}])
    said = explain(item, loaded.members[0], loaded.interests, NOW)
    assert [(c.key, c.met) for c in said] == [
        ("about", False),
        ("stages", True),
        ("places", False),
        ("min_days", False),
        ("none", False),
    ]
    assert "nothing it looks for" in str(said[0])
    assert "DE" in str(said[2])
    assert "3 days left" in str(said[3])
    assert "“mobilier” (title)" in str(said[4])


def test_explain_agrees_with_the_matcher() -> None:
    loaded = filters("interests: [software]\nplaces: [RO]")
    for country in ("RO", "DE"):
        item = opportunity("Portal", countries=[country])
        matched = "mm" in Matcher(loaded.members, loaded.interests).match(item, NOW)
        assert all(c.met for c in explain(item, loaded.members[0], loaded.interests, NOW)) is matched


@given(st.text(min_size=1, max_size=200), st.text(max_size=400))
@settings(deadline=None, max_examples=100)
def test_any_opportunity_can_be_matched_and_its_reasons_said(title: str, summary: str) -> None:
    loaded = read_filters({"interests/software.yaml": SOFTWARE, "members/m.yaml": _EVERYTHING})
    item = opportunity(title + " portal", summary=summary + " sistem informatic", buyer={"name": title + " x"})
    found = Matcher(loaded.members, loaded.interests).match(item, NOW)["alfa"]
    assert all(reason.words("ro") for reason in found.reasons)


_EVERYTHING = """member: alfa
name: A
language: ro
email: [a@a.example.org]
rules: [{name: R, interests: [software]}]
"""


def test_a_vocabularys_other_cpv_codes_need_company() -> None:
    assert match("interests: [software]", opportunity(cpv=["72200000"]))
    assert match("interests: [software]", opportunity(cpv=["45000000", "72200000"])) is None
    assert match("interests: [software]", opportunity(cpv=["45000000", "72200000"], summary="un sistem informatic"))


def test_three_words_of_the_description_count_at_most() -> None:
    long = match("any: [unu, doi, trei, patru, cinci]", opportunity(summary="unu doi trei patru cinci"))
    assert long
    assert len(long.reasons) == 3


def test_a_rule_ignores_phrases_for_its_vocabularies_too() -> None:
    rule = "interests: [software]\nignore: [portal de acces]"
    assert match(rule, opportunity("Portal de acces auto")) is None
    assert match(rule, opportunity("Portal de acces și portal"))


def test_a_member_never_wants_some_buyers() -> None:
    item = opportunity("Registru", buyer={"name": "Romsilva"})
    assert match("any: [registru]", item, member="never: {buyers: [Romsilva]}") is None
