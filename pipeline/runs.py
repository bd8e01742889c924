"""The record of a run: counts, issues, what the source said it should have given, and the verdict on it all."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured

from pipeline import judging
from pipeline.config import Config
from pipeline.journal import EXAMPLES, HAD, STATED, IssueCount, Journal, Verdict
from pipeline.keeping import Tally
from pipeline.notice import Notice
from pipeline.store import Store

_ORDER = list(Verdict)
_FLUSH = 10
"""Requests counted in one go: so many are forgotten at most where a process is killed."""


class RunRecorder:
    """Scrapy extension: opens the store and the run's row, gathers what happens, and closes both with a verdict."""

    def __init__(
        self, config: Config, source: str, run: int | None, now: dt.datetime, store: Path | None = None, probe: int = 0
    ) -> None:
        self.name, self.now = source, now
        self.source = config.sources[source]
        self.probe = probe
        """Requests of a probe: a look at the source that is no run; 0 in a run."""
        self.store = Store(store or config.path(config.store))
        self.journal = Journal(self.store)
        self.id = run if run is not None else self.journal.begin(source, now)
        self.counts: Counter[str] = Counter()
        self.issues: dict[str, list[str]] = defaultdict(list)
        self.issue_counts: Counter[str] = Counter()
        self.complaints: list[tuple[Verdict, str]] = []
        self.marks: dict[str, str] = {}
        self.known = self.journal.marks(source)
        """How far the source had been read before this run."""
        self.zone = config.zone
        self.today = now.astimezone(config.zone).date()
        self.spent = self.journal.spent(source, self.today)
        """Requests of this day, those of earlier runs included."""
        self.broke = False
        """Whether the day's requests are used up: what goes wrong from then on goes wrong because of that."""
        self.held = 0
        """Ends of opportunities that wait for the verdict."""
        self._uncounted = 0
        self._judged = False
        self.scope = self.source.scope
        """What is kept; a spider puts its own scope here where the configuration has none."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way in; the settings are set by `pipeline.crawl`."""
        settings = crawler.settings
        if not settings.get("VESTITOR_CONFIG"):
            raise NotConfigured("run spiders through `vestitor collect`")
        config = Config.read(Path(settings["VESTITOR_CONFIG"]))
        now = dt.datetime.fromisoformat(settings["VESTITOR_NOW"])
        scratch = Path(settings["VESTITOR_STORE"]) if settings.get("VESTITOR_STORE") else None
        run, probe = settings.get("VESTITOR_RUN"), settings.getint("VESTITOR_PROBE")
        recorder = cls(config, settings["VESTITOR_SOURCE"], run, now, scratch, probe)
        crawler.signals.connect(recorder.failed, signals.spider_error)
        crawler.signals.connect(recorder.item_failed, signals.item_error)
        crawler.signals.connect(recorder.requested, signals.request_reached_downloader)
        crawler.signals.connect(recorder.closed, signals.spider_closed)
        return recorder

    @staticmethod
    def of(crawler: Crawler) -> "RunRecorder":
        """The recorder of a crawler."""
        recorder = crawler.get_extension(RunRecorder)
        assert isinstance(recorder, RunRecorder)
        return recorder

    # What a spider and the steps report

    def count(self, name: str, by: int = 1) -> None:
        """Counts something worth showing in `status`."""
        self.counts[name] += by

    def issue(self, code: str, detail: str) -> None:
        """Counts something odd, with a few examples."""
        self.issue_counts[code] += 1
        if len(self.issues[code]) < EXAMPLES:
            self.issues[code].append(detail[:200])

    def complain(self, verdict: Verdict, why: str) -> None:
        """Says why this run is no better than `verdict`."""
        if self.broke and self.probe:
            return  # a probe is meant to end early
        self.complaints.append((min(verdict, Verdict.PARTIAL, key=_ORDER.index) if self.broke else verdict, why))

    def stated(self, there: int, had: int) -> None:
        """The source says how many there are in what was asked, and so many came."""
        self.count(STATED, there)
        self.count(HAD, had)

    def afford(self) -> None:
        """Raises IgnoreRequest where the day has no request left for this source."""
        most = self.probe or self.source.requests
        if self.spent < most:
            return
        if not self.broke:
            self.broke = True
            self.complain(Verdict.PARTIAL, f"the {most} requests of this day are used up; the next run goes on")
        raise IgnoreRequest(f"the {most} requests of this day are used up")

    def set_aside(self, name: str, reason: str, body: bytes) -> None:
        """Keeps a body nobody could read and counts it."""
        self.count("unreadable")
        self.issue("unreadable", f"{name}: {reason}")
        if self.issue_counts["unreadable"] <= EXAMPLES:
            self.journal.set_aside(self.id, name, reason, body)

    def mark(self, name: str, value: str) -> None:
        """How far the source has been read; remembered when the notices up to there are kept."""
        self.marks[name] = value

    def has(self, ref: str) -> bool:
        """Whether the notice of that number has been read before; a published notice never changes."""
        return self.store.has_notice(self.name, ref)

    def read(self, notice: Notice) -> None:
        """A notice came through, with the oddities found while reading it."""
        self.count("read")
        for sign in judging.covered(notice.says):
            self.count(sign)
        for issue in notice.issues:
            self.issue(issue.code, f"{notice.says.ref}: {issue.detail}")

    def kept(self, tally: Tally) -> None:
        """What became of a batch."""
        for name in ("new", "changed", "seen", "outside"):
            self.count(name, len(getattr(tally, name)))

    # What Scrapy reports

    def failed(self, failure: Any) -> None:
        """A spider's own error."""
        self.complaints.append((Verdict.FAILED, f"{failure.type.__name__}: {failure.getErrorMessage()[:300]}"))

    def item_failed(self, failure: Any) -> None:
        """A step's error: notices may be missing."""
        self.not_kept(failure.value)

    def not_kept(self, error: BaseException) -> None:
        """Notices could not be kept: no mark moves, the next run reads them again."""
        self.complaints.append((Verdict.FAILED, f"while keeping: {str(error)[:300]}"))

    def requested(self) -> None:
        """One request went out."""
        self.count("requests")
        self.spent += 1
        self._uncounted += 1
        if self._uncounted >= _FLUSH:
            self._spend()

    def _spend(self) -> None:
        if self._uncounted:
            self.journal.spend(self.name, self.today, self._uncounted)
            self._uncounted = 0

    def judge(self) -> Verdict:
        """What the run is worth, all its notices read; asked before the last of them are kept."""
        if not self._judged and not self.broke:
            good = [run.counts for run in self.journal.runs(self.name, judging.USUAL, Verdict.GOOD)]
            self.complaints += judging.judge(self.counts, self.source.expect, good)
        self._judged = True
        return worst(self.complaints)

    def closed(self, reason: str) -> None:
        """The end: verdict, marks, row."""
        if reason != "finished":
            self.complaints.append((Verdict.FAILED, f"ended early: {reason}"))
        self._spend()
        verdict = self.judge()
        if verdict is Verdict.GOOD or (verdict is Verdict.PARTIAL and not self.held):
            for name, value in self.marks.items():
                self.journal.mark(self.name, name, value, self.now)
        issues = [IssueCount(code, count, tuple(self.issues[code])) for code, count in self.issue_counts.items()]
        self.journal.end(self.id, verdict, [why for _, why in self.complaints], self.counts, issues, self.now)
        self.store.__exit__()


def worst(complaints: Sequence[tuple[Verdict, str]]) -> Verdict:
    """The verdict of a run: that of its worst complaint, good without any."""
    return max((verdict for verdict, _ in complaints), key=_ORDER.index, default=Verdict.GOOD)
