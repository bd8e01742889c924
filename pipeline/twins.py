"""Which opportunities of different sources are the same one. Pure.

Two are twins when one names the other's number, when one links to the other's page, or when buyer, main CPV code and
deadline are all the same; calls also when title and day of the deadline are, or the code of a Romanian call. A wrong
merge is worse than a missed one: evidence that two opportunities of one source share proves nothing, and `apart` in the
configuration undoes a mistake.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from pipeline.opportunity import Kind, Opportunity

AUTHORITY = ("ted", "eu_portal", "seap", "regio_nord_vest", "mipe", "oportunitati_ue")
"""Whose words count, first the highest (a region knows its own calls before the ministry's calendar does); sources that
are not here come after, by name."""
TITLE_MIN = 25
"""Characters below which a title is too common to prove anything."""
_NONE: Mapping[str, str] = MappingProxyType({})
_TED = re.compile(r"\d{1,8}-20\d\d")
_CALL_CODE = re.compile(r"P[A-Z]{1,6}/(?=.*\d)[\w.]+/[\w./]+")
"""PRNV/2026/961/1, PEO/648/PEO_P8/OP4/ESO4.6/PEO_A68_C: of one call each, unlike the EU portal's call identifiers."""
_SEAP_PAGE = re.compile(r"/pub/notices/([a-z-]+)/(?:v\d/)?view/(\d+)")


def twins(
    opportunities: Iterable[Opportunity], apart: Sequence[tuple[str, str]] = (), known: Mapping[str, str] = _NONE
) -> dict[str, str]:
    """Id -> id of the one that speaks for both, for every opportunity that does not speak for itself.

    `known` are twins found before: they stay together when the evidence goes, as when one source moves a deadline
    before the other; else the member would be told anew.
    """
    by_id = {one.id: one for one in opportunities}
    parted = {frozenset(pair) for pair in apart}
    groups = {id: [one] for id, one in by_id.items()}
    before = [(by_id[one], by_id[main]) for one, main in known.items() if one in by_id and main in by_id]
    for first, second in (*before, *_pairs(by_id.values())):
        ours, theirs = groups[first.id], groups[second.id]
        if ours is not theirs and not _clash(ours, theirs, parted):
            ours += theirs
            groups |= {one.id: ours for one in theirs}
    mains = {id: min(group, key=_rank).id for id, group in groups.items()}
    return {id: main for id, main in mains.items() if main != id}


def _pairs(opportunities: Iterable[Opportunity]) -> Iterator[tuple[Opportunity, Opportunity]]:
    sharing: Mapping[str, list[Opportunity]] = defaultdict(list)
    for one in opportunities:
        for key in set(_evidence(one)):
            sharing[key].append(one)
    for alike in sharing.values():
        if 1 < len(alike) == len({one.source for one in alike}):
            yield from ((alike[0], other) for other in alike[1:])


def _evidence(one: Opportunity) -> Iterator[str]:
    """What a twin would share."""
    refs = one.notices or (one.ref,)
    yield from (f"{one.source}:{ref}" for ref in refs)
    yield from (f"ted:{ref}" for ref in one.previous if _TED.fullmatch(ref))
    for url in (one.url or "", *(link.url for link in one.links)):
        if page := _SEAP_PAGE.search(url):
            yield f"seap page:{page[1]}/{page[2]}"
    if one.kind is Kind.CALL:
        yield from (f"eu_portal:{ref.upper()}" for ref in (*one.previous, *refs))
        if _CALL_CODE.fullmatch(code := (one.call or "").upper().replace(" ", "")):
            yield f"code:{code.replace('.', '')}"
    yield from _same_words(one)


def _same_words(one: Opportunity) -> Iterator[str]:
    deadline = one.last_deadline
    if deadline is None:
        return
    if one.kind is Kind.TENDER and one.buyer and one.buyer.id and one.cpv:
        number = re.sub(r"\W", "", one.buyer.id).upper().removeprefix("RO")
        yield f"tender:{number}|{one.cpv[0]}|{deadline.ends.timestamp():.0f}"
    title = folded(one.title)
    if one.kind is Kind.CALL and len(title) >= TITLE_MIN:
        yield f"call:{title}|{deadline.date or deadline.ends.date()}"


def folded(text: str) -> str:
    """Letters and digits without case and diacritics, blanks folded."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[^\W_]+", "".join(char for char in plain if not unicodedata.combining(char))))


def _clash(ours: Sequence[Opportunity], theirs: Sequence[Opportunity], parted: set[frozenset[str]]) -> bool:
    """Whether joining these would put two of one source together, or two that staff keep apart."""
    return any(a.source == b.source or frozenset((a.id, b.id)) in parted for a in ours for b in theirs)


def _rank(one: Opportunity) -> tuple[int, str, str]:
    place = AUTHORITY.index(one.source) if one.source in AUTHORITY else len(AUTHORITY)
    return place, one.source, one.id
