"""The same models with the tier lists that were read after the grid was declared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.politics.curve import exact
from compendium.chapters.politics.model import Model, one_model
from compendium.chapters.politics.permutation import (
    BETWEEN,
    GIVEN,
    WITHIN,
    Chance,
    exchanged,
)
from compendium.chapters.politics.sources import SOURCE, Facts, panel_of
from compendium.evidence.numbers import count, decimal, interval, listing, probability, spans
from compendium.figures import palette
from compendium.methods.tiers import multiverse, tiers

DRAWS = 299
PER_CELL = 6  # of the rule's models, from each combination of politics, performance and model
SHARES = (
    ("share_predicted", palette.ACCENT, "better"),
    ("share_distinguishable", palette.SECOND, "distinctly"),
)


@dataclass(frozen=True)
class Later:
    """What the lists read since the declaration change.

    `model` is the model spelled out, on all complete lists; `chance` tests a few of the rule's specifications from
    each combination on them; `shares` has a row for each side and measure of politics: part, and the observed
    shares on the declared lists, each also with the ending `_later`; `reached` counts the specifications whose
    window is open; `years` are the reports that join.
    """

    model: Model
    chance: Chance
    reached: int
    shares: pd.DataFrame
    years: list[int]


def with_later_lists(facts: Facts, chance: Chance) -> Later:
    """Test a few of the rule's specifications from each combination on all complete lists."""
    panel = replace(panel_of(tiers.COMPLETE_YEARS), scale=facts.panel.scale)  # effects in the same unit
    wide = replace(facts, panel=panel)
    rule = [spec for spec, chosen in zip(chance.specs, chance.independent, strict=True) if chosen]
    specs = multiverse.published(rule, per_cell=PER_CELL)
    few = set(specs)
    then = Chance(specs, chance.given.among(np.array([spec in few for spec in chance.specs])))
    now = Chance(specs, exchanged(wide, specs, GIVEN, DRAWS))
    model = one_model(wide)
    added = sorted({*panel.year[model.data.rows].tolist()} - {*facts.panel.year.tolist()})
    reached = sum(multiverse.WINDOWS[spec.years][1] > 2015 for spec in specs)
    return Later(model, now, reached, _shares(then, now), added)


def _shares(then: Chance, now: Chance) -> pd.DataFrame:
    families = (("votes", "votes"), ("money", "aid and trade"), ("security", "pacts and troops"))
    every = np.ones(len(now.specs), dtype=bool)
    parts = {"between countries": (BETWEEN, every), "within countries": (WITHIN, every)}
    parts |= {f"between, {word}": (BETWEEN, (now.choices.family == name).to_numpy()) for name, word in families}
    rows = []
    for label, (side, part) in parts.items():
        row: dict[str, str | float] = {"part": label}
        if not (part & now.side(side)).any():
            rows.append(
                row | {f"{share}{suffix}": float("nan") for share, _, _ in SHARES for suffix in ("", "_later")}
            )
            continue
        for suffix, chance in (("", then), ("_later", now)):
            observed = chance.test(side, part).summary.set_index("statistic").observed
            row |= {f"{share}{suffix}": float(observed[share]) for share, _, _ in SHARES}
        rows.append(row)
    return pd.DataFrame(rows)


def words_on_later_lists(later: Later) -> dict[str, str]:
    """Return the lists that join, the models that they reach, and what the model and the tests then say."""
    votes: Any = later.model.effects.loc["voting_distance"]
    words = {
        "later_years": listing(spans(later.years)),
        "later_tested": count(len(later.chance.specs)),
        "later_reached": count(later.reached),
        "later_rows": count(later.model.fit.observations),
        "later_votes": decimal(votes.estimate),
        "later_votes_interval": interval(votes.low, votes.high, decimal),
    }
    for side in (BETWEEN, WITHIN):
        test = later.chance.test(side)
        rows: Any = test.summary.set_index("statistic")
        words |= {
            f"later_{side}_sure": exact(rows.observed["share_distinguishable"]),
            f"later_{side}_null": exact(rows.null_mean["share_distinguishable"]),
            f"later_{side}_p": probability(test.joint()[0]),
        }
    return words


def draw_later_lists(later: Later) -> figures.Figure:
    """Draw both shares of every part, with the declared lists and with all."""
    shares = later.shares
    drawing, axis = figures.canvas(height=2.6)
    places = np.arange(len(shares))
    for column, hue, word in SHARES:
        then, now = 100 * shares[column], 100 * shares[f"{column}_later"]
        axis.hlines(places, then, now, color=hue, lw=1)
        axis.plot(then, places, "o", color=hue, mfc="none", ms=6)
        axis.plot(now, places, "o", color=hue, ms=4)
        axis.text(now.iloc[0], -0.35, word, color=hue, ha="right" if word == "distinctly" else "left", va="bottom")
    axis.set(
        ylim=(len(shares) - 0.5, -1),
        xlim=(-3, 102),
        yticks=places,
        yticklabels=shares.part,
        xlabel="Percent of models",
    )
    axis.grid(axis="y", visible=False)
    widest = 100 * max((shares[f"{column}_later"] - shares[column]).abs().max() for column, _, _ in SHARES)
    return figures.static(
        drawing,
        name="politics-later",
        title=f"The lists read since the grid was declared move no share by more than {decimal(widest)} points",
        subtitle="Share of models in which close countries stand better, and distinctly so; each "
        "line leads from the lists of the declaration to all complete lists",
        alt="Two pairs of dots for each of five groups of models; hollow and filled dots lie close together.",
        source=SOURCE,
        data=shares,
    )
