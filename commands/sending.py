"""Whether and when a member was told of an opportunity, and if not, why not."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from digests.desk import channel
from digests.rota import Rota
from filters.profile import Member
from pipeline.bounces import suppressed
from pipeline.config import Config
from pipeline.ledger import Ledger, State, ToldOf
from pipeline.opportunity import LIVE
from pipeline.store import Kept, Store
from pipeline.tellings import Telling, speaker, spoken_for, tellings
from pipeline.words import moment, paragraph


@dataclass(frozen=True, slots=True)
class Sending:
    """Everything that decides whether a member was or will be told of an opportunity."""

    kept: Kept
    member: Member
    matches: bool
    tagged: bool
    """Whether the match stands in the store, from where digests take it."""
    speaker: str
    """The id under which it is told: a twin's, where that speaks for both."""
    twins: Sequence[str]
    """The twins it speaks for."""
    tellings: Sequence[Telling]
    told: ToldOf | None
    last_digest: dt.datetime | None
    refusing: bool
    """Whether all its addresses are suppressed."""
    limit: int
    volume: int
    next_day: dt.date
    """The day its next digest is due."""
    now: dt.datetime
    zone: ZoneInfo

    @classmethod
    def of(cls, config: Config, store: Store, kept: Kept, member: Member, matches: bool, now: dt.datetime) -> Self:
        """Gathered from the store."""
        ledger, id, through = Ledger(store), speaker(store, kept.opportunity.id), channel(config)
        rota = Rota(config, store, through, now)
        return cls(
            kept,
            member,
            matches,
            tagged=any(entry.kept.opportunity.id == id for entry in ledger.matches(member.member)),
            speaker=id,
            twins=spoken_for(store, kept.opportunity.id),
            tellings=tellings(store, member.member, id, through),
            told=ledger.told(member.member, through).get(id),
            last_digest=rota.last_mail(member),
            refusing=all(address.lower() in suppressed(store) for address in member.email),
            limit=config.digest.limit,
            volume=rota.volume(member),
            next_day=rota.next_day(member),
            now=now,
            zone=config.zone,
        )

    def words(self) -> Iterator[str]:
        """Each mail with it; and where it is still to be told, or will not be, why."""
        if self.speaker != self.kept.opportunity.id:
            yield paragraph(f"It is the same as {self.speaker} and told under that id; explain that one too.", "  ")
        if self.twins:
            yield paragraph(f"It is told for its twins too, and matches where they do: {', '.join(self.twins)}", "  ")
        for telling in self.tellings:
            yield paragraph(f"{moment(telling.made, self.zone)}: {self._fate(telling)}", "  ")
        if self.told is None:
            yield paragraph(f"Not sent: {self._why_not()}", "  ")
        elif self.told.version < self.told.newest:
            yield paragraph(f"It has changed since (history below). {self._next()}", "  ")

    def _fate(self, telling: Telling) -> str:
        under = f"under “{telling.section}” (version {telling.version})"
        words = {
            State.SENT: f"sent, {under}",
            State.UNKNOWN: f"{under}, in a mail that may have arrived or not; `vestitor deliveries` settles it",
            State.FAILED: f"{under}, in a mail that failed: {telling.reply}",
            State.WITHDRAWN: f"{under}, in a mail that was taken back: {telling.reply}",
        }
        if telling.state is State.HELD:
            return f"{under}, in a mail that staff have not released; `vestitor release`"
        return words.get(telling.state, f"{under}, in a mail that is waiting ({telling.state}) {telling.reply or ''}")

    def _why_not(self) -> str:
        stage = self.kept.opportunity.at(self.now).stage
        name, last = self.member.member, self.last_digest
        if stage not in LIVE:
            return f"it is {stage}, and only what is open or coming is told to whom it was never told."
        if not self.matches and not self.tagged:
            return f"no rule of {name} wants it."
        if not self.member.confirmed:
            return f"{name} has not confirmed; `confirmed: true` in its file once it has agreed."
        if self.member.paused:
            return f"{name} is paused (`paused: true` in its file); what is still open comes when it no longer is."
        if self.refusing:
            return f"every address of {name} refuses mail; `vestitor deliveries allow {name}` once it is mended."
        if not self.tagged:
            return "it matches today's filters, but was not tagged with them yet; the next digest does that first."
        if last is None or last < self.kept.first_seen:
            when = "never" if last is None else moment(last, self.zone)
            return f"there was no mail to {name} since it was found (the last: {when}); it comes with {self._coming}."
        return (
            f"a mail left at {moment(last, self.zone)} without it: either it had no room there ({self.limit} lines a "
            f"mail, {self.volume} new ones a week, the best first; the attached page lists the others), or only a "
            "later edit of the filters brought it. It comes when there is room, or when it closes soon."
        )

    @property
    def _coming(self) -> str:
        return f"the next digest, due on {self.next_day:%A}, {self.next_day.day} {self.next_day:%B}"

    def _next(self) -> str:
        if not self.member.confirmed or self.member.paused:
            return "The member is not mailed now."
        return "The next digest tells what of it matters: stage, title, deadlines, value, opening, buyer."
