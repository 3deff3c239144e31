"""One figure a year out of many editions, and sums over whoever reported, against tables built by hand."""

import pandas as pd
import pytest

from compendium import agreement, tables, worldcounts

REGIONS = ["Africa", "East Asia & Pacific", "Europe & Eurasia", "Near East", "South Asia", "Western Hemisphere"]


def state(*rows):
    names = ["year", "region", "edition", "cells", "convictions", "preferred"]
    return pd.DataFrame(rows, columns=names).astype({"convictions": "Int64"})


def regions(year, edition, counts, preferred=True):
    return [(year, name, edition, "printed", value, preferred) for name, value in zip(REGIONS, counts, strict=True)]


TABLE = state(
    *regions(2004, "TIP 2006", [1, 2, 3, 4, 5, 7]),
    (2004, "World", "TIP 2008", "printed", 21, True),
    (2004, "World", "compilation", "printed", 21, False),
    (2005, "World", "TIP 2008", "printed", 40, False),
    (2005, "World", "TIP 2006", "printed", 50, False),
    (2005, "World", "compilation", "printed", 50, True),
    (2006, "World", "compilation", "printed", 60, True),
    (2016, "World", "TIP 2017", "printed", None, True),
    *regions(2016, "TIP 2017", [10, 10, 10, 10, 10, 10]),
    (2017, "East Asia & Pacific", "TIP 2018", "printed", 9, True),
    (2017, "World", "TIP 2018", "unconfirmed", 77, False),
)


def test_regions_add_up_only_where_all_six_are_printed_and_unseen_cells_stay_out():
    found = worldcounts.editions(TABLE, "convictions")
    assert found[found["basis"] == worldcounts.SUM_OF_REGIONS][["year", "count"]].to_numpy().tolist() == [
        [2004, 22],
        [2016, 60],
    ]
    assert 2017 not in set(found["year"])
    assert found["edition_year"].isna().sum() == 3


@pytest.mark.parametrize(
    ("choice", "counts"),
    [
        ("preferred", {2004: 21, 2005: 50, 2006: 60, 2016: 60}),
        ("first", {2004: 22, 2005: 50, 2006: 60, 2016: 60}),
        ("last", {2004: 21, 2005: 40, 2006: 60, 2016: 60}),
    ],
)
def test_each_choice_takes_the_edition_it_names(choice, counts):
    found = worldcounts.one_per_year(worldcounts.editions(TABLE, "convictions"), choice)
    assert dict(zip(found["year"], found["count"], strict=True)) == counts


def test_revisions_measure_every_year_with_several_figures():
    found = worldcounts.revisions(worldcounts.editions(TABLE, "convictions")).set_index("year")
    assert list(found.index) == [2004, 2005]
    assert found.loc[2004, "spread"] == pytest.approx(22 / 21 - 1)
    assert (found.loc[2005, "first"], found.loc[2005, "lowest"], found.loc[2005, "versions"]) == (50, 40, 2)
    assert found.loc[2005, "other_edition"] == "TIP 2008"


def test_published_editions_keep_the_revisions_that_the_reports_made():
    found = worldcounts.editions(tables.read("tip_law_enforcement"), "convictions")
    assert worldcounts.one_per_year(found)["year"].tolist() == list(range(2003, 2024))
    first, last = (
        worldcounts.one_per_year(found, choice).set_index("year")["count"] for choice in ("first", "last")
    )
    assert (first[2004], last[2004]) == (3026, 3025)
    assert (first[2005], last[2005]) == (4766, 4379)
    assert (first[2017], last[2017]) == (7045, 7135)
    assert first[2016] == last[2016] == 9071
    prosecutions = worldcounts.editions(tables.read("tip_law_enforcement"), "prosecutions")
    both = prosecutions[prosecutions["year"] == 2016]["count"]
    assert sorted(both) == [14894, 14897]


def test_sums_keep_suppression_as_bounds_and_name_the_largest_reporter():
    countries = pd.DataFrame(
        [
            ("persons_convicted", "AAA", 2003, 0, 4),
            ("persons_convicted", "BBB", 2003, 90, 90),
            ("persons_convicted", "CCC", 2003, 10, 10),
            ("persons_convicted", "AAA", 2004, 7, 7),
            ("persons_prosecuted", "AAA", 2003, 999, 999),
        ],
        columns=["indicator", "iso3", "year", "count_min", "count_max"],
    )
    found = worldcounts.world_sums(countries, "persons_convicted").set_index("year")
    assert tuple(found.loc[2003, ["countries", "low", "high", "largest", "largest_count"]]) == (
        3,
        100,
        104,
        "BBB",
        90,
    )
    assert found.loc[2003, "largest_share"] == 0.9
    assert found.loc[2004, "largest"] == "AAA"


def test_published_sums_and_agreement_are_those_that_the_evidence_states():
    found = worldcounts.world_sums(tables.read("unodc_country_totals"), "persons_convicted").set_index("year")
    assert (found.loc[2003, "low"], found.loc[2003, "largest"], found.loc[2003, "largest_count"]) == (
        6768,
        "IND",
        6202,
    )
    assert (found.loc[2012, "low"], found.loc[2012, "high"]) == (4673, 4845)
    state_counts = worldcounts.one_per_year(worldcounts.editions(tables.read("tip_law_enforcement"), "convictions"))
    both = state_counts.merge(found.reset_index(), on="year")
    assert len(both) == 20
    agreeing = agreement.agree_bounded(both["count"], both["low"], both["high"])
    assert set(both["year"][agreeing == agreement.SURELY]) == {2010, 2012, 2013, 2014, 2017, 2018}


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: worldcounts.editions(TABLE, "victims"), "'victims'"),
        (lambda: worldcounts.one_per_year(worldcounts.editions(TABLE, "convictions"), "newest"), "'newest'"),
        (lambda: worldcounts.world_sums(pd.DataFrame({"indicator": ["a"]}), "b"), "'b'"),
    ],
)
def test_bad_input_is_named_in_one_line(call, named):
    with pytest.raises(ValueError, match=named) as caught:
        call()
    assert "\n" not in str(caught.value)
