"""The multiverse: its grid, its curve against statsmodels, and inference over the curve with known truth."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from exact_ordered import ExactOrderedModel
from scipy.special import logit, ndtr
from statsmodels.discrete.discrete_model import Logit
from statsmodels.regression.linear_model import OLS

from compendium.evidence import tables
from compendium.methods.tiers import multiverse as mv
from compendium.methods.tiers import ordered, tiers
from compendium.methods.tiers.multiverse import permutation
from compendium.methods.tiers.multiverse.design import Builder
from compendium.methods.tiers.multiverse.exchange import Exchange, curve_draws
from compendium.methods.tiers.multiverse.permutation import _exchangeable, _first_return, _tested
from compendium.methods.tiers.multiverse.specification import _adds_no_year


@pytest.fixture(scope="module")
def published_tables():
    return {name: tables.read(name) for name in ("tip_tiers", "country_panel", "anti_trafficking_3p", "countries")}


@pytest.fixture(scope="module")
def panel(published_tables):
    return mv.build_panel(*published_tables.values())


@pytest.fixture(scope="module")
def declared(panel):
    return mv.grid(panel.reach)


# ------------------------------------------------------------------------------------------------ partial years


@pytest.mark.parametrize("year", (2019, 2022, 2024))
def test_no_panel_can_hold_a_partial_year(published_tables, panel, year):
    with pytest.raises(tiers.PartialYearError, match=f"found {year}"):
        mv.build_panel(*published_tables.values(), years=(*tiers.COMPLETE_YEARS, year))
    with pytest.raises(tiers.PartialYearError, match=f"multiverse panel: .* found {year}"):
        replace(panel, year=np.where(panel.year == 2015, year, panel.year))


def test_every_specification_is_fitted_on_complete_years_only(panel, declared):
    specs, _ = declared
    assert set(panel.year) <= set(tiers.COMPLETE_YEARS)
    windows = set(itertools.chain.from_iterable(spec.window for spec in specs))
    assert windows <= set(tiers.COMPLETE_YEARS)


def test_lists_read_since_the_declaration_add_rows_and_move_no_draw(published_tables, panel, declared):
    later = mv.build_panel(*published_tables.values(), years=tiers.COMPLETE_YEARS)
    assert set(later.year) - set(panel.year) == {2016, 2017, 2018, 2025}
    assert mv.grid(later.reach)[0] == declared[0]
    early = replace(mv.BASELINE, years="2004-2015")
    for spec, added in ((mv.BASELINE, {2016, 2017, 2018}), (early, set())):
        years = [set(p.year[mv.data_of(p, spec).rows]) for p in (later, panel)]
        assert years[0] - years[1] == added


# ---------------------------------------------------------------------------------------------------- the grid


def test_grid_and_exclusions_add_up(declared):
    specs, excluded = declared
    choices = (
        mv.POLITICS,
        mv.PERFORMANCE,
        mv.CONTROLS,
        mv.MODELS,
        mv.YEAR_EFFECTS,
        mv.LAGS,
        mv.WINDOWS,
        mv.SAMPLES,
    )
    assert len(specs) + excluded["excluded"].sum() == np.prod([len(options) for options in choices])
    assert (excluded["excluded"] > 0).all()
    assert len(set(specs)) == len(specs)


def test_no_two_specifications_of_a_measure_are_the_same_model(panel, declared):
    """What the rules on repeated windows and absorbed regions are for."""
    builder = Builder(panel)
    for politics, performance in (("agreement", "3P total"), ("us_trade", "rule of law"), ("defence_pact", "none")):
        seen = set()
        for spec in declared[0]:
            if (spec.politics, spec.performance) == (politics, performance):
                data = builder.data(spec)
                content = (data.rows.tobytes(), data.outcome.tobytes(), data.names)
                key = (*content, spec.estimator, spec.country_effects, spec.lag)
                assert key not in seen, spec
                seen.add(key)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"politics": "friendship"}, "politics expected one of voting_distance, .* found 'friendship'"),
        ({"lag": 3}, "lag expected one of 0, 1, 2, found 3"),
        ({"country_effects": "within"}, "found 'four tiers' by 'ordered logit' with country effects 'within'"),
    ],
)
def test_undeclared_choices_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(mv.BASELINE, **change)


def test_a_table_without_a_column_is_refused_by_name(published_tables):
    wrong = dict(published_tables, country_panel=published_tables["country_panel"].drop(columns="us_troops"))
    with pytest.raises(ValueError, match=r"country_panel: expected the columns .* missing us_troops; pass"):
        mv.build_panel(*wrong.values())


def test_excluded_windows_would_add_no_report(panel):
    spec = replace(mv.BASELINE, politics="agreement_important", lag=2)
    assert not _adds_no_year(replace(spec, politics="voting_distance"), panel.reach)
    assert _adds_no_year(spec, panel.reach)
    assert panel.year[mv.data_of(panel, spec).rows].max() == 2015
    assert panel.year[mv.data_of(panel, mv.BASELINE).rows].max() == 2023


def test_only_ten_pacts_begin_in_the_years_covered(panel):
    years = (panel.path_years >= 1999) & (panel.path_years <= 2018)
    pact = panel.paths["defence_pact"][:, years]
    assert (np.ptp(pact, axis=1) > 0).sum() == 10


def test_published_part_is_large_balanced_seeded_and_in_order(declared):
    specs, _ = declared
    chosen = mv.published(specs)
    assert len(chosen) >= 2000
    assert chosen == mv.published(specs)
    assert chosen != mv.published(specs, seed=1)
    place = {spec: i for i, spec in enumerate(specs)}
    assert [place[s] for s in chosen] == sorted(place[s] for s in chosen)
    cells = pd.DataFrame([(s.politics, s.performance, s.outcome, s.estimator, s.country_effects) for s in chosen])
    assert set(cells.value_counts()) == {12}
    for choice in mv.CHOICES:
        assert {getattr(s, choice) for s in chosen} == {getattr(s, choice) for s in specs}


# --------------------------------------------------------------------------------------------------- the panel


def test_covariates_are_read_at_the_lag(panel, published_tables):
    source = published_tables["country_panel"].set_index(["iso3", "year"])["unga_distance_us"]
    cambodia = panel.names.index("KHM")
    for lag in mv.LAGS:
        for row in np.flatnonzero(panel.country == cambodia):
            value = panel.covariates[lag]["voting_distance"][row]
            if panel.year[row] - lag <= 2022:
                assert value == pytest.approx(source["KHM", panel.year[row] - lag])
            else:
                assert np.isnan(value)


def test_transformations_are_as_stated(published_tables):
    panel = published_tables["country_panel"].set_index(["iso3", "year"])
    table = mv.covariates(published_tables["country_panel"], published_tables["anti_trafficking_3p"])
    row = table.set_index(["iso3", "year"]).loc[("KHM", 2010)]
    raw = panel.loc[("KHM", 2010)]
    assert row["us_assistance"] == pytest.approx(np.log1p(raw["us_assistance_obligations_const_usd"] / 1e6))
    gdp = raw["gdp_per_capita_const_usd"] * raw["population"]
    assert np.exp(row["us_trade"]) == pytest.approx(100 * (raw["us_exports"] + raw["us_imports"]) / gdp)
    assert row["p3_total"] == row[["p3_prosecution", "p3_protection", "p3_prevention"]].sum()
    years = table.set_index(["iso3", "year"])
    bridge = (panel.loc[("KHM", 2000), "wgi_rule_of_law"] + panel.loc[("KHM", 2002), "wgi_rule_of_law"]) / 2
    assert years.loc[("KHM", 2001), "rule_of_law"] == pytest.approx(bridge)
    assert np.isnan(years.loc[("KHM", 1999), "rule_of_law"])
    assert years["p3_total"].dropna().index.get_level_values("year").max() == 2013
    assert years["us_assistance"].dropna().index.get_level_values("year").max() == 2022


def test_samples_leave_out_who_they_say(panel):
    def countries(sample):
        rows = mv.data_of(panel, replace(mv.BASELINE, sample=sample, controls="none")).rows
        return {panel.names[i] for i in panel.country[rows]}

    everyone = countries("all")
    assert {"KHM", "DEU", "JPN", "SAU"} <= everyone
    assert "USA" not in everyone
    assert not {"DEU", "JPN", "SAU"} & countries("not high income")
    assert not {"DEU", "JPN", "PHL"} & countries("no defence pact")
    assert {"KHM", "SAU"} <= countries("no defence pact")


# --------------------------------------------------------------------------------------------------- the curve


def slope_by_statsmodels(data, spec):
    """Estimate and standard error of politics, from the public route of statsmodels."""
    clusters = {"cov_type": "cluster", "cov_kwds": {"groups": data.clusters.codes}}
    exog = np.column_stack([data.design, np.ones(len(data.rows))])
    if spec.estimator == "ordered logit":
        model = ExactOrderedModel(data.outcome, data.design, distr="logit")
        rough = model.fit(method="bfgs", maxiter=1000, gtol=1e-4, disp=0)
        fit = model.fit(start_params=rough.params, method="newton", maxiter=4, tol=1e-10, disp=0, **clusters)
        return fit.params[0], fit.bse[0]
    if spec.estimator == "logit":
        fit = Logit(data.outcome, exog).fit(disp=0, tol=1e-12, maxiter=100, **clusters)
        return fit.params[0], fit.bse[0]
    if spec.country_effects == "none":
        fit = OLS(data.outcome, exog).fit(**clusters)
        return fit.params[0], fit.bse[0]
    dummies = (data.clusters.codes[:, None] == np.arange(data.clusters.count)).astype(float)
    fit = OLS(data.outcome, np.hstack([data.design, dummies])).fit(**clusters)
    n, slopes = data.design.shape
    return fit.params[0], fit.bse[0] * np.sqrt((n - slopes - data.clusters.count) / (n - slopes - 1))


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.ConvergenceWarning")
@pytest.mark.parametrize("model", mv.MODELS, ids=" ".join)
def test_random_specifications_equal_statsmodels(panel, declared, model):
    """Estimates to 1e-6, standard errors to 1e-5, on real data, fitted within a batch and so with warm starts."""
    outcome, estimator, _ = model
    rng = np.random.default_rng([20010712, mv.MODELS.index(model)])
    wanted = [s for s in declared[0] if (s.outcome, s.estimator, s.country_effects) == model]
    if estimator == "ordered logit":  # statsmodels takes ten seconds and more with indicators for years
        wanted = [s for s in wanted if s.year_effects == "none"]
    chosen = [wanted[i] for i in rng.choice(len(wanted), 3, replace=False)]
    neighbours = [s for s in wanted if s.politics == chosen[0].politics][:20]
    results = mv.run(panel, neighbours + chosen).tail(len(chosen))
    assert results["outcome"].eq(outcome).all()
    for spec, row in zip(chosen, results.itertuples(), strict=True):
        if row.status == ordered.SEPARATION:
            continue
        estimate, se = slope_by_statsmodels(mv.data_of(panel, spec), spec)
        assert row.estimate == pytest.approx(estimate * mv.POLITICS[spec.politics].predicted_sign, abs=1e-6)
        assert row.se == pytest.approx(se, abs=1e-5)
    assert (results["status"] == ordered.CONVERGED).any()


@pytest.mark.parametrize("years", ["2001-2015", "2004-2023"])
def test_models_fitted_together_are_those_fitted_alone(panel, declared, years):
    """Every model of some stacks by the careful route: estimates, errors, effects, statuses and why they failed."""
    specs = [
        s
        for s in declared[0]
        if (s.performance, s.sample, s.years) == ("rule of law", "no defence pact", years) and s.lag == 1
    ]
    together = mv.run(panel, specs)
    builder = Builder(panel)
    for spec, row in list(zip(specs, together.itertuples(), strict=True))[::5]:
        data = builder.data(spec)
        fit = mv.fit_specification(data, spec)
        assert (row.status, row.detail) == (fit.status, fit.detail)
        assert (row.observations, row.countries) == (fit.observations, fit.clusters)
        if fit.status != ordered.CONVERGED:
            continue
        sign = mv.POLITICS[spec.politics].predicted_sign
        effect, error = ordered.marginal_effect(fit, data.design, 0, mv.OUTCOMES[spec.outcome][2])
        assert (row.estimate, row.effect) == pytest.approx((sign * fit.slopes[0], 100 * sign * effect), abs=1e-7)
        assert (row.se, row.effect_se) == pytest.approx((fit.standard_errors[0], 100 * error), abs=1e-4, rel=1e-5)
    assert {ordered.CONVERGED} < set(together["status"]) or years == "2001-2015"


def test_results_do_not_depend_on_jobs_backend_or_company(panel, declared):
    specs = mv.published(declared[0])[::40]
    alone = mv.run(panel, specs)
    pd.testing.assert_frame_equal(alone, mv.run(panel, specs, jobs=2, backend="threading"), check_exact=True)
    backwards = mv.run(panel, specs[::-1]).iloc[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.drop(columns="spec"), backwards.drop(columns="spec"), rtol=1e-7)
    assert alone["spec"].tolist() == list(range(len(specs)))


def test_every_specification_has_a_row_and_failures_say_why(panel, declared):
    specs = [s for s in mv.published(declared[0]) if s.sample == "no defence pact" and s.estimator == "logit"]
    pact = replace(mv.BASELINE, politics="defence_pact", sample="no defence pact", years="2004-2015")
    results = mv.run(panel, [*specs, pact])
    assert len(results) == len(specs) + 1
    failed = results.loc[results["status"] != ordered.CONVERGED]
    assert set(failed["status"]) == {ordered.SEPARATION, ordered.CONSTANT}
    assert (failed["detail"] != "").all()
    assert failed["estimate"].isna().all()
    assert not failed["predicted"].any()
    assert "defence_pact" in failed.iloc[-1]["detail"]
    curve = mv.summarise(results)
    assert (curve.specifications, curve.estimated) == (len(results), len(results) - len(failed))


def test_a_separating_region_is_indeed_all_in_one_class(panel, declared):
    specs = [s for s in mv.published(declared[0]) if s.estimator == "logit" and "region" in s.columns]
    failed = mv.run(panel, specs).query("status == @ordered.SEPARATION").iloc[0]
    data = mv.data_of(panel, specs[failed["spec"]])
    inside = data.design[:, data.names.index(failed["detail"])] == 1
    assert len(set(data.outcome[inside])) == 1


def test_effect_is_the_change_in_probability_per_standard_deviation(panel):
    spec = mv.BASELINE
    row = mv.run(panel, [spec]).iloc[0]
    data = mv.data_of(panel, spec)
    fit = mv.fit_specification(data, spec)
    nudge = np.zeros(len(data.names))
    nudge[0] = 1e-4  # of a standard deviation
    more, less = (ordered.probabilities(fit, data.design + s * nudge)[:, 2:].sum(axis=1) for s in (1, -1))
    assert row["event"] == "watch list or worse"
    assert row["effect"] == pytest.approx(100 * (more - less).mean() / 2e-4, abs=1e-5)
    assert row["effect_low"] < row["effect"] < row["effect_high"]
    raw = panel.covariates[1]["voting_distance"][data.rows]
    np.testing.assert_allclose(data.design[:, 0] * panel.scale["voting_distance"], raw)


def test_summary_counts_signs_and_intervals():
    results = pd.DataFrame(
        {
            "estimate": [1.0, 2.0, -1.0, -2.0, np.nan],
            "p": [0.2, 0.01, 0.3, 0.001, np.nan],
            "predicted": [True, True, False, False, False],
            "distinguishable": [False, True, False, False, False],
            "status": [ordered.CONVERGED] * 4 + [ordered.SEPARATION],
            "event": ["watch list or worse", "Tier 3"] * 2 + ["Tier 3"],
            "effect": [4.0, 100.0, -2.0, -100.0, np.nan],
            "family": ["votes", "votes", "money", "money", "money"],
        }
    )
    curve = mv.summarise(results)
    assert (curve.specifications, curve.estimated) == (5, 4)
    assert (curve.share_predicted, curve.share_distinguishable, curve.share_opposite) == (0.5, 0.25, 0.25)
    assert curve.median_effect == 1.0
    counted = mv.statuses(results).set_index("status")["specifications"]
    assert counted.to_dict() == {
        "converged": 4,
        "separation": 1,
        "collinear": 0,
        "constant column": 0,
        "not converged": 0,
    }
    parts = mv.by_choice(results, ["family"]).set_index("option")
    assert parts["share_predicted"].to_dict() == {"votes": 1.0, "money": 0.0}


# ----------------------------------------------------------------------------------- inference over the curve


def made_up_tables(rng, effect, confounding, countries=60):
    """A world in which tiers follow rule of law, and politics with the given effect.

    `confounding` is the correlation of politics with rule of law between countries. Years of a country depend.
    """
    names = [f"C{i:02d}" for i in range(countries)]
    years = np.arange(1999, 2016)
    shape = (countries, len(years))
    law = rng.normal(size=(countries, 1)) + 0.3 * rng.normal(size=shape)
    own = rng.normal(size=(countries, 1)) + 0.3 * rng.normal(size=shape)
    politics = confounding * law + np.sqrt(1 - confounding**2) * own
    shock = np.sqrt(0.6) * rng.normal(size=(countries, 1)) + np.sqrt(0.4) * rng.normal(size=shape)
    latent = effect * politics - law + logit(ndtr(shock))
    rank = np.digitize(latent, [-1.5, 0.5, 2.0])
    index = pd.MultiIndex.from_product([names, years], names=["iso3", "year"])
    filler = {name: rng.normal(size=len(index)) for name in ("a", "b", "c")}
    table = pd.DataFrame(
        {
            "gdp_per_capita_const_usd": np.exp(filler["a"]),
            "population": np.exp(filler["b"]),
            "us_assistance_obligations_const_usd": 0.0,
            "us_exports": 1.0,
            "us_imports": 1.0,
            "unga_distance_us": politics.ravel(),
            "unga_agreement_us": -politics.ravel() + 0.3 * rng.normal(size=len(index)),
            "unga_agreement3_us": 0.0,
            "unga_agreement_important_us": 0.0,
            "us_defence_pact": 0,
            "us_troops": 0,
            "wgi_rule_of_law": law.ravel(),
            "wgi_control_of_corruption": law.ravel() + 0.3 * rng.normal(size=len(index)),
            "vdem_polyarchy": filler["c"],
        },
        index=index,
    ).reset_index()
    tier = pd.DataFrame({"tier": np.array(tiers.TIERS)[rank.ravel()]}, index=index).reset_index()
    parts = pd.DataFrame(columns=["iso3", "year", "total", "prosecution", "protection", "prevention"])
    facts = pd.DataFrame(
        {
            "iso3": names,
            "un_region": rng.choice(["Africa", "Asia"], countries),
            "income_group": "low_income",
        }
    )
    tier = tier.loc[tier["year"] >= 2001]
    return tier, table, parts.astype({"iso3": str, "year": "int64"}), facts


SMALL_CURVE = [
    mv.Specification(politics, performance, "none", *model, "none", 1, "2004-2015", "all")
    for politics in ("voting_distance", "agreement")
    for performance in ("none", "rule of law")
    for model in (mv.MODELS[0], mv.MODELS[3])
]


def rejections(seed, runs, null, effect=0.0, confounding=0.0, level=0.1):
    rng = np.random.default_rng(seed)
    p = []
    for run in range(runs):
        world = mv.build_panel(*made_up_tables(rng, effect, confounding))
        test = mv.permutation_test(world, SMALL_CURVE, draws=59, seed=run, null=null)
        p.append(test.summary.set_index("statistic")["p"])
    return (pd.DataFrame(p) <= level).mean()


def test_permutation_test_has_its_size_when_politics_do_not_matter():
    """Nominal 10%; 99.9% binomial bounds for 80 worlds. The share of signs has ties, and so may reject less."""
    found = rejections(1, 80, "paths")
    assert 0.01 <= found["median_t"] <= 0.22
    assert found.max() <= 0.22


def test_permutation_given_performance_has_its_size_under_confounding():
    found = rejections(2, 80, "given performance", confounding=0.6)
    assert 0.01 <= found["median_t"] <= 0.22
    assert found.max() <= 0.22


def test_permutation_of_paths_does_not_separate_politics_from_performance():
    """Why there are two nulls: exchanged paths alone condemn politics for what performance does."""
    # politics against the law: countries with worse law are also further away
    found = rejections(3, 15, "paths", confounding=-0.8)
    assert found["median_t"] > 0.5


@pytest.mark.parametrize("null", mv.NULLS)
def test_permutation_test_finds_politics_that_matter(null):
    found = rejections(4, 6, null, effect=1.0, confounding=-0.5)
    assert found["median_t"] == 1
    assert found["share_distinguishable"] == 1


def curve_in(seed, effect, confounding=0.0, draws=99):
    """The test of a world in which distance makes tiers so much worse, and follows the law so closely."""
    world = mv.build_panel(*made_up_tables(np.random.default_rng(seed), effect, confounding))
    return mv.permutation_test(world, SMALL_CURVE, draws=draws, seed=seed, null="given performance")


def test_closeness_that_improves_tiers_supports_and_that_worsens_them_contradicts():
    for seed in range(3):
        towards, against = curve_in(seed, 2.0).joint()
        assert towards < 0.05 < against
        towards, against = curve_in(seed, -2.0).joint()
        assert against < 0.05 < towards


def test_closeness_that_does_nothing_does_neither():
    """Each joint p falls under 5% in at most one world in twenty; 99.9% binomial bound for 30 worlds."""
    found = np.array([curve_in(100 + seed, 0.0, confounding=-0.5, draws=59).joint() for seed in range(30)])
    assert (found < 0.05).sum(axis=0).max() <= 6


def test_the_joint_p_asks_for_the_median_and_the_share_and_is_mirrored():
    """By hand: nine draws of three models; only one model is distinguishable, as in every draw."""
    observed, drawn = np.array([[3.0], [1.0], [0.5]]), np.tile([[3.0], [-0.2], [0.1]], 9)
    test = _tested("paths", np.hstack([observed, drawn]), 100)
    assert (test.p("median_t"), test.p("share_distinguishable")) == (0.1, 1.0)
    assert test.joint() == (1.0, 1.0)
    mirrored = _tested("paths", -np.hstack([observed, drawn]), 100)
    assert mirrored.summary.set_index("statistic").p_below["median_t"] == pytest.approx(0.1)
    assert mirrored.joint() == test.joint()[::-1]
    clear = np.hstack([np.array([[3.0], [2.5], [0.5]]), drawn])
    assert _tested("paths", clear, 100).joint() == (0.1, 1.0)
    assert _tested("paths", -clear, 100).joint() == (1.0, 0.1)


def test_the_lean_is_the_middle_model_less_the_lottery_as_a_partial_correlation():
    """By hand: a middle t of 3 against draws from 0 to 2; of 101 clusters 100 degrees of freedom are left."""
    drawn = np.linspace(0, 2, 101)
    scores = np.hstack([[[3.0], [2.0], [4.0]], np.tile(drawn, (3, 1))])
    assert _tested("paths", scores, 101).lean() == pytest.approx((2 / 104**0.5, 2.9 / (2.9**2 + 100) ** 0.5))
    assert _tested("paths", scores, 101).lean(0.9)[1] == pytest.approx(2.8 / (2.8**2 + 100) ** 0.5)
    assert _tested("paths", -scores, 101).lean()[0] == pytest.approx(-2 / 104**0.5)


def test_politics_that_do_nothing_are_cleared_in_every_other_world_and_politics_that_matter_in_none():
    """With no effect the middle model falls on either side of the lottery's mean; 99.9% binomial bounds."""
    idle = [curve_in(300 + seed, 0.0, confounding=-0.5, draws=59).lean()[0] <= 0 for seed in range(30)]
    assert 6 <= sum(idle) <= 24
    assert not any(curve_in(400 + seed, 1.0, draws=59).lean()[0] <= 0 for seed in range(5))


def test_score_draws_equal_refitting_the_exchanged_design():
    """The shortcut against the plain route: exchange the paths, rebuild the column, score it."""
    world = mv.build_panel(*made_up_tables(np.random.default_rng(5), 0.5, 0.3, countries=30))
    rng = np.random.default_rng(6)
    whole = np.vstack([np.arange(30), [rng.permutation(30) for _ in range(4)]])
    moving = world.paths["voting_distance"] / world.scale["voting_distance"]
    staying = rng.normal(size=moving.shape)
    exchanges = {"voting_distance": [Exchange(staying, moving, whole)]}
    exact, draws = (curve_draws(world, SMALL_CURVE[:4], exchanges, kind)[0] for kind in (np.float64, np.float32))
    np.testing.assert_allclose(draws, exact, atol=1e-4)
    for place, spec in enumerate(SMALL_CURVE[:4]):
        data = mv.data_of(world, spec)
        null = ordered.null_model(spec.estimator, data.outcome, data.design[:, 1:], data.clusters, data.categories)
        years = world.year[data.rows] - spec.lag - world.path_years[0]
        country = world.country[data.rows]
        for draw, exchange in enumerate(whole):
            column = staying[country, years] + moving[exchange[country], years]
            assert exact[place, draw] == pytest.approx(null.t(column), abs=1e-8)


def test_score_t_of_the_data_is_close_to_the_wald_t(panel, declared):
    specs = mv.published(declared[0])[::30]
    results = mv.run(panel, specs)
    identity = np.arange(len(panel.names))[None, :]
    paths = {name: panel.paths[name] / panel.scale[name] for name in mv.POLITICS}
    exchanges = {name: [Exchange(np.zeros_like(p), np.nan_to_num(p), identity)] for name, p in paths.items()}
    score = np.array([curve_draws(panel, [s], exchanges, np.float64)[0, 0, 0] for s in specs])
    good = (results["status"] == ordered.CONVERGED).to_numpy() & (results["t"].abs() < 2).to_numpy()
    assert good.sum() > 20
    # they part in the order of t squared over the number of countries, faster where few countries carry the measure
    np.testing.assert_allclose(score[good], results["t"].to_numpy()[good], rtol=0.2, atol=0.05)


def test_exchange_keeps_strata_and_is_uniform_within_them():
    stratum = np.array([0, 0, 0, 1, 1, 2])
    shuffles = np.argsort(np.random.default_rng(7).random((6000, 6)), axis=1)
    exchanged = _first_return(shuffles, stratum)
    assert (stratum[exchanged] == stratum).all()
    assert (np.sort(exchanged, axis=1) == np.arange(6)).all()
    _, counts = np.unique(exchanged[:, :3], axis=0, return_counts=True)
    assert len(counts) == 6
    assert abs(counts - 1000).max() < 4 * np.sqrt(1000)
    assert np.mean(exchanged[:, 3] == 3) == pytest.approx(0.5, abs=0.03)


def test_only_countries_present_in_the_same_years_exchange(panel):
    used = (panel.path_years >= 2000) & (panel.path_years <= 2015)
    for measure in mv.POLITICS:
        _, moving, stratum = _exchangeable(panel, measure, "paths", used)
        present = np.isfinite(panel.paths[measure])[:, used]
        for label in np.unique(stratum):
            assert len(np.unique(present[stratum == label], axis=0)) == 1
        assert np.isfinite(moving).all()


def test_the_donors_are_those_of_the_test(panel, declared, monkeypatch):
    """What a page tells of the first lotteries is what the test exchanges in them, whatever their number."""
    specs, seen = mv.published(declared[0])[::150], {}
    monkeypatch.setattr(permutation, "Exchange", lambda *parts: seen.setdefault("whole", []).append(parts[2]))
    monkeypatch.setattr(permutation, "batched", lambda _: [])
    monkeypatch.setattr(permutation, "_tested", lambda *_: None)
    mv.permutation_test(panel, specs, draws=49, null="given performance")
    for politics, whole in zip(dict.fromkeys(spec.politics for spec in specs), seen["whole"], strict=True):
        told = mv.donors(panel, specs, politics, "given performance", draws=5)
        np.testing.assert_array_equal(told, whole[1:6])


def test_permutation_is_seeded_and_reports_its_own_error(panel, declared):
    specs = mv.published(declared[0])[::150]
    one = mv.permutation_test(panel, specs, draws=49, seed=3)
    two = mv.permutation_test(panel, specs, draws=49, seed=3, jobs=2, backend="threading")
    pd.testing.assert_frame_equal(one.draws, two.draws, check_exact=True)
    assert not one.draws.equals(mv.permutation_test(panel, specs, draws=49, seed=4).draws)
    row = one.summary.set_index("statistic").loc["median_t"]
    expected = (1 + (one.draws["median_t"] >= row["observed"] - 1e-12).sum()) / 50
    assert row["p"] == expected
    assert row["monte_carlo_error"] == pytest.approx(np.sqrt(expected * (1 - expected) / 49))
    with pytest.raises(ValueError, match="found 'years'; choose one"):
        mv.permutation_test(panel, specs, draws=9, null="years")


def test_a_part_of_the_curve_is_tested_as_if_it_had_been_run_alone(panel, declared):
    specs = mv.published(declared[0])[::120]
    whole = mv.permutation_test(panel, specs, draws=49)
    votes = np.array([mv.POLITICS[s.politics].family == "votes" for s in specs])
    part = whole.among(votes)
    alone = mv.permutation_test(panel, [s for s, v in zip(specs, votes, strict=True) if v], draws=49)
    pd.testing.assert_frame_equal(part.summary, alone.summary)
    pd.testing.assert_frame_equal(whole.among(np.ones(len(specs), bool)).draws, whole.draws)
    assert part.p("median_t") == part.summary.set_index("statistic").loc["median_t", "p"]
    assert whole.scores.shape == (len(specs), 50)


def test_two_nulls_at_once_are_the_two_nulls_alone(panel, declared):
    specs = mv.published(declared[0])[::300]
    both = mv.permutation_tests(panel, specs, draws=19)
    assert list(both) == list(mv.NULLS)
    for null in mv.NULLS:
        pd.testing.assert_frame_equal(both[null].draws, mv.permutation_test(panel, specs, 19, null=null).draws)


def test_a_smaller_draw_is_a_part_of_the_larger(declared):
    assert set(mv.published(declared[0], per_cell=2)) < set(mv.published(declared[0]))


def test_errors_of_kind_crv3_leave_out_one_country_after_the_other(panel, declared):
    """Written out: every country of a linear model is left out and the rest fitted again, by plain least squares.

    Some specifications have a region of one country, whose column then says nothing.
    """
    rule = [s for s in mv.published(declared[0], 6) if s.performance == "rule of law" and s.estimator == "linear"]
    alone = [s for s in rule if "region" in s.columns and s.sample == "no defence pact"][:1]
    specs = [*rule[3::24], *alone]
    found = mv.permutation_test(panel, specs, draws=1, null="given performance", errors="CRV3").scores[:, 0]
    for spec, t in zip(specs, found, strict=True):
        data, slopes = mv.data_of(panel, spec), []
        codes, count = data.clusters.codes, data.clusters.count
        own = codes[:, None] == np.arange(count) if spec.country_effects == "within" else np.ones((len(codes), 1))
        design = np.hstack([data.design, own])
        for left_out in range(-1, count):
            kept = codes != left_out
            slopes.append(np.linalg.lstsq(design[kept], data.outcome[kept].astype(float), rcond=None)[0][0])
        slope, *others = slopes
        error = np.sqrt((count - 1) / count * np.sum((np.array(others) - slope) ** 2))
        assert t == pytest.approx(mv.POLITICS[spec.politics].predicted_sign * slope / error, rel=1e-5)
    assert {spec.country_effects for spec in specs} == {"none", "within"}
    with pytest.raises(ValueError, match="expected linear specifications, found others"):
        mv.permutation_test(panel, [mv.BASELINE], draws=1, errors="CRV3")


# ------------------------------------------------------------------------------------------------ before any model


def test_raw_rates_count_what_they_say(panel):
    found = mv.raw_rates(panel, mv.BASELINE, "rule_of_law")
    data = mv.data_of(panel, mv.BASELINE)
    law = data.design[:, list(data.names).index("rule_of_law")]
    votes = data.design[:, 0]
    frame = pd.DataFrame({"law": pd.qcut(law, 3, labels=False), "votes": pd.qcut(votes, 3, labels=False)})
    frame["event"] = panel.rank[data.rows] >= 2
    expected = frame.groupby(["law", "votes"])["event"].agg(["sum", "size"])
    assert found["events"].tolist() == expected["sum"].tolist()
    assert found["rows"].tolist() == expected["size"].tolist()
    assert found["share"].tolist() == pytest.approx((expected["sum"] / expected["size"]).tolist())
    assert (found["low"] <= found["share"]).all() and (found["share"] <= found["high"]).all()


def test_raw_rate_intervals_cover_when_years_of_a_country_depend():
    covered = 0
    for seed in range(60):
        world = mv.build_panel(*made_up_tables(np.random.default_rng(100 + seed), 0.0, 0.0, countries=60))
        spec = replace(SMALL_CURVE[0], outcome="watch list or worse", estimator="linear")
        found = mv.raw_rates(world, spec, "rule_of_law", groups=1, draws=300)
        # latent rank of two or more: less law than the draw of the world's shock allows, on average over both
        grid = np.random.default_rng(1).normal(size=(200_000, 2)) * [np.sqrt(1.09), 1.0]
        truth = np.mean(-grid[:, 0] + logit(ndtr(grid[:, 1])) > 0.5)
        covered += found["low"][0] <= truth <= found["high"][0]
    assert covered / 60 >= 0.85
