"""SEAP: what its answers mean, and how its lists are walked when it answers well, badly, in part or not at all."""

from __future__ import annotations

import copy
import csv
import datetime as dt
import json
import random
from decimal import Decimal
from typing import Any

import pytest

from pipeline.config import Scope
from pipeline.exceptions import SourceError, UnreadableError
from pipeline.notice import Notice
from pipeline.opportunity import Deadline, Kind, Organisation, Role, Stage
from spiders import _seap_details as details
from spiders import _seap_values as values
from spiders._eforms_parts import _buyer_keys
from spiders._seap_answers import DEPTH, NothingThereError, StoppedError, answer_of, items_of
from spiders._seap_choice import ended, matters, news
from spiders._seap_lists import ADVERTS, CONTRACTS, LISTINGS, PRIOR, TYPES, page_of, prefix_of, route_name
from spiders._seap_notice import Record, document, read_document, read_record
from spiders._seap_stages import procedure_stage
from spiders._seap_windows import Window, strays, windows, working_days
from tests.sources.seap import SAMPLES
from tests.world import recorded

THURSDAY, FRIDAY = (dt.datetime.fromisoformat(f"2026-11-{day}T10:00+02:00") for day in (19, 20))
LISTS = "/api-pub/NoticeCommon/GetCNoticeList/"
ADV_LIST = "/api-pub/AdvNoticeCommon/GetAdvNoticeList/"


def sample(ref: str) -> dict[str, Any]:
    return json.loads((SAMPLES / f"{ref}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def record(ref: str, full: bool = True, **row: Any) -> Record:
    raw = sample(ref)
    answers = raw["answers"] if full else None
    return Record(list=raw["list"], row=raw["row"] | row, published_by=None, answers=answers)


def read(ref: str, **row: Any) -> Notice:
    return read_record(record(ref, **row))


def codes(notice: Notice) -> list[str]:
    return [issue.code for issue in notice.issues]


# Single values


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("2026-10-26T15:00:00+02:00", "2026-10-26T15:00:00+02:00"),
        ("2026-09-18T10:10:15+03:00", "2026-09-18T10:10:15+03:00"),
        ("2026-11-18T22:00:00.000Z", "2026-11-18T22:00:00+00:00"),
        ("2026-11-18T22:00:00.1234567+02:00", "2026-11-18T22:00:00+02:00"),
        ("29.05.2026 15:00", "2026-05-29T15:00:00+03:00"),
        ("21.11.2022 15:00", "2022-11-21T15:00:00+02:00"),
        ("0001-01-01T00:00:00+02:00", None),
        ("2026-11-18T22:00:00", None),
        ("2026-11-18", None),
        ("31.02.2026 15:00", None),
        ("9999-12-31T23:59:59+02:00", None),
        ("2026-11-18T22:00:00+99:00", None),
        (20261118, None),
        (None, None),
    ],
)
def test_instants_keep_their_offset_and_unreadable_ones_are_none(raw: object, said: str | None) -> None:
    moment = values.instant(raw)
    assert (moment.isoformat() if moment else None) == said


@pytest.mark.parametrize(
    ("raw", "id", "name"),
    [
        ("4374873 - SPITALUL DE URGENTA", "4374873", "SPITALUL DE URGENTA"),
        ("RO1590120 - REGIA - ROMSILVA RA", "RO1590120", "REGIA - ROMSILVA RA"),
        ("RO 14056826 - Societatea Exemplu S.A.", "RO14056826", "Societatea Exemplu S.A."),
        ("RO 6865630 DELTA S.R.L.", "RO6865630", "DELTA S.R.L."),
        ("4317975 Unitatea Militara 01714", "4317975", "Unitatea Militara 01714"),
        ("R5253314 Fabrica", "R5253314", "Fabrica"),
        ("Comuna Exemplu", None, "Comuna Exemplu"),
        ("Romgaz S.A.", None, "Romgaz S.A."),
        ("4374873", None, "4374873"),
    ],
)
def test_tax_id_and_name_of_an_authority(raw: str, id: str | None, name: str) -> None:
    assert values.authority(raw) == (id, name)


def test_buyer_keys_are_those_of_a_ted_notice() -> None:
    for id in ("00000105", "RO00000105", "RO 00000105", None):
        ted = frozenset(_buyer_keys(Organisation(name="Primăria Exemplu", id=id)))
        assert values.buyer_keys(id, "Primăria Exemplu") == ted
    assert values.buyer_keys("R5253314", "X") == {"id:5253314", "name:x"}


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("2021/S 160-421538", "421538-2021"),
        ("2026/S 222-781905", "781905-2026"),
        ("00781905-2026", "781905-2026"),
        ("781905-2026", "781905-2026"),
        ("CN1098101", None),
        ("", None),
        (None, None),
    ],
)
def test_ted_numbers_are_called_as_ted_notices_are(raw: object, number: str | None) -> None:
    assert values.ted_number(raw) == number


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("Cluj", "RO113"), ("CLUJ", "RO113"), ("Bistriţa-Năsăud", "RO112"), ("Bistrita Nasaud", "RO112"),
        ("CARAS-SEVERIN", "RO422"), ("Municipiul Bucuresti", "RO321"), ("Judeţul Sălaj", "RO116"), ("Clujana", None),
        (None, None),
    ],
)  # fmt: skip
def test_counties_in_any_spelling(raw: object, code: str | None) -> None:
    assert values.county(raw) == code


def test_money_is_ron_zero_is_not_stated_and_nonsense_is_refused() -> None:
    money = values.lei(1021908.27)
    assert money is not None and (money.amount, money.currency) == (Decimal("1021908.27"), "RON")
    assert values.lei(0.0) is None and values.lei(None) is None
    for wrong in ("1021908,27", True, float("inf"), -5.0, 1e20):
        with pytest.raises(ValueError):
            values.lei(wrong)


def test_a_nuts_code_is_read_and_a_class_name_is_not() -> None:
    assert values.nuts("RO223 Constanta") == "RO223"
    assert values.nuts("System.Data.Entity.DynamicProxies.NUTSCode_547C") is None
    assert values.nuts("RO999 Nicaieri") is None


# Stages


@pytest.mark.parametrize(
    ("id", "text", "stage"),
    [
        (2, "In desfasurare", Stage.OPEN),
        (2, "In desfasurare (Suspendata din 18.11.2026)", Stage.SUSPENDED),
        (3, "Anulata", Stage.CANCELLED),
        (5, "Atribuita", Stage.AWARDED),
        (3, "", Stage.CANCELLED),
        (9, "Anulată", Stage.CANCELLED),
    ],
)
def test_stages_by_name_and_id(id: int, text: str, stage: Stage) -> None:
    row = {"sysNoticeState": {"id": 2, "text": "Publicat"}, "sysProcedureState": {"id": id, "text": text}}
    assert procedure_stage(row) is stage


@pytest.mark.parametrize("state", [{"id": 77, "text": "Altceva"}, {"id": 77, "text": ""}, None, "Publicat"])
def test_a_state_nobody_knows_is_never_guessed(state: object) -> None:
    with pytest.raises(UnreadableError):
        procedure_stage({"sysNoticeState": {"id": 2, "text": "Publicat"}, "sysProcedureState": state})


# Records


def test_every_sample_is_read_without_an_oddity() -> None:
    odd = {path.stem: codes(read(path.stem)) for path in sorted(SAMPLES.glob("*.json"))}
    assert {ref for ref, found in odd.items() if found} == set(), odd
    assert len(odd) >= 25


def test_a_contract_notice_in_full() -> None:
    notice = read("CN1098101")
    says = notice.says
    assert says.id == "seap:CN1098101" and says.kind is Kind.TENDER and says.stage is Stage.OPEN
    assert says.title == "Portal de e-guvernare și digitalizarea serviciilor publice ale Municipiului Valea Someșului"
    assert says.url == "https://e-licitatie.ro/pub/notices/c-notice/v2/view/100990011"
    assert says.buyer == Organisation(
        name="PRIMĂRIA MUNICIPIULUI VALEA SOMEȘULUI", id="00000105", country="RO", nuts="RO113", city="Valea Someșului"
    )
    assert says.cpv == ("72000000", "72212000", "48000000") and says.nuts == ("RO113",) and says.countries == ("RO",)
    assert says.value is not None and says.value.amount == 8450000
    assert says.published == dt.date(2026, 11, 17) and says.eu_funded is True and says.errata == 0
    assert says.deadlines == (Deadline(at=dt.datetime.fromisoformat("2026-12-21T15:00:00+02:00")),)
    assert says.summary is not None and "punerea în funcțiune a portalului" in says.summary and "@" not in says.summary


def test_what_joins_it_with_its_ted_notice() -> None:
    notice = read("CN1098101")
    assert notice.continues == notice.says.previous == ("781905-2026",)
    assert notice.names == ("CN1098101", "c-notice/100990011")
    assert "id:00000105" in notice.buyers and notice.living
    assert notice.procedure_id is not None and notice.procedure_id.startswith("seap:")


def test_an_advertising_notice_in_full() -> None:
    says = read("ADV1560101").says
    assert says.url == "https://e-licitatie.ro/pub/notices/adv-notices/view/100741101"
    assert says.buyer is not None and (says.buyer.id, says.buyer.nuts) == ("00000142", "RO113")
    assert says.deadlines[0].at == dt.datetime.fromisoformat("2026-11-24T10:00:15+02:00")
    assert says.summary is not None and "două site-uri" in says.summary
    spans = read("ADV1285199").says
    assert spans.value is None and spans.maximum is not None and spans.maximum.amount == 132000


def test_a_market_consultation_has_neither_code_nor_value() -> None:
    says = read("MC1004511").says
    assert says.stage is Stage.CONSULTATION and says.cpv == () and says.value is None
    assert says.deadlines[0].role is Role.CONSULTATION and says.buyer is not None and says.buyer.nuts == "RO113"
    assert says.url == "https://e-licitatie.ro/pub/notices/mc-notice/view/100011511"


def test_prior_information_is_planned_and_an_invitation_belongs_to_no_procedure() -> None:
    assert read("PI1001212").says.stage is Stage.PLANNED
    assert read("RFD1000877").procedure_id is None
    assert read("RFD1000877").says.url == "https://e-licitatie.ro/pub/rfqInvitationSad/view/100251302"


def test_an_old_form_has_its_own_page() -> None:
    assert "/c-notice/v1/view/" in (read("CN1098101", sysNoticeVersionId=1).says.url or "")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"noticeNo": None}, "missing-number"),
        ({"noticeNo": "CN 1 \u2028"}, "missing-number"),
        ({"sysNoticeTypeId": 99}, "unknown-type"),
        ({"cNoticeId": None}, "missing-id"),
        ({"contractTitle": " "}, "missing-title"),
        ({"contractingAuthorityNameAndFN": None}, "missing-buyer"),
        ({"sysProcedureState": None}, "missing-state"),
        ({"sysProcedureState": {"id": 44, "text": "Altfel"}}, "unknown-state"),
    ],
)
def test_a_row_without_what_it_must_have_is_refused_by_name(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read("CN1098101", **changed)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"cpvCodeAndName": ""}, "bad-cpv"),
        ({"cpvCodeAndName": "72000 - Servicii"}, "bad-cpv"),
        ({"maxTenderReceiptDeadline": "mâine"}, "bad-deadline"),
        ({"noticeStateDate": "18/11/2026"}, "bad-published"),
        ({"noticeStateDate": None}, "missing-published"),
        ({"estimatedValueRon": "8450000"}, "bad-amount"),
        ({"contractingAuthorityNameAndFN": "Primaria Exemplu"}, "missing-tax-id"),
        ({"noticeNo": "SCN1098101"}, "type-and-number"),
    ],
)
def test_what_cannot_be_taken_as_it_is_becomes_an_issue(changed: dict[str, Any], code: str) -> None:
    assert code in codes(read_record(record("CN1098101", full=False, **changed)))


def test_the_null_date_is_silence_and_not_an_issue() -> None:
    raw = record(
        "CN1098101", full=False, minTenderReceiptDeadline=None, maxTenderReceiptDeadline="0001-01-01T00:00:00+02:00"
    )
    notice = read_record(raw)
    assert notice.says.deadlines == () and codes(notice) == []


def test_lots_with_their_own_deadlines_give_both() -> None:
    raw = record("CN1098101", full=False, minTenderReceiptDeadline="2026-12-10T15:00:00+02:00")
    assert len(read_record(raw).says.deadlines) == 2


def test_the_true_deadline_of_a_lot_counts_more_than_the_one_of_the_list() -> None:
    raw = record("CN1098101", errataNo=1)
    assert raw["answers"] is not None
    raw["answers"]["lots"] = {"items": [{"offerDeadline": "2027-01-11T15:00:00+02:00"}], "total": 1}
    says = read_record(raw).says
    assert says.errata == 1 and [d.ends.isoformat() for d in says.deadlines] == ["2027-01-11T15:00:00+02:00"]


def test_the_day_of_publication_is_never_later_than_the_window_it_was_found_in() -> None:
    raw = record("CN1098101", noticeStateDate="2026-11-19T12:40:18+02:00")
    assert read_record(raw | {"published_by": "2026-11-17"}).says.published == dt.date(2026, 11, 17)
    assert read_record(raw).says.published == dt.date(2026, 11, 19)


def test_ids_that_are_the_same_in_two_families_are_two_notices() -> None:
    one, two = read("CN1098101", cNoticeId=100004524), read("SCN1180201", cNoticeId=100004524)
    assert not set(one.names) & set(two.names)


def test_stored_records_hold_no_person_and_read_the_same() -> None:
    for path in sorted(SAMPLES.glob("*.json")):
        kept = document(record(path.stem))
        text = kept.decode()
        assert "@" not in text and "Persoana" not in text and "+40" not in text and "0264" not in text, path.stem
        assert read_document(kept) == read_record(record(path.stem))


def test_a_document_that_is_no_record_is_refused() -> None:
    for broken in (
        b"",
        b"null",
        b"[]",
        b'{"list": "contract notices"}',
        b'{"list":"x","row":{},"published_by":null,"answers":null}',
    ):
        with pytest.raises(UnreadableError):
            read_document(broken)


def test_damaged_records_never_break_the_reader() -> None:
    chance = random.Random(7)
    refs = [path.stem for path in sorted(SAMPLES.glob("*.json"))]
    for _ in range(3000):
        raw = copy.deepcopy(record(chance.choice(refs)))
        _damage(raw["row"], chance)
        _damage(raw["answers"] or {}, chance)
        try:
            read_record(raw).model_dump_json()
            document(raw)
        except UnreadableError:
            pass


def _damage(value: Any, chance: random.Random) -> None:
    nonsense: list[Any] = [
        None, "", 0, -1, 1e300, True, [], {}, [None], {"text": 5}, "\ud800", "x" * 9000, "\u202e",
        "0001-01-01T00:00:00+02:00",
    ]  # fmt: skip
    for key in list(value):
        if chance.random() < 0.15:
            value[key] = chance.choice(nonsense)
        elif isinstance(value[key], dict):
            _damage(value[key], chance)


# What is worth looking into


def test_it_matters_by_code_or_by_title_and_without_a_code_always() -> None:
    scope = Scope(countries=())
    wanted = {path.stem for path in SAMPLES.glob("*.json") if matters(read(path.stem).says, scope)}
    everything = {path.stem for path in SAMPLES.glob("*.json")}
    assert everything - wanted == {"ADV1560122", "CN1098099", "SCN1180224", "SCN1180240"}
    assert not matters(read("SCN1180228", contractTitle="Mobilier pentru laboratoare").says, scope)


def test_what_is_over_is_told_by_stage_or_deadline() -> None:
    assert ended(read("SCN1040001").says, FRIDAY)
    assert not ended(read("CN1098101").says, FRIDAY)
    assert ended(read("ADV1560140").says, FRIDAY + dt.timedelta(hours=3))


def test_news_is_what_the_stored_opportunity_does_not_say() -> None:
    known = read("SCN1180201").says
    row = read_record(record("SCN1180201", full=False)).says
    assert not news(known, row, 0)
    assert news(known.model_copy(update={"errata": None}), row, 0)
    assert news(known, row, 1)
    assert news(known, row.model_copy(update={"stage": Stage.CANCELLED}), 0)
    earlier = (Deadline(at=dt.datetime.fromisoformat("2026-12-01T15:00:00+02:00")),)
    corrected = known.model_copy(update={"errata": 1})
    assert news(known, row.model_copy(update={"deadlines": earlier}), 0)
    assert not news(corrected, row.model_copy(update={"deadlines": earlier}), 1), "the list shows the old one"


# Windows


def test_a_window_is_halved_to_days_and_a_day_cut_by_type() -> None:
    week = Window(dt.date(2026, 11, 16), dt.date(2026, 11, 20))
    first, second = week.parts(CONTRACTS)
    assert (first.first, first.last, second.first, second.last) == tuple(dt.date(2026, 11, d) for d in (16, 18, 19, 20))
    day = Window(dt.date(2026, 11, 20), dt.date(2026, 11, 20))
    assert [part.type for part in day.parts(CONTRACTS)] == list(TYPES)
    assert day.parts(ADVERTS) == () and day.parts(CONTRACTS)[0].parts(CONTRACTS) == ()


def test_each_list_is_asked_by_its_own_keys() -> None:
    days = Window(dt.date(2026, 11, 18), dt.date(2026, 11, 20))
    contracts, adverts = days.question(CONTRACTS, 2), days.question(ADVERTS, 0)
    assert contracts["startPublicationDate"] == "2026-11-18" and contracts["endPublicationDate"] == "2026-11-20"
    assert contracts["pageIndex"] == 2 and contracts["pageSize"] == 100 and contracts["sysNoticeTypeIds"] == []
    assert adverts["publicationDateStart"] == "2026-11-17T22:00:00.000Z"
    assert adverts["publicationDateEnd"] == "2026-11-20T21:59:59.000Z"
    open_ones = Window(dt.date(2026, 11, 20), dt.date(2027, 5, 19), "deadline").question(CONTRACTS, 0)
    assert (
        "startPublicationDate" not in open_ones and open_ones["endTenderReceiptDeadline"] == "2027-05-19T20:59:59.000Z"
    )


def test_rows_outside_the_window_are_named() -> None:
    days = Window(dt.date(2026, 11, 18), dt.date(2026, 11, 20))
    assert strays(CONTRACTS, days, [sample("SCN1040001")["row"], sample("SCN1180219")["row"]]) == ["SCN1040001"]
    assert strays(ADVERTS, Window(dt.date(2026, 11, 1), dt.date(2026, 11, 3)), [sample("ADV1560101")["row"]])
    later = sample("SCN1180219")["row"] | {"noticeStateDate": "2026-12-24T10:00:00+02:00"}
    assert strays(CONTRACTS, days, [later]) == [], "a contract notice shows the day of its last change"


def test_the_first_look_of_a_day_goes_further_than_the_others() -> None:
    today = FRIDAY.date()
    first = list(windows(CONTRACTS, today, dt.date(2026, 11, 19), None, True))
    later = list(windows(CONTRACTS, today, dt.date(2026, 11, 20), None, False))
    assert [window.span for window in first] == ["published", "deadline"] and len(later) == 1
    assert later[0].first == dt.date(2026, 11, 18)
    assert next(windows(ADVERTS, today, today, None, True)).first == dt.date(2026, 10, 30)
    assert next(windows(ADVERTS, today, dt.date(2026, 9, 1), None, False)).first == dt.date(2026, 8, 30)
    assert [w.first for w in windows(PRIOR, today, None, dt.date(2026, 1, 1), True)] == [dt.date(2026, 1, 1)]
    assert [day.day for day in working_days(dt.date(2026, 11, 14), today)] == [16, 17, 18, 19]


# Answers


def test_every_way_of_saying_no_is_told_apart() -> None:
    def said(status: int, body: bytes) -> type[BaseException]:
        with pytest.raises(SourceError) as error:
            answer_of("x", status, body)
        return error.type

    assert said(200, b"null") is NothingThereError
    assert said(404, b"") is NothingThereError
    assert (
        said(200, b'{"hasError": true, "responseMessage": "Anuntul cautat nu a fost gasit in sistem"}')
        is NothingThereError
    )
    assert said(403, b'{"message": "Access Denied: Referrer cannot be null."}') is StoppedError
    for wrong in (b"", b"<html>mentenanta</html>", b'["a"]', b'{"total": 1', b'{"total": NaN}', b"[" * 100_000, b'"x"'):
        assert said(200, wrong) is SourceError, wrong[:20]
    assert said(500, b"") is SourceError
    assert said(200, b'{"a":' * (DEPTH + 1) + b"1" + b"}" * (DEPTH + 1)) is SourceError
    with pytest.raises(SourceError):
        items_of("x", {"items": [], "totalCount": 3})


def test_only_the_page_for_a_blocked_address_stands_for_the_whole_day() -> None:
    page = "<html>Accesul de la adresa dumneavoastră IP a fost restricționat".encode()
    for body, today in ((page, True), (b"", True), (b'{"message": "Access Denied: Referrer cannot be null."}', False)):
        with pytest.raises(StoppedError) as stopped:
            answer_of("x", 403, body)
        assert stopped.value.today is today


# Recorded answers: real ones, read where they are at hand


def test_recorded_rows_are_all_read() -> None:
    rows = json.loads(recorded("seap", "GetCNoticeList_items_verbatim_2026-09-08.json").read_text(encoding="utf-8"))
    answer = json.loads(recorded("seap", "GetCNoticeList_response_fixture_2026-05.json").read_text(encoding="utf-8"))
    items, total, too_long = items_of("x", answer)
    assert (len(items), total, too_long) == (3, 3, False)
    notices = [
        read_record(Record(list=CONTRACTS.name, row=row, published_by=None, answers=None)) for row in rows + items
    ]
    assert [codes(notice) for notice in notices] == [[]] * 5
    assert [n.says.stage for n in notices] == [Stage.AWARDED, Stage.CANCELLED, Stage.OPEN, Stage.OPEN, Stage.OPEN]
    assert all(n.says.buyer and n.says.buyer.id and n.says.value and n.says.deadlines and n.says.cpv for n in notices)


def test_recorded_live_notices_are_all_read() -> None:
    lines = recorded("seap", "live-notices-2026-09.jsonl").read_text(encoding="utf-8").splitlines()
    published = {"id": 2, "text": "Publicat"}
    for line in map(json.loads, lines):
        said = {"noticeNo": line["noticeNo"], "sysNoticeState": published}
        day, until = line["published(noticeStateDate|publicationDate)"], line["deadline"]
        if line["noticeNo"].startswith("ADV"):
            row = said | {
                "advNoticeId": line["advNoticeId"], "contractObject": line["title"], "cpvCode": line["cpv"],
                "contractingAuthority": line["authority"], "publicationDate": day, "tenderReceiptDeadline": until,
                "estimatedValue": float(line["value"]),
            }  # fmt: skip
        else:
            row = said | {
                "cNoticeId": 1, "procedureId": line["procedureId"], "contractTitle": line["title"],
                "sysNoticeTypeId": 2 if line["noticeNo"].startswith("CN") else 17, "noticeStateDate": day,
                "contractingAuthorityNameAndFN": line["authority"], "cpvCodeAndName": line["cpv"],
                "maxTenderReceiptDeadline": until, "sysProcedureState": {"id": 2, "text": "In desfasurare"},
            }  # fmt: skip
        list = ADVERTS.name if "advNoticeId" in row else CONTRACTS.name
        notice = read_record(Record(list=list, row=row, published_by=None, answers=None))
        assert codes(notice) == [] and notice.says.cpv == (line["cpv"][:8],)
        assert notice.says.buyer is not None and notice.says.buyer.id == line["authority"].split()[0]
        assert notice.says.deadlines[0].at == dt.datetime.fromisoformat(until)
        if list == ADVERTS.name:
            assert notice.says.url == line["url"]
    assert len(lines) == 15


def test_recorded_links_from_ted_are_the_pages_and_names_of_ours() -> None:
    with recorded("seap", "ted-to-seap.tsv").open(encoding="utf-8") as file:
        pairs = list(csv.DictReader(file, delimiter="\t"))
    prefixes = {"c-notice": "CN", "pc-notice": "PC", "dc-notice": "DC"}
    for pair in pairs:
        prefix, id = prefixes[pair["seap_route"]], int(pair["c_notice_id"])
        assert route_name(prefix, id) == f"{pair['seap_route']}/{id}"
        assert page_of(prefix, id).endswith(f"/{pair['seap_route']}/v2/view/{id}")
        assert values.ted_number(pair["ted_publication"]), pair["ted_publication"]
    assert len(pairs) == 14


def test_recorded_details_give_what_they_hold() -> None:
    general = json.loads(
        recorded("seap", "comboPub_getNoticeGeneralInfo_type17_100231768.json").read_text(encoding="utf-8")
    )
    answers = {"general": general["response"]}
    row = sample("SCN1180201")["row"]
    asked = [question.name for question in details.questions("SCN", row, answers)]
    assert asked == ["general", "section1", "section21"] and details.summary(answers) is None
    advert = json.loads(
        recorded("seap", "PUBLICAdvNotice_getForView_fields_ADV1548485.json").read_text(encoding="utf-8")
    )
    text = details.summary({"view": advert})
    assert text is not None and text.startswith("Achiziția are ca obiect") and "2 (două) exemplare" in text


def test_a_recorded_form_loses_its_persons_and_keeps_its_places() -> None:
    form = json.loads(recorded("seap", "C_PUBLIC_CANotice_get_100037160.json").read_text(encoding="utf-8"))
    assert details.seat(form) == ("RO223", "Constanta")
    assert "33100000" in details.cpv(form) and details.places(form) == ("RO223",) and details.eu_funded(form) is False
    kept = json.dumps(details.redacted(form))
    assert not any(key in kept.lower() for key in ('"email"', '"phone"', '"fax"', '"contactperson"', '"attentionto"'))


def test_recorded_refusals_are_told_apart() -> None:
    bodies = json.loads(recorded("seap", "error_bodies.json").read_text(encoding="utf-8"))
    for name in ("no_referer", "origin_mismatch"):
        with pytest.raises(StoppedError) as stopped:
            answer_of("x", 403, json.dumps(bodies[name]["body"]).encode())
        assert not stopped.value.today
    with pytest.raises(StoppedError) as stopped:
        answer_of("x", 403, bodies["ip_blocked"]["text"].encode())
    assert stopped.value.today
    with pytest.raises(NothingThereError):
        answer_of("x", 200, json.dumps(bodies["section_not_found_HTTP200"]).encode())
    assert items_of("x", answer_of("x", 200, json.dumps(bodies["over_cap_page"]).encode())) == ([], 2000, True)


def test_recorded_codes_and_parties_of_other_lists_are_read_alike() -> None:
    with recorded("seap", "cpv-ids-it.tsv").open(encoding="utf-8") as file:
        assert all(values.cpv(line["code"]) == line["code"][:8] for line in csv.DictReader(file, delimiter="\t"))
    lookups = json.loads(recorded("seap", "cpv_lookups.json").read_text(encoding="utf-8"))
    found = [
        one.get("text") or one["code"]
        for answer in lookups.values()
        for one in (answer["items"] if isinstance(answer, dict) else answer)
    ]
    assert [values.cpv(text) for text in found] == ["48219000", "48900000", "72000000"]
    direct = json.loads(recorded("seap", "da_list_item_with_getView_2024-01-05.json").read_text(encoding="utf-8"))
    assert (
        values.authority(direct["contractingAuthority"])[0] == "37349213"
        and values.cpv(direct["cpvCode"]) == "85147000"
    )
    award = json.loads(recorded("seap", "GetCANoticeList_item_CAN1031498.json").read_text(encoding="utf-8"))
    with pytest.raises(UnreadableError):  # awards are not among the types that are asked for
        prefix_of(CONTRACTS.name, award)


def test_every_list_has_its_name() -> None:
    assert set(LISTINGS) == {"contract notices", "advertising notices", "market consultations", "prior information"}
