"""Specifications stacked: those that share all but politics and model lie on one rectangle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from compendium.methods.tiers.multiverse.panel import Panel
from compendium.methods.tiers.multiverse.specification import OUTCOMES, POLITICS, WINDOWS, Specification
from compendium.methods.tiers.ordered import Fitted, Outcome, Stack

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


class Rectangle:
    """The panel by year and country (T, G): covariates nan, and ranks -1, where it has no such country-year."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self.years, year = np.unique(panel.year, return_inverse=True)
        self.at = year, panel.country
        self.rank = self._laid_out(panel.rank, -1)
        self.region = self._laid_out(panel.region, -1)
        self.samples = {
            "all": np.ones(len(panel.names), dtype=bool),
            "not high income": ~self._laid_out(panel.high_income, False).any(axis=0),
            "no defence pact": ~self._laid_out(panel.ally, False).any(axis=0),
        }
        self.covariates = {
            lag: {name: self._laid_out(values, np.nan) for name, values in columns.items()}
            for lag, columns in panel.covariates.items()
        }

    def ranked(self, window: str, sample: str) -> Flags:
        """The ranked country-years (T, G) of a window and a sample."""
        first, last = WINDOWS[window]
        inside = (self.years >= first) & (self.years <= last)
        return (self.rank >= 0) & self.samples[sample] & inside[:, None]

    def _laid_out(self, values: NDArray[Any], missing: Any) -> NDArray[Any]:
        out = np.full((len(self.years), len(self.panel.names)), missing, dtype=values.dtype)
        out[self.at] = values
        return out


class Model(NamedTuple):
    """What is fitted to a stack."""

    outcome: str
    estimator: str
    country_effects: str
    year_effects: str


@dataclass(frozen=True)
class Stacked:
    """Specifications that differ in the measure of politics and in the model, and the stack of their measures.

    `names` are those of the shared columns; `measures` (B,) are those of the own ones, as places in `POLITICS`;
    `rank` (T, G); `reports` (T,) the years and `countries` (G,) the places of the countries in the panel. `specs`
    gives, for each model, the place of each specification among all, and of its measure in the stack.
    """

    stack: Stack
    names: list[str]
    measures: Places
    rank: Places
    reports: Places
    countries: Places
    specs: dict[Model, list[tuple[int, int]]]

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        """The outcomes on this rectangle."""
        return {
            name: Outcome(np.asarray(recode, dtype=np.intp)[self.rank], max(recode) + 1)
            for name, (recode, _, _) in OUTCOMES.items()
        }

    def columns(self, stack: Stack) -> list[str]:
        """The names of a stack's slopes."""
        years = [f"report {year}" for year in self.reports[1:]] if stack.by_year else []
        return ["own"] * (stack.own is not None) + self.names + years


class Warm:
    """Where Newton's method may begin: where the last model of the same outcome and measure ended.

    Thresholds are remembered by their distance from the mean of the linear predictor, which other columns move.
    """

    def __init__(self) -> None:
        self.slopes: dict[tuple[str, str], Floats] = {}
        self.thresholds: dict[str, Floats] = {}

    def start(self, one: Stacked, stack: Stack, outcome: str, measures: Places) -> Floats:
        """Slopes and thresholds (B, p + m) for the `measures` (B,) of a stack; nan where nothing is known."""
        nothing = np.zeros(len(POLITICS))
        slopes = [self.slopes.get((outcome, name), nothing)[measures] for name in one.columns(stack)]
        cuts = one.outcomes[outcome].cuts
        thresholds = self.thresholds.get(outcome, np.full((len(POLITICS), cuts), np.nan))[measures]
        begin = np.column_stack([*slopes, np.empty((len(measures), 0))])
        return np.hstack([begin, thresholds + _centre(stack, begin)])

    def keep(self, one: Stacked, fitted: Fitted, outcome: str, measures: Places) -> None:
        """Remember where the models of these `measures` (B,) ended."""
        p = fitted.stack.width
        slopes, thresholds = fitted.theta[:, :p], fitted.theta[:, p:]
        for name, values in zip(one.columns(fitted.stack), slopes.T, strict=True):
            self.slopes.setdefault((outcome, name), np.zeros(len(POLITICS)))[measures] = values
        kept = self.thresholds.setdefault(outcome, np.full((len(POLITICS), thresholds.shape[1]), np.nan))
        kept[measures] = thresholds - _centre(fitted.stack, slopes)


def by_years(stack: Stack) -> dict[str, Stack]:
    """A stack without and with indicators of years, by the name of the choice; what is asked of each is kept."""
    return {"none": stack.with_years(False), "year": stack.with_years(True)}


def _centre(stack: Stack, slopes: Floats) -> Floats:
    """The mean of the linear predictor (B, 1) of slopes (B, p)."""
    return (np.einsum("bp,bp->b", stack.totals(stack.rows), slopes) / stack.observations)[:, None]


def shared(spec: Specification) -> tuple[Any, ...]:
    """What the specifications of one stack have in common."""
    return spec.lag, spec.years, spec.sample, spec.performance, spec.controls


def model_of(spec: Specification) -> Model:
    """The model of a specification."""
    return Model(spec.outcome, spec.estimator, spec.country_effects, spec.year_effects)


def stacked(rectangle: Rectangle, specs: Sequence[Specification], onto: Places | None = None) -> Iterator[Stacked]:
    """Stack the specifications, in the order in which what they share is first met.

    Each lies on the years from the first to the last of its rows, and on the countries of its rows or on those that
    are given (G,).
    """
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place, spec in enumerate(specs):
        groups.setdefault(shared(spec), []).append(place)
    for places in groups.values():
        yield _stack(rectangle, [(place, specs[place]) for place in places], onto)


def _stack(rectangle: Rectangle, specs: list[tuple[int, Specification]], onto: Places | None) -> Stacked:
    """Stack specifications, each with its place among all, that share all but politics and model."""
    spec = specs[0][1]
    columns = rectangle.covariates[spec.lag]
    names = [name for name in spec.columns if name != "region"]
    plain = [columns[name] for name in names]
    base = rectangle.ranked(spec.years, spec.sample)
    for column in plain:
        base &= np.isfinite(column)
    by_region = "region" in spec.columns
    if by_region:
        base &= rectangle.region >= 0
    measures = list(dict.fromkeys(one.politics for _, one in specs))
    known = np.stack([base & np.isfinite(columns[measure]) for measure in measures])
    seen = np.flatnonzero(known.any(axis=(0, 2)))
    years = np.arange(seen[0], seen[-1] + 1)
    countries = np.flatnonzero(known.any(axis=(0, 1))) if onto is None else onto
    here = np.ix_(years, countries)
    known = known[:, years][:, :, countries]
    anywhere = np.asarray(known.any(axis=0))
    controls = [_standardised(column[here], anywhere) for column in plain]
    if by_region:
        region = rectangle.region[here]
        for code in np.unique(region[anywhere])[1:]:
            names.append(f"region {rectangle.panel.region_names[code]}")
            controls.append((anywhere & (region == code)).astype(float))
    own = np.stack([columns[measure][here] / rectangle.panel.scale[measure] for measure in measures])
    means = np.mean(own, axis=(1, 2), where=known, keepdims=True)
    stack = Stack(
        known.astype(float),
        np.where(known, own - means, 0.0),
        np.stack(controls, axis=2) if controls else np.empty((*anywhere.shape, 0)),
        by_year=False,
    )
    models: dict[Model, list[tuple[int, int]]] = {}
    for place, one in specs:
        models.setdefault(model_of(one), []).append((place, measures.index(one.politics)))
    every = [list(POLITICS).index(measure) for measure in measures]
    rank, reports = np.maximum(rectangle.rank[here], 0), rectangle.years[years]
    return Stacked(stack, names, np.array(every), rank, reports, countries, models)


def _standardised(values: Floats, known: Flags) -> Floats:
    """Values (T, G) with mean 0 and deviation 1 over the rows that any model has, zero elsewhere."""
    own = values[known]
    spread = own.std()
    return np.where(known, (values - own.mean()) / (spread if spread > 0 else 1.0), 0.0)
