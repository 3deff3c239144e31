"""Every defensible model of tier on politics: the grid, its exclusions, the curve, and inference over the curve.

The grid is declared in `POLITICS`, `PERFORMANCE`, `CONTROLS`, `MODELS`, `YEAR_EFFECTS`, `LAGS`, `WINDOWS` and
`SAMPLES`; what cannot be combined in `EXCLUSIONS`. Higher ranks are worse tiers. Every result is oriented to the
prediction of the claim that tiers are political: positive means that closeness to the United States goes with a
better tier.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.ordered import (
    CONVERGED,
    STATUSES,
    Clusters,
    Fit,
    NullModel,
    critical_value,
    fit_linear,
    fit_ordered,
    marginal_effect,
    null_model,
    p_value,
)
from compendium.tiers import COMPLETE_YEARS, WATCH_LIST_SINCE, ranked, require_complete, with_last_rank

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# --------------------------------------------------------------------------------------------------- the grid


@dataclass(frozen=True)
class Measure:
    """One measure of politics: its family, and the sign predicted for worse tiers if tiers are political."""

    family: str
    predicted_sign: int
    label: str


POLITICS: Mapping[str, Measure] = {
    "voting_distance": Measure("votes", +1, "distance of UN ideal points from the US"),
    "agreement": Measure("votes", -1, "agreement with the US in UN votes, yes and no only"),
    "agreement_with_abstentions": Measure("votes", -1, "agreement with the US in UN votes, abstentions counted"),
    "agreement_important": Measure("votes", -1, "agreement in the votes the US calls important"),
    "us_assistance": Measure("money", -1, "US assistance, log of 1 + million constant dollars"),
    "us_trade": Measure("money", -1, "goods trade with the US, log of per cent of GDP"),
    "defence_pact": Measure("security", -1, "defence pact with the US"),
    "us_troops": Measure("security", -1, "US troops, log of 1 + number"),
}
PERFORMANCE: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "3P total": ("p3_total",),
    "3P parts": ("p3_prosecution", "p3_protection", "p3_prevention"),
    "rule of law": ("rule_of_law",),
    "control of corruption": ("control_of_corruption",),
    "3P total and rule of law": ("p3_total", "rule_of_law"),
}
CONTROLS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "income, population": ("log_income", "log_population"),
    "income, population, democracy": ("log_income", "log_population", "democracy"),
    "income, population, democracy, region": ("log_income", "log_population", "democracy", "region"),
}
MODELS: tuple[tuple[str, str, str], ...] = (  # outcome, estimator, country effects
    ("four tiers", "ordered logit", "none"),
    ("three tiers", "ordered logit", "none"),
    ("watch list or worse", "logit", "none"),
    ("watch list or worse", "linear", "none"),
    ("watch list or worse", "linear", "within"),
)
YEAR_EFFECTS = ("none", "year")
LAGS = (0, 1, 2)
WINDOWS: Mapping[str, tuple[int, int]] = {
    "2001-2015": (2001, 2015),
    "2004-2015": (2004, 2015),
    "2001-2023": (2001, 2023),
    "2004-2023": (2004, 2023),
}
SAMPLES: Mapping[str, str] = {
    "all": "all ranked countries",
    "not high income": "without countries the World Bank classes as high income",
    "no defence pact": "without countries that had a defence pact with the US in any year",
}
OUTCOMES: Mapping[str, tuple[tuple[int, int, int, int], str, int]] = {
    # rank 0-3 becomes; the event whose probability is reported; its lowest category
    "four tiers": ((0, 1, 2, 3), "watch list or worse", 2),
    "three tiers": ((0, 1, 1, 2), "Tier 3", 2),
    "watch list or worse": ((0, 0, 1, 1), "watch list or worse", 1),
}
P3_ENDS = 2013
OPTIONS: Mapping[str, Collection[Any]] = {
    "politics": POLITICS,
    "performance": PERFORMANCE,
    "controls": CONTROLS,
    "year_effects": YEAR_EFFECTS,
    "lag": LAGS,
    "years": WINDOWS,
    "sample": SAMPLES,
}
LEVEL = 0.95
SEED = 20010712


@dataclass(frozen=True, order=True)
class Specification:
    """One model: a choice for every question at which a referee could have chosen otherwise."""

    politics: str
    performance: str
    controls: str
    outcome: str
    estimator: str
    country_effects: str
    year_effects: str
    lag: int
    years: str
    sample: str

    def __post_init__(self) -> None:
        for choice, options in OPTIONS.items():
            if getattr(self, choice) not in options:
                raise ValueError(
                    f"specification: {choice} expected one of {', '.join(map(str, options))}, "
                    f"found {getattr(self, choice)!r}; choose one"
                )
        if (self.outcome, self.estimator, self.country_effects) not in MODELS:
            raise ValueError(
                f"specification: expected a model of MODELS, found {self.outcome!r} by {self.estimator!r} with "
                f"country effects {self.country_effects!r}; choose a declared combination"
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """The covariates besides politics, in the order of the design."""
        return PERFORMANCE[self.performance] + CONTROLS[self.controls]

    @property
    def window(self) -> tuple[int, ...]:
        """The complete report years of the specification."""
        first, last = WINDOWS[self.years]
        return tuple(year for year in COMPLETE_YEARS if first <= year <= last)


BASELINE = Specification(
    politics="voting_distance",
    performance="rule of law",
    controls="income, population, democracy, region",
    outcome="four tiers",
    estimator="ordered logit",
    country_effects="none",
    year_effects="year",
    lag=1,
    years="2004-2023",
    sample="all",
)
CHOICES = tuple(field.name for field in fields(Specification))


@dataclass(frozen=True)
class Exclusion:
    """A rule by which a combination is left out of the grid, and why."""

    name: str
    reason: str
    excludes: Callable[[Specification, Mapping[str, int]], bool]


def _adds_no_year(spec: Specification, reach: Mapping[str, int]) -> bool:
    _, last = WINDOWS[spec.years]
    if last <= 2015:
        return False
    reached = min(reach[column] for column in (spec.politics, *spec.columns)) + spec.lag
    return not any(2015 < year <= reached for year in spec.window)


EXCLUSIONS: tuple[Exclusion, ...] = (
    Exclusion(
        "watch list before it existed",
        f"an outcome that uses the watch list needs reports from {WATCH_LIST_SINCE} on",
        lambda s, _: s.outcome != "three tiers" and WINDOWS[s.years][0] < WATCH_LIST_SINCE,
    ),
    Exclusion(
        "later years not reached",
        "no report after 2015 has all covariates, so that the window to 2023 repeats the one to 2015",
        _adds_no_year,
    ),
    Exclusion(
        "region with country effects",
        "country effects absorb the region, so that the model repeats the one without it",
        lambda s, _: s.country_effects == "within" and "region" in s.columns,
    ),
    Exclusion(
        "pact among countries without one",
        "the measure is constant in the sample",
        lambda s, _: s.politics == "defence_pact" and s.sample == "no defence pact",
    ),
    Exclusion(
        "pact with country effects",
        "only ten countries' pacts begin in the years covered: too few for cluster-robust inference "
        "(MacKinnon and Webb 2018, Econometrics Journal 21)",
        lambda s, _: s.politics == "defence_pact" and s.country_effects == "within",
    ),
)

# --------------------------------------------------------------------------------------------------- the panel


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
    years: Sequence[int] = COMPLETE_YEARS,
) -> Panel:
    """Join the tables `tip_tiers`, `country_panel`, `anti_trafficking_3p` and `countries` for the multiverse.

    Raises `PartialYearError` for `years` without a complete tier list. Countries that are not in `country_panel`
    (territories, the US itself) are left out.
    """
    _require_columns(countries, "countries", ("iso3", "un_region", "income_group"))
    rows = ranked(tiers, years)
    table = covariates(country_panel, performance)
    names = tuple(sorted(table["iso3"].unique()))
    rows = rows.loc[rows["iso3"].isin(names)]
    index = {name: place for place, name in enumerate(names)}
    columns = [c for c in table.columns if c not in ("iso3", "year")]
    span = np.arange(int(table["year"].min()), int(table["year"].max()) + 1)
    cube = np.full((len(columns), len(names), len(span)), np.nan)
    cube[:, table["iso3"].map(index), table["year"] - span[0]] = table[columns].to_numpy(float).T
    paths = dict(zip(columns, cube, strict=True))

    country = rows["iso3"].map(index).to_numpy("int64")
    year = rows["year"].to_numpy("int64")
    lagged: dict[int, dict[str, Floats]] = {}
    for lag in LAGS:
        place = year - lag - span[0]
        inside = (place >= 0) & (place < len(span))
        lagged[lag] = {
            c: np.where(inside, paths[c][country, np.clip(place, 0, len(span) - 1)], np.nan) for c in columns
        }
    facts = countries.drop_duplicates("iso3").set_index("iso3").reindex(list(names))
    regions = sorted(facts["un_region"].dropna().unique())
    region = facts["un_region"].map({r: i for i, r in enumerate(regions)}).fillna(-1).to_numpy("int64")
    rich = (facts["income_group"] == "high_income").to_numpy(bool)
    ally = np.nanmax(np.nan_to_num(paths["defence_pact"]), axis=1) > 0
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
        reach={
            **{c: int(span[np.isfinite(paths[c]).any(axis=0)].max(initial=span[0])) for c in columns},
            "region": int(span[-1]),
        },
    )


def model_frame(
    tiers: pd.DataFrame, country_panel: pd.DataFrame, performance: pd.DataFrame, lag: int = 1
) -> pd.DataFrame:
    """Ranked country-years with last year's rank and lagged covariates, for `tiers.predictability`.

    Columns: iso3, year, tier, rank, last_rank and those of `covariates`, `lag` years before the report.
    """
    table = covariates(country_panel, performance)
    table["year"] += lag
    return with_last_rank(ranked(tiers)).merge(table, on=["iso3", "year"], how="left", validate="one_to_one")


# --------------------------------------------------------------------------------------- choosing specifications


def grid(panel: Panel) -> tuple[list[Specification], pd.DataFrame]:
    """All valid specifications, in the order of the declaration, and what each rule excluded.

    The second value: rule, reason, excluded (combinations that this rule is the first to exclude). Combinations
    declared = valid + the sum of excluded.
    """
    valid: list[Specification] = []
    excluded = dict.fromkeys((rule.name for rule in EXCLUSIONS), 0)
    for politics, performance, controls, model, effects, lag, years, sample in itertools.product(
        POLITICS, PERFORMANCE, CONTROLS, MODELS, YEAR_EFFECTS, LAGS, WINDOWS, SAMPLES
    ):
        spec = Specification(politics, performance, controls, *model, effects, lag, years, sample)
        for rule in EXCLUSIONS:
            if rule.excludes(spec, panel.reach):
                excluded[rule.name] += 1
                break
        else:
            valid.append(spec)
    table = pd.DataFrame(
        [(rule.name, rule.reason, excluded[rule.name]) for rule in EXCLUSIONS],
        columns=["rule", "reason", "excluded"],
    )
    return valid, table


CELL = ("politics", "performance", "outcome", "estimator", "country_effects")


def published(specs: Sequence[Specification], per_cell: int = 12, seed: int = SEED) -> list[Specification]:
    """Draw a balanced part of the grid: `per_cell` of each politics measure x performance measure x model.

    A simple random sample would follow the measure with the longest series. A cell with fewer gives all it has. The
    draw is seeded and keeps the order of the grid; with a smaller `per_cell` it is a part of the larger draw.
    """
    cells: dict[tuple[str, ...], list[int]] = {}
    for place, spec in enumerate(specs):
        cells.setdefault(tuple(getattr(spec, choice) for choice in CELL), []).append(place)
    rng = np.random.default_rng(seed)
    chosen: list[int] = []
    for places in cells.values():
        chosen.extend(rng.permutation(places)[:per_cell].tolist())
    return [specs[place] for place in sorted(chosen)]


# --------------------------------------------------------------------------------------------- fitting the curve


@dataclass(frozen=True)
class Data:
    """The rows and columns of one specification: `design` (n, k) has politics first, in standard deviations."""

    rows: Ints
    outcome: Ints
    design: Floats
    names: tuple[str, ...]
    clusters: Clusters
    categories: int


class _Builder:
    """Builds designs, keeping what neighbouring specifications share: rows, base columns, year indicators."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self.key: tuple[Any, ...] = ()
        self.rows = np.empty(0, dtype=np.int64)
        self.base = np.empty((0, 0))
        self.names: tuple[str, ...] = ()
        self.clusters = Clusters(self.rows, self.rows, self.rows, None)
        self.years: tuple[Floats, tuple[str, ...]] | None = None

    def data(self, spec: Specification) -> Data:
        key = (spec.politics, spec.performance, spec.controls, spec.lag, spec.years, spec.sample)
        if key != self.key:
            self.key = key
            self._share(spec)
        recode, _, _ = OUTCOMES[spec.outcome]
        design, names = self.base, self.names
        if spec.year_effects == "year":
            if self.years is None:
                year = self.panel.year[self.rows]
                seen = np.unique(year)[1:]
                self.years = (year[:, None] == seen).astype(float), tuple(f"report {y}" for y in seen)
            design, names = np.hstack([design, self.years[0]]), names + self.years[1]
        outcome = np.asarray(recode)[self.panel.rank[self.rows]]
        return Data(self.rows, outcome, design, names, self.clusters, max(recode) + 1)

    def _share(self, spec: Specification) -> None:
        panel = self.panel
        first, last = WINDOWS[spec.years]
        keep = (panel.year >= first) & (panel.year <= last)
        if spec.sample == "not high income":
            keep &= ~panel.high_income
        elif spec.sample == "no defence pact":
            keep &= ~panel.ally
        plain = [c for c in spec.columns if c != "region"]
        values = [panel.covariates[spec.lag][c] for c in (spec.politics, *plain)]
        for column in values:
            keep &= np.isfinite(column)
        if "region" in spec.columns:
            keep &= panel.region >= 0
        self.rows = np.flatnonzero(keep)
        blocks = [values[0][self.rows] / panel.scale[spec.politics], *(v[self.rows] for v in values[1:])]
        names = [spec.politics, *plain]
        if "region" in spec.columns:
            region = panel.region[self.rows]
            for code in np.unique(region)[1:]:
                blocks.append((region == code).astype(float))
                names.append(f"region {panel.region_names[code]}")
        self.base, self.names = np.column_stack(blocks), tuple(names)
        self.clusters = Clusters.of(panel.country[self.rows])
        self.years = None


def data_of(panel: Panel, spec: Specification) -> Data:
    """Return the outcome, design and clusters of one specification, as the curve uses them."""
    return _Builder(panel).data(spec)


def raw_rates(
    panel: Panel,
    spec: Specification,
    within: str,
    groups: int = 3,
    draws: int = 1000,
    seed: int = SEED,
) -> pd.DataFrame:
    """How often the event happens by groups of the politics measure, within groups of another covariate.

    The rows are those of `spec`, the event is its outcome's; both measures are cut at their quantiles over
    these rows. Returns: within, by (group 0 is lowest), rows, countries, events, share, low, high: percentile
    intervals of a bootstrap of whole countries, nan where no draw has a row. No model.
    """
    data = _Builder(panel).data(spec)
    event = data.outcome >= OUTCOMES[spec.outcome][2]
    cells = np.zeros(len(event), dtype=np.int64)
    for values in (panel.covariates[spec.lag][within][data.rows], data.design[:, 0]):
        cuts = np.quantile(values, np.arange(1, groups) / groups)
        cells = cells * groups + np.searchsorted(cuts, values, side="left")
    count = data.clusters.count
    seen, happened = np.zeros((2, count, groups**2))
    np.add.at(seen, (data.clusters.codes, cells), 1.0)
    np.add.at(happened, (data.clusters.codes, cells), event.astype(float))
    weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), draws)
    with np.errstate(invalid="ignore"):
        drawn = (weights @ happened) / (weights @ seen)
        share = happened.sum(axis=0) / seen.sum(axis=0)
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    place = np.arange(groups**2)
    return pd.DataFrame(
        {
            "within": place // groups,
            "by": place % groups,
            "rows": seen.sum(axis=0).astype(int),
            "countries": (seen > 0).sum(axis=0),
            "events": happened.sum(axis=0).astype(int),
            "share": share,
            "low": low,
            "high": high,
        }
    )


def fit_specification(data: Data, spec: Specification, start: Floats | None = None) -> Fit:
    """Fit one specification to its data."""
    if spec.estimator == "linear":
        within = spec.country_effects == "within"
        return fit_linear(data.outcome, data.design, data.clusters, data.names, within=within)
    return fit_ordered(
        data.outcome, data.design, data.clusters, data.names, categories=data.categories, start=start
    )


RESULT_COLUMNS = (
    *("estimate", "se", "t", "p", "effect", "effect_se", "effect_low", "effect_high"),
    *("observations", "countries", "status", "detail"),
)


def _run_batch(panel: Panel, specs: Sequence[Specification]) -> list[tuple[Any, ...]]:
    builder = _Builder(panel)
    warm: dict[tuple[str, str], dict[str, float]] = {}
    results: list[tuple[Any, ...]] = []
    for spec in specs:
        data = builder.data(spec)
        key = (spec.outcome, spec.estimator)
        start = np.array([warm[key].get(name, 0.0) for name in data.names]) if key in warm else None
        fit = fit_specification(data, spec, start)
        if fit.status != CONVERGED:
            nan = (np.nan,) * 8
            results.append((*nan, fit.observations, fit.clusters, fit.status, fit.detail))
            continue
        warm[key] = dict(zip(fit.names, fit.slopes.tolist(), strict=True))
        sign = POLITICS[spec.politics].predicted_sign
        estimate, se = float(fit.slopes[0]) * sign, float(fit.standard_errors[0])
        effect, effect_se = marginal_effect(fit, data.design, 0, OUTCOMES[spec.outcome][2])
        effect *= 100 * sign
        reach = 100 * effect_se * fit.critical(LEVEL)
        t = estimate / se
        results.append(
            (
                *(estimate, se, t, float(p_value(t, fit.clusters))),
                *(effect, 100 * effect_se, effect - reach, effect + reach),
                *(fit.observations, fit.clusters, fit.status, fit.detail),
            )
        )
    return results


def _batches(specs: Sequence[Specification]) -> list[list[int]]:
    """Places of the specifications by shared data; the same whatever the number of jobs."""
    groups: dict[tuple[str, str], list[int]] = {}
    for place, spec in enumerate(specs):
        groups.setdefault((spec.politics, spec.performance), []).append(place)

    def shared(place: int) -> tuple[Any, ...]:
        s = specs[place]
        return (s.lag, s.sample, s.years, s.controls, s.outcome, s.estimator, s.country_effects, s.year_effects)

    return [sorted(places, key=shared) for places in groups.values()]


def _parallel(tasks: Iterator[Any], jobs: int, backend: str | None) -> list[Any]:
    """Run joblib tasks in order. Any joblib backend may be named: "dask", "ray", once its client is connected."""
    from joblib import Parallel, parallel_config

    if backend is None:
        return list(Parallel(n_jobs=jobs)(tasks))
    with parallel_config(backend=backend, n_jobs=jobs):
        return list(Parallel()(tasks))


def run(panel: Panel, specs: Sequence[Specification], jobs: int = 1, backend: str | None = None) -> pd.DataFrame:
    """Fit every specification: one row each, in the order given.

    Columns: spec (its place), the ten choices, family, event, then, oriented so that positive is as predicted:
    estimate and se (log odds, or probability for linear models, per standard deviation of the politics measure), t,
    p (t with countries - 1 degrees of freedom), effect, effect_se, effect_low, effect_high (average marginal effect
    on the probability of `event`, percentage points per standard deviation, 95% interval), observations,
    countries, status, detail (what failed), predicted (sign as predicted), distinguishable (so, and the 95%
    interval of the estimate excludes zero). The result does not depend on `jobs` or `backend`.
    """
    from joblib import delayed

    batches = _batches(specs)
    tasks = (delayed(_run_batch)(panel, [specs[place] for place in batch]) for batch in batches)
    parts = _parallel(tasks, jobs, backend)
    order = [place for batch in batches for place in batch]
    results = pd.DataFrame(
        [row for part in parts for row in part], columns=list(RESULT_COLUMNS), index=order
    ).sort_index()
    table = pd.DataFrame([asdict(spec) for spec in specs], columns=list(CHOICES))
    table.insert(0, "spec", np.arange(len(specs)))
    table["family"] = table["politics"].map({name: measure.family for name, measure in POLITICS.items()})
    table["event"] = table["outcome"].map({name: outcome[1] for name, outcome in OUTCOMES.items()})
    table = pd.concat([table, results], axis=1)
    table["predicted"] = table["estimate"] > 0
    table["distinguishable"] = table["predicted"] & (table["p"] < 1 - LEVEL)
    return table


@dataclass(frozen=True)
class Curve:
    """What a set of specifications says together; shares are among those that could be estimated."""

    specifications: int
    estimated: int
    share_predicted: float
    share_distinguishable: float
    share_opposite: float
    median_effect: float
    effect_low: float
    effect_high: float


def summarise(results: pd.DataFrame) -> Curve:
    """Share with the predicted sign, distinguishable, distinguishable the other way; median and 10-90% of effects.

    `effect` is summarised over the specifications whose event is "watch list or worse".
    """
    good = results.loc[results["status"] == CONVERGED]
    effects = good.loc[good["event"] == "watch list or worse", "effect"].to_numpy(float)
    low, middle, high = np.quantile(effects, [0.1, 0.5, 0.9]) if len(effects) else (np.nan,) * 3
    opposite = (good["estimate"] < 0) & (good["p"] < 1 - LEVEL)
    return Curve(
        len(results),
        len(good),
        float(good["predicted"].mean()),
        float(good["distinguishable"].mean()),
        float(opposite.mean()),
        float(middle),
        float(low),
        float(high),
    )


@dataclass(frozen=True)
class GridShare:
    """A share over the whole valid grid, estimated from a part of it; the interval is for what was not run."""

    value: float
    low: float
    high: float


def over_grid(
    results: pd.DataFrame, specs: Sequence[Specification], column: str, equal_cells: bool = False
) -> GridShare:
    """Estimate a share over the whole grid `specs` from the part of it that was drawn by `published` and run.

    Each cell of the draw counts with its size in the grid, or all cells alike if `equal_cells`. `column` is
    "predicted" or "distinguishable"; the share is among the specifications that could be estimated. Combined ratio
    estimator of a stratified sample with the finite-population correction (Cochran 1977, Sampling Techniques,
    section 6.11). Raises ValueError if a cell of the grid was not drawn from.
    """
    sizes = pd.Series([tuple(getattr(s, c) for c in CELL) for s in specs]).value_counts()
    good = (results["status"] == CONVERGED).to_numpy(float)
    hit = results[column].to_numpy(float) * good
    cells = pd.MultiIndex.from_frame(results[list(CELL)]).to_flat_index()
    missing = sizes.index.difference(cells)
    if len(missing):
        raise ValueError(f"over_grid: expected results from every cell, found none of {missing[0]}; draw again")
    frame = pd.DataFrame({"cell": cells, "good": good, "hit": hit})
    means = frame.groupby("cell")[["hit", "good"]].mean()
    size = sizes.reindex(means.index).to_numpy(float)
    weight = np.ones_like(size) if equal_cells else size
    estimated = weight @ means["good"].to_numpy()
    value = float(weight @ means["hit"].to_numpy() / estimated)
    each = (frame["hit"] - value * frame["good"]).groupby(frame["cell"])
    drawn = each.size().to_numpy(float)
    within = each.var(ddof=1).fillna(0.0).to_numpy()
    error = np.sqrt((weight**2 * (1 - drawn / size) * within / drawn).sum()) / estimated
    reach = critical_value(10**9, LEVEL) * float(error)
    return GridShare(value, value - reach, value + reach)


def statuses(results: pd.DataFrame) -> pd.DataFrame:
    """How many specifications were estimated, and how many failed and how: status, specifications."""
    counts = results["status"].value_counts().reindex(list(STATUSES), fill_value=0)
    return counts.rename_axis("status").reset_index(name="specifications")


def by_choice(results: pd.DataFrame, choices: Sequence[str] = (*CHOICES, "family")) -> pd.DataFrame:
    """The curve's summary for every option of every choice: choice, option, and the fields of `Curve`."""
    rows = [
        {"choice": choice, "option": option, **asdict(summarise(part))}
        for choice in choices
        for option, part in results.groupby(choice, sort=False)
    ]
    return pd.DataFrame(rows)


# ------------------------------------------------------------------------------------- inference over the curve


@dataclass(frozen=True)
class PermutationTest:
    """The curve against curves in which politics were exchanged between countries.

    `summary`: statistic, observed, null_mean, null_high (95th percentile), p, monte_carlo_error (standard error of
    p). `draws`: one row per draw, one column per statistic. `scores` (specifications given, 1 + draws): the
    oriented score t of each, observed first, nan where it has no estimate.
    """

    null: str
    specifications: int
    failed: int
    summary: pd.DataFrame
    draws: pd.DataFrame
    scores: Floats
    countries: int

    def among(self, part: NDArray[np.bool_]) -> PermutationTest:
        """The same test of a part of the curve (specifications given,), with the same draws."""
        return _tested(self.null, self.scores[part], self.countries)

    def p(self, statistic: str = "median_t") -> float:
        """The p value of one of `STATISTICS`."""
        return dict(zip(self.summary["statistic"], self.summary["p"].astype(float), strict=True))[statistic]


STATISTICS = ("share_predicted", "share_distinguishable", "median_t")
NULLS = ("paths", "given performance")


def _first_return(shuffles: Ints, stratum: Ints) -> Ints:
    """The permutation that each shuffle (draws, n) induces within strata (n,).

    Following a uniform permutation until it first returns to a stratum is a uniform permutation of the stratum, and
    two measures that differ in a few countries' coverage are exchanged alike.
    """
    here = np.broadcast_to(np.arange(shuffles.shape[1]), shuffles.shape)
    alone = np.bincount(stratum)[stratum] == 1
    found = np.where(alone, here, shuffles)
    draw, place = np.nonzero(stratum[found] != stratum[here])
    while len(draw):
        found[draw, place] = shuffles[draw, found[draw, place]]
        away = stratum[found[draw, place]] != stratum[place]
        draw, place = draw[away], place[away]
    return found


def _exchangeable(panel: Panel, measure: str, null: str, years: NDArray[np.bool_]) -> tuple[Floats, Floats, Ints]:
    """Split a measure's paths into a part that stays and a part exchanged, and label who exchanges with whom.

    Countries exchange only with those whose values are present in the same years.
    """
    path = panel.paths[measure] / panel.scale[measure]
    if null == "paths":
        moving, staying = path, np.zeros_like(path)
    else:
        staying = _fitted_on_performance(panel, path)
        moving = path - staying
        staying = np.where(np.isfinite(staying), staying, path)
    present = np.isfinite(moving) & years
    stratum = np.unique(present, axis=0, return_inverse=True)[1].ravel()
    return np.nan_to_num(staying), np.nan_to_num(moving), stratum.astype(np.int64)


def _fitted_on_performance(panel: Panel, path: Floats) -> Floats:
    """Least-squares fit of a politics path on performance, income, population, democracy, region and year.

    3P, which ends in 2013, enters as its country mean and its deviation from it, with an indicator of absence.
    """
    shape = path.shape
    columns = [panel.paths[c] for c in ("rule_of_law", "control_of_corruption")]
    columns += [panel.paths[c] for c in ("log_income", "log_population", "democracy")]
    p3 = panel.paths["p3_total"]
    counted = np.isfinite(p3)
    mean = np.nansum(p3, axis=1, keepdims=True) / np.maximum(counted.sum(axis=1, keepdims=True), 1)
    columns += [np.broadcast_to(mean, shape), np.where(counted, p3 - mean, 0.0), counted.astype(float)]
    columns += [
        np.broadcast_to((panel.path_region == r)[:, None], shape).astype(float)
        for r in np.unique(panel.path_region)
    ]
    columns += [np.broadcast_to(panel.path_years == y, shape).astype(float) for y in panel.path_years[1:]]
    known = np.isfinite(path) & np.isfinite(np.stack(columns)).all(axis=0)
    design = np.stack([c[known] for c in columns], axis=1)
    slopes = np.linalg.lstsq(design, path[known], rcond=None)[0]
    fitted = np.full(shape, np.nan)
    fitted[known] = design @ slopes
    return fitted


class Exchange(NamedTuple):
    """A measure's paths (countries, years), split into what stays and what moves, and who receives whose.

    `whole` (1 + draws, countries) names the donor of every country in each draw; its first row is the identity.
    """

    staying: Floats
    moving: Floats
    whole: Ints


def _curve_draws(panel: Panel, specs: Sequence[Specification], exchanges: Sequence[Exchange]) -> Floats:
    """Oriented score t of every specification under every exchange: (exchanges, specs, 1 + draws), observed first.

    nan where a specification has no estimate.
    """
    builder = _Builder(panel)
    out = np.full((len(exchanges), len(specs), len(exchanges[0].whole)), np.nan)
    for place, spec in enumerate(specs):
        data = builder.data(spec)
        kind = "linear within" if spec.country_effects == "within" else spec.estimator
        model = null_model(kind, data.outcome, data.design[:, 1:], data.clusters, data.categories)
        if model is None or np.ptp(data.design[:, 0]) == 0:
            continue
        sign = POLITICS[spec.politics].predicted_sign
        places = panel.year[data.rows] - spec.lag - panel.path_years[0]
        present = panel.country[data.rows][data.clusters.starts]
        first, last = places.min(), places.max() + 1
        for which, (staying, moving, whole) in enumerate(exchanges):
            draws = _score_draws(
                model, places - first, present, staying[:, first:last], moving[:, first:last], whole
            )
            out[which, place] = sign * draws
    return out


def _years_used(panel: Panel, specs: Sequence[Specification], politics: str) -> NDArray[np.bool_]:
    """Years (path_years,) in which some specification reads the measure."""
    used = np.zeros(len(panel.path_years), dtype=bool)
    for lag, window in {(s.lag, s.window) for s in specs if s.politics == politics}:
        used |= np.isin(panel.path_years, np.array(window) - lag)
    return used


def _score_draws(
    model: NullModel,
    places: Ints,
    present: Ints,
    staying: Floats,
    moving: Floats,
    whole: Ints,
) -> Floats:
    """Score t for every exchange `whole` (draws, countries) of the `moving` paths (countries, span).

    The efficient score is linear in the candidate, so that all that a draw needs are, for each country of the
    sample and each donor, the products of residuals and cross terms with the donor's path: no design is rebuilt.
    """
    from scipy.sparse import csr_array

    count, width = model.clusters.count, model.cross.shape[1]
    stacked = np.zeros((count, moving.shape[1], 1 + width))
    stacked[model.clusters.codes, places, 0] = model.residual
    stacked[model.clusters.codes, places, 1:] = model.cross
    own = np.einsum("gsk,gs->gk", stacked, staying[present])
    donor = moving @ stacked  # country, donor, term
    donors = whole[:, present]
    by_country = own[:, 0] + donor[np.arange(count), donors, 0]  # draw, country
    picked = donors + np.arange(count) * len(moving)
    exchange = csr_array(
        (np.ones(picked.size), picked.ravel(), np.arange(0, picked.size + 1, count)),
        shape=(len(whole), count * len(moving)),
    )
    weights = own[:, 1:].sum(axis=0) + (exchange @ donor.reshape(-1, 1 + width))[:, 1:]
    nuisance = np.linalg.solve(model.information, model.clusters.sums(model.nuisance).T)
    scores = by_country - weights @ nuisance
    return scores.sum(axis=1) / np.sqrt(model.factor * np.einsum("dg,dg->d", scores, scores))


def permutation_test(
    panel: Panel,
    specs: Sequence[Specification],
    draws: int = 499,
    seed: int = SEED,
    null: str = "paths",
    jobs: int = 1,
    backend: str | None = None,
) -> PermutationTest:
    """Test the whole curve at once under one null: see `permutation_tests`."""
    return permutation_tests(panel, specs, draws, seed, (null,), jobs, backend)[null]


def permutation_tests(
    panel: Panel,
    specs: Sequence[Specification],
    draws: int = 499,
    seed: int = SEED,
    nulls: Sequence[str] = NULLS,
    jobs: int = 1,
    backend: str | None = None,
) -> dict[str, PermutationTest]:
    """Test the whole curve at once by exchanging politics between countries.

    In each draw one permutation of the countries is applied to every specification, so that the dependence between
    specifications is kept; a country receives another's whole path, so that the dependence between years is kept,
    and keeps the years, so that nothing moves between them. Returns one test for each of `nulls`:

    - "paths": the paths themselves. Tests that politics are unrelated to tiers and to all else in the models.
    - "given performance": only what performance, income, population, democracy, region and year do not explain in
      the politics measure (least squares) is exchanged, the explained part stays. Tests that politics are
      unrelated to tiers once these are held equal.

    The statistic of a specification is the cluster-robust score t (the Wald t's equivalent under the null,
    computed alike for the data and for the draws), oriented to the prediction; those of the curve are the share of
    positive t, the share beyond the 95% critical value, and the median. p = (1 + draws at least as large) /
    (1 + draws) (Phipson and Smyth 2010), one-sided in the predicted direction. A specification whose measure is
    constant, or whose model without politics cannot be fitted, counts as failed. With 499 draws the standard error
    of a p of 0.05 is 0.01.
    """
    from joblib import delayed

    unknown = [null for null in nulls if null not in NULLS]
    if unknown:
        raise ValueError(f"permutation_test: expected null one of {NULLS}, found {unknown[0]!r}; choose one")
    rng = np.random.default_rng(seed)
    shuffles = np.argsort(rng.random((draws, len(panel.names))), axis=1)
    batches = _batches(specs)
    exchanges: dict[str, list[Exchange]] = {}
    for measure in dict.fromkeys(spec.politics for spec in specs):
        used = _years_used(panel, specs, measure)
        for null in nulls:
            staying, moving, stratum = _exchangeable(panel, measure, null, used)
            whole = np.vstack([np.arange(len(panel.names)), _first_return(shuffles, stratum)])
            exchanges.setdefault(measure, []).append(Exchange(staying, moving, whole))
    tasks = (
        delayed(_curve_draws)(panel, [specs[place] for place in batch], exchanges[specs[batch[0]].politics])
        for batch in batches
    )
    scores = np.concatenate(_parallel(tasks, jobs, backend), axis=1)
    order = np.argsort([place for batch in batches for place in batch])
    return {null: _tested(null, scores[which, order], len(panel.names)) for which, null in enumerate(nulls)}


def _tested(null: str, scores: Floats, countries: int) -> PermutationTest:
    """Compare the observed curve, the first column of `scores`, with the drawn ones."""
    kept = scores[np.isfinite(scores[:, 0])]
    limit = critical_value(countries, LEVEL)
    statistics = np.column_stack([(kept > 0).mean(axis=0), (kept > limit).mean(axis=0), np.median(kept, axis=0)])
    observed, simulated = statistics[0], statistics[1:]
    draws = len(simulated)
    p = (1 + (simulated >= observed - 1e-12).sum(axis=0)) / (1 + draws)
    summary = pd.DataFrame(
        {
            "statistic": STATISTICS,
            "observed": observed,
            "null_mean": simulated.mean(axis=0),
            "null_high": np.quantile(simulated, 0.95, axis=0),
            "p": p,
            "monte_carlo_error": np.sqrt(p * (1 - p) / draws),
        }
    )
    drawn = pd.DataFrame(simulated, columns=list(STATISTICS))
    return PermutationTest(null, len(kept), len(scores) - len(kept), summary, drawn, scores, countries)
