"""Discrete-time hazard of full criminalisation after a watch-list or Tier 3 placement.

A country is at risk in a year when it was known not to have criminalised trafficking fully the year before.
It leaves with its first full law, or is right-censored at the end of the panel. The hazard, the chance of a
full law in that year given none before, is a binary regression on country-years: complementary log-log
(the grouped-time proportional hazards model, Prentice and Gloeckler 1978) or logit, with standard errors
clustered by country.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Link = Literal["cloglog", "logit"]
Baseline = Literal["years", "cubic", "log"]
Array = NDArray[np.floating[Any]]

FIRST_REPORT = 2001
COMPLETE_REPORT_YEARS = frozenset((*range(2001, 2016), 2020, 2021, 2023))
RANKED_TIERS = frozenset({"1", "2", "2WL", "3"})
PLACED_TIERS = frozenset({"2WL", "3"})
# A rank that a source does not tell apart: neither placed nor not placed.
AMBIGUOUS_TIERS = frozenset({"2or2WL"})
FULL = 2


class HazardError(ValueError):
    """A frame or model from which no hazard can be estimated; the message says what and where."""


@dataclass(frozen=True)
class RiskSet:
    """Country-years at risk of a first full law, with what was left out.

    `frame` has one row per country-year: iso3, year, event (0/1), time (1 in the first year), partial (a
    partial law the year before), ranked, placed, watch_list, tier_3, newly_placed, still_placed, ever_placed
    (all of the lagged report), placed_lead1, placed_lead2, watch_list_lead1, tier_3_lead1 (reports after the
    year), first_placement (report year), event_time (year minus that).
    """

    frame: pd.DataFrame
    countries: int
    events: int
    censored: int
    full_at_entry: int
    unknown_years: int

    @property
    def ranked(self) -> pd.DataFrame:
        """The rows whose lagged report ranked the country, where placed and not placed can be compared."""
        return self.frame[self.frame["ranked"] == 1].reset_index(drop=True)


@dataclass(frozen=True)
class Model:
    """A hazard model: exposure, covariates, an optional moderator of the exposure, baseline and link.

    Text covariates become indicators against their most frequent level. The moderator is standardised over
    the rows used, so the interaction reads per standard deviation. `others` are 0/1 exposures that exclude
    this one, such as the watch list beside Tier 3: each has its own term, and the effect of the exposure is
    against having none of them.
    """

    exposure: str = "placed"
    covariates: tuple[str, ...] = ()
    moderator: str | None = None
    baseline: Baseline = "years"
    link: Link = "cloglog"
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Interval:
    """An estimate with standard error and confidence limits, in the unit that its maker states."""

    estimate: float
    se: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Fit:
    """A fitted hazard model.

    `coefficients` has term, estimate, se, low, high, p (log hazard ratios under cloglog, log odds ratios
    under logit). `rows` are the country-years used; those of `years_without_events` carry no information on
    any ratio (their fitted hazard is zero) and enter effects but not the likelihood.
    """

    model: Model
    coefficients: pd.DataFrame
    covariance: Array
    rows: pd.DataFrame
    coding: Coding
    n: int
    countries: int
    events: int
    dropped: int
    years_without_events: tuple[int, ...]
    log_likelihood: float

    def ratio(self, term: str | None = None) -> Interval:
        """Hazard (cloglog) or odds (logit) ratio of a term, the exposure by default; se on the log scale."""
        row = self.term(term)
        return Interval(math.exp(row.estimate), row.se, math.exp(row.low), math.exp(row.high), row.p)

    def term(self, term: str | None = None) -> Interval:
        """Coefficient of a term on the log scale, the exposure by default."""
        name = self.model.exposure if term is None else term
        found = self.coefficients[self.coefficients["term"] == name]
        if found.empty:
            known = ", ".join(self.coefficients["term"])
            raise HazardError(f"hazard fit: no term {name!r}; the terms are {known}")
        row = found.iloc[0]
        return Interval(*(float(row[part]) for part in ("estimate", "se", "low", "high", "p")))

    @property
    def interaction(self) -> Interval:
        """Added log ratio of the exposure per standard deviation of the moderator."""
        if self.model.moderator is None:
            raise HazardError("hazard fit: the model has no moderator, hence no interaction")
        return self.term(_interaction_name(self.model))


@dataclass(frozen=True)
class Coding:
    """How the columns of a frame became regressors, so that changed rows can be coded the same way."""

    years: tuple[int, ...]
    levels: tuple[tuple[str, tuple[str, ...]], ...]
    centre: float
    scale: float


@dataclass(frozen=True)
class EventStudy:
    """Log hazard (or odds) ratios by years since first placement, against a reference and the never placed.

    `estimates` has event_time, kind (lead, reference, placed), estimate, se, low, high, n, events, status.
    `pretrend` is the joint Wald test that all leads are zero: statistic, degrees of freedom, p.
    """

    estimates: pd.DataFrame
    pretrend: tuple[float, int, float]


@dataclass(frozen=True)
class EValue:
    """VanderWeele and Ding's E-value of an estimate and of its confidence limit nearest to no effect."""

    estimate: float
    limit: float


def risk_set(
    criminalisation: pd.DataFrame,
    tiers: pd.DataFrame,
    *,
    first_year: int = 2002,
    last_year: int | None = None,
    lag: int = 1,
    coding: str = "criminalisation",
    complete_years: Collection[int] = COMPLETE_REPORT_YEARS,
    exclude: Collection[str] = ("USA",),
) -> RiskSet:
    """Build the country-years at risk with their lagged placements.

    `criminalisation` needs iso3, year and the column named by `coding` (2 = full); `tiers` needs iso3, year
    (of the report) and tier. A country that a report leaves out, or lists as special case, is not ranked
    and not placed; one whose rank no source tells apart has missing placements. Every report from the
    first to the last that a year needs must be in `complete_years`. The United States, who place, are out.
    """
    _require(criminalisation, ("iso3", "year", coding), "criminalisation")
    _require(tiers, ("iso3", "year", "tier"), "tiers")
    if lag < 0:
        raise HazardError(f"risk set: lag is {lag}; expected 0 or more years")
    law = _wide(criminalisation.assign(law=criminalisation[coding].astype(float)), "law", "criminalisation")
    law = law.drop(index=[code for code in exclude if code in law.index]).sort_index()
    years_known = sorted(int(year) for year in law.columns[law.notna().any()])
    last = years_known[-1] if last_year is None else last_year
    if first_year - 1 < years_known[0] or last > years_known[-1] or first_year > last:
        raise HazardError(
            f"risk set: years {first_year}-{last} need {coding} for {first_year - 1}-{last}; "
            f"it is known for {years_known[0]}-{years_known[-1]}"
        )
    for year in range(FIRST_REPORT, last - lag + 1):
        if year not in complete_years:
            raise HazardError(
                f"risk set: TIP report {year} is not a complete list of tiers, so absence from it is not "
                f"absence of a placement; end the risk set by {year + lag - 1}"
            )
    reports = _Reports(_wide(tiers, "tier", "tiers").reindex(law.index), frozenset(complete_years))
    first_placement = reports.first_placement(last + 2)
    pieces = []
    unknown = 0
    for year in range(first_year, last + 1):
        at_risk = ~_full_before(law, year)
        known = law[year].notna() & law[year - 1].notna()
        unknown += int((at_risk & ~known).sum())
        now = reports.listed(year - lag, PLACED_TIERS)
        before = reports.listed(year - lag - 1, PLACED_TIERS)
        columns = {
            "year": year,
            "event": law[year].eq(FULL).astype(int),
            "time": year - first_year + 1,
            "partial": law[year - 1].eq(1).astype(int),
            "ranked": reports.listed(year - lag, RANKED_TIERS | AMBIGUOUS_TIERS).astype(int),
            "placed": now,
            "watch_list": reports.listed(year - lag, {"2WL"}),
            "tier_3": reports.listed(year - lag, {"3"}),
            "newly_placed": now * (1 - before),
            "still_placed": now * before,
            "ever_placed": reports.ever_placed(year - lag),
            "placed_lead1": reports.later(year + 1, PLACED_TIERS),
            "placed_lead2": reports.later(year + 2, PLACED_TIERS),
            "watch_list_lead1": reports.later(year + 1, {"2WL"}),
            "tier_3_lead1": reports.later(year + 1, {"3"}),
            "first_placement": first_placement,
            "event_time": year - first_placement,
        }
        pieces.append(pd.DataFrame(columns, index=law.index)[at_risk & known])
    frame = pd.concat(pieces).rename_axis("iso3").reset_index()
    frame = frame.sort_values(["iso3", "year"], ignore_index=True)
    countries = int(frame["iso3"].nunique())
    events = int(frame["event"].sum())
    full_at_entry = int(_full_before(law, first_year).sum())
    return RiskSet(frame, countries, events, countries - events, full_at_entry, unknown)


@dataclass(frozen=True)
class _Reports:
    """Tiers by country (rows) and report year (columns), read with the completeness of each report in mind."""

    rank: pd.DataFrame
    complete: frozenset[int]

    def listed(self, year: int, members: Collection[str]) -> pd.Series:
        """1 where the report lists a country in one of the tiers, 0 where not, missing where unknown."""
        if year < FIRST_REPORT:
            return pd.Series(0.0, index=self.rank.index)
        if year not in self.complete:
            return pd.Series(np.nan, index=self.rank.index)
        if year not in self.rank.columns:
            raise HazardError(f"risk set: tiers has no rows for report {year}; expected a complete list")
        listed = self.rank[year].isin(members).astype(float)
        unclear = self.rank[year].isin(AMBIGUOUS_TIERS - set(members))
        return listed.where(~unclear)

    def later(self, year: int, members: Collection[str]) -> pd.Series:
        """As `listed` for a report after the year of interest, missing where there is no such report."""
        known = year in self.rank.columns
        return self.listed(year, members) if known else pd.Series(np.nan, index=self.rank.index)

    def placements(self, last: int) -> pd.DataFrame:
        years = range(FIRST_REPORT, last + 1)
        return pd.DataFrame(
            {year: self.later(year, PLACED_TIERS) for year in years}, index=self.rank.index, dtype=float
        )

    def ever_placed(self, last: int) -> pd.Series:
        past = self.placements(last)
        ever = past.eq(1).any(axis=1).astype(float)
        return ever.where(past.notna().all(axis=1) | ever.eq(1))

    def first_placement(self, last: int) -> pd.Series:
        placed = self.placements(last).eq(1)
        return placed.idxmax(axis=1).where(placed.any(axis=1)).astype(float)


def _full_before(law: pd.DataFrame, year: int) -> pd.Series:
    return law[[known for known in law.columns if int(known) < year]].eq(FULL).any(axis=1)


def add_covariates(
    frame: pd.DataFrame,
    country_panel: pd.DataFrame,
    countries: pd.DataFrame,
    ratification: pd.DataFrame | None = None,
    *,
    lag: int = 1,
    region: str = "un_region",
) -> pd.DataFrame:
    """Join the lagged covariates to a frame of country-years; the rows and their order stay.

    Adds region, log_income (log GDP per person, constant USD), democracy (V-Dem polyarchy, 0-1),
    log_population, log_aid (log of 1 + US assistance obligated, million constant USD), aid_share (that
    assistance in percent of GDP), log_aid_share (log of 1 + the share) and, from `ratification`, ratified.
    Net de-obligations count as no aid. Missing values stay missing.
    """
    panel_columns = [
        "gdp_per_capita_const_usd",
        "population",
        "us_assistance_obligations_const_usd",
        "vdem_polyarchy",
    ]
    _require(frame, ("iso3", "year"), "risk set")
    _require(country_panel, ("iso3", "year", *panel_columns), "country_panel")
    _require(countries, ("iso3", region), "countries")
    lagged = country_panel[["iso3", "year", *panel_columns]].assign(year=country_panel["year"] + lag)
    joined = frame.merge(lagged, on=["iso3", "year"], how="left", validate="many_to_one")
    income = joined["gdp_per_capita_const_usd"].astype(float)
    people = joined["population"].astype(float)
    aid = joined["us_assistance_obligations_const_usd"].astype(float).clip(lower=0)
    share = 100 * aid / (income * people)
    regions = countries.drop_duplicates("iso3").set_index("iso3")[region]
    out = frame.assign(
        region=joined["iso3"].map(regions).to_numpy(),
        log_income=np.log(income.to_numpy()),
        log_population=np.log(people.to_numpy()),
        democracy=joined["vdem_polyarchy"].astype(float).to_numpy(),
        log_aid=np.log1p(aid.to_numpy() / 1e6),
        aid_share=share.to_numpy(),
        log_aid_share=np.log1p(share.to_numpy()),
    )
    if ratification is not None:
        _require(ratification, ("iso3", "year", "palermo_protocol_ratified"), "ratification")
        known = ratification[["iso3", "year", "palermo_protocol_ratified"]]
        known = known.assign(year=known["year"] + lag)
        merged = frame[["iso3", "year"]].merge(known, on=["iso3", "year"], how="left", validate="many_to_one")
        out["ratified"] = merged["palermo_protocol_ratified"].astype(float).to_numpy()
    return out


def fit(frame: pd.DataFrame, model: Model | None = None, *, level: float = 0.95) -> Fit:
    """Fit the hazard model by maximum likelihood, standard errors clustered by country (iso3).

    Rows with a missing value in a used column are left out and counted. The cluster sandwich carries
    statsmodels' small-sample factor. Raises HazardError on separation, collinearity or non-convergence.
    """
    from scipy import stats

    model = Model() if model is None else model
    rows, dropped = _usable(frame, model)
    coding = _code(rows, model)
    design = _design(rows, model, coding)
    informative = rows["year"].isin(coding.years).to_numpy()
    if model.baseline != "years":
        informative = np.ones(len(rows), dtype=bool)
    _check_separation(rows[informative], design[informative])
    result = _glm(
        rows["event"].to_numpy(dtype=float)[informative],
        design.to_numpy(dtype=float)[informative],
        model.link,
        pd.factorize(rows["iso3"])[0][informative],
        tuple(design.columns),
    )
    z = float(stats.norm.ppf(0.5 + level / 2))
    estimate, covariance = np.asarray(result.params), np.asarray(result.cov_params())
    se = np.sqrt(np.diag(covariance))
    table = pd.DataFrame(
        {
            "term": list(design.columns),
            "estimate": estimate,
            "se": se,
            "low": estimate - z * se,
            "high": estimate + z * se,
            "p": 2 * stats.norm.sf(np.abs(estimate / se)),
        }
    )
    silent = tuple(sorted(int(y) for y in set(rows["year"]) - set(rows.loc[rows["event"] == 1, "year"])))
    return Fit(
        model,
        table,
        covariance,
        rows,
        coding,
        len(rows),
        int(rows["iso3"].nunique()),
        int(rows["event"].sum()),
        dropped,
        silent if model.baseline == "years" else (),
        float(result.llf),
    )


def predicted_hazard(fitted: Fit, rows: pd.DataFrame | None = None, **fixed: float) -> pd.Series:
    """Yearly hazard (0-1) of each row, with the named columns set to given values."""
    frame = (fitted.rows if rows is None else rows).assign(**fixed)
    return pd.Series(_hazard(fitted, frame, np.asarray(fitted.coefficients["estimate"])), index=frame.index)


def marginal_effect(
    fitted: Fit,
    *,
    moderator_sd: float | None = None,
    level: float = 0.95,
) -> Interval:
    """Average marginal effect of the exposure (1 against 0) in percentage points per year, delta interval.

    Averaged over the rows of the fit, the model's other exposures held at 0. With `moderator_sd` every row's
    moderator is held that many standard deviations from its mean.
    """
    return _delta(fitted, [(1.0, moderator_sd)], level)


def moderated_effect(fitted: Fit, *, low_sd: float = -1.0, high_sd: float = 1.0, level: float = 0.95) -> Interval:
    """How far the marginal effect at a high moderator exceeds that at a low one, in percentage points."""
    if fitted.model.moderator is None:
        raise HazardError("moderated effect: the model has no moderator")
    return _delta(fitted, [(1.0, high_sd), (-1.0, low_sd)], level)


def bootstrap_effect(
    frame: pd.DataFrame,
    model: Model | None = None,
    *,
    draws: int = 499,
    seed: int = 20080215,
    level: float = 0.95,
) -> Interval:
    """Average marginal effect as in `marginal_effect`, with a percentile interval over resampled countries.

    Draws whose fit fails are left out; more than five in a hundred of them is an error. p is twice the
    smaller share of draws on either side of zero, never below 2 / (draws + 1).
    """
    model = Model() if model is None else model
    whole = fit(frame, model)
    rng = np.random.default_rng(seed)
    country, names = pd.factorize(whole.rows["iso3"], sort=True)
    effects = []
    resample = _Resample.of(whole)
    for _ in range(draws):
        weights = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))[country]
        try:
            effects.append(resample.effect(weights.astype(float)))
        except HazardError:
            continue
    if len(effects) < 0.95 * draws:
        raise HazardError(
            f"bootstrap: {draws - len(effects)} of {draws} draws could not be fitted; expected at most 5%; "
            "use fewer covariates or another baseline"
        )
    values = np.asarray(effects)
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    smaller = min(np.sum(values <= 0), np.sum(values >= 0))
    p = min(1.0, 2 * (smaller + 1) / (len(values) + 1))
    point = marginal_effect(whole).estimate
    return Interval(point, float(values.std(ddof=1)), float(low), float(high), float(p))


def placebo(frame: pd.DataFrame, model: Model | None = None, *, lead: int = 1) -> tuple[Fit, Fit]:
    """Fit with the model's exposure `lead` years in the future: in its place, and beside it.

    A placement that has not happened cannot cause a law, so an effect above zero would show that placed
    countries were already more likely to legislate. Below zero is expected without any anticipation: a law
    lifts the next tier, so a country that has just legislated is less often placed afterwards. The model's
    other exposures are put in the future too.
    """
    model = Model() if model is None else model
    name, *others = (f"{exposure}_lead{lead}" for exposure in (model.exposure, *model.others))
    _require(frame, (name, *others), "risk set")
    now = (model.exposure, *model.others)
    alone = Model(name, model.covariates, None, model.baseline, model.link, tuple(others))
    beside = Model(name, (*now, *model.covariates), None, model.baseline, model.link, tuple(others))
    return fit(frame, alone), fit(frame, beside)


def event_study(
    frame: pd.DataFrame,
    covariates: Sequence[str] = (),
    *,
    window: tuple[int, int] = (-4, 5),
    reference: tuple[int, ...] = (-2, -1),
    baseline: Baseline = "years",
    link: Link = "cloglog",
    level: float = 0.95,
) -> EventStudy:
    """Hazard by years since first placement, end bins pooled, never-placed countries in the baseline only.

    Rows with a missing covariate are left out, and the counts of rows and laws are those of the rows used.

    Leads compare countries at risk before their first placement with the pooled reference years. A lead or
    lag in whose bin no country legislated has a fitted hazard of zero: status `no events`, estimate minus
    infinity.
    A law makes a later first placement rarer, so leads far from zero are selection before they are
    anticipation (see `placebo`).
    """
    low, high = window
    span = range(low, high + 1)
    if not reference or not set(reference) <= set(span):
        raise HazardError(f"event study: reference {reference} lies outside the window {low} to {high}")
    _require(frame, ("iso3", "year", "event", "event_time", *covariates), "risk set")
    frame = frame.dropna(subset=["event", *covariates])
    binned = frame["event_time"].clip(low, high)
    times = [time for time in span if time not in reference]
    events = {time: int(frame.loc[binned == time, "event"].sum()) for time in span}
    sizes = {time: int((binned == time).sum()) for time in span}
    if sum(events[time] for time in reference) == 0:
        raise HazardError(f"event study: no law in the reference years {reference}; choose others")
    silent = [time for time in times if events[time] == 0]
    dummies = {_event_name(t): binned.eq(t).astype(float) for t in times if t not in silent}
    # The first dummy rides as the exposure; the model is symmetric in its indicators.
    names = list(dummies)
    used = frame.assign(**dummies)[~binned.isin(silent)]
    placed_rows = used["event_time"].notna().to_numpy()
    used = used.assign(will_or_was_placed=placed_rows.astype(float))
    model = Model(names[0], (*names[1:], "will_or_was_placed", *covariates), None, baseline, link)
    fitted = fit(used, model, level=level)
    rows = []
    for time in span:
        kind = "reference" if time in reference else ("lead" if time < 0 else "placed")
        base = {"event_time": time, "kind": kind, "n": sizes[time], "events": events[time]}
        if time in reference:
            rows.append({**base, "estimate": 0.0, "se": 0.0, "low": 0.0, "high": 0.0, "status": "reference"})
        elif time in silent:
            gap = {"estimate": -math.inf, "se": math.nan, "low": -math.inf, "high": math.nan}
            rows.append({**base, **gap, "status": "no events"})
        else:
            term = fitted.term(_event_name(time))
            numbers = {"estimate": term.estimate, "se": term.se, "low": term.low, "high": term.high}
            rows.append({**base, **numbers, "status": "estimated"})
    columns = ["event_time", "kind", "estimate", "se", "low", "high", "n", "events", "status"]
    leads = [_event_name(t) for t in times if t < 0 and t not in silent]
    return EventStudy(pd.DataFrame(rows)[columns], _wald(fitted, leads))


def e_value(
    ratio: float,
    low: float,
    high: float,
    *,
    measure: Literal["risk", "hazard", "odds"] = "hazard",
    common: bool = True,
) -> EValue:
    """E-value: how strongly a confounder must go with exposure and outcome to explain the ratio away.

    VanderWeele and Ding (2017). `common` says that more than about 15% have the event by the end of
    follow-up; hazard and odds ratios are then first turned into approximate risk ratios. The limit's value
    is 1 when the interval includes no effect.
    """
    for name, value in (("ratio", ratio), ("low", low), ("high", high)):
        if not value > 0:
            raise HazardError(f"E-value: {name} is {value}; expected a ratio above 0")
    if not low <= ratio <= high:
        raise HazardError(f"E-value: the ratio {ratio} lies outside its limits {low} to {high}")
    risk, nearest = (risk_ratio(value, measure, common) for value in (ratio, low if ratio >= 1 else high))
    crosses = low <= 1 <= high
    return EValue(_bias_factor_root(risk), 1.0 if crosses else _bias_factor_root(nearest))


def bounding_factor(exposure_ratio: float, outcome_ratio: float) -> float:
    """Most by which a confounder can inflate a risk ratio: `a b / (a + b - 1)` (Ding and VanderWeele 2016).

    `exposure_ratio` (a) says how many times as common it is among the exposed, `outcome_ratio` (b) how many
    times as likely it makes the outcome; both are 1 or more.
    """
    for name, value in (("exposure", exposure_ratio), ("outcome", outcome_ratio)):
        if not value >= 1:
            raise HazardError(f"bounding factor: {name} ratio is {value}; expected 1 or more (invert it)")
    return exposure_ratio * outcome_ratio / (exposure_ratio + outcome_ratio - 1)


def benchmarks(frame: pd.DataFrame, model: Model | None = None) -> pd.DataFrame:
    """How strong each measured covariate would be as a confounder, to judge an E-value by.

    Each is read as yes or no: a level of a text column against all others, a number above its median, a 0/1
    column as it is. One row per reading: covariate, label, exposure_ratio (how many times as common among the
    exposed), outcome_ratio (approximate risk ratio of the outcome, in the model with the covariate so read),
    both inverted where below 1, and bias (their `bounding_factor`). A reading that cannot be fitted, such as a
    level without events, is left out.
    """
    model = Model() if model is None else model
    rows, _ = _usable(frame, model)
    exposed = rows[model.exposure] == 1
    found = []
    for name in model.covariates:
        others = tuple(other for other in model.covariates if other != name)
        for label, reading in _readings(rows[name]).items():
            shares = [float(reading[exposed].mean()), float(reading[~exposed].mean())]
            read = rows.assign(**{name: reading})
            try:
                fitted = fit(read, Model(model.exposure, (*others, name), None, model.baseline, model.link))
            except HazardError:
                continue
            if min(shares) == 0:
                continue
            measure = "hazard" if model.link == "cloglog" else "odds"
            ratios = [shares[0] / shares[1], risk_ratio(fitted.ratio(name).estimate, measure)]
            exposure, outcome = (max(ratio, 1 / ratio) for ratio in ratios)
            found.append((name, label, exposure, outcome, bounding_factor(exposure, outcome)))
    return pd.DataFrame(found, columns=["covariate", "label", "exposure_ratio", "outcome_ratio", "bias"])


def _readings(column: pd.Series) -> dict[str, pd.Series]:
    if _is_text(column):
        return {str(level): (column == level).astype(float) for level in sorted(column.unique())}
    if column.isin([0, 1]).all():
        return {"yes": column.astype(float)}
    return {"above the median": (column > column.median()).astype(float)}


def risk_ratio(ratio: float, measure: str, common: bool = True) -> float:
    """Approximate risk ratio of a hazard or odds ratio where the event is common (VanderWeele and Ding 2017)."""
    if measure == "risk" or not common:
        return ratio
    if measure == "odds":
        return math.sqrt(ratio)
    if measure == "hazard":
        return (1 - 0.5 ** math.sqrt(ratio)) / (1 - 0.5 ** math.sqrt(1 / ratio))
    raise HazardError(f"E-value: measure is {measure!r}; expected risk, hazard or odds")


def _bias_factor_root(risk_ratio: float) -> float:
    above = max(risk_ratio, 1 / risk_ratio)
    return above + math.sqrt(above * (above - 1))


def _require(frame: pd.DataFrame, columns: Sequence[str], name: str) -> None:
    for column in columns:
        if column not in frame.columns:
            have = ", ".join(str(c) for c in frame.columns)
            raise HazardError(f"{name}: no column {column!r}; it has {have}")


def _wide(frame: pd.DataFrame, values: str, name: str) -> pd.DataFrame:
    twice = frame[frame.duplicated(["iso3", "year"])]
    if not twice.empty:
        row = twice.iloc[0]
        raise HazardError(f"{name}: {row['iso3']} {row['year']} appears twice; expected one row a year")
    return frame.set_index(["iso3", "year"])[values].unstack()  # noqa: PD010 (pivot_table would average)


def _interaction_name(model: Model, exposure: str | None = None) -> str:
    return f"{model.exposure if exposure is None else exposure} × {model.moderator}"


def _event_name(time: int) -> str:
    return f"event_time_{time:+d}"


def _usable(frame: pd.DataFrame, model: Model) -> tuple[pd.DataFrame, int]:
    moderator = () if model.moderator is None else (model.moderator,)
    columns = list(
        dict.fromkeys(("iso3", "year", "event", model.exposure, *model.others, *model.covariates, *moderator))
    )
    if model.baseline != "years":
        columns.append("time")
    _require(frame, columns, "risk set")
    rows = frame[columns].dropna().reset_index(drop=True)
    if rows.empty:
        raise HazardError(f"hazard: no row has all of {', '.join(columns)}")
    if not rows["event"].isin([0, 1]).all():
        raise HazardError("hazard: event must be 0 or 1 in every row")
    if rows["event"].sum() == 0:
        raise HazardError(f"hazard: none of the {len(rows)} rows has an event; nothing can be estimated")
    if rows.duplicated(["iso3", "year"]).any():
        twice = rows[rows.duplicated(["iso3", "year"])].iloc[0]
        raise HazardError(f"hazard: {twice['iso3']} {twice['year']} appears twice; expected one row a year")
    return rows, len(frame) - len(rows)


def _is_text(column: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _code(rows: pd.DataFrame, model: Model) -> Coding:
    years = tuple(sorted(int(year) for year in rows.loc[rows["event"] == 1, "year"].unique()))
    levels = []
    for name in model.covariates:
        if _is_text(rows[name]):
            counts = rows[name].value_counts().sort_index(kind="stable")
            reference = counts.idxmax()
            levels.append((name, tuple(sorted(level for level in counts.index if level != reference))))
    centre, scale = 0.0, 1.0
    if model.moderator is not None:
        values = rows[model.moderator].astype(float)
        centre, scale = float(values.mean()), float(values.std(ddof=0))
        if scale == 0:
            raise HazardError(f"hazard: moderator {model.moderator!r} is constant; it cannot moderate")
    return Coding(years, tuple(levels), centre, scale)


def _design(rows: pd.DataFrame, model: Model, coding: Coding) -> pd.DataFrame:
    columns: dict[str, Array] = {}
    if model.baseline == "years":
        for year in coding.years:
            columns[f"year {year}"] = (rows["year"] == year).astype(float).to_numpy()
    else:
        columns["constant"] = np.ones(len(rows))
        time = rows["time"].to_numpy(dtype=float)
        if model.baseline == "log":
            columns["log time"] = np.log(time)
        else:
            # Carter and Signorino (2010); the scale keeps the information matrix well conditioned.
            for power in (1, 2, 3):
                columns[f"time^{power}"] = (time / 10) ** power
    exposure = rows[model.exposure].to_numpy(dtype=float)
    columns[model.exposure] = exposure
    for other in model.others:
        columns[other] = rows[other].to_numpy(dtype=float)
    text = dict(coding.levels)
    for name in model.covariates:
        if name in text:
            for level in text[name]:
                columns[f"{name}: {level}"] = (rows[name] == level).astype(float).to_numpy()
        else:
            columns[name] = rows[name].to_numpy(dtype=float)
    if model.moderator is not None:
        moderator = (rows[model.moderator].to_numpy(dtype=float) - coding.centre) / coding.scale
        if model.moderator not in columns:
            columns[model.moderator] = moderator
        columns[_interaction_name(model)] = exposure * moderator
        for other in model.others:
            columns[_interaction_name(model, other)] = columns[other] * moderator
    return pd.DataFrame(columns, index=rows.index)


def _check_separation(rows: pd.DataFrame, design: pd.DataFrame) -> None:
    event = rows["event"].to_numpy() == 1
    for name in design.columns:
        values = design[name].to_numpy()
        distinct = np.unique(values)
        if len(distinct) == 1 and name != "constant" and not name.startswith("year "):
            raise HazardError(f"hazard: {name!r} is {distinct[0]:g} in all {len(values)} rows; leave it out")
        if len(distinct) == 2:
            for value in distinct:
                at_value = values == value
                if not event[at_value].any():
                    raise HazardError(
                        f"hazard: separation: none of the {int(at_value.sum())} rows with {name} = {value:g} "
                        "has an event; pool the level or leave the term out"
                    )
                if event[at_value].all():
                    raise HazardError(
                        f"hazard: separation: all {int(at_value.sum())} rows with {name} = {value:g} "
                        "have an event; pool the level or leave the term out"
                    )
    matrix = design.to_numpy(dtype=float)
    rank = int(np.linalg.matrix_rank(matrix))
    if rank < matrix.shape[1]:
        raise HazardError(
            f"hazard: collinear terms: {matrix.shape[1]} terms span {rank} dimensions "
            f"({', '.join(design.columns)}); leave one out"
        )


def _separating_terms(event: Array, design: Array) -> NDArray[np.bool_]:
    """Which terms have a direction of separation, found by linear programming (Konis 2007)."""
    from scipy.optimize import linprog

    signed = np.where(event == 1, 1.0, -1.0)[:, None] * design / np.maximum(np.abs(design).max(axis=0), 1e-300)
    found = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1))
    if found.fun > -1e-6:
        return np.zeros(design.shape[1], dtype=bool)
    return np.abs(found.x) > 1e-6


def _glm(
    event: Array,
    design: Array,
    link: Link,
    groups: NDArray[np.int64],
    names: tuple[str, ...],
) -> Any:
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    links = {"cloglog": families.links.CLogLog, "logit": families.links.Logit}
    if link not in links:
        raise HazardError(f"hazard: link is {link!r}; expected cloglog or logit")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = GLM(event, design, family=families.Binomial(link=links[link]())).fit(
            maxiter=100, tol=1e-10, cov_type="cluster", cov_kwds={"groups": groups}
        )
        fitted = np.asarray(result.fittedvalues)
    if result.converged and fitted.min() > 1e-7 and fitted.max() < 1 - 1e-7:
        return result
    separating = _separating_terms(event, design)
    if separating.any():
        terms = ", ".join(repr(name) for name, guilty in zip(names, separating, strict=True) if guilty)
        raise HazardError(f"hazard: separation: {terms} together split rows with events from rows without")
    if not result.converged:
        raise HazardError(f"hazard: the likelihood did not converge on {', '.join(names)}; use fewer terms")
    return result


def _fisher_scoring(event: Array, design: Array, weights: Array, link: Link) -> Array:
    """Weighted maximum likelihood on normal equations: hundreds of resamples where one GLM fit has overhead."""

    def log_likelihood(beta: Array) -> float:
        hazard = np.clip(_inverse_link(design @ beta, link), 1e-300, 1 - 1e-16)
        return float(weights @ np.where(event == 1, np.log(hazard), np.log1p(-hazard)))

    # statsmodels' start: the link of events pulled halfway to one half.
    pulled = (event + 0.5) / 2
    eta = np.log(-np.log1p(-pulled)) if link == "cloglog" else np.log(pulled / (1 - pulled))
    beta = np.linalg.lstsq(design.T @ design, design.T @ eta, rcond=None)[0]
    current = log_likelihood(beta)
    for _ in range(100):
        eta = design @ beta
        hazard = np.clip(_inverse_link(eta, link), 1e-12, 1 - 1e-12)
        slope = _slope(eta, link)
        working = weights * slope / (hazard * (1 - hazard))
        information = (design * (working * slope)[:, None]).T @ design
        try:
            step = np.linalg.solve(information, design.T @ (working * (event - hazard)))
        except np.linalg.LinAlgError as error:
            raise HazardError("hazard: collinear terms in a resample of countries") from error
        size = 1.0
        while (moved := log_likelihood(beta + size * step)) < current - 1e-9 and size > 1e-6:
            size /= 2
        beta, gain, current = beta + size * step, moved - current, moved
        if abs(gain) < 1e-9:
            return beta
    raise HazardError("hazard: the likelihood of a resample of countries did not converge")


def _inverse_link(eta: Array, link: Link) -> Array:
    if link == "cloglog":
        return -np.expm1(-np.exp(np.clip(eta, -700, 50)))
    return 1 / (1 + np.exp(-np.clip(eta, -700, 700)))


def _slope(eta: Array, link: Link) -> Array:
    if link == "cloglog":
        bounded = np.clip(eta, -700, 50)
        return np.exp(bounded - np.exp(bounded))
    hazard = _inverse_link(eta, link)
    return hazard * (1 - hazard)


def _hazard(fitted: Fit, rows: pd.DataFrame, estimate: Array) -> Array:
    design = _design(rows, fitted.model, fitted.coding).to_numpy(dtype=float)
    return _inverse_link(design @ estimate, fitted.model.link) * _carries_hazard(rows, fitted.model, fitted.coding)


def _exposed(rows: pd.DataFrame, model: Model, coding: Coding, value: float) -> Array:
    """The regressors with every row's exposure set to `value` and its other exposures to none."""
    none = dict.fromkeys(model.others, 0.0)
    return _design(rows.assign(**{model.exposure: value, **none}), model, coding).to_numpy(dtype=float)


def _carries_hazard(rows: pd.DataFrame, model: Model, coding: Coding) -> Array:
    """Zero for years in which nobody legislated under year indicators, where the fitted hazard is zero."""
    if model.baseline != "years":
        return np.ones(len(rows))
    return rows["year"].isin(coding.years).astype(float).to_numpy()


def _delta(fitted: Fit, parts: list[tuple[float, float | None]], level: float) -> Interval:
    from scipy import stats

    estimate = np.asarray(fitted.coefficients["estimate"], dtype=float)
    link, model = fitted.model.link, fitted.model
    live = _carries_hazard(fitted.rows, model, fitted.coding)
    value, gradient = 0.0, np.zeros(len(estimate))
    for weight, moderator_sd in parts:
        rows = fitted.rows
        if moderator_sd is not None:
            if model.moderator is None:
                raise HazardError("marginal effect: the model has no moderator to hold")
            held = fitted.coding.centre + moderator_sd * fitted.coding.scale
            rows = rows.assign(**{model.moderator: held})
        for sign, exposed in ((1.0, 1.0), (-1.0, 0.0)):
            design = _exposed(rows, model, fitted.coding, exposed)
            eta = design @ estimate
            value += weight * sign * float(np.mean(_inverse_link(eta, link) * live))
            gradient += weight * sign * ((_slope(eta, link) * live) @ design) / len(rows)
    se = math.sqrt(float(gradient @ fitted.covariance @ gradient))
    z = float(stats.norm.ppf(0.5 + level / 2))
    p = float(2 * stats.norm.sf(abs(value / se)))
    return Interval(100 * value, 100 * se, 100 * (value - z * se), 100 * (value + z * se), p)


@dataclass(frozen=True)
class _Resample:
    """A fit's rows as matrices, so that a draw of countries is a vector of row weights."""

    event: Array
    design: Array
    exposed: Array
    unexposed: Array
    # Indicators of a year or a level: where a draw leaves them no event, or nothing else, the fitted hazard of
    # their rows is 0 or 1 whatever the exposure.
    indicators: NDArray[np.bool_]
    live: Array
    link: Link

    @classmethod
    def of(cls, fitted: Fit) -> _Resample:
        model, coding, rows = fitted.model, fitted.coding, fitted.rows
        design = _design(rows, model, coding)
        marks = [name.startswith("year ") or ": " in name for name in design.columns]
        exposed, unexposed = (_exposed(rows, model, coding, value) for value in (1.0, 0.0))
        return cls(
            rows["event"].to_numpy(dtype=float),
            design.to_numpy(dtype=float),
            exposed,
            unexposed,
            np.asarray(marks),
            _carries_hazard(rows, model, coding),
            model.link,
        )

    def effect(self, weights: Array) -> float:
        """Average marginal effect in percentage points with rows counted `weights` times."""
        events, rows = (weights * self.event) @ self.design, weights @ self.design
        settled = self.indicators & ((events == 0) | (events == rows))
        used = (self.live > 0) & ~self.design[:, settled].any(axis=1)
        drawn = used & (weights > 0)
        estimate = _fisher_scoring(
            self.event[drawn], self.design[np.ix_(drawn, ~settled)], weights[drawn], self.link
        )
        difference = _inverse_link(self.exposed[:, ~settled] @ estimate, self.link) - _inverse_link(
            self.unexposed[:, ~settled] @ estimate, self.link
        )
        return float(100 * np.sum(weights * used * difference) / np.sum(weights))


def _wald(fitted: Fit, names: Sequence[str]) -> tuple[float, int, float]:
    from scipy import stats

    if not names:
        return (math.nan, 0, math.nan)
    terms = list(fitted.coefficients["term"])
    index = [terms.index(name) for name in names]
    estimate = np.asarray(fitted.coefficients["estimate"])[index]
    block = fitted.covariance[np.ix_(index, index)]
    statistic = float(estimate @ np.linalg.solve(block, estimate))
    return (statistic, len(names), float(stats.chi2.sf(statistic, len(names))))
