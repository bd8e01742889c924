"""What the Search API adds to every notice: the title it composes in 24 languages, and the links.

Facts: recorded 2026-09-05 to 2026-09-12. The composed title holds the country and the label of the CPV, so a keyword
search in it finds the code that was asked for. The stand-in writes both in English whatever the language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SITE = "https://ted.europa.eu"
_CODES = (
    "BUL bg SPA es CES cs DAN da DEU de EST et ELL el ENG en FRA fr GLE ga HRV hr ITA it "
    "LAV lv LIT lt HUN hu MLT mt NLD nl POL pl POR pt RON ro SLK sk SLV sl FIN fi SWE sv"
)
LANGUAGES = dict(re.findall(r"(\w+) (\w+)", _CODES))
_COUNTRIES = {
    "ROU": "Romania",
    "DEU": "Germany",
    "FRA": "France",
    "HUN": "Hungary",
    "ITA": "Italy",
    "POL": "Poland",
    "IRL": "Ireland",
    "LUX": "Luxembourg",
}
_DIVISIONS = {
    "15": "Food, beverages, tobacco and related products",
    "30": "Office and computing machinery, equipment and supplies",
    "34": "Transport equipment and auxiliary products to transportation",
    "45": "Construction work",
    "48": "Software package and information systems",
    "63": "Supporting and auxiliary transport services; travel agencies services",
    "72": "IT services: consulting, software development, Internet and support",
    "73": "Research and development services and related consultancy services",
    "90": "Sewage, refuse, cleaning and environmental services",
}


def composed_title(country: str, cpv: str, title: str) -> dict[str, str]:
    """ "Country – CPV label – buyer's title", in all 24 languages; buyers' own titles hold dashes too."""
    parts = (_COUNTRIES.get(country, country), _DIVISIONS.get(cpv[:2], cpv), title)
    return {name.lower(): " – ".join(parts) for name in LANGUAGES} if title else {}


def links(number: str, official: Sequence[str]) -> dict[str, dict[str, str]]:
    """Always there, asked for or not; language keys are upper case here and lower case everywhere else."""
    page = {name: f"{SITE}/{code}/notice" for name, code in LANGUAGES.items()}
    return {
        "xml": {"MUL": f"{SITE}/en/notice/{number}/xml"},
        "pdf": {name: f"{at}/{number}/pdf" for name, at in page.items()},
        "pdfs": {name: f"{page[name]}/{number}/pdfs" for name in official if name in page},
        "html": {name: f"{at}/-/detail/{number}" for name, at in page.items()},
        "htmlDirect": {name: f"{at}/{number}/html" for name, at in page.items()},
    }
