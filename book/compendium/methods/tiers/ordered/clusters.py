"""Rows that depend on each other: grouped once, for covariances that stand when they do.

The covariance is the CRV1 estimator (Cameron and Miller 2015, J. Human Resources 50); t has as many degrees of
freedom as there are clusters, less one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from compendium.methods.checks import between, within

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Clusters:
    """Rows grouped by a label: what a cluster-robust covariance needs, computed once.

    `codes` (n,) gives each row's cluster, 0 to `count` - 1; `starts` and `sizes` (count,) the place of each
    cluster's first row and its number of rows, once sorted; `order` (n,) sorts the rows by cluster (None if they
    are sorted).
    """

    codes: Places
    starts: Places
    sizes: Places
    order: Places | None

    @property
    def count(self) -> int:
        """Number of clusters."""
        return len(self.starts)

    @classmethod
    def of(cls, labels: ArrayLike | Clusters) -> Clusters:
        """Group rows by `labels` (n,), of any sortable type."""
        if isinstance(labels, Clusters):
            return labels
        codes = np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.intp).ravel()
        if codes.size == 0 or codes.max() == 0:
            raise ValueError("clusters: expected two or more, to tell how far they vary; found one or none")
        order = None if np.all(codes[1:] >= codes[:-1]) else np.argsort(codes, kind="stable")
        sizes = np.bincount(codes)
        return cls(codes, np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes, order)

    def sums(self, values: Floats) -> Floats:
        """Sum the rows of `values` (n, ...) within each cluster: (count, ...)."""
        rows = values if self.order is None else values[self.order]
        return np.add.reduceat(rows, self.starts, axis=0)

    def demeaned(self, values: Floats) -> Floats:
        """Return `values` (n, ...) less their cluster means."""
        sizes = self.sizes.reshape(-1, *([1] * (values.ndim - 1)))
        return values - (self.sums(values) / sizes)[self.codes]


def critical_value(clusters: Any, level: float = 0.95) -> Any:
    """Two-sided critical value of t with `clusters` - 1 degrees of freedom, elementwise."""
    within("critical value of t", 2, np.inf, clusters=clusters)
    between("critical value of t", 0, 1, level=level)
    return stdtrit(np.asarray(clusters) - 1, 0.5 + level / 2)


def p_value(t: Any, clusters: Any) -> Any:
    """Two-sided p value of t with `clusters` - 1 degrees of freedom, elementwise."""
    within("p value of t", 2, np.inf, clusters=clusters)
    return 2 * stdtr(np.asarray(clusters) - 1, -np.abs(t))


def small_sample_factor(observations: Any, clusters: Any, parameters: Any) -> Any:
    """G/(G-1) x (n-1)/(n-k), as statsmodels and Stata use it with clustered covariances, elementwise."""
    within("small-sample factor", 2, np.inf, clusters=clusters)
    within("small-sample factor", 1, np.inf, degrees=np.asarray(observations) - parameters)
    return clusters / (clusters - 1) * (observations - 1) / (observations - parameters)
