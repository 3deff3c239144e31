"""Worlds in which a bad rating brings laws or penalties by construction, and worlds in which it does not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from compendium.chapters import leverage
from compendium.methods.law import riskset

BASE = 0.08  # yearly chance of a full law without a placement
SEED = 8


def laws_follow(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Full laws come three times as often after a placement."""
    return _laws(name, frame, effect=np.log(3))


def laws_avoid(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Full laws come half as often after a placement."""
    return _laws(name, frame, effect=np.log(0.5))


def aid_helps(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A placement works more strongly where US aid is larger."""
    return _laws(name, frame, effect=np.log(2), by_aid=0.9)


def aid_hinders(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A placement works less where US aid is larger."""
    return _laws(name, frame, effect=np.log(2), by_aid=-0.9)


def _laws(name: str, frame: pd.DataFrame, effect: float, by_aid: float = 0.0) -> pd.DataFrame:
    """The coded laws drawn again: log hazard = base + effect after a placement + by_aid x standardised aid."""
    if name != "criminalisation_panel":
        return frame
    panel = leverage.panel()
    open_law = panel.law.assign(criminalisation=panel.law.criminalisation.mask(panel.law.year > 2001))
    first = panel.law[panel.law.year <= 2001].groupby("iso3").criminalisation.max()
    at_risk = panel.law.iso3.map(first).ne(2) & panel.law.year.gt(2001) & panel.law.criminalisation.notna()
    open_law.loc[at_risk, "criminalisation"] = 1
    ends = open_law.year == open_law.year.max()
    open_law.loc[ends & at_risk, "criminalisation"] = 2  # a risk set needs an event
    rows = riskset.risk_set(open_law, panel.tiers).ranked
    rows = riskset.add_covariates(rows, panel.covariates, panel.world, panel.law)
    aid = (rows.log_aid_share - rows.log_aid_share.mean()) / rows.log_aid_share.std()
    log_hazard = np.log(BASE) + rows.placed * (effect + by_aid * aid.fillna(0))
    drawn = np.random.default_rng(SEED).random(len(rows)) < -np.expm1(-np.exp(log_hazard))
    passed = rows[drawn].groupby("iso3").year.min()
    law_year = frame.iso3.map(passed)
    year = frame.year.astype(int)
    chosen = at_risk.to_numpy()
    out = frame.copy()
    for column in ("criminalisation", "criminalisation_ajps"):
        known = chosen & (out[column] != "")
        out.loc[known, column] = np.where(year[known] >= law_year[known].fillna(9999), "2", "1")
    return out


def terms_rise(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Countries raise their highest term in the year after every bad rating, and at no other time."""
    return _terms(name, frame, after_placement=True)


def terms_rise_elsewhere(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Countries raise their highest term in years after a good rating alone."""
    return _terms(name, frame, after_placement=False)


def _terms(name: str, frame: pd.DataFrame, after_placement: bool) -> pd.DataFrame:
    """Laws of thirty countries, a new one with a higher term after every second year of the one kind of rating."""
    if name != "cambodia_penalties":
        return frame
    panel = leverage.panel()
    names = panel.world.drop_duplicates("iso3").set_index("iso3").name
    ranked = panel.tiers[panel.tiers.tier.isin(riskset.RANKED_TIERS) & panel.tiers.year.between(2003, 2015)]
    bad = ranked.assign(bad=ranked.tier.isin(riskset.PLACED_TIERS))
    mixed = bad.groupby("iso3").bad.mean()
    chosen = mixed[mixed.between(0.2, 0.8) & ~mixed.index.isin(["KHM", "LAO", "THA", "USA"])].index[:30]
    base = frame[frame.id == "KH-08-10"].iloc[0].to_dict()
    rows = []
    for iso3 in chosen:
        own = bad[bad.iso3 == iso3].sort_values("year")
        changes = [2002, *(int(year) + 1 for year in own.year[own.bad.eq(after_placement)][::2])]
        for place, year in enumerate(changes):
            end = changes[place + 1] if place + 1 < len(changes) else ""
            term = str(2 + place)
            row = {"id": f"{iso3}-{place}", "jurisdiction": names[iso3], "in_force_from": str(year)}
            row |= {"in_force_to": str(end), "min_years": "1", "max_years": term, "aggravated_min_years": ""}
            rows.append(base | row | {"aggravated_max_years": "", "passage": "", "status": "read"})
    return pd.concat([frame, pd.DataFrame(rows, columns=frame.columns)], ignore_index=True)
