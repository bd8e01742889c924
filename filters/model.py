"""What staff may write in a file: a shared vocabulary (`Interest`) or one organisation (`Member`) with its rules."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from filters.applicants import Who
from filters.entries import Alternatives, Amount, Calls, Cpvs, Emails, Filled, Name, Places, Slug, Slugs, Terms
from filters.money import in_euro, read_amount
from filters.weekdays import Marks, Weekdays
from pipeline.config import DAYS
from pipeline.opportunity import LIVE, Kind, Model, Stage

DEFAULT_STAGES = (Stage.PLANNED, Stage.CONSULTATION, Stage.OPEN, Stage.SUSPENDED)
Priority = Literal["high", "normal", "low"]


class Names(Model):
    """A name in both languages."""

    ro: Name
    en: Name


class Subject(Model):
    """What something is about: any one of these is enough to be looked at."""

    any: Terms = ()
    title: Terms = ()
    cpv: Cpvs = ()
    programmes: Terms = ()
    calls: Calls = ()
    none: Terms = ()
    none_in_title: Terms = ()
    ignore: Terms = ()

    @property
    def looks_for(self) -> tuple[tuple[str, ...], ...]:
        """The lists that find something, as opposed to those that guard."""
        return (self.any, self.title, self.cpv, self.programmes, self.calls)


class Interest(Subject):
    """A shared vocabulary; its guards silence this interest only."""

    interest: Slug
    name: Names

    @model_validator(mode="after")
    def _finds(self) -> Self:
        if not any(self.looks_for):
            raise ValueError("looks for nothing; add `any`, `title`, `cpv`, `programmes` or `calls`")
        return self


class Sort(Model):
    """What an opportunity comes from: every list that stands here has its say."""

    cpv: Cpvs = ()
    main_cpv: Cpvs = ()
    programmes: Terms = ()
    calls: Calls = ()
    actions: Terms = ()
    buyers: Terms = ()
    sources: Slugs = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is asked."""
        return not any((self.cpv, self.main_cpv, self.programmes, self.calls, self.actions, self.buyers, self.sources))


class Range(Model):
    """A value between two amounts, in any currency the table knows."""

    min: Amount | None = None
    max: Amount | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        low, high = (in_euro(read_amount(text)) if text else None for text in (self.min, self.max))
        if low is None and high is None:
            raise ValueError("needs `min`, `max` or both: {min: 50 000 EUR}")
        if low is not None and high is not None and low > high:
            raise ValueError("`min` is more than `max`; swap them")
        return self


def _live(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    if not LIVE.intersection(stages):
        raise ValueError(f"nothing {stages[0]} is ever sent as new; choose among {', '.join(DEFAULT_STAGES)}")
    return stages


def _priority(value: Any) -> Any:
    """One word for the rule, or one for each interest."""
    words = value.values() if isinstance(value, dict) else [value]
    if wrong := [word for word in words if word not in get_args(Priority)]:
        raise ValueError(f"write high, normal or low, or one of them for each interest, not `{wrong[0]}`")
    return value


Stages = Annotated[tuple[Stage, ...], *Filled, AfterValidator(_live)]


class Rule(Subject):
    """One reason to be sent something: what it is about, and what must hold besides."""

    name: Name
    interests: Slugs = ()
    without: Slugs = ()
    buyers: Terms = ()
    all: Alternatives = ()
    only: Sort = Sort()
    never: Sort = Sort()
    prefer: Sort = Sort()
    kinds: Annotated[tuple[Kind, ...], *Filled] = ()
    stages: Stages = DEFAULT_STAGES
    places: Places = ()
    who: Annotated[tuple[Who | Literal["anyone"], ...], *Filled] = ()
    value: Range | None = None
    grant: Range | None = None
    min_days: Annotated[int, Field(ge=0, le=730)] = 0
    known: Annotated[tuple[Literal["value", "grant", "place", "deadline", "who"], ...], *Filled] = ()
    needs: Annotated[int, Field(ge=1, le=20)] = 4
    priority: Annotated[Priority | dict[Slug, Priority], BeforeValidator(_priority)] = "normal"

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if not any((*self.looks_for, self.interests, self.buyers, self.all)) and self.only.empty:
            raise ValueError(
                "asks for nothing; add `interests`, `any`, `title`, `cpv`, `programmes`, `calls` or `only`"
            )
        if self.without and not self.interests:
            raise ValueError("`without` takes words out of `interests`; there are none here")
        if strange := [name for name in self.priorities if name not in self.interests]:
            raise ValueError(f"`priority` names `{strange[0]}`, which is not among the rule's `interests`")
        self._refuse_idle()
        return self

    def _refuse_idle(self) -> None:
        """What says nothing as it stands."""
        limits = {"value": self.value, "grant": self.grant, "place": self.places, "deadline": self.min_days}
        for key in self.known:
            if key in limits and not limits[key]:
                raise ValueError(f"`known: {key}` says nothing without a limit; add one or remove it")
        if "anyone" in self.who and len(self.who) > 1:
            raise ValueError("`who: anyone` says all; remove the others, or remove `anyone`")

    @property
    def priorities(self) -> Mapping[str, Priority]:
        """The priority of each interest that has its own."""
        return self.priority if isinstance(self.priority, dict) else {}


def who_of(member: "Member", rule: Rule) -> tuple[Who, ...]:
    """As what the rule's calls must be open to the member: the rule's `who`, else what the member is; () for all."""
    asked = rule.who or ((member.organisation,) if member.organisation else ())
    return tuple(who for who in asked if who != "anyone")


def _some(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    if not rules:
        raise ValueError("is empty; a member without rules gets nothing")
    return rules


class Member(Model):
    """One organisation: who, where its mail goes, and the rules any one of which brings it an opportunity."""

    member: Slug
    name: Name
    language: Literal["ro", "en"]
    organisation: Who | None = None
    email: Emails
    confirmed: bool = False
    paused: bool = False
    digest: Weekdays = DAYS
    """The weekdays its digest comes on (`daily`, `weekly` or by name), but for days the office does not work."""
    urgent: bool = False
    """Whether what closes within 7 days is told on any working day, not only on those."""
    remind: Marks = (7,)
    """Days before a deadline at which it is told once more."""
    volume: Annotated[int, Field(ge=1, le=1000)] | None = None
    """New opportunities a week; None as `digest.volume` of config.yaml says."""
    none: Terms = ()
    none_in_title: Terms = ()
    never: Sort = Sort()
    prefer: Sort = Sort()
    rules: Annotated[tuple[Rule, ...], AfterValidator(_some)]

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [rule.name for rule in self.rules]
        if twice := next((name for i, name in enumerate(names) if name in names[:i]), None):
            raise ValueError(f"two rules are called `{twice}`; give each its own name")
        return self
