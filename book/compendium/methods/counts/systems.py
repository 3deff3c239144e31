"""Several lists and a hidden number: multiple systems estimation with log-linear models.

Lists name some members of a closed population. How many members stand on which lists gives an incomplete
table of 2^k - 1 counts; the missing cell is that of the members whom no list names. A Poisson log-linear model
with a term for each list, and terms for pairs of lists that depend on each other, is fitted to the counts, and
its constant is the logarithm of the missing cell. All interactions of three or more lists are taken to be nil.

`counts` are members (persons) in the order of `histories`. Pairs are numbers of two lists, from 0.

Sources: Fienberg (1972), Biometrika 59, and Cormack (1989), Biometrics 45, for the model; Cormack (1992),
Biometrics 48, for the interval by profile likelihood; Schwarz (1978), Annals of Statistics 6, and Akaike (1974),
IEEE Transactions on Automatic Control 19, for the criteria; Darroch (1958), Biometrika 45, for independent lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, chdtri, gammaln

from compendium.methods.checks import between, some, within
from compendium.methods.counts.capture import joint_share
from compendium.methods.shares.proportions import checked_level

Pair = tuple[int, int]
Criterion = Literal["bic", "aic"]
FEWEST, MOST = 2, 10  # lists
_STEPS, _TOLERANCE, _RIDGE = 60, 1e-8, 1e-10
_GRID, _SPAN, _NODES, _NEAR = 24, 100.0, 1024, 0.05


@dataclass(frozen=True)
class Fit:
    """A fitted model: its dependent pairs, the estimated population and what is `unseen` of it (persons)."""

    pairs: tuple[Pair, ...]
    estimate: float
    unseen: float
    bic: float
    aic: float


class Interval(NamedTuple):
    """The limits of an estimated population (persons)."""

    low: float
    high: float


@dataclass(frozen=True)
class Lists:
    """A population and lists whose truth is known.

    `shares` are the chances to stand on each list. `odds_ratio` ties the first list to the second. `concentration`
    is the sum of the two parameters of the beta distribution of those chances over members, the same members being
    the easy ones on every list; infinite means that all are equally easy.
    """

    population: int
    shares: tuple[float, ...]
    odds_ratio: float = 1.0
    concentration: float = float("inf")

    def __post_init__(self) -> None:
        _check_lists(len(self.shares))
        if not all(0 < share < 1 for share in self.shares):
            raise ValueError(f"lists: expected shares between 0 and 1, found {self.shares}")
        if self.population < 1 or self.odds_ratio <= 0 or self.concentration <= 0:
            raise ValueError("lists: expected a population, an odds ratio and a concentration above 0")


def histories(lists: int) -> NDArray[np.bool_]:
    """Return who stands on which lists, shape (2^lists - 1, lists); the row of those on none is left out."""
    _check_lists(lists)
    return np.array(list(product([False, True], repeat=lists))[1:])


def counts_of(table: pd.DataFrame, lists: Sequence[str], members: str = "count") -> NDArray[np.float64]:
    """Return the counts of a table with a column for each list and one row for each combination that occurs."""
    some("counts_of", "combinations of lists", table)
    within("counts_of", 0, np.inf, members=table[members])
    on = [tuple(bool(cell) for cell in row) for row in table[list(lists)].to_numpy()]
    known = dict(zip(on, table[members].astype(float), strict=True))
    if len(known) != len(table):
        raise ValueError("counts_of: expected one row for each combination of lists, found a combination twice")
    return np.array([known.get(tuple(map(bool, row)), 0.0) for row in histories(len(lists))])


def fit(counts: ArrayLike, pairs: Sequence[Pair] = ()) -> Fit:
    """Fit one model to the counts. Raises ValueError where its estimate does not exist."""
    found = _fits(_checked(counts)[None, :], [tuple(pairs)])[0]
    if found is None:
        raise ValueError(f"fit: the counts do not determine a model with the pairs {tuple(pairs)}; use fewer")
    return found


def choose(counts: ArrayLike, criterion: Criterion = "bic") -> Fit:
    """Return the model that forward selection ends with: pairs are added while the criterion falls.

    Starts from independent lists and adds the pair that lowers the criterion most. Pairs of lists that share
    nobody are no candidates, since no estimate of their dependence exists. The sample size in BIC is the
    number of members seen.
    """
    y = _checked(counts)
    fit(y)  # raises where not even independent lists can be fitted
    return choose_each(y[None, :], criterion)[0]


def choose_each(counts: NDArray[np.float64], criterion: Criterion = "bic") -> list[Fit]:
    """Return what `choose` makes of each row of counts, shape (runs, 2^k - 1), all rows at once.

    All candidates of all rows are fitted together, one more pair a round; a row that no pair betters drops out.
    """
    if criterion not in get_args(Criterion):
        raise ValueError(f"choose: criterion is {criterion!r}; expected one of {', '.join(get_args(Criterion))}")
    some("choose", "rows of counts", counts)
    on = histories(_lists_of(counts[0]))
    joint = {pair: on[:, pair].all(axis=1) for pair in combinations(range(on.shape[1]), 2)}
    shared = {pair: counts[:, cells].sum(axis=1) > 0 for pair, cells in joint.items()}
    best = _each(_fits(counts, [()] * len(counts)))
    active = list(range(len(counts)))
    while active:
        wider = [
            (at, (*best[at].pairs, pair))
            for at in active
            for pair in joint
            if shared[pair][at] and pair not in best[at].pairs
        ]
        better: dict[int, Fit] = {}
        fitted = _fits(counts[[at for at, _ in wider]], [pairs for _, pairs in wider])
        for (at, _), found in zip(wider, fitted, strict=True):
            if found and getattr(found, criterion) < getattr(better.get(at, best[at]), criterion):
                better[at] = found
        for at, found in better.items():
            best[at] = found
        active = sorted(better)
    return best


def _each(fits: Sequence[Fit | None]) -> list[Fit]:
    """The fits; ValueError if one does not exist."""
    found = [one for one in fits if one is not None]
    if len(found) < len(fits):
        raise ValueError("choose: the counts do not determine a model of independent lists")
    return found


def profile_interval(counts: ArrayLike, pairs: Sequence[Pair] = (), level: float = 0.95) -> Interval:
    """Return the populations that the multinomial profile likelihood of a model does not reject.

    The limits lie between those seen and a hundred times the estimated unseen; beyond, the upper one is infinite.
    """
    y, level = _checked(counts), checked_level("profile_interval", level)
    seen, centre = y.sum(), max(fit(y, pairs).unseen, 0.5)
    drop = float(chdtri(1, 1 - level)) / 2
    unseen = np.geomspace(centre / _SPAN, centre * _SPAN, 2 * _GRID + 1)
    heights = _profile(y, pairs, unseen)
    floor = heights.max() - drop
    inside = np.flatnonzero(heights >= floor)

    def crossing(first: int, second: int) -> float:
        near = np.geomspace(unseen[first], unseen[second], _GRID)
        return float(np.exp(np.interp(floor, *_rising(_profile(y, pairs, near), np.log(near)))))

    low = crossing(inside[0] - 1, inside[0]) if inside[0] > 0 else 0.0
    high = crossing(inside[-1], inside[-1] + 1) if inside[-1] < len(unseen) - 1 else float("inf")
    return Interval(float(seen + low), float(seen + high))


def cell_shares(lists: Lists) -> NDArray[np.float64]:
    """Return the shares of members with each history, those on no list last, shape (2^k,)."""
    ranks = (np.arange(_NODES) + 0.5) / _NODES if np.isfinite(lists.concentration) else np.array([0.5])
    chances = np.array([_chances(share, lists.concentration, ranks) for share in lists.shares])
    both = joint_share(chances[0], chances[1], lists.odds_ratio)
    first_two = {
        (True, True): both,
        (True, False): chances[0] - both,
        (False, True): chances[1] - both,
        (False, False): 1 - chances[0] - chances[1] + both,
    }
    nobody = np.zeros((1, len(lists.shares)), dtype=bool)
    cells = []
    for row in np.vstack([histories(len(lists.shares)), nobody]):
        chance = first_two[bool(row[0]), bool(row[1])]
        for on, share in zip(row[2:], chances[2:], strict=True):
            chance = chance * (share if on else 1 - share)
        cells.append(np.mean(chance))
    return np.array(cells)


def simulate(lists: Lists, runs: int, seed: int) -> NDArray[np.float64]:
    """Draw the counts of lists `runs` times, shape (runs, 2^k - 1)."""
    within("simulate", 1, np.inf, runs=runs)
    cells = cell_shares(lists)
    drawn = np.random.default_rng(seed).multinomial(lists.population, cells / cells.sum(), size=runs)
    return drawn[:, :-1].astype(float)


def performance(lists: Lists, *, criterion: Criterion = "bic", runs: int = 300, seed: int = 0) -> dict[str, float]:
    """Measure what the procedure as a whole makes of lists whose truth is known: choose, estimate, interval.

    Keys: lists, median_ratio (median estimate over the truth), coverage (share of runs whose 95% interval holds
    the truth), coverage_error (its Monte Carlo standard error), pairs (mean number of pairs chosen), found (share
    of runs that chose the first pair).
    """
    drawn = simulate(lists, runs, seed)
    chosen = choose_each(drawn, criterion)
    covered = float(np.mean(holds(drawn, [one.pairs for one in chosen], lists.population)))
    return {
        "lists": len(lists.shares),
        "median_ratio": float(np.median([one.estimate for one in chosen])) / lists.population,
        "coverage": covered,
        "coverage_error": (covered * (1 - covered) / runs) ** 0.5,
        "pairs": float(np.mean([len(one.pairs) for one in chosen])),
        "found": float(np.mean([(0, 1) in one.pairs for one in chosen])),
    }


def holds(
    counts: NDArray[np.float64], models: Sequence[tuple[Pair, ...]], population: float, level: float = 0.95
) -> NDArray[np.bool_]:
    """Return whether the profile interval of each row's model holds a population, shape (runs,).

    An interval of profile likelihood holds a value if the likelihood there has not dropped too far below its
    maximum. So few heights a row are enough and no limit has to be sought; the maximum is that of a parabola
    through three heights about the estimate, on the scale of log unseen.
    """
    between("holds", 0, np.inf, population=population)
    some("holds", "rows of counts", counts)
    if len(models) != len(counts) or not np.all(counts.sum(axis=1) > 0):
        raise ValueError(
            f"holds: {len(models)} models, {len(counts)} rows; expected one each, and somebody in each"
        )
    inside, level = np.zeros(len(counts), dtype=bool), checked_level("holds", level)
    drop = float(chdtri(1, 1 - level)) / 2
    for size in sorted({len(pairs) for pairs in models}):
        rows = np.array([at for at, pairs in enumerate(models) if len(pairs) == size])
        y, same = counts[rows], [models[at] for at in rows]
        centre = np.array([max(one.unseen, 0.5) for one in _each(_fits(y, same))])
        truth = population - y.sum(axis=1)
        near = [_heights(y, same, centre * np.exp(step)) for step in (-_NEAR, 0.0, _NEAR)]
        bend, slope = near[0] - 2 * near[1] + near[2], (near[2] - near[0]) / 2
        top = np.where(bend < 0, near[1] - slope**2 / (2 * np.where(bend < 0, bend, -1)), np.max(near, axis=0))
        inside[rows] = (truth > 0) & (_heights(y, same, np.maximum(truth, 1e-9)) >= top - drop)
    return inside


# ---------------------------------------------------------------- fitting


def _design(on: NDArray[np.bool_], pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """The design of a model: a constant, the lists, the pairs; the unseen cell has the constant alone."""
    joint = [on[:, pair].all(axis=1) for pair in pairs]
    return np.column_stack([np.ones(len(on)), on, *joint]).astype(float)


def _fits(y: NDArray[np.float64], models: Sequence[tuple[Pair, ...]]) -> list[Fit | None]:
    """Fit models of one size at once, one to each row of `y`; None where the counts do not determine one."""
    if not models:
        return []
    designs = _designs(histories(_lists_of(y[0])), models)
    constant, means, information = _poisson(y, designs)
    spectrum = np.linalg.eigvalsh(information)  # symmetric: the condition is the ratio of its ends
    sound = spectrum[:, 0] > _RIDGE * spectrum[:, -1]
    heights = np.sum(y * np.log(means) - means - gammaln(y + 1), axis=1)
    terms, seen = designs.shape[2], y.sum(axis=1)
    return [
        Fit(
            pairs,
            float(seen[at] + np.exp(constant[at])),
            float(np.exp(constant[at])),
            float(terms * np.log(seen[at]) - 2 * heights[at]),
            float(2 * terms - 2 * heights[at]),
        )
        if sound[at]
        else None
        for at, pairs in enumerate(models)
    ]


def _designs(on: NDArray[np.bool_], models: Sequence[tuple[Pair, ...]]) -> NDArray[np.float64]:
    """The designs of models of one size, shape (models, cells, terms)."""
    different = list(dict.fromkeys(models))
    place = {pairs: at for at, pairs in enumerate(different)}
    return np.array([_design(on, pairs) for pairs in different])[[place[pairs] for pairs in models]]


def _poisson(y: NDArray[np.float64], designs: NDArray[np.float64]) -> tuple[Any, Any, Any]:
    """Poisson regressions by iterated weighted least squares: constants, means, and information matrices.

    `y` has shape (models, cells), `designs` (models, cells, terms). A model that has converged is left alone.
    """
    size = designs.shape[2]
    means, eta = y + 0.5, np.log(y + 0.5)
    constant, information = np.zeros(len(y)), np.zeros((len(y), size, size))
    going = np.arange(len(y))
    for _ in range(_STEPS):
        x, old, fitted = designs[going], eta[going], means[going]
        weighted = x.transpose(0, 2, 1) * fitted[:, None, :]
        information[going] = weighted @ x
        working = old + (y[going] - fitted) / fitted
        beta = np.linalg.solve(information[going] + _RIDGE * np.eye(size), weighted @ working[..., None])
        new = np.clip((x @ beta)[..., 0], -30, 30)
        eta[going], means[going], constant[going] = new, np.exp(new), beta[:, 0, 0]
        going = going[np.max(np.abs(new - old), axis=1) >= _TOLERANCE]
        if not going.size:
            break
    return constant, means, information


def _heights(
    y: NDArray[np.float64], models: Sequence[tuple[Pair, ...]], unseen: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The multinomial log-likelihood of each row's model at its number unseen, other parameters at their best."""
    on = histories(_lists_of(y[0]))
    whole = np.vstack([on, np.zeros((1, on.shape[1]), dtype=bool)])
    counts = np.column_stack([y, unseen])
    _, means, _ = _poisson(counts, _designs(whole, models))
    size = counts.sum(axis=1)
    return gammaln(size + 1) - gammaln(unseen + 1) + np.sum(counts * np.log(means / size[:, None]), axis=1)


def _profile(y: NDArray[np.float64], pairs: Sequence[Pair], unseen: NDArray[np.float64]) -> NDArray[np.float64]:
    """The heights of one model at several numbers unseen."""
    return _heights(np.tile(y, (len(unseen), 1)), [tuple(pairs)] * len(unseen), unseen)


def _rising(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both arrays in the order in which x rises."""
    order = np.argsort(x, kind="stable")
    return x[order], y[order]


# ---------------------------------------------------------------- small parts


def _chances(share: float, concentration: float, ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    if np.isinf(concentration):
        return np.full(len(ranks), share)
    found = betaincinv(share * concentration, (1 - share) * concentration, ranks)
    return np.clip(found, 1e-12, 1 - 1e-12)


def _lists_of(counts: NDArray[np.float64]) -> int:
    return int(np.log2(len(counts) + 1))


def _checked(counts: ArrayLike) -> NDArray[np.float64]:
    y = np.asarray(counts, dtype=float)
    _check_lists(_lists_of(y))
    if len(y) != 2 ** _lists_of(y) - 1 or not np.all(y >= 0) or y.sum() == 0:
        raise ValueError("lists: expected 2^k - 1 counts, none negative and not all nil; check the table")
    return y


def _check_lists(lists: int) -> None:
    if not FEWEST <= lists <= MOST:
        raise ValueError(f"lists: expected {FEWEST} to {MOST} lists, found {lists}")
