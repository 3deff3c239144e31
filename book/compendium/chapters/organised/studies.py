"""Samples and studies of traffickers: which way they point, and the numbers of the two claims that rest on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.organised.borders import ESSAY_YEAR
from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words, percent
from compendium.figures import Figure, palette
from compendium.methods.shares import counted, samples
from compendium.methods.shares.proportions import clopper_pearson

LATEST = 9999
BY_PERSONS = ("persons", "cases", "schemes")
COLOURS = {counted.ORGANISED: palette.SECOND, counted.SMALL: palette.ACCENT, counted.OPEN: palette.MUTED}


# ---------------------------------------------------------------- samples that were counted


def sampled() -> pd.DataFrame:
    """The table `organisation_samples`: one row a count, or a finding in words."""
    return tables.read("organisation_samples")


def _balance(rows: pd.DataFrame, **taken: Any) -> dict[str, int]:
    found = samples.balance_of_samples(rows, **taken)
    return {"organised_samples": found.organised, "small_samples": found.small}


def organised_crime(rows: pd.DataFrame, evidence: pd.DataFrame) -> dict[str, Any]:
    """The numbers of the claim `organised-crime`, what the largest collection says, and the reasons."""
    collections = evidence[evidence.kind == "collection"]
    return {
        **_balance(rows),
        "collections_organised": int((collections.says == "organised").sum()),
        "collections_small": int((collections.says == "small").sum()),
        "reasons_for": FOR,
        "reasons_against": AGAINST,
    }


def organised_crime_alternatives(rows: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Which way the samples point if more of them are taken, or persons instead of cases."""
    return {
        "with-restated": _balance(rows, restated=True),
        "with-words": _balance(rows, words=True),
        "with-essay-study": _balance(rows, same_author=True),
        "by-persons": _balance(rows, units=BY_PERSONS),
    }


FOR = [
    "UNODC 2024: most trafficking in its court cases, from many countries, is done by groups of the business "
    "or governance type. It was read through others, without the share.",
    "United States: by persons, more than half of the federal defendants of 2000 to 2015 acted in a group.",
    "Belgium and San Diego: court files and prisoners of gangs show organised groups; both were chosen for them.",
]
AGAINST = [
    "United States: by cases, two thirds of the federal cases of 2000 to 2022 are of unorganised individuals, and "
    "most of the groups are family operations or loose rings.",
    "Australia: none of the nine schemes convicted from 2004 to 2012 fits the picture of high-end organised crime.",
    "United Kingdom: six police investigations do not show a sophisticated, well-organised trade.",
    "Cambodia: the US report of 2018 calls family, community members and small networks of brokers most common.",
]


def _label(row: Any) -> str:
    counted = f"{count(row.organised)} of {count(row.n)} {row.unit}" if pd.notna(row.organised) else "in words only"
    known = "" if row.status == "read" else ", through others"
    return f"{counted}{known}{', the essay’s own' if row.same_author else ''}"


def draw_samples(rows: pd.DataFrame) -> Figure:
    """Every count of the table with its exact interval, and the findings in words, at the side that they name."""
    shown: Any = rows.assign(words=rows.organised.isna()).sort_values(["words", "sample", "unit"])
    shown = shown.assign(low=None, high=None, share=None)
    drawing, axis = figures.canvas(height=0.55 * len(shown) + 0.8)
    for place, (at, row) in enumerate(shown[::-1].iterrows()):
        used = row.status == "read" and not row.same_author and not row.words
        colour = COLOURS[row.says] if used else palette.MUTED
        if row.words:
            axis.plot({"organised": 75, "small": 25}.get(row.says, 50), place, "D", color=colour, mfc="none", ms=6)
        else:
            share = clopper_pearson(int(row.organised), int(row.n))
            shown.loc[at, ["low", "high", "share"]] = [share.low, share.high, share.estimate]
            axis.plot([100 * share.low, 100 * share.high], [place, place], color=colour, lw=2)
            axis.plot(100 * share.estimate, place, "o", color=colour, mfc=colour if used else "none", ms=6)
    axis.axvline(50, color=palette.MUTED, lw=1, ls="--")
    axis.set(
        yticks=range(len(shown)),
        yticklabels=[f"{row['sample']}, {row.year}\n{_label(row)}" for _, row in shown[::-1].iterrows()],
        xlim=(-2, 102),
        ylim=(-0.6, len(shown) - 0.4),
        xlabel="Organised, percent",
    )
    axis.grid(axis="y", visible=False)
    found = samples.balance_of_samples(rows)
    return figures.static(
        drawing,
        name="organised-samples",
        title="The counted samples that could be read are few, and they lie below half when cases are counted",
        subtitle="Share of cases, schemes or persons with organised groups, as each source defines them; dashed: "
        "half. Hollow: not counted, for the reason beside it; a diamond shows only the side of a finding in words",
        alt=f"{len(shown)} rows. Counted, read and taken by cases: {found.organised} samples above half, "
        f"{found.small} below. By persons the US sample lies above half.",
        source="Sources row by row in the table organisation_samples. Exact 95% intervals.",
        data=shown.drop(columns=["words"]),
    )


def words_on_samples(rows: pd.DataFrame, evidence: pd.DataFrame) -> dict[str, str]:
    """The counted samples, and the words of the US report on Cambodia."""
    found = samples.balance_of_samples(rows)
    at: Any = rows.set_index("id")
    cases, persons, schemes = at.loc["us-federal-cases"], at.loc["us-federal-defendants"], at.loc["au-schemes"]
    gang = at.loc["us-san-diego"]
    return {
        "samples_counted": in_words(sum(found)),
        "samples_small": in_words(found.small),
        "samples_organised": in_words(found.organised).replace("zero", "none"),
        "least": in_words(samples.LEAST),
        "us_cases": count(cases.n),
        "us_cases_share": percent(cases.organised / cases.n),
        "us_persons": count(persons.n),
        "us_persons_share": percent(persons.organised / persons.n, 1),
        "au_schemes": in_words(int(schemes.n)),
        "au_high": percent(clopper_pearson(int(schemes.organised), int(schemes.n)).high),
        "gang": f"{count(gang.organised)} of {count(gang.n)}",
        "us_words": f"“{evidence.passage['tip-2018-small'].rstrip('.')}”",
        "us_gangs": f"“{evidence.passage['tip-2018-gangs'].rstrip('.')}”",
    }


# ---------------------------------------------------------------- studies of traffickers


@dataclass(frozen=True)
class Studies:
    """Studies of traffickers that were read and are not the essay's own, as `trafficker_studies` has them."""

    rows: pd.DataFrame

    def numbers(self, until: int = ESSAY_YEAR, reviews: bool = True, chosen: bool = True) -> dict[str, int]:
        """How many printed up to a year find that organised crime runs trafficking, and how many do not.

        Without `reviews` only studies of traffickers themselves count; without `chosen` those are left out whose
        cases were chosen for their networks.
        """
        rows = self.rows[self.rows.year <= until]
        if not reviews:
            rows = rows[rows.kind == "study"]
        if not chosen:
            rows = rows[~rows.note.fillna("").str.contains("chosen for their networks")]
        finds = rows.finds
        return {
            "studies_organised": int((finds == "organised").sum()),
            "studies_otherwise": int((finds == "otherwise").sum()),
        }


def studied() -> Studies:
    """Read the studies; the essay's own and those that no text confirms are left out."""
    rows = tables.read("trafficker_studies")
    return Studies(rows[(rows.status == "read") & ~rows.same_author].sort_values(["year", "id"]))


def studies_of_traffickers(found: Studies) -> dict[str, Any]:
    """The numbers of the claim `studies-of-traffickers`, and the reasons on either side."""
    return {**found.numbers(), "reasons_for": STUDIES_FOR, "reasons_against": STUDIES_AGAINST}


def studies_of_traffickers_alternatives(found: Studies) -> dict[str, dict[str, int]]:
    """The same up to other years, without reviews, and without files that were chosen for their networks."""
    return {
        "to-2012": found.numbers(until=ESSAY_YEAR + 1),
        "all-years": found.numbers(until=LATEST),
        "studies-only": found.numbers(reviews=False),
        "without-chosen": found.numbers(chosen=False),
    }


STUDIES_FOR = [
    "A study for UNODC of 2010 found little reliable knowledge, and actors from organised groups to friends "
    "and family.",
    "An ethnography of the Lao-Thai border of 2010 found recruitment among acquaintances, and called great profit "
    "an assumption.",
]
STUDIES_AGAINST = [
    "A study of traffickers in South-Eastern Europe of 2008 calls the trade an organised crime industry.",
    "A study of 62 Belgian court files of 2008 describes networks that grow transnational; the files were chosen "
    "for their networks.",
]


def table_of_studies(found: Studies) -> pd.DataFrame:
    """Each study with its year, what it finds in our words, and how it is counted."""
    rows = found.rows
    table = pd.DataFrame(
        {
            "Year": rows.year.astype(str),
            "Work": rows.work,
            "Kind": rows.kind,
            "What it finds": rows.finding,
            "Organised crime": rows.finds.map({"organised": "runs it", "otherwise": "not so found"}),
        }
    )
    return table.set_index("Year")


def words_on_studies(found: Studies) -> dict[str, str]:
    """How many studies find what, by the essay's year and over all years."""
    early, later = found.numbers(), found.numbers(until=LATEST)
    return {
        "studies_early": in_words(sum(early.values())),
        "studies_organised": in_words(early["studies_organised"]),
        "studies_otherwise": in_words(early["studies_otherwise"]),
        "all_organised": in_words(later["studies_organised"]),
        "all_otherwise": in_words(later["studies_otherwise"]),
        "essay_year": str(ESSAY_YEAR),
    }
