"""What is allowed but probably not meant: the warnings of `check`, each with its line and what to write."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Literal

from digests import leave
from pipeline.config import PUBLISH_VARIABLE, Config, this_machine
from pipeline.exceptions import ConfigError, Problem
from pipeline.yaml_file import Loc, read_text, tree

At = Callable[..., Problem]
"""A problem at a place of config.yaml: (place, what, level)."""
EXAMPLE = ("example.org", "example.com", "example.net")


def advice(config: Config, spiders: Collection[str], filters: Mapping[str, str]) -> list[Problem]:
    """What a person should look at, in the configuration and in the members' files (name -> text) that load."""
    return [
        *_of_config(config, spiders),
        *(found for name, text in filters.items() for found in _of_member(name, text)),
    ]


def _of_config(config: Config, spiders: Collection[str]) -> Iterator[Problem]:
    at = _places(config)
    for name, source in config.sources.items():
        if (spider := source.spider or name) not in spiders:
            near = get_close_matches(spider, spiders, n=1) or [", ".join(sorted(spiders))]
            what = f"no spider is called `{spider}`; write {near[0]}, or `spider: feed` for any site with a feed"
            yield at(("sources", name, "spider"), what, "error")
        if source.enabled and not source.at:
            yield at(("sources", name), f'`{name}` has no hours: nothing collects it by itself; write at: ["09:45"]')
    if not any(source.enabled for source in config.sources.values()):
        yield at(("sources",), "no source is enabled; nothing will be collected")
    yield from _of_mail(config, at)


def _of_mail(config: Config, at: At) -> Iterator[Problem]:
    if config.mail.sender.rstrip(">").endswith(EXAMPLE):
        yield at(("mail", "from"), "`from` is an example address; write the address your digests come from")
    if not config.mail.host:
        yield at(("mail",), "no `host`: mails are written to the outbox folder, nobody gets any")
    if config.mail.host and config.mail.security == "none" and not this_machine(config.mail.host):
        what = f"mails travel in clear to {config.mail.host}, for anybody on the way to read; write security: starttls"
        yield at(("mail", "security"), what)
    try:
        leave.link(config, "anybody")
    except ConfigError as error:
        yield at(("mail", "unsubscribe"), error.problems[0].what, "error")
    if config.publish.url and not (config.publish.secret_file or os.environ.get(PUBLISH_VARIABLE)):
        what = "no `secret_file`: who knows a member's short name can guess where its feed is; docs/operations.md"
        yield at(("publish", "url"), what)
    if not config.mail.staff:
        yield at(("mail",), "no `staff`: nobody is told what goes wrong; write staff: [you@your-cluster.ro]")


def _places(config: Config) -> At:
    lines = tree(str(config.file), read_text(config.file))[1]

    def at(place: Loc, what: str, level: Literal["error", "warning"] = "warning") -> Problem:
        line = next(lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in lines)
        return Problem(f"{config.file}:{line}", what, level)

    return at


def _of_member(name: str, text: str) -> Iterator[Problem]:
    data, lines = tree(name, text)
    if "member" in data and not _true(data.get("confirmed")):
        place: Loc = ("confirmed",) if ("confirmed",) in lines else ("member",)
        yield Problem(
            f"{name}:{lines[place]}",
            f"`{data['member']}` has not confirmed and gets no mail; write confirmed: true once it has agreed",
            "warning",
        )


def _true(found: Any) -> bool:
    return str(found).lower() in ("true", "yes", "on", "1", "t", "y")
