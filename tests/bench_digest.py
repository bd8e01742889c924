"""`python -m tests.bench_digest`: a day of digests for 80 members out of 5,000 opportunities, to a server of its own.

Each member matches a tenth of them and was told of all it matches but 60; a tenth of what was told has changed since.
Prints the CPU seconds and the peak memory of composing, rendering and sending; `--profile` says where they go.
"""

import argparse
import cProfile
import datetime as dt
import os
import pstats
import resource
import socket
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from digests import send
from filters.tag import load, tag
from pipeline.config import Config
from pipeline.keeping import keep
from pipeline.ledger import Ledger, State
from pipeline.notice import Notice
from pipeline.opportunity import Deadline, Opportunity
from pipeline.store import Store
from tests.digest_samples import AI, BUCHAREST, CLOUD, EIC, HOSPITAL, LOTS, PORTAL
from tests.send_world import Installation

MEMBERS, OPPORTUNITIES, UNTOLD, TOPICS = 80, 5_000, 60, 10
NOW = dt.datetime(2026, 11, 20, 7, 30, tzinfo=BUCHAREST)
BEFORE = NOW - dt.timedelta(days=14)
SAMPLES = (PORTAL, HOSPITAL, LOTS, CLOUD, AI, EIC)


def opportunity(number: int, moved: bool = False) -> Opportunity:
    """One of thousands that read like real ones; every tenth shares its topic."""
    sample = SAMPLES[number % len(SAMPLES)]
    ends = NOW + dt.timedelta(days=20 + number % 90 + moved)
    known = {"id": f"{sample.source}:{number}", "ref": str(number), "url": f"https://ted.europa.eu/{number}"}
    title = f"{sample.title}, topic{number % TOPICS:03} no. {number}"
    summary = (sample.summary or sample.title) * 3
    return sample.model_copy(update=known | {"title": title, "summary": summary, "deadlines": (Deadline(at=ends),)})


def build(office: Installation) -> None:
    """The installation: collected, tagged, half told."""
    for number in range(MEMBERS):
        name = f"member-{number:02}"
        rule = f"rules: [{{name: One topic, title: [topic{number % TOPICS:03}]}}]"
        text = f"member: {name}\nname: {name}\nlanguage: {'ro' if number % 2 else 'en'}\nemail: [{name}@bench.test]\n"
        (office.folder / "members" / f"{name}.yaml").write_text(f"{text}confirmed: true\n{rule}\n")
    config = Config.read(office.folder / "config.yaml")
    with Store(config.path(config.store)) as store:
        add(store, [opportunity(number) for number in range(OPPORTUNITIES)], BEFORE)
        filters = load(config, store, NOW)
        tag(filters, store, BEFORE)
        tell(store, [member.member for member in filters.members])
        add(store, [opportunity(number, moved=True) for number in range(0, OPPORTUNITIES, 11)], NOW)
        tag(filters, store, NOW)


def add(store: Store, found: list[Opportunity], now: dt.datetime) -> None:
    """Keeps them like notices of a source."""
    keep(store, [(Notice(says=one, names=(one.ref,)), None) for one in found], now)


def tell(store: Store, members: list[str]) -> None:
    """Every member was told of all it matches but the last."""
    ledger = Ledger(store)
    for member in members:
        lines = [(match.kept.opportunity.id, match.kept.version, "new") for match in ledger.matches(member)]
        ledger.enqueue(member, "smtp", [(f"{member}@bench.test", f"<{member}@old>", "", b"")], lines[:-UNTOLD], BEFORE)
    for delivery in ledger.due("smtp", NOW):
        ledger.move(delivery, State.SENDING, BEFORE)
        ledger.move(delivery, State.SENT, BEFORE, "250")


def serve(listener: socket.socket) -> None:
    """A mail server that says yes to everything, as fast as it can."""
    while True:
        line, _ = listener.accept()
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        file, inside = line.makefile("rb"), False
        line.sendall(b"220 ready\r\n")
        for row in file:
            if not inside or row == b".\r\n":
                inside = row == b"DATA\r\n"
                line.sendall(b"354 go on\r\n" if inside else b"250 ok\r\n")


def counted(file: Path) -> list[str]:
    """How much there is to look through."""
    with closing(sqlite3.connect(file)) as conn:
        names = {"opportunities": "opportunities", "matches": "matches", "lines": "told lines"}
        return [f"{conn.execute(f'SELECT count(*) FROM {t}').fetchone()[0]} {name}" for t, name in names.items()]


def apart(work: Callable[[], None]) -> int:
    """A child that does this work, so that its memory and seconds are its own."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    return child


def measure(office: Installation, profile: bool) -> None:
    """The run itself, in figures."""
    config = Config.read(office.folder / "config.yaml")
    profiler = cProfile.Profile()
    with Store(config.path(config.store)) as store:
        filters = load(config, store, NOW)
        cpu, wall = time.process_time(), time.monotonic()
        if profile:
            profiler.enable()
        report = send.send_all(config, store, filters, NOW, filters.members)
        profiler.disable()
        cpu, wall = time.process_time() - cpu, time.monotonic() - wall
        size = store.conn.execute("SELECT avg(length(raw)) FROM digests WHERE created = ?", [send_day()]).fetchone()[0]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{report.made} digests, {report.sent.count(State.SENT)} mails of {size / 1000:.0f} KB", flush=True)
    print(f"{cpu:.1f} CPU seconds, {wall:.1f} s on the clock, {memory:.0f} MB at most", flush=True)
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)


def send_day() -> str:
    """The day's mails, as the ledger writes their hour."""
    return NOW.astimezone(dt.UTC).isoformat(timespec="seconds")


def main() -> None:
    """Builds, measures, cleans up."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--profile", action="store_true")
    profile = options.parse_args().profile
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        office = Installation(Path(folder))
        office.mails_to(listener.getsockname()[1])
        server = apart(lambda: serve(listener))
        os.waitpid(apart(lambda: build(office)), 0)
        print(", ".join(counted(office.folder / "test.db")), flush=True)
        os.waitpid(apart(lambda: measure(office, profile)), 0)
        os.kill(server, 9)
        os.waitpid(server, 0)


if __name__ == "__main__":
    main()
