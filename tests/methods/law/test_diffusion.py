"""How far laws had spread around a country: counted by hand, by geometry, and in a world of known truth."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from worlds import diffusing

from compendium.evidence import tables
from compendium.methods.law import diffusion, hazard
from compendium.methods.law.frames import HazardError
from compendium.methods.law.regressors import Model

LAWS = {
    "AAA": [0, 2, 2, 2],
    "BBB": [0, 0, 2, 2],
    "CCC": [None, 0, 0, 0],
    "DDD": [0, 0, 0, 0],
    "EEE": [2, 2, 0, None],  # a law once passed counts on
}


def hand() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    laws = [(iso3, 2001 + at, code) for iso3, codes in LAWS.items() for at, code in enumerate(codes)]
    law = pd.DataFrame(laws, columns=["iso3", "year", "criminalisation"]).astype({"criminalisation": "Int64"})
    # Along the equator, with EEE just beyond the line where longitudes jump from 180 to -180.
    countries = pd.DataFrame(
        {
            "iso3": list(LAWS),
            "latitude": 0.0,
            "longitude": [170.0, 172.0, 176.0, 179.0, -179.0],
            "un_subregion": ["west", "west", "west", "east", "east"],
        }
    )
    frame = pd.DataFrame([("DDD", year) for year in (2002, 2003, 2004)] + [("AAA", 2002)], columns=["iso3", "year"])
    return frame, law, countries


def test_shares_of_neighbours_counted_by_hand() -> None:
    found = diffusion.add_spread(*hand(), nearest=2)
    # DDD's nearest are EEE across the date line and CCC, which is not coded in 2001.
    assert found.nearest_laws.tolist()[:3] == [1.0, 0.5, 0.5]
    assert found.subregion_laws.tolist()[:3] == [1.0, 1.0, 1.0]
    # AAA's nearest are BBB and CCC; in 2001 only BBB is coded, in its subregion too.
    assert (found.nearest_laws[3], found.subregion_laws[3]) == (0.0, 0.0)
    later = diffusion.add_spread(*hand(), nearest=2, lag=0)
    assert later.nearest_laws.tolist()[:3] == [0.5, 0.5, 0.5]


def test_a_country_without_place_or_coordinates_has_no_share() -> None:
    frame, law, countries = hand()
    lost = countries.iso3 == "DDD"
    countries = countries.assign(
        latitude=countries.latitude.mask(lost), un_subregion=countries.un_subregion.mask(lost)
    )
    found = diffusion.add_spread(frame, law, countries, nearest=2)
    assert found.nearest_laws.isna().tolist() == found.subregion_laws.isna().tolist() == [True] * 3 + [False]
    with pytest.raises(HazardError, match="expected 1 to 4 countries"):
        diffusion.add_spread(frame, law, countries, nearest=5)


def test_years_and_countries_that_the_panel_does_not_hold_have_no_share() -> None:
    _, law, countries = hand()
    frame = pd.DataFrame([("DDD", 2001), ("ZZZ", 2003), ("DDD", 2006), ("DDD", 2003)], columns=["iso3", "year"])
    found = diffusion.add_spread(frame, law, countries, nearest=2)
    assert found.nearest_laws.isna().tolist() == found.subregion_laws.isna().tolist() == [True] * 3 + [False]


def test_from_one_to_all_other_countries_may_be_the_nearest() -> None:
    frame, law, countries = hand()
    assert diffusion.add_spread(frame, law, countries, nearest=1).nearest_laws.tolist()[:3] == [1.0] * 3
    assert diffusion.add_spread(frame, law, countries, nearest=4).nearest_laws.tolist()[1:3] == [0.5, 0.75]
    with pytest.raises(HazardError, match="nearest is 0; expected 1 to 4 countries"):
        diffusion.add_spread(frame, law, countries, nearest=0)


def test_five_countries_are_the_nearest_unless_said_otherwise() -> None:
    law, countries = tables.read("criminalisation_panel"), tables.read("countries")
    frame = pd.DataFrame({"iso3": ["KHM", "FRA"], "year": [2008, 2006]})
    usual, five = (diffusion.add_spread(frame, law, countries, **more) for more in ({}, {"nearest": 5}))
    assert usual.equals(five)


def test_points_opposite_each_other_are_half_the_globe_apart() -> None:
    north, east = np.linspace(-89, 89, 60), np.linspace(-170, 5, 60)
    found = diffusion.distances(np.concatenate([north, -north]), np.concatenate([east, east + 180]))
    assert found[np.arange(60), np.arange(60, 120)] == pytest.approx(np.full(60, 6371 * math.pi), abs=1e-3)
    assert np.isfinite(found).all()


def test_distances_have_closed_forms() -> None:
    found = diffusion.distances(np.array([0.0, 0.0, 90.0, 0.0]), np.array([0.0, 90.0, 0.0, 180.0]))
    quarter = 6371 * math.pi / 2
    assert found[0] == pytest.approx([0, quarter, quarter, 2 * quarter], abs=1e-6)
    assert np.allclose(found, found.T)


def test_the_nearest_of_published_countries_are_those_of_the_map() -> None:
    law, countries = tables.read("criminalisation_panel"), tables.read("countries")
    frame = pd.DataFrame({"iso3": ["KHM"], "year": [2008]})
    # Cambodia's three nearest are its three neighbours; of them only Laos had a full law by the end of 2007.
    assert diffusion.add_spread(frame, law, countries, nearest=3).nearest_laws.item() == pytest.approx(1 / 3)


def test_laws_that_only_follow_neighbours_feign_an_effect_which_the_control_takes_away() -> None:
    bare, held = [], []
    for seed in range(20):
        frame, law, countries = diffusing(seed)
        around = diffusion.add_spread(frame, law, countries)
        bare.append(hazard.fit(around, Model()).term())
        held.append(hazard.fit(around, Model(covariates=("nearest_laws",))).term())
    # No placement moves a law here: without the control nearly every interval lies above zero; with it one in
    # twenty leaves zero out by chance (three or more of twenty have a probability under eight in a hundred).
    assert sum(term.low > 0 for term in bare) >= 15
    assert sum(term.low <= 0 <= term.high for term in held) >= 18
    mean = np.mean([term.estimate for term in held])
    assert abs(mean) < 3 * np.std([term.estimate for term in held], ddof=1) / math.sqrt(len(held))


def test_an_effect_beside_the_spread_is_recovered() -> None:
    terms = []
    for seed in range(20):
        frame, law, countries = diffusing(seed, effect=0.7)
        around = diffusion.add_spread(frame, law, countries)
        terms.append(hazard.fit(around, Model(covariates=("nearest_laws",))).term())
    estimates = [term.estimate for term in terms]
    assert abs(np.mean(estimates) - 0.7) < 3 * np.std(estimates, ddof=1) / math.sqrt(len(terms))
    assert sum(term.low <= 0.7 <= term.high for term in terms) >= 17
