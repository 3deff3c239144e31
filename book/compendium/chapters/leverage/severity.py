"""Whether penalties rise after a bad rating: the highest term for trafficking, by country and year."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from compendium.chapters.leverage.panel import Panel
from compendium.evidence import tables
from compendium.evidence.numbers import in_words, listing
from compendium.methods.law import penalties
from compendium.methods.law.riskset import PLACED_TIERS, RANKED_TIERS
from compendium.methods.shares import clusters

ENOUGH = 10  # countries whose penalties are known over time
OFFENCE = "trafficking"


def by_year(panel: Panel, unverified: bool = False) -> pd.DataFrame:
    """Years in which a rise of the highest term was possible, one row each: iso3, year, rose, placed (0 or 1).

    A country's laws are its rows on trafficking in cambodia_penalties, the unverified only if asked for.
    The term of a year is the highest of those in force at its end, in any form. A year counts if the one before is
    known too and the report of the year before ranked the country; the United States is left out.
    """
    known = tables.read("cambodia_penalties")
    known = known[known.offence_group.eq(OFFENCE) & (known.status.ne(penalties.UNVERIFIED) | unverified)]
    codes = panel.world.drop_duplicates("iso3").set_index("name").iso3
    ranks = panel.tiers[panel.tiers.tier.isin(RANKED_TIERS)].set_index(["iso3", "year"]).tier
    rows = []
    for country, laws in known.groupby("jurisdiction"):
        iso3 = _code(str(country), codes)
        if iso3 is None or iso3 == "USA":
            continue
        first, last = int(panel.tiers.year.min()), int(panel.tiers.year.max()) + 1
        terms = _highest(laws, range(first, last + 1))
        for year in range(first + 1, last + 1):
            before, after = terms[year - 1], terms[year]
            tier = ranks.get((iso3, year - 1))
            if before is not None and after is not None and tier is not None:
                rows.append((iso3, year, int(after > before), int(tier in PLACED_TIERS)))
    return pd.DataFrame(rows, columns=["iso3", "year", "rose", "placed"])


def _code(country: str, codes: pd.Series) -> str | None:
    """The ISO code of a country by its name, or by the beginning of its official name."""
    names = [name for name in codes.index if name == country or name.startswith((f"{country},", f"{country} ("))]
    known = {"Lao PDR": "LAO", "United States": "USA"}
    return known.get(country) or (str(codes[names[0]]) if names else None)


def _highest(laws: pd.DataFrame, years: Iterable[int]) -> dict[int, float | None]:
    """The highest term in force at the end of each year, over all forms; None where none is known."""
    forms: tuple[penalties.Form, ...] = ("base", "aggravated")
    ranges = {law: [penalties.penalty(laws, law, form) for form in forms] for law in laws.id}
    ends = {law: [end.ceiling for end in both if end and end.ceiling is not None] for law, both in ranges.items()}
    in_force = {year: penalties.in_force(laws, f"{year}-12-31").id for year in years}
    return {year: max((end for law in now for end in ends[law]), default=None) for year, now in in_force.items()}


def severe_penalties(panel: Panel, unverified: bool = False) -> dict[str, float | None]:
    """The numbers of the claim: countries known over time, and how much oftener terms rose after a bad rating.

    The difference is in percentage points a year, with an interval over redrawn countries; it is computed only
    where enough countries are known.
    """
    rows = by_year(panel, unverified)
    countries = rows.iso3.nunique()
    numbers: dict[str, float | None] = {"countries": countries, "rises": int(rows.rose.sum())}
    if countries < ENOUGH:
        return numbers | {"difference_low": None, "difference_high": None}
    found = clusters.resampled(rows, "iso3", _difference)
    return numbers | {"difference_low": found.low, "difference_high": found.high}


def severe_penalties_alternatives(panel: Panel) -> dict[str, dict[str, float | None]]:
    """The same numbers with the penalties that no text confirms."""
    return {"with-unverified": severe_penalties(panel, unverified=True)}


def _difference(rows: pd.DataFrame) -> float:
    """Percentage points by which terms rose more often after a bad rating; no number if one side has no year."""
    shares: Any = rows.groupby("placed").rose.mean()
    return 100 * float(shares[1] - shares[0]) if len(shares) == 2 else math.nan


def words_on_severity(panel: Panel) -> dict[str, str]:
    """How many countries' penalties are known over time, and which raised them."""
    rows = by_year(panel)
    names = panel.world.drop_duplicates("iso3").set_index("iso3").name
    rose: Any = rows[rows.rose.eq(1)].itertuples()
    told = [f"{names[row.iso3].split(',')[0]} in {row.year}" for row in rose]
    return {
        "known_countries": in_words(rows.iso3.nunique()),
        "needed_countries": in_words(ENOUGH),
        "rises": "once" if len(told) == 1 else f"{in_words(len(told))} times",
        "raised": listing(told) if told else "none",
    }
