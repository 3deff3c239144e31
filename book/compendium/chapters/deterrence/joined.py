"""Counts that further texts print, and what the series would say with them; the verdict uses the declared one."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.deterrence.series import YEARS_BEFORE, Counts
from compendium.evidence import searches, tables
from compendium.evidence.numbers import count, decimal, in_words, interval, listing, percent
from compendium.figures import palette
from compendium.methods.counts import beforeafter

LAW = 2008 + 1.5 / 12  # mid-February
ORDINALS = ("first", "second", "third", "fourth")


@dataclass(frozen=True)
class Joined:
    """Further counts of persons convicted or prosecuted for trafficking, with the window of each in years."""

    counts: Counts
    rows: pd.DataFrame

    def of(self, measure: str) -> pd.DataFrame:
        """Further counts of one measure for years of which the declared series has none."""
        known = self.counts.yearly_of(measure).year
        mine = self.rows[self.rows.measure == measure]
        return mine[~mine.year.isin(known)]

    @property
    def before(self) -> pd.DataFrame:
        """Convictions in windows of which most lies before the law."""
        rows = self.of("convicted")
        return rows[rows.start + rows.end < 2 * LAW]

    @property
    def after(self) -> pd.DataFrame:
        """Convictions in later years: the lowest and the highest that is printed of each."""
        rows = self.of("convicted").drop(index=self.before.index)
        return rows.groupby("year").value.agg(["min", "max"])

    @property
    def base(self) -> tuple[list[float], list[float]]:
        """All convictions before the law, and the years that each count covers."""
        rows = self.before
        return [self.counts.before, *rows.value.astype(float)], [YEARS_BEFORE, *(rows.end - rows.start)]

    @cached_property
    def ratios(self) -> list[beforeafter.RateRatio]:
        """Convictions a year after the law over those before, with the lowest and the highest later counts."""
        found, years = self.base
        return [beforeafter.rate_ratio(found, later, years_before=years) for later in self.series]

    @property
    def series(self) -> list[list[float]]:
        """The later counts, twice where two are printed of one year: with the lowest, and with the highest."""
        return [[*self.counts.after, *self.after[end].astype(float)] for end in ("min", "max")]

    @cached_property
    def falls(self) -> list[float]:
        """Which fall either joined series would probably have shown."""
        found, years = self.base
        return [
            beforeafter.detectable_fall(
                yearly=sum(found) / sum(years),
                years_before=round(sum(years)),
                years_after=len(later),
                overdispersion=beforeafter.overdispersion_of(later),
            ).fall
            for later in self.series
        ]

    @property
    def around(self) -> tuple[Any, Any]:
        """The two windows of equal length that one report sets beside each other, before the law and after it."""
        rows: Any = self.rows[self.rows.measure == "convicted"].sort_values("start")
        for first, second in zip(rows.itertuples(), rows.iloc[1:].itertuples(), strict=False):
            if first.source == second.source and first.end == second.start:
                return first, second
        raise ValueError(
            "deterrence: no report sets two adjoining windows beside each other; the page has no words"
        )


def joined(counts: Counts) -> Joined:
    """The further counts of convictions and prosecutions for trafficking, those confirmed by some text."""
    rows = tables.read("cambodia_counts")
    wanted = rows.measure.isin(["convicted", "prosecuted"]) & (rows.scope == "trafficking")
    rows = rows[wanted & (rows.status != "unverified")]
    windows = pd.DataFrame(
        [beforeafter.window(period) for period in rows.period], columns=["start", "end"], index=rows.index
    )
    return Joined(counts, rows.join(windows))


def when(period: str) -> str:
    """A stated period in plain words: "2007-04 to 2008-03" becomes "April 2007 to March 2008"."""
    quarter = re.fullmatch(r"(\d{4}) Q(\d)", period)
    if quarter:
        return f"the {ORDINALS[int(quarter[2]) - 1]} quarter of {quarter[1]}"
    return re.sub(r"(\d{4})-(\d\d)", lambda found: f"{calendar.month_name[int(found[2])]} {found[1]}", period)


def _counted(persons: float, period: str) -> str:
    return f"{count(persons)} {'from' if ' to ' in period else 'in'} {when(period)}"


def words_on_joined(joined: Joined) -> dict[str, str]:
    """What the further counts are, what the joined series says, and what one report says around the law."""
    low, high = joined.ratios
    first, second = joined.around
    ratios = sorted((low.ratio, high.ratio))
    fall = beforeafter.rate_ratio([first.value], [second.value], overdispersed=False)
    charged = joined.of("prosecuted")
    earlier = [_counted(*pair) for pair in zip(joined.before.value, joined.before.period, strict=True)]
    two = joined.after[joined.after["min"] < joined.after["max"]]
    return {
        "joined_before": listing(earlier),
        "joined_two": listing([f"{row.max:.0f} or {row.min:.0f} in {row.Index}" for row in two.itertuples()]),
        "joined_ratio": interval(ratios[0], ratios[1], decimal),
        "joined_interval": interval(min(low.low, high.low), max(low.high, high.high), decimal),
        "joined_falls": interval(min(joined.falls), max(joined.falls)),
        "around_first": _counted(first.value, first.period),
        "around_second": _counted(second.value, second.period),
        "around_fall": percent(1 - fall.ratio),
        "around_interval": interval(1 - fall.high, 1 - fall.low),
        "charged_joined": listing([_counted(*pair) for pair in zip(charged.value, charged.period, strict=True)]),
        "further": in_words(len(joined.rows)),
    }


def table_of_joined(joined: Joined) -> pd.DataFrame:
    """Every further count, and whether it joins the series."""
    rows = joined.rows.sort_values(["measure", "start", "value"])
    used = {*joined.of("convicted").index, *joined.of("prosecuted").index}
    said = ["yes" if row in used else "no, its year is counted already" for row in rows.index]
    how = rows.qualifier.fillna("").add(" ").str.lstrip() + rows.value.astype(str)
    return pd.DataFrame(
        {"persons": how, "measure": rows.measure, "as in": rows.source, "status": rows.status, "joined": said}
    ).set_index(pd.Index(rows.period.map(when), name="period"))


def _draw_window(axis: Any, row: Any, colour: str) -> None:
    """One count as a bar over its window, at its rate a year."""
    rate = row.value / (row.end - row.start)
    axis.plot([row.start, row.end], [rate, rate], color=colour, lw=5, solid_capstyle="butt")
    axis.text(row.end + 0.1, rate, count(row.value), color=colour, va="center")


def _draw_two(axis: Any, row: Any) -> None:
    """Two counts of one year, joined by a line."""
    ends = [row.min, row.max]
    axis.plot([row.Index + 0.5] * 2, ends, "o-", color=palette.THIRD, mfc=palette.PAPER, ms=6)
    for end, away, side in zip(ends, (-5, 4), ("top", "bottom"), strict=True):
        axis.text(row.Index + 0.5, end + away, count(end), ha="center", va=side, color=palette.THIRD)


def draw_counts(counts: Counts, joined: Joined) -> figures.Figure:
    """Convictions a year before and after the law: the declared series, and the further counts."""
    level, yearly, before = counts.before_a_year, counts.yearly, joined.before
    rows = joined.rows[joined.rows.measure == "convicted"]
    # A further count of a whole year that the series has lies on its dot.
    others = rows[~rows.index.isin(joined.of("convicted").index) & (rows.period != rows.year.astype(str))]
    drawing, axis = figures.canvas(height=3.2)
    axis.axvspan(2005.1, before.start.min(), color=palette.SOFT, lw=0)
    axis.text((2005.1 + before.start.min()) / 2, 60, "none\nseen", ha="center", color=palette.MUTED)
    axis.axvline(LAW, color=palette.INK, lw=1)
    axis.text(LAW + 0.2, 148, "law of 2008", va="top")
    axis.plot([2002.4, 2005.1], [level] * 2, color=palette.SECOND, lw=5, solid_capstyle="butt")
    axis.text(2002.2, level + 5, f"before:\n{decimal(level)}\na year", color=palette.SECOND)
    axis.plot(yearly.year + 0.5, yearly.low, "o", color=palette.ACCENT, ms=6)
    axis.text(2016, 118, "the book's series", color=palette.ACCENT, ha="right")
    axis.text(2008.6, 84, "other counts", color=palette.THIRD)
    row: Any
    last = 0.0
    for row in yearly.itertuples():
        crowded = 0 < last - row.low < 15  # the label of the year before stands where this one would
        place = {"va": "top", "y": row.low - 5} if crowded else {"y": row.low + 4}
        axis.text(x=row.year + 0.5, s=count(row.low), ha="center", color=palette.ACCENT, **place)
        last = row.low
    for windows, colour in ((before, palette.THIRD), (others, palette.MUTED)):
        for row in windows.itertuples():
            _draw_window(axis, row, colour)
    for row in joined.after.itertuples():
        _draw_two(axis, row)
    axis.set(xlim=(2002, 2020.4), ylim=(0, 152), xticks=range(2003, 2020, 4), ylabel="Persons convicted, a year")
    axis.grid(axis="x", visible=False)
    first, second = joined.around
    return figures.static(
        drawing,
        name="deterrence-counts",
        title="In the book's series more people were convicted after the law; in one report fewer, "
        f"{count(first.value)} and then {count(second.value)}",
        subtitle="Persons convicted of trafficking in Cambodia. A bar covers a period longer or shorter than a "
        "year. Its height is what a whole year at that pace would have brought; the number beside it is the count "
        "itself. The other counts are told below for referees",
        alt=f"One bar at {decimal(level)} convictions a year for 2002 to early 2005, "
        f"{in_words(len(before))} bars around 2007 for {listing([count(value) for value in before.value])} "
        "persons, then "
        f"{in_words(len(yearly))} dots that start at {count(yearly.low.iloc[0])} in {yearly.year.iloc[0]}, peak at "
        f"{count(yearly.low.max())} and end at {count(yearly.low.iloc[-1])} in {yearly.year.iloc[-1]}; "
        "one later year has two counts.",
        source="Interior Ministry as reported by the Phnom Penh Post; State Department, partly as restated by the "
        "press; US embassy; UNODC from 2017.",
        data=pd.concat([yearly.rename(columns={"low": "value"}), rows])[
            ["year", "period", "value", "source", "status"]
        ],
    )


# ---------------------------------------------------------------- what others found


def table_of_literature() -> pd.DataFrame:
    """What was found on deterrence: the study, what changed, what was counted, how it stands to the essay."""
    rows = tables.read("policy_evidence").query("theme == 'deterrence'").sort_values(["bearing", "id"])
    return pd.DataFrame(
        {
            "what changed": rows.exposure,
            "what was looked at": rows.outcome,
            "for the essay?": rows.bearing.str.replace("_", " "),
        }
    ).set_index(pd.Index(rows.study, name="study"))


def words_not_seen() -> dict[str, str]:
    """What was looked for on the claim of the page, and where."""
    return searches.not_seen("no-deterrence")
