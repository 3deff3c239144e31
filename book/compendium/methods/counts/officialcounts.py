"""Official counts of enforcement: many editions of one publisher, many countries of another, many sources of one
country.

The State Department prints a world table and prints it again, changed, in later editions; sometimes only its
regions are printed. UNODC publishes countries, of which different ones report every year. Cambodia's counts come
from several bodies with a definition each. The functions here put them side by side without hiding either.

Counts are non-negative (persons, or cases where it says so). A suppressed count stays the pair of its bounds.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd

from compendium.methods.checks import some

Choice = Literal["preferred", "first", "last"]

WORLD = "World"
STATE_REGIONS = 6
MEASURES = {
    "convicted": "persons_convicted",
    "prosecuted": "persons_prosecuted",
    "suspects": "persons_in_formal_contact",
    "cases": "offences",
}
COMPILATION = "compilation"
PRINTED, SUM_OF_REGIONS = "printed for the world", "sum of the printed regions"


def editions(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return every world figure that an edition prints or that its six regions add up to.

    `table` has year, region, edition, cells, preferred and the column `measure` (persons). Cells that were not
    seen in any text are left out. Columns: year, edition, edition_year (missing for the compilation, which
    covers several editions), basis, count, preferred. Regions count only where all six are printed.
    """
    if measure not in table.columns:
        raise ValueError(
            f"editions: expected a column of counts, found {measure!r}; use one of the table's columns"
        )
    seen = table[(table["cells"] == "printed") & table[measure].notna()]
    world = seen[seen["region"] == WORLD].assign(basis=PRINTED, count=lambda rows: rows[measure])
    regions = seen[seen["region"] != WORLD].groupby(["year", "edition"], as_index=False)
    sums = regions.agg(count=(measure, "sum"), parts=("region", "nunique"), preferred=("preferred", "all"))
    sums = sums[sums["parts"] == STATE_REGIONS].assign(basis=SUM_OF_REGIONS)
    columns = ["year", "edition", "basis", "count", "preferred"]
    both = pd.concat([world[columns], sums[columns]], ignore_index=True)
    dated = pd.to_numeric(both["edition"].str.extract(r"(\d{4})", expand=False)).astype("Int64")
    both.insert(2, "edition_year", dated)
    both["count"] = both["count"].astype("int64")
    # A printed world row comes before the sum of the regions of the same edition.
    both["order"] = (both["basis"] != PRINTED).astype(int)
    both = both.sort_values(["year", "edition_year", "order", "edition"], na_position="last", ignore_index=True)
    return both.drop(columns="order")


def one_per_year(found: pd.DataFrame, choice: Choice = "preferred") -> pd.DataFrame:
    """Choose one figure of `editions` for each year: columns year, edition, basis, count.

    "preferred" takes the row marked so, a printed world row before a sum of regions; "first" and "last" the
    oldest and newest dated edition, and the compilation where no dated edition was seen.
    """
    some("one_per_year", "figures", found)
    if choice == "preferred":
        ranked = found[found["preferred"]].sort_values(["year", "basis"], kind="stable")
        chosen = ranked.groupby("year", as_index=False).first()
    elif choice in ("first", "last"):
        dated = found[found["edition_year"].notna() | ~found["year"].isin(_dated_years(found))]
        grouped = dated.groupby(["year", "edition"], as_index=False, sort=False).first()
        grouped = grouped.sort_values(["year", "edition_year"], kind="stable", na_position="last")
        chosen = grouped.groupby("year", as_index=False).agg("first" if choice == "first" else "last")
    else:
        raise ValueError(f"one_per_year: expected preferred, first or last, found {choice!r}")
    return chosen[["year", "edition", "basis", "count"]]


def revisions(found: pd.DataFrame) -> pd.DataFrame:
    """Compare the figures of each year that has several: one row per year.

    Columns: year, versions (different figures), first, lowest, highest, spread (highest over lowest, less 1),
    first_edition, other_edition (the edition farthest from the first).
    """
    rows = []
    for year, group in found.groupby("year"):
        if len(group) < 2:
            continue
        first = group.iloc[0]
        farthest = group.loc[(group["count"] - first["count"]).abs().idxmax()]
        low, high = int(group["count"].min()), int(group["count"].max())
        if low <= 0:
            raise ValueError(f"revisions: expected counts above 0 in {year}, found {low}; leave that edition out")
        versions = int(group["count"].nunique())
        rows.append(
            (year, versions, int(first["count"]), low, high, high / low - 1, first["edition"], farthest["edition"])
        )
    names = ["year", "versions", "first", "lowest", "highest", "spread", "first_edition", "other_edition"]
    return pd.DataFrame(rows, columns=names)


def world_sums(countries: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Add up whoever reported in a year, with the largest reporter beside the sum.

    `countries` has indicator, iso3, year, count_min, count_max (persons). Columns: year, countries, low, high,
    largest (ISO code), largest_count (its lower bound), largest_share (of the lower bound of the sum).
    """
    rows = countries[countries["indicator"] == indicator]
    if rows.empty:
        raise ValueError(f"world_sums: expected rows of the indicator {indicator!r}, found none")
    sums = rows.groupby("year", as_index=False).agg(
        countries=("iso3", "nunique"), low=("count_min", "sum"), high=("count_max", "sum")
    )
    ranked = rows.sort_values(["year", "count_min", "iso3"], ascending=[True, False, True], kind="stable")
    top = ranked.groupby("year", as_index=False).first()[["year", "iso3", "count_min"]]
    sums = sums.merge(top.rename(columns={"iso3": "largest", "count_min": "largest_count"}), on="year")
    return sums.assign(largest_share=sums["largest_count"] / sums["low"])


def country_series(published: pd.DataFrame, unodc: pd.DataFrame) -> pd.DataFrame:
    """Put the counts of several bodies into one long frame, one row per figure; nothing is joined.

    `published` has id, year, period, scope, unit, actor, status and a column for each of `MEASURES`; `unodc` has
    indicator, breakdown, age, year, count_min, count_max. Columns: measure, year, source, span ("year",
    "half-year" or "other"), scope, unit, low, high, status. UNODC's offences stand beside the cases of others and
    its persons in formal contact beside suspects: the nearest measures, not the same ones.
    """
    long = published.melt(
        id_vars=["id", "year", "period", "half", "scope", "unit", "actor", "status"],
        value_vars=list(MEASURES),
        var_name="measure",
        value_name="low",
    ).dropna(subset=["low"])
    plain = long["period"] == long["year"].astype("string")
    long["span"] = "other"
    long.loc[plain, "span"] = "year"
    long.loc[long["half"].notna(), "span"] = "half-year"
    long = long.assign(high=long["low"]).rename(columns={"actor": "source"})
    named = {indicator: measure for measure, indicator in MEASURES.items()}
    whole = unodc[unodc["indicator"].isin(named) & (unodc["breakdown"] == "none") & (unodc["age"] == "all")]
    theirs = pd.DataFrame(
        {
            "measure": whole["indicator"].map(named),
            "year": whole["year"],
            "source": "UNODC",
            "span": "year",
            "scope": "trafficking",
            "unit": whole["indicator"].map(lambda name: "offences" if name == "offences" else "persons"),
            "low": whole["count_min"],
            "high": whole["count_max"],
            "status": "read",
        }
    )
    columns = ["measure", "year", "source", "span", "scope", "unit", "low", "high", "status"]
    both = pd.concat([long[columns], theirs[columns]], ignore_index=True)
    both[["low", "high"]] = both[["low", "high"]].astype("int64")
    order = pd.CategoricalDtype(list(MEASURES), ordered=True)
    both["measure"] = both["measure"].astype(order)
    both = both.sort_values(["measure", "year", "source", "scope", "low"], ignore_index=True)
    return both.assign(measure=both["measure"].astype("str"))


def disagreements(listed: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return the numeric contradictions about one table, widest last: `listed` plus first, second, ratio.

    `first` and `second` are the first number in each source's value; `ratio` is the larger over the smaller.
    Contradictions in words are left out.
    """
    about = listed[listed["table"] == table]
    number = r"(\d+(?:\.\d+)?)"
    first = pd.to_numeric(about["value_a"].str.extract(number, expand=False))
    second = pd.to_numeric(about["value_b"].str.extract(number, expand=False))
    found = about.assign(first=first, second=second).dropna(subset=["first", "second"])
    ratio = found[["first", "second"]].max(axis=1) / found[["first", "second"]].min(axis=1)
    return found.assign(ratio=ratio).sort_values(["ratio", "id"], ignore_index=True)


def _dated_years(found: pd.DataFrame) -> set[int]:
    return set(found.loc[found["edition_year"].notna(), "year"])
