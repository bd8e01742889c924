"""oportunitati-ue.gov.ro on the loopback interface: the `apel` interface, its lists of terms, and the pages of calls.

Facts: 2026-08; calls invented. Like the real one it refuses clients without browser headers and Referer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ._server import Answer
from ._site import TYPES, WordPressSite

TERMS: dict[str, list[dict[str, Any]]] = {
    "beneficiar": [{"id": 11, "name": "Întreprinderi mici și mijlocii"}, {"id": 12, "name": "Universități"}],
    "domeniu": [{"id": 21, "name": "Digitalizare"}],
    "tip_apel": [{"id": 31, "name": "Competitiv - Termen limitat de depunere"}],
    "zona_geografica": [{"id": 41, "name": "Nord-Vest"}],
}


class OportunitatiUeServer(WordPressSite):
    """Calls, terms and pages."""

    name = "oportunitati_ue"
    route = "apel"
    required = ("accept", "accept-language", "referer")
    paths = {"/apel/vouchere-cloud-2026/": "vouchere.html", "/apel/laboratoare-ia/": "laboratoare.html"}

    def more(self, path: str, query: Mapping[str, str]) -> Answer:
        term = path.rpartition("/")[2]
        if path == f"/wp-json/wp/v2/{term}" and term in TERMS:
            return Answer(200, json.dumps(TERMS[term]).encode(), {"Content-Type": TYPES[".json"]})
        return super().more(path, query)
