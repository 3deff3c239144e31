"""The first model by an independent route, and the assembly of the curve's answer from planted results."""

import base64
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.discrete_model import Logit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from compendium.chapters import politics
from compendium.chapters.politics import columns, curve_figure
from compendium.chapters.politics.curve import Grid, Models
from compendium.chapters.politics.permutation import DRAWS, GIVEN, Chance, _reached
from compendium.evidence import paths
from compendium.methods.tiers import multiverse, ordered


@pytest.fixture(scope="module")
def facts():
    return politics.facts()


@pytest.fixture(scope="module")
def model(facts):
    return politics.one_model(facts)


def test_the_first_model_and_its_effect_are_statsmodels(model):
    """Slopes by maximum likelihood elsewhere, the marginal effect as a difference of predictions."""
    data, fit = model.data, model.fit
    z = (data.design - data.design.mean(axis=0)) / data.design.std(axis=0)
    other = OrderedModel(data.outcome, z, distr="logit").fit(method="bfgs", disp=0, maxiter=500, gtol=1e-7)
    slopes = np.asarray(other.params)[: z.shape[1]] / data.design.std(axis=0)
    np.testing.assert_allclose(fit.slopes, slopes, atol=2e-4)

    step = 1e-3 / data.design[:, 0].std()
    moved = z.copy()
    moved[:, 0] += step
    worse = [np.asarray(other.predict(exog=x))[:, 2:].sum(axis=1).mean() for x in (moved, z)]
    effect = (worse[0] - worse[1]) / 1e-3
    effects = ordered.average_marginal_effects(fit, data.design).set_index(["column", "event"])
    assert effects.loc[("voting_distance", ">= 2"), "estimate"] == pytest.approx(effect, rel=2e-3)
    assert model.effects.estimate["voting_distance"] == pytest.approx(100 * effect, rel=2e-3)


def test_proportional_odds_fails_and_not_by_votes(model):
    """Separate binary logits of statsmodels have slopes of one sign for votes, of two for democracy."""
    data, test = model.data, politics.steps(model).test
    assert test.p < 0.001
    design = np.column_stack([np.ones(len(data.outcome)), data.design])
    votes, democracy = 1, 1 + data.names.index("democracy")
    slopes = pd.DataFrame(
        [
            Logit((data.outcome >= cut).astype(int), design).fit(disp=0).params[[votes, democracy]]
            for cut in (1, 2, 3)
        ]
    )
    own = test.slopes[test.slopes["column"].isin(["voting_distance", "democracy"])]
    np.testing.assert_allclose(own["estimate"].to_numpy().reshape(2, 3).T, slopes.to_numpy(), atol=1e-5)
    assert (slopes[0] > 0).all()
    assert slopes[1].max() > 0 > slopes[1].min()


def test_a_country_compared_with_itself_is_the_regression_on_country_indicators(facts):
    """The counter-evidence: within-country models, one of them by plain least squares."""
    spec = replace(
        multiverse.BASELINE,
        outcome="watch list or worse",
        estimator="linear",
        country_effects="within",
        controls="income, population, democracy",
    )
    data = multiverse.data_of(facts.panel, spec)
    indicators = (data.clusters.codes[:, None] == np.arange(data.clusters.count)).astype(float)
    slopes = np.linalg.lstsq(np.hstack([data.design, indicators]), data.outcome.astype(float), rcond=None)[0]
    found = multiverse.run(facts.panel, [spec])
    assert found["effect"][0] == pytest.approx(100 * slopes[0], abs=1e-6)


def test_each_country_is_moved_from_its_last_row(facts, model):
    """The last report of every country, found again by pandas; unmoved, the model's own forecast."""
    known = politics.what_if(facts, model)
    panel, places = facts.panel, model.data.rows
    rows = pd.DataFrame({"country": panel.country[places], "year": panel.year[places]})
    last = rows.groupby("country").year.max()
    found = known.people.set_index("iso3").year
    assert found.to_dict() == {panel.names[country]: year for country, year in last.items()}
    place = rows.index[rows.country == panel.names.index("KHM")][-1]
    forecast = ordered.probabilities(model.fit, model.data.design[[place]])[0]
    np.testing.assert_allclose(known.chance("KHM").by_outcome, forecast, atol=1e-4)


# ------------------------------------------------------------------------------------------------ planted results


def planted(rows, draws=9):
    """A curve whose models (changes of the baseline, estimate, p) are given; each score t is its estimate.

    Draws are all zero, so that p is 1 in 10 for a part with a positive median, and 1 for any other.
    """
    specs = [replace(multiverse.BASELINE, **change) for change, _, _ in rows]
    results = pd.DataFrame([asdict(spec) for spec in specs])
    results["estimate"], results["p"] = [row[1] for row in rows], [row[2] for row in rows]
    results["effect"], results["effect_low"], results["effect_high"] = (results["estimate"] + k for k in (0, -1, 1))
    results["observations"] = range(100, 100 + len(rows))
    results["status"] = ordered.CONVERGED
    results["family"] = [multiverse.POLITICS[spec.politics].family for spec in specs]
    results["event"] = [multiverse.OUTCOMES[spec.outcome][1] for spec in specs]
    results["predicted"] = results["estimate"] > 0
    results["distinguishable"] = results["predicted"] & (results["p"] < 0.05)
    scores = np.column_stack([results["estimate"], np.zeros((len(rows), draws))])
    one = multiverse.PermutationTest(GIVEN, len(rows), 0, pd.DataFrame(), pd.DataFrame(), scores, 100)
    return Models(Grid(len(rows), specs), results), Chance(specs, one, plain=Chance(specs, one))


WITHIN = {"outcome": "watch list or worse", "estimator": "linear", "country_effects": "within"}
ROWS = [
    ({}, 3.0, 0.01),
    ({"performance": "none"}, 1.0, 0.20),
    ({"performance": "3P total"}, -1.0, 0.30),
    ({"politics": "us_trade"}, -3.0, 0.01),
    ({"politics": "us_trade", "years": "2001-2015", "outcome": "three tiers"}, 2.5, 0.01),
    ({"politics": "us_troops", **WITHIN, "controls": "none"}, 3.0, 0.04),
    ({"politics": "us_trade", "performance": "none", **WITHIN, "controls": "none"}, -3.0, 0.04),
]


def test_the_verdict_counts_the_models_of_the_rule_on_each_side():
    """Between: t of 3, -3 and 2.5, two of three distinguishable; within: one of 3. The draws are all zero."""
    _, chance = planted(ROWS)
    assert politics.political_tiers(chance) == pytest.approx(
        {
            "between_for": 0.1,
            "between_against": 1.0,
            "between_share": 2 / 3,
            "between_null": 0.0,
            "between_lean": 2.5 / (2.5**2 + 99) ** 0.5,
            "between_most": 2.5 / (2.5**2 + 99) ** 0.5,
            "within_for": 0.1,
            "within_against": 1.0,
            "within_share": 1.0,
            "within_null": 0.0,
            "within_lean": 3 / (3**2 + 99) ** 0.5,
            "within_most": 3 / (3**2 + 99) ** 0.5,
        }
    )


def test_each_alternative_counts_the_models_that_it_names():
    _, chance = planted(ROWS)
    apart = chance.choices
    assert chance.independent.tolist() == [True, False, False, True, True, True, False]
    parts = {
        "votes": chance.independent & (apart.family == "votes").to_numpy(),
        "3P": apart.performance.str.contains("3P").to_numpy(),
        "not held": (apart.performance == "none").to_numpy(),
    }
    assert chance.test("between", parts["votes"]).joint() == (0.1, 1.0)
    assert chance.test("between", parts["3P"]).joint()[0] == 1.0
    assert chance.test("within", parts["not held"]).joint() == (1.0, 0.1)
    assert chance.test("between", parts["not held"]).specifications == 1


@pytest.fixture(scope="module")
def few(facts):
    """Eight models of the rule, between and within, tested with few draws."""
    specs = [
        replace(multiverse.BASELINE, politics=politics_by, performance=performance, **model)
        for politics_by in ("voting_distance", "us_trade")
        for performance in ("rule of law", "control of corruption")
        for model in ({}, {**WITHIN, "controls": "none"})
    ]
    return Chance(specs, multiverse.permutation_test(facts.panel, specs, draws=19, null=GIVEN))


def test_later_lists_reach_the_models_whose_window_is_open(facts, few):
    """The same models on all complete lists: the reports of 2016 to 2018 join, and the model spelled out grows."""
    found = politics.with_later_lists(facts, few)
    assert found.years == [2016, 2017, 2018]
    assert found.reached == len(found.chance.specs) == 8
    assert found.model.fit.observations > politics.one_model(facts).fit.observations
    assert found.shares.share_predicted.equals(_observed(few, found.shares.part))


def _observed(chance, parts):
    families = {"votes": "votes", "aid and trade": "money", "pacts and troops": "security"}
    every, shares = np.ones(len(chance.specs), dtype=bool), []
    for part in parts:
        side, _, family = part.replace(" countries", "").partition(", ")
        chosen = (chance.choices.family == families[family]).to_numpy() if family else every
        shares.append((chance.given.scores[chosen & chance.side(side), 0] > 0).mean() if chosen.any() else np.nan)
    return pd.Series(shares, name="share_predicted")


def packed(models):
    coded = curve_figure._coded(models.results)
    sizes = [len(choice.options) for choice in curve_figure.CHOICES.values()]
    return columns.columns_of(models.results, coded, sizes)


def test_a_packed_model_unpacks_to_its_own_choices():
    """As `columns` says that they lie: a bit a combination, then a byte and two bytes for each that is a model."""
    models, _ = planted(ROWS)
    data = {name: base64.b64decode(text) for name, text in columns.packed(packed(models)).items()}
    sizes = [len(choice.options) for choice in curve_figure.CHOICES.values()]
    valid = np.flatnonzero(np.unpackbits(np.frombuffer(data["valid"], np.uint8)))
    effects = np.frombuffer(data["effects"], "<i2")
    found = {}
    for combination, kind, effect in zip(valid, data["kinds"], effects, strict=True):
        digits = np.unravel_index(combination, sizes)
        options = [c.options[d] for c, d in zip(curve_figure.CHOICES.values(), digits, strict=True)]
        found[tuple(options)] = columns.KINDS[kind], effect / 10
    for spec, row in zip(models.grid.valid, models.results.itertuples(), strict=True):
        own = asdict(spec) | {"model": curve_figure.MODEL_NAMES[spec.outcome, spec.estimator, spec.country_effects]}
        better, sure = row.estimate > 0, row.p < 0.05
        kind = {(True, True): "d", (True, False): "p", (False, False): "n", (False, True): "o"}[better, sure]
        assert found.pop(tuple(own[name] for name in curve_figure.CHOICES)) == (kind, row.effect)
    assert not found


@pytest.mark.browser
def test_the_page_counts_the_models_that_the_package_counts(browser):
    """Random strikes over the real grid with made-up effects, some models failed: numbers, bars and median."""
    rng = np.random.default_rng(5)
    specs, _ = multiverse.grid(politics.facts().panel.reach)
    results = pd.DataFrame({name: [getattr(spec, name) for spec in specs] for name in multiverse.CHOICES})
    results["effect"], results["p"] = rng.normal(4, 8, len(specs)), rng.random(len(specs)) ** 3
    results.loc[:99, "effect"] = -0.01  # against by less than the page tells apart
    results["predicted"] = results["effect"] > 0
    results["distinguishable"] = results["predicted"] & (results["p"] < 0.05)
    results["status"] = np.where(rng.random(len(specs)) < 0.03, ordered.SEPARATION, ordered.CONVERGED)
    some = packed(Models(Grid(0, specs), results))
    context = browser.new_context()
    page = context.new_page()
    page.add_script_tag(path=str(paths.BOOK / "assets" / "counts.js"))
    states = [curve_figure.EVERYTHING, curve_figure.EVERYTHING | {"politics": ""}]
    for _ in range(25):
        states.append(
            {
                name: "".join(digit for digit in digits if rng.random() < 0.7)
                for name, digits in curve_figure.EVERYTHING.items()
            }
        )
    states.append(curve_figure.EVERYTHING | {"model": "1", "lag": "2"})
    found = page.evaluate(
        "([data, rule, states]) => states.map((state) => countModels(data, rule, state))",
        [columns.packed(some), curve_figure.COUNTS, [list(state.values()) for state in states]],
    )
    context.close()
    assert [curve_figure._counted(some, state) for state in states] == found
    assert len({numbers["all"] for numbers in found}) > 10


def test_lotteries_that_do_as_well_are_counted_without_the_real_world():
    assert [_reached(count / (DRAWS + 1)) for count in (1, 2, 50)] == ["none", "one", "49"]


def test_the_corners_of_the_raw_rates_are_named_for_law_and_votes():
    cells = [(within, by) for within in range(3) for by in range(3)]
    raw = pd.DataFrame(
        [(within, by, within / 10 + by / 100, 0.0, 1.0, 10 * within + by) for within, by in cells],
        columns=["within", "by", "share", "low", "high", "countries"],
    )
    words = politics.words_on_raw(raw)
    corners = ("weak_near", "weak_far", "middle_near", "middle_far", "strong_near", "strong_far")
    assert {name: words[name] for name in corners} == {
        "weak_near": "0%",
        "weak_far": "2%",
        "middle_near": "10%",
        "middle_far": "12%",
        "strong_near": "20%",
        "strong_far": "22%",
    }
    assert words["strong_far_countries"] == "22"
    assert words["weak_far_interval"] == "0% to 100%"
