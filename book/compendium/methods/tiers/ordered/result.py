"""What a model found, or the reason why it found nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods.tiers.ordered.clusters import critical_value, p_value

Floats = NDArray[np.float64]

CONVERGED = "converged"
SEPARATION = "separation"
COLLINEAR = "collinear"
CONSTANT = "constant column"
NOT_CONVERGED = "not converged"
STATUSES = (CONVERGED, SEPARATION, COLLINEAR, CONSTANT, NOT_CONVERGED)


@dataclass(frozen=True)
class Fit:
    """One fitted model, or the reason why there is none.

    With any status but `converged` the estimates are nan and `detail` names what is wrong and where.
    `slopes` (k,) and `thresholds` (cuts,); `covariance` (k + cuts, k + cuts) is cluster-robust, ordered as the
    slopes and then the thresholds. For two outcomes the single threshold is minus the intercept; for a linear model
    likewise (none if the cluster intercepts are absorbed).
    """

    kind: str
    status: str
    detail: str
    names: tuple[str, ...]
    slopes: Floats
    thresholds: Floats
    covariance: Floats
    log_likelihood: float
    observations: int
    clusters: int
    iterations: int

    @property
    def standard_errors(self) -> Floats:
        """Cluster-robust standard errors of the slopes (k,)."""
        return np.sqrt(np.diag(self.covariance)[: len(self.slopes)])

    @property
    def threshold_errors(self) -> Floats:
        """Cluster-robust standard errors of the thresholds (cuts,)."""
        return np.sqrt(np.diag(self.covariance)[len(self.slopes) :])

    def critical(self, level: float = 0.95) -> float:
        """Two-sided critical value of t with clusters - 1 degrees of freedom."""
        return critical_value(self.clusters, level)

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Slopes, one row each: column, estimate, se, t, p, low, high (t with clusters - 1 degrees of freedom)."""
        se, reach = self.standard_errors, self.critical(level) * self.standard_errors
        t = self.slopes / se
        return pd.DataFrame(
            {
                "column": list(self.names),
                "estimate": self.slopes,
                "se": se,
                "t": t,
                "p": p_value(t, self.clusters),
                "low": self.slopes - reach,
                "high": self.slopes + reach,
            }
        )


def failed(
    kind: str, status: str, detail: str, names: tuple[str, ...], cuts: int, n: int, g: int, iterations: int = 0
) -> Fit:
    """Return a fit without estimates: its status, and in `detail` what is wrong and where."""
    size = len(names) + cuts
    return Fit(
        kind,
        status,
        detail,
        names,
        np.full(len(names), np.nan),
        np.full(cuts, np.nan),
        np.full((size, size), np.nan),
        np.nan,
        n,
        g,
        iterations,
    )
