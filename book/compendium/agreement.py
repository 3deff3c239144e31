"""Do two official counts measure one thing, and does a rating follow a count?

Agreement of two counts year by year within a declared tolerance, with bounds on one side, and what shuffled
years would give; concordance over years; an exact test of tiers against the convictions of the year before,
with what so few years could have shown at most.

Counts are non-negative (persons). Nothing here treats a bounded count as a single number.

Sources: Lin (1989), Biometrics 45, for concordance; Bland and Altman (1999), Statistical Methods in Medical
Research 8, for limits of agreement on the log scale; Clopper and Pearson (1934), Biometrika 26; Politis and
Romano (1992) for the circular block bootstrap; Mantel (1963), JASA 58, for the linear-by-linear permutation test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import factorial, prod
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Rule = Literal["ratio", "larger", "midpoint"]
RULES: Mapping[Rule, str] = {
    "ratio": "the larger count exceeds the smaller by at most the tolerance, as a share of the smaller",
    "midpoint": "the counts differ by at most the tolerance, as a share of their mean",
    "larger": "the counts differ by at most the tolerance, as a share of the larger",
}
SURELY, POSSIBLY, NO = "surely", "possibly", "no"

TIER_ORDER: Mapping[str, int] = {"1": 1, "2": 2, "2WL": 3, "3": 4}
MAXIMUM_ARRANGEMENTS = 1_000_000
MAXIMUM_COMBINATIONS = 10_000
# Rank sums differ by at least 1/2; anything closer is one value apart from rounding.
_SAME_STATISTIC = 1e-9


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


@dataclass(frozen=True)
class TierTest:
    """An exact permutation test of tiers against an earlier count.

    `p_value` is one-sided: the probability, if tiers were dealt to years at random, of worse tiers falling on
    lower counts at least as closely as they did. `smallest_p` is the least value that these tiers and counts
    can give: the weakness of so few years. `correlation` is Spearman's, tier (worse is higher) against count.
    """

    years: int
    statistic: float
    correlation: float
    p_value: float
    p_two_sided: float
    smallest_p: float
    arrangements: int


@dataclass(frozen=True)
class FisherTest:
    """Fisher's exact test, one-sided, of worse tiers against counts below a threshold."""

    worse_below: int
    worse_above: int
    better_below: int
    better_above: int
    p_value: float
    smallest_p: float


@dataclass(frozen=True)
class TierMatch:
    """How often a count above a threshold went with the better tier, and one not above it with the worse.

    `share` is `fitting` of `years`; `above_better` is the share with the better tier among the years above the
    threshold alone (not a number if none is).
    """

    years: int
    threshold: float
    fitting: int
    share: float
    above: int
    above_better: float


@dataclass(frozen=True)
class BestMatch:
    """The threshold that fits most years, and how often chance alone finds one that fits as many.

    `p_value` searches all thresholds again in every way of dealing the tiers to the years, so it allows for the
    search.
    """

    threshold: float
    fitting: int
    years: int
    p_value: float


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
    counts, lows, highs = np.broadcast_arrays(*(np.asarray(part, dtype=float) for part in (count, low, high)))
    if not ((counts >= 0) & (lows >= 0) & (lows <= highs)).all():
        raise ValueError(
            "agreement: expected counts of 0 or more and low <= high, found other or missing; drop those years"
        )
    ratio = least_ratio(tolerance, rule)
    # The agreeing values are those from counts * ratio to counts / ratio; a limit met exactly agrees despite
    # rounding.
    nearest, furthest = counts * ratio * (1 - 1e-12), counts / ratio * (1 + 1e-12)
    surely = (lows >= nearest) & (highs <= furthest)
    possibly = (highs >= nearest) & (lows <= furthest)
    return np.where(surely, SURELY, np.where(possibly, POSSIBLY, NO))


def agreement_share(agreements: ArrayLike, level: float = 0.95) -> AgreementShare:
    """Summarise the results of `agree_bounded` over years."""
    found = np.asarray(agreements)
    if found.size == 0:
        raise ValueError("agreement_share: expected at least one year, found none")
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


def pair_with_lag(tiers: pd.DataFrame, counts: pd.DataFrame, *, lag: int = 1) -> pd.DataFrame:
    """Set each report year's tier beside the counts of `lag` years before.

    `tiers` has columns year, tier; `counts` has year, source, convictions, one row per figure. Returns year,
    tier, counted_year, source, convictions: several rows a year where sources give different figures.
    """
    earlier = counts[["year", "source", "convictions"]].dropna(subset=["convictions"])
    earlier = earlier.rename(columns={"year": "counted_year"}).assign(year=lambda f: f["counted_year"] + lag)
    paired = tiers[["year", "tier"]].dropna().merge(earlier, on="year", how="inner")
    columns = ["year", "tier", "counted_year", "source", "convictions"]
    return paired[columns].sort_values(["year", "source", "convictions"], ignore_index=True)


def tier_test(tiers: Sequence[str] | pd.Series, counts: ArrayLike) -> TierTest:
    """Test exactly whether worse tiers fall on lower counts, over every way of dealing tiers to years.

    The statistic is the sum over years of the mid-rank of the tier (worse is higher) times that of the count:
    Spearman's correlation, ties kept. It takes the years as exchangeable, although both tiers and convictions
    persist: the p-value errs towards finding a link.
    """
    ranks, scores = _midranks(_tier_scores(tiers)), _midranks(counts)
    _same_length(ranks, scores)
    return _test(ranks, scores, _arrangements(ranks))


def tier_fisher(
    tiers: Sequence[str] | pd.Series, counts: ArrayLike, *, threshold: float, worse_from: str = "2WL"
) -> FisherTest:
    """Test with Fisher's exact test whether tiers from `worse_from` on fall on counts below the threshold."""
    from scipy.stats import hypergeom

    ranks, numbers = _tier_scores(tiers), np.asarray(counts, dtype=float)
    _same_length(ranks, numbers)
    worse, below = ranks >= _tier_scores([worse_from])[0], numbers < threshold
    cells = [int((w & b).sum()) for w in (worse, ~worse) for b in (below, ~below)]
    margins = len(ranks), int(below.sum()), int(worse.sum())
    most = min(margins[1], margins[2])
    return FisherTest(
        cells[0],
        cells[1],
        cells[2],
        cells[3],
        float(hypergeom.sf(cells[0] - 1, *margins)),
        float(hypergeom.sf(most - 1, *margins)),
    )


def tier_match(
    tiers: Sequence[str] | pd.Series,
    counts: ArrayLike,
    *,
    threshold: float | None = None,
    worse_from: str = "2WL",
) -> TierMatch:
    """Count the years in which a count above the threshold went with a better tier than `worse_from`.

    A year also fits if its count is not above the threshold and its tier is `worse_from` or worse. Without a
    threshold it is the median count.
    """
    better, numbers = _tier_scores(tiers) < _tier_scores([worse_from])[0], np.asarray(counts, dtype=float)
    _same_length(better, numbers)
    if len(numbers) == 0 or not np.isfinite(numbers).all():
        raise ValueError("tier_match: expected a count for every year, found none or a missing one; drop that year")
    line = float(np.median(numbers)) if threshold is None else float(threshold)
    above = numbers > line
    fitting = int((above == better).sum())
    of_above = float(better[above].mean()) if above.any() else float("nan")
    return TierMatch(len(numbers), line, fitting, fitting / len(numbers), int(above.sum()), of_above)


def tier_match_best(tiers: Sequence[str] | pd.Series, counts: ArrayLike, *, worse_from: str = "2WL") -> BestMatch:
    """Find the threshold that fits most years, and test it against the best that chance finds.

    Thresholds between two counts are alike: the lowest such count is returned.
    """
    better, numbers = _tier_scores(tiers) < _tier_scores([worse_from])[0], np.asarray(counts, dtype=float)
    _same_length(better, numbers)
    above = numbers[None, :] > np.unique(numbers)[:, None]
    dealt = _arrangements(better.astype(float)) > 0
    best = np.array([(dealt == row).sum(axis=1) for row in above]).max(axis=0)
    fits = (above == better).sum(axis=1)
    return BestMatch(
        float(np.unique(numbers)[fits.argmax()]), int(fits.max()), len(numbers), float((best >= fits.max()).mean())
    )


def pairs_in_order(tiers: Sequence[str] | pd.Series, counts: ArrayLike) -> float:
    """Return the share of pairs of years with unlike tiers in which the better tier has the higher count.

    Equal counts are half a pair in order: one half is no relation, 1 a perfect order.
    """
    steps, numbers = _tier_scores(tiers), np.asarray(counts, dtype=float)
    _same_length(steps, numbers)
    unlike = steps[:, None] < steps
    if not unlike.any():
        raise ValueError("pairs_in_order: expected two tiers or more, found one; there is no pair to order")
    order = np.sign(numbers[:, None] - numbers)[unlike]
    return float((order.mean() + 1) / 2)


def tier_test_conflicts(paired: pd.DataFrame) -> pd.DataFrame:
    """Run `tier_test` on every combination of the figures that sources give for a year.

    `paired` comes from `pair_with_lag`. Columns: combination, one column of convictions per counted year,
    correlation, p_value, smallest_p. Equal figures of two sources count once. The spread of `p_value` is what
    the choice of source alone can do.
    """
    per_year = paired.groupby("year", sort=True)
    if paired[["year", "tier"]].drop_duplicates()["year"].duplicated().any():
        raise ValueError("tier_test_conflicts: expected one tier per year, found several; choose one first")
    tiers = per_year["tier"].first().tolist()
    years = per_year["counted_year"].first().astype(int).tolist()
    figures = [sorted(set(rows["convictions"])) for _, rows in per_year]
    total = prod(len(options) for options in figures)
    if total > MAXIMUM_COMBINATIONS:
        raise ValueError(
            f"tier_test_conflicts: {total:,} combinations of sources, "
            f"expected at most {MAXIMUM_COMBINATIONS:,}; drop sources"
        )
    ranks = _midranks(_tier_scores(tiers))
    chosen = np.array(list(product(*figures)), dtype=float)
    tests = [_test(ranks, scores, dealt) for dealt in [_arrangements(ranks)] for scores in map(_midranks, chosen)]
    table = pd.DataFrame(chosen, columns=[f"convictions_{year}" for year in years])
    table.insert(0, "combination", np.arange(1, total + 1))
    for column in ("correlation", "p_value", "smallest_p"):
        table[column] = [getattr(test, column) for test in tests]
    return table


def tier_test_power(
    tiers: Sequence[str] | pd.Series,
    effects: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0),
    *,
    level: float = 0.05,
    draws: int = 5000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return how often the test would find a link of known strength, given these tiers.

    An effect is the fall of the log count per step of tier, in standard deviations of the log count within a
    tier. Columns: effect, superiority (probability that a year one tier better has the higher count), power,
    power_error (Monte Carlo standard error).
    """
    steps = _tier_scores(tiers)
    ranks = _midranks(steps)
    null = np.sort(_arrangements(ranks) @ np.arange(1.0, len(ranks) + 1))
    p_values = np.searchsorted(null, null + _SAME_STATISTIC, side="right") / len(null)
    critical = null[p_values <= level].max(initial=-np.inf)
    noise = np.random.default_rng(seed).standard_normal((draws, len(ranks)))
    rows = []
    for effect in effects:
        scores = (noise - effect * steps).argsort(axis=1).argsort(axis=1) + 1.0
        power = float((scores @ ranks <= critical + _SAME_STATISTIC).mean())
        error = (power * (1 - power) / draws) ** 0.5
        rows.append((float(effect), NormalDist().cdf(effect / 2**0.5), power, error))
    return pd.DataFrame(rows, columns=["effect", "superiority", "power", "power_error"])


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


def _tier_scores(tiers: Sequence[str] | pd.Series) -> NDArray[np.float64]:
    names = [str(tier) for tier in tiers]
    unknown = sorted(set(names) - set(TIER_ORDER))
    if unknown:
        raise ValueError(
            f"tiers: expected {', '.join(TIER_ORDER)}, found {', '.join(unknown)}; leave those years out"
        )
    return np.array([TIER_ORDER[name] for name in names], dtype=float)


def _midranks(counts: ArrayLike) -> NDArray[np.float64]:
    numbers = np.asarray(counts, dtype=float)
    if not np.isfinite(numbers).all():
        raise ValueError("tiers: expected a count for every year, found a missing one; drop that year")
    return (numbers[:, None] > numbers).sum(axis=1) + ((numbers[:, None] == numbers).sum(axis=1) + 1) / 2


def _test(ranks: NDArray[np.float64], scores: NDArray[np.float64], dealt: NDArray[np.float64]) -> TierTest:
    statistics = dealt @ scores
    statistic = float(ranks @ scores)
    centre = float(ranks.mean() * scores.sum())
    spread = float(ranks.std() * scores.std() * len(ranks))
    extreme = np.abs(statistics - centre) >= abs(statistic - centre) - _SAME_STATISTIC
    return TierTest(
        len(ranks),
        statistic,
        (statistic - centre) / spread if spread > 0 else float("nan"),
        float((statistics <= statistic + _SAME_STATISTIC).mean()),
        float(extreme.mean()),
        float((statistics <= statistics.min() + _SAME_STATISTIC).mean()),
        len(dealt),
    )


def _arrangements(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return every distinct order of the tiers, one per row, equally likely if tiers were dealt at random."""
    tally = Counter(ranks.tolist())
    total = factorial(len(ranks)) // prod(factorial(times) for times in tally.values())
    if len(ranks) < 2 or total > MAXIMUM_ARRANGEMENTS:
        raise ValueError(
            f"exact test: {len(ranks)} years give {total:,} arrangements, "
            f"expected 2 years or more and at most {MAXIMUM_ARRANGEMENTS:,} arrangements"
        )
    # Place one tier's years after another among the places still free.
    rows = np.full((1, len(ranks)), np.nan)
    for rank, times in sorted(tally.items()):
        grown = []
        free = int(np.isnan(rows[0]).sum())
        choices = list(combinations(range(free), times))
        places = np.array([np.flatnonzero(np.isnan(row)) for row in rows])
        for choice in choices:
            filled = rows.copy()
            np.put_along_axis(filled, places[:, list(choice)], rank, axis=1)
            grown.append(filled)
        rows = np.concatenate(grown)
    return rows


def _same_length(first: NDArray[Any], second: NDArray[Any]) -> None:
    if len(first) != len(second):
        raise ValueError(f"tiers: expected as many counts as tiers, found {len(first)} tiers, {len(second)} counts")
