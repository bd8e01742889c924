"""How well the sample filters do on real opportunities judged by people; skipped where those are not at hand."""

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from filters.evaluate import Figures, evaluate, over_all, table
from filters.match import Matcher
from filters.profile import files_of, in_force
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
            "source": "labelled",
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


def figures(half: int) -> dict[str, Figures]:
    """Per member, of the sample filters as they are in the repository."""
    filters = in_force(files_of(ROOT / "filters" / "interests", ROOT / "filters" / "members"))
    matcher = Matcher(filters.members, filters.interests)
    sent: dict[str, set[str]] = {}
    labels = {row["uid"]: {MEMBERS[p]: label for p, label in row["labels"].items()} for row in rows(half)}
    for row in rows(half):
        for member in matcher.match(opportunity(row), NOW):
            sent.setdefault(member, set()).add(row["uid"])
    return evaluate(labels, sent, MEMBERS.values())


@pytest.mark.skipif(not LABELS.exists(), reason="the labelled opportunities are not beside this checkout")
@pytest.mark.parametrize("half", [0, 1])
def test_sample_filters_find_what_members_want(half: int) -> None:
    result = figures(half)
    print(table(result))
    assert over_all(result.values()).recall >= 0.9
