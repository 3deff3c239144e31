"""Counted samples: the side that an exact interval leaves no doubt of, and the line that says it."""

import pytest
from scipy.stats import binomtest

from compendium.methods.shares import counted


@pytest.mark.parametrize(("organised", "n"), [(0, 9), (1, 9), (5, 9), (40, 60), (30, 60), (789, 2390), (1, 1)])
def test_a_side_is_one_that_the_exact_interval_does_not_leave(organised: int, n: int) -> None:
    interval = binomtest(organised, n).proportion_ci(method="exact")
    expected = "organised" if interval.low > 0.5 else "small" if interval.high < 0.5 else "open"
    assert counted.side(organised, n) == expected


@pytest.mark.parametrize("kind", [str, int])
def test_a_row_says_itself_whether_it_was_read_as_text_or_not(kind: type) -> None:
    row = {"sample": "Here", "unit": "cases", "organised": kind(1), "n": kind(9)}
    found = counted.of_row(row)
    assert found == ("Here", "cases", 1, 9, "small")
    assert str(found) == "Here (cases): 1 of 9 organised, small"


def test_a_row_without_counts_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="There has no counts"):
        counted.of_row({"sample": "There", "unit": "cases", "organised": "", "n": "9"})
