"""Reading XML by a table of paths: the wanted paths become a trie, one walk collects their elements.

One walk costs half of one XPath per field and a thirtieth of BeautifulSoup (measured on eForms notices, November 2026;
`make bench` repeats the part that counts here), and the table reads like the documentation it was taken from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

Found = dict[str, list[Any]]
"""Field name to its elements in document order; a group's name to one Found per occurrence."""
Table = Mapping[str, "str | Table"]
"""Field name to path (`name 2` for a second path of the same field); a group, `name path`, to the table below it."""


@dataclass(slots=True)
class Node:
    """One step of the trie: the field that ends here, the group that begins here, the steps below."""

    name: str = ""
    group: bool = False
    below: dict[str, "Node"] = field(default_factory=dict)


def trie(table: Table, prefixes: Mapping[str, str]) -> Node:
    """The trie of a table of paths such as `cac:ProcurementProject/cbc:Name`."""
    root = Node()
    for key, value in table.items():
        name, _, path = key.partition(" ")
        if isinstance(value, str):
            _step(root, value, prefixes).name = name
        else:
            end = _step(root, path, prefixes)
            end.name, end.group = name, True
            end.below.update(trie(value, prefixes).below)
    return root


def _step(node: Node, path: str, prefixes: Mapping[str, str]) -> Node:
    for step in path.split("/"):
        prefix, _, local = step.rpartition(":")
        node = node.below.setdefault(f"{{{prefixes[prefix]}}}{local}", Node())
    return node


def collect(element: etree._Element, below: dict[str, Node], found: Found) -> Found:
    """Adds every element a path leads to; what no path leads through is not entered."""
    # Where most children are unwanted, lxml's own tag filter is faster than looking at each.
    wide = len(element) > 4 * len(below)
    for child in element.iterchildren(*below) if wide else element:
        node = below.get(child.tag)  # type: ignore[call-overload]
        if node is None:
            continue
        if node.group:
            found.setdefault(node.name, []).append(collect(child, node.below, {}))
            continue
        if node.name:
            found.setdefault(node.name, []).append(child)
        if node.below:
            collect(child, node.below, found)
    return found
