"""The house keeps its limits: pages narrate, modules stay small, rooms import downwards."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import house
import pytest

from compendium.evidence import paths
from compendium.run import execute

PAGE = (
    "---\nkernelspec:\n  name: python3\n---\n\n# A page\n\n```{code-cell} ipython3\n:tags: [hide-input]\n%s\n```\n"
)
HERE = {path.relative_to(paths.PACKAGE).as_posix(): path for path in house.modules()}


@pytest.mark.parametrize("page", execute.pages(), ids=lambda page: page.chapter)
def test_a_page_narrates(page: execute.Page) -> None:
    assert house.page_code(page.path).faults == ()


@pytest.mark.parametrize("path", HERE.values(), ids=HERE.keys())
def test_a_module_is_short_and_imports_downwards(path: Path) -> None:
    assert house.module_code(path).faults == ()
    assert house.upward_imports(path) == []


def test_every_module_stands_in_a_room() -> None:
    for name in HERE:
        parts = name.split("/")
        assert parts[0] in house.ROOMS or Path(name).stem in house.ROOT_ONLY, f"{name} stands in no room"


def test_a_chapter_module_has_the_name_of_its_page() -> None:
    pages = {page.chapter for page in execute.pages()}
    modules = {name.split("/")[1].removesuffix(".py") for name in HERE if name.startswith("chapters/")}
    assert modules - {"__init__"} == pages


def test_no_two_test_files_share_a_name() -> None:
    """Pytest imports test files by their name alone: of two alike it would refuse the second."""
    names = [path.name for path in paths.ROOT.glob("tests/**/test_*.py")]
    assert sorted(set(names)) == sorted(names)


INSTALLED_WHEN_ASKED_FOR = {"cosmic_ray", "dask", "specification_curve"}


@pytest.mark.parametrize("path", sorted(paths.ROOT.glob("tests/*.py")), ids=lambda path: path.stem)
def test_a_script_that_no_test_runs_imports_what_is_there(path: Path) -> None:
    """Timings and mutants import late, what only one of their tables needs; nobody would see it missing."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names = {name for name in names if name.partition(".")[0] not in INSTALLED_WHEN_ASKED_FOR}
    assert [name for name in sorted(names) if importlib.util.find_spec(name) is None] == []


def test_the_code_of_the_pages_is_formatted_and_checked_like_the_package() -> None:
    assert house.check_style() == []


@pytest.mark.parametrize("held", ["{code-cell} ipython3", "{bench}"])
@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("\n".join(f"x{i} = {i}" for i in range(81)), "81 lines of code"),
        (f"x = {'1 + ' * 30}1", "a line of"),
        ("def f():\n    return 1", "FunctionDef"),
        ("f = max(key=lambda x: x)", "Lambda"),
        ('x = f"{1}"', "JoinedStr"),
        ("import pandas as pd", "imports pandas"),
        ("from altair import Chart", "imports altair"),
        ("t.rename(columns={})", "calls rename()"),
        ("draw('datum.n / 2')", "Vega expression"),
        ("for x in y:\n    print(x)", "For"),
        (f"ITEMS = {list(range(21))}", "21 numbers are typed"),
    ],
)
def test_what_a_page_may_not_do_is_named(code: str, fault: str, held: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text((PAGE % code).replace("{code-cell} ipython3", held), encoding="utf-8")
    assert any(fault in found for found in house.page_code(page).faults)


def test_cells_and_script_share_the_lines_of_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    cell, script = ("\n".join(f"{name}{i} = {name}" for i in range(41)) for name in "xy")
    page.write_text(PAGE % cell + f"\n```{{bench}}\n:number: a.b\n\n{script}\n```\n", encoding="utf-8")
    assert house.page_code(page).faults == ("82 lines of code; at most 80",)


@pytest.mark.parametrize(
    ("code", "told"),
    [("x=DATA['a']", "-->"), ("import os\n\nx = 1", "F401"), ("x = rows", "F821"), ("x = DATA", "")],
)
def test_a_script_is_formatted_and_checked_as_a_program_of_its_own(code: str, told: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE % "rows = 1" + f"\n```{{bench}}\n:number: a.b\n\n{code}\n```\n", encoding="utf-8")
    found = house.style_of([page])
    assert all(told in line and "page.md" in line for line in found)
    assert bool(found) is bool(told)


def test_formatting_a_script_leaves_its_options_and_the_cells(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = PAGE % "rows = 1" + "\n```{bench}\n:number: a.b\n\n%s\n```\n\nWords.\n"
    page.write_text(text % "x=DATA['a']", encoding="utf-8")
    assert house.style_of([page], fix=True) == []
    assert page.read_text("utf-8") == text % 'x = DATA["a"]'


def test_options_and_blank_lines_of_a_cell_are_no_code(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE % "x = 1\n\n\ny = 2", encoding="utf-8")
    measured = house.page_code(page)
    assert (measured.lines, measured.longest, measured.functions, measured.faults) == (2, 5, 0, ())


BODY = "\n".join(f"    x = {i}" for i in range(50))


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (f"def f():\n{BODY}\n", 1),
        (f"def f():\n{BODY[:-11]}\n", 0),
        (f'def f():\n    """One.\n\n    Two.\n    """\n    # why\n\n{BODY[:-11]}\n', 0),
        (f"# Longer because the paper's algorithm is one loop.\ndef f():\n{BODY}\n", 0),
        ("x = 1\n" * 501, 1),
        ("x = 1\n" * 500, 0),
        ("# Longer because it is a table.\n" + "x = 1\n" * 501, 0),
    ],
)
def test_long_functions_and_modules_are_named_unless_a_reason_stands_beside_them(
    text: str, faults: int, tmp_path: Path
) -> None:
    path = tmp_path / "module.py"
    path.write_text(text, encoding="utf-8")
    assert len(house.module_code(path).faults) == faults


@pytest.mark.parametrize(
    ("name", "text", "upward"),
    [
        ("methods/shares/x.py", "from compendium.evidence import tables", True),
        ("methods/shares/x.py", "from compendium.methods.counts import growth", False),
        ("chapters/x.py", "from compendium.trial import conclude", True),
        ("trial/x.py", "def f():\n    from compendium.run import execute", True),
        ("trial/x.py", "import compendium.site.pages", True),
        ("site/x.py", "from compendium.run import execute", False),
        ("run/x.py", "from compendium.trial import claims", False),
        ("evidence/x.py", "from compendium import figures", True),
    ],
)
def test_an_import_that_leads_upstairs_is_named(name: str, text: str, upward: bool) -> None:
    assert bool(house.upward_imports(paths.PACKAGE / name, text)) is upward
