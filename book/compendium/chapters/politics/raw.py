"""Before any model: thirds of voting distance within thirds of the rule of law."""

from __future__ import annotations

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.politics.sources import SOURCE, Facts
from compendium.evidence.numbers import count, in_words, interval, percent
from compendium.figures import palette
from compendium.methods.tiers import multiverse

THIRDS = (("weakest rule of law", palette.SECOND), ("middle", palette.THIRD), ("strongest", palette.ACCENT))
WEAK, MIDDLE, STRONG, NEAR, FAR = 0, 1, 2, 0, 2


def raw_rates(facts: Facts) -> pd.DataFrame:
    """Share on the Watch List or worse, by thirds of voting distance within thirds of the rule of law."""
    return multiverse.raw_rates(facts.panel, multiverse.BASELINE, "rule_of_law")


def words_on_raw(raw: pd.DataFrame) -> dict[str, str]:
    """Return nearest and furthest votes at each level of law, and how many countries are strong and far."""
    cell = raw.set_index(["within", "by"])
    words = {"strong_far_countries": count(cell.countries[STRONG, FAR])}
    for law, within in (("weak", WEAK), ("middle", MIDDLE), ("strong", STRONG)):
        for votes, by in (("near", NEAR), ("far", FAR)):
            words[f"{law}_{votes}"] = percent(cell.share[within, by])
            words[f"{law}_{votes}_interval"] = interval(cell.low[within, by], cell.high[within, by])
    return words


def draw_raw(raw: pd.DataFrame) -> figures.Figure:
    """Draw one line for each third of the rule of law."""
    cell = raw.set_index(["within", "by"])
    clear = sum(cell.low[within, FAR] > cell.high[within, NEAR] for within in range(len(THIRDS)))
    words = words_on_raw(raw)
    drawing, axis = figures.canvas(height=2.6)
    for within, (label, hue) in enumerate(THIRDS):
        part = raw[raw.within == within]
        reach = 100 * np.array([part.share - part.low, part.high - part.share])
        axis.errorbar(part.by + (within - 1) * 0.1, 100 * part.share, yerr=reach, fmt="o-", color=hue, lw=1.5)
        axis.text(2.2, 100 * part.share.iloc[-1] + 3 * (within - 1), label, color=hue, va="center")
    axis.set(
        xticks=[0, 1, 2],
        xticklabels=["nearest", "middle", "furthest"],
        xlim=(-0.3, 3.3),
        ylim=(0, 80),
        ylabel="On it or worse, percent",
        xlabel="Distance from the US in UN votes, by thirds",
    )
    return figures.static(
        drawing,
        name="politics-raw",
        title="Countries that vote far from the US stand worse at each level of the rule of law, by more than "
        f"chance at {in_words(clear)} of three",
        subtitle="Share that stood on the Watch List or worse, one point for a third of all countries and years; "
        "upright lines: how far chance may have moved it (95% intervals)",
        alt="Three rising lines. Among countries of strongest law the share rises from "
        f"{words['strong_near']} to {words['strong_far']} from the nearest to the furthest third, "
        f"among the weakest from {words['weak_near']} to {words['weak_far']}.",
        source=SOURCE,
        data=raw,
    )
