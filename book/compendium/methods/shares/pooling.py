"""Shares of many groups at once: beta-binomial pooling, ranks, and how extreme a new share is.

Group i has `counts[i]` of `totals[i]`; its own share is drawn from Beta(alpha, beta), common to all groups.
Shares are fractions from 0 to 1.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betainc, betaln, expit, logit, psi
from scipy.stats import betabinom

from compendium.methods.checks import within
from compendium.methods.shares.proportions import Interval, checked_counts, checked_level

Floats = npt.NDArray[np.float64]

# The likelihood is flat beyond these: shares that do not vary at all, or are all 0 or 1.
LOGIT_MEAN_LIMITS = (-12.0, 12.0)
LOG_CONCENTRATION_LIMITS = (np.log(1e-3), np.log(1e6))


@dataclass(frozen=True)
class BetaBinomialFit:
    """Maximum-likelihood Beta(alpha, beta) of the groups' shares.

    `at_limit` is True when the likelihood has no interior maximum: the groups vary no more than chance
    allows (concentration at its upper limit), or all shares are 0 or 1.
    """

    alpha: float
    beta: float
    log_likelihood: float
    groups: int
    at_limit: bool

    @property
    def mean(self) -> float:
        """Expected share of a new group."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def concentration(self) -> float:
        """Observations the common distribution is worth to each group: alpha + beta."""
        return self.alpha + self.beta

    @property
    def correlation(self) -> float:
        """Intra-group correlation 1 / (alpha + beta + 1), the usual measure of overdispersion."""
        return 1 / (self.alpha + self.beta + 1)


def _checked(
    where: str, counts: npt.ArrayLike, totals: npt.ArrayLike, labels: Sequence[Hashable] | None = None
) -> tuple[Floats, Floats, list[Hashable]]:
    k = np.asarray(counts, dtype=float)
    n = np.asarray(totals, dtype=float)
    if k.ndim != 1 or k.shape != n.shape or len(k) < 2:
        raise ValueError(
            f"{where}: counts have shape {k.shape} and totals {n.shape}; "
            "expected two arrays of one dimension and equal length, at least 2"
        )
    names: list[Hashable] = list(range(len(k))) if labels is None else list(labels)
    if len(names) != len(k):
        raise ValueError(f"{where}: {len(names)} labels for {len(k)} groups; expected one label each")
    # Negated, so that a missing value counts as wrong.
    wrong = ~((k >= 0) & (k <= n) & (n >= 1) & (k == np.floor(k)) & (n == np.floor(n)))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise ValueError(
            f"{where}: group {names[first]!r} has {k[first]:g} of {n[first]:g}; expected whole numbers with "
            "0 <= count <= total and total >= 1; drop the group, or bound a suppressed count"
        )
    return k, n, names


def _negative_log_likelihood(theta: Floats, k: Floats, n: Floats) -> tuple[float, Floats]:
    mean, concentration = expit(theta[0]), np.exp(theta[1])
    a, b = mean * concentration, (1 - mean) * concentration
    value = np.sum(betaln(k + a, n - k + b) - betaln(a, b))
    shared = psi(concentration) - psi(n + concentration)
    by_a = np.sum(psi(k + a) - psi(a) + shared)
    by_b = np.sum(psi(n - k + b) - psi(b) + shared)
    by_mean = (by_a - by_b) * concentration * mean * (1 - mean)
    by_concentration = (by_a * mean + by_b * (1 - mean)) * concentration
    return -float(value), -np.array([by_mean, by_concentration])


def fit_beta_binomial(counts: npt.ArrayLike, totals: npt.ArrayLike) -> BetaBinomialFit:
    """Fit the common Beta distribution by maximum likelihood (Skellam 1948; Griffiths 1973).

    `log_likelihood` includes the binomial coefficients. Groups are taken as independent.
    """
    k, n, _ = _checked("fit_beta_binomial", counts, totals)
    if np.count_nonzero(n >= 2) < 2:
        raise ValueError(
            "fit_beta_binomial: fewer than two groups have a total of 2 or more; "
            "variation between groups cannot be told from chance; give larger groups"
        )
    pooled = logit((k.sum() + 0.5) / (n.sum() + 1))
    limits = np.array([LOGIT_MEAN_LIMITS, LOG_CONCENTRATION_LIMITS])
    # Several starts: from the flat part at high concentration no step leads back.
    fits = [
        minimize(
            _negative_log_likelihood,
            np.array([pooled, np.log(concentration)]),
            args=(k, n),
            jac=True,
            method="L-BFGS-B",
            bounds=limits,
            options={"ftol": 1e-14, "gtol": 1e-8},
        )
        for concentration in (3.0, 60.0)
    ]
    theta = min(fits, key=lambda found: float(found.fun)).x
    mean, concentration = float(expit(theta[0])), float(np.exp(theta[1]))
    alpha, beta = mean * concentration, (1 - mean) * concentration
    return BetaBinomialFit(
        alpha=alpha,
        beta=beta,
        log_likelihood=float(betabinom.logpmf(k, n, alpha, beta).sum()),
        groups=len(k),
        at_limit=bool(np.any(np.abs(limits - theta[:, None]) < 0.5)),
    )


@dataclass(frozen=True)
class HyperPosterior:
    """Posterior of alpha and beta on a grid: three arrays of equal length, the weights summing to 1."""

    alpha: Floats
    beta: Floats
    weight: Floats


def hyper_posterior(counts: npt.ArrayLike, totals: npt.ArrayLike, points: int = 20) -> HyperPosterior:
    """Posterior of the common distribution, for intervals and ranks that carry its uncertainty.

    Prior uniform in the mean and in (alpha + beta)^(-1/2) (Gelman et al., Bayesian Data Analysis, section
    5.3). Deterministic: a `points` by `points` grid, zoomed onto where the posterior is.
    """
    where = "hyper_posterior"
    k, n, _ = _checked(where, counts, totals)
    if not np.any((k > 0) & (k < n)):
        raise ValueError(
            f"{where}: every share is 0 or 1; expected at least one between, without which the posterior is "
            "not proper; pool into larger groups"
        )
    box = np.array([LOGIT_MEAN_LIMITS, LOG_CONCENTRATION_LIMITS])
    negligible = -14.0
    for _ in range(20):
        axes = [np.linspace(low, high, points) for low, high in box]
        mean = expit(axes[0])[:, None, None]
        concentration = np.exp(axes[1])[None, :, None]
        a, b = mean * concentration, (1 - mean) * concentration
        log_density = np.sum(betaln(k + a, n - k + b) - betaln(a, b), axis=2)
        # The Jacobian of the uniform prior on the scale of the grid.
        log_density += np.log(mean[..., 0] * (1 - mean[..., 0])) - axes[1][None, :] / 2
        log_density -= log_density.max()
        kept = log_density > negligible
        zoomed = np.empty_like(box)
        for axis in (0, 1):
            used = np.flatnonzero(kept.any(axis=1 - axis))
            zoomed[axis] = axes[axis][max(0, used[0] - 1)], axes[axis][min(points - 1, used[-1] + 1)]
        if np.all(np.ptp(zoomed, axis=1) > 0.8 * np.ptp(box, axis=1)):
            break
        box = zoomed
    weight = np.exp(log_density[kept])
    return HyperPosterior(
        alpha=np.broadcast_to(a[..., 0], kept.shape)[kept],
        beta=np.broadcast_to(b[..., 0], kept.shape)[kept],
        weight=weight / weight.sum(),
    )


def _grid_of(common: BetaBinomialFit | HyperPosterior) -> HyperPosterior:
    if isinstance(common, HyperPosterior):
        return common
    return HyperPosterior(np.array([common.alpha]), np.array([common.beta]), np.ones(1))


def _mixture_quantile(probability: float, a: Floats, b: Floats, weight: Floats) -> Floats:
    """Quantile of the mixture of Beta(a[m, i], b[m, i]) over m, for each i, by bisection to 1e-9."""
    low, high = np.zeros(a.shape[1]), np.ones(a.shape[1])
    for _ in range(30):
        middle = (low + high) / 2
        below = weight @ betainc(a, b, middle) < probability
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def shrink(
    counts: npt.ArrayLike,
    totals: npt.ArrayLike,
    common: BetaBinomialFit | HyperPosterior,
    labels: Sequence[Hashable] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Posterior of every group's share, one row each, in the order given.

    `common` is a fit (plain empirical Bayes, intervals somewhat too short with few groups) or a
    hyper-posterior (fully Bayesian).
    Columns: group, count, total, raw (count / total), share (posterior mean), low and high (equal-tailed
    credible interval), weight (how much of `share` is the group's own, 0 to 1).
    """
    k, n, names = _checked("shrink", counts, totals, labels)
    tail = (1 - checked_level("shrink", level)) / 2
    grid = _grid_of(common)
    a, b = grid.alpha[:, None] + k, grid.beta[:, None] + n - k
    return pd.DataFrame(
        {
            "group": names,
            "count": k.astype(int),
            "total": n.astype(int),
            "raw": k / n,
            "share": grid.weight @ (a / (a + b)),
            "low": _mixture_quantile(tail, a, b, grid.weight),
            "high": _mixture_quantile(1 - tail, a, b, grid.weight),
            "weight": grid.weight @ (n / (a + b)),
        }
    )


def _drawn_ranks(k: Floats, n: Floats, grid: HyperPosterior, draws: int, seed: int) -> npt.NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    # Systematic resampling of the grid: no Monte Carlo error from alpha and beta themselves.
    positions = (np.arange(draws) + 0.5) / draws
    used = np.minimum(np.searchsorted(np.cumsum(grid.weight), positions), len(grid.weight) - 1)
    shares = rng.beta(grid.alpha[used, None] + k, grid.beta[used, None] + n - k)
    return (-shares).argsort(axis=1).argsort(axis=1) + 1


def rank(
    counts: npt.ArrayLike,
    totals: npt.ArrayLike,
    common: BetaBinomialFit | HyperPosterior,
    labels: Sequence[Hashable] | None = None,
    level: float = 0.95,
    draws: int = 10_000,
    seed: int = 0,
) -> pd.DataFrame:
    """Posterior ranks (1 = largest share), one row per group in the order given, by simulation.

    Columns: group, probability_top, monte_carlo_error (its standard error), expected_rank, rank_low and
    rank_high (equal-tailed credible interval of the rank).
    """
    k, n, names = _checked("rank", counts, totals, labels)
    within("rank", 1, np.inf, draws=draws)
    tail = (1 - checked_level("rank", level)) / 2
    ranks = _drawn_ranks(k, n, _grid_of(common), draws, seed)
    top = (ranks == 1).mean(axis=0)
    rank_low, rank_high = np.quantile(ranks, [tail, 1 - tail], axis=0, method="inverted_cdf")
    return pd.DataFrame(
        {
            "group": names,
            "probability_top": top,
            "monte_carlo_error": np.sqrt(top * (1 - top) / draws),
            "expected_rank": ranks.mean(axis=0),
            "rank_low": rank_low.astype(int),
            "rank_high": rank_high.astype(int),
        }
    )


def tail_probability(
    count: int, sample: int, common: BetaBinomialFit | HyperPosterior, level: float = 0.95
) -> Interval:
    """Probability that a new group from the same distribution shows `count` of `sample` or more.

    The estimate is the beta-binomial tail, averaged over the hyper-posterior; low and high are the credible
    limits of that tail. From a fit alone all three are equal: no uncertainty of alpha and beta.
    """
    count, sample = checked_counts("tail_probability", count, sample)
    outside = (1 - checked_level("tail_probability", level)) / 2
    grid = _grid_of(common)
    tails = np.asarray(betabinom.sf(count - 1, sample, grid.alpha, grid.beta))
    order = np.argsort(tails)
    low, high = np.interp([outside, 1 - outside], np.cumsum(grid.weight[order]), tails[order])
    return Interval(float(low), float(high), float(grid.weight @ tails), "beta-binomial upper tail", level)


def envelope(
    low_counts: npt.ArrayLike,
    low_totals: npt.ArrayLike,
    high_counts: npt.ArrayLike,
    high_totals: npt.ArrayLike,
    labels: Sequence[Hashable] | None = None,
    level: float = 0.95,
    draws: int = 2_000,
    seed: int = 0,
) -> pd.DataFrame:
    """Shares and ranks over what suppressed counts may hide, one row per group in the order given.

    `low_*` are the counts and totals that make every share smallest, `high_*` largest. The others are set all
    low, all high, as far apart and as close together as they can be, the group itself low and high in each,
    and the hyper-posterior is computed anew every time: the spread of the others decides how far a group is
    pulled, and ranks reach their extremes where a group and the others move apart. An envelope over these
    corners, not over every combination: an exhaustive search can find shares beyond it in the third decimal.
    Columns: group, raw_low, raw_high, share_low, share_high (posterior means), low, high (outermost credible
    limits), top_low, top_high (probability of the largest share), rank_low, rank_high (expected ranks).
    """
    low_k, low_n, names = _checked("envelope (low)", low_counts, low_totals, labels)
    high_k, high_n, _ = _checked("envelope (high)", high_counts, high_totals, names)
    lowest, highest = low_k / low_n, high_k / high_n
    if np.any(lowest > highest):
        first = int(np.argmax(lowest > highest))
        raise ValueError(
            f"envelope: group {names[first]!r} has a low share {low_k[first]:g}/{low_n[first]:g} above its "
            f"high share {high_k[first]:g}/{high_n[first]:g}; expected low <= high; check which bound is which"
        )
    tail = (1 - checked_level("envelope", level)) / 2
    centre = np.mean((lowest + highest) / 2)
    above = (lowest + highest) / 2 > centre
    seen: dict[bytes, _Corner] = {}
    rows: list[dict[str, Hashable | float]] = []
    for group, name in enumerate(names):
        found = []
        for others, own in product((np.zeros_like(above), np.ones_like(above), above, ~above), (False, True)):
            at_high = others.copy()
            at_high[group] = own
            k, n = np.where(at_high, high_k, low_k), np.where(at_high, high_n, low_n)
            key = k.tobytes() + n.tobytes()
            if key not in seen:
                seen[key] = _corner(k, n, draws, seed)
            found.append(_of_group(group, seen[key], tail))
        rows.append({"group": name, **_outermost(found)})
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class _Corner:
    """Counts (groups,) with its hyper-posterior, chances to lead and expected ranks (groups,)."""

    k: Floats
    n: Floats
    grid: HyperPosterior
    top: Floats
    expected_rank: Floats


def _corner(k: Floats, n: Floats, draws: int, seed: int) -> _Corner:
    grid = hyper_posterior(k, n, points=16)
    ranks = _drawn_ranks(k, n, grid, draws, seed)
    return _Corner(k, n, grid, np.mean(ranks == 1, axis=0), np.mean(ranks, axis=0))


def _of_group(group: int, corner: _Corner, tail: float) -> tuple[float, ...]:
    """Raw share, posterior mean, both credible limits, chance to lead and expected rank of a group at a corner."""
    k, n, weight = corner.k[group], corner.n[group], corner.grid.weight
    a, b = (corner.grid.alpha + k)[:, None], (corner.grid.beta + n - k)[:, None]
    return (
        float(k / n),
        float(weight @ (a / (a + b))[:, 0]),
        float(_mixture_quantile(tail, a, b, weight)[0]),
        float(_mixture_quantile(1 - tail, a, b, weight)[0]),
        float(corner.top[group]),
        float(corner.expected_rank[group]),
    )


def _outermost(corners: list[tuple[float, ...]]) -> dict[str, float]:
    """The least and greatest over corners of the numbers of `_of_group`, credible limits as one pair."""
    raw_low, share_low, low, _, top_low, rank_low = np.min(corners, axis=0)
    raw_high, share_high, _, high, top_high, rank_high = np.max(corners, axis=0)
    return {
        "raw_low": raw_low,
        "raw_high": raw_high,
        "share_low": share_low,
        "share_high": share_high,
        "low": low,
        "high": high,
        "top_low": top_low,
        "top_high": top_high,
        "rank_low": rank_low,
        "rank_high": rank_high,
    }
