"""One figure a year out of many editions, and sums over whoever reported, against tables built by hand."""

import pandas as pd
import pytest

from compendium.evidence import tables
from compendium.methods.counts import agreement, officialcounts

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
    found = officialcounts.editions(TABLE, "convictions")
    assert found[found["basis"] == officialcounts.SUM_OF_REGIONS][["year", "count"]].to_numpy().tolist() == [
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
    found = officialcounts.one_per_year(officialcounts.editions(TABLE, "convictions"), choice)
    assert dict(zip(found["year"], found["count"], strict=True)) == counts


def test_revisions_measure_every_year_with_several_figures():
    found = officialcounts.revisions(officialcounts.editions(TABLE, "convictions")).set_index("year")
    assert list(found.index) == [2004, 2005]
    assert found.loc[2004, "spread"] == pytest.approx(22 / 21 - 1)
    assert (found.loc[2005, "first"], found.loc[2005, "lowest"], found.loc[2005, "versions"]) == (50, 40, 2)
    assert found.loc[2005, "other_edition"] == "TIP 2008"


def test_published_editions_keep_the_revisions_that_the_reports_made():
    found = officialcounts.editions(tables.read("tip_law_enforcement"), "convictions")
    assert officialcounts.one_per_year(found)["year"].tolist() == list(range(2003, 2024))
    first, last = (
        officialcounts.one_per_year(found, choice).set_index("year")["count"] for choice in ("first", "last")
    )
    assert (first[2004], last[2004]) == (3026, 3025)
    assert (first[2005], last[2005]) == (4766, 4379)
    assert (first[2017], last[2017]) == (7045, 7135)
    assert first[2016] == last[2016] == 9071
    prosecutions = officialcounts.editions(tables.read("tip_law_enforcement"), "prosecutions")
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
    found = officialcounts.world_sums(countries, "persons_convicted").set_index("year")
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
    found = officialcounts.world_sums(tables.read("unodc_country_totals"), "persons_convicted").set_index("year")
    assert (found.loc[2003, "low"], found.loc[2003, "largest"], found.loc[2003, "largest_count"]) == (
        6768,
        "IND",
        6202,
    )
    assert (found.loc[2012, "low"], found.loc[2012, "high"]) == (4673, 4845)
    state_counts = officialcounts.one_per_year(
        officialcounts.editions(tables.read("tip_law_enforcement"), "convictions")
    )
    both = state_counts.merge(found.reset_index(), on="year")
    assert len(both) == 20
    agreeing = agreement.agree_bounded(both["count"], both["low"], both["high"])
    assert set(both["year"][agreeing == agreement.SURELY]) == {2010, 2012, 2013, 2014, 2017, 2018}


def test_country_series_keeps_every_figure_with_its_source_span_and_definition():
    found = officialcounts.country_series(tables.read("cambodia_enforcement"), tables.read("unodc_cambodia"))
    convicted = found[(found["measure"] == "convicted") & (found["span"] == "year")]
    pairs = {(row.year, "UNODC" if row.source == "UNODC" else "US"): row.low for row in convicted.itertuples()}
    assert {year: pairs[year, "US"] for year in (2008, 2009, 2012, 2013, 2014, 2015, 2016)} == {
        2008: 11, 2009: 36, 2012: 44, 2013: 18, 2014: 29, 2015: 43, 2016: 100,
    }  # fmt: skip
    assert {year: pairs[year, "UNODC"] for year in (2017, 2018, 2019)} == {2017: 129, 2018: 125, 2019: 63}
    halves = found[(found["measure"] == "cases") & (found["span"] == "half-year")]
    wide = halves[halves["scope"] == "trafficking_and_sexual_exploitation"].set_index("year")["low"]
    assert wide.to_dict() == {2018: 62, 2019: 78, 2020: 79, 2023: 87, 2024: 104, 2025: 99}
    narrow = halves[halves["scope"] == "trafficking"].set_index("year")["low"]
    assert (narrow[2024], narrow[2025]) == (22, 27)
    several_years = found[(found["measure"] == "convicted") & (found["span"] == "other")]
    assert dict(zip(several_years["source"], several_years["low"], strict=True)) == {
        "Cambodian MoI (AHTJPD)": 22,
        "NGO/press": 0,
    }


def test_disagreements_are_the_pairs_that_the_sources_print():
    found = officialcounts.disagreements(tables.read("source_disagreements"), "cambodia_enforcement").set_index(
        "id"
    )
    assert found.loc["khm-2016", ["first", "second"]].tolist() == [100, 53]
    assert found.loc["khm-2020-cases", "ratio"] == pytest.approx(186 / 155)
    assert found.loc["too-few-convictions", "ratio"] == pytest.approx(199 / 36)
    assert found["ratio"].is_monotonic_increasing
    assert set(found["table"]) == {"cambodia_enforcement"}
    listed = pd.DataFrame(
        [("y", "b", "9 of 10", "3"), ("x", "b", "2.5", "5"), ("z", "a", "1", "8"), ("w", "c", "1", "8")],
        columns=["id", "table", "value_a", "value_b"],
    )
    only = officialcounts.disagreements(listed, "b")
    assert only[["id", "ratio"]].to_numpy().tolist() == [["x", 2.0], ["y", 3.0]] and list(only.index) == [0, 1]
    words = pd.DataFrame({"id": ["x"], "table": ["t"], "value_a": ["withheld"], "value_b": ["7"]})
    assert officialcounts.disagreements(words, "t").empty


def test_editions_stand_by_year_and_edition_with_what_is_printed_before_what_adds_up():
    found = officialcounts.editions(TABLE, "convictions")
    assert list(found.columns) == ["year", "edition", "edition_year", "basis", "count", "preferred"]
    assert list(found.index) == list(range(len(found)))
    assert found[["year", "edition"]].to_numpy().tolist()[:6] == [
        [2004, "TIP 2006"], [2004, "TIP 2008"], [2004, "compilation"],
        [2005, "TIP 2006"], [2005, "TIP 2008"], [2005, "compilation"],
    ]  # fmt: skip
    both = state(*regions(2004, "TIP 2006", [1] * 6), (2004, "World", "TIP 2006", "printed", 7, True))
    found = officialcounts.editions(both, "convictions")
    assert found["basis"].tolist() == [officialcounts.PRINTED, officialcounts.SUM_OF_REGIONS]
    assert officialcounts.one_per_year(found, "first")["count"].tolist() == [7]


def test_a_seventh_region_is_no_sum_of_the_six():
    seven = state(*regions(2004, "TIP 2006", [1] * 6), (2004, "Elsewhere", "TIP 2006", "printed", 1, True))
    assert officialcounts.editions(seven, "convictions").empty


def test_a_year_of_one_figure_hides_no_later_year_and_nothing_is_divided_by_none():
    table = state(
        (2003, "World", "TIP 2004", "printed", 30, True),
        (2004, "World", "TIP 2005", "printed", 20, True),
        (2004, "World", "TIP 2006", "printed", 25, True),
    )
    found = officialcounts.revisions(officialcounts.editions(table, "convictions"))
    assert found.iloc[0].tolist() == [2004, 2, 20, 20, 25, 0.25, "TIP 2005", "TIP 2006"] and len(found) == 1
    table.loc[1, "convictions"] = 0
    with pytest.raises(ValueError, match="expected counts above 0 in 2004, found 0"):
        officialcounts.revisions(officialcounts.editions(table, "convictions"))


def test_of_two_largest_reporters_the_first_in_the_alphabet_is_named():
    rows = [("a", code, 2003, 5, 5) for code in ("BBB", "AAA", "CCC")]
    countries = pd.DataFrame(rows, columns=["indicator", "iso3", "year", "count_min", "count_max"])
    found = officialcounts.world_sums(countries, "a")
    assert (found.loc[0, "largest"], found.loc[0, "largest_share"]) == ("AAA", pytest.approx(1 / 3))


def test_only_everyone_of_every_age_counts_in_a_series():
    columns = ["indicator", "breakdown", "age", "year", "count_min", "count_max"]
    rows = [
        ("persons_convicted", breakdown, age, 2020, 3, 5)
        for breakdown in ("citizenship", "none", "sex")
        for age in ("adult", "all", "under_18")
    ]
    unodc = pd.DataFrame([*rows, ("victims", "none", "all", 2020, 1, 1)], columns=columns)
    found = officialcounts.country_series(tables.read("cambodia_enforcement"), unodc)
    theirs = found[found["source"] == "UNODC"]
    assert theirs[["measure", "year", "low", "high"]].to_numpy().tolist() == [["convicted", 2020, 3, 5]]


def test_country_series_stand_by_measure_and_year():
    found = officialcounts.country_series(tables.read("cambodia_enforcement"), tables.read("unodc_cambodia"))
    assert list(found.index) == list(range(len(found)))
    assert list(dict.fromkeys(found["measure"])) == list(officialcounts.MEASURES)
    assert all(group["year"].is_monotonic_increasing for _, group in found.groupby("measure"))
    theirs = found[found["source"] == "UNODC"]
    assert ((theirs["unit"] == "offences") == (theirs["measure"] == "cases")).all() and (
        theirs["span"] == "year"
    ).all()
    assert not theirs.duplicated(["measure", "year"]).any()


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: officialcounts.editions(TABLE, "victims"), "'victims'"),
        (lambda: officialcounts.one_per_year(officialcounts.editions(TABLE, "convictions"), "newest"), "'newest'"),
        (lambda: officialcounts.world_sums(pd.DataFrame({"indicator": ["a"]}), "b"), "'b'"),
    ],
)
def test_bad_input_is_named_in_one_line(call, named):
    with pytest.raises(ValueError, match=named) as caught:
        call()
    assert "\n" not in str(caught.value)
