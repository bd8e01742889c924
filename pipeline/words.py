"""How the command line says things: local times, counts, columns, paragraphs, and the values of a field."""

import datetime as dt
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

WIDEST = 100
CUT = 90
"""Characters of a text shown in a history."""


def width() -> int:
    """Columns to write in: the terminal's, 80 without one, never so many that lines are hard to read."""
    return min(shutil.get_terminal_size((80, 24)).columns, WIDEST)


def day(date: dt.date) -> str:
    """Such as `2027-01-11`."""
    return f"{date:%Y-%m-%d}"


def moment(at: dt.datetime, zone: ZoneInfo) -> str:
    """An instant on the office's clock, such as `2027-01-11 15:00`, which `--now` takes too."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def recent(at: dt.datetime, now: dt.datetime, zone: ZoneInfo) -> str:
    """An instant of this year without its year, such as `20 Nov 10:00`."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %H:%M}" if local.year == now.astimezone(zone).year else day(local)


def count(number: int, one: str, many: str = "") -> str:
    """`1 mail`, `2 mails`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def columns(rows: Sequence[Sequence[str]], numbers: Iterable[int] = ()) -> list[str]:
    """The rows as lines with aligned cells, no cell ever broken; `numbers` are the columns aligned to the right."""
    right = set(numbers)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    sizes = list(enumerate(widths))
    return [
        "  ".join(row[i].rjust(size) if i in right else row[i].ljust(size) for i, size in sizes).rstrip()
        for row in rows
    ]


def paragraph(text: str, first: str = "", rest: str | None = None) -> str:
    """The text wrapped between words, its first line after `first`, the others as far in (or after `rest`)."""
    further = " " * len(first) if rest is None else rest
    lines = textwrap.wrap(text, width(), initial_indent=first, subsequent_indent=further, **_WORDS)
    return "\n".join(lines) or first.rstrip()


_WORDS: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


def value(found: Any, zone: ZoneInfo) -> str:
    """A field of an exported opportunity, for people."""
    if found is None or found in ([], ""):
        return "not stated"
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, dict):
        return _thing(found, zone)
    if isinstance(found, list):
        return _several(found, zone)
    return _text(str(found), zone)


def _thing(found: dict[str, Any], zone: ZoneInfo) -> str:
    if "amount" in found:
        return f"{found['amount']:,} {found['currency']}"
    if "role" in found and "url" not in found:
        purpose = [found["role"]] if found["role"] != "submission" else []
        lot = [f"lot {found['lot']}"] if found.get("lot") else []
        return " ".join([_text(found["at"] or found["date"], zone), *(f"({part})" for part in purpose + lot)])
    return _text(str(next(found[key] for key in ("name", "title", "url", "id") if found.get(key))), zone)


def _several(found: list[Any], zone: ZoneInfo) -> str:
    shown = list(dict.fromkeys(value(one, zone) for one in found))
    more = f" and {len(shown) - 4} more" if len(shown) > 4 else ""
    return "; ".join(shown[:4]) + more


def _text(text: str, zone: ZoneInfo) -> str:
    """A text cut to a readable length; a date or an instant as the office writes it."""
    try:
        if len(text) == len("2026-11-20"):
            return day(dt.date.fromisoformat(text))
        if "T" in text and (at := dt.datetime.fromisoformat(text)).tzinfo:
            return moment(at, zone)
    except ValueError:
        pass
    return text if len(text) <= CUT else text[: CUT - 3].rstrip() + "..."
