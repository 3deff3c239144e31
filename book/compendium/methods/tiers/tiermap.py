"""Every country's whole tier history, and the shapes and points that put it on a map.

A history is a string with one letter for each report year from `FIRST` to `LAST`, so that a chart can look a year
up: the letters are those of `WORDS`. A country that a complete list does not name was not in the report, if the
special cases of that report were read too; one that any other list does not name was not read.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

FIRST, LAST = 2001, 2025
YEARS = range(FIRST, LAST + 1)
NOT_READ, NOT_IN_REPORT = "?", "-"
LETTERS: Mapping[str, str] = {"1": "1", "2": "2", "2WL": "W", "3": "3", "SC": "S"}
WORDS: Mapping[str, str] = {
    "1": "Tier 1",
    "2": "Tier 2",
    "W": "Watch List",
    "3": "Tier 3",
    "S": "special case",
    NOT_IN_REPORT: "not in the report",
    NOT_READ: "not read",
}
RANKED = "12W3"  # best to worst
COVERAGE: Mapping[str, str] = {
    "complete": "complete list",
    "closed": "complete with tiers that were inferred",
    "cambodia_only": "no list read, Cambodia only",
}
WHOLE = ("complete", "closed")  # lists that leave no ranked country out
# Rated by one source only, which does not tell Tier 2 from the Watch List; and left open in a closed list (see the
# dictionary of tip_tiers).
UNCLEAR = (("TLS", 2010), ("HTI", 2024))
# States that the reports rated as one before they parted, and the earlier name under which islands were rated.
PREDECESSORS: Mapping[str, str] = {"SRB": "SCG", "MNE": "SCG", "CUW": "ANT"}


def coverage(tiers: pd.DataFrame) -> pd.Series:
    """How much of each year's list was read, one of `COVERAGE`, by report year."""
    kinds = tiers.groupby("year")["year_coverage"].unique()
    if set(kinds.index) != set(YEARS) or (kinds.map(len) > 1).any():
        raise ValueError(
            f"tip_tiers: expected one year_coverage for each report year {FIRST} to {LAST}, "
            f"found years {sorted(kinds.index[kinds.map(len) > 1]) or sorted(set(YEARS) ^ set(kinds.index))}"
        )
    return kinds.map(lambda only: only[0]).astype(str)


def special_cases_read(tiers: pd.DataFrame) -> set[int]:
    """Report years whose list is whole and names special cases: only there is absence from it absence.

    The lists of 2020 and 2023 are complete for ranked countries, and no source read for them has special cases.
    """
    kind = coverage(tiers)
    named = set(tiers.loc[tiers["tier"] == "SC", "year"])
    return {year for year in YEARS if kind[year] in WHOLE and year in named}


def histories(tiers: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """One row for each country that was ever rated: iso3, name, letters, history.

    `tiers` has iso3, year, tier, year_coverage; `names` maps iso3 to a name. `letters` holds one of `WORDS` for
    each report year; `history` says the same in runs ("2001–03 Tier 2; ..."), missing years said as such. The
    years of a predecessor state are shown with its successors, and not by themselves.
    """
    rated: dict[str, dict[int, str]] = {}
    for country, year, tier in zip(tiers["iso3"], tiers["year"], tiers["tier"], strict=True):
        if tier not in LETTERS:
            raise ValueError(
                f"tip_tiers: expected one of {', '.join(LETTERS)}, found {tier!r} for {country} in {year}"
            )
        rated.setdefault(str(country), {})[int(year)] = LETTERS[tier]
    for successor, predecessor in PREDECESSORS.items():
        if successor in rated:
            rated[successor] = rated.get(predecessor, {}) | rated[successor]
    known = special_cases_read(tiers)
    blank = {year: NOT_IN_REPORT if year in known else NOT_READ for year in YEARS}
    for country, year in UNCLEAR:
        if country in rated:
            rated[country].setdefault(year, NOT_READ)
    rows = []
    for country in sorted(set(rated) - set(PREDECESSORS.values())):
        letters = "".join(rated[country].get(year, blank[year]) for year in YEARS)
        rows.append((country, names[country], letters, in_runs(letters)))
    return pd.DataFrame(rows, columns=["iso3", "name", "letters", "history"])


def in_runs(letters: str) -> str:
    """Say a history in runs of equal years: "2001 Tier 2; 2002–04 Tier 3"."""
    if len(letters) != len(YEARS) or (unknown := sorted(set(letters) - set(WORDS))):
        found = f"{unknown[0]!r}" if len(letters) == len(YEARS) else f"{len(letters)} letters"
        raise ValueError(f"history: expected {len(YEARS)} letters of {', '.join(WORDS)}, found {found}")
    runs: list[tuple[int, int, str]] = []
    for year, letter in zip(YEARS, letters, strict=True):
        if runs and runs[-1][2] == letter:
            runs[-1] = (runs[-1][0], year, letter)
        else:
            runs.append((year, year, letter))
    return "; ".join(f"{a if a == b else f'{a}–{b % 100:02}'} {WORDS[letter]}" for a, b, letter in runs)


def year_sentences(tiers: pd.DataFrame) -> list[str]:
    """What the list of each report year says, in one sentence, from `FIRST` to `LAST`.

    Before the watch list began, and where a part of the list was not read, the class is not named.
    """
    kind, known = coverage(tiers), special_cases_read(tiers)
    table = pd.crosstab(tiers["year"], tiers["tier"]).reindex(columns=list(LETTERS), fill_value=0)
    sentences = []
    for year in YEARS:
        found = [
            f"{number} special case{'s' * (number > 1)}" if tier == "SC" else f"{number} on {_on(tier)}"
            for tier, number in zip(LETTERS, table.loc[year], strict=True)
            if number
        ]
        part = ", special cases not read" if kind[year] in WHOLE and year not in known else ""
        sentences.append(f"In {year} ({COVERAGE[kind[year]]}{part}): {', '.join(found)}.")
    return sentences


def _on(tier: str) -> str:
    return "the Watch List" if tier == "2WL" else f"Tier {tier}"


@dataclass(frozen=True)
class Comparison:
    """How often a country stood better than, the same as, or worse than another, in reports that rank both."""

    better: int
    same: int
    worse: int

    @property
    def reports(self) -> int:
        """Reports that rank both."""
        return self.better + self.same + self.worse


def compared(letters: str, other: str) -> Comparison:
    """Compare two histories, report by report; years that rank only one of them are left out."""
    gaps = [
        RANKED.index(a) - RANKED.index(b)
        for a, b in zip(letters, other, strict=True)
        if a in RANKED and b in RANKED
    ]
    return Comparison(sum(g < 0 for g in gaps), sum(g == 0 for g in gaps), sum(g > 0 for g in gaps))


def falls(letters: str) -> int:
    """How often a country stood worse than in the report before; years that do not rank it are left out of both."""
    if unknown := sorted(set(letters) - set(WORDS)):
        raise ValueError(f"history: expected letters of {', '.join(WORDS)}, found {unknown[0]!r}")
    places = [RANKED.find(letter) for letter in letters]
    return sum(0 <= before < after for before, after in itertools.pairwise(places))


def features(outlines: pd.DataFrame, known: pd.DataFrame) -> list[dict[str, Any]]:
    """GeoJSON features with iso3, name, letters and history as properties, from `world_outlines` and `histories`.

    A territory that was never rated has "not in the report" in every year.
    """
    rated = {row["iso3"]: row for row in known.to_dict("records")}
    never = {"name": "", "letters": NOT_IN_REPORT * len(YEARS), "history": "never rated"}
    return [
        {
            "type": "Feature",
            "geometry": json.loads(outline),
            "properties": rated.get(country, {"iso3": country, **never}),
        }
        for country, outline in zip(outlines["iso3"], outlines["outline"], strict=True)
    ]


def extent(outline: str) -> float:
    """Longer side, in degrees, of the box around a country's largest piece (its GeoJSON geometry)."""
    geometry = json.loads(outline)
    pieces = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    if not all(piece and piece[0] for piece in pieces):
        raise ValueError("outline: expected the points of every piece, found a piece without any")
    return max(float(np.ptp(np.array(piece[0]), axis=0).max()) for piece in pieces)


def points(
    outlines: pd.DataFrame, known: pd.DataFrame, countries: pd.DataFrame, smallest: float = 2.5
) -> pd.DataFrame:
    """Rated countries that a reader could not hit on the map: `histories` with latitude and longitude.

    Those without an outline, and those whose outline is under `smallest` degrees long. Raises ValueError if one
    has neither outline nor coordinates.
    """
    seen = outlines.loc[outlines["outline"].map(extent) >= smallest, "iso3"]
    small = known.loc[~known["iso3"].isin(seen)]
    small = small.merge(countries[["iso3", "latitude", "longitude"]], on="iso3", how="left", validate="one_to_one")
    nowhere = small["latitude"].isna()
    lost = small.loc[nowhere & ~small["iso3"].isin(outlines["iso3"]), "iso3"]
    if len(lost):
        raise ValueError(f"countries: expected coordinates for {', '.join(lost)}, found none; add them")
    return small.loc[~nowhere].reset_index(drop=True)
