"""The portal's bulk file: 130 MB of JSON, taken apart record by record in constant memory. Pure.

`{"fundingData":{"GrantTenderObj":[{...},{...}]}}`, UTF-8, never compressed; one ETag; byte ranges are served (measured
2026-09-23: 130 MB, 11,162 records).
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from pipeline.exceptions import SourceError

START = re.compile(r'\s*\{\s*"fundingData"\s*:\s*\{\s*"GrantTenderObj"\s*:\s*\[')
RECORD_MAX = 4 * 2**20
"""Characters of one record; the largest seen has some ten thousand."""
_HEAD_MAX = 10_000
_BETWEEN = re.compile(r"[\s,]*")


class Splitter:
    """Feeds on the file piece by piece and gives out its records; raises SourceError where it is not that file."""

    def __init__(self) -> None:
        self.records = 0
        self.ended = False
        self._begun = False
        self._text = ""
        self._bytes = codecs.getincrementaldecoder("utf-8")()
        self._json = json.JSONDecoder()

    def feed(self, piece: bytes) -> Iterator[dict[str, Any]]:
        """The records that are complete with this piece."""
        try:
            self._text += self._bytes.decode(piece)
        except UnicodeDecodeError as error:
            raise SourceError(f"the bulk file is not UTF-8: {error.reason}") from None
        at = 0 if self._begun else self._head()
        while self._begun and not self.ended:
            start = self._next(at)
            if start is None:
                break
            record, at = self._record(start)
            if record is None:
                break
            self.records += 1
            yield record
        self._text = self._text[at:] if self._begun else self._text

    def close(self) -> None:
        """Raises SourceError for a file that is cut short or holds nothing."""
        if not self.ended:
            raise SourceError(f"the bulk file is cut short after {self.records} records")
        if not self.records:
            raise SourceError("the bulk file holds no record")

    def _head(self) -> int:
        match = START.match(self._text)
        if not match and len(self._text) > _HEAD_MAX:
            raise SourceError(f"the bulk file begins otherwise than it should: {self._text[:80]!r}")
        self._begun = match is not None
        return match.end() if match else 0

    def _next(self, at: int) -> int | None:
        """Where the next record begins; None where it is not there yet, or the list ends."""
        gap = _BETWEEN.match(self._text, at)
        start = gap.end() if gap else at
        follows = self._text[start : start + 1]
        self.ended = follows == "]"
        if follows not in ("", "]", "{"):
            raise SourceError(f"the bulk file has {self._text[start : start + 40]!r} where a record should begin")
        return start if follows == "{" else None

    def _record(self, start: int) -> tuple[dict[str, Any] | None, int]:
        """The record at `start` and where it ends; None where it is not all there."""
        try:
            return self._json.raw_decode(self._text, start)
        except RecursionError:
            raise SourceError("the bulk file is nested too deeply") from None
        except json.JSONDecodeError as error:
            if len(self._text) - start > RECORD_MAX:
                raise SourceError(f"a record of the bulk file cannot be read: {error.msg}") from None
            return None, start
