"""Inference on a share from published counts and rounded percentages.

Standard library only, so that the same file runs in a reader's browser. Shares are fractions from 0 to 1;
a `count` is the number with the trait, a `sample` the number observed, a `population` the number there was.
"""

import math
import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist


@dataclass(frozen=True)
class Interval:
    """A range for one quantity, with the point estimate and the method that made it.

    `level` is the confidence or credibility of the range; 1.0 marks bounds that hold without sampling error.
    """

    low: float
    high: float
    estimate: float
    method: str
    level: float

    def __post_init__(self) -> None:
        if not self.low <= self.high or not 0 < self.level <= 1 or math.isnan(self.estimate):
            raise ValueError(
                f"Interval ({self.method}): expected low <= high, a number as estimate and 0 < level <= 1; "
                f"found low {self.low}, high {self.high}, estimate {self.estimate}, level {self.level}"
            )

    def __str__(self) -> str:
        """Both ends in percent, and the method."""
        return f"{self.low:.1%} to {self.high:.1%}, {self.method}"

    @property
    def width(self) -> float:
        """High minus low."""
        return self.high - self.low

    def contains(self, value: float) -> bool:
        """Whether `value` lies within the closed range."""
        return self.low <= value <= self.high


def hull(first: Interval, *others: Interval) -> Interval:
    """Smallest interval that holds all of them; the estimate is the first one's, the level the lowest."""
    every = (first, *others)
    return Interval(
        low=min(interval.low for interval in every),
        high=max(interval.high for interval in every),
        estimate=first.estimate,
        method=" or ".join(dict.fromkeys(interval.method for interval in every)),
        level=min(interval.level for interval in every),
    )


# ---------------------------------------------------------------------------------------------- checks


def _whole(where: str, name: str, value: int, low: int, high: int | None, advice: str) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(
            f"{where}: {name} is {value!r}; expected a whole number (int); convert it where it is read"
        ) from None
    if number < low or (high is not None and number > high):
        allowed = f"{low} or more" if high is None else f"{low} to {high}"
        raise ValueError(f"{where}: {name} is {number}; expected {allowed}; {advice}")
    return number


def checked_counts(where: str, count: int, sample: int) -> tuple[int, int]:
    """Both as plain integers, or a ValueError that names the caller `where` unless 0 <= count <= sample >= 1."""
    sample = _whole(where, "sample", sample, 1, None, "a share needs at least one person observed")
    count = _whole(where, "count", count, 0, sample, "a count cannot exceed its sample: check the denominator")
    return count, sample


def _counts_in(where: str, count: int, sample: int, population: int) -> tuple[int, int, int]:
    count, sample = checked_counts(where, count, sample)
    population = _whole(
        where, "population", population, sample, None, "a population cannot be smaller than its sample"
    )
    return count, sample, population


def checked_fraction(where: str, name: str, value: float) -> float:
    """The value as a float, or a ValueError unless it lies from 0 to 1."""
    if not 0 <= value <= 1:
        raise ValueError(f"{where}: {name} is {value}; expected 0 to 1; give a fraction, not a percentage")
    return float(value)


def checked_level(where: str, level: float) -> float:
    """The confidence level as a float, or a ValueError unless it lies strictly between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError(f"{where}: level is {level}; expected strictly between 0 and 1, such as 0.95")
    return float(level)


# --------------------------------------------------------------------------------- the Beta distribution


def _incomplete_beta_fraction(x: float, a: float, b: float) -> float:
    # Modified Lentz evaluation of the continued fraction DLMF 8.17.22.
    tiny = 1e-300
    c = 1.0
    d = 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 100_000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + numerator * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + numerator / c
            c = c if abs(c) > tiny else tiny
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            return value
    raise ArithmeticError(f"beta_cdf: no convergence at x={x}, a={a}, b={b}; the parameters are too large")


@dataclass(frozen=True)
class Beta:
    """The Beta(a, b) distribution of an unknown share; `a` and `b` are positive pseudo-counts."""

    a: float
    b: float

    def __post_init__(self) -> None:
        if not (0 < self.a < math.inf and 0 < self.b < math.inf):
            raise ValueError(f"Beta: a is {self.a} and b is {self.b}; expected both finite and above 0")

    @classmethod
    def from_mean(cls, mean: float, size: float) -> "Beta":
        """Beta with the given mean, worth `size` = a + b observations."""
        return cls(mean * size, (1 - mean) * size)

    @property
    def mean(self) -> float:
        """Expected share."""
        return self.a / (self.a + self.b)

    def cdf(self, x: float) -> float:
        """P(share <= x): the regularised incomplete beta function (DLMF 8.17)."""
        if x <= 0:
            return 0.0
        if x >= 1:
            return 1.0
        a, b = self.a, self.b
        log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
        # Beyond the mean the mirrored fraction converges faster.
        if x <= (a + 1) / (a + b + 2):
            return min(1.0, math.exp(log_front) * _incomplete_beta_fraction(x, a, b) / a)
        return max(0.0, 1 - math.exp(log_front) * _incomplete_beta_fraction(1 - x, b, a) / b)

    def quantile(self, probability: float) -> float:
        """Share below which `probability` of the distribution lies, by bisection to the last float."""
        probability = checked_fraction("Beta.quantile", "probability", probability)
        if probability in (0.0, 1.0):
            return probability
        low, high = 0.0, 1.0
        while True:
            middle = (low + high) / 2
            if middle in (low, high):
                return middle
            if self.cdf(middle) < probability:
                low = middle
            else:
                high = middle

    def interval(self, level: float = 0.95) -> Interval:
        """Equal-tailed credible interval; the estimate is the mean."""
        tail = (1 - checked_level("Beta.interval", level)) / 2
        return Interval(
            low=self.quantile(tail),
            high=1 - Beta(self.b, self.a).quantile(tail),
            estimate=self.mean,
            method=f"Beta({self.a:g}, {self.b:g}), equal tails",
            level=level,
        )


JEFFREYS = Beta(0.5, 0.5)
UNIFORM = Beta(1, 1)


def beta_posterior(count: int, sample: int, prior: Beta = JEFFREYS) -> Beta:
    """Posterior of a share after `count` of `sample`, the sample taken as random draws."""
    count, sample = checked_counts("beta_posterior", count, sample)
    return Beta(prior.a + count, prior.b + sample - count)


# ------------------------------------------------------------------------------------ sampling intervals


def wilson(count: int, sample: int, level: float = 0.95) -> Interval:
    """Wilson score interval of a binomial share (Wilson 1927; Brown, Cai & DasGupta 2001)."""
    count, sample = checked_counts("wilson", count, sample)
    z = NormalDist().inv_cdf((1 + checked_level("wilson", level)) / 2)
    share = count / sample
    centre = (share + z * z / (2 * sample)) / (1 + z * z / sample)
    half = z * math.sqrt(share * (1 - share) / sample + (z / (2 * sample)) ** 2) / (1 + z * z / sample)
    return Interval(
        low=0.0 if count == 0 else max(0.0, centre - half),
        high=1.0 if count == sample else min(1.0, centre + half),
        estimate=share,
        method="Wilson score",
        level=level,
    )


def clopper_pearson(count: int, sample: int, level: float = 0.95) -> Interval:
    """Exact binomial interval by inversion of two one-sided tests (Clopper & Pearson 1934)."""
    count, sample = checked_counts("clopper_pearson", count, sample)
    tail = (1 - checked_level("clopper_pearson", level)) / 2
    missing = sample - count
    return Interval(
        low=0.0 if count == 0 else Beta(count, missing + 1).quantile(tail),
        high=1.0 if missing == 0 else 1 - Beta(missing, count + 1).quantile(tail),
        estimate=count / sample,
        method="Clopper–Pearson, exact",
        level=level,
    )


def hypergeometric_upper_tail(count: int, sample: int, successes: int, population: int) -> Fraction:
    """P(X >= count), exactly, when `sample` are drawn without replacement from `population`.

    `successes` of the population have the trait.
    """
    where = "hypergeometric_upper_tail"
    count, sample, population = _counts_in(where, count, sample, population)
    successes = _whole(where, "successes", successes, 0, population, "successes are part of the population")
    others = population - successes
    first = max(count, sample - others, 0)
    last = min(sample, successes)
    if first > last:
        return Fraction(0)
    with_trait, without = math.comb(successes, first), math.comb(others, sample - first)
    ways = with_trait * without
    for drawn in range(first, last):
        with_trait = with_trait * (successes - drawn) // (drawn + 1)
        without = without * (sample - drawn) // (others - sample + drawn + 1)
        ways += with_trait * without
    return Fraction(ways, math.comb(population, sample))


def _fewest_successes(count: int, sample: int, population: int, tail: Fraction) -> int:
    low, high = count, population - (sample - count)
    while low < high:
        middle = (low + high) // 2
        if hypergeometric_upper_tail(count, sample, middle, population) > tail:
            high = middle
        else:
            low = middle + 1
    return low


def _successes_range(count: int, sample: int, population: int, level: float) -> tuple[int, int]:
    # Through its decimal form, so that 0.95 leaves exactly 1/40 in each tail and ties are decided exactly.
    tail = (1 - Fraction(str(level))) / 2
    fewest = _fewest_successes(count, sample, population, tail)
    most = population - _fewest_successes(sample - count, sample, population, tail)
    return fewest, most


def hypergeometric(count: int, sample: int, population: int, level: float = 0.95) -> Interval:
    """Interval for the share of a finite population, the sample drawn at random without replacement.

    Exact inversion of two one-sided hypergeometric tests (Buonaccorsi 1987); coverage is at least `level`.
    """
    count, sample, population = _counts_in("hypergeometric", count, sample, population)
    fewest, most = _successes_range(count, sample, population, checked_level("hypergeometric", level))
    return Interval(fewest / population, most / population, count / sample, "hypergeometric, exact", level)


# ----------------------------------------------------------------------------- without random sampling


def manski_bounds(count: int, sample: int, population: int) -> Interval:
    """Worst-case bounds of the population's share: nothing assumed of those not observed (Manski 1989).

    The estimate is the observed share, which the bounds alone do not support.
    """
    count, sample, population = _counts_in("manski_bounds", count, sample, population)
    return Interval(
        low=count / population,
        high=(count + population - sample) / population,
        estimate=count / sample,
        method="worst case (Manski)",
        level=1.0,
    )


def _unobserved_range(count: int, sample: int, population: int, level: float | None) -> tuple[float, float]:
    if level is None:
        return count / sample, count / sample
    fewest, most = _successes_range(count, sample, population, checked_level("bounded_variation", level))
    unobserved = population - sample
    return (fewest - count) / unobserved, (most - count) / unobserved


def bounded_variation(
    count: int, sample: int, population: int, delta: float, level: float | None = None
) -> Interval:
    """Bounds when the unobserved share differs from the observed one by at most `delta`, from 0 to 1.

    A bounded-variation assumption (Manski & Pepper 2018). Without `level` there is no sampling error:
    `delta` = 0 gives the observed share as a point, `delta` = 1 the worst-case bounds. With `level`, the
    unobserved share may be `delta` away from any value that random sampling allows at that level: `delta` = 0
    gives the exact hypergeometric interval, `delta` = 1 again the worst case; coverage is at least `level`.
    Unobserved shares are not rounded to whole people.
    """
    count, sample, population = _counts_in("bounded_variation", count, sample, population)
    delta = checked_fraction("bounded_variation", "delta", delta)
    unobserved = population - sample
    low = high = float(count)
    if unobserved:
        random_low, random_high = _unobserved_range(count, sample, population, level)
        low += unobserved * max(0.0, random_low - delta)
        high += unobserved * min(1.0, random_high + delta)
    return Interval(
        low=low / population,
        high=high / population,
        estimate=count / sample,
        method=f"bounded variation, at most {delta:g}",
        level=1.0 if level is None else level,
    )


def breakdown_delta(
    count: int, sample: int, population: int, threshold: float, level: float | None = None
) -> float | None:
    """Smallest `delta` of `bounded_variation` whose bounds reach `threshold`, a share.

    How far the unobserved must differ before the conclusion "on this side of the threshold" falls (a
    breakdown point, Kline & Santos 2013). None when even the worst case does not reach the threshold.
    """
    where = "breakdown_delta"
    count, sample, population = _counts_in(where, count, sample, population)
    threshold = checked_fraction(where, "threshold", threshold)
    unobserved = population - sample
    rounding = 1e-12
    if not unobserved:
        return 0.0 if abs(threshold - count / sample) < rounding else None
    needed = (threshold * population - count) / unobserved
    if not -rounding <= needed <= 1 + rounding:
        return None
    random_low, random_high = _unobserved_range(count, sample, population, level)
    return min(1.0, max(0.0, random_low - needed, needed - random_high))


# --------------------------------------------------------------------- consistency of printed numbers


@dataclass(frozen=True)
class RoundingCheck:
    """Whether whole numbers exist that round to a printed mean or percentage.

    `candidates` are the counts (for a percentage) or sums (for a mean) that do; `power` is the share of
    printable values that the check would reject: at 0 it cannot fail, and passing means nothing.
    """

    printed: str
    sample: int
    candidates: tuple[int, ...]
    power: float

    @property
    def consistent(self) -> bool:
        """Whether at least one whole number fits."""
        return bool(self.candidates)


def _printed_range(where: str, printed: str) -> tuple[Fraction, Fraction, int]:
    """Closed range of the values that round to `printed` (ties may go either way), and its decimals."""
    if not isinstance(printed, str) or not re.fullmatch(r"-?\d+(\.\d+)?", printed):
        raise ValueError(
            f"{where}: printed value is {printed!r}; expected the digits as printed, as text such as '38.5'"
        )
    decimals = len(printed.partition(".")[2])
    half = Fraction(1, 2 * 10**decimals)
    return Fraction(printed) - half, Fraction(printed) + half, decimals


def _multiples_within(low: Fraction, high: Fraction, grain: Fraction) -> tuple[int, ...]:
    return tuple(range(math.ceil(low / grain), math.floor(high / grain) + 1))


def _rejected_share(values: int, grain: Fraction, attainable: range) -> float:
    """Share of `values` printable integers to which no multiple of `grain` in `attainable` rounds."""
    if grain <= 1:
        return 0.0
    half = Fraction(1, 2)
    reached = {
        rounded
        for multiple in attainable
        for rounded in _multiples_within(multiple * grain - half, multiple * grain + half, Fraction(1))
    }
    return 1 - len([value for value in reached if 0 <= value < values]) / values


def grim_mean(printed: str, sample: int, items: int = 1) -> RoundingCheck:
    """GRIM test: can the mean of `sample` whole numbers be printed so? (Brown & Heathers 2017).

    `printed` keeps its digits ("38.50" has two decimals). `items` is the number of whole-number answers
    averaged within each person. Candidates are sums over all people and items.
    """
    sample = _whole("grim_mean", "sample", sample, 1, None, "a mean needs at least one person")
    items = _whole("grim_mean", "items", items, 1, None, "a mean needs at least one item")
    low, high, decimals = _printed_range("grim_mean", printed)
    parts = sample * items
    # Attainable means repeat with period one, so one unit of printable values tells the whole story.
    power = _rejected_share(10**decimals, Fraction(10**decimals, parts), range(parts + 1))
    return RoundingCheck(printed, sample, _multiples_within(low, high, Fraction(1, parts)), power)


def grim_percent(printed: str, sample: int) -> RoundingCheck:
    """Which counts of `sample` round to the printed percentage ("81.3"); none means it cannot be."""
    sample = _whole("grim_percent", "sample", sample, 1, None, "a percentage needs at least one person")
    low, high, decimals = _printed_range("grim_percent", printed)
    counts = [count for count in _multiples_within(low, high, Fraction(100, sample)) if 0 <= count <= sample]
    steps = 100 * 10**decimals
    power = _rejected_share(steps + 1, Fraction(steps, sample), range(sample + 1))
    return RoundingCheck(printed, sample, tuple(counts), power)


def samples_matching_percent(printed: str, count: int) -> tuple[int, ...]:
    """Every denominator of which `count` (at least 1) is the printed percentage, in ascending order."""
    count = _whole("samples_matching_percent", "count", count, 1, None, "zero is 0% of every denominator")
    low, high, _ = _printed_range("samples_matching_percent", printed)
    if low <= 0:
        raise ValueError(
            f"samples_matching_percent: printed value is {printed}; expected one above zero; "
            "every large enough denominator fits a share that rounds to zero"
        )
    first = max(count, math.ceil(100 * count / high))
    return tuple(range(first, math.floor(100 * count / low) + 1))


@dataclass(frozen=True)
class MeanCheck:
    """A printed overall mean against the printed means of the groups that make it up."""

    printed: str
    implied_low: float
    implied_high: float
    consistent: bool


def overall_mean_check(overall: str, means: Sequence[str], counts: Sequence[int] | None = None) -> MeanCheck:
    """Can `overall` be the mean of groups with these printed means?

    With `counts` the implied range is their weighted mean under every rounding of the printed values; without
    them it is the whole range between the smallest and the largest group mean, which any sizes must respect.
    Conservative: the values need not be whole numbers.
    """
    where = "overall_mean_check"
    low, high, _ = _printed_range(where, overall)
    ranges = [_printed_range(where, mean)[:2] for mean in means]
    if not ranges or (counts is not None and len(counts) != len(ranges)):
        raise ValueError(
            f"{where}: {len(ranges)} group means and {'no' if counts is None else len(counts)} counts; "
            "expected at least one mean, and one count for each"
        )
    if counts is None:
        implied_low, implied_high = min(pair[0] for pair in ranges), max(pair[1] for pair in ranges)
    else:
        sizes = [_whole(where, "count", size, 1, None, "leave out a group without people") for size in counts]
        total = sum(sizes)
        implied_low = sum((size * pair[0] for size, pair in zip(sizes, ranges, strict=True)), Fraction(0))
        implied_high = sum((size * pair[1] for size, pair in zip(sizes, ranges, strict=True)), Fraction(0))
        implied_low, implied_high = implied_low / total, implied_high / total
    return MeanCheck(overall, float(implied_low), float(implied_high), implied_low <= high and implied_high >= low)


def splits_matching_mean(overall: str, first: str, second: str, sample: int) -> tuple[tuple[int, int], ...]:
    """Sizes (first, second) that sum to `sample`, both at least 1, under which the three means agree."""
    where = "splits_matching_mean"
    sample = _whole(where, "sample", sample, 2, None, "two groups need two people")
    ranges = [_printed_range(where, printed)[:2] for printed in (overall, first, second)]
    scale = math.lcm(*(end.denominator for pair in ranges for end in pair))
    (low, high), (one_low, one_high), (two_low, two_high) = ([int(end * scale) for end in pair] for pair in ranges)
    splits = ((size, sample - size) for size in range(1, sample))
    return tuple(
        (one, two)
        for one, two in splits
        if one * one_low + two * two_low <= sample * high and one * one_high + two * two_high >= sample * low
    )
