"""The live figure of the evidence: the reader's ratios, prior and discount, and the probability that follows.

The page adds up log odds in Vega; its check asks `tracing.posterior_at`, and both fill the same sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.leverage.cambodia import FACTOR, centre, items, listed, side, tenths
from compendium.evidence.numbers import decimal, in_words, percent
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

ANSWER = "Before the evidence {prior}%, after it {central}:\nfrom {low} to {high} over all ranges."
PRIOR_LOG_ODDS = "log(prior / (100 - prior))"


def weighed_in_vega(rows: Any, pieces: Sequence[Evidence]) -> Any:
    """Give each piece its ratio from its slider, and less weight beyond the strongest of its kind."""
    ratios = ", ".join(f"'{item.id}': {'' if side(item) == 'for' else '1 / '}{item.id}" for item in pieces)
    return (
        rows.transform_calculate(middle="log({" + ratios + "}[datum.id])")
        .transform_calculate(
            size="abs(datum.middle)",
            ratio="exp(datum.middle)",
            low="exp(datum.middle + datum.below)",
            high="exp(datum.middle + datum.above)",
        )
        .transform_window(rank="row_number()", groupby=["kind"], sort=[alt.SortField("size", order="descending")])
        .transform_calculate(weight="datum.rank == 1 ? 1 : repeats")
    )


def answer_in_vega(items: Any) -> Any:
    """Add up the weighted log ratios and say the probability: one row with the sentence."""

    def chance(log_ratio: str, form: str) -> str:
        return f"format(1 / (1 + exp(-({PRIOR_LOG_ODDS} + {log_ratio}))), '{form}')"

    answer = in_vega(
        ANSWER,
        prior="prior",
        central=chance("datum.a", ".0%"),
        low=chance("datum.b", ".1%"),
        high=chance("datum.c", ".1%"),
    )
    return (
        items.transform_calculate(
            a="datum.weight * datum.middle",
            b="datum.weight * (datum.middle + datum.below)",
            c="datum.weight * (datum.middle + datum.above)",
        )
        .transform_aggregate(a="sum(a)", b="sum(b)", c="sum(c)")
        .transform_calculate(sentence=answer)
    )


def answer(prior: int = EVEN, repeats: float = FACTOR, **moved: float) -> str:
    """The same sentence by process tracing, with the sliders that were moved."""
    pieces = items()
    set_to = {item.id: moved.get(item.id, start(item)) for item in pieces}
    ratios = {item.id: set_to[item.id] if side(item) == "for" else 1 / set_to[item.id] for item in pieces}
    found = tracing.posterior_at(pieces, ratios, prior / 100, repeats)
    low, high = tenths(found.low), tenths(found.high)
    return in_python(ANSWER, prior=str(prior), central=percent(found.central), low=low, high=high)


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
    rows = _rows_of_the_chart(pieces)
    weighed = weighed_in_vega(alt.Chart(rows), pieces)
    sentence = figures.readout_of(answer_in_vega(weighed), "sentence")
    crossed = sum(item.ratio_range[0] < 1 < item.ratio_range[1] for item in pieces)
    most, least = max(pieces, key=lambda item: item.ratio), min(pieces, key=lambda item: item.ratio)
    right = sum(side(item) == "for" for item in pieces)
    order = [item.label for item in sorted(pieces, key=lambda item: -item.ratio)]
    chart = alt.layer(*_layers(weighed, order), sentence)
    return figures.live(
        chart.add_params(*_controls(pieces)).properties(height=27 * len(pieces) + 10),
        name="leverage-tracing",
        title=f"The evidence moves an even bet on the claim to {percent(centre())}, "
        "and its ranges allow almost anything",
        subtitle="How many times as likely each piece of evidence is if the claim is true; below one it speaks "
        "against the claim. Bars: how far the judgement ranges. A slider set to one leaves its piece out",
        alt=f"{in_words(len(pieces)).capitalize()} dots with bars around the line of one. "
        f"{in_words(right).capitalize()} lie to the right, for the claim, "
        f"{most.label.lower()} farthest at {decimal(most.ratio)}; "
        f"{in_words(len(pieces) - right)} to the left, against it, "
        f"{least.label.lower()} farthest at {decimal(least.ratio)}. "
        f"{in_words(crossed).capitalize()} of the bars cross one.",
        source="Evidence and likelihoods: law_judgements, judged by one reader; reasons in the tables above.",
        data=table_of_evidence(),
        apart="The rule reads draws from all judged ranges and priors at once, not one set of them.",
        checks=[(setting, answer(**setting)) for setting in SETTINGS],
    )


def _controls(pieces: Sequence[Evidence]) -> list[Any]:
    def slider(name: str, value: float, words: str, low: float, high: float, step: float) -> Any:
        return alt.param(name=name, value=value, bind=alt.binding_range(name=words, min=low, max=high, step=step))

    return [
        slider("prior", EVEN, "Before the evidence (percent)", 5, 95, 5),
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
