"""An opportunity in a digest, ready to print: every word chosen, nothing left to decide for the templates. Pure."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from digests import phrases
from digests.changed import Change, in_words
from digests.phrases import Due
from digests.sections import Line, Section
from digests.words import Words
from filters.applicants import Who
from filters.eligibility import Said, who_may_apply
from pipeline.opportunity import LIVE, Kind, Opportunity, Role, Stage, unique
from pipeline.places import place_name
from pipeline.text import clean

_PLACES = 3


@dataclass(frozen=True, slots=True)
class Detail:
    """How much room an item may take, in characters. An address that is longer is not linked."""

    title: int = 200
    summary: int = 220
    text: int = 160
    """Of a name, a reason or a change."""
    url: int = 2_000
    reasons: int = 3
    """How many of them."""


@dataclass(frozen=True, slots=True)
class Item:
    """What both templates print of one line; every text is one clean line."""

    id: str
    url: str | None
    title: str
    language: str | None
    """Of the title, where it is not the digest's own."""
    marks: tuple[str, ...]
    due: Due | None
    ended: bool
    who: str
    facts: tuple[str, ...]
    changes: tuple[Change, ...]
    summary: str
    why: str
    source: str
    links: tuple[tuple[str, str], ...]

    @property
    def status(self) -> tuple[str, ...]:
        """The first line: how long is left and for what, then the marks."""
        left = (f"{self.due.role}: {self.due.left}" if self.due.role else self.due.left,) if self.due else ()
        return (*left, *self.marks)


def item(line: Line, words: Words, now: dt.datetime, detail: Detail) -> Item:
    """The line in words."""
    one = line.opportunity
    return Item(
        id=line.id,
        url=_short(line.url, detail),
        title=clean(line.title, detail.title) or one.ref,
        language=one.language if one.language != words.language else None,
        marks=tuple(_marks(line, words)),
        due=phrases.due(words, one, now),
        ended=one.stage not in LIVE,
        who=who(one, words, detail),
        facts=tuple(
            fact
            for fact in (
                place(one, words, detail),
                *worth(one, words),
                applicants(one, words),
                _further(one, words, now),
            )
            if fact
        ),
        changes=in_words(words, line.changes, one, detail.text),
        summary=_summary(line, detail),
        why="; ".join(clean(reason, detail.text) for reason in line.reasons[: detail.reasons]),
        source=f"{phrases.source_name(one.source)} {clean(one.ref, min(80, 2 * detail.text))}",
        links=tuple(_links(one, words, detail)),
    )


def _short(url: str | None, detail: Detail) -> str | None:
    return url if url and len(url) <= detail.url else None


def _marks(line: Line, words: Words) -> Iterator[str]:
    stage = line.opportunity.stage
    consulted = any(deadline.role is Role.CONSULTATION for deadline in line.opportunity.deadlines)
    if stage is not Stage.OPEN and not (stage is Stage.CONSULTATION and consulted):
        yield words.stages[stage]
    if line.new and line.section is Section.CLOSING:
        yield words.marks["new"]
    if line.top:
        yield words.marks["top"]


def who(one: Opportunity, words: Words, detail: Detail) -> str:
    """The buyer of a tender; programme and call of a call, else its funder."""
    others = phrases.count(words, words.others, len(one.co_buyers)) if one.co_buyers else ""
    buyer = f"{one.buyer.name} {others}" if one.buyer else ""
    funding = " · ".join(unique(part for part in (one.programme, one.call) if part))
    funder = one.funder.name if one.funder else ""
    ranked = (buyer, funding, funder) if one.kind is Kind.TENDER else (funding, funder, buyer)
    return clean(next(filter(None, ranked), ""), detail.text)


def place(one: Opportunity, words: Words, detail: Detail = Detail()) -> str:
    """Romanian counties of the work, else of the buyer, else its town; countries where it is not in Romania alone."""
    codes = one.nuts or ((one.buyer.nuts,) if one.buyer and one.buyer.nuts else ())
    home = [name for code in codes if (name := place_name(code))]
    town = [one.buyer.city] if one.buyer and one.buyer.city and not home else []
    abroad = [words.locale.territories.get(code, code) for code in one.countries if code != "RO" or not home + town]
    names = unique(clean(name, min(60, detail.text)) for name in (*home, *town, *abroad))
    rest = len(names) - _PLACES
    return ", ".join(names[:_PLACES]) + (" " + phrases.count(words, words.others, rest) if rest > 0 else "")


def worth(one: Opportunity, words: Words, each: bool = True) -> Iterator[str]:
    """Value or budget, what a project gets (`each`), maximum, and the number of lots."""
    if one.value:
        said = phrases.money(words, one.value)
        yield words.budget.format(money=said) if one.kind is Kind.CALL else said
    if each and (money := per_project(one, words)):
        yield words.per_project.format(money=money)
    if one.maximum and one.maximum != one.value:
        yield words.maximum.format(money=phrases.money(words, one.maximum))
    if len(one.lots) > 1:
        yield phrases.count(words, words.lots, len(one.lots))


def per_project(one: Opportunity, words: Words) -> str:
    """What one project is meant to get, from the least to the most; empty where that is not published."""
    least, most = one.grant_min, one.grant_max
    if least and most and least.currency == most.currency and least.amount != most.amount:
        return f"{phrases.amount(words, least)}–{phrases.money(words, most)}"
    return phrases.money(words, found) if (found := most or least) else ""


def applicants(one: Opportunity, words: Words) -> str:
    """Who may apply, as far as it is stated; else who may not."""
    if may := may_apply(one, words):
        return words.may_apply.format(who=may)
    never = ", ".join(name for who, name in words.applicants.items() if who in _answers(one))
    return words.may_not_apply.format(who=never) if never else ""


def may_apply(one: Opportunity, words: Words) -> str:
    """The sorts of organisation that may apply; empty where none is stated."""
    may = [name for who, name in words.applicants.items() if who in (found := _answers(one)) and found[who].may]
    return words.everybody if len(may) == len(words.applicants) else ", ".join(may)


@lru_cache(2_000)
def _answers(one: Opportunity) -> dict[Who, Said]:
    """Looked for in the text once for all members: a long one takes a millisecond."""
    return who_may_apply(one)


def _further(one: Opportunity, words: Words, now: dt.datetime) -> str:
    return phrases.further(words, one, now) if one.stage in LIVE else ""


def _summary(line: Line, detail: Detail) -> str:
    """The first two lines of what was published, where it says more than the title and the line is new."""
    summary = clean(line.opportunity.summary or "", detail.summary) if detail.summary and line.new else ""
    return "" if summary.rstrip("….").casefold() in line.title.casefold() else summary


def _links(one: Opportunity, words: Words, detail: Detail) -> Iterator[tuple[str, str]]:
    """One address for each thing worth opening beside the notice."""
    seen = {one.url}
    for role, label in words.links.items():
        url = next((link.url for link in one.links if link.role == role and link.url not in seen), None)
        if url and _short(url, detail):
            seen.add(url)
            yield label, url
