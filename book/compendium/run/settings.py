"""The settings that a user gives as environment variables: each checked, a wrong one told in one line."""

from __future__ import annotations

import os

CELL_SECONDS = 180
WORKER_BYTES = 2**30  # what a chapter with its models may hold
MOST_WORKERS = 8  # the book has hardly more chapters that take long


class SettingError(ValueError):
    """A setting that cannot be used; one line says its name, what was expected and what was found."""


def check() -> None:
    """Raise SettingError if any setting cannot be used."""
    workers()
    cell_timeout()


def workers() -> int:
    """How many chapters or tests run at once: `COMPENDIUM_WORKERS`, or as many as cores and memory allow."""
    return _whole("COMPENDIUM_WORKERS") or max(1, min(_cores(), _memory() // WORKER_BYTES, MOST_WORKERS))


def cell_timeout() -> int:
    """Seconds after which a cell counts as hanging: `COMPENDIUM_CELL_TIMEOUT`, or 180."""
    return _whole("COMPENDIUM_CELL_TIMEOUT") or CELL_SECONDS


def _whole(name: str) -> int | None:
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise SettingError(
            f"setting {name}: expected a whole number of at least 1; found {text!r}; correct it or unset it"
        )
    return int(text)


def _cores() -> int:
    """The cores that this process may use: fewer than the machine has, in a container or under taskset."""
    if hasattr(os, "process_cpu_count"):
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> int:
    """Bytes of memory of the machine; where the system does not say, enough for all workers."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return WORKER_BYTES * MOST_WORKERS
