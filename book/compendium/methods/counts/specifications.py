"""The choices behind a comparison of two years, and the totals that each choice compares.

A `Specification` fixes every choice; a `Curve` holds all of them as matrices of countries by comparisons, so
that they are summed at once, for the countries as published or drawn anew. `compendium.methods.counts.growth`
declares the grid and reads the results.

Frames have one row per indicator, country and year: indicator, iso3, year, count_min, count_max (persons).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods.checks import some
from compendium.methods.product import product

Panel = Literal["raw", "constant", "balanced"]
Bound = Literal["low", "high", "adverse"]

PANELS: Mapping[Panel, str] = {
    "raw": "whoever reports in either end year",
    "constant": "countries that report in both end years",
    "balanced": "countries that report in every year from start to end",
}
BOUNDS: Mapping[Bound, str] = {
    "low": "suppressed counts at their lower bound in both years",
    "high": "suppressed counts at their upper bound in both years",
    "adverse": "suppressed counts free within their bounds: least and greatest growth",
}
NOBODY = "none"

COMPUTED = "computed"
EXCLUSION_RULES: Mapping[str, str] = {
    "no report": "nobody in the panel reports in one of the end years",
    "thin panel": "fewer countries than the declared minimum report in one of the end years",
    "excluded not in panel": "the excluded country is not in the panel, so nothing is excluded",
    "same as constant": "the balanced panel has the same members as the constant one",
}

COUNT_COLUMNS = ["count_min", "count_max"]
KEY = ["indicator", "iso3", "year"]


@dataclass(frozen=True)
class Specification:
    """One way to compare two years: which count, whose, between when, and what suppressed counts may be.

    `excluding` is an ISO 3166 alpha-3 code, or "none".
    """

    indicator: str
    panel: Panel
    bound: Bound
    excluding: str
    start: int
    end: int


@dataclass(frozen=True)
class _Cube:
    """One indicator as countries by consecutive years."""

    first_year: int
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    reported: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: pd.DataFrame, countries: list[str]) -> _Cube:
        first, last = int(rows["year"].min()), int(rows["year"].max())
        shape = (len(countries), last - first + 1)
        at = pd.Index(countries).get_indexer(pd.Index(rows["iso3"])), rows["year"].to_numpy(dtype=int) - first
        cube = cls(first, np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool))
        cube.low[at] = rows["count_min"].to_numpy(dtype=float)
        cube.high[at] = rows["count_max"].to_numpy(dtype=float)
        cube.reported[at] = True
        return cube

    def members(self, panel: Panel, start: int, end: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return who counts in the start year and who in the end year, as masks over countries."""
        before, after = self.column(start), self.column(end)
        nobody: NDArray[np.bool_] = np.zeros(len(self.reported), dtype=bool)
        in_start: NDArray[np.bool_] = nobody if before is None else self.reported[:, before]
        in_end: NDArray[np.bool_] = nobody if after is None else self.reported[:, after]
        if panel == "raw":
            return in_start, in_end
        if panel == "constant" or before is None or after is None:
            return (both := in_start & in_end), both
        always = np.logical_and.reduce(self.reported[:, before : after + 1], axis=1)
        return always, always

    def column(self, year: int) -> int | None:
        at = year - self.first_year
        return at if 0 <= at < self.reported.shape[1] else None

    def counts(self, members: NDArray[np.bool_], year: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        at = self.column(year)
        if at is None:
            return np.zeros(len(members)), np.zeros(len(members))
        return np.where(members, self.low[:, at], 0.0), np.where(members, self.high[:, at], 0.0)


@dataclass(frozen=True)
class Curve:
    """All specifications as rows of four country-by-cell matrices, so that a (re)weighted sum is one product.

    `countries` name the columns of the four `blocks` (cells by countries, persons: start and end at both bounds);
    for each specification `cell` is its row in them, `status` and `counts` (start, end) say who is in it.
    """

    countries: list[str]
    status: NDArray[np.str_]
    counts: NDArray[np.int64]
    bound: NDArray[np.str_]
    cell: NDArray[np.int64]
    blocks: tuple[NDArray[np.float64], ...]

    @classmethod
    def of(cls, frame: pd.DataFrame, specifications: Sequence[Specification], minimum_countries: int) -> Curve:
        """Look up the countries of every specification; raises ValueError for one that the frame cannot answer."""
        check_frame(frame)
        countries = sorted(frame["iso3"].unique())
        position = {code: at for at, code in enumerate(countries)}
        cubes = {str(name): _Cube.of(rows, countries) for name, rows in frame.groupby("indicator")}
        members: dict[tuple[str, Panel, int, int], tuple[NDArray[np.bool_], NDArray[np.bool_]]] = {}
        cells: dict[tuple[str, Panel, str, int, int], int] = {}
        rows: list[tuple[NDArray[np.float64], ...]] = []
        found: list[tuple[str, int, int]] = []
        order = np.empty(len(specifications), dtype=np.int64)
        for at, spec in enumerate(specifications):
            key = (spec.indicator, spec.panel, spec.excluding, spec.start, spec.end)
            if key not in cells:
                _check_specification(spec, cubes)
                cube = cubes[spec.indicator]
                for panel in (spec.panel, "constant"):
                    window = (spec.indicator, panel, spec.start, spec.end)
                    if window not in members:
                        members[window] = cube.members(panel, spec.start, spec.end)
                in_start, in_end = members[spec.indicator, spec.panel, spec.start, spec.end]
                constant = members[spec.indicator, "constant", spec.start, spec.end][0]
                outside = position.get(spec.excluding, -1)
                present = outside >= 0 and bool(in_start[outside] or in_end[outside])
                if present:
                    in_start, in_end, constant = in_start.copy(), in_end.copy(), constant.copy()
                    in_start[outside] = in_end[outside] = constant[outside] = False
                sizes = int(in_start.sum()), int(in_end.sum())
                same = spec.panel == "balanced" and np.array_equal(in_start, constant)
                cells[key] = len(rows)
                rows.append((*cube.counts(in_start, spec.start), *cube.counts(in_end, spec.end)))
                found.append(
                    (_status(min(sizes), minimum_countries, spec.excluding != NOBODY and not present, same), *sizes)
                )
            order[at] = cells[key]
        blocks = tuple(np.array([row[part] for row in rows]).reshape(len(rows), -1) for part in range(4))
        return cls(
            countries,
            np.array([found[at][0] for at in order], dtype=str),
            np.array([found[at][1:] for at in order], dtype=np.int64).reshape(-1, 2),
            np.array([spec.bound for spec in specifications], dtype=str),
            order,
            blocks,
        )

    def sums(self, weights: NDArray[np.float64] | None = None) -> tuple[NDArray[np.float64], ...]:
        """Return start and end totals at both bounds per specification (and per column of `weights`)."""
        totals = (block.sum(axis=1) if weights is None else product(block, weights) for block in self.blocks)
        return tuple(total[self.cell] for total in totals)

    def only(self, kept: NDArray[np.int64]) -> Curve:
        """Return the specifications at these places, without the cells that they do not need."""
        cells, cell = np.unique(self.cell[kept], return_inverse=True)
        blocks = tuple(block[cells] for block in self.blocks)
        return Curve(self.countries, self.status[kept], self.counts[kept], self.bound[kept], cell, blocks)

    def ratios(self, sums: tuple[NDArray[np.float64], ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the least and the greatest end over start that each specification's bound allows."""
        start_low, start_high, end_low, end_high = sums
        shape = (-1,) + (1,) * (start_low.ndim - 1)
        low_bound = (self.bound == "low").reshape(shape)
        high_bound = (self.bound == "high").reshape(shape)
        least = end_over_start(np.where(high_bound, end_high, end_low), np.where(low_bound, start_low, start_high))
        most = end_over_start(np.where(low_bound, end_low, end_high), np.where(high_bound, start_high, start_low))
        return least, most


def _status(smaller: int, minimum_countries: int, excludes_nobody: bool, same_as_constant: bool) -> str:
    """The first of `EXCLUSION_RULES` that sets a comparison aside, or "computed"."""
    if smaller == 0:
        return "no report"
    if smaller < minimum_countries:
        return "thin panel"
    if excludes_nobody:
        return "excluded not in panel"
    return "same as constant" if same_as_constant else COMPUTED


def end_over_start(end: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return end / start, elementwise; 1 where both are zero, infinite where only the start is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((start == 0) & (end == 0), 1.0, end / start)


SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "growth": lambda low, high: low > 1,
    "decline": lambda low, high: high < 1,
    "unchanged": lambda low, high: (low == 1) & (high == 1),
}


def signs_of(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.str_]:
    """Return what bounds on end over start say: growth, decline, unchanged or undetermined, elementwise."""
    return np.select([says(low, high) for says in SIGNS.values()], list(SIGNS), default="undetermined")


def has_sign(sign: str, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where bounds on end over start say `sign`, elementwise; ValueError if there is no such sign."""
    if sign not in (*SIGNS, "undetermined"):
        raise ValueError(f"sign: expected one of {', '.join(SIGNS)}, undetermined, found {sign!r}; choose one")
    return SIGNS[sign](low, high) if sign in SIGNS else signs_of(low, high) == sign


def _check_specification(spec: Specification, cubes: Mapping[str, _Cube]) -> None:
    if spec.indicator not in cubes:
        raise ValueError(f"specification: unknown indicator {spec.indicator!r}, expected one of {sorted(cubes)}")
    if spec.panel not in PANELS:
        raise ValueError(f"specification: unknown panel {spec.panel!r}, expected one of {list(PANELS)}")
    if spec.bound not in BOUNDS:
        raise ValueError(f"specification: unknown bound {spec.bound!r}, expected one of {list(BOUNDS)}")
    if spec.end <= spec.start:
        raise ValueError(f"specification: end must be after start, found {spec.start} to {spec.end}")


def check_frame(frame: pd.DataFrame) -> None:
    """Raise ValueError naming the fault unless the frame has one row a key with 0 <= count_min <= count_max."""
    need(frame, [*KEY, *COUNT_COLUMNS])
    some("growth", "counts of countries and years", frame)
    twice = frame.duplicated(KEY)
    if twice.any():
        indicator, iso3, year = frame.loc[twice, KEY].iloc[0]
        raise ValueError(f"growth: expected one row for {indicator!r}, {iso3}, {year}, found several; merge them")
    if frame[COUNT_COLUMNS].isna().to_numpy().any():
        raise ValueError("growth: expected both bounds in every row, found one missing; mend the row")
    if ((frame["count_min"] > frame["count_max"]) | (frame["count_min"] < 0)).any():
        raise ValueError("growth: expected 0 <= count_min <= count_max, found other; use exclude_corrupt first")


def need(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Raise ValueError unless the frame has the columns."""
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise ValueError(f"growth: expected columns {', '.join(absent)}, found {', '.join(frame.columns)}")
