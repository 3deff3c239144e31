"""Frames of country-years: the columns they must have, and the error that names what is missing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


class HazardError(ValueError):
    """A frame or model from which no hazard can be estimated; the message says what and where."""


def require(frame: pd.DataFrame, columns: Sequence[str], name: str) -> None:
    """Raise HazardError unless the frame, called `name` in the message, has all the columns."""
    for column in columns:
        if column not in frame.columns:
            have = ", ".join(str(c) for c in frame.columns)
            raise HazardError(f"{name}: no column {column!r}; it has {have}")


def wide(frame: pd.DataFrame, values: str, name: str) -> pd.DataFrame:
    """One column of a frame of country-years as countries (rows, iso3) by years (columns), missing where unknown.

    Raises HazardError for a country that has a year twice, and where there is no row.
    """
    if frame.empty:
        raise HazardError(f"{name}: expected rows of countries and years, found none")
    twice = frame[frame.duplicated(["iso3", "year"])]
    if not twice.empty:
        row = twice.iloc[0]
        raise HazardError(f"{name}: {row['iso3']} {row['year']} appears twice; expected one row a year")
    return frame.set_index(["iso3", "year"])[values].unstack()  # noqa: PD010 (pivot_table would average)
