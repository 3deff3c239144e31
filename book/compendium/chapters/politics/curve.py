"""Every defensible model: what the curve says, by choice, and against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.politics.model import Model
from compendium.chapters.politics.sources import SOURCE, Facts
from compendium.evidence.numbers import count, decimal, interval, percent
from compendium.figures import palette
from compendium.methods.tiers import multiverse, ordered

LISTED = "watch list or worse"
INDEPENDENT = ("rule of law", "control of corruption")  # measures of performance not coded from the report
MODEL_NAMES = {
    model: f"{model[0]}, {model[1]}" + (", country against itself" if model[2] == "within" else "")
    for model in multiverse.MODELS
}
SECTIONS = (("family", "Closeness by"), ("performance", "Held equal"), ("model", "Model"))
SHORT = {
    "3P total and rule of law": "3P and rule of law",
    "control of corruption": "corruption",
    "none": "nothing",
    "money": "aid and trade",
    "security": "pact and troops",
}


@dataclass(frozen=True)
class Grid:
    """All models that could be asked: `declared` counts the combinations, `valid` are those that make sense."""

    declared: int
    valid: list[multiverse.Specification]


@dataclass(frozen=True)
class Models:
    """Every valid model, fitted; `results` has a row for each of the grid's, as `multiverse.run` gives it."""

    grid: Grid
    results: pd.DataFrame

    @property
    def curve(self) -> multiverse.Curve:
        """What all of them say together."""
        return multiverse.summarise(self.results)

    @property
    def estimated(self) -> pd.Series:
        """Which of them have an estimate."""
        return self.results.status == ordered.CONVERGED


def grid(facts: Facts) -> Grid:
    """Declare the grid, and leave out what makes no sense."""
    valid, excluded = multiverse.grid(facts.panel.reach)
    return Grid(len(valid) + int(excluded.excluded.sum()), valid)


def every_model(facts: Facts, grid: Grid) -> Models:
    """Fit every valid model."""
    return Models(grid, multiverse.run(facts.panel, grid.valid, jobs=2))


def named_models(results: pd.DataFrame) -> pd.Series:
    """Name the model of each specification: outcome, estimator, and whether a country is compared with itself."""
    kinds = zip(results.outcome, results.estimator, results.country_effects, strict=True)
    return pd.Series([MODEL_NAMES[kind] for kind in kinds], index=results.index)


def words_on_models(models: Models, model: Model) -> dict[str, str]:
    """Return the size of the grid and of the curve, and what the curve says, beside the model spelled out."""
    results, curve = models.results, models.curve
    comparable = results[results.event == LISTED]
    larger = comparable.effect > model.effects.estimate["voting_distance"]
    between = results.country_effects != "within"
    counted = results[models.estimated & between & results.performance.isin(INDEPENDENT)]
    statuses = multiverse.statuses(results).set_index("status")["specifications"]
    return {
        "declared": count(models.grid.declared),
        "valid": count(len(models.grid.valid)),
        "estimated": count(curve.estimated),
        "failed": count(statuses.drop(ordered.CONVERGED).sum()),
        "predicted": exact(curve.share_predicted),
        "distinguishable": exact(curve.share_distinguishable),
        "opposite": exact(curve.share_opposite),
        "median": decimal(curve.median_effect),
        "counted_median": decimal(counted.effect.median()),
        "effect_range": interval(curve.effect_low, curve.effect_high, decimal),
        "larger": percent(larger.sum() / models.estimated[comparable.index].sum()),
    }


def exact(share: float) -> str:
    """Return a share as a percentage with one decimal."""
    return percent(share, 1)


def draw_choices(models: Models) -> figures.Figure:
    """Draw both shares for every option of politics, performance and model."""
    named = models.results.assign(model=named_models(models.results))
    options = multiverse.by_choice(named, [choice for choice, _ in SECTIONS])
    apart = options.option == MODEL_NAMES[multiverse.MODELS[-1]]
    own, others = options[apart].iloc[0], options[~apart]
    drawing, axis = figures.canvas(height=4.6)
    place = 0.0
    ticks: list[tuple[float, str]] = []
    row: Any  # a named tuple of `options`
    for choice, title in SECTIONS:
        left = axis.get_yaxis_transform()
        axis.text(-0.02, place - 0.1, title, transform=left, ha="right", va="center", fontweight="bold")
        for row in options[options.choice == choice].itertuples():
            place += 1
            shares = 100 * row.share_distinguishable, 100 * row.share_predicted
            axis.plot(shares, [place, place], color=palette.QUIET, lw=2)
            axis.plot(shares[1], place, "o", color=palette.ACCENT, mfc="none")
            axis.plot(shares[0], place, "o", color=palette.ACCENT)
            if not ticks:
                for share, word in zip(shares, ("distinctly", "better"), strict=True):
                    axis.text(share, place - 0.45, word, color=palette.ACCENT, ha="center", va="bottom")
            ticks.append((place, _short(row.option)))
        place += 1.3
    axis.set(
        ylim=(place - 0.6, -0.7),
        xlim=(0, 102),
        yticks=[place for place, _ in ticks],
        yticklabels=[label for _, label in ticks],
        xlabel="Percent of models",
    )
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="politics-choices",
        title=f"Where each country is compared with itself, {percent(own.share_distinguishable)} of models show "
        f"a distinct lead; with any other choice {_span(others.share_distinguishable)}",
        subtitle="One line for each choice that a researcher can make. Hollow dot: share of its models in which "
        "close countries stand better; filled: in which distinctly, by more than the margin of error",
        alt=f"Pairs of dots by choice. Hollow dots lie at {_span(others.share_predicted)} except for models within "
        f"countries, near {percent(own.share_predicted)}; filled dots at {_span(options.share_distinguishable)}, "
        "lowest within countries.",
        source=SOURCE,
        data=options,
    )


def _span(shares: pd.Series) -> str:
    return f"{percent(shares.min())} to {percent(shares.max())}"


def _short(option: str) -> str:
    name = SHORT.get(option, option)
    return name.replace(LISTED, "two classes").replace(
        "two classes, linear, country against itself", "each with itself"
    )
