"""Does a tier follow a count of the year before?

An exact test of tiers against the convictions of the year before, with what so few years could have shown at
most; how many years a threshold fits, and how many the best of all thresholds would fit by chance.

Counts are non-negative (persons). The smaller tier number is the better rating; the Watch List lies between 2
and 3.

Source: Mantel (1963), JASA 58, for the linear-by-linear permutation test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import factorial, prod
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import bisect

from compendium.methods.checks import between, within

TIER_ORDER: Mapping[str, int] = {"1": 1, "2": 2, "2WL": 3, "3": 4}
MAXIMUM_ARRANGEMENTS = 1_000_000
MAXIMUM_COMBINATIONS = 10_000
# Rank sums differ by at least 1/2; anything closer is one value apart from rounding.
_SAME_POWER = 1e-12  # a power that equals the wanted one reaches it
_SAME_STATISTIC = 1e-9


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
    between("tier_fisher", -np.inf, np.inf, counts=counts, threshold=threshold)
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
    if threshold is not None and not np.isfinite(threshold):
        raise ValueError(f"tier_match: threshold is {threshold}; expected a finite number")
    line = float(np.median(numbers)) if threshold is None else float(threshold)
    above = numbers > line
    fitting = int((above == better).sum())
    of_above = float(better[above].mean()) if above.any() else float("nan")
    return TierMatch(len(numbers), line, fitting, fitting / len(numbers), int(above.sum()), of_above)


def tier_match_best(tiers: Sequence[str] | pd.Series, counts: ArrayLike, *, worse_from: str = "2WL") -> BestMatch:
    """Find the threshold that fits most years, and test it against the best that chance finds.

    Thresholds between two counts are alike: the lowest such count is returned.
    """
    between("tier_match_best", -np.inf, np.inf, counts=counts)
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
    between("pairs_in_order", -np.inf, np.inf, counts=counts)
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
    between("tier_test_power", -np.inf, np.inf, effects=effects)
    found_at = _power_of(tiers, level, draws, seed)
    rows = []
    for effect in effects:
        power = found_at(float(effect))
        error = (power * (1 - power) / draws) ** 0.5
        rows.append((float(effect), superiority(effect), power, error))
    return pd.DataFrame(rows, columns=["effect", "superiority", "power", "power_error"])


def effect_for_power(
    tiers: Sequence[str] | pd.Series,
    wanted: float = 0.8,
    *,
    level: float = 0.05,
    draws: int = 5000,
    seed: int = 0,
    largest: float = 20.0,
) -> float:
    """Return the effect at which `tier_test_power` reaches the wanted power, by bisection on the same draws.

    Raises ValueError if even the `largest` effect is found less often, as with too few years.
    """
    between("effect_for_power", 0, 1, wanted=wanted)
    between("effect_for_power", 0, np.inf, largest=largest)
    found_at = _power_of(tiers, level, draws, seed)
    if found_at(largest) < wanted:
        raise ValueError(f"power: an effect of {largest:g} is found less than {wanted:.0%} of the time")
    return float(bisect(lambda effect: found_at(effect) - wanted + _SAME_POWER, 0.0, largest, xtol=1e-4))


def superiority(effect: float) -> float:
    """Return the probability that a year one tier better has the higher count, for an effect of the power."""
    between("superiority", -np.inf, np.inf, effect=effect)
    return NormalDist().cdf(float(effect) / 2**0.5)


def _power_of(tiers: Sequence[str] | pd.Series, level: float, draws: int, seed: int) -> Callable[[float], float]:
    """The power by effect, on one set of draws: it never falls as the effect grows."""
    within("power", 1, np.inf, draws=draws)
    between("power", 0, 1, level=level)
    steps = _tier_scores(tiers)
    ranks = _midranks(steps)
    _varying("tiers", ranks)
    null = np.sort(_arrangements(ranks) @ np.arange(1.0, len(ranks) + 1))
    p_values = np.searchsorted(null, null + _SAME_STATISTIC, side="right") / len(null)
    critical = null[p_values <= level].max(initial=-np.inf)
    noise = np.random.default_rng(seed).standard_normal((draws, len(ranks)))

    def found_at(effect: float) -> float:
        scores = (noise - effect * steps).argsort(axis=1).argsort(axis=1) + 1.0
        return float((scores @ ranks <= critical + _SAME_STATISTIC).mean())

    return found_at


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


def _varying(what: str, ranks: NDArray[np.float64]) -> None:
    if len(set(ranks.tolist())) < 2:
        raise ValueError(f"exact test: expected {what} that differ between years, found one or none")


def _same_length(first: NDArray[Any], second: NDArray[Any]) -> None:
    if len(first) != len(second):
        raise ValueError(f"tiers: expected as many counts as tiers, found {len(first)} tiers, {len(second)} counts")
