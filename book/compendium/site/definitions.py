"""What the package defines, and where: functions and classes by module, from the syntax trees; nothing is imported.

`ast` gives the same places as Sphinx's ModuleAnalyzer in half the time, and the imports besides.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compendium.evidence import paths
from compendium.run import program

FOLDER = "source"
ROOT = "compendium"


@dataclass(frozen=True)
class Place:
    """A module of the package, or with a `name` the function or class that it defines."""

    module: str
    name: str = ""

    @property
    def page(self) -> str:
        """The name of the source page that shows it."""
        return f"{FOLDER}/{self.module.replace('.', '/')}"

    @property
    def label(self) -> str:
        """How a reader would call it: `estimates.draw_timeline`."""
        return ".".join(filter(None, (self.module.rpartition(".")[2], self.name)))

    def address(self, docname: str) -> str:
        """Its address, relative to the page `docname`."""
        return f"{'../' * docname.count('/')}{self.page}.html{'#' if self.name else ''}{self.name}"


@dataclass(frozen=True)
class Module:
    """A module as read: what it `defines` by qualified name (first and last line) and what the `docs` of each
    say in a line, and what its names stand for.
    """

    name: str
    path: Path
    text: str
    says: str
    defines: dict[str, tuple[int, int]]
    docs: dict[str, str]
    imports: dict[str, str]


@functools.cache
def modules() -> dict[str, Path]:
    """The files of the package by the dotted names of their modules, sorted."""
    found = {}
    for path in sorted(paths.PACKAGE.rglob("*.py")):
        parts = path.relative_to(paths.PACKAGE).with_suffix("").parts
        found[".".join((ROOT, *(part for part in parts if part != "__init__")))] = path
    return dict(sorted(found.items()))


@functools.cache
def read(module: str) -> Module | None:
    """Return a module of the package; None if there is none of this name."""
    path = modules().get(module)
    if path is None:
        return None
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    found = list(_defined(tree.body))
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return Module(
        module,
        path,
        text,
        ast.get_docstring(tree) or "",
        {name: lines for name, lines, _ in found},
        {name: says for name, _, says in found},
        imported(tree, package),
    )


def _defined(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, tuple[int, int], str]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            says = (ast.get_docstring(node) or "").partition("\n")[0]
            yield within + node.name, (first, node.end_lineno or first), says
        if isinstance(node, ast.ClassDef):
            yield from _defined(node.body, f"{within}{node.name}.")


def imported(tree: ast.AST, package: str = "") -> dict[str, str]:
    """What names stand for that a program takes from the package: by name, dotted."""
    found = {}
    for node in program.statements(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: -(node.level - 1) or None] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            found |= {alias.asname or alias.name: f"{source}.{alias.name}" for alias in node.names}
    return {name: target for name, target in found.items() if target.partition(".")[0] == ROOT}


def find(dotted: str, seen: frozenset[str] = frozenset()) -> Place | None:
    """Return the place where something is defined, through front doors; None if the package does not define it."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        module, rest = read(".".join(parts[:cut])), parts[cut:]
        if module is None:
            continue
        name = ".".join(rest)
        front_door = read(module.name.rpartition(".")[0])
        function = front_door.imports.get(parts[-1]) if front_door and not rest else None
        if function and function != dotted:  # a package binds what it imports over its module of the same name
            return find(function)
        if not rest or name in module.defines:
            return Place(module.name, name)
        target = module.imports.get(rest[0])
        if target is None or dotted in seen:
            return None
        return find(".".join([target, *rest[1:]]), seen | {dotted})
    return None


def says(place: Place) -> str:
    """Return what a function or class says of itself, in a line; empty if nothing."""
    module = read(place.module)
    return module.docs.get(place.name, "") if module else ""


def maker(made_by: str) -> Place | None:
    """Return the place of a figure's maker, written `module:name`; None if the package does not define it."""
    module, _, name = made_by.partition(":")
    known = read(module)
    return Place(module, name) if known and name in known.defines else None
