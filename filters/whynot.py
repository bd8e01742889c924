"""Why something did not come: the fewest conditions that would have to change, in plain words. Pure."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from filters.explain import Condition

_WORDS = {
    "about": "the rule found enough: it needs {wanted} and has {found}",
    "kinds": "`kinds` named {found} too (now: {wanted})",
    "stages": "`stages` named {found} too (now: {wanted})",
    "places": "`places` named one of these too: {found} (now: {wanted})",
    "who": "`who` named somebody who may apply (now: {wanted}), or were left out; it says: {found}",
    "value": "`value` ({wanted}) let this pass: {found}",
    "grant": "`grant` ({wanted}) let this pass: {found}",
    "min_days": "`min_days` were lower ({wanted}): {found}",
    "all": "it held what `all` requires: {wanted}",
    "none": "`none` did not exclude {found}",
    "none_in_title": "`none_in_title` did not exclude {found}",
}
_ONLY, _NEVER = "`{key}` let this pass (now: {wanted}): {found}", "`{key}` did not exclude {found}"
_OVER = frozenset({"closed", "awarded", "cancelled"})


def nearest(conditions: Sequence[Condition]) -> list[list[Condition]]:
    """The failing conditions of those rules that fail fewest, in the file's order; empty where a rule matches."""
    failing = [
        [condition for condition in group if not condition.met]
        for _, group in groupby(conditions, key=lambda condition: condition.rule)
    ]
    fewest = min(map(len, failing))
    return [group for group in failing if len(group) == fewest] if fewest else []


def why_not(conditions: Sequence[Condition]) -> Iterator[str]:
    """One line for each rule that comes nearest, one for each thing that would have to change."""
    if over := next((c.found for c in conditions if c.key == "stages" and not c.met and c.found in _OVER), None):
        yield f"It is {over}: whatever a rule says, only what can still be answered or prepared is sent as new."
    for group in nearest(conditions):
        yield f"“{group[0].rule}” would match if" + (":" if len(group) == 1 else f" all {len(group)} held:")
        yield from (f"  - {in_words(condition)}" for condition in group)


def in_words(condition: Condition) -> str:
    """What would have to be so, as the end of a sentence that begins with "if"."""
    said = _WORDS.get(condition.key) or (_ONLY if condition.key.startswith("only") else _NEVER)
    return said.format(key=condition.key, wanted=condition.wanted, found=condition.found) + "."
