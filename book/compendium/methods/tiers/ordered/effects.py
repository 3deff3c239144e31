"""What a fitted model says in probabilities."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from compendium.methods.checks import some
from compendium.methods.tiers.ordered.result import CONVERGED, Fit

Floats = NDArray[np.float64]


def probabilities(fit: Fit, design: ArrayLike) -> Floats:
    """Predict the probability of each category, (n, categories), from an ordered or binary logit.

    Raises ValueError for a fit without estimates.
    """
    _estimated("probabilities", fit)
    linear = np.asarray(design, dtype=float) @ fit.slopes
    below = expit(fit.thresholds[None, :] - linear[:, None])
    ends = np.zeros((len(linear), 1))
    return np.diff(np.hstack([ends, below, ends + 1]), axis=1)


def marginal_effect(fit: Fit, design: Floats, column: int, at_least: int) -> tuple[float, float]:
    """Average marginal effect of one column on P(outcome >= `at_least`), and its delta-method standard error.

    The derivative of the probability, averaged over the rows of `design` (n, k), for one unit of the column.
    For a linear model it is the slope itself. Raises ValueError for a fit without estimates.
    """
    _estimated("marginal effects", fit)
    some("marginal effects", "rows of the design", design)
    k = len(fit.slopes)
    if fit.kind.startswith("linear"):
        return float(fit.slopes[column]), float(fit.standard_errors[column])
    cut, slope = at_least - 1, fit.slopes[column]
    share = expit(fit.thresholds[cut] - design @ fit.slopes)
    density = share * (1 - share)
    slant = density * (1 - 2 * share)
    jacobian = np.zeros(k + len(fit.thresholds))
    jacobian[:k] = -slope * (slant @ design) / len(design)
    jacobian[column] += density.mean()
    jacobian[k + cut] = slope * slant.mean()
    variance = jacobian @ fit.covariance @ jacobian
    return float(slope * density.mean()), float(np.sqrt(variance))


def average_marginal_effects(fit: Fit, design: ArrayLike, level: float = 0.95) -> pd.DataFrame:
    """Average marginal effects of every column on every category and on every "at least" event.

    Returns one row for each column and event: column, event ("= j" or ">= j"), estimate, se, low, high, in
    probability per unit of the column; intervals by the delta method, t with clusters - 1 degrees of freedom.
    Raises ValueError for a fit without estimates.
    """
    _estimated("marginal effects", fit)
    some("marginal effects", "rows of the design", np.asarray(design))
    x = np.asarray(design, dtype=float)
    k, cuts = len(fit.slopes), len(fit.thresholds)
    share = expit(fit.thresholds[None, :] - (x @ fit.slopes)[:, None])
    density = share * (1 - share)
    slant = density * (1 - 2 * share)
    reach = fit.critical(level)
    rows = []
    for column, name in enumerate(fit.names):
        exceed, jacobians = np.zeros(cuts + 2), np.zeros((cuts + 2, k + cuts))
        for cut in range(cuts):
            exceed[cut + 1] = fit.slopes[column] * density[:, cut].mean()
            jacobians[cut + 1, :k] = -fit.slopes[column] * (slant[:, cut] @ x) / len(x)
            jacobians[cut + 1, column] += density[:, cut].mean()
            jacobians[cut + 1, k + cut] = fit.slopes[column] * slant[:, cut].mean()
        events = [(f">= {j}", exceed[j], jacobians[j]) for j in range(1, cuts + 1)]
        events += [(f"= {j}", exceed[j] - exceed[j + 1], jacobians[j] - jacobians[j + 1]) for j in range(cuts + 1)]
        for event, estimate, jacobian in events:
            se = float(np.sqrt(jacobian @ fit.covariance @ jacobian))
            rows.append((name, event, float(estimate), se, estimate - reach * se, estimate + reach * se))
    return pd.DataFrame(rows, columns=["column", "event", "estimate", "se", "low", "high"])


def _estimated(where: str, fit: Fit) -> None:
    if fit.status != CONVERGED:
        raise ValueError(f"{where}: expected a converged fit, found {fit.status} ({fit.detail}); refit first")
