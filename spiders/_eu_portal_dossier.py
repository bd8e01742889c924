"""All that the portal's channels have said of one opportunity: kept as the document beside its notice. Pure.

A channel that is silent in a run (a row lost while paging, an unchanged bulk file) keeps its last words, so nothing
vanishes and the two channels never take turns. Contact data is taken out before anything is kept.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

from pipeline.text import without_contacts
from spiders._eu_portal_codes import CASCADE, EUROPEAID, TENDER, TOPIC
from spiders._eu_portal_said import one, text

Channel = Literal["index", "announcement", "bulk", "details"]
Dossier = dict[str, Any]
"""`ref`, `kind`, one trimmed answer per channel, and in `lead` the channel whose dates moved last."""

INDEX_FIELDS = (
    "type", "identifier", "title", "callIdentifier", "callTitle", "status", "startDate", "deadlineDate",
    "deadlineModel", "typesOfAction", "frameworkProgramme", "keywords", "descriptionByte", "description",
    "topicConditions", "budgetOverview", "actions", "budget", "currency", "url", "projectAcronym", "projectName",
    "furtherInformation", "cftTimezone", "cftEXARegistrationDeadline", "cftPublicationDateEForm",
    "cftEstimatedTotalProcedureValue", "cftLeadContractingAuthorityCode", "cftContractNoticeLink", "mainCpv",
    "procedureType",
)  # fmt: skip
"""What is kept of a row."""
CHECKED_FIELDS = ("DATASOURCE", "language", "es_SortDate")
"""What is asked for besides, to check the answer."""
BULK_FIELDS = (
    "type", "identifier", "title", "callIdentifier", "callTitle", "status", "plannedOpeningDateLong",
    "publicationDateLong", "deadlineDatesLong", "deadlineModel", "actions", "topicActions", "frameworkProgramme",
    "keywords", "uuid", "descriptionTender", "url", "procedureType", "mainCpv",
    "additionalCpvs", "placesOfDeliveryOrPerformance",
)  # fmt: skip
DETAILS_FIELDS = ("description", "conditions", "budgetOverviewJSONItem", "keywords")
LANGUAGES = ("en", "ro")
"""Of several language copies the first of these is kept, else any."""


def index_ref(row: Mapping[str, Any]) -> str:
    """What a row of the index is about, whatever its language; "" for a row without identity.

    A cascade call's `identifier` and `callccm2Id` belong to its parent topic (280 calls shared 101 of them in 2026),
    so only the number in its reference tells it from its siblings.
    """
    meta = metadata(row)
    kind, reference = one(meta, "type"), text(row, "reference") or one(meta, "REFERENCE")
    language = text(row, "language") or one(meta, "language")
    if kind in (CASCADE, EUROPEAID):
        return reference[: -len(language)] if language and reference.lower().endswith(language) else reference
    if kind == TENDER:
        return one(meta, "identifier").rsplit("-", 1)[0] if _suffix(meta) else one(meta, "identifier")
    return one(meta, "identifier").upper()


def index_channel(row: Mapping[str, Any]) -> Channel:
    """A prior information notice is kept beside the contract notice of the same procedure."""
    return "announcement" if _suffix(metadata(row)) == "PIN" else "index"


def bulk_ref(record: Mapping[str, Any]) -> str:
    """What a record of the bulk file is about."""
    return text(record, "identifier").upper() if str(record.get("type")) == TOPIC else text(record, "uuid")


def _suffix(meta: Mapping[str, Any]) -> str:
    ending = one(meta, "identifier").rsplit("-", 1)[-1]
    return ending if one(meta, "type") == TENDER and ending in ("PIN", "CN", "EXA") else ""


def metadata(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a row; five of 1,339 cascade rows have them at the top level."""
    meta = row.get("metadata")
    return meta if isinstance(meta, dict) else row


def trimmed(fields: tuple[str, ...], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The fields we read, without empty ones and without contact data."""
    return {name: _clean(raw[name]) for name in fields if raw.get(name) not in (None, "", [], {})}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return without_contacts(value) if "@" in value or len(value) > 100 else value
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return {name: _clean(each) for name, each in value.items()} if isinstance(value, dict) else value


def packed(dossier: Dossier) -> bytes:
    """The document."""
    return json.dumps(dossier, ensure_ascii=False, separators=(",", ":")).encode()
