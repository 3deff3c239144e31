"""Refusals in one line: a number that is missing or out of its range, and an input of which there is none."""

from __future__ import annotations

from collections.abc import Sized
from math import inf

import numpy as np
from numpy.typing import ArrayLike


def within(where: str, low: float, high: float, /, **values: ArrayLike) -> None:
    """Raise ValueError unless each of the values, a number or an array, is there and from `low` to `high`."""
    for name, value in values.items():
        found = np.asarray(value, dtype=float)
        _refuse(where, name, found, (found >= low) & (found <= high), f"{low:g} to {high:g}")


def between(where: str, low: float, high: float, /, **values: ArrayLike) -> None:
    """Raise ValueError unless each of the values, a number or an array, is there and strictly between two ends."""
    for name, value in values.items():
        found = np.asarray(value, dtype=float)
        words = "a finite number" if low == -inf else f"more than {low:g} and less than {high:g}"
        _refuse(where, name, found, (found > low) & (found < high), words)


def some(where: str, what: str, found: Sized) -> None:
    """Raise ValueError unless there is at least one of what is counted or compared."""
    if len(found) == 0:
        raise ValueError(f"{where}: expected {what}, at least one; found none")


def _refuse(where: str, name: str, found: np.ndarray, right: np.ndarray, expected: str) -> None:
    if found.size == 0:
        raise ValueError(f"{where}: expected {name}, at least one; found none")
    if not right.all():
        wrong = found[~right].flat[0]
        raise ValueError(
            f"{where}: {name} is {'missing' if np.isnan(wrong) else f'{wrong:g}'}; expected {expected}"
        )
