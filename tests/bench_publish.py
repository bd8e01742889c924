"""`python -m tests.bench_publish`: the archive of 5,000 open opportunities, written first anew and then again."""

import datetime as dt
import tempfile
import time
from pathlib import Path

from digests.publish import publish
from filters.tag import load, tag
from pipeline.config import Config
from pipeline.store import Store
from tests.bench_digest import NOW, OPPORTUNITIES, add, opportunity
from tests.send_world import Installation


def main() -> None:
    """Builds, measures, cleans up."""
    with tempfile.TemporaryDirectory() as folder:
        office = Installation(Path(folder))
        office.configure()
        office.member("alpha")
        config = Config.read(office.folder / "config.yaml")
        with Store(config.path(config.store)) as store:
            add(store, [opportunity(number) for number in range(OPPORTUNITIES)], NOW - dt.timedelta(days=3))
            add(store, [opportunity(number, moved=True) for number in range(0, OPPORTUNITIES, 11)], NOW)
            filters = load(config, store, NOW)
            tag(filters, store, NOW)
            for _ in range(2):
                cpu, wall = time.process_time(), time.monotonic()
                done = publish(config, store, filters, NOW, office.folder / "public")
                cpu, wall = time.process_time() - cpu, time.monotonic() - wall
                print(
                    f"{done.open} open, {done.written} files written: {cpu:.1f} CPU seconds, {wall:.1f} s", flush=True
                )


if __name__ == "__main__":
    main()
