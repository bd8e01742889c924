"""The archive: what is open, as pages anybody can read without a server or a script. Pure; nothing is written here.

A list of what is open or coming, grouped by deadline; one page for each opportunity with its history, which stays when
it has ended; how the sources are. Pages say days and hours, never "in 3 days": they change only when there is news.
"""

import datetime as dt
import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from digests import phrases
from digests.archive_words import ARCHIVE_WORDS, ArchiveWords
from digests.changed import Change, in_words
from digests.days import BUCHAREST, SOON, ahead, day_of, days_left
from digests.items import Detail, Item, applicants, item, may_apply, per_project, place, who, worth
from digests.layout import capitalize_first, template
from digests.sections import Line, Section, reading_order
from digests.words import WORDS, Words
from pipeline.changes import AHEAD, Changes
from pipeline.opportunity import LIVE, Deadline, Kind, Opportunity, Role, unique
from pipeline.text import clean

NEWS_DAYS = 30
"""Days for which news stands in the list: it has no deadline that would end it."""
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DETAIL = Detail(title=300, summary=300, text=200)


@dataclass(frozen=True, slots=True)
class Site:
    """Whose archive it is, where it can be read (None: unknown), and what identifies its entries everywhere."""

    name: str
    url: str | None
    domain: str
    language: str

    @property
    def words(self) -> Words:
        """The words it shares with mails."""
        return WORDS[self.language]

    @property
    def own(self) -> ArchiveWords:
        """The words only it has."""
        return ARCHIVE_WORDS[self.language]

    def address(self, path: str) -> str:
        """Of a page or file of the archive: absolute where the archive's own is known."""
        return f"{self.url}/{path}" if self.url else path


@dataclass(frozen=True, slots=True)
class Entry:
    """An opportunity as the archive shows it: as it is now, since when, and what is the same elsewhere."""

    opportunity: Opportunity
    version: int
    first_seen: dt.datetime
    changed: dt.datetime
    also: tuple[str, ...] = ()
    """Official pages of its twins."""
    twin: str | None = None
    """The id of the opportunity that speaks for it."""
    reasons: tuple[str, ...] = ()

    @property
    def line(self) -> Line:
        """As a digest would tell of it."""
        return Line(self.opportunity, self.version, Section.NEW, True, reasons=self.reasons)


class Step(NamedTuple):
    """A version in an opportunity's history: when, by which notice, and what it changed."""

    at: dt.datetime
    ref: str
    changes: Changes


class SourceState(NamedTuple):
    """How a source is: its verdict's name, and when it was last read well."""

    name: str
    state: str
    good: dt.datetime | None


class Group(NamedTuple):
    """A heading of the list with what stands below it."""

    title: str
    rows: list[tuple[str, Kind, Item]]


def page_name(id: str) -> str:
    """The file of an opportunity's page: its id where a file may be called so, else made safe with a hash."""
    source, _, ref = id.partition(":")
    if _SAFE.fullmatch(ref):
        return f"o/{source}-{ref}.html"
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", ref).strip(".-")[:60]
    return f"o/{source}-{plain}~{hashlib.sha256(id.encode()).hexdigest()[:10]}.html"


def listed(entries: Iterable[Entry], now: dt.datetime) -> list[Entry]:
    """What stands in the list: open or coming, told under its own id; of news, what is fresh."""
    fresh = now.date() - dt.timedelta(days=NEWS_DAYS)
    return [
        entry
        for entry in entries
        if entry.opportunity.stage in LIVE
        and entry.twin is None
        and (entry.opportunity.kind is not Kind.NEWS or _day(entry) >= fresh)
    ]


def _day(entry: Entry) -> dt.date:
    return entry.opportunity.published or entry.first_seen.astimezone(BUCHAREST).date()


def index(entries: Sequence[Entry], site: Site, now: dt.datetime, calendar: bool) -> str:
    """The list, grouped by deadline; `calendar` where there is one to link."""
    groups = _grouped(entries, site, now)
    counts = phrases.count(site.words, site.own.open, len(entries))
    return _page("site_index.html.j2", site, "", groups=groups, counts=counts, calendar=calendar, now=_when(site, now))


def _grouped(entries: Sequence[Entry], site: Site, now: dt.datetime) -> list[Group]:
    known = {entry.opportunity.id: entry for entry in entries}
    found: dict[tuple[int, str], Group] = {}
    for line in reading_order((entry.line for entry in entries), now):
        order, title = _heading(known[line.id], site, now)
        row = (page_name(line.id), line.opportunity.kind, item(line, site.words, now, _DETAIL))
        found.setdefault((order, title), Group(title, [])).rows.append(row)
    return [found[key] for key in sorted(found)]


def _heading(entry: Entry, site: Site, now: dt.datetime) -> tuple[int, str]:
    """Its group's place and title: soon, then month by month, then what has no deadline, what is coming, news."""
    one, own = entry.opportunity, site.own
    deadline = ahead(one, now)
    if one.kind is Kind.NEWS:
        return 10**9, own.news.format(days=NEWS_DAYS)
    if deadline is None:
        return (10**8, own.early) if one.stage in AHEAD else (10**7, own.undated)
    if days_left(deadline, now) <= SOON:
        return 0, own.soon.format(days=SOON)
    day = day_of(deadline)
    return day.year * 12 + day.month, capitalize_first(phrases.date(site.words, day, "LLLL yyyy"))


def page(entry: Entry, steps: Iterable[Step], site: Site, now: dt.datetime) -> str:
    """An opportunity's own page: facts, every deadline, links, and its history, newest first."""
    one, words, own = entry.opportunity, site.words, site.own
    return _page(
        "site_page.html.j2",
        site,
        "../",
        item=item(entry.line, words, now, Detail(title=500, summary=5_000)),
        short=clean(one.title, 70),
        ended="" if one.stage in LIVE else own.ended.format(stage=words.stages[one.stage]),
        stage=words.stages[one.stage],
        summary=clean(one.summary or "", 5_000),
        twin=(page_name(entry.twin).removeprefix("o/"), entry.twin) if entry.twin else None,
        deadlines=list(_deadlines(one, site, now)),
        facts=list(_facts(entry, site)),
        links=[(own.links.get(link.role, link.role), link.url) for link in one.links],
        also=entry.also,
        history=list(_history(one, steps, site)),
        notices=one.notices,
    )


def _deadlines(one: Opportunity, site: Site, now: dt.datetime) -> Iterator[tuple[str, str, bool]]:
    """What for, when, and whether it passed; lots that end together once."""
    seen = unique((deadline.role, deadline.at, deadline.date) for deadline in _sorted(one.deadlines))
    for role, at, date in seen:
        deadline = Deadline(at=at, date=date, role=role)
        yield capitalize_first(site.words.roles[role]), phrases.when(site.words, deadline), deadline.ends <= now


def _sorted(deadlines: Sequence[Deadline]) -> list[Deadline]:
    return sorted(deadlines, key=lambda deadline: (deadline.ends, deadline.role is Role.QUESTIONS))


def _facts(entry: Entry, site: Site) -> Iterator[tuple[str, str]]:
    """Label and value of everything worth knowing that is known."""
    one, words, labels = entry.opportunity, site.words, site.own.facts
    yield from _known(
        (labels["programme" if one.kind is Kind.CALL and one.programme else "who"], who(one, words, _DETAIL)),
        (labels["funder"], clean(one.funder.name, 200) if one.funder else ""),
        (labels["place"], place(one, words)),
        (labels["value"], " · ".join(worth(one, words, each=False))),
        (labels["grant"], per_project(one, words)),
        (labels["opens"], phrases.moment(words, one.opens) if one.opens else ""),
        (labels["published"], phrases.date(words, one.published) if one.published else ""),
        (labels["eligible"], clean(one.eligible or "", 500) or may_apply(one, words) or applicants(one, words)),
        (labels["cpv"], ", ".join(one.cpv[:12])),
        (labels["source"], f"{phrases.source_name(one.source)} {clean(one.ref, 80)}"),
    )


def _known(*pairs: tuple[str, str]) -> Iterator[tuple[str, str]]:
    yield from (pair for pair in pairs if pair[1])


def _history(one: Opportunity, steps: Iterable[Step], site: Site) -> Iterator[tuple[str, str, tuple[Change, ...]]]:
    """When, by which notice, and what changed, old -> new; newest first."""
    ordered = list(steps)
    for number, step in reversed(list(enumerate(ordered))):
        changes = tuple(change for change in in_words(site.words, step.changes, one, 200) if change.old != change.new)
        said = site.own.first if number == 0 else ""
        yield _when(site, step.at), " · ".join(filter(None, (said, clean(step.ref, 80)))), changes


def sources(states: Sequence[SourceState], site: Site, now: dt.datetime) -> str:
    """How the sources are; why one is not in order is for the office, not for the world."""
    own = site.own
    rows = [
        (
            phrases.source_name(one.name),
            own.states.get(one.state, own.warning),
            _when(site, one.good) if one.good else own.never,
        )
        for one in states
    ]
    return _page("site_sources.html.j2", site, "", rows=rows, now=_when(site, now), fine=own.states.values())


def feed(entries: Sequence[Entry], site: Site, path: str, title: str) -> str:
    """The entries as an Atom feed, what changed last first; `path` is where the feed itself is."""
    words = site.words
    newest = sorted(entries, key=lambda entry: (entry.changed, entry.opportunity.id), reverse=True)
    rows = [(entry, item(entry.line, words, entry.changed, _DETAIL), _summary(entry, site)) for entry in newest]
    up = "../" * path.count("/")
    return template("feed.xml.j2").render(
        site=site, title=title, path=path, rows=rows, page_name=page_name, up="" if site.url else up
    )


def _summary(entry: Entry, site: Site) -> str:
    one, words = entry.opportunity, site.words
    due = [phrases.when(words, deadline) for deadline in one.closing if deadline.ends > entry.changed][:3]
    parts = (who(one, words, _DETAIL), place(one, words), *worth(one, words), *due, "; ".join(entry.reasons[:3]))
    return " · ".join(filter(None, parts)) or words.no_deadline


def _when(site: Site, at: dt.datetime) -> str:
    return phrases.moment(site.words, at)


def _page(name: str, site: Site, up: str, **parts: Any) -> str:
    return template(name).render(site=site, own=site.own, words=site.words, up=up, **_code(), **parts)


@cache
def _code() -> Mapping[str, str]:
    """Style and script as they stand in every page, and the only ones its policy lets through."""
    style, script = (template(name).render().strip() for name in ("site.css.j2", "site.js.j2"))
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; base-uri 'none'; "
        "form-action 'none'"
    )
    return {"style": style, "script": script, "policy": policy}


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
