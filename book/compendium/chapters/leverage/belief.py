"""The live figure of the evidence: the reader's ratios, prior and discount, and the probability that follows.

The page adds up the log odds of draws in Vega; its check asks `tracing.posterior_at`, and both fill one sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.leverage.cambodia import FACTOR, PRIORS, items, listed, side
from compendium.evidence.numbers import decimal, in_words, interval, percent
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.figures.wording import in_python, in_vega
from compendium.methods.law import tracing
from compendium.methods.law.tracing import Evidence

EVEN = 50  # percent


def start(item: Evidence) -> float:
    """Where the slider of a piece starts: how many times as likely it is on its own side."""
    return round(max(item.ratio, 1 / item.ratio), 2)


def table_of_evidence() -> pd.DataFrame:
    """One row for each piece: its date, its judged ranges, its ratio and their reading in words."""
    when = listed().date
    rows = []
    for item in items():
        ratios = [round(ratio, 3) for ratio in (item.ratio, *item.ratio_range)]
        judged = (*item.if_true, *item.if_false)
        rows.append((item.id, when[item.id], item.label, side(item), item.group, *judged, *ratios, item.strength))
    ends = ["if_true_low", "if_true_high", "if_false_low", "if_false_high", "ratio", "ratio_low", "ratio_high"]
    return pd.DataFrame(rows, columns=["id", "date", "item", "side", "kind", *ends, "strength"])


def _rows_of_the_chart(pieces: Sequence[Evidence]) -> pd.DataFrame:
    """One row for each piece, with the distance of its range's ends from its ratio on the log scale."""
    rows = []
    for item in pieces:
        below, above = (float(np.round(np.log(end / item.ratio), 5)) for end in item.ratio_range)
        rows.append((item.id, item.label, f"{side(item)} the claim", item.group, below, above))
    return pd.DataFrame(rows, columns=["id", "label", "side", "kind", "below", "above"])


# ---------------------------------------------------------------- the sum on the page, and its check

ANSWER = (
    "From {first} to {last} before the evidence; after it {central} in the middle,\n"
    "nine draws in ten from {low} to {high}."
)
LEVEL, KEPT, DECIMALS = 0.9, 401, 2  # of the draws that the page adds up, and of each of their log odds
Draws = tuple[tuple[float, ...], ...]


def draws(pieces: Sequence[Evidence]) -> Draws:
    """Draws of the rule at even distances in their order, rounded: how far each lies from the judged middle."""
    kept = tracing.representatives(tracing.discount(pieces, FACTOR), PRIORS, kept=KEPT)
    return tuple(tuple(round(deviation, DECIMALS) for deviation in draw) for draw in kept)


def _log_ratio(item: Evidence) -> str:
    """The log likelihood ratio of a piece by its slider, as a Vega expression."""
    return f"{'' if side(item) == 'for' else '-'}log({item.id})"


def weighed_in_vega(rows: Any, pieces: Sequence[Evidence]) -> Any:
    """Give each piece its ratio from its slider, and less weight beyond the strongest of its kind."""
    ratios = ", ".join(f"'{item.id}': {_log_ratio(item)}" for item in pieces)
    return (
        rows.transform_calculate(middle="({" + ratios + "})[datum.id]")
        .transform_calculate(
            size="abs(datum.middle)",
            ratio="exp(datum.middle)",
            low="exp(datum.middle + datum.below)",
            high="exp(datum.middle + datum.above)",
        )
        .transform_window(rank="row_number()", groupby=["kind"], sort=[alt.SortField("size", order="descending")])
        .transform_calculate(weight="datum.rank == 1 ? 1 : repeats")
    )


def _prior_in_vega(end: float) -> str:
    """An end of the judged range of priors, as odds around the reader's middle."""
    return f"1 / (1 + {(1 - end) / end!r} * (100 - prior) / prior)"


def answer_in_vega(weighed: Any, pieces: Sequence[Evidence]) -> Any:
    """Add up each draw by the weights, and say where their middle and nine in ten lie: one row of numbers."""
    centre = " + ".join(f"datum.{item.id} * {_log_ratio(item)}" for item in pieces)
    deviation = " + ".join(f"datum.{item.id} * datum.draw[{place}]" for place, item in enumerate(pieces, start=1))
    shares = {"low": (1 - LEVEL) / 2, "central": 0.5, "high": (1 + LEVEL) / 2}
    places = {name: round(share * (KEPT - 1)) for name, share in shares.items()}
    gaps = {name: f"datum.{name}" for name in places}
    gaps |= {name: _prior_in_vega(end) for name, end in zip(("first", "last"), PRIORS, strict=True)}
    sentence = in_vega(ANSWER, **{name: f"format({share}, '.0%')" for name, share in gaps.items()})
    return (
        weighed.transform_pivot("id", value="weight")
        .transform_calculate(draw="draws", centre=f"log(prior / (100 - prior)) + {centre}")
        .transform_flatten(["draw"])
        .transform_calculate(total=f"datum.centre + datum.draw[0] + {deviation}")
        .transform_aggregate(all="values(total)")
        .transform_calculate(ordered="sort(pluck(datum.all, 'total'))")
        .transform_calculate(**{name: f"1 / (1 + exp(-datum.ordered[{at}]))" for name, at in places.items()})
        .transform_calculate(sentence=sentence)
    )


def said(
    pieces: Sequence[Evidence], drawn: Draws, prior: int = EVEN, repeats: float = FACTOR, **moved: float
) -> tuple[str, dict[str, float]]:
    """The same sentence, and the numbers of the rule, by process tracing with the sliders that were moved."""
    set_to = {item.id: moved.get(item.id, start(item)) for item in pieces}
    ratios = {item.id: set_to[item.id] if side(item) == "for" else 1 / set_to[item.id] for item in pieces}
    found = tracing.posterior_at(pieces, ratios, prior / 100, drawn, factor=repeats, level=LEVEL)
    first, last = (tracing.posterior(prior / 100, [end / (1 - end)]) for end in PRIORS)
    gaps = {"first": first, "last": last, "central": found.central, "low": found.low, "high": found.high}
    sentence = in_python(ANSWER, **{name: percent(share) for name, share in gaps.items()})
    return sentence, {"posterior_low": found.low, "posterior_high": found.high}


SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"prior": 25},
    {"prior": 75, "repeats": 0},
    {"repeats": 1, "cable": 1},
    {"cable": 6, "lowered": 0.5},
    {"old_law": 1, "standard": 1, "lowered": 1, "repeats": 0.3},
)


# ---------------------------------------------------------------- drawing


def draw_belief() -> figures.Figure:
    """The pieces of evidence with their sliders, and the probability of the claim."""
    pieces = items()
    drawn = draws(pieces)
    rows = _rows_of_the_chart(pieces)
    weighed = weighed_in_vega(alt.Chart(rows), pieces)
    sentence = figures.readout_of(answer_in_vega(weighed, pieces), "sentence")
    likely = tracing.drawn(tracing.discount(pieces, FACTOR), PRIORS)
    crossed = sum(item.ratio_range[0] < 1 < item.ratio_range[1] for item in pieces)
    most, least = max(pieces, key=lambda item: item.ratio), min(pieces, key=lambda item: item.ratio)
    right = sum(side(item) == "for" for item in pieces)
    order = [item.label for item in sorted(pieces, key=lambda item: -item.ratio)]
    chart = alt.layer(*_layers(weighed, order), sentence)
    return figures.live(
        chart.add_params(*_controls(pieces, drawn)).properties(height=27 * len(pieces) + 10),
        name="leverage-tracing",
        title=f"The evidence moves a belief around one half to {percent(likely.central)}, and nine draws "
        f"in ten lie from {interval(likely.low, likely.high)}",
        subtitle="How many times as likely each piece of evidence is if the claim is true; below one it speaks "
        "against the claim. Bars: how far the judgement ranges; they move with their slider. At one a piece "
        "speaks for neither side",
        alt=f"{in_words(len(pieces)).capitalize()} dots with bars around the line of one. "
        f"{in_words(right).capitalize()} lie to the right, for the claim, "
        f"{most.label.lower()} farthest at {decimal(most.ratio)}; "
        f"{in_words(len(pieces) - right)} to the left, against it, "
        f"{least.label.lower()} farthest at {decimal(least.ratio)}. "
        f"{in_words(crossed).capitalize()} of the bars cross one.",
        source="Evidence and likelihoods: law_judgements, judged by one reader; reasons in the tables above.",
        data=table_of_evidence(),
        claim="cambodia-bowed",
        numbers={"posterior_low": "datum.low", "posterior_high": "datum.high"},
        checks=[(setting, *said(pieces, drawn, **setting)) for setting in SETTINGS],
    )


def _controls(pieces: Sequence[Evidence], drawn: Draws) -> list[Any]:
    def slider(name: str, value: float, words: str, low: float, high: float, step: float) -> Any:
        return alt.param(name=name, value=value, bind=alt.binding_range(name=words, min=low, max=high, step=step))

    return [
        alt.param(name="draws", value=drawn),
        slider("prior", EVEN, "Before the evidence, middle of the range (percent)", 5, 95, 5),
        slider("repeats", FACTOR, "Evidence of one kind counts again by", 0, 1, 0.1),
        *(slider(item.id, start(item), f"{item.label}: times {side(item)}", 0.2, 6, 0.01) for item in pieces),
    ]


def _layers(items: Any, order: list[str]) -> list[Any]:
    log = alt.Scale(type="log", domain=[0.1, 10], nice=False, clamp=True)
    x = alt.X(
        "ratio:Q",
        scale=log,
        axis=alt.Axis(values=[0.1, 0.2, 0.5, 1, 2, 5, 10], format="~g"),
        title="Times as likely if true as if false (log scale)",
    )
    sides = alt.Scale(domain=["for the claim", "against the claim"], range=[palette.ACCENT, palette.SECOND])
    shared = {
        "y": alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=130)),
        "color": alt.Color("side:N", scale=sides, legend=alt.Legend(title="Judged", symbolType="circle")),
        "tooltip": [
            alt.Tooltip("label:N", title="Evidence"),
            alt.Tooltip("kind:N", title="Kind"),
            alt.Tooltip("ratio:Q", format=".2f", title="Times as likely if true"),
            alt.Tooltip("low:Q", format=".2f", title="At least"),
            alt.Tooltip("high:Q", format=".2f", title="At most"),
            alt.Tooltip("weight:Q", title="Weight"),
        ],
    }
    one = alt.Chart(alt.Data(values=[{"ratio": 1}])).mark_rule(color=palette.MUTED).encode(x=x)
    bars = items.mark_rule(strokeWidth=3).encode(x=alt.X("low:Q", scale=log), x2="high:Q", **shared)
    dots = items.mark_point(size=90, opacity=1, filled=True).encode(x=x, **shared)
    return [one, bars, dots]
