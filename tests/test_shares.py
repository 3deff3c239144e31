"""Bounds on the share of foreigners against every possible count, and shares under selection."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium import shares, tables

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
    bound, bound, bound, st.tuples(st.integers(0, 15), st.integers(0, 15)), st.sampled_from(list(shares.TREATMENTS))
)
def test_extremes_give_the_least_and_greatest_share_of_every_possible_count(
    national, foreign, unknown, total, treatment
):
    total = (min(total), max(total))
    tables_that_fit = possible(national, foreign, unknown, total, treatment)
    if not tables_that_fit:
        with pytest.raises(ValueError, match="leave that country and year out"):
            shares.extremes(national, foreign, unknown, total, treatment)
        return
    found = shares.extremes(national, foreign, unknown, total, treatment)
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
        shares.extremes(national, foreign, unknown, (total, total), name)
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
    splits = shares.by_country_and_year(*frame(ROWS)).set_index(["iso3", "year", "treatment"])
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
    splits = shares.by_country_and_year(*frame(ROWS))
    chosen = splits[splits["treatment"] == "either"]
    found = shares.pooled(chosen)
    assert (found.low, found.high) == pytest.approx((15 / 283, 73 / 283))
    assert found.width == pytest.approx(58 / 283)
    by_country = shares.pooled_by_country(splits).set_index(["iso3", "treatment"])
    assert tuple(by_country.loc[("BBB", "either")]) == (0, 0, 32, 32)
    assert by_country.loc[("AAA", "either"), "high"] == pytest.approx(73 / 251)


def test_published_counts_stay_between_every_filling_of_the_suppressed_cells():
    """A draw of whole numbers that fits the classes and the totals never leaves the pooled bounds."""
    classes = tables.read("unodc_convicted_citizenship")
    totals = tables.read("unodc_country_totals").query("indicator == 'persons_convicted'")
    splits = shares.by_country_and_year(classes, totals)
    bounds = {name: shares.pooled(splits[splits["treatment"] == name]) for name in shares.TREATMENTS}
    usable = classes[classes["against_total"] == "consistent"]
    keys = usable.set_index(["iso3", "year"]).index
    inner = splits[splits.set_index(["iso3", "year"]).index.isin(keys) & (splits["treatment"] == "foreign")]
    allowed = shares.pooled(inner)
    rng = np.random.default_rng(4)
    whole = totals.set_index(["iso3", "year"])
    inside, everybody = np.zeros(300), np.zeros(300)
    for key, group in usable.groupby(["iso3", "year"]):
        drawn = rng.integers(group["count_min"], group["count_max"] + 1, size=(20_000, len(group)))
        fits = drawn[
            (drawn.sum(axis=1) >= whole.loc[key, "count_min"]) & (drawn.sum(axis=1) <= whole.loc[key, "count_max"])
        ]
        taken = fits[rng.integers(0, len(fits), 300)]
        inside += taken[:, group["citizenship"].isin(["foreign", "unknown"])].sum(axis=1)
        everybody += taken.sum(axis=1)
    found = inside / everybody
    assert allowed.low - 1e-12 <= found.min() <= found.max() <= allowed.high + 1e-12
    assert bounds["either"].low <= bounds["foreign"].low
    assert bounds["either"].high == bounds["foreign"].high


def test_selection_divides_the_odds_and_can_be_undone():
    assert shares.among_all(0.5, 3) == pytest.approx(0.25)
    assert shares.among_all(0.8, 1) == pytest.approx(0.8)
    assert (shares.among_all(0, 5), shares.among_all(1, 5)) == (0, 1)
    for share, odds in product((0.1, 0.55, 0.9), (0.2, 1, 7)):
        assert shares.odds_between(share, shares.among_all(share, odds)) == pytest.approx(odds)


def test_selection_equals_a_simulation_of_chosen_cases():
    rng = np.random.default_rng(9)
    organised = rng.random(400_000) < 0.25
    sent = rng.random(400_000) < np.where(organised, 0.3, 0.1)
    assert shares.among_all(organised[sent].mean(), 3) == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: shares.extremes((5, 2), (0, 1), (0, 0), (5, 5)), "national"),
        (lambda: shares.extremes((5, 5), (0, 1), (0, 0), (9, 9)), "the total is 9 to 9"),
        (lambda: shares.extremes((5, 5), (0, 1), (0, 0), (5, 5), "half"), "'half'"),
        (lambda: shares.by_country_and_year(frame(ROWS)[0], frame(ROWS)[1].iloc[1:]), "AAA 2018"),
        (lambda: shares.pooled(shares.by_country_and_year(*frame(ROWS))), "one treatment"),
        (lambda: shares.among_all(1.2, 2), "1.2"),
        (lambda: shares.among_all(0.5, 0), "above 0"),
        (lambda: shares.odds_between(0, 0.5), "above 0"),
    ],
)
def test_bad_input_is_named_in_one_line(call, named):
    with pytest.raises(ValueError, match=named) as caught:
        call()
    assert "\n" not in str(caught.value)
