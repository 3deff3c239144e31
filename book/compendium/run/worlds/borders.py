"""Worlds of detected victims in which nearly all whose citizenship is told are foreigners, or citizens."""

from __future__ import annotations

import pandas as pd

TABLE = "unodc_victims_by_citizenship"
MISPRINTED = "exceeds_total"


def foreign(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Whoever was counted, citizenship told or not, is a foreigner, and no part exceeds its total."""
    return _all(name, frame, "foreign")


def citizens(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Whoever was counted, citizenship told or not, is a citizen, and no part exceeds its total."""
    return _all(name, frame, "domestic")


def _all(name: str, frame: pd.DataFrame, group: str) -> pd.DataFrame:
    if name != TABLE:
        return frame
    return frame[frame["against_total"] != MISPRINTED].assign(citizen_group=group)
