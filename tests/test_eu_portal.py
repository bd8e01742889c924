"""The EU portal's readers, each alone, and that its stand-in refuses what the portal refuses."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from pipeline.exceptions import SourceError, UnreadableError
from pipeline.opportunity import Deadline, Opportunity, Role, Stage
from spiders._eu_portal_bulk import Splitter
from spiders._eu_portal_dossier import (
    BULK_FIELDS,
    INDEX_FIELDS,
    bulk_ref,
    index_channel,
    index_ref,
    metadata,
    packed,
    trimmed,
)
from spiders._eu_portal_index import Page, Question, address, api_base, body
from spiders._eu_portal_money import budget, number
from spiders._eu_portal_read import read_dossier
from spiders._eu_portal_text import limitation, plain, readiness
from spiders._eu_portal_time import brussels_day, end_of, in_brussels, instant, roles, stage, wall
from spiders._eu_portal_voices import merged
from tests.sources.eu_portal import DETAILS, SAMPLES, SEARCH, PortalServer

BUCHAREST = ZoneInfo("Europe/Bucharest")
THURSDAY, FRIDAY = dt.date(2026, 11, 19), dt.date(2026, 11, 20)
TEN = dt.datetime(2026, 11, 20, 10, tzinfo=BUCHAREST)
HOUR = dt.timedelta(hours=1)
RECORDED = Path(__file__).parents[2] / "shared" / "data" / "eu-portal"
needs_recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers of the portal are not at hand")


# Dates


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2024-04-18T19:00:00.000+0200", "2024-04-18"),  # 2023
        ("2025-01-21T23:00:00.000+0000", "2025-01-22"),  # 2024: a naive reading is a day early
        ("2026-06-15T22:00:00.000+0000", "2026-06-16"),
        ("2026-04-15T00:00:00.000+0000", "2026-04-15"),  # 2026
        ("1681837200000", "2023-04-18"),  # bulk file of 2023: 17:00 "UTC"
        ("1789430400000", "2026-09-15"),  # bulk file of 2026: midnight UTC
        ("2025-01-22", "2025-01-22"),  # actions and budgetOverview
    ],
)
def test_every_encoding_of_a_grant_deadline_names_its_day(raw: str, day: str) -> None:
    assert str(brussels_day(raw)) == day


def test_a_grant_deadline_ends_at_17_in_brussels() -> None:
    assert end_of(dt.date(2027, 1, 21)).isoformat() == "2027-01-21T17:00:00+01:00"
    assert end_of(dt.date(2026, 4, 15)).isoformat() == "2026-04-15T17:00:00+02:00"


def test_a_tender_deadline_is_a_wall_clock_in_its_own_zone() -> None:
    raw = "2026-09-14T14:00:59.000+0000"
    assert wall(raw, "Europe/Brussels").isoformat() == "2026-09-14T14:00:00+02:00"
    assert wall(raw, "Africa/Porto-Novo").isoformat() == "2026-09-14T14:00:00+01:00"
    assert in_brussels("1727560740000").isoformat() == "2024-09-28T23:59:00+02:00"  # bulk file: a true instant


def test_seconds_are_random_and_left_out() -> None:
    assert instant("2026-07-17T21:59:28.000+0000") == instant("2026-07-17T21:59:45.000+0000")


@pytest.mark.parametrize(
    "raw", ["", "soon", "2026-13-01T00:00:00.000+0000", "2026-02-31", "0001-01-01", "99999999999999"]
)
def test_what_is_no_date_is_refused(raw: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        brussels_day(raw)
    with pytest.raises(ValueError, match="no time zone"):
        wall("2026-09-14T14:00:59.000+0000", "Europe/Atlantis")


@pytest.mark.parametrize(
    ("model", "identifier", "count", "expected"),
    [
        ("single-stage", "A", 1, [Role.SUBMISSION]),
        ("two-stage", "A", 2, [Role.STAGE_1, Role.STAGE_2]),
        ("two-stage", "A", 1, [Role.STAGE_1]),
        (None, "HORIZON-CL2-2027-02-DEMOCRACY-09-two-stage", 2, [Role.STAGE_1, Role.STAGE_2]),
        ("multiple cut-off", "A", 3, [Role.CUT_OFF] * 3),
        (None, "ERASMUS-EDU-2022-ECHE-CERT-FP", 5, [Role.CUT_OFF] * 5),
    ],
)
def test_roles_of_several_deadlines(model: str | None, identifier: str, count: int, expected: list[Role]) -> None:
    assert roles(model, identifier, count) == expected


FORTHCOMING, OPEN, CLOSED = "31094501", "31094502", "31094503"
AHEAD, PAST = Deadline(at=end_of(dt.date(2026, 12, 1))), Deadline(at=end_of(dt.date(2026, 9, 1)))


@pytest.mark.parametrize(
    ("status", "opens", "ends", "announced", "expected"),
    [
        (FORTHCOMING, "2026-11-20", (AHEAD,), False, Stage.OPEN),  # the status lags behind the opening
        (FORTHCOMING, "2026-11-21", (AHEAD,), False, Stage.PLANNED),
        (OPEN, "2026-12-01", (AHEAD,), False, Stage.PLANNED),  # the opening was postponed
        (OPEN, "2026-03-01", (PAST,), False, Stage.CLOSED),  # the index calls it open for weeks
        (OPEN, "2026-03-01", (PAST, AHEAD), False, Stage.OPEN),  # a cut-off passed
        (OPEN, "2026-03-01", (Deadline(at=end_of(FRIDAY)),), False, Stage.OPEN),  # its last day
        (CLOSED, "2026-03-01", (AHEAD,), False, Stage.CLOSED),
        (FORTHCOMING, "2026-03-01", (), True, Stage.PLANNED),  # a prior information notice never opens
        (OPEN, None, (), False, Stage.OPEN),
        ("", None, (), False, None),
    ],
)
def test_the_stage_follows_the_dates(
    status: str, opens: str | None, ends: tuple[Deadline, ...], announced: bool, expected: Stage | None
) -> None:
    assert stage(status, dt.date.fromisoformat(opens) if opens else None, ends, TEN, announced) is expected


# Budgets


def action(name: str, amount: object, **more: object) -> dict[str, Any]:
    return {
        "action": f"{name} - HORIZON-RIA HORIZON Research and Innovation Actions",
        "budgetYearMap": {"2027": amount},
        **more,
    }


def overview(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"budgetYearsColumns": ["2027"], "budgetTopicActionMap": {str(n): [row] for n, row in enumerate(rows)}}


def test_only_the_rows_of_the_topic_count() -> None:
    table = overview(
        action("EU4H-2024-PJ-03-2", 2_000_000, expectedGrants=2, minContribution="500000", maxContribution=1_000_000),
        action("EU4H-2024-PJ-03-2-a", 7_000_000),
        action("EU4H-2024-PJ-03-20", "450 000"),
    )
    found = budget(table, "eu4h-2024-pj-03-2")
    assert (found.total, found.least, found.most) == (Decimal(2_000_000), Decimal(500_000), Decimal(1_000_000))
    assert (found.shared, found.grants) == (False, 2)
    assert budget(table, "EU4H-2024-PJ-03-20").total == 450_000
    assert budget(table, "EU4H-2024-PJ-03").total is None


def test_an_amount_that_siblings_repeat_may_be_the_whole_call() -> None:
    table = overview(*(action(f"EDF-2026-DA-{n}", 422_000_000) for n in range(3)))
    assert budget(table, "EDF-2026-DA-1").shared is True
    assert budget(overview(action("A", 5), action("B", 5)), "A").shared is False
    assert budget(overview(action("A", 5), action("A", 5), action("A", 3)), "A").total == 8


def test_zero_is_not_stated_and_nonsense_is_refused() -> None:
    found = budget(overview(action("A", 0, expectedGrants=0, maxContribution="")), "A")
    assert (found.total, found.shared, found.most, found.grants) == (None, None, None, None)
    for raw in ("about a million", "-5", "NaN", "1e999"):
        with pytest.raises(ValueError, match="is"):
            number(raw)


# Texts


def test_text_is_plain_and_without_contacts() -> None:
    markup = (
        '<p>Scope:</p><p>AI<sup>1</sup> [[editor]] for a@b.eu &amp; <a href="mailto:x@y.eu">us</a>, tel. +32 2 5550100'
    )
    text = plain(markup)
    assert text == "Scope: AI for [e-mail] & us , tel. [tel.]"


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("start at TRL 4 and achieve TRL 6-7 by the end", "4-7"),
        ("Technology Readiness Level (TRL) 5 to 8", "5-8"),
        ("at TRL 6", "6"),
        ("TRL 10, trl, controls 5-8", None),
    ],
)
def test_readiness_levels(text: str, levels: str | None) -> None:
    assert readiness(text) == levels


def test_the_sentence_that_limits_participation() -> None:
    text = "Budget. Participation is limited to legal entities established in Member States and Norway. More."
    assert limitation(text) == "Participation is limited to legal entities established in Member States and Norway."
    assert limitation("Participation is open to all; the page limit is 40.") is None


# Identity


def row(kind: str, reference: str, identifier: str, language: str = "en", **fields: Any) -> dict[str, Any]:
    meta = {"type": [kind], "identifier": [identifier], "language": [language], "title": ["A title"], "status": [OPEN]}
    return {"reference": reference, "language": language, "metadata": meta | {k: [v] for k, v in fields.items()}}


def test_identity_is_language_free_and_each_cascade_call_its_own() -> None:
    assert index_ref(row("1", "50129793TOPICSen", "Horizon-CL5-2027-07-D3-17")) == "HORIZON-CL5-2027-07-D3-17"
    assert index_ref(row("8", "13501COMPETITIVE_CALLen", "PARENT")) == "13501COMPETITIVE_CALL"
    assert index_ref(row("8", "13501COMPETITIVE_CALLfr", "PARENT", "fr")) == "13501COMPETITIVE_CALL"
    assert index_ref(row("8", "13502COMPETITIVE_CALLen", "PARENT")) == "13502COMPETITIVE_CALL"
    assert index_ref(row("2", "186165PROSPECTSEN", "EuropeAid/186165/DD/ACT/RS")) == "186165PROSPECTS"
    flat = {"reference": "7COMPETITIVE_CALLen", "language": "en", "type": ["8"], "title": "A title"}
    assert (index_ref(flat), metadata(flat)["title"]) == ("7COMPETITIVE_CALL", "A title")


def test_prior_information_and_contract_notice_are_one() -> None:
    pin, cn = row("0", "u-PIN", "fcc1-9-PIN"), row("0", "u-CN", "fcc1-9-CN")
    assert index_ref(pin) == index_ref(cn) == "fcc1-9"
    assert (index_channel(pin), index_channel(cn)) == ("announcement", "index")


# Dossiers


@cache
def sample(name: str, day: dt.date = THURSDAY) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / str(day) / f"{name}.json").read_text(encoding="utf-8"))
    return found


def dossier(name: str, *channels: str, day: dt.date = THURSDAY) -> dict[str, Any]:
    one = sample(name, day)
    found: dict[str, Any] = {"kind": str((one["bulk"] or metadata(one["search"][0]))["type"])}
    if "index" in channels:
        found |= {"kind": metadata(one["search"][0])["type"][0], "ref": index_ref(one["search"][0])}
        found["index"] = trimmed(INDEX_FIELDS, metadata(one["search"][0]))
    if "bulk" in channels:
        found |= {"ref": bulk_ref(one["bulk"]), "bulk": trimmed(BULK_FIELDS, one["bulk"])}
    return found


def read(name: str, *channels: str, day: dt.date = THURSDAY) -> Opportunity:
    return read_dossier(dossier(name, *channels, day=day), TEN).says


def test_a_topic_out_of_both_channels() -> None:
    says = read("cl4-foundation-models", "index", "bulk")
    assert says.id == "eu_portal:HORIZON-CL4-2027-04-DATA-11"
    assert says.url and says.url.endswith("/topic-details/HORIZON-CL4-2027-04-DATA-11")
    assert (says.stage, says.status, says.language) == (Stage.OPEN, "Open", "en")
    assert [d.at.isoformat() for d in says.deadlines if d.at] == ["2027-02-11T17:00:00+01:00"]
    assert says.time_assumed is True
    assert (says.published, says.opens) == (dt.date(2026, 9, 15), dt.date(2026, 10, 6))
    assert says.value and says.value.amount == 36_000_000 and says.value_shared is False
    assert says.grant_min and says.grant_max
    assert (int(says.grant_min.amount), int(says.grant_max.amount), says.grants) == (5_000_000, 6_000_000, 6)
    assert (says.trl, says.call, says.programme) == ("3-5", "HORIZON-CL4-2027-04", "Horizon Europe (HORIZON)")
    assert says.action == "HORIZON Research and Innovation Actions"
    assert says.keywords[0] == "Artificial intelligence, intelligent systems, multi agent systems"
    assert [link.role for link in says.links] == ["documents"]
    assert says.summary and "@" not in says.model_dump_json()


def test_either_channel_alone_says_the_same_dates() -> None:
    for name in ("cl4-foundation-models", "digital-hospital-cybersecurity", "erasmus-charter", "tender-translation"):
        alone = {channel: read(name, channel) for channel in ("index", "bulk")}
        ends = [[d.ends for d in says.deadlines] for says in alone.values()]
        assert ends[0] == ends[1], name
        assert alone["index"].stage is alone["bulk"].stage


def test_the_stages_only_the_index_knows_survive_the_bulk_file() -> None:
    both = dossier("cl4-digital-twins-two-stage", "index", "bulk") | {"lead": "bulk"}
    says = read_dossier(both, TEN).says
    assert [d.role for d in says.deadlines] == [Role.STAGE_1, Role.STAGE_2]
    assert says.url and says.url.endswith("-two-stage")


def test_a_call_in_two_stages_is_over_for_newcomers_after_the_first() -> None:
    both = dossier("cl4-digital-twins-two-stage", "index", "bulk")
    first, second = (deadline.ends for deadline in read_dossier(both, TEN).says.deadlines)
    for now, expected in ((first - HOUR, Stage.OPEN), (first, Stage.CLOSED), (second - HOUR, Stage.CLOSED)):
        says = read_dossier(both, now).says
        assert says.stage is expected and says.last_deadline is not None and says.last_deadline.role is Role.STAGE_1
        assert read_dossier(both, TEN).says.at(now).stage is expected  # also without being read again
        assert len(says.deadlines) == 2  # who passed the first still sees the second


def test_an_extension_is_believed_whichever_channel_has_it_first() -> None:
    name = "digital-hospital-cybersecurity"
    old = dossier(name, "index", "bulk")
    for first in ("index", "bulk"):
        new = old | {first: dossier(name, first, day=FRIDAY)[first]}
        told = merged(old, old["ref"], "1", {channel: new[channel] for channel in ("index", "bulk")})
        assert told["lead"] == first
        assert [d.ends.date() for d in read_dossier(told, TEN).says.deadlines] == [dt.date(2027, 1, 14)]
        again = merged(told, old["ref"], "1", {channel: new[channel] for channel in ("index", "bulk")})
        assert read_dossier(again, TEN) == read_dossier(told, TEN), "the channels take turns"


def test_a_silent_channel_keeps_its_words() -> None:
    old = dossier("cl4-foundation-models", "index", "bulk")
    assert read_dossier(merged(old, old["ref"], "1", {"bulk": old["bulk"]}), TEN) == read_dossier(old, TEN)


def test_cascade_calls_have_their_own_names_and_projects() -> None:
    says = read("cascade-nexus", "index")
    assert (says.title, says.call, says.parent) == (
        "NEXUS-AI open call 2: machine learning for small manufacturers",
        None,  # the identifier of its row is the parent topic's
        "HORIZON-CL4-2024-DIGITAL-EMERGING-01-22",
    )
    assert says.funder and says.funder.name.startswith("NEXUS-AI: ")
    assert [(d.date, d.at) for d in says.deadlines] == [(dt.date(2027, 1, 15), None)]
    assert [link.url for link in says.links] == ["https://nexus-ai.example.eu/open-call-2"]
    sibling = read("cascade-nexus-sibling", "index")
    assert sibling.id != says.id and sibling.value is None
    assert sibling.summary and sibling.summary.endswith("Budget as published: 1.2.")


def test_random_seconds_change_nothing() -> None:
    before, after = (read("europeaid-moldova", "index", day=day) for day in (THURSDAY, FRIDAY))
    assert before == after
    assert before.countries == ("MD",)
    assert before.url and before.url.endswith("prospect-details/187501PROSPECTSEN")


def test_a_tender_and_its_notice_in_ted() -> None:
    says = read("tender-translation", "index")
    assert says.buyer and says.buyer.name.startswith("European Commission, DG CNECT")
    assert (says.cpv, says.procedure, says.call) == (("72212000",), "open", "EC-CNECT/2026/OP/0081")
    assert [link.url for link in says.links] == ["https://ted.europa.eu/en/notice/-/detail/781930-2026"]
    assert read("tender-exercises", "index").stage is Stage.PLANNED


BAD_AMOUNT = json.dumps(overview(action("HORIZON-CL4-2027-04-DATA-11", "?")))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("status", "31094599", "unknown-status"),
        ("deadlineDate", "next spring", "unreadable-deadline"),
        ("startDate", "2026-99-99T00:00:00.000+0000", "unreadable-opening"),
        ("deadlineModel", "three-stage", "unknown-deadline-model"),
        ("frameworkProgramme", "49999999", "unknown-programme"),
        ("budgetOverview", "{broken", "unreadable-json"),
        ("budgetOverview", BAD_AMOUNT, "unreadable-budget"),
    ],
)
def test_the_unknown_is_an_issue_not_a_default(field: str, value: str, code: str) -> None:
    broken = dossier("cl4-foundation-models", "index")
    broken["index"] = broken["index"] | {field: [value]}
    notice = read_dossier(broken, TEN)
    assert code in {issue.code for issue in notice.issues}
    assert not {issue.code for issue in read_dossier(dossier("cl4-foundation-models", "index"), TEN).issues}


def test_without_title_or_stage_it_cannot_be_read() -> None:
    bare = dossier("cl4-foundation-models", "index")
    for gone, code in ((("title",), "no-title"), (("status", "deadlineDate"), "no-stage")):
        with pytest.raises(UnreadableError, match=code):
            read_dossier(bare | {"index": {k: v for k, v in bare["index"].items() if k not in gone}}, TEN)


ODD: tuple[Any, ...] = (
    None,
    5,
    "x",
    "9" * 5000,
    [],
    [None],
    [[]],
    {},
    [{}],
    {"a": {"b": 1}},
    True,
    -1,
    "2026-01-01T99:00:00.000+0000",
)


def test_nothing_in_a_record_breaks_the_reader() -> None:
    """Whatever stands in a field, it is read, or refused in a way the run counts."""
    for name in ("cl4-foundation-models", "cascade-nexus", "europeaid-moldova", "tender-translation", "hlth-no-text"):
        one = sample(name)
        whole = {"ref": index_ref(one["search"][0]), "kind": metadata(one["search"][0])["type"][0]}
        whole |= {"index": metadata(one["search"][0])} | {key: one[key] for key in ("bulk", "details") if one[key]}
        fields = [(name, field) for name in set(whole) - {"ref", "kind"} for field in whole[name]]
        for channel, field in fields:
            for odd in (*ODD, json.dumps(ODD[4:])):
                broken = merged(None, whole["ref"], whole["kind"], whole | {channel: whole[channel] | {field: odd}})
                with suppress(UnreadableError, ValidationError):
                    read_dossier(json.loads(packed(broken)), TEN)


# The bulk file


def test_the_bulk_file_may_be_cut_anywhere() -> None:
    whole = '{"fundingData":{"GrantTenderObj":[{"a":"é]}"},\n {"b":[{"c":"\\"{"}]} ]}}'.encode()
    for cut in range(len(whole)):
        splitter = Splitter()
        found = [record for piece in (whole[:cut], whole[cut:]) for record in splitter.feed(piece)]
        splitter.close()
        assert found == [{"a": "é]}"}, {"b": [{"c": '"{'}]}], cut
    single = Splitter()
    assert len([record for byte in whole for record in single.feed(bytes([byte]))]) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html>maintenance</html>" * 400,
        b'{"fundingData":{"GrantTenderObj":[]}}',
        b'{"fundingData":{"GrantTenderObj":[{"a":1},{"b"',
        b'{"fundingData":{"GrantTenderObj":[1,2]}}',
        b'{"fundingData":{"GrantTenderObj":[{"a":"\xff"}]}}',
    ],
)
def test_what_is_no_bulk_file_is_refused(body: bytes) -> None:
    splitter = Splitter()
    with pytest.raises(SourceError):
        list(splitter.feed(body))
        splitter.close()


# The stand-in refuses what the portal refuses


@pytest.fixture
def portal() -> Iterator[PortalServer]:
    with PortalServer(today=FRIDAY) as server:
        yield server


ASKED = Question(("1",))


def question_path(question: Question, page: int = 1) -> str:
    parts = urlsplit(address("http://portal/search-api/prod/rest", question, page))
    return f"{parts.path}?{parts.query}"


def ask(server: PortalServer, content: bytes, kind: str, path: str = "", method: str = "POST") -> tuple[int, Any]:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=5)
    connection.request(method, path or question_path(ASKED), content, {"Content-Type": kind} if kind else {})
    answer = connection.getresponse()
    text = answer.read()
    return answer.status, json.loads(text) if text.startswith(b"{") else text


def test_the_question_is_understood(portal: PortalServer) -> None:
    status, answer = ask(portal, *body(ASKED))
    page = Page.read(answer, ASKED, 1)
    assert (status, page.strays) == (200, [])
    assert page.total == len(page.rows) == 21


def test_in_another_encoding_it_is_ignored_and_that_is_seen(portal: PortalServer) -> None:
    for content, kind in (
        (json.dumps(ASKED.parts).encode(), "application/json"),
        (b"query=%7B%7D&languages=en", "application/x-www-form-urlencoded"),
    ):
        status, answer = ask(portal, content, kind)
        assert (status, answer["totalResults"]) == (200, 4_184_545)
        with pytest.raises(SourceError, match="ignored the question"):
            Page.read(answer, ASKED, 1)


def test_what_the_index_refuses(portal: PortalServer) -> None:
    content, kind = body(ASKED)
    plain_part = content.replace(b"Content-Type: application/json", b"Content-Type: application/octet-stream")
    assert ask(portal, plain_part, kind)[0] == 500
    assert ask(portal, b"", "", method="GET")[0] == 405
    assert ask(portal, content, kind, f"{SEARCH}?text=***")[0] == 400
    assert ask(portal, content, kind, f"{SEARCH}?apiKey=OTHER&text=***")[0] == 500
    wild = content.replace(b'{"terms": {"type": ["1"]}}', b'{"prefix": {"type": "1"}}')
    assert ask(portal, wild, kind)[0] == 400
    unknown = content.replace(b'{"terms": {"type": ["1"]}}', b'{"terms": {"kind": ["1"]}}')
    assert ask(portal, unknown, kind)[1]["totalResults"] == 0


def test_pages_are_cut_and_lose_rows(portal: PortalServer) -> None:
    portal.page = 4
    unsorted = replace(ASKED, sort=("deadlineModel", "ASC"))
    rows = [
        row for page in range(1, 7) for row in ask(portal, *body(unsorted), question_path(unsorted, page))[1]["results"]
    ]
    assert len(rows) == 21
    assert len({row["reference"] for row in rows}) < 21, "no row was lost"


def test_details_have_small_letters(portal: PortalServer) -> None:
    name = "HORIZON-WIDERA-2027-02-TALENTS-03"
    assert ask(portal, b"", "", f"{DETAILS}{name}.json", "GET")[0] == 404
    assert "TopicDetails" in ask(portal, b"", "", f"{DETAILS}{name.lower()}.json", "GET")[1]


def test_a_row_of_another_kind_is_left_out() -> None:
    good = {"type": ["1"], "status": [OPEN], "DATASOURCE": ["SEDIA"], "language": ["en"]}
    for odd in ({"type": ["6"]}, {"status": [CLOSED]}, {"DATASOURCE": ["SEDIA_PRD_CENTRICITY"]}, {"language": ["fr"]}):
        assert ASKED.refuses({"metadata": good | odd})
    page = Page.read(
        {"totalResults": 3, "results": [{"metadata": good}] * 2 + [{"metadata": good | {"type": ["6"]}}]}, ASKED, 1
    )
    assert (len(page.rows), page.strays) == (2, ["type 6"])


def test_the_real_hosts_are_derived_from_the_one_address() -> None:
    assert (
        api_base("https://ec.europa.eu/info/funding-tenders/opportunities")
        == "https://api.tech.ec.europa.eu/search-api/prod/rest"
    )


# The portal's real records


def recorded(name: str) -> Any:
    return json.loads((RECORDED / name).read_text(encoding="utf-8"))


@needs_recorded
def test_recorded_rows_of_four_years_are_read() -> None:
    expected = {
        "EU4H-2024-PJ-03-5": (Stage.CLOSED, "2025-01-22T17:00:00+01:00"),
        "fcc1ce26-4ae1-40bb-9560-107753b2be80": (Stage.PLANNED, None),
        "1add454e-7312-490c-b0f3-a52c3182ecd6": (Stage.CLOSED, "2026-09-14T14:00:00+02:00"),
        "HORIZON-CL5-2024-D2-01-03": (Stage.CLOSED, "2024-04-18T17:00:00+02:00"),
    }
    for one in recorded("search_response_excerpt.json")["results"]:
        ref, channel = index_ref(one), index_channel(one)
        notice = read_dossier(
            {"ref": ref, "kind": metadata(one)["type"][0], channel: trimmed(INDEX_FIELDS, metadata(one))}, TEN
        )
        end = notice.says.deadlines[0].at.isoformat() if notice.says.deadlines and notice.says.deadlines[0].at else None
        assert (notice.says.stage, end) == expected.pop(ref)
        assert not notice.issues and "@" not in notice.model_dump_json()
    assert not expected


@needs_recorded
def test_the_budget_of_a_recorded_topic_is_its_own() -> None:
    one = recorded("search_response_excerpt.json")["results"][0]
    table = json.loads(one["metadata"]["budgetOverview"][0])
    assert budget(table, "EU4H-2024-PJ-03-5").total == 1_000_000


@needs_recorded
def test_recorded_records_of_the_bulk_file_are_read() -> None:
    for name in ("grantsTenders_sample_halli75.json", "grantsTenders_sample_viabolat_excerpt.json"):
        content = (RECORDED / name).read_text(encoding="utf-8")
        content = content[content.index('"fundingData"') :]
        splitter = Splitter()
        records = list(splitter.feed(b"{" + content.encode()))
        splitter.close()
        for record in records:
            says = read_dossier(
                {"ref": bulk_ref(record), "kind": str(record["type"]), "bulk": trimmed(BULK_FIELDS, record)}, TEN
            )
            assert not says.issues, says.issues
