"""The Search API's field names and the shape each one's value really has, read from the notice's own XML.

Facts: shapes recorded 2026-08-05 to 2026-09-29 (the official specification's types are often wrong), XPaths from eForms SDK 1.16.
An absent value is an absent key. Lot fields are flat lists: nothing says which lot an entry belongs to.
The real API knows some 1,830 names; these are the ones public clients verified, and every other is refused as it refuses a typo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from ._ted_shelf import Notice
from ._ted_titles import composed_title, links

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_EFORMS = "http://data.europa.eu/p27/eforms-ubl-extension"
NAMESPACES = {
    "cac": f"{_UBL}CommonAggregateComponents-2",
    "cbc": f"{_UBL}CommonBasicComponents-2",
    "ext": f"{_UBL}CommonExtensionComponents-2",
    "efext": f"{_EFORMS}s/1",
    "efac": f"{_EFORMS}-aggregate-components/1",
    "efbc": f"{_EFORMS}-basic-components/1",
}
_E = "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/efext:EformsExtension"
_LOT = "cac:ProcurementProjectLot[cbc:ID/@schemeName='Lot']"
_PART = "cac:ProcurementProjectLot[cbc:ID/@schemeName='Part']"
_PROJECT = "cac:ProcurementProject"
_ANY_PROJECT = "(cac:ProcurementProject | cac:ProcurementProjectLot/cac:ProcurementProject)"
_PROCESS = f"{_LOT}/cac:TenderingProcess"
_TERMS = f"{_LOT}/cac:TenderingTerms"
_CPV = "cbc:ItemClassificationCode[@listName='cpv']"
_PLACE = "cac:RealizedLocation/cac:Address"
_COUNTRY = "cac:Country/cbc:IdentificationCode"
_VALUE = "cac:RequestedTenderTotal/cbc:EstimatedOverallContractAmount"
_ORGANISATION = f"{_E}/efac:Organizations/efac:Organization/*"
_PERIODS = {
    "tender": f"{_PROCESS}/cac:TenderSubmissionDeadlinePeriod",
    "request": f"{_PROCESS}/cac:ParticipationRequestReceptionPeriod",
    "expressions": f"{_PROCESS}/{_E}/efac:InterestExpressionReceptionPeriod",
}

Read = Callable[[Notice], object]


@dataclass(frozen=True)
class Field:
    """`kind` decides what the query language can do with the field: date, number, cpv, code, id, text."""

    kind: str
    read: Read


def _find(notice: Notice, xpath: str) -> list[Any]:
    found: Any = notice.root.xpath(xpath, namespaces=NAMESPACES)
    return list(found)


def _text(node: etree._Element | str) -> str:
    return node if isinstance(node, str) else (node.text or "")


def one(xpath: str) -> Read:
    """A plain string, the first one."""
    return lambda notice: next(map(_text, _find(notice, xpath)), None)


def many(xpath: str) -> Read:
    """A list, in document order, with the duplicates the real one has."""
    return lambda notice: [_text(node) for node in _find(notice, xpath)]


def named(xpath: str) -> Read:
    """{"ron": "text"}: keys are lower case."""
    return lambda notice: {_language(node): _text(node) for node in _find(notice, xpath)}


def names(xpath: str) -> Read:
    """{"ron": ["text", …]}: one entry a lot, or a buyer."""
    return lambda notice: _by_language(_find(notice, xpath))


def amounts(xpath: str) -> Read:
    def read(notice: Notice) -> object:
        found = [float(_text(node)) for node in _find(notice, xpath)]
        return None if not found else int(found[0]) if found[0].is_integer() else found[0]

    return read


def _by_language(nodes: list[etree._Element]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for node in nodes:
        texts.setdefault(_language(node), []).append(_text(node))
    return texts


def _language(node: etree._Element) -> str:
    return node.get("languageID", "mul").lower()


def _organisations(references: str, wanted: str) -> Callable[[Notice], list[etree._Element]]:
    """What stands at `wanted` in the organisations (or touch points) the notice refers to."""

    def find(notice: Notice) -> list[etree._Element]:
        ids = {_text(node) for node in _find(notice, references)}
        nodes = _find(notice, f"{_ORGANISATION}/{wanted}")
        return [node for node in nodes if ids & _ids_around(node)]

    return find


def _ids_around(node: etree._Element) -> set[str]:
    own = "ancestor::*[self::efac:Company or self::efac:TouchPoint][1]/cac:PartyIdentification/cbc:ID/text()"
    found: Any = node.xpath(own, namespaces=NAMESPACES)
    return set(map(str, found))


_BUYER = "cac:ContractingParty/cac:Party/cac:PartyIdentification/cbc:ID"
_WINNER = f"{_E}/efac:NoticeResult/efac:TenderingParty/efac:Tenderer/cbc:ID"
_buyer_names = _organisations(_BUYER, "cac:PartyName/cbc:Name")
_buyer_cities = _organisations(_BUYER, "cac:PostalAddress/cbc:CityName")
_buyer_countries = _organisations(_BUYER, f"cac:PostalAddress/{_COUNTRY}")
_winner_names = _organisations(_WINNER, "cac:PartyName/cbc:Name")


def published(day: date) -> str:
    """A date with Luxembourg's offset and no time, "2026-11-20+01:00": `date.fromisoformat` refuses it."""
    moment = datetime.combine(day, time(), ZoneInfo("Europe/Luxembourg")).isoformat()
    return moment[:10] + moment[19:]


def all_deadlines(notice: Notice) -> list[str]:
    """Full datetimes of tenders, requests and expressions in one list: the time brings the offset."""
    periods = [period for xpath in _PERIODS.values() for period in _find(notice, xpath)]
    return [f"{_child(period, 'EndDate')[:10]}T{_child(period, 'EndTime')}" for period in periods]


def _child(node: etree._Element, name: str) -> str:
    return node.findtext(f"cbc:{name}", default="", namespaces=NAMESPACES)


def _durations(notice: Notice) -> list[dict[str, str]]:
    nodes = _find(notice, f"{_LOT}/{_PROJECT}/cac:PlannedPeriod/cbc:DurationMeasure")
    return [{"value": _text(node), "unit": node.get("unitCode", "")} for node in nodes]


def _periods() -> Iterator[tuple[str, Field]]:
    for kind, xpath in _PERIODS.items():
        yield f"deadline-receipt-{kind}-date-lot", Field("date", many(f"{xpath}/cbc:EndDate"))
        yield f"deadline-receipt-{kind}-time-lot", Field("id", many(f"{xpath}/cbc:EndTime"))


_QUESTIONS = many(f"{_PROCESS}/cac:AdditionalInformationRequestPeriod/cbc:EndDate")

FIELDS: dict[str, Field] = {
    "publication-number": Field("id", lambda notice: notice.number),
    "publication-date": Field("date", lambda notice: published(notice.day)),
    "ojs-number": Field("id", lambda notice: notice.issue),
    "notice-identifier": Field("id", lambda notice: notice.uuid),
    "notice-version": Field("id", lambda notice: notice.version),
    "procedure-identifier": Field("id", one("cbc:ContractFolderID")),
    "form-type": Field("code", one("cbc:NoticeTypeCode/@listName")),
    "notice-type": Field("code", one("cbc:NoticeTypeCode")),
    "notice-subtype": Field("code", one(f"{_E}/efac:NoticeSubType/cbc:SubTypeCode")),
    "notice-title": Field("text", composed_title),
    "title-proc": Field("text", named(f"{_PROJECT}/cbc:Name")),
    "description-proc": Field("text", named(f"{_PROJECT}/cbc:Description")),
    "title-lot": Field("text", names(f"{_LOT}/{_PROJECT}/cbc:Name")),
    "description-lot": Field("text", names(f"{_LOT}/{_PROJECT}/cbc:Description")),
    "title-part": Field("text", names(f"{_PART}/{_PROJECT}/cbc:Name")),
    "description-part": Field("text", names(f"{_PART}/{_PROJECT}/cbc:Description")),
    "identifier-lot": Field("id", many(f"{_LOT}/cbc:ID")),
    "buyer-name": Field("text", lambda notice: _by_language(_buyer_names(notice))),
    "organisation-name-buyer": Field("text", lambda notice: _by_language(_buyer_names(notice))),
    "buyer-city": Field("text", lambda notice: _by_language(_buyer_cities(notice))),
    "buyer-country": Field("code", lambda notice: [_text(node) for node in _buyer_countries(notice)]),
    "winner-name": Field("text", lambda notice: _by_language(_winner_names(notice))),
    "main-activity": Field("code", many("cac:ContractingParty/cac:ContractingActivity/cbc:ActivityTypeCode")),
    "official-language": Field("code", many("cbc:NoticeLanguageCode | cac:AdditionalNoticeLanguage/cbc:ID")),
    "classification-cpv": Field("cpv", many(f"{_ANY_PROJECT}/*/{_CPV}")),
    "main-classification-proc": Field("cpv", many(f"{_PROJECT}/cac:MainCommodityClassification/{_CPV}")),
    "main-classification-type-proc": Field("code", one(f"{_PROJECT}/cac:MainCommodityClassification/*/@listName")),
    "additional-classification-proc": Field("cpv", many(f"{_PROJECT}/cac:AdditionalCommodityClassification/{_CPV}")),
    "contract-nature": Field("code", many(f"{_ANY_PROJECT}/cbc:ProcurementTypeCode")),
    "contract-nature-main-proc": Field("code", one(f"{_PROJECT}/cbc:ProcurementTypeCode")),
    "procedure-type": Field("code", one("cac:TenderingProcess/cbc:ProcedureCode")),
    "place-of-performance": Field(
        "code", many(f"{_ANY_PROJECT}/{_PLACE}/*[self::cbc:CountrySubentityCode] | {_ANY_PROJECT}/{_PLACE}/{_COUNTRY}")
    ),
    "place-of-performance-country-proc": Field("code", many(f"{_PROJECT}/{_PLACE}/{_COUNTRY}")),
    "place-of-performance-country-lot": Field("code", many(f"{_LOT}/{_PROJECT}/{_PLACE}/{_COUNTRY}")),
    "estimated-value-proc": Field("number", one(f"{_PROJECT}/{_VALUE}")),
    "estimated-value-cur-proc": Field("code", one(f"{_PROJECT}/{_VALUE}/@currencyID")),
    "estimated-value-lot": Field("number", many(f"{_LOT}/{_PROJECT}/{_VALUE}")),
    "estimated-value-cur-lot": Field(
        "code", lambda notice: sorted(set(_strings(many(f"{_LOT}/{_PROJECT}/{_VALUE}/@currencyID")(notice))))
    ),
    "total-value": Field("number", amounts(f"{_E}/efac:NoticeResult/cbc:TotalAmount")),
    "total-value-cur": Field("code", many(f"{_E}/efac:NoticeResult/cbc:TotalAmount/@currencyID")),
    **dict(_periods()),
    "deadline-receipt-request": Field("date", all_deadlines),
    "deadline": Field("date", _QUESTIONS),  # not the deadline it seems to be, but an earlier one
    "deadline-date-lot": Field("date", _QUESTIONS),
    "contract-duration-period-lot": Field("number", _durations),
    "document-url-lot": Field(
        "id",
        many(f"{_TERMS}/cac:CallForTendersDocumentReference[cbc:DocumentType='non-restricted-document']//cbc:URI"),
    ),
    "submission-url-lot": Field("id", many(f"{_TERMS}/cac:TenderRecipientParty/cbc:EndpointID")),
    "submission-language": Field("code", many(f"{_TERMS}/cac:Language/cbc:ID")),
    "framework-agreement-lot": Field(
        "code", many(f"{_PROCESS}/cac:ContractingSystem/*[@listName='framework-agreement']")
    ),
    "dps-usage-lot": Field("code", many(f"{_PROCESS}/cac:ContractingSystem/*[@listName='dps-usage']")),
    "change-notice-version-identifier": Field("id", one(f"{_E}/efac:Changes/efbc:ChangedNoticeIdentifier")),
    "change-reason-code": Field("code", many(f"{_E}/efac:Changes/efac:ChangeReason/cbc:ReasonCode")),
    "links": Field("id", links),
}
for _alias, _name in {
    "ND": "publication-number",
    "PD": "publication-date",
    "TI": "notice-title",
    "CY": "buyer-country",
    "PC": "classification-cpv",
    "DT": "deadline-receipt-request",
}.items():
    FIELDS[_alias] = FIELDS[_name]


@lru_cache(maxsize=None)
def value(notice: Notice, name: str) -> object:
    return FIELDS[name].read(notice)


def values(notice: Notice, name: str) -> list[str]:
    """Every single string of a field's value, whatever its shape: what a query compares with."""
    return _strings(value(notice, name))


def _strings(found: object) -> list[str]:
    if isinstance(found, dict):
        return [text for part in found.values() for text in _strings(part)]
    if isinstance(found, list):
        return [text for part in found for text in _strings(part)]
    return [] if found is None else [str(found)]
