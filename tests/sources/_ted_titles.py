"""What the Search API adds to every notice: the title it composes in 24 languages, and the links.

Facts: recorded 2026-09-05 to 2026-09-12. The composed title holds the country and the label of the CPV, so a keyword search in it
finds the code that was asked for; the stand-in writes both in English whatever the language, which is all a test needs.
"""

from __future__ import annotations

from ._ted_shelf import Notice

SITE = "https://ted.europa.eu"
LANGUAGES = {
    language.upper(): code
    for language, code in (
        pair.split(":")
        for pair in (
            "bul:bg spa:es ces:cs dan:da deu:de est:et ell:el eng:en fra:fr gle:ga hrv:hr ita:it lav:lv lit:lt hun:hu mlt:mt nld:nl "
            "pol:pl por:pt ron:ro slk:sk slv:sl fin:fi swe:sv"
        ).split()
    )
}
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
    "32": "Radio, television, communication, telecommunication and related equipment",
    "34": "Transport equipment and auxiliary products to transportation",
    "35": "Security, fire-fighting, police and defence equipment",
    "45": "Construction work",
    "48": "Software package and information systems",
    "72": "IT services: consulting, software development, Internet and support",
    "73": "Research and development services and related consultancy services",
    "79": "Business services: law, marketing, consulting, recruitment, printing and security",
    "90": "Sewage, refuse, cleaning and environmental services",
}


def composed_title(notice: Notice) -> dict[str, str]:
    """ "Country – CPV label – buyer's title", in all 24 languages; buyers' own titles hold dashes too."""
    from ._ted_fields import values

    own = next(iter(values(notice, "title-proc")), "")
    country = next(iter(values(notice, "buyer-country")), "")
    cpv = next(iter(values(notice, "main-classification-proc")), "")
    title = " – ".join((_COUNTRIES.get(country, country), _DIVISIONS.get(cpv[:2], cpv), own))
    return {language.lower(): title for language in LANGUAGES} if own else {}


def links(notice: Notice) -> dict[str, dict[str, str]]:
    """Always there, asked for or not; language keys are upper case here and lower case everywhere else."""
    from ._ted_fields import values

    official = values(notice, "official-language") or ["ENG"]
    return {
        "xml": {"MUL": f"{SITE}/en/notice/{notice.number}/xml"},
        "pdf": {name: f"{SITE}/{code}/notice/{notice.number}/pdf" for name, code in LANGUAGES.items()},
        "pdfs": {
            name: f"{SITE}/{LANGUAGES[name]}/notice/{notice.number}/pdfs" for name in official if name in LANGUAGES
        },
        "html": {name: f"{SITE}/{code}/notice/-/detail/{notice.number}" for name, code in LANGUAGES.items()},
        "htmlDirect": {name: f"{SITE}/{code}/notice/{notice.number}/html" for name, code in LANGUAGES.items()},
    }
