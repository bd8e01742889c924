"""How fast TED is read, beside what the machine can do at all; ratios within one run, medians over interleaved rounds.

Reads the recorded notices beside the checkout, else the repository's own samples, which says less.
"""

import datetime as dt
import gzip
import io
import re
import resource
import statistics
import tarfile
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lxml import etree

from pipeline.keeping import keep
from pipeline.store import Store
from spiders._eforms import _PARSER, parse, read_notice, read_root, redacted
from spiders._package import unpack
from tests.sources.ted import SAMPLES
from tests.world import RECORDED

NOW = dt.datetime(2026, 11, 20, 11, tzinfo=dt.UTC)
ROUNDS = 7
A_DAY = 3_500
"""Notices in a large daily package."""
BATCH = 250


def notices() -> list[bytes]:
    """The recorded notices, else our samples without what is no notice."""
    recorded = sorted((RECORDED / "ted" / "notices").glob("*.xml"))
    files = recorded or [file for file in sorted(SAMPLES.glob("0*.xml")) if "791899" not in file.name]
    print(f"{len(files)} {'recorded notices' if recorded else 'samples (the recorded notices are absent)'}")
    return [file.read_bytes() for file in files]


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def compare(name: str, ours: Callable[[], object], bound: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Runs both in turn and prints the median of bound/ours, pair by pair."""
    ours(), bound()
    pairs = [(seconds(bound), seconds(ours)) for _ in range(rounds)]
    ratios = sorted(b / o for b, o in pairs)
    ratio = statistics.median(ratios)
    print(
        f"{name}: {ratio:.2f} of the bound (rounds {ratios[0]:.2f} to {ratios[-1]:.2f}); "
        f"{statistics.median(o for _, o in pairs):.2f} s against {statistics.median(b for b, _ in pairs):.2f} s CPU"
    )
    return ratio


def package(documents: list[bytes], count: int) -> bytes:
    """A daily package of `count` different notices: copies get numbers and identifiers of their own."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for n in range(count):
            xml = _renumbered(documents[n % len(documents)], n)
            member = tarfile.TarInfo(f"20261120_225/{n:08d}_2026.xml")
            member.size = len(xml)
            tar.addfile(member, io.BytesIO(xml))
    return out.getvalue()


def _renumbered(xml: bytes, n: int) -> bytes:
    xml = re.sub(rb"\b0\d{7}-(20\d\d)\b", b"%08d-2026" % n, xml)
    return re.sub(rb"\b[0-9a-f]{4}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", b"%04x" % n, xml)


def bare(body: bytes) -> None:
    """What no reader can do without: unpacking and parsing."""
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(body))) as tar:
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            etree.fromstring(content.read(), _PARSER)


def to_store(body: bytes) -> None:
    """A package into an empty store: opportunities, versions, documents, full-text index."""
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "bench.db") as store:
        batch = []
        for _, xml in unpack(body):
            root = parse(xml)
            batch.append((read_root(root), partial(redacted, root)))
            if len(batch) == BATCH:
                keep(store, batch, NOW)
                batch = []
        keep(store, batch, NOW)


def main() -> None:
    """Prints the figures."""
    documents = notices()
    compare(
        "reading notices into the model, of bare parsing",
        lambda: [read_notice(d) for d in documents],
        lambda: [etree.fromstring(d, _PARSER) for d in documents],
    )
    body = package(documents, A_DAY)
    documents.clear()
    print(f"a package of {A_DAY} notices, {len(body) / 1e6:.0f} MB packed")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    to_store(body)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory at most {after:.0f} MB with the package in it ({before:.0f} MB before reading it)")
    compare("package to store, of gunzip and bare parsing", lambda: to_store(body), lambda: bare(body), rounds=3)


if __name__ == "__main__":
    main()
