"""Worlds in which the tiers follow a published index, nothing at all, or closeness to the United States.

Each keeps who was ranked in which report, and how large the classes are over all reports, and deals tiers again.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from compendium.evidence import tables
from compendium.methods.tiers import multiverse, tiers

SEED = 20010712
UNSEEN = 5  # a draw of what no measure sees that itself leans to no side; about one draw in two does
MOVED = 4.0  # weight of a country's own moves beside its standing, so that both can be seen
NOISE = 0.5  # deviations of what no measure sees, beside closeness of deviation one


def transparent(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Deal the tiers by fixed cut-offs on the rule of law of the year before the report."""
    if name != "tip_tiers":
        return frame
    return _dealt(frame, -_measures(frame)["rule_of_law"])


def arbitrary(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Exchange the whole paths of tiers between countries: as persistent as the true ones, and about nothing."""
    if name != "tip_tiers":
        return frame
    countries = np.sort(frame["iso3"].unique())
    other = dict(zip(countries, np.random.default_rng(SEED).permutation(countries), strict=True))
    path = frame.set_index(["iso3", "year"])["tier"]
    received = pd.MultiIndex.from_arrays([frame["iso3"].map(other), frame["year"]])
    tier = path.reindex(received).fillna("SC").to_numpy()
    return frame.assign(tier=tier)


def governed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Deal the tiers by the rule of law and by what no measure sees; closeness to the United States has no part."""
    if name != "tip_tiers":
        return frame
    law = _measures(frame)["rule_of_law"]
    unseen = np.random.default_rng(UNSEEN).normal(size=len(frame))
    return _dealt(frame, -(law - law.mean()) / law.std() + unseen)


def closer_better(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Deal better tiers to the closer: to countries that are close, and to a country in the years when it is."""
    return _by_closeness(name, frame, +1)


def closer_worse(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Deal worse tiers to the closer, in the same way."""
    return _by_closeness(name, frame, -1)


def _by_closeness(name: str, frame: pd.DataFrame, sign: int) -> pd.DataFrame:
    if name != "tip_tiers":
        return frame
    measures = _measures(frame)
    oriented = pd.DataFrame(
        {column: -measure.predicted_sign * measures[column] for column, measure in multiverse.POLITICS.items()}
    )
    each = (oriented - oriented.mean()) / oriented.std()
    standing = each.groupby(frame["iso3"]).transform("mean")
    closeness = (standing + MOVED * (each - standing)).mean(axis=1)
    noise = np.random.default_rng(SEED).normal(scale=NOISE, size=len(frame))
    return _dealt(frame, -sign * closeness / closeness.std() + noise)


def _measures(frame: pd.DataFrame) -> pd.DataFrame:
    """The measures of the year before each report, in the rows of `frame`."""
    table = multiverse.covariates(tables.read("country_panel"), tables.read("anti_trafficking_3p"))
    table["year"] += 1
    keys = pd.DataFrame({"iso3": frame["iso3"].to_numpy(), "year": frame["year"].astype(int).to_numpy()})
    found = keys.merge(table, on=["iso3", "year"], how="left", validate="many_to_one")
    return found.set_axis(frame.index)


def _dealt(frame: pd.DataFrame, badness: pd.Series) -> pd.DataFrame:
    """Deal the tiers of the ranked rows whose `badness` is known in its order, classes as large as they are."""
    dealt = frame["tier"].isin(tiers.TIERS) & badness.notna()
    sizes = frame.loc[dealt, "tier"].value_counts().reindex(list(tiers.TIERS)).astype(int)
    order = badness[dealt].sort_values(kind="stable").index
    made = frame.copy()
    made.loc[order, "tier"] = np.repeat(list(tiers.TIERS), sizes)
    return made
