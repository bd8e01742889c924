"""How a value is read out of a notice's XML, one function for each shape the Search API answers in.

Facts: shapes recorded 2026-08-05 to 2026-09-29; the official specification's types are often wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from ._ted_shelf import Notice

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_EFORMS = "http://data.europa.eu/p27/eforms-ubl-extension"
NAMESPACES = {
    "cac": f"{_UBL}CommonAggregateComponents-2",
    "cbc": f"{_UBL}CommonBasicComponents-2",
    "ext": f"{_UBL}CommonExtensionComponents-2",
    "efext": f"{_EFORMS}s/1",
    "efac": f"{_EFORMS}-aggregate-components/1",
    "efbc": f"{_EFORMS}-basic-components/1",
}
EXTENSION = "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/efext:EformsExtension"
_ORGANISATION = f"{EXTENSION}/efac:Organizations/efac:Organization/*"

Read = Callable[[Notice], object]


def find(notice: Notice, xpath: str) -> list[Any]:
    found: Any = notice.root.xpath(xpath, namespaces=NAMESPACES)
    return list(found)


def text(node: etree._Element | str) -> str:
    return node if isinstance(node, str) else (node.text or "")


def child(node: etree._Element, name: str) -> str:
    return node.findtext(f"cbc:{name}", default="", namespaces=NAMESPACES)


def one(xpath: str) -> Read:
    """A plain string, the first one."""
    return lambda notice: next(map(text, find(notice, xpath)), None)


def many(xpath: str) -> Read:
    """A list, in document order, with the duplicates the real one has."""
    return lambda notice: [text(node) for node in find(notice, xpath)]


def distinct(xpath: str) -> Read:
    """A list without duplicates: six values, one currency."""
    return lambda notice: list(dict.fromkeys(text(node) for node in find(notice, xpath)))


def named(xpath: str) -> Read:
    """{"ron": "text"}: keys are lower case."""
    return lambda notice: {_language(node): text(node) for node in find(notice, xpath)}


def names(xpath: str) -> Read:
    """{"ron": ["text", …]}: one entry a lot."""
    return lambda notice: _by_language(find(notice, xpath))


def amount(xpath: str) -> Read:
    """A JSON number, where estimated values are strings."""

    def read(notice: Notice) -> object:
        found = [float(text(node)) for node in find(notice, xpath)]
        return None if not found else int(found[0]) if found[0].is_integer() else found[0]

    return read


def measures(xpath: str) -> Read:
    """[{"value": "10", "unit": "MONTH"}]"""
    return lambda notice: [{"value": text(node), "unit": node.get("unitCode")} for node in find(notice, xpath)]


def party_names(references: str, wanted: str) -> Read:
    """{"ron": ["name", …]} of the organisations or touch points referred to; "mul" where no language is given."""
    return lambda notice: _by_language(_parties(notice, references, wanted))


def party_codes(references: str, wanted: str) -> Read:
    return lambda notice: [text(node) for node in _parties(notice, references, wanted)]


def _parties(notice: Notice, references: str, wanted: str) -> list[Any]:
    ids = {text(node) for node in find(notice, references)}
    parties = [party for party in find(notice, _ORGANISATION) if ids & _own_ids(party)]
    return [node for party in parties for node in party.xpath(wanted, namespaces=NAMESPACES)]


def _own_ids(party: etree._Element) -> set[str]:
    return {text(node) for node in party.iterfind("cac:PartyIdentification/cbc:ID", namespaces=NAMESPACES)}


def _by_language(nodes: list[Any]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for node in nodes:
        texts.setdefault(_language(node), []).append(text(node))
    return texts


def _language(node: etree._Element) -> str:
    return node.get("languageID", "mul").lower()
