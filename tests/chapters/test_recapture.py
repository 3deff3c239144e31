"""The chapter's simulation, where its truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from compendium.chapters import recapture
from compendium.evidence import tables
from compendium.methods.counts import capture


@pytest.fixture(scope="module")
def measured():
    return recapture.performances().set_index("case")


def test_independent_equal_lists_are_right_on_average_and_in_nineteen_of_twenty_runs(measured) -> None:
    good = measured.loc[recapture.EQUAL]
    assert abs(good.relative_bias) < 4 * good.bias_error
    assert abs(good.coverage - 0.95) < 4 * good.coverage_error


def test_dependent_lists_miss_by_what_the_closed_form_says(measured) -> None:
    for name in (recapture.DEPENDENT, "dependence 3", "lists avoid each other (0.5)"):
        case, found = recapture.CASES[name], measured.loc[name]
        settings = case.population, case.first_share, case.second_share, case.odds_ratio
        expected = capture.expected_chapman(*settings) / case.population - 1
        assert abs(found.relative_bias - expected) < 4 * found.bias_error, name


def test_every_case_differs_from_the_first_in_what_its_name_says() -> None:
    equal, small = recapture.CASES[recapture.EQUAL], recapture.CASES[recapture.SMALL]
    assert (equal.odds_ratio, equal.concentration) == (1, np.inf)
    assert small.first_share == 0.02 and recapture.SMALL_DEPENDENT.first_share == small.first_share
    assert recapture.CASES[recapture.DEPENDENT].odds_ratio == recapture.SMALL_DEPENDENT.odds_ratio == 1.5


def test_every_national_estimate_by_lists_is_shown_and_one_added_tomorrow_too(monkeypatch) -> None:
    known = tables.read("global_estimates")
    assert list(recapture.table_of_uses().index) == ["United Kingdom", "Netherlands", "Serbia"]
    row = known[known.id == "nld2015_mse"].assign(id="rou_mse", scope="Romania", value_central=1000.0)
    monkeypatch.setattr(tables, "read", lambda name: pd.concat([known, row]))
    assert recapture.table_of_uses().estimate["Romania"] == "1,000"


def test_estimates_are_shown_as_printed() -> None:
    assert list(recapture.table_of_uses().estimate) == [
        "10,000 to 13,000",
        "6,250",
        "four to nine times the detected",
    ]


def test_words_on_more_lists_are_ends_over_the_number_of_lists() -> None:
    measured = pd.DataFrame(
        {
            "kind": [recapture.FREE, recapture.FREE, recapture.TIED, recapture.EASY, recapture.EASY],
            "coverage": [0.94, 0.96, 0.93, 0.02, 0.01],
            "median_ratio": [1, 1, 1, 0.4, 0.6],
            "pairs": [0, 0, 1, 2, 3.25],
            "coverage_error": [0.01, 0.012, 0.01, 0.005, 0.005],
        }
    )
    words = recapture.words_on_many_lists(measured)
    assert (words["free_coverage"], words["tied_coverage"]) == ("94% to 96%", "93% to 93%")
    assert (words["easy_most"], words["easy_ratio"]) == ("2%", "40% to 60%")
    assert (words["easy_pairs"], words["many_error"]) == ("3.2", "1.2")
