"""Two-list estimators against exact enumeration, closed forms and simulation with known truth."""

from dataclasses import replace
from itertools import product
from math import factorial, inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

from compendium.methods.counts import capture
from compendium.methods.counts.capture import Scenario

shares = st.floats(0.02, 0.98)
odds = st.floats(0.05, 20)


@pytest.mark.parametrize(("population", "first", "second"), [(20, 12, 9), (30, 15, 15), (50, 40, 25)])
def test_chapman_is_exactly_unbiased_for_fixed_independent_lists(population, first, second):
    overlaps = np.arange(max(0, first + second - population), min(first, second) + 1)
    weights = stats.hypergeom.pmf(overlaps, population, first, second)
    estimates = capture.chapman(first, second, overlaps)
    assert weights @ estimates == pytest.approx(population, rel=1e-12)


@pytest.mark.parametrize(("population", "first", "second"), [(20, 12, 9), (30, 15, 15), (50, 40, 25)])
def test_seber_variance_is_exactly_unbiased_for_fixed_independent_lists(population, first, second):
    overlaps = np.arange(max(0, first + second - population), min(first, second) + 1)
    weights = stats.hypergeom.pmf(overlaps, population, first, second)
    true_variance = weights @ (capture.chapman(first, second, overlaps) - population) ** 2
    expected_estimate = weights @ capture.chapman_variance(first, second, overlaps)
    assert expected_estimate == pytest.approx(true_variance, rel=1e-10)


def test_lincoln_petersen_is_the_product_of_the_lists_over_the_overlap():
    assert capture.lincoln_petersen(200, 150, 30) == 1000
    assert capture.lincoln_petersen(200, 150, 0) == inf


def test_lincoln_petersen_variance_is_the_delta_method_at_the_observed_shares():
    first, second, both = 300.0, 200.0, 60.0
    # With list sizes fixed, only the overlap varies: hypergeometric, Var(m) * (n1 n2 / m^2)^2 at N = n1 n2 / m.
    population = first * second / both
    overlap_variance = first * second * (population - first) * (population - second) / population**3
    assert capture.lincoln_petersen_variance(first, second, both) == pytest.approx(
        overlap_variance * (first * second / both**2) ** 2
    )


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.99])
def test_lognormal_interval_is_the_quantiles_of_a_lognormal_number_unseen(level):
    first, second, both = 300, 200, 40
    size, variance = capture.chapman(first, second, both), capture.chapman_variance(first, second, both)
    seen = first + second - both
    unseen = size - seen
    # The published interval puts its median at the estimate and takes its shape from mean and variance.
    shape = np.sqrt(np.log(1 + variance / unseen**2))
    low, high = capture.lognormal_interval(size, variance, seen, level)
    tail = (1 - level) / 2
    assert low == pytest.approx(seen + stats.lognorm.ppf(tail, shape, scale=unseen))
    assert high == pytest.approx(seen + stats.lognorm.ppf(1 - tail, shape, scale=unseen))


def test_lognormal_interval_never_falls_below_those_seen_where_the_normal_one_does():
    found = capture.estimate(8, 7, 1)
    plain = capture.estimate(8, 7, 1, interval="normal")
    assert found.low > 14 > plain.low


def test_interval_closes_on_those_seen_when_one_list_holds_the_other():
    found = capture.estimate(50, 20, 20)
    assert (found.estimate, found.low, found.high) == (50, 50, 50)


def test_normal_interval_is_z_standard_errors_to_either_side():
    found = capture.estimate(300, 200, 40, interval="normal", level=0.9)
    z = stats.norm.ppf(0.95)
    assert found.high - found.estimate == pytest.approx(z * found.standard_error)
    assert found.estimate - found.low == pytest.approx(z * found.standard_error)


@given(shares, shares, odds)
def test_joint_share_keeps_margins_and_has_the_odds_ratio_asked_for(first, second, odds_ratio):
    joint = capture.joint_share(first, second, odds_ratio)
    assert max(0, first + second - 1) <= joint + 1e-12
    assert joint <= min(first, second) + 1e-12
    assert capture.odds_ratio_of(first, second, joint) == pytest.approx(odds_ratio, rel=1e-6)


@given(shares, shares, odds)
def test_joint_share_is_the_root_that_a_numerical_solver_finds(first, second, odds_ratio):
    def gap(joint):
        return joint * (1 - first - second + joint) - odds_ratio * (first - joint) * (second - joint)

    root = brentq(gap, max(0, first + second - 1), min(first, second), xtol=1e-15)
    assert capture.joint_share(first, second, odds_ratio) == pytest.approx(root, abs=1e-10)


@given(shares, shares)
def test_large_sample_ratio_is_one_exactly_where_lists_are_independent(first, second):
    assert capture.large_sample_ratio(first, second, 1) == pytest.approx(1, rel=1e-12)
    assert capture.large_sample_ratio(first, second, 3) < 1 < capture.large_sample_ratio(first, second, 1 / 3)


@pytest.mark.parametrize("odds_ratio", [0.3, 1, 4])
def test_large_sample_ratio_is_what_simulated_lincoln_petersen_tends_to(odds_ratio):
    scenario = Scenario(2_000_000, 0.15, 0.25, odds_ratio)
    drawn = capture.simulate(scenario, runs=100, seed=3)
    mean = capture.lincoln_petersen(drawn["first"], drawn["second"], drawn["both"]).mean() / scenario.population
    assert mean == pytest.approx(capture.large_sample_ratio(0.15, 0.25, odds_ratio), rel=5e-4)


@pytest.mark.parametrize("odds_ratio", [0.4, 1.0, 5.0])
@pytest.mark.parametrize("population", [2, 7, 12])
def test_expected_chapman_equals_the_sum_over_every_possible_table(population, odds_ratio):
    first, second = 0.35, 0.2
    p11 = capture.joint_share(first, second, odds_ratio)
    cells = np.array([p11, first - p11, second - p11, 1 - first - second + p11])
    total = 0.0
    for m, a, b in product(range(population + 1), repeat=3):
        rest = population - m - a - b
        if rest < 0:
            continue
        ways = factorial(population) / (factorial(m) * factorial(a) * factorial(b) * factorial(rest))
        total += ways * np.prod(cells ** [m, a, b, rest]) * ((m + a + 1) * (m + b + 1) / (m + 1) - 1)
    assert capture.expected_chapman(population, first, second, odds_ratio) == pytest.approx(total, rel=1e-10)


@pytest.mark.parametrize("odds_ratio", [0.5, 1, 3])
def test_closed_form_interval_is_near_the_average_of_simulated_intervals(odds_ratio):
    scenario = Scenario(20_000, 0.1, 0.12, odds_ratio)
    drawn = capture.simulate(scenario, runs=3000, seed=8)
    counts = [drawn[name].to_numpy() for name in ("first", "second", "both")]
    size, variance = capture.chapman(*counts), capture.chapman_variance(*counts)
    low, high = capture.lognormal_interval(size, variance, counts[0] + counts[1] - counts[2])
    expected_low, expected_high = capture.expected_interval(20_000, 0.1, 0.12, odds_ratio)
    half = capture.expected_half_width(20_000, 0.1, 0.12, odds_ratio)
    assert np.median(low) == pytest.approx(expected_low, rel=0.01)
    assert np.median(high) == pytest.approx(expected_high, rel=0.01)
    assert 1.96 * np.median(np.sqrt(variance)) == pytest.approx(half, rel=0.02)


@pytest.mark.parametrize("odds_ratio", [0.8, 1, 1.15, 1.4])
def test_closed_form_coverage_is_near_simulated_coverage(odds_ratio):
    scenario = Scenario(10_000, 0.1, 0.12, odds_ratio)
    measured = capture.performance(scenario, runs=4000, seed=5)
    approximate = capture.expected_coverage(10_000, 0.1, 0.12, odds_ratio)
    assert measured["coverage"] == pytest.approx(approximate, abs=0.03)


@pytest.mark.parametrize("interval", capture.INTERVALS)
@pytest.mark.parametrize(("population", "first", "second"), [(2_000, 0.3, 0.2), (50_000, 0.05, 0.08)])
def test_coverage_is_near_nominal_when_both_conditions_hold(population, first, second, interval):
    measured = capture.performance(Scenario(population, first, second), interval=interval, runs=4000, seed=11)
    # Four Monte Carlo errors of 0.0034 at 95%.
    assert measured["coverage"] == pytest.approx(0.95, abs=0.014)
    assert abs(measured["relative_bias"]) < 4 * measured["bias_error"] + 1e-3


def test_dependence_ruins_coverage_while_the_interval_stays_narrow():
    measured = capture.performance(Scenario(10_000, 0.1, 0.12, odds_ratio=3), runs=2000, seed=1)
    assert measured["coverage"] < 0.01
    assert measured["relative_bias"] == pytest.approx(capture.large_sample_ratio(0.1, 0.12, 3) - 1, abs=0.01)
    assert measured["relative_width"] < 0.2


@pytest.mark.parametrize(("share", "concentration"), [(0.2, 3.0), (0.4, 10.0), (0.1, 50.0)])
def test_unequal_catchability_has_the_closed_form_of_a_beta_second_moment(share, concentration):
    both, *_ = capture.cell_shares(Scenario(1000, share, share, concentration=concentration))
    a, b = share * concentration, (1 - share) * concentration
    second_moment = a * (a + 1) / ((a + b) * (a + b + 1))
    assert both == pytest.approx(second_moment, rel=2e-3)
    variation = capture.beta_variation(share, concentration)
    assert variation == pytest.approx(stats.beta(a, b).std() / share)
    assert share * share / both == pytest.approx(capture.heterogeneity_ratio(variation, variation), rel=2e-3)


def test_unequal_catchability_that_the_lists_do_not_share_is_harmless():
    assert capture.heterogeneity_ratio(0.8, 0.5, correlation=0) == 1


def test_table_shortcut_equals_a_simulation_member_by_member():
    scenario = Scenario(400, 0.2, 0.3, odds_ratio=2, concentration=4)
    rng = np.random.default_rng(21)
    ranks = rng.random((1500, scenario.population))
    first_chance = stats.beta.ppf(ranks, 0.2 * 4, 0.8 * 4)
    second_chance = stats.beta.ppf(ranks, 0.3 * 4, 0.7 * 4)
    joint = capture.joint_share(first_chance, second_chance, 2)
    draw = rng.random(ranks.shape)
    both = (draw < joint).sum(axis=1)
    first = (draw < first_chance).sum(axis=1)
    second = both + ((draw >= first_chance) & (draw < first_chance + second_chance - joint)).sum(axis=1)
    shortcut = capture.simulate(scenario, runs=1500, seed=4)
    for name, counts in (("first", first), ("second", second), ("both", both)):
        error = np.hypot(counts.std(), shortcut[name].std()) / 1500**0.5
        assert shortcut[name].mean() == pytest.approx(counts.mean(), abs=4 * error), name
        # The relative standard error of a standard deviation is about 1 / sqrt(2 * 1500).
        assert shortcut[name].std() == pytest.approx(counts.std(), rel=4 * 2**0.5 / (2 * 1500) ** 0.5), name


def test_cells_are_a_distribution_with_the_margins_asked_for():
    cells = capture.cell_shares(Scenario(10, 0.05, 0.6, odds_ratio=8, concentration=1.5))
    assert sum(cells) == pytest.approx(1)
    assert min(cells) >= 0
    assert cells[0] + cells[1] == pytest.approx(0.05)
    assert cells[0] + cells[2] == pytest.approx(0.6)


def test_runs_without_overlap_are_counted_and_miss_for_lincoln_petersen_only():
    scenario = Scenario(100, 0.05, 0.05)
    plain = capture.performance(scenario, estimator="lincoln-petersen", runs=2000, seed=2)
    adjusted = capture.performance(scenario, runs=2000, seed=2)
    # The overlap is binomial: nobody is shared with probability (1 - 0.0025) ** 100.
    share = plain["runs_without_overlap"] / 2000
    assert share == pytest.approx(0.9975**100, abs=4 * (0.778 * 0.222 / 2000) ** 0.5)
    assert plain["coverage"] <= 1 - share
    assert np.isfinite(adjusted["mean_estimate"])


def test_a_root_mean_square_error_is_bias_and_spread_together():
    found = capture.performance(Scenario(300, 0.2, 0.3), runs=50, seed=6)
    spread = found["bias_error"] ** 2 * 49  # the variance of the estimates, with 50 for the divisor
    assert found["relative_rmse"] ** 2 == pytest.approx(found["relative_bias"] ** 2 + spread)
    assert found["coverage_error"] ** 2 == pytest.approx(found["coverage"] * (1 - found["coverage"]) / 50)


@pytest.mark.filterwarnings("error")
def test_where_no_run_has_an_estimate_its_errors_are_missing_without_a_warning():
    found = capture.performance(Scenario(1, 0.01, 0.01), estimator="lincoln-petersen", runs=5)
    assert (found["runs_without_overlap"], found["coverage"]) == (5, 0)
    assert np.isnan([found["mean_estimate"], found["relative_bias"], found["relative_rmse"]]).all()


def test_two_thousand_runs_from_the_first_seed_unless_said_otherwise():
    scenario = Scenario(1000, 0.2, 0.3)
    assert capture.simulate(scenario).equals(capture.simulate(scenario, 2000, seed=0))
    named = capture.performance_table([scenario], runs=50, seed=0)
    assert capture.performance_table([scenario], runs=50).equals(named)
    with pytest.raises(TypeError):
        capture.performance_table([scenario], ["chapman"])


def test_same_seed_same_lists_and_another_seed_others():
    scenario = Scenario(1000, 0.2, 0.3)
    assert capture.simulate(scenario, 50, seed=1).equals(capture.simulate(scenario, 50, seed=1))
    assert not capture.simulate(scenario, 50, seed=1).equals(capture.simulate(scenario, 50, seed=2))


def test_performance_table_has_a_row_for_every_scenario_and_method():
    base = Scenario(1000, 0.2, 0.3)
    table = capture.performance_table([base, replace(base, odds_ratio=2.0)], runs=50)
    assert table.groupby(["odds_ratio", "estimator", "interval"]).size().to_dict() == {
        (ratio, estimator, interval): 1
        for ratio in (1.0, 2.0)
        for estimator in capture.ESTIMATORS
        for interval in capture.INTERVALS
    }


def test_odds_ratio_is_that_of_the_counts():
    assert capture.odds_ratio_of(0.5, 0.4, 0.3) == pytest.approx(0.3 * 0.4 / (0.2 * 0.1))
    assert capture.odds_ratio_of(0.5, 0.4, 0.4) == inf


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: capture.estimate(10, 20, 11), "both 11"),
        (lambda: capture.estimate(10, 20, -1), "both -1"),
        (lambda: capture.estimate(10, 20, 0, estimator="lincoln-petersen"), "share nobody"),
        (lambda: capture.estimate(10, 20, 5, estimator="bayes"), "'bayes'"),
        (lambda: capture.estimate(10, 20, 5, interval="wald"), "'wald'"),
        (lambda: capture.estimate(10, 20, 5, level=95), "95"),
        (lambda: Scenario(0, 0.1, 0.1), "population"),
        (lambda: Scenario(10, 1.0, 0.1), "first_share"),
        (lambda: Scenario(10, 0.1, 0.0), "second_share"),
        (lambda: Scenario(10, 0.1, 0.1, odds_ratio=0), "odds_ratio"),
        (lambda: Scenario(10, 0.1, 0.1, concentration=-1), "concentration"),
        (lambda: capture.simulate(Scenario(10, 0.1, 0.1), runs=0), "runs"),
        (lambda: capture.odds_ratio_of(0.2, 0.3, 0.25), "0.25"),
    ],
)
def test_impossible_input_is_named_in_one_line(call, named):
    with pytest.raises(ValueError, match=named) as caught:
        call()
    assert "\n" not in str(caught.value)
