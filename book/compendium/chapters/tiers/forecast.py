"""Can the tier be foretold? Forecasts for countries that no model has seen, scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.tiers.published import SOURCE, Lists
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, in_words, interval, percent, points
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.figures.wording import in_python, in_vega
from compendium.methods.tiers import forecasts, multiverse, tiers

REPEATS = 3
INDEX = ["p3_prosecution", "p3_protection", "p3_prevention"]
GOVERNANCE = ["rule_of_law", "control_of_corruption"]
BOTH, EVERYTHING = "3P and governance", "last tier and both"
MODELS = {
    "3P": INDEX,
    "governance": GOVERNANCE,
    BOTH: INDEX + GOVERNANCE,
    "last tier and 3P": ["last_rank", *INDEX],
    "last tier and governance": ["last_rank", *GOVERNANCE],
    EVERYTHING: ["last_rank", *INDEX, *GOVERNANCE],
}
ACCURACY, _, RANKED = forecasts.SCORES
CLASSES, REPORTS = {"four": 4, "three": 3}, ["all", "since 2004"]
CASE = ("four", "all")
SCORES = {
    score: f"{score} ({'higher' if better > 0 else 'lower'} is better)"
    for score, better in zip(forecasts.SCORES, forecasts.BETTER, strict=True)
}
SENTENCE = (
    "{knows}: {score} {value} ({low} to {high}).\n"
    "That is {gain}{unit}{way} than repeating the last tier\n"
    "(difference {gain_low} to {gain_high})."
)

Case = tuple[str, str]


@dataclass(frozen=True)
class Foretold:
    """Scores of every forecast by case: the classes ("four" or "three") and the reports ("all" or "since 2004").

    `wide` scores governance alone on all country-years for which it is known.
    """

    cases: Mapping[Case, forecasts.Predictability]
    wide: forecasts.Predictability

    def score(self, model: str, score: str = ACCURACY, case: Case = CASE) -> Any:
        """One row of the scores: value, low, high."""
        return _only(self.cases[case].scores, model, score)

    def gain(self, model: str, score: str = ACCURACY, case: Case = CASE) -> Any:
        """One row of the gains over repeating the last tier: value, low, high."""
        return _only(self.cases[case].gains, model, score)


def _only(rows: pd.DataFrame, model: str, score: str) -> Any:
    return rows[(rows.model == model) & (rows.score == score)].iloc[0]


def foretold(lists: Lists) -> Foretold:
    """Foretell each country's tiers from models fitted to other countries, in every case."""
    rows = multiverse.model_frame(lists.rated, tables.read("country_panel"), tables.read("anti_trafficking_3p"))
    recent = rows[rows.year >= tiers.WATCH_LIST_SINCE]
    cases = {
        ("four", "all"): rows,
        ("three", "all"): tiers.without_watch_list(rows),
        ("four", "since 2004"): recent,
        ("three", "since 2004"): tiers.without_watch_list(recent),
    }
    found = {
        case: forecasts.predictability(part, MODELS, categories=CLASSES[case[0]], repeats=REPEATS)
        for case, part in cases.items()
    }
    return Foretold(found, forecasts.predictability(rows, {"governance": GOVERNANCE}, repeats=REPEATS))


def exact(share: float) -> str:
    """Return a share as a percentage with one decimal."""
    return percent(share, 1)


def _with_interval(name: str, row: Any, form: Callable[[float], str] = exact) -> dict[str, str]:
    return {name: form(row.value), f"{name}_interval": interval(row.low, row.high, form)}


def words_on_forecasts(foretold: Foretold) -> dict[str, str]:
    """Return what each forecast gets right, and what knowing performance adds to the last tier."""
    main, wide = foretold.cases[CASE], foretold.wide
    years = main.by_row.year
    draws = main.by_row[main.by_row.model == "3P"].groupby("repeat")[ACCURACY].mean()
    gain, added_accuracy = foretold.gain(BOTH), foretold.gain(EVERYTHING)
    return {
        "repeats": in_words(REPEATS),
        "draws": interval(draws.min(), draws.max(), exact),
        "rows": count(main.observations),
        "report_years": interval(years.min(), years.max(), str),
        "last_report": str(years.max()),
        "index_end": str(multiverse.P3_ENDS),
        "predicted": count(main.countries),
        **_with_interval("best", foretold.score(BOTH)),
        "index": exact(foretold.score("3P").value),
        **_with_interval("plain", foretold.score("governance")),
        "last": exact(foretold.score(forecasts.LAST_YEAR).value),
        "base": exact(foretold.score(forecasts.BASE_RATES).value),
        "gain": points(-gain.value),
        "gain_interval": interval(-100 * gain.high, -100 * gain.low, decimal),
        **_with_interval("added", foretold.gain(EVERYTHING, RANKED), _thousandths),
        **_with_interval("added_law", foretold.gain("last tier and governance", RANKED), _thousandths),
        "added_accuracy": points(added_accuracy.value),
        "added_accuracy_interval": interval(100 * added_accuracy.low, 100 * added_accuracy.high, decimal),
        **_with_interval("wide", _only(wide.scores, "governance", ACCURACY)),
        "wide_rows": count(wide.observations),
    }


def _thousandths(score: float) -> str:
    return decimal(1000 * score)


def draw_forecasts(foretold: Foretold) -> figures.Figure:
    """Draw the score of every forecast, for the classes, reports and score that the reader chooses."""
    table = _table(foretold)
    these = alt.Chart(table.drop(columns="model").round(5)).transform_filter(
        "datum.score == score && datum.classes == classes && datum.reports == reports"
    )
    right = {
        name: exact(foretold.score(name).value)
        for name in (forecasts.BASE_RATES, "governance", "3P", BOTH, forecasts.LAST_YEAR)
    }
    settings = [
        (ACCURACY, "four", "all", BOTH),
        (RANKED, "four", "all", EVERYTHING),
        ("log score", "three", "since 2004", "governance"),
        (ACCURACY, "three", "all", "3P"),
    ]
    return figures.live(
        alt.layer(*_marks(these), _answer(these)).add_params(*_controls()).properties(height=250),
        name="tiers-forecast",
        title="Last year's tier predicts more than all measures of performance together",
        subtitle="Scores of forecasts for countries that the model has not seen, ten folds by country, averaged "
        f"over {in_words(REPEATS)} draws; dashed line: the tier stays; 95% intervals by bootstrap of countries",
        alt=f"Eight forecasts with intervals. Nothing known: {right[forecasts.BASE_RATES]} right; "
        f"governance {right['governance']}; 3P {right['3P']}; both {right[BOTH]}; "
        f"the last tier alone {right[forecasts.LAST_YEAR]}; "
        "the last tier with measures of performance about the same.",
        source=f"{SOURCE}; Cho's 3P index; World Bank governance indicators.",
        data=table.drop(columns="knows"),
        apart="It compares forecasts; the rule sets them against a rating that anyone could predict.",
        checks=[
            (dict(zip(("score", "classes", "reports", "knows"), setting, strict=True)), _said(foretold, *setting))
            for setting in settings
        ],
    )


def _table(foretold: Foretold) -> pd.DataFrame:
    """Scores of all cases beside their gains, with what each forecast knows."""
    scores, gains = (
        pd.concat(
            [
                getattr(found, part).assign(classes=classes, reports=reports)
                for (classes, reports), found in foretold.cases.items()
            ]
        )
        for part in ("scores", "gains")
    )
    gains = gains.rename(columns={"value": "gain", "low": "gain_low", "high": "gain_high"})
    table = scores.merge(gains, how="left", on=["model", "score", "classes", "reports"])
    table["knows"] = table.model.replace({forecasts.LAST_YEAR: "last tier", forecasts.BASE_RATES: "nothing"})
    return table


def _controls() -> list[alt.Parameter]:
    scores = alt.binding_select(name="Score", options=list(SCORES), labels=list(SCORES.values()))
    return [
        alt.param(name="score", value=ACCURACY, bind=scores),
        alt.param(name="classes", value="four", bind=alt.binding_select(name="Classes", options=list(CLASSES))),
        alt.param(name="reports", value="all", bind=alt.binding_select(name="Reports", options=REPORTS)),
        alt.param(
            name="knows", value=BOTH, bind=alt.binding_select(name="The forecast knows", options=list(MODELS))
        ),
    ]


def _marks(these: alt.Chart) -> list[alt.Chart]:
    """A dashed line at the score of the last tier, and every forecast with its interval."""
    zero = alt.Scale(zero=False, nice=True)
    rowwise = alt.Y("knows:N", sort=["nothing", "last tier", *MODELS], title=None, axis=alt.Axis(labelLimit=170))
    hue = alt.condition("datum.knows == knows", alt.value(palette.SECOND), alt.value(palette.ACCENT))
    tips = [
        alt.Tooltip("knows:N", title="Knows"),
        alt.Tooltip("value:Q", format=".3f", title="Score"),
        alt.Tooltip("low:Q", format=".3f", title="from"),
        alt.Tooltip("high:Q", format=".3f", title="to"),
    ]
    ticks = alt.Axis(
        tickCount=6, labelExpr="score == 'accuracy' ? format(datum.value, '.0%') : format(datum.value, '.2f')"
    )
    level = alt.X("value:Q", scale=zero, axis=ticks, title="Score for countries not seen")
    stays = these.transform_filter("datum.knows == 'last tier'")
    spans, heads = these.mark_rule(strokeWidth=2), these.mark_point(size=80, opacity=1, filled=True)
    return [
        stays.mark_rule(color=palette.MUTED, strokeDash=[5, 4]).encode(x=level),
        spans.encode(x=alt.X("low:Q", scale=zero), x2="high:Q", y=rowwise, color=hue, tooltip=tips),
        heads.encode(x=alt.X("value:Q", scale=zero), y=rowwise, color=hue, tooltip=tips),
    ]


def _answer(these: alt.Chart) -> alt.Chart:
    form = "(score == 'accuracy' ? format({0}, '.1%') : format({0}, '.3f'))"
    gap = "(score == 'accuracy' ? format(100 * {0}, '.1f') : format({0}, '.3f'))"
    spoken = in_vega(
        SENTENCE,
        knows="knows",
        score="score",
        value=form.format("datum.value"),
        low=form.format("datum.low"),
        high=form.format("datum.high"),
        gain=gap.format("abs(datum.gain)"),
        unit="(score == 'accuracy' ? ' points' : '')",
        way="(datum.gain < 0 ? ' worse' : ' better')",
        gain_low=gap.format("datum.gain_low"),
        gain_high=gap.format("datum.gain_high"),
    )
    chosen = these.transform_filter("datum.knows == knows")
    return figures.readout_of(chosen.transform_calculate(sentence=spoken), "sentence")


def _said(foretold: Foretold, score: str, classes: str, reports: str, knows: str) -> str:
    """The same answer from the forecasts themselves."""
    case, in_points = (classes, reports), score == ACCURACY
    value, gain = foretold.score(knows, score, case), foretold.gain(knows, score, case)

    def form(value: float) -> str:
        return exact(value) if in_points else decimal(value, 3)

    def gap(value: float) -> str:
        return decimal(100 * value) if in_points else decimal(value, 3)

    return in_python(
        SENTENCE,
        knows=knows,
        score=score,
        value=form(value.value),
        low=form(value.low),
        high=form(value.high),
        gain=gap(abs(gain.value)),
        unit=" points" if in_points else "",
        way=" worse" if gain.value < 0 else " better",
        gain_low=gap(gain.low),
        gain_high=gap(gain.high),
    )
