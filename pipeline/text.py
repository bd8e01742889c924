"""Text as it enters the house: cleaned once at the door, links made safe, contact data left outside. Pure."""

import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

TITLE_MAX, SUMMARY_MAX, URL_MAX = 500, 5_000, 2_000

# Controls, soft hyphen, zero width and bidi controls, surrogates, byte order mark: nothing a reader should meet.
_ODD = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});")
_TAG = re.compile(
    r"</?(?:p|br|div|span|b|i|u|em|strong|ul|ol|li|table|tr|td|th|tbody|h[1-6]|a|font|script|style)\b[^<>]{0,500}>",
    re.I,
)
_CEDILLA = (("ş", "ș"), ("ţ", "ț"), ("Ş", "Ș"), ("Ţ", "Ț"))


def clean(text: str, limit: int = TITLE_MAX) -> str:
    """One line of plain text: NFC, entities resolved, no control or bidi characters, blanks folded, cut at a word."""
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(html.unescape(text))  # buyers' systems escape twice ("&amp;amp;", TED 2023-2026)
    if "<" in text:
        text = _TAG.sub(" ", text)
    line = " ".join(text.split())
    if not line.isprintable():
        line = " ".join(_ODD.sub("", _SURROGATE.sub("\ufffd", line)).split())
    return cut(line if line.isascii() else unicodedata.normalize("NFC", line), limit)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[limit // 2 :] else head).rstrip(" ,;:-") + "…"


def comma_below(text: str) -> str:
    """Romanian text with ș and ț for the cedilla letters that old keyboards and TED's own labels still write."""
    for cedilla, comma in _CEDILLA:  # str.translate takes fifty times as long
        text = text.replace(cedilla, comma)
    return text


def without_contacts(text: str) -> str:
    """The text with e-mail addresses and telephone numbers taken out: contact data is never stored.

    Digits are a telephone number after a label, a plus sign or 00; else they are a code, a date or an amount.
    """
    spans = sorted([*_emails(text), *_telephones(text)])
    if not spans:
        return text
    parts, end = [], 0
    for start, stop, word in spans:
        if start >= end:
            parts += [text[end:start], word]
            end = stop
    return "".join(parts) + text[end:]


# Documents have 40 KB and a handful of contacts: looking for their signs first is twenty times as fast as one regex.
_LOCAL = re.compile(r"[\w.+'-]{1,64}\s?$")
_DOMAIN = re.compile(r"\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_NUMBER = re.compile(r"[.:\s(]{0,4}(\+?\(?\d(?:[\s./()-]{0,3}\d){6,14})")
_LABELS = (
    "el.",
    "el:",
    "tel ",
    "Tel ",
    "elefon",
    "TEL",
    "ax:",
    "ax.",
    "fax ",
    "Fax ",
    "FAX",
    "phone",
    "obil:",
    "obil.",
)
_INTERNATIONAL = re.compile(r"(?:\+[1-9]|00[1-9])\d(?:[\s./()-]{0,3}\d){6,13}(?!\d)")
_Span = tuple[int, int, str]


def _places(text: str, sign: str) -> Iterator[int]:
    at = text.find(sign)
    while at >= 0:
        yield at
        at = text.find(sign, at + 1)


def _emails(text: str) -> Iterator[_Span]:
    for at in _places(text, "@"):
        before, after = _LOCAL.search(text, max(0, at - 66), at), _DOMAIN.match(text, at + 1)
        if before and after:
            yield before.start(), after.end(), "[e-mail]"


def _telephones(text: str) -> Iterator[_Span]:
    for label in _LABELS:
        for at in _places(text, label):
            if number := _NUMBER.match(text, at + len(label)):
                yield number.start(1), number.end(1), "[tel.]"
    for sign, skip in (("+", 0), (" 00", 1), ("(00", 1)):
        for at in _places(text, sign):
            if number := _INTERNATIONAL.match(text, at + skip):
                yield number.start(), number.end(), "[tel.]"


def safe_url(raw: str) -> str | None:
    """The address if it is a web address a member may follow, with a missing scheme mended; else None.

    Refused: other schemes, credentials, no host, control characters, more than 2,000 characters.
    """
    url = html.unescape(raw.strip()) if "&amp;" in raw else raw.strip()
    if not url or len(url) > URL_MAX or " " in url or not url.isprintable():
        return None
    if "://" not in url[:12] and re.match(r"[\w-]+(\.[\w-]+)+([:/?#]|$)", url):
        url = "https://" + url  # "www.e-licitatie.ro" without a scheme is common in BT-15 and BT-18
    return url if _is_web(url) else None


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    web = parts.scheme.lower() in ("http", "https") and "@" not in parts.netloc
    return web and "." in (host or "")
