"""Who is at risk of a first full law, year by year, with the placements and covariates of the years around.

A country is at risk in a year when it was known not to have criminalised trafficking fully the year before.
It leaves with its first full law, or is right-censored at the end of the panel.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from compendium.methods.law.frames import HazardError, require, wide

FIRST_REPORT = 2001
RANKED_TIERS = frozenset({"1", "2", "2WL", "3"})
PLACED_TIERS = frozenset({"2WL", "3"})
# A rank that a source does not tell apart: neither placed nor not placed.
AMBIGUOUS_TIERS = frozenset({"2or2WL"})
FULL = 2


@dataclass(frozen=True)
class RiskSet:
    """Country-years at risk of a first full law, with what was left out.

    `frame` has one row per country-year: iso3, year, event (0/1), time (1 in the first year), partial (a
    partial law the year before), ranked, placed, watch_list, tier_3, newly_placed, still_placed, ever_placed
    (all of the lagged report), placed_lead1, placed_lead2, watch_list_lead1, tier_3_lead1 (reports after the
    year), first_placement (report year), event_time (year minus that).
    """

    frame: pd.DataFrame
    countries: int
    events: int
    censored: int
    full_at_entry: int
    unknown_years: int

    @property
    def ranked(self) -> pd.DataFrame:
        """The rows whose lagged report ranked the country, where placed and not placed can be compared."""
        return self.frame[self.frame["ranked"] == 1].reset_index(drop=True)


def risk_set(
    criminalisation: pd.DataFrame,
    tiers: pd.DataFrame,
    *,
    first_year: int = 2002,
    last_year: int | None = None,
    lag: int = 1,
    coding: str = "criminalisation",
    complete_years: Collection[int] | None = None,
    exclude: Collection[str] = ("USA",),
) -> RiskSet:
    """Build the country-years at risk with their lagged placements.

    `criminalisation` needs iso3, year and the column named by `coding` (2 = full); `tiers` needs iso3, year
    (of the report) and tier. A country that a report leaves out, or lists as special case, is not ranked
    and not placed; one whose rank no source tells apart has missing placements. Every report from the
    first to the last that a year needs must be in `complete_years`, by default those that the column
    year_coverage of `tiers` calls complete. The United States, who place, are out.
    """
    require(criminalisation, ("iso3", "year", coding), "criminalisation")
    require(tiers, ("iso3", "year", "tier"), "tiers")
    if lag < 0:
        raise HazardError(f"risk set: lag is {lag}; expected 0 or more years")
    complete = complete_reports(tiers) if complete_years is None else frozenset(complete_years)
    law = wide(criminalisation.assign(law=criminalisation[coding].astype(float)), "law", "criminalisation")
    law = law.drop(index=[code for code in exclude if code in law.index]).sort_index()
    last = _last_year(law, first_year, last_year, coding)
    _check_reports(last - lag, lag, complete)
    reports = _Reports(wide(tiers, "tier", "tiers").reindex(law.index), complete)
    first_placement = reports.first_placement(last + 2)
    pieces = []
    unknown = 0
    for year in range(first_year, last + 1):
        at_risk = ~_full_before(law, year)
        known = law[year].notna() & law[year - 1].notna()
        unknown += int((at_risk & ~known).sum())
        columns = {
            "year": year,
            "event": law[year].eq(FULL).astype(int),
            "time": year - first_year + 1,
            "partial": law[year - 1].eq(1).astype(int),
            **_placements_around(reports, year, lag),
            "first_placement": first_placement,
            "event_time": year - first_placement,
        }
        pieces.append(pd.DataFrame(columns, index=law.index)[at_risk & known])
    frame = pd.concat(pieces).rename_axis("iso3").reset_index()
    frame = frame.sort_values(["iso3", "year"], ignore_index=True)
    countries = int(frame["iso3"].nunique())
    events = int(frame["event"].sum())
    full_at_entry = int(_full_before(law, first_year).sum())
    return RiskSet(frame, countries, events, countries - events, full_at_entry, unknown)


def complete_reports(tiers: pd.DataFrame) -> frozenset[int]:
    """Report years of which `tiers` holds the whole list without a cell that was derived."""
    require(tiers, ("year", "year_coverage"), "tiers")
    return frozenset(int(year) for year in tiers.loc[tiers["year_coverage"] == "complete", "year"].unique())


def _last_year(law: pd.DataFrame, first: int, wanted: int | None, coding: str) -> int:
    """The last year of the risk set, after checking that the laws of all its years are coded."""
    years_known = sorted(int(year) for year in law.columns[law.notna().any()])
    last = years_known[-1] if wanted is None else wanted
    if first - 1 < years_known[0] or last > years_known[-1] or first > last:
        raise HazardError(
            f"risk set: years {first}-{last} need {coding} for {first - 1}-{last}; "
            f"it is known for {years_known[0]}-{years_known[-1]}"
        )
    return last


def _check_reports(last: int, lag: int, complete_years: Collection[int]) -> None:
    for year in range(FIRST_REPORT, last + 1):
        if year not in complete_years:
            raise HazardError(
                f"risk set: TIP report {year} is not a complete list of tiers, so absence from it is not "
                f"absence of a placement; end the risk set by {year + lag - 1}"
            )


def _placements_around(reports: _Reports, year: int, lag: int) -> dict[str, pd.Series]:
    """Placements by the report that precedes a year by `lag`, and by the two reports after the year."""
    now = reports.listed(year - lag, PLACED_TIERS)
    before = reports.listed(year - lag - 1, PLACED_TIERS)
    return {
        "ranked": reports.listed(year - lag, RANKED_TIERS | AMBIGUOUS_TIERS).astype(int),
        "placed": now,
        "watch_list": reports.listed(year - lag, {"2WL"}),
        "tier_3": reports.listed(year - lag, {"3"}),
        "newly_placed": now * (1 - before),
        "still_placed": now * before,
        "ever_placed": reports.ever_placed(year - lag),
        "placed_lead1": reports.later(year + 1, PLACED_TIERS),
        "placed_lead2": reports.later(year + 2, PLACED_TIERS),
        "watch_list_lead1": reports.later(year + 1, {"2WL"}),
        "tier_3_lead1": reports.later(year + 1, {"3"}),
    }


@dataclass(frozen=True)
class _Reports:
    """Tiers by country (rows) and report year (columns), read with the completeness of each report in mind."""

    rank: pd.DataFrame
    complete: frozenset[int]

    def listed(self, year: int, members: Collection[str]) -> pd.Series:
        """1 where the report lists a country in one of the tiers, 0 where not, missing where unknown."""
        if year < FIRST_REPORT:
            return pd.Series(0.0, index=self.rank.index)
        if year not in self.complete:
            return pd.Series(np.nan, index=self.rank.index)
        if year not in self.rank.columns:
            raise HazardError(f"risk set: tiers has no rows for report {year}; expected a complete list")
        listed = self.rank[year].isin(members).astype(float)
        unclear = self.rank[year].isin(AMBIGUOUS_TIERS - set(members))
        return listed.where(~unclear)

    def later(self, year: int, members: Collection[str]) -> pd.Series:
        """As `listed` for a report after the year of interest, missing where there is no such report."""
        known = year in self.rank.columns
        return self.listed(year, members) if known else pd.Series(np.nan, index=self.rank.index)

    def placements(self, last: int) -> pd.DataFrame:
        years = range(FIRST_REPORT, last + 1)
        return pd.DataFrame(
            {year: self.later(year, PLACED_TIERS) for year in years}, index=self.rank.index, dtype=float
        )

    def ever_placed(self, last: int) -> pd.Series:
        past = self.placements(last)
        ever = past.eq(1).any(axis=1).astype(float)
        return ever.where(past.notna().all(axis=1) | ever.eq(1))

    def first_placement(self, last: int) -> pd.Series:
        placed = self.placements(last).eq(1)
        return placed.idxmax(axis=1).where(placed.any(axis=1)).astype(float)


def _full_before(law: pd.DataFrame, year: int) -> pd.Series:
    return law[[known for known in law.columns if int(known) < year]].eq(FULL).any(axis=1)


def add_covariates(
    frame: pd.DataFrame,
    country_panel: pd.DataFrame,
    countries: pd.DataFrame,
    ratification: pd.DataFrame | None = None,
    *,
    lag: int = 1,
    region: str = "un_region",
) -> pd.DataFrame:
    """Join the lagged covariates to a frame of country-years; the rows and their order stay.

    Adds region, log_income (log GDP per person, constant USD), democracy (V-Dem polyarchy, 0-1),
    log_population, log_aid (log of 1 + US assistance obligated, million constant USD), aid_share (that
    assistance in percent of GDP), log_aid_share (log of 1 + the share) and, from `ratification`, ratified.
    Net de-obligations count as no aid. Missing values stay missing.
    """
    panel_columns = [
        "gdp_per_capita_const_usd",
        "population",
        "us_assistance_obligations_const_usd",
        "vdem_polyarchy",
    ]
    require(frame, ("iso3", "year"), "risk set")
    require(country_panel, ("iso3", "year", *panel_columns), "country_panel")
    require(countries, ("iso3", region), "countries")
    lagged = country_panel[["iso3", "year", *panel_columns]].assign(year=country_panel["year"] + lag)
    joined = frame.merge(lagged, on=["iso3", "year"], how="left", validate="many_to_one")
    income = joined["gdp_per_capita_const_usd"].astype(float)
    people = joined["population"].astype(float)
    aid = joined["us_assistance_obligations_const_usd"].astype(float).clip(lower=0)
    share = 100 * aid / (income * people)
    regions = countries.drop_duplicates("iso3").set_index("iso3")[region]
    out = frame.assign(
        region=joined["iso3"].map(regions).to_numpy(),
        log_income=np.log(income.to_numpy()),
        log_population=np.log(people.to_numpy()),
        democracy=joined["vdem_polyarchy"].astype(float).to_numpy(),
        log_aid=np.log1p(aid.to_numpy() / 1e6),
        aid_share=share.to_numpy(),
        log_aid_share=np.log1p(share.to_numpy()),
    )
    if ratification is not None:
        require(ratification, ("iso3", "year", "palermo_protocol_ratified"), "ratification")
        known = ratification[["iso3", "year", "palermo_protocol_ratified"]]
        known = known.assign(year=known["year"] + lag)
        merged = frame[["iso3", "year"]].merge(known, on=["iso3", "year"], how="left", validate="many_to_one")
        out["ratified"] = merged["palermo_protocol_ratified"].astype(float).to_numpy()
    return out
