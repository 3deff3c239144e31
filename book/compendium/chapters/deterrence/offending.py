"""Measures of trafficking in Cambodia that count no enforcement, and whether one reaches across the law."""

from __future__ import annotations

from typing import Any

import pandas as pd

from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words
from compendium.methods.counts import repeated
from compendium.methods.counts.repeated import Measured

LAW = 2008  # the year of the law: a value of that year stands on neither side


def measures() -> pd.DataFrame:
    """The values of every series of `offending_measures`, by id."""
    return tables.read("offending_measures").set_index("id")


def across(values: pd.DataFrame) -> list[tuple[Measured, Measured]]:
    """Return the last value before the law and the last after it, of every series with intervals on both sides."""
    pairs = []
    for _, series in values.dropna(subset=["value_low", "value_high"]).groupby("series"):
        before, after = series[series.year < LAW], series[series.year > LAW]
        if len(before) and len(after):
            pairs.append((_last(before), _last(after)))
    return pairs


def _last(rows: pd.DataFrame) -> Measured:
    row = rows.sort_values("year").iloc[-1]
    return Measured(float(row["value"]), float(row["value_low"]), float(row["value_high"]))


def numbers_of(values: pd.DataFrame) -> dict[str, float | None]:
    """How many series reach across the law, and the ends of after over before; None where none does."""
    pairs = across(values)
    changed = repeated.change(pairs) if pairs else None
    return {
        "offending_measures": len(pairs),
        "change_low": changed.low if changed else None,
        "change_high": changed.high if changed else None,
    }


def table_of_measures(values: pd.DataFrame) -> pd.DataFrame:
    """What was measured, by year, as the page shows it."""
    rows = values.sort_values(["year", "series"])
    table = pd.DataFrame(
        {
            "Year": rows.year,
            "What was measured": rows.measure,
            "Value": [_printed(row) for row in rows.itertuples()],
            "Source": rows.source,
            "Side of the law": ["before" if y < LAW else "after" if y > LAW else "its own year" for y in rows.year],
        }
    )
    return table.set_index("Year")


def _printed(row: Any) -> str:
    value, unit = row.value, row.unit
    return f"{value:g}%" if unit == "percent" else f"{count(value)} people"


def words_on_measures(values: pd.DataFrame) -> dict[str, str]:
    """How many measures there are, and how many of them reach across the law."""
    both = len(across(values))
    return {
        "measures": in_words(len(values)),
        "series": in_words(values.series.nunique()),
        "series_across": in_words(both) if both else "none",
        "forced_2003": count(values.value["steinfatt-baker-2003"]),
        "forced_2008": count(values.value["uniap-2008"]),
        "minors_before": f"{values.value['ijm-2012']:g}%",
        "minors_after": f"{values.value['ijm-2015']:g}%",
    }
