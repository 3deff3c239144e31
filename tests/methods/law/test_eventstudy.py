"""Years since placement: simulated worlds with a known jump and a known trend before it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from worlds import placements

from compendium.methods.law import eventstudy, hazard
from compendium.methods.law.regressors import Model


def test_event_study_finds_the_jump_and_no_trend_before_it():
    study = eventstudy.event_study(placements(11, effect=0.9, anticipation=0.0))
    after = study.estimates.query("kind == 'placed' and event_time >= 1")
    assert (after["low"] < 0.9).all()
    assert (after["high"] > 0.9).all()
    assert after["estimate"].mean() == pytest.approx(0.9, abs=0.25)
    assert study.estimates["event_time"].tolist() == list(range(-4, 6))
    compared = study.estimates.query("kind == 'reference'")
    assert compared["event_time"].tolist() == [-2, -1] and set(compared["status"]) == {"reference"}
    assert (compared[["estimate", "se", "low", "high"]] == 0).all(axis=None)
    statistic, freedom, p = study.pretrend
    assert freedom == 2
    assert p > 0.05
    assert statistic < 6


def test_event_study_and_placebo_catch_a_trend_before_placement():
    frame = placements(12, effect=0.9, anticipation=1.2)
    study = eventstudy.event_study(frame, window=(-5, 5), reference=(-5,))
    leads = study.estimates.query("event_time in [-3, -2, -1]")
    assert (leads["low"] > 0).all() and set(leads["kind"]) == {"lead"}
    assert study.pretrend[1] == 4  # the four years between the reference and the placement
    assert study.pretrend[2] < 0.001
    alone, beside = hazard.placebo(frame)
    assert alone.ratio().low > 1
    assert beside.ratio().low > 1
    assert hazard.placebo(placements(13, effect=0.9, anticipation=0.0))[1].ratio().low < 1
    renamed = frame.rename(columns={"placed": "tier_3", "placed_lead1": "tier_3_lead1"})
    assert hazard.placebo(renamed, Model("tier_3"))[1].ratio("tier_3_lead1") == beside.ratio("placed_lead1")


def test_event_study_reports_a_bin_without_laws_rather_than_dropping_it():
    frame = placements(14, effect=0.9, anticipation=0.0)
    frame.loc[frame["event_time"] == 0, "event"] = 0
    row = eventstudy.event_study(frame).estimates.set_index("event_time").loc[0]
    assert row["status"] == "no events"
    assert row["estimate"] == -math.inf
    assert row["n"] > 100


def test_without_a_year_before_the_reference_there_is_no_trend_to_test():
    pretrend = eventstudy.event_study(placements(14, effect=0.9, anticipation=0.0), window=(-2, 5)).pretrend
    assert pretrend[1] == 0 and np.isnan([pretrend[0], pretrend[2]]).all()


def test_a_reference_that_cannot_be_compared_with_is_refused():
    frame = placements(14, effect=0.9, anticipation=0.0)
    with pytest.raises(hazard.HazardError, match=r"reference \(-9,\) lies outside the window -4 to 5"):
        eventstudy.event_study(frame, reference=(-9,))
    frame.loc[frame["event_time"].isin([-2, -1]), "event"] = 0
    with pytest.raises(hazard.HazardError, match="no law in the reference years"):
        eventstudy.event_study(frame)


def test_event_study_counts_the_rows_that_it_uses():
    frame = placements(14, effect=0.9, anticipation=0.0).assign(income=1.0)
    frame["income"] = np.random.default_rng(1).normal(size=len(frame))
    frame.loc[frame["iso3"] < "C100", "income"] = np.nan
    found = eventstudy.event_study(frame, ("income",)).estimates
    used = frame[(frame["iso3"] >= "C100") & frame["event_time"].notna()]
    assert (found["n"].sum(), found["events"].sum()) == (len(used), used["event"].sum())
