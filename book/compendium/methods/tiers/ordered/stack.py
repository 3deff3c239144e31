"""Models that differ in one column, on one rectangle of years and countries.

A country-year that a model lacks has weight zero in it, so that every sum over rows, by year or by country, is a
sum along an axis, and what the models share is multiplied once. Indicators of years are never written out: their
part of a cross product is a sum by year.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compendium.methods.product import product

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Stack:
    """The columns of B models on T years and G countries.

    `rows` (B, T, G) is 1 where a model has the country-year, else 0; `own` (B, T, G) is the column in which the
    models differ (None: they differ in their rows only); `shared` (T, G, c) are the columns that all have, zero
    where they are unknown. With `by_year` each year but the first has an indicator too. A model's slopes (p,) come
    in this order: own, shared, years. An indicator that a model has no row of is `absent` from it: its slope stays
    where it began, and it does not count.
    """

    rows: Floats
    own: Floats | None
    shared: Floats
    by_year: bool

    @property
    def width(self) -> int:
        """The number of slopes p of a model."""
        years = self.rows.shape[1] - 1 if self.by_year else 0
        return (self.own is not None) + self.shared.shape[2] + years

    @cached_property
    def observations(self) -> Floats:
        """The number of country-years of each model (B,)."""
        return self.rows.sum(axis=(1, 2))

    @cached_property
    def countries(self) -> Places:
        """The number of countries of each model (B,)."""
        return self.rows.any(axis=1).sum(axis=1)

    @cached_property
    def _flat(self) -> Floats:
        years, countries, width = self.shared.shape
        return self.shared.reshape(years * countries, width)

    @cached_property
    def _pairs(self) -> tuple[Places, Places, Floats]:
        """Every product of two shared columns (T G, c (c + 1) / 2), and which two."""
        left, right = np.tril_indices(self.shared.shape[2])
        return left, right, self._flat[:, left] * self._flat[:, right]

    @cached_property
    def spans(self) -> Floats:
        """How far each column of each model reaches at most (B, p)."""
        spans = np.ones((len(self.rows), self.width))
        start = int(self.own is not None)
        spans[:, start : start + self.shared.shape[2]] = np.ptp(self._flat, axis=0)
        if self.own is not None:
            spans[:, 0] = np.ptp(self.own, axis=(1, 2))
        return spans

    @cached_property
    def indicators(self) -> NDArray[np.bool_]:
        """Which of the columns (p,) are indicators; the own column is not asked."""
        known = np.ones(self.width, dtype=bool)
        start = int(self.own is not None)
        known[:start] = False
        known[start : start + self.shared.shape[2]] = ((self._flat == 0) | (self._flat == 1)).all(axis=0)
        return known

    @cached_property
    def absent(self) -> NDArray[np.bool_]:
        """Which indicators (B, p) have no row in a model."""
        return self.indicators & (self.totals(self.rows) == 0)

    @cached_property
    def distinct(self) -> NDArray[np.bool_]:
        """Models (B,) whose columns vary and can be told apart with ease, by their correlation matrix."""
        totals = self.totals(self.rows)
        return _told_apart(
            self.gram(self.rows) - totals[:, :, None] * (totals / self.observations[:, None])[:, None]
        )

    @cached_property
    def distinct_within(self) -> NDArray[np.bool_]:
        """The same (B,) of the columns less their country means."""
        size = np.maximum(self.rows.sum(axis=1), 1)
        totals = self.by_country(self.rows)
        return _told_apart(self.gram(self.rows) - totals.transpose(0, 2, 1) @ (totals / size[..., None]))

    def take(self, places: Places) -> Stack:
        """Return the models at these places."""
        if np.array_equal(places, np.arange(len(self.rows))):
            return self
        own = None if self.own is None else self.own[places]
        return self._with("_flat", "_pairs", rows=self.rows[places], own=own)

    def with_years(self, by_year: bool) -> Stack:
        """Return the same models with indicators of years, or without."""
        same = "observations", "countries", "_flat", "_pairs"
        return self if by_year == self.by_year else self._with(*same, by_year=by_year)

    def without_own(self) -> Stack:
        """Return the same models without the column in which they differ."""
        return self._with("observations", "countries", "_flat", "_pairs", own=None)

    def _with(self, *same: str, **changes: Any) -> Stack:
        """Return a changed stack that need not multiply again what is the `same`."""
        other = replace(self, **changes)
        other.__dict__.update({name: getattr(self, name) for name in same})
        return other

    def linear(self, slopes: Floats) -> Floats:
        """The linear predictor (B, T, G) of slopes (B, p)."""
        start, c = int(self.own is not None), self.shared.shape[2]
        models, years, countries = self.rows.shape
        out = product(slopes[:, start : start + c], self._flat.T).reshape(models, years, countries)
        if self.own is not None:
            out += slopes[:, 0, None, None] * self.own
        if self.by_year:
            out[:, 1:] += slopes[:, start + c :, None]
        return out

    def totals(self, weights: Floats) -> Floats:
        """The weighted sum of every column (B, p), for weights (B, T, G) that are zero off a model's rows."""
        models = len(weights)
        parts = [product(weights.reshape(models, -1), self._flat)]
        if self.own is not None:
            parts.insert(0, np.einsum("btg,btg->b", weights, self.own)[:, None])
        if self.by_year:
            parts.append(weights[:, 1:].sum(axis=2))
        return np.hstack(parts)

    def gram(self, weights: Floats) -> Floats:
        """The weighted cross products of all columns (B, p, p), for weights (B, T, G) as in `totals`."""
        models, start, c = len(weights), int(self.own is not None), self.shared.shape[2]
        out = np.zeros((models, self.width, self.width))
        flat, (left, right, pairs) = weights.reshape(models, -1), self._pairs
        out[:, start + left, start + right] = product(flat, pairs)
        years = np.arange(start + c, self.width)
        if self.by_year:
            out[:, years, years] = weights[:, 1:].sum(axis=2)
            by_year = product(weights[:, 1:].transpose(1, 0, 2), self.shared[1:])
            out[:, years, start : start + c] = by_year.transpose(1, 0, 2)
        if self.own is not None:
            weighted = weights * self.own
            out[:, 0, 0] = np.einsum("btg,btg->b", weighted, self.own)
            out[:, start : start + c, 0] = product(weighted.reshape(models, -1), self._flat)
            if self.by_year:
                out[:, years, 0] = weighted[:, 1:].sum(axis=2)
        below = np.tril_indices(self.width, -1)
        out[:, below[1], below[0]] = out[:, below[0], below[1]]
        every = np.arange(self.width)
        out[:, every, every] += self.absent
        return out

    def by_country(self, weights: Floats) -> Floats:
        """The weighted sum of every column within each country (B, G, p)."""
        parts = [np.einsum("btg,tgc->bgc", weights, self.shared)]
        if self.own is not None:
            parts.insert(0, (weights * self.own).sum(axis=1)[..., None])
        if self.by_year:
            parts.append(weights[:, 1:].transpose(0, 2, 1))
        return np.concatenate(parts, axis=2)


EASILY = 1e-6  # smallest eigenvalue of a correlation matrix; the careful route refuses at a thousandth of it


def _told_apart(centred: Floats) -> NDArray[np.bool_]:
    """Which cross products (B, p, p) of centred columns are those of columns that no other columns add up to."""
    variances = np.einsum("bkk->bk", centred)
    vary = (variances > 1e-8).all(axis=1)
    scale = np.sqrt(np.where(variances > 1e-8, variances, 1))
    correlation = centred / (scale[:, :, None] * scale[:, None])
    return vary & (np.linalg.eigvalsh(correlation).min(axis=1, initial=1) > EASILY)


def bordered(gram: Floats, cross: Floats, corner: Floats) -> Floats:
    """Join blocks (B, p, p), (B, p, m) and (B, m, m) into symmetric matrices (B, p + m, p + m)."""
    turned: Any = cross.transpose(0, 2, 1)
    return np.concatenate([np.concatenate([gram, cross], axis=2), np.concatenate([turned, corner], axis=2)], axis=1)
