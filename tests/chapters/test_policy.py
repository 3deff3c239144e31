"""What the notes state of policy, recomputed the way chapters 13 to 15 do."""

from __future__ import annotations

import pandas as pd
import pytest

from compendium.evidence import tables
from compendium.methods.choice import breakeven
from compendium.methods.counts import beforeafter, officialcounts

CONVICTED_AFTER = [11, 36, 44, 18, 29, 43, 100, 129, 125, 63]
ARRESTED_BEFORE, CONVICTED_BEFORE, MONTHS = 70, 22, 32


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    return tables.read("cambodia_enforcement").set_index("id")


@pytest.fixture(scope="module")
def evidence() -> pd.DataFrame:
    return tables.read("policy_evidence").set_index("id")


def test_the_series_of_convictions_has_one_figure_before_the_law_and_ten_after(counts: pd.DataFrame) -> None:
    series = officialcounts.country_series(counts.reset_index(), tables.read("unodc_cambodia"))
    yearly = series[(series.measure == "convicted") & (series.span == "year") & (series.scope == "trafficking")]
    assert yearly.low.tolist() == CONVICTED_AFTER
    assert yearly.year.min() == 2008
    first = counts.loc["moi-2002-2005"]
    assert (first.suspects, first.convicted) == (ARRESTED_BEFORE, CONVICTED_BEFORE)
    assert first.convicted / first.suspects == pytest.approx(0.31, abs=0.005)


def test_not_even_the_best_case_of_the_series_would_show_a_fall_of_half() -> None:
    """Chance alone, three years before: the power at half, summed over every outcome, is below four in five."""
    yearly = CONVICTED_BEFORE * 12 / MONTHS
    assert beforeafter.exact_power(yearly, 3, 10, 0.5) < 0.8
    found = beforeafter.detectable_fall(yearly, 3, 10, test="exact", draws=1000)
    assert 0.5 < found.fall < 0.62


def test_the_interval_of_the_ratio_reaches_from_a_fall_to_a_rise() -> None:
    ratio = beforeafter.rate_ratio([CONVICTED_BEFORE], CONVICTED_AFTER, years_before=[MONTHS / 12])
    assert ratio.ratio == pytest.approx((sum(CONVICTED_AFTER) / 10) / (CONVICTED_BEFORE * 12 / MONTHS))
    assert ratio.low < 0.8  # so the counts do not support the claim
    assert ratio.high > 1  # nor contradict it


def test_scholarships_raised_enrolment_and_were_not_seen_in_work(evidence: pd.DataFrame) -> None:
    programme = evidence.loc["filmer-schady-2006-programme"]
    assert (programme.effect_low, programme.effect_high, programme.unit) == (30, 43, "percentage points")
    assert evidence.effect["filmer-schady-2014-grades"] == 0.6
    assert pd.isna(evidence.effect["filmer-schady-2014-work"])
    assert evidence.bearing["filmer-schady-2014-work"] == "cuts_against"
    assert (evidence.effect["campbell-2011"], evidence.n["campbell-2011"]) == (0, 20)
    assert (evidence.before["ijm-minors"], evidence.after["ijm-minors"]) == (8.16, 2.2)


def test_the_evaluations_of_the_three_routes_count_as_the_notes_read_them(evidence: pd.DataFrame) -> None:
    routes = {"education": "education", "training": "training", "work": "work"}
    found = breakeven.findings(evidence[evidence.included == "yes"].reset_index(), routes)
    counted = {"earnings_or_work", "trafficking"}
    read = breakeven.verdicts(found, counted).set_index("study").reading
    by_year = {study.split("(")[0].split()[-1]: reading for study, reading in read.items()}
    assert by_year == {
        "2006": "other outcome",
        "2009": "other outcome",
        "2014": "none",
        "2018": "said",  # no interval was on the part that was read
        "2023": "none",
    }
    strict = breakeven.programmes(breakeven.verdicts(found, counted)).set_index("programme").reading.to_dict()
    assert strict == {"CESSP scholarship": "none", "primary scholarship of 2008": "disputed"}
    wide = breakeven.programmes(breakeven.verdicts(found, counted | {"schooling"}))
    assert wide.set_index("programme").reading.to_dict() == {
        "CESSP scholarship": "said",
        "JFPR scholarship for girls": "found",
        "primary scholarship of 2008": "said",
    }


def test_trafficking_proper_is_a_small_part_of_small_cases(counts: pd.DataFrame) -> None:
    for half, cases, whole in (("2024h1", 22, 104), ("2025h1", 27, 99)):
        assert counts.cases[f"ncct-{half}-trafficking"] == cases
        assert counts.cases[f"ncct-{half}"] == whole
        assert counts.suspects[f"ncct-{half}-trafficking"] / cases < 2
    assert counts.cases["ncct-2021"] > 2 * counts.cases["ncct-2020"]
