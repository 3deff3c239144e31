"""Bounds on the share of foreigners against every possible count, and shares under selection."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium.methods.shares import citizenship

bound = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda b: (min(b), max(b)))


def possible(national, foreign, unknown, total, treatment):
    """Every (foreigners, others) that whole numbers within the bounds allow."""
    found = []
    for n, f, u in product(*(range(low, high + 1) for low, high in (national, foreign, unknown))):
        if not total[0] <= n + f + u <= total[1]:
            continue
        for foreigners_among_unknown in range(u + 1):
            if treatment == "national" and foreigners_among_unknown > 0:
                continue
            if treatment == "foreign" and foreigners_among_unknown < u:
                continue
            inside = f if treatment == "left out" else f + foreigners_among_unknown
            outside = n if treatment == "left out" else n + u - foreigners_among_unknown
            found.append((inside, outside))
    return found


@given(
    bound,
    bound,
    bound,
    st.tuples(st.integers(0, 15), st.integers(0, 15)),
    st.sampled_from(list(citizenship.TREATMENTS)),
)
def test_extremes_give_the_least_and_greatest_share_of_every_possible_count(
    national, foreign, unknown, total, treatment
):
    total = (min(total), max(total))
    tables_that_fit = possible(national, foreign, unknown, total, treatment)
    if not tables_that_fit:
        with pytest.raises(ValueError, match="leave that country and year out"):
            citizenship.extremes(national, foreign, unknown, total, treatment)
        return
    found = citizenship.extremes(national, foreign, unknown, total, treatment)
    every = [inside / (inside + outside) for inside, outside in tables_that_fit if inside + outside > 0]
    if not every:
        return
    if found.fewest_foreign + found.most_others > 0:
        assert found.fewest_foreign / (found.fewest_foreign + found.most_others) == pytest.approx(min(every))
    if found.most_foreign + found.fewest_others > 0:
        assert found.most_foreign / (found.most_foreign + found.fewest_others) == pytest.approx(max(every))


@given(bound, bound, bound, st.integers(0, 15))
def test_leaving_it_open_is_as_wide_as_the_two_ways_of_deciding_it(national, foreign, unknown, total):
    if not possible(national, foreign, unknown, (total, total), "either"):
        return
    either, inside, outside = (
        citizenship.extremes(national, foreign, unknown, (total, total), name)
        for name in ("either", "foreign", "national")
    )
    assert either.fewest_foreign == outside.fewest_foreign <= inside.fewest_foreign
    assert either.most_foreign == inside.most_foreign >= outside.most_foreign


def frame(rows):
    return pd.DataFrame(
        rows, columns=["iso3", "year", "citizenship", "count_min", "count_max", "against_total"]
    ), pd.DataFrame(
        [("AAA", 2018, 151, 151), ("AAA", 2019, 100, 100), ("BBB", 2018, 32, 32), ("BBB", 2019, 20, 20)],
        columns=["iso3", "year", "count_min", "count_max"],
    )


ROWS = [
    ("AAA", 2018, "national", 118, 118, "consistent"),
    ("AAA", 2018, "foreign", 0, 48, "consistent"),
    ("AAA", 2018, "unknown", 18, 18, "consistent"),
    ("AAA", 2019, "national", 60, 60, "falls_short"),
    ("AAA", 2019, "foreign", 0, 8, "falls_short"),
    ("BBB", 2018, "national", 32, 32, "consistent"),
    ("BBB", 2018, "foreign", 0, 4, "consistent"),
    ("BBB", 2019, "national", 700, 700, "exceeds_total"),
]


def test_totals_undo_suppression_and_people_in_no_class_are_of_unknown_citizenship():
    splits = citizenship.by_country_and_year(*frame(ROWS)).set_index(["iso3", "year", "treatment"])
    # 151 less 118 nationals and 18 unknown leaves 15 foreigners, whatever was suppressed.
    assert tuple(splits.loc[("AAA", 2018, "national")]) == (15, 136, 15, 136)
    assert tuple(splits.loc[("AAA", 2018, "foreign")]) == (33, 118, 33, 118)
    assert tuple(splits.loc[("AAA", 2018, "either")]) == (15, 136, 33, 118)
    assert tuple(splits.loc[("AAA", 2018, "left out")]) == (15, 118, 15, 118)
    # 60 nationals of 100: the other 40 may all be foreign, or all but none.
    assert tuple(splits.loc[("AAA", 2019, "either")]) == (0, 100, 40, 60)
    assert tuple(splits.loc[("BBB", 2018, "either")]) == (0, 32, 0, 32)
    assert ("BBB", 2019) not in splits.index.droplevel("treatment")


def test_pooling_adds_people_before_it_divides():
    splits = citizenship.by_country_and_year(*frame(ROWS))
    chosen = splits[splits["treatment"] == "either"]
    found = citizenship.pooled(chosen)
    assert (found.low, found.high) == pytest.approx((15 / 283, 73 / 283))
    assert found.width == pytest.approx(58 / 283)
    by_country = citizenship.pooled_by_country(splits).set_index(["iso3", "treatment"])
    assert tuple(by_country.loc[("BBB", "either")]) == (0, 0, 32, 32)
    assert by_country.loc[("AAA", "either"), "high"] == pytest.approx(73 / 251)


def test_a_surplus_may_lie_in_any_class_and_a_missing_total_is_that_of_the_classes():
    classes, totals = frame(ROWS)
    splits = citizenship.by_country_and_year(classes, totals.iloc[1:], misfits="bounded")
    either = splits[splits["treatment"] == "either"].set_index(["iso3", "year"])[list(citizenship.Extremes._fields)]
    # No total for 2018: 118 nationals, up to 48 foreigners, 18 unknown, and nobody else.
    assert tuple(either.loc[("AAA", 2018)]) == (0, 136, 66, 118)
    # 700 nationals of a total of 20: all may be nationals; the classes hold nobody else.
    assert tuple(either.loc[("BBB", 2019)]) == (0, 20, 0, 20)
    # 90 nationals and 30 foreigners of a total of 100: either class may be 20 too many.
    odd = pd.DataFrame(
        [("CCC", 2018, "national", 90, 90), ("CCC", 2018, "foreign", 30, 30)],
        columns=["iso3", "year", "citizenship", "count_min", "count_max"],
    )
    total = pd.DataFrame([("CCC", 2018, 100, 100)], columns=["iso3", "year", "count_min", "count_max"])
    assert citizenship.by_country_and_year(odd, total).empty
    open_ends = citizenship.by_country_and_year(odd, total, misfits="bounded").set_index("treatment").loc["either"]
    assert tuple(open_ends[list(citizenship.Extremes._fields)]) == (10, 90, 30, 70)


def test_a_total_known_within_bounds_decides_no_more_than_it_must():
    # 40 nationals and 10 foreigners of 45 to 48: from two to five are too many, in either class.
    classes = pd.DataFrame(
        [("AAA", 2018, "national", 40, 40), ("AAA", 2018, "foreign", 10, 10)],
        columns=["iso3", "year", "citizenship", "count_min", "count_max"],
    )
    total = pd.DataFrame([("AAA", 2018, 45, 48)], columns=["iso3", "year", "count_min", "count_max"])
    found = citizenship.by_country_and_year(classes, total, misfits="bounded").set_index("treatment").loc["either"]
    assert tuple(found[list(citizenship.Extremes._fields)]) == (5, 40, 10, 35)
    # Suppressed counts take no more off either class: five are too many at least.
    open_counts = classes.assign(count_max=[44, 14])
    total["count_max"] = 45
    found = (
        citizenship.by_country_and_year(open_counts, total, misfits="bounded").set_index("treatment").loc["either"]
    )
    assert tuple(found[list(citizenship.Extremes._fields)]) == (5, 40, 10, 35)
    # Classes that just reach the total contradict nothing.
    total["count_max"] = 50
    exact = citizenship.by_country_and_year(classes, total).set_index("treatment").loc["either"]
    assert tuple(exact[list(citizenship.Extremes._fields)]) == (10, 40, 10, 40)


def test_a_class_that_nobody_reports_is_nobody():
    rows = [row for row in ROWS if row[2] == "national"]
    known = citizenship.of_known(frame(rows)[0])
    assert (known["most_foreign"] == 0).all() and (known["fewest_foreign"] == 0).all()
    assert known["most_others"].tolist() == known["fewest_others"].tolist() == [118, 60, 32, 700]
    assert citizenship.pooled(known) == citizenship.ShareBounds(0.0, 0.0)


def test_known_citizenship_takes_every_suppressed_cell_at_either_end_whatever_the_total():
    known = citizenship.of_known(frame(ROWS)[0])
    assert set(known["treatment"]) == {citizenship.KNOWN}
    share = citizenship.pooled(known[known["year"] == 2018])
    assert (share.low, share.high) == pytest.approx((0, 52 / (52 + 150)))
    by_country = citizenship.pooled_by_country(known).set_index("iso3")
    assert by_country.loc["BBB", "high"] == pytest.approx(4 / (4 + 732))


def one_split(*extremes):
    """A single country and year of the treatment `either`."""
    rows = [("A", 2018, "either", *extremes)]
    return pd.DataFrame(rows, columns=["iso3", "year", "treatment", *citizenship.Extremes._fields])


def test_countries_are_on_one_side_of_half_only_if_every_count_says_so():
    rows = [
        ("A", 6, 4, 7, 3),
        ("B", 1, 9, 4, 6),
        ("C", 4, 6, 6, 4),
        ("D", 5, 5, 5, 5),
        ("E", 0, 0, 3, 0),
        ("F", 0, 0, 0, 0),
    ]
    splits = pd.DataFrame(rows, columns=["iso3", *citizenship.Extremes._fields]).assign(year=1, treatment="either")
    by_country = citizenship.pooled_by_country(splits).set_index("iso3")
    assert citizenship.sides_of_half(by_country) == (1, 1, 4)
    # Where nobody may have been counted the share may be anything.
    assert tuple(by_country.loc["E", ["low", "high"]]) == (0, 1)
    assert tuple(by_country.loc["F", ["low", "high"]]) == (0, 1)
    assert citizenship.pooled(one_split(5, 5, 6, 2)) == citizenship.ShareBounds(0.5, 0.75)


def test_selection_divides_the_odds_and_can_be_undone():
    assert citizenship.among_all(0.5, 3) == pytest.approx(0.25)
    assert citizenship.among_all(0.8, 1) == pytest.approx(0.8)
    assert (citizenship.among_all(0, 5), citizenship.among_all(1, 5)) == (0, 1)
    for share, odds in product((0.1, 0.55, 0.9), (0.2, 1, 7)):
        assert citizenship.odds_between(share, citizenship.among_all(share, odds)) == pytest.approx(odds)


def test_selection_equals_a_simulation_of_chosen_cases():
    rng = np.random.default_rng(9)
    organised = rng.random(400_000) < 0.25
    sent = rng.random(400_000) < np.where(organised, 0.3, 0.1)
    assert citizenship.among_all(organised[sent].mean(), 3) == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: citizenship.extremes((5, 2), (0, 1), (0, 0), (5, 5)), "national"),
        (lambda: citizenship.extremes((0, 5), (-1, 1), (0, 0), (5, 5)), "foreign: .* found -1, 1"),
        (lambda: citizenship.extremes((0, 5), (0, 1), (0, 0), (6, 5)), "total: .* found 6, 5"),
        (lambda: citizenship.extremes((5, 5), (0, 1), (0, 0), (9, 9)), "the total is 9 to 9"),
        (lambda: citizenship.extremes((5, 5), (0, 1), (0, 0), (5, 5), "half"), "'half'"),
        (lambda: citizenship.by_country_and_year(frame(ROWS)[0], frame(ROWS)[1].iloc[1:]), "AAA 2018"),
        (lambda: citizenship.pooled(citizenship.by_country_and_year(*frame(ROWS))), "one treatment"),
        (lambda: citizenship.pooled(one_split(0, 0, 3, 0)), "somebody counted"),
        (lambda: citizenship.pooled(one_split(1, 2, 0, 0)), "somebody counted"),
        (lambda: citizenship.pooled(one_split(1, 2, 1, 2).iloc[:0]), "one treatment"),
        (lambda: citizenship.among_all(1.2, 2), "1.2"),
        (lambda: citizenship.among_all(-0.1, 2), "-0.1"),
        (lambda: citizenship.among_all(0.5, 0), "above 0"),
        (lambda: citizenship.odds_between(0, 0.5), "above 0"),
        (lambda: citizenship.odds_between(0.5, 1), "below 1, found 1"),
    ],
)
def test_bad_input_is_named_in_one_line(call, named):
    with pytest.raises(ValueError, match=named) as caught:
        call()
    assert "\n" not in str(caught.value)
