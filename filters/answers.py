"""Answers of members to single lines: read from mails, honoured, and turned into proposals. Never a silent change."""

import datetime as dt
import mailbox
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

from filters.explain import conditions
from filters.match import Match, Matcher
from filters.model import Interest, Member, Rule
from filters.reasons import Reason, Where
from filters.tiers import TOP
from filters.trial import Past, trial
from filters.whynot import in_words, nearest
from pipeline.opportunity import Opportunity
from pipeline.words import count

_SUBJECT = re.compile(r"\b(not-relevant|relevant)\s+([a-z0-9_]+:\S+)\s+([a-z0-9][a-z0-9-]{1,39})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a member said of an opportunity."""

    member: str
    opportunity: str
    relevant: bool


def read_subject(subject: str) -> Answer | None:
    """`not-relevant <id> <member>`, with whatever a mail program put before it; None for any other mail."""
    found = _SUBJECT.search(" ".join(subject.split()))
    return Answer(found[3].lower(), found[2], found[1].lower() == "relevant") if found else None


def read_answer(message: Message) -> Answer | None:
    """The answer a mail gives; None for any other mail."""
    return read_subject(_decoded(str(message["subject"] or "")))


def messages(path: Path) -> Iterator[mailbox.Message]:
    """Every mail in an mbox file or a Maildir folder."""
    if not path.exists():
        raise FileNotFoundError(2, "there is no mailbox", str(path))
    box: mailbox.Mailbox[mailbox.Message] = (
        mailbox.Maildir(path, create=False) if path.is_dir() else mailbox.mbox(path, create=False)
    )
    with closing(box):
        yield from box


def _decoded(subject: str) -> str:
    try:
        return str(make_header(decode_header(subject)))
    except (MessageError, LookupError, ValueError):
        return subject


def wanted(member: str) -> Match:
    """The match of what a member called relevant and no rule brings."""
    reason = Reason(Where.SAID, "", "", TOP, "răspunsul primit", "the answer received")
    return Match(member, "feedback", TOP, "top", (reason,))


def proposals(
    opportunity: str, match: Match, member: Member, interests: Mapping[str, Interest], past: Past
) -> Iterator[str]:
    """What staff could change so that this one is not sent, and what each change would have cost."""
    before = trial(member, interests, past)
    terms = tuple(dict.fromkeys(reason.term for reason in match.reasons if reason.term))
    for dropped in [(term,) for term in terms] + [terms] * (len(terms) > 1):
        after = trial(_dropped(member, match.rule, dropped), interests, past)
        if opportunity in before.ids and opportunity not in after.ids:
            others = sorted(before.ids[id].title for id in before.ids.keys() - after.ids.keys() - {opportunity})
            words = ", ".join(f"`{term}`" for term in dropped)
            cost = f"{count(len(others), 'other')} of {len(before.ids)} would not have come"
            yield f"without {words} in “{match.rule}”: {'; '.join([cost, *others[:3]])}"
            return


def advised(
    opportunity: Opportunity,
    then: dt.datetime,
    member: Member,
    relevant: bool,
    interests: Mapping[str, Interest],
    year: Callable[[], Past],
) -> Iterator[str]:
    """What staff could do about an answer that the member's rules do not heed; nothing where they do.

    The opportunity as it was when new, at `then`; `year` is what to try a change on.
    """
    matcher = Matcher([member], interests)
    match = matcher.match(opportunity, then).get(member.member)
    if match and not relevant:
        said = list(proposals(opportunity.id, match, member, interests, year()))
        yield from said or [f"a word of its title under `none_in_title`, or its buyer under `never`, in {match.rule}"]
    elif relevant and not match:
        for failing in nearest(conditions(matcher, opportunity, then)):
            changes = "; and if ".join(in_words(condition).rstrip(".") for condition in failing)
            yield f"“{failing[0].rule}” would have brought it if {changes}"


def _dropped(member: Member, name: str, terms: tuple[str, ...]) -> Member:
    rules = tuple(_without(rule, terms) if rule.name == name else rule for rule in member.rules)
    return member.model_copy(update={"rules": rules})


def _without(rule: Rule, terms: tuple[str, ...]) -> Rule:
    lists = {key: tuple(word for word in getattr(rule, key) if word not in terms) for key in ("any", "title", "buyers")}
    return rule.model_copy(update=lists | {"without": (*rule.without, *terms)})


def honoured(matches: Mapping[str, Match], said: Mapping[str, bool], members: frozenset[str]) -> dict[str, Match]:
    """The matches with what members said: never what is not relevant, always what is."""
    kept = {member: matches[member] for member in matches if said.get(member, True)}
    extra = (member for member, relevant in said.items() if relevant and member in members and member not in kept)
    return kept | {member: wanted(member) for member in extra}
