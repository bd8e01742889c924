"""A site on the loopback interface: what every source's stand-in is built on.

A stand-in answers as strictly as the site it stands for, keeps a log of what it was asked, and fails when a test
tells it to.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

HTML = {"Content-Type": "text/html"}


@dataclass(frozen=True)
class Request:
    """What was asked: header names are lower case, the path keeps its query string."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What is said back; Content-Length is added on the way out."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """One way an answer goes wrong.

    `status=None` keeps the true answer, so that it can merely come late (`delay`, seconds) or be cut off after
    `truncate` bytes with its full Content-Length. `times=None` lasts until the server stops.
    """

    status: int | None = 503
    body: str | bytes = "<html><head><title>Service Unavailable</title></head></html>"
    headers: Mapping[str, str] = field(default_factory=lambda: dict(HTML))
    times: int | None = 1
    truncate: int | None = None
    delay: float | None = None

    def answer(self, true: Answer) -> Answer:
        if self.status is None:
            return true
        body = self.body.encode() if isinstance(self.body, str) else self.body
        return Answer(self.status, body, self.headers)


class StandIn:
    """One site: subclasses write `reply`. `with Site() as server: server.url`."""

    robots: str | None = None

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._faults: list[tuple[str, Fault]] = []
        self._http = _Listener(("127.0.0.1", 0), _Handler)
        self._http.site = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def requests(self) -> list[Request]:
        """Everything asked so far, oldest first."""
        with self._lock:
            return list(self._requests)

    def asked(self, path_prefix: str) -> list[Request]:
        return [request for request in self.requests if request.path.startswith(path_prefix)]

    def fail(self, path_prefix: str, with_: Fault) -> None:
        """The next `with_.times` answers below this path go wrong; faults for one path are used in the order given."""
        with self._lock:
            self._faults.append((path_prefix, with_))

    def reply(self, request: Request) -> Answer:
        raise NotImplementedError

    def answer(self, request: Request) -> tuple[Answer, Fault | None]:
        """The true answer, or the fault that is due instead."""
        with self._lock:
            self._requests.append(request)
            fault = self._due(request.path)
        if fault and fault.delay:
            time.sleep(fault.delay)
        true = Answer() if fault and fault.status is not None else self._true(request)
        return (fault.answer(true) if fault else true), fault

    def _due(self, path: str) -> Fault | None:
        for at, (prefix, fault) in enumerate(self._faults):
            if path.startswith(prefix):
                if fault.times is not None:
                    left = fault.times - 1
                    self._faults[at : at + 1] = [(prefix, replace(fault, times=left))] if left else []
                return fault
        return None

    def _true(self, request: Request) -> Answer:
        if request.path == "/robots.txt":
            return Answer(200, self.robots.encode()) if self.robots else not_found()
        try:
            return self.reply(request)
        except Exception:  # a stand-in that breaks says so in the answer: the test that asked must see why
            return Answer(500, traceback.format_exc().encode(), {"Content-Type": "text/plain"})

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.shutdown()
        self._http.server_close()


def not_found() -> Answer:
    return Answer(404, b"<html><head><title>404 Not Found</title></head></html>", HTML)


def ranged(request: Request, whole: Answer) -> Answer:
    """The part a `Range: bytes=from-to` header asks for; the whole answer when there is none."""
    unit, _, span = request.headers.get("range", "").partition("=")
    if unit != "bytes":
        return replace(whole, headers={**whole.headers, "Accept-Ranges": "bytes"})
    size = len(whole.body)
    start, _, end = span.partition("-")
    first = int(start) if start else max(size - int(end), 0)
    last = min(int(end), size - 1) if start and end else size - 1
    if first > last:
        return Answer(416, b"", {"Content-Range": f"bytes */{size}"})
    return Answer(206, whole.body[first : last + 1], {**whole.headers, "Content-Range": f"bytes {first}-{last}/{size}"})


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    site: StandIn

    def handle_error(self, request: object, client_address: object) -> None:
        """Somebody hung up: that is what a client with a timeout does."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer, fault = self.server.site.answer(Request(self.command, self.path, headers, body))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body[: fault.truncate] if fault else answer.body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: `StandIn.requests` is the log."""
