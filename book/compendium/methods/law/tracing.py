"""Bayesian process tracing: how far dated pieces of evidence move belief in a claim about one case.

Each item states how probable it is if the claim is true and if it is false, as ranges. Their quotient is the
likelihood ratio; the odds of the claim are its prior odds times the product of the ratios (Bennett 2015,
Fairfield and Charman 2017). Items that repeat one another are discounted by a power on their ratio, so that
`posterior odds = prior odds x product(ratio ** weight)`. Standard library only.
"""

from __future__ import annotations

import bisect
import itertools
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

CORNERS_AT_MOST = 18  # items; their two halves then have 262,144 corners each


class TracingError(ValueError):
    """Evidence or belief that no probability can describe; the message names the item."""


@dataclass(frozen=True)
class Evidence:
    """One item: its probability (0 to 1, ends excluded) if the claim is true, and if false, as (low, high).

    `weight` (0 to 1) is the power on its likelihood ratio: 1 for an item independent of the others given the
    claim, 0 for one that adds nothing to them. Items of one `group` are those that `discount` weakens.
    """

    id: str
    label: str
    if_true: tuple[float, float]
    if_false: tuple[float, float]
    weight: float = 1.0
    group: str = ""

    def __post_init__(self) -> None:
        for name, (low, high) in (("if_true", self.if_true), ("if_false", self.if_false)):
            if not 0 < low <= high < 1:
                raise TracingError(f"evidence {self.id!r}: {name} is ({low}, {high}); expected 0 < low <= high < 1")
        if not 0 <= self.weight <= 1:
            raise TracingError(f"evidence {self.id!r}: weight is {self.weight}; expected 0 to 1")

    def __str__(self) -> str:
        """Its name, its central ratio and the reading of that."""
        return f"{self.label}: times {self.ratio:.2f}, {self.strength}"

    @property
    def ratio(self) -> float:
        """Central likelihood ratio: of the geometric means of the two ranges, before weighting."""
        return math.sqrt(math.prod(self.if_true) / math.prod(self.if_false))

    @property
    def ratio_range(self) -> tuple[float, float]:
        """Least and greatest likelihood ratio that the ranges allow, before weighting."""
        return self.if_true[0] / self.if_false[1], self.if_true[1] / self.if_false[0]

    @property
    def strength(self) -> str:
        """Kass and Raftery's (1995) word for the weighted central ratio, and the side it favours."""
        return strength(self.ratio**self.weight)


@dataclass(frozen=True)
class Posterior:
    """Probability of the claim: central, and the least and greatest over all ranges."""

    central: float
    low: float
    high: float

    def __str__(self) -> str:
        """Both ends and the middle in percent."""
        return f"{self.low:.1%} to {self.high:.1%}, middle {self.central:.1%}"


@dataclass(frozen=True)
class Flip:
    """What one item does to a conclusion: the central posterior without it, and with its ratio inverted."""

    id: str
    without: float
    reversed: float
    flips_without: bool
    flips_reversed: bool


def judged(rows: Iterable[Mapping[Any, Any]]) -> tuple[Evidence, ...]:
    """The items that count, of rows as the table `law_judgements` has them, in its order.

    A row has id, label, kind (the group), counted, and if_true_low, if_true_high, if_false_low, if_false_high. Of a
    file that is read as text `counted` is "true" or "false", and the ends are text too.
    """
    return tuple(
        Evidence(
            row["id"],
            row["label"],
            (float(row["if_true_low"]), float(row["if_true_high"])),
            (float(row["if_false_low"]), float(row["if_false_high"])),
            group=row["kind"],
        )
        for row in rows
        if _counts(row["counted"])
    )


def _counts(counted: object) -> bool:
    if str(counted).lower() not in ("true", "false"):
        raise TracingError(f"counted is {counted!r}; expected true or false")
    return str(counted).lower() == "true"


def judged_anew(
    items: Sequence[Evidence], item_id: str, if_true: tuple[float, float], if_false: tuple[float, float]
) -> tuple[Evidence, ...]:
    """The same items with other ranges for one of them."""
    if item_id not in {item.id for item in items}:
        raise TracingError(f"no evidence {item_id!r}; known: {', '.join(item.id for item in items)}")
    return tuple(
        replace(item, if_true=if_true, if_false=if_false) if item.id == item_id else item for item in items
    )


def posterior(prior: float, ratios: Iterable[float]) -> float:
    """Probability of the claim (0 to 1) after evidence with the given, already weighted, likelihood ratios."""
    given = tuple(ratios)
    for ratio in given:
        if not 0 < ratio < math.inf:
            raise TracingError(f"likelihood ratio is {ratio}; expected above 0 and finite")
    log_odds = _log_odds(prior) + sum(math.log(ratio) for ratio in given)
    return _probability(log_odds)


def posterior_range(
    items: Sequence[Evidence], prior: float | tuple[float, float], central_prior: float | None = None
) -> Posterior:
    """Posterior at the central ratios, and its range over every corner of the items' ranges and the prior's.

    The posterior rises with each probability if true, falls with each if false, and rises with the prior, so
    the extremes over all combinations lie at the two opposite corners. A prior range is centred at its middle
    on the odds scale unless `central_prior` is given.
    """
    low, high = (prior, prior) if isinstance(prior, float | int) else prior
    if low > high:
        raise TracingError(f"prior range is ({low}, {high}); expected the lower end first")
    middle = (_log_odds(low) + _log_odds(high)) / 2 if central_prior is None else _log_odds(central_prior)
    least = sum(item.weight * math.log(item.ratio_range[0]) for item in items)
    most = sum(item.weight * math.log(item.ratio_range[1]) for item in items)
    centre = sum(item.weight * math.log(item.ratio) for item in items)
    return Posterior(
        _probability(middle + centre), _probability(_log_odds(low) + least), _probability(_log_odds(high) + most)
    )


def drawn(
    items: Sequence[Evidence],
    prior: float | tuple[float, float],
    *,
    level: float = 0.9,
    draws: int = 4_000,
    seed: int = 0,
    leaning: bool = False,
) -> Posterior:
    """Median of the posterior and its central `level` when every judged probability is drawn from its range.

    Each end of each item, and the prior, is uniform in its range. They are drawn apart from one another; with
    `leaning` one position serves them all, as of a judge who leans to one side in everything: high if true, low if
    false, high in the prior (a two-level prior analysis in the sense of Good 1965).
    """
    if not draws >= 1:
        raise TracingError(f"draws are {draws}; expected some")
    weights = [item.weight for item in items]
    every = _all_draws(items, prior, draws, seed, leaning=leaning)
    return _middle([_total(terms, weights) for terms in every], level)


def representatives(
    items: Sequence[Evidence],
    prior: float | tuple[float, float],
    *,
    kept: int = 401,
    draws: int = 4_000,
    seed: int = 0,
) -> tuple[tuple[float, ...], ...]:
    """Some of the draws of `drawn`, at even distances in the order of their posterior, as deviations in log odds.

    Each of the `kept` draws holds one number for the prior, less the middle of its ends in log odds, and one for
    each item in order: its log likelihood ratio before weighting, less the log of its central ratio. At the weights
    of the items they have nearly the middle and the interval of all draws, and carry few numbers (a systematic
    sample from an ordered list, Madow and Madow 1944).
    """
    if not 2 <= kept <= draws:
        raise TracingError(f"kept are {kept} of {draws} draws; expected 2 to all of them")
    weights = [item.weight for item in items]
    ordered = sorted(_all_draws(items, prior, draws, seed), key=lambda terms: _total(terms, weights))
    centres = [sum(map(_log_odds, _ends(prior))) / 2, *(math.log(item.ratio) for item in items)]
    return tuple(
        tuple(term - centre for term, centre in zip(ordered[place], centres, strict=True))
        for place in (round(k * (draws - 1) / (kept - 1)) for k in range(kept))
    )


def _all_draws(
    items: Sequence[Evidence],
    prior: float | tuple[float, float],
    draws: int,
    seed: int,
    *,
    leaning: bool = False,
) -> list[tuple[float, ...]]:
    """For each draw the log odds of the prior and the log likelihood ratio of each item, before weighting."""
    ends = _ends(prior)
    rng = random.Random(seed)
    found = []
    for _ in range(draws):
        lean = rng.random() if leaning else None
        terms = [_log_odds(_placed(ends, rng, lean))]
        for item in items:
            true = _placed(item.if_true, rng, lean)
            false = _placed(item.if_false, rng, None if lean is None else 1 - lean)
            terms.append(math.log(true / false))
        found.append(tuple(terms))
    return found


def _ends(prior: float | tuple[float, float]) -> tuple[float, float]:
    ends = (prior, prior) if isinstance(prior, float | int) else prior
    if ends[0] > ends[1]:
        raise TracingError(f"prior range is {ends}; expected the lower end first")
    return ends


def _total(terms: Sequence[float], weights: Sequence[float]) -> float:
    """The log odds of a draw: its prior, and its items by their weights."""
    return terms[0] + sum(weight * term for weight, term in zip(weights, terms[1:], strict=True))


def _middle(log_odds: Sequence[float], level: float) -> Posterior:
    """The median of drawn log odds and the ends of their central `level`, as probabilities."""
    if not (0 < level < 1 and log_odds):
        raise TracingError(f"level is {level} of {len(log_odds)} draws; expected 0 to 1 of some draws")
    found, last = sorted(log_odds), len(log_odds) - 1
    low, middle, high = (found[round(share * last)] for share in ((1 - level) / 2, 0.5, (1 + level) / 2))
    return Posterior(_probability(middle), _probability(low), _probability(high))


def _placed(ends: tuple[float, float], rng: random.Random, at: float | None) -> float:
    """A place in a range: drawn, or given as a share of its width."""
    return ends[0] + (ends[1] - ends[0]) * (rng.random() if at is None else at)


def share_of_corners(items: Sequence[Evidence], prior: float, threshold: float) -> float:
    """Share (0 to 1) of all corner combinations of the ranges whose posterior reaches the threshold.

    Each item has four corners (low or high if true, low or high if false); all 4^n combinations are counted.
    """
    if len(items) > CORNERS_AT_MOST:
        raise TracingError(f"{len(items)} items have too many corners; expected at most {CORNERS_AT_MOST}")
    corners = [[item.weight * math.log(p / q) for p in item.if_true for q in item.if_false] for item in items]
    half = len(corners) // 2
    first = [sum(choice) for choice in itertools.product(*corners[:half])]
    second = sorted(sum(choice) for choice in itertools.product(*corners[half:]))
    # The slack counts a posterior that equals the threshold, in spite of the order of summation.
    needed = _log_odds(threshold) - _log_odds(prior) - 1e-12
    reached = sum(len(second) - bisect.bisect_left(second, needed - part) for part in first)
    return reached / (len(first) * len(second))


def discount(items: Sequence[Evidence], factor: float) -> tuple[Evidence, ...]:
    """Weaken items that share a group: the strongest keeps its weight, the others' is multiplied by factor.

    Factor 1 treats them as independent, 0 counts only the strongest of each group. Items with an empty group
    stay as they are.
    """
    if not 0 <= factor <= 1:
        raise TracingError(f"dependence factor is {factor}; expected 0 (one item repeated) to 1 (independent)")
    strongest: dict[str, Evidence] = {}
    for item in items:
        best = strongest.get(item.group)
        if best is None or _weight_of_evidence(item) > _weight_of_evidence(best):
            strongest[item.group] = item
    return tuple(
        item if not item.group or item is strongest[item.group] else replace(item, weight=item.weight * factor)
        for item in items
    )


def posterior_at(
    items: Sequence[Evidence],
    ratios: Mapping[str, float],
    prior: float,
    draws: Sequence[Sequence[float]],
    *,
    factor: float = 1.0,
    level: float = 0.9,
) -> Posterior:
    """Median and central `level` of the posterior when a reader's ratios (by item id) and prior are the middles.

    `draws` are deviations as `representatives` gives them, so that a moved middle carries its range along on the
    log scale. Which item of a group counts in full, and which by `factor`, is decided by the new ratios, as in
    `discount`. An item without a new ratio keeps its own.
    """
    if not 0 <= factor <= 1:
        raise TracingError(f"dependence factor is {factor}; expected 0 (one item repeated) to 1 (independent)")
    unknown = sorted(set(ratios) - {item.id for item in items})
    if unknown:
        raise TracingError(f"no evidence {unknown[0]!r}; known: {', '.join(item.id for item in items)}")
    for name, ratio in ratios.items():
        if not ratio > 0:
            raise TracingError(f"evidence {name!r}: ratio is {ratio}; expected above 0")
    central = {item.id: item.weight * math.log(ratios.get(item.id, item.ratio)) for item in items}
    strongest: dict[str, str] = {}
    for item in items:
        best = strongest.get(item.group)
        if best is None or abs(central[item.id]) > abs(central[best]):
            strongest[item.group] = item.id
    shares = [1.0 if not item.group or strongest[item.group] == item.id else factor for item in items]
    centre = _log_odds(prior) + sum(share * central[item.id] for share, item in zip(shares, items, strict=True))
    weights = [share * item.weight for share, item in zip(shares, items, strict=True)]
    return _middle([centre + _total(terms, weights) for terms in draws], level)


def flips(items: Sequence[Evidence], prior: float, threshold: float = 0.5) -> tuple[Flip, ...]:
    """For each item: would the conclusion (posterior at or above the threshold) change without or against it?"""
    total = _log_odds(prior) + sum(item.weight * math.log(item.ratio) for item in items)
    holds = total >= _log_odds(threshold)
    found = []
    for item in items:
        step = item.weight * math.log(item.ratio)
        without, against = total - step, total - 2 * step
        found.append(
            Flip(
                item.id,
                _probability(without),
                _probability(against),
                (without >= _log_odds(threshold)) != holds,
                (against >= _log_odds(threshold)) != holds,
            )
        )
    return tuple(found)


def prior_needed(items: Sequence[Evidence], threshold: float) -> float:
    """Prior probability at which the central posterior just reaches the threshold."""
    return _probability(_log_odds(threshold) - sum(item.weight * math.log(item.ratio) for item in items))


def ratio_needed(prior: float, threshold: float) -> float:
    """Likelihood ratio that would carry the prior to the threshold."""
    return math.exp(_log_odds(threshold) - _log_odds(prior))


def strength(ratio: float) -> str:
    """Kass and Raftery's (1995) reading of a likelihood ratio, with the side that it favours."""
    if not ratio > 0:
        raise TracingError(f"likelihood ratio is {ratio}; expected above 0")
    size = max(ratio, 1 / ratio)
    if math.isclose(size, 1):
        return "no evidence either way"
    words = ((3, "hardly worth a mention"), (20, "positive"), (150, "strong"), (math.inf, "very strong"))
    word = next(word for limit, word in words if size <= limit)
    return f"{word}, {'for' if ratio > 1 else 'against'}"


def _weight_of_evidence(item: Evidence) -> float:
    return item.weight * abs(math.log(item.ratio))


def _log_odds(probability: float) -> float:
    if not 0 < probability < 1:
        raise TracingError(f"probability is {probability}; expected above 0 and below 1")
    return math.log(probability) - math.log1p(-probability)


def _probability(log_odds: float) -> float:
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    return math.exp(log_odds) / (1 + math.exp(log_odds))
