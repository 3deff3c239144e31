"""Printed means against each other: misprints, two dates, people left out, differences beyond chance."""

from __future__ import annotations

import math
import random
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from compendium.evidence import tables
from compendium.methods.shares import proportions
from compendium.methods.shares.reconcile import (
    fewest_left_out,
    largest_spread,
    least_mean_left_out,
    mean_gap,
    misprints,
    one_digit_off,
)

repeatable = settings(derandomize=True, deadline=None, max_examples=60)
PRINTED = ("38.5", ("37.7", "32.3"), (73, 18))


def one_decimal(ages: list[int]) -> str:
    mean = Decimal(sum(ages)) / Decimal(len(ages))
    return str(mean.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


def two_groups(seed: int) -> tuple[list[int], list[int]]:
    draw = random.Random(seed)
    return tuple([draw.randint(16, 64) for _ in range(draw.randint(8, 80))] for _ in range(2))  # type: ignore


# ------------------------------------------------------------------------------------------------ misprints


def test_one_digit_off_lists_every_other_number_of_the_same_length_once() -> None:
    found = one_digit_off("38.5")
    assert len(found) == len(set(found)) == 8 + 9 + 9
    assert {"18.5", "98.5", "30.5", "38.0", "38.9"} <= set(found)
    assert "38.5" not in found and "08.5" not in found
    assert list(found) == sorted(found, key=float)


@given(st.integers(0, 10_000))
@repeatable
def test_a_misprinted_figure_is_found_again(seed: int) -> None:
    women, men = two_groups(seed)
    draw = random.Random(seed + 1)
    true = {"overall": one_decimal(women + men), "first": one_decimal(women), "second": one_decimal(men)}
    wrong = draw.choice(sorted(true))
    shown = true | {wrong: draw.choice(one_digit_off(true[wrong]))}
    readings = misprints(shown["overall"], shown["first"], shown["second"], len(women) + len(men))
    (reading,) = [r for r in readings if (r.figure, r.read_as) == (wrong, true[wrong])]
    assert len(women) in reading.sizes
    assert reading.distance(len(women)) == 0


def test_no_single_digit_repairs_the_printed_means_with_73_women() -> None:
    # Closed form: the group means imply 36.6 or 36.7, a mean of women of 40.0 or a mean of men of 41.7 (rounded).
    women = (38.5 * 91 - 32.3 * 18) / 73
    men = (38.5 * 91 - 37.7 * 73) / 18
    assert (round(women, 1), round(men, 1)) == (40.0, 41.7)
    readings = misprints(*PRINTED[:1], *PRINTED[1], 91)
    assert min(r.distance(73) for r in readings) == 1


def test_the_note_s_reading_of_the_mean_age() -> None:
    # The evidence note: 36.5 would fit 70 to 72 women.
    (reading,) = [r for r in misprints("38.5", "37.7", "32.3", 91) if r.read_as == "36.5"]
    assert (reading.figure, reading.sizes) == ("overall", (70, 71, 72))


# ------------------------------------------------------------------------------------------------ two dates


@given(st.integers(0, 10_000), st.integers(0, 90))
@repeatable
def test_time_between_two_dates_lies_in_the_gap(seed: int, months: int) -> None:
    women, men = two_groups(seed)
    shift = Fraction(months, 12)
    overall = Fraction(sum(women + men), len(women + men)) + shift
    shown = str((Decimal(overall.numerator) / overall.denominator).quantize(Decimal("0.1"), ROUND_HALF_UP))
    gap = mean_gap(shown, (one_decimal(women), one_decimal(men)), (len(women), len(men)))
    assert gap.low - 1e-9 <= shift <= gap.high + 1e-9
    assert gap.width == pytest.approx(0.2)  # half a tenth from each side, twice


def test_gap_of_the_printed_means() -> None:
    gap = mean_gap(*PRINTED)
    assert gap.estimate == pytest.approx(38.5 - (73 * 37.7 + 18 * 32.3) / 91)
    assert gap.low > 0  # no rounding makes them agree


# -------------------------------------------------------------------------------------------- people left out


@given(st.integers(0, 10_000), st.integers(0, 6))
@repeatable
def test_never_more_than_were_left_out(seed: int, gone: int) -> None:
    women, men = two_groups(seed)
    draw = random.Random(seed + 2)
    out = sorted(draw.randint(0, min(gone, 7)) for _ in range(2))
    shown = one_decimal(women[out[0] :]), one_decimal(men[out[1] :])
    found = fewest_left_out(one_decimal(women + men), shown, (len(women), len(men)), 16, 64)
    assert found is not None and found <= sum(out)


def test_nobody_is_missing_where_the_means_agree() -> None:
    assert fewest_left_out("36.6", *PRINTED[1:], 16, 64) == 0


def test_fewest_left_out_of_the_printed_means_has_a_closed_form() -> None:
    # Leaving out men, whose mean is lower, lets the fewest people lift the overall mean; all as old as the oldest.
    shortfall = 91 * 38.45 - 73 * 37.75 - 18 * 32.35
    assert fewest_left_out(*PRINTED, 16, 64) == math.ceil(shortfall / (64 - 32.35)) == 6


def test_more_can_be_left_out_of_one_group_than_the_other_has() -> None:
    # 11 people of 40 are 440 years; ten of 20 and one of 60 are 180 too few, and each left out adds 64 less 20.
    assert fewest_left_out("40.0", ("20.0", "60.0"), (10, 1), 16, 64) == math.ceil(180 / 44) == 5
    assert fewest_left_out("40.0", ("60.0", "20.0"), (1, 10), 16, 64) == 5


def test_impossible_even_without_whole_groups() -> None:
    assert fewest_left_out("90.0", *PRINTED[1:], 16, 64) is None
    with pytest.raises(ValueError, match="youngest is 64 and oldest 16"):
        fewest_left_out(*PRINTED, 64, 16)


# ----------------------------------------------------------------------------------------------- differences


@pytest.mark.parametrize("sizes", [(73, 18), (2, 2), (400, 9)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_largest_spread_is_where_the_t_test_turns(sizes: tuple[int, int], level: float) -> None:
    spread = largest_spread(5.4, sizes, level)
    for factor, beyond in ((0.999, True), (1.001, False)):
        test = stats.ttest_ind_from_stats(37.7, spread * factor, sizes[0], 32.3, spread * factor, sizes[1])
        assert (test.pvalue < 1 - level) == beyond


def test_largest_spread_refuses_groups_without_variance() -> None:
    with pytest.raises(ValueError, match=r"sizes are \(1, 1\)"):
        largest_spread(5.4, (1, 1))


# ------------------------------------------------------------------------------------- the published figures


def test_lowest_mean_of_people_left_out() -> None:
    # Six men of 18: 91 * 38.45 less 73 * 37.75 and 12 * 32.35 leaves 355 years for six.
    found = least_mean_left_out("38.5", ("37.7", "32.3"), (73, 18), 6, 16, 64)
    assert found == pytest.approx((91 * 38.45 - 73 * 37.75 - 12 * 32.35) / 6)
    assert least_mean_left_out("38.5", ("37.7", "32.3"), (73, 18), 5, 16, 64) is None
    with pytest.raises(ValueError, match="missing is 0"):
        least_mean_left_out("38.5", ("37.7", "32.3"), (73, 18), 0, 16, 64)


def fact(key: str) -> str:
    return f"{tables.value('prison_study_facts', 'value', id=key):g}"


def test_the_total_and_its_counts_are_those_of_the_note() -> None:
    assert proportions.samples_matching_percent(fact("K02"), int(fact("K01"))) == (199,)
    assert proportions.grim_percent(fact("K10"), 91).candidates == (73,)
    assert proportions.grim_percent(fact("K14"), 91).candidates == (74,)


def test_the_printed_mean_age_lies_outside_its_parts() -> None:
    means = float(fact("K18")), float(fact("K19"))
    assert not min(means) <= float(fact("K17")) <= max(means)
    assert not proportions.overall_mean_check(fact("K17"), [fact("K18"), fact("K19")]).consistent
    assert np.isclose((73 * means[0] + 18 * means[1]) / 91, 36.63, atol=0.005)


def test_people_are_left_out_of_either_group_and_no_group_is_left_out_whole() -> None:
    # A group of one loses nobody: eight of the other ten remain.
    found = least_mean_left_out("20.0", ("20.0", "20.0"), (1, 10), 2, 0, 99)
    assert found == pytest.approx((19.95 * 11 - 20.05 * 9) / 2)
    # One of each remains; were both of the younger left out, their mean could be 9.85.
    found = least_mean_left_out("25.0", ("40.0", "10.0"), (2, 2), 2, 0, 99)
    assert found == pytest.approx((24.95 * 4 - 40.05 - 10.05) / 2)
    with pytest.raises(ValueError, match="missing is 0; expected at least 1"):
        least_mean_left_out("25.0", ("40.0", "10.0"), (2, 2), 0, 0, 99)


def test_more_of_one_group_can_be_missing_than_the_other_has() -> None:
    # Five of ten at 20 are gone, who are the youngest; the five and the two of 60 who are left weigh as they can.
    found = least_mean_left_out("30.0", ("20.0", "60.0"), (10, 2), 5, 0, 99)
    assert found == pytest.approx((29.95 * 12 - 5 * 20.05 - 2 * 60.05) / 5)


def test_where_those_who_are_left_are_too_old_nobody_missing_is_young_enough() -> None:
    # Eight of ten at 30 are 240 years: for a mean of 26 the other two share 20.
    assert least_mean_left_out("26.0", ("30.0", "30.0"), (5, 5), 2, 16, 64) is None
    # Of nine whose means were rounded up, 269.55 years: one more is 16 where ten are 285.55.
    assert least_mean_left_out("28.55", ("30.0", "30.0"), (5, 5), 1, 16, 64) == 16
    assert least_mean_left_out("28.54", ("30.0", "30.0"), (5, 5), 1, 16, 64) is None


def test_three_people_are_enough_to_tell_two_means_apart() -> None:
    expected = 5 / (stats.t(1).ppf(0.975) * math.sqrt(1 + 1 / 2))
    assert largest_spread(5.0, (1, 2)) == pytest.approx(expected) == largest_spread(-5.0, (2, 1))
    assert largest_spread(5.0, (1, 2), level=0.9) > expected
