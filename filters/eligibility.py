"""Who may apply: yes, no, or not stated, for five sorts of organisation, each answer with the words it rests on. Pure.

Read from the publisher's list of applicants, from sentences that name them, from types of action whose rules are fixed,
and from a title that addresses them. "No" is only said where a list is closed or somebody is excluded by name; a list
that also names "legal entities" or "providers" closes nothing. A tender does not say.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from filters.applicants import ACTIONS, BODY, BUT, EVERYBODY, FOR, HINT, LIST, NAMED, OPEN, PURPOSE, REFUSED, Who
from filters.words import fold
from pipeline.opportunity import Kind, Opportunity

QUOTE_MAX, SEARCHED, SENTENCE_MAX = 160, 20_000, 2_000
"""Characters of a quote, of a description that is searched, and of one of its sentences."""
_SENTENCE = re.compile(r"(?<=[.;!?])\s+(?=\S)|\n+")


class Said(NamedTuple):
    """Whether they may apply, and what says so."""

    may: bool
    quote: str


def who_may_apply(opportunity: Opportunity) -> dict[Who, Said]:
    """The answers there are; who is missing is not stated. Of contradicting answers the better source counts."""
    found: dict[Who, Said] = {}
    if opportunity.kind is not Kind.TENDER:
        for who, said in _answers(opportunity):
            found.setdefault(who, said)
    return found


def _answers(opportunity: Opportunity) -> Iterator[tuple[Who, Said]]:
    """All of them, the best source first."""
    yield from _from_list(opportunity.eligible or "")
    for sentence in _SENTENCE.split((opportunity.summary or "")[:SEARCHED]):
        yield from _from_sentence(sentence[:SENTENCE_MAX])
    yield from _from_action(opportunity.action or "")
    for part in FOR.finditer(_plain(opportunity.title)):
        yield from ((who, Said(True, opportunity.title[:QUOTE_MAX])) for who in _named(part["whom"]))


def _from_list(text: str) -> Iterator[tuple[Who, Said]]:
    """The publisher's own list of applicants: what it refuses, then what it names."""
    parts = _SENTENCE.split(text)
    refusing = [part for part in parts if REFUSED.search(_plain(part))]
    for part in refusing:
        yield from _read(part, closed=False)
    yield from _read(" ".join(part for part in parts if part not in refusing), closed=True)


def _from_sentence(sentence: str) -> Iterator[tuple[Who, Said]]:
    plain = _plain(sentence)
    if LIST.search(plain):
        yield from _read(sentence, closed=True)
    elif HINT.search(plain) or REFUSED.search(plain):
        yield from _read(sentence, closed=False)


def _read(sentence: str, closed: bool) -> Iterator[tuple[Who, Said]]:
    """Who is named, who is excluded; of a closed list also who is missing."""
    plain, quote = _plain(PURPOSE.sub("", sentence) if closed else sentence), " ".join(sentence.split())[:QUOTE_MAX]
    if REFUSED.search(plain):
        yield from ((who, Said(False, quote)) for who in _named(plain))
        return
    asked, _, but = BUT.sub("\n", plain, count=1).partition("\n")
    named, refused, body = _named(asked), _named(but), BODY.search(asked)
    ends = closed and (named or body) and not OPEN.search(asked)
    for who in EVERYBODY:
        if who in named or who in refused:  # of "SMEs, except micro-enterprises" some may
            yield who, Said(who in named, quote)
        elif ends and not (body and who == "public_authority"):
            yield who, Said(False, quote)


def _from_action(action: str) -> Iterator[tuple[Who, Said]]:
    plain = _plain(action)
    for pattern, may, only in ACTIONS:
        if pattern.search(plain):
            yield from ((who, Said(who in may, f"type of action: {action}")) for who in EVERYBODY if only or who in may)
            return


def _named(plain: str) -> list[Who]:
    return [who for who, pattern in NAMED.items() if pattern.search(plain)]


def _plain(text: str) -> str:
    return " ".join(fold(text).lower().split())
