"""The independent reading of TED notices: right on small notices, and in line with the catalogue.

The small notices are written here; the 596 published ones are only read where they lie.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from tests.ted_truth import truth

_TED: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "ted"
_NOTICES: Final = _TED / "notices"
_CUT: Final = 150  # the catalogue cuts its list of further CPV codes after so many characters

needs_notices = pytest.mark.skipif(
    not _NOTICES.is_dir(),
    reason="the published TED notices (../shared/data/ted/notices) are not on this machine",
)

# --- small notices ----------------------------------------------------------------------------

_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_EU: Final = "http://data.europa.eu/p27/"


def _extension(content: str) -> str:
    return (
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><efext:EformsExtension>"
        f"{content}"
        "</efext:EformsExtension></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
    )


def _notice(body: str = "", *, extension: str = "", form: str = "competition", sub: str = "16") -> Any:
    """What the reading says of a notice with this body and these extension elements."""
    head = (
        "<efac:Publication><efbc:NoticePublicationID schemeName='ojs-notice-id'>00012345-2026"
        "</efbc:NoticePublicationID><efbc:PublicationDate>2026-03-09+01:00</efbc:PublicationDate>"
        f"</efac:Publication><efac:NoticeSubType><cbc:SubTypeCode>{sub}</cbc:SubTypeCode>"
        "</efac:NoticeSubType>"
    )
    xml = (
        f"<n:Notice xmlns:n='{_UBL}ContractNotice-2'"
        f" xmlns:cac='{_UBL}CommonAggregateComponents-2' xmlns:cbc='{_UBL}CommonBasicComponents-2'"
        f" xmlns:ext='{_UBL}CommonExtensionComponents-2'"
        f" xmlns:efext='{_EU}eforms-ubl-extensions/1'"
        f" xmlns:efac='{_EU}eforms-ubl-extension-aggregate-components/1'"
        f" xmlns:efbc='{_EU}eforms-ubl-extension-basic-components/1'>"
        f"{_extension(head + extension)}"
        f"<cbc:NoticeTypeCode listName='{form}'>any</cbc:NoticeTypeCode>"
        f"<cbc:NoticeLanguageCode>HUN</cbc:NoticeLanguageCode>{body}</n:Notice>"
    )
    return truth(xml.encode())


def _lot(name: str, content: str, scheme: str = "Lot") -> str:
    return (
        f"<cac:ProcurementProjectLot><cbc:ID schemeName='{scheme}'>{name}</cbc:ID>{content}</cac:ProcurementProjectLot>"
    )


def _project(content: str) -> str:
    return f"<cac:ProcurementProject>{content}</cac:ProcurementProject>"


def _process(content: str) -> str:
    return f"<cac:TenderingProcess>{content}</cac:TenderingProcess>"


def _terms(content: str) -> str:
    return f"<cac:TenderingTerms>{content}</cac:TenderingTerms>"


def _period(element: str, date: str, time: str = "") -> str:
    end = f"<cbc:EndTime>{time}</cbc:EndTime>" if time else ""
    return f"<{element}><cbc:EndDate>{date}</cbc:EndDate>{end}</{element}>"


def _estimate(amount: str, currency: str = "RON", maximum: str = "") -> str:
    framework = (
        _extension(f"<efbc:FrameworkMaximumAmount currencyID='{currency}'>{maximum}</efbc:FrameworkMaximumAmount>")
        if maximum
        else ""
    )
    stated = (
        f"<cbc:EstimatedOverallContractAmount currencyID='{currency}'>{amount}</cbc:EstimatedOverallContractAmount>"
    )
    return _project(f"<cac:RequestedTenderTotal>{framework}{stated}</cac:RequestedTenderTotal>")


def _names(**by_language: str) -> str:
    return "".join(f"<cbc:Name languageID='{language}'>{name}</cbc:Name>" for language, name in by_language.items())


def test_identity_and_date() -> None:
    said = _notice("<cbc:ContractFolderID>folder</cbc:ContractFolderID>")
    assert said["ref"] == "12345-2026"
    assert said["published"] == "2026-03-09"
    assert (said["form"], said["subtype"], said["procedure_id"]) == ("competition", "16", "folder")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"HUN": "magyar", "ENG": "english", "RON": " lucrări \n de  drum "}, "lucrări de drum"),
        ({"FRA": "français", "HUN": "magyar", "ENG": "english"}, "english"),
        ({"FRA": "français", "HUN": "magyar"}, "magyar"),
        ({"FRA": "français", "DEU": "deutsch"}, "français"),
        ({"RON": "  ", "FRA": "français"}, "français"),
        ({}, None),
    ],
)
def test_title_language(names: dict[str, str], expected: str | None) -> None:
    lot = _lot("LOT-0001", _project(_names(RON="titlul lotului")))
    assert _notice(_project(_names(**names)) + lot)["title"] == expected


def test_cpv_of_procedure_lots_and_parts() -> None:
    def classified(main: str, other: str) -> str:
        return _project(
            "<cac:MainCommodityClassification><cbc:ItemClassificationCode listName='cpv'>"
            f"{main}</cbc:ItemClassificationCode></cac:MainCommodityClassification>"
            "<cac:AdditionalCommodityClassification><cbc:ItemClassificationCode listName='cpv'>"
            f"{other}</cbc:ItemClassificationCode></cac:AdditionalCommodityClassification>"
        )

    body = classified("72000000", "72200000")
    body += _lot("LOT-0001", classified("48000000", "72200000"))
    body += _lot("PAR-0001", classified("30200000", "30210000"), "Part")
    body += _lot("GLO-0001", classified("99999999", "99999998"), "LotsGroup")
    said = _notice(body)
    assert said["cpv_main"] == "72000000"
    assert said["cpv"] == {"72000000", "72200000", "48000000", "30200000", "30210000"}


def test_deadline_has_the_dates_digits_and_the_times_own_offset() -> None:
    period = _period("cac:TenderSubmissionDeadlinePeriod", "2026-04-09+02:00", "12:00:00.1234567+01:00")
    said = _notice(_lot("LOT-0001", _process(period)))
    assert said["deadlines"] == {("submission", "LOT-0001", "2026-04-09T12:00:00+01:00")}


def test_each_role_of_deadline() -> None:
    interest = _period("efac:InterestExpressionReceptionPeriod", "2026-05-03Z", "10:00:00Z")
    first = _extension(interest) + _period("cac:AdditionalInformationRequestPeriod", "2026-05-01+03:00")
    second = _period("cac:ParticipationRequestReceptionPeriod", "2026-05-02+03:00", "09:30:00+03:00")
    said = _notice(_lot("LOT-0001", _process(first)) + _lot("LOT-0002", _process(second)))
    assert said["deadlines"] == {
        ("interest", "LOT-0001", "2026-05-03T10:00:00+00:00"),
        ("questions", "LOT-0001", "2026-05-01"),
        ("participation", "LOT-0002", "2026-05-02T09:30:00+03:00"),
    }


@pytest.mark.parametrize(
    ("scheme", "form", "counted"),
    [
        ("Lot", "competition", 1),
        ("Part", "planning", 1),
        ("Part", "competition", 0),
        ("LotsGroup", "competition", 0),
        ("LotsGroup", "planning", 0),
    ],
)
def test_whose_deadlines_count(scheme: str, form: str, counted: int) -> None:
    period = _period("cac:TenderSubmissionDeadlinePeriod", "2026-04-09+02:00", "12:00:00+02:00")
    said = _notice(_process(period) + _lot("X-0001", _process(period), scheme), form=form)
    assert len(said["deadlines"]) == counted


@pytest.mark.parametrize(
    ("procedure", "lots", "expected"),
    [
        (_estimate("100.50"), ["1"], (Decimal("100.50"), "RON")),
        ("", [_estimate("0.10"), _estimate("0.20")], (Decimal("0.30"), "RON")),
        ("", [_estimate("10"), _estimate("20", "EUR")], None),
        ("", [_estimate("10"), ""], None),
        ("", [_estimate("10"), _estimate("-1")], None),
        ("", [], None),
        (_estimate("-1"), [], None),
        (_estimate("70000", ""), [], None),
        (_estimate("5", "unpublished"), [], None),
        (_estimate("unpublished"), [], None),
    ],
)
def test_value(procedure: str, lots: list[str], expected: tuple[Decimal, str] | None) -> None:
    group = _lot("GLO-0001", _estimate("7"), "LotsGroup")
    numbered = "".join(_lot(f"LOT-{number:04}", lot) for number, lot in enumerate(lots, 1))
    assert _notice(procedure + numbered + group)["value"] == expected


def test_framework_maximum_is_apart_from_the_value() -> None:
    whole = _notice(_estimate("100", maximum="250") + _lot("LOT-0001", _estimate("1", maximum="9")))
    assert (whole["value"], whole["maximum"]) == ((Decimal(100), "RON"), (Decimal(250), "RON"))
    lots = _lot("LOT-0001", _estimate("1", maximum="9")) + _lot("LOT-0002", _estimate("1", maximum="8"))
    assert _notice(lots)["maximum"] == (Decimal(17), "RON")
    assert _notice(lots + _lot("LOT-0003", _estimate("1")))["maximum"] is None


def _organisation(kind: str, name: str, number: str) -> str:
    return (
        f"<efac:Organization><efac:{kind}><cac:PartyIdentification><cbc:ID>{name}</cbc:ID>"
        f"</cac:PartyIdentification><cac:PartyName>{_names(FRA='Ville', ENG=f'Town {number}')}"
        "</cac:PartyName><cac:PostalAddress><cbc:CityName>Cluj</cbc:CityName>"
        "<cbc:CountrySubentityCode>RO113</cbc:CountrySubentityCode>"
        "<cac:Country><cbc:IdentificationCode>ROU</cbc:IdentificationCode></cac:Country>"
        "</cac:PostalAddress><cac:PartyLegalEntity>"
        f"<cbc:CompanyID>{number}</cbc:CompanyID></cac:PartyLegalEntity></efac:{kind}>"
        "</efac:Organization>"
    )


@pytest.mark.parametrize("kind", ["Company", "TouchPoint"])
def test_buyer_is_the_first_contracting_party(kind: str) -> None:
    organisations = _organisation("Company", "ORG-0001", "1") + _organisation(kind, "ORG-0002", "2")
    party = (
        "<cac:ContractingParty><cac:Party><cac:PartyIdentification><cbc:ID>{}</cbc:ID>"
        "</cac:PartyIdentification></cac:Party></cac:ContractingParty>"
    )
    said = _notice(
        party.format("ORG-0002") + party.format("ORG-0001"),
        extension=f"<efac:Organizations>{organisations}</efac:Organizations>",
    )
    assert said["buyer"] == {
        "name": "Town 2",
        "id": "2",
        "country": "ROU",
        "nuts": "RO113",
        "city": "Cluj",
    }


def test_buyer_unknown() -> None:
    assert set(_notice()["buyer"].values()) == {None}


def test_places_of_procedure_lots_and_parts() -> None:
    def place(nuts: str, country: str) -> str:
        return _project(
            "<cac:RealizedLocation><cac:Address>"
            f"<cbc:CountrySubentityCode>{nuts}</cbc:CountrySubentityCode><cac:Country>"
            f"<cbc:IdentificationCode>{country}</cbc:IdentificationCode></cac:Country>"
            "</cac:Address></cac:RealizedLocation>"
        )

    body = place("RO113", "ROU") + _lot("LOT-0001", place("HU110", "HUN"))
    said = _notice(body + _lot("PAR-0001", place("BG411", "BGR"), "Part"))
    assert said["nuts"] == {"RO113", "HU110", "BG411"}
    assert said["place_countries"] == {"ROU", "HUN", "BGR"}


def _changed(*reasons: str) -> str:
    listed = "".join(
        f"<efac:ChangeReason><cbc:ReasonCode>{reason}</cbc:ReasonCode></efac:ChangeReason>" for reason in reasons
    )
    return (
        f"<efac:Changes><efbc:ChangedNoticeIdentifier>\n 5-2026 </efbc:ChangedNoticeIdentifier>{listed}</efac:Changes>"
    )


def _results(*codes: str) -> str:
    listed = "".join(
        f"<efac:LotResult><cbc:TenderResultCode>{code}</cbc:TenderResultCode></efac:LotResult>" for code in codes
    )
    return f"<efac:NoticeResult>{listed}</efac:NoticeResult>"


@pytest.mark.parametrize(
    ("form", "sub", "extension", "stage"),
    [
        ("planning", "4", "", "planned"),
        ("consultation", "E1", "", "consultation"),
        ("competition", "16", "", "open"),
        ("competition", "16", _changed("update-add"), "open"),
        ("competition", "16", _changed("update-add", "cancel"), "cancelled"),
        ("competition", "16", _changed("cancel-intent"), "open"),
        ("competition", "16", _changed("susp-review"), "suspended"),
        ("change", "23", _changed("cor-buy"), "open"),
        ("change", "7", "", "planned"),
        ("change", "29", _results("selec-w"), "awarded"),
        ("cont-modif", "38", "", "awarded"),
        ("dir-awa-pre", "25", _results(), "awarded"),
        ("result", "29", _results("clos-nw", "selec-w", "open-nw"), "awarded"),
        ("result", "29", _results("clos-nw", "clos-nw"), "cancelled"),
        ("result", "29", _results("clos-nw", "open-nw"), "closed"),
        ("result", "29", _results("open-nw"), "closed"),
        ("result", "29", _results("unpublished"), "closed"),
        ("result", "29", _results(), None),
    ],
)
def test_stage(form: str, sub: str, extension: str, stage: str | None) -> None:
    assert _notice(form=form, sub=sub, extension=extension)["stage"] == stage


def test_changed_notice_without_its_white_space() -> None:
    assert _notice(extension=_changed("cor-buy"))["changes"] == {"5-2026"}


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["no-eu-funds", "eu-funds"], True),
        (["no-eu-funds"], False),
        ([], None),
    ],
)
def test_eu_funds(codes: list[str], expected: bool | None) -> None:
    lots = "".join(
        _lot(
            f"LOT-{number:04}",
            _terms(
                f"<cbc:FundingProgramCode listName='eu-funded'>{code}</cbc:FundingProgramCode>"
                "<cbc:FundingProgramCode listName='eu-programme'>eu-funds</cbc:FundingProgramCode>"
            ),
        )
        for number, code in enumerate(codes, 1)
    )
    assert _notice(lots)["eu_funded"] is expected


def test_addresses_as_written() -> None:
    def document(kind: str, address: str) -> str:
        return (
            f"<cac:CallForTendersDocumentReference><cbc:DocumentType>{kind}</cbc:DocumentType>"
            f"<cac:Attachment><cac:ExternalReference><cbc:URI>{address}</cbc:URI>"
            "</cac:ExternalReference></cac:Attachment></cac:CallForTendersDocumentReference>"
        )

    terms = _terms(
        document("non-restricted-document", "https://a.example/?x=1&amp;y=2")
        + document("restricted-document", "www.b.example")
        + "<cac:TenderRecipientParty><cbc:EndpointID>https://c.example</cbc:EndpointID>"
        "</cac:TenderRecipientParty>"
    )
    said = _notice(_lot("LOT-0001", terms))
    assert said["documents"] == {"https://a.example/?x=1&y=2", "www.b.example"}
    assert said["submission"] == {"https://c.example"}


def test_number_of_lots() -> None:
    lots = _lot("LOT-0001", "") + _lot("LOT-0002", "")
    groups = _lot("GLO-0001", "", "LotsGroup")
    parts = _lot("PAR-0001", "", "Part")
    assert [_notice(body)["lots"] for body in (lots + groups, parts, "")] == [2, 1, 0]


@pytest.mark.parametrize(("code", "expected"), [("open", "open"), ("unpublished", None)])
def test_procedure(code: str, expected: str | None) -> None:
    assert _notice(_process(f"<cbc:ProcedureCode>{code}</cbc:ProcedureCode>"))["procedure"] == expected


def test_previous_notices_of_lots_and_of_the_procedure_are_apart() -> None:
    def referring(reference: str) -> str:
        return _process(f"<cac:NoticeDocumentReference><cbc:ID>{reference}</cbc:ID></cac:NoticeDocumentReference>")

    body = referring("1-2025") + _lot("LOT-0001", referring("00000002-2025"))
    said = _notice(body + _lot("PAR-0001", referring("3-2025"), "Part"))
    assert said["previous"] == {"00000002-2025", "3-2025"}
    assert said["previous_procedure"] == {"1-2025"}


# --- the published notices and their catalogue ------------------------------------------------

Row = dict[str, str]
Check = Callable[[Row, dict[str, Any]], bool]


@cache
def _published() -> list[tuple[Row, dict[str, Any]]]:
    with (_TED / "catalog.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [(row, truth((_NOTICES / f"{row['pub'].replace('-', '_')}.xml").read_bytes())) for row in rows]


def _dates(said: dict[str, Any]) -> set[tuple[str, str, str]]:
    """The deadlines to act by: a last day for questions is none."""
    return {deadline for deadline in said["deadlines"] if deadline[0] != "questions"}


def _further_cpv_agree(row: Row, said: dict[str, Any]) -> bool:
    """Exception: a list as long as the catalogue's limit is cut, its last code may be a stump."""
    codes = [code for code in row["cpv_other"].split(",") if code]
    further: set[str] = said["cpv"] - {said["cpv_main"]}
    if len(row["cpv_other"]) < _CUT:
        return set(codes) == further
    *whole, stump = codes
    return set(whole) < further and any(code.startswith(stump) for code in further)


def _lots_agree(row: Row, said: dict[str, Any]) -> bool:
    """Exception: the catalogue counts groups of lots among the lots."""
    if "lots-groups" in row["scenarios"].split():
        return bool(int(row["nlots"]) > said["lots"])
    return bool(int(row["nlots"]) == said["lots"])


def _stage_agrees(row: Row, said: dict[str, Any]) -> bool:
    results = set(row["result"].split(",")) - {""}
    if "change:cancel" in row["change"].split():
        return bool(said["stage"] == "cancelled")
    if row["form"] == "result":
        expected = "awarded" if "selec-w" in results else "closed"
        return bool(said["stage"] == ("cancelled" if results == {"clos-nw"} else expected))
    stages = {"planning": "planned", "competition": "open", "change": "open"}
    return bool(said["stage"] == stages.get(row["form"], "awarded"))


def _scenario(name: str, holds: Callable[[dict[str, Any]], bool]) -> Check:
    """A scenario of the catalogue holds exactly where the reading says so."""
    return lambda row, said: (name in row["scenarios"].split()) == holds(said)


def _kinds(said: dict[str, Any]) -> int:
    return len({role for role, _, _ in _dates(said)})


_CHECKS: Final[dict[str, Check]] = {
    "number": lambda row, said: row["pub"].lstrip("0") == said["ref"],
    "date": lambda row, said: row["pubdate"] == said["published"],
    "subtype": lambda row, said: row["subtype"] == said["subtype"],
    "form": lambda row, said: row["form"] == said["form"],
    "buyer's country": lambda row, said: row["buyer_country"] == said["buyer"]["country"],
    "main CPV": lambda row, said: row["cpv_main"] == said["cpv_main"],
    "further CPV": _further_cpv_agree,
    "lots": _lots_agree,
    "stage": _stage_agrees,
    "changed notice": lambda row, said: (
        bool(row["change"]) == (bool(said["changes"]) or "change-no-ref" in row["scenarios"])
    ),
    "EU funds": _scenario("eu-funds", lambda said: said["eu_funded"] is True),
    "call without deadline": _scenario(
        "competition-no-deadline", lambda said: said["form"] == "competition" and not _dates(said)
    ),
    "early information with deadline": _scenario(
        "planning-with-deadline", lambda said: said["form"] == "planning" and bool(_dates(said))
    ),
    "several deadlines": _scenario(
        "several-deadlines", lambda said: len({moment for _, _, moment in _dates(said)}) > 1
    ),
    "several kinds of deadline": _scenario("several-deadline-kinds", lambda said: _kinds(said) > 1),
    "Romanian place": _scenario("nuts-ro", lambda said: any(code.startswith("RO") for code in said["nuts"])),
}


@needs_notices
def test_every_notice_is_in_the_catalogue() -> None:
    assert {row["pub"].replace("-", "_") for row, _ in _published()} == {path.stem for path in _NOTICES.glob("*.xml")}


@needs_notices
@pytest.mark.parametrize("check", _CHECKS)
def test_catalogue_agrees(check: str) -> None:
    agrees = _CHECKS[check]
    assert [row["pub"] for row, said in _published() if not agrees(row, said)] == []


@needs_notices
def test_shapes() -> None:
    for _, said in _published():
        assert said["title"]
        assert said["buyer"]["name"]
        assert said["stage"]
        assert all(len(code) == 8 and code.isdigit() for code in said["cpv"])
        assert all(len(code) == 3 and code.isupper() for code in said["place_countries"])
        assert all(len(code) == 5 and code.isalnum() for code in said["nuts"])
        assert all(len(moment) in (10, 25) for _, _, moment in said["deadlines"])
