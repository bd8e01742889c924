"""Text as it enters the house: cleaned once at the door, links made safe, contact data left outside. Pure."""

import html
import re
import unicodedata
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
_EMAIL = re.compile(r"[\w.+'-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_DIGITS = re.compile(r"\+?\d(?:[\s./()-]{0,3}\d){6,14}")
_LABEL = re.compile(r"(?:tel|fax|telefon|mobil|phone|nr\.? ?tel)[\s.:,(]{0,3}$", re.IGNORECASE)


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
    """The text with e-mail addresses and telephone numbers taken out: contact data is never stored."""
    if "@" in text:
        text = _EMAIL.sub("[e-mail]", text)
    telephone = any(sign in text for sign in _TELEPHONE)
    return _DIGITS.sub(_without_telephone, text) if telephone else text


_TELEPHONE = ("+", " 00", "(00", "el.", "el:", "elefon", "EL.", "EL:", "ELEFON", "ax:", "ax.", "AX", "hone", "obil:")
"""Without one of these no digits are a telephone number; looking for them first is much faster."""


def _without_telephone(match: re.Match[str]) -> str:
    """Digits are a telephone number after a label, a plus sign or 00; else a code, a date or an amount."""
    before = match.string[max(0, match.start() - 12) : match.start()]
    number = match[0].startswith("+") or _LABEL.search(before) or re.match(r"00[1-9]\d[\s./()-]", match[0])
    return "[tel.]" if number else match[0]


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
