"""Where eForms keeps what we read: UBL 2.3 with the EU's extensions, business terms (BT) of the eForms regulation.

Source: OP-TED/eForms-SDK fields.json (SDK 1.3 to 1.16), checked against notices published 2023-2026.
Prefixes in the documents vary; only namespaces count.
"""

from types import MappingProxyType

from spiders._trie import Table, trie

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_EU = "http://data.europa.eu/p27/eforms-ubl-extension"
PREFIXES = MappingProxyType(
    {
        "cac": _UBL + "CommonAggregateComponents-2",
        "cbc": _UBL + "CommonBasicComponents-2",
        "ext": _UBL + "CommonExtensionComponents-2",
        "efext": _EU + "s/1",
        "efac": _EU + "-aggregate-components/1",
        "efbc": _EU + "-basic-components/1",
    }
)
EXTENSION = "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/efext:EformsExtension"

PARTY_ID = f"{{{PREFIXES['cac']}}}PartyIdentification"
"""Holds the id (OPT-200) by which the notice calls a party; only the buyers' parties are read further."""

_PARTY: Table = {
    "name@languageID": "cac:PartyName/cbc:Name",  # BT-500
    "company_id": "cac:PartyLegalEntity/cbc:CompanyID",  # BT-501
    "city": "cac:PostalAddress/cbc:CityName",  # BT-513
    "nuts": "cac:PostalAddress/cbc:CountrySubentityCode",  # BT-507
    "country": "cac:PostalAddress/cac:Country/cbc:IdentificationCode",  # BT-514
}

PROJECT: Table = {
    "title@languageID": "cbc:Name",  # BT-21
    "description@languageID": "cbc:Description",  # BT-24
    "cpv_main": "cac:MainCommodityClassification/cbc:ItemClassificationCode",  # BT-262
    "cpv_more": "cac:AdditionalCommodityClassification/cbc:ItemClassificationCode",  # BT-263
    "value@currencyID": "cac:RequestedTenderTotal/cbc:EstimatedOverallContractAmount",  # BT-27
    "maximum@currencyID": f"cac:RequestedTenderTotal/{EXTENSION}/efbc:FrameworkMaximumAmount",  # BT-271
    "nuts": "cac:RealizedLocation/cac:Address/cbc:CountrySubentityCode",  # BT-5071
    "country": "cac:RealizedLocation/cac:Address/cac:Country/cbc:IdentificationCode",  # BT-5141
}

PERIOD: Table = {"date": "cbc:EndDate", "time": "cbc:EndTime"}

LOT: Table = {
    "id@schemeName": "cbc:ID",  # BT-137, its kind (Lot, Part, LotsGroup) in the attribute
    "project cac:ProcurementProject": PROJECT,
    "submission cac:TenderingProcess/cac:TenderSubmissionDeadlinePeriod": PERIOD,  # BT-131
    "participation cac:TenderingProcess/cac:ParticipationRequestReceptionPeriod": PERIOD,  # BT-1311
    f"interest cac:TenderingProcess/{EXTENSION}/efac:InterestExpressionReceptionPeriod": PERIOD,  # BT-630
    f"consultation cac:TenderingProcess/{EXTENSION}/efac:AnswerReceptionPeriod": PERIOD,  # BT-800, in E1
    "questions cac:TenderingProcess/cac:AdditionalInformationRequestPeriod": PERIOD,  # BT-13
    "previous": "cac:TenderingProcess/cac:NoticeDocumentReference/cbc:ID",  # BT-125
    "system@listName": "cac:TenderingProcess/cac:ContractingSystem/cbc:ContractingSystemTypeCode",  # BT-765, BT-766
    "documents": "cac:TenderingTerms/cac:CallForTendersDocumentReference/cac:Attachment/cac:ExternalReference/cbc:URI",
    "submit": "cac:TenderingTerms/cac:TenderRecipientParty/cbc:EndpointID",  # BT-18
    "funded@listName": "cac:TenderingTerms/cbc:FundingProgramCode",  # BT-60
}

PARTY = trie(_PARTY, PREFIXES)
NOTICE = trie(
    {
        "subtype": f"{EXTENSION}/efac:NoticeSubType/cbc:SubTypeCode",  # OPP-070
        "ref": f"{EXTENSION}/efac:Publication/efbc:NoticePublicationID",  # OPP-010
        "published": f"{EXTENSION}/efac:Publication/efbc:PublicationDate",  # OPP-012
        "party! 1": f"{EXTENSION}/efac:Organizations/efac:Organization/efac:Company",
        "party! 2": f"{EXTENSION}/efac:Organizations/efac:Organization/efac:TouchPoint",
        f"change {EXTENSION}/efac:Changes": {
            "changed": "efbc:ChangedNoticeIdentifier",  # BT-758
            "reason": "efac:ChangeReason/cbc:ReasonCode",  # BT-140
        },
        f"result {EXTENSION}/efac:NoticeResult/efac:LotResult": {
            "outcome": "cbc:TenderResultCode",  # BT-142
            "lot": "efac:TenderLot/cbc:ID",  # BT-13713
            "reason": "efac:DecisionReason/efbc:DecisionReasonCode",  # BT-144
        },
        "contract!": f"{EXTENSION}/efac:NoticeResult/efac:SettledContract",
        "notice_id": "cbc:ID",  # BT-701
        "version": "cbc:VersionID",  # BT-757
        "procedure_id": "cbc:ContractFolderID",  # BT-04
        "sent_date": "cbc:IssueDate",  # BT-05
        "sent_time": "cbc:IssueTime",
        "planned": "cbc:PlannedDate",  # BT-127
        "form@listName": "cbc:NoticeTypeCode",  # BT-02, the form (BT-03) in @listName
        "language": "cbc:NoticeLanguageCode",  # BT-702
        "buyer": "cac:ContractingParty/cac:Party/cac:PartyIdentification/cbc:ID",  # OPT-300
        "procedure": "cac:TenderingProcess/cbc:ProcedureCode",  # BT-105
        "previous": "cac:TenderingProcess/cac:NoticeDocumentReference/cbc:ID",  # BT-125 without lots
        "project cac:ProcurementProject": PROJECT,
        "lot cac:ProcurementProjectLot": LOT,
    },
    PREFIXES,
)
