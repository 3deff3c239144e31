"""What the notes state of Cambodia's convictions and tiers, recomputed the way the chapter does."""

from math import comb

import pandas as pd
import pytest

from compendium import agreement, claims, officialcounts, tables
from compendium.numbers import listing, spans

CONVICTED = {2008: 11, 2009: 36, 2012: 44, 2013: 18, 2014: 29, 2015: 43, 2016: 100, 2017: 129, 2018: 125, 2019: 63}
WATCH_LIST_AFTER, TIER_2_AFTER = {11, 18, 29, 44, 63, 125}, {36, 43, 100, 129}


@pytest.fixture(scope="module")
def graded() -> pd.DataFrame:
    series = officialcounts.country_series(tables.read("cambodia_enforcement"), tables.read("unodc_cambodia"))
    yearly = series[(series["measure"] == "convicted") & (series["span"] == "year")]
    whole = yearly[yearly["scope"] == "trafficking"].rename(columns={"low": "convictions"})
    return agreement.pair_with_lag(tables.read("cambodia_tiers"), whole)


def test_ten_years_have_a_tier_and_the_convictions_of_the_year_before(graded: pd.DataFrame) -> None:
    assert dict(zip(graded["counted_year"], graded["convictions"], strict=True)) == CONVICTED
    assert (graded["year"] - graded["counted_year"] == 1).all()
    assert set(graded.loc[graded["tier"] == "2WL", "convictions"]) == WATCH_LIST_AFTER
    assert set(graded.loc[graded["tier"] == "2", "convictions"]) == TIER_2_AFTER


def test_exact_p_value_is_the_share_of_rank_sums_at_least_as_high(graded: pd.DataFrame) -> None:
    """Tier 2 holds ranks 4, 5, 8 and 10 of ten: 27; 37 of the 210 ways to choose four ranks reach that."""
    from itertools import combinations

    reached = sum(sum(ranks) >= 27 for ranks in combinations(range(1, 11), 4))
    found = agreement.tier_test(graded["tier"], graded["convictions"])
    assert found.p_value == pytest.approx(reached / comb(10, 4))
    assert found.smallest_p == pytest.approx(1 / comb(10, 4))


def test_no_threshold_fits_the_eight_years_that_one_could_count_by_eye(graded: pd.DataFrame) -> None:
    """The ten pairs look like a rule read one by one, yet no single line between enough and too few fits eight."""
    every = range(0, 131)
    best = max(
        agreement.tier_match(graded["tier"], graded["convictions"], threshold=line).fitting for line in every
    )
    found = agreement.tier_match_best(graded["tier"], graded["convictions"])
    assert best == found.fitting == 7
    assert found.p_value > 0.5, "a search over thresholds finds as much in tiers dealt at random"


def test_no_threshold_is_needed_to_see_that_the_years_lean_to_the_claim(graded: pd.DataFrame) -> None:
    """Tier 2 against Watch List: 36 beats 3 of six, 43 beats 3, 100 beats 5, 129 beats 6; 17 of 24 pairs."""
    assert agreement.pairs_in_order(graded["tier"], graded["convictions"]) == pytest.approx(17 / 24)


def test_two_documents_complain_of_convictions_and_one_report_praises_them() -> None:
    events = tables.read("cambodia_timeline").set_index("id")
    about = events[(events["category"] == "tier") & events["event"].str.contains("convictions")]
    assert list(about.index) == ["TL28", "TL32", "TL37"]
    assert about.loc["TL28", "event"].startswith("TIP 2010: Tier 2 after convictions rise")
    assert about.loc["TL32", "event"].startswith("TIP 2014: Watch List; 18 convictions in 2013 after 44")
    counts = tables.read("cambodia_enforcement").set_index("id")
    assert counts.loc["tip-2004", "source"] == "TIP 2005"
    assert "failure to convict" in counts.loc["tip-2004", "note"]


def test_the_essays_statements_stand_at_2011() -> None:
    facts = tables.read("prison_study_facts").set_index("id")
    assert set(facts.loc[["K32", "K33"], "year_to"]) == {2011}


def test_what_would_change_it_names_the_years_without_a_count() -> None:
    series = officialcounts.country_series(tables.read("cambodia_enforcement"), tables.read("unodc_cambodia"))
    known = set(series.loc[(series["measure"] == "convicted") & (series["span"] == "year"), "year"])
    missing = listing(spans(set(range(2003, 2025)) - known))
    assert missing in claims.registry()["too-few-convictions"].would_change_it
