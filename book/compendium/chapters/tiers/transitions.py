"""How countries move between classes, and how long they stay on the Watch List."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.tiers.published import SOURCE, Lists
from compendium.evidence.numbers import count, interval, percent
from compendium.figures import palette
from compendium.methods.tiers import tiermap, tiers

SHADES = [0.02, 0.15, 0.4, 0.7]  # shares at which a cell takes the next darker step
DARK = 2  # the step from which text in a cell is light
CLEAR = 5  # percent: the height at which a word stands clear of the axis
FEWEST = 8  # stays still at risk for a point to be drawn
CURVES = (
    ("upgrade", palette.ACCENT, "back to Tier 2"),
    ("downgrade", palette.SECOND, "down to Tier 3"),
    ("staying", palette.MUTED, "still on it"),
)


def moves(lists: Lists) -> pd.DataFrame:
    """Share of countries by class in one report and the next, with intervals."""
    return tiers.transitions(lists.rated)


def words_on_moves(moves: pd.DataFrame, lists: Lists) -> dict[str, str]:
    """Return how often Tier 2 and the Watch List are left, also with closed lists, and moves that touch it."""
    years = sorted({*tiers.WATCH_LIST_YEARS, *tiers.CLOSED_YEARS})
    more = tiers.transitions(lists.rated, years, closed=True).set_index(["source", "target"])
    cell = moves.set_index(["source", "target"])
    changes = moves[moves.source != moves.target]
    watch = changes.moves[(changes.source == "2WL") | (changes.target == "2WL")]
    return {
        "stay_2": percent(cell.share["2", "2"]),
        "stay_watch": percent(cell.share["2WL", "2WL"]),
        "stay_watch_interval": interval(cell.low["2WL", "2WL"], cell.high["2WL", "2WL"]),
        "down_watch": percent(cell.share["2WL", "3"]),
        "down_watch_interval": interval(cell.low["2WL", "3"], cell.high["2WL", "3"]),
        "down_2": percent(cell.share["2", "3"], 1),
        "down_2_interval": interval(cell.low["2", "3"], cell.high["2", "3"], lambda share: percent(share, 1)),
        "watch_moves": percent(watch.sum() / changes.moves.sum()),
        "closed_stay_watch": percent(more.share["2WL", "2WL"]),
        "closed_down_watch": percent(more.share["2WL", "3"]),
        "closed_down_2": percent(more.share["2", "3"], 1),
        "closed_pairs": count(more.moves.sum() - moves.moves.sum()),
    }


def draw_moves(moves: pd.DataFrame) -> figures.Figure:
    """Draw the table of moves, darker where more countries go."""
    share = moves.set_index(["source", "target"]).share
    drawing, axis = figures.canvas(height=3.3)
    _fill(axis, moves)
    labels = [tiermap.WORDS[tiermap.LETTERS[tier]] for tier in tiers.TIERS]
    axis.set(
        xlim=(-0.5, 3.5),
        ylim=(3.5, -0.5),
        xticks=range(4),
        yticks=range(4),
        xticklabels=labels,
        yticklabels=labels,
        xlabel="In the next report",
        ylabel="In one report",
    )
    axis.xaxis.set_label_position("top")
    axis.xaxis.tick_top()
    axis.grid(visible=False)
    axis.spines[:].set_visible(False)
    stay = {tier: percent(share[tier, tier]) for tier in tiers.TIERS}
    return figures.static(
        drawing,
        name="tiers-transitions",
        title=f"{percent(share['2WL', '3'])} of Watch List countries fall to Tier 3 in the next report, "
        f"{percent(share['2', '3'], 1)} of those on Tier 2",
        subtitle="Share of countries by class in the next report, consecutive lists since 2004; "
        f"{count(moves.moves.sum())} pairs of reports; 95% intervals by bootstrap of whole countries",
        alt=f"Four by four table. Staying put: {stay['1']} on Tier 1, {stay['2']} on Tier 2, "
        f"{stay['2WL']} on the Watch List, {stay['3']} on Tier 3. "
        "No country moved between Tier 1 and the Watch List or Tier 3.",
        source=f"{SOURCE}. For moves never seen, the upper limit is the exact one with each country counted once.",
        data=moves,
    )


def _fill(axis: Any, moves: pd.DataFrame) -> None:
    cell = moves.set_index(["source", "target"])
    for i, source in enumerate(tiers.TIERS):
        for j, target in enumerate(tiers.TIERS):
            share = cell.share[source, target]
            step = int(np.searchsorted(SHADES, share, side="right"))
            axis.barh(i, 0.96, left=j - 0.48, height=0.92, color=palette.STEPS[step])
            style = {"ha": "center", "va": "center", "color": palette.PAPER if step >= DARK else palette.INK}
            limits = interval(cell.low[source, target], cell.high[source, target])
            axis.text(j, i - 0.08, percent(share), fontsize=12, **style)
            axis.text(j, i + 0.25, limits, fontsize=8.5, **style)


def stays(lists: Lists) -> pd.DataFrame:
    """Stays on the Watch List in the unbroken lists, each with its length and its end."""
    return tiers.watch_list_spells(lists.rated)


def waiting(stays: pd.DataFrame) -> pd.DataFrame:
    """Where stays end, by their length."""
    return tiers.time_on_watch_list(stays)


def words_on_waiting(waiting: pd.DataFrame, stays: pd.DataFrame) -> dict[str, str]:
    """Return where stays have led after three reports."""
    third: Any = waiting.set_index("years").loc[3]
    return {
        "spells": count(len(stays)),
        "unbroken": interval(tiers.UNBROKEN_YEARS[0], tiers.UNBROKEN_YEARS[-1], str),
        "down_3": percent(third.downgrade),
        "down_3_interval": interval(third.downgrade_low, third.downgrade_high),
        "up_3": percent(third.upgrade),
        "still_3": percent(third.staying),
    }


def draw_waiting(waiting: pd.DataFrame) -> figures.Figure:
    """Draw the two exits and the stay, by the number of reports on the list."""
    third: Any = waiting.set_index("years").loc[3]
    shown = waiting[waiting.at_risk >= FEWEST]
    drawing, axis = figures.canvas(height=2.7)
    for curve, hue, word in CURVES:
        share = shown[curve]
        reach = 100 * np.array([share - shown[f"{curve}_low"], shown[f"{curve}_high"] - share])
        axis.plot(shown.years, 100 * share, "o-", color=hue)
        axis.errorbar(shown.years, 100 * share, yerr=reach, color=hue, lw=1, fmt="none")
        axis.text(shown.years.iloc[-1] + 0.12, max(100 * share.iloc[-1], CLEAR), word, color=hue, va="center")
    axis.set(
        xlim=(0.8, 6.4),
        ylim=(0, 85),
        xticks=shown.years,
        xlabel="Reports on the Watch List in a row",
        ylabel="Percent of stays",
    )
    return figures.static(
        drawing,
        name="tiers-waiting",
        title=f"After three reports {percent(third.upgrade)} have gone back up and {percent(third.downgrade)} have "
        "fallen to Tier 3",
        subtitle="Where stays on the Watch List end, by their length, lists of "
        f"{interval(tiers.UNBROKEN_YEARS[0], tiers.UNBROKEN_YEARS[-1], str)}; going up and going "
        "down are competing exits; 95% intervals",
        alt="Three curves over one to five reports. Return to Tier 2 rises from about a third to over 70 percent, "
        "fall to Tier 3 from under a tenth to about a quarter, staying falls toward zero.",
        source=f"{SOURCE}. Aalen-Johansen estimates; bootstrap of whole countries.",
        data=waiting,
    )
