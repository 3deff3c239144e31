"""Sampling intervals of shares that a text prints as a percentage or a count."""

from __future__ import annotations

from collections.abc import Iterable

from compendium.methods.shares.proportions import Interval, checked_counts, checked_fraction, hull, wilson


def of_share(share: float, sample: int, at_least: bool = False, level: float = 0.95) -> Interval:
    """Wilson interval of a printed share of `sample`; the count nearest to it stands for it.

    `share` lies from 0 to 1; one printed as `at_least` has no upper end below 1. Raises ValueError outside 0 to 1.
    """
    checked_counts("of_share", 0, sample)
    found = wilson(round(checked_fraction("of_share", "share", share) * sample), sample, level)
    return Interval(found.low, 1.0, found.estimate, found.method, level) if at_least else found


def together(intervals: Iterable[Interval]) -> Interval | None:
    """Smallest interval that holds those of every printing of one share; None where nothing is printed."""
    every = list(intervals)
    return hull(*every) if every else None
