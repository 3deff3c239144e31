"""Resampled countries: the delta method, statsmodels with weights, draws that lose a level."""

from __future__ import annotations

import statistics

import numpy as np
import pandas as pd
import pytest
from worlds import cells, simulate

from compendium.methods.law import hazard, likelihood, resampling
from compendium.methods.law.frames import HazardError
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


def effects(monkeypatch: pytest.MonkeyPatch, values: list[float | None]) -> None:
    """Let the draws have these effects; None for one that cannot be fitted."""
    left = iter(values)

    def effect(self: resampling.Resample, weights: np.ndarray) -> float:
        found = next(left)
        if found is None:
            raise HazardError("a draw that cannot be fitted")
        return found

    monkeypatch.setattr(resampling.Resample, "effect", effect)


@pytest.mark.parametrize("sign", [1, -1])
def test_an_interval_is_quantiles_of_its_draws_and_p_counts_those_beyond_zero(sign, monkeypatch):
    values = [sign * (k - 10) / 10 for k in range(101)]  # eleven of them are zero or beyond it
    effects(monkeypatch, values)
    found = resampling.bootstrap_effect(simulate(8), draws=101, level=0.8)
    assert (found.low, found.high) == pytest.approx((0, 8) if sign == 1 else (-8, 0))
    assert found.se == pytest.approx(statistics.stdev(values))
    assert found.p == pytest.approx(2 * 12 / 102)


def test_two_draws_are_the_fewest_and_p_is_never_above_one(monkeypatch):
    effects(monkeypatch, [0.0, 0.0])
    assert resampling.bootstrap_effect(simulate(8), draws=2).p == 1
    with pytest.raises(ValueError, match="draws is 1"):
        resampling.bootstrap_effect(simulate(8), draws=1)


def test_five_draws_in_a_hundred_may_fail_and_six_may_not(monkeypatch):
    effects(monkeypatch, [None] * 5 + [1.0] * 95)
    assert resampling.bootstrap_effect(simulate(8), draws=100).low == 1
    effects(monkeypatch, [None] * 6 + [1.0] * 94)
    with pytest.raises(HazardError, match="6 of 100 draws could not be fitted"):
        resampling.bootstrap_effect(simulate(8), draws=100)


def test_a_bootstrap_is_drawn_as_declared_whatever_the_order_of_the_rows(monkeypatch):
    frame = simulate(8, countries=40)
    shuffled = frame.sample(frac=1, random_state=1)
    short = {"draws": 20, "seed": 20080215}
    model = Model(baseline="log")
    ours, theirs = (resampling.bootstrap_effect(rows, model, **short) for rows in (frame, shuffled))
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-6)
    drawn = [float(k) for k in range(499)]
    effects(monkeypatch, drawn)
    assert resampling.bootstrap_effect(frame).high == pytest.approx(np.quantile(drawn, 0.975))
    monkeypatch.undo()
    assert resampling.bootstrap_effect(frame, model, draws=20) == ours
    with pytest.raises(TypeError):
        resampling.bootstrap_effect(frame, model, 20)


def test_a_level_or_year_with_no_event_or_nothing_else_adds_rows_without_an_effect(monkeypatch):
    frame = cells({(1.0,): (80, 20), (0.0,): (120, 12)}, ("placed",)).assign(region="most")
    certain, quiet = (cells({(1.0,): (9, k), (0.0,): (6, k and 6)}, ("placed",)) for k in (9, 0))
    parts = [frame, certain.assign(region="certain"), quiet.assign(region="quiet")]
    # In the fit each of the small regions has one of either kind; the draw leaves these out.
    parts += [part.tail(1).assign(event=1 - part["event"].iloc[0]) for part in parts[1:]]
    rows = pd.concat(parts, ignore_index=True)
    rows["iso3"] = [f"{k:04d}" for k in range(len(rows))]
    resample = resampling.Resample.of(hazard.fit(rows, Model(covariates=("region",))))
    weights = np.ones(len(rows))
    weights[-2:] = 0
    fitted = []

    def scoring(event, design, *given):
        fitted.append(design.shape)
        return likelihood.fisher_scoring(event, design, *given)

    monkeypatch.setattr(resampling, "fisher_scoring", scoring)
    assert resample.effect(weights) == pytest.approx(15.0 * 200 / 230, abs=1e-6)
    assert fitted == [(200, 2)]  # the year and the placement, on the rows of the large region alone


def test_years_without_a_law_dilute_the_effect_of_a_draw():
    frame = cells({(1.0,): (80, 20), (0.0,): (120, 12)}, ("placed",))
    silent = cells({(1.0,): (30, 0), (0.0,): (20, 0)}, ("placed",)).assign(year=2006)
    silent["iso3"] = "s" + silent["iso3"]
    resample = resampling.Resample.of(hazard.fit(pd.concat([frame, silent], ignore_index=True)))
    assert resample.effect(np.ones(250)) == pytest.approx(15.0 * 200 / 250, abs=1e-6)


def test_bootstrap_survives_draws_that_lose_a_level_or_a_year():
    frame = simulate(9, countries=90, base=0.04)
    frame["region"] = np.where(frame["iso3"] < "C006", "small", np.where(frame["iso3"] < "C050", "big", "mid"))
    if frame.loc[frame["region"] == "small", "event"].sum() == 0:
        pytest.fail("the fixture needs an event in the small region")
    interval = resampling.bootstrap_effect(frame, Model(covariates=("region",)), draws=100)
    assert interval.low < interval.estimate < interval.high
