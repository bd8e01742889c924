"""Personal data out of an answer before it is kept as a sample: what is left is still read as the true one is. Pure.

Organisations stay, persons and how to reach them go: e-mail addresses, telephone numbers, personal numbers (CNP), and
the values of keys and elements that hold a person or a contact. Names within running text cannot be recognised: whoever
puts a recording into the repository looks through it first.
"""

import gzip
import io
import json
import re
import tarfile
from typing import Any

from pipeline.text import without_contacts

PERSONAL = re.compile(
    r"e-?mail|phone|telefon|mobil|\bfax|contact|person|assigned|attention|userName|login|iban|cnp", re.I
)
"""Keys and elements that hold a person, or how to reach one."""
_CNP = re.compile(r"(?<!\d)[1-8]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{6}(?!\d)")
"""A Romanian personal number: sex and century, birthday, six more."""
_ELEMENT = re.compile(
    r"(<(?P<name>(?:\w+:)?(?:ElectronicMail|Telephone|Telefax|FamilyName|FirstName|JobTitle|author|managingEditor|webMaster"
    r"|creator)\b)[^>]*>)[^<]*(</(?P=name)>)"
)
_CONTACT = re.compile(r"(<(\w+:)?Contact>)(.*?)(</(\w+:)?Contact>)", re.S)
_CONTACT_NAME = re.compile(r"(<(?:\w+:)?Name[^>]*>)[^<]*(<)")
NOTICES = 12
"""Files that are kept of an archive."""


def without_persons(body: bytes) -> bytes:
    """The answer without personal data; what cannot be looked into (an unknown binary) is nothing."""
    if body.startswith(b"\x1f\x8b"):
        return _archive(body)
    mark = b"\xef\xbb\xbf" if body.startswith(b"\xef\xbb\xbf") else b""
    try:
        text = body[len(mark) :].decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
        return b"" if "\0" in text else _text(text).encode("latin-1", "replace")
    if text.lstrip()[:1] in ("{", "["):
        try:
            return mark + json.dumps(_value(json.loads(text)), ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            pass
    return mark + _text(text).encode()


def _text(text: str) -> str:
    text = _CONTACT.sub(lambda found: found[1] + _CONTACT_NAME.sub(r"\1-\2", found[3]) + found[4], text)
    return without_contacts(_CNP.sub("0" * 13, _ELEMENT.sub(r"\1\3", text)))


def _value(value: Any) -> Any:
    """JSON without persons: the keys stay, so that its shape does."""
    if isinstance(value, dict):
        return {key: _emptied(one) if PERSONAL.search(key) else _value(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_value(one) for one in value]
    if isinstance(value, str):
        return _text(value)
    return 0 if isinstance(value, int) and not isinstance(value, bool) and _CNP.fullmatch(str(value)) else value


def _emptied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _emptied(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_emptied(one) for one in value]
    return "" if isinstance(value, str) else value


def _archive(body: bytes) -> bytes:
    """The first files of a tar.gz, each without persons."""
    out = io.BytesIO()
    try:
        with tarfile.open(fileobj=io.BytesIO(body)) as old, tarfile.open(fileobj=out, mode="w") as new:
            for member in [one for one in old if one.isfile()][:NOTICES]:
                file = old.extractfile(member)
                content = without_persons(file.read(10_000_000)) if file else b""
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    except (tarfile.TarError, EOFError, OSError):
        return b""
    return gzip.compress(out.getvalue(), mtime=0)
