"""Worlds of the two official counts, in which the State Department's and UNODC's of a country agree, or do not."""

from __future__ import annotations

import pandas as pd

TABLE = "tip_country_convictions"


def agree(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Every text prints UNODC's count of its country."""
    if name != TABLE:
        return frame
    filled = frame["tip_convictions"] != ""
    return frame.assign(tip_convictions=frame["tip_convictions"].mask(filled, frame["unodc_convicted"]))


def differ(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Every text prints twice UNODC's count and one more."""
    if name != TABLE:
        return frame
    double = pd.to_numeric(frame["unodc_convicted"]).mul(2).add(1).astype(str)
    return frame.assign(tip_convictions=frame["tip_convictions"].mask(frame["tip_convictions"] != "", double))
