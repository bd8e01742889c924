"""Every YAML block of docs/filters.md loads as it stands there."""

import re
from pathlib import Path

import pytest

from filters import measured
from filters.profile import files_of, read_filters
from tests.filters_samples import filters, finds

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "filters.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
SNIPPETS = [
    snippet for snippet in re.findall(r"`([a-z_]+: (?:\[[^`]*\]|\{[^`]*\}|[a-z]+|\d+))`", TEXT) if "..." not in snippet
]


@pytest.mark.parametrize("block", BLOCKS)
def test_the_block_loads_beside_the_shipped_vocabularies(block: str) -> None:
    shared = files_of(ROOT / "filters" / "interests", ROOT / "nowhere")
    filters = read_filters(shared | {"docs/filters.md": block})
    assert filters.problems == ()
    assert "docs/filters.md" in filters.texts


RULE = {"title": "[drum]", "places": "[RO]", "min_days": "1", "value": "{min: 1 EUR}", "grant": "{min: 1 EUR}"}


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_the_example_in_the_text_loads(snippet: str) -> None:
    key, _, value = snippet.partition(": ")
    of_member = {"organisation": snippet}
    rule = RULE if key in of_member else RULE | {key: value}
    lines = "\n".join(f"{name}: {said}" for name, said in rule.items())
    assert filters(lines, of_member.get(key, "")).errors == ()


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) >= 5


@pytest.mark.parametrize(("entry", "text"), [("licitație", "LICITAŢIILOR"), ("system", "systems"),
    ("portal web", "portal de web"), ("digital*", "digitalizare"), ("AI", "AI în spitale"), ("=space", "space"),
    ("e-health", "eHealth"), ("oraș* ~5 senzor*", "senzori pentru orașul Dej"), ("ro:care", "cei care")])  # fmt: skip
def test_the_table_of_words_says_what_is_so(entry: str, text: str) -> None:
    assert f"`{entry}`" in TEXT
    assert finds(entry, text)


def test_there_are_blocks() -> None:
    assert len(BLOCKS) >= 4


def test_the_page_is_short() -> None:
    text = (ROOT / "docs" / "filters.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 185


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
