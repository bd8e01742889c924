"""kill -9 at every point of a run of five mails, and at random in a run of eighty: nothing lost, nothing twice.

A point is just before or just after a statement of the database or a call of the socket: between two of these, nothing
outside the process changes. The run is a forked child; the mail server lives in this process and outlives it.
"""

import os
import random
import shutil
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from digests import send
from filters.tag import load
from pipeline.config import Config
from pipeline.store import Store
from tests.send_world import DAY, Installation, tally
from tests.smtp_faults import MailServer

TENDERS = 2


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


def digests(office: Installation, begin: Callable[[], None] = lambda: None) -> None:
    """What `vestitor digest` does after tagging; `begin` is called when everything is ready."""
    config = Config.read(office.folder / "config.yaml")
    now = send.dt.datetime(DAY.year, DAY.month, DAY.day, 11, 30, tzinfo=config.zone)
    with Store(office.folder / "test.db") as store:
        filters = load(config, store, now)
        begin()
        send.send_all(config, store, filters, now, filters.members)


def killed(work: Callable[[], None], after: float | None = None) -> bool:
    """Whether a child doing this work was killed, by itself or after some seconds."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def die_at(point: int) -> None:
    """Kills this process at its n-th point from here on."""
    left = point

    def count(frame: FrameType, event: str, what: Any) -> None:
        nonlocal left
        if event in ("c_call", "c_return") and isinstance(getattr(what, "__self__", None), sqlite3.Connection | socket.socket):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)


def whole(office: Installation, server: MailServer, members: int, kills: int) -> None:
    """The next run completes the work: each line was accepted once, but for mails listed as unknown, one a kill."""
    digests(office)
    states = office.states()
    unknown = [member for member, state, _ in states if state == "unknown"]
    counts = tally(server)
    assert max(counts.values()) == 1
    assert len(unknown) <= kills
    lost = members * TENDERS - len(counts)
    assert lost <= len(unknown) * TENDERS
    assert {state for _, state, _ in states} <= {"sent", "unknown"}
    with sqlite3.connect(office.folder / "test.db") as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    conn.close()


def test_killed_at_every_point_of_five_mails(tmp_path: Path) -> None:
    with MailServer() as server:
        office = installed(tmp_path, server.port, 5)
        point = 0
        while killed(lambda: digests(office, lambda: die_at(point))):
            whole(office, server, 5, kills=1)
            start_over(office, server)
            point += 1
        print(point)
        assert point > 100
