"""Where digests are made: from the store to mails that are ready, for one member after the other."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cache
from pathlib import Path

from digests import leave
from digests.choice import Chosen, everything
from digests.compose import Digest, Matched, Told, compose
from digests.message import message
from digests.render import Office, Rendered, render
from digests.rota import Rota, Turn
from filters.match import Match
from filters.profile import Filters, Member
from pipeline.config import Config
from pipeline.journal import Journal, Verdict
from pipeline.ledger import Ledger, Matching, State, ToldOf
from pipeline.opportunity import Link, Opportunity, unique
from pipeline.store import Store

EVIDENCE = 3
"""Pieces of evidence quoted for an interest."""


@dataclass(frozen=True, slots=True)
class To:
    """A member as the digest addresses it."""

    id: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Edition:
    """A member's digest, ready; empty ones are not mailed."""

    member: Member
    digest: Digest
    rendered: Rendered


def channel(config: Config) -> str:
    """How digests leave: "smtp", or "outbox" (a folder) while no mail server is configured.

    What was only written to the folder was told to nobody who reads mail: it comes again once there is a server.
    """
    return "smtp" if config.mail.host else "outbox"


def editions(
    config: Config,
    store: Store,
    filters: Filters,
    now: dt.datetime,
    members: Iterable[Member],
    chosen: Chosen = everything,
) -> Iterator[Edition]:
    """The digest of each member that has something to be told; confirmed or not, paused or not."""
    desk = Desk(config, store, filters, now, chosen)
    yield from filter(None, map(desk.edition, members))


class Desk:
    """Where digests are made: what is the same for every member is looked up once."""

    def __init__(
        self, config: Config, store: Store, filters: Filters, now: dt.datetime, chosen: Chosen = everything
    ) -> None:
        self.config, self.store, self.filters, self.now, self.chosen = config, store, filters, now, chosen
        self.ledger, self.channel = Ledger(store), channel(config)
        self.rota = Rota(config, store, self.channel, now)
        self.office, self.failed = office_of(config), failed_sources(config, store)
        self._as_of = cache(store.as_of)

    def edition(self, member: Member, turn: Turn = Turn.ALL) -> Edition | None:
        """The member's digest; None where there is nothing to tell."""
        digest = self._digest(member, turn)
        return Edition(member, digest, render(digest, self.office)) if digest.lines else None

    def _digest(self, member: Member, turn: Turn) -> Digest:
        found = filter(lambda entry: self.chosen(entry.kept), self.ledger.matches(member.member))
        matches = {entry.kept.opportunity.id: entry for entry in found}
        told = self.ledger.told(member.member, self.channel)
        gone = [id for id, of in told.items() if id not in matches and of.version < of.newest]
        news = {id: kept for id in gone if (kept := self.store.get(id)) and self.chosen(kept)}
        current = {id: entry.kept for id, entry in matches.items()} | news
        return compose(
            To(member.member, member.name, member.language),
            [_matched(entry, member) for entry in matches.values()],
            {id: self._told(of, current[id].opportunity) for id, of in told.items() if id in current},
            self.now,
            followed=[Matched(kept.opportunity, kept.version, changed=kept.changed) for kept in news.values()],
            limit=self.config.digest.limit,
            volume=self.rota.room(member),
            reminders=member.remind,
            next_in=self.rota.days_until_next(member),
            urgent=turn is Turn.URGENT,
            paused=self.rota.pause(member),
            failed_sources=self.failed,
            since=self.rota.last_mail(member),
            interests=_interests(self.filters, member),
        )

    def _told(self, of: ToldOf, current: Opportunity) -> Told:
        """What was told, as it was then; most of it has not changed since, and costs nothing to look up."""
        then = self._as_of(current.id, of.version) if of.version < of.newest else current
        return Told(of.version, then or current, of.sections, of.last)


def _matched(entry: Matching, member: Member) -> Matched:
    match = Match.from_json({name: value for name, value in entry.body.items() if name != "also"})
    reasons = tuple(_reasons(match, member))
    kept = entry.kept
    return Matched(_with_twins(entry), kept.version, match.score, match.tier, reasons, kept.changed)


def _reasons(match: Match, member: Member) -> Iterator[str]:
    """`Software and portals: “portal” in the title, CPV 72000000`: one for each interest, its best evidence first."""
    found: dict[str, list[str]] = {}
    for reason in match.reasons:
        about = reason.about_ro if member.language == "ro" else reason.about_en
        found.setdefault(about, []).append(reason.evidence(member.language))
    for about, evidence in found.items():
        yield f"{about}: {', '.join(evidence[:EVIDENCE])}"


def _with_twins(entry: Matching) -> Opportunity:
    """The opportunity with the official pages of its twins, so that the member sees both."""
    one = entry.kept.opportunity
    also = tuple(Link(url=url, role="notice") for url in entry.body.get("also", ()) if url)
    return one.model_copy(update={"links": unique((*also, *one.links))}) if also else one


def _interests(filters: Filters, member: Member) -> tuple[str, ...]:
    names = dict.fromkeys(interest for rule in member.rules for interest in rule.interests)
    return tuple(getattr(filters.interests[name].name, member.language) for name in names if name in filters.interests)


def failed_sources(config: Config, store: Store) -> tuple[str, ...]:
    """Enabled sources whose last run is not good: the list may be incomplete."""
    journal = Journal(store)
    enabled = [name for name, source in config.sources.items() if source.enabled]
    return tuple(
        name for name in enabled if (run := journal.last(name)) is not None and run.verdict is not Verdict.GOOD
    )


def office_of(config: Config) -> Office:
    """Who writes to the members, from the configuration."""
    name, address = parseaddr(config.mail.sender)
    reply_to = parseaddr(config.mail.reply_to or config.mail.sender)[1]
    domain = address.rpartition("@")[2]
    return Office(name or config.name, address, reply_to, domain, reply_to, reply_to, config.mail.postal)


def enqueue(config: Config, ledger: Ledger, ready: Edition, now: dt.datetime, state: State = State.PENDING) -> None:
    """Freezes an edition in the outbox: one message per address of the member, with its lines."""
    member = ready.member
    lines = [(line.id, line.version, str(line.section)) for line in ready.digest.lines]
    before = ledger.mails_to(member.member)
    messages = [(address, *_frozen(config, ready, address, now, before)) for address in _mailboxes(member)]
    ledger.enqueue(member.member, channel(config), messages, lines, now, state)


def _mailboxes(member: Member) -> Iterable[str]:
    """Its addresses; one that is written twice, with other capitals, once."""
    found: dict[str, str] = {}
    for address in member.email:
        found.setdefault(address.casefold(), address)
    return found.values()


def _frozen(config: Config, ready: Edition, address: str, now: dt.datetime, before: int = 0) -> tuple[str, str, bytes]:
    """Message id, subject and bytes. `before` tells a digest from one of the same second that failed."""
    office, member = office_of(config), ready.member.member
    key = hashlib.sha256(f"{member} {address} {now.isoformat()} {before} {ready.rendered.text}".encode()).hexdigest()
    message_id = f"<d.{now:%Y-%m-%d}.{member}.{key[:12]}@{office.list_domain}>"
    one_click = leave.link(config, member)
    mail = message(ready.rendered, address, office, message_id=message_id, date=now, one_click=one_click)
    return message_id, ready.rendered.subject, mail.as_bytes()


def write(folder: Path, name: str, ready: Edition, raw: bytes) -> None:
    """The edition as files one can open: .eml, .html and .txt."""
    folder.mkdir(0o700, parents=True, exist_ok=True)
    (folder / f"{name}.eml").write_bytes(raw)
    (folder / f"{name}.html").write_text(ready.rendered.html, encoding="utf-8")
    (folder / f"{name}.txt").write_text(ready.rendered.text, encoding="utf-8")


def dry_run(config: Config, ready: Edition, now: dt.datetime, folder: Path) -> Path:
    """Writes what would be mailed and tells the ledger nothing; the path without its endings."""
    _, _, raw = _frozen(config, ready, ready.member.email[0], now)
    write(folder, ready.member.member, ready, raw)
    return folder / ready.member.member
