"""The hazard before and after a country's first placement, year by year."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from compendium.methods.law.frames import HazardError, require
from compendium.methods.law.hazard import Fit, fit
from compendium.methods.law.likelihood import Link
from compendium.methods.law.regressors import Baseline, Model


class Wald(NamedTuple):
    """A joint test that several coefficients are zero: chi-squared statistic, degrees of freedom, p."""

    statistic: float
    freedom: int
    p: float


@dataclass(frozen=True)
class EventStudy:
    """Log hazard (or odds) ratios by years since first placement, against a reference and the never placed.

    `estimates` has one row for each year of the window: event_time, kind (lead, reference, placed), estimate, se,
    low, high, n, events, status.
    `pretrend` tests that all leads are zero.
    """

    estimates: pd.DataFrame
    pretrend: Wald


def event_study(
    frame: pd.DataFrame,
    covariates: Sequence[str] = (),
    *,
    window: tuple[int, int] = (-4, 5),
    reference: tuple[int, ...] = (-2, -1),
    baseline: Baseline = "years",
    link: Link = "cloglog",
    level: float = 0.95,
) -> EventStudy:
    """Hazard by years since first placement, end bins pooled, never-placed countries in the baseline only.

    Rows with a missing covariate are left out, and the counts of rows and laws are those of the rows used.

    Leads compare countries at risk before their first placement with the pooled reference years. A lead or
    lag in whose bin no country legislated has a fitted hazard of zero: status `no events`, estimate minus
    infinity.
    A law makes a later first placement rarer, so leads far from zero are selection before they are
    anticipation (see `placebo`).
    """
    low, high = window
    span = range(low, high + 1)
    if not reference or not set(reference) <= set(span):
        raise HazardError(f"event study: reference {reference} lies outside the window {low} to {high}")
    require(frame, ("iso3", "year", "event", "event_time", *covariates), "risk set")
    frame = frame.dropna(subset=["event", *covariates])
    binned = frame["event_time"].clip(low, high)
    times = [time for time in span if time not in reference]
    events = {time: int(frame.loc[binned == time, "event"].sum()) for time in span}
    sizes = {time: int((binned == time).sum()) for time in span}
    if sum(events[time] for time in reference) == 0:
        raise HazardError(f"event study: no law in the reference years {reference}; choose others")
    silent = [time for time in times if events[time] == 0]
    dummies = {_event_name(t): binned.eq(t).astype(float) for t in times if t not in silent}
    # The first dummy rides as the exposure; the model is symmetric in its indicators.
    names = list(dummies)
    used = frame.assign(**dummies)[~binned.isin(silent)]
    placed_rows = used["event_time"].notna().to_numpy()
    used = used.assign(will_or_was_placed=placed_rows.astype(float))
    model = Model(names[0], (*names[1:], "will_or_was_placed", *covariates), None, baseline, link)
    fitted = fit(used, model, level=level)
    rows = []
    for time in span:
        kind = "reference" if time in reference else ("lead" if time < 0 else "placed")
        base = {"event_time": time, "kind": kind, "n": sizes[time], "events": events[time]}
        if time in reference:
            rows.append({**base, "estimate": 0.0, "se": 0.0, "low": 0.0, "high": 0.0, "status": "reference"})
        elif time in silent:
            gap = {"estimate": -math.inf, "se": math.nan, "low": -math.inf, "high": math.nan}
            rows.append({**base, **gap, "status": "no events"})
        else:
            term = fitted.term(_event_name(time))
            numbers = {"estimate": term.estimate, "se": term.se, "low": term.low, "high": term.high}
            rows.append({**base, **numbers, "status": "estimated"})
    columns = ["event_time", "kind", "estimate", "se", "low", "high", "n", "events", "status"]
    leads = [_event_name(t) for t in times if t < 0 and t not in silent]
    return EventStudy(pd.DataFrame(rows)[columns], _wald(fitted, leads))


def _event_name(time: int) -> str:
    return f"event_time_{time:+d}"


def _wald(fitted: Fit, names: Sequence[str]) -> Wald:
    from scipy.special import chdtrc

    if not names:
        return Wald(math.nan, 0, math.nan)
    terms = list(fitted.coefficients["term"])
    index = [terms.index(name) for name in names]
    estimate = np.asarray(fitted.coefficients["estimate"])[index]
    block = fitted.covariance[np.ix_(index, index)]
    statistic = float(estimate @ np.linalg.solve(block, estimate))
    return Wald(statistic, len(names), float(chdtrc(len(names), statistic)))
