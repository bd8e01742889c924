"""How fast opportunities find their members: `python -m tests.bench_match [MEMBERS ...]`.

Members with 20 own entries each (one to four words), as every shared vocabulary is compiled once whatever the number of
members. Prints opportunities per CPU second, raw text in and members with reasons out, beside a bare pyahocorasick
scan of the same texts, already normalised (when that is installed). Ratios inside one run hold; absolute
figures do not.
"""

import datetime as dt
import random
import sys
import time
from collections.abc import Callable
from functools import partial

from filters.match import Matcher
from filters.model import Member
from filters.words import fold
from pipeline.opportunity import Opportunity

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
STARTS = tuple("bcdfglmnprstv")
MIDDLES = tuple("aeiou")
ENDS = ("ciu", "tal", "tem", "are", "forma", "tie", "ție", "mente", "or", "ist", "ură", "eală", "ism", "ant")


def stock(count: int, chance: random.Random) -> list[str]:
    """Invented words that look Romanian, the frequent ones first."""
    made: dict[str, None] = {}
    while len(made) < count:
        syllables = (chance.choice(STARTS) + chance.choice(MIDDLES) for _ in range(chance.randint(1, 3)))
        made["".join(syllables) + chance.choice(ENDS)] = None
    return list(made)


def texts(count: int, words: list[str], chance: random.Random) -> list[Opportunity]:
    """Opportunities of about 2,100 characters each."""
    weights = [1 / (rank + 5) for rank in range(len(words))]
    return [_opportunity(n, chance.choices(words, weights, k=250), chance) for n in range(count)]


def _opportunity(number: int, words: list[str], chance: random.Random) -> Opportunity:
    given = {
        "id": f"bench:{number}",
        "source": "bench",
        "ref": str(number),
        "kind": "tender",
        "stage": "open",
        "title": " ".join(words[:12]).capitalize(),
        "summary": ", ".join(words[12:]) + ".",
        "cpv": [f"{chance.randint(10, 98)}{chance.randint(100, 999)}000"],
        "countries": ["RO"],
        "nuts": [f"RO{chance.choice(['111', '113', '321', '411'])}"],
        "value": {"amount": chance.randint(1_000, 1_000_000), "currency": "RON"},
    }
    return Opportunity.model_validate(given)


def members(count: int, words: list[str], chance: random.Random) -> list[Member]:
    """Members with 20 entries out of 30,000, two exclusions, three CPV branches, places, a value range and days."""
    entries = [" ".join(chance.choices(words[60:], k=chance.choice([1, 2, 2, 2, 3, 4]))) for _ in range(30_000)]
    weights = [1 / (rank + 50) for rank in range(len(entries))]
    return [_member(n, chance.choices(entries, weights, k=24), chance) for n in range(count)]


def _member(number: int, entries: list[str], chance: random.Random) -> Member:
    words = list(dict.fromkeys(entries))
    rule = {
        "name": "R",
        "any": words[:20],
        "none": [word for word in words[20:22] if " " in word] or ["fără legătură"],
        "cpv": list({f"{chance.randint(10, 98)}{chance.randint(100, 999)}000": None for _ in range(3)}),
        "places": [chance.choice(["RO", "RO11", "RO113", "RO321"])],
        "value": {"min": "2 000 RON"},
        "min_days": chance.choice([1, 5, 10]),
    }
    given = {"member": f"m{number}", "name": "M", "language": "ro", "email": ["m@m.example.org"], "rules": [rule]}
    return Member.model_validate(given)


def per_second(work: Callable[[Opportunity], object], items: list[Opportunity]) -> float:
    """Opportunities per CPU second, the best of three rounds."""
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        for item in items:
            work(item)
        best = max(best, len(items) / (time.process_time() - began))
    return best


def bare(crowd: list[Member], items: list[Opportunity]) -> float | None:
    """The bound: pyahocorasick alone over texts that are already normalised; None where it is not installed."""
    try:
        import ahocorasick  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    automaton = ahocorasick.Automaton()
    for number, word in enumerate({fold(w).lower() for m in crowd for w in m.rules[0].any}):
        automaton.add_word(f" {word} ", number)
    automaton.make_automaton()
    plain = {item.id: " " + " ".join(fold(f"{item.title} {item.summary}").lower().split()) + " " for item in items}
    return per_second(lambda item: {number for _, number in automaton.iter(plain[item.id])}, items)


def main(sizes: list[int]) -> None:
    """One line per number of members."""
    chance = random.Random(7)
    words = stock(6_000, chance)
    items = texts(400, words, chance)
    for size in sizes:
        crowd = members(size, words, chance)
        began = time.process_time()
        matcher = Matcher(crowd, {})
        built = time.process_time() - began
        found = sum(len(matcher.match(item, NOW)) for item in items) / len(items)
        speed = per_second(partial(matcher.match, now=NOW), items)
        bound = bare(crowd, items)
        ratio = f"{speed / bound:5.2f} of {bound:7,.0f} bare" if bound else "pyahocorasick is not installed"
        print(f"{size:6} members  built {built:5.2f} s  {found:6.1f} matches each  {speed:7,.0f}/s  {ratio}")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [80, 1_000, 10_000])
