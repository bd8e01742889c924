"""The sample world: the stand-in of TED refuses what TED refuses; the samples are true in form, invented in content."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
import time
from collections.abc import Iterator
from datetime import date
from functools import cache
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree

from tests.sources._server import Fault
from tests.sources.ted import SAMPLES, SEARCH, TedServer

AGENT = {"User-Agent": "Vestitor-tests/1.0 (+https://vestitor.example.org)"}
JSON = {**AGENT, "Content-Type": "application/json"}
FRIDAY = date(2026, 11, 20)
EFORMS = sorted(SAMPLES.glob("????????_2026.xml"))
RECORDED = Path(__file__).parents[2] / "shared" / "data" / "ted" / "notices"


@pytest.fixture
def ted() -> Iterator[TedServer]:
    with TedServer(today=FRIDAY) as server:
        yield server


def ask(server: TedServer, path: str, method: str = "GET", body: object = None, **headers: str) -> HTTPResponse:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=5)
    data = None if body is None else json.dumps(body)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, data, given or (JSON if data else AGENT))
    return connection.getresponse()


def search(server: TedServer, query: str = "publication-date=20261120", **more: Any) -> Any:
    body = {"query": query, "fields": ["publication-number"], "limit": 250, **more}
    return json.load(ask(server, SEARCH, "POST", body))


def numbers(answer: Any) -> list[str]:
    return [notice["publication-number"] for notice in answer["notices"]]


def unpack(body: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as archive:
        return {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}  # type: ignore[union-attr]


# Daily packages and single notices


def test_a_daily_package_is_one_directory_of_notices(ted: TedServer) -> None:
    answer = ask(ted, "/packages/daily/202600225")
    files = unpack(answer.read())
    assert answer.status == 200
    assert len(files) >= 10
    assert all(re.fullmatch(r"20261120_225/\d{8}_2026\.xml", name) for name in files)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["ETag"] is None


def test_the_old_format_has_six_digits(ted: TedServer) -> None:
    files = unpack(ask(ted, "/packages/daily/202600221").read())
    assert b"<TED_EXPORT" in files["20261116_221/778699_2026.xml"]


@pytest.mark.parametrize("issue", ["202600226", "202600299", "2026225", "202500225"])
def test_what_is_not_published_is_not_found(ted: TedServer, issue: str) -> None:
    assert ask(ted, f"/packages/daily/{issue}").status == 404


def test_the_next_issue_appears_when_its_day_comes(ted: TedServer) -> None:
    assert ask(ted, "/en/notice/795104-2026/xml").status == 404
    ted.today = date(2026, 11, 23)
    assert ask(ted, "/packages/daily/202600226").status == 200
    assert ask(ted, "/en/notice/795104-2026/xml").status == 200


def test_a_package_can_be_fetched_in_parts(ted: TedServer) -> None:
    path = "/packages/daily/202600225"
    whole = ask(ted, path).read()
    head = ask(ted, path, **AGENT, Range="bytes=0-999")
    tail = ask(ted, path, **AGENT, Range="bytes=1000-")
    assert (head.status, tail.status) == (206, 206)
    assert head.headers["Content-Range"] == f"bytes 0-999/{len(whole)}"
    assert head.read() + tail.read() == whole
    assert ask(ted, path, **AGENT, Range=f"bytes={len(whole)}-").status == 416


def test_packages_can_be_put_together_by_hand() -> None:
    issues = {"202600001": EFORMS[:3], "202600002": EFORMS[3:5]}
    with TedServer(today=date(2026, 1, 5), issues=issues) as server:
        assert len(unpack(ask(server, "/packages/daily/202600001").read())) == 3
        assert len(unpack(ask(server, "/packages/daily/202600002").read())) == 2
        assert ask(server, "/packages/daily/202600225").status == 404


def test_one_notice_by_its_number(ted: TedServer) -> None:
    answer = ask(ted, "/en/notice/791801-2026/xml")
    assert answer.status == 200
    assert answer.read() == (SAMPLES / "00791801_2026.xml").read_bytes()
    assert ask(ted, "/en/notice/00791801-2026/xml").status == 404
    assert ask(ted, "/en/notice/791802-2026/xml").status == 404


def test_robots_txt_is_not_there(ted: TedServer) -> None:
    assert ask(ted, "/robots.txt").status == 404


@pytest.mark.parametrize("agent", ["", "Scrapy/2.13 (+https://scrapy.org)", "python-requests/2", "Python-urllib/3.11"])
def test_nameless_visitors_are_refused(ted: TedServer, agent: str) -> None:
    answer = ask(ted, "/packages/daily/202600225", User_Agent=agent)
    assert answer.status == 403
    assert answer.headers["Content-Type"] == "text/html"


# Search


def test_a_found_notice_has_the_recorded_shapes(ted: TedServer) -> None:
    fields = (
        "publication-number publication-date ojs-number title-proc title-lot buyer-name buyer-country notice-subtype "
        "deadline-receipt-tender-date-lot deadline-receipt-tender-time-lot estimated-value-lot estimated-value-cur-lot "
        "deadline-receipt-request-date-lot notice-title classification-cpv"
    )
    (found,) = search(ted, "publication-number=791825-2026", fields=fields.split())["notices"]
    assert found["publication-date"] == "2026-11-20+01:00"
    assert found["ojs-number"] == "225/2026"
    assert found["title-proc"]["ron"].startswith("Servere")
    assert len(found["title-lot"]["ron"]) == 3
    assert found["buyer-name"] == {"ron": ["UNIVERSITATEA TEHNICA EXEMPLU DIN CLUJ-NAPOCA"]}
    assert found["deadline-receipt-tender-date-lot"] == ["2026-12-14+03:00", "2026-12-14+03:00", "2027-01-08+02:00"]
    assert found["deadline-receipt-tender-time-lot"][0] == "15:00:00.0000000+02:00"
    assert (len(found["estimated-value-lot"]), len(found["estimated-value-cur-lot"])) == (3, 1)
    assert found["classification-cpv"].count("48820000") == 2
    assert len(found["notice-title"]) == 24
    assert found["links"]["xml"]["MUL"] == "https://ted.europa.eu/en/notice/791825-2026/xml"
    assert "deadline-receipt-request-date-lot" not in found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ojs-number=225/2026 AND classification-cpv=72000000 AND buyer-country != ROU", "791856 791863 791890"),
        ("PD=20261120 AND classification-cpv = 48* AND buyer-country IN (ROU)", "791801 791812 791825 791838 791884"),
        ("publication-date>=today(-1) AND form-type IN (planning consultation)", "788501 788514"),
        ("publication-date<20261117 AND NOT form-type=planning AND buyer-country=ROU", "778640"),
        ("(notice-type=veat OR notice-subtype IN (CEI E1)) AND publication-date>20261101", "788514 791856 791884"),
        ('FT ~ "portofel digital"', "788514"),
        ("title-proc ~ (traficului mense)", "778655 791838"),
        ("classification-cpv=72800000 SORT BY publication-number", "785210"),
        ("form-type=result SORT BY publication-number DESC", "791879 791871"),
        (
            "buyer-country NOT IN (ROU DEU) AND notice-type=cn-standard SORT BY publication-date DESC",
            "791890 788533 781960 778655",
        ),
    ],
)
def test_the_expert_query_language(ted: TedServer, query: str, expected: str) -> None:
    assert numbers(search(ted, query)) == [f"{number}-2026" for number in expected.split()]


def test_a_withheld_field_does_not_move_the_day_of_publication(ted: TedServer) -> None:
    assert b"<efbc:PublicationDate>2031-" in ask(ted, "/en/notice/791884-2026/xml").read()
    (found,) = search(ted, "publication-number=791884-2026", fields=["PD", "total-value"])["notices"]
    assert (found["PD"], found["total-value"]) == ("2026-11-20+01:00", -1)


def test_a_procedure_is_found_whole(ted: TedServer) -> None:
    fields = ["publication-number", "procedure-identifier"]
    (call,) = search(ted, "publication-number=778640-2026", fields=fields)["notices"]
    found = search(ted, f"procedure-identifier={call['procedure-identifier']}")
    assert numbers(found) == ["778640-2026", "791871-2026"]


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("publication-date>=2026-11-20", "QUERY_INVALID_FIELD_FORMAT"),
        ("publication-date>=20261399", "QUERY_INVALID_FIELD_FORMAT"),
        ("form-type=planning SORT BY publication-number ASC", "QUERY_SYNTAX_ERROR"),
        ("form-type IN (planning, competition)", "QUERY_SYNTAX_ERROR"),
        ("form-type=planning and form-type=result", "QUERY_SYNTAX_ERROR"),
        ("(form-type=planning", "QUERY_SYNTAX_ERROR"),
        ("cpv=72000000", "QUERY_UNKNOWN_FIELD"),
        ("form-type=planning SORT BY date", "QUERY_UNKNOWN_FIELD"),
        ("notice-type=no-such-type", "QUERY_UNSUPPORTED_FIELD_VALUE"),
        ("buyer-country=RO", "QUERY_UNSUPPORTED_FIELD_VALUE"),
        ("classification-cpv=72000000-5", "QUERY_UNSUPPORTED_FIELD_VALUE"),
        ("form-type>planning", "QUERY_UNSUPPORTED_FIELD_OPERATION"),
    ],
)
def test_queries_ted_refuses(ted: TedServer, query: str, kind: str) -> None:
    assert search(ted, query)["error"]["type"] == kind


def test_a_refusal_says_where(ted: TedServer) -> None:
    error = search(ted, "form-type=planning SORT BY publication-number ASC")["error"]
    assert error["location"] == {"beginLine": 1, "beginColumn": 46, "endLine": 1, "endColumn": 49}


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"limit": 251}, "SEARCH_EXCEEDS_MAX_LIMIT"),
        ({"page": 61}, "SEARCH_WINDOW_TOO_WIDE"),
        ({"fields": ["publication-number"] * 41}, "SEARCH_FIELDS_PER_PAGE_EXCEEDS_MAX_LIMIT"),
        ({"fields": ["publication-number", "deadline-receipt-tenders"]}, "UNSUPPORTED_VALUE"),
        ({"paginationMode": "ITERATION", "iterationNextToken": "made up"}, "INVALID_ITERATION_TOKEN"),
    ],
)
def test_requests_ted_refuses(ted: TedServer, more: dict[str, Any], kind: str) -> None:
    assert search(ted, **more)["error"]["type"] == kind


@pytest.mark.parametrize(
    ("more", "field"), [({"fields": []}, "fields"), ({"query": ""}, "query"), ({"page": 0}, "page")]
)
def test_validation_errors_are_a_list(ted: TedServer, more: dict[str, Any], field: str) -> None:
    answer = search(ted, **more)
    assert answer["message"] == "Validation error"
    assert [error["field"] for error in answer["error"]] == [field]


@pytest.mark.parametrize("more", [{"sortField": "publication-date"}, {"onlyLatestVersion": True}])
def test_unknown_keys_are_refused(ted: TedServer, more: dict[str, Any]) -> None:
    message = search(ted, **more)["message"]
    assert message.startswith("JSON parse error: Unrecognized field")
    assert "not marked as ignorable" in message


@pytest.mark.parametrize("more", [{"scope": "EVERYTHING"}, {"limit": "250"}, {"fields": "publication-number"}])
def test_wrong_types_are_refused(ted: TedServer, more: dict[str, Any]) -> None:
    assert search(ted, **more)["message"].startswith("JSON parse error")


def test_only_json_is_read(ted: TedServer) -> None:
    assert ask(ted, SEARCH, "POST", {"query": "x"}, **AGENT).status == 415
    assert ask(ted, SEARCH, "GET").status == 405


def test_a_query_can_be_checked_without_running_it(ted: TedServer) -> None:
    answer = search(ted, checkQuerySyntax=True)
    assert (answer["notices"], answer["totalNoticeCount"]) == ([], None)
    assert search(ted, "nonsense", checkQuerySyntax=True)["error"]["type"] == "QUERY_UNKNOWN_FIELD"


def test_pages_end_with_an_empty_one(ted: TedServer) -> None:
    first, second, third = (search(ted, limit=8, page=page) for page in (1, 2, 3))
    assert len(first["notices"]) == 8
    assert len(first["notices"]) + len(second["notices"]) == first["totalNoticeCount"]
    assert third["notices"] == []
    assert first["iterationNextToken"] is None


def test_an_iteration_ends_with_an_empty_page_and_then_wraps(ted: TedServer) -> None:
    told: dict[str, Any] = {"paginationMode": "ITERATION", "limit": 6}
    pages = [search(ted, **told)]
    while pages[-1]["notices"]:
        pages.append(search(ted, **told, iterationNextToken=pages[-1]["iterationNextToken"]))
    found = [number for page in pages for number in numbers(page)]
    assert len(found) == len(set(found)) == pages[0]["totalNoticeCount"]
    assert numbers(search(ted, **told, iterationNextToken=pages[-1]["iterationNextToken"])) == found[:6]


def test_a_token_belongs_to_one_query_and_lasts_one_issue(ted: TedServer) -> None:
    ted.today = date(2026, 11, 18)
    query = "publication-date>=20261116"
    token = search(ted, query, paginationMode="ITERATION", limit=2)["iterationNextToken"]
    told: dict[str, Any] = {"paginationMode": "ITERATION", "limit": 2, "iterationNextToken": token}
    assert search(ted, query + " ", **told)["error"]["type"] == "INVALID_ITERATION_TOKEN"
    ted.today = date(2026, 11, 19)
    assert search(ted, query, **told)["totalNoticeCount"] == 10
    ted.today = date(2026, 11, 20)
    assert search(ted, query, **told)["error"]["type"] == "EXPIRED_ITERATION_TOKEN"


def test_scopes(ted: TedServer) -> None:
    query = "publication-date>=20261101"
    latest, active, everything = (
        set(numbers(search(ted, query, scope=scope))) for scope in ("LATEST", "ACTIVE", "ALL")
    )
    assert latest == set(numbers(search(ted)))
    assert "778640-2026" in everything - active
    assert {"781905-2026", "785266-2026"} <= active


def test_only_latest_versions(ted: TedServer) -> None:
    ted.today = date(2026, 11, 23)
    query = "publication-date>=20261101"
    every, latest = (set(numbers(search(ted, query, onlyLatestVersions=only))) for only in (False, True))
    assert every - latest == {"781905-2026", "785210-2026"}


def test_a_thirteenth_request_in_a_second_is_too_many(ted: TedServer) -> None:
    answers = [ask(ted, SEARCH, "POST", {"query": "PD=20261120", "fields": ["PD"]}) for _ in range(13)]
    assert [answer.status for answer in answers] == [200] * 12 + [429]
    assert answers[-1].headers["Content-Type"] == "text/html"
    assert answers[-1].headers["Retry-After"] is None


def test_a_search_can_time_out_with_half_a_page(ted: TedServer) -> None:
    ted.time_out()
    late, whole = search(ted), search(ted)
    assert late["timedOut"] is True
    assert 0 < len(late["notices"]) < len(whole["notices"])
    assert whole["timedOut"] is False


# Faults and the log


def test_one_answer_can_be_made_to_fail(ted: TedServer) -> None:
    ted.fail("/packages/", with_=Fault(status=503, headers={"Retry-After": "7"}))
    broken, mended = ask(ted, "/packages/daily/202600225"), ask(ted, "/packages/daily/202600225")
    assert (broken.status, broken.headers["Retry-After"], mended.status) == (503, "7", 200)
    assert ask(ted, "/en/notice/791801-2026/xml").status == 200


def test_an_answer_can_be_cut_off(ted: TedServer) -> None:
    ted.fail("/packages/", with_=Fault(status=None, truncate=500))
    with pytest.raises(IncompleteRead):
        ask(ted, "/packages/daily/202600225").read()
    assert gzip.decompress(ask(ted, "/packages/daily/202600225").read())


def test_an_answer_can_come_late(ted: TedServer) -> None:
    ted.fail("/en/", with_=Fault(status=None, delay=0.2))
    begun = time.monotonic()
    assert ask(ted, "/en/notice/791801-2026/xml").status == 200
    assert time.monotonic() - begun >= 0.2


def test_every_request_is_on_record(ted: TedServer) -> None:
    search(ted)
    ask(ted, "/packages/daily/202600225")
    assert [(request.method, request.path) for request in ted.requests] == [
        ("POST", SEARCH),
        ("GET", "/packages/daily/202600225"),
    ]
    assert json.loads(ted.asked("/v3/")[0].body)["query"] == "publication-date=20261120"
    assert ted.requests[0].headers["user-agent"].startswith("Vestitor-tests/")


# The samples


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_a_sample_is_well_formed_and_small(path: Path) -> None:
    assert etree.parse(str(path)).getroot() is not None
    assert path.stat().st_size < 26_000


@pytest.mark.parametrize("path", EFORMS, ids=lambda path: path.stem)
def test_a_sample_marks_its_codes_and_ids_as_real_ones_do(path: Path) -> None:
    root = etree.parse(str(path)).getroot()
    codes = {
        etree.QName(node).localname: set(node.attrib) for node in root.iter("{*}*") if str(node.tag).endswith("Code")
    }
    assert codes.pop("SubTypeCode") == {"listName"}
    assert all("listName" in names for name, names in codes.items() if name not in ("RankCode", "PurposeCode"))
    schemes = {node.get("schemeName") for node in root.iter("{*}ID", "{*}NoticePublicationID", "{*}GazetteID")}
    assert {"notice-id", "ojs-notice-id", "ojs-id"} <= schemes
    assert f"{path.stem.replace('_', '-')}" == next(root.iter("{*}NoticePublicationID")).text


def test_the_sample_days() -> None:
    days = [re.search(r"PublicationDate>([\d-]{10})", path.read_text("utf-8")) for path in EFORMS]
    counts = [str(day[1]) for day in days if day]
    assert counts.count("2026-11-20") >= 10
    assert counts.count("2026-11-19") == 6
    assert {"2026-11-16", "2026-11-17", "2026-11-18", "2026-11-23"} < set(counts)


def test_no_sample_has_an_address_somebody_could_write_to() -> None:
    for path in SAMPLES.glob("*.xml"):
        for mail in re.findall(r"[\w.+-]+@[\w.-]+", path.read_text("utf-8")):
            assert re.search(r"[@.](example\.(org|com)|[\w-]+\.invalid)$", mail), (path.name, mail)


def test_samples_bring_contacts_that_must_not_be_kept() -> None:
    texts = " ".join(path.read_text("utf-8") for path in EFORMS)
    assert texts.count("ElectronicMail>") > 100
    assert "Persoana Inventata" in texts and "TouchPoint>" in texts and "UltimateBeneficialOwner>" in texts


@cache
def recorded_sentences() -> frozenset[str]:
    return frozenset(sentence for path in RECORDED.glob("*.xml") for sentence in sentences(path))


def sentences(path: Path) -> set[str]:
    """Pieces of text, forty characters or longer: shorter ones are what everybody writes."""
    texts = re.findall(r">([^<>]{40,})<", path.read_text("utf-8"))
    pieces = (piece for text in texts for piece in re.split(r"[.;:\n]", text))
    return {plain for piece in pieces if len(plain := " ".join(piece.split())) >= 40}


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded notices are not beside this checkout")
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_no_sample_is_copied_from_a_recorded_notice(path: Path) -> None:
    assert not sentences(path) & recorded_sentences()
