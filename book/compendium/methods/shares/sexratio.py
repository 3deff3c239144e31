"""Women's share: sums over years with bounds for suppressed counts, and what selection does to a share.

Shares are fractions from 0 to 1. A ratio of selection says how many times as likely a woman is to pass a stage
(arrest, prison, interview) as a man is.
"""

from math import prod
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from compendium.methods.checks import some
from compendium.methods.shares.proportions import Interval, checked_fraction, grim_percent, hull, wilson

BOUNDS = ["women_min", "women_max", "men_min", "men_max"]
SEXES = {"female": "women", "male": "men"}
Taking = Literal["first", "second", "sum"]
BOTTOM, TOP = ("women_min", "totals_low"), ("women_max", "totals_high")


def with_cells(convicted: pd.DataFrame, twice: pd.DataFrame, taking: Taking) -> pd.DataFrame:
    """Convicted by sex with the cells that the source prints twice set to one of the two values, or to their sum.

    `convicted` as for `by_country`; `twice` has one row per iso3, year and sex with first_min, first_max,
    second_min and second_max (persons). A sex other than female and male has no place here. Raises ValueError
    if a cell belongs to no row of `convicted`.
    """
    cells = convicted.set_index(["iso3", "year"])
    for row in twice[twice["sex"].isin(SEXES)].itertuples():
        key, column = (row.iso3, row.year), SEXES[str(row.sex)]
        if key not in cells.index:
            raise ValueError(f"with_cells: {key} is printed twice and is no row of the convicted")
        for end in ("min", "max"):
            first, second = getattr(row, f"first_{end}"), getattr(row, f"second_{end}")
            cells.loc[key, f"{column}_{end}"] = {"first": first, "second": second, "sum": first + second}[taking]
    return cells.reset_index()


def by_country(convicted: pd.DataFrame) -> pd.DataFrame:
    """Convicted women and men of each country, summed over its years, with bounds for suppressed counts.

    `convicted` has one row per country and year with iso3, women_min, women_max, men_min, men_max (persons).
    Country-years in which one sex is not printed at all are left out; people of other or unknown sex too.
    Columns: iso3, years, the four sums, known (women and men counted for certain), share_low and share_high
    (bounds of the women's share), totals_low and totals_high (women and men where the share is lowest, highest).
    Countries whose share has no denominator at one of the bounds are left out.
    """
    both = convicted.dropna(subset=BOUNDS)
    sums = both.groupby("iso3")[BOUNDS].sum().astype("int64")
    sums.insert(0, "years", both.groupby("iso3").size())
    sums["known"] = sums["women_min"] + sums["men_min"]
    sums["totals_low"] = sums["women_min"] + sums["men_max"]
    sums["totals_high"] = sums["women_max"] + sums["men_min"]
    sums = sums[(sums["totals_low"] > 0) & (sums["totals_high"] > 0)]
    sums["share_low"] = sums["women_min"] / sums["totals_low"]
    sums["share_high"] = sums["women_max"] / sums["totals_high"]
    return sums.reset_index()


def configurations(countries: pd.DataFrame) -> dict[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Women and totals of the countries of `by_country` at four corners of what suppression may hide.

    All shares lowest (low), all highest (high), as far apart as they can be (apart), as close as they can be
    (together): two arrays of one entry for each country, in the order given.
    """
    some("configurations", "countries", countries)
    both = countries["share_low"] + countries["share_high"]  # twice the middle of each
    above = (both > both.mean()).to_numpy()
    everywhere = np.ones(len(countries), dtype=bool)
    corners = {"low": ~everywhere, "high": everywhere, "apart": above, "together": ~above}
    low, high = ((countries[women], countries[totals]) for women, totals in (BOTTOM, TOP))
    return {
        name: (np.where(at_high, high[0], low[0]), np.where(at_high, high[1], low[1]))
        for name, at_high in corners.items()
    }


def sample_interval(sample: int, women: int | None, printed: str | None = None, level: float = 0.95) -> Interval:
    """Wilson interval for a published sample of which the women, or only a rounded percentage, are printed.

    With a percentage the interval holds those of every count that rounds to it. Raises ValueError if neither is
    given or no count fits.
    """
    if women is not None:
        return wilson(women, sample, level)
    if printed is None:
        raise ValueError("sample_interval: neither women nor a percentage is given; expected one of them")
    fitting = grim_percent(printed, sample).candidates
    if not fitting:
        raise ValueError(
            f"sample_interval: no count of {sample} rounds to {printed}%; check the sample that it refers to"
        )
    return hull(*(wilson(count, sample, level) for count in (fitting[len(fitting) // 2], fitting[0], fitting[-1])))


def selected_share(share: float, *ratios: float) -> float:
    """Women's share after stages that women pass `ratios` times as often as men.

    `share` is the women's share before the first stage. Each stage multiplies the odds by its ratio.
    """
    share = checked_fraction("selected_share", "share", share)
    if not all(ratio > 0 for ratio in ratios):
        raise ValueError(f"selected_share: ratios are {ratios}; expected every ratio above 0")
    women = share * prod(ratios)
    return women / (women + 1 - share)


def ratio_between(before: float, after: float) -> float:
    """How many times as likely a woman must be to pass for the women's share to go from `before` to `after`.

    The odds ratio of the two shares, which must lie strictly between 0 and 1.
    """
    for name, share in (("before", before), ("after", after)):
        if not 0 < share < 1:
            raise ValueError(f"ratio_between: {name} is {share}; expected a share strictly between 0 and 1")
    return after / (1 - after) / (before / (1 - before))
