"""The break-even of two routes, and the count of what evaluations found: hand arithmetic and a small world."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from compendium.methods.choice import breakeven
from compendium.methods.choice.breakeven import BreakEvenError, Comparison

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
        ("a-enrolled", "school", "A", 2001, "one", "schooling", "supports", 12.0, None, "percent"),
        ("a-wage", "school", "A", 2001, "one", "earnings", "cuts_against", None, None, "percent"),
        ("b-enrolled", "school", "B", 2002, "two", "schooling", "supports", None, None, "percent"),
        ("c-knows", "course", "C", 2003, "three", "knowledge", "cuts_against", None, None, "percent"),
        ("d-wage", "job", "D", 2004, "four", "earnings", "supports", 10.0, 30.0, "percent"),
        ("d-later", "job", "D later", 2009, "four", "earnings", "cuts_against", None, None, "percent"),
        ("e-law", "police", "E", 2005, "five", "earnings", "cuts_against", None, None, "percent"),
        ("f-wage", "job", "F", 2006, "six", "earnings", "cuts_against", -4.0, 4.0, "percent"),
        ("g-wage", "job", "G", 2007, "seven", "earnings", "cuts_against", -1.0, 30.0, "percent"),
        ("h-job", "job", "H", 2008, "eight", "earnings", "supports", 5.0, 9.0, "percentage points"),
        ("h-again", "job", "H again", 2010, "eight", "earnings", "supports", 6.0, 9.0, "percentage points"),
        ("i-job", "job", "I", 2011, "nine", "earnings", "supports", 4.9, 9.0, "percentage points"),
        ("j-job", "job", "J", 2012, "ten", "earnings", "supports", None, None, "percentage points"),
    ],
    columns=("id theme study published programme outcome_class bearing effect_low effect_high unit".split()),
).assign(before=None)


def test_an_evaluation_counts_by_the_outcome_that_the_claim_names():
    found = breakeven.findings(EVIDENCE, ROUTES)
    assert set(found["id"]) == set(EVIDENCE["id"]) - {"e-law"}  # policing is no route here
    read = breakeven.verdicts(found, {"earnings", "trafficking"}).set_index("study")["reading"]
    assert read.to_dict() == {
        "A": breakeven.NONE,  # more schooling, and no effect on the wage
        "B": breakeven.OTHER,  # never looked at an outcome that counts
        "C": breakeven.OTHER,  # nor did this one, and what else it looked for and missed is no null
        "D": breakeven.FOUND,
        "D later": breakeven.NONE,
        "F": breakeven.RULED_OUT,  # at most four percent more, interval and all
        "G": breakeven.NONE,  # thirty percent more is not ruled out
        "H": breakeven.FOUND,
        "H again": breakeven.FOUND,
        "I": breakeven.SAID,  # the interval reaches below what matters
        "J": breakeven.SAID,  # no interval was printed
    }
    wider = breakeven.verdicts(found, {"earnings", "schooling"}).set_index("study")["reading"]
    assert wider.loc[["A", "B", "C", "D"]].to_dict() == {
        "A": breakeven.FOUND,
        "B": breakeven.SAID,
        "C": breakeven.OTHER,
        "D": breakeven.FOUND,
    }
    every = breakeven.verdicts(found, {"earnings", "schooling", "knowledge"}).set_index("study")["reading"]
    assert every["C"] == breakeven.NONE  # where what it looked for counts


@pytest.mark.parametrize(
    ("bearing", "low", "high", "unit", "before", "reading"),
    [
        # Of 1.6 in a hundred a fifth is 0.32: five fewer in a hundred can never be, a fifth fewer can.
        ("supports", 0.5, 1.1, "percentage points", 1.6, breakeven.FOUND),
        ("supports", 0.3, 1.1, "percentage points", 1.6, breakeven.SAID),
        ("cuts_against", -0.2, 0.3, "percentage points", 1.6, breakeven.RULED_OUT),
        ("cuts_against", -0.2, 0.4, "percentage points", 1.6, breakeven.NONE),
        ("supports", 20.0, 60.0, "percent", None, breakeven.FOUND),
        ("supports", 19.9, 60.0, "percent", None, breakeven.SAID),
        ("cuts_against", -10.0, 19.0, "percent", None, breakeven.RULED_OUT),
        ("supports", 0.5, 1.1, "percentage points", None, breakeven.SAID),  # of what it is a fifth was not printed
        ("cuts_against", -0.2, 0.1, "percentage points", None, breakeven.NONE),
    ],
)
def test_of_trafficking_a_fifth_of_what_it_was_matters(bearing, low, high, unit, before, reading):
    row = ("k", "job", "K", 2013, "eleven", "trafficking", bearing, low, high, unit)
    one = pd.DataFrame([row], columns=EVIDENCE.columns[:-1]).assign(before=before)
    (read,) = breakeven.verdicts(breakeven.findings(one, ROUTES), {"trafficking"})["reading"]
    assert read == reading


@pytest.mark.parametrize(("low", "reading"), [(0.1, breakeven.FOUND), (0.09, breakeven.SAID)])
def test_of_a_score_a_tenth_of_a_standard_deviation_matters(low, reading):
    row = ("k", "job", "K", 2013, "eleven", "earnings", "supports", low, 1.0, "standard deviations")
    one = pd.DataFrame([row], columns=EVIDENCE.columns[:-1]).assign(before=None)
    (read,) = breakeven.verdicts(breakeven.findings(one, ROUTES), {"earnings"})["reading"]
    assert read == reading


def test_of_many_papers_the_first_or_the_last_decides_in_whatever_order_they_stand():
    papers = pd.DataFrame(
        [(2005, breakeven.NONE), (2009, breakeven.SAID), (2001, breakeven.FOUND)], columns=["published", "reading"]
    ).assign(route="work", programme="four", study=list("abc"))
    first, last = (breakeven.programmes(papers, which)["reading"].tolist() for which in ("earlier", "later"))
    assert (first, last) == ([breakeven.FOUND], [breakeven.SAID])


def test_programmes_stand_by_route_and_name():
    papers = breakeven.verdicts(breakeven.findings(EVIDENCE, ROUTES), {"earnings"})
    found = breakeven.programmes(papers)
    assert found.equals(found.sort_values(["route", "programme"], ignore_index=True))


def test_a_programme_counts_once_and_is_open_if_its_papers_disagree():
    papers = breakeven.verdicts(breakeven.findings(EVIDENCE, ROUTES), {"earnings"})
    read = breakeven.programmes(papers).set_index("programme")["reading"].to_dict()
    assert read == {
        "one": breakeven.NONE,
        "four": breakeven.DISPUTED,
        "six": breakeven.RULED_OUT,
        "seven": breakeven.NONE,
        "eight": breakeven.FOUND,  # two papers, one programme
        "nine": breakeven.SAID,
        "ten": breakeven.SAID,
    }
    later, earlier = (
        breakeven.programmes(papers, which).set_index("programme")["reading"] for which in ("later", "earlier")
    )
    assert (later["four"], earlier["four"]) == (breakeven.NONE, breakeven.FOUND)


def test_what_is_found_ruled_out_and_left_open_is_counted_by_route():
    papers = breakeven.verdicts(breakeven.findings(EVIDENCE, ROUTES), {"earnings"})
    readings = breakeven.programmes(papers)
    expected = {"education": (0, 0, 1), "training": (0, 0, 0), "work": (1, 1, 4)}
    columns = ("found", "ruled_out", "open")
    assert breakeven.tally(readings, list(expected)) == {
        f"{route}_{name}": number
        for route, numbers in expected.items()
        for name, number in zip(columns, numbers, strict=True)
    }
    counted = breakeven.tally(readings, ["work"], as_said=True)
    assert counted == {"work_found": 3, "work_ruled_out": 2, "work_open": 1}


def test_an_effect_and_its_absence_have_one_bar():
    """Turned round about the size that matters, what was found is ruled out, and the other way round."""
    size = breakeven.MATTERS["percent"]
    turned = EVIDENCE[EVIDENCE["outcome_class"].eq("earnings") & EVIDENCE["unit"].eq("percent")].copy()
    turned["effect_low"], turned["effect_high"] = 2 * size - turned["effect_high"], 2 * size - turned["effect_low"]
    turned["effect_high"] -= 1e-9  # an interval that ends on the line is found, and one below it ruled out
    turned["bearing"] = turned["bearing"].map({"supports": "cuts_against", "cuts_against": "supports"})
    read = breakeven.verdicts(breakeven.findings(turned, ROUTES), {"earnings"}).set_index("study")["reading"]
    assert (read["D"], read["F"], read["G"]) == (breakeven.RULED_OUT, breakeven.FOUND, breakeven.SAID)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: Comparison(0, 1, 1, 0.1), "per_conviction is 0"),
        (lambda: Comparison(1, 1, 1, 0.1, 11), "exceeds 1"),
        (
            lambda: breakeven.findings(EVIDENCE.assign(bearing="mixed"), ROUTES),
            "'a-enrolled' has the bearing 'mixed'",
        ),
    ],
)
def test_impossible_comparisons_are_refused_in_one_line(attempt, message):
    with pytest.raises(BreakEvenError, match=message) as caught:
        attempt()
    assert "\n" not in str(caught.value)
