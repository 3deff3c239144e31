"""What the world's profit from a victim would mean for one trafficker in Cambodia, in years of a garment wage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.trade.portrait import Facts
from compendium.evidence import tables
from compendium.evidence.numbers import decimal, dollars, percent
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.methods.choice import earnings

KEPT = [1, 3, 10, 30, 100]  # the axis of the share kept, percent
EACH = [0.1, 0.3, 1, 3, 10]  # the axis of victims per trafficker and year
MODEST = 1  # years of the wage: the line of the claim's rule


@dataclass(frozen=True)
class Profit:
    """Profit per victim and year, and the garment minimum wage, in dollars; victims per trafficker elsewhere."""

    high: float  # trafficked people
    low: float  # everyone in privately imposed forced labour
    yearly: dict[int, float]
    facts: Facts

    def kept(self, years: float, victims: float = 1, profit: float | None = None) -> float:
        """Share to be kept for a gain of some years of the wage of 2009; by the higher profit if none is given."""
        return earnings.share_for(years, self.high if profit is None else profit, victims, self.yearly[2009])


def profit(facts: Facts) -> Profit:
    """The figures of the International Labour Organization and the minimum wage of 2009 and 2010."""
    profits = tables.read("global_profits").set_index("id").per_person_usd
    series = tables.read("cambodia_series")
    wages = series[series.indicator == "garment_min_wage_usd_month"].set_index("year").value
    yearly = {year: float(12 * wages[year]) for year in (2009, 2010)}
    return Profit(profits["belser_traf"], profits["belser_total"], yearly, facts)


def words_on_gains(profit: Profit) -> dict[str, str]:
    """The profit from a trafficked person, in dollars and in years of the wage."""
    gain = earnings.gain_in_wages(profit.high, 1, 1, profit.yearly[2009])
    return {"high": dollars(profit.high), "whole": decimal(gain, 0)}


# ---------------------------------------------------------------- the calculator, live


def _spoken() -> str:
    """What the figure says at the reader's settings, as a Vega expression; `said` says the same in Python."""
    gain = earnings.VEGA.replace("kept", "(kept / 100)")
    return (
        "'With ' + format(victims, '.1f') + ' victims a year at $' + format(profit, ',.0f') + ' and ' + kept + "
        f"'% kept, the gain is ' + format({gain}, ',.1f') + ' years of the wage.'"
    )


def said(profit: float, victims: float, kept: float, wage: float) -> str:
    """What the method says at one setting, `kept` in percent."""
    gain = earnings.gain_in_wages(profit, victims, kept / 100, wage)
    return (
        f"With {decimal(victims)} victims a year at {dollars(profit)} and {kept}% kept, the gain is "
        f"{decimal(gain)} years of the wage."
    )


def _rows(profit: Profit) -> pd.DataFrame:
    """The line as the page offers it for download: each, one_year, in percent kept."""
    each = [round(10 ** (step / 20), 3) for step in range(-20, 21)]
    return pd.DataFrame({"each": each, "one_year": [100 * profit.kept(MODEST, victims) for victims in each]})


def _params(profit: Profit) -> list[Any]:
    """The reader's settings: profit, wage, victims, share kept."""
    high, low = profit.high, profit.low
    profits = [f"{dollars(high)}, trafficked people", f"{dollars(low)}, all private forced labour"]
    rates = ("rate of 2009", "rate from October 2010")
    wages = [f"{dollars(wage)} a year, {rate}" for wage, rate in zip(profit.yearly.values(), rates, strict=True)]
    choose = alt.binding_select
    slide = alt.binding_range
    return [
        alt.param(
            name="profit",
            value=high,
            bind=choose(name="Profit per victim", options=[high, low], labels=profits),
        ),
        alt.param(
            name="wage",
            value=profit.yearly[2009],
            bind=choose(name="Garment minimum wage", options=list(profit.yearly.values()), labels=wages),
        ),
        alt.param(
            name="victims",
            value=1,
            bind=slide(min=0.1, max=10, step=0.1, name="Victims per trafficker and year"),
        ),
        alt.param(name="kept", value=5, bind=slide(min=1, max=100, step=1, name="Share kept (percent)")),
    ]


def _layers(grid: pd.DataFrame) -> list[Any]:
    """The drawing of the calculator: the region above one year's wage, its line and its name, the reader."""
    across, upward = (
        alt.Scale(type="log", domain=[0.1, 10]),
        alt.Scale(type="log", domain=[0.3, 100], clamp=True),
    )
    axis = alt.Axis(values=EACH, format="~g")
    x = alt.X("each:Q", scale=across, axis=axis, title="Victims per trafficker and year (log scale)")
    base = alt.Chart(grid).transform_calculate(one=f"{100 * MODEST} * wage / (profit * datum.each)")
    percents = alt.Axis(values=KEPT, labelExpr="datum.value + '%'")
    shown = alt.Y("shown:Q", scale=upward, axis=percents, title="Share kept (log scale)")
    region = base.mark_area(color=palette.SOFT, clip=True).encode(x=x, y=shown, y2="top:Q")
    height = alt.Y("one:Q", scale=upward)
    line = base.mark_line(color=palette.ACCENT, clip=True).encode(x=x, y=height)
    name = base.transform_filter("datum.each == 0.891").mark_text(
        align="right", baseline="middle", dx=-4, dy=12, color=palette.ACCENT, fontSize=13
    )
    layers = [
        region.transform_calculate(shown="min(100, datum.one)", top="100"),
        line.transform_filter("datum.one <= 100"),
        name.encode(x=x, y=height, text=alt.value("one year's wage")),
    ]
    yours = alt.Chart(alt.Data(values=[{}])).transform_calculate(x="victims", y="kept")
    point = yours.mark_point(color=palette.SECOND, size=160, filled=True, opacity=1)
    return [*layers, point.encode(x=alt.X("x:Q", scale=across), y=alt.Y("y:Q", scale=upward))]


def draw_gain(profit: Profit) -> figures.Figure:
    """Which combinations of victims and share kept are worth more than a year of the wage."""
    rows, (wage, later) = _rows(profit), profit.yearly.values()
    chart = alt.layer(*_layers(rows[["each"]]), figures.readout(_spoken()))
    settings = [
        (profit.high, 1, 5, wage),
        (profit.low, 0.8, 10, later),
        (profit.high, 2.5, 3, wage),
        (profit.low, 10, 55, later),
    ]
    return figures.live(
        chart.add_params(*_params(profit)).properties(height=260),
        name="trade-gain",
        title="A trafficker who kept a twentieth of one victim's printed profit would earn about a year's garment "
        "minimum wage",
        subtitle="The line shows which share of the profit, if kept, brings one year's minimum wage. The shaded "
        "shares bring more. The dot is what the controls say",
        alt="A falling line over victims per trafficker and share kept. At one victim it lies at "
        f"{percent(profit.kept(MODEST), 1)} kept; the point at one victim and all of the profit is far above it.",
        source="Profit: ILO 2005 as restated. Wage: press reports named in the data catalogue (2009 read, 2010 "
        "restated). Dollars of different years, not deflated.",
        data=rows.round(3),
        apart="No text that was read says what the 91 earned, and a guess cannot replace it.",
        checks=[
            ({"profit": each, "victims": victims, "kept": kept, "wage": yearly}, said(each, victims, kept, yearly))
            for each, victims, kept, yearly in settings
        ],
    )
