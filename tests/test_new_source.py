"""Adding a source: one file, one block. Done in a copy of the house, and collected from, as a person would."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

from pipeline.store import Store
from tests.romanian_sources import ends
from tests.sources._site import SAMPLES, Site
from tests.world import ROOT

SPIDER = (SAMPLES / "harbour" / "harbour.py.txt").read_text(encoding="utf-8")
ROOMS = ("commands", "digests", "filters", "pipeline", "spiders")


class HarbourServer(Site):
    """The site of an invented foundation."""

    name = "harbour"
    paths = {"/calls": "calls.html"}


def test_a_source_is_one_short_file_and_one_block(tmp_path: Path) -> None:
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "vestitor.py", tmp_path)
    (tmp_path / "spiders" / "harbour.py").write_text(SPIDER, encoding="utf-8")
    with HarbourServer() as site:
        block = f'harbour: {{url: "{site.url}", at: ["08:00"], delay: 0, backoff: 0.02}}'
        filters = "filters: {interests: filters/interests, members: filters/members}"
        (tmp_path / "config.yaml").write_text(f"store: new.db\n{filters}\nsources:\n  {block}\n", encoding="utf-8")
        call = [sys.executable, "vestitor.py", "--now=2026-11-20 11:00", "collect", "harbour"]
        done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert [request.path for request in site.requests] == ["/robots.txt", "/calls"]
    with Store(tmp_path / "new.db") as store:
        first, second = (kept.opportunity for kept in store.all())
    assert (first.source, first.title, ends(first)) == (
        "harbour",
        "Software pentru porturi mici",
        [("submission", "2027-01-15T17:00")],
    )
    assert second.value is not None and (int(second.value.amount), second.value.currency) == (1_500_000, "EUR")


def test_its_spider_has_less_than_forty_lines_of_code() -> None:
    docstring = ast.get_docstring(ast.parse(SPIDER), clean=False) or ""
    code = [line for line in SPIDER.replace(docstring, "").splitlines() if line.strip()]
    assert len(code) < 40


def test_the_guide_shows_that_spider() -> None:
    assert SPIDER in (ROOT / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
