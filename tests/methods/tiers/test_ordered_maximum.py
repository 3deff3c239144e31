"""How the maximum is climbed to: its steps, its starts, and what it says where there is none."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from statsmodels.tools.numdiff import approx_fprime, approx_hess

from compendium.methods.tiers import ordered
from compendium.methods.tiers.ordered import maximum
from compendium.methods.tiers.ordered.likelihood import Likelihood


def some_data(seed=1, rows=120, categories=3):
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(rows, 2)) * [1.0, 20.0] + [0.0, 100.0]
    latent = design @ [0.8, -0.03] + 3 + rng.logistic(size=rows)
    return np.digitize(latent, np.linspace(-0.8, 1.2, categories - 1)), design, np.arange(rows) // 4


@pytest.mark.parametrize("categories", [2, 3, 4])
def test_the_maximum_is_the_one_that_a_general_climber_finds(categories):
    outcome, design, groups = some_data(categories=categories)
    fit = ordered.fit_ordered(outcome, design, groups)
    scaled = (design - design.mean(axis=0)) / design.std(axis=0)

    def loss(theta):
        cuts = np.cumsum(np.concatenate([theta[2:3], np.exp(theta[3:])]))
        edges = np.concatenate([[-np.inf], cuts, [np.inf]])
        linear = scaled @ theta[:2]
        return -np.sum(np.log(expit(edges[outcome + 1] - linear) - expit(edges[outcome] - linear)))

    best = minimize(loss, np.zeros(categories + 1), method="BFGS", options={"gtol": 1e-7})
    slopes = best.x[:2] / design.std(axis=0)
    assert fit.slopes == pytest.approx(slopes, abs=1e-5)
    cuts = np.cumsum(np.concatenate([best.x[2:3], np.exp(best.x[3:])]))
    assert fit.thresholds == pytest.approx(cuts + design.mean(axis=0) @ slopes, abs=1e-4)
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-7)
    assert fit.kind == ("logit" if categories == 2 else "ordered logit")
    assert (fit.observations, fit.clusters) == (120, 30)


@pytest.mark.parametrize("categories", [2, 4])
def test_the_covariance_is_the_sandwich_of_numerical_derivatives(categories):
    outcome, design, groups = some_data(categories=categories)
    fit = ordered.fit_ordered(outcome, design, groups)
    theta = np.concatenate([fit.slopes, fit.thresholds])

    def by_row(theta):
        edges = np.concatenate([[-np.inf], theta[2:], [np.inf]])
        linear = design @ theta[:2]
        return np.log(expit(edges[outcome + 1] - linear) - expit(edges[outcome] - linear))

    scores = approx_fprime(theta, by_row, centered=True)
    hessian = approx_hess(theta, lambda theta: by_row(theta).sum())
    by_group = np.array([scores[groups == group].sum(axis=0) for group in range(30)])
    bread = np.linalg.inv(-hessian)
    expected = 30 / 29 * 119 / (120 - len(theta)) * bread @ by_group.T @ by_group @ bread
    scale = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(
        fit.covariance / np.outer(scale, scale), expected / np.outer(scale, scale), atol=1e-3
    )


def defective(kind):
    outcome, design, groups = some_data(categories=4)
    if kind == "constant":
        design[:, 1] = 4.0
    elif kind == "collinear":
        design = np.column_stack([design, design @ [2.0, 1.0] - 3])
    elif kind == "alone":
        design = np.column_stack([design[:, 0], (outcome == 3) & (groups % 2 == 0), design[:, 1]])
    elif kind == "together":
        design = np.column_stack([design[:, 0], design[:, 0] + outcome])
    return outcome, design, groups


@pytest.mark.parametrize(
    ("kind", "status", "detail"),
    [
        ("constant", ordered.CONSTANT, "x1"),
        ("collinear", ordered.COLLINEAR, "x0, x1, x2"),
        ("alone", ordered.SEPARATION, "x1"),
        ("together", ordered.SEPARATION, "x0, x1"),
    ],
)
def test_what_has_no_maximum_has_no_number(kind, status, detail):
    outcome, design, groups = defective(kind)
    fit = ordered.fit_ordered(outcome, design, groups)
    assert (fit.status, fit.detail, fit.kind) == (status, detail, "ordered logit")
    size = design.shape[1] + 3
    assert fit.covariance.shape == (size, size) and np.isnan(fit.covariance).all()
    assert np.isnan(fit.slopes).all() and np.isnan(fit.thresholds).all()
    assert (fit.observations, fit.clusters) == (120, 30)


def test_large_estimates_that_exist_are_kept():
    """Of 5000 rows on either side one is off the pattern: the slope is twice the log odds, over a wide column."""
    x = np.repeat([0.0, 100.0], 5000)
    outcome = (x > 0).astype(int)
    outcome[0], outcome[-1] = 1, 0
    fit = ordered.fit_logit(outcome, x[:, None], np.arange(10000) // 10)
    assert fit.status == ordered.CONVERGED
    assert fit.slopes[0] * 100 == pytest.approx(2 * np.log(4999))
    assert fit.slopes[0] * 100 > maximum.SUSPECT_LOG_ODDS


def test_running_out_of_steps_is_told_with_the_steps(monkeypatch):
    outcome, design, groups = some_data()
    needed = ordered.fit_ordered(outcome, design, groups).iterations
    for most, status in ((needed, ordered.CONVERGED), (needed - 1, ordered.NOT_CONVERGED)):
        monkeypatch.setattr(maximum, "MAX_ITERATIONS", most)
        fit = ordered.fit_ordered(outcome, design, groups)
        assert fit.status == status
    assert fit.detail == f"after {needed - 1} steps"


def test_a_step_too_long_is_halved_until_the_likelihood_no_longer_falls():
    outcome, design, _ = some_data()
    model = Likelihood(outcome, (design - design.mean(axis=0)) / design.std(axis=0), 3)
    theta = np.array([0.0, 0.0, -1.0, 1.0])
    now = model.at(theta[:2], theta[2:])
    uphill = np.linalg.solve(now.information, now.gradient)
    whole, point = maximum._uphill(model, 2, theta, uphill, now.value)
    assert whole == pytest.approx(theta + uphill)
    assert point.value > now.value
    for times in (32, 200):
        reached, point = maximum._uphill(model, 2, theta, times * uphill, now.value)
        share = (reached - theta)[0] / uphill[0] / times
        assert share < 1 and np.log2(share) == pytest.approx(round(np.log2(share)))
        assert point.value >= now.value - 1e-6
        twice = theta + 2 * (reached - theta)
        beyond = model.at(twice[:2], twice[2:])
        assert beyond is None or beyond.value < now.value


def test_a_step_that_crosses_thresholds_is_halved():
    outcome, design, _ = some_data()
    model = Likelihood(outcome, np.zeros_like(design), 3)
    theta = np.array([0.0, 0.0, -5.0, 5.0])  # far too far apart: to bring them nearer helps
    value = model.at(theta[:2], theta[2:]).value
    reached, point = maximum._uphill(model, 2, theta, np.array([0.0, 0.0, 9.0, -9.0]), value)
    assert reached == pytest.approx([0.0, 0.0, -0.5, 0.5])
    assert point.value > value


def test_where_every_share_of_a_step_leads_down_there_is_none():
    outcome, design, _ = some_data()
    model = Likelihood(outcome, (design - design.mean(axis=0)) / design.std(axis=0), 3)
    theta = np.array([0.5, -0.5, -1.0, 1.0])
    now = model.at(theta[:2], theta[2:])
    assert maximum._uphill(model, 2, theta, np.array([1e15, 0.0, 0.0, 0.0]), now.value) is None


def test_separation_is_tested_at_the_declared_step():
    outcome = np.repeat([0, 1, 2], 10)
    x = outcome + np.tile(np.linspace(-0.4, 0.4, 10), 3)
    fit = ordered.fit_ordered(outcome, x[:, None], np.arange(30) % 6, names=["x"])
    assert (fit.status, fit.detail, fit.iterations) == (ordered.SEPARATION, "x", maximum.SEPARATION_TESTED)


@pytest.mark.parametrize("slope", [53.0, 58.0, 200.0])
def test_a_start_far_out_does_not_hide_separation(slope):
    """Two rows of 102 are apart: so far out the likelihood is flat at once, before separation is tested for."""
    x = np.append(np.linspace(-1e-4, 1e-4, 100), [1.0, 1.0001])
    outcome = np.append(np.zeros(100, dtype=int), [1, 1])
    start = np.array([slope, slope / 2 + np.log(50) / 2])  # both sides lose alike
    fit = ordered.fit_logit(outcome, x[:, None], np.arange(102), ["x"], start=start)
    assert 0 < fit.iterations < maximum.SEPARATION_TESTED
    assert (fit.status, fit.detail) == (ordered.SEPARATION, "x")
    assert np.isnan(fit.slopes).all()


def test_a_start_with_thresholds_is_in_the_units_of_the_columns_as_given():
    outcome, design, groups = some_data()
    fit = ordered.fit_ordered(outcome, design, groups)
    again = ordered.fit_ordered(outcome, design, groups, start=np.concatenate([fit.slopes, fit.thresholds]))
    assert again.iterations == 1 < fit.iterations
    slopes_alone = ordered.fit_ordered(outcome, design, groups, start=fit.slopes)
    for other in (again, slopes_alone):
        assert other.slopes == pytest.approx(fit.slopes, abs=1e-8)
        assert other.standard_errors == pytest.approx(fit.standard_errors, rel=1e-6)


@pytest.mark.parametrize(
    ("outcome", "categories", "message"),
    [
        ([0, 1, 2, 1], 2, "expected outcomes 0 to 1, at least two, found 0 to 2"),
        ([0, 0, 0, 0], None, "expected outcomes 0 to 0, at least two, found 0 to 0"),
        ([0, 0, 0, 0], 1, "expected outcomes 0 to 0, at least two, found 0 to 0"),
        ([-1, 1, 0, 1], 2, "found -1 to 1"),
    ],
)
def test_outcomes_outside_the_categories_are_refused(outcome, categories, message):
    with pytest.raises(ValueError, match=message):
        ordered.fit_ordered(outcome, np.arange(4.0)[:, None], np.arange(4), categories=categories)


def test_categories_that_nobody_is_in_are_named():
    outcome, design, groups = some_data()
    fit = ordered.fit_ordered(outcome, design, groups, categories=4)
    assert (fit.status, fit.detail) == (ordered.SEPARATION, "no observation in category 3")
    assert ordered.fit_ordered(outcome, design, groups, categories=3).status == ordered.CONVERGED
