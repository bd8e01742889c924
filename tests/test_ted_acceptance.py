"""All recorded TED notices, served as daily packages over HTTP, read by the real spider into a real store, and compared
field by field with an independent extraction (`ted_truth`: one XPath per field)."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from pipeline.journal import Run, Verdict
from pipeline.notice import Notice
from pipeline.opportunity import Deadline, Opportunity
from pipeline.places import COUNTRIES
from pipeline.store import Store
from pipeline.text import clean, comma_below, safe_url
from tests.sources.ted import TedServer
from tests.ted_truth import truth
from tests.world import EVERYTHING, installation, recorded, run, ted_block

PER_PACKAGE = 100
WITHHELD_WINNERS = {
    # Every result code is withheld ("unpublished"): a settled contract means awarded, a reason without one cancelled.
    "383556-2024": "awarded",
    "400283-2024": "awarded",
    "608979-2024": "awarded",
    "234490-2025": "cancelled",
    "411501-2024": "cancelled",
    "454748-2024": "cancelled",
    "506675-2024": "cancelled",
}

ON_PARTS = {
    # Planning notices that say it on their Parts; the independent extraction looks at Lots only.
    "388477-2024 eu funds",
    "470454-2024 eu funds",
    "559499-2024 eu funds",
    "582040-2024 eu funds",
    "653337-2024 eu funds",
    "653337-2024 maximum",
    "400541-2024 value",
}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, dict[str, Notice], list[Path]]]:
    files = sorted(recorded("ted", "notices").glob("*.xml"))
    issues = {f"2026{n // PER_PACKAGE + 1:05d}": files[n : n + PER_PACKAGE] for n in range(0, len(files), PER_PACKAGE)}
    folder = tmp_path_factory.mktemp("ted")
    with TedServer(files[0].parent, today=dt.date(2026, 1, 9), issues=issues) as ted:
        config = installation(folder, ted_block(ted.url, EVERYTHING))
        now = dt.datetime(2026, 1, 9, 12, tzinfo=config.zone)
        done = run(config, now=now, since=dt.date(2026, 1, 1))
    with Store(config.path(config.store)) as store:
        rows = store.conn.execute("SELECT reading FROM notices")
        notices = {n.says.ref: n for n in (Notice.model_validate_json(reading) for (reading,) in rows)}
    yield done, notices, files


def test_every_notice_is_read(collected: tuple[Run, dict[str, Notice], list[Path]]) -> None:
    done, notices, files = collected
    assert done.counts["unpacked"] == done.counts["read"] == len(files) == len(notices)
    assert [issue for issue in done.issues if issue.code == "unreadable"] == []
    assert done.verdict is not Verdict.FAILED


def test_fields_agree_with_an_independent_extraction(collected: tuple[Run, dict[str, Notice], list[Path]]) -> None:
    _, notices, files = collected
    differences = dict(pair for file in files for pair in _differences(truth(file.read_bytes()), notices))
    assert differences.keys() == ON_PARTS, differences


def _differences(true: dict, notices: dict[str, Notice]) -> Iterator[tuple[str, str]]:  # type: ignore[type-arg]
    says = notices[true["ref"]].says
    pairs = {
        "title": (comma_below(clean(true["title"])), comma_below(says.title)),
        "cpv": (true["cpv"], set(says.cpv)),
        "main cpv": (true["cpv_main"], says.cpv[0]),
        "deadlines": (_expected_deadlines(true), _deadlines(says)),
        "value": (true["value"], _money(says.value)),
        "maximum": (true["maximum"], _money(says.maximum)),
        "buyer": (comma_below(clean(true["buyer"]["name"])), comma_below(says.buyer.name if says.buyer else "")),
        "buyer's country": (_alpha_2(true["buyer"]["country"]), says.buyer.country if says.buyer else None),
        "countries": (_countries(true), set(says.countries)),
        "nuts": (true["nuts"], set(says.nuts)),
        "stage": (WITHHELD_WINNERS.get(true["ref"], true["stage"]), says.stage.value),
        "published": (true["published"], str(says.published)),
        "eu funds": (true["eu_funded"], says.eu_funded),
        "lots": (true["lots"], len(says.lots)),
        "documents": (_links(true["documents"]), {link.url for link in says.links if link.role == "documents"}),
        "submission": (_links(true["submission"]), {link.url for link in says.links if link.role == "submission"}),
    }
    for field, (expected, found) in pairs.items():
        if expected != found:
            yield f"{true['ref']} {field}", f"expected {expected}, read {found}"


def _money(money: object) -> object:
    return (money.amount, money.currency) if money else None  # type: ignore[attr-defined]


def _alpha_2(alpha_3: str | None) -> str | None:
    return COUNTRIES[alpha_3] if alpha_3 else None


def _countries(true: dict) -> set[str]:  # type: ignore[type-arg]
    places = {COUNTRIES[code] for code in true["place_countries"]}
    places = places or {{"EL": "GR", "UK": "GB"}.get(code[:2], code[:2]) for code in true["nuts"]}
    return places or {COUNTRIES[true["buyer"]["country"]]}


def _links(raw: set[str]) -> set[str]:
    return {url for address in raw if (url := safe_url(address))}


def _deadlines(says: Opportunity) -> set[tuple[str, str, str]]:
    """Role, lot and moment; one that all lots share stands for each of them."""
    lots = [lot.id for lot in says.lots]
    return {(d.role.value, lot, _moment(d)) for d in says.deadlines for lot in ([d.lot] if d.lot else lots)}


def _moment(deadline: Deadline) -> str:
    return (deadline.at or deadline.date).isoformat()  # type: ignore[union-attr]


def _expected_deadlines(true: dict) -> set[tuple[str, str, str]]:  # type: ignore[type-arg]
    return {(role, lot, moment) for role, lot, moment in true["deadlines"]}


def test_no_contact_data_is_kept(collected: tuple[Run, dict[str, Notice], list[Path]]) -> None:
    _, notices, files = collected
    contacts = {contact for file in files for contact in _contacts(file.read_bytes())}
    texts = " ".join(notice.model_dump_json() for notice in notices.values())
    assert len(contacts) > 500
    assert [contact for contact in contacts if contact in texts] == []


def _contacts(xml: bytes) -> Iterator[str]:
    for element in etree.fromstring(xml).iter("{*}ElectronicMail"):
        if element.text and "@" in element.text:
            yield element.text.strip()
