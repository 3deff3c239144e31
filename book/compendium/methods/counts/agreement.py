"""Do two official counts measure one thing?

Agreement of two counts year by year within a declared tolerance, with bounds on one side, and what shuffled
years would give; concordance and ratio over years.

Counts are non-negative (persons). Nothing here treats a bounded count as a single number.

Sources: Lin (1989), Biometrics 45, for concordance; Bland and Altman (1999), Statistical Methods in Medical
Research 8, for limits of agreement on the log scale; Clopper and Pearson (1934), Biometrika 26; Politis and
Romano (1992) for the circular block bootstrap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from statistics import NormalDist
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from compendium.methods.checks import within

Rule = Literal["ratio", "larger", "midpoint"]
RULES: Mapping[Rule, str] = {
    "ratio": "the larger count exceeds the smaller by at most the tolerance, as a share of the smaller",
    "midpoint": "the counts differ by at most the tolerance, as a share of their mean",
    "larger": "the counts differ by at most the tolerance, as a share of the larger",
}
SURELY, POSSIBLY, NO = "surely", "possibly", "no"
# A limit met exactly agrees despite rounding.
SLACK = 1e-12


@dataclass(frozen=True)
class AgreementShare:
    """The share of years in which two counts agree, bounded by the years that only possibly do.

    `low` and `high` are Clopper-Pearson limits: the lower for the sure years, the upper for the sure and
    possible. They take the years as independent draws, which consecutive years are not.
    """

    years: int
    surely: int
    possibly: int
    share_low: float
    share_high: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class Concordance:
    """Lin's concordance correlation coefficient with a block-bootstrap percentile interval."""

    estimate: float
    low: float
    high: float
    level: float
    years: int
    block: int


@dataclass(frozen=True)
class RatioOfCounts:
    """The geometric mean of first / second over years, where the second count may be bounded.

    `ratio_low` and `ratio_high` bound the estimate, `low` and `high` add a block-bootstrap interval to either
    side. `limits_low` and `limits_high` are limits of agreement: the range that holds the ratio of about
    `level` of single years. `even` is whether the interval holds 1.
    """

    ratio_low: float
    ratio_high: float
    low: float
    high: float
    limits_low: float
    limits_high: float
    even: bool
    level: float
    years: int
    block: int


def least_ratio(tolerance: float, rule: Rule = "ratio") -> float:
    """Return the least smaller / larger at which two counts still agree.

    All rules are symmetric and differ only in the base of the percentage: 1 / (1 + t) for "ratio", which is
    the strictest and the book's rule, (2 - t) / (2 + t) for "midpoint", 1 - t for "larger".
    """
    if rule not in RULES:
        raise ValueError(f"agreement: unknown rule {rule!r}, expected one of {', '.join(RULES)}")
    if not 0 <= tolerance < 1:
        raise ValueError(f"agreement: tolerance must be at least 0 and below 1, found {tolerance}; 0.25 is 25%")
    return {
        "ratio": 1 / (1 + tolerance),
        "midpoint": (2 - tolerance) / (2 + tolerance),
        "larger": 1 - tolerance,
    }[rule]


def agree(first: ArrayLike, second: ArrayLike, tolerance: float = 0.25, rule: Rule = "ratio") -> NDArray[np.bool_]:
    """Return whether two counts agree within the tolerance, elementwise; two zeros agree."""
    return np.asarray(agree_bounded(first, second, second, tolerance, rule) == SURELY)


def agree_bounded(
    count: ArrayLike, low: ArrayLike, high: ArrayLike, tolerance: float = 0.25, rule: Rule = "ratio"
) -> NDArray[np.str_]:
    """Return "surely", "possibly" or "no" for a count against one known to lie between bounds, elementwise.

    "surely": every value between the bounds agrees; "possibly": some do; "no": none does.
    """
    within("agreement", 0, np.inf, count=count, low=low, high=high)
    counts, lows, highs = np.broadcast_arrays(*(np.asarray(part, dtype=float) for part in (count, low, high)))
    if not ((counts >= 0) & (lows >= 0) & (lows <= highs)).all():
        raise ValueError(
            "agreement: expected counts of 0 or more and low <= high, found other or missing; drop those years"
        )
    ratio = least_ratio(tolerance, rule)
    # The agreeing values are those from counts * ratio to counts / ratio.
    nearest, furthest = counts * ratio * (1 - SLACK), counts / ratio * (1 + SLACK)
    surely = (lows >= nearest) & (highs <= furthest)
    possibly = (highs >= nearest) & (lows <= furthest)
    return np.where(surely, SURELY, np.where(possibly, POSSIBLY, NO))


def agreement_share(agreements: ArrayLike, level: float = 0.95) -> AgreementShare:
    """Summarise the results of `agree_bounded` over years."""
    found = np.asarray(agreements)
    if found.size == 0:
        raise ValueError("agreement_share: expected at least one year, found none")
    if unknown := sorted(set(found.ravel().tolist()) - {SURELY, POSSIBLY, NO}):
        raise ValueError(f"agreement_share: expected {SURELY}, {POSSIBLY} or {NO}, found {unknown[0]!r}")
    surely, possibly = int((found == SURELY).sum()), int((found == POSSIBLY).sum())
    low, _ = _clopper_pearson(surely, found.size, level)
    _, high = _clopper_pearson(surely + possibly, found.size, level)
    return AgreementShare(
        found.size, surely, possibly, surely / found.size, (surely + possibly) / found.size, low, high, level
    )


def agreement_sensitivity(
    count: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    tolerances: Iterable[float] = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50),
    rules: Iterable[Rule] = tuple(RULES),
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the share of years that agree under every tolerance and rule.

    Columns: rule, tolerance, least_ratio, and the fields of `AgreementShare`.
    """
    grid = list(product(rules, tolerances))
    shares = [agreement_share(agree_bounded(count, low, high, t, rule), level) for rule, t in grid]
    return pd.DataFrame(
        {"rule": rule, "tolerance": t, "least_ratio": least_ratio(t, rule), **vars(share)}
        for (rule, t), share in zip(grid, shares, strict=True)
    )


def agreement_by_chance(
    count: ArrayLike, low: ArrayLike, high: ArrayLike, tolerance: float = 0.25, rule: Rule = "ratio"
) -> tuple[float, float]:
    """Return the share of years that would agree, surely and at most, if the years of one count were shuffled.

    Over all orders, every year of the first count meets every year of the second equally often, so the
    expectation is exact: the share of agreeing pairs among all pairs of years.
    """
    counts, lows, highs = (np.asarray(part, dtype=float) for part in (count, low, high))
    pairs = agree_bounded(counts[:, None], lows[None, :], highs[None, :], tolerance, rule)
    return float((pairs == SURELY).mean()), float((pairs != NO).mean())


def concordance(
    first: ArrayLike,
    second: ArrayLike,
    *,
    block: int = 3,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Concordance:
    """Return Lin's concordance of two series in year order: 1 only if they are the same number every year.

    Unlike correlation it also falls when one series runs above the other. The interval resamples circular
    blocks of `block` years, since neighbouring years are alike. Raises ValueError where both series are
    constant and equal.
    """
    x, y = _pair(first, second)
    picks = _blocks(len(x), block, draws, seed)
    estimate = float(_concordance(x, y))
    if np.isnan(estimate):
        raise ValueError("concordance: expected counts that vary, found two equal constant series")
    drawn = _concordance(x[picks], y[picks])
    tail = (1 - level) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return Concordance(estimate, float(low), float(high), level, len(x), block)


def ratio_of_counts(
    first: ArrayLike,
    second_low: ArrayLike,
    second_high: ArrayLike | None = None,
    *,
    block: int = 3,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> RatioOfCounts:
    """Return the geometric mean of first / second over years, in year order, with bounds and intervals.

    All counts must be above zero. The interval resamples circular blocks of `block` years.
    """
    x, low = _pair(first, second_low)
    high = low if second_high is None else _pair(first, second_high)[1]
    if not ((x > 0) & (low > 0) & (low <= high)).all():
        raise ValueError("ratio_of_counts: expected counts above 0 and low <= high, found other; drop those years")
    least, most = np.log(x / high), np.log(x / low)
    picks = _blocks(len(x), block, draws, seed)
    tail = (1 - level) / 2
    down = float(np.quantile(least[picks].mean(axis=1), tail))
    up = float(np.quantile(most[picks].mean(axis=1), 1 - tail))
    z = NormalDist().inv_cdf(1 - tail)
    return RatioOfCounts(
        float(np.exp(least.mean())),
        float(np.exp(most.mean())),
        float(np.exp(down)),
        float(np.exp(up)),
        float(np.exp(least.mean() - z * least.std(ddof=1))),
        float(np.exp(most.mean() + z * most.std(ddof=1))),
        down <= 0 <= up,
        level,
        len(x),
        block,
    )


def _clopper_pearson(hits: int, trials: int, level: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(hits, trials - hits + 1, tail)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, trials - hits, 1 - tail)) if hits < trials else 1.0
    return low, high


def _concordance(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    mean_x, mean_y = x.mean(axis=-1), y.mean(axis=-1)
    shared = (x * y).mean(axis=-1) - mean_x * mean_y
    with np.errstate(divide="ignore", invalid="ignore"):
        return 2 * shared / (x.var(axis=-1) + y.var(axis=-1) + (mean_x - mean_y) ** 2)


def _blocks(years: int, block: int, draws: int, seed: int) -> NDArray[np.int64]:
    """Return indices (draws, years) of circular blocks drawn with replacement."""
    if not 1 <= block <= years:
        raise ValueError(f"block bootstrap: block must be between 1 and the {years} years, found {block}")
    pieces = -(-years // block)
    starts = np.random.default_rng(seed).integers(0, years, size=(draws, pieces))
    return ((starts[:, :, None] + np.arange(block)) % years).reshape(draws, -1)[:, :years]


def _pair(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if x.ndim != 1 or x.shape != y.shape or len(x) < 3:
        raise ValueError(
            f"agreement: expected two series of equal length, 3 or more, found {x.shape} and {y.shape}"
        )
    if not (np.isfinite(x) & np.isfinite(y)).all():
        raise ValueError("agreement: expected no missing count, found one; drop those years")
    return x, y
