"""Resampled countries: the delta method, statsmodels with weights, draws that lose a level."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import simulate

from compendium.methods.law import hazard, likelihood, resampling
from compendium.methods.law.regressors import Model


def test_bootstrap_agrees_with_the_delta_method_and_repeats_itself():
    frame = simulate(8, countries=110)
    model = Model(covariates=("moderator",))
    delta = hazard.marginal_effect(hazard.fit(frame, model))
    first = resampling.bootstrap_effect(frame, model, draws=200, seed=3)
    assert first == resampling.bootstrap_effect(frame, model, draws=200, seed=3)
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
    assert likelihood.fisher_scoring(event, design, weights, link) == pytest.approx(theirs.params, abs=1e-6)


def test_bootstrap_survives_draws_that_lose_a_level_or_a_year():
    frame = simulate(9, countries=90, base=0.04)
    frame["region"] = np.where(frame["iso3"] < "C006", "small", np.where(frame["iso3"] < "C050", "big", "mid"))
    if frame.loc[frame["region"] == "small", "event"].sum() == 0:
        pytest.fail("the fixture needs an event in the small region")
    interval = resampling.bootstrap_effect(frame, Model(covariates=("region",)), draws=100)
    assert interval.low < interval.estimate < interval.high
