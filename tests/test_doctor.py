"""The doctor, against real servers on this machine: mail with and without TLS, DNS, HTTP; crontab, file modes."""

import datetime as dt
import json
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from twisted.names import dns as wire

from digests import checkup
from pipeline.config import Config
from pipeline.lock import only_one
from scheduler import crontab
from tests.send_world import DAY, Installation, parsed
from tests.smtp_faults import DROP, Fault, MailServer, certificate

STAFF = "office@monitor.test"
GOOD = {"monitor.test": ["some=thing", "v=spf1 include:relay.test ~all"], "_dmarc.monitor.test": ["v=DMARC1; p=none"]}
AT_NOON = "Fri, 20 Nov 2026 09:30:20 GMT"


class NameServer:
    """Answers TXT questions over UDP; a name it does not know does not exist; silent where `texts` is None."""

    def __init__(self, texts: Mapping[str, list[str]] | None, code: int = wire.OK) -> None:
        self.texts, self.code = texts, code
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind(("127.0.0.1", 0))
        self.at = f"127.0.0.1:{self._line.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()

    def _serve(self) -> None:
        while True:
            try:
                raw, who = self._line.recvfrom(2000)
            except OSError:
                return
            if self.texts is not None and raw:
                self._line.sendto(self._answer(raw), who)

    def _answer(self, raw: bytes) -> bytes:
        asked = wire.Message()
        asked.fromStr(raw)
        name = asked.queries[0].name.name.decode()
        found = (self.texts or {}).get(name)
        said = wire.Message(asked.id, answer=True, rCode=self.code or (wire.OK if found is not None else wire.ENAME))
        said.queries = asked.queries
        made: Any = wire.Record_TXT
        said.answers = [wire.RRHeader(name, wire.TXT, payload=made(*_pieces(text))) for text in found or ()]
        return bytes(said.toStr())


def _pieces(text: str) -> list[bytes]:
    return [text[n : n + 20].encode() for n in range(0, len(text), 20)]


class Clock(BaseHTTPRequestHandler):
    """A source that says what time it is; an answer of 404 has a clock too."""

    date = AT_NOON

    def do_HEAD(self) -> None:
        self.send_error(404)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return type(self).date

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def clock() -> Iterator[str]:
    """Its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Clock) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module", autouse=True)
def names() -> Iterator[NameServer]:
    """A name server that knows us."""
    with NameServer(GOOD) as server:
        USUAL[0] = server.at
        yield server


USUAL = [""]
"""Where that name server is."""


@pytest.fixture
def office(tmp_path: Path, clock: str, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setenv("TZ", "Europe/Bucharest")
    office = Installation(tmp_path)
    office.configure()
    office.member("ana")
    return office


def mail(clock: str, more: str = "") -> str:
    at = 'at: ["06:00"], enabled: true'
    return f"  staff: ['Office <{STAFF}>']\n{more}sources: {{ted: {{url: '{clock}', {at}}}}}\n"


def found(office: Installation, *options: str, nameserver: str = "") -> tuple[dict[str, list[Any]], int]:
    """What the doctor says, by what it is about, and the exit code."""
    result = office.run("doctor", "--json", "--nameserver", nameserver or USUAL[0], *options)
    by: dict[str, list[Any]] = {}
    for one in json.loads(result.output):
        by.setdefault(one["about"], []).append(one)
    return by, result.exit_code


def levels(findings: list[Any]) -> list[str]:
    return [one["level"] for one in findings]


# Mail


def test_all_is_well(office: Installation, clock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """STARTTLS and a login on a server not our own; DNS in pieces of 20 bytes; the daemon is running."""
    file, context = certificate(office.folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("VESTITOR_SMTP_PASSWORD", "secret")
    asked = []

    class Handler:
        async def handle_MAIL(self, server: Any, session: Any, envelope: Envelope, address: str, _: Any) -> str:  # noqa: N802
            asked.append(address)
            envelope.mail_from = address
            return "250 ok"

    def login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"me", b"secret"), handled=False)

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(
        Handler(), hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True, authenticator=login
    )
    server.start()
    office.mails_to(port, "starttls", more=mail(clock, "  user: me\n"))
    office.run("status")
    try:
        with NameServer(GOOD) as names, only_one(office.folder / "test.daemon", "scheduler"):
            by, code = found(office, nameserver=names.at)
            monkeypatch.setenv("VESTITOR_SMTP_PASSWORD", "wrong")
            wrong, second = found(office, nameserver=names.at)
    finally:
        server.stop()
    assert (code, asked) == (0, ["vestitor@monitor.test"])
    assert "the certificate of" in by["mail"].pop()["said"]
    assert {about: levels(one) for about, one in by.items()} == {
        "mail": ["ok"], "SPF": ["ok"], "DMARC": ["ok"], "clock": ["ok"], "time zone": ["ok"], "schedule": ["ok", "ok"],
        "disk": ["ok"], "permissions": ["ok"], "store": ["ok"],
    }  # fmt: skip
    assert by["mail"][0]["said"] == f"127.0.0.1:{port} answers, STARTTLS verified, login accepted"
    assert by["SPF"][0]["said"] == "monitor.test: v=spf1 include:relay.test ~all"
    assert by["schedule"][1]["said"] == f"the daemon is running (process {os.getpid()})"
    assert (second, "refuses the login of me" in wrong["mail"][0]["said"]) == (1, True)
    assert "its password" in wrong["mail"][0]["mend"]


@pytest.mark.parametrize(
    ("security", "offers", "fault", "said"),
    [
        ("tls", "tls", None, "certificate"),
        ("starttls", "starttls", None, "certificate"),
        ("starttls", "none", None, "mail.security"),
        ("none", "none", Fault("connect", DROP), "cannot be reached now"),
        ("none", "none", Fault("connect", "554 no service"), "554 no service"),
        ("none", "none", Fault("mail", "550 5.7.1 not your domain"), "does not take mail from Vestitor"),
        ("none", "none", Fault("mail", "530 5.7.0 authentication required"), "mail.user may be missing"),
    ],
)
def test_what_is_wrong_with_the_mail_server_is_said_and_nothing_is_sent(
    security: str, offers: str, fault: Fault | None, said: str, office: Installation, clock: str
) -> None:
    context = None if offers == "none" else certificate(office.folder)[1]
    with MailServer([fault] if fault else [], tls=context, implicit=offers == "tls") as server:
        office.mails_to(server.port, security, more=mail(clock))
        by, code = found(office)
    assert (code, by["mail"][-1]["level"], server.accepted) == (1, "error", [])
    assert said in by["mail"][-1]["said"] + by["mail"][-1]["mend"]
    assert not server.count("RCPT") and not server.count("AUTH")


def test_a_test_mail_goes_to_staff_and_to_nobody_else(office: Installation, clock: str) -> None:
    with MailServer() as server:
        office.mails_to(server.port, more=mail(clock))
        assert found(office, "--send-test", STAFF)[0]["test mail"][0]["level"] == "ok"
        other = office.run("doctor", "--send-test", "ana@members.test")
        assert (other.exit_code, "only staff get test mails" in other.output) == (2, True)
        server.faults.append(Fault("dot", "554 5.7.1 spam"))
        by, code = found(office, "--send-test", STAFF)
        assert (code, by["test mail"][0]["said"]) == (1, "failed: 554 5.7.1 spam")
    assert server.recipients() == [STAFF]
    assert "Authentication-Results" in parsed(server.accepted[0][1]).get_content()
    assert office.run("deliveries").output == "No mails.\n"


@pytest.mark.parametrize(("days", "level"), [(15, "ok"), (13, "warning"), (-1, "warning")])
def test_a_certificate_that_is_about_to_end(days: int, level: str) -> None:
    now = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    assert checkup.certificate("here:587", now + dt.timedelta(days=days), now).level == level


# DNS


@pytest.mark.parametrize(
    ("texts", "spf", "dmarc"),
    [
        ({}, ("error", "does not say who may send"), ("warning", "no DMARC record")),
        ({"monitor.test": ["v=spf1 +all"], "_dmarc.monitor.test": ["v=DMARC1; rua=mailto:a@b.ro"]},
         ("error", "lets everybody send"), ("error", "names no policy")),
        ({"monitor.test": ["v=spf1 a -all", "v=spf1 mx ~all"]}, ("error", "2 SPF records"), ("warning", "")),
        ({"monitor.test": ["v=spf1 mx", "v=spf10 x"]}, ("warning", "v=spf1 mx"), ("warning", "")),
        ({"monitor.test": ["v=spf1 redirect=x.test"], "_dmarc.monitor.test": ["v=DMARC1;p=reject"]},
         ("ok", ""), ("ok", "p=reject")),
    ],
)  # fmt: skip
def test_what_the_dns_says_of_the_sender(
    texts: dict[str, list[str]], spf: tuple[str, str], dmarc: tuple[str, str], office: Installation, clock: str
) -> None:
    with MailServer() as server, NameServer(texts) as names:
        office.mails_to(server.port, more=mail(clock))
        by, _ = found(office, nameserver=names.at)
    for about, (level, said) in (("SPF", spf), ("DMARC", dmarc)):
        assert (by[about][0]["level"], said in by[about][0]["said"]) == (level, True), by[about]


def test_a_policy_of_the_domain_above_counts(office: Installation, clock: str) -> None:
    with MailServer() as server, NameServer({"_dmarc.cluster.test": ["v=DMARC1; p=none"]}) as names:
        office.mails_to(server.port, more=mail(clock))
        file = office.folder / "config.yaml"
        file.write_text(file.read_text().replace("vestitor@monitor.test", "vestitor@mail.news.cluster.test"))
        by, _ = found(office, nameserver=names.at)
    assert by["DMARC"][0]["said"] == "_dmarc.cluster.test: v=DMARC1; p=none"


@pytest.mark.parametrize(("texts", "code"), [(None, wire.OK), ({}, wire.ESERVER)], ids=["silent", "failing"])
def test_a_name_server_that_does_not_tell_is_no_verdict(
    texts: dict[str, list[str]] | None, code: int, office: Installation, clock: str
) -> None:
    with MailServer() as server, NameServer(texts, code) as names:
        office.mails_to(server.port, more=mail(clock))
        by, code = found(office, nameserver=names.at)
    assert (code, levels(by["SPF"]), levels(by["DMARC"])) == (0, ["warning"], ["warning"])
    assert "no name server answered" in by["SPF"][0]["said"]


# The machine


@pytest.mark.parametrize(
    ("date", "level"),
    [("Fri, 20 Nov 2026 09:35:00 GMT", "warning"), ("Fri, 20 Nov 2026 11:30:00 GMT", "error"), ("soon", "warning")],
)
def test_a_clock_that_is_off(
    date: str, level: str, office: Installation, clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Clock, "date", date)
    office.configure(mail(clock))
    by, _ = found(office)
    assert levels(by["clock"]) == [level]


def test_files_others_can_read(office: Installation, clock: str) -> None:
    office.configure(mail(clock))
    office.member("ana")
    office.collect([1])
    office.digest()
    office.run("backup")
    assert levels(found(office)[0]["permissions"]) == ["ok"]  # what we make ourselves is private
    (office.folder / "test.db").chmod(0o644)
    (office.folder / "outbox").chmod(0o755)
    by, code = found(office)
    assert [one["mend"] for one in by["permissions"]] == [
        f"chmod 600 {office.folder}/test.db", f"chmod 700 {office.folder}/outbox",
    ]  # fmt: skip
    assert (code, levels(by["permissions"])) == (0, ["warning", "warning"])


def test_a_password_others_can_read(office: Installation, clock: str) -> None:
    (office.folder / "password").write_text("secret")
    (office.folder / "password").chmod(0o644)
    office.mails_to(1, more=mail(clock, "  user: me\n  password_file: password\n"))
    by, code = found(office)
    assert (code, "chmod 600" in by["mail"][0]["said"], "secret\n" not in str(by)) == (1, True, True)


def test_hours_that_do_not_follow_each_other(office: Installation, clock: str) -> None:
    hours = {"late": "18:00", "close": "07:20", "good": "06:00"}
    blocks = "".join(f"  {name}: {{url: '{clock}', at: ['{hour}']}}\n" for name, hour in hours.items())
    office.configure(f"  staff: [{STAFF}]\nsources:\n{blocks}")
    by, _ = found(office)
    assert [one["said"].rpartition(": ")[2] for one in by["schedule"][:2]] == ["late", "close"]
    assert levels(by["schedule"]) == ["warning"] * 3


@pytest.fixture
def cron(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A `crontab` that shows this text; the machine's own belongs to whoever runs the tests."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def shows(text: str) -> None:
        (folder / "lines").write_text(text)
        (folder / "crontab").write_text(f'#!/bin/sh\n[ "$1" = -l ] && cat "{folder}/lines"\n')
        (folder / "crontab").chmod(0o755)

    return shows


def test_a_crontab_of_today_of_yesterday_and_none(
    office: Installation, clock: str, cron: Callable[[str], None]
) -> None:
    office.configure(mail(clock))
    lines = crontab(Config.read(office.folder / "config.yaml"))
    for text, level, said in (
        (lines, "ok", "cron starts everything"),
        (lines.replace("*/15 ", "5 "), "error", "lines differ, such as `*/15 * * * * "),
        ("0 7 * * * something else", "warning", "neither daemon nor crontab"),
    ):
        cron(text)
        schedule = found(office)[0]["schedule"][1]
        assert (schedule["level"], said in schedule["said"]) == (level, True), schedule


@pytest.mark.parametrize(
    ("zone", "level"), [("Europe/Bucharest", "ok"), ("Asia/Riyadh", "warning"), ("UTC", "warning")]
)
def test_a_machine_in_another_time_zone(zone: str, level: str, office: Installation, clock: str) -> None:
    """As a process: a time zone is read when Python starts. Riyadh keeps Bucharest's summer hours all year."""
    office.configure(mail(clock))
    process = office.start("doctor", "--json", day=DAY, **{**os.environ, "TZ": zone})
    out, err = process.communicate(timeout=60)
    assert ([one["level"] for one in json.loads(out) if one["about"] == "time zone"], err) == ([level], "")


def test_a_disk_with_little_room(office: Installation, clock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thing no test can have for real."""
    office.configure(mail(clock))
    usage = type(shutil.disk_usage("/"))
    for free, level in ((5e9, "ok"), (5e8, "warning"), (1e8, "error")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage(10**12, 10**12 - int(free), int(free)))
        assert levels(found(office)[0]["disk"]) == [level]


def test_a_damaged_store(office: Installation, clock: str) -> None:
    office.configure(mail(clock))
    office.collect(range(300))
    office.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    with (office.folder / "test.db").open("r+b") as file:
        file.seek(40 * 4096)
        file.write(b"\xff" * 8 * 4096)
    by, code = found(office)
    assert (code, levels(by["store"]), "restore" in by["store"][0]["mend"]) == (1, ["error"], True)


def test_in_words(office: Installation, clock: str) -> None:
    office.configure(mail(clock))
    page = office.run("doctor").output
    assert "ok       clock: 20 s away from http://127.0.0.1:" in page
    assert "warning  mail: no mail.host: mails are written to the outbox folder\n         -> " in page
    assert "ok  " not in office.run("--quiet", "doctor").output
