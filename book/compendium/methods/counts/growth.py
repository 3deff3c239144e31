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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods.checks import some, within
from compendium.methods.counts.specifications import (
    BOUNDS,
    COMPUTED,
    COUNT_COLUMNS,
    EXCLUSION_RULES,
    NOBODY,
    PANELS,
    Curve,
    Specification,
    check_frame,
    end_over_start,
    has_sign,
    need,
    signs_of,
)

CORRUPT_CEILING = 50_000
CORRUPTION_RULES: Mapping[str, str] = {
    "questionnaire code": "a text cell holds a questionnaire cell's name instead of a category",
    "above ceiling": "the count exceeds what any country has reported",
    "negative": "the count is below zero",
    "bounds reversed": "the lower bound exceeds the upper",
}
_QUESTIONNAIRE_CODE = r"^Q\d+(?:\.\d+)*_"


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
    need(frame, COUNT_COLUMNS)
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
    within("largest_reporters", 0, np.inf, largest=largest)
    rows = frame.loc[frame["indicator"] == indicator]
    some("largest_reporters", f"rows of {indicator}", rows)
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
    check_frame(frame)
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
    curve = Curve.of(frame, specifications, minimum_countries)
    fields = list(Specification.__dataclass_fields__)
    table = pd.DataFrame([attrgetter(*fields)(spec) for spec in specifications], columns=fields)
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
    table["sign"] = np.where(computed, signs_of(ratio_low, ratio_high), "")
    return table


def share_of_signs(results: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Summarise the computed rows of `run`: one row per group of `by`, or one row for all.

    Columns: the group; specifications; growth, decline, unchanged, undetermined (shares of them); median_low
    and median_high (bounds of the median ratio). Specifications share data: a share of them is no
    probability.
    """
    computed = results.loc[results["status"] == COMPUTED]
    some("share_of_signs", "computed specifications", computed)
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


@dataclass(frozen=True)
class Resampled:
    """The signs of computed specifications, for the countries as published and for countries drawn anew.

    `published` has shape (specifications,), `drawn` (specifications, draws): whether each has the sign. `at` are
    the places of the computed specifications in the list that was given.
    """

    at: NDArray[np.int64]
    published: NDArray[np.bool_]
    drawn: NDArray[np.bool_]

    def share(self, kept: NDArray[np.bool_] | None = None, level: float = 0.95) -> Share:
        """Return the share of the kept specifications that have the sign, with its percentile interval."""
        some = np.ones(len(self.at), dtype=bool) if kept is None else kept
        hits = self.drawn[some].mean(axis=0)
        tail = (1 - level) / 2
        ends = float(np.quantile(hits, tail)), float(np.quantile(hits, 1 - tail))
        return Share(float(self.published[some].mean()), *ends, level, self.drawn.shape[1])


def resample(
    frame: pd.DataFrame,
    specifications: Sequence[Specification],
    *,
    sign: str = "growth",
    minimum_countries: int = 10,
    draws: int = 500,
    seed: int = 0,
) -> Resampled:
    """Return which computed specifications have a sign, as published and for resampled countries.

    Countries are drawn with replacement, each with its whole history in every indicator, and the whole curve
    is computed again for every draw. Which specifications count is fixed by the data as published. Raises
    ValueError if none can be computed.
    """
    curve = Curve.of(frame, specifications, minimum_countries)
    kept = np.flatnonzero(curve.status == COMPUTED)
    if kept.size == 0:
        raise ValueError("resample: expected at least one computed specification, found none; widen the grid")
    curve, size = curve.only(kept), len(curve.countries)
    weights = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=draws)
    drawn = np.empty((kept.size, draws), dtype=bool)
    for first in range(0, draws, 50):
        block = weights[first : first + 50].T.astype(float)
        drawn[:, first : first + 50] = has_sign(sign, *curve.ratios(curve.sums(block)))
    return Resampled(kept, has_sign(sign, *curve.ratios(curve.sums())), drawn)


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

    By `resample`. Read the interval as how far the share hangs on which countries are in the table: where one
    reporter decides the sign it is wide and lopsided, and the published share may lie near its end.
    """
    drawn = resample(frame, specifications, sign=sign, minimum_countries=minimum_countries, draws=draws, seed=seed)
    return drawn.share(level=level)


def country_growth(frame: pd.DataFrame, indicator: str, start: int, end: int) -> pd.DataFrame:
    """Return bounds on each country's annual growth between two years: iso3, annual_low, annual_high.

    A country that reported exactly zero twice is unchanged; a rise from zero is infinite. Medians and shares,
    which this table is for, are well defined all the same.
    """
    check_frame(frame)
    if end <= start:
        raise ValueError(f"country_growth: end must be after start, found {start} to {end}")
    rows = frame.loc[frame["indicator"] == indicator].set_index("iso3")
    before = rows.loc[rows["year"] == start, COUNT_COLUMNS]
    after = rows.loc[rows["year"] == end, COUNT_COLUMNS]
    both = before.add_suffix("_start").join(after.add_suffix("_end"), how="inner").sort_index().astype(float)
    low = end_over_start(both["count_min_end"].to_numpy(), both["count_max_start"].to_numpy())
    high = end_over_start(both["count_max_end"].to_numpy(), both["count_min_start"].to_numpy())
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
