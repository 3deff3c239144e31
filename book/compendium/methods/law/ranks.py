"""How sure a country's place among others is, when every score has a standard error.

Scores are taken as normal and their errors as independent between countries and years. Governance scores share
sources, so real errors go together in part; independence then overstates the uncertainty of a difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from compendium.methods.checks import within
from compendium.methods.shares.proportions import Interval, checked_level


class RankError(ValueError):
    """Scores and errors that do not make a ranking; the message says what was found."""


def share_below(
    scores: Sequence[float],
    errors: Sequence[float],
    target: int,
    *,
    level: float = 0.95,
    draws: int = 4_000,
    seed: int = 0,
) -> Interval:
    """Share of countries that score below the one at position `target`, with a simulated interval.

    The estimate is the share by the published scores, out of all countries, the target included. The interval
    holds the central `level` of the shares over `draws` redraws of every score (parametric bootstrap of a rank,
    Goldstein & Spiegelhalter 1996).
    """
    within("share_below", 1, np.inf, draws=draws)
    centre, spread = np.asarray(scores, dtype=float), np.asarray(errors, dtype=float)
    if centre.shape != spread.shape or centre.ndim != 1 or len(centre) < 2:
        raise RankError(
            f"{centre.shape} scores and {spread.shape} errors; expected one error for each of 2 or more"
        )
    if not (np.isfinite(centre).all() and np.isfinite(spread).all() and (spread >= 0).all()):
        raise RankError("scores or errors: found a missing, infinite or negative value; drop those countries first")
    if not 0 <= target < len(centre):
        raise RankError(f"target is {target}; expected a position from 0 to {len(centre) - 1}")
    checked_level("share_below", level)
    rng = np.random.default_rng(seed)
    drawn = rng.normal(centre, spread, size=(draws, len(centre)))
    shares = (drawn < drawn[:, [target]]).mean(axis=1)
    tail = (1 - level) / 2
    # The nearest observed shares, so that the ends are ranks that can occur.
    low, high = np.quantile(shares, [tail, 1 - tail], method="closest_observation")
    estimate = float((centre < centre[target]).mean())
    return Interval(min(float(low), estimate), max(float(high), estimate), estimate, "simulated ranks", level)


def change(first: float, first_error: float, last: float, last_error: float, level: float = 0.95) -> Interval:
    """Last score minus first, with a normal interval for independent errors."""
    if not (first_error >= 0 and last_error >= 0):
        raise RankError(f"errors are {first_error} and {last_error}; expected 0 or more")
    z = NormalDist().inv_cdf((1 + checked_level("change", level)) / 2)
    half = z * (first_error**2 + last_error**2) ** 0.5
    return Interval(last - first - half, last - first + half, last - first, "normal, independent errors", level)
