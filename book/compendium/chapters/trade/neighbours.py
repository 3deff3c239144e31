"""What schooling the neighbours of the imprisoned had: literacy by year of birth, primary school, poverty."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.trade.portrait import Facts
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, interval, listing, percent, points
from compendium.figures import palette
from compendium.methods.counts import cohorts

UIS = "UNESCO Institute for Statistics; see the data catalogue for the file of each value"
YOUNG, GROWN = (15, 24), 25
INTERVIEWED_IN = 2010  # the year of the interviews was not seen
CENSUS = 1998  # the survey from which the bound for older women comes
DIP = 5  # percentage points below both neighbours
BEFORE, YOUNGSTERS = "25 and over", "15 to 24"


@dataclass(frozen=True)
class Literacy:
    """Percentages of Cambodian women who could read, and who of them were of the age of those interviewed."""

    youngest: int
    oldest: int
    adults: pd.Series  # 15 and over, by year
    young: pd.Series  # 15 to 24, by year

    @property
    def born(self) -> tuple[int, int]:
        """First and last birth year of those interviewed."""
        return cohorts.born(INTERVIEWED_IN, self.youngest, self.oldest)

    @cached_property
    def dips(self) -> pd.Series:
        """Values of the young far below both of their neighbours."""
        return self.young[cohorts.dips(self.young.tolist(), by=DIP)]

    @cached_property
    def drawn(self) -> list[int]:
        """Years drawn: of two surveys a year apart the first, and none whose women were all born afterwards."""
        kept = [int(year) for year in self.young.index if year not in self.dips.index]
        return [year for year in kept if year - 1 not in kept and not self.born_after(year)]

    def born_after(self, year: int) -> bool:
        """Whether all young women of a survey were born after the youngest person interviewed."""
        return cohorts.born(year, *YOUNG)[0] > self.born[1]

    @property
    def left_out(self) -> list[int]:
        """Years of the young that are not drawn."""
        return [int(year) for year in self.young.index if year not in self.drawn]

    @property
    def twins(self) -> list[int]:
        """Years left out because the year before is drawn."""
        return [year for year in self.left_out if year - 1 in self.drawn and year not in self.dips.index]


def literacy(facts: Facts) -> Literacy:
    """The literacy of Cambodian women, and the ages of those interviewed."""
    series = tables.read("cambodia_series")
    adults, young = (
        cohorts.by_sex(series, name).female.dropna() for name in ("literacy_adult_15plus", "literacy_youth_15_24")
    )
    return Literacy(int(facts.rows.value_low["K16"]), int(facts.rows.value_high["K16"]), adults, young)


def words_on_literacy(literacy: Literacy) -> dict[str, str]:
    """Who could read, and which surveys are left out of the drawing."""
    adults, young, dips = literacy.adults, literacy.young, literacy.dips
    return {
        "oldest": count(literacy.oldest),
        "youngest": count(literacy.youngest),
        "young_ages": interval(*YOUNG, count),
        "grown": count(GROWN),
        "elder_most": percent(adults[CENSUS] / 100),
        "young_2008": percent(young[2008] / 100),
        "dips": listing([str(year) for year in dips.index]),
        "twins": listing([str(year) for year in literacy.twins]),
        "after": listing([str(year) for year in literacy.left_out if literacy.born_after(year)]),
        "dip_low": percent(dips.min() / 100),
        "dip_high": percent(dips.max() / 100),
    }


def _generations(literacy: Literacy) -> pd.DataFrame:
    """The bars of the figure: born_from, born_to, percent, year, ages; the oldest first, as an upper bound."""
    adults, young = literacy.adults, literacy.young
    last = cohorts.born(CENSUS, GROWN, GROWN)[1]
    most = cohorts.older_share(adults[CENSUS], young[CENSUS], 0)
    rows = [(*cohorts.born(year, *YOUNG), young[year], year, YOUNGSTERS) for year in literacy.drawn]
    return pd.DataFrame(
        [(literacy.born[0], last, most, CENSUS, BEFORE), *rows],
        columns=["born_from", "born_to", "percent", "year", "ages"],
    )


def _draw_generation(axis: Any, row: Any) -> None:
    """One bar by year of birth with its words: those of an upper bound below it, of a share before it."""
    limit, middle = row.ages == BEFORE, (row.born_from + row.born_to) / 2
    colour = palette.SECOND if limit else palette.ACCENT
    axis.plot([row.born_from, row.born_to], [row.percent, row.percent], color=colour, lw=4, solid_capstyle="butt")
    if limit:
        words = f"at most {decimal(row.percent, 0)}%\nof 25 and over in {row.year}"
        axis.text(middle, row.percent - 1.5, words, ha="center", va="top")
    else:
        words = f"{decimal(row.percent, 0)}% in {row.year}"
        axis.text(row.born_from - 0.7, row.percent, words, ha="right", va="center")


def draw_literacy(literacy: Literacy) -> figures.Figure:
    """Literacy of women by year of birth, beside the years in which those interviewed were born."""
    generations, (first, last) = _generations(literacy), literacy.born
    adults, young = literacy.adults, literacy.young
    drawing, axis = figures.canvas(height=3.7)
    axis.axvspan(first, last, color=palette.SOFT, lw=0)
    ages = f"{literacy.youngest} to {literacy.oldest} in {INTERVIEWED_IN}"
    axis.text(first + 0.5, 103, f"born when people of {ages} were born", color=palette.MUTED, va="top")
    for row in generations.itertuples():
        _draw_generation(axis, row)
    axis.set(ylim=(35, 104), xlim=(first - 2, 2001), xlabel="Year of birth", yticks=[40, 60, 80, 100])
    axis.set_yticklabels(["40%", "60%", "80%", "100%"])
    born = interval(*cohorts.born(2008, *YOUNG), str)
    return figures.static(
        drawing,
        name="trade-literacy",
        title=f"Cambodian women born before 1974: at most {percent(adults[CENSUS] / 100)} could read; born {born}: "
        f"{percent(young[2008] / 100)}",
        subtitle="Literacy of women by year of birth, in percent; women of 15 to 24 in the year named, unless said",
        alt=f"Bars by year of birth climb from at most {decimal(adults[CENSUS], 0)}% for women born before 1974 to "
        f"{decimal(young[1998], 0)}% for those born 1974 to 1983, "
        f"{decimal(young[2008], 0)}% for 1984 to 1993 and {decimal(young[2014], 0)}% for 1990 to 1999.",
        source=f"{UIS}. The upper bound follows because younger women read more often than older ones. Not drawn: "
        f"{listing([str(year) for year in literacy.left_out])}, see the text.",
        data=generations,
    )


@dataclass(frozen=True)
class Schooling:
    """Percentages of Cambodians who completed a level of school, mean years of school, and poverty, by year."""

    primary: pd.DataFrame
    secondary: pd.DataFrame
    mean_years: pd.Series  # by sex
    poverty: pd.Series  # share, 0 to 1

    @property
    def without(self) -> pd.Series:
        """Share of women of 25 and over without completed primary school, 0 to 1."""
        return (100 - self.primary.female) / 100

    @property
    def broken(self) -> list[int]:
        """Years whose values cannot stand beside each other."""
        totals = cohorts.impossible_totals(self.secondary)
        return sorted({*totals, *cohorts.impossible_steps(self.primary.female, self.secondary.female)})


def schooling() -> Schooling:
    """The schooling of Cambodians of 25 and over, and poverty by the old national line."""
    series = tables.read("cambodia_series")
    years: Any = cohorts.by_sex(series, "mean_years_school_25plus").loc[2009]
    return Schooling(
        primary=cohorts.by_sex(series, "attain_completed_primary_25plus"),
        secondary=cohorts.by_sex(series, "attain_lower_sec_25plus"),
        mean_years=years,
        poverty=cohorts.by_sex(series, "poverty_national_line_pct")["all"] / 100,
    )


def words_on_schooling(schooling: Schooling) -> dict[str, str]:
    """How many had not completed primary school, how far the values are apart, and how many were poor."""
    without, poverty = schooling.without, schooling.poverty
    return {
        "apart": points(without.max() - without.min(), 0),
        "without_low": percent(without.min()),
        "without_high": percent(without.max()),
        "without_2009": percent(without[2009]),
        "without_2010": percent(without[2010]),
        "broken": listing([str(year) for year in schooling.broken]),
        "women_years": decimal(schooling.mean_years.female),
        "men_years": decimal(schooling.mean_years.male),
        "poor_2008": percent(poverty[2008]),
        "poor_2010": percent(poverty[2010]),
    }


def draw_primary(schooling: Schooling) -> figures.Figure:
    """The share of women without completed primary school, year by year."""
    without = schooling.without
    drawing, axis = figures.canvas(height=2.7)
    axis.plot(without.index, without, "o", color=palette.ACCENT, ms=7)
    axis.axhline(0.5, color=palette.MUTED, lw=1, ls=":")
    axis.text(without.index.max() + 0.4, 0.49, "half", ha="right", va="top", color=palette.MUTED)
    for year, up in ((2009, 1), (2010, -1), (2015, 1), (2016, -1)):
        placed = {"textcoords": "offset points", "ha": "center", "va": "bottom" if up > 0 else "top"}
        axis.annotate(percent(without[year]), (year, without[year]), (0, 6 * up), **placed)
    axis.set(ylim=(0.3, 1), yticks=[0.4, 0.6, 0.8, 1.0], xticks=range(2007, 2022, 2))
    axis.set_yticklabels([percent(tick) for tick in axis.get_yticks()])
    return figures.static(
        drawing,
        name="trade-primary",
        title="In every published year most Cambodian women of 25 and over had not completed primary school",
        subtitle="Share of women of 25 and over who had not completed primary school, by year. The dots are not "
        "joined, as they come from unlike surveys",
        alt="Dots by year from 2007 to 2021, all above one half, jumping between "
        f"{percent(without.min())} and {percent(without.max())} from one year to the next.",
        source=f"{UIS}. Own subtraction.",
        data=schooling.primary.reset_index(),
    )
