"""A country whose votes or law moved, by the model spelled out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.politics.model import Model
from compendium.chapters.politics.sources import SOURCE, Facts
from compendium.evidence.numbers import decimal, interval, percent
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.figures.wording import in_python, in_vega
from compendium.methods.tiers import whatif

EVENT = 2  # the Watch List or worse
TIERS = ("Tier 1", "Tier 2", "the Watch List", "Tier 3")
CLASSES = ["Tier 1", "Tier 2", "Watch List", "Tier 3"]
ROWS = ["as it was", "as you set it"]
STEP = 1.0  # standard deviations that the title moves
SENTENCE = (
    "{name} in the report of {year} (it was on {tier}):\n"
    "the Watch List or worse as it was {before},\n"
    "with votes {nearer} closer{as_close} and law {better} better {after}."
)


@dataclass(frozen=True)
class WhatIf:
    """What the model says of each country at its last complete report with all measures.

    `people` has a row for each row of `ready`: its columns, iso3, year, tier and name; `law_scale` is a standard
    deviation of the rule of law.
    """

    ready: whatif.Prepared
    people: pd.DataFrame
    law_scale: float

    def chance(self, iso3: str, closer: float = 0.0, better: float = 0.0) -> whatif.Chance:
        """The chances of one country with votes closer and law better by so many standard deviations."""
        moves = {"voting_distance": -closer, "rule_of_law": better * self.law_scale}
        return whatif.chance(self.ready, self.row(iso3), moves)

    def row(self, iso3: str) -> int:
        """The row of `ready` that is this country's."""
        return int(self.people.index[self.people.iso3 == iso3][0])


def what_if(facts: Facts, model: Model) -> WhatIf:
    """Prepare the last row of every country for moves of its votes and its law."""
    data, panel = model.data, facts.panel
    codes = data.clusters.codes
    last = np.flatnonzero(np.append(codes[1:] != codes[:-1], True))
    ready = whatif.prepare(model.fit, data.design[last], ["voting_distance", "rule_of_law"], EVENT)
    people = ready.rows.round(5).assign(
        iso3=[panel.names[code] for code in panel.country[data.rows[last]]],
        year=panel.year[data.rows[last]],
        tier=np.array(TIERS)[data.outcome[last]],
    )
    people["name"] = facts.names[people.iso3].to_numpy()
    return WhatIf(ready, people.sort_values("name"), model.spread["rule_of_law"])


def words_on_cambodia(known: WhatIf) -> dict[str, str]:
    """Return Cambodia's chances as it was, with closer votes and with better law, and who votes like that."""
    words = {}
    for name, chance in _cambodia(known).items():
        words[name] = percent(chance.event)
        words[f"{name}_interval"] = interval(chance.low, chance.high)
    distance = known.people.voting_distance
    target = distance[known.row("KHM")] - STEP
    return {**words, "like": str(known.people.loc[(distance - target).abs().idxmin(), "name"])}


def _cambodia(known: WhatIf) -> dict[str, whatif.Chance]:
    return {
        "now": known.chance("KHM"),
        "nearer": known.chance("KHM", closer=STEP),
        "lawful": known.chance("KHM", better=STEP),
    }


def draw_what_if(known: WhatIf) -> figures.Figure:
    """Draw the chance of each class, as the country was and as the reader sets it."""
    now, nearer, lawful = (percent(chance.event) for chance in _cambodia(known).values())
    moved = _moved(known)
    settings = [("KHM", 1, 0), ("KHM", 0, 1), ("CUB", 3.5, -0.5), ("GBR", 4, 0), ("KHM", 4, 0), ("QAT", -2, 2)]
    return figures.live(
        alt.layer(*_bars(known, moved), _answer(known, moved))
        .add_params(*_controls(known.people))
        .properties(height=130),
        name="politics-whatif",
        title=f"The model gives Cambodia {now} for the Watch List or worse; with closer votes {nearer}, "
        f"with better law {lawful}",
        subtitle="Chance of each class in the model above, as the country was and as you set it; the title moves "
        "votes or law by one usual step; line on a bar: how far the model may be off (95% interval)",
        alt=f"Two bars of four pieces, worst class first. As Cambodia was, the first two pieces make {now}; "
        f"with votes one usual step closer {nearer}.",
        source=SOURCE + ". Each country at its last complete report with all measures.",
        data=known.people,
        apart="It shows one model and one country; the rule reads all models.",
        checks=[
            ({"country": iso3, "closer": closer, "better": better}, _told(known, iso3, closer, better))
            for iso3, closer, better in settings
        ],
    )


def _controls(people: pd.DataFrame) -> list[alt.Parameter]:
    countries = alt.binding_select(name="Country", options=list(people.iso3), labels=list(people.name))
    votes = alt.binding_range(name="Votes closer to the US by (usual steps)", min=-2, max=4, step=0.1)
    law = alt.binding_range(name="Rule of law better by (usual steps)", min=-2, max=2, step=0.1)
    return [
        alt.param(name="country", value="KHM", bind=countries),
        alt.param(name="closer", value=1, bind=votes),
        alt.param(name="better", value=0, bind=law),
    ]


def _moved(known: WhatIf) -> alt.Chart:
    """The chosen country: linear predictor as it was and `moved`, and how far each interval reaches."""
    slope_votes, slope_law = known.ready.slopes
    (votes, both), (_, law) = known.ready.slope_covariance
    critical = f"{known.ready.critical:.6f}"
    return (
        alt.Chart(known.people)
        .transform_filter("datum.iso3 == country")
        .transform_calculate(m="-min(closer, datum.voting_distance)", r=f"better * {known.law_scale:.6f}")
        .transform_calculate(
            moved=f"datum.linear + datum.m * {slope_votes:.6f} + datum.r * {slope_law:.6f}",
            reach=f"{critical} * sqrt(datum.variance + 2 * (datum.m * datum.covariance_voting_distance"
            f" + datum.r * datum.covariance_rule_of_law) + datum.m * datum.m * {votes:.8f}"
            f" + 2 * datum.m * datum.r * {both:.8f} + datum.r * datum.r * {law:.8f})",
            still=f"{critical} * sqrt(datum.variance)",
        )
    )


def _exceeds(linear: str, threshold: float) -> str:
    """The chance of standing beyond a threshold."""
    return f"1 / (1 + exp({threshold:.6f} - datum.{linear}))"


def _end(linear: str, reach: str, known: WhatIf, sign: str) -> str:
    """An end of the interval of the chance of the event: the lower one with "+", the upper one with "-"."""
    return f"1 / (1 + exp({known.ready.thresholds[EVENT - 1]:.6f} - datum.{linear} {sign} datum.{reach}))"


def _bars(known: WhatIf, moved: alt.Chart) -> list[alt.Chart]:
    """Two bars of four classes, and the interval of the border that matters in each."""
    ends = [
        ["1", *(_exceeds(linear, threshold) for threshold in known.ready.thresholds), "0"]
        for linear in ("linear", "moved")
    ]
    pieces = moved.transform_calculate(
        row=f"{[row for row in ROWS for _ in CLASSES]}",
        class_=f"{CLASSES * len(ROWS)}",
        right=_array(end for bar in ends for end in bar[:-1]),
        left=_array(end for bar in ends for end in bar[1:]),
    ).transform_flatten(["row", "class_", "right", "left"])
    whiskers = moved.transform_calculate(
        row=f"{ROWS}",
        low=_array([_end("linear", "still", known, "+"), _end("moved", "reach", known, "+")]),
        high=_array([_end("linear", "still", known, "-"), _end("moved", "reach", known, "-")]),
    ).transform_flatten(["row", "low", "high"])
    rowwise = alt.Y("row:N", sort=ROWS, title=None)
    across = alt.X(
        "left:Q",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format=".0%", tickCount=5),
        title="Chance of each class, worst first",
    )
    hue = alt.Color(
        "class_:N",
        scale=alt.Scale(domain=CLASSES[::-1], range=list(palette.STEPS[:0:-1])),
        legend=alt.Legend(title=None, columns=4, symbolType="square"),
    )
    tips = [alt.Tooltip("class_:N", title="Class"), alt.Tooltip("chance:Q", format=".0%", title="Chance")]
    return [
        pieces.transform_calculate(chance="datum.right - datum.left")
        .mark_bar(height=34, stroke=palette.PAPER, strokeWidth=1.5)
        .encode(x=across, x2="right:Q", y=rowwise, color=hue, tooltip=tips),
        *(
            whiskers.mark_rule(strokeWidth=width, color=colour).encode(x="low:Q", x2="high:Q", y=rowwise)
            for width, colour in ((8, palette.PAPER), (3, palette.SECOND))  # a dark line, also on dark bars
        ),
    ]


def _array(expressions: Iterable[str]) -> str:
    return f"[{', '.join(expressions)}]"


def _answer(known: WhatIf, moved: alt.Chart) -> alt.Chart:
    def chance(linear: str, reach: str) -> str:
        threshold = known.ready.thresholds[EVENT - 1]
        event, low, high = (
            f"format({expression}, '.0%')"
            for expression in (
                _exceeds(linear, threshold),
                _end(linear, reach, known, "+"),
                _end(linear, reach, known, "-"),
            )
        )
        return f"{event} + ' (' + {low} + ' to ' + {high} + ')'"

    spoken = in_vega(
        SENTENCE,
        name="datum.name",
        year="datum.year",
        tier="datum.tier",
        before=chance("linear", "still"),
        nearer="format(-datum.m, '.1f')",
        as_close="(closer > datum.voting_distance ? ' (as close as possible)' : '')",
        better="format(better, '.1f')",
        after=chance("moved", "reach"),
    )
    return figures.readout_of(moved.transform_calculate(sentence=spoken), "sentence")


def _told(known: WhatIf, iso3: str, closer: float, better: float) -> str:
    """The same answer by the method."""
    facts: Any = known.people.loc[known.row(iso3)]
    nearer = min(closer, facts.voting_distance)  # nobody votes closer to the US than the US

    def say(chance: whatif.Chance) -> str:
        return f"{percent(chance.event)} ({interval(chance.low, chance.high)})"

    return in_python(
        SENTENCE,
        name=facts["name"],
        year=str(facts.year),
        tier=facts.tier,
        before=say(known.chance(iso3)),
        nearer=decimal(nearer),
        as_close=" (as close as possible)" if nearer < closer else "",
        better=decimal(better),
        after=say(known.chance(iso3, nearer, better)),
    )
