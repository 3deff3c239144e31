"""The limits of the house: what a page, a module and a function may hold, and which room may import which.

A page's code is its cells and its `{bench}` script.
`python tests/house.py` prints every page and module beside its limit and fails where one is passed;
`python tests/house.py --fix` formats the code of the pages first. `make test` and `make lint` call both.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from compendium.evidence import paths
from compendium.run import execute, program

PAGE_LINES, PAGE_WIDTH, PAGE_NUMBERS = 80, 100, 20
# The directives of a page that hold Python: what the chapter runs, and what a reader may run.
CELL, SCRIPT = "code-cell", "bench"
MODULE_LINES, FUNCTION_LINES = 500, 50
# From the top of the house to its ground floor: a room imports from itself and from what stands below it.
ROOMS = ("cli", "site", "run", "trial", "chapters", "figures", "evidence", "methods")
ROOT_ONLY = {"__init__", "__main__", "cli"}
REASON = re.compile(r"#\s*(?:longer|long) (?:because|for)\b", re.IGNORECASE)
# What a page may not do itself: it narrates.
FORBIDDEN = (ast.FunctionDef, ast.Lambda, ast.ClassDef, ast.JoinedStr, ast.For, ast.While, ast.With)
FORBIDDEN_CALLS = {"rename", "format", "assign", "groupby", "apply", "merge", "set_index", "map"}


@dataclass(frozen=True)
class PageCode:
    """The code of one page: its lines, its longest line, its functions and what it does that a page may not."""

    page: Path
    lines: int
    longest: int
    functions: int
    faults: tuple[str, ...]


def page_code(path: Path) -> PageCode:
    """Measure the code of a page, its cells and its script; options and blank lines do not count."""
    cells = [cell for cell, _ in _code_of(path)]
    lines = [line for cell in cells for line in cell.splitlines() if line.strip()]
    trees = [ast.parse(cell) for cell in cells]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions = sum(isinstance(node, ast.FunctionDef | ast.Lambda) for node in nodes)
    longest = max(map(len, lines), default=0)
    faults = []
    if len(lines) > PAGE_LINES:
        faults.append(f"{len(lines)} lines of code; at most {PAGE_LINES}")
    if longest > PAGE_WIDTH:
        faults.append(f"a line of {longest} characters; at most {PAGE_WIDTH}")
    faults += [
        f"line {node.lineno} of a cell: {type(node).__name__}" for node in nodes if isinstance(node, FORBIDDEN)
    ]
    faults += list(_not_narrated(nodes))
    typed = sum(isinstance(node, ast.Constant) and type(node.value) in (int, float) for node in nodes)
    if typed > PAGE_NUMBERS:
        faults.append(f"{typed} numbers are typed; at most {PAGE_NUMBERS}, a table of them stands in data/")
    return PageCode(path, len(lines), longest, functions, tuple(faults))


def _code_of(path: Path) -> list[tuple[str, str]]:
    """The code of a page, each piece with the directive that holds it."""
    text = path.read_text(encoding="utf-8")
    return [
        (piece.strip("\n"), directive) for directive in (CELL, SCRIPT) for piece in program.cells(text, directive)
    ]


def _not_narrated(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in FORBIDDEN_CALLS
        ):
            yield f"calls {node.func.attr}(); a page's tables are shaped in its chapter module"
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [str(node.module)]
            if outside := [name for name in names if name.split(".")[0] != "compendium"]:
                yield f"imports {outside[0]}; a page imports from the package alone"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "datum." in node.value:
            yield "holds a Vega expression; it stands beside its check in the chapter module"


@dataclass(frozen=True)
class ModuleCode:
    """One module of the package: its lines, its longest function, and where it passes the limits."""

    path: Path
    lines: int
    longest: tuple[int, str]
    faults: tuple[str, ...]


def module_code(path: Path) -> ModuleCode:
    """Measure a module and its functions; a limit is passed in silence only with its reason stated beside it."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    sizes = [(function_lines(node, lines), node) for node in ast.walk(ast.parse(text)) if _is_function(node)]
    longest = max(((size, node.name) for size, node in sizes), default=(0, ""))
    faults = []
    if len(lines) > MODULE_LINES and not any(REASON.search(line) for line in lines[:30]):
        faults.append(f"{len(lines)} lines; at most {MODULE_LINES}, or the reason at its top")
    faults += [
        f"{node.name} has {size} lines of code; at most {FUNCTION_LINES}, or the reason beside it"
        for size, node in sizes
        if size > FUNCTION_LINES and not _has_reason(node, lines)
    ]
    return ModuleCode(path, len(lines), longest, tuple(faults))


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def function_lines(node: ast.FunctionDef, lines: list[str]) -> int:
    """The lines of code of a function: signature and body, without docstring, comments and blank lines."""
    body = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    first = node.body[0]
    quoted = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = range(first.lineno, (first.end_lineno or 0) + 1) if quoted else range(0)
    code = [lines[at - 1].strip() for at in body if at not in docstring]
    return sum(1 for line in code if line and not line.startswith("#"))


def _has_reason(node: ast.FunctionDef, lines: list[str]) -> bool:
    start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return bool(REASON.search(" ".join(lines[max(0, start - 4) : node.body[0].lineno + 2])))


def modules() -> list[Path]:
    """Every module of the package, in order."""
    return sorted(path for path in paths.PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


# ---------------------------------------------------------------- rooms


def room(path: Path) -> str:
    """The room of a module: its first folder, or its own name at the root of the package."""
    inside = path.relative_to(paths.PACKAGE).parts
    return inside[0] if len(inside) > 1 else path.stem


def upward_imports(path: Path, text: str | None = None) -> list[str]:
    """The imports of a module that lead to a room above its own."""
    here = room(path)
    if here not in ROOMS:
        return []
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8") if text is None else text)):
        for name in _imported(node):
            there = name.split(".")[1]
            if there in ROOMS and ROOMS.index(there) < ROOMS.index(here):
                found.append(f"{here} imports {name}")
    return found


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    else:
        names = []
    return [name for name in names if name.startswith("compendium.")]


# ---------------------------------------------------------------- style of the pages' code


def check_style(fix: bool = False) -> list[str]:
    """Check the code of all pages with ruff, each page as the notebook that it is; with `fix`, format it."""
    return style_of([page.path for page in execute.pages()], fix)


def style_of(pages: list[Path], fix: bool = False) -> list[str]:
    """Check the code of some pages; a script is a notebook of its own, in which `DATA` is given."""
    with tempfile.TemporaryDirectory() as folder:
        for page in pages:
            for directive in (CELL, SCRIPT):
                pieces = [piece for piece, held in _code_of(page) if held == directive]
                cells = [nbformat.v4.new_code_cell(piece) for piece in pieces]
                for number, cell in enumerate(cells):
                    cell["id"] = f"cell-{number}"
                nbformat.write(nbformat.v4.new_notebook(cells=cells), _notebook(folder, page, directive))
        given = ["--config", 'builtins = ["DATA"]']
        options = ["--isolated", *given, "--line-length", str(PAGE_WIDTH), folder]
        ruff = [sys.executable, "-m", "ruff"]
        if fix:
            subprocess.run([*ruff, "format", "--quiet", *options], check=True)
            for page in pages:
                for directive in (CELL, SCRIPT):
                    _write_back(page, directive, _notebook(folder, page, directive))
        rules = [
            "--select",
            "E,F,I,UP,B,SIM,C4,RUF",
            "--ignore",
            "B018,RUF001",
        ]  # B018: a cell ends with what it shows
        told = [
            subprocess.run([*ruff, *command, *options], capture_output=True, text=True, check=False)
            for command in (["format", "--check"], ["check", "--output-format", "concise", *rules])
        ]
    lines = [line for done in told if done.returncode for line in (done.stdout + done.stderr).splitlines()]
    named = [line.replace(f"{folder}/", "").replace(".ipynb", ".md") for line in lines]
    return [line.strip() for line in named if ".md:" in line]


def _notebook(folder: str, page: Path, directive: str) -> Path:
    place = Path(folder, directive, f"{page.stem}.ipynb")
    place.parent.mkdir(exist_ok=True)
    return place


def _write_back(page: Path, directive: str, notebook: Path) -> None:
    text = page.read_text(encoding="utf-8")
    sources = iter(cell["source"] for cell in nbformat.read(notebook, as_version=4).cells)

    def formatted(found: re.Match[str]) -> str:
        return f"{found.group(1)}{next(sources)}\n{found.group(3)}"

    # Options end where the code begins; a blank line between them stays.
    pattern = rf"(^```\{{{directive}\}}[^\n]*\n(?:[ \t]*:[^\n]*\n)*\n*)(.*?)(^```[ \t]*$)"
    page.write_text(re.sub(pattern, formatted, text, flags=re.DOTALL | re.MULTILINE), encoding="utf-8")


# ---------------------------------------------------------------- the printed table


def table() -> tuple[str, list[str]]:
    """Every page and module beside the limits, and all faults."""
    pages = [page_code(page.path) for page in execute.pages()]
    built = [module_code(path) for path in modules()]
    lines = [f"{'page':<34}{'lines':>7}{'longest':>9}{'functions':>11}"]
    lines += [
        f"{code.page.relative_to(paths.BOOK).as_posix():<34}{code.lines:>7}{code.longest:>9}{code.functions:>11}"
        for code in pages
    ]
    lines += ["", f"{'module':<46}{'lines':>7}   longest function"]
    lines += [
        f"{code.path.relative_to(paths.PACKAGE).as_posix():<46}{code.lines:>7}   {name} ({size})"
        for code in built
        for size, name in [code.longest]
    ]
    faults = [f"{code.page.stem}: {fault}" for code in pages for fault in code.faults]
    faults += [f"{code.path.relative_to(paths.PACKAGE)}: {fault}" for code in built for fault in code.faults]
    faults += [
        f"{path.relative_to(paths.PACKAGE)}: {fault}" for path in modules() for fault in upward_imports(path)
    ]
    return "\n".join(lines), faults


def main() -> int:
    """Print the table; return 1 and name each fault if a limit is passed."""
    style = check_style(fix="--fix" in sys.argv[1:])
    shown, faults = table()
    print(shown)
    for fault in [*faults, *style]:
        print(f"fault: {fault}")
    return 1 if faults or style else 0


if __name__ == "__main__":
    raise SystemExit(main())
