"""What is mailed to staff, laid out: heading, lead, blocks of lines or a table; text and HTML say the same. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from digests.layout import template
from pipeline.text import clean
from pipeline.words import columns

LINE_MAX = 600
"""Characters of one line: a server's answer or an error may be endless."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line, what it leads to, and a second line of details."""

    text: str
    url: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells, the first of which names the row; and whether it stands out."""

    cells: tuple[str, ...]
    alarming: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below headings; `numbers` are the columns aligned to the right."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    numbers: tuple[int, ...] = ()

    @property
    def plain(self) -> list[str]:
        """As lines of text with aligned cells."""
        rows = [self.heads, *(row.cells for row in self.rows)] if self.rows else []
        return columns([[_line(cell) for cell in cells] for cells in rows], self.numbers) if rows else []


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with a note, a table and lines; `fine` is said where there is neither."""

    title: str
    note: str = ""
    lines: Sequence[Said] = ()
    table: Table = field(default_factory=lambda: Table((), ()))
    fine: str = ""
    hidden: int = 0
    """Lines that are left out."""
    more: str = ""
    """Where they are."""

    @property
    def total(self) -> int:
        """Of lines, shown or not."""
        return len(self.lines) + self.hidden

    @property
    def empty(self) -> bool:
        """Whether there is nothing below the heading."""
        return not self.lines and not self.table.rows


@dataclass(frozen=True, slots=True)
class Paper:
    """A mail to staff in words."""

    subject: str
    heading: str
    lead: str
    blocks: tuple[Block, ...]
    foot: str = ""


def text_of(paper: Paper) -> str:
    """As plain text."""
    return template("staff.txt.j2").render(paper=paper, line=_line).strip() + "\n"


def html_of(paper: Paper) -> str:
    """As HTML, in the look of the digests."""
    return template("staff.html.j2").render(paper=paper, line=_line)


def _line(text: str) -> str:
    return clean(text, LINE_MAX)
