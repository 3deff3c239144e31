"""What the fitted specifications say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from compendium.methods.checks import some
from compendium.methods.tiers.multiverse.specification import CHOICES, LEVEL
from compendium.methods.tiers.ordered import CONVERGED, STATUSES


@dataclass(frozen=True)
class Curve:
    """What a set of specifications says together; shares are among those that could be estimated."""

    specifications: int
    estimated: int
    share_predicted: float
    share_distinguishable: float
    share_opposite: float
    median_effect: float
    effect_low: float
    effect_high: float


def summarise(results: pd.DataFrame) -> Curve:
    """Share with the predicted sign, distinguishable, distinguishable the other way; median and 10-90% of effects.

    `effect` is summarised over the specifications whose event is "watch list or worse".
    """
    some("summarise", "results", results)
    good = results.loc[results["status"] == CONVERGED]
    effects = good.loc[good["event"] == "watch list or worse", "effect"].to_numpy(float)
    low, middle, high = np.quantile(effects, [0.1, 0.5, 0.9]) if len(effects) else (np.nan,) * 3
    opposite = (good["estimate"] < 0) & (good["p"] < 1 - LEVEL)
    return Curve(
        len(results),
        len(good),
        float(good["predicted"].mean()),
        float(good["distinguishable"].mean()),
        float(opposite.mean()),
        float(middle),
        float(low),
        float(high),
    )


def statuses(results: pd.DataFrame) -> pd.DataFrame:
    """How many specifications were estimated, and how many failed and how: status, specifications."""
    counts = results["status"].value_counts().reindex(list(STATUSES), fill_value=0)
    return counts.rename_axis("status").reset_index(name="specifications")


def by_choice(results: pd.DataFrame, choices: Sequence[str] = (*CHOICES, "family")) -> pd.DataFrame:
    """The curve's summary for every option of every choice: choice, option, and the fields of `Curve`."""
    rows = [
        {"choice": choice, "option": option, **asdict(summarise(part))}
        for choice in choices
        for option, part in results.groupby(choice, sort=False)
    ]
    return pd.DataFrame(rows)
