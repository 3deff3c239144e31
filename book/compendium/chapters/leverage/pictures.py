"""The drawn figures: raw shares, the estimate under other choices, event time, US aid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.leverage.models import Choices, laws_before_placement
from compendium.chapters.leverage.panel import SOURCE
from compendium.evidence.numbers import decimal, in_words, interval, listing
from compendium.figures import palette
from compendium.methods.law.eventstudy import EventStudy

WITH_COVARIATES = SOURCE + "; covariates: country_panel."
CAMBODIAN_LAW = 2008
LOWEST_DRAWN = 0.06  # hazard ratio at which an interval that falls lower is cut


def draw_spread(shares: pd.DataFrame) -> figures.Figure:
    """Full laws by year among countries that were ever badly rated and those that never were."""
    drawing, axis = figures.canvas(height=2.9)
    _line(axis, shares[shares.group], palette.SECOND, "Badly rated at least once", (2007.6, 3))
    _line(axis, shares[~shares.group], palette.ACCENT, "Ranked, never badly rated", (1999.9, 60))
    then = 100 * shares[shares.group & shares.year.eq(CAMBODIAN_LAW)]["mean"].item()
    axis.plot(CAMBODIAN_LAW, then, "o", color=palette.SECOND, ms=8)
    beside = {"xytext": (6, -4), "textcoords": "offset points", "va": "top", "color": palette.SECOND}
    axis.annotate("Cambodia's law", (CAMBODIAN_LAW, then), **beside)
    axis.set(ylim=(0, 100), xlim=(1999.5, 2014.5), xticks=range(2000, 2015, 2), ylabel="With a full law, percent")
    axis.grid(axis="x", visible=False)
    return figures.static(
        drawing,
        name="leverage-spread",
        title="Full laws spread in both groups, fastest after 2003; Cambodia's came in the middle of the wave",
        subtitle="Countries whose law covers all forms of trafficking, percent, "
        "by whether any report of 2001 to 2013 rated them badly",
        alt="Two rising lines from 2000 to 2014. Countries never badly rated lead throughout; "
        "those badly rated at least once follow a few years behind. Cambodia's law of 2008 is marked half-way up.",
        source=SOURCE + ".",
        data=shares,
    )


def _line(axis: Any, rows: pd.DataFrame, colour: str, words: str, place: tuple[float, float]) -> None:
    axis.plot(rows.year, 100 * rows["mean"], color=colour, lw=2.5)
    axis.text(*place, f"{words}\n({rows['size'].max()} countries)", color=colour)


def draw_raw_rates(raw: pd.DataFrame) -> figures.Figure:
    """Laws a year by period, countries badly rated beside those that were not."""
    drawing, axis = figures.canvas(height=2.6)
    by_placement = {placed: rows.reset_index(drop=True) for placed, rows in raw.groupby("placed")}
    unplaced, placed = by_placement[0], by_placement[1]
    for rows, colour, mark, shift in ((unplaced, palette.ACCENT, "o", -0.1), (placed, palette.SECOND, "s", 0.1)):
        axis.vlines(rows.index + shift, 100 * rows.low, 100 * rows.high, color=colour, lw=2)
        axis.plot(rows.index + shift, 100 * rows.share, mark, color=colour)
    axis.text(3.2, 100 * placed.share.iloc[-1], "badly rated", color=palette.SECOND, va="center")
    axis.text(2.8, 0.5, "not badly rated", color=palette.ACCENT, va="bottom", ha="right")
    axis.set(xticks=range(4), xlim=(-0.5, 4), ylim=(0, 31), ylabel="Percent a year")
    axis.set_xticklabels(raw.year.cat.categories)
    axis.grid(axis="x", visible=False)
    more_often = in_words(int((placed.share > unplaced.share).sum()))
    return figures.static(
        drawing,
        name="leverage-raw",
        title="Among countries without a full law, the badly rated passed one more often "
        f"in {more_often} of four periods",
        subtitle="Country-years in which a full law was passed, percent, by the rating in "
        "the report of the year before; lines: 95% intervals, as if country-years were independent",
        alt="Four pairs of dots with intervals, 2002 to 2014. The badly rated lie above the others "
        "in the three pairs after 2004, and the intervals of every pair overlap.",
        source=SOURCE + ". Ranked countries without a full law.",
        data=raw.rename(columns={"placed": "badly_rated"}),
    )


def draw_choices(shown: pd.DataFrame, choices: Choices) -> figures.Figure:
    """The effect of a bad rating under every choice, in blocks: main, declared, further, placebo."""
    drawing, axis = figures.canvas(height=0.3 * len(shown) + 0.8)
    row: Any
    for place, row in enumerate(shown.itertuples()):
        colour = palette.ACCENT if row.low > 0 else palette.SECOND
        axis.plot([row.low, row.high], [-place, -place], color=colour, lw=2)
        fill = palette.PAPER if row.kind == "placebo" else colour
        axis.plot(row.estimate, -place, "D" if row.kind == "main" else "o", color=colour, mfc=fill)
    axis.axvline(0, color=palette.MUTED, lw=1)
    declared, further = len(choices.declared), len(choices.further)
    for edge in (0.5, 0.5 + declared, 0.5 + declared + further):
        axis.axhline(-edge, color=palette.QUIET, lw=1)
    axis.set(yticks=[-place for place in range(len(shown))], yticklabels=shown.choice)
    axis.set(ylim=(0.6 - len(shown), 0.6), xlabel="Percentage points a year")
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="leverage-choices",
        title=f"{in_words(choices.held).capitalize()} of {in_words(declared)} declared ways to count leave the "
        "effect above zero; in the others it may be chance",
        subtitle="Added chance of a full law after a bad rating, with 95% intervals; where one reaches "
        "zero, it may be chance. From the top: main, declared with the claim, further ways, and a "
        "check on bad ratings that lie in the future",
        alt=f"Dots with intervals for {len(shown)} models. The main model and {in_words(choices.held)} of those "
        f"declared lie above zero. {_around_zero(shown)}",
        source=WITH_COVARIATES + " Tier 3, watch list, new and repeated bad ratings: each against the rest.",
        data=shown,
    )


def _around_zero(shown: pd.DataFrame) -> str:
    """Name the models in whose intervals zero lies, those that the claim declares apart from the further ones."""
    around = shown[shown.low.le(0) & shown.high.ge(0)]
    told = [
        f"{listing(names)} {which}"
        for kind, which in (("declared", "among those declared"), ("further", "among the further ones"))
        if (names := around.choice[around.kind.eq(kind)].tolist())
    ]
    return f"Zero lies in the intervals of {'; of '.join(told)}." if told else "Zero lies in none of the intervals."


def draw_events(study: EventStudy) -> figures.Figure:
    """Hazard ratios by years since a first bad rating, with the number of laws behind each."""
    drawing, axis = figures.canvas(height=2.9)
    row: Any
    for row in study.estimates.itertuples():
        placed = row.kind == "placed"
        colour = palette.SECOND if placed else palette.MUTED
        ends = np.exp([max(row.low, np.log(LOWEST_DRAWN)), row.high])
        axis.plot([row.event_time] * 2, ends, color=colour, lw=2)
        fill = colour if placed else palette.PAPER
        axis.plot(row.event_time, np.exp(row.estimate), "o", color=colour, mfc=fill)
        axis.text(row.event_time, 0.036, row.events, ha="center", va="bottom", color=colour)
    after = np.exp(study.estimates[study.estimates.event_time > 0].estimate)
    axis.axhline(1, color=palette.MUTED, lw=1)
    axis.axvline(-0.5, color=palette.QUIET, lw=1.5)
    axis.text(-5.25, 0.037, "laws", ha="center", va="bottom", color=palette.MUTED)
    ratios = [0.1, 0.3, 1, 3, 10]
    axis.set(yscale="log", ylim=(0.033, 14), xlim=(-5.7, 5.5), yticks=ratios, xticks=range(-4, 6))
    axis.set(xlabel="Years since the first report that rated the country badly", ylabel="Hazard ratio (log scale)")
    axis.set_yticklabels([f"{ratio:g}" for ratio in ratios])
    axis.set_xticklabels(["≤ −4", "−3", "−2", "−1", "0", "1", "2", "3", "4", "≥ 5"])
    axis.minorticks_off()
    axis.grid(axis="x", visible=False)
    return figures.static(
        drawing,
        name="leverage-events",
        title="From the first year after a first bad rating the points lie higher, each with one inside its "
        "interval; the years before say almost nothing",
        subtitle="Hazard of a full law against the two years before that rating (hollow, at one), 95% intervals; "
        "below: laws passed",
        alt="Hollow dots near one before the rating, with intervals from about a tenth to nine. "
        f"After it the dots lie at {interval(after.min(), after.max(), decimal)} from the first year on, "
        "with every interval including one. "
        f"Only {laws_before_placement(study)} laws fall before the rating.",
        source=WITH_COVARIATES + " Controls as in the main model; countries never badly rated set the baseline.",
        data=study.estimates,
    )


def draw_aid(levels: pd.DataFrame) -> figures.Figure:
    """The effect of a bad rating with little, average and much US aid."""
    drawing, axis = figures.canvas(height=1.7)
    axis.hlines(-levels.index, levels.low, levels.high, color=palette.ACCENT, lw=2)
    axis.plot(levels.estimate, -levels.index, "o", color=palette.ACCENT)
    axis.axvline(0, color=palette.MUTED, lw=1)
    axis.set(yticks=-levels.index, yticklabels=levels.aid, ylim=(-2.5, 0.5))
    axis.set(xlabel="Added chance of a full law, percentage points a year")
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="leverage-aid",
        title="No difference can be told between countries with little and with much US aid",
        subtitle="Effect of a bad rating where US aid, as a share of output, is one usual step below and above the "
        "average; lines: 95% intervals",
        alt="Three dots with wide, overlapping intervals, "
        f"at {interval(levels.estimate.min(), levels.estimate.max(), decimal)} percentage points, "
        "for little, average and much US aid.",
        source=SOURCE + "; US assistance: ForeignAssistance.gov, in country_panel.",
        data=levels,
    )
