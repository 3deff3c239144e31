"""A small made-up world for the multiverse, with every gap that the published tables have."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import logit

from compendium.methods.tiers import multiverse as mv
from compendium.methods.tiers import tiers

FIRST, LAST = 1999, 2021  # of the covariates: the report of 2023 has none at lags 0 and 1
LISTS = mv.DECLARED_YEARS


def small_tables(
    countries: int = 16, seed: int = 5
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The tables `tip_tiers`, `country_panel`, `anti_trafficking_3p` and `countries` of a made-up world.

    Country 3 has no region, 4 no democracy index, 5 no 3P, 6 no voting distance until 2008; 7 is a special case
    until 2003; 8 has no lists after 2015; a territory (TTT) has tiers and no covariates. 0 and 1 have a pact
    always, 2 since 2005; 9 to 11 are rich.
    """
    rng = np.random.default_rng(seed)
    names = [f"C{place:02d}" for place in range(countries)]
    years = np.arange(FIRST, LAST + 1)
    index = pd.MultiIndex.from_product([names, years], names=["iso3", "year"])
    where, when = np.repeat(np.arange(countries), len(years)), np.tile(years, countries)

    def path(between: float = 1.0, within: float = 0.5) -> np.ndarray:
        return np.repeat(between * rng.normal(size=countries), len(years)) + within * rng.normal(size=len(index))

    law = path()
    distance = path() - 0.3 * law
    table = pd.DataFrame(
        {
            "gdp_per_capita_const_usd": np.exp(8 + path()),
            "population": np.exp(15 + path(1.0, 0.1)),
            "us_assistance_obligations_const_usd": 1e6 * np.exp(2 * path()) - 1e6,
            "us_exports": np.exp(18 + path()),
            "us_imports": np.exp(18 + path()),
            "unga_distance_us": distance,
            "unga_agreement_us": 0.5 - 0.1 * distance + 0.05 * path(),
            "unga_agreement3_us": 0.5 - 0.1 * distance + 0.05 * path(),
            "unga_agreement_important_us": 0.5 + 0.1 * path(),
            "us_defence_pact": ((where < 2) | ((where == 2) & (when >= 2005))).astype(int),
            "us_troops": np.floor(np.exp(3 + path())),
            "wgi_rule_of_law": law,
            "wgi_control_of_corruption": 0.7 * law + path(),
            "vdem_polyarchy": path(),
        },
        index=index,
    )
    table.loc[(slice(None), 2001), ["wgi_rule_of_law", "wgi_control_of_corruption"]] = np.nan
    table.loc["C04", "vdem_polyarchy"] = np.nan
    table.loc[("C06", slice(FIRST, 2008)), "unga_distance_us"] = np.nan
    latent = distance - law + logit(rng.uniform(size=len(index)))
    rank = pd.Series(np.digitize(latent, [-1.2, 0.3, 1.8]), index=index)
    rows = []
    for name in [*names, "TTT"]:
        for year in LISTS:
            if name == "C08" and year > 2015:
                continue
            before = ("C00" if name == "TTT" else name, min(year, LAST))
            tier = "Special Case" if name == "C07" and year <= 2003 else tiers.TIERS[rank[before]]
            rows.append((name, year, tier))
    lists = pd.DataFrame(rows, columns=["iso3", "year", "tier"])
    parts = pd.DataFrame(
        [(name, year) for name in names if name != "C05" for year in range(2000, 2015)], columns=["iso3", "year"]
    )
    for part in ("prosecution", "protection", "prevention"):
        parts[part] = rng.integers(1, 6, len(parts))
    parts["total"] = parts[["prosecution", "protection", "prevention"]].sum(axis=1)
    facts = pd.DataFrame(
        {
            "iso3": [*names, "TTT"],
            "un_region": [*np.resize(["Asia", "Africa", "Americas"], countries), "Asia"],
            "income_group": ["lower_middle_income"] * (countries + 1),
        }
    )
    facts.loc[3, "un_region"] = None
    facts.loc[9:11, "income_group"] = "high_income"
    return lists, table.reset_index(), parts, facts


def small_panel() -> mv.Panel:
    """The panel of the made-up world."""
    return mv.build_panel(*small_tables())
