"""Published estimates of a hidden population: what they count, what they state, how far they lie apart."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

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
# A country model's world total is the total it was fitted to; its countries are estimates of their own.
FITTED = ("World", "model")


@dataclass(frozen=True)
class Documentation:
    """How many estimates state method, interval and a separate definition: surely (`low`) and at most (`high`)."""

    estimates: int
    low: float
    high: float
    method: float


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
            f"global_estimates: method_class {unknown[0]!r} has no code; add it to compendium.estimates"
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
    """The share of estimates that state all three, unclear ones counted as not (`low`) and as stated (`high`)."""
    if table.empty:
        raise ValueError("documentation: no estimate to judge")
    codes = coded(table)[["method", "interval", "separate"]]
    surely = (codes == "yes").all(axis=1)
    possibly = (codes != "no").all(axis=1)
    return Documentation(
        len(table), float(surely.mean()), float(possibly.mean()), float((codes["method"] == "yes").mean())
    )


def spreads(table: pd.DataFrame) -> pd.DataFrame:
    """How far estimates of one concept, scope and kind lie apart.

    One row for each group of two or more estimates, largest first: scope, concept_group, kind, estimates,
    lowest, highest (persons), ratio.
    """
    groups = table.groupby(["scope", "concept_group", "kind"], sort=True)
    rows = groups.agg(estimates=("low", "size"), lowest=("low", "min"), highest=("high", "max")).reset_index()
    rows = rows[rows["estimates"] >= 2].assign(ratio=lambda d: d["highest"] / d["lowest"])
    return rows.sort_values("ratio", ascending=False).reset_index(drop=True)


def estimated_per_identified(estimated: float, identified: float) -> float:
    """How many people are estimated for each one identified."""
    if min(estimated, identified) <= 0:
        raise ValueError(f"both numbers must be positive, found {estimated} and {identified}")
    return estimated / identified
