"""The live curve: how many models say what, and what the chosen ones say together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium import figures
from compendium.chapters.politics import columns, struck
from compendium.chapters.politics.curve import LISTED, MODEL_NAMES, Models, exact, named_models
from compendium.chapters.politics.permutation import Chance
from compendium.chapters.politics.sources import SOURCE
from compendium.chapters.politics.verdict import political_tiers
from compendium.evidence.numbers import count, decimal, percent
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.figures.wording import in_python, in_vega
from compendium.methods.tiers import multiverse, ordered


@dataclass(frozen=True)
class Choice:
    """One control: its title, the options in the order of the grid, their words, and groups of their digits."""

    title: str
    options: Sequence[Any]
    words: Sequence[str]
    groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def everything(self) -> str:
        """The digits of all options."""
        return "".join(str(digit) for digit in range(len(self.options)))


def _plain(title: str, options: Mapping[str, Any], groups: Mapping[str, str] | None = None) -> Choice:
    return Choice(title, list(options), list(options), groups or {})


CHOICES = {
    "politics": Choice(
        "Closeness to the US by",
        list(multiverse.POLITICS),
        [measure.label.partition(", log")[0] for measure in multiverse.POLITICS.values()],
        {"votes": "0123", "aid and trade": "45", "pact and troops": "67"},
    ),
    "performance": _plain(
        "Good government held equal by", multiverse.PERFORMANCE, {"any of them": "12345", "any but 3P": "34"}
    ),
    "controls": _plain("Also held equal", multiverse.CONTROLS),
    "model": Choice(
        "Kind of model", list(MODEL_NAMES.values()), list(MODEL_NAMES.values()), {"countries compared": "0123"}
    ),
    "year_effects": Choice("Year effects", multiverse.YEAR_EFFECTS, ["no year effects", "year effects"]),
    "lag": Choice(
        "Closeness measured", multiverse.LAGS, ["in the report's year", "one year before", "two years before"]
    ),
    "years": _plain("Reports", multiverse.WINDOWS),
    "sample": Choice("Countries", list(multiverse.SAMPLES), list(multiverse.SAMPLES.values())),
}
CHOICE = {name: place for place, name in enumerate(CHOICES)}
EVERYTHING = {name: choice.everything for name, choice in CHOICES.items()}
KINDS = {"d": "distinctly better", "p": "better", "n": "worse", "o": "distinctly worse"}
HUES = [palette.ACCENT, palette.STEPS[1], palette.MUTED, palette.SECOND]
ORDER = "dpon"  # from the axis upwards
DOWNLOAD = [  # what a row of the table has; the rest follows from it
    *("politics", "performance", "controls", "outcome", "estimator", "country_effects", "year_effects"),
    *("lag", "years", "sample", "estimate", "se", "effect", "effect_se", "observations", "countries", "status"),
]
STEP = 10  # percentage points between the ticks

_WITHIN = str([model[2] for model in multiverse.MODELS].index("within"))
MOVED = ("_for", "_against")  # numbers of the rule that are counted again of the models that are left
SIDES = struck.sides(CHOICE["model"], _WITHIN, EVERYTHING["model"])

# The choice and the option whose effect is on another event, as the page counts.
THIRD = CHOICE["model"], list(multiverse.MODELS).index(("three tiers", "ordered logit", "none"))
COUNTS = {
    "sizes": [len(choice.options) for choice in CHOICES.values()],
    "third": THIRD,
    "kinds": columns.KINDS,
    "bins": columns.BINS,
}

NOBODY = "No valid model has these choices."
SENTENCE = (
    "{good} of {all} models could be estimated.\n"
    "Close countries stand better in {better}, distinctly in {sure},\n"
    "distinctly worse in {against}. Middle model: {half} points {way} chance\n"
    "of {event} for one usual step closer."
)


def draw_curve(models: Models, chance: Chance) -> figures.Figure:
    """Draw how many models say what, with a control for each choice; checked states are counted again by `_said`.

    Of the models that are left, those of the rule are tested against chance again (`struck`).
    """
    coded, curve = _coded(models.results), models.curve
    packed = columns.columns_of(models.results, coded, [len(choice.options) for choice in CHOICES.values()])
    settings = [
        {},
        {"model": "4"},
        {"politics": "45", "controls": "3", "performance": "12345"},
        {"model": "4", "politics": "4"},
        {"model": "1", "politics": "0123"},
        {"politics": "6", "model": "4"},
    ]
    states = [EVERYTHING | setting for setting in settings]
    counts = [_counted(packed, state) for state in states]
    bars, answer = _bars(), _answer()
    codes = dict(zip(models.grid.valid, ("".join(map(str, digits)) for digits in coded.tolist()), strict=True))
    usermeta = {"chips": list(CHOICES), "chance": SIDES, "counts": COUNTS}
    return figures.live(
        alt.layer(bars, answer)
        .add_params(*(_control(name) for name in CHOICES), alt.param(name="counted", value=counts[0]))
        .properties(height=300, usermeta=usermeta),
        name="politics-curve",
        title=f"In {percent(curve.share_predicted)} of {count(curve.estimated)} models countries close to the US "
        f"stand better, in {percent(curve.share_distinguishable)} distinctly so",
        subtitle="Each bar counts models; right of zero, close countries stand better. At "
        f"{STEP}, a usual step closer to the US goes with {STEP} points less chance of the Watch List or worse (of "
        "Tier 3, where a model has three tiers). Press a choice to leave its models out; point at or tap a bar to "
        "read it",
        alt=f"Bars of {count(curve.estimated)} models {_reach(counts[0])}. "
        f"{percent(curve.share_predicted)} lie above zero; {percent(curve.share_distinguishable)} of all "
        "lie to the right by more than their margin of error.",
        source=f"{SOURCE}. If you leave choices out, the box works with a smaller set: up to "
        f"{count(len(struck.drawn(chance)))} models that stand for all those the rule counts, less the ones "
        f"that you left out, and {struck.DRAWS} lotteries.",
        data=models.results[DOWNLOAD].round(4),
        checks=[
            ({**state, "counted": numbers}, _said(models.results, coded, state))
            for state, numbers in zip(states, counts, strict=True)
        ],
        claim="political-tiers",
        numbers={
            name: str(float(value)) for name, value in political_tiers(chance).items() if name.endswith(MOVED)
        },
        more=json.dumps(
            {"models": columns.packed(packed), "chance": struck.packed(chance, codes)}, separators=(",", ":")
        ),
    )


def _coded(results: pd.DataFrame) -> NDArray[np.intp]:
    """The place of each model's option, choice by choice (models, choices)."""
    named = results.assign(model=named_models(results))
    places = {
        name: {option: place for place, option in enumerate(choice.options)} for name, choice in CHOICES.items()
    }
    return np.column_stack([named[name].map(places[name]) for name in CHOICES]).astype(np.intp)


def _counted(packed: columns.Columns, state: Mapping[str, str]) -> dict[str, Any]:
    return columns.counted(packed, {CHOICE[name]: digits for name, digits in state.items()}, THIRD)


def _control(name: str) -> alt.Parameter:
    choice = CHOICES[name]
    single = {word: str(digit) for digit, word in enumerate(choice.words)}
    options = {"all": choice.everything, **choice.groups, **single}
    select = alt.binding_select(name=choice.title, options=list(options.values()), labels=list(options))
    return alt.param(name=name, value=choice.everything, bind=select)


def _bars() -> Any:
    """How many of the models that are left lie in each bin, by kind."""
    low, high = columns.BINS
    rows = pd.DataFrame(
        [(place, low + place, kind) for place in range(high - low) for kind in KINDS], columns=["i", "from", "k"]
    )
    rows["kind"], rows["order"] = rows.k.map(KINDS), rows.k.map({kind: place for place, kind in enumerate(ORDER)})
    counts = f"{{{', '.join(f'{kind}: counted.{kind}' for kind in KINDS)}}}"
    # the printed form says its answer above the bars
    height = alt.Scale(domainMin=0, domainMax=alt.expr("1.35 * max(counted.top, 1)"), nice=False)
    bars = (
        alt.Chart(rows)
        .transform_calculate(n=f"({counts})[datum.k][datum.i]", to="datum.from + 1")
        .transform_filter("datum.n > 0")
        .mark_bar(binSpacing=1, aria=False)
        .encode(
            x=alt.X(
                "from:Q",
                title="Lead of close countries, in points",
                axis=alt.Axis(values=list(range(-STEP, high, STEP)), grid=False),
                scale=alt.Scale(domain=[low, high], nice=False),
                bin="binned",
            ),
            x2="to:Q",
            y=alt.Y(
                "n:Q",
                title="Models",
                stack="zero",
                axis=alt.Axis(format=",d", tickCount=5, grid=False),
                scale=height,
            ),
            order=alt.Order("order:Q"),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=list(KINDS.values()), range=HUES),
                legend=alt.Legend(title="Close countries stand", columns=2, symbolType="square"),
            ),
            tooltip=[
                alt.Tooltip("n:Q", format=",", title="Models"),
                alt.Tooltip("kind:N", title="Close countries stand"),
                alt.Tooltip("from:Q", format=".0f", title="Points from"),
                alt.Tooltip("to:Q", format=".0f", title="Points to"),
            ],
        )
    )
    level = alt.Chart(alt.Data(values=[{"e": 0}])).mark_rule(color=palette.MUTED).encode(x="e:Q")
    return alt.layer(bars, level)


def _answer() -> alt.Chart:
    """What the chosen models say together; the median is over those of the Watch List unless there are none."""
    share = "format(counted.{} / counted.good, '.1%')"
    spoken = in_vega(
        SENTENCE,
        good="format(counted.good, ',')",
        all="format(counted.all, ',')",
        better=share.format("better"),
        sure=share.format("sure"),
        against=share.format("against"),
        half="format(abs(counted.half), '.1f')",
        way="(counted.half < 0 ? 'more' : 'less')",
        event="(counted.listed ? 'the Watch List or worse' : 'Tier 3')",
    )
    one = alt.Chart(alt.Data(values=[{"one": 1}]))
    return figures.readout_of(
        one.transform_calculate(sentence=f"counted.all == 0 ? '{NOBODY}' : {spoken}"), "sentence"
    )


def _reach(counted: Mapping[str, Any]) -> str:
    """From where to where the bars stand, and where they are highest, in whole points."""
    bars = np.sum([counted[kind] for kind in KINDS], axis=0)
    low, high, top = (columns.BINS[0] + int(place) for place in (*np.flatnonzero(bars)[[0, -1]], bars.argmax()))
    first, last, highest = (decimal(points, 0) for points in (low, high + 1, top))
    return f"from {first} to {last} points, highest from {highest} upwards"


def _left(results: pd.DataFrame, coded: NDArray[np.intp], state: Mapping[str, str]) -> pd.DataFrame:
    """The models that a state of the controls leaves."""
    options = {name: [int(digit) for digit in digits] for name, digits in state.items()}
    return results[np.logical_and.reduce([np.isin(coded[:, CHOICE[name]], own) for name, own in options.items()])]


def _said(results: pd.DataFrame, coded: NDArray[np.intp], state: Mapping[str, str]) -> str:
    """The same answer by the curve's own summary."""
    part = _left(results, coded, state)
    if part.empty:
        return NOBODY
    found = multiverse.summarise(part)
    median, event = found.median_effect, "the Watch List or worse"
    if np.isnan(median):
        good = part[(part.status == ordered.CONVERGED) & (part.event != LISTED)]
        median, event = good.effect.median(), "Tier 3"
    return in_python(
        SENTENCE,
        good=count(found.estimated),
        all=count(found.specifications),
        better=exact(found.share_predicted),
        sure=exact(found.share_distinguishable),
        against=exact(found.share_opposite),
        half=decimal(abs(median)),
        way="more" if median < 0 else "less",
        event=event,
    )
