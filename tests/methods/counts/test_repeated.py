"""After over before: a closed form, a simulation with a known ratio, and refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from compendium.methods.counts import repeated
from compendium.methods.counts.repeated import Measured


def measured(value: float, error: float) -> Measured:
    width = math.exp(repeated.Z * error)
    return Measured(value, value / width, value * width)


def test_one_series_by_hand() -> None:
    found = repeated.change([(measured(100, 0.03), measured(50, 0.04))])
    assert found.ratio == pytest.approx(0.5)
    assert math.log(found.high / found.low) / (2 * repeated.Z) == pytest.approx(0.05)  # a 3-4-5 triangle


def test_the_interval_holds_the_true_ratio_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    truth, errors, holds = 0.7, (0.1, 0.2), 0
    for _ in range(2000):
        pairs = []
        for error in errors:
            before, after = np.exp(rng.normal([0, math.log(truth)], error))
            pairs.append((measured(before, error), measured(after, error)))
        found = repeated.change(pairs)
        holds += found.low <= truth <= found.high
    assert holds / 2000 == pytest.approx(0.95, abs=0.015)


def test_the_more_certain_series_weighs_more() -> None:
    sure, unsure = (measured(1, 0.01), measured(2, 0.01)), (measured(1, 0.5), measured(8, 0.5))
    assert repeated.change([sure, unsure]).ratio == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("values", [(1, 2, 3), (1, 0, 2), (3, 1, 2)])
def test_a_value_outside_its_interval_is_refused(values: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="expected 0 < low <= value <= high"):
        Measured(*values)


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one series"):
        repeated.change([])
    with pytest.raises(ValueError, match="has no error"):
        repeated.change([(Measured(1, 1, 1), Measured(2, 2, 2))])
