"""The tier lists: which report years are complete, how countries move between tiers, and what predicts them.

Every function takes the table `tip_tiers` (columns iso3, year, tier) and refuses report years whose list is not
complete: a model of a partial list would take "not read" for "not rated".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.ordered import CONVERGED, fit_ordered, probabilities

Floats = NDArray[np.float64]

TIERS = ("1", "2", "2WL", "3")
COMPLETE_YEARS = (*range(2001, 2016), 2020, 2021, 2023)
WATCH_LIST_SINCE = 2004
WATCH_LIST_YEARS = tuple(year for year in COMPLETE_YEARS if year >= WATCH_LIST_SINCE)
ON_WATCH_LIST = TIERS.index("2WL")


class PartialYearError(ValueError):
    """A report year whose tier list is not complete was asked for as if it were."""


def require_complete(years: Iterable[int], what: str = "tier model") -> None:
    """Raise `PartialYearError` if any of `years` has no complete tier list."""
    partial = sorted({int(year) for year in years} - set(COMPLETE_YEARS))
    if partial:
        raise PartialYearError(
            f"{what}: expected report years with a complete tier list (2001-2015, 2020, 2021, 2023), "
            f"found {', '.join(map(str, partial))}; leave these years out"
        )


def ranked(tiers: pd.DataFrame, years: Sequence[int] = COMPLETE_YEARS) -> pd.DataFrame:
    """Keep the ranked countries of complete report years: iso3, year, tier, rank (0 for Tier 1 to 3 for Tier 3).

    Special cases, and rows in which the source merges Tier 2 and the watch list, carry no rank and are left out.
    A `year_coverage` column, where the table has one, must agree that the years are complete.
    """
    require_complete(years)
    rows = tiers.loc[tiers["year"].isin(list(years))]
    if "year_coverage" in rows:
        partial = rows.loc[rows["year_coverage"].astype(str) != "complete"]
        if len(partial):
            found = partial.iloc[0]
            raise PartialYearError(
                f"tip_tiers: expected year_coverage 'complete' in {found['year']}, "
                f"found {found['year_coverage']!r}; leave this year out"
            )
    rows = rows.loc[rows["tier"].isin(TIERS), ["iso3", "year", "tier"]]
    rank = rows["tier"].map({tier: rank for rank, tier in enumerate(TIERS)}).astype("int64")
    rows = rows.assign(year=rows["year"].astype("int64"), rank=rank)
    return rows.sort_values(["iso3", "year"], ignore_index=True)


def without_watch_list(rows: pd.DataFrame) -> pd.DataFrame:
    """Count the watch list as Tier 2: `rank` (and `last_rank`, if there) become 0, 1, 2."""
    merged = {0: 0, 1: 1, 2: 1, 3: 2}
    return rows.assign(**{c: rows[c].map(merged) for c in ("rank", "last_rank") if c in rows})


def classes_by_year(tiers: pd.DataFrame) -> pd.DataFrame:
    """Count ranked countries by complete report year: year, one column per tier, ranked, classes (tiers in use)."""
    rows = ranked(tiers)
    table = pd.crosstab(rows["year"], rows["tier"]).reindex(columns=list(TIERS), fill_value=0)
    table = table.assign(ranked=table.sum(axis=1), classes=(table > 0).sum(axis=1))
    table.columns.name = None
    return table.reset_index()


def with_last_rank(rows: pd.DataFrame) -> pd.DataFrame:
    """Add `last_rank`, the rank in the report one year before; rows without one (not ranked, gap) are left out.

    `rows` comes from `ranked`.
    """
    before = rows[["iso3", "year", "rank"]].assign(year=rows["year"] + 1)
    return rows.merge(before.rename(columns={"rank": "last_rank"}), on=["iso3", "year"], how="inner")


def _country_weights(countries: int, draws: int, seed: int) -> NDArray[np.int64]:
    """How often each country is drawn in each bootstrap sample of whole countries: (draws, countries)."""
    return np.random.default_rng(seed).multinomial(countries, np.full(countries, 1 / countries), draws)


def _limits(draws: Floats, level: float) -> tuple[Floats, Floats]:
    """Percentile interval over the first axis; nan where no draw has a value."""
    seen = np.isfinite(draws).any(axis=0)
    limits = np.full((2, *draws.shape[1:]), np.nan)
    limits[:, seen] = np.nanquantile(draws[:, seen], [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return limits[0], limits[1]


def transitions(
    tiers: pd.DataFrame,
    years: Sequence[int] = WATCH_LIST_YEARS,
    draws: int = 2000,
    seed: int = 20010712,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of countries that move from one tier to another between consecutive complete reports.

    Returns one row for each pair of tiers: source, target, moves, countries (that ever were in the source tier),
    share, low, high. Intervals are percentiles of a bootstrap of whole countries, because a country's years depend
    on each other. A bootstrap cannot see a move that never happened: its upper limit is the exact binomial one with
    each country counted once. The default years start with the watch list: before it, a move to it could not
    happen.
    """
    rows = with_last_rank(ranked(tiers, years))
    names, codes = np.unique(rows["iso3"].to_numpy(str), return_inverse=True)
    size = len(TIERS)
    counts = np.zeros((len(names), size, size))
    np.add.at(counts, (codes, rows["last_rank"].to_numpy(), rows["rank"].to_numpy()), 1.0)
    total = counts.sum(axis=0)
    sampled = np.tensordot(_country_weights(len(names), draws, seed), counts, axes=1)
    with np.errstate(invalid="ignore"):
        share = total / total.sum(axis=1, keepdims=True)
        low, high = _limits(sampled / sampled.sum(axis=2, keepdims=True), level)
    countries = (counts.sum(axis=2) > 0).sum(axis=0)
    with np.errstate(divide="ignore"):
        exact = 1 - (0.5 - level / 2) ** (1 / countries)
    high = np.where(total == 0, exact[:, None], high)
    return pd.DataFrame(
        [
            (
                TIERS[i],
                TIERS[j],
                int(total[i, j]),
                int(countries[i]),
                share[i, j],
                low[i, j],
                high[i, j],
            )
            for i in range(size)
            for j in range(size)
        ],
        columns=["source", "target", "moves", "countries", "share", "low", "high"],
    )


def watch_list_spells(
    tiers: pd.DataFrame, years: Sequence[int] = tuple(range(WATCH_LIST_SINCE, 2016))
) -> pd.DataFrame:
    """Unbroken stays on the watch list: iso3, entered, years (reports on it), exit.

    `exit` is "Tier 3", "Tier 2 or 1" or "censored" (the next report is missing, or does not rank the country).
    A stay counts only if its beginning is seen: the country was rated otherwise, or not rated, the year before, or
    the list had just begun. `years` must be consecutive.
    """
    if list(years) != list(range(min(years), max(years) + 1)):
        raise ValueError(
            f"watch_list_spells: expected consecutive years, found {list(years)}; pass one block of years"
        )
    rows = ranked(tiers, years)
    spells: list[tuple[str, int, int, str]] = []
    for country, own in rows.groupby("iso3", sort=True):
        rank = dict(zip(own["year"].tolist(), own["rank"].tolist(), strict=True))
        for entered in own["year"].tolist():
            if rank[entered] != ON_WATCH_LIST or rank.get(entered - 1) == ON_WATCH_LIST:
                continue
            if entered == min(years) and entered != WATCH_LIST_SINCE:
                continue
            last = entered
            while rank.get(last + 1) == ON_WATCH_LIST:
                last += 1
            after = rank.get(last + 1)
            leaves = "censored" if after is None else "Tier 3" if after > ON_WATCH_LIST else "Tier 2 or 1"
            spells.append((str(country), entered, last - entered + 1, leaves))
    return pd.DataFrame(spells, columns=["iso3", "entered", "years", "exit"])


def _risk_curves(stays: Floats, ends: Floats) -> tuple[Floats, Floats, Floats]:
    """Kaplan-Meier survival and two Aalen-Johansen incidences from those at risk (..., T) and exits (..., T, 2)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        hazard = np.where(stays[..., None] > 0, ends / stays[..., None], 0.0)
    survival = np.cumprod(1 - hazard.sum(axis=-1), axis=-1)
    before = np.concatenate([np.ones_like(survival[..., :1]), survival[..., :-1]], axis=-1)
    incidence = np.cumsum(before[..., None] * hazard, axis=-2)
    return survival, incidence[..., 0], incidence[..., 1]


def time_on_watch_list(
    spells: pd.DataFrame, draws: int = 2000, seed: int = 20010712, level: float = 0.95
) -> pd.DataFrame:
    """How long countries stay on the watch list and where they go.

    `spells` comes from `watch_list_spells`. Returns one row for each number of years: years, at_risk, downgraded,
    upgraded, censored; staying (Kaplan-Meier, any exit), downgrade and upgrade (Aalen-Johansen cumulative
    incidence: an upgrade is a competing exit, not censoring), each with low and high from a bootstrap of countries.
    """
    longest = int(spells["years"].max())
    names, codes = np.unique(spells["iso3"].to_numpy(str), return_inverse=True)
    at_risk = np.zeros((len(names), longest))
    exits = np.zeros((len(names), longest, 2))
    censored = np.zeros(longest, dtype=int)
    for code, stay, leaves in zip(codes, spells["years"], spells["exit"], strict=True):
        at_risk[code, :stay] += 1
        if leaves == "censored":
            censored[stay - 1] += 1
        else:
            exits[code, stay - 1, 0 if leaves == "Tier 3" else 1] += 1
    curves = _risk_curves(at_risk.sum(axis=0), exits.sum(axis=0))
    weights = _country_weights(len(names), draws, seed)
    sampled = _risk_curves(np.tensordot(weights, at_risk, axes=1), np.tensordot(weights, exits, axes=1))
    table = pd.DataFrame(
        {
            "years": np.arange(1, longest + 1),
            "at_risk": at_risk.sum(axis=0).astype(int),
            "downgraded": exits[:, :, 0].sum(axis=0).astype(int),
            "upgraded": exits[:, :, 1].sum(axis=0).astype(int),
            "censored": censored,
        }
    )
    for name, curve, sample in zip(("staying", "downgrade", "upgrade"), curves, sampled, strict=True):
        low, high = _limits(sample, level)
        table = table.assign(**{name: curve, f"{name}_low": low, f"{name}_high": high})
    return table


def after_years_on_watch_list(spells: pd.DataFrame, split: int, level: float = 0.95) -> pd.DataFrame:
    """What follows each further year on the watch list, in reports before `split` and from `split` on.

    A rule of automatic downgrade after so many years would show as a jump in the downgraded share at that number of
    years, in the period in which it is in force, and as no stay beyond it. `spells` comes from `watch_list_spells`.
    Returns: period, years (on the list so far), stayed, downgraded, upgraded, decisions, and the share downgraded
    with a Wilson interval. Stays whose next report is missing are left out.
    """
    from statsmodels.stats.proportion import proportion_confint

    rows: list[tuple[str, int, str]] = []
    for entered, years, leaves in zip(spells["entered"], spells["years"], spells["exit"], strict=True):
        for year in range(1, years + 1):
            outcome = "stayed" if year < years else leaves
            if outcome != "censored":
                rows.append((f"{'before' if entered + year < split else 'from'} {split}", year, outcome))
    decisions = pd.DataFrame(rows, columns=["period", "years", "outcome"])
    table = pd.crosstab([decisions["period"], decisions["years"]], decisions["outcome"])
    table = table.reindex(columns=["stayed", "Tier 3", "Tier 2 or 1"], fill_value=0)
    table.columns = pd.Index(["stayed", "downgraded", "upgraded"])
    table = table.assign(decisions=table.sum(axis=1)).reset_index()
    low, high = proportion_confint(table["downgraded"], table["decisions"], alpha=1 - level, method="wilson")
    return table.assign(
        share_downgraded=table["downgraded"] / table["decisions"], low=np.asarray(low), high=np.asarray(high)
    )


def folds_by_country(countries: Sequence[str], folds: int, seed: int) -> dict[str, int]:
    """Assign every country to one fold, in a seeded order that does not depend on the order given."""
    names = sorted(set(countries))
    shuffled = np.random.default_rng(seed).permutation(len(names))
    return {names[index]: place % folds for place, index in enumerate(shuffled)}


def ranked_probability_score(forecast: Floats, outcome: NDArray[np.int64]) -> Floats:
    """Ranked probability score of each row, 0 (best) to 1: squared distance of cumulative forecast and outcome.

    `forecast` (n, k) are probabilities; the sum over the k - 1 cuts is divided by k - 1 (Epstein 1969).
    """
    cuts = np.arange(forecast.shape[1] - 1)
    happened = (outcome[:, None] <= cuts).astype(float)
    return np.mean((np.cumsum(forecast, axis=1)[:, :-1] - happened) ** 2, axis=1)


def log_score(forecast: Floats, outcome: NDArray[np.int64]) -> Floats:
    """Minus the log of the probability given to what happened (n,), in nats: 0 is best."""
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


BASE_RATES = "base rates"
LAST_YEAR = "last year's tier"


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
    require_complete(rows["year"].unique(), "predictability")
    needed = sorted({column for columns in models.values() for column in columns} | {"rank", "last_rank"})
    data = rows.dropna(subset=needed).sort_values(["iso3", "year"], ignore_index=True)
    outcome = data["rank"].to_numpy("int64")
    last = data["last_rank"].to_numpy("int64")
    names, codes = np.unique(data["iso3"].to_numpy(str), return_inverse=True)
    designs = {name: _prediction_design(data, columns, categories) for name, columns in models.items()}
    starts: dict[str, Floats | None] = dict.fromkeys(models)
    columns = ["accuracy", "log score", "ranked probability score"]
    labels_of_rows, values = [], np.zeros((repeats, 2 + len(models), len(data), len(columns)))
    for repeat in range(repeats):
        fold_of = folds_by_country(names.tolist(), folds, seed + repeat)
        fold = np.array([fold_of[name] for name in names], dtype="int64")[codes]
        forecasts = {name: np.zeros((len(data), categories)) for name in (BASE_RATES, LAST_YEAR, *models)}
        for held_out in range(folds):
            test, train = fold == held_out, fold != held_out
            forecasts[BASE_RATES][test] = np.bincount(outcome[train], minlength=categories) / train.sum()
            moves = np.full((categories, categories), 0.5)
            np.add.at(moves, (last[train], outcome[train]), 1.0)
            forecasts[LAST_YEAR][test] = (moves / moves.sum(axis=1, keepdims=True))[last[test]]
            for name in models:
                design, labels = designs[name]
                fit = fit_ordered(outcome[train], design[train], codes[train], labels, categories, starts[name])
                if fit.status != CONVERGED:
                    raise ValueError(
                        f"predictability: model {name!r} in fold {held_out} expected an estimate, "
                        f"found {fit.status} ({fit.detail}); drop the column named"
                    )
                starts[name] = np.concatenate([fit.slopes, fit.thresholds])
                forecasts[name][test] = probabilities(fit, design[test])
        for place, (name, forecast) in enumerate(forecasts.items()):
            predicted = last if name == LAST_YEAR else forecast.argmax(axis=1)
            each = np.column_stack(
                [
                    (predicted == outcome).astype(float),
                    log_score(forecast, outcome),
                    ranked_probability_score(forecast, outcome),
                ]
            )
            values[repeat, place] = each
            labels_of_rows.append((np.full(len(data), repeat), fold, np.full(len(data), name), predicted))

    times = len(labels_of_rows)
    by_row = {column: np.tile(data[column].to_numpy(), times) for column in ("iso3", "year", "rank")}
    for column, parts in zip(
        ("repeat", "fold", "model", "predicted"), zip(*labels_of_rows, strict=True), strict=True
    ):
        by_row[column] = np.concatenate(parts)
    by_row |= dict(zip(columns, values.reshape(-1, len(columns)).T, strict=True))
    by_country = np.stack(
        [_sum_by(each, codes, len(names)) for each in values.mean(axis=0)]
    )  # model, country, score
    sizes = np.bincount(codes)
    weights = _country_weights(len(names), draws, seed)
    mean = by_country.sum(axis=1) / sizes.sum()
    sampled = np.einsum("dc,mcs->dms", weights, by_country) / (weights @ sizes)[:, None, None]
    better = np.array([1.0, -1.0, -1.0])
    base = list(forecasts).index(LAST_YEAR)
    scores = _score_table(list(forecasts), columns, mean, sampled, level)
    gain, gains_sampled = (mean - mean[base]) * better, (sampled - sampled[:, [base]]) * better
    gains = _score_table(list(forecasts), columns, gain, gains_sampled, level)
    return Predictability(
        scores,
        gains.loc[gains["model"] != LAST_YEAR].reset_index(drop=True),
        pd.DataFrame(by_row),
        len(data),
        len(names),
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
    by_country = rows.assign(loss=loss).pivot_table("loss", "iso3", "model", "sum")
    sums = by_country[[model, LAST_YEAR, reference]].to_numpy(float)
    weights = _country_weights(len(sums), draws, seed)
    totals = np.vstack([sums.sum(axis=0), weights @ sums])
    skills = 1 - totals[:, :2] / totals[:, 2:]
    gains = skills[:, 0] - skills[:, 1]
    low, high = _limits(skills[1:, 0], level)
    gain_low, gain_high = _limits(gains[1:], level)
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


def _sum_by(values: Floats, codes: NDArray[np.int64], count: int) -> Floats:
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, codes, values)
    return sums


def _score_table(
    models: Sequence[str], scores: Sequence[str], value: Floats, sampled: Floats, level: float
) -> pd.DataFrame:
    low, high = _limits(sampled, level)
    return pd.DataFrame(
        [
            (model, score, value[i, j], low[i, j], high[i, j])
            for i, model in enumerate(models)
            for j, score in enumerate(scores)
        ],
        columns=["model", "score", "value", "low", "high"],
    )
