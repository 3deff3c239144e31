"""Sentences that Cambodian courts imposed, as newspapers reported them, and where the sources disagree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, in_words, interval, percent, trimmed
from compendium.figures import palette
from compendium.methods.shares import clusters
from compendium.methods.shares.proportions import Interval

OF_THE_91 = "study"  # the kind that a sentence of an interviewed prisoner would have; no row has it yet
LONG = 5  # years, the line of the claim's rule
ESSAY = 2011
LINES = ("lowest term", "highest")


@dataclass(frozen=True)
class Imposed:
    """Sentences by case and length, persons beside them; what officials say of several; and the contradictions."""

    rows: pd.DataFrame
    conflicts: pd.DataFrame

    @cached_property
    def court(self) -> pd.DataFrame:
        """Sentences of single trials, one row a length."""
        return self.rows[(self.rows.kind == "court") & (self.rows.status != "unverified")]

    def under(self, law: str) -> pd.DataFrame:
        """Sentences for trafficking under the law of one year, one row a person."""
        return self.persons(self.court[(self.court.law == law) & (self.court.offence == "trafficking")])

    @staticmethod
    def persons(rows: pd.DataFrame) -> pd.DataFrame:
        """One row a person; a range counts with its middle (years), a part suspended not at all (to_serve)."""
        people = rows.loc[rows.index.repeat(rows.persons.fillna(1).astype("int64"))]
        years = (people.years_low + people.years_high) / 2
        return people.assign(years=years, to_serve=(people.months_to_serve / 12).fillna(years))

    @property
    def stated(self) -> pd.DataFrame:
        """What somebody said of several sentences."""
        return self.rows[self.rows.kind == "statement"]

    @property
    def of_the_91(self) -> pd.DataFrame:
        """Sentences of the people interviewed, one row each with a number (person) of its own."""
        people = self.persons(self.rows[(self.rows.kind == OF_THE_91) & (self.rows.status != "unverified")])
        return people.assign(person=range(len(people)))


def imposed() -> Imposed:
    """The sentences that were read, and the contradictions about them and about the courts."""
    found = tables.read("source_disagreements")
    about = found[found.table.isin(["cambodia_sentences", "cambodia_justice_system"])]
    return Imposed(tables.read("cambodia_sentences"), about)


def median(people: pd.DataFrame, cluster: str, column: str = "years") -> Interval:
    """The median sentence in years, with an interval over redrawn clusters: whole trials, or single people."""
    return clusters.resampled_median(people, cluster, column)


def words_on_imposed(imposed: Imposed, floor: float) -> dict[str, str]:
    """How long the reported sentences are beside the floor of the law, and how few were given before the essay."""
    old, new = imposed.under("1996"), imposed.under("2008")
    served = new.months_to_serve.dropna()
    to_serve = new[~new.in_absentia]
    middle = median(new, "case")
    return {
        "old_cases": in_words(old.case.nunique()),
        "old_n": in_words(len(old)),
        "old_range": interval(old.years_low.min(), old.years_high.max(), trimmed),
        "cases_2008": count(new.case.nunique()),
        "persons_2008": count(len(new)),
        "range_2008": interval(new.years_low.min(), new.years_high.max(), trimmed),
        "median_2008": in_words(int(new.years_low.median())),
        "middle_low": in_words(round(middle.low)),
        "middle_high": in_words(round(middle.high)),
        "at_floor": count((new.years_low >= floor).sum()),
        "below_floor": count((new.years_low < floor).sum()),
        "above_floor": in_words(int((new.years_high > floor).sum())),
        "absent": in_words(int(new.in_absentia.sum())),
        "longest_served": trimmed(to_serve.years_high.max()),
        "suspended": in_words(len(served)),
        "suspended_months": interval(served.min(), served.max(), lambda months: in_words(int(months))),
        "cases_before": in_words(new.case[new.year <= ESSAY].nunique()),
        "inferred": percent((new.year_status == "inferred").mean()),
    }


def table_of_conflicts(imposed: Imposed) -> pd.DataFrame:
    """Where two sources contradict each other on a sentence or on the courts, and what the book does."""
    conflicts = imposed.conflicts.sort_values(["table", "id"], ascending=[False, True])
    return pd.DataFrame(
        {
            "one source": conflicts.source_a + ": " + conflicts.value_a,
            "another": conflicts.source_b + ": " + conflicts.value_b,
            "what the book does": conflicts.what_the_book_does,
        }
    ).set_index(pd.Index(conflicts.subject + ", " + conflicts.year.astype(str), name="on"))


# ---------------------------------------------------------------- the figure


def _stacked(court: pd.DataFrame) -> pd.DataFrame:
    """One row a person: years, the height at which to draw, and how to draw it."""
    people = court.loc[court.index.repeat(court.persons.astype("int64"))]
    people = people.sort_values(["years_low", "law", "offence", "in_absentia", "id"], kind="stable")
    return people.assign(height=people.groupby("years_low").cumcount() + 1)


def _colour(person: Any) -> str:
    if person.offence != "trafficking":
        return palette.MUTED
    return palette.SECOND if person.law == "1996" else palette.ACCENT


def _shape(person: Any) -> str:
    if person.offence != "trafficking":
        return "^"
    return "s" if person.law == "1996" else "o"


def draw_imposed(imposed: Imposed, floor: float, ceiling: float) -> figures.Figure:
    """Every person whose sentence was reported, against the floor and the ceiling of the law of 2008."""
    people, stated, new = _stacked(imposed.court), imposed.stated, imposed.under("2008")
    row: Any
    top = int(people.height.max()) + 1
    drawing, axis = figures.canvas(height=3.6)
    for years, name in zip((floor, ceiling), LINES, strict=True):
        axis.axvline(years, color=palette.MUTED, lw=1, ls=":")
        axis.text(years + 0.2, top - 0.6, f"{name}: {trimmed(years)}", color=palette.MUTED)
    for row in people.itertuples():
        face = palette.PAPER if row.in_absentia else _colour(row)
        axis.plot(row.years_low, row.height, _shape(row), color=_colour(row), mfc=face, ms=5.5)
    for place, row in enumerate(stated.itertuples()):
        level = top + 1.6 + 2.2 * place
        axis.plot([row.years_low, row.years_high], [level, level], color=palette.THIRD, lw=4, zorder=4)
        words = f"{row.year}, stated: {interval(row.years_low, row.years_high, trimmed)}"
        axis.text(row.years_low, level + 0.5, words, va="bottom", color=palette.THIRD, bbox=figures.ON_PAPER)
    most = max(people.years_high.max(), stated.years_high.max(), ceiling)
    axis.set(xlim=(0, most + 1), ylim=(0, top + 2.4 * len(stated) + 1.6), xticks=range(0, int(most) + 1, 5))
    axis.set(xlabel="Years of imprisonment", ylabel="People sentenced", yticks=range(0, top, 5))
    axis.grid(axis="x", visible=False)
    held = int((new.years_low >= floor).sum())
    return figures.static(
        drawing,
        name="justice-imposed",
        title=f"Of {count(len(new))} people whose sentence under the law of 2008 was reported, {count(held)} got "
        f"{in_words(int(floor))} years or more",
        subtitle="Each mark is a person in a trial that a newspaper reported. Circle: trafficking, law of 2008. "
        "Square: trafficking, law of 1996. Triangle: a lesser offence. Open: the person was not in court. Bars: "
        "what somebody said of several sentences at once",
        alt=f"Marks stacked over years of imprisonment from {decimal(people.years_low.min(), 0)} to "
        f"{decimal(people.years_high.max(), 0)}, the highest stack at the floor of {trimmed(floor)} years, "
        f"{count(len(new) - held)} people below it; two bars above show statements of up to "
        f"{trimmed(stated.years_high.max())} years, past the ceiling of {trimmed(ceiling)}.",
        source="Trials as reported by The Cambodia Daily, the Phnom Penh Post and others, named row by row in the "
        "data; most years are inferred.",
        data=imposed.rows.drop(columns=["passage"]),
    )
