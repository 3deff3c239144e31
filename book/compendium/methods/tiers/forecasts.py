"""How well an outsider foretells the tier of a country never seen.

Every function takes ranked country-years of complete report years, with the rank in the report before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods.checks import some, within
from compendium.methods.tiers.ordered import CONVERGED, fit_ordered, probabilities
from compendium.methods.tiers.tiers import TIERS, country_weights, limits, require_complete

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

BASE_RATES = "base rates"
LAST_YEAR = "last year's tier"
SCORES = ("accuracy", "log score", "ranked probability score")
BETTER = np.array([1.0, -1.0, -1.0])  # the direction in which each score is better


def folds_by_country(countries: Sequence[str], folds: int, seed: int) -> dict[str, int]:
    """Assign every country to one fold, in a seeded order that does not depend on the order given."""
    some("folds", "countries", countries)
    within("folds", 1, np.inf, folds=folds)
    names = sorted(set(countries))
    shuffled = np.random.default_rng(seed).permutation(len(names))
    return {names[index]: place % folds for place, index in enumerate(shuffled)}


def ranked_probability_score(forecast: Floats, outcome: Places) -> Floats:
    """Ranked probability score of each row, 0 (best) to 1: squared distance of cumulative forecast and outcome.

    `forecast` (n, k) are probabilities; the sum over the k - 1 cuts is divided by k - 1 (Epstein 1969).
    """
    some("ranked probability score", "forecasts", forecast)
    within("ranked probability score", 2, np.inf, categories=forecast.shape[1])
    cuts = np.arange(forecast.shape[1] - 1)
    happened = (outcome[:, None] <= cuts).astype(float)
    return np.mean((np.cumsum(forecast, axis=1)[:, :-1] - happened) ** 2, axis=1)


def log_score(forecast: Floats, outcome: Places) -> Floats:
    """Minus the log of the probability given to what happened (n,), in nats: 0 is best."""
    some("log score", "forecasts", forecast)
    return -np.log(forecast[np.arange(len(outcome)), outcome])


@dataclass(frozen=True)
class Predictability:
    """Out-of-sample scores of several forecasts of the tier.

    `scores`: model, score ("accuracy", "log score", "ranked probability score"), value, low, high.
    `gains`: the same columns for each model less the last-year rule (positive: the model is better).
    `by_row`: iso3, year, rank, repeat, fold, model, predicted, accuracy, log score, ranked probability score.
    """

    scores: pd.DataFrame
    gains: pd.DataFrame
    by_row: pd.DataFrame
    observations: int
    countries: int


def predictability(
    rows: pd.DataFrame,
    models: Mapping[str, Sequence[str]],
    categories: int = len(TIERS),
    folds: int = 10,
    seed: int = 20010712,
    draws: int = 2000,
    level: float = 0.95,
    repeats: int = 1,
) -> Predictability:
    """How well the tiers of countries that a model has not seen are predicted.

    `rows`: iso3, year, rank, last_rank and every column that `models` (name -> columns) uses; rows missing any of
    them are left out for all forecasts alike. Each model is an ordered logit fitted to the other folds' countries;
    a column named "last_rank" enters as indicators. Besides them: base rates, and last year's tier, whose
    probabilities are the other folds' transition shares with half a count added to each cell (Jeffreys), and whose
    prediction is that the tier stays. Intervals: percentile bootstrap of whole countries over the fixed forecasts.
    The folds are drawn `repeats` times, and each row's scores are averaged over the draws, so that no single
    assignment of countries to folds decides. Raises ValueError if a model cannot be fitted in a fold, with the
    reason.
    """
    some("predictability", "rows", rows)
    require_complete(rows["year"].unique(), "predictability")
    needed = sorted({column for columns in models.values() for column in columns} | {"rank", "last_rank"})
    data = rows.dropna(subset=needed).sort_values(["iso3", "year"], ignore_index=True)
    outcome, last = data["rank"].to_numpy(np.intp), data["last_rank"].to_numpy(np.intp)
    names, codes = np.unique(data["iso3"].to_numpy(str), return_inverse=True)
    designs = {name: _prediction_design(data, columns, categories) for name, columns in models.items()}
    starts: dict[str, Floats] = {}
    parts, values = [], np.zeros((repeats, 2 + len(models), len(data), len(SCORES)))
    for repeat in range(repeats):
        fold_of = folds_by_country(names.tolist(), folds, seed + repeat)
        fold = np.array([fold_of[name] for name in names], dtype="int64")[codes]
        forecasts = _forecasts(outcome, last, codes, fold, designs, categories, starts)
        for place, (name, forecast) in enumerate(forecasts.items()):
            predicted = last if name == LAST_YEAR else forecast.argmax(axis=1)
            values[repeat, place] = _scored(predicted, forecast, outcome)
            kept = data[["iso3", "year", "rank"]].assign(repeat=repeat, fold=fold, model=name, predicted=predicted)
            parts.append(kept.assign(**dict(zip(SCORES, values[repeat, place].T, strict=True))))

    by_country = np.stack([_sum_by(each, codes, len(names)) for each in values.mean(axis=0)])
    scores, gains = _with_intervals(
        by_country, np.bincount(codes), [BASE_RATES, LAST_YEAR, *models], draws, seed, level
    )
    return Predictability(scores, gains, pd.concat(parts, ignore_index=True), len(data), len(names))


def _forecasts(
    outcome: Places,
    last: Places,
    codes: Places,
    fold: Places,
    designs: Mapping[str, tuple[Floats, list[str]]],
    categories: int,
    starts: dict[str, Floats],
) -> dict[str, Floats]:
    """Forecast every row (n, categories) from the other folds, by every rule; later fits begin at `starts`."""
    forecasts = {name: np.zeros((len(outcome), categories)) for name in (BASE_RATES, LAST_YEAR, *designs)}
    for held_out in range(int(fold.max()) + 1):
        test, train = fold == held_out, fold != held_out
        forecasts[BASE_RATES][test] = np.bincount(outcome[train], minlength=categories) / train.sum()
        moves = np.full((categories, categories), 0.5)
        np.add.at(moves, (last[train], outcome[train]), 1.0)
        forecasts[LAST_YEAR][test] = (moves / moves.sum(axis=1, keepdims=True))[last[test]]
        for name, (design, labels) in designs.items():
            fit = fit_ordered(outcome[train], design[train], codes[train], labels, categories, starts.get(name))
            if fit.status != CONVERGED:
                raise ValueError(
                    f"predictability: model {name!r} in fold {held_out} expected an estimate, "
                    f"found {fit.status} ({fit.detail}); drop the column named"
                )
            starts[name] = np.concatenate([fit.slopes, fit.thresholds])
            forecasts[name][test] = probabilities(fit, design[test])
    return forecasts


def _scored(predicted: Places, forecast: Floats, outcome: Places) -> Floats:
    """Return the `SCORES` of each row: (n, 3)."""
    right = (predicted == outcome).astype(float)
    return np.column_stack([right, log_score(forecast, outcome), ranked_probability_score(forecast, outcome)])


def _with_intervals(
    by_country: Floats, sizes: Places, models: Sequence[str], draws: int, seed: int, level: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Average the sums `by_country` (models, countries, scores) and draw whole countries; scores and gains."""
    weights = country_weights(len(sizes), draws, seed)
    mean = by_country.sum(axis=1) / sizes.sum()
    sampled = np.einsum("dc,mcs->dms", weights, by_country) / (weights @ sizes)[:, None, None]
    base = list(models).index(LAST_YEAR)
    gain, gains_sampled = (mean - mean[base]) * BETTER, (sampled - sampled[:, [base]]) * BETTER
    gains = _score_table(models, gain, gains_sampled, level)
    return (
        _score_table(models, mean, sampled, level),
        gains.loc[gains["model"] != LAST_YEAR].reset_index(drop=True),
    )


@dataclass(frozen=True)
class Skill:
    """A skill score (1 is perfect, 0 as good as the reference) and its gain over that of the last-year rule."""

    value: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float


def skill(
    prediction: Predictability,
    model: str,
    score: str = "ranked probability score",
    reference: str = BASE_RATES,
    seed: int = 20010712,
    draws: int = 2000,
    level: float = 0.95,
) -> Skill:
    """Skill of a model: one minus its score over the reference's, with the gain over the skill of last year's tier.

    `score` is one that is better when small, or accuracy, which counts by its errors. Intervals: percentile
    bootstrap of whole countries over the fixed forecasts, numerator and denominator together (Murphy 1973,
    J. Applied Meteorology 12, for the score).
    """
    rows = prediction.by_row
    loss = 1 - rows[score] if score == "accuracy" else rows[score]
    if unknown := [name for name in (model, reference) if name not in set(rows["model"])]:
        raise ValueError(f"skill: no model {unknown[0]!r}; expected one of {', '.join(sorted(set(rows['model'])))}")
    by_country = rows.assign(loss=loss).pivot_table("loss", "iso3", "model", "sum")
    sums = by_country[[model, LAST_YEAR, reference]].to_numpy(float)
    weights = country_weights(len(sums), draws, seed)
    totals = np.vstack([sums.sum(axis=0), weights @ sums])
    skills = 1 - totals[:, :2] / totals[:, 2:]
    gains = skills[:, 0] - skills[:, 1]
    low, high = limits(skills[1:, 0], level)
    gain_low, gain_high = limits(gains[1:], level)
    return Skill(*(float(v) for v in (skills[0, 0], low, high, gains[0], gain_low, gain_high)))


def _prediction_design(data: pd.DataFrame, columns: Sequence[str], categories: int) -> tuple[Floats, list[str]]:
    parts: list[Floats] = []
    labels: list[str] = []
    for column in columns:
        values = data[column].to_numpy(float)
        if column == "last_rank":
            parts.extend((values == rank).astype(float) for rank in range(1, categories))
            labels.extend(f"last_rank {rank}" for rank in range(1, categories))
        else:
            parts.append(values)
            labels.append(column)
    return np.column_stack(parts), labels


def _sum_by(values: Floats, codes: Places, count: int) -> Floats:
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, codes, values)
    return sums


def _score_table(models: Sequence[str], value: Floats, sampled: Floats, level: float) -> pd.DataFrame:
    low, high = limits(sampled, level)
    return pd.DataFrame(
        [
            (model, score, value[i, j], low[i, j], high[i, j])
            for i, model in enumerate(models)
            for j, score in enumerate(SCORES)
        ],
        columns=["model", "score", "value", "low", "high"],
    )
