"""What the interviews can say of all who were held, by assumption about the others."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from compendium import figures
from compendium.chapters.sample.coverage import STUDY, Study, printed
from compendium.evidence.numbers import count, decimal, interval, percent, points
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.methods.shares import proportions
from compendium.methods.shares.proportions import Interval

LEVEL = 0.95


@dataclass(frozen=True)
class Published:
    """Of those interviewed: women, Cambodians, and the two thirds of the miscarriages, in people."""

    women: int
    cambodian: int
    miscarriages: int


def published(facts: Study) -> Published:
    """The first whole numbers that fit the printed figures."""
    women, cambodian = (proportions.grim_percent(printed(fact), facts.sample) for fact in ("K10", "K14"))
    return Published(women.candidates[0], cambodian.candidates[0], round(facts.sample * 2 / 3))


def table_of_assumptions(facts: Study, people: Published) -> pd.DataFrame:
    """The share among all held for each published figure, under each kind of assumption."""
    traits = {"Women": people.women, "Cambodian": people.cambodian, "Miscarriage": people.miscarriages}
    sample, held = facts.sample, facts.held
    ranges = [
        {
            "random": proportions.hypergeometric(number, sample, held),
            "10 points": proportions.bounded_variation(number, sample, held, 0.1),
            "30 points": proportions.bounded_variation(number, sample, held, 0.3),
            "nothing": proportions.manski_bounds(number, sample, held),
        }
        for number in traits.values()
    ]
    labels = [f"{trait}, {count(number)}" for trait, number in traits.items()]
    table = pd.DataFrame([{kind: _short(found) for kind, found in row.items()} for row in ranges], index=labels)
    return table.rename_axis(columns=f"of {sample}")


def _short(found: Interval) -> str:
    return f"{decimal(100 * found.low, 0)}–{percent(found.high)}"


@dataclass(frozen=True)
class AtHalf:
    """The share of all held if half of the interviewed have a trait, where sampling error is largest."""

    number: int
    random: Interval
    worst: Interval

    @property
    def margin(self) -> float:
        """Half the width of the interval of a random draw."""
        return self.random.width / 2


def at_half(facts: Study) -> AtHalf:
    """The exact interval of a random draw and the worst case, at one half."""
    half = facts.sample // 2
    return AtHalf(
        half,
        proportions.hypergeometric(half, facts.sample, facts.held, LEVEL),
        proportions.manski_bounds(half, facts.sample, facts.held),
    )


def words_on_margins(facts: Study, half: AtHalf) -> dict[str, str]:
    """How wide the answer is at one half, drawn at random and with nothing assumed."""
    return {
        "level": percent(half.random.level),
        "process_margin": points(proportions.wilson(half.number, facts.sample).width / 2, 1),
    }


# ---------------------------------------------------------------- the reader's own assumption

ROWS = ["Nothing assumed", "Your assumption", "Chosen by lottery"]


def _ends(found: Interval) -> str:
    return interval(found.low, found.high, lambda share: percent(share, 1))


def _assumption_in_words(facts: Study, number: int, away: int) -> str:
    """What the method says at one setting of the figure."""
    found = proportions.bounded_variation(number, facts.sample, facts.held, away / 100, level=LEVEL)
    others = facts.others
    assumed = {0: f"the {others} others were left out at random", 100: f"nothing is assumed of the {others} others"}
    about = assumed.get(away, f"the {others} others may differ by up to {away} points")
    # With nothing assumed the ends are bounds, not an interval of confidence.
    confidence = "" if away == 100 else f", with {percent(found.level)} confidence"
    return (
        f"If {number} of the {facts.sample} are so and {about}, {_ends(found)} of all {facts.held} are{confidence}."
    )


def _assumption_for_vega(facts: Study) -> str:
    """The same sentence as a Vega expression."""
    held, others = facts.held, facts.others
    about = (
        f"away == 0 ? 'the {others} others were left out at random'"
        f" : away == 100 ? 'nothing is assumed of the {others} others'"
        f" : 'the {others} others may differ by up to ' + away + ' points'"
    )
    return (
        f"'If ' + datum.number + ' of the {facts.sample} are so and\\n' + ({about}) + ',\\n'"
        f" + format((datum.number + {others} * datum.least) / {held}, '.1%')"
        f" + ' to ' + format((datum.number + {others} * datum.greatest) / {held}, '.1%')"
        f" + ' of all {held} are' + (away == 100 ? '.' : ', with {percent(LEVEL)} confidence.')"
    )


def _random_draws(facts: Study) -> pd.DataFrame:
    """For every number that may have a trait: the fewest and most of all held, drawn at random."""
    table = pd.DataFrame({"number": range(facts.sample + 1)})
    exact = [proportions.hypergeometric(number, facts.sample, facts.held, LEVEL) for number in table.number]
    table["fewest"] = [round(found.low * facts.held) for found in exact]
    table["most"] = [round(found.high * facts.held) for found in exact]
    return table


def _assumption_bars(facts: Study, base: alt.Chart) -> list[alt.Chart]:
    """One bar for each row: from the lowest to the highest share of all held."""
    held, others = facts.held, facts.others
    scale = alt.Scale(domain=[0, 1])
    low_high = [
        (f"datum.number / {held}", f"(datum.number + {others}) / {held}", palette.STEPS[1]),
        (
            f"(datum.number + {others} * datum.least) / {held}",
            f"(datum.number + {others} * datum.greatest) / {held}",
            palette.SECOND,
        ),
        (f"datum.fewest / {held}", f"datum.most / {held}", palette.ACCENT),
    ]
    across = alt.X(
        "low:Q",
        scale=scale,
        axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
        title=f"Share of all {held} held in the eight prisons",
    )
    told = [
        alt.Tooltip("row:N", title="Assumption"),
        alt.Tooltip("low:Q", format=".1%", title="From"),
        alt.Tooltip("high:Q", format=".1%", title="To"),
    ]
    down = alt.Y("row:N", sort=ROWS, title=None, scale=alt.Scale(domain=ROWS))
    return [
        base.transform_calculate(low=low, high=high, row=f"'{row}'")
        .mark_bar(height=22, color=colour)
        .encode(x=across, x2="high:Q", y=down, tooltip=told)
        for row, (low, high, colour) in zip(ROWS, low_high, strict=True)
    ]


def _assumption_chart(facts: Study, table: pd.DataFrame, women: int) -> alt.TopLevelMixin:
    sample, others = facts.sample, facts.others
    how_many = alt.binding_range(min=0, max=sample, step=1, name=f"Of the {sample}, have the trait")
    how_far = alt.binding_range(min=0, max=100, step=5, name="Others may differ by (points)")
    number = alt.param(name="number", value=women, bind=how_many)
    away = alt.param(name="away", value=100, bind=how_far)
    base = alt.Chart(table).transform_filter("datum.number == number")
    base = base.transform_calculate(
        least=f"max(0, (datum.fewest - datum.number) / {others} - away / 100)",
        greatest=f"min(1, (datum.most - datum.number) / {others} + away / 100)",
        observed=f"datum.number / {sample}",
    )
    observed = base.mark_rule(color=palette.INK, strokeWidth=2, strokeDash=[4, 3])
    observed = observed.encode(x=alt.X("observed:Q", scale=alt.Scale(domain=[0, 1])))
    said = figures.readout_of(base.transform_calculate(said=_assumption_for_vega(facts)), "said")
    chart = alt.layer(*_assumption_bars(facts, base), observed, said)
    return chart.add_params(number, away).properties(height=168)


def _margins(facts: Study) -> dict[str, float]:
    """How far off a share of one half can be, by how many points the others may differ."""
    half, sample, held = facts.sample // 2, facts.sample, facts.held
    return {
        str(apart): proportions.bounded_variation(half, sample, held, apart / 100, LEVEL).width / 2
        for apart in range(0, 101, 5)
    }


def draw_assumption(facts: Study, people: Published, half: AtHalf) -> figures.Figure:
    """Let the reader say how many have a trait and how far the others may differ."""
    sample, held, women = facts.sample, facts.held, people.women
    table = _random_draws(facts)
    settings = [(women, 30), (women, 0), (women, 100), (people.miscarriages, 10), (0, 20), (sample, 55), (45, 5)]
    narrow, wide = points(half.random.width, 0).split()[0], points(half.worst.width, 0)
    random, nothing = (
        _ends(method(women, sample, held)) for method in (proportions.hypergeometric, proportions.manski_bounds)
    )
    return figures.live(
        _assumption_chart(facts, table, women),
        name="sample-assumption",
        title=f"Chosen by lottery, the {sample} make a share known within a span of {narrow} points at "
        f"most; with nothing assumed, of {wide}",
        subtitle=f"Share of all {held} who may have the trait, by what is assumed of those not interviewed. "
        f"Dashed: the share among the {sample}",
        alt=f"Three bars over the share of all {held}. With {women} of {sample} a choice by lottery allows "
        f"{random} at {percent(half.random.level)} confidence, nothing assumed allows {nothing}; the middle "
        "bar follows the "
        "reader's assumption.",
        source=f"{STUDY}. Exact hypergeometric interval; worst-case bounds; between them bounded variation "
        "around the random interval.",
        data=table.assign(others=facts.others),
        checks=[({"number": n, "away": d}, _assumption_in_words(facts, n, d)) for n, d in settings],
        claim="sample-91",
        numbers={"worst_margin": figures.looked_up(_margins(facts), "away + ''")},
    )


def words_on_breakdown(facts: Study, people: Published) -> dict[str, str]:
    """How far the others must differ before two statements about most of those held fall."""

    def gap(number: int) -> str:
        breaking = proportions.breakdown_delta(number, facts.sample, facts.held, 0.5)
        if breaking is None:
            raise ValueError(f"{number} of {facts.sample}: even the worst case does not reach one half")
        return points(breaking, 0)

    def needed(number: int) -> str:
        return percent((facts.held / 2 - number) / facts.others, 1)

    return {
        "women_needed": needed(people.women),
        "miscarriage_needed": needed(people.miscarriages),
    }
