"""Country-years with a known truth."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd


def cells(counts: dict[tuple[float, ...], tuple[int, int]], names: tuple[str, ...]) -> pd.DataFrame:
    """Country-years of one year, each its own country, with the given (rows, events) per cell."""
    rows = []
    for values, (size, events) in counts.items():
        rows += [{**dict(zip(names, values, strict=True)), "event": int(k < events)} for k in range(size)]
    frame = pd.DataFrame(rows)
    return frame.assign(iso3=[f"{k:04d}" for k in range(len(frame))], year=2005, time=1)


def simulate(
    seed: int,
    countries: int = 160,
    years: int = 12,
    log_ratio: float = 0.7,
    frailty: float = 0.0,
    base: float = 0.06,
    interaction: float = 0.0,
) -> pd.DataFrame:
    """Country-years with a persistent random exposure and a grouped proportional hazard of known ratio."""
    rng = np.random.default_rng(seed)
    rows = []
    for country in range(countries):
        own = rng.normal(0, frailty)
        moderator = rng.normal()
        placed = float(rng.random() < 0.3)
        for time in range(1, years + 1):
            if rng.random() < 0.25:
                placed = 1 - placed
            eta = math.log(-math.log(1 - base)) + 0.04 * time + own + log_ratio * placed
            eta += 0.3 * moderator + interaction * placed * moderator
            event = int(rng.random() < -math.expm1(-math.exp(eta)))
            rows.append((f"C{country:03d}", 2001 + time, time, event, placed, moderator))
            if event:
                break
    return pd.DataFrame(rows, columns=["iso3", "year", "time", "event", "placed", "moderator"])


def placements(seed: int, effect: float, anticipation: float, countries: int = 700) -> pd.DataFrame:
    """Country-years with one exogenous placement date; anticipation acts before it, effect after it."""
    rng = np.random.default_rng(seed)
    rows = []
    for country in range(countries):
        first = int(rng.integers(2003, 2013)) if rng.random() < 0.7 else None
        for year in range(2002, 2014):
            since = math.nan if first is None else year - first
            shift = 0.0
            if first is not None:
                shift = effect if since >= 1 else (anticipation if -4 < since < 0 else 0.0)
            event = int(rng.random() < -math.expm1(-math.exp(math.log(0.06) + shift)))
            placed = float(since >= 1)
            lead = float(since == -1)
            rows.append((f"C{country:03d}", year, year - 2001, event, placed, lead, since))
            if event:
                break
    names = ["iso3", "year", "time", "event", "placed", "placed_lead1", "event_time"]
    return pd.DataFrame(rows, columns=names)


def diffusing(seed: int, effect: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Laws that spread to neighbours, and placements that follow the spread too: country-years, laws, countries.

    Ten countries around each of thirty points; each country's five nearest are found here by plain sorting. The
    log hazard rises by 2.5 from no neighbour with a law to all of them, and so does the chance of a placement,
    from a tenth to nine tenths; `effect` is what a placement itself adds to the log hazard.
    """
    rng = np.random.default_rng(seed)
    names = [f"C{number:03d}" for number in range(300)]
    centres = np.column_stack([rng.uniform(-50, 50, 30), rng.uniform(-170, 170, 30)])
    points = np.repeat(centres, 10, axis=0) + rng.normal(0, 1.5, (300, 2))
    start = rng.permutation(np.repeat(rng.random(30) < 0.5, 10)) & (rng.random(300) < 0.6)
    last = {name: 2001 if first else math.inf for name, first in zip(names, start, strict=True)}
    nearest = [_five_nearest(points, place) for place in range(len(names))]
    rows = []
    for year in range(2002, 2014):
        before = dict(last)
        for place, name in enumerate(names):
            if before[name] < year:
                continue
            share = sum(before[names[other]] < year for other in nearest[place]) / 5
            placed = float(rng.random() < 0.1 + 0.8 * share)
            hazard = -math.expm1(-math.exp(math.log(0.03) + 2.5 * share + effect * placed))
            event = int(rng.random() < hazard)
            rows.append((name, year, year - 2001, event, placed))
            if event:
                last[name] = year
    frame = pd.DataFrame(rows, columns=["iso3", "year", "time", "event", "placed"])
    laws = [(name, year, 2 if year >= last[name] else 0) for name in names for year in range(2001, 2014)]
    countries = pd.DataFrame({"iso3": names, "latitude": points[:, 0], "longitude": points[:, 1]})
    return (
        frame,
        pd.DataFrame(laws, columns=["iso3", "year", "criminalisation"]),
        countries.assign(un_subregion=[f"R{place // 10:02d}" for place in range(300)]),
    )


def _five_nearest(points: np.ndarray, place: int) -> list[int]:
    """The five other points at the least angle on the sphere, from their unit vectors."""
    north, east = np.radians(points.T)
    vectors = np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])
    cosines = vectors @ vectors[place]
    return [other for other in sorted(range(len(points)), key=lambda other: -cosines[other]) if other != place][:5]
