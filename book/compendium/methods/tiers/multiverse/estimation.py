"""Every specification fitted, alike whatever the number of processes.

Higher ranks are worse tiers. Every result is oriented to the prediction of the claim that tiers are political:
positive means that closeness to the United States goes with a better tier.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods.checks import some
from compendium.methods.tiers.multiverse.design import Builder, Data
from compendium.methods.tiers.multiverse.panel import Panel
from compendium.methods.tiers.multiverse.specification import CHOICES, LEVEL, OUTCOMES, POLITICS, Specification
from compendium.methods.tiers.multiverse.stacks import Model, Rectangle, Stacked, Warm, by_years, stacked
from compendium.methods.tiers.ordered import (
    CONVERGED,
    Fit,
    Fitted,
    Stack,
    critical_value,
    effects,
    fit_linear,
    fit_linear_stack,
    fit_ordered,
    fit_ordered_stack,
    marginal_effect,
    p_value,
    separable,
)

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


def fit_specification(data: Data, spec: Specification) -> Fit:
    """Fit one specification to its data, alone and carefully."""
    if spec.estimator == "linear":
        within = spec.country_effects == "within"
        return fit_linear(data.outcome, data.design, data.clusters, data.names, within=within)
    return fit_ordered(data.outcome, data.design, data.clusters, data.names, categories=data.categories)


def fit_model(one: Stacked, model: Model, stack: Stack, who: Places, warm: Warm) -> tuple[Fitted | None, Places]:
    """Fit one model to the measures `who` of a stack; return those that could be fitted together, and which.

    `stack` is the one of `one`, with the columns that the model has. None if none could.
    """
    linear, absorbed = model.estimator == "linear", model.country_effects == "within"
    outcome = one.outcomes[model.outcome]
    who = who[(stack.distinct_within if absorbed else stack.distinct)[who]]
    if not linear and len(who):
        who = who[~separable(stack.take(who), outcome)]
    if not len(who):
        return None, who
    stack = stack.take(who)
    if linear:
        recode, _, _ = OUTCOMES[model.outcome]
        return fit_linear_stack(stack, np.asarray(recode, dtype=float)[one.rank], absorbed), who
    fitted, arrived = fit_ordered_stack(stack, outcome, warm.start(one, stack, model.outcome, one.measures[who]))
    if not arrived.any():
        return None, who[arrived]
    if not arrived.all():
        fitted, who = fitted.take(arrived), who[arrived]
    warm.keep(one, fitted, model.outcome, one.measures[who])
    return fitted, who


ESTIMATES = ("slope", "slope_se", "effect", "effect_se", "observations", "countries")


def _run_batch(panel: Panel, specs: Sequence[Specification]) -> tuple[Floats, dict[int, tuple[str, str]]]:
    """`ESTIMATES` of every specification (specifications, 6), and status and detail of those that have none."""
    table = np.full((len(specs), len(ESTIMATES)), np.nan)
    warm = Warm()
    for one in stacked(Rectangle(panel), specs):
        stacks = by_years(one.stack)
        for model, asked in one.specs.items():
            places, who = np.array(asked).T
            fitted, done = fit_model(one, model, stacks[model.year_effects], who, warm)
            if fitted is not None:
                table[places[np.isin(who, done)]] = _estimates(fitted, model)
    builder, failures = Builder(panel), {}
    for place in np.flatnonzero(np.isnan(table[:, 0])).tolist():
        data = builder.data(specs[place])
        fit = fit_specification(data, specs[place])
        table[place, 4:] = fit.observations, fit.clusters
        if fit.status != CONVERGED:
            failures[place] = fit.status, fit.detail
            continue
        effect = marginal_effect(fit, data.design, 0, OUTCOMES[specs[place].outcome][2])
        table[place, :4] = fit.slopes[0], fit.standard_errors[0], *effect
    return table, failures


def _estimates(fitted: Fitted, model: Model) -> Floats:
    """`ESTIMATES` of the models of a stack (B, 6)."""
    own = np.zeros_like(fitted.theta)
    own[:, 0] = 1
    slope, error = fitted.theta[:, 0], fitted.error(own)
    _, _, at_least = OUTCOMES[model.outcome]
    effect = (slope, error) if model.estimator == "linear" else effects(fitted, at_least - 1)
    return np.column_stack([slope, error, *effect, fitted.stack.observations, fitted.stack.countries])


def batched(specs: Sequence[Specification]) -> list[list[int]]:
    """Places of the specifications by shared rows; the same whatever the number of jobs.

    Within a batch those that share a stack follow each other, and the models of a stack as they warm each other.
    """
    groups: dict[tuple[str, int, str], list[int]] = {}
    for place, spec in enumerate(specs):
        groups.setdefault((spec.years, spec.lag, spec.sample), []).append(place)

    def neighbours(place: int) -> tuple[Any, ...]:
        s = specs[place]
        return s.controls, s.performance, s.outcome, s.estimator, s.country_effects, s.year_effects, s.politics

    return [sorted(places, key=neighbours) for places in groups.values()]


def in_parallel(tasks: Iterator[Any], jobs: int, backend: str | None) -> list[Any]:
    """Run joblib tasks in order. Any joblib backend may be named: "dask", "ray", once its client is connected."""
    from joblib import Parallel, parallel_config

    if backend is None:
        # a forked process has imported what its task needs; other systems cannot fork safely
        forks = {"backend": get_context("fork")} if sys.platform == "linux" else {}
        return list(Parallel(n_jobs=jobs, **forks)(tasks))
    with parallel_config(backend=backend, n_jobs=jobs):
        return list(Parallel()(tasks))


def run(panel: Panel, specs: Sequence[Specification], jobs: int = 1, backend: str | None = None) -> pd.DataFrame:
    """Fit every specification: one row each, in the order given.

    Columns: spec (its place), the ten choices, family, event, then, oriented so that positive is as predicted:
    estimate and se (log odds, or probability for linear models, per standard deviation of the politics measure), t,
    p (t with countries - 1 degrees of freedom), effect, effect_se, effect_low, effect_high (average marginal effect
    on the probability of `event`, percentage points per standard deviation, 95% interval), observations,
    countries, status, detail (what failed), predicted (sign as predicted), distinguishable (so, and the 95%
    interval of the estimate excludes zero). The result does not depend on `jobs` or `backend`.
    """
    from joblib import delayed

    some("run", "specifications", specs)
    batches = batched(specs)
    tasks = (delayed(_run_batch)(panel, [specs[place] for place in batch]) for batch in batches)
    found = np.full((len(specs), len(ESTIMATES)), np.nan)
    failures: dict[int, tuple[str, str]] = {}
    for batch, (part, failed) in zip(batches, in_parallel(tasks, jobs, backend), strict=True):
        found[batch] = part
        failures |= {batch[place]: why for place, why in failed.items()}
    table = pd.DataFrame({choice: [getattr(spec, choice) for spec in specs] for choice in CHOICES})
    table.insert(0, "spec", np.arange(len(specs)))
    table["family"] = table["politics"].map({name: measure.family for name, measure in POLITICS.items()})
    table["event"] = table["outcome"].map({name: outcome[1] for name, outcome in OUTCOMES.items()})
    sign = table["politics"].map({name: measure.predicted_sign for name, measure in POLITICS.items()}).to_numpy()
    slope, error, effect, effect_error, observations, countries = found.T
    reach = 100 * effect_error * critical_value(countries, LEVEL)
    table["estimate"], table["se"] = sign * slope, error
    table["t"] = table["estimate"] / error
    table["p"] = p_value(table["t"].to_numpy(), countries)
    table["effect"], table["effect_se"] = 100 * sign * effect, 100 * effect_error
    table["effect_low"], table["effect_high"] = table["effect"] - reach, table["effect"] + reach
    table["observations"], table["countries"] = observations.astype(int), countries.astype(int)
    why = [failures.get(place, (CONVERGED, "")) for place in range(len(specs))]
    table["status"], table["detail"] = zip(*why, strict=True) if why else ((), ())
    table["predicted"] = table["estimate"] > 0
    table["distinguishable"] = table["predicted"] & (table["p"] < 1 - LEVEL)
    return table
