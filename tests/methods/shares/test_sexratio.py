"""Women's share: bounds over suppressed counts, intervals from rounded percentages, selection."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import proportion_confint

from compendium.evidence import tables
from compendium.methods.shares.sexratio import (
    by_country,
    configurations,
    ratio_between,
    sample_interval,
    selected_share,
    with_cells,
)

ROWS = pd.DataFrame(
    [
        ("AAA", 2017, 10, 10, 30, 30),
        ("AAA", 2018, 0, 4, 7, 7),
        ("AAA", 2019, 0, 4, 0, 4),
        ("BBB", 2017, 5, 5, None, None),
        ("BBB", 2018, 3, 3, 1, 1),
        ("CCC", 2017, 0, 0, 0, 0),
    ],
    columns=["iso3", "year", "women_min", "women_max", "men_min", "men_max"],
)


# ------------------------------------------------------------------------------------------ cells printed twice

TWICE = pd.DataFrame(
    [("AAA", 2017, "female", 10, 10, 0, 4), ("BBB", 2018, "male", 1, 1, 6, 6), ("AAA", 2018, "other", 5, 5, 0, 4)],
    columns=["iso3", "year", "sex", "first_min", "first_max", "second_min", "second_max"],
)


@pytest.mark.parametrize(
    ("taking", "women", "men"), [("first", (10, 10), 1), ("second", (0, 4), 6), ("sum", (10, 14), 7)]
)
def test_a_cell_printed_twice_is_one_of_its_values_or_their_sum(taking, women, men):
    cells = with_cells(ROWS, TWICE, taking).set_index(["iso3", "year"])
    assert tuple(cells.loc[("AAA", 2017), ["women_min", "women_max"]]) == women
    assert tuple(cells.loc[("BBB", 2018), ["men_min", "men_max"]]) == (men, men)
    before = ROWS.set_index(["iso3", "year"])
    untouched = [("AAA", 2018), ("AAA", 2019), ("BBB", 2017), ("CCC", 2017)]
    pd.testing.assert_frame_equal(cells.loc[untouched], before.loc[untouched])


def test_a_cell_printed_twice_of_an_unknown_row_is_refused():
    with pytest.raises(ValueError, match="printed twice and is no row"):
        with_cells(ROWS, TWICE.assign(year=2020), "sum")


def test_the_published_table_holds_the_first_of_two_values():
    convicted = tables.read("unodc_convicted_by_sex")
    twice = tables.read("unodc_by_sex_duplicates").query("indicator == 'persons_convicted'")
    pd.testing.assert_frame_equal(with_cells(convicted, twice, "first")[list(convicted)], convicted)


# ------------------------------------------------------------------------------------------ country sums


def test_bounds_are_the_range_over_every_hidden_count() -> None:
    country = by_country(ROWS).set_index("iso3").loc["AAA"]
    shares = [(10 + a + b) / (10 + a + b + 37 + c) for a, b, c in itertools.product(range(5), range(5), range(5))]
    assert country["share_low"] == pytest.approx(min(shares))
    assert country["share_high"] == pytest.approx(max(shares))
    assert (country["known"], country["years"]) == (47, 3)


def test_years_with_one_sex_and_countries_without_people_are_left_out() -> None:
    found = by_country(ROWS).set_index("iso3")
    assert list(found.index) == ["AAA", "BBB"]
    assert found.loc["BBB", ["women_min", "men_min", "years"]].tolist() == [3, 1, 1]
    assert found.loc["BBB", "share_low"] == found.loc["BBB", "share_high"] == 0.75


def test_a_country_needs_people_at_both_ends_and_a_single_one_is_enough() -> None:
    rows = pd.DataFrame(
        [("OPEN", 2017, 0, 4, 0, 0), ("MEN", 2017, 0, 0, 0, 4), ("ONE", 2017, 1, 1, 0, 0)], columns=ROWS.columns
    )
    found = by_country(rows)
    assert found["iso3"].tolist() == ["ONE"] and found.loc[0, "share_low"] == found.loc[0, "share_high"] == 1


def test_the_note_s_ranking_of_countries() -> None:
    # The evidence note: no country with 50 or more convicted reaches 80%; Russia's 82% rests on 33 people.
    found = by_country(tables.read("unodc_convicted_by_sex")).set_index("iso3")
    assert (found.loc[found.known >= 50, "share_high"] < 0.8).all()
    assert found.loc["RUS", "known"] == 33
    assert found.loc["RUS", "share_low"] == found.loc["RUS", "share_high"] == pytest.approx(27 / 33)
    assert "KHM" not in found.index
    assert ((found.share_low >= 0) & (found.share_low <= found.share_high) & (found.share_high <= 1)).all()


def test_configurations_are_the_corners_of_the_bounds() -> None:
    countries = pd.DataFrame(
        {
            "women_min": [40, 0, 5],
            "women_max": [44, 4, 5],
            "totals_low": [50, 20, 10],
            "totals_high": [52, 22, 10],
            "share_low": [0.8, 0.0, 0.5],
            "share_high": [44 / 52, 4 / 22, 0.5],
        }
    )
    found = configurations(countries)
    assert found["low"][0].tolist() == [40, 0, 5] and found["low"][1].tolist() == [50, 20, 10]
    assert found["high"][0].tolist() == [44, 4, 5] and found["high"][1].tolist() == [52, 22, 10]
    assert found["apart"][0].tolist() == [44, 0, 5]
    assert found["together"][0].tolist() == [40, 4, 5]


def test_the_note_s_prison_baseline() -> None:
    # The evidence note: 6.5% of all prisoners in 2010 were women; the sample's share is about 12 times that.
    def value(key: str) -> float:
        return float(tables.value("cambodia_prison_baseline", "value", id=key))

    baseline = value("women-prisoners-2010-licadho") / value("prisoners-total-2010-wpb")
    assert round(100 * baseline, 1) == 6.5
    assert round(73 / 91 / baseline) == 12


# --------------------------------------------------------------------------------------------- samples


def test_an_interval_from_a_percentage_holds_those_of_every_count_that_rounds_to_it() -> None:
    found = sample_interval(488, None, "19")
    ends = [
        proportion_confint(count, 488, method="wilson") for count in range(489) if round(100 * count / 488) == 19
    ]
    assert len(ends) == 5
    assert found.low == pytest.approx(min(low for low, _ in ends))
    assert found.high == pytest.approx(max(high for _, high in ends))
    counts = [count for count in range(489) if round(100 * count / 488) == 19]
    assert found.estimate == pytest.approx(counts[2] / 488)  # that of the middle one


def test_a_printed_count_is_used_before_a_percentage() -> None:
    assert (sample_interval(15, 8, "99").low, sample_interval(15, 8).high) == pytest.approx(
        proportion_confint(8, 15, method="wilson")
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sample_interval(15, None), "neither women nor a percentage"),
        (lambda: sample_interval(15, None, "50"), "no count of 15 rounds to 50%"),
        (lambda: selected_share(1.2), "share is 1.2"),
        (lambda: selected_share(0.5, 2, 0), "ratios are (2, 0)"),
        (lambda: ratio_between(0, 0.5), "before is 0"),
        (lambda: ratio_between(0.5, 1), "after is 1"),
        (lambda: ratio_between(0.5, 1.2), "after is 1.2"),
        (lambda: ratio_between(-0.1, 0.5), "before is -0.1"),
    ],
)
def test_impossible_input_is_named_in_one_line(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value) and "\n" not in str(caught.value)


# ------------------------------------------------------------------------------------------- selection


def test_selection_is_the_share_among_those_who_passed_in_a_simulation() -> None:
    draw = np.random.default_rng(7)
    people = 400_000
    woman = draw.random(people) < 0.4
    held = draw.random(people) < np.where(woman, 0.30, 0.05)
    seen = held & (draw.random(people) < np.where(woman, 0.4, 0.8))
    expected = selected_share(0.4, 0.30 / 0.05, 0.4 / 0.8)
    error = np.sqrt(expected * (1 - expected) / seen.sum())
    assert abs(woman[seen].mean() - expected) < 4 * error


@pytest.mark.parametrize("share", [0.05, 0.31, 0.5, 0.9])
def test_the_ratio_needed_gives_the_share_wanted(share: float) -> None:
    assert selected_share(share, ratio_between(share, 0.8)) == pytest.approx(0.8)
    assert selected_share(share) == pytest.approx(share)


def test_the_ratio_is_an_odds_ratio() -> None:
    assert ratio_between(0.065, 0.802) == pytest.approx(Table2x2([[802, 198], [65, 935]]).oddsratio)
    assert ratio_between(0.5, 0.8) == pytest.approx(4)
