"""The single values of SEAP's answers: instants, amounts, codes, authorities, counties. Pure.

Formats as recorded 2019-2026; what none of them fits is None, and the caller counts it as an issue.
"""

import datetime as dt
import math
import re
import unicodedata
from decimal import Decimal
from zoneinfo import ZoneInfo

from pipeline.opportunity import Money
from pipeline.places import COUNTIES, REGIONS
from pipeline.text import without_contacts as text_without_contacts

BUCHAREST = ZoneInfo("Europe/Bucharest")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$")
_LOCAL = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d):(\d\d)(?::(\d\d))?$")
_CPV = re.compile(r"\s*(\d{8})(?:-\d)?(?!\d)")
_AUTHORITY = re.compile(r"\s*(RO?)?\s*(\d{2,10})(?!\d)\s*(?:-\s*)?(.*)$", re.IGNORECASE | re.DOTALL)
_TED = (
    re.compile(r"(?P<year>\d{4})\s*/\s*S\s*\d{1,3}\s*-\s*0*(?P<number>\d{1,8})$"),  # 2021/S 160-421538, until 2023
    re.compile(r"0*(?P<number>\d{1,8})-(?P<year>\d{4})$"),
)
_TELEPHONE = re.compile(r"(?<![\d.,/-])0[237]\d{2}[\s./-]?\d{3}[\s./-]?\d{3}(?![\d/-])")
_NUTS = re.compile(r"\s*(RO\d{0,3})(?![A-Z0-9])")


def instant(raw: object) -> dt.datetime | None:
    """An aware instant from ISO 8601 with its offset, or from `dd.MM.yyyy HH:mm` in Bucharest; None for neither.

    An ISO text without offset is not believed: every recorded answer carries one.
    """
    text = raw.strip() if isinstance(raw, str) else ""
    try:
        if match := _ISO.match(text):
            year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
            moment = dt.datetime(year, month, day, hour, minute, second, tzinfo=_zone(match[7]))
        elif match := _LOCAL.match(text):
            day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
            moment = dt.datetime(year, month, day, hour, minute, second, tzinfo=BUCHAREST)
        else:
            return None
    except ValueError:
        return None
    return moment if 1990 <= moment.year <= 2100 else None


def absent(raw: object) -> bool:
    """Whether nothing is said: null, an empty text, or .NET's null date of the year 1."""
    return raw is None or raw == "" or (isinstance(raw, str) and raw.startswith("0001-01-01"))


def day(moment: dt.datetime) -> dt.date:
    """The calendar day of an instant in Bucharest."""
    return moment.astimezone(BUCHAREST).date()


def _zone(offset: str) -> dt.timezone:
    if offset == "Z":
        return dt.UTC
    sign = -1 if offset[0] == "-" else 1
    return dt.timezone(sign * dt.timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6])))


def lei(raw: object) -> Money | None:
    """An amount in RON without VAT; 0 is how the lists write "not stated". Raises ValueError for what is no amount."""
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        raise ValueError(f"no amount: {raw!r}")
    return Money(amount=Decimal(str(raw)), currency="RON") if raw else None


def cpv(raw: object) -> str | None:
    """The 8 digits at the start of `72413000-8 - Servicii ... (Rev.2)`, written with or without the hyphen."""
    match = _CPV.match(raw) if isinstance(raw, str) else None
    return match[1] if match else None


def authority(raw: str) -> tuple[str | None, str]:
    """Tax id and name of `RO1590120 - REGIA ...` (contract lists) or `4316180 Institutul ...` (advertising list).

    The id keeps its RO or R as published, without blanks; None where the text does not begin with one.
    """
    match = _AUTHORITY.match(raw)
    if match is None or not match[3].strip():
        return None, raw.strip()
    return (match[1] or "").upper() + match[2], match[3].strip()


def buyer_keys(id: str | None, name: str) -> frozenset[str]:
    """Normal forms of a buyer's tax id and name, the same as of a TED notice, so that both can be joined."""
    number = re.sub(r"\W", "", id or "").upper().removeprefix("RO").removeprefix("R")
    named = "name:" + " ".join(re.findall(r"\w+", name.casefold()))
    return frozenset({named, f"id:{number}"} if number else {named})


def ted_number(raw: object) -> str | None:
    """A TED publication number as TED's own notices are called here: 421538-2021 for `2021/S 160-421538`."""
    text = raw.strip() if isinstance(raw, str) else ""
    for form in _TED:
        if match := form.match(text):
            return f"{match['number']}-{match['year']}"
    return None


def without_contacts(text: str) -> str:
    """Without e-mail addresses and telephone numbers, also Romanian ones whose ten digits stand by themselves."""
    return _TELEPHONE.sub("[tel.]", text_without_contacts(text))


def nuts(raw: object) -> str | None:
    """The code at the start of `RO223 Constanta`; None for the class names that leak into `nutsCode`."""
    match = _NUTS.match(raw) if isinstance(raw, str) else None
    return match[1] if match and match[1] in _PLACES else None


def county(raw: object) -> str | None:
    """The NUTS 3 code of a county in any spelling: Cluj, CARAS-SEVERIN, Bistriţa Năsăud, Municipiul Bucuresti."""
    return _BY_NAME.get(_plain(raw)) if isinstance(raw, str) else None


def without_diacritics(text: str) -> str:
    """Small letters of the English alphabet for comparing: ș, ş and s are one."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def _plain(name: str) -> str:
    words = re.findall(r"[a-z]+", without_diacritics(name))
    return " ".join(word for word in words if word not in ("judetul", "municipiul", "jud", "mun"))


_BY_NAME = {_plain(name): code for code, name in COUNTIES.items()}
_PLACES = {"RO", *COUNTIES, *REGIONS} | {code[:3] for code in REGIONS}
