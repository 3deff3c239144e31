"""What else the law of 2008 did: who knows it, and what studies found for people whom it was not made against."""

from __future__ import annotations

from typing import Any

import pandas as pd

from compendium import figures
from compendium.evidence import searches, tables
from compendium.evidence.numbers import in_words, percent
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.methods.shares import proportions

LATE = 2011  # from this year on an outcome says that something lasted
SURVEYED = "percent who know the law"  # the unit of a survey of knowledge in `statement_evidence`
READ = ("read",)
COMPARING = ("before_after", "comparison")
HARM = "harm"
NAMED = ("harm_late", "no_harm_late")
HUES = {HARM: palette.SECOND, "no harm": palette.ACCENT, "other cause": palette.MUTED}


# ---------------------------------------------------------------- who knows the law


def knowledge() -> pd.DataFrame:
    """What is recorded of how the law was made known, by id; a survey is a row with its share and its sample."""
    rows = tables.read("statement_evidence")
    return rows[rows.statement_id == "E52"].set_index("id")


def knowledge_numbers(rows: pd.DataFrame) -> dict[str, float | None]:
    """The surveys of who knows the law, and the 95 percent interval (Wilson) of the latest; None where none is."""
    surveys = rows[(rows.unit == SURVEYED) & rows.value.notna() & rows.n.notna()].sort_values("year_to")
    if surveys.empty:
        return {"knowledge_surveys": 0, "know_low": None, "know_high": None}
    last = surveys.iloc[-1]
    interval = proportions.wilson(round(last["value"] / 100 * last["n"]), int(last["n"]))
    return {"knowledge_surveys": len(surveys), "know_low": interval.low, "know_high": interval.high}


def table_of_knowledge(rows: pd.DataFrame) -> pd.DataFrame:
    """What is on record, by year: the statement, its source, and which way it points."""
    ways = {"for": "little known", "against": "made known", "context": "neither"}
    table = rows.assign(Points=rows.direction.map(ways)).sort_values(["year_from", "statement"])
    named = table.rename(columns={"year_from": "Year", "statement": "On record", "source": "Source"})
    return named[["Year", "On record", "Points", "Source"]].astype({"Year": "Int64"}).set_index("Year")


# ---------------------------------------------------------------- harm


def findings() -> pd.DataFrame:
    """What studies found after the law, by id."""
    return tables.read("law_consequences").set_index("id")


def harm_numbers(rows: pd.DataFrame) -> dict[str, int]:
    """Studies read that measured harm, or none, and studies of any design that found either in 2011 or later."""
    read = rows[rows.status.isin(READ)]
    return _counted(read[read.design.isin(COMPARING)], "measured") | _counted(
        read[read.measured_to >= LATE], "late"
    )


def _counted(rows: pd.DataFrame, name: str) -> dict[str, int]:
    """Studies with and without harm; a study that found both stands on both sides."""
    harm = rows.finding == HARM
    return {
        f"harm_{name}": int(rows.study[harm].nunique()),
        f"no_harm_{name}": int(rows.study[~harm].nunique()),
    }


def harm_alternatives(rows: pd.DataFrame) -> dict[str, dict[str, int]]:
    """The numbers of `unintended-consequences` under each declared alternative."""
    read = rows[rows.status.isin(READ)]
    years = pd.to_numeric(rows.study.str.extract(r"(\d{4})")[0])
    dated = rows.assign(measured_to=rows.measured_to.fillna(years))
    return {
        "accounts-too": _counted(read, "measured"),
        "with-restated": harm_numbers(rows.assign(status="read")),
        "published-late": harm_numbers(dated),
    }


def table_of_findings(rows: pd.DataFrame) -> pd.DataFrame:
    """The findings as the page shows them: those that compare first."""
    table = rows.assign(compares=rows.design.isin(COMPARING)).sort_values(
        ["compares", "finding", "study"], ascending=[False, True, True]
    )
    shown = pd.DataFrame(
        {
            "Study": table.study,
            "Looked at": table.outcome,
            "Found": table.finding,
            "Kind": table.design.map(
                {"account": "account", "before_after": "before and after", "comparison": "compared"}
            ),
            "Years": [_years(row) for row in table.itertuples()],
        }
    )
    return shown.set_index("Study")


def _years(row: Any) -> str:
    first, last = row.measured_from, row.measured_to
    if pd.isna(last):
        return "not on the part read"
    return f"{int(last)}" if pd.isna(first) or first == last else f"{int(first)} to {int(last)}"


def draw_findings(rows: pd.DataFrame) -> figures.Figure:
    """Draw when each finding was measured, by what was found."""
    dated = rows.dropna(subset=["measured_to"]).sort_values(["finding", "measured_to", "study"])
    drawing, axis = figures.canvas(height=0.42 * len(dated) + 0.9)
    row: Any
    for place, row in enumerate(dated.itertuples()):
        colour = HUES[str(row.finding)]
        first = row.measured_to if pd.isna(row.measured_from) else row.measured_from
        axis.plot([first, row.measured_to], [place, place], color=colour, lw=3)
        filled = colour if row.design in COMPARING else palette.PAPER
        axis.plot([first, row.measured_to], [place, place], "o", color=colour, mfc=filled, ms=7)
        axis.text(2013.2, place, str(row.finding), color=colour, va="center")
    axis.axvline(2008 + 1.5 / 12, color=palette.MUTED, lw=1, ls="--")
    axis.set(
        yticks=range(len(dated)), xlim=(2001.5, 2016), ylim=(-0.7, len(dated) - 0.3), xticks=range(2002, 2014, 4)
    )
    axis.set_yticklabels([study.split(" (")[0] for study in dated.study])
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="consequences-findings",
        title="Most findings of harm are accounts from the first years of the law; later findings are few",
        subtitle="Years that each finding covers. Full: before and after were compared; outline: somebody's "
        "account. Dashed: the law of February 2008",
        alt="; ".join(f"{row.study}: {row.outcome}, {row.finding}, {_years(row)}" for row in dated.itertuples())
        + ".",
        source="Findings as named in the data catalogue.",
        data=dated.reset_index()[["id", "study", "outcome", "design", "finding", "measured_from", "measured_to"]],
    )


def late_numbers(rows: pd.DataFrame, year: int) -> dict[str, int]:
    """Studies of any design that found harm, or none, in a year or later."""
    read = rows[rows.status.isin(READ)]
    return _counted(read[read.measured_to >= year], "late")


def late_in_words(rows: pd.DataFrame, year: int) -> str:
    """What was found in a year or later, as the figure says it."""
    found = late_numbers(rows, year)
    harm, none = (found[name] for name in NAMED)
    return f"In {year} or later: studies that found harm, {harm}; that found none, {none}."


def draw_lasting(rows: pd.DataFrame) -> figures.Figure:
    """Live: from which year on harm counts as lasting is the reader's to say."""
    years = range(2008, 2016)
    counted = pd.DataFrame([{"year": year, **late_numbers(rows, year)} for year in years])
    long = counted.melt("year", ["harm_late", "no_harm_late"], var_name="kind", value_name="studies")
    long["found"] = long.kind.map({"harm_late": "harm", "no_harm_late": "no harm"})
    since = alt.param(
        name="since",
        value=LATE,
        bind=alt.binding_range(min=years[0], max=years[-1], step=1, name="Lasting means found in or after"),
    )
    base = alt.Chart(long).transform_filter("datum.year == since")
    bars = base.mark_bar(height=26).encode(
        x=alt.X("studies:Q", scale=alt.Scale(domain=[0, 8]), axis=alt.Axis(tickMinStep=1, title="Studies")),
        y=alt.Y("found:N", title=None),
        color=alt.Color("found:N", legend=None, scale=alt.Scale(range=[palette.SECOND, palette.ACCENT])),
    )
    by_year = {name: {str(row.year): int(getattr(row, name)) for row in counted.itertuples()} for name in NAMED}
    harm, none = (figures.looked_up(by_year[name], "since + ''") for name in NAMED)
    said = f"'In ' + since + ' or later: studies that found harm, ' + {harm} + '; that found none, ' + {none} + '.'"
    return figures.live(
        alt.layer(bars, figures.readout(said)).add_params(since).properties(height=90),
        name="consequences-lasting",
        title="The later a harm must be found to count as lasting, the fewer studies there are",
        subtitle="Studies of any design that were read, by what they found in the year that you set or later",
        alt=late_in_words(rows, LATE),
        source="Findings as named in the data catalogue.",
        data=counted,
        checks=[({"since": year}, late_in_words(rows, year)) for year in (2008, 2010, LATE, 2013)],
        claim="unintended-consequences",
        numbers={"harm_late": harm, "no_harm_late": none},
    )


def words(rows: pd.DataFrame, known: pd.DataFrame) -> dict[str, str]:
    """The numbers of the page's prose."""
    counted = harm_numbers(rows)
    surveys = knowledge_numbers(known)["knowledge_surveys"]
    return {name: in_words(value) for name, value in counted.items()} | {
        "surveys": in_words(int(surveys or 0)),
        "records": in_words(len(known)),
        "made_known": in_words(int((known.direction == "against").sum())),
        "older": percent(0.01 * float(rows.value["older-abuse"])),
        "visits": percent(0.01 * float(rows.value["clinic-visits"])),
        "ratio": str(rows.value["siem-reap-unprotected"]),
        "hiv": str(rows.value["hiv-cohorts"]),
    }


def words_not_seen() -> dict[str, str]:
    """What was looked for on the claims of the page and not seen, and where."""
    return searches.not_seen("poorly-publicised", "unintended-consequences")
