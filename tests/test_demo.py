"""The whole product, as `make demo` runs it: two sample days over real HTTP, and the mails a real SMTP server got."""

import datetime as dt
import email
import email.policy
import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import demo
from tests.demo import DAYS, vestitor
from tests.world import ROOT


class Days(NamedTuple):
    """What the two days left behind."""

    folder: Path
    mails: dict[str, EmailMessage]
    status: dict  # type: ignore[type-arg]


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    folder = tmp_path_factory.mktemp("demo")
    with demo.world(folder) as (sources, _):
        config = folder / "config.yaml"
        config.write_text(config.read_text(encoding="utf-8").replace("../filters", f"{ROOT}/filters"), encoding="utf-8")
        for day in DAYS:
            sources.move_to(day)
            done = vestitor(folder, "run", day=day)
            assert done.returncode == 0, done.stdout + done.stderr
        again = vestitor(folder, "digest", day=DAYS[-1])
        assert again.returncode == 0
        status = json.loads(vestitor(folder, "status", "--json").stdout)
        mails = {file.stem: _mail(file) for file in sorted((folder / "mail").glob("*.eml"))}
        yield Days(folder, mails, status)


def _mail(file: Path) -> EmailMessage:
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def text(days: Days, name: str) -> str:
    body = days.mails[name].get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_every_source_is_good_and_complete(days: Days) -> None:
    assert {name: source["verdict"] for name, source in days.status["sources"].items()} == dict.fromkeys(
        days.status["sources"], "good"
    )
    ted = days.status["sources"]["ted"]["counts"]
    assert ted["unpacked"] == ted["stated by the source"] == 12
    assert days.status["to_act_on"] == []


def test_a_member_is_told_what_is_new_changed_and_closing(days: Days) -> None:
    friday = text(days, "2026-11-20-nimbus-software")
    assert "Sistem informatic integrat spitalicesc" in friday
    assert "Mai sunt 5 zile" in friday
    assert re.search(r"Termen: lun\., 21 dec\. 2026, 15:00 → lun\., 11 ian\. 2027, 15:00", friday), "the extension"
    assert re.search(r"Etapă: deschisă → anulată", friday), "the cancellation, because it was told the day before"
    assert re.search(r"Etapă: planificată → deschisă", friday), "told when planned, told again when it opens"


def test_every_line_of_the_html_part_is_in_the_text_part(days: Days) -> None:
    for name, mail in days.mails.items():
        html = mail.get_body(("html",))
        assert html is not None
        links = set(re.findall(r'href="(https?://[^"]+)"', html.get_content()))
        assert links
        for link in links:
            assert link.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">") in text(days, name)


def test_nothing_is_told_twice(days: Days) -> None:
    """A second run of the day mailed nothing: as many mails as the ledger has sent, and none of one day twice."""
    addresses = {name: mail["To"] for name, mail in days.mails.items()}
    assert days.status["deliveries"]["sent"] >= len(addresses)
    first = set(re.findall(r"\[(\w+:[^\]]+)\]", text(days, "2026-11-19-nimbus-software")))
    new = text(days, "2026-11-20-nimbus-software").split("LICITAȚII NOI", 1)[1]
    assert first and not first & set(re.findall(r"\[(\w+:[^\]]+)\]", new))


def test_hostile_titles_are_only_text(days: Days) -> None:
    for mail in days.mails.values():
        html = mail.get_body(("html",))
        assert html is not None
        content = html.get_content()
        assert "<script" not in content and "javascript:" not in content


def test_why_and_why_not(days: Days) -> None:
    yes = vestitor(days.folder, "explain", "nimbus-software", "791801-2026").stdout
    assert "e-guvernare" in yes and "2026-11-20" in yes
    no = vestitor(days.folder, "explain", "medinfo", "781905-2026").stdout
    assert "nothing it looks for" in no


def test_another_day_can_be_rehearsed(days: Days) -> None:
    late = vestitor(days.folder, "export", "-", day=dt.date(2027, 3, 1)).stdout
    stages = {json.loads(line)["id"]: json.loads(line)["stage"] for line in late.splitlines()}
    assert stages["ted:781905-2026"] == "closed"
    early = vestitor(days.folder, "export", "-", day=DAYS[-1]).stdout
    assert {json.loads(line)["id"]: json.loads(line)["stage"] for line in early.splitlines()}[
        "ted:781905-2026"
    ] == "open"
