"""Every claim has its strips: the numbers that decide it, each on an axis that holds what is to be seen."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
import quick_rules

from compendium.figures import strip as draw_strip
from compendium.figures.strip import Scale
from compendium.trial import claims, strips, verdicts
from compendium.trial.claims import Claim, Number, Part
from compendium.trial.rules import CONTRADICTED, OPEN, SUPPORTED, UNTESTABLE, ClaimError, Rule
from compendium.trial.strips import NONE_PUBLISHED
from compendium.trial.verdicts import Verdict

CLAIMS = list(claims.registry().claims)


def given(claim_id: str) -> tuple[Claim, Verdict]:
    return claims.registry()[claim_id], verdicts.published()[claim_id]


def every(claim: Claim) -> tuple[Part, ...]:
    """The parts of a claim and the questions beside its verdict."""
    return (*claim.parts, *claim.context)


def made(
    supported: str, contradicted: str, testable: str | None = None, **numbers: tuple[float | None, str]
) -> tuple[Claim, Verdict, Part]:
    """A claim of one part with these numbers and their units, and the verdict that follows."""
    part = Part("a part", Rule(supported), Rule(contradicted), Rule(testable) if testable else None)
    values = {name: value for name, (value, _) in numbers.items()}
    claim = replace(
        claims.registry()["slaves-12m"],
        numbers={name: Number(f"meaning of {name}", unit, 0.0) for name, (_, unit) in numbers.items()},
        key_number=next(iter(numbers)),
        parts=(part,),
        alternatives={"other": "counted otherwise"},
    )
    word, by_part = claim.decide(values)
    return claim, Verdict(claim.id, word, by_part, values), part


# ---------------------------------------------------------------- every claim of the book


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_every_part_of_every_claim_has_a_strip(claim_id: str) -> None:
    claim, verdict = given(claim_id)
    drawn = strips.of_claim(claim, verdict)
    assert list(drawn) == [part.name for part in every(claim)] and all(drawn.values())


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_the_axis_holds_the_value_the_alternatives_and_the_lines(claim_id: str) -> None:
    claim, verdict = given(claim_id)
    for part in every(claim):
        for reading in strips.readings(claim, verdict, part):
            low, high = reading.scale.low, reading.scale.high
            shown = [*reading.values, *(value for found in reading.moved.values() for value in found)]
            assert all(low <= value <= high for value in [*shown, *(reading.around or ())])
            # Each zone of the line that is wider than a value can be seen, but for those below zero.
            words = {zone.word for zone in reading.zones if zone.high > 0 and zone.low < zone.high}
            drawn = {zone.word for zone in reading.zones if zone.high > low and zone.low < high}
            assert words <= drawn


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_the_value_lies_in_the_zone_of_its_verdict(claim_id: str) -> None:
    claim, verdict = given(claim_id)
    for part in every(claim):
        word = {**verdict.context, **verdict.parts}[part.name]
        for reading in strips.readings(claim, verdict, part):
            held = {zone.word for zone in reading.zones for value in reading.values if value in zone}
            across = [zone for zone in reading.zones if reading.values and _touches(zone, reading.values)]
            if len(reading.names) == 1 and reading.values:
                assert held == {word}
            elif reading.values:
                assert word == (across[0].word if len(across) == 1 else OPEN)


def _touches(zone: strips.Zone, ends: tuple[float, ...]) -> bool:
    low, high = min(ends), max(ends)
    return low in zone or high in zone or low < zone.low < high


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_an_interval_read_by_its_ends_is_decided_as_the_rule_decides(claim_id: str) -> None:
    """Wholly in a zone, it has the zone's word; over a line it is not established."""
    claim, verdict = given(claim_id)
    grid = [n / 20 for n in range(-10, 31)]
    for part in every(claim):
        for reading in strips.readings(claim, verdict, part):
            if len(reading.names) == 2:
                ruled = replace(part, testable=None)
                for low in grid:
                    for high in (value for value in grid if value >= low):
                        moved = dict(zip(reading.names, (low, high), strict=True))
                        word = ruled.decide({**verdict.numbers, **moved})
                        within = [zone for zone in reading.zones if _touches(zone, (low, high))]
                        assert word == (within[0].word if len(within) == 1 else OPEN), (reading.names, low, high)


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_a_strip_says_in_words_what_it_draws(claim_id: str) -> None:
    claim, verdict = given(claim_id)
    for part in every(claim):
        for reading in strips.readings(claim, verdict, part):
            strip = strips.strip(claim, reading)
            assert strip.title.endswith(strip.said) and strip.text.endswith(".")
            assert all(claim.alternatives[label] in strip.text for label in reading.moved)
            for stretch in strip.stretches:
                assert stretch.word.lower() in strip.text.lower()


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_whatever_its_numbers_a_claim_can_be_drawn(claim_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of all sizes, and ones that nobody published where no rule that is reached needs them."""
    quick_rules.take(monkeypatch)
    claim, draw = claims.registry()[claim_id], random.Random(claim_id)
    sizes = {"yes or no": [-1, 0, 1], "share": [-0.1, 0, 0.03, 0.2, 0.5, 0.7, 1], "probability": [0, 0.03, 0.2, 1]}
    drawn = 0
    for _ in range(300):
        numbers = {
            name: draw.choice([None, *sizes.get(number.unit, [0, 0, 1, 1, 2, 3, 8, 40, 2600])])
            for name, number in claim.numbers.items()
        }
        try:
            word, by_part = claim.decide(numbers)
            context = {part.name: part.decide(numbers) for part in claim.context}
        except (ClaimError, ZeroDivisionError):
            continue  # `conclude` refuses these
        verdict = Verdict(claim.id, word, by_part, numbers, context=context)
        for part in every(claim):
            for reading in strips.readings(claim, verdict, part):
                made = strips.strip(claim, reading)
                assert draw_strip.draw(made) and draw_strip.small(made)
                if len(reading.names) == 1 and reading.values:
                    said = {**context, **by_part}[part.name]
                    assert {zone.word for zone in reading.zones if reading.values[0] in zone} == {said}
        drawn += 1
    assert drawn > 3, "the test tests nothing"


# ---------------------------------------------------------------- which numbers, and how


def test_the_key_number_comes_first() -> None:
    claim, verdict, part = made("a > 0.5 and b > 0.5", "a < 0.2", b=(0.9, "share"), a=(0.6, "share"))
    assert [reading.names for reading in strips.readings(claim, verdict, part)] == [("b",), ("a",)]


def test_numbers_of_rules_that_are_not_reached_have_no_strip_unless_nobody_published_them() -> None:
    claim, verdict, part = made(
        "a > 0.5 and b > 0.5", "a < 0.2", "n > 0", n=(0.0, "figures"), a=(None, "share"), b=(0.4, "share")
    )
    assert verdict.verdict == UNTESTABLE
    assert [reading.names for reading in strips.readings(claim, verdict, part)] == [("n",), ("a",)]
    assert strips.strip(claim, strips.readings(claim, verdict, part)[1]).said == NONE_PUBLISHED


def test_a_number_that_alone_decides_nothing_is_left_to_a_sentence() -> None:
    claim, verdict, part = made("a > 0.5", "a < 0.2 and b > 0.5", a=(0.6, "share"), b=(0.4, "share"))
    assert [reading.names for reading in strips.readings(claim, verdict, part)] == [("a",)]
    assert strips.silent(claim, verdict, part) == ("b",)


def test_an_unpublished_number_that_would_not_decide_alone_shows_what_is_asked_of_it() -> None:
    claim, verdict, part = made(
        "low > 0.8 and high >= 1",
        "high < 1",
        "n > 0",
        n=(0.0, "figures"),
        low=(None, "ratio"),
        high=(None, "ratio"),
    )
    counted, low, high = strips.readings(claim, verdict, part)
    assert (counted.decisive, low.decisive, low.values, high.values) == (True, False, (), ())
    assert [stretch.word for stretch in strips.strip(claim, low).stretches] == ["", "needed to support"]
    assert strips.silent(claim, verdict, part) == ()


def test_a_number_that_must_equal_another_is_seen_in_its_zone() -> None:
    claim, verdict, part = made("a == b", "a < 5", a=(30.0, "editions"), b=(30.0, "years"))
    first = strips.strip(claim, strips.readings(claim, verdict, part)[0])
    assert first.scale.cells == 32
    assert [(s.low, s.high) for s in first.stretches if s.kind == "for"] == [(29.5, 30.5)]
    claim, verdict, part = made("a == 0.3", "a < 0.2", a=(0.3, "share"))
    (found,) = strips.readings(claim, verdict, part)
    (seen,) = [s for s in strips.strip(claim, found).stretches if s.kind == "for"]
    assert 0.29 < seen.low < 0.3 < seen.high < 0.31


def test_where_several_numbers_are_needed_to_test_each_says_so() -> None:
    claim, verdict, part = made(
        "c > 0.5", "c < 0.2", "a > 0 and b > 0", a=(0.0, "figures"), b=(0.0, "figures"), c=(None, "share")
    )
    first, second, third = (strips.strip(claim, reading) for reading in strips.readings(claim, verdict, part))
    for strip in (first, second):
        assert [(s.kind, s.word) for s in strip.stretches] == [("untestable", ""), ("unknown", "needed to test")]
        assert strip.text == "Not testable whatever it is; needed to test: from 1."
    assert [s.word for s in third.stretches] == ["contradicted", "not established", "supported"]


def test_where_none_decides_alone_each_shows_what_is_asked_of_it() -> None:
    claim, verdict, part = made("a > 0.5 and b > 0.5", "a < 0.2 and b < 0.2", a=(0.3, "share"), b=(0.4, "share"))
    found = [strips.strip(claim, reading) for reading in strips.readings(claim, verdict, part)]
    assert [[stretch.kind for stretch in strip.stretches] for strip in found] == [["against", "neither", "for"]] * 2
    assert all(stretch.hollow for strip in found for stretch in strip.stretches)


@pytest.mark.parametrize(
    ("supported", "contradicted", "pair"),
    [
        ("a_low >= 0.5", "a_high < 0.5", True),
        ("a_high < 0.2", "a_low > 0.5", True),
        ("a_low > 0.8", "a_high < 1", False),  # an interval between the lines meets both
        ("a_low <= 0.5", "a_high > 0.9", False),  # the other end says nothing
        ("a_low > 0", "a_low <= 0 and a_high < 1", False),
        ("a_low >= 0.5", "a_high < 0.1 or 0.2 < a_high < 0.3", False),  # contradicted in two places
    ],
)
def test_two_ends_are_one_strip_only_where_the_whole_interval_decides(
    supported: str, contradicted: str, pair: bool
) -> None:
    claim, verdict, part = made(supported, contradicted, a_low=(0.6, "share"), a_high=(1.0, "share"))
    names = [reading.names for reading in strips.readings(claim, verdict, part)]
    assert (("a_low", "a_high") in names) == pair


@pytest.mark.parametrize(
    ("unit", "points", "lines", "scale"),
    [
        ("share", [0.2], [0.5, 0.9], Scale(0.0, 1.0)),
        ("probability", [0.003], [0.05], Scale(0.0, 1.0)),
        ("share", [-0.11, -0.04], [0.0], Scale(-0.15, 0.03)),
        ("figures", [0.0], [0.0], Scale(-0.5, 1.5, cells=2)),
        ("documents", [5.0, 3.0], [0.0, 2.0], Scale(-0.5, 5.5, cells=6)),
        ("yes or no", [0.0], [0.0, 2.0], Scale(-0.5, 1.5, cells=2)),
        ("yes or no", [1.0, -1.0], [0.0], Scale(-1.5, 1.5, cells=3)),
        ("ratio", [1.01], [0.67, 0.9, 1.1, 1.5], Scale(0.0, 2.0)),
        ("ratio", [231.0, 50.0, 1.4], [2.0, 5.0], Scale(1.0, 400.0, log=True)),
        ("US dollars", [2602.0], [3375.0, 16250.0], Scale(0.0, 20000.0)),
        ("percentage points", [3.3, 14.6, -0.6], [0.0], Scale(-4.0, 20.0)),
        ("years of wages", [], [1.0, 3.0], Scale(0.0, 4.0)),
        ("documents", [399.0], [], Scale(-0.5, 399.5, cells=400)),
        ("documents", [400.0], [], Scale(0.0, 500.0)),  # too many to decide one by one
        ("documents", [2.5], [], Scale(0.0, 3.0)),
        ("ratio", [0.05, 40.0], [1.0], Scale(1 / 30, 60.0, log=True)),
        ("ratio", [1.0, 20.0], [], Scale(0.0, 25.0)),  # just so far apart as is drawn in equal steps
        ("ratio", [-0.5], [0.3], Scale(-0.6, 0.4)),
        ("share", [0.99, -0.99], [0.0], Scale(-1.0, 1.0)),
        ("share", [1.2], [0.5], Scale(0.0, 1.5)),
        ("share", [], [0.0], Scale(-0.2, 0.2)),
    ],
)
def test_the_axis_suits_the_unit(unit: str, points: list[float], lines: list[float], scale: Scale) -> None:
    assert strips._scale(unit, 0.01 if unit == "years of wages" else 0, points, lines) == scale


def test_the_ends_of_zones_are_told_as_they_are() -> None:
    claim, verdict, part = made("a > 0.5", "a <= 0.2", a=(0.6, "share"))
    (reading,) = strips.readings(claim, verdict, part)
    text = strips.strip(claim, reading).text
    assert text == "Contradicted up to 20%, not established above 20% to 50%, supported above 50%."
    assert reading.word == SUPPORTED


def test_the_key_number_comes_first_wherever_it_is_declared() -> None:
    numbers = {"a": (0.6, "share"), "b": (0.7, "share"), "c": (0.8, "share")}
    claim, verdict, part = made("a > 0.5 and b > 0.5 and c > 0.5", "a < 0.2", **numbers)  # type: ignore[arg-type]
    for key, order in (("a", "abc"), ("b", "bac"), ("c", "cab")):
        found = strips.readings(replace(claim, key_number=key), verdict, part)
        assert [reading.names for reading in found] == [(name,) for name in order]


def test_the_strip_of_the_key_number_is_that_of_the_first_part_that_asks_for_it() -> None:
    claim, verdict, part = made("a > 0.5", "a < 0.2", a=(0.6, "share"), b=(0.7, "share"), c=(0.8, "share"))
    other = Part("other", Rule("b > 0.5"), Rule("b < 0.2"))
    both = replace(verdict, parts={"a part": SUPPORTED, "other": SUPPORTED})

    def title(key: str) -> str:
        return strips.of_key(replace(claim, parts=(part, other), key_number=key, interval=None), both).title

    assert (title("a"), title("b")) == ("Meaning of a: 60%", "Meaning of b: 70%")
    assert title("c") == "Meaning of a: 60%", "no rule asks for it: the first that is asked for"


def test_only_what_an_alternative_moves_is_marked_on_the_axis() -> None:
    claim, verdict, part = made("a > 0.5 and b > 0.5", "a < 0.2", a=(0.6, "share"), b=(0.7, "share"))
    verdict = replace(verdict, moves={"other": {"a": 0.3}})
    first, second = (strips.strip(claim, reading) for reading in strips.readings(claim, verdict, part))
    assert (first.ticks, second.ticks) == (((0.3, 0.3),), ())
    assert first.text.endswith("Otherwise counted: counted otherwise: 30%.") and "Otherwise" not in second.text


def test_an_interval_is_drawn_from_its_lower_to_its_upper_end_and_its_alternatives_too() -> None:
    claim, verdict, part = made("a_low >= 0.5", "a_high < 0.5", a_low=(0.4, "share"), a_high=(0.8, "share"))
    verdict = replace(verdict, moves={"other": {"a_low": 0.6}})
    (reading,) = strips.readings(claim, verdict, part)
    drawn = strips.strip(claim, reading)
    assert (drawn.interval, drawn.value, drawn.ticks) == ((0.4, 0.8), None, ((0.6, 0.8),))
    assert drawn.said == "40% to 80%, across the line"
    assert "An interval that reaches over a line is not established." in drawn.text


def test_the_interval_around_the_key_number_is_not_around_another() -> None:
    ends = {"a_low": (0.55, "share"), "a_high": (0.65, "share")}
    claim, verdict, part = made(
        "a > 0.5 and b > 0.5",
        "a < 0.2",
        a=(0.6, "share"),
        b=(0.7, "share"),
        **ends,  # type: ignore[arg-type]
    )
    claim = replace(claim, interval=("a_low", "a_high"))
    first, second = strips.readings(claim, verdict, part)
    assert (first.around, second.around) == ((0.55, 0.65), None)
    assert strips.strip(claim, first).interval == (0.55, 0.65) and strips.strip(claim, second).interval is None


@pytest.mark.parametrize(("found", "figures"), [(9.0, range(10)), (10.0, range(0, 11, 2)), (20.0, range(0, 21, 5))])
def test_so_many_whole_numbers_as_have_room_are_written(found: float, figures: range) -> None:
    claim, verdict, part = made("a >= 3", "a <= 1", a=(found, "documents"))
    drawn = strips.strip(claim, strips.readings(claim, verdict, part)[0])
    assert [int(text) for _, text in drawn.figures] == list(figures)


@pytest.mark.parametrize(
    ("supported", "contradicted", "value", "unit", "text"),
    [
        ("a == 1", "a == 0", 1.0, "yes or no", "Contradicted if no, supported if yes."),
        ("a == 1", "a == -1", -1.0, "yes or no", "Contradicted if it cannot be said, not established if no, "
         "supported if yes."),
        ("a >= 3", "a == 0", 2.0, "documents", "Contradicted at 0, not established from 1 to 2, supported from 3."),
        ("a >= 0.5", "a <= -0.5", 0.6, "ratio", "Contradicted up to −0.5, not established above −0.5 to below 0.5, "
         "supported from 0.5."),
        ("0.2 <= a <= 0.4", "a > 0.6", 0.3, "share", "Not established below 20%, supported from 20% to 40%, not "
         "established above 40% to 60%, contradicted above 60%."),
        ("a == 0.3", "a < 0.2", 0.3, "share", "Contradicted below 20%, not established from 20% to below 30%, "
         "supported at 30%, not established above 30%."),
        ("a > 5 and a < 3", "a < 2 and a > 3", 1.0, "documents", "Not established whatever it is."),
    ],
)  # fmt: skip
def test_where_each_word_holds_is_said_with_its_ends(
    supported: str, contradicted: str, value: float, unit: str, text: str
) -> None:
    claim, verdict, part = made(supported, contradicted, a=(value, unit))
    assert strips.strip(claim, strips.readings(claim, verdict, part)[0]).text.startswith(text)


def test_an_interval_stands_against_a_band_if_all_of_it_must_lie_inside_or_outside() -> None:
    rules = "a_low >= 0.7 and a_high <= 0.9", "a_high < 0.7 or a_low > 0.9"
    claim, verdict, part = made(*rules, a_low=(0.4, "share"), a_high=(0.95, "share"))
    (reading,) = strips.readings(claim, verdict, part)
    assert [(zone.low, zone.high, zone.word) for zone in reading.zones] == [
        (-math.inf, 0.7, CONTRADICTED),
        (0.7, 0.9, SUPPORTED),
        (0.9, math.inf, CONTRADICTED),
    ]
    assert strips.strip(claim, reading).said == "40% to 95%, across the lines"


@pytest.mark.parametrize(
    "rules",
    [
        ("a_low > 0.5", "a_low < 0.2"),  # the upper end has no say
        ("a_low + a_high > 1", "a_high < 0.5"),  # the middle decides, so that an interval may cross the line
        ("a_low > 0.5", "a_high < 0.7"),  # between the lines both hold
    ],
)
def test_two_ends_of_which_the_rules_ask_otherwise_are_two_numbers(rules: tuple[str, str]) -> None:
    claim, verdict, part = made(*rules, a_low=(0.6, "share"), a_high=(0.8, "share"))
    assert all(len(reading.names) == 1 for reading in strips.readings(claim, verdict, part))


def test_a_value_that_would_stand_in_a_zone_of_another_word_is_told_and_not_drawn() -> None:
    claim, verdict, part = made("seen == due", "seen < 0.5 * due", seen=(11.0, "years"), due=(11.0, "years"))
    verdict = replace(verdict, moves={"other": {"seen": 25.0, "due": 25.0}})
    for reading in strips.readings(claim, verdict, part):
        drawn = strips.strip(claim, reading)
        assert reading.word == SUPPORTED and (drawn.ticks, reading.elsewhere) == ((), ("other",))
        assert drawn.text.endswith("Not drawn, as other numbers move with it: counted otherwise.")


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_a_question_beside_the_verdict_is_drawn_with_yes_and_no(claim_id: str) -> None:
    claim, verdict = given(claim_id)
    for part in every(claim):
        for reading in strips.readings(claim, verdict, part):
            words = {stretch.word for stretch in strips.strip(claim, reading).stretches}
            assert not words & ({"yes", "no"} if part in claim.parts else {"supported", "contradicted"})
