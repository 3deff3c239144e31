"""What the evaluations found, each in its own unit, and how many of each route found anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.evidence import searches, tables
from compendium.evidence.numbers import count, decimal, dollars, in_words, interval, listing, percent
from compendium.figures import palette
from compendium.methods.choice import breakeven

FACTS = "Evaluations as named in the data catalogue"

SHOWN = {
    "filmer-schady-2006-programme": "girls, programme schools",
    "filmer-schady-2006-any": "girls, any school",
    "filmer-schady-2009-enrolment": "poor pupils, enrolment",
    "barrera-2018-work": "in work, nine years on",
    "filmer-schady-2014-grades": "offered, five years on",
    "barrera-2018-grades": "by lot, nine years on",
    "filmer-schady-2014-work": "work, five years on",
    "barrera-2023-grades": "schooling, nine years on",
    "barrera-2023-work": "work, nine years on",
    "norc-2020-work": "job platform, work",
    "norc-2020-migration": "job platform, trafficking",
    "ijm-minors": "minors in sex venues",
    "page-hiv": "HIV among sex workers",
    "page-venues": "sex workers in venues",
    "siemreap-venue": "sex bought outside brothels",
    "siemreap-unprotected": "unprotected sex",
    "siemreap-apr": "unprotected sex, ratio",
}
PANELS = {
    "percentage points": ("Scholarships: percentage points more", (0, 50)),
    "grades": ("Scholarships: grades more completed", (0, 1)),
    "none": ("Scholarships and jobs: no figure printed", (0, 1)),
    "percent": ("Law and policing: percent before and after", (0, 80)),
    "adjusted prevalence ratio": ("Law: prevalence after over before", (0.8, 2.2)),
}
HUES = {"supports": palette.ACCENT, "cuts_against": palette.SECOND, "unread": palette.MUTED}  # others: mixed
DOWNLOADED = "id study outcome before after effect effect_low effect_high unit design bearing status".split()

ROUTES = {"education": "education", "training": "training", "migration_training": "training", "work": "work"}
COUNTED = frozenset({"trafficking", "earnings_or_work"})
OUTCOMES = {
    "schooling": "schooling",
    "earnings_or_work": "work, earnings",
    "trafficking": "trafficking",
    "migration": "migration",
}
SIDES = {"supports": "for", "cuts_against": "against", "unread": "not read"}  # others: mixed
READINGS = {"supports": "found", "cuts_against": "none found", "unread": "not read"}
CLAIM = "opportunity-works"


def evaluations() -> pd.DataFrame:
    """The studies of the essay's routes and of the law, by id."""
    return tables.read("policy_evidence").set_index("id")


# ---------------------------------------------------------------- what every study found


def drawn(studies: pd.DataFrame) -> pd.DataFrame:
    """The rows that meet the rule, and the Cambodian counts before and after law and policing, in drawing order."""
    counted = studies[["before", "effect"]].notna().any(axis=1)
    law = studies.place.eq("Cambodia") & studies.design_class.eq("before_after") & counted
    rows = studies[studies.included.ne("no") | law]
    known = {study: place for place, study in enumerate(SHOWN)}
    return rows.loc[sorted(rows.index, key=lambda study: (known.get(str(study), len(known)), str(study)))]


def draw_evidence(studies: pd.DataFrame) -> figures.Figure:
    """Draw each finding in its own unit: nothing is averaged."""
    rows = drawn(studies)
    groups = [rows[rows.unit == unit] for unit in PANELS]
    ratios = {"height_ratios": [len(group) + 0.9 for group in groups]}
    drawing, axes = figures.canvas(height=6.6, rows=len(PANELS), gridspec_kw=ratios)
    for axis, group, (unit, (heading, span)) in zip(axes, groups, PANELS.items(), strict=True):
        for place, row in enumerate(group[::-1].itertuples()):
            _draw_finding(axis, place, row, unit, span)
        axis.set_title(heading, loc="left", fontsize=10, color=palette.MUTED)
        axis.set(yticks=range(len(group)), xlim=span, ylim=(-0.6, len(group) - 0.4))
        axis.set_yticklabels([SHOWN.get(str(study), str(group.outcome[study])) for study in group.index[::-1]])
        axis.grid(axis="y", visible=False)
        axis.tick_params(labelsize=9.5)
        if unit == "none":
            axis.set(xticks=[])
    axes[-1].axvline(1, color=palette.MUTED, lw=1)
    return figures.static(
        drawing,
        name="opportunity-evidence",
        title="Scholarships brought more schooling; of two papers on one of them, one finds more work and one "
        "does not",
        subtitle="Each panel has its own unit, so two panels cannot be compared. Beside each finding: whether it "
        "speaks for the essay, against it, or for both (mixed)",
        alt="Five panels. Scholarships raised enrolment by 22 to 43 percentage points and schooling by 0.2 to 0.6 "
        "grades. On work a paper of 2018 found 3.4 points more, and papers of 2014 and 2023 found nothing; of the "
        "trial of jobs no result was read. After the law minors in venues fell from 8.16 to 2.2 percent, HIV from "
        "23 to 9.2, while unprotected sex rose from 37 to 65 percent.",
        source=f"{FACTS}; bars are ranges as printed.",
        data=rows.reset_index()[DOWNLOADED],
    )


def _draw_finding(axis: Any, place: int, row: Any, unit: str, span: tuple[float, float]) -> None:
    """Draw one finding: words, an arrow from before to after, or a point or range; and on whose side it is."""
    colour, side = HUES.get(row.bearing, palette.SIXTH), SIDES.get(row.bearing, "mixed")
    if unit == "none":
        axis.text(0.01, place, READINGS[row.bearing], color=colour, va="center")
        return
    if unit == "percent":
        arrow = {"arrowstyle": "-|>", "color": colour, "lw": 2}
        axis.annotate("", (row.after, place), (row.before, place), arrowprops=arrow)
        words = f"{row.before:g} to {row.after:g}: {side}"
        axis.text(max(row.after, row.before) + 2, place, words, color=colour, va="center")
        return
    low, high = (row.effect, row.effect) if pd.isna(row.effect_low) else (row.effect_low, row.effect_high)
    axis.plot([low, high], [place, place], color=colour, lw=4, solid_capstyle="butt")
    at, mark = (low, "|") if pd.isna(row.effect) else (row.effect, "o")
    axis.plot(at, place, mark, color=colour, ms=7)
    words = f"{low:g} to {high:g}: {side}" if low != high else f"{high:g}: {side}"
    axis.text(high + 0.035 * (span[1] - span[0]), place, words, color=colour, va="center")


def price_of_a_place(studies: pd.DataFrame) -> float:
    """US dollars a year of a scholarship, as the row states it."""
    return float(studies.exposure["filmer-schady-2006-any"].split("USD ")[1].split("/")[0])


def words_on_evidence(studies: pd.DataFrame) -> dict[str, str]:
    """What each study printed."""
    low, high, effect = studies.effect_low, studies.effect_high, studies.effect
    before, after, asked = studies.before, studies.after, studies.n

    def between(study: str) -> str:
        return interval(low[study], high[study], count)

    return {
        "price": dollars(price_of_a_place(studies)),
        "programme": between("filmer-schady-2006-programme"),
        "any_school": between("filmer-schady-2006-any"),
        "grades": decimal(effect["filmer-schady-2014-grades"]),
        "cessp": count(effect["filmer-schady-2009-enrolment"]),
        "schools": count(asked["barrera-2018-grades"]),
        "lot_grades": interval(low["barrera-2018-grades"], high["barrera-2018-grades"], lambda v: decimal(v, 2)),
        "employment": decimal(effect["barrera-2018-work"]),
        "communes": count(asked["norc-2020-work"]),
        "nepal_earnings": count(effect["nepal-ef-2015-earnings"]),
        "no_effect_studies": in_words(int(effect["campbell-2011"])),
        "campbell": count(asked["campbell-2011"]),
        "references": count(asked["fhi-2014"]),
        "relevant": count(effect["fhi-2014"]),
        "surveyed": count(asked["filmer-schady-2014-grades"]),
        "migrants": count(asked["ilo-iom-2017"]),
        "minors": f"{decimal(before['ijm-minors'])}% to {decimal(after['ijm-minors'])}%",
        "hiv": f"{count(before['page-hiv'])}% to {decimal(after['page-hiv'])}%",
        "venue_share": f"{count(before['page-venues'])}% to {count(after['page-venues'])}%",
        "ratio": decimal(effect["siemreap-apr"], 2),
        "ratio_interval": interval(low["siemreap-apr"], high["siemreap-apr"], lambda v: decimal(v, 2)),
    }


# ---------------------------------------------------------------- counting what was found


@dataclass(frozen=True)
class Tallies:
    """Programmes of each route with an effect, with one ruled out, and left open: `education_found` and so on.

    `papers` has a reading for each paper. `base` counts effects on trafficking, earnings and work by their printed
    intervals, and leaves a programme open whose papers disagree; `alternatives` and `together` are other ways to
    count.
    """

    papers: pd.DataFrame
    base: dict[str, int]
    alternatives: dict[str, dict[str, int]]
    together: dict[str, dict[str, int]]


def tallies(studies: pd.DataFrame) -> Tallies:
    """Count what the included evaluations found, by the declared rule and its alternatives."""
    found = breakeven.findings(studies[studies.included == "yes"].reset_index(), ROUTES)
    papers = breakeven.verdicts(found, COUNTED)
    wider = breakeven.verdicts(found, COUNTED | {"schooling"})
    routes = list(dict.fromkeys(ROUTES.values()))

    def tally(decides: str = "all", as_said: bool = False, rows: pd.DataFrame = papers) -> dict[str, int]:
        return breakeven.tally(breakeven.programmes(rows, decides), routes, as_said)

    return Tallies(
        papers,
        tally(),
        {
            "schooling-counts": tally(rows=wider),
            "later-paper": tally("later"),
            "earlier-paper": tally("earlier"),
            "as-said": tally(as_said=True),
        },
        {
            "schooling-counts + as-said": tally(as_said=True, rows=wider),
            "later-paper + as-said": tally("later", as_said=True),
            "earlier-paper + as-said": tally("earlier", as_said=True),
        },
    )


def table_of_evaluations(studies: pd.DataFrame) -> pd.DataFrame:
    """The rows that meet the rule, by programme and year: what each paper looked at and found."""
    rows = studies[studies.included != "no"].sort_values(["theme", "programme", "published"])
    table = pd.DataFrame(
        {
            "Programme": rows.programme,
            "Paper": [study.split(" (")[0] for study in rows.study],
            "Design": rows.design.map(_design),
            "Outcome": rows.outcome_class.map(OUTCOMES),
            "Effect": rows.bearing.map(READINGS),
            "As printed": [_printed(row) for row in rows.itertuples()],
        }
    )
    return table.set_index("Programme")


def _design(printed: str) -> str:
    """A design as the table's rows print it, in the page's words."""
    return re.sub(r"quasi-experiment \(RD\)|regression discontinuity|RD\b", "cut-off", printed).replace(
        "randomised", "by lot"
    )


def _printed(row: Any) -> str:
    """The size of a finding as printed, or a dash."""
    if pd.isna(row.effect) and pd.isna(row.effect_low):
        return "—"
    size = f"{row.effect:g}" if pd.isna(row.effect_low) else f"{row.effect_low:g} to {row.effect_high:g}"
    return f"{size} {row.unit}"


def words_on_rule(studies: pd.DataFrame) -> dict[str, str]:
    """The rule of inclusion, how many rows it takes and leaves, and the searches behind them."""
    rule = tables.describe("policy_evidence")["inclusion"]
    taken = studies[studies.included == "yes"]
    log = tables.read("search_log")
    mine = log[[CLAIM in str(claims).split("; ") for claims in log.claims]]
    left = studies[studies.included == "no"].why.value_counts()
    return {
        "rule": rule["statement"],
        "rows": count(len(studies)),
        "taken": in_words(len(taken)),
        "papers": in_words(taken.study.nunique()),
        "programmes": in_words(taken.programme.nunique()),
        "looked": in_words(taken[taken.outcome_class.isin(COUNTED)].programme.nunique()),
        "awaiting_study": _studies(studies[studies.included == "awaiting"].study.nunique()),
        "left": "; ".join(f"{why} ({number})" for why, number in left.items()),
        "searches": count(len(mine)),
        "searches_dated": count(mine.date.notna().sum()),
        "searches_empty": count(mine.outcome.eq("not_found").sum()),
        "searched_on": listing(sorted(mine.date.dropna().unique())),
    }


def _studies(number: int) -> str:
    """A number of studies at the beginning of a sentence."""
    return f"{in_words(number).capitalize()} {'study' if number == 1 else 'studies'}"


def words_on_tallies(found: Tallies) -> dict[str, str]:
    """The counts of the page's table, the line that decides them, and those of education counted otherwise."""
    words = {name: in_words(number) for name, number in found.base.items()}
    both = found.together["schooling-counts + as-said"]
    return words | {
        "matters_points": in_words(int(breakeven.MATTERS["percentage points"])),
        "matters_percent": percent(breakeven.MATTERS["percent"] / 100),
        "matters_fall": percent(breakeven.FALL),
        "schooling_found": in_words(both["education_found"]),
        "both_ruled_out": in_words(found.together["later-paper + as-said"]["education_ruled_out"]),
    }


def words_not_seen() -> dict[str, str]:
    """What was looked for on the claim of the page and not seen, or in part, and where."""
    return searches.not_seen(CLAIM)
