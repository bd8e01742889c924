"""What staff may write in a file: a shared vocabulary (`Interest`) or one organisation (`Member`) with its rules."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from filters.money import in_euro, read_amount
from filters.places import read_place
from filters.terms import alternatives, read_term
from pipeline.opportunity import Kind, Model, Stage

DEFAULT_STAGES = (Stage.PLANNED, Stage.CONSULTATION, Stage.OPEN, Stage.SUSPENDED)
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}")


def _term(text: str) -> str:
    read_term(text)
    return text


def _alternatives(text: str) -> str:
    alternatives(text)
    return text


def _cpv(text: str) -> str:
    if re.fullmatch(r"=\d{8}", text):
        return text
    digits = text.removesuffix("*")
    if not re.fullmatch(r"\d{2,8}" if text.endswith("*") else r"\d{8}", digits):
        raise ValueError(
            "a CPV code has 8 digits (`72000000` is the whole branch) or is shortened with a star (`722*`)"
        )
    if digits.startswith("00"):
        raise ValueError("no CPV branch starts with 00")
    return branch(text)


def branch(cpv: str) -> str:
    """The digits all codes of the branch start with: `72000000`, `72*` -> `72`; at least two."""
    return cpv[:-1] if cpv.endswith("*") else cpv[:2] + cpv[2:].rstrip("0")


def _call(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][\w./+*-]+", text) or len(text.replace("*", "")) < 2:
        raise ValueError("a call is written by the start of its identifier: `HORIZON-CL4`, `HORIZON-*-SPACE`")
    return text.upper()


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text) or ".." in text or text[0] == "." or ".@" in text:
        raise ValueError("is no e-mail address; write one like `oferte@firma.ro`")
    return text


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        return [value]
    if value is None:
        raise ValueError("is empty; remove the key or write a list: [one, two]")
    return value


def _full(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("is an empty list; remove the key or write at least one")
    twice = next((v for i, v in enumerate(values) if v in values[:i]), None)
    if twice is not None:
        raise ValueError(f"`{twice}` stands twice; remove one")
    return values


def _some(rules: tuple["Rule", ...]) -> tuple["Rule", ...]:
    if not rules:
        raise ValueError("is empty; a member without rules gets nothing")
    return rules


_Filled = (BeforeValidator(_listed), AfterValidator(_full))
Name = Annotated[str, Field(min_length=1, max_length=200)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$")]
Slugs = Annotated[tuple[str, ...], *_Filled]
Terms = Annotated[tuple[Annotated[str, AfterValidator(_term)], ...], *_Filled]
Alternatives = Annotated[tuple[Annotated[str, AfterValidator(_alternatives)], ...], *_Filled]
Cpvs = Annotated[tuple[Annotated[str, AfterValidator(_cpv)], ...], *_Filled]
Calls = Annotated[tuple[Annotated[str, AfterValidator(_call)], ...], *_Filled]
Places = Annotated[tuple[Annotated[str, AfterValidator(read_place)], ...], *_Filled]
Emails = Annotated[tuple[Annotated[str, AfterValidator(_email)], ...], *_Filled]
Amount = Annotated[str, AfterValidator(lambda text: (read_amount(text), text)[1])]


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


class Rule(Subject):
    """One reason to be sent something: what it is about, and what must hold besides."""

    name: Name
    interests: Slugs = ()
    without: Slugs = ()
    buyers: Terms = ()
    all: Alternatives = ()
    only: Sort = Sort()
    never: Sort = Sort()
    kinds: Annotated[tuple[Kind, ...], *_Filled] = ()
    stages: Annotated[tuple[Stage, ...], *_Filled] = DEFAULT_STAGES
    places: Places = ()
    value: Range | None = None
    min_days: Annotated[int, Field(ge=0, le=730)] = 0
    known: Annotated[tuple[Literal["value", "place", "deadline"], ...], *_Filled] = ()
    needs: Annotated[int, Field(ge=1, le=20)] = 4
    priority: Literal["high", "normal", "low"] = "normal"

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if not any((*self.looks_for, self.interests, self.buyers, self.all)) and self.only.empty:
            raise ValueError(
                "asks for nothing; add `interests`, `any`, `title`, `cpv`, `programmes`, `calls` or `only`"
            )
        if self.without and not self.interests:
            raise ValueError("`without` takes words out of `interests`; there are none here")
        for key, needed in (("value", self.value), ("place", self.places), ("deadline", self.min_days)):
            if key in self.known and not needed:
                raise ValueError(f"`known: {key}` says nothing without a limit; add one or remove it")
        return self


class Member(Model):
    """One organisation: who, where its mail goes, and the rules any one of which brings it an opportunity."""

    member: Slug
    name: Name
    language: Literal["ro", "en"]
    email: Emails
    confirmed: bool = False
    paused: bool = False
    none: Terms = ()
    none_in_title: Terms = ()
    never: Sort = Sort()
    rules: Annotated[tuple[Rule, ...], AfterValidator(_some)]

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [rule.name for rule in self.rules]
        if twice := next((name for i, name in enumerate(names) if name in names[:i]), None):
            raise ValueError(f"two rules are called `{twice}`; give each its own name")
        return self
