"""The word of a zone is the rule's own at every value in it, and its ends are the lines of the rule."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.trial import claims, rules, verdicts, zones
from compendium.trial.claims import Part
from compendium.trial.rules import CONTRADICTED, OPEN, SUPPORTED, UNTESTABLE, Rule
from compendium.trial.zones import UNKNOWN, Zone

INFINITE = math.inf


def part(supported: str, contradicted: str, testable: str | None = None) -> Part:
    return Part("a part", Rule(supported), Rule(contradicted), Rule(testable) if testable else None)


def told(found: tuple[Zone, ...]) -> list[tuple[float, float, bool, bool, str]]:
    return [(zone.low, zone.high, zone.closed_low, zone.closed_high, zone.word) for zone in found]


# ---------------------------------------------------------------- known truths


def test_a_rule_with_two_lines_has_three_zones_with_its_own_ends() -> None:
    assert told(zones.zones(part("x >= 0.9", "x < 0.5"), ["x"], {})) == [
        (-INFINITE, 0.5, False, False, CONTRADICTED),
        (0.5, 0.9, True, False, OPEN),
        (0.9, INFINITE, True, False, SUPPORTED),
    ]


def test_a_value_alone_is_a_zone() -> None:
    found = zones.zones(part("x >= 2", "x == 0"), ["x"], {})
    assert [(zone.low, zone.high) for zone in found if zone.word == CONTRADICTED] == [(0.0, 0.0)]
    assert [zone.word for zone in found] == [OPEN, CONTRADICTED, OPEN, SUPPORTED]


def test_lines_follow_the_other_numbers() -> None:
    supported = part("0.75 * low <= x <= 1.25 * high", "x < 0.75 * low or x > 1.25 * high")
    assert [zone.low for zone in zones.zones(supported, ["x"], {"low": 4500.0, "high": 13000.0})] == [
        -INFINITE,
        3375.0,
        16250.0,
    ]


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ("abs(x) > 2", [-2, 2]),
        ("abs(x - 3) <= 1", [2, 4]),
        ("max(x, 1) > 2 * x", [0.5]),
        ("min(x, 5) >= max(2, 0)", [2]),
        ("max(abs(x), 4) == 5", [-5, 5]),
        ("(x + 1) / 4 < 0.5", [1]),
        ("-x > 3", [-3]),
        ("not x > 3", [3]),
        ("1 < x < 2 or x > 7", [1, 2, 7]),
        ("x * 4 > 6", [1.5]),
        ("x / -4 > 1.5", [-6]),
        ("abs(x + 3) < max(x, -x)", [-1.5]),
    ],
)
def test_corners_and_crossings_are_found_exactly(rule: str, lines: list[float]) -> None:
    found = zones.zones(part(rule, "1 == 2"), ["x"], {})
    assert sorted({zone.high for zone in found if zone.high < INFINITE}) == lines


@pytest.mark.parametrize(
    ("rule", "lines"),
    [("x * x > 2", [-math.sqrt(2), math.sqrt(2)]), ("1 / x > 4", [0, 0.25]), ("x * x * x < 27", [3])],
)
def test_a_rule_that_is_not_linear_is_scanned_and_bisected(rule: str, lines: list[float]) -> None:
    found = zones.zones(part(rule, "1 == 2"), ["x"], {})
    near = sorted({zone.high for zone in found if zone.high < INFINITE})
    assert all(min(abs(line - value) for value in near) < 1e-12 for line in lines)
    assert all(min(abs(line - value) for line in lines) < 1e-12 for value in near)


def test_the_scan_is_fine_enough_near_zero_for_shares_in_a_million() -> None:
    found = zones.zones(part("(x - 0.000001) * (x - 0.000002) < 0", "1 == 2"), ["x"], {})
    assert [zone.word for zone in found] == [OPEN, SUPPORTED, OPEN]
    assert found[1].low == pytest.approx(1e-6, rel=1e-9) and found[1].high == pytest.approx(2e-6, rel=1e-9)


def test_the_scan_reaches_ten_times_the_largest_number_in_sight() -> None:
    """Whether it stands in a rule or is another number of the claim, with either sign."""
    for rule, line, numbers in (
        ("x * x > 100", 10.0, {}),
        ("x * x > 81", 9.0, {}),  # nothing larger than one in sight but the line itself
        ("x * y > 30 * x", None, {"y": 30.0}),
        ("x * x > y", 300.0, {"y": 90_000.0}),
        ("x * x > -y", 300.0, {"y": -90_000.0}),
        ("x * x > 4 and z > 0", 2.0, {"z": 1.0}),
    ):
        found = zones.zones(part(rule, "1 == 2"), ["x"], numbers)
        highest = max((zone.low for zone in found), default=-INFINITE)
        assert highest == (-INFINITE if line is None else pytest.approx(line, abs=1e-9)), rule


def test_a_missing_number_does_not_hide_the_lines_of_another_comparison() -> None:
    found = zones.zones(part("x > 2 or y / 0 > x", "x < 1 and gap > x"), ["x"], {"y": 1.0, "gap": None})
    points, curved = zones.breakpoints(Rule("x > 2 or y / 0 > x or gap > x"), ["x"], {"y": 1.0, "gap": None})
    assert points == {2.0} and not curved
    assert {zone.word for zone in found} >= {UNKNOWN}


@pytest.mark.parametrize("rule", ["x * x > 2", "1 / x > 4", "min(x * x, 3) > 2"])
def test_what_is_not_linear_is_said_to_be_so(rule: str) -> None:
    assert zones.breakpoints(Rule(rule), ["x"], {})[1]
    assert not zones.breakpoints(Rule(rule.replace("x", "y")), ["x"], {"y": 2.0})[1]


def test_lines_are_told_by_the_rule_that_draws_them() -> None:
    ruled = part("x >= 0.9 and y > 0", "x * x < 0.25", "n > 3")
    assert zones.lines(ruled, ["x"], {"y": -1.0, "n": 1.0}) == {
        "supported": (0.9,),
        "contradicted": (pytest.approx(-0.5), pytest.approx(-0.5), pytest.approx(0.5), pytest.approx(0.5)),
    }  # though nothing can be tested there, and y is not met; a scanned line has the values on both its sides
    assert zones.lines(ruled, ["n"], {"x": 1.0, "y": 1.0}) == {"testable": (3.0,)}


def test_whether_it_can_be_tested_is_asked_only_of_the_numbers_that_are_moved() -> None:
    ruled = part("x > 1 and y > 1", "x < 0", "n >= 2 and x != 5")
    assert zones.asked(ruled, ["x"]) == part("x > 1", "x < 0", "x != 5")
    assert zones.asked(ruled, ["n"]) == part("1 == 2", "1 == 2", "n >= 2")
    assert zones.asked(ruled, ["y"]) == part("y > 1", "1 == 2")
    assert zones.asked(part("not x > 1", "x > 1 or y > 1"), ["x"]) == part("1 == 2", "1 == 2")


def test_what_cannot_be_tested_and_what_lacks_a_number_are_zones() -> None:
    found = zones.zones(part("gap > 0", "gap <= 0", "figures > 0"), ["figures"], {"gap": None})
    assert told(found) == [
        (-INFINITE, 0.0, False, True, UNTESTABLE),
        (0.0, INFINITE, False, False, UNKNOWN),
    ]


def test_both_ends_of_an_interval_move_as_one() -> None:
    found = zones.zones(part("low >= 0.8", "high <= 0.2"), ["low", "high"], {"low": 0.1, "high": 0.9})
    assert [(zone.word, zone.high) for zone in found] == [(CONTRADICTED, 0.2), (OPEN, 0.8), (SUPPORTED, INFINITE)]


def test_whole_numbers_are_zones_of_their_own() -> None:
    found = zones.whole(part("x >= 2", "x == 0"), ["x"], {}, 0, 4)
    assert [(zone.low, zone.high, zone.word) for zone in found] == [
        (-0.5, 0.5, CONTRADICTED),
        (0.5, 1.5, OPEN),
        (1.5, 4.5, SUPPORTED),
    ]


def test_both_ends_of_the_whole_numbers_belong_to_them() -> None:
    (only,) = zones.whole(part("x >= 2", "x == 0"), ["x"], {}, 3, 3)
    assert only == Zone(2.5, 3.5, True, True, SUPPORTED)
    both = zones.whole(
        part("low == high and y > 0", "1 == 2"), ["low", "high"], {"low": 1.0, "high": 9.0, "y": 1.0}, 1, 2
    )
    assert told(both) == [(0.5, 2.5, True, True, SUPPORTED)]


def test_what_a_rule_asks_of_one_number_leaves_out_the_others() -> None:
    asked = zones.asked(part("x >= 0.9 and y < 0.05", "x <= 0.5 and y > 0.2 and 1 < z"), ["x"])
    assert {zone.word for zone in zones.zones(asked, ["x"], {})} == {SUPPORTED, OPEN, CONTRADICTED}
    assert zones.zones(zones.asked(part("x > 1 or y > 1", "z > 1"), ["x"]), ["x"], {})[0].word == OPEN


# ---------------------------------------------------------------- properties

NAMES = ("x", "y", "z")
SMALL = st.integers(-8, 8).map(lambda n: n / 2)


def expressions(depth: int = 2) -> st.SearchStrategy[str]:
    """Expressions that are linear in every name, also through `min`, `max` and `abs`."""
    leaf = st.one_of(st.sampled_from(NAMES), SMALL.map(lambda n: f"({n})"))
    if not depth:
        return leaf
    inner = expressions(depth - 1)
    return st.one_of(
        leaf,
        st.tuples(inner, st.sampled_from("+-"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(SMALL, inner).map(lambda t: f"({t[0]} * {t[1]})"),
        st.tuples(inner, st.sampled_from([2, 4, -8])).map(lambda t: f"({t[0]} / ({t[1]}))"),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        inner.map(lambda text: f"abs({text})"),
    )


def comparisons() -> st.SearchStrategy[str]:
    ops = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    plain = st.tuples(expressions(), ops, expressions()).map(" ".join)
    return st.one_of(
        plain,
        st.tuples(plain, st.sampled_from(["and", "or"]), plain).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        plain.map(lambda text: f"not {text}"),
    )


@settings(max_examples=400, deadline=None)
@given(comparisons(), comparisons(), SMALL, SMALL, st.randoms(use_true_random=False))
def test_any_rule_decides_within_a_zone_as_the_zone_says(
    supported: str, contradicted: str, y: float, z: float, draw: random.Random
) -> None:
    ruled = part(supported, contradicted)
    numbers = {"y": y, "z": z}
    found = zones.zones(ruled, ["x"], numbers)
    assert found[0].low == -INFINITE and found[-1].high == INFINITE
    for before, after in itertools.pairwise(found):
        assert before.high == after.low and before.closed_high != after.closed_low, "zones neither gap nor overlap"
        assert before.word != after.word
    for zone in found:
        for value in map(_exact, _inside(zone, draw)):
            if value not in zone:  # rounded out of a narrow one
                continue
            assert zones.word(ruled, {**numbers, "x": value}) == zone.word, (value, zone)


def _exact(value: float) -> float:
    """A value near by with few binary digits: two sums that a rule compares may differ by rounding alone."""
    return round(value * 1024) / 1024


def _inside(zone: Zone, draw: random.Random) -> list[float]:
    """Values of a zone: its closed ends, its middle, and some drawn; none within rounding of an open end."""
    low = zone.low if zone.low > -INFINITE else min(zone.high, 0.0) - 50
    high = zone.high if zone.high < INFINITE else max(zone.low, 0.0) + 50
    width = high - low
    values = [low + width * draw.uniform(0.001, 0.999) for _ in range(12)] if width > 1e-9 else []
    return values + [end for end, closed in ((low, zone.closed_low), (high, zone.closed_high)) if closed]


@pytest.mark.parametrize("claim_id", claims.registry().claims)
def test_every_published_number_lies_in_the_zone_of_its_part(claim_id: str) -> None:
    claim, verdict = claims.registry()[claim_id], verdicts.published()[claim_id]
    draw = random.Random(claim_id)
    for ruled in claim.parts:
        for name in sorted(set().union(*(rule.names for rule in ruled.rules.values()))):
            found = zones.zones(ruled, [name], verdict.numbers)
            value = verdict.numbers[name]
            if value is not None:
                assert [zone.word for zone in found if value in zone] == [verdict.parts[ruled.name]]
            for zone in found:
                for inside in _inside(zone, draw):
                    assert zones.word(ruled, {**verdict.numbers, name: inside}) == zone.word


def test_no_zone_holds_a_value_beyond_an_open_end() -> None:
    zone = Zone(0.0, 1.0, False, True, OPEN)
    assert [value in zone for value in (-0.1, 0.0, 0.5, 1.0, 1.1)] == [False, False, True, True, False]
    zone = Zone(0.0, 1.0, True, False, OPEN)
    assert [value in zone for value in (-0.1, 0.0, 0.5, 1.0, 1.1)] == [False, True, True, False, False]


def test_the_lines_of_every_declared_rule_are_found_without_a_scan() -> None:
    for claim in claims.registry().claims.values():
        for ruled in claim.parts:
            for rule in ruled.rules.values():
                for name in rule.names:
                    others = dict.fromkeys(claim.numbers, 0.5)
                    assert not zones.breakpoints(rule, [name], others)[1], f"{claim.id}: {rule.text}: {name}"


def test_words_are_those_of_rules() -> None:
    assert UNKNOWN not in rules.VERDICTS
