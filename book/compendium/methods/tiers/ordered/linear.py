"""Linear (probability) models with cluster-robust errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from compendium.methods.tiers.ordered.clusters import Clusters, small_sample_factor
from compendium.methods.tiers.ordered.columns import Scaled, checked, scaled
from compendium.methods.tiers.ordered.result import CONVERGED, Fit, failed

Floats = NDArray[np.float64]


def fit_linear(
    outcome: ArrayLike,
    design: ArrayLike,
    clusters: ArrayLike | Clusters,
    names: Sequence[str] | None = None,
    within: bool = False,
) -> Fit:
    """Fit a linear (probability) model by least squares with cluster-robust errors.

    With `within`, one intercept for each cluster is absorbed. Absorbed intercepts nested in the clusters are not
    counted as parameters in the small-sample factor (Cameron and Miller 2015, J. Human Resources 50).
    """
    y, x, labels = checked(outcome, design, names)
    y = y.astype(float)
    groups = Clusters.of(clusters)
    n, k = x.shape
    kind = "linear within" if within else "linear"
    if within:
        scale = np.abs(x).max(axis=0)
        moved, y = groups.demeaned(x), groups.demeaned(y)
        # a column that never moves within a cluster leaves rounding noise only
        x = np.where(np.abs(moved).max(axis=0) <= 1e-12 * scale, 0.0, moved)
    own = scaled(x, labels)
    if own.status:
        return failed(kind, own.status, own.detail, labels, 0 if within else 1, n, groups.count)
    z = own.columns
    bread = np.linalg.inv(z.T @ z)
    centre = y.mean()
    slopes = bread @ (z.T @ (y - centre))
    residual = y - centre - z @ slopes
    scores = residual[:, None] * z
    if within:
        estimate, back = slopes, np.diag(1 / own.deviations)
    else:
        estimate, back = np.append(slopes, -centre), _back_with_intercept(own)
        scores = np.hstack([scores, -residual[:, None]])
        bread = _bread_with_intercept(bread, n)
    by_cluster = groups.sums(scores)
    covariance = bread @ (by_cluster.T @ by_cluster) @ bread * small_sample_factor(n, groups.count, k + 1)
    estimate = back @ estimate
    variance = float(residual @ residual) / n
    return Fit(
        kind=kind,
        status=CONVERGED,
        detail="",
        names=labels,
        slopes=estimate[:k],
        thresholds=estimate[k:],
        covariance=back @ covariance @ back.T,
        log_likelihood=-n / 2 * (np.log(2 * np.pi * variance) + 1),
        observations=n,
        clusters=groups.count,
        iterations=1,
    )


def _bread_with_intercept(bread: NDArray[Any], n: int) -> Floats:
    """Return the inverse Gram matrix (k + 1, k + 1) of centred columns and an intercept."""
    k = len(bread)
    whole = np.zeros((k + 1, k + 1))
    whole[:k, :k], whole[k, k] = bread, 1 / n
    return whole


def _back_with_intercept(own: Scaled) -> Floats:
    """Return the matrix (k + 1, k + 1) that takes scaled slopes and minus the intercept to the columns as given."""
    k = len(own.deviations)
    back = np.eye(k + 1)
    back[np.arange(k), np.arange(k)] = 1 / own.deviations
    back[k, :k] = own.means / own.deviations
    return back
