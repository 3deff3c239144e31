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
