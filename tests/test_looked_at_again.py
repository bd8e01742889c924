"""What is open is looked at again until it closes: in every Romanian source an extension three weeks later is a change
that those who were told hear of, through the real process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pipeline.changes import compare
from pipeline.collecting import Order, collect
from pipeline.journal import Run, Verdict
from pipeline.opportunity import Opportunity
from pipeline.store import Store
from tests.sources._site import Site
from tests.sources.adi_euronest import AdiEuronestServer
from tests.sources.adr_digital import AdrDigitalServer
from tests.sources.afir import AfirServer
from tests.sources.mipe import MipeServer
from tests.sources.oportunitati_ue import OportunitatiUeServer
from tests.sources.regio_nord_vest import RegioNordVestServer
from tests.sources.uefiscdi import UefiscdiServer
from tests.world import FRIDAY, installation

LATER = FRIDAY + dt.timedelta(days=22)
SESSION = "/info-la-zi/sesiune-depunere-proiecte-dr-99-sate-inteligente/"
TWINS = "/articole/lansarea-apelului-de-proiecte-pentru-gemeni-digitali-urbani"
PRIORITY = "/prioritati-de-finantare/prioritatea-de-finantare-9/"
Extend = Callable[[Site], None]


def edit(path: str, old: str, new: str) -> Extend:
    return lambda site: site.change(path, old, new)


SOURCES: dict[str, tuple[type[Site], Extend, str, dt.date]] = {
    "adi_euronest": (
        AdiEuronestServer,
        edit("/finantari.csv", "15.01.2027,2027-01-15", "29.01.2027,2027-01-29"),
        "vouchere-cloud-imm-2026",
        dt.date(2027, 1, 29),
    ),
    "adr_digital": (
        AdrDigitalServer,
        edit(TWINS, "3 februarie 2027", "17 februarie 2027"),
        TWINS.strip("/"),
        dt.date(2027, 2, 17),
    ),
    "afir": (AfirServer, edit(SESSION, "31 ianuarie 2027", "15 martie 2027"), SESSION.strip("/"), dt.date(2027, 3, 15)),
    "mipe": (
        MipeServer,
        edit("/calendar-apeluri-de-finantare/", "DECEMBRIE-2026 (32 zile", "IANUARIE-2027 (40 zile"),
        "PRNV/2026/990/1",
        dt.date(2027, 1, 21),
    ),
    "oportunitati_ue": (  # its interface does not say that the page was edited
        OportunitatiUeServer,
        edit("/apel/vouchere-cloud-2026/", "15 ianuarie 2027 17:00", "26 februarie 2027 17:00"),
        "5001",
        dt.date(2027, 2, 26),
    ),
    "regio_nord_vest": (
        RegioNordVestServer,
        edit(PRIORITY, "15.03.2027", "16.04.2027"),
        "PRNV/2026/991B/1",
        dt.date(2027, 4, 16),
    ),
    "uefiscdi": (
        UefiscdiServer,
        edit(
            "/proiect-experimental-demonstrativ",
            "<h4>Informare 16",
            "<h4>Informare 8 decembrie 2026</h4><p>Termenul limită se prelungește până la 8 februarie 2027, ora 16:00."
            "</p><h4>Informare 16",
        ),
        "proiect-experimental-demonstrativ",
        dt.date(2027, 2, 8),
    ),
}
"""Source -> its stand-in, how its publisher extends a deadline, which call that is, and the new day."""


class World:
    """All of them read on a Friday, edited, and read three weeks later, every day of three."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        sites = {name: stack.enter_context(server()) for name, (server, *_) in SOURCES.items()}
        more = "delay: 0, backoff: 0.02, expect: {newest: 400}"
        blocks = "\n".join(f'{name}: {{url: "{site.url}", {more}}}' for name, site in sites.items())
        self.config = installation(folder, blocks)
        self.kept()  # makes the store, as the command line does
        collect(self.config, [Order(name) for name in SOURCES], FRIDAY)
        self.before = self.kept()
        for name, (_, extend, *_) in SOURCES.items():
            extend(sites[name])
        self.runs: list[Run] = collect(self.config, [Order(name) for name in SOURCES], LATER)
        for day in (1, 2):
            collect(self.config, [Order("oportunitati_ue")], LATER + dt.timedelta(days=day))
        self.after = self.kept()

    def kept(self) -> dict[str, Opportunity]:
        with Store(self.config.path(self.config.store)) as store:
            return {kept.opportunity.id: kept.opportunity for kept in store.all()}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(tmp_path_factory.mktemp("again"), stack)


@pytest.mark.parametrize("name", SOURCES)
def test_an_extension_three_weeks_later_is_told(world: World, name: str) -> None:
    *_, ref, day = SOURCES[name]
    before, after = world.before[f"{name}:{ref}"], world.after[f"{name}:{ref}"]
    assert before.last_deadline is not None and before.last_deadline.ends.date() < day
    assert after.last_deadline is not None
    assert (after.last_deadline.date or after.last_deadline.ends.date()) == day
    assert "deadlines" in compare(before, after)


def test_the_later_runs_are_good(world: World) -> None:
    assert {run.source: run.verdict for run in world.runs} == dict.fromkeys(SOURCES, Verdict.GOOD)
