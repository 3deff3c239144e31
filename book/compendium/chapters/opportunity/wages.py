"""Wages, income and schooling in Cambodia since 2000."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import dollars, percent, times
from compendium.figures import palette


@dataclass(frozen=True)
class Growth:
    """Cambodia's series since 2000: garment minimum wage, income per head by year, lower secondary completion."""

    wage: pd.DataFrame
    income: pd.Series
    school: pd.DataFrame

    @property
    def known(self) -> pd.DataFrame:
        """The wages of which a text was seen."""
        return self.wage[self.wage.status != "unverified"]


def growth() -> Growth:
    """Read the three series."""
    series = tables.read("cambodia_series")
    wage = series[(series.indicator == "garment_min_wage_usd_month") & (series.year >= 2000)]
    income = series[(series.indicator == "gdp_pc_const_usd") & (series.year >= 2000)]
    school = series[(series.indicator == "lower_sec_completion") & series.sex.isin(["female", "male"])]
    return Growth(wage.sort_values("year"), income.set_index("year").value, school)


def words_on_growth(series: Growth) -> dict[str, str]:
    """How much wages, income and schooling rose."""
    firm: Any = series.known.set_index("year").value
    girls = series.school[series.school.sex == "female"].set_index("year").value
    return {
        "wage_first": dollars(firm.iloc[0]),
        "wage_first_year": str(firm.index[0]),
        "wage_last": dollars(firm.iloc[-1]),
        "wage_last_year": str(firm.index[-1]),
        "wage_times": times(firm.iloc[-1] / firm.iloc[0]),
        "income_since": times(series.income.iloc[-1] / series.income.loc[firm.index[0]], 2),
        "income_year": str(series.income.index[-1]),
        "girls_first": percent(girls.iloc[0] / 100),
        "girls_last": percent(girls.iloc[-1] / 100),
    }


def draw_growth(series: Growth) -> figures.Figure:
    """Draw the wage and the completion of school beside each other."""
    wage, known = series.wage, series.known
    drawing, (left, right) = figures.canvas(height=2.9, columns=2)
    left.plot(wage.year, wage.value, color=palette.ACCENT, lw=1.5)
    left.plot(wage.year, wage.value, "o", color=palette.ACCENT, mfc=palette.PAPER, ms=5)
    left.plot(known.year, known.value, "o", color=palette.ACCENT, ms=5)
    left.set_title("Garment minimum wage,\ndollars a month", loc="left", fontsize=10, color=palette.MUTED)
    left.set(xlim=(1999, 2026), ylim=(0, 225), xticks=[2000, 2010, 2020])
    labels = {
        "female": ("girls", 22, "left", palette.SECOND),
        "male": ("boys", 44, "right", palette.ACCENT),
    }
    for sex, (word, height, side, colour) in labels.items():
        line = series.school[series.school.sex == sex]
        right.plot(line.year, line.value, "o-", color=colour, ms=5, lw=2)
        right.text(2009, height, word, color=colour, ha=side)
    right.set_title("Lower secondary school\ncompleted, percent", loc="left", fontsize=10, color=palette.MUTED)
    right.set(xlim=(1999, 2023), ylim=(0, 65), xticks=[2000, 2010, 2020])
    for axis in (left, right):
        axis.grid(axis="x", visible=False)
    return figures.static(
        drawing,
        name="opportunity-growth",
        title=f"The garment wage rose to {times(wage.value.iloc[-1] / known.value.iloc[0])} what it was in "
        f"{known.year.iloc[0]}, and girls overtook boys at school",
        subtitle="Cambodia, 2000 to 2025. The wage is in dollars of each year. Open dot: the text was not seen",
        alt="Two rising lines. The garment minimum wage goes from about 45 dollars a month in 2000 to 208 in 2025; "
        "lower secondary completion from 12 to 58 percent for girls and from 22 to 54 for boys, girls overtaking "
        "in the 2010s.",
        source="Ministry of Labour and wage council as reported; UNESCO Institute for Statistics.",
        data=pd.concat([wage, series.school])[["indicator", "sex", "year", "value", "unit", "status"]],
    )
