"""What a share of prisoners who describe a miscarriage of justice says about the share who suffered one.

A report is a fallible test: some of the wrongly convicted stay silent, some of the rightly convicted claim
wrongly, so that observed = true * (1 - silence) + (1 - true) * false claims. Standard library only.
All rates are fractions from 0 to 1.
"""

import functools
import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate

from compendium.methods.shares.proportions import Beta, Interval, checked_counts, checked_fraction, checked_level


@dataclass(frozen=True)
class Solution:
    """The rate that solves the reporting equation; `value` is None when no rate from 0 to 1 does.

    `unbounded` is the solution before that restriction (None when the equation has none or any), and
    `reason` says in words why there is no value, and is empty otherwise.
    """

    value: float | None
    unbounded: float | None
    reason: str

    def __str__(self) -> str:
        """The rate in percent, or why there is none."""
        return self.reason if self.value is None else f"{self.value:.1%}"

    @property
    def feasible(self) -> bool:
        """Whether a rate from 0 to 1 solves the equation."""
        return self.value is not None


def _solution(numerator: float, denominator: float, name: str) -> Solution:
    rounding = 1e-12
    if abs(denominator) < rounding:
        any_rate = abs(numerator) < rounding
        return Solution(None, None, f"{'every' if any_rate else 'no'} {name} gives this observed share")
    unbounded = numerator / denominator
    if not -rounding <= unbounded <= 1 + rounding:
        return Solution(None, unbounded, f"the {name} would have to be {unbounded:.3f}")
    return Solution(min(1.0, max(0.0, unbounded)), unbounded, "")


def observed_share(true_rate: float, false_claims: float, silence: float) -> float:
    """Share that describes a miscarriage, given the true rate and the two error rates of the report."""
    for name, rate in (("true_rate", true_rate), ("false_claims", false_claims), ("silence", silence)):
        checked_fraction("observed_share", name, rate)
    return true_rate * (1 - silence) + (1 - true_rate) * false_claims


def implied_true_rate(observed: float, false_claims: float, silence: float) -> Solution:
    """True rate behind an observed share (the estimator of Rogan & Gladen 1978).

    Infeasible when more, or fewer, describe a miscarriage than the error rates allow at any true rate.
    """
    for name, rate in (("observed", observed), ("false_claims", false_claims), ("silence", silence)):
        checked_fraction("implied_true_rate", name, rate)
    return _solution(observed - false_claims, 1 - silence - false_claims, "true rate")


def false_claims_needed(observed: float, true_rate: float, silence: float) -> Solution:
    """Share of the rightly convicted who must claim wrongly for `observed` to follow from `true_rate`."""
    for name, rate in (("observed", observed), ("true_rate", true_rate), ("silence", silence)):
        checked_fraction("false_claims_needed", name, rate)
    return _solution(observed - true_rate * (1 - silence), 1 - true_rate, "rate of false claims")


def silence_needed(observed: float, true_rate: float, false_claims: float) -> Solution:
    """Share of the wrongly convicted who must stay silent for `observed` to follow from `true_rate`."""
    for name, rate in (("observed", observed), ("true_rate", true_rate), ("false_claims", false_claims)):
        checked_fraction("silence_needed", name, rate)
    return _solution(true_rate + (1 - true_rate) * false_claims - observed, true_rate, "rate of silence")


def prior_like(mean: float, spread: float) -> Beta:
    """The Beta prior of a rate with a given mean and standard deviation (method of moments).

    No rate spreads as far as one that is either 0 or 1, whose deviation is the root of mean times 1 - mean.
    """
    mean = checked_fraction("prior_like", "mean", mean)
    if not 0 < spread < math.sqrt(mean * (1 - mean)):
        raise ValueError(
            f"prior_like: spread is {spread}; expected above 0 and below {math.sqrt(mean * (1 - mean)):.3f}, "
            f"as far as a rate of mean {mean} can spread"
        )
    return Beta.from_mean(mean, mean * (1 - mean) / spread**2 - 1)


def contour(observed: float, silence: float, points: int = 101) -> tuple[tuple[float, float], ...]:
    """The pairs (true rate, false claims) that yield `observed` at a given silence, by rising true rate.

    `points` pairs, evenly spaced in the true rate over all of its feasible range.
    """
    checked_fraction("contour", "observed", observed)
    checked_fraction("contour", "silence", silence)
    if not points >= 2:
        raise ValueError(f"contour: points is {points}; expected 2 or more")
    highest = min(
        1.0,
        observed / (1 - silence) if silence < 1 else math.inf,
        (1 - observed) / silence if silence > 0 else math.inf,
    )
    pairs = []
    for step in range(points):
        rate = highest * step / (points - 1)
        # At a true rate of 1 nobody is left to claim wrongly; the limit of the curve is the observed share.
        needed = observed if rate == 1 else (observed - rate * (1 - silence)) / (1 - rate)
        pairs.append((rate, min(1.0, max(0.0, needed))))
    return tuple(pairs)


def true_rate_bounds(
    observed: tuple[float, float], false_claims: tuple[float, float], silence: tuple[float, float]
) -> tuple[float, float] | None:
    """Sharp bounds of the true rate when each of the three rates is known only to lie in a (low, high) range.

    Give a confidence interval as `observed` to carry sampling error. None when no true rate is compatible.
    """
    where = "true_rate_bounds"
    named = (("observed", observed), ("false_claims", false_claims), ("silence", silence))
    for name, (low, high) in named:
        checked_fraction(where, name, low)
        checked_fraction(where, name, high)
        if low > high:
            raise ValueError(f"{where}: {name} is ({low}, {high}); expected the lower value first")
    bounds = [0.0, 1.0]
    # A true rate t is compatible when the smallest share it can give is not above, and the largest not below,
    # the observed range. Both are linear in t: intercept + slope * t <= limit.
    for intercept, slope, limit in (
        (false_claims[0], 1 - silence[1] - false_claims[0], observed[1]),
        (-false_claims[1], -(1 - silence[0] - false_claims[1]), -observed[0]),
    ):
        if slope > 0:
            bounds[1] = min(bounds[1], (limit - intercept) / slope)
        elif slope < 0:
            bounds[0] = max(bounds[0], (limit - intercept) / slope)
        elif intercept > limit:
            return None
    return (bounds[0], bounds[1]) if bounds[0] <= bounds[1] else None


@dataclass(frozen=True)
class Posterior:
    """Posterior distribution of the true rate on a grid of cells.

    `edges` (m + 1 rising values from 0 to 1) bound the cells, `masses` (m values that sum to 1) are their
    probabilities; `false_claims` and `silence` are the posterior means of the two error rates; `evidence` is
    the prior predictive probability of the observed count.
    """

    edges: tuple[float, ...]
    masses: tuple[float, ...]
    mean: float
    false_claims: float
    silence: float
    evidence: float

    def cdf(self, rate: float) -> float:
        """P(true rate <= rate), linear within a cell."""
        if rate <= 0:
            return 0.0
        if rate >= 1:
            return 1.0
        cell = bisect_left(self.edges, rate) - 1
        low, high = self.edges[cell], self.edges[cell + 1]
        return min(1.0, math.fsum(self.masses[:cell]) + self.masses[cell] * (rate - low) / (high - low))

    def quantile(self, probability: float) -> float:
        """True rate below which `probability` of the posterior lies."""
        checked_fraction("Posterior.quantile", "probability", probability)
        cumulative = list(accumulate(self.masses))
        cell = min(bisect_left(cumulative, probability), len(self.masses) - 1)
        before = cumulative[cell - 1] if cell else 0.0
        low, high = self.edges[cell], self.edges[cell + 1]
        if self.masses[cell] == 0:
            return low
        return low + (high - low) * min(1.0, (probability - before) / self.masses[cell])

    def interval(self, level: float = 0.95) -> Interval:
        """Equal-tailed credible interval of the true rate; the estimate is the posterior mean."""
        tail = (1 - checked_level("Posterior.interval", level)) / 2
        return Interval(self.quantile(tail), self.quantile(1 - tail), self.mean, "posterior, equal tails", level)

    def density(self) -> tuple[tuple[float, float], ...]:
        """Pairs (middle of the cell, probability density), for drawing."""
        return tuple(
            ((low + high) / 2, mass / (high - low))
            for low, high, mass in zip(self.edges, self.edges[1:], self.masses, strict=False)
        )


@functools.cache
def _grid(prior: Beta, cells: int) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """Edges, prior masses and prior centroids of cells that are fine both in the rate and in the prior."""
    even = [step / cells for step in range(cells + 1)]
    # An edge next to another leaves a sliver whose density is rounding noise.
    sliver = 1e-7
    edges = [0.0]
    for edge in sorted({*even, *(prior.quantile(probability) for probability in even)}):
        if edge - edges[-1] > sliver:
            edges.append(edge)
    edges[-1] = 1.0
    raised = Beta(prior.a + 1, prior.b)
    cumulative = [prior.cdf(edge) for edge in edges]
    moments = [prior.mean * raised.cdf(edge) for edge in edges]
    masses, centroids = [], []
    for cell in range(len(edges) - 1):
        low, high = edges[cell], edges[cell + 1]
        mass = max(0.0, cumulative[cell + 1] - cumulative[cell])
        moment = moments[cell + 1] - moments[cell]
        # Where the cell holds next to nothing the ratio is rounding noise.
        centroids.append(min(high, max(low, moment / mass)) if mass > 1e-12 else (low + high) / 2)
        masses.append(mass)
    return tuple(edges), tuple(masses), tuple(centroids)


def _weighted_points(where: str, name: str, rate: Beta | float, cells: int) -> list[tuple[float, float]]:
    if not isinstance(rate, Beta):
        return [(checked_fraction(where, name, rate), 1.0)]
    _, masses, centroids = _grid(rate, cells)
    return [(point, mass) for point, mass in zip(centroids, masses, strict=True) if mass > 0]


def _largest(count: int, missing: int) -> float:
    """Log of the largest likelihood that the data allow: scaled by it, nothing underflows."""
    share = count / (count + missing)
    return (count * math.log(share) if count else 0.0) + (missing * math.log1p(-share) if missing else 0.0)


def posterior(
    count: int,
    sample: int,
    true_rate: Beta,
    false_claims: Beta | float,
    silence: Beta | float,
    cells: int = 100,
    error_cells: int = 24,
) -> Posterior:
    """Posterior of the true rate after `count` of `sample` described a miscarriage.

    Independent priors; an error rate given as a number is taken as known. Deterministic integration: `cells`
    sets the fineness in the true rate, `error_cells` in each error rate. The observed share identifies only a
    combination of the three rates, so the posterior does not shrink to a point as the sample grows.
    """
    count, sample = checked_counts("posterior", count, sample)
    edges, prior_masses, rates = _grid(true_rate, cells)
    claims = _weighted_points("posterior", "false_claims", false_claims, error_cells)
    silences = _weighted_points("posterior", "silence", silence, error_cells)
    missing = sample - count
    peak = _largest(count, missing)
    never, always = (math.exp(-peak) if left == 0 else 0.0 for left in (count, missing))
    exp, log, log1p = math.exp, math.log, math.log1p  # looked up once: the innermost line runs a million times
    masses, mean, claim_mean, silence_mean = [], 0.0, 0.0, 0.0
    for rate, prior_mass in zip(rates, prior_masses, strict=True):
        cell_total = 0.0
        for silent, silent_mass in silences:
            reached, guilty = rate * (1 - silent), 1 - rate
            for claim, claim_mass in claims:
                chance = reached + guilty * claim
                if 0 < chance < 1:
                    likelihood = exp(count * log(chance) + missing * log1p(-chance) - peak)
                else:
                    likelihood = never if chance <= 0 else always
                weight = silent_mass * claim_mass * likelihood
                cell_total += weight
                claim_mean += prior_mass * weight * claim
                silence_mean += prior_mass * weight * silent
        masses.append(prior_mass * cell_total)
        mean += masses[-1] * rate
    total = math.fsum(masses)
    if total <= 0:
        raise ValueError(
            f"posterior: {count} of {sample} has no probability under these priors; "
            "expected priors that allow the observed share; widen the error rates"
        )
    log_ways = math.lgamma(sample + 1) - math.lgamma(count + 1) - math.lgamma(missing + 1)
    return Posterior(
        edges=edges,
        masses=tuple(mass / total for mass in masses),
        mean=mean / total,
        false_claims=claim_mean / total,
        silence=silence_mean / total,
        evidence=math.exp(log_ways + peak) * total,
    )
