"""One life at a time: the reckoning that the reader can set, and what weighs in it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.deterrence.ranges import Spans
from compendium.evidence.numbers import decimal, dollars, percent, times
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.methods.choice import deterrence
from compendium.methods.choice.deterrence import VEGA, Life

# About the middle of every range.
START: dict[str, float] = {
    "gain_per_person": 2500,
    "persons": 1,
    "legal_income": 750,
    "p_arrest": 0.02,
    "p_conviction": 0.65,
    "sentence_years": 13,
    "discount_rate": 0.25,
    "p_bribe": 0.35,
    "bribe": 500,
    "hardship": 2.5,
    "stigma": 1000,
}
CONTROLS = {
    "p_arrest": ("Chance of arrest in a year, 0 to 1", 0.005, 1, 0.005),
    "p_conviction": ("Chance of conviction if tried, 0 to 1", 0.05, 1, 0.05),
    "sentence_years": ("Years in prison", 1, 40, 1),
    "discount_rate": ("Discount rate a year, 0 to 2", 0.05, 2, 0.05),
    "legal_income": ("Legal income in a year, dollars", 300, 3000, 50),
    "gain_per_person": ("Illegal gain in a year, dollars", 100, 20000, 100),
    "p_bribe": ("Chance to buy one's way out, 0 to 1", 0, 0.95, 0.05),
    "bribe": ("Bribe, dollars", 0, 5000, 50),
    "hardship": ("Hardship of a prison year, in incomes", 0, 10, 0.5),
}
RISKS = [0.01, 0.03, 0.1, 0.3, 1]  # the axis of arrest risk
LOWEST_RISK = 0.005
YEARS = np.arange(0.25, 40.1, 0.25)
SETTINGS: tuple[dict[str, float], ...] = (  # at which what the figure says is checked
    {},
    {"p_arrest": 0.5},
    {"gain_per_person": 600},
    {"p_arrest": 0.3, "gain_per_person": 1500, "discount_rate": 0.1, "bribe": 2000},
    {"gain_per_person": 700},
    {
        "gain_per_person": 800,
        "hardship": 10.0,
        "discount_rate": 0.05,
        "p_bribe": 0.0,
        "bribe": 0,
        "p_conviction": 1.0,
    },
)


NO_TERM = "; no sentence, however long, flips it."


def _spoken() -> str:
    """What the figure says of the reader's life, as a Vega expression; `said` says the same in Python."""
    net, arrest, years = (VEGA[name] for name in ("net_gain", "enough_arrest", "enough_years"))
    return (
        "(gain_per_person <= legal_income ? 'Legal work pays more even without the law.' : "
        f"{net} > 0 ? 'Offending pays ' + format({net}, '$,.0f') + ' a year more than legal work: not deterred.' : "
        f"'The law makes offending worse than legal work, by ' + format(-({net}), '$,.0f') + ': deterred.')"
        " + (gain_per_person <= legal_income ? '' : '\\nThe choice flips at ' + "
        f"({arrest} > 1 ? 'no arrest risk up to 100%' : 'an arrest risk ' + ({arrest} < 0.001 ? 'under 0.1%' : "
        f"'of ' + format({arrest}, {arrest} < 0.1 ? '.1%' : '.0%'))) + "
        f"(isNaN({years}) ? '{NO_TERM}' : ' and at ' + format({years}, '.1f') + ' years.'))"
    )


def said(**settings: float) -> str:
    """What the method says of the first life with some of its circumstances changed."""
    life = Life(**START | settings)
    if life.gain_per_person <= life.legal_income:
        return "Legal work pays more even without the law."
    if life.offends:
        choice = f"Offending pays {dollars(life.net_gain)} a year more than legal work: not deterred."
    else:
        choice = f"The law makes offending worse than legal work, by {dollars(-life.net_gain)}: deterred."
    risk, term = (deterrence.flip(life, name) for name in ("p_arrest", "sentence_years"))
    years = NO_TERM if math.isnan(term) else f" and at {decimal(term)} years."
    if math.isnan(risk):
        arrest = "no arrest risk up to 100%"
    else:
        arrest = f"an arrest risk {'under 0.1%' if risk < 0.001 else f'of {percent(risk, 1 if risk < 0.1 else 0)}'}"
    return f"{choice} The choice flips at {arrest}{years}"


def _params() -> list[Any]:
    """Every circumstance as a parameter of the chart: what the reader sets, and what is held."""
    controls = [
        alt.param(
            name=name,
            value=START[name],
            bind=alt.binding_range(name=label, min=low, max=high, step=step),
        )
        for name, (label, low, high, step) in CONTROLS.items()
    ]
    return controls + [alt.param(name=name, value=START[name]) for name in START if name not in CONTROLS]


def _layers(spans: Spans) -> list[Any]:
    """The plane of arrest risk and sentence: region, line, the named limits of the law, the reader's life."""
    scale = alt.Scale(type="log", domain=[LOWEST_RISK, 1], nice=False)
    axis = alt.Axis(format="~%", values=RISKS)
    across = alt.X("p:Q", scale=scale, axis=axis, title="Chance of arrest in a year (log scale)")
    up = alt.Scale(domain=[0, 40], nice=False)
    years = alt.Y("years:Q", scale=up)
    enough = deterrence.vega("enough_arrest", sentence_years="datum.years")
    flips = (
        alt.Chart(pd.DataFrame({"years": YEARS}))
        .transform_calculate(p=f"max({LOWEST_RISK}, {enough})")
        .transform_filter("datum.p <= 1 && gain_per_person > legal_income")
        .transform_calculate(end="1")
    )
    titled = alt.Y("years:Q", scale=up, title="Years in prison")
    region = flips.mark_area(color=palette.SOFT, orient="horizontal").encode(x=across, x2="end:Q", y=years)
    line = flips.mark_line(color=palette.ACCENT).encode(x=across, y=titled, order="years:Q")
    term = spans["sentence_years"]
    law = {"years": [term.low, term.high], "words": ["lowest", "highest"]}
    band = alt.Chart(pd.DataFrame(law))
    limits = band.mark_rule(color=palette.MUTED, strokeDash=[5, 4]).encode(y=years)
    names = band.mark_text(align="left", baseline="bottom", dx=4, dy=-5, color=palette.MUTED)
    life = alt.Chart(alt.Data(values=[{}])).transform_calculate(p="p_arrest", y="sentence_years")
    point = life.mark_point(size=160, filled=True, opacity=1, color=palette.SECOND)
    return [
        region,
        line,
        limits,
        *figures.on_paper(names.encode(x=alt.value(0), y=years, text="words:N")),
        point.encode(x=across, y=alt.Y("y:Q", scale=up)),
    ]


def draw_reckoning(spans: Spans) -> figures.Figure:
    """Where the choice of one life flips, for every arrest risk and sentence."""
    chart = alt.layer(*_layers(spans), figures.readout(_spoken()))
    flips = percent(deterrence.flip(Life(**START), "p_arrest"))
    return figures.live(
        chart.add_params(*_params()).properties(height=260),
        name="deterrence-reckoning",
        title="For the life first set here no sentence is long enough, as arrest is rare",
        subtitle="Dot: the sentence and the chance of arrest that you set; shaded: the law deters; line: "
        "where the choice flips; dashed: terms of the law of 2008. Money in dollars of 2009",
        alt="A plane of chance of arrest and years in prison. A shaded region of deterrence lies at the right, "
        f"beyond an arrest risk of about {flips}; the dot of the first setting, 2 percent and 13 years, lies far "
        "to its left.",
        source="Expected-cost model as described; first settings: about the middle of every range.",
        data=deterrence.frontier(Life(**START), "sentence_years", YEARS.tolist(), "p_arrest"),
        apart="It reckons one life; the rule of the verdict asks whether trafficking itself fell.",
        checks=[(settings, said(**settings)) for settings in SETTINGS],
    )


def words_on_elasticities() -> dict[str, str]:
    """How each input raises the gain at which crime pays in the first life, and the arrest risk that deters it."""
    middle = deterrence.elasticities(Life(**START)).set_index("parameter").elasticity
    return {
        "el_arrest": decimal(middle.p_arrest, 3),
        "el_years": decimal(middle.sentence_years, 3),
        "el_income": decimal(middle.legal_income, 2),
        "el_ratio": times(middle.p_arrest / middle.sentence_years, 0),
        "start_arrest": percent(START["p_arrest"]),
        "flip_arrest": percent(deterrence.flip(Life(**START), "p_arrest")),
    }
