"""The tier lists: which report years are complete, how countries move between tiers, how long they wait.

Every function takes the table `tip_tiers` (columns iso3, year, tier) and refuses report years whose list is not
complete: a model of a partial list would take "not read" for "not rated". Lists that are closed by inference (the
rest of a list whose other tiers are known) are refused too, unless a description asks for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods.checks import some, within
from compendium.methods.shares.proportions import checked_level

Floats = NDArray[np.float64]

TIERS = ("1", "2", "2WL", "3")
COMPLETE_YEARS = (*range(2001, 2019), 2020, 2021, 2023, 2025)
CLOSED_YEARS = (2022, 2024)
WATCH_LIST_SINCE = 2004
WATCH_LIST_YEARS = tuple(year for year in COMPLETE_YEARS if year >= WATCH_LIST_SINCE)
UNBROKEN_YEARS = tuple(range(WATCH_LIST_SINCE, 2019))
ON_WATCH_LIST = TIERS.index("2WL")


class PartialYearError(ValueError):
    """A report year whose tier list is not complete was asked for as if it were."""


def require_complete(years: Iterable[int], what: str = "tier model", closed: bool = False) -> None:
    """Raise `PartialYearError` if any of `years` has no complete (or, if `closed`, no closed) tier list."""
    known = {*COMPLETE_YEARS, *(CLOSED_YEARS if closed else ())}
    partial = sorted({int(year) for year in years} - known)
    if partial:
        raise PartialYearError(
            f"{what}: expected report years with a complete tier list (2001-2018, 2020, 2021, 2023, 2025), "
            f"found {', '.join(map(str, partial))}; leave these years out"
        )


def ranked(tiers: pd.DataFrame, years: Sequence[int] = COMPLETE_YEARS, closed: bool = False) -> pd.DataFrame:
    """Keep the ranked countries of complete report years: iso3, year, tier, rank (0 for Tier 1 to 3 for Tier 3).

    Special cases, and rows in which the source merges Tier 2 and the watch list, carry no rank and are left out.
    A `year_coverage` column, where the table has one, must agree that the years are complete. `closed` lets in
    the years whose list is closed by inference: for descriptions that say so, never for a model.
    """
    require_complete(years, closed=closed)
    rows = tiers.loc[tiers["year"].isin(list(years))]
    if "year_coverage" in rows:
        whole = ["complete", "closed"] if closed else ["complete"]
        partial = rows.loc[~rows["year_coverage"].astype(str).isin(whole)]
        if len(partial):
            found = partial.iloc[0]
            raise PartialYearError(
                f"tip_tiers: expected year_coverage {' or '.join(map(repr, whole))} in {found['year']}, "
                f"found {found['year_coverage']!r}; leave this year out"
            )
    rows = rows.loc[rows["tier"].isin(TIERS), ["iso3", "year", "tier"]]
    some("tip_tiers", "ranked countries in these report years", rows)
    rank = rows["tier"].map({tier: rank for rank, tier in enumerate(TIERS)}).astype("int64")
    rows = rows.assign(year=rows["year"].astype("int64"), rank=rank)
    return rows.sort_values(["iso3", "year"], ignore_index=True)


def without_watch_list(rows: pd.DataFrame) -> pd.DataFrame:
    """Count the watch list as Tier 2: `rank` (and `last_rank`, if there) become 0, 1, 2."""
    merged = {0: 0, 1: 1, 2: 1, 3: 2}
    return rows.assign(**{c: rows[c].map(merged) for c in ("rank", "last_rank") if c in rows})


def classes_by_year(tiers: pd.DataFrame) -> pd.DataFrame:
    """Count ranked countries by complete report year: year, one column per tier, ranked, classes (tiers in use)."""
    rows = ranked(tiers)
    table = pd.crosstab(rows["year"], rows["tier"]).reindex(columns=list(TIERS), fill_value=0)
    table = table.assign(ranked=table.sum(axis=1), classes=(table > 0).sum(axis=1))
    table.columns.name = None
    return table.reset_index()


def with_last_rank(rows: pd.DataFrame) -> pd.DataFrame:
    """Add `last_rank`, the rank in the report one year before; rows without one (not ranked, gap) are left out.

    `rows` comes from `ranked`.
    """
    before = rows[["iso3", "year", "rank"]].assign(year=rows["year"] + 1)
    return rows.merge(before.rename(columns={"rank": "last_rank"}), on=["iso3", "year"], how="inner")


def country_weights(countries: int, draws: int, seed: int) -> NDArray[np.int64]:
    """How often each country is drawn in each bootstrap sample of whole countries: (draws, countries)."""
    within("country_weights", 1, np.inf, countries=countries, draws=draws)
    return np.random.default_rng(seed).multinomial(countries, np.full(countries, 1 / countries), draws)


def limits(draws: Floats, level: float) -> tuple[Floats, Floats]:
    """Percentile interval over the first axis; nan where no draw has a value."""
    some("limits", "draws", draws)
    level = checked_level("limits", level)
    seen = np.isfinite(draws).any(axis=0)
    ends = np.full((2, *draws.shape[1:]), np.nan)
    ends[:, seen] = np.nanquantile(draws[:, seen], [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return ends[0], ends[1]


def transitions(
    tiers: pd.DataFrame,
    years: Sequence[int] = WATCH_LIST_YEARS,
    draws: int = 2000,
    seed: int = 20010712,
    level: float = 0.95,
    closed: bool = False,
) -> pd.DataFrame:
    """Share of countries that move from one tier to another between consecutive complete reports.

    Returns one row for each pair of tiers: source, target, moves, countries (that ever were in the source tier),
    share, low, high. Intervals are percentiles of a bootstrap of whole countries, because a country's years depend
    on each other. A bootstrap cannot see a move that never happened: its upper limit is the exact binomial one with
    each country counted once. The default years start with the watch list: before it, a move to it could not
    happen. With `closed`, `years` may name lists that are closed by inference.
    """
    rows = with_last_rank(ranked(tiers, years, closed))
    names, codes = np.unique(rows["iso3"].to_numpy(str), return_inverse=True)
    size = len(TIERS)
    counts = np.zeros((len(names), size, size))
    np.add.at(counts, (codes, rows["last_rank"].to_numpy(), rows["rank"].to_numpy()), 1.0)
    total = counts.sum(axis=0)
    sampled = np.tensordot(country_weights(len(names), draws, seed), counts, axes=1)
    with np.errstate(invalid="ignore"):
        share = total / total.sum(axis=1, keepdims=True)
        low, high = limits(sampled / sampled.sum(axis=2, keepdims=True), level)
    countries = (counts.sum(axis=2) > 0).sum(axis=0)
    with np.errstate(divide="ignore"):
        exact = 1 - (0.5 - level / 2) ** (1 / countries)
    high = np.where(total == 0, exact[:, None], high)
    return pd.DataFrame(
        [
            (
                TIERS[i],
                TIERS[j],
                int(total[i, j]),
                int(countries[i]),
                share[i, j],
                low[i, j],
                high[i, j],
            )
            for i in range(size)
            for j in range(size)
        ],
        columns=["source", "target", "moves", "countries", "share", "low", "high"],
    )


def watch_list_spells(tiers: pd.DataFrame, years: Sequence[int] = UNBROKEN_YEARS) -> pd.DataFrame:
    """Unbroken stays on the watch list: iso3, entered, years (reports on it), exit.

    `exit` is "Tier 3", "Tier 2 or 1" or "censored" (the next report is missing, or does not rank the country).
    A stay counts only if its beginning is seen: the country was rated otherwise, or not rated, the year before, or
    the list had just begun. `years` must be consecutive.
    """
    some("watch_list_spells", "years", years)
    if list(years) != list(range(min(years), max(years) + 1)):
        raise ValueError(
            f"watch_list_spells: expected consecutive years, found {list(years)}; pass one block of years"
        )
    rows = ranked(tiers, years)
    spells: list[tuple[str, int, int, str]] = []
    for country, own in rows.groupby("iso3", sort=True):
        rank = dict(zip(own["year"].tolist(), own["rank"].tolist(), strict=True))
        for entered in own["year"].tolist():
            if rank[entered] != ON_WATCH_LIST or rank.get(entered - 1) == ON_WATCH_LIST:
                continue
            if entered == min(years) and entered != WATCH_LIST_SINCE:
                continue
            last = entered
            while rank.get(last + 1) == ON_WATCH_LIST:
                last += 1
            after = rank.get(last + 1)
            leaves = "censored" if after is None else "Tier 3" if after > ON_WATCH_LIST else "Tier 2 or 1"
            spells.append((str(country), entered, last - entered + 1, leaves))
    return pd.DataFrame(spells, columns=["iso3", "entered", "years", "exit"])


def _risk_curves(stays: Floats, ends: Floats) -> tuple[Floats, Floats, Floats]:
    """Kaplan-Meier survival and two Aalen-Johansen incidences from those at risk (..., T) and exits (..., T, 2)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        hazard = np.where(stays[..., None] > 0, ends / stays[..., None], 0.0)
    survival = np.cumprod(1 - hazard.sum(axis=-1), axis=-1)
    before = np.concatenate([np.ones_like(survival[..., :1]), survival[..., :-1]], axis=-1)
    incidence = np.cumsum(before[..., None] * hazard, axis=-2)
    return survival, incidence[..., 0], incidence[..., 1]


def time_on_watch_list(
    spells: pd.DataFrame, draws: int = 2000, seed: int = 20010712, level: float = 0.95
) -> pd.DataFrame:
    """How long countries stay on the watch list and where they go.

    `spells` comes from `watch_list_spells`. Returns one row for each number of years: years, at_risk, downgraded,
    upgraded, censored; staying (Kaplan-Meier, any exit), downgrade and upgrade (Aalen-Johansen cumulative
    incidence: an upgrade is a competing exit, not censoring), each with low and high from a bootstrap of countries.
    """
    some("time on the watch list", "stays", spells)
    longest = int(spells["years"].max())
    names, codes = np.unique(spells["iso3"].to_numpy(str), return_inverse=True)
    at_risk = np.zeros((len(names), longest))
    exits = np.zeros((len(names), longest, 2))
    censored = np.zeros(longest, dtype=int)
    for code, stay, leaves in zip(codes, spells["years"], spells["exit"], strict=True):
        at_risk[code, :stay] += 1
        if leaves == "censored":
            censored[stay - 1] += 1
        else:
            exits[code, stay - 1, 0 if leaves == "Tier 3" else 1] += 1
    curves = _risk_curves(at_risk.sum(axis=0), exits.sum(axis=0))
    weights = country_weights(len(names), draws, seed)
    sampled = _risk_curves(np.tensordot(weights, at_risk, axes=1), np.tensordot(weights, exits, axes=1))
    table = pd.DataFrame(
        {
            "years": np.arange(1, longest + 1),
            "at_risk": at_risk.sum(axis=0).astype(int),
            "downgraded": exits[:, :, 0].sum(axis=0).astype(int),
            "upgraded": exits[:, :, 1].sum(axis=0).astype(int),
            "censored": censored,
        }
    )
    for name, curve, sample in zip(("staying", "downgrade", "upgrade"), curves, sampled, strict=True):
        low, high = limits(sample, level)
        table = table.assign(**{name: curve, f"{name}_low": low, f"{name}_high": high})
    return table


def after_years_on_watch_list(spells: pd.DataFrame, split: int, level: float = 0.95) -> pd.DataFrame:
    """What follows each further year on the watch list, in reports before `split` and from `split` on.

    A rule of automatic downgrade after so many years would show as a jump in the downgraded share at that number of
    years, in the period in which it is in force, and as no stay beyond it. `spells` comes from `watch_list_spells`.
    Returns: period, years (on the list so far), stayed, downgraded, upgraded, decisions, and the share downgraded
    with a Wilson interval. Stays whose next report is missing are left out.
    """
    some("years on the watch list", "stays", spells)
    from statsmodels.stats.proportion import proportion_confint

    rows: list[tuple[str, int, str]] = []
    for entered, years, leaves in zip(spells["entered"], spells["years"], spells["exit"], strict=True):
        for year in range(1, years + 1):
            outcome = "stayed" if year < years else leaves
            if outcome != "censored":
                rows.append((f"{'before' if entered + year < split else 'from'} {split}", year, outcome))
    decisions = pd.DataFrame(rows, columns=["period", "years", "outcome"])
    table = pd.crosstab([decisions["period"], decisions["years"]], decisions["outcome"])
    table = table.reindex(columns=["stayed", "Tier 3", "Tier 2 or 1"], fill_value=0)
    table.columns = pd.Index(["stayed", "downgraded", "upgraded"])
    table = table.assign(decisions=table.sum(axis=1)).reset_index()
    low, high = proportion_confint(table["downgraded"], table["decisions"], alpha=1 - level, method="wilson")
    return table.assign(
        share_downgraded=table["downgraded"] / table["decisions"], low=np.asarray(low), high=np.asarray(high)
    )


def years_under_clock(spells: pd.DataFrame, since: int) -> pd.DataFrame:
    """What follows each number of reports on the watch list when only those from `since` on are counted.

    A law that counts consecutive years from a date leaves earlier reports of the same stay out. `spells` comes from
    `watch_list_spells`. Returns: years (reports counted), stayed, downgraded, upgraded, decisions. Stays whose next
    report is missing are left out, and reports before `since`.
    """
    rows = [
        (entered + passed - max(entered, since), "stayed" if passed < years else leaves)
        for entered, years, leaves in zip(spells["entered"], spells["years"], spells["exit"], strict=True)
        for passed in range(1, years + 1)
        if entered + passed > since and not (passed == years and leaves == "censored")
    ]
    decisions = pd.DataFrame(rows, columns=["years", "outcome"])
    table = pd.crosstab(decisions["years"], decisions["outcome"])
    table = table.reindex(columns=["stayed", "Tier 3", "Tier 2 or 1"], fill_value=0)
    table.columns = pd.Index(["stayed", "downgraded", "upgraded"])
    return table.assign(decisions=table.sum(axis=1)).reset_index()
