"""The clock on the Watch List: what follows each number of reports, from a year on and as the law counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.tiers.published import SOURCE, Lists
from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words, percent, probability
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.figures.wording import in_python, in_vega
from compendium.methods.tiers import tiermap, tiers

FIRST_YEARS = range(2006, 2015)
LENGTHS = {1: "one report", 2: "two reports", 3: "three reports", 4: "four reports", 5: "five reports"}
ERAS = ["earlier", "later"]
STANDS_OUT, DUE = 2013, 4  # the setting that the page speaks of
COUNTED = ("stayed", "downgraded", "upgraded", "decisions")
LAST_CHECKED = 2023  # the lists before it, one of them closed, are as many as the present clock and waiver allow
NOBODY = "From {first} on, no country had been on the list for {stay}{reports}"
SENTENCE = (
    "From {first} on, {decisions} countries had been on the list for {stay}{reports}:\n"
    "{fell} fell to Tier 3 ({share}; interval {low} to {high}),\n"
    "{rose} went up, {stayed} stayed."
)


@dataclass(frozen=True)
class Law:
    """The clock as printed: the first report that it counts, the reports before a fall is due, and the waivers.

    `since` is a report year; `years`, `waiver_then` and `waiver_now` are numbers of reports.
    """

    since: int
    years: int
    waiver_then: int
    waiver_now: int

    @property
    def first_due(self) -> int:
        """The first report in which a fall is due."""
        return self.since + self.years


def law() -> Law:
    """Read the clock and its waivers from the texts."""
    return Law(
        int(tables.value("tier_rules", "value", id="state-2018-clock")),
        int(tables.value("tier_rules", "value", id="usc-7107-clock")),
        int(tables.value("tier_rules", "value", id="state-2018-waiver")),
        int(tables.value("tier_rules", "value", id="usc-7107-waiver")),
    )


@dataclass(frozen=True)
class Clock:
    """What follows each number of reports on the list.

    `splits` has a row for each setting and era: first, era ("later" is from `first` on), years, the counts
    `COUNTED`, share_downgraded, low, high; `beyond` the decisions after more than `DUE` reports from `STANDS_OUT`
    on; `law` the clock as printed; `lawful` the decisions by number of reports counted from `law.since` on;
    `first_due` the classes in the first report in which a fall is due of the countries that it concerns; `waived`
    those in `LAST_CHECKED` of the countries that were on all lists before it that clock and waiver now allow.
    """

    law: Law
    splits: pd.DataFrame
    beyond: pd.DataFrame
    lawful: pd.DataFrame
    first_due: str
    waived: str

    @property
    def due(self) -> pd.DataFrame:
        """The setting that stands out, by era."""
        splits = self.splits
        return splits[(splits["first"] == STANDS_OUT) & (splits.years == DUE)].set_index("era")


def clock(lists: Lists, stays: pd.DataFrame) -> Clock:
    """Split the stays at every year and count what followed each number of reports."""
    splits = pd.concat([tiers.after_years_on_watch_list(stays, first).assign(first=first) for first in FIRST_YEARS])
    splits["era"] = np.where(splits.period.str.startswith("from"), "later", "earlier")
    every = pd.MultiIndex.from_product([FIRST_YEARS, ERAS, LENGTHS], names=["first", "era", "years"])
    splits = splits.drop(columns="period").set_index(["first", "era", "years"]).reindex(every)
    splits = splits.fillna(dict.fromkeys(COUNTED, 0)).astype(dict.fromkeys(COUNTED, int)).reset_index()
    after = tiers.after_years_on_watch_list(stays, STANDS_OUT)
    beyond = after[(after.period == f"from {STANDS_OUT}") & (after.years > DUE)]
    rule, paths = law(), lists.letters
    lawful = tiers.years_under_clock(stays, rule.since).set_index("years")
    first_due = _after(paths, rule.first_due, rule.years)
    return Clock(rule, splits, beyond, lawful, first_due, _after(paths, LAST_CHECKED, rule.years + rule.waiver_now))


def _after(paths: pd.Series, year: int, reports: int) -> str:
    """The classes in the report of `year` of the countries that were on the Watch List in the `reports` before."""
    at = year - tiermap.FIRST
    due = (path[at] for path in paths if path[at - reports : at] == "W" * reports)
    return "".join(letter for letter in due if letter in tiermap.RANKED)


def words_on_clock(clock: Clock) -> dict[str, str]:
    """Return the setting that stands out, before and from its year, and what follows as the law counts."""
    from scipy.stats import fisher_exact

    due, beyond, lawful, rule = clock.due, clock.beyond, clock.lawful, clock.law
    end = rule.years + rule.waiver_then
    longest: Any = lawful.loc[end:].sum()
    fell = [[fallen, decided - fallen] for fallen, decided in zip(due.downgraded, due.decisions, strict=True)]
    return {
        "fell": in_words(due.downgraded["later"]),
        "rose": in_words(due.upgraded["later"]),
        "late": in_words(due.decisions["later"]),
        "longer": in_words(int(beyond.decisions.sum() - beyond.stayed.sum())),
        "before_stayed": in_words(due.stayed["earlier"]),
        "before": count(due.decisions["earlier"]),
        "before_fell": in_words(due.downgraded["earlier"]).replace("zero", "none"),
        "p": probability(fisher_exact(fell).pvalue),
        "settings": count(len(clock.splits) // len(ERAS)),
        "first_due": count(len(clock.first_due)),
        "first_fell": in_words(clock.first_due.count("3")),
        "first_stayed": in_words(clock.first_due.count("W")),
        "first_rose": in_words(sum(map(clock.first_due.count, "12"))),
        "counted_since": str(rule.since),
        "due_first": str(rule.first_due),
        "due_after": in_words(rule.years),
        "waiver_then": in_words(rule.waiver_then),
        "waiver_now": in_words(rule.waiver_now),
        "must_end": in_words(end),
        "must_end_in": str(rule.since + end),
        "ends_now": in_words(rule.years + rule.waiver_now),
        "put_off": count(lawful.stayed.loc[rule.years : end - 1].sum()),
        "ended": count(longest.decisions),
        "ended_fell": in_words(int(longest.downgraded)),
        "ended_rose": in_words(int(longest.upgraded)),
        "ended_stayed": in_words(int(longest.stayed)).replace("zero", "none"),
        "waived": in_words(len(clock.waived)),
        "waived_stayed": in_words(clock.waived.count("W")).replace("zero", "none"),
        "waived_fell": in_words(clock.waived.count("3")),
    }


def draw_clock(clock: Clock) -> figures.Figure:
    """Draw the share that falls by reports on the list, before and from the chosen year."""
    due = clock.due
    settings = [(STANDS_OUT, DUE), (2009, 2), (2006, 3), (2014, 5)]
    chance = alt.Chart(clock.splits.round(4)).transform_filter("datum.first == first")
    return figures.live(
        alt.layer(*_dots(chance), _answer(chance)).add_params(*_controls()).properties(height=230),
        name="tiers-clock",
        title=f"From {STANDS_OUT} on no country with four reports behind it stayed on the Watch List: "
        f"{in_words(due.downgraded['later'])} fell, {in_words(due.upgraded['later'])} rose",
        subtitle="Share that fell to Tier 3 in the next report, by reports on the list so far, before and from the "
        "year you set; lists of 2004 to 2018, 95% intervals",
        alt="Dots with intervals for one to five reports on the list. From 2013 the share that falls is under a "
        "tenth after up to three reports and half after four; before 2013 it is about a tenth after one to three "
        "reports and zero after four.",
        source=f"{SOURCE}. Wilson intervals, as if decisions were independent.",
        data=clock.splits,
        apart="No rule asks how long countries may stay on the list.",
        checks=[({"first": first, "stay": stay}, _said(clock, first, stay)) for first, stay in settings],
    )


def _controls() -> list[alt.Parameter]:
    years = alt.binding_range(
        name="Rule in force from the report of", min=FIRST_YEARS[0], max=FIRST_YEARS[-1], step=1
    )
    lengths = alt.binding_select(name="Fall due after", options=list(LENGTHS), labels=list(LENGTHS.values()))
    return [
        alt.param(name="first", value=STANDS_OUT, bind=years),
        alt.param(name="stay", value=DUE, bind=lengths),
    ]


def _dots(chance: alt.Chart) -> list[alt.Chart]:
    sideways = alt.XOffset("era:N", sort=ERAS)
    scale = alt.Scale(domain=[0, 0.9], nice=False)
    along = alt.X("years:O", title="Reports on the Watch List so far", axis=alt.Axis(labelAngle=0))
    upright = alt.Y("low:Q", scale=scale, axis=alt.Axis(format=".0%", tickCount=5), title="Fell to Tier 3 next")
    period = alt.Color(
        "era:N",
        scale=alt.Scale(domain=ERAS, range=[palette.MUTED, palette.SECOND]),
        legend=alt.Legend(
            title="Reports",
            labelExpr="datum.label == 'later' ? 'from that year on' : 'before'",
            symbolType="circle",
        ),
    )
    tips = [
        alt.Tooltip("years:O", title="Reports on the list"),
        alt.Tooltip("decisions:Q", title="Countries then"),
        alt.Tooltip("downgraded:Q", title="fell to Tier 3"),
        alt.Tooltip("stayed:Q", title="stayed"),
        alt.Tooltip("upgraded:Q", title="went up"),
    ]
    bars, marks = chance.mark_rule(strokeWidth=2), chance.mark_point(size=70, opacity=1, filled=True)
    share = alt.Y("share_downgraded:Q", scale=scale)
    return [
        bars.encode(x=along, xOffset=sideways, y=upright, y2="high:Q", color=period, tooltip=tips),
        marks.encode(x=along, xOffset=sideways, y=share, color=period, tooltip=tips),
    ]


def _answer(chance: alt.Chart) -> alt.Chart:
    nobody = in_vega(NOBODY, first="first", stay="stay", reports="(stay == 1 ? ' report.' : ' reports.')")
    spoken = in_vega(
        SENTENCE,
        first="first",
        decisions="datum.decisions",
        stay="stay",
        reports="(stay == 1 ? ' report' : ' reports')",
        fell="datum.downgraded",
        share="format(datum.share_downgraded, '.0%')",
        low="format(datum.low, '.0%')",
        high="format(datum.high, '.0%')",
        rose="datum.upgraded",
        stayed="datum.stayed",
    )
    chosen = chance.transform_filter("datum.era == 'later' && datum.years == stay")
    sentence = f"datum.decisions == 0 ? {nobody} : {spoken}"
    return figures.readout_of(chosen.transform_calculate(sentence=sentence), "sentence")


def _said(clock: Clock, first: int, stay: int) -> str:
    """The same answer from the table."""
    splits = clock.splits
    row: Any = splits[(splits["first"] == first) & (splits.era == "later") & (splits.years == stay)].iloc[0]
    reports = " report" + "s" * (stay > 1)
    if row.decisions == 0:
        return in_python(NOBODY, first=str(first), stay=str(stay), reports=f"{reports}.")
    return in_python(
        SENTENCE,
        first=str(first),
        decisions=str(row.decisions),
        stay=str(stay),
        reports=reports,
        fell=str(row.downgraded),
        share=percent(row.share_downgraded),
        low=percent(max(row.low, 0)),
        high=percent(row.high),
        rose=str(row.upgraded),
        stayed=str(row.stayed),
    )
