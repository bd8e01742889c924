"""RSS and Atom into entries. feedparser is only ever given bytes: it would open paths and addresses by itself."""

import datetime as dt
import io
from calendar import timegm
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import feedparser

from pipeline.exceptions import SourceError, UnreadableError
from pipeline.romanian import BUCHAREST, as_day, read_when
from pipeline.text import safe_url
from spiders._html import html_to_text, line_of

MOST = 5_000
"""Entries of a feed that are read; 20,000 take 4 s and 126 MB."""
LARGEST = 20_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed."""

    ref: str
    title: str
    url: str | None
    text: str
    published: dt.date | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed read: its entries, and what was wrong with it, if anything was."""

    entries: tuple[Entry, ...]
    fault: str | None = None


def read_feed(body: bytes) -> Feed:
    """The entries of a feed, also of one cut short (its fault is told). Raises SourceError for what is no feed: an
    empty body, a maintenance page, a document type (entity bombs)."""
    if not body.strip():
        raise SourceError("the feed is empty")
    if len(body) > LARGEST or b"<!ENTITY" in body[:5_000].upper():
        raise SourceError(f"no feed is like this: {len(body)} bytes or entities of its own")
    try:
        parsed = feedparser.parse(io.BytesIO(body), resolve_relative_uris=False)
    except (ValueError, OverflowError, RecursionError, UnicodeError) as error:  # 2 % of mutated feeds raise one
        raise SourceError(f"the feed cannot be parsed: {str(error)[:100]}") from None
    if not parsed.get("version"):
        raise SourceError(f"this is no feed; it begins {body[:60]!r}")
    fault = str(parsed.get("bozo_exception", ""))[:100] if parsed.get("bozo") else None
    return Feed(tuple(_entries(parsed.entries[:MOST])), fault)


def _entries(raw: list[Any]) -> Iterator[Entry]:
    for entry in map(dict, raw):  # feedparser's own mapping answers for fields that are not there, and warns of it
        url = safe_url(str(entry.get("link", "")))
        ref = " ".join(str(entry.get("id") or url or "").split()).replace(" ", "%20")
        title = line_of(str(entry.get("title", "")))
        if ref and title:
            words = tuple(line_of(str(tag.get("term") or "")) for tag in entry.get("tags", ()))
            yield Entry(ref[:300], title, url, _text(entry), _day(entry), tuple(filter(None, words)))


def _text(entry: Any) -> str:
    """The whole text where the feed carries it, else the summary."""
    contents = [str(content.get("value", "")) for content in entry.get("content", ())]
    longest = max([*contents, str(entry.get("summary", ""))], key=len)
    try:
        return html_to_text(longest)
    except UnreadableError:
        return ""


def _day(entry: Any) -> dt.date | None:
    """The day it came out, in Bucharest; months in Romanian ("21 noi. 2026") are read too."""
    for name in ("published", "updated"):
        if parsed := entry.get(f"{name}_parsed"):
            try:
                return dt.datetime.fromtimestamp(timegm(parsed), dt.UTC).astimezone(BUCHAREST).date()
            except (ValueError, OverflowError, OSError):
                continue
        if when := read_when(str(entry.get(name, ""))[:100]):
            return as_day(when)
    return None
