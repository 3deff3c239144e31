"""Tier lists: complete years only, transitions, and stays on the watch list."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from compendium.evidence import tables
from compendium.methods.tiers import forecasts, tiers

PARTIAL = (2019, 2022, 2024)


@pytest.fixture(scope="module")
def published():
    return tables.read("tip_tiers")


def tier_table(paths, start=2004):
    """{"AAA": "2 2WL - 3"}: one tier a year from `start`, "-" for none."""
    rows = [
        (country, start + place, tier)
        for country, path in paths.items()
        for place, tier in enumerate(path.split())
        if tier != "-"
    ]
    return pd.DataFrame(rows, columns=["iso3", "year", "tier"])


@pytest.mark.parametrize("year", PARTIAL)
def test_no_partial_year_passes_as_complete(published, year):
    calls = [
        lambda: tiers.require_complete([2010, year]),
        lambda: tiers.ranked(published, [2010, year]),
        lambda: tiers.transitions(published, [year - 1, year]),
        lambda: tiers.watch_list_spells(published, [year]),
        lambda: forecasts.predictability(pd.DataFrame({"year": [2010, year]}), {}),
    ]
    for call in calls:
        with pytest.raises(tiers.PartialYearError, match=f"found .*{year}; leave these years out") as caught:
            call()
        assert "\n" not in str(caught.value)


def test_complete_years_are_those_the_table_calls_complete(published):
    complete = published.loc[published["year_coverage"] == "complete", "year"].unique()
    assert set(complete) == set(tiers.COMPLETE_YEARS)
    assert not set(complete) & set(PARTIAL)
    closed = published.loc[published["year_coverage"] == "closed", "year"].unique()
    assert set(closed) == set(tiers.CLOSED_YEARS)


def test_closed_lists_enter_only_where_they_are_asked_for(published):
    """34 on the watch list in 2022, which the State Department counts; a list of one country never enters."""
    assert (tiers.ranked(published, [2022], closed=True)["tier"] == "2WL").sum() == 34
    with pytest.raises(tiers.PartialYearError, match="found 2019"):
        tiers.ranked(published, [2019, 2022], closed=True)
    revised = published.assign(
        year_coverage=published["year_coverage"].where(published["year"] != 2021, "cambodia_only")
    )
    with pytest.raises(tiers.PartialYearError, match="'complete' or 'closed' in 2021, found 'cambodia_only'"):
        tiers.ranked(revised, [2021, 2022], closed=True)


def test_a_closed_list_joins_the_moves_on_both_sides_of_it():
    table = pd.DataFrame({"iso3": ["AAA"] * 3, "year": [2021, 2022, 2023], "tier": ["2", "2WL", "3"]})
    joined = tiers.transitions(table, [2021, 2022, 2023], draws=20, closed=True).set_index(["source", "target"])
    assert joined.loc[("2", "2WL"), "moves"] == joined.loc[("2WL", "3"), "moves"] == 1
    assert joined["moves"].sum() == 2


def test_a_table_that_calls_a_year_partial_is_believed(published):
    revised = published.assign(year_coverage=published["year_coverage"].where(published["year"] != 2021, "partial"))
    with pytest.raises(tiers.PartialYearError, match="in 2021, found 'partial'"):
        tiers.ranked(revised)


def test_ranked_leaves_out_special_cases_and_merged_tiers():
    table = tier_table({"AAA": "1 SC 2or2WL 2 2WL 3"})
    rows = tiers.ranked(table)
    assert list(rows["year"]) == [2004, 2007, 2008, 2009]
    assert list(rows["rank"]) == [0, 1, 2, 3]


def test_classes_match_the_lists_that_others_counted(published):
    """External anchors: 19 Tier 3 countries in 2002; 31/89/44/23 in 2015; 26 on the watch list in 2023."""
    by_year = tiers.classes_by_year(published).set_index("year")
    assert by_year.loc[2002, "3"] == 19
    assert list(by_year.loc[2015, ["1", "2", "2WL", "3"]]) == [31, 89, 44, 23]
    assert by_year.loc[2023, "2WL"] == 26
    assert list(by_year.index[by_year["classes"] == 3]) == [2001, 2002, 2003]


def test_ranked_rows_are_in_order_and_numbered_anew():
    rows = tiers.ranked(tier_table({"BBB": "1 2", "AAA": "3 2WL"}))
    assert rows["iso3"].tolist() == ["AAA", "AAA", "BBB", "BBB"]
    assert rows.index.tolist() == [0, 1, 2, 3]


def test_a_tier_that_nobody_is_in_counts_nobody():
    by_year = tiers.classes_by_year(tier_table({"AAA": "1 2", "BBB": "1 3"})).set_index("year")
    assert by_year.loc[2004, [*tiers.TIERS, "ranked", "classes"]].tolist() == [2, 0, 0, 0, 2, 1]
    assert by_year.loc[2005, [*tiers.TIERS, "ranked", "classes"]].tolist() == [0, 1, 0, 1, 2, 2]


def test_without_watch_list_merges_into_tier_2():
    rows = tiers.with_last_rank(tiers.ranked(tier_table({"AAA": "1 2 2WL 3"})))
    merged = tiers.without_watch_list(rows)
    assert list(merged["rank"]) == [1, 1, 2]
    assert list(merged["last_rank"]) == [0, 1, 1]


def test_transitions_are_shares_of_consecutive_reports_only():
    table = tier_table({"AAA": "2 2 2WL - 2WL 3", "BBB": "2 2WL 2WL SC 2 2"})
    table = pd.concat([table, pd.DataFrame({"iso3": ["AAA"] * 2, "year": [2021, 2023], "tier": ["1", "3"]})])
    moves = tiers.transitions(table, draws=200).set_index(["source", "target"])
    assert moves.loc[("2", "2"), "moves"] == 2
    assert moves.loc[("2", "2WL"), "moves"] == 2
    assert moves.loc[("2", "2WL"), "share"] == 0.5
    assert moves.loc[("2WL", "2WL"), "moves"] == 1
    assert moves.loc[("2WL", "3"), "moves"] == 1
    assert moves["moves"].sum() == 6  # not 2021 to 2023, not over a missing or unranked year
    assert moves.loc[("2", "2"), "countries"] == 2


def test_transition_intervals_cover_a_known_chain_whose_countries_differ():
    """Countries stay with probability 0.9 or 0.5: a country's years depend, as the bootstrap must allow."""
    rng = np.random.default_rng(4)
    runs, covered = 120, 0
    for run in range(runs):
        paths = {}
        for country in range(60):
            stay = 0.9 if rng.uniform() < 0.5 else 0.5
            path, state = [], int(rng.integers(2))
            for _ in range(12):
                path.append(("1", "2")[state])
                state = state if rng.uniform() < stay else 1 - state
            paths[f"C{country:02d}"] = " ".join(path)
        moves = tiers.transitions(tier_table(paths), draws=300, seed=run).set_index(["source", "target"])
        row = moves.loc[("1", "1")]
        covered += row["low"] <= 0.7 <= row["high"]
    assert 0.88 <= covered / runs <= 0.995


def test_moves_never_seen_have_the_exact_upper_limit():
    table = tier_table({f"C{i:02d}": "1 1 1" for i in range(20)})
    row = tiers.transitions(table, draws=50).set_index(["source", "target"]).loc[("1", "3")]
    assert (row["share"], row["low"]) == (0, 0)
    assert (1 - row["high"]) ** 20 == pytest.approx(0.025)


def test_spells_begin_and_end_where_the_list_says():
    table = tier_table(
        {
            "AAA": "2WL 2WL 3 2WL",  # from the list's first year; later still on it when the block ends
            "BBB": "2 2WL 2WL 2WL 2",
            "CCC": "- 2WL SC 2WL 1",  # special case: where it went is not known
            "DDD": "1 2 3 2",
        }
    )
    spells = tiers.watch_list_spells(table, tuple(range(2004, 2009)))
    assert spells.to_numpy().tolist() == [
        ["AAA", 2004, 2, "Tier 3"],
        ["AAA", 2007, 1, "censored"],
        ["BBB", 2005, 3, "Tier 2 or 1"],
        ["CCC", 2005, 1, "censored"],
        ["CCC", 2007, 1, "Tier 2 or 1"],
    ]
    later = tiers.watch_list_spells(table, tuple(range(2005, 2009)))
    assert later["iso3"].tolist() == ["AAA", "CCC"]  # stays under way when the block begins are left out
    with pytest.raises(ValueError, match="consecutive years"):
        tiers.watch_list_spells(table, (2004, 2006))


def test_cambodia_stays_agree_with_its_own_history(published):
    spells = tiers.watch_list_spells(published).query("iso3 == 'KHM'")
    assert spells[["entered", "years"]].to_numpy().tolist() == [[2006, 2], [2009, 1], [2013, 3]]


@pytest.mark.filterwarnings("ignore::RuntimeWarning:statsmodels")
def test_time_on_watch_list_equals_statsmodels(published):
    spells = tiers.watch_list_spells(published)
    mine = tiers.time_on_watch_list(spells, draws=50).set_index("years")
    code = spells["exit"].map({"censored": 0, "Tier 3": 1, "Tier 2 or 1": 2}).to_numpy()
    kaplan_meier = SurvfuncRight(spells["years"].to_numpy(), (code > 0).astype(int))
    np.testing.assert_allclose(mine.loc[kaplan_meier.surv_times, "staying"], kaplan_meier.surv_prob, atol=1e-12)
    incidence = CumIncidenceRight(spells["years"].to_numpy(), code)
    for column, curve in zip(("downgrade", "upgrade"), incidence.cinc, strict=True):
        np.testing.assert_allclose(mine.loc[incidence.times, column], curve, atol=1e-12)
    total = mine["staying"] + mine["downgrade"] + mine["upgrade"]
    np.testing.assert_allclose(total, 1, atol=1e-12)
    assert (mine["downgrade_low"] <= mine["downgrade"]).all()
    assert (mine["downgrade"] <= mine["downgrade_high"]).all()


def test_stays_are_drawn_alike_whenever_no_seed_is_given(published):
    """By default with the number that the whole book draws countries with: the day of the first report."""
    spells = tiers.watch_list_spells(published)
    told = tiers.time_on_watch_list(spells, draws=60, seed=20010712)
    pd.testing.assert_frame_equal(tiers.time_on_watch_list(spells, draws=60), told)
    assert not tiers.time_on_watch_list(spells, draws=60, seed=1).equals(told)


def test_decisions_after_each_year_are_counted_in_the_period_of_the_next_report():
    spells = pd.DataFrame(
        [("AAA", 2010, 3, "Tier 3"), ("BBB", 2011, 2, "Tier 2 or 1"), ("CCC", 2012, 2, "censored")],
        columns=["iso3", "entered", "years", "exit"],
    )
    table = tiers.after_years_on_watch_list(spells, split=2013).set_index(["period", "years"])
    assert table.loc[("before 2013", 1), ["stayed", "downgraded", "upgraded"]].tolist() == [2, 0, 0]
    assert table.loc[("before 2013", 2), "stayed"] == 1
    assert table.loc[("from 2013", 1), "stayed"] == 1
    assert table.loc[("from 2013", 2), ["stayed", "downgraded", "upgraded"]].tolist() == [0, 0, 1]
    assert table.loc[("from 2013", 3), "share_downgraded"] == 1
    assert table["decisions"].sum() == 6


def test_the_clock_of_a_law_counts_reports_from_its_own_start():
    """From 2009: AAA had stayed since 2007 and falls in 2011 with two counted; BBB rises
    before it counts; CCC is not followed to its end."""
    spells = pd.DataFrame(
        [("AAA", 2007, 4, "Tier 3"), ("BBB", 2006, 3, "Tier 2 or 1"), ("CCC", 2010, 2, "censored")],
        columns=["iso3", "entered", "years", "exit"],
    )
    table = tiers.years_under_clock(spells, since=2009).set_index("years")
    assert table.loc[1].tolist() == [2, 0, 0, 2]  # AAA in 2010, CCC in 2011
    assert table.loc[2].tolist() == [0, 1, 0, 1]  # AAA in 2011
    assert list(table.index) == [1, 2]
