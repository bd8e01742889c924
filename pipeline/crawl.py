"""The process of one source: `pipeline.collecting` starts one each; by hand it is `python -m pipeline.crawl --help`."""

import argparse
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.spider import iter_spider_classes

from pipeline import settings as house
from pipeline.config import Config
from pipeline.exceptions import VestitorError
from pipeline.gate import inside


def spider_of(name: str) -> type[scrapy.Spider]:
    """The spider of this name, from `spiders/<name>.py`; raises VestitorError where there is none."""
    module = import_module(f"{house.SPIDER_MODULES[0]}.{name}")
    for spider in iter_spider_classes(module):
        if spider.name == name:
            return spider
    raise VestitorError(f"spiders/{name}.py has no spider called `{name}`")


def main() -> None:
    """Crawls one source in this process."""
    options = argparse.ArgumentParser(description="Collect one source in this process.")
    options.add_argument("source")
    for name in ("config", "now", "run", "since", "limit", "store", "record", "probe"):
        options.add_argument(f"--{name}", required=name in ("config", "now"))
    given = options.parse_args()
    config = Config.read(Path(given.config))
    process = AsyncCrawlerProcess(settings_of(config, given))
    process.crawl(_for(spider_of(config.sources[given.source].spider or given.source), bool(given.probe)))
    process.start()


def _for(spider: type[scrapy.Spider], probing: bool) -> type[scrapy.Spider]:
    """The spider, or for a probe one that does what it offers as `probe` in place of its walk."""
    if probing and hasattr(spider, "probe"):
        return type(spider.__name__, (spider,), {"start": spider.probe})
    return spider


def settings_of(config: Config, given: argparse.Namespace) -> Settings:
    """Scrapy's settings for one source: those of the house and its own."""
    source = config.sources[given.source]
    probe = int(getattr(given, "probe", None) or 0)
    settings = Settings()
    settings.setmodule(house)
    contact = config.contact or config.mail.reply_to or config.mail.sender
    settings.setdict(
        {
            "USER_AGENT": f"Vestitor/{version('vestitor')} (funding and tender monitor; contact {contact})",
            "DOWNLOAD_DELAY": source.delay,
            "RANDOMIZE_DOWNLOAD_DELAY": False,
            "SPIDER_MODULES": [],  # only its own spider is loaded: faster, and another one that is broken does no harm
            "DOWNLOAD_TIMEOUT": source.patience if not probe else min(source.patience, 30),
            "VESTITOR_PROXY": source.proxy,
            "VESTITOR_IPV4": source.ipv4,
            "VESTITOR_INSIDE": inside(source.url),
            "VESTITOR_CONFIG": given.config,
            "VESTITOR_NOW": given.now,
            "VESTITOR_SOURCE": given.source,
            "VESTITOR_RUN": int(given.run) if given.run else None,
            "VESTITOR_SINCE": given.since,
            "VESTITOR_LIMIT": given.limit,
            "VESTITOR_STORE": getattr(given, "store", None),
            "VESTITOR_RECORD": getattr(given, "record", None),
            "VESTITOR_PROBE": probe,
        }
    )
    if probe:
        settings.set("DOWNLOAD_MAXSIZE", 10 * 2**20)  # a probe never asks for anything large
    return settings


if __name__ == "__main__":
    try:
        main()
    except VestitorError as error:
        sys.exit(str(error))
