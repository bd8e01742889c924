"""From the store to the folder of the archive: only files that differ are written, each whole or not at all.

What has ended and has not changed since the folder was last written keeps its page without a look at it; every page is
made anew when a template or a word of ours has changed. Nothing of a member is in the folder but its own two feeds.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path

from digests import archive
from digests.archive import Entry, Site, SourceState, Step
from digests.ics import calendar
from digests.sections import reading_order
from filters.match import Match
from filters.profile import Filters, Member
from pipeline.config import Config
from pipeline.exceptions import VestitorError
from pipeline.journal import Journal, Verdict
from pipeline.ledger import Ledger, Matching
from pipeline.opportunity import LIVE
from pipeline.store import Kept, Store

MARK = ".vestitor-archive"
"""The file that says the folder is ours, when it was last written, and with which templates and words."""
FEED = 100
"""Entries of a feed: readers ask again within days."""


@dataclass(slots=True)
class Published:
    """What became of the folder's files, and where each member's feeds are."""

    folder: Path
    open: int = 0
    written: int = 0
    same: int = 0
    removed: int = 0
    feeds: dict[str, str] = field(default_factory=dict)
    """Member -> path of its Atom feed; its calendar ends in .ics instead."""


@dataclass(frozen=True, slots=True)
class _Last:
    """The folder as it was last written."""

    at: dt.datetime
    form: str


def publish(config: Config, store: Store, filters: Filters, now: dt.datetime, folder: Path) -> Published:
    """Brings the folder up to date with the store; raises VestitorError for a folder that is not an archive."""
    site, done, last = site_of(config), Published(folder), _last(folder)
    form = _form(site)
    if last is None:
        _mark(folder, now, "unfinished")
    twins = Ledger(store).twins()
    entries = list(_entries(store, now, twins))
    for entry in entries:
        if not _settled(entry, folder, last, form, now):
            page = archive.page(entry, _steps(store, entry), site, now)
            _write(folder / archive.page_name(entry.opportunity.id), page, done)
    _write_lists(archive.listed(entries, now), _states(config, Journal(store)), site, now, done)
    _write_feeds(config, store, filters, site, now, done)
    _remove(folder / "o", {archive.page_name(entry.opportunity.id) for entry in entries}, folder, done)
    _mark(folder, now, form)
    return done


def site_of(config: Config) -> Site:
    """Whose archive it is, from the configuration."""
    domain = parseaddr(config.mail.sender)[1].rpartition("@")[2]
    return Site(config.name, config.publish.url, domain, config.publish.language)


def _entries(store: Store, now: dt.datetime, twins: dict[str, str]) -> Iterator[Entry]:
    kept = {one.opportunity.id: one for one in store.all()}
    also: defaultdict[str, list[str]] = defaultdict(list)
    for other, main in twins.items():
        if main in kept and other in kept and (url := kept[other].opportunity.url):
            also[main].append(url)
    for id, one in kept.items():
        main_id = twins.get(id)
        yield _entry(one, now, also=tuple(also[id]), twin=main_id if main_id in kept else None)


def _entry(
    kept: Kept, now: dt.datetime, also: tuple[str, ...] = (), twin: str | None = None, reasons: tuple[str, ...] = ()
) -> Entry:
    return Entry(kept.opportunity.at(now), kept.version, kept.first_seen, kept.changed, also, twin, reasons)


def _steps(store: Store, entry: Entry) -> list[Step]:
    return [Step(version.at, version.ref, version.changes) for version in store.history(entry.opportunity.id)]


def _settled(entry: Entry, folder: Path, last: _Last | None, form: str, now: dt.datetime) -> bool:
    """Whether its page stands as it should: it had ended when the folder was last written, and nothing came since."""
    if last is None or last.form != form or last.at > now or entry.changed >= last.at:
        return False
    one = entry.opportunity
    over = one.stage not in LIVE and (one.last_deadline is None or one.last_deadline.ends < last.at)
    return over and (folder / archive.page_name(one.id)).exists()


def _write_lists(
    entries: Sequence[Entry], states: Sequence[SourceState], site: Site, now: dt.datetime, done: Published
) -> None:
    done.open = len(entries)
    dates = _calendar(entries, site, now)
    _write(done.folder / "calendar.ics", dates, done)
    newest = sorted(entries, key=lambda entry: entry.changed, reverse=True)[:FEED]
    title = f"{site.own.title} – {site.name}"
    _write(done.folder / "feed.atom", archive.feed(newest, site, "feed.atom", title), done)
    _write(done.folder / "sources.html", archive.sources(states, site, now), done)
    _write(done.folder / "index.html", archive.index(entries, site, now, bool(dates)), done)


def _calendar(entries: Sequence[Entry], site: Site, now: dt.datetime) -> str:
    stamps = {entry.opportunity.id: entry.changed for entry in entries}
    lines = reading_order((entry.line for entry in entries), now)
    empty = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Vestitor//digest//EN\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n"
    return calendar(lines, now, site.words, site.domain, stamps) or empty


def _write_feeds(config: Config, store: Store, filters: Filters, site: Site, now: dt.datetime, done: Published) -> None:
    """Each member's calendar and Atom feed; those of members that left, or under old addresses, go."""
    secret, ledger = config.publish_secret(), Ledger(store)
    for member in filters.members:
        own = Site(site.name, site.url, site.domain, member.language)
        entries = [_matched(matching, member, now) for matching in ledger.matches(member.member)]
        path = f"members/{_unguessable(member.member, secret)}"
        newest = sorted(entries, key=lambda entry: entry.changed, reverse=True)[:FEED]
        title = own.own.yours.format(name=member.name)
        _write(done.folder / f"{path}.atom", archive.feed(newest, own, f"{path}.atom", title), done)
        _write(done.folder / f"{path}.ics", _calendar(entries, own, now), done)
        done.feeds[member.member] = f"{path}.atom"
    wanted = {path.removesuffix(".atom") + end for path in done.feeds.values() for end in (".atom", ".ics")}
    _remove(done.folder / "members", wanted, done.folder, done)


def _matched(matching: Matching, member: Member, now: dt.datetime) -> Entry:
    match = Match.from_json({name: value for name, value in matching.body.items() if name != "also"})
    also = tuple(url for url in matching.body.get("also", ()) if url)
    reasons = tuple(dict.fromkeys(reason.evidence(member.language) for reason in match.reasons))
    return _entry(matching.kept, now, also=also, reasons=reasons)


def _unguessable(member: str, secret: str | None) -> str:
    """The member's short name, or what only who has the secret can make of it."""
    return hmac.new(secret.encode(), member.encode(), hashlib.sha256).hexdigest()[:32] if secret else member


def _states(config: Config, journal: Journal) -> list[SourceState]:
    """How each enabled source is."""
    return [_state(name, journal) for name, source in config.sources.items() if source.enabled]


def _state(name: str, journal: Journal) -> SourceState:
    run, good = journal.last(name), journal.last(name, Verdict.GOOD)
    state = "never" if run is None else run.verdict.value if run.verdict else "running"
    return SourceState(name, state, good.started if good else None)


def _form(site: Site) -> str:
    """What every page depends on beside the store: whose it is, our own code, words and templates."""
    here = Path(__file__).parent
    files = sorted([*here.glob("*.py"), *(here / "templates").glob("site*.j2"), here / "templates" / "_macros.html.j2"])
    return hashlib.sha256(b"".join([repr(site).encode(), *(file.read_bytes() for file in files)])).hexdigest()[:16]


def _last(folder: Path) -> _Last | None:
    """The folder as it was last written; None for a new or empty one."""
    if (folder / MARK).exists():
        mark = json.loads((folder / MARK).read_text(encoding="utf-8"))
        return _Last(dt.datetime.fromisoformat(mark["at"]), mark["form"])
    if folder.is_dir() and any(folder.iterdir()):
        raise VestitorError(f"{folder} holds other files; name an empty or new folder (publish.folder, or --out)")
    return None


def _mark(folder: Path, now: dt.datetime, form: str) -> None:
    mark = {"at": now.astimezone(dt.UTC).isoformat(timespec="seconds"), "form": form}
    _write_whole(folder / MARK, json.dumps(mark).encode())


def _write(file: Path, text: str, done: Published) -> None:
    """Writes the file unless it says this already."""
    raw = text.encode()
    if file.exists() and file.read_bytes() == raw:
        done.same += 1
        return
    _write_whole(file, raw)
    done.written += 1


def _write_whole(file: Path, raw: bytes) -> None:
    """All of it or nothing: a reader never meets half a page."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    part.write_bytes(raw)
    part.replace(file)


def _remove(place: Path, wanted: Collection[str], folder: Path, done: Published) -> None:
    """Takes away what nothing stands for any more: the store does not know it, or its address is an old one."""
    for file in place.iterdir() if place.is_dir() else ():
        if str(file.relative_to(folder)) not in wanted:
            file.unlink()
            done.removed += 1
