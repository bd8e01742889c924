"""How fast opportunities find their members: `python -m tests.bench_match [MEMBERS ...]`.

Members with 20 own entries each (one to four words), as every shared vocabulary is compiled once whatever the number of
members. Prints CPU time for one opportunity, raw text in and members out, without and with their reasons (which are
made when a member is asked for), beside a bare pyahocorasick scan of the same texts, already normalised (when that is
installed). Ratios inside one run hold; absolute figures do not.
"""

import datetime as dt
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import islice

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


def seconds(work: Callable[[Opportunity], object], items: list[Opportunity]) -> float:
    """CPU seconds for one opportunity."""
    began = time.process_time()
    for item in items:
        work(item)
    return (time.process_time() - began) / len(items)


def fastest(ways: dict[str, Callable[[Opportunity], object]], items: list[Opportunity]) -> dict[str, float]:
    """The best of five rounds, the ways taking turns, so that a busy machine slows all alike."""
    rounds = [{name: seconds(work, items) for name, work in ways.items()} for _ in range(5)]
    return {name: min(times[name] for times in rounds) for name in ways}


def bare(crowd: list[Member], items: list[Opportunity]) -> Callable[[Opportunity], object] | None:
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
    return lambda item: {number for _, number in automaton.iter(plain[item.id])}


def line(size: int, crowd: list[Member], items: list[Opportunity]) -> str:
    """Who wants it; their names; points and reasons of ten of them; those of every one."""
    began = time.process_time()
    matcher = Matcher(crowd, {})
    built = time.process_time() - began
    match = partial(matcher.match, now=NOW)
    found = sum(len(match(item)) for item in items) / len(items)
    ways: dict[str, Callable[[Opportunity], object]] = {
        "matched": match,
        "named": lambda item: list(match(item)),
        "ten explained": lambda item: [*islice(match(item).values(), 10)],
        "all explained": lambda item: dict(match(item)),
    }
    bound = bare(crowd, items)
    times = fastest(ways | ({"bare": bound} if bound else {}), items)
    said = [f"{name} {took * 1e6:,.0f} us" + _ratio(took, times) for name, took in times.items()]
    return f"{size:6} members  built {built:.1f} s  {found:.0f} matches each: " + ", ".join(said)


def _ratio(took: float, times: dict[str, float]) -> str:
    return f" ({times['bare'] / took:.2f} of bare)" if "bare" in times and took != times["bare"] else ""


def main(sizes: list[int]) -> None:
    """One line per number of members."""
    chance = random.Random(7)
    words = stock(6_000, chance)
    items = texts(400, words, chance)
    for size in sizes:
        print(line(size, members(size, words, chance), items), flush=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [80, 1_000, 10_000])
