"""The country-years that the models are fitted to, with every covariate at every lag."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.methods.tiers.multiverse.specification import DECLARED_YEARS, LAGS, P3_ENDS, POLITICS
from compendium.methods.tiers.tiers import ranked, require_complete, with_last_rank

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SOURCE_COLUMNS = (
    *("iso3", "year", "gdp_per_capita_const_usd", "population", "vdem_polyarchy"),
    *("unga_distance_us", "unga_agreement_us", "unga_agreement3_us", "unga_agreement_important_us"),
    *("us_assistance_obligations_const_usd", "us_exports", "us_imports", "us_defence_pact", "us_troops"),
    *("wgi_rule_of_law", "wgi_control_of_corruption"),
)
P3_COLUMNS = ("iso3", "year", "total", "prosecution", "protection", "prevention")


@dataclass(frozen=True)
class Panel:
    """Ranked country-years of complete reports with covariates at every lag; rows sorted by country and year.

    `country` (n,) indexes `names`; `year`, `rank` (n,); `covariates[lag][column]` (n,) is nan where missing;
    `region` (n,) indexes `region_names`, -1 where missing; `high_income`, `ally` (n,) flags.
    `paths[column]` (names, path_years) are the covariates themselves, `path_region` (names,) the regions;
    `scale[column]` is the standard deviation that a politics effect is expressed in (over ranked country-years at
    lag 1), `reach[column]` the last year with a value.
    """

    names: tuple[str, ...]
    country: Ints
    year: Ints
    rank: Ints
    covariates: Mapping[int, Mapping[str, Floats]]
    region: Ints
    region_names: tuple[str, ...]
    high_income: NDArray[np.bool_]
    ally: NDArray[np.bool_]
    paths: Mapping[str, Floats]
    path_years: Ints
    path_region: Ints
    scale: Mapping[str, float]
    reach: Mapping[str, int]

    def __post_init__(self) -> None:
        require_complete(np.unique(self.year), "multiverse panel")


def _require_columns(table: pd.DataFrame, name: str, columns: Collection[str]) -> None:
    missing = sorted(set(columns) - set(table.columns))
    if missing:
        raise ValueError(
            f"{name}: expected the columns {', '.join(sorted(columns))}, missing {', '.join(missing)}; "
            f"pass the published table"
        )


def covariates(country_panel: pd.DataFrame, performance: pd.DataFrame) -> pd.DataFrame:
    """Derive the grid's columns by country and year from `country_panel` and `anti_trafficking_3p`.

    Money and troops enter as logs, net repayments of assistance as none. US trade is in current and GDP in
    constant dollars, so that its level means nothing and year effects take up the common drift. Governance of 2001,
    when the index was not published, is the mean of 2000 and 2002. Assistance after fiscal year 2022 is left out
    because it is still revised heavily, and so is the one stray 3P row after the index ends in 2013.
    """
    _require_columns(country_panel, "country_panel", SOURCE_COLUMNS)
    _require_columns(performance, "anti_trafficking_3p", P3_COLUMNS)
    table = country_panel.sort_values(["iso3", "year"], ignore_index=True)
    raw = {c: table[c].astype("float64") for c in SOURCE_COLUMNS[2:]}
    gdp = raw["gdp_per_capita_const_usd"] * raw["population"]
    assistance = raw["us_assistance_obligations_const_usd"].clip(lower=0).where(table["year"] <= 2022)

    def bridged(column: str) -> pd.Series:
        values = raw[column].groupby(table["iso3"])
        middle = (values.shift(1) + values.shift(-1)) / 2
        return raw[column].where(~((table["year"] == 2001) & raw[column].isna()), middle)

    derived = pd.DataFrame(
        {
            "iso3": table["iso3"].astype(str),
            "year": table["year"].astype("int64"),
            "voting_distance": raw["unga_distance_us"],
            "agreement": raw["unga_agreement_us"],
            "agreement_with_abstentions": raw["unga_agreement3_us"],
            "agreement_important": raw["unga_agreement_important_us"],
            "us_assistance": np.log1p(assistance / 1e6),
            "us_trade": np.log(100 * (raw["us_exports"] + raw["us_imports"]) / gdp),
            "defence_pact": raw["us_defence_pact"],
            "us_troops": np.log1p(raw["us_troops"]),
            "rule_of_law": bridged("wgi_rule_of_law"),
            "control_of_corruption": bridged("wgi_control_of_corruption"),
            "log_income": np.log(raw["gdp_per_capita_const_usd"]),
            "log_population": np.log(raw["population"]),
            "democracy": raw["vdem_polyarchy"],
        }
    )
    parts = performance.loc[performance["year"] <= P3_ENDS, list(P3_COLUMNS)]
    parts = parts.rename(columns={c: f"p3_{c}" for c in parts.columns if c not in ("iso3", "year")})
    parts = parts.astype({c: "float64" for c in parts.columns if c.startswith("p3_")})
    return derived.merge(parts, on=["iso3", "year"], how="left", validate="one_to_one")


def build_panel(
    tiers: pd.DataFrame,
    country_panel: pd.DataFrame,
    performance: pd.DataFrame,
    countries: pd.DataFrame,
    years: Sequence[int] = DECLARED_YEARS,
) -> Panel:
    """Join the tables `tip_tiers`, `country_panel`, `anti_trafficking_3p` and `countries` for the multiverse.

    `years` are those of the declaration unless others are named. Raises `PartialYearError` for `years` without a
    complete tier list. Countries that are not in `country_panel` (territories, the US itself) are left out.
    """
    _require_columns(countries, "countries", ("iso3", "un_region", "income_group"))
    rows = ranked(tiers, years)
    table = covariates(country_panel, performance)
    names = tuple(sorted(table["iso3"].unique()))
    rows = rows.loc[rows["iso3"].isin(names)]
    index = {name: place for place, name in enumerate(names)}
    paths, span = _paths(table, index)
    country = rows["iso3"].map(index).to_numpy("int64")
    year = rows["year"].to_numpy("int64")
    lagged = {lag: _lagged(paths, country, year - lag - span[0]) for lag in LAGS}
    facts = countries.drop_duplicates("iso3").set_index("iso3").reindex(list(names))
    regions = sorted(facts["un_region"].dropna().unique())
    region = facts["un_region"].map({r: i for i, r in enumerate(regions)}).fillna(-1).to_numpy("int64")
    rich = (facts["income_group"] == "high_income").to_numpy(bool)
    ally = np.nanmax(np.nan_to_num(paths["defence_pact"]), axis=1) > 0
    reach = {
        column: int(span[np.isfinite(path).any(axis=0)].max(initial=span[0])) for column, path in paths.items()
    }
    return Panel(
        names=names,
        country=country,
        year=year,
        rank=rows["rank"].to_numpy("int64"),
        covariates=lagged,
        region=region[country],
        region_names=tuple(regions),
        high_income=rich[country],
        ally=ally[country],
        paths=paths,
        path_years=span,
        path_region=region,
        scale={measure: float(np.nanstd(lagged[1][measure], ddof=1)) for measure in POLITICS},
        reach={**reach, "region": int(span[-1])},
    )


def _paths(table: pd.DataFrame, index: Mapping[str, int]) -> tuple[dict[str, Floats], Ints]:
    """Return every column of `covariates` as paths (countries, years), nan where missing, and the years."""
    columns = [c for c in table.columns if c not in ("iso3", "year")]
    span = np.arange(int(table["year"].min()), int(table["year"].max()) + 1)
    cube = np.full((len(columns), len(index), len(span)), np.nan)
    cube[:, table["iso3"].map(index), table["year"] - span[0]] = table[columns].to_numpy(float).T
    return dict(zip(columns, cube, strict=True)), span


def _lagged(paths: Mapping[str, Floats], country: Ints, place: Ints) -> dict[str, Floats]:
    """Look the paths up at each row's `country` and `place` among the years; nan outside them."""
    years = next(iter(paths.values())).shape[1]
    inside = (place >= 0) & (place < years)
    at = np.clip(place, 0, years - 1)
    return {column: np.where(inside, path[country, at], np.nan) for column, path in paths.items()}


def model_frame(
    tiers: pd.DataFrame, country_panel: pd.DataFrame, performance: pd.DataFrame, lag: int = 1
) -> pd.DataFrame:
    """Ranked country-years with last year's rank and lagged covariates, for `tiers.predictability`.

    Columns: iso3, year, tier, rank, last_rank and those of `covariates`, `lag` years before the report.
    """
    table = covariates(country_panel, performance)
    table["year"] += lag
    return with_last_rank(ranked(tiers)).merge(table, on=["iso3", "year"], how="left", validate="one_to_one")
