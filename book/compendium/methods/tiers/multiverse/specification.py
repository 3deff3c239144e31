"""The grid: what a referee could have chosen otherwise, what cannot be combined, and every valid combination.

The choices are declared in `POLITICS`, `PERFORMANCE`, `CONTROLS`, `MODELS`, `YEAR_EFFECTS`, `LAGS`, `WINDOWS` and
`SAMPLES`; what cannot be combined in `EXCLUSIONS` (Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from compendium.methods.checks import some, within
from compendium.methods.tiers.tiers import WATCH_LIST_SINCE


@dataclass(frozen=True)
class Measure:
    """One measure of politics: its family, and the sign predicted for worse tiers if tiers are political."""

    family: str
    predicted_sign: int
    label: str


POLITICS: Mapping[str, Measure] = {
    "voting_distance": Measure("votes", +1, "distance of UN ideal points from the US"),
    "agreement": Measure("votes", -1, "agreement with the US in UN votes, yes and no only"),
    "agreement_with_abstentions": Measure("votes", -1, "agreement with the US in UN votes, abstentions counted"),
    "agreement_important": Measure("votes", -1, "agreement in the votes the US calls important"),
    "us_assistance": Measure("money", -1, "US assistance, log of 1 + million constant dollars"),
    "us_trade": Measure("money", -1, "goods trade with the US, log of per cent of GDP"),
    "defence_pact": Measure("security", -1, "defence pact with the US"),
    "us_troops": Measure("security", -1, "US troops, log of 1 + number"),
}
PERFORMANCE: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "3P total": ("p3_total",),
    "3P parts": ("p3_prosecution", "p3_protection", "p3_prevention"),
    "rule of law": ("rule_of_law",),
    "control of corruption": ("control_of_corruption",),
    "3P total and rule of law": ("p3_total", "rule_of_law"),
}
CONTROLS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "income, population": ("log_income", "log_population"),
    "income, population, democracy": ("log_income", "log_population", "democracy"),
    "income, population, democracy, region": ("log_income", "log_population", "democracy", "region"),
}
MODELS: tuple[tuple[str, str, str], ...] = (  # outcome, estimator, country effects
    ("four tiers", "ordered logit", "none"),
    ("three tiers", "ordered logit", "none"),
    ("watch list or worse", "logit", "none"),
    ("watch list or worse", "linear", "none"),
    ("watch list or worse", "linear", "within"),
)
YEAR_EFFECTS = ("none", "year")
LAGS = (0, 1, 2)
WINDOWS: Mapping[str, tuple[int, int]] = {
    "2001-2015": (2001, 2015),
    "2004-2015": (2004, 2015),
    "2001-2023": (2001, 2023),
    "2004-2023": (2004, 2023),
}
# The lists that were complete when the grid was declared. Lists read since stay out of its windows, so that they
# move no draw of it; a panel of all complete lists shows what they would change.
DECLARED_YEARS = (*range(2001, 2016), 2020, 2021, 2023)
DECLARED_IN: Mapping[str, tuple[int, ...]] = {
    name: tuple(year for year in DECLARED_YEARS if first <= year <= last) for name, (first, last) in WINDOWS.items()
}
SAMPLES: Mapping[str, str] = {
    "all": "all ranked countries",
    "not high income": "without countries the World Bank classes as high income",
    "no defence pact": "without countries that had a defence pact with the US in any year",
}
OUTCOMES: Mapping[str, tuple[tuple[int, int, int, int], str, int]] = {
    # rank 0-3 becomes; the event whose probability is reported; its lowest category
    "four tiers": ((0, 1, 2, 3), "watch list or worse", 2),
    "three tiers": ((0, 1, 1, 2), "Tier 3", 2),
    "watch list or worse": ((0, 0, 1, 1), "watch list or worse", 1),
}
P3_ENDS = 2013
OPTIONS: Mapping[str, Collection[Any]] = {
    "politics": POLITICS,
    "performance": PERFORMANCE,
    "controls": CONTROLS,
    "year_effects": YEAR_EFFECTS,
    "lag": LAGS,
    "years": WINDOWS,
    "sample": SAMPLES,
}
LEVEL = 0.95
SEED = 20010712


@dataclass(frozen=True, order=True)
class Specification:
    """One model: a choice for every question at which a referee could have chosen otherwise."""

    politics: str
    performance: str
    controls: str
    outcome: str
    estimator: str
    country_effects: str
    year_effects: str
    lag: int
    years: str
    sample: str

    def __post_init__(self) -> None:
        for choice, options in OPTIONS.items():
            if getattr(self, choice) not in options:
                raise ValueError(
                    f"specification: {choice} expected one of {', '.join(map(str, options))}, "
                    f"found {getattr(self, choice)!r}; choose one"
                )
        if (self.outcome, self.estimator, self.country_effects) not in MODELS:
            raise ValueError(
                f"specification: expected a model of MODELS, found {self.outcome!r} by {self.estimator!r} with "
                f"country effects {self.country_effects!r}; choose a declared combination"
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """The covariates besides politics, in the order of the design."""
        return PERFORMANCE[self.performance] + CONTROLS[self.controls]

    @property
    def window(self) -> tuple[int, ...]:
        """The report years of the specification among those of the declaration."""
        return DECLARED_IN[self.years]


BASELINE = Specification(
    politics="voting_distance",
    performance="rule of law",
    controls="income, population, democracy, region",
    outcome="four tiers",
    estimator="ordered logit",
    country_effects="none",
    year_effects="year",
    lag=1,
    years="2004-2023",
    sample="all",
)
CHOICES = tuple(field.name for field in fields(Specification))


@dataclass(frozen=True)
class Exclusion:
    """A rule by which a combination is left out of the grid, and why."""

    name: str
    reason: str
    excludes: Callable[[Specification, Mapping[str, int]], bool]


def _adds_no_year(spec: Specification, reach: Mapping[str, int]) -> bool:
    _, last = WINDOWS[spec.years]
    if last <= 2015:
        return False
    reached = min(reach[column] for column in (spec.politics, *spec.columns)) + spec.lag
    return not any(2015 < year <= reached for year in spec.window)


EXCLUSIONS: tuple[Exclusion, ...] = (
    Exclusion(
        "watch list before it existed",
        f"an outcome that uses the watch list needs reports from {WATCH_LIST_SINCE} on",
        lambda s, _: s.outcome != "three tiers" and WINDOWS[s.years][0] < WATCH_LIST_SINCE,
    ),
    Exclusion(
        "later years not reached",
        "no report after 2015 has all covariates, so that the window to 2023 repeats the one to 2015",
        _adds_no_year,
    ),
    Exclusion(
        "region with country effects",
        "country effects absorb the region, so that the model repeats the one without it",
        lambda s, _: s.country_effects == "within" and "region" in s.columns,
    ),
    Exclusion(
        "pact among countries without one",
        "the measure is constant in the sample",
        lambda s, _: s.politics == "defence_pact" and s.sample == "no defence pact",
    ),
    Exclusion(
        "pact with country effects",
        "only ten countries' pacts begin in the years covered: too few for cluster-robust inference "
        "(MacKinnon and Webb 2018, Econometrics Journal 21)",
        lambda s, _: s.politics == "defence_pact" and s.country_effects == "within",
    ),
)


def grid(reach: Mapping[str, int]) -> tuple[list[Specification], pd.DataFrame]:
    """All valid specifications, in the order of the declaration, and what each rule excluded.

    `reach` gives the last year with a value of every column, as `Panel.reach` does. The second value: rule, reason,
    excluded (combinations that this rule is the first to exclude). Combinations declared = valid + the sum of
    excluded.
    """
    some("grid", "columns with their last year", reach)
    valid: list[Specification] = []
    excluded = dict.fromkeys((rule.name for rule in EXCLUSIONS), 0)
    for politics, performance, controls, model, effects, lag, years, sample in itertools.product(
        POLITICS, PERFORMANCE, CONTROLS, MODELS, YEAR_EFFECTS, LAGS, WINDOWS, SAMPLES
    ):
        spec = Specification(politics, performance, controls, *model, effects, lag, years, sample)
        for rule in EXCLUSIONS:
            if rule.excludes(spec, reach):
                excluded[rule.name] += 1
                break
        else:
            valid.append(spec)
    table = pd.DataFrame(
        [(rule.name, rule.reason, excluded[rule.name]) for rule in EXCLUSIONS],
        columns=["rule", "reason", "excluded"],
    )
    return valid, table


CELL = ("politics", "performance", "outcome", "estimator", "country_effects")


def published(specs: Sequence[Specification], per_cell: int = 12, seed: int = SEED) -> list[Specification]:
    """Draw a balanced part of the grid: `per_cell` of each politics measure x performance measure x model.

    A simple random sample would follow the measure with the longest series. A cell with fewer gives all it has. The
    draw is seeded and keeps the order of the grid; with a smaller `per_cell` it is a part of the larger draw.
    """
    some("published", "specifications", specs)
    within("published", 1, np.inf, per_cell=per_cell)
    cells: dict[tuple[str, ...], list[int]] = {}
    for place, spec in enumerate(specs):
        cells.setdefault(tuple(getattr(spec, choice) for choice in CELL), []).append(place)
    rng = np.random.default_rng(seed)
    chosen: list[int] = []
    for places in cells.values():
        chosen.extend(rng.permutation(places)[:per_cell].tolist())
    return [specs[place] for place in sorted(chosen)]
