"""What the portal's prose says: description, readiness levels, who may take part, call documents. Pure."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from pipeline.opportunity import Link, unique
from pipeline.text import SUMMARY_MAX, clean, cut, safe_url, without_contacts

_DROPPED = re.compile(r"<(sup|script|style)\b.{0,4000}?</\1\s*>|\[\[.{0,2000}?\]\]", re.S | re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_TRL = re.compile(
    r"\b(?:TRLs?|technology readiness levels?)(?:\s*\(TRLs?\))?(?:\s+(?:at|of|level))?\s*"
    r"([1-9])(?!\d)(?:\s*(?:-|–|—|to|and|or)\s*(?:TRLs?\s*)?([1-9])(?!\d))?",
    re.I,
)
_LIMITED = re.compile(r"\b(?:limited|restricted) to\b", re.I)
_TAKING_PART = re.compile(r"\b(?:participation|eligib\w+|applicants?)\b", re.I)
_SENTENCE = 400
_HREF = re.compile(r"<a\b[^<>]{0,500}?href\s*=\s*[\"']([^\"'<>]{4,2000})[\"']", re.I)
ELIGIBLE_MAX, DOCUMENTS = 400, 3
MARKUP_MAX = 200_000
"""Characters of HTML that are looked at; descriptions have up to 30,000."""


def plain(markup: str, limit: int = SUMMARY_MAX) -> str:
    """HTML of the portal as one paragraph: footnotes and editors' notes gone, no contact data."""
    return cut(without_contacts(clean(_TAG.sub(" ", _DROPPED.sub(" ", markup[:MARKUP_MAX])), 20 * limit)), limit)


def readiness(text: str) -> str | None:
    """The span of all technology readiness levels named, such as 4-7; None where none is."""
    levels = sorted(level for match in _TRL.finditer(text) for level in match.groups() if level)
    if not levels:
        return None
    return levels[0] if levels[0] == levels[-1] else f"{levels[0]}-{levels[-1]}"


def limitation(text: str) -> str | None:
    """The sentence that limits participation; None where none does."""
    for match in _LIMITED.finditer(text):
        start = max(text.rfind(". ", 0, match.start()) + 1, match.start() - _SENTENCE)
        end = text.find(". ", match.end(), match.end() + _SENTENCE)
        if _TAKING_PART.search(text, start, match.start()):
            return cut(text[start : end if end > 0 else match.end() + _SENTENCE].strip(" .;") + ".", ELIGIBLE_MAX)
    return None


def documents(markup: str) -> Iterator[Link]:
    """The call's own documents: links below `/wp-call/`, not the forms and model agreements every call has."""
    found = (href for href in _HREF.findall(markup[:MARKUP_MAX]) if "/wp-call/" in href)
    for url in unique(filter(None, map(safe_url, found)))[:DOCUMENTS]:
        yield Link(url=url, role="documents")


def first_link(markup: str, base: str) -> str | None:
    """The first safe address a text links to: a cascade call's own page."""
    return next(filter(None, (safe_url(urljoin(base, href)) for href in _HREF.findall(markup[:MARKUP_MAX]))), None)
