"""Who is at risk: panels counted by hand, and the published one."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from compendium.evidence import tables
from compendium.methods.law import riskset
from compendium.methods.law.frames import HazardError

LAW = {
    "AAA": [0, 0, 0, 2, 2, 2],  # legislates in 2004
    "BBB": [0, 1, 1, 1, 1, 1],  # never fully
    "CCC": [2, 2, 2, 2, 2, 2],  # full before the first report
    "DDD": [0, 0, None, 0, 2, 2],  # unknown in 2003
    "USA": [0, 0, 2, 2, 2, 2],
}


TIERS = {
    "AAA": {2001: "2", 2002: "2", 2003: "3", 2004: "1", 2005: "1"},
    "BBB": {2002: "3", 2003: "3", 2004: "2", 2005: "2WL"},
    "DDD": {2003: "SC", 2004: "2or2WL"},
}


def law_and_tiers() -> tuple[pd.DataFrame, pd.DataFrame]:
    law = [(c, 2001 + k, v) for c, codes in LAW.items() for k, v in enumerate(codes)]
    ranks = [(c, y, t) for c, years in TIERS.items() for y, t in years.items()]
    return (
        pd.DataFrame(law, columns=["iso3", "year", "criminalisation"]).astype({"criminalisation": "Int64"}),
        pd.DataFrame(ranks, columns=["iso3", "year", "tier"]).assign(year_coverage="complete"),
    )


def test_risk_set_of_a_panel_counted_by_hand():
    at_risk = riskset.risk_set(*law_and_tiers(), last_year=2005)
    frame = at_risk.frame
    keys = list(zip(frame["iso3"], frame["year"], frame["event"], strict=True))
    assert keys == [
        ("AAA", 2002, 0),
        ("AAA", 2003, 0),
        ("AAA", 2004, 1),
        ("BBB", 2002, 0),
        ("BBB", 2003, 0),
        ("BBB", 2004, 0),
        ("BBB", 2005, 0),
        ("DDD", 2002, 0),
        ("DDD", 2005, 1),
    ]
    assert (at_risk.countries, at_risk.events, at_risk.censored) == (3, 2, 1)
    assert at_risk.full_at_entry == 1
    assert at_risk.unknown_years == 2  # DDD in 2003, and in 2004 when the year before is not known
    rows = frame.set_index(["iso3", "year"])
    assert rows.loc["AAA", "placed"].tolist() == [0, 0, 1]
    assert rows.loc["BBB", "placed"].tolist() == [0, 1, 1, 0]
    assert rows.loc["BBB", "newly_placed"].tolist() == [0, 1, 0, 0]
    assert rows.loc["BBB", "still_placed"].tolist() == [0, 0, 1, 0]
    assert rows.loc["BBB", "ever_placed"].tolist() == [0, 1, 1, 1]
    assert rows.loc["BBB", "ranked"].tolist() == [0, 1, 1, 1]
    assert rows.loc["BBB", "placed_lead1"].tolist()[:3] == [1, 0, 1]
    assert rows.loc["BBB", "tier_3_lead1"].tolist()[:3] == [1, 0, 0]
    assert rows.loc["BBB", "watch_list_lead1"].tolist()[:3] == [0, 0, 1]
    assert rows.loc["BBB", "event_time"].tolist() == [0, 1, 2, 3]
    assert rows.loc["BBB", "partial"].tolist() == [0, 1, 1, 1]
    # No source tells DDD's 2004 rank from the watch list; a special case is not ranked.
    assert math.isnan(rows.loc[("DDD", 2005), "placed"])
    assert rows.loc[("DDD", 2005), "ranked"] == 1
    assert len(at_risk.ranked) == 3 + 3 + 1


def test_a_first_placement_is_looked_for_up_to_two_reports_after_the_last_year():
    law, tiers = law_and_tiers()
    moved = {("AAA", 2003): "1", ("AAA", 2004): "3"}
    rows = zip(tiers["iso3"], tiers["year"], tiers["tier"], strict=True)
    tiers["tier"] = [moved.get((code, year), tier) for code, year, tier in rows]
    frame = riskset.risk_set(law, tiers, last_year=2002).frame.set_index("iso3")
    assert frame.loc["AAA", ["first_placement", "event_time"]].tolist() == [2004, -2]


@pytest.mark.parametrize(
    "years", [{"first_year": 2001}, {"last_year": 2007}, {"first_year": 2006, "last_year": 2005}]
)
def test_years_whose_laws_are_not_coded_are_refused(years):
    first, last = years.get("first_year", 2002), years.get("last_year", 2006)
    needed = f"years {first}-{last} need criminalisation for {first - 1}-{last}; it is known for 2001-2006"
    with pytest.raises(HazardError, match=needed):
        riskset.risk_set(*law_and_tiers(), **years)


def test_of_rows_that_appear_twice_the_first_is_named():
    law, tiers = law_and_tiers()
    with pytest.raises(HazardError, match="criminalisation: AAA 2001 appears twice"):
        riskset.risk_set(pd.concat([law, law]), tiers)


@pytest.mark.parametrize("coverage", ["closed", "cambodia_only"])
def test_no_risk_set_rests_on_a_report_that_the_table_does_not_call_complete(coverage):
    years = range(2001, 2021)
    law = pd.DataFrame([("AAA", y, 0) for y in years], columns=["iso3", "year", "criminalisation"])
    ranks = [("AAA", y, "2", coverage if y == 2019 else "complete") for y in years]
    tiers = pd.DataFrame(ranks, columns=["iso3", "year", "tier", "year_coverage"])
    with pytest.raises(HazardError, match=r"TIP report 2019 is not a complete list.*end the risk set by 2019"):
        riskset.risk_set(law, tiers, last_year=2020)
    allowed = riskset.risk_set(law, tiers, last_year=2019).frame.set_index("year")
    assert allowed["placed"].notna().all()
    assert allowed["placed_lead1"].isna().tolist() == [year == 2018 for year in range(2002, 2019)] + [False]
    assert allowed.index.max() == 2019


def test_the_published_lists_are_complete_in_a_row_to_2018():
    complete = riskset.complete_reports(tables.read("tip_tiers"))
    assert set(range(2001, 2019)) <= complete
    assert not {2019, 2022, 2024} & complete


def test_covariates_are_lagged_and_aid_is_a_share_of_output():
    at_risk = riskset.risk_set(*law_and_tiers(), last_year=2005).frame
    panel = pd.DataFrame(
        {
            "iso3": "AAA",
            "year": [2001, 2002, 2003],
            "gdp_per_capita_const_usd": [100.0, 200.0, 400.0],
            "population": [1e6, 1e6, 1e6],
            "us_assistance_obligations_const_usd": [1e6, -5.0, None],
            "vdem_polyarchy": [0.1, 0.2, 0.3],
        }
    )
    countries = pd.DataFrame({"iso3": ["AAA", "BBB"], "un_region": ["Asia", "Africa"]})
    ratified = pd.DataFrame({"iso3": "AAA", "year": [2001, 2002], "palermo_protocol_ratified": [0, 1]})
    full = riskset.add_covariates(at_risk, panel, countries, ratified)
    assert full[["iso3", "year", "event"]].equals(at_risk[["iso3", "year", "event"]])
    rows = full.set_index(["iso3", "year"])
    assert rows.loc[("AAA", 2002), "log_income"] == pytest.approx(math.log(100))
    assert rows.loc[("AAA", 2002), "aid_share"] == pytest.approx(1.0)
    assert rows.loc[("AAA", 2002), "log_aid"] == pytest.approx(math.log(2))
    assert rows.loc[("AAA", 2003), "aid_share"] == 0
    assert math.isnan(rows.loc[("AAA", 2004), "aid_share"])
    assert rows.loc["AAA", "ratified"].tolist()[:2] == [0, 1]
    assert rows.loc[("BBB", 2004), "region"] == "Africa"


def test_the_published_panel_gives_a_risk_set_that_checks_by_hand():
    law, tiers = tables.read("criminalisation_panel"), tables.read("tip_tiers")
    at_risk = riskset.risk_set(law, tiers)
    full = law[(law["criminalisation"] == 2) & (law["iso3"] != "USA")].groupby("iso3")["year"].min()
    assert at_risk.events == (full >= 2002).sum()
    assert at_risk.full_at_entry == (full < 2002).sum()
    cambodia = at_risk.frame[at_risk.frame["iso3"] == "KHM"].set_index("year")
    # Tier 3 in the reports of 2002 and 2005, watch list in 2006 and 2007; the law is of 2008.
    assert cambodia["event"].tolist() == [0, 0, 0, 0, 0, 0, 1]
    assert cambodia["tier_3"].to_dict() == {2002: 0, 2003: 1, 2004: 0, 2005: 0, 2006: 1, 2007: 0, 2008: 0}
    assert cambodia["watch_list"].to_dict() == {2002: 0, 2003: 0, 2004: 0, 2005: 0, 2006: 0, 2007: 1, 2008: 1}
