"""Counts, dates, deadlines and money as a reader says them. Pure; times are shown in Bucharest's zone."""

import datetime as dt
from dataclasses import dataclass

from babel.dates import format_date
from babel.numbers import format_currency

from digests.days import BUCHAREST, SOON, ahead, day_of, days_left
from digests.words import SOURCES, Plural, Words
from pipeline.opportunity import BRUSSELS, LIVE, Deadline, Money, Opportunity, Role, unique


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline in words: what it is for (empty for a plain submission), how long is left, when."""

    role: str
    left: str
    when: str
    soon: bool


def count(words: Words, forms: Plural, n: int, **more: str) -> str:
    """The phrase in the plural form that `n` takes ("2 zile", "24 de zile")."""
    return forms[words.locale.plural_form(n)].format(n=n, **more)


def left(words: Words, days: int) -> str:
    """How long is left, in words, from calendar days."""
    return {0: words.today, 1: words.tomorrow}.get(days) or count(words, words.left, days)


def date(words: Words, day: dt.date, pattern: str | None = None) -> str:
    """A date as written in the language, by default with weekday and year."""
    return format_date(day, pattern or words.day, locale=words.locale)


def moment(words: Words, at: dt.date) -> str:
    """A date, or an instant on Bucharest's clock without naming the zone."""
    if not isinstance(at, dt.datetime):
        return date(words, at)
    local = at.astimezone(BUCHAREST)
    return f"{date(words, local)}, {local:%H:%M}"


def when(words: Words, deadline: Deadline) -> str:
    """Day, hour and zone, with the published wall time where that differs; no hour where none was published."""
    if deadline.at is None:
        return f"{date(words, day_of(deadline))} ({words.no_hour})"
    wall = _published(words, deadline.at)
    return f"{moment(words, deadline.at)} ({words.zone}{'; ' + wall if wall else ''})"


def due(words: Words, opportunity: Opportunity, now: dt.datetime) -> Due | None:
    """The headline deadline at `now`; None where nothing can be handed in any more."""
    if opportunity.at(now).stage not in LIVE:
        return None
    deadline = ahead(opportunity, now)
    if deadline is None:
        return _opening(words, opportunity, now) or Due("", words.no_deadline, "", soon=False)
    role = "" if deadline.role is Role.SUBMISSION else words.roles[deadline.role]
    days = days_left(deadline, now)
    return Due(role, left(words, days), when(words, deadline), days <= SOON)


def _opening(words: Words, opportunity: Opportunity, now: dt.datetime) -> Due | None:
    """When it opens, for what is announced without a deadline."""
    opens = opportunity.opens
    if opens is None or _start(opens) <= now:
        return None
    return Due("", words.opens, moment(words, opens), soon=False)


def further(words: Words, opportunity: Opportunity, now: dt.datetime) -> str:
    """How many other deadlines are ahead and when the last one is; empty when there is none."""
    days = unique(day_of(deadline) for deadline in opportunity.closing if deadline.ends > now)[1:]
    return count(words, words.more_deadlines, len(days), last=date(words, days[-1])) if days else ""


def money(words: Words, amount: Money) -> str:
    """Whole units and the currency's code, which does not break from its number."""
    return format_currency(amount.amount, amount.currency, "#,##0\xa0¤¤", locale=words.locale, currency_digits=False)


def amount(words: Words, of: Money) -> str:
    """The number alone, as `money` writes it."""
    return format_currency(of.amount, of.currency, "#,##0", locale=words.locale, currency_digits=False)


def source_name(source: str) -> str:
    """What readers call a source."""
    return SOURCES.get(source, source.replace("_", " "))


def _published(words: Words, at: dt.datetime) -> str:
    """The wall time as published, where it is not Bucharest's; with its day where that differs too."""
    local = at.astimezone(BUCHAREST)
    if at.utcoffset() == local.utcoffset():
        return ""
    place = words.brussels if at.utcoffset() == at.astimezone(BRUSSELS).utcoffset() else _offset(at)
    day = "" if at.date() == local.date() else f"{date(words, at, words.short_day)}, "
    return words.published.format(wall=f"{day}{at:%H:%M} {place}")


def _offset(at: dt.datetime) -> str:
    return "UTC" + at.isoformat()[-6:].removeprefix("+00:00")


def _start(day: dt.date) -> dt.datetime:
    return day if isinstance(day, dt.datetime) else dt.datetime.combine(day, dt.time(0), BUCHAREST)
