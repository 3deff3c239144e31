"""Simulated ranks against closed forms, exact cases and coverage."""

from statistics import NormalDist

import numpy as np
import pytest

from compendium.methods.law import ranks


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
        ([1, 2], [0.1, 0.1], 2, "target is 2; expected a position from 0 to 1"),
        ([1, 2], [0.1, 0.1], -1, "target is -1"),
        ([1], [0.1], 0, "2 or more"),
        (1.0, 0.1, 0, "one error for each"),
        ([[1, 2], [3, 4]], [[1, 1], [1, 1]], 0, "one error for each"),
        ([1, 2], [0.1, float("inf")], 0, "infinite"),
    ],
)
def test_bad_scores_are_refused(scores, errors, target, words):
    with pytest.raises(ranks.RankError, match=words):
        ranks.share_below(scores, errors, target)


def test_what_is_not_said_of_the_redraws_is_as_documented(monkeypatch):
    scores, errors = [0.1, 0.5, 0.3, 0.9, 0.45], [0.2, 0.3, 0.1, 0.2, 0.4]
    said = {"level": 0.95, "draws": 4_000, "seed": 0}
    assert ranks.share_below(scores, errors, 1) == ranks.share_below(scores, errors, 1, **said)
    asked = []
    monkeypatch.setattr(ranks, "within", lambda where, low, high, **given: asked.append(given))
    ranks.share_below(scores, errors, 1)
    assert asked == [{"draws": 4_000}]


def test_one_redraw_is_enough_and_none_is_not():
    one = ranks.share_below([0.0, 5.0, 10.0], [0.1] * 3, 1, draws=1)
    assert one.low == one.estimate == one.high == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="draws"):
        ranks.share_below([0.0, 5.0], [0.1] * 2, 1, draws=0)


def test_the_level_cuts_the_same_share_from_either_end():
    # Of two countries with equal scores the one is drawn below the other half of the time: either rank is common.
    for level, low in ((0.5, 0.0), (0.99, 0.0)):
        found = ranks.share_below([0.0, 0.0], [1, 1], 0, level=level)
        assert (found.low, found.high, found.level) == (low, 0.5, level)
    # Below by a gap that is crossed in 8 of 100 draws: outside the middle 80, inside the middle 90.
    outside, inside = (ranks.share_below([2.0, 0.0], [1, 1], 0, level=level) for level in (0.8, 0.9))
    assert (outside.low, inside.low) == (0.5, 0.0)


@pytest.mark.parametrize("errors", [(-0.1, 0.1), (0.1, -0.1)])
def test_a_change_with_a_negative_error_is_refused(errors):
    with pytest.raises(ranks.RankError, match="expected 0 or more"):
        ranks.change(0.0, errors[0], 1.0, errors[1])


def test_a_change_without_error_is_a_point_and_its_ends_lie_about_it():
    assert ranks.change(1.0, 0, 3.0, 0).width == 0
    found = ranks.change(1.0, 3.0, 3.0, 4.0, level=0.8)
    half = NormalDist().inv_cdf(0.9) * 5
    assert (found.low, found.estimate, found.high) == pytest.approx((2 - half, 2, 2 + half))
    assert found.level == 0.8 and ranks.change(0, 1, 0, 1) == ranks.change(0, 1, 0, 1, level=0.95)
