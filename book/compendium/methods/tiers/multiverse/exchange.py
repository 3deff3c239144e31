"""Every specification scored under every exchange of politics between countries.

The efficient score of a candidate column x is linear in it: with residuals r, nuisance scores s, cross information
q and nuisance information H, the score of country g is sum_g(r x) - sum_g(s)' inv(H) q'x. So the model without
politics is fitted once, and a draw costs no more than the products of its column with r and q.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from compendium.methods.product import product
from compendium.methods.tiers.multiverse.design import data_of
from compendium.methods.tiers.multiverse.estimation import fit_model
from compendium.methods.tiers.multiverse.panel import Panel
from compendium.methods.tiers.multiverse.specification import POLITICS, Specification
from compendium.methods.tiers.multiverse.stacks import Rectangle, Stacked, Warm, stacked
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

    def columns(self, years: Places, countries: Places, precision: Any) -> Floats:
        """The measure in every draw (T, G, 1 + draws), at these places of the paths' years and countries."""
        donors = np.ascontiguousarray(self.whole[:, countries].T)
        out = np.empty((len(years), *donors.shape), dtype=precision)
        for at, year in enumerate(years):
            np.take(self.moving[:, year].astype(precision), donors, out=out[at], mode="clip")
            out[at] += self.staying[countries, year, None].astype(precision)
        return out


@dataclass(frozen=True)
class _Null:
    """One specification without its politics, as its scores are made of it.

    `place` among the specifications; `residual`, `weights` (T, G), `cut_weights` (m, T, G) as in `Fitted`;
    `by_year` as in `Stack`. `adjustment` (G, p + m) are the nuisance scores of each country times the inverse
    information, `totals` (p, G) the sums of the columns over a country's rows where its intercept is absorbed.
    """

    place: int
    residual: Floats
    weights: Floats
    cut_weights: Floats
    by_year: bool
    adjustment: Floats
    totals: Floats | None
    factor: float


def _nulls(one: Stacked, warm: Warm, precision: Any) -> Iterator[tuple[int, _Null]]:
    """The specifications of a stack that can be fitted without their politics, each after its measure's place."""
    assert one.stack.own is not None
    moves = np.ptp(one.stack.own, axis=(1, 2)) > 0
    base = one.stack.without_own()
    for model, asked in one.specs.items():
        place_of = {measure: place for place, measure in asked if moves[measure]}
        stack = base.with_years(model.year_effects == "year")
        fitted, done = fit_model(one, model, stack, np.array(list(place_of), dtype=np.intp), warm)
        if fitted is not None:
            places = [place_of[measure] for measure in done.tolist()]
            yield from zip(done.tolist(), _apart(fitted, places, precision), strict=True)


def _apart(fitted: Fitted, places: list[int], precision: Any) -> Iterator[_Null]:
    """Each model of a fitted stack by itself, with its place among the specifications."""
    stack = fitted.stack
    scores = [stack.by_country(fitted.residual), *(one.sum(axis=1)[..., None] for one in fitted.cut_scores)]
    adjustment = np.concatenate(scores, axis=2) @ np.linalg.inv(fitted.information)
    totals = stack.by_country(stack.rows).transpose(0, 2, 1) if fitted.absorbed else None
    factor = fitted.factor(others=1)  # the column of interest
    for b, place in enumerate(places):
        cuts = np.array([one[b] for one in fitted.cut_weights], dtype=precision)
        yield _Null(
            place,
            fitted.residual[b].astype(precision),
            fitted.weights[b].astype(precision),
            cuts.reshape(-1, *fitted.weights.shape[1:]),
            stack.by_year,
            adjustment[b].astype(precision),
            None if totals is None else totals[b].astype(precision),
            float(factor[b]),
        )


def _scores(nulls: Sequence[_Null], shared: Floats, columns: Floats) -> Floats:
    """Cluster-robust score t (B, draws) of candidates (T, G, draws), for models that share columns (T, G, c).

    All products with the candidates are matrix products: with the information by column and by threshold, by year,
    and with the residuals (and, for country means, the rows) by country.
    """
    years, countries, draws = columns.shape
    width, cuts = shared.shape[2], np.cumsum([0, *(len(null.cut_weights) for null in nulls)])
    # linear models weigh all rows alike: what they have in common is multiplied once
    weights = {null.weights.tobytes(): null.weights for null in nulls}
    which = [list(weights).index(null.weights.tobytes()) for null in nulls]
    by_year = np.stack(list(weights.values()), axis=1)
    by_column = np.concatenate([shared.transpose(2, 0, 1) * own for own in weights.values()])
    by_cut = np.concatenate([null.cut_weights for null in nulls])
    products = np.concatenate([by_column, by_cut]).reshape(-1, years * countries)
    absorbed = [b for b, null in enumerate(nulls) if null.totals is not None]
    means = [nulls[b].weights / np.maximum(nulls[b].weights.sum(axis=0), 1) for b in absorbed]
    by_country = np.stack([*(null.residual for null in nulls), *means]).transpose(2, 0, 1)
    out = np.empty((len(nulls), draws), dtype=columns.dtype)
    for start in range(0, draws, AT_ONCE):
        some = slice(start, start + AT_ONCE)
        x = columns[:, :, some]
        whole = product(products, x.reshape(years * countries, -1))
        in_column, at_cut = whole[: len(by_column)], whole[len(by_column) :]
        in_year, in_country = by_year @ x, by_country @ x.transpose(1, 0, 2)
        for b, null in enumerate(nulls):
            parts = [in_column[width * which[b] : width * (which[b] + 1)], at_cut[cuts[b] : cuts[b + 1]]]
            if null.by_year:
                parts.insert(1, in_year[1:, which[b]])
            own = np.concatenate(parts)
            if null.totals is not None:
                own -= product(null.totals, in_country[:, len(nulls) + absorbed.index(b)])
            score = in_country[:, b] - product(null.adjustment, own)
            out[b, some] = score.sum(axis=0) / np.sqrt(null.factor * np.einsum("gd,gd->d", score, score))
    return out


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
    by_measure: dict[str, list[_Group]] = {}
    for one in stacked(rectangle, specs, countries):
        first = int(np.searchsorted(years, one.reports[0]))
        nulls: dict[str, list[_Null]] = {}
        for measure, null in _nulls(one, warm, precision):
            nulls.setdefault(measures[one.measures[measure]], []).append(null)
        for name, own in nulls.items():
            group = _Group(own, one.stack.shared.astype(precision), slice(first, first + len(one.reports)))
            by_measure.setdefault(name, []).append(group)
    some = next(iter(exchanges.values()))
    out = np.full((len(some), len(specs), len(some[0].whole)), np.nan, dtype=precision)
    at = years - specs[0].lag - panel.path_years[0]
    at = np.clip(at, 0, len(panel.path_years) - 1)  # no model has a row beyond the paths
    for name, groups in by_measure.items():
        for which, exchange in enumerate(exchanges[name]):
            columns = exchange.columns(at, countries, precision)
            for nulls_of, shared, span in groups:
                scores = POLITICS[name].predicted_sign * _scores(nulls_of, shared, columns[span])
                out[which, [null.place for null in nulls_of]] = scores
    for place in np.flatnonzero(np.isnan(out[0, :, 0])).tolist():
        out[:, place] = _alone(panel, specs[place], exchanges[specs[place].politics])
    return out


class _Group(NamedTuple):
    """Models of one stack and measure, the columns that they share (T, G, c), and their years among the batch's."""

    nulls: list[_Null]
    shared: Floats
    span: slice


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
