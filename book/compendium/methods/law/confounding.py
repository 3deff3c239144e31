"""How strong an unmeasured cause would have to be to explain a ratio away, and how strong the measured ones are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from compendium.methods.checks import between
from compendium.methods.law.frames import HazardError
from compendium.methods.law.hazard import Fit, fit
from compendium.methods.law.likelihood import Array
from compendium.methods.law.regressors import Model, is_text, usable


@dataclass(frozen=True)
class EValue:
    """VanderWeele and Ding's E-value of an estimate and of its confidence limit nearest to no effect."""

    estimate: float
    limit: float


def e_value(
    ratio: float,
    low: float,
    high: float,
    *,
    measure: Literal["risk", "hazard", "odds"] = "hazard",
    common: bool = True,
) -> EValue:
    """E-value: how strongly a confounder must go with exposure and outcome to explain the ratio away.

    VanderWeele and Ding (2017). `common` says that more than about 15% have the event by the end of
    follow-up; hazard and odds ratios are then first turned into approximate risk ratios. The limit's value
    is 1 when the interval includes no effect.
    """
    for name, value in (("ratio", ratio), ("low", low), ("high", high)):
        if not value > 0:
            raise HazardError(f"E-value: {name} is {value}; expected a ratio above 0")
    if not low <= ratio <= high:
        raise HazardError(f"E-value: the ratio {ratio} lies outside its limits {low} to {high}")
    risk, nearest = (risk_ratio(value, measure, common) for value in (ratio, low if ratio >= 1 else high))
    crosses = low <= 1 <= high
    return EValue(_bias_factor_root(risk), 1.0 if crosses else _bias_factor_root(nearest))


def bounding_factor(exposure_ratio: float, outcome_ratio: float) -> float:
    """Most by which a confounder can inflate a risk ratio: `a b / (a + b - 1)` (Ding and VanderWeele 2016).

    `exposure_ratio` (a) says how many times as common it is among the exposed, `outcome_ratio` (b) how many
    times as likely it makes the outcome; both are 1 or more.
    """
    for name, value in (("exposure", exposure_ratio), ("outcome", outcome_ratio)):
        if not value >= 1:
            raise HazardError(f"bounding factor: {name} ratio is {value}; expected 1 or more (invert it)")
    return exposure_ratio * outcome_ratio / (exposure_ratio + outcome_ratio - 1)


def outcome_ratio_needed(exposure_ratio: ArrayLike, bias: float) -> Array:
    """Outcome ratio with which a confounder of these exposure ratios inflates a risk ratio by `bias`.

    Solves `bounding_factor` for its second argument; exposure ratios of any shape, all above `bias`.
    """
    a = np.asarray(exposure_ratio, dtype=float)
    if not np.all(a > bias):
        raise HazardError(f"bounding factor: an exposure ratio of {bias} or less cannot inflate by {bias}")
    return bias * (a - 1) / (a - bias)


def risk_ratio(ratio: float, measure: str, common: bool = True) -> float:
    """Approximate risk ratio of a hazard or odds ratio where the event is common (VanderWeele and Ding 2017)."""
    between("risk ratio", 0, math.inf, ratio=ratio)
    if measure == "risk" or not common:
        return ratio
    if measure == "odds":
        return math.sqrt(ratio)
    if measure == "hazard":
        return (1 - 0.5 ** math.sqrt(ratio)) / (1 - 0.5 ** math.sqrt(1 / ratio))
    raise HazardError(f"E-value: measure is {measure!r}; expected risk, hazard or odds")


def _bias_factor_root(risk_ratio: float) -> float:
    above = max(risk_ratio, 1 / risk_ratio)
    return above + math.sqrt(above * (above - 1))


def benchmarks(frame: pd.DataFrame, model: Model | None = None) -> pd.DataFrame:
    """How strong each measured covariate would be as a confounder, to judge an E-value by.

    Each is read as yes or no: a level of a text column against all others, a number above its median, a 0/1
    column as it is. One row per reading: covariate, label, exposure_ratio (how many times as common among the
    exposed), outcome_ratio (approximate risk ratio of the outcome, in the model with the covariate so read),
    both inverted where below 1, and bias (their `bounding_factor`). A reading that cannot be fitted, such as a
    level without events, is left out.
    """
    model = Model() if model is None else model
    rows, _ = usable(frame, model)
    exposed = rows[model.exposure] == 1
    found = []
    for name in model.covariates:
        others = tuple(other for other in model.covariates if other != name)
        for label, reading in _readings(rows[name]).items():
            shares = [float(reading[exposed].mean()), float(reading[~exposed].mean())]
            read = rows.assign(**{name: reading})
            try:
                fitted = fit(read, Model(model.exposure, (*others, name), None, model.baseline, model.link))
            except HazardError:
                continue
            if min(shares) == 0:
                continue
            ratios = [shares[0] / shares[1], risk_ratio(fitted.ratio(name).estimate, _measure(model))]
            exposure, outcome = (max(ratio, 1 / ratio) for ratio in ratios)
            found.append((name, label, exposure, outcome, bounding_factor(exposure, outcome)))
    return pd.DataFrame(found, columns=["covariate", "label", "exposure_ratio", "outcome_ratio", "bias"])


def directed_ratios(fitted: Fit, covariate: str, label: str) -> tuple[float, float]:
    """Exposure and outcome ratio of a measured covariate, read as in `benchmarks`, also where below 1.

    Above 1 in both or in neither, the covariate would feign an effect; else it would hide one.
    """
    rows, model = fitted.rows, fitted.model
    reading, exposed = _readings(rows[covariate])[label], rows[model.exposure] == 1
    read = fit(rows.assign(**{covariate: reading}), model)
    outcome = risk_ratio(read.ratio(covariate).estimate, _measure(model))
    return float(reading[exposed].mean() / reading[~exposed].mean()), outcome


def _measure(model: Model) -> str:
    return "hazard" if model.link == "cloglog" else "odds"


def _readings(column: pd.Series) -> dict[str, pd.Series]:
    if is_text(column):
        return {str(level): (column == level).astype(float) for level in sorted(column.unique())}
    if column.isin([0, 1]).all():
        return {"yes": column.astype(float)}
    return {"above the median": (column > column.median()).astype(float)}
