"""The values of a filter file: words, codes, places, addresses; each refused with what to write instead."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from filters.money import read_amount
from filters.places import read_place
from filters.terms import LANGUAGES, alternatives, read_term

_EMAIL = re.compile(
    r"[A-Za-z0-9_.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)


def _term(text: str) -> str:
    read_term(text)
    return text


def _alternatives(text: str) -> str:
    alternatives(text)
    return text


def _cpv(text: str) -> str:
    if re.fullmatch(r"=\d{8}", text):
        return text
    digits = text.removesuffix("*")
    if not re.fullmatch(r"\d{2,8}" if text.endswith("*") else r"\d{8}", digits):
        raise ValueError(
            "a CPV code has 8 digits (`72000000` is the whole branch) or is shortened with a star (`722*`)"
        )
    if digits.startswith("00"):
        raise ValueError("no CPV branch starts with 00")
    return branch(text)


def branch(cpv: str) -> str:
    """The digits all codes of the branch start with: `72000000`, `72*` -> `72`; at least two."""
    return cpv[:-1] if cpv.endswith("*") else cpv[:2] + cpv[2:].rstrip("0")


def _call(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][\w./+*-]+", text) or len(text.replace("*", "")) < 2:
        raise ValueError("a call is written by the start of its identifier: `HORIZON-CL4`, `HORIZON-*-SPACE`")
    return text.upper()


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text) or ".." in text or text[0] == "." or ".@" in text:
        letters = "".join(sorted({char for char in text if not char.isascii()}))
        plain = f" without {letters}, which most mail servers refuse" if letters else ""
        raise ValueError(f"is no e-mail address; write one like `oferte@firma.ro`{plain}")
    return text


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        return [value]
    if value is None or isinstance(value, dict):
        what = "is empty" if value is None else "holds keys"
        raise ValueError(f"{what}; remove the key or write a list: [one, two]")
    return value


def _spoken(value: Any) -> Any:
    """Words by language, `{ro: [...], en: [...]}`, as one list: `ro:word` counts in Romanian texts only."""
    if not isinstance(value, dict):
        return _listed(value)
    lists = {language: _listed(words) for language, words in value.items()}
    if wrong := [language for language in lists if language not in LANGUAGES]:
        raise ValueError(f"`{wrong[0]}` is no language; write {{ro: [licitație], en: [tender]}}, or a list")
    return [f"{language}:{word}" for language, words in lists.items() for word in words]


def _full(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("is an empty list; remove the key or write at least one")
    twice = next((v for i, v in enumerate(values) if v in values[:i]), None)
    if twice is not None:
        raise ValueError(f"`{twice}` stands twice; remove one")
    return values


Filled = (BeforeValidator(_listed), AfterValidator(_full))
"""A list that is not empty and repeats nothing; one value alone is a list of one."""
Name = Annotated[str, Field(min_length=1, max_length=200)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$")]
Slugs = Annotated[tuple[str, ...], *Filled]
Terms = Annotated[tuple[Annotated[str, AfterValidator(_term)], ...], BeforeValidator(_spoken), AfterValidator(_full)]
Alternatives = Annotated[tuple[Annotated[str, AfterValidator(_alternatives)], ...], *Filled]
Cpvs = Annotated[tuple[Annotated[str, AfterValidator(_cpv)], ...], *Filled]
Calls = Annotated[tuple[Annotated[str, AfterValidator(_call)], ...], *Filled]
Places = Annotated[tuple[Annotated[str, AfterValidator(read_place)], ...], *Filled]
Emails = Annotated[tuple[Annotated[str, AfterValidator(_email)], ...], *Filled]
Amount = Annotated[str, AfterValidator(lambda text: (read_amount(text), text)[1])]
