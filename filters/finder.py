"""Who looks for what an opportunity holds, as bitmaps: bit n stands for the n-th rule (or vocabulary). Pure.

Python's whole numbers are the bitmaps: one `|` joins what an entry means for ten thousand rules.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import accumulate

from filters.conditions import call_pattern
from filters.facts import Facts
from filters.subjects import LIKELY, OWN, SURE, Sought, Weight, branches

MAIN, OTHER = 1, 2
"""The "fields" of a CPV code: the first one of an opportunity, or another."""
Table = defaultdict[Hashable, dict[int, int]]
"""What is looked for -> fields in which it counts -> bitmap of those who look for it there."""


def _table() -> Table:
    return defaultdict(dict)


class Finder:
    """Filed under what finds them: those for whom one piece of evidence brings points that are `accepted`."""

    def __init__(self) -> None:
        self._words, self._cpv, self._calls, self._sources = _table(), _table(), _table(), _table()
        self._heads: dict[str, list[str]] = {}

    def add(self, sought: Sought, bit: int, accepted: Callable[[int], bool]) -> None:
        """Files `bit` under every entry of `sought` that brings accepted points, in the fields where it does."""
        sure, likely = SURE + sought.bonus, LIKELY + sought.bonus
        for term, weights in sought.words.items():
            for weight in weights:
                _file(self._words, term, weight, bit, accepted)
        for code in sought.cpv:
            _file(self._cpv, code, Weight(MAIN, OTHER, sure, likely), bit, accepted)
        for call in sought.calls:
            _file(self._calls, call, Weight(MAIN, 0, sure, 0), bit, accepted)
            self._heads.setdefault(head := call.partition("*")[0], [])
            self._heads[head] = list(dict.fromkeys([*self._heads[head], call]))
        for source in sought.sources:
            _file(self._sources, source, Weight(MAIN, 0, SURE + OWN, 0), bit, accepted)

    def touched(self, facts: Facts) -> int:
        """The bitmap of those who find something."""
        found = _joined(self._words, facts.masks)
        if self._cpv:
            cpv = {code: MAIN if place == 0 else OTHER for place, code in reversed([*enumerate(facts.opportunity.cpv)])}
            for code, field in cpv.items():
                found |= _joined(self._cpv, dict.fromkeys(branches(code), field))
        if self._calls:
            found |= _joined(self._calls, dict.fromkeys(self._named(facts), MAIN))
        return found | _joined(self._sources, {facts.opportunity.source: MAIN}) if self._sources else found

    def _named(self, facts: Facts) -> Iterator[str]:
        """The calls as rules write them that stand for one of its identifiers."""
        for ref in facts.refs:
            for length in range(1, len(ref) + 1):
                yield from (call for call in self._heads.get(ref[:length], ()) if call_pattern(call).match(ref))


def _file(table: Table, key: Hashable, weight: Weight, bit: int, accepted: Callable[[int], bool]) -> None:
    fields = (weight.strong if accepted(weight.sure) else 0) | (weight.weak if accepted(weight.likely) else 0)
    if fields:
        table[key][fields] = table[key].get(fields, 0) | bit


def _joined(table: Table, present: Mapping[int, int] | Mapping[str, int]) -> int:
    found = 0
    for key in present.keys() & table.keys():
        for fields, bits in table[key].items():
            if present[key] & fields:  # type: ignore[index]
                found |= bits
    return found


def numbers(bits: int) -> list[int]:
    """The places of the ones in a bitmap, lowest first: each gap between two ones tells where the next is."""
    gaps = bin(bits)[:1:-1].split("1")[:-1]
    return [place + ones for ones, place in enumerate(accumulate(map(len, gaps)))]
