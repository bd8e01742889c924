"""What of a digest finds room, and what is only listed. Pure."""

import datetime as dt
from collections.abc import Container, Sequence

from digests.sections import Line, Part, Section, reading_order

FIRST_TOLD = (Section.NEW, Section.EARLY)
"""The sections of what was never told and does not close yet: those the weekly volume holds small."""


def fit(
    lines: Sequence[Line], limit: int, volume: int | None, pressing: Container[str], now: dt.datetime
) -> tuple[Part, ...]:
    """At most `volume` of what is told for the first time, and `limit` in all: a fair share for every section.

    `pressing` are the ids of those told for the first time that must not wait: they have room beyond the volume.
    """
    first = [line for line in lines if line.section in FIRST_TOLD]
    size = len(first) if volume is None else max(volume, sum(line.id in pressing for line in first))
    ranked = {section: _ranked(section, lines, pressing, now) for section in Section}
    wanted = [*_best(first, pressing, now)[:size], *(line for line in lines if line.section not in FIRST_TOLD)]
    room = _allot([sum(line.section is section for line in wanted) for section in Section], limit)
    parts = (_part(section, ranked[section], size, now) for section, size in zip(Section, room, strict=True))
    return tuple(part for part in parts if part.lines or part.rest)


def _allot(sizes: Sequence[int], limit: int) -> list[int]:
    taken = [min(size, limit // len(sizes)) for size in sizes]
    for place, size in enumerate(sizes):
        taken[place] += min(size - taken[place], limit - sum(taken))
    return taken


def _ranked(section: Section, lines: Sequence[Line], pressing: Container[str], now: dt.datetime) -> list[Line]:
    """Those of the section in the order they get room: the soonest of what closes or changed, the best of the new."""
    own = [line for line in lines if line.section is section]
    return _best(own, pressing, now) if section in FIRST_TOLD else reading_order(own, now)


def _best(lines: Sequence[Line], pressing: Container[str], now: dt.datetime) -> list[Line]:
    """What must not wait, then top picks, then the higher score."""
    return sorted(reading_order(lines, now), key=lambda line: (line.id not in pressing, not line.top, -line.score))


def _part(section: Section, ranked: list[Line], size: int, now: dt.datetime) -> Part:
    """The lines with room in reading order, top picks first among the new; the rest as ranked."""
    kept = reading_order(ranked[:size], now)
    if section in FIRST_TOLD:
        kept.sort(key=lambda line: not line.top)
    return Part(section, tuple(kept), tuple(ranked[size:]))
