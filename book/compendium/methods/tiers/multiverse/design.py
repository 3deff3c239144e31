"""The rows and columns of one specification, and what they show without any model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods import checks
from compendium.methods.tiers.multiverse.panel import Panel
from compendium.methods.tiers.multiverse.specification import OUTCOMES, SEED, WINDOWS, Specification
from compendium.methods.tiers.ordered import Clusters

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Data:
    """The rows and columns of one specification.

    `rows` (n,) are places in the panel; `outcome` (n,) holds 0 to `categories` - 1; `design` (n, k) has the columns
    `names`, politics first, in standard deviations; `clusters` are the countries.
    """

    rows: Places
    outcome: Places
    design: Floats
    names: tuple[str, ...]
    clusters: Clusters
    categories: int


class Builder:
    """Builds designs, keeping what neighbouring specifications share: rows, base columns, year indicators."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self.key: tuple[Any, ...] = ()
        self.rows = np.empty(0, dtype=np.intp)
        self.base = np.empty((0, 0))
        self.names: tuple[str, ...] = ()
        self.clusters = Clusters(self.rows, self.rows, self.rows, None)
        self.years: tuple[Floats, tuple[str, ...]] | None = None

    def data(self, spec: Specification) -> Data:
        """Return the rows, outcome, design and clusters of one specification."""
        key = (spec.politics, spec.performance, spec.controls, spec.lag, spec.years, spec.sample)
        if key != self.key:
            self.key = key
            self._share(spec)
        recode, _, _ = OUTCOMES[spec.outcome]
        design, names = self.base, self.names
        if spec.year_effects == "year":
            if self.years is None:
                year = self.panel.year[self.rows]
                seen = np.unique(year)[1:]
                self.years = (year[:, None] == seen).astype(float), tuple(f"report {y}" for y in seen)
            design, names = np.hstack([design, self.years[0]]), names + self.years[1]
        outcome = np.asarray(recode, dtype=np.intp)[self.panel.rank[self.rows]]
        return Data(self.rows, outcome, design, names, self.clusters, max(recode) + 1)

    def _share(self, spec: Specification) -> None:
        panel = self.panel
        first, last = WINDOWS[spec.years]
        keep = (panel.year >= first) & (panel.year <= last)
        if spec.sample == "not high income":
            keep &= ~panel.high_income
        elif spec.sample == "no defence pact":
            keep &= ~panel.ally
        plain = [c for c in spec.columns if c != "region"]
        values = [panel.covariates[spec.lag][c] for c in (spec.politics, *plain)]
        for column in values:
            keep &= np.isfinite(column)
        if "region" in spec.columns:
            keep &= panel.region >= 0
        self.rows = np.flatnonzero(keep)
        blocks = [values[0][self.rows] / panel.scale[spec.politics], *(v[self.rows] for v in values[1:])]
        names = [spec.politics, *plain]
        if "region" in spec.columns:
            region = panel.region[self.rows]
            for code in np.unique(region)[1:]:
                blocks.append((region == code).astype(float))
                names.append(f"region {panel.region_names[code]}")
        self.base, self.names = np.column_stack(blocks), tuple(names)
        self.clusters = Clusters.of(panel.country[self.rows])
        self.years = None


def data_of(panel: Panel, spec: Specification) -> Data:
    """Return the outcome, design and clusters of one specification, as the curve uses them."""
    return Builder(panel).data(spec)


def raw_rates(
    panel: Panel,
    spec: Specification,
    within: str,
    groups: int = 3,
    draws: int = 1000,
    seed: int = SEED,
) -> pd.DataFrame:
    """How often the event happens by groups of the politics measure, within groups of another covariate.

    The rows are those of `spec`, the event is its outcome's; both measures are cut at their quantiles over
    these rows. Returns: within, by (group 0 is lowest), rows, countries, events, share, low, high: percentile
    intervals of a bootstrap of whole countries, nan where no draw has a row. No model.
    """
    checks.within("raw_rates", 1, np.inf, groups=groups, draws=draws)
    data = Builder(panel).data(spec)
    event = data.outcome >= OUTCOMES[spec.outcome][2]
    cells = np.zeros(len(event), dtype=np.int64)
    for values in (panel.covariates[spec.lag][within][data.rows], data.design[:, 0]):
        cuts = np.quantile(values, np.arange(1, groups) / groups)
        cells = cells * groups + np.searchsorted(cuts, values, side="left")
    count = data.clusters.count
    seen, happened = np.zeros((2, count, groups**2))
    np.add.at(seen, (data.clusters.codes, cells), 1.0)
    np.add.at(happened, (data.clusters.codes, cells), event.astype(float))
    weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), draws)
    with np.errstate(invalid="ignore"):
        drawn = (weights @ happened) / (weights @ seen)
        share = happened.sum(axis=0) / seen.sum(axis=0)
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    place = np.arange(groups**2)
    return pd.DataFrame(
        {
            "within": place // groups,
            "by": place % groups,
            "rows": seen.sum(axis=0).astype(int),
            "countries": (seen > 0).sum(axis=0),
            "events": happened.sum(axis=0).astype(int),
            "share": share,
            "low": low,
            "high": high,
        }
    )
