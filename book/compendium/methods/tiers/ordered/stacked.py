"""The fits of a stack of models: all their Newton steps are taken together.

Only what goes smoothly is done here. A model that does not is left to the careful route, which takes one at a time
and knows why: columns that cannot be told apart, an outcome that is separated, steps that do not arrive.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compendium.methods.tiers.ordered.clusters import small_sample_factor
from compendium.methods.tiers.ordered.maximum import DECREMENT, SUSPECT_LOG_ODDS
from compendium.methods.tiers.ordered.stack import Stack, bordered

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

MOST_STEPS = 12
LONGEST_STEP = 3.0  # log odds over the span of a column; shortened beyond, as an end may be flat
FAR = 500.0  # where no threshold lies: exp of it is still a number


class Outcome:
    """An ordered outcome on the rectangle (T, G): 0 to `categories` - 1, any of them where no model has the row."""

    def __init__(self, values: Places, categories: int) -> None:
        self.shape, self.cuts = values.shape, categories - 1
        self.one_hot = (values.ravel() == np.arange(categories)[:, None]).astype(float)  # (categories, T G)
        self.upper, self.lower = self.one_hot[:-1], self.one_hot[1:]  # rows just below, just above each threshold
        self.top, self.bottom = FAR * self.one_hot[-1], -FAR * self.one_hot[0]

    def thresholds(self, values: Floats) -> tuple[Floats, Floats]:
        """The upper and the lower threshold of each row, both (B, T, G), of `values` (B, cuts)."""
        upper, lower = values @ self.upper + self.top, values @ self.lower + self.bottom
        return upper.reshape(-1, *self.shape), lower.reshape(-1, *self.shape)

    def counts(self, rows: Floats) -> Floats:
        """How many rows (B, T, G) have each category: (B, categories)."""
        return rows.reshape(len(rows), -1) @ self.one_hot.T


@dataclass(frozen=True)
class Fitted:
    """The models of a stack at their estimates.

    `theta` (B, p + m) are the slopes and the m thresholds (linear: the intercept, or none), `information`
    (B, p + m, p + m) is the negative Hessian. `residual` (B, T, G) is the score of the linear predictor; `weights`
    (B, T, G) its curvature and `cut_weights`, m of (B, T, G), the cross information with each threshold;
    `cut_scores`, m of (B, T, G), are the scores of the thresholds. `absorbed` tells that each country has an
    intercept of its own.
    """

    stack: Stack
    theta: Floats
    information: Floats
    residual: Floats
    weights: Floats
    cut_weights: list[Floats]
    cut_scores: list[Floats]
    absorbed: bool = False

    def take(self, chosen: Flags) -> Fitted:
        """Return the models that are chosen (B,)."""
        return replace(
            self,
            stack=self.stack.take(np.flatnonzero(chosen)),
            **{name: getattr(self, name)[chosen] for name in ("theta", "information", "residual", "weights")},
            cut_weights=[one[chosen] for one in self.cut_weights],
            cut_scores=[one[chosen] for one in self.cut_scores],
        )

    def factor(self, others: int = 0) -> Floats:
        """The small-sample factor of the clustered covariance (B,); `others` counts parameters held at none."""
        parameters = self.theta.shape[1] + self.absorbed + others - self.stack.absent.sum(axis=1)
        return small_sample_factor(self.stack.observations, self.stack.countries, parameters)

    def scores(self, direction: Floats) -> Floats:
        """Each country's score along a direction (B, p + m) of the parameters: (B, G)."""
        p = self.stack.width
        found = self.residual * self.stack.linear(direction[:, :p])
        for cut, own in enumerate(self.cut_scores):
            found += own * direction[:, p + cut, None, None]
        return found.sum(axis=1)

    def error(self, gradient: Floats) -> Floats:
        """The cluster-robust standard error (B,) of a function of the parameters with this gradient (B, p + m)."""
        direction = _solved(self.information, gradient)
        by_country = self.scores(direction)
        return np.sqrt(self.factor() * np.einsum("bg,bg->b", by_country, by_country))


def _solved(matrices: Floats, right: Floats) -> Floats:
    """Solve B systems (B, k, k) for as many right sides (B, k)."""
    answer: Any = np.linalg.solve(matrices, right[..., None])
    return answer[..., 0]


# ---------------------------------------------------------------- ordered and binary logit


@dataclass(frozen=True)
class _Point:
    """Derivatives at a point; `below` and `above` (B, T, G) are the chances to lie under each row's thresholds."""

    below: Floats
    above: Floats
    pull: Floats
    weights: Floats
    cut_weights: list[Floats]
    gradient: Floats
    information: Floats


def _point(stack: Stack, outcome: Outcome, theta: Floats, counts: Floats) -> _Point:
    """Evaluate the derivatives of the log-likelihoods at `theta` (B, p + m); formulas as in `likelihood.Point`."""
    rows, p, m = stack.rows, stack.width, outcome.cuts
    linear = stack.linear(theta[:, :p])
    upper, lower = outcome.thresholds(theta[:, p:])
    below, above = (rows / (1 + np.exp(linear - threshold)) for threshold in (upper, lower))
    upper_density, lower_density = below * (1 - below), above * (1 - above)
    weights = upper_density + lower_density
    pull = np.zeros((len(theta), m + 1))
    pull[:, 1:-1] = 1 / np.expm1(np.diff(theta[:, p:], axis=1))
    if m == 1:
        cut_weights = [-weights]
    else:
        at, under = (one.reshape(-1, *outcome.shape) for one in (outcome.upper, outcome.lower))
        cut_weights = [-(upper_density * at[cut] + lower_density * under[cut]) for cut in range(m)]

    pulled = counts * pull
    flat = len(theta), -1
    gradient = (rows - below).reshape(flat) @ outcome.upper.T - above.reshape(flat) @ outcome.lower.T
    gradient += pulled[:, :-1] - pulled[:, 1:]
    corner = np.zeros((len(theta), m, m))
    for cut, own in enumerate(cut_weights):
        corner[:, cut, cut] = -own.sum(axis=(1, 2))
    curvature, inner = (pulled * (1 + pull))[:, 1:-1], np.arange(m - 1)
    corner[:, inner, inner] += curvature
    corner[:, inner + 1, inner + 1] += curvature
    corner[:, inner, inner + 1] -= curvature
    corner[:, inner + 1, inner] -= curvature
    return _Point(
        below,
        above,
        pull,
        weights,
        cut_weights,
        np.hstack([stack.totals(below + above - rows), gradient]),
        bordered(stack.gram(weights), np.stack([stack.totals(own) for own in cut_weights], axis=2), corner),
    )


def _beginning(stack: Stack, outcome: Outcome, start: Floats | None, counts: Floats) -> Floats:
    """Begin at `start` (B, p + m) where that is better than no slopes at all."""
    shares = counts / stack.observations[:, None]
    under = np.cumsum(shares, axis=1)[:, :-1]
    theta = np.hstack([np.zeros((len(counts), stack.width)), np.log(under / (1 - under))])
    if start is None:
        return theta
    with np.errstate(all="ignore"):  # thresholds may cross there; then the likelihood is nan
        linear = stack.linear(start[:, : stack.width])
        upper, lower = outcome.thresholds(start[:, stack.width :])
        chance = 1 / (1 + np.exp(linear - upper)) - 1 / (1 + np.exp(linear - lower))
        better = np.einsum("btg,btg->b", stack.rows, np.log(chance)) > (counts * np.log(shares)).sum(axis=1)
    return np.where(better[:, None], start, theta)


def fit_ordered_stack(stack: Stack, outcome: Outcome, start: Floats | None = None) -> tuple[Fitted, Flags]:
    """Fit ordered logits by plain Newton steps; which of them arrived (B,) is the second answer.

    They begin at `start` (B, p + m), if it is given. Those that did not arrive, or whose slopes
    are so large that separation must be tested for, are not to be used.
    """
    p, counts = stack.width, outcome.counts(stack.rows)
    theta = _beginning(stack, outcome, start, counts)
    with np.errstate(all="ignore"):  # a model that goes astray is told from its decrement
        for _ in range(MOST_STEPS):
            point = _point(stack, outcome, theta, counts)
            step = _solved(point.information, point.gradient)
            decrement = np.einsum("bk,bk->b", point.gradient, step)
            reach = np.abs(step[:, :p] * stack.spans).max(axis=1, initial=0)
            theta = theta + step / np.maximum(1, reach / LONGEST_STEP)[:, None]
            astray = (np.abs(theta[:, :p]) * stack.spans > 2 * SUSPECT_LOG_ODDS).any(axis=1)
            theta[astray] = np.nan  # what runs away is let go
            if not (decrement >= DECREMENT).any():
                break
        arrived = (decrement < DECREMENT) & (np.diff(theta[:, p:], axis=1) > 0).all(axis=1)
        arrived &= (np.abs(theta[:, :p]) * stack.spans <= SUSPECT_LOG_ODDS).all(axis=1)
    at, under = (one.reshape(-1, *outcome.shape) for one in (outcome.upper, outcome.lower))
    scores = [
        at[cut] * (stack.rows * (1 + point.pull[:, cut, None, None]) - point.below)
        - under[cut] * (point.above + stack.rows * point.pull[:, cut + 1, None, None])
        for cut in range(outcome.cuts)
    ]
    residual = point.below + point.above - stack.rows
    fitted = Fitted(stack, theta, point.information, residual, point.weights, point.cut_weights, scores)
    return fitted, arrived


def effects(fitted: Fitted, cut: int) -> tuple[Floats, Floats]:
    """Average marginal effect of the own column on the chance to lie above a threshold, and its error, both (B,).

    As `effects.marginal_effect`: the derivative averaged over a model's rows, its error by the delta method.
    """
    stack, theta, p = fitted.stack, fitted.theta, fitted.stack.width
    n = stack.observations
    share = 1 / (1 + np.exp(stack.linear(theta[:, :p]) - theta[:, p + cut, None, None]))
    density = stack.rows * share * (1 - share)
    slant = density * (1 - 2 * share)
    mean = density.sum(axis=(1, 2)) / n
    slope = theta[:, 0]
    gradient = np.zeros_like(theta)
    gradient[:, :p] = -slope[:, None] * stack.totals(slant) / n[:, None]
    gradient[:, 0] += mean
    gradient[:, p + cut] = slope * slant.sum(axis=(1, 2)) / n
    return slope * mean, fitted.error(gradient)


def separable(stack: Stack, outcome: Outcome) -> Flags:
    """Models (B,) with an empty category, or with an indicator that separates alone (`separating_columns`)."""
    found = (outcome.counts(stack.rows) == 0).any(axis=1)
    indicators = stack.indicators
    present = ~stack.absent[:, indicators]
    everyone, all_rows = stack.totals(stack.rows)[:, indicators], stack.observations[:, None]
    for end in (0, outcome.cuts):
        own = stack.rows * outcome.one_hot[end].reshape(outcome.shape)
        others = everyone - stack.totals(own)[:, indicators]
        rest = all_rows - own.sum(axis=(1, 2))[:, None]
        found |= (present & ((others == 0) | (others == rest))).any(axis=1)
    return found


# ---------------------------------------------------------------- linear models


def fit_linear_stack(stack: Stack, outcome: Floats, absorbed: bool) -> Fitted:
    """Fit linear models by least squares, with an intercept or one for each country (`absorbed`).

    `outcome` (T, G). As `linear.fit_linear`.
    """
    rows, p = stack.rows, stack.width
    y = rows * outcome
    gram, moment = stack.gram(rows), stack.totals(y)
    if absorbed:
        size = np.maximum(rows.sum(axis=1), 1)
        means = stack.by_country(rows) / size[..., None]
        turned = means.transpose(0, 2, 1)
        gram = gram - turned @ (means * size[..., None])
        theta = _solved(gram, moment - (turned @ y.sum(axis=1)[..., None])[..., 0])
        residual = y - rows * stack.linear(theta)
        residual -= rows * (residual.sum(axis=1) / size)[:, None]
        return Fitted(stack, theta, gram, residual, rows, [], [], absorbed=True)
    cross = stack.totals(rows)[..., None]
    information = bordered(gram, cross, stack.observations[:, None, None])
    moment = np.hstack([moment, y.sum(axis=(1, 2))[:, None]])
    theta = _solved(information, moment)
    residual = rows * (outcome - stack.linear(theta[:, :p]) - theta[:, p, None, None])
    return Fitted(stack, theta, information, residual, rows, [rows], [residual])
