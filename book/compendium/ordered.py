"""Ordered logit, binary logit and linear probability models with cluster-robust errors, for a multiverse.

The ordered logit is ``P(y <= j) = F(a_j - x'b)`` with logistic ``F`` and ordered thresholds ``a``; higher outcomes
go with larger ``x'b``. Its log-likelihood is globally concave in ``(b, a)`` (Pratt 1981, JASA 76), so that Newton
steps with the analytic Hessian reach the one maximum, if there is one. Where there is none (separation: Albert and
Anderson 1984, Biometrika 71) a linear programme proves it (Konis 2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, stdtr, stdtrit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CONVERGED = "converged"
SEPARATION = "separation"
COLLINEAR = "collinear"
CONSTANT = "constant column"
NOT_CONVERGED = "not converged"
STATUSES = (CONVERGED, SEPARATION, COLLINEAR, CONSTANT, NOT_CONVERGED)

MAX_ITERATIONS = 60
DECREMENT = 1e-10  # squared Newton decrement at which the next step is the last one
SUSPECT_LOG_ODDS = 15.0  # shift over a column's range beyond which separation is tested for
SMALLEST_EIGENVALUE = 1e-9  # of the columns' correlation matrix


@dataclass(frozen=True)
class Clusters:
    """Rows grouped by a label: what a cluster-robust covariance needs, computed once.

    `codes` gives each row's cluster, 0 to `count` - 1; `order` sorts the rows by cluster (None if they are sorted).
    """

    codes: Ints
    starts: Ints
    sizes: Ints
    order: Ints | None

    @property
    def count(self) -> int:
        """Number of clusters."""
        return len(self.starts)

    @classmethod
    def of(cls, labels: ArrayLike | Clusters) -> Clusters:
        """Group rows by `labels` (n,), of any sortable type."""
        if isinstance(labels, Clusters):
            return labels
        codes = np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64).ravel()
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


@dataclass(frozen=True)
class Fit:
    """One fitted model, or the reason why there is none.

    With any status but `converged` the estimates are nan and `detail` names what is wrong and where.
    `covariance` is cluster-robust, ordered as the slopes and then the thresholds. For two outcomes the single
    threshold is minus the intercept; for a linear model likewise (none if the cluster intercepts are absorbed).
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
        """Cluster-robust standard errors of the slopes."""
        return np.sqrt(np.diag(self.covariance)[: len(self.slopes)])

    @property
    def threshold_errors(self) -> Floats:
        """Cluster-robust standard errors of the thresholds."""
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


def critical_value(clusters: int, level: float = 0.95) -> float:
    """Two-sided critical value of t with `clusters` - 1 degrees of freedom."""
    return float(stdtrit(clusters - 1, 0.5 + level / 2))


def p_value(t: Any, clusters: Any) -> Any:
    """Two-sided p value of t with `clusters` - 1 degrees of freedom, elementwise."""
    return 2 * stdtr(np.asarray(clusters) - 1, -np.abs(t))


def small_sample_factor(observations: int, clusters: int, parameters: int) -> float:
    """G/(G-1) x (n-1)/(n-k), as statsmodels and Stata use it with clustered covariances."""
    return clusters / (clusters - 1) * (observations - 1) / (observations - parameters)


class _Likelihood:
    """Log-likelihood, gradient and negative Hessian of the ordered logit, with everything constant kept.

    log P(y=j) = log F(u) + log F(-l) + log(1 - exp(-(u - l))), u and l the distances to the upper and lower
    threshold: exact in the tails, and the last term depends on the thresholds alone. Rows are held sorted by
    outcome, so that each category is a slice.
    """

    def __init__(self, outcome: Ints, design: Floats, categories: int) -> None:
        self.order = np.argsort(outcome, kind="stable")
        self.y, self.x = outcome[self.order], np.ascontiguousarray(design[self.order])
        self.counts = np.bincount(outcome, minlength=categories)
        self.ends = np.cumsum(self.counts)
        self.bottom, self.top = self.ends[0], self.ends[-2]

    def at(self, slopes: Floats, thresholds: Floats) -> _Point | None:
        """Evaluate at a point, or None where thresholds cross."""
        gaps = np.diff(thresholds)
        if not np.all(gaps > 0):
            return None
        linear = self.x @ slopes
        below_upper = expit(thresholds[self.y[: self.top]] - linear[: self.top])
        above_lower = expit(linear[self.bottom :] - thresholds[self.y[self.bottom :] - 1])
        with np.errstate(divide="ignore"):
            value = float(np.log(below_upper).sum() + np.log(above_lower).sum())
        value += float(self.counts[1:-1] @ np.log(-np.expm1(-gaps)))
        return _Point(self, value, thresholds, below_upper, above_lower)


class _Point:
    """The derivatives of the log-likelihood at one point; per-row arrays are in the order of the outcome."""

    def __init__(
        self, model: _Likelihood, value: float, thresholds: Floats, below_upper: Floats, above_lower: Floats
    ) -> None:
        self.model, self.value = model, value
        n, cuts = len(model.y), len(thresholds)
        bottom, top = model.bottom, model.top
        self.residual = np.zeros(n)
        self.residual[:top] = below_upper - 1
        self.residual[bottom:] += 1 - above_lower
        self.upper_density = below_upper * (1 - below_upper)
        self.lower_density = above_lower * (1 - above_lower)
        self.weights = np.zeros(n)
        self.weights[:top] = self.upper_density
        self.weights[bottom:] += self.lower_density

        self.pull = np.zeros(cuts + 1)
        self.pull[1:-1] = 1 / np.expm1(np.diff(thresholds))
        self.below_upper, self.above_lower = below_upper, above_lower

        x, k = model.x, model.x.shape[1]
        information = np.empty((k + cuts, k + cuts))
        rooted = x * np.sqrt(self.weights)[:, None]
        information[:k, :k] = rooted.T @ rooted
        block = np.zeros((cuts, cuts))
        cut_scores = np.empty(cuts)
        for cut in range(cuts):
            mine, mine_density, next_density = self._slices(cut)
            information[:k, k + cut] = -(mine_density @ x[mine[0]]) - next_density @ x[mine[1]]
            block[cut, cut] = mine_density.sum() + next_density.sum()
            cut_scores[cut] = -self.residual_upper(mine[0]).sum() - self.residual_lower(mine[1]).sum()
        information[k:, :k] = information[:k, k:].T
        pulled = model.counts * self.pull
        cut_scores += pulled[:-1] - pulled[1:]
        curvature = (pulled * (1 + self.pull))[1:-1]
        inner = np.arange(cuts - 1)
        block[inner, inner] += curvature
        block[inner + 1, inner + 1] += curvature
        block[inner, inner + 1] -= curvature
        block[inner + 1, inner] -= curvature
        information[k:, k:] = block
        self.information = information
        self.gradient = np.concatenate([self.residual @ x, cut_scores])

    def residual_upper(self, rows: slice) -> Floats:
        return self.below_upper[rows] - 1

    def residual_lower(self, rows: slice) -> Floats:
        return 1 - self.above_lower[rows.start - self.model.bottom : rows.stop - self.model.bottom]

    def _slices(self, cut: int) -> tuple[tuple[slice, slice], Floats, Floats]:
        """Rows just below and just above a cut, with their densities at it."""
        ends, bottom = self.model.ends, self.model.bottom
        mine = slice(ends[cut - 1] if cut else 0, ends[cut])
        following = slice(ends[cut], ends[cut + 1])
        lower = self.lower_density[following.start - bottom : following.stop - bottom]
        return (mine, following), self.upper_density[mine], lower

    def rows(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Per row, in the rows' own order: residual, weight, threshold scores (n, cuts), cross terms (n, cuts)."""
        model, cuts = self.model, len(self.pull) - 1
        scores, cross = np.zeros((2, len(model.y), cuts))
        for cut in range(cuts):
            (mine, following), mine_density, next_density = self._slices(cut)
            scores[mine, cut] = -self.residual_upper(mine) + self.pull[cut]
            scores[following, cut] = -self.residual_lower(following) - self.pull[cut + 1]
            cross[mine, cut], cross[following, cut] = mine_density, next_density
        back = np.empty_like(model.order)
        back[model.order] = np.arange(len(back))
        return self.residual[back], self.weights[back], scores[back], cross[back]


def _marginal_thresholds(counts: Ints) -> Floats:
    shares = np.cumsum(counts)[:-1] / counts.sum()
    return np.log(shares / (1 - shares))


def _checked(
    outcome: ArrayLike, design: ArrayLike, names: Sequence[str] | None
) -> tuple[NDArray[Any], Floats, tuple[str, ...]]:
    y, x = np.asarray(outcome), np.asarray(design, dtype=float)
    if x.ndim != 2 or y.ndim != 1 or len(x) != len(y):
        raise ValueError(
            f"model input: expected outcome (n,) and design (n, k), found {y.shape} and {x.shape}; align the rows"
        )
    labels = tuple(names) if names is not None else tuple(f"x{i}" for i in range(x.shape[1]))
    if len(labels) != x.shape[1]:
        raise ValueError(f"model input: expected {x.shape[1]} column names, found {len(labels)}; name every column")
    if not np.isfinite(x).all():
        bad = labels[int(np.argmin(np.isfinite(x).all(axis=0)))]
        raise ValueError(
            f"model input: column {bad!r} expected finite numbers, found missing or infinite; drop those rows"
        )
    return y, x, labels


def _failed(
    kind: str, status: str, detail: str, names: tuple[str, ...], cuts: int, n: int, g: int, iterations: int = 0
) -> Fit:
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


def _standardised(x: Floats, names: tuple[str, ...]) -> tuple[Floats, Floats, Floats, str, str]:
    """Centre and scale columns; with means, deviations, and the status and detail of a defect ("" if none)."""
    means = x.mean(axis=0)
    centred = x - means
    covariance = centred.T @ centred / len(x)
    deviations = np.sqrt(np.diag(covariance))
    constant = deviations <= 1e-10 * np.maximum(np.abs(means), 1e-100)
    if constant.any():
        return (
            centred,
            means,
            deviations,
            CONSTANT,
            ", ".join(n for n, c in zip(names, constant, strict=True) if c),
        )
    centred /= deviations
    if x.shape[1] > 1:
        correlation = covariance / np.outer(deviations, deviations)
        if np.linalg.eigvalsh(correlation)[0] < SMALLEST_EIGENVALUE:
            involved = np.abs(np.linalg.eigh(correlation)[1][:, 0]) > 0.05
            detail = ", ".join(n for n, i in zip(names, involved, strict=True) if i)
            return centred, means, deviations, COLLINEAR, detail
    return centred, means, deviations, "", ""


def separating_direction(outcome: Ints, design: Floats, categories: int) -> Floats | None:
    """Find the slopes (k,) of a direction along which the likelihood never falls, or None if the maximum exists.

    Exact for complete and quasi-complete separation: the linear programme maximises the sum of all observations'
    margins to their thresholds subject to none being negative (Konis 2007, for ordered outcomes).
    """
    from scipy.optimize import linprog

    cuts = np.arange(categories - 1)
    at_upper, at_lower = outcome < categories - 1, outcome > 0
    margins = np.vstack(
        [
            np.hstack([-design[at_upper], (outcome[at_upper, None] == cuts).astype(float)]),
            np.hstack([design[at_lower], -(outcome[at_lower, None] == cuts + 1).astype(float)]),
        ]
    )
    margins = np.unique(margins, axis=0)
    answer = linprog(
        -margins.sum(axis=0), A_ub=-margins, b_ub=np.zeros(len(margins)), bounds=(-1, 1), method="highs"
    )
    if answer.status != 0 or -answer.fun < 1e-6:
        return None
    return answer.x[: design.shape[1]]


def _separating_columns(outcome: Ints, design: Floats, categories: int) -> NDArray[np.bool_]:
    """Columns (k,) that separate alone: all rows off the column's minimum, or maximum, are in one end category.

    What an indicator does when its group is all in the best, or all in the worst, category.
    """
    alone = np.zeros(design.shape[1], dtype=bool)
    for end in (0, categories - 1):
        others = design[outcome != end]
        flat = np.ptp(others, axis=0) == 0
        alone |= flat & ((others[0] == design.min(axis=0)) | (others[0] == design.max(axis=0)))
    return alone


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
    y, x, labels = _checked(outcome, design, names)
    y = y.astype(np.int64)
    groups = Clusters.of(clusters)
    levels = int(y.max()) + 1 if categories is None else categories
    if y.min() < 0 or y.max() >= levels or levels < 2:
        raise ValueError(
            f"model input: expected outcomes 0 to {levels - 1}, at least two, found {y.min()} to {y.max()}; recode"
        )
    kind = "logit" if levels == 2 else "ordered logit"
    n, k, cuts = len(y), x.shape[1], levels - 1

    def failed(status: str, detail: str, iterations: int = 0) -> Fit:
        return _failed(kind, status, detail, labels, cuts, n, groups.count, iterations)

    counts = np.bincount(y, minlength=levels)
    if (counts == 0).any():
        return failed(SEPARATION, f"no observation in category {int(np.argmin(counts))}")
    z, means, deviations, status, detail = _standardised(x, labels)
    if status:
        return failed(status, detail)

    def separated(iterations: int, thoroughly: bool = True) -> Fit | None:
        alone = _separating_columns(y, x, levels)
        if alone.any():
            involved = [name for name, a in zip(labels, alone, strict=True) if a]
            return failed(SEPARATION, ", ".join(involved), iterations)
        direction = separating_direction(y, z, levels) if thoroughly else None
        if direction is None:
            return None
        involved = [name for name, d in zip(labels, direction, strict=True) if abs(d) > 1e-7]
        return failed(SEPARATION, ", ".join(involved) or "thresholds", iterations)

    model = _Likelihood(y, z, levels)
    theta = np.concatenate([np.zeros(k), _marginal_thresholds(counts)])
    now = model.at(theta[:k], theta[k:])
    assert now is not None
    if start is not None:
        warm = theta.copy()
        begin = np.nan_to_num(np.asarray(start, dtype=float))
        warm[:k] = begin[:k] * deviations
        if len(begin) == k + cuts:
            warm[k:] = begin[k:] - means @ begin[:k]
        point = model.at(warm[:k], warm[k:])
        if point is not None and point.value > now.value:
            theta, now = warm, point
    tested = False
    for iteration in range(1, MAX_ITERATIONS + 1):
        try:
            step = np.linalg.solve(now.information, now.gradient)
        except np.linalg.LinAlgError:
            return separated(iteration) or failed(NOT_CONVERGED, "singular Hessian", iteration)
        decrement = float(now.gradient @ step)
        if decrement < DECREMENT:
            theta = theta + step
            break
        if iteration in (9, 16):
            tested = iteration == 16
            if (found := separated(iteration, thoroughly=tested)) is not None:
                return found
        scale = 1.0
        while True:
            trial = theta + scale * step
            point = model.at(trial[:k], trial[k:])
            if point is not None and point.value >= now.value - 1e-9 * abs(now.value):
                theta, now = trial, point
                break
            scale /= 2
            if scale < 1e-8:
                return separated(iteration) or failed(NOT_CONVERGED, "no step helps", iteration)
    else:
        return separated(iteration) or failed(NOT_CONVERGED, f"after {MAX_ITERATIONS} steps", iteration)

    if not tested and k and np.any(np.abs(theta[:k]) * np.ptp(z, axis=0) > SUSPECT_LOG_ODDS):
        found = separated(iteration)
        if found is not None:
            return found

    bread = np.linalg.inv(now.information)
    residual, _, threshold_scores, _ = now.rows()
    scores = groups.sums(np.hstack([residual[:, None] * z, threshold_scores]))
    covariance = bread @ (scores.T @ scores) @ bread * small_sample_factor(n, groups.count, k + cuts)
    back = np.eye(k + cuts)
    back[np.arange(k), np.arange(k)] = 1 / deviations
    back[k:, :k] = means / deviations
    estimate = back @ theta
    return Fit(
        kind,
        CONVERGED,
        "",
        labels,
        estimate[:k],
        estimate[k:],
        back @ covariance @ back.T,
        now.value + decrement / 2,
        n,
        groups.count,
        iteration,
    )


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
    y, x, labels = _checked(outcome, design, names)
    y = y.astype(float)
    groups = Clusters.of(clusters)
    n, k = x.shape
    kind = "linear within" if within else "linear"
    cuts = 0 if within else 1
    scale = np.abs(x).max(axis=0)
    if within:
        moved, y = groups.demeaned(x), groups.demeaned(y)
        # a column that never moves within a cluster leaves rounding noise only
        x = np.where(np.abs(moved).max(axis=0) <= 1e-12 * scale, 0.0, moved)
    z, means, deviations, status, detail = _standardised(x, labels)
    if status:
        return _failed(kind, status, detail, labels, cuts, n, groups.count)
    bread = np.linalg.inv(z.T @ z)
    centre = y.mean()
    slopes = bread @ (z.T @ (y - centre))
    residual = y - centre - z @ slopes
    factor = small_sample_factor(n, groups.count, k + 1)
    if within:
        scores = groups.sums(residual[:, None] * z)
        covariance = bread @ (scores.T @ scores) @ bread * factor
        back = np.diag(1 / deviations)
        estimate = back @ slopes
    else:
        scores = groups.sums(np.hstack([residual[:, None] * z, -residual[:, None]]))
        inverse = np.zeros((k + 1, k + 1))
        inverse[:k, :k], inverse[k, k] = bread, 1 / n
        covariance = inverse @ (scores.T @ scores) @ inverse * factor
        back = np.eye(k + 1)
        back[np.arange(k), np.arange(k)] = 1 / deviations
        back[k, :k] = means / deviations
        estimate = back @ np.append(slopes, -centre)
    variance = float(residual @ residual) / n
    return Fit(
        kind,
        CONVERGED,
        "",
        labels,
        estimate[:k],
        estimate[k:],
        back @ covariance @ back.T,
        -n / 2 * (np.log(2 * np.pi * variance) + 1),
        n,
        groups.count,
        1,
    )


def probabilities(fit: Fit, design: ArrayLike) -> Floats:
    """Predict the probability of each category, (n, categories), from an ordered or binary logit."""
    linear = np.asarray(design, dtype=float) @ fit.slopes
    below = expit(fit.thresholds[None, :] - linear[:, None])
    ends = np.zeros((len(linear), 1))
    return np.diff(np.hstack([ends, below, ends + 1]), axis=1)


def marginal_effect(fit: Fit, design: Floats, column: int, at_least: int) -> tuple[float, float]:
    """Average marginal effect of one column on P(outcome >= `at_least`), and its delta-method standard error.

    The derivative of the probability, averaged over the rows of `design` (n, k), for one unit of the column.
    For a linear model it is the slope itself.
    """
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
    if fit.status != CONVERGED:
        raise ValueError(
            f"marginal effects: expected a converged fit, found {fit.status} ({fit.detail}); refit first"
        )
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
    from scipy.stats import chi2

    y, x, labels = _checked(outcome, design, names)
    groups = Clusters.of(clusters)
    k, cuts = x.shape[1], int(y.max())
    slopes, influences, errors, status = [], [], [], CONVERGED
    for cut in range(1, cuts + 1):
        event = (y >= cut).astype(np.int64)
        fit = fit_logit(event, x, groups, labels)
        if fit.status != CONVERGED:
            status = f"{fit.status} at y >= {cut}: {fit.detail}"
            break
        at = _Likelihood(event, x, 2).at(fit.slopes, fit.thresholds)
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
        return value, len(contrast), float(chi2.sf(value, len(contrast)))

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
    y, x, _ = _checked(outcome, design, None)
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
    at = _Likelihood(y.astype(np.int64), x, categories).at(fit.slopes, fit.thresholds)
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
