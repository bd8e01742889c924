"""Unpacking a TED package: a gzipped tar, read as a stream, bounded, nothing ever written to disk. Pure."""

import io
import tarfile
import zlib
from collections.abc import Iterator

from pipeline.exceptions import SourceError

FILES_MAX = 20_000
FILE_MAX = 32 * 2**20
TOTAL_MAX = 2 * 2**30
"""A daily package unpacks to 160-210 MB (2026); ten times that is no package."""


def unpack(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each regular file; raises SourceError at what is cut short, damaged or too large."""
    files = total = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(body), mode="r|gz") as package:
            for member in package:
                if not member.isfile():
                    continue
                files, total = files + 1, total + member.size
                if files > FILES_MAX or member.size > FILE_MAX or total > TOTAL_MAX:
                    raise SourceError(f"the package is larger than any true one at {member.name[:100]}")
                content = package.extractfile(member)
                assert content is not None
                yield member.name.rsplit("/", 1)[-1], content.read()
                package.members.clear()  # type: ignore[attr-defined]  # tarfile keeps every header it has read
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise SourceError(f"the package is damaged or cut short after {files} files: {error}") from None
