"""Writes what is generated from the code: docs/sources.md and the table of sources in the README.

`make docs` writes; `python -m tests.write_docs --check` fails where a file is not what the code says.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
TERMS = ("Publisher", "Home", "Access", "Covers", "Caveats", "Licence")
"""What the docstring of every source says, in this order."""
BEGIN, END = "<!-- sources: written by `make docs` -->", "<!-- end of sources -->"


def sources() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, first sentence and terms of every source; raises ValueError where a term is missing."""
    for file in sorted((ROOT / "spiders").glob("[a-z]*.py")):
        docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        terms = dict(_terms(docstring))
        if tuple(terms) != TERMS:
            raise ValueError(
                f"{file.name}: its docstring has {', '.join(terms) or 'no terms'}; wanted: {', '.join(TERMS)}"
            )
        yield file.stem, " ".join(docstring.split("\n\n")[0].split()), terms


def _terms(docstring: str) -> Iterator[tuple[str, str]]:
    for match in re.finditer(r"^([A-Z][a-z]+): (.+(?:\n[ \t]+.+)*)", docstring, re.MULTILINE):
        if match[1] in TERMS:
            yield match[1], " ".join(match[2].split())


def page() -> str:
    """docs/sources.md."""
    lines = [
        "# Sources",
        "",
        "Written by `make docs` from the docstrings in `spiders/`. How each is doing: `vestitor status`.",
        "",
    ]
    for name, what, terms in sources():
        lines += [f"## {name}", "", what, ""]
        lines += [f"- **{term}**: {said}" for term, said in terms.items()]
        lines.append("")
    return "\n".join(lines) + MISSING


MISSING = (ROOT / "docs" / "sources-missing.md").read_text(encoding="utf-8")
"""What is not covered yet, and why: written by hand."""


def table() -> str:
    """The README's table of sources."""
    rows = [f"| `{name}` | {terms['Publisher']} | {terms['Covers']} |" for name, _, terms in sources()]
    return "\n".join(["| source | publisher | covers |", "|---|---|---|", *rows])


def files() -> dict[Path, str]:
    """Every generated file with what should stand in it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return {
        ROOT / "docs" / "sources.md": page(),
        ROOT / "README.md": f"{before}{BEGIN}\n{table()}\n{END}{after}",
    }


def main() -> None:
    """Writes, or with --check compares."""
    stale = [path for path, text in files().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        if stale:
            sys.exit(f"not what the code says: {', '.join(path.name for path in stale)}; run `make docs`")
        return
    for path in stale:
        path.write_text(files()[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
