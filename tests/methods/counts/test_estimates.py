"""What published estimates state and how far they lie apart, on tables whose answer is known."""

from __future__ import annotations

import pandas as pd
import pytest

from compendium.evidence import tables
from compendium.methods.counts import estimates

TABLE = pd.DataFrame(
    {
        "id": ["a", "b", "c", "d", "e"],
        "scope": ["World"] * 4 + ["Cambodia"],
        "concept_group": ["trafficking", "trafficking", "forced_labour", "trafficking", "trafficking"],
        "concept": ["trafficking", "trafficking", "forced labour", "trafficking", "sex trafficking"],
        "kind": ["stock", "stock", "stock", "flow", "stock"],
        "value_low": [None, 50.0, None, None, 80.0],
        "value_central": [100.0, 60.0, 500.0, None, None],
        "value_high": [None, 70.0, None, 9.0, 100.0],
        "standard_error": [None, 5.0, 10.0, None, None],
        "method_class": ["survey", "survey", "survey", "none_stated", "none_stated"],
        "status": ["read"] * 5,
    }
)


def test_all_three_must_be_stated() -> None:
    codes = estimates.coded(TABLE).set_index("id")[["method", "interval", "separate"]]
    assert codes.loc["a"].tolist() == ["yes", "unclear", "yes"]
    assert codes.loc["b"].tolist() == ["yes", "yes", "yes"]
    assert codes.loc["c"].tolist() == ["yes", "yes", "no"]
    assert codes.loc["d"].tolist() == ["no", "no", "yes"]
    found = estimates.documentation(TABLE)
    # Of five, a to c have a method, b and c a margin, and that of a was not seen; a and b are of trafficking alone.
    assert (found.estimates, found.method, found.surely, found.possibly, found.separate) == (5, 3, 2, 3, 2)
    # A margin without a method is no documentation.
    assert estimates.documentation(TABLE.assign(standard_error=1.0)) == estimates.Documentation(5, 3, 3, 3, 2)


def like(*rows: tuple[str, str, int, float, float]) -> pd.DataFrame:
    """Estimates of one label: id, publisher, year, low, high."""
    made = pd.DataFrame(rows, columns=["id", "publisher", "year_published", "low", "high"])
    return made.assign(counts_same_as="people here", reference_to=pd.Series([None] * len(rows), dtype="Int64"))


def test_a_pair_is_compared_by_the_nearest_and_the_farthest_ends() -> None:
    (pair,) = estimates.pairs(like(("a", "X", 2000, 10, 20), ("b", "Y", 2003, 30, 60))).itertuples()
    assert (pair.first, pair.second, pair.least, pair.greatest) == ("a", "b", 30 / 20, 60 / 10)
    (over,) = estimates.pairs(like(("a", "X", 2000, 10, 40), ("b", "Y", 2003, 30, 60))).itertuples()
    assert (over.least, over.greatest) == (1, 6)


@pytest.mark.parametrize(
    ("change", "compared"),
    [
        ({}, True),
        ({"counts_same_as": "people there"}, False),
        ({"counts_same_as": None}, False),
        ({"publisher": "X / Z"}, False),  # one of its publishers made the other
        ({"year_published": 2006}, False),
        ({"reference_to": 2006}, False),  # printed early, but of a later time
    ],
)
def test_what_is_not_like_for_like_is_no_pair(change: dict[str, object], compared: bool) -> None:
    two = like(("a", "X", 2000, 10, 20), ("b", "Y", 2003, 30, 60))
    for column, value in change.items():
        two.loc[1, column] = value
    assert len(estimates.pairs(two)) == compared
    assert len(estimates.pairs(like(("a", "X", 2000, 1, 1), ("b", "X", 2001, 2, 2)), any_publisher=True)) == 1


def test_spread_stays_within_one_concept_scope_and_kind() -> None:
    rows = estimates.spreads(estimates.with_ends(TABLE))
    assert len(rows) == 1 and rows.ratio[0] == 100 / 50


def test_restatements_counts_parts_and_unverified_rows_are_left_out() -> None:
    for change in (
        {"method_class": "restatement"},
        {"method_class": "official_count"},
        {"status": "unverified"},
        {"concept_group": "sex_workers"},
        {"scope": "Asia-Pacific"},
        {"kind": "share"},
        {"concept": "forced labour exploitation"},
        {"method_class": "model"},
    ):
        one = TABLE.head(1).assign(**change)
        assert estimates.headlines(one).empty, change
    assert len(estimates.headlines(TABLE)) == 5


def test_the_world_total_of_a_fitted_model_is_the_total_it_was_fitted_to() -> None:
    assert len(estimates.headlines(TABLE.head(1).assign(method_class="model", scope="Cambodia"))) == 1
    total = tables.read("global_estimates").set_index("id").value_central
    assert total["gsi2018"] == total["gems2017"] and total["gsi2023"] == total["gems2022"]


def test_an_unknown_method_is_named() -> None:
    with pytest.raises(ValueError, match="method_class 'guess' has no code"):
        estimates.headlines(TABLE.assign(method_class="guess"))


def test_the_published_table_holds_what_the_note_says() -> None:
    """The note: 80,000-100,000 in 2001, about 2,000 in 2003, 433 in 2008; no method found for the first."""
    own = estimates.coded(estimates.headlines(tables.read("global_estimates"))).set_index("id")
    assert own.loc["khm_ngo2001", "method"] == "no" and own.loc["khm_steinfatt2003", "method"] == "yes"
    top = estimates.spreads(own.reset_index()).iloc[0]
    assert (top["scope"], top["lowest"], top["highest"]) == ("Cambodia", 433, 100_000)
    assert own["standard_error"].isna().all(), "no confirmed estimate prints a standard error"


def test_one_in_how_many() -> None:
    """TIP 2010 printed 0.4 per cent: 49,105 of 12.3 million."""
    assert 1 / estimates.estimated_per_identified(12.3e6, 49_105) == pytest.approx(0.004, abs=0.0001)
    assert estimates.estimated_per_identified(1, 1) == 1
    with pytest.raises(ValueError, match="must be positive"):
        estimates.estimated_per_identified(1, 0)


def test_of_several_unknown_methods_the_first_in_order_is_named() -> None:
    with pytest.raises(ValueError, match="method_class 'aim' has no code"):
        estimates.headlines(TABLE.assign(method_class=["zeal", "survey", "aim", "more", "survey"]))


def test_five_years_apart_are_near_and_pairs_stand_in_the_order_of_labels_and_years() -> None:
    rows = like(("a", "X", 2005, 10, 20), ("b", "Y", 2000, 30, 60), ("c", "Z", 2001, 1, 2), ("d", "W", 2001, 1, 3))
    rows.loc[2:, "counts_same_as"] = "animals"
    found = estimates.pairs(rows)
    assert found[["first", "second", "label"]].to_numpy().tolist() == [
        ["c", "d", "animals"],
        ["b", "a", "people here"],
    ]
    assert estimates.pairs(rows, years=4)["label"].tolist() == ["animals"]
    assert len(estimates.pairs(rows, by="id")) == 0
    with pytest.raises(TypeError):  # a column and a span of years are told apart by their names
        estimates.pairs(rows, "id")
    with pytest.raises(ValueError, match="years is -1; expected 0 to inf"):
        estimates.pairs(rows, years=-1)


def test_spreads_come_largest_first_and_only_of_two_or_more() -> None:
    more = pd.DataFrame(
        {
            "scope": ["World", "World", "Cambodia", "Cambodia", "World", "Africa", "Africa", "Africa"],
            "concept_group": ["slavery"] * 8,
            "kind": ["stock", "stock", "stock", "stock", "flow", "stock", "stock", "stock"],
            "low": [10.0, 20.0, 10.0, 90.0, 1.0, 5.0, 5.0, 5.0],
            "high": [15.0, 30.0, 10.0, 90.0, 2.0, 5.0, 5.0, 10.0],
        }
    )
    found = estimates.spreads(more)
    assert list(found.columns) == "scope concept_group kind estimates lowest highest ratio".split()
    assert found[["scope", "estimates", "ratio"]].to_numpy().tolist() == [
        ["Cambodia", 2, 9.0],
        ["World", 2, 3.0],
        ["Africa", 3, 2.0],
    ]


def test_spreads_as_large_as_each_other_stand_in_one_order_whatever_that_of_the_rows() -> None:
    rows = pd.DataFrame(
        {
            "scope": ["World", "World", "Cambodia", "Cambodia"],
            "concept_group": ["slavery"] * 4,
            "kind": ["stock"] * 4,
            "low": [10.0, 20.0, 1.0, 2.0],
            "high": [10.0, 20.0, 1.0, 2.0],
        }
    )
    found = estimates.spreads(rows)
    assert found["ratio"].tolist() == [2, 2]
    pd.testing.assert_frame_equal(found, estimates.spreads(rows.iloc[::-1]))


def test_ends_that_are_not_printed_are_the_centre_and_rows_are_numbered_anew() -> None:
    found = estimates.with_ends(TABLE.iloc[1:])
    assert list(found.columns) == [*TABLE.columns, "low", "high"] and list(found.index) == [0, 1, 2, 3]
    assert found[["low", "high"]].to_numpy().tolist() == [[50, 70], [500, 500], [9, 9], [80, 100]]
    with pytest.raises(ValueError, match="expected at least one estimate"):
        estimates.documentation(TABLE.head(0))


@pytest.mark.parametrize(("estimated", "identified"), [(0, 1), (1, 0), (-1, -1)])
def test_nobody_estimated_or_identified_has_no_ratio(estimated: float, identified: float) -> None:
    with pytest.raises(ValueError, match="both numbers must be positive"):
        estimates.estimated_per_identified(estimated, identified)
