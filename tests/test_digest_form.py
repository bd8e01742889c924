"""The form of two hundred digests of every size, in both languages, with the longest real titles and hostile words."""

import datetime as dt
import json
from functools import cache
from random import Random
from typing import Any

import pytest

from digests.compose import Digest, Matched, compose
from digests.render import render
from pipeline.opportunity import Deadline, Kind, Link, Organisation, Role, Stage
from tests.digest_samples import (
    AI,
    CLOUD,
    CONSULTATION,
    EIC,
    GRANT,
    HOSPITAL,
    LOTS,
    NEWS,
    NORD,
    NOW,
    OFFICE,
    PLANNED,
    PORTAL,
    REASONS,
    TECH,
    Member,
    euro,
    was,
)  # fmt: skip
from tests.test_digest_render import faults, one
from tests.world import RECORDED

SIZES = (0, 1, 2, 20, 21, 40, 500)
SAMPLES = (PORTAL, HOSPITAL, LOTS, CLOUD, AI, GRANT, EIC, PLANNED, CONSULTATION, NEWS)
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "a\r\nBcc: all@example.org\r\n\r\nbody",
    "{{ 7*7 }}{% raw %}{# #}",
    "\u202egnp.exe\u2066\u200b\x00\x1b[2J",
    "javascript:alert(1) data:text/html,x vbscript:x",
    "&lt;b&gt; &amp;amp; ]]><!--[if mso]><style>",
    "=?utf-8?q?x?= .\r\n.\r\nQUIT",
    "Ș" * 300,
    "中文 " * 200,
    "\U0001f600" * 90,
)
URLS = (
    None,
    "https://ted.europa.eu/ro/notice/-/detail/1",
    "http://x.example.ro/?a=1&b=<2>&c='3'\"",
    "https://x.example.ro/" + "a" * 1900,
    "javascript:alert(1)",
    "https://x.example.ro/\n\nBcc:a",
)


@cache
def long_titles() -> tuple[str, ...]:
    """The longest published ones, where the recorded data is; else invented ones as long."""
    file = RECORDED / "relevance" / "labelled.jsonl"
    if not file.exists():
        return tuple(f"{LOTS.title}, {PORTAL.title} ({n})" for n in range(40))
    titles = [json.loads(line)["title"] for line in file.read_text(encoding="utf-8").splitlines()]
    return tuple(sorted(titles, key=len)[-40:])


def opportunity(random: Random, number: int) -> Any:
    """One of the samples, now and then with the longest title, hostile words, odd addresses or nothing at all."""
    sample, some = random.choice(SAMPLES), random.random
    known: dict[str, Any] = {"id": f"ted:{number}-2026", "ref": f"{number}-2026"}
    if some() < 0.4:
        known["title"] = random.choice(long_titles() if some() < 0.6 else HOSTILE)
    if some() < 0.3:
        known["summary"] = random.choice(HOSTILE) * random.randint(1, 4)
        known["buyer"] = Organisation(name=random.choice(HOSTILE), city=random.choice(HOSTILE), country="RO")
        known |= {"url": random.choice(URLS), "programme": random.choice(HOSTILE), "eligible": random.choice(HOSTILE)}
        known["links"] = (Link.model_construct(url=random.choice(URLS[1:]), role="documents"),)
    if some() < 0.3:
        days = sorted(random.randint(0, 90) for _ in range(random.randint(0, 4)))
        ends = (NOW.date() + dt.timedelta(days=day) for day in days)
        known["deadlines"] = tuple(Deadline(date=day, role=random.choice(list(Role))) for day in ends)
    if some() < 0.1:
        known |= {"stage": random.choice(list(Stage)), "value": None, "nuts": (), "countries": (), "language": None}
    return sample.model_copy(update=known)


def digest(seed: int) -> Digest:
    random = Random(seed)
    size, member = SIZES[seed % len(SIZES)], (NORD, TECH)[seed % 2]
    why = (*REASONS[member.language], random.choice(HOSTILE))
    matched = [
        Matched(opportunity(random, number), 1, number % 97, "top" if number % 5 == 0 else "look", why)
        for number in range(size)
    ]
    told = {
        entry.opportunity.id: was(entry.opportunity, title=random.choice(HOSTILE), value=euro(number))
        for number, entry in enumerate(matched)
        if random.random() < 0.3
    }
    name = random.choice(HOSTILE) if seed % 9 == 0 else member.name
    failed = ("seap", random.choice(HOSTILE)) if seed % 4 == 0 else ()
    recipient = Member(member.id, name, member.language)
    return compose(recipient, matched, told, NOW, failed_sources=failed, interests=why[:2], since=NOW)


@pytest.mark.parametrize("ten", range(20))
def test_two_hundred_digests_have_no_fault(ten: int) -> None:
    found = {}
    for seed in range(10 * ten, 10 * ten + 10):
        made = digest(seed)
        found[seed] = list(faults(render(made, OFFICE), made))
    assert {seed: wrong for seed, wrong in found.items() if wrong} == {}


def test_every_size_and_language_is_among_them() -> None:
    made = [digest(seed) for seed in range(28)]
    assert {(one.recipient.language, min(len(one.lines), 40)) for one in made if len(one.lines) in (1, 2)} == {
        ("ro", 1), ("en", 1), ("ro", 2), ("en", 2),
    }  # fmt: skip
    assert {len(one.lines) for one in made if one.overflow} == {40}
    assert any(not one.lines for one in made)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": Kind.CALL, "grant_min": euro(30_000), "grant_max": euro(200_000)}, "30.000–200.000 EUR pe proiect"),
        ({"kind": Kind.CALL, "grant_max": euro(200_000)}, "200.000 EUR pe proiect"),
        ({"kind": Kind.CALL, "eligible": "Solicitanți eligibili: IMM-uri."}, "pot participa: IMM-uri"),
        ({"kind": Kind.CALL, "eligible": "Nu sunt eligibile întreprinderile mari."}, "nu pot participa: companii mari"),
        ({"kind": Kind.CALL, "action": "HORIZON Research and Innovation Actions"}, "organizații de orice fel"),
    ],
)
def test_a_call_says_what_a_project_gets_and_who_may_apply(fields: dict[str, Any], said: str) -> None:
    assert said in one(**fields).text.replace("\xa0", " ")
    assert "participa" not in one(kind=Kind.TENDER, eligible="Solicitanți eligibili: IMM-uri.").text
