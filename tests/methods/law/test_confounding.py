"""Unmeasured causes: the published example, the bound by enumeration, benchmarks in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import cells

from compendium.methods.law import confounding, hazard
from compendium.methods.law.frames import HazardError
from compendium.methods.law.regressors import Model


def test_e_value_of_the_published_example():
    # VanderWeele and Ding (2017): risk ratio 3.9 (1.8 to 8.7) has E-values 7.26 and 3.0.
    found = confounding.e_value(3.9, 1.8, 8.7, measure="risk")
    assert found.estimate == pytest.approx(7.26, abs=0.005)
    assert found.limit == pytest.approx(3.0, abs=0.005)


@pytest.mark.parametrize("ratio", [1.2, 2.0, 6.5])
def test_a_confounder_as_strong_as_the_e_value_just_explains_the_ratio_away(ratio):
    strength = confounding.e_value(ratio, ratio * 0.9, ratio * 1.1, measure="risk").estimate
    bounding_factor = strength * strength / (2 * strength - 1)
    assert bounding_factor == pytest.approx(ratio)


def test_e_value_is_symmetric_and_one_where_the_interval_includes_no_effect():
    above = confounding.e_value(2.0, 1.25, 3.2)
    below = confounding.e_value(1 / 2.0, 1 / 3.2, 1 / 1.25)
    assert (above.estimate, above.limit) == pytest.approx((below.estimate, below.limit))
    assert confounding.e_value(1.5, 0.9, 2.5).limit == 1.0
    assert confounding.e_value(4.0, 4.0, 4.0, measure="odds").estimate == pytest.approx(
        confounding.e_value(2.0, 2.0, 2.0, measure="risk").estimate
    )
    rare = confounding.e_value(2.0, 1.5, 3.0, common=False)
    assert rare == confounding.e_value(2.0, 1.5, 3.0, measure="risk")


@pytest.mark.parametrize(("a", "b"), [(1.0, 5.0), (2.0, 3.0), (4.0, 1.5)])
def test_no_binary_confounder_inflates_a_risk_ratio_beyond_the_bounding_factor(a, b):
    # Without any effect of the exposure, risk depends on the confounder alone: r where absent, b r where present.
    worst = 0.0
    for common in np.linspace(0.001, 1 / a, 400):
        worst = max(worst, (1 + a * common * (b - 1)) / (1 + common * (b - 1)))
    assert worst <= confounding.bounding_factor(a, b) + 1e-9
    # Reached where every exposed unit has the confounder.
    assert (1 + b - 1) / (1 + (b - 1) / a) == pytest.approx(confounding.bounding_factor(a, b))
    with pytest.raises(HazardError, match="invert it"):
        confounding.bounding_factor(a, 0.5)


@pytest.mark.parametrize("bias", [1.0, 1.3, 2.5])
def test_the_outcome_ratio_needed_gives_back_the_bias(bias):
    exposures = np.array([2.6, 4.0, 6.0])
    needed = confounding.outcome_ratio_needed(exposures, bias)
    found = [confounding.bounding_factor(a, b) for a, b in zip(exposures, needed, strict=True)]
    assert found == pytest.approx([bias] * 3)
    with pytest.raises(HazardError, match="cannot inflate"):
        confounding.outcome_ratio_needed(np.array([bias]), bias)


def test_benchmarks_read_covariates_as_yes_or_no():
    # Coastal: 600 of 800 placed rows against 300 of 1200 others; its hazard is twice as high in either group.
    # Hazards of 0.19 = 1 - 0.9 ** 2 and of 0.1 are exactly 2 to 1 on the complementary log-log scale.
    counts = {(1.0, 1.0): (600, 114), (1.0, 0.0): (200, 20), (0.0, 1.0): (300, 57), (0.0, 0.0): (900, 90)}
    frame = cells(counts, ("placed", "coastal")).assign(coast=lambda d: np.where(d["coastal"] == 1, "yes", "no"))
    frame["height"] = -frame["coastal"] + np.arange(len(frame)) / (10 * len(frame))
    number = confounding.benchmarks(frame, Model(covariates=("coastal",))).iloc[0]
    assert number["label"] == "yes"
    assert number["exposure_ratio"] == pytest.approx((600 / 800) / (300 / 1200))
    assert number["outcome_ratio"] == pytest.approx(confounding.risk_ratio(2.0, "hazard"), rel=1e-6)
    assert number["bias"] == pytest.approx(confounding.bounding_factor(3.0, number["outcome_ratio"]))
    levels = confounding.benchmarks(frame, Model(covariates=("coast",))).set_index("label")
    assert levels.loc["yes", "exposure_ratio"] == pytest.approx(number["exposure_ratio"])
    # Strength has no direction: the inland share is inverted, and so is its ratio.
    assert levels.loc["no", "exposure_ratio"] == pytest.approx((900 / 1200) / (200 / 800))
    assert levels.loc["no", "outcome_ratio"] == pytest.approx(number["outcome_ratio"])
    assert confounding.benchmarks(frame, Model(covariates=("height",)))["label"].tolist() == ["above the median"]
    fitted = hazard.fit(frame, Model(covariates=("coast",)))
    halved = confounding.risk_ratio(0.5, "hazard")
    assert confounding.directed_ratios(fitted, "coast", "no") == pytest.approx((1 / 3, halved), rel=1e-6)
    assert confounding.directed_ratios(fitted, "coast", "yes") == pytest.approx((3.0, 1 / halved), rel=1e-6)


@pytest.mark.parametrize("ratio", [(-1, 0.5, 2), (2, 0, 3), (2, 2.5, 3)])
def test_e_value_refuses_impossible_ratios(ratio):
    with pytest.raises(HazardError, match="E-value"):
        confounding.e_value(*ratio)


def test_ratios_as_risks_in_numbers_worked_by_hand():
    # One half to the power of the roots of 2 and of 1/2 is 0.3752 and 0.6125.
    assert confounding.risk_ratio(2.0, "hazard") == pytest.approx((1 - 0.3752) / (1 - 0.6125), abs=5e-4)
    assert confounding.risk_ratio(0.5, "hazard") == pytest.approx(1 / confounding.risk_ratio(2.0, "hazard"))
    assert confounding.risk_ratio(9.0, "odds") == 3 and confounding.risk_ratio(9.0, "risk") == 9
    assert confounding.risk_ratio(9.0, "odds", common=False) == 9
    with pytest.raises(HazardError, match="measure is 'rate'; expected risk, hazard or odds"):
        confounding.risk_ratio(2.0, "rate")


def test_the_limit_is_the_end_nearest_to_no_effect_on_either_side():
    low = confounding.e_value(1.5, 1.2, 1.9, measure="risk")
    assert low.limit == pytest.approx(1.2 + (1.2 * 0.2) ** 0.5)
    high = confounding.e_value(1 / 1.5, 1 / 1.9, 1 / 1.2, measure="risk")
    assert (high.estimate, high.limit) == pytest.approx((low.estimate, low.limit))
    assert confounding.e_value(1.0, 1.0, 1.0, measure="risk") == confounding.EValue(1.0, 1.0)
    for ends in ((1.5, 1.0, 1.9), (0.7, 0.5, 1.0)):
        assert confounding.e_value(*ends, measure="risk").limit == 1.0


def test_a_number_is_read_as_above_its_median_and_a_model_of_odds_gives_odds():
    counts = {(1.0, 1.0): (600, 114), (1.0, 0.0): (200, 20), (0.0, 1.0): (300, 57), (0.0, 0.0): (900, 90)}
    frame = cells(counts, ("placed", "coastal")).assign(height=lambda rows: 5 * rows["coastal"] + 1)
    frame["inland"] = np.where(frame["coastal"] == 1, "a", "b")
    above = confounding.benchmarks(frame, Model(covariates=("height",))).iloc[0]
    assert above["exposure_ratio"] == pytest.approx((600 / 800) / (300 / 1200))
    odds = confounding.benchmarks(frame, Model(covariates=("coastal",), link="logit")).iloc[0]
    assert odds["outcome_ratio"] == pytest.approx(((0.19 / 0.81) / (0.1 / 0.9)) ** 0.5, rel=1e-6)
    fitted = hazard.fit(frame, Model(covariates=("height",)))
    found = confounding.directed_ratios(fitted, "height", "above the median")
    assert found == pytest.approx((3.0, confounding.risk_ratio(2.0, "hazard")), rel=1e-6)


def test_readings_that_cannot_be_fitted_or_compared_are_left_out_and_the_later_ones_stay():
    counts = {
        (1.0, 0.0): (60, 0),  # a: no event, so that its ratio is zero
        (0.0, 0.0): (90, 0),
        (1.0, 1.0): (50, 20),  # b: among the placed alone
        (1.0, 2.0): (80, 20),
        (0.0, 2.0): (120, 12),
        (1.0, 3.0): (80, 8),
        (0.0, 3.0): (60, 9),
    }
    frame = cells(counts, ("placed", "place"))
    frame["place"] = frame["place"].map(dict(enumerate("abcd")))
    found = confounding.benchmarks(frame, Model(covariates=("place",)))
    assert found["label"].tolist() == ["c", "d"]
    # 80 of 270 placed rows against 120 of 270 others, and 80 against 60.
    assert found["exposure_ratio"].tolist() == pytest.approx([120 / 80, 80 / 60])
