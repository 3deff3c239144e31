"""Published estimates of a hidden population: what they count, what they state, how far they lie apart."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from compendium.methods.checks import some, within

# Concepts that are estimates of people; the others in the table are parts or denominators.
CONCEPTS = {
    "trafficking": "trafficking",
    "forced_labour": "forced labour",
    "slavery": "slavery",
    "modern_slavery": "modern slavery",
}
METHOD_STATED = {
    "capture_recapture",
    "survey",
    "field_count",
    "survey_extrapolation",
    "country_extrapolation",
    "model",
}
METHOD_MISSING = {"none_stated", "government_undocumented", "author_approximation"}
NOT_OWN = {"restatement", "official_count"}
UNVERIFIED = "unverified"
REGIONS = ("Asia-Pacific", "Industrialised", "Latin America & Caribbean", "Sub-Saharan Africa")  # parts of a total
# A country model's world total is the total it was fitted to; its countries are estimates of their own.
FITTED = ("World", "model")


@dataclass(frozen=True)
class Documentation:
    """Of so many estimates: how many state a method, a method and a margin together, and trafficking apart.

    `surely` counts margins that were read, `possibly` also those that may stand in a text that was not read;
    `separate` counts, of those with a method, the ones of trafficking and nothing else.
    """

    estimates: int
    method: int
    surely: int
    possibly: int
    separate: int


def headlines(table: pd.DataFrame) -> pd.DataFrame:
    """The own, confirmed estimates of people in the world or in Cambodia, one row each.

    Left out: restatements of somebody else's figure, official counts, unverified rows, regions, world totals of
    a country model (they are the totals it was fitted to), and parts within one concept. A total of one concept
    inside a wider one stays: the forced labour in an estimate of modern slavery, the trafficked part of forced
    labour. Columns added: low, high (persons; the printed ends or the centre).
    Raises ValueError for a class of method that has no code.
    """
    unknown = sorted(set(table["method_class"]) - METHOD_STATED - METHOD_MISSING - NOT_OWN)
    if unknown:
        raise ValueError(
            f"global_estimates: method_class {unknown[0]!r} has no code; add it to methods.counts.estimates"
        )
    own = table[
        table["concept_group"].isin(CONCEPTS)
        & table["kind"].isin(["stock", "flow"])
        & table["scope"].isin(["World", "Cambodia"])
        & ~table["method_class"].isin(NOT_OWN)
        & table["status"].ne(UNVERIFIED)
        & ~(table["scope"].eq(FITTED[0]) & table["method_class"].eq(FITTED[1]))
        & ~table["concept"].str.contains("exploitation|privately|private economy", regex=True)
    ]
    return with_ends(own)


def with_ends(table: pd.DataFrame) -> pd.DataFrame:
    """The table with `low` and `high`: the printed ends, or the centre where an end is not printed."""
    low = table["value_low"].fillna(table["value_central"]).fillna(table["value_high"])
    high = table["value_high"].fillna(table["value_central"]).fillna(table["value_low"])
    return table.assign(low=low, high=high).reset_index(drop=True)


def coded(table: pd.DataFrame) -> pd.DataFrame:
    """Each estimate with what it states: columns method, interval, separate (yes, no, unclear).

    A method is stated if its class names one. An interval is stated if a standard error is printed; it is
    unclear where a method is stated and no margin was seen, since one may stand in an annex or a report that
    was not read; a bare range without a method is none. A definition is separate if the estimate is of
    trafficking and nothing else.
    """
    method = table["method_class"].isin(METHOD_STATED)
    interval = (
        pd.Series("no", index=table.index).mask(method, "unclear").mask(table["standard_error"].notna(), "yes")
    )
    return table.assign(
        method=method.map({True: "yes", False: "no"}),
        interval=interval,
        separate=table["concept_group"].eq("trafficking").map({True: "yes", False: "no"}),
    )


def documentation(table: pd.DataFrame) -> Documentation:
    """Count what the estimates state, by `coded`; ValueError if there is none."""
    if table.empty:
        raise ValueError("documentation: expected at least one estimate; found none; give rows of estimates")
    codes = coded(table)
    method = codes["method"] == "yes"
    return Documentation(
        len(table),
        int(method.sum()),
        int((method & (codes["interval"] == "yes")).sum()),
        int((method & (codes["interval"] != "no")).sum()),
        int((method & (codes["separate"] == "yes")).sum()),
    )


def pairs(
    table: pd.DataFrame, *, by: str = "counts_same_as", years: int = 5, any_publisher: bool = False
) -> pd.DataFrame:
    """Every two estimates that are like for like: first, second, least and greatest ratio, label.

    Like for like are two with one label in the column `by`, of publishers that share no name, whose years (the
    last they describe, else that of publication) lie at most `years` apart. The least ratio is that of the nearest
    ends of the two printed ranges, and 1 where they overlap; the greatest is that of the farthest ends.
    """
    within("pairs", 0, np.inf, years=years)
    dated = table.assign(year=table["reference_to"].fillna(table["year_published"])).dropna(subset=[by, "year"])
    rows = []
    one: Any
    two: Any
    for label, group in dated.groupby(by, sort=True):
        for one, two in combinations(group.sort_values(["year", "id"]).itertuples(), 2):
            near = abs(one.year - two.year) <= years
            if near and (any_publisher or not _names(one.publisher) & _names(two.publisher)):
                least = max(one.low / two.high, two.low / one.high, 1.0)
                greatest = max(one.high / two.low, two.high / one.low)
                rows.append((one.id, two.id, least, greatest, label))
    return pd.DataFrame(rows, columns=["first", "second", "least", "greatest", "label"])


def _names(publisher: object) -> set[str]:
    """The names of a publisher that may be several."""
    return {name.strip() for name in str(publisher).replace(";", "/").split("/")}


def spreads(table: pd.DataFrame) -> pd.DataFrame:
    """How far estimates of one concept, scope and kind lie apart.

    One row for each group of two or more estimates, largest first: scope, concept_group, kind, estimates,
    lowest, highest (persons), ratio.
    """
    some("spreads", "estimates", table)
    groups = table.groupby(["scope", "concept_group", "kind"], sort=True)
    rows = groups.agg(estimates=("low", "size"), lowest=("low", "min"), highest=("high", "max")).reset_index()
    rows = rows[rows["estimates"] >= 2].assign(ratio=lambda d: d["highest"] / d["lowest"])
    return rows.sort_values("ratio", ascending=False).reset_index(drop=True)


def estimated_per_identified(estimated: float, identified: float) -> float:
    """How many people are estimated for each one identified."""
    if not (estimated > 0 and identified > 0):
        raise ValueError(f"both numbers must be positive, found {estimated} and {identified}")
    return estimated / identified
