"""Intervals of printed shares, against statsmodels."""

from __future__ import annotations

import pytest
from statsmodels.stats.proportion import proportion_confint

from compendium.methods.shares import printed


def test_a_printed_share_has_the_interval_of_the_count_nearest_to_it() -> None:
    found = printed.of_share(0.802, 91)
    assert (found.low, found.high) == pytest.approx(proportion_confint(73, 91, method="wilson"))
    assert printed.of_share(0.802, 91, at_least=True).high == 1
    assert printed.of_share(0.802, 91, at_least=True).low == found.low


def test_several_printings_of_a_share_are_held_together() -> None:
    few, many = printed.of_share(0.3, 91), printed.of_share(0.8, 91)
    both = printed.together([few, many])
    assert both is not None and (both.low, both.high) == (few.low, many.high)
    assert printed.together([]) is None


def test_a_percentage_is_no_share() -> None:
    with pytest.raises(ValueError, match="fraction"):
        printed.of_share(80, 91)
