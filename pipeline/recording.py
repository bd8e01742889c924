"""A recording: what a source answered, as files with an index, without personal data; to mend a reader in minutes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INDEX = "index.jsonl"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer; `file` is "" where the body was left out."""

    method: str
    url: str
    sent: str
    """The body of the question."""
    status: int
    headers: Mapping[str, str]
    file: str
    size: int
    """Bytes of the true answer; that in `file` may have lost some personal data."""


def exchanges(folder: Path) -> Iterator[tuple[Exchange, bytes]]:
    """A recording, in the order it was asked."""
    index = folder / INDEX
    for line in index.read_text(encoding="utf-8").splitlines() if index.exists() else ():
        exchange = Exchange(**json.loads(line))
        yield exchange, (folder / exchange.file).read_bytes() if exchange.file else b""


def summary(folder: Path) -> dict[str, Any]:
    """How much a recording holds."""
    found = [exchange for exchange, _ in exchanges(folder)]
    files = [one for one in found if one.file]
    return {
        "answers": len(found),
        "files": len(files),
        "bytes": sum((folder / one.file).stat().st_size for one in files),
    }
