"""Every model as small binary columns, and what a reader's choices leave of them counted from these.

The page loads the columns at the first strike and counts as `counted` does, to the bit. Models lie in the order of
their choices, the last one fastest; three columns, each in base64:

- `valid`, a bit for each combination of the declared options, the first in the highest bit of a byte: whether it is
  a valid model. The other columns hold the valid ones only.
- `kinds`, a byte a model: its place in `KINDS`.
- `effects`, two bytes a model, low byte first: the effect in tenths of a percentage point, signed; what lies below
  zero by less than half a tenth counts as one tenth below.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods.tiers import ordered

KINDS = "dpnof"  # better and distinguishable, better, worse, worse and distinguishable, without an estimate
BINS = [-15, 32]  # percentage points, one bin each; what lies beyond counts in the last

Ints = NDArray[Any]


@dataclass(frozen=True)
class Columns:
    """Models in the order of their choices: `digits` (models, choices), `kinds` and `effects` (models,).

    `sizes` are the numbers of options; `valid` (product of sizes,) flags the combinations that are models.
    """

    sizes: list[int]
    valid: NDArray[np.bool_]
    digits: Ints
    kinds: Ints
    effects: Ints


def columns_of(results: pd.DataFrame, digits: Ints, sizes: list[int]) -> Columns:
    """Pack results, whose choices are `digits` (models, choices)."""
    combination = np.ravel_multi_index(tuple(digits.T), sizes)
    order = np.argsort(combination)
    valid = np.zeros(np.prod(sizes), dtype=bool)
    valid[combination] = True
    conditions = [
        results.status != ordered.CONVERGED,
        results.distinguishable,
        results.predicted,
        results.p >= 0.05,
    ]
    kinds = np.select(conditions, [KINDS.index(kind) for kind in "fdpn"], KINDS.index("o"))
    tenths = 10 * results.effect.fillna(0).to_numpy()
    effects = np.where(tenths < 0, np.minimum(np.rint(tenths), -1), np.rint(tenths)).astype("<i2")
    return Columns(sizes, valid, digits[order], kinds[order].astype(np.uint8), effects[order])


def packed(columns: Columns) -> dict[str, Any]:
    """The columns as data for the page."""
    parts = {"valid": np.packbits(columns.valid), "kinds": columns.kinds, "effects": columns.effects}
    return {name: base64.b64encode(part.tobytes()).decode() for name, part in parts.items()}


def counted(columns: Columns, state: Mapping[int, str], third: tuple[int, int]) -> dict[str, Any]:
    """What a state leaves: the fullest bin, numbers of models, their median effect in points, and each kind by bin.

    `state` gives the digits of the options that stand, by choice. `third` is the choice and the digit of the model
    whose effect is on another event: it counts for the median only if no other model is left.
    """
    kept = np.logical_and.reduce(
        [np.isin(columns.digits[:, choice], [int(digit) for digit in digits]) for choice, digits in state.items()]
    )
    kinds, effects = columns.kinds[kept], columns.effects[kept].astype(int)
    good = kinds != KINDS.index("f")
    other = good & (columns.digits[kept, third[0]] != third[1])
    middle = effects[other] if other.any() else effects[good]
    low, high = BINS
    bins = np.clip(effects // 10, low, high - 1) - low
    by_kind = {
        kind: np.bincount(bins[kinds == place], minlength=high - low).tolist()
        for place, kind in enumerate(KINDS.replace("f", ""))
    }
    sums = {kind: sum(numbers) for kind, numbers in by_kind.items()}
    return {
        "top": int(np.max(np.sum(list(by_kind.values()), axis=0))),
        "all": int(kept.sum()),
        "good": int(good.sum()),
        "better": sums["d"] + sums["p"],
        "sure": sums["d"],
        "against": sums["o"],
        "half": float(np.median(middle)) / 10 if len(middle) else 0.0,
        "listed": bool(other.any()),
        **by_kind,
    }
