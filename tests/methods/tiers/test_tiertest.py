"""Exact tests of tiers against counts, against brute force, scipy and simulation."""

import itertools
import math
from itertools import permutations, product
from math import comb
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from compendium.methods.tiers import tiertest


def test_lag_sets_a_report_beside_the_year_before_it():
    tiers = pd.DataFrame({"year": [2009, 2010, 2011], "tier": ["2WL", "2", None]})
    figures = pd.DataFrame(
        {"year": [2008, 2009, 2009, 2010, 2007], "source": list("abcde"), "convictions": [11, 36, 40, 9, np.nan]}
    )
    paired = tiertest.pair_with_lag(tiers, figures)
    assert paired[["year", "counted_year", "source"]].to_numpy().tolist() == [
        [2009, 2008, "a"],
        [2010, 2009, "b"],
        [2010, 2009, "c"],
    ]


def test_no_two_tiers_are_the_same_and_each_is_worse_than_the_one_before():
    for better, worse in itertools.pairwise(["1", "2", "2WL", "3"]):
        assert tiertest.pairs_in_order([better, worse], [9, 8]) == 1


def test_the_statistic_is_the_sum_of_the_products_of_mid_ranks():
    tiers, numbers = ["3", "2", "2WL", "2"], [4, 9, 9, 12]
    # Tiers rank 4, 1.5, 3, 1.5 and the counts 1, 2.5, 2.5, 4.
    assert tiertest.tier_test(tiers, numbers).statistic == 4 + 1.5 * 2.5 + 3 * 2.5 + 1.5 * 4


def test_two_tiers_give_the_exact_rank_sum_test_of_scipy():
    tiers = ["2WL", "2", "2WL", "2", "2", "2WL", "2", "2WL", "2WL"]
    numbers = np.array([11, 36, 44, 18, 90, 43, 100, 12, 63])
    found = tiertest.tier_test(tiers, numbers)
    worse = np.array(tiers) == "2WL"
    peer = stats.mannwhitneyu(numbers[worse], numbers[~worse], alternative="less", method="exact")
    assert found.p_value == pytest.approx(peer.pvalue)
    assert found.arrangements == comb(9, 5)


def test_three_tiers_and_ties_give_the_share_of_all_permutations():
    tiers, numbers = ["3", "2", "2WL", "2", "2WL", "3", "2"], [4, 9, 7, 9, 12, 3, 7]
    ranks = stats.rankdata([tiertest.TIER_ORDER[t] for t in tiers])
    midranks = stats.rankdata(numbers)
    every = np.array([ranks[list(order)] @ midranks for order in permutations(range(7))])
    found = tiertest.tier_test(tiers, numbers)
    observed = ranks @ midranks
    centre = ranks.mean() * midranks.sum()
    assert found.p_value == pytest.approx((every <= observed).mean())
    assert found.p_two_sided == pytest.approx((abs(every - centre) >= abs(observed - centre)).mean())
    assert found.smallest_p == pytest.approx((every == every.min()).mean())
    assert found.correlation == pytest.approx(stats.spearmanr(ranks, numbers).statistic)


def test_smallest_attainable_p_is_one_over_the_number_of_arrangements_without_ties():
    tiers = ["2WL"] * 6 + ["2"] * 4
    perfect = tiertest.tier_test(tiers, range(10))
    assert perfect.p_value == perfect.smallest_p == pytest.approx(1 / comb(10, 4))
    opposite = tiertest.tier_test(tiers, range(10, 0, -1))
    assert opposite.p_value == pytest.approx(1)
    assert opposite.smallest_p == pytest.approx(1 / comb(10, 4))


def test_equal_tiers_or_equal_counts_can_show_nothing():
    assert tiertest.tier_test(["2"] * 5, [1, 2, 3, 4, 5]).smallest_p == 1
    flat = tiertest.tier_test(["2", "2WL", "3"], [7, 7, 7])
    assert (flat.p_value, flat.smallest_p) == (1, 1)
    assert np.isnan(flat.correlation)


def test_fisher_equals_scipy_and_names_its_cells():
    tiers = ["3", "2WL", "2WL", "2", "2", "1", "2", "2WL"]
    numbers = [5, 20, 80, 60, 90, 70, 10, 15]
    found = tiertest.tier_fisher(tiers, numbers, threshold=50)
    assert (found.worse_below, found.worse_above, found.better_below, found.better_above) == (3, 1, 1, 3)
    assert found.p_value == pytest.approx(stats.fisher_exact([[3, 1], [1, 3]], alternative="greater").pvalue)
    assert found.smallest_p == pytest.approx(stats.fisher_exact([[4, 0], [0, 4]], alternative="greater").pvalue)


def test_conflicting_sources_are_tried_in_every_combination():
    paired = pd.DataFrame(
        {
            "year": [2010, 2010, 2011, 2012, 2012, 2012, 2013],
            "tier": ["2", "2", "2WL", "2WL", "2WL", "2WL", "2"],
            "counted_year": [2009, 2009, 2010, 2011, 2011, 2011, 2012],
            "source": list("abcdefg"),
            "convictions": [30, 5, 10, 20, 8, 20, 50],
        }
    )
    found = tiertest.tier_test_conflicts(paired)
    assert len(found) == 2 * 1 * 2 * 1
    tried = {
        (a, d): tiertest.tier_test(["2", "2WL", "2WL", "2"], [a, 10, d, 50]) for a, d in product((30, 5), (20, 8))
    }
    for row in found.itertuples():
        single = tried[row.convictions_2009, row.convictions_2011]
        assert (row.p_value, row.smallest_p) == (single.p_value, single.smallest_p)
        assert row.correlation == pytest.approx(single.correlation)


def test_power_starts_at_the_exact_size_and_rises_with_the_effect():
    tiers = ["2WL"] * 6 + ["2"] * 4
    found = tiertest.tier_test_power(tiers, effects=(0, 0.5, 1, 2, 8), draws=4000)
    null = np.sort([sum(order) for order in _subsets(10, 6)])
    attainable = np.array([(null <= value).mean() for value in null])
    size = attainable[attainable <= 0.05].max()
    assert found["power"].iloc[0] == pytest.approx(size, abs=4 * (size * (1 - size) / 4000) ** 0.5)
    assert found["power"].is_monotonic_increasing
    assert found["power"].iloc[-1] > 0.999


def test_the_error_of_a_power_is_that_of_a_share_of_the_draws():
    found = tiertest.tier_test_power(["2WL"] * 6 + ["2"] * 4, effects=(1.0,), draws=400).iloc[0]
    assert 0 < found["power"] < 1
    assert found["power_error"] == pytest.approx(math.sqrt(found["power"] * (1 - found["power"]) / 400))


def test_unless_told_effects_run_from_none_to_two_deviations():
    effects = tiertest.tier_test_power(["2", "2WL", "2", "2WL"], draws=10)["effect"]
    assert (effects.iloc[0], effects.iloc[-1]) == (0, 2) and (effects.diff().iloc[1:] > 0).all()


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"wanted": 1.0}, "wanted is 1; expected more than 0 and less than 1"),
        ({"wanted": 1.5}, "wanted is 1.5; expected more than 0 and less than 1"),
        ({"largest": 0.0}, "largest is 0; expected more than 0"),
        ({"largest": -0.5}, "largest is -0.5; expected more than 0"),
    ],
)
def test_a_power_or_an_effect_out_of_range_is_refused(asked, named):
    with pytest.raises(ValueError, match=named):
        tiertest.effect_for_power(["2"] * 4 + ["2WL"] * 6, draws=20, **asked)


def test_power_equals_a_simulation_with_another_test():
    tiers = ["2WL"] * 6 + ["2"] * 4
    power = tiertest.tier_test_power(tiers, effects=(1.0,), draws=5000).iloc[0]
    rng = np.random.default_rng(77)
    worse, better = rng.normal(-1, 1, (2000, 6)), rng.normal(0, 1, (2000, 4))
    peer = stats.mannwhitneyu(worse, better, alternative="less", method="exact", axis=1).pvalue
    assert power["power"] == pytest.approx((peer <= 0.05).mean(), abs=0.045)
    assert power["superiority"] == pytest.approx((better > worse[:, :4]).mean(), abs=0.03)


def test_the_effect_of_a_wanted_power_is_where_a_fine_grid_first_reaches_it():
    tiers = ["2"] * 4 + ["2WL"] * 6
    effect = tiertest.effect_for_power(tiers, 0.8, draws=2000)
    grid = np.round(np.arange(effect - 0.02, effect + 0.02, 0.001), 3)
    curve = tiertest.tier_test_power(tiers, effects=grid, draws=2000)
    first = curve.loc[curve["power"] >= 0.8, "effect"].iloc[0]
    assert effect == pytest.approx(first, abs=0.0012)
    assert tiertest.superiority(effect) == pytest.approx(NormalDist().cdf(effect / math.sqrt(2)))


def test_a_power_that_no_effect_reaches_is_refused():
    with pytest.raises(ValueError, match="found less than 80%"):
        tiertest.effect_for_power(["2", "2WL"], 0.8, draws=200)


def test_too_few_years_have_no_power_at_any_effect():
    assert (tiertest.tier_test_power(["2", "2WL", "2"], effects=(0, 1, 50), draws=100)["power"] == 0).all()


def test_match_takes_the_median_unless_told_and_counts_both_kinds_of_fitting_year():
    tiers, numbers = ["2WL", "2", "2WL", "2", "3"], [10, 20, 30, 40, 50]
    found = tiertest.tier_match(tiers, numbers)
    # Above 30 are 40 (Tier 2) and 50 (Tier 3); at or below it 10 and 30 fit, 20 does not.
    assert (found.threshold, found.fitting, found.share, found.above) == (30, 3, 0.6, 2)
    assert found.above_better == 0.5
    assert tiertest.tier_match(tiers, numbers, threshold=15).fitting == 3
    nobody_above = tiertest.tier_match(tiers, numbers, threshold=50)
    assert nobody_above.fitting == 3
    assert np.isnan(nobody_above.above_better)


def test_best_threshold_and_its_p_value_search_again_in_every_order():
    tiers, numbers = ["2WL", "2", "2WL", "2", "2WL", "2"], [10, 20, 30, 40, 35, 50]
    found = tiertest.tier_match_best(tiers, numbers)
    best = [
        max(tiertest.tier_match(list(order), numbers, threshold=line).fitting for line in numbers)
        for order in permutations(tiers)
    ]
    observed = max(tiertest.tier_match(tiers, numbers, threshold=line).fitting for line in numbers)
    assert (found.fitting, found.years) == (observed, 6)
    assert tiertest.tier_match(tiers, numbers, threshold=found.threshold).fitting == observed
    assert found.p_value == pytest.approx(np.mean([hit >= observed for hit in best]))


def test_the_tier_from_which_on_it_is_worse_must_be_named():
    tiers, numbers = ["3", "2WL", "3", "2"], [10, 30, 20, 40]
    found = tiertest.tier_match_best(tiers=tiers, counts=numbers, worse_from="3")
    assert (found.threshold, found.fitting) == (20, 4)
    with pytest.raises(TypeError, match="positional"):
        tiertest.tier_match_best(tiers, numbers, "3")


def _subsets(size, chosen):
    from itertools import combinations

    return combinations(range(1, size + 1), chosen)


def test_pairs_in_order_count_every_pair_of_unlike_tiers_and_halve_ties():
    tiers, numbers = ["2", "2WL", "2", "3"], [10, 5, 3, 5]
    # 2 over Watch List: 10 > 5, 3 < 5; 2 over 3: 10 > 5, 3 < 5; Watch List over 3: a tie.
    assert tiertest.pairs_in_order(tiers, numbers) == pytest.approx(2.5 / 5)
    assert tiertest.pairs_in_order(["1", "2", "3"], [9, 8, 7]) == 1
    with pytest.raises(ValueError, match="two tiers or more"):
        tiertest.pairs_in_order(["2", "2"], [1, 2])


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: tiertest.tier_test(["2", "SC"], [1, 2]), "SC"),
        (lambda: tiertest.tier_test(["2", "3"], [1, 2, 3]), "3 counts"),
        (lambda: tiertest.tier_test(["2", "3"], [1, np.nan]), "missing"),
        (lambda: tiertest.tier_test(["2", "3"] * 20, range(40)), "arrangements"),
        (lambda: tiertest.tier_match(["2", "3"], [1, np.nan]), "missing"),
        (lambda: tiertest.tier_match([], []), "found none"),
    ],
)
def test_bad_input_is_named_in_one_line(call, named):
    with pytest.raises(ValueError, match=named) as caught:
        call()
    assert "\n" not in str(caught.value)
