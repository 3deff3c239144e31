"""Inference over the whole curve: could chance have drawn it?

Politics are exchanged between countries, and every specification is scored again (Simonsohn, Simmons and Nelson
2020, Nature Human Behaviour 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods.checks import some, within
from compendium.methods.tiers.multiverse.estimation import batched, in_parallel
from compendium.methods.tiers.multiverse.exchange import Exchange, curve_draws
from compendium.methods.tiers.multiverse.jackknife import jackknife_draws
from compendium.methods.tiers.multiverse.panel import Panel
from compendium.methods.tiers.multiverse.specification import LEVEL, SEED, Specification
from compendium.methods.tiers.ordered import critical_value

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class PermutationTest:
    """The curve against curves in which politics were exchanged between countries.

    `summary`: statistic, observed, null_mean, null_high (95th percentile), p (share of draws at least as large),
    p_below (at most as large), monte_carlo_error (standard error of p). `draws`: one row per draw, one column per
    statistic. `scores` (specifications given, 1 + draws): the oriented score t of each, observed first, nan where
    it has no estimate.
    """

    null: str
    specifications: int
    failed: int
    summary: pd.DataFrame
    draws: pd.DataFrame
    scores: Floats
    countries: int

    def among(self, part: NDArray[np.bool_]) -> PermutationTest:
        """The same test of a part of the curve (specifications given,), with the same draws."""
        return _tested(self.null, self.scores[part], self.countries)

    def p(self, statistic: str = "median_t") -> float:
        """The p value of one of `STATISTICS`."""
        return dict(zip(self.summary["statistic"], self.summary["p"].astype(float), strict=True))[statistic]

    def joint(self) -> tuple[float, float]:
        """The p values for the prediction and for its opposite, each by the median and the share together.

        For the prediction: the larger of the p values of the median t and of the share distinguishable as
        predicted; for its opposite: of a median so low and of a share so large distinguishable the other way. The
        larger of two p values tests that both hold (intersection-union test: Berger 1982, Technometrics 24).
        """
        rows = self.summary.set_index("statistic")
        towards = max(rows.p["median_t"], rows.p["share_distinguishable"])
        return float(towards), float(max(rows.p_below["median_t"], rows.p["share_opposite"]))

    def lean(self, level: float = 0.95) -> tuple[float, float]:
        """How far the middle model leans beyond the lottery, and the most that it may, as partial correlations.

        The median t less its mean over the draws, and less their lower quantile: a lean beyond the second is ruled
        out with probability `level`. A t becomes a partial correlation t / sqrt(t^2 + df), df one less than
        the clusters; it has one scale for every outcome.
        """
        drawn = self.draws["median_t"]
        middle = float(self.summary.set_index("statistic").observed["median_t"])
        leans = np.array([middle - drawn.mean(), middle - np.quantile(drawn, 1 - level)])
        lean, most = leans / np.sqrt(leans**2 + self.countries - 1)
        return float(lean), float(most)


STATISTICS = ("share_predicted", "share_distinguishable", "share_opposite", "median_t")
NULLS = ("paths", "given performance")
ERRORS = {"CRV1": curve_draws, "CRV3": jackknife_draws}
ROUNDING = 1e-5  # of scores in single precision: what is as large counts as such


def _first_return(shuffles: Places, stratum: Places) -> Places:
    """The permutation that each shuffle (draws, n) induces within strata (n,).

    Following a uniform permutation until it first returns to a stratum is a uniform permutation of the stratum, and
    two measures that differ in a few countries' coverage are exchanged alike.
    """
    here = np.broadcast_to(np.arange(shuffles.shape[1]), shuffles.shape)
    alone = np.bincount(stratum)[stratum] == 1
    found = np.where(alone, here, shuffles)
    draw, place = np.nonzero(stratum[found] != stratum[here])
    while len(draw):
        found[draw, place] = shuffles[draw, found[draw, place]]
        away = stratum[found[draw, place]] != stratum[place]
        draw, place = draw[away], place[away]
    return found


def _exchangeable(panel: Panel, measure: str, null: str, years: NDArray[np.bool_]) -> tuple[Floats, Floats, Places]:
    """Split a measure's paths into a part that stays and a part exchanged, and label who exchanges with whom.

    Countries exchange only with those whose values are present in the same years.
    """
    path = panel.paths[measure] / panel.scale[measure]
    if null == "paths":
        moving, staying = path, np.zeros_like(path)
    else:
        staying = _fitted_on_performance(panel, path)
        moving = path - staying
        staying = np.where(np.isfinite(staying), staying, path)
    present = np.isfinite(moving) & years
    stratum = np.unique(present, axis=0, return_inverse=True)[1].ravel()
    return np.nan_to_num(staying), np.nan_to_num(moving), stratum.astype(np.intp)


def _fitted_on_performance(panel: Panel, path: Floats) -> Floats:
    """Least-squares fit of a politics path on performance, income, population, democracy, region and year.

    3P, which ends in 2013, enters as its country mean and its deviation from it, with an indicator of absence.
    """
    shape = path.shape
    columns = [panel.paths[c] for c in ("rule_of_law", "control_of_corruption")]
    columns += [panel.paths[c] for c in ("log_income", "log_population", "democracy")]
    p3 = panel.paths["p3_total"]
    counted = np.isfinite(p3)
    mean = np.nansum(p3, axis=1, keepdims=True) / np.maximum(counted.sum(axis=1, keepdims=True), 1)
    columns += [np.broadcast_to(mean, shape), np.where(counted, p3 - mean, 0.0), counted.astype(float)]
    columns += [
        np.broadcast_to((panel.path_region == r)[:, None], shape).astype(float)
        for r in np.unique(panel.path_region)
    ]
    columns += [np.broadcast_to(panel.path_years == y, shape).astype(float) for y in panel.path_years[1:]]
    known = np.isfinite(path) & np.isfinite(np.stack(columns)).all(axis=0)
    design = np.stack([c[known] for c in columns], axis=1)
    slopes = np.linalg.lstsq(design, path[known], rcond=None)[0]
    fitted = np.full(shape, np.nan)
    fitted[known] = design @ slopes
    return fitted


def _years_used(panel: Panel, specs: Sequence[Specification], politics: str) -> NDArray[np.bool_]:
    """Years (path_years,) in which some specification reads the measure."""
    used = np.zeros(len(panel.path_years), dtype=bool)
    for lag, window in {(s.lag, s.window) for s in specs if s.politics == politics}:
        used |= np.isin(panel.path_years, np.array(window) - lag)
    return used


def shuffles_of(panel: Panel, draws: int, seed: int = SEED) -> Places:
    """One permutation of the countries for each draw (draws, countries); fewer draws are the first of more."""
    return np.argsort(np.random.default_rng(seed).random((draws, len(panel.names))), axis=1)


def donors(
    panel: Panel, specs: Sequence[Specification], politics: str, null: str, draws: int = 1, seed: int = SEED
) -> Places:
    """Whose path of a measure each country receives in `permutation_test`: (draws, countries), places in names."""
    stratum = _exchangeable(panel, politics, null, _years_used(panel, specs, politics))[2]
    return _first_return(shuffles_of(panel, draws, seed), stratum)


def permutation_test(
    panel: Panel,
    specs: Sequence[Specification],
    draws: int = 499,
    seed: int = SEED,
    null: str = "paths",
    jobs: int = 1,
    backend: str | None = None,
    errors: str = "CRV1",
) -> PermutationTest:
    """Test the whole curve at once under one null: see `permutation_tests`."""
    return permutation_tests(panel, specs, draws, seed, (null,), jobs, backend, errors)[null]


def permutation_tests(
    panel: Panel,
    specs: Sequence[Specification],
    draws: int = 499,
    seed: int = SEED,
    nulls: Sequence[str] = NULLS,
    jobs: int = 1,
    backend: str | None = None,
    errors: str = "CRV1",
) -> dict[str, PermutationTest]:
    """Test the whole curve at once by exchanging politics between countries.

    In each draw one permutation of the countries is applied to every specification, so that the dependence between
    specifications is kept; a country receives another's whole path, so that the dependence between years is kept,
    and keeps the years, so that nothing moves between them. Returns one test for each of `nulls`:

    - "paths": the paths themselves. Tests that politics are unrelated to tiers and to all else in the models.
    - "given performance": only what performance, income, population, democracy, region and year do not explain in
      the politics measure (least squares) is exchanged; the explained part stays, as does a value whose
      explanation is not known. Tests that politics are unrelated to tiers once these are held equal.

    The statistic of a specification is the cluster-robust score t (the Wald t's equivalent under the null), or with
    `errors` "CRV3" the Wald t of a linear model with such errors; computed alike for the data and for the draws,
    oriented to the prediction. Those of the curve are the share of positive t, the shares beyond the 95% critical
    value on either side, and the median. p = (1 + draws at least as large) / (1 + draws) (Phipson and Smyth 2010),
    one-sided in the predicted direction. A specification whose measure is constant, or whose model without politics
    cannot be fitted, counts as failed. With 499 draws the standard error of a p of 0.05 is 0.01.
    """
    from joblib import delayed

    unknown = [null for null in nulls if null not in NULLS]
    if unknown:
        raise ValueError(f"permutation_test: expected null one of {NULLS}, found {unknown[0]!r}; choose one")
    within("permutation_test", 1, np.inf, draws=draws)
    some("permutation_test", "specifications", specs)
    shuffles = shuffles_of(panel, draws, seed)
    exchanges: dict[str, list[Exchange]] = {}
    for measure in dict.fromkeys(spec.politics for spec in specs):
        used = _years_used(panel, specs, measure)
        for null in nulls:
            staying, moving, stratum = _exchangeable(panel, measure, null, used)
            whole = np.vstack([np.arange(len(panel.names)), _first_return(shuffles, stratum)])
            exchanges.setdefault(measure, []).append(Exchange(staying, moving, whole))
    batches = batched(specs)
    tasks = (delayed(ERRORS[errors])(panel, [specs[place] for place in batch], exchanges) for batch in batches)
    scores = np.empty((len(nulls), len(specs), 1 + draws), dtype=np.float32)
    for batch, found in zip(batches, in_parallel(tasks, jobs, backend), strict=True):
        scores[:, batch] = found
    return {null: _tested(null, scores[which], len(panel.names)) for which, null in enumerate(nulls)}


def _tested(null: str, scores: Floats, countries: int) -> PermutationTest:
    """Compare the observed curve, the first column of `scores`, with the drawn ones."""
    kept = scores[np.isfinite(scores[:, 0])]
    limit = critical_value(countries, LEVEL)
    shares = [(kept > 0).mean(axis=0), (kept > limit).mean(axis=0), (kept < -limit).mean(axis=0)]
    statistics = np.column_stack([*shares, np.median(kept, axis=0)])
    observed, simulated = statistics[0], statistics[1:]
    draws = len(simulated)
    p = (1 + (simulated >= observed - ROUNDING).sum(axis=0)) / (1 + draws)
    below = (1 + (simulated <= observed + ROUNDING).sum(axis=0)) / (1 + draws)
    summary = pd.DataFrame(
        {
            "statistic": STATISTICS,
            "observed": observed,
            "null_mean": simulated.mean(axis=0),
            "null_high": np.quantile(simulated, 0.95, axis=0),
            "p": p,
            "p_below": below,
            "monte_carlo_error": np.sqrt(p * (1 - p) / draws),
        }
    )
    drawn = pd.DataFrame(simulated, columns=list(STATISTICS))
    return PermutationTest(null, len(kept), len(scores) - len(kept), summary, drawn, scores, countries)
