"""The estimate and what it depends on: the main model, other choices, the placebo, event time and US aid."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from compendium.chapters.leverage.panel import Panel
from compendium.evidence.numbers import count, decimal, in_words, interval, percent, probability, times
from compendium.methods.law import hazard, resampling
from compendium.methods.law.eventstudy import EventStudy, event_study
from compendium.methods.law.hazard import Fit, Interval
from compendium.methods.law.regressors import Model

ALONE = ("region", "log_income", "democracy", "ratified")  # what a country brings itself
CONTROLS = (*ALONE, "nearest_laws")  # and the spread of laws around it
MAIN = Model("placed", CONTROLS)
WITHOUT_NEIGHBOURS = replace(MAIN, covariates=ALONE)
SUBREGION = replace(MAIN, covariates=(*ALONE, "subregion_laws"))
DRAWS = 1999

TIER_3 = replace(MAIN, exposure="tier_3", others=("watch_list",))
WATCH_LIST = replace(MAIN, exposure="watch_list", others=("tier_3",))
PLACED_AGAIN = replace(MAIN, exposure="still_placed", others=("newly_placed",))
NEWLY_PLACED = replace(MAIN, exposure="newly_placed", others=("still_placed",))


def two(value: float) -> str:
    """A number with two decimals."""
    return decimal(value, 2)


def spoken(found: Interval, digits: int = 1) -> str:
    """An estimate with its interval in brackets."""

    def form(value: float) -> str:
        return decimal(value, digits)

    return f"{form(found.estimate)} ({interval(found.low, found.high, form)})"


def as_columns(found: list[Interval]) -> dict[str, list[float]]:
    """Estimates and the ends of their intervals as the columns of a frame."""
    return {end: [getattr(each, end) for each in found] for end in ("estimate", "low", "high")}


# ---------------------------------------------------------------- the main model


@dataclass(frozen=True)
class Main:
    """The main model: its fit, the marginal effect in percentage points a year, the ratio of hazards."""

    fitted: Fit
    effect: Interval
    ratio: Interval


def main_model(panel: Panel) -> Main:
    """Fit the main model."""
    fitted = hazard.fit(panel.years, MAIN)
    return Main(fitted, hazard.marginal_effect(fitted), fitted.ratio())


def resampled_effect(panel: Panel) -> Interval:
    """The same effect with an interval over resampled countries."""
    return resampling.bootstrap_effect(panel.years, MAIN, draws=DRAWS)


def words_on_effect(main: Main, resampled: Interval) -> dict[str, str]:
    """The effect of a bad rating, its uncertainty by two routes, and the rows it rests on."""
    fitted, effect, ratio = main.fitted, main.effect, main.ratio
    without, placed = (hazard.predicted_hazard(fitted, placed=value).mean() for value in (0.0, 1.0))
    return {
        "n": count(fitted.n),
        "countries": count(fitted.countries),
        "laws": count(fitted.events),
        "dropped": count(fitted.dropped),
        "last": str(fitted.rows.year.max()),
        "effect": decimal(effect.estimate),
        "effect_interval": interval(effect.low, effect.high, decimal),
        "boot_interval": interval(resampled.low, resampled.high, decimal),
        **_as_counted(fitted.rows),
        "without": percent(without),
        "with_placement": percent(placed),
        "ratio": decimal(ratio.estimate),
        "ratio_interval": interval(ratio.low, ratio.high, decimal),
    }


def _as_counted(rows: pd.DataFrame) -> dict[str, str]:
    """Laws over country-years of the model's rows, without and with a bad rating, before anything is held equal."""
    counted = rows.groupby("placed").event.agg(["sum", "size", "mean"])
    unplaced, placed = (
        f"{count(laws)} laws in {count(years)} country-years"
        for laws, years in counted.loc[[0, 1], ["sum", "size"]].itertuples(index=False)
    )
    return {
        "raw_without": percent(counted["mean"][0]),
        "raw_with": percent(counted["mean"][1]),
        "raw_counts_without": unplaced,
        "raw_counts_with": placed,
        "raw_ratio": decimal(counted["mean"][1] / counted["mean"][0]),
    }


# ---------------------------------------------------------------- other choices


@dataclass(frozen=True)
class Choice:
    """Another choice of rows or of model, by the name under which it is drawn."""

    label: str
    rows: pd.DataFrame
    model: Model


@dataclass(frozen=True)
class Answer:
    """What a choice gives: its fit, and its marginal effect in percentage points a year."""

    label: str
    fitted: Fit
    effect: Interval


@dataclass(frozen=True)
class Choices:
    """Answers to the choices that the claim declares (by their names there), to further ones, and the placebo."""

    declared: dict[str, Answer]
    further: dict[str, Answer]
    placebo: Interval

    @property
    def held(self) -> int:
        """How many of the declared choices leave the interval above zero."""
        return sum(answer.effect.low > 0 for answer in self.declared.values())

    @property
    def unheld(self) -> int:
        """How many of the further choices have an interval that includes zero or less."""
        return sum(answer.effect.low <= 0 for answer in self.further.values())


def declared_choices(panel: Panel) -> dict[str, Choice]:
    """The alternatives that the claim declares."""
    years = panel.years
    return {
        "watch-list-only": Choice("Watch list only", years, WATCH_LIST),
        "tier-3-only": Choice("Tier 3 only", years, TIER_3),
        "logit": Choice("Logistic hazard", years, replace(MAIN, link="logit")),
        "no-controls": Choice("Region and year only", years, replace(MAIN, covariates=("region",))),
        "ajps-coding": Choice("Earlier coding of laws", panel.ranked(coding="criminalisation_ajps"), MAIN),
        "without-neighbours": Choice("Without the neighbours' laws", years, WITHOUT_NEIGHBOURS),
        "subregion": Choice("Laws of the subregion instead", years, SUBREGION),
        "newly-placed": Choice("Newly badly rated", years, NEWLY_PLACED),
        "two-years-later": Choice("Two years later", panel.ranked(lag=2), MAIN),
    }


def further_choices(panel: Panel) -> dict[str, Choice]:
    """Choices that the claim does not declare and a referee might ask for."""
    years = panel.years
    partial = replace(MAIN, covariates=(*CONTROLS, "partial"))
    return {
        "smooth": Choice("Smooth baseline, not years", years, replace(MAIN, baseline="cubic")),
        "partial": Choice("Partial law controlled", years, partial),
        "without-europe": Choice("Without Europe", years[years.region != "Europe"], MAIN),
        "unranked": Choice("Unranked as not badly rated", panel.joined(panel.risk.frame), MAIN),
        "again": Choice("Badly rated again", years, PLACED_AGAIN),
        "ever": Choice("Ever badly rated", years, replace(MAIN, exposure="ever_placed")),
        "same-year": Choice("Same year's report", panel.ranked(lag=0), MAIN),
    }


def choices(panel: Panel) -> Choices:
    """Fit every choice, and the placebo: next year's report in place of last year's."""
    placebo = hazard.marginal_effect(hazard.placebo(panel.years, MAIN)[0])
    return Choices(_answers(declared_choices(panel)), _answers(further_choices(panel)), placebo)


def _answers(wanted: dict[str, Choice]) -> dict[str, Answer]:
    fits = {name: hazard.fit(choice.rows, choice.model) for name, choice in wanted.items()}
    return {name: Answer(wanted[name].label, found, hazard.marginal_effect(found)) for name, found in fits.items()}


def table_of_choices(main: Main, choices: Choices) -> pd.DataFrame:
    """One row for each model in the order in which it is drawn: choice, kind, estimate, low, high."""
    rows = [("Main model", "main", main.effect)]
    rows += [(answer.label, "declared", answer.effect) for answer in choices.declared.values()]
    rows += [(answer.label, "further", answer.effect) for answer in choices.further.values()]
    rows += [("Placebo: next year's report", "placebo", choices.placebo)]
    frame = pd.DataFrame([row[:2] for row in rows], columns=["choice", "kind"])
    return frame.assign(**as_columns([effect for *_, effect in rows]))


def words_on_choices(choices: Choices) -> dict[str, str]:
    """What other choices give, in percentage points a year and as ratios of hazards."""
    declared = choices.declared
    return {
        "tier_3": spoken(declared["tier-3-only"].effect),
        "tier_3_ratio": spoken(declared["tier-3-only"].fitted.ratio(), 2),
        "new_ratio": spoken(declared["newly-placed"].fitted.ratio(), 2),
        "unsure": in_words(len(declared) - choices.held),
        "placebo": spoken(choices.placebo),
        "held": in_words(choices.held),
        "declared": in_words(len(declared)),
    }


# ---------------------------------------------------------------- event time, and US aid


def around_placement(panel: Panel) -> EventStudy:
    """The hazard by years since a country's first placement."""
    return event_study(panel.years, CONTROLS)


def laws_before_placement(study: EventStudy) -> int:
    """How many laws were passed before a first placement."""
    return int(study.estimates[study.estimates.event_time < 0].events.sum())


def words_on_trend(study: EventStudy) -> dict[str, str]:
    """What the years before a first placement could show."""
    lead = study.estimates[study.estimates.kind == "lead"].iloc[0]
    return {
        "pre_p": probability(study.pretrend.p),
        "before_laws": in_words(laws_before_placement(study)),
        "lead_width": times(np.exp(lead.high), 0),
    }


def by_share_of_aid(panel: Panel) -> Fit:
    """The main model with US aid as a share of output bending the effect of a bad rating."""
    return hazard.fit(panel.years, replace(MAIN, moderator="log_aid_share"))


def words_on_aid(by_share: Fit) -> dict[str, str]:
    """How the effect differs between little and much US aid, in points, and by how much one step multiplies it."""
    grows = by_share.interaction
    factor, low, high = (np.exp(end) for end in (grows.estimate, grows.low, grows.high))
    return {
        "aid_gap": spoken(hazard.moderated_effect(by_share)),
        "aid_factor": f"{two(factor)} ({interval(low, high, two)})",
    }


def table_of_aid(by_share: Fit) -> pd.DataFrame:
    """Effect of a bad rating with little, average and much US aid: one standard deviation apart."""
    levels = pd.DataFrame({"aid": ["Little US aid", "Average", "Much US aid"], "sd": [-1.0, 0.0, 1.0]})
    return levels.assign(**as_columns([hazard.marginal_effect(by_share, moderator_sd=sd) for sd in levels.sd]))


# ---------------------------------------------------------------- the claim


def tier_pressure(panel: Panel) -> dict[str, float]:
    """The numbers of the claim by the main model, and those of the placebo beside it."""
    placebo = hazard.marginal_effect(hazard.placebo(panel.years, MAIN)[0])
    return _numbers(panel.years, MAIN) | {"placebo_low": placebo.low, "placebo_high": placebo.high}


def tier_pressure_alternatives(panel: Panel) -> dict[str, dict[str, float]]:
    """The numbers of the verdict under every declared alternative."""
    return {name: _numbers(choice.rows, choice.model) for name, choice in declared_choices(panel).items()}


def _numbers(rows: pd.DataFrame, model: Model) -> dict[str, float]:
    fitted = hazard.fit(rows, model)
    effect, ratio = hazard.marginal_effect(fitted), fitted.ratio()
    aided = hazard.fit(rows, replace(model, moderator="log_aid_share")).interaction
    return {
        "ratio": ratio.estimate,
        "ratio_low": ratio.low,
        "ratio_high": ratio.high,
        "effect_low": effect.low,
        "effect_high": effect.high,
        "interaction_low": aided.low,
        "interaction_high": aided.high,
    }
