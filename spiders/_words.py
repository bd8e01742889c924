"""Whether an item of a site has one of the words that make it worth keeping. Pure."""

import re
from collections.abc import Sequence

from pipeline.romanian import fold


def wanted(text: str, words: Sequence[str]) -> bool:
    """Whether a text has one of the words, whatever its diacritics; `digital*` is any ending; without words, always."""
    patterns = (re.escape(fold(word)).replace(r"\*", r"\w*") for word in words)
    return not words or bool(re.search(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", fold(text)))
