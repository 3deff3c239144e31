"""Does the law deter: a would-be trafficker's reckoning for one year.

The reckoning (Becker 1968) is risk neutral and in dollars of one year. Offending pays if

    gain_per_person x persons - expected cost > legal income, where
    expected cost   = p_arrest x (p_bribe x bribe + (1 - p_bribe) x p_conviction x conviction cost)
    conviction cost = (1 + hardship) x legal income x annuity(sentence, discount rate) + stigma

so an arrested person either buys her way out or stands trial, and a conviction costs the legal income of the
years in prison, discounted, plus a hardship in multiples of that income, plus a lump for what comes after.
`VEGA` holds the same formulas for live figures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods.checks import between, some, within
from compendium.methods.shares.proportions import wilson

Array = NDArray[np.floating[Any]]
PROBABILITIES = ("p_arrest", "p_bribe", "p_conviction")

_ANNUITY = "(discount_rate > 0 ? (1 - pow(1 + discount_rate, -sentence_years)) / discount_rate : sentence_years)"
_CONVICTION = f"((1 + hardship) * legal_income * {_ANNUITY} + stigma)"
_CAUGHT = f"(p_bribe * bribe + (1 - p_bribe) * p_conviction * {_CONVICTION})"
_COST = f"(p_arrest * {_CAUGHT})"
_MARGIN = "(gain_per_person * persons - legal_income)"
_ENOUGH_VALUE = (
    f"(({_MARGIN} - p_arrest * (p_bribe * bribe + (1 - p_bribe) * p_conviction * stigma))"
    " / (p_arrest * (1 - p_bribe) * p_conviction * (1 + hardship) * legal_income))"
)
VEGA: dict[str, str] = {
    "annuity": _ANNUITY,
    "conviction_cost": _CONVICTION,
    "expected_cost": _COST,
    "break_even_gain": f"(legal_income + {_COST})",
    "net_gain": f"(gain_per_person * persons - {_COST} - legal_income)",
    # As `flip` gives them, but not restricted to probabilities; not a number where no sentence flips the choice
    # (written 0 / 0, for Vega's interpreter knows no NaN).
    "enough_arrest": f"({_MARGIN} / {_CAUGHT})",
    "enough_years": f"({_ENOUGH_VALUE} < 0 || {_ENOUGH_VALUE} * discount_rate >= 1 ? (0 / 0) : discount_rate > 0"
    f" ? -log(1 - {_ENOUGH_VALUE} * discount_rate) / log(1 + discount_rate) : {_ENOUGH_VALUE})",
}


class DeterrenceError(ValueError):
    """A parameter outside what the reckoning describes; the message names it."""


@dataclass(frozen=True)
class Life:
    """A would-be trafficker's circumstances: money in US dollars of one year, probabilities 0 to 1.

    `p_conviction` is given an arrest that no bribe undid; `p_bribe` the chance that an arrested person can pay
    and walk free; `discount_rate` yearly; `hardship` the cost of a prison year beyond lost income, in multiples
    of it; `stigma` the present value of what follows release.
    """

    gain_per_person: float
    persons: float
    legal_income: float
    p_arrest: float
    p_conviction: float
    sentence_years: float
    discount_rate: float
    p_bribe: float = 0.0
    bribe: float = 0.0
    hardship: float = 0.0
    stigma: float = 0.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            top = 1.0 if name in PROBABILITIES else math.inf
            if not 0 <= value <= top or math.isinf(value):
                expected = "0 to 1" if top == 1.0 else "0 or more"
                raise DeterrenceError(f"life: {name} is {value}; expected {expected}")
        if self.legal_income == 0:
            raise DeterrenceError("life: legal_income is 0; expected above 0, the scale of every other sum")

    @property
    def expected_cost(self) -> float:
        """Expected cost of offending for a year, US dollars."""
        return float(_expected_cost(**_costs(self)))

    @property
    def break_even_gain(self) -> float:
        """Illegal gain of the year, US dollars, at which offending and legal work are worth the same."""
        return self.legal_income + self.expected_cost

    @property
    def net_gain(self) -> float:
        """Illegal gain less expected cost less legal income, US dollars."""
        return self.gain_per_person * self.persons - self.break_even_gain

    @property
    def offends(self) -> bool:
        """Whether the reckoning favours offending."""
        return self.net_gain > 0


PARAMETERS = tuple(field.name for field in fields(Life))
COST_PARAMETERS = PARAMETERS[2:]


@dataclass(frozen=True)
class Span:
    """A plausible range of a parameter, uniform on the linear or the log scale."""

    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.scale == "log" and self.low <= 0):
            raise DeterrenceError(
                f"span {self.low} to {self.high} ({self.scale}): expected low < high, above 0 if log"
            )

    def at(self, share: Array) -> Array:
        """Values at shares 0 to 1 of the way through the range."""
        if self.scale == "log":
            return np.exp(np.log(self.low) + share * (np.log(self.high) - np.log(self.low)))
        return self.low + share * (self.high - self.low)

    def place(self, values: Array) -> Array:
        """How far through the range values lie, as shares: the inverse of `at`."""
        if self.scale == "log":
            return (np.log(values) - np.log(self.low)) / (np.log(self.high) - np.log(self.low))
        return (values - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Deterred:
    """Shares (0 to 1) of lives that offend without and with the law, and whose choice the law changes.

    `low` and `high` are the Monte Carlo limits (Wilson, 95%) of `share`; they say nothing of the ranges drawn.
    """

    offend_without: float
    offend_with: float
    share: float
    low: float
    high: float
    n: int


def vega(name: str, **instead: str) -> str:
    """A formula of `VEGA` with other expressions for some parameters, as in `vega(name, p_arrest="datum.p")`."""
    unknown = set(instead) - set(PARAMETERS)
    if unknown:
        raise DeterrenceError(
            f"vega: no parameter {sorted(unknown)[0]!r}; expected some of {', '.join(PARAMETERS)}"
        )
    return re.sub(r"\b[a-z_]+\b", lambda found: instead.get(found.group(), found.group()), VEGA[name])


def arrest_risk(arrests: float, victims: float, victims_per_trafficker: float) -> float:
    """Yearly chance of arrest (0 to 1): arrests of a year over the traffickers that a number of victims implies."""
    if not (arrests >= 0 and victims > 0 and victims_per_trafficker > 0):
        raise DeterrenceError(
            f"arrest risk: arrests {arrests}, victims {victims}, victims per trafficker {victims_per_trafficker}; "
            "expected 0 or more, above 0 and above 0"
        )
    return min(1.0, arrests * victims_per_trafficker / victims)


def annuity(years: float | Array, rate: float | Array) -> Array:
    """Present value of one dollar at the end of each of `years` (fractions allowed) at a yearly rate."""
    within("annuity", 0, math.inf, years=years, rate=rate)
    rate = np.asarray(rate, dtype=float)
    positive = np.where(rate > 0, rate, 1.0)
    return np.where(rate > 0, -np.expm1(-np.asarray(years) * np.log1p(positive)) / positive, years)


def evaluate(lives: pd.DataFrame) -> pd.DataFrame:
    """Add expected_cost, break_even_gain, net_gain (US dollars) and offends to a frame of lives.

    Parameters with a default in `Life` may be left out.
    """
    filled = lives.assign(
        **{f.name: f.default for f in fields(Life) if f.name not in lives and isinstance(f.default, float)}
    )
    for name in PARAMETERS:
        if name not in filled:
            raise DeterrenceError(f"lives: no column {name!r}; it has {', '.join(map(str, lives.columns))}")
    within("lives", 0, math.inf, **{name: filled[name] for name in PARAMETERS})
    cost = _expected_cost(**{name: filled[name].to_numpy(dtype=float) for name in COST_PARAMETERS})
    break_even = filled["legal_income"].to_numpy(dtype=float) + cost
    net = (filled["gain_per_person"] * filled["persons"]).to_numpy(dtype=float) - break_even
    return filled.assign(expected_cost=cost, break_even_gain=break_even, net_gain=net, offends=np.asarray(net > 0))


def elasticities(life: Life) -> pd.DataFrame:
    """Percent by which the break-even gain rises per percent of each cost parameter, in closed form.

    Columns parameter and elasticity. A rise in the break-even gain is deterrence.
    """
    years, rate, income = life.sentence_years, life.discount_rate, life.legal_income
    value = float(annuity(years, rate))
    conviction = (1 + life.hardship) * income * value + life.stigma
    tried = life.p_arrest * (1 - life.p_bribe) * life.p_conviction
    if rate > 0:
        per_year = math.log1p(rate) * (1 + rate) ** -years / rate
        per_rate = (years * (1 + rate) ** (-years - 1) * rate - (1 - (1 + rate) ** -years)) / rate**2
    else:
        per_year, per_rate = 1.0, -years * (years + 1) / 2
    slopes = {
        "legal_income": 1 + tried * (1 + life.hardship) * value,
        "p_arrest": life.p_bribe * life.bribe + (1 - life.p_bribe) * life.p_conviction * conviction,
        "p_conviction": life.p_arrest * (1 - life.p_bribe) * conviction,
        "sentence_years": tried * (1 + life.hardship) * income * per_year,
        "discount_rate": tried * (1 + life.hardship) * income * per_rate,
        "p_bribe": life.p_arrest * (life.bribe - life.p_conviction * conviction),
        "bribe": life.p_arrest * life.p_bribe,
        "hardship": tried * income * value,
        "stigma": tried,
    }
    scale = life.break_even_gain
    return pd.DataFrame(
        [(name, slopes[name] * getattr(life, name) / scale) for name in COST_PARAMETERS],
        columns=["parameter", "elasticity"],
    )


def flip(life: Life, parameter: str) -> float:
    """Value of one parameter at which the choice flips, the others as they are; missing if there is none.

    A probability must flip within 0 to 1, everything else at 0 or more. No length of sentence flips a choice
    when the gain exceeds what imprisonment for ever would cost, which discounting keeps finite.
    """
    if parameter not in PARAMETERS:
        raise DeterrenceError(f"flip: no parameter {parameter!r}; expected one of {', '.join(PARAMETERS)}")
    if parameter in ("sentence_years", "discount_rate"):
        return _flip_annuity(life, parameter)
    # The net gain is linear in every other parameter, so two points give the root.
    top = 1.0 if parameter in PROBABILITIES else math.inf
    start, end = (0.0, 1.0) if parameter != "legal_income" else (1.0, 2.0)
    at_start, at_end = (replace(life, **{parameter: value}).net_gain for value in (start, end))
    if at_start == at_end:
        return math.nan
    root = start + (end - start) * at_start / (at_start - at_end)
    return root if 0 <= root <= top else math.nan


def frontier(life: Life, x: str, values: Sequence[float], y: str) -> pd.DataFrame:
    """Where the choice flips: for each value of x the value of y (missing if none), as columns x and y."""
    between("frontier", -math.inf, math.inf, values=values)
    rows = [(float(value), flip(replace(life, **{x: float(value)}), y)) for value in values]
    return pd.DataFrame(rows, columns=[x, y])


def latin_hypercube(spans: Mapping[str, Span], n: int, seed: int) -> pd.DataFrame:
    """`n` lives spread over the spans by a seeded Latin hypercube, one column per parameter."""
    within("latin hypercube", 1, math.inf, n=n)
    from scipy.stats import qmc

    _check_spans(spans)
    shares = qmc.LatinHypercube(d=len(spans), rng=np.random.default_rng(seed)).random(n)
    return pd.DataFrame({name: span.at(shares[:, k]) for k, (name, span) in enumerate(spans.items())})


def deterred(lives: pd.DataFrame, without: Mapping[str, float | Array | pd.Series]) -> Deterred:
    """Share of lives whose choice the law changes, against the same lives with some parameters replaced.

    `without={"p_arrest": 0}` compares with no law; `without={"sentence_years": 10}` with another law, which may
    also give each life its own value.
    """
    unknown = set(without) - set(PARAMETERS)
    if unknown:
        raise DeterrenceError(f"deterred: no parameter {sorted(unknown)[0]!r}")
    present = evaluate(lives)["offends"].to_numpy()
    absent = evaluate(lives.assign(**without))["offends"].to_numpy()
    changed = int(np.sum(absent & ~present))
    share = wilson(changed, len(lives))
    return Deterred(float(absent.mean()), float(present.mean()), share.estimate, share.low, share.high, len(lives))


def escalation(lives: pd.DataFrame, parameter: str, factors: Sequence[float]) -> pd.DataFrame:
    """Share of lives (0 to 1) that the law deters when one parameter of it is multiplied, as columns factor, share.

    Probabilities stop at 1. The comparison is always with no risk of arrest.
    """
    within("escalation", 0, math.inf, factors=factors)
    if parameter not in lives:
        raise DeterrenceError(f"escalation: no column {parameter!r}; it has {', '.join(map(str, lives.columns))}")
    top = 1.0 if parameter in PROBABILITIES else math.inf
    rows = []
    for factor in factors:
        changed = lives.assign(**{parameter: (lives[parameter] * factor).clip(upper=top)})
        rows.append((float(factor), deterred(changed, {"p_arrest": 0.0}).share))
    return pd.DataFrame(rows, columns=["factor", "share"])


def partial_rank_correlations(lives: pd.DataFrame, outcome: Sequence[float] | pd.Series) -> pd.DataFrame:
    """Partial rank correlation of each varying column with the outcome, given the others (PRCC).

    Columns parameter, prcc, low, high: 95% limits by Fisher's z with Fieller's factor 1.06 for ranks. Rows by
    falling absolute correlation. Right where the outcome is monotone in each parameter.
    """
    from scipy.stats import rankdata

    between("rank correlations", -math.inf, math.inf, outcome=outcome)
    if len(set(outcome)) < 2:
        raise DeterrenceError("rank correlations: expected an outcome that varies; found one value")
    varying = [str(name) for name in lives.columns if lives[name].min() < lives[name].max()]
    n, k = len(lives), len(varying)
    if n <= k + 3:
        raise DeterrenceError(f"rank correlations: {n} lives for {k} parameters; expected more than {k + 3}")
    ranks = np.column_stack([rankdata(lives[name]) for name in varying] + [rankdata(outcome)])
    precision = np.linalg.inv(np.corrcoef(ranks, rowvar=False))
    partial = -precision[:k, k] / np.sqrt(np.diag(precision)[:k] * precision[k, k])
    margin = 1.959963984540054 * math.sqrt(1.06 / (n - (k - 1) - 3))
    z = np.arctanh(partial)
    table = pd.DataFrame(
        {"parameter": varying, "prcc": partial, "low": np.tanh(z - margin), "high": np.tanh(z + margin)}
    )
    order = np.argsort(-np.abs(partial), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def sobol_indices(
    spans: Mapping[str, Span],
    outcome: Literal["expected_cost", "break_even_gain", "net_gain"] = "net_gain",
    *,
    fixed: Mapping[str, float] | None = None,
    n: int = 1024,
    seed: int = 20080215,
) -> pd.DataFrame:
    """First-order and total Sobol indices of an outcome over the spans (Saltelli sampling, SALib).

    Columns parameter, first, first_margin, total, total_margin (95% half widths by resampling). `n` is a power
    of two; n x (parameters + 2) lives are evaluated.
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    _check_spans(spans)
    problem = {"num_vars": len(spans), "names": list(spans), "bounds": [[0.0, 1.0]] * len(spans)}
    shares = sampling.sample(problem, n, calc_second_order=False, seed=seed)
    lives = pd.DataFrame({name: span.at(shares[:, k]) for k, (name, span) in enumerate(spans.items())})
    values = evaluate(lives.assign(**dict(fixed or {})))[outcome].to_numpy(dtype=float)
    if not values.std() > 0:
        raise DeterrenceError(f"Sobol indices: expected that {outcome} varies over the spans; found one value")
    # Indices do not depend on the scale of the outcome; the estimators are steadier on a standardised one.
    standard = (values - values.mean()) / values.std()
    found = analysis.analyze(problem, standard, calc_second_order=False, seed=seed)
    return pd.DataFrame(
        {
            "parameter": list(spans),
            "first": np.asarray(found["S1"], dtype=float),
            "first_margin": np.asarray(found["S1_conf"], dtype=float),
            "total": np.asarray(found["ST"], dtype=float),
            "total_margin": np.asarray(found["ST_conf"], dtype=float),
        }
    )


def _costs(life: Life) -> dict[str, float]:
    return {name: getattr(life, name) for name in COST_PARAMETERS}


def _expected_cost(
    legal_income: Any,
    p_arrest: Any,
    p_conviction: Any,
    sentence_years: Any,
    discount_rate: Any,
    p_bribe: Any,
    bribe: Any,
    hardship: Any,
    stigma: Any,
) -> Any:
    conviction = (1 + hardship) * legal_income * annuity(sentence_years, discount_rate) + stigma
    return p_arrest * (p_bribe * bribe + (1 - p_bribe) * p_conviction * conviction)


def _flip_annuity(life: Life, parameter: str) -> float:
    """Sentence (closed form) or discount rate (root of a falling function) at which the net gain is zero."""
    tried = life.p_arrest * (1 - life.p_bribe) * life.p_conviction
    per_dollar = tried * (1 + life.hardship) * life.legal_income
    margin = life.gain_per_person * life.persons - life.legal_income
    rest = life.p_arrest * life.p_bribe * life.bribe + tried * life.stigma
    if per_dollar == 0:
        return math.nan
    needed = (margin - rest) / per_dollar
    if needed < 0:
        return math.nan
    if parameter == "sentence_years":
        rate = life.discount_rate
        if rate == 0:
            return needed
        return math.nan if needed * rate >= 1 else -math.log1p(-needed * rate) / math.log1p(rate)
    from scipy.optimize import brentq

    years, highest = life.sentence_years, 1e6
    if not float(annuity(years, highest)) < needed <= years:
        return math.nan
    return 0.0 if needed == years else float(brentq(lambda r: float(annuity(years, r)) - needed, 0.0, highest))


def _check_spans(spans: Mapping[str, Span]) -> None:
    some("spans", "parameters with a range", spans)
    for name, span in spans.items():
        if name not in PARAMETERS:
            raise DeterrenceError(f"spans: no parameter {name!r}; expected some of {', '.join(PARAMETERS)}")
        if span.low < 0 or (name in PROBABILITIES and span.high > 1):
            raise DeterrenceError(f"spans: {name} runs from {span.low} to {span.high}; outside what it can be")
