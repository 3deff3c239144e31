"""The rows of the tables as pages show them: each with an address, its source, its status and the words read."""

from __future__ import annotations

import csv
import functools
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compendium.evidence import paths, tables

FOLDER = "tables"
ASIDE = frozenset(
    ("id", "status", "passage", "seen_at", "notes", "note", "url", "source")
)  # shown apart or not first
_UNSAFE = re.compile(r"[^\w.-]+")
MOST_CELLS, LONGEST_CELL = 6, 160


@dataclass(frozen=True)
class Row:
    """One row: its name as a reader says it, the cells that tell it apart, and what vouches for it."""

    anchor: str
    name: str
    cells: tuple[tuple[str, str], ...]
    source: str
    status: str
    passage: str


@dataclass(frozen=True)
class Table:
    """A table as published: its descriptor, its header, its rows as text, and the address of each row."""

    name: str
    about: tables.Descriptor
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    anchors: tuple[str, ...]

    @property
    def page(self) -> str:
        """The name of the page of its rows."""
        return f"{FOLDER}/{self.name}"

    def cell(self, at: int, column: str) -> str:
        """The text of one cell; empty if the table has no such column."""
        return self.rows[at][self.header.index(column)] if column in self.header else ""

    def row(self, at: int) -> Row:
        """The row at a place, as a door shows it."""
        key = self.about["schema"]["primaryKey"]
        apart = {*ASIDE, *_cited(self)}
        told = [
            (column, shortened(cell))
            for column, cell in zip(self.header, self.rows[at], strict=True)
            if cell and column not in apart
        ]
        name = ", ".join(cell for column in key if (cell := self.cell(at, column)))
        status = self.cell(at, "status")
        return Row(
            self.anchors[at], name, tuple(told[:MOST_CELLS]), _source(self, at), status, self.cell(at, "passage")
        )

    def where(self, wanted: Mapping[str, Any]) -> list[int]:
        """The places of the rows whose cells are, or are among, those wanted."""
        allowed = {column: set(map(str, _listed(value))) for column, value in wanted.items()}
        return [
            at
            for at in range(len(self.rows))
            if all(self.cell(at, column) in cells for column, cells in allowed.items())
        ]


@functools.cache
def table(name: str) -> Table:
    """Return a table as it is published."""
    about = _described()[name]
    content = paths.content(paths.DATA / about["path"]).decode("utf-8")
    header, *found = csv.reader(io.StringIO(content, newline=""))
    rows = tuple(map(tuple, found))
    places = [header.index(column) for column in about["schema"]["primaryKey"]]
    return Table(name, about, tuple(header), rows, _anchors(["-".join(row[at] for at in places) for row in rows]))


@functools.cache
def _described() -> dict[str, tables.Descriptor]:
    package = json.loads((paths.DATA / tables.PACKAGE).read_text(encoding="utf-8"))
    return {about["name"]: about for about in package["resources"]}


def _anchors(keys: Sequence[str]) -> tuple[str, ...]:
    """An address for each row, made of its key; what two keys would share is told apart by number."""
    taken: dict[str, int] = {}
    found = []
    for key in keys:
        plain = "row-" + _UNSAFE.sub("-", key).strip("-")
        taken[plain] = taken.get(plain, 0) + 1
        found.append(plain if taken[plain] == 1 else f"{plain}--{taken[plain]}")
    return tuple(found)


def shortened(cell: str, length: int = LONGEST_CELL) -> str:
    """A long text cut at a word."""
    return cell if len(cell) <= length else f"{cell[:length].rpartition(' ')[0] or cell[:length]} …"


def _cited(of: Table) -> list[str]:
    named = of.about["row_source"]
    return [] if named == "fields" else list(named)


def _source(of: Table, at: int) -> str:
    """Where a row comes from, as `tables.source` cites it."""
    titles = {entry["key"]: entry["title"] for entry in of.about["sources"] if "key" in entry}
    if not (columns := _cited(of)):
        return "; ".join(entry["title"] for entry in of.about["sources"])
    parts = [
        part for column in columns for part in (of.cell(at, column).split(";") if titles else [of.cell(at, column)])
    ]
    return "; ".join(titles.get(part, part) for part in parts if part)


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]
