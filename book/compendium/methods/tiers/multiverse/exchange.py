"""Every specification scored under every exchange of politics between countries.

The efficient score of a candidate column x is linear in it: with residuals r, nuisance scores s, cross information
q and nuisance information H, the score of country g is sum_g(r x) - sum_g(s)' inv(H) q'x. So the model without
politics is fitted once, and a draw costs no more than the products of its column with r and q.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from compendium.methods.product import product
from compendium.methods.tiers.multiverse.design import data_of
from compendium.methods.tiers.multiverse.estimation import fit_model
from compendium.methods.tiers.multiverse.panel import Panel
from compendium.methods.tiers.multiverse.specification import POLITICS, Specification
from compendium.methods.tiers.multiverse.stacks import Rectangle, Stacked, Warm, by_years, stacked
from compendium.methods.tiers.ordered import Fitted, null_model

Floats = NDArray[Any]
Places = NDArray[np.intp]

AT_ONCE = 250  # draws whose products stay in the processor's cache


class Exchange(NamedTuple):
    """A measure's paths (countries, years), split into what stays and what moves, and who receives whose.

    `whole` (1 + draws, countries) names the donor of every country in each draw; its first row is the identity.
    """

    staying: Floats
    moving: Floats
    whole: Places

    def columns(self, years: Places, countries: Places, precision: Any, draws: slice = slice(None)) -> Floats:
        """The measure in these of the 1 + draws (T, G, those), at places of the paths' years and countries."""
        donors = np.ascontiguousarray(self.whole[draws, countries].T)
        out = np.empty((len(years), *donors.shape), dtype=precision)
        for at, year in enumerate(years):
            np.take(self.moving[:, year].astype(precision), donors, out=out[at], mode="clip")
            out[at] += self.staying[countries, year, None].astype(precision)
        return out


class _Null(NamedTuple):
    """One model without its politics, as its scores are made of it, on its batch's years and countries (T, G).

    `residual`, `weights` (T, G), `cut_weights` (m, T, G) as in `Fitted`, zero beyond the `span` of its stack's
    years; `columns` (c, T, G) are the shared ones, weighted; `by_year` as in `Stack`. `adjustment` (G, p + m) are
    the nuisance scores of each country times the inverse information, `totals` (p, G) the sums of the columns over
    a country's rows where its intercept is absorbed.
    """

    span: slice
    residual: Floats
    weights: Floats
    columns: Floats
    cut_weights: Floats
    by_year: bool
    adjustment: Floats
    totals: Floats | None
    factor: float


class _Nulls:
    """The models of a stack without their politics; those of a batch lie on its `years`."""

    def __init__(self, one: Stacked, years: Places, precision: Any) -> None:
        self.one, self.years, self.precision = one, len(years), precision
        first = int(np.searchsorted(years, one.reports[0]))
        self.span = slice(first, first + len(one.reports))
        self.bases = by_years(one.stack.without_own())
        rows = [known.tobytes() for known in one.stack.rows]
        self.alike = np.array([rows.index(known) for known in rows])  # of each measure, the first of the same rows
        # linear models weigh all rows alike: they share weights and weighted columns
        self.linear: dict[int, tuple[Floats, Floats]] = {}

    def fitted(self, warm: Warm) -> Iterator[tuple[int, int, _Null]]:
        """Fit what can be; yield the place of a specification, that of its measure in the stack, and the model.

        Without their politics, measures known in the same country-years share a model, which is fitted once.
        """
        assert self.one.stack.own is not None
        moves = np.ptp(self.one.stack.own, axis=(1, 2)) > 0
        for model, asked in self.one.specs.items():
            place_of = {measure: place for place, measure in asked if moves[measure]}
            who = np.unique(self.alike[list(place_of)])
            fitted, done = fit_model(self.one, model, self.bases[model.year_effects], who, warm)
            if fitted is None:
                continue
            null_of = dict(zip(done.tolist(), self._apart(fitted, done.tolist()), strict=True))
            for measure, place in place_of.items():
                if self.alike[measure] in null_of:
                    yield place, measure, null_of[self.alike[measure]]

    def _apart(self, fitted: Fitted, measures: list[int]) -> Iterator[_Null]:
        """Each model of a fitted stack by itself."""
        stack, precision = fitted.stack, self.precision
        scores = [stack.by_country(fitted.residual), *(one.sum(axis=1)[..., None] for one in fitted.cut_scores)]
        adjustment = np.concatenate(scores, axis=2) @ np.linalg.inv(fitted.information)
        totals = stack.by_country(stack.rows).transpose(0, 2, 1) if fitted.absorbed else None
        factor = fitted.factor(others=1)  # the column of interest
        linear = fitted.weights is stack.rows
        for b, measure in enumerate(measures):
            if not linear:
                weights, columns = self._weighed(stack.shared, fitted.weights[b])
            elif measure in self.linear:
                weights, columns = self.linear[measure]
            else:
                weights, columns = self.linear[measure] = self._weighed(stack.shared, fitted.weights[b])
            cuts = np.array([one[b] for one in fitted.cut_weights]).reshape(-1, *fitted.weights.shape[1:])
            yield _Null(
                self.span,
                self._whole(fitted.residual[b, None])[0],
                weights,
                columns,
                self._whole(cuts),
                stack.by_year,
                adjustment[b].astype(precision),
                None if totals is None else totals[b].astype(precision),
                float(factor[b]),
            )

    def _weighed(self, shared: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Weights (T, G) on all years of the batch, and columns (c, T, G) with these weights."""
        return self._whole(weights[None])[0], self._whole(shared.transpose(2, 0, 1) * weights)

    def _whole(self, values: Floats) -> Floats:
        """Values (n, years of the stack, G) on all years of the batch."""
        out = np.zeros((len(values), self.years, values.shape[2]), dtype=self.precision)
        out[:, self.span] = values
        return out


class _Joint:
    """Models that score the same candidates, laid out so that a product with a candidate is one for all of them.

    A processor is kept busy by many rows, not by those of one model. `products` (rows, T G) hold the information by
    column and by threshold, `by_year` (T, weights, G) that by year; `by_country` (G, models + means, T) hold the
    residuals and, for country means, each country's rows. What models share is there once.
    """

    def __init__(self, nulls: Sequence[_Null]) -> None:
        self.nulls = nulls
        self.products, self.at = _laid([part for null in nulls for part in (null.columns, null.cut_weights)])
        self.products = self.products.reshape(len(self.products), nulls[0].residual.size)
        by_year = {id(null.weights): null.weights for null in nulls if null.by_year}
        self.of_year = {one: at for at, one in enumerate(by_year)}
        self.by_year = np.stack(list(by_year.values()), axis=1) if by_year else None
        means = {
            id(null.weights): null.weights / np.maximum(null.weights.sum(axis=0), 1)
            for null in nulls
            if null.totals is not None
        }
        self.of_mean = {one: at for at, one in enumerate(means, len(nulls))}
        self.by_country = np.stack([*(null.residual for null in nulls), *means.values()]).transpose(2, 0, 1)

    def scores(self, x: Floats) -> Floats:
        """Cluster-robust score t (B, draws) of candidates (T, G, draws)."""
        years, countries, draws = x.shape
        whole = product(self.products, x.reshape(years * countries, draws))
        in_year = None if self.by_year is None else product(self.by_year, x)
        in_country = product(self.by_country, x.transpose(1, 0, 2))
        out = np.empty((len(self.nulls), draws), dtype=x.dtype)
        for b, null in enumerate(self.nulls):
            parts = [whole[self.at[id(part)]] for part in (null.columns, null.cut_weights)]
            if null.by_year and in_year is not None:
                parts.insert(1, in_year[null.span, self.of_year[id(null.weights)]][1:])
            own = np.concatenate(parts)
            if null.totals is not None:
                own -= product(null.totals, in_country[:, self.of_mean[id(null.weights)]])
            score = in_country[:, b] - product(null.adjustment, own)
            out[b] = score.sum(axis=0) / np.sqrt(null.factor * np.einsum("gd,gd->d", score, score))
        return out


def _laid(arrays: Sequence[Floats]) -> tuple[Floats, dict[int, slice]]:
    """Join arrays along their first axis, each once however often it is given; where each is, by its identity."""
    each = {id(array): array for array in arrays}
    ends = np.cumsum([len(array) for array in each.values()]).tolist()
    places = {one: slice(end - len(array), end) for (one, array), end in zip(each.items(), ends, strict=True)}
    return np.concatenate(list(each.values())), places


def curve_draws(
    panel: Panel,
    specs: Sequence[Specification],
    exchanges: Mapping[str, Sequence[Exchange]],
    precision: Any = np.float32,
) -> Floats:
    """Oriented score t of specifications that share lag, window and sample, under every exchange of their measure.

    Returns (exchanges, specifications, 1 + draws), the observed one first; nan where a specification has no
    estimate. Single precision tells scores apart to some 1e-4.
    """
    rectangle, measures, warm = Rectangle(panel), list(POLITICS), Warm()
    ranked = rectangle.ranked(specs[0].years, specs[0].sample)
    years, countries = rectangle.years[ranked.any(axis=1)], np.flatnonzero(ranked.any(axis=0))
    nulls: dict[str, dict[int, _Null]] = {}  # by measure, and by place among the specifications
    for one in stacked(rectangle, specs, countries):
        for place, measure, null in _Nulls(one, years, precision).fitted(warm):
            nulls.setdefault(measures[one.measures[measure]], {})[place] = null
    some = next(iter(exchanges.values()))
    draws = len(some[0].whole)
    out = np.full((len(some), len(specs), draws), np.nan, dtype=precision)
    at = years - specs[0].lag - panel.path_years[0]
    at = np.clip(at, 0, len(panel.path_years) - 1)  # no model has a row beyond the paths
    for name, by_place in nulls.items():
        joint, places = _Joint(list(by_place.values())), list(by_place)
        for which, exchange in enumerate(exchanges[name]):
            for start in range(0, draws, AT_ONCE):
                block = slice(start, start + AT_ONCE)
                columns = exchange.columns(at, countries, precision, block)
                out[which, places, block] = POLITICS[name].predicted_sign * joint.scores(columns)
    for place in np.flatnonzero(np.isnan(out[0, :, 0])).tolist():
        out[:, place] = _alone(panel, specs[place], exchanges[specs[place].politics])
    return out


def _alone(panel: Panel, spec: Specification, exchanges: Sequence[Exchange]) -> Floats:
    """The same scores (exchanges, 1 + draws) of one specification by the careful route; nan if it has none."""
    data = data_of(panel, spec)
    kind = "linear within" if spec.country_effects == "within" else spec.estimator
    model = null_model(kind, data.outcome, data.design[:, 1:], data.clusters, data.categories)
    if model is None or np.ptp(data.design[:, 0]) == 0:
        return np.full((len(exchanges), len(exchanges[0].whole)), np.nan)
    country, year = panel.country[data.rows], panel.year[data.rows] - spec.lag - panel.path_years[0]
    sign = POLITICS[spec.politics].predicted_sign
    return sign * np.array(
        [
            [model.t(one.staying[country, year] + one.moving[donor[country], year]) for donor in one.whole]
            for one in exchanges
        ]
    )
