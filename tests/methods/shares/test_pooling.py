"""Beta-binomial pooling of `compendium.pooling` against simulation, scipy and statsmodels."""

import itertools
import math
import warnings

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.optimize import approx_fprime
from statsmodels.base.model import GenericLikelihoodModel

from compendium.methods.shares import pooling
from compendium.methods.shares.pooling import (
    HyperPosterior,
    envelope,
    fit_beta_binomial,
    hyper_posterior,
    rank,
    shrink,
    tail_probability,
)


def simulated(groups, alpha, beta, seed, smallest=10, largest=120):
    rng = np.random.default_rng(seed)
    totals = rng.integers(smallest, largest, size=groups)
    shares = rng.beta(alpha, beta, size=groups)
    return rng.binomial(totals, shares), totals, shares


class BetaBinomial(GenericLikelihoodModel):
    """The same likelihood through statsmodels' numerical derivatives and scipy's probability function."""

    def loglikeobs(self, params):
        return stats.betabinom.logpmf(self.endog, self.exog[:, 0], *np.exp(params))


# -------------------------------------------------------------------------------------------- fitting


@pytest.mark.parametrize(("alpha", "beta", "seed"), [(3, 6, 1), (0.6, 0.9, 2), (40, 25, 3)])
def test_fit_agrees_with_statsmodels(alpha, beta, seed):
    counts, totals, _ = simulated(40, alpha, beta, seed)
    fit = fit_beta_binomial(counts, totals)
    model = BetaBinomial(counts, totals[:, None].astype(float))
    with warnings.catch_warnings():
        # It counts the totals as a regressor, and its numerical gradient stops short of its own tolerance.
        warnings.simplefilter("ignore")
        theirs = model.fit(np.zeros(2), method="bfgs", disp=False, gtol=1e-6)
    assert (fit.alpha, fit.beta) == pytest.approx(tuple(np.exp(theirs.params)), rel=1e-3)
    assert fit.log_likelihood == pytest.approx(theirs.llf, abs=1e-6)
    assert not fit.at_limit


def test_gradient_is_the_slope_of_the_likelihood():
    counts, totals, _ = simulated(15, 2, 5, seed=4)
    arguments = (counts.astype(float), totals.astype(float))
    for theta in ([-1.0, 2.0], [0.7, -1.0], [0.0, 5.0]):
        _, gradient = pooling._negative_log_likelihood(np.array(theta), *arguments)
        slope = approx_fprime(np.array(theta), lambda at: pooling._negative_log_likelihood(at, *arguments)[0], 1e-6)
        assert gradient == pytest.approx(slope, rel=1e-4, abs=1e-4)


def test_fit_recovers_known_parameters():
    # Averaged over repetitions, so that the Monte Carlo error comes from the repetitions themselves.
    fits = [fit_beta_binomial(*simulated(200, 3, 6, seed)[:2]) for seed in range(100, 140)]
    for value, truth in (("mean", 1 / 3), ("correlation", 0.1)):
        found = [getattr(fit, value) for fit in fits]
        assert abs(np.mean(found) - truth) < 3 * np.std(found) / math.sqrt(len(fits)) + 0.002


@pytest.mark.parametrize("counts", [[30, 60, 90], [0, 0, 0], [0, 100, 0]])
def test_shares_that_do_not_vary_or_are_all_extreme_are_flagged(counts):
    assert fit_beta_binomial(counts, [100, 200, 300] if counts[0] else [100, 100, 100]).at_limit


@pytest.mark.parametrize(
    ("counts", "totals"),
    [([1, 6, 3, 9, 2], [10, 12, 20, 15, 9]), ([0, 7, 2, 5], [6, 7, 7, 6]), ([40, 300, 90], [100, 400, 300])],
)
def test_hyper_posterior_agrees_with_adaptive_integration(counts, totals):
    # In the parameters in which the prior is uniform: the mean and (alpha + beta)^(-1/2).
    peak = fit_beta_binomial(counts, totals).log_likelihood

    def integral(value):
        def integrand(root, mean):
            a, b = mean / root**2, (1 - mean) / root**2
            return value(a, b) * np.exp(stats.betabinom.logpmf(counts, totals, a, b).sum() - peak)

        return integrate.dblquad(integrand, 1e-6, 1 - 1e-6, 1e-3, 30, epsabs=1e-6, epsrel=1e-4)[0]

    total = integral(lambda a, b: 1.0)
    found = hyper_posterior(counts, totals)
    mean, correlation = found.alpha / (found.alpha + found.beta), 1 / (found.alpha + found.beta + 1)
    assert found.weight.sum() == pytest.approx(1)
    assert found.weight @ mean == pytest.approx(integral(lambda a, b: a / (a + b)) / total, abs=2e-3)
    assert found.weight @ correlation == pytest.approx(integral(lambda a, b: 1 / (a + b + 1)) / total, abs=2e-3)


def test_a_finer_grid_changes_nothing():
    counts, totals, _ = simulated(40, 3, 6, seed=7, smallest=50, largest=1_200)
    tables = [shrink(counts, totals, hyper_posterior(counts, totals, points)) for points in (20, 35)]
    for column in ("share", "low", "high", "weight"):
        assert tables[0][column].to_numpy() == pytest.approx(tables[1][column].to_numpy(), abs=1e-5)


# ------------------------------------------------------------------------------------------ shrinkage


def test_shrunken_shares_are_conjugate_posteriors():
    counts, totals, _ = simulated(12, 2, 4, seed=9)
    fit = fit_beta_binomial(counts, totals)
    table = shrink(counts, totals, fit, labels=list("abcdefghijkl"), level=0.9)
    exact = stats.beta(fit.alpha + counts, fit.beta + totals - counts)
    low, high = exact.interval(0.9)
    assert table["share"].to_numpy() == pytest.approx(exact.mean())
    assert table["low"].to_numpy() == pytest.approx(low)
    assert table["high"].to_numpy() == pytest.approx(high)
    pulled = table["weight"] * table["raw"] + (1 - table["weight"]) * fit.mean
    assert table["share"].to_numpy() == pytest.approx(pulled.to_numpy())
    assert list(table["group"]) == list("abcdefghijkl")


def test_posteriors_over_a_grid_are_the_mixture_of_their_parts():
    grid = HyperPosterior(np.array([1.0, 8.0, 20.0]), np.array([2.0, 3.0, 40.0]), np.array([0.2, 0.5, 0.3]))
    counts, totals = np.array([0, 7, 30]), np.array([5, 9, 30])
    table = shrink(counts, totals, grid)
    for row, (count, total) in enumerate(zip(counts, totals, strict=True)):
        parts = [stats.beta(a + count, b + total - count) for a, b in zip(grid.alpha, grid.beta, strict=True)]
        assert table["share"][row] == pytest.approx(grid.weight @ [part.mean() for part in parts])
        assert grid.weight @ [part.cdf(table["low"][row]) for part in parts] == pytest.approx(0.025)
        assert grid.weight @ [part.cdf(table["high"][row]) for part in parts] == pytest.approx(0.975)


@pytest.mark.parametrize(("groups", "largest"), [(10, 40), (20, 300)])
def test_intervals_cover_known_shares_when_they_carry_the_hyper_posterior(groups, largest):
    repetitions = 40
    plain, full = [], []
    for repetition in range(repetitions):
        counts, totals, shares = simulated(groups, 4, 8, 1_000 + repetition, smallest=5, largest=largest)
        for covered, common in (
            (plain, fit_beta_binomial(counts, totals)),
            (full, hyper_posterior(counts, totals, points=12)),
        ):
            table = shrink(counts, totals, common)
            covered.append(np.mean((table["low"] <= shares) & (shares <= table["high"])))
    # Groups of one repetition share a fit: the Monte Carlo error comes from the repetitions.
    error = np.std(full) / math.sqrt(repetitions)
    assert abs(np.mean(full) - 0.95) < 3 * error + 0.005
    assert np.mean(plain) < np.mean(full)


# ---------------------------------------------------------------------------------------------- ranks


def test_ranks_agree_with_integration():
    counts, totals = np.array([9, 20, 5]), np.array([10, 90, 9])
    fit = fit_beta_binomial(counts, totals)
    draws = 40_000
    table = rank(counts, totals, fit, draws=draws, seed=10)
    parts = [stats.beta(fit.alpha + k, fit.beta + n - k) for k, n in zip(counts, totals, strict=True)]
    for group, part in enumerate(parts):
        others = [other for position, other in enumerate(parts) if position != group]

        def top(x, part=part, others=others):
            return part.pdf(x) * math.prod(other.cdf(x) for other in others)

        exact = integrate.quad(top, 0, 1)[0]
        assert abs(table["probability_top"][group] - exact) < 4 * math.sqrt(exact * (1 - exact) / draws)
        expected = 1 + sum(
            integrate.quad(lambda x, part=part, other=other: part.pdf(x) * other.sf(x), 0, 1)[0] for other in others
        )
        # A rank among three varies by less than one: its Monte Carlo error is below 1 / sqrt(draws).
        assert abs(table["expected_rank"][group] - expected) < 4 / math.sqrt(draws)
    assert table["probability_top"].sum() == pytest.approx(1)
    assert table["expected_rank"].sum() == pytest.approx(6)


def test_a_clear_order_is_ranked_without_doubt():
    counts, totals = np.array([50, 950, 500, 20]), np.array([1000, 1000, 1000, 1000])
    table = rank(counts, totals, fit_beta_binomial(counts, totals))
    assert list(table["rank_low"]) == list(table["rank_high"]) == [3, 1, 2, 4]
    assert list(table["probability_top"]) == [0, 1, 0, 0]


# --------------------------------------------------------------------------------------- new group


def test_tail_probability_is_the_share_of_simulated_groups():
    counts, totals, _ = simulated(40, 3, 6, seed=11)
    rng = np.random.default_rng(13)
    draws = 200_000
    fit, grid = fit_beta_binomial(counts, totals), hyper_posterior(counts, totals)
    used = rng.choice(len(grid.weight), size=draws, p=grid.weight)
    for common, alpha, beta in ((fit, fit.alpha, fit.beta), (grid, grid.alpha[used], grid.beta[used])):
        found = tail_probability(50, 91, common)
        simulation = np.mean(rng.binomial(91, rng.beta(alpha, beta, size=draws)) >= 50)
        assert abs(found.estimate - simulation) < 4 * math.sqrt(simulation * (1 - simulation) / draws)
    assert found.low < found.estimate < found.high


def test_tail_probability_of_a_uniform_share_has_a_closed_form():
    # Every count from 0 to 91 is equally likely.
    uniform = HyperPosterior(np.ones(1), np.ones(1), np.ones(1))
    found = tail_probability(73, 91, uniform)
    assert (found.low, found.estimate, found.high) == pytest.approx((19 / 92,) * 3)
    assert tail_probability(0, 91, uniform).estimate == pytest.approx(1)


def test_tail_probability_interval_covers_the_truth():
    truth = stats.betabinom.sf(59, 91, 4, 7)
    repetitions = 300
    covered = sum(
        tail_probability(60, 91, hyper_posterior(*simulated(40, 4, 7, seed)[:2]), level=0.9).contains(truth)
        for seed in range(5_000, 5_000 + repetitions)
    )
    assert abs(covered / repetitions - 0.9) < 3 * math.sqrt(0.9 * 0.1 / repetitions) + 0.01


# ----------------------------------------------------------------------------------- suppressed counts


def test_without_suppression_the_envelope_is_the_plain_result():
    counts, totals, _ = simulated(8, 3, 5, seed=14)
    table = envelope(counts, totals, counts, totals, draws=500)
    common = hyper_posterior(counts, totals, points=16)
    plain = shrink(counts, totals, common)
    ranks = rank(counts, totals, common, draws=500)
    for low, high, expected in (
        ("share_low", "share_high", plain["share"]),
        ("raw_low", "raw_high", plain["raw"]),
        ("top_low", "top_high", ranks["probability_top"]),
        ("rank_low", "rank_high", ranks["expected_rank"]),
    ):
        assert table[low].to_numpy() == pytest.approx(expected.to_numpy())
        assert table[high].to_numpy() == pytest.approx(expected.to_numpy())
    assert table["low"].to_numpy() == pytest.approx(plain["low"].to_numpy())
    assert table["high"].to_numpy() == pytest.approx(plain["high"].to_numpy())


def test_the_envelope_is_nearly_the_range_over_every_count_that_suppression_may_hide():
    low, high = np.array([0, 20, 0, 33]), np.array([4, 20, 4, 35])
    totals = np.array([9, 60, 12, 50])
    table = envelope(low, totals, high, totals, labels=list("abcd"), draws=4_000, seed=15)
    shares, tops = [], []
    for hidden in itertools.product(*(range(a, b + 1, 2) for a, b in zip(low, high, strict=True))):
        common = hyper_posterior(hidden, totals, points=16)
        shares.append(shrink(hidden, totals, common)["share"])
        tops.append(rank(hidden, totals, common, draws=4_000, seed=16)["probability_top"])
    monte_carlo_error = math.sqrt(2 * 0.25 / 4_000)
    for name, found, slack in (("share", shares, 1e-3), ("top", tops, 4 * monte_carlo_error)):
        assert table[f"{name}_low"].to_numpy() == pytest.approx(np.min(found, axis=0), abs=slack)
        assert table[f"{name}_high"].to_numpy() == pytest.approx(np.max(found, axis=0), abs=slack)


def test_the_best_case_of_a_rank_sets_the_others_low():
    low, high, totals = np.array([80, 80, 80]), np.array([120, 120, 120]), np.array([200, 200, 200])
    table = envelope(low, totals, high, totals, draws=4_000)
    # Where all move together each is first in a third of the draws; only mixed corners leave that.
    assert (table["top_low"] < 0.05).all()
    assert (table["top_high"] > 0.9).all()


@pytest.mark.parametrize("others", [(False, False, True, True), (True, True, False, False)])
@pytest.mark.parametrize("own", [False, True])
def test_the_envelope_holds_what_follows_where_the_others_lie_far_apart_or_close_together(others, own):
    low, high, totals = np.array([4, 4, 12, 12]), np.array([8, 8, 16, 16]), np.full(4, 20)
    table = envelope(low, totals, high, totals, draws=100)
    for group in range(4):
        at_high = np.array(others)
        at_high[group] = own
        counts = np.where(at_high, high, low)
        here = shrink(counts, totals, hyper_posterior(counts, totals, points=16)).loc[group]
        assert table["share_low"][group] - 1e-12 <= here["share"] <= table["share_high"][group] + 1e-12
        assert table["low"][group] - 1e-12 <= here["low"] < here["high"] <= table["high"][group] + 1e-12
        assert (table["raw_low"][group], table["raw_high"][group]) == (low[group] / 20, high[group] / 20)


def test_what_is_known_of_one_common_distribution():
    fit = pooling.BetaBinomialFit(alpha=2.0, beta=6.0, log_likelihood=0.0, groups=9, at_limit=False)
    assert (fit.mean, fit.concentration, fit.correlation) == (0.25, 8.0, pytest.approx(1 / 9))


def test_the_ends_of_a_rank_and_of_a_tail_are_those_of_the_level_asked_for():
    counts, totals = np.array([5, 6, 7, 30]), np.array([40, 40, 40, 40])
    common = hyper_posterior(counts, totals)
    wide, narrow = (rank(counts, totals, common, level=level, draws=4_000) for level in (0.99, 0.3))
    assert (wide["rank_low"] <= narrow["rank_low"]).all() and (narrow["rank_high"] <= wide["rank_high"]).all()
    assert list(wide["rank_high"]) == [4, 4, 4, 1] and wide["rank_low"][0] == 2
    sure, unsure = (tail_probability(20, 40, common, level=level) for level in (0.5, 0.95))
    assert unsure.low < sure.low < sure.high < unsure.high
    assert (sure.level, unsure.level) == (0.5, 0.95)


# --------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fit_beta_binomial([3, 12], [9, 10]), ["group 1", "12 of 10"]),
        (lambda: fit_beta_binomial([3, np.nan], [9, 10]), ["nan of 10", "suppressed"]),
        (lambda: fit_beta_binomial([3, 2.5], [9, 10]), ["2.5 of 10", "whole"]),
        (lambda: fit_beta_binomial([3, 0], [9, 0]), ["0 of 0", "total >= 1"]),
        (lambda: fit_beta_binomial([3], [9]), ["(1,)", "at least 2"]),
        (lambda: fit_beta_binomial([3, 4, 5], [9, 9]), ["(3,)", "(2,)"]),
        (lambda: fit_beta_binomial([3, 4], [9, 9, 9]), ["(2,)", "(3,)"]),
        (lambda: fit_beta_binomial([[3, 4], [5, 6]], [[9, 9], [9, 9]]), ["(2, 2)", "one dimension"]),
        (lambda: fit_beta_binomial([3, -1], [9, 9]), ["-1 of 9"]),
        (lambda: fit_beta_binomial([3, 1], [9, 8.5]), ["1 of 8.5", "whole"]),
        (lambda: fit_beta_binomial([1, 0, 4], [1, 1, 9]), ["fewer than two groups"]),
        (lambda: fit_beta_binomial([1, 0, 1], [1, 1, 1]), ["fewer than two groups"]),
        (lambda: envelope([5, 1], [9, 9], [4, 1], [9, 9], labels=["x", "y"]), ["'x'", "5/9", "4/9"]),
        (lambda: hyper_posterior([0, 9], [9, 9]), ["every share is 0 or 1", "proper"]),
        (lambda: tail_probability(95, 91, FIT), ["count is 95"]),
        (lambda: rank([1, 2], [3, 4], FIT, level=90), ["level is 90"]),
        (lambda: shrink([1, 2], [3, 4], FIT, labels=["a"]), ["1 labels for 2 groups"]),
    ],
)
def test_impossible_input_is_named_in_one_line(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


FIT = fit_beta_binomial([3, 9, 2], [9, 12, 20])
