"""What tests share: an installation in a folder, the command line as a process, and where the recorded data is."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.collecting import Order, collect
from pipeline.config import Config
from pipeline.journal import Run

ROOT = Path(__file__).parent.parent
RECORDED = ROOT.parent / "shared" / "data"
"""Real published data, kept beside the checkout and never in it."""
EVERYTHING = "scope: {countries: [], cpv: ['*']}"
FRIDAY = dt.datetime.fromisoformat("2026-11-20T11:00+02:00")


def recorded(*parts: str) -> Path:
    """A path of the recorded data; skips the test where it is absent."""
    path = RECORDED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs the recorded data in {path}, which is not part of the repository")
    return path


def installation(folder: Path, sources: str, more: str = "") -> Config:
    """An independent installation in `folder` with these blocks below `sources:`."""
    block = "".join(f"  {line}\n" for line in sources.splitlines())
    filters = f"filters: {{interests: {ROOT}/filters/interests, members: {ROOT}/filters/members}}\n"
    (folder / "config.yaml").write_text(f"store: test.db\n{filters}{more}\nsources:\n{block}", encoding="utf-8")
    return Config.read(folder / "config.yaml")


def ted_block(url: str, more: str = "") -> str:
    """TED's block: no delay, no patience, whatever `more` says."""
    return f"ted:\n  url: {url}\n  delay: 0\n  backoff: 0.05\n  {more}\n"


def run(config: Config, source: str = "ted", now: dt.datetime = FRIDAY, **order: object) -> Run:
    """Collects one source through its real process."""
    return collect(config, [Order(source, **order)], now)[0]  # type: ignore[arg-type]


def vestitor(config: Config, *command: str, now: str = "2026-11-20 11:00") -> subprocess.CompletedProcess[str]:
    """The command line as a person would type it."""
    call = [sys.executable, "vestitor.py", f"--config={config.file}", f"--now={now}", *command]
    return subprocess.run(call, cwd=ROOT, text=True, capture_output=True, check=False)
