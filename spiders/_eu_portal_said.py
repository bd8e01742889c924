"""What each of the portal's three channels says of an opportunity, in one form. Pure.

The index wraps every value in a list of strings, with JSON inside some of them; the bulk file has numbers and
objects; `topicDetails` has objects where the index has JSON strings. Anything absent stays empty.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from spiders._eu_portal_codes import PROGRAMMES, TENDER

Json = Mapping[str, Any]


@dataclass(slots=True)
class Said:
    """The words of one channel, unread."""

    kind: str = ""
    title: str = ""
    identifier: str = ""
    call: str = ""
    call_title: str = ""
    status: str = ""
    opens: str = ""
    published: str = ""
    deadlines: tuple[str, ...] = ()
    zone: str = ""
    """IANA name of the zone a tender's wall clock stands in; "" in the bulk file, whose instants are true."""
    model: str = ""
    actions: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    description: str = ""
    conditions: str = ""
    overview: Json | None = None
    amount: str = ""
    currency: str = ""
    url: str = ""
    project: str = ""
    further: str = ""
    authority: str = ""
    procedure: str = ""
    cpv: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    ted: str = ""
    """Number of its notice in TED."""
    issues: list[tuple[str, str]] = field(default_factory=list)


def said_by_index(row: Json) -> Said:
    """A row of the search API."""
    said = Said(kind=one(row, "type"), zone=one(row, "cftTimezone"))
    said.title, said.identifier = one(row, "title"), one(row, "identifier")
    said.call, said.call_title = one(row, "callIdentifier"), one(row, "callTitle")
    said.status, said.opens = one(row, "status"), one(row, "startDate")
    said.published = one(row, "cftPublicationDateEForm") or (said.opens if said.kind != "1" else "")
    said.deadlines = every(row, "deadlineDate") or every(row, "cftEXARegistrationDeadline")
    said.model = one(row, "deadlineModel") or _procedure(_packed(row, "actions", said))
    said.actions = every(row, "typesOfAction")
    said.programmes = _programmes(every(row, "frameworkProgramme"), {}, said)
    said.keywords = _keywords(every(row, "keywords"), said)
    said.description = one(row, "descriptionByte") or one(row, "description")
    said.conditions = one(row, "topicConditions")
    said.overview = _object(_packed(row, "budgetOverview", said))
    said.amount, said.currency = _amount(row)
    said.url = one(row, "url")
    said.project = ": ".join(filter(None, unique_words(one(row, "projectAcronym"), one(row, "projectName"))))
    said.further = one(row, "furtherInformation")
    said.authority = _lead(_packed(row, "cftLeadContractingAuthorityCode", said))
    said.procedure, said.cpv = one(row, "procedureType"), every(row, "mainCpv")
    notice = _packed(row, "cftContractNoticeLink", said)
    said.ted = str(notice[0]) if isinstance(notice, list) and notice else ""
    return said


def said_by_bulk(record: Json) -> Said:
    """A record of `grantsTenders.json`."""
    said = Said(kind=str(record.get("type", "")))
    said.title, said.identifier = text(record, "title"), text(record, "identifier")
    said.call, said.call_title = text(record, "callIdentifier"), text(record, "callTitle")
    said.status = text(inside(record, "status"), "id")
    said.opens, said.published = text(record, "plannedOpeningDateLong"), text(record, "publicationDateLong")
    said.deadlines = tuple(map(str, items(record, "deadlineDatesLong")))
    said.model = text(inside(record, "deadlineModel"), "abbreviation") or _procedure(record.get("actions"))
    said.actions = tuple(text(action, "description") for action in objects(record, "topicActions"))
    programme = inside(record, "frameworkProgramme")
    label = {text(programme, "id"): text(programme, "description")}
    said.programmes = _programmes(tuple(filter(None, label)), label, said)
    said.keywords = tuple(map(str, items(record, "keywords")))
    said.description = text(record, "descriptionTender")
    said.url = text(record, "url") if said.kind == TENDER else ""
    said.procedure = text(record, "procedureType")  # contractingAuthority is a code ("DEVCO"), no name
    codes = [inside(record, "mainCpv"), *objects(record, "additionalCpvs")]
    said.cpv = tuple(text(code, "mainCode") for code in codes)
    said.places = tuple(map(str, items(record, "placesOfDeliveryOrPerformance")))
    return said


def said_by_details(details: Json) -> Said:
    """The `TopicDetails` of one topic: its text, conditions and budget."""
    said = Said(description=text(details, "description"), conditions=text(details, "conditions"))
    said.overview = _object(details.get("budgetOverviewJSONItem"))
    said.keywords = tuple(map(str, items(details, "keywords")))
    return said


def text(record: Json, name: str) -> str:
    """A value as text; "" where there is none."""
    value = record.get(name)
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


def inside(record: Json, name: str) -> Json:
    """The object of that name; an empty one where there is none."""
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def items(record: Json, name: str) -> list[Any]:
    """The list of that name; an empty one where there is none."""
    value = record.get(name)
    return value if isinstance(value, list) else []


def objects(record: Json, name: str) -> list[Json]:
    """The objects in the list of that name."""
    return [each for each in items(record, name) if isinstance(each, dict)]


def every(row: Json, name: str) -> tuple[str, ...]:
    """The values of an index field, which five of 1,339 rows have as a bare string."""
    value = row.get(name)
    values = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(word for each in values if (word := str(each).strip()))


def one(row: Json, name: str) -> str:
    """The first value of an index field, "" where there is none."""
    return next(iter(every(row, name)), "")


def unique_words(*words: str) -> tuple[str, ...]:
    """The words, each once."""
    return tuple(dict.fromkeys(words))


def _packed(row: Json, name: str, said: Said) -> Any:
    """The JSON inside a string."""
    raw = one(row, name)
    try:
        return json.loads(raw) if raw else None
    except (ValueError, RecursionError):
        said.issues.append(("unreadable-json", f"{name}: {raw[:80]}"))
        return None


def _object(value: Any) -> Json | None:
    return value if isinstance(value, dict) else None


def _procedure(actions: Any) -> str:
    """`submissionProcedure` of the first action that has one; `{}` in the bulk file since 2026."""
    stated = (text(inside(each, "submissionProcedure"), "abbreviation") for each in objects({"all": actions}, "all"))
    return next(filter(None, stated), "")


def _programmes(codes: tuple[str, ...], labels: Mapping[str, str], said: Said) -> tuple[str, ...]:
    for code in codes:
        if code not in PROGRAMMES:
            said.issues.append(("unknown-programme", f"{code} {labels.get(code, '')}".strip()))
    return tuple(filter(None, (PROGRAMMES.get(code) or labels.get(code) for code in codes)))


def _keywords(values: tuple[str, ...], said: Said) -> tuple[str, ...]:
    """The controlled words; the list starts with the identifiers themselves, and was one JSON string in 2023."""
    if len(values) == 1 and values[0].startswith("["):
        values = tuple(json.loads(values[0])) if re.fullmatch(r'\[("[^"\\]*",?\s*)*\]', values[0]) else ()
    own = {said.identifier.upper(), said.call.upper()}
    return tuple(word for word in values if word.upper() not in own)


def _amount(row: Json) -> tuple[str, str]:
    """Budget and currency: of a call ("450000", "EUR") or of a tender ("2400000 EUR")."""
    amount, _, currency = one(row, "cftEstimatedTotalProcedureValue").rpartition(" ")
    return (amount, currency) if amount else (one(row, "budget"), one(row, "currency"))


def _lead(authorities: Any) -> str:
    """The buyer; `caName` holds the title instead."""
    named = [each for each in objects({"all": authorities}, "all") if each.get("name")]
    lead = [each for each in named if each.get("isLeadAuthority")] or named
    return str(lead[0]["name"]) if lead else ""
