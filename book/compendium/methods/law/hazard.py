"""Discrete-time hazard of full criminalisation after a watch-list or Tier 3 placement.

The hazard, the chance of a full law in a year given none before, is a binary regression on the country-years
of `riskset`: complementary log-log (the grouped-time proportional hazards model, Prentice and Gloeckler 1978)
or logit, with standard errors clustered by country.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from compendium.methods.checks import between
from compendium.methods.law.frames import HazardError, require
from compendium.methods.law.likelihood import Array, check_separation, inverse_link, maximise, slope_of_link
from compendium.methods.law.regressors import (
    Coding,
    Model,
    carries_hazard,
    coded,
    design_of,
    exposed_to,
    interaction_name,
    usable,
)
from compendium.methods.shares.proportions import checked_level


@dataclass(frozen=True)
class Interval:
    """An estimate with standard error and confidence limits, in the unit that its maker states."""

    estimate: float
    se: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Fit:
    """A fitted hazard model.

    `coefficients` has one row for each of k terms: term, estimate, se, low, high, p (log hazard ratios under
    cloglog, log odds ratios under logit); `covariance` is (k, k), in the same order. `rows` are the n
    country-years used, `dropped` counts those left out for a gap; those of `years_without_events` carry no
    information on any ratio (their fitted hazard is zero) and enter effects but not the likelihood.
    """

    model: Model
    coefficients: pd.DataFrame
    covariance: Array
    rows: pd.DataFrame
    coding: Coding
    n: int
    countries: int
    events: int
    dropped: int
    years_without_events: tuple[int, ...]
    log_likelihood: float

    def ratio(self, term: str | None = None) -> Interval:
        """Hazard (cloglog) or odds (logit) ratio of a term, the exposure by default; se on the log scale."""
        row = self.term(term)
        return Interval(math.exp(row.estimate), row.se, math.exp(row.low), math.exp(row.high), row.p)

    def term(self, term: str | None = None) -> Interval:
        """Coefficient of a term on the log scale, the exposure by default."""
        name = self.model.exposure if term is None else term
        found = self.coefficients[self.coefficients["term"] == name]
        if found.empty:
            known = ", ".join(self.coefficients["term"])
            raise HazardError(f"hazard fit: no term {name!r}; the terms are {known}")
        row = found.iloc[0]
        return Interval(*(float(row[part]) for part in ("estimate", "se", "low", "high", "p")))

    @property
    def interaction(self) -> Interval:
        """Added log ratio of the exposure per standard deviation of the moderator."""
        if self.model.moderator is None:
            raise HazardError("hazard fit: the model has no moderator, hence no interaction")
        return self.term(interaction_name(self.model))


def fit(frame: pd.DataFrame, model: Model | None = None, *, level: float = 0.95) -> Fit:
    """Fit the hazard model by maximum likelihood, standard errors clustered by country (iso3).

    Rows with a missing value in a used column are left out and counted. The cluster sandwich stands
    around the observed information and carries the usual small-sample factor. Raises HazardError on separation,
    collinearity or non-convergence.
    """
    from scipy.special import ndtr, ndtri

    model, level = Model() if model is None else model, checked_level("fit", level)
    rows, dropped = usable(frame, model)
    coding = coded(rows, model)
    design = design_of(rows, model, coding)
    informative = rows["year"].isin(coding.years).to_numpy()
    if model.baseline != "years":
        informative = np.ones(len(rows), dtype=bool)
    check_separation(rows[informative], design[informative])
    result = maximise(
        rows["event"].to_numpy(dtype=float)[informative],
        design.to_numpy(dtype=float)[informative],
        model.link,
        pd.factorize(rows["iso3"])[0][informative],
        tuple(design.columns),
    )
    z = float(ndtri(0.5 + level / 2))
    estimate, covariance = result.estimate, result.covariance
    se = np.sqrt(np.diag(covariance))
    table = pd.DataFrame(
        {
            "term": list(design.columns),
            "estimate": estimate,
            "se": se,
            "low": estimate - z * se,
            "high": estimate + z * se,
            "p": 2 * ndtr(-np.abs(estimate / se)),
        }
    )
    silent = tuple(sorted(int(y) for y in set(rows["year"]) - set(rows.loc[rows["event"] == 1, "year"])))
    return Fit(
        model,
        table,
        covariance,
        rows,
        coding,
        len(rows),
        int(rows["iso3"].nunique()),
        int(rows["event"].sum()),
        dropped,
        silent if model.baseline == "years" else (),
        result.log_likelihood,
    )


def predicted_hazard(fitted: Fit, rows: pd.DataFrame | None = None, **fixed: float) -> pd.Series:
    """Yearly hazard (0-1) of each row, with the named columns set to given values."""
    frame = (fitted.rows if rows is None else rows).assign(**fixed)
    estimate = np.asarray(fitted.coefficients["estimate"])
    eta = design_of(frame, fitted.model, fitted.coding).to_numpy(dtype=float) @ estimate
    live = carries_hazard(frame, fitted.model, fitted.coding)
    return pd.Series(inverse_link(eta, fitted.model.link) * live, index=frame.index)


def marginal_effect(
    fitted: Fit,
    *,
    moderator_sd: float | None = None,
    level: float = 0.95,
) -> Interval:
    """Average marginal effect of the exposure (1 against 0) in percentage points per year, delta interval.

    Averaged over the rows of the fit, the model's other exposures held at 0. With `moderator_sd` every row's
    moderator is held that many standard deviations from its mean.
    """
    return _delta(fitted, [(1.0, moderator_sd)], level)


def moderated_effect(fitted: Fit, *, low_sd: float = -1.0, high_sd: float = 1.0, level: float = 0.95) -> Interval:
    """How far the marginal effect at a high moderator exceeds that at a low one, in percentage points."""
    if fitted.model.moderator is None:
        raise HazardError("moderated effect: the model has no moderator")
    return _delta(fitted, [(1.0, high_sd), (-1.0, low_sd)], level)


def _delta(fitted: Fit, parts: list[tuple[float, float | None]], level: float) -> Interval:
    from scipy.special import ndtr, ndtri

    level = checked_level("marginal effect", level)
    between("marginal effect", -np.inf, np.inf, moderator_sd=[sd for _, sd in parts if sd is not None] or 0.0)
    estimate = np.asarray(fitted.coefficients["estimate"], dtype=float)
    link, model = fitted.model.link, fitted.model
    live = carries_hazard(fitted.rows, model, fitted.coding)
    value, gradient = 0.0, np.zeros(len(estimate))
    for weight, moderator_sd in parts:
        rows = fitted.rows
        if moderator_sd is not None:
            if model.moderator is None:
                raise HazardError("marginal effect: the model has no moderator to hold")
            held = fitted.coding.centre + moderator_sd * fitted.coding.scale
            rows = rows.assign(**{model.moderator: held})
        for sign, exposed in ((1.0, 1.0), (-1.0, 0.0)):
            design = exposed_to(rows, model, fitted.coding, exposed)
            eta = design @ estimate
            value += weight * sign * float(np.mean(inverse_link(eta, link) * live))
            gradient += weight * sign * ((slope_of_link(eta, link) * live) @ design) / len(rows)
    se = math.sqrt(float(gradient @ fitted.covariance @ gradient))
    z = float(ndtri(0.5 + level / 2))
    p = float(2 * ndtr(-abs(value / se)))
    return Interval(100 * value, 100 * se, 100 * (value - z * se), 100 * (value + z * se), p)


def placebo(frame: pd.DataFrame, model: Model | None = None, *, lead: int = 1) -> tuple[Fit, Fit]:
    """Fit with the model's exposure `lead` years in the future: in its place, and beside it.

    A placement that has not happened cannot cause a law, so an effect above zero would show that placed
    countries were already more likely to legislate. Below zero is expected without any anticipation: a law
    lifts the next tier, so a country that has just legislated is less often placed afterwards. The model's
    other exposures are put in the future too.
    """
    model = Model() if model is None else model
    name, *others = (f"{exposure}_lead{lead}" for exposure in (model.exposure, *model.others))
    require(frame, (name, *others), "risk set")
    now = (model.exposure, *model.others)
    alone = Model(name, model.covariates, None, model.baseline, model.link, tuple(others))
    beside = Model(name, (*now, *model.covariates), None, model.baseline, model.link, tuple(others))
    return fit(frame, alone), fit(frame, beside)
