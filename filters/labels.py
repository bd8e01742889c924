"""Labels people gave to what the store holds, and how the filters do on them beside simpler ways."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from filters.evaluate import Labels, Sent, evaluate, table, total
from filters.match import Matcher
from filters.model import Interest, Member
from filters.terms import bare
from filters.trial import as_new
from filters.words import words
from pipeline.exceptions import ConfigError, Problem, VestitorError
from pipeline.opportunity import Model, Opportunity
from pipeline.store import Kept, Store
from pipeline.words import count

K1, B = 1.2, 0.75


class Labelled(Model):
    """One line of a file of labels."""

    id: str
    labels: dict[str, Literal["must", "ok", "may"]]


def read_labels(path: Path) -> Labels:
    """JSON Lines `{"id": ..., "labels": {member: must | ok | may}}`; raises ConfigError with every bad line."""
    rows: dict[str, Mapping[str, str]] = {}
    problems: list[Problem] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = Labelled.model_validate_json(line) if line.strip() else None
        except ValidationError as error:
            hint = 'write {"id": "ted:1-2026", "labels": {"member": "must"}}, with must, ok or may'
            problems.append(Problem(f"{path}:{number}", f"{error.errors()[0]['msg']}; {hint}"))
        else:
            rows |= {row.id: row.labels} if row else {}
    if problems:
        raise ConfigError(problems)
    return rows


def judge(store: Store, labels: Labels, members: Sequence[Member], interests: Mapping[str, Interest]) -> list[str]:
    """The figures per member and over all, and those of simpler ways; labels of what is not stored are counted out."""
    kept = {id: found for id in labels if (found := store.get(id))}
    if not kept:
        raise VestitorError("none of the labelled opportunities is in the store; give their ids as `search` shows them")
    named = {member for by in labels.values() for member in by}
    judged = [member for member in members if member.member in named]
    given = {id: labels[id] for id in kept}
    sent = sent_by(judged, interests, kept)
    lines = table(evaluate(given, sent, [member.member for member in judged])).splitlines()
    for name, way in baselines(judged, interests, kept, sent).items():
        lines.append(total(name, evaluate(given, way, [member.member for member in judged])))
    gone = len(labels) - len(kept)
    said = count(gone, "labelled opportunity is", "labelled opportunities are")
    missing = [f"{said} not in the store."] if gone else []
    strange = sorted(named - {member.member for member in members})
    return [*lines, *missing, *([f"No such member: {', '.join(strange)}."] if strange else [])]


def sent_by(members: Sequence[Member], interests: Mapping[str, Interest], kept: Mapping[str, Kept]) -> Sent:
    """Member -> ids, by the filters, each opportunity as it was when new."""
    matcher = Matcher(members, interests)
    found: dict[str, set[str]] = {member.member: set() for member in members}
    for id, one in kept.items():
        opportunity, then = as_new(one.opportunity, one.first_seen)
        for name in matcher.match(opportunity, then):
            found[name].add(id)
    return found


def baselines(
    members: Sequence[Member], interests: Mapping[str, Interest], kept: Mapping[str, Kept], sent: Sent
) -> dict[str, Sent]:
    """Everything; CPV 72 and 48; the entries' words anywhere; BM25 with as many items as the filters sent."""
    given = {id: one.opportunity for id, one in kept.items()}
    coded = {id for id, item in given.items() if any(code.startswith(("72", "48")) for code in item.cpv)}
    entries = {member.member: _entries(member, interests) for member in members}
    ranked = Ranking({id: _text(item) for id, item in given.items()})
    texts = {id: f" {' '.join(words(_text(item)))} ".lower() for id, item in given.items()}
    return {
        "send all": {member.member: set(given) for member in members},
        "CPV 72 and 48": {member.member: coded for member in members},
        "plain keywords": {
            name: {id for id, text in texts.items() if any(f" {entry} " in text for entry in own)}
            for name, own in entries.items()
        },
        "BM25": {name: ranked.best(" ".join(own).split(), len(sent[name])) for name, own in entries.items()},
    }


def _entries(member: Member, interests: Mapping[str, Interest]) -> set[str]:
    lists = [given for rule in member.rules for given in (rule, *(interests[name] for name in rule.interests))]
    return {" ".join(words(bare(word))).lower() for given in lists for word in (*given.any, *given.title)}


def _text(opportunity: Opportunity) -> str:
    return f"{opportunity.title} {opportunity.summary or ''}"


class Ranking:
    """Okapi BM25 over a few texts."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._counts = {id: Counter(word.lower() for word in words(text)) for id, text in texts.items()}
        self._lengths = {id: counts.total() for id, counts in self._counts.items()}
        self._average = sum(self._lengths.values()) / max(1, len(texts)) or 1
        self._holding = Counter(word for counts in self._counts.values() for word in counts)

    def best(self, query: Iterable[str], many: int) -> set[str]:
        """The ids of the best texts."""
        asked = set(query)
        scores = {
            id: sum(self._weight(id, word) for word in asked & counts.keys()) for id, counts in self._counts.items()
        }
        return set(sorted(scores, key=lambda id: (-scores[id], id))[:many])

    def _weight(self, id: str, word: str) -> float:
        count, holding = self._counts[id][word], self._holding[word]
        rarity = math.log(1 + (len(self._counts) - holding + 0.5) / (holding + 0.5))
        length = self._lengths[id] / self._average
        return rarity * count * (K1 + 1) / (count + K1 * (1 - B + B * length))
