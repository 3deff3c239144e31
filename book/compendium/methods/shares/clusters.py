"""Intervals for a statistic of people who come in clusters: trials, countries.

People of one trial share its sentence and years of one country share its law, so whole clusters are redrawn, not
single rows (the cluster bootstrap; Davison and Hinkley 1997, section 3.8).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods.checks import within
from compendium.methods.shares.proportions import Interval, checked_level

Places = NDArray[np.intp]


class ClusterError(ValueError):
    """Rows that make no clusters, or a statistic that no redraw gives; the message says what was found."""


def resampled(
    rows: pd.DataFrame,
    cluster: str,
    statistic: Callable[[pd.DataFrame], float],
    *,
    level: float = 0.95,
    draws: int = 1_999,
    seed: int = 0,
) -> Interval:
    """Return a statistic of the rows with a percentile interval over redrawn clusters (a column of the rows).

    Redraws in which the statistic is no number are left out; at least half must give one. With a single cluster
    nothing can be redrawn, and the interval is refused.
    """
    groups, chosen = _redrawn(rows, cluster, level, draws, seed)
    found = [statistic(rows.iloc[np.concatenate([groups[index] for index in one])]) for one in chosen]
    return _interval(np.array(found, dtype=float), float(statistic(rows)), level)


def resampled_median(
    rows: pd.DataFrame, cluster: str, column: str, *, level: float = 0.95, draws: int = 1_999, seed: int = 0
) -> Interval:
    """Return the median of a column as `resampled` does, with all redraws counted at once.

    A redraw is how often it has each value: its median is where the counts of the sorted values pass one half.
    """
    groups, chosen = _redrawn(rows, cluster, level, draws, seed)
    values = rows[column].to_numpy(dtype=float)
    drawn = np.stack([(chosen == place).sum(axis=1) for place in range(len(groups))], axis=1)
    of = np.full(len(values), -1, dtype=np.intp)
    for place, own in enumerate(groups):
        of[own] = place
    kept = np.flatnonzero(np.isfinite(values) & (of >= 0))
    order = kept[np.argsort(values[kept], kind="stable")]
    ranked = np.append(values[order], np.nan)
    upto = np.cumsum(drawn[:, of[order]], axis=1)  # (draws, values)
    total = drawn @ np.bincount(of[order], minlength=len(groups))
    lower, upper = ((upto <= half[:, None]).sum(axis=1) for half in ((total - 1) // 2, total // 2))
    found = (ranked[np.where(total > 0, lower, -1)] + ranked[np.where(total > 0, upper, -1)]) / 2
    return _interval(found, float(rows[column].median()), level)


def _redrawn(
    rows: pd.DataFrame, cluster: str, level: float, draws: int, seed: int
) -> tuple[list[Places], NDArray[np.int64]]:
    """The rows of each cluster, and the clusters of every redraw (draws, clusters)."""
    within("resampled", 1, np.inf, draws=draws)
    checked_level("resampled", level)
    if rows.empty:
        raise ClusterError("resampled: no rows")
    groups = [np.asarray(own, dtype=np.intp) for own in rows.groupby(cluster, sort=True).indices.values()]
    if len(groups) < 2:
        raise ClusterError(f"resampled: {len(groups)} cluster by {cluster!r}; expected two or more")
    return groups, np.random.default_rng(seed).integers(len(groups), size=(draws, len(groups)))


def _interval(found: NDArray[np.float64], estimate: float, level: float) -> Interval:
    """The percentile interval of the redraws (draws,) that give a number."""
    given = found[np.isfinite(found)]
    if 2 * len(given) < len(found):
        raise ClusterError(f"resampled: only {len(given)} of {len(found)} redraws give a number")
    low, high = np.quantile(given, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), estimate, "cluster bootstrap", level)
