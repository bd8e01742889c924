"""Short ways to write an opportunity, a member and a vocabulary for the tests of the filters."""

import datetime as dt
from typing import Any

from filters.match import Match, Matcher
from filters.profile import Filters, read_filters
from pipeline.opportunity import Opportunity

NOW = dt.datetime(2026, 11, 20, 7, 30, tzinfo=dt.UTC)
SOFTWARE = """
interest: software
name: {ro: Software și portaluri, en: Software and portals}
any: [sistem informatic, portal web, registru]
title: [portal, software]
cpv: [=72000000, 72200000]
ignore: [macara portal]
none_in_title: [mobilier]
"""


def opportunity(title: str = "Ceva", **fields: Any) -> Opportunity:
    given = {"id": "test:1", "source": "test", "ref": "1", "kind": "tender", "stage": "open", "title": title}
    return Opportunity.model_validate(given | fields)


def filters(rule: str, member: str = "") -> Filters:
    """One member with one rule, `rule` being the YAML lines under its name, beside the vocabulary `software`."""
    lines = "\n".join("    " + line.strip() for line in rule.strip().splitlines())
    text = f"member: mm\nname: M\nlanguage: ro\nemail: [m@m.example.org]\n{member}\nrules:\n  - name: R\n{lines}\n"
    return read_filters({"interests/software.yaml": SOFTWARE, "members/m.yaml": text})


def match(rule: str, given: Opportunity, member: str = "") -> Match | None:
    loaded = filters(rule, member)
    assert not loaded.errors, loaded.errors
    return Matcher(loaded.members, loaded.interests).match(given, NOW).get("mm")


def finds(word: str, text: str) -> bool:
    """Whether the entry `word` is found in the text."""
    return match(f'any: ["{word}"]', opportunity(text)) is not None
