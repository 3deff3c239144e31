"""Process tracing: Bayes' rule by brute force, extremes over corners, and a simulated world."""

from __future__ import annotations

import ast
import itertools
import math
import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.methods.law import tracing
from compendium.methods.law.tracing import Evidence, TracingError

CABLE = Evidence("cable", "a cable asks for the law", (0.6, 0.8), (0.1, 0.2), group="embassy")
RAID = Evidence("raid", "the raid follows a visit", (0.5, 0.7), (0.3, 0.4), group="embassy")
OLD_LAW = Evidence("old-law", "a harsh law came before", (0.2, 0.4), (0.7, 0.9))
ITEMS = (CABLE, RAID, OLD_LAW)

probabilities = st.floats(0.02, 0.98)
ranges = st.tuples(probabilities, probabilities).map(lambda pair: (min(pair), max(pair)))
evidence = st.builds(
    Evidence,
    id=st.just("item"),
    label=st.just(""),
    if_true=ranges,
    if_false=ranges,
    weight=st.floats(0, 1),
    group=st.sampled_from(["", "a", "b"]),
)


def bayes(prior: float, pairs: list[tuple[float, float]]) -> float:
    """The claim's share of all the ways in which the evidence can come about."""
    true, false = prior, 1 - prior
    for p, q in pairs:
        true, false = true * p, false * q
    return true / (true + false)


def test_the_posterior_is_bayes_rule():
    assert tracing.posterior(0.3, [0.7 / 0.2, 0.5 / 0.9]) == pytest.approx(bayes(0.3, [(0.7, 0.2), (0.5, 0.9)]))
    assert tracing.posterior(0.3, []) == pytest.approx(0.3)
    assert tracing.posterior(0.5, [1e300, 1e300]) == 1.0
    assert tracing.posterior(0.5, [1e-300, 1e-300, 1e-300]) == pytest.approx(0.0)


def test_the_posterior_is_the_frequency_of_the_claim_among_worlds_with_the_evidence():
    rng = random.Random(4)
    hits = total = 0
    for _ in range(200_000):
        claim = rng.random() < 0.25
        if rng.random() < (0.7 if claim else 0.2) and rng.random() < (0.3 if claim else 0.8):
            total += 1
            hits += claim
    expected = tracing.posterior(0.25, [0.7 / 0.2, 0.3 / 0.8])
    assert hits / total == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / total))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(evidence, min_size=1, max_size=4), st.tuples(probabilities, probabilities), probabilities)
def test_range_and_share_equal_brute_force_over_all_corners(items, prior, threshold):
    prior = (min(prior), max(prior))
    found = tracing.posterior_range(items, prior)
    choices = [[(p, q, i.weight) for p in i.if_true for q in i.if_false] for i in items]
    every = [
        tracing.posterior(start, [(p / q) ** w for p, q, w in combination])
        for start in prior
        for combination in itertools.product(*choices)
    ]
    assert found.low == pytest.approx(min(every), rel=1e-9)
    assert found.high == pytest.approx(max(every), rel=1e-9)
    assert found.low <= found.central * (1 + 1e-9)
    assert found.central <= found.high * (1 + 1e-9)
    at_low = [tracing.posterior(prior[0], [(p / q) ** w for p, q, w in c]) for c in itertools.product(*choices)]
    if min(abs(value - threshold) for value in at_low) > 1e-9:
        share = sum(value >= threshold for value in at_low) / len(at_low)
        assert tracing.share_of_corners(items, prior[0], threshold) == pytest.approx(share)


def test_central_values_and_ratio_ranges_by_hand():
    assert CABLE.ratio_range == pytest.approx((3.0, 8.0))
    assert CABLE.ratio == pytest.approx(math.sqrt(24))
    assert OLD_LAW.ratio < 1
    found = tracing.posterior_range(ITEMS, (0.25, 0.75))
    assert found.central == pytest.approx(tracing.posterior(0.5, [item.ratio for item in ITEMS]))
    assert found.low == pytest.approx(bayes(0.25, [(0.6, 0.2), (0.5, 0.4), (0.2, 0.9)]))
    assert found.high == pytest.approx(bayes(0.75, [(0.8, 0.1), (0.7, 0.3), (0.4, 0.7)]))
    assert tracing.posterior_range(ITEMS, (0.2, 0.8), 0.2).central == pytest.approx(
        tracing.posterior(0.2, [item.ratio for item in ITEMS])
    )


def test_dependence_counts_the_strongest_of_a_group_in_full_and_discounts_the_rest():
    assert tracing.discount(ITEMS, 1.0) == ITEMS
    halved = tracing.discount(ITEMS, 0.5)
    assert [item.weight for item in halved] == [1.0, 0.5, 1.0]
    expected = bayes(0.5, [(CABLE.ratio, 1), (math.sqrt(RAID.ratio), 1), (OLD_LAW.ratio, 1)])
    assert tracing.posterior_range(halved, 0.5).central == pytest.approx(expected)
    half_weighted = (CABLE, replace(RAID, weight=0.8))
    assert [item.weight for item in tracing.discount(half_weighted, 0.5)] == pytest.approx([1.0, 0.4])
    # The same item told twice is worth one telling at factor 0, and two at factor 1.
    twice = (CABLE, Evidence("again", "", CABLE.if_true, CABLE.if_false, group="embassy"))
    once = tracing.posterior_range((CABLE,), 0.4)
    assert tracing.posterior_range(tracing.discount(twice, 0.0), 0.4) == once
    assert tracing.posterior_range(tracing.discount(twice, 1.0), 0.4).high > once.high


ALONE = ((0.0, 0.0, 0.0, 0.0),)  # one draw, at every middle


@settings(deadline=None, derandomize=True)
@given(st.lists(evidence, min_size=1, max_size=5), probabilities, st.floats(0, 1))
def test_a_reader_who_moves_nothing_gets_the_published_draws(items, prior, factor):
    items = [replace(item, id=str(k)) for k, item in enumerate(items)]
    weaker = tracing.discount(items, factor)
    draws = tracing.representatives(weaker, prior, kept=40, draws=40)
    found = tracing.posterior_at(items, {}, prior, draws, factor=factor)
    published = tracing.drawn(weaker, prior, draws=40)
    assert [found.central, found.low, found.high] == pytest.approx(
        [published.central, published.low, published.high], abs=1e-9
    )


def test_a_moved_ratio_may_change_which_item_leads():
    found = tracing.posterior_at(ITEMS, {"cable": 1.0, "raid": 3.0}, 0.4, ALONE, factor=0.0)
    # The raid now leads its group; the cable counts for nothing.
    assert found.central == found.low == found.high
    assert found.central == pytest.approx(bayes(0.4, [(3.0, 1), (OLD_LAW.ratio, 1)]))


def test_a_moved_ratio_carries_its_draws_along():
    """Probabilities half as large if false are a ratio twice as large, in every draw."""
    moved = tracing.judged_anew(ITEMS, "cable", CABLE.if_true, tuple(end / 2 for end in CABLE.if_false))
    prior = 0.25, 0.75
    draws = tracing.representatives(ITEMS, prior, kept=500, draws=500)
    found = tracing.posterior_at(ITEMS, {"cable": 2 * CABLE.ratio}, 0.5, draws)
    expected = tracing.drawn(moved, prior, draws=500)
    assert [found.central, found.low, found.high] == pytest.approx([expected.central, expected.low, expected.high])


def test_a_moved_prior_multiplies_the_odds_of_every_draw():
    draws = tracing.representatives(ITEMS, (0.25, 0.75))
    even, doubtful = (tracing.posterior_at(ITEMS, {}, prior, draws) for prior in (0.5, 0.25))
    for end in ("low", "central", "high"):
        before, after = getattr(even, end), getattr(doubtful, end)
        assert after / (1 - after) == pytest.approx(before / (1 - before) / 3)


def test_one_item_with_one_range_has_the_quantiles_of_its_uniform_range():
    """With all else fixed the odds rise with the drawn probability, so its quantiles are theirs."""
    item = Evidence("one", "", (0.2, 0.8), (0.4, 0.4))
    draws = tracing.representatives([item], 0.5, kept=401, draws=40_000)
    found = tracing.posterior_at([item], {}, 0.5, draws)
    for end, share in (("low", 0.05), ("central", 0.5), ("high", 0.95)):
        assert getattr(found, end) == pytest.approx(bayes(0.5, [((0.2 + 0.6 * share) / 0.4, 1)]), abs=0.005)


def test_few_draws_at_even_distances_stand_for_all_of_them():
    group = [replace(item, id=f"{item.id}-{k}") for item in ITEMS for k in range(4)]
    judged = tracing.discount(group, 0.5)
    all_draws = tracing.drawn(judged, (0.25, 0.75))
    kept = tracing.representatives(judged, (0.25, 0.75))
    assert len(kept) == 401 and {len(draw) for draw in kept} == {1 + len(group)}
    found = tracing.posterior_at(group, {}, 0.5, kept, factor=0.5)
    assert [found.central, found.low, found.high] == pytest.approx(
        [all_draws.central, all_draws.low, all_draws.high], abs=1e-9
    )


def test_flips_name_the_items_on_which_the_conclusion_hangs():
    # Ratios 4.9, 1.7 and 0.36 at even odds: 3.0 to 1 for the claim.
    found = {flip.id: flip for flip in tracing.flips(ITEMS, 0.5)}
    assert found["cable"].without == pytest.approx(tracing.posterior(0.5, [RAID.ratio, OLD_LAW.ratio]))
    assert found["cable"].reversed == pytest.approx(
        tracing.posterior(0.5, [1 / CABLE.ratio, RAID.ratio, OLD_LAW.ratio])
    )
    assert (found["cable"].flips_without, found["cable"].flips_reversed) == (True, True)
    assert (found["raid"].flips_without, found["raid"].flips_reversed) == (False, False)
    assert (found["old-law"].flips_without, found["old-law"].flips_reversed) == (False, False)


@settings(deadline=None, derandomize=True)
@given(probabilities, probabilities)
def test_the_needed_prior_and_ratio_reach_the_threshold(prior, threshold):
    needed = tracing.prior_needed(ITEMS, threshold)
    assert tracing.posterior_range(ITEMS, needed).central == pytest.approx(threshold)
    assert tracing.posterior(prior, [tracing.ratio_needed(prior, threshold)]) == pytest.approx(threshold)


@pytest.mark.parametrize(
    ("ratio", "word"),
    [
        (1.0, "no evidence either way"),
        (2.9, "hardly worth a mention, for"),
        (1 / 2.9, "hardly worth a mention, against"),
        (3, "hardly worth a mention, for"),
        (3.01, "positive, for"),
        (19, "positive, for"),
        (20, "positive, for"),
        (20.1, "strong, for"),
        (150, "strong, for"),
        (1 / 149, "strong, against"),
        (151, "very strong, for"),
    ],
)
def test_strength_follows_kass_and_raftery(ratio, word):
    assert tracing.strength(ratio) == word


def test_weightless_evidence_has_no_strength():
    assert replace(CABLE, weight=0.0).strength == "no evidence either way"
    assert CABLE.strength == "positive, for"


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: Evidence("x", "", (0.0, 0.5), (0.1, 0.2)), r"'x': if_true is \(0.0, 0.5\)"),
        (lambda: Evidence("x", "", (0.1, 0.5), (0.3, 0.2)), r"'x': if_false is \(0.3, 0.2\)"),
        (lambda: Evidence("x", "", (0.1, 0.5), (0.3, 1.0)), "if_false"),
        (lambda: Evidence("x", "", (0.1, 0.5), (0.3, 0.4), weight=1.5), "weight is 1.5"),
        (lambda: Evidence("x", "", (0.1, 1.0), (0.3, 0.4)), "if_true"),
        (lambda: Evidence("x", "", (0.1, 0.5), (0.3, 0.4), weight=-0.1), "weight is -0.1"),
        (lambda: tracing.posterior(1.0, [2.0]), "probability is 1.0"),
        (lambda: tracing.posterior(0.0, [2.0]), "probability is 0.0"),
        (lambda: tracing.posterior(0.5, [0.0]), "ratio is 0.0; expected above 0 and finite"),
        (lambda: tracing.posterior(0.5, [2.0, math.inf]), "ratio is inf"),
        (lambda: tracing.discount(ITEMS, -0.1), "factor is -0.1"),
        (lambda: tracing.posterior_at(ITEMS, {}, 0.5, ALONE, factor=-0.1), "factor is -0.1"),
        (lambda: tracing.strength(-2), "ratio is -2"),
        (lambda: tracing.discount(ITEMS, 2), "factor is 2"),
        (lambda: tracing.posterior_range(ITEMS, (0.8, 0.2)), "lower end first"),
        (lambda: tracing.share_of_corners([CABLE] * 19, 0.5, 0.5), "19 items"),
        (lambda: tracing.strength(0), "ratio is 0"),
        (lambda: tracing.posterior_at(ITEMS, {"cabel": 2}, 0.5, ALONE), "no evidence 'cabel'; known: cable"),
        (lambda: tracing.posterior_at(ITEMS, {"cable": 0}, 0.5, ALONE), "'cable': ratio is 0"),
        (lambda: tracing.posterior_at(ITEMS, {}, 0.5, ALONE, factor=2), "factor is 2"),
        (lambda: tracing.representatives(ITEMS, 0.5, kept=1), "kept are 1 of 4000 draws"),
        (lambda: tracing.representatives(ITEMS, 0.5, kept=9, draws=8), "kept are 9 of 8 draws"),
        (lambda: tracing.representatives(ITEMS, (0.8, 0.2)), "lower end first"),
    ],
)
def test_impossible_beliefs_are_refused(attempt, message):
    with pytest.raises(TracingError, match=message):
        attempt()


def test_of_two_equally_strong_items_the_first_keeps_its_weight():
    twice = (CABLE, replace(CABLE, id="again"))
    assert [item.weight for item in tracing.discount(twice, 0.5)] == [1.0, 0.5]
    # One for and one against, equally strong: with nothing left of the second, the first alone speaks.
    against = replace(CABLE, id="against", if_true=CABLE.if_false, if_false=CABLE.if_true)
    for pair in ((CABLE, against), (against, CABLE)):
        found = tracing.posterior_at(pair, {CABLE.id: 4.0, "against": 0.25}, 0.4, [(0.0, 0.0, 0.0)], factor=0.0)
        assert found.central == pytest.approx(tracing.posterior(0.4, [4.0 if pair[0] is CABLE else 0.25]))


def test_items_without_a_group_are_never_discounted():
    alone = (replace(CABLE, group=""), replace(RAID, group=""))
    assert tracing.discount(alone, 0.0) == alone
    draws = tracing.representatives(alone, 0.4)
    assert tracing.posterior_at(alone, {}, 0.4, draws, factor=0.0) == tracing.posterior_at(alone, {}, 0.4, draws)


def test_a_corner_on_the_threshold_reaches_it():
    # The corners of one item have the ratios 3, 4, 6 and 8; those of two such items are their products.
    assert [tracing.share_of_corners([CABLE], 0.5, r / (1 + r)) for r in (3, 4, 6, 8, 9)] == [1, 0.75, 0.5, 0.25, 0]
    products = sorted(a * b for a in (3, 4, 6, 8) for b in (3, 4, 6, 8))
    for product in sorted(set(products)):
        reached = sum(other >= product for other in products) / 16
        assert tracing.share_of_corners([CABLE] * 2, 0.5, product / (1 + product)) == reached


def test_a_conclusion_on_the_threshold_holds_without_what_says_nothing():
    nothing = Evidence("nothing", "", (0.4, 0.6), (0.4, 0.6))
    (flip,) = tracing.flips([nothing], 0.5)
    assert flip == tracing.Flip("nothing", 0.5, 0.5, False, False)
    (flip,) = tracing.flips([nothing], 0.4, 0.4)
    assert (flip.flips_without, flip.flips_reversed) == (False, False)


def test_what_is_not_said_of_the_draws_is_as_documented():
    said = {"level": 0.9, "draws": 4_000, "seed": 0, "leaning": False}
    assert tracing.drawn(ITEMS, 0.5) == tracing.drawn(ITEMS, (0.5, 0.5), **said)
    one = tracing.drawn(ITEMS, 0.5, draws=1)
    assert one.low == one.central == one.high


def test_the_middle_of_three_draws_is_their_median_and_their_ends_the_others():
    found = tracing.drawn((CABLE,), 0.5, draws=3, level=0.999, seed=5)
    rng = random.Random(5)
    drawn = []
    for _ in range(3):
        rng.random()  # the prior's place, in a range without width
        true = CABLE.if_true[0] + (CABLE.if_true[1] - CABLE.if_true[0]) * rng.random()
        false = CABLE.if_false[0] + (CABLE.if_false[1] - CABLE.if_false[0]) * rng.random()
        drawn.append(bayes(0.5, [(true, false)]))
    assert (found.low, found.central, found.high) == pytest.approx(tuple(sorted(drawn)))


def test_as_many_items_as_are_allowed_have_their_corners_counted():
    assert tracing.CORNERS_AT_MOST == 18
    sure = Evidence("sure", "", (0.5, 0.6), (0.2, 0.3))
    assert tracing.share_of_corners([sure] * 18, 0.5, 0.5) == 1


def test_the_module_needs_nothing_but_the_standard_library():
    tree = ast.parse(Path(tracing.__file__).read_text(encoding="utf-8"))
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add((node.module or "").split(".")[0])
    assert modules <= set(sys.stdlib_module_names)


def test_draws_of_one_item_have_the_quantiles_of_its_range():
    # Only the probability if true is uncertain, so the posterior rises with it and its quantiles are exact.
    item = Evidence("one", "one", (0.2, 0.8), (0.4, 0.4))
    found = tracing.drawn((item,), 0.5, level=0.9, draws=20_000)
    for got, share in ((found.low, 0.05), (found.central, 0.5), (found.high, 0.95)):
        assert got == pytest.approx(bayes(0.5, [(0.2 + 0.6 * share, 0.4)]), abs=0.01)


def test_draws_of_a_judge_who_leans_reach_nearly_the_corners():
    lean = tracing.drawn(ITEMS, (0.3, 0.7), level=0.98, draws=8_000, leaning=True)
    corners, apart = tracing.posterior_range(ITEMS, (0.3, 0.7)), tracing.drawn(ITEMS, (0.3, 0.7), level=0.98)
    assert corners.low < lean.low < apart.low < apart.high < lean.high < corners.high
    assert lean.low == pytest.approx(corners.low, abs=0.02)
    assert lean.high == pytest.approx(corners.high, abs=0.02)


def test_draws_mirror_when_true_and_false_are_swapped():
    swapped = tuple(replace(item, if_true=item.if_false, if_false=item.if_true) for item in ITEMS)
    found, other = (tracing.drawn(items, (0.25, 0.75), draws=20_000) for items in (ITEMS, swapped))
    assert found.central == pytest.approx(1 - other.central, abs=0.01)
    assert found.low == pytest.approx(1 - other.high, abs=0.015)


@pytest.mark.parametrize("wrong", [{"level": 1.0}, {"draws": 0}, {"prior": (0.7, 0.3)}])
def test_draws_refuse_what_makes_no_distribution(wrong):
    with pytest.raises(TracingError):
        tracing.drawn(ITEMS, **{"prior": 0.5} | wrong)


ROWS = [
    {"id": "a", "label": "A", "kind": "k", "counted": True, "if_true_low": 0.5, "if_true_high": 0.8}
    | {"if_false_low": 0.2, "if_false_high": 0.5},
    {"id": "b", "label": "B", "kind": "k", "counted": False, "if_true_low": "", "if_true_high": ""}
    | {"if_false_low": "", "if_false_high": ""},
]


@pytest.mark.parametrize("kind", [lambda value: value, str])
def test_judged_rows_are_the_items_that_count(kind):
    rows = [{name: kind(value) for name, value in row.items()} for row in ROWS]
    assert tracing.judged(rows) == (Evidence("a", "A", (0.5, 0.8), (0.2, 0.5), group="k"),)


def test_judged_rows_without_a_word_on_counting_are_refused():
    with pytest.raises(TracingError, match="counted is ''"):
        tracing.judged([{**ROWS[0], "counted": ""}])


def test_judging_anew_changes_one_item_and_no_other():
    found = tracing.judged_anew(ITEMS, "cable", (0.3, 0.4), (0.3, 0.4))
    assert found == (replace(CABLE, if_true=(0.3, 0.4), if_false=(0.3, 0.4)), RAID, OLD_LAW)
    with pytest.raises(TracingError, match="no evidence 'x'; known: cable, raid, old-law"):
        tracing.judged_anew(ITEMS, "x", (0.3, 0.4), (0.3, 0.4))


def test_an_item_and_a_probability_say_themselves():
    # sqrt(0.5 * 0.8 / (0.2 * 0.5)) is two.
    assert str(Evidence("a", "A", (0.5, 0.8), (0.2, 0.5))) == "A: times 2.00, hardly worth a mention, for"
    assert str(tracing.Posterior(0.5, 0.25, 0.875)) == "25.0% to 87.5%, middle 50.0%"
