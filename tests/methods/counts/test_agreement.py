"""Agreement, concordance and ratio of two counts against brute force, scipy and statsmodels."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from compendium.methods.counts import agreement

counts = st.integers(0, 400)
tolerances = st.sampled_from([0.05, 0.1, 0.25, 0.5, 0.9])
rules = st.sampled_from(list(agreement.RULES))


@pytest.mark.parametrize(
    ("first", "second", "agreeing"),
    [
        (125, 100, {"ratio", "midpoint", "larger"}),
        (126, 100, {"midpoint", "larger"}),
        (90, 70, {"midpoint", "larger"}),
        (100, 75, {"larger"}),
        (100, 74, set()),
        (0, 0, {"ratio", "midpoint", "larger"}),
        (1, 0, set()),
    ],
)
def test_each_rule_draws_the_line_where_its_definition_says(first, second, agreeing):
    assert {rule for rule in agreement.RULES if agreement.agree(first, second, 0.25, rule)} == agreeing


@given(counts, counts, tolerances, rules)
def test_agreement_is_symmetric_and_has_no_unit(first, second, tolerance, rule):
    once = bool(agreement.agree(first, second, tolerance, rule))
    assert once == bool(agreement.agree(second, first, tolerance, rule))
    assert once == bool(agreement.agree(first * 7.3, second * 7.3, tolerance, rule))


@given(counts, counts, tolerances)
def test_a_stricter_rule_never_agrees_where_a_looser_one_does_not(first, second, tolerance):
    ratio, midpoint, larger = (
        bool(agreement.agree(first, second, tolerance, rule)) for rule in ("ratio", "midpoint", "larger")
    )
    assert ratio <= midpoint <= larger


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 12), tolerances, rules)
def test_bounded_agreement_is_what_trying_every_count_between_the_bounds_gives(count, low, width, tolerance, rule):
    tried = [bool(agreement.agree(count, value, tolerance, rule)) for value in range(low, low + width + 1)]
    found = str(agreement.agree_bounded(count, low, low + width, tolerance, rule))
    assert (found == "surely") == all(tried)
    # The bounds hold fractions too, so an agreeing value may lie between two whole numbers that do not.
    if any(tried):
        assert found != "no"
    if found == "no":
        assert not any(tried)


@pytest.mark.parametrize(("surely", "possibly", "no"), [(6, 0, 14), (5, 1, 14), (0, 3, 7), (10, 0, 0), (0, 0, 4)])
def test_agreement_share_bounds_and_limits_equal_statsmodels(surely, possibly, no):
    found = agreement.agreement_share(["surely"] * surely + ["possibly"] * possibly + ["no"] * no, level=0.9)
    years = surely + possibly + no
    assert (found.share_low, found.share_high) == (surely / years, (surely + possibly) / years)
    assert found.low == pytest.approx(proportion_confint(surely, years, 0.1, method="beta")[0])
    assert found.high == pytest.approx(proportion_confint(surely + possibly, years, 0.1, method="beta")[1])


def test_sensitivity_has_every_rule_and_tolerance_and_never_falls_with_tolerance():
    first, low, high = [100, 80, 300, 50], [90, 60, 290, 70], [110, 60, 310, 90]
    found = agreement.agreement_sensitivity(first, low, high, tolerances=(0.1, 0.25, 0.5))
    assert len(found) == 9
    assert (found.groupby("rule")["surely"].diff().dropna() >= 0).all()
    assert (found.groupby("rule")["share_high"].diff().dropna() >= 0).all()
    row = found[(found["rule"] == "ratio") & (found["tolerance"] == 0.25)].iloc[0]
    assert (row["surely"], row["possibly"]) == (2, 0)


def test_every_rule_is_tried_at_eight_tolerances_unless_said_otherwise():
    found = agreement.agreement_sensitivity([100, 80], [90, 60], [110, 60])
    assert len(found) == 3 * 8 and found["tolerance"].max() == 0.5
    assert found.groupby("rule")["tolerance"].apply(list).iloc[0] == [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5]
    usual = agreement.agree([125, 126], [100, 100])
    assert usual.tolist() == [True, False]  # a quarter more agrees, the larger as a share of the smaller


def test_the_choices_of_an_interval_are_named_and_it_is_drawn_two_thousand_times():
    x, y = np.random.default_rng(1).uniform(1, 9, (2, 30))
    assert agreement.concordance(x, y) == agreement.concordance(x, y, block=3, draws=2000, level=0.95, seed=0)
    assert agreement.ratio_of_counts(x, y) == agreement.ratio_of_counts(x, y, block=3, draws=2000)
    with pytest.raises(TypeError):
        agreement.concordance(x, y, 3)
    with pytest.raises(TypeError):
        agreement.ratio_of_counts(x, y, y, 3)


def test_a_wider_level_gives_a_wider_interval_around_the_same_estimate():
    x, y = [3.0, 8.0, 1.0, 9.0, 5.0], [4.0, 7.0, 2.0, 9.0, 6.0]
    wide, narrow = (agreement.ratio_of_counts(x, y, level=level) for level in (0.95, 0.5))
    assert wide.low < narrow.low < narrow.ratio_low == wide.ratio_low < narrow.high < wide.high
    assert wide.limits_low < narrow.limits_low < narrow.limits_high < wide.limits_high
    wide, narrow = (agreement.concordance(x, y, level=level) for level in (0.95, 0.5))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_a_count_of_one_is_a_count():
    assert agreement.ratio_of_counts([1, 1, 1], [1, 1, 1]).ratio_low == 1


def test_concordance_has_its_closed_forms():
    x = np.array([3.0, 8.0, 1.0, 9.0, 5.0])
    assert agreement.concordance(x, x, draws=50).estimate == pytest.approx(1)
    assert agreement.concordance(x, 2 * x.mean() - x, draws=50).estimate == pytest.approx(-1)
    shifted = agreement.concordance(x, x + 4, draws=50).estimate
    assert shifted == pytest.approx(2 * x.var() / (2 * x.var() + 16))


def test_concordance_is_correlation_times_lin_bias_factor():
    rng = np.random.default_rng(3)
    x, y = rng.normal(10, 2, 50), rng.normal(11, 3, 50)
    scale, shift = x.std() / y.std(), (x.mean() - y.mean()) / np.sqrt(x.std() * y.std())
    factor = 2 / (scale + 1 / scale + shift**2)
    found = agreement.concordance(x, y, draws=50).estimate
    assert found == pytest.approx(stats.pearsonr(x, y).statistic * factor)


def test_concordance_interval_covers_a_known_value_about_as_often_as_it_says():
    rng = np.random.default_rng(12)
    rho, held, repeats = 0.7, 0, 300
    for seed in range(repeats):
        x, y = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 80).T
        found = agreement.concordance(x, y, block=1, draws=300, seed=seed)
        held += found.low <= rho <= found.high
    assert 0.89 <= held / repeats <= 0.985


def test_blocks_of_years_cover_better_than_single_years_when_neighbours_are_alike():
    rng = np.random.default_rng(5)
    repeats, years = 200, 60
    held = {1: 0, 6: 0}
    for seed in range(repeats):
        noise = rng.standard_normal(years + 50)
        log_ratio = np.zeros(years + 50)
        for t in range(1, years + 50):
            log_ratio[t] = 0.6 * log_ratio[t - 1] + 0.2 * noise[t]
        second = np.full(years, 1000.0)
        for block in held:
            first = second * np.exp(log_ratio[50:])
            held[block] += agreement.ratio_of_counts(first, second, block=block, draws=300, seed=seed).even
    assert held[1] / repeats < 0.75
    assert held[6] / repeats > held[1] / repeats + 0.08


def test_circular_blocks_are_consecutive_and_draw_every_year_equally_often():
    picks = agreement._blocks(years=7, block=3, draws=20_000, seed=0)
    steps = np.diff(picks[:, :6].reshape(-1, 2, 3), axis=2) % 7
    assert (steps == 1).all()
    drawn = np.bincount(picks.ravel(), minlength=7) / picks.size
    # Neighbours are drawn together, so the error is up to sqrt(3) times that of independent draws.
    assert np.abs(drawn - 1 / 7).max() < 4 * (3 * (1 / 7) * (6 / 7) / picks.size) ** 0.5


def test_ratio_of_counts_is_exact_for_a_constant_ratio_and_bounded_for_bounded_counts():
    second = np.array([10.0, 40.0, 90.0, 20.0])
    exact = agreement.ratio_of_counts(2 * second, second)
    assert exact.ratio_low == exact.ratio_high == pytest.approx(2)
    assert (exact.low, exact.high, exact.limits_low, exact.limits_high) == pytest.approx((2, 2, 2, 2))
    assert not exact.even
    bounded = agreement.ratio_of_counts(2 * second, second, second * 4)
    assert (bounded.ratio_low, bounded.ratio_high) == pytest.approx((0.5, 2))
    assert bounded.even


def test_limits_of_agreement_hold_about_the_stated_share_of_years():
    rng = np.random.default_rng(8)
    second = rng.uniform(500, 5000, 4000)
    first = second * np.exp(rng.normal(0.3, 0.4, 4000))
    found = agreement.ratio_of_counts(first, second, block=1, draws=50)
    inside = ((first / second >= found.limits_low) & (first / second <= found.limits_high)).mean()
    assert inside == pytest.approx(0.95, abs=0.012)
    assert found.ratio_low == pytest.approx(stats.gmean(first / second))


def test_shuffled_years_agree_as_often_as_the_average_over_all_orders():
    first, low, high = np.array([100, 80, 300, 50]), np.array([90, 60, 290, 20]), np.array([110, 64, 390, 70])
    orders = [agreement.agree_bounded(first[list(order)], low, high) for order in permutations(range(4))]
    surely = np.mean([(order == "surely").mean() for order in orders])
    possibly = np.mean([(order != "no").mean() for order in orders])
    assert agreement.agreement_by_chance(first, low, high) == pytest.approx((surely, possibly))
    assert surely < possibly


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: agreement.agree(1, 2, rule="half"), "'half'"),
        (lambda: agreement.agree(1, 2, tolerance=25), "25"),
        (lambda: agreement.agree_bounded(1, 5, 2), "low <= high"),
        (lambda: agreement.agree_bounded(np.nan, 1, 2), "missing"),
        (lambda: agreement.agreement_share([]), "found none"),
        (lambda: agreement.concordance([1, 2, 3], [1, 2]), "equal length"),
        (lambda: agreement.concordance([1, 2, np.nan], [1, 2, 3]), "missing"),
        (lambda: agreement.concordance([2, 2, 2], [2, 2, 2]), "constant"),
        (lambda: agreement.concordance([1, 2, 4], [1, 2, 3], block=9), "found 9"),
        (lambda: agreement.ratio_of_counts([1, 2, 3], [0, 2, 3]), "above 0"),
        (lambda: agreement.ratio_of_counts([-1, 2, 3], [1, 2, 3]), "above 0"),
        (lambda: agreement.ratio_of_counts([1, 2, 3], [1, 2, 3], [1, 1, 3]), "low <= high"),
        (lambda: agreement.agree_bounded(-0.5, 1, 2), "expected 0 to inf"),
        (lambda: agreement.agreement_share(["surely", "perhaps"]), "'perhaps'"),
    ],
)
def test_bad_input_is_named_in_one_line(call, named):
    with pytest.raises(ValueError, match=named) as caught:
        call()
    assert "\n" not in str(caught.value)
