"""The program of a page: its code cells, the modules of the package that they reach, the tables that they read."""

from __future__ import annotations

import ast
import atexit
import contextlib
import functools
import hashlib
import itertools
import json
import os
import re
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from compendium.evidence import paths, tables

KEPT = "parsed.json"  # in the folder of what is built
READERS = ("chapters", "evidence")  # rooms whose modules read tables for a page; methods are given what they need


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """What stands in a program, without what its expressions are made of: as `ast.walk`, but ten times as fast."""
    todo = deque([tree])
    while todo:
        node = todo.popleft()
        yield node
        for inside in ("body", "handlers", "orelse", "finalbody", "cases"):
            todo.extend(getattr(node, inside, ()))


def cells(source: str, directive: str = "code-cell") -> list[str]:
    """The code of each block of a directive of a MyST notebook, without options and IPython's own syntax."""
    found: list[list[str]] = []
    inside = options = False
    for line in source.splitlines():
        if line.startswith(f"```{{{directive}}}"):
            inside, options = True, True
            found.append([])
        elif inside and line.startswith("```"):
            inside = False
        elif inside:
            options = options and line.startswith((":", "---"))
            if not options and not line.lstrip().startswith(("%", "!")):
                found[-1].append(line)
    return ["\n".join(lines) for lines in found]


def code(source: str) -> str:
    """The code cells of a MyST Markdown notebook as one Python module, without IPython's own syntax."""
    return "\n".join(cells(source))


def runnable(source: str) -> str:
    """The front matter and the code cells of a MyST Markdown notebook, options included: all that is run."""
    front = source.split("\n---", 1)[0]
    return "\n".join([front, *re.findall(r"^```\{code-cell\}.*?^```\s*$", source, re.DOTALL | re.MULTILINE)])


def modules(source: str) -> list[Path]:
    """The files of the package that a page imports, directly or through one another, sorted."""
    found: set[Path] = set()
    waiting = [code(source)]
    while waiting:
        for path in _imports(waiting.pop()):
            if path not in found:
                found.add(path)
                waiting.append(path.read_text(encoding="utf-8"))
    return sorted({*found, paths.PACKAGE / "__init__.py"})


def tables_read(source: str) -> list[str]:
    """The tables that a page reads, itself or through the rooms that may; all if one is named but by a literal."""
    reading = [path for path in modules(source) if path.relative_to(paths.PACKAGE).parts[0] in READERS]
    named = [
        _tables_named(text) for text in (code(source), *(path.read_text(encoding="utf-8") for path in reading))
    ]
    known = set(tables.names())
    return sorted(
        known if None in named else known.intersection(itertools.chain.from_iterable(filter(None, named)))
    )


@functools.cache
def _tables_named(program: str) -> frozenset[str] | None:
    named = _parsed(program)["tables"]
    return None if named is None else frozenset(named)


@functools.cache
def _imports(code: str) -> tuple[Path, ...]:
    """The files of the modules that some code imports, and of the rooms that these stand in."""
    found: list[Path] = []
    for name in imported(code):
        if not name.startswith("compendium."):
            continue
        target = paths.PACKAGE.joinpath(*name.split(".")[1:])
        found += [path for path in (target.with_suffix(".py"), target / "__init__.py") if path.exists()]
    rooms = (room for module in found for room in module.parents if room.is_relative_to(paths.PACKAGE))
    return tuple(dict.fromkeys([*found, *(room / "__init__.py" for room in rooms)]))


def imported(code: str) -> list[str]:
    """The names that some code imports anywhere, each module and what is taken from it, dotted."""
    return _parsed(code)["imports"]


# ---------------------------------------------------------------- what was parsed before


def _parsed(code: str) -> dict[str, Any]:
    """What some code imports, and the tables that it names; None if one is named but by a literal.

    To parse the whole package takes more than a second, and most commands need it: what was found is kept under a
    digest of the text that it was found in.
    """
    known, digest = _known(), hashlib.sha256(code.encode()).hexdigest()
    if digest not in known:
        tree = ast.parse(code)
        known[digest] = {"imports": list(_names_imported(tree)), "tables": _names_of_tables(tree)}
        _to_keep[digest] = known[digest]
    return known[digest]


def _names_imported(tree: ast.AST) -> Iterator[str]:
    for node in statements(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from names


def _names_of_tables(tree: ast.AST) -> list[str] | None:
    found: set[str] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "tables"
        ):
            first = node.args[0] if node.args else None
            if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
                return None
            found.add(first.value)
    return sorted(found)


_to_keep: dict[str, dict[str, Any]] = {}  # what this process parsed, by digest of the text
MOST_KEPT = 2000  # texts; the package has some 250


def _made_by() -> str:
    """What the parsing itself hangs on: this module and this Python."""
    return hashlib.sha256(f"{sys.version}\0{Path(__file__).read_text(encoding='utf-8')}".encode()).hexdigest()


@functools.cache
def _known() -> dict[str, dict[str, Any]]:
    """What earlier processes parsed, by digest of the text; what this one parses is added at its end."""
    return _recorded()


def _recorded() -> dict[str, dict[str, Any]]:
    try:
        record = json.loads((paths.BUILD / KEPT).read_text(encoding="utf-8"))
        return record["parsed"] if record["made_by"] == _made_by() else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _keep() -> None:
    """Add what this process parsed to the record, the oldest out first; a folder that is read only has none."""
    if not _to_keep or not paths.BUILD.is_dir():
        return
    parsed = _recorded() | _to_keep
    record = {"made_by": _made_by(), "parsed": dict(list(parsed.items())[-MOST_KEPT:])}
    draft = paths.BUILD / f"{KEPT}.{os.getpid()}"  # of its own: several processes may end at once
    with contextlib.suppress(OSError):
        draft.write_text(json.dumps(record), encoding="utf-8")
        draft.replace(paths.BUILD / KEPT)


atexit.register(_keep)
