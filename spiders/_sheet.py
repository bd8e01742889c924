"""A sheet: what a page, row or post says of one thing, label by label, before anybody reads it. Pure.

Every Romanian source fills in sheets and nothing else; one reader makes notices of them, so that a rule about dates,
money or stages is kept in one place, and a stored sheet can be read again.
"""

import datetime as dt
import hashlib
import re
from dataclasses import replace
from typing import Literal

from pydantic import AwareDatetime, Field

from pipeline.exceptions import RefusedError, UnreadableError
from pipeline.notice import Form, Issue, Notice
from pipeline.opportunity import (
    Country,
    Deadline,
    Kind,
    Link,
    Model,
    Money,
    Nuts,
    Opportunity,
    Organisation,
    Role,
    Stage,
    Url,
)
from pipeline.places import COUNTIES, REGIONS
from pipeline.romanian import (
    BUCHAREST,
    Of,
    Page,
    Period,
    Purpose,
    Status,
    When,
    as_day,
    deadlines_of,
    fold,
    read_amounts,
    read_budget,
    read_page,
    read_when,
    stage_of,
)
from pipeline.text import SUMMARY_MAX, clean, cut


class Sheet(Model):
    """One thing of a source as its labels put it; what a source does not say stays None."""

    source: str
    ref: str
    seen: AwareDatetime
    """When it was read: the stage is true of that hour."""
    kind: Literal["call", "news", "post"] = "call"
    """A call, a piece of news, or a post that may be either: its text decides."""
    title: str
    url: Url | None = None
    language: str = "ro"
    published: dt.date | None = None
    text: str = ""
    """Its prose, a line per block."""
    status: str | None = None
    """The publisher's own word for where it stands, and the stage that word means in the source's table of words."""
    stage: Stage | None = None
    opens: str | None = None
    closes: str | None = None
    role: Role = Role.SUBMISSION
    """What the two dates are about."""
    budget: str | None = None
    least: str | None = None
    most: str | None = None
    funder: str | None = None
    programme: str | None = None
    call: str | None = None
    moves: str | None = None
    """The ref of the call that a post is about: where it moves or halts that call, it does not stand for itself."""
    moved: AwareDatetime | None = None
    """When the dates of a page edited in place were last seen to move."""
    action: str | None = None
    eligible: str | None = None
    places: str = ""
    nuts: tuple[Nuts, ...] = ()
    countries: tuple[Country, ...] = ("RO",)
    keywords: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    eu_funded: bool | None = None
    issues: tuple[Issue, ...] = Field(default=())
    """What the source itself found odd."""

    @property
    def packed(self) -> bytes:
        """What is kept of it."""
        return self.model_dump_json(exclude_defaults=True).encode()


def read_sheet(sheet: Sheet) -> Notice:
    """The notice a sheet makes. Raises RefusedError for payments, questions, rankings and what is no call or news at
    all, UnreadableError for a call of which neither words nor dates tell the stage."""
    page = read_page(sheet.title, sheet.text, sheet.published or as_day(sheet.seen.astimezone(BUCHAREST)))
    if sheet.stage is None and page.status is Status.NOISE:
        raise RefusedError("noise", "payments, questions, vacancies")
    period, issues = _labelled(sheet)
    if period:
        period = _with_hour(period, page)
        issues += _contradiction(period, page)
    periods: list[Period | None] = [period] if period else [page.submission, page.consultation]
    deadlines = deadlines_of(_current(periods, page))
    stage = sheet.stage or stage_of(page.status, _submission(period) or page.submission, sheet.seen)
    kind = _kind(sheet, stage, page, deadlines)
    if kind is Kind.CALL and stage is None:
        raise UnreadableError("no-stage", f"{sheet.title[:80]}: neither its words nor its dates say whether it is open")
    says = _opportunity(sheet, kind, _dated(stage or Stage.OPEN, period, sheet.seen), deadlines, periods)
    about = _about(sheet, says, page)
    return Notice(
        says=about or says,
        form=Form.MOVES if about else Form.ANNOUNCES,
        names=(f"{sheet.source}:{sheet.ref}",),
        changes=(f"{sheet.source}:{sheet.moves}",) if about else (),
        sent=sheet.moved,
        living=True,
        issues=(*sheet.issues, *issues),
    )


_HALTS = {Status.SUSPENDED: Stage.SUSPENDED, Status.CANCELLED: Stage.CANCELLED, Status.CLOSED: Stage.CLOSED}
_RECENT = dt.timedelta(days=30)
"""A halt that was posted longer ago may be over: the call itself knows."""


def _about(sheet: Sheet, says: Opportunity, page: Page) -> Opportunity | None:
    """What a post says of the call it names: another date or a halt; None for what stands for itself, such as the
    consultation of a guide."""
    if sheet.moves is None or page.status in (Status.CONSULTATION, Status.CONSULTATION_CLOSED):
        return None
    if halt := _HALTS.get(page.status) if page.status else None:
        recent = sheet.published and as_day(sheet.seen) - sheet.published <= _RECENT
        return says.model_copy(update={"kind": Kind.CALL, "stage": halt, "deadlines": ()}) if recent else None
    if says.kind is not Kind.CALL or not any(d.role is Role.SUBMISSION for d in says.deadlines):
        return None
    return says.model_copy(update={"stage": Stage.OPEN}) if says.stage is Stage.CLOSED else says


def _kind(sheet: Sheet, stage: Stage | None, page: Page, deadlines: tuple[Deadline, ...]) -> Kind:
    """A post is a call where it has a stage and a date of its own; results, changes and the rest are news of calls."""
    if sheet.kind != "post":
        return Kind(sheet.kind)
    if page.status is Status.RESULTS:
        raise RefusedError("results", "rankings and contracts")
    dated = bool(deadlines) or bool(page.submission and page.submission.opens)
    return Kind.CALL if stage is not None and dated else Kind.NEWS


def _labelled(sheet: Sheet) -> tuple[Period | None, list[Issue]]:
    """The period its labelled dates state; a date that is there and cannot be read is an issue."""
    issues, found = [], []
    for label, value in (("opens", sheet.opens), ("closes", sheet.closes)):
        when = read_when(value) if value else None
        if value and when is None:
            issues.append(Issue(code="unreadable-date", detail=f"{label}: {value[:60]}"))
        found.append(when)
    opens, closes = found
    if opens and closes and as_day(opens) > as_day(closes):
        issues.append(Issue(code="ends-before-it-opens", detail=f"{sheet.opens} - {sheet.closes}"))
        opens = None
    purpose = Purpose.CONSULTATION if sheet.role is Role.CONSULTATION else Purpose.SUBMISSION
    return (Period(opens, closes, purpose) if opens or closes else None), issues


def _told(period: Period, page: Page) -> Period | None:
    """What the prose says of the same thing."""
    return page.submission if period.purpose is Purpose.SUBMISSION else page.consultation


def _with_hour(period: Period, page: Page) -> Period:
    """Labels give days, the prose beside them often the hour."""
    told = _told(period, page)
    if told and period.closes and not isinstance(period.closes, dt.datetime) and isinstance(told.closes, dt.datetime):
        return replace(period, closes=told.closes) if told.closes.date() == period.closes else period
    return period


def _contradiction(period: Period, page: Page) -> list[Issue]:
    """The label is taken, but a person should know where the newest prose extends to another day."""
    told = _told(period, page)
    if told and told.extended and told.closes and period.closes and as_day(told.closes) != as_day(period.closes):
        return [Issue(code="label-and-text-disagree", detail=f"{period.closes} and {told.closes}")]
    return []


def _submission(period: Period | None) -> Period | None:
    return period if period and period.purpose is Purpose.SUBMISSION else None


def _current(periods: list[Period | None], page: Page) -> list[Period | None]:
    """Where a consultation is over and handing in has begun, its end is no deadline any more."""
    over = page.status is not Status.CONSULTATION and page.submission is not None
    return [p for p in periods if not (over and p and p.purpose is Purpose.CONSULTATION and p is page.consultation)]


def _dated(stage: Stage, period: Period | None, seen: dt.datetime) -> Stage:
    """An "open" that opens next week is planned, one whose day has passed is closed: the dates know better."""
    if period is None or stage not in (Stage.OPEN, Stage.PLANNED) or period.purpose is not Purpose.SUBMISSION:
        return stage
    status = Status.OPEN if stage is Stage.OPEN else Status.FORTHCOMING
    return stage_of(status, period, seen) or stage


def _opportunity(
    sheet: Sheet, kind: Kind, stage: Stage, deadlines: tuple[Deadline, ...], periods: list[Period | None]
) -> Opportunity:
    submission = next((p for p in periods if p and p.purpose is Purpose.SUBMISSION), None)
    return Opportunity(
        id=f"{sheet.source}:{sheet.ref}",
        source=sheet.source,
        ref=sheet.ref,
        notices=(sheet.ref,),
        kind=kind,
        stage=stage,
        title=sheet.title,
        language=sheet.language,
        summary=cut(clean(sheet.text, SUMMARY_MAX), SUMMARY_MAX) or None,
        url=sheet.url,
        links=sheet.links,
        funder=_funder(sheet),
        programme=sheet.programme,
        call=sheet.call,
        action=sheet.action,
        nuts=sheet.nuts or places_in(sheet.places),
        countries=sheet.countries,
        value=_money(sheet.budget) or (read_budget(sheet.text) if kind is Kind.CALL else None),
        grant_min=_money(sheet.least) or (_grant(sheet.text, Of.MINIMUM) if kind is Kind.CALL else None),
        grant_max=_money(sheet.most) or (_grant(sheet.text, Of.MAXIMUM) if kind is Kind.CALL else None),
        published=sheet.published,
        opens=_opens(submission),
        deadlines=deadlines,
        eu_funded=sheet.eu_funded,
        status=sheet.status,
        eligible=sheet.eligible,
        keywords=sheet.keywords,
    )


def _funder(sheet: Sheet) -> Organisation | None:
    """Whoever funds calls for Romania alone is Romanian."""
    return (
        Organisation(name=sheet.funder, country="RO" if sheet.countries == ("RO",) else None) if sheet.funder else None
    )


def _opens(period: Period | None) -> When | None:
    return period.opens if period and not period.vague else None


def _money(text: str | None) -> Money | None:
    """The first amount of a labelled field: the template of mfe.gov.ro adds " euro" to any value (2026)."""
    return next((amount.money for amount in read_amounts(text)), None) if text else None


def _grant(text: str, of: Of) -> Money | None:
    """Of several amounts for one project none is its own: a page of many measures states one for each."""
    found = {(a.money.amount, a.money.currency): a.money for a in read_amounts(text) if a.of is of}
    return next(iter(found.values())) if len(found) == 1 else None


def places_in(text: str) -> tuple[str, ...]:
    """The development regions a text names, else the counties (NUTS 2021); nothing for the whole country."""
    said = fold(text).replace("-", " ")
    return _named(said, REGIONS) or _named(said, COUNTIES)


def _named(said: str, places: dict[str, str]) -> tuple[str, ...]:
    """The longest names first: "Vest" is also the end of "Nord-Vest"."""
    found = []
    for code, name in sorted(places.items(), key=lambda place: -len(place[1])):
        said, times = re.subn(rf"\b{re.escape(fold(name).replace('-', ' '))}\b", " ", said)
        found += [code] * bool(times)
    return tuple(sorted(found))


def hashed(*parts: str) -> str:
    """A short stable name for a thing whose publisher gives it none."""
    return hashlib.sha256("|".join(" ".join(fold(part).split()) for part in parts).encode()).hexdigest()[:12]
