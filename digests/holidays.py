"""The days on which Romania does not work. Pure.

The Labour Code (Law 53/2003), article 139, as in force since Law 220/2023 added 6 and 7 January. Easter and Pentecost
are the Orthodox ones. Written here because the `holidays` library is no dependency of ours and the list changes by law
about once in ten years; an office's own free days stand in `digest.closed` of config.yaml.
"""

import datetime as dt
from functools import cache

_FIXED = (
    (1, 1), (1, 2),  # New Year
    (1, 6), (1, 7),  # Epiphany, Saint John
    (1, 24),  # Union of the Principalities
    (5, 1),  # Labour
    (6, 1),  # Children
    (8, 15),  # Dormition
    (11, 30), (12, 1),  # Saint Andrew, National Day
    (12, 25), (12, 26),  # Christmas
)  # fmt: skip
_FROM_EASTER = (-2, 0, 1, 49, 50)
"""Good Friday, Easter Sunday and Monday, Pentecost Sunday and Monday."""


@cache
def holidays(year: int) -> frozenset[dt.date]:
    """The legal holidays of a year."""
    sunday = orthodox_easter(year)
    fixed = (dt.date(year, month, day) for month, day in _FIXED)
    return frozenset((*fixed, *(sunday + dt.timedelta(days=days) for days in _FROM_EASTER)))


def orthodox_easter(year: int) -> dt.date:
    """Easter Sunday by the Julian rule (Meeus), on our calendar; 1900 to 2099, while the two are 13 days apart."""
    moon = (19 * (year % 19) + 15) % 30
    weekday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7
    month, day = divmod(moon + weekday + 114, 31)
    return dt.date(year, month, day + 1) + dt.timedelta(days=13)
