"""What a profit claimed per victim would mean for one trafficker, in years of a wage.

    years = profit per victim x victims per trafficker x share kept / yearly wage

Nothing here is an estimate of what anybody earned: it is the arithmetic of a claim. Money in US dollars of a
year, shares from 0 to 1. `VEGA` holds the same formula for live figures.
"""

from __future__ import annotations

import math

VEGA = "profit * victims * kept / wage"


class EarningsError(ValueError):
    """An amount or share outside what the arithmetic describes; the message names it."""


def gain_in_wages(profit: float, victims: float, kept: float, wage: float) -> float:
    """Years of `wage` that a trafficker gains in a year from `victims` at `profit` each, keeping a share `kept`."""
    _check(profit=profit, victims=victims, wage=wage)
    if not 0 <= kept <= 1:
        raise EarningsError(f"kept is {kept}; expected 0 to 1")
    return profit * victims * kept / wage


def gain_in_words(profit: float, victims: float, kept: float, wage: float) -> str:
    """The same in one line."""
    years = gain_in_wages(profit, victims, kept, wage)
    return f"keeping {kept:.0%} of the profit, victims {victims:g}: {years:.1f} yearly wages"


def share_for(years: float, profit: float, victims: float, wage: float) -> float:
    """Share that a trafficker keeps if her gain is worth `years` of `wage`; above 1 where no share would do."""
    _check(profit=profit, victims=victims, wage=wage)
    if not 0 <= years < math.inf:
        raise EarningsError(f"years is {years}; expected 0 or more")
    return years * wage / (profit * victims)


def _check(**amounts: float) -> None:
    for name, amount in amounts.items():
        if not 0 < amount < math.inf:
            raise EarningsError(f"{name} is {amount}; expected above 0 and finite")
