"""The log-likelihood of the ordered logit and its derivatives.

The model is ``P(y <= j) = F(a_j - x'b)`` with logistic ``F`` and ordered thresholds ``a``; higher outcomes go with
larger ``x'b``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from compendium.methods.checks import between

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class Likelihood:
    """Log-likelihood, gradient and negative Hessian of the ordered logit, with everything constant kept.

    log P(y=j) = log F(u) + log F(-l) + log(1 - exp(-(u - l))), u and l the distances to the upper and lower
    threshold: exact in the tails, and the last term depends on the thresholds alone. Rows are held sorted by
    outcome, so that each category is a slice.
    """

    def __init__(self, outcome: Places, design: Floats, categories: int) -> None:
        self.order = np.argsort(outcome, kind="stable")
        self.y, self.x = outcome[self.order], np.ascontiguousarray(design[self.order])
        self.counts = np.bincount(outcome, minlength=categories)
        self.ends = np.cumsum(self.counts)
        self.bottom, self.top = self.ends[0], self.ends[-2]

    def at(self, slopes: Floats, thresholds: Floats) -> Point | None:
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
        return Point(self, value, thresholds, below_upper, above_lower)


class Point:
    """The derivatives of the log-likelihood at one point; per-row arrays are in the order of the outcome."""

    def __init__(
        self, model: Likelihood, value: float, thresholds: Floats, below_upper: Floats, above_lower: Floats
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
            cut_scores[cut] = -self._residual_upper(mine[0]).sum() - self._residual_lower(mine[1]).sum()
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

    def _residual_upper(self, rows: slice) -> Floats:
        return self.below_upper[rows] - 1

    def _residual_lower(self, rows: slice) -> Floats:
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
            scores[mine, cut] = -self._residual_upper(mine) + self.pull[cut]
            scores[following, cut] = -self._residual_lower(following) - self.pull[cut + 1]
            cross[mine, cut], cross[following, cut] = mine_density, next_density
        back = np.empty_like(model.order)
        back[model.order] = np.arange(len(back))
        return self.residual[back], self.weights[back], scores[back], cross[back]


def marginal_thresholds(counts: Places) -> Floats:
    """Return the thresholds (categories - 1,) at which a model without slopes gives `counts` (categories,)."""
    between("marginal_thresholds", 0, np.inf, counts=counts)
    shares = np.cumsum(counts)[:-1] / counts.sum()
    return np.log(shares / (1 - shares))
