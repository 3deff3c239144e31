"""Planted evidence is read, refused where it cannot stand, put into the tables, and moves verdicts."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from compendium.run import plant, stress
from compendium.trial import claims, history, planted
from compendium.trial.claims import Part
from compendium.trial.planted import Planted
from compendium.trial.rules import ClaimError, Numbers, Rule

FRAME = pd.DataFrame({"id": ["a", "b"], "kind": ["x", "y"], "value": ["10", ""]})


def planting(*changes: dict[str, Any]) -> Planted:
    return Planted("slaves-12m", "part", "supported", "why", changes)


def altered(change: dict[str, Any]) -> list[list[str]]:
    return plant.altered_table(planting({"table": "t", **change}), "t", FRAME).to_numpy().tolist()


def test_rows_are_added_dropped_set_and_scaled() -> None:
    assert altered({"add": {"id": "c", "value": 3}})[-1] == ["c", "", "3"]
    assert altered({"add": {"like": "a", "id": "c"}})[-1] == ["c", "x", "10"]
    assert altered({"drop": {"id": "a"}}) == [["b", "y", ""]]
    assert altered({"set": {"kind": "z"}, "where": {"id": ["a"]}}) == [["a", "z", "10"], ["b", "y", ""]]
    assert altered({"scale": {"value": 2}}) == [["a", "x", "20"], ["b", "y", ""]]


def test_another_table_is_left_alone() -> None:
    assert plant.altered_table(planting({"table": "t", "drop": {"id": "a"}}), "other", FRAME).equals(FRAME)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"drop": {"id": "z"}}, "no row where"),
        ({"set": {"colour": 1}}, "no column 'colour'"),
        ({"add": {"like": "z"}}, "no row 'z'"),
    ],
)
def test_a_planting_that_finds_nothing_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ClaimError, match=told):
        altered(change)


OLD = Part("old", Rule("x >= 2"), Rule("x == 0"))
NOW = Part("now", Rule("x > 1"), Rule("x < 1"))
ELSE = Part("of another number", Rule("y > 0"), Rule("y < 0"))
GONE = Part("gone", Rule("lost > 0"), Rule("lost < 0"))


@pytest.mark.parametrize(
    ("gives", "numbers", "said"),
    [
        ("supported", {"x": 3.0}, "supported"),
        ("contradicted", {"x": 3.0}, "supported"),  # the old rule cannot follow
        ("contradicted", {"x": 1.0}, "not established"),
        ("supported", {"x": None}, ""),  # nothing to judge by
        ("supported", {"y": 3.0}, ""),
    ],
)
def test_what_an_older_rule_says_of_planted_numbers(gives: str, numbers: Numbers, said: str) -> None:
    assert plant.by_former_rules(gives, NOW, (GONE, ELSE, OLD), numbers) == said


def test_plantings_are_counted_with_what_older_rules_would_have_said(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        {"gives": "supported", "found": "supported", "before": "supported"},
        {"gives": "contradicted", "found": "contradicted", "before": "supported"},
        {"gives": "contradicted", "found": "supported", "before": ""},
        {"gives": "supported", "found": "supported"},
    ]
    monkeypatch.setattr(plant, "published", lambda: {"boats": {"planted": lines}})
    assert plant.tally() == {"planted": 4, "moved": 3, "comparable": 2, "failed": 1}


def test_the_rules_of_the_version_before_are_read_from_the_history() -> None:
    assert history.former("movements") == ()
    former = history.former("slaves-12m")
    assert former and former[0].decide({"trafficked_share": 0.95}) == "supported"


def test_every_part_of_every_claim_can_be_moved_both_ways() -> None:
    assert planted.missing() == []


def test_what_would_change_it_is_planted() -> None:
    known = planted.declared()
    assert [c for c in claims.registry().claims if not any(p.asked for p in known.get(c, ()))] == []


def test_the_published_plantings_moved_as_declared_on_these_chapters() -> None:
    found, inputs = plant.published(), stress.inputs()
    for claim in claims.registry().claims.values():
        assert found[claim.id]["inputs"] == inputs[claim.chapter], f"{claim.id}: run verify --plant --publish"
        assert [p for p in found[claim.id]["planted"] if p["found"] != p["gives"]] == []
        told = {(p["part"], p["gives"], p["why"]) for p in found[claim.id]["planted"]}
        assert told == {(p.part, p.gives, p.why) for p in planted.declared()[claim.id]}
