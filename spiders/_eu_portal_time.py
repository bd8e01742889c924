"""The portal's dates: three encodings of one day, a hour that is only assumed, a wall clock with a false zone. Pure.

A grant topic's deadline is a day. It was written `2024-04-18T19:00:00.000+0200` (2023), `2025-01-21T23:00:00.000+0000`
(2024: 22 January in Brussels, as `actions` beside it says) and `2026-04-15T00:00:00.000+0000` (2026); the bulk file
has milliseconds. Read in Brussels, all name the same day; it ends at 17:00 there ("11 May, 17:00", AGRIP 2026).
"""

import datetime as dt
import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from pipeline.opportunity import BRUSSELS, Deadline, Role, Stage
from spiders._eu_portal_codes import CLOSED, FORTHCOMING, MODELS, OPEN

HOUR = dt.time(17, 0)
"""When a grant topic's deadline day ends, Brussels time; the call document may say otherwise."""
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)")
_YEARS = range(1990, 2101)


def instant(raw: str) -> dt.datetime:
    """An aware instant, to the minute, from ISO text with an offset or from milliseconds; raises ValueError.

    Seconds are random on EuropeAid records (16:00:20 one day, 16:00:21 the next).
    """
    if re.fullmatch(r"\d{9,14}", raw):
        moment = dt.datetime.fromtimestamp(int(raw) / 1000, dt.UTC)
    elif _ISO.fullmatch(raw):
        moment = dt.datetime.fromisoformat(raw)
    else:
        raise ValueError(f"{raw[:60]!r} is no instant")
    if moment.year not in _YEARS:
        raise ValueError(f"{raw[:60]!r} is out of range")
    return moment.replace(second=0, microsecond=0)


def written_day(raw: str) -> dt.date:
    """The day as its digits stand, whatever zone they claim; raises ValueError."""
    match = _DAY.match(raw)
    if not match or int(match[1]) not in _YEARS:
        raise ValueError(f"{raw[:60]!r} is no date")
    return dt.date(int(match[1]), int(match[2]), int(match[3]))


def brussels_day(raw: str) -> dt.date:
    """The day in Brussels of an instant, or a bare date as it stands; raises ValueError."""
    return written_day(raw) if _DAY.fullmatch(raw) else instant(raw).astimezone(BRUSSELS).date()


def end_of(day: dt.date) -> dt.datetime:
    """17:00 in Brussels on that day, with the offset of that day."""
    return _plain(dt.datetime.combine(day, HOUR, BRUSSELS))


def wall(raw: str, zone: str) -> dt.datetime:
    """The digits of a tender's deadline in the zone beside it: the `+0000` they carry is false. Raises ValueError."""
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{zone[:40]!r} is no time zone") from None
    return _plain(instant(raw).replace(tzinfo=place))


def in_brussels(raw: str) -> dt.datetime:
    """A true instant as Brussels' clocks show it; raises ValueError."""
    return _plain(instant(raw).astimezone(BRUSSELS))


def _plain(moment: dt.datetime) -> dt.datetime:
    """With a fixed offset, as it will be read back from the store."""
    offset = moment.utcoffset()
    assert offset is not None
    return moment.replace(tzinfo=dt.timezone(offset))


def roles(model: str | None, identifier: str, count: int) -> list[Role]:
    """What each of `count` deadlines in order is for: stages, cut-offs, or the one submission."""
    if model == "two-stage" or (model not in MODELS and identifier.lower().endswith("-two-stage")):
        return [Role.STAGE_1] * max(count - 1, 1) + [Role.STAGE_2] * (count > 1)
    if count > 1 or model == "multiple cut-off":
        return [Role.CUT_OFF] * count
    return [Role.SUBMISSION]


def stage(
    status: str | None, opens: dt.date | None, deadlines: Sequence[Deadline], now: dt.datetime, announced: bool
) -> Stage | None:
    """Where it stands at `now`, from its dates before the portal's status, which lags behind them (70 of 261 openings
    in 2026 by more than two days); None where neither says.

    What the portal itself ended stays ended; a prior information notice never opens. A call in two stages ends with its
    first one, though the portal calls it open up to the second: nobody new can come in.
    """
    entry = [d for d in deadlines if d.role is Role.STAGE_1] or deadlines
    if entry and max(deadline.ends for deadline in entry) <= now:
        return Stage.CLOSED
    if status == CLOSED:
        return Stage.CLOSED
    if announced:
        return Stage.PLANNED
    if deadlines and opens is not None:
        return Stage.OPEN if opens <= now.astimezone(BRUSSELS).date() else Stage.PLANNED
    return {FORTHCOMING: Stage.PLANNED, OPEN: Stage.OPEN}.get(status or "", Stage.OPEN if deadlines else None)
