"""Intervals, bounds and rounding checks of `compendium.proportions`."""

import ast
import math
import subprocess
import sys
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from compendium.methods.shares import proportions
from compendium.methods.shares.proportions import (
    JEFFREYS,
    UNIFORM,
    Beta,
    Interval,
    beta_posterior,
    bounded_variation,
    breakdown_delta,
    clopper_pearson,
    grim_mean,
    grim_percent,
    hull,
    hypergeometric,
    hypergeometric_upper_tail,
    manski_bounds,
    overall_mean_check,
    samples_matching_percent,
    splits_matching_mean,
    wilson,
)

repeatable = settings(derandomize=True, deadline=None)

COUNTS = [(0, 1), (1, 1), (0, 30), (30, 30), (1, 40), (61, 91), (73, 91), (900, 1000)]
LEVELS = [0.5, 0.8, 0.95, 0.999]

finite_populations = st.integers(1, 60).flatmap(
    lambda population: st.integers(1, population).flatmap(
        lambda sample: st.tuples(st.integers(0, sample), st.just(sample), st.just(population))
    )
)


def rounded(value: Fraction, decimals: int, mode: str) -> str:
    digits = Decimal(value.numerator) / Decimal(value.denominator)
    return str(digits.quantize(Decimal(1).scaleb(-decimals), rounding=mode))


# ------------------------------------------------------------------------------------- other libraries


@pytest.mark.parametrize(("count", "sample"), COUNTS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("ours", "theirs"), [(wilson, "wilson"), (clopper_pearson, "beta")])
def test_binomial_intervals_agree_with_statsmodels(count, sample, level, ours, theirs):
    expected = proportion_confint(count, sample, alpha=1 - level, method=theirs)
    interval = ours(count, sample, level)
    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-9)
    assert interval.estimate == count / sample
    assert interval.level == level


@pytest.mark.parametrize("a", [0.01, 0.5, 1, 4.2, 74, 5000])
@pytest.mark.parametrize("b", [0.01, 0.5, 1, 19, 900])
def test_beta_distribution_agrees_with_scipy(a, b):
    ours, theirs = Beta(a, b), stats.beta(a, b)
    for x in (1e-9, 0.003, 0.2, 0.5, 0.77, 0.999):
        assert ours.cdf(x) == pytest.approx(theirs.cdf(x), rel=1e-8, abs=1e-12)
    for probability in (0.001, 0.025, 0.5, 0.975):
        assert ours.quantile(probability) == pytest.approx(theirs.ppf(probability), rel=1e-8, abs=1e-12)
    assert ours.mean == pytest.approx(theirs.mean())


def test_beta_interval_and_posterior_agree_with_scipy():
    posterior = beta_posterior(61, 91, prior=Beta(2, 5))
    interval = posterior.interval(0.9)
    assert (interval.low, interval.high) == pytest.approx(stats.beta(63, 35).interval(0.9))
    assert interval.estimate == pytest.approx(63 / 98)
    assert beta_posterior(0, 4) == Beta(JEFFREYS.a, JEFFREYS.b + 4)


def test_beta_from_mean_keeps_mean_and_size():
    prior = Beta.from_mean(0.041, 50)
    assert (prior.mean, prior.a + prior.b) == pytest.approx((0.041, 50))


@pytest.mark.parametrize(("sample", "successes", "population"), [(91, 160, 199), (7, 3, 20), (20, 0, 20)])
def test_hypergeometric_tail_agrees_with_scipy(sample, successes, population):
    for count in range(sample + 1):
        expected = stats.hypergeom.sf(count - 1, population, successes, sample)
        tail = hypergeometric_upper_tail(count, sample, successes, population)
        assert float(tail) == pytest.approx(expected, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize(("sample", "population", "level"), [(7, 20, 0.95), (19, 20, 0.81), (30, 67, 0.9)])
def test_hypergeometric_interval_is_every_share_that_neither_tail_rejects(sample, population, level):
    tail = (1 - level) / 2
    for count in range(sample + 1):
        kept = [
            successes
            for successes in range(count, population - sample + count + 1)
            if stats.hypergeom.sf(count - 1, population, successes, sample) > tail
            and stats.hypergeom.cdf(count, population, successes, sample) > tail
        ]
        interval = hypergeometric(count, sample, population, level)
        assert (interval.low, interval.high) == (kept[0] / population, kept[-1] / population)
        assert len(kept) == kept[-1] - kept[0] + 1


# ------------------------------------------------------------------------------ closed forms and limits


@pytest.mark.parametrize("sample", [1, 12, 91])
def test_none_of_the_sample_has_closed_forms(sample):
    z = stats.norm.ppf(0.975)
    assert wilson(0, sample).high == pytest.approx(z * z / (sample + z * z))
    assert clopper_pearson(0, sample).high == pytest.approx(1 - 0.025 ** (1 / sample))
    for method in (wilson, clopper_pearson):
        assert method(0, sample).low == 0
        assert method(sample, sample).high == 1


@repeatable
@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_binomial_intervals_mirror_when_the_trait_is_swapped(counts):
    count, sample = counts
    for method in (wilson, clopper_pearson):
        one, other = method(count, sample), method(sample - count, sample)
        assert (one.low, one.high) == pytest.approx((1 - other.high, 1 - other.low))
        assert one.contains(one.estimate)


@repeatable
@given(finite_populations)
def test_hypergeometric_interval_lies_within_what_is_possible(case):
    interval, worst = hypergeometric(*case), manski_bounds(*case)
    assert worst.low <= interval.low <= interval.high <= worst.high


@pytest.mark.parametrize("count", [0, 3, 12])
def test_everybody_observed_leaves_no_uncertainty(count):
    for interval in (
        hypergeometric(count, 12, 12),
        manski_bounds(count, 12, 12),
        bounded_variation(count, 12, 12, 0.4),
        bounded_variation(count, 12, 12, 1, level=0.95),
    ):
        assert interval.low == interval.high == count / 12


def test_hypergeometric_approaches_clopper_pearson_in_a_large_population():
    finite, infinite = hypergeometric(14, 20, 200_000), clopper_pearson(14, 20)
    assert (finite.low, finite.high) == pytest.approx((infinite.low, infinite.high), abs=1e-4)


def test_ties_are_decided_by_the_decimal_level():
    # One of 40 is unobserved: were it the only one with the trait, "0 of 39" has probability exactly 1/40,
    # which the 95% interval rejects and any wider one keeps.
    assert hypergeometric(0, 39, 40, 0.95).high == 0
    assert hypergeometric(0, 39, 40, 0.9501).high == 1 / 40


# -------------------------------------------------------------------------------------------- coverage


def exact_coverage(intervals, probabilities, truth):
    return sum(p for interval, p in zip(intervals, probabilities, strict=True) if interval.contains(truth))


@pytest.mark.parametrize("sample", [5, 30, 91])
def test_clopper_pearson_covers_every_share_at_least_at_its_level(sample):
    intervals = [clopper_pearson(count, sample, 0.9) for count in range(sample + 1)]
    for share in np.linspace(0.002, 0.998, 250):
        probabilities = stats.binom.pmf(np.arange(sample + 1), sample, share)
        assert exact_coverage(intervals, probabilities, share) >= 0.9 - 1e-9


@pytest.mark.parametrize(("sample", "population"), [(10, 25), (40, 60), (91, 199)])
def test_hypergeometric_covers_every_population_at_least_at_its_level(sample, population):
    intervals = [hypergeometric(count, sample, population) for count in range(sample + 1)]
    for successes in range(population + 1):
        probabilities = stats.hypergeom.pmf(np.arange(sample + 1), population, successes, sample)
        assert exact_coverage(intervals, probabilities, successes / population) >= 0.95 - 1e-9


@pytest.mark.parametrize(
    ("name", "method", "slack"),
    [
        # Uniform prior and uniform truth: calibrated by construction. Wilson is so only nearly (Brown et al.).
        ("uniform prior", lambda k, n: beta_posterior(k, n, UNIFORM).interval(), 0.0),
        ("Wilson", wilson, 0.005),
    ],
)
def test_coverage_averaged_over_all_shares_is_nominal(name, method, slack):
    rng = np.random.default_rng(912)
    repetitions, sample = 20_000, 91
    truths = rng.uniform(size=repetitions)
    counts = rng.binomial(sample, truths)
    intervals = [method(count, sample) for count in range(sample + 1)]
    covered = np.mean([intervals[k].contains(t) for k, t in zip(counts, truths, strict=True)])
    monte_carlo_error = math.sqrt(0.95 * 0.05 / repetitions)
    assert abs(covered - 0.95) < 3.5 * monte_carlo_error + slack, name


def test_bounded_variation_covers_a_departure_of_its_size_and_random_sampling_alone_does_not():
    rng = np.random.default_rng(43)
    sample, population, successes, delta, repetitions = 91, 199, 150, 0.2, 4_000
    unobserved = population - sample
    counts = rng.hypergeometric(successes, population - successes, sample, size=repetitions)
    for direction in (-1, 1):
        shifted = np.clip((successes - counts) / unobserved + direction * delta, 0, 1)
        truths = (counts + unobserved * shifted) / population
        covered = {0.0: 0, delta: 0}
        for assumed in covered:
            intervals = {k: bounded_variation(int(k), sample, population, assumed, 0.95) for k in np.unique(counts)}
            # The shifted share may equal a limit up to rounding.
            inside = [
                intervals[k].low - 1e-12 <= truth <= intervals[k].high + 1e-12
                for k, truth in zip(counts, truths, strict=True)
            ]
            covered[assumed] = np.mean(inside)
        monte_carlo_error = math.sqrt(0.95 * 0.05 / repetitions)
        assert covered[delta] >= 0.95 - 3 * monte_carlo_error
        assert covered[0.0] < 0.5


# ----------------------------------------------------------------------------- without random sampling


def test_manski_bounds_are_the_two_extreme_completions():
    bounds = manski_bounds(73, 91, 199)
    assert (bounds.low, bounds.high) == (73 / 199, (73 + 108) / 199)
    assert (bounds.estimate, bounds.level) == (73 / 91, 1.0)


@repeatable
@given(finite_populations, st.sampled_from([None, 0.5, 0.95]))
def test_bounded_variation_runs_from_random_to_worst_case(case, level):
    point, worst = bounded_variation(*case, 0, level), bounded_variation(*case, 1, level)
    start = (case[0] / case[1],) * 2
    if level is not None:
        random = hypergeometric(*case, level)
        start = (random.low, random.high)
    assert (point.low, point.high) == pytest.approx(start)
    bounds = manski_bounds(*case)
    assert (worst.low, worst.high) == pytest.approx((bounds.low, bounds.high))


@repeatable
@given(finite_populations, st.floats(0, 1), st.floats(0, 1))
def test_bounded_variation_widens_with_delta_and_with_sampling_error(case, one, other):
    narrow, wide = (bounded_variation(*case, delta) for delta in sorted((one, other)))
    assert wide.low <= narrow.low <= narrow.high <= wide.high
    sampled = bounded_variation(*case, one, level=0.95)
    plain = bounded_variation(*case, one)
    # Near a full census the exact interval may exclude k / n, which no whole number of people can give.
    grain = 1 / case[2]
    assert sampled.low <= plain.low + grain
    assert sampled.high >= plain.high - grain


def test_bounded_variation_by_hand():
    # 100 unobserved beside 60 of 100: they hold 40% to 80%, the whole 50% to 70%.
    interval = bounded_variation(60, 100, 200, 0.2)
    assert (interval.low, interval.high) == pytest.approx((0.5, 0.7))


@repeatable
@given(finite_populations, st.floats(0, 1), st.sampled_from([None, 0.95]))
def test_breakdown_delta_is_the_first_at_which_the_bounds_reach_the_threshold(case, threshold, level):
    def reached(delta):
        interval = bounded_variation(*case, delta, level)
        return interval.low - 1e-9 <= threshold <= interval.high + 1e-9

    delta = breakdown_delta(*case, threshold, level)
    if delta is None:
        bounds = manski_bounds(*case)
        assert not bounds.low + 1e-9 < threshold < bounds.high - 1e-9
    else:
        assert reached(delta)
        assert delta < 1e-6 or not reached(delta - 1e-6)


def test_breakdown_delta_by_hand():
    # Half of 200 needs 40 among the 100 unobserved: 0.4 against 0.6 observed.
    assert breakdown_delta(60, 100, 200, 0.5) == pytest.approx(0.2)
    assert breakdown_delta(60, 100, 200, 0.29) is None
    assert breakdown_delta(60, 100, 200, 0.3) == pytest.approx(0.6)
    assert breakdown_delta(3, 4, 4, 0.75) == 0
    assert breakdown_delta(3, 4, 4, 0.7) is None


# ----------------------------------------------------------------------------------- printed numbers


def test_grim_rejects_the_published_example():
    # Brown & Heathers (2017): 28 whole numbers cannot average 5.19; 145/28 and 146/28 are 5.18 and 5.21.
    assert not grim_mean("5.19", 28).consistent
    assert grim_mean("5.18", 28).candidates == (145,)
    assert grim_mean("5.21", 28).candidates == (146,)


@repeatable
@given(
    st.integers(1, 150),
    st.integers(-200, 900),
    st.integers(0, 3),
    st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN]),
)
def test_grim_accepts_every_true_mean_and_percentage(sample, total, decimals, mode):
    printed = rounded(Fraction(total, sample), decimals, mode)
    assert total in grim_mean(printed, sample).candidates
    count = total % (sample + 1)
    printed = rounded(Fraction(100 * count, sample), decimals, mode)
    assert count in grim_percent(printed, sample).candidates
    if count and float(printed) > 0:
        assert sample in samples_matching_percent(printed, count)


@pytest.mark.parametrize(("sample", "decimals"), [(7, 1), (9, 1), (10, 1), (28, 2), (91, 1), (64, 2)])
def test_grim_power_is_the_share_of_printable_means_it_rejects(sample, decimals):
    steps = 10**decimals
    printable = [str(Decimal(3 * steps + step).scaleb(-decimals)) for step in range(steps)]
    rejected = sum(not grim_mean(printed, sample).consistent for printed in printable)
    assert grim_mean("0", 1).power == 0
    assert grim_mean(printable[0], sample).power == pytest.approx(rejected / steps)


@pytest.mark.parametrize(("sample", "decimals"), [(3, 0), (91, 0), (91, 1), (100, 0), (199, 0)])
def test_percentage_power_is_the_share_of_printable_percentages_it_rejects(sample, decimals):
    printable = [str(Decimal(step).scaleb(-decimals)) for step in range(100 * 10**decimals + 1)]
    rejected = sum(not grim_percent(printed, sample).consistent for printed in printable)
    assert grim_percent(printable[-1], sample).power == pytest.approx(rejected / len(printable))


def test_items_multiply_the_grain_of_a_mean():
    # 5.19 is 436/84 rounded: impossible for 28 whole numbers, possible for 28 means of three.
    assert grim_mean("5.19", 28, items=3).candidates == (436,)


def test_percentages_of_the_prison_study_fix_their_counts():
    assert grim_percent("80", 91).candidates == (73,)
    assert grim_percent("81.3", 91).candidates == (74,)
    assert samples_matching_percent("45.7", 91) == (199,)
    assert not grim_percent("81.4", 91).consistent
    assert not grim_percent("181.3", 91).consistent


def test_the_printed_mean_age_exceeds_both_groups():
    means = ("37.7", "32.3")
    anyhow = overall_mean_check("38.5", means)
    assert (anyhow.implied_low, anyhow.implied_high) == pytest.approx((32.25, 37.75))
    assert not anyhow.consistent
    sized = overall_mean_check("38.5", means, (73, 18))
    middle = (73 * 37.7 + 18 * 32.3) / 91
    assert (sized.implied_low, sized.implied_high) == pytest.approx((middle - 0.05, middle + 0.05))
    assert not sized.consistent
    assert splits_matching_mean("38.5", *means, 91) == ()
    assert splits_matching_mean("36.5", *means, 91) == ((70, 21), (71, 20), (72, 19))


@repeatable
@given(
    st.lists(st.integers(15, 70), min_size=1, max_size=30),
    st.lists(st.integers(15, 70), min_size=1, max_size=30),
    st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN]),
)
def test_means_of_real_groups_are_never_called_inconsistent(first, second, mode):
    printed = [rounded(Fraction(sum(ages), len(ages)), 1, mode) for ages in (first + second, first, second)]
    sizes = (len(first), len(second))
    assert overall_mean_check(printed[0], printed[1:], sizes).consistent
    assert overall_mean_check(printed[0], printed[1:]).consistent
    assert sizes in splits_matching_mean(*printed, sum(sizes))


# ------------------------------------------------------------------------------------ shape and errors


def test_hull_spans_all_and_keeps_the_first_estimate():
    spanned = hull(Interval(0.2, 0.4, 0.3, "a", 0.95), Interval(0.1, 0.35, 0.2, "b", 0.9))
    assert spanned == Interval(0.1, 0.4, 0.3, "a or b", 0.9)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: wilson(95, 91), ["wilson", "count is 95", "0 to 91"]),
        (lambda: wilson(-1, 91), ["count is -1"]),
        (lambda: wilson(73.0, 91), ["count is 73.0", "whole number"]),
        (lambda: clopper_pearson(0, 0), ["clopper_pearson", "sample is 0", "1 or more"]),
        (lambda: wilson(3, 9, level=95), ["level is 95", "0.95"]),
        (lambda: hypergeometric(73, 91, 90), ["population is 90", "91 or more"]),
        (lambda: hypergeometric_upper_tail(1, 2, 6, 5), ["successes is 6", "0 to 5"]),
        (lambda: manski_bounds(73, 91, 12), ["manski_bounds", "population is 12"]),
        (lambda: bounded_variation(73, 91, 199, 20), ["delta is 20", "0 to 1", "percentage"]),
        (lambda: breakdown_delta(73, 91, 199, 50), ["threshold is 50"]),
        (lambda: beta_posterior(4, 3), ["beta_posterior", "count is 4"]),
        (lambda: Beta(0, 3), ["a is 0", "above 0"]),
        (lambda: UNIFORM.quantile(1.2), ["probability is 1.2"]),
        (lambda: grim_mean(38.5, 91), ["38.5", "text"]),
        (lambda: grim_percent("80%", 91), ["'80%'", "digits"]),
        (lambda: samples_matching_percent("0.0", 3), ["0.0", "above zero"]),
        (lambda: overall_mean_check("3", ["1", "2"], [4]), ["2 group means", "1 counts"]),
        (lambda: overall_mean_check("3", ["1", "2"], [4, 0]), ["count is 0"]),
        (lambda: Interval(0.6, 0.5, 0.5, "made up", 0.95), ["made up", "low 0.6", "high 0.5"]),
        (lambda: Interval(0.5, 0.6, math.nan, "made up", 0.95), ["estimate nan"]),
        (lambda: Interval(0.5, 0.6, 0.5, "made up", 0.0), ["level 0.0"]),
        (lambda: Interval(0.5, 0.6, 0.5, "made up", 1.1), ["level 1.1"]),
        (lambda: wilson(3, 9, level=0), ["level is 0"]),
        (lambda: wilson(3, 9, level=1), ["level is 1"]),
        (lambda: Beta(3, 0), ["b is 0", "above 0"]),
        (lambda: Beta(math.inf, 3), ["a is inf", "finite"]),
        (lambda: Beta(3, math.inf), ["b is inf", "finite"]),
        (lambda: UNIFORM.quantile(-0.1), ["probability is -0.1"]),
        (lambda: hypergeometric_upper_tail(1, 2, -1, 5), ["successes is -1"]),
        (lambda: grim_mean("3.5", 0), ["sample is 0", "1 or more"]),
        (lambda: grim_mean("3.5", 2, items=0), ["items is 0", "1 or more"]),
        (lambda: grim_percent("50", 0), ["sample is 0", "1 or more"]),
        (lambda: samples_matching_percent("5", 0), ["count is 0", "1 or more"]),
        (lambda: samples_matching_percent("0.5", 3) and samples_matching_percent("0", 3), ["above zero"]),
        (lambda: overall_mean_check("3", []), ["0 group means", "no counts"]),
        (lambda: splits_matching_mean("3", "2", "4", 1), ["sample is 1", "2 or more"]),
    ],
)
def test_impossible_input_is_named_in_one_line(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_an_interval_has_a_width_and_holds_its_ends():
    interval = Interval(0.25, 0.75, 0.5, "made up", 1.0)
    assert interval.width == 0.5 and Interval(0.5, 0.5, 0.5, "made up", 0.95).width == 0
    assert [interval.contains(value) for value in (0.24, 0.25, 0.5, 0.75, 0.76)] == [False, True, True, True, False]


def test_what_is_not_said_is_a_level_of_95_in_100():
    for method in (wilson, clopper_pearson):
        assert method(73, 91) == method(73, 91, 0.95)
    assert hypergeometric(73, 91, 199) == hypergeometric(73, 91, 199, 0.95)
    assert UNIFORM.interval() == UNIFORM.interval(0.95)
    # The quantiles of the uniform share are themselves.
    assert (UNIFORM.interval().low, UNIFORM.interval().high) == pytest.approx((0.025, 0.975))
    assert bounded_variation(60, 100, 200, 0.2, 0.9).level == 0.9
    assert bounded_variation(60, 100, 200, 0.2).level == 1.0


def test_beyond_all_shares_the_distribution_is_empty_or_whole():
    for beta in (UNIFORM, Beta(0.3, 4)):
        assert [beta.cdf(x) for x in (-1, 0, 1, 2)] == [0, 0, 1, 1]
        assert (beta.quantile(0), beta.quantile(1)) == (0, 1)


def test_the_uniform_share_and_powers_of_it_have_closed_forms():
    for x in (1e-12, 0.25, 0.5, 0.75, 1 - 1e-12):
        assert Beta(1, 1).cdf(x) == pytest.approx(x, rel=1e-13)
        for power in (0.5, 2, 7):
            assert Beta(power, 1).cdf(x) == pytest.approx(x**power, rel=1e-13)
            assert Beta(1, power).cdf(x) == pytest.approx(-math.expm1(power * math.log1p(-x)), rel=1e-12)


def test_groups_that_just_touch_the_printed_mean_agree_with_it():
    # Printed 2 stands for 1.5 to 2.5 and printed 3 for 2.5 to 3.5: they share one value.
    for overall, group, fits in (("2", "3", True), ("3", "2", True), ("2", "3.1", False), ("3", "1.9", False)):
        assert overall_mean_check(overall, [group]).consistent is fits
        assert overall_mean_check(overall, [group], [4]).consistent is fits
    assert splits_matching_mean("2", "3", "3", 4) == ((1, 3), (2, 2), (3, 1))
    assert splits_matching_mean("3", "2", "2", 4) == ((1, 3), (2, 2), (3, 1))
    assert splits_matching_mean("2", "3.1", "3", 3) == splits_matching_mean("3", "1.9", "2", 3) == ()
    assert splits_matching_mean("2", "2", "2", 2) == ((1, 1),)


def test_every_denominator_of_a_percentage_is_found_by_trying_them_all():
    for printed, count in (("50", 1), ("100", 3), ("33.3", 5), ("0.6", 1), ("99.9", 700)):
        low, high = Fraction(printed), Fraction(printed)
        half = Fraction(1, 2 * 10 ** len(printed.partition(".")[2]))
        tried = tuple(n for n in range(count, 1000) if low - half <= Fraction(100 * count, n) <= high + half)
        assert samples_matching_percent(printed, count) == tried


def test_a_fine_grain_rejects_nothing_and_a_coarse_one_all_but_its_multiples():
    # Ten whole numbers reach every mean of one decimal; of eleven printable tenths from 0 to 1, nine to a person.
    assert grim_mean("0.5", 10).power == grim_mean("0.5", 11).power == 0
    assert grim_mean("0.5", 1).power == pytest.approx(0.9)
    assert grim_mean("0.5", 2).power == pytest.approx(0.8)
    assert grim_percent("50", 100).power == 0 and grim_percent("50", 1).power == pytest.approx(99 / 101)
    assert grim_mean("0.5", 5, items=2).power == 0


def test_no_count_lies_below_none_or_above_all():
    # One of 200 is half a per cent: it, and minus one of 200, would round to 0, as 199 and 201 round to 100.
    assert grim_percent("0", 200).candidates == (0, 1)
    assert grim_percent("100", 200).candidates == (199, 200)


def test_breakdown_delta_at_the_very_ends():
    # 40 of 100 seen of 200: the whole holds 20% to 70%, and the ends need all or none of the unseen.
    assert breakdown_delta(40, 100, 200, 0.2) == pytest.approx(0.4)
    assert breakdown_delta(40, 100, 200, 0.7) == pytest.approx(0.6)
    assert breakdown_delta(40, 100, 200, 0.199) is None and breakdown_delta(40, 100, 200, 0.701) is None
    assert breakdown_delta(40, 100, 200, 0.4) == 0


def test_numpy_counts_are_whole_numbers_too():
    assert wilson(np.int64(73), np.int64(91)) == wilson(73, 91)


@pytest.mark.parametrize("module", ["proportions", "selfreport", "reconcile"])
def test_browser_modules_import_only_the_standard_library(module):
    source = (Path(proportions.__file__).parent / f"{module}.py").read_text()
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module)
    outside = {name for name in imported if name.split(".")[0] not in sys.stdlib_module_names}
    assert outside <= {"compendium.methods.shares.proportions"}


def test_browser_modules_run_without_any_installed_package():
    package_parent = str(Path(proportions.__file__).parents[3])
    program = (
        f"import sys; sys.path.insert(0, {package_parent!r})\n"
        "from compendium.methods.shares.selfreport import implied_true_rate\n"
        "from compendium.methods.shares.proportions import wilson\n"
        "print(wilson(73, 91).low, implied_true_rate(0.5, 0.2, 0.2).value)"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    low, rate = map(float, run.stdout.split())
    assert low == wilson(73, 91).low
    assert rate == pytest.approx(0.5)


def test_an_interval_says_its_ends_and_its_method():
    assert str(proportions.Interval(0.125, 0.5, 0.25, "by hand", 0.95)) == "12.5% to 50.0%, by hand"
