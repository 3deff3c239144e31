"""The hazard of criminalisation: closed forms, simulations with known truth, and other libraries."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from worlds import cells, simulate

from compendium.methods.law import hazard, likelihood, resampling
from compendium.methods.law.frames import HazardError
from compendium.methods.law.regressors import Model, coded, design_of


@pytest.mark.parametrize(
    ("link", "transform"),
    [("cloglog", lambda p: math.log(-math.log(1 - p))), ("logit", lambda p: math.log(p / (1 - p)))],
)
def test_one_binary_covariate_has_a_closed_form(link, transform):
    frame = cells({(1.0,): (80, 20), (0.0,): (120, 12)}, ("placed",))
    fitted = hazard.fit(frame, Model(link=link))
    assert fitted.term().estimate == pytest.approx(transform(0.25) - transform(0.1), abs=1e-8)
    assert fitted.ratio().estimate == pytest.approx(math.exp(transform(0.25) - transform(0.1)), rel=1e-8)
    effect = hazard.marginal_effect(fitted)
    assert effect.estimate == pytest.approx(15.0, abs=1e-7)
    # Each row its own cluster: the sandwich is the binomial variance times n / (n - terms).
    variance = (0.25 * 0.75 / 80 + 0.1 * 0.9 / 120) * 200 / 198
    assert effect.se == pytest.approx(100 * math.sqrt(variance), rel=1e-6)
    assert effect.high - effect.low == pytest.approx(2 * 1.959964 * effect.se, rel=1e-6)
    assert effect.p == pytest.approx(2 * stats.norm.sf(15.0 / effect.se), rel=1e-5)


def test_hazard_ratio_standard_error_has_a_closed_form():
    frame = cells({(1.0,): (80, 20), (0.0,): (120, 12)}, ("placed",))
    variance = 0.0
    for p, n in ((0.25, 80), (0.1, 120)):
        variance += p / ((1 - p) * n * math.log(1 - p) ** 2)
    assert hazard.fit(frame).term().se == pytest.approx(math.sqrt(variance * 200 / 198), rel=1e-6)


def test_moderated_effects_of_a_binary_moderator_are_differences_of_cell_hazards():
    counts = {(1.0, 1.0): (60, 24), (1.0, 0.0): (40, 6), (0.0, 1.0): (50, 10), (0.0, 0.0): (90, 9)}
    frame = cells(counts, ("placed", "aid"))
    fitted = hazard.fit(frame, Model(moderator="aid"))
    mean, spread = frame["aid"].mean(), frame["aid"].std(ddof=0)
    one, zero = (1 - mean) / spread, (0 - mean) / spread
    assert hazard.marginal_effect(fitted, moderator_sd=one).estimate == pytest.approx(20.0, abs=1e-6)
    assert hazard.marginal_effect(fitted, moderator_sd=zero).estimate == pytest.approx(5.0, abs=1e-6)
    difference = hazard.moderated_effect(fitted, low_sd=zero, high_sd=one)
    assert difference.estimate == pytest.approx(15.0, abs=1e-6)
    variance = 0.4 * 0.6 / 60 + 0.15 * 0.85 / 40 + 0.2 * 0.8 / 50 + 0.1 * 0.9 / 90
    assert difference.se == pytest.approx(100 * math.sqrt(variance * 240 / 236), rel=1e-6)

    def cloglog(p):
        return math.log(-math.log(1 - p))

    per_unit = (cloglog(0.4) - cloglog(0.15)) - (cloglog(0.2) - cloglog(0.1))
    assert fitted.interaction.estimate == pytest.approx(per_unit * spread, abs=1e-6)


def test_exclusive_exposures_are_each_set_against_having_none():
    frame = cells({(1.0, 0.0): (50, 15), (0.0, 1.0): (80, 16), (0.0, 0.0): (120, 12)}, ("placed", "watch_list"))
    both = Model(others=("watch_list",))
    fitted = hazard.fit(frame, both)
    effect = hazard.marginal_effect(fitted)
    assert effect.estimate == pytest.approx(20.0, abs=1e-6)
    variance = (0.3 * 0.7 / 50 + 0.1 * 0.9 / 120) * 250 / 247
    assert effect.se == pytest.approx(100 * math.sqrt(variance), rel=1e-5)
    assert resampling.Resample.of(fitted).effect(np.ones(250)) == pytest.approx(20.0, abs=1e-6)
    # Without the other exposure its countries stand among the unplaced.
    assert hazard.marginal_effect(hazard.fit(frame)).estimate == pytest.approx(100 * (15 / 50 - 28 / 200), abs=1e-6)
    lead = frame.rename(columns={name: f"{name}_lead1" for name in ("placed", "watch_list")})
    now = np.random.default_rng(3).permutation(frame[["placed", "watch_list"]].to_numpy())
    alone = hazard.placebo(lead.assign(placed=now[:, 0], watch_list=now[:, 1]), both)[0]
    assert hazard.marginal_effect(alone).estimate == pytest.approx(20.0, abs=1e-6)


def test_a_moderator_bends_the_effect_of_each_exclusive_exposure():
    counts = {
        (1.0, 0.0, 1.0): (60, 24),
        (1.0, 0.0, 0.0): (40, 6),
        (0.0, 1.0, 1.0): (50, 5),
        (0.0, 1.0, 0.0): (40, 12),
    }
    counts |= {(0.0, 0.0, 1.0): (50, 10), (0.0, 0.0, 0.0): (90, 9)}
    frame = cells(counts, ("placed", "watch_list", "aid"))
    fitted = hazard.fit(frame, Model(moderator="aid", others=("watch_list",)))
    mean, spread = frame["aid"].mean(), frame["aid"].std(ddof=0)
    ends = [(end - mean) / spread for end in (1, 0)]
    found = [hazard.marginal_effect(fitted, moderator_sd=sd).estimate for sd in ends]
    assert found == pytest.approx([20.0, 5.0], abs=1e-6)
    assert fitted.coefficients["term"].tolist()[-2:] == ["placed × aid", "watch_list × aid"]


def test_years_without_a_law_leave_the_ratio_alone_and_dilute_the_effect():
    frame = cells({(1.0,): (80, 20), (0.0,): (120, 12)}, ("placed",))
    silent = cells({(1.0,): (30, 0), (0.0,): (20, 0)}, ("placed",)).assign(year=2006)
    silent["iso3"] = "s" + silent["iso3"]
    plain, diluted = hazard.fit(frame), hazard.fit(pd.concat([frame, silent], ignore_index=True))
    assert diluted.years_without_events == (2006,)
    assert diluted.ratio().estimate == pytest.approx(plain.ratio().estimate, rel=1e-8)
    assert hazard.marginal_effect(diluted).estimate == pytest.approx(15.0 * 200 / 250, abs=1e-6)
    assert hazard.predicted_hazard(diluted)[diluted.rows["year"] == 2006].max() == 0
    once_each = resampling.Resample.of(diluted).effect(np.ones(250))
    assert once_each == pytest.approx(hazard.marginal_effect(diluted).estimate, abs=1e-6)


def test_clusters_that_repeat_rows_widen_the_interval_as_the_repetition_demands():
    frame = cells({(1.0,): (40, 10), (0.0,): (60, 6)}, ("placed",))
    # A twin in the same country under another year: no new information about the ratio.
    twins = pd.concat([frame, frame.assign(year=2006)], ignore_index=True)
    single, doubled = hazard.fit(frame), hazard.fit(twins)
    assert doubled.term().estimate == pytest.approx(single.term().estimate, abs=1e-8)
    factor = math.sqrt((199 / (200 - 3)) / (99 / (100 - 2)))
    assert doubled.term().se == pytest.approx(single.term().se * factor, rel=1e-6)


def test_agrees_with_direct_maximisation_of_the_likelihood():
    from scipy.optimize import minimize

    frame = simulate(5)
    fitted = hazard.fit(frame, Model(covariates=("moderator",), baseline="log"))
    design = np.column_stack([np.ones(len(frame)), np.log(frame["time"]), frame["placed"], frame["moderator"]])
    event = frame["event"].to_numpy()

    def negative_log_likelihood(beta):
        rate = np.exp(design @ beta)
        return -np.sum(np.where(event == 1, np.log(-np.expm1(-rate)), -rate))

    best = minimize(negative_log_likelihood, np.array([-2.0, 0, 0, 0]), method="BFGS", options={"gtol": 1e-8})
    assert fitted.coefficients["estimate"].to_numpy() == pytest.approx(best.x, abs=1e-5)
    assert fitted.log_likelihood == pytest.approx(-best.fun, abs=1e-6)


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_estimates_errors_and_likelihood_equal_those_of_statsmodels(link):
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    frame = simulate(4)
    design = np.column_stack([np.ones(len(frame)), np.log(frame["time"]), frame["placed"], frame["moderator"]])
    event, groups = frame["event"].to_numpy(float), pd.factorize(frame["iso3"])[0]
    links = {"cloglog": families.links.CLogLog(), "logit": families.links.Logit()}
    theirs = GLM(event, design, family=families.Binomial(links[link])).fit(
        tol=1e-14, maxiter=200, cov_type="cluster", cov_kwds={"groups": groups}
    )
    ours = likelihood.maximise(event, design, link, groups, ("one", "time", "placed", "moderator"))
    assert ours.estimate == pytest.approx(theirs.params, abs=1e-8)
    scored = likelihood.fisher_scoring(event, design, np.ones(len(frame)), link)
    assert scored == pytest.approx(theirs.params, abs=1e-6)
    assert ours.covariance == pytest.approx(np.asarray(theirs.cov_params()), rel=1e-6, abs=1e-10)
    assert ours.log_likelihood == pytest.approx(theirs.llf, abs=1e-8)


def test_marginal_effect_and_its_error_equal_statsmodels_margins():
    from statsmodels.discrete.discrete_model import Logit

    frame = simulate(15)
    fitted = hazard.fit(frame, Model(covariates=("moderator",), baseline="log", link="logit"))
    design = np.column_stack([np.ones(len(frame)), np.log(frame["time"]), frame["placed"], frame["moderator"]])
    theirs = Logit(frame["event"].to_numpy(), design).fit(
        disp=0, tol=1e-10, cov_type="cluster", cov_kwds={"groups": pd.factorize(frame["iso3"])[0]}
    )
    margins = theirs.get_margeff(at="overall", dummy=True)
    effect = hazard.marginal_effect(fitted)
    # statsmodels leaves the constant out of the margins: log time, placed, moderator.
    assert effect.estimate == pytest.approx(100 * margins.margeff[1], rel=1e-6)
    assert effect.se == pytest.approx(100 * margins.margeff_se[1], rel=1e-4)


def test_the_error_of_a_moderated_effect_follows_from_numerical_slopes():
    frame = simulate(16)
    fitted = hazard.fit(frame, Model(covariates=("moderator",), moderator="moderator", baseline="log"))
    assert "moderator" in fitted.coefficients["term"].tolist()
    estimate = fitted.coefficients["estimate"].to_numpy()

    def difference(beta):
        def effect(sd):
            moderator = np.full(len(frame), fitted.coding.centre + sd * fitted.coding.scale)
            constant, time, placed, own, both = beta
            base = constant + time * np.log(frame["time"]) + own * moderator
            exposed = 1 - np.exp(-np.exp(base + placed + both * sd))
            return np.mean(exposed - (1 - np.exp(-np.exp(base))))

        return 100 * (effect(1.0) - effect(-1.0))

    slopes = []
    for k in range(5):
        up, down = estimate.copy(), estimate.copy()
        up[k] += 1e-5
        down[k] -= 1e-5
        slopes.append((difference(up) - difference(down)) / 2e-5)
    found = hazard.moderated_effect(fitted)
    assert found.estimate == pytest.approx(difference(estimate), rel=1e-8)
    assert found.se == pytest.approx(math.sqrt(slopes @ fitted.covariance @ np.array(slopes)), rel=1e-6)


def test_agrees_with_cox_regression_where_ties_are_few():
    from statsmodels.duration.hazard_regression import PHReg

    frame = simulate(6, countries=900, base=0.02, years=15)
    ours = hazard.fit(frame, Model(covariates=("moderator",)))
    cox = PHReg(
        frame["time"],
        frame[["placed", "moderator"]],
        status=frame["event"],
        entry=frame["time"] - 1,
        ties="efron",
    ).fit()
    assert ours.term().estimate == pytest.approx(cox.params[0], abs=0.02)
    assert ours.term("moderator").estimate == pytest.approx(cox.params[1], abs=0.02)


def test_recovers_a_known_hazard_ratio_and_interaction():
    frame = simulate(7, countries=4000, interaction=-0.4)
    frame["moderator"] = (frame["moderator"] - frame["moderator"].mean()) / frame["moderator"].std(ddof=0)
    fitted = hazard.fit(frame, Model(moderator="moderator"))
    assert fitted.term().estimate == pytest.approx(0.7, abs=0.12)
    assert fitted.interaction.estimate == pytest.approx(-0.4, abs=0.12)
    assert fitted.interaction.low < -0.4 < fitted.interaction.high


def test_intervals_of_the_ratio_cover_the_truth_at_near_the_nominal_rate():
    covered = []
    for seed in range(120):
        term = hazard.fit(simulate(1000 + seed), Model(covariates=("moderator",), baseline="log")).term()
        covered.append(term.low < 0.7 < term.high)
    # 95% less three Monte Carlo standard errors of 120 runs, and the few-clusters shortfall of the sandwich.
    assert 0.88 <= np.mean(covered) <= 1.0


def test_every_level_of_a_text_but_the_most_frequent_has_an_indicator():
    rows = simulate(4).assign(region=lambda f: np.resize(["east", "north", "north", "south"], len(f)))
    model = Model(covariates=("region",), baseline="log")
    design = design_of(rows, model, coded(rows, model))
    assert design.columns.tolist() == ["constant", "log time", "placed", "region: east", "region: south"]
    for level in ("east", "south"):
        assert (design[f"region: {level}"] == (rows["region"] == level)).all()
    assert hazard.fit(rows, model).term("region: south").se > 0


def test_a_cubic_baseline_is_three_powers_of_decades():
    rows = simulate(4, years=20)
    model = Model(baseline="cubic")
    design, decades = design_of(rows, model, coded(rows, model)), rows["time"].to_numpy() / 10
    for power in (1, 2, 3):
        assert design[f"time^{power}"].to_numpy() == pytest.approx(decades**power)
    assert design.columns.tolist() == ["constant", "time^1", "time^2", "time^3", "placed"]


@pytest.mark.parametrize("held", [0.0, 1.0])
def test_what_never_varies_moderates_nothing(held):
    frame = simulate(4).assign(aid=held)
    with pytest.raises(HazardError, match="'aid' is constant"):
        hazard.fit(frame, Model(moderator="aid"))


def test_terms_that_no_resample_can_tell_apart_are_refused():
    frame = simulate(4)
    design = np.column_stack([np.ones(len(frame)), np.zeros(len(frame))])
    with pytest.raises(HazardError, match="collinear terms in a resample"):
        likelihood.fisher_scoring(frame["event"].to_numpy(float), design, np.ones(len(frame)), "cloglog")


def test_separation_is_named_not_estimated():
    frame = cells({(1.0,): (20, 0), (0.0,): (50, 10)}, ("placed",))
    with pytest.raises(HazardError, match="separation: none of the 20 rows with placed = 1 has an event"):
        hazard.fit(frame)
    everyone = cells({(1.0,): (20, 20), (0.0,): (50, 10)}, ("placed",))
    with pytest.raises(HazardError, match="separation: all 20 rows with placed = 1 have an event"):
        hazard.fit(everyone)
    frame = cells({(1.0,): (80, 20), (0.0,): (120, 12)}, ("placed",))
    frame["score"] = frame["event"] + np.linspace(0, 0.5, len(frame))
    with pytest.raises(HazardError, match=r"separation: .*'score'.* split rows with events"):
        hazard.fit(frame, Model(covariates=("score",)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="placed"), "no column 'placed'"),
        (lambda f: f.assign(event=0), "none of the 200 rows has an event"),
        (lambda f: f.assign(event=2), "event must be 0 or 1"),
        (lambda f: f.assign(placed=np.nan), "no row has all of"),
        (lambda f: f.assign(placed=1.0), "'placed' is 1 in all 200 rows"),
        (lambda f: pd.concat([f, f.head(1)]), "0000 2005 appears twice"),
    ],
)
def test_defective_frames_are_refused_in_one_line(change, message):
    frame = cells({(1.0,): (80, 20), (0.0,): (120, 12)}, ("placed",))
    with pytest.raises(HazardError, match=message) as caught:
        hazard.fit(change(frame))
    assert "\n" not in str(caught.value)


def test_collinear_terms_and_unknown_links_are_refused():
    frame = cells({(1.0,): (80, 20), (0.0,): (120, 12)}, ("placed",))
    frame["twice"] = 2 * frame["placed"] + 1
    with pytest.raises(HazardError, match="collinear"):
        hazard.fit(frame, Model(covariates=("twice",)))
    with pytest.raises(HazardError, match="'probit'; expected cloglog or logit"):
        hazard.fit(frame, Model(link="probit"))
    with pytest.raises(HazardError, match="no moderator"):
        hazard.moderated_effect(hazard.fit(frame))
    with pytest.raises(HazardError, match="no term 'aid'"):
        hazard.fit(frame).term("aid")


@pytest.mark.parametrize("asked", [{"level": np.nan}, {"level": 1.0}, {"moderator_sd": np.nan}])
def test_an_effect_at_no_level_and_at_no_place_is_refused(asked):
    fitted = hazard.fit(cells({(1.0,): (80, 20), (0.0,): (120, 12)}, ("placed",)))
    with pytest.raises(ValueError, match=next(iter(asked))):
        hazard.marginal_effect(fitted, **asked)


def test_rows_with_gaps_are_counted_as_dropped():
    frame = cells({(1.0,): (80, 20), (0.0,): (120, 12)}, ("placed",)).assign(income=1.0)
    frame.loc[:9, "placed"] = np.nan
    fitted = hazard.fit(frame)
    assert (fitted.n, fitted.dropped) == (190, 10)
