"""The mail in a real browser: nothing wider than a phone, both schemes painted, nothing fetched."""

import base64
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from digests.render import render
from tests.digest_samples import NORD, OFFICE, TECH, Member, generated, realistic

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian: apt-get install chromium)")
QUIET = [
    f"--{flag}"
    for flag in ("headless", "no-sandbox", "disable-gpu", "hide-scrollbars", "disable-background-networking",
                 "disable-sync", "no-first-run", "disable-component-update", "disable-extensions")
]  # fmt: skip
FRAME = """<!doctype html><meta name="color-scheme" content="light dark"><body style="margin:0">
<iframe style="border:0" width="{width}" height="3000" srcdoc="{page}"></iframe><script>
const frame = document.querySelector("iframe");
frame.onload = () => {{
  const root = frame.contentDocument.documentElement, view = frame.contentWindow;
  const wide = [...root.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > {width} + 0.5);
  const body = view.getComputedStyle(frame.contentDocument.body).backgroundColor;
  const fetched = view.performance.getEntriesByType("resource").length;
  document.body.dataset.seen = [root.scrollWidth, wide.length, fetched, body].join(";");
}};</script>"""


def browse(page: str, width: int, folder: Path, *, dark: bool = False, shot: bool = False) -> str:
    """Chromium's answer: the DOM after loading, the mail laid out in a frame as narrow as asked for."""
    frame = folder / "frame.html"
    frame.write_text(FRAME.format(width=width, page=html.escape(page)), encoding="utf-8")
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    do = [f"--screenshot={folder / 'shot.png'}"] if shot else ["--dump-dom"]
    size = f"--window-size={max(width, 500)},1600"  # a narrower window would be laid out at 500 all the same
    command = [str(CHROMIUM), *QUIET, f"--user-data-dir={folder / 'profile'}", size, *scheme, *do, frame.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def seen(page: str, width: int, folder: Path, *, dark: bool = False) -> tuple[int, int, int, str]:
    found = re.search(r'data-seen="(\d+);(\d+);(\d+);([^"]*)"', browse(page, width, folder, dark=dark))
    assert found, "the mail was not laid out"
    return int(found[1]), int(found[2]), int(found[3]), found[4]


@pytest.mark.parametrize("width", [320, 375, 600])
@pytest.mark.parametrize("member", [NORD, TECH])
def test_nothing_is_wider_than_the_screen_and_nothing_is_fetched(width: int, member: Member, tmp_path: Path) -> None:
    page = render(realistic(member), OFFICE).html
    assert seen(page, width, tmp_path)[:3] == (width, 0, 0)


def test_a_long_word_does_not_widen_a_phone(tmp_path: Path) -> None:
    page = (
        render(generated(3, NORD), OFFICE).html.replace("Municipiul Gherla", "Ș" * 160).replace("portalului", "x" * 90)
    )
    assert seen(page, 375, tmp_path)[:2] == (375, 0)


def test_the_dark_scheme_is_painted(tmp_path: Path) -> None:
    page = render(realistic(NORD), OFFICE).html
    assert seen(page, 375, tmp_path, dark=True)[3] == "rgb(20, 22, 25)"
    assert seen(page, 375, tmp_path)[3] == "rgb(242, 240, 235)"


def test_it_can_be_drawn(tmp_path: Path) -> None:
    browse(render(realistic(NORD), OFFICE).html, 600, tmp_path, shot=True)
    assert (tmp_path / "shot.png").stat().st_size > 20_000


AXE = Path(os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js"))
RUN_AXE = """<script>axe.run().then(result => {
  const found = result.violations.map(violation => violation.id + ": " + violation.impact);
  document.body.dataset.found = btoa(JSON.stringify([found, result.passes.length]));
});</script></body>"""


@pytest.mark.skipif(not AXE.exists(), reason="no axe-core here (npm install axe-core, or its path in AXE_CORE)")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("member", [NORD, TECH])
def test_axe_finds_nothing(member: Member, dark: bool, tmp_path: Path) -> None:
    script = AXE.read_text(encoding="utf-8").replace("</script", "<\\/script")
    page = render(realistic(member), OFFICE).html.replace("</body>", f"<script>{script}</script>{RUN_AXE}")
    (tmp_path / "axe.html").write_text(page, encoding="utf-8")
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    command = [str(CHROMIUM), *QUIET, profile, *scheme, "--virtual-time-budget=15000", "--dump-dom"]
    dom = subprocess.run(
        [*command, (tmp_path / "axe.html").as_uri()], capture_output=True, text=True, timeout=90, check=True
    ).stdout
    found = re.search(r'data-found="([^"]+)"', dom)
    assert found, "axe did not finish"
    violations, passes = json.loads(base64.b64decode(found[1]))
    assert violations == []
    assert passes > 20
