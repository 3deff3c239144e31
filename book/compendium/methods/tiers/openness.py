"""How open is a rating: what do published measures foretell of it, between nothing and all that they could?

Countries that no model has seen are foretold by an ordered logit on the measures. Skill is put on a scale whose
zero is knowing nothing but how common each class is, and whose one is what the same measures foretell, in the same
way, of a transparent twin: a rating of the same countries that follows the measures by fixed cut-offs. A rating
that stays the same because performance stays the same loses nothing by it, for last year's tier is never told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from compendium.methods.checks import between, some
from compendium.methods.tiers.forecasts import Places, folds_by_country, ranked_probability_score
from compendium.methods.tiers.ordered.likelihood import Likelihood, Point, marginal_thresholds
from compendium.methods.tiers.tiers import country_weights, limits, require_complete

Floats = NDArray[np.float64]

RIDGE = 0.01  # precision of each slope's normal prior, per standard deviation of its measure
STEPS, SMALLEST = 100, 1e-8
SEED = 20010712
ACCURACY, RANKED = "accuracy", "ranked probability score"


@dataclass(frozen=True)
class Share:
    """A share of what a transparent rating would let one foretell, with its interval; one is all, zero nothing."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Openness:
    """What the measures foretell of a rating and of its transparent twin, for countries not seen.

    `level` is the share for the tier itself: `skill` over `ceiling`, skill scores over the classes' own frequency.
    `change` is the share for the direction of a change, given the class that was left: `right` and `right_twin` are
    the shares of pairs, one up and one down from one class, that the forecasts put in the right order (one half is
    a coin). `changes` counts the changes that could have gone either way.
    """

    level: Share
    change: Share
    skill: float
    ceiling: float
    right: float
    right_twin: float
    observations: int
    countries: int
    changes: int


def openness(
    rows: pd.DataFrame,
    columns: Sequence[str],
    categories: int = 4,
    score: str = RANKED,
    folds: int = 10,
    repeats: int = 3,
    draws: int = 2000,
    seed: int = SEED,
    level: float = 0.95,
) -> Openness:
    """Measure the openness of a rating.

    `rows`: iso3, year, rank (0 to `categories` - 1, larger is worse), last_rank and every one of `columns`; rows
    missing any are left out. Folds are of whole countries, drawn `repeats` times. Skill is one less the score over
    that of the frequencies (Murphy 1973, J. Applied Meteorology 12), by `score`: the ranked probability score or
    accuracy. Order is concordance within the class left (Somers 1962, ASR 27). Intervals: percentile bootstrap of
    whole countries, both ratings on the same draws.
    """
    some("openness", "rows", rows)
    require_complete(rows["year"].unique(), "openness")
    data = rows.dropna(subset=[*columns, "rank", "last_rank"]).sort_values(["iso3", "year"], ignore_index=True)
    some("openness", "rows with all measures", data)
    names, codes = np.unique(data["iso3"].to_numpy(str), return_inverse=True)
    design = standardised(data[list(columns)].to_numpy(float))
    rank, last = data["rank"].to_numpy(np.intp), data["last_rank"].to_numpy(np.intp)
    twin = transparent_twin(rank, design, categories)
    own, other = (
        _Foretold.of(outcome, design, names, codes, categories, score, (folds, repeats, seed))
        for outcome in (rank, twin)
    )
    weights = np.vstack([np.ones(len(names)), country_weights(len(names), draws, seed)])
    skill, ceiling = own.skill(weights), other.skill(weights)
    moved = _Moves.of(own.expected, rank, last, codes, categories)
    moved_twin = _Moves.of(other.expected, twin, _before(data, twin), codes, categories)
    right, right_twin = moved.ordered(weights), moved_twin.ordered(weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        change = (right - 0.5) / (right_twin - 0.5)
        of_ceiling = skill / ceiling
    return Openness(
        _share(of_ceiling, level),
        _share(change, level),
        skill=float(skill[0]),
        ceiling=float(ceiling[0]),
        right=float(right[0]),
        right_twin=float(right_twin[0]),
        observations=len(data),
        countries=len(names),
        changes=len(moved.expected),
    )


def standardised(values: Floats) -> Floats:
    """Return columns (n, k) with mean zero and deviation one; ValueError if one is constant."""
    between("standardised", -np.inf, np.inf, values=values)
    spread = values.std(axis=0)
    if (spread == 0).any():
        raise ValueError(f"openness: measure {int(np.argmin(spread))} is constant; leave it out")
    return (values - values.mean(axis=0)) / spread


def fit_with_ridge(
    outcome: Places, design: Floats, categories: int, ridge: float = RIDGE, start: Floats | None = None
) -> Floats:
    """Fit an ordered logit with a weak normal prior on its slopes; return slopes (k,), then thresholds.

    The prior (Hoerl and Kennard 1970, Technometrics 12) gives a maximum where the outcome is separated, as it is
    when a rating follows the measures exactly. Newton's method on the penalised likelihood. ValueError if nobody
    is in one of the classes.
    """
    counts = np.bincount(outcome, minlength=categories)
    if (counts == 0).any():
        raise ValueError(f"openness: nobody is in class {int(np.argmin(counts))}; merge classes")
    model, k = Likelihood(outcome, design, categories), design.shape[1]
    prior = np.concatenate([np.full(k, ridge), np.zeros(categories - 1)])
    theta = np.concatenate([np.zeros(k), marginal_thresholds(counts)]) if start is None else start
    now = model.at(theta[:k], theta[k:])
    assert now is not None
    for _ in range(STEPS):
        gradient = now.gradient - prior * theta
        step = np.linalg.solve(now.information + np.diag(prior), gradient)
        if gradient @ step < SMALLEST:
            break
        higher = _uphill(model, prior, theta, step, now.value)
        if higher is None:
            break
        theta, now = higher
    return theta


def _uphill(
    model: Likelihood, prior: Floats, theta: Floats, step: Floats, value: float
) -> tuple[Floats, Point] | None:
    """Take the step, halved while thresholds cross or the penalised likelihood falls; None if no step helps."""
    k, before, scale = model.x.shape[1], value - prior @ theta**2 / 2, 1.0
    while scale > SMALLEST:
        trial = theta + scale * step
        point = model.at(trial[:k], trial[k:])
        if point is not None and point.value - prior @ trial**2 / 2 >= before - 1e-9 * abs(before):
            return trial, point
        scale /= 2
    return None


def forecast_of(theta: Floats, design: Floats) -> Floats:
    """Return the probability of each class (n, categories) at slopes and thresholds."""
    k = design.shape[1]
    below = expit(theta[None, k:] - (design @ theta[:k])[:, None])
    ends = np.zeros((len(design), 1))
    return np.diff(np.hstack([ends, below, ends + 1]), axis=1)


def transparent_twin(outcome: Places, design: Floats, categories: int) -> Places:
    """Rate the same rows by fixed cut-offs: the fitted index, cut so that classes keep their size."""
    index = design @ fit_with_ridge(outcome, design, categories)[: design.shape[1]]
    order = np.argsort(index, kind="stable")
    twin = np.empty(len(outcome), dtype=np.intp)
    twin[order] = np.repeat(np.arange(categories), np.bincount(outcome, minlength=categories))
    return twin


def _before(data: pd.DataFrame, rank: Places) -> Places:
    """The rank of the same country a year before, -1 where that row is missing; rows sorted by country and year."""
    before = np.concatenate([[-1], rank[:-1]]).astype(np.intp)
    follows = (data["iso3"] == data["iso3"].shift()) & (data["year"] == data["year"].shift() + 1)
    return np.where(follows, before, -1)


def _share(drawn: Floats, level: float) -> Share:
    """The first of the values, and the percentile interval of the others."""
    low, high = limits(drawn[1:], level)
    return Share(float(drawn[0]), float(low), float(high))


@dataclass(frozen=True)
class _Foretold:
    """Losses of forecast and frequencies summed by country (2, countries), and the rank expected of each row."""

    losses: Floats
    expected: Floats

    @classmethod
    def of(
        cls,
        outcome: Places,
        design: Floats,
        names: NDArray[np.str_],
        codes: Places,
        categories: int,
        score: str,
        drawn: tuple[int, int, int],
    ) -> _Foretold:
        folds, repeats, seed = drawn
        losses, expected = np.zeros((2, len(outcome))), np.zeros(len(outcome))
        start: Floats | None = None
        for repeat in range(repeats):
            fold_of = folds_by_country(names.tolist(), folds, seed + repeat)
            fold = np.array([fold_of[name] for name in names])[codes]
            for held_out in range(folds):
                test, train = fold == held_out, fold != held_out
                start = fit_with_ridge(outcome[train], design[train], categories, start=start)
                forecast = forecast_of(start, design[test])
                plain = np.bincount(outcome[train], minlength=categories) / train.sum()
                both = (forecast, np.broadcast_to(plain, forecast.shape))
                losses[:, test] += [_loss(one, outcome[test], score) for one in both]
                expected[test] += forecast @ np.arange(categories)
        by_country = np.stack([np.bincount(codes, loss, minlength=len(names)).astype(float) for loss in losses])
        return cls(by_country, expected / repeats)

    def skill(self, weights: Floats) -> Floats:
        """Skill under each row of country weights (draws, countries)."""
        mine, plain = weights @ self.losses[0], weights @ self.losses[1]
        return 1 - mine / plain


def _loss(forecast: Floats, outcome: Places, score: str) -> Floats:
    if score == ACCURACY:
        return (forecast.argmax(axis=1) != outcome).astype(float)
    return ranked_probability_score(forecast, outcome)


@dataclass(frozen=True)
class _Moves:
    """Changes of class that could have gone either way: expected rank, whether up, class left, country."""

    expected: Floats
    up: NDArray[np.bool_]
    left: Places
    country: Places

    @classmethod
    def of(cls, expected: Floats, rank: Places, last: Places, codes: Places, categories: int) -> _Moves:
        moved = (last > 0) & (last < categories - 1) & (rank != last)
        return cls(expected[moved], (rank < last)[moved], last[moved], codes[moved])

    def ordered(self, weights: Floats) -> Floats:
        """The share of pairs in the right order, ties half, under country weights (draws, countries)."""
        right, pairs = np.zeros((2, len(weights)))
        for left in np.unique(self.left):
            up, down = self.up & (self.left == left), ~self.up & (self.left == left)
            gap = self.expected[down][None, :] - self.expected[up][:, None]
            order = (gap > 0) + 0.5 * (gap == 0)
            ups, downs = weights[:, self.country[up]], weights[:, self.country[down]]
            right += ((ups @ order) * downs).sum(axis=1)
            pairs += ups.sum(axis=1) * downs.sum(axis=1)
        with np.errstate(invalid="ignore"):
            return right / pairs
