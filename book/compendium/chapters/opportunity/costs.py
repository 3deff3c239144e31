"""What a conviction cost, what a school place costs, and what each would have to achieve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.opportunity.findings import price_of_a_place
from compendium.evidence import tables
from compendium.evidence.numbers import count, dollars, in_words, percent, times
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.methods.choice import breakeven
from compendium.methods.choice.breakeven import Comparison

FIELD_COUNT, MODEL_2021, SURVEY_2015 = (
    "Sex trafficking, field count of 2008",
    "Modern slavery, model for 2021",
    "Modern slavery, survey of 2015",
)


@dataclass(frozen=True)
class Prices:
    """What a conviction cost in US grants, what a place costs, and how common trafficking is by each estimate.

    `spent` in US dollars over 2008 and 2009, `grants` the number listed since 2002, `sentenced` persons in the
    two years, `per_place` US dollars a year, `risks` persons per person of the population to three digits.
    """

    spent: float
    grants: float
    sentenced: float
    per_place: float
    risks: dict[str, float]

    @property
    def per_conviction(self) -> float:
        """US dollars of these grants for each conviction."""
        return self.spent / self.sentenced

    def comparison(self, **settings: float) -> Comparison:
        """A conviction against places at the first settings of the figure, or with some of them changed."""
        return Comparison(**{**self.first_settings, **settings})

    @property
    def first_settings(self) -> dict[str, float]:
        """The settings that the figure starts with."""
        return {
            "per_conviction": float(round(self.per_conviction, -3)),
            "per_place": self.per_place,
            "prevented": 5.0,
            "baseline": self.risks[SURVEY_2015],
            "targeting": 2.0,
        }

    @property
    def rare(self) -> float:
        """The risk by the field count."""
        return self.risks[FIELD_COUNT]


def prices(studies: pd.DataFrame) -> Prices:
    """Read grants, convictions, the price of a scholarship, and estimates over the population of their year."""
    leverage = tables.read("cambodia_us_leverage").set_index("year")
    grants = leverage.tip_grants_usd
    convicted = tables.read("cambodia_enforcement").set_index("id").convicted
    people = tables.read("country_panel").query("iso3 == 'KHM'").set_index("year").population
    estimates = tables.read("global_estimates").set_index("id").value_central
    risks = {
        FIELD_COUNT: estimates["khm_steinfatt2008"] / people[2008],
        "Sex trafficking, study of 2003": estimates["khm_steinfatt2003"] / people[2003],
        MODEL_2021: estimates["khm_gsi2023"] / people[2021],
        SURVEY_2015: estimates["khm_gsi2016"] / people[2015],
    }
    return Prices(
        grants[2008] + grants[2009],
        leverage.tip_grants_n.sum(),
        convicted["tip-2008"] + convicted["tip-2009"],
        price_of_a_place(studies),
        {label: float(f"{risk:.3g}") for label, risk in risks.items()},
    )


def words_on_prices(found: Prices) -> dict[str, str]:
    """What a conviction costs, and what a place would have to do to match it."""
    first, rare = found.comparison(), found.comparison(baseline=found.rare)
    return {
        "spent": dollars(found.spent),
        "grants": count(found.grants),
        "sentenced": count(found.sentenced),
        "per_conviction": dollars(round(found.per_conviction, -3)),
        "places": count(first.places),
        "one_in": count(1 / first.effect),
        "rarest": f"one in {count(1 / min(found.risks.values()))}",
        "commonest": f"one in {count(1 / max(found.risks.values()))}",
        "cut": percent(first.cut),
        "prevented": in_words(int(first.prevented)),
        "rare_times": times(rare.cut, 0),
    }


IMPOSSIBLE = "To match it, a place would have to take away more than the whole risk. Not possible."
_SENTENCE = (
    f"{breakeven.VEGA['cut']} > 1 ? '{IMPOSSIBLE}'"
    f" : 'To match it, one in ' + format(1 / {breakeven.VEGA['effect']}, ',.0f')"
    f" + ' places must spare someone: a cut of ' + format({breakeven.VEGA['cut']}, '.1%') + ' in their risk.'"
)


def match_in_words(it: Comparison) -> str:
    """What the method says at one setting of the figure."""
    if it.cut > 1:
        return IMPOSSIBLE
    return (
        f"To match it, one in {count(1 / it.effect)} places must spare someone: "
        f"a cut of {percent(it.cut, 1)} in their risk."
    )


def _controls(found: Prices) -> list[alt.Parameter]:
    first = found.first_settings
    bindings = {
        "per_conviction": alt.binding_range(name="A conviction costs, dollars", min=2000, max=400000, step=2000),
        "prevented": alt.binding_range(name="Victims it prevents", min=0.5, max=100, step=0.5),
        "per_place": alt.binding_range(name="A place for a year costs, dollars", min=15, max=1500, step=15),
        "targeting": alt.binding_range(name="Its takers' risk, times the average", min=1, max=50, step=1),
        "baseline": alt.binding_select(
            name="Average risk", options=list(found.risks.values()), labels=list(found.risks)
        ),
    }
    return [alt.param(name=name, value=first[name], bind=binding) for name, binding in bindings.items()]


def _break_even_layers() -> list[alt.Chart]:
    """The zone that is not possible, its word, the line of break-even, and the reader's point on it."""
    grid = pd.DataFrame({"victims": np.round(np.geomspace(0.5, 100, 60), 3)})
    across = alt.X(
        "victims:Q",
        scale=alt.Scale(type="log", domain=[0.5, 100], nice=False),
        axis=alt.Axis(values=[0.5, 1, 3, 10, 30, 100], format="~g"),
        title="Victims that one conviction prevents (log scale)",
    )
    scale = alt.Scale(type="log", domain=[0.001, 100], nice=False, clamp=True)
    axis = alt.Axis(values=[0.001, 0.01, 0.1, 1, 10, 100], format="~%")
    up = alt.Y("cut:Q", scale=scale)
    titled = alt.Y("cut:Q", scale=scale, axis=axis, title="Cut that a place must make")
    moving = breakeven.VEGA["cut"].replace("prevented", "datum.victims")
    curve = alt.Chart(grid).transform_calculate(cut=moving).mark_line(color=palette.ACCENT, clip=True)
    whole = alt.Chart(pd.DataFrame({"cut": [1.0], "top": [100.0], "words": ["not possible"]}))
    beyond = whole.mark_rect(color=palette.GRID)
    word = whole.mark_text(align="left", baseline="top", dx=6, dy=6, color=palette.MUTED)
    you = alt.Chart(alt.Data(values=[{}])).transform_calculate(victims="prevented", cut=breakeven.VEGA["cut"])
    return [
        beyond.encode(x=alt.value(0), x2=alt.value("width"), y=up, y2="top:Q"),
        word.encode(x=alt.value(0), y=alt.Y("top:Q", scale=scale), text="words:N"),
        curve.encode(x=across, y=titled),
        you.mark_point(size=160, filled=True, opacity=1, color=palette.SECOND).encode(x=across, y=up),
    ]


def draw_break_even(found: Prices) -> figures.Figure:
    """Let the reader set prices, victims spared and the risk of those who take a place."""
    settings: list[dict[str, float]] = [
        {},
        {"baseline": found.rare},
        {"prevented": 0.5, "targeting": 20.0, "per_place": 135.0},
        {"per_conviction": 10000.0, "baseline": found.risks[MODEL_2021]},
    ]
    chart = alt.layer(*_break_even_layers(), figures.readout(_SENTENCE)).add_params(*_controls(found))
    cuts = [
        {"average_risk": label, "risk": risk, "cut_needed": found.comparison(baseline=risk).cut}
        for label, risk in found.risks.items()
    ]
    return figures.live(
        chart.properties(height=250),
        name="opportunity-break-even",
        title="Whether a dollar does more in schools or in courts depends on how common trafficking is",
        subtitle="How far a school place must cut its pupil's risk to do as much as a conviction for the same "
        "money. Dot: your assumptions",
        alt="A line that rises with the victims a conviction prevents; a grey zone above one hundred percent is "
        "not possible. The dot of the first settings is at five victims and a cut of "
        f"{percent(found.comparison().cut, 1)}.",
        source="US grants that include Cambodia and convictions, 2008 and 2009; price of a scholarship; "
        "estimates as named, divided by the population.",
        data=pd.DataFrame(cuts),
        apart="It asks what would have to hold, and no rule asks for that.",
        checks=[(setting, match_in_words(found.comparison(**setting))) for setting in settings],
    )
