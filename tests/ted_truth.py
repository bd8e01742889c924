"""What a TED eForms notice says, read by one compiled XPath a field.

An independent second reading, for the acceptance tests only: the product's reader uses another
technique, and where both agree neither is likely to be wrong.  The XPaths are those of the eForms
SDK 1.16 ``fields.json``; each function names the business term (BT-..) or the OP term (OPP-..)
it reads.  Every XPath starts at the root; nothing here walks the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from lxml import etree

Query = Callable[..., list[Any]]

_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_EU: Final = "http://data.europa.eu/p27/"
_NAMESPACES: Final = {
    "cac": f"{_UBL}CommonAggregateComponents-2",
    "cbc": f"{_UBL}CommonBasicComponents-2",
    "ext": f"{_UBL}CommonExtensionComponents-2",
    "efext": f"{_EU}eforms-ubl-extensions/1",
    "efac": f"{_EU}eforms-ubl-extension-aggregate-components/1",
    "efbc": f"{_EU}eforms-ubl-extension-basic-components/1",
}
_SHORTHANDS: Final = {
    "{ext}": "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/efext:EformsExtension",
    "{lot}": "cac:ProcurementProjectLot[cbc:ID/@schemeName='Lot']",
    "{part}": "cac:ProcurementProjectLot[cbc:ID/@schemeName='Part']",
    "{lot_or_part}": "cac:ProcurementProjectLot[cbc:ID[@schemeName='Lot' or @schemeName='Part']]",
    "{named_lot}": "cac:ProcurementProjectLot[normalize-space(cbc:ID)=$lot]",
    "{cpv}": "cbc:ItemClassificationCode[@listName='cpv']",
    "{place}": "cac:RealizedLocation/cac:Address",
    "{estimate}": ("cac:ProcurementProject/cac:RequestedTenderTotal/cbc:EstimatedOverallContractAmount"),
    "{total}": "cac:ProcurementProject/cac:RequestedTenderTotal",
    "{documents}": "cac:TenderingTerms/cac:CallForTendersDocumentReference",
    "{file}": "cac:Attachment/cac:ExternalReference/cbc:URI",
    "{buyer}": "cac:ContractingParty[1]/cac:Party/cac:PartyIdentification/cbc:ID",
}


def _xpath(expression: str) -> Query:
    """Compile an XPath of elements or attributes, its shorthands spelt out first."""
    for shorthand, path in _SHORTHANDS.items():
        expression = expression.replace(shorthand, path)
    return cast("Query", etree.XPath(expression, namespaces=_NAMESPACES))


def _organisation(path: str) -> Query:
    """OPT-300 -> OPT-200: a path below the Company or TouchPoint that bears the id ``$buyer``."""
    return _xpath(
        "/*/{ext}/efac:Organizations/efac:Organization/*[self::efac:Company or self::efac:TouchPoint]"
        f"[normalize-space(cac:PartyIdentification/cbc:ID)=$buyer]/{path}"
    )


_PUBLICATION: Final = _xpath("/*/{ext}/efac:Publication/efbc:NoticePublicationID")  # OPP-010
_PUBLISHED: Final = _xpath("/*/{ext}/efac:Publication/efbc:PublicationDate")  # OPP-012
_SUBTYPE: Final = _xpath("/*/{ext}/efac:NoticeSubType/cbc:SubTypeCode")  # OPP-070
_FORM: Final = _xpath("/*/cbc:NoticeTypeCode/@listName")  # BT-03
_LANGUAGE: Final = _xpath("/*/cbc:NoticeLanguageCode")  # BT-702(a)
_PROCEDURE_ID: Final = _xpath("/*/cbc:ContractFolderID")  # BT-04
_PROCEDURE: Final = _xpath("/*/cac:TenderingProcess/cbc:ProcedureCode")  # BT-105
_TITLE: Final = _xpath("/*/cac:ProcurementProject/cbc:Name")  # BT-21-Procedure
_CPV_MAIN: Final = _xpath(  # BT-262-Procedure
    "/*/cac:ProcurementProject/cac:MainCommodityClassification/{cpv}"
)
_CPV: Final = _xpath(  # BT-262 and BT-263 of the procedure, its lots and its parts
    "/*/cac:ProcurementProject/cac:MainCommodityClassification/{cpv}"
    "|/*/cac:ProcurementProject/cac:AdditionalCommodityClassification/{cpv}"
    "|/*/{lot_or_part}/cac:ProcurementProject/cac:MainCommodityClassification/{cpv}"
    "|/*/{lot_or_part}/cac:ProcurementProject/cac:AdditionalCommodityClassification/{cpv}"
)
_COUNTRIES: Final = _xpath(  # BT-5141
    "/*/cac:ProcurementProject/{place}/cac:Country/cbc:IdentificationCode"
    "|/*/{lot_or_part}/cac:ProcurementProject/{place}/cac:Country/cbc:IdentificationCode"
)
_NUTS: Final = _xpath(  # BT-5071
    "/*/cac:ProcurementProject/{place}/cbc:CountrySubentityCode"
    "|/*/{lot_or_part}/cac:ProcurementProject/{place}/cbc:CountrySubentityCode"
)
_LOTS: Final = _xpath("/*/{lot}/cbc:ID")  # BT-137-Lot
_PARTS: Final = _xpath("/*/{part}/cbc:ID")  # BT-137-Part
_VALUE: Final = _xpath("/*/{estimate}")  # BT-27-Procedure
_LOT_VALUES: Final = _xpath("/*/{lot}/{estimate}")  # BT-27-Lot
_MAXIMUM: Final = _xpath("/*/{total}/{ext}/efbc:FrameworkMaximumAmount")  # BT-271-Procedure
_LOT_MAXIMA: Final = _xpath("/*/{lot}/{total}/{ext}/efbc:FrameworkMaximumAmount")  # BT-271-Lot
_DOCUMENTS: Final = _xpath(  # BT-15 and BT-615, lots and parts
    "/*/{lot_or_part}/{documents}[cbc:DocumentType='non-restricted-document'"
    " or cbc:DocumentType='restricted-document']/{file}"
)
_SUBMISSION: Final = _xpath(  # BT-18
    "/*/{lot_or_part}/cac:TenderingTerms/cac:TenderRecipientParty/cbc:EndpointID"
)
_FUNDING: Final = _xpath(  # BT-60
    "/*/{lot}/cac:TenderingTerms/cbc:FundingProgramCode[@listName='eu-funded']"
)
_CHANGES: Final = _xpath("/*/{ext}/efac:Changes/efbc:ChangedNoticeIdentifier")  # BT-758
_REASONS: Final = _xpath("/*/{ext}/efac:Changes/efac:ChangeReason/cbc:ReasonCode")  # BT-140
_RESULTS: Final = _xpath(  # BT-142
    "/*/{ext}/efac:NoticeResult/efac:LotResult/cbc:TenderResultCode"
)
_PREVIOUS: Final = _xpath(  # BT-125(i), lots and parts
    "/*/{lot_or_part}/cac:TenderingProcess/cac:NoticeDocumentReference/cbc:ID"
)
_PREVIOUS_PROCEDURE: Final = _xpath(  # OPP-090-Procedure
    "/*/cac:TenderingProcess/cac:NoticeDocumentReference/cbc:ID"
)
_BUYER: Final = _xpath("/*/{buyer}")  # OPT-300-Procedure-Buyer
_BUYER_NAME: Final = _organisation("cac:PartyName/cbc:Name")  # BT-500
_BUYER_PARTS: Final = {
    "id": _organisation("cac:PartyLegalEntity/cbc:CompanyID"),  # BT-501
    "country": _organisation("cac:PostalAddress/cac:Country/cbc:IdentificationCode"),  # BT-514
    "nuts": _organisation("cac:PostalAddress/cbc:CountrySubentityCode"),  # BT-507
    "city": _organisation("cac:PostalAddress/cbc:CityName"),  # BT-513
}
_PERIODS: Final = {
    "submission": "cac:TenderSubmissionDeadlinePeriod",  # BT-131
    "participation": "cac:ParticipationRequestReceptionPeriod",  # BT-1311
    "interest": "{ext}/efac:InterestExpressionReceptionPeriod",  # BT-630
    "questions": "cac:AdditionalInformationRequestPeriod",  # BT-13
}
_DEADLINES: Final = {
    role: (
        _xpath(f"/*/{{named_lot}}/cac:TenderingProcess/{period}/cbc:EndDate"),
        _xpath(f"/*/{{named_lot}}/cac:TenderingProcess/{period}/cbc:EndTime"),
    )
    for role, period in _PERIODS.items()
}

#: The form a subtype belongs to (SDK ``notice-types.json``): the old form "change" hides it.
_FORM_OF_SUBTYPE: Final = {
    **dict.fromkeys(["1", "2", "3", "4", "5", "6", "7", "8", "9", "T01", "E2"], "planning"),
    "E1": "consultation",
    **dict.fromkeys([str(number) for number in range(10, 25)] + ["CEI", "E3"], "competition"),
    **dict.fromkeys(["25", "26", "27", "28"], "dir-awa-pre"),
    **dict.fromkeys([str(number) for number in range(29, 38)] + ["T02", "E4"], "result"),
    **dict.fromkeys(["38", "39", "40", "E6"], "cont-modif"),
}
_STAGE_OF_FORM: Final = {
    "planning": "planned",
    "consultation": "consultation",
    "competition": "open",
    "cont-modif": "awarded",
    "dir-awa-pre": "awarded",
}


def _collapsed(text: str | None) -> str:
    return " ".join((text or "").split())


def _texts(nodes: Iterable[Any]) -> list[str]:
    """The texts of elements or attributes, outer whitespace off, empty ones left out."""
    texts = [(node if isinstance(node, str) else node.text or "").strip() for node in nodes]
    return [text for text in texts if text]


def _first(nodes: Iterable[Any]) -> str | None:
    """The first text; ``unpublished`` is how TED writes a withheld code (BT-195 to BT-198)."""
    text = next(iter(_texts(nodes)), None)
    return None if text == "unpublished" else text


def _in_best_language(nodes: Iterable[Any], own: str | None) -> str | None:
    """One text of several languages: Romanian, English, the notice's own, else the first."""
    texts: dict[str | None, str] = {}
    for node in nodes:
        if text := _collapsed(node.text):
            texts.setdefault(node.get("languageID"), text)
    ranked = [texts[language] for language in ("RON", "ENG", own) if language in texts]
    return next(iter([*ranked, *texts.values()]), None)


def _reference(published_id: str) -> str:
    """OPP-010 is padded to eight digits in the XML and not in links or the search API."""
    return published_id.lstrip("0")


def _amount(node: Any) -> tuple[Decimal, str] | None:
    """An amount with its currency; -1 and ``unpublished`` are how TED writes a withheld one."""
    currency = (node.get("currencyID") or "").strip()
    try:
        amount = Decimal((node.text or "").strip())
    except InvalidOperation:
        return None
    if amount < 0 or currency in ("", "unpublished"):
        return None
    return amount, currency


def _money(whole: list[Any], of_lots: list[Any], lots: int) -> tuple[Decimal, str] | None:
    """The procedure's amount; else the lots' sum, if every lot states one in one currency."""
    if whole and (stated := _amount(whole[0])):
        return stated
    amounts = [amount for amount in map(_amount, of_lots) if amount]
    currencies = {currency for _, currency in amounts}
    if lots and len(amounts) == lots and len(currencies) == 1:
        return sum((amount for amount, _ in amounts), Decimal(0)), currencies.pop()
    return None


def _moment(date: str, time: str | None) -> str:
    """The date's digits with the time and the time's own offset: OP's own RDF joins them so.

    The two offsets differ in some notices ("2024-04-09+02:00", "12:00:00+01:00"); seconds come
    with up to nine decimals.
    """
    if time is None:
        return date[:10]
    return datetime.fromisoformat(f"{date[:10]}T{time}").replace(microsecond=0).isoformat()


def _deadlines(root: Any, lots: list[str]) -> set[tuple[str, str, str]]:
    found = set()
    for lot in lots:
        for role, (date_path, time_path) in _DEADLINES.items():
            if date := _first(date_path(root, lot=lot)):
                found.add((role, lot, _moment(date, _first(time_path(root, lot=lot)))))
    return found


def _result_stage(codes: set[str]) -> str | None:
    """BT-142: ``selec-w`` a winner, ``clos-nw`` closed without one, ``open-nw`` not decided."""
    if "selec-w" in codes:
        return "awarded"
    if codes == {"clos-nw"}:
        return "cancelled"
    return "closed" if codes else None


def _stage(form: str, subtype: str, reasons: set[str], results: set[str]) -> str | None:
    """How far the procedure is: a change's reason (BT-140) weighs more than the form (BT-03)."""
    if "cancel" in reasons:
        return "cancelled"
    if "susp-review" in reasons:
        return "suspended"
    if form == "change":
        form = _FORM_OF_SUBTYPE.get(subtype, "")
    return _result_stage(results) if form == "result" else _STAGE_OF_FORM.get(form)


def _eu_funded(codes: set[str]) -> bool | None:
    """BT-60 stands at lots only; one funded lot makes the procedure funded."""
    if "eu-funds" in codes:
        return True
    return False if "no-eu-funds" in codes else None


def _buyer(root: Any, language: str | None) -> dict[str, str | None]:
    """The first buyer (OPT-300), as efac:Organizations describes it."""
    buyer = _first(_BUYER(root)) or ""
    described = {part: _first(path(root, buyer=buyer)) for part, path in _BUYER_PARTS.items()}
    return {"name": _in_best_language(_BUYER_NAME(root, buyer=buyer), language), **described}


def truth(xml: bytes) -> dict[str, Any]:
    """All the facts the acceptance tests compare, from one notice's XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root: Any = etree.fromstring(xml, parser)
    language = _first(_LANGUAGE(root))
    form, subtype = _first(_FORM(root)) or "", _first(_SUBTYPE(root)) or ""
    lots, parts = _texts(_LOTS(root)), _texts(_PARTS(root))
    dated = lots + (parts if form == "planning" else [])
    return {
        "ref": _reference(_first(_PUBLICATION(root)) or ""),
        "published": (_first(_PUBLISHED(root)) or "")[:10],
        "subtype": subtype,
        "form": form,
        "title": _in_best_language(_TITLE(root), language),
        "cpv_main": _first(_CPV_MAIN(root)),
        "cpv": set(_texts(_CPV(root))),
        "deadlines": _deadlines(root, dated),
        "value": _money(_VALUE(root), _LOT_VALUES(root), len(lots)),
        "maximum": _money(_MAXIMUM(root), _LOT_MAXIMA(root), len(lots)),
        "buyer": _buyer(root, language),
        "place_countries": set(_texts(_COUNTRIES(root))),
        "nuts": set(_texts(_NUTS(root))),
        "stage": _stage(form, subtype, set(_texts(_REASONS(root))), set(_texts(_RESULTS(root)))),
        "eu_funded": _eu_funded(set(_texts(_FUNDING(root)))),
        "documents": set(_texts(_DOCUMENTS(root))),
        "submission": set(_texts(_SUBMISSION(root))),
        "lots": len(lots) or len(parts),
        "procedure": _first(_PROCEDURE(root)),
        "procedure_id": _first(_PROCEDURE_ID(root)),
        "changes": set(_texts(_CHANGES(root))),
        "previous": set(_texts(_PREVIOUS(root))),
        "previous_procedure": set(_texts(_PREVIOUS_PROCEDURE(root))),
    }
