"""A text's words as they stand there, by the places `Scanner.scan` gives. Pure."""

import re

from filters.words import composed, fold

FEW = 6
_WORD = re.compile(r"\S+")


class Quoter:
    """Quotes from one text."""

    def __init__(self, text: str) -> None:
        self._text, self._folded = composed(text), fold(text)
        self._spans: list[tuple[int, int]] = []
        self._asked = 0

    def quote(self, start: int, end: int) -> str:
        """The words `start` to before `end`; without their marks where folding changed the text's length."""
        text = self._text if len(self._text) == len(self._folded) else self._folded
        self._asked += 1
        if self._asked < FEW:
            return self._once(text, start, end)
        if not self._spans:
            self._spans = [found.span() for found in _WORD.finditer(self._folded)]
        return text[self._spans[start][0] : self._spans[end - 1][1]]

    def _once(self, text: str, start: int, end: int) -> str:
        """Without finding where every word of the text begins: cheaper for the first few quotes."""
        rest = self._folded.split(None, start)[start] if start else self._folded.lstrip()
        begin, tail = len(self._folded) - len(rest), rest.split(None, end - start)
        stop = len(self._folded) - (len(tail[-1]) if len(tail) > end - start else 0)
        return text[begin : begin + len(self._folded[begin:stop].rstrip())]
