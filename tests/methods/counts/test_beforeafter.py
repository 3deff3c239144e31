"""Ratios of rates and the power of a series of counts: closed forms, other libraries, known truths."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from compendium.methods.counts import beforeafter
from compendium.methods.counts.beforeafter import BeforeAfterError


def test_exact_rate_ratio_limits_are_the_split_at_which_the_binomial_tail_is_the_level():
    from scipy.stats import binom

    found = beforeafter.rate_ratio([12, 8], [5, 4, 3], overdispersed=False)
    assert found.ratio == pytest.approx((12 / 3) / (20 / 2))
    assert found.dispersion == 1
    for limit, tail in ((found.high, "low"), (found.low, "high")):
        share = limit * 3 / (limit * 3 + 2)
        chance = binom.cdf(12, 32, share) if tail == "low" else binom.sf(11, 32, share)
        assert chance == pytest.approx(0.025, abs=1e-9)
    none = beforeafter.rate_ratio([3, 4], [0, 0], overdispersed=False)
    assert (none.ratio, none.low) == (0, 0)
    assert none.high < 1


def test_overdispersed_rate_ratio_equals_a_quasi_poisson_regression():
    from scipy import stats
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    before, after, years = [22, 30, 41], [18, 9, 25, 4], [2.7, 1, 1]
    found = beforeafter.rate_ratio(before, after, years_before=years)
    design = np.column_stack([np.ones(7), [0, 0, 0, 1, 1, 1, 1]])
    exposure = np.array([*years, 1, 1, 1, 1])
    model = GLM(np.array(before + after), design, family=families.Poisson(), exposure=exposure).fit(scale="X2")
    margin = stats.t.ppf(0.975, 5) * model.bse[1]
    assert found.dispersion == pytest.approx(model.scale)
    assert found.ratio == pytest.approx(math.exp(model.params[1]))
    assert (found.low, found.high) == pytest.approx(
        (math.exp(model.params[1] - margin), math.exp(model.params[1] + margin))
    )


def test_overdispersion_recovers_a_known_negative_binomial():
    rng = np.random.default_rng(6)
    counts = rng.negative_binomial(1 / 0.4, 1 / (1 + 0.4 * 30), size=20_000)
    assert beforeafter.overdispersion_of(counts) == pytest.approx(0.4, rel=0.06)
    assert beforeafter.overdispersion_of([5, 5, 5]) == 0
    years = np.arange(4000) % 10
    rising = rng.negative_binomial(1 / 0.4, 1 / (1 + 0.4 * 20 * np.exp(0.2 * years)))
    assert beforeafter.overdispersion_of(rising, years=years) == pytest.approx(0.4, rel=0.08)
    assert beforeafter.overdispersion_of(rising) > 0.6  # a trend passes for scatter where it is not taken out
    assert beforeafter.overdispersion_of([4, 8, 16, 32], years=[1, 2, 3, 4]) == 0


def test_batched_poisson_fits_equal_statsmodels():
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    rng = np.random.default_rng(7)
    counts = rng.poisson(12, size=(4, 9)).astype(float)
    step = (np.arange(9) >= 5).astype(float)
    design = np.column_stack([np.ones(9), np.arange(9) - 4, step])
    deviance, fitted, beta = beforeafter._poisson_fits(counts, design)
    for k in range(4):
        theirs = GLM(counts[k], design, family=families.Poisson()).fit(tol=1e-12)
        assert deviance[k] == pytest.approx(theirs.deviance, abs=1e-8)
        assert beta[k] == pytest.approx(theirs.params, abs=1e-6)
        assert fitted[k] == pytest.approx(theirs.fittedvalues, abs=1e-5)
    gone = np.array([[9.0, 11, 8, 12, 10, 0, 0, 0, 0]])
    limit, _, _ = beforeafter._poisson_fits(gone, design[:, [0, 2]])
    first = GLM(gone[0, :5], np.ones((5, 1)), family=families.Poisson()).fit()
    assert limit[0] == pytest.approx(first.deviance, abs=1e-4)


def test_fits_of_years_with_hardly_a_case_reach_the_maximum_too():
    """There the score is nil: the fitted means have the sum of the counts, their trend, and the sum afterwards."""
    counts = np.random.default_rng(10).poisson(0.3, size=(300, 9)).astype(float)
    design = np.column_stack([np.ones(9), np.arange(9) - 4, np.arange(9) >= 5]).astype(float)
    _, fitted, _ = beforeafter._poisson_fits(counts, design)
    np.testing.assert_allclose(fitted @ design, counts @ design, atol=1e-5)


@pytest.mark.parametrize(("yearly", "before", "after", "fall"), [(20, 3, 4, 0.5), (60, 2, 2, 0.3), (8, 1, 6, 0.6)])
def test_simulated_exact_power_equals_its_sum_over_all_outcomes(yearly, before, after, fall):
    closed = beforeafter.exact_power(yearly, before, after, fall)
    simulated = beforeafter.power_of_fall(yearly, before, after, fall, test="exact", draws=4000)
    assert simulated == pytest.approx(closed, abs=4 * math.sqrt(closed * (1 - closed) / 4000))


def test_exact_power_is_near_the_normal_closed_form_of_statsmodels():
    from statsmodels.stats.rates import power_poisson_ratio_2indep

    theirs = power_poisson_ratio_2indep(
        rate1=70,
        rate2=100,
        nobs1=4,
        nobs_ratio=1,
        value=1,
        alpha=0.05,
        alternative="two-sided",
        return_results=False,
    )
    assert beforeafter.exact_power(100, 4, 4, 0.3) == pytest.approx(float(theirs), abs=0.03)


def test_the_exact_test_keeps_its_level_and_the_quasi_test_nearly_so():
    assert beforeafter.exact_power(15, 4, 4, 0.0) <= 0.025
    # Without a fall, half of a two-sided level points down.
    poisson = beforeafter.power_of_fall(40, 5, 6, 0.0, draws=6000)
    assert poisson == pytest.approx(0.025, abs=0.009)
    clumped = beforeafter.power_of_fall(40, 5, 6, 0.0, overdispersion=0.3, draws=6000)
    assert clumped == pytest.approx(0.025, abs=0.012)
    trended = beforeafter.power_of_fall(40, 5, 6, 0.0, overdispersion=0.1, trend=True, draws=6000)
    assert trended == pytest.approx(0.025, abs=0.012)


def test_the_quasi_test_is_the_f_test_of_a_statsmodels_regression():
    from scipy import stats
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    rng = np.random.default_rng(8)
    counts = np.vstack([rng.poisson([30] * 4 + [18] * 5) for _ in range(40)]).astype(float)
    ours = beforeafter._quasi_falls(counts, 4, False, 0.05)
    design = np.column_stack([np.ones(9), np.arange(9) >= 4]).astype(float)
    for row, found in zip(counts, ours, strict=True):
        full = GLM(row, design, family=families.Poisson()).fit()
        null = GLM(row, design[:, :1], family=families.Poisson()).fit()
        ratio = (null.deviance - full.deviance) / (full.pearson_chi2 / 7)
        assert found == (full.params[1] < 0 and stats.f.sf(ratio, 1, 7) < 0.05)
    assert 5 < ours.sum() < 40


def test_power_falls_with_overdispersion_trend_and_fewer_years():
    base = beforeafter.power_of_fall(40, 6, 6, 0.4)
    assert base > beforeafter.power_of_fall(40, 6, 6, 0.4, overdispersion=0.2)
    assert base > beforeafter.power_of_fall(40, 6, 6, 0.4, trend=True)
    assert base > beforeafter.power_of_fall(40, 3, 3, 0.4)
    powers = [beforeafter.power_of_fall(40, 6, 6, fall, draws=1000) for fall in (0.1, 0.3, 0.5, 0.7)]
    assert all(a <= b for a, b in itertools.pairwise(powers))


def test_the_detectable_fall_is_where_the_closed_form_reaches_the_wanted_power():
    found = beforeafter.detectable_fall(50, 3, 3, test="exact", draws=4000)
    assert beforeafter.exact_power(50, 3, 3, found.fall) == pytest.approx(0.8, abs=0.03)
    assert found.power >= 0.8
    assert found.se == pytest.approx(math.sqrt(found.power * (1 - found.power) / 4000))
    assert found == beforeafter.detectable_fall(50, 3, 3, test="exact", draws=4000)


def test_a_fall_whose_power_is_exactly_what_is_wanted_is_seen():
    wanted = beforeafter.power_of_fall(10, 3, 3, 0.5, test="exact", draws=300)
    found = beforeafter.detectable_fall(10, 3, 3, power=wanted, test="exact", draws=300)
    assert 0 < wanted < 1
    assert (found.fall <= 0.5, found.power) == (True, wanted)


def test_a_series_in_which_even_a_total_fall_would_be_missed_says_so():
    found = beforeafter.detectable_fall(2, 1, 2, overdispersion=1.0)
    assert math.isnan(found.fall)
    assert found.power_at_total_fall < 0.8
    assert found.se == pytest.approx(math.sqrt(found.power * (1 - found.power) / 2000))


def test_a_total_fall_that_is_seen_too_seldom_has_the_error_of_its_share_of_draws():
    found = beforeafter.detectable_fall(8, 2, 3, power=0.95, overdispersion=0.3, draws=400)
    assert math.isnan(found.fall) and 0.5 < found.power == found.power_at_total_fall < 0.95
    assert found.se == pytest.approx(math.sqrt(found.power * (1 - found.power) / 400))


def test_limits_with_scatter_hold_the_ratio_of_drawn_series_as_often_as_they_say():
    # One count of mean 60 before and ten of mean 60 after, all with overdispersion 0.2: the true ratio is one.
    rng = np.random.default_rng(9)
    drawn = rng.negative_binomial(1 / 0.2, 1 / (1 + 0.2 * 60), size=(4000, 11)).astype(float)
    held = []
    for row in drawn[drawn[:, 0] > 0]:
        low, high = beforeafter.scattered_limits(row[1:].mean() / row[0], row[0], row[1:], 0.2)
        held.append(low <= 1 <= high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


def test_limits_without_scatter_are_those_of_two_poisson_totals():
    low, high = beforeafter.scattered_limits(0.5, 40, [10, 10], 0.0)
    assert (math.log(high / 0.5), math.log(0.5 / low)) == pytest.approx((1.96 * math.sqrt(1 / 40 + 1 / 20),) * 2)


def test_scatter_adds_its_share_of_every_count_on_either_side():
    low, high = beforeafter.scattered_limits(0.5, 40, [10, 10], 0.3)
    margin = 1.96 * math.sqrt(1 / 40 + 0.3 + 1 / 20 + 0.3 / 2)
    assert (low, high) == pytest.approx((0.5 / math.exp(margin), 0.5 * math.exp(margin)))


def test_the_smallest_fall_seen_is_the_first_whose_power_reaches_the_wanted():
    asked = []

    def power(fall: float) -> float:
        asked.append(fall)
        return fall**2

    falls = np.arange(0.01, 1, 0.01)
    assert beforeafter.smallest_seen(falls, power) == pytest.approx(0.9)  # the root of 0.8 is 0.894
    assert len(asked) < 10
    assert beforeafter.smallest_seen(falls, power, wanted=0.5) == pytest.approx(0.71)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: beforeafter.rate_ratio([0], [3], overdispersed=False), "no counts before"),
        (lambda: beforeafter.rate_ratio([4], [3]), "needs three counts"),
        (lambda: beforeafter.rate_ratio([4, -1], [3]), "before: expected a list of counts"),
        (lambda: beforeafter.rate_ratio([4, 1], [3], years_before=[1]), "one positive number of years"),
        (lambda: beforeafter.overdispersion_of([3]), "two counts or more"),
        (lambda: beforeafter.overdispersion_of([3, 4], years=[1, 2]), "three counts or more"),
        (lambda: beforeafter.power_of_fall(0, 2, 2, 0.5), "a yearly count above 0"),
        (lambda: beforeafter.power_of_fall(9, 1, 1, 0.5), "1 years before and 1 after"),
        (lambda: beforeafter.power_of_fall(9, 2, 2, 0.5, test="exact", trend=True), "knows neither trend"),
        (lambda: beforeafter.detectable_fall(9, 2, 2, power=1.0), "power is 1.0"),
        (lambda: beforeafter.scattered_limits(1.0, 0, [3], 0.1), "0 before"),
        (lambda: beforeafter.scattered_limits(0.0, 9, [3], 0.1), "ratio 0.0"),
        (lambda: beforeafter.scattered_limits(1.0, 9, [0], 0.1), "0 after"),
        (lambda: beforeafter.exact_power(-1, 2, 2, 0.5), "yearly -1"),
        (lambda: beforeafter.smallest_seen([0.1, 0.2], float), "none of 2 falls"),
    ],
)
def test_impossible_requests_are_refused_in_one_line(attempt, message):
    with pytest.raises(BeforeAfterError, match=message) as caught:
        attempt()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("2011", 2011, 2012),
        ("2007 Q1", 2007, 2007.25),
        ("2019 H2", 2019.5, 2020),
        ("2007-04 to 2008-03", 2007.25, 2008.25),
        ("2018-01 to 2018-10", 2018, 2018 + 10 / 12),
    ],
)
def test_a_stated_period_is_a_window_in_years(period: str, start: float, end: float) -> None:
    assert beforeafter.window(period) == pytest.approx((start, end))


def test_days_make_a_window_of_one_year_and_other_words_are_refused() -> None:
    start, end = beforeafter.window("2014-12-25 to 2015-12-25")
    assert end - start == pytest.approx(1, abs=2 / 365)
    with pytest.raises(beforeafter.BeforeAfterError, match="expected a year"):
        beforeafter.window("about 2005")
