"""Whether one slope serves all the steps of an ordered outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from compendium.methods.tiers.ordered.clusters import Clusters, small_sample_factor
from compendium.methods.tiers.ordered.columns import checked
from compendium.methods.tiers.ordered.likelihood import Likelihood
from compendium.methods.tiers.ordered.maximum import fit_logit
from compendium.methods.tiers.ordered.result import CONVERGED


@dataclass(frozen=True)
class ProportionalOdds:
    """A test of equal slopes across the cuts of an ordered outcome.

    `statistic` is chi-squared with `degrees` degrees of freedom if the slopes are equal. `by_column`: column,
    statistic, degrees, p. `slopes`: column, cut ("y >= j"), estimate, se of the binary logits.
    """

    status: str
    statistic: float
    degrees: int
    p: float
    by_column: pd.DataFrame
    slopes: pd.DataFrame


def proportional_odds(
    outcome: ArrayLike,
    design: ArrayLike,
    clusters: ArrayLike | Clusters,
    names: Sequence[str] | None = None,
) -> ProportionalOdds:
    """Test proportional odds by comparing the binary logits of "y >= j" (Brant 1990, Biometrics 46).

    The joint covariance of the binary logits is the cluster-robust one of their stacked estimating equations, so
    that the test stands when rows of a cluster depend on each other. If a binary logit cannot be fitted, `status`
    says which and why, and the numbers are nan.
    """
    from scipy.special import chdtrc

    y, x, labels = checked(outcome, design, names)
    groups = Clusters.of(clusters)
    k, cuts = x.shape[1], int(y.max())
    slopes, influences, errors, status = [], [], [], CONVERGED
    for cut in range(1, cuts + 1):
        event = (y >= cut).astype(np.intp)
        fit = fit_logit(event, x, groups, labels)
        if fit.status != CONVERGED:
            status = f"{fit.status} at y >= {cut}: {fit.detail}"
            break
        at = Likelihood(event, x, 2).at(fit.slopes, fit.thresholds)
        assert at is not None
        residual, _, threshold_scores, _ = at.rows()
        scores = groups.sums(np.hstack([residual[:, None] * x, threshold_scores]))
        influences.append((scores @ np.linalg.inv(at.information))[:, :k])
        slopes.append(fit.slopes)
        errors.append(fit.standard_errors)
    columns = ["column", "statistic", "degrees", "p"]
    if status != CONVERGED:
        empty = pd.DataFrame(columns=["column", "cut", "estimate", "se"])
        return ProportionalOdds(status, np.nan, 0, np.nan, pd.DataFrame(columns=columns), empty)

    stacked = np.hstack(influences)
    covariance = stacked.T @ stacked * small_sample_factor(len(y), groups.count, k + 1)
    beta = np.concatenate(slopes)

    def wald(contrast: NDArray[Any]) -> tuple[float, int, float]:
        gap = contrast @ beta
        value = float(gap @ np.linalg.solve(contrast @ covariance @ contrast.T, gap))
        return value, len(contrast), float(chdtrc(len(contrast), value))

    difference = np.hstack([np.ones((cuts - 1, 1)), -np.eye(cuts - 1)])
    overall = wald(np.kron(difference, np.eye(k)))
    each = [(name, *wald(np.kron(difference, np.eye(k)[[i]]))) for i, name in enumerate(labels)]
    tidy = pd.DataFrame(
        [
            (name, f"y >= {cut + 1}", slopes[cut][i], errors[cut][i])
            for i, name in enumerate(labels)
            for cut in range(cuts)
        ],
        columns=["column", "cut", "estimate", "se"],
    )
    return ProportionalOdds(CONVERGED, *overall, pd.DataFrame(each, columns=columns), tidy)
