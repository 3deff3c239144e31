"""What is printed of the 91 people of the prison study, looked for by kind, and what texts of the study say.

A row added to a table tomorrow is found by what it is about, its unit and its size, never by its id.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from compendium.evidence import tables
from compendium.methods.shares import proportions

# How a statement on the social position of the people shows what it is about; one on both settles neither.
SUBJECTS = {"schooling": r"school|educat|litera", "income": r"\bpoor|poverty|income"}
AUTHORED = ("author", "co-authors")  # signed by the essay's author, alone or with others


class Texts(NamedTuple):
    """Voices other than the essay: how many report what it says of a trait, and how many say otherwise."""

    reporting: int
    denying: int


def texts(*traits: str, only_read: bool = False, near: bool = False, author: bool = True) -> Texts:
    """Count the voices on these traits: who reports every one of them, and who denies any.

    `only_read` leaves out what is known from others, `near` takes what is close for the same, and without
    `author` what the essay's author says, alone or with others, does not count.
    """
    rows = tables.read("study_reports").query("status in ('read', 'restated')")
    rows = rows[rows.trait.isin(traits)]
    if only_read:
        rows = rows[rows.status == "read"]
    if not author:
        rows = rows[~rows.by.isin(AUTHORED)]
    agreeing = rows[rows.says.isin(("reports", "near") if near else ("reports",))]
    reporting = [set(agreeing.by[agreeing.trait == trait]) for trait in traits]
    return Texts(len(set.intersection(*reporting)), rows.by[rows.says == "denies"].nunique())


def size() -> int:
    """The number of people interviewed, as the study's facts or, without them, other voices give it."""
    rows = tables.read("prison_study_facts")
    stated = rows.value[rows.id == "K01"].dropna()
    return int(stated.iloc[0] if len(stated) else tables.read("study_reports").persons.dropna().mode().iloc[0])


def printed(fact: str) -> str | None:
    """A figure of the study with the digits as printed, or None if the fact is not in the table."""
    rows = tables.read("prison_study_facts")
    found = rows.value[(rows.id == fact) & (rows.status != "unverified")].dropna()
    return f"{found.iloc[0]:g}" if len(found) else None


def held(decimals: bool = True) -> int | None:
    """Everyone held for trafficking in the prisons covered, by the printed percentage; None without it.

    The largest total that fits. Without `decimals` the percentage is taken as rounded to a whole one.
    """
    percentage = printed("K02")
    if percentage is None:
        return None
    as_printed = percentage if decimals else f"{float(percentage):.0f}"
    return proportions.samples_matching_percent(as_printed, size())[-1]


def figures(topic: str, unit: str, about: str = "") -> pd.DataFrame:
    """Return the confirmed facts of a topic, in a unit, on all who were interviewed; `about` is a key of SUBJECTS.

    A fact is on all who were interviewed if its `n` is their number.
    """
    rows = tables.read("prison_study_facts")
    usable = (rows.topic == topic) & (rows.unit == unit) & (rows.n == size()) & (rows.status != "unverified")
    usable &= rows[["value_low", "value"]].notna().any(axis=1)
    for name, words in SUBJECTS.items() if about else ():
        usable &= rows.statement.str.contains(words, case=False) == (name == about)
    return rows[usable]
