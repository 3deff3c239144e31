"""Countries, years, laws and tiers: who was at risk of a first full law, and how often one was passed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from compendium.evidence import tables
from compendium.evidence.numbers import count
from compendium.methods.law import diffusion, riskset
from compendium.methods.law.riskset import PLACED_TIERS, RANKED_TIERS, RiskSet
from compendium.methods.shares import proportions

SOURCE = "Kelley and Heiss, replication data of Scorecard Diplomacy; tiers: table tip_tiers"
PERIODS = {"2002–04": 2004, "2005–07": 2007, "2008–10": 2010, "2011–14": 2014}  # label: last year


@dataclass(frozen=True)
class Panel:
    """The tables by country and year, and the country-years at risk of a first full law.

    `risk` are all of them, `years` those that a report ranked, with their covariates and with the spread of laws
    around them.
    """

    law: pd.DataFrame
    tiers: pd.DataFrame
    covariates: pd.DataFrame
    world: pd.DataFrame
    risk: RiskSet
    years: pd.DataFrame

    def ranked(
        self, *, lag: int = 1, coding: str = "criminalisation", tiers: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Ranked country-years with covariates: the report `lag` years back, one coding of laws, other tiers."""
        ranks = self.tiers if tiers is None else tiers
        return self.joined(riskset.risk_set(self.law, ranks, lag=lag, coding=coding).ranked)

    def joined(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Country-years with their covariates and the spread of laws around them, all of the year before."""
        return _joined(rows, self.covariates, self.world, self.law)


def panel() -> Panel:
    """Read the tables and build the country-years at risk."""
    law, tiers = tables.read("criminalisation_panel"), tables.read("tip_tiers")
    covariates, world = tables.read("country_panel"), tables.read("countries")
    risk = riskset.risk_set(law, tiers)
    return Panel(law, tiers, covariates, world, risk, _joined(risk.ranked, covariates, world, law))


def _joined(rows: pd.DataFrame, covariates: pd.DataFrame, world: pd.DataFrame, law: pd.DataFrame) -> pd.DataFrame:
    return diffusion.add_spread(riskset.add_covariates(rows, covariates, world, law), law, world)


def words_on_risk(panel: Panel) -> dict[str, str]:
    """How many countries were at risk, and how many passed a law."""
    risk = panel.risk
    return {
        "at_risk": count(risk.countries),
        "passed": count(risk.events),
    }


def spread(panel: Panel) -> pd.DataFrame:
    """Share of countries with a full law by year, and their number, by whether a report ever placed them."""
    tiers = panel.tiers
    ranked = tiers[tiers.year.between(2001, 2013) & tiers.tier.isin(RANKED_TIERS)]
    ever = ranked.assign(bad=ranked.tier.isin(PLACED_TIERS)).groupby("iso3").bad.max()
    coded = panel.law[panel.law.criminalisation.notna() & (panel.law.year >= 2000) & (panel.law.iso3 != "USA")]
    full = coded.assign(full=coded.criminalisation.eq(2).astype(float), group=coded.iso3.map(ever))
    return full.dropna(subset=["group"]).groupby(["group", "year"]).full.agg(["mean", "size"]).reset_index()


def raw_rates(panel: Panel) -> pd.DataFrame:
    """Share of country-years with a first full law by period and placement, with 95% Wilson intervals."""
    spans = pd.cut(panel.years.year, [2001, *PERIODS.values()], labels=list(PERIODS))
    raw = panel.years.groupby([spans, "placed"], observed=True).event.agg(["sum", "size"]).reset_index()
    ends = [proportions.wilson(laws, size) for laws, size in zip(raw["sum"], raw["size"], strict=True)]
    return raw.assign(
        share=[end.estimate for end in ends], low=[end.low for end in ends], high=[end.high for end in ends]
    )
