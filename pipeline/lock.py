"""One writer at a time: cron, the daemon and a person never work on one store together."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.exceptions import VestitorError

POLL = 0.5


class Busy(VestitorError):
    """Another process holds the lock, and patience is at its end."""


class Doubled(Busy):
    """Another process is doing this very work."""


@contextmanager
def only_one(
    store: Path,
    doing: str = "",
    patience: float = 0,
    leave: bool = False,
    waiting: Callable[[str], None] = lambda other: None,
) -> Iterator[None]:
    """Holds the store's lock; waits up to `patience` seconds for another process, then raises Busy.

    With `leave`, raises Doubled as soon as the other is seen to be `doing` the same. `waiting` is told once of whom.
    The lock is the kernel's: it ends with the process that holds it, also after kill -9, so the file may stay. What
    the file says (process and work) only serves to tell who holds it.
    """
    file = store.resolve().with_suffix(store.suffix + ".lock")
    handle = _open(file)
    try:
        _wait(handle, file, doing, patience, leave, waiting)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} {doing}".encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def holder(store: Path) -> int | None:
    """The process that says it holds the lock of this store, if it is alive; looked up without touching the lock."""
    try:
        handle = os.open(store.resolve().with_suffix(store.suffix + ".lock"), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        number, _ = _holder(handle)
    finally:
        os.close(handle)
    return int(number) if number.isdigit() else None


def _open(file: Path) -> int:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise VestitorError(f"{file}: {error.strerror}; check the path and who may write there") from None


def _wait(handle: int, file: Path, doing: str, patience: float, leave: bool, waiting: Callable[[str], None]) -> None:
    end, told = time.monotonic() + patience, False
    while not _taken(handle):
        number, other = _holder(handle)
        if leave and other == doing:
            raise Doubled(f"`vestitor {doing}` is already running (process {number}); this one leaves it to that")
        if time.monotonic() >= end:
            raise Busy(f"`vestitor {other}` (process {number}) is still working, {file} is its lock; try again later")
        if not told:
            waiting(f"`vestitor {other}` (process {number})")
            told = True
        time.sleep(min(POLL, patience))


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(handle: int) -> tuple[str, str]:
    """Process and work of the holder; what a killed process left behind, or half written, is not believed."""
    number, _, doing = os.pread(handle, 1000, 0).decode(errors="replace").partition(" ")
    try:
        os.kill(int(number), 0)
    except PermissionError:
        pass  # alive, and another user's
    except (ValueError, OSError):
        return "unknown", "..."
    return number, doing
