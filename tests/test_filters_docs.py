"""Every YAML block of docs/filters.md loads as it stands there."""

import re
from pathlib import Path

import pytest

from filters import measured
from filters.profile import files_of, read_filters

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "filters.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_the_block_loads_beside_the_shipped_vocabularies(block: str) -> None:
    shared = files_of(ROOT / "filters" / "interests", ROOT / "nowhere")
    filters = read_filters(shared | {"docs/filters.md": block})
    assert filters.problems == ()
    assert "docs/filters.md" in filters.texts


def test_there_are_blocks() -> None:
    assert len(BLOCKS) >= 4


def test_the_page_is_short() -> None:
    text = (ROOT / "docs" / "filters.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 170


def test_the_shipped_filters_load_without_a_problem() -> None:
    filters = read_filters(files_of(ROOT / "filters" / "interests", ROOT / "filters" / "members"))
    assert filters.problems == ()
    assert len(filters.interests) == 12
    assert len(filters.members) == 9


def test_no_shipped_entry_is_covered_by_another() -> None:
    filters = read_filters(files_of(ROOT / "filters" / "interests", ROOT / "filters" / "members"))
    files = measured.read(filters.texts, [*filters.interests.values(), *filters.members])
    assert len(files) == 21
    assert list(measured.idle(files)) == []
