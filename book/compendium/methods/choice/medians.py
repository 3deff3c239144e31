"""Interval of a median from few values, without assuming a shape: the sign test, inverted.

Source: Thompson (1936), Annals of Mathematical Statistics 7:122-128.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from compendium.methods.shares.proportions import Interval, checked_level


def enough(level: float = 0.95) -> int:
    """The fewest values of which smallest and largest hold the median with this confidence: six for 95%."""
    return math.ceil(1 - math.log2(1 - checked_level("enough", level)))


def interval(low: Sequence[float], high: Sequence[float] | None = None, level: float = 0.95) -> Interval | None:
    """Interval of the median of independent values; None if there are too few for the level.

    Each value may be a range: `low` and `high` are its ends, and the interval holds those of every choice in the
    ranges. The estimate is the median of the middles. Raises ValueError unless both are equally many.
    """
    ends = list(low if high is None else high)
    if len(low) != len(ends):
        raise ValueError(f"interval: {len(low)} low and {len(ends)} high ends; expected as many")
    n, tail = len(low), (1 - checked_level("interval", level)) / 2
    if n < enough(level):
        return None
    left = 0  # values that may be left out at each end
    while sum(math.comb(n, k) for k in range(left + 2)) / 2**n <= tail:
        left += 1
    middles = sorted((a + b) / 2 for a, b in zip(low, ends, strict=True))
    middle = (middles[(n - 1) // 2] + middles[n // 2]) / 2
    return Interval(sorted(low)[left], sorted(ends)[-1 - left], middle, "sign test, inverted", level)
