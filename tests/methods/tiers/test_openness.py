"""How open a rating is: worlds in which it follows a published index, half of it, or nothing at all."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.miscmodels.ordinal_model import OrderedModel

from compendium.methods.tiers import openness


def world(rng, weight, countries=120, years=tuple(range(2005, 2015)), noise=0.0):
    """Countries with a slowly moving index and an unseen one; the rating cuts their mix, `weight` on the seen."""
    seen, unseen = (rng.normal(size=countries)[:, None] + _walk(rng, countries, len(years)) for _ in range(2))
    mix = weight * seen + (1 - weight) * unseen + noise * rng.normal(size=seen.shape)
    rank = np.digitize(mix, np.quantile(mix, [0.2, 0.7, 0.85]))
    frame = pd.DataFrame(
        {
            "iso3": np.repeat([f"C{k:03d}" for k in range(countries)], len(years)),
            "year": np.tile(years, countries),
            "rank": rank.ravel(),
            "index": seen.ravel(),
        }
    )
    before = frame[["iso3", "year", "rank"]].assign(year=frame.year + 1).rename(columns={"rank": "last_rank"})
    return frame.merge(before, on=["iso3", "year"])


def _walk(rng, countries, years):
    return np.cumsum(0.15 * rng.normal(size=(countries, years)), axis=1)


def test_fixed_cutoffs_on_one_published_index_are_transparent():
    """The rating persists as much as any, and last year's tier is never told: persistence is not opacity."""
    rows = world(np.random.default_rng(1), weight=1.0)
    assert (rows["rank"] == rows["last_rank"]).mean() > 0.75
    found = openness.openness(rows, ["index"], draws=300)
    assert found.level.low > 0.9 and found.change.low > 0.9
    assert found.ceiling > 0.9 and found.right_twin == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_a_rating_that_follows_what_nobody_sees_is_opaque(seed):
    rows = world(np.random.default_rng(seed), weight=0.0)
    assert (rows["rank"] == rows["last_rank"]).mean() > 0.75
    found = openness.openness(rows, ["index"], draws=300)
    assert found.level.high < 0.5 and found.change.high < 0.5
    assert found.level.value == pytest.approx(0, abs=0.12)


def test_openness_grows_with_the_weight_of_what_is_published():
    levels = [openness.openness(world(np.random.default_rng(5), w), ["index"], draws=50) for w in (0.3, 0.5, 0.8)]
    assert [found.level.value for found in levels] == sorted(found.level.value for found in levels)
    assert [found.change.value for found in levels] == sorted(found.change.value for found in levels)


def test_the_ridge_is_the_maximum_of_statsmodels_where_there_is_one_and_exists_where_there_is_none():
    rng = np.random.default_rng(2)
    x = openness.standardised(rng.normal(size=(400, 2)))
    y = np.digitize(x @ [1.0, -0.5] + rng.logistic(size=400), [-1, 0.5, 2])
    mine = openness.fit_with_ridge(y, x, 4, ridge=1e-9)
    other = OrderedModel(y, x, distr="logit").fit(method="bfgs", disp=0, gtol=1e-8)
    np.testing.assert_allclose(mine[:2], np.asarray(other.params)[:2], atol=1e-3)
    np.testing.assert_allclose(openness.forecast_of(mine, x), np.asarray(other.predict(exog=x)), atol=1e-3)
    separated = np.digitize(x[:, 0], [-1, 0.5, 2])
    theta = openness.fit_with_ridge(separated, x, 4)
    assert np.isfinite(theta).all()
    assert (openness.forecast_of(theta, x).argmax(axis=1) == separated).mean() > 0.98


def test_the_twin_keeps_the_sizes_of_the_classes_and_follows_the_index():
    rng = np.random.default_rng(3)
    x = openness.standardised(rng.normal(size=(300, 1)))
    y = np.digitize(x[:, 0] + rng.normal(size=300), [-1, 0.5, 2])
    twin = openness.transparent_twin(y, x, 4)
    assert np.bincount(twin).tolist() == np.bincount(y).tolist()
    assert (np.diff(twin[np.argsort(x[:, 0])]) >= 0).all()


def test_order_counts_pairs_within_the_class_that_was_left():
    """By hand: from class 1 one up (expects 0.5) and two down (2.0 and 0.2); from class 2 one up alone."""
    moves = openness._Moves(
        np.array([0.5, 2.0, 0.2, 1.0]),
        np.array([True, False, False, True]),
        np.array([1, 1, 1, 2]),
        np.array([0, 1, 2, 3]),
    )
    assert moves.ordered(np.array([[1, 1, 1, 1], [1, 3, 1, 1]])).tolist() == [0.5, 0.75]


def test_ties_are_half_a_pair_in_order_and_only_classes_with_two_ways_out_count():
    moves = openness._Moves(
        np.array([1.0, 1.0, 2.0]), np.array([True, False, False]), np.array([1, 1, 1]), np.array([0, 1, 2])
    )
    assert moves.ordered(np.ones((1, 3))).tolist() == [0.75]
    last, rank = np.array([0, 1, 1, 1, 2, 2, 3, -1]), np.array([1, 1, 0, 2, 3, 2, 2, 1])
    found = openness._Moves.of(np.arange(8.0), rank, last, np.arange(8), 4)
    assert found.country.tolist() == found.expected.tolist() == [2, 3, 4]
    assert (found.up.tolist(), found.left.tolist()) == ([True, False, False], [1, 1, 2])


def test_the_loss_is_that_of_the_score_asked_for():
    forecast, outcome = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]), np.array([0, 1])
    assert openness._loss(forecast, outcome, openness.ACCURACY).tolist() == [0, 1]
    ranked = [(0.5**2 + 0.2**2) / 2, (0.1**2 + 0.7**2) / 2]
    np.testing.assert_allclose(openness._loss(forecast, outcome, openness.RANKED), ranked)


def test_a_share_is_the_first_value_and_its_interval_that_of_the_others():
    drawn = np.array([5.0, *np.linspace(0, 1, 1001)])
    found = openness._share(drawn, 0.998)
    assert (found.value, found.low, found.high) == (5.0, pytest.approx(0.001), pytest.approx(0.999))


def test_the_share_of_a_rating_is_its_skill_over_the_ceiling():
    found = openness.openness(world(np.random.default_rng(6), 0.5, countries=40), ["index"], draws=40)
    assert found.level.value == pytest.approx(found.skill / found.ceiling)
    assert found.change.value == pytest.approx((found.right - 0.5) / (found.right_twin - 0.5))


def test_losses_are_summed_over_folds_of_one_seed_after_another():
    rng = np.random.default_rng(7)
    names, codes = np.array([f"C{k}" for k in range(30)]), np.repeat(np.arange(30), 10)
    x = openness.standardised(rng.normal(size=(300, 1)))
    y = np.digitize(x[:, 0] + rng.normal(size=300), [-1, 0.5, 2])

    def foretold(repeats, seed):
        return openness._Foretold.of(y, x, names, codes, 4, openness.RANKED, (3, repeats, seed))

    both, first, second = foretold(2, 8), foretold(1, 8), foretold(1, 9)
    np.testing.assert_allclose(both.losses, first.losses + second.losses, atol=1e-6)
    np.testing.assert_allclose(both.expected, (first.expected + second.expected) / 2, atol=1e-6)
    weights = np.ones((1, 30))
    assert first.skill(weights)[0] == pytest.approx(1 - first.losses[0].sum() / first.losses[1].sum())


def test_a_fit_that_begins_at_the_maximum_stays_there(monkeypatch):
    rng = np.random.default_rng(8)
    x = openness.standardised(rng.normal(size=(200, 2)))
    y = np.digitize(x[:, 0] + rng.logistic(size=200), [-1, 0.5, 2])
    best = openness.fit_with_ridge(y, x, 4)
    monkeypatch.setattr(openness, "_uphill", lambda *given: pytest.fail("a step was taken"))
    assert openness.fit_with_ridge(y, x, 4, start=best) is best


@pytest.mark.parametrize("ridge", [0.01, 1.0, 1000.0])
def test_at_the_maximum_the_pull_of_the_prior_and_of_the_rows_are_equal(ridge):
    """However heavy the prior: also where it weighs more than the rows do."""
    rng = np.random.default_rng(10)
    x = openness.standardised(rng.normal(size=(200, 2)))
    y = np.digitize(x @ [1.0, -0.5] + rng.logistic(size=200), [-1, 0.5, 2])
    theta = openness.fit_with_ridge(y, x, 4, ridge=ridge)
    pull = openness.Likelihood(y, x, 4).at(theta[:2], theta[2:]).gradient
    np.testing.assert_allclose(pull, [*(ridge * theta[:2]), 0, 0, 0], atol=1e-2)
    assert (theta[:2] * [1, -1] > 0).all()


@pytest.mark.parametrize("slope", [3.0, -3.0])
def test_no_step_is_taken_that_lowers_the_penalised_likelihood(slope):
    """The step is the least downhill for which the likelihood alone, or a lighter penalty, would take it."""
    rng = np.random.default_rng(9)
    x = openness.standardised(rng.normal(size=(200, 1)))
    y = np.digitize(slope * x[:, 0] + rng.logistic(size=200), [-1, 1])
    prior = np.array([1.0, 0.0, 0.0])
    model = openness.Likelihood(y, x, 3)

    def height(theta):
        return model.at(theta[:1], theta[1:]).value - prior @ theta**2 / 2

    theta = openness.fit_with_ridge(y, x, 3, ridge=1.0)
    for share in (0.02, 0.05, 0.1, 0.2, -0.02, -0.05, -0.1, -0.2):
        step = share * theta * [1, 0, 0]
        taken = openness._uphill(model, prior, theta, step, model.at(theta[:1], theta[1:]).value)
        assert height(theta + step) < height(theta)
        if taken is not None:
            assert height(taken[0]) >= height(theta) - 1e-8 * abs(height(theta))


def test_a_constant_measure_and_an_empty_class_are_named():
    rows = world(np.random.default_rng(4), weight=0.5)
    with pytest.raises(ValueError, match="measure 1 is constant"):
        openness.openness(rows.assign(flat=1.0), ["index", "flat"])
    with pytest.raises(ValueError, match="nobody is in class 2"):
        openness.fit_with_ridge(np.array([0, 1, 3, 1]), np.eye(4)[:, :2], 4)
