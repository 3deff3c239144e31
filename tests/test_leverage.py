"""Chapters 7 and 8: the main model by another route, and what the notes state of Cambodia."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from compendium import hazard, penalties, tables
from compendium.hazard import Model
from compendium.penalties import Regime

CONTROLS = ("region", "log_income", "democracy", "ratified")


@pytest.fixture(scope="module")
def years() -> pd.DataFrame:
    law, tiers = tables.read("criminalisation_panel"), tables.read("tip_tiers")
    ranked = hazard.risk_set(law, tiers).ranked
    return hazard.add_covariates(ranked, tables.read("country_panel"), tables.read("countries"), law)


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_the_main_model_equals_a_formula_fit_by_statsmodels(years: pd.DataFrame, link: str) -> None:
    from statsmodels.formula.api import glm
    from statsmodels.genmod import families

    rows = years.dropna(subset=["placed", *CONTROLS]).reset_index(drop=True)
    links = {"cloglog": families.links.CLogLog(), "logit": families.links.Logit()}
    formula = "event ~ placed + C(year) + C(region) + log_income + democracy + ratified"
    groups = pd.factorize(rows["iso3"])[0]
    other = glm(formula, rows, family=families.Binomial(links[link])).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, tol=1e-12, maxiter=200
    )
    own = hazard.fit(years, Model("placed", CONTROLS, link=link))  # type: ignore[arg-type]
    assert own.n == len(rows)
    assert own.term().estimate == pytest.approx(other.params["placed"], abs=1e-6)
    assert own.term().se == pytest.approx(other.bse["placed"], rel=1e-5)
    placed, unplaced = (other.predict(rows.assign(placed=value)) for value in (1, 0))
    assert hazard.marginal_effect(own).estimate == pytest.approx(100 * np.mean(placed - unplaced), abs=1e-5)


def test_laws_follow_placement_more_often_already_in_the_raw_counts(years: pd.DataFrame) -> None:
    # Mantel and Haenszel's ratio of risks over years uses no model at all.
    above = below = 0.0
    for _, year in years.dropna(subset=["placed"]).groupby("year"):
        placed, others = year[year["placed"] == 1]["event"], year[year["placed"] == 0]["event"]
        above += placed.sum() * len(others) / len(year)
        below += others.sum() * len(placed) / len(year)
    crude = hazard.fit(years, Model("placed"))
    assert 1 < above / below < crude.ratio().estimate < 1.25 * above / below


def test_oceania_would_feign_an_effect_and_europe_would_hide_one(years: pd.DataFrame) -> None:
    rows = years.dropna(subset=["placed", *CONTROLS])
    among = rows.groupby("region")["placed"].agg(["sum", "size"]).astype(int)
    assert among.loc["Oceania"].tolist() == [9, 10]
    placed = rows["placed"] == 1
    for region, commoner in (("Oceania", True), ("Europe", False)):
        reading = (rows["region"] == region).astype(float)
        assert bool(reading[placed].mean() > reading[~placed].mean()) is commoner
        fitted = hazard.fit(rows.assign(region=reading), Model("placed", CONTROLS))
        assert fitted.ratio("region").estimate > 1


def test_us_money_for_cambodia_as_the_notes_state_it() -> None:
    aid = tables.read("cambodia_us_leverage").set_index("year")
    assert aid["oda_us_usd"][2005] / 1e6 == pytest.approx(102.8, abs=0.05)
    assert aid["oda_us_usd"][2006] / 1e6 == pytest.approx(73.2, abs=0.05)
    assert round(100 * (1 - aid["oda_us_usd"][2006] / aid["oda_us_usd"][2005])) == 29
    assert [round(aid["tip_grants_usd"][year] / 1e6, 2) for year in (2005, 2006)] == [0.33, 2.99]


def test_neighbours_passed_full_laws_when_the_chapter_says() -> None:
    law, tiers = tables.read("criminalisation_panel"), tables.read("tip_tiers")
    full = law[law["criminalisation"] == 2].groupby("iso3")["year"].min()
    assert full[["KHM", "LAO", "THA", "VNM"]].tolist() == [2008, 2006, 2008, 2012]
    rank = tiers.set_index(["iso3", "year"])["tier"]
    assert [rank[key] for key in (("LAO", 2005), ("THA", 2007), ("VNM", 2011))] == ["2", "2", "2WL"]
    ratified = law[(law["iso3"] == "KHM") & (law["palermo_protocol_ratified"] == 1)]["year"].min()
    assert ratified == 2007
    assert (tiers[tiers["year"] == 2002]["tier"] == "3").sum() == 19


def test_the_declared_comparisons_by_law_and_period() -> None:
    table = tables.read("cambodia_penalties")
    regimes = [
        Regime("untac", "2010-11-30", "KH-08-10", "KH-UN-31"),
        Regime("code", "2010-12-01", "KH-08-10", "KH-09-200"),
        Regime("ordinary", "2010-12-01", "KH-08-10", "KH-09-199"),
    ]
    answers = penalties.compare(table, regimes, forms=("base", "aggravated")).set_index(["regime", "form"])
    assert answers["as_severe"].astype(bool).tolist() == [False, True, False, False, False, True]
    strict = penalties.compare(table, regimes[:2], forms=("base", "aggravated"), without_unverified=True)
    assert strict["as_severe"].isna().tolist() == [True, True, False, False]
    # The 2008 law came before the rows that end with the 1996 law, and nothing of the old one outlives it.
    assert {"KH-96-3", "KH-96-8"}.isdisjoint(penalties.in_force(table, "2008-02-15")["id"])
    assert penalties.category(penalties.Range(10, 20), penalties.Range(10, 20)) == "equal"


def test_the_sentences_of_october_2004_can_be_read_off_the_table() -> None:
    note = tables.value("cambodia_penalties", "note", id="KH-96-3")
    assert re.findall(r"\d+", note.split(":")[-1]) == ["15", "15", "15", "10", "5", "5"]
    assert "the two terms of five years were given to accomplices" in note


def test_murder_in_viet_nam_may_bring_life_so_no_form_of_trafficking_is_as_severe() -> None:
    table = tables.read("cambodia_penalties")
    murder = penalties.penalty(table, "VN-15-123", "whole")
    assert murder is not None and murder.ceiling == penalties.LIFE
    for form in ("base", "aggravated"):
        trafficking = penalties.penalty(table, "VN-15-150", form)  # type: ignore[arg-type]
        assert trafficking is not None and penalties.as_severe(trafficking, murder) is False


def test_basic_trafficking_is_below_intentional_killing_and_equals_aggravated_rape() -> None:
    table = tables.read("cambodia_penalties")
    basic = penalties.penalty(table, "KH-08-10")
    assert basic == penalties.penalty(table, "KH-09-239", "aggravated")
    for killing, floor in (("KH-UN-32", 8), ("KH-09-199", 10)):
        range_ = penalties.penalty(table, killing)
        assert basic is not None and range_ is not None and range_.floor == floor
        assert penalties.as_severe(basic, range_) is False


def test_tier_3_and_the_watch_list_are_set_against_the_unplaced(years: pd.DataFrame) -> None:
    """The same contrasts from one model in which the two exclude each other, by statsmodels."""
    from statsmodels.formula.api import glm
    from statsmodels.genmod import families

    rows = years.dropna(subset=["placed", *CONTROLS]).reset_index(drop=True)
    for exposure, other in (("tier_3", "watch_list"), ("newly_placed", "still_placed")):
        formula = f"event ~ {exposure} + {other} + C(year) + C(region) + log_income + democracy + ratified"
        free = glm(formula, rows, family=families.Binomial(families.links.CLogLog())).fit(tol=1e-12, maxiter=200)
        own = hazard.fit(years, Model(exposure, CONTROLS, others=(other,)))
        assert own.term().estimate == pytest.approx(free.params[exposure], abs=1e-6)
        on, off = (free.predict(rows.assign(**{exposure: value, other: 0})) for value in (1, 0))
        assert hazard.marginal_effect(own).estimate == pytest.approx(100 * np.mean(on - off), abs=1e-5)
