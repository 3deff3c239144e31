"""The offender's reckoning: closed forms, other libraries, known truths."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.methods.choice import deterrence
from compendium.methods.choice.deterrence import DeterrenceError, Life, Span

PLAIN = Life(
    gain_per_person=200,
    persons=5,
    legal_income=600,
    p_arrest=0.1,
    p_conviction=0.5,
    sentence_years=10,
    discount_rate=0.2,
    p_bribe=0.4,
    bribe=500,
    hardship=1.0,
    stigma=300,
)
lives = st.builds(
    Life,
    gain_per_person=st.floats(10, 3000),
    persons=st.floats(1, 20),
    legal_income=st.floats(100, 3000),
    p_arrest=st.floats(0.001, 0.9),
    p_conviction=st.floats(0.01, 0.99),
    sentence_years=st.floats(0.1, 30),
    discount_rate=st.one_of(st.just(0.0), st.floats(0.01, 1.5)),
    p_bribe=st.floats(0.01, 0.95),
    bribe=st.floats(1, 5000),
    hardship=st.floats(0.01, 5),
    stigma=st.floats(1, 5000),
)


# The reckoning -----------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("error")
def test_annuity_is_the_sum_of_discounted_dollars():
    assert float(deterrence.annuity(7, 0.2)) == pytest.approx(sum(1.2**-t for t in range(1, 8)))
    assert float(deterrence.annuity(7, 0.0)) == 7
    assert float(deterrence.annuity(7, 1e-9)) == pytest.approx(7, rel=1e-7)
    assert float(deterrence.annuity(1e4, 0.2)) == pytest.approx(1 / 0.2)
    assert deterrence.annuity(np.array([1.0, 2.0]), np.array([0.0, 0.5])) == pytest.approx([1, 1 / 1.5 + 1 / 2.25])


def test_the_reckoning_equals_the_mean_of_simulated_years():
    rng = np.random.default_rng(2)
    n = 400_000
    arrested = rng.random(n) < PLAIN.p_arrest
    bought = arrested & (rng.random(n) < PLAIN.p_bribe)
    convicted = arrested & ~bought & (rng.random(n) < PLAIN.p_conviction)
    in_prison = 2 * 600 * sum(1.2**-t for t in range(1, 11)) + 300
    cost = bought * 500 + convicted * in_prison
    assert PLAIN.expected_cost == pytest.approx(cost.mean(), abs=4 * cost.std() / math.sqrt(n))
    assert PLAIN.net_gain == pytest.approx(1000 - 600 - PLAIN.expected_cost)
    assert PLAIN.break_even_gain == pytest.approx(600 + PLAIN.expected_cost)


def test_a_life_by_hand():
    life = Life(1000, 1, 500, p_arrest=0.5, p_conviction=0.5, sentence_years=2, discount_rate=0.0)
    assert life.expected_cost == pytest.approx(0.25 * 500 * 2)
    assert life.net_gain == pytest.approx(250)
    assert life.offends
    assert not replace(life, sentence_years=4).offends


@settings(max_examples=80, deadline=None, derandomize=True)
@given(lives)
def test_elasticities_equal_finite_differences(life):
    closed = deterrence.elasticities(life).set_index("parameter")["elasticity"]
    for name in deterrence.COST_PARAMETERS:
        value = getattr(life, name)
        if value == 0:
            assert closed[name] == 0
            continue
        h = 1e-5
        up, down = (replace(life, **{name: value * (1 + sign * h)}).break_even_gain for sign in (1, -1))
        assert closed[name] == pytest.approx((math.log(up) - math.log(down)) / (2 * h), abs=1e-6)


@settings(deadline=None, derandomize=True)
@given(lives)
def test_money_elasticities_sum_to_one_and_certainty_outweighs_severity(life):
    closed = deterrence.elasticities(life).set_index("parameter")["elasticity"]
    # Doubling every sum of money doubles the break-even gain.
    assert closed[["legal_income", "bribe", "stigma"]].sum() == pytest.approx(1)
    assert closed["p_arrest"] >= closed["p_conviction"] - 1e-12
    assert closed["p_conviction"] >= closed["sentence_years"] - 1e-12
    assert closed["discount_rate"] <= 0


@settings(max_examples=80, deadline=None, derandomize=True)
@given(lives)
def test_the_choice_flips_at_the_flip_point(life):
    for name in deterrence.PARAMETERS:
        value = deterrence.flip(life, name)
        if math.isnan(value):
            continue
        there = replace(life, **{name: value})
        assert there.net_gain == pytest.approx(0, abs=1e-6 * (life.gain_per_person * life.persons))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(lives)
def test_where_there_is_no_flip_point_the_choice_is_the_same_everywhere(life):
    grids = {
        "p_arrest": np.linspace(0, 1, 21),
        "p_conviction": np.linspace(0, 1, 21),
        "sentence_years": np.geomspace(1e-6, 1e4, 21),
        "discount_rate": np.geomspace(1e-6, 1e4, 21),
    }
    for name, grid in grids.items():
        if math.isnan(deterrence.flip(life, name)):
            assert len({replace(life, **{name: float(value)}).offends for value in grid}) == 1


def test_no_sentence_deters_a_gain_above_the_cost_of_prison_for_ever():
    # For ever costs 600 x 2 / 0.2 + 300 = 6,300; tried with chance 0.03.
    rich = replace(PLAIN, gain_per_person=(600 + 0.1 * 0.4 * 500 + 0.03 * 6300 + 1) / 5)
    poorer = replace(PLAIN, gain_per_person=(600 + 0.1 * 0.4 * 500 + 0.03 * 6300 - 1) / 5)
    assert math.isnan(deterrence.flip(rich, "sentence_years"))
    assert deterrence.flip(poorer, "sentence_years") > 15


def test_the_frontier_holds_the_net_gain_at_zero():
    line = deterrence.frontier(PLAIN, "p_arrest", np.linspace(0.05, 1, 20), "sentence_years")
    assert line.columns.tolist() == ["p_arrest", "sentence_years"]
    known = line.dropna()
    assert 5 < len(known) < 20
    for row in known.itertuples():
        there = replace(PLAIN, p_arrest=row.p_arrest, sentence_years=row.sentence_years)
        assert there.net_gain == pytest.approx(0, abs=1e-9)
    assert known["sentence_years"].is_monotonic_decreasing


def vega_values(life: Life) -> dict[str, float]:
    import vl_convert

    signals = [{"name": name, "value": getattr(life, name)} for name in deterrence.PARAMETERS]
    marks = [
        {"type": "text", "encode": {"enter": {"text": {"signal": f"'{name}=' + format({expression}, '.12g')"}}}}
        for name, expression in deterrence.VEGA.items()
    ]
    spec = {"$schema": "https://vega.github.io/schema/vega/v5.json", "signals": signals, "marks": marks}
    svg = vl_convert.vega_to_svg(json.dumps(spec)).replace("−", "-")
    return {name: float(value) for name, value in re.findall(r">(\w+)=([-\d.e+]+|NaN)<", svg)}


@pytest.mark.parametrize(
    "life",
    [
        PLAIN,
        replace(PLAIN, discount_rate=0.0),
        replace(PLAIN, p_bribe=0.0, persons=40),
        replace(PLAIN, p_arrest=1.0),
        replace(PLAIN, p_arrest=0.6, hardship=4.0),
        replace(PLAIN, persons=2),
    ],
)
def test_the_vega_formulas_agree_with_the_python_ones(life):
    found = vega_values(life)
    value = float(deterrence.annuity(life.sentence_years, life.discount_rate))
    assert found == {
        "annuity": pytest.approx(value, rel=1e-9),
        "conviction_cost": pytest.approx((1 + life.hardship) * life.legal_income * value + life.stigma, rel=1e-9),
        "expected_cost": pytest.approx(life.expected_cost, rel=1e-9),
        "break_even_gain": pytest.approx(life.break_even_gain, rel=1e-9),
        "net_gain": pytest.approx(life.net_gain, rel=1e-9),
        "enough_arrest": pytest.approx(life.p_arrest * (life.net_gain / life.expected_cost + 1), rel=1e-9),
        "enough_years": pytest.approx(deterrence.flip(life, "sentence_years"), rel=1e-9, nan_ok=True),
    }


def test_a_formula_takes_another_expression_for_a_parameter_and_no_other_name_changes():
    swapped = deterrence.vega("net_gain", p_arrest="datum.p")
    assert swapped == deterrence.VEGA["net_gain"].replace("p_arrest", "datum.p")
    with pytest.raises(DeterrenceError, match="no parameter 'luck'"):
        deterrence.vega("net_gain", luck="1")


def test_arrest_risk_is_arrests_over_the_traffickers_that_the_victims_imply():
    # 1,000 victims at 4 to a trafficker are 250 traffickers; 10 arrests reach one in 25.
    assert deterrence.arrest_risk(10, 1000, 4) == pytest.approx(1 / 25)
    assert deterrence.arrest_risk(10, 5, 1) == 1.0


# Plausible ranges --------------------------------------------------------------------------------------------


SPANS = {
    "gain_per_person": Span(50, 1000, "log"),
    "persons": Span(1, 10),
    "legal_income": Span(300, 1500),
    "p_arrest": Span(0.001, 0.2, "log"),
    "p_conviction": Span(0.2, 0.9),
    "sentence_years": Span(7, 20),
    "discount_rate": Span(0.05, 1.0),
    "bribe": Span(100, 3000),
    "p_bribe": Span(0.1, 0.8),
}


def test_the_hypercube_puts_one_draw_in_every_stratum():
    drawn = deterrence.latin_hypercube(SPANS, 50, seed=1)
    assert drawn.equals(deterrence.latin_hypercube(SPANS, 50, seed=1))
    for name, span in SPANS.items():
        if span.scale == "log":
            share = np.log(drawn[name] / span.low) / math.log(span.high / span.low)
        else:
            share = (drawn[name] - span.low) / (span.high - span.low)
        assert sorted(np.floor(share * 50).astype(int)) == list(range(50))


def test_places_in_a_range_and_the_values_at_them_undo_one_another():
    shares = np.array([0.0, 0.25, 1.0])
    assert Span(10, 1000, "log").at(np.array([0.5])) == pytest.approx([100])
    for span in (Span(2, 10), Span(0.001, 0.3, "log")):
        assert span.place(span.at(shares)) == pytest.approx(shares)


def test_a_frame_of_lives_is_reckoned_like_single_lives():
    drawn = deterrence.latin_hypercube(SPANS, 20, seed=2)
    table = deterrence.evaluate(drawn)
    for k, row in enumerate(drawn.to_dict("records")):
        life = Life(**row)
        assert table.loc[k, "expected_cost"] == pytest.approx(life.expected_cost)
        assert table.loc[k, "net_gain"] == pytest.approx(life.net_gain)
        assert table.loc[k, "offends"] == life.offends
    assert (table["hardship"] == 0).all()


def test_deterred_counts_the_lives_whose_choice_the_law_changes():
    base = {"persons": 1, "legal_income": 100.0, "p_conviction": 1.0, "sentence_years": 1.0, "discount_rate": 0.0}
    # With the law the break-even gain is 150 (p_arrest 0.5 x 100 lost), without it 100.
    table = pd.DataFrame({"gain_per_person": [90.0, 110.0, 140.0, 160.0], "p_arrest": 0.5, **base})
    found = deterrence.deterred(table, {"p_arrest": 0.0})
    assert (found.offend_without, found.offend_with, found.share) == (0.75, 0.25, 0.5)
    assert found.low < 0.5 < found.high
    longer = deterrence.deterred(table, {"sentence_years": 0.2})  # break-even 110 under the other law
    assert longer.share == 0.25
    each = deterrence.deterred(table, {"sentence_years": pd.Series([0.2, 1.0, 1.0, 0.2])})
    assert each.share == 0.0  # the two lives that the law changes are compared with the same law


def test_escalation_multiplies_one_parameter_and_stops_probabilities_at_one():
    base = {"persons": 1, "legal_income": 100.0, "p_conviction": 1.0, "sentence_years": 1.0, "discount_rate": 0.0}
    # Break-even gains: 110 at a risk of 0.1, 150 at 0.5, 200 at certainty.
    table = pd.DataFrame({"gain_per_person": [90.0, 105.0, 140.0, 190.0, 210.0], "p_arrest": 0.1, **base})
    found = deterrence.escalation(table, "p_arrest", [0, 1, 5, 10, 1000])
    assert found["share"].tolist() == [0.0, 0.2, 0.4, 0.6, 0.6]
    assert deterrence.escalation(table, "sentence_years", [5])["share"].tolist() == [0.4]


def test_rank_correlations_equal_correlations_of_residuals():
    from scipy.stats import rankdata

    drawn = deterrence.latin_hypercube(SPANS, 300, seed=3)
    outcome = deterrence.evaluate(drawn)["net_gain"]
    found = deterrence.partial_rank_correlations(drawn, outcome).set_index("parameter")
    ranks = {name: rankdata(drawn[name]) for name in drawn}
    for name in drawn:
        others = np.column_stack([np.ones(300)] + [ranks[other] for other in drawn if other != name])
        residuals = [
            values - others @ np.linalg.lstsq(others, values, rcond=None)[0]
            for values in (ranks[name], rankdata(outcome))
        ]
        assert found.loc[name, "prcc"] == pytest.approx(np.corrcoef(*residuals)[0, 1], abs=1e-9)
    assert (found["low"] < found["prcc"]).all()
    assert (found["prcc"] < found["high"]).all()
    assert found.loc["gain_per_person", "prcc"] > 0.8
    assert found.loc["legal_income", "prcc"] < -0.5


def test_rank_correlation_intervals_cover_zero_for_a_parameter_that_does_nothing():
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        frame = pd.DataFrame(rng.random((60, 3)), columns=["p_arrest", "bribe", "stigma"])
        table = deterrence.partial_rank_correlations(frame, frame["p_arrest"] + 0.3 * rng.normal(size=60))
        row = table.set_index("parameter").loc["bribe"]
        covered += row["low"] < 0 < row["high"]
    assert 0.90 <= covered / 200 <= 0.99


def test_limits_of_a_rank_correlation_lie_as_far_as_fieller_says_on_the_scale_of_fisher():
    from scipy.stats import norm

    drawn = deterrence.latin_hypercube(SPANS, 30, seed=3)
    found = deterrence.partial_rank_correlations(drawn, deterrence.evaluate(drawn)["net_gain"])
    margin = norm.ppf(0.975) * math.sqrt(1.06 / (30 - 3 - (len(SPANS) - 1)))  # eight others are held
    assert (np.arctanh(found["high"]) - np.arctanh(found["prcc"])).to_numpy() == pytest.approx(margin)
    assert (np.arctanh(found["prcc"]) - np.arctanh(found["low"])).to_numpy() == pytest.approx(margin)


def test_a_choice_of_two_is_an_outcome_that_varies():
    drawn = deterrence.latin_hypercube(SPANS, 100, seed=3)
    offends = deterrence.evaluate(drawn)["offends"].astype(float)
    found = deterrence.partial_rank_correlations(drawn, offends).set_index("parameter")["prcc"]
    assert offends.nunique() == 2 and found["gain_per_person"] > 0 > found["legal_income"]
    with pytest.raises(DeterrenceError, match="found one value"):
        deterrence.partial_rank_correlations(drawn, offends * 0)


def test_indices_are_drawn_from_the_declared_seed():
    spans, fixed = (
        {"gain_per_person": Span(0, 300), "stigma": Span(0, 800)},
        {"persons": 1.0, "legal_income": 500.0},
    )
    fixed |= {"p_arrest": 0.5, "p_conviction": 1.0, "sentence_years": 1.0, "discount_rate": 0.1}
    usual = deterrence.sobol_indices(spans, fixed=fixed, n=8)
    assert usual.equals(deterrence.sobol_indices(spans, fixed=fixed, n=8, seed=20080215))


def test_sobol_indices_of_sums_and_products_with_known_variances():
    # Only the illegal gain and the stigma vary; the net gain is their weighted sum.
    fixed = {
        "persons": 1.0,
        "legal_income": 500.0,
        "p_arrest": 0.5,
        "p_conviction": 1.0,
        "sentence_years": 1.0,
        "discount_rate": 0.1,
    }
    sums = deterrence.sobol_indices(
        {"gain_per_person": Span(0, 300), "stigma": Span(0, 800)}, fixed=fixed, n=512, seed=4
    ).set_index("parameter")
    expected = 300**2 / (300**2 + 0.5**2 * 800**2)
    assert sums.loc["gain_per_person", "first"] == pytest.approx(expected, abs=0.03)
    assert sums.loc["gain_per_person", "total"] == pytest.approx(expected, abs=0.03)
    assert sums.loc["stigma", "first"] == pytest.approx(1 - expected, abs=0.03)
    # A product of two uniforms on 0 to 1: first-order 3/7 each, total 4/7.
    product = deterrence.sobol_indices(
        {"gain_per_person": Span(0, 1), "persons": Span(0, 1)},
        fixed={k: v for k, v in fixed.items() if k != "persons"},
        n=512,
        seed=4,
    )
    assert product["first"].to_numpy() == pytest.approx([3 / 7, 3 / 7], abs=0.04)
    assert product["total"].to_numpy() == pytest.approx([4 / 7, 4 / 7], abs=0.04)


# Refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: replace(PLAIN, p_arrest=1.2), "p_arrest is 1.2; expected 0 to 1"),
        (lambda: replace(PLAIN, bribe=-1), "bribe is -1; expected 0 or more"),
        (lambda: replace(PLAIN, sentence_years=math.inf), "sentence_years is inf"),
        (lambda: replace(PLAIN, stigma=math.nan), "stigma is nan"),
        (lambda: replace(PLAIN, legal_income=0), "legal_income is 0"),
        (lambda: deterrence.flip(PLAIN, "luck"), "no parameter 'luck'"),
        (lambda: Span(2, 1), "span 2 to 1"),
        (lambda: Span(0, 1, "log"), "above 0 if log"),
        (lambda: deterrence.latin_hypercube({"luck": Span(0, 1)}, 5, 1), "no parameter 'luck'"),
        (lambda: deterrence.latin_hypercube({"p_bribe": Span(0, 2)}, 5, 1), "p_bribe runs from 0 to 2"),
        (lambda: deterrence.evaluate(pd.DataFrame({"persons": [1.0]})), "no column 'gain_per_person'"),
        (lambda: deterrence.escalation(pd.DataFrame({"persons": [1.0]}), "bribe", [2]), "no column 'bribe'"),
        (lambda: deterrence.arrest_risk(3, 0, 1), "victims 0"),
    ],
)
def test_impossible_requests_are_refused_in_one_line(attempt, message):
    with pytest.raises(DeterrenceError, match=message) as caught:
        attempt()
    assert "\n" not in str(caught.value)
