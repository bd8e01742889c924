"""Tagging, mailing and rehearsing: what `run`, `tag` and `digest` have in common."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.progress import track

from commands import office
from commands.door import ACT, DONE, Door
from commands.named import in_words, member_of
from digests import approval, desk, send
from digests.choice import Chosen, everything
from filters import tag as tagging
from filters.profile import Filters, Member
from pipeline.replay import as_it_was
from pipeline.store import Store


def tag_all(door: Door, store: Store, aloud: bool = False, remember: bool = True) -> tuple[Filters, int]:
    """Matches all that is live with every member anew; the filters in force, and the exit code."""
    filters = tagging.load(door.config, store, door.now, remember)
    tagged = tagging.tag(filters, store, door.now, _progress(door, store), door.config.apart)
    for problem in filters.errors:
        door.alarm(f"{in_words(problem)} (the last good version stays in force)")
    matches = f"{sum(tagged.matches.values())} matches for {len(tagged.matches)} members"
    (door.say if aloud else door.mention)(f"Tagged {tagged.opportunities} live opportunities: {matches}.")
    return filters, ACT if filters.errors else DONE


def _progress(door: Door, store: Store) -> tagging.Progress:
    if door.quiet or not sys.stderr.isatty():
        return lambda kept: kept
    return lambda kept: track(kept, "Tagging", total=store.count(), console=door.console, transient=True)


def members_of(filters: Filters, names: Sequence[str]) -> Sequence[Member]:
    """The members of these names; without any, all."""
    return [member_of(filters, name) for name in names] or filters.members


def mail_all(
    door: Door,
    store: Store,
    filters: Filters,
    members: Iterable[Member],
    to_staff: bool = False,
    chosen: Chosen = everything,
    at_once: bool = False,
) -> int:
    """Makes and sends the digests of these members, and says how it went; the exit code. `at_once` asks no calendar."""
    if hold := to_staff or door.config.digest.approval:
        approval.required(door.config)
    sent = send.send_all(door.config, store, filters, door.now, list(members), hold, chosen, at_once)
    for line in sent.not_due_words():
        door.say(line)
    for line in sent.words():
        (door.alarm if sent.to_act_on else door.say)(line)
    office.tell_not_made(door, store, sent.problems)
    return ACT if sent.to_act_on else DONE


def rehearse(door: Door, names: Sequence[str], chosen: Chosen, folder: Path | None) -> int:
    """Writes the digests these members would get, or would have got, to files; the store is left as it is."""
    target = folder or door.config.path(door.config.mail.outbox) / "dry-run"
    with door.store() as store, as_it_was(store, door.now) as then:
        filters, code = tag_all(door, then, remember=False)
        for ready in desk.editions(door.config, then, filters, door.now, members_of(filters, names), chosen):
            file = desk.dry_run(door.config, ready, door.now, target)
            door.say(f"{file}.eml  {len(ready.digest.lines)} lines  {ready.rendered.subject}")
    return code
