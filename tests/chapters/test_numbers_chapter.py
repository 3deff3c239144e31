"""What the chapter on the two figures assembles, on totals whose quotients are known."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from compendium.chapters import numbers
from compendium.chapters.numbers import claims, graph, printed


@pytest.fixture
def facts() -> printed.Facts:
    """Ten million people, a fifth of them trafficked; the source's profit is a quarter of the quoted one."""
    profits = pd.DataFrame(
        {
            "id": ["ilo2005_press", "belser_traf", "belser_total", "belser_econ"],
            "value_usd": [40e9, 10e9, 80e9, 3e9],
            "value_usd_low": [None, None, None, None],
            "value_usd_high": [None, 20e9, None, None],
            "persons": [None, 2e6, 8e6, 1e6],
            "per_person_usd": [None, 5000.0, 10000.0, 3000.0],
            "scope": "World",
            "population": ["trafficked people", "trafficked people", "all private", "economic exploitation"],
            "population_group": ["trafficked", "trafficked", "private_forced_labour", "trafficked"],
            "measure": ["profit", "revenue", "profit", "profit"],
            "origin": ["repeats", "part", "own_estimate", "part"],
            "origin_id": ["belser_traf", "belser_total", None, "belser_total"],
            "status": ["read", "read", "read", "read"],
        }
    ).set_index("id")
    return printed.Facts(
        whole=10e6,
        trafficked=1.5e6,
        largest=2e6,
        smallest=1e6,
        private=8e6,
        state=2e6,
        latest_people=30e6,
        moved=0.44,
        profits=profits,
    )


READINGS = pd.DataFrame(
    [
        ("letter", "publisher", "people", "forced_labour", 10e6),
        ("letter", "publisher", "profit", "trafficked", 40e9),
        ("paper", "restater", "people", "forced_labour", 10e6),
        ("paper", "restater", "profit", "forced_labour", 40e9),
    ],
    columns=["document", "speaks", "figure", "population", "value"],
).assign(status="read", seen_at="ilo.org/letter")


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """One text of the publisher that parts the figures and one of a paper that joins them, as the only ones."""
    rows = READINGS.copy()
    monkeypatch.setattr(claims.tables, "read", lambda name: rows)
    return rows


def test_the_publishers_texts_decide_on_the_pair_and_others_are_an_alternative(
    facts: printed.Facts, readings: pd.DataFrame
) -> None:
    assert facts.implied.value == 40e9 / 10e6
    assert (facts.implied.low, facts.implied.high) == (39.5e9 / 10.05e6, 40.5e9 / 9.95e6)
    assert numbers.figures_paired(facts) == {
        "same_people": 0,
        "other_people": 1,
        "implied_per_person": 4000,
        "printed_per_person": 5000,
    }
    other = numbers.figures_paired_alternatives(facts)
    assert other["restaters-too"] == {"same_people": 1, "other_people": 1}
    assert other["restaters-alone"] == {"same_people": 1, "other_people": 0}
    assert other["press-release"] == {"same_people": 0, "other_people": 0}  # neither is one
    readings.loc[1, "population"] = "forced_labour"
    assert claims.populations(claims.readings()) == {"same_people": 2, "other_people": 0}
    readings.loc[3, "population"] = "all_exploited"  # from whom is not said
    assert claims.populations(claims.readings()) == {"same_people": 1, "other_people": 0}
    readings["status"] = "unverified"
    assert claims.populations(claims.readings()) == {"same_people": 0, "other_people": 0}


def test_the_share_is_of_the_whole_and_moves_with_the_copy_and_the_sense(
    facts: printed.Facts, readings: pd.DataFrame
) -> None:
    assert numbers.slaves_12m(facts) == {"trafficked_share": 0.15, "un_low": 0.15, "un_high": 0.8}
    other = numbers.slaves_12m_alternatives(facts)
    assert {name: number["trafficked_share"] for name, number in other.items()} == {
        "lowest-copy": 0.1,
        "highest-copy": 0.2,
        "private-only": 1.5 / 8,
        "un-definition": 0.8,
        "moved": 0.44,
        "ilo-2012": 1.0,
    }
    assert other["private-only"]["un_high"] == 1


def test_a_count_by_the_un_definition_takes_the_place_of_the_bounds(
    facts: printed.Facts, readings: pd.DataFrame
) -> None:
    readings.loc[2, ["population", "value"]] = ["un_trafficking", 9e6]
    found = numbers.slaves_12m(facts)
    assert (found["trafficked_share"], found["un_low"], found["un_high"]) == (0.15, 0.9, 0.9)


def with_rows(facts: printed.Facts, *rows: dict[str, object]) -> printed.Facts:
    """The facts with more rows of profits, each like the press's but for what is said of it."""
    base = facts.profits.loc["ilo2005_press"].to_dict() | {"origin": "own_estimate", "origin_id": None}
    more = pd.DataFrame([base | row for row in rows], index=[f"planted{at}" for at in range(len(rows))])
    return dataclasses.replace(facts, profits=pd.concat([facts.profits, more]))


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"value_usd": 30e9}, (1, 0)),  # 40 billion are quoted here
        ({"value_usd": 80e9}, (1, 0)),
        ({"value_usd": 81e9}, (0, 1)),
        ({"value_usd": 10e9}, (0, 1)),
        ({"value_usd": None, "value_usd_low": 10e9, "value_usd_high": 30e9}, (0, 0)),  # a range over the line
        ({"value_usd": 30e9, "measure": "market_value"}, (0, 0)),
        ({"value_usd": 30e9, "origin": "no_source"}, (0, 0)),
        ({"value_usd": 30e9, "origin": "repeats"}, (0, 0)),
        ({"value_usd": 30e9, "status": "unverified"}, (0, 0)),
        ({"value_usd": 30e9, "population": "trafficked children"}, (0, 0)),
        ({"value_usd": 30e9, "scope": "Asia-Pacific"}, (0, 0)),
    ],
)
def test_only_other_own_estimates_of_the_worlds_profit_are_near_or_far(
    facts: printed.Facts, row: dict[str, object], found: tuple[int, int]
) -> None:
    numbers_found = numbers.profit_32bn(with_rows(facts, row))
    assert (numbers_found["near"], numbers_found["far"]) == found


def test_the_source_and_its_copies_are_no_other_estimates(facts: printed.Facts) -> None:
    assert numbers.profit_32bn(facts) == {"ratio_to_source": 4, "near": 0, "far": 0}


def test_totals_of_parts_do_not_enter_the_spread(facts: printed.Facts) -> None:
    totals = numbers.totals(facts)
    assert list(totals.named.index) == ["ilo2005_press", "belser_traf"]
    assert list(totals.forced.index) == ["belser_total"]
    assert (totals.spread, totals.spread_with_forced) == (40 / 10, 80 / 10)


def test_what_repeats_an_estimate_is_no_second_one(facts: printed.Facts) -> None:
    row = facts.profits.loc[["belser_traf"]].assign(origin="no_source", origin_id=None, measure="profit")
    more = pd.concat([facts.profits, row.rename(index={"belser_traf": "agency"})])
    totals = numbers.totals(dataclasses.replace(facts, profits=more))
    assert list(totals.independent.index) == ["belser_traf"]
    assert list(totals.copies.index) == ["ilo2005_press", "belser_traf"]
    assert list(totals.unsourced.index) == ["agency"]
    assert set(totals.profit_only.index) == {"ilo2005_press", "agency"}


def test_every_total_said_of_trafficking_is_independent_repeats_one_or_has_no_source() -> None:
    totals = numbers.totals(numbers.facts())
    kinds = [set(totals.copies.index), set(totals.unsourced.index)]
    assert kinds[0] | kinds[1] == set(totals.firm.index) and not kinds[0] & kinds[1]
    assert {"fbi2006", "coe2006"} <= kinds[1] and "kara2009_sex" not in totals.firm.index  # a part of the trade


def test_every_citation_has_one_kind_and_a_sentence_with_its_source() -> None:
    found = numbers.citations()
    assert found.kinds.sum() == len(found.edges) - 1  # the one new total of the citing document itself
    assert found.carried + found.kinds["criticised"] == found.kinds.sum()
    others = found.carried - found.meaning
    assert others == sum(found.kinds[["kept", "other unit or size", "other date or source"]])
    assert found.edges.found.is_unique  # the menu names each once
    told = zip(found.edges.seen_at, found.edges.sentence, strict=True)
    assert all("".join(place.split()) in "".join(text.split()) for place, text in told)  # however lines are broken
    assert set(found.edges.lane) == set(graph.LANES)
    assert {*graph.AMONG, *graph.CHECKED, graph.FIRST, graph.OWN_TOTAL} <= set(found.edges.id)
