"""Countries and Romanian counties: codes to codes and names. Pure tables."""

from babel.core import get_global

COUNTRIES: dict[str, str] = {
    alpha_3: replacements[0]
    for alpha_3, replacements in get_global("territory_aliases").items()
    if len(alpha_3) == 3 and alpha_3.isalpha() and len(replacements[0]) == 2
} | {"XKX": "XK", "1A0": "XK"}
"""ISO 3166-1 alpha-3 (as eForms writes them) to alpha-2, from CLDR; Kosovo as the EU's own lists write it."""

_NUTS_SPELLING = {"EL": "GR", "UK": "GB"}

COUNTIES: dict[str, str] = {
    "RO111": "Bihor", "RO112": "Bistrița-Năsăud", "RO113": "Cluj", "RO114": "Maramureș", "RO115": "Satu Mare",
    "RO116": "Sălaj", "RO121": "Alba", "RO122": "Brașov", "RO123": "Covasna", "RO124": "Harghita", "RO125": "Mureș",
    "RO126": "Sibiu", "RO211": "Bacău", "RO212": "Botoșani", "RO213": "Iași", "RO214": "Neamț", "RO215": "Suceava",
    "RO216": "Vaslui", "RO221": "Brăila", "RO222": "Buzău", "RO223": "Constanța", "RO224": "Galați", "RO225": "Tulcea",
    "RO226": "Vrancea", "RO311": "Argeș", "RO312": "Călărași", "RO313": "Dâmbovița", "RO314": "Giurgiu",
    "RO315": "Ialomița", "RO316": "Prahova", "RO317": "Teleorman", "RO321": "București", "RO322": "Ilfov",
    "RO411": "Dolj", "RO412": "Gorj", "RO413": "Mehedinți", "RO414": "Olt", "RO415": "Vâlcea", "RO421": "Arad",
    "RO422": "Caraș-Severin", "RO423": "Hunedoara", "RO424": "Timiș",
}  # fmt: skip
"""Romanian counties by their NUTS 3 code (NUTS 2021)."""

REGIONS: dict[str, str] = {
    "RO11": "Nord-Vest", "RO12": "Centru", "RO21": "Nord-Est", "RO22": "Sud-Est", "RO31": "Sud-Muntenia",
    "RO32": "București-Ilfov", "RO41": "Sud-Vest Oltenia", "RO42": "Vest",
}  # fmt: skip
"""Romanian development regions by their NUTS 2 code."""


def country_of_nuts(code: str) -> str:
    """The ISO 3166-1 alpha-2 country a NUTS code lies in (NUTS writes EL and UK)."""
    return _NUTS_SPELLING.get(code[:2], code[:2])


def place_name(code: str) -> str | None:
    """County or region of a Romanian NUTS code; None elsewhere."""
    return COUNTIES.get(code) or REGIONS.get(code)
