"""Writes spiders/shapes/: what the answers of each source look like, as its samples show them, for the live check.

`python -m tests.write_shapes [SOURCE]...` after a sample or a reader has changed. What a reader uses of an answer is
found in its code: the words it looks for are string constants of the spider and of the modules it is built from.
"""

import ast
import importlib
import inspect
import json
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from pipeline.collecting import Order
from pipeline.probing import SHAPES, look
from pipeline.recording import exchanges
from pipeline.shape import Shape, name_of, shape_of
from spiders._package import unpack
from tests.sources._server import StandIn
from tests.sources._site import Site, WordPressSite
from tests.sources.eu_portal import HOME, PortalServer
from tests.sources.mipe import MipeServer
from tests.sources.seap import SeapServer
from tests.sources.startupcafe import StartupCafeServer
from tests.sources.ted import TedServer
from tests.world import EVERYTHING, FRIDAY, ROOT, installation

FEED = frozenset({"rss", "channel", "item", "title", "link", "guid", "feed", "entry", "id"})
"""What feedparser, which reads feeds for us, needs to find an entry."""


def sites() -> dict[str, type[StandIn]]:
    """Every stand-in by the name of its source."""
    found: dict[str, type[StandIn]] = {"ted": TedServer, "eu_portal": PortalServer, "seap": SeapServer}
    for file in sorted((ROOT / "tests" / "sources").glob("[a-z]*.py")):
        for _, site in inspect.getmembers(importlib.import_module(f"tests.sources.{file.stem}"), inspect.isclass):
            if issubclass(site, Site) and site not in (Site, WordPressSite) and hasattr(site, "name"):
                found.setdefault(site.name, site)
    return {name: site for name, site in found.items() if (ROOT / "spiders" / f"{name}.py").exists()} | {
        "feed": StartupCafeServer,
        "wordpress": MipeServer,
    }


def used(source: str) -> frozenset[str]:
    """The words in the code of a reader, whole and in their parts."""
    words = set()
    for module in _modules(f"spiders.{source}", set()):
        for node in ast.walk(ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 1000:
                words |= {f'"{node.value}"', node.value, *re.findall(r"[\w-]+", node.value)}
    return frozenset(
        words | (FEED if any("_feeds" in each for each in _modules(f"spiders.{source}", set())) else set())
    )


def _modules(name: str, seen: set[str]) -> set[str]:
    if name not in seen:
        seen.add(name)
        text = (ROOT / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8")
        for other in re.findall(r"^from (spiders\.\w+) import", text, re.MULTILINE):
            _modules(other, seen)
    return seen


def shapes(source: str, folder: Path) -> dict[str, Shape]:
    """The shapes of a source, from all its stand-in has to say."""
    found = defaultdict(list)
    with ExitStack() as stack:
        site = stack.enter_context(sites()[source]())
        path = {"eu_portal": HOME, "feed": "/feed"}.get(source, "")
        more = f", spider: {source}" if source in ("feed", "wordpress") else ""
        block = f'{source}: {{url: "{site.url}{path}", delay: 0, backoff: 0, {EVERYTHING}{more}}}\n'
        for turn in (0, 60):  # as a collection asks, and as a live check does
            look(installation(folder, block), Order(source), FRIDAY, folder / f"answers-{turn}", turn)
            for exchange, body in exchanges(folder / f"answers-{turn}"):
                if not exchange.url.endswith("/robots.txt") and exchange.status in (200, 206, 404):
                    found[name_of(exchange.method, exchange.url)].append((exchange.status, body))
                if source == "ted" and body.startswith(b"\x1f\x8b"):  # all sorts of notices, not only the newest
                    found["GET /en/notice/*/xml"] += [(200, xml) for _, xml in unpack(body)]
    return {name: shape_of(answers, used(source)) for name, answers in sorted(found.items())}


def text_of(source: str) -> str:
    """The file of a source."""
    with tempfile.TemporaryDirectory() as folder:
        found = shapes(source, Path(folder))
    return json.dumps({name: shape.as_json() for name, shape in found.items()}, ensure_ascii=False, indent=1) + "\n"


def written(names: list[str]) -> Iterator[str]:
    SHAPES.mkdir(exist_ok=True)
    for source in names or sorted(sites()):
        (SHAPES / f"{source}.json").write_text(text_of(source), encoding="utf-8")
        yield source


if __name__ == "__main__":
    for name in written(sys.argv[1:]):
        print(f"wrote {SHAPES.relative_to(ROOT)}/{name}.json")
