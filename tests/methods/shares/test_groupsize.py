"""Bounds of small-group shares, against every way to spread people over cases."""

import pytest

from compendium.methods.shares import groupsize


def spreads(people: int, cases: int, smallest: int = 1):
    """Every way to write `people` as a rising sum of `cases` group sizes."""
    if cases == 1:
        if people >= smallest:
            yield (people,)
        return
    for size in range(smallest, people // cases + 1):
        for rest in spreads(people - size, cases - 1, size):
            yield (size, *rest)


@pytest.mark.parametrize("large", [2, 3, 4])
@pytest.mark.parametrize("cases", [1, 2, 3, 5])
def test_bounds_are_reached_and_never_passed(cases, large):
    for people in range(cases, cases + 12):
        shares = [sum(size for size in sizes if size < large) / people for sizes in spreads(people, cases)]
        found = groupsize.in_small_cases(cases, people, large)
        assert (found.low, found.high) == (min(shares), max(shares))
        assert found.estimate == pytest.approx((min(shares) + max(shares)) / 2) and found.level == 1.0


def test_impossible_counts_are_refused():
    with pytest.raises(groupsize.GroupError, match="3 people in 4 cases"):
        groupsize.in_small_cases(4, 3, 3)
    with pytest.raises(groupsize.GroupError, match="3 people in 0 cases"):
        groupsize.in_small_cases(0, 3, 3)
    with pytest.raises(groupsize.GroupError, match="large is 1"):
        groupsize.in_small_cases(2, 3, 1)
