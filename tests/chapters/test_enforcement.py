"""What the notes state of Cambodia's convictions and tiers, recomputed the way the chapter does."""

from math import comb

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from compendium.chapters import enforcement
from compendium.evidence import tables
from compendium.evidence.numbers import listing, spans
from compendium.methods.counts import officialcounts
from compendium.methods.tiers import tiertest
from compendium.trial import claims

CONVICTED = {2008: 11, 2009: 36, 2012: 44, 2013: 18, 2014: 29, 2015: 43, 2016: 100, 2017: 129, 2018: 125, 2019: 63}
WATCH_LIST_AFTER, TIER_2_AFTER = {11, 18, 29, 44, 63, 125}, {36, 43, 100, 129}


@pytest.fixture(scope="module")
def graded() -> pd.DataFrame:
    series = officialcounts.country_series(tables.read("cambodia_enforcement"), tables.read("unodc_cambodia"))
    yearly = series[(series["measure"] == "convicted") & (series["span"] == "year")]
    whole = yearly[yearly["scope"] == "trafficking"].rename(columns={"low": "convictions"})
    return tiertest.pair_with_lag(tables.read("cambodia_tiers"), whole)


def test_ten_years_have_a_tier_and_the_convictions_of_the_year_before(graded: pd.DataFrame) -> None:
    assert dict(zip(graded["counted_year"], graded["convictions"], strict=True)) == CONVICTED
    assert (graded["year"] - graded["counted_year"] == 1).all()
    assert set(graded.loc[graded["tier"] == "2WL", "convictions"]) == WATCH_LIST_AFTER
    assert set(graded.loc[graded["tier"] == "2", "convictions"]) == TIER_2_AFTER


def test_exact_p_value_is_the_share_of_rank_sums_at_least_as_high(graded: pd.DataFrame) -> None:
    """Tier 2 holds ranks 4, 5, 8 and 10 of ten: 27; 37 of the 210 ways to choose four ranks reach that."""
    from itertools import combinations

    reached = sum(sum(ranks) >= 27 for ranks in combinations(range(1, 11), 4))
    found = tiertest.tier_test(graded["tier"], graded["convictions"])
    assert found.p_value == pytest.approx(reached / comb(10, 4))
    assert found.smallest_p == pytest.approx(1 / comb(10, 4))


def test_no_threshold_fits_the_eight_years_that_one_could_count_by_eye(graded: pd.DataFrame) -> None:
    """The ten pairs look like a rule read one by one, yet no single line between enough and too few fits eight."""
    every = range(0, 131)
    best = max(tiertest.tier_match(graded["tier"], graded["convictions"], threshold=line).fitting for line in every)
    found = tiertest.tier_match_best(graded["tier"], graded["convictions"])
    assert best == found.fitting == 7
    assert found.p_value > 0.5, "a search over thresholds finds as much in tiers dealt at random"


def test_no_threshold_is_needed_to_see_that_the_years_lean_to_the_claim(graded: pd.DataFrame) -> None:
    """Tier 2 against Watch List: 36 beats 3 of six, 43 beats 3, 100 beats 5, 129 beats 6; 17 of 24 pairs."""
    assert tiertest.pairs_in_order(graded["tier"], graded["convictions"]) == pytest.approx(17 / 24)


def test_the_report_of_2005_is_read_and_cites_a_failure_to_convict() -> None:
    counts = tables.read("cambodia_enforcement").set_index("id")
    assert counts.loc["tip-2004", "source"] == "TIP 2005"
    assert "failure to convict" in counts.loc["tip-2004", "note"]


def test_the_essays_statements_stand_at_2011() -> None:
    facts = tables.read("prison_study_facts").set_index("id")
    assert set(facts.loc[["K32", "K33"], "year_to"]) == {2011}


def test_what_would_change_it_names_the_years_without_a_count() -> None:
    series = officialcounts.country_series(tables.read("cambodia_enforcement"), tables.read("unodc_cambodia"))
    known = set(series.loc[(series["measure"] == "convicted") & (series["span"] == "year"), "year"])
    rivals = set(enforcement.rival_convictions()["year"])
    missing = listing(spans(set(range(2003, 2025)) - known - rivals))
    said = claims.registry()["too-few-convictions"].would_change_it
    assert missing in said
    assert f"decides between the two of {listing([str(year) for year in rivals])}" in said


# ---------------------------------------------------------------- what the page assembles


def test_the_chapter_grades_the_same_ten_years(graded: pd.DataFrame) -> None:
    found = enforcement.graded(enforcement.bodies())
    columns = ["year", "tier", "counted_year", "convictions"]
    pd.testing.assert_frame_equal(found.every[columns], graded[columns])
    assert set(found.own["source"]) == {"State Department"}


def test_a_complaint_counts_by_what_its_row_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Complaints of convictions count; of prosecutions, praise, and rows that no text confirms do not."""
    read = tables.read
    found = enforcement.complaints()
    assert sorted(found.rows["document_year"]) == [2005, 2009, 2009, 2013, 2014]
    assert sorted(found.before_essay["document_year"]) == [2005, 2009, 2009]
    row = read("conviction_complaints").query("id == 'tip-2005'")
    changes = [
        ({}, 6),
        ({"about": "prosecutions"}, 5),
        ({"says": "praise"}, 5),
        ({"status": "unverified"}, 5),
    ]
    for change, expected in changes:
        more = pd.concat([read("conviction_complaints"), row.assign(id="another", **change)])
        monkeypatch.setattr(tables, "read", lambda name, more=more: more)
        assert len(enforcement.complaints().rows) == expected
    monkeypatch.setattr(tables, "read", lambda name: read(name).iloc[:0])
    assert enforcement.complaints().rows.empty


def said(*rows: tuple[str, int, str, str, str]) -> enforcement.Complaints:
    """Documents by (source, year, says, about, status)."""
    frame = pd.DataFrame(rows, columns=["source", "document_year", "says", "about", "status"])
    return enforcement.Complaints(frame.assign(id=[f"d{at}" for at in range(len(rows))]))


def test_reports_up_to_the_essay_count_once_and_one_that_complains_does_not_also_praise() -> None:
    found = said(
        ("TIP 2005", 2005, "complaint", "convictions", "read"),
        ("TIP Report 2009, quoted", 2009, "complaint", "convictions", "restated"),
        ("TIP Report 2009, quoted", 2009, "praise", "convictions", "restated"),
        ("TIP Report 2010", 2010, "praise", "convictions", "read"),
        ("TIP Report 2011", 2011, "silent", "convictions", "read"),
        ("TIP Report 2008", 2008, "complaint", "prosecutions", "read"),
        ("VOA", 2009, "complaint", "convictions", "read"),
        ("TIP Report 2013", 2013, "complaint", "convictions", "read"),
    )
    assert found.reports() == (2, 2)
    assert found.reports(until=2013) == (3, 2)
    assert found.reports(read_only=True) == (1, 2)
    assert found.reports(officials=True).complaining == 3


def test_reports_as_published() -> None:
    found = enforcement.complaints()
    assert found.reports() == (2, 1)
    early = found.said[(found.said.document_year <= 2011) & (found.said.about == "convictions")]
    assert set(early[early.says == "complaint"].document_year) == {2005, 2009}


def test_a_report_stands_at_its_own_year_and_tier_not_at_the_year_that_it_counts() -> None:
    table = enforcement.table_of_complaints(enforcement.complaints())
    assert table.loc["2010", "Tier"] == "Tier 2" and table.loc["2010", "On convictions"] == "praise"
    assert set(table.loc["2009", "Tier"]) == {"Watch List"}
    assert table.loc["2018", "Document"].startswith("TIP Report 2018")


def test_two_texts_give_two_counts_of_one_year() -> None:
    rivals = enforcement.rival_convictions()
    assert (set(rivals["year"]), sorted(rivals["value"])) == ({2011}, [20, 62])


def test_the_alternatives_on_matched_countries_are_those_counted_by_hand() -> None:
    """Whole numbers, no quotients: 5 a <= 4 b for a quarter, 3 b <= 2 a for a half, and so on."""
    known = tables.read("tip_country_convictions").query("status == 'read'")
    both = known[known["tip_convictions"].notna()]
    ours, theirs = both["tip_convictions"].astype(int), both["unodc_convicted"]
    least, most = pd.concat([ours, theirs], axis=1).min(axis=1), pd.concat([ours, theirs], axis=1).max(axis=1)
    second = both["tip_alternative"].fillna(both["tip_convictions"]).astype(int)
    low, high = pd.concat([second, theirs], axis=1).min(axis=1), pd.concat([second, theirs], axis=1).max(axis=1)
    quarter = 4 * most <= 5 * least
    expected = {
        "within-half": (2 * most <= 3 * least).mean(),
        "within-tenth": (10 * most <= 11 * least).mean(),
        "surest": quarter[both["confidence"] == "high"].mean(),
        "either-count": (quarter | (4 * high <= 5 * low)).mean(),
    }
    found = enforcement.two_official_counts_alternatives(enforcement.matched())
    assert {name: found[name]["agree_share"] for name in expected} == pytest.approx(expected)
    assert (
        found["with-2016"]["countries"] == known["tip_convictions"].fillna(known["tip_alternative"]).notna().sum()
    )


@pytest.mark.parametrize(("share", "word"), [(0.85, "supported"), (0.5, "not established"), (0.15, "contradicted")])
def test_a_world_in_which_the_counts_agree_is_told_from_one_in_which_they_do_not(share: float, word: str) -> None:
    rng, claim = np.random.default_rng(5), claims.registry()["two-official-counts"]
    words = []
    for _ in range(40):
        agrees = pd.Series(rng.random(62) < share)
        rows = pd.DataFrame({"agrees": agrees})
        found = enforcement.Matched(rows, rows.iloc[:0], 0)
        numbers = enforcement.two_official_counts(found, found.share)
        words.append(claim.decide(numbers)[0])
    assert words.count(word) >= 36


def test_countries_agree_if_the_larger_count_exceeds_the_smaller_by_a_quarter_at_most() -> None:
    found = enforcement.matched()
    rows = found.rows
    near = 4 * rows[["tip_convictions", "unodc_convicted"]].max(axis=1) <= 5 * rows[
        ["tip_convictions", "unodc_convicted"]
    ].min(axis=1)
    assert list(rows["agrees"]) == list(near)
    assert found.share.surely == near.sum() and found.share.years == len(rows)
    assert found.on_the_line == ["El Salvador"], "6 against 8: a quarter of UNODC's, a third of the smaller"
    exact = proportion_confint(near.sum(), len(rows), method="beta")
    assert (found.share.low, found.share.high) == pytest.approx(exact)
    assert len(rows) + found.without == len(tables.read("tip_country_convictions"))


def test_whole_years_of_two_counts_name_both() -> None:
    table = enforcement.table_of_whole_years(enforcement.bodies())
    convicted = table[table["Measure"] == "Persons convicted"]["Counts"]
    assert "62" in convicted["2011"] and "20" in convicted["2011"]
    assert convicted["2017"].count("129") == 2 and "UNODC" in convicted["2017"]


def test_two_counts_agree_if_the_larger_exceeds_the_smaller_by_a_quarter_at_most() -> None:
    """The rule in its own words, on whole numbers: no division of one count by the other."""
    both = enforcement.world().both
    far = 4 * both[["count", "low"]].max(axis=1) > 5 * both[["count", "low"]].min(axis=1)
    near_high = 4 * both[["count", "high"]].max(axis=1) <= 5 * both[["count", "high"]].min(axis=1)
    found = enforcement.share(both)
    assert found.surely == (~far & near_high).sum()
    assert found.surely + found.possibly == (~far | near_high).sum()


def test_the_years_in_which_one_country_outweighs_the_world_are_indias() -> None:
    assert set(enforcement.world().outweighed["largest"]) == {"IND"}


def test_a_year_that_no_edition_changed_has_no_change() -> None:
    shown = enforcement.revisions(enforcement.world()).shown
    assert (shown.loc[shown["versions"] == 1, "change"] == 0).all()
    moved = shown[shown["versions"] > 1]
    farthest = moved[["highest", "lowest"]].sub(moved["first"], axis=0).abs().max(axis=1)
    assert list(moved["change"].abs() * moved["first"] / 100) == pytest.approx(list(farthest))
