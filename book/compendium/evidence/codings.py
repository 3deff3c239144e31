"""Codings by hand, seen by two coders: what each gave, and a table as the second coder has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from compendium.evidence import tables

if TYPE_CHECKING:
    import pandas as pd


class Column(NamedTuple):
    """A coded column of a table, and the rows that both coders coded, as `second_codings` has them."""

    table: str
    column: str
    rows: pd.DataFrame

    @property
    def disagreements(self) -> pd.DataFrame:
        """The rows to which the coders gave different codes."""
        return self.rows[self.rows["first"] != self.rows["second"]]


def columns() -> list[Column]:
    """Return every column that was coded twice, in the order of the tables' names."""
    coded = tables.read("second_codings")
    return [Column(str(table), str(column), rows) for (table, column), rows in coded.groupby(["table", "column"])]


def recoded(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the second coder's codes where there are such; other rows and columns are as given.

    `frame` is the table `name`, or rows of it, with its ids in a column or as its index.
    """
    coded = tables.read("second_codings").query("table == @name")
    ids = frame["id"] if "id" in frame else frame.index.to_series()
    changed = frame.copy()
    for column, rows in coded.groupby("column"):
        codes = ids.map(rows.set_index("row")["second"])
        changed[column] = codes.where(codes.notna(), frame[column])
    return changed
