"""Rules in words, what would turn them, and the check that a live figure starts at the published verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_claim import claim_of

from compendium.trial import bending, claims, compiled, living, verdicts
from compendium.trial.claims import Claim
from compendium.trial.rules import ClaimError, Rule

# ---------------------------------------------------------------- comparisons


def test_a_rule_is_taken_apart_into_its_comparisons() -> None:
    claim = claim_of("0.2 <= a < 0.8 and b > 0", "a > 0.9 or b < 0 or not (a > b)", "a == 1")
    told = [(one.rule, living.in_code(one.tree, compiled.compiled(claim)["lines"]), one.role) for one in
            living.comparisons(claim)]  # fmt: skip
    assert told == [
        ("testable", "a == 1", "alone"),
        ("supported", "0.2 <= a", "needed"),
        ("supported", "a < 0.8", "needed"),
        ("supported", "b > 0", "needed"),
        ("contradicted", "a > 0.9", "enough"),
        ("contradicted", "b < 0", "enough"),
        ("contradicted", "a > b", "counts"),
    ]
    low = living.comparisons(claim)[1]
    assert low.seen_from("a") == (">=", ["line", 1]) and low.seen_from("b") is None
    assert living.comparisons(claim)[-1].seen_from("b") == ("<", "a")


def test_a_comparison_under_both_joints_is_neither_needed_nor_enough() -> None:
    claim = claim_of("0.2 <= a < 0.8 or b > 0", "(a > 0.9 or b < 0) and a > b", "a > 0 and (0 < a < b and b < 2)")
    assert [(one.relation, one.role) for one in living.comparisons(claim)] == [
        (">", "needed"), ("<", "needed"), ("<", "needed"), ("<", "needed"),
        ("<=", "counts"), ("<", "counts"), (">", "enough"),
        (">", "counts"), ("<", "counts"), (">", "needed"),
    ]  # fmt: skip


def test_the_numbers_that_a_comparison_touches_wherever_they_stand() -> None:
    claim = claim_of("max(abs(c), 2) * -b >= min(a / 3, b)", "1 < 2", a="ratio", b="ratio", c="ratio")
    assert [one.names for one in living.comparisons(claim)] == [("c", "b", "a"), ()]
    (whole, _) = living.comparisons(claim_of("(0 < a < 1 < b) == (b > 0)", "1 < 2"))
    assert whole.names == ("a", "b")


@pytest.mark.parametrize(
    "text",
    [
        "not (a > 1 and b < 2)",
        "(a > 1 or b > 1) and a < 0.5 < b",
        "-(a - (b - 1)) * 2 < abs(-a)",
        "True and a != b",
    ],
)
def test_a_rule_in_code_means_what_it_meant(text: str) -> None:
    values: list[float] = []
    again = living.in_code(compiled.compile_rule(Rule(text), values), values)
    for a, b in [(0.2, 0.9), (2.0, 1.5), (-1.0, 3.0), (1.0, 1.0), (0.4, 0.45)]:
        assert Rule(again).holds({"a": a, "b": b}) == Rule(text).holds({"a": a, "b": b}), again


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("a >= 2 * b", ("the a", "at least", "2 times the b")),
        ("0.75 * b <= a", ("the a", "at least", "0.75 times the b")),
        ("a - b > 2", ("the a less the b", "above", "2")),
        ("5 <= a + b + c", ("the a, the b and the c added up", "at least", "5")),
        ("max(a, b) < 0.1", ("the largest of the a and the b", "below", "0.1")),
        ("min(a, b, 3) != abs(c)", ("the smallest of the a, the b and 3", "other than", "the c without its sign")),
        ("-a / b == 1", ("minus the a divided by the b", "exactly", "1")),
        ("(not (a > 1 and b < 2)) == (True or False)",
         ("not the a above 1 and the b below 2", "exactly", "true or false")),
    ],
)  # fmt: skip
def test_a_comparison_in_words(rule: str, words: tuple[str, ...]) -> None:
    claim = claim_of(rule, "1 < 2", a="ratio", b="ratio", c="ratio")
    lines = compiled.compiled(claim)["lines"]
    one = living.comparisons(claim)[0]
    subject, relation, side = one.told("a")

    def said(tree: Any) -> str:
        return living.in_words(tree, lambda name: f"the {name}", lambda index: f"{lines[index]:g}")

    assert (said(subject), living.RELATIONS[relation], said(side)) == words


def test_a_comparison_is_told_once_where_a_number_stands_alone() -> None:
    twice, both, together = living.comparisons(claim_of("b >= 2 * a and a > b and a + b > 1"))[:3]
    assert [twice.teller(["a", "b"]), twice.teller(["a"]), twice.teller(["c"])] == ["b", "a", ""]
    assert [both.teller(["a", "b"]), both.teller(["b"]), together.teller(["b", "a"])] == ["a", "b", "b"]


def test_an_expression_without_its_number_or_by_zero_has_no_value() -> None:
    assert living.evaluated(["/", "a", "b"], {"a": 3.0, "b": 2.0}, []) == 1.5
    assert living.evaluated(["/", "a", "b"], {"a": 3.0, "b": 0.0}, []) is None
    assert living.evaluated(["/", "a", "b"], {"a": 3.0, "b": None}, []) is None
    assert living.evaluated(["is", [">"], "a", ["line", 0]], {"a": 3.0}, [2.0]) is True


@given(st.recursive(
    st.sampled_from(["a", "b", "0.5", "2"]),
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda t: f"({' '.join(t)})")
    | inner.map(lambda one: f"-{one}") | st.tuples(inner, inner).map(lambda t: f"max({t[0]}, {t[1]})"),
    max_leaves=6,
), st.floats(-3, 3), st.floats(-3, 3))  # fmt: skip
def test_a_compiled_expression_is_written_back_with_the_same_meaning(text: str, a: float, b: float) -> None:
    values: list[float] = []
    tree = compiled.compile_rule(Rule(text), values)
    again = Rule(living.in_code(tree, values))
    try:
        expected = Rule(text).value({"a": a, "b": b})
    except ZeroDivisionError:
        with pytest.raises(ZeroDivisionError):
            again.value({"a": a, "b": b})
        return
    assert again.value({"a": a, "b": b}) == expected


# ---------------------------------------------------------------- lines


@pytest.mark.parametrize(
    ("rule", "unit", "value", "reach"),
    [
        ("a >= 0.5", "share", 0.4, (0, 1, 0.01)),
        ("a >= 0.125", "probability", 0.4, (0, 1, 0.001)),  # a line between two hundredths
        ("a >= 1", "share", 0.4, (0, 1, 0.01)),
        ("a >= 0", "share", 0.4, (-1, 1, 0.01)),  # a difference of shares
        ("a >= 0.5", "share", -0.2, (-1, 1, 0.01)),
        ("a >= 0.5", "share", None, (0, 1, 0.01)),
        ("a >= 1.5", "share", 0.4, (0, 2.25, 0.05)),  # no share
        ("a >= 3", "counts", 2, (0, 6, 1)),
        ("a >= 2", "counts", 7, (0, 9, 1)),
        ("a >= 2", "counts", 6.5, (0, 9, 1)),
        ("a >= 1", "counts", None, (0, 5, 1)),
        ("a >= 2", "ratio", 1, (0, 3, 0.05)),
        ("a >= 2", "ratio", -5, (-7.5, 7.5, 0.1)),
        ("a >= 0", "ratio", None, (-1, 1, 0.01)),
        ("a >= 1234", "ratio", 10, (0, 1852, 2)),  # by twenty, ten or five it would not be met
        ("a >= 1234.5", "ratio", 10, (0, 1852, 0.5)),
        ("a >= 2 * b", "share", 0.4, (0, 3, 0.05)),  # a factor
        ("a - b >= 2", "counts", 3, (0, 5, 1)),  # a difference of whole numbers
    ],
)
def test_how_far_a_line_may_be_moved(rule: str, unit: str, value: float | None, reach: tuple[float, ...]) -> None:
    (line,) = bending.movable(claim_of(rule, a=unit), {"a": value, "b": 0.5})
    assert line.reach == bending.Reach(*reach)
    assert line.number == ("" if "b" in rule else "a")
    places = line.reach.places()
    assert (places[0], places[-1]) == reach[:2] and line.declared in places
    assert places == sorted(set(places)) and len(places) == round((reach[1] - reach[0]) / reach[2]) + 1


def test_a_line_that_bounds_two_sums_is_listed_once_and_hides_no_other() -> None:
    claim = claim_of("0.1 <= a <= 0.6 * b + 0.2 <= 0.9")
    assert [line.index for line in bending.movable(claim, {"a": 0.4, "b": 0.7})] == [0, 1, 2, 3]


def test_what_stands_beside_the_verdict_is_not_moved_and_hides_nothing() -> None:
    claim = claim_of("a >= 0.5")
    claim = replace(claim, context=claim.parts, parts=(replace(claim.parts[0], name="another"),))
    assert [line.comparison.part for line in bending.movable(claim, {"a": 0.4, "b": 0.7})] == ["another"]


def test_pairs_that_the_chapter_decides_otherwise_than_their_numbers_are_named() -> None:
    claim = claim_of("a >= 0.5", "a < 0.2")
    numbers, moves = {"a": 0.4, "b": 0.4}, {"x": {"a": 0.6}, "y": {"b": 0.1}, "z": {"a": 0.1}}
    pairs = {"x + y": "supported", "y + z": "not established"}
    verdict = verdicts.Verdict("demo", "not established", {}, numbers, moves=moves, pairs=pairs)
    assert bending.apart(claim, verdict) == ["y + z"]


def test_a_line_tells_where_the_verdict_turns() -> None:
    up, down = bending.movable(claim_of("a >= 0.5", "b < 0.3"), {"a": 0.42, "b": 0.42})
    assert (up.index, up.declared, up.number, up.reach) == (0, 0.5, "a", bending.Reach(0, 1, 0.01))
    assert up.turns == (bending.Turn(0.42, "supported"),)
    assert down.turns == (bending.Turn(0.43, "contradicted"),)


def test_where_both_rules_hold_there_is_no_turn() -> None:
    (_, line) = bending.movable(claim_of("a >= 0.5", "a < 0.3"), {"a": 0.6, "b": None})
    assert line.turns == ()


def test_a_line_between_two_numbers_is_one_line_and_may_turn_twice() -> None:
    (low, middle, high) = bending.movable(claim_of("0.1 <= a <= 0.6 <= b <= 0.9"), {"a": 0.4, "b": 0.7})
    assert (middle.declared, middle.turns) == (
        0.6,
        (bending.Turn(0.39, "not established"), bending.Turn(0.71, "not established")),
    )
    assert (low.turns[0].where, high.turns[0].where) == (0.41, 0.69)


def test_tests_of_equality_and_of_any_figure_at_all_are_not_moved() -> None:
    claim = claim_of("a == 1 and b >= 2", "a != 0", "b > 0", b="counts")
    assert [(one.comparison.rule, one.declared, one.reach) for one in bending.movable(claim, {"a": 1, "b": 3})] == [
        ("supported", 2, bending.Reach(0, 5, 1))
    ]


@pytest.mark.parametrize("claim", claims.registry().claims.values(), ids=lambda claim: claim.id)
def test_every_line_of_the_book_lies_on_the_steps_of_its_reach_and_turns_as_told(claim: Claim) -> None:
    verdict = verdicts.published().get(claim.id)
    if verdict is None or set(verdict.numbers) != set(claim.numbers):
        return
    for one in bending.movable(claim, verdict.numbers):
        places = one.reach.places()
        assert len(places) <= bending.STEPS * 5 + 1 and one.declared in [pytest.approx(place) for place in places]
        for turn in one.turns:
            now = compiled.decided(compiled.moved(claim, {one.index: turn.where}), verdict.numbers)[0]
            side = [p for p in places if one.declared < p < turn.where or turn.where < p < one.declared]
            between = {compiled.decided(compiled.moved(claim, {one.index: p}), verdict.numbers)[0] for p in side}
            assert now == turn.verdict != verdict.verdict and between <= {verdict.verdict, None}


# ---------------------------------------------------------------- alternatives


def test_alternatives_that_turn_the_verdict_alone_and_only_together() -> None:
    claim = claims.registry()["profit-32bn"]
    a, b, c, idle = [*claim.alternatives][:4]
    verdict = verdicts.Verdict(
        claim.id,
        "mixed",
        {},
        {},
        alternatives={a: "supported", b: "mixed", c: "mixed", idle: "mixed"},
        moves={a: {"x": 1.0}, b: {"y": 1.0}, c: {"z": 2.0}, idle: {}},
        pairs={f"{a} + {b}": "supported", f"{b} + {c}": "contradicted"},
    )
    found = bending.alternatives(verdict)
    assert found.moving == (a, b, c) and found.tried == (3, 2)
    assert found.singles == (bending.Turn((a,), "supported"),)
    assert found.pairs == (bending.Turn((b, c), "contradicted"),)
    assert found.excluded == ((a, c),)


# ---------------------------------------------------------------- the first state of a figure


def reached(value: float | None) -> dict[str, verdicts.Verdict]:
    numbers = {"ratio_to_source": value, "spread": 3.0}
    return {"profit-32bn": verdicts.Verdict("profit-32bn", "mixed", {}, numbers)}


def figure(**numbers: Any) -> dict[str, Any]:
    return {"name": "demo", "claim": "profit-32bn", "numbers": numbers}


def test_a_figure_that_starts_within_the_tolerance_of_its_claim_may_stand() -> None:
    living.check(figure(ratio_to_source=1.0109), reached(1.01))
    living.check(figure(ratio_to_source=None), reached(None))
    tolerance = claims.registry()["profit-32bn"].numbers["ratio_to_source"].tolerance
    assert tolerance > 0
    for side in (-1, 1):  # to either end of the tolerance and the rounding of the concluded number, and no further
        living.check(figure(ratio_to_source=8000 + side * (tolerance + 0.007)), reached(8000.0))
        with pytest.raises(ClaimError, match="in its first state"):
            living.check(figure(ratio_to_source=8000 + side * (tolerance + 0.009)), reached(8000.0))
    living.check(figure(ratio_to_source=7.0), {})  # a part of the book alone


@pytest.mark.parametrize(("value", "concluded"), [(1.02, 1.01), (None, 1.01), (1.01, None)])
def test_a_figure_that_starts_elsewhere_is_refused(value: float | None, concluded: float | None) -> None:
    with pytest.raises(ClaimError, match=f"figure demo: .*'ratio_to_source'.* is {value} .* concluded {concluded}"):
        living.check(figure(ratio_to_source=value), reached(concluded))


def test_each_number_of_a_figure_is_checked() -> None:
    with pytest.raises(ClaimError, match="'spread'"):
        living.check(figure(ratio_to_source=1.01, spread=4.0), reached(1.01))


def test_a_number_that_no_rule_names_is_refused() -> None:
    with pytest.raises(ClaimError, match="figure demo: the number 'profit' of claim profit-32bn stands in no rule"):
        living.check(figure(profit=1.0), reached(1.0))
    with pytest.raises(ClaimError, match="'profit' of claim profit-32bn stands in no rule"):
        living.check(figure(ratio_to_source=1.0, profit=1.0), {})  # in a part of the book alone too
