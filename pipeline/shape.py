"""The shape of an answer: its kind, and the keys, elements, columns or hooks in it. Live answers are compared with the
shape of the samples, so that a site that has changed is seen before its notices are missed. Pure."""

import csv
import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml import etree, html

from pipeline.redaction import PERSONAL

_DEPTH = 9
_ROWS = 60
"""Elements of a list that are looked at."""
_TELLS_NEW = ("JSON", "XML", "CSV")
"""Kinds in which something new is worth telling; pages change their looks all the time."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the samples of one address look like."""

    kind: str
    status: tuple[int, ...]
    needs: tuple[str, ...]
    """What the reader uses and every sample has."""
    also: tuple[str, ...]
    """What else stands in some sample."""

    def as_json(self) -> dict[str, Any]:
        """For the file of shapes."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Difference:
    """A live answer against the shape of the samples."""

    known: bool
    """Whether there are samples of that address."""
    kind: str
    expected: str
    missing: tuple[str, ...] = ()
    new: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Whether the reader finds what it needs."""
        return not self.missing and self.kind == self.expected


def name_of(method: str, url: str) -> str:
    """What was asked, without what differs from one notice to the next: `GET /en/notice/*/xml`."""
    *parts, last = urlsplit(url).path.rstrip("/").split("/")
    shown = [("*" if _MANY.search(part) else part) for part in parts]
    return f"{method} {'/'.join([*shown, '*' if _MANY.search(last) or '-' in last else last])}"


_MANY = re.compile(r"\d{3}|-.*-")
"""A number or a title in an address."""


def kind_of(body: bytes) -> str:
    """JSON, XML, HTML, CSV, gzip, text or nothing, by the body itself: servers label them as they like."""
    start = body.lstrip(b"\xef\xbb\xbf \r\n\t")[:300].lower()
    if not start:
        return "nothing"
    if body.startswith(b"\x1f\x8b"):
        return "gzip"
    if start[:1] in (b"{", b"["):
        return "JSON"
    if b"<!doctype html" in start or b"<html" in start:
        return "HTML"
    if start[:1] == b"<":
        return "XML"
    return "CSV" if start.split(b"\n")[0].count(b",") > 2 else "text"


def hooks_of(body: bytes) -> frozenset[str]:
    """Everything in an answer a reader can hold on to; nothing for one that cannot be parsed."""
    finder = {"JSON": _json, "XML": _xml, "HTML": _html, "CSV": _csv, "gzip": _gzip}.get(kind_of(body))
    try:
        return frozenset(finder(body)) if finder else frozenset()
    except (ValueError, RecursionError, etree.LxmlError, UnicodeDecodeError, csv.Error, OSError, EOFError):
        return frozenset()


def shape_of(answers: Iterable[tuple[int, bytes]], used: frozenset[str]) -> Shape:
    """The shape of several samples of one address; `used` are the words in the code of the reader, whole in quotes."""
    found = [(status, kind_of(body), hooks_of(body)) for status, body in answers]
    good = [each for each in found if each[0] == 200] or found
    everywhere = set.union(set(), *(hooks for _, _, hooks in good))
    needs = {
        hook
        for hook in everywhere
        if _uses(hook, used)
        and all(hook in hooks or (_above(hook) and _above(hook) not in hooks) for *_, hooks in good)
    }
    statuses = tuple(sorted({status for status, _, _ in found}))
    return Shape(good[0][1], statuses, tuple(sorted(needs)), tuple(sorted(everywhere - needs)))


def compare(shape: Shape | None, body: bytes) -> Difference:
    """A live answer against the shape of its samples."""
    kind, hooks = kind_of(body), hooks_of(body)
    if shape is None:
        return Difference(False, kind, kind)
    missing = [hook for hook in shape.needs if hook not in hooks and (not _above(hook) or _above(hook) in hooks)]
    known = {*shape.needs, *shape.also}
    new = sorted(hook for hook in hooks - known if not _above(hook) or _above(hook) in known)
    return Difference(True, kind, shape.kind, tuple(missing), tuple(new) if kind in _TELLS_NEW else ())


def read_shapes(text: str) -> dict[str, Shape]:
    """A file of shapes."""
    return {
        name: Shape(each["kind"], tuple(each["status"]), tuple(each["needs"]), tuple(each["also"]))
        for name, each in json.loads(text).items()
    }


def shape_for(name: str, shapes: Mapping[str, Shape]) -> Shape | None:
    """The shape of what was asked; of a source with a single address that one, wherever staff say it is."""
    return shapes.get(name) or (next(iter(shapes.values())) if len(shapes) == 1 else None)


def _uses(hook: str, used: frozenset[str]) -> bool:
    """Whether a reader looks for it: a label as a whole, of a path all its parts; never for persons."""
    if hook[:1] == '"':
        return hook in used
    parts = [part.removesuffix("[]") for part in re.split(r"[./]", hook.strip("<>#."))]
    return not PERSONAL.search(hook) and all(part in used for part in parts if part and part != "*")


def _above(hook: str) -> str:
    """What a hook stands in: `items[]` for `items[].title`; nothing at the top."""
    return hook.rpartition(".")[0] if hook[:1] not in '."#<' else ""


def _json(body: bytes) -> Iterator[str]:
    yield from _keys(json.loads(body.decode("utf-8-sig")), "", 0)


def _keys(value: Any, path: str, depth: int) -> Iterator[str]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for one in value[:_ROWS]:
            yield f"{path}[]"
            yield from _keys(one, f"{path}[]", depth + 1)
    elif isinstance(value, dict):
        for key, one in value.items():
            below = f"{path}.{'*' if re.search(r'[0-9]', key) else key}".lstrip(".")
            yield below
            yield from _keys(one, below, depth + 1)


def _xml(body: bytes) -> Iterator[str]:
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
    for element in root.iter() if root is not None else ():
        if isinstance(element.tag, str):
            above = element.getparent()
            name = etree.QName(element).localname
            yield f"{etree.QName(above).localname}/{name}" if above is not None else name


def _csv(body: bytes) -> Iterator[str]:
    yield from next(csv.reader(body.decode("utf-8-sig").splitlines()[:1]), [])


def _gzip(body: bytes) -> Iterator[str]:
    yield "tar" if gzip.decompress(body[:2_000_000])[257:262] == b"ustar" else "gzip"


def _html(body: bytes) -> Iterator[str]:
    """Elements, ids, classes, and the short lines people read as labels."""
    root = html.document_fromstring(body)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        yield f"<{element.tag}>"
        yield from (f".{name}" for name in (element.get("class") or "").split())
        if name := element.get("id"):
            yield f"#{name}"
        for text in (element.text, element.tail):
            label = " ".join((text or "").split()).partition(":")[0]
            if 3 < len(label) < 50:
                yield f'"{label}"'
