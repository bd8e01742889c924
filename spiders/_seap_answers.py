"""What an answer of SEAP is worth: a JSON object, or which of its many ways of saying no. Pure.

Recorded: 403 with JSON for a missing Referer; 403 with HTML from `Server: SICAP` for a blocked address; 200 with
`null`, with `hasError`, or with the page of an outage (2023-2026).
"""

import json
from typing import Any

from pipeline.exceptions import SourceError
from pipeline.text import clean

BLOCKED = "SEAP has blocked this address"
DEPTH = 40
"""Levels of lists and objects in an answer; the deepest recorded one has nine."""


class NothingThereError(SourceError):
    """The notice asked for is not there, said politely."""


class StoppedError(SourceError):
    """No further request makes sense in this run; `today`: nor in any other today."""

    def __init__(self, why: str, today: bool = False) -> None:
        super().__init__(why)
        self.today = today


def answer_of(url: str, status: int, body: bytes) -> dict[str, Any]:
    """The JSON object in an answer; raises NothingThereError, StoppedError or SourceError for everything else."""
    if status == 403:
        raise _forbidden(url, body)
    if status == 404:
        raise NothingThereError(f"{url}: HTTP 404")
    if status != 200:
        raise SourceError(f"{url}: HTTP {status}: {_words(body)}")
    try:
        answer = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise SourceError(f"{url}: the answer is not JSON: {_words(body)}") from None
    if not _shallow(answer, DEPTH):
        raise SourceError(f"{url}: nested deeper than {DEPTH} levels")
    if answer is None:
        raise NothingThereError(f"{url}: null")
    if not isinstance(answer, dict):
        raise SourceError(f"{url}: the answer is no JSON object: {_words(body)}")
    if answer.get("hasError") or answer.get("hasErrors"):
        raise NothingThereError(f"{url}: {clean(str(answer.get('responseMessage') or 'hasError'), 160)}")
    return answer


def items_of(url: str, answer: dict[str, Any]) -> tuple[list[Any], int, bool]:
    """Rows, total and "too long" of one page of a list; raises SourceError where they are not what a list has."""
    items, total = answer.get("items"), answer.get("total")
    if not isinstance(items, list) or not isinstance(total, int) or isinstance(total, bool):
        raise SourceError(f"{url}: no list: it has {', '.join(sorted(answer)[:8]) or 'nothing'}")
    return items, total, answer.get("searchTooLong") is True


def _forbidden(url: str, body: bytes) -> StoppedError:
    """Every further request would be refused alike. A page (not JSON) is what a blocked address gets, for long."""
    if body.lstrip().startswith(b"{"):
        return StoppedError(f"{url}: HTTP 403: {_words(body)}")
    return StoppedError(f"{BLOCKED}: {_words(body)}", today=True)


def _shallow(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    return levels > 0 and all(
        _shallow(one, levels - 1) for one in (value.values() if isinstance(value, dict) else value)
    )


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON number")


def _words(body: bytes) -> str:
    return clean(body[:2000].decode(errors="replace"), 160)
