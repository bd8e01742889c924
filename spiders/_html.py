"""HTML and JSON as untidy as sites give them, into text that is read line by line. Pure."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement, PreformattedString

from pipeline.exceptions import UnreadableError
from pipeline.text import clean, comma_below, safe_url, without_contacts

LARGEST = 5_000_000
"""Bytes of a page that are read; 200,000 nested tags of it take the parser 5 s."""
_SILENT = ("script", "style", "noscript", "svg", "template", "form", "nav", "iframe", "button", "select")
_BLOCK_NAMES = """
    address article aside blockquote br dd div dl dt figure footer h1 h2 h3 h4 h5 h6 header hr li main ol p section
    table tbody tfoot thead tr ul
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_CELLS = frozenset(["td", "th"])
_LINE_MAX = 5_000


def soup_of(body: bytes | str) -> BeautifulSoup:
    """A page parsed; UTF-8 where its bytes are valid UTF-8 whatever the header says (a page in UTF-8 that is sent as
    ISO-8859-2 is common). Raises UnreadableError for an empty or oversized one."""
    if not body.strip():
        raise UnreadableError("empty-page", "nothing was sent")
    if len(body) > LARGEST:
        raise UnreadableError("page-too-large", f"{len(body)} bytes")
    if isinstance(body, bytes):
        with suppress(UnicodeDecodeError):
            body = body.decode("utf-8-sig")
    soup = BeautifulSoup(body, "lxml")
    for tag in soup(_SILENT):
        tag.decompose()
    return soup


def text_of(node: Tag | None) -> str:
    """What a reader sees of it: a line per block, cells parted by blanks, cleaned, no contact data."""
    return lines_of("".join(_pieces(node))) if node is not None else ""


def _pieces(node: Tag) -> Iterator[str]:
    """Strings and the breaks between them, in order; a stack, because pages nest deeper than Python does."""
    stack: list[PageElement | str] = [node]
    while stack:
        piece = stack.pop()
        if isinstance(piece, Tag):
            mark = "\n" if piece.name in _BLOCKS else " " if piece.name in _CELLS else ""
            yield mark
            stack.append(mark)
            stack.extend(reversed(piece.contents))
        elif not isinstance(piece, PreformattedString):  # comments, declarations
            yield str(piece)


def lines_of(text: str) -> str:
    """The lines of a text that say something, each cleaned."""
    lines = (clean(line, _LINE_MAX) for line in text.splitlines())
    return without_contacts(comma_below("\n".join(line for line in lines if line)))


def html_to_text(html: str) -> str:
    """The text of a piece of HTML, such as the body of a post."""
    return text_of(soup_of(html)) if html.strip() else ""


def line_of(html: str) -> str:
    """A title: one line without tags, with ș and ț."""
    return comma_below(clean(html))


def links_of(node: Tag, base: str) -> Iterator[tuple[str, str]]:
    """The safe absolute addresses in it with their words, in order, each once."""
    seen = set()
    for tag in node.find_all("a", href=True):
        url = safe_url(urljoin(base, str(tag["href"]).strip()).partition("#")[0])
        if url and url not in seen:
            seen.add(url)
            yield url, line_of(tag.get_text(" "))


def json_of(body: bytes) -> Any:
    """JSON, also behind a byte order mark (mfe.gov.ro, 2026); raises UnreadableError for what is none."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("not-json", f"{str(error)[:80]}; it begins {body[:60]!r}") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def after_label(text: str, *labels: str) -> str | None:
    """What stands behind a label, on its line or the next: "Data deschiderii: 5 mai" or "Data deschiderii\\n5 mai"."""
    names = "|".join(re.escape(comma_below(label)) for label in labels)
    match = re.search(rf"^(?:{names})[ \t]*(?::[ \t]*|\n|[ \t]+(?=\d))\s*(?P<value>\S[^\n]*)", text, re.I | re.M)
    return match["value"].strip() if match else None
