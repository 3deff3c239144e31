"""Sampling error of a share when places are drawn first and people in them second.

Source: Cochran (1977), Sampling Techniques, 3rd ed., section 10.3: two stages with units of equal size,
V = (1 - f1) S1^2 / k + (1 - f2) S2^2 / n. S1^2 is the variance of the shares of places, each of M people: with an
intraclass correlation r and a variance S^2 of all people it is (r + (1 - r) / M) S^2, and S2^2 is (1 - r) S^2.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from compendium.methods.shares.proportions import checked_fraction, checked_level


def margin(
    sample: int,
    places: int,
    *,
    all_places: int,
    held: int,
    correlation: float,
    share: float = 0.5,
    level: float = 0.95,
) -> float:
    """Half-width of the interval of a share, from `sample` people drawn in `places` of `all_places`.

    `held` people were in the places drawn; `correlation` (0 to 1) is how much alike people of one place are.
    Normal quantile, so with few places it is too short rather than too long. Raises ValueError if more were drawn
    than there are.
    """
    if not 1 <= places <= all_places or not 1 <= sample <= held:
        raise ValueError(
            f"margin: {places} of {all_places} places and {sample} of {held} people; no more than there are"
        )
    checked_fraction("margin", "correlation", correlation)
    spread = checked_fraction("margin", "share", share) * (1 - share)
    of_places = (correlation + (1 - correlation) * places / held) * spread
    between = (1 - places / all_places) * of_places / places
    within = (1 - sample / held) * (1 - correlation) * spread / sample
    z = NormalDist().inv_cdf((1 + checked_level("margin", level)) / 2)
    return z * math.sqrt(between + within)
