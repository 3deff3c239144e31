"""Under which terms each column of the tables may be used again, from the descriptors.

A resource of `datapackage.json` has a `licence`, the default of its columns; a field has its own where it differs;
`licence_of_rows` names the rows that came from elsewhere by a text in one of their cells. All names are keys of the
package's `licence_terms`, and a resource's `licenses` list exactly the terms that it uses.
"""

from __future__ import annotations

from typing import Any

from compendium.evidence import paths, tables
from compendium.evidence.documents import parsed
from compendium.evidence.tables import Descriptor, TableError


def statement() -> str:
    """Return the one sentence or two that say under which terms the book, its code and its tables stand."""
    return _package()["licence_statement"]


def terms() -> dict[str, Descriptor]:
    """Return the terms by name: title, kind (public domain, share-alike, ...), confirmed, and a path if known."""
    return _package()["licence_terms"]


def of_columns(table: Descriptor) -> dict[str, str]:
    """Return the name of the terms of each column, in the order of the columns."""
    return {field["name"]: field.get("licence", table["licence"]) for field in table["schema"]["fields"]}


def of_rows(table: Descriptor) -> dict[str, str]:
    """Return which text in the naming column puts a row under which terms; rows without one take the default."""
    return dict(table.get("licence_of_rows", {}).get("containing", {}))


def used(table: Descriptor) -> list[str]:
    """Return the names of the terms that a table uses: its default first, then those of columns and rows."""
    return list(dict.fromkeys([table["licence"], *of_columns(table).values(), *of_rows(table).values()]))


def check() -> None:
    """Raise TableError, naming the table, if a licence is missing, unknown, listed and unused, or names no row."""
    known = terms()
    for name in tables.names():
        table = tables.describe(name)
        if "licence" not in table:
            _fail(name, "expected the licence of its columns", "none", "give the resource a licence")
        for term in used(table):
            if term not in known:
                _fail(
                    name, "expected a licence of licence_terms", repr(term), "describe it there or use a known one"
                )
        listed = [entry["name"] for entry in table["licenses"]]
        if listed != used(table):
            _fail(
                name, f"expected licenses to list {', '.join(used(table))}", ", ".join(listed), "list what is used"
            )
        _check_rows(name, table)


def _package() -> Descriptor:
    return parsed(paths.DATA / tables.PACKAGE)


def _check_rows(name: str, table: Descriptor) -> None:
    if not of_rows(table):
        return
    column = table["licence_of_rows"]["column"]
    if column not in of_columns(table):
        _fail(name, "expected a column that names the rows", repr(column), "use a column of the table")
    cells: Any = tables.read(name)[column]
    for text in of_rows(table):
        if not cells.str.contains(text, regex=False, na=False).any():
            _fail(name, f"expected a row whose {column} contains {text!r}", "none", "drop the text or mend it")


def _fail(name: str, expected: str, found: str, advice: str) -> None:
    raise TableError(f"table {name}: {expected}; found {found}; {advice}")
