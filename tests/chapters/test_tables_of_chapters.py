"""Every chapter names its tables by literals, so that its box "Check it yourself" lists those and no others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from compendium import figures
from compendium.evidence import numbers, paths, tables
from compendium.run import execute, program

CHAPTERS = execute.pages()
MODULES = sorted((paths.PACKAGE / "chapters").rglob("*.py"))
CALLS = {"read", "value", "source", "describe"}  # each takes the name of a table first


def unnamed(program: str) -> Iterator[str]:
    """The places in a program where the tables are reached in a way that does not show which one is read."""
    tree = ast.parse(program)
    named = {
        id(node.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CALLS
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value in tables.names()
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "tables" and id(node) not in named:
            yield f"line {node.lineno}: tables is used without the literal name of a table"
        elif isinstance(node, ast.ImportFrom) and node.module == "compendium.evidence.tables":
            yield f"line {node.lineno}: imports from the module of tables; call tables.read"
        elif isinstance(node, ast.alias) and (
            node.name == "compendium.evidence.tables" or (node.name == "tables" and node.asname)
        ):
            yield f"line {node.lineno}: the module of tables under another name"


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.chapter)
def test_a_page_names_its_tables_by_literals(page: execute.Page) -> None:
    assert list(unnamed(program.code(page.path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(paths.PACKAGE)))
def test_a_module_of_a_chapter_names_its_tables_by_literals(path: Path) -> None:
    assert list(unnamed(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("program", "shown"),
    [
        ("from compendium.evidence import tables\ntables.read('countries')", True),
        ("tables.value('countries', column, iso3='KHM')", True),
        ("for name in names:\n    tables.read(name)", False),
        ("tables.read(*names)", False),
        ("tables.read('no such table')", False),
        ("tables.names()", False),
        ("list(map(tables.read, names))", False),
        ("read = tables.read\nread('countries')", False),
        ("from compendium.evidence.tables import read\nread('countries')", False),
        ("from compendium.evidence import tables as evidence\nevidence.read('countries')", False),
        ("import compendium.evidence.tables as evidence", False),
    ],
)
def test_the_scanner_sees_every_other_way_to_a_table(program: str, shown: bool) -> None:
    assert (list(unnamed(program)) == []) == shown


@pytest.mark.parametrize("chapter", ["enforcement", "sample", "women", "opportunity", "since"])
def test_the_box_lists_exactly_the_tables_that_the_chapter_reads(
    chapter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chapter is run without its drawings, and every table that is opened is noted."""
    opened: set[str] = set()
    describe = tables.describe

    def noting(name: str) -> tables.Descriptor:
        opened.add(name)
        return describe(name)

    monkeypatch.setattr(tables, "describe", noting)
    monkeypatch.setattr(numbers, "say", lambda **sentences: None)
    for kind in ("live", "static"):
        monkeypatch.setattr(figures, kind, lambda *chart, **options: None)
    (page,) = execute.find([chapter])
    source = page.path.read_text(encoding="utf-8")
    names: dict[str, object] = {"__name__": "chapter"}
    for cell in program.cells(source):
        exec(cell, names)
    listed = program.tables_read(source)
    assert 0 < len(listed) < len(tables.names())
    assert set(listed) == opened
