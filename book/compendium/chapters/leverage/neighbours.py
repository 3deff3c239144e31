"""Whether the neighbours' laws explain the effect of a bad rating, and what two changed ratings did to it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.leverage.models import MAIN, WITHOUT_NEIGHBOURS, Main, spoken
from compendium.chapters.leverage.panel import SOURCE, Panel
from compendium.evidence import tables
from compendium.evidence.numbers import decimal, in_words, listing, percent
from compendium.figures import palette
from compendium.methods.law import hazard
from compendium.methods.law.diffusion import NEAREST
from compendium.methods.shares import proportions

BANDS = {"none": 0.0, "some, under half": 0.5, "half or more": 1.0}  # label: greatest share of nearest neighbours


def around(panel: Panel) -> pd.DataFrame:
    """Laws by the share of nearest neighbours that had one the year before, and by placement, as counted.

    One row for each band and placement: band, placed, countries, years (country-years), laws, share, low, high
    (95% Wilson intervals).
    """
    rows = panel.years.dropna(subset=["placed", "nearest_laws"])
    band = pd.cut(rows.nearest_laws, [-1.0, *BANDS.values()], labels=list(BANDS), right=True)
    band = band.mask(rows.nearest_laws.eq(0.5), list(BANDS)[-1])
    grouped = rows.groupby([band.rename("band"), "placed"], observed=True)
    counted = grouped.agg(
        countries=("iso3", "nunique"), years=("event", "size"), laws=("event", "sum")
    ).reset_index()
    ends = [proportions.wilson(laws, years) for laws, years in zip(counted.laws, counted.years, strict=True)]
    return counted.assign(
        share=[end.estimate for end in ends], low=[end.low for end in ends], high=[end.high for end in ends]
    )


def words_on_neighbours(panel: Panel, counted: pd.DataFrame) -> dict[str, str]:
    """Laws by rating where no neighbour had one, and the effect with the neighbours' laws held equal."""
    alone = counted[counted.band == next(iter(BANDS))].set_index("placed")
    without = hazard.fit(panel.years, WITHOUT_NEIGHBOURS)
    more = _by_placement(counted)
    return {
        "nearest": in_words(NEAREST),
        "alone_placed": percent(alone.share[1]),
        "alone_unplaced": percent(alone.share[0]),
        "more_often": _of_all(int((more[1] > more[0]).sum()), len(more)),
        "without_neighbours_ratio": spoken(without.ratio()),
    }


def _of_all(some: int, every: int) -> str:
    """How many of the groups, as a subject: all three, or two of the three."""
    return f"all {in_words(every)}" if some == every else f"{in_words(some)} of the {in_words(every)}"


def _by_placement(counted: pd.DataFrame) -> pd.DataFrame:
    """Shares with the bands as rows and placement as columns."""
    return counted.set_index(["band", "placed"]).share.unstack()  # noqa: PD010 (pivot_table would average)


def words_on_changed_ratings(panel: Panel, main: Main) -> dict[str, str]:
    """The ratings that a further source overturned, and the effect with the former ones."""
    settled = tables.read("tip_tier_disagreements")
    moved: Any = settled[settled.source_b.eq("tip_tiers") & settled.tier_kept.ne(settled.tier_b)]
    moved = moved[moved.year.between(2001, panel.years.year.max() - 1)]
    names = panel.world.drop_duplicates("iso3").set_index("iso3").name
    before = panel.tiers.merge(moved[["iso3", "year", "tier_b"]], on=["iso3", "year"], how="left")
    before = before.assign(tier=before.tier_b.fillna(before.tier)).drop(columns="tier_b")
    effect = hazard.marginal_effect(hazard.fit(panel.ranked(tiers=before), MAIN))
    return {
        "changed": listing([f"{names[row.iso3].split(',')[0]} in {row.year}" for row in moved.itertuples()]),
        "former_effect": spoken(effect),
        "moved_by": decimal(main.effect.estimate - effect.estimate),
    }


def draw_around(counted: pd.DataFrame) -> figures.Figure:
    """Laws a year by the share of nearest neighbours that had one, badly rated countries beside the rest."""
    drawing, axis = figures.canvas(height=2.8)
    bands = list(BANDS)
    row: Any
    for row in counted.itertuples():
        colour, mark, side = (palette.SECOND, "s", 1) if row.placed else (palette.ACCENT, "o", -1)
        at = bands.index(row.band) + 0.1 * side
        axis.vlines(at, 100 * row.low, 100 * row.high, color=colour, lw=2)
        axis.plot(at, 100 * row.share, mark, color=colour)
        beside = {"ha": "left" if row.placed else "right", "va": "center", "color": colour}
        axis.text(at + 0.07 * side, 100 * row.share, f"{row.laws} of {row.years}", **beside)
    top = 100 * counted.high.max() + 2.5
    axis.text(-0.55, top, "badly rated", color=palette.SECOND, va="top")
    axis.text(-0.55, top - 3, "not badly rated", color=palette.ACCENT, va="top")
    axis.set(xticks=range(len(bands)), xlim=(-0.6, len(bands) - 0.4), ylim=(0, 100 * counted.high.max() + 3))
    axis.set_xticklabels(bands)
    axis.set(ylabel="Percent a year", xlabel=f"Of the {in_words(NEAREST)} nearest neighbours with a full law")
    axis.grid(axis="x", visible=False)
    wide = _by_placement(counted)
    more, groups = int((wide[1] > wide[0]).sum()), in_words(len(wide))
    where = f"each of {groups}" if more == len(wide) else f"{in_words(more)} of {groups}"
    return figures.static(
        drawing,
        name="leverage-around",
        title=f"By what the neighbours had done: the badly rated passed a law more often in {where} groups",
        subtitle="Country-years in which a full law was passed, percent, by how many of the "
        "nearest neighbours had one the year before; beside the marks: laws of country-years; lines: 95% intervals",
        alt=f"{groups.capitalize()} pairs of dots with intervals that overlap, by the neighbours' laws. "
        f"The badly rated lie above the rest in {where}.",
        source=SOURCE + "; distances between the coordinates of countries.",
        data=counted.rename(columns={"placed": "badly_rated"}),
    )
