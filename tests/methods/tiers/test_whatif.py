"""What the model says of a moved row: against statsmodels' prediction and refits of the derivative."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from compendium.methods.tiers import ordered, whatif


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(11)
    clusters = np.repeat(np.arange(60), 8)
    design = rng.normal(size=(480, 3)) + rng.normal(size=(60, 3))[clusters]
    latent = design @ [1.0, -0.7, 0.2] + rng.logistic(size=480)
    outcome = np.digitize(latent, [-1.5, 0.5, 2.0])
    fit = ordered.fit_ordered(outcome, design, clusters, ["votes", "law", "other"])
    return outcome, design, fit


MOVES = [{}, {"votes": -1.3}, {"law": 2.0}, {"votes": 0.4, "law": -1.0}]


@pytest.mark.parametrize("moves", MOVES)
def test_probabilities_are_statsmodels_predictions_for_the_moved_row(world, moves):
    outcome, design, fit = world
    prepared = whatif.prepare(fit, design, ["votes", "law"], 2)
    model = OrderedModel(outcome, design, distr="logit").fit(method="bfgs", disp=0, gtol=1e-9)
    for row in (0, 77, 300):
        moved = design[row] + [moves.get("votes", 0), moves.get("law", 0), 0]
        expected = np.asarray(model.predict(exog=moved[None, :]))[0]
        found = whatif.chance(prepared, row, moves)
        np.testing.assert_allclose(found.by_outcome, expected, atol=1e-5)
        assert found.event == pytest.approx(expected[2:].sum(), abs=1e-5)


@pytest.mark.parametrize("moves", MOVES)
def test_interval_is_the_numerical_delta_method(world, moves):
    _, design, fit = world
    prepared = whatif.prepare(fit, design, ["votes", "law"], 2)
    row = 41
    moved = design[row] + [moves.get("votes", 0), moves.get("law", 0), 0]
    estimate = np.concatenate([fit.slopes, fit.thresholds])

    def log_odds(theta):
        return moved @ theta[:3] - theta[3 + 1]

    steps = 1e-5 * np.eye(len(estimate))
    gradient = np.array([(log_odds(estimate + s) - log_odds(estimate - s)) / 2e-5 for s in steps])
    reach = fit.critical() * np.sqrt(gradient @ fit.covariance @ gradient)
    found = whatif.chance(prepared, row, moves)
    assert (found.low, found.high) == pytest.approx(tuple(expit(log_odds(estimate) + np.array([-reach, reach]))))


def test_no_move_gives_back_the_fitted_probability_and_a_move_goes_the_way_of_the_slope(world):
    _, design, fit = world
    prepared = whatif.prepare(fit, design, ["votes", "law"], 3)
    still = whatif.chance(prepared, 5, {})
    assert still.event == pytest.approx(ordered.probabilities(fit, design[[5]])[0, 3])
    closer = whatif.chance(prepared, 5, {"votes": -1})
    assert logit(closer.event) - logit(still.event) == pytest.approx(-fit.slopes[0])
    assert still.by_outcome.sum() == pytest.approx(1)


def test_the_chance_of_each_event_is_that_of_its_outcomes(world):
    _, design, fit = world
    for event in (1, 2, 3):
        found = whatif.chance(whatif.prepare(fit, design, ["law"], event), 9, {"law": 0.5})
        assert found.event == pytest.approx(found.by_outcome[event:].sum())
        assert 0 < found.low < found.event < found.high < 1


def test_interval_covers_the_truth_of_a_moved_row():
    rng = np.random.default_rng(12)
    clusters = np.repeat(np.arange(50), 6)
    target = np.array([[0.5, 0.5], [0.0, 0.0]])
    truth = expit(1.0 * -0.5 + 0.5 * 0.5 - 0.5)  # row moved in its first column by -1
    covered = 0
    for _ in range(200):
        x = rng.normal(size=(300, 2))
        y = np.digitize(x @ [1.0, 0.5] + rng.logistic(size=300), [-1.0, 0.5])
        fit = ordered.fit_ordered(y, x, clusters, ["a", "b"])
        found = whatif.chance(whatif.prepare(fit, target, ["a"], 2), 0, {"a": -1.0})
        covered += found.low <= truth <= found.high
    assert 0.90 <= covered / 200 <= 0.985


def test_what_cannot_be_asked_is_refused_in_one_line(world):
    _, design, fit = world
    with pytest.raises(ValueError, match="found 'trade'; name one of"):
        whatif.prepare(fit, design, ["trade"], 2)
    with pytest.raises(ValueError, match="found 'trade'; name one of"):
        whatif.prepare(fit, design, ["votes", "trade", "aid"], 2)
    for event in (0, 4):
        with pytest.raises(ValueError, match=f"expected an event from 1 to 3, found {event}"):
            whatif.prepare(fit, design, ["votes"], event)
    with pytest.raises(ValueError, match="expected a converged fit, found separated"):
        whatif.prepare(replace(fit, status="separated"), design, ["votes"], 2)
    flat = ordered.fit_ordered(np.arange(40) % 3, np.ones((40, 1)), np.arange(40), ["flat"])
    with pytest.raises(ValueError, match=r"found constant column \(flat\)"):
        whatif.prepare(flat, np.ones((40, 1)), ["flat"], 1)
