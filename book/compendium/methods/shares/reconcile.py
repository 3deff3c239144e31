"""What could reconcile a printed overall mean with the printed means of its two groups.

Standard library only. Printed values are text ("38.5"), so that their rounding is known.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from compendium.methods.shares.proportions import (
    Beta,
    Interval,
    checked_level,
    overall_mean_check,
    splits_matching_mean,
)

DIGITS = "0123456789"


@dataclass(frozen=True)
class Reading:
    """One printed mean read otherwise: which one, as what, and the sizes of the first group that then fit."""

    figure: str
    printed: str
    read_as: str
    sizes: tuple[int, ...]

    def distance(self, size: int) -> int:
        """How many people the nearest fitting size is away from `size`."""
        return min(abs(fitting - size) for fitting in self.sizes)


def one_digit_off(printed: str) -> tuple[str, ...]:
    """Every number of the same length that differs from `printed` in exactly one digit, in ascending order."""
    found = [
        printed[:place] + digit + printed[place + 1 :]
        for place, old in enumerate(printed)
        if old in DIGITS
        for digit in DIGITS
        if digit != old and not (place == 0 and digit == "0")
    ]
    return tuple(sorted(found, key=float))


def misprints(overall: str, first: str, second: str, sample: int) -> tuple[Reading, ...]:
    """The single wrong digits that would let the three means agree for at least one split of `sample`.

    One of the three figures at a time is replaced by every number that differs from it in one digit; `sizes`
    are the sizes of the first group, from 1 to sample - 1, with which the three then agree.
    """
    printed = {"overall": overall, "first": first, "second": second}
    return tuple(_misprints(printed, sample))


def _misprints(printed: dict[str, str], sample: int) -> Iterator[Reading]:
    for figure, value in printed.items():
        for other in one_digit_off(value):
            read = printed | {figure: other}
            splits = splits_matching_mean(read["overall"], read["first"], read["second"], sample)
            if splits:
                yield Reading(figure, value, other, tuple(size for size, _ in splits))


def _ends(printed: str) -> tuple[Fraction, Fraction]:
    half = Fraction(1, 2 * 10 ** len(printed.partition(".")[2]))
    return Fraction(printed) - half, Fraction(printed) + half


def _everybody(where: str, sizes: tuple[int, int]) -> int:
    if min(sizes) < 1:
        raise ValueError(f"{where}: sizes are {sizes}; expected at least 1 person in either group")
    return sum(sizes)


def mean_gap(overall: str, means: tuple[str, str], sizes: tuple[int, int]) -> Interval:
    """The printed overall mean minus the mean that the groups imply, with the range that rounding allows.

    If the overall mean was taken at one date and the group means at another, this is the time between them.
    """
    implied = overall_mean_check(overall, means, sizes)
    low, high = _ends(overall)
    centre = sum(Fraction(mean) * size for mean, size in zip(means, sizes, strict=True)) / sum(sizes)
    return Interval(
        low=float(low) - implied.implied_high,
        high=float(high) - implied.implied_low,
        estimate=float(Fraction(overall) - centre),
        method="difference of printed means, rounding only",
        level=1.0,
    )


def fewest_left_out(
    overall: str, means: tuple[str, str], sizes: tuple[int, int], youngest: int, oldest: int
) -> int | None:
    """Fewest people who must be missing from the group means for the overall mean to be right.

    The overall mean counts everyone in `sizes`; each group mean leaves some of its group out, whose ages lie
    from `youngest` to `oldest`. None if no number short of a whole group suffices.
    """
    if youngest > oldest:
        raise ValueError(
            f"fewest_left_out: youngest is {youngest} and oldest {oldest}; expected youngest <= oldest; swap them"
        )
    total = _everybody("fewest_left_out", sizes)
    wanted = tuple(end * total for end in _ends(overall))
    ranges = [_ends(mean) for mean in means]
    missing = ((first, second) for first in range(sizes[0]) for second in range(sizes[1]))
    for out in sorted(missing, key=sum):
        kept = [size - gone for size, gone in zip(sizes, out, strict=True)]
        low = sum(n * ends[0] for n, ends in zip(kept, ranges, strict=True)) + sum(out) * youngest
        high = sum(n * ends[1] for n, ends in zip(kept, ranges, strict=True)) + sum(out) * oldest
        if low <= wanted[1] and high >= wanted[0]:
            return sum(out)
    return None


def least_mean_left_out(
    overall: str, means: tuple[str, str], sizes: tuple[int, int], missing: int, youngest: int, oldest: int
) -> float | None:
    """Lowest mean age that `missing` people left out of the group means can have.

    As in `fewest_left_out`, over every split of the missing between the groups. None if no ages from `youngest`
    to `oldest` make the overall mean right.
    """
    if missing < 1:
        raise ValueError(f"least_mean_left_out: missing is {missing}; expected at least 1")
    total = _everybody("least_mean_left_out", sizes)
    wanted = tuple(end * total for end in _ends(overall))
    ranges = [_ends(mean) for mean in means]
    found = []
    for first in range(max(0, missing - sizes[1] + 1), min(missing, sizes[0] - 1) + 1):
        kept = (sizes[0] - first, sizes[1] - (missing - first))
        most = sum(n * ends[1] for n, ends in zip(kept, ranges, strict=True))
        least = sum(n * ends[0] for n, ends in zip(kept, ranges, strict=True))
        lowest = max(Fraction(youngest), (wanted[0] - most) / missing)
        if lowest <= min(Fraction(oldest), (wanted[1] - least) / missing):
            found.append(lowest)
    return float(min(found)) if found else None


def largest_spread(difference: float, sizes: tuple[int, int], level: float = 0.95) -> float:
    """Largest common standard deviation at which two group means so far apart differ beyond chance.

    `difference` in any unit, the result in the same; the two-sample t test with a pooled variance at `level`.
    """
    if not math.isfinite(difference):
        raise ValueError(f"largest_spread: difference is {difference}; expected a finite number")
    if min(sizes) < 1 or sum(sizes) < 3:
        raise ValueError(f"largest_spread: sizes are {sizes}; expected two groups of at least 1, 3 people in all")
    freedom = sum(sizes) - 2
    # t squared over (t squared + degrees of freedom) follows Beta(1/2, freedom / 2).
    bent = Beta(0.5, freedom / 2).quantile(checked_level("largest_spread", level))
    critical = math.sqrt(freedom * bent / (1 - bent))
    return abs(difference) / (critical * math.sqrt(sum(1 / size for size in sizes)))
