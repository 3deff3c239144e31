"""Linear models with errors of kind CRV3, under every exchange of politics between countries.

The variance of a slope is (G - 1) / G times the sum of its squared changes when each of G countries is left out in
turn (MacKinnon, Nielsen and Webb 2023, J. Applied Econometrics 38). It is larger than CRV1 where few countries
carry a measure. Left out exactly: by the normal equations less a country's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from compendium.methods.tiers.multiverse.exchange import Exchange
from compendium.methods.tiers.multiverse.panel import Panel
from compendium.methods.tiers.multiverse.specification import OUTCOMES, POLITICS, Specification
from compendium.methods.tiers.multiverse.stacks import Model, Rectangle, Stacked, stacked

Floats = NDArray[np.float64]

AT_ONCE = 100  # draws whose products stay in memory that is near


def jackknife_draws(
    panel: Panel,
    specs: Sequence[Specification],
    exchanges: Mapping[str, Sequence[Exchange]],
) -> Floats:
    """Oriented Wald t with CRV3 errors of linear specifications, as `exchange.curve_draws` returns its scores.

    Raises ValueError for a specification that is not linear.
    """
    if any(spec.estimator != "linear" for spec in specs):
        raise ValueError("jackknife: expected linear specifications, found others; leave them out")
    rectangle, measures = Rectangle(panel), list(POLITICS)
    some = next(iter(exchanges.values()))
    out = np.full((len(some), len(specs), len(some[0].whole)), np.nan, dtype=float)
    for one in stacked(rectangle, specs):
        at = np.clip(one.reports - specs[0].lag - panel.path_years[0], 0, len(panel.path_years) - 1)
        for model, asked in one.specs.items():
            for place, measure in asked:
                own = one.stack.take(np.array([measure]))
                if not (own.distinct_within if model.country_effects == "within" else own.distinct).all():
                    continue
                name = measures[one.measures[measure]]
                for which, exchange in enumerate(exchanges[name]):
                    columns = exchange.columns(at, one.countries, float).transpose(1, 0, 2)
                    t = _jackknifed(*_by_country(one, model, measure), columns, model.country_effects == "within")
                    out[which, place] = POLITICS[name].predicted_sign * t
    return out


def _by_country(one: Stacked, model: Model, measure: int) -> tuple[Floats, Floats, Floats]:
    """A model's rows (G, T), outcome (G, T) and columns without its politics (G, T, k), by country."""
    rows = one.stack.rows[measure].T
    recode, _, _ = OUTCOMES[model.outcome]
    parts = [one.stack.shared.transpose(1, 0, 2), np.ones((*rows.shape, 1))]
    if model.year_effects == "year":
        seen = np.flatnonzero(rows.any(axis=0))[1:]
        parts.append(np.broadcast_to(np.eye(rows.shape[1])[:, seen], (*rows.shape, len(seen))))
    return rows, np.asarray(recode, dtype=float)[one.rank].T, np.concatenate(parts, axis=2)


def _jackknifed(rows: Floats, outcome: Floats, others: Floats, columns: Floats, within: bool) -> Floats:
    """The t (draws,) of each of the candidate `columns` (G, T, draws) beside the other ones (G, T, k).

    Per country: `gram`, `moment`, `cross` are its share of Z'Z, Z'y and Z'x; `square`, `product` of x'x and x'y.
    Their sums less its share are the normal equations without it, and Frisch and Waugh's theorem gives the slope.
    """
    size = np.maximum(rows.sum(axis=1), 1)

    def kept(values: Floats) -> Floats:
        """The values on the model's rows, less their country means if these are absorbed."""
        held = rows[..., None] * values
        return held - rows[..., None] * (held.sum(axis=1) / size[:, None])[:, None] if within else held

    z, y = kept(others), kept(outcome[..., None])
    if within:
        z = z[..., np.abs(z).max(axis=(0, 1)) > 1e-9]  # the intercept is absorbed
    gram = z.transpose(0, 2, 1) @ z
    moment = z.transpose(0, 2, 1) @ y
    known = rows.any(axis=1)
    # a country may be the only one of its region: without it the region's column says nothing, and is left out too
    without = np.linalg.pinv((gram.sum(axis=0) - gram)[known], hermitian=True)
    inverse = np.linalg.inv(gram.sum(axis=0))
    found = []
    for start in range(0, columns.shape[2], AT_ONCE):
        x = kept(columns[:, :, start : start + AT_ONCE])
        cross = z.transpose(0, 2, 1) @ x
        square, product = (x * x).sum(axis=1), (x * y).sum(axis=1)
        slope = _slope(inverse, *(part.sum(axis=0) for part in (cross, moment, square, product)))
        less = [(part.sum(axis=0) - part)[known] for part in (cross, moment, square, product)]
        change = _slope(without, *less) - slope
        countries = int(known.sum())
        found.append(slope / np.sqrt((countries - 1) / countries * (change**2).sum(axis=0)))
    return np.concatenate(found)


def _slope(inverse: Floats, cross: Floats, moment: Floats, square: Floats, product: Floats) -> Floats:
    """The slope on x beside Z: of Z'x (..., k, draws), Z'y (..., k, 1), x'x and x'y (..., draws), and inv(Z'Z)."""
    fitted = inverse @ cross
    return (product - (fitted * moment).sum(axis=-2)) / (square - (fitted * cross).sum(axis=-2))
