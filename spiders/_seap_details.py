"""What a notice's own answers add to its row: text, county, further codes, TED number, true deadlines. Pure.

Few of these answers were ever recorded whole, so their values are looked for by name at any depth, never by path.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.opportunity import unique
from pipeline.text import SUMMARY_MAX, clean, comma_below, cut
from spiders import _seap_values as values

_TEXTS = (
    "shortDescription", "contractDescription", "consultingDescription", "consultingIssues", "participationConditions",
    "contractRelatedConditions", "additionalInformation",
)  # fmt: skip
"""In the order they are read; of sections and lots `shortDescription`, the others of ADV and MC notices."""
_CPV = (
    "mainCpvCode",
    "mainCPVCode",
    "supplementaryCpvCode",
    "secondaryCpvCodes",
    "secondaryCPVCodes",
    "supplementaryCpvCodes",
)
_ADDRESSES = ("noticeEntityAddress", "noticeAddress", "caAddress", "address")
_PERSONAL = ("email", "phone", "fax", "mobile", "contact", "assigned", "attentionto", "user", "bank")

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """One address below `api-pub/`, and the body where it is asked by POST."""

    name: str
    path: str
    body: dict[str, Any] | None = None


def questions(prefix: str, row: Mapping[str, Any], answers: Answers) -> Iterator[Question]:
    """What to ask about a notice; `answers` fills while it is asked, the later questions need the earlier answers."""
    if prefix == "ADV":
        yield Question("view", f"PUBLICAdvNotice/getForView/{row['advNoticeId']}")
    elif prefix == "MC":
        yield Question("view", f"PUBLICMCNotice/getView/?id={row['mcNoticeId']}")
    elif prefix == "RFD" and isinstance(id := row.get("noticeId"), int):
        # the general answer holds only zeros for these, and this one takes the internal id
        yield Question("view", f"NoticeCommon/GetRfqInvitationSadView/?noticeId={id}")
    elif prefix not in ("PI", "RFD"):
        yield from _sections(row, answers)


def _sections(row: Mapping[str, Any], answers: Answers) -> Iterator[Question]:
    """`initNoticeId` and `noticeId` take the public id, whatever their names say."""
    id, type = row["cNoticeId"], row["sysNoticeTypeId"]
    yield Question("general", f"comboPub/getNoticeGeneralInfo/?sysNoticeTypeId={type}&noticeId={id}")
    yield Question("section1", f"NoticeCommon/GetSection1View/?initNoticeId={id}&sysNoticeTypeId={type}")
    if isinstance(file := answers.get("general", {}).get("dfNoticeId"), int) and file:
        where = f"initNoticeId={id}&sysNoticeTypeId={type}&dfNoticeId={file}"
        yield Question("section21", f"NoticeCommon/GetSection21View/?{where}")
    if row.get("errataNo") and isinstance(
        row.get("procedureId"), int
    ):  # the list's deadline may be the one before the correction
        yield Question("lots", f"PUBLICProcedure/GetProcedureLots/{row['procedureId']}", {})


def summary(answers: Answers) -> str | None:
    """The texts of all answers, each once, without contact data, up to 5,000 characters."""
    raw = (text for name in _TEXTS for text in found(answers, name) if isinstance(text, str))
    lines = unique(values.without_contacts(comma_below(clean(text, SUMMARY_MAX))) for text in raw)
    return cut(" ".join(line for line in lines if line), SUMMARY_MAX) or None


def seat(answers: Answers) -> tuple[str | None, str | None]:
    """NUTS 3 code of the authority's county, and its town."""
    for name in _ADDRESSES:
        for address in found(answers, name):
            if isinstance(address, dict):
                code = _county(address)
                town = address.get("city")
                return code, comma_below(clean(town, 200)) or None if isinstance(town, str) else None
    return None, None


def _county(address: dict[str, Any]) -> str | None:
    named = address.get("county")
    item = address.get("nutsCodeItem")
    code = values.nuts(item.get("text")) if isinstance(item, dict) else None
    return code or values.county(named.get("text") if isinstance(named, dict) else named)


def cpv(answers: Answers) -> tuple[str, ...]:
    """The codes of sections and lots, in whatever form they are written."""
    texts = (text for name in _CPV for value in found(answers, name) for text in _strings(value))
    return unique(code for text in texts if (code := values.cpv(text)))


def places(answers: Answers) -> tuple[str, ...]:
    """NUTS codes of where the work is done: those of sections and lots, not of addresses."""
    texts = (text for value in found(answers, "nutsCode", _ADDRESSES) for text in _strings(value))
    return unique(code for text in texts if (code := values.nuts(text)))


def eu_funded(answers: Answers) -> bool | None:
    """Whether any part says it has EU money; None where none says anything."""
    said = {value for value in found(answers, "isEUFunded") if isinstance(value, bool)}
    return True if True in said else False if said else None


def offer_deadlines(answers: Answers) -> tuple[Any, ...]:
    """The present deadline of each lot, as published."""
    return unique(value for value in found(answers.get("lots"), "offerDeadline") if isinstance(value, str))


def found(answers: Any, name: str, outside: tuple[str, ...] = ()) -> Iterator[Any]:
    """Every value called `name` at any depth that is not null, except below the keys `outside`."""
    if isinstance(answers, dict):
        for key, value in answers.items():
            if key == name and value is not None:
                yield value
            elif key not in outside:
                yield from found(value, name, outside)
    elif isinstance(answers, list):
        for value in answers:
            yield from found(value, name, outside)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (value[key] for key in ("localeKey", "text", "code") if isinstance(value.get(key), str))
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def redacted(value: Any) -> Any:
    """The same without keys that hold persons and their contact data, and with texts scrubbed."""
    if isinstance(value, dict):
        return {key: redacted(one) for key, one in value.items() if not _personal(key)}
    if isinstance(value, list):
        return [redacted(one) for one in value]
    return values.without_contacts(value) if isinstance(value, str) else value


def _personal(key: str) -> bool:
    return any(sign in key.lower() for sign in _PERSONAL)
