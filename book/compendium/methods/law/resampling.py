"""The uncertainty of a marginal effect by drawing countries again, with all their years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods.checks import within
from compendium.methods.law.frames import HazardError
from compendium.methods.law.hazard import Fit, Interval, fit, marginal_effect
from compendium.methods.law.likelihood import Array, Link, fisher_scoring, inverse_link
from compendium.methods.law.regressors import Model, carries_hazard, design_of, exposed_to
from compendium.methods.shares.proportions import checked_level


def bootstrap_effect(
    frame: pd.DataFrame,
    model: Model | None = None,
    *,
    draws: int = 499,
    seed: int = 20080215,
    level: float = 0.95,
) -> Interval:
    """Average marginal effect as in `marginal_effect`, with a percentile interval over resampled countries.

    Draws whose fit fails are left out; more than five in a hundred of them is an error. p is twice the
    smaller share of draws on either side of zero, never below 2 / (draws + 1).
    """
    within("bootstrap_effect", 2, np.inf, draws=draws)
    model, level = Model() if model is None else model, checked_level("bootstrap_effect", level)
    whole = fit(frame, model)
    rng = np.random.default_rng(seed)
    country, names = pd.factorize(whole.rows["iso3"], sort=True)
    effects = []
    resample = Resample.of(whole)
    for _ in range(draws):
        weights = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))[country]
        try:
            effects.append(resample.effect(weights.astype(float)))
        except HazardError:
            continue
    if len(effects) < 0.95 * draws:
        raise HazardError(
            f"bootstrap: {draws - len(effects)} of {draws} draws could not be fitted; expected at most 5%; "
            "use fewer covariates or another baseline"
        )
    values = np.asarray(effects)
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    smaller = min(np.sum(values <= 0), np.sum(values >= 0))
    p = min(1.0, 2 * (smaller + 1) / (len(values) + 1))
    point = marginal_effect(whole).estimate
    return Interval(point, float(values.std(ddof=1)), float(low), float(high), float(p))


@dataclass(frozen=True)
class Resample:
    """A fit's n rows as matrices, so that a draw of countries is a vector of row weights.

    `event` and `live` are (n,), `design`, `exposed` and `unexposed` (n, k), `indicators` (k,).
    """

    event: Array
    design: Array
    exposed: Array
    unexposed: Array
    # Indicators of a year or a level: where a draw leaves them no event, or nothing else, the fitted hazard of
    # their rows is 0 or 1 whatever the exposure.
    indicators: NDArray[np.bool_]
    live: Array
    link: Link

    @classmethod
    def of(cls, fitted: Fit) -> Resample:
        """The rows of a fit, ready to be drawn."""
        model, coding, rows = fitted.model, fitted.coding, fitted.rows
        design = design_of(rows, model, coding)
        marks = [name.startswith("year ") or ": " in name for name in design.columns]
        exposed, unexposed = (exposed_to(rows, model, coding, value) for value in (1.0, 0.0))
        return cls(
            rows["event"].to_numpy(dtype=float),
            design.to_numpy(dtype=float),
            exposed,
            unexposed,
            np.asarray(marks),
            carries_hazard(rows, model, coding),
            model.link,
        )

    def effect(self, weights: Array) -> float:
        """Average marginal effect in percentage points with rows counted `weights` times, an (n,) array.

        Raises HazardError where the draw cannot be fitted.
        """
        events, rows = (weights * self.event) @ self.design, weights @ self.design
        settled = self.indicators & ((events == 0) | (events == rows))
        used = (self.live > 0) & ~self.design[:, settled].any(axis=1)
        drawn = used & (weights > 0)
        estimate = fisher_scoring(
            self.event[drawn], self.design[np.ix_(drawn, ~settled)], weights[drawn], self.link
        )
        difference = inverse_link(self.exposed[:, ~settled] @ estimate, self.link) - inverse_link(
            self.unexposed[:, ~settled] @ estimate, self.link
        )
        return float(100 * np.sum(weights * used * difference) / np.sum(weights))
