"""The hazard of criminalisation: closed forms, simulations with known truth, and other libraries."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from compendium import hazard, tables
from compendium.hazard import HazardError, Model


def cells(counts: dict[tuple[float, ...], tuple[int, int]], names: tuple[str, ...]) -> pd.DataFrame:
    """Country-years of one year, each its own country, with the given (rows, events) per cell."""
    rows = []
    for values, (size, events) in counts.items():
        rows += [{**dict(zip(names, values, strict=True)), "event": int(k < events)} for k in range(size)]
    frame = pd.DataFrame(rows)
    return frame.assign(iso3=[f"{k:04d}" for k in range(len(frame))], year=2005, time=1)


def simulate(
    seed: int,
    countries: int = 160,
    years: int = 12,
    log_ratio: float = 0.7,
    frailty: float = 0.0,
    base: float = 0.06,
    interaction: float = 0.0,
) -> pd.DataFrame:
    """Country-years with a persistent random exposure and a grouped proportional hazard of known ratio."""
    rng = np.random.default_rng(seed)
    rows = []
    for country in range(countries):
        own = rng.normal(0, frailty)
        moderator = rng.normal()
        placed = float(rng.random() < 0.3)
        for time in range(1, years + 1):
            if rng.random() < 0.25:
                placed = 1 - placed
            eta = math.log(-math.log(1 - base)) + 0.04 * time + own + log_ratio * placed
            eta += 0.3 * moderator + interaction * placed * moderator
            event = int(rng.random() < -math.expm1(-math.exp(eta)))
            rows.append((f"C{country:03d}", 2001 + time, time, event, placed, moderator))
            if event:
                break
    return pd.DataFrame(rows, columns=["iso3", "year", "time", "event", "placed", "moderator"])


# Closed forms ------------------------------------------------------------------------------------------------


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
    assert hazard._Resample.of(fitted).effect(np.ones(250)) == pytest.approx(20.0, abs=1e-6)
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


def test_years_without_a_law_leave_the_ratio_alone_and_dilute_the_effect():
    frame = cells({(1.0,): (80, 20), (0.0,): (120, 12)}, ("placed",))
    silent = cells({(1.0,): (30, 0), (0.0,): (20, 0)}, ("placed",)).assign(year=2006)
    silent["iso3"] = "s" + silent["iso3"]
    plain, diluted = hazard.fit(frame), hazard.fit(pd.concat([frame, silent], ignore_index=True))
    assert diluted.years_without_events == (2006,)
    assert diluted.ratio().estimate == pytest.approx(plain.ratio().estimate, rel=1e-8)
    assert hazard.marginal_effect(diluted).estimate == pytest.approx(15.0 * 200 / 250, abs=1e-6)
    assert hazard.predicted_hazard(diluted)[diluted.rows["year"] == 2006].max() == 0
    once_each = hazard._Resample.of(diluted).effect(np.ones(250))
    assert once_each == pytest.approx(hazard.marginal_effect(diluted).estimate, abs=1e-6)


def test_clusters_that_repeat_rows_widen_the_interval_as_the_repetition_demands():
    frame = cells({(1.0,): (40, 10), (0.0,): (60, 6)}, ("placed",))
    # A twin in the same country under another year: no new information about the ratio.
    twins = pd.concat([frame, frame.assign(year=2006)], ignore_index=True)
    single, doubled = hazard.fit(frame), hazard.fit(twins)
    assert doubled.term().estimate == pytest.approx(single.term().estimate, abs=1e-8)
    factor = math.sqrt((199 / (200 - 3)) / (99 / (100 - 2)))
    assert doubled.term().se == pytest.approx(single.term().se * factor, rel=1e-6)


# Other libraries ---------------------------------------------------------------------------------------------


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


# Known truth -------------------------------------------------------------------------------------------------


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


def test_bootstrap_agrees_with_the_delta_method_and_repeats_itself():
    frame = simulate(8, countries=110)
    model = Model(covariates=("moderator",))
    delta = hazard.marginal_effect(hazard.fit(frame, model))
    first = hazard.bootstrap_effect(frame, model, draws=200, seed=3)
    assert first == hazard.bootstrap_effect(frame, model, draws=200, seed=3)
    assert first.estimate == delta.estimate
    assert first.se == pytest.approx(delta.se, rel=0.2)
    assert first.low == pytest.approx(delta.low, abs=0.6 * delta.se)
    assert first.high == pytest.approx(delta.high, abs=0.6 * delta.se)


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_the_resampling_fitter_equals_statsmodels_with_weights(link):
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    frame = simulate(10)
    design = np.column_stack([np.ones(len(frame)), np.log(frame["time"]), frame["placed"], frame["moderator"]])
    weights = np.random.default_rng(1).integers(0, 4, size=len(frame)).astype(float)
    kept = weights > 0
    event, design, weights = frame["event"].to_numpy(float)[kept], design[kept], weights[kept]
    links = {"cloglog": families.links.CLogLog(), "logit": families.links.Logit()}
    theirs = GLM(event, design, family=families.Binomial(links[link]), freq_weights=weights).fit(tol=1e-12)
    assert hazard._fisher_scoring(event, design, weights, link) == pytest.approx(theirs.params, abs=1e-6)


def test_bootstrap_survives_draws_that_lose_a_level_or_a_year():
    frame = simulate(9, countries=90, base=0.04)
    frame["region"] = np.where(frame["iso3"] < "C006", "small", np.where(frame["iso3"] < "C050", "big", "mid"))
    if frame.loc[frame["region"] == "small", "event"].sum() == 0:
        pytest.fail("the fixture needs an event in the small region")
    interval = hazard.bootstrap_effect(frame, Model(covariates=("region",)), draws=100)
    assert interval.low < interval.estimate < interval.high


def placements(seed: int, effect: float, anticipation: float, countries: int = 700) -> pd.DataFrame:
    """Country-years with one exogenous placement date; anticipation acts before it, effect after it."""
    rng = np.random.default_rng(seed)
    rows = []
    for country in range(countries):
        first = int(rng.integers(2003, 2013)) if rng.random() < 0.7 else None
        for year in range(2002, 2014):
            since = math.nan if first is None else year - first
            shift = 0.0
            if first is not None:
                shift = effect if since >= 1 else (anticipation if -4 < since < 0 else 0.0)
            event = int(rng.random() < -math.expm1(-math.exp(math.log(0.06) + shift)))
            placed = float(since >= 1)
            lead = float(since == -1)
            rows.append((f"C{country:03d}", year, year - 2001, event, placed, lead, since))
            if event:
                break
    names = ["iso3", "year", "time", "event", "placed", "placed_lead1", "event_time"]
    return pd.DataFrame(rows, columns=names)


def test_event_study_finds_the_jump_and_no_trend_before_it():
    study = hazard.event_study(placements(11, effect=0.9, anticipation=0.0))
    after = study.estimates.query("kind == 'placed' and event_time >= 1")
    assert (after["low"] < 0.9).all()
    assert (after["high"] > 0.9).all()
    assert after["estimate"].mean() == pytest.approx(0.9, abs=0.25)
    statistic, freedom, p = study.pretrend
    assert freedom == 2
    assert p > 0.05
    assert statistic < 6


def test_event_study_and_placebo_catch_a_trend_before_placement():
    frame = placements(12, effect=0.9, anticipation=1.2)
    study = hazard.event_study(frame, window=(-5, 5), reference=(-5,))
    leads = study.estimates.query("event_time in [-3, -2, -1]")
    assert (leads["low"] > 0).all()
    assert study.pretrend[2] < 0.001
    alone, beside = hazard.placebo(frame)
    assert alone.ratio().low > 1
    assert beside.ratio().low > 1
    assert hazard.placebo(placements(13, effect=0.9, anticipation=0.0))[1].ratio().low < 1
    renamed = frame.rename(columns={"placed": "tier_3", "placed_lead1": "tier_3_lead1"})
    assert hazard.placebo(renamed, Model("tier_3"))[1].ratio("tier_3_lead1") == beside.ratio("placed_lead1")


def test_event_study_reports_a_bin_without_laws_rather_than_dropping_it():
    frame = placements(14, effect=0.9, anticipation=0.0)
    frame.loc[frame["event_time"] == 0, "event"] = 0
    row = hazard.event_study(frame).estimates.set_index("event_time").loc[0]
    assert row["status"] == "no events"
    assert row["estimate"] == -math.inf
    assert row["n"] > 100


def test_event_study_counts_the_rows_that_it_uses():
    frame = placements(14, effect=0.9, anticipation=0.0).assign(income=1.0)
    frame["income"] = np.random.default_rng(1).normal(size=len(frame))
    frame.loc[frame["iso3"] < "C100", "income"] = np.nan
    found = hazard.event_study(frame, ("income",)).estimates
    used = frame[(frame["iso3"] >= "C100") & frame["event_time"].notna()]
    assert (found["n"].sum(), found["events"].sum()) == (len(used), used["event"].sum())


# E-values ----------------------------------------------------------------------------------------------------


def test_e_value_of_the_published_example():
    # VanderWeele and Ding (2017): risk ratio 3.9 (1.8 to 8.7) has E-values 7.26 and 3.0.
    found = hazard.e_value(3.9, 1.8, 8.7, measure="risk")
    assert found.estimate == pytest.approx(7.26, abs=0.005)
    assert found.limit == pytest.approx(3.0, abs=0.005)


@pytest.mark.parametrize("ratio", [1.2, 2.0, 6.5])
def test_a_confounder_as_strong_as_the_e_value_just_explains_the_ratio_away(ratio):
    strength = hazard.e_value(ratio, ratio * 0.9, ratio * 1.1, measure="risk").estimate
    bounding_factor = strength * strength / (2 * strength - 1)
    assert bounding_factor == pytest.approx(ratio)


def test_e_value_is_symmetric_and_one_where_the_interval_includes_no_effect():
    above = hazard.e_value(2.0, 1.25, 3.2)
    below = hazard.e_value(1 / 2.0, 1 / 3.2, 1 / 1.25)
    assert (above.estimate, above.limit) == pytest.approx((below.estimate, below.limit))
    assert hazard.e_value(1.5, 0.9, 2.5).limit == 1.0
    assert hazard.e_value(4.0, 4.0, 4.0, measure="odds").estimate == pytest.approx(
        hazard.e_value(2.0, 2.0, 2.0, measure="risk").estimate
    )
    rare = hazard.e_value(2.0, 1.5, 3.0, common=False)
    assert rare == hazard.e_value(2.0, 1.5, 3.0, measure="risk")


@pytest.mark.parametrize(("a", "b"), [(1.0, 5.0), (2.0, 3.0), (4.0, 1.5)])
def test_no_binary_confounder_inflates_a_risk_ratio_beyond_the_bounding_factor(a, b):
    # Without any effect of the exposure, risk depends on the confounder alone: r where absent, b r where present.
    worst = 0.0
    for common in np.linspace(0.001, 1 / a, 400):
        worst = max(worst, (1 + a * common * (b - 1)) / (1 + common * (b - 1)))
    assert worst <= hazard.bounding_factor(a, b) + 1e-9
    # Reached where every exposed unit has the confounder.
    assert (1 + b - 1) / (1 + (b - 1) / a) == pytest.approx(hazard.bounding_factor(a, b))
    with pytest.raises(HazardError, match="invert it"):
        hazard.bounding_factor(a, 0.5)


def test_benchmarks_read_covariates_as_yes_or_no():
    # Coastal: 600 of 800 placed rows against 300 of 1200 others; its hazard is twice as high in either group.
    # Hazards of 0.19 = 1 - 0.9 ** 2 and of 0.1 are exactly 2 to 1 on the complementary log-log scale.
    counts = {(1.0, 1.0): (600, 114), (1.0, 0.0): (200, 20), (0.0, 1.0): (300, 57), (0.0, 0.0): (900, 90)}
    frame = cells(counts, ("placed", "coastal")).assign(coast=lambda d: np.where(d["coastal"] == 1, "yes", "no"))
    frame["height"] = -frame["coastal"] + np.arange(len(frame)) / (10 * len(frame))
    number = hazard.benchmarks(frame, Model(covariates=("coastal",))).iloc[0]
    assert number["label"] == "yes"
    assert number["exposure_ratio"] == pytest.approx((600 / 800) / (300 / 1200))
    assert number["outcome_ratio"] == pytest.approx(hazard.risk_ratio(2.0, "hazard"), rel=1e-6)
    assert number["bias"] == pytest.approx(hazard.bounding_factor(3.0, number["outcome_ratio"]))
    levels = hazard.benchmarks(frame, Model(covariates=("coast",))).set_index("label")
    assert levels.loc["yes", "exposure_ratio"] == pytest.approx(number["exposure_ratio"])
    # Strength has no direction: the inland share is inverted, and so is its ratio.
    assert levels.loc["no", "exposure_ratio"] == pytest.approx((900 / 1200) / (200 / 800))
    assert levels.loc["no", "outcome_ratio"] == pytest.approx(number["outcome_ratio"])
    assert hazard.benchmarks(frame, Model(covariates=("height",)))["label"].tolist() == ["above the median"]


@pytest.mark.parametrize("ratio", [(-1, 0.5, 2), (2, 0, 3), (2, 2.5, 3)])
def test_e_value_refuses_impossible_ratios(ratio):
    with pytest.raises(HazardError, match="E-value"):
        hazard.e_value(*ratio)


# The risk set ------------------------------------------------------------------------------------------------


LAW = {
    "AAA": [0, 0, 0, 2, 2, 2],  # legislates in 2004
    "BBB": [0, 1, 1, 1, 1, 1],  # never fully
    "CCC": [2, 2, 2, 2, 2, 2],  # full before the first report
    "DDD": [0, 0, None, 0, 2, 2],  # unknown in 2003
    "USA": [0, 0, 2, 2, 2, 2],
}
TIERS = {
    "AAA": {2001: "2", 2002: "2", 2003: "3", 2004: "1", 2005: "1"},
    "BBB": {2002: "3", 2003: "3", 2004: "2", 2005: "2WL"},
    "DDD": {2003: "SC", 2004: "2or2WL"},
}


def law_and_tiers() -> tuple[pd.DataFrame, pd.DataFrame]:
    law = [(c, 2001 + k, v) for c, codes in LAW.items() for k, v in enumerate(codes)]
    ranks = [(c, y, t) for c, years in TIERS.items() for y, t in years.items()]
    return (
        pd.DataFrame(law, columns=["iso3", "year", "criminalisation"]).astype({"criminalisation": "Int64"}),
        pd.DataFrame(ranks, columns=["iso3", "year", "tier"]),
    )


def test_risk_set_of_a_panel_counted_by_hand():
    at_risk = hazard.risk_set(*law_and_tiers(), last_year=2005)
    frame = at_risk.frame
    keys = list(zip(frame["iso3"], frame["year"], frame["event"], strict=True))
    assert keys == [
        ("AAA", 2002, 0),
        ("AAA", 2003, 0),
        ("AAA", 2004, 1),
        ("BBB", 2002, 0),
        ("BBB", 2003, 0),
        ("BBB", 2004, 0),
        ("BBB", 2005, 0),
        ("DDD", 2002, 0),
        ("DDD", 2005, 1),
    ]
    assert (at_risk.countries, at_risk.events, at_risk.censored) == (3, 2, 1)
    assert at_risk.full_at_entry == 1
    assert at_risk.unknown_years == 2  # DDD in 2003, and in 2004 when the year before is not known
    rows = frame.set_index(["iso3", "year"])
    assert rows.loc["AAA", "placed"].tolist() == [0, 0, 1]
    assert rows.loc["BBB", "placed"].tolist() == [0, 1, 1, 0]
    assert rows.loc["BBB", "newly_placed"].tolist() == [0, 1, 0, 0]
    assert rows.loc["BBB", "still_placed"].tolist() == [0, 0, 1, 0]
    assert rows.loc["BBB", "ever_placed"].tolist() == [0, 1, 1, 1]
    assert rows.loc["BBB", "ranked"].tolist() == [0, 1, 1, 1]
    assert rows.loc["BBB", "placed_lead1"].tolist()[:3] == [1, 0, 1]
    assert rows.loc["BBB", "tier_3_lead1"].tolist()[:3] == [1, 0, 0]
    assert rows.loc["BBB", "watch_list_lead1"].tolist()[:3] == [0, 0, 1]
    assert rows.loc["BBB", "event_time"].tolist() == [0, 1, 2, 3]
    assert rows.loc["BBB", "partial"].tolist() == [0, 1, 1, 1]
    # No source tells DDD's 2004 rank from the watch list; a special case is not ranked.
    assert math.isnan(rows.loc[("DDD", 2005), "placed"])
    assert rows.loc[("DDD", 2005), "ranked"] == 1
    assert len(at_risk.ranked) == 3 + 3 + 1


@pytest.mark.parametrize("partial", [2016, 2018, 2022])
def test_no_risk_set_rests_on_a_partial_report(partial):
    years = range(2001, partial + 3)
    law = pd.DataFrame([("AAA", y, 0) for y in years], columns=["iso3", "year", "criminalisation"])
    tiers = pd.DataFrame([("AAA", y, "2") for y in years], columns=["iso3", "year", "tier"])
    with pytest.raises(HazardError, match=r"TIP report 2016 is not a complete list.*end the risk set by 2016"):
        hazard.risk_set(law, tiers, last_year=partial + 1)
    allowed = hazard.risk_set(law, tiers, last_year=2016).frame
    assert allowed.loc[allowed["year"] == 2016, "placed"].notna().all()
    assert allowed.loc[allowed["year"] == 2016, "placed_lead1"].isna().all()


def test_covariates_are_lagged_and_aid_is_a_share_of_output():
    at_risk = hazard.risk_set(*law_and_tiers(), last_year=2005).frame
    panel = pd.DataFrame(
        {
            "iso3": "AAA",
            "year": [2001, 2002, 2003],
            "gdp_per_capita_const_usd": [100.0, 200.0, 400.0],
            "population": [1e6, 1e6, 1e6],
            "us_assistance_obligations_const_usd": [1e6, -5.0, None],
            "vdem_polyarchy": [0.1, 0.2, 0.3],
        }
    )
    countries = pd.DataFrame({"iso3": ["AAA", "BBB"], "un_region": ["Asia", "Africa"]})
    ratified = pd.DataFrame({"iso3": "AAA", "year": [2001, 2002], "palermo_protocol_ratified": [0, 1]})
    full = hazard.add_covariates(at_risk, panel, countries, ratified)
    assert full[["iso3", "year", "event"]].equals(at_risk[["iso3", "year", "event"]])
    rows = full.set_index(["iso3", "year"])
    assert rows.loc[("AAA", 2002), "log_income"] == pytest.approx(math.log(100))
    assert rows.loc[("AAA", 2002), "aid_share"] == pytest.approx(1.0)
    assert rows.loc[("AAA", 2002), "log_aid"] == pytest.approx(math.log(2))
    assert rows.loc[("AAA", 2003), "aid_share"] == 0
    assert math.isnan(rows.loc[("AAA", 2004), "aid_share"])
    assert rows.loc["AAA", "ratified"].tolist()[:2] == [0, 1]
    assert rows.loc[("BBB", 2004), "region"] == "Africa"


def test_the_published_panel_gives_a_risk_set_that_checks_by_hand():
    law, tiers = tables.read("criminalisation_panel"), tables.read("tip_tiers")
    at_risk = hazard.risk_set(law, tiers)
    full = law[(law["criminalisation"] == 2) & (law["iso3"] != "USA")].groupby("iso3")["year"].min()
    assert at_risk.events == (full >= 2002).sum()
    assert at_risk.full_at_entry == (full < 2002).sum()
    cambodia = at_risk.frame[at_risk.frame["iso3"] == "KHM"].set_index("year")
    # Tier 3 in the reports of 2002 and 2005, watch list in 2006 and 2007; the law is of 2008.
    assert cambodia["event"].tolist() == [0, 0, 0, 0, 0, 0, 1]
    assert cambodia["tier_3"].to_dict() == {2002: 0, 2003: 1, 2004: 0, 2005: 0, 2006: 1, 2007: 0, 2008: 0}
    assert cambodia["watch_list"].to_dict() == {2002: 0, 2003: 0, 2004: 0, 2005: 0, 2006: 0, 2007: 1, 2008: 1}


# Refusals ----------------------------------------------------------------------------------------------------


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


def test_rows_with_gaps_are_counted_as_dropped():
    frame = cells({(1.0,): (80, 20), (0.0,): (120, 12)}, ("placed",)).assign(income=1.0)
    frame.loc[:9, "placed"] = np.nan
    fitted = hazard.fit(frame)
    assert (fitted.n, fitted.dropped) == (190, 10)
