"""Does the law deter: a would-be trafficker's reckoning for one year, and what a series of counts could show.

The reckoning (Becker 1968) is risk neutral and in dollars of one year. Offending pays if

    gain_per_person x persons - expected cost > legal income, where
    expected cost   = p_arrest x (p_bribe x bribe + (1 - p_bribe) x p_conviction x conviction cost)
    conviction cost = (1 + hardship) x legal income x annuity(sentence, discount rate) + stigma

so an arrested person either buys her way out or stands trial, and a conviction costs the legal income of the
years in prison, discounted, plus a hardship in multiples of that income, plus a lump for what comes after.
`VEGA` holds the same formulas for live figures.

The counts are Poisson or negative binomial, with variance mean + overdispersion x mean squared.
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

Array = NDArray[np.floating[Any]]
Test = Literal["quasi", "exact"]
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
    """A parameter or series outside what the models describe; the message names it."""


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


@dataclass(frozen=True)
class RateRatio:
    """Yearly rate after over rate before, with 95% limits; dispersion is 1 for the exact Poisson interval."""

    ratio: float
    low: float
    high: float
    dispersion: float


@dataclass(frozen=True)
class Detectable:
    """Smallest share (0 to 1) by which the rate must fall to be seen with the wanted power.

    `fall` is missing when even a fall to nothing would be seen less often than that; `power_at_total_fall`
    says how often. `se` is the Monte Carlo standard error of the power at `fall`.
    """

    fall: float
    power: float
    se: float
    power_at_total_fall: float


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
    rows = [(float(value), flip(replace(life, **{x: float(value)}), y)) for value in values]
    return pd.DataFrame(rows, columns=[x, y])


def latin_hypercube(spans: Mapping[str, Span], n: int, seed: int) -> pd.DataFrame:
    """`n` lives spread over the spans by a seeded Latin hypercube, one column per parameter."""
    from scipy.stats import qmc

    _check_spans(spans)
    shares = qmc.LatinHypercube(d=len(spans), rng=np.random.default_rng(seed)).random(n)
    return pd.DataFrame({name: span.at(shares[:, k]) for k, (name, span) in enumerate(spans.items())})


def deterred(lives: pd.DataFrame, without: Mapping[str, float | Array | pd.Series]) -> Deterred:
    """Share of lives whose choice the law changes, against the same lives with some parameters replaced.

    `without={"p_arrest": 0}` compares with no law; `without={"sentence_years": 10}` with another law, which may
    also give each life its own value.
    """
    from statsmodels.stats.proportion import proportion_confint

    unknown = set(without) - set(PARAMETERS)
    if unknown:
        raise DeterrenceError(f"deterred: no parameter {sorted(unknown)[0]!r}")
    present = evaluate(lives)["offends"].to_numpy()
    absent = evaluate(lives.assign(**without))["offends"].to_numpy()
    changed = int(np.sum(absent & ~present))
    low, high = proportion_confint(changed, len(lives), method="wilson")
    return Deterred(
        float(absent.mean()), float(present.mean()), changed / len(lives), float(low), float(high), len(lives)
    )


def escalation(lives: pd.DataFrame, parameter: str, factors: Sequence[float]) -> pd.DataFrame:
    """Share of lives (0 to 1) that the law deters when one parameter of it is multiplied, as columns factor, share.

    Probabilities stop at 1. The comparison is always with no risk of arrest.
    """
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


def rate_ratio(
    before: Sequence[float],
    after: Sequence[float],
    *,
    years_before: Sequence[float] | None = None,
    years_after: Sequence[float] | None = None,
    overdispersed: bool = True,
) -> RateRatio:
    """Rate after over rate before from counts and the years each of them covers (one each by default).

    Overdispersed: quasi-Poisson with Pearson dispersion and t limits on n - 2 degrees of freedom, for series
    that vary more than chance. Otherwise the exact conditional Poisson interval (Clopper-Pearson on the split).
    """
    from scipy import stats

    x, y = (_counts(values, name) for values, name in ((before, "before"), (after, "after")))
    s = np.ones(len(x)) if years_before is None else np.asarray(years_before, dtype=float)
    t = np.ones(len(y)) if years_after is None else np.asarray(years_after, dtype=float)
    if len(s) != len(x) or len(t) != len(y) or (s <= 0).any() or (t <= 0).any():
        raise DeterrenceError("rate ratio: expected one positive number of years for every count")
    total_x, total_y = x.sum(), y.sum()
    if total_x == 0:
        raise DeterrenceError("rate ratio: no counts before; expected at least one")
    ratio = float((total_y / t.sum()) / (total_x / s.sum()))
    if not overdispersed:
        low, high = stats.binomtest(int(total_y), int(total_x + total_y)).proportion_ci()
        limits = [float(p / (1 - p) * s.sum() / t.sum()) if p < 1 else math.inf for p in (low, high)]
        return RateRatio(ratio, limits[0], limits[1], 1.0)
    freedom = len(x) + len(y) - 2
    if freedom < 1 or total_y == 0:
        raise DeterrenceError(
            f"rate ratio: {len(x)} and {len(y)} counts with {total_y:g} after; the dispersion needs three "
            "counts or more and one event after"
        )
    expected = np.concatenate([s * total_x / s.sum(), t * total_y / t.sum()])
    dispersion = float(np.sum((np.concatenate([x, y]) - expected) ** 2 / expected) / freedom)
    margin = stats.t.ppf(0.975, freedom) * math.sqrt(dispersion * (1 / total_x + 1 / total_y))
    return RateRatio(ratio, ratio * math.exp(-margin), ratio * math.exp(margin), dispersion)


def overdispersion_of(counts: Sequence[float], years: Sequence[float] | None = None) -> float:
    """Moment estimate of alpha in variance = mean + alpha x mean squared, zero where the series is Poisson.

    With `years` the mean is a log-linear trend over them (Poisson fit), so that a steady rise is no scatter.
    """
    values = _counts(counts, "counts")
    fitted = 1 if years is None else 2
    if len(values) <= fitted or values.sum() == 0:
        raise DeterrenceError(
            f"overdispersion: expected {'two' if fitted == 1 else 'three'} counts or more, not all zero"
        )
    mean = np.full(len(values), values.mean())
    if years is not None:
        time = np.asarray(years, dtype=float)
        _, means, _ = _poisson_fits(values[None, :], np.column_stack([np.ones(len(values)), time - time.mean()]))
        mean = means[0]
    squares = np.sum((values - mean) ** 2) * len(values) / (len(values) - fitted)
    return float(max(0.0, (squares - mean.sum()) / np.sum(mean**2)))


def power_of_fall(
    yearly: float,
    years_before: int,
    years_after: int,
    fall: float,
    *,
    overdispersion: float = 0.0,
    trend: bool = False,
    test: Test = "quasi",
    level: float = 0.05,
    draws: int = 2000,
    seed: int = 20080215,
) -> float:
    """Probability (0 to 1) that a fall of that share in a yearly count would have been found, by simulation.

    Found means a two-sided test at `level` that points down. `quasi` is the quasi-Poisson F test of a step in
    an interrupted series, with a log-linear trend if `trend`; `exact` the conditional binomial test of two
    Poisson rates, which knows neither trend nor overdispersion.
    """
    if not (yearly > 0 and 0 <= fall <= 1 and overdispersion >= 0):
        raise DeterrenceError(
            f"power: yearly {yearly}, fall {fall}, overdispersion {overdispersion}; expected a yearly count above "
            "0, a fall of 0 to 1 and an overdispersion of 0 or more"
        )
    terms = 3 if trend else 2
    if min(years_before, years_after) < 1 or (test == "quasi" and years_before + years_after <= terms):
        raise DeterrenceError(
            f"power: {years_before} years before and {years_after} after; expected one or more of each, and more "
            f"than {terms} in all for the dispersion"
        )
    if test == "exact" and (trend or overdispersion):
        raise DeterrenceError("power: the exact test knows neither trend nor overdispersion; use test='quasi'")
    means = np.repeat([yearly, yearly * (1 - fall)], [years_before, years_after])
    shares = np.random.default_rng(seed).random((draws, len(means)))
    counts = _count_quantile(shares, means, overdispersion)
    if test == "exact":
        found = _exact_falls(counts, years_before, level)
    else:
        found = _quasi_falls(counts, years_before, trend, level)
    return float(found.mean())


def exact_power(yearly: float, years_before: int, years_after: int, fall: float, *, level: float = 0.05) -> float:
    """Power of the conditional binomial test of two Poisson rates, summed over every pair of totals."""
    from scipy import stats

    if not (yearly > 0 and 0 <= fall <= 1 and min(years_before, years_after) >= 1):
        raise DeterrenceError(f"power: yearly {yearly}, fall {fall}; expected a count above 0, a fall of 0 to 1")
    mean_before, mean_after = yearly * years_before, yearly * (1 - fall) * years_after
    before = np.arange(int(stats.poisson.ppf(1 - 1e-10, mean_before)) + 1)
    after = np.arange(int(stats.poisson.ppf(1 - 1e-10, mean_after)) + 1) if mean_after else np.arange(1)
    found = _binomial_falls(after[None, :], before[:, None], years_after / (years_before + years_after), level)
    weights = stats.poisson.pmf(before, mean_before)[:, None] * stats.poisson.pmf(after, mean_after)[None, :]
    return float(np.sum(weights * found))


def detectable_fall(
    yearly: float,
    years_before: int,
    years_after: int,
    *,
    power: float = 0.8,
    overdispersion: float = 0.0,
    trend: bool = False,
    test: Test = "quasi",
    level: float = 0.05,
    draws: int = 2000,
    seed: int = 20080215,
    precision: float = 0.005,
) -> Detectable:
    """Smallest fall that would have been found with the wanted power, by bisection on common random numbers."""

    def reached(fall: float) -> float:
        return power_of_fall(
            yearly,
            years_before,
            years_after,
            fall,
            overdispersion=overdispersion,
            trend=trend,
            test=test,
            level=level,
            draws=draws,
            seed=seed,
        )

    if not 0 < power < 1:
        raise DeterrenceError(f"detectable fall: power is {power}; expected above 0 and below 1")
    total = reached(1.0)
    if total < power:
        return Detectable(math.nan, total, math.sqrt(total * (1 - total) / draws), total)
    low, high, at_high = 0.0, 1.0, total
    while high - low > precision:
        middle = (low + high) / 2
        at_middle = reached(middle)
        if at_middle >= power:
            high, at_high = middle, at_middle
        else:
            low = middle
    return Detectable(high, at_high, math.sqrt(at_high * (1 - at_high) / draws), total)


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
    for name, span in spans.items():
        if name not in PARAMETERS:
            raise DeterrenceError(f"spans: no parameter {name!r}; expected some of {', '.join(PARAMETERS)}")
        if span.low < 0 or (name in PROBABILITIES and span.high > 1):
            raise DeterrenceError(f"spans: {name} runs from {span.low} to {span.high}; outside what it can be")


def _counts(values: Sequence[float], name: str) -> Array:
    counts = np.asarray(values, dtype=float)
    if counts.ndim != 1 or counts.size == 0 or not np.isfinite(counts).all() or (counts < 0).any():
        raise DeterrenceError(f"{name}: expected a list of counts of 0 or more, none missing")
    return counts


def _count_quantile(shares: Array, means: Array, overdispersion: float) -> Array:
    """Counts as quantiles of shared uniform draws, so that power changes smoothly with the fall."""
    from scipy import stats

    if overdispersion == 0:
        return np.asarray(stats.poisson.ppf(shares, means), dtype=float)
    size = 1 / overdispersion
    drawn = np.asarray(stats.nbinom.ppf(shares, size, size / (size + means)), dtype=float)
    return np.where(means > 0, drawn, 0.0)


def _exact_falls(counts: Array, years_before: int, level: float) -> NDArray[np.bool_]:
    before = counts[:, :years_before].sum(axis=1)
    after = counts[:, years_before:].sum(axis=1)
    share = (counts.shape[1] - years_before) / counts.shape[1]
    return _binomial_falls(after, before, share, level)


def _binomial_falls(after: NDArray[Any], before: NDArray[Any], share: float, level: float) -> NDArray[np.bool_]:
    from scipy import stats

    return np.asarray(stats.binom.cdf(after, after + before, share) <= level / 2)


def _quasi_falls(counts: Array, years_before: int, trend: bool, level: float) -> NDArray[np.bool_]:
    from scipy import stats

    n = counts.shape[1]
    step = (np.arange(n) >= years_before).astype(float)
    base = np.column_stack([np.ones(n), np.arange(n) - (n - 1) / 2]) if trend else np.ones((n, 1))
    with_step = np.column_stack([base, step])
    null_deviance, _, _ = _poisson_fits(counts, base)
    deviance, fitted, coefficients = _poisson_fits(counts, with_step)
    freedom = n - with_step.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        pearson = np.where(fitted > 1e-8, (counts - fitted) ** 2 / fitted, 0.0)
        dispersion = pearson.sum(axis=1) / freedom
        statistic = (null_deviance - deviance) / dispersion
    # A fit without residuals leaves no dispersion to test against.
    testable = dispersion > 1e-10
    return testable & (coefficients[:, -1] < 0) & (statistic > stats.f.ppf(1 - level, 1, freedom))


def _poisson_fits(counts: Array, design: Array) -> tuple[Array, Array, Array]:
    """Poisson regressions of every row of counts on one design: deviances, fitted means, coefficients."""
    k = design.shape[1]
    start = np.log(counts + 0.5)
    beta = start @ np.linalg.pinv(design).T
    mean = np.exp(np.clip(beta @ design.T, -25, 25))
    for _ in range(60):
        information = np.einsum("dn,ni,nj->dij", mean, design, design) + 1e-9 * np.eye(k)
        score = (counts - mean) @ design
        # A step after which every count is zero has no finite coefficient, but its fitted means converge.
        beta = beta + np.clip(np.linalg.solve(information, score[:, :, None])[:, :, 0], -2, 2)
        previous, mean = mean, np.exp(np.clip(beta @ design.T, -25, 25))
        if np.abs(mean - previous).max() < 1e-9:
            break
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(counts > 0, counts * np.log(counts / mean), 0.0)
    deviance = 2 * np.sum(ratio - (counts - mean), axis=1)
    return deviance, mean, beta
