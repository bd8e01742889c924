"""The one command line: a thin door. Every command parses, calls, prints, and sets the exit code."""

import datetime as dt
import os
from pathlib import Path

import click

from commands import change, day, doctor, keep, office, post, see, sources, tune
from commands.door import Door
from commands.menu import Commands, Moment

CHAPTERS = {
    "A day": day.COMMANDS,
    "To send": post.COMMANDS,
    "To see": (*see.COMMANDS, doctor.doctor),
    "To tune filters": tune.COMMANDS,
    "For the office": office.COMMANDS,
    "To change": (*change.COMMANDS, *sources.COMMANDS),
    "To keep and exchange": keep.COMMANDS,
}


@click.group(
    cls=Commands, chapters=CHAPTERS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--config", "file", type=click.Path(path_type=Path), default="config.yaml", show_default=True, metavar="FILE",
    help="The installation; paths inside are relative to it.",
)  # fmt: skip
@click.option("--now", type=Moment(), metavar='"YYYY-MM-DD HH:MM"', help="Rehearse another day or hour.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing when all is well: for cron.")
@click.version_option(package_name="vestitor", message="vestitor %(version)s")
@click.pass_context
def main(ctx: click.Context, file: Path, now: dt.datetime | None, quiet: bool) -> None:
    """Vestitor tells each member of the cluster, early and once, of the tenders and calls that concern it.

    \b
    To begin:   edit config.yaml and filters/, then `vestitor check`, then `vestitor run`.
    Exit codes: 0 done; 1 something to act on; 2 wrong use, or a file or the store is refused.
    """
    ctx.color = False if os.environ.get("NO_COLOR") else None
    ctx.obj = Door(file, lambda: now or dt.datetime.now(dt.UTC), quiet)


if __name__ == "__main__":
    main()
