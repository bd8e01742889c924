"""One SEAP record (the row of a list, and what its own answers add) read into a Notice. Pure: no clock, no network.

Rules: unknown is None; SEAP writes 0 for a value it does not state; a record is edited in place as long as it lives,
so a Notice of it is living. The TED number of a contract notice stands in `continues` and `previous`, the name its
page has in a TED notice's BT-15 link (`c-notice/100990011`) and its own number in `names`, the authority's tax id in
`buyers`, written as TED's readers write it: whoever joins twins compares these. `procedure_id` keeps the life lines of
the two sources apart until then.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from pydantic import ValidationError

from pipeline.exceptions import UnreadableError
from pipeline.notice import Issue, Notice
from pipeline.opportunity import Deadline, Kind, Money, Opportunity, Organisation, Role, Stage, unique
from pipeline.text import TITLE_MAX, clean, comma_below
from spiders import _seap_details as details
from spiders import _seap_values as values
from spiders._seap_lists import ADVERTS, CONSULTATIONS, CONTRACTS, LISTINGS, PRIOR, page_of, prefix_of, route_name
from spiders._seap_stages import notice_stage, procedure_stage

_ROMANIA = "RO"
_NUMBER = re.compile(r"[A-Z]{0,6}\d{1,12}")


class Record(TypedDict):
    """What is kept of a notice so that it can be read again."""

    list: str
    row: dict[str, Any]
    published_by: str | None
    """A day by which it had been published (ISO): a row shows the day of its last change."""
    answers: dict[str, Any] | None
    """None where its own answers were not asked for or could not be had."""


def read_document(document: bytes) -> Notice:
    """A stored record read again; raises UnreadableError."""
    try:
        record = json.loads(document)
        return read_record(Record(**{key: record[key] for key in Record.__annotations__}))  # type: ignore[typeddict-item]
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableError("no-record", f"{type(error).__name__}: {error}") from None


def document(record: Record) -> bytes:
    """The record to be stored, without persons and contact data."""
    return json.dumps(details.redacted(dict(record)), ensure_ascii=False).encode(errors="replace")


def corrections(row: Mapping[str, Any]) -> int:
    """How many corrections a row counts; lists other than that of contract notices count none."""
    count = row.get("errataNo")
    return count if isinstance(count, int) and count > 0 else 0


def read_record(record: Record) -> Notice:
    """The notice in a record; raises UnreadableError for what has no number, type, state or title."""
    try:
        return _Reading(record).notice()
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        raise UnreadableError("bad-record", f"{'.'.join(map(str, found['loc']))}: {found['msg']}") from None


class _Reading:
    """One record while it is being read, and what was odd about it."""

    def __init__(self, record: Record) -> None:
        self.record, self.row = record, record["row"]
        self.list = LISTINGS[record["list"]]
        self.answers: Mapping[str, Any] = record["answers"] or {}
        self.issues: list[Issue] = []
        self.ref = self._number()
        self.prefix = self._prefix()

    def issue(self, code: str, detail: str) -> None:
        self.issues.append(Issue(code=code, detail=clean(detail, 200)))

    def notice(self) -> Notice:
        """All of it."""
        continues = self._continues()
        says = self._opportunity(continues)
        assert says.buyer is not None
        procedure = self.row.get("procedureId")
        return Notice(
            says=says,
            names=unique((self.ref, route_name(self.prefix, self._id()))),
            continues=continues,
            # An invitation within a dynamic system is a call of its own, whatever procedure it belongs to.
            procedure_id=f"seap:{procedure}" if isinstance(procedure, int) and self.prefix != "RFD" else None,
            buyers=values.buyer_keys(says.buyer.id, says.buyer.name),
            rolling=self.prefix == "CN" and next(details.found(self.answers, "isSAD"), False) is True,
            living=True,
            issues=tuple(self.issues),
        )

    def _opportunity(self, continues: tuple[str, ...]) -> Opportunity:
        value, maximum = self._value()
        return Opportunity(
            id=f"seap:{self.ref}",
            source="seap",
            ref=self.ref,
            notices=(self.ref,),
            kind=Kind.TENDER,
            stage=self._stage(),
            title=self._title(),
            language="ro",
            summary=details.summary(self.answers),
            url=page_of(self.prefix, self._id(), 1 if self.row.get("sysNoticeVersionId") == 1 else 2),
            buyer=self._buyer(),
            cpv=self._cpv(),
            nuts=details.places(self.answers),
            countries=(_ROMANIA,),
            value=value,
            maximum=maximum,
            published=self._published(),
            deadlines=self._deadlines(),
            eu_funded=details.eu_funded(self.answers),
            procedure=self._procedure(),
            previous=continues,
            errata=self._errata(),
        )

    # What it is

    def _number(self) -> str:
        number = self.row.get(self.list.number)
        if not isinstance(number, str) or not _NUMBER.fullmatch(number.strip()):
            raise UnreadableError("missing-number", f"{self.list.name} {self.row.get(self.list.id)}: {number!r}")
        return number.strip()

    def _prefix(self) -> str:
        prefix = prefix_of(self.list.name, self.row)
        if self.ref.rstrip("0123456789") not in (prefix, ""):  # five old notices have a bare number
            self.issue("type-and-number", f"{self.ref} is listed as {prefix}")
        return prefix

    def _id(self) -> int:
        id = self.row.get(self.list.id)
        if not isinstance(id, int):
            raise UnreadableError("missing-id", f"{self.ref}: {self.list.id} {id!r}")
        return id

    def _stage(self) -> Stage:
        """Consultations and prior information do not all tell their state; what is listed has been published."""
        if self.list is CONTRACTS:
            return procedure_stage(self.row)
        early = {CONSULTATIONS.name: Stage.CONSULTATION, PRIOR.name: Stage.PLANNED}.get(self.list.name)
        if early and self.row.get("sysNoticeState") is None:
            return early
        shown = notice_stage(self.row)
        return early if early and shown is Stage.OPEN else shown

    def _title(self) -> str:
        for name in ("contractTitle", "contractObject", "consultingObject", "title"):
            raw = self.row.get(name)
            if isinstance(raw, str) and (title := values.without_contacts(comma_below(clean(raw, TITLE_MAX)))):
                return title
        raise UnreadableError("missing-title", self.ref)

    def _procedure(self) -> str | None:
        for name in ("sysProcedureType", "sysAdvertisingNotice"):
            state = self.row.get(name)
            if isinstance(state, dict) and isinstance(state.get("text"), str):
                return comma_below(clean(state["text"])) or None
        return None

    # Who buys

    def _buyer(self) -> Organisation:
        raw = self.row.get("contractingAuthorityNameAndFN") or self.row.get("contractingAuthority")
        if not isinstance(raw, str) or not raw.strip():
            raise UnreadableError("missing-buyer", self.ref)
        id, name = values.authority(comma_below(clean(raw)))
        if id is None and self.list is not CONSULTATIONS:
            self.issue("missing-tax-id", raw)
        nuts, city = details.seat(self.answers)
        if self.answers and nuts is None:
            self.issue("missing-county", self.ref)
        return Organisation(name=name, id=id, country=_ROMANIA, nuts=nuts, city=city)

    # Codes and money

    def _cpv(self) -> tuple[str, ...]:
        raw = self.row.get("cpvCodeAndName") or self.row.get("cpvCode")
        main = values.cpv(raw)
        if main is None and (raw or self.list is CONTRACTS or self.list is ADVERTS):
            self.issue("bad-cpv", f"{raw!r}")
        return unique((*((main,) if main else ()), *details.cpv(self.answers)))

    def _value(self) -> tuple[Money | None, Money | None]:
        """The estimate; where only a span is published, its upper end as the maximum."""
        value = self._money("estimatedValueRon") or self._money("estimatedValue")
        return value, None if value else self._money("maxEstimatedValue")

    def _money(self, name: str) -> Money | None:
        try:
            return values.lei(self.row.get(name))
        except ValueError as error:
            self.issue("bad-amount", f"{name}: {error}")
            return None

    # Days

    def _published(self) -> dt.date | None:
        moment = self._instant(self.row.get(self.list.published), "published")
        if moment is None:
            self.issue("missing-published", self.ref)
        by = self.record["published_by"]
        days = (values.day(moment) if moment else None, dt.date.fromisoformat(by) if by else None)
        return min((day for day in days if day), default=None)

    def _deadlines(self) -> tuple[Deadline, ...]:
        raw: Iterable[Any] = details.offer_deadlines(self.answers)
        raw = raw or (self.row.get(name) for name in _DEADLINES)
        role = Role.CONSULTATION if self.list is CONSULTATIONS else Role.SUBMISSION
        moments = {moment for text in raw if (moment := self._instant(text, "deadline"))}
        return tuple(Deadline(at=moment, role=role) for moment in sorted(moments))

    def _instant(self, raw: Any, what: str) -> dt.datetime | None:
        if values.absent(raw):
            return None
        moment = values.instant(raw)
        if moment is None:
            self.issue(f"bad-{what}", f"{raw!r}")
        return moment

    def _errata(self) -> int | None:
        if self.record["answers"] is None:
            return None
        return corrections(self.row)

    def _continues(self) -> tuple[str, ...]:
        """The TED notice of the same procedure and the prior information it followed."""
        raw = next(details.found(self.answers, "tedNoticeNumber"), None)
        ted = values.ted_number(raw)
        if raw and ted is None:
            self.issue("bad-ted-number", f"{raw!r}")
        prior = next(details.found(self.answers, "piNoticeNumber"), None)
        return tuple(
            name for name in (ted, prior) if isinstance(name, str) and (name is ted or _NUMBER.fullmatch(name))
        )


_DEADLINES = ("minTenderReceiptDeadline", "maxTenderReceiptDeadline", "tenderReceiptDeadline", "consultingDeadline")
