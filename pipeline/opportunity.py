"""The opportunity: one frozen, strict model for tenders, calls and news.

Unknown is None (or empty), never a guess. Instants are aware and keep the offset they were published with, so the
published wall time can be shown; a date published without a time stays a date.
What we know *about* an opportunity (first seen, versions, matches) lives in the store, not here.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, model_validator

BRUSSELS = ZoneInfo("Europe/Brussels")
T = TypeVar("T")


class Kind(StrEnum):
    """What sort of thing it is."""

    TENDER = "tender"
    CALL = "call"
    NEWS = "news"


class Stage(StrEnum):
    """Where it is in its life; CLOSED is derived from the clock (see `Opportunity.at`) or declared by the source."""

    PLANNED = "planned"
    CONSULTATION = "consultation"
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    AWARDED = "awarded"
    CANCELLED = "cancelled"


LIVE = frozenset({Stage.PLANNED, Stage.CONSULTATION, Stage.OPEN, Stage.SUSPENDED})
"""Stages in which a member can still act or prepare."""


class Role(StrEnum):
    """What a deadline is for."""

    SUBMISSION = "submission"
    PARTICIPATION = "participation"
    INTEREST = "interest"
    QUESTIONS = "questions"
    CONSULTATION = "consultation"
    STAGE_1 = "stage 1"
    STAGE_2 = "stage 2"
    CUT_OFF = "cut-off"


Cpv = Annotated[str, Field(pattern=r"^\d{8}$")]
"""A code of the Common Procurement Vocabulary: 8 digits, no check digit."""
Nuts = Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z0-9]{0,3}$")]
"""A NUTS code of level 0 to 3, such as RO113."""
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2; Greece is GR (NUTS writes EL)."""
Text = Annotated[str, Field(min_length=1)]
Url = Annotated[str, Field(pattern=r"^https?://", max_length=2000)]


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)


class Model(BaseModel):
    """Frozen; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Money(Model):
    """An amount in a currency (ISO 4217), as published, without conversion."""

    amount: Annotated[Decimal, Field(ge=0, lt=10**15), PlainSerializer(_number, when_used="json")]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Organisation(Model):
    """A buyer or funder: an organisation, never a person; no contact data."""

    name: Text
    id: str | None = None
    country: Country | None = None
    nuts: Nuts | None = None
    city: str | None = None


class Link(Model):
    """A safe absolute http(s) address and what it leads to: documents, submission, notice ..."""

    url: Url
    role: str


class Lot(Model):
    """A part that can be bid for alone."""

    id: Text
    title: str | None = None
    cpv: tuple[Cpv, ...] = ()
    value: Money | None = None


class Deadline(Model):
    """Until when, for what: `at` (an aware instant in the published offset) or, where no time was given, `date`."""

    at: AwareDatetime | None = None
    date: dt.date | None = None
    role: Role = Role.SUBMISSION
    lot: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.at is None) == (self.date is None):
            raise ValueError("a deadline has either `at` (an instant with its offset) or `date`")
        return self

    @property
    def ends(self) -> dt.datetime:
        """The instant it ends; a bare date ends with its day in Brussels, the latest reading nobody loses by."""
        if self.at is not None:
            return self.at
        assert self.date is not None
        return dt.datetime.combine(self.date + dt.timedelta(days=1), dt.time(0), BRUSSELS)


class Opportunity(Model):
    """A tender, call or piece of news as its newest notice leaves it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+:\S+$")]
    """`source:first ref`: stable for the whole life line, taken from the first notice read."""
    source: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    ref: Text
    """The publisher's number of the newest notice."""
    notices: tuple[str, ...] = ()
    """All its numbers, in the order of publication."""
    kind: Kind
    stage: Stage
    title: Text
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    """Language of title and summary: ISO 639-1, or 639-3 where there is no shorter code."""
    summary: str | None = None
    url: Url | None = None
    links: tuple[Link, ...] = ()
    buyer: Organisation | None = None
    co_buyers: tuple[Organisation, ...] = ()
    funder: Organisation | None = None
    programme: str | None = None
    call: str | None = None
    parent: str | None = None
    """The topic whose project hands this call's money on; many calls share one, so it is nobody's identity."""
    action: str | None = None
    cpv: tuple[Cpv, ...] = ()
    """Main code first, then the others of the procedure and its lots."""
    nuts: tuple[Nuts, ...] = ()
    """Where the work is done."""
    countries: tuple[Country, ...] = ()
    """Where the work is done, else the buyer's; empty for a call open to many."""
    value: Money | None = None
    """Estimated value of the whole; the sum of the lots only where every lot states one in the same currency."""
    maximum: Money | None = None
    """Maximum of a framework agreement, where that was published."""
    lots: tuple[Lot, ...] = ()
    published: dt.date | None = None
    opens: AwareDatetime | dt.date | None = None
    deadlines: tuple[Deadline, ...] = ()
    eu_funded: bool | None = None
    procedure: str | None = None
    previous: tuple[str, ...] = ()
    """Refs this one says it continues or changes."""
    errata: Annotated[int, Field(ge=0)] | None = None
    """How many corrections its publisher had numbered when the notice was last read in full; None: not read in full."""
    keywords: tuple[str, ...] = ()
    status: str | None = None
    """The publisher's own word for where it stands, where `stage` is derived from its dates."""
    grant_min: Money | None = None
    """The least one project is meant to get, as published for this call alone."""
    grant_max: Money | None = None
    """The most one project is meant to get."""
    grants: Annotated[int, Field(ge=1)] | None = None
    """How many projects the publisher expects to fund."""
    value_shared: bool | None = None
    """Whether `value` may be that of the whole call, because its siblings state the same; None without a value."""
    time_assumed: bool | None = None
    """Whether the hour of the deadlines is the publisher's usual one, not one published with this call."""
    trl: Annotated[str, Field(pattern=r"^[1-9](-[1-9])?$")] | None = None
    """Technology readiness levels its text names, lowest to highest, such as 4-7."""
    eligible: str | None = None
    """The sentence that limits who may take part, in the publisher's words."""

    def at(self, now: dt.datetime) -> Self:
        """What is true at `now`: an open one whose last deadline has passed reads closed."""
        if self.stage is not Stage.OPEN or self.last_deadline is None or now < self.last_deadline.ends:
            return self
        return self.model_copy(update={"stage": Stage.CLOSED})

    @property
    def closing(self) -> tuple[Deadline, ...]:
        """The deadlines that end it, soonest first: all but those for questions."""
        if len(self.deadlines) == 1 and self.deadlines[0].role is not Role.QUESTIONS:
            return self.deadlines
        return tuple(sorted((d for d in self.deadlines if d.role is not Role.QUESTIONS), key=lambda d: d.ends))

    @property
    def last_deadline(self) -> Deadline | None:
        """The one after which nobody can come in any more: of a call in two stages the first one's, because only who
        passed it is asked for the second."""
        first = [deadline for deadline in self.closing if deadline.role is Role.STAGE_1]
        return (first or self.closing or (None,))[-1]

    def next_deadline(self, now: dt.datetime) -> Deadline | None:
        """The headline: the earliest that is still ahead at `now`; None when none is."""
        return next((d for d in self.closing if d.ends > now), None)

    def as_json(self) -> dict[str, Any]:
        """The exported form: ISO dates, plain numbers, null for unknown (see `vestitor schema`)."""
        return self.model_dump(mode="json")


def unique(values: Iterable[T]) -> tuple[T, ...]:
    """The values in order, each once."""
    return tuple(dict.fromkeys(values))
