"""How well the sample filters do on real opportunities judged by people; skipped where those are not at hand."""

import datetime as dt
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from filters.evaluate import Figures, evaluate, over_all, table
from filters.match import Matcher
from filters.profile import Filters, Member, files_of, in_force
from pipeline.opportunity import Opportunity
from pipeline.places import COUNTIES, COUNTRIES

ROOT = Path(__file__).parents[1]
LABELS = ROOT.parent / "shared" / "data" / "relevance" / "labelled.jsonl"
NOW = dt.datetime(2026, 11, 20, 7, 30, tzinfo=dt.UTC)
MEMBERS = {
    "P01": "nimbus-software",
    "P02": "scut-cibernetic",
    "P03": "cortex-labs",
    "P04": "medinfo",
    "P05": "urban-senzor",
    "P06": "universitatea-napoca",
    "P07": "primaria-somes",
    "P09": "reteaplus",
    "P10": "hub-inovare",
}
SOURCES = {"regionordvest.ro": "regio_nord_vest", "nord-vest.ro": "regio_nord_vest"}
KINDS = {"tender": "tender", "call or news page": "news"}
STAGES = {"planning": "planned", "Forthcoming": "planned"}
COUNTY_CODES = {name.translate(str.maketrans("ăâîșț", "aaist")): code for code, name in COUNTIES.items()} | {
    name.translate(str.maketrans("ăâîșțȘȚ", "aaistST")): code for code, name in COUNTIES.items()
}


def opportunity(row: dict[str, Any]) -> Opportunity:
    """A labelled line as the opportunity its source would have made; deadlines lie in the past and are left out."""
    seap = json.loads(row["text"]) if (row.get("text") or "").startswith('{"source": "SICAP') else {}
    cpv = [code[:8] for code in row.get("cpv") or ([seap["cpv"]] if seap else [])]
    buyer = row.get("buyer") or seap.get("authority")
    return Opportunity.model_validate(
        {
            "id": f"labelled:{row['uid']}",
            "source": SOURCES.get(row["source"], "labelled"),
            "ref": row.get("identifier") or row["uid"],
            "kind": KINDS.get(row["kind"], "call"),
            "stage": STAGES.get(row.get("stage") or "", "open"),
            "title": row["title"],
            "summary": None if seap else row.get("text") or None,
            "programme": ", ".join(row.get("programme") or ()) or None,
            "call": row.get("identifier"),
            "action": row.get("action"),
            "cpv": cpv,
            "buyer": {"name": buyer} if buyer else None,
            "nuts": row.get("nuts") or [COUNTY_CODES[c] for c in [row.get("county")] if c in COUNTY_CODES],
            "countries": _countries(row),
            "value": _money(row.get("value")),
        }
    )


def _countries(row: dict[str, Any]) -> list[str]:
    if row.get("country"):
        return [COUNTRIES[row["country"]]]
    return [] if row["source"] == "eu_portal" else ["RO"]


def _money(value: Any) -> dict[str, Any] | None:
    amount, currency = value.split() if isinstance(value, str) else value or (None, None)
    if amount is None:
        return None
    plain = amount.replace(".", "") if amount.count(".") == 1 and len(amount.split(".")[1]) == 3 else amount
    return {"amount": plain, "currency": currency}


def rows(half: int) -> list[dict[str, Any]]:
    """One half of the labels by the hash of their id: 0 was looked at while filters were written, 1 never."""
    found = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    return [row for row in found if hashlib.sha256(row["uid"].encode()).digest()[0] % 2 == half]


def sent_by_filters(half: int) -> dict[str, set[str]]:
    """Member -> ids, by the sample filters as they are in the repository."""
    filters = _filters()
    matcher = Matcher(filters.members, filters.interests)
    sent: dict[str, set[str]] = {}
    for row in rows(half):
        for member in matcher.match(opportunity(row), NOW):
            sent.setdefault(member, set()).add(row["uid"])
    return sent


def baselines(half: int) -> dict[str, dict[str, set[str]]]:
    """What simpler ways would send: everything, CPV 72 and 48, the vocabularies' words anywhere in the text."""
    given = {row["uid"]: opportunity(row) for row in rows(half)}
    coded = {uid for uid, item in given.items() if any(code.startswith(("72", "48")) for code in item.cpv)}
    return {
        "send all": {member: set(given) for member in MEMBERS.values()},
        "CPV 72 and 48": dict.fromkeys(MEMBERS.values(), coded),
        "plain keywords": {member.member: _holding(_words(member), given) for member in _filters().members},
    }


def _words(member: Member) -> set[str]:
    interests = _filters().interests
    lists = [source for rule in member.rules for source in (rule, *(interests[name] for name in rule.interests))]
    return {word.strip("*= ").lower() for source in lists for word in (*source.any, *source.title)}


def _holding(words: set[str], given: dict[str, Opportunity]) -> set[str]:
    texts = {uid: f"{item.title} {item.summary}".lower() for uid, item in given.items()}
    return {uid for uid, text in texts.items() if any(word in text for word in words)}


@cache
def _filters() -> Filters:
    return in_force(files_of(ROOT / "filters" / "interests", ROOT / "filters" / "members"))


def figures(half: int, sent: dict[str, set[str]] | None = None) -> dict[str, Figures]:
    """Per member, of the sample filters or of what else was `sent`."""
    labels = {row["uid"]: {MEMBERS[p]: label for p, label in row["labels"].items()} for row in rows(half)}
    return evaluate(labels, sent_by_filters(half) if sent is None else sent, MEMBERS.values())


here = pytest.mark.skipif(not LABELS.exists(), reason="the labelled opportunities are not beside this checkout")


@here
@pytest.mark.parametrize(("half", "recall", "precision"), [(0, 0.95, 0.85), (1, 0.80, 0.70)])
def test_sample_filters_find_what_members_want(half: int, recall: float, precision: float) -> None:
    total = over_all(figures(half).values())
    assert total.recall >= recall
    assert total.precision >= precision


@here
@pytest.mark.parametrize("half", [0, 1])
def test_sample_filters_beat_simpler_ways(half: int) -> None:
    best = over_all(figures(half).values()).f1
    for sent in baselines(half).values():
        assert over_all(figures(half, sent).values()).f1 < best / 2


def test_figures_are_counted_as_defined() -> None:
    labels = {"a": {"m": "must"}, "b": {"m": "ok"}, "c": {"m": "may"}, "d": {}, "e": {"m": "must"}}
    found = evaluate(labels, {"m": {"a", "b", "c", "d", "unlabelled"}}, ["m", "silent"])
    assert (found["m"].recall, found["m"].precision) == (0.5, 2 / 3)
    assert found["m"].t11su == pytest.approx((3 / 6 + 0.5) / 1.5)
    assert found["silent"].t11su == pytest.approx(1 / 3)


if __name__ == "__main__":
    for number in (0, 1):
        print(f"\nhalf {number}\n{table(figures(number))}")
        for name, everything in baselines(number).items():
            print(table(figures(number, everything)).splitlines()[-1].replace("over all", name.ljust(14)[:14], 1))
