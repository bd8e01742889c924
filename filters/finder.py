"""Who looks for what an opportunity holds, as bitmaps: bit n stands for the n-th rule (or vocabulary). Pure.

Python's whole numbers are the bitmaps: one `|` joins what an entry means for ten thousand rules.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import reduce
from itertools import accumulate
from operator import or_

from filters.conditions import call_pattern
from filters.facts import Facts
from filters.subjects import LIKELY, OWN, SURE, Sought, Weight

MEMO_MAX = 200_000
MAIN, OTHER = 1, 2
"""The "fields" of a CPV code: the first one of an opportunity, or another."""


class Table(dict[tuple[Hashable, int], int]):
    """(What is there, in which fields) -> bitmap of those who look for it there, worked out when first asked."""

    def __init__(self) -> None:
        super().__init__()
        self.filed: dict[Hashable, dict[int, int]] = {}

    def file(self, key: Hashable, weight: Weight, bit: int, accepted: Callable[[int], bool]) -> None:
        """Files `bit` under `key`, in those fields where it brings accepted points."""
        fields = (weight.strong if accepted(weight.sure) else 0) | (weight.weak if accepted(weight.likely) else 0)
        if fields:
            filed = self.filed.setdefault(key, {})
            filed[fields] = filed.get(fields, 0) | bit

    def __missing__(self, there: tuple[Hashable, int]) -> int:
        key, present = there
        if len(self) >= MEMO_MAX:
            self.clear()
        self[there] = bits = reduce(or_, [b for fields, b in self.filed.get(key, {}).items() if fields & present], 0)
        return bits

    def joined(self, present: Iterable[tuple[Hashable, int]]) -> int:
        """The bitmap of all who look for any of this."""
        return reduce(or_, map(self.__getitem__, present), 0) if self.filed else 0


class Finder:
    """Filed under what finds them: those for whom one piece of evidence brings points that are `accepted`."""

    def __init__(self) -> None:
        self._words, self._cpv, self._calls, self._sources = Table(), Table(), Table(), Table()
        self._heads: dict[str, list[str]] = {}

    def add(self, sought: Sought, bit: int, accepted: Callable[[int], bool]) -> None:
        """Files `bit` under every entry of `sought` that brings accepted points, in the fields where it does."""
        sure, likely = SURE + sought.bonus, LIKELY + sought.bonus
        for term, weights in sought.words.items():
            for weight in weights:
                self._words.file(term, weight, bit, accepted)
        for code in sought.cpv:
            self._cpv.file(code, Weight(MAIN, OTHER, sure, likely), bit, accepted)
        for call in sought.calls:
            self._calls.file(call, Weight(MAIN, 0, sure, 0), bit, accepted)
            self._heads.setdefault(head := call.partition("*")[0], [])
            self._heads[head] = list(dict.fromkeys([*self._heads[head], call]))
        for source in sought.sources:
            self._sources.file(source, Weight(MAIN, 0, SURE + OWN, 0), bit, accepted)

    def touched(self, facts: Facts) -> int:
        """The bitmap of those who find something."""
        found = self._words.joined(facts.masks.items())
        if self._cpv.filed:
            found |= self._cpv.joined((branch, MAIN if main else OTHER) for branch, main in facts.branches.items())
        if self._calls.filed:
            found |= self._calls.joined((call, MAIN) for call in self._named(facts))
        return found | self._sources.joined([(facts.opportunity.source, MAIN)])

    def _named(self, facts: Facts) -> Iterator[str]:
        """The calls as rules write them that stand for one of its identifiers."""
        for ref in facts.refs:
            for length in range(1, len(ref) + 1):
                yield from (call for call in self._heads.get(ref[:length], ()) if call_pattern(call).match(ref))


def numbers(bits: int) -> list[int]:
    """The places of the ones in a bitmap, lowest first: each gap between two ones tells where the next is."""
    text = bin(bits)[2:]
    gaps, last = text.split("1")[:-1], len(text) - 1
    return [last - place - ones for ones, place in enumerate(accumulate(map(len, gaps)))][::-1]
