"""How far the law had spread around a country: among its subregion, and among its nearest neighbours.

Laws may follow one another across borders (Simmons, Lloyd and Stewart 2018). A model of what else moves them
holds this spread equal, measured before the year in question.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from compendium.methods.law.frames import HazardError, require, wide
from compendium.methods.law.likelihood import Array
from compendium.methods.law.riskset import FULL

NEAREST = 5  # neighbours, by distance


def add_spread(
    frame: pd.DataFrame,
    criminalisation: pd.DataFrame,
    countries: pd.DataFrame,
    *,
    lag: int = 1,
    coding: str = "criminalisation",
    nearest: int = NEAREST,
    place: str = "un_subregion",
) -> pd.DataFrame:
    """Join the lagged spread of full laws to a frame of country-years; the rows and their order stay.

    Adds subregion_laws, the share (0 to 1) of the other countries of the same `place` that had passed a full law
    by the end of the year `lag` years before, and nearest_laws, the same of the `nearest` countries by
    great-circle distance between the coordinates of `countries`. Only countries coded by then count; missing
    where there are none, or where a country has no place or no coordinates.
    """
    require(frame, ("iso3", "year"), "risk set")
    require(criminalisation, ("iso3", "year", coding), "criminalisation")
    require(countries, ("iso3", "latitude", "longitude", place), "countries")
    law = wide(criminalisation.assign(law=criminalisation[coding].astype(float)), "law", "criminalisation")
    known = countries.drop_duplicates("iso3").set_index("iso3").reindex(law.index)
    if not 1 <= nearest < len(law):
        raise HazardError(f"spread: nearest is {nearest}; expected 1 to {len(law) - 1} countries")
    passed = law.eq(FULL).cummax(axis=1)
    coded = law.ffill(axis=1).notna()
    around = {
        "subregion_laws": _same(known[place]),
        "nearest_laws": _nearest(known.latitude, known.longitude, nearest),
    }
    out = frame.copy()
    places = law.index.get_indexer(pd.Index(frame["iso3"]))
    years = law.columns.get_indexer(pd.Index(frame["year"] - lag))
    found = (places >= 0) & (years >= 0)
    for name, others in around.items():
        share = _share(others, passed.to_numpy(dtype=float), coded.to_numpy(dtype=float))
        out[name] = np.where(found, share[places, years], np.nan)
    return out


def _same(place: pd.Series) -> Array:
    """(n, n) of 1 where two different countries share a place."""
    names = place.to_numpy(dtype=object)
    same = (names[:, None] == names[None, :]) & place.notna().to_numpy()[:, None]
    np.fill_diagonal(same, False)
    return same.astype(float)


def _nearest(latitude: pd.Series, longitude: pd.Series, size: int) -> Array:
    """(n, n) of 1 in each row at the `size` countries nearest to the row's; ties fall in the order of codes."""
    away = distances(latitude.to_numpy(dtype=float), longitude.to_numpy(dtype=float))
    np.fill_diagonal(away, np.nan)
    chosen = np.zeros_like(away)
    for row, order in enumerate(np.argsort(away, axis=1, kind="stable")):
        known = order[~np.isnan(away[row, order])][:size]
        chosen[row, known] = 1.0
    return chosen


def distances(latitude: Array, longitude: Array) -> Array:
    """(n, n) great-circle distances in kilometres between (n,) points in degrees, by the haversine formula."""
    north, east = np.radians(latitude), np.radians(longitude)
    rise, turn = north[:, None] - north[None, :], east[:, None] - east[None, :]
    chord = np.sin(rise / 2) ** 2 + np.cos(north)[:, None] * np.cos(north)[None, :] * np.sin(turn / 2) ** 2
    return 2 * 6371.0 * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))


def _share(others: Array, passed: Array, coded: Array) -> Array:
    """(n, years) share of each country's others, among those coded, that had passed a law."""
    counted = others @ coded
    return np.divide(others @ (passed * coded), counted, out=np.full_like(counted, np.nan), where=counted > 0)
