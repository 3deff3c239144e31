"""Whether an ordered logit has no maximum, and which columns are to blame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compendium.methods.checks import some

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


def separating_direction(outcome: Places, design: Floats, categories: int) -> Floats | None:
    """Find the slopes (k,) of a direction along which the likelihood never falls, or None if the maximum exists.

    Exact for complete and quasi-complete separation: the linear programme maximises the sum of all observations'
    margins to their thresholds subject to none being negative (Konis 2007, for ordered outcomes).
    """
    some("separation", "rows of the outcome", outcome)
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


def separating_columns(outcome: Places, design: Floats, categories: int) -> NDArray[np.bool_]:
    """Columns (k,) that separate alone: all rows off the column's minimum, or maximum, are in one end category.

    What an indicator does when its group is all in the best, or all in the worst, category.
    """
    alone = np.zeros(design.shape[1], dtype=bool)
    for end in (0, categories - 1):
        others = design[outcome != end]
        some("separating_columns", f"rows outside category {end}", others)
        flat = np.ptp(others, axis=0) == 0
        alone |= flat & ((others[0] == design.min(axis=0)) | (others[0] == design.max(axis=0)))
    return alone
