"""The columns of a model: checked, and brought to one scale before anything is fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from compendium.methods.tiers.ordered.result import COLLINEAR, CONSTANT

Floats = NDArray[np.float64]

SMALLEST_EIGENVALUE = 1e-9  # of the columns' correlation matrix


def checked(
    outcome: ArrayLike, design: ArrayLike, names: Sequence[str] | None
) -> tuple[NDArray[Any], Floats, tuple[str, ...]]:
    """Return outcome (n,), design (n, k) and names; ValueError if they are misshapen or a value is missing."""
    y, x = np.asarray(outcome), np.asarray(design, dtype=float)
    if x.ndim != 2 or y.ndim != 1 or len(x) != len(y):
        raise ValueError(
            f"model input: expected outcome (n,) and design (n, k), found {y.shape} and {x.shape}; align the rows"
        )
    if len(y) == 0:
        raise ValueError("model input: expected rows of outcome and design; found none")
    labels = tuple(names) if names is not None else tuple(f"x{i}" for i in range(x.shape[1]))
    if len(labels) != x.shape[1]:
        raise ValueError(f"model input: expected {x.shape[1]} column names, found {len(labels)}; name every column")
    if not np.isfinite(x).all():
        bad = labels[int(np.argmin(np.isfinite(x).all(axis=0)))]
        raise ValueError(
            f"model input: column {bad!r} expected finite numbers, found missing or infinite; drop those rows"
        )
    return y, x, labels


class Scaled(NamedTuple):
    """Columns (n, k) centred and scaled, with their means and deviations (k,).

    `status` and `detail` tell of a defect: a column that is constant (then nothing is scaled), or columns that are
    collinear. Both are "" if there is none.
    """

    columns: Floats
    means: Floats
    deviations: Floats
    status: str = ""
    detail: str = ""


def scaled(x: Floats, names: tuple[str, ...]) -> Scaled:
    """Centre and scale the columns of `x` (n, k), and look for those that no model can tell apart."""
    means = x.mean(axis=0)
    centred = x - means
    covariance = centred.T @ centred / len(x)
    deviations = np.sqrt(np.diag(covariance))
    constant = deviations <= 1e-10 * np.maximum(np.abs(means), 1e-100)
    if constant.any():
        return Scaled(centred, means, deviations, CONSTANT, _listed(names, constant))
    centred /= deviations
    if x.shape[1] > 1:
        correlation = covariance / np.outer(deviations, deviations)
        if np.linalg.eigvalsh(correlation)[0] < SMALLEST_EIGENVALUE:
            involved = np.abs(np.linalg.eigh(correlation)[1][:, 0]) > 0.05
            return Scaled(centred, means, deviations, COLLINEAR, _listed(names, involved))
    return Scaled(centred, means, deviations)


def _listed(names: tuple[str, ...], chosen: NDArray[np.bool_]) -> str:
    return ", ".join(name for name, is_chosen in zip(names, chosen, strict=True) if is_chosen)
