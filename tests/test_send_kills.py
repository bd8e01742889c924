"""Fault 15: kill -9 at every point of a run of five mails, at random in one of eighty: nothing lost, nothing twice.

A point is just before a statement that writes to the database, before something is said to the mail server and before
its answer is read: between two of these, nothing outside the process changes. The run is a forked child; the mail
server lives in this process and outlives it.
"""

import datetime as dt
import itertools
import os
import random
import resource
import shutil
import signal
import smtplib
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from digests import send
from filters.tag import load
from pipeline.config import Config
from pipeline.store import Store
from tests.send_world import DAY, Installation, tally
from tests.smtp_faults import MailServer

TENDERS = 2
KILLS = int(os.environ.get("VESTITOR_KILLS", "6"))
"""Random kills; 200 take some minutes."""
NOW = dt.datetime(DAY.year, DAY.month, DAY.day, 11, 30, tzinfo=ZoneInfo("Europe/Bucharest"))


def installed(folder: Path, port: int, members: int) -> Installation:
    """An installation whose members are to be told of two tenders."""
    office = Installation(folder)
    office.mails_to(port)
    for number in range(members):
        office.member(f"member-{number:02}")
    office.collect(range(1, TENDERS + 1))
    office.run("tag")
    shutil.copy(folder / "test.db", folder / "before.db")
    return office


def start_over(office: Installation, server: MailServer) -> None:
    for rest in office.folder.glob("test.db*"):
        rest.unlink()
    shutil.copy(office.folder / "before.db", office.folder / "test.db")
    server.accepted.clear()


class Run:
    """What `vestitor digest` does after tagging, with everything read that it needs."""

    def __init__(self, office: Installation, now: dt.datetime = NOW, hold: bool = False) -> None:
        self.now, self.hold = now, hold
        self.config = Config.read(office.folder / "config.yaml")
        self.file = office.folder / "test.db"
        with Store(self.file) as store:
            self.filters = load(self.config, store, now)

    def __call__(self, begin: Callable[[Store], None] = lambda store: None) -> None:
        with Store(self.file) as store:
            store.conn.execute("PRAGMA synchronous = OFF")  # what was written outlives a kill, if not a power cut
            begin(store)
            send.send_all(self.config, store, self.filters, self.now, self.filters.members, self.hold)


def child(work: Callable[[], None], kill_after: float | None = None) -> int:
    """How a child doing this work ended: 0, 1 for an error, -9 when it was killed, by itself or after some seconds."""
    number = os.fork()
    if not number:
        with suppress(BaseException):
            work()
            os._exit(0)
        os._exit(1)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(number, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def die_at(point: int) -> Callable[[Store], None]:
    """Kills this process at its n-th point from here on."""
    ahead = itertools.count(-point)

    def here(statement: str = "") -> None:
        if not statement.startswith("SELECT") and next(ahead) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(method: Callable[..., Any]) -> Callable[..., Any]:
        def dying(*arguments: Any) -> Any:
            here()
            return method(*arguments)

        return dying

    def begin(store: Store) -> None:
        store.conn.set_trace_callback(here)
        smtplib.SMTP.send, smtplib.SMTP.getreply = before(smtplib.SMTP.send), before(smtplib.SMTP.getreply)  # type: ignore

    return begin


def whole(office: Installation, server: MailServer, members: int, kills: int) -> None:
    """Each line was accepted once, but for mails listed as unknown, one a kill at most."""
    states = office.states()
    unknown = [member for member, state, _ in states if state == "unknown"]
    counts = tally(server)
    assert max(counts.values()) == 1
    assert len(unknown) <= kills
    lost = members * TENDERS - len(counts)
    assert lost <= len(unknown) * TENDERS
    assert {state for _, state, _ in states} <= {"sent", "unknown", "withdrawn"}
    with closing(sqlite3.connect(office.folder / "test.db")) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize(("days", "step"), [(0, 1), (1, 4)], ids=["completed the same day", "the next day"])
def test_killed_at_every_point_of_five_mails(days: int, step: int, tmp_path: Path) -> None:
    with MailServer() as server:
        office = installed(tmp_path, server.port, 5)
        run, later = Run(office), Run(office, NOW + dt.timedelta(days))
        points = 0
        while child(partial(run, die_at(points))) == -9:
            server.settle()
            later()
            whole(office, server, 5, kills=1)
            start_over(office, server)
            points += step
        assert points >= 20 * 5


def test_killed_at_random_moments_of_eighty_mails(tmp_path: Path) -> None:
    chance, kills = random.Random(80), 0
    with MailServer() as server:
        office = installed(tmp_path, server.port, 80)
        run = Run(office)
        while kills < KILLS:
            start_over(office, server)
            before = kills
            while kills < KILLS and child(run, chance.uniform(0, 1.2)) == -9:
                kills += 1
                server.settle()
            run()
            whole(office, server, 80, kills - before)


def fill_up(room: int, store: Store) -> None:
    """From here on, no file of this process grows beyond so many bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))


def test_a_disk_that_fills_up_at_any_moment(tmp_path: Path) -> None:
    page = 4096 + 24
    with MailServer() as server:
        office = installed(tmp_path, server.port, 5)
        run, room = Run(office), page
        while child(partial(run, partial(fill_up, room))) == 1:
            server.settle()
            run()
            whole(office, server, 5, kills=1)
            start_over(office, server)
            room += 5 * page
        assert room > 50 * page
