"""From a digest to what is mailed: subject, preheader, and a text and an HTML part that say the same.

Facts become words in `digests.items` and `digests.subject`; the templates only lay them out. Everything in them is
escaped; an address becomes a link only if it is http, https or mailto.
"""

import quopri
from collections.abc import Iterator
from dataclasses import dataclass

from digests import phrases
from digests.days import BUCHAREST
from digests.ics import calendar
from digests.items import Detail, Item, item
from digests.layout import mailto, template
from digests.rest import Rest, rest
from digests.sections import Digest, Line, Part, Section
from digests.subject import lead, preheader, subject
from digests.words import WORDS, Words
from pipeline.text import clean

MAX_HTML = 80_000
"""Bytes of the encoded HTML part: Gmail clips at about 102 KB of the whole mail."""
_DETAILS = (
    Detail(),
    Detail(120, 0, 100, 600, 2),
    Detail(60, 0, 40, 300, 1),
    Detail(40, 0, 20, 120, 0),
    Detail(20, 0, 10, 60, 0),
)


@dataclass(frozen=True, slots=True)
class Office:
    """Who writes to the members. All but the texts are e-mail addresses or domains, plain ASCII."""

    name: str
    """Shown as the sender."""
    address: str
    """The From address."""
    reply_to: str
    """Where replies and "not relevant" go."""
    list_domain: str
    """The domain of List-Id, Message-ID and calendar ids, such as monitor.example.ro."""
    unsubscribe: str
    """The address that takes requests to leave, pause or change."""
    contact: str
    """The person or desk to ask, as shown in the footer."""
    postal: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A digest ready to be put into a message.

    `unsubscribe` is the mailto address of List-Unsubscribe; `calendar` the deadlines as an .ics file, empty for none;
    `rest` the list of what found no room.
    """

    subject: str
    preheader: str
    text: str
    html: str
    language: str
    unsubscribe: str
    calendar: str = ""
    rest: Rest | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with its items, and what is said of those that found no room."""

    title: str
    note: str
    items: tuple[Item, ...]
    more: str


def render(digest: Digest, office: Office) -> Rendered:
    """Both parts in the member's language; details are left out where 80 KB would not hold them."""
    words = WORDS[digest.recipient.language]
    dates = calendar(digest.lines, digest.now, words, office.list_domain)
    for detail in _DETAILS:
        page = _page(digest, office, words, detail) | {"dated": bool(dates)}
        html = template("digest.html.j2").render(page)
        if _encoded_size(html) <= MAX_HTML:
            break
    text = template("digest.txt.j2").render(page).replace("\xa0", " ")
    return Rendered(
        subject(digest, words),
        preheader(digest, words),
        text,
        html,
        words.language,
        mailto(office.unsubscribe, f"unsubscribe {digest.recipient.id}"),
        dates,
        rest(digest, words),
    )


def _encoded_size(html: str) -> int:
    """Bytes of the part as mailed: quoted-printable, lines ending in CR LF."""
    encoded = quopri.encodestring(html.encode())
    return len(encoded) + encoded.count(b"\n")


def _page(digest: Digest, office: Office, words: Words, detail: Detail) -> dict[str, object]:
    name = clean(digest.recipient.name, 120)
    return {
        "words": words,
        "office": office,
        "recipient": digest.recipient,
        "subject": subject(digest, words),
        "preheader": preheader(digest, words),
        "today": phrases.date(words, digest.now.astimezone(BUCHAREST), words.today_is),
        "heading": words.heading.format(name=name),
        "lead": lead(digest, words),
        "blocks": tuple(block for part in digest.parts for block in _blocks(part, words, digest, detail)),
        "failed": words.failed.format(names=", ".join(map(phrases.source_name, digest.failed_sources))),
        "incomplete": bool(digest.failed_sources),
        "because": _because(digest, words, name),
    }


def _because(digest: Digest, words: Words, name: str) -> str:
    interests = ", ".join(clean(interest, 80) for interest in digest.interests)
    return (words.because_of if interests else words.because).format(name=name, interests=interests)


def _blocks(part: Part, words: Words, digest: Digest, detail: Detail) -> Iterator[Block]:
    """One block for each section; one for each group of the new ones. The last one says how many found no room."""
    more = phrases.count(words, words.more, part.overflow) if part.overflow else ""
    titled = _titled(part, words)
    for place, (title, lines) in enumerate(titled, start=1):
        note = words.early_note if part.section is Section.EARLY else ""
        items = tuple(item(line, words, digest.now, detail) for line in lines)
        yield Block(title, note, items, more if place == len(titled) else "")


def _titled(part: Part, words: Words) -> list[tuple[str, tuple[Line, ...]]]:
    if part.section is Section.NEW and part.lines:
        return [(words.groups[group], lines) for group, lines in part.groups]
    return [(words.sections[part.section], part.lines)]
