"""The house itself: doors go through the rooms, sources describe themselves, nothing private is in the repository."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests import write_docs
from tests.world import ROOT

TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\n")
ROOMS = ("commands", "digests", "filters", "pipeline", "spiders")


@pytest.mark.parametrize("door", ["vestitor.py", "scheduler.py"])
def test_doors_do_not_reach_into_spiders(door: str) -> None:
    tree = ast.parse((ROOT / door).read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in getattr(node, "names", [])]
        )
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported
    assert not [name for name in imported if name.split(".")[0] == "spiders"]


def test_every_source_describes_itself() -> None:
    names = [name for name, _, _ in write_docs.sources()]
    assert "ted" in names


def test_every_source_of_the_configuration_has_a_spider() -> None:
    from pipeline.config import Config

    spiders = {name for name, _, _ in write_docs.sources()}
    for name, source in Config.read(ROOT / "config.yaml").sources.items():
        assert getattr(source, "spider", None) in spiders or name in spiders


def test_feedparser_is_only_given_bytes() -> None:
    for file in (ROOT / "spiders").glob("*.py"):
        for call in re.findall(r"feedparser\.parse\(([^\n]*)", file.read_text(encoding="utf-8")):
            assert call.startswith(("io.BytesIO(", "BytesIO(")), f"{file.name}: feedparser opens paths and addresses"


def test_only_the_door_reads_the_clock() -> None:
    clocks = re.compile(r"datetime\.now\(|\.utcnow\(|date\.today\(|time\.time\(")
    rooms = [file for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    assert len(rooms) > 20
    assert [file.name for file in rooms if clocks.search(file.read_text(encoding="utf-8"))] == []
    assert len(clocks.findall((ROOT / "vestitor.py").read_text(encoding="utf-8"))) == 1


@pytest.mark.parametrize(
    "name", [name for name in TRACKED if name.endswith((".py", ".md", ".yaml", ".toml", ".lock", ".j2", "Makefile"))]
)
def test_no_machine_and_no_registry_is_named(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8") if (ROOT / name).exists() else ""
    words = ("/" + "work/", "pypi" + ".org", "pythonhosted" + ".org", "/" + "opt/")
    assert [word for word in words if word in text] == []


def test_no_address_of_a_person_is_in_the_samples() -> None:
    allowed = re.compile(r"@([\w.-]+\.)?(example\.(org|com|net|ro|eu)|[\w.-]*\.example|[\w.-]+\.invalid)\b")
    for file in (ROOT / "tests" / "sources" / "samples").rglob("*"):
        if file.is_file():
            text = file.read_bytes().decode("utf-8", errors="ignore")
            found = re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", text)
            assert [mail for mail in found if not allowed.search(mail)] == [], file.name


def test_files_are_small_enough_to_be_read() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for room in ROOMS
        for file in (ROOT / room).rglob("*.py")
        if (lines := len(Path(file).read_text(encoding="utf-8").splitlines())) > 420
    }
    assert long == {}
