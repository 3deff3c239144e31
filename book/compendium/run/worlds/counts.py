"""Worlds of reported counts: every country's count rises, or falls, by a tenth a year about its own level."""

from __future__ import annotations

import numpy as np
import pandas as pd

TABLE = "unodc_country_totals"
MIDDLE = 2013  # the year in which a count has its country's usual level
RISE, FALL, SPREAD = 1.1, 1 / 1.1, 0.1
SEED, LATER = 7, (2023, 2024, 2025, 2026, 2027, 2028)


def victims_rise(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Detected victims rise by a tenth a year everywhere."""
    return _moving(name, frame, "detected_victims", RISE)


def victims_fall(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Detected victims fall by as much."""
    return _moving(name, frame, "detected_victims", FALL)


def convictions_rise(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Convictions rise by a tenth a year everywhere."""
    return _moving(name, frame, "persons_convicted", RISE)


def convictions_fall(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Convictions fall by as much."""
    return _moving(name, frame, "persons_convicted", FALL)


def later_convictions(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Six more years in which every country convicts many times as many as ever before; what is past stays."""
    return _later(name, frame, 20.0)


def fewer_later_convictions(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Six more years in which every country convicts a fraction of what it did."""
    return _later(name, frame, 0.05)


def _moving(name: str, frame: pd.DataFrame, indicator: str, factor: float) -> pd.DataFrame:
    """Counts that move by `factor` a year about the country's median, each with a small seeded error."""
    if name != TABLE:
        return frame
    chosen = frame["indicator"] == indicator
    rows = frame[chosen]
    usual = rows["count_max"].astype(float).groupby(rows["iso3"]).transform("median").clip(lower=20)
    error = np.random.default_rng(SEED).lognormal(0, SPREAD, len(rows))
    counts = (usual * factor ** (rows["year"].astype(int) - MIDDLE) * error).round().astype(int).astype(str)
    return _counted(frame, chosen, counts)


def _later(name: str, frame: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Each country's last count of convictions times `factor`, in every later year."""
    if name != TABLE:
        return frame
    rows = frame[frame["indicator"] == "persons_convicted"].sort_values(["iso3", "year"])
    last = rows.groupby("iso3").tail(1)
    counts = (last["count_max"].astype(float).clip(lower=20) * factor).round().astype(int).astype(str)
    more = [_counted(last.assign(year=str(year)), last["count_max"].notna(), counts) for year in LATER]
    return pd.concat([frame, *more], ignore_index=True)


def _counted(frame: pd.DataFrame, chosen: pd.Series, counts: pd.Series) -> pd.DataFrame:
    """The frame with exact counts (persons, as text) in the chosen rows."""
    frame = frame.copy()
    for bound in ("count_min", "count_max"):
        frame.loc[chosen, bound] = counts
    return frame
