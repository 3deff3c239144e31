"""What a fitted ordered logit says of one row if some of its columns moved: for panels with sliders.

A statement about the model, not about the world: nothing here says that a country that moves would be treated so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from compendium.methods.checks import between
from compendium.methods.tiers.ordered import CONVERGED, Fit

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prepared:
    """All that probabilities under moved columns need, and nothing else.

    `columns` (m) may move, each by its `slopes` (m,) with covariance `slope_covariance` (m, m). `rows` has one
    row for each of the design: `linear`, the linear predictor; `variance`, that of it less the threshold of
    `event`; `covariance_<column>` of it with the slope; and the columns' present values. `thresholds` are all of
    them; the event is "outcome >= `event`". `critical` is the two-sided 95% value of t.
    """

    columns: tuple[str, ...]
    slopes: Floats
    slope_covariance: Floats
    thresholds: Floats
    event: int
    critical: float
    rows: pd.DataFrame


def prepare(fit: Fit, design: ArrayLike, columns: Sequence[str], event: int) -> Prepared:
    """Prepare the rows of `design` (n, k), whose `columns` may move, for the probability of outcome >= `event`.

    Raises ValueError for a fit without estimates, an unknown column or an event that the outcome does not have.
    """
    if fit.status != CONVERGED:
        raise ValueError(f"what if: expected a converged fit, found {fit.status} ({fit.detail}); refit first")
    unknown = [column for column in columns if column not in fit.names]
    if unknown:
        raise ValueError(f"what if: expected columns of the model, found {unknown[0]!r}; name one of {fit.names}")
    if not 1 <= event <= len(fit.thresholds):
        raise ValueError(f"what if: expected an event from 1 to {len(fit.thresholds)}, found {event}; choose one")
    x = np.asarray(design, dtype=float)
    k = len(fit.slopes)
    places = [fit.names.index(column) for column in columns]
    gradient = np.hstack([x, np.zeros((len(x), len(fit.thresholds)))])
    gradient[:, k + event - 1] = -1
    with_all = gradient @ fit.covariance
    rows = pd.DataFrame({"linear": x @ fit.slopes, "variance": np.einsum("ij,ij->i", with_all, gradient)})
    for column, place in zip(columns, places, strict=True):
        rows[f"covariance_{column}"] = with_all[:, place]
        rows[column] = x[:, place]
    return Prepared(
        tuple(columns),
        fit.slopes[places],
        fit.covariance[np.ix_(places, places)],
        fit.thresholds,
        event,
        fit.critical(),
        rows,
    )


@dataclass(frozen=True)
class Chance:
    """The probability of each outcome, and of the event with its 95% interval."""

    by_outcome: Floats
    event: float
    low: float
    high: float


def chance(prepared: Prepared, row: int, moves: Mapping[str, float]) -> Chance:
    """Probabilities for one row whose columns moved by `moves`, in the units of the design.

    The interval is the delta method's on the scale of log odds, so that it stays between 0 and 1.
    """
    if unknown := sorted(set(moves) - set(prepared.columns)):
        raise ValueError(f"what if: {unknown[0]!r} does not move; expected one of {', '.join(prepared.columns)}")
    between("what if", -np.inf, np.inf, moves=[0.0, *moves.values()])
    facts = prepared.rows.iloc[row]
    by = np.array([float(moves.get(column, 0.0)) for column in prepared.columns])
    linear = facts["linear"] + by @ prepared.slopes
    covariances = facts[[f"covariance_{column}" for column in prepared.columns]].to_numpy(float)
    variance = facts["variance"] + 2 * by @ covariances + by @ prepared.slope_covariance @ by
    log_odds = linear - prepared.thresholds[prepared.event - 1]
    reach = prepared.critical * np.sqrt(variance)
    exceed = np.concatenate([[1.0], expit(linear - prepared.thresholds), [0.0]])
    return Chance(
        -np.diff(exceed), float(expit(log_odds)), float(expit(log_odds - reach)), float(expit(log_odds + reach))
    )
