"""How specifications are fitted together, and what becomes of those that cannot be: against each fitted alone."""

from dataclasses import replace

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from small_multiverse import LISTS, small_panel, small_tables

from compendium.methods.tiers import multiverse as mv
from compendium.methods.tiers import ordered, tiers
from compendium.methods.tiers.multiverse import estimation
from compendium.methods.tiers.multiverse.design import Builder

SMOOTH = [
    mv.Specification(politics, performance, controls, *model, effects, 1, "2004-2015", "all")
    for performance, controls in (("none", "none"), ("rule of law", "income, population"))
    for politics in ("voting_distance", "agreement", "us_trade")
    for model in mv.MODELS
    for effects in mv.YEAR_EFFECTS
    if performance == "none" or effects == "none"
]


@pytest.fixture(scope="module")
def panel():
    return small_panel()


@pytest.fixture
def together(monkeypatch):
    """No model may be fitted alone: all must go smoothly together."""
    monkeypatch.setattr(estimation, "fit_specification", lambda *_: pytest.fail("fitted alone"))


def check_against_alone(panel, specs, results):
    """Every row of the results from the specification fitted by the careful route, and what they make of it."""
    builder = Builder(panel)
    for spec, row in zip(specs, results.itertuples(), strict=True):
        data = builder.data(spec)
        fit = mv.fit_specification(data, spec)
        assert (row.status, row.detail) == (fit.status, fit.detail)
        assert (row.observations, row.countries) == (len(data.rows), data.clusters.count)
        assert (row.family, row.event) == (mv.POLITICS[spec.politics].family, mv.OUTCOMES[spec.outcome][1])
        if fit.status != ordered.CONVERGED:
            assert np.isnan([row.estimate, row.se, row.t, row.p, row.effect, row.effect_low]).all()
            assert not row.predicted and not row.distinguishable
            continue
        sign = 1 if spec.politics == "voting_distance" else -1
        effect, error = ordered.marginal_effect(fit, data.design, 0, mv.OUTCOMES[spec.outcome][2])
        estimate, se = sign * fit.slopes[0], fit.standard_errors[0]
        law = stats.t(row.countries - 1)
        assert row.estimate == pytest.approx(estimate, abs=1e-7)
        assert row.se == pytest.approx(se, rel=1e-5)
        assert row.t == pytest.approx(estimate / se, rel=1e-5, abs=1e-6)
        assert row.p == pytest.approx(2 * law.sf(abs(estimate / se)), rel=1e-4)
        assert row.effect == pytest.approx(100 * sign * effect, abs=1e-6)
        assert row.effect_se == pytest.approx(100 * error, rel=1e-5)
        reach = 100 * error * law.ppf(0.975)
        assert (row.effect_low, row.effect_high) == pytest.approx(
            (row.effect - reach, row.effect + reach), abs=1e-4
        )
        assert row.predicted == (estimate > 0)
        assert row.distinguishable == (estimate > 0 and row.p < 0.05)


def test_models_that_go_smoothly_are_fitted_together_and_equal_those_fitted_alone(panel, together):
    results = mv.run(panel, SMOOTH)
    assert (results["status"] == ordered.CONVERGED).all()
    check_against_alone(panel, SMOOTH, results)
    assert 0 < results["predicted"].sum() < len(SMOOTH)
    assert 0 < results["distinguishable"].sum() < results["predicted"].sum()


def test_the_columns_of_the_results_come_as_they_are_told_of(panel):
    specs = SMOOTH[:3]
    results = mv.run(panel, specs)
    assert results.columns[:13].tolist() == ["spec", *mv.CHOICES, "family", "event"]
    for choice in mv.CHOICES:
        assert results[choice].tolist() == [getattr(spec, choice) for spec in specs]
    assert results["spec"].tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="run: expected specifications, at least one"):
        mv.run(panel, [])


def changed(**columns):
    """The panel of a world in which some columns of the source are others."""
    lists, table, parts, facts = small_tables()
    table = table.assign(**{name: make(table) for name, make in columns.items()})
    return mv.build_panel(lists, table, parts, facts)


def test_columns_that_are_nearly_one_are_told_apart_alone_and_those_that_are_one_are_named():
    noise = np.random.default_rng(8).normal(size=len(small_tables()[1]))
    near = changed(population=lambda table: table["gdp_per_capita_const_usd"] * np.exp(5e-4 * noise))
    one = changed(population=lambda table: table["gdp_per_capita_const_usd"] * 7)
    base = replace(SMOOTH[0], controls="income, population", performance="rule of law")
    specs = [replace(base, outcome=o, estimator=e, country_effects=c) for o, e, c in mv.MODELS]
    found = mv.run(near, specs)
    assert (found["status"] == ordered.CONVERGED).all()
    check_against_alone(near, specs, found)
    found = mv.run(one, specs)
    assert set(found["status"]) == {ordered.COLLINEAR}
    assert set(found["detail"]) == {"log_income, log_population"}
    check_against_alone(one, specs, found)


def test_failures_and_successes_alone_do_not_stop_each_other(monkeypatch):
    """Among failures on either side, a specification that only the careful route can fit."""
    noise = np.random.default_rng(8).normal(size=len(small_tables()[1]))
    world = changed(population=lambda table: table["gdp_per_capita_const_usd"] * np.exp(5e-4 * noise))
    pact = replace(SMOOTH[0], politics="defence_pact", sample="no defence pact")
    near = replace(SMOOTH[0], controls="income, population", sample="no defence pact")
    specs = [pact, near, replace(pact, year_effects="year"), replace(near, politics="us_trade")]
    found = mv.run(world, specs)
    assert found["status"].tolist() == [ordered.CONSTANT, ordered.CONVERGED] * 2
    assert found["detail"].tolist() == ["defence_pact", ""] * 2
    check_against_alone(world, specs, found)


def foretold(noise):
    """A measure that tells the next report's rank: all but certainly, so that no logit has a maximum."""
    lists, table, *_ = small_tables()
    rank = lists.assign(rank=lists["tier"].map({tier: place for place, tier in enumerate(tiers.TIERS)}))
    rank = rank.set_index(["iso3", "year"])["rank"]
    keys = pd.MultiIndex.from_arrays([table["iso3"], table["year"] + 1])
    return -rank.reindex(keys).fillna(1).to_numpy() + noise * np.random.default_rng(3).uniform(-1, 1, len(table))


@pytest.mark.parametrize("noise", [0.1, 0.45])
def test_a_measure_that_separates_the_outcome_spoils_no_other(noise):
    world = changed(unga_agreement3_us=lambda _: foretold(noise))
    specs = [
        replace(spec, politics=politics)
        for spec in SMOOTH[0:8:2]
        for politics in ("voting_distance", "agreement_with_abstentions", "us_trade")
    ]
    found = mv.run(world, specs)
    separated = (found["politics"] == "agreement_with_abstentions") & (found["estimator"] != "linear")
    assert (found.loc[separated, "status"] == ordered.SEPARATION).all()
    assert found.loc[separated, "detail"].str.contains("agreement_with_abstentions").all()
    assert (found.loc[~separated, "status"] == ordered.CONVERGED).all()
    check_against_alone(world, specs, found)
    alone = specs[1]
    assert mv.run(world, [alone])["status"].tolist() == [ordered.SEPARATION]


def test_models_that_have_not_arrived_are_fitted_alone(panel, monkeypatch):
    """With few steps some measures of a stack arrive and others do not: every estimate is at the maximum still."""
    specs = [
        replace(SMOOTH[0], politics=name) for name in ("voting_distance", "agreement", "us_trade", "us_assistance")
    ]
    alone = {}
    careful = estimation.fit_specification
    for steps in range(1, 7):
        fitted = alone.setdefault(steps, [])
        monkeypatch.setattr(ordered.stacked, "MOST_STEPS", steps)
        monkeypatch.setattr(
            estimation, "fit_specification", lambda data, spec, own=fitted: own.append(spec) or careful(data, spec)
        )
        check_against_alone(panel, specs, mv.run(panel, specs))
    counts = [len(found) for found in alone.values()]
    assert counts[0] == 4 and counts[-1] == 0
    assert any(0 < count < 4 for count in counts)


def test_a_measure_that_stays_within_countries_has_no_model_with_country_effects(monkeypatch):
    world = changed(us_troops=lambda table: table["iso3"].str[1:].astype(int) ** 2)
    within = replace(
        SMOOTH[0], politics="us_troops", outcome="watch list or worse", estimator="linear", country_effects="within"
    )
    specs = [within, replace(within, politics="us_trade"), replace(within, country_effects="none")]
    found = mv.run(world, specs)
    assert found["status"].tolist() == [ordered.CONSTANT, ordered.CONVERGED, ordered.CONVERGED]
    assert found["detail"].tolist() == ["us_troops", "", ""]
    check_against_alone(world, specs, found)
    monkeypatch.setattr(estimation, "fit_specification", lambda *_: pytest.fail("fitted alone"))
    mv.run(world, specs[1:])


def test_linear_models_are_fitted_together_though_an_indicator_separates(panel, together):
    """Separation is no trouble to them: here nobody of a region is worse than Tier 2."""
    lists, table, parts, facts = small_tables()
    asia = facts.loc[facts["un_region"] == "Asia", "iso3"]
    spared = mv.build_panel(
        lists.assign(tier=lists["tier"].where(~lists["iso3"].isin(asia), "1")), table, parts, facts
    )
    linear = replace(
        SMOOTH[0],
        outcome="watch list or worse",
        estimator="linear",
        controls="income, population, democracy, region",
    )
    found = mv.run(spared, [linear])
    assert found["status"].tolist() == [ordered.CONVERGED]
    with pytest.raises(pytest.fail.Exception, match="fitted alone"):
        mv.run(spared, [replace(linear, estimator="logit")])


def test_nothing_to_fit_is_nothing_fitted(panel):
    (one,) = estimation.stacked(estimation.Rectangle(panel), SMOOTH[:1])
    nobody = np.empty(0, dtype=np.intp)
    for model in one.specs:
        fitted, who = estimation.fit_model(one, model, one.stack, nobody, estimation.Warm())
        assert fitted is None and who.tolist() == []


def test_a_specification_is_fitted_by_its_own_estimator(panel):
    for spec in SMOOTH[:10]:
        data = mv.data_of(panel, spec)
        fit = mv.fit_specification(data, spec)
        kind = {"none": spec.estimator, "within": "linear within"}[spec.country_effects]
        assert fit.kind == kind
        assert len(fit.thresholds) == {"within": 0, "none": data.categories - 1}[spec.country_effects]


def test_batches_share_their_rows_and_are_each_specification_once(panel):
    specs = [replace(spec, lag=lag) for spec in SMOOTH[:4] for lag in (2, 0)] + [
        replace(SMOOTH[0], years="2004-2023")
    ]
    found = estimation.batched(specs)
    assert sorted(place for batch in found for place in batch) == list(range(len(specs)))
    assert [len(batch) for batch in found] == [4, 4, 1]
    for batch in found:
        assert len({(specs[p].years, specs[p].lag, specs[p].sample) for p in batch}) == 1
    assert estimation.batched([SMOOTH[0], replace(SMOOTH[0], lag=0), SMOOTH[1]]) == [[0, 2], [1]]


@pytest.mark.parametrize(("system", "method"), [("linux", "fork"), ("darwin", None), ("win32", None)])
def test_processes_are_forked_on_linux_only(monkeypatch, system, method):
    seen = {}

    def parallel(**options):
        seen.update(options)
        return lambda tasks: [call(*rest, **named) for call, rest, named in tasks]

    monkeypatch.setattr(joblib, "Parallel", parallel)
    monkeypatch.setattr(estimation.sys, "platform", system)
    tasks = (joblib.delayed(abs)(number) for number in (-1, 2))
    assert estimation.in_parallel(tasks, 3, None) == [1, 2]
    assert seen["n_jobs"] == 3
    assert (seen["backend"].get_start_method() if "backend" in seen else None) == method


def test_every_list_of_the_declaration_is_in_the_small_world(panel):
    assert set(panel.year.tolist()) == set(LISTS)
