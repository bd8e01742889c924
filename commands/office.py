"""For the office: the archive anybody can read."""

from pathlib import Path

import click

from commands.door import Door
from digests import publish as archive
from filters import tag as tagging
from pipeline.lock import only_one
from pipeline.words import count


@click.command()
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="The folder to write [default: `publish.folder` of config.yaml].",
)  # fmt: skip
@click.pass_obj
def publish(door: Door, folder: Path | None) -> None:
    """Write what is open as web pages, feeds and calendars.

    Any web server can show the folder, and a browser can open index.html in it as it is. Only files that differ are
    written. Each member has an Atom feed and a calendar of its own there, whose addresses are shown; with a secret
    (docs/operations.md) nobody can guess them.

    \b
    Exit code 2: the folder holds other files, or cannot be written.
    """
    config = door.config
    target = folder or config.path(config.publish.folder)
    with only_one(config.path(config.store).with_suffix(".publish"), "publish", leave=True), door.store() as store:
        filters = tagging.load(config, store, door.now, remember=False)
        with door.progress(f"Writing {target}"):
            done = archive.publish(config, store, filters, door.now, target)
    site = archive.site_of(config)
    files = f"{count(done.written, 'file')} written, {done.same} as they were, {done.removed} removed"
    door.say(f"{target}: {count(done.open, 'opportunity', 'opportunities')} open; {files}.")
    for member, path in done.feeds.items():
        door.mention(f"  {member}: {site.address(path)} (calendar: .ics)")


COMMANDS = (publish,)
