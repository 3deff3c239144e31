"""A number is as published within its declared tolerance, both ends included, and nowhere beyond it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compendium.trial import claims, verdicts

CLAIM = "slaves-12m"
NAME, DECLARED = next(iter(claims.registry()[CLAIM].numbers.items()))
TOLERANCE = DECLARED.tolerance


def verdict(value: float | None, name: str = NAME) -> verdicts.Verdict:
    return verdicts.Verdict(CLAIM, "supported", {}, {name: value})


def differences(published: float | None, recomputed: float | None, name: str = NAME) -> list[verdicts.Difference]:
    return verdicts.compare({CLAIM: verdict(published, name)}, {CLAIM: verdict(recomputed, name)}, [CLAIM])


def test_the_claim_declares_a_tolerance_to_try() -> None:
    assert TOLERANCE > 1e-6


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize(
    ("steps", "differs"),
    [(0.0, False), (0.5, False), (0.999, False), (1.0, False), (1.001, True), (1.5, True), (3.0, True)],
)
@pytest.mark.parametrize("value", [0.5, -0.5, 0.0])
def test_a_number_is_the_same_up_to_its_tolerance_on_either_side(
    value: float, side: int, steps: float, differs: bool
) -> None:
    other = value + side * steps * TOLERANCE
    for published, recomputed in ((value, other), (other, value)):
        found = differences(published, recomputed)
        assert bool(found) is differs, (published, recomputed)
        for difference in found:
            assert (difference.claim, difference.what) == (CLAIM, f"number {NAME}")
            assert (difference.published, difference.recomputed) == (str(published), str(recomputed))
            assert not difference.serious


@pytest.mark.parametrize(
    ("published", "recomputed"), [(None, 0.0), (0.0, None), (None, TOLERANCE / 2), (TOLERANCE / 2, None)]
)
def test_what_nobody_has_published_is_not_a_number(published: float | None, recomputed: float | None) -> None:
    (found,) = differences(published, recomputed)
    assert (found.published, found.recomputed) == (str(published), str(recomputed))


def test_what_nobody_has_published_is_the_same_on_both_sides() -> None:
    assert differences(None, None) == []


def test_a_number_of_no_declared_tolerance_has_none() -> None:
    assert differences(0.5, 0.5, "undeclared") == []
    assert differences(0.5, 0.5 + 1e-12, "undeclared") == []  # the last bits differ between machines
    for other in (0.5 + 1e-6, 0.5 - 1e-6):
        (found,) = differences(0.5, other, "undeclared")
        assert found.what == "number undeclared"


def test_a_number_that_stands_on_one_side_only_differs() -> None:
    before, after = verdict(0.5), verdict(0.5, "undeclared")
    found = verdicts.compare({CLAIM: before}, {CLAIM: after}, [CLAIM])
    assert {difference.what for difference in found} == {f"number {NAME}", "number undeclared"}


def test_each_number_has_its_own_tolerance() -> None:
    """With the tolerance of another number some would differ too late, or too early."""
    tried = 0
    for claim in claims.registry().claims.values():
        for name, declared in claim.numbers.items():
            for steps, differs in ((0.99, False), (1.01, True)):
                other = 1.0 + steps * declared.tolerance + (1e-6 if differs else 0.0)
                before = verdicts.Verdict(claim.id, "supported", {}, {name: 1.0})
                after = verdicts.Verdict(claim.id, "supported", {}, {name: other})
                assert bool(verdicts.compare({claim.id: before}, {claim.id: after}, [claim.id])) is differs, name
                tried += 1
    assert tried > 100


@pytest.mark.parametrize("missing", ["published", "recomputed"])
def test_a_verdict_on_one_side_only_is_serious(missing: str) -> None:
    sides = {"published": {CLAIM: verdict(0.5)}, "recomputed": {CLAIM: verdict(0.5)}}
    sides[missing] = {}
    (found,) = verdicts.compare(sides["published"], sides["recomputed"], [CLAIM])
    assert found.serious and found.what == "verdict" and getattr(found, missing) == "none"


def test_a_claim_on_one_side_only_does_not_hide_those_after_it() -> None:
    first, second, third, *_ = claims.registry().claims
    before = {first: verdict(0.5), third: verdicts.Verdict(third, "mixed", {}, {})}
    after = {third: verdicts.Verdict(third, "supported", {}, {})}
    found = verdicts.compare(before, after, [first, second, third])  # the second has no verdict on either side
    assert [(it.claim, it.what, it.published, it.recomputed) for it in found] == [
        (first, "verdict", "supported", "none"),
        (third, "verdict", "mixed", "supported"),
    ]


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("parts", "part"),
        ("alternatives", "alternative"),
        ("shifted", "parts under alternative"),
        ("pairs", "pair of alternatives"),
        ("context", "context"),
    ],
)
def test_whatever_a_verdict_rests_on_is_compared_by_name(field: str, what: str) -> None:
    before = replace(verdict(0.5), **{field: {"a": "mixed", "b": "supported", "c": "mixed"}})
    after = replace(verdict(0.5), **{field: {"a": "mixed", "b": "mixed", "d": "mixed"}})
    found = verdicts.compare({CLAIM: before}, {CLAIM: after}, [CLAIM])
    assert [(it.what, it.published, it.recomputed, it.serious) for it in found] == [
        (f"{what} 'b'", "supported", "mixed", False),
        (f"{what} 'c'", "mixed", "None", False),
        (f"{what} 'd'", "None", "mixed", False),
    ]


def test_a_difference_says_what_to_do_if_it_is_serious() -> None:
    def said(serious: bool) -> str:
        return str(verdicts.Difference(CLAIM, "verdict", "mixed", "supported", serious))

    start = f"claim {CLAIM}: verdict: published mixed, recomputed supported; "
    assert said(True) == start + "if the change is intended, review it and run `make accept`"
    assert said(False) == start + "within the verdict"
