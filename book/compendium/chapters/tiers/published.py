"""Every list that was read: the classes by year, and the path of each country."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import count, interval, listing
from compendium.figures import palette
from compendium.methods.tiers import tiermap, tiers

SOURCE = "TIP reports 2001 to 2025, as coded by Kelley and Heiss and in the other sources of the data catalogue"


@dataclass(frozen=True)
class Lists:
    """The table of tiers, and every country's path.

    `rated` is the table `tip_tiers`, `countries` the table of that name; `known` has a row for each country that
    was ever rated, sorted by name: iso3, name, letters, history.
    """

    rated: pd.DataFrame
    countries: pd.DataFrame
    known: pd.DataFrame

    @property
    def letters(self) -> pd.Series:
        """The letters of every path by ISO code."""
        return self.known.set_index("iso3")["letters"]

    @property
    def names(self) -> pd.Series:
        """The name of every country by ISO code."""
        return self.countries.set_index("iso3")["name"]


def lists() -> Lists:
    """Read the lists and the names of countries."""
    rated, countries = tables.read("tip_tiers"), tables.read("countries")
    known = tiermap.histories(rated, dict(zip(countries["iso3"], countries["name"], strict=True)))
    return Lists(rated, countries, known.sort_values("name"))


def classes(lists: Lists) -> pd.DataFrame:
    """Count ranked countries by class in every list that was read in full."""
    return tiers.classes_by_year(lists.rated)


def words_on_classes(by_year: pd.DataFrame) -> dict[str, str]:
    """Return the lists of three classes, and the share on the Watch List in the others."""
    three = by_year.year[by_year.classes == 3]
    watch = by_year[by_year.year >= tiers.WATCH_LIST_SINCE]
    share = watch["2WL"] / watch.ranked
    return {
        "three": count(len(three)),
        "three_years": listing([str(year) for year in three]),
        "watch_share": interval(share.min(), share.max()),
    }


def draw_classes(by_year: pd.DataFrame) -> figures.Figure:
    """Draw the classes of each list, stacked."""
    watch = by_year["2WL"][by_year.year >= tiers.WATCH_LIST_SINCE]
    drawing, axis = figures.canvas(height=3.0)
    bottom = np.zeros(len(by_year))
    for tier, hue in zip(tiers.TIERS, palette.STEPS[1:], strict=True):
        axis.bar(by_year.year, by_year[tier], bottom=bottom, color=hue, width=0.82, edgecolor=palette.PAPER)
        middle = (bottom + by_year[tier] / 2).iloc[-1]
        axis.text(
            by_year.year.iloc[-1] + 0.6, middle, tiermap.WORDS[tiermap.LETTERS[tier]], va="center", fontsize=9
        )
        bottom += by_year[tier].to_numpy()
    for missing in sorted(set(tiermap.YEARS) - set(by_year.year)):
        axis.text(missing, 3, "?", ha="center", color=palette.MUTED)
    axis.set(xlim=(2000.4, 2030.2), xticks=[2001, 2004, 2008, 2012, 2016, 2020, 2025], ylabel="Countries")
    axis.grid(axis="x", visible=False)
    return figures.static(
        drawing,
        name="tiers-classes",
        title="Only the first three lists had three classes",
        subtitle="How many countries stood in each class, report by report; question marks: reports whose list is "
        "not known in full",
        alt="Stacked bars by report year. 2001 to 2003 have three pieces; from 2004 every bar has four, "
        f"with {interval(watch.min(), watch.max(), count)} countries on the Watch List.",
        source=SOURCE,
        data=by_year,
    )
