"""Who stands behind the offenders: what counts as organised, where, and what a choice of cases does to a share."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words, percent, times
from compendium.figures import Figure, palette
from compendium.figures.lazily import alt
from compendium.methods.shares import citizenship as shares
from compendium.methods.shares.proportions import Interval, clopper_pearson

KINDS = {"study": "the prison study", "report": "reports", "court_case": "court cases in newspapers"}


def evidence() -> pd.DataFrame:
    """What cases, reports, samples and collections say of groups, coded by hand, by id."""
    rows = tables.read("offender_evidence").query("subject == 'organisation' and status != 'unverified'")
    return rows.set_index("id")


def words_on_definition(facts: pd.DataFrame) -> dict[str, str]:
    """The convention's thresholds and the maximum of Cambodia's base offence."""
    return {
        "three": in_words(int(facts.value["U18a"])),
        "serious": in_words(int(facts.value["U18b"])),
        "khmer_max": f"{count(tables.value('cambodia_penalties', 'max_years', id='KH-08-10'))} years",
    }


# ---------------------------------------------------------------- cases and prisoners


class Australia(NamedTuple):
    """The Australian convicts: people, their schemes, and the exact interval of the share that is organised."""

    people: int
    schemes: int
    organised: int
    share: Interval


def australia(facts: pd.DataFrame) -> Australia:
    """Count by schemes: people of one scheme are not independent."""
    organised, people, schemes = int(facts.value["T07a"]), int(facts.n["T07a"]), int(facts.value["T06"])
    return Australia(people, schemes, organised, clopper_pearson(organised, schemes))


def words_on_groups(facts: pd.DataFrame) -> dict[str, str]:
    """How many court cases the UN has."""
    return {"cases": count(int(facts.n["U10"]))}


def table_of_codings(evidence: pd.DataFrame) -> pd.DataFrame:
    """How many rows on Cambodia describe offenders as small, mixed or organised, by kind."""
    khmer = evidence[evidence.place == "Cambodia"]
    counted = pd.crosstab(khmer.kind.map(KINDS), khmer.says)
    order = [kind for kind in KINDS.values() if kind in counted.index]
    shown = counted.reindex(index=order, columns=["small", "mixed", "organised"], fill_value=0)
    return shown.rename_axis(index="said by", columns=None)


# ---------------------------------------------------------------- women

STUDY = "K10"
GROUPS = {
    "U09a": "in pairs",
    "U09b": "in business-type groups",
    "U09c": "in structured groups",
    STUDY: "Cambodian prison study",
}


def draw_women(facts: pd.DataFrame) -> Figure:
    """Women among traffickers by type of group, beside the prison study."""
    women = facts.loc[list(GROUPS), ["value", "value_high"]].assign(label=list(GROUPS.values()))
    drawing, axis = figures.canvas(height=1.9)
    row: Any
    for place, row in enumerate(women[::-1].itertuples()):
        own, at_most = row.Index == STUDY, pd.isna(row.value)
        colour, end = palette.SECOND if own else palette.ACCENT, row.value_high if at_most else row.value
        if at_most:
            axis.plot([0, end], [place, place], color=colour, lw=5, solid_capstyle="butt")
        else:
            axis.plot(end, place, "s" if own else "o", color=colour, ms=7)
        axis.text(end + 2, place, f"{'under ' if at_most else ''}{end:.0f}%", va="center", color=colour)
    axis.set(
        yticks=range(len(women)),
        yticklabels=women.label[::-1],
        xlim=(0, 100),
        ylim=(-0.5, len(women) - 0.5),
        xlabel="Women, percent",
    )
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="organised-women",
        title="The tighter the group, the fewer the women; the prison study has far more than any group type shown",
        subtitle="Women among traffickers in about 800 UN court cases by type of group (dots), "
        "and among the people of the prison study (square)",
        alt="Women are 43 percent of traffickers in pairs, 37 percent in business-type groups, "
        "under 30 percent in structured groups, and 80 percent in the Cambodian prison study.",
        source="UNODC 2022, as restated; Keo and co-authors 2014. Collections of different origin: "
        "the square is not a fifth type.",
        data=women.reset_index(),
    )


# ---------------------------------------------------------------- a choice of cases

SETTINGS = [(60, 3), (51, 1), (80, 7.5), (95, 20), (70, 0.5)]  # percent found, times as likely to be sent
FOUND, TIMES = SETTINGS[0]


def _among(odds: str) -> str:
    """`shares.among_all` as a Vega expression, for the reader's share among the cases sent."""
    return f"(found / 100) / (found / 100 + {odds} * (1 - found / 100))"


def sentence(found: float, odds: float) -> str:
    """What the live figure must say, by the module."""
    return (
        f"If {found}% of the cases sent were organised and such cases were sent {odds:g} times as often, "
        f"{percent(shares.among_all(found / 100, odds), 1)} of all cases were organised."
    )


def _selection_layers(steps: pd.DataFrame) -> list[alt.Chart]:
    """Half, the curve over the odds, the reader's point on it, and the sentence."""
    across = alt.X(
        "times:Q",
        scale=alt.Scale(type="log", domain=[0.5, 20], nice=False),
        axis=alt.Axis(values=[0.5, 1, 2, 5, 10, 20], format="~g", grid=False),
        title="Times as likely to be sent (log scale)",
    )
    upward = alt.Y(
        "all:Q",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(format=".0%", tickCount=5),
        title="Organised among all cases",
    )
    curve = alt.Chart(steps).transform_calculate(all=_among("datum.times")).mark_line()
    here = alt.Chart(alt.Data(values=[{}])).transform_calculate(all=_among("odds"), times="odds")
    point = here.mark_point(size=140, opacity=1, filled=True, color=palette.SECOND)
    level = alt.Chart(alt.Data(values=[{"all": 0.5}])).mark_rule(color=palette.MUTED, strokeDash=[5, 4])
    told = figures.readout(
        "'If ' + found + '% of the cases sent were organised\\nand such cases were sent ' + odds + "
        f"' times as often,\\n' + format({_among('odds')}, '.1%') + ' of all cases were organised.'"
    )
    return [level.encode(y=upward), curve.encode(x=across, y=upward), point.encode(x=across, y=upward), told]


def draw_selection() -> Figure:
    """Live: what a choice of cases does to the share that is organised."""
    controls = [
        alt.param(name=name, value=value, bind=alt.binding_range(name=label, min=low, max=high, step=step))
        for name, value, label, low, high, step in (
            ("found", FOUND, "Organised among the cases sent (percent)", 51, 95, 1),
            ("odds", TIMES, "Organised cases sent so many times as often", 0.5, 20, 0.5),
        )
    ]
    steps = pd.DataFrame({"times": np.round(np.geomspace(0.5, 20, 60), 3)})
    return figures.live(
        alt.layer(*_selection_layers(steps)).add_params(*controls).properties(height=240),
        name="organised-selection",
        title="A choice of cases can turn a minority into most, but only a strong one makes a large majority of it",
        subtitle="Share of organised cases among all cases, by how much more often they are sent to the UN; "
        "dashed line: half",
        alt="A curve that falls from above 70 percent where organised cases are sent half as often as others "
        "to under 10 percent where they are sent twenty times as often; at three times it is a third.",
        source="Arithmetic of selection: the odds of the share are divided by the odds of being sent. "
        "The share behind “most” was not seen; 60% is an example.",
        data=steps.assign(at_60_percent=[round(shares.among_all(FOUND / 100, odds), 4) for odds in steps.times]),
        apart="The share behind “most” was not seen, so that nothing can be decided by an example.",
        checks=[({"found": found, "odds": odds}, sentence(found, odds)) for found, odds in SETTINGS],
    )


def words_on_selection(facts: pd.DataFrame) -> dict[str, str]:
    """How strong a choice would bridge the UN's cases and Australia's schemes."""
    highest = australia(facts).share.high
    return {
        "bridge": times(shares.odds_between(0.5, highest)),
        "australia_top": percent(highest),
    }
