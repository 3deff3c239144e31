"""What a series of counts before and after an event could show: the ratio of the rates, and which fall is seen.

The counts are Poisson or negative binomial, with variance mean + overdispersion x mean squared.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from compendium.methods.checks import between, within

Array = NDArray[np.floating[Any]]
Test = Literal["quasi", "exact"]


DAYS = 365.25  # of a year


class BeforeAfterError(ValueError):
    """A series or design outside what the models describe; the message names it."""


@dataclass(frozen=True)
class RateRatio:
    """Yearly rate after over rate before, with 95% limits; dispersion is 1 for the exact Poisson interval."""

    ratio: float
    low: float
    high: float
    dispersion: float


@dataclass(frozen=True)
class Detectable:
    """Smallest share (0 to 1) by which the rate must fall to be seen with the wanted power.

    `fall` is missing when even a fall to nothing would be seen less often than that; `power_at_total_fall`
    says how often. `se` is the Monte Carlo standard error of the power at `fall`.
    """

    fall: float
    power: float
    se: float
    power_at_total_fall: float


def window(period: str) -> tuple[float, float]:
    """Beginning and end of a stated period, in years: "2007 Q1" runs from 2007 to 2007.25.

    Understands a year, a half-year (H1), a quarter (Q1), and two months or days with " to " between them.
    """
    part = re.fullmatch(r"(\d{4})(?: ([HQ])(\d))?", period)
    if part:
        length = {None: 1.0, "H": 0.5, "Q": 0.25}[part[2]]
        start = int(part[1]) + (int(part[3] or 1) - 1) * length
        return start, start + length
    ends = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d))? to (\d{4})-(\d\d)(?:-(\d\d))?", period)
    if not ends:
        raise BeforeAfterError(f"window: expected a year, a half-year, a quarter or two dates, found {period!r}")
    first, last = ends.groups()[:3], ends.groups()[3:]
    start = int(first[0]) + (int(first[1]) - 1) / 12 + (int(first[2] or 1) - 1) / DAYS
    whole = 1 / 12 if last[2] is None else int(last[2]) / DAYS
    return start, int(last[0]) + (int(last[1]) - 1) / 12 + whole


def rate_ratio(
    before: Sequence[float],
    after: Sequence[float],
    *,
    years_before: Sequence[float] | None = None,
    years_after: Sequence[float] | None = None,
    overdispersed: bool = True,
) -> RateRatio:
    """Rate after over rate before from counts and the years each of them covers (one each by default).

    Overdispersed: quasi-Poisson with Pearson dispersion and t limits on n - 2 degrees of freedom, for series
    that vary more than chance. Otherwise the exact conditional Poisson interval (Clopper-Pearson on the split).
    """
    from scipy import stats

    x, y = (_counts(values, name) for values, name in ((before, "before"), (after, "after")))
    s = np.ones(len(x)) if years_before is None else np.asarray(years_before, dtype=float)
    t = np.ones(len(y)) if years_after is None else np.asarray(years_after, dtype=float)
    if len(s) != len(x) or len(t) != len(y) or not (s > 0).all() or not (t > 0).all():
        raise BeforeAfterError("rate ratio: expected one positive number of years for every count")
    total_x, total_y = x.sum(), y.sum()
    if total_x == 0:
        raise BeforeAfterError("rate ratio: no counts before; expected at least one")
    ratio = float((total_y / t.sum()) / (total_x / s.sum()))
    if not overdispersed:
        low, high = stats.binomtest(int(total_y), int(total_x + total_y)).proportion_ci()
        limits = [float(p / (1 - p) * s.sum() / t.sum()) if p < 1 else math.inf for p in (low, high)]
        return RateRatio(ratio, limits[0], limits[1], 1.0)
    freedom = len(x) + len(y) - 2
    if freedom < 1 or total_y == 0:
        raise BeforeAfterError(
            f"rate ratio: {len(x)} and {len(y)} counts with {total_y:g} after; the dispersion needs three "
            "counts or more and one event after"
        )
    expected = np.concatenate([s * total_x / s.sum(), t * total_y / t.sum()])
    dispersion = float(np.sum((np.concatenate([x, y]) - expected) ** 2 / expected) / freedom)
    margin = stats.t.ppf(0.975, freedom) * math.sqrt(dispersion * (1 / total_x + 1 / total_y))
    return RateRatio(ratio, ratio * math.exp(-margin), ratio * math.exp(margin), dispersion)


def scattered_limits(
    ratio: float, total_before: float, after: Sequence[float], overdispersion: float
) -> tuple[float, float]:
    """95% limits of a ratio of rates from one count before and several after, with a scatter that grows with them.

    The log ratio has the variance 1 / total + overdispersion / counts on either side (negative binomial, delta
    method), the first figure taken as a single draw.
    """
    counts = _counts(after, "after")
    if not (ratio > 0 and total_before > 0 and overdispersion >= 0 and counts.sum() > 0):
        raise BeforeAfterError(
            f"limits: ratio {ratio}, {total_before} before, {counts.sum():g} after, overdispersion "
            f"{overdispersion}; expected counts above 0 and an overdispersion of 0 or more"
        )
    variance = 1 / total_before + overdispersion + 1 / counts.sum() + overdispersion / len(counts)
    margin = math.exp(1.96 * math.sqrt(variance))
    return ratio / margin, ratio * margin


def overdispersion_of(counts: Sequence[float], years: Sequence[float] | None = None) -> float:
    """Moment estimate of alpha in variance = mean + alpha x mean squared, zero where the series is Poisson.

    With `years` the mean is a log-linear trend over them (Poisson fit), so that a steady rise is no scatter.
    """
    values = _counts(counts, "counts")
    fitted = 1 if years is None else 2
    if len(values) <= fitted or values.sum() == 0:
        raise BeforeAfterError(
            f"overdispersion: expected {'two' if fitted == 1 else 'three'} counts or more, not all zero"
        )
    mean = np.full(len(values), values.mean())
    if years is not None:
        time = np.asarray(years, dtype=float)
        if time.shape != values.shape or not np.isfinite(time).all() or np.ptp(time) == 0:
            raise BeforeAfterError("overdispersion: expected one year for every count, not all the same")
        _, means, _ = _poisson_fits(values[None, :], np.column_stack([np.ones(len(values)), time - time.mean()]))
        mean = means[0]
    squares = np.sum((values - mean) ** 2) * len(values) / (len(values) - fitted)
    return float(max(0.0, (squares - mean.sum()) / np.sum(mean**2)))


def power_of_fall(
    yearly: float,
    years_before: int,
    years_after: int,
    fall: float,
    *,
    overdispersion: float = 0.0,
    trend: bool = False,
    test: Test = "quasi",
    level: float = 0.05,
    draws: int = 2000,
    seed: int = 20080215,
) -> float:
    """Probability (0 to 1) that a fall of that share in a yearly count would have been found, by simulation.

    Found means a two-sided test at `level` that points down. `quasi` is the quasi-Poisson F test of a step in
    an interrupted series, with a log-linear trend if `trend`; `exact` the conditional binomial test of two
    Poisson rates, which knows neither trend nor overdispersion.
    """
    within("power", 1, math.inf, years_before=years_before, years_after=years_after, draws=draws)
    between("power", 0, 1, level=level)
    if not (yearly > 0 and 0 <= fall <= 1 and overdispersion >= 0):
        raise BeforeAfterError(
            f"power: yearly {yearly}, fall {fall}, overdispersion {overdispersion}; expected a yearly count above "
            "0, a fall of 0 to 1 and an overdispersion of 0 or more"
        )
    terms = 3 if trend else 2
    if min(years_before, years_after) < 1 or (test == "quasi" and years_before + years_after <= terms):
        raise BeforeAfterError(
            f"power: {years_before} years before and {years_after} after; expected one or more of each, and more "
            f"than {terms} in all for the dispersion"
        )
    if test == "exact" and (trend or overdispersion):
        raise BeforeAfterError("power: the exact test knows neither trend nor overdispersion; use test='quasi'")
    means = np.repeat([yearly, yearly * (1 - fall)], [years_before, years_after])
    shares = np.random.default_rng(seed).random((draws, len(means)))
    counts = _count_quantile(shares, means, overdispersion)
    if test == "exact":
        found = _exact_falls(counts, years_before, level)
    else:
        found = _quasi_falls(counts, years_before, trend, level)
    return float(found.mean())


def exact_power(yearly: float, years_before: int, years_after: int, fall: float, *, level: float = 0.05) -> float:
    """Power of the conditional binomial test of two Poisson rates, summed over every pair of totals."""
    within("power", 1, math.inf, years_before=years_before, years_after=years_after)
    between("power", 0, 1, level=level)
    from scipy import stats

    if not (yearly > 0 and 0 <= fall <= 1 and min(years_before, years_after) >= 1):
        raise BeforeAfterError(f"power: yearly {yearly}, fall {fall}; expected a count above 0, a fall of 0 to 1")
    mean_before, mean_after = yearly * years_before, yearly * (1 - fall) * years_after
    before = np.arange(int(stats.poisson.ppf(1 - 1e-10, mean_before)) + 1)
    after = np.arange(int(stats.poisson.ppf(1 - 1e-10, mean_after)) + 1) if mean_after else np.arange(1)
    found = _binomial_falls(after[None, :], before[:, None], years_after / (years_before + years_after), level)
    weights = stats.poisson.pmf(before, mean_before)[:, None] * stats.poisson.pmf(after, mean_after)[None, :]
    return float(np.sum(weights * found))


def smallest_seen(falls: Sequence[float], power_of: Callable[[float], float], wanted: float = 0.8) -> float:
    """Smallest of some rising falls whose power, which rises with the fall, reaches what is wanted.

    Raises BeforeAfterError if none does.
    """
    between("smallest_seen", 0, 1, wanted=wanted)
    at = bisect_left(falls, wanted, key=power_of)
    if at == len(falls):
        raise BeforeAfterError(f"smallest fall: none of {len(falls)} falls is seen with a power of {wanted}")
    return float(falls[at])


def detectable_fall(
    yearly: float,
    years_before: int,
    years_after: int,
    *,
    power: float = 0.8,
    overdispersion: float = 0.0,
    trend: bool = False,
    test: Test = "quasi",
    level: float = 0.05,
    draws: int = 2000,
    seed: int = 20080215,
    precision: float = 0.005,
) -> Detectable:
    """Smallest fall that would have been found with the wanted power, by bisection on common random numbers."""
    between("detectable fall", 0, 1, precision=precision)

    def reached(fall: float) -> float:
        return power_of_fall(
            yearly,
            years_before,
            years_after,
            fall,
            overdispersion=overdispersion,
            trend=trend,
            test=test,
            level=level,
            draws=draws,
            seed=seed,
        )

    if not 0 < power < 1:
        raise BeforeAfterError(f"detectable fall: power is {power}; expected above 0 and below 1")
    total = reached(1.0)
    if total < power:
        return Detectable(math.nan, total, math.sqrt(total * (1 - total) / draws), total)
    low, high, at_high = 0.0, 1.0, total
    while high - low > precision:
        middle = (low + high) / 2
        at_middle = reached(middle)
        if at_middle >= power:
            high, at_high = middle, at_middle
        else:
            low = middle
    return Detectable(high, at_high, math.sqrt(at_high * (1 - at_high) / draws), total)


def _counts(values: Sequence[float], name: str) -> Array:
    counts = np.asarray(values, dtype=float)
    if counts.ndim != 1 or counts.size == 0 or not np.isfinite(counts).all() or (counts < 0).any():
        raise BeforeAfterError(f"{name}: expected a list of counts of 0 or more, none missing")
    return counts


def _count_quantile(shares: Array, means: Array, overdispersion: float) -> Array:
    """Counts (draws, years) as quantiles of shared uniform draws, so that power changes smoothly with the fall.

    A quantile is the smallest count whose cumulated probability reaches the share: read off the distribution of
    each of the few `means` (years,), which is a hundred times faster than to ask it for every share.
    """
    from scipy import stats

    counts = np.zeros(shares.shape)
    for mean in np.unique(means[means > 0]):
        size = 1 / overdispersion if overdispersion else math.inf
        law = stats.nbinom(size, size / (size + mean)) if overdispersion else stats.poisson(mean)
        own = shares[:, means == mean]
        cumulated = law.cdf(np.arange(int(law.ppf(own.max())) + 1))
        counts[:, means == mean] = np.searchsorted(cumulated, own)
    return counts


def _exact_falls(counts: Array, years_before: int, level: float) -> NDArray[np.bool_]:
    before = counts[:, :years_before].sum(axis=1)
    after = counts[:, years_before:].sum(axis=1)
    share = (counts.shape[1] - years_before) / counts.shape[1]
    return _binomial_falls(after, before, share, level)


def _binomial_falls(after: NDArray[Any], before: NDArray[Any], share: float, level: float) -> NDArray[np.bool_]:
    from scipy import stats

    return np.asarray(stats.binom.cdf(after, after + before, share) <= level / 2)


def _quasi_falls(counts: Array, years_before: int, trend: bool, level: float) -> NDArray[np.bool_]:
    from scipy import stats

    n = counts.shape[1]
    step = (np.arange(n) >= years_before).astype(float)
    base = np.column_stack([np.ones(n), np.arange(n) - (n - 1) / 2]) if trend else np.ones((n, 1))
    with_step = np.column_stack([base, step])
    null_deviance, _, _ = _poisson_fits(counts, base)
    deviance, fitted, coefficients = _poisson_fits(counts, with_step)
    freedom = n - with_step.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        pearson = np.where(fitted > 1e-8, (counts - fitted) ** 2 / fitted, 0.0)
        dispersion = pearson.sum(axis=1) / freedom
        statistic = (null_deviance - deviance) / dispersion
    # A fit without residuals leaves no dispersion to test against.
    testable = dispersion > 1e-10
    return testable & (coefficients[:, -1] < 0) & (statistic > stats.f.ppf(1 - level, 1, freedom))


def _poisson_fits(counts: Array, design: Array) -> tuple[Array, Array, Array]:
    """Poisson regressions of every row of counts on one design: deviances, fitted means, coefficients."""
    k = design.shape[1]
    start = np.log(counts + 0.5)
    beta = start @ np.linalg.pinv(design).T
    mean = np.exp(np.clip(beta @ design.T, -25, 25))
    for _ in range(60):
        information = np.einsum("dn,ni,nj->dij", mean, design, design) + 1e-9 * np.eye(k)
        score = (counts - mean) @ design
        # A step after which every count is zero has no finite coefficient, but its fitted means converge.
        beta = beta + np.clip(np.linalg.solve(information, score[:, :, None])[:, :, 0], -2, 2)
        previous, mean = mean, np.exp(np.clip(beta @ design.T, -25, 25))
        if np.abs(mean - previous).max() < 1e-9:
            break
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(counts > 0, counts * np.log(counts / mean), 0.0)
    deviance = 2 * np.sum(ratio - (counts - mean), axis=1)
    return deviance, mean, beta
