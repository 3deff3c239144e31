"""What a bar may not do, for every part and question of every claim, over all numbers that could be found.

Each number is drawn from the range that its unit allows: a share from 0 to 1, a count from 0, and so on.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
import quick_rules

from compendium.trial import claims
from compendium.trial.claims import Claim, Part
from compendium.trial.rules import CONTRADICTED, OPEN, SUPPORTED

DECIDED = {SUPPORTED, CONTRADICTED}
DRAWS = 1500
MOVES = 300
RANGES = {
    "share": (0, 1),
    "probability": (0, 1),
    "correlation": (-1, 1),
    "ratio": (0, 4),
    "log hazard ratio": (-0.6, 0.6),
    "percentage points": (-10, 10),
    "years": (0, 12),
    "years of wages": (0, 3),
    "US dollars": (0, 20_000),
}
NO_COUNTS = (*RANGES, "yes or no", "rank")  # a zero of these is not the same as nothing found
EVERY = [
    pytest.param(claim, part, id=f"{claim.id}: {part.name}")
    for claim in claims.registry().claims.values()
    for part in (*claim.parts, *claim.context)
]
# Where even a reader who knew the numbers exactly would get no word, by how claim and part begin, and why.
GAPS = {
    "movements: the early 1990s stand out from later years": "no interval could be made, so the gap is the margin",
    "movements: most of the rise in western Europe came from poorer countries": "the same",
    "slaves-12m: in the sense of its source": "a minimum that was printed without its error",
    "slaves-12m: in the sense of the United Nations": "the same",
    "profit-32bn: its source prints it as profit from trafficked people": "between rounding and another sum",
    "too-few-convictions: the tier follows the convictions of the year before": "a p value is a measure of doubt",
    "transnational: most detected victims in the world": "two numbers may point different ways",
    "political-tiers: between countries, the close ones stand better": "a p value is a measure of doubt",
    "political-tiers: a country stands better when it moves closer": "the same",
    "tier-pressure: full laws come sooner after a bad rating": "two numbers may point different ways",
    "cambodia-bowed: ": "a probability is a measure of doubt",
    "as-murder: from the 2008 law to the Penal Code": "no interval, and the article on murder was not read",
    "as-murder: since the Penal Code of December 2010": "the same",
    "sample-91: they can speak for all held": "how they were chosen is not told",
    "sample-91: they can speak for all prisons of the country": "the same",
    "modest-gains: little was paid for recruiting a person, in court and police reports": "fewer than six cases",
    "push-and-pull: push, a lack of lawful chances": "two numbers may point different ways",
    "no-deterrence: in a reckoning from assumed ranges the law changes few choices": "the ranges are assumed",
}


def numbers_of(part: Part) -> list[str]:
    return sorted(set().union(*(rule.names for rule in part.rules.values())))


def stem(name: str) -> str:
    """The number of which this is an end: share of share_low."""
    return name.removesuffix("_low").removesuffix("_high")


def drawn(claim: Claim, part: Part, luck: random.Random, known: bool = False) -> dict[str, float]:
    """Numbers that could be found, ends in order and an estimate between them; `known`: ends that meet."""
    found: dict[str, float] = {}
    names = numbers_of(part)
    for root in sorted({stem(name) for name in names}):
        own = [name for name in names if stem(name) == root]
        number = claim.numbers[own[0]]
        low, high = RANGES.get(number.unit, (0, 0)) if number.tolerance else (0, 0)
        low = -1 if root.endswith("_gap") else low
        if number.unit == "yes or no":
            ends = [float(luck.choice([-1, 0, 1]))] * 2
        elif low == high:
            ends = sorted(float(luck.randint(0, 12)) for _ in range(2))
        else:
            ends = sorted(luck.uniform(low, high) for _ in range(2))
        ends = [ends[0]] * 2 if known else ends
        middle = (ends[0] + ends[1]) / 2 if low != high else ends[0]
        for name in own:
            found[name] = ends[0] if name.endswith("_low") else ends[1] if name.endswith("_high") else middle
    return found


def draws(claim: Claim, part: Part, many: int = DRAWS, known: bool = False) -> Iterator[dict[str, float]]:
    luck = random.Random(f"{claim.id} {part.name}")
    for _ in range(many):
        yield drawn(claim, part, luck, known)


def moved(found: dict[str, float], by: float, narrower: bool) -> dict[str, float]:
    """The same numbers with every interval moved by a part of half its width, or drawn in by it on either side."""
    changed = dict(found)
    for name in found:
        root = stem(name)
        if root == name:
            continue
        low, high = (found.get(f"{root}_{end}", found[name]) for end in ("low", "high"))
        step = by * (high - low) / 2
        changed[name] = found[name] + (step if not narrower or name.endswith("_low") else -step)
        if root in found and not narrower:
            changed[root] = found[root] + step
    return changed


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick_rules.take(monkeypatch)


@pytest.mark.parametrize(("claim", "part"), EVERY)
def test_a_part_or_question_is_reached_both_ways_and_never_at_once(claim: Claim, part: Part) -> None:
    words = {part.decide(found) for found in draws(claim, part)}  # raises where both rules are met
    words |= {part.decide(found) for found in draws(claim, part, known=True)}
    assert words >= DECIDED


@pytest.mark.parametrize(("claim", "part"), EVERY)
def test_better_evidence_for_one_answer_never_takes_a_word_away(claim: Claim, part: Part) -> None:
    for found in draws(claim, part, MOVES):
        if (word := part.decide(found)) in DECIDED:
            assert part.decide(moved(found, 0.9, narrower=True)) == word, found


@pytest.mark.parametrize(("claim", "part"), EVERY)
def test_no_small_change_of_an_interval_turns_a_word_right_round(claim: Claim, part: Part) -> None:
    for found in draws(claim, part, MOVES):
        for by in (-0.9, 0.9):
            assert {part.decide(found), part.decide(moved(found, by, narrower=False))} != DECIDED, found


def test_where_no_doubt_is_left_a_word_is_given_or_the_gap_has_a_reason() -> None:
    """Counts are left out: of what was found there can always be too little."""
    gaps = {
        f"{claim.id}: {part.name}"
        for claim in claims.registry().claims.values()
        for part in (*claim.parts, *claim.context)
        if any(claim.numbers[name].unit in RANGES and claim.numbers[name].tolerance for name in numbers_of(part))
        and any(part.decide(found) == OPEN for found in draws(claim, part, MOVES, known=True))
    }
    assert [gap for gap in sorted(gaps) if not gap.startswith(tuple(GAPS))] == []
    assert [begin for begin in GAPS if not any(gap.startswith(begin) for gap in gaps)] == []


def test_where_nothing_was_found_nothing_is_decided() -> None:
    decided = [
        f"{claim.id}: {part.name}"
        for claim in claims.registry().claims.values()
        for part in (*claim.parts, *claim.context)
        if not any(claim.numbers[name].unit in NO_COUNTS for name in numbers_of(part))
        and part.decide(dict.fromkeys(numbers_of(part), 0.0)) in DECIDED
    ]
    # The ages are printed in the study, so that none ruled out is not the same as none seen.
    assert decided == [
        "sample-91: the mean ages printed of them fit together (summary of a working paper, not the essay)"
    ]


def test_a_rule_goes_by_the_ends_of_an_interval_where_there_are_any() -> None:
    """One estimate stands beside its upper end: what leans towards a claim is not to contradict it."""
    by_estimate = {
        (claim.id, kind, name)
        for claim in claims.registry().claims.values()
        for part in (*claim.parts, *claim.context)
        for kind, rule in part.rules.items()
        for name in rule.names
        if {f"{name}_low", f"{name}_high"} <= set(claim.numbers)
    }
    assert by_estimate == {("tier-pressure", "contradicted", "ratio")}


def test_mirror_questions_share_one_bar() -> None:
    by_id = claims.registry().claims
    world, prisoners = by_id["organised-crime"].parts[0], by_id["small-operators"].parts[1]
    assert (world.supported, world.contradicted) == (prisoners.contradicted, prisoners.supported)
