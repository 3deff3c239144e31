"""Politics exchanged between countries on a small world: every score and every leaving out done by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from small_multiverse import small_panel, small_tables
from statsmodels.regression.linear_model import OLS

from compendium.methods.tiers import multiverse as mv
from compendium.methods.tiers import ordered
from compendium.methods.tiers.multiverse import exchange, jackknife, permutation
from compendium.methods.tiers.multiverse.exchange import Exchange, curve_draws
from compendium.methods.tiers.multiverse.jackknife import jackknife_draws
from compendium.methods.tiers.multiverse.permutation import _exchangeable, _first_return, _tested

BASE = mv.Specification(
    "voting_distance", "rule of law", "income, population", *mv.MODELS[0], "none", 1, "2004-2023", "all"
)
MODELS = [
    replace(BASE, politics=politics, outcome=o, estimator=e, country_effects=c, year_effects=effects)
    for politics in ("voting_distance", "us_trade")
    for o, e, c in mv.MODELS
    for effects in mv.YEAR_EFFECTS
]


@pytest.fixture(scope="module")
def panel():
    return small_panel()


def exchanges_of(panel, measures, draws=3, seed=4, count=2):
    """Paths split anyhow into what stays and what moves, and countries that exchange at random."""
    rng, size = np.random.default_rng(seed), len(panel.names)
    found = {}
    for measure in measures:
        path = np.nan_to_num(panel.paths[measure] / panel.scale[measure])
        staying = [np.zeros_like(path), 0.5 * path + rng.normal(size=path.shape)][:count]
        whole = np.vstack([np.arange(size), *(rng.permutation(size) for _ in range(draws))])
        found[measure] = [Exchange(own, path - own, whole) for own in staying]
    return found


def columns_of(panel, spec, data, one):
    """The measure at the rows of a specification in every draw, looked up row by row."""
    first = int(panel.path_years[0])
    for donor in one.whole:
        yield np.array(
            [
                one.staying[panel.country[row], int(panel.year[row]) - spec.lag - first]
                + one.moving[donor[panel.country[row]], int(panel.year[row]) - spec.lag - first]
                for row in data.rows
            ]
        )


def scored(panel, spec, one):
    """The oriented score t of a specification in every draw, each candidate beside the model without politics."""
    data = mv.data_of(panel, spec)
    kind = "linear within" if spec.country_effects == "within" else spec.estimator
    null = ordered.null_model(kind, data.outcome, data.design[:, 1:], data.clusters, data.categories)
    sign = 1 if spec.politics == "voting_distance" else -1
    return [sign * null.t(column) for column in columns_of(panel, spec, data, one)]


# ------------------------------------------------------------------------------------------------------- the scores


@pytest.mark.parametrize("lag", [0, 1, 2])
@pytest.mark.parametrize("count", [1, 2])
def test_scores_of_all_models_at_once_are_those_of_each_alone(panel, monkeypatch, lag, count):
    monkeypatch.setattr(exchange, "_alone", lambda *_: pytest.fail("scored alone"))
    monkeypatch.setattr(exchange, "AT_ONCE", 3)  # of four, so that there is a block and a rest
    specs = [replace(spec, lag=lag) for spec in MODELS]
    exchanges = exchanges_of(panel, ("voting_distance", "us_trade"), count=count)
    found = curve_draws(panel, specs, exchanges, np.float64)
    assert found.shape == (count, len(specs), 4)
    for which in range(count):
        for place in range(lag, len(specs), 3):
            expected = scored(panel, specs[place], exchanges[specs[place].politics][which])
            np.testing.assert_allclose(found[which, place], expected, atol=1e-7, err_msg=str(specs[place]))
    rough = curve_draws(panel, specs, exchanges)
    assert rough.dtype == np.float32
    np.testing.assert_allclose(rough, found, atol=1e-3)


@pytest.mark.parametrize("lag", [1, 2])
def test_stacks_of_other_columns_and_shorter_years_go_together(panel, monkeypatch, lag):
    monkeypatch.setattr(exchange, "_alone", lambda *_: pytest.fail("scored alone"))
    specs = [
        replace(BASE, performance="3P total", controls="none", outcome="three tiers", years="2001-2023"),
        replace(BASE, performance="none", controls="none", outcome="three tiers", years="2001-2023"),
        replace(BASE, controls="income, population, democracy", outcome="three tiers", years="2001-2023"),
        replace(
            BASE,
            performance="none",
            controls="none",
            outcome="three tiers",
            years="2001-2023",
            politics="us_troops",
        ),
    ]
    specs = [replace(spec, lag=lag) for spec in specs]  # two years before the first report is the first path year
    exchanges = exchanges_of(panel, ("voting_distance", "us_troops"))
    found = curve_draws(panel, specs, exchanges, np.float64)
    for place, spec in enumerate(specs):
        for which, one in enumerate(exchanges[spec.politics]):
            np.testing.assert_allclose(found[which, place], scored(panel, spec, one), atol=1e-7)


def test_a_country_of_the_batch_that_a_model_lacks_moves_none_of_its_scores(monkeypatch):
    """A model of countries with means lies on the countries of its batch; one that it lacks has no mean."""
    monkeypatch.setattr(exchange, "_alone", lambda *_: pytest.fail("scored alone"))
    lacks = changed(vdem_polyarchy=lambda table: table["vdem_polyarchy"].where(table["iso3"] != "C05"))
    within = replace(BASE, outcome="watch list or worse", estimator="linear", country_effects="within")
    specs = [replace(within, controls="income, population, democracy"), within]
    exchanges = exchanges_of(lacks, ("voting_distance",))
    with np.errstate(all="raise"):
        found = curve_draws(lacks, specs, exchanges, np.float64)
    for place, spec in enumerate(specs):
        for which, one in enumerate(exchanges["voting_distance"]):
            np.testing.assert_allclose(found[which, place], scored(lacks, spec, one), atol=1e-7)


@pytest.mark.parametrize(
    "spec", MODELS[:10:2], ids=lambda spec: f"{spec.outcome} {spec.estimator} {spec.country_effects}"
)
def test_one_specification_by_itself_is_scored_alike_by_both_routes(panel, spec):
    exchanges = exchanges_of(panel, ("voting_distance",), count=1)
    expected = scored(panel, spec, exchanges["voting_distance"][0])
    np.testing.assert_allclose(curve_draws(panel, [spec], exchanges, np.float64)[0, 0], expected, atol=1e-7)
    alone = exchange._alone(panel, spec, exchanges["voting_distance"])
    np.testing.assert_allclose(alone, [expected], atol=1e-9)


def changed(**columns):
    lists, table, parts, facts = small_tables()
    table = table.assign(**{name: make(table) for name, make in columns.items()})
    return mv.build_panel(lists, table, parts, facts)


def test_what_cannot_be_fitted_has_no_score_and_what_can_with_care_has_its_own():
    noise = np.random.default_rng(8).normal(size=len(small_tables()[1]))
    near = changed(
        population=lambda table: table["gdp_per_capita_const_usd"] * np.exp(5e-4 * noise),
        us_troops=lambda _: np.e - 1,
        vdem_polyarchy=lambda _: 0.5,
    )
    still = replace(BASE, politics="us_troops", performance="none", controls="none")
    specs = [
        still,
        replace(BASE, outcome="watch list or worse", estimator="linear"),
        replace(still, outcome="watch list or worse", estimator="linear"),
        replace(BASE, controls="income, population, democracy"),
        BASE,
    ]
    measures = ("voting_distance", "us_troops")
    for measure in measures:
        near.scale[measure] = 1.0
    for count in (1, 2):
        exchanges = exchanges_of(near, measures, count=count)
        found = curve_draws(near, specs, exchanges, np.float64)
        assert np.isnan(found[:, [0, 2, 3]]).all()
        for place in (1, 4):
            for which, one in enumerate(exchanges["voting_distance"]):
                np.testing.assert_allclose(found[which, place], scored(near, specs[place], one), atol=1e-7)
        for place in (0, 2, 3):
            alone = exchange._alone(near, specs[place], exchanges[specs[place].politics])
            assert alone.shape == (count, 4) and np.isnan(alone).all()


# ------------------------------------------------------------------------------------------- countries left out


def left_out_in_turn(panel, spec, data, column):
    """The t of a linear model with errors of kind CRV3: every country is left out and the rest fitted again."""
    codes, count = data.clusters.codes, data.clusters.count
    own = np.ones((len(codes), 1))
    if spec.country_effects == "within":
        own = (codes[:, None] == np.arange(count)).astype(float)
    design = np.column_stack([column, data.design[:, 1:], own])
    slopes = []
    for gone in range(-1, count):
        kept = codes != gone
        slopes.append(np.linalg.lstsq(design[kept], data.outcome[kept].astype(float), rcond=None)[0][0])
    slope, *others = slopes
    sign = 1 if spec.politics == "voting_distance" else -1
    return sign * slope / np.sqrt((count - 1) / count * np.sum((np.array(others) - slope) ** 2))


LINEAR = [
    replace(spec, controls=controls)
    for spec in MODELS
    if spec.estimator == "linear"
    for controls in ("none", "income, population, democracy, region")
    if spec.country_effects == "none" or controls == "none"
]


@pytest.mark.parametrize("lag", [0, 2])
def test_every_country_is_left_out_in_turn(panel, monkeypatch, lag):
    monkeypatch.setattr(jackknife, "AT_ONCE", 2)  # of three
    specs = [replace(spec, lag=lag) for spec in LINEAR]
    exchanges = exchanges_of(panel, ("voting_distance", "us_trade"), draws=2)
    found = jackknife_draws(panel, specs, exchanges)
    assert found.shape == (2, len(specs), 3)
    for place in range(lag // 2, len(specs), 2):
        spec = specs[place]
        data = mv.data_of(panel, spec)
        for which, one in enumerate(exchanges[spec.politics]):
            expected = [
                left_out_in_turn(panel, spec, data, column) for column in columns_of(panel, spec, data, one)
            ]
            np.testing.assert_allclose(found[which, place], expected, rtol=1e-6)


def test_a_country_alone_in_its_region_may_be_left_out():
    lists, table, parts, facts = small_tables()
    facts.loc[2, "un_region"] = "Oceania"
    world = mv.build_panel(lists, table, parts, facts)
    spec = replace(LINEAR[1], controls="income, population, democracy, region")
    exchanges = exchanges_of(world, ("voting_distance",), count=1)
    data = mv.data_of(world, spec)
    columns = columns_of(world, spec, data, exchanges["voting_distance"][0])
    expected = [left_out_in_turn(world, spec, data, column) for column in columns]
    np.testing.assert_allclose(jackknife_draws(world, [spec], exchanges)[0, 0], expected, rtol=1e-6)


def test_a_measure_that_stands_still_has_no_t_and_keeps_none_from_the_others():
    world = changed(us_troops=lambda table: table["iso3"].str[1:].astype(int) ** 2)
    within = next(spec for spec in LINEAR if spec.country_effects == "within")
    specs = [replace(within, politics="us_troops"), within, replace(LINEAR[0], politics="us_troops")]
    exchanges = exchanges_of(world, ("voting_distance", "us_troops"))
    found = jackknife_draws(world, specs, exchanges)
    assert np.isnan(found[:, 0]).all()
    assert np.isfinite(found[:, 1:]).all()
    np.testing.assert_allclose(found[:, 1:2], jackknife_draws(world, [within], exchanges), rtol=1e-12)


def test_only_linear_models_have_countries_left_out(panel):
    exchanges = exchanges_of(panel, ("voting_distance",))
    for wrong in ([BASE], [LINEAR[0], BASE], [replace(BASE, outcome="watch list or worse", estimator="logit")]):
        with pytest.raises(
            ValueError, match="jackknife: expected linear specifications, found others; leave them out"
        ):
            jackknife_draws(panel, wrong, exchanges)


# ---------------------------------------------------------------------------------------------- who exchanges what


def test_a_permutation_is_followed_until_it_first_returns_to_the_stratum():
    rng = np.random.default_rng(5)
    for _ in range(40):
        size = int(rng.integers(1, 9))
        stratum = np.unique(rng.integers(0, 3, size), return_inverse=True)[1]
        shuffles = np.array([rng.permutation(size) for _ in range(5)])
        expected = np.empty_like(shuffles)
        for draw, place in np.ndindex(shuffles.shape):
            at = shuffles[draw, place]
            while stratum[at] != stratum[place]:
                at = shuffles[draw, at]
            expected[draw, place] = at
        np.testing.assert_array_equal(_first_return(shuffles, stratum), expected)


def years_in(panel, first, last):
    return (panel.path_years >= first) & (panel.path_years <= last)


@pytest.mark.parametrize("null", mv.NULLS)
def test_countries_exchange_with_those_that_are_known_in_the_same_years(panel, null):
    used = years_in(panel, 2003, 2014)
    staying, moving, stratum = _exchangeable(panel, "voting_distance", null, used)
    # 6 has no distance until 2008; under the second null 4 has no democracy, and so nothing explained
    apart = {6} if null == "paths" else {4, 6}
    others = [country for country in range(16) if country not in apart]
    assert len(set(stratum[others].tolist())) == 1
    assert len(set(stratum.tolist())) == 1 + len(apart)
    path = np.nan_to_num(panel.paths["voting_distance"] / panel.scale["voting_distance"])
    np.testing.assert_allclose(staying + moving, path, atol=1e-12)
    if null == "paths":
        assert (staying == 0).all()
    else:
        assert (moving[4] == 0).all() and (staying[4] != 0).all()


def test_what_performance_explains_is_a_least_squares_fit(panel):
    used = years_in(panel, 2003, 2014)
    staying, _, _ = _exchangeable(panel, "voting_distance", "given performance", used)
    frame = pd.DataFrame(
        {
            name: panel.paths[name].ravel()
            for name in (
                *("voting_distance", "rule_of_law", "control_of_corruption"),
                *("log_income", "log_population", "democracy", "p3_total"),
            )
        }
    )
    frame["country"] = np.repeat(np.arange(16), len(panel.path_years))
    frame["region"] = np.repeat(panel.path_region, len(panel.path_years))
    frame["year"] = np.tile(panel.path_years, 16)
    frame["counted"] = frame["p3_total"].notna().astype(float)
    mean = frame.groupby("country")["p3_total"].transform("mean").fillna(0.0)
    frame["p3_mean"], frame["p3_rest"] = mean, (frame["p3_total"] - mean).fillna(0.0)
    known = frame.drop(columns="p3_total").dropna()
    design = pd.get_dummies(known, columns=["region", "year"], drop_first=True, dtype=float)
    design = design.drop(columns=["voting_distance", "country"]).assign(constant=1.0)
    expected = OLS(known["voting_distance"], design).fit().fittedvalues / panel.scale["voting_distance"]
    np.testing.assert_allclose(staying.ravel()[known.index], expected, atol=1e-8)


def test_the_years_used_are_those_read_by_some_specification_of_the_measure(panel):
    specs = [replace(BASE, years="2004-2015", lag=2), replace(BASE, politics="us_trade", years="2004-2023")]
    found = permutation._years_used(panel, specs, "voting_distance")
    assert panel.path_years[found].tolist() == list(range(2002, 2014))
    found = permutation._years_used(panel, specs, "us_trade")
    assert panel.path_years[found].tolist() == [*range(2003, 2015), 2019, 2020]


def test_shuffles_are_permutations_and_fewer_are_the_first_of_more(panel):
    more = mv.shuffles_of(panel, 40)
    assert more.shape == (40, 16)
    assert (np.sort(more, axis=1) == np.arange(16)).all()
    np.testing.assert_array_equal(mv.shuffles_of(panel, 3), more[:3])
    assert len(np.unique(more, axis=0)) == 40
    given = mv.donors(panel, [BASE], "voting_distance", "paths")
    assert given.shape == (1, 16)
    np.testing.assert_array_equal(given, mv.donors(panel, [BASE], "voting_distance", "paths", draws=5)[:1])


# ------------------------------------------------------------------------------------------------- the whole test


def test_the_test_scores_every_specification_under_each_null(panel):
    specs = [MODELS[0], replace(MODELS[4], lag=2), MODELS[12], replace(MODELS[2], politics="us_trade")]
    both = mv.permutation_tests(panel, specs, draws=6)
    assert list(both) == ["paths", "given performance"]
    for null, test in both.items():
        assert test.scores.shape == (4, 7)
        assert (test.null, test.specifications, test.failed, test.countries) == (null, 4, 0, 16)
        for place, spec in enumerate(specs):
            used = permutation._years_used(panel, specs, spec.politics)
            staying, moving, _ = _exchangeable(panel, spec.politics, null, used)
            whole = np.vstack([np.arange(16), mv.donors(panel, specs, spec.politics, null, draws=6)])
            np.testing.assert_allclose(
                test.scores[place], scored(panel, spec, Exchange(staying, moving, whole)), atol=1e-3
            )
        one = mv.permutation_test(panel, specs, draws=6, null=null)
        pd.testing.assert_frame_equal(one.draws, test.draws)


def test_linear_models_may_be_tested_with_their_countries_left_out(panel):
    found = mv.permutation_test(panel, LINEAR[:2], draws=1, errors="CRV3")
    used = permutation._years_used(panel, LINEAR[:2], "voting_distance")
    staying, moving, _ = _exchangeable(panel, "voting_distance", "paths", used)
    whole = np.vstack([np.arange(16), mv.donors(panel, LINEAR[:2], "voting_distance", "paths")])
    expected = jackknife_draws(panel, LINEAR[:2], {"voting_distance": [Exchange(staying, moving, whole)]})[0]
    np.testing.assert_allclose(found.scores, expected, rtol=1e-5)


def test_499_draws_are_made_unless_another_number_is_asked_for(panel):
    linear = replace(LINEAR[0], performance="none")
    assert len(mv.permutation_test(panel, [linear]).draws) == 499
    assert len(mv.permutation_tests(panel, [linear], nulls=["paths"])["paths"].draws) == 499
    assert len(mv.permutation_test(panel, [linear], draws=1).draws) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"draws": 0}, "draws is 0; expected 1 to"),
        ({"nulls": ["years"]}, "found 'years'; choose one"),
        ({"nulls": ["paths", "years"]}, "found 'years'; choose one"),
        ({"specs": []}, "expected specifications, at least one"),
    ],
)
def test_a_test_that_cannot_be_made_is_refused(panel, wrong, message):
    with pytest.raises(ValueError, match=f"permutation_test: .*{message}"):
        mv.permutation_tests(panel, **({"specs": [BASE]} | wrong))


# ---------------------------------------------------------------------------------------------- what the draws say


SCORES = np.array(  # observed, then four draws; 11 countries, so that the limit is 2.228
    [
        [3.0, 3.0, -3.0, 0.0, 2.0],
        [1.0, 1.5, -1.0, 0.0, 2.3],
        [-3.0, 0.5, -2.5, 1.0, -1.0],
        [np.nan, np.nan, np.nan, np.nan, np.nan],
    ]
)


def test_the_curve_is_compared_with_every_drawn_curve_as_by_hand():
    test = _tested("paths", SCORES, 11)
    assert (test.specifications, test.failed, test.null, test.countries) == (3, 1, "paths", 11)
    assert stats.t(10).ppf(0.975) == pytest.approx(2.228, abs=1e-3)
    drawn = test.draws[list(mv.STATISTICS)].to_numpy()
    thirds = np.array([[3, 1, 0], [0, 0, 2], [1, 0, 0], [2, 1, 0]]) / 3
    np.testing.assert_allclose(drawn[:, :3], thirds)
    assert test.draws["median_t"].tolist() == [1.5, -2.5, 0.0, 2.0]
    rows = test.summary.set_index("statistic").loc[list(mv.STATISTICS)]
    assert rows["observed"].tolist() == pytest.approx([2 / 3, 1 / 3, 1 / 3, 1.0])
    assert rows["p"].tolist() == pytest.approx([3 / 5, 3 / 5, 2 / 5, 3 / 5])
    assert rows["p_below"].tolist() == pytest.approx([4 / 5, 5 / 5, 4 / 5, 3 / 5])
    assert rows["null_mean"].tolist() == pytest.approx([1 / 2, 1 / 6, 1 / 6, 0.25])
    assert rows["null_high"].tolist() == pytest.approx(np.quantile(drawn, 0.95, axis=0).tolist())
    p = rows["p"].to_numpy()
    assert rows["monte_carlo_error"].tolist() == pytest.approx(np.sqrt(p * (1 - p) / 4).tolist())
    assert test.p() == pytest.approx(3 / 5) and test.p("share_opposite") == pytest.approx(2 / 5)
    assert test.joint() == pytest.approx((3 / 5, 3 / 5))
    part = test.among(np.array([True, False, False, True]))
    assert (part.specifications, part.failed) == (1, 1)
    assert part.draws["median_t"].tolist() == [3.0, -3.0, 0.0, 2.0]


def test_what_differs_by_rounding_counts_as_large_and_as_small():
    test = _tested("paths", np.array([[1.0, 1 - 4e-6, 1 + 4e-6, 0.9, 1.1]]), 11)
    rows = test.summary.set_index("statistic").loc["median_t"]
    assert (rows["p"], rows["p_below"]) == pytest.approx((4 / 5, 4 / 5))


def test_the_lean_is_a_partial_correlation_beyond_the_lottery():
    draws = np.linspace(-1.0, 2.0, 61)  # mean 0.5, of which a twentieth lies below -0.85
    test = _tested("paths", np.concatenate([[1.5], draws])[None], 26)
    by_hand = [beyond / np.sqrt(beyond**2 + 25) for beyond in (1.0, 2.35)]
    assert test.lean() == pytest.approx(by_hand)
    assert test.lean(0.95) == test.lean()
    assert test.lean(0.9)[1] == pytest.approx(2.2 / np.sqrt(2.2**2 + 25))
    against = _tested("paths", -np.concatenate([[1.5], draws])[None], 26)
    assert against.lean()[0] == pytest.approx(-by_hand[0])
