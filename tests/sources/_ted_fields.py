"""The Search API's field names, each with where its value stands in the notice and the shape it has in an answer.

Facts: names verified by public clients 2026-08-05 to 2026-09-29, XPaths from eForms SDK 1.16. The real API knows some
1,830 names; every name not here is refused as it refuses a typo. Lot fields are flat lists: nothing says which lot an
entry belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from ._ted_shelf import Notice
from ._ted_titles import composed_title, links
from ._ted_values import (
    EXTENSION,
    Read,
    amount,
    child,
    distinct,
    find,
    many,
    measures,
    named,
    names,
    one,
    party_codes,
    party_names,
)

_LOT = "cac:ProcurementProjectLot[cbc:ID/@schemeName='Lot']"
_PART = "cac:ProcurementProjectLot[cbc:ID/@schemeName='Part']"
_PROJECT = "cac:ProcurementProject"
_PROJECTS = "(cac:ProcurementProject | cac:ProcurementProjectLot/cac:ProcurementProject)"
_PROCESS = f"{_LOT}/cac:TenderingProcess"
_TERMS = f"{_LOT}/cac:TenderingTerms"
_SYSTEM = f"{_PROCESS}/cac:ContractingSystem/cbc:ContractingSystemTypeCode"
_DOCUMENTS = f"{_TERMS}/cac:CallForTendersDocumentReference[cbc:DocumentType='non-restricted-document']"
_CPV = "cbc:ItemClassificationCode[@listName='cpv']"
_MAIN = f"{_PROJECT}/cac:MainCommodityClassification"
_PLACE = "cac:RealizedLocation/cac:Address"
_COUNTRY = "cac:Country/cbc:IdentificationCode"
_VALUE = "cac:RequestedTenderTotal/cbc:EstimatedOverallContractAmount"
_TOTAL = f"{EXTENSION}/efac:NoticeResult/cbc:TotalAmount"
_CHANGES = f"{EXTENSION}/efac:Changes"
_BUYER = "cac:ContractingParty/cac:Party/cac:PartyIdentification/cbc:ID"
_WINNER = f"{EXTENSION}/efac:NoticeResult/efac:TenderingParty/efac:Tenderer/cbc:ID"
_PERIODS = {
    "tender": f"{_PROCESS}/cac:TenderSubmissionDeadlinePeriod",
    "request": f"{_PROCESS}/cac:ParticipationRequestReceptionPeriod",
    "expressions": f"{_PROCESS}/{EXTENSION}/efac:InterestExpressionReceptionPeriod",
}
_QUESTIONS = f"{_PROCESS}/cac:AdditionalInformationRequestPeriod/cbc:EndDate"


@dataclass(frozen=True)
class Field:
    """`kind` decides what the query language can do with the field: date, number, cpv, code, id, text."""

    kind: str
    read: Read


def published(notice: Notice) -> str:
    """A date with Luxembourg's offset and no time, "2026-11-20+01:00": `date.fromisoformat` refuses it."""
    moment = datetime.combine(notice.day, time(), ZoneInfo("Europe/Luxembourg")).isoformat()
    return moment[:10] + moment[19:]


def all_deadlines(notice: Notice) -> list[str]:
    """Full datetimes of tenders, requests and expressions in one list: the time brings the offset."""
    periods = [period for xpath in _PERIODS.values() for period in find(notice, xpath)]
    return [f"{child(period, 'EndDate')[:10]}T{child(period, 'EndTime')}" for period in periods]


def _title(notice: Notice) -> dict[str, str]:
    wanted = ("buyer-country", "main-classification-proc", "title-proc")
    return composed_title(*(next(iter(values(notice, name)), "") for name in wanted))


FIELDS: dict[str, Field] = {
    "publication-number": Field("id", lambda notice: notice.number),
    "publication-date": Field("date", published),
    "ojs-number": Field("id", lambda notice: notice.issue),
    "notice-identifier": Field("id", lambda notice: notice.uuid),
    "notice-version": Field("id", lambda notice: notice.version),
    "procedure-identifier": Field("id", one("cbc:ContractFolderID")),
    "form-type": Field("code", one("cbc:NoticeTypeCode/@listName")),
    "notice-type": Field("code", one("cbc:NoticeTypeCode")),
    "notice-subtype": Field("code", one(f"{EXTENSION}/efac:NoticeSubType/cbc:SubTypeCode")),
    "notice-title": Field("text", _title),
    "title-proc": Field("text", named(f"{_PROJECT}/cbc:Name")),
    "description-proc": Field("text", named(f"{_PROJECT}/cbc:Description")),
    "title-lot": Field("text", names(f"{_LOT}/{_PROJECT}/cbc:Name")),
    "description-lot": Field("text", names(f"{_LOT}/{_PROJECT}/cbc:Description")),
    "title-part": Field("text", names(f"{_PART}/{_PROJECT}/cbc:Name")),
    "description-part": Field("text", names(f"{_PART}/{_PROJECT}/cbc:Description")),
    "identifier-lot": Field("id", many(f"{_LOT}/cbc:ID")),
    "buyer-name": Field("text", party_names(_BUYER, "cac:PartyName/cbc:Name")),
    "organisation-name-buyer": Field("text", party_names(_BUYER, "cac:PartyName/cbc:Name")),
    "buyer-city": Field("text", party_names(_BUYER, "cac:PostalAddress/cbc:CityName")),
    "buyer-country": Field("code", party_codes(_BUYER, f"cac:PostalAddress/{_COUNTRY}")),
    "winner-name": Field("text", party_names(_WINNER, "cac:PartyName/cbc:Name")),
    "main-activity": Field("code", many("cac:ContractingParty/cac:ContractingActivity/cbc:ActivityTypeCode")),
    "official-language": Field("code", many("cbc:NoticeLanguageCode | cac:AdditionalNoticeLanguage/cbc:ID")),
    "classification-cpv": Field("cpv", many(f"{_PROJECTS}/*/{_CPV}")),
    "main-classification-proc": Field("cpv", many(f"{_MAIN}/{_CPV}")),
    "main-classification-type-proc": Field("code", one(f"{_MAIN}/{_CPV}/@listName")),
    "additional-classification-proc": Field("cpv", many(f"{_PROJECT}/cac:AdditionalCommodityClassification/{_CPV}")),
    "contract-nature": Field("code", many(f"{_PROJECTS}/cbc:ProcurementTypeCode")),
    "contract-nature-main-proc": Field("code", one(f"{_PROJECT}/cbc:ProcurementTypeCode")),
    "procedure-type": Field("code", one("cac:TenderingProcess/cbc:ProcedureCode")),
    "place-of-performance": Field(
        "code", many(f"{_PROJECTS}/{_PLACE}/cbc:CountrySubentityCode | {_PROJECTS}/{_PLACE}/{_COUNTRY}")
    ),
    "place-of-performance-country-proc": Field("code", many(f"{_PROJECT}/{_PLACE}/{_COUNTRY}")),
    "place-of-performance-country-lot": Field("code", many(f"{_LOT}/{_PROJECT}/{_PLACE}/{_COUNTRY}")),
    "estimated-value-proc": Field("number", one(f"{_PROJECT}/{_VALUE}")),
    "estimated-value-cur-proc": Field("code", one(f"{_PROJECT}/{_VALUE}/@currencyID")),
    "estimated-value-lot": Field("number", many(f"{_LOT}/{_PROJECT}/{_VALUE}")),
    "estimated-value-cur-lot": Field("code", distinct(f"{_LOT}/{_PROJECT}/{_VALUE}/@currencyID")),
    "total-value": Field("number", amount(_TOTAL)),
    "total-value-cur": Field("code", many(f"{_TOTAL}/@currencyID")),
    "deadline-receipt-tender-date-lot": Field("date", many(f"{_PERIODS['tender']}/cbc:EndDate")),
    "deadline-receipt-tender-time-lot": Field("id", many(f"{_PERIODS['tender']}/cbc:EndTime")),
    "deadline-receipt-request-date-lot": Field("date", many(f"{_PERIODS['request']}/cbc:EndDate")),
    "deadline-receipt-request-time-lot": Field("id", many(f"{_PERIODS['request']}/cbc:EndTime")),
    "deadline-receipt-expressions-date-lot": Field("date", many(f"{_PERIODS['expressions']}/cbc:EndDate")),
    "deadline-receipt-expressions-time-lot": Field("id", many(f"{_PERIODS['expressions']}/cbc:EndTime")),
    "deadline-receipt-request": Field("date", all_deadlines),
    "deadline": Field("date", many(_QUESTIONS)),  # a different, earlier deadline (597197-2026): never the one it seems
    "deadline-date-lot": Field("date", many(_QUESTIONS)),
    "contract-duration-period-lot": Field("text", measures(f"{_LOT}/{_PROJECT}/cac:PlannedPeriod/cbc:DurationMeasure")),
    "document-url-lot": Field("id", many(f"{_DOCUMENTS}/cac:Attachment/cac:ExternalReference/cbc:URI")),
    "submission-url-lot": Field("id", many(f"{_TERMS}/cac:TenderRecipientParty/cbc:EndpointID")),
    "submission-language": Field("code", many(f"{_TERMS}/cac:Language/cbc:ID")),
    "framework-agreement-lot": Field("code", many(f"{_SYSTEM}[@listName='framework-agreement']")),
    "dps-usage-lot": Field("code", many(f"{_SYSTEM}[@listName='dps-usage']")),
    "change-notice-version-identifier": Field("id", one(f"{_CHANGES}/efbc:ChangedNoticeIdentifier")),
    "change-reason-code": Field("code", many(f"{_CHANGES}/efac:ChangeReason/cbc:ReasonCode")),
    "links": Field("id", lambda notice: links(notice.number, values(notice, "official-language"))),
}
_ALIASES = {
    "ND": "publication-number",
    "PD": "publication-date",
    "TI": "notice-title",
    "CY": "buyer-country",
    "PC": "classification-cpv",
    "DT": "deadline-receipt-request",
}
FIELDS |= {alias: FIELDS[name] for alias, name in _ALIASES.items()}


@cache
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
