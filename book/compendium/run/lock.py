"""One build of a folder at a time: a lock of the operating system, which ends with the processes that hold it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from compendium.evidence import paths

FILE = paths.BUILD / "lock"


class BusyError(RuntimeError):
    """Another process builds or executes in this folder; one line names it."""


@contextmanager
def held() -> Iterator[int]:
    """Hold the folder, or raise BusyError at once; yields the descriptor, for a child that must hold it too."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with FILE.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise BusyError(
                f"folder {paths.ROOT}: expected no other build of it; found one at work (process "
                f"{file.read().strip() or 'unknown'}); wait until it has ended and run the same command again"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file.fileno()
