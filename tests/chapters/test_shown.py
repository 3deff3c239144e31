"""Whatever a page draws, the reader sees: a figure is shown if it is the last expression of its cell."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from compendium.evidence import paths
from compendium.run import execute, program

PAGES = [page.path for page in execute.pages()]
CHAPTERS = paths.PACKAGE / "chapters"


def draws(node: ast.AST) -> bool:
    """Whether an expression makes a figure: `figures.live`, `figures.static`, or a module's `draw_...`."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    made = node.func.attr in ("live", "static") and getattr(node.func.value, "id", "") == "figures"
    return made or node.func.attr.startswith("draw_")


def unshown(cell: str) -> list[str]:
    """The figures that a cell makes and does not show."""
    tree = ast.parse(cell)
    shown = tree.body[-1].value if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    return [ast.unparse(node.func) for node in ast.walk(tree) if draws(node) and node is not shown]


def pictures(page: Path) -> Iterator[str]:
    """The public functions of a page's module that draw."""
    for file in [*CHAPTERS.glob(f"{page.stem}.py"), *sorted((CHAPTERS / page.stem).glob("*.py"))]:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("draw_"):
                yield node.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_figure_that_a_page_makes_is_shown(page: Path) -> None:
    assert [name for cell in program.cells(page.read_text(encoding="utf-8")) for name in unshown(cell)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_figure_of_a_module_stands_in_its_page(page: Path) -> None:
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(program.code(page.read_text(encoding="utf-8"))))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert set(pictures(page)) - called == set()


@pytest.mark.parametrize(
    ("cell", "lost"),
    [
        ("figures.static(drawing)", []),
        ("words = 1\nestimates.draw_timeline(words)", []),
        ("figures.static(drawing)\nsay(a='b')", ["figures.static"]),
        ("estimates.draw_timeline(words)\nestimates.draw_curve(words)", ["estimates.draw_timeline"]),
        ("shown = estimates.draw_timeline(words)", ["estimates.draw_timeline"]),
        ("say(a=estimates.draw_timeline(words))", ["estimates.draw_timeline"]),
        ("for page in pages:\n    figures.live(page)", ["figures.live"]),
    ],
)
def test_a_figure_that_is_not_the_last_expression_is_lost(cell: str, lost: list[str]) -> None:
    assert unshown(cell) == lost
