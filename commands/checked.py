"""A live check in words: what the operator sees of each source, and what to do next."""

from collections.abc import Iterator, Sequence

import click

from pipeline.probing import Check, Looked
from pipeline.words import count, paragraph, width

_LABEL = 10
_SHOWN = 6
"""Hooks named of those that are missing or new."""


def opening(names: Sequence[str]) -> str:
    """What is about to happen."""
    return paragraph(
        f"Live check of {count(len(names), 'source')}: a few polite requests to each, read by the source's own reader, "
        "compared with the samples it was written for. Nothing is kept, nobody is mailed."
    )


def lines(check: Check) -> Iterator[str]:
    """A source: a headline in colour, then what was found, label by label."""
    mark = click.style(" WELL ", fg="black", bg="green") if check.well else click.style(" LOOK ", fg="white", bg="red")
    asked = f"{count(check.requests, 'request')}, {check.seconds:.1f} s"
    yield ""
    yield f"{mark} {click.style(check.source, bold=True)}  {click.style(asked, fg='bright_black')}"
    for label, text, colour in _facts(check):
        first, *rest = paragraph(text, " " * (_LABEL + 3)).splitlines()
        yield click.style(f"  {label:<{_LABEL}} {first.strip()}", fg=colour)
        yield from (click.style(line, fg=colour) for line in rest)


def _facts(check: Check) -> Iterator[tuple[str, str, str | None]]:
    yield "reached", _reached(check), None if check.reached else "red"
    yield "robots.txt", check.robots, "red" if check.robots in ("cannot be had", "forbids what we ask") else None
    for looked in check.answers:
        yield "answer", _answer(looked), None if _same(looked) else "red"
        if looked.missing:
            yield "missing", f"{_some(looked.missing)}: the reader needs that", "red"
        if looked.new:
            yield "new", f"{_some(looked.new)} (harmless)", "yellow"
    yield "read", _read(check), None if check.read else "red"
    if check.example:
        yield "such as", check.example, None
    for reason in check.reasons:
        yield "but", reason, "yellow"
    for issue in check.issues[:3]:
        yield "odd", issue, "yellow"
    for step in check.todo:
        yield "to do", step, "cyan"


def _reached(check: Check) -> str:
    if check.reached:
        return f"yes; but {check.trouble}" if check.trouble else "yes"
    return f"no: {check.trouble or 'no usable answer came'}"


def _same(looked: Looked) -> bool:
    return not looked.known or (looked.kind == looked.expected and not looked.missing)


def _answer(looked: Looked) -> str:
    kind = looked.kind if looked.kind.startswith("HTTP") else f"HTTP {looked.status}, {looked.kind}"
    what = f"{looked.name}: {kind}, {size(looked.size)}"
    if not looked.known:
        return f"{what}; no sample of this address to compare with"
    if looked.kind != looked.expected:
        return f"{what}; the samples are {looked.expected}"
    return f"{what}; {'not ' if looked.missing else ''}shaped as the samples"


def _some(hooks: Sequence[str]) -> str:
    more = f" and {len(hooks) - _SHOWN} more" if len(hooks) > _SHOWN else ""
    return ", ".join(hooks[:_SHOWN]) + more


def _read(check: Check) -> str:
    newest = f", the newest of {check.newest}" if check.newest else ""
    return (f"{count(check.read, 'opportunity', 'opportunities')}{newest}") if check.read else "nothing"


def size(number: int) -> str:
    """Bytes as people say them."""
    return (
        f"{number} bytes" if number < 1000 else f"{number / 1000:.0f} kB" if number < 1e6 else f"{number / 1e6:.1f} MB"
    )


def closing(checks: Sequence[Check]) -> Iterator[str]:
    """How it went altogether, and the next step."""
    ill = [check.source for check in checks if not check.well]
    yield ""
    yield click.style("-" * min(width(), 60), fg="bright_black")
    if not ill:
        yield click.style(f"All {len(checks)} are well. Next: `vestitor collect`.", fg="green")
        return
    well = len(checks) - len(ill)
    yield paragraph(f"{well} of {len(checks)} are well. To look at: {', '.join(ill)}.")
    yield paragraph(
        "The others can be collected now; a source that is not well closes nothing, and catches up once it is. "
        "Again for one: `vestitor collect --live-check NAME`."
    )
