"""Bounds on a share of foreign citizens, and what a choice of cases does to a share.

Citizenship is published by class (national, foreign, unknown) with suppressed counts as bounds, beside a
total. The total often decides what suppression hides, so the bounds here can use both, country by country
and year by year, before anything is added up. Where classes and total contradict each other, the country-year
is left out or what it misses the total by is left open. A share among selected cases is turned into the share
among all by the odds of selection.

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
Misfits = Literal["left out", "bounded"]
TREATMENTS: Mapping[Treatment, str] = {
    "either": "anyone of unknown citizenship may be either",
    "national": "everyone of unknown citizenship counted as a national",
    "foreign": "everyone of unknown citizenship counted as foreign",
    "left out": "people of unknown citizenship left out",
}
CLASSES = ("national", "foreign", "unknown")
KNOWN = "known"  # the treatment of `of_known`: people of known citizenship alone, no total used


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


class Sides(NamedTuple):
    """How many countries have a share surely above one half, surely below it, and on a side that is open."""

    above: int
    below: int
    open: int


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


def by_country_and_year(classes: pd.DataFrame, totals: pd.DataFrame, misfits: Misfits = "left out") -> pd.DataFrame:
    """Return the extreme splits of every country, year and treatment: iso3, year, treatment, `Extremes`.

    `classes` is long: iso3, year, citizenship, count_min, count_max; `totals` has iso3, year, count_min, count_max
    (persons). A class that a country-year leaves out is nobody. People whom no class accounts for are of
    unknown citizenship. Country-years whose classes exceed their own total contradict themselves: they are left
    out, or `bounded`, that is, the surplus may lie in any class. A total that is not printed raises ValueError,
    or, if misfits are bounded, is that of the classes.
    """
    bounds = totals[["count_min", "count_max"]].astype(float).to_numpy().tolist()
    keys = zip(totals["iso3"], totals["year"], strict=True)
    known = {key: Range(*pair) for key, pair in zip(keys, bounds, strict=True)}
    rows = []
    for (iso3, year), here in classes.groupby(["iso3", "year"]):
        ranges = dict.fromkeys(CLASSES, Range(0, 0))
        counts = zip(here["citizenship"], here["count_min"], here["count_max"], strict=True)
        ranges |= {name: Range(float(low), float(high)) for name, low, high in counts}
        everybody = ranges["national"] + ranges["foreign"] + ranges["unknown"]
        if (iso3, year) not in known and misfits == "left out":
            raise ValueError(f"by_country_and_year: expected a total for {iso3} {year}, found none; add it")
        total = known.get((iso3, year), everybody)
        if everybody.low > total.high and misfits == "left out":
            continue
        fitted = _fitted(ranges, everybody, total)
        rows += [(iso3, year, name, *extremes(*fitted, total, name)) for name in TREATMENTS]
    return pd.DataFrame(rows, columns=["iso3", "year", "treatment", *Extremes._fields])


def of_known(classes: pd.DataFrame) -> pd.DataFrame:
    """Return the extreme splits of the people of known citizenship alone, whatever total is printed.

    `classes` as for `by_country_and_year`; the rows are those of that function, of the treatment `KNOWN`.
    """
    ends = {"fewest": "count_min", "most": "count_max"}
    wide = classes.pivot_table(
        index=["iso3", "year"], columns="citizenship", values=list(ends.values()), aggfunc="sum", fill_value=0
    )
    columns = pd.MultiIndex.from_product([ends.values(), ["national", "foreign"]])
    wide = wide.reindex(columns=columns, fill_value=0).astype(float)
    sides = {"foreign": "foreign", "others": "national"}
    values = {f"{end}_{side}": wide[ends[end], name] for end in ends for side, name in sides.items()}
    splits = pd.DataFrame({name: values[name] for name in Extremes._fields}).reset_index()
    splits.insert(2, "treatment", KNOWN)
    return splits


def pooled(splits: pd.DataFrame) -> ShareBounds:
    """Return sharp bounds on the share of foreigners over all rows of `by_country_and_year` of one treatment."""
    if len(set(splits["treatment"])) != 1:
        raise ValueError("pooled: expected rows of one treatment, found none or several; choose one")
    low_in, low_out, high_in, high_out = splits[list(Extremes._fields)].sum()
    if low_in + low_out == 0 or high_in + high_out == 0:
        raise ValueError("pooled: expected somebody counted, found none")
    return ShareBounds(float(low_in / (low_in + low_out)), float(high_in / (high_in + high_out)))


def pooled_by_country(splits: pd.DataFrame) -> pd.DataFrame:
    """Return `pooled` for every country and treatment: iso3, treatment, low, high, fewest, most.

    `fewest` and `most` bound the number of people (of known citizenship where the others are left out). Where
    they may be nobody, the share may be anything.
    """
    sums = splits.groupby(["iso3", "treatment"])[list(Extremes._fields)].sum().reset_index()
    least, greatest = sums.fewest_foreign + sums.most_others, sums.most_foreign + sums.fewest_others
    return sums[["iso3", "treatment"]].assign(
        low=(sums.fewest_foreign / least.where(least > 0)).fillna(0.0),
        high=(sums.most_foreign / greatest.where(greatest > 0)).fillna(1.0),
        fewest=least.combine(greatest, min),
        most=least.combine(greatest, max),
    )


def sides_of_half(shares: pd.DataFrame) -> Sides:
    """Return how many rows of `pooled_by_country` lie surely above one half, surely below, and on either side."""
    above, below = int((shares["low"] > 0.5).sum()), int((shares["high"] < 0.5).sum())
    return Sides(above, below, len(shares) - above - below)


def among_all(share: float, odds: float) -> float:
    """Return the share among all cases, given the share among selected ones.

    `odds` is how many times as likely a case of the counted kind was to be selected as another case; 1 is no
    selection. The odds of the share are divided by it.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"among_all: expected a share from 0 to 1, found {share}")
    if not odds > 0:
        raise ValueError(f"among_all: expected odds of selection above 0, found {odds}")
    return share / (share + odds * (1 - share))


def odds_between(share: float, other: float) -> float:
    """Return the odds of selection that turn the share `other` among all cases into `share` among selected ones."""
    for value in (share, other):
        if not 0 < value < 1:
            raise ValueError(f"odds_between: expected shares above 0 and below 1, found {value}")
    return share / (1 - share) / (other / (1 - other))


def _fitted(ranges: Mapping[str, Range], everybody: Range, total: Range) -> tuple[Range, Range, Range]:
    """National, foreign and unknown, each open by as much as all three together miss the total."""
    national, foreign, unknown = (ranges[name] for name in CLASSES)
    if everybody.high < total.low:
        unknown = Range(unknown.low, total.high - national.low - foreign.low)
    surplus = everybody.low - total.low if everybody.low > total.high else 0
    national, foreign, unknown = (
        Range(max(0, part.low - surplus), part.high) for part in (national, foreign, unknown)
    )
    return national, foreign, unknown


def _split(foreign: Range, others: Range, total: Range) -> Extremes:
    """The extremes of two classes that add up to a total; the total leaves room for both."""
    fewest = max(foreign.low, total.low - others.high)
    most = min(foreign.high, total.high - others.low)
    return Extremes(fewest, min(others.high, total.high - fewest), most, max(others.low, total.low - most))
