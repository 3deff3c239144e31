"""Bounds on who is convicted, and what a choice of cases does to a share.

Citizenship is published by class (national, foreign, unknown) with suppressed counts as bounds, beside an
exact total. The total often decides what suppression hides, so the bounds here use both, country by country
and year by year, before anything is added up. A share among selected cases is turned into the share among all
by the odds of selection.

Counts are non-negative (persons), shares lie from 0 to 1.

Sources: Manski (2003), Partial Identification of Probability Distributions, for sharp bounds; King and Zeng
(2001), Political Analysis 9, for the odds of a share under selection on the outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import pandas as pd

Treatment = Literal["either", "national", "foreign", "left out"]
TREATMENTS: Mapping[Treatment, str] = {
    "either": "anyone of unknown citizenship may be either",
    "national": "everyone of unknown citizenship counted as a national",
    "foreign": "everyone of unknown citizenship counted as foreign",
    "left out": "people of unknown citizenship left out",
}
CLASSES = ("national", "foreign", "unknown")


class Range(NamedTuple):
    """A count known to lie from `low` to `high` (persons)."""

    low: float
    high: float

    def __add__(self, other: Range) -> Range:  # type: ignore[override]
        return Range(self.low + other.low, self.high + other.high)


class Extremes(NamedTuple):
    """The two tables that make a share of foreigners least and greatest (persons)."""

    fewest_foreign: float
    most_others: float
    most_foreign: float
    fewest_others: float


@dataclass(frozen=True)
class ShareBounds:
    """Sharp bounds on a share: every value between them is compatible with what is published."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """Return how far the bounds lie apart."""
        return self.high - self.low


def extremes(
    national: tuple[float, float],
    foreign: tuple[float, float],
    unknown: tuple[float, float],
    total: tuple[float, float],
    treatment: Treatment = "either",
) -> Extremes:
    """Return the least and the greatest split into foreigners and others that the counts allow.

    Each class is given by its bounds (persons), and all three add up to the total. Raises ValueError where no
    counts fit.
    """
    if treatment not in TREATMENTS:
        raise ValueError(f"extremes: expected one of {', '.join(TREATMENTS)}, found {treatment!r}")
    n, f, u, t = (Range(*bounds) for bounds in (national, foreign, unknown, total))
    for name, bounds in (("national", n), ("foreign", f), ("unknown", u), ("total", t)):
        if not 0 <= bounds.low <= bounds.high:
            raise ValueError(f"extremes: {name}: expected 0 <= low <= high, found {bounds.low:g}, {bounds.high:g}")
    everybody = n + f + u
    t = Range(max(t.low, everybody.low), min(t.high, everybody.high))
    if t.low > t.high:
        raise ValueError(
            f"extremes: the classes add up to {everybody.low:g} to {everybody.high:g}, "
            f"the total is {total[0]:g} to {total[1]:g}; leave that country and year out"
        )
    if treatment == "national":
        return _split(f, n + u, t)
    if treatment == "foreign":
        return _split(f + u, n, t)
    if treatment == "left out":
        return _split(f, n, Range(t.low - u.high, t.high - u.low))
    least, greatest = _split(f, n + u, t), _split(f + u, n, t)
    return Extremes(least.fewest_foreign, least.most_others, greatest.most_foreign, greatest.fewest_others)


def by_country_and_year(classes: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """Return the extreme splits of every country, year and treatment: iso3, year, treatment, `Extremes`.

    `classes` is long: iso3, year, citizenship, count_min, count_max; `totals` has iso3, year, count_min, count_max
    (persons convicted). A class that a country-year leaves out is nobody. People whom no class accounts for are of
    unknown citizenship. Country-years whose classes exceed their own total are left out: their counts contradict
    each other.
    """
    bounds = totals[["count_min", "count_max"]].astype(float).to_numpy().tolist()
    keys = zip(totals["iso3"], totals["year"], strict=True)
    known = {key: Range(*pair) for key, pair in zip(keys, bounds, strict=True)}
    rows = []
    for iso3, year in sorted(set(zip(classes["iso3"], classes["year"], strict=True))):
        if (iso3, year) not in known:
            raise ValueError(f"by_country_and_year: expected a total for {iso3} {year}, found none; add it")
        here = classes[(classes["iso3"] == iso3) & (classes["year"] == year)]
        ranges = dict.fromkeys(CLASSES, Range(0, 0))
        ranges |= {row.citizenship: Range(row.count_min, row.count_max) for row in here.itertuples()}
        total, printed = known[iso3, year], ranges["national"] + ranges["foreign"]
        if printed.low + ranges["unknown"].low > total.high:
            continue
        if printed.high + ranges["unknown"].high < total.low:
            ranges["unknown"] = Range(ranges["unknown"].low, total.high - printed.low)
        parts = ranges["national"], ranges["foreign"], ranges["unknown"], total
        rows += [(iso3, year, name, *extremes(*parts, name)) for name in TREATMENTS]
    return pd.DataFrame(rows, columns=["iso3", "year", "treatment", *Extremes._fields])


def pooled(splits: pd.DataFrame) -> ShareBounds:
    """Return sharp bounds on the share of foreigners over all rows of `by_country_and_year` of one treatment."""
    if len(set(splits["treatment"])) != 1:
        raise ValueError("pooled: expected rows of one treatment, found none or several; choose one")
    low_in, low_out, high_in, high_out = splits[list(Extremes._fields)].sum()
    if low_in + low_out == 0 or high_in + high_out == 0:
        raise ValueError("pooled: expected somebody convicted, found none")
    return ShareBounds(float(low_in / (low_in + low_out)), float(high_in / (high_in + high_out)))


def pooled_by_country(splits: pd.DataFrame) -> pd.DataFrame:
    """Return `pooled` for every country and treatment: iso3, treatment, low, high, fewest, most.

    `fewest` and `most` bound the number of people convicted (of known citizenship where the others are left
    out).
    """
    rows = []
    for (iso3, treatment), group in splits.groupby(["iso3", "treatment"]):
        share = pooled(group)
        sums = group[list(Extremes._fields)].sum()
        sizes = sums["fewest_foreign"] + sums["most_others"], sums["most_foreign"] + sums["fewest_others"]
        rows.append((iso3, treatment, share.low, share.high, min(sizes), max(sizes)))
    return pd.DataFrame(rows, columns=["iso3", "treatment", "low", "high", "fewest", "most"])


def among_all(share: float, odds: float) -> float:
    """Return the share among all cases, given the share among selected ones.

    `odds` is how many times as likely a case of the counted kind was to be selected as another case; 1 is no
    selection. The odds of the share are divided by it.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"among_all: expected a share from 0 to 1, found {share}")
    if odds <= 0:
        raise ValueError(f"among_all: expected odds of selection above 0, found {odds}")
    return share / (share + odds * (1 - share))


def odds_between(share: float, other: float) -> float:
    """Return the odds of selection that turn the share `other` among all cases into `share` among selected ones."""
    for value in (share, other):
        if not 0 < value < 1:
            raise ValueError(f"odds_between: expected shares above 0 and below 1, found {value}")
    return share / (1 - share) / (other / (1 - other))


def _split(foreign: Range, others: Range, total: Range) -> Extremes:
    """The extremes of two classes that add up to a total; the total leaves room for both."""
    fewest = max(foreign.low, total.low - others.high)
    most = min(foreign.high, total.high - others.low)
    return Extremes(fewest, min(others.high, total.high - fewest), most, max(others.low, total.low - most))
