"""How far a reported total grew, under every defensible way of comparing two years.

Countries report to UNODC in some years and not in others, and counts below five are published as bounds. A
sum over whoever reported is therefore not a trend. One `Specification` fixes every choice; `declare_grid`
lists them all; `run` computes them all, so that the sign of growth can be read across the curve and not from
one favoured cell.

Frames have one row per indicator, country and year: indicator, iso3, year, count_min, count_max (persons). A
suppressed count is the pair of its bounds and is never replaced by a number between them.

Sources: Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4, for the specification curve; Manski
(2003), Partial Identification of Probability Distributions, for bounds; Efron and Tibshirani (1993) for the
bootstrap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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

CORRUPT_CEILING = 50_000
CORRUPTION_RULES: Mapping[str, str] = {
    "questionnaire code": "a text cell holds a questionnaire cell's name instead of a category",
    "above ceiling": "the count exceeds what any country has reported",
    "negative": "the count is below zero",
    "bounds reversed": "the lower bound exceeds the upper",
}
_QUESTIONNAIRE_CODE = r"^Q\d+(?:\.\d+)*_"
_COUNT_COLUMNS = ["count_min", "count_max"]
_KEY = ["indicator", "iso3", "year"]


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
class Share:
    """A share of specifications with its bootstrap interval over countries."""

    estimate: float
    low: float
    high: float
    level: float
    draws: int


@dataclass(frozen=True)
class MedianGrowth:
    """The median country's annual growth (0.1 is ten per cent a year) in a constant panel.

    `estimate_low` and `estimate_high` bound the sample median under suppression; `low` and `high` add
    sampling error to either side. `growing_low` and `growing_high` bound the share of countries that grew.
    """

    indicator: str
    start: int
    end: int
    countries: int
    estimate_low: float
    estimate_high: float
    low: float
    high: float
    growing_low: float
    growing_high: float
    level: float
    draws: int


def exclude_corrupt(frame: pd.DataFrame, ceiling: int = CORRUPT_CEILING) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split a frame into rows that can be counts and rows that cannot, by `CORRUPTION_RULES`.

    The second frame has a column `reason`, the first rule that the row breaks. Text columns are searched for
    names of questionnaire cells. Raises ValueError where a bound is missing.
    """
    _need(frame, _COUNT_COLUMNS)
    low, high = frame["count_min"], frame["count_max"]
    missing = low.isna() | high.isna()
    if missing.any():
        raise ValueError(
            f"growth: expected both bounds in every row, row {frame.index[missing][0]} has none; mend it"
        )
    texts = [name for name in frame.columns if pd.api.types.is_string_dtype(frame[name])]
    coded = pd.Series(False, index=frame.index)
    for name in texts:
        coded |= frame[name].astype("string").str.contains(_QUESTIONNAIRE_CODE, na=False).astype(bool)
    broken = {
        "questionnaire code": coded,
        "above ceiling": high > ceiling,
        "negative": low < 0,
        "bounds reversed": low > high,
    }
    reason = pd.Series("", index=frame.index, dtype="str")
    for rule in reversed(list(CORRUPTION_RULES)):
        reason = reason.mask(broken[rule].astype(bool), rule)
    bad = reason != ""
    return frame.loc[~bad].reset_index(drop=True), frame.loc[bad].assign(reason=reason[bad]).reset_index(drop=True)


def largest_reporters(frame: pd.DataFrame, indicator: str, largest: int) -> list[str]:
    """Return the ISO codes of the `largest` reporters of an indicator, by highest count in any one year.

    The peak and not the sum, because one year's count is what moves a comparison of two years. Ties go by
    code.
    """
    rows = frame.loc[frame["indicator"] == indicator]
    peaks = rows.groupby("iso3")["count_max"].max().sort_index()
    return [str(code) for code in peaks.sort_values(ascending=False, kind="stable").index[:largest]]


def declare_grid(frame: pd.DataFrame, *, minimum_gap: int = 3, largest: int = 5) -> list[Specification]:
    """Declare every specification: all combinations of the choices below, in this order.

    | choice | options |
    |---|---|
    | indicator | every indicator in the frame |
    | panel | raw, constant, balanced |
    | bound | low, high, adverse |
    | excluding | nobody, or one of the `largest` reporters of the indicator |
    | start, end | every pair of the indicator's years at least `minimum_gap` years apart |

    `run` then sets aside those that `EXCLUSION_RULES` name.
    """
    _check_frame(frame)
    return [
        Specification(indicator, panel, bound, excluding, start, end)
        for indicator in sorted(frame["indicator"].unique())
        for years in [sorted(int(y) for y in frame.loc[frame["indicator"] == indicator, "year"].unique())]
        for excluded in [[NOBODY, *largest_reporters(frame, indicator, largest)]]
        for panel in PANELS
        for bound in BOUNDS
        for excluding in excluded
        for start in years
        for end in years
        if end - start >= minimum_gap
    ]


def run(
    frame: pd.DataFrame, specifications: Sequence[Specification], *, minimum_countries: int = 10
) -> pd.DataFrame:
    """Compute every specification; returns one row each, in the order given.

    Columns: the specification's fields; status ("computed" or a key of `EXCLUSION_RULES`); countries_start
    and countries_end; start_low, start_high, end_low, end_high (persons); ratio_low and ratio_high (end over
    start; equal unless the bound is adverse); annual_low and annual_high (growth a year); sign (growth,
    decline, unchanged or undetermined). Figures are missing and sign is empty where the status is not
    "computed".
    """
    curve = _Curve.of(frame, specifications, minimum_countries)
    table = pd.DataFrame([astuple(s) for s in specifications], columns=list(Specification.__dataclass_fields__))
    sums = curve.sums()
    computed = curve.status == COMPUTED
    ratio_low, ratio_high = curve.ratios(sums)
    years = (table["end"] - table["start"]).to_numpy(dtype=float)
    table["status"] = curve.status
    table["countries_start"], table["countries_end"] = curve.counts[:, 0], curve.counts[:, 1]
    for column, total in zip(("start_low", "start_high", "end_low", "end_high"), sums, strict=True):
        table[column] = np.where(computed, total, np.nan)
    table["ratio_low"] = np.where(computed, ratio_low, np.nan)
    table["ratio_high"] = np.where(computed, ratio_high, np.nan)
    table["annual_low"] = table["ratio_low"] ** (1 / years) - 1
    table["annual_high"] = table["ratio_high"] ** (1 / years) - 1
    table["sign"] = np.where(computed, _signs(ratio_low, ratio_high), "")
    return table


def share_of_signs(results: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Summarise the computed rows of `run`: one row per group of `by`, or one row for all.

    Columns: the group; specifications; growth, decline, unchanged, undetermined (shares of them); median_low
    and median_high (bounds of the median ratio). Specifications share data: a share of them is no
    probability.
    """
    computed = results.loc[results["status"] == COMPUTED]
    signs = pd.get_dummies(computed["sign"]).reindex(
        columns=["growth", "decline", "unchanged", "undetermined"], fill_value=False
    )
    parts = pd.concat([computed[[*by, "ratio_low", "ratio_high"]], signs.astype(float)], axis=1)
    groups = [((), parts)] if not by else list(parts.groupby(list(by), sort=True))
    return pd.DataFrame(
        {
            **dict(zip(by, key, strict=True)),
            "specifications": len(rows),
            **{name: float(rows[name].mean()) for name in signs.columns},
            "median_low": float(rows["ratio_low"].median()),
            "median_high": float(rows["ratio_high"].median()),
        }
        for key, rows in groups
    )


def exclusions(results: pd.DataFrame) -> pd.DataFrame:
    """Return how many declared specifications each rule set aside: columns rule, meaning, specifications."""
    counted = results["status"].value_counts()
    return pd.DataFrame(
        [(rule, meaning, int(counted.get(rule, 0))) for rule, meaning in EXCLUSION_RULES.items()],
        columns=["rule", "meaning", "specifications"],
    )


def bootstrap_share(
    frame: pd.DataFrame,
    specifications: Sequence[Specification],
    *,
    sign: str = "growth",
    minimum_countries: int = 10,
    draws: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> Share:
    """Return the share of specifications with a sign, with a percentile interval over resampled countries.

    Countries are drawn with replacement, each with its whole history in every indicator, and the whole curve
    is computed again for every draw. Which specifications count is fixed by the data as published.

    Read the interval as how far the share hangs on which countries are in the table: where one reporter decides
    the sign it is wide and lopsided, and the published share may lie near its end.
    """
    curve = _Curve.of(frame, specifications, minimum_countries)
    kept = np.flatnonzero(curve.status == COMPUTED)
    if kept.size == 0:
        raise ValueError(
            "bootstrap_share: expected at least one computed specification, found none; widen the grid"
        )
    size = len(curve.countries)
    weights = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=draws)
    hits = np.empty(draws)
    for first in range(0, draws, 50):
        block = weights[first : first + 50].T.astype(float)
        low, high = curve.ratios(curve.sums(block))
        hits[first : first + 50] = (_signs(low[kept], high[kept]) == sign).mean(axis=0)
    low, high = curve.ratios(curve.sums())
    tail = (1 - level) / 2
    return Share(
        float((_signs(low[kept], high[kept]) == sign).mean()),
        float(np.quantile(hits, tail)),
        float(np.quantile(hits, 1 - tail)),
        level,
        draws,
    )


def country_growth(frame: pd.DataFrame, indicator: str, start: int, end: int) -> pd.DataFrame:
    """Return bounds on each country's annual growth between two years: iso3, annual_low, annual_high.

    A country that reported exactly zero twice is unchanged; a rise from zero is infinite. Medians and shares,
    which this table is for, are well defined all the same.
    """
    _check_frame(frame)
    if end <= start:
        raise ValueError(f"country_growth: end must be after start, found {start} to {end}")
    rows = frame.loc[frame["indicator"] == indicator].set_index("iso3")
    before = rows.loc[rows["year"] == start, _COUNT_COLUMNS]
    after = rows.loc[rows["year"] == end, _COUNT_COLUMNS]
    both = before.add_suffix("_start").join(after.add_suffix("_end"), how="inner").sort_index().astype(float)
    low = _ratio(both["count_min_end"].to_numpy(), both["count_max_start"].to_numpy())
    high = _ratio(both["count_max_end"].to_numpy(), both["count_min_start"].to_numpy())
    power = 1 / (end - start)
    return pd.DataFrame(
        {"iso3": both.index.to_numpy(), "annual_low": low**power - 1, "annual_high": high**power - 1}
    )


def median_annual_growth(
    frame: pd.DataFrame,
    indicator: str,
    start: int,
    end: int,
    *,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> MedianGrowth:
    """Return the median country's annual growth in the constant panel, with bounds and an interval.

    A country counts once whatever its size, so no single reporter can make the answer. The interval resamples
    countries with replacement: the outer percentiles of the median at the lower and at the upper bounds.
    """
    growth = country_growth(frame, indicator, start, end)
    if len(growth) < 2:
        raise ValueError(
            f"median_annual_growth: {indicator!r} {start}-{end}: "
            f"expected two countries or more in both years, found {len(growth)}"
        )
    low, high = growth["annual_low"].to_numpy(), growth["annual_high"].to_numpy()
    picks = np.random.default_rng(seed).integers(0, len(growth), size=(draws, len(growth)))
    tail = (1 - level) / 2
    return MedianGrowth(
        indicator,
        start,
        end,
        len(growth),
        float(np.median(low)),
        float(np.median(high)),
        # Medians may be infinite where counts rise from zero: no interpolation between draws.
        float(np.quantile(np.median(low[picks], axis=1), tail, method="lower")),
        float(np.quantile(np.median(high[picks], axis=1), 1 - tail, method="higher")),
        float((low > 0).mean()),
        float((high > 0).mean()),
        level,
        draws,
    )


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
class _Curve:
    """All specifications as rows of four country-by-cell matrices, so that a (re)weighted sum is one product."""

    countries: list[str]
    status: NDArray[np.str_]
    counts: NDArray[np.int64]
    bound: NDArray[np.str_]
    cell: NDArray[np.int64]
    blocks: tuple[NDArray[np.float64], ...]

    @classmethod
    def of(cls, frame: pd.DataFrame, specifications: Sequence[Specification], minimum_countries: int) -> _Curve:
        _check_frame(frame)
        countries = sorted(frame["iso3"].unique())
        position = {code: at for at, code in enumerate(countries)}
        cubes = {str(name): _Cube.of(rows, countries) for name, rows in frame.groupby("indicator", sort=True)}
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
                if min(sizes) == 0:
                    status = "no report"
                elif min(sizes) < minimum_countries:
                    status = "thin panel"
                elif spec.excluding != NOBODY and not present:
                    status = "excluded not in panel"
                elif spec.panel == "balanced" and np.array_equal(in_start, constant):
                    status = "same as constant"
                else:
                    status = COMPUTED
                cells[key] = len(rows)
                rows.append((*cube.counts(in_start, spec.start), *cube.counts(in_end, spec.end)))
                found.append((status, *sizes))
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
        totals = (block.sum(axis=1) if weights is None else block @ weights for block in self.blocks)
        return tuple(total[self.cell] for total in totals)

    def ratios(self, sums: tuple[NDArray[np.float64], ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        start_low, start_high, end_low, end_high = sums
        shape = (-1,) + (1,) * (start_low.ndim - 1)
        low_bound = (self.bound == "low").reshape(shape)
        high_bound = (self.bound == "high").reshape(shape)
        least = _ratio(np.where(high_bound, end_high, end_low), np.where(low_bound, start_low, start_high))
        most = _ratio(np.where(low_bound, end_low, end_high), np.where(high_bound, start_high, start_low))
        return least, most


def _ratio(end: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((start == 0) & (end == 0), 1.0, end / start)


def _signs(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.str_]:
    return np.select(
        [low > 1, high < 1, (low == 1) & (high == 1)],
        ["growth", "decline", "unchanged"],
        default="undetermined",
    )


def _check_specification(spec: Specification, cubes: Mapping[str, _Cube]) -> None:
    if spec.indicator not in cubes:
        raise ValueError(f"specification: unknown indicator {spec.indicator!r}, expected one of {sorted(cubes)}")
    if spec.panel not in PANELS:
        raise ValueError(f"specification: unknown panel {spec.panel!r}, expected one of {list(PANELS)}")
    if spec.bound not in BOUNDS:
        raise ValueError(f"specification: unknown bound {spec.bound!r}, expected one of {list(BOUNDS)}")
    if spec.end <= spec.start:
        raise ValueError(f"specification: end must be after start, found {spec.start} to {spec.end}")


def _check_frame(frame: pd.DataFrame) -> None:
    _need(frame, [*_KEY, *_COUNT_COLUMNS])
    twice = frame.duplicated(_KEY)
    if twice.any():
        indicator, iso3, year = frame.loc[twice, _KEY].iloc[0]
        raise ValueError(f"growth: expected one row for {indicator!r}, {iso3}, {year}, found several; merge them")
    if frame[_COUNT_COLUMNS].isna().to_numpy().any():
        raise ValueError("growth: expected both bounds in every row, found one missing; mend the row")
    if ((frame["count_min"] > frame["count_max"]) | (frame["count_min"] < 0)).any():
        raise ValueError("growth: expected 0 <= count_min <= count_max, found other; use exclude_corrupt first")


def _need(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise ValueError(f"growth: expected columns {', '.join(absent)}, found {', '.join(frame.columns)}")
