"""The lines a reader sees first: subject, preheader and lead. Pure."""

from digests import phrases
from digests.days import BUCHAREST, ahead, day_of
from digests.sections import Digest
from digests.words import Plural, Words
from pipeline.text import clean, cut

SUBJECT_MAX, PREHEADER_MAX = 50, 100


def subject(digest: Digest, words: Words) -> str:
    """Counts first, then the nearest deadline; at most 50 characters, one line."""
    nearest, day = words.nearest.format(day=_nearest(digest, words)), _nearest(digest, words)
    long = ", ".join(_counts(digest, words, words.closing))
    short = ", ".join(_counts(digest, words, words.closing, brief=True))
    candidates = (f"{long}; {nearest}", f"{short}; {nearest}", f"{short} – {day}", short) if day else (long, short)
    return cut(next((one for one in candidates if len(one) <= SUBJECT_MAX), short), SUBJECT_MAX)


def preheader(digest: Digest, words: Words) -> str:
    """The nearest deadline and its title, else the first title; at most 100 characters."""
    line = digest.soonest
    if line is None:
        return clean(digest.lines[0].title, PREHEADER_MAX) if digest.lines else lead(digest, words)
    deadline = ahead(line.opportunity, digest.now)
    assert deadline is not None
    return clean(f"{phrases.moment(words, deadline.date or deadline.ends)}: {line.title}", PREHEADER_MAX)


def lead(digest: Digest, words: Words) -> str:
    """One sentence or two: since when, how many of what, and the nearest deadline."""
    counts = ", ".join(_counts(digest, words, words.closing_soon))
    since = digest.since and phrases.date(words, digest.since.astimezone(BUCHAREST), words.long_day)
    from_then = words.since_pause if digest.back else words.since
    said = from_then.format(day=since, counts=counts[:1].lower() + counts[1:]) if since else f"{counts}."
    line = digest.soonest
    deadline = line and ahead(line.opportunity, digest.now)
    return f"{said} {words.nearest_is.format(when=phrases.when(words, deadline))}" if deadline else said


def _counts(digest: Digest, words: Words, closing: Plural, *, brief: bool = False) -> list[str]:
    """What there is of each, the first with its noun unless brief; the first letter is a capital."""
    kinds = (
        (digest.new, words.opportunities, words.new),
        (digest.changed, words.changed_alone, words.changed),
        (digest.closing, words.closing_alone, closing),
    )
    there = [(n, short if brief else long, short) for n, long, short in kinds if n] or [(0, words.new, words.new)]
    said = [phrases.count(words, forms[place > 0], n) for place, (n, *forms) in enumerate(there)]
    return [said[0][:1].upper() + said[0][1:], *said[1:]]


def _nearest(digest: Digest, words: Words) -> str:
    line = digest.soonest
    deadline = line and ahead(line.opportunity, digest.now)
    return phrases.date(words, day_of(deadline), words.short_day) if deadline else ""
