"""Where a figure came from and what it became: arithmetic on published totals, and the graph of who cites whom."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import pandas as pd

# What happened to the meaning of a figure between the cited and the citing document, in six kinds.
KINDS = {
    "faithful": "kept",
    "rounding": "kept",
    "concept": "other concept",
    "composition": "other concept",
    "profit_to_revenue": "other concept",
    "denominator": "other people counted",
    "scope": "other people counted",
    "share_of_countries_as_persons": "other people counted",
    "mixed_vintages": "other people counted",
    "stock_to_flow": "other unit or size",
    "magnitude": "other unit or size",
    "currency": "other unit or size",
    "rebased": "other unit or size",
    "stale": "other date or source",
    "attribution": "other date or source",
    "same_author": "other date or source",
    "no_source": "other date or source",
    "inconsistent": "other date or source",
    "critique": "criticised",
}
KIND_ORDER = (
    "kept",
    "other concept",
    "other people counted",
    "other unit or size",
    "other date or source",
    "criticised",
)


@dataclass(frozen=True)
class Rounded:
    """A printed number with the interval of values that round to it."""

    low: float
    value: float
    high: float


def rounded(value: float, step: float) -> Rounded:
    """The values that round to `value` when rounding to multiples of `step`: half a step either way."""
    if not (step > 0 and isfinite(value)):
        raise ValueError(f"expected a number and a positive rounding step, found {value} and {step}")
    return Rounded(value - step / 2, value, value + step / 2)


def ratio(part: Rounded, whole: Rounded) -> Rounded:
    """The ratio of two rounded positive numbers, with the widest interval that their rounding allows."""
    if min(part.low, whole.low) <= 0:
        raise ValueError(f"both numbers must be positive, found {part} and {whole}")
    return Rounded(part.low / whole.high, part.value / whole.value, part.high / whole.low)


def per_person(dollars: float, people: float) -> float:
    """US dollars for each person: a total of dollars over a number of people."""
    if not people > 0:
        raise ValueError(f"the number of people must be positive, found {people}")
    if not isfinite(dollars):
        raise ValueError(f"the dollars must be a finite number, found {dollars}")
    return dollars / people


def spread(totals: pd.DataFrame) -> float:
    """The highest over the lowest published value; a published range counts with both of its ends.

    `totals` has the columns value_usd, value_usd_low, value_usd_high (US dollars, missing where not printed).
    """
    printed = totals[["value_usd", "value_usd_low", "value_usd_high"]].melt()["value"].dropna()
    if printed.empty:
        raise ValueError("no published value to compare")
    if not printed.min() > 0:
        raise ValueError(f"spread: expected published values above 0, found {printed.min():g}")
    return float(printed.max() / printed.min())


def links(lineage: pd.DataFrame) -> pd.DataFrame:
    """The edges of the citation graph with their place: one row each, `x` in years, `y` in lanes from the top.

    Columns added: kind (one of KIND_ORDER), lane (the figure's family), x and y of both ends.
    Documents of the same year and lane stand beside each other, in the order of the table.
    Raises ValueError naming an unknown kind of change.
    """
    unknown = sorted(set(lineage["change"]) - set(KINDS))
    if unknown:
        raise ValueError(f"claim_lineage: change {unknown[0]!r} has no kind; known: {', '.join(KINDS)}")
    edges = lineage.assign(kind=lineage["change"].map(KINDS)).reset_index(drop=True)
    lanes = list(dict.fromkeys(edges["figure_family"]))
    ends = pd.concat(
        [
            edges[["figure_family", "cited", "cited_year"]].set_axis(["lane", "document", "year"], axis=1),
            edges[["figure_family", "citing", "citing_year"]].set_axis(["lane", "document", "year"], axis=1),
        ]
    )
    ends = ends.drop_duplicates(["lane", "document"]).dropna(subset="year")
    seat = ends.groupby(["lane", "year"]).cumcount()
    seats = ends.groupby(["lane", "year"])["document"].transform("size")
    ends["y"] = ends["lane"].map(lanes.index) + (seat - (seats - 1) / 2) * 0.8 / seats.clip(lower=2)
    place = ends.set_index(["lane", "document"])
    for end, column in (("cited", "cited"), ("citing", "citing")):
        at = pd.MultiIndex.from_frame(edges[["figure_family", column]])
        edges[f"{end}_x"] = place["year"].reindex(at).to_numpy(dtype="float64", na_value=float("nan"))
        edges[f"{end}_y"] = place["y"].reindex(at).to_numpy()
    return edges.rename(columns={"figure_family": "lane"})
