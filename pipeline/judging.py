"""Whether a run can be believed: against what config.yaml expects, and against its source's last good runs. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import comb
from statistics import median

from pipeline.config import Expect
from pipeline.journal import Verdict
from pipeline.opportunity import LIVE, Opportunity, Stage

USUAL = 8
"""Good runs a run is compared with."""
ENOUGH = 10
"""Things a source usually shows, from which on a fall is no chance."""
_CHANCE = 0.01
Counts = Mapping[str, int]
Complaint = tuple[Verdict, str]

FIELDS: Mapping[str, tuple[Callable[[Opportunity], bool], Callable[[Opportunity], bool]]] = {
    "a deadline": (lambda says: says.stage is Stage.OPEN, lambda says: bool(says.deadlines)),
    "a buyer or funder": (lambda says: True, lambda says: bool(says.buyer or says.funder or says.programme)),
    "a link": (lambda says: True, lambda says: bool(says.url)),
    "a day of publication": (lambda says: True, lambda says: bool(says.published)),
    "a text": (lambda says: True, lambda says: bool(says.summary)),
    "a CPV code": (lambda says: says.stage in LIVE, lambda says: bool(says.cpv)),
    "a value": (lambda says: says.stage in LIVE, lambda says: bool(says.value)),
}
"""Name -> of which opportunities it is asked, whether one has it. A title is what makes an opportunity readable."""


def covered(says: Opportunity) -> Iterator[str]:
    """What to count of an opportunity: `asked for a link`, `with a link`."""
    for name, (asked, has) in FIELDS.items():
        if asked(says):
            yield f"asked for {name}"
            if has(says):
                yield f"with {name}"


def judge(counts: Counts, expect: Expect, good: Sequence[Counts]) -> list[Complaint]:
    """What speaks against a run; `good` are the counts of the last good ones."""
    good = good if expect.compare else ()
    if counts.get("nothing new"):
        return [*_shrunk(counts, good)]
    return [*_expected(counts, expect), *_shrunk(counts, good), *_faded(counts, good)]


def _expected(counts: Counts, expect: Expect) -> Iterator[Complaint]:
    read, unreadable = counts.get("read", 0), counts.get("unreadable", 0)
    if read == 0:
        yield Verdict.FAILED, "nothing was read; zero is never success"
    elif read < expect.min:
        yield Verdict.DEGRADED, f"{read} notices read, at least {expect.min} expected"
    elif expect.max is not None and read > expect.max:
        yield Verdict.DEGRADED, f"{read} notices read, at most {expect.max} expected"
    elif unreadable > read // 50:
        yield Verdict.DEGRADED, f"{unreadable} of {read + unreadable} documents could not be read"


def _shrunk(counts: Counts, good: Sequence[Counts]) -> Iterator[Complaint]:
    """A fifth of what it usually shows is not all there is. Pages that did not change show nothing: no comparison."""
    if not _comparable(counts):
        return
    usual = median([_shown(run) for run in good if _comparable(run)] or [0])
    if usual >= ENOUGH and _shown(counts) < usual / 5:
        yield Verdict.DEGRADED, f"the source showed {_shown(counts):.0f} things, usually {usual:.0f}"


def _comparable(counts: Counts) -> bool:
    whole = counts.get("listings read") or not counts.get("pages unchanged")
    return bool("met" in counts and whole and not counts.get("stopped at --limit"))


def _shown(counts: Counts) -> float:
    """Things shown, new to us or not; of TED for each issue, as a run may read one or ten."""
    return counts.get("met", 0) / max(1, counts.get("issues read", 0))


def _faded(counts: Counts, good: Sequence[Counts]) -> Iterator[Complaint]:
    """A field that most opportunities had and next to none has now was renamed, or is shown in another way."""
    for name in FIELDS:
        asked, having = counts.get(f"asked for {name}", 0), counts.get(f"with {name}", 0)
        before = sum(run.get(f"asked for {name}", 0) for run in good)
        had = sum(run.get(f"with {name}", 0) for run in good)
        if not asked or not before or had / before < 0.5 or having / asked >= had / before / 5:
            continue
        if _chance(having, asked, had / (before + 1)) < _CHANCE:
            usual = f"{having} of {asked} have {name}, usually {had / before:.0%}"
            yield Verdict.DEGRADED, f"{usual}: was a field renamed?"


def _chance(having: int, asked: int, share: float) -> float:
    """How likely so few of so many are, where each has it with that share: of a handful it may be chance."""
    if asked > 100:
        return 0.0
    return float(sum(comb(asked, n) * share**n * (1 - share) ** (asked - n) for n in range(having + 1)))
