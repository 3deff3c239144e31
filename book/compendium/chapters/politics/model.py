"""One model, spelled out: its effects, and whether one slope serves all steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.politics.sources import SOURCE, Facts
from compendium.evidence.numbers import count, decimal, interval, percent, probability
from compendium.figures import palette
from compendium.methods.tiers import multiverse, ordered

LABELS = {
    "voting_distance": "voting distance",
    "rule_of_law": "rule of law",
    "log_income": "income (log)",
    "log_population": "population (log)",
    "democracy": "democracy",
}
STEPS = (  # cut, colour, mark, its word and the word's height
    (1, palette.STEPS[2], "s", "out of Tier 1", 0.62),
    (2, palette.ACCENT, "o", "to the Watch List", 0.53),
    (3, palette.SECOND, "D", "to Tier 3", 0.44),
)


@dataclass(frozen=True)
class Model:
    """The baseline specification, fitted.

    `spread` is the standard deviation of each of `LABELS` in units of the design; `effects` the average marginal
    effect of one such deviation on the chance of the Watch List or worse, in percentage points; `unit` a standard
    deviation of voting distance in ideal points.
    """

    data: multiverse.Data
    fit: ordered.Fit
    spread: pd.Series
    effects: pd.DataFrame
    unit: float


def one_model(facts: Facts) -> Model:
    """Fit the ordered logit of the four classes on voting distance, rule of law and the controls."""
    data = multiverse.data_of(facts.panel, multiverse.BASELINE)
    fit = multiverse.fit_specification(data, multiverse.BASELINE)
    own_unit = {column: data.design[:, data.names.index(column)].std(ddof=1) for column in LABELS}
    spread = pd.Series({**own_unit, "voting_distance": 1.0})  # politics enter the design in deviations
    effects = ordered.average_marginal_effects(fit, data.design)
    effects = effects[effects["column"].isin(list(LABELS)) & (effects["event"] == ">= 2")].set_index("column")
    effects = effects[["estimate", "se", "low", "high"]].mul(100 * spread, axis=0).loc[list(LABELS)]
    return Model(data, fit, spread, effects, facts.panel.scale["voting_distance"])


def words_on_model(model: Model) -> dict[str, str]:
    """Return what the model rests on, and the two effects that the section compares."""
    votes: Any = model.effects.loc["voting_distance"]
    law: Any = model.effects.loc["rule_of_law"]
    return {
        "rows": count(model.fit.observations),
        "countries": count(model.fit.clusters),
        "event": percent((model.data.outcome >= 2).mean()),
        "votes": decimal(votes.estimate),
        "votes_interval": interval(votes.low, votes.high, decimal),
        "law": decimal(-law.estimate),
        "law_interval": interval(-law.high, -law.low, decimal),
        "unit": decimal(model.unit, 2),
    }


def draw_effects(model: Model) -> figures.Figure:
    """Draw the effect of each measure with its interval."""
    effects = model.effects
    votes, law = effects.estimate["voting_distance"], effects.estimate["rule_of_law"]
    drawing, axis = figures.canvas(height=2.2)
    for place, row in enumerate(effects[::-1].itertuples()):
        hue = palette.SECOND if row.Index == "voting_distance" else palette.ACCENT
        axis.plot([row.low, row.high], [place, place], color=hue, lw=2)
        axis.plot(row.estimate, place, "o", color=hue)
    axis.axvline(0, color=palette.MUTED, lw=1)
    axis.set(
        yticks=range(len(effects)),
        yticklabels=[LABELS[column] for column in effects.index[::-1]],
        ylim=(-0.5, len(effects) - 0.5),
        xlabel="Worse to the right, percentage points",
    )
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="politics-effects",
        title=f"A usual step away from the US in votes is linked to {decimal(votes, 0)} points more chance of the "
        "Watch List or worse",
        subtitle="How the chance of the Watch List or worse changes with one usual step of each measure, the "
        "others held equal; percentage points, lines: 95% intervals",
        alt=f"Five dots with intervals. Voting distance {decimal(votes)} points above zero, "
        f"rule of law {decimal(-law)} points below, democracy below, income above, population below zero.",
        source=SOURCE,
        data=effects.reset_index(),
    )


@dataclass(frozen=True)
class Steps:
    """The test of one slope for all steps, and each measure's slope in a model of each step alone.

    `slopes`: column, cut, estimate, se, step, reach (half the 95% interval); estimate and reach are log odds per
    standard deviation, se is per unit of the design.
    """

    test: ordered.ProportionalOdds
    slopes: pd.DataFrame


def steps(model: Model) -> Steps:
    """Fit each step alone, and test whether the slopes are one."""
    data = model.data
    test = ordered.proportional_odds(data.outcome, data.design, data.clusters, data.names)
    slopes = test.slopes[test.slopes["column"].isin(list(LABELS))].copy()
    slopes["step"] = slopes["cut"].str[-1].astype(int)
    slopes["estimate"] *= slopes["column"].map(model.spread)
    slopes["reach"] = slopes["se"] * slopes["column"].map(model.spread) * model.fit.critical()
    return Steps(test, slopes)


def words_on_steps(steps: Steps) -> dict[str, str]:
    """Return the test, and what breaks the assumption most."""
    test, by_column = steps.test, steps.test.by_column.set_index("column")
    at = steps.slopes.set_index(["column", "step"]).estimate
    return {
        "statistic": decimal(test.statistic, 0),
        "degrees": count(test.degrees),
        "po": probability(test.p),
        "po_votes": probability(by_column.p["voting_distance"]),
        "po_democracy": probability(by_column.p["democracy"]),
        "po_worst": str(by_column.p.idxmin()).replace("report", "report of"),
        "po_worst_p": probability(by_column.p.min()),
        "democracy_first": decimal(at["democracy", 1], 2),
        "democracy_last": decimal(at["democracy", 3], 2),
    }


def draw_steps(steps: Steps) -> figures.Figure:
    """Draw three slopes, with their intervals, for each measure."""
    at = steps.slopes.set_index(["column", "step"])
    columns = list(LABELS)[::-1]
    drawing, axis = figures.canvas(height=2.7)
    for place, column in enumerate(columns):
        for step, hue, mark, _, _ in STEPS:
            row: Any = at.loc[(column, step)]
            height = place + 0.2 * (2 - step)
            axis.plot([row.estimate - row.reach, row.estimate + row.reach], [height, height], color=hue, lw=1.5)
            axis.plot(row.estimate, height, mark, color=hue, ms=5)
    axis.axvline(0, color=palette.MUTED, lw=1)
    for _, hue, _, word, height in STEPS:
        axis.text(0.99, height, word, color=hue, transform=axis.transAxes, ha="right", va="center")
    axis.set(
        yticks=range(len(columns)),
        yticklabels=[LABELS[column] for column in columns],
        ylim=(-0.5, len(columns) - 0.4),
        xlim=(-2.4, 3.1),
        xlabel="Log odds of standing below the step, per usual step",
    )
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="politics-steps",
        title="Votes have one sign at every step; democracy can be told from none only at the step to Tier 3",
        subtitle="Slope of each measure in a model of each step alone, log odds per usual step; 95% intervals",
        alt="Three marks for each of five measures. For voting distance all three lie above zero and overlap; "
        "for democracy the first lies above zero, the last well below.",
        source=SOURCE,
        data=steps.slopes[["column", "cut", "estimate", "reach"]],
    )
