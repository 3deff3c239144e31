"""Score tests of one column: the model without it is fitted once, and any candidate for it scored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from compendium.methods.tiers.ordered.clusters import Clusters, small_sample_factor
from compendium.methods.tiers.ordered.columns import checked
from compendium.methods.tiers.ordered.likelihood import Likelihood
from compendium.methods.tiers.ordered.maximum import fit_ordered
from compendium.methods.tiers.ordered.result import CONVERGED

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NullModel:
    """A model without the column of interest, ready to score any candidate for that column.

    The efficient score of a candidate x (n,) is linear in it: with `residual` r (n,), `nuisance` scores s (n, m),
    `cross` information q (n, m) and `information` H (m, m), the score of cluster g is
    sum_g(r x) - sum_g(s)' inv(H) sum(q x).
    """

    residual: Floats
    nuisance: Floats
    cross: Floats
    information: Floats
    clusters: Clusters
    factor: float

    def t(self, candidate: Floats) -> float:
        """Cluster-robust score t of the candidate column (n,), with the Wald test's small-sample factor."""
        by_cluster = self.clusters.sums(self.residual * candidate)
        weights = np.linalg.solve(self.information, candidate @ self.cross)
        scores = by_cluster - self.clusters.sums(self.nuisance) @ weights
        return float(scores.sum() / np.sqrt(self.factor * (scores @ scores)))


def null_model(
    kind: str,
    outcome: ArrayLike,
    design: ArrayLike,
    clusters: ArrayLike | Clusters,
    categories: int = 2,
) -> NullModel | None:
    """Fit the model without the column of interest, for score tests of it (None if it cannot be fitted).

    `kind` is "ordered logit", "logit", "linear" or "linear within". Thresholds or intercept are among the nuisance
    parameters. For "linear within" the candidate needs no demeaning: the residuals are.
    """
    y, x, _ = checked(outcome, design, None)
    groups = Clusters.of(clusters)
    n, k = x.shape
    if kind.startswith("linear"):
        target = y.astype(float)
        if kind == "linear within":
            x, target = groups.demeaned(x), groups.demeaned(target)
        else:
            x = np.hstack([x, np.ones((n, 1))])
        gram = x.T @ x
        try:
            residual = target - x @ np.linalg.solve(gram, x.T @ target)
        except np.linalg.LinAlgError:
            return None
        return NullModel(
            residual, residual[:, None] * x, x, gram, groups, small_sample_factor(n, groups.count, k + 2)
        )
    fit = fit_ordered(y, x, groups, categories=categories)
    if fit.status != CONVERGED:
        return None
    at = Likelihood(y.astype(np.intp), x, categories).at(fit.slopes, fit.thresholds)
    assert at is not None
    residual, weights, threshold_scores, cross = at.rows()
    return NullModel(
        residual,
        np.hstack([residual[:, None] * x, threshold_scores]),
        np.hstack([weights[:, None] * x, -cross]),
        at.information,
        groups,
        small_sample_factor(n, groups.count, k + categories),
    )
