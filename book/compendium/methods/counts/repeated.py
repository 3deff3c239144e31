"""A quantity measured before and after an event by one method: the ratio of after to before, with its interval.

Each value comes with a 95 percent interval, taken as that of a normal error of its logarithm (as for ratios:
Altman and Bland 2011, doi:10.1136/bmj.d2090). Ratios of several series are averaged with weights of one over their
variance (fixed effect), as they are of one event.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z = 1.959963984540054  # of a 95 percent interval


@dataclass(frozen=True)
class Measured:
    """A positive value with the ends of its 95 percent interval, in any unit; ValueError if out of order."""

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.value <= self.high:
            raise ValueError(
                f"measured: expected 0 < low <= value <= high; found {self.low}, {self.value}, {self.high}"
            )

    @property
    def error(self) -> float:
        """Standard error of the logarithm."""
        return (math.log(self.high) - math.log(self.low)) / (2 * Z)


@dataclass(frozen=True)
class Change:
    """After over before, with the ends of its 95 percent interval."""

    ratio: float
    low: float
    high: float


def change(pairs: Sequence[tuple[Measured, Measured]]) -> Change:
    """Return after over before, pooled over series; each pair has the value before and that after of one series.

    ValueError if there is no pair, or one without any error, which no weight can be given.
    """
    if not pairs:
        raise ValueError("change: expected at least one series with a value before and after; found none")
    logs = [math.log(after.value / before.value) for before, after in pairs]
    variances = [before.error**2 + after.error**2 for before, after in pairs]
    if min(variances) <= 0:
        raise ValueError("change: a series has no error; give the interval of its values")
    weights = [1 / variance for variance in variances]
    mean = sum(w * log for w, log in zip(weights, logs, strict=True)) / sum(weights)
    half = Z / math.sqrt(sum(weights))
    return Change(math.exp(mean), math.exp(mean - half), math.exp(mean + half))
