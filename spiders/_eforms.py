"""One eForms notice (TED XML) read into a Notice. Pure: bytes in, Notice out; no clock, no network.

Rules: title and text in Romanian, else English, else the notice's own language; each lot's deadline is the digits of
its date joined with its time in the time's own offset (date and time offsets disagree in 2 % of notices, and the
Publications Office reads them so); contact persons, e-mails and telephones are left behind.
"""

from typing import cast

from lxml import etree

from pipeline.exceptions import RefusedError, UnreadableError
from pipeline.notice import Form, Notice, Outcome
from pipeline.opportunity import Kind, Opportunity, Stage, unique
from pipeline.text import without_contacts
from spiders._eforms_parts import WITHHELD, Reading, text
from spiders._eforms_paths import NOTICE, PREFIXES
from spiders._trie import Found, collect

_PARSER = etree.XMLParser(
    remove_comments=True,
    remove_pis=True,
    remove_blank_text=True,
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    collect_ids=False,
)
PAGE = "https://ted.europa.eu/en/notice/-/detail/{ref}"
"""The page a member opens; TED forwards it to the reader's language."""

PLANNING = frozenset({"1", "2", "3", "4", "5", "6", "7", "8", "9", "T01", "E2"})
CONSULTATION = frozenset({"E1"})
COMPETITION = frozenset(map(str, range(10, 25))) | {"CEI", "E3"}
DIRECT = frozenset({"25", "26", "27", "28"})
RESULT = frozenset(map(str, range(29, 38))) | {"T02", "E4"}
AFTER = frozenset({"38", "39", "40", "E5", "E6"})
"""Contract modifications and completions: the contract is awarded."""
_STAGES = (
    dict.fromkeys(PLANNING, Stage.PLANNED)
    | dict.fromkeys(CONSULTATION, Stage.CONSULTATION)
    | dict.fromkeys(COMPETITION, Stage.OPEN)
    | dict.fromkeys(DIRECT | AFTER, Stage.AWARDED)
)
_OUTCOMES = {"selec-w": Outcome.AWARDED, "clos-nw": Outcome.CANCELLED, "open-nw": Outcome.UNDECIDED}
_REFUSED_ROOTS = {
    "TED_EXPORT": "legacy TED_EXPORT notice (before eForms)",
    "BusinessRegistrationInformationNotice": "business registration notice (X01, X02): no procurement",
}
_REASONS = {"cancel": Stage.CANCELLED, "susp-review": Stage.SUSPENDED}
_KNOWN_REASONS = {"update-add", "cor-buy", "cor-pub", "cor-esen", "info-release", "cancel-intent", *_REASONS}


def read_notice(xml: bytes) -> Notice:
    """The notice in `xml`; raises RefusedError for kinds that are no procurement, UnreadableError for broken ones."""
    return read_root(parse(xml))


def parse(xml: bytes) -> etree._Element:
    """The root element, without entities or document types; raises UnreadableError."""
    try:
        root = etree.fromstring(xml, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("not-xml", str(error)[:200]) from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise UnreadableError("doctype", "the document declares a DTD, which no notice does")
    return root


def read_root(root: etree._Element) -> Notice:
    """The notice below a parsed root; raises as `read_notice` does."""
    local = etree.QName(root).localname
    if local in _REFUSED_ROOTS:
        raise RefusedError(local, _REFUSED_ROOTS[local])
    found = collect(root, NOTICE.below, {})
    subtype = text(found, "subtype")
    if subtype in ("X01", "X02"):
        raise RefusedError(
            "BusinessRegistrationInformationNotice", _REFUSED_ROOTS["BusinessRegistrationInformationNotice"]
        )
    if subtype not in _STAGES and subtype not in RESULT:
        raise UnreadableError("unknown-subtype", f"notice subtype {subtype or '(none)'} in {local}")
    return _notice(Reading(found, subtype))


def _notice(reading: Reading) -> Notice:
    found = reading.found
    results = _results(reading)
    says = _opportunity(reading, _stage(reading, results))
    return Notice(
        says=says,
        form=_form(reading),
        sent=reading.instant(text(found, "sent_date"), text(found, "sent_time"), "sent"),
        names=unique((says.ref, *_uuid_names(reading))),
        changes=reading.changes,
        continues=reading.continues,
        procedure_id=text(found, "procedure_id") or None,
        buyers=reading.buyer_keys,
        results=results,
        rolling=reading.subtype == "15" or reading.rolling,
        issues=tuple(reading.issues),
    )


def _opportunity(reading: Reading, stage: Stage) -> Opportunity:
    ref = reading.ref
    title, language = reading.title
    buyers = reading.buyers
    return Opportunity(
        id=f"ted:{ref}",
        source="ted",
        ref=ref,
        notices=(ref,),
        kind=Kind.TENDER,
        stage=stage,
        title=title,
        language=language,
        summary=reading.summary,
        url=PAGE.format(ref=ref),
        links=reading.links,
        buyer=buyers[0] if buyers else None,
        co_buyers=buyers[1:],
        cpv=reading.cpv,
        nuts=reading.nuts,
        countries=reading.countries,
        value=reading.value,
        maximum=reading.maximum,
        lots=reading.lots,
        published=reading.published,
        opens=reading.day(text(reading.found, "planned"), "planned"),
        deadlines=reading.deadlines,
        eu_funded=reading.eu_funded,
        procedure=text(reading.found, "procedure") or None,
        previous=unique((*reading.changes, *reading.continues)),
    )


def _form(reading: Reading) -> Form:
    if reading.subtype in RESULT | DIRECT | AFTER:
        return Form.ENDS
    old_corrigendum = "change" in dict(reading.found.get("form", ()))
    return Form.CHANGES if "change" in reading.found or old_corrigendum else Form.ANNOUNCES


def _stage(reading: Reading, results: dict[str, Outcome]) -> Stage:
    for reason in reading.reasons:
        if reason in _REASONS:
            return _REASONS[reason]
        if reason not in _KNOWN_REASONS:
            reading.issue("unknown-change-reason", reason)
    if reading.subtype in _STAGES:
        return _STAGES[reading.subtype]
    return stage_of(results)


def stage_of(results: dict[str, Outcome]) -> Stage:
    """Awarded when any lot is; cancelled when every lot closed without a winner; else decided later: closed."""
    outcomes = set(results.values())
    if Outcome.AWARDED in outcomes:
        return Stage.AWARDED
    return Stage.CANCELLED if outcomes == {Outcome.CANCELLED} else Stage.CLOSED


def _results(reading: Reading) -> dict[str, Outcome]:
    if reading.subtype not in RESULT:  # modifications and direct awards list lots without saying what became of them
        return {}
    results: dict[str, Outcome] = {}
    for result in reading.found.get("result", ()):
        lot, outcome = text(result, "lot"), _outcome(reading, result)
        results[lot] = max(outcome, results.get(lot, outcome), key=_WEIGHT.__getitem__)
    return results


def _outcome(reading: Reading, result: Found) -> Outcome:
    """What became of a lot; where that is withheld (BT-195), a reason means no winner and a contract an award."""
    code = text(result, "outcome")
    if code in _OUTCOMES:
        return _OUTCOMES[code]
    if code != WITHHELD:
        reading.issue("unknown-result", code or "(none)")
    if "reason" in result:
        return Outcome.CANCELLED
    return Outcome.AWARDED if "contract" in reading.found else Outcome.UNDECIDED


_WEIGHT = {Outcome.UNDECIDED: 0, Outcome.CANCELLED: 1, Outcome.AWARDED: 2}


def _uuid_names(reading: Reading) -> tuple[str, ...]:
    notice_id = text(reading.found, "notice_id").lower()
    return (notice_id,) if notice_id else ()


def redacted(root: etree._Element) -> bytes:
    """The document without persons, contact data and the prose in which officials are listed, to be read again."""
    etree.strip_elements(root, *_PERSONAL, with_tail=False)
    for request in cast("list[etree._Element]", _QUALIFICATION(root)):
        cast("etree._Element", request.getparent()).remove(request)
    prose: str = etree.tostring(root, encoding="unicode", method="text")
    if without_contacts(prose) is prose:  # nothing to take out: the markup, four times as long, need not be searched
        return etree.tostring(root, encoding="utf-8")
    xml: str = etree.tostring(root, encoding="unicode")
    return without_contacts(xml).encode()


def _tags(prefix: str, names: str) -> list[str]:
    return [f"{{{PREFIXES[prefix]}}}{name}" for name in names.split()]


_PERSONAL = (
    _tags("cac", "Contact Person TechnicalCommitteePerson AppealTerms")
    + _tags("cbc", "Telephone Telefax ElectronicMail FirstName FamilyName JobTitle")
    + _tags("efac", "UltimateBeneficialOwner SelectionCriteria")
)
# Exclusion grounds and criteria are half of a notice, name officials in some (757543-2023) and are nothing we read.
_QUALIFICATION = etree.XPath(
    "//cac:TendererQualificationRequest[not(.//@listName = 'reserved-procurement')]", namespaces=dict(PREFIXES)
)
