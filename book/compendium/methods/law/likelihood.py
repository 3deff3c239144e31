"""The likelihood of a binary regression on country-years: its links, its maximum, and where it has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods.law.frames import HazardError

Link = Literal["cloglog", "logit"]
Array = NDArray[np.floating[Any]]


def inverse_link(eta: Array, link: Link) -> Array:
    """Hazard (0-1) of each linear predictor; same shape as `eta`."""
    _known(link)
    if link == "cloglog":
        return -np.expm1(-np.exp(np.clip(eta, -700, 50)))
    return 1 / (1 + np.exp(-np.clip(eta, -700, 700)))


def slope_of_link(eta: Array, link: Link) -> Array:
    """Derivative of `inverse_link` at each linear predictor; same shape as `eta`."""
    _known(link)
    if link == "cloglog":
        bounded = np.clip(eta, -700, 50)
        return np.exp(bounded - np.exp(bounded))
    hazard = inverse_link(eta, link)
    return hazard * (1 - hazard)


def _known(link: str) -> None:
    if link not in get_args(Link):
        raise HazardError(f"link is {link!r}; expected one of {', '.join(get_args(Link))}")


@dataclass(frozen=True)
class Maximum:
    """The maximum of a likelihood: (k,) estimates, their (k, k) covariance by clusters, and its logarithm."""

    estimate: Array
    covariance: Array
    log_likelihood: float


def maximise(
    event: Array,
    design: Array,
    link: Link,
    groups: NDArray[np.int64],
    names: tuple[str, ...],
) -> Maximum:
    """Maximum likelihood of (n,) events on an (n, k) design, errors clustered by (n,) groups.

    `names` are the k terms, for the messages. The sandwich (Liang & Zeger 1986) carries the small-sample factor
    G/(G-1) (n-1)/(n-k) of Stata and statsmodels. Raises HazardError on separation, an unknown link or
    non-convergence.
    """
    if link not in ("cloglog", "logit"):
        raise HazardError(f"hazard: link is {link!r}; expected cloglog or logit")
    failed: HazardError | None = None
    try:
        estimate = fisher_scoring(event, design, np.ones(len(event)), link)
        for _ in range(2):  # two steps with the observed information make it exact
            score, information = _derivatives(event, design, estimate, link)
            estimate = estimate + np.linalg.solve(information, score.sum(axis=0))
        fitted = inverse_link(design @ estimate, link)
    except (HazardError, np.linalg.LinAlgError):
        failed = HazardError(f"hazard: the likelihood did not converge on {', '.join(names)}; use fewer terms")
    if failed or fitted.min() <= 1e-7 or fitted.max() >= 1 - 1e-7:
        separating = _separating_terms(event, design)
        if separating.any():
            terms = ", ".join(repr(name) for name, guilty in zip(names, separating, strict=True) if guilty)
            raise HazardError(f"hazard: separation: {terms} together split rows with events from rows without")
        if failed:
            raise failed
    score, information = _derivatives(event, design, estimate, link)
    inverse = np.linalg.inv(information)
    rows, terms_in = design.shape
    clusters = int(groups.max()) + 1
    summed = np.zeros((clusters, terms_in))
    np.add.at(summed, groups, score)
    factor = clusters / (clusters - 1) * (rows - 1) / (rows - terms_in)
    safe = np.clip(fitted, 1e-300, 1 - 1e-16)
    log_likelihood = float(np.where(event == 1, np.log(safe), np.log1p(-safe)).sum())
    return Maximum(estimate, factor * inverse @ (summed.T @ summed) @ inverse, log_likelihood)


def _derivatives(event: Array, design: Array, estimate: Array, link: Link) -> tuple[Array, Array]:
    """The (n, k) scores of the rows and the (k, k) observed information."""
    eta = design @ estimate
    hazard = np.clip(inverse_link(eta, link), 1e-300, 1 - 1e-16)
    if link == "logit":
        slope, curve = event - hazard, hazard * (1 - hazard)
    else:
        risk = np.exp(np.clip(eta, -700, 50))
        rise = risk * (1 - hazard) / hazard
        slope = np.where(event == 1, rise, -risk)
        curve = np.where(event == 1, rise * (rise + risk - 1), risk)
    return design * slope[:, None], (design * curve[:, None]).T @ design


def check_separation(rows: pd.DataFrame, design: pd.DataFrame) -> None:
    """Raise HazardError for a design on which no finite maximum exists, naming the term.

    A term that never varies, a yes-or-no term that decides the event by itself, and terms that are collinear are
    found here; combinations of terms that separate are found by `maximise`.
    """
    event = rows["event"].to_numpy() == 1
    for name in design.columns:
        values = design[name].to_numpy()
        distinct = np.unique(values)
        if len(distinct) == 1 and name != "constant" and not name.startswith("year "):
            raise HazardError(f"hazard: {name!r} is {distinct[0]:g} in all {len(values)} rows; leave it out")
        if len(distinct) == 2:
            for value in distinct:
                at_value = values == value
                if not event[at_value].any():
                    raise HazardError(
                        f"hazard: separation: none of the {int(at_value.sum())} rows with {name} = {value:g} "
                        "has an event; pool the level or leave the term out"
                    )
                if event[at_value].all():
                    raise HazardError(
                        f"hazard: separation: all {int(at_value.sum())} rows with {name} = {value:g} "
                        "have an event; pool the level or leave the term out"
                    )
    matrix = design.to_numpy(dtype=float)
    rank = int(np.linalg.matrix_rank(matrix))
    if rank < matrix.shape[1]:
        raise HazardError(
            f"hazard: collinear terms: {matrix.shape[1]} terms span {rank} dimensions "
            f"({', '.join(design.columns)}); leave one out"
        )


def _separating_terms(event: Array, design: Array) -> NDArray[np.bool_]:
    """Which terms have a direction of separation, found by linear programming (Konis 2007)."""
    from scipy.optimize import linprog

    signed = np.where(event == 1, 1.0, -1.0)[:, None] * design / np.maximum(np.abs(design).max(axis=0), 1e-300)
    found = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1))
    if found.fun > -1e-6:
        return np.zeros(design.shape[1], dtype=bool)
    return np.abs(found.x) > 1e-6


def fisher_scoring(event: Array, design: Array, weights: Array, link: Link) -> Array:
    """Weighted maximum likelihood on normal equations: hundreds of resamples where one GLM fit has overhead.

    (n,) events and weights and an (n, k) design give (k,) coefficients. Raises HazardError where the information
    is singular or the likelihood does not converge.
    """

    def log_likelihood(beta: Array) -> float:
        hazard = np.clip(inverse_link(design @ beta, link), 1e-300, 1 - 1e-16)
        return float(weights @ np.where(event == 1, np.log(hazard), np.log1p(-hazard)))

    # statsmodels' start: the link of events pulled halfway to one half.
    pulled = (event + 0.5) / 2
    eta = np.log(-np.log1p(-pulled)) if link == "cloglog" else np.log(pulled / (1 - pulled))
    beta = np.linalg.lstsq(design.T @ design, design.T @ eta, rcond=None)[0]
    current = log_likelihood(beta)
    for _ in range(100):
        eta = design @ beta
        hazard = np.clip(inverse_link(eta, link), 1e-12, 1 - 1e-12)
        slope = slope_of_link(eta, link)
        working = weights * slope / (hazard * (1 - hazard))
        information = (design * (working * slope)[:, None]).T @ design
        try:
            step = np.linalg.solve(information, design.T @ (working * (event - hazard)))
        except np.linalg.LinAlgError as error:
            raise HazardError("hazard: collinear terms in a resample of countries") from error
        size = 1.0
        while (moved := log_likelihood(beta + size * step)) < current - 1e-9 and size > 1e-6:
            size /= 2
        beta, gain, current = beta + size * step, moved - current, moved
        if abs(gain) < 1e-9:
            return beta
    raise HazardError("hazard: the likelihood of a resample of countries did not converge")
