"""Counted samples of traffickers: how many of the cases were organised, and on which side of one half that is.

Standard library only, so that a script in a reader's browser can ask it of the rows of a table.

Source: Clopper and Pearson (1934), Biometrika 26, for the interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from compendium.methods.shares.proportions import clopper_pearson

HALF = 0.5
ORGANISED, SMALL, OPEN = "organised", "small", "open"


def side(organised: int, n: int, level: float = 0.95) -> str:
    """Return the side of one half on which the exact interval of `organised` of `n` lies, or that it is open."""
    share = clopper_pearson(organised, n, level)
    return ORGANISED if share.low > HALF else SMALL if share.high < HALF else OPEN


class Counted(NamedTuple):
    """A sample, its unit, how many of its items were organised, and the side of one half on which that lies."""

    sample: str
    unit: str
    organised: int
    n: int
    side: str

    def __str__(self) -> str:
        """One line of all of it."""
        return f"{self.sample} ({self.unit}): {self.organised} of {self.n} organised, {self.side}"


def of_row(row: Mapping[str, Any]) -> Counted:
    """The sample of a row of the table `organisation_samples`, read as text or not."""
    try:
        organised, n = int(row["organised"]), int(row["n"])
    except ValueError:
        raise ValueError(f"of_row: {row['sample']} has no counts of organised and all; leave it out") from None
    return Counted(row["sample"], row["unit"], organised, n, side(organised, n))
