"""The drawn figures: the ranges by law, the answers by choice, the laws of other countries."""

from __future__ import annotations

from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.law.ranges import (
    ABROAD,
    FORMS,
    MURDER,
    PERIODS,
    SOURCE,
    as_murder,
    as_murder_alternatives,
    is_unverified,
    us_standard,
)
from compendium.evidence.numbers import percent
from compendium.figures import palette
from compendium.methods.law import penalties

LIFE_AT = 26  # where life stands on an axis of years
UNKNOWN_FLOOR_WIDTH = 0.6  # of a bar whose lowest term no source states

CHOICES = {
    "main": "As declared",
    "without-unverified": "Without unread",
    "ordinary-murder": "Ordinary murder",
    "basic-form": "Basic form alone",
    "gravest-form": "Gravest form alone",
    "ceilings-only": "Highest term only",
    "floors-only": "Lowest term only",
    "printed-earlier": "Essay printed before the Code",
}
AS_SEVERE, NOT_AS_SEVERE = 0.44, 0.29  # the lines of the claim's rule


def _years_axis(axis: Any, **limits: Any) -> None:
    axis.set(xticks=[0, 5, 10, 15, 20, LIFE_AT], xlabel="Years of imprisonment", **limits)
    axis.set_xticklabels(["0", "5", "10", "15", "20", "life"])
    axis.grid(axis="y", visible=False)


def draw_regimes(table: pd.DataFrame, ranges: pd.DataFrame) -> figures.Figure:
    """Trafficking and premeditated murder under each law, one bar each."""
    drawing, axis = figures.canvas(height=3.6)
    place = 0.0
    base: Any
    worse: Any
    for regime in MURDER:
        base, worse = ranges.loc[(regime.label, "base")], ranges.loc[(regime.label, "aggravated")]
        known, reference = is_unverified(table, regime.offence), is_unverified(table, regime.reference)
        axis.text(-9.6, place, regime.label, va="center", weight="bold")
        _bar(axis, base.floor, base.ceiling, place - 1, palette.ACCENT, known, "trafficking, basic")
        _bar(axis, worse.floor, worse.ceiling, place - 2, palette.ACCENT, known, "aggravated")
        murder = base.reference_floor, base.reference_ceiling
        _bar(axis, *murder, place - 3, palette.SECOND, reference, "premeditated murder")
        place -= 4.3
    unknown = {"ha": "right", "va": "center", "color": palette.SECOND, "fontsize": 9}
    axis.text(LIFE_AT - 1, place + 1.3, "lowest term unknown", **unknown)
    _years_axis(axis, xlim=(-9.8, 27), ylim=(place + 0.6, 0.7), yticks=[])
    return figures.static(
        drawing,
        name="law-regimes",
        title="Trafficking kept close to murder until 2010, when the law on murder moved away",
        subtitle="Lowest to highest term by law, in years. A dashed bar is unread: "
        "no text of the law that was seen confirms it",
        alt="Three groups of three bars. "
        "From 1996: trafficking 10 to 15, aggravated 15 to 20, murder 10 to 20 years. "
        "From 2008: trafficking 7 to 15, aggravated 15 to 20, murder 10 to 20. "
        "Since December 2010 murder carries life, trafficking is unchanged.",
        source=SOURCE + ".",
        data=ranges.reset_index(),
    )


def _bar(axis: Any, floor: float, ceiling: float, place: float, colour: str, unverified: bool, words: str) -> None:
    high = LIFE_AT if ceiling == penalties.LIFE else ceiling
    low = high - UNKNOWN_FLOOR_WIDTH if pd.isna(floor) else floor
    look = {"fc": palette.PAPER if unverified else colour, "ls": "--" if unverified else "-"}
    axis.barh(place, high - low, left=low, height=0.62, ec=colour, lw=1.5, **look)
    axis.text(-0.4, place, words, ha="right", va="center", color=colour)


def draw_choices(table: pd.DataFrame) -> figures.Figure:
    """How often a term for trafficking is the longer one, by period and choice, against the lines of the rule."""
    grid = pd.DataFrame({"main": as_murder(table), **as_murder_alternatives(table)}).T
    drawing, axes = figures.canvas(height=3.2, columns=2, sharey=True)
    periods = ("Until the Penal\nCode of 2010", "Since the\nPenal Code")
    for axis, period, words in zip(axes, PERIODS.values(), periods, strict=True):
        for line in (NOT_AS_SEVERE, AS_SEVERE):
            axis.axvline(line, color=palette.MUTED, ls=":", lw=1)
        for place, reach in enumerate(grid[f"reach_{period}"]):
            beside: Any = {"va": "center", "bbox": figures.ON_PAPER}
            if pd.isna(reach):
                axis.text(0.5, -place, "unknown", color=palette.MUTED, ha="center", **beside)
                continue
            axis.plot(reach, -place, "o", color=palette.SECOND if place == 0 else palette.ACCENT, ms=7)
            side, away = ("right", -0.06) if reach > 0.8 else ("left", 0.06)
            axis.text(reach + away, -place, percent(reach), ha=side, **beside)
        axis.set_title(words, loc="left", color=palette.MUTED)
        axis.set(xlim=(-0.04, 1.04), xticks=[0, 0.5, 1], ylim=(-len(grid) + 0.5, 0.6))
        axis.set_xticklabels([percent(tick) for tick in (0, 0.5, 1)])
        axis.grid(axis="y", visible=False)
    axes[0].set(yticks=[-place for place in range(len(grid))], yticklabels=[CHOICES[name] for name in grid.index])
    main: Any = grid.loc["main"]
    return figures.static(
        drawing,
        name="law-choices",
        title=f"A term for trafficking was the longer one in {percent(main.reach_2008)} of pairs until 2010, "
        f"in {percent(main.reach_2010)} since",
        subtitle="How often a term for trafficking is longer than one for murder, by choice; one half is as "
        "severe. Left of both dotted lines this book says milder, right of both as severe",
        alt=f"Two columns of dots by choice. On the left, until 2010, from {percent(grid.reach_2008.min())} to "
        f"{percent(grid.reach_2008.max())}, with the main choice at {percent(main.reach_2008)}. On the right, "
        f"since 2010, zero against premeditated murder; {percent(grid.reach_2010.max())} against ordinary murder.",
        source=SOURCE + ".",
        data=grid.reset_index(names="choice"),
    )


def ranges_abroad(table: pd.DataFrame) -> pd.DataFrame:
    """Ranges of trafficking in Cambodia, its region and the United States, one row for each law and form."""
    status = table.set_index("id").status
    rows = []
    for identifier, country in ABROAD.items():
        for form in FORMS:
            found = penalties.penalty(table, identifier, form)
            if found is not None:
                rows.append((country, identifier, form, found.floor, found.ceiling, status[identifier]))
    return pd.DataFrame(rows, columns=["country", "id", "form", "floor", "ceiling", "status"])


def draw_neighbours(table: pd.DataFrame) -> figures.Figure:
    """Ranges of trafficking in seven laws against the US test of a stringent penalty."""
    drawing, axis = figures.canvas(height=2.9)
    abroad = ranges_abroad(table)
    row: Any
    for row in abroad.itertuples():
        colour = palette.SECOND if row.id == "KH-08-10" else palette.ACCENT
        place, doubt = -list(ABROAD).index(row.id), row.status == penalties.UNVERIFIED
        _law_abroad(axis, row.floor, row.ceiling, place, colour, doubt, row.form == "base")
    standard = us_standard()
    axis.axvline(standard, color=palette.MUTED, ls=":", lw=1.5)
    test = {"color": palette.MUTED, "va": "center", "fontsize": 9}
    axis.text(standard + 0.2, 0.75, "a highest term of four years passes the US test", **test)
    axis.set(yticks=[-place for place in range(len(ABROAD))], yticklabels=list(ABROAD.values()))
    _years_axis(axis, xlim=(0, 27), ylim=(-len(ABROAD) + 0.4, 1.2))
    return figures.static(
        drawing,
        name="law-neighbours",
        title="Cambodia's basic range begins higher than its neighbours', and every law passes the four-year test",
        subtitle="Terms for trafficking in years, January 2020. Thick bar: basic form; thin bar or dot: "
        "aggravated. Dashed or empty: unread, so unconfirmed",
        alt="Bars for seven laws. Thailand 4 to 12, Laos 5 to 15, Viet Nam 5 to 10, Cambodia 7 to 15, "
        "the Philippines 20, United States up to 20 for labour and 10 to life for sex. "
        "Aggravated forms reach 20 years or life.",
        source=SOURCE + ". Laos: an aggravated range is unread and not drawn.",
        data=abroad,
    )


def _law_abroad(axis: Any, floor: float, ceiling: float, place: int, colour: str, doubt: bool, basic: bool) -> None:
    high = LIFE_AT if ceiling == penalties.LIFE else ceiling
    low = high if pd.isna(floor) else floor
    if high > low:
        look = {"fc": palette.PAPER if doubt else colour, "ls": "--" if doubt else "-"}
        look["ec"] = colour if basic or doubt else palette.PAPER  # a thin bar may lie on the thick one
        axis.barh(place, high - low, left=low, height=0.55 if basic else 0.22, lw=1.2, **look)
    if high in (LIFE_AT, low):
        axis.plot(high, place, "o", color=colour, ms=6, mfc=palette.PAPER if doubt and basic else colour)
