"""Mails and pages in a real browser: nothing wider than a phone, both schemes painted, nothing fetched, no barrier."""

import base64
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from digests.alarms import News, Wrong
from digests.alarms import paper as alarm
from digests.paper import Block, Paper, Row, Said, Table, html_of
from digests.render import render
from tests.archive_world import Archive
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


# -- accessibility and markup --------------------------------------------------------------------------------------

MODULES = Path(__file__).parent / "browser" / "node_modules"
AXE = Path(os.environ.get("AXE_CORE", MODULES / "axe-core" / "axe.min.js"))
VALIDATE = MODULES / "html-validate" / "bin" / "html-validate.mjs"
NODE = shutil.which("node")
RUN_AXE = """<script>axe.run().then(result => {
  const found = result.violations.map(violation => [violation.id, violation.impact, violation.nodes[0].html]);
  document.body.dataset.found = btoa(unescape(encodeURIComponent(JSON.stringify([found, result.passes.length]))));
});</script></body>"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One of each thing we write that a browser shows: mails to members and staff, the list, a page, the sources."""
    archive = Archive(tmp_path_factory.mktemp("archive"))
    archive.collected()
    wrong = [Wrong("source seap", "The last run: failed; HTTP 500", "`vestitor collect seap` tries again.")]
    table = Table(("Source", "Read"), (Row(("TED", "12")), Row(("SEAP", "0"), alarming=True)), numbers=(1,))
    lines = [Said("Two of us could do this", "https://ted.example.eu/1", "Alpha (SME), Beta (university)")]
    overview = Paper("2 to act on", "The week", "Since Monday.", (Block("Sources", "A note.", lines, table),), "More.")
    return {
        "mail-ro": render(realistic(NORD), OFFICE).html,
        "mail-en": render(realistic(TECH), OFFICE).html,
        "mail-full": render(generated(500, NORD, told=True), OFFICE).html,
        "mail-report": html_of(overview),
        "mail-alarm": html_of(alarm(News(tuple(wrong), ("source ted",)), "Vestitor")),
        "page-list": archive.text("index.html"),
        "page-one": archive.text("o/ted-5.html"),
        "page-ended": archive.text("o/ted-32.html"),
        "page-sources": archive.text("sources.html"),
    }


LOOKED_AT = ("mail-ro", "mail-en", "mail-report", "page-list", "page-one", "page-sources")


@pytest.mark.skipif(not AXE.exists(), reason="no axe-core here (npm ci in tests/browser, or its path in AXE_CORE)")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_axe_finds_nothing(name: str, dark: bool, pages: dict[str, str], tmp_path: Path) -> None:
    script = AXE.read_text(encoding="utf-8").replace("</script", "<\\/script")
    page = re.sub(r"<meta http-equiv[^>]*>", "", pages[name])  # its policy keeps axe out too, as it should
    page = page.replace("</body>", f"<script>{script}</script>{RUN_AXE}")
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
    assert passes > 15


@pytest.mark.skipif(not (VALIDATE.exists() and NODE), reason="no html-validate here (npm ci in tests/browser)")
@pytest.mark.parametrize("kind", ["mail", "page"])
def test_the_markup_is_valid(kind: str, pages: dict[str, str], tmp_path: Path) -> None:
    for name, page in pages.items():
        if name.startswith(kind):
            (tmp_path / f"{name}.html").write_text(page, encoding="utf-8")
    rules = MODULES.parent / f"{kind}s.json"
    command = [str(NODE), str(VALIDATE), f"--config={rules}", f"--formatter=json={tmp_path / 'found.json'}"]
    subprocess.run([*command, *map(str, sorted(tmp_path.glob("*.html")))], capture_output=True, timeout=90, check=False)
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert [(said["ruleId"], said["line"], said["message"]) for one in found for said in one["messages"]] == []


def test_the_list_is_searched_without_diacritics_and_nothing_is_fetched(pages: dict[str, str], tmp_path: Path) -> None:
    ask = """<script>
      const input = document.querySelector("#find input");
      input.value = "PRIMARIA alert";
      input.dispatchEvent(new Event("input", {bubbles: true}));
      const left = [...document.querySelectorAll(".list li:not([hidden])")].length;
      const groups = [...document.querySelectorAll("section:not([hidden])")].length;
      document.body.dataset.seen = [left, groups, performance.getEntriesByType("resource").length].join(";");
    </script></body>"""
    page = re.sub(r"<meta http-equiv[^>]*>", "", pages["page-list"]).replace("</body>", ask)
    (tmp_path / "list.html").write_text(page, encoding="utf-8")
    command = [str(CHROMIUM), *QUIET, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    file = (tmp_path / "list.html").as_uri()
    dom = subprocess.run([*command, file], capture_output=True, text=True, timeout=60, check=True).stdout
    assert 'data-seen="1;1;0"' in dom


@pytest.mark.parametrize("name", ["page-list", "page-one", "page-sources", "mail-report"])
def test_pages_fit_a_phone(name: str, pages: dict[str, str], tmp_path: Path) -> None:
    width, wide, fetched, _ = seen(re.sub(r"<meta http-equiv[^>]*>", "", pages[name]), 375, tmp_path)
    assert (width, wide, fetched) == (375, 0, 0)


def test_the_policy_of_the_pages_lets_their_own_style_and_script_run(pages: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "list.html").write_text(pages["page-list"], encoding="utf-8")
    log = tmp_path / "log.txt"
    command = [
        str(CHROMIUM),
        *QUIET,
        f"--user-data-dir={tmp_path / 'profile'}",
        "--enable-logging=stderr",
        "--dump-dom",
    ]
    done = subprocess.run([*command, (tmp_path / "list.html").as_uri()], capture_output=True, text=True, timeout=60)
    log.write_text(done.stderr)
    assert "Content Security Policy" not in done.stderr and 'id="find" role="search">' in done.stdout
