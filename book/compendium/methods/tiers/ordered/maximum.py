"""The ordered and the binary logit by maximum likelihood.

The log-likelihood is globally concave in slopes and thresholds (Pratt 1981, JASA 76), so that Newton steps with the
analytic Hessian reach the one maximum, if there is one. Where there is none (separation: Albert and Anderson 1984,
Biometrika 71) a linear programme proves it (Konis 2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from compendium.methods.tiers.ordered.clusters import Clusters, small_sample_factor
from compendium.methods.tiers.ordered.columns import Scaled, checked, scaled
from compendium.methods.tiers.ordered.likelihood import Likelihood, Point, marginal_thresholds
from compendium.methods.tiers.ordered.result import CONVERGED, NOT_CONVERGED, SEPARATION, Fit, failed
from compendium.methods.tiers.ordered.separation import separating_columns, separating_direction

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

MAX_ITERATIONS = 60
SEPARATION_TESTED = 16  # iterations
DECREMENT = 1e-10  # squared Newton decrement at which the next step is the last one
SMALLEST_STEP = 1e-8  # share of the Newton step
SUSPECT_LOG_ODDS = 15.0  # shift over a column's range beyond which separation is tested for


def fit_ordered(
    outcome: ArrayLike,
    design: ArrayLike,
    clusters: ArrayLike | Clusters,
    names: Sequence[str] | None = None,
    categories: int | None = None,
    start: Floats | None = None,
) -> Fit:
    """Fit an ordered logit by maximum likelihood, with a cluster-robust sandwich covariance.

    `outcome` (n,) holds 0 to `categories` - 1 (default: the largest seen); `design` (n, k) has no intercept;
    `clusters` (n,) labels; `start` slopes (k,) to begin from, or slopes and thresholds. Newton's method with the
    analytic Hessian, steps halved while thresholds cross or the likelihood falls. The covariance is the CRV1
    estimator with the small-sample factor of statsmodels' `cov_type="cluster"`. Raises ValueError for misshapen or
    missing input.
    """
    y, x, labels = checked(outcome, design, names)
    y = y.astype(np.intp)
    levels = int(y.max()) + 1 if categories is None else categories
    if y.min() < 0 or y.max() >= levels or levels < 2:
        raise ValueError(
            f"model input: expected outcomes 0 to {levels - 1}, at least two, found {y.min()} to {y.max()}; recode"
        )
    task = _Task(y, x, labels, Clusters.of(clusters), levels)
    counts = np.bincount(y, minlength=levels)
    if (counts == 0).any():
        return task.failed(SEPARATION, f"no observation in category {int(np.argmin(counts))}")
    own = scaled(x, labels)
    if own.status:
        return task.failed(own.status, own.detail)
    alone = separating_columns(y, x, levels)
    if alone.any():
        return task.failed(
            SEPARATION, ", ".join(name for name, is_alone in zip(labels, alone, strict=True) if is_alone)
        )
    model = Likelihood(y, own.columns, levels)
    found = _newton(task, own, model, *_beginning(model, own, start))
    if isinstance(found, Fit):
        return found
    reach = np.abs(found.theta[: x.shape[1]]) * np.ptp(own.columns, axis=0)
    if not found.tested and np.any(reach > SUSPECT_LOG_ODDS):
        separated = task.separated(own, found.iteration)
        if separated is not None:
            return separated
    return _fitted(task, own, found)


def fit_logit(
    outcome: ArrayLike,
    design: ArrayLike,
    clusters: ArrayLike | Clusters,
    names: Sequence[str] | None = None,
    start: Floats | None = None,
) -> Fit:
    """Fit a binary logit with cluster-robust errors: the ordered logit of two categories.

    `outcome` (n,) is 0 or 1; the rest as in `fit_ordered`. The intercept is minus the only threshold.
    """
    return fit_ordered(outcome, design, clusters, names, categories=2, start=start)


@dataclass(frozen=True)
class _Task:
    """A model to be fitted: `outcome` (n,), `design` (n, k), names of its columns, clusters, categories."""

    outcome: Places
    design: Floats
    names: tuple[str, ...]
    groups: Clusters
    levels: int

    @property
    def kind(self) -> str:
        return "logit" if self.levels == 2 else "ordered logit"

    def failed(self, status: str, detail: str, iterations: int = 0) -> Fit:
        n, cuts = len(self.outcome), self.levels - 1
        return failed(self.kind, status, detail, self.names, cuts, n, self.groups.count, iterations)

    def separated(self, own: Scaled, iterations: int) -> Fit | None:
        """Return the failed fit if the outcome is separated by columns together."""
        direction = separating_direction(self.outcome, own.columns, self.levels)
        if direction is None:
            return None
        involved = [name for name, slope in zip(self.names, direction, strict=True) if abs(slope) > 1e-7]
        return self.failed(SEPARATION, ", ".join(involved) or "thresholds", iterations)


@dataclass(frozen=True)
class _Maximum:
    """Where Newton's method ended: `theta` (k + cuts,) is one step beyond `point`, whose decrement is negligible.

    `tested` tells whether separation was ruled out on the way.
    """

    theta: Floats
    point: Point
    decrement: float
    iteration: int
    tested: bool


def _beginning(model: Likelihood, own: Scaled, start: Floats | None) -> tuple[Floats, Point]:
    """Begin at `start`, in units of the columns as given, if that is better than no slopes at all."""
    k = own.columns.shape[1]
    theta = np.concatenate([np.zeros(k), marginal_thresholds(model.counts)])
    now = model.at(theta[:k], theta[k:])
    assert now is not None
    if start is not None:
        warm = theta.copy()
        begin = np.nan_to_num(np.asarray(start, dtype=float))
        warm[:k] = begin[:k] * own.deviations
        if len(begin) == len(theta):
            warm[k:] = begin[k:] - own.means @ begin[:k]
        point = model.at(warm[:k], warm[k:])
        if point is not None and point.value > now.value:
            return warm, point
    return theta, now


def _newton(task: _Task, own: Scaled, model: Likelihood, theta: Floats, now: Point) -> _Maximum | Fit:
    """Climb from `theta` (k + cuts,), where the likelihood is `now`, to the maximum, or say why there is none."""

    def stuck(why: str) -> Fit:
        return task.separated(own, iteration) or task.failed(NOT_CONVERGED, why, iteration)

    tested = False
    for iteration in range(1, MAX_ITERATIONS + 1):
        try:
            step = np.linalg.solve(now.information, now.gradient)
        except np.linalg.LinAlgError:
            return stuck("singular Hessian")
        decrement = float(now.gradient @ step)
        if decrement < DECREMENT:
            return _Maximum(theta + step, now, decrement, iteration, tested)
        if iteration == SEPARATION_TESTED:
            tested = True
            if (separated := task.separated(own, iteration)) is not None:
                return separated
        higher = _uphill(model, own.columns.shape[1], theta, step, now.value)
        if higher is None:
            return stuck("no step helps")
        theta, now = higher
    return stuck(f"after {MAX_ITERATIONS} steps")


def _uphill(model: Likelihood, k: int, theta: Floats, step: Floats, value: float) -> tuple[Floats, Point] | None:
    """Take the step, halved while thresholds cross or the likelihood falls; None if no step helps."""
    scale = 1.0
    while scale >= SMALLEST_STEP:
        trial = theta + scale * step
        point = model.at(trial[:k], trial[k:])
        if point is not None and point.value >= value - 1e-9 * abs(value):
            return trial, point
        scale /= 2
    return None


def _fitted(task: _Task, own: Scaled, found: _Maximum) -> Fit:
    """Return the estimates in units of the columns as given, with the cluster-robust sandwich covariance."""
    n, k = own.columns.shape
    size = len(found.theta)
    bread = np.linalg.inv(found.point.information)
    residual, _, threshold_scores, _ = found.point.rows()
    scores = task.groups.sums(np.hstack([residual[:, None] * own.columns, threshold_scores]))
    covariance = bread @ (scores.T @ scores) @ bread * small_sample_factor(n, task.groups.count, size)
    back = np.eye(size)
    back[np.arange(k), np.arange(k)] = 1 / own.deviations
    back[k:, :k] = own.means / own.deviations
    estimate = back @ found.theta
    return Fit(
        kind=task.kind,
        status=CONVERGED,
        detail="",
        names=task.names,
        slopes=estimate[:k],
        thresholds=estimate[k:],
        covariance=back @ covariance @ back.T,
        log_likelihood=found.point.value + found.decrement / 2,
        observations=n,
        clusters=task.groups.count,
        iterations=found.iteration,
    )
