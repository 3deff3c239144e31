"""From country-years to regressors: a model's columns, coded once and repeatable on changed rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from compendium.methods.law.frames import HazardError, require
from compendium.methods.law.likelihood import Array, Link

Baseline = Literal["years", "cubic", "log"]


@dataclass(frozen=True)
class Model:
    """A hazard model: exposure, covariates, an optional moderator of the exposure, baseline and link.

    Text covariates become indicators against their most frequent level. The moderator is standardised over
    the rows used, so the interaction reads per standard deviation. `others` are 0/1 exposures that exclude
    this one, such as the watch list beside Tier 3: each has its own term, and the effect of the exposure is
    against having none of them.
    """

    exposure: str = "placed"
    covariates: tuple[str, ...] = ()
    moderator: str | None = None
    baseline: Baseline = "years"
    link: Link = "cloglog"
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Coding:
    """How the columns of a frame became regressors, so that changed rows can be coded the same way.

    `years` have an indicator each (those with an event); `levels` are, by text covariate, the levels with an
    indicator (all but the most frequent); `centre` and `scale` standardise the moderator.
    """

    years: tuple[int, ...]
    levels: tuple[tuple[str, tuple[str, ...]], ...]
    centre: float
    scale: float


def usable(frame: pd.DataFrame, model: Model) -> tuple[pd.DataFrame, int]:
    """The rows that have every column of the model, and how many were left out.

    Raises HazardError for a missing column, a country-year twice, or events that are none or not 0 and 1.
    """
    moderator = () if model.moderator is None else (model.moderator,)
    columns = list(
        dict.fromkeys(("iso3", "year", "event", model.exposure, *model.others, *model.covariates, *moderator))
    )
    if model.baseline != "years":
        columns.append("time")
    require(frame, columns, "risk set")
    rows = frame[columns].dropna().reset_index(drop=True)
    if rows.empty:
        raise HazardError(f"hazard: no row has all of {', '.join(columns)}")
    if not rows["event"].isin([0, 1]).all():
        raise HazardError("hazard: event must be 0 or 1 in every row")
    if rows["event"].sum() == 0:
        raise HazardError(f"hazard: none of the {len(rows)} rows has an event; nothing can be estimated")
    if rows.duplicated(["iso3", "year"]).any():
        twice = rows[rows.duplicated(["iso3", "year"])].iloc[0]
        raise HazardError(f"hazard: {twice['iso3']} {twice['year']} appears twice; expected one row a year")
    return rows, len(frame) - len(rows)


def coded(rows: pd.DataFrame, model: Model) -> Coding:
    """How these rows turn the model's columns into regressors; see `design_of`."""
    years = tuple(sorted(int(year) for year in rows.loc[rows["event"] == 1, "year"].unique()))
    levels = []
    for name in model.covariates:
        if is_text(rows[name]):
            counts = rows[name].value_counts().sort_index(kind="stable")
            reference = counts.idxmax()
            levels.append((name, tuple(sorted(level for level in counts.index if level != reference))))
    centre, scale = 0.0, 1.0
    if model.moderator is not None:
        values = rows[model.moderator].astype(float)
        centre, scale = float(values.mean()), float(values.std(ddof=0))
        if scale == 0:
            raise HazardError(f"hazard: moderator {model.moderator!r} is constant; it cannot moderate")
    return Coding(years, tuple(levels), centre, scale)


def design_of(rows: pd.DataFrame, model: Model, coding: Coding) -> pd.DataFrame:
    """The regressors of each row, one column a term: baseline, exposures, covariates, moderator, interactions."""
    columns: dict[str, Array] = {}
    if model.baseline == "years":
        for year in coding.years:
            columns[f"year {year}"] = (rows["year"] == year).astype(float).to_numpy()
    else:
        columns["constant"] = np.ones(len(rows))
        time = rows["time"].to_numpy(dtype=float)
        if model.baseline == "log":
            columns["log time"] = np.log(time)
        else:
            # Carter and Signorino (2010); the scale keeps the information matrix well conditioned.
            for power in (1, 2, 3):
                columns[f"time^{power}"] = (time / 10) ** power
    exposure = rows[model.exposure].to_numpy(dtype=float)
    columns[model.exposure] = exposure
    for other in model.others:
        columns[other] = rows[other].to_numpy(dtype=float)
    text = dict(coding.levels)
    for name in model.covariates:
        if name in text:
            for level in text[name]:
                columns[f"{name}: {level}"] = (rows[name] == level).astype(float).to_numpy()
        else:
            columns[name] = rows[name].to_numpy(dtype=float)
    if model.moderator is not None:
        moderator = (rows[model.moderator].to_numpy(dtype=float) - coding.centre) / coding.scale
        if model.moderator not in columns:
            columns[model.moderator] = moderator
        columns[interaction_name(model)] = exposure * moderator
        for other in model.others:
            columns[interaction_name(model, other)] = columns[other] * moderator
    return pd.DataFrame(columns, index=rows.index)


def exposed_to(rows: pd.DataFrame, model: Model, coding: Coding, value: float) -> Array:
    """The (n, k) regressors with every row's exposure set to `value` and its other exposures to none."""
    none = dict.fromkeys(model.others, 0.0)
    return design_of(rows.assign(**{model.exposure: value, **none}), model, coding).to_numpy(dtype=float)


def carries_hazard(rows: pd.DataFrame, model: Model, coding: Coding) -> Array:
    """(n,) of 1, and of 0 in years when nobody legislated: under year indicators their fitted hazard is zero."""
    if model.baseline != "years":
        return np.ones(len(rows))
    return rows["year"].isin(coding.years).astype(float).to_numpy()


def is_text(column: pd.Series) -> bool:
    """Whether a column holds levels with names, which become indicators."""
    return not pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def interaction_name(model: Model, exposure: str | None = None) -> str:
    """Name of the term by which the moderator bends an exposure, the model's own by default."""
    return f"{model.exposure if exposure is None else exposure} × {model.moderator}"
