"""Intervals for a statistic of people who come in clusters: trials, countries.

People of one trial share its sentence and years of one country share its law, so whole clusters are redrawn, not
single rows (the cluster bootstrap; Davison and Hinkley 1997, section 3.8).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from compendium.methods.checks import within
from compendium.methods.shares.proportions import Interval, checked_level


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
    within("resampled", 1, np.inf, draws=draws)
    checked_level("resampled", level)
    if rows.empty:
        raise ClusterError("resampled: no rows")
    groups = list(rows.groupby(cluster, sort=True).indices.values())
    if len(groups) < 2:
        raise ClusterError(f"resampled: {len(groups)} cluster by {cluster!r}; expected two or more")
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        chosen = rng.integers(len(groups), size=len(groups))
        value = statistic(rows.iloc[np.concatenate([groups[index] for index in chosen])])
        if np.isfinite(value):
            found.append(value)
    if 2 * len(found) < draws:
        raise ClusterError(f"resampled: only {len(found)} of {draws} redraws give a number")
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), float(statistic(rows)), "cluster bootstrap", level)
