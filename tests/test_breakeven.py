"""The break-even of two routes, and the count of what evaluations found: hand arithmetic and a small world."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from compendium import breakeven
from compendium.breakeven import BreakEvenError, Comparison

# 100,000 dollars buy one conviction that spares 4 people, or 2,000 places that must spare 0.002 each.
PLAIN = Comparison(per_conviction=100_000, per_place=50, prevented=4, baseline=0.01, targeting=2)


def test_the_break_even_by_hand():
    assert PLAIN.places == 2000
    assert PLAIN.effect == pytest.approx(0.002)
    assert PLAIN.cut == pytest.approx(0.1)  # 0.002 of a risk of 0.02
    assert PLAIN.most_prevented == pytest.approx(40)


def test_equal_money_spares_equal_numbers_at_the_break_even():
    """Simulated worlds: both routes spend ten million; places cut the risk by exactly the needed share."""
    rng = np.random.default_rng(5)
    money = 1e7
    by_conviction = rng.poisson(PLAIN.prevented, size=int(money / PLAIN.per_conviction)).sum()
    takers = int(money / PLAIN.per_place)
    risk = PLAIN.baseline * PLAIN.targeting
    without = rng.binomial(takers, risk)
    with_places = rng.binomial(takers, risk * (1 - PLAIN.cut))
    spread = np.sqrt(by_conviction + without + with_places)
    assert without - with_places == pytest.approx(by_conviction, abs=4 * spread)


def test_a_cut_of_the_whole_risk_is_where_a_conviction_prevents_the_most_it_may():
    at_most = Comparison(100_000, 50, PLAIN.most_prevented, 0.01, 2)
    assert at_most.cut == pytest.approx(1)


@pytest.mark.parametrize("case", [PLAIN, Comparison(168_000, 45, 0.3, 3e-5, 40), Comparison(900, 135, 12, 0.4)])
def test_the_vega_formulas_agree_with_the_python_ones(case):
    import vl_convert

    names = ("per_conviction", "per_place", "prevented", "baseline", "targeting")
    signals = [{"name": name, "value": getattr(case, name)} for name in names]
    marks = [
        {"type": "text", "encode": {"enter": {"text": {"signal": f"'{name}=' + format({expression}, '.12g')"}}}}
        for name, expression in breakeven.VEGA.items()
    ]
    spec = {"$schema": "https://vega.github.io/schema/vega/v5.json", "signals": signals, "marks": marks}
    found = dict(re.findall(r">(\w+)=([-\d.e+]+)<", vl_convert.vega_to_svg(json.dumps(spec)).replace("−", "-")))
    assert {name: float(value) for name, value in found.items()} == {
        name: pytest.approx(getattr(case, name), rel=1e-9) for name in breakeven.VEGA
    }


ROUTES = {"school": "education", "course": "training", "job": "work"}
EVIDENCE = pd.DataFrame(
    [
        ("a-enrolled", "school", "A", "RD", None, 20.0, "supports"),
        ("a-wage", "school", "A", "RD", None, None, "cuts_against"),
        ("b-enrolled", "school", "B", "RD", 5.0, None, "supports"),
        ("c-knows", "course", "C", "review", None, None, "cuts_against"),
        ("d-wage", "job", "D", "trial", 3.0, None, "supports"),
        ("e-law", "police", "E", "survey", 9.0, None, "cuts_against"),
        ("f-talk", "school", "F", "survey", None, None, "supports"),
    ],
    columns=["id", "theme", "study", "design", "effect", "effect_low", "bearing"],
).astype({"effect": float, "effect_low": float})
OUTCOMES = {"a-enrolled": "schooling", "a-wage": "earnings", "b-enrolled": "schooling", "c-knows": "knowledge"} | {
    "d-wage": "earnings",
    "e-law": "earnings",
}


def test_an_evaluation_counts_by_the_outcome_that_the_claim_names():
    found = breakeven.findings(EVIDENCE, ROUTES, OUTCOMES)
    assert set(found["id"]) == set(OUTCOMES) - {"e-law"}  # policing is no route here, a talk no evaluation
    read = breakeven.verdicts(found, {"earnings", "trafficking"}).set_index("study")["reading"]
    assert read.to_dict() == {
        "A": breakeven.NONE,  # more schooling, and no effect on the wage
        "B": breakeven.OTHER,  # never looked at an outcome that counts
        "C": breakeven.OTHER,  # nor did this one, and what else it looked for and missed is no null
        "D": breakeven.FOUND,
    }
    wider = breakeven.verdicts(found, {"earnings", "schooling"}).set_index("study")["reading"]
    assert wider.to_dict() == {
        "A": breakeven.FOUND,
        "B": breakeven.FOUND,
        "C": breakeven.OTHER,
        "D": breakeven.FOUND,
    }
    every = breakeven.verdicts(found, {"earnings", "schooling", "knowledge"}).set_index("study")["reading"]
    assert every["C"] == breakeven.NONE  # where what it looked for counts


def test_the_tally_names_found_and_null_for_every_route():
    read = breakeven.verdicts(breakeven.findings(EVIDENCE, ROUTES, OUTCOMES), {"earnings"})
    assert breakeven.tally(read, ["education", "training", "work"]) == {
        "education_found": 0,
        "education_null": 1,
        "training_found": 0,
        "training_null": 0,
        "work_found": 1,
        "work_null": 0,
    }
    assert breakeven.tally(read[:0], ["work"]) == {"work_found": 0, "work_null": 0}


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: Comparison(0, 1, 1, 0.1), "per_conviction is 0"),
        (lambda: Comparison(1, 1, 1, 0.1, 11), "exceeds 1"),
        (lambda: breakeven.findings(EVIDENCE, ROUTES, {"f-talk": "earnings"}), "'f-talk' prints no effect"),
    ],
)
def test_impossible_comparisons_are_refused_in_one_line(attempt, message):
    with pytest.raises(BreakEvenError, match=message) as caught:
        attempt()
    assert "\n" not in str(caught.value)
