"""Simulated ranks against closed forms, exact cases and coverage."""

from statistics import NormalDist

import numpy as np
import pytest

from compendium import ranks


def test_without_error_the_rank_is_the_published_one():
    found = ranks.share_below([0.1, 0.5, 0.3, 0.9], [0, 0, 0, 0], target=1)
    assert (found.low, found.estimate, found.high) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(("gap", "whole_range"), [(2.0, True), (4.0, False)])
def test_two_countries_swap_as_often_as_the_normal_says(gap, whole_range):
    # P(the higher one drawn below) is 7.9% at a gap of 2 and 0.2% at 4; the 95% interval holds a swap above 2.5%.
    swap = NormalDist().cdf(-gap / 2**0.5)
    found = ranks.share_below([gap, 0.0], [1, 1], target=0)
    assert (found.low == 0) == whole_range == (swap > 0.025)
    assert found.high == found.estimate == 0.5


def test_interval_holds_the_true_rank_as_often_as_it_says():
    rng = np.random.default_rng(11)
    true = np.linspace(-2, 2, 40)
    held = []
    for target in (3, 20, 36):
        for trial in range(60):
            scores = rng.normal(true, 0.15)
            found = ranks.share_below(scores, np.full(40, 0.15), target, draws=400, seed=trial)
            held.append(found.contains(target / 40))
    # 180 trials: 0.95 is the aim, 0.89 three standard errors and a little below it.
    assert np.mean(held) > 0.89


def test_change_is_the_normal_interval():
    found = ranks.change(-1.12, 0.14, -0.82, 0.16)
    assert found.estimate == pytest.approx(0.30)
    assert found.high - found.estimate == pytest.approx(1.959964 * (0.14**2 + 0.16**2) ** 0.5, rel=1e-6)


@pytest.mark.parametrize(
    ("scores", "errors", "target", "words"),
    [
        ([1, 2], [0.1], 0, "one error for each"),
        ([1, float("nan")], [0.1, 0.1], 0, "missing"),
        ([1, 2], [0.1, -0.1], 0, "negative"),
        ([1, 2], [0.1, 0.1], 2, "target is 2"),
    ],
)
def test_bad_scores_are_refused(scores, errors, target, words):
    with pytest.raises(ranks.RankError, match=words):
        ranks.share_below(scores, errors, target)
