"""Two-list capture-recapture: estimators, intervals, and what dependence does to them.

Two lists name some members of a closed population of unknown size; the overlap between them tells how many
neither list names, if both lists are independent and every member is equally easy to find. The functions here
estimate, put intervals on the estimate, and measure what becomes of both when the two conditions fail.

Counts are `first` and `second` (the sizes of the lists) and `both` (members named on both). Shares are
probabilities of being named on a list, in the open interval from 0 to 1.

Sources: Chapman (1951); Seber (1970), Biometrics 26; Sekar and Deming (1949), JASA 44; Burnham et al. (1987)
and Chao (1987), Biometrics 43, for the log-normal interval; Plackett (1965), JASA 60, for a table with a
given odds ratio.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from compendium.methods.checks import between, some, within

Estimator = Literal["chapman", "lincoln-petersen"]
IntervalKind = Literal["log-normal", "normal"]
ESTIMATORS: tuple[Estimator, ...] = ("chapman", "lincoln-petersen")
INTERVALS: tuple[IntervalKind, ...] = ("log-normal", "normal")

_QUANTILE_NODES = 4096


@dataclass(frozen=True)
class Abundance:
    """An estimated population size (persons) with its standard error and interval."""

    estimate: float
    standard_error: float
    low: float
    high: float
    level: float
    estimator: Estimator
    interval: IntervalKind


@dataclass(frozen=True)
class Scenario:
    """A population and two lists whose truth is known.

    `odds_ratio` is the dependence of the lists for one member (1 is none; above 1, who is on one list is
    likelier to be on the other). `concentration` is the sum of the two parameters of the beta distribution of
    capture probabilities over members; infinite means that all are equally easy to find.
    """

    population: int
    first_share: float
    second_share: float
    odds_ratio: float = 1.0
    concentration: float = float("inf")

    def __post_init__(self) -> None:
        if self.population < 1:
            raise ValueError(f"scenario: population must be at least 1, found {self.population}")
        _check_share("first_share", self.first_share)
        _check_share("second_share", self.second_share)
        _check_positive("odds_ratio", self.odds_ratio)
        _check_positive("concentration", self.concentration)


def lincoln_petersen(first: ArrayLike, second: ArrayLike, both: ArrayLike) -> Any:
    """Return first * second / both, elementwise (persons); infinite where the lists share nobody."""
    n1, n2, m = _counts(first, second, both)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(m > 0, n1 * n2 / m, np.inf)[()]


def lincoln_petersen_variance(first: ArrayLike, second: ArrayLike, both: ArrayLike) -> Any:
    """Return the large-sample variance of Lincoln-Petersen (Sekar and Deming 1949), in persons squared."""
    n1, n2, m = _counts(first, second, both)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(m > 0, n1 * n2 * (n1 - m) * (n2 - m) / m**3, np.inf)[()]


def chapman(first: ArrayLike, second: ArrayLike, both: ArrayLike) -> Any:
    """Return Chapman's estimator, elementwise (persons).

    Finite for every table, and unbiased for fixed independent lists that together reach the population's
    size.
    """
    n1, n2, m = _counts(first, second, both)
    return ((n1 + 1) * (n2 + 1) / (m + 1) - 1)[()]


def chapman_variance(first: ArrayLike, second: ArrayLike, both: ArrayLike) -> Any:
    """Return Seber's estimate of the variance of Chapman's estimator, elementwise (persons squared)."""
    n1, n2, m = _counts(first, second, both)
    return ((n1 + 1) * (n2 + 1) * (n1 - m) * (n2 - m) / ((m + 1) ** 2 * (m + 2)))[()]


def normal_interval(estimate: ArrayLike, variance: ArrayLike, level: float = 0.95) -> tuple[Any, Any]:
    """Return the limits estimate -+ z * standard error, elementwise.

    The lower limit is not cut at the number of distinct members seen: that it can fall below is its known
    fault.
    """
    within("normal interval", -np.inf, np.inf, estimate=estimate)
    within("normal interval", 0, np.inf, variance=variance)
    half = _z(level) * np.sqrt(np.asarray(variance, dtype=float))
    centre = np.asarray(estimate, dtype=float)
    with np.errstate(invalid="ignore"):
        return (centre - half)[()], (centre + half)[()]


def lognormal_interval(
    estimate: ArrayLike, variance: ArrayLike, distinct: ArrayLike, level: float = 0.95
) -> tuple[Any, Any]:
    """Return the limits that take the number of members on neither list as log-normal, elementwise.

    `distinct` is the number of different members seen on the two lists; the lower limit never falls below it.
    Where nobody is estimated to be missing both limits equal `distinct`.
    """
    within("log-normal interval", 0, np.inf, estimate=estimate, variance=variance, distinct=distinct)
    seen = np.asarray(distinct, dtype=float)
    unseen = np.asarray(estimate, dtype=float) - seen
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.exp(_z(level) * np.sqrt(np.log1p(np.asarray(variance, dtype=float) / unseen**2)))
        low = np.where(unseen > 0, seen + unseen / factor, seen)
        high = np.where(unseen > 0, seen + unseen * factor, seen)
    return low[()], high[()]


def estimate(
    first: int,
    second: int,
    both: int,
    *,
    estimator: Estimator = "chapman",
    interval: IntervalKind = "log-normal",
    level: float = 0.95,
) -> Abundance:
    """Estimate a population from one pair of lists.

    Raises ValueError for counts that no pair of lists can have, and for Lincoln-Petersen where the lists
    share nobody.
    """
    if estimator == "lincoln-petersen" and both == 0:
        raise ValueError("lincoln-petersen: the lists share nobody, expected both >= 1; use 'chapman'")
    if first + second == 0:
        raise ValueError("estimate: expected somebody on at least one list, found nobody")
    size, variance = _point(estimator, first, second, both)
    low, high = _limits(interval, size, variance, first + second - both, level)
    return Abundance(
        float(size),
        float(variance) ** 0.5,
        float(low),
        float(high),
        level,
        _known_estimator(estimator),
        interval,
    )


def joint_share(first_share: Any, second_share: Any, odds_ratio: Any) -> Any:
    """Return the probability of being on both lists, given both shares and the odds ratio between the lists.

    The root of the quadratic that keeps both margins (Plackett 1965), in the form that also holds at an odds
    ratio of 1. Arithmetic only: the live figure evaluates the same expression.
    """
    between("shares of lists", 0, 1, first_share=first_share, second_share=second_share)
    between("shares of lists", 0, np.inf, odds_ratio=odds_ratio)
    total = 1 + (odds_ratio - 1) * (first_share + second_share)
    root = (total * total - 4 * odds_ratio * (odds_ratio - 1) * first_share * second_share) ** 0.5
    return 2 * odds_ratio * first_share * second_share / (total + root)


def large_sample_ratio(first_share: Any, second_share: Any, odds_ratio: Any) -> Any:
    """Return what Lincoln-Petersen tends to as a multiple of the true population: 1 is right, 0.5 is half.

    p1 * p2 / p11. Arithmetic only: the live figure evaluates the same expression.
    """
    return first_share * second_share / joint_share(first_share, second_share, odds_ratio)


def heterogeneity_ratio(first_variation: Any, second_variation: Any, correlation: Any = 1.0) -> Any:
    """Return what Lincoln-Petersen tends to, relative to the truth, when members are not equally easy to find.

    The variations are coefficients of variation of the capture probability on either list, `correlation` is
    that between the two probabilities over members: 1 / (1 + r * v1 * v2). Uncorrelated differences do no
    harm.
    """
    within("heterogeneity", 0, np.inf, first_variation=first_variation, second_variation=second_variation)
    within("heterogeneity", -1, 1, correlation=correlation)
    return 1 / (1 + correlation * first_variation * second_variation)


def beta_variation(share: Any, concentration: Any) -> Any:
    """Return the coefficient of variation of a beta distribution with the given mean and concentration."""
    between("beta variation", 0, 1, share=share)
    between("beta variation", 0, np.inf, concentration=concentration)
    return ((1 - share) / (share * (concentration + 1))) ** 0.5


def odds_ratio_of(first_share: float, second_share: float, both_share: float) -> float:
    """Return the odds ratio between two lists from the shares on each and on both."""
    between("odds_ratio_of", 0, 1, first_share=first_share, second_share=second_share)
    within("odds_ratio_of", 0, 1, both_share=both_share)
    neither = 1 - first_share - second_share + both_share
    only_first, only_second = first_share - both_share, second_share - both_share
    if min(both_share, neither, only_first, only_second) < 0:
        raise ValueError(
            f"odds_ratio_of: both_share {both_share} is impossible for shares {first_share} and {second_share}"
        )
    discordant = only_first * only_second
    return both_share * neither / discordant if discordant > 0 else float("inf")


def expected_chapman(population: Any, first_share: Any, second_share: Any, odds_ratio: Any) -> Any:
    """Return the exact expectation of Chapman's estimator, members entering the lists independently.

    N * (p11 + p10 + p01 + p10 * p01 / p11 * (1 - (1 - p11) ** (N - 1))): summing over the multinomial
    distribution of the two-by-two table. Arithmetic only: the live figure evaluates the same expression.
    """
    within("expected Chapman", 1, np.inf, population=population)
    shared = joint_share(first_share, second_share, odds_ratio)
    only_first = first_share - shared
    only_second = second_share - shared
    unseen = only_first * only_second / shared * (1 - (1 - shared) ** (population - 1))
    return population * (shared + only_first + only_second + unseen)


def expected_half_width(
    population: Any, first_share: Any, second_share: Any, odds_ratio: Any, z: float = 1.959963984540054
) -> Any:
    """Return the half-width of Chapman's normal interval (persons) at the expected counts: z * standard error.

    A first-order approximation, good where some tens of members are on both lists.
    """
    within("expected half-width", 1, np.inf, population=population)
    shared = population * joint_share(first_share, second_share, odds_ratio)
    n1 = population * first_share
    n2 = population * second_share
    spread = (n1 + 1) * (n2 + 1) * (n1 - shared) * (n2 - shared) / ((shared + 1) * (shared + 1) * (shared + 2))
    return z * spread**0.5


def expected_interval(
    population: Any, first_share: Any, second_share: Any, odds_ratio: Any, z: float = 1.959963984540054
) -> tuple[Any, Any]:
    """Return the limits of Chapman's log-normal interval (persons) at the expected counts."""
    seen, unseen, spread = _expected_unseen(population, first_share, second_share, odds_ratio)
    factor = np.exp(z * spread)
    return seen + unseen / factor, seen + unseen * factor


def expected_coverage(
    population: float,
    first_share: float,
    second_share: float,
    odds_ratio: float,
    z: float = 1.959963984540054,
) -> float:
    """Return the approximate probability that Chapman's log-normal interval contains the true population.

    The logarithm of the unseen number is taken as normal around its value at the expected counts, with the
    standard error that the interval itself uses.
    """
    seen, unseen, spread = _expected_unseen(population, first_share, second_share, odds_ratio)
    shift = float(np.log(unseen / (population - seen)) / spread)
    return NormalDist().cdf(z - shift) - NormalDist().cdf(-z - shift)


def cell_shares(scenario: Scenario) -> tuple[float, float, float, float]:
    """Return the shares of members on both lists, the first only, the second only, and neither.

    With a finite concentration every member has a rank of catchability; the two capture probabilities are the
    quantiles of that rank in two beta distributions with means `first_share` and `second_share`, so that who
    is easy to find for one list is easy for the other. Averaging over ranks gives the table; dependence acts
    within a rank.
    """
    p1, p2 = scenario.first_share, scenario.second_share
    if np.isinf(scenario.concentration):
        shared = float(joint_share(p1, p2, scenario.odds_ratio))
    else:
        from scipy.special import betaincinv

        ranks = (np.arange(_QUANTILE_NODES) + 0.5) / _QUANTILE_NODES
        k = scenario.concentration
        tiny = np.finfo(float).tiny
        first = np.clip(betaincinv(p1 * k, (1 - p1) * k, ranks), tiny, 1 - 1e-15)
        second = np.clip(betaincinv(p2 * k, (1 - p2) * k, ranks), tiny, 1 - 1e-15)
        shared = float(np.mean(joint_share(first, second, scenario.odds_ratio)))
        shared = min(max(shared, p1 + p2 - 1, 0.0), p1, p2)
    return shared, p1 - shared, p2 - shared, 1 - p1 - p2 + shared


def simulate(scenario: Scenario, runs: int = 2000, seed: int = 0) -> pd.DataFrame:
    """Draw two lists from the scenario `runs` times; returns columns first, second, both (persons).

    Members are independent draws from the scenario, so the two-by-two table is multinomial with the averaged
    shares, however unequal members are: nobody has to be simulated one by one.
    """
    if runs < 1:
        raise ValueError(f"simulate: runs must be at least 1, found {runs}")
    cells = np.clip(cell_shares(scenario), 0, None)
    draws = np.random.default_rng(seed).multinomial(scenario.population, cells / cells.sum(), size=runs)
    both, only_first, only_second = draws[:, 0], draws[:, 1], draws[:, 2]
    return pd.DataFrame({"first": both + only_first, "second": both + only_second, "both": both})


def performance(
    scenario: Scenario,
    *,
    estimator: Estimator = "chapman",
    interval: IntervalKind = "log-normal",
    level: float = 0.95,
    runs: int = 2000,
    seed: int = 0,
) -> dict[str, float | int | str]:
    """Measure bias and interval coverage of one method over many seeded runs of a scenario.

    Keys: the scenario's fields; estimator, interval, level, runs; mean_estimate and median_estimate
    (persons); relative_bias, relative_rmse, relative_width (multiples of the population) and bias_error,
    coverage_error (Monte Carlo standard errors); coverage (share of runs whose interval holds the true
    population); runs_without_overlap (lists that share nobody). Lincoln-Petersen has no value without
    overlap: such runs are left out of its mean, root mean square error and width, and count as intervals that
    miss.
    """
    drawn = simulate(scenario, runs, seed)
    first, second, both = (drawn[name].to_numpy() for name in ("first", "second", "both"))
    size, variance = _point(estimator, first, second, both)
    low, high = _limits(interval, size, variance, first + second - both, level)
    with np.errstate(invalid="ignore"):
        finite = np.isfinite(size)
        held = finite & (low <= scenario.population) & (scenario.population <= high)
    relative = size[finite] / scenario.population
    covered = float(held.mean())
    usable = relative.size > 0
    return {
        **asdict(scenario),
        "estimator": estimator,
        "interval": interval,
        "level": level,
        "runs": runs,
        "runs_without_overlap": int((both == 0).sum()),
        "mean_estimate": float(relative.mean() * scenario.population) if usable else float("nan"),
        "median_estimate": float(np.median(size)),
        "relative_bias": float(relative.mean() - 1) if usable else float("nan"),
        "bias_error": float(relative.std(ddof=1) / relative.size**0.5) if relative.size > 1 else float("nan"),
        "relative_rmse": float(np.sqrt(np.mean((relative - 1) ** 2))) if usable else float("nan"),
        "relative_width": float((high - low)[finite].mean() / scenario.population) if usable else float("nan"),
        "coverage": covered,
        "coverage_error": (covered * (1 - covered) / runs) ** 0.5,
    }


def performance_table(
    scenarios: Iterable[Scenario],
    *,
    estimators: Iterable[Estimator] = ESTIMATORS,
    intervals: Iterable[IntervalKind] = INTERVALS,
    level: float = 0.95,
    runs: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return `performance` for every scenario, estimator and interval, one row each, in the order given."""
    kinds = [(e, i) for e in estimators for i in intervals]
    rows = [
        performance(scenario, estimator=e, interval=i, level=level, runs=runs, seed=seed)
        for scenario in scenarios
        for e, i in kinds
    ]
    some("performance_table", "scenarios, estimators and intervals", rows)
    return pd.DataFrame(rows)


def _expected_unseen(population: Any, first_share: Any, second_share: Any, odds_ratio: Any) -> tuple[Any, Any, Any]:
    within("expected interval", 1, np.inf, population=population)
    shared = population * joint_share(first_share, second_share, odds_ratio)
    n1, n2 = population * first_share, population * second_share
    seen = n1 + n2 - shared
    unseen = (n1 - shared) * (n2 - shared) / (shared + 1)
    half = expected_half_width(population, first_share, second_share, odds_ratio, z=1.0)
    return seen, unseen, np.sqrt(np.log(1 + (half / unseen) ** 2))


def _point(estimator: Estimator, first: ArrayLike, second: ArrayLike, both: ArrayLike) -> tuple[Any, Any]:
    if _known_estimator(estimator) == "chapman":
        return chapman(first, second, both), chapman_variance(first, second, both)
    return lincoln_petersen(first, second, both), lincoln_petersen_variance(first, second, both)


def _limits(
    interval: IntervalKind, size: ArrayLike, variance: ArrayLike, distinct: ArrayLike, level: float
) -> tuple[Any, Any]:
    if interval == "normal":
        return normal_interval(size, variance, level)
    if interval == "log-normal":
        return lognormal_interval(size, variance, distinct, level)
    raise ValueError(f"interval: expected one of {', '.join(INTERVALS)}, found {interval!r}")


def _known_estimator(estimator: Estimator) -> Estimator:
    if estimator not in ESTIMATORS:
        raise ValueError(f"estimator: expected one of {', '.join(ESTIMATORS)}, found {estimator!r}")
    return estimator


def _counts(
    first: ArrayLike, second: ArrayLike, both: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    n1, n2, m = np.broadcast_arrays(*(np.asarray(counts, dtype=float) for counts in (first, second, both)))
    impossible = ~((m >= 0) & (m <= n1) & (m <= n2))
    if impossible.any():
        at = np.unravel_index(int(np.argmax(impossible)), impossible.shape)
        raise ValueError(
            f"two lists: expected 0 <= both <= each list, "
            f"found first {n1[at]:g}, second {n2[at]:g}, both {m[at]:g}; check the counts"
        )
    return n1, n2, m


def _z(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level: expected a probability between 0 and 1, found {level}")
    return NormalDist().inv_cdf(0.5 + level / 2)


def _check_share(name: str, share: float) -> None:
    if not 0 < share < 1:
        raise ValueError(f"scenario: {name} must lie strictly between 0 and 1, found {share}")


def _check_positive(name: str, number: float) -> None:
    if not number > 0:
        raise ValueError(f"scenario: {name} must be above 0, found {number}")
