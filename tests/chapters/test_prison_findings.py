"""What the chapters on the prison findings rest on, recomputed by other routes than theirs."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from compendium.evidence import tables
from compendium.methods.choice import earnings
from compendium.methods.shares import groupsize, proportions, selfreport
from compendium.methods.shares.proportions import Beta

TWO_THIRDS = (61, 91)
DECLARED = (Beta(1, 1), Beta(1, 3), Beta(1, 3))


def test_two_thirds_as_a_random_sample():
    low, high = proportion_confint(*TWO_THIRDS, method="wilson")
    found = proportions.wilson(*TWO_THIRDS)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert (round(100 * found.low), round(100 * found.high)) == (57, 76)


def test_declared_interval_of_the_true_rate_by_simulation():
    # Draws from the priors, weighted by the likelihood: shares nothing with the grid but the equation.
    rng = np.random.default_rng(5)
    true, false, silent = (rng.beta(prior.a, prior.b, 400_000) for prior in DECLARED)
    weight = stats.binom.pmf(*TWO_THIRDS, true * (1 - silent) + (1 - true) * false)
    order = np.argsort(true)
    share = np.cumsum(weight[order]) / weight.sum()
    low, high = (true[order][np.searchsorted(share, tail)] for tail in (0.025, 0.975))
    found = selfreport.posterior(*TWO_THIRDS, *DECLARED).interval()
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.01)


def test_without_any_knowledge_the_report_teaches_nothing_about_the_mean():
    # Swapping guilty and innocent maps the equation onto itself, so the posterior is symmetric about one half.
    flat = Beta(1, 1)
    found = selfreport.posterior(*TWO_THIRDS, flat, flat, flat)
    assert found.mean == pytest.approx(0.5, abs=1e-6)
    for rate in (0.1, 0.3, 0.45):
        assert found.cdf(rate) == pytest.approx(1 - found.cdf(1 - rate), abs=1e-6)


def test_two_thirds_is_five_to_sixteen_times_the_measured_rates():
    courts = tables.read("cambodia_justice_system")
    rates = courts[courts.measure == "wrongful_conviction_base"].value / 100
    assert sorted(rates) == pytest.approx([0.041, 0.06, 0.116])
    determinate = 29 / 231  # the same study's Virginian convictions with a determinate profile
    assert determinate > rates.max()
    assert (round(61 / 91 / determinate), round(61 / 91 / rates.min())) == (5, 16)


def test_largest_share_of_false_claims_that_keeps_the_interval_above_one_half():
    low = {
        step: selfreport.posterior(*TWO_THIRDS, Beta(1, 1), step / 100, Beta(1, 3)).interval().low
        for step in range(101)
    }
    assert {step for step, end in low.items() if end >= 0.5} == set(range(23))


def test_cambodia_in_the_rule_of_law_ranking():
    courts = tables.read("cambodia_justice_system")
    ranking = courts[courts.measure == "rule_of_law_rank"].sort_values("year")
    assert list(ranking.base - ranking.value) == [3, 1, 1, 1, 1, 1]


def test_one_year_of_garment_wages_is_a_twentieth_of_a_victims_printed_profit():
    profit = tables.value("global_profits", "per_person_usd", id="belser_traf")
    wage = 12 * tables.value(
        "cambodia_series", "value", indicator="garment_min_wage_usd_month", sex="all", year=2009
    )
    assert (profit, wage) == (13_000, 600)
    assert earnings.share_for(1, profit, 1, wage) == pytest.approx(0.046, abs=0.001)


def test_vietnamese_cases_leave_the_majority_open():
    # At most 67 of 102 cases can have three or more of 236 people; at least one must.
    found = groupsize.in_small_cases(102, 236, large=3)
    assert found.low == pytest.approx(35 / 236)
    assert found.high == pytest.approx(202 / 236)


def test_nothing_is_published_in_numbers_on_schooling_income_groups_or_earnings_of_the_91():
    facts = tables.read("prison_study_facts")
    words = facts[facts.id.isin(["K22", "K23", "K30", "K31", "K32"])]
    assert set(words.topic) == {"social_position", "organisation", "earnings"}
    assert words[["value_low", "value", "value_high"]].isna().all(axis=None)
    others = facts[facts.id.str.startswith("K") & facts.topic.isin(set(words.topic))]
    assert set(others.id) == set(words.id)
