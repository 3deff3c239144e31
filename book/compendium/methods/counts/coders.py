"""Do two coders agree? The share of items with one code, and Cohen's kappa with its large-sample interval."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from compendium.methods.shares.proportions import Interval, clopper_pearson


@dataclass(frozen=True)
class Agreement:
    """How far two coders agree over the same items.

    `share` is the share of items with one code, with its exact interval, and `chance` the share that two coders
    with these codes at hand would give one code by chance. `kappa` is the agreement beyond chance as a share of
    what chance leaves; None where both used one and the same code throughout, for then chance leaves nothing.
    `low` and `high` are its interval; None where all items agree, for then the items show no error to make one of.
    """

    items: int
    agreed: int
    share: Interval
    chance: float
    kappa: float | None
    low: float | None
    high: float | None


def agreement(first: Sequence[Hashable], second: Sequence[Hashable], level: float = 0.95) -> Agreement:
    """Compare the codes of two coders, item by item.

    Kappa is Cohen's (1960, Educational and Psychological Measurement 20). Its variance is the one of large samples
    of Fleiss, Cohen and Everitt (1969, Psychological Bulletin 72); the ends are held between -1 and 1.
    Raises ValueError if there are no items, or not as many of one coder as of the other.
    """
    if len(first) != len(second) or not len(first):
        raise ValueError(f"agreement: expected codes of the same items, found {len(first)} and {len(second)}")
    shares = _crossed(first, second) / len(first)
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed, chance = float(np.trace(shares)), float(rows @ columns)
    agreed = round(observed * len(first))
    found = Agreement(len(first), agreed, clopper_pearson(agreed, len(first), level), chance, None, None, None)
    if math.isclose(chance, 1):
        return found
    kappa = (observed - chance) / (1 - chance)
    if agreed == len(first):
        return Agreement(len(first), agreed, found.share, chance, kappa, None, None)
    half = float(ndtri(0.5 + level / 2)) * math.sqrt(_variance(shares, kappa, chance) / len(first))
    return Agreement(
        len(first), agreed, found.share, chance, kappa, max(-1.0, kappa - half), min(1.0, kappa + half)
    )


def _crossed(first: Sequence[Hashable], second: Sequence[Hashable]) -> np.ndarray:
    """How many items have each pair of codes, the first coder's in rows: a square array (codes, codes)."""
    place = {code: at for at, code in enumerate(dict.fromkeys([*first, *second]))}
    crossed = np.zeros((len(place), len(place)))
    for one, other in zip(first, second, strict=True):
        crossed[place[one], place[other]] += 1
    return crossed


def _variance(shares: np.ndarray, kappa: float, chance: float) -> float:
    """The variance of kappa times the number of items (Fleiss, Cohen and Everitt 1969)."""
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    by_code = rows + columns
    on = np.diag(shares) @ (1 - by_code * (1 - kappa)) ** 2
    # Off the diagonal: an item in row i and column j is weighed by the column share of i and the row share of j.
    weights = (columns[:, None] + rows[None, :]) ** 2
    off = (1 - kappa) ** 2 * (np.sum(shares * weights) - np.sum(np.diag(shares * weights)))
    return float((on + off - (kappa - chance * (1 - kappa)) ** 2) / (1 - chance) ** 2)
