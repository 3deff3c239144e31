"""The reporting equation of `compendium.selfreport`, its inversions, bounds and posterior."""

import math
from functools import cache
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from scipy.special import roots_sh_jacobi

from compendium.methods.shares import selfreport
from compendium.methods.shares.proportions import Beta
from compendium.methods.shares.selfreport import (
    contour,
    false_claims_needed,
    implied_true_rate,
    observed_share,
    posterior,
    prior_like,
    silence_needed,
    true_rate_bounds,
)

repeatable = settings(derandomize=True, deadline=None)
# In thousandths: closer to a limit than that, feasible or not is a matter of rounding.
rates = st.integers(0, 1_000).map(lambda thousandths: thousandths / 1_000)


# ------------------------------------------------------------------------------ the equation and back


def test_observed_share_is_what_individual_prisoners_would_report():
    rng = np.random.default_rng(7)
    prisoners, true_rate, false_claims, silence = 400_000, 0.3, 0.25, 0.4
    wrongly = rng.uniform(size=prisoners) < true_rate
    speaks = rng.uniform(size=prisoners) < np.where(wrongly, 1 - silence, false_claims)
    expected = observed_share(true_rate, false_claims, silence)
    assert abs(speaks.mean() - expected) < 4 * math.sqrt(expected * (1 - expected) / prisoners)


@repeatable
@given(rates, rates, rates)
def test_true_rate_and_false_claims_are_recovered(true_rate, false_claims, silence):
    observed = min(1.0, observed_share(true_rate, false_claims, silence))
    if abs(1 - silence - false_claims) > 1e-3:
        assert implied_true_rate(observed, false_claims, silence).value == pytest.approx(true_rate, abs=1e-9)
    if true_rate < 0.999:
        needed = false_claims_needed(observed, true_rate, silence)
        assert needed.value == pytest.approx(false_claims, abs=1e-9)


def test_two_thirds_from_a_small_base_rate_needs_many_false_claims():
    needed = false_claims_needed(2 / 3, true_rate=0.04, silence=0.25)
    assert needed.value == pytest.approx((2 / 3 - 0.03) / 0.96)


def test_a_share_below_the_false_claims_has_no_true_rate():
    solution = implied_true_rate(0.2, false_claims=0.5, silence=0.1)
    assert not solution.feasible
    assert solution.unbounded == pytest.approx(-0.75)
    assert "-0.750" in solution.reason


def test_a_share_above_what_the_speaking_can_give_has_no_true_rate():
    solution = implied_true_rate(0.9, false_claims=0.1, silence=0.4)
    assert not solution.feasible
    assert solution.unbounded == pytest.approx(1.6)


def test_an_uninformative_report_identifies_nothing():
    every = implied_true_rate(0.3, false_claims=0.3, silence=0.7)
    none = implied_true_rate(0.4, false_claims=0.3, silence=0.7)
    assert (every.value, every.unbounded, none.value) == (None, None, None)
    assert every.reason.startswith("every")
    assert none.reason.startswith("no ")


def test_false_claims_are_not_identified_when_all_are_wrongly_convicted():
    assert false_claims_needed(0.6, true_rate=1, silence=0.4).reason.startswith("every")
    assert false_claims_needed(0.7, true_rate=1, silence=0.4).reason.startswith("no ")
    assert not false_claims_needed(0.2, true_rate=0.9, silence=0.1).feasible


# --------------------------------------------------------------------------------- sets of solutions


@repeatable
@given(rates, rates)
def test_contour_yields_the_observed_share_over_all_of_its_range(observed, silence):
    pairs = contour(observed, silence, points=23)
    assert pairs[0] == (0, pytest.approx(observed))
    for true_rate, false_claims in pairs:
        assert 0 <= true_rate <= 1
        assert observed_share(true_rate, false_claims, silence) == pytest.approx(observed, abs=1e-9)
    last = pairs[-1][0]
    assume(last < 0.998)
    assert not false_claims_needed(observed, last + 1e-3, silence).feasible


def test_a_contour_is_evenly_spaced_up_to_the_last_true_rate_that_is_possible():
    pairs = contour(0.3, 0.25)
    assert len(pairs) == 101 and pairs[-1] == (pytest.approx(0.4), pytest.approx(0, abs=1e-12))
    assert np.diff([rate for rate, _ in pairs]) == pytest.approx(np.full(100, 0.004))
    assert np.array(contour(0.3, 0.25, points=2)) == pytest.approx(np.array([pairs[0], pairs[-1]]))
    # So many describe one that not all of the wrongly convicted can stay silent.
    assert contour(0.9, 0.5)[-1] == (pytest.approx(0.2), pytest.approx(1))
    assert contour(0.4, 0.6)[-1] == (1, pytest.approx(0.4))
    assert contour(0.25, 0)[-1][0] == pytest.approx(0.25) and contour(0.25, 1)[-1][0] == pytest.approx(0.75)


ranges = st.tuples(rates, rates).map(lambda pair: tuple(sorted(pair)))


@repeatable
@given(ranges, ranges, ranges)
def test_bounds_hold_exactly_the_compatible_true_rates(observed, false_claims, silence):
    bounds = true_rate_bounds(observed, false_claims, silence)
    for true_rate in np.linspace(0, 1, 41):
        # Monotone in each error rate, so its extremes are at the corners of the ranges.
        shares = [observed_share(true_rate, f, s) for f in false_claims for s in silence]
        clearly = min(shares) < observed[1] - 1e-6 and max(shares) > observed[0] + 1e-6
        clearly_not = min(shares) > observed[1] + 1e-6 or max(shares) < observed[0] - 1e-6
        if clearly:
            assert bounds is not None
            assert bounds[0] <= true_rate <= bounds[1]
        if clearly_not:
            assert bounds is None or not bounds[0] <= true_rate <= bounds[1]


def test_bounds_of_known_rates_are_the_implied_rate():
    bounds = true_rate_bounds((0.6, 0.6), (0.2, 0.2), (0.1, 0.1))
    assert bounds == pytest.approx((4 / 7, 4 / 7))
    assert true_rate_bounds((0.9, 0.95), (0, 0.1), (0.5, 0.6)) is None
    assert true_rate_bounds((0.5, 0.6), (0, 1), (0, 1)) == (0, 1)


# ------------------------------------------------------------------------------------------ posterior


def test_an_infallible_report_gives_the_conjugate_posterior():
    found = posterior(61, 91, Beta(2, 3), false_claims=0, silence=0)
    exact = stats.beta(63, 33)
    assert found.mean == pytest.approx(exact.mean(), abs=2e-4)
    assert found.evidence == pytest.approx(stats.betabinom.pmf(61, 91, 2, 3), rel=1e-3)
    for probability in (0.025, 0.5, 0.975):
        assert found.quantile(probability) == pytest.approx(exact.ppf(probability), abs=1e-3)
        assert found.cdf(exact.ppf(probability)) == pytest.approx(probability, abs=5e-3)


@pytest.mark.parametrize(
    ("count", "sample", "priors"),
    [
        (61, 91, (Beta(1, 1), Beta(2, 8), Beta(1, 9))),
        (61, 91, (Beta(1, 19), Beta(3, 3), Beta(2, 2))),
        (3, 20, (Beta(0.5, 0.5), Beta(1, 1), Beta(1, 1))),
        (200, 300, (Beta(2, 5), Beta(4, 4), Beta(2, 18))),
    ],
)
def test_posterior_agrees_with_gauss_jacobi_quadrature(count, sample, priors):
    # The likelihood is a polynomial of degree n in each rate: (n + 3) / 2 nodes integrate its moments exactly.
    nodes = [roots_sh_jacobi((sample + 4) // 2, prior.a + prior.b - 1, prior.a) for prior in priors]
    (t, tw), (f, fw), (s, sw) = ((x, w / w.sum()) for x, w in nodes)
    chance = t[:, None, None] * (1 - s) + (1 - t[:, None, None]) * f[:, None]
    joint = stats.binom.pmf(count, sample, chance) * tw[:, None, None] * fw[:, None] * sw
    evidence = joint.sum()
    found = posterior(count, sample, *priors)
    assert found.evidence == pytest.approx(evidence, rel=3e-3)
    assert found.mean == pytest.approx((joint.sum(axis=(1, 2)) @ t) / evidence, abs=1e-3)
    assert found.false_claims == pytest.approx((joint.sum(axis=(0, 2)) @ f) / evidence, abs=1e-3)
    assert found.silence == pytest.approx((joint.sum(axis=(0, 1)) @ s) / evidence, abs=1e-3)
    assert math.fsum(found.masses) == pytest.approx(1)


def test_posterior_quantiles_agree_with_adaptive_integration():
    false_claims, silence = 0.2, 0.1

    def density(true_rate):
        chance = observed_share(true_rate, false_claims, silence)
        return stats.beta.pdf(true_rate, 2, 6) * stats.binom.pmf(61, 91, chance)

    found = posterior(61, 91, Beta(2, 6), false_claims, silence)
    total = integrate.quad(density, 0, 1)[0]
    for probability in (0.025, 0.5, 0.975):
        below = integrate.quad(density, 0, found.quantile(probability))[0] / total
        assert below == pytest.approx(probability, abs=3e-3)


def test_density_integrates_to_one_and_peaks_where_scipy_says():
    pairs = posterior(61, 91, Beta(1, 1), 0, 0).density()
    rates_, heights = map(np.array, zip(*pairs, strict=True))
    assert np.trapezoid(heights, rates_) == pytest.approx(1, abs=1e-3)
    assert rates_[heights.argmax()] == pytest.approx(61 / 91, abs=0.006)


CALIBRATION_SAMPLE = 12
CALIBRATION_PRIORS = (Beta(2, 3), Beta(2, 6), Beta(1, 4))


@cache
def calibration_posterior(count):
    return posterior(count, CALIBRATION_SAMPLE, *CALIBRATION_PRIORS)


def test_posteriors_average_to_the_prior():
    # Self-consistency over every possible count: the exact form of simulation-based calibration.
    every = [calibration_posterior(count) for count in range(CALIBRATION_SAMPLE + 1)]
    assert math.fsum(found.evidence for found in every) == pytest.approx(1, abs=1e-9)
    for true_rate in (0.05, 0.2, 0.4, 0.7, 0.95):
        averaged = math.fsum(found.evidence * found.cdf(true_rate) for found in every)
        assert averaged == pytest.approx(CALIBRATION_PRIORS[0].cdf(true_rate), abs=1e-3)


def test_posterior_ranks_of_simulated_truths_are_uniform():
    # Simulation-based calibration (Talts et al. 2018), simulated from the model, person by person.
    rng = np.random.default_rng(2018)
    repetitions = 3_000
    t, f, s = (rng.beta(prior.a, prior.b, size=repetitions) for prior in CALIBRATION_PRIORS)
    wrongly = rng.uniform(size=(CALIBRATION_SAMPLE, repetitions)) < t
    speaks = rng.uniform(size=wrongly.shape) < np.where(wrongly, 1 - s, f)
    ranks = [
        calibration_posterior(int(count)).cdf(truth) for count, truth in zip(speaks.sum(axis=0), t, strict=True)
    ]
    # 0.1% critical value of the Kolmogorov-Smirnov statistic.
    assert stats.kstest(ranks, "uniform").statistic < 1.95 / math.sqrt(repetitions)


def test_a_known_truth_is_covered_when_the_error_rates_are_known():
    rng = np.random.default_rng(33)
    truth, false_claims, silence, sample, repetitions = 0.6, 0.2, 0.1, 400, 2_000
    counts = rng.binomial(sample, observed_share(truth, false_claims, silence), size=repetitions)
    values, times = np.unique(counts, return_counts=True)
    covered = sum(
        times[row]
        for row, count in enumerate(values)
        if posterior(int(count), sample, Beta(1, 1), false_claims, silence, cells=40).interval().contains(truth)
    )
    # Half a percent for the discreteness of the count, beside the Monte Carlo error.
    assert abs(covered / repetitions - 0.95) < 3 * math.sqrt(0.95 * 0.05 / repetitions) + 0.005


@pytest.mark.parametrize(("count", "false_claims", "silence"), [(0, 0, 1), (9, 1, 0)])
def test_a_report_that_everybody_or_nobody_makes_leaves_the_prior(count, false_claims, silence):
    found = posterior(count, 9, Beta(2, 3), false_claims, silence)
    assert found.evidence == pytest.approx(1)
    assert found.mean == pytest.approx(0.4) and found.cdf(0.4) == pytest.approx(stats.beta.cdf(0.4, 2, 3), abs=2e-3)


def test_nothing_underflows_in_a_large_sample():
    found = posterior(300_000, 400_000, Beta(1, 1), 0, 0)
    assert found.mean == pytest.approx(0.75, abs=0.01)
    assert posterior(100_000, 400_000, Beta(1, 1), 0, 0).mean == pytest.approx(0.25, abs=0.01)


def test_the_cells_run_from_no_one_to_everyone_and_none_is_a_sliver():
    uniform = posterior(3, 9, Beta(1, 1), 0.1, 0.1)  # the edges of the rate and of the prior are the same
    assert uniform.edges == pytest.approx(np.linspace(0, 1, 101)) and len(uniform.masses) == 100
    assert (uniform.edges[0], uniform.edges[-1]) == (0, 1)
    skewed = posterior(3, 9, Beta(2, 30), 0.1, 0.1)
    assert np.diff(skewed.edges).min() > 1e-7 and len(skewed.edges) > 150


def test_a_prior_without_weight_in_a_cell_still_has_its_centre_there():
    edges, masses, centres = selfreport._grid(Beta(300, 500), 100)
    assert min(masses) < 1e-12 and math.fsum(masses) == pytest.approx(1)
    assert all(low <= centre <= high for low, high, centre in zip(edges, edges[1:], centres, strict=False))
    assert math.fsum(map(math.prod, zip(masses, centres, strict=True))) == pytest.approx(300 / 800)


def test_the_distribution_and_its_quantiles_are_inverse_and_end_at_the_ends():
    found = posterior(61, 91, Beta(2, 6), 0.2, 0.1)
    for rate in (0.3, 0.4567, 0.6111):  # at an edge and within cells
        assert found.quantile(found.cdf(rate)) == pytest.approx(rate)
    assert (found.cdf(-0.1), found.cdf(0), found.cdf(1), found.cdf(1.2)) == (0, 0, 1, 1)
    assert found.quantile(0) == 0 and found.cdf(found.quantile(1)) == pytest.approx(1)
    interval = found.interval()
    assert (interval.low, interval.high) == (found.quantile(0.025), pytest.approx(found.quantile(0.975)))
    assert interval.estimate == found.mean
    assert found.interval(0.5).low == found.quantile(0.25)


def test_the_quantiles_of_an_even_posterior_are_their_probabilities_up_to_the_last():
    masses = (0.1,) * 10
    assert [*accumulate(masses)][-1] < 1, "tenths added one by one fall short of one; the last cell holds the end"
    edges = tuple(step / 10 for step in range(11))
    even = selfreport.Posterior(edges, masses, 0.5, 0.0, 0.0, 1.0)
    for probability in (0, 0.05, 0.5, 0.87, 0.95, 1):
        assert even.quantile(probability) == pytest.approx(probability)


def test_more_prisoners_do_not_identify_what_the_report_cannot():
    def width(times, *errors):
        return posterior(61 * times, 91 * times, Beta(1, 1), *errors).interval().width

    assert width(100, Beta(2, 8), Beta(1, 9)) > 0.8 * width(1, Beta(2, 8), Beta(1, 9))
    assert width(100, 0.2, 0.1) < 0.15 * width(1, 0.2, 0.1)


# --------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: observed_share(0.5, 20, 0.1), ["false_claims is 20", "percentage"]),
        (lambda: implied_true_rate(66.7, 0.1, 0.1), ["observed is 66.7", "0 to 1"]),
        (lambda: true_rate_bounds((0.7, 0.6), (0, 1), (0, 1)), ["observed is (0.7, 0.6)", "lower"]),
        (lambda: contour(0.5, 0.1, points=1), ["points is 1"]),
        (lambda: contour(1.5, 0.1), ["observed is 1.5"]),
        (lambda: contour(0.5, -0.1), ["silence is -0.1"]),
        (lambda: false_claims_needed(0.5, 1.2, 0.1), ["true_rate is 1.2"]),
        (lambda: silence_needed(0.5, 0.1, 1.2), ["false_claims is 1.2"]),
        (lambda: true_rate_bounds((0.6, 0.7), (0, 1.1), (0, 1)), ["false_claims is 1.1"]),
        (lambda: posterior(92, 91, Beta(1, 1), 0.1, 0.1), ["count is 92", "0 to 91"]),
        (lambda: posterior(5, 9, Beta(1, 1), 0, 1), ["5 of 9", "no probability"]),
        (lambda: posterior(5, 9, Beta(1, 1), 1.5, 0.1), ["false_claims is 1.5"]),
        (lambda: prior_like(0.5, 0.6), ["spread is 0.6", "below 0.500"]),
    ],
)
def test_impossible_input_is_named_in_one_line(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_silence_needed_solves_the_reporting_equation() -> None:
    for true, false in ((0.2, 0.1), (0.7, 0.4), (1.0, 0.9)):
        for silence in (0.0, 0.3, 1.0):
            observed = observed_share(true, false, silence)
            assert silence_needed(observed, true, false).value == pytest.approx(silence)
    assert not silence_needed(0.9, 0.2, 0.1).feasible


def test_a_prior_has_the_mean_and_the_spread_that_it_is_made_of() -> None:
    prior = prior_like(0.07, 0.03)
    theirs = stats.beta(prior.a, prior.b)
    assert (theirs.mean(), theirs.std()) == pytest.approx((0.07, 0.03))


def test_a_solution_says_its_rate_or_why_there_is_none():
    assert str(selfreport.implied_true_rate(0.5, 0.25, 0.25)) == "50.0%"
    assert str(selfreport.implied_true_rate(0.9, 0.25, 0.25)) == "the true rate would have to be 1.300"
