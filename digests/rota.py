"""Whose turn it is today: the members' cadences, the office's calendar and what the ledger remembers, put together."""

import datetime as dt
from enum import StrEnum

from digests import cadence
from digests.cadence import Calendar
from filters.profile import Member
from pipeline.config import Config
from pipeline.ledger import Ledger
from pipeline.store import Store
from pipeline.turns import Outcome, Turns


class Turn(StrEnum):
    """What a member is told today."""

    ALL = "all"
    URGENT = "urgent"
    """Only what closes within days: its own day is another one."""
    NOTHING = "nothing"


class Rota:
    """Turns at `now` (aware), counted in days of the office's time zone."""

    def __init__(self, config: Config, store: Store, channel: str, now: dt.datetime) -> None:
        self.config, self.now = config, now
        self.calendar = Calendar(frozenset(config.digest.days), config.digest.closed_days)
        self.today = self._day(now)
        self._ledger, self._turns = Ledger(store), Turns(store, channel)

    def turn(self, member: Member) -> Turn:
        """Whether its digest is due; one that was made today, or had nothing to tell in this period, is not."""
        if cadence.due(member.digest, self._last(member), self.today, self.calendar):
            return Turn.ALL
        if member.urgent and self.calendar.works(self.today) and not self._mailed_today(member):
            return Turn.URGENT
        return Turn.NOTHING

    def next_day(self, member: Member) -> dt.date:
        """The day its next digest is due, after today's if that was made."""
        return cadence.next_due(member.digest, self._last(member), self.today, self.calendar)

    def days_until_next(self, member: Member) -> int:
        """Days from a digest made today until the one after."""
        return (cadence.next_due(member.digest, self.today, self.today, self.calendar) - self.today).days

    def room(self, member: Member) -> int:
        """How many new opportunities its weekly volume still holds."""
        day = cadence.week_begins(member.digest, self.today)
        start = dt.datetime.combine(day, dt.time(0), self.config.zone)
        return max(0, self.volume(member) - self._turns.new_since(member.member, start, self.now))

    def volume(self, member: Member) -> int:
        """How many new opportunities it wants in a week."""
        return member.volume or self.config.digest.volume

    def passed(self, member: Member) -> None:
        """Its turn came, and there was nothing to tell."""
        self._turns.note(member.member, Outcome.NOTHING, self.now)

    def paused(self, member: Member) -> None:
        """Its turn came, and it is paused."""
        self._turns.note(member.member, Outcome.PAUSED, self.now)

    def pause(self, member: Member) -> dt.datetime | None:
        """When it was last seen paused, if ever."""
        return self._turns.last(member.member, Outcome.PAUSED, self.now)

    def last_mail(self, member: Member) -> dt.datetime | None:
        """When its last digest was made."""
        return self._ledger.last_digest(member.member, self._turns.channel, self.now)

    def _last(self, member: Member) -> dt.date | None:
        """The day of its last turn; one of today that found nothing can still become a digest."""
        mail, nothing = self.last_mail(member), self._turns.last(member.member, Outcome.NOTHING, self.now)
        days = [self._day(mail)] if mail else []
        days += [day] if nothing and (day := self._day(nothing)) < self.today else []
        return max(days, default=None)

    def _mailed_today(self, member: Member) -> bool:
        mail = self.last_mail(member)
        return mail is not None and self._day(mail) >= self.today

    def _day(self, moment: dt.datetime) -> dt.date:
        return moment.astimezone(self.config.zone).date()
