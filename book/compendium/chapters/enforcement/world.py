"""Two counts of one world: what each publishes, how often they agree, how far one revises itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, in_words, interval, listing, percent
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.methods.counts import agreement, officialcounts
from compendium.methods.counts.agreement import AgreementShare

TOLERANCE, LAX_TOLERANCE = 0.25, 0.5
LARGE_REPORTER = 0.25  # share of the sum from which the largest reporter is named in the drawing
ROOM_OF_A_LETTER = 270  # persons, along a bar
UNODC = "UNODC open data, file of April 2025"
STATE = "State Department, Trafficking in Persons reports as read or restated"


@dataclass(frozen=True)
class World:
    """The two counts of persons convicted in the world.

    `printed` has a row for each figure that an edition of the State Department prints, `unodc` a row for each
    year of UNODC's sums, `both` a row for each year that has both: count (State Department), low and high.
    """

    printed: pd.DataFrame
    unodc: pd.DataFrame
    both: pd.DataFrame

    @property
    def outweighed(self) -> pd.DataFrame:
        """The years in which one country's count exceeds the other source's world."""
        return self.both[self.both.largest_count > self.both["count"]]


def world() -> World:
    """Set the two counts beside each other by year."""
    printed = officialcounts.editions(tables.read("tip_law_enforcement"), "convictions")
    state = officialcounts.one_per_year(printed)
    unodc = officialcounts.world_sums(tables.read("unodc_country_totals"), "persons_convicted")
    both = state.merge(unodc, on="year").assign(count=lambda rows: rows["count"].astype(float))
    return World(printed, unodc, both)


# ---------------------------------------------------------------- what each publishes


def draw_world(facts: World) -> figures.Figure:
    """Draw UNODC's sums as bars with their largest reporter, and the State Department's count as a line."""
    both = facts.both
    drawing, axis = figures.canvas(height=3.3)
    axis.bar(both.year, both.largest_count, color=palette.STEPS[1], width=0.8)
    axis.bar(both.year, both.low - both.largest_count, bottom=both.largest_count, color=palette.SOFT, width=0.8)
    hidden = both[both.high > both.low]
    axis.vlines(hidden.year, hidden.low, hidden.high, color=palette.ACCENT, lw=3)
    axis.plot(both.year, both["count"], color=palette.SECOND, lw=2, marker="o", ms=6, mec=palette.PAPER)
    names = tables.read("countries").set_index("iso3")["name"]
    row: Any
    for row in both[both.largest_share >= LARGE_REPORTER].rename(columns={"count": "counted"}).itertuples():
        name = names[row.largest]
        fits = row.largest_count > ROOM_OF_A_LETTER * len(name)  # in its piece of the bar; otherwise above all
        foot = 130 if fits else max(row.high, row.counted) + 300
        axis.text(row.year, foot, name, rotation=90, ha="center", va="bottom")
    axis.text(2015.6, 8900, "State Department", color=palette.SECOND, ha="right")
    axis.text(2008, 7600, "UNODC", color=palette.ACCENT, ha="center")
    axis.set(ylim=(0, 10200), xlim=(2002.4, 2022.6), xticks=range(2003, 2023, 3), ylabel="Persons convicted")
    axis.yaxis.set_major_formatter(lambda value, _: count(value))
    axis.grid(axis="x", visible=False)
    return figures.static(
        drawing,
        name="enforcement-world",
        title="Two official counts of the world's convictions go separate ways",
        subtitle="Persons convicted of trafficking in the world. The dark part of a bar is UNODC's largest "
        "reporter, named where it is a quarter or more; the tip is what hidden counts may add",
        alt=_world_in_words(both),
        source=f"{UNODC}; {STATE}.",
        data=both,
    )


def _world_in_words(both: pd.DataFrame) -> str:
    over: Any = (both.low / both["count"]).groupby(both.year < 2009).agg(["min", "max"]).map(decimal)
    under: Any = both.set_index("year").eval("count / low")
    india_first = both.loc[both.largest.eq("IND") & (both.year < 2009), "year"]
    return (
        "Bars of UNODC's count for 2003 to 2022 with a line of the State Department's count. "
        f"Before 2009 the bars are {over.loc[True, 'min']} to {over.loc[True, 'max']} times the line; "
        f"India is the largest reporter until {india_first.max()}, China in 2008. "
        f"In 2016 the line is {decimal(under[2016])} times the bars, in 2019 {decimal(under[2019])} times."
    )


def words_on_world(facts: World) -> dict[str, str]:
    """What the two counts hold, and how much of one is a single country."""
    both, by_year, outweighed = facts.both, facts.both.set_index("year"), facts.outweighed
    india = tables.value("unodc_country_totals", "count_min", indicator="persons_convicted", iso3="IND", year=2003)
    south_asia = tables.value(
        "tip_law_enforcement", "convictions", year=2003, region="South Asia", edition="TIP 2006", cells="printed"
    )
    peak: Any = by_year["count"].idxmax()
    return {
        "fewest": count(both.countries.min()),
        "most": count(both.countries.max()),
        "hidden": count((both.high - both.low).max()),
        "india": count(india),
        "unodc_2003": count(by_year.low[2003]),
        "south_asia": count(south_asia),
        "outweighed": f"{outweighed.year.min()} to {outweighed.year.max()}",
        "high_year": str(peak),
        "high_state": count(by_year["count"].max()),
        "high_unodc": interval(by_year.low[peak], by_year.high[peak], count),
    }


# ---------------------------------------------------------------- how often they agree


def share(both: pd.DataFrame, tolerance: float = TOLERANCE) -> AgreementShare:
    """The share of years in which the two counts agree within the tolerance."""
    return agreement.agreement_share(agreement.agree_bounded(both["count"], both["low"], both["high"], tolerance))


def words_on_agreement(facts: World, agreed: AgreementShare) -> dict[str, str]:
    """How often the two agree, how often they would by chance, and how far apart they are."""
    both = facts.both
    by_chance, by_chance_most = agreement.agreement_by_chance(both["count"], both["low"], both["high"], TOLERANCE)
    ratio = agreement.ratio_of_counts(both["count"], both["low"], both["high"])
    concord = [agreement.concordance(both["count"], both[end]) for end in ("low", "high")]
    return {
        "years": count(agreed.years),
        "surely": in_words(agreed.surely),
        "agreed": percent(agreed.share_high),
        "agreed_interval": interval(agreed.low, agreed.high),
        "chance": interval(by_chance, by_chance_most),
        "level": percent(ratio.level),
        "limits": interval(ratio.limits_low, ratio.limits_high, decimal),
        "mean_ratio": interval(ratio.ratio_low, ratio.ratio_high, _hundredths),
        "mean_interval": interval(ratio.low, ratio.high, _hundredths),
        "concord": _hundredths(float(np.mean([found.estimate for found in concord]))),
        "concord_interval": interval(
            min(found.low for found in concord), max(found.high for found in concord), _hundredths
        ),
    }


def _hundredths(value: float) -> str:
    return decimal(value, 2)


# ---------------------------------------------------------------- the reader's own tolerance

# The least smaller / larger at which two counts agree, as in `agreement.least_ratio`.
_LEAST = (
    "(base == 'ratio' ? 1 / (1 + tolerance / 100)"
    " : base == 'midpoint' ? (2 - tolerance / 100) / (2 + tolerance / 100)"
    " : 1 - tolerance / 100)"
)
_SENTENCE = (
    "'Within ' + tolerance + '%, the two counts agree\\nin ' + datum.sure + ' of ' + datum.years"
    " + ' years for certain,\\nin ' + datum.most + ' at most.'"
)


def _agreement_in_words(both: pd.DataFrame, tolerance: int, base: agreement.Rule, first: int) -> str:
    """What the method says at one setting of the figure."""
    rows = both[both.year >= first]
    found = agreement.agreement_share(
        agreement.agree_bounded(rows["count"], rows["low"], rows["high"], tolerance / 100, base)
    )
    return (
        f"Within {tolerance}%, the two counts agree in {found.surely} of {found.years} years for certain, "
        f"in {found.surely + found.possibly} at most."
    )


def _compared(both: pd.DataFrame) -> alt.Chart:
    """The years with what the reader's tolerance makes of each."""
    chart = alt.Chart(both[["year", "count", "low", "high"]]).transform_filter("datum.year >= first")
    chart = chart.transform_calculate(
        inner=f"datum.count * {_LEAST} * (1 - {agreement.SLACK})",
        outer=f"datum.count / {_LEAST} * (1 + {agreement.SLACK})",
        bottom="datum.count / datum.high",
        top="datum.count / datum.low",
    )
    chart = chart.transform_calculate(
        surely="datum.low >= datum.inner && datum.high <= datum.outer ? 1 : 0",
        possibly="datum.high >= datum.inner && datum.low <= datum.outer ? 1 : 0",
    )
    return chart.transform_calculate(found="datum.surely ? 'agree' : datum.possibly ? 'may agree' : 'do not agree'")


def _controls_of_agreement() -> list[alt.Parameter]:
    labels = ["the smaller count", "their mean", "the larger count"]
    return [
        alt.param(
            name="tolerance",
            value=25,
            bind=alt.binding_range(name="They agree if they differ by at most (percent)", min=5, max=95, step=5),
        ),
        alt.param(
            name="base",
            value="ratio",
            bind=alt.binding_select(
                name="The difference is a share of", options=list(agreement.RULES), labels=labels
            ),
        ),
        alt.param(name="first", value=2003, bind=alt.binding_range(name="First year", min=2003, max=2015, step=1)),
    ]


def _agreement_marks(counts: alt.Chart) -> list[alt.Chart | alt.LayerChart]:
    """The band of agreement, the level line, and the years as ranges of the ratio of the two counts."""
    scale = alt.Scale(type="log", domain=[0.22, 4.5], nice=False)
    vertical = alt.Axis(values=[0.25, 0.5, 1, 2, 4], labelExpr="datum.value + '×'")
    band = alt.Chart(alt.Data(values=[{}])).transform_calculate(from_=_LEAST, to_=f"1 / {_LEAST}")
    level = alt.Chart(alt.Data(values=[{"one": 1}])).mark_rule(color=palette.MUTED)
    horizontal = alt.X(
        "year:Q",
        scale=alt.Scale(domain=[2002.5, 2022.5], nice=False, zero=False),
        axis=alt.Axis(format="d", tickCount=7, grid=False),
        title="Year of the convictions",
    )
    words, colours = ["agree", "may agree", "do not agree"], [palette.ACCENT, palette.SIXTH, palette.SECOND]
    hue = alt.Color(
        "found:N",
        scale=alt.Scale(domain=words, range=colours),
        legend=alt.Legend(title="The two counts", symbolType="circle"),
    )
    told = [
        alt.Tooltip("year:Q", format="d", title="Year"),
        alt.Tooltip("count:Q", format=",.0f", title="State Department"),
        alt.Tooltip("low:Q", format=",.0f", title="UNODC, at least"),
        alt.Tooltip("high:Q", format=",.0f", title="UNODC, at most"),
    ]
    ranges = counts.mark_rule(strokeWidth=8).encode(
        x=horizontal, y=alt.Y("bottom:Q", scale=scale), y2="top:Q", color=hue, tooltip=told
    )
    ends = [
        counts.mark_point(size=60, opacity=1, filled=True).encode(
            x=horizontal, y=alt.Y(f"{end}:Q", scale=scale), color=hue, tooltip=told
        )
        for end in ("bottom", "top")
    ]
    return [
        band.mark_rect(color=palette.SOFT).encode(
            y=alt.Y("from_:Q", scale=scale, axis=vertical, title="State Department / UNODC"), y2="to_:Q"
        ),
        level.encode(y=alt.Y("one:Q", scale=scale)),
        alt.layer(ranges, *ends),
    ]


def _limits(both: pd.DataFrame) -> dict[str, str]:
    """The limits of the share of years that agree, for every count of years and of those that agree."""
    counts = {int((both.year >= first).sum()) for first in both.year}
    shares = {
        f"{some} {years}": agreement.agreement_share([agreement.SURELY] * some + [agreement.NO] * (years - some))
        for years in sorted(counts)
        for some in range(years + 1)
    }
    return {
        f"world_{end}": figures.looked_up({pair: getattr(share, end) for pair, share in shares.items()}, key)
        for end, key in (("low", "datum.sure + ' ' + datum.years"), ("high", "datum.most + ' ' + datum.years"))
    }


def draw_agreement(facts: World, agreed: AgreementShare) -> figures.Figure:
    """Let the reader set the tolerance, its base and the first year."""
    both = facts.both
    counts = _compared(both)
    tallied = counts.transform_aggregate(sure="sum(surely)", most="sum(possibly)", years="count()")
    answer = figures.readout_of(tallied.transform_calculate(sentence=_SENTENCE), "sentence")
    settings: list[tuple[int, agreement.Rule, int]] = [
        (25, "ratio", 2003),
        (50, "ratio", 2003),
        (10, "larger", 2008),
        (25, "midpoint", 2003),
        (95, "midpoint", 2015),
    ]
    chart = alt.layer(*_agreement_marks(counts), answer).add_params(*_controls_of_agreement())
    return figures.live(
        chart.properties(height=280),
        name="enforcement-agreement",
        title=f"Within a quarter, the two counts agree in {agreed.surely} of {agreed.years} years",
        subtitle="State Department's count over UNODC's, by year (log scale). The length of a mark is what "
        "hidden counts leave open; in the shaded band the two agree",
        alt=f"Marks by year around a line of equality. {in_words(agreed.surely).capitalize()} marks, in 2010, "
        "2012 to 2014, 2017 and 2018, lie in the band of agreement; those before 2010 lie below it, most of those "
        "after 2014 above it.",
        source=f"{UNODC}; {STATE}.",
        data=both[["year", "count", "low", "high", "countries"]],
        checks=[
            ({"tolerance": t, "base": base, "first": first}, _agreement_in_words(both, t, base, first))
            for t, base, first in settings
        ],
        claim="two-official-counts",
        numbers=_limits(both),
    )


# ---------------------------------------------------------------- how far one source moves


@dataclass(frozen=True)
class Revisions:
    """Years with several printed versions: one row for each, and the median gap between the two sources."""

    shown: pd.DataFrame
    typical_gap: float

    @property
    def moved(self) -> pd.DataFrame:
        """Those whose versions differ."""
        return self.shown[self.shown.versions > 1]


def revisions(facts: World) -> Revisions:
    """Compare the printed versions of a year; `change` is the farthest from the first, in percent."""
    brought = officialcounts.editions(tables.read("tip_law_enforcement"), "prosecutions")
    revised = pd.concat(
        [
            officialcounts.revisions(facts.printed).assign(measure="convictions"),
            officialcounts.revisions(brought).assign(measure="prosecutions"),
        ]
    )
    farthest = revised.highest.where(revised.highest > revised["first"], revised.lowest)
    both = facts.both
    apart: Any = np.maximum(both["count"] / both["high"], both["low"] / both["count"])
    return Revisions(
        revised.assign(change=100 * (farthest / revised["first"] - 1)), (apart.clip(lower=1) - 1).median()
    )


def words_on_revisions(found: Revisions) -> dict[str, str]:
    """How many comparisons differ, and by how much at most, beside the gap between the sources."""
    return {
        "compared": count(len(found.shown)),
        "moved": count(len(found.moved)),
        "largest_revision": percent(found.shown.change.abs().max() / 100, 1),
        "typical_gap": percent(found.typical_gap),
    }


def draw_revisions(found: Revisions) -> figures.Figure:
    """Draw the farthest version of each year against the first."""
    shown = found.shown
    years = sorted(shown.year.unique(), reverse=True)
    drawing, axis = figures.canvas(height=3.4)
    row: Any
    for row in shown.itertuples():
        convictions = row.measure == "convictions"
        place = years.index(row.year) + (0.17 if convictions else -0.17)
        colour = palette.SECOND if convictions else palette.ACCENT
        axis.plot([0, row.change], [place, place], color=colour, lw=2)
        axis.plot(row.change, place, "o" if convictions else "s", color=colour, ms=4.5)
    _name_revisions(axis, found.moved, years)
    axis.set(
        yticks=range(len(years)),
        yticklabels=years,
        xlabel="Change against the first printed version, percent",
        xlim=(-10, 10),
        xticks=[-10, -5, 0, 5, 10],
    )
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="enforcement-revisions",
        title="Printed versions of a year differ little beside the gap between the sources",
        subtitle="Farthest other version of a year's world count against the first that could be read, percent; "
        "dots: convictions, squares: prosecutions",
        alt=f"Dots for convictions and squares for prosecutions by year. {len(found.moved)} of {len(shown)} differ "
        "from zero; the largest is the fall of 2005, by about eight percent in convictions.",
        source=STATE + ". The regions of the reports of 2006 and 2017 are added up.",
        data=shown,
    )


def _name_revisions(axis: Any, moved: pd.DataFrame, years: list[int]) -> None:
    year: Any
    for year, rows in moved.groupby("year"):
        words = [f"{decimal(change, 1 if abs(change) >= 0.1 else 2)}%" for change in rows.change]
        axis.annotate(
            f"{rows.other_edition.iloc[0]}: {listing(words)}",
            (max(0, rows.change.max()), years.index(year)),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
