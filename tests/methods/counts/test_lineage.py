"""The arithmetic of chapter 1, and the graph of who cites whom."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium.evidence import tables
from compendium.methods.counts import lineage


def test_a_rounded_ratio_contains_every_ratio_that_rounds_to_it() -> None:
    found = lineage.ratio(lineage.rounded(2.5, 0.1), lineage.rounded(12.3, 0.1))
    assert found.low == pytest.approx(2.45 / 12.35) and found.high == pytest.approx(2.55 / 12.25)


@given(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05))
def test_rounding_is_covered(a: float, b: float) -> None:
    found = lineage.ratio(lineage.rounded(2.5, 0.1), lineage.rounded(12.3, 0.1))
    assert found.low - 1e-12 <= (2.5 + a) / (12.3 + b) <= found.high + 1e-12


def test_the_famous_pair() -> None:
    """The note of the evidence works it by hand: 32bn over 12.3M is $2,600, against $13,000 published."""
    assert round(lineage.per_person(32e9, 12.3e6), -2) == 2600


@pytest.mark.parametrize("people", [0, -1])
def test_nobody_cannot_share_a_profit(people: float) -> None:
    with pytest.raises(ValueError, match="number of people must be positive"):
        lineage.per_person(1.0, people)


def test_spread_counts_both_ends_of_a_range() -> None:
    frame = pd.DataFrame({"value_usd": [20.0, None], "value_usd_low": [None, 5.0], "value_usd_high": [None, 9.0]})
    assert lineage.spread(frame) == 4.0


def test_the_trafficked_part_and_the_residual_as_the_note_computes_them() -> None:
    profits = tables.read("global_profits").set_index("id")
    rest = profits.value_usd["belser_total"] - profits.value_usd["belser_traf"]
    assert rest / (9.8e6 - 2.45e6) == pytest.approx(1_700, rel=0.02)


def test_every_change_has_a_kind_and_no_document_stands_on_another() -> None:
    edges = lineage.links(tables.read("claim_lineage"))
    assert len(edges) == len(tables.read("claim_lineage")) and set(edges.kind) <= set(lineage.KIND_ORDER)
    seats = pd.concat(
        [
            edges[["lane", "citing", "citing_x", "citing_y"]].set_axis(["lane", "document", "x", "y"], axis=1),
            edges[["lane", "cited", "cited_x", "cited_y"]].set_axis(["lane", "document", "x", "y"], axis=1),
        ]
    ).dropna()
    assert not seats.drop_duplicates().duplicated(["x", "y"]).any()


def test_time_runs_from_the_cited_to_the_citing() -> None:
    edges = lineage.links(tables.read("claim_lineage")).dropna(subset="cited_x")
    assert (edges.cited_x <= edges.citing_x).all()


def test_an_unknown_change_is_named() -> None:
    with pytest.raises(ValueError, match="change 'invented' has no kind"):
        lineage.links(tables.read("claim_lineage").assign(change="invented"))


def test_numbers_that_round_to_nothing_have_no_ratio() -> None:
    assert lineage.rounded(0.05, 0.1) == lineage.Rounded(0.0, 0.05, 0.1)
    some = lineage.rounded(2.0, 0.1)
    for part, whole in ((lineage.rounded(0.05, 0.1), some), (some, lineage.rounded(0.0, 1.0))):
        with pytest.raises(ValueError, match="both numbers must be positive"):
            lineage.ratio(part, whole)
    for value, step in ((2.0, 0.0), (2.0, -1.0), (float("inf"), 1.0)):
        with pytest.raises(ValueError, match="positive rounding step"):
            lineage.rounded(value, step)


def test_dollars_that_are_no_number_are_not_shared_and_half_a_person_may_be() -> None:
    assert lineage.per_person(3.0, 0.5) == 6.0
    with pytest.raises(ValueError, match="must be a finite number"):
        lineage.per_person(float("nan"), 2.0)


@pytest.mark.parametrize(("low", "told"), [(0.0, "found 0"), (-0.5, "found -0.5"), (None, "no published value")])
def test_a_spread_needs_values_above_nothing(low: float | None, told: str) -> None:
    value = None if low is None else 2.0
    frame = pd.DataFrame({"value_usd": [value], "value_usd_low": [low], "value_usd_high": [None]}, dtype="float64")
    with pytest.raises(ValueError, match=told):
        lineage.spread(frame)


def test_documents_of_a_year_stand_side_by_side_in_the_order_of_the_table() -> None:
    rows = [
        ("people", "a", 2001, "x", 2005, "faithful"),
        ("people", "b", 2001, "x", 2005, "stale"),
        ("people", "c", 2001, "y", 2005, "critique"),
        ("money", "a", None, "x", 2005, "rounding"),
    ]
    columns = ["figure_family", "cited", "cited_year", "citing", "citing_year", "change"]
    found = lineage.links(pd.DataFrame(rows, columns=columns).astype({"cited_year": "Int64"}))
    assert found["cited_y"].tolist()[:3] == pytest.approx([-0.8 / 3, 0, 0.8 / 3])  # three, from the top
    assert found["citing_y"].tolist() == pytest.approx([-0.2, -0.2, 0.2, 1.0])  # two in one lane, one in the next
    assert found["citing_x"].tolist() == [2005.0] * 4 and found["cited_x"].tolist()[:3] == [2001.0] * 3
    assert found.loc[3, ["cited_x", "cited_y"]].isna().all()  # of no known year
    assert found["kind"].tolist() == ["kept", "other date or source", "criticised", "kept"]
    assert found["lane"].tolist() == ["people"] * 3 + ["money"]
