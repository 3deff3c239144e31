"""Birth cohorts, the older part of a group, and values that cannot stand beside each other."""

import numpy as np
import pandas as pd
import pytest

from compendium.evidence import tables
from compendium.methods.counts import cohorts


def test_birth_years_of_an_age_group():
    assert cohorts.born(2008, 15, 24) == (1984, 1993)
    with pytest.raises(cohorts.CohortError, match="24 to 15"):
        cohorts.born(2008, 24, 15)


def test_older_share_is_recovered_from_people_who_were_counted_one_by_one():
    rng = np.random.default_rng(3)
    people = 200_000
    young = rng.uniform(size=people) < 0.31
    reads = rng.uniform(size=people) < np.where(young, 0.86, 0.62)
    found = cohorts.older_share(100 * reads.mean(), 100 * reads[young].mean(), young.mean())
    assert found == pytest.approx(100 * reads[~young].mean(), abs=1e-9)


def test_older_share_is_at_most_the_whole_where_the_young_do_better():
    shares = [cohorts.older_share(70, 86, weight) for weight in (0, 0.1, 0.3, 0.5)]
    assert shares[0] == 70
    assert shares == sorted(shares, reverse=True)


def test_an_older_part_that_cannot_exist_is_refused():
    with pytest.raises(cohorts.CohortError, match="older part would have -"):
        cohorts.older_share(40, 90, 0.6)
    with pytest.raises(cohorts.CohortError, match="young_weight is 1"):
        cohorts.older_share(70, 86, 1)


def test_dips_are_values_below_both_neighbours():
    assert cohorts.dips([71, 54.7, 79, 86, 86, 78, 90], by=5) == [False, True, False, False, False, True, False]
    assert cohorts.dips([70, 69, 72], by=5) == [False] * 3
    assert cohorts.dips([50, 40], by=5) == [False, False]


def test_series_by_sex_and_unknown_names():
    series = tables.read("cambodia_series")
    literacy = cohorts.by_sex(series, "literacy_adult_15plus")
    assert literacy.loc[1998].to_dict() == {"all": 67.0, "female": 57.0, "male": 79.0}
    with pytest.raises(cohorts.CohortError, match="no series 'literacy'"):
        cohorts.by_sex(series, "literacy")


def test_a_total_outside_its_parts_is_named():
    shares = pd.DataFrame(
        {"all": [40.0, 30.1, 50.2], "female": [35.0, 47.0, 50.0], "male": [45.0, 38.8, 50.1]}, [1, 2, 3]
    )
    assert cohorts.impossible_totals(shares) == [2]


def test_more_completing_the_higher_level_is_named():
    lower, higher = pd.Series([24.0, 39.4], [2007, 2010]), pd.Series([9.0, 47.0], [2007, 2010])
    assert cohorts.impossible_steps(lower, higher) == [2010]


def test_three_years_of_lower_secondary_schooling_contradict_themselves():
    series = tables.read("cambodia_series")
    lower = cohorts.by_sex(series, "attain_completed_primary_25plus")
    higher = cohorts.by_sex(series, "attain_lower_sec_25plus")
    assert cohorts.impossible_totals(higher) == [2010, 2011, 2013]
    assert cohorts.impossible_steps(lower.female, higher.female) == [2010, 2011, 2013]
    assert cohorts.impossible_totals(lower) == []


def test_newborn_children_count_and_the_unborn_do_not():
    assert cohorts.born(2008, 0, 4) == (2004, 2008) and cohorts.born(2008, 7, 7) == (2001, 2001)
    with pytest.raises(cohorts.CohortError, match="ages -1 to 4"):
        cohorts.born(2008, -1, 4)


def test_the_older_part_may_have_none_or_all_and_nothing_beyond():
    assert cohorts.older_share(40, 80, 0.5) == 0
    assert cohorts.older_share(90, 80, 0.5) == 100
    for everyone, young, older in ((40, 80.5, "-0.5"), (90, 79.5, "100.5")):
        with pytest.raises(cohorts.CohortError, match=f"older part would have {older}; expected 0 to 100"):
            cohorts.older_share(everyone, young, 0.5)
    with pytest.raises(cohorts.CohortError, match="young_weight is -0"):
        cohorts.older_share(70, 86, -0.01)


def test_a_dip_is_deeper_than_what_is_asked_for_on_both_sides():
    for values in ([10, 5, 10], [10, 5, 11], [11, 5, 10]):
        assert cohorts.dips(values, by=5) == [False] * 3
    assert cohorts.dips([10, 4.9, 10], by=5) == [False, True, False]
    assert cohorts.dips([10, 9, 10], by=0.5) == cohorts.dips([10, 9, 10], by=0) == [False, True, False]
    with pytest.raises(cohorts.CohortError, match="by is -1"):
        cohorts.dips([10, 9, 10], by=-1)


def test_printed_values_may_be_off_by_their_rounding_and_by_no_more():
    shares = pd.DataFrame(
        {"all": [34.95, 34.85, 45.05, 45.15], "female": [35.0] * 4, "male": [45.0] * 4}, [1, 2, 3, 4]
    )
    assert cohorts.impossible_totals(shares) == [2, 4]
    assert cohorts.impossible_totals(shares, rounding=0.5) == []
    lower, higher = pd.Series([24.0] * 3, [1, 2, 3]), pd.Series([24.05, 24.15, None], [1, 2, 3])
    assert cohorts.impossible_steps(lower, higher) == [2]
    assert cohorts.impossible_steps(lower, higher, rounding=0) == [1, 2]
