"""An installation with its published folder: what the archive's tests share."""

from datetime import UTC, date, datetime
from pathlib import Path

from click.testing import Result

from pipeline.journal import Journal, Verdict
from pipeline.store import Store
from tests.send_world import DAY, Installation

HOSTILE = {
    "title": '"><img src=x onerror=alert(1)> {{ 7*7 }} </style><script>alert(2)</script>',
    "summary": "javascript:alert(1) <iframe src=https://evil.example.org> ]]> \u202e &lt;b&gt;",
    "buyer": {"name": "<b onmouseover=alert(3)>Primăria</b> 'X' & \"Y\"", "country": "RO", "city": "</li></ul>"},
    "eligible": "--><script>alert(4)</script>",
    "links": [{"url": "https://docs.example.org/?a=1&b=<2>\"'", "role": '<i onclick="x()">documents</i>'}],
}


class Archive:
    """An installation with its published folder."""

    def __init__(self, folder: Path) -> None:
        self.office = Installation(folder)
        self.office.configure()
        self.office.member("alpha")
        self.office.member("beta-soft", more="confirmed: true\npaused: true")
        self.folder = folder / "public"

    def publish(self, day: date = DAY, *more: str) -> Result:
        self.office.run("tag", day=day)
        result = self.office.run("publish", *more, day=day)
        assert result.exit_code == 0, result.output
        return result

    def files(self) -> dict[str, tuple[bytes, int]]:
        """Every published file: what it says, and when it was written."""
        found = (file for file in self.folder.rglob("*") if file.is_file() and file.name != ".vestitor-archive")
        return {str(file.relative_to(self.folder)): (file.read_bytes(), file.stat().st_mtime_ns) for file in found}

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def set(self, more: str) -> None:
        with (self.office.folder / "config.yaml").open("a") as file:
            file.write(more)

    def collected(self) -> None:
        """Forty of every kind and stage, one that changed, one hostile, one that ended; published."""
        office, before = self.office, date(2026, 11, 12)
        office.collect(range(1, 31), before)
        office.collect([31], before, stage="planned", deadlines=[])
        office.collect([32], before, deadlines=[{"date": "2026-11-14", "role": "submission"}])
        office.collect([33], before, **HOSTILE)
        cut_offs = [{"date": day, "role": "cut-off"} for day in ("2027-03-10", "2027-06-10")]
        office.collect([34], before, kind="call", deadlines=cut_offs)
        office.collect([35], before, kind="news", deadlines=[], published="2026-09-01")
        office.collect([36], before, id="ted:a/b ș?#".replace(" ", ""), ref="a/bș?#")
        ends = [{"at": "2027-04-12T15:00:00+03:00", "role": "submission"}]
        office.collect([5], DAY, deadlines=ends, value={"amount": 250000, "currency": "RON"})
        self.set("sources: {ted: {url: 'https://ted.example.org'}, seap: {url: 'https://seap.example.org'}}\n")
        with Store(self.office.folder / "test.db") as store:
            journal, noon = Journal(store), datetime(2026, 11, 20, 10, tzinfo=UTC)
            for source, verdict in (("ted", Verdict.GOOD), ("seap", Verdict.FAILED)):
                journal.end(journal.begin(source, noon), verdict, ["/home/somebody/secret.log"], {}, [], noon)
        self.publish()
