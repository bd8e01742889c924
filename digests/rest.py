"""The list of what found no room in a digest: a page of its own, attached. Pure.

It tells nothing: what stands in it comes with a later digest.
"""

from dataclasses import dataclass

from digests import phrases
from digests.days import BUCHAREST
from digests.items import Detail, item
from digests.layout import template
from digests.sections import Digest
from digests.words import Words

MOST = 500
"""Lines of a list: about 200 KB. Who has more waiting needs narrower filters, not a longer list."""
_DETAIL = Detail(summary=0, text=100, reasons=0)


@dataclass(frozen=True, slots=True)
class Rest:
    """The page and the name of its file."""

    page: str
    file: str


def rest(digest: Digest, words: Words) -> Rest | None:
    """Title with link, deadline, buyer or programme and number of each line without room; None where all found some.

    In the order they would be told: the soonest of what closes or changed, the best of what is new.
    """
    lines = digest.rest[:MOST]
    if not lines:
        return None
    day = phrases.date(words, digest.now.astimezone(BUCHAREST), words.long_day)
    unlisted = digest.overflow - len(lines)
    page = template("rest.html.j2").render(
        words=words,
        heading=words.rest_heading.format(day=day),
        lead=phrases.count(words, words.rest_lead, digest.overflow),
        items=[item(line, words, digest.now, _DETAIL) for line in lines],
        more=phrases.count(words, words.others, unlisted) if unlisted else "",
    )
    return Rest(page, words.rest_file)
