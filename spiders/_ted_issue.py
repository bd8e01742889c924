"""Issues of the Official Journal S: numbered 1 to about 254 within a year, none on weekends and EU holidays. Pure."""

import datetime as dt
import re
from typing import NamedTuple, Self
from urllib.parse import urlsplit

LOOK_AHEAD = 3
"""Numbers without a package in a row after which a year, or what is published so far, is taken to end."""


class Issue(NamedTuple):
    """An issue by year and number."""

    year: int
    number: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """From "225/2026" (as the API writes it) or "202600225" (as packages and our marks do); None for neither."""
        if match := re.fullmatch(r"(\d{1,5})/(\d{4})", text.strip()):
            return cls(int(match[2]), int(match[1]))
        match = re.fullmatch(r"(\d{4})(\d{5})", text.strip())
        return cls(int(match[1]), int(match[2])) if match else None

    @property
    def code(self) -> str:
        """As in a package's address: 202600225."""
        return f"{self.year}{self.number:05d}"

    def __str__(self) -> str:
        return f"{self.number}/{self.year}"

    @property
    def next(self) -> "Issue":
        """The number after it in the same year."""
        return self._replace(number=self.number + 1)


def following(
    issue: Issue, misses: int, newest: Issue | None, this_year: int, patience: int = LOOK_AHEAD
) -> Issue | None:
    """The issue to ask for next, `misses` numbers in a row (this one the last) having had no package; None at the end.

    `newest` is the newest issue the API knows of, None where it could not say: then `patience` misses are the end.
    """
    if misses == 0 or (newest is not None and issue.year == newest.year and issue < newest):
        return issue.next
    years_to_come = issue.year < (newest.year if newest else this_year)
    if years_to_come:
        return issue.next if misses < LOOK_AHEAD else Issue(issue.year + 1, 1)
    return issue.next if newest is None and misses < patience else None


HOLIDAYS = 12
"""More days than TED rests in a year besides weekends."""


def earliest(day: dt.date) -> Issue:
    """The lowest number the issue of a day can have: working days of the year so far, less the holidays."""
    start = dt.date(day.year, 1, 1)
    working = sum((start + dt.timedelta(n)).weekday() < 5 for n in range((day - start).days + 1))
    return Issue(day.year, max(1, working - HOLIDAYS))


def api_base(url: str) -> str:
    """Where the API answers: `api.` before TED's host; a stand-in without a name of that kind answers itself."""
    parts = urlsplit(url)
    if parts.hostname and parts.hostname.endswith("europa.eu") and not parts.hostname.startswith("api."):
        return f"{parts.scheme}://api.{parts.netloc}"
    return url
