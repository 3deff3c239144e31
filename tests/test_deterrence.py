"""The offender's reckoning and the power of a count series: closed forms, other libraries, known truths."""

from __future__ import annotations

import itertools
import json
import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium import deterrence
from compendium.deterrence import DeterrenceError, Life, Span

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


# Counts ------------------------------------------------------------------------------------------------------


def test_exact_rate_ratio_limits_are_the_split_at_which_the_binomial_tail_is_the_level():
    from scipy.stats import binom

    found = deterrence.rate_ratio([12, 8], [5, 4, 3], overdispersed=False)
    assert found.ratio == pytest.approx((12 / 3) / (20 / 2))
    for limit, tail in ((found.high, "low"), (found.low, "high")):
        share = limit * 3 / (limit * 3 + 2)
        chance = binom.cdf(12, 32, share) if tail == "low" else binom.sf(11, 32, share)
        assert chance == pytest.approx(0.025, abs=1e-9)
    none = deterrence.rate_ratio([3, 4], [0, 0], overdispersed=False)
    assert (none.ratio, none.low) == (0, 0)
    assert none.high < 1


def test_overdispersed_rate_ratio_equals_a_quasi_poisson_regression():
    from scipy import stats
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    before, after, years = [22, 30, 41], [18, 9, 25, 4], [2.7, 1, 1]
    found = deterrence.rate_ratio(before, after, years_before=years)
    design = np.column_stack([np.ones(7), [0, 0, 0, 1, 1, 1, 1]])
    exposure = np.array([*years, 1, 1, 1, 1])
    model = GLM(np.array(before + after), design, family=families.Poisson(), exposure=exposure).fit(scale="X2")
    margin = stats.t.ppf(0.975, 5) * model.bse[1]
    assert found.dispersion == pytest.approx(model.scale)
    assert found.ratio == pytest.approx(math.exp(model.params[1]))
    assert (found.low, found.high) == pytest.approx(
        (math.exp(model.params[1] - margin), math.exp(model.params[1] + margin))
    )


def test_overdispersion_recovers_a_known_negative_binomial():
    rng = np.random.default_rng(6)
    counts = rng.negative_binomial(1 / 0.4, 1 / (1 + 0.4 * 30), size=20_000)
    assert deterrence.overdispersion_of(counts) == pytest.approx(0.4, rel=0.06)
    assert deterrence.overdispersion_of([5, 5, 5]) == 0
    years = np.arange(4000) % 10
    rising = rng.negative_binomial(1 / 0.4, 1 / (1 + 0.4 * 20 * np.exp(0.2 * years)))
    assert deterrence.overdispersion_of(rising, years=years) == pytest.approx(0.4, rel=0.08)
    assert deterrence.overdispersion_of(rising) > 0.6  # a trend passes for scatter where it is not taken out
    assert deterrence.overdispersion_of([4, 8, 16, 32], years=[1, 2, 3, 4]) == 0


def test_batched_poisson_fits_equal_statsmodels():
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    rng = np.random.default_rng(7)
    counts = rng.poisson(12, size=(4, 9)).astype(float)
    step = (np.arange(9) >= 5).astype(float)
    design = np.column_stack([np.ones(9), np.arange(9) - 4, step])
    deviance, fitted, beta = deterrence._poisson_fits(counts, design)
    for k in range(4):
        theirs = GLM(counts[k], design, family=families.Poisson()).fit(tol=1e-12)
        assert deviance[k] == pytest.approx(theirs.deviance, abs=1e-8)
        assert beta[k] == pytest.approx(theirs.params, abs=1e-6)
        assert fitted[k] == pytest.approx(theirs.fittedvalues, abs=1e-5)
    gone = np.array([[9.0, 11, 8, 12, 10, 0, 0, 0, 0]])
    limit, _, _ = deterrence._poisson_fits(gone, design[:, [0, 2]])
    first = GLM(gone[0, :5], np.ones((5, 1)), family=families.Poisson()).fit()
    assert limit[0] == pytest.approx(first.deviance, abs=1e-4)


@pytest.mark.parametrize(("yearly", "before", "after", "fall"), [(20, 3, 4, 0.5), (60, 2, 2, 0.3), (8, 1, 6, 0.6)])
def test_simulated_exact_power_equals_its_sum_over_all_outcomes(yearly, before, after, fall):
    closed = deterrence.exact_power(yearly, before, after, fall)
    simulated = deterrence.power_of_fall(yearly, before, after, fall, test="exact", draws=4000)
    assert simulated == pytest.approx(closed, abs=4 * math.sqrt(closed * (1 - closed) / 4000))


def test_exact_power_is_near_the_normal_closed_form_of_statsmodels():
    from statsmodels.stats.rates import power_poisson_ratio_2indep

    theirs = power_poisson_ratio_2indep(
        rate1=70,
        rate2=100,
        nobs1=4,
        nobs_ratio=1,
        value=1,
        alpha=0.05,
        alternative="two-sided",
        return_results=False,
    )
    assert deterrence.exact_power(100, 4, 4, 0.3) == pytest.approx(float(theirs), abs=0.03)


def test_the_exact_test_keeps_its_level_and_the_quasi_test_nearly_so():
    assert deterrence.exact_power(15, 4, 4, 0.0) <= 0.025
    # Without a fall, half of a two-sided level points down.
    poisson = deterrence.power_of_fall(40, 5, 6, 0.0, draws=6000)
    assert poisson == pytest.approx(0.025, abs=0.009)
    clumped = deterrence.power_of_fall(40, 5, 6, 0.0, overdispersion=0.3, draws=6000)
    assert clumped == pytest.approx(0.025, abs=0.012)
    trended = deterrence.power_of_fall(40, 5, 6, 0.0, overdispersion=0.1, trend=True, draws=6000)
    assert trended == pytest.approx(0.025, abs=0.012)


def test_the_quasi_test_is_the_f_test_of_a_statsmodels_regression():
    from scipy import stats
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    rng = np.random.default_rng(8)
    counts = np.vstack([rng.poisson([30] * 4 + [18] * 5) for _ in range(40)]).astype(float)
    ours = deterrence._quasi_falls(counts, 4, False, 0.05)
    design = np.column_stack([np.ones(9), np.arange(9) >= 4]).astype(float)
    for row, found in zip(counts, ours, strict=True):
        full = GLM(row, design, family=families.Poisson()).fit()
        null = GLM(row, design[:, :1], family=families.Poisson()).fit()
        ratio = (null.deviance - full.deviance) / (full.pearson_chi2 / 7)
        assert found == (full.params[1] < 0 and stats.f.sf(ratio, 1, 7) < 0.05)
    assert 5 < ours.sum() < 40


def test_power_falls_with_overdispersion_trend_and_fewer_years():
    base = deterrence.power_of_fall(40, 6, 6, 0.4)
    assert base > deterrence.power_of_fall(40, 6, 6, 0.4, overdispersion=0.2)
    assert base > deterrence.power_of_fall(40, 6, 6, 0.4, trend=True)
    assert base > deterrence.power_of_fall(40, 3, 3, 0.4)
    powers = [deterrence.power_of_fall(40, 6, 6, fall, draws=1000) for fall in (0.1, 0.3, 0.5, 0.7)]
    assert all(a <= b for a, b in itertools.pairwise(powers))


def test_the_detectable_fall_is_where_the_closed_form_reaches_the_wanted_power():
    found = deterrence.detectable_fall(50, 3, 3, test="exact", draws=4000)
    assert deterrence.exact_power(50, 3, 3, found.fall) == pytest.approx(0.8, abs=0.03)
    assert found.power >= 0.8
    assert found == deterrence.detectable_fall(50, 3, 3, test="exact", draws=4000)


def test_a_series_in_which_even_a_total_fall_would_be_missed_says_so():
    found = deterrence.detectable_fall(2, 1, 2, overdispersion=1.0)
    assert math.isnan(found.fall)
    assert found.power_at_total_fall < 0.8


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
        (lambda: deterrence.rate_ratio([0], [3], overdispersed=False), "no counts before"),
        (lambda: deterrence.rate_ratio([4], [3]), "needs three counts"),
        (lambda: deterrence.rate_ratio([4, -1], [3]), "before: expected a list of counts"),
        (lambda: deterrence.rate_ratio([4, 1], [3], years_before=[1]), "one positive number of years"),
        (lambda: deterrence.overdispersion_of([3]), "two counts or more"),
        (lambda: deterrence.overdispersion_of([3, 4], years=[1, 2]), "three counts or more"),
        (lambda: deterrence.power_of_fall(0, 2, 2, 0.5), "a yearly count above 0"),
        (lambda: deterrence.power_of_fall(9, 1, 1, 0.5), "1 years before and 1 after"),
        (lambda: deterrence.power_of_fall(9, 2, 2, 0.5, test="exact", trend=True), "knows neither trend"),
        (lambda: deterrence.detectable_fall(9, 2, 2, power=1.0), "power is 1.0"),
    ],
)
def test_impossible_requests_are_refused_in_one_line(attempt, message):
    with pytest.raises(DeterrenceError, match=message) as caught:
        attempt()
    assert "\n" not in str(caught.value)
