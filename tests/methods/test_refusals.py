"""Degenerate inputs of the public functions of method are refused in one line, never answered with a number.

Functions are found by room and name, wherever in the room they stand.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import math
import pkgutil
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from excused import ELSEWHERE, EXCUSED

from compendium import methods
from compendium.methods import checks
from compendium.methods.choice.deterrence import Life, Span
from compendium.methods.counts.capture import Scenario
from compendium.methods.counts.systems import Lists
from compendium.methods.law.regressors import Model
from compendium.methods.law.tracing import Evidence
from compendium.methods.shares.proportions import Beta
from compendium.methods.tiers import whatif
from compendium.methods.tiers.multiverse import BASELINE

NAN, INF = math.nan, math.inf


def public() -> dict[str, Callable[..., Any]]:
    """The public functions of all rooms of method, as `room.name`, the first of its name, and as `module.name`."""
    found = {}
    for module in pkgutil.walk_packages(methods.__path__, f"{methods.__name__}."):
        room = module.name.split(".")[2]
        for name, function in vars(importlib.import_module(module.name)).items():
            own = inspect.isfunction(function) and function.__module__ == module.name
            if own and not name.startswith("_") and room != "checks":
                found.setdefault(f"{room}.{name}", function)
                found[f"{module.name.rsplit('.', 1)[1]}.{name}"] = function
    return found


FUNCTIONS = public()
ITEM = Evidence("a", "An item", (0.4, 0.6), (0.1, 0.2))

BY_SEX = pd.DataFrame({"female": [60.0], "male": [70.0], "all": [65.0]}, index=[2008])
COUNTS = pd.DataFrame({"indicator": ["x"], "iso3": ["KHM"], "year": [2003], "count_min": [1], "count_max": [1]})
ESTIMATES = pd.DataFrame(
    {
        name: [f"{name}{at}" for at in range(2)]
        for name in ("id", "publisher", "counts_same_as", "reference_to", "low", "high")
    }
).assign(counts_same_as="all", reference_to=[2000.0, 2001.0], low=1.0, high=2.0, year_published=2001)

# Numbers that a function accepts; with any one of them missing it must refuse.
ACCEPTED: dict[str, dict[str, Any]] = {
    "choice.arrest_risk": {"arrests": 10, "victims": 100, "victims_per_trafficker": 4},
    "choice.annuity": {"years": 5, "rate": 0.05},
    "choice.gain_in_wages": {"profit": 1000, "victims": 3, "kept": 0.5, "wage": 900},
    "choice.share_for": {"years": 2, "profit": 1000, "victims": 3, "wage": 900},
    "counts.power_of_fall": {
        "yearly": 20,
        "years_before": 4,
        "years_after": 4,
        "fall": 0.3,
        "draws": 20,
        "level": 0.05,
    },
    "counts.exact_power": {"yearly": 20, "years_before": 4, "years_after": 4, "fall": 0.3, "level": 0.05},
    "counts.detectable_fall": {
        "yearly": 20,
        "years_before": 4,
        "years_after": 4,
        "power": 0.5,
        "draws": 20,
        "level": 0.05,
    },
    "counts.least_ratio": {"tolerance": 0.25},
    "counts.born": {"year": 2008, "youngest": 15, "oldest": 24},
    "counts.older_share": {"everyone": 60.0, "young": 80.0, "young_weight": 0.3},
    "counts.estimated_per_identified": {"estimated": 100.0, "identified": 4.0},
    "counts.rounded": {"value": 12.3, "step": 0.1},
    "counts.per_person": {"dollars": 100.0, "people": 4.0},
    "counts.chapman": {"first": 40, "second": 30, "both": 10},
    "counts.chapman_variance": {"first": 40, "second": 30, "both": 10},
    "counts.lincoln_petersen": {"first": 40, "second": 30, "both": 10},
    "counts.lincoln_petersen_variance": {"first": 40, "second": 30, "both": 10},
    "counts.normal_interval": {"estimate": 120.0, "variance": 90.0, "level": 0.95},
    "counts.lognormal_interval": {"estimate": 120.0, "variance": 90.0, "distinct": 60.0, "level": 0.95},
    "counts.estimate": {"first": 40, "second": 30, "both": 10, "level": 0.95},
    "counts.joint_share": {"first_share": 0.3, "second_share": 0.4, "odds_ratio": 2.0},
    "counts.large_sample_ratio": {"first_share": 0.3, "second_share": 0.4, "odds_ratio": 2.0},
    "counts.heterogeneity_ratio": {"first_variation": 0.3, "second_variation": 0.4, "correlation": 1.0},
    "counts.beta_variation": {"share": 0.3, "concentration": 5.0},
    "counts.odds_ratio_of": {"first_share": 0.3, "second_share": 0.4, "both_share": 0.2},
    "counts.expected_chapman": {"population": 100, "first_share": 0.3, "second_share": 0.4, "odds_ratio": 2.0},
    "counts.expected_half_width": {"population": 100, "first_share": 0.3, "second_share": 0.4, "odds_ratio": 2.0},
    "counts.expected_interval": {"population": 100, "first_share": 0.3, "second_share": 0.4, "odds_ratio": 2.0},
    "counts.expected_coverage": {"population": 100, "first_share": 0.3, "second_share": 0.4, "odds_ratio": 2.0},
    "law.change": {"first": 1.0, "first_error": 0.1, "last": 2.0, "last_error": 0.1, "level": 0.95},
    "law.e_value": {"ratio": 2.0, "low": 1.5, "high": 3.0},
    "law.bounding_factor": {"exposure_ratio": 2.0, "outcome_ratio": 3.0},
    "law.risk_ratio": {"ratio": 2.0, "measure": "hazard"},
    "law.posterior": {"prior": 0.3, "ratios": [2.0]},
    "law.posterior_range": {"items": [ITEM], "prior": 0.3},
    "law.share_of_corners": {"items": [ITEM], "prior": 0.3, "threshold": 0.5},
    "law.discount": {"items": [ITEM], "factor": 0.5},
    "law.representatives": {"items": [ITEM], "prior": 0.3, "kept": 3, "draws": 5},
    "law.posterior_at": {
        "items": [ITEM],
        "ratios": {"a": 2.0},
        "prior": 0.3,
        "draws": [(0.0, 0.1)],
        "factor": 0.5,
        "level": 0.9,
    },
    "law.flips": {"items": [ITEM], "prior": 0.3, "threshold": 0.5},
    "law.prior_needed": {"items": [ITEM], "threshold": 0.5},
    "law.ratio_needed": {"prior": 0.3, "threshold": 0.5},
    "law.strength": {"ratio": 4.0},
    "shares.wilson": {"count": 3, "sample": 10, "level": 0.95},
    "shares.clopper_pearson": {"count": 3, "sample": 10, "level": 0.95},
    "shares.beta_posterior": {"count": 3, "sample": 10},
    "shares.hypergeometric_upper_tail": {"count": 3, "sample": 10, "successes": 20, "population": 50},
    "shares.hypergeometric": {"count": 3, "sample": 10, "population": 50, "level": 0.95},
    "shares.manski_bounds": {"count": 3, "sample": 10, "population": 50},
    "shares.bounded_variation": {"count": 3, "sample": 10, "population": 50, "delta": 0.1, "level": 0.95},
    "shares.breakdown_delta": {"count": 3, "sample": 10, "population": 50, "threshold": 0.5, "level": 0.95},
    "shares.grim_mean": {"printed": "38.5", "sample": 10},
    "shares.grim_percent": {"printed": "38.5", "sample": 10},
    "shares.samples_matching_percent": {"printed": "38.5", "count": 5},
    "shares.splits_matching_mean": {"overall": "38.5", "first": "38.0", "second": "39.0", "sample": 10},
    "shares.checked_counts": {"where": "here", "count": 3, "sample": 10},
    "shares.checked_fraction": {"where": "here", "name": "share", "value": 0.5},
    "shares.checked_level": {"where": "here", "level": 0.5},
    "shares.among_all": {"share": 0.3, "odds": 2.0},
    "shares.odds_between": {"share": 0.3, "other": 0.4},
    "shares.in_small_cases": {"cases": 10, "people": 20, "large": 3},
    "shares.selected_share": {"share": 0.3},
    "shares.ratio_between": {"before": 0.3, "after": 0.4},
    "shares.sample_interval": {"sample": 10, "women": 3, "level": 0.95},
    "shares.largest_spread": {"difference": 2.0, "sizes": (10, 12), "level": 0.95},
    "shares.observed_share": {"true_rate": 0.3, "false_claims": 0.1, "silence": 0.2},
    "shares.implied_true_rate": {"observed": 0.3, "false_claims": 0.1, "silence": 0.2},
    "shares.false_claims_needed": {"observed": 0.3, "true_rate": 0.1, "silence": 0.2},
    "shares.contour": {"observed": 0.3, "silence": 0.2, "points": 5},
    "shares.posterior": {"count": 3, "sample": 10, "true_rate": Beta(1, 1), "false_claims": 0.1, "silence": 0.1},
    "shares.tail_probability": {"count": 3, "sample": 10, "common": None, "level": 0.95},
    "choice.gain_in_words": {"profit": 1000, "victims": 3, "kept": 0.5, "wage": 900},
    "choice.enough": {"level": 0.95},
    "counts.scattered_limits": {"ratio": 1.5, "total_before": 10, "after": [3, 4], "overdispersion": 1.0},
    "counts.smallest_seen": {"falls": [0.1, 0.5], "power_of": lambda fall: fall, "wanted": 0.4},
    "counts.impossible_totals": {"shares": BY_SEX, "rounding": 0.05},
    "counts.impossible_steps": {"lower": BY_SEX["female"], "higher": BY_SEX["male"], "rounding": 0.05},
    "counts.pairs": {"table": ESTIMATES, "years": 5},
    "counts.largest_reporters": {"frame": COUNTS, "indicator": "x", "largest": 1},
    "law.outcome_ratio_needed": {"exposure_ratio": 3.0, "bias": 1.5},
    "law.drawn": {"items": [ITEM], "prior": 0.3, "level": 0.9, "draws": 5},
    "shares.side": {"organised": 3, "n": 10, "level": 0.95},
    "shares.of_share": {"share": 0.8, "sample": 91, "level": 0.95},
    "shares.silence_needed": {"observed": 0.3, "true_rate": 0.4, "false_claims": 0.1},
    "shares.prior_like": {"mean": 0.3, "spread": 0.1},
    "shares.margin": {
        "sample": 91,
        "places": 8,
        "all_places": 26,
        "held": 199,
        "correlation": 0.1,
        "share": 0.5,
        "level": 0.95,
    },
    "systems.profile_interval": {"counts": [30, 25, 12, 28, 11, 9, 4], "level": 0.95},
    "tiers.effect_for_power": {
        "tiers": ["1", "2", "3"] * 3,
        "wanted": 0.3,
        "level": 0.1,
        "draws": 50,
        "largest": 20.0,
    },
    "tiers.superiority": {"effect": 0.5},
    "tiers.limits": {"draws": np.ones((5, 2)), "level": 0.95},
    "tiers.critical_value": {"clusters": 10, "level": 0.95},
    "tiers.small_sample_factor": {"observations": 100, "clusters": 10, "parameters": 3},
}


def full_name(function: Callable[..., Any]) -> str:
    """The name of a function from the room on."""
    return f"{function.__module__.removeprefix(methods.__name__ + '.')}.{function.__name__}"


def in_a_refusal(test: ast.FunctionDef) -> set[str]:
    """The functions that a test calls where it awaits a refusal."""
    blocks = [
        node
        for node in ast.walk(test)
        if isinstance(node, ast.With) and any("raises" in ast.unparse(item.context_expr) for item in node.items)
    ]
    calls = [node.func for block in blocks for node in ast.walk(block) if isinstance(node, ast.Call)]
    return {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}


def test_every_public_function_is_tried_or_excused() -> None:
    every = sorted({full_name(function) for function in FUNCTIONS.values()})
    tried = {full_name(FUNCTIONS[name]) for name in (*ACCEPTED, *(row[0] for row in DEGENERATE))}
    excused_names = [name for names in EXCUSED.values() for name in names]
    assert sorted([*tried, *ELSEWHERE, *excused_names]) == every


@pytest.mark.parametrize(("name", "place"), ELSEWHERE.items(), ids=ELSEWHERE)
def test_the_test_that_is_named_for_a_function_sees_it_refuse(name: str, place: str) -> None:
    file, _, test = place.partition("::")
    tree = ast.parse((Path(__file__).parent / file).read_text(encoding="utf-8"))
    (found,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == test)
    assert name.rsplit(".", 1)[1] in in_a_refusal(found)


def accepted(name: str) -> dict[str, Any]:
    given = dict(ACCEPTED[name])
    if "common" in given:
        given["common"] = FUNCTIONS["shares.fit_beta_binomial"]([1, 5, 9], [10, 10, 10])
    return given


def numbers_of() -> list[Any]:
    return [
        pytest.param(name, argument, id=f"{name}-{argument}")
        for name, given in ACCEPTED.items()
        for argument, value in given.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]


ARGUMENTS = numbers_of()


def refused(name: str, /, *given: Any, **named: Any) -> str:
    """The one line with which a function refuses."""
    with pytest.raises(ValueError) as told:
        FUNCTIONS[name](*given, **named)
    line = str(told.value)
    assert line and "\n" not in line
    # What numpy and pandas say of an empty array is no refusal: it names neither the function nor what to do.
    assert "zero-size array" not in line and "cannot convert float NaN" not in line and "math domain" not in line
    return line


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_accepted_gives_an_answer(name: str) -> None:
    FUNCTIONS[name](**accepted(name))


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_a_missing_number_is_refused(name: str, argument: str) -> None:
    refused(name, **{**accepted(name), argument: NAN})


CLUSTERS = ["a", "a", "b", "b", "c", "c"]
X = np.array([[0.0], [1.0], [2.0], [1.0], [0.5], [3.0]])
Y = [0, 1, 1, 0, 1, 0]
SPANS = {"p_arrest": Span(0.1, 0.5), "legal_income": Span(500.0, 900.0)}
LIFE = Life(1000, 3, 900, 0.1, 0.5, 5, 0.05)
COUNT_FRAME = pd.DataFrame({"indicator": [], "iso3": [], "year": [], "count_min": [], "count_max": []})
TIER_FRAME = pd.DataFrame({"iso3": [], "year": [], "tier": []}).astype({"iso3": str, "year": int, "tier": str})
SPELLS = pd.DataFrame({"iso3": [], "entered": [], "years": [], "exit": []})

LAWS = pd.DataFrame({"iso3": ["KHM"], "year": [2008], "criminalisation": [2]})
RISK = pd.DataFrame({"iso3": list("aabbcc"), "year": [1, 2] * 3, "event": [0, 1] * 3, "placed": [0, 1, 1, 0, 1, 1]})
ENDS = ("min_years", "max_years", "max_is_life")
PENALTIES = pd.DataFrame(
    columns=["id", "in_force_from", "in_force_to", "status", *ENDS, *(f"aggravated_{end}" for end in ENDS)]
)
FIT = FUNCTIONS["shares.fit_beta_binomial"]([1, 5, 9], [10, 10, 10])
UNFIT = FUNCTIONS["tiers.failed"]("ordered logit", "separation", "planted", ("a",), 3, 6, 3)
PREPARED = whatif.Prepared(
    ("a",), np.ones(1), np.ones((1, 1)), np.zeros(1), 1, 2.0, pd.DataFrame([{"linear": 0.0, "variance": 1.0}])
)
FORETOLD = Namespace(by_row=pd.DataFrame({"model": ["last year"], "iso3": ["a"], "accuracy": [1.0]}))

# No rows, all zero, one cluster, one class, a missing number in a series.
DEGENERATE: list[tuple[str, str, tuple[Any, ...], dict[str, Any]]] = [
    ("choice.annuity", "no years", ([], 0.05), {}),
    ("choice.annuity", "a negative rate", (5, -0.1), {}),
    ("choice.evaluate", "no lives", (pd.DataFrame([vars(LIFE)]).iloc[:0],), {}),
    ("choice.evaluate", "a missing number", (pd.DataFrame([vars(LIFE)]).assign(persons=NAN),), {}),
    ("choice.deterred", "no lives", (pd.DataFrame([vars(LIFE)]).iloc[:0], {"p_arrest": 0.0}), {}),
    ("choice.escalation", "no factors", (pd.DataFrame([vars(LIFE)]), "p_arrest", []), {}),
    ("choice.escalation", "a missing factor", (pd.DataFrame([vars(LIFE)]), "p_arrest", [NAN]), {}),
    ("choice.flip", "no such parameter", (LIFE, "luck"), {}),
    ("choice.frontier", "no values", (LIFE, "p_arrest", [], "p_bribe"), {}),
    ("choice.latin_hypercube", "no spans", ({}, 10, 1), {}),
    ("choice.latin_hypercube", "no lives", (SPANS, 0, 1), {}),
    ("choice.sobol_indices", "no spans", ({},), {}),
    (
        "choice.sobol_indices",
        "an outcome that does not vary",
        ({"gain_per_person": Span(1, 2)}, "expected_cost"),
        {"fixed": {k: v for k, v in vars(LIFE).items() if k != "gain_per_person"}, "n": 4},
    ),
    ("choice.partial_rank_correlations", "no lives", (pd.DataFrame({"a": []}), []), {}),
    (
        "choice.partial_rank_correlations",
        "columns that do not vary",
        (pd.DataFrame({"a": [1.0] * 9}), range(9)),
        {},
    ),
    (
        "choice.partial_rank_correlations",
        "an outcome that does not vary",
        (pd.DataFrame({"a": range(9)}), [1.0] * 9),
        {},
    ),
    (
        "choice.partial_rank_correlations",
        "a missing outcome",
        (pd.DataFrame({"a": range(9)}), [*range(8), NAN]),
        {},
    ),
    ("counts.rate_ratio", "no counts", ([], []), {}),
    ("counts.rate_ratio", "all zero", ([0, 0], [0, 0]), {}),
    ("counts.rate_ratio", "none after", ([1, 2], [0, 0]), {}),
    ("counts.rate_ratio", "a missing count", ([1, NAN], [1, 2]), {}),
    ("counts.rate_ratio", "missing years", ([1, 2], [1, 2]), {"years_before": [1, NAN]}),
    ("counts.overdispersion_of", "one count", ([3],), {}),
    ("counts.overdispersion_of", "all zero", ([0, 0, 0],), {}),
    ("counts.overdispersion_of", "missing years", ([1, 2, 4, 3],), {"years": [1, 2, 3, NAN]}),
    ("counts.overdispersion_of", "equal years", ([1, 2, 4, 3],), {"years": [1, 1, 1, 1]}),
    ("counts.power_of_fall", "no draws", (20, 4, 4, 0.3), {"draws": 0}),
    ("counts.detectable_fall", "no draws", (20, 4, 4), {"draws": 0}),
    ("counts.agree", "no years", ([], []), {}),
    ("counts.agree", "a missing count", ([1, NAN], [1, 2]), {}),
    ("counts.agree_bounded", "no years", ([], [], []), {}),
    ("counts.agreement_share", "no years", ([],), {}),
    ("counts.agreement_share", "another word", (["perhaps"],), {}),
    ("counts.agreement_sensitivity", "no years", ([], [], []), {}),
    ("counts.agreement_by_chance", "no years", ([], [], []), {}),
    ("counts.concordance", "two years", ([1, 2], [1, 2]), {}),
    ("counts.concordance", "all zero", ([0] * 6, [0] * 6), {}),
    ("counts.concordance", "no draws", ([1, 2, 4, 3], [1, 3, 4, 2]), {"draws": 0}),
    ("counts.ratio_of_counts", "all zero", ([0] * 6, [0] * 6), {}),
    ("counts.ratio_of_counts", "no draws", ([1, 2, 4, 3], [1, 3, 4, 2]), {"draws": 0}),
    ("tiers.tier_test", "no years", ([], []), {}),
    ("tiers.tier_fisher", "no years", ([], []), {"threshold": 5}),
    ("tiers.tier_fisher", "a missing count", (["1", "3"], [1, NAN]), {"threshold": 5}),
    ("tiers.tier_fisher", "a missing threshold", (["1", "3"], [1, 2]), {"threshold": NAN}),
    ("tiers.tier_match", "no years", ([], []), {}),
    ("tiers.tier_match", "a missing threshold", (["1", "3"], [1, 2]), {"threshold": NAN}),
    ("tiers.tier_match_best", "no years", ([], []), {}),
    ("tiers.tier_match_best", "a missing count", (["1", "3"], [1, NAN]), {}),
    ("tiers.pairs_in_order", "no years", ([], []), {}),
    ("tiers.pairs_in_order", "one tier", (["2", "2"], [1, 2]), {}),
    ("tiers.pairs_in_order", "a missing count", (["1", "3"], [1, NAN]), {}),
    ("tiers.tier_test_power", "no years", ([],), {}),
    ("tiers.tier_test_power", "one tier", (["2", "2", "2"],), {}),
    ("tiers.tier_test_power", "no draws", (["1", "2", "3"],), {"draws": 0}),
    (
        "tiers.tier_test_conflicts",
        "no years",
        (pd.DataFrame({"year": [], "tier": [], "counted_year": [], "source": [], "convictions": []}),),
        {},
    ),
    ("counts.estimate", "nobody", (0, 0, 0), {}),
    ("capture.simulate", "no runs", (Scenario(100, 0.3, 0.4), 0), {}),
    ("capture.performance", "no runs", (Scenario(100, 0.3, 0.4),), {"runs": 0}),
    ("counts.performance_table", "no scenarios", ([],), {}),
    ("counts.joint_share", "nobody on a list", (0.0, 0.4, 0.0), {}),
    ("counts.large_sample_ratio", "nobody on a list", (0.0, 0.4, 1.0), {}),
    ("counts.beta_variation", "nobody", (0.0, 5.0), {}),
    ("counts.expected_coverage", "nobody on a list", (100, 0.0, 0.4, 1.0), {}),
    ("counts.expected_chapman", "nobody on a list", (100, 0.0, 0.4, 1.0), {}),
    ("counts.odds_ratio_of", "nobody on a list", (0.0, 0.0, 0.0), {}),
    ("counts.dips", "a missing value", ([1.0, NAN, 2.0], 0.1), {}),
    (
        "counts.documentation",
        "no estimates",
        (pd.DataFrame({"method_class": [], "standard_error": [], "concept_group": []}),),
        {},
    ),
    ("counts.estimated_per_identified", "nobody identified", (10, 0), {}),
    ("counts.ratio", "zero", (FUNCTIONS["counts.rounded"](0.0, 0.1), FUNCTIONS["counts.rounded"](1.0, 0.1)), {}),
    ("counts.per_person", "nobody", (10.0, 0), {}),
    (
        "counts.spread",
        "no value",
        (pd.DataFrame({"value_usd": [], "value_usd_low": [], "value_usd_high": []}),),
        {},
    ),
    (
        "counts.spread",
        "all zero",
        (pd.DataFrame({"value_usd": [0.0], "value_usd_low": [0.0], "value_usd_high": [0.0]}),),
        {},
    ),
    ("counts.world_sums", "no rows", (COUNT_FRAME, "persons_convicted"), {}),
    (
        "counts.revisions",
        "zero in one edition",
        (pd.DataFrame({"year": [2008, 2008], "edition": ["2009", "2010"], "count": [0, 5]}),),
        {},
    ),
    ("counts.declare_grid", "no rows", (COUNT_FRAME,), {}),
    ("counts.run", "no specifications", (COUNT_FRAME, []), {}),
    (
        "counts.share_of_signs",
        "nothing computed",
        (pd.DataFrame({"status": ["no report"], "sign": [""], "ratio_low": [NAN], "ratio_high": [NAN]}),),
        {},
    ),
    ("counts.bootstrap_share", "no rows", (COUNT_FRAME, []), {}),
    ("counts.country_growth", "no rows", (COUNT_FRAME, "x", 2003, 2008), {}),
    ("counts.median_annual_growth", "no rows", (COUNT_FRAME, "x", 2003, 2008), {}),
    ("law.posterior", "a ratio of zero", (0.3, [0.0]), {}),
    ("law.posterior", "a missing ratio", (0.3, [NAN]), {}),
    ("law.share_below", "one country", ([1.0], [0.1], 0), {}),
    ("law.share_below", "a missing score", ([1.0, NAN], [0.1, 0.1], 0), {}),
    ("law.share_below", "no draws", ([1.0, 2.0], [0.1, 0.1], 0), {"draws": 0}),
    ("law.bounding_factor", "zero", (0.0, 0.0), {}),
    ("law.e_value", "zero", (0.0, 0.0, 0.0), {}),
    ("law.fit", "no rows", (pd.DataFrame({"iso3": [], "year": [], "event": [], "exposure": []}),), {}),
    ("shares.wilson", "nobody", (0, 0), {}),
    ("shares.clopper_pearson", "nobody", (0, 0), {}),
    ("shares.hypergeometric", "nobody", (0, 0, 0), {}),
    ("shares.manski_bounds", "nobody", (0, 0, 0), {}),
    ("shares.bounded_variation", "nobody", (0, 0, 0, 0.1), {}),
    ("shares.breakdown_delta", "nobody", (0, 0, 0, 0.5), {}),
    ("shares.overall_mean_check", "no groups", ("38.5", []), {}),
    ("shares.mean_gap", "an empty group", ("38.5", ("38.0", "39.0"), (0, 0)), {}),
    ("shares.fewest_left_out", "an empty group", ("38.5", ("38.0", "39.0"), (0, 0), 18, 60), {}),
    ("shares.least_mean_left_out", "an empty group", ("38.5", ("38.0", "39.0"), (0, 0), 1, 18, 60), {}),
    ("shares.largest_spread", "an empty group", (2.0, (0, 3)), {}),
    ("shares.in_small_cases", "nobody", (0, 0, 3), {}),
    (
        "shares.pooled",
        "nobody",
        (
            pd.DataFrame(
                {
                    "treatment": ["either"],
                    "fewest_foreign": [0],
                    "most_others": [0],
                    "most_foreign": [0],
                    "fewest_others": [0],
                }
            ),
        ),
        {},
    ),
    ("shares.extremes", "a missing count", ((0, NAN), (0, 1), (0, 1), (0, 1)), {}),
    ("shares.selected_share", "a missing ratio", (0.3, NAN), {}),
    ("shares.true_rate_bounds", "a missing rate", ((0.1, NAN), (0.0, 0.1), (0.0, 0.1)), {}),
    ("shares.fit_beta_binomial", "no groups", ([], []), {}),
    ("shares.fit_beta_binomial", "one group", ([1], [5]), {}),
    ("shares.fit_beta_binomial", "a missing count", ([1, NAN], [5, 5]), {}),
    ("shares.hyper_posterior", "all zero", ([0, 0], [5, 5]), {}),
    (
        "shares.configurations",
        "no countries",
        (
            pd.DataFrame(
                {
                    name: []
                    for name in ("share_low", "share_high", "women_min", "women_max", "totals_low", "totals_high")
                }
            ),
        ),
        {},
    ),
    ("shares.envelope", "all zero", ([0, 0], [5, 5], [0, 0], [5, 5]), {}),
    ("tiers.critical_value", "one cluster", (1,), {}),
    ("tiers.small_sample_factor", "one cluster", (10, 1, 2), {}),
    ("tiers.small_sample_factor", "no spare observation", (2, 2, 2), {}),
    ("tiers.p_value", "one cluster", (2.0, 1), {}),
    *(
        (f"tiers.{name}", what, given, {})
        for name in ("fit_ordered", "fit_logit", "fit_linear")
        for what, given in (
            ("no rows", ([], np.empty((0, 1)), [])),
            ("one cluster", (Y, X, ["a"] * 6)),
            ("a missing number", (Y, np.where(X == 3.0, NAN, X), CLUSTERS)),
        )
    ),
    ("tiers.proportional_odds", "no rows", ([], np.empty((0, 1)), []), {}),
    ("tiers.separating_direction", "no rows", (np.array([], dtype=int), np.empty((0, 1)), 2), {}),
    ("tiers.transitions", "no rows", (TIER_FRAME,), {}),
    ("tiers.classes_by_year", "no rows", (TIER_FRAME,), {}),
    ("tiers.time_on_watch_list", "no stays", (SPELLS,), {}),
    ("tiers.after_years_on_watch_list", "no stays", (SPELLS, 2009), {}),
    ("tiers.watch_list_spells", "no years", (TIER_FRAME, []), {}),
    ("tiers.folds_by_country", "no countries", ([], 5, 1), {}),
    ("tiers.folds_by_country", "no folds", (["KHM"], 0, 1), {}),
    ("tiers.ranked_probability_score", "one category", (np.ones((2, 1)), np.zeros(2, dtype=int)), {}),
    ("tiers.ranked_probability_score", "no rows", (np.empty((0, 4)), np.empty(0, dtype=int)), {}),
    ("tiers.log_score", "no rows", (np.empty((0, 4)), np.empty(0, dtype=int)), {}),
    (
        "tiers.predictability",
        "no rows",
        (pd.DataFrame({"iso3": [], "year": [], "rank": [], "last_rank": []}), {"m": ["last_rank"]}),
        {},
    ),
    ("tiers.summarise", "no results", (pd.DataFrame({"status": [], "effect": [], "p": []}),), {}),
    ("tiers.extent", "no outline", ('{"type": "Polygon", "coordinates": [[]]}',), {}),
    ("tiers.falls", "an unknown letter", ("x" * 25,), {}),
    ("tiers.compared", "two lengths", ("12", "1"), {}),
    ("counts.agreement", "no items", ([], []), {}),
    ("counts.one_per_year", "no figures", (pd.DataFrame({"year": [], "preferred": []}),), {}),
    (
        "counts.spreads",
        "no estimates",
        (pd.DataFrame({name: [] for name in ("scope", "concept_group", "kind", "low", "high")}),),
        {},
    ),
    ("counts.largest_reporters", "no rows", (COUNT_FRAME, "x", 5), {}),
    ("counts.check_frame", "no rows", (COUNT_FRAME,), {}),
    ("counts.need", "no columns", (pd.DataFrame(), ["year"]), {}),
    ("counts.resample", "no rows", (COUNT_FRAME, []), {}),
    ("counts.change", "no pairs", ([],), {}),
    ("systems.histories", "one list", (1,), {}),
    ("systems.counts_of", "no rows", (pd.DataFrame({"a": [], "b": [], "count": []}), ["a", "b"]), {}),
    ("systems.counts_of", "a missing count", (pd.DataFrame({"a": [1], "b": [0], "count": [NAN]}), ["a", "b"]), {}),
    ("systems.fit", "all zero", ([0] * 7,), {}),
    ("systems.fit", "a missing count", ([NAN] * 7,), {}),
    ("systems.choose", "all zero", ([0] * 7,), {}),
    ("systems.choose", "an unknown criterion", ([5] * 7, "luck"), {}),
    ("systems.choose_each", "no rows", (np.empty((0, 7)),), {}),
    ("systems.profile_interval", "all zero", ([0] * 7,), {}),
    ("systems.simulate", "no runs", (Lists(100, (0.3, 0.4, 0.5)), 0, 1), {}),
    ("systems.performance", "no runs", (Lists(100, (0.3, 0.4, 0.5)),), {"runs": 0}),
    ("systems.holds", "nobody", (np.zeros((1, 7)), [()], 100), {}),
    ("systems.holds", "no model", (np.ones((1, 7)), [], 100), {}),
    ("systems.holds", "a missing population", (np.ones((1, 7)), [()], NAN), {}),
    ("law.benchmarks", "no rows", (RISK.iloc[:0],), {}),
    ("law.bootstrap_effect", "no draws", (RISK,), {"draws": 0}),
    ("law.bootstrap_effect", "a missing level", (RISK,), {"level": NAN}),
    ("law.event_study", "no rows", (RISK.assign(event_time=0).iloc[:0],), {}),
    ("law.placebo", "no rows", (RISK.assign(placed_lead1=0).iloc[:0],), {}),
    ("law.usable", "no rows", (RISK.iloc[:0], Model()), {}),
    ("law.require", "no columns", (pd.DataFrame(), ["year"], "rows"), {}),
    ("law.wide", "no rows", (pd.DataFrame({"iso3": [], "year": [], "law": []}), "law", "laws"), {}),
    ("law.risk_set", "no laws", (LAWS.iloc[:0], TIER_FRAME), {}),
    ("law.inverse_link", "an unknown link", (np.zeros(2), "probit"), {}),
    ("law.slope_of_link", "an unknown link", (np.zeros(2), "probit"), {}),
    ("law.span", "no date", ("",), {}),
    ("law.decimal_year", "no date", (None,), {}),
    ("law.in_force", "no date", (PENALTIES, ""), {}),
    ("law.periods", "no date", (PENALTIES, ""), {}),
    ("law.penalty", "no rows", (PENALTIES, "murder"), {}),
    ("law.compare", "no regimes", (PENALTIES, []), {}),
    ("law.judged", "no word on counting", ([{"counted": ""}],), {}),
    ("law.judged_anew", "no items", ([], "a", (0.1, 0.2), (0.1, 0.2)), {}),
    ("law.posterior_at", "no draws", ([ITEM], {}, 0.3, []), {}),
    ("law.drawn", "no draws", ([ITEM], 0.3), {"draws": 0}),
    ("shares.side", "nobody", (0, 0), {}),
    ("shares.of_row", "no counts", ({"sample": "here", "unit": "cases", "organised": "", "n": ""},), {}),
    ("shares.of_share", "nobody", (0.5, 0), {}),
    ("shares.shrink", "no groups", ([], [], FIT), {}),
    ("shares.shrink", "a missing count", ([1, NAN], [5, 5], FIT), {}),
    ("shares.rank", "no groups", ([], [], FIT), {}),
    ("shares.rank", "no draws", ([1, 2], [5, 5], FIT), {"draws": 0}),
    ("shares.resampled", "no rows", (pd.DataFrame({"at": [], "x": []}), "at", len), {}),
    ("shares.resampled_median", "no rows", (pd.DataFrame({"at": [], "x": []}), "at", "x"), {}),
    ("shares.misprints", "nobody", ("38.5", "38.0", "39.0", 0), {}),
    ("shares.prior_like", "no spread", (0.5, 0), {}),
    ("shares.prior_like", "more spread than a rate can have", (0.5, 0.5), {}),
    ("shares.prior_like", "a rate that is never", (0.0, 0.1), {}),
    ("shares.margin", "nobody", (0, 0), {"all_places": 26, "held": 199, "correlation": 0.0}),
    ("tiers.checked", "no rows", ([], np.empty((0, 1)), None), {}),
    ("tiers.null_model", "no rows", ("ordered", [], np.empty((0, 1)), []), {}),
    ("tiers.separating_columns", "no rows", (np.array([], dtype=int), np.empty((0, 1)), 2), {}),
    ("tiers.marginal_thresholds", "all zero", (np.zeros(4),), {}),
    ("tiers.probabilities", "a fit without estimates", (UNFIT, np.ones((3, 1))), {}),
    ("effects.marginal_effect", "a fit without estimates", (UNFIT, np.ones((3, 1)), 0, 1), {}),
    ("tiers.average_marginal_effects", "a fit without estimates", (UNFIT, np.ones((3, 1))), {}),
    ("tiers.standardised", "no rows", (np.empty((0, 1)),), {}),
    ("tiers.standardised", "a missing number", (np.array([[1.0], [NAN]]),), {}),
    ("tiers.fit_with_ridge", "no rows", (np.array([], dtype=int), np.empty((0, 1)), 4), {}),
    ("tiers.transparent_twin", "no rows", (np.array([], dtype=int), np.empty((0, 1)), 4), {}),
    ("tiers.openness", "no rows", (TIER_FRAME, []), {}),
    ("tiers.ranked", "no rows", (TIER_FRAME,), {}),
    ("tiers.country_weights", "no countries", (0, 5, 1), {}),
    ("tiers.country_weights", "no draws", (5, 0, 1), {}),
    ("tiers.limits", "no draws", (np.empty((0, 2)), 0.95), {}),
    ("tiers.in_runs", "too few letters", ("1",), {}),
    ("tiers.in_runs", "an unknown letter", ("x" * 25,), {}),
    ("tiers.coverage", "no years", (TIER_FRAME.assign(year_coverage=""),), {}),
    ("tiers.special_cases_read", "no years", (TIER_FRAME.assign(year_coverage=""),), {}),
    ("tiers.histories", "no years", (TIER_FRAME.assign(year_coverage=""), {}), {}),
    ("tiers.year_sentences", "no years", (TIER_FRAME.assign(year_coverage=""),), {}),
    ("tiers.grid", "no measures", ({},), {}),
    ("tiers.published", "no specifications", ([],), {}),
    ("tiers.published", "none of each", ([BASELINE], 0), {}),
    ("estimation.run", "no specifications", (None, []), {}),
    ("tiers.permutation_test", "no draws", (None, [BASELINE]), {"draws": 0}),
    ("tiers.permutation_tests", "no specifications", (None, []), {}),
    ("tiers.raw_rates", "no groups", (None, BASELINE, "income"), {"groups": 0}),
    ("tiers.skill", "an unknown model", (FORETOLD, "luck", "accuracy"), {}),
    ("tiers.effect_for_power", "no draws", (["1", "2", "3"],), {"draws": 0}),
    ("tiers.tier_test_power", "a missing effect", (["1", "2", "3"], [NAN]), {}),
    ("tiers.chance", "a missing move", (PREPARED, 0, {"a": NAN}), {}),
    ("tiers.chance", "an unknown column", (PREPARED, 0, {"b": 1.0}), {}),
]


@pytest.mark.parametrize(
    ("check", "low", "high", "value", "said"),
    [
        (checks.within, 0, 1, 2.0, "x is 2; expected 0 to 1"),
        (checks.within, 0, 1, [0, 1, -0.5, 7], "x is -0.5; expected 0 to 1"),
        (checks.within, 0, 1, [1, NAN], "x is missing; expected 0 to 1"),
        (checks.between, 0, 1, 1, "x is 1; expected more than 0 and less than 1"),
        (checks.between, -INF, INF, INF, "x is inf; expected a finite number"),
        (checks.between, -INF, INF, [], "expected x, at least one; found none"),
    ],
)
def test_a_refusal_says_what_was_found_and_what_expected(check, low, high, value, said) -> None:
    with pytest.raises(ValueError) as caught:
        check("here", low, high, x=value)
    assert str(caught.value) == f"here: {said}"


def test_ends_are_within_a_range_and_not_between_them() -> None:
    checks.within("here", 0, 1, x=[0, 0.5, 1])
    checks.between("here", 0, 1, x=[0.001, 0.999])
    checks.some("here", "rows", [0])


@pytest.mark.parametrize(
    ("name", "given", "named"),
    [pytest.param(name, given, named, id=f"{name}-{what}") for name, what, given, named in DEGENERATE],
)
def test_degenerate_input_is_refused_in_one_line(name: str, given: tuple[Any, ...], named: dict[str, Any]) -> None:
    refused(name, *given, **named)
