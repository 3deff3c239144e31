"""Tier histories and the shapes on the map: missing is not absent, and the outlines are where they belong."""

import json

import numpy as np
import pandas as pd
import pytest

from compendium.evidence import tables
from compendium.methods.tiers import tiermap


@pytest.fixture(scope="module")
def rated():
    return tables.read("tip_tiers")


@pytest.fixture(scope="module")
def countries():
    return tables.read("countries")


@pytest.fixture(scope="module")
def outlines():
    return tables.read("world_outlines")


@pytest.fixture(scope="module")
def known(rated, countries):
    return tiermap.histories(rated, countries.set_index("iso3")["name"])


def test_every_rating_is_in_exactly_the_histories_it_belongs_to(rated, known):
    letters = known.set_index("iso3")["letters"]
    assert (letters.str.len() == 25).all()
    for row in rated.itertuples():
        heirs = [s for s, p in tiermap.PREDECESSORS.items() if p == row.iso3] or [row.iso3]
        for heir in heirs:
            assert letters[heir][row.year - 2001] == tiermap.LETTERS[row.tier], (heir, row.year)
    ratings = sum((letter in "12W3S") for text in letters for letter in text)
    shared = rated["iso3"].map(lambda c: len([p for p in tiermap.PREDECESSORS.values() if p == c]) or 1)
    assert ratings == shared.sum()


def test_no_successor_is_rated_in_a_year_of_its_predecessor(rated):
    for successor, predecessor in tiermap.PREDECESSORS.items():
        years = rated[rated["iso3"] == successor]["year"], rated[rated["iso3"] == predecessor]["year"]
        assert years[0].min() > years[1].max()


def test_missing_years_are_said_to_be_missing_and_absence_only_where_special_cases_were_read(rated, known):
    whole = set(rated.loc[rated["year_coverage"].isin(["complete", "closed"]), "year"])
    assert whole - tiermap.special_cases_read(rated) == {2020, 2023}
    for year in tiermap.YEARS:
        absent = known.loc[known["letters"].str[year - 2001] == tiermap.NOT_IN_REPORT, "iso3"]
        unread = known.loc[known["letters"].str[year - 2001] == tiermap.NOT_READ, "iso3"]
        if year in whole - {2020, 2023}:
            assert set(unread) == {2010: {"TLS"}, 2024: {"HTI"}}.get(year, set())
        else:
            assert len(unread) and not len(absent)
    history = known.set_index("iso3")["history"]
    assert "2019 not read" in history["NPL"]
    for country in ("LBY", "SOM", "YEM"):
        assert (
            "–18 special case; 2019–20 not read; 2021–22 special case; 2023 not read; 2024–25" in history[country]
        )
    assert "2005–09 Tier 2; 2010 not read; 2011–13 Tier 2" in history["TLS"]


def test_cambodia_reads_as_its_own_table_says(known):
    """An independent table, one source list a year."""
    own = tables.read("cambodia_tiers").sort_values("year")
    expected = "".join(tiermap.LETTERS[tier] for tier in own["tier"])
    assert known.set_index("iso3").loc["KHM", "letters"] == expected
    assert known.set_index("iso3").loc["KHM", "history"].endswith("2019–21 Watch List; 2022–25 Tier 3")


def test_runs_say_the_whole_history():
    text = tiermap.in_runs("1" + "2" * 8 + "?" * 16)
    assert text == "2001 Tier 1; 2002–09 Tier 2; 2010–25 not read"


@pytest.mark.parametrize(
    ("letters", "found"), [("1" * 26, "26 letters"), ("1" * 24, "24 letters"), ("1" * 24 + "x", "'x'")]
)
def test_a_history_of_too_few_or_many_or_unknown_letters_is_named(letters, found):
    with pytest.raises(ValueError, match=f"expected 25 letters of .*, found {found}$"):
        tiermap.in_runs(letters)


def test_a_year_sentence_names_only_tiers_in_use_and_one_special_case_as_one():
    rows = [("KHM", year, "2", "complete") for year in tiermap.YEARS]
    table = pd.DataFrame(rows, columns=["iso3", "year", "tier", "year_coverage"])
    assert tiermap.year_sentences(table)[0] == "In 2001 (complete list, special cases not read): 1 on Tier 2."
    special = [("SOM", 2003, "SC", "complete"), ("SOM", 2004, "SC", "complete"), ("LBY", 2004, "SC", "complete")]
    table = pd.concat([table, pd.DataFrame(special, columns=table.columns)], ignore_index=True)
    sentences = tiermap.year_sentences(table)
    assert sentences[2003 - 2001] == "In 2003 (complete list): 1 on Tier 2, 1 special case."
    assert sentences[2004 - 2001] == "In 2004 (complete list): 1 on Tier 2, 2 special cases."


def test_year_sentences_agree_with_counts_made_elsewhere(rated):
    """31/89/44/23 in 2015 (Rotary page), 26 on the watch list in 2023 (State Department), none before 2004."""
    sentences = tiermap.year_sentences(rated)
    assert sentences[2015 - 2001].startswith(
        "In 2015 (complete list): 31 on Tier 1, 89 on Tier 2, 44 on the Watch List, 23 on Tier 3"
    )
    assert "26 on the Watch List" in sentences[2023 - 2001]
    assert "Watch List" not in " ".join(sentences[:3])
    assert sentences[2023 - 2001].startswith("In 2023 (complete list, special cases not read): 30 on Tier 1")
    assert sentences[2019 - 2001] == "In 2019 (no list read, Cambodia only): 1 on the Watch List."
    assert sentences[2022 - 2001].startswith("In 2022 (complete with tiers that were inferred): 30 on Tier 1")
    assert "34 on the Watch List" in sentences[2022 - 2001]


def test_a_year_of_two_coverages_and_an_unknown_tier_are_refused(rated, countries):
    torn = rated.copy()
    torn.loc[torn.index[torn["year"] == 2010][0], "year_coverage"] = "partial"
    with pytest.raises(ValueError, match=r"found years \[2010\]"):
        tiermap.coverage(torn)
    with pytest.raises(ValueError, match="found '4' for"):
        tiermap.histories(rated.assign(tier=rated["tier"].replace("3", "4")), countries.set_index("iso3")["name"])


def test_comparison_counts_only_reports_that_rank_both():
    found = tiermap.compared("12W3S?-1", "2W233331")
    assert (found.better, found.same, found.worse, found.reports) == (2, 2, 1, 5)


def test_every_compared_report_is_better_the_same_or_worse():
    found = tiermap.compared("1112223W", "222211W3")
    assert (found.better, found.same, found.worse, found.reports) == (4, 1, 3, 8)
    with pytest.raises(ValueError, match="shorter"):
        tiermap.compared("123", "12")


def test_falls_are_steps_down_between_consecutive_rankings():
    assert tiermap.falls("12?W3S3W3") == 3
    assert tiermap.falls("3W21") == 0


def rings(outline):
    geometry = json.loads(outline)
    pieces = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [np.array(ring) for piece in pieces for ring in piece]


def test_outlines_are_closed_rings_on_the_globe(outlines):
    for row in outlines.itertuples():
        for ring in rings(row.outline):
            assert len(ring) >= 4 and (ring[0] == ring[-1]).all(), row.iso3
            assert (np.abs(ring) <= (180, 90)).all(), row.iso3
            np.testing.assert_allclose(ring * 10, np.round(ring * 10), atol=1e-9)


def test_outer_rings_run_clockwise_as_spherical_drawing_needs(outlines):
    """Counter-clockwise would paint the whole globe but the country; two countries cross the date line."""
    for row in outlines.itertuples():
        geometry = json.loads(row.outline)
        pieces = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        for piece in pieces:
            x, y = np.array(piece[0]).T
            if np.ptp(x) < 180:
                assert np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) < 0, row.iso3
            else:
                assert row.iso3 in ("RUS", "FJI")


def test_outlines_lie_where_another_source_puts_their_countries(outlines, countries):
    """Centres by Gapminder fall within the box of the country's outline, half a degree of thinning allowed."""
    centre = countries.set_index("iso3")[["longitude", "latitude"]].dropna()
    checked = 0
    for row in outlines.itertuples():
        if row.iso3 in centre.index:
            corners = np.vstack(rings(row.outline))
            low, high = corners.min(axis=0) - 0.5, corners.max(axis=0) + 0.5
            assert (low <= centre.loc[row.iso3]).all() and (centre.loc[row.iso3] <= high).all(), row.iso3
            checked += 1
    assert checked > 160


def test_every_rated_country_can_be_reached_on_the_map(rated, known, outlines, countries):
    small = tiermap.points(outlines, known, countries)
    heirs = set(tiermap.PREDECESSORS.values())
    reachable = set(outlines["iso3"]) | set(small["iso3"])
    assert set(rated["iso3"]) - heirs <= reachable
    assert {"SGP", "MLT", "MDV", "BHR"} <= set(small["iso3"])
    assert not {"KHM", "THA", "RUS"} & set(small["iso3"])
    with pytest.raises(ValueError, match="expected coordinates for SGP, found none"):
        tiermap.points(outlines, known, countries[countries["iso3"] != "SGP"])


def test_features_carry_the_history_and_territories_are_never_rated(outlines, known):
    found = {f["properties"]["iso3"]: f["properties"] for f in tiermap.features(outlines, known)}
    assert len(found) == len(outlines)
    assert found["KHM"]["name"] == "Cambodia" and "Tier 3" in found["KHM"]["history"]
    assert found["GRL"]["letters"] == "-" * 25 and found["GRL"]["history"] == "never rated"


def test_extent_is_that_of_the_largest_piece():
    square = {"type": "Polygon", "coordinates": [[[0, 0], [0, 2], [3, 2], [3, 0], [0, 0]]]}
    assert tiermap.extent(json.dumps(square)) == 3
    two = {"type": "MultiPolygon", "coordinates": [square["coordinates"], [[[50, 0], [50, 5], [51, 5], [50, 0]]]]}
    assert tiermap.extent(json.dumps(two)) == 5
