"""To look at sources on the real network: the live check of `collect`, and recordings for whoever mends a reader."""

import sys
from pathlib import Path

import click

from commands import checked
from commands.door import ACT, DONE, Door
from commands.named import refuse_unknown
from pipeline.collecting import Order
from pipeline.exceptions import VestitorError
from pipeline.journal import Verdict
from pipeline.probing import check_all, dump, look
from pipeline.recording import summary


def live_check(door: Door, names: list[str], as_json: bool) -> int:
    """Checks the sources and says how each is, one after the other; the exit code."""
    if as_json:
        checks = list(check_all(door.config, names, door.now))
        click.echo(dump(checks))
        return DONE if all(check.well for check in checks) else ACT
    door.say(checked.opening(names))
    checks = []
    with door.progress(f"Asking {', '.join(names)}"):
        for check in check_all(door.config, names, door.now):
            checks.append(check)
            if not (check.well and door.quiet):
                click.echo("\n".join(checked.lines(check)))
    if not all(check.well for check in checks) or not door.quiet:
        click.echo("\n".join(checked.closing(checks)))
    return DONE if all(check.well for check in checks) else ACT


@click.command()
@click.argument("source")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="A new or empty folder [default: recordings/SOURCE-DATE].",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N",
              help="Stop after so many notices.")  # fmt: skip
@click.pass_obj
def record(door: Door, source: str, folder: Path | None, limit: int) -> None:
    """Save what SOURCE answers today as samples, to mend its reader.

    Asks as a first collection would, keeps nothing in the store, and writes each answer into a folder with an index
    (index.jsonl: question, status, headers, file). E-mail addresses, telephone and personal numbers and the fields
    that hold persons are taken out; names within running text are not, so look through it before you pass it on.
    At most 60 answers and 3 MB each.

    \b
    Exit code 1: the source could not be read whole (the answers there were are saved all the same).
    """
    config = door.config
    refuse_unknown(config, [source])
    target = folder or config.path(Path("recordings")) / f"{source}-{door.now:%Y%m%d-%H%M}"
    if target.exists() and any(target.iterdir()):
        raise VestitorError(f"{target} is not empty; name a new folder with --out")
    with door.progress(f"Recording {source}"):
        run, kept = look(config, Order(source, limit=limit), door.now, target)
    saved = summary(target)
    if not saved["answers"]:
        raise VestitorError(f"{source} gave no answer: {'; '.join(run.reasons) or 'see logs'}")
    door.say(f"{target}: {saved['files']} files of {saved['answers']} answers, {checked.size(saved['bytes'])};")
    door.say(f"read from them: {len(kept)} opportunities. Look through the folder before you pass it on.")
    for reason in run.reasons:
        door.alarm(f"  {reason}")
    sys.exit(DONE if run.verdict is Verdict.GOOD else ACT)


COMMANDS = (record,)
