"""What is wrong with a value in a YAML file, in words that end with what to write instead."""

import re
from typing import Any

from pydantic_core import ErrorDetails

_WRITE = {
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "float_parsing": "write a number such as 1.5",
    "float_type": "write a number such as 1.5",
    "finite_number": "write a number such as 1.5",
    "tuple_type": "write a list: [one, two]",
    "string_type": "write one text, no list and no keys below it",
    "path_type": "write a path",
    "model_type": "write keys below it, each as `key: value`",
    "dict_type": "write keys below it, each as `key: value`",
}
_SPELLED = {
    "^[a-z0-9_]+$": "write small letters, digits and _",
    "^[a-z0-9][a-z0-9-]{1,39}$": "write small letters, digits and hyphens",
    "^[A-Z]{2}$": "write a country as two capital letters, such as RO",
    r"^(\d{2,8}|\*)$": "write the digits CPV codes start with, such as 72 or 4821, or *",
}
_HINTS = {
    "'\\t'": "write spaces instead of the tab",
    "alias": "quote a text that begins with * or &",
    "anchor": "quote a text that begins with * or &",
    "mapping values": "quote a text that holds a colon",
    "end of stream": "a quote is not closed",
    "stream end": "a bracket is not closed",
    "maximum depth": "it is nested too deeply; a few levels are all that is used here",
    "single document": "remove the second ---",
}


def hint(said: str) -> str:
    """What to do about a complaint of the YAML parser."""
    return next((hint for sign, hint in _HINTS.items() if sign in said), "check quotes, colons and indents")


def remedy(details: ErrorDetails) -> str:
    """A finding of pydantic's as an instruction, with what stands there now."""
    found = details["input"]
    if found is None:
        return "is empty; write a value or remove the key"
    return _instruction(details) + _given(found)


def _instruction(details: ErrorDetails) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "value_error":
        return str(context.get("error", details["msg"]))
    if kind in ("enum", "literal_error"):
        return f"write {context['expected']}"
    if kind in ("less_than_equal", "greater_than_equal"):
        return f"write {'at most' if kind.startswith('less') else 'at least'} {next(iter(context.values()))}"
    said = details["msg"][:1].lower() + details["msg"][1:]
    if kind == "string_pattern_mismatch":
        return f"{_SPELLED[context['pattern']]} ({said})" if context["pattern"] in _SPELLED else said
    return _WRITE.get(kind, said)


def _given(found: Any) -> str:
    """What stands there; the password in a web address is not repeated."""
    return f", not `{re.sub(r'(?<=//)[^/@]*@', '...@', found)}`" if isinstance(found, str) else ""
