"""The fast fitters against statsmodels, closed forms and simulations with known truth."""

import numpy as np
import pytest
from exact_ordered import ExactOrderedModel
from scipy import stats
from scipy.special import expit, logit, ndtr
from statsmodels.discrete.discrete_model import Logit
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.numdiff import approx_fprime

from compendium.methods.tiers import ordered
from compendium.methods.tiers.ordered import maximum
from compendium.methods.tiers.ordered.likelihood import Likelihood, marginal_thresholds
from compendium.methods.tiers.ordered.separation import separating_columns


def fitted_by_statsmodels(outcome, design, clusters):
    model = ExactOrderedModel(outcome, design, distr="logit")
    rough = model.fit(method="bfgs", maxiter=500, gtol=1e-4, disp=0)
    with_clusters = {"cov_type": "cluster", "cov_kwds": {"groups": clusters}}
    result = model.fit(start_params=rough.params, method="newton", maxiter=30, tol=1e-10, disp=0, **with_clusters)
    return result, model.transform_threshold_params(result.params)[1:-1]


def clustered_data(rng, countries, years, columns, categories=4, within=0.5, slopes=None):
    """Ordered outcomes whose margin is exactly a logit, dependent within clusters through a Gaussian copula."""
    n = countries * years
    groups = np.repeat(np.arange(countries), years)
    design = 0.8 * rng.normal(size=(countries, columns))[groups] + 0.6 * rng.normal(size=(n, columns))
    beta = np.linspace(0.6, -0.4, columns) if slopes is None else np.asarray(slopes)
    shock = np.sqrt(within) * rng.normal(size=countries)[groups] + np.sqrt(1 - within) * rng.normal(size=n)
    latent = design @ beta + logit(ndtr(shock))
    cuts = np.linspace(-1.2, 1.5, categories - 1)
    return np.searchsorted(cuts, latent), design, groups, beta, cuts


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.ConvergenceWarning")
@pytest.mark.parametrize("seed", range(10))
def test_ordered_logit_equals_statsmodels(seed):
    rng = np.random.default_rng(seed)
    columns, categories = int(rng.integers(1, 6)), int(rng.integers(3, 6))
    outcome, design, groups, _, _ = clustered_data(rng, 40, int(rng.integers(5, 12)), columns, categories)
    design[:, 0] = design[:, 0] * 7 + 30  # off-centre and on another scale
    if columns > 2:
        design[:, 2] = design[:, 2] > 0.3
    mine = ordered.fit_ordered(outcome, design, groups)
    theirs, thresholds = fitted_by_statsmodels(outcome, design, groups)
    assert mine.status == ordered.CONVERGED
    np.testing.assert_allclose(mine.slopes, theirs.params[:columns], atol=1e-6)
    np.testing.assert_allclose(mine.thresholds, thresholds, atol=2e-5)  # theirs sum columns far from zero
    np.testing.assert_allclose(mine.standard_errors, theirs.bse[:columns], atol=1e-5)
    assert mine.log_likelihood == pytest.approx(theirs.llf, abs=1e-8)


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.ConvergenceWarning")
def test_threshold_errors_equal_statsmodels_by_delta_method():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(3), 50, 8, 2)
    mine = ordered.fit_ordered(outcome, design, groups)
    theirs, _ = fitted_by_statsmodels(outcome, design, groups)
    jacobian = approx_fprime(
        theirs.params, lambda p: theirs.model.transform_threshold_params(p)[1:-1], centered=True
    )
    errors = np.sqrt(np.diag(jacobian @ theirs.cov_params() @ jacobian.T))
    np.testing.assert_allclose(mine.threshold_errors, errors, atol=1e-5)


def test_logit_equals_statsmodels_with_clustered_errors_and_marginal_effects():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(5), 60, 9, 3, categories=2)
    mine = ordered.fit_logit(outcome, design, groups)
    exog = np.column_stack([design, np.ones(len(outcome))])
    theirs = Logit(outcome, exog).fit(disp=0, tol=1e-12, cov_type="cluster", cov_kwds={"groups": groups})
    np.testing.assert_allclose(np.append(mine.slopes, -mine.thresholds), theirs.params, atol=1e-8)
    errors = np.append(mine.standard_errors, mine.threshold_errors)
    np.testing.assert_allclose(errors, theirs.bse, atol=1e-8)
    effects = theirs.get_margeff(at="overall", method="dydx")
    for column in range(3):
        effect, se = ordered.marginal_effect(mine, design, column, at_least=1)
        assert effect == pytest.approx(effects.margeff[column], abs=1e-8)
        assert se == pytest.approx(effects.margeff_se[column], abs=1e-8)


def test_linear_equals_statsmodels_with_clustered_errors():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(6), 30, 6, 3, categories=2)
    mine = ordered.fit_linear(outcome, design, groups)
    exog = np.column_stack([design, np.ones(len(outcome))])
    theirs = OLS(outcome, exog).fit(cov_type="cluster", cov_kwds={"groups": groups})
    np.testing.assert_allclose(np.append(mine.slopes, -mine.thresholds), theirs.params, atol=1e-10)
    errors = np.append(mine.standard_errors, mine.threshold_errors)
    np.testing.assert_allclose(errors, theirs.bse, atol=1e-10)
    assert mine.log_likelihood == pytest.approx(theirs.llf, abs=1e-9)
    assert (mine.kind, mine.iterations) == ("linear", 1)


def test_within_equals_dummies_but_for_the_intercepts_that_are_not_counted():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(7), 30, 6, 2, categories=2)
    shuffled = np.random.default_rng(8).permutation(len(groups))
    outcome, design, groups = outcome[shuffled], design[shuffled], groups[shuffled]
    mine = ordered.fit_linear(outcome, design, groups, within=True)
    dummies = (groups[:, None] == np.arange(30)).astype(float)
    theirs = OLS(outcome, np.hstack([design, dummies])).fit(cov_type="cluster", cov_kwds={"groups": groups})
    n = len(groups)
    np.testing.assert_allclose(mine.slopes, theirs.params[:2], atol=1e-10)
    np.testing.assert_allclose(mine.standard_errors, theirs.bse[:2] * np.sqrt((n - 32) / (n - 3)), atol=1e-10)
    assert mine.log_likelihood == pytest.approx(theirs.llf, abs=1e-9)
    assert mine.kind == "linear within"


def test_binary_covariate_has_the_closed_form():
    # one indicator, two outcomes: the slope is the log odds ratio of the 2x2 table
    table = {(0, 0): 30, (0, 1): 10, (1, 0): 15, (1, 1): 25}
    rows = np.array([cell for cell, count in table.items() for _ in range(count)])
    fit = ordered.fit_logit(rows[:, 1], rows[:, [0]], np.arange(len(rows)))
    assert fit.slopes[0] == pytest.approx(np.log(25 * 30 / (15 * 10)), abs=1e-9)
    assert fit.thresholds[0] == pytest.approx(np.log(30 / 10), abs=1e-9)


def test_rows_may_come_in_any_order_and_from_any_start():
    rng = np.random.default_rng(9)
    outcome, design, groups, _, _ = clustered_data(rng, 40, 7, 3)
    fit = ordered.fit_ordered(outcome, design, groups)
    shuffled = rng.permutation(len(groups))
    labels = np.array([f"country {g:03d}" for g in groups])
    other = ordered.fit_ordered(
        outcome[shuffled], design[shuffled], labels[shuffled], start=np.array([50.0, -40.0, np.nan])
    )
    np.testing.assert_allclose(other.slopes, fit.slopes, atol=1e-9)
    np.testing.assert_allclose(other.covariance, fit.covariance, atol=1e-9)
    again = ordered.fit_ordered(outcome, design, groups, start=np.concatenate([fit.slopes, fit.thresholds]))
    np.testing.assert_allclose(again.slopes, fit.slopes, atol=1e-9)
    assert again.iterations < fit.iterations


def test_gradient_is_zero_and_information_is_the_hessian_at_the_estimate():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(10), 30, 5, 2)
    fit = ordered.fit_ordered(outcome, design, groups)

    def likelihood(theta):
        edges = np.concatenate([[-np.inf], theta[2:], [np.inf]])
        linear = design @ theta[:2]
        return np.sum(np.log(expit(edges[outcome + 1] - linear) - expit(edges[outcome] - linear)))

    theta = np.concatenate([fit.slopes, fit.thresholds])
    assert likelihood(theta) == pytest.approx(fit.log_likelihood, abs=1e-9)
    np.testing.assert_allclose(approx_fprime(theta, likelihood, centered=True), 0, atol=1e-5)
    point = Likelihood(outcome, design, 4).at(theta[:2] + 0.1, theta[2:] - 0.2)
    moved = theta + np.array([0.1, 0.1, -0.2, -0.2, -0.2])
    np.testing.assert_allclose(
        point.gradient, approx_fprime(moved, likelihood, centered=True), rtol=1e-6, atol=1e-5
    )
    hessian = approx_fprime(
        moved,
        lambda t: Likelihood(outcome, design, 4).at(t[:2], t[2:]).gradient,
        centered=True,
    )
    np.testing.assert_allclose(point.information, -hessian, rtol=1e-5, atol=1e-5)


def test_marginal_effects_are_numerical_derivatives_and_sum_to_nothing():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(11), 60, 8, 2)
    fit = ordered.fit_ordered(outcome, design, groups, names=["a", "b"])
    table = ordered.average_marginal_effects(fit, design).set_index(["column", "event"])
    nudge = np.array([1e-5, 0.0])
    change = ordered.probabilities(fit, design + nudge) - ordered.probabilities(fit, design - nudge)
    for category in range(4):
        expected = change[:, category].mean() / 2e-5
        assert table.loc[("a", f"= {category}"), "estimate"] == pytest.approx(expected, abs=1e-7)
    single = table.loc["a"].loc[[f"= {c}" for c in range(4)], "estimate"]
    assert single.sum() == pytest.approx(0, abs=1e-12)
    assert ordered.probabilities(fit, design).sum(axis=1) == pytest.approx(1)
    reach = stats.t(59).ppf(0.975) * table["se"]  # of sixty clusters
    assert (table["high"] - table["estimate"]).to_numpy() == pytest.approx(reach)
    assert (table["estimate"] - table["low"]).to_numpy() == pytest.approx(reach)

    def effect(theta):
        linear = design @ theta[:2]
        share = expit(theta[3] - linear)
        return theta[0] * np.mean(share * (1 - share))

    theta = np.concatenate([fit.slopes, fit.thresholds])
    gradient = approx_fprime(theta, effect, centered=True)
    expected = np.sqrt(gradient @ fit.covariance @ gradient)
    assert table.loc[("a", ">= 2"), "se"] == pytest.approx(expected, rel=1e-6)
    assert ordered.marginal_effect(fit, design, 0, 2)[1] == pytest.approx(expected, rel=1e-6)

    def of_one(theta):
        upper, lower = (expit(theta[2 + cut] - design @ theta[:2]) for cut in (1, 0))
        return theta[0] * np.mean(lower * (1 - lower) - upper * (1 - upper))

    gradient = approx_fprime(theta, of_one, centered=True)
    expected = np.sqrt(gradient @ fit.covariance @ gradient)
    assert table.loc[("a", "= 1"), "estimate"] == pytest.approx(of_one(theta))
    assert table.loc[("a", "= 1"), "se"] == pytest.approx(expected, rel=1e-6)


def test_of_two_outcomes_what_one_gains_the_other_loses():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(5), 60, 9, 2, categories=2)
    fit = ordered.fit_logit(outcome, design, groups, names=["a", "b"])
    effects = ordered.average_marginal_effects(fit, design).set_index(["column", "event"])["estimate"]
    for column, at in (("a", 0), ("b", 1)):
        expected = ordered.marginal_effect(fit, design, at, 1)[0]
        assert effects[column].to_dict() == pytest.approx({">= 1": expected, "= 0": -expected, "= 1": expected})


def test_the_table_of_a_fit_is_student_s_with_a_degree_for_each_cluster_but_one():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(22), 12, 9, 2)
    fit = ordered.fit_ordered(outcome, design, groups)
    law, table = stats.t(11), fit.table(0.9)
    assert table["t"].to_numpy() == pytest.approx(fit.slopes / fit.standard_errors)
    assert table["p"].to_numpy() == pytest.approx(2 * law.sf(np.abs(table["t"])))
    for side, sign in (("low", -1), ("high", 1)):
        expected = fit.slopes + sign * law.ppf(0.95) * fit.standard_errors
        assert table[side].to_numpy() == pytest.approx(expected)
    assert fit.critical() == pytest.approx(law.ppf(0.975))


def test_thresholds_without_columns_are_the_log_odds_of_what_lies_below():
    assert marginal_thresholds(np.array([1, 2, 1])) == pytest.approx([-np.log(3), np.log(3)])


def test_a_column_that_stays_within_clusters_is_seen_whatever_its_scale():
    _, design, groups, _, _ = clustered_data(np.random.default_rng(14), 20, 7, 1)
    outcome = np.random.default_rng(15).integers(0, 2, len(groups))
    still = 1e6 * (1 / 3 + groups / 7)
    fit = ordered.fit_linear(outcome, np.column_stack([design[:, 0], still]), groups, within=True)
    assert (fit.status, fit.detail) == (ordered.CONSTANT, "x1")


def defective(kind):
    rng = np.random.default_rng(12)
    outcome, design, groups, _, _ = clustered_data(rng, 40, 6, 3)
    if kind == "constant":
        design[:, 1] = 4.0
    elif kind == "collinear":
        design[:, 2] = 2 * design[:, 0] - 3 * design[:, 1] + 1
    elif kind == "indicator":
        design[:, 1] = (outcome == 3) & (groups < 12)
    elif kind == "complement":
        design[:, 1] = 1 - ((outcome == 0) & (groups < 12))
    elif kind == "complete":
        design[:, 1] = outcome + rng.uniform(-0.3, 0.3, len(outcome))
    elif kind == "direction":
        # neither column separates alone: their difference does
        common = rng.normal(size=len(outcome)) * 3
        design[:, 0], design[:, 1] = common + outcome, common
    elif kind == "empty":
        outcome[outcome == 2] = 1
    return outcome, design, groups


@pytest.mark.parametrize(
    ("kind", "status", "named"),
    [
        ("constant", ordered.CONSTANT, "x1"),
        ("collinear", ordered.COLLINEAR, "x0, x1, x2"),
        ("indicator", ordered.SEPARATION, "x1"),
        ("complement", ordered.SEPARATION, "x1"),
        ("complete", ordered.SEPARATION, "x1"),
        ("direction", ordered.SEPARATION, "x0, x1"),
        ("empty", ordered.SEPARATION, "no observation in category 2"),
    ],
)
def test_what_cannot_be_estimated_is_reported_with_its_cause(kind, status, named):
    outcome, design, groups = defective(kind)
    fit = ordered.fit_ordered(outcome, design, groups, categories=4)
    assert fit.status == status
    assert named in fit.detail
    assert np.isnan(fit.slopes).all()
    assert fit.observations == len(outcome)
    assert fit.covariance.shape == (6, 6) and np.isnan(fit.covariance).all()
    with pytest.raises(ValueError, match=status):
        ordered.average_marginal_effects(fit, design)


def test_the_separation_certificate_separates_and_overlap_has_none():
    outcome, design, _ = defective("direction")
    direction = ordered.separating_direction(outcome, design, 4)
    score = design @ direction
    for category in range(3):
        assert score[outcome <= category].max() <= score[outcome > category].min() + 1e-7
    overlapping, design, *_ = clustered_data(np.random.default_rng(12), 40, 6, 3)
    assert ordered.separating_direction(overlapping, design, 4) is None


@pytest.mark.parametrize("kind", ["indicator", "complement"])
def test_a_column_that_separates_an_end_alone_is_found(kind):
    outcome, design, _ = defective(kind)
    assert separating_columns(outcome, design, 4).tolist() == [False, True, False]
    # One that stays still elsewhere and leaves its place to either side tells no end from the others.
    design[:, 1] = np.where(outcome == 3, np.resize([-1.0, 1.0], len(outcome)), 0.0)
    assert not separating_columns(outcome, design, 4).any()


def test_large_but_finite_estimates_are_not_called_separation():
    # 1 of 4000 off the pattern: log odds of about 8 per unit, over a range of 3 units
    x = np.repeat([0.0, 3.0], 2000)
    outcome = (x > 0).astype(int)
    outcome[0], outcome[-1] = 1, 0
    fit = ordered.fit_logit(outcome, x[:, None], np.arange(4000))
    assert fit.status == ordered.CONVERGED
    assert fit.slopes[0] == pytest.approx(2 * np.log(1999) / 3, abs=1e-6)


def test_running_out_of_steps_is_reported(monkeypatch):
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(13), 40, 6, 3)
    monkeypatch.setattr(maximum, "MAX_ITERATIONS", 2)
    fit = ordered.fit_ordered(outcome, design, groups)
    assert fit.status == ordered.NOT_CONVERGED
    assert "2 steps" in fit.detail
    monkeypatch.undo()
    needed = ordered.fit_ordered(outcome, design, groups).iterations
    for most, status in ((needed, ordered.CONVERGED), (needed - 1, ordered.NOT_CONVERGED)):
        monkeypatch.setattr(maximum, "MAX_ITERATIONS", most)
        assert ordered.fit_ordered(outcome, design, groups).status == status


def test_linear_models_report_constant_and_collinear_columns():
    _, design, groups, _, _ = clustered_data(np.random.default_rng(14), 20, 5, 2)
    outcome = np.random.default_rng(15).integers(0, 2, len(groups))
    by_country = np.column_stack([design[:, 0], groups % 3])
    assert ordered.fit_linear(outcome, by_country, groups).status == ordered.CONVERGED
    absorbed = ordered.fit_linear(outcome, by_country, groups, names=["a", "region"], within=True)
    assert (absorbed.status, absorbed.detail) == (ordered.CONSTANT, "region")
    assert absorbed.iterations == absorbed.thresholds.size == 0
    twice = np.column_stack([design[:, 0], design[:, 0] * 2 + 1])
    defect = ordered.fit_linear(outcome, twice, groups)
    assert (defect.status, defect.thresholds.size) == (ordered.COLLINEAR, 1)


@pytest.mark.parametrize(
    ("outcome", "design", "names", "message"),
    [
        ([0, 1, 2], np.ones((4, 1)), None, r"outcome \(n,\) and design \(n, k\), found \(3,\) and \(4, 1\)"),
        ([0, 1, 2, 1], np.array([[1], [2], [np.nan], [3]]), ["votes"], "'votes' expected finite numbers"),
        ([0, 1, 2, 1], np.ones(4), None, r"found \(4,\) and \(4,\)"),
        ([[0, 1], [1, 0]], np.ones((2, 1)), None, r"found \(2, 2\) and \(2, 1\)"),
        ([], np.ones((0, 1)), None, "found none"),
        ([0, 1, 2, 1], np.ones((4, 2)), ["votes"], "expected 2 column names, found 1"),
        ([0, 0, 0, 0], np.ones((4, 1)), None, "outcomes 0 to 0, at least two, found 0 to 0"),
        ([-1, 0, 1, 0], np.ones((4, 1)), None, "found -1 to 1"),
    ],
)
def test_bad_input_is_refused_in_one_line(outcome, design, names, message):
    with pytest.raises(ValueError, match=message) as caught:
        ordered.fit_ordered(outcome, design, np.arange(len(outcome)), names)
    assert "\n" not in str(caught.value)


def test_cluster_intervals_cover_and_naive_ones_do_not():
    rng = np.random.default_rng(16)
    runs, covered, naive_covered = 300, 0, 0
    for _ in range(runs):
        outcome, design, groups, beta, _ = clustered_data(rng, 80, 10, 1, within=0.7, slopes=[0.5])
        for labels in (groups, np.arange(len(groups))):
            row = ordered.fit_ordered(outcome, design, labels).table().iloc[0]
            inside = row["low"] <= beta[0] <= row["high"]
            if labels is groups:
                covered += inside
            else:
                naive_covered += inside
    # 99.9% binomial bounds around 0.95 and a little small-sample undercoverage
    assert 0.90 <= covered / runs <= 0.985
    assert naive_covered / runs < 0.80


def test_proportional_odds_test_has_its_size_under_dependence_and_finds_violations():
    rng = np.random.default_rng(17)
    runs, rejected = 200, 0
    for _ in range(runs):
        outcome, design, groups, _, _ = clustered_data(rng, 100, 6, 2)
        rejected += ordered.proportional_odds(outcome, design, groups).p < 0.05
    assert 0.005 <= rejected / runs <= 0.11

    _, design, groups, _, _ = clustered_data(rng, 100, 6, 2)
    uniform = rng.uniform(size=len(groups))
    slopes = {1: 1.2, 2: 0.6, 3: 0.1}  # of the first column; the second is proportional
    shares = np.column_stack(
        [expit(b * design[:, 0] + 0.5 * design[:, 1] - 1.5 * (j - 2)) for j, b in slopes.items()]
    )
    shares = np.minimum.accumulate(shares, axis=1)
    outcome = (uniform[:, None] < shares).sum(axis=1)
    test = ordered.proportional_odds(outcome, design, groups, ["bent", "straight"])
    assert test.p < 1e-4
    by_column = test.by_column.set_index("column")
    assert by_column.loc["bent", "p"] < 1e-4 < by_column.loc["straight", "p"]
    assert test.degrees == 4
    assert test.slopes["cut"].tolist() == ["y >= 1", "y >= 2", "y >= 3"] * 2
    bent = test.slopes.loc[test.slopes["column"] == "bent", "estimate"]
    assert bent.is_monotonic_decreasing


def test_proportional_odds_wald_equals_the_classical_form_without_clusters():
    """Brant's model-based covariance: independent rows, many of them, so that both estimate the same."""
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(18), 8000, 1, 2, within=0.0)
    test = ordered.proportional_odds(outcome, design, groups)
    exog = np.column_stack([np.ones(len(outcome)), design])
    fits = [Logit((outcome >= j).astype(int), exog).fit(disp=0) for j in (1, 2, 3)]
    share = [f.predict() for f in fits]
    breads = [np.linalg.inv(exog.T @ ((p * (1 - p))[:, None] * exog)) for p in share]
    blocks = [
        [
            breads[a] @ (exog.T @ ((share[max(a, b)] * (1 - share[min(a, b)]))[:, None] * exog)) @ breads[b]
            for b in range(3)
        ]
        for a in range(3)
    ]
    covariance = np.block([[block[1:, 1:] for block in row] for row in blocks])
    beta = np.concatenate([f.params[1:] for f in fits])
    contrast = np.kron(np.array([[1, -1, 0], [1, 0, -1]]), np.eye(2))
    gap = contrast @ beta
    classical = gap @ np.linalg.solve(contrast @ covariance @ contrast.T, gap)
    assert test.statistic == pytest.approx(classical, rel=0.08)


def test_proportional_odds_of_few_clusters_is_a_wald_test_of_stacked_logits():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(24), 15, 6, 2, categories=3)
    test = ordered.proportional_odds(outcome, design, groups)
    exog = np.column_stack([np.ones(len(outcome)), design])
    fits = [Logit((outcome >= j).astype(int), exog).fit(disp=0, tol=1e-12) for j in (1, 2)]
    pulls = [f.model.score_obs(f.params) @ np.linalg.inv(-f.model.hessian(f.params)) for f in fits]
    apart = np.add.reduceat((pulls[0] - pulls[1])[:, 1:], np.arange(0, 90, 6))
    covariance = 15 / 14 * 89 / 87 * apart.T @ apart  # of the difference of slopes
    gap = (fits[0].params - fits[1].params)[1:]
    assert test.statistic == pytest.approx(gap @ np.linalg.solve(covariance, gap), rel=1e-6)


def test_proportional_odds_names_the_first_cut_that_fails():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(21), 40, 6, 2)
    design[:, 1] = (outcome < 2) & (groups % 3 == 0)  # never in the two worst categories
    test = ordered.proportional_odds(outcome, design, groups, ["a", "b"])
    assert test.status == "separation at y >= 2: b"
    assert (test.degrees, len(test.by_column), len(test.slopes)) == (0, 0, 0)


def test_proportional_odds_says_which_cut_fails():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(21), 40, 6, 2)
    design[:, 1] = (outcome < 3) & (groups % 3 == 0)  # never in the worst category, mixed below it
    test = ordered.proportional_odds(outcome, design, groups, ["a", "b"])
    assert test.status == "separation at y >= 3: b"
    assert np.isnan(test.p)


@pytest.mark.parametrize("kind", ["ordered logit", "logit", "linear", "linear within"])
def test_score_t_is_the_efficient_score_and_agrees_with_the_wald_t_near_the_null(kind):
    rng = np.random.default_rng(19)
    categories = 4 if kind == "ordered logit" else 2
    outcome, design, groups, _, _ = clustered_data(rng, 300, 8, 3, categories, slopes=[0.02, 0.5, -0.4])
    null = ordered.null_model(kind, outcome, design[:, 1:], groups, categories)
    if kind.startswith("linear"):
        wald = ordered.fit_linear(outcome, design, groups, within=kind == "linear within")
    else:
        wald = ordered.fit_ordered(outcome, design, groups, categories=categories)
    score_t = null.t(design[:, 0])
    assert score_t == pytest.approx(wald.table()["t"][0], abs=0.08)
    # adding any combination of the nuisance columns to the candidate changes nothing
    shifted = design[:, 0] + 3 * design[:, 1] - design[:, 2] + 5
    assert null.t(shifted) == pytest.approx(score_t, abs=1e-7)


def test_linear_score_is_exact_after_partialling_out():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(20), 50, 5, 3, categories=2)
    null = ordered.null_model("linear", outcome, design[:, 1:], groups)
    assert null.factor == pytest.approx(50 / 49 * 249 / (250 - 4))  # two columns, an intercept and the candidate
    exog = np.column_stack([design[:, 1:], np.ones(len(outcome))])
    residual, candidate = OLS(outcome, exog).fit().resid, OLS(design[:, 0], exog).fit().resid
    scores = np.bincount(groups, weights=residual * candidate)
    expected = scores.sum() / np.sqrt(null.factor * (scores**2).sum())
    assert null.t(design[:, 0]) == pytest.approx(expected, abs=1e-9)


def test_a_null_model_counts_its_parameters_and_the_candidate():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(20), 50, 5, 2, categories=2)
    null = ordered.null_model("logit", outcome, design, groups)
    assert null.factor == pytest.approx(50 / 49 * 249 / (250 - 4))
    assert null.t(design[::-1, 0]) == ordered.null_model("logit", outcome, design, groups, 2).t(design[::-1, 0])


def test_of_columns_that_cannot_be_told_apart_there_is_no_null_model():
    outcome, design, groups, _, _ = clustered_data(np.random.default_rng(20), 50, 5, 2, categories=2)
    still = np.column_stack([design[:, 0], np.zeros(len(groups))])
    assert ordered.null_model("linear", outcome, still, groups) is None
    assert ordered.null_model("logit", outcome, still, groups) is None
