"""Places a rule may name, and whether an opportunity lies in one: yes, no, or not stated. Pure.

A place is a country (`RO`), a NUTS code (`RO11`), a Romanian county or region by name (`Cluj`, `Nord-Vest`),
`EU countries` (a member state) or `EU institutions` (the buyer is the Commission, an agency ...).
"""

import difflib
import re

from filters.words import fold
from pipeline.opportunity import Kind, Opportunity
from pipeline.places import COUNTIES, COUNTRIES, REGIONS, country_of_nuts

EU_COUNTRIES, EU_INSTITUTIONS = "EU countries", "EU institutions"
_STATES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
MEMBER_STATES = frozenset(_STATES.split())
_WITH_NUTS = MEMBER_STATES | {"AL", "BA", "CH", "EL", "IS", "LI", "ME", "MK", "NO", "RS", "TR", "UA", "UK", "XK"}
_COUNTRIES = {code for code in COUNTRIES.values() if code == "XK" or code[0] not in "QXZ"} - {"AA", "EU", "EZ", "UN"}
_INSTITUTION = re.compile(
    r"\b(?:european commission|commission europeenne|europaische kommission|comisia europeana|joint research centre"
    r"|council of the european|european (?:parliament|council|central bank|investment (?:bank|fund)|court of auditors"
    r"|external action|economic and social|committee of the regions|data protection supervisor|ombudsman"
    r"|public prosecutor|\w+(?: \w+){0,5} (?:agency|authority|office|centre|foundation|undertaking|institute))"
    r"|(?:publications|intellectual property) office of the european union|court of justice of the eur|eu lisa|euipo"
    r"|enisa|frontex|europol|eurojust|emsa|easa|euspa|ecdc|efsa|cedefop|eurofound|fusion for energy"
    r"|european union agency|agency of the european union|executive agency|joint undertaking)\b"
)
_REGION = re.compile(
    r"\b(?:program\w* regional\w*|regio(?:nal\w*)?|regiun\w+(?: de dezvoltare)?|adr|pr) "
    r"(nord vest|nord est|sud est|sud muntenia|sud vest oltenia|bucuresti ilfov|centru|vest)\b"
)
_CODE = re.compile(r"\bpr ?(nv|ne|se|sm|svo|so|bi|c|v)\b(?= (?:\d|p\d|pi?\b))")
_COUNTY = re.compile(r"\b(?:judetul\w*|prioritatea \d|iti) ((?!in\b|si\b)[a-z]+(?: (?:nasaud|mare|severin))?)")
_CODES = {
    "nv": "RO11",
    "ne": "RO21",
    "se": "RO22",
    "sm": "RO31",
    "svo": "RO41",
    "so": "RO41",
    "bi": "RO32",
    "c": "RO12",
    "v": "RO42",
}
_ITI = {"delta dunarii": "RO225", "valea jiului": "RO423", "tara fagarasului": "RO122"}
_BY_NAME = {fold(name).lower(): code for code, name in (COUNTIES | REGIONS).items()}


def _plain(text: str) -> str:
    return " ".join(fold(text).lower().split())


_BY_NAME = {_plain(name): code for code, name in (COUNTIES | REGIONS).items()}


def read_place(text: str) -> str:
    """The code of a place as staff wrote it; raises ValueError that says what to write instead."""
    if code := _BY_NAME.get(_plain(text)):
        return code
    if text in (EU_COUNTRIES, EU_INSTITUTIONS):
        return text
    if text in _COUNTRIES or (_is_nuts(text) and text not in ("EL", "UK")):
        return text
    raise ValueError(f"unknown place{_instead(text)}")


def _is_nuts(text: str) -> bool:
    if text.startswith("RO"):
        return any(code.startswith(text) for code in COUNTIES)
    return text[:2] in _WITH_NUTS | {"EL"} and re.fullmatch("[A-Z]{2}[A-Z0-9]{1,3}", text) is not None


def _instead(text: str) -> str:
    if text.upper() == "EU":
        return f"; write `{EU_COUNTRIES}` (the 27) or `{EU_INSTITUTIONS}` (the buyer is the Commission, an agency ...)"
    if text.upper() in ("EL", "UK"):
        return f"; write `{country_of_nuts(text.upper())}`"
    names = {_plain(n): n for n in (*COUNTIES.values(), *REGIONS.values(), EU_COUNTRIES, EU_INSTITUTIONS)}
    near = difflib.get_close_matches(_plain(text), names, n=1)
    if near:
        return f"; did you mean `{names[near[0]]}`?"
    return "; write a country (`RO`), a NUTS code (`RO11`) or a county (`Cluj`)"


def places_of(opportunity: Opportunity) -> frozenset[str]:
    """Where it is: countries and NUTS codes of the work, else the buyer's, else the region its programme names."""
    buyer = opportunity.buyer
    nuts = set(opportunity.nuts) or ({buyer.nuts} if buyer and buyer.nuts else set())
    nuts = {code for code in nuts if len(code) > 2} or _named(opportunity)
    countries = set(opportunity.countries) | {country_of_nuts(code) for code in nuts}
    if not countries and buyer and buyer.country:
        countries = {buyer.country}
    return frozenset(countries | nuts | ({EU_INSTITUTIONS} if is_institution(opportunity) else set()))


def _named(opportunity: Opportunity) -> set[str]:
    """The Romanian region or county a call names: "Programul Regional Centru", "PRNV/2026/313", "județul Dolj"."""
    if opportunity.kind is Kind.TENDER:
        return set()
    text = _plain(f"{opportunity.programme or ''} zqzq {opportunity.title}")
    found = {_BY_NAME[name] for name in _REGION.findall(text)} | {_CODES[code] for code in _CODE.findall(text)}
    found |= {code for name, code in _ITI.items() if name in text}
    return found or {_BY_NAME[name] for name in _COUNTY.findall(text) if name in _BY_NAME}


def is_institution(opportunity: Opportunity) -> bool:
    """Whether the buyer is an institution or body of the European Union, by its name."""
    names = (buyer.name for buyer in (opportunity.buyer, *opportunity.co_buyers) if buyer)
    return any(_INSTITUTION.search(_plain(name)) for name in names)


def lies_in(places: frozenset[str], wanted: str) -> bool | None:
    """Whether what `places_of` gave lies in the place: None where it does not say."""
    if wanted == EU_INSTITUTIONS:
        return EU_INSTITUTIONS in places if places else None
    countries = {place for place in places if len(place) == 2}
    if not countries:
        return None
    if wanted == EU_COUNTRIES:
        return bool(countries & MEMBER_STATES)
    return _within(places, countries, wanted)


def _within(places: frozenset[str], countries: set[str], wanted: str) -> bool | None:
    country = country_of_nuts(wanted)
    if country not in countries:
        return False
    if wanted == country:
        return True
    codes = [code for code in places - countries if country_of_nuts(code) == country and code != EU_INSTITUTIONS]
    if any(code.startswith(wanted) for code in codes):
        return True
    return False if codes and not any(wanted.startswith(code) for code in codes) else None
