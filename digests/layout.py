"""The templates of mails and pages, all of one family: everything put into them is escaped."""

from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

FOLDER = Path(__file__).parent / "templates"


def mailto(address: str, subject: str) -> str:
    """A mailto address with a subject, safe in a header and in an attribute."""
    return f"mailto:{quote(address, safe='@+.-_')}?subject={quote(subject, safe=':')}"


def capitalize_first(text: str) -> str:
    """The text with a capital first letter and the rest as it is."""
    return text[:1].upper() + text[1:]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,  # select_autoescape() would not know "*.html.j2"; the text templates turn it off
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["mailto"] = mailto
    environment.filters["capitalize_first"] = capitalize_first
    return environment


@cache
def template(name: str) -> Template:
    """The template of that name, compiled once."""
    return _environment().get_template(name)
