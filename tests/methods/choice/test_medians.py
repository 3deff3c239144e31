"""The interval of a median, by its coverage and by the binomial distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from compendium.methods.choice import medians


@pytest.mark.parametrize("n", [6, 9, 15, 40])
def test_the_ends_are_the_innermost_that_keep_the_confidence(n: int) -> None:
    values = [float(value) for value in range(n)]
    found = medians.interval(values)
    assert found is not None
    left = int(found.low)
    assert found.high == n - 1 - left
    assert 2 * stats.binom.cdf(left, n, 0.5) <= 0.05 < 2 * stats.binom.cdf(left + 1, n, 0.5)


def test_simulated_intervals_hold_the_true_median() -> None:
    rng = np.random.default_rng(3)
    held = [
        found.low <= 1.0 <= found.high
        for draw in rng.lognormal(0.0, 1.5, (4000, 8))
        if (found := medians.interval(draw.tolist()))
    ]
    assert 0.95 <= np.mean(held) <= 1.0


def test_five_values_are_too_few_and_six_are_enough() -> None:
    assert medians.enough() == 6
    assert medians.interval([1.0] * 5) is None and medians.interval([1.0] * 6) is not None


def test_ranges_widen_the_interval_to_their_ends() -> None:
    found = medians.interval([1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6, 60])
    assert found is not None and (found.low, found.high, found.estimate) == (1, 60, 4.0)
    with pytest.raises(ValueError, match="as many"):
        medians.interval([1], [1, 2])
