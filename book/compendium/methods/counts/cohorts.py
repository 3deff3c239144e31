"""What series by year and age say of birth cohorts, and which of their values cannot stand beside each other.

Shares are percentages as published, from 0 to 100. An age reached during the year is counted, so people of 15
to 24 in 2008 were born 1984 to 1993.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from compendium.methods.checks import between, within

SEXES = ("female", "male")


class CohortError(ValueError):
    """Ages, weights or series from which nothing can be inferred; the message names what was found."""


def born(year: int, youngest: int, oldest: int) -> tuple[int, int]:
    """First and last birth year of people aged `youngest` to `oldest` in `year`."""
    between("born", -np.inf, np.inf, year=year)
    if not 0 <= youngest <= oldest:
        raise CohortError(f"ages {youngest} to {oldest}: expected 0 or more, the younger first")
    return year - oldest, year - youngest


def older_share(everyone: float, young: float, young_weight: float) -> float:
    """Percentage among the older part of a group, from the whole, the younger part and that part's weight (0 to 1).

    Where the young do better the result falls as their weight rises, so that at weight 0 it is an upper bound,
    the percentage of the whole. Raises CohortError if no older part could make up the whole.
    """
    if not 0 <= young_weight < 1:
        raise CohortError(f"young_weight is {young_weight}; expected 0 or more and below 1")
    older = (everyone - young_weight * young) / (1 - young_weight)
    if not -1e-9 <= older <= 100 + 1e-9:
        raise CohortError(
            f"{everyone} in the whole and {young} in a younger part of weight {young_weight}: "
            f"the older part would have {older:.1f}; expected 0 to 100"
        )
    return min(100.0, max(0.0, older))


def dips(values: Sequence[float], by: float) -> list[bool]:
    """Whether each value, in order of time, lies more than `by` below both of its neighbours.

    Literacy hardly falls and returns within a few years: such a value was measured in another way. The first
    and the last value have one neighbour and are never called dips.
    """
    between("dips", -np.inf, np.inf, values=values)
    if by < 0:
        raise CohortError(f"by is {by}; expected 0 or more")
    row = np.asarray(values, dtype=float)
    found = np.zeros(len(row), dtype=bool)
    found[1:-1] = (row[1:-1] < row[:-2] - by) & (row[1:-1] < row[2:] - by)
    return found.tolist()


def by_sex(series: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """One indicator as published: a row per year, a column for each sex and for all.

    `series` has the columns indicator, sex, year, value. Raises CohortError for an unknown indicator.
    """
    rows = series[series["indicator"] == indicator]
    if rows.empty:
        raise CohortError(f"no series {indicator!r}; known: {', '.join(sorted(series['indicator'].unique()))}")
    return rows.pivot_table(index="year", columns="sex", values="value").rename_axis(columns=None)


def impossible_totals(shares: pd.DataFrame, rounding: float = 0.05) -> list[int]:
    """Years in which the percentage of all does not lie between those of women and men.

    `shares` as from `by_sex`; `rounding` is how far each printed value may be off.
    """
    within("impossible_totals", 0, np.inf, rounding=rounding)
    low = shares[list(SEXES)].min(axis=1) - 2 * rounding
    high = shares[list(SEXES)].max(axis=1) + 2 * rounding
    return [int(year) for year in shares.index[(shares["all"] < low) | (shares["all"] > high)]]


def impossible_steps(lower: pd.Series, higher: pd.Series, rounding: float = 0.05) -> list[int]:
    """Years in which more people completed the higher level of schooling than the lower one below it."""
    within("impossible_steps", 0, np.inf, rounding=rounding)
    both = pd.concat([lower, higher], axis=1, keys=["lower", "higher"]).dropna()
    return [int(year) for year in both.index[both["higher"] > both["lower"] + 2 * rounding]]
