"""One writer at a time: cron, the daemon and a person never work on one store together."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.exceptions import VestitorError


class Busy(VestitorError):
    """Another command is working on this store."""


@contextmanager
def only_one(store: Path, patience: float = 0) -> Iterator[None]:
    """Holds the store's lock; raises Busy when another process still has it after `patience` seconds.

    The lock is the kernel's: it ends with the process that holds it, also after kill -9, so the file may stay.
    """
    file = store.with_name(store.name + ".lock")
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if not _taken(handle, patience):
            raise Busy(f"another vestitor command is working on {store}; this one leaves it to that")
        yield
    finally:
        os.close(handle)


def _taken(handle: int, patience: float) -> bool:
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(min(1.0, patience))
