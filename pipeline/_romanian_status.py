"""What a Romanian sentence or title says a call is doing: opening, waiting, put off, over. Pure.

The words are tried in an order in which the weightier wins: a list of payments is never an open call whatever else it
names, and "nu va fi suspendat" suspends nothing.
"""

import re
from enum import StrEnum

from pipeline import _romanian_verbs as verbs
from pipeline._romanian_words import fold


class Status(StrEnum):
    """What is said of a call."""

    OPEN = "open"
    FORTHCOMING = "forthcoming"
    CONSULTATION = "consultation"
    CONSULTATION_CLOSED = "consultation_closed"
    CLOSED = "closed"
    EXTENDED = "extended"
    POSTPONED = "postponed"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    AMENDED = "amended"
    RESULTS = "results"
    NOISE = "noise"
    """Payments, questions and answers, vacancies, purchases: nothing one can apply to."""


_LONGEST, _BADGE = 2_000, 30
"""Characters of a statement that are read; and how long a badge is at most ("Stadiu: închis")."""


def read_status(text: str) -> Status | None:
    """What a sentence, title or badge says a call is doing; None where it says nothing of the kind."""
    said = " ".join(verbs.QUOTED.sub(" ", fold(text[:_LONGEST])).split())
    return _over(said) or _waiting(said) or _running(verbs.CONSULTATION_OVER.sub(_gone, said))


def _over(said: str) -> Status | None:
    if verbs.NOISE.search(said) and not _moves_a_call(said):
        return Status.NOISE
    if _stated(verbs.CANCELLED, said):
        return Status.CANCELLED
    if _stated(verbs.RESUMED, said):
        return Status.OPEN
    match = verbs.SUSPENDED.search(said)
    return _suspended(said[: match.start()]) if match else None


def _suspended(before: str) -> Status | None:
    """What is not suspended goes on; what may be some day is not."""
    if verbs.NOT.search(before):
        return Status.OPEN
    return None if verbs.MAYBE.search(before) else Status.SUSPENDED


def _waiting(said: str) -> Status | None:
    if _moves_a_call(said):
        return Status.EXTENDED
    if _stated(verbs.POSTPONED, said):
        return Status.POSTPONED
    if _stated(verbs.RESULTS, said):
        return Status.RESULTS
    if _stated(verbs.CONSULTATION_OVER, said) and not _stated(verbs.OPEN, said):
        return Status.CONSULTATION_CLOSED
    return None


def _moves_a_call(said: str) -> bool:
    match = verbs.EXTENDED.search(said)
    if match is None or not _stated(verbs.EXTENDED, said):
        return False
    around = said[max(0, match.start() - 60) : match.end() + 60]
    return not verbs.OTHER_EXTENSION.search(around) or bool(verbs.HANDING_IN.search(around))


def _running(said: str) -> Status | None:
    for pattern, status in (
        (verbs.CLOSED, Status.CLOSED),
        (verbs.CONSULTATION, Status.CONSULTATION),
        (verbs.AMENDED, Status.AMENDED),
        (verbs.FORTHCOMING, Status.FORTHCOMING),
        (verbs.OPEN, Status.OPEN),
    ):
        if _stated(pattern, said):
            return status
    return None


def _gone(match: re.Match[str]) -> str:
    """A consultation that is over is not one; "data încheierii consultării" is a label."""
    return match[0] if verbs.LABEL.search(match.string, 0, match.start()) else " "


def _stated(pattern: re.Pattern[str], said: str) -> bool:
    """Whether the words stand there without a "nu" before them, not as a label ("data închiderii"), and of a call."""
    for match in pattern.finditer(said):
        before = said[max(0, match.start() - 60) : match.start()]
        label = verbs.OF_A_LABEL.match(match[0].strip()) and verbs.LABEL.search(before)
        if not label and not verbs.NOT.search(before) and _of_a_call(match, before):
            return True
    return False


def _of_a_call(match: re.Match[str], before: str) -> bool:
    """Words that may describe anything need a call nearby, or stand alone as a badge."""
    if not verbs.ADJECTIVE.fullmatch(match[0].strip()) or len(match.string) <= _BADGE:
        return True
    after = match.string[match.end() : match.end() + 40]
    badge = match.end() == len(match.string) and match[0].strip() in ("activ", "inactiv", "inchis", "deschis")
    return badge or bool(verbs.CALL.search(before) or verbs.CALL.search(after) or verbs.HAPPENED.search(before))
