"""Many crawls in one process: what tests of all sources at once use, as starting a process for each takes a second.

The crawl itself is the real one: `pipeline.crawl` with its settings, its gate, its pipelines. `python -m tests.crawls`
reads batches from its input, a JSON list a line of [config file, source, now], and answers each when it is done.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.config import Config
from pipeline.journal import Journal, Run
from pipeline.store import Store
from tests.world import FRIDAY, ROOT


class Crawls:
    """The process, from a test's side: `with Crawls(folder) as crawls: crawls.collect(config, ["ted"])`."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "crawls.log"

    def __enter__(self) -> Self:
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.crawls"], cwd=ROOT, text=True, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()

    def collect(self, config: Config, sources: Iterable[str], now: dt.datetime = FRIDAY) -> dict[str, Run]:
        """Collects the sources at the same time, and returns the record of each run."""
        names = list(sources)
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([[str(config.file), name, now.isoformat()] for name in names]) + "\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        assert said == "done\n", self.log.read_text()[-3000:]
        with Store(config.path(config.store)) as store:
            runs = {name: Journal(store).last(name) for name in names}
        return {name: run for name, run in runs.items() if run is not None}


async def _serve() -> None:
    from scrapy.crawler import AsyncCrawlerRunner, Crawler

    from pipeline.crawl import settings_of, spider_of

    runner = AsyncCrawlerRunner()
    while line := await asyncio.to_thread(sys.stdin.readline):
        for file, source, now in json.loads(line):
            config = Config.read(Path(file))
            given = argparse.Namespace(config=file, now=now, source=source, run=None, since=None, limit=None)
            settings = settings_of(config, given)
            runner.crawl(Crawler(spider_of(config.sources[source].spider or source), settings))
        await runner.join()
        sys.stdout.write("done\n")
        sys.stdout.flush()


def main() -> None:
    from twisted.internet import asyncioreactor

    asyncioreactor.install()  # type: ignore[no-untyped-call]
    from twisted.internet import reactor as installed

    from pipeline.addresses import Resolver

    reactor: Any = installed
    Resolver(reactor, _Inside()).install_on_reactor()
    task = asyncio.get_event_loop_policy().get_event_loop().create_task(_serve())
    task.add_done_callback(lambda done: reactor.stop())
    reactor.run()
    task.result()


class _Inside:
    """Stand-ins live on the loopback address."""

    def getbool(self, name: str) -> bool:
        return name == "VESTITOR_INSIDE"

    def get(self, name: str) -> None:
        return None


if __name__ == "__main__":
    main()
