"""The channels' words side by side: which of them is believed about what. Pure.

About dates and status the channel is believed whose dates or status moved last; about all else the index, then the bulk
file, then the details.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from pipeline.notice import Issue
from pipeline.opportunity import Deadline, Role
from spiders import _eu_portal_time as time
from spiders._eu_portal_codes import CASCADE, MODELS, TENDER, TOPIC
from spiders._eu_portal_dossier import Dossier
from spiders._eu_portal_said import Said, said_by_bulk, said_by_details, said_by_index

T = TypeVar("T")
_READERS = {"index": said_by_index, "announcement": said_by_index, "bulk": said_by_bulk, "details": said_by_details}
"""The channels in the order in which they are believed."""


def merged(old: Dossier | None, ref: str, kind: str, new: Dossier) -> Dossier:
    """The dossier with what this run brought; `lead` goes to the one channel whose dates or status moved.

    So whichever channel hears of an extension first is believed, and where the two disagree for good they never take
    turns.
    """
    known = old or {}
    both = [each for each in ("index", "bulk") if each in new and each in known]
    moved = [each for each in both if _moving(kind, new, each) != _moving(kind, known, each)]
    lead = {"lead": moved[0]} if len(moved) == 1 else {}
    return {**known, **new, **lead, "ref": ref, "kind": kind}


def _moving(kind: str, dossier: Dossier, channel: str) -> object:
    said = (said_by_index if channel == "index" else said_by_bulk)(dossier[channel])
    try:
        return deadlines(kind, said), time.brussels_day(said.opens) if said.opens else None, said.status
    except (ValueError, OverflowError):
        return None


def deadlines(kind: str, said: Said) -> tuple[Deadline, ...]:
    """A channel's deadlines, soonest first; raises ValueError.

    The hours of cascade and EuropeAid calls are not to be trusted (the Commission moved 21:00 and 02:00 to 17:00 in
    May 2026), so only their day is kept: a cascade call's as written, a EuropeAid call's in Brussels.
    """
    if kind == TENDER:
        ends = sorted({_tender_end(raw, said) for raw in said.deadlines}, key=lambda deadline: deadline.ends)
        return tuple(ends)
    day = time.written_day if kind == CASCADE else time.brussels_day
    days = sorted({day(raw) for raw in said.deadlines})
    roles = time.roles(said.model or None, said.identifier, len(days))
    if kind == TOPIC:
        return tuple(Deadline(at=time.end_of(day), role=role) for day, role in zip(days, roles, strict=False))
    return tuple(Deadline(date=day, role=role) for day, role in zip(days, roles, strict=False))


def _tender_end(raw: str, said: Said) -> Deadline:
    """The index writes wall clocks, the bulk file (milliseconds) true instants; without its zone only the day holds."""
    role = Role.INTEREST if said.identifier.endswith("-EXA") else Role.SUBMISSION
    if raw.isdigit():
        return Deadline(at=time.in_brussels(raw), role=role)
    if said.zone:
        return Deadline(at=time.wall(raw, said.zone), role=role)
    return Deadline(date=time.written_day(raw), role=role)


class Voices:
    """What the channels say of one opportunity, with the oddities found while reading."""

    def __init__(self, dossier: Dossier) -> None:
        spoken = {channel: read(dossier[channel]) for channel, read in _READERS.items() if dossier.get(channel)}
        lead = spoken.get(dossier.get("lead", ""))
        self.kind = str(dossier["kind"])
        self.all = list(spoken.values())
        self.dated = ([lead] if lead else []) + [said for said in self.all if said is not lead]
        self.issues = [Issue(code=code, detail=detail) for said in self.all for code, detail in said.issues]

    def first(self, name: str) -> Any:
        """The first that is said; the empty value where nothing is."""
        return _first(self.all, name)

    def newest(self, name: str) -> Any:
        """The same about what moves: dates and status."""
        return _first(self.dated, name)

    def issue(self, code: str, detail: object) -> None:
        """Notes an oddity."""
        self.issues.append(Issue(code=code, detail=str(detail)[:200]))

    def attempt(self, code: str, read: Callable[[], T]) -> T | None:
        """What `read` gives; a value that cannot be read is an issue and stays unknown."""
        try:
            return read()
        except (ValueError, OverflowError) as error:
            self.issue(code, error)
            return None

    @property
    def opening(self) -> dt.date | None:
        """The day it opens; a tender is open once it is published."""
        raw = self.newest("opens") if self.kind != TENDER else ""
        return self.attempt("unreadable-opening", lambda: time.brussels_day(raw)) if raw else None

    @property
    def deadlines(self) -> tuple[Deadline, ...]:
        """Those of the newest channel that can be read, in the words of another that means the same instants: only
        the index knows a tender's zone and a topic's stages."""
        readings = {id(said): found for said in self.dated if (found := self.deadlines_of(said))}
        newest = next(iter(readings.values()), ())
        in_order = (readings.get(id(said), ()) for said in self.all)
        return next((each for each in in_order if _instants(each) == _instants(newest)), newest)

    def deadlines_of(self, said: Said) -> tuple[Deadline, ...]:
        """One channel's deadlines; its oddities are issues."""
        if said.model and said.model not in MODELS:
            self.issue("unknown-deadline-model", said.model)
        if self.kind == TENDER and not said.zone and any(not raw.isdigit() for raw in said.deadlines):
            self.issue("no-time-zone", said.deadlines[0])
        whole = dataclasses.replace(said, model=said.model or self.first("model"))
        return self.attempt("unreadable-deadline", lambda: deadlines(self.kind, whole)) or ()


def _instants(deadlines: tuple[Deadline, ...]) -> list[dt.datetime]:
    return [deadline.ends for deadline in deadlines]


def _first(voices: list[Said], name: str) -> Any:
    return next((value for said in voices if (value := getattr(said, name))), getattr(Said(), name))
