"""Counting in Cambodia: what each body publishes, and where two figures differ."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.evidence import searches, tables
from compendium.evidence.numbers import count, in_words, listing, spans, times
from compendium.figures import palette
from compendium.methods.counts import officialcounts

WRAPPED = 58  # signs of the words under a pair, so that they fit the drawing
SCOPES = ["trafficking", "trafficking_and_sexual_exploitation"]
COLOURS = {
    "State Department": palette.SECOND,
    "UNODC": palette.ACCENT,
    "NCCT": palette.THIRD,
    "Interior Ministry": palette.FOURTH,
}
# In which panel, and where in it, a body is named: beside its first mark.
NAMED_AT = {
    "State Department": (2003.3, 95),
    "UNODC": (2007.9, 73),
    "Interior Ministry": (2003.9, 70),
    "NCCT": (2014.4, 90),
}
TITLES = {
    "convicted": "Persons convicted",
    "prosecuted": "Persons prosecuted",
    "suspects": "Suspects or arrested",
    "cases": "Cases or offences",
}
A_FIFTH = 1.2


def bodies() -> pd.DataFrame:
    """Cambodia's published counts of the four bodies, named in `body`; `wide` includes sexual exploitation."""
    series = officialcounts.country_series(tables.read("cambodia_enforcement"), tables.read("unodc_cambodia"))
    series = series[series.scope.isin(SCOPES)]
    series["body"] = np.select(
        [series.source.str.startswith("US State"), series.source == "UNODC", series.source == "NCCT"],
        ["State Department", "UNODC", "NCCT"],
        "others",
    )
    series.loc[series.source.str.contains("MoI"), "body"] = "Interior Ministry"
    series = series[series.body != "others"]
    return series.assign(wide=series.scope.eq("trafficking_and_sexual_exploitation"))


def draw_bodies(series: pd.DataFrame) -> figures.Figure:
    """Draw each measure in its own panel: nothing is joined."""
    drawing, axes = figures.canvas(height=5.6, rows=4, sharex=True)
    row: Any
    for axis, (measure, title) in zip(axes, TITLES.items(), strict=True):
        own = series[series.measure == measure]
        for row in own.itertuples():
            colour = COLOURS[row.body]
            filled = colour if row.span == "year" else "none"
            axis.plot(row.year, row.low, "s" if row.wide else "o", color=colour, mfc=filled, ms=6)
        axis.set_title(title, loc="left", fontsize=10, color=palette.MUTED)
        axis.set(ylim=(0, 1.2 * own.low.max()), xlim=(2002, 2026), xticks=range(2003, 2026, 4))
    for axis, (body, (x, y)) in zip(axes, NAMED_AT.items(), strict=True):
        axis.text(x, y, body, color=COLOURS[body], va="center")
    return figures.static(
        drawing,
        name="enforcement-cambodia",
        title="Two bodies seldom count the same thing in Cambodia in the same year",
        subtitle="Published counts, each body in its colour. Full marks are whole years, empty ones half a year or "
        "several; squares include sexual exploitation, dots are trafficking alone",
        alt="Four panels of dots, 2003 to 2025: convictions from 11 in 2008 to 129 in 2017, prosecutions from 42 "
        "to 354, suspects up to 538, cases up to 400, each from one to four bodies that seldom overlap.",
        source="State Department, UNODC, NCCT and Interior Ministry as read or restated; see "
        "cambodia_enforcement in the data catalogue.",
        data=series.drop(columns="wide"),
    )


def _whole_years() -> pd.DataFrame:
    """The figures of `cambodia_counts` that stand for a whole year, or for one that ends at Christmas."""
    rows = tables.read("cambodia_counts")
    year = rows.year.astype(str)
    to_christmas = (rows.year - 1).astype(str) + "-12-25 to " + year + "-12-25"
    return rows[(rows.period == year) | (rows.period == to_christmas)]


def rival_convictions() -> pd.DataFrame:
    """Convictions of a whole year that `cambodia_enforcement` does not hold because two texts differ."""
    rows = _whole_years().query("measure == 'convicted' and scope == 'trafficking'")
    known = tables.read("cambodia_enforcement")
    held = known[known.convicted.notna() & (known.period == known.year.astype(str))].year
    ours = tables.read("unodc_cambodia").query("indicator == 'persons_convicted'").year
    return rows[~rows.year.isin([*held, *ours])].sort_values(["year", "value"])


def table_of_whole_years(series: pd.DataFrame) -> pd.DataFrame:
    """Each year and measure of which two or more figures for the whole year were seen: who counted how many."""
    rows = _whole_years().rename(columns={"value": "low"})
    rows = rows.assign(wide=rows.scope.eq(SCOPES[1]), body=rows.source.str.split(",").str[0])
    rows = rows[rows.measure.isin(TITLES) & rows.scope.isin(SCOPES)]
    ours = series[series.span.eq("year") & series.year.isin(rows.year)]
    columns = ["year", "measure", "wide", "body", "low", "status"]
    every = pd.concat([rows[columns], ours[columns]]).drop_duplicates(["year", "measure", "wide", "body", "low"])
    found = []
    key: Any
    for key, own in every.groupby(["year", "measure", "wide"], sort=True):
        if len(set(own.body)) > 1:
            words = [
                f"{body} {count(low)}" + (" (restated)" if status == "restated" else "")
                for body, low, status in zip(own.body, own.low, own.status, strict=True)
            ]
            whose = "with sexual exploitation" if key[2] else "trafficking"
            found.append((str(key[0]), TITLES[key[1]], whose, "; ".join(words)))
    return pd.DataFrame(found, columns=["Year", "Measure", "Scope", "Counts"]).set_index("Year")


def words_on_bodies(series: pd.DataFrame) -> dict[str, str]:
    """How much of the committee's cases is trafficking, and which years have no count of convictions."""
    cases = series[(series.measure == "cases") & (series.span == "half-year") & series.year.isin([2024, 2025])]
    halves = cases.set_index(["year", "wide"]).low
    counted = series[(series.measure == "convicted") & (series.span == "year")].year
    missing = set(range(2003, 2025)) - set(counted) - set(rival_convictions().year)
    convicted = _whole_years().query("measure == 'convicted'").set_index("year").value
    return {
        "narrow_2024": count(halves[2024, False]),
        "wide_2024": count(halves[2024, True]),
        "narrow_2025": count(halves[2025, False]),
        "wide_2025": count(halves[2025, True]),
        "no_convictions": listing(spans(missing)),
        "confirmed": count(convicted[2017]),
    }


# ---------------------------------------------------------------- where two figures differ


def _contradictions() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs of figures with a ratio, and pairs without a common base."""
    known = tables.read("source_disagreements")
    both = [officialcounts.disagreements(known, name) for name in ("cambodia_enforcement", "cambodia_counts")]
    listed = pd.concat(both).sort_values(["ratio", "id"], ignore_index=True)
    apart = listed.what_the_book_does.str.contains("no ratio is computed|illustration only")
    return listed[~apart], listed[apart].set_index("id")


def words_on_contradictions() -> dict[str, str]:
    """The two pairs of figures that have no ratio."""
    _, apart = _contradictions()
    return {
        "stock": apart.value_b["too-few-convictions"],
        "flow": apart.value_a["too-few-convictions"],
        "convicted_2016": apart.value_a["khm-2016"],
        "prosecuted_2016": apart.value_b["khm-2016"],
    }


def draw_contradictions() -> figures.Figure:
    """Draw the ratio of each pair of figures that has one."""
    clashes, _ = _contradictions()
    widest = clashes.sort_values("ratio").iloc[-1]
    alike = in_words(int((clashes.ratio <= A_FIFTH + 1e-9).sum())).capitalize()
    drawing, axis = figures.canvas(height=1.05 * len(clashes) + 0.7)
    for place, row in enumerate(clashes.itertuples()):
        _draw_pair(axis, place, row)
    axis.set(
        xscale="log",
        xlim=(0.94, 1.2 * clashes.ratio.max()),
        ylim=(-0.75, len(clashes) - 0.3),
        yticks=[],
        xticks=[1, 2, 5, 10],
        xlabel="Larger count over smaller (log scale)",
    )
    axis.set_xticklabels(["1", "2", "5", "10"])
    axis.minorticks_off()
    return figures.static(
        drawing,
        name="enforcement-contradictions",
        title=f"{alike} pairs of Cambodian figures differ by up to a fifth, those on the convictions of "
        f"{widest.year} by {times(clashes.ratio.max())}",
        subtitle="Contradictions found in Cambodia's enforcement counts: the larger figure over the smaller; "
        "units, months and definitions differ as named. Two pairs without a common base are left out",
        alt=f"{in_words(len(clashes)).capitalize()} pairs of figures on a scale of ratios, from copies of one raid "
        "that differ by a few women to convictions of one year that differ by several times, for other months.",
        source="Sources as named; see source_disagreements in the data catalogue.",
        data=clashes,
    )


def _draw_pair(axis: Any, place: int, row: Any) -> None:
    axis.plot([1, row.ratio], [place, place], color=palette.QUIET, lw=2)
    axis.plot([1, row.ratio], [place, place], "o", color=palette.SECOND, ms=5)
    named = "" if str(row.year) in row.subject else f", {row.year}"
    axis.text(1, place + 0.12, f"{row.subject[0].upper() + row.subject[1:]}{named}", va="bottom")
    first, second = (value.split(",")[0] for value in (row.value_a, row.value_b))
    figures_named = textwrap.fill(f"{row.source_a}: {first} / {row.source_b}: {second}", WRAPPED)
    below = {"va": "top", "color": palette.MUTED, "linespacing": 1.1}
    axis.text(1, place - 0.12, figures_named, **below).set_in_layout(False)


def words_not_seen() -> dict[str, str]:
    """What was looked for on both claims of the page and not seen, or in part, and where."""
    return searches.not_seen("two-official-counts", "too-few-convictions")
