"""The log of each source, kept small: what stands in logs/<source>.log is for whoever mends a source."""

from pathlib import Path

LARGEST = 2_000_000
"""Bytes from which a log is put aside as <source>.log.1, in place of the one before."""


def cap(folder: Path) -> None:
    """Puts logs that have grown too large aside; there are never more than two files of a source."""
    for log in folder.glob("*.log"):
        if log.stat().st_size > LARGEST:
            log.replace(log.with_name(log.name + ".1"))
