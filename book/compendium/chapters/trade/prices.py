"""Sums that Cambodian trials and police reports name, and what they say of how the accused worked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from compendium import figures
from compendium.evidence import searches, tables
from compendium.evidence.numbers import count, decimal, dollars, in_words, interval
from compendium.figures import palette

WAGE_OF = 2015  # the year in the middle of the reports
SIDES = {  # in the order drawn: what the sum is, and its colour
    "received": ("received by the accused", palette.ACCENT),
    "paid_by_victim": ("paid by the victim", palette.SECOND),
    "paid_to_family": ("paid to the family", palette.SECOND),
    "paid_by_buyer": ("paid by the buyer", palette.THIRD),
    "ordered": ("ordered as compensation", palette.MUTED),
    "seized": ("seized", palette.MUTED),
}
EACH = {"person": "each person", "case": "the whole case", "unclear": "each or in all"}
FIRST_HAND = ["defendant in court", "court report"]
IN_FULL = {  # how a statement of the table is told on the page
    r"^Same \w+: ": "",
    r"^Abstract \d+ of \d+: ": "abstract of the study: ",
    r"\bTIP (\d{4})\b": r"US report of \1",
    r"\bUNIAP (\d{4})\b": r"United Nations project UNIAP, \1",
    r"\bIJM\b": "the organisation IJM",
}


@dataclass(frozen=True)
class Prices:
    """Sums by case with whose word each is, and the minimum wage of one year to compare them with."""

    rows: pd.DataFrame
    wage: float  # a month's, in dollars
    conflicts: pd.DataFrame

    @cached_property
    def sums(self) -> pd.DataFrame:
        """Sums in dollars; one in another currency restates a sum that is there in dollars."""
        rows = self.rows[(self.rows.currency == "USD") & (self.rows.status != "unverified")]
        order = {side: place for place, side in enumerate(SIDES)}
        sort = rows.assign(order=rows.side.map(order), each=rows.per.map([*EACH].index))
        return sort.sort_values(["order", "each", "amount_high", "id"], ignore_index=True)

    @property
    def received(self) -> pd.DataFrame:
        """Sums that an accused received for each person."""
        return self.sums[(self.sums.side == "received") & (self.sums.per == "person")]

    @property
    def told_in_court(self) -> pd.DataFrame:
        """Those of them told in court, and not by the police or a prosecutor."""
        return self.received[self.received.said_by.isin(FIRST_HAND)]


def yearly_wages(confirmed: bool = True) -> pd.Series:
    """Twelve garment minimum wages in dollars, by year: where a text confirms the wage, or for all years."""
    wages = tables.read("cambodia_series").query("indicator == 'garment_min_wage_usd_month'")
    wages = wages[wages.status.isin(("read", "restated"))] if confirmed else wages
    return 12 * wages.set_index("year").value.sort_index()


def by_case(
    kinds: tuple[str, ...] = ("recruiting",), per: tuple[str, ...] = ("person",), confirmed: bool = True
) -> pd.DataFrame:
    """What an accused received in each case, lowest and highest sum, in yearly minimum wages of its year.

    `kinds` are what the sum was paid for, `per` whether it is for one person. A sum in another currency restates
    one in dollars. One row a case: low, high. A year without a confirmed wage takes the one before; not
    `confirmed` takes the wage of the year itself, where the table has one.
    """
    rows = _received(kinds, per)
    yearly = yearly_wages(confirmed)
    of_its_year = [yearly.loc[:year].iloc[-1] for year in rows.year]
    in_wages = rows.assign(low=rows.amount_low / of_its_year, high=rows.amount_high / of_its_year)
    return in_wages.groupby("case").agg(low=("low", "min"), high=("high", "max"))


def _received(kinds: tuple[str, ...], per: tuple[str, ...]) -> pd.DataFrame:
    """The confirmed sums in dollars that an accused received, by what they were paid for and for how many."""
    rows = tables.read("recruitment_prices").query("currency == 'USD' and side == 'received'")
    return rows[rows.paid_for.isin(kinds) & rows.per.isin(per) & rows.status.isin(("read", "restated"))]


def highest_case() -> pd.DataFrame:
    """The sums for recruiting a person in the case that has the highest in wages, with whose word each is."""
    rows = _received(("recruiting",), ("person",))
    return rows[rows.case == by_case().high.idxmax()]


def prices() -> Prices:
    """The sums that were read, the wage, and the contradictions about the sums."""
    found = tables.read("source_disagreements")
    wage = tables.value("cambodia_series", "value", indicator="garment_min_wage_usd_month", sex="all", year=WAGE_OF)
    return Prices(tables.read("recruitment_prices"), wage, found[found.table == "recruitment_prices"])


def words_on_prices(prices: Prices) -> dict[str, str]:
    """How much the accused received for each person, by their own words and by those of others."""
    told, received = prices.told_in_court, prices.received
    others = received.drop(index=told.index)
    conflict = prices.conflicts.iloc[0]
    return {
        "sums": in_words(len(prices.sums)),
        "sum_cases": in_words(prices.sums.case.nunique()),
        "told": interval(told.amount_low.min(), told.amount_high.max(), dollars),
        "said_high": dollars(others.amount_high.max()),
        "wage_year": str(WAGE_OF),
        "wage_month": dollars(prices.wage),
        "least_months": decimal(told.amount_low.min() / prices.wage),
        "most_months": decimal(told.amount_high.max() / prices.wage),
        "conflict": f"{conflict.source_a}: {conflict.value_a}; {conflict.source_b}: {conflict.value_b}",
    }


def draw_prices(prices: Prices) -> figures.Figure:
    """Every sum, by whom it went to and whose word it is, over a year's minimum wage."""
    sums, told = prices.sums, prices.told_in_court
    owed = dollars(sums.amount_high[sums.side == "paid_by_buyer"].max())
    row: Any
    drawing, axis = figures.canvas(height=0.4 * len(sums) + 0.7)
    for place, row in enumerate(sums.itertuples()):
        colour = SIDES[row.side][1]
        face = colour if row.per == "person" else palette.PAPER
        axis.plot([row.amount_low, row.amount_high], [place, place], color=colour, lw=3)
        for end in (row.amount_low, row.amount_high):
            axis.plot(end, place, "o", color=colour, mfc=face, ms=6)
        words = f"{row.year}, {SIDES[row.side][0]}, {EACH[row.per]} ({row.said_by})"
        axis.text(32, place - 0.2, words, va="bottom", color=palette.INK, bbox=figures.ON_PAPER)
    for months, name in ((1, "a month"), (12, "a year")):
        axis.axvline(months * prices.wage, color=palette.MUTED, lw=1, ls=":")
        axis.text(1.04 * months * prices.wage, len(sums) - 0.45, name, va="bottom", color=palette.MUTED)
    axis.set(xscale="log", xlim=(30, 30_000), ylim=(len(sums) - 0.3, -0.9), yticks=[])
    axis.set_xticks([100, 1000, 10_000], [dollars(tick) for tick in (100, 1000, 10_000)])
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="trade-prices",
        title="For each person the accused got or were promised "
        f"{interval(told.amount_low.min(), told.amount_high.max(), dollars)}, courts heard; police name up to "
        f"{dollars(prices.received.amount_high.max())}",
        subtitle="Sums in Cambodian trials and police reports, in dollars, on a scale of powers of ten. A full dot "
        "is for each person; an open one is for the whole case, or it is not said. The highest dot is no gain: "
        f"men who buy a bride owe brokers up to {owed}, by the US report of 2018. Dotted: a garment worker's "
        f"minimum wage of a month and of a year in {WAGE_OF}",
        alt=f"Dot plot of {count(len(sums))} sums from {dollars(sums.amount_low.min())} to "
        f"{dollars(sums.amount_high.max())}. For each person accused people told courts of "
        f"{interval(told.amount_low.min(), told.amount_high.max(), dollars)}; police and prosecutors name up to "
        f"{dollars(prices.received.amount_high.max())}, the price abroad among them.",
        source="Trials and police reports named row by row in the data, most as newspapers printed them; minimum "
        "wage as in the table of series.",
        data=sums.drop(columns=["passage", "order", "each"]),
    )


# ---------------------------------------------------------------- how they worked


def descriptions() -> pd.DataFrame:
    """What trials and reports say of how Cambodian traffickers worked and what schooling they had."""
    said = tables.read("offender_evidence")
    return said[(said.place == "Cambodia") & (said.status != "unverified")]


def table_of_descriptions(descriptions: pd.DataFrame) -> pd.DataFrame:
    """What each trial or report says of organisation, and whether its author is the essay's own."""
    rows = descriptions[descriptions.subject == "organisation"].sort_values(["year", "says", "id"])
    kinds = rows.kind.str.replace("_", " ").where(~rows.same_author, "the study itself")
    said = rows.statement.map(plainly)
    return pd.DataFrame(
        {"read as": rows.says, "what": kinds, "accused": rows.persons.map(_accused), "it says": said}
    ).set_index(pd.Index(rows.year, name="year"))


def plainly(statement: str) -> str:
    """A statement as a reader meets it alone: without what refers to the row before, and with bodies in full."""
    for pattern, words in IN_FULL.items():
        statement = re.sub(pattern, words, statement)
    return statement[:1].upper() + statement[1:]


def _accused(persons: Any) -> str:
    return "not given" if pd.isna(persons) else count(persons)


def words_on_descriptions(descriptions: pd.DataFrame) -> dict[str, str]:
    """How many independent descriptions call the traffickers small, organised or both; and of schooling."""
    independent = descriptions[~descriptions.same_author]
    says = independent[independent.subject == "organisation"].says.value_counts()
    schooling = independent[independent.subject == "schooling"].says.value_counts()
    return {
        "described": in_words(int(says.sum())),
        **{f"described_{how}": in_words(int(says.get(how, 0))) for how in ("small", "organised", "mixed")},
        "unschooled": in_words(int(schooling.get("uneducated", 0))),
        "schooled": in_words(int(schooling.get("educated", 0))),
    }


def words_not_seen() -> dict[str, str]:
    """What was looked for on the three claims of the page, and where."""
    wanted = ("poor-uneducated", "small-operators", "modest-gains", "push-and-pull")
    return searches.not_seen(*wanted)
