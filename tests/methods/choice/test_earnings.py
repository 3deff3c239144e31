"""The arithmetic of a claimed profit against a wage."""

import math

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from compendium.methods.choice import earnings

repeatable = hypothesis_settings(derandomize=True, deadline=None)
amounts = st.floats(1, 1e6)


def test_one_whole_victim_at_the_printed_profit():
    # 13,000 dollars are 260 months at 50 dollars.
    assert earnings.gain_in_wages(13_000, 1, 1, 600) == pytest.approx(260 / 12)


@repeatable
@given(amounts, st.floats(0.01, 100), amounts, st.floats(0.01, 50))
def test_share_for_is_the_inverse(profit, victims, wage, years):
    share = earnings.share_for(years, profit, victims, wage)
    if share <= 1:
        assert earnings.gain_in_wages(profit, victims, share, wage) == pytest.approx(years)


@pytest.mark.parametrize("bad", [{"profit": 0}, {"wage": -1}, {"victims": math.inf}, {"kept": 1.2}, {"kept": -0.1}])
def test_impossible_amounts_are_refused_by_name(bad):
    with pytest.raises(earnings.EarningsError, match=next(iter(bad))):
        earnings.gain_in_wages(**({"profit": 1, "victims": 1, "kept": 0.5, "wage": 1} | bad))


def test_nothing_kept_gains_nothing_and_needs_no_share():
    assert earnings.gain_in_wages(13_000, 1, 0, 600) == 0 and earnings.share_for(0, 13_000, 1, 600) == 0
    for years in (-0.5, math.inf):
        with pytest.raises(earnings.EarningsError, match="years is"):
            earnings.share_for(years, 13_000, 1, 600)
    with pytest.raises(earnings.EarningsError, match="profit is 0"):
        earnings.share_for(1, 0, 1, 600)


def test_a_gain_in_words():
    # A quarter of 1,200 is half of a yearly wage of 600.
    assert earnings.gain_in_words(1200, 1, 0.25, 600) == "keeping 25% of the profit, victims 1: 0.5 yearly wages"
